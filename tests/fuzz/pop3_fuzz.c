/* tests/fuzz/pop3_fuzz.c - a dialogue: each piece of the input is led in by a byte 0x00 to 0x03 (client, server, gap of the client, gap of the
 * server) and is its own frame. The first byte: bit 0 joined late, bit 1 tiny limits, the rest where pieces are cut. Property: no
 * report of the sanitizers, every message gets its verdict, and neither the trace nor what frames said depends on the cut. */
#include "pop3_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t piece_end(struct ms_bytes in)
{
    size_t n = 0;
    while (n < in.n && in.p[n] > 3)
        n++;
    return n;
}

static void feed(struct trace *t, uint8_t kind, struct ms_bytes text, size_t cut, uint64_t frame)
{
    enum ms_dir dir = kind & 1 ? MS_S2C : MS_C2S;
    if (kind > 1 && !t->filtered[dir])
        ms_pop3_parser.gap(t->state, &t->host, dir, 7, frame, (int64_t)frame);
    cut = text.n ? cut % (text.n + 1) : 0;
    trace_data(t, dir, ms_head(text, cut), frame);
    trace_data(t, dir, ms_tail(text, cut), frame);
    if (ms_pop3_parser.turn(t->state) > MS_TURN_IDLE)
        abort();
}

static struct ms_buffer run(struct ms_bytes in, uint8_t options, bool cut)
{
    struct trace t;
    uint8_t      kind = 1;
    uint64_t     frame = 0;
    trace_begin(&t, options & 1 ? MS_SESSION_JOINED_LATE : 0, options & 2 ? ms_limits_tiny() : ms_limits_default());
    t.host.elements = t.host.fragments = true;
    while (in.n) {
        size_t n = piece_end(in);
        feed(&t, kind, ms_head(in, n), cut ? options / 4 + (size_t)frame * 5 : 0, frame + 1);
        frame++;
        kind = ms_at(in, n);
        in = ms_tail(in, n + 1);
    }
    trace_finish(&t);
    ms_buffer_append(&t.out, ms_buffer_bytes(&t.said));
    ms_buffer_finish(&t.said);
    return t.out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ms_bytes  in = { data + 1, size - 1 };
    struct ms_buffer whole = run(in, data[0], false), pieces = run(in, data[0], true);
    if (!ms_equal(ms_buffer_bytes(&whole), ms_buffer_bytes(&pieces)))
        abort();
    ms_buffer_finish(&whole);
    ms_buffer_finish(&pieces);
    return 0;
}
