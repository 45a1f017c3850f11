/* proto/top.h - the header block of a message that comes in pieces, for whoever wants no more of it, or little.
 *
 * Gives    the block as it is on the wire, up to its blank line, which is not part of it.
 * Limits   header_bytes, its blank line not counted: a longer one is cut.
 * Resume   the block does not depend on where the input was cut.                                                */
#pragma once
#include "base/arena.h"

struct ms_top {
    struct ms_buffer block; /* the header block; with `whole` the message from its beginning, as far as the limit goes */
    size_t   head;          /* of that the header block; known when it is done */
    uint64_t bytes;         /* of the message so far */
    bool     done, cut, whole;
};

/* Returns what of these bytes is body: all when the block is over, none of those with which it is cut. */
struct ms_bytes ms_top_push(struct ms_top *t, struct ms_bytes bytes, uint64_t limit);
void ms_top_gap(struct ms_top *t); /* bytes are missing: the block ends here. NULL is fine */
size_t ms_top_head(const struct ms_top *t); /* bytes of the header block, whether it is done or not */
void ms_top_finish(struct ms_top *t);
