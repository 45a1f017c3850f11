/* auth/dmarc.c - discovery of the policy (RFC 7489 6.6.3), and alignment (3.1). */
#include "auth/dmarc.h"
#include "auth/tags.h"
#include "base/text.h"
#include "mail/site.h"

const char *ms_dmarc_name(enum ms_dmarc_result result)
{
    static const char *const names[] = { "none", "pass", "fail", "temperror", "permerror", "unknown" };
    return names[result];
}

const char *ms_dmarc_policy_name(enum ms_dmarc_policy policy)
{
    static const char *const names[] = { "none", "quarantine", "reject" };
    return names[policy];
}

/* ---- the policy --------------------------------------------------------------------------------------------- */

/* "v" "=" "DMARC1" then the end or a semicolon, with blanks around. */
static bool is_policy(struct ms_bytes text)
{
    struct ms_bytes first = ms_head(text, ms_find(text, ';'));
    size_t          equals = ms_find(first, '=');
    return ms_equal(ms_trim(ms_head(first, equals)), MS_LIT("v")) && ms_equal(ms_trim(ms_tail(first, equals + 1)), MS_LIT("DMARC1"));
}

static struct ms_bytes policy_name(struct ms_bytes domain, struct ms_arena *arena)
{
    struct ms_buffer t = { 0 };
    ms_text_str(&t, "_dmarc.");
    ms_text_add(&t, domain);
    struct ms_bytes name = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return name;
}

enum search { FOUND, NOWHERE, SEVERAL, FAILED, UNKNOWN };

static enum search look_at(struct ms_bytes domain, const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_dmarc *out,
                           struct ms_bytes *policy)
{
    struct ms_dns_set set;
    size_t            count = 0;
    struct ms_bytes   name = policy_name(domain, arena);
    switch (ms_ask(resolver, name, MS_DNS_TXT, &set)) {
    case MS_ANSWER_UNKNOWN: ms_missing_add(&out->wanted, MS_DNS_TXT, name); return UNKNOWN;
    case MS_ANSWER_FAILED: return FAILED;
    default: break;
    }
    for (size_t i = 0; i < set.n; i++)
        if (is_policy(set.at[i].value) && count++ == 0)
            *policy = ms_arena_keep(arena, set.at[i].value);
    out->at = count == 1 ? name : out->at;
    return count == 0 ? NOWHERE : count == 1 ? FOUND : SEVERAL;
}

static bool read_word(struct ms_bytes word, enum ms_dmarc_policy *out)
{
    static const char *const words[] = { "none", "quarantine", "reject" };
    for (size_t i = 0; i < 3; i++)
        if (ms_equal_nocase(word, ms_str(words[i]))) {
            *out = (enum ms_dmarc_policy)i;
            return true;
        }
    return false;
}

/* A policy without a proper p= counts as "none" when it asks for reports, else not at all (6.6.3). */
static bool read_policy(struct ms_bytes text, bool of_parent, struct ms_dmarc *out)
{
    struct ms_tags  tags;
    uint64_t        percent;
    struct ms_bytes adkim, aspf;
    if (!ms_tags_read(text, &tags))
        return false;
    if (!read_word(ms_tag_value(&tags, "p"), &out->policy) && !ms_tag_find(&tags, "rua"))
        return false;
    if (of_parent)
        read_word(ms_tag_value(&tags, "sp"), &out->policy);
    adkim = ms_tag_value(&tags, "adkim");
    aspf = ms_tag_value(&tags, "aspf");
    out->strict_dkim = ms_equal_nocase(adkim, MS_LIT("s"));
    out->strict_spf = ms_equal_nocase(aspf, MS_LIT("s"));
    out->percent = ms_parse_u64(ms_tag_value(&tags, "pct"), &percent) && percent <= 100 ? (unsigned)percent : 100;
    return true;
}

