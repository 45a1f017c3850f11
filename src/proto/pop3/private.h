/* proto/pop3/private.h - the state of one POP3 dialogue, shared by the files of this folder.
 *
 * Ways     commands wait in a queue until their answer is complete; an answer of more than one line, and its message, live in a
 *          struct answer; a SASL dialogue in a struct login. An idle dialogue has none of the three.
 * Memory   struct pop3 is all that an idle session costs; the rest is on the heap and given back.               */
#pragma once
#include "proto/dots.h"
#include "proto/line.h"
#include "proto/proto.h"
#include "proto/sasl.h"

enum verb {
    V_OTHER, V_USER, V_PASS, V_APOP, V_AUTH, V_CAPA, V_STLS, V_LANG, V_UTF8, V_STAT, V_LIST, V_UIDL, V_RETR, V_TOP, V_DELE, V_NOOP,
    V_RSET, V_LAST, V_XTND, V_QUIT
};

/* A command that waits; `n` bytes of text follow: the verb in upper case, then the rest of the line. */
struct pending {
    uint64_t frame;
    int64_t  sent;
    uint32_t flags;   /* enum ms_exchange_flag */
    uint32_t n, verb_n;
    uint8_t  verb;
};

/* A line begun in an earlier chunk, and where. */
struct partial { struct ms_lines lines; uint64_t frame; int64_t time; };

/* What the server said. */
struct status {
    unsigned        code; /* MS_RESULT_POP_OK, MS_RESULT_POP_ERR, or MS_RESULT_NONE for an answer that is neither */
    struct ms_bytes text, word; /* word: the response code */
    uint64_t        frame, last_frame, data;
    int64_t         time, last_time;
};

enum answer_kind { LISTING, BODY, STRANGE }; /* STRANGE: lines that nothing announced, and for a status that it is all */
struct answer {
    uint8_t          kind;
    bool             keep_lines; /* LISTING: the lines belong to the reply text */
    bool             orphan;     /* its command was not seen: nothing in the queue belongs to it */
    bool             partial;    /* TOP */
    bool             gap;        /* bytes are missing */
    bool             careful;    /* BODY: its end may have been missed; a line that is a status ends it */
    struct ms_dots   dots;
    void            *body;       /* NULL until its first byte */
    struct status    status;     /* its slices are in `text` */
    struct ms_buffer text;
    struct ms_buffer frames;     /* BODY: uint64_t, those with its bytes, while somebody lists frames */
    uint64_t         wire;       /* its bytes on the wire, likewise */
};

struct login { struct ms_sasl sasl; struct ms_arena arena; };

enum guess_body { NO_BODY, BODY_IF_HEADER, ANY_BODY };

struct pop3 {
    struct partial  *partial[2];
    struct ms_buffer queue;    /* struct pending and text, each padded to 8 bytes */
    struct answer   *answer;
    struct login    *login;
    uint8_t         *user;     /* in the session arena: room for session.user */
    uint64_t         orphan_frame; /* status that a message without a command would belong to */
    int64_t          orphan_time;
    uint32_t         queue_at, dropped; /* commands over the limit: their replies come without command */
    uint16_t         queued, user_room;
    uint8_t          guess_body; /* enum guess_body: what follows a +OK whose command was not seen */
    bool tls[2];               /* that direction went over to TLS */
    bool started, greeting_due, greeted, login_is_last, server_seen, client_seen, challenged, tls_asked;
    bool refused;              /* AUTH was: an answer to a challenge that never came may follow */
    bool lost[2];              /* after a gap or a late start: in the middle of something until a line makes sense */
    int64_t          agreed;      /* time of the +OK to STLS until the client speaks; 0 none */
    uint64_t         lost_frame; /* of the last gap in the server's direction; 0 none */
};

/* One chunk on its way through. */
struct flow { struct pop3 *p; struct ms_host *h; const struct ms_chunk *c; bool quiet; /* the frame of `c` is told already */ };

/* command.c */
enum verb ms_pop3_verb(struct ms_bytes name);
void ms_pop3_client_line(struct flow *f, const struct ms_line *line);
struct pending *ms_pop3_head(struct pop3 *p); /* the command whose answer is due; NULL when none */
struct ms_bytes ms_pop3_argument(const struct pending *q);
struct ms_bytes ms_pop3_secret(enum verb v, struct ms_bytes argument); /* the part of it that is a password or a proof of one */

/* exchange.c */
/* The answer to the head of the queue is complete: its exchange goes up, and what it says about the session is noted.
 * NULL: no answer came. */
void ms_pop3_settle(struct pop3 *p, struct ms_host *h, const struct status *s);
/* A reply without command: its command was not seen, or the server speaks out of the blue. */
void ms_pop3_unasked(struct ms_host *h, const struct status *s, uint32_t flags);
void ms_pop3_greeting(struct pop3 *p, struct ms_host *h, const struct status *s);

/* answer.c */
/* `at`: of the first byte of the line. */
void ms_pop3_server_line(struct flow *f, const struct ms_line *line, const struct partial *at);
void ms_pop3_body_bytes(struct flow *f, struct ms_bytes *in);
void ms_pop3_body_gap(struct flow *f, uint64_t missing);
void ms_pop3_body_hold(struct flow *f); /* no more bytes will come: what the unstuffer held back is given */
/* The answer under way ends here, complete or not. */
void ms_pop3_answer_end(struct flow *f, bool complete);
/* The client takes its turn: an answer that is held back as perhaps complete is complete. */
void ms_pop3_client_turn(struct flow *f);
static inline bool ms_pop3_in_body(const struct pop3 *p) { return p->answer && p->answer->kind == BODY; }

/* element.c; called only when somebody lists frames (host->elements) */
void ms_pop3_say_client(const struct flow *f, const struct ms_line *line, bool answer, bool lost); /* answer: in a SASL dialogue */
void ms_pop3_say_reply(const struct flow *f, const struct ms_line *line, enum answer_kind follows);
void ms_pop3_say_text(const struct flow *f, const struct ms_line *line, bool last);
void ms_pop3_say_content(const struct flow *f, uint64_t length);
void ms_pop3_say_end(const struct flow *f); /* of the message under way */
