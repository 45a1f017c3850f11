/* check/scope.c - what happened across sessions: who logs in where, whom it fails for, who guesses passwords, what was retried.
 *
 * Tables are bounded by the limit `groups`; beyond it new users, clients or servers are not told apart.
 * BUGS     An attack slower than one hour a window (ATTACK_WINDOW_S) stays unseen where passwords are not: else ten different ones in vain
 *          are one, however slow.                                                                                */
#include "check/private.h"

#include <stdio.h>

enum { ATTACK_WINDOW_S = 3600, BRUTE_FAILURES = 10, GUESSER_FAILURES = 3, BRUTE_USERS = 3, SPRAY_USERS = 5, RETRY_S = 20 };
static const int64_t SECOND = 1000000000;

/* Failed logins of one window: for one user at a server, or from one client at a server. */
struct attack {
    struct ms_endpoint client, server;
    struct ms_bytes    user;            /* empty: from one client */
    uint8_t            protocol;
    int64_t            since, until;
    uint32_t           failures, users, others; /* different users, or clients; failures of clients or users beyond the first */
    uint64_t           frames[MS_FINDING_FRAMES];
    uint64_t           succeeded;       /* frame of a login that worked after the failures */
    struct attack     *worst;           /* an earlier window that was worse */
    uint64_t           secret;          /* hash of the first one's password, or what stood for it; 0 not known */
    bool               varied;          /* not always the same */
    uint32_t           passwords;       /* different ones for one user, in all windows since the user last got in */
};

struct failed_login { uint64_t frame, other; int64_t time; uint64_t secret; }; /* other: hash of the user, or of the client; secret: of what was given */

struct deferral { int64_t time; uint64_t frame, reply_frame; };

struct ms_scope {
    struct ms_map servers;      /* endpoint -> struct ms_served */
    struct ms_map clients;      /* server, client -> struct ms_who */
    struct ms_map users;        /* server, user -> struct ms_who */
    struct ms_map tried;        /* client at a server, user -> seen; user at a server, hash of a password -> seen */
    struct ms_map deferrals;    /* client, recipient -> struct deferral */
    uint32_t      protocols[MS_PROTO_COUNT];
};

struct ms_scope *ms_scope_create(const struct ms_limits *limits)
{
    struct ms_scope *s = ms_alloc(sizeof *s);
    struct ms_map   *maps[] = { &s->servers, &s->clients, &s->users, &s->tried, &s->deferrals };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        maps[i]->cap = ms_groups_cap(limits);
    return s;
}

void ms_scope_destroy(struct ms_scope *s)
{
    struct ms_map *maps[] = { &s->servers, &s->clients, &s->users, &s->tried, &s->deferrals };
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        ms_map_finish(maps[i]);
    ms_free(s);
}

/* ---- keys ------------------------------------------------------------------------------------------------- */

/* The value for the key, made of `size` zero bytes when it is new; NULL when the map is full. */
static void *value_at(struct ms_map *m, struct ms_bytes key, size_t size)
{
    void **at = ms_map_put(m, key);
    if (!at)
        return NULL;
    if (!*at)
        *at = ms_arena_alloc(&m->arena, size);
    return *at;
}

/* A client or user at a server: the server's place in memory, then its own bytes. */
struct key { uint8_t bytes[8 + 200]; size_t n; };

static struct key key_at(const void *owner, struct ms_bytes own)
{
    struct key k = { .n = 8 + (own.n < 200 ? own.n : 200) };
    memcpy(k.bytes, &owner, 8);
    if (own.n)
        memcpy(k.bytes + 8, own.p, k.n - 8);
    return k;
}

/* ---- servers, clients, users ------------------------------------------------------------------------------- */

