/* tests/unit/ladder_test.c - what a ladder shows: order, cut words, pauses, marks, secrets, and how much of it is kept. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "net/tcp.h"
#include "sink/ladder.h"

static const int64_t MS = 1000000;

struct stage { struct ms_ladder *ladder; struct ms_output out; struct ms_session session; FILE *file; char *text; size_t n; };

static void begin(struct stage *t, struct ms_ladder_options how)
{
    *t = (struct stage){ .session = { .id = 7, .protocol = MS_PROTO_SMTP, .first_frame = 1, .frame_count = 2, .outcome = MS_OUTCOME_COMPLETED,
                                      .stage = MS_STAGE_QUIT } };
    t->session.client.ip[10] = t->session.client.ip[11] = t->session.server.ip[10] = t->session.server.ip[11] = 0xff;
    t->session.client.ip[15] = 1;
    t->session.server.ip[15] = 2;
    t->session.server.port = 25;
    t->session.close_frame = 99;
    t->file = open_memstream(&t->text, &t->n);
    how.out = t->file;
    how.first_frame = 1;
    how.most_rows = how.most_rows ? how.most_rows : 1000;
    t->ladder = ms_ladder_create(&how);
    t->out = ms_ladder_output(t->ladder);
}

static const char *end(struct stage *t)
{
    t->out.session(t->out.ctx, &t->session);
    assert_true(ms_ladder_close(t->ladder));
    fclose(t->file);
    return t->text;
}

static void segment(struct stage *t, struct ms_seen_segment seen, uint8_t flags, uint32_t length)
{
    struct ms_segment s = { .flags = flags, .payload_length = length, .window = seen.analysis & MS_TA_ZERO_WINDOW ? 0 : 100 };
    seen.segment = &s;
    t->out.segment(t->out.ctx, &t->session, &seen);
}

static void exchange(struct stage *t, uint64_t frame, const char *command, const char *argument, const char *reply)
{
    struct ms_exchange x = { .frame = frame, .sent = (int64_t)frame * MS, .reply_frame = frame + 1, .replied = (int64_t)(frame + 1) * MS,
                             .command = ms_str(command), .argument = ms_str(argument), .reply = ms_str(reply), .code = 250 };
    t->out.exchange(t->out.ctx, &t->session, &x);
}

static size_t rows_of(const char *text, const char *word)
{
    size_t n = 0;
    for (; (text = strstr(text, word)); text++)
        n++;
    return n;
}

static void assert_before(const char *text, const char *first, const char *second)
{
    const char *a = strstr(text, first), *b = strstr(text, second);
    if (!a || !b || a > b)
        fail_msg("%s is not before %s in\n%s", first, second, text);
}

/* ---- width ----------------------------------------------------------------------------------------------------- */

static void every_line_fits(const char *text, size_t columns)
{
    while (*text) {
        struct ms_bytes line = { (const uint8_t *)text, strcspn(text, "\n") };
        for (size_t i = 0; i < line.n;) {
            uint32_t code_point;
            size_t   n = ms_utf8_sequence(ms_tail(line, i), &code_point);
            assert_int_not_equal(n, 0);
            i += n;
        }
        assert_true(ms_utf8_width(line) <= columns);
        bool diagram = strstr(text, "\xe2\x94\x82") && (const char *)line.p + line.n > strstr(text, "\xe2\x94\x82");
        if (diagram)
            assert_int_equal(ms_utf8_width(line), columns);
        text += line.n + (text[line.n] != 0);
    }
}

static void words_are_cut_at_whole_characters(void **state)
{
    (void)state;
    const char *wide = "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5"
                       "\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x97\xa5\xe6\x9c\xac";
    for (size_t columns = 64; columns < 90; columns++) {
        struct stage t;
        begin(&t, (struct ms_ladder_options){ .columns = columns, .utf8 = true });
        exchange(&t, 2, "RCPT", wide, "e\xcc\x81 \x1b[2J \xff \xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80");
        t.session.server.name = ms_str(wide);
        every_line_fits(end(&t), columns);
        assert_null(strchr(t.text, '\x1b'));
        free(t.text);
    }
}

