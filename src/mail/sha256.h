/* mail/sha256.h - SHA-256 of many streams at a time (FIPS 180-4).
 *
 * Speed    the SHA instructions of a CPU wait for their own results most of the time. Two streams hashed side by side take hardly
 *          longer than one: the bytes of one digest wait, 16 KiB at most, until another digest has some. In mail that is soon: the
 *          next packet of another connection, or the attachment inside of a message that is hashed itself. Without these
 *          instructions libcrypto does it, one stream at a time.
 * Memory   128 bytes a digest, one room for all of them that share a hasher.
 * Threads  one hasher a thread.                                                                                           */
#pragma once
#include "base/arena.h"

#include <openssl/evp.h>

enum { MS_SHA256_ROOM = 16 * 1024 };

struct ms_sha256 {
    uint32_t    h[8];
    uint64_t    size;
    EVP_MD_CTX *evp;            /* without SHA instructions: it has everything */
    uint32_t    n;              /* bytes in `block`; none while this digest is the one that waits */
    uint8_t     block[64];
};

struct ms_hasher {
    struct ms_sha256 *waiting;  /* whose bytes are room[at .. n], or NULL */
    size_t            at, n;
    bool              lanes;    /* the CPU has the instructions; tests clear it */
    EVP_MD           *md;       /* fetched when first needed */
    uint8_t           room[MS_SHA256_ROOM];
};

void ms_hasher_init(struct ms_hasher *h);
void ms_hasher_finish(struct ms_hasher *h);

/* Begins a digest in memory that is zero or held one before; false when nothing here can hash. */
bool ms_sha256_start(struct ms_hasher *h, struct ms_sha256 *d);
void ms_sha256_update(struct ms_hasher *h, struct ms_sha256 *d, struct ms_bytes bytes);
bool ms_sha256_final(struct ms_hasher *h, struct ms_sha256 *d, uint8_t out[32]);
/* The digest is not wanted any more, or its memory goes; after final it costs nothing. */
void ms_sha256_drop(struct ms_hasher *h, struct ms_sha256 *d);
void ms_sha256_release(struct ms_hasher *h, struct ms_sha256 *d); /* drop, and what libcrypto holds for it is freed */
