/* auth/judge.c - is a signature right? Its body hash first, which needs no key; then its key, from DNS. */
#include "auth/key.h"
#include "auth/signature.h"
#include "base/text.h"
#include "model/record.h"

enum { KEYS = 4 }; /* records at one name that are tried */

const char *ms_signature_name(enum ms_signature_result result)
{
    static const char *const names[] = { "none", "pass", "fail", "neutral", "temperror", "permerror", "unknown" };
    return names[result];
}

static void conclude(struct ms_signature *s, enum ms_signature_result result, const char *reason)
{
    s->result = result;
    s->reason = ms_str(reason);
}

static void judge_body(const struct ms_judging *j, struct ms_signature *s)
{
    const struct ms_body_digest *body;
    if (s->body < 0)
        return;
    body = ms_bodies_digest(j->bodies, s->body);
    if (!body->complete || j->partial) {
        s->incomplete = true;
        conclude(s, MS_SIG_UNKNOWN, "the message was not seen whole");
        return;
    }
    s->unsigned_bytes = body->size - body->hashed;
    s->body_differs = memcmp(body->bytes, s->body_hash.p, sizeof body->bytes) != 0;
    if (s->length != MS_BODY_WHOLE && body->size < (uint64_t)s->length)
        conclude(s, MS_SIG_FAIL, "the body is shorter than what was signed");
    else if (s->body_differs)
        conclude(s, MS_SIG_FAIL, "the body is not the one that was signed");
}

static struct ms_bytes key_name(const struct ms_signature *s, struct ms_arena *arena)
{
    struct ms_buffer t = { 0 };
    ms_text_add(&t, s->selector);
    ms_text_str(&t, "._domainkey.");
    ms_text_add(&t, s->domain);
    struct ms_bytes name = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return name;
}

static void conclude_at(const struct ms_judging *j, struct ms_signature *s, const char *what, struct ms_bytes name, const char *more)
{
    struct ms_buffer t = { 0 };
    ms_text_str(&t, what);
    ms_text_plain(&t, name);
    ms_text_str(&t, more);
    s->result = MS_SIG_PERMERROR;
    s->reason = ms_arena_keep(j->arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static void try_key(const struct ms_judging *j, struct ms_signature *s, struct ms_bytes record, struct ms_bytes name)
{
    struct ms_key key;
    const char   *wrong = ms_key_read(record, j->arena, &key);
    s->testing = key.testing;
    if (!wrong && (key.kind == MS_KEY_ED25519) != s->ed25519)
        wrong = "it is for another algorithm";
    if (!wrong && key.strict && !ms_equal(s->identity, s->domain))
        wrong = "it is not for subdomains (t=s)";
    if (wrong) {
        conclude_at(j, s, "the key at ", name, "");
        struct ms_buffer t = { 0 };
        ms_text_add(&t, s->reason);
        ms_text_str(&t, " cannot be used: ");
        ms_text_str(&t, wrong);
        s->reason = ms_arena_keep(j->arena, ms_buffer_bytes(&t));
        ms_buffer_finish(&t);
        return;
    }
    switch (ms_key_verify(&key, s->digest, s->b, &s->bits)) {
    case MS_KEY_FITS: conclude(s, MS_SIG_PASS, ""); break;
    case MS_KEY_DIFFERS: conclude(s, MS_SIG_FAIL, "header fields are not those that were signed, or another key was used"); break;
    case MS_KEY_SHORT: conclude_at(j, s, "the key at ", name, " has fewer than 1024 bits"); break;
    case MS_KEY_LONG: conclude_at(j, s, "the key at ", name, " has more than 8192 bits"); break;
    default: conclude_at(j, s, "the key at ", name, " cannot be read"); break;
    }
}

static void judge_key(const struct ms_judging *j, struct ms_signature *s)
{
    struct ms_dns_set set;
    struct ms_bytes   name = key_name(s, j->arena), records[KEYS];
    switch (ms_ask(j->resolver, name, MS_DNS_TXT, &set)) {
    case MS_ANSWER_FOUND: break;
    case MS_ANSWER_FAILED: conclude(s, MS_SIG_TEMPERROR, "DNS failed when it was asked for the key"); return;
    case MS_ANSWER_UNKNOWN:
        ms_missing_add(j->wanted, MS_DNS_TXT, name);
        conclude(s, MS_SIG_UNKNOWN, "its key was not seen");
        return;
    default: conclude_at(j, s, "there is no key at ", name, ""); return;
    }
    size_t n = set.n < KEYS ? set.n : KEYS;
    for (size_t i = 0; i < n; i++)
        records[i] = set.at[i].value;
    for (size_t i = 0; i < n && s->result != MS_SIG_PASS; i++)
        try_key(j, s, records[i], name);
}

void ms_signature_judge(const struct ms_judging *j, struct ms_signature *s)
{
    uint64_t now = j->now == MS_UNKNOWN || j->now < 0 ? 0 : (uint64_t)j->now / 1000000000;
    enum { CLOCK_SECONDS = 3600 }; /* by which clocks may be apart */
    s->result = MS_SIG_NONE;
    if (s->broken) {
        conclude(s, MS_SIG_PERMERROR, s->broken);
        return;
    }
    s->early = now && s->signed_at > now + CLOCK_SECONDS;
    s->expired = now && s->until && s->until + CLOCK_SECONDS < now;
    judge_body(j, s);
    if (s->result == MS_SIG_NONE)
        judge_key(j, s);
    if (s->result == MS_SIG_PASS && s->expired)
        conclude(s, MS_SIG_PERMERROR, "it had expired (x=)");
    if (s->result == MS_SIG_FAIL && s->testing)
        conclude(s, MS_SIG_NEUTRAL, "it is wrong, and its domain says that it only tests signing (t=y)");
}
