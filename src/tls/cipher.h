/* tls/cipher.h - what schedule.c, crypt.c and open.c share about a direction's cipher. Nobody else includes it but tests.
 *
 * Secrets  `keys` lies in base/secret.h memory; libcrypto's contexts hold what was expanded from it and are freed cleansed.   */
#pragma once
#include "tls/crypt.h"

#include <openssl/evp.h>

enum ms_tls_bulk {
    MS_BULK_OTHER, MS_BULK_NULL, MS_BULK_RC4, MS_BULK_DES, MS_BULK_TDES, MS_BULK_AES128_CBC, MS_BULK_AES256_CBC,
    MS_BULK_CAMELLIA128_CBC, MS_BULK_CAMELLIA256_CBC, MS_BULK_ARIA128_CBC, MS_BULK_ARIA256_CBC,
    MS_BULK_AES128_GCM, MS_BULK_AES256_GCM, MS_BULK_ARIA128_GCM, MS_BULK_ARIA256_GCM,
    MS_BULK_AES128_CCM, MS_BULK_AES256_CCM, MS_BULK_AES128_CCM8, MS_BULK_AES256_CCM8, MS_BULK_CHACHA20,
    MS_BULK_RC4_40, MS_BULK_RC4_56, MS_BULK_DES_40, MS_BULK_COUNT,
};
enum ms_tls_mode { MS_MODE_NONE, MS_MODE_NULL, MS_MODE_RC4, MS_MODE_CBC, MS_MODE_GCM, MS_MODE_CCM, MS_MODE_CHACHA };
enum ms_tls_mac { MS_MAC_NONE, MS_MAC_MD5, MS_MAC_SHA1, MS_MAC_SHA256, MS_MAC_SHA384, MS_MAC_COUNT };

struct ms_tls_bulk_info {
    const char *name;   /* libcrypto's */
    uint8_t     mode;   /* enum ms_tls_mode; MS_MODE_NONE: not opened */
    uint8_t     key;    /* bytes of the key block */
    uint8_t     iv;     /* CBC: the block; AEAD: fixed part of the nonce in TLS 1.2 (RFC 5288 3, 7905 2) */
    uint8_t     tag;
};
struct ms_tls_mac_info { const char *name; uint8_t size, block; };
extern const struct ms_tls_bulk_info ms_tls_bulks[MS_BULK_COUNT];
extern const struct ms_tls_mac_info ms_tls_macs[MS_MAC_COUNT];

struct ms_tls_rc4 { uint8_t i, j, s[256]; };
void ms_tls_rc4_start(struct ms_tls_rc4 *r, struct ms_bytes key);
void ms_tls_rc4_skip(struct ms_tls_rc4 *r, uint64_t n);
void ms_tls_rc4_run(struct ms_tls_rc4 *r, struct ms_bytes in, uint8_t *out);

/* In secret memory, which is scarce: only as much of it is allocated, from the front, as the cipher uses (keys_n). */
struct ms_tls_keys {
    uint8_t iv[16];                   /* AEAD: fixed part, or what the sequence number is mixed into */
    uint8_t secret[64];               /* TLS 1.3: of this generation */
    uint8_t inner[128], outer[128];   /* hashed before the data, and before the inner hash: HMAC's or SSL 3.0's; not with AEAD */
    struct ms_tls_rc4 rc4;            /* RC4 alone */
};

struct ms_tls_cipher {
    const struct ms_tls_suite     *suite;
    const struct ms_tls_bulk_info *bulk;
    EVP_CIPHER_CTX                *ctx;
    EVP_MD_CTX                    *md;        /* of the MAC; NULL with AEAD */
    struct ms_tls_keys            *keys;
    uint64_t sequence;                        /* of the next record */
    uint64_t nonce;                           /* explicit one of the last record that was opened */
    uint64_t opened, spent;                   /* bytes opened; bytes worked through for guesses that did not fit */
    uint32_t behind;                          /* records that did not open since the last that did: RC4 went on without `sequence` */
    uint16_t version, keys_n;
    uint8_t  inner, outer, mac;               /* bytes of keys->inner and outer, of the MAC */
    bool     encrypt_then_mac, explicit_nonce, chained, have_nonce;
    bool     bare;                            /* the header is not authenticated */
};

/* PRF of the version and suite (RFC 5246 5, RFC 2246 5); SSL 3.0: the construction of RFC 6101 6.2.2, `label` is not used. */
bool ms_tls_prf(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes secret, const char *label, struct ms_bytes seed,
                uint8_t *out, size_t n);
/* HKDF-Expand-Label with empty context (RFC 8446 7.1). */
bool ms_tls_expand_label(const struct ms_tls_suite *suite, struct ms_bytes secret, const char *label, uint8_t *out, size_t n);
/* TLS 1.3: the next generation (RFC 8446 7.2), and putting it in the place of `c`; `fresh` is used up. */
struct ms_tls_cipher *ms_tls_cipher_next(const struct ms_tls_cipher *c);
void ms_tls_cipher_replace(struct ms_tls_cipher *c, struct ms_tls_cipher *fresh);
