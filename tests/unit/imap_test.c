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

static void play(const struct dialogue *d, const struct script *s, size_t cut)
{
    struct ms_limits limits = d->tiny ? ms_limits_tiny() : ms_limits_default();
    struct ms_buffer got = drive_imap(s->steps, s->n, cut, &limits, d->flags);
    ms_buffer_append(&got, (struct ms_bytes){ (const uint8_t *)"", 1 });
    if (strcmp((const char *)got.p, d->want) != 0) {
        print_message("== %s\n%s", d->why, (const char *)got.p);
        fail_msg("%s, cut %zu", d->why, cut);
    }
    ms_buffer_finish(&got);
}

static void test_dialogue(void **state)
{
    const struct dialogue *d = *state;
    struct script          s;
    read_script(d, &s);
    play(d, &s, DRIVE_WHOLE);
    play(d, &s, DRIVE_BYTES);
    for (size_t cut = 1; cut < s.bytes; cut++)
        play(d, &s, cut);
    for (size_t i = 0; i < s.n; i++)
        ms_buffer_finish(&s.text[i]);
}

int main(void)
{
    enum { N = sizeof dialogues / sizeof *dialogues };
    static struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++) {
        struct dialogue *d = (struct dialogue *)(uintptr_t)&dialogues[i];
        tests[i] = (struct CMUnitTest){ .name = d->why, .test_func = test_dialogue, .initial_state = d };
    }
    return _cmocka_run_group_tests("imap", tests, N, NULL, NULL);
}
