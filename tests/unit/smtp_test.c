/* tests/unit/smtp_test.c - dialogues played to the SMTP parser, whole, cut at every byte, and byte by byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "smtp_drive.h"

#include <stdio.h>

static const struct { const char *why; uint32_t flags; bool tiny; const char *script, *want; } cases[] = {
#include "smtp_mail_cases.h"
#include "smtp_end_cases.h"
#include "smtp_more_cases.h"
#include "smtp_odd_cases.h"
};

static const struct { const char *why; uint32_t flags; const char *script, *want; } said_cases[] = {
#include "smtp_said_cases.h"
};

/* What frames say never depends on how the bytes were cut either. */
static int says_the_same(size_t i, size_t size)
{
    size_t again;
    drive_says = true;
    char *whole = drive_script(cases[i].script, cases[i].flags, cases[i].tiny, DRIVE_WHOLE, &again);
    int   same = strncmp(whole, cases[i].want, strlen(cases[i].want)) == 0;
    for (size_t cut = 0; same && cut < size; cut++) {
        char *got = drive_script(cases[i].script, cases[i].flags, cases[i].tiny, cut ? cut : DRIVE_BYTES, &again);
        same = strcmp(got, whole) == 0;
        if (!same)
            print_error("%s, cut %zd\nwhole:\n%s\ngot:\n%s\n", cases[i].why, (ssize_t)cut, whole, got);
        free(got);
    }
    free(whole);
    drive_says = false;
    return same;
}

static int play(size_t i, size_t cut, size_t *size)
{
    char *got = drive_script(cases[i].script, cases[i].flags, cases[i].tiny, cut, size);
    int   same = strcmp(got, cases[i].want) == 0;
    if (!same)
        print_error("%s, cut %zd\nwant:\n%s\ngot:\n%s\n", cases[i].why, (ssize_t)cut, cases[i].want, got);
    free(got);
    return same;
}

static void dialogues_at_every_cut(void **state)
{
    (void)state;
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t size = 0, again;
        int    same = play(i, DRIVE_WHOLE, &size) && play(i, DRIVE_BYTES, &again);
        for (size_t cut = 1; same && cut < size; cut++)
            same = play(i, cut, &again);
        failed += !same || !says_the_same(i, size);
    }
    assert_int_equal(failed, 0);
}

static void frames_say(void **state)
{
    (void)state;
    drive_says = true;
    for (size_t i = 0; i < sizeof said_cases / sizeof *said_cases; i++) {
        size_t size = 1;
        for (size_t cut = 0; cut < size; cut++) {
            char *got = drive_script(said_cases[i].script, said_cases[i].flags, false, cut ? cut : DRIVE_WHOLE, &size);
            char *said = strstr(got, said_cases[i].want);
            if (!said || strcmp(said, said_cases[i].want) != 0)
                print_error("%s, cut %zd\nwant:\n%s\ngot:\n%s\n", said_cases[i].why, (ssize_t)cut, said_cases[i].want, got);
            assert_true(said && strcmp(said, said_cases[i].want) == 0);
            free(got);
        }
    }
    drive_says = false;
}

/* Texts of a message, what the server answers at its end, what is told. */
static const struct { const char *text, *replies, *want; } tricks[] = {
#include "smtp_trick_cases.h"
};

static char *play_trick(size_t i, size_t cut, size_t *size)
{
    char script[8192], *end;
    snprintf(script, sizeof script,
             "S: 220 mx.example.org ESMTP\nC: MAIL FROM:<a@example.org>\nS: 250 ok\nC: DATA\nS: 354 go\n"
             "C. %s\\r\\n.\\r\\n\nS. %s\nC: QUIT\nS: 221 bye\n", tricks[i].text, tricks[i].replies);
    char *got = drive_script(script, 0, false, cut, size), *from = strstr(got, "smuggled=");
    end = from ? strstr(from, " 220:1") : NULL;
    if (end)
        *end = 0;
    memmove(got, from ? from : "", from ? strlen(from) + 1 : 1);
    return got;
}

