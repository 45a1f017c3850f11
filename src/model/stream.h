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

/* A message whose parts are fetched one by one (IMAP BODY[1], BODY[2], ...): what the bytes that are handed on next are of it. */
enum ms_section_kind {
    MS_SECTION_FIELDS, /* `lead` is its header as far as it is known: some fields. Nothing came before */
    MS_SECTION_LISTED, /* it has such a part; the content may come later, or never */
    MS_SECTION_BEGIN,  /* the content of that part follows */
    MS_SECTION_END,    /* no more comes of it */
};
struct ms_section {
    enum ms_section_kind kind;
    struct ms_bytes path;    /* as IMAP numbers sections */
    struct ms_bytes lead;    /* what stands before the content in the message that is put together */
    struct ms_bytes head;    /* the part's own header block, in the server's words; empty: not known */
    bool            decoded; /* BEGIN: its transfer encoding was undone (BINARY) */
    bool            whole;   /* END: all of it came */
};
