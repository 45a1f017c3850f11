/* tests/unit/collect_test.c - values of records for display filters: only what is wanted, with the types of the fields. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "sink/filter.h"

#define SECONDS (int64_t)1000000000

static struct ms_code_count codes[] = { { 250, 4 }, { 550, 1 }, { MS_RESULT_NO, 2 } };

static struct ms_session make_session(void)
{
    struct ms_session s = { .id = 3, .protocol = MS_PROTO_SMTP, .stage = MS_STAGE_DATA, .outcome = MS_OUTCOME_RESET, .started = 100 * SECONDS,
                            .ended = 102 * SECONDS, .first_frame = 5, .last_frame = 20, .frame_count = 12, .user = MS_LIT("alice"), .rtt = MS_UNKNOWN,
                            .codes = codes, .code_count = 3 };
    s.server.ip[10] = s.server.ip[11] = 0xff;
    s.server.ip[12] = 10;
    s.server.port = 587;
    return s;
}

static const struct ms_collected *of_session(struct ms_collector *c, const struct ms_session *s)
{
    struct ms_writer w = { .collector = c };
    ms_writer_start(&w);
    ms_tell_session(&w, s);
    ms_writer_finish(&w);
    return c->wanted;
}

static void types(void **state)
{
    (void)state;
    struct ms_session   s = make_session();
    struct ms_collector c = { 0 };
    ms_collect_want(&c, "id", MS_FT_UINT);
    ms_collect_want(&c, "server.ip", MS_FT_IP);
    ms_collect_want(&c, "started", MS_FT_TIME);
    ms_collect_want(&c, "duration", MS_FT_DURATION);
    ms_collect_want(&c, "frames.last", MS_FT_FRAME);
    ms_collect_want(&c, "user", MS_FT_STRING);
    ms_collect_want(&c, "stage", MS_FT_UINT);
    ms_collect_want(&c, "outcome", MS_FT_STRING);
    ms_collect_want(&c, "tcp.rtt", MS_FT_DURATION);
    const struct ms_collected *w = of_session(&c, &s);
    for (size_t i = 0; i + 1 < c.count; i++) {
        assert_int_equal(w[i].n, 1);
        assert_int_equal(w[i].values[0].type, w[i].type);
    }
    assert_int_equal(w[0].values[0].u, 3);
    assert_memory_equal(w[1].values[0].ip, s.server.ip, 16);
    assert_int_equal(w[2].values[0].i, 100 * SECONDS);
    assert_int_equal(w[3].values[0].i, 2 * SECONDS);
    assert_int_equal(w[4].values[0].u, 20);
    assert_true(ms_equal(w[5].values[0].bytes, MS_LIT("alice")));
    assert_int_equal(w[6].values[0].u, MS_STAGE_DATA);
    assert_true(ms_equal(w[7].values[0].bytes, MS_LIT("reset")));
    assert_int_equal(w[8].n, 0); /* not known: no value */
    ms_collect_finish(&c);
}

static void several_values(void **state)
{
    (void)state;
    struct ms_session   s = make_session();
    struct ms_tls_info  t = { .alerts = { { .level = 2, .description = 48, .frame = 9 }, { .level = 7, .description = 200, .frame = 11 } }, .alert_count = 2 };
    struct ms_collector c = { 0 };
    s.tls = &t;
    ms_collect_want(&c, "codes", MS_FT_UINT);
    ms_collect_want(&c, "tls.alerts.level", MS_FT_STRING);
    ms_collect_want(&c, "tls.alerts.frame", MS_FT_FRAME);
    const struct ms_collected *w = of_session(&c, &s);
    assert_int_equal(w[0].n, 3);
    assert_int_equal(w[0].values[1].u, 550);
    assert_int_equal(w[0].values[2].u, MS_RESULT_NO);
    assert_int_equal(w[1].n, 2);
    assert_true(ms_equal(w[1].values[0].bytes, MS_LIT("fatal")));
    assert_true(ms_equal(w[1].values[1].bytes, MS_LIT("7"))); /* a number among words is its digits */
    assert_int_equal(w[2].values[1].u, 11);
    assert_int_equal(w[2].values[1].type, MS_FT_FRAME);
    w = of_session(&c, &s); /* a new record begins anew */
    assert_int_equal(w[1].n, 2);
    ms_collect_finish(&c);
}

