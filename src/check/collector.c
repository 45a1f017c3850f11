/* check/collector.c - the checks' front: feeds them the records, groups what they find, keeps single findings for the end. */
#include "base/spool.h"
#include "base/text.h"
#include "check/private.h"
#include "proto/proto.h"
#include "net/dns.h"

#include <stdio.h>
#include <stdlib.h>

struct ms_problem_node {
    struct ms_problem       shown;
    struct ms_case          first;
    struct ms_rendering     words;
    struct ms_served       *served;
    struct ms_problem_node *next; /* of the same server */
    uint64_t                last_session;
};
struct kept    { uint64_t frame, offset; };

struct ms_checks {
    struct ms_check_options options;
    struct ms_scope        *scope;
    struct ms_questions    *questions;
    struct ms_promises     *promises;
    struct ms_resolvers    *resolvers;
    struct ms_harvest      *harvest;
    struct ms_relay        *relay;
    struct ms_abuse        *abuse;
    struct ms_bombs        *bombs;
    struct ms_map           origins;    /* struct ms_origin */
    struct ms_chain        *chain;
    struct ms_spread       *files;
    struct ms_campaigns    *campaigns;
    struct ms_replays      *replays;
    struct ms_arena         arena;      /* problems */
    struct ms_buffer        problems;   /* struct ms_problem_node *, in order of appearance; sorted at the end */
    uint64_t                most_problems;
    uint32_t                spread[MS_RULES_MOST][MS_PROTO_COUNT]; /* servers that show the rule */
    uint64_t                by_severity[MS_SEVERITY_COUNT];
    struct ms_spool         spool;      /* serialised cases */
    struct ms_buffer        kept;       /* struct kept, one a finding */
};

struct ms_checks *ms_checks_create(const struct ms_limits *limits, const struct ms_check_options *options)
{
    struct ms_checks *c = ms_alloc(sizeof *c);
    c->options = *options;
    c->scope = ms_scope_create(limits);
    c->questions = ms_questions_create(limits);
    c->promises = ms_promises_create(limits);
    c->resolvers = ms_resolvers_create(limits);
    c->harvest = ms_harvest_create(limits);
    c->relay = ms_relay_create(limits);
    c->abuse = ms_abuse_create(limits);
    c->bombs = ms_bombs_create(limits);
    c->origins.cap = ms_groups_cap(limits);
    c->chain = ms_chain_create(limits, &c->origins);
    c->files = ms_spread_create(limits, &c->origins);
    c->campaigns = ms_campaigns_create(limits, &c->origins);
    c->replays = ms_replays_create(limits, &c->origins);
    c->most_problems = limits->groups;
    return c;
}

static struct ms_problem_node **nodes(const struct ms_checks *c) { return (struct ms_problem_node **)(void *)c->problems.p; }

void ms_checks_destroy(struct ms_checks *c)
{
    for (size_t i = 0; i < ms_checks_problem_count(c); i++)
        ms_rendering_finish(&nodes(c)[i]->words);
    ms_scope_destroy(c->scope);
    ms_questions_destroy(c->questions);
    ms_promises_destroy(c->promises);
    ms_resolvers_destroy(c->resolvers);
    ms_harvest_destroy(c->harvest);
    ms_relay_destroy(c->relay);
    ms_abuse_destroy(c->abuse);
    ms_bombs_destroy(c->bombs);
    ms_chain_destroy(c->chain);
    ms_spread_destroy(c->files);
    ms_campaigns_destroy(c->campaigns);
    ms_replays_destroy(c->replays);
    ms_map_finish(&c->origins);
    ms_arena_finish(&c->arena);
    ms_buffer_finish(&c->problems);
    ms_spool_finish(&c->spool);
    ms_buffer_finish(&c->kept);
    ms_free(c);
}

/* ---- cases: copied, written, read --------------------------------------------------------------------------- */

enum { CASE_SLICES = MS_FACT_SLICES + 2 };

static void case_slices(struct ms_case *c, struct ms_bytes *out[CASE_SLICES])
{
    struct ms_bytes *all[CASE_SLICES] = { &c->fact.subject, &c->fact.user, &c->fact.quote, &c->fact.command, &c->fact.detail,
                                          &c->fact.cause, &c->fact.advice, &c->client.name, &c->server.name };
    memcpy(out, all, sizeof all);
}