static void without_utf8_all_is_ascii(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    exchange(&t, 2, "MAIL", "FROM:<z\xc3\xbcrich@example.org> SIZE=123456789 BODY=8BITMIME", "Ok");
    const char *text = end(&t);
    for (const char *p = text; *p; p++)
        assert_true((unsigned char)*p < 0x80);
    assert_non_null(strstr(text, "|- MAIL FROM:<z?rich@example.org> SIZE=12345678... ->|\n"));
    assert_non_null(strstr(text, "|<- 250 Ok ----"));
    free(t.text);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void rows_stand_in_order_of_frames(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    struct ms_message m = { .id = 3, .session = &t.session, .direction = MS_SENT, .first_frame = 4, .started = 4 * MS, .ended = 4 * MS, .size = 12,
                            .complete = true };
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 6, .time = 6 * MS }, MS_FIN | MS_ACK, 0);
    exchange(&t, 2, "DATA", "", "Go");
    exchange(&t, 4, ".", "", "Queued");
    t.out.message(t.out.ctx, &m);
    exchange(&t, 4, "QUIT", "", "Bye");
    const char *text = end(&t);
    assert_before(text, "|- DATA", "|<- 250 Go");
    assert_before(text, "|<- 250 Go", "|= message 3: 12 bytes ==");
    assert_before(text, "|= message 3", "|- . (end of the message)");
    assert_before(text, "|- . (end", "|- QUIT");
    assert_before(text, "250 Bye", "FIN: the client closes");
    free(t.text);
}

static void times_are_since_the_start_and_the_row_before(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    exchange(&t, 2, "NOOP", "", "Ok");
    exchange(&t, 1503, "NOOP", "", "Ok");
    const char *text = end(&t);
    assert_non_null(strstr(text, "\n    2 0.002000 +0.000000  |- NOOP"));
    assert_non_null(strstr(text, "\n    3 0.003000 +0.001000  |<- 250 Ok"));
    assert_non_null(strstr(text, "\n 1503 1.503000 +1.500000  |- NOOP"));
    free(t.text);
}

static void a_pause_says_who_was_waited_for(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 1, .time = 0 }, MS_SYN, 0);
    t.session.timing.server = 999 * MS;
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 2, .time = 999 * MS }, MS_ACK, 5);
    t.session.timing.server += 400 * MS;
    t.session.timing.stalled = 600 * MS;
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 3, .time = 1999 * MS, .analysis = MS_TA_RETRANSMISSION }, MS_ACK, 5);
    const char *text = end(&t);
    assert_int_equal(rows_of(text, ".. 1 s, "), 1);
    assert_before(text, ":............", " 1 s, stalled ..");
    assert_before(text, " 1 s, stalled ..", "|<- retransmission, 5 bytes --");
    free(t.text);
}

static void marks_of_one_kind_become_one_line(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 90 });
    for (uint64_t i = 1; i <= 9; i++)
        segment(&t, (struct ms_seen_segment){ .dir = i == 5 ? MS_S2C : MS_C2S, .frame = i, .time = (int64_t)i, .analysis = MS_TA_OUT_OF_ORDER }, MS_ACK, 100);
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 10, .time = 10 * MS, .analysis = MS_TA_ZERO_WINDOW }, MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 11, .time = 12 * MS, .analysis = MS_TA_ZERO_WINDOW }, MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 12, .time = 20 * MS }, MS_ACK, 0);
    const char *text = end(&t);
    assert_non_null(strstr(text, "|- out of order, 4 times until frame 4 "));
    assert_non_null(strstr(text, "|<- out of order, 100 bytes "));
    assert_non_null(strstr(text, "|- out of order, 4 times until frame 9 "));
    assert_int_equal(rows_of(text, "window closed"), 1);
    assert_non_null(strstr(text, "|<- window open again after 0.01 s "));
    free(t.text);
}

static void steps_of_the_connection_are_arrows(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 1 }, MS_SYN, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 2, .analysis = MS_TA_RETRANSMISSION }, MS_SYN, 0);
    t.session.flags |= MS_SESSION_SYN_ACK;
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 3 }, MS_SYN | MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 4 }, MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 5 }, MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 6 }, MS_FIN | MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 7, .analysis = MS_TA_RETRANSMISSION }, MS_FIN | MS_ACK, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 8 }, MS_RST, 0);
    segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 9 }, MS_RST, 0);
    const char *text = end(&t);
    const char *const order[] = { "|- SYN ---", "|- SYN, again ---", "|<- SYN, ACK ---", "|- ACK ---", "|- FIN: the client closes ---",
                                  "|- retransmission, 0 bytes ---", "|<- RST: the server resets ---" };
    for (size_t i = 0; i + 1 < sizeof order / sizeof *order; i++)
        assert_before(text, order[i], order[i + 1]);
    assert_int_equal(rows_of(text, "|- ACK"), 1);
    assert_int_equal(rows_of(text, "RST"), 1);
    free(t.text);
}

