/* tests/fuzz/http_fuzz.c - answers of HTTP: pieces of both directions, each "direction, length, bytes". Contents come in the same order and with the same
 * bytes however the pieces are cut; each that begins ends, and nothing comes outside of one. */
#include "base/hash.h"
#include "engine/http.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen { struct ms_http_sink to; bool open; uint64_t sum, bytes; struct ms_buffer content; };

static bool on_answer(struct ms_http_sink *to, const struct ms_http_answer *a)
{
    struct seen *s = (struct seen *)(void *)to;
    if (s->open || a->status < 200 || a->status > 299)
        abort();
    s->sum = s->sum * 31 + ms_hash(a->type) + 3 * ms_hash(a->disposition) + 5 * ms_hash(a->target) + a->status;
    s->open = a->type.n % 4 != 3;
    return s->open;
}

static void on_bytes(struct ms_http_sink *to, struct ms_bytes content)
{
    struct seen *s = (struct seen *)(void *)to;
    if (!s->open || content.n == 0)
        abort();
    s->bytes += content.n;
    if (s->content.n < 65536)
        ms_buffer_append(&s->content, ms_head(content, 65536 - s->content.n));
}

static void on_end(struct ms_http_sink *to, bool whole)
{
    struct seen *s = (struct seen *)(void *)to;
    if (!s->open)
        abort();
    s->open = false;
    s->sum = s->sum * 31 + (whole ? ms_hash(ms_buffer_bytes(&s->content)) + s->bytes : 7);
    s->content.n = 0;
    s->bytes = 0;
}

static uint64_t run(struct ms_bytes in, size_t step)
{
    struct seen     s = { .to = { on_answer, on_bytes, on_end } };
    struct ms_http_work work = { 0 };
    struct ms_http *h = ms_http_create(&s.to, &work);
    while (in.n >= 3) {
        enum ms_dir     dir = in.p[0] & 1 ? MS_S2C : MS_C2S;
        struct ms_bytes piece = ms_slice(in, 3, (size_t)in.p[1] << 8 | in.p[2]);
        in = ms_tail(in, 3 + piece.n);
        if (in.n && (in.p[0] & 0x80) && piece.n == 0)
            ms_http_gap(h, dir);
        for (size_t n; piece.n; piece = ms_tail(piece, n)) {
            n = step < piece.n ? step : piece.n;
            ms_http_data(h, dir, ms_head(piece, n));
        }
    }
    ms_http_end(h, true);
    if (s.open)
        abort();
    ms_buffer_finish(&s.content);
    return s.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes in = { data, size };
    uint64_t        whole = run(in, SIZE_MAX);
    if (whole != run(in, 1) || whole != run(in, 7))
        abort();
    return 0;
}
