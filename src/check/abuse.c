/* check/abuse.c - what is done with accounts, and by clients that knock on many doors, or stand in one: mass sending, one account in many
 * places, sweeps, connections held open.
 *
 * Limits   groups: accounts, clients, and the servers that each client knocked on, or stands at.
 * BUGS     Windows begin with their first event: what lies astride two of them counts half. Of connections that are open at the end of the
 *          capture, the time behind their last packet does not count.                                               */
#include "check/private.h"

#include <stdio.h>

enum {
    WINDOW_S = 600, SWEEP_SERVERS = 8, SWEEP_BYTES = 512, MASS_MAILS = 20, MASS_RECIPIENTS = 100, PLACES_S = 3600, PLACES = 5,
    DUMP_FAILURES = 10, DUMP_MESSAGES = 20, HELD_SESSIONS = 20, HELD_S = 60,
};

struct network { uint8_t bytes[8]; }; /* of a client: /16, /48 */
struct places {
    struct ms_case *told;
    struct network  seen[PLACES];
};

struct sending {
    struct ms_case *told;       /* from the second mail on */
    int64_t         since;
    uint64_t        first_mail; /* frame */
    uint32_t        mails, recipients;
    bool            mass;
};

/* One user at one server. Most only fetch mail, from one place: the rest is made when there is something to tell. */
struct account {
    struct sending *sending;     /* from the first mail on */
    struct places  *places;      /* from the second network on */
    int64_t         logins_since;
    uint64_t        first_login; /* frame */
    struct network  home;        /* of the first login */
    uint8_t         place_count;
    bool            spread;
};

struct sweeper {
    struct ms_case first;
    int64_t        since;
    uint32_t       servers, most;
};

struct holder { /* one client at one server */
    struct ms_case first;
    int64_t        moment; /* at which these were open: the end of the first of them */
    uint32_t       open, most;
};

struct ms_abuse {
    struct ms_map holders;  /* server, client -> struct holder */
    struct ms_map accounts; /* server, user -> struct account */
    struct ms_map sweepers; /* client -> struct sweeper */
    struct ms_map knocked;  /* client, server -> seen */
};

struct ms_abuse *ms_abuse_create(const struct ms_limits *limits)
{
    struct ms_abuse *a = ms_alloc(sizeof *a);
    a->holders.cap = a->accounts.cap = a->sweepers.cap = a->knocked.cap = ms_groups_cap(limits);
    return a;
}

void ms_abuse_destroy(struct ms_abuse *a)
{
    ms_map_finish(&a->holders);
    ms_map_finish(&a->accounts);
    ms_map_finish(&a->sweepers);
    ms_map_finish(&a->knocked);
    ms_free(a);
}

uint64_t ms_abuse_refused(const struct ms_abuse *a) { return a->holders.refused + a->accounts.refused + a->sweepers.refused + a->knocked.refused; }

static bool is_within(int64_t since, int64_t now, int64_t seconds)
{
    int64_t span = ms_span(since, now);
    return span >= 0 && span <= seconds * INT64_C(1000000000);
}

static struct ms_case case_of(struct ms_arena *arena, enum ms_rule rule, const struct ms_session *s)
{
    struct ms_case c = { .fact = ms_fact_of(rule), .client = s->client, .server = s->server, .protocol = s->protocol };
    c.client.name = ms_arena_keep(arena, s->client.name);
    c.server.name = ms_arena_keep(arena, s->server.name);
    c.fact.user = ms_arena_keep(arena, ms_head(s->user, 200));
    return c;
}

/* A case for a new window, in the room of the one before: windows come and go for as long as the capture lasts. */
static struct ms_case *renew_case(struct ms_case *old, struct ms_arena *arena, enum ms_rule rule, const struct ms_session *s)
{
    if (!old) {
        old = ms_arena_alloc(arena, sizeof *old);
        *old = case_of(arena, rule, s);
        return old;
    }
    if (memcmp(old->client.ip, s->client.ip, sizeof old->client.ip) != 0)
        old->client.name = (struct ms_bytes){ NULL, 0 };
    memcpy(old->client.ip, s->client.ip, sizeof old->client.ip);
    old->client.port = s->client.port;
    old->fact.frame_count = 0;
    return old;
}

static struct account *account_of(struct ms_abuse *a, const struct ms_session *s)
{
    enum { USER_BYTES = 200 };
    uint8_t key[MS_SERVER_KEY + USER_BYTES];
    size_t  n = s->user.n < USER_BYTES ? s->user.n : USER_BYTES;
    ms_server_key(key, &s->server);
    memcpy(key + MS_SERVER_KEY, s->user.p, n);
    void **at = ms_map_put(&a->accounts, (struct ms_bytes){ key, MS_SERVER_KEY + n });
    if (at && !*at)
        *at = ms_arena_alloc(&a->accounts.arena, sizeof(struct account));
    return at ? *at : NULL;
}

/* ---- mass-sending ---------------------------------------------------------------------------------------------- */

static void begin_sending(struct sending *s, const struct ms_message *m)
{
    s->since = m->started;
    s->first_mail = m->first_frame;
    s->mails = s->recipients = 0;
}

