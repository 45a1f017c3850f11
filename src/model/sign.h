/* model/sign.h - signs: what a message shows that speaks for or against it.
 *
 * A sign is a fact about one message, with the bytes that show it. One row of signs.def says its name, its group, what it weighs, which
 * finding it is told as, and what it means in words. Layers that read messages add signs; check/ weighs them (check/verdict.c).
 *
 * Memory   at most MS_SIGNS a message, in the arena of the message; the same kind in the same part is one sign that counts.
 * Text     evidence is UTF-8 of at most MS_SIGN_BYTES bytes, cut there between characters; it is escaped by whoever shows it.      */
#pragma once
#include "base/arena.h"

/* What signs are about. Within a group weights do not add up: the heaviest counts, and a share of the others (check/verdict.c). */
enum ms_sign_group {
    MS_GROUP_IDENTITY,  /* who sent it */
    MS_GROUP_LINKS,
    MS_GROUP_TEXT,      /* what people read, or do not see */
    MS_GROUP_FILES,     /* attachments */
    MS_GROUP_STRUCTURE, /* MIME that can be read in two ways */
    MS_GROUP_ORIGIN,    /* header fields that programs write */
    MS_GROUP_TRUST,     /* what speaks for it: weights are negative */
    MS_GROUP_COUNT
};

enum ms_sign_kind {
#define X(name, slug, group, weight, rule, meaning) MS_SIGN_##name,
#include "model/signs.def"
#undef X
    MS_SIGN_COUNT
};

enum { MS_SIGNS = 96, MS_SIGN_BYTES = 240, MS_SIGN_WHOLE = 0 };

struct ms_sign {
    uint16_t        kind;     /* enum ms_sign_kind */
    uint16_t        part;     /* place in message->parts, from 1; MS_SIGN_WHOLE: the message, its headers */
    uint32_t        count;    /* how often it was seen there */
    struct ms_bytes evidence; /* of the first time */
};

struct ms_signs {
    struct ms_arena *arena;   /* of the message; outlives it */
    struct ms_sign  *at;
    size_t           n, room;
    uint64_t         dropped; /* beyond MS_SIGNS */
};

void ms_signs_init(struct ms_signs *s, struct ms_arena *arena);
/* Copies the evidence. `part` as in struct ms_sign. */
void ms_sign_add(struct ms_signs *s, enum ms_sign_kind kind, size_t part, struct ms_bytes evidence);
const struct ms_sign *ms_sign_find(const struct ms_signs *s, enum ms_sign_kind kind); /* NULL: not there */
const char *ms_sign_name(enum ms_sign_kind kind); /* the slug */