static struct ms_case case_copy(const struct ms_case *from, struct ms_arena *arena)
{
    struct ms_case   c = *from;
    struct ms_bytes *slices[CASE_SLICES];
    case_slices(&c, slices);
    for (int i = 0; i < CASE_SLICES; i++)
        *slices[i] = ms_arena_keep(arena, *slices[i]);
    return c;
}

static void keep(struct ms_checks *c, const struct ms_case *k)
{
    struct ms_case   copy = *k;
    struct ms_bytes *slices[CASE_SLICES];
    struct kept      key = { k->fact.frame_count ? k->fact.frames[0] : 0, ms_spool_end(&c->spool) };
    case_slices(&copy, slices);
    ms_buffer_append(&c->kept, (struct ms_bytes){ (const uint8_t *)&key, sizeof key });
    ms_spool_append(&c->spool, (struct ms_bytes){ (const uint8_t *)&copy, sizeof copy });
    for (int i = 0; i < CASE_SLICES; i++)
        ms_spool_append(&c->spool, *slices[i]);
    ms_spool_flush(&c->spool);
}

static bool load(struct ms_checks *c, uint64_t offset, struct ms_case *out, struct ms_buffer *text)
{
    struct ms_bytes *slices[CASE_SLICES];
    size_t           n = 0;
    if (!ms_spool_read(&c->spool, offset, out, sizeof *out))
        return false;
    case_slices(out, slices);
    for (int i = 0; i < CASE_SLICES; i++)
        n += slices[i]->n;
    if (text->size < n) {
        text->p = ms_resize(text->p, n);
        text->size = n;
    }
    text->n = n;
    if (!ms_spool_read(&c->spool, offset + sizeof *out, text->p, n))
        return false;
    size_t at = 0;
    for (int i = 0; i < CASE_SLICES; i++) {
        slices[i]->p = slices[i]->n ? text->p + at : NULL;
        at += slices[i]->n;
    }
    return true;
}

/* ---- groups ------------------------------------------------------------------------------------------------- */

/* The problem of this rule at this server; made when it is new, NULL beyond the limit `groups`. */
static struct ms_problem_node *problem_of(struct ms_checks *c, struct ms_served *v, const struct ms_case *k)
{
    struct ms_problem_node *p = v ? v->problems : NULL;
    while (p && p->shown.rule != (enum ms_rule)k->fact.rule)
        p = p->next;
    if (p || !v || ms_checks_problem_count(c) >= c->most_problems)
        return p;
    p = ms_arena_alloc(&c->arena, sizeof *p);
    p->first = case_copy(k, &c->arena);
    p->shown.rule = (enum ms_rule)k->fact.rule;
    p->shown.code = k->fact.code;
    p->shown.protocol = (enum ms_protocol)k->protocol;
    p->shown.server = p->first.server;
    p->served = v;
    p->next = v->problems;
    v->problems = p;
    c->spread[k->fact.rule][k->protocol]++;
    ms_buffer_append(&c->problems, (struct ms_bytes){ (const uint8_t *)&p, sizeof p });
    return p;
}

static bool first_time(struct ms_who *who, unsigned rule)
{
    bool first = who && !ms_rules_have(&who->rules, rule);
    if (first)
        ms_rules_add(&who->rules, rule);
    return first;
}

struct about { struct ms_checks *checks; struct ms_served *served; struct ms_who *client, *user; };

static void report(const struct about *a, const struct ms_case *k)
{
    struct ms_checks       *c = a->checks;
    if (ms_rule_is_off(c->options.weights, k->fact.rule))
        return;
    struct ms_problem_node *p = problem_of(c, a->served, k);
    c->by_severity[k->fact.severity]++;
    if (c->options.keep_findings)
        keep(c, k);
    if (!p)
        return;
    p->shown.count++;
    if (k->fact.severity > (uint8_t)p->shown.severity)
        p->shown.severity = (enum ms_severity)k->fact.severity;
    p->shown.clients += first_time(a->client, k->fact.rule);
    p->shown.users += k->fact.user.n && first_time(a->user, k->fact.rule);
    bool lookup = k->protocol == MS_PROTO_NONE; /* counted like sessions */
    if (lookup || k->session != p->last_session || p->shown.sessions == 0)
        p->shown.sessions++;
    p->last_session = k->session;
}