static void sides_that_change_places_change_arrows(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = 1, .analysis = MS_TA_KEEP_ALIVE }, MS_ACK, 1);
    struct ms_endpoint client = t.session.client;
    t.session.client = t.session.server;
    t.session.server = client;
    exchange(&t, 2, "NOOP", "", "Ok");
    assert_non_null(strstr(end(&t), "|<- keep-alive ---"));
    free(t.text);
}

static void a_secret_is_masked(void **state)
{
    (void)state;
    for (int show = 0; show < 2; show++) {
        struct stage t;
        begin(&t, (struct ms_ladder_options){ .columns = 80, .show_secrets = show });
        struct ms_exchange x = { .frame = 2, .sent = MS, .command = MS_LIT("LOGIN"), .argument = MS_LIT("ann s3same"), .secret_at = 4, .secret_n = 6,
                                 .flags = MS_EXCHANGE_UNANSWERED };
        t.out.exchange(t.out.ctx, &t.session, &x);
        assert_non_null(strstr(end(&t), show ? "|- LOGIN ann s3same (never answered) -" : "|- LOGIN ann ******** (never answered) -"));
        free(t.text);
    }
}

static void ciphertext_is_left_out_when_it_was_read(void **state)
{
    (void)state;
    for (int read = 0; read < 2; read++) {
        struct stage       t;
        struct ms_tls_info tls = { .client_hello_frame = 1, .client_hello_time = 0, .server_hello_frame = 2, .server_hello_time = MS, .version = 0x0304,
                                   .flags = MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO, .sni = MS_LIT("mx.example.org") };
        begin(&t, (struct ms_ladder_options){ .columns = 80 });
        t.session.tls = &tls;
        t.session.flags |= MS_SESSION_ENCRYPTED;
        for (uint64_t i = 3; i < 6; i++) {
            tls.protected_bytes[MS_C2S] += 50;
            segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = i, .time = (int64_t)i * MS }, MS_ACK, 55);
        }
        t.session.flags ^= read ? MS_SESSION_ENCRYPTED | MS_SESSION_DECRYPTED : 0;
        const char *text = end(&t);
        assert_before(text, "|- TLS Client Hello for mx.example.org -", "|<- TLS Server Hello: TLS 1.3 -");
        assert_int_equal(rows_of(text, "|= encrypted: 150 bytes in 0.002 s =="), !read);
        free(t.text);
    }
}

static void what_is_over_the_limit_is_counted(void **state)
{
    (void)state;
    for (unsigned more = 0; more < 3; more++) { /* 3, 4 and 5 rows where 4 are kept */
        struct stage t;
        begin(&t, (struct ms_ladder_options){ .columns = 80, .most_rows = 4 });
        for (unsigned i = 0; i < 3 + more; i++)
            segment(&t, (struct ms_seen_segment){ .dir = MS_C2S, .frame = i + 1, .analysis = MS_TA_RETRANSMISSION }, MS_SYN, 0);
        segment(&t, (struct ms_seen_segment){ .dir = MS_S2C, .frame = 20 }, MS_RST, 0);
        uint64_t    left_out = ms_ladder_left_out(t.ladder);
        const char *text = end(&t);
        assert_int_equal(left_out, more == 2 ? 1 : 0);
        assert_int_equal(rows_of(text, "|- SYN"), more == 0 ? 3 : 4);
        assert_int_equal(rows_of(text, "RST: the server resets"), 1);
        assert_int_equal(rows_of(text, "1 more row is left out (limit ladder_rows)"), more == 2);
        free(t.text);
    }
}

static void other_sessions_are_none_of_its_business(void **state)
{
    (void)state;
    struct stage t;
    begin(&t, (struct ms_ladder_options){ .columns = 80 });
    t.session.first_frame = 5;
    exchange(&t, 6, "NOOP", "", "Ok");
    t.session.first_frame = 1;
    assert_null(strstr(end(&t), "NOOP"));
    free(t.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_cut_at_whole_characters), cmocka_unit_test(without_utf8_all_is_ascii),
        cmocka_unit_test(rows_stand_in_order_of_frames), cmocka_unit_test(times_are_since_the_start_and_the_row_before),
        cmocka_unit_test(a_pause_says_who_was_waited_for), cmocka_unit_test(marks_of_one_kind_become_one_line),
        cmocka_unit_test(steps_of_the_connection_are_arrows), cmocka_unit_test(sides_that_change_places_change_arrows),
        cmocka_unit_test(a_secret_is_masked), cmocka_unit_test(ciphertext_is_left_out_when_it_was_read),
        cmocka_unit_test(what_is_over_the_limit_is_counted), cmocka_unit_test(other_sessions_are_none_of_its_business),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
