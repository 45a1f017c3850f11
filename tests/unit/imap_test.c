/* tests/unit/imap_test.c - dialogues and what the parser says of them, whole, cut at every byte, and byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "imap_drive.h"

/* What is expected, a line each:
 *   X flags command|argument<secret>|result [code] text|subject|data stage command frame>reply frames
 *     flags: P pipelined, U unanswered, G gap, g greeting, N no command seen, E early, I idle
 *   M number direction status [partial] result frames content
 *   L limit
 *   W word that may be the answer to a challenge
 *   the session: stage transport flags mechanism/attempts/result user @server codes
 *   whose turn it is after each frame: s server, c client, u upload, i idle, - nobody knows                       */
#define X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define XS X64 X64 X64 X64 "x"
#define XXL X64 X64 X64 X64 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

enum { STEPS = 32 };
struct dialogue {
    const char *why;
    uint32_t    flags;
    bool        tiny;
    const char *steps[STEPS];
    const char *want;
};
#include "imap_cases.h"
#include "imap_parts_cases.h"
#include "imap_said_cases.h"

struct script { struct drive_step steps[STEPS]; struct ms_buffer text[STEPS]; size_t n, bytes; };

static void read_script(const struct dialogue *d, struct script *s)
{
    *s = (struct script){ .n = 0 };
    for (; s->n < STEPS && d->steps[s->n]; s->n++) {
        const char        *line = d->steps[s->n];
        struct drive_step *step = &s->steps[s->n];
        step->dir = line[0] == 'C' ? MS_C2S : MS_S2C;
        if (line[1] == '!') {
            step->gap = strtoull(line + 2, NULL, 10);
            continue;
        }
        ms_buffer_append(&s->text[s->n], ms_str(line + (line[1] == ':' ? 3 : 2)));
        if (line[1] == ':')
            ms_buffer_append(&s->text[s->n], MS_LIT("\r\n"));
        step->bytes = ms_buffer_bytes(&s->text[s->n]);
        s->bytes += step->bytes.n;
    }
}

static void same(const struct dialogue *d, struct ms_bytes got, struct ms_bytes want, size_t cut)
{
    if (ms_equal(got, want))
        return;
    print_message("== %s\n%.*s-- want\n%.*s", d->why, (int)got.n, (const char *)got.p, (int)want.n, (const char *)want.p);
    fail_msg("%s, cut %zu", d->why, cut);
}

/* `said`: what frames said, to be given back. */
static struct ms_buffer play(const struct dialogue *d, const struct script *s, size_t cut, struct ms_buffer *said)
{
    struct ms_limits limits = d->tiny ? ms_limits_tiny() : ms_limits_default();
    return drive_imap_said(s->steps, s->n, cut, &limits, d->flags, said);
}

static size_t cut_of(const struct script *s, size_t i) { return i == 0 ? DRIVE_WHOLE : i == s->bytes ? DRIVE_BYTES : i; }

static void forget(struct script *s)
{
    for (size_t i = 0; i < s->n; i++)
        ms_buffer_finish(&s->text[i]);
}

/* Wherever the input is cut the parser says `want`, and frames say the same. */
static void test_dialogue(void **state)
{
    const struct dialogue *d = *state;
    struct script          s;
    struct ms_buffer       whole = { 0 };
    read_script(d, &s);
    for (size_t i = 0; i <= s.bytes; i++) {
        struct ms_buffer said = { 0 }, got = play(d, &s, cut_of(&s, i), &said);
        same(d, ms_buffer_bytes(&got), ms_str(d->want), i);
        if (i == 0)
            ms_buffer_append(&whole, ms_buffer_bytes(&said));
        same(d, ms_buffer_bytes(&said), ms_buffer_bytes(&whole), i);
        ms_buffer_finish(&got);
        ms_buffer_finish(&said);
    }
    ms_buffer_finish(&whole);
    forget(&s);
}

static void what_frames_say(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof said_dialogues / sizeof *said_dialogues; k++) {
        const struct dialogue *d = &said_dialogues[k];
        struct script          s;
        read_script(d, &s);
        for (size_t i = 0; i <= s.bytes; i++) {
            struct ms_buffer said = { 0 }, got = play(d, &s, cut_of(&s, i), &said);
            same(d, ms_buffer_bytes(&said), ms_str(d->want), i);
            ms_buffer_finish(&got);
            ms_buffer_finish(&said);
        }
        forget(&s);
    }
}

int main(void)
{
    enum { WHOLE = sizeof dialogues / sizeof *dialogues, N = WHOLE + sizeof part_dialogues / sizeof *part_dialogues };
    static struct CMUnitTest tests[N + 1];
    for (size_t i = 0; i < N; i++) {
        const struct dialogue *from = i < WHOLE ? &dialogues[i] : &part_dialogues[i - WHOLE];
        struct dialogue       *d = (struct dialogue *)(uintptr_t)from;
        tests[i] = (struct CMUnitTest){ .name = d->why, .test_func = test_dialogue, .initial_state = d };
    }
    tests[N] = (struct CMUnitTest)cmocka_unit_test(what_frames_say);
    return _cmocka_run_group_tests("imap", tests, N + 1, NULL, NULL);
}