static void report_across(void *ctx, const struct ms_case *k)
{
    struct ms_checks *c = ctx;
    struct about      a = { .checks = c, .served = ms_scope_server(c->scope, &k->server, (enum ms_protocol)k->protocol) };
    bool              attack = ms_rule_at(k->fact.rule)->category == MS_CATEGORY_ATTACK && k->session == 0;
    if (!attack && a.served)
        a.client = ms_scope_client(c->scope, a.served, &k->client);
    report(&a, k);
}

/* ---- records in --------------------------------------------------------------------------------------------- */

static bool is_login(const struct ms_exchange *x)
{
    static const char *const verbs[] = { "AUTH", "PASS", "APOP", "LOGIN", "AUTHENTICATE" };
    for (size_t i = 0; x->stage == MS_STAGE_AUTH && i < sizeof verbs / sizeof *verbs; i++)
        if (ms_equal(x->command, ms_str(verbs[i])))
            return true;
    return false;
}

static bool is_done(const struct ms_exchange *x)
{
    return (x->code >= 200 && x->code < 400) || x->code == MS_RESULT_POP_OK || x->code == MS_RESULT_OK;
}

static bool is_refused_login(const struct ms_exchange *x)
{
    return x->code == 535 || x->code == MS_RESULT_POP_ERR || x->code == MS_RESULT_NO || x->code == MS_RESULT_BAD;
}

static void note_open(struct ms_watch *w, const struct ms_exchange *x)
{
    w->open_frame = x->frame;
    w->open_sent = x->sent == MS_UNKNOWN ? 0 : x->sent;
    w->open_command = ms_arena_keep(&w->arena, ms_head(x->command, 64));
    w->open_data_end = x->flags & MS_EXCHANGE_DATA_END && !w->chunk_refused;
    w->open_quit = ms_equal(x->command, MS_LIT("QUIT")) || ms_equal(x->command, MS_LIT("LOGOUT")) || x->flags & MS_EXCHANGE_IDLE;
}

static bool lists_capabilities(const struct ms_exchange *x)
{
    uint8_t first = ms_at(x->command, 0);
    if (first != 'E' && first != 'C')
        return false;
    return ms_equal(x->command, MS_LIT("EHLO")) || ms_equal(x->command, MS_LIT("CAPA")) || ms_equal(x->command, MS_LIT("CAPABILITY"));
}

enum rewritten { UNTOUCHED, GREETING_GONE, KEYWORD_GONE, TLS_GONE };

/* CHUNKING is as long as STARTTLS, and goes with BINARYMIME (RFC 3030 4). */
static enum rewritten list_state(const struct ms_session *s, const struct ms_exchange *x)
{
    size_t length = s->protocol == MS_PROTO_POP3 ? 4 : 8; /* STLS, STARTTLS */
    int    overwritten = 0, as_long = 0;
    bool   binary = false, chunking = false;
    for (struct ms_bytes rest = x->reply, word; (word = ms_take_word(&rest)).n;) {
        binary |= ms_equal_nocase(word, MS_LIT("BINARYMIME"));
        chunking |= ms_equal_nocase(word, MS_LIT("CHUNKING"));
        if (!ms_keyword_overwritten(word))
            continue;
        overwritten++;
        as_long += word.n == length;
    }
    if (as_long > (binary && !chunking))
        return TLS_GONE;
    return overwritten ? KEYWORD_GONE : UNTOUCHED;
}

/* "220 ****************" and "250-XXXXXXXA": what inspecting firewalls make of greetings and capabilities. */
static enum rewritten rewritten(const struct ms_session *s, const struct ms_exchange *x)
{
    if (x->reply.n == 0)
        return UNTOUCHED;
    if (x->flags & MS_EXCHANGE_GREETING)
        return ms_find(x->reply, '*') < x->reply.n && memmem(x->reply.p, x->reply.n, "********", 8) ? GREETING_GONE : UNTOUCHED;
    bool may = lists_capabilities(x) && (memmem(x->reply.p, x->reply.n, "XXX", 3) || memmem(x->reply.p, x->reply.n, "***", 3));
    return may ? list_state(s, x) : UNTOUCHED;
}