static void tell_sending(struct ms_abuse *a, struct sending *s, const struct ms_message *m)
{
    if (s->mails == 2) {
        s->told = renew_case(s->told, &a->accounts.arena, MS_RULE_MASS_SENDING, m->session);
        ms_fact_frame(&s->told->fact, s->first_mail);
    }
    struct ms_fact *f = &s->told->fact;
    ms_fact_frame(f, m->first_frame);
    f->count = s->recipients;
    f->total = s->mails;
    f->duration = ms_span(s->since, m->ended);
}

void ms_abuse_message(struct ms_abuse *a, const struct ms_message *m)
{
    const struct ms_session *s = m->session;
    bool                     sent = m->direction == MS_SENT && m->status == MS_STATUS_ACCEPTED && s && s->auth_result == 1 && s->user.n;
    struct account          *who = sent ? account_of(a, s) : NULL;
    if (!who)
        return;
    if (!who->sending)
        who->sending = ms_arena_alloc(&a->accounts.arena, sizeof *who->sending);
    struct sending *now = who->sending;
    if (now->mass)
        return;
    if (now->mails == 0 || !is_within(now->since, m->started, WINDOW_S))
        begin_sending(now, m);
    now->mails++;
    for (size_t i = 0; i < m->envelope.to_count; i++)
        now->recipients += m->envelope.to[i].status == MS_STATUS_ACCEPTED;
    now->mass = now->mails >= MASS_MAILS && now->recipients >= MASS_RECIPIENTS;
    if (now->mails > 1)
        tell_sending(a, now, m);
}

/* ---- credential-reuse ------------------------------------------------------------------------------------------- */

static struct network network_of(const struct ms_endpoint *client)
{
    static const uint8_t v4[12] = { [10] = 0xff, [11] = 0xff };
    struct network       n = { { 0 } };
    bool                 is_v4 = memcmp(client->ip, v4, 12) == 0;
    memcpy(n.bytes + 2, is_v4 ? client->ip + 12 : client->ip, is_v4 ? 2 : 6);
    return n;
}

static bool is_same_network(const struct network *a, const struct network *b) { return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0; }

static void begin_places(struct account *who, const struct network *home, const struct ms_exchange *login)
{
    who->logins_since = login->replied;
    who->first_login = login->reply_frame;
    who->home = *home;
    who->place_count = 1;
}

/* Is it the network of an earlier login in this window? */
static bool is_known_place(const struct account *who, const struct network *n)
{
    if (is_same_network(&who->home, n))
        return true;
    for (uint32_t i = 1; i < who->place_count; i++)
        if (is_same_network(&who->places->seen[i], n))
            return true;
    return false;
}

static void add_place(struct ms_abuse *a, struct account *who, const struct network *n, const struct ms_reply *login)
{
    if (!who->places)
        who->places = ms_arena_alloc(&a->accounts.arena, sizeof *who->places);
    if (who->place_count == 1) {
        who->places->told = renew_case(who->places->told, &a->accounts.arena, MS_RULE_CREDENTIAL_REUSE, login->s);
        who->places->told->client = (struct ms_endpoint){ .port = 0 };
        ms_fact_frame(&who->places->told->fact, who->first_login);
    }
    struct ms_fact *f = &who->places->told->fact;
    who->places->seen[who->place_count++] = *n;
    who->spread = who->place_count == PLACES;
    ms_fact_frame(f, login->x->reply_frame);
    f->count = who->place_count;
    f->duration = ms_span(who->logins_since, login->x->replied);
}

void ms_abuse_login(struct ms_abuse *a, const struct ms_reply *login)
{
    const struct ms_session *s = login->s;
    struct account          *who = s->user.n ? account_of(a, s) : NULL;
    if (!who || who->spread || login->x->replied == MS_UNKNOWN)
        return;
    struct network n = network_of(&s->client);
    if (who->place_count == 0 || !is_within(who->logins_since, login->x->replied, PLACES_S))
        begin_places(who, &n, login->x);
    else if (!is_known_place(who, &n))
        add_place(a, who, &n, login);
}

/* ---- scanner: many doors, and nothing done ------------------------------------------------------------------------- */

/* It was greeted, and then neither logged in nor had mail. */
static bool did_nothing(const struct ms_session *s)
{
    bool greeted = s->flags & MS_SESSION_GREETED && s->flags & MS_SESSION_SYN && !(s->flags & (MS_SESSION_ENCRYPTED | MS_SESSION_GAPS));
    return greeted && s->auth_attempts == 0 && s->message_count == 0 && (s->stage < MS_STAGE_AUTH || s->stage == MS_STAGE_QUIT) && s->bytes[MS_C2S] <= SWEEP_BYTES;
}

static bool is_new_server(struct ms_abuse *a, const struct ms_session *s)
{
    uint8_t key[32];
    memcpy(key, s->client.ip, 16);
    memcpy(key + 16, s->server.ip, 16);
    void **at = ms_map_put(&a->knocked, (struct ms_bytes){ key, sizeof key });
    bool   fresh = at && !*at;
    if (at)
        *at = a;
    return fresh;
}

