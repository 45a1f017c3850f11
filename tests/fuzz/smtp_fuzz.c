/* tests/fuzz/smtp_fuzz.c - dialogues with alternating direction. Property: no sanitizer report, the contract of bodies
 * (tests/support/smtp_drive.h), and a trace that does not depend on how the bytes were cut.
 *
 * Input    one byte of options (1 tiny limits, 2 joined late, 4 handshake seen, 8 TLS is opened), then a script: each line goes to the other side
 *          than the one before it, unless it starts with "<" (same side), "!" (a gap of 5 bytes before it) or "~" (no CRLF behind it). */
#include "smtp_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_line(struct drive *d, struct ms_bytes line, enum ms_dir *dir, uint64_t frame)
{
    bool crlf = true, same = false, gap = false;
    for (; line.n && (line.p[0] == '<' || line.p[0] == '!' || line.p[0] == '~'); line = ms_tail(line, 1)) {
        same |= line.p[0] == '<';
        gap |= line.p[0] == '!';
        crlf &= line.p[0] != '~';
    }
    if (!same)
        *dir = ms_other(*dir);
    if (gap)
        drive_gap_in(d, *dir, 5, frame);
    struct ms_buffer bytes = { 0 };
    ms_buffer_append(&bytes, line);
    if (crlf)
        ms_text_str(&bytes, "\r\n");
    drive_feed(d, *dir, ms_buffer_bytes(&bytes), frame);
    ms_buffer_finish(&bytes);
}

static char *play(struct ms_bytes script, uint8_t options, size_t cut)
{
    struct drive d;
    enum ms_dir  dir = MS_C2S;
    uint32_t     flags = (options & 2 ? MS_SESSION_JOINED_LATE : 0) | (options & 4 ? MS_SESSION_SYN_ACK : 0);
    drive_start(&d, flags, options & 1, cut);
    d.keys = options & 8;
    d.host.elements = d.host.fragments = true;
    for (uint64_t frame = 1; script.n; frame++) {
        struct ms_bytes line = ms_head(script, ms_find(script, '\n'));
        feed_line(&d, line, &dir, frame);
        script = ms_tail(script, line.n + 1);
    }
    return drive_stop(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || size > 4096)
        return 0;
    struct ms_bytes script = { data + 2, size - 2 };
    char           *whole = play(script, data[0], DRIVE_WHOLE);
    char           *halves = play(script, data[0], 1 + data[1] * size / 256);
    char           *bytes = play(script, data[0], DRIVE_BYTES);
    if (strcmp(whole, halves) != 0 || strcmp(whole, bytes) != 0) {
        fprintf(stderr, "whole:\n%s\nhalves:\n%s\nbytes:\n%s\n", whole, halves, bytes);
        abort();
    }
    free(whole);
    free(halves);
    free(bytes);
    return 0;
}