static void check_rewritten(struct ms_watch *w, const struct ms_session *s, const struct ms_exchange *x)
{
    enum rewritten what = rewritten(s, x);
    if (what == TLS_GONE && !w->stripped_frames[1]) { /* judged at the end: policy.c */
        w->stripped_frames[0] = x->frame;
        w->stripped_frames[1] = x->reply_frame;
    }
    if (what == UNTOUCHED || what == TLS_GONE)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_MIDDLEBOX);
    f.detail = what == GREETING_GONE ? MS_LIT("The greeting was overwritten with asterisks")
                                     : MS_LIT("A keyword in the list of capabilities was overwritten");
    f.cause = MS_LIT("Such a device (\"SMTP fixup\", mail guard, antivirus proxy) hides extensions from the client and can break TLS, authentication and "
                     "large mails.");
    ms_fact_frame(&f, x->frame);
    ms_fact_frame(&f, x->reply_frame);
    ms_fact_add(w, &f);
}

static void note_times(struct ms_watch *w, const struct ms_exchange *x)
{
    if (x->sent != MS_UNKNOWN && w->last_reply != MS_UNKNOWN && x->sent - w->last_reply > w->silence)
        w->silence = x->sent - w->last_reply;
    if (x->reply_ended != MS_UNKNOWN) {
        w->last_reply = x->reply_ended;
        w->last_reply_frame = x->reply_frame;
    }
}

static void note_exchange(struct ms_watch *w, const struct ms_session *s, const struct ms_exchange *x)
{
    if (x->flags & MS_EXCHANGE_GREETING && !w->greeting_frame)
        w->greeting_frame = x->reply_frame;
    if (x->flags & MS_EXCHANGE_EARLY && !w->early_frame) {
        w->early_frame = x->frame;
        w->early_command = ms_arena_keep(&w->arena, ms_head(x->command, 64));
    }
    if (lists_capabilities(x) && is_done(x) && !w->caps_frame)
        w->caps_frame = x->reply_frame;
    if (is_login(x) && s->flags & MS_SESSION_CLEAR_SECRET && !w->secret_frames[0]) {
        w->secret_frames[0] = x->frame;
        w->secret_frames[1] = x->reply_frame;
        w->secret_mechanism = s->mechanism;
    }
    if (x->flags & MS_EXCHANGE_UNANSWERED)
        note_open(w, x);
    if (ms_equal(x->command, MS_LIT("BDAT")) || ms_equal(x->command, MS_LIT("MAIL")))
        w->chunk_refused = x->code >= 400 && x->command.p[0] == 'B';
    check_rewritten(w, s, x);
}

size_t ms_checks_watch_size(void) { return sizeof(struct ms_watch); }

void ms_checks_watch_rest(struct ms_watch *w)
{
    w->served = NULL;
    w->client = w->user = NULL;
}

void ms_checks_exchange(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_watch *w = ms_watch_of(watch);
    note_exchange(w, s, x);
    ms_check_opening(s);
    ms_check_performance_exchange(watch, s, x);
    struct ms_reply r = { s, x, w };
    enum ms_rule    refusal = ms_check_reply(r);
    note_times(w, x);
    ms_scope_exchange(c->scope, s, x);
    ms_harvest_exchange(c->harvest, r, refusal);
    ms_relay_exchange(c->relay, r);
    ms_check_command(r);
    if (is_login(x) && (is_done(x) || is_refused_login(x)))
        ms_scope_login(c->scope, w, s, x, is_done(x) ? MS_RULE_COUNT : refusal);
    if (is_login(x) && is_done(x))
        ms_abuse_login(c->abuse, &r);
}

