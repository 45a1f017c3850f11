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
    struct ms_bytes    subject, user, quote, command, detail, cause;
};
enum { MS_FACT_SLICES = 6 };

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
    uint64_t           secret_frames[2], mail_frames[MS_FINDING_FRAMES];
    uint32_t           mails;
};

/* The wording of one reply, ready to be classified. */
struct ms_reply { struct ms_session *s; const struct ms_exchange *x; struct ms_watch *w; };

struct ms_watch *ms_watch_of(struct ms_watch **w);
/* Reports a fact of this session; equal ones (rule, code, subject) are added up. */
void ms_fact_add(struct ms_watch *w, const struct ms_fact *f);
struct ms_fact ms_fact_of(enum ms_rule rule);                     /* with the rule's severity */
struct ms_fact ms_fact_reply(enum ms_rule rule, const struct ms_exchange *x); /* and the words of an exchange */
void ms_fact_frame(struct ms_fact *f, uint64_t frame);            /* keeps them ascending, without 0 and doubles */
struct ms_bytes ms_watch_text(struct ms_watch *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool ms_says(struct ms_bytes text, const char *words);            /* any of "a|b|c" in it, caseless */

/* One function a group of rules: reply.c connection.c tcp.c performance.c policy.c */
void ms_check_reply(struct ms_reply r);
void ms_check_connection(struct ms_watch **w, struct ms_session *s);
void ms_check_tcp(struct ms_watch **w, struct ms_session *s);
void ms_check_performance_exchange(struct ms_watch **w, struct ms_session *s, const struct ms_exchange *x);
void ms_check_performance_session(struct ms_watch **w, struct ms_session *s);
void ms_check_policy(struct ms_watch **w, struct ms_session *s);

/* attack.c and scope.c: across sessions */
struct ms_scope;
struct ms_scope *ms_scope_create(const struct ms_limits *limits);
void ms_scope_destroy(struct ms_scope *s);
void ms_scope_exchange(struct ms_scope *scope, struct ms_session *s, const struct ms_exchange *x);
void ms_scope_message(struct ms_scope *scope, struct ms_watch **w, struct ms_session *s, const struct ms_message *m);
void ms_scope_session(struct ms_scope *scope, struct ms_session *s);
void ms_scope_login(struct ms_scope *scope, const struct ms_session *s, uint64_t frame, int64_t time, bool ok);
void ms_scope_finish(struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx);
struct ms_scope_server { uint32_t sessions, clients, users, users_ok; struct ms_bytes name; };
/* What one server saw in all; false when it is not in the table. */
bool ms_scope_server(const struct ms_scope *scope, const struct ms_endpoint *server, struct ms_scope_server *out);
uint32_t ms_scope_servers(const struct ms_scope *scope, enum ms_protocol p);

/* render.c */
struct ms_rendering { struct ms_buffer title, evidence, explanation, remedy; };
void ms_render(const struct ms_case *c, struct ms_rendering *r, struct ms_finding *out); /* out borrows from r */
void ms_rendering_finish(struct ms_rendering *r);
