/* tests/fuzz/detect_fuzz.c - two bytes port, one byte option, then the client's bytes up to 0xFF and the server's. Property: nothing read
 * outside, and at the end there is no "wait". */
#include "proto/proto.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t *exact(struct ms_bytes b)
{
    uint8_t *copy = malloc(b.n ? b.n : 1);
    if (b.n)
        memcpy(copy, b.p, b.n);
    return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct ms_bytes all = { data + 3, size - 3 }, client = ms_head(all, ms_find(all, 0xff)), server = ms_tail(all, client.n + 1);
    uint8_t        *c = exact(client), *s = exact(server);
    bool            ended = data[2] & 1, tls;
    uint16_t        port = ms_be16(data);
    struct ms_guess g = ms_detect((struct ms_bytes){ c, client.n }, (struct ms_bytes){ s, server.n }, port, ended);
    bool            named = g.protocol != MS_PROTO_NONE;
    if (named != (g.kind == MS_GUESS_MAIL || g.kind == MS_GUESS_TLS) || (ended && g.kind == MS_GUESS_MORE))
        abort();
    if (g.kind == MS_GUESS_TLS && g.protocol != ms_port_protocol(port, &tls))
        abort();
    free(c);
    free(s);
    return 0;
}
