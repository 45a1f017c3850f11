/* auth/body_hash.h - digests of a body as it streams by, in the forms that signatures are over (RFC 6376 3.4.3, 3.4.4, 3.7).
 *
 * Feed     what follows the blank line, in pieces of any size; a bare LF counts as a line end (a receiver stores CRLF).
 * Memory   one digest for each different form, at most MS_BODIES; what the hasher holds until ms_bodies_end or _drop.
 * Speed    whole lines that need no change are hashed where they lie.                                                */
#pragma once
#include "base/arena.h"
#include "mail/sha256.h"

enum { MS_BODIES = 16, MS_BODY_WHOLE = -1 };
struct ms_body_digest {
    uint8_t  bytes[32];     /* SHA-256 */
    uint64_t size, hashed;  /* of the body in this form; what was hashed of it (l=) */
    bool     complete;      /* nothing of it was missing */
};
struct ms_bodies;
struct ms_bodies *ms_bodies_create(struct ms_arena *arena, struct ms_hasher *hasher); /* the hasher outlives it */
/* Before the first byte. `length` MS_BODY_WHOLE: all of it. Returns a number for ms_bodies_digest. */
int  ms_bodies_want(struct ms_bodies *b, bool relaxed, int64_t length);
void ms_bodies_push(struct ms_bodies *b, struct ms_bytes bytes);
void ms_bodies_gap(struct ms_bodies *b);    /* bytes are missing: no digest can be right */
void ms_bodies_end(struct ms_bodies *b);
void ms_bodies_drop(struct ms_bodies *b);   /* frees what is open; NULL, and after the end, is fine */
const struct ms_body_digest *ms_bodies_digest(const struct ms_bodies *b, int number); /* after the end */
