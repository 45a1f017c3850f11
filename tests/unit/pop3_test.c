/* tests/unit/pop3_test.c - whole dialogues and what the parser says about them: uncut, cut at every byte, and byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "pop3_trace.h"

#include <stdio.h>

/* Steps: "C text" from the client, "S text" from the server, "G" bytes of the server are missing, "g" of the client. Step i is
 * frame i + 1. */
struct dialogue { const char *why; uint32_t flags; bool tiny; const char *steps[16]; const char *want; };

#define GREET "S +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\r\n"
#define HELLO "0 greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
#define HOST " host=dbc.mtview.ca.us"

#include "pop3_cases.h"
#include "pop3_said_cases.h"

static void step(struct trace *t, const char *s, size_t cut, bool bytewise, uint64_t frame)
{
    enum ms_dir     dir = s[0] == 'C' || s[0] == 'g' ? MS_C2S : MS_S2C;
    struct ms_bytes text = ms_tail(ms_str(s), 2);
    if (s[0] == 'G' || s[0] == 'g') {
        if (!t->filtered[dir])
            ms_pop3_parser.gap(t->state, &t->host, dir, 100, frame, (int64_t)frame * 1000);
        return;
    }
    for (size_t i = 0; bytewise && i < text.n; i++)
        trace_data(t, dir, ms_slice(text, i, 1), frame);
    if (bytewise)
        return;
    trace_data(t, dir, ms_head(text, cut), frame);
    trace_data(t, dir, ms_tail(text, cut), frame);
}

/* `cut`: place in all text of the dialogue where one step is fed in two pieces. `said`: what frames said. */
static struct ms_buffer run(const struct dialogue *d, size_t cut, bool bytewise, struct ms_buffer *said)
{
    struct trace t;
    trace_begin(&t, d->flags, d->tiny ? ms_limits_tiny() : ms_limits_default());
    t.host.elements = t.host.fragments = true;
    for (size_t i = 0; i < 16 && d->steps[i]; i++) {
        size_t n = strlen(d->steps[i]);
        step(&t, d->steps[i], cut < n ? cut : 0, bytewise, i + 1);
        cut = cut < n ? SIZE_MAX : cut - n;
    }
    trace_finish(&t);
    *said = t.said;
    return t.out;
}

static void same(const struct dialogue *d, struct ms_buffer got, struct ms_bytes want, const char *how)
{
    if (!ms_equal(ms_buffer_bytes(&got), want))
        fail_msg("%s, %s:\n%.*s-- want\n%.*s", d->why, how, (int)got.n, (const char *)got.p, (int)want.n, (const char *)want.p);
    ms_buffer_finish(&got);
}

static size_t bytes_of(const struct dialogue *d)
{
    size_t total = 0;
    for (size_t k = 0; k < 16 && d->steps[k]; k++)
        total += strlen(d->steps[k]);
    return total;
}

/* Wherever the input is cut the parser says `want`, and frames say the same. */
static void dialogues(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct dialogue *d = &cases[i];
        size_t                 total = bytes_of(d);
        struct ms_buffer       whole, said;
        same(d, run(d, SIZE_MAX, false, &whole), ms_str(d->want), "whole");
        for (size_t cut = 0; cut <= total + 1; cut++) {
            same(d, run(d, cut, cut > total, &said), ms_str(d->want), cut > total ? "bytewise" : "cut");
            same(d, said, ms_buffer_bytes(&whole), "said, cut");
        }
        ms_buffer_finish(&whole);
    }
}

static void what_frames_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof said_cases / sizeof *said_cases; i++) {
        const struct dialogue *d = &said_cases[i];
        size_t                 total = bytes_of(d);
        for (size_t cut = 0; cut <= total + 1; cut++) {
            struct ms_buffer said, trace = run(d, cut, cut > total, &said);
            same(d, said, ms_str(d->want), cut > total ? "bytewise" : "cut");
            ms_buffer_finish(&trace);
        }
    }
}

static void idle_state_is_small(void **state)
{
    (void)state;
    assert_true(ms_pop3_parser.state_size <= 128);
}

/* Who is waited for. */
static void turns(void **state)
{
    (void)state;
    struct trace t;
    trace_begin(&t, 0, ms_limits_default());
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_SERVER);
    trace_data(&t, MS_S2C, MS_LIT("+OK hi\r\n"), 1);
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_CLIENT);
    trace_data(&t, MS_C2S, MS_LIT("AUTH LOGIN\r\n"), 2);
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_SERVER);
    trace_data(&t, MS_S2C, MS_LIT("+ VXNlcg==\r\n"), 3);
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_CLIENT);
    trace_data(&t, MS_C2S, MS_LIT("YQ==\r\n"), 4);
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_SERVER);
    trace_data(&t, MS_S2C, MS_LIT("-ERR no\r\n"), 5);
    assert_int_equal(ms_pop3_parser.turn(t.state), MS_TURN_CLIENT);
    trace_finish(&t);
    ms_buffer_finish(&t.out);
}

/* A thousand different names on one connection: the session keeps room for the longest only. */
static void many_logins_are_bounded(void **state)
{
    (void)state;
    struct trace t;
    trace_begin(&t, 0, ms_limits_default());
    trace_data(&t, MS_S2C, MS_LIT("+OK hi\r\n"), 1);
    for (unsigned i = 0; i < 1000; i++) {
        char line[64];
        int  n = snprintf(line, sizeof line, "USER somebody%u@example.com\r\n", i);
        trace_data(&t, MS_C2S, (struct ms_bytes){ (const uint8_t *)line, (size_t)n }, 2);
        trace_data(&t, MS_S2C, MS_LIT("+OK\r\n"), 3);
        trace_data(&t, MS_C2S, MS_LIT("PASS x\r\n"), 4);
        trace_data(&t, MS_S2C, MS_LIT("-ERR no\r\n"), 5);
    }
    assert_true(ms_equal(t.session.user, MS_LIT("somebody999@example.com")));
    assert_int_equal(t.session.auth_attempts, 1000);
    assert_true(t.arena.total < 1024);
    trace_finish(&t);
    ms_buffer_finish(&t.out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues), cmocka_unit_test(what_frames_say), cmocka_unit_test(idle_state_is_small), cmocka_unit_test(turns),
        cmocka_unit_test(many_logins_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
