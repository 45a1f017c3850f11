#include "auth/key.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

enum { LEAST_BITS = 1024, MOST_BITS = 8192, ED25519_BYTES = 32, DIGEST_BYTES = 32 };

static bool is_key_type(struct ms_bytes word, enum ms_key_kind *out)
{
    if (word.n == 0 || ms_equal_nocase(word, MS_LIT("rsa")))
        *out = MS_KEY_RSA;
    else if (ms_equal_nocase(word, MS_LIT("ed25519")))
        *out = MS_KEY_ED25519;
    else
        return false;
    return true;
}

const char *ms_key_read(struct ms_bytes record, struct ms_arena *arena, struct ms_key *out)
{
    struct ms_tags tags;
    *out = (struct ms_key){ 0 };
    if (!ms_tags_read(record, &tags))
        return "its record makes no sense";
    const struct ms_tag *version = ms_tag_find(&tags, "v"), *key = ms_tag_find(&tags, "p");
    const struct ms_tag *hashes = ms_tag_find(&tags, "h"), *services = ms_tag_find(&tags, "s");
    if (version && (version != tags.at || !ms_equal(version->value, MS_LIT("DKIM1"))))
        return "its record is of another version";
    if (!key)
        return "its record holds no key";
    if (ms_tag_packed(key->value, arena).n == 0)
        return "it was revoked";
    if (!is_key_type(ms_tag_value(&tags, "k"), &out->kind))
        return "it is of an unknown kind";
    if (hashes && !ms_tag_lists(hashes->value, "sha256"))
        return "it is not for SHA-256";
    if (services && !ms_tag_lists(services->value, "*") && !ms_tag_lists(services->value, "email"))
        return "it is not for mail";
    if (!ms_tag_base64(key->value, arena, &out->bytes))
        return "it is no base64";
    out->testing = ms_tag_lists(ms_tag_value(&tags, "t"), "y");
    out->strict = ms_tag_lists(ms_tag_value(&tags, "t"), "s");
    return NULL;
}

static EVP_PKEY *load(const struct ms_key *key)
{
    const uint8_t *p = key->bytes.p;
    if (key->kind == MS_KEY_ED25519)
        return key->bytes.n == ED25519_BYTES ? EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, p, key->bytes.n) : NULL;
    EVP_PKEY *loaded = d2i_PUBKEY(NULL, &p, (long)key->bytes.n);
    if (loaded && EVP_PKEY_get_base_id(loaded) == EVP_PKEY_RSA)
        return loaded;
    EVP_PKEY_free(loaded);
    p = key->bytes.p;
    return d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)key->bytes.n);
}

static bool fits_rsa(EVP_PKEY *key, const uint8_t digest[32], struct ms_bytes signature)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    bool          fits = ctx && EVP_PKEY_verify_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1 &&
                EVP_PKEY_verify(ctx, signature.p, signature.n, digest, DIGEST_BYTES) == 1;
    EVP_PKEY_CTX_free(ctx);
    return fits;
}

/* RFC 8463 3: what is signed is the digest itself. */
static bool fits_ed25519(EVP_PKEY *key, const uint8_t digest[32], struct ms_bytes signature)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool        fits = md && EVP_DigestVerifyInit(md, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(md, signature.p, signature.n, digest, DIGEST_BYTES) == 1;
    EVP_MD_CTX_free(md);
    return fits;
}

enum ms_key_verdict ms_key_verify(const struct ms_key *key, const uint8_t digest[32], struct ms_bytes signature, unsigned *bits)
{
    EVP_PKEY           *loaded = load(key);
    enum ms_key_verdict verdict = MS_KEY_UNREADABLE;
    int                 size = loaded ? EVP_PKEY_get_bits(loaded) : 0;
    *bits = size > 0 && key->kind == MS_KEY_RSA ? (unsigned)size : 0;
    if (loaded && key->kind == MS_KEY_ED25519)
        verdict = fits_ed25519(loaded, digest, signature) ? MS_KEY_FITS : MS_KEY_DIFFERS;
    else if (loaded && size < LEAST_BITS)
        verdict = MS_KEY_SHORT;
    else if (loaded && size > MOST_BITS)
        verdict = MS_KEY_LONG;
    else if (loaded)
        verdict = fits_rsa(loaded, digest, signature) ? MS_KEY_FITS : MS_KEY_DIFFERS;
    EVP_PKEY_free(loaded);
    return verdict;
}
