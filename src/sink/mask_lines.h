/* sink/mask_lines.h - a dialogue on its way through the mask, line by line; inside of the mask only. */
#pragma once
#include "sink/mask_private.h"

enum ms_mask_answer { MS_ANSWER_LINE, MS_ANSWER_LIST, MS_ANSWER_MESSAGE };

struct ms_mask_side {
    struct ms_mask_content content;
    uint64_t left;        /* with `counted`: bytes of the literal or chunk that are still to come */
    uint64_t offset;      /* bytes of lines so far */
    bool     in_content, counted, is_argument; /* is_argument: of a command, no message */
    bool     login;       /* the next line is an answer in a login */
    uint8_t  until_password; /* the first, second answer is a password; 0: none is nothing else */
    uint8_t  arguments;   /* IMAP, with `secret`: how many there were, 2 at most */
    bool     list;        /* POP3: lines until the lone dot */
    bool     continued, secret, append; /* IMAP: a literal was in front; its command was LOGIN; it brings a message */
    uint64_t awaited, tag; /* IMAP: bytes of a literal for which the client waits to be asked, 0 none; hash of the tag of its command */
    bool     lost, replied; /* in a message that ends with a dot: bytes are missing; SMTP: it was answered */
    bool     data_asked;  /* SMTP: DATA, and no reply yet */
    bool     ahead;       /* SMTP: a message began before its reply was seen */
    bool     behind_dot;  /* SMTP, in a chunk: behind a lone dot, and the commands there */
    bool     chunks;      /* SMTP: more chunks of the message are to come */
};

struct ms_mask_dialogue {
    struct ms_mask_side side[2];
    uint8_t             protocol;
    bool                greeted, compress, deflated; /* COMPRESS asked for, agreed on */
    uint8_t             answers[64];                 /* POP3: what answers are due, enum ms_mask_answer */
    size_t              asked;
};

struct ms_mask_line { uint8_t *p; size_t n; };

/* mask_stream.c: a fragment of an IP packet, with `offset` bytes of it in front. False: it is of no TCP segment that is known; nothing was done. */
bool ms_mask_fragment(struct ms_mask *m, uint64_t frame, uint64_t offset, struct ms_mask_line to);

/* Which words stay where, in lines of a dialogue. */
enum {
    MS_IN_REPLY = MS_KEEP_STRICT | MS_KEEP_REPLY | MS_KEEP_PROSE | MS_KEEP_HOST,
    MS_IN_COMMAND = MS_KEEP_STRICT | MS_KEEP_HOST,
    MS_IN_QUOTES = MS_KEEP_MIME | MS_KEEP_NAMES | MS_MASK_LOOSE,
    MS_IN_PLACE = MS_KEEP_HOST | MS_MASK_DIGITS | MS_MASK_SINGLES,
    MS_IN_USER = MS_KEEP_NAMES | MS_MASK_SUFFIXES | MS_MASK_DIGITS | MS_MASK_SINGLES,
    MS_IN_TEXT = MS_KEEP_NAMES | MS_MASK_DIGITS | MS_MASK_SINGLES | MS_MASK_ESCAPES, /* of a message, perhaps */
};

/* One line with its end, or a part of one, replaced in place. */
void ms_mask_dialogue_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l);
void ms_mask_dialogue_gap(struct ms_mask_dialogue *d, enum ms_dir dir, uint64_t n); /* so many bytes are missing */
/* How many of these bytes are one line, or the last part of one; 0: more must come. `all`: nothing more will. */
size_t ms_mask_line_length(const struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_bytes b, bool all);

/* mask_lines.c, for the protocols */
size_t          ms_mask_nth_at(const uint8_t *p, size_t n, unsigned which); /* where the word begins; the first is 0 */
struct ms_bytes ms_mask_nth(const uint8_t *p, size_t n, unsigned which);    /* the word */
void ms_mask_rest(const struct ms_mask *m, uint8_t *p, size_t n, unsigned which, unsigned how); /* from that word on */
void ms_mask_content_begins(struct ms_mask_side *s, bool counted, uint64_t n);
void ms_mask_login_begins(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l, unsigned which);
void ms_mask_login_answer(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l);
void ms_mask_challenge(const struct ms_mask *m, uint8_t *p, size_t n);
static inline bool ms_mask_is_dot(const uint8_t *p, size_t n) { return n == 1 && p[0] == '.'; }

/* mask_smtp.c, mask_pop3.c, mask_imap.c: a line without its end, of no message */
void ms_mask_smtp_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l);
void ms_mask_pop_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l);
void ms_mask_imap_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l);
/* A line of a chunk behind a lone dot, or in place of its first: a command that is smuggled in it was replaced as one. False: it is none. */
bool ms_mask_smuggled(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l);
bool ms_mask_is_smtp_command(const struct ms_mask *m, const uint8_t *p, size_t n); /* and not the text of a message whose begin is missing */
