/* auth/key.h - public keys in DNS (RFC 6376 3.6.1, RFC 8463), and whether a signature was made with one.
 *
 * Bounds   RSA keys of 1024 bits at least (RFC 8301) and 8192 at most count.                                          */
#pragma once
#include "auth/tags.h"

enum ms_key_kind { MS_KEY_RSA, MS_KEY_ED25519 };
struct ms_key {
    enum ms_key_kind kind;
    struct ms_bytes  bytes;     /* SubjectPublicKeyInfo or RSAPublicKey; of Ed25519 its 32 bytes */
    bool             testing;   /* t=y */
    bool             strict;    /* t=s: i= must be of d= itself */
};
/* A clause that says what is wrong with the record, or NULL: *out is a key for SHA-256 signatures of mail. */
const char *ms_key_read(struct ms_bytes record, struct ms_arena *arena, struct ms_key *out);

enum ms_key_verdict { MS_KEY_FITS, MS_KEY_DIFFERS, MS_KEY_UNREADABLE, MS_KEY_SHORT, MS_KEY_LONG };
/* Was `signature` made with this key over a SHA-256 digest? *bits: of the key, 0 unknown. */
enum ms_key_verdict ms_key_verify(const struct ms_key *key, const uint8_t digest[32], struct ms_bytes signature, unsigned *bits);
