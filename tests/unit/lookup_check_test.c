/* tests/unit/lookup_check_test.c - lookups in, findings out: what is said about names and resolvers, and what is normal. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "check/check.h"
#include "net/dns.h"

#include <stdio.h>
#include <stdlib.h>

static const int64_t MS = 1000000;

/* `at` and `took` in milliseconds; took < 0: no answer. Answers: names, each of the type asked for; "!" the rcode alone. */
struct question {
    int         at, took;
    uint16_t    type;
    const char *name;
    uint8_t     rcode, tries, client, resolver;
    const char *answers[3];
};
struct lookup_case {
    const char     *why;
    struct question questions[8];
    const char     *want; /* "rule severity subject\n" each */
    int             until;
};
#define OK(...) .answers = { __VA_ARGS__ }

static const struct lookup_case cases[] = {
    { "a host that exists", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") } }, "", 0 },
    { "a misspelt host, both kinds of address", { { 0, 20, MS_DNS_A, "smtp.exmaple.org", .rcode = 3 }, { 1, 20, MS_DNS_AAAA, "smtp.exmaple.org", .rcode = 3 } },
      "dns-nxdomain error smtp.exmaple.org\n", 0 },
    { "a domain that does not exist", { { 0, 20, MS_DNS_MX, "exmaple.org", .rcode = 3 } }, "dns-nxdomain error exmaple.org\n", 0 },
    { "a name that is not mail's", { { 0, 20, MS_DNS_A, "www.example.org", .rcode = 3 } }, "", 0 },
    { "the host that an MX named", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0, OK("aspen.example.org") }, { 30, 20, MS_DNS_A, "aspen.example.org", .rcode = 3 } },
      "dns-nxdomain error aspen.example.org\n", 0 },
    { "not listed on a block list", { { 0, 20, MS_DNS_A, "25.100.51.198.zen.spamhaus.org", .rcode = 3 }, { 0, 20, MS_DNS_A, "mail.example.org.dbl.spamhaus.org", .rcode = 3 } },
      "", 0 },
    { "no policies, no pins, no reverse name", { { 0, 20, MS_DNS_TXT, "_dmarc.example.org", .rcode = 3 }, { 0, 20, MS_DNS_TXT, "_mta-sts.example.org", .rcode = 3 },
      { 0, 20, MS_DNS_TLSA, "_25._tcp.mx.example.org", .rcode = 3 }, { 0, 20, MS_DNS_PTR, "25.100.51.198.in-addr.arpa", .rcode = 3 },
      { 0, 20, MS_DNS_SRV, "_imaps._tcp.example.org", .rcode = 3 }, { 0, 20, MS_DNS_TXT, "mail._domainkey.example.org", .rcode = 3 } }, "", 0 },
    { "no IPv6", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") }, { 0, 20, MS_DNS_AAAA, "mail.example.org", .rcode = 0 } }, "", 0 },
    { "suffix tried first", { { 0, 20, MS_DNS_A, "mail.example.org.corp.example", .rcode = 3 }, { 30, 20, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") } }, "", 0 },
    { "suffix tried after a host of no mail name", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0, OK("aspen.example.org") },
      { 5, 20, MS_DNS_A, "mail.aspen.example.org", .rcode = 3 }, { 30, 20, MS_DNS_A, "mail.aspen", .rcode = 0, OK("a") } }, "", 0 },
    { "short name, then with suffix", { { 0, 20, MS_DNS_A, "mail", .rcode = 3 }, { 30, 20, MS_DNS_A, "mail.corp.example", .rcode = 0, OK("a") } }, "", 0 },
    { "short name, nowhere", { { 0, 20, MS_DNS_A, "mail", .rcode = 3 }, { 30, 20, MS_DNS_A, "mail.corp.example", .rcode = 3 } },
      "dns-nxdomain error mail\ndns-nxdomain error mail.corp.example\n", 0 },
    { "the success of another client excuses nothing", { { 0, 20, MS_DNS_A, "mail.example.org.corp", .rcode = 3, .client = 1 },
      { 30, 20, MS_DNS_A, "mail.example.org", .client = 2, OK("a") } }, "dns-nxdomain error mail.example.org.corp\n", 0 },
    { "settings looked for", { { 0, 20, MS_DNS_A, "autodiscover.example.org", .rcode = 3 } }, "dns-nxdomain note autodiscover.example.org\n", 0 },
    { "the resolver fails", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 2 } }, "dns-servfail error mail.example.org\n", 0 },
    { "and works at the next try", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 2 }, { 50, 20, MS_DNS_A, "mail.example.org", .resolver = 1, OK("a") } },
      "dns-servfail note mail.example.org\n", 0 },
    { "fails for AAAA only", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") }, { 0, 20, MS_DNS_AAAA, "mail.example.org", .rcode = 2 } },
      "dns-servfail note mail.example.org\n", 0 },
    { "DANE cannot be looked up", { { 0, 20, MS_DNS_TLSA, "_25._tcp.mx.example.org", .rcode = 2 } }, "dns-servfail warning _25._tcp.mx.example.org\n", 0 },
    { "silence", { { 0, -1, MS_DNS_A, "mail.example.org", .tries = 4 } }, "dns-no-answer error mail.example.org\n", 0 },
    { "silence, once, and the capture ends", { { 0, -1, MS_DNS_A, "mail.example.org", .tries = 1 } }, "", 1999 },
    { "silence, once, and the capture goes on", { { 0, -1, MS_DNS_A, "mail.example.org", .tries = 1 } }, "dns-no-answer error mail.example.org\n", 2000 },
    { "silence for AAAA", { { 0, 20, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") }, { 0, -1, MS_DNS_AAAA, "mail.example.org", .tries = 2 } },
      "dns-no-answer warning mail.example.org\n", 0 },
    { "the second resolver has it", { { 5000, 20, MS_DNS_A, "mail.example.org", .resolver = 1, OK("a") }, { 0, -1, MS_DNS_A, "mail.example.org", .tries = 1 } },
      "slow-dns warning mail.example.org\n", 30000 },
    { "slow", { { 0, 1000, MS_DNS_MX, "example.org", .tries = 1, OK("mx.example.org") } }, "slow-dns warning example.org\n", 0 },
    { "not that slow", { { 0, 999, MS_DNS_MX, "example.org", .tries = 1, OK("mx.example.org") } }, "", 0 },
    { "slow for both kinds: once", { { 0, 3000, MS_DNS_A, "mail.example.org", .rcode = 0, OK("a") }, { 0, 3001, MS_DNS_AAAA, "mail.example.org", .rcode = 0, OK("a") } },
      "slow-dns warning mail.example.org\n", 0 },
    { "no MX, no address", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0 }, { 30, 20, MS_DNS_A, "example.org", .rcode = 0 }, { 30, 20, MS_DNS_AAAA, "example.org", .rcode = 0 } },
      "dns-no-mx error example.org\n", 0 },
    { "no MX, but an address", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0 }, { 30, 20, MS_DNS_A, "example.org", .rcode = 0, OK("a") } }, "", 0 },
    { "no MX, an address not asked for", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0 } }, "dns-no-mx warning example.org\n", 0 },
    { "null MX", { { 0, 20, MS_DNS_MX, "example.org", .rcode = 0, OK("") } }, "dns-no-mx warning example.org\n", 0 },
};

