/* proto/smtp/smtp_private.h - what the files of the SMTP parser share. Nobody else includes it.
 *
 * Shape    two line readers, a queue of commands that wait for their reply, and one open mail transaction. Everything that is not
 *          needed while a session idles is on the heap and given back as soon as it is done with.
 * Client   `mode` says what the client's next byte is. HOLD is the one state in which only the server (or, when it keeps silent,
 *          the look of the bytes) can tell; the bytes wait, at most SMTP_HELD_BYTES.
 * Order    an exchange is handed up before the verdict that its reply decides.                                       */
#pragma once
#include "proto/dots.h"
#include "proto/line.h"
#include "proto/proto.h"
#include "proto/sasl.h"

enum {
    SMTP_HELD_BYTES = 256 * 1024, /* client bytes held until the reply to DATA is seen */
    SMTP_HELD_MARKS = 1024,       /* frames told apart in them */
    SMTP_PEEK_BYTES = 1024,       /* enough of a line to say whether it is a command */
    SMTP_VERB_BYTES = 32,         /* longer first words are cut there */
    SMTP_ADDRESS_BYTES = 1024,    /* of a recipient or sender kept; RFC 5321 4.5.3.1 allows 254 */
    SMTP_WORDS_BYTES = 512,       /* of a reply kept for one recipient */
    SMTP_NAME_BYTES = 255,        /* host names kept */
};

enum smtp_verb {
    SMTP_OTHER, SMTP_EHLO, SMTP_HELO, SMTP_LHLO, SMTP_MAIL, SMTP_RCPT, SMTP_DATA, SMTP_BDAT, SMTP_RSET, SMTP_QUIT, SMTP_AUTH,
    SMTP_STARTTLS, SMTP_KNOWN, /* a verb of some RFC that needs no care here */
    SMTP_END,                  /* the end of DATA, "." */
};

enum smtp_mode {
    SMTP_LINES,  /* commands */
    SMTP_SASL,   /* answers to challenges, until AUTH is over */
    SMTP_BODY,   /* the text after DATA */
    SMTP_CHUNK,  /* the bytes after BDAT */
    SMTP_HOLD,   /* unknown: see struct smtp_hold */
    SMTP_SKIP,   /* somewhere in a text whose begin is missing */
};

#define SMTP_BEHIND_ALL UINT64_MAX /* a frame: the session is over */
struct smtp_at { uint64_t frame; int64_t time; };

struct smtp_command { /* one line, taken apart; slices of the line */
    enum smtp_verb  verb;
    uint8_t         name[SMTP_VERB_BYTES];
    size_t          name_n;
    struct ms_bytes argument, subject; /* subject: the address of MAIL and RCPT */
    uint64_t        size;              /* SIZE= of MAIL, the count of BDAT */
    bool            sized, last;       /* the count is good; LAST */
};

struct smtp_reply {
    unsigned           code;
    struct ms_enhanced enhanced;
    struct ms_bytes    text;
    struct smtp_at     first, last; /* of its first and last byte */
    bool               gap;
};

struct smtp_multi { /* a reply of several lines, while it comes */
    struct ms_buffer   text;
    unsigned           code;
    struct ms_enhanced enhanced;
    struct smtp_at     first, last;
    bool               gap, any;
};

struct smtp_rcpt {
    struct smtp_rcpt *next;
    struct ms_bytes   address;
    struct smtp_reply own, final; /* to RCPT; LMTP and PRDR: to the message. Text in the arena of the mail */
};

struct smtp_kept { struct smtp_kept *next; struct smtp_reply reply; };

