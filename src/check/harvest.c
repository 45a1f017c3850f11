/* check/harvest.c - who tries out which users a server has: by RCPT, VRFY and EXPN, or by what login errors say.
 *
 * One client at one server is one harvester; it is remembered from its first refusal on. Users are told apart, so a client that
 * asks for the same one again and again does not count.
 *
 * Limits   groups: harvesters, and the users that they tried.
 * BUGS     Slower than the window (WINDOW_S) it stays unseen; so does harvesting by the time that a server takes.      */
#include "check/private.h"

#include <stdio.h>

enum { WINDOW_S = 600, RCPT_REFUSED = 10, VRFY_ASKED = 5, LOGIN_UNKNOWN = 5 };

enum way { BY_RCPT, BY_VRFY, BY_LOGIN, WAYS };

struct tally { /* of one window */
    int64_t  since, until;
    uint32_t users, others; /* others: RCPT accepted; VRFY answered; logins refused for another reason, USER accepted */
    uint64_t frames[MS_FINDING_FRAMES];
};

struct harvester {
    struct ms_endpoint client, server;
    uint8_t            protocol;
    struct tally       now[WAYS], best[WAYS];
    bool               expanded; /* a list was given away */
};

struct ms_harvest {
    struct ms_map harvesters; /* server, client -> struct harvester */
    struct ms_map tried;      /* harvester, way, user -> seen */
};

struct ms_harvest *ms_harvest_create(const struct ms_limits *limits)
{
    struct ms_harvest *h = ms_alloc(sizeof *h);
    h->harvesters.cap = h->tried.cap = ms_groups_cap(limits);
    return h;
}

void ms_harvest_destroy(struct ms_harvest *h)
{
    ms_map_finish(&h->harvesters);
    ms_map_finish(&h->tried);
    ms_free(h);
}

uint64_t ms_harvest_refused(const struct ms_harvest *h) { return h->harvesters.refused + h->tried.refused; }

/* ---- counting ------------------------------------------------------------------------------------------------- */

static struct harvester *harvester_of(struct ms_harvest *h, const struct ms_session *s, bool make)
{
    uint8_t         key[MS_PAIR_KEY];
    struct ms_bytes k = ms_pair_key(key, s);
    void          **at = make ? ms_map_put(&h->harvesters, k) : NULL;
    if (!make || !at || *at)
        return make ? (at ? *at : NULL) : h->harvesters.count ? ms_map_get(&h->harvesters, k) : NULL;
    struct harvester *who = *at = ms_arena_alloc(&h->harvesters.arena, sizeof *who);
    who->client = s->client;
    who->server = s->server;
    who->client.name = ms_arena_keep(&h->harvesters.arena, s->client.name);
    who->server.name = ms_arena_keep(&h->harvesters.arena, s->server.name);
    who->protocol = s->protocol;
    return who;
}

static bool is_new(struct ms_harvest *h, const struct harvester *who, enum way way, struct ms_bytes user)
{
    uint8_t  key[17] = { [16] = (uint8_t)way };
    uint64_t hash = ms_hash(user);
    memcpy(key, &who, 8);
    memcpy(key + 8, &hash, 8);
    void **at = ms_map_put(&h->tried, (struct ms_bytes){ key, sizeof key });
    bool   fresh = at && !*at;
    if (at)
        *at = h;
    return fresh;
}

static struct tally *window_of(struct harvester *who, enum way way, int64_t time)
{
    struct tally *t = &who->now[way];
    int64_t       span = ms_span(t->since, time);
    if (t->users + t->others && span >= 0 && span <= WINDOW_S * INT64_C(1000000000))
        return t;
    if (t->users > who->best[way].users)
        who->best[way] = *t;
    *t = (struct tally){ .since = time, .until = time };
    return t;
}

static void count_user(struct ms_harvest *h, struct ms_reply r, enum way way)
{
    struct harvester *who = harvester_of(h, r.s, true);
    if (!who || !is_new(h, who, way, r.x->subject.n ? r.x->subject : r.x->argument))
        return;
    int64_t       time = r.x->replied == MS_UNKNOWN ? 0 : r.x->replied;
    struct tally *t = window_of(who, way, time);
    if (t->users < MS_FINDING_FRAMES)
        t->frames[t->users] = r.x->reply_frame;
    t->users++;
    t->until = time;
    who->expanded |= way == BY_VRFY && r.x->code == 250 && ms_equal(r.x->command, MS_LIT("EXPN"));
    t->others += way == BY_VRFY && r.x->code == 250;
}

