/* tests/fuzz/imap_fuzz.c - any dialogue, cut anywhere: the same trace, frames say the same, no message left open, nothing read outside a chunk.
 *
 * Byte 0: bit 0 tiny limits, bit 1 joined late. Bytes 1 and 2: where to cut. Then frames that end with RS (0x1e): 'C' or 'S' and bytes
 * of that side, or "C!" or "S!" and one byte: so many bytes are missing.                                          */
#include "imap_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 256 };

static size_t read_steps(struct ms_bytes in, struct drive_step *steps, size_t *total)
{
    size_t n = 0;
    for (*total = 0; in.n && n < STEPS; n++) {
        struct ms_bytes frame = ms_head(in, ms_find(in, 0x1e));
        in = ms_tail(in, frame.n + 1);
        steps[n] = (struct drive_step){ .dir = ms_at(frame, 0) == 'S' ? MS_S2C : MS_C2S };
        if (ms_at(frame, 1) == '!')
            steps[n].gap = ms_at(frame, 2);
        else
            steps[n].bytes = ms_tail(frame, 1);
        *total += steps[n].bytes.n;
    }
    return n;
}

static void same(const struct ms_buffer *a, const struct ms_buffer *b)
{
    if (ms_equal(ms_buffer_bytes(a), ms_buffer_bytes(b)))
        return;
    fprintf(stderr, "whole:\n%.*s\ncut:\n%.*s\n", (int)a->n, (const char *)a->p, (int)b->n, (const char *)b->p);
    abort();
}

/* The trace, and what frames said. */
static struct ms_buffer drive(const struct drive_step *steps, size_t n, size_t cut, const struct ms_limits *limits, uint32_t flags)
{
    struct ms_buffer said = { 0 }, trace = drive_imap_said(steps, n, cut, limits, flags, &said);
    ms_buffer_append(&trace, ms_buffer_bytes(&said));
    ms_buffer_finish(&said);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct drive_step steps[STEPS];
    if (size < 3)
        return 0;
    size_t           total, n = read_steps((struct ms_bytes){ data + 3, size - 3 }, steps, &total);
    struct ms_limits limits = data[0] & 1 ? ms_limits_tiny() : ms_limits_default();
    uint32_t         flags = data[0] & 2 ? MS_SESSION_JOINED_LATE : 0;
    size_t           cut = total ? (size_t)ms_be16(data + 1) % total : 0;
    struct ms_buffer whole = drive(steps, n, DRIVE_WHOLE, &limits, flags);
    struct ms_buffer halves = drive(steps, n, cut, &limits, flags);
    struct ms_buffer single = drive(steps, n, DRIVE_BYTES, &limits, flags);
    same(&whole, &halves);
    same(&whole, &single);
    ms_buffer_finish(&whole);
    ms_buffer_finish(&halves);
    ms_buffer_finish(&single);
    return 0;
}
