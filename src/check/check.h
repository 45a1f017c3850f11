/* check/check.h - findings: what went wrong, why, how we know, what to do.
 *
 * A check is one row of catalogue.def and one function; the row holds the words, the function decides. Checks see the records
 * of one session as they happen (exchange, message, end of session) and, at the end of the capture, all sessions together.
 *
 * Facts    a check reports a struct ms_fact: the rule and the evidence. The collector groups facts (rule, server, code), keeps
 *          them apart until the end of the capture when the output lists them, and renders the words then, because only then "one user or
 *          all, one server or all?" can be answered.
 * Memory   facts that are kept go to an unlinked temporary file beyond 4 MiB; 24 bytes of memory remain for each. Groups and
 *          the tables of users, clients and servers are bounded by the limit `groups`.
 * Order    findings are numbered from 1 by their first frame.
 * Threads  one struct ms_checks a shard; merged at the end.                                                        */
#pragma once
#include "base/hash.h"
#include "base/limits.h"
#include "model/record.h"

enum ms_rule {
#define X(name, slug, category, severity, trigger, title, explanation, remedy, references, example) MS_RULE_##name,
#include "check/catalogue.def"
#undef X
    MS_RULE_COUNT
};
enum { MS_USER_RULES = 64, MS_RULES_MOST = MS_RULE_COUNT + MS_USER_RULES }; /* those of users follow the catalogue's */
_Static_assert((MS_RULES_MOST + 63) / 64 <= MS_RULE_WORDS, "model/record.h: MS_RULE_WORDS");
struct ms_rule_row {
    const char *name;           /* "auth-failed" */
    enum ms_category category;
    enum ms_severity severity;  /* the usual one; a fact may say another */
    const char *trigger;        /* when it fires, for the catalogue */
    const char *title, *explanation, *remedy; /* templates: {client} {server} {user} {subject} {code} {meaning} {quote} ... */
    const char *references, *example;
};
extern const struct ms_rule_row ms_rules[MS_RULE_COUNT];
/* The catalogue's rules and those of users, which are added while the command line is read, before anything else runs. The row is borrowed:
 * trigger is the filter, explanation the user's words. False: there are MS_USER_RULES. */
bool ms_rule_add(const struct ms_rule_row *row, unsigned *number);
unsigned ms_rule_total(void);
const struct ms_rule_row *ms_rule_at(unsigned rule);
bool ms_rule_find(const char *name, enum ms_rule *out);

/* A domain of those who take in anybody's mail, or filter it for others: whoever is known by it alone is one of very many. */
bool ms_is_mail_provider(struct ms_bytes site);

/* What RFC 3463 / RFC 5248 say of an enhanced code, else of the basic code (RFC 5321 4.2): "mailbox full"; NULL unknown. */
const char *ms_enhanced_meaning(struct ms_enhanced e);
const char *ms_code_meaning(enum ms_protocol p, unsigned code);

struct ms_watch;  /* what the checks remember of one session; made when first needed */
struct ms_checks; /* what they remember of all */

struct ms_check_options {
    bool keep_findings;  /* the output lists single findings (else groups only) */
    const struct ms_weights *weights; /* borrowed; NULL: nothing is off */
};
struct ms_checks *ms_checks_create(const struct ms_limits *limits, const struct ms_check_options *options);
void ms_checks_destroy(struct ms_checks *c);

/* The session's records, in order. *watch starts as NULL and is owned by the checks; ms_checks_session frees it.
 * Session ids need not be known before ms_checks_number(). */
void ms_checks_exchange(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s, const struct ms_exchange *x);
size_t ms_checks_watch_size(void); /* of a struct ms_watch, in whole words: it may be moved while nobody looks */
void   ms_checks_watch_rest(struct ms_watch *w); /* forgets what can be looked up again, before it is packed */
void ms_checks_message(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s, const struct ms_message *m);

/* ---- one message, of a session or of a file ---------------------------------------------------------------- */

/* Signs of its header fields and envelope (check/sender.c); m->top, headers, envelope and session are final. */
void ms_check_sender(struct ms_signs *signs, const struct ms_message *m);
void ms_check_structure(struct ms_signs *signs, const struct ms_message *m); /* MIME that programs read in different ways */
/* What users changed: points of signs, signs and findings that are off. */
enum { MS_POINTS_OFF = INT16_MIN };
struct ms_weights { int16_t points[MS_SIGN_COUNT]; struct ms_rule_set rules_off; };
void ms_weights_init(struct ms_weights *w);
/* `name` of a sign or of a finding; of findings only MS_POINTS_OFF. False: there is none, or it has no points. */
bool ms_weights_set(struct ms_weights *w, const char *name, int16_t points);
bool ms_rule_is_off(const struct ms_weights *w, unsigned rule);

