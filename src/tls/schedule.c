/* tls/schedule.c - from secrets to keys: PRFs of SSL 3.0 to TLS 1.2, master secrets, HKDF-Expand-Label (RFC 6101 6, 5246 5, 7627 4, 8446 7.1). */
#include "base/secret.h"
#include "tls/cipher.h"
#include "tls/digest.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

enum { LABEL_MAX = 32, INFO_MAX = 4 + 255 + 1 };

static bool derive(const char *kdf_name, OSSL_PARAM *params, uint8_t *out, size_t n)
{
    EVP_KDF     *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    bool         done = ctx && EVP_KDF_derive(ctx, out, n, params) > 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return done;
}

/* libcrypto takes names and keys without const, but reads them only. */
static OSSL_PARAM text_param(const char *key, const char *value) { return OSSL_PARAM_construct_utf8_string(key, (char *)(uintptr_t)value, 0); }
static OSSL_PARAM byte_param(const char *key, const void *p, size_t n) { return OSSL_PARAM_construct_octet_string(key, (void *)(uintptr_t)p, n); }

/* MD5(secret + SHA(letters + secret + seed)), letters "A", "BB", "CCC", ... (RFC 6101 6.1, 6.2.2). */
static bool ssl3_prf(struct ms_bytes secret, struct ms_bytes seed, uint8_t *out, size_t n)
{
    uint8_t letters[26], sha[20], md5[16];
    bool    good = n <= sizeof letters * sizeof md5;
    for (size_t round = 0, at = 0; at < n && good; round++) {
        memset(letters, (int)('A' + round), round + 1);
        struct ms_bytes inner[3] = { { letters, round + 1 }, secret, seed }, outer[2] = { secret, { sha, sizeof sha } };
        good = ms_tls_digest("SHA1", inner, 3, sha) && ms_tls_digest("MD5", outer, 2, md5);
        size_t part = n - at < sizeof md5 ? n - at : sizeof md5;
        memcpy(out + at, md5, part);
        at += part;
    }
    ms_secret_wipe(md5, sizeof md5);
    return good;
}

static const char *prf_digest(uint16_t version, const struct ms_tls_suite *suite)
{
    return version < 0x0303 ? "MD5-SHA1" : ms_tls_macs[suite->hash].name;
}

bool ms_tls_prf(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes secret, const char *label, struct ms_bytes seed,
                uint8_t *out, size_t n)
{
    if (version == 0x0300)
        return ssl3_prf(secret, seed, out, n);
    const char *digest = prf_digest(version, suite);
    if (!digest || secret.n == 0)
        return false;
    OSSL_PARAM params[] = {
        text_param(OSSL_KDF_PARAM_DIGEST, digest),
        byte_param(OSSL_KDF_PARAM_SECRET, secret.p, secret.n),
        byte_param(OSSL_KDF_PARAM_SEED, label, strlen(label)),
        byte_param(OSSL_KDF_PARAM_SEED, seed.p, seed.n),
        OSSL_PARAM_construct_end(),
    };
    return derive("TLS1-PRF", params, out, n);
}

bool ms_tls_master(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes premaster, const struct ms_tls_randoms *r,
                   struct ms_bytes session_hash, uint8_t master[48])
{
    if (!suite || version < 0x0300 || version > 0x0303 || premaster.n == 0)
        return false;
    if (session_hash.n && version > 0x0300)
        return ms_tls_prf(version, suite, premaster, "extended master secret", session_hash, master, 48);
    return ms_tls_prf(version, suite, premaster, "master secret", (struct ms_bytes){ (const uint8_t *)r, sizeof *r }, master, 48);
}

size_t ms_tls_transcript(uint16_t version, const struct ms_tls_suite *suite, struct ms_bytes messages, uint8_t hash[64])
{
    const char *digest = suite ? prf_digest(version, suite) : NULL;
    if (!digest || !ms_tls_digest(digest, &messages, 1, hash))
        return 0;
    return version < 0x0303 ? 36 : ms_tls_macs[suite->hash].size;
}

bool ms_tls_expand_label(const struct ms_tls_suite *suite, struct ms_bytes secret, const char *label, uint8_t *out, size_t n)
{
    static const char prefix[] = "tls13 ";
    const char       *digest = ms_tls_macs[suite->hash].name;
    size_t            label_n = strlen(label), prefix_n = sizeof prefix - 1;
    if (!digest || label_n > LABEL_MAX || n > 255)
        return false;
    uint8_t info[INFO_MAX] = { (uint8_t)(n >> 8), (uint8_t)n, (uint8_t)(prefix_n + label_n) };
    memcpy(info + 3, prefix, prefix_n);
    memcpy(info + 3 + prefix_n, label, label_n);
    int        mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        text_param(OSSL_KDF_PARAM_DIGEST, digest),
        byte_param(OSSL_KDF_PARAM_KEY, secret.p, secret.n),
        byte_param(OSSL_KDF_PARAM_INFO, info, 3 + prefix_n + label_n + 1), /* 1: the length of an empty context */
        OSSL_PARAM_construct_end(),
    };
    return derive("HKDF", params, out, n);
}
