/* tls/crypt.c - a direction's cipher: made from the master secret or a traffic secret, moved on by KeyUpdate, wiped.
 *
 * Key block  RFC 5246 6.3: MAC keys, cipher keys, IVs, the client's first.
 *
 * BUGS       Export ciphers, RC2, IDEA, SEED, CAMELLIA-GCM, GOST and SM4 are named, not opened. truncated_hmac (RFC 6066 7) is not known.  */
#include "base/arena.h"
#include "base/secret.h"
#include "tls/cipher.h"

enum { KEY_BLOCK_MAX = 2 * (48 + 32 + 16) };

struct key_parts { const uint8_t *mac, *key, *iv; }; /* of one direction */

void ms_tls_cipher_destroy(struct ms_tls_cipher *c)
{
    if (!c)
        return;
    EVP_CIPHER_CTX_free(c->ctx);
    EVP_MD_CTX_free(c->md);
    ms_secret_free(c->keys, c->keys_n);
    ms_free(c);
}

/* Sets the key; nonces come with each record. CCM wants to know the lengths of nonce and tag before. */
static bool set_key(struct ms_tls_cipher *c, const uint8_t *key, const uint8_t *iv)
{
    uint8_t tripled[24];
    if (c->suite->cipher == MS_BULK_DES) {
        for (size_t i = 0; i < sizeof tripled; i++)
            tripled[i] = key[i % 8];
        key = tripled;
    }
    EVP_CIPHER *type = EVP_CIPHER_fetch(NULL, c->bulk->name, NULL);
    c->ctx = EVP_CIPHER_CTX_new();
    bool good = type && c->ctx && EVP_DecryptInit_ex2(c->ctx, type, NULL, NULL, NULL) == 1;
    if (good && c->bulk->mode == MS_MODE_CCM)
        good = EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL) == 1
               && EVP_CIPHER_CTX_ctrl(c->ctx, EVP_CTRL_AEAD_SET_TAG, c->bulk->tag, NULL) == 1;
    good = good && EVP_DecryptInit_ex2(c->ctx, NULL, key, iv, NULL) == 1;
    if (good && c->bulk->mode == MS_MODE_CBC)
        good = EVP_CIPHER_CTX_set_padding(c->ctx, 0) == 1;
    EVP_CIPHER_free(type); /* the context holds on to it */
    ms_secret_wipe(tripled, sizeof tripled);
    return good;
}

static void pad_with(uint8_t *to, const uint8_t *key, size_t key_n, size_t n, uint8_t fill)
{
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)((i < key_n ? key[i] : 0) ^ fill);
}

/* What is hashed before the data and before the inner hash: HMAC's padded keys (RFC 2104), or SSL 3.0's key and padding (RFC 6101 5.2.3.1). */
static bool set_mac(struct ms_tls_cipher *c, const uint8_t *key)
{
    const struct ms_tls_mac_info *mac = &ms_tls_macs[c->suite->mac];
    struct ms_tls_keys           *k = c->keys;
    if (!mac->size)
        return true;
    c->mac = mac->size;
    c->inner = c->outer = mac->block;
    if (c->version == 0x0300) {
        c->inner = c->outer = (uint8_t)(mac->size + (c->suite->mac == MS_MAC_MD5 ? 48 : 40));
        memset(k->inner, 0x36, c->inner);
        memset(k->outer, 0x5c, c->outer);
        memcpy(k->inner, key, mac->size);
        memcpy(k->outer, key, mac->size);
    } else {
        pad_with(k->inner, key, mac->size, c->inner, 0x36);
        pad_with(k->outer, key, mac->size, c->outer, 0x5c);
    }
    EVP_MD *type = EVP_MD_fetch(NULL, mac->name, NULL);
    c->md = EVP_MD_CTX_new();
    bool good = type && c->md && EVP_DigestInit_ex2(c->md, type, NULL) == 1;
    EVP_MD_free(type);
    return good;
}

static uint16_t keys_needed(const struct ms_tls_suite *suite)
{
    if (ms_tls_bulks[suite->cipher].mode == MS_MODE_RC4)
        return sizeof(struct ms_tls_keys);
    return suite->mac ? offsetof(struct ms_tls_keys, rc4) : offsetof(struct ms_tls_keys, inner);
}

