/* tests/unit/endpoints_test.c - stats endpoints: what counts for whom, and that rows and names are bounded. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "sink/stats_endpoints.h"

static struct ms_endpoint at(unsigned last, const char *name)
{
    struct ms_endpoint e = { .port = 25, .name = ms_str(name) };
    e.ip[10] = e.ip[11] = 0xff;
    e.ip[14] = (uint8_t)(last >> 8);
    e.ip[15] = (uint8_t)last;
    return e;
}

static struct ms_session between(unsigned client, unsigned server)
{
    return (struct ms_session){ .id = 1, .protocol = MS_PROTO_SMTP, .outcome = MS_OUTCOME_COMPLETED, .frame_count = 10, .bytes = { 100, 7 },
                                .client = at(client, "pc.example"), .server = at(server, "mx.example") };
}

static char *printed(struct ms_endpoints *e)
{
    char  *text = NULL;
    size_t n = 0;
    FILE  *out = open_memstream(&text, &n);
    assert_true(ms_endpoints_print(e, MS_FORMAT_TSV, out));
    fclose(out);
    ms_endpoints_destroy(e);
    return text;
}

static void assert_rows(struct ms_endpoints *e, const char *want)
{
    char *text = printed(e);
    assert_string_equal(strchr(text, '\n') + 1, want); /* behind the heading */
    free(text);
}

static void both_ends_of_a_session_count(void **state)
{
    (void)state;
    struct ms_code_count codes[] = { { 250, 3 }, { 535, 2 }, { 421, 1 } };
    struct ms_endpoints *e = ms_endpoints_create(10);
    struct ms_session    s = between(1, 2), back = between(2, 1);
    struct ms_message    sent = { .session = &s, .direction = MS_SENT }, got = { .session = &back, .direction = MS_RETRIEVED };
    s.codes = codes;
    s.code_count = 3;
    s.auth_attempts = 3;
    s.auth_result = 1;
    s.outcome = MS_OUTCOME_RESET;
    back.protocol = MS_PROTO_POP3;
    back.client.name = ms_str("PC.example");
    back.auth_attempts = 2;
    back.auth_result = 2;
    ms_endpoints_session(e, &s);
    ms_endpoints_message(e, &sent);
    ms_endpoints_message(e, &got);
    ms_endpoints_session(e, &back);
    assert_rows(e, "0.0.0.1\tclient,server\tsmtp,pop3\t2\t1\t20\t107\t107\t2\t0\t4\t3\tpc.example,mx.example\n"
                   "0.0.0.2\tclient,server\tsmtp,pop3\t2\t1\t20\t107\t107\t0\t2\t4\t3\tmx.example,PC.example\n");
}

static void a_host_that_talks_to_itself_is_counted_once(void **state)
{
    (void)state;
    struct ms_endpoints *e = ms_endpoints_create(10);
    struct ms_session    s = between(1, 1);
    ms_endpoints_session(e, &s);
    assert_rows(e, "0.0.0.1\tclient,server\tsmtp\t1\t0\t10\t107\t107\t0\t0\t0\t0\tpc.example,mx.example\n");
}

static void the_busiest_comes_first(void **state)
{
    (void)state;
    struct ms_endpoints *e = ms_endpoints_create(10);
    for (unsigned i = 3; i > 0; i--) {
        struct ms_session s = between(i, 9);
        s.client.name = s.server.name = ms_str("");
        ms_endpoints_session(e, &s);
    }
    assert_rows(e, "0.0.0.9\tserver\tsmtp\t3\t0\t30\t21\t300\t0\t0\t0\t0\t\n"
                   "0.0.0.1\tclient\tsmtp\t1\t0\t10\t100\t7\t0\t0\t0\t0\t\n"
                   "0.0.0.2\tclient\tsmtp\t1\t0\t10\t100\t7\t0\t0\t0\t0\t\n"
                   "0.0.0.3\tclient\tsmtp\t1\t0\t10\t100\t7\t0\t0\t0\t0\t\n");
}

static void rows_and_names_are_bounded(void **state)
{
    (void)state;
    for (unsigned hosts = 2; hosts < 5; hosts++) { /* and a server: 3, 4 and 5 where 4 are kept */
        struct ms_endpoints *e = ms_endpoints_create(4);
        for (unsigned i = 0; i < hosts; i++) {
            struct ms_session s = between(i + 1, 99);
            ms_endpoints_session(e, &s);
        }
        char *text = printed(e);
        assert_int_equal(strstr(text, "\nother\tclient\tsmtp\t1\t") != NULL, hosts == 4);
        free(text);
    }
    struct ms_endpoints *e = ms_endpoints_create(10);
    for (unsigned i = 0; i < 6; i++) {
        char              name[80];
        struct ms_session s = between(1, 2);
        snprintf(name, sizeof name, "n%u.%070d", i, 0);
        s.client.name = ms_str(name);
        ms_endpoints_session(e, &s);
    }
    char *text = printed(e);
    assert_non_null(strstr(text, "\tn0.0000000000000000000000000000000000000000000000000000000000000,n1.0"));
    assert_non_null(strstr(text, ",n3.0000000000000000000000000000000000000000000000000000000000000,...\n"));
    assert_null(strstr(text, "n4"));
    free(text);
}

static int start(void **state)
{
    (void)state;
    ms_hash_init();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_of_a_session_count), cmocka_unit_test(a_host_that_talks_to_itself_is_counted_once),
        cmocka_unit_test(the_busiest_comes_first), cmocka_unit_test(rows_and_names_are_bounded),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
