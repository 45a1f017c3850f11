/* tests/unit/auth_test.c - a message as it goes by: the example of RFC 8463 appendix A, cut at every byte, with gaps, in parts; who is judged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/auth.h"
#include "base/hash.h"
#include "zone.h"

static const char message[] =
    "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    " subject : date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
    " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
    " d=football.example.com; i=@football.example.com;\r\n"
    " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
    " date : message-id : from : subject : date;\r\n"
    " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
    " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
    " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
    "From: Joe SixPack <joe@football.example.com>\r\n"
    "To: Suzie Q <suzie@shopping.example.net>\r\n"
    "Subject: Is dinner ready?\r\n"
    "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
    "\r\n"
    "Hi.\r\n"
    "\r\n"
    "We lost the game.  Are you hungry yet?\r\n"
    "\r\n"
    "Joe.\r\n";

static const struct zone_row rows[] = {
    { "brisbane._domainkey.football.example.com", MS_DNS_TXT, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", 0 },
    { "test._domainkey.football.example.com", MS_DNS_TXT, "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB", 0 },
    { "_dmarc.football.example.com", MS_DNS_TXT, "", MS_ANSWER_NXDOMAIN },
    { "_dmarc.example.com", MS_DNS_TXT, "v=DMARC1; p=reject; pct=50", 0 },
    { "football.example.com", MS_DNS_TXT, "v=spf1 ip4:192.0.2.1 -all", 0 },
    { "bounces.football.example.com", MS_DNS_TXT, "", MS_ANSWER_NXDOMAIN },
    { "bounces.football.example.com", MS_DNS_MX, "", MS_ANSWER_NXDOMAIN },
};

static struct ms_arena arena;
static struct ms_hasher hasher;
static struct ms_signs signs;
static struct ms_limits limits;

static struct ms_auth *start(void)
{
    ms_arena_finish(&arena);
    limits = ms_limits_default();
    ms_signs_init(&signs, &arena);
    return ms_auth_create(&arena, &limits, &hasher, &signs);
}

static struct ms_authentication finish(struct ms_auth *a, const struct ms_auth_facts *facts)
{
    struct zone              z = ZONE(rows);
    struct ms_resolver       r = zone_resolver(&z);
    struct ms_authentication out;
    ms_auth_finish(a, facts, &r, &out);
    return out;
}

static struct ms_auth_facts mail_from(const uint8_t ip[16], const char *sender)
{
    return (struct ms_auth_facts){ .direction = MS_SENT, .client = ip, .envelope = true, .mail_from = ms_str(sender), .helo = MS_LIT("mx.example.com"),
                                   .server = MS_LIT("mx.shopping.example.net"), .time = MS_UNKNOWN };
}

static const struct ms_auth_facts FILE_FACTS = { .direction = MS_SENT, .time = MS_UNKNOWN };

static void require(const struct ms_auth_result *got, const char *result, const char *reason)
{
    if (!got->result != !result || (result && strcmp(got->result, result)) || !ms_equal(got->reason, ms_str(reason)))
        fail_msg("%s (%.*s) instead of %s (%s)", got->result ? got->result : "nothing", (int)got->reason.n, (const char *)got->reason.p, result, reason);
}

static void every_cut_gives_the_same(void **state)
{
    (void)state;
    struct ms_bytes all = ms_str(message);
    for (size_t cut = 0; cut <= all.n; cut++) {
        uint8_t        *exact = malloc(all.n + 1);
        struct ms_auth *a = start();
        memcpy(exact, all.p, all.n);
        ms_auth_push(a, (struct ms_bytes){ exact, cut });
        ms_auth_push(a, (struct ms_bytes){ exact + cut, all.n - cut });
        free(exact);
        ms_auth_end(a);
        struct ms_authentication got = finish(a, &FILE_FACTS);
        require(&got.dkim, "pass", "signed by football.example.com, and not changed since");
        require(&got.dmarc, "pass", "DKIM vouches for football.example.com");
        assert_null(got.spf.result);
        assert_null(got.arc.result);
        assert_non_null(ms_sign_find(&signs, MS_SIGN_DMARC_PASS));
    }
}

static void what_is_missing_is_unknown(void **state)
{
    (void)state;
    struct ms_bytes all = ms_str(message);
    for (size_t cut = 0; cut <= all.n; cut += 7) {
        struct ms_auth *a = start();
        ms_auth_push(a, ms_head(all, cut));
        ms_auth_gap(a);
        ms_auth_push(a, ms_tail(all, cut));
        ms_auth_end(a);
        struct ms_authentication got = finish(a, &FILE_FACTS);
        assert_true(!got.dkim.result || strcmp(got.dkim.result, "pass"));
        assert_null(ms_sign_find(&signs, MS_SIGN_DMARC_FAIL));
        if (cut > ms_search_nocase(all, MS_LIT("\r\n\r\n")))
            require(&got.dkim, "unknown", "the signature of football.example.com could not be checked: the message was not seen whole");
    }
    ms_auth_drop(start());
    struct ms_auth *a = start();
    ms_auth_push(a, ms_head(all, all.n - 3)); /* thrown away: nothing is left behind */
    ms_auth_drop(a);
    ms_auth_drop(NULL);
}

