/* check/promises.c - what DNS says that senders should do, compared with what they did: MTA-STS (RFC 8461), DANE (RFC 7672).
 *
 * Seen     MX and SRV answers (which hosts serve which domains), TXT answers of _mta-sts.DOMAIN, TLSA answers of _PORT._tcp.HOST.
 * Judged   SMTP sessions with a server whose name is known: mail in clear, a certificate with a fault, a certificate that no TLSA record fits.
 * Memory   three maps, each bounded by the limit `groups`; DOMAINS_KEPT domains a host, PINS_KEPT records a TLSA answer.
 * BUGS     A TLSA record counts only when the resolver validated it (DNSSEC), and an MTA-STS policy may be in testing mode: neither shows in
 *          what is captured here, so the findings say "should".                                                            */
#include "check/private.h"
#include "net/dns.h"

#include <stdio.h>

enum { DOMAINS_KEPT = 16, PINS_KEPT = 16, PIN_BYTES = 1024, NAME_BYTES = 256 };

struct policy { struct ms_bytes domain; uint64_t frame; };
struct domain { struct domain *next; struct ms_bytes name; uint64_t frame; };
struct host   { struct domain *domains; uint32_t count; };
struct pin    { uint8_t usage, selector, matching; struct ms_bytes data; };
struct pins   { struct pin pins[PINS_KEPT]; size_t count; uint64_t frame; };

struct ms_promises { struct ms_map hosts, policies, pins; };

struct ms_promises *ms_promises_create(const struct ms_limits *limits)
{
    struct ms_promises *p = ms_alloc(sizeof *p);
    p->hosts.cap = p->policies.cap = p->pins.cap = ms_groups_cap(limits);
    return p;
}

void ms_promises_destroy(struct ms_promises *p)
{
    ms_map_finish(&p->hosts);
    ms_map_finish(&p->policies);
    ms_map_finish(&p->pins);
    ms_free(p);
}

uint64_t ms_promises_refused(const struct ms_promises *p) { return p->hosts.refused + p->policies.refused + p->pins.refused; }

static void *value_at(struct ms_map *m, struct ms_bytes key, size_t size)
{
    void **at = ms_map_put(m, key);
    if (at && !*at)
        *at = ms_arena_alloc(&m->arena, size);
    return at ? *at : NULL;
}

/* ---- answers in -------------------------------------------------------------------------------------------- */

static struct domain *domain_of(const struct host *h, struct ms_bytes name)
{
    for (struct domain *d = h->domains; d; d = d->next)
        if (ms_equal(d->name, name))
            return d;
    return NULL;
}

static void note_host(struct ms_promises *p, const struct ms_lookup *l, struct ms_bytes target)
{
    struct host *h = target.n > 1 ? value_at(&p->hosts, target, sizeof *h) : NULL; /* "." and "": a null MX */
    if (!h || h->count >= DOMAINS_KEPT || domain_of(h, l->name))
        return;
    struct domain *d = ms_arena_alloc(&p->hosts.arena, sizeof *d);
    d->name = ms_arena_keep(&p->hosts.arena, l->name);
    d->frame = l->answer_frame;
    d->next = h->domains;
    h->domains = d;
    h->count++;
}

static void note_policy(struct ms_promises *p, const struct ms_lookup *l, struct ms_bytes text)
{
    struct ms_bytes prefix = MS_LIT("_mta-sts.");
    if (!ms_starts_nocase(l->name, prefix) || !ms_starts_nocase(text, MS_LIT("v=STSv1")))
        return;
    struct ms_bytes domain = ms_tail(l->name, prefix.n);
    struct policy  *policy = value_at(&p->policies, domain, sizeof *policy);
    if (policy && policy->frame == 0)
        *policy = (struct policy){ ms_arena_keep(&p->policies.arena, domain), l->answer_frame };
}

static void note_pin(struct pins *pins, struct ms_arena *arena, struct ms_bytes record)
{
    if (record.n < 4 || record.n > PIN_BYTES || pins->count == PINS_KEPT)
        return;
    struct pin *pin = &pins->pins[pins->count++];
    *pin = (struct pin){ record.p[0], record.p[1], record.p[2], ms_arena_keep(arena, ms_tail(record, 3)) };
}

