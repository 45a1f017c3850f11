/* check/certificate.c - the server's certificate as the client should judge it: time, name, trust.
 *
 * Name     the one the client asked for: SNI, else the name by which it looked the address up, else (a note only) what the server is called
 *          by its greeting or by lookups; never what the certificate itself says.
 * Weight   on port 25 clients encrypt with whomever they find (RFC 7435): a bad certificate is a warning there unless the client refused it.
 * BUGS     No list of authorities is consulted: a chain that ends in an authority nobody knows looks good unless the client says so.      */
#include "check/private.h"
#include "tls/certificate.h"

#include <time.h>

enum { UNKNOWN_CA = 48, EXPIRED = 45, NAMES_SHOWN = 4 };
static const int64_t SECOND = 1000000000;

/* What the checks of one session's certificates have in common. */
struct looked { struct ms_watch **watch; const struct ms_session *s; const struct ms_tls_alert *refused; };

struct date { char text[16]; };

static struct date date_of(int64_t ns)
{
    struct date d;
    struct tm   tm;
    time_t      t = (time_t)(ns / SECOND);
    if (ns == MS_UNKNOWN || !gmtime_r(&t, &tm) || strftime(d.text, sizeof d.text, "%Y-%m-%d", &tm) == 0)
        memcpy(d.text, "?", 2);
    return d;
}

static int64_t when(const struct ms_session *s)
{
    int64_t t = s->tls->server_hello_time;
    return t == MS_UNKNOWN || t == 0 ? s->started : t;
}

static bool is_opportunistic(const struct ms_session *s)
{
    return s->server.port == 25 || s->protocol == MS_PROTO_LMTP;
}

/* The client's own verdict about the certificate; NULL when it did not refuse it. */
static const struct ms_tls_alert *refusal(const struct ms_session *s)
{
    const struct ms_tls_alert *a = ms_tls_fatal_alert(s, true);
    return a && a->dir == MS_C2S && a->description >= 42 && a->description <= 49 && a->description != 47 ? a : NULL;
}

bool ms_tls_went_on(const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    return t && t->flags & MS_TLS_DONE && t->flags & MS_TLS_CLIENT_SPOKE && !ms_tls_fatal_alert(s, true);
}

static struct ms_fact fact(const struct looked *l, enum ms_rule rule)
{
    struct ms_fact f = ms_fact_of(rule);
    if (is_opportunistic(l->s) && !l->refused)
        f.severity = MS_SEVERITY_WARNING;
    ms_fact_frame(&f, l->s->tls->client_hello_frame);
    ms_fact_frame(&f, l->s->tls->certificate_frame ? l->s->tls->certificate_frame : l->s->tls->server_hello_frame);
    ms_fact_frame(&f, l->refused ? l->refused->frame : 0);
    if (f.frame_count == 0)
        ms_fact_frame(&f, l->s->first_frame);
    return f;
}

static const char *reaction(const struct looked *l)
{
    if (l->refused)
        return "The client refused it.";
    return ms_tls_went_on(l->s) ? "The client went on all the same." : "";
}

/* ---- time -------------------------------------------------------------------------------------------------- */

static bool is_late(const struct ms_certificate *c, int64_t now) { return ms_span(c->not_after, now) > 0; }
static bool is_early(const struct ms_certificate *c, int64_t now) { return ms_span(now, c->not_before) > 0; }

static void check_time(const struct looked *l, uint32_t i)
{
    const struct ms_certificate *c = &l->s->tls->certificates[i];
    int64_t                      now = when(l->s);
    bool                         early = is_early(c, now), late = is_late(c, now);
    if (!early && !late)
        return;
    struct ms_watch *w = ms_watch_of(l->watch);
    struct ms_fact   f = fact(l, MS_RULE_TLS_CERTIFICATE_EXPIRED);
    struct date      from = date_of(c->not_before), to = date_of(c->not_after);
    int64_t          past = late ? ms_span(c->not_after, now) : ms_span(now, c->not_before);
    long long        days = -(long long)ms_days_floor(-past); /* a day begun is one, as in the days that `stats tls` says are left */
    f.subject = c->subject;
    f.detail = late ? ms_watch_text(w, "%sexpired on %s, %lld day%s before the session", i ? "chain: a certificate above it " : "", to.text, days, days == 1 ? "" : "s")
                    : ms_watch_text(w, "%sis valid from %s only, %lld day%s after the session", i ? "chain: a certificate above it " : "", from.text, days,
                                    days == 1 ? "" : "s");
    f.cause = ms_watch_text(w, "It is valid from %s to %s. %s", from.text, to.text, reaction(l));
    ms_fact_add(w, &f);
}

