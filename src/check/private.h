/* check/private.h - what the checks share: facts, the memory of one session and of the whole capture. */
#pragma once
#include "check/check.h"

/* What a check found. Slices are copied when the fact is reported. */
struct ms_fact {
    uint16_t           rule;      /* enum ms_rule */
    uint8_t            severity;  /* enum ms_severity */
    uint8_t            frame_count;
    uint64_t           frames[MS_FINDING_FRAMES];
    uint16_t           code;
    struct ms_enhanced enhanced;
    uint32_t           message;   /* id; 0 none */
    uint64_t           count, total, size; /* {count} {percent} of total {size} */
    int64_t            duration;  /* {seconds}; 0 none */
    struct ms_bytes    subject, user, quote, command, detail, cause, advice;
};
enum { MS_FACT_SLICES = 7 };

/* A fact together with whose it is: all that rendering needs. */
struct ms_case {
    struct ms_fact     fact;
    struct ms_endpoint client, server;
    uint32_t           session;
    uint8_t            protocol;
};

struct ms_watched { struct ms_watched *next; struct ms_fact fact; };

struct ms_watch { /* one session */
    struct ms_arena    arena;
    struct ms_watched *facts, *last_fact;
    uint32_t           fact_count;
    int64_t            last_reply;       /* end of the last reply; MS_UNKNOWN */
    uint64_t           last_reply_frame;
    int64_t            silence;          /* longest pause before a command that followed a reply */
    uint64_t           open_frame;       /* of the last unanswered command; 0 none */
    int64_t            open_sent;
    struct ms_bytes    open_command;
    uint64_t           greeting_frame, early_frame, caps_frame;
    struct ms_bytes    early_command;
    bool               open_data_end, open_quit, incomplete_message, refused;
    bool               chunk_refused;    /* the last BDAT was: what follows of the message is in vain */
    uint32_t           commands, idle_commands; /* idle: NOOP and RSET */
    uint64_t           secret_frames[2], mail_frames[MS_FINDING_FRAMES]; /* secret: the first login by which one crossed in clear */
    uint8_t            secret_mechanism; /* enum ms_mechanism of that login */
    uint32_t           mails;            /* that crossed in clear */
    uint64_t           stripped_frames[2]; /* of the list with an overwritten keyword as long as STARTTLS; 0 none */
    struct ms_served  *served;           /* looked up when first needed */
    struct ms_who     *client, *user;
};

struct ms_reply { struct ms_session *s; const struct ms_exchange *x; struct ms_watch *w; };

