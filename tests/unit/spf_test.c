/* tests/unit/spf_test.c - SPF where the public suite is silent: answers not in sight, what is told, bounds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/spf.h"
#include "base/text.h"
#include "zone.h"

static const struct zone_row rows[] = {
    { "a.test", MS_DNS_TXT, "v=spf1 ip4:192.0.2.1 include:missing.test mx -all", 0 },
    { "later.test", MS_DNS_TXT, "v=spf1 mx ip4:192.0.2.1 -all", 0 },
    { "open.test", MS_DNS_TXT, "v=spf1 +all", 0 },
    { "wide.test", MS_DNS_TXT, "v=spf1 ip4:128.0.0.0/1 -all", 0 },
    { "wrong.test", MS_DNS_TXT, "v=spf1 mx ipv4:192.0.2.1 -all", 0 },
    { "says.test", MS_DNS_TXT, "v=spf1 exp=why.says.test -all", 0 },
    { "why.says.test", MS_DNS_TXT, "%{i} is not %{d}, see %{S}", 0 },
    { "loop.test", MS_DNS_TXT, "v=spf1 include:loop.test -all", 0 },
    { "down.test", MS_DNS_TXT, "", MS_ANSWER_FAILED },
    { "none.test", MS_DNS_TXT, "", MS_ANSWER_NXDOMAIN },
    { "ptr.test", MS_DNS_TXT, "v=spf1 ptr -all", 0 },
    { "7.2.0.192.in-addr.arpa", MS_DNS_PTR, "x", MS_ANSWER_FAILED },
    { "helo.test", MS_DNS_TXT, "v=spf1 ip4:192.0.2.7 -all", 0 },
};

struct want { const char *ip, *from; const char *result, *lookups; };
static const struct want wants[] = {
    { "192.0.2.1", "joe@a.test", "pass", "" }, /* what is unknown comes later */
    { "192.0.2.2", "joe@a.test", "unknown", "TXT missing.test, MX a.test" },
    { "192.0.2.1", "joe@later.test", "unknown", "MX later.test" },
    { "192.0.2.1", "joe@elsewhere.test", "unknown", "TXT elsewhere.test" },
    { "192.0.2.1", "joe@wrong.test", "permerror", "" },
    { "192.0.2.1", "joe@loop.test", "permerror", "" },
    { "192.0.2.1", "joe@down.test", "temperror", "" },
    { "192.0.2.1", "joe@none.test", "none", "" },
    { "192.0.2.1", "joe@", "none", "" },
    { "192.0.2.7", "joe@ptr.test", "fail", "" }, /* a failure of the reverse lookup is no failure of the policy */
    { "192.0.2.8", "joe@ptr.test", "unknown", "PTR 8.2.0.192.in-addr.arpa" },
    { "192.0.2.7", "", "pass", "" },
    { "192.0.2.8", "", "fail", "" },
};

static struct ms_arena arena;

static void check(struct zone *z, const char *ip, const char *from, struct ms_spf *out)
{
    uint8_t             address[16];
    struct ms_resolver  r = zone_resolver(z);
    zone_ip(ip, address);
    struct ms_spf_input in = { .ip = address, .helo = MS_LIT("helo.test"), .mail_from = ms_str(from) };
    ms_spf_check(&in, &r, &arena, out);
}

static void results_and_what_would_settle_them(void **state)
{
    (void)state;
    struct zone   z = ZONE(rows);
    struct ms_spf spf;
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        check(&z, wants[i].ip, wants[i].from, &spf);
        struct ms_bytes lookups = ms_missing_text(&spf.wanted, &arena);
        if (strcmp(ms_spf_name(spf.result), wants[i].result) || !ms_equal(lookups, ms_str(wants[i].lookups)))
            fail_msg("%s from %s: %s (%.*s)", wants[i].from, wants[i].ip, ms_spf_name(spf.result), (int)lookups.n, (const char *)lookups.p);
    }
    ms_arena_finish(&arena);
}

static void says_which_term_decided(void **state)
{
    (void)state;
    struct zone   z = ZONE(rows);
    struct ms_spf spf;
    check(&z, "192.0.2.9", "joe@open.test", &spf);
    assert_true(ms_equal(spf.wide, MS_LIT("+all")));
    check(&z, "192.0.2.9", "joe@wide.test", &spf);
    assert_true(ms_equal(spf.wide, MS_LIT("ip4:128.0.0.0/1")));
    check(&z, "64.0.2.9", "joe@wide.test", &spf);
    assert_true(ms_equal(spf.term, MS_LIT("-all")));
    assert_int_equal(spf.wide.n, 0);
    check(&z, "192.0.2.9", "j e@Says.TEST", &spf);
    assert_true(ms_equal(spf.explanation, MS_LIT("192.0.2.9 is not says.test, see j%20e%40Says.TEST")));
    assert_true(ms_equal(spf.domain, MS_LIT("says.test")));
    check(&z, "192.0.2.9", "joe@wrong.test", &spf);
    assert_true(ms_equal(spf.problem_at, MS_LIT("ipv4:192.0.2.1")));
    check(&z, "192.0.2.9", "", &spf);
    assert_true(spf.of_helo);
    ms_arena_finish(&arena);
}

/* A name that repeats a long sender a thousand times is given up at the bound, without a question. */
static void macros_are_bounded(void **state)
{
    (void)state;
    struct ms_buffer text = { 0 }, from = { 0 };
    struct ms_spf    spf;
    ms_text_str(&text, "v=spf1 exists:");
    for (int i = 0; i < 1000; i++)
        ms_text_str(&text, "%{S}");
    ms_text_char(&text, 0);
    for (int i = 0; i < 490; i++)
        ms_text_char(&from, '!');
    ms_text_str(&from, "@big.test");
    ms_text_char(&from, 0);
    struct zone_row big[] = { { "big.test", MS_DNS_TXT, (const char *)text.p, 0 } };
    struct zone     z = ZONE(big);
    check(&z, "192.0.2.9", (const char *)from.p, &spf);
    assert_int_equal(spf.result, MS_SPF_PERMERROR);
    assert_int_equal(z.asked, 1);
    ms_buffer_finish(&text);
    ms_buffer_finish(&from);
    ms_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_what_would_settle_them), cmocka_unit_test(says_which_term_decided), cmocka_unit_test(macros_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
