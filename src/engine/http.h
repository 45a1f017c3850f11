/* engine/http.h - the answers on one HTTP/1 connection, one behind another: their heads, and their content with chunks and codings undone (RFC 9112).
 *
 * Feed     both directions in the order of time: what was asked tells whether an answer has content, and what it is called. Without the
 *          client's side every answer is taken for one of GET.
 * Gives    answer() for each that has content to read, and when it wants that: bytes(), then end(). Pieces (206) that follow one another are
 *          one content.
 * Limits   HEAD_BYTES of a head, REQUESTS that wait, and what is unpacked on all connections that share a struct ms_http_work: UNPACK_FREE
 *          and UNPACK_RATIO times what came. Beyond them nothing more is read, or end() says that it is not whole.
 * Resume   the result never depends on where bytes are cut.
 * BUGS     Of content codings gzip and deflate are undone, of transfer codings chunks. Behind a switch of protocols (101, CONNECT) nothing is read. */
#pragma once
#include "base/arena.h"
#include "model/record.h"

struct ms_http_answer { /* slices live until the next call */
    unsigned        status;
    struct ms_bytes type, disposition; /* Content-Type and -Disposition as they stand */
    struct ms_bytes target;            /* of the request; empty unknown */
};
struct ms_http_work { uint64_t packed, unpacked; }; /* bytes */
struct ms_http_sink {
    bool (*answer)(struct ms_http_sink *to, const struct ms_http_answer *a); /* true: its content is wanted */
    void (*bytes)(struct ms_http_sink *to, struct ms_bytes content);
    void (*end)(struct ms_http_sink *to, bool whole);
};
struct ms_http;
struct ms_http *ms_http_create(struct ms_http_sink *to, struct ms_http_work *work); /* both outlive it */
void ms_http_data(struct ms_http *h, enum ms_dir dir, struct ms_bytes bytes);
void ms_http_gap(struct ms_http *h, enum ms_dir dir); /* of the client: what is asked from now on is not known; of the server: nothing more is read */
void ms_http_end(struct ms_http *h, bool closed);     /* closed: by the server, in order. Frees it */
