#include "auth/auth_private.h"

#include "base/hash.h"
#include "base/text.h"
#include "mail/site.h"

struct ms_auth *ms_auth_create(struct ms_arena *arena, const struct ms_limits *limits, struct ms_hasher *hasher, struct ms_signs *signs)
{
    struct ms_auth *a = ms_arena_alloc(arena, sizeof *a);
    a->arena = arena;
    a->limits = limits;
    a->hasher = hasher;
    a->signs = signs;
    return a;
}

/* ---- the header block --------------------------------------------------------------------------------------- */

static void read_signatures(struct ms_auth *a, struct ms_fields *f)
{
    bool dkim = ms_fields_last(f, MS_LIT("dkim-signature")) != 0;
    bool arc = ms_fields_last(f, MS_LIT("arc-seal")) || ms_fields_last(f, MS_LIT("arc-message-signature")) ||
               ms_fields_last(f, MS_LIT("arc-authentication-results"));
    if (!dkim && !arc)
        return;
    struct ms_reading r = { f, ms_bodies_create(a->arena, a->hasher), a->arena };
    a->bodies = r.bodies;
    if (dkim) {
        a->dkim = ms_arena_alloc(a->arena, sizeof *a->dkim);
        ms_dkim_read(a->dkim, &r);
    }
    if (arc) {
        a->arc = ms_arena_alloc(a->arena, sizeof *a->arc);
        ms_arc_read(a->arc, &r);
    }
    if (f->dropped)
        ms_bodies_gap(a->bodies);
}

/* `whole`: its blank line, or the end of the message, was seen. */
static void end_header(struct ms_auth *a, bool whole)
{
    struct ms_arena  scratch = { 0 };
    struct ms_fields f;
    a->header = ms_arena_keep(a->arena, ms_buffer_bytes(&a->top.block));
    ms_top_finish(&a->top);
    ms_fields_read(&f, a->header, a->limits, &scratch);
    ms_sender_read(&a->sender, &f, a->arena);
    read_signatures(a, &f);
    if (!whole && a->bodies)
        ms_bodies_gap(a->bodies);
    ms_arena_finish(&scratch);
}

void ms_auth_push(struct ms_auth *a, struct ms_bytes bytes)
{
    if (a->headless || a->ended)
        return;
    bool            before = a->top.done;
    struct ms_bytes body = ms_top_push(&a->top, bytes, a->limits->header_bytes);
    if (a->top.done && !before)
        end_header(a, !a->top.cut);
    if (a->bodies && body.n)
        ms_bodies_push(a->bodies, body);
}

void ms_auth_gap(struct ms_auth *a)
{
    if (a->ended)
        return;
    a->headless |= !a->top.done && a->top.block.n == 0;
    if (!a->top.done && !a->headless) {
        ms_top_gap(&a->top);
        end_header(a, false);
    }
    if (a->bodies)
        ms_bodies_gap(a->bodies);
}

void ms_auth_end(struct ms_auth *a)
{
    if (!a->top.done && !a->headless && !a->ended)
        end_header(a, true);
    a->ended = true;
    if (a->bodies)
        ms_bodies_end(a->bodies);
}

struct ms_bytes ms_auth_header(const struct ms_auth *a) { return a->header; }

void ms_auth_drop(struct ms_auth *a)
{
    if (!a)
        return;
    a->ended = true;
    ms_top_finish(&a->top);
    ms_bodies_drop(a->bodies);
}

/* ---- judging ------------------------------------------------------------------------------------------------ */

