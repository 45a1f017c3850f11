/* tls/crypt.h - cipher suites, key schedule, and opening protected records, on top of libcrypto.
 *
 * Suites   suites.def: IANA number, name, key exchange, cipher, MAC, PRF hash. All suites with NULL, RC4, 3DES, DES, AES-CBC, CAMELLIA-CBC,
 *          AES-GCM, AES-CCM (16 and 8), CHACHA20-POLY1305, ARIA-GCM are opened; the rest is named only.
 * Versions SSL 3.0 (0x0300) to TLS 1.3 (0x0304).
 * Secrets  keys are handed to libcrypto contexts and wiped here.
 * Speed    one EVP context a direction, set up once; no allocation per record.                                   */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

enum ms_tls_exchange { MS_KX_OTHER, MS_KX_RSA, MS_KX_DHE, MS_KX_ECDHE, MS_KX_PSK, MS_KX_TLS13 };
enum ms_tls_suite_flag { /* why it is weak: RFC 7465, 9155, 8996, 9325 */
    MS_SUITE_NULL = 1, MS_SUITE_EXPORT = 2, MS_SUITE_ANONYMOUS = 4, MS_SUITE_RC4 = 8, MS_SUITE_DES = 16, MS_SUITE_3DES = 32,
    MS_SUITE_MD5 = 64, MS_SUITE_NO_FORWARD_SECRECY = 128, MS_SUITE_CBC = 256,
};
struct ms_tls_suite {
    uint16_t    id;
    const char *name;        /* IANA */
    uint8_t     exchange;    /* enum ms_tls_exchange */
    uint8_t     cipher, mac, hash; /* enums of crypt.c */
    uint16_t    flags;       /* enum ms_tls_suite_flag */
};
const struct ms_tls_suite *ms_tls_suite_find(uint16_t id); /* NULL unknown */

struct ms_tls_randoms { uint8_t client[32], server[32]; };

/* master = PRF(pre-master, ...); with extended master secret (RFC 7627) `session_hash` is the transcript hash up to ClientKeyExchange. */
bool ms_tls_master(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes premaster, const struct ms_tls_randoms *r,
                   struct ms_bytes session_hash, uint8_t master[48]);
/* The transcript of a handshake for the extended master secret: hashes everything with what the version and suite ask for.
 * `messages` are the handshake messages with their headers. Writes the hash, returns its length (36 for MD5+SHA-1), 0 on error. */
size_t ms_tls_transcript(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes messages, uint8_t hash[64]);

struct ms_tls_cipher; /* one direction; NULL suite cipher: records pass through */
/* Both directions from the master secret (SSL 3.0 to TLS 1.2). False: the suite is not supported. */
bool ms_tls_cipher_pair(uint16_t version, const struct ms_tls_suite *suite, const uint8_t master[48], const struct ms_tls_randoms *r,
                        bool encrypt_then_mac, struct ms_tls_cipher *out[2] /* by enum ms_dir: 0 client's, 1 server's */);
/* One direction from a traffic secret (RFC 8446 7.3). */
struct ms_tls_cipher *ms_tls_cipher_from_secret(const struct ms_tls_suite *suite, struct ms_bytes secret);
bool ms_tls_cipher_update(struct ms_tls_cipher *c); /* KeyUpdate: the next generation of its secret (RFC 8446 7.2) */
void ms_tls_cipher_destroy(struct ms_tls_cipher *c); /* wipes; NULL is fine */

enum { MS_TLS_RECORD_MAX = 16384 + 2048 };

/* Opens one record: `header` its 5 bytes, `body` what follows; `out` has room for body.n bytes. On success *plain is in `out`, *type the content
 * type (TLS 1.3: the inner one, padding removed), and the sequence number goes on. False: it does not authenticate (nothing changed,
 * but for stream ciphers and TLS 1.0 CBC whose state is carried on). `out` and body do not overlap. A TLS 1.3 record of padding alone has type 0. */
bool ms_tls_cipher_open(struct ms_tls_cipher *c, const uint8_t header[5], struct ms_bytes body, uint8_t *out, struct ms_bytes *plain,
                        uint8_t *type);
/* The same after a gap: 1 to `most` records of this direction are missing before this one, `missing` bytes in all (0: unknown). Tries the
 * sequence numbers that fit, nearest first, at most 1024. RC4 needs `missing`. *lost: how many records were missing.
 * `missing` counts from the end of the record that was handed in last to this header. False: nothing changed, and this record is missing
 * too (with its bytes) for the next call; so it always is with CBC of SSL 3.0 and TLS 1.0, whose next record can be read again.
 * TLS 1.3: a KeyUpdate among the missing records is followed; *lost is a lower bound then. What guessing may cost in all is bounded. */
bool ms_tls_cipher_resync(struct ms_tls_cipher *c, uint64_t missing, uint64_t most, const uint8_t header[5], struct ms_bytes body, uint8_t *out,
                          struct ms_bytes *plain, uint8_t *type, uint64_t *lost);
