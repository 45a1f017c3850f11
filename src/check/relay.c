/* check/relay.c - servers that pass on mail for anybody, and who looks for such servers.
 *
 * Only mail counts that a stranger hands in: no login, no client certificate, an address of another network that is not private.
 *
 * Own      a server's own domain is the site of its name. That a recipient is of another one proves nothing, since servers take in mail for
 *          many domains; so more is asked for: the client also tries forms of addresses that are there to fool relay rules; or
 *          the server takes in mail for its own domain from OWN_CLIENTS others, and only this client hands in mail from and to other domains;
 *          or (a warning) the recipient is at a public mail provider that is not the server's.
 * Limits   groups: servers, and probing clients.
 * BUGS     A server that knows its customers by their public addresses looks like an open relay in the last case.       */
#include "check/private.h"
#include "mail/site.h"

#include <stdio.h>

enum { PROBE_FORMS = 3, OWN_CLIENTS = 3 };

enum form { FORM_PERCENT = 1, FORM_BANG = 2, FORM_ROUTE = 4, FORM_QUOTED = 8, FORM_LITERAL = 16, FORM_TWO = 32 };

struct handed { /* mail of a stranger for others, taken */
    struct ms_case first;
    uint32_t       count;
};

struct prober {
    struct ms_endpoint client, server;
    uint8_t            forms;
    uint32_t           tried, accepted, frame_count;
    uint64_t           frames[MS_FINDING_FRAMES];
    struct handed      handed;
};

struct relay_server {
    uint8_t       own[OWN_CLIENTS + 1][16], other[16]; /* the first clients with mail for the server's domain; the first with mail for and from others */
    uint8_t       own_count;
    bool          other_many, told;
    struct handed handed, freemail;
};

struct ms_relay {
    struct ms_map servers;  /* endpoint -> struct relay_server */
    struct ms_map probers;  /* server, client -> struct prober */
};

struct ms_relay *ms_relay_create(const struct ms_limits *limits)
{
    struct ms_relay *r = ms_alloc(sizeof *r);
    r->servers.cap = r->probers.cap = ms_groups_cap(limits);
    return r;
}

void ms_relay_destroy(struct ms_relay *r)
{
    ms_map_finish(&r->servers);
    ms_map_finish(&r->probers);
    ms_free(r);
}

uint64_t ms_relay_refused(const struct ms_relay *r) { return r->servers.refused + r->probers.refused; }

/* ---- strangers ------------------------------------------------------------------------------------------------- */

bool ms_is_stranger(const struct ms_endpoint *client, const struct ms_endpoint *server)
{
    size_t network = ms_address_is_v4(client->ip) ? 14 : 6; /* /16, /48 */
    return ms_address_is_global(client->ip) && memcmp(client->ip, server->ip, network) != 0;
}

static bool is_unknown(const struct ms_session *s)
{
    return s->protocol == MS_PROTO_SMTP && s->auth_result != 1 && !(s->tls && s->tls->client_certificate) && ms_is_stranger(&s->client, &s->server);
}

/* ---- addresses -------------------------------------------------------------------------------------------------- */

/* Forms of RCPT arguments that ask for a second delivery behind the first. */
static uint8_t forms_of(struct ms_bytes path)
{
    struct ms_bytes address = ms_tail(path, ms_find(path, '<') + 1);
    address = address.n ? ms_head(address, ms_find(address, '>')) : path;
    struct ms_bytes domain = ms_address_domain(address), local = domain.n ? ms_head(address, address.n - domain.n - 1) : address;
    bool            route = ms_at(address, 0) == '@', quoted = ms_at(address, 0) == '"';
    struct ms_bytes inside = ms_tail(address, 1);
    inside = ms_head(inside, ms_find(inside, '"'));
    uint8_t forms = 0;
    forms |= ms_find(local, '%') < local.n ? FORM_PERCENT : 0;
    forms |= ms_find(local, '!') < local.n ? FORM_BANG : 0;
    forms |= route ? FORM_ROUTE : 0;
    forms |= quoted && ms_find(inside, '@') < inside.n ? FORM_QUOTED : 0;
    forms |= ms_at(domain, 0) == '[' ? FORM_LITERAL : 0;
    forms |= !route && !quoted && ms_find(local, '@') < local.n ? FORM_TWO : 0;
    return forms;
}