struct ms_served *ms_scope_server(struct ms_scope *scope, const struct ms_endpoint *server, enum ms_protocol p)
{
    uint8_t           key[MS_SERVER_KEY];
    struct ms_served *v = value_at(&scope->servers, ms_server_key(key, server), sizeof *v);
    if (v && v->at.port == 0) {
        v->at = *server;
        v->at.name = ms_arena_keep(&scope->servers.arena, server->name);
        v->protocol = (uint8_t)p;
        scope->protocols[p]++;
    } else if (v && v->at.name.n == 0 && server->name.n) {
        v->at.name = ms_arena_keep(&scope->servers.arena, server->name);
    }
    return v;
}

struct ms_who *ms_scope_client(struct ms_scope *scope, struct ms_served *v, const struct ms_endpoint *client)
{
    struct key     k = key_at(v, (struct ms_bytes){ client->ip, 16 });
    uint32_t       before = scope->clients.count;
    struct ms_who *who = v ? value_at(&scope->clients, (struct ms_bytes){ k.bytes, k.n }, sizeof *who) : NULL;
    if (v)
        v->clients += scope->clients.count - before;
    return who;
}

struct ms_who *ms_scope_user(struct ms_scope *scope, struct ms_served *v, struct ms_bytes user)
{
    struct key k = key_at(v, user);
    return v && user.n ? value_at(&scope->users, (struct ms_bytes){ k.bytes, k.n }, sizeof(struct ms_who)) : NULL;
}

uint64_t ms_scope_refused(const struct ms_scope *scope)
{
    return scope->servers.refused + scope->clients.refused + scope->users.refused + scope->tried.refused + scope->deferrals.refused;
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
    a->varied = false;
    memset(a->frames, 0, sizeof a->frames);
}

static void add_failure(struct attack *a, const struct failed_login *f)
{
    if (a->failures == 0) {
        a->since = f->time;
        a->secret = f->secret;
    }
    if (a->failures < MS_FINDING_FRAMES)
        a->frames[a->failures] = f->frame;
    a->failures++;
    a->until = f->time;
    a->varied |= f->secret == 0 || f->secret != a->secret;
}

static int64_t when(const struct ms_exchange *x) { return x->replied == MS_UNKNOWN ? 0 : x->replied; }

/* Answers to a challenge differ though the password is the same: nothing is known of them. */
static uint64_t secret_of(const struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_bytes given = x->secret.n ? x->secret : ms_slice(x->argument, x->secret_at, x->secret_n);
    return given.n && ms_sends_password((enum ms_mechanism)s->mechanism) ? ms_hash(given) : 0;
}

/* The record of failed logins, made at the second one with what is remembered of the first; NULL at the first. */
static struct attack *attack_of(struct ms_map *m, struct ms_who *who, const struct ms_session *s, const struct failed_login *f)
{
    if (who->failed == 1) {
        who->first = ms_arena_alloc(&m->arena, sizeof *who->first);
        *who->first = *f;
        return NULL;
    }
    if (!who->attack) {
        struct attack *a = who->attack = ms_arena_alloc(&m->arena, sizeof *a);
        a->client = s->client;
        a->server = s->server;
        a->client.name = ms_arena_keep(&m->arena, s->client.name);
        a->server.name = ms_arena_keep(&m->arena, s->server.name);
        a->protocol = s->protocol;
        add_failure(a, who->first);
    }
    return who->attack;
}

static void note_failure(struct ms_map *m, struct attack *a, const struct failed_login *f)
{
    if (a->failures && f->time - a->since > ATTACK_WINDOW_S * SECOND)
        new_window(m, a);
    add_failure(a, f);
}

/* Different users of one client, or clients of one user: from the second failure on they stand in `tried`. */
static void note_other(struct ms_scope *scope, struct ms_who *who, uint64_t other)
{
    struct attack *a = who->attack;
    uint64_t       both[2] = { who->first->other, other };
    for (int i = a->users ? 1 : 0; i < 2; i++) {
        struct key k = key_at(who, (struct ms_bytes){ (const uint8_t *)&both[i], 8 });
        void     **at = ms_map_put(&scope->tried, (struct ms_bytes){ k.bytes, k.n });
        a->users += at && !*at;
        if (at)
            *at = scope;
    }
}