static void long_headers_are_not_judged(void **state)
{
    (void)state;
    struct ms_bytes all = ms_str(message);
    size_t          size = ms_search_nocase(all, MS_LIT("\r\n\r\n")) + 2;
    for (int extra = -1; extra < 2; extra++) { /* one byte over the limit header_bytes, at it, below it */
        struct ms_auth *a = start();
        limits.header_bytes = (uint64_t)((int64_t)size + extra);
        for (size_t i = 0; i < all.n; i++)
            ms_auth_push(a, ms_slice(all, i, 1));
        struct ms_authentication got = finish(a, &FILE_FACTS);
        assert_string_equal(got.dkim.result, extra < 0 ? "unknown" : "pass");
    }
}

static struct ms_authentication judge(const struct ms_auth_facts *facts, const char *text)
{
    struct ms_auth *a = start();
    ms_auth_push(a, ms_str(text));
    ms_auth_end(a);
    return finish(a, facts);
}

static void senders_are_judged_by_their_address(void **state)
{
    (void)state;
    static const char plain[] = "From: Joe <joe@football.example.com>\r\n\r\nHi.\r\n";
    uint8_t           inside[16], right[16], wrong[16];
    zone_ip("10.1.2.3", inside);
    zone_ip("192.0.2.1", right);
    zone_ip("192.0.2.2", wrong);
    struct ms_auth_facts facts = mail_from(right, "joe@football.example.com");
    struct ms_authentication got = judge(&facts, plain);
    require(&got.spf, "pass", "192.0.2.1 may send for football.example.com (ip4:192.0.2.1)");
    require(&got.dmarc, "pass", "SPF vouches for football.example.com");
    facts = mail_from(wrong, "joe@football.example.com");
    got = judge(&facts, plain);
    require(&got.spf, "fail", "192.0.2.2 is not among the senders that football.example.com names (-all)");
    require(&got.dmarc, "fail", "neither SPF nor DKIM vouches for football.example.com in From (policy: reject)");
    assert_non_null(ms_sign_find(&signs, MS_SIGN_SPF_FAIL));
    assert_non_null(ms_sign_find(&signs, MS_SIGN_DMARC_FAIL));
    facts.client = inside;
    got = judge(&facts, plain);
    assert_null(got.spf.result); /* a private address says nothing */
    facts.client = wrong;
    facts.submitted = true;
    got = judge(&facts, plain);
    assert_null(got.spf.result);
    assert_null(got.dmarc.result);
    assert_int_equal(signs.n, 0);
    facts = mail_from(wrong, "joe@elsewhere.test");
    got = judge(&facts, plain);
    require(&got.spf, "unknown", "the capture does not show what DNS says about the senders of elsewhere.test");
    assert_true(ms_equal(got.spf.lookups, MS_LIT("TXT elsewhere.test")));
    require(&got.dmarc, "fail", "neither SPF nor DKIM vouches for football.example.com in From (policy: reject)");
}

