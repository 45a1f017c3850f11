/* check/replay.c - one signed message that is handed in again and again: its DKIM signature still vouches for it, whoever sends it and to
 * whomever (RFC 6376 8.6). Senders of honest bulk mail sign each copy.
 *
 * Told     when copies come on SESSIONS sessions from ADDRESSES addresses to STRANGERS recipients that To and Cc do not name. The first copy
 *          may be that of the signer: its recipients do not count. Nor does a copy that brings no recipient of its own: it is the same mail one
 *          server further on, or tried again.
 * Limits   groups: signatures. SEEN recipients and addresses of each are told apart, FIRST recipients of the first copy.
 * BUGS     Mailing lists (List-Id) hand on what others signed in the same way, so that who adds the field goes unseen. One address that sends
 *          all copies is taken for a server that delivers mail to many (Bcc).                                             */
#include "base/text.h"
#include "check/private.h"

enum { SESSIONS = 3, ADDRESSES = 2, MANY_ADDRESSES = 4, STRANGERS = 5, SEEN = 16, FIRST = 64 };

struct seen { uint64_t at[SEEN]; size_t n; }; /* hashes */

struct copies { /* from the second one on */
    struct ms_case          first;
    struct ms_seen_sessions sessions;
    struct seen             addresses, strangers, recipients;
    uint32_t                messages;
};
struct signature { /* the first copy */
    uint64_t       session; /* its first frame */
    uint64_t      *recipients; size_t n; /* hashes */
    struct copies *copies;
};
struct key { uint64_t domain, value; };

struct ms_replays { struct ms_map signatures; struct ms_map *origins; };

struct ms_replays *ms_replays_create(const struct ms_limits *limits, struct ms_map *origins)
{
    struct ms_replays *r = ms_alloc(sizeof *r);
    r->signatures.cap = ms_groups_cap(limits);
    r->origins = origins;
    return r;
}

void ms_replays_destroy(struct ms_replays *r)
{
    ms_map_finish(&r->signatures);
    ms_free(r);
}

uint64_t ms_replays_refused(const struct ms_replays *r) { return r->signatures.refused; }

static bool is_among(const uint64_t *hashes, size_t n, uint64_t hash)
{
    for (size_t i = 0; i < n; i++)
        if (hashes[i] == hash)
            return true;
    return false;
}

static bool see(struct seen *s, struct ms_bytes what) /* true: it is new, as far as is known */
{
    uint64_t hash = ms_hash(what);
    if (is_among(s->at, s->n, hash))
        return false;
    if (s->n < SEEN)
        s->at[s->n++] = hash;
    return true;
}

static void see_first(struct ms_replays *r, struct signature *s, const struct ms_message *m)
{
    size_t n = m->envelope.to_count < FIRST ? m->envelope.to_count : FIRST;
    s->session = m->session->first_frame;
    s->recipients = ms_arena_alloc(&r->signatures.arena, n * sizeof *s->recipients);
    for (; s->n < n; s->n++)
        s->recipients[s->n] = ms_hash(m->envelope.to[s->n].address);
}

static bool brings_somebody(struct signature *s, const struct ms_message *m)
{
    bool any = false;
    for (size_t i = 0; i < m->envelope.to_count; i++) {
        struct ms_bytes address = m->envelope.to[i].address;
        if (address.n && !is_among(s->recipients, s->n, ms_hash(address)))
            any |= see(&s->copies->recipients, address);
    }
    return any;
}

static bool is_list(const struct ms_message *m)
{
    struct ms_bytes field = MS_LIT("\nList-Id:");
    return ms_starts_nocase(m->top, ms_tail(field, 1)) || ms_search_nocase(m->top, field) < m->top.n;
}

static void see_copy(struct ms_replays *r, struct signature *s, const struct ms_message *m)
{
    struct copies *c = s->copies;
    if (!c) {
        c = s->copies = ms_arena_alloc(&r->signatures.arena, sizeof *c);
        c->first = ms_case_of_message(&r->signatures.arena, MS_RULE_DKIM_REPLAY, m);
        c->messages = 1;
        ms_fact_frame(&c->first.fact, s->session);
    }
    if (!brings_somebody(s, m))
        return;
    c->messages++;
    ms_sessions_see(&c->sessions, ms_origin_of(r->origins, m->session));
    see(&c->addresses, (struct ms_bytes){ m->session->client.ip, sizeof m->session->client.ip });
    for (size_t i = 0; i < m->envelope.to_count; i++) {
        struct ms_bytes address = m->envelope.to[i].address;
        bool named = ms_search_nocase(m->headers.to, address) < m->headers.to.n || ms_search_nocase(m->headers.cc, address) < m->headers.cc.n;
        if (address.n && !named)
            see(&c->strangers, address);
    }
    ms_fact_frame(&c->first.fact, m->first_frame);
}

void ms_replays_message(struct ms_replays *r, const struct ms_message *m)
{
    const struct ms_authentication *a = m->authentication;
    if (!a || !m->session || m->direction != MS_SENT || m->session->auth_result == 1 || is_list(m))
        return;
    for (size_t i = 0; i < a->signer_count; i++) {
        struct key key = { ms_hash(a->signers[i].domain), a->signers[i].value };
        void     **at = a->signers[i].proof == MS_PROOF_NONE ? NULL : ms_map_put(&r->signatures, (struct ms_bytes){ (const uint8_t *)&key, sizeof key });
        if (!at)
            continue;
        struct signature *s = *at;
        if (!s) {
            s = *at = ms_arena_alloc(&r->signatures.arena, sizeof *s);
            see_first(r, s, m);
        } else if (s->session != m->session->first_frame) {
            see_copy(r, s, m);
            if (s->copies->first.fact.subject.n == 0)
                s->copies->first.fact.subject = ms_arena_keep(&r->signatures.arena, a->signers[i].domain);
        }
    }
}

static void tell(const struct copies *c, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_case   k = c->first;
    struct ms_buffer words = { 0 };
    ms_text_format(&words, "Copies with the same signature came from %zu%s addresses, to %zu%s recipients that neither To nor Cc names, on sessions ", c->addresses.n,
                   c->addresses.n == SEEN ? " or more" : "", c->strangers.n, c->strangers.n == SEEN ? " or more" : "");
    ms_sessions_say(&c->sessions, &words);
    k.session = c->sessions.at[0]->session;
    k.fact.severity = c->addresses.n >= MANY_ADDRESSES ? MS_SEVERITY_ERROR : MS_SEVERITY_WARNING;
    k.fact.count = c->messages;
    k.fact.detail = ms_buffer_bytes(&words);
    report(ctx, &k);
    ms_buffer_finish(&words);
}

void ms_replays_finish(struct ms_replays *r, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < r->signatures.count; i++) {
        const struct copies *c = ((const struct signature *)r->signatures.entries[i].value)->copies;
        if (c && c->sessions.n + 1 >= SESSIONS && c->addresses.n >= ADDRESSES && c->strangers.n >= STRANGERS)
            tell(c, report, ctx);
    }
}