struct smtp_mail { /* one transaction: from MAIL to the verdict */
    unsigned          refs; /* the session, commands in the queue, a later MAIL that may yet be refused */
    struct ms_arena   arena;
    struct smtp_mail *prev;     /* open when this MAIL was sent without RSET */
    struct smtp_mail *absorbed; /* refused MAILs whose recipients were taken over */
    struct ms_bytes   from;
    uint64_t          declared, dropped, bytes;
    struct smtp_rcpt *first, *last, *turn;
    size_t            count;
    void             *body;
    struct smtp_reply final;    /* what decided; code 0 none */
    struct smtp_kept *early, *early_last; /* replies that came before the end of the text */
    size_t            early_count;
    struct smtp_at    end;      /* of the last byte of its text up to now */
    struct ms_buffer  frames;   /* uint64_t: those with its text, while somebody lists frames */
    uint64_t          wire;     /* bytes of text on the wire, likewise */
    struct smtp_trick *trick;   /* smtp_trick.c: what stands behind a marker that is none; NULL none yet */
    uint8_t           tail[3];  /* the last bytes of its text on the wire */
    uint64_t          held;     /* frame with what may be its end (ms_dots_may_be_over) */
    bool              seen, ok, ended, judged, gap, lenient; /* lenient: answered at an end that is not quite one */
    bool              each;     /* LMTP and PRDR: a reply for each recipient */
    bool              prdr;     /* 353: those are followed by one for all (draft-hall-prdr-00) */
    bool              begin_missing; /* of its text, perhaps */
};

struct smtp_auth { struct ms_sasl sasl; struct ms_arena arena; unsigned challenges, answers; };

struct smtp_pending {
    struct smtp_pending *next;
    struct smtp_mail    *mail;
    struct smtp_rcpt    *rcpt;
    struct smtp_auth    *auth;
    struct smtp_at       at;
    uint64_t             data;
    uint32_t             flags;
    uint8_t              verb, stage, name_n;
    bool                 last, early;
    bool                 lost_before; /* commands right before it may be missing */
    uint32_t             argument_n, subject_at, subject_n, secret_at, secret_n;
    uint8_t              text[]; /* name, argument */
};

struct smtp_mark { size_t end; uint64_t gap; struct smtp_at at; }; /* held bytes up to `end`, then a gap */

struct smtp_hold {
    struct ms_buffer  bytes;
    size_t            at;     /* replayed up to here */
    struct smtp_mark *marks;
    unsigned          mark_at, mark_count, mark_room;
    uint8_t           why;    /* enum smtp_hold_why */
    bool              decide; /* no reply can be counted on: the first line decides */
    bool              replays, dropped; /* its bytes are being read; it was dropped meanwhile, and is freed behind that */
};
enum smtp_hold_why {
    SMTP_HOLD_DATA,  /* is DATA accepted? */
    SMTP_HOLD_PROBE, /* the server answered in the middle of the text: is it over? */
    SMTP_HOLD_LOOSE, /* behind LF.LF or the like stands a command: does the server take that for the end? */
};

struct smtp {
    struct ms_lines      lines[2];
    struct smtp_at       begun[2];    /* where the line under way began; frame 0: none is */
    struct smtp_pending *head, *tail;
    struct smtp_mail    *mail;
    struct smtp_auth    *auth;        /* of the last AUTH in the queue */
    struct smtp_pending *chunk;       /* the BDAT whose bytes come, while it is in the queue */
    struct smtp_multi   *multi;
    struct smtp_hold    *hold;
    struct smtp_kept    *aside, *aside_last; /* smtp_align.c */
    struct smtp_at       go_ahead;    /* a 354 whose DATA was not seen, up to now; frame 0 none */
    uint64_t             go_missing;  /* bytes of the client that are missing since */
    uint64_t             chunk_left;
    int64_t              agreed;      /* time of the reply that agreed on TLS; 0 none */
    uint32_t             count, skip; /* commands in the queue; replies to come for commands that had to leave it */
    uint16_t             user_room, client_room, aside_count;
    struct ms_dots       dots;
    uint8_t              mode;
    bool fresh[2];       /* the next byte of that direction may begin TLS */
    bool tls[2];         /* that direction went over to TLS */
    bool after_gap;      /* the server's next line may lack its begin */
    bool seen[2];        /* bytes came that way */
    bool replied;        /* the server said something that is a reply */
    bool client_first;   /* the client spoke before the server */
    bool pipelining;     /* this client does not always wait */
    bool may_pipeline;   /* the server offers it (RFC 2920) */
    bool unsure;         /* bytes are missing: the queue may be off */
    bool adrift;         /* it is not known to which commands of the queue the next replies belong */
    bool lost_next;      /* commands before the next one are missing */
    bool flush;          /* replies to all that is in the queue may be missing */
    bool auth_refused;   /* the line that follows may be an answer to a challenge that never came */
    bool bare_lf;        /* the client's last line ended with LF alone */
    bool line_cut;       /* it was longer than line_bytes */
    bool chunk_last;
    bool over;           /* finish() runs: nothing more will come */
};