static void commands_in_texts_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tricks / sizeof *tricks; i++) {
        size_t size = 1;
        for (size_t cut = 0; cut < size; cut++) {
            char *got = play_trick(i, cut ? cut : DRIVE_WHOLE, &size);
            if (strcmp(got, tricks[i].want) != 0)
                fail_msg("%s, cut %zu: \"%s\", want \"%s\"", tricks[i].text, cut, got, tricks[i].want);
            free(got);
        }
    }
}

/* What a client sends without end is let go in bounded memory: commands that nobody answers. */
static void endless_commands_leave_the_queue(void **state)
{
    (void)state;
    struct drive d;
    drive_start(&d, 0, false, DRIVE_WHOLE);
    for (unsigned i = 0; i < 5000; i++)
        drive_feed(&d, MS_C2S, MS_LIT("RCPT TO:<x@example.org>\r\n"), 1);
    size_t lines = 0;
    for (size_t i = 0; i < d.trace.n; i++)
        lines += d.trace.p[i] == '\n';
    assert_int_equal(lines, 4000);
    assert_true(d.limit_bits & 1ull << MS_LIMIT_pending_exchanges);
    free(drive_stop(&d));
}

/* DATA without an answer: bytes are held up to the limit, then they are a text. */
static void held_bytes_are_bounded(void **state)
{
    (void)state;
    enum { LINE = 64, HELD = 256 * 1024 };
    struct drive d;
    uint8_t      line[LINE];
    memset(line, 'x', LINE);
    line[LINE - 2] = '\r', line[LINE - 1] = '\n';
    drive_start(&d, 0, false, DRIVE_WHOLE);
    drive_feed(&d, MS_S2C, MS_LIT("220 mx.example.org ESMTP\r\n"), 1);
    drive_feed(&d, MS_C2S, MS_LIT("MAIL FROM:<a@example.org>\r\nDATA\r\n"), 2);
    for (unsigned i = 0; i < HELD / LINE - 1; i++)
        drive_feed(&d, MS_C2S, (struct ms_bytes){ line, LINE }, 3);
    assert_int_equal(d.body_count, 0);
    drive_feed(&d, MS_C2S, (struct ms_bytes){ line, LINE }, 4);
    assert_int_equal(d.body_count, 1);
    assert_true(d.limit_bits & 1ull << MS_LIMIT_stream_bytes);
    free(drive_stop(&d));
}

/* The names and the user of a session do not grow with the number of times they are given. */
static void names_do_not_pile_up(void **state)
{
    (void)state;
    struct drive d;
    drive_start(&d, 0, false, DRIVE_WHOLE);
    drive_feed(&d, MS_S2C, MS_LIT("220 mx.example.org ESMTP\r\n"), 1);
    for (unsigned i = 0; i < 2000; i++) {
        drive_feed(&d, MS_C2S, MS_LIT("EHLO c.example.org\r\nAUTH PLAIN AGFubmUAc2VjcmV0\r\n"), 2);
        drive_feed(&d, MS_S2C, MS_LIT("250 mx.example.org\r\n535 no\r\n"), 3);
    }
    assert_true(d.arena.total < 2048);
    assert_int_equal(d.session.auth_attempts, 2000);
    free(drive_stop(&d));
}