static void note_password(struct ms_scope *scope, struct ms_who *who, const struct failed_login *f)
{
    const struct failed_login *both[2] = { who->first, f };
    for (int i = who->attack->passwords ? 1 : 0; i < 2; i++) {
        struct key k = key_at(who, (struct ms_bytes){ (const uint8_t *)&both[i]->secret, 8 });
        void     **at = both[i]->secret ? ms_map_put(&scope->tried, (struct ms_bytes){ k.bytes, k.n }) : NULL;
        who->attack->passwords += at && !*at;
        if (at)
            *at = scope;
    }
}

static void note_refused(struct ms_scope *scope, struct ms_who *who, const struct ms_session *s, const struct ms_exchange *x, bool by_user)
{
    uint64_t user = ms_hash(s->user), client = ms_hash((struct ms_bytes){ s->client.ip, 16 });
    struct ms_map *m = by_user ? &scope->users : &scope->clients;
    struct failed_login f = { x->reply_frame, by_user ? client : user, when(x), secret_of(s, x) };
    who->failed++;
    struct attack *a = attack_of(m, who, s, &f);
    if (!a)
        return;
    if (by_user && a->user.n == 0)
        a->user = ms_arena_keep(&m->arena, s->user);
    note_failure(m, a, &f);
    if (by_user)
        note_password(scope, who, &f);
    a->others += by_user && client != who->first->other;
    if (!by_user || client != who->first->other)
        note_other(scope, who, by_user ? client : user);
}

/* Guessed: by a client that had failed before. The user itself may log in while somebody else guesses. */
static void note_accepted(struct ms_who *who, const struct ms_exchange *x, bool guesser, uint32_t enough)
{
    who->ok++;
    if (guesser && who->attack && who->attack->failures >= enough)
        who->attack->succeeded = x->reply_frame;
    if (who->attack)
        who->attack->passwords = 0;
}

void ms_scope_login(struct ms_scope *scope, struct ms_watch *w, const struct ms_session *s, const struct ms_exchange *x, enum ms_rule refusal)
{
    bool ok = refusal == MS_RULE_COUNT, wrong = refusal == MS_RULE_AUTH_FAILED;
    if (!w->served)
        w->served = ms_scope_server(scope, &s->server, (enum ms_protocol)s->protocol);
    if (!w->client)
        w->client = ms_scope_client(scope, w->served, &s->client);
    struct ms_who *user = w->user = ms_scope_user(scope, w->served, s->user);
    if (user && w->served) {
        w->served->users += !user->tried;
        w->served->users_ok += ok && user->ok == 0;
        user->tried = true;
        user->worked = ok ? s->mechanism : user->worked;
    }
    bool guesser = w->client && w->client->failed >= GUESSER_FAILURES;
    if (ok && user)
        note_accepted(user, x, guesser, BRUTE_FAILURES);
    else if (wrong && user)
        note_refused(scope, user, s, x, true);
    if (ok && w->client)
        note_accepted(w->client, x, guesser, SPRAY_USERS);
    else if (wrong && w->client)
        note_refused(scope, w->client, s, x, false);
}

/* ---- greylisting: the retry says so ------------------------------------------------------------------------ */

static struct key deferral_key(const struct ms_session *s, struct ms_bytes recipient)
{
    struct key k = { .n = 16 + (recipient.n < 180 ? recipient.n : 180) };
    memcpy(k.bytes, s->client.ip, 16);
    if (recipient.n)
        memcpy(k.bytes + 16, recipient.p, k.n - 16);
    return k;
}

void ms_scope_exchange(struct ms_scope *scope, struct ms_session *s, const struct ms_exchange *x)
{
    if (!ms_equal(x->command, MS_LIT("RCPT")) || (x->code != 450 && x->code != 451))
        return;
    struct key       k = deferral_key(s, x->subject);
    struct deferral *d = value_at(&scope->deferrals, (struct ms_bytes){ k.bytes, k.n }, sizeof *d);
    if (d && d->frame == 0)
        *d = (struct deferral){ x->replied, x->frame, x->reply_frame };
}