static const char providers[] = "google|gmail|outlook|hotmail|microsoft|yahoo|yahoodns|aol|icloud|apple|gmx|web.de|mail.ru|yandex|qq.com|netease|163.com|126.com|"
                                "proton|protonmail|tuta|tutanota|zoho|fastmail|messagingengine|pphosted|mimecast|messagelabs|iphmx|barracuda|barracudanetworks|"
                                "amazonaws|sendgrid|mailgun";

/* Hosts that take in mail of public providers, and of those who filter for others. */
static bool is_provider(struct ms_bytes host)
{
    for (struct ms_bytes rest = MS_LIT(providers), word; rest.n; rest = ms_tail(rest, word.n + 1)) {
        word = ms_head(rest, ms_find(rest, '|'));
        if (ms_search_nocase(host, word) < host.n)
            return true;
    }
    return false;
}

bool ms_is_mail_provider(struct ms_bytes site)
{
    return ms_is_freemail(site) || ms_is_one_of(ms_head(site, ms_find(site, '.')), providers);
}

/* ---- records in --------------------------------------------------------------------------------------------------- */

static void keep_ends(struct ms_arena *arena, const struct ms_session *s, struct ms_endpoint *client, struct ms_endpoint *server)
{
    *client = s->client;
    *server = s->server;
    client->name = ms_arena_keep(arena, s->client.name);
    server->name = ms_arena_keep(arena, s->server.name);
}

void ms_relay_exchange(struct ms_relay *relay, struct ms_reply r)
{
    if (ms_at(r.x->command, 0) != 'R' || !ms_equal(r.x->command, MS_LIT("RCPT")) || !is_unknown(r.s))
        return;
    uint8_t key[MS_PAIR_KEY], forms = forms_of(r.x->argument);
    if (!forms)
        return;
    void **at = ms_map_put(&relay->probers, ms_pair_key(key, r.s));
    if (!at)
        return;
    struct prober *p = *at;
    if (!p) {
        p = *at = ms_arena_alloc(&relay->probers.arena, sizeof *p);
        keep_ends(&relay->probers.arena, r.s, &p->client, &p->server);
    }
    if (forms & ~p->forms && p->frame_count < MS_FINDING_FRAMES)
        p->frames[p->frame_count++] = r.x->reply_frame ? r.x->reply_frame : r.x->frame;
    p->forms |= forms;
    p->tried++;
    p->accepted += r.x->code / 100 == 2;
}

static void note_handed(struct ms_arena *arena, struct handed *h, const struct ms_session *s, const struct ms_message *m, const struct ms_recipient *to)
{
    if (h->count++)
        return;
    h->first = (struct ms_case){ .fact = ms_fact_of(MS_RULE_OPEN_RELAY), .session = s->id, .protocol = s->protocol };
    keep_ends(arena, s, &h->first.client, &h->first.server);
    h->first.fact.user = ms_arena_keep(arena, ms_head(m->envelope.from, 200));
    h->first.fact.subject = ms_arena_keep(arena, ms_head(to->address, 200));
    ms_fact_frame(&h->first.fact, m->first_frame);
    ms_fact_frame(&h->first.fact, to->frame);
    ms_fact_frame(&h->first.fact, m->reply_frame);
}

static void note_own(struct relay_server *v, const uint8_t ip[16])
{
    for (unsigned i = 0; i < v->own_count; i++)
        if (memcmp(v->own[i], ip, 16) == 0)
            return;
    if (v->own_count <= OWN_CLIENTS)
        memcpy(v->own[v->own_count++], ip, 16);
}

static void note_recipient(struct ms_relay *relay, struct relay_server *v, const struct ms_message *m, const struct ms_recipient *to)
{
    const struct ms_session *s = m->session;
    struct ms_bytes          own = s->server.name, domain = ms_address_domain(to->address), from = ms_address_domain(m->envelope.from);
    uint8_t                  key[MS_PAIR_KEY];
    if (ms_same_site(domain, own)) {
        note_own(v, s->client.ip);
        return;
    }
    if (from.n == 0 || ms_same_site(from, own) || ms_same_site(s->client.name, own) || ms_at(domain, 0) == '[')
        return;
    struct prober *p = ms_map_get(&relay->probers, ms_pair_key(key, s));
    if (p)
        note_handed(&relay->probers.arena, &p->handed, s, m, to);
    v->other_many |= v->handed.count && memcmp(v->other, s->client.ip, 16) != 0;
    if (v->handed.count == 0)
        memcpy(v->other, s->client.ip, 16);
    note_handed(&relay->servers.arena, &v->handed, s, m, to);
    if (ms_is_freemail(ms_site(domain)) && !is_provider(own) && !ms_same_site(domain, own))
        note_handed(&relay->servers.arena, &v->freemail, s, m, to);
}

