/* check/scope.c - what happened across sessions: who logs in where, whom it fails for, who guesses passwords, what was retried.
 *
 * Tables are bounded by the limit `groups`; beyond it new users, clients or servers are not told apart.
 * BUGS     An attack slower than one hour a window (ATTACK_WINDOW_S) stays unseen.                                */
#include "check/private.h"

#include <stdio.h>

enum { ATTACK_WINDOW_S = 3600, BRUTE_FAILURES = 10, BRUTE_USERS = 3, SPRAY_USERS = 5, RETRY_S = 20 };
static const int64_t SECOND = 1000000000;

struct server { struct ms_endpoint at; uint8_t protocol; uint32_t sessions, clients, users, users_ok; uint64_t first_frame; };
struct login  { uint32_t failed, ok; }; /* of one user at one server */

/* Failed logins of one window: for one user at a server, or from one client at a server. */
struct attack {
    struct ms_endpoint client, server;
    struct ms_bytes    user;            /* empty: from one client */
    uint8_t            protocol;
    int64_t            since, until;
    uint32_t           failures, users, others; /* different users; clients or users beyond the first */
    uint64_t           frames[MS_FINDING_FRAMES];
    uint64_t           succeeded;       /* frame of a login that worked after the failures */
    struct attack     *worst;           /* an earlier window that was worse */
};

struct deferral { int64_t time; uint64_t frame, reply_frame; };

struct ms_scope {
    struct ms_map servers;      /* endpoint -> struct server */
    struct ms_map pairs;        /* endpoint, kind, client or user -> seen before */
    struct ms_map logins;       /* endpoint, user -> struct login */
    struct ms_map by_user;      /* endpoint, user -> struct attack */
    struct ms_map by_client;    /* endpoint, client -> struct attack */
    struct ms_map tried;        /* endpoint, client, user -> seen */
    struct ms_map deferrals;    /* client, recipient -> struct deferral */
    uint32_t      protocols[MS_PROTO_COUNT];
};

struct ms_scope *ms_scope_create(const struct ms_limits *limits)
{
    struct ms_scope *s = ms_alloc(sizeof *s);
    struct ms_map   *maps[] = { &s->servers, &s->pairs, &s->logins, &s->by_user, &s->by_client, &s->tried, &s->deferrals };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        maps[i]->cap = limits->groups > UINT32_MAX ? UINT32_MAX : (uint32_t)limits->groups;
    return s;
}

void ms_scope_destroy(struct ms_scope *s)
{
    struct ms_map *maps[] = { &s->servers, &s->pairs, &s->logins, &s->by_user, &s->by_client, &s->tried, &s->deferrals };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        ms_map_finish(maps[i]);
    ms_free(s);
}

/* ---- keys ------------------------------------------------------------------------------------------------- */

struct key { uint8_t bytes[18 + 1 + 256]; size_t n; };

static struct key key_of(const struct ms_endpoint *server, char kind)
{
    struct key k = { .n = 19 };
    memcpy(k.bytes, server->ip, 16);
    k.bytes[16] = (uint8_t)(server->port >> 8);
    k.bytes[17] = (uint8_t)server->port;
    k.bytes[18] = (uint8_t)kind;
    return k;
}

static void key_add(struct key *k, struct ms_bytes b)
{
    size_t room = sizeof k->bytes - k->n, n = b.n < room ? b.n : room;
    if (n)
        memcpy(k->bytes + k->n, b.p, n);
    k->n += n;
}

static struct ms_bytes key_bytes(const struct key *k) { return (struct ms_bytes){ k->bytes, k->n }; }
static struct ms_bytes ip_bytes(const struct ms_endpoint *e) { return (struct ms_bytes){ e->ip, 16 }; }

/* The value for the key, made of `size` zero bytes when it is new; NULL when the map is full. */
static void *value_at(struct ms_map *m, const struct key *k, size_t size)
{
    void **at = ms_map_put(m, key_bytes(k));
    if (!at)
        return NULL;
    if (!*at)
        *at = ms_arena_alloc(&m->arena, size);
    return *at;
}

static bool is_new(struct ms_map *m, const struct key *k)
{
    void **at = ms_map_put(m, key_bytes(k));
    if (!at || *at)
        return false;
    *at = m;
    return true;
}

/* ---- servers ---------------------------------------------------------------------------------------------- */

