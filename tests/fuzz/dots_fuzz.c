/* tests/fuzz/dots_fuzz.c - property: the text, the place of the end and the flags are the same for the whole input and for two pieces,
 * and the spans lie in the input or hold at most three bytes. First byte: option (bit 0) and place of the cut. */
#include "base/arena.h"
#include "proto/dots.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run { struct ms_buffer text; struct ms_bytes piece; size_t used; bool ended; struct ms_dots dots; };

static void collect(void *to, struct ms_bytes span)
{
    struct run *r = to;
    bool inside = span.p >= r->piece.p && span.p + span.n <= r->piece.p + r->piece.n;
    if (span.n == 0 || (!inside && span.n > 3))
        abort();
    ms_buffer_append(&r->text, span);
}

static void push(struct run *r, struct ms_bytes piece)
{
    if (r->ended)
        return;
    uint8_t *exact = malloc(piece.n ? piece.n : 1);
    if (piece.n)
        memcpy(exact, piece.p, piece.n);
    struct ms_bytes in = r->piece = (struct ms_bytes){ exact, piece.n };
    r->ended = ms_dots_push(&r->dots, &in, collect, r);
    r->used += piece.n - in.n;
    free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct ms_bytes in = { data + 1, size - 1 };
    struct run      a = { .used = 0 }, b = { .used = 0 };
    ms_dots_start(&a.dots, data[0] & 1);
    ms_dots_start(&b.dots, data[0] & 1);
    push(&a, in);
    size_t cut = data[0] / 2 % size;
    push(&b, ms_head(in, cut));
    push(&b, ms_tail(in, cut));
    if (!ms_equal(ms_buffer_bytes(&a.text), ms_buffer_bytes(&b.text)) || a.used != b.used || a.ended != b.ended ||
        a.dots.loose != b.dots.loose || ms_dots_may_be_over(&a.dots) != ms_dots_may_be_over(&b.dots))
        abort();
    ms_buffer_finish(&a.text);
    ms_buffer_finish(&b.text);
    return 0;
}