static void report_retry(struct ms_scope *scope, struct ms_watch **w, struct ms_session *s, const struct ms_message *m, size_t i)
{
    const struct ms_recipient *r = &m->envelope.to[i];
    struct key                 k = deferral_key(s, r->address);
    struct deferral           *d = ms_map_get(&scope->deferrals, (struct ms_bytes){ k.bytes, k.n });
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

/* ---- STARTTLS: offered to one, hidden from another ----------------------------------------------------------- */

struct plain_offer { struct ms_case first; const struct ms_served *served; }; /* fact.count: sessions */

bool ms_scope_is_server(const struct ms_scope *scope, const uint8_t ip[16])
{
    static const uint16_t ports[] = { 25, 465, 587 };
    struct ms_endpoint    e = { .port = 0 };
    memcpy(e.ip, ip, 16);
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++) {
        uint8_t key[MS_SERVER_KEY];
        e.port = ports[i];
        if (ms_map_get(&scope->servers, ms_server_key(key, &e)))
            return true;
    }
    return false;
}

static void note_plain(struct ms_scope *scope, const struct ms_watch *w, const struct ms_session *s)
{
    struct plain_offer *o = w->client->plain;
    if (!o) {
        o = w->client->plain = ms_arena_alloc(&scope->clients.arena, sizeof *o);
        o->first = (struct ms_case){ .fact = ms_fact_of(MS_RULE_STARTTLS_STRIPPED), .client = s->client, .server = s->server, .session = s->id,
                                     .protocol = s->protocol };
        o->first.client.name = ms_arena_keep(&scope->clients.arena, s->client.name);
        o->first.server.name = ms_arena_keep(&scope->clients.arena, s->server.name);
        o->first.fact.count = 0;
        o->served = w->served;
    }
    o->first.fact.count++;
    ms_fact_frame(&o->first.fact, w->caps_frame);
}

void ms_scope_offer(struct ms_scope *scope, const struct ms_watch *w, const struct ms_session *s)
{
    bool offered = (s->flags & MS_SESSION_TLS_OFFERED) != 0;
    bool plain = s->flags & MS_SESSION_CAPS_SEEN && !offered && s->transport == MS_TRANSPORT_PLAIN && !w->stripped_frames[1] && !s->tls_overwritten &&
                 !(s->flags & (MS_SESSION_TLS_ASKED | MS_SESSION_GAPS | MS_SESSION_JOINED_LATE | MS_SESSION_SNAPPED));
    if (!w->served || !w->client || w->caps_frame == 0)
        return;
    if (offered) {
        w->client->offered = true;
        w->served->offer_frame = w->served->offer_frame ? w->served->offer_frame : w->caps_frame;
    } else if (plain) {
        note_plain(scope, w, s);
    }
}

static void report_plain(const struct ms_who *who, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    if (!who->plain || who->offered || who->plain->served->offer_frame == 0)
        return;
    struct ms_case c = who->plain->first;
    c.fact.severity = MS_SEVERITY_WARNING;
    c.fact.detail = MS_LIT("The server offers STARTTLS to another client in this capture, and not to this one");
    c.fact.cause = MS_LIT("Either the server treats this client in another way by its settings, or something on the way of this client takes the offer out.");
    ms_fact_frame(&c.fact, who->plain->served->offer_frame);
    report(ctx, &c);
}

void ms_scope_hello(struct ms_scope *scope, struct ms_who *client, const struct ms_session *s) { ms_hello_see(client, &scope->clients.arena, s); }

/* ---- attacks ---------------------------------------------------------------------------------------------- */

bool ms_scope_is_guessed(const struct ms_who *user) { return user && user->attack && user->attack->varied; }

