/* tls/inflate.h - COMPRESS=DEFLATE (RFC 4978) as a filter on one direction: raw deflate, flushed at the end of what was said.
 *
 * Limits   inflate_ratio: output bytes per input byte beyond the first MiB (a bomb): the direction is given up. Output is handed on in pieces of
 *          16 KiB, so memory does not depend on the ratio.
 *          inflate_streams: of more streams than that the one silent for longest is given up, and its memory given back; what comes is dropped.
 * Gaps     after missing or damaged bytes the next flush is looked for (it leaves 00 00 FF FF). What follows it is handed on, flush by flush, as
 *          long as it does not look back to before the loss: always after a full flush (Z_FULL_FLUSH), else where the text repeats nothing.
 *          The rest is dropped; sink->gap of length 0 says so, once for each run.                                    */
#pragma once
#include "base/limits.h"
#include "model/stream.h"

struct ms_inflate;
/* Those that unpack, by when they last got bytes. Zeroed is empty. */
struct ms_inflate_pool { struct ms_inflate *oldest, *newest; uint64_t count; };
/* Where the pool has as many as inflate_streams says, the one that was silent for longest is given up. */
struct ms_inflate *ms_inflate_create(struct ms_inflate_pool *pool, const struct ms_limits *limits, void (*limit)(void *ctx, enum ms_limit which),
                                     void *ctx);
void ms_inflate_data(struct ms_inflate *z, const struct ms_chunk *c, const struct ms_stream_sink *sink);
void ms_inflate_gap(struct ms_inflate *z, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time, const struct ms_stream_sink *sink);
bool ms_inflate_damaged(const struct ms_inflate *z); /* it was no deflate, or is given up */
void ms_inflate_destroy(struct ms_inflate *z);