void ms_checks_message(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s, const struct ms_message *m)
{
    struct ms_watch *w = ms_watch_of(watch);
    if (m->status == MS_STATUS_INCOMPLETE)
        w->incomplete_message = true;
    if (s->flags & MS_SESSION_CLEAR_MAIL && ms_check_is_clear(s, m->first_frame)) {
        if (w->mails < MS_FINDING_FRAMES)
            w->mail_frames[w->mails] = m->first_frame;
        w->mails++;
    }
    ms_check_message(w, m);
    ms_scope_message(c->scope, watch, s, m);
    ms_relay_message(c->relay, m);
    ms_abuse_message(c->abuse, m);
    ms_bombs_message(c->bombs, m);
    ms_chain_message(c->chain, m);
    ms_spread_message(c->files, m);
    ms_campaigns_message(c->campaigns, m);
    ms_replays_message(c->replays, m);
}

static void report_session(struct about *a, struct ms_watch *w, struct ms_session *s)
{
    struct ms_case k = { .client = s->client, .server = s->server, .session = s->id, .protocol = s->protocol };
    for (const struct ms_watched *f = w->facts; f; f = f->next) {
        k.fact = f->fact;
        if (k.fact.rule == MS_RULE_AUTH_FAILED && s->auth_result == 1)
            k.fact.severity = MS_SEVERITY_NOTE; /* a later attempt worked */
        if (!ms_rule_is_off(a->checks->options.weights, k.fact.rule))
            ms_rules_add(&s->findings, k.fact.rule);
        report(a, &k);
    }
}

void ms_checks_lookup(struct ms_checks *c, const struct ms_lookup *l)
{
    ms_promises_lookup(c->promises, l);
    ms_chain_lookup(c->chain, l);
    if (!ms_questions_lookup(c->questions, c->promises, l))
        return;
    ms_resolvers_lookup(c->resolvers, l);
    struct ms_served *v = ms_scope_server(c->scope, &l->resolver, MS_PROTO_NONE);
    if (v && ms_scope_client(c->scope, v, &l->client))
        v->sessions++;
}

void ms_checks_user(struct ms_checks *c, const struct ms_user_finding *u)
{
    const struct ms_rule_row *row = ms_rule_at(u->rule);
    const struct ms_session  *s = u->session;
    struct ms_case k = { .fact = ms_fact_of((enum ms_rule)u->rule), .client = s->client, .server = s->server, .session = s->id, .protocol = s->protocol };
    k.fact.message = u->message;
    k.fact.user = s->user;
    k.fact.command = ms_str(row->name);
    k.fact.detail = ms_str(row->trigger);
    k.fact.cause = ms_str(row->explanation);
    ms_fact_frame(&k.fact, u->frames[0]);
    ms_fact_frame(&k.fact, u->frames[1]);
    report_across(c, &k);
}

bool ms_checks_watches(const struct ms_checks *c, struct ms_bytes host) { return ms_chain_watches(c->chain, host); }
void ms_checks_visit(struct ms_checks *c, const struct ms_visit *v) { ms_chain_visit(c->chain, v); }
uint64_t ms_checks_watch_refused(const struct ms_checks *c) { return ms_chain_refused(c->chain); }

void ms_checks_until(struct ms_checks *c, int64_t last) { ms_questions_clock(c->questions, last); }

static void number_origin(struct ms_map *origins, const struct ms_session *s)
{
    struct ms_origin *o = origins->count ? ms_map_get(origins, (struct ms_bytes){ (const uint8_t *)&s->first_frame, sizeof s->first_frame }) : NULL;
    if (o)
        o->session = s->id;
}

void ms_checks_session(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s)
{
    ms_questions_clock(c->questions, s->ended);
    ms_check_connection(watch, s);
    ms_check_tcp(watch, s);
    ms_check_performance_session(watch, s);
    ms_check_policy(watch, s);
    ms_check_tls(watch, s);
    ms_check_attack_session(watch, s);
    ms_abuse_session(c->abuse, watch, s);
    ms_questions_session(c->questions, watch, s);
    ms_promises_session(c->promises, watch, s);
    number_origin(&c->origins, s);
    struct ms_watch *w = *watch;
    struct about     a = { c, w ? w->served : NULL, w ? w->client : NULL, w ? w->user : NULL };
    if (!a.served)
        a.served = ms_scope_server(c->scope, &s->server, (enum ms_protocol)s->protocol);
    if (!a.client)
        a.client = ms_scope_client(c->scope, a.served, &s->client);
    ms_scope_hello(c->scope, a.client, s);
    if (!a.user && s->auth_attempts)
        a.user = ms_scope_user(c->scope, a.served, s->user);
    if (a.served)
        a.served->sessions++;
    if (!w)
        return;
    w->served = a.served;
    w->client = a.client;
    ms_scope_offer(c->scope, w, s);
    report_session(&a, w, s);
    ms_arena_finish(&w->arena);
    ms_free(w);
    *watch = NULL;
}