void ms_relay_message(struct ms_relay *relay, const struct ms_message *m)
{
    const struct ms_session *s = m->session;
    uint8_t                  key[MS_SERVER_KEY];
    if (m->direction != MS_SENT || m->status != MS_STATUS_ACCEPTED || !s || !is_unknown(s) || ms_find(s->server.name, '.') >= s->server.name.n)
        return;
    void **at = ms_map_put(&relay->servers, ms_server_key(key, &s->server));
    if (!at)
        return;
    struct relay_server *v = *at ? *at : (*at = ms_arena_alloc(&relay->servers.arena, sizeof *v));
    for (size_t i = 0; i < m->envelope.to_count; i++)
        if (m->envelope.to[i].status == MS_STATUS_ACCEPTED)
            note_recipient(relay, v, m, &m->envelope.to[i]);
}

/* ---- the end -------------------------------------------------------------------------------------------------------- */

typedef void report_case(void *ctx, const struct ms_case *c);

static void report_open(struct handed *h, enum ms_severity severity, const char *cause, report_case *report, void *ctx)
{
    h->first.fact.severity = (uint8_t)severity;
    h->first.fact.count = h->count;
    h->first.fact.cause = ms_str(cause);
    report(ctx, &h->first);
}

static void finish_prober(struct ms_relay *relay, struct prober *p, report_case *report, void *ctx)
{
    char text[160];
    if (__builtin_popcount(p->forms) < PROBE_FORMS)
        return;
    struct ms_case c = { .fact = ms_fact_of(MS_RULE_OPEN_RELAY_PROBE), .client = p->client, .server = p->server, .protocol = MS_PROTO_SMTP };
    int n = snprintf(text, sizeof text, "It tried %u recipients in %d of the forms user%%host@server, host!user, @server:user@host, \"user@host\", user@[address]",
                     p->tried, __builtin_popcount(p->forms));
    c.fact.severity = p->accepted ? MS_SEVERITY_ERROR : (uint8_t)ms_rules[c.fact.rule].severity;
    c.fact.count = p->tried;
    c.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
    c.fact.cause = p->accepted ? MS_LIT("The server accepted some of them: test it, it may be open.") : MS_LIT("The server accepted none of them.");
    for (uint32_t i = 0; i < p->frame_count; i++)
        ms_fact_frame(&c.fact, p->frames[i]);
    report(ctx, &c);
    if (!p->handed.count)
        return;
    uint8_t              key[MS_SERVER_KEY];
    struct relay_server *v = ms_map_get(&relay->servers, ms_server_key(key, &p->server));
    if (v)
        v->told = true;
    report_open(&p->handed, MS_SEVERITY_CRITICAL, "The same client tried the forms of addresses by which relays are looked for.", report, ctx);
}

static void finish_server(struct relay_server *v, report_case *report, void *ctx)
{
    unsigned others = 0;
    for (unsigned i = 0; i < v->own_count; i++)
        others += memcmp(v->own[i], v->other, 16) != 0;
    if (v->told)
        return;
    if (others >= OWN_CLIENTS && v->handed.count && !v->other_many)
        report_open(&v->handed, MS_SEVERITY_CRITICAL, "From all other clients this server took in mail for its own domain only.", report, ctx);
    else if (v->freemail.count)
        report_open(&v->freemail, MS_SEVERITY_WARNING, "The recipient's domain is that of a public mail provider, whose mail this server hardly takes in. If the "
                                                       "server knows the client by its address, that is in order.", report, ctx);
}

void ms_relay_finish(struct ms_relay *relay, report_case *report, void *ctx)
{
    for (uint32_t i = 0; i < relay->probers.count; i++)
        finish_prober(relay, relay->probers.entries[i].value, report, ctx);
    for (uint32_t i = 0; i < relay->servers.count; i++)
        finish_server(relay->servers.entries[i].value, report, ctx);
}