/* The domain of From, then that of its organization. */
static enum ms_dmarc_result find_policy(const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_dmarc *out)
{
    struct ms_bytes policy = { NULL, 0 }, organization = ms_site(out->domain);
    enum search     found = look_at(out->domain, resolver, arena, out, &policy);
    bool            of_parent = found == NOWHERE && !ms_equal(organization, out->domain);
    if (of_parent)
        found = look_at(organization, resolver, arena, out, &policy);
    if (found == FAILED)
        return MS_DMARC_TEMPERROR;
    if (found == UNKNOWN)
        return MS_DMARC_UNKNOWN;
    if (found == SEVERAL)
        return MS_DMARC_NONE;
    if (found == FOUND && !read_policy(policy, of_parent, out)) {
        out->at = (struct ms_bytes){ NULL, 0 };
        return MS_DMARC_PERMERROR;
    }
    return found == FOUND ? MS_DMARC_PASS : MS_DMARC_NONE;
}

/* ---- alignment ------------------------------------------------------------------------------------------------ */

static bool is_aligned(const struct ms_dmarc *d, struct ms_bytes domain, bool strict)
{
    return strict ? ms_equal_nocase(domain, d->domain) : ms_same_site(domain, d->domain);
}

struct tally { bool unknown, failed; }; /* aligned ones of which nobody knows */

static void weigh_spf(const struct ms_spf *spf, struct ms_dmarc *out, struct tally *t)
{
    if (!spf || !is_aligned(out, spf->domain, out->strict_spf))
        return;
    out->spf_aligned = spf->result == MS_SPF_PASS;
    t->failed |= spf->result == MS_SPF_TEMPERROR;
    if (spf->result == MS_SPF_UNKNOWN) {
        t->unknown = true;
        ms_missing_join(&out->wanted, &spf->wanted);
    }
}

static void want_key(const struct ms_signature *s, struct ms_dmarc *out, struct ms_arena *arena)
{
    struct ms_buffer t = { 0 };
    ms_text_add(&t, s->selector);
    ms_text_str(&t, "._domainkey.");
    ms_text_add(&t, s->domain);
    ms_missing_add(&out->wanted, MS_DNS_TXT, ms_arena_keep(arena, ms_buffer_bytes(&t)));
    ms_buffer_finish(&t);
}

static void weigh_dkim(const struct ms_dkim *dkim, struct ms_dmarc *out, struct ms_arena *arena, struct tally *t)
{
    for (size_t i = 0; dkim && i < dkim->n; i++) {
        const struct ms_signature *s = &dkim->at[i];
        bool matters = s->result == MS_SIG_PASS || s->result == MS_SIG_UNKNOWN || s->result == MS_SIG_TEMPERROR;
        if (!matters || !is_aligned(out, s->domain, out->strict_dkim))
            continue;
        t->failed |= s->result == MS_SIG_TEMPERROR;
        if (s->result == MS_SIG_UNKNOWN) {
            t->unknown = true;
            if (!s->incomplete)
                want_key(s, out, arena);
        } else if (s->result == MS_SIG_PASS && !out->dkim_aligned) {
            out->dkim_aligned = true;
            out->dkim_domain = s->domain;
        }
    }
}

void ms_dmarc_judge(const struct ms_dmarc_input *in, const struct ms_resolver *resolver, struct ms_arena *arena, struct ms_dmarc *out)
{
    struct tally t = { false, false };
    *out = (struct ms_dmarc){ .percent = 100, .wanted.arena = arena };
    size_t   n = in->from.n - (in->from.n && in->from.p[in->from.n - 1] == '.');
    uint8_t *p = ms_arena_alloc(arena, n);
    for (size_t i = 0; i < n; i++)
        p[i] = ms_lower(in->from.p[i]);
    out->domain = (struct ms_bytes){ p, n };
    out->result = find_policy(resolver, arena, out);
    if (out->result != MS_DMARC_PASS && out->result != MS_DMARC_UNKNOWN)
        return;
    weigh_spf(in->spf, out, &t);
    weigh_dkim(in->dkim, out, arena, &t);
    if (out->result == MS_DMARC_UNKNOWN || out->spf_aligned || out->dkim_aligned)
        return;
    t.unknown |= !in->spf; /* somebody else judged where it came from */
    out->result = t.unknown ? MS_DMARC_UNKNOWN : t.failed ? MS_DMARC_TEMPERROR : MS_DMARC_FAIL;
}
