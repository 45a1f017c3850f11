/* auth/tell.c - results in the words of RFC 8601, with a reason that a help desk can read out. */
#include "auth/auth_private.h"
#include "base/text.h"

static void finish(struct ms_buffer *t, struct ms_arena *arena, struct ms_auth_result *out)
{
    out->reason = ms_arena_keep(arena, ms_buffer_bytes(t));
    ms_buffer_finish(t);
}

static void put_domain(struct ms_buffer *t, struct ms_bytes domain)
{
    if (domain.n)
        ms_text_plain(t, domain);
    else
        ms_text_str(t, "the sender");
}

/* " (-all)": the term that decided. */
static void put_term(struct ms_buffer *t, struct ms_bytes term)
{
    if (term.n == 0)
        return;
    ms_text_str(t, " (");
    ms_text_plain(t, term);
    ms_text_char(t, ')');
}

static void put_spf_error(struct ms_buffer *t, const struct ms_spf *s)
{
    ms_text_str(t, "the SPF policy of ");
    put_domain(t, s->domain);
    ms_text_str(t, s->result == MS_SPF_TEMPERROR ? " could not be read: " : " is broken: ");
    ms_text_str(t, s->problem ? s->problem : "it cannot be read");
    ms_text_char(t, ' ');
    ms_text_plain(t, s->problem_at);
}

static void put_spf(struct ms_buffer *t, const struct ms_spf *s, const uint8_t client[16])
{
    static const char *const before[] = {
        [MS_SPF_NEUTRAL] = " may or may not be a sender of ", [MS_SPF_PASS] = " may send for ",
        [MS_SPF_FAIL] = " is not among the senders that ", [MS_SPF_SOFTFAIL] = " is probably not among the senders that ",
    };
    ms_text_address(t, client);
    ms_text_str(t, before[s->result]);
    put_domain(t, s->domain);
    ms_text_str(t, s->result == MS_SPF_FAIL || s->result == MS_SPF_SOFTFAIL ? " names" : "");
    put_term(t, s->term);
}

void ms_tell_spf(const struct ms_spf *s, const uint8_t client[16], struct ms_arena *arena, struct ms_auth_result *out)
{
    struct ms_buffer t = { 0 };
    out->result = ms_spf_name(s->result);
    out->domain = s->domain;
    switch (s->result) {
    case MS_SPF_NONE:
        put_domain(&t, s->domain);
        ms_text_str(&t, " has no SPF policy");
        break;
    case MS_SPF_TEMPERROR: case MS_SPF_PERMERROR: put_spf_error(&t, s); break;
    case MS_SPF_UNKNOWN:
        ms_text_str(&t, "the capture does not show what DNS says about the senders of ");
        put_domain(&t, s->domain);
        out->lookups = ms_missing_text(&s->wanted, arena);
        break;
    default: put_spf(&t, s, client); break;
    }
    finish(&t, arena, out);
}

void ms_tell_dkim(const struct ms_dkim *d, const struct ms_missing *wanted, struct ms_arena *arena, struct ms_auth_result *out)
{
    const struct ms_signature *s = ms_dkim_best(d);
    struct ms_buffer           t = { 0 };
    if (!s)
        return;
    out->result = ms_signature_name(s->result);
    out->domain = s->domain;
    if (s->result == MS_SIG_PASS) {
        ms_text_str(&t, "signed by ");
        put_domain(&t, s->domain);
        ms_text_str(&t, ", and not changed since");
    } else {
        ms_text_str(&t, "the signature of ");
        put_domain(&t, s->domain);
        ms_text_str(&t, s->result == MS_SIG_UNKNOWN ? " could not be checked: " : " is not valid: ");
        ms_text_add(&t, s->reason);
    }
    if (s->unsigned_bytes)
        ms_text_format(&t, "; the last %llu bytes of the body are not signed", (unsigned long long)s->unsigned_bytes);
    if (s->result == MS_SIG_UNKNOWN)
        out->lookups = ms_missing_text(wanted, arena);
    finish(&t, arena, out);
}

static void put_dmarc_pass(struct ms_buffer *t, const struct ms_dmarc *d)
{
    ms_text_str(t, d->dkim_aligned && d->spf_aligned ? "SPF and DKIM vouch" : d->dkim_aligned ? "DKIM vouches" : "SPF vouches");
    ms_text_str(t, " for ");
    put_domain(t, d->domain);
}

static void put_dmarc(struct ms_buffer *t, const struct ms_dmarc *d, bool has_spf)
{
    switch (d->result) {
    case MS_DMARC_PASS: put_dmarc_pass(t, d); return;
    case MS_DMARC_FAIL: ms_text_str(t, "neither SPF nor DKIM vouches for "); break;
    case MS_DMARC_UNKNOWN:
        ms_text_str(t, d->at.n && !has_spf && d->wanted.n == 0 ? "DKIM does not vouch, and SPF cannot be judged here, for "
                                                               : "the capture does not show what DNS says about ");
        break;
    case MS_DMARC_TEMPERROR: ms_text_str(t, "DNS failed when it was asked about "); break;
    case MS_DMARC_PERMERROR: ms_text_str(t, "the DMARC policy is broken of "); break;
    default: break;
    }
    put_domain(t, d->domain);
    if (d->result == MS_DMARC_NONE)
        ms_text_str(t, " has no DMARC policy");
    if (d->result == MS_DMARC_FAIL)
        ms_text_format(t, " in From (policy: %s)", ms_dmarc_policy_name(d->policy));
}

void ms_tell_dmarc(const struct ms_dmarc *d, bool has_spf, struct ms_arena *arena, struct ms_auth_result *out)
{
    struct ms_buffer t = { 0 };
    out->result = ms_dmarc_name(d->result);
    out->domain = d->domain;
    if (d->result == MS_DMARC_UNKNOWN)
        out->lookups = ms_missing_text(&d->wanted, arena);
    put_dmarc(&t, d, has_spf);
    finish(&t, arena, out);
}

void ms_tell_arc(const struct ms_arc *a, const struct ms_missing *wanted, struct ms_arena *arena, struct ms_auth_result *out)
{
    struct ms_buffer t = { 0 };
    out->result = ms_signature_name(a->result);
    out->domain = a->domain;
    if (a->result == MS_SIG_PASS)
        ms_text_format(&t, a->n == 1 ? "%u forwarder sealed what it got" : "%u forwarders sealed what they got", (unsigned)a->n);
    else
        ms_text_add(&t, a->reason);
    if (a->result == MS_SIG_UNKNOWN)
        out->lookups = ms_missing_text(wanted, arena);
    finish(&t, arena, out);
}
