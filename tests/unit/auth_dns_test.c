/* tests/unit/auth_dns_test.c - DNS answers remembered: what is found again, what replaces what, and the limit at -1, 0 and +1. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/dns.h"
#include "base/hash.h"

#include <stdio.h>

static struct ms_dns_answer answer(const char *name, uint16_t type, const char *target)
{
    return (struct ms_dns_answer){ .name = ms_str(name), .type = type, .target = ms_str(target), .preference = 10 };
}

static void learn(struct ms_dns_store *s, struct ms_lookup l, const char *name, const struct ms_dns_answer *answers, size_t n)
{
    l.name = ms_str(name);
    l.answered = true;
    l.answers = answers;
    l.answer_count = n;
    ms_dns_store_learn(s, &l);
}

static const struct ms_lookup TXT = { .type = MS_DNS_TXT };

static void learn_txt(struct ms_dns_store *s, const char *name, const char *text)
{
    struct ms_dns_answer a = answer(name, MS_DNS_TXT, text);
    learn(s, TXT, name, &a, 1);
}

static enum ms_answer ask(struct ms_dns_store *s, const char *name, uint16_t type, struct ms_dns_set *out)
{
    struct ms_resolver r = ms_dns_store_resolver(s);
    return ms_ask(&r, ms_str(name), type, out);
}

static struct ms_dns_store *start(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    return ms_dns_store_create(&limits);
}

static void answers_are_found_again(void **state)
{
    struct ms_dns_store *s = start(state);
    struct ms_dns_set    set;
    assert_int_equal(ask(s, "example.com", MS_DNS_TXT, &set), MS_ANSWER_UNKNOWN);
    learn_txt(s, "example.com", "v=spf1 -all");
    assert_int_equal(ask(s, "Example.COM.", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    assert_int_equal(set.n, 1);
    assert_memory_equal(set.at[0].value.p, "v=spf1 -all", 11);
    assert_int_equal(ask(s, "example.com", MS_DNS_MX, &set), MS_ANSWER_UNKNOWN);
    learn_txt(s, "example.com", "new");
    assert_int_equal(ask(s, "example.com", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    assert_int_equal(set.at[0].value.n, 3);
    assert_int_equal(ask(s, "a..b", MS_DNS_TXT, &set), MS_ANSWER_NXDOMAIN);
    ms_dns_store_destroy(s);
}

static void what_failed_replaces_no_answer(void **state)
{
    struct ms_dns_store *s = start(state);
    struct ms_dns_set    set;
    struct ms_lookup     failed = { .type = MS_DNS_TXT, .rcode = MS_DNS_SERVFAIL }, gone = { .type = MS_DNS_A, .rcode = MS_DNS_NXDOMAIN };
    learn(s, failed, "x.test", NULL, 0);
    assert_int_equal(ask(s, "x.test", MS_DNS_TXT, &set), MS_ANSWER_FAILED);
    learn_txt(s, "x.test", "yes");
    learn(s, failed, "x.test", NULL, 0);
    assert_int_equal(ask(s, "x.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    learn(s, TXT, "x.test", NULL, 0);
    assert_int_equal(ask(s, "x.test", MS_DNS_TXT, &set), MS_ANSWER_NODATA);
    learn(s, gone, "gone.test", NULL, 0);
    assert_int_equal(ask(s, "gone.test", MS_DNS_TXT, &set), MS_ANSWER_NXDOMAIN); /* of no type */
    learn(s, (struct ms_lookup){ .type = MS_DNS_A }, "gone.test", NULL, 0);
    assert_int_equal(ask(s, "gone.test", MS_DNS_TXT, &set), MS_ANSWER_UNKNOWN);  /* it is there again */
    ms_dns_store_destroy(s);
}