/* Weighs all signs: verdict, reasons and findings of *m (check/verdict.c). Signs that are off leave the list. */
void ms_check_verdict(const struct ms_weights *w, struct ms_signs *signs, struct ms_message *m);
const char *ms_sign_meaning(enum ms_sign_kind kind); /* "This message " + meaning + "." */
int ms_sign_weight(enum ms_sign_kind kind);          /* tenths, before users changed them */

/* A DNS lookup that was answered or given up (net/dns.h); borrowed during the call. Lookups come in the order in which they end. */
struct ms_lookup;
void ms_checks_lookup(struct ms_checks *c, const struct ms_lookup *l);

/* A rule of the user holds, for the session itself or for something in it. */
struct ms_user_finding { unsigned rule; const struct ms_session *session; uint32_t message; uint64_t frames[2]; };
void ms_checks_user(struct ms_checks *c, const struct ms_user_finding *u);

/* A file that came by HTTP, all of it. */
struct ms_download {
    uint8_t                sha256[32];
    uint64_t               size, answer_frame, last_frame;
    struct ms_bytes        target;          /* path and query that were asked for; empty unknown */
    struct ms_bytes        name;            /* as the server or the link says; empty: neither */
    const char            *detected;        /* MIME type by content; NULL unknown */
    const struct ms_signs *signs;           /* as of an attachment */
};

/* A connection that is no mail, to a host that somebody may have found in a message; slices are borrowed during the call. */
struct ms_visit {
    struct ms_endpoint client, server;
    struct ms_bytes    host;                /* that was asked for, by TLS or HTTP, in lower case; else the server's address */
    struct ms_bytes    target;              /* HTTP: path and query; empty: not read */
    bool               tls;
    uint64_t           frame, answer_frame; /* of the request or client hello; of the HTTP answer, 0 none */
    unsigned           status;              /* of HTTP; 0 not seen */
    struct ms_bytes    type;                /* of what came */
    uint64_t           length;              /* that HTTP promised; 0 not said */
    uint64_t           bytes[2];            /* by direction, until it ended */
    const struct ms_download *downloads; size_t download_count; /* what came and was seen whole */
};
/* Is anybody interested in connections to this host (lower case)? Empty: to any at all. */
bool ms_checks_watches(const struct ms_checks *c, struct ms_bytes host);
void ms_checks_visit(struct ms_checks *c, const struct ms_visit *v); /* it has ended */
uint64_t ms_checks_watch_refused(const struct ms_checks *c);         /* how often the limit watched_links was reached */
/* The time of the last packet, any packet: did the capture go on after an unanswered lookup? Before ms_checks_finish(). */
void ms_checks_until(struct ms_checks *c, int64_t last);
/* The end: outcome, timing, TCP evidence and flags are final. Sets s->findings. s->id is final. */
void ms_checks_session(struct ms_checks *c, struct ms_watch **watch, struct ms_session *s);
bool ms_session_misses_tls(const struct ms_session *s); /* plain text on a port of implicit TLS; but for the outcome, s is final */

/* ---- at the end of the capture ------------------------------------------------------------------------- */

/* Facts of one kind on one server: what `diagnose` shows. */
struct ms_problem {
    enum ms_rule     rule;
    enum ms_severity severity;
    unsigned         code;
    uint32_t         count;          /* findings in it */
    uint32_t         clients, users, sessions; /* different ones (up to the limit `groups`) */
    uint32_t         server_sessions, server_clients, server_users; /* all that this server saw, for "of how many" */
    uint32_t         servers, servers_all; /* servers with this rule; servers of this protocol in the capture */
    struct ms_endpoint server;       /* the server it is about; port 0 when it is about several */
    enum ms_protocol protocol;
    struct ms_finding example;       /* the first one, rendered; its explanation ends with the scope sentence */
};
/* Runs the checks across sessions, sorts and renders. Then: */
void ms_checks_finish(struct ms_checks *c);
uint64_t ms_checks_refused(const struct ms_checks *c); /* how often the limit `groups` was reached */
size_t ms_checks_problem_count(const struct ms_checks *c);
const struct ms_problem *ms_checks_problem(const struct ms_checks *c, size_t i); /* worst severity first, then count, then frame */
/* Every finding in order of id; needs keep_findings. The finding is borrowed during the call. */
void ms_checks_each_finding(struct ms_checks *c, void (*fn)(void *ctx, const struct ms_finding *f), void *ctx);
bool ms_checks_worst(const struct ms_checks *c, enum ms_severity *out); /* false: no finding at all */
uint64_t ms_checks_finding_count(const struct ms_checks *c, enum ms_severity severity);