/* smtp_command.c */
void smtp_command_parse(struct ms_bytes line, struct smtp_command *out);
bool smtp_command_likely(struct ms_bytes line); /* the line is a command and hardly anything else */
/* smtp_reply.c */
void smtp_server_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes bytes, struct smtp_at at);
void smtp_server_gap(struct smtp *s, struct ms_host *h, struct smtp_at at);
void smtp_reply_flush(struct smtp *s, struct ms_host *h); /* a reply whose last line never came is taken as it is */
void smtp_line_drop(struct smtp *s, enum ms_dir dir, struct ms_bytes *in); /* the rest of a line that was cut */
bool smtp_line_next(struct smtp *s, enum ms_dir dir, struct ms_bytes *in, struct smtp_at at, struct ms_line *line,
                    size_t limit);
/* smtp_session.c: what commands and replies mean */
void smtp_take_command(struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at, uint32_t flags);
void smtp_take_reply(struct smtp *s, struct ms_host *h, const struct smtp_reply *r);
void smtp_answer(struct smtp *s, struct ms_host *h, const struct smtp_reply *r); /* to the head of the queue */
/* A 354 came, and what the client sent since then is its text: begins it, unless `at` lies before. */
void smtp_go_ahead(struct smtp *s, struct ms_host *h, struct smtp_at at);
void smtp_go_tls(struct smtp *s, struct ms_host *h, enum ms_dir dir, struct ms_bytes rest, struct smtp_at at);
/* smtp_queue.c */
void smtp_queue_excuse(struct smtp *s); /* PIPELINING may have been offered to the commands that wait */
struct smtp_pending *smtp_queue_push(struct smtp *s, struct ms_host *h, const struct smtp_command *c, struct smtp_at at);
void smtp_queue_emit(struct ms_host *h, const struct smtp_pending *p, const struct smtp_reply *r);
void smtp_queue_pop(struct smtp *s, struct ms_host *h); /* frees the head; it may bring a verdict */
void smtp_queue_lose(struct smtp *s, struct ms_host *h, uint32_t flags); /* the head goes up unanswered */
struct smtp_pending *smtp_queue_match(struct smtp *s, struct ms_host *h, const struct smtp_reply *r);
void smtp_unsolicited(struct ms_host *h, const struct smtp_reply *r, uint32_t flags);
/* smtp_align.c */
enum smtp_verb smtp_verb_of(const struct smtp_reply *r); /* the one verb that is answered so; SMTP_OTHER when many are */
bool smtp_reply_fits(const struct smtp_pending *p, const struct smtp_reply *r);
void smtp_aside_keep(struct smtp *s, struct ms_host *h, const struct smtp_reply *r);
void smtp_aside_give_up(struct smtp *s, struct ms_host *h);
void smtp_align_reply(struct smtp *s, struct ms_host *h, const struct smtp_reply *r); /* while adrift */
void smtp_align_command(struct smtp *s, struct ms_host *h, struct smtp_at at); /* one is about to enter the queue */
void smtp_align_claim(struct smtp *s, struct ms_host *h); /* it did: is its reply among those aside? */
void smtp_align_text(struct smtp *s, struct ms_host *h);  /* a text is sent: all commands before it were answered */
/* smtp_auth.c */
void smtp_auth_begin(struct smtp *s, struct ms_host *h, struct smtp_pending *p);
struct ms_bytes smtp_auth_initial(struct ms_bytes argument); /* the initial response of AUTH */
void smtp_auth_line(struct smtp *s, struct ms_host *h, struct ms_bytes line);
void smtp_auth_challenge(struct smtp_pending *p, struct ms_host *h, struct ms_bytes text);
void smtp_auth_end(struct smtp *s, struct ms_host *h, struct smtp_pending *p, unsigned code);
void smtp_name_keep(struct ms_host *h, struct ms_bytes *name, uint16_t *room, struct ms_bytes value);
/* smtp_mail.c */
struct smtp_mail *smtp_mail_begin(void);
struct smtp_mail *smtp_mail_hold(struct smtp_mail *m); /* one more reference; NULL is fine */
void smtp_mail_release(struct smtp_mail *m, struct ms_host *h);
struct smtp_rcpt *smtp_mail_add(struct smtp_mail *m, struct ms_host *h, struct ms_bytes address);
struct smtp_reply smtp_mail_words(struct smtp_mail *m, const struct smtp_reply *r); /* a copy in its arena */
void smtp_mail_refused(struct smtp *s, struct ms_host *h, struct smtp_mail *m);      /* by the reply to its MAIL */
struct smtp_rcpt *smtp_mail_turn(struct smtp_mail *m); /* LMTP and PRDR: the recipient whose reply is next */
void smtp_mail_settle(struct smtp_mail *m, struct ms_host *h); /* the verdict, once the text is over and answered */
/* smtp_body.c */
void smtp_body_begin(struct smtp *s, struct ms_host *h, struct smtp_at at); /* the text after DATA starts with the next byte */
void smtp_body_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at);
void smtp_body_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at);
void smtp_body_end(struct smtp *s, struct ms_host *h, struct smtp_at at);   /* the end marker was seen or must have been there */
void smtp_body_abandon(struct smtp *s, struct ms_host *h);
void smtp_chunk_begin(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_command *c);
void smtp_chunk_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at);
uint64_t smtp_chunk_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at); /* what is left of the gap */
/* smtp_element.c: what frames said, for who lists them; callers ask h->elements first */
void smtp_say_command(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at);
void smtp_say_hidden(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at); /* an answer to a challenge */
void smtp_say_text(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at);
void smtp_say_reply(const struct smtp *s, struct ms_host *h, const struct ms_line *line, struct smtp_at at);
void smtp_say_content(const struct smtp *s, struct ms_host *h, uint64_t length, struct smtp_at at);
void smtp_say_end(struct ms_host *h, const struct smtp_mail *m, size_t marker, uint64_t frame); /* marker: its bytes; 0 none */
/* smtp_hold.c */
void smtp_hold_start(struct smtp *s, enum smtp_hold_why why, bool decide);
void smtp_hold_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes bytes, struct smtp_at at);
void smtp_hold_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at);
bool smtp_hold_has_end(const struct smtp *s); /* what is held has the end of the text, as RFC 5321 wants it */
bool smtp_hold_fits(const struct smtp *s, const struct smtp_reply *r); /* it may be to the first command held */
void smtp_hold_go_on(struct smtp *s);         /* SMTP_HOLD_LOOSE: all of it is text, and so is what follows up to the proper end */
void smtp_hold_replay(struct smtp *s, struct ms_host *h);
void smtp_hold_drop(struct smtp *s);
bool smtp_hold_keeps(const struct smtp *s); /* bytes wait in it */
struct ms_bytes smtp_hold_line(const struct smtp *s); /* the first line held, its begin */
/* smtp_trick.c */
void smtp_trick_begin(struct smtp_mail *m);   /* a text begins */
void smtp_trick_begin_chunk(struct smtp_mail *m, struct smtp_at at); /* the first chunk of a text */
void smtp_trick_gap(struct smtp_mail *m);
void smtp_trick_look_chunk(struct smtp *s, struct ms_host *h, struct ms_bytes raw, struct smtp_at at);
void smtp_trick_look(struct smtp *s, struct ms_host *h, struct ms_bytes raw, struct smtp_at at); /* bytes of the text, as they came */
void smtp_trick_taken(struct smtp *s, struct ms_host *h, const struct smtp_reply *r); /* the server ends the text at such a marker; commands are held */
void smtp_trick_reply(const struct smtp *s, struct ms_host *h, const struct smtp_reply *r); /* a reply that nothing asked for */
/* smtp.c */
void smtp_client_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at); /* stops where HOLD begins */
void smtp_client_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at);