static void note_knock(struct ms_abuse *a, const struct ms_session *s)
{
    void **at = is_new_server(a, s) ? ms_map_put(&a->sweepers, (struct ms_bytes){ s->client.ip, 16 }) : NULL;
    if (!at)
        return;
    struct sweeper *w = *at ? *at : (*at = ms_arena_alloc(&a->sweepers.arena, sizeof *w));
    if (w->servers && !is_within(w->since, s->started, WINDOW_S)) {
        if (w->most >= SWEEP_SERVERS)
            return;
        w->servers = 0;
    }
    if (w->servers++ == 0) {
        w->first = case_of(&a->sweepers.arena, MS_RULE_SCANNER, s);
        w->since = s->started;
    }
    w->most = w->servers;
    w->first.fact.duration = ms_span(w->since, s->started);
    ms_fact_frame(&w->first.fact, s->first_frame);
}

/* ---- resource-exhaustion: connections held open ---------------------------------------------------------------------- */

static void begin_holding(struct holder *h, const struct ms_session *s)
{
    h->moment = s->ended;
    h->open = 0;
}

/* Sessions come in the order in which they end: those that began before the first one ended were open then, all of them. */
static void note_held(struct ms_abuse *a, const struct ms_session *s)
{
    uint8_t key[MS_PAIR_KEY];
    void  **at = ms_map_put(&a->holders, ms_pair_key(key, s));
    if (!at)
        return;
    struct holder *h = *at;
    if (!h) {
        h = *at = ms_arena_alloc(&a->holders.arena, sizeof *h);
        h->first = case_of(&a->holders.arena, MS_RULE_RESOURCE_EXHAUSTION, s);
    }
    if (h->open == 0 || s->started >= h->moment)
        begin_holding(h, s);
    h->open++;
    h->most = h->open > h->most ? h->open : h->most;
    ms_fact_frame(&h->first.fact, s->first_frame);
}

/* ---- mailbox-dump --------------------------------------------------------------------------------------------------- */

static void check_dump(struct ms_watch **watch, const struct ms_session *s, const struct ms_who *client, const struct ms_who *user)
{
    bool guessed = client && user && client->failed >= DUMP_FAILURES && user->failed >= DUMP_FAILURES && s->auth_result == 1 && ms_scope_is_guessed(user);
    if (!guessed || s->message_count < DUMP_MESSAGES || (s->protocol != MS_PROTO_POP3 && s->protocol != MS_PROTO_IMAP))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_MAILBOX_DUMP);
    f.user = s->user;
    f.count = s->message_count;
    f.size = s->bytes[MS_S2C];
    f.detail = ms_watch_text(ms_watch_of(watch), "%u messages were fetched, after %u failed logins", s->message_count, user->failed);
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, s->last_frame);
    ms_fact_add(*watch, &f);
}

void ms_abuse_session(struct ms_abuse *a, struct ms_watch **w, const struct ms_session *s)
{
    if (*w && (*w)->user)
        check_dump(w, s, (*w)->client, (*w)->user);
    if (!did_nothing(s))
        return;
    if (!(s->flags & MS_SESSION_CUT_OFF))
        note_knock(a, s);
    if (s->timing.client >= HELD_S * INT64_C(1000000000))
        note_held(a, s);
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

typedef void report_case(void *ctx, const struct ms_case *c);

static void finish_account(struct account *who, report_case *report, void *ctx)
{
    char text[120];
    if (who->sending && who->sending->mass) {
        struct ms_case *told = who->sending->told;
        int n = snprintf(text, sizeof text, "%llu messages to %llu recipients in %.0f s", (unsigned long long)told->fact.total,
                         (unsigned long long)told->fact.count, (double)told->fact.duration / 1e9);
        told->fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
        report(ctx, told);
    }
    if (who->spread)
        report(ctx, who->places->told);
}

void ms_abuse_finish(struct ms_abuse *a, report_case *report, void *ctx)
{
    char text[120];
    for (uint32_t i = 0; i < a->accounts.count; i++)
        finish_account(a->accounts.entries[i].value, report, ctx);
    for (uint32_t i = 0; i < a->sweepers.count; i++) {
        struct sweeper *w = a->sweepers.entries[i].value;
        if (w->most < SWEEP_SERVERS)
            continue;
        int n = snprintf(text, sizeof text, "It greeted %u servers in %.0f s, and did nothing there", w->most, (double)w->first.fact.duration / 1e9);
        w->first.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
        w->first.fact.subject = MS_LIT("and others");
        report(ctx, &w->first);
    }
    for (uint32_t i = 0; i < a->holders.count; i++) {
        struct holder *h = a->holders.entries[i].value;
        if (h->most < HELD_SESSIONS)
            continue;
        int n = snprintf(text, sizeof text, "It held %u connections open at one time, each for a minute or more, and did nothing there", h->most);
        h->first.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
        h->first.fact.count = h->most;
        report(ctx, &h->first);
    }
}
