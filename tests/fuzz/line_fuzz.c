/* tests/fuzz/line_fuzz.c - byte 0: limit, byte 1: how the rest is cut (and where a gap is). Whole, cut in pieces and byte by byte
 * give the same lines. */
#include "base/text.h"
#include "proto/line.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void drain(struct ms_lines *l, struct ms_bytes piece, size_t limit, struct ms_buffer *trace)
{
    uint8_t *exact = malloc(piece.n ? piece.n : 1);
    if (piece.n)
        memcpy(exact, piece.p, piece.n);
    struct ms_bytes in = { exact, piece.n };
    for (struct ms_line line; ms_line_next(l, &in, limit, &line);) {
        if (line.text.n > limit || ms_find(line.text, '\n') < line.text.n || (line.cut && line.bare_lf))
            abort();
        ms_text_format(trace, "%zu%c%c", line.text.n, line.cut ? 'c' : '-', line.bare_lf ? 'b' : '-');
        ms_text_add(trace, line.text);
        ms_text_char(trace, '\n');
    }
    if (in.n || l->rest.n > limit + 2)
        abort();
    free(exact);
}

static struct ms_buffer trace_of(struct ms_bytes in, size_t step, size_t gap, size_t limit)
{
    struct ms_buffer trace = { 0 };
    struct ms_lines  l = { 0 };
    for (size_t at = 0; at < in.n;) {
        if (at == gap)
            ms_text_str(&trace, ms_line_gap(&l) ? "gap in a line\n" : "gap\n");
        size_t n = at < gap && gap - at < step ? gap - at : step;
        drain(&l, ms_slice(in, at, n), limit, &trace);
        at += n;
    }
    ms_line_finish(&l);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct ms_bytes  in = { data + 2, size - 2 };
    size_t           gap = data[1] & 0x80 ? in.n * (data[1] & 0x7f) / 128 : SIZE_MAX;
    struct ms_buffer whole = trace_of(in, in.n + 1, gap, data[0]);
    struct ms_buffer pieces = trace_of(in, 2u + data[1] % 61, gap, data[0]);
    struct ms_buffer bytes = trace_of(in, 1, gap, data[0]);
    if (!ms_equal(ms_buffer_bytes(&whole), ms_buffer_bytes(&pieces)) || !ms_equal(ms_buffer_bytes(&whole), ms_buffer_bytes(&bytes)))
        abort();
    ms_buffer_finish(&whole);
    ms_buffer_finish(&pieces);
    ms_buffer_finish(&bytes);
    return 0;
}