static void attachments(void **state)
{
    (void)state;
    struct ms_part parts[] = {
        { .path = MS_LIT("1"), .type = MS_LIT("text/plain"), .size = 10, .complete = true },
        { .path = MS_LIT("2"), .type = MS_LIT("image/png"), .filename = MS_LIT("a.png"), .size = 20, .complete = true },
        { .path = MS_LIT("3"), .type = MS_LIT("text/html"), .disposition = MS_LIT("attachment"), .size = 30, .complete = true },
        { .path = MS_LIT("4"), .type = MS_LIT("multipart/mixed"), .filename = MS_LIT("b"), .multipart = true, .complete = true },
    };
    struct ms_message   m = { .parts = parts, .part_count = 4, .started = MS_UNKNOWN };
    struct ms_collector c = { 0 };
    struct ms_writer    w = { .collector = &c };
    ms_collect_want(&c, "attachment", MS_FT_NONE);
    ms_collect_want(&c, "attachment.size", MS_FT_UINT);
    ms_collect_want(&c, "parts.type", MS_FT_STRING);
    ms_writer_start(&w);
    ms_tell_message(&w, &m);
    assert_int_equal(c.wanted[0].n, 2);
    assert_int_equal(c.wanted[1].n, 2);
    assert_int_equal(c.wanted[1].values[0].u, 20);
    assert_int_equal(c.wanted[1].values[1].u, 30);
    assert_int_equal(c.wanted[2].n, 4);
    ms_writer_finish(&w);
    ms_collect_finish(&c);
}

static void too_many(void **state)
{
    (void)state;
    struct ms_part *parts = ms_alloc((MS_VALUES_MAX + 10) * sizeof *parts);
    for (size_t i = 0; i < MS_VALUES_MAX + 10; i++)
        parts[i] = (struct ms_part){ .path = MS_LIT("1"), .size = i, .complete = true };
    struct ms_message   m = { .parts = parts, .part_count = MS_VALUES_MAX + 10, .started = MS_UNKNOWN };
    struct ms_collector c = { 0 };
    struct ms_writer    w = { .collector = &c };
    ms_collect_want(&c, "parts.size", MS_FT_UINT);
    ms_writer_start(&w);
    ms_tell_message(&w, &m);
    assert_int_equal(c.wanted[0].n, MS_VALUES_MAX + 1); /* one too many, so that the filter knows of it */
    ms_writer_finish(&w);
    ms_collect_finish(&c);
    ms_free(parts);
}

/* One table, sorted, with the names that documents promise. */
static void table(void **state)
{
    (void)state;
    const struct ms_field_table *t = ms_filter_table();
    assert_true(ms_field_table_sorted(t));
    static const char *const names[] = { "session.codes", "exchange.code", "message.attachment.type", "attachment.type", "message.part.size",
                                         "message.parts.size", "finding.severity", "session.tcp.client.resets", "message", "tcp.port" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(ms_field_find(t, ms_str(names[i])) != MS_FIELD_ABSENT);
    assert_int_equal(ms_field_find(t, MS_LIT("session.tcp.client")), MS_FIELD_ABSENT); /* has members only */
    assert_int_equal(ms_field_find(t, MS_LIT("packet.number")), MS_FIELD_ABSENT);      /* frame.number */
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(types), cmocka_unit_test(several_values), cmocka_unit_test(attachments),
                                        cmocka_unit_test(too_many), cmocka_unit_test(table) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