static void count_other(struct ms_harvest *h, struct ms_reply r, enum way way)
{
    struct harvester *who = harvester_of(h, r.s, false);
    if (who)
        window_of(who, way, r.x->replied == MS_UNKNOWN ? 0 : r.x->replied)->others++;
}

/* ---- records in ------------------------------------------------------------------------------------------------ */

static bool is_verb(const struct ms_exchange *x, const char *verb) { return ms_equal(x->command, ms_str(verb)); }

static void smtp_exchange(struct ms_harvest *h, struct ms_reply r, enum ms_rule refusal)
{
    if (is_verb(r.x, "RCPT")) {
        if (refusal == MS_RULE_RECIPIENT_UNKNOWN)
            count_user(h, r, BY_RCPT);
        else if (r.x->code / 100 == 2)
            count_other(h, r, BY_RCPT);
    } else if ((is_verb(r.x, "VRFY") || is_verb(r.x, "EXPN")) && r.x->code) {
        count_user(h, r, BY_VRFY);
    }
}

static void login_exchange(struct ms_harvest *h, struct ms_reply r)
{
    struct ms_words words;
    ms_words_init(&words, r.x->reply);
    if (ms_words_say_unknown(&words))
        count_user(h, r, BY_LOGIN);
    else
        count_other(h, r, BY_LOGIN);
}

void ms_harvest_exchange(struct ms_harvest *h, struct ms_reply r, enum ms_rule refusal)
{
    uint8_t first = ms_at(r.x->command, 0);
    bool    user = first == 'U' && r.s->protocol == MS_PROTO_POP3 && is_verb(r.x, "USER");
    if (refusal == MS_RULE_AUTH_FAILED)
        login_exchange(h, r);
    else if (user && r.x->code == MS_RESULT_POP_OK)
        count_other(h, r, BY_LOGIN);
    else if (r.s->protocol == MS_PROTO_SMTP && (first == 'R' || first == 'V' || first == 'E'))
        smtp_exchange(h, r, refusal);
}

/* ---- the end --------------------------------------------------------------------------------------------------- */

static bool is_worth(const struct harvester *who, enum way way, const struct tally *t)
{
    switch (way) {
    case BY_RCPT: return t->users >= RCPT_REFUSED && t->users >= t->others;
    case BY_VRFY: return t->users >= VRFY_ASKED || (t->users && who->expanded);
    default: return t->users >= LOGIN_UNKNOWN;
    }
}

static const char *const means[WAYS] = { "RCPT", "VRFY and EXPN", "logins" };

static int say(char *text, size_t size, enum way way, const struct tally *t)
{
    double seconds = (double)(t->until - t->since) / 1e9;
    switch (way) {
    case BY_RCPT:
        return snprintf(text, size, "%u different recipients were refused as unknown in %.0f s, %u accepted", t->users, seconds, t->others);
    case BY_VRFY:
        return snprintf(text, size, "It asked for %u different users or lists by VRFY or EXPN in %.0f s, and %u were told", t->users, seconds, t->others);
    default:
        return snprintf(text, size, "The server's words told %u different user names to be unknown in %.0f s; %u logins got another answer", t->users,
                        seconds, t->others);
    }
}

static const char *const causes[WAYS] = {
    ("What is accepted in between exists: the list of users of this server, for spam and for guessing passwords. A sender with an old list of "
     "addresses looks much the same."),
    "Servers of today answer VRFY with 252 or 502, and EXPN not at all.",
    "A server should say the same of a wrong password and of a user that it does not have.",
};

static void report_way(const struct harvester *who, enum way way, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    const struct tally *best = &who->best[way], *now = &who->now[way], *t = best->users > now->users && is_worth(who, way, best) ? best : now;
    if (!is_worth(who, way, t))
        return;
    char           text[200];
    struct ms_case c = { .fact = ms_fact_of(MS_RULE_USER_ENUMERATION), .client = who->client, .server = who->server, .protocol = who->protocol };
    int            n = say(text, sizeof text, way, t);
    c.fact.count = t->users;
    c.fact.command = ms_str(means[way]);
    c.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
    c.fact.cause = ms_str(causes[way]);
    for (int i = 0; i < MS_FINDING_FRAMES; i++)
        ms_fact_frame(&c.fact, t->frames[i]);
    report(ctx, &c);
}

void ms_harvest_finish(struct ms_harvest *h, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < h->harvesters.count; i++)
        for (int way = 0; way < WAYS; way++)
            report_way(h->harvesters.entries[i].value, (enum way)way, report, ctx);
}