static struct ms_tls_cipher *create(uint16_t version, const struct ms_tls_suite *suite, struct key_parts parts)
{
    struct ms_tls_cipher *c = ms_alloc(sizeof *c);
    c->suite = suite;
    c->bulk = &ms_tls_bulks[suite->cipher];
    c->version = version;
    c->keys_n = keys_needed(suite);
    c->keys = ms_secret_alloc(c->keys_n);
    bool aead = c->bulk->tag > 0, cbc = c->bulk->mode == MS_MODE_CBC;
    c->explicit_nonce = version < 0x0304 && (c->bulk->mode == MS_MODE_GCM || c->bulk->mode == MS_MODE_CCM);
    c->chained = cbc && version < 0x0302;
    if (aead)
        memcpy(c->keys->iv, parts.iv, version < 0x0304 ? c->bulk->iv : 12);
    if (c->bulk->mode == MS_MODE_RC4)
        ms_tls_rc4_start(&c->keys->rc4, (struct ms_bytes){ parts.key, c->bulk->key });
    static const uint8_t any[16]; /* the first block of a record is its IV, and not used (RFC 4346 6.2.3.2) */
    const uint8_t       *iv = !cbc ? NULL : c->chained ? parts.iv : any;
    if ((c->bulk->name && !set_key(c, parts.key, iv)) || !set_mac(c, parts.mac)) {
        ms_tls_cipher_destroy(c);
        return NULL;
    }
    return c;
}

static bool can_open(uint16_t version, const struct ms_tls_suite *suite)
{
    if (!suite || ms_tls_bulks[suite->cipher].mode == MS_MODE_NONE)
        return false;
    if (version == 0x0304 || suite->exchange == MS_KX_TLS13)
        return version == 0x0304 && suite->exchange == MS_KX_TLS13;
    return version >= 0x0300 && version <= 0x0303 && (version > 0x0300 || suite->mac <= MS_MAC_SHA1);
}

bool ms_tls_cipher_pair(uint16_t version, const struct ms_tls_suite *suite, const uint8_t master[48], const struct ms_tls_randoms *r,
                        bool encrypt_then_mac, struct ms_tls_cipher *out[2])
{
    out[0] = out[1] = NULL;
    if (version == 0x0304 || !can_open(version, suite))
        return false;
    const struct ms_tls_bulk_info *bulk = &ms_tls_bulks[suite->cipher];
    uint8_t                        block[KEY_BLOCK_MAX], seed[64];
    size_t                         mac = ms_tls_macs[suite->mac].size, n = 2 * (mac + bulk->key + bulk->iv);
    memcpy(seed, r->server, 32);
    memcpy(seed + 32, r->client, 32);
    if (n && !ms_tls_prf(version, suite, (struct ms_bytes){ master, 48 }, "key expansion", (struct ms_bytes){ seed, sizeof seed }, block, n))
        return false;
    for (size_t i = 0; i < 2; i++) {
        struct key_parts parts = { block + i * mac, block + 2 * mac + i * bulk->key, block + 2 * (mac + bulk->key) + i * bulk->iv };
        out[i] = create(version, suite, parts);
        if (out[i])
            out[i]->encrypt_then_mac = encrypt_then_mac && bulk->mode == MS_MODE_CBC; /* RFC 7366 3: block ciphers alone */
    }
    ms_secret_wipe(block, sizeof block);
    if (out[0] && out[1])
        return true;
    ms_tls_cipher_destroy(out[0]);
    ms_tls_cipher_destroy(out[1]);
    out[0] = out[1] = NULL;
    return false;
}

struct ms_tls_cipher *ms_tls_cipher_from_secret(const struct ms_tls_suite *suite, struct ms_bytes secret)
{
    if (!can_open(0x0304, suite) || secret.n != ms_tls_macs[suite->hash].size)
        return NULL;
    uint8_t               key[32], iv[12];
    struct ms_tls_cipher *c = NULL;
    if (ms_tls_expand_label(suite, secret, "key", key, ms_tls_bulks[suite->cipher].key)
        && ms_tls_expand_label(suite, secret, "iv", iv, sizeof iv))
        c = create(0x0304, suite, (struct key_parts){ NULL, key, iv });
    if (c)
        memcpy(c->keys->secret, secret.p, secret.n);
    ms_secret_wipe(key, sizeof key);
    return c;
}

void ms_tls_cipher_replace(struct ms_tls_cipher *c, struct ms_tls_cipher *fresh)
{
    struct ms_tls_cipher old = *c;
    *c = *fresh;
    c->opened = old.opened;
    c->spent = old.spent;
    *fresh = old;
    ms_tls_cipher_destroy(fresh);
}

struct ms_tls_cipher *ms_tls_cipher_next(const struct ms_tls_cipher *c)
{
    uint8_t               secret[64];
    size_t                n = ms_tls_macs[c->suite->hash].size;
    struct ms_tls_cipher *fresh = NULL;
    if (ms_tls_expand_label(c->suite, (struct ms_bytes){ c->keys->secret, n }, "traffic upd", secret, n))
        fresh = ms_tls_cipher_from_secret(c->suite, (struct ms_bytes){ secret, n });
    ms_secret_wipe(secret, sizeof secret);
    if (fresh)
        fresh->bare = c->bare;
    return fresh;
}

bool ms_tls_cipher_update(struct ms_tls_cipher *c)
{
    struct ms_tls_cipher *fresh = c->version == 0x0304 ? ms_tls_cipher_next(c) : NULL;
    if (!fresh)
        return false;
    ms_tls_cipher_replace(c, fresh);
    return true;
}