static struct server *server_of(struct ms_scope *scope, const struct ms_session *s)
{
    struct key     k = key_of(&s->server, 's');
    struct server *v = value_at(&scope->servers, &k, sizeof *v);
    if (v && v->sessions == 0 && v->at.port == 0) {
        v->at = s->server;
        v->at.name = ms_arena_keep(&scope->servers.arena, s->server.name);
        v->protocol = s->protocol;
        v->first_frame = s->first_frame;
        scope->protocols[s->protocol]++;
    }
    return v;
}

void ms_scope_session(struct ms_scope *scope, struct ms_session *s)
{
    struct server *v = server_of(scope, s);
    struct key     k = key_of(&s->server, 'c');
    if (!v)
        return;
    v->sessions++;
    if (v->at.name.n == 0)
        v->at.name = ms_arena_keep(&scope->servers.arena, s->server.name);
    key_add(&k, ip_bytes(&s->client));
    v->clients += is_new(&scope->pairs, &k);
}

bool ms_scope_server(const struct ms_scope *scope, const struct ms_endpoint *server, struct ms_scope_server *out)
{
    struct key           k = key_of(server, 's');
    const struct server *v = ms_map_get(&scope->servers, key_bytes(&k));
    if (!v)
        return false;
    *out = (struct ms_scope_server){ v->sessions, v->clients, v->users, v->users_ok, v->at.name };
    return true;
}

uint32_t ms_scope_servers(const struct ms_scope *scope, enum ms_protocol p) { return scope->protocols[p]; }

/* ---- logins ----------------------------------------------------------------------------------------------- */

static bool is_worth(const struct attack *a)
{
    return a->failures >= BRUTE_FAILURES || (a->user.n == 0 && a->users >= SPRAY_USERS);
}

static void new_window(struct ms_map *m, struct attack *a)
{
    if (is_worth(a) && (!a->worst || a->failures > a->worst->failures)) {
        struct attack *kept = ms_arena_alloc(&m->arena, sizeof *kept);
        *kept = *a;
        a->worst = kept;
    }
    a->failures = a->users = a->others = 0;
    a->succeeded = 0;
    memset(a->frames, 0, sizeof a->frames);
}

static void note_failure(struct ms_map *m, struct attack *a, const struct ms_session *s, uint64_t frame, int64_t time)
{
    if (a->failures && time - a->since > ATTACK_WINDOW_S * SECOND)
        new_window(m, a);
    if (a->failures == 0) {
        a->since = time;
        a->client = s->client;
        a->server = s->server;
        a->client.name = ms_arena_keep(&m->arena, s->client.name);
        a->server.name = ms_arena_keep(&m->arena, s->server.name);
        a->protocol = s->protocol;
    } else if (memcmp(a->client.ip, s->client.ip, 16) != 0) {
        a->others++;
    }
    if (a->failures < MS_FINDING_FRAMES)
        a->frames[a->failures] = frame;
    a->failures++;
    a->until = time;
}

static void note_login(struct ms_scope *scope, const struct ms_session *s, bool ok)
{
    struct server *v = server_of(scope, s);
    struct key     k = key_of(&s->server, 'u');
    key_add(&k, s->user);
    struct login *l = value_at(&scope->logins, &k, sizeof *l);
    if (!v || !l)
        return;
    v->users += l->failed + l->ok == 0;
    v->users_ok += ok && l->ok == 0;
    *(ok ? &l->ok : &l->failed) += 1;
}

void ms_scope_login(struct ms_scope *scope, const struct ms_session *s, uint64_t frame, int64_t time, bool ok)
{
    struct key user = key_of(&s->server, 'u'), client = key_of(&s->server, 'c'), both = key_of(&s->server, 'b');
    note_login(scope, s, ok);
    key_add(&user, s->user);
    key_add(&client, ip_bytes(&s->client));
    key_add(&both, ip_bytes(&s->client));
    key_add(&both, s->user);
    if (ok) {
        struct attack *u = ms_map_get(&scope->by_user, key_bytes(&user)), *c = ms_map_get(&scope->by_client, key_bytes(&client));
        if (u && u->failures >= BRUTE_FAILURES)
            u->succeeded = frame;
        if (c && c->failures >= SPRAY_USERS)
            c->succeeded = frame;
        return;
    }
    struct attack *u = value_at(&scope->by_user, &user, sizeof *u), *c = value_at(&scope->by_client, &client, sizeof *c);
    if (u) {
        if (u->user.n == 0)
            u->user = ms_arena_keep(&scope->by_user.arena, s->user);
        note_failure(&scope->by_user, u, s, frame, time);
    }
    if (c) {
        note_failure(&scope->by_client, c, s, frame, time);
        c->users += is_new(&scope->tried, &both);
    }
}

