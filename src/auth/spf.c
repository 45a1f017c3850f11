/* auth/spf.c - check_host() of RFC 7208 4: the policy of a domain, term by term.
 *
 * BUGS     the lookup limit counts terms, and each answer without records counts as empty, also when it was asked before; other
 *          implementations with a cache may count less. Senders of more than 512 bytes are not judged.                   */
#include "auth/spf_private.h"
#include "base/text.h"

bool ms_spf_is_ipv4(const uint8_t ip[16]) { return memcmp(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0; }

const char *ms_spf_name(enum ms_spf_result result)
{
    static const char *const names[] = { "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror", "unknown" };
    return names[result];
}

int ms_spf_problem(struct ms_spf_run *r, enum ms_spf_result result, const char *problem, struct ms_bytes at)
{
    r->out->problem = problem;
    r->out->problem_at = ms_arena_keep(r->arena, ms_head(at, 255));
    return (int)result;
}

int ms_spf_ask(struct ms_spf_run *r, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    *out = (struct ms_dns_set){ NULL, 0 };
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    if (!ms_dns_name_fits(name)) /* such a name does not exist, and nobody asks for it */
        return MS_SPF_RUN_ON;
    switch (ms_ask(r->resolver, name, type, out)) {
    case MS_ANSWER_FOUND: return MS_SPF_RUN_ON;
    case MS_ANSWER_FAILED: return ms_spf_problem(r, MS_SPF_TEMPERROR, "DNS failed for", name);
    case MS_ANSWER_UNKNOWN:
        r->unknown = true;
        ms_missing_add(&r->out->wanted, type, name);
        return MS_SPF_RUN_ON;
    default:
        if (++r->empty > MS_SPF_VOID)
            return ms_spf_problem(r, MS_SPF_PERMERROR, "more than 2 lookups without an answer, the last of", name);
        return MS_SPF_RUN_ON;
    }
}

static int count_lookup(struct ms_spf_run *r, const struct ms_spf_term *t)
{
    return ++r->lookups > MS_SPF_LOOKUPS ? ms_spf_problem(r, MS_SPF_PERMERROR, "more than 10 terms that ask DNS, up to", t->text) : MS_SPF_RUN_ON;
}

/* ---- the record (4.4, 4.5) ------------------------------------------------------------------------------------ */

static bool is_policy(struct ms_bytes text)
{
    return ms_starts_nocase(text, MS_LIT("v=spf1")) && (text.n == 6 || text.p[6] == ' ');
}

/* RUN_ON: *policy is found, in the arena, without its version. */
static int find_policy(struct ms_spf_run *r, struct ms_bytes domain, struct ms_bytes *policy)
{
    struct ms_dns_set set;
    const struct ms_dns_record *found = NULL;
    if (!ms_dns_name_fits(domain) || ms_find(domain, '.') == domain.n)
        return MS_SPF_NONE;
    int result = ms_spf_ask(r, domain, MS_DNS_TXT, &set);
    if (result != MS_SPF_RUN_ON)
        return result;
    for (size_t i = 0; i < set.n; i++) {
        if (!is_policy(set.at[i].value))
            continue;
        if (found)
            return ms_spf_problem(r, MS_SPF_PERMERROR, "more than one SPF policy at", domain);
        found = &set.at[i];
    }
    if (!found)
        return MS_SPF_NONE;
    *policy = ms_arena_keep(r->arena, found->value);
    return MS_SPF_RUN_ON;
}

struct policy { struct ms_bytes text, domain; struct ms_spf_term redirect, exp; bool has_redirect, has_exp, has_all; };

/* All terms are read before the first counts: one wrong one makes the policy void (4.6). */
static bool read_policy(struct policy *p, struct ms_bytes *wrong)
{
    struct ms_bytes rest = ms_tail(p->text, 6);
    for (;;) {
        struct ms_spf_term t;
        *wrong = ms_spf_next(&rest);
        if (wrong->n == 0)
            return true;
        if (!ms_spf_term(*wrong, &t) || (t.kind == MS_SPF_REDIRECT && p->has_redirect) || (t.kind == MS_SPF_EXP && p->has_exp))
            return false;
        p->has_all |= t.kind == MS_SPF_ALL;
        if (t.kind == MS_SPF_REDIRECT) {
            p->redirect = t;
            p->has_redirect = true;
        } else if (t.kind == MS_SPF_EXP) {
            p->exp = t;
            p->has_exp = true;
        }
    }
}

/* ---- terms ---------------------------------------------------------------------------------------------------- */

static int check(struct ms_spf_run *r, struct ms_bytes domain, bool top);

static int include(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes domain)
{
    struct ms_bytes name;
    if (!ms_spf_expand_name(r, t->spec, domain, &name))
        return ms_spf_problem(r, MS_SPF_PERMERROR, "macros that expand beyond measure", t->text);
    int result = check(r, name, false);
    if (r->unknown && result != MS_SPF_PASS)
        return MS_SPF_RUN_ON;
    switch (result) {
    case MS_SPF_PASS: return MS_SPF_MATCH;
    case MS_SPF_NONE: return ms_spf_problem(r, MS_SPF_PERMERROR, "no SPF policy at the included", name);
    case MS_SPF_TEMPERROR: case MS_SPF_PERMERROR: return result;
    default: return MS_SPF_RUN_ON;
    }
}

static int redirect(struct ms_spf_run *r, const struct policy *p, bool top)
{
    struct ms_bytes name;
    int             result = count_lookup(r, &p->redirect);
    if (result != MS_SPF_RUN_ON)
        return result;
    if (!ms_spf_expand_name(r, p->redirect.spec, p->domain, &name))
        return ms_spf_problem(r, MS_SPF_PERMERROR, "macros that expand beyond measure", p->redirect.text);
    result = check(r, name, top);
    return result == MS_SPF_NONE ? ms_spf_problem(r, MS_SPF_PERMERROR, "no SPF policy at the redirected", name) : result;
}

static enum ms_spf_result result_of(uint8_t qualifier)
{
    return qualifier == '+' ? MS_SPF_PASS : qualifier == '-' ? MS_SPF_FAIL : qualifier == '~' ? MS_SPF_SOFTFAIL : MS_SPF_NEUTRAL;
}

/* More of the world than one network operator has. */
static bool is_wide(const struct ms_spf_term *t)
{
    enum { WIDE4 = 8, WIDE6 = 16 };
    return t->qualifier == '+' && (t->kind == MS_SPF_ALL || (t->kind == MS_SPF_IP4 && t->bits4 < WIDE4) ||
                                   (t->kind == MS_SPF_IP6 && t->bits6 < WIDE6));
}

/* The words of the domain for those whom it refuses (6.2). Whatever is wrong with them: there are none. */
static void explain(struct ms_spf_run *r, const struct policy *p)
{
    struct ms_dns_set set;
    struct ms_bytes   name;
    struct ms_buffer  text = { 0 };
    if (!p->has_exp || !ms_spf_expand_name(r, p->exp.spec, p->domain, &name) ||
        ms_ask(r->resolver, name, MS_DNS_TXT, &set) != MS_ANSWER_FOUND || set.n != 1 || !ms_spf_macros_fit(set.at[0].value, true))
        return;
    if (ms_spf_expand(r, ms_arena_keep(r->arena, set.at[0].value), p->domain, &text))
        r->out->explanation = ms_arena_keep(r->arena, ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
}

static int match(struct ms_spf_run *r, const struct ms_spf_term *t, struct ms_bytes domain)
{
    bool asks = t->kind != MS_SPF_ALL && t->kind != MS_SPF_IP4 && t->kind != MS_SPF_IP6;
    int  result = asks ? count_lookup(r, t) : MS_SPF_RUN_ON;
    if (result != MS_SPF_RUN_ON)
        return result;
    return t->kind == MS_SPF_INCLUDE ? include(r, t, domain) : ms_spf_match(r, t, domain);
}

static int decide(struct ms_spf_run *r, const struct policy *p, const struct ms_spf_term *t, bool top)
{
    enum ms_spf_result result = result_of(t->qualifier);
    if (is_wide(t))
        r->out->wide = t->text;
    if (!top)
        return (int)result;
    r->out->term = t->text;
    r->out->policy = p->text;
    if (result == MS_SPF_FAIL && !r->unknown)
        explain(r, p);
    return (int)result;
}

/* The recursion ends: include and redirect count as lookups. */
static int check(struct ms_spf_run *r, struct ms_bytes domain, bool top)
{
    struct policy      p = { .domain = domain };
    struct ms_bytes    wrong, rest, text;
    struct ms_spf_term t;
    int                result = find_policy(r, domain, &p.text);
    if (result != MS_SPF_RUN_ON)
        return result;
    if (!read_policy(&p, &wrong))
        return ms_spf_problem(r, MS_SPF_PERMERROR, "a term that makes no sense", wrong);
    rest = ms_tail(p.text, 6);
    while ((text = ms_spf_next(&rest)).n) {
        ms_spf_term(text, &t);
        if (t.kind >= MS_SPF_REDIRECT)
            continue;
        result = match(r, &t, domain);
        if (result == MS_SPF_MATCH)
            return decide(r, &p, &t, top);
        if (result != MS_SPF_RUN_ON)
            return result;
    }
    if (top)
        r->out->policy = p.text;
    return p.has_redirect && !p.has_all ? redirect(r, &p, top) : MS_SPF_NEUTRAL;
}

/* ---- the identity (2.3, 2.4, 4.3) ------------------------------------------------------------------------------- */

static void set_identity(struct ms_spf_run *r)
{
    struct ms_bytes from = r->in->mail_from;
    size_t          at = from.n;
    while (at > 0 && from.p[at - 1] != '@')
        at--;
    r->out->of_helo = from.n == 0;
    r->local = at > 1 ? ms_head(from, at - 1) : MS_LIT("postmaster");
    r->sender_domain = from.n ? ms_tail(from, at) : r->in->helo;
    if (r->sender_domain.n && r->sender_domain.p[r->sender_domain.n - 1] == '.')
        r->sender_domain.n--;
    r->out->domain = ms_arena_lower(r->arena, ms_head(r->sender_domain, MS_SPF_SENDER));
}

void ms_spf_check(const struct ms_spf_input *in, const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_spf *out)
{
    struct ms_spf_run r = { .in = in, .resolver = resolver, .arena = arena, .out = out };
    *out = (struct ms_spf){ .wanted.arena = arena };
    set_identity(&r);
    if (in->mail_from.n > MS_SPF_SENDER || in->helo.n > MS_SPF_SENDER)
        return;
    int result = check(&r, out->domain, true);
    out->result = r.unknown ? MS_SPF_UNKNOWN : (enum ms_spf_result)result;
    if (out->result != MS_SPF_TEMPERROR && out->result != MS_SPF_PERMERROR)
        out->problem = NULL;
    if (out->result != MS_SPF_PASS)
        out->wide = (struct ms_bytes){ NULL, 0 };
}