/* Private, loopback and link-local addresses say nothing about where mail came from (RFC 1918, 6598, 3927, 4193, 4291). */
static void sign(struct ms_auth *a, enum ms_sign_kind kind, struct ms_bytes evidence)
{
    struct ms_buffer t = { 0 };
    ms_text_plain(&t, evidence);
    ms_sign_add(a->signs, kind, MS_SIGN_WHOLE, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static void sign_spf(struct ms_auth *a, const struct ms_spf *s, struct ms_bytes reason)
{
    if (s->result == MS_SPF_FAIL)
        sign(a, MS_SIGN_SPF_FAIL, reason);
    if (s->result == MS_SPF_SOFTFAIL)
        sign(a, MS_SIGN_SPF_SOFTFAIL, reason);
    if (s->wide.n)
        sign(a, MS_SIGN_SPF_OPEN, s->policy);
}

static bool came_from_outside(const struct ms_auth_facts *f)
{
    return f->direction == MS_SENT && !f->submitted && f->client && ms_address_is_global(f->client);
}

static void judge_envelope(struct ms_auth *a, const struct ms_auth_facts *f, const struct ms_resolver *resolver)
{
    struct ms_bytes   domain = ms_address_domain(f->mail_from);
    struct ms_dns_set set;
    if (!f->envelope)
        return;
    if (f->mail_from.n == 0 && !a->sender.report && f->direction == MS_SENT && !a->headless)
        sign(a, MS_SIGN_NULL_SENDER, a->sender.domain);
    if (domain.n && a->sender.domain.n && !ms_equal_nocase(domain, a->sender.domain) &&
        ms_same_site(domain, a->sender.domain) && ms_ask(resolver, domain, MS_DNS_MX, &set) == MS_ANSWER_NXDOMAIN)
        sign(a, MS_SIGN_SENDER_DOMAIN_MISSING, domain);
}

static void judge_spf(struct ms_auth *a, const struct ms_auth_facts *f, const struct ms_resolver *resolver, struct ms_spf *spf,
                      struct ms_auth_result *out)
{
    struct ms_spf_input in = { .ip = f->client, .helo = f->helo, .mail_from = f->mail_from, .receiver = f->server,
                               .time = f->time == MS_UNKNOWN ? 0 : f->time };
    ms_spf_check(&in, resolver, a->arena, spf);
    ms_tell_spf(spf, f->client, a->arena, out);
    sign_spf(a, spf, out->reason);
}

static void sign_dkim(struct ms_auth *a, const struct ms_signature *s)
{
    enum { SHORT_BITS = 1024 };
    if (s->domain_odd)
        sign(a, MS_SIGN_DKIM_ODD_NAME, s->domain);
    if (s->unsigned_bytes && s->has_length && s->result != MS_SIG_FAIL)
        sign(a, MS_SIGN_DKIM_APPENDED, s->domain);
    if (s->sha1 || s->has_length || s->expired || s->early || (s->bits && s->bits < SHORT_BITS))
        sign(a, MS_SIGN_DKIM_WEAK, s->domain);
}

static uint8_t proof(bool passed, bool open) { return passed ? MS_PROOF_GIVEN : open ? MS_PROOF_OPEN : MS_PROOF_NONE; }

static void tell_signers(const struct ms_auth *a, struct ms_authentication *out)
{
    out->signers = ms_arena_alloc(a->arena, a->dkim->n * sizeof *out->signers);
    for (size_t i = 0; i < a->dkim->n; i++) {
        const struct ms_signature *s = &a->dkim->at[i];
        bool                       open = s->result == MS_SIG_UNKNOWN || s->result == MS_SIG_TEMPERROR;
        out->signers[out->signer_count++] = (struct ms_signer){ s->domain, proof(s->result == MS_SIG_PASS, open), ms_hash(s->b) };
    }
}

static void judge_dkim(struct ms_auth *a, struct ms_judging *j, struct ms_auth_result *out)
{
    struct ms_missing           wanted = { .arena = a->arena };
    const struct ms_signature *best;
    j->wanted = &wanted;
    ms_dkim_judge(a->dkim, j);
    ms_tell_dkim(a->dkim, &wanted, a->arena, out);
    for (size_t i = 0; i < a->dkim->n; i++)
        sign_dkim(a, &a->dkim->at[i]);
    best = ms_dkim_best(a->dkim);
    if (best && best->result == MS_SIG_FAIL)
        sign(a, MS_SIGN_DKIM_FAIL, out->reason);
    if (best && best->result == MS_SIG_PERMERROR)
        sign(a, MS_SIGN_DKIM_BROKEN, out->reason);
}

static void judge_arc(struct ms_auth *a, struct ms_judging *j, struct ms_auth_result *out)
{
    struct ms_missing wanted = { .arena = a->arena };
    j->wanted = &wanted;
    ms_arc_judge(a->arc, j);
    ms_tell_arc(a->arc, &wanted, a->arena, out);
    if (a->arc->result == MS_SIG_FAIL)
        sign(a, MS_SIGN_ARC_FAIL, out->reason);
}

static void sign_dmarc(struct ms_auth *a, const struct ms_dmarc *d, struct ms_bytes reason)
{
    if (d->result == MS_DMARC_FAIL)
        sign(a, d->policy == MS_DMARC_P_NONE ? MS_SIGN_DMARC_FAIL_UNENFORCED : MS_SIGN_DMARC_FAIL, reason);
    if (d->result == MS_DMARC_PASS)
        sign(a, MS_SIGN_DMARC_PASS, d->domain);
    if (d->dkim_aligned)
        sign(a, MS_SIGN_DKIM_ALIGNED, d->dkim_domain);
    if (d->spf_aligned)
        sign(a, MS_SIGN_SPF_ALIGNED, d->domain);
}

static void judge_dmarc(struct ms_auth *a, const struct ms_spf *spf, const struct ms_resolver *resolver, struct ms_auth_result *out)
{
    struct ms_dmarc       d;
    struct ms_dmarc_input in = { .from = a->sender.domain, .spf = spf, .dkim = a->dkim };
    if (a->sender.several) {
        *out = (struct ms_auth_result){ .result = ms_dmarc_name(MS_DMARC_PERMERROR), .reason = MS_LIT("From names more than one sender") };
        return;
    }
    if (a->sender.domain.n == 0)
        return;
    ms_dmarc_judge(&in, resolver, a->arena, &d);
    ms_tell_dmarc(&d, spf != NULL, a->arena, out);
    sign_dmarc(a, &d, out->reason);
}

/* Verdicts are written by receivers; one in the receiver's own name that comes along was written by the sender (RFC 8601 5). */
static void judge_results(struct ms_auth *a, const struct ms_auth_facts *f)
{
    for (unsigned i = 0; i < a->sender.result_count && f->server.n; i++)
        if (ms_equal_nocase(a->sender.results[i], f->server))
            sign(a, MS_SIGN_RESULTS_FORGED, a->sender.results[i]);
}

/* What a server of the house did not hand in came with such fields as its sender likes. */
static bool may_write_results(const struct ms_auth_facts *f) { return f->submitted || came_from_outside(f); }

void ms_auth_finish(struct ms_auth *a, const struct ms_auth_facts *facts, const struct ms_resolver *resolver, struct ms_authentication *out)
{
    struct ms_spf     spf;
    bool              outside = came_from_outside(facts), has_spf = outside && facts->envelope;
    struct ms_judging j = { .bodies = a->bodies, .resolver = resolver, .arena = a->arena,
                            .now = facts->direction == MS_SENT ? facts->time : MS_UNKNOWN, .partial = facts->partial };
    *out = (struct ms_authentication){ .envelope = MS_PROOF_OPEN, .found_genuine = a->sender.genuine && !a->sender.refuted.n && !may_write_results(facts) };
    ms_auth_end(a);
    if (has_spf) {
        judge_spf(a, facts, resolver, &spf, &out->spf);
        bool open = spf.result == MS_SPF_UNKNOWN || spf.result == MS_SPF_TEMPERROR;
        out->envelope = proof(spf.result == MS_SPF_PASS, open);
    }
    if (a->sender.refuted.n && !a->sender.vouched && !a->sender.list)
        sign(a, MS_SIGN_RESULTS_FAIL, a->sender.refuted);
    if (outside) {
        judge_envelope(a, facts, resolver);
        judge_results(a, facts);
    }
    if (a->dkim) {
        judge_dkim(a, &j, &out->dkim);
        tell_signers(a, out);
    }
    if (a->arc)
        judge_arc(a, &j, &out->arc);
    if (!facts->submitted)
        judge_dmarc(a, has_spf ? &spf : NULL, resolver, &out->dmarc);
}