static void aliases_are_followed(void **state)
{
    struct ms_dns_store *s = start(state);
    struct ms_dns_set    set;
    struct ms_dns_answer both[] = { answer("k._domainkey.a.test", MS_DNS_CNAME, "k.host.test"), answer("k.host.test", MS_DNS_TXT, "p=x") };
    struct ms_dns_answer alone = answer("b.test", MS_DNS_CNAME, "c.test"), circle = answer("c.test", MS_DNS_CNAME, "b.test");
    learn(s, TXT, "k._domainkey.a.test", both, 2);
    assert_int_equal(ask(s, "k._domainkey.a.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    learn(s, TXT, "b.test", &alone, 1);
    assert_int_equal(ask(s, "b.test", MS_DNS_TXT, &set), MS_ANSWER_UNKNOWN);
    learn_txt(s, "c.test", "end");
    assert_int_equal(ask(s, "b.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    learn(s, TXT, "c.test", &circle, 1);
    assert_int_equal(ask(s, "b.test", MS_DNS_TXT, &set), MS_ANSWER_FAILED);
    ms_dns_store_destroy(s);
}

static void names_come_escaped_and_are_asked_raw(void **state)
{
    struct ms_dns_store *s = start(state);
    struct ms_dns_set    set;
    struct ms_dns_answer mx = answer("x.test", MS_DNS_MX, "a\\032b\\(c.test");
    learn_txt(s, "a\\032b\\(c.test", "odd");
    assert_int_equal(ask(s, "a b(c.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    learn(s, (struct ms_lookup){ .type = MS_DNS_MX }, "x.test", &mx, 1);
    assert_int_equal(ask(s, "x.test", MS_DNS_MX, &set), MS_ANSWER_FOUND);
    assert_true(ms_equal(set.at[0].value, MS_LIT("a b(c.test")));
    assert_int_equal(set.at[0].preference, 10);
    ms_dns_store_destroy(s);
}

static void the_oldest_leave(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    struct ms_dns_set set;
    for (uint64_t extra = 0; extra < 3; extra++) { /* one below the limit, at it, above it */
        struct ms_dns_store *s = ms_dns_store_create(&limits);
        char                 name[32];
        for (uint64_t i = 0; i < limits.dns_answers - 1 + extra; i++) {
            snprintf(name, sizeof name, "n%u.test", (unsigned)i);
            learn_txt(s, name, "x");
        }
        assert_int_equal(ask(s, "n0.test", MS_DNS_TXT, &set), extra == 2 ? MS_ANSWER_UNKNOWN : MS_ANSWER_FOUND);
        assert_int_equal(ask(s, "n1.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
        assert_int_equal(ms_dns_store_dropped(s), extra == 2);
        ms_dns_store_destroy(s);
    }
}

static void a_long_answer_counts_for_several(void **state)
{
    (void)state;
    struct ms_limits     limits = ms_limits_tiny();
    struct ms_dns_store *s = ms_dns_store_create(&limits);
    struct ms_dns_set    set;
    static char          text[256 * 8 + 1];
    memset(text, 'x', sizeof text - 1);
    learn_txt(s, "small.test", "x");
    learn_txt(s, "large.test", text + 256); /* 1 for itself, 7 for its bytes */
    assert_int_equal(ask(s, "small.test", MS_DNS_TXT, &set), MS_ANSWER_UNKNOWN);
    assert_int_equal(ask(s, "large.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    learn_txt(s, "huge.test", text);        /* more than there is room for */
    assert_int_equal(ask(s, "huge.test", MS_DNS_TXT, &set), MS_ANSWER_UNKNOWN);
    assert_int_equal(ask(s, "large.test", MS_DNS_TXT, &set), MS_ANSWER_FOUND);
    ms_dns_store_destroy(s);
}

int main(void)
{
    ms_hash_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_found_again), cmocka_unit_test(what_failed_replaces_no_answer),
        cmocka_unit_test(aliases_are_followed), cmocka_unit_test(names_come_escaped_and_are_asked_raw),
        cmocka_unit_test(the_oldest_leave), cmocka_unit_test(a_long_answer_counts_for_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
