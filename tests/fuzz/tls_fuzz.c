/* tests/fuzz/tls_fuzz.c - chunks of two directions, taken from real connections or made up, changed, cut, lost, in any order.
 *
 * Input     2 bytes: options and the fixture; then commands of 4 bytes: what, and three bytes for it; "raw" ones take bytes of the input.
 * Property  the trace does not depend on how chunks are cut; offsets follow on; nothing is left behind (the sanitizer sees leaks). */
#include <stdio.h>
#include <stdlib.h>

#include "tls_drive.h"
#include "tls_fixtures.h"

#define must(truth) ((truth) ? (void)0 : abort())
enum { FIXTURES = sizeof tls_fixtures / sizeof *tls_fixtures, COMMANDS = 64 };

struct input { const char *const *lines; size_t line_count, next[2]; struct ms_bytes rest; };

/* The next chunk of a direction in the fixture, and what it is changed to. */
static struct ms_bytes next_chunk(struct input *in, enum ms_dir dir, uint8_t *bytes)
{
    while (in->next[dir] < in->line_count && *in->lines[in->next[dir]] != (dir == MS_C2S ? 'C' : 'S'))
        in->next[dir]++;
    if (in->next[dir] == in->line_count)
        return (struct ms_bytes){ NULL, 0 };
    return (struct ms_bytes){ bytes, tls_drive_unhex(ms_str(in->lines[in->next[dir]++] + 2), bytes) };
}

static void command(struct tls_drive *v, struct input *in, const uint8_t *c, size_t piece)
{
    static uint8_t  bytes[8192];
    enum ms_dir     dir = c[0] & 1 ? MS_S2C : MS_C2S;
    struct ms_bytes chunk = { NULL, 0 };
    v->frame++;
    switch (c[0] >> 1 & 7) {
    case 0: case 1: case 2: /* as it was */
        tls_drive_bytes(v, dir, next_chunk(in, dir, bytes), piece);
        break;
    case 3: /* one byte is another */
        chunk = next_chunk(in, dir, bytes);
        if (chunk.n)
            bytes[ms_be16(c + 1) % chunk.n] ^= c[3] ? c[3] : 1;
        tls_drive_bytes(v, dir, chunk, piece);
        break;
    case 4: /* lost, as a whole */
        chunk = next_chunk(in, dir, bytes);
        tls_drive_missing(v, dir, c[1] & 1 ? chunk.n : 0);
        break;
    case 5: /* lost in the middle */
        chunk = next_chunk(in, dir, bytes);
        tls_drive_bytes(v, dir, ms_head(chunk, c[1]), piece);
        tls_drive_missing(v, dir, c[3] & 1 ? ms_slice(chunk, c[1], c[2]).n : 0);
        tls_drive_bytes(v, dir, ms_tail(ms_tail(chunk, c[1]), c[2]), piece);
        break;
    case 6: /* bytes of the input */
        chunk = ms_head(in->rest, ms_be16(c + 2) % 512);
        in->rest = ms_tail(in->rest, chunk.n);
        tls_drive_bytes(v, dir, chunk, piece);
        break;
    default: /* the same once more */
        in->next[dir] -= in->next[dir] > 0 && c[1] < 128;
        break;
    }
}

static void play(struct tls_drive *v, const uint8_t *data, size_t size, size_t piece)
{
    struct ms_limits limits = data[0] & 1 ? ms_limits_tiny() : ms_limits_default();
    limits.tls_part_bytes = ms_limits_default().tls_part_bytes; /* how much is held of a record depends on how it is cut */
    struct input     in = { .lines = tls_fixtures[data[1] % FIXTURES].lines };
    tls_drive_open(v, &limits, NULL);
    ms_tls_context_wait(v->x, data[0] & 2);
    for (; in.lines[in.line_count]; in.line_count++)
        if (*in.lines[in.line_count] == 'K' && !(data[0] & 4))
            ms_keylog_add_text(v->keylog, ms_str(in.lines[in.line_count] + 2));
    for (int connection = 0; connection <= (data[0] >> 3 & 1); connection++) { /* the second one may find sessions of the first */
        in.next[0] = in.next[1] = 0;
        in.rest = (struct ms_bytes){ data + 2, size - 2 };
        tls_drive_begin(v);
        for (int i = 0; i < COMMANDS && in.rest.n >= 4; i++) {
            const uint8_t *c = in.rest.p;
            in.rest = ms_tail(in.rest, 4);
            command(v, &in, c, piece);
        }
        tls_drive_end(v);
        must(!v->wrong);
        must(v->info->alert_count >= MS_TLS_ALERTS || v->info->alert_count == 0 || v->info->alerts[v->info->alert_count - 1].frame);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 6)
        return 0;
    struct tls_drive whole, cut;
    play(&whole, data, size, 0);
    play(&cut, data, size, 1u + data[size - 1] % 64u);
    must(ms_equal(ms_buffer_bytes(&whole.trace), ms_buffer_bytes(&cut.trace)));
    must(whole.limited == cut.limited);
    tls_drive_close(&whole);
    tls_drive_close(&cut);
    return 0;
}
