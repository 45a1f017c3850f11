/* frame/keep.h - memory for what waits with frames: taken in any order, given back about in the order in which it was taken.
 *
 * Pieces share blocks; a block is free when all its pieces are. What is larger than a piece usually is has a block of its own.
 * Owns     the pieces, until they are given back.                                                                    */
#pragma once
#include "base/arena.h"

struct ms_keep_block;
struct ms_keep { struct ms_keep_block *current, *spare; size_t spares; }; /* zeroed is empty */

void *ms_keep_take(struct ms_keep *k, size_t n, struct ms_keep_block **of); /* not zeroed, aligned to 16; *of is to be given back */
void  ms_keep_give_back(struct ms_keep *k, struct ms_keep_block *of);       /* one piece; NULL is fine */
void  ms_keep_finish(struct ms_keep *k);                                    /* when all pieces were given back */