/* ---- greylisting: the retry says so ------------------------------------------------------------------------ */

static struct key deferral_key(const struct ms_session *s, struct ms_bytes recipient)
{
    struct key k = key_of(&(struct ms_endpoint){ 0 }, 'g');
    memcpy(k.bytes, s->client.ip, 16);
    key_add(&k, ms_head(recipient, 200));
    return k;
}

void ms_scope_exchange(struct ms_scope *scope, struct ms_session *s, const struct ms_exchange *x)
{
    if (!ms_equal(x->command, MS_LIT("RCPT")) || (x->code != 450 && x->code != 451))
        return;
    struct key       k = deferral_key(s, x->subject);
    struct deferral *d = value_at(&scope->deferrals, &k, sizeof *d);
    if (d && d->frame == 0)
        *d = (struct deferral){ x->replied, x->frame, x->reply_frame };
}

static void report_retry(struct ms_scope *scope, struct ms_watch **w, struct ms_session *s, const struct ms_message *m, size_t i)
{
    const struct ms_recipient *r = &m->envelope.to[i];
    struct key                 k = deferral_key(s, r->address);
    struct deferral           *d = ms_map_get(&scope->deferrals, key_bytes(&k));
    if (!d || d->frame == 0 || m->started - d->time < RETRY_S * SECOND)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_GREYLISTED);
    f.duration = m->started - d->time;
    f.subject = r->address;
    f.cause = ms_watch_text(ms_watch_of(w), "The same client came again after %.0f s with the same recipient and was accepted.",
                            (double)f.duration / 1e9);
    ms_fact_frame(&f, d->frame);
    ms_fact_frame(&f, d->reply_frame);
    ms_fact_frame(&f, r->frame);
    ms_fact_add(*w, &f);
    d->frame = 0;
}

void ms_scope_message(struct ms_scope *scope, struct ms_watch **w, struct ms_session *s, const struct ms_message *m)
{
    for (size_t i = 0; scope->deferrals.count && i < m->envelope.to_count; i++)
        if (m->envelope.to[i].status == MS_STATUS_ACCEPTED)
            report_retry(scope, w, s, m, i);
}

/* ---- attacks ---------------------------------------------------------------------------------------------- */

static struct ms_case attack_case(const struct attack *a, enum ms_rule rule, char *text, size_t size)
{
    struct ms_case c = { .fact = ms_fact_of(rule), .client = a->client, .server = a->server, .protocol = a->protocol };
    c.fact.count = rule == MS_RULE_PASSWORD_SPRAY ? a->users : a->failures;
    c.fact.duration = a->until - a->since;
    c.fact.user = a->user;
    for (int i = 0; i < MS_FINDING_FRAMES; i++)
        ms_fact_frame(&c.fact, a->frames[i]);
    int n = snprintf(text, size, "%u failed logins in %.0f s%s", a->failures, (double)c.fact.duration / 1e9,
                     a->user.n && a->others ? ", from several clients" : "");
    c.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
    if (a->succeeded)
        c.fact.cause = MS_LIT("After that a login succeeded: take the account as broken into.");
    return c;
}

static void report_attack(const struct attack *a, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    char text[128];
    if (a->worst && a->worst->failures > a->failures)
        a = a->worst;
    if (a->user.n || a->users == 0) {
        if (a->failures < BRUTE_FAILURES)
            return;
        struct ms_case c = attack_case(a, MS_RULE_BRUTE_FORCE, text, sizeof text);
        report(ctx, &c);
    } else if (a->users >= SPRAY_USERS && a->failures < a->users * BRUTE_FAILURES) {
        struct ms_case c = attack_case(a, MS_RULE_PASSWORD_SPRAY, text, sizeof text);
        report(ctx, &c);
    } else if (a->users > 1 && a->users <= BRUTE_USERS && a->failures >= BRUTE_FAILURES) {
        struct ms_case c = attack_case(a, MS_RULE_BRUTE_FORCE, text, sizeof text);
        report(ctx, &c);
    }
}

void ms_scope_finish(struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < scope->by_user.count; i++)
        report_attack(scope->by_user.entries[i].value, report, ctx);
    for (uint32_t i = 0; i < scope->by_client.count; i++)
        report_attack(scope->by_client.entries[i].value, report, ctx);
}