static struct ms_bytes copy(struct ms_arena *a, const char *s) { return ms_arena_keep(a, ms_str(s)); }

static void ask(struct ms_checks *c, const struct question *q, uint64_t *frame)
{
    struct ms_arena      arena = { 0 };
    struct ms_dns_answer answers[3];
    struct ms_lookup     l = { .name = copy(&arena, q->name), .type = q->type, .rcode = q->rcode, .tries = q->tries ? q->tries : 1, .answered = q->took >= 0,
                               .sent = q->at * MS, .replied = q->took < 0 ? MS_UNKNOWN : (q->at + q->took) * MS, .answers = answers };
    l.client = (struct ms_endpoint){ .ip = { [10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = q->client }, .port = 40000 };
    l.resolver = (struct ms_endpoint){ .ip = { [10] = 0xff, [11] = 0xff, [12] = 198, [13] = 51, [14] = 100, [15] = q->resolver }, .port = 53 };
    l.frame = ++*frame;
    l.answer_frame = l.answered ? ++*frame : 0;
    for (; l.answer_count < 3 && q->answers[l.answer_count]; l.answer_count++) {
        answers[l.answer_count] = (struct ms_dns_answer){ .name = l.name, .type = q->type, .target = copy(&arena, q->answers[l.answer_count]) };
    }
    ms_checks_lookup(c, &l);
    ms_arena_finish(&arena); /* what was kept must be a copy */
}

static void tell(void *ctx, const struct ms_finding *f)
{
    struct ms_buffer *t = ctx;
    ms_text_format(t, "%s %s", f->rule_name, ms_severity_name((enum ms_severity)f->severity));
    assert_true(f->frame_count > 0);
    assert_true(f->title.n && f->explanation.n && f->remedy.n && f->evidence.n);
    struct ms_bytes words[] = { f->title, f->explanation, f->remedy };
    for (size_t i = 0; i < 3; i++)
        assert_true(ms_find(words[i], '{') == words[i].n && ms_find(words[i], '[') == words[i].n);
    if (getenv("SHOW"))
        printf("%s\n  %.*s\n  %.*s\n  %.*s\n  %.*s\n", f->rule_name, (int)f->title.n, (const char *)f->title.p, (int)f->explanation.n, (const char *)f->explanation.p,
               (int)f->remedy.n, (const char *)f->remedy.p, (int)f->evidence.n, (const char *)f->evidence.p);
}

/* The subject is not a field of a finding: it must stand in the title. */
static void tell_with_subject(void *ctx, const struct ms_finding *f)
{
    struct ms_buffer *t = ctx;
    tell(ctx, f);
    struct ms_bytes rest = f->title, word, subject = { NULL, 0 };
    while ((word = ms_take_word(&rest)).n) {
        while (word.n && (word.p[word.n - 1] == ',' || word.p[word.n - 1] == ':'))
            word.n--;
        bool name = ms_find(word, '.') < word.n && !ms_is_digit(ms_at(word, 0));
        if ((name || ms_equal(word, MS_LIT("mail"))) && subject.n == 0)
            subject = word;
    }
    ms_text_char(t, ' ');
    ms_text_add(t, subject);
    ms_text_char(t, '\n');
}

static void run(const struct lookup_case *k, const struct ms_limits *limits, struct ms_buffer *got)
{
    struct ms_check_options options = { .keep_findings = true };
    struct ms_checks       *c = ms_checks_create(limits, &options);
    uint64_t                frame = 0;
    for (size_t i = 0; i < 8 && k->questions[i].name; i++)
        ask(c, &k->questions[i], &frame);
    if (k->until)
        ms_checks_until(c, k->until * MS);
    ms_checks_finish(c);
    got->n = 0;
    ms_checks_each_finding(c, tell_with_subject, got);
    ms_checks_destroy(c);
}

static void test_lookups(void **state)
{
    struct ms_limits limits = ms_limits_default();
    struct ms_buffer got = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run(&cases[i], &limits, &got);
        ms_text_char(&got, '\0');
        if (strcmp((const char *)got.p, cases[i].want) != 0)
            fail_msg("%s: want\n%sgot\n%s", cases[i].why, cases[i].want, (const char *)got.p);
    }
    ms_buffer_finish(&got);
}

/* Beyond the limit nothing is told apart any more, and that is counted. */
static void test_limit(void **state)
{
    struct ms_limits        limits = ms_limits_tiny();
    struct ms_check_options options = { .keep_findings = true };
    struct ms_checks       *c = ms_checks_create(&limits, &options);
    uint64_t                frame = 0;
    char                    name[40];
    (void)state;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "mail%d.a.b.c.d.e.f.g.example.org", i);
        ask(c, &(struct question){ i, 20, MS_DNS_A, name, .rcode = 3 }, &frame);
        ask(c, &(struct question){ i, 20, MS_DNS_MX, name + 6, OK(name) }, &frame);
    }
    assert_true(ms_checks_refused(c) > 0);
    ms_checks_finish(c);
    assert_true(ms_checks_finding_count(c, MS_SEVERITY_ERROR) <= limits.groups);
    ms_checks_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_lookups), cmocka_unit_test(test_limit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