static void note_pins(struct ms_promises *p, const struct ms_lookup *l)
{
    struct pins *pins = value_at(&p->pins, l->name, sizeof *pins);
    if (!pins || pins->frame)
        return;
    pins->frame = l->answer_frame;
    for (size_t i = 0; i < l->answer_count; i++)
        if (l->answers[i].type == MS_DNS_TLSA)
            note_pin(pins, &p->pins.arena, l->answers[i].target);
}

void ms_promises_lookup(struct ms_promises *p, const struct ms_lookup *l)
{
    if (!l->answered || l->rcode != MS_DNS_OK)
        return;
    bool pinned = false;
    for (size_t i = 0; i < l->answer_count; i++) {
        const struct ms_dns_answer *a = &l->answers[i];
        if (a->type == MS_DNS_MX || (a->type == MS_DNS_SRV && ms_at(l->name, 0) == '_'))
            note_host(p, l, a->target);
        else if (a->type == MS_DNS_TXT && l->type == MS_DNS_TXT)
            note_policy(p, l, a->target);
        pinned |= a->type == MS_DNS_TLSA;
    }
    if (pinned && l->type == MS_DNS_TLSA)
        note_pins(p, l);
}

bool ms_promises_is_mail_host(const struct ms_promises *p, struct ms_bytes name) { return ms_map_get(&p->hosts, name) != NULL; }

/* ---- sessions compared with them --------------------------------------------------------------------------- */

struct name { uint8_t text[NAME_BYTES]; size_t n; };

/* The server's host name as in DNS; empty when unknown. */
static struct name host_of(const struct ms_session *s)
{
    struct name     name = { .n = 0 };
    struct ms_bytes from = s->server.name;
    if (s->lookup && (s->lookup->type == MS_DNS_A || s->lookup->type == MS_DNS_AAAA) && s->lookup->name.n)
        from = s->lookup->name;
    else if (s->tls && s->tls->sni.n)
        from = s->tls->sni;
    for (size_t i = 0; i < from.n && from.n <= NAME_BYTES; i++)
        name.text[name.n++] = ms_lower(from.p[i]);
    return name;
}

/* The domain with a policy that this host serves; NULL none. */
static const struct policy *policy_at(const struct ms_promises *p, struct ms_bytes host, uint64_t *mx_frame)
{
    const struct host *h = ms_map_get(&p->hosts, host);
    for (const struct domain *d = h ? h->domains : NULL; d; d = d->next) {
        const struct policy *policy = ms_map_get(&p->policies, d->name);
        if (policy) {
            *mx_frame = d->frame;
            return policy;
        }
    }
    return NULL;
}

static struct ms_fact fact(const struct ms_watch *w, const struct ms_session *s, enum ms_rule rule, uint64_t frame)
{
    struct ms_fact f = ms_fact_of(rule);
    ms_fact_frame(&f, frame);
    for (int i = 0; i < MS_FINDING_FRAMES && w->mails; i++)
        if (w->mail_frames[i])
            ms_fact_frame(&f, w->mail_frames[i]);
    if (s->tls && !w->mails)
        ms_fact_frame(&f, s->tls->certificate_frame);
    return f;
}

static void check_policy(const struct ms_promises *p, struct ms_watch **w, const struct ms_session *s, struct ms_bytes host)
{
    uint64_t             mx_frame = 0;
    const struct policy *policy = policy_at(p, host, &mx_frame);
    bool                 clear = *w && (*w)->mails;
    const char          *fault = !clear && ms_tls_went_on(s) ? ms_certificate_fault(s) : NULL;
    if (!policy || (!clear && !fault))
        return;
    struct ms_fact f = fact(ms_watch_of(w), s, MS_RULE_MTA_STS_IGNORED, policy->frame);
    f.subject = policy->domain;
    f.detail = clear ? MS_LIT("This mail went in clear") : ms_watch_text(*w, "This session went on with %s", fault);
    f.cause = s->flags & MS_SESSION_TLS_OFFERED ? MS_LIT("The server offered STARTTLS.")
              : clear ? MS_LIT("The server was not seen to offer STARTTLS to this client.") : f.cause;
    ms_fact_frame(&f, mx_frame);
    ms_fact_add(*w, &f);
}

enum fit { FITS, FITS_NOT, CANNOT_SAY };