/* LMTP with many recipients: each gets its own reply, in order, and the verdict comes with the last one. */
static void many_lmtp_recipients(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    struct drive d;
    drive_start(&d, 0, false, DRIVE_WHOLE);
    drive_feed(&d, MS_S2C, MS_LIT("220 mx.example.org LMTP\r\n"), 1);
    drive_feed(&d, MS_C2S, MS_LIT("LHLO c\r\nMAIL FROM:<a>\r\n"), 2);
    drive_feed(&d, MS_S2C, MS_LIT("250 ok\r\n250 ok\r\n"), 3);
    for (unsigned i = 0; i < MANY; i++) {
        drive_feed(&d, MS_C2S, MS_LIT("RCPT TO:<b>\r\n"), 4);
        drive_feed(&d, MS_S2C, i % 2 ? MS_LIT("550 no\r\n") : MS_LIT("250 ok\r\n"), 5);
    }
    drive_feed(&d, MS_C2S, MS_LIT("DATA\r\n"), 6);
    drive_feed(&d, MS_S2C, MS_LIT("354 go\r\n"), 7);
    drive_feed(&d, MS_C2S, MS_LIT("hi\r\n.\r\n"), 8);
    for (unsigned i = 0; i < MANY / 2; i++) {
        assert_false(d.bodies[0]->judged);
        drive_feed(&d, MS_S2C, MS_LIT("250 ok\r\n"), 9);
    }
    assert_true(d.bodies[0]->judged);
    assert_int_equal(ms_smtp_parser.turn(d.state), MS_TURN_CLIENT);
    free(drive_stop(&d));
}

static void state_of_an_idle_session_is_small(void **state)
{
    (void)state;
    assert_true(ms_smtp_parser.state_size <= 304);
}

static void turns(void **state)
{
    (void)state;
    static const struct { enum ms_dir dir; const char *bytes; enum ms_turn turn; } steps[] = {
        { MS_S2C, "220 mx.exam", MS_TURN_SERVER },       { MS_S2C, "ple.org\r\n", MS_TURN_CLIENT },
        { MS_C2S, "EHLO c\r\n", MS_TURN_SERVER },        { MS_S2C, "250-mx\r\n", MS_TURN_SERVER },
        { MS_S2C, "250 ok\r\n", MS_TURN_CLIENT },        { MS_C2S, "AUTH LOGIN\r\n", MS_TURN_SERVER },
        { MS_S2C, "334 VXNlcm5hbWU6\r\n", MS_TURN_CLIENT }, { MS_C2S, "YW5uZQ==\r\n", MS_TURN_SERVER },
        { MS_S2C, "235 ok\r\n", MS_TURN_CLIENT },        { MS_C2S, "MAIL FROM:<a>\r\n", MS_TURN_SERVER },
        { MS_S2C, "250 ok\r\n", MS_TURN_CLIENT },        { MS_C2S, "DATA\r\n", MS_TURN_SERVER },
        { MS_S2C, "354 go\r\n", MS_TURN_UPLOAD },        { MS_C2S, "hi\r\n", MS_TURN_UPLOAD },
        { MS_C2S, ".\r\n", MS_TURN_SERVER },             { MS_S2C, "250 ok\r\n", MS_TURN_CLIENT },
        { MS_C2S, "BDAT 4 LAST\r\n", MS_TURN_UPLOAD },   { MS_C2S, "hi\r\n", MS_TURN_SERVER },
        { MS_S2C, "503 no\r\n", MS_TURN_CLIENT },        { MS_C2S, "STARTTLS\r\n", MS_TURN_SERVER },
        { MS_S2C, "220 go\r\n", MS_TURN_CLIENT },        { MS_C2S, "\x16\x03\x01", MS_TURN_NONE },
    };
    struct drive d;
    drive_start(&d, 0, false, DRIVE_WHOLE);
    assert_int_equal(ms_smtp_parser.turn(d.state), MS_TURN_SERVER);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        drive_feed(&d, steps[i].dir, ms_str(steps[i].bytes), i + 1);
        enum ms_turn turn = d.session.flags & MS_SESSION_ENCRYPTED ? MS_TURN_NONE : ms_smtp_parser.turn(d.state);
        if (turn != steps[i].turn)
            fail_msg("step %zu: %s", i, steps[i].bytes);
    }
    free(drive_stop(&d));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues_at_every_cut),
        cmocka_unit_test(frames_say), cmocka_unit_test(commands_in_texts_are_told), cmocka_unit_test(endless_commands_leave_the_queue),
        cmocka_unit_test(held_bytes_are_bounded), cmocka_unit_test(names_do_not_pile_up),
        cmocka_unit_test(many_lmtp_recipients), cmocka_unit_test(state_of_an_idle_session_is_small),
        cmocka_unit_test(turns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