static void envelopes_and_forged_verdicts(void **state)
{
    (void)state;
    uint8_t ip[16];
    zone_ip("192.0.2.2", ip);
    struct ms_auth_facts facts = mail_from(ip, "");
    judge(&facts, "From: Joe <joe@football.example.com>\r\nSubject: win\r\n\r\n");
    assert_non_null(ms_sign_find(&signs, MS_SIGN_NULL_SENDER));
    judge(&facts, "From: <mailer-daemon@football.example.com>\r\n\r\n");
    assert_null(ms_sign_find(&signs, MS_SIGN_NULL_SENDER));
    judge(&facts, "From: <a@football.example.com>\r\nContent-Type: multipart/report; boundary=x\r\n\r\n");
    assert_null(ms_sign_find(&signs, MS_SIGN_NULL_SENDER));
    facts = mail_from(ip, "x@bounces.football.example.com");
    judge(&facts, "From: Joe <joe@football.example.com>\r\n\r\n");
    assert_non_null(ms_sign_find(&signs, MS_SIGN_SENDER_DOMAIN_MISSING));
    judge(&facts, "Authentication-Results: MX.shopping.example.net; spf=pass\r\nFrom: Joe <joe@football.example.com>\r\n\r\n");
    assert_non_null(ms_sign_find(&signs, MS_SIGN_RESULTS_FORGED));
    judge(&facts, "Authentication-Results: mx.example.com; spf=pass\r\nFrom: Joe <joe@football.example.com>\r\n\r\n");
    assert_null(ms_sign_find(&signs, MS_SIGN_RESULTS_FORGED));
    static const struct { const char *results; bool refuted; } last[] = { /* what the last server found */
        { "x; spf=none; dkim=none; dmarc=fail (p=none) header.from=y", true }, { "spf=fail;DMARC = Fail action=none;compauth=pass", true },
        { "x; compauth=fail reason=001", true }, { "x; spf=none smtp.mailfrom=\"arc=pass;\"; dmarc=fail", true }, { "x; dmarc=fail; arc=pass (i=1)", false },
        { "x; dmarc=pass (not dmarc=fail; dmarc=fail)", false }, { "x; spf=none reason=\"; dmarc=fail\"; dmarc=pass", false }, { "x; dmarc=failure", false },
        { "x; (", false }, { "x; \"\\", false },
    };
    for (size_t i = 0; i < sizeof last / sizeof *last; i++) {
        char mail[256];
        snprintf(mail, sizeof mail, "Authentication-Results: %s\r\nFrom: Joe <joe@football.example.com>\r\n\r\n", last[i].results);
        judge(&facts, mail);
        if (!ms_sign_find(&signs, MS_SIGN_RESULTS_FAIL) == last[i].refuted)
            fail_msg("%s", last[i].results);
    }
    judge(&facts, "Authentication-Results: x; dmarc=pass\r\nAuthentication-Results: y; dmarc=fail\r\nFrom: Joe <joe@football.example.com>\r\n\r\n");
    assert_null(ms_sign_find(&signs, MS_SIGN_RESULTS_FAIL));
    judge(&facts, "Authentication-Results: x; arc=pass\r\nAuthentication-Results: x; dmarc=fail\r\nFrom: Joe <joe@football.example.com>\r\n\r\n");
    assert_null(ms_sign_find(&signs, MS_SIGN_RESULTS_FAIL));
    judge(&facts, "Authentication-Results: x; dmarc=fail\r\nReceived: from y by x\r\nAuthentication-Results: x; arc=pass\r\nFrom: Joe <joe@football.example.com>\r\n\r\n");
    assert_non_null(ms_sign_find(&signs, MS_SIGN_RESULTS_FAIL)); /* the sender's own */
    static const char *const pass = "Authentication-Results: mx.example.net; dmarc=pass\r\nFrom: Joe <joe@football.example.com>\r\n\r\n";
    assert_false(judge(&facts, pass).found_genuine); /* a stranger wrote it himself */
    assert_true(judge(&FILE_FACTS, pass).found_genuine);
    assert_false(judge(&FILE_FACTS, "Authentication-Results: mx.example.net; spf=fail\r\nAuthentication-Results: mx.example.net; dmarc=pass\r\n"
                                    "From: Joe <joe@football.example.com>\r\n\r\n").found_genuine);
    struct ms_authentication got = judge(&facts, "From: a@football.example.com\r\nFrom: b@shopping.example.net\r\n\r\n");
    require(&got.dmarc, "permerror", "From names more than one sender");
    got = judge(&facts, "Subject: nobody\r\n\r\n");
    assert_null(got.dmarc.result);
}

int main(void)
{
    ms_hash_init();
    ms_hasher_init(&hasher);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_gives_the_same), cmocka_unit_test(what_is_missing_is_unknown), cmocka_unit_test(long_headers_are_not_judged),
        cmocka_unit_test(senders_are_judged_by_their_address), cmocka_unit_test(envelopes_and_forged_verdicts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ms_hasher_finish(&hasher);
    ms_arena_finish(&arena);
    return failed;
}
