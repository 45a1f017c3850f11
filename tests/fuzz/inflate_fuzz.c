/* tests/fuzz/inflate_fuzz.c - any bytes as a compressed direction: whole, cut in two and byte by byte the same text, gaps and limits come out,
 * in pieces of 16 KiB at most. Byte 0: where it is cut; byte 1: where bytes are missing (0: nowhere) and, when odd, the tiny ratio.   */
#include "base/text.h"
#include "tls/inflate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trace { uint64_t sum, handed; bool after_gap, limit; };

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void on_data(void *ctx, const struct ms_chunk *c)
{
    struct trace *t = ctx;
    must(c->bytes.n > 0 && c->bytes.n <= 16384 && c->offset == t->handed && c->dir == MS_C2S && !t->limit);
    for (size_t i = 0; i < c->bytes.n; i++)
        t->sum = (t->sum ^ c->bytes.p[i]) * 0x9e3779b97f4a7c15u + (t->sum >> 29);
    t->handed += c->bytes.n;
    t->after_gap = false;
}

static void on_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct trace *t = ctx;
    must(dir == MS_C2S && length == 0 && frame == 3 && time == 4 && !t->after_gap);
    t->sum = (t->sum ^ 0x100) * 0x9e3779b97f4a7c15u;
    t->after_gap = true;
}

static void on_limit(void *ctx, enum ms_limit which)
{
    struct trace *t = ctx;
    must(which == MS_LIMIT_inflate_ratio && !t->limit);
    t->limit = true;
}

static struct trace run(struct ms_bytes in, size_t step, size_t gap, bool tiny)
{
    struct trace          t = { 0 };
    struct ms_stream_sink sink = { on_data, on_gap, &t };
    struct ms_limits      limits = tiny ? ms_limits_tiny() : ms_limits_default();
    struct ms_inflate_pool pool = { 0 };
    struct ms_inflate    *z = ms_inflate_create(&pool, &limits, on_limit, &t);
    for (size_t at = 0, n; at < in.n; at += n) {
        if (at == gap)
            ms_inflate_gap(z, MS_C2S, 1, 3, 4, &sink);
        n = at < gap && gap - at < step ? gap - at : step;
        struct ms_bytes piece = ms_slice(in, at, n);
        uint8_t        *exact = malloc(piece.n);
        memcpy(exact, piece.p, piece.n);
        struct ms_chunk c = { .dir = MS_C2S, .bytes = { exact, piece.n }, .frame = 3, .time = 4 };
        ms_inflate_data(z, &c, &sink);
        free(exact);
        n = piece.n;
    }
    must(!t.limit || ms_inflate_damaged(z));
    t.sum ^= ms_inflate_damaged(z);
    ms_inflate_destroy(z);
    return t;
}

static void compare(struct trace a, struct trace b) { must(a.sum == b.sum && a.handed == b.handed && a.limit == b.limit); }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3)
        return 0;
    struct ms_bytes in = { data + 2, size - 2 };
    size_t          gap = data[1] > 1 ? in.n * data[1] / 256 : in.n;
    bool            tiny = data[1] & 1;
    struct trace    whole = run(in, in.n, gap, tiny);
    compare(whole, run(in, in.n * data[0] / 256 + 1, gap, tiny));
    compare(whole, run(in, 1, gap, tiny));
    return 0;
}