struct ms_watch *ms_watch_of(struct ms_watch **w);
/* Reports a fact of this session; equal ones (rule, code, subject) are added up. */
void ms_fact_add(struct ms_watch *w, const struct ms_fact *f);
struct ms_fact ms_fact_of(enum ms_rule rule);                     /* with the rule's severity */
struct ms_fact ms_fact_reply(enum ms_rule rule, const struct ms_exchange *x); /* and the words of an exchange */
void ms_fact_frame(struct ms_fact *f, uint64_t frame);            /* keeps them ascending, without 0 and doubles */
struct ms_bytes ms_watch_text(struct ms_watch *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text to be searched for phrases: lower case, with a filter of the letter pairs in it, so that most phrases cost one look. */
enum { MS_WORDS_BYTES = 512 };
struct ms_words { uint8_t text[MS_WORDS_BYTES]; size_t n; uint64_t pairs[16]; };
void ms_words_init(struct ms_words *w, struct ms_bytes text);      /* its first MS_WORDS_BYTES bytes */
bool ms_words_have(const struct ms_words *w, const char *phrases); /* any of "a|b|c", written in lower case */

/* One function a group of rules: reply.c connection.c tcp.c performance.c policy.c tls.c certificate.c */
/* The rule of a refusal; MS_RULE_COUNT when the reply is none. */
enum ms_rule ms_check_reply(struct ms_reply r);
bool ms_words_say_unknown(const struct ms_words *w);     /* of a user or mailbox */
void ms_check_connection(struct ms_watch **w, struct ms_session *s);
void ms_check_tcp(struct ms_watch **w, struct ms_session *s);
void ms_check_performance_exchange(struct ms_watch **w, struct ms_session *s, const struct ms_exchange *x);
void ms_check_performance_session(struct ms_watch **w, struct ms_session *s);
void ms_check_policy(struct ms_watch **w, struct ms_session *s);
bool ms_check_is_clear(const struct ms_session *s, uint64_t frame); /* was what came by this frame in clear? */
void ms_check_tls(struct ms_watch **w, struct ms_session *s);
void ms_check_message(struct ms_watch *w, const struct ms_message *m); /* what was found in it */
void ms_check_message_rules(const struct ms_weights *w, struct ms_message *m); /* as bits of m->findings */
void ms_check_certificate(struct ms_watch **w, const struct ms_session *s);
void ms_check_command(struct ms_reply r); /* command.c */
/* attack.c: what one session shows of an attack */
void ms_check_opening(struct ms_session *s); /* with its first exchange: is it worth keeping? */
void ms_check_attack_session(struct ms_watch **w, struct ms_session *s);

/* A limit as the cap of a map. */
static inline uint32_t ms_cap(uint64_t limit) { return limit > UINT32_MAX ? UINT32_MAX : (uint32_t)limit; }
static inline uint32_t ms_groups_cap(const struct ms_limits *limits) { return ms_cap(limits->groups); }

/* to - from; MS_UNKNOWN when one of them is, or when no number holds it: as a duration that is less than any other. */
static inline int64_t ms_span(int64_t from, int64_t to)
{
    int64_t span;
    return from == MS_UNKNOWN || to == MS_UNKNOWN || __builtin_sub_overflow(to, from, &span) ? MS_UNKNOWN : span;
}

/* What several of them ask. */
bool ms_session_is_whole(const struct ms_session *s);    /* the capture holds all of it: silence means silence */
bool ms_server_closed_first(const struct ms_session *s);
const struct ms_tls_alert *ms_tls_fatal_alert(const struct ms_session *s, bool in_handshake); /* NULL: none */
bool ms_tls_went_on(const struct ms_session *s);         /* the handshake went through and the client used it */
const char *ms_certificate_fault(const struct ms_session *s); /* "a self-signed certificate"; NULL: none that is seen */

/* dns.c: lookups that mail needs, and what went wrong with them. They are judged at the end: the next try may have worked. */
struct ms_scope;
struct ms_promises;
struct ms_questions;
struct ms_questions *ms_questions_create(const struct ms_limits *limits);
void ms_questions_destroy(struct ms_questions *q);
/* Does mail need it? It is kept when it failed or was slow. */
bool ms_questions_lookup(struct ms_questions *q, const struct ms_promises *p, const struct ms_lookup *l);
void ms_questions_clock(struct ms_questions *q, int64_t now);
void ms_questions_session(struct ms_questions *q, struct ms_watch **w, const struct ms_session *s);
void ms_questions_finish(struct ms_questions *q, const struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_questions_refused(const struct ms_questions *q);

/* mail_names.c */
bool ms_mail_name_matters(const struct ms_promises *p, const struct ms_lookup *l); /* does mail need this lookup? */
bool ms_mail_name_is_guess(struct ms_bytes name);        /* autodiscover and the like: it may well not exist */

/* resolvers.c: resolvers that are slow as a rule. */
struct ms_resolvers;
struct ms_resolvers *ms_resolvers_create(const struct ms_limits *limits);
void ms_resolvers_destroy(struct ms_resolvers *r);
void ms_resolvers_lookup(struct ms_resolvers *r, const struct ms_lookup *l); /* one that mail needs */
void ms_resolvers_finish(struct ms_resolvers *r, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_resolvers_refused(const struct ms_resolvers *r);

/* promises.c: what DNS says that senders should do (MTA-STS, DANE), compared with what they did. */
struct ms_promises *ms_promises_create(const struct ms_limits *limits);
void ms_promises_destroy(struct ms_promises *p);
void ms_promises_lookup(struct ms_promises *p, const struct ms_lookup *l);
bool ms_promises_is_mail_host(const struct ms_promises *p, struct ms_bytes name); /* the target of an MX or SRV record that was seen */
void ms_promises_session(const struct ms_promises *p, struct ms_watch **w, const struct ms_session *s);
uint64_t ms_promises_refused(const struct ms_promises *p);

/* harvest.c: who tries out which users a server has. */
struct ms_harvest;
struct ms_harvest *ms_harvest_create(const struct ms_limits *limits);
void ms_harvest_destroy(struct ms_harvest *h);
void ms_harvest_exchange(struct ms_harvest *h, struct ms_reply r, enum ms_rule refusal);
void ms_harvest_finish(struct ms_harvest *h, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_harvest_refused(const struct ms_harvest *h);

/* abuse.c: what is done with accounts, and who knocks on many doors. */
struct ms_abuse;
struct ms_abuse *ms_abuse_create(const struct ms_limits *limits);
void ms_abuse_destroy(struct ms_abuse *a);
void ms_abuse_login(struct ms_abuse *a, const struct ms_reply *login); /* one that worked */
void ms_abuse_message(struct ms_abuse *a, const struct ms_message *m);
void ms_abuse_session(struct ms_abuse *a, struct ms_watch **w, const struct ms_session *s);
void ms_abuse_finish(struct ms_abuse *a, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_abuse_refused(const struct ms_abuse *a);

/* bomb.c: mailboxes buried under confirmations. */
struct ms_bombs;
struct ms_bombs *ms_bombs_create(const struct ms_limits *limits);
void ms_bombs_destroy(struct ms_bombs *b);
void ms_bombs_message(struct ms_bombs *b, const struct ms_message *m);
void ms_bombs_finish(struct ms_bombs *b, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_bombs_refused(const struct ms_bombs *b);
struct ms_bytes ms_from_domain(const struct ms_message *m); /* of the address in From (campaign.c) */

/* The session of a message, whose number may come later. `origins`: by first frame, one of all checks. NULL beyond its cap. */
struct ms_origin { uint32_t session; uint64_t first_frame; };
const struct ms_origin *ms_origin_of(struct ms_map *origins, const struct ms_session *s);

/* spread.c: files of dangerous messages, and programs, on several sessions, and which message carried a file first; campaign.c: messages that belong together. */
struct ms_spread;
struct ms_spread *ms_spread_create(const struct ms_limits *limits, struct ms_map *origins);
void ms_spread_destroy(struct ms_spread *s);
void ms_spread_message(struct ms_spread *s, const struct ms_message *m);
void ms_spread_finish(struct ms_spread *s, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_spread_refused(const struct ms_spread *s);
struct ms_carried { uint32_t message; uint64_t frame; const struct ms_origin *origin; uint8_t worst; /* enum ms_class of all that carried it */ };
const struct ms_carried *ms_spread_find(const struct ms_spread *s, const uint8_t sha256[32]); /* NULL: nobody sent such a file */
struct ms_campaigns;
struct ms_campaigns *ms_campaigns_create(const struct ms_limits *limits, struct ms_map *origins);
void ms_campaigns_destroy(struct ms_campaigns *c);
void ms_campaigns_message(struct ms_campaigns *c, const struct ms_message *m);
void ms_campaigns_finish(struct ms_campaigns *c, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_campaigns_refused(const struct ms_campaigns *c);
/* replay.c: one signed message that many hand in. */
struct ms_replays;
struct ms_replays *ms_replays_create(const struct ms_limits *limits, struct ms_map *origins);
void ms_replays_destroy(struct ms_replays *r);
void ms_replays_message(struct ms_replays *r, const struct ms_message *m);
void ms_replays_finish(struct ms_replays *r, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_replays_refused(const struct ms_replays *r);
/* A case about a message of a session; what it keeps is in `arena`. */
struct ms_case ms_case_of_message(struct ms_arena *arena, enum ms_rule rule, const struct ms_message *m);
bool ms_part_is_file(const struct ms_part *p); /* whole, with a digest, and no picture */
/* The sessions where something was seen, the first of them by number. */
enum { MS_SEEN_SESSIONS = 8 };
struct ms_seen_sessions { const struct ms_origin *at[MS_SEEN_SESSIONS]; uint32_t n; uint64_t last; };
bool ms_sessions_see(struct ms_seen_sessions *seen, const struct ms_origin *o); /* false: it is the session of last time, or one of the first */
void ms_sessions_say(const struct ms_seen_sessions *seen, struct ms_buffer *t); /* "3, 4 and 9", "3, 4, ... and 12 more" */

/* chain.c: who follows the links of dangerous messages, and what comes. `files`: what was attached. */
struct ms_chain;
struct ms_chain *ms_chain_create(const struct ms_limits *limits, struct ms_map *origins);
void ms_chain_destroy(struct ms_chain *c);
void ms_chain_message(struct ms_chain *c, const struct ms_message *m);
bool ms_chain_watches(const struct ms_chain *c, struct ms_bytes host); /* empty: any host at all */
void ms_chain_lookup(struct ms_chain *c, const struct ms_lookup *l);
void ms_chain_visit(struct ms_chain *c, const struct ms_visit *v);
void ms_chain_finish(struct ms_chain *c, const struct ms_spread *files, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_chain_refused(const struct ms_chain *c); /* the limit watched_links */

/* relay.c: who hands in mail for others at a server that takes it. */
struct ms_relay;
struct ms_relay *ms_relay_create(const struct ms_limits *limits);
void ms_relay_destroy(struct ms_relay *r);
void ms_relay_exchange(struct ms_relay *relay, struct ms_reply r);
void ms_relay_message(struct ms_relay *relay, const struct ms_message *m);
void ms_relay_finish(struct ms_relay *relay, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_relay_refused(const struct ms_relay *r);
/* The client comes from elsewhere: its address is not private, and of another network than the server's. */
bool ms_is_stranger(const struct ms_endpoint *client, const struct ms_endpoint *server);
/* brand.c: companies that forgers pretend to be (brands.def) */
struct ms_brand;
const struct ms_brand *ms_brand_in(struct ms_bytes text, bool *disguised); /* that a name or subject calls; NULL none. disguised: only as people read it */
bool ms_is_brand_alone(const struct ms_brand *b, struct ms_bytes name); /* nothing else, but for words of a service: "PayPal Support" */
bool ms_brand_has_site(const struct ms_brand *b, struct ms_bytes host);    /* in the table */
bool ms_brand_owns(const struct ms_brand *b, struct ms_bytes domain);      /* or may, by its name: "paypal.example", "paypalmail.example" */
bool ms_brand_posed(const struct ms_brand *b, struct ms_bytes domain);     /* by one that is not its own: "paypal-secure.example" */
bool ms_is_brand_host(struct ms_bytes host); /* the front door of one */
bool ms_is_brand_site(struct ms_bytes domain); /* at home with one */
bool ms_same_brand(struct ms_bytes a, struct ms_bytes b); /* two sites of one */
struct ms_bytes ms_host_imitates(struct ms_bytes host); /* a word in it that is read as the name of one, and is another: "paypa1.example" */
struct ms_bytes ms_host_poses(struct ms_bytes host); /* the name of one in it that it does not belong to; empty: none */
bool ms_is_freemail(struct ms_bytes site);   /* anybody gets an address there (freemail.def) */
bool ms_has_word(struct ms_bytes text, struct ms_bytes word); /* as a whole word; any case */
static inline bool ms_is_word_byte(uint8_t c) { return ms_is_digit(c) || ms_is_letter(c) || c >= 0x80; }
/* As it looks: lower case, letters of other scripts as the Latin ones that they imitate, 0 as o, 1 and I as l, nothing for what is invisible; of
 * UTF-8, ASCII. */
enum { MS_READ_BYTES = 128 };
struct ms_bytes ms_as_read(struct ms_bytes text, uint8_t out[MS_READ_BYTES]);

bool ms_is_errand(struct ms_bytes domain); /* errand.c: called after what forgers want */

/* letters.c */
bool ms_is_random_name(struct ms_bytes local);     /* letters in a row that nobody chose */
bool ms_has_random_word(struct ms_bytes text);     /* the same, with digits in it */
bool ms_has_disguised_word(struct ms_bytes text);  /* a small L that is read as an I */
bool ms_is_decorated(struct ms_bytes name);        /* pictures, arrows, marks in a row */
bool ms_has_hidden(struct ms_bytes text);          /* characters that nobody sees */

/* trace.c: Received fields, newest first. `outside`: the session, when the message was handed in from outside; else NULL. */
enum { MS_HOPS = 16 };
struct ms_hops { struct ms_bytes at[MS_HOPS]; size_t n; };
void ms_check_trace(struct ms_signs *signs, const struct ms_hops *hops, const struct ms_session *outside);

/* lookalike.c: is the host read as that site and is another one? MS_NEAR: one letter is another. */
enum ms_likeness { MS_UNLIKE, MS_NEAR, MS_ALIKE };
enum ms_likeness ms_likeness_of(struct ms_bytes host, struct ms_bytes own);

/* links.c: where the links lead, beside who sent it. `own`: the site of the sender, and those of who carries and signs his mail. */
enum { MS_SITES = 12 };
struct ms_sites { struct ms_bytes sender, at[MS_SITES]; size_t n; };
void ms_sites_add(struct ms_sites *s, struct ms_bytes host);
void ms_check_links(struct ms_signs *signs, const struct ms_message *m, const struct ms_sites *own);
bool ms_leads_past(const struct ms_message *m, const struct ms_brand *b); /* it has links, and none to a site of hers */
void ms_check_own_links(struct ms_signs *signs, const struct ms_message *m, const struct ms_sites *ours); /* lookalikes of the recipients' sites */

/* Keys of tables: a server; a server and the address of a client. */
enum { MS_SERVER_KEY = 18, MS_PAIR_KEY = MS_SERVER_KEY + 16 };
static inline struct ms_bytes ms_server_key(uint8_t key[MS_SERVER_KEY], const struct ms_endpoint *server)
{
    memcpy(key, server->ip, 16);
    key[16] = (uint8_t)(server->port >> 8);
    key[17] = (uint8_t)server->port;
    return (struct ms_bytes){ key, MS_SERVER_KEY };
}
static inline struct ms_bytes ms_pair_key(uint8_t key[MS_PAIR_KEY], const struct ms_session *s)
{
    ms_server_key(key, &s->server);
    memcpy(key + MS_SERVER_KEY, s->client.ip, 16);
    return (struct ms_bytes){ key, MS_PAIR_KEY };
}

/* scope.c: across sessions. Everything lives until ms_scope_destroy(); NULL beyond the limit `groups`. */
struct ms_problem_node; /* collector.c */
struct ms_served { /* one server */
    struct ms_endpoint      at;
    uint32_t                sessions, clients, users, users_ok;
    struct ms_problem_node *problems;
    uint64_t                offer_frame; /* STARTTLS was offered here; 0: to nobody */
    uint8_t                 protocol;
};
struct ms_who { /* a client or a user, at one server */
    struct ms_rule_set rules;       /* it was hit by */
    uint32_t       failed, ok;      /* logins; failed: by what was given as user and password */
    struct failed_login *first;     /* the first failed one; NULL when none */
    struct attack *attack;          /* from the second failed one on */
    struct plain_offer *plain;      /* the first session where STARTTLS was not offered to it; NULL none */
    struct first_hello *hello;      /* a stranger's first name in EHLO within an hour; NULL none */
    bool           offered;         /* to it STARTTLS was offered */
    bool           tried;           /* to log in, whatever came of it */
    uint8_t        worked;          /* enum ms_mechanism that a user logged in with, the last one */
};
struct ms_scope *ms_scope_create(const struct ms_limits *limits);
void ms_scope_destroy(struct ms_scope *s);
struct ms_served *ms_scope_server(struct ms_scope *scope, const struct ms_endpoint *server, enum ms_protocol p);
struct ms_who *ms_scope_client(struct ms_scope *scope, struct ms_served *v, const struct ms_endpoint *client);
struct ms_who *ms_scope_user(struct ms_scope *scope, struct ms_served *v, struct ms_bytes user);
void ms_scope_exchange(struct ms_scope *scope, struct ms_session *s, const struct ms_exchange *x);
void ms_scope_message(struct ms_scope *scope, struct ms_watch **w, struct ms_session *s, const struct ms_message *m);
/* refusal: MS_RULE_COUNT when it was let in. Only MS_RULE_AUTH_FAILED is a guess that failed; others, as "mailbox in use", judge no password. */
void ms_scope_login(struct ms_scope *scope, struct ms_watch *w, const struct ms_session *s, const struct ms_exchange *x, enum ms_rule refusal);
bool ms_scope_is_guessed(const struct ms_who *user); /* different passwords failed, as far as is known */
bool ms_sends_password(enum ms_mechanism m);          /* itself, in one form or another (collector.c) */
bool ms_scope_is_server(const struct ms_scope *scope, const uint8_t ip[16]); /* does it receive mail (25, 465, 587)? */
void ms_scope_offer(struct ms_scope *scope, const struct ms_watch *w, const struct ms_session *s); /* STARTTLS, or none; at the session's end */
void ms_scope_hello(struct ms_scope *scope, struct ms_who *client, const struct ms_session *s); /* what it called itself; at the session's end */
void ms_scope_finish(struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
uint64_t ms_scope_refused(const struct ms_scope *scope); /* not told apart: the limit `groups` */
uint32_t ms_scope_servers(const struct ms_scope *scope, enum ms_protocol p);

/* hello.c: names that one client gives. What is kept lives in the arena. */
void ms_hello_see(struct ms_who *client, struct ms_arena *arena, const struct ms_session *s);
void ms_hello_report(const struct ms_who *client, void (*report)(void *ctx, const struct ms_case *c), void *ctx);

/* render.c */
struct ms_rendering { struct ms_buffer title, evidence, explanation, remedy; };
void ms_render(const struct ms_case *c, struct ms_rendering *r, struct ms_finding *out); /* out borrows from r */
void ms_rendering_finish(struct ms_rendering *r);
const char *ms_protocol_word(enum ms_protocol p); /* in sentences: "IMAP", "mail" */