/* ---- the end ------------------------------------------------------------------------------------------------ */

static void count_servers(struct ms_checks *c, struct ms_problem_node *p)
{
    p->shown.server_sessions = p->served->sessions;
    p->shown.server_clients = p->served->clients;
    p->shown.server_users = p->served->users;
    p->shown.server = p->served->at;
    p->shown.servers = c->spread[p->shown.rule][p->shown.protocol];
    p->shown.servers_all = ms_scope_servers(c->scope, p->shown.protocol);
}

bool ms_sends_password(enum ms_mechanism m) { return m == MS_MECH_PLAIN || m == MS_MECH_LOGIN || m == MS_MECH_USERPASS || m == MS_MECH_IMAP_LOGIN; }

/* A challenge was answered in vain by a user who was let in with the password itself: many servers keep it in a form that can be
 * compared with nothing else. */
static void add_mechanism(const struct ms_checks *c, const struct ms_case *k, struct ms_served *v, struct ms_buffer *t)
{
    static const char     challenges[] = "CRAM-MD5|DIGEST-MD5|APOP|NTLM|SCRAM-SHA-1|SCRAM-SHA-256|SCRAM-SHA-1-PLUS|SCRAM-SHA-256-PLUS";
    const struct ms_fact *f = &k->fact;
    const struct ms_who  *who = f->rule == MS_RULE_AUTH_FAILED && ms_is_one_of(f->detail, challenges) ? ms_scope_user(c->scope, v, f->subject) : NULL;
    if (!who || !who->ok || !ms_sends_password((enum ms_mechanism)who->worked))
        return;
    ms_text_str(t, " ");
    ms_text_add(t, f->subject);
    ms_text_format(t, " logged in there with %s: if the password was the same, the server cannot check ", ms_mechanism_name((enum ms_mechanism)who->worked));
    ms_text_add(t, f->detail);
    ms_text_str(t, " for this account, and should not offer it.");
}

static const char *how_many_users(const struct ms_problem *p, const struct ms_served *v)
{
    if (p->users < v->users)
        return "Not everybody is affected at this server";
    return v->users_ok ? "Everybody is affected at this server, but not each time" : "Everybody is affected at this server";
}

/* "one user or all? one server or all?", when the capture can say. */
static void add_scope(const struct ms_problem_node *node, struct ms_buffer *t)
{
    const struct ms_problem *p = &node->shown;
    const struct ms_served  *v = node->served;
    bool                     about_login = ms_rule_at(p->rule)->category == MS_CATEGORY_AUTH;
    if (about_login && p->users && v->users > 1)
        ms_text_format(t, " %s: %u of %u users failed, %u logged in.", how_many_users(p, v), p->users, v->users, v->users_ok);
    else if (p->protocol == MS_PROTO_NONE && v->clients > 1 && p->clients)
        ms_text_format(t, " %u of %u clients of this resolver, %u of %u lookups for mail.", p->clients, v->clients, p->sessions, v->sessions);
    else if (v->clients > 1 && p->clients)
        ms_text_format(t, " %u of %u clients of this server, %u of %u sessions.", p->clients, v->clients, p->sessions, v->sessions);
    if (p->servers_all > 1)
        ms_text_format(t, " %u of %u %s%s in the capture show it.", p->servers, p->servers_all, ms_protocol_name(p->protocol),
                       p->protocol == MS_PROTO_NONE ? "resolvers" : " servers");
}