static void check_client_says_expired(const struct looked *l)
{
    if (!l->refused || l->refused->description != EXPIRED)
        return;
    for (uint32_t i = 0; i < l->s->tls->certificate_count; i++) {
        const struct ms_certificate *c = &l->s->tls->certificates[i];
        if (is_late(c, when(l->s)) || is_early(c, when(l->s)))
            return; /* check_time() says it */
    }
    struct ms_watch *w = ms_watch_of(l->watch);
    struct ms_fact   f = fact(l, MS_RULE_TLS_CERTIFICATE_EXPIRED);
    f.detail = MS_LIT("is out of its time, says the client");
    f.cause = l->s->tls->certificate_count
        ? MS_LIT("By the times in the capture it is valid: the client's clock is wrong, or the client takes another chain with an old certificate.")
        : MS_LIT("The client said so by the alert certificate_expired; the certificate itself is not readable in the capture.");
    if (l->s->tls->certificate_count)
        f.advice = MS_LIT("Look at the client's clock and at its list of authorities first.");
    ms_fact_add(w, &f);
}

/* ---- name -------------------------------------------------------------------------------------------------- */

struct wanted { struct ms_bytes name; const char *how; bool sure; };

/* Where nothing else names the server it is called as its certificate says: that is no name to measure it by. */
static bool is_of_certificate(const struct ms_session *s)
{
    const struct ms_certificate *c = s->tls->certificates;
    const uint8_t               *name = s->server.name.p;
    return s->tls->certificate_count && name && (name == c->common_name.p || (c->name_count && name == c->names[0].p));
}

static struct wanted wanted_name(const struct ms_session *s)
{
    const struct ms_name_lookup *k = s->lookup;
    if (s->tls->sni.n)
        return (struct wanted){ s->tls->sni, "It named it in its hello (SNI).", true };
    if (k && k->name.n && (k->type == 1 || k->type == 28)) /* A, AAAA */
        return (struct wanted){ k->name, "It had looked this name up to find the server.", true };
    if (is_of_certificate(s))
        return (struct wanted){ { NULL, 0 }, "", false };
    return (struct wanted){ s->server.name, "The server calls itself so; what the client wanted is not in the capture.", false };
}

static struct ms_bytes names_of(struct ms_watch *w, const struct ms_certificate *c)
{
    struct ms_bytes list = { NULL, 0 };
    for (uint32_t i = 0; i < c->name_count && i < NAMES_SHOWN; i++)
        list = ms_watch_text(w, "%.*s%s%.*s", (int)list.n, (const char *)list.p, i ? ", " : "", (int)c->names[i].n, (const char *)c->names[i].p);
    if (c->name_count > NAMES_SHOWN)
        list = ms_watch_text(w, "%.*s and %u more", (int)list.n, (const char *)list.p, c->name_count - NAMES_SHOWN);
    return list.n ? list : c->common_name.n ? c->common_name : MS_LIT("no name at all");
}

/* A name that is none: an address literal or a host without a domain tells nothing. */
static bool is_name(struct ms_bytes name) { return ms_find(name, '.') < name.n && ms_at(name, 0) != '['; }

static void check_name(const struct looked *l)
{
    const struct ms_certificate *c = l->s->tls->certificates;
    struct wanted                want = wanted_name(l->s);
    if (c->flags & MS_CERT_MALFORMED || want.name.n == 0 || (!want.sure && !is_name(want.name)) || ms_certificate_fits(c, want.name))
        return;
    struct ms_watch *w = ms_watch_of(l->watch);
    struct ms_fact   f = fact(l, MS_RULE_TLS_CERTIFICATE_NAME_MISMATCH);
    if (!want.sure)
        f.severity = MS_SEVERITY_NOTE;
    f.subject = want.name;
    f.detail = names_of(w, c);
    f.cause = ms_watch_text(w, "%s %s", want.how, reaction(l));
    if (l->s->lookup && l->s->lookup->name.n && want.name.p == l->s->lookup->name.p)
        ms_fact_frame(&f, l->s->lookup->answer_frame);
    ms_fact_add(w, &f);
}

