/* tls/inflate.h - COMPRESS=DEFLATE (RFC 4978) as a filter on one direction: raw deflate, flushed at the end of what was said.
 *
 * Limits   inflate_ratio: output bytes per input byte beyond the first MiB (a bomb): the direction is given up. Output is handed on in pieces of
 *          16 KiB, so memory does not depend on the ratio.
 * Gaps     a deflate stream cannot be taken up again after missing bytes: the direction is opaque from there on, unless the other side
 *          flushed fully (Z_FULL_FLUSH leaves 00 00 FF FF and an empty window): that mark is looked for.              */
#pragma once
#include "base/limits.h"
#include "model/stream.h"

struct ms_inflate;
struct ms_inflate *ms_inflate_create(const struct ms_limits *limits, void (*limit)(void *ctx, enum ms_limit which), void *ctx);
void ms_inflate_data(struct ms_inflate *z, const struct ms_chunk *c, const struct ms_stream_sink *sink);
void ms_inflate_gap(struct ms_inflate *z, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time, const struct ms_stream_sink *sink);
bool ms_inflate_damaged(const struct ms_inflate *z); /* it was no deflate, or is given up */
void ms_inflate_destroy(struct ms_inflate *z);
