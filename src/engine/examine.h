/* engine/examine.h - one message from its bytes: MIME, digests, what is inside its parts, who sent it, the verdict.
 *
 * For messages of sessions (body.c) and of files (mailfile.c). The struct lives with its message and is not moved meanwhile.  */
#pragma once
#include "auth/auth.h"
#include "check/check.h"
#include "content/content.h"
#include "engine/answers.h"
#include "mail/mime.h"

/* What messages share; one a thread. */
struct ms_examine_shared { const struct ms_limits *limits; struct ms_mime_pool *mime; struct ms_answers *answers; const struct ms_weights *weights;
                           struct ms_content_pool content; };

struct ms_examine_options {
    bool hash_parts, hash_message;
    bool judge;                   /* signs, links, verdict */
    struct ms_mime_sink sink;     /* who else wants the parts; functions may be NULL */
};

struct ms_examine {
    struct ms_examine_options options;
    struct ms_examine_shared *shared;
    struct ms_arena          *arena;   /* of the message */
    struct ms_mime           *mime;
    struct ms_content        *content; /* NULL: nobody judges */
    struct ms_auth           *auth;    /* likewise */
    struct ms_signs           signs;
};

void ms_examine_begin(struct ms_examine *x, struct ms_arena *arena, struct ms_examine_shared *shared, const struct ms_examine_options *options);
void ms_examine_push(struct ms_examine *x, struct ms_bytes bytes);
void ms_examine_gap(struct ms_examine *x, uint64_t missing);
void ms_examine_section(struct ms_examine *x, const struct ms_section *s);
/* Fills what ms_mime_finish() fills, and links; ends the work on its bytes. */
void ms_examine_finish(struct ms_examine *x, struct ms_message *out);
/* It is thrown away: instead of judge, after finish. */
void ms_examine_drop(struct ms_examine *x);
/* Envelope, session and status of the message are known: signs, authentication and verdict of *m. After finish. */
void ms_examine_judge(struct ms_examine *x, struct ms_message *m);
