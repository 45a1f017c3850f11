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
    bool     lost, replied; /* in a message that ends with a dot: bytes are missing; SMTP: it was answered */
    bool     data_asked;  /* SMTP: DATA, and no reply yet */
    bool     ahead;       /* SMTP: a message began before its reply was seen */
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

/* One line with its end, or a part of one, replaced in place. */
void ms_mask_dialogue_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l);