static bool is_sha256(const struct pin *pin, const uint8_t hash[32]) { return pin->data.n == 32 && memcmp(pin->data.p, hash, 32) == 0; }

static enum fit fit_of(const struct pin *pin, const struct ms_tls_info *t)
{
    static const uint8_t unknown[32];
    if (pin->usage < 2 || pin->usage > 3 || pin->selector > 1 || pin->matching != 1)
        return pin->usage > 3 || pin->usage < 2 ? FITS_NOT : CANNOT_SAY; /* RFC 7672 3.1.3: usages 0 and 1 do not count */
    uint32_t n = pin->usage == 3 && t->certificate_count ? 1 : t->certificate_count;
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *hash = pin->selector ? t->certificates[i].key_sha256 : t->certificates[i].sha256;
        if (pin->selector && memcmp(hash, unknown, 32) == 0)
            return CANNOT_SAY;
        if (is_sha256(pin, hash))
            return FITS;
    }
    return pin->usage == 2 ? CANNOT_SAY : FITS_NOT; /* the authority itself need not be sent with every chain */
}

static struct ms_bytes pin_words(struct ms_watch *w, const struct pins *pins)
{
    struct ms_bytes list = { NULL, 0 };
    for (size_t i = 0; i < pins->count && i < 3; i++) {
        const struct pin *pin = &pins->pins[i];
        list = ms_watch_text(w, "%.*s%s%u %u %u %02x%02x%02x%02x...", (int)list.n, (const char *)list.p, i ? ", " : "", pin->usage, pin->selector,
                             pin->matching, ms_at(pin->data, 0), ms_at(pin->data, 1), ms_at(pin->data, 2), ms_at(pin->data, 3));
    }
    return list;
}

static void check_fit(struct ms_watch **w, const struct ms_session *s, const struct pins *pins, struct ms_bytes name)
{
    size_t usable = 0;
    if (s->tls->certificate_count == 0)
        return;
    for (size_t i = 0; i < pins->count; i++) {
        enum fit fit = fit_of(&pins->pins[i], s->tls);
        if (fit != FITS_NOT)
            return;
        usable += pins->pins[i].usage == 3;
    }
    if (usable == 0)
        return;
    struct ms_fact f = fact(ms_watch_of(w), s, MS_RULE_DANE_MISMATCH, pins->frame);
    f.subject = name;
    f.detail = pin_words(*w, pins);
    f.cause = ms_tls_went_on(s) ? MS_LIT("The client went on all the same: it does not check DANE, or its resolver does not validate.")
                                : MS_LIT("A client that honours DANE sends no mail here until this is put right.");
    ms_fact_add(*w, &f);
}

static void check_pins(const struct ms_promises *p, struct ms_watch **w, const struct ms_session *s, struct ms_bytes host)
{
    char label[NAME_BYTES + 16];
    int  n = snprintf(label, sizeof label, "_%u._tcp.%.*s", s->server.port, (int)host.n, (const char *)host.p);
    const struct ms_bytes name = { (const uint8_t *)label, n > 0 && (size_t)n < sizeof label ? (size_t)n : 0 };
    const struct pins    *pins = ms_map_get(&p->pins, name);
    if (!pins || pins->count == 0)
        return;
    if (*w && (*w)->mails) {
        struct ms_fact f = fact(*w, s, MS_RULE_DANE_IGNORED, pins->frame);
        f.subject = name;
        f.detail = MS_LIT("This mail went in clear");
        f.cause = s->flags & MS_SESSION_TLS_OFFERED ? MS_LIT("The server offered STARTTLS, and the client did not use it.")
                                                    : MS_LIT("The server was not seen to offer STARTTLS to this client.");
        ms_fact_add(*w, &f);
    } else if (s->tls) {
        check_fit(w, s, pins, name);
    }
}

void ms_promises_session(const struct ms_promises *p, struct ms_watch **w, const struct ms_session *s)
{
    if (s->protocol != MS_PROTO_SMTP || (p->policies.count == 0 && p->pins.count == 0))
        return;
    struct name     name = host_of(s);
    struct ms_bytes host = { name.text, name.n };
    if (host.n == 0)
        return;
    check_policy(p, w, s, host);
    check_pins(p, w, s, host);
}
