/* frame/partial.h - the begin of a PDU whose rest is still on its way, in one direction of a stream: bytes go to their place in whatever
 * order they come, as long as the PDU says how long it is.
 *
 * Owns     its bytes, until ms_partial_finish().
 * Limits   MS_PARTIAL_GAPS gaps at once.                                                                              */
#pragma once
#include "base/arena.h"

enum { MS_PARTIAL_GAPS = 8 };
struct ms_partial {
    struct ms_partial *next;
    struct ms_buffer bytes;       /* gaps are filled with zeros */
    uint32_t begin;               /* sequence number of the first byte */
    uint32_t size;                /* of the whole PDU; 0: its header is not there yet, and only what follows at once belongs to it */
    struct { uint32_t from, to; } gap[MS_PARTIAL_GAPS]; /* offsets; from == to: unused */
};
/* Whether the byte with that sequence number is part of it. */
bool ms_partial_holds(const struct ms_partial *p, uint32_t seq);
/* Puts bytes to where `seq`, which it holds, says. Gives how many it took, 0: too many gaps. */
size_t ms_partial_place(struct ms_partial *p, uint32_t seq, struct ms_bytes bytes);
bool ms_partial_is_whole(const struct ms_partial *p);
/* The first n bytes, whole and read, go. */
void ms_partial_consume(struct ms_partial *p, size_t n);
void ms_partial_finish(struct ms_partial *p); /* frees it */
