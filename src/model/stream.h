/* model/stream.h - bytes of one direction on their way from TCP through filters (TLS, DEFLATE) to a parser. Everything is pushed.
 *
 * Offsets  count the bytes of the layer that hands the chunk on: after TLS those of the plain text.
 * Frames   a chunk names the frame that carried its last byte; behind a filter, the frame that completed the record.
 * Borrows  bytes are valid during the call.                                                                       */
#pragma once
#include "model/record.h"

struct ms_chunk {
    enum ms_dir     dir;
    struct ms_bytes bytes;
    uint64_t        offset; /* in the stream of that direction */
    uint64_t        frame;
    int64_t         time;
};

struct ms_stream_sink {
    void (*data)(void *ctx, const struct ms_chunk *c);
    void (*gap)(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time); /* length 0: unknown how many */
    void *ctx;
};
