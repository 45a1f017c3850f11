/* tls/hello.h - client and server hello taken apart, and the fingerprints made of them (RFC 8446 4.1, RFC 5246 7.4.1).
 *
 * Borrows  slices of struct ms_tls_hello point into the message.
 * Odd      a vector that claims more than there is ends where its message ends; an extension that comes twice counts once (the first);
 *          one that is cut ends the list.                                                                              */
#pragma once
#include "base/arena.h"
#include "model/tls.h"

enum ms_tls_extension {
    MS_EXT_SERVER_NAME = 0, MS_EXT_GROUPS = 10, MS_EXT_POINT_FORMATS = 11, MS_EXT_SIGNATURES = 13, MS_EXT_ALPN = 16, MS_EXT_ENCRYPT_THEN_MAC = 22,
    MS_EXT_EXTENDED_MASTER = 23, MS_EXT_SESSION_TICKET = 35, MS_EXT_PRE_SHARED_KEY = 41, MS_EXT_EARLY_DATA = 42, MS_EXT_VERSIONS = 43,
    MS_EXT_KEY_SHARE = 51,
    MS_EXT_BITS = 64, /* types below it have a bit in ms_tls_hello.has */
};

struct ms_tls_hello {
    uint16_t        version;            /* legacy_version */
    bool            server;
    struct ms_bytes random, session_id; /* random: 32 bytes, or empty when the message is too short for it */
    struct ms_bytes ciphers;            /* two bytes each; in a server hello the one chosen */
    struct ms_bytes compressions;       /* one byte each; in a server hello the one chosen */
    struct ms_bytes extensions;         /* for ms_tls_extension_next() */
    uint64_t        has;                /* bit of each extension type below MS_EXT_BITS */
    struct ms_bytes server_name;
    struct ms_bytes groups, signatures, versions; /* two bytes each; `versions` of a server hello: the one chosen */
    struct ms_bytes formats;            /* one byte each */
    struct ms_bytes protocols;          /* ALPN: each behind its length, one byte */
    struct ms_bytes ticket;
    uint16_t        group;              /* of the server's key_share */
};

/* False: too short for version and random. */
bool ms_tls_hello_client(struct ms_tls_hello *h, struct ms_bytes body);
bool ms_tls_hello_server(struct ms_tls_hello *h, struct ms_bytes body);
/* The extensions of an EncryptedExtensions message. */
void ms_tls_hello_encrypted(struct ms_tls_hello *h, struct ms_bytes body);

static inline bool ms_tls_hello_has(const struct ms_tls_hello *h, enum ms_tls_extension type) { return h->has >> type & 1; }
bool ms_tls_extension_next(struct ms_bytes *rest, uint16_t *type, struct ms_bytes *body); /* false at the end */
bool ms_tls_protocol_next(struct ms_bytes *rest, struct ms_bytes *name);                  /* the next ALPN name; false at the end */
uint16_t ms_tls_code_next(struct ms_bytes *rest);  /* the next two bytes; call while rest->n >= 2 */
bool ms_tls_is_grease(uint16_t code);              /* RFC 8701 */
struct ms_bytes ms_tls_vector(struct ms_cur *c, unsigned width); /* a vector behind a length of 1 to 3 bytes; cut at the end of the message */
uint16_t ms_tls_version_real(uint16_t version);    /* a draft of TLS 1.3, from 18 on, counts as TLS 1.3 */
uint16_t ms_tls_hello_version(const struct ms_tls_hello *h); /* highest offered, or chosen */

void ms_tls_ja3_text(const struct ms_tls_hello *h, struct ms_buffer *t); /* what JA3, or of a server hello JA3S, is the MD5 of */
void ms_tls_fingerprint_client(const struct ms_tls_hello *h, struct ms_arena *arena, struct ms_tls_info *info); /* ja3, ja4 */
void ms_tls_fingerprint_server(const struct ms_tls_hello *h, struct ms_arena *arena, struct ms_tls_info *info); /* ja3s, ja4s */