/* ---- trust ------------------------------------------------------------------------------------------------- */

static void add_untrusted(const struct looked *l, struct ms_bytes detail, struct ms_bytes cause, uint8_t at_most)
{
    struct ms_watch *w = ms_watch_of(l->watch);
    struct ms_fact   f = fact(l, MS_RULE_TLS_CERTIFICATE_UNTRUSTED);
    if (f.severity > at_most)
        f.severity = at_most;
    if (l->s->tls->certificate_count)
        f.subject = l->s->tls->certificates[0].subject;
    f.detail = detail;
    f.cause = ms_watch_text(w, "%.*s %s", (int)cause.n, (const char *)cause.p, reaction(l));
    ms_fact_add(w, &f);
}

static struct ms_bytes chain_words(struct ms_watch *w, const struct ms_tls_info *t)
{
    const struct ms_certificate *c = t->certificates;
    if (t->certificate_count == 0)
        return MS_LIT("The certificate is not readable in the capture (TLS 1.3 without keys).");
    if (t->certificate_count == 1)
        return ms_watch_text(w, "The server sent its own certificate only, issued by %.*s, and none of the authority's: an intermediate certificate "
                                "may be missing.", (int)c->issuer.n, (const char *)c->issuer.p);
    c = &t->certificates[t->certificate_count - 1];
    return ms_watch_text(w, "The chain that the server sent leads to %.*s.", (int)c->issuer.n, (const char *)c->issuer.p);
}

static void check_trust(const struct looked *l)
{
    const struct ms_tls_info *t = l->s->tls;
    bool                      unknown = l->refused && l->refused->description == UNKNOWN_CA;
    if (t->certificate_count && t->certificates[0].flags & MS_CERT_SELF_SIGNED)
        add_untrusted(l, MS_LIT("it is self-signed"), MS_LIT("It was issued by itself: no authority stands behind it."), MS_SEVERITY_ERROR);
    else if (t->flags & MS_TLS_CHAIN_BROKEN)
        add_untrusted(l, MS_LIT("its chain is broken"), MS_LIT("One of the certificates that the server sent is not signed by the one behind it: a wrong "
                                                               "intermediate certificate, or one left over from before a renewal."), MS_SEVERITY_ERROR);
    else if (unknown)
        add_untrusted(l, MS_LIT("the client does not know its authority (alert unknown_ca)"), chain_words(ms_watch_of(l->watch), t), MS_SEVERITY_ERROR);
    else if (t->flags & MS_TLS_CHAIN_ORDER)
        add_untrusted(l, MS_LIT("its chain is out of order"), MS_LIT("The certificates fit each other, but were not sent in order, which strict clients refuse."),
                      MS_SEVERITY_NOTE);
}

void ms_check_certificate(struct ms_watch **w, const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    struct looked             l = { w, s, refusal(s) };
    for (uint32_t i = 0; i < t->certificate_count; i++)
        check_time(&l, i);
    check_client_says_expired(&l);
    if (t->certificate_count)
        check_name(&l);
    check_trust(&l);
}

/* What is wrong with it, in a few words, for a client that should have looked; NULL nothing. */
const char *ms_certificate_fault(const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    if (!t || t->certificate_count == 0 || t->certificates[0].flags & MS_CERT_MALFORMED)
        return NULL;
    const struct ms_certificate *c = t->certificates;
    struct wanted                want = wanted_name(s);
    if (is_late(c, when(s)) || is_early(c, when(s)))
        return "a certificate out of its time";
    if (c->flags & MS_CERT_SELF_SIGNED)
        return "a self-signed certificate";
    return want.sure && !ms_certificate_fits(c, want.name) ? "a certificate for another name" : NULL;
}