static int worst_first(const void *a, const void *b)
{
    const struct ms_problem_node *x = *(struct ms_problem_node *const *)a, *y = *(struct ms_problem_node *const *)b;
    if (x->shown.severity != y->shown.severity)
        return x->shown.severity > y->shown.severity ? -1 : 1;
    if (x->shown.count != y->shown.count)
        return x->shown.count > y->shown.count ? -1 : 1;
    if (x->first.fact.frames[0] != y->first.fact.frames[0])
        return x->first.fact.frames[0] < y->first.fact.frames[0] ? -1 : 1;
    return x->shown.rule < y->shown.rule ? -1 : x->shown.rule > y->shown.rule;
}

void ms_checks_finish(struct ms_checks *c)
{
    ms_questions_finish(c->questions, c->scope, report_across, c);
    ms_resolvers_finish(c->resolvers, report_across, c);
    ms_scope_finish(c->scope, report_across, c);
    ms_harvest_finish(c->harvest, report_across, c);
    ms_relay_finish(c->relay, report_across, c);
    ms_abuse_finish(c->abuse, report_across, c);
    ms_bombs_finish(c->bombs, report_across, c);
    ms_chain_finish(c->chain, c->files, report_across, c);
    ms_spread_finish(c->files, report_across, c);
    ms_campaigns_finish(c->campaigns, report_across, c);
    ms_replays_finish(c->replays, report_across, c);
    for (size_t i = 0; i < ms_checks_problem_count(c); i++) {
        struct ms_problem_node *p = nodes(c)[i];
        count_servers(c, p);
        ms_render(&p->first, &p->words, &p->shown.example);
        add_mechanism(c, &p->first, p->served, &p->words.explanation);
        add_scope(p, &p->words.explanation);
        p->shown.example.explanation = ms_buffer_bytes(&p->words.explanation);
    }
    if (c->problems.n)
        qsort(c->problems.p, ms_checks_problem_count(c), sizeof(struct ms_problem_node *), worst_first);
}

uint64_t ms_checks_refused(const struct ms_checks *c)
{
    return ms_scope_refused(c->scope) + ms_questions_refused(c->questions) + ms_promises_refused(c->promises) +
           ms_resolvers_refused(c->resolvers) + ms_harvest_refused(c->harvest) + ms_relay_refused(c->relay) + ms_abuse_refused(c->abuse) + ms_bombs_refused(c->bombs) +
           ms_spread_refused(c->files) + ms_campaigns_refused(c->campaigns) + ms_replays_refused(c->replays);
}

size_t ms_checks_problem_count(const struct ms_checks *c) { return c->problems.n / sizeof(struct ms_problem_node *); }
const struct ms_problem *ms_checks_problem(const struct ms_checks *c, size_t i) { return &nodes(c)[i]->shown; }

static int by_frame(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

void ms_checks_each_finding(struct ms_checks *c, void (*fn)(void *ctx, const struct ms_finding *f), void *ctx)
{
    struct ms_rendering words = { 0 };
    struct ms_buffer    text = { 0 };
    struct kept        *keys = (struct kept *)(void *)c->kept.p;
    size_t              n = c->kept.n / sizeof *keys;
    if (n)
        qsort(keys, n, sizeof *keys, by_frame);
    for (size_t i = 0; i < n; i++) {
        struct ms_case    k;
        struct ms_finding f;
        if (!load(c, keys[i].offset, &k, &text))
            continue;
        ms_render(&k, &words, &f);
        const struct ms_problem_node *p = problem_of(c, ms_scope_server(c->scope, &k.server, (enum ms_protocol)k.protocol), &k);
        if (p) {
            add_mechanism(c, &k, p->served, &words.explanation);
            add_scope(p, &words.explanation);
        }
        f.explanation = ms_buffer_bytes(&words.explanation);
        f.id = (uint32_t)i + 1;
        fn(ctx, &f);
    }
    ms_rendering_finish(&words);
    ms_buffer_finish(&text);
}

bool ms_checks_worst(const struct ms_checks *c, enum ms_severity *out)
{
    for (int s = MS_SEVERITY_COUNT - 1; s >= 0; s--) {
        if (c->by_severity[s]) {
            *out = (enum ms_severity)s;
            return true;
        }
    }
    return false;
}

uint64_t ms_checks_finding_count(const struct ms_checks *c, enum ms_severity severity) { return c->by_severity[severity]; }