/* A device or program that did not learn of a new password looks like somebody who guesses, but for this. */
static struct ms_bytes same_words(const struct attack *a)
{
    return a->succeeded ? MS_LIT("It was the same password each time, and then another one that was right: rather a program with an old password than somebody who "
                                 "guesses.")
                        : MS_LIT("It was the same password each time: rather a program with an old password than somebody who guesses.");
}

static struct ms_case attack_case(const struct attack *a, enum ms_rule rule, char *text, size_t size)
{
    struct ms_case c = { .fact = ms_fact_of(rule), .client = a->client, .server = a->server, .protocol = a->protocol };
    c.fact.count = rule == MS_RULE_PASSWORD_SPRAY ? a->users : a->failures;
    c.fact.duration = a->until - a->since;
    c.fact.user = a->user;
    bool many = a->user.n && a->others;
    for (int i = 0; i < MS_FINDING_FRAMES - (a->succeeded != 0); i++)
        ms_fact_frame(&c.fact, a->frames[i]);
    ms_fact_frame(&c.fact, a->succeeded);
    int n = many ? snprintf(text, size, "%u failed logins in %.0f s, from %u clients", a->failures, (double)c.fact.duration / 1e9, a->users)
                 : snprintf(text, size, "%u failed logins in %.0f s", a->failures, (double)c.fact.duration / 1e9);
    c.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
    if (a->succeeded)
        c.fact.cause = MS_LIT("After that a login succeeded: the password was guessed, take the account as broken into.");
    if (rule == MS_RULE_BRUTE_FORCE && a->user.n && !a->varied) {
        c.fact.severity = MS_SEVERITY_WARNING;
        c.fact.cause = same_words(a);
    }
    if (many)
        c.client = (struct ms_endpoint){ .port = 0 };
    return c;
}

static bool report_attack(const struct attack *a, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    char text[128];
    if (a->worst && a->worst->failures > a->failures)
        a = a->worst;
    bool guess = a->failures >= BRUTE_FAILURES, spray = a->user.n == 0 && a->users >= SPRAY_USERS;
    enum ms_rule rule = spray && a->failures < a->users * BRUTE_FAILURES ? MS_RULE_PASSWORD_SPRAY : MS_RULE_BRUTE_FORCE;
    /* one user, from several clients: by user; one client, a few users: by client, unless the user's own entry says it */
    bool by_client = a->user.n == 0 && a->users > 1 && a->users <= BRUTE_USERS;
    if (rule == MS_RULE_BRUTE_FORCE && !(guess && (a->user.n || by_client || a->users == 0 || spray)))
        return false;
    struct ms_case c = attack_case(a, rule, text, sizeof text);
    report(ctx, &c);
    return true;
}

/* Too slow for a window: a few passwords an hour, and never one that was right. */
static void report_slow(const struct ms_who *who, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    char           text[128];
    struct attack *a = who->attack;
    if (a->passwords < BRUTE_FAILURES)
        return;
    struct ms_case c = attack_case(a, MS_RULE_BRUTE_FORCE, text, sizeof text);
    int64_t        span = ms_span(who->first->time, a->until);
    c.fact.severity = MS_SEVERITY_CRITICAL;
    c.fact.cause = MS_LIT("It is slow on purpose: limits that count failures in an hour do not see it.");
    c.fact.count = a->passwords;
    c.fact.duration = span > 0 ? span : 0;
    ms_fact_frame(&c.fact, who->first->frame);
    int n = snprintf(text, sizeof text, "%u different passwords in %.0f s, all of them wrong", a->passwords, (double)c.fact.duration / 1e9);
    c.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
    report(ctx, &c);
}

void ms_scope_finish(struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_map *maps[] = { &scope->users, &scope->clients };
    for (size_t m = 0; m < 2; m++) {
        for (uint32_t i = 0; i < maps[m]->count; i++) {
            const struct ms_who *who = maps[m]->entries[i].value;
            if (who->attack && !report_attack(who->attack, report, ctx))
                report_slow(who, report, ctx);
            ms_hello_report(who, report, ctx);
            report_plain(who, report, ctx);
        }
    }
}
