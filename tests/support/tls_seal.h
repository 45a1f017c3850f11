/* tests/support/tls_seal.h - the sending side of TLS records, written for tests on its own: keys, sequence numbers, MACs, padding.
 *
 * What a cipher is comes from the name of the suite, not from the tables of the program. Included by one program file.             */
#pragma once
#include "tls/crypt.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <stdio.h>
#include <stdlib.h>

enum seal_kind { SEAL_NULL, SEAL_RC4, SEAL_CBC, SEAL_GCM, SEAL_CCM, SEAL_CHACHA };
struct seal {
    enum seal_kind kind;
    uint16_t version;
    bool     etm, bare; /* bare: a draft of TLS 1.3, whose header is not authenticated */
    uint64_t sequence, nonce_start;
    char     cipher[32];
    const char *mac_name, *prf_name;
    size_t   mac, key, iv, block, tag, pad_more; /* pad_more: blocks of padding beyond what is needed */
    uint8_t  mac_key[64], key_bytes[32], iv_bytes[16], secret[64], rc4[256], rc4_i, rc4_j;
    OSSL_LIB_CTX *lib; /* of a test that wants the real DES; NULL: the default one */
};

static size_t seal_hmac(const char *digest, struct ms_bytes key, const struct ms_bytes *pieces, size_t count, uint8_t *out)
{
    uint8_t  all[8192];
    size_t   n = 0;
    unsigned out_n = 0;
    for (size_t i = 0; i < count; i++) {
        assert(n + pieces[i].n <= sizeof all);
        if (pieces[i].n)
            memcpy(all + n, pieces[i].p, pieces[i].n);
        n += pieces[i].n;
    }
    HMAC(EVP_get_digestbyname(digest), key.p, (int)key.n, all, n, out, &out_n);
    return out_n;
}

/* P_hash of RFC 5246 5, mixed into `out` by exclusive or. */
static void seal_p_hash(const char *digest, struct ms_bytes secret, struct ms_bytes seed, uint8_t *out, size_t n)
{
    uint8_t a[64], part[64];
    size_t  a_n = seal_hmac(digest, secret, &seed, 1, a);
    for (size_t at = 0; at < n;) {
        size_t part_n = seal_hmac(digest, secret, (struct ms_bytes[]){ { a, a_n }, seed }, 2, part);
        for (size_t i = 0; i < part_n && at < n; i++)
            out[at++] ^= part[i];
        a_n = seal_hmac(digest, secret, &(struct ms_bytes){ a, a_n }, 1, a);
    }
}

static void seal_digest(const char *digest, const struct ms_bytes *pieces, size_t count, uint8_t *out)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_DigestInit_ex(md, EVP_get_digestbyname(digest), NULL);
    for (size_t i = 0; i < count; i++)
        EVP_DigestUpdate(md, pieces[i].p, pieces[i].n);
    EVP_DigestFinal_ex(md, out, NULL);
    EVP_MD_CTX_free(md);
}

static void seal_prf(uint16_t version, const char *digest, struct ms_bytes secret, const char *label, struct ms_bytes seed, uint8_t *out, size_t n)
{
    uint8_t both[256];
    size_t  label_n = strlen(label);
    memset(out, 0, n);
    if (version == 0x0300) {
        for (size_t i = 0; i * 16 < n; i++) {
            uint8_t letters[26], sha[20], md5[16];
            memset(letters, (int)('A' + i), i + 1);
            seal_digest("SHA1", (struct ms_bytes[]){ { letters, i + 1 }, secret, seed }, 3, sha);
            seal_digest("MD5", (struct ms_bytes[]){ secret, { sha, 20 } }, 2, md5);
            memcpy(out + i * 16, md5, n - i * 16 < 16 ? n - i * 16 : 16);
        }
        return;
    }
    memcpy(both, label, label_n);
    memcpy(both + label_n, seed.p, seed.n);
    struct ms_bytes all = { both, label_n + seed.n };
    if (version == 0x0303) {
        seal_p_hash(digest, secret, all, out, n);
        return;
    }
    size_t half = (secret.n + 1) / 2;
    seal_p_hash("MD5", ms_head(secret, half), all, out, n);
    seal_p_hash("SHA1", ms_tail(secret, secret.n - half), all, out, n);
}

static void seal_expand(const char *digest, struct ms_bytes secret, const char *label, uint8_t *out, size_t n)
{
    uint8_t info[64], block[64];
    int     label_n = snprintf((char *)info + 3, sizeof info - 3, "tls13 %s", label);
    info[0] = 0;
    info[1] = (uint8_t)n;
    info[2] = (uint8_t)label_n;
    info[3 + label_n] = 0;
    info[4 + label_n] = 1; /* the counter of HKDF-Expand: one block is enough for all labels here */
    seal_hmac(digest, secret, &(struct ms_bytes){ info, (size_t)label_n + 5 }, 1, block);
    memcpy(out, block, n);
}

static bool seal_named(const char *name, const char *part) { return strstr(name, part) != NULL; }

/* From the words of the suite's name. */
static void seal_read_name(struct seal *s, const char *name)
{
    static const struct { const char *in_name, *cipher; enum seal_kind kind; size_t key, iv, tag; } kinds[] = {
        { "WITH_NULL", "", SEAL_NULL, 0, 0, 0 }, { "RC4_128", "", SEAL_RC4, 16, 0, 0 },
        { "_3DES_EDE_CBC", "DES-EDE3-CBC", SEAL_CBC, 24, 8, 0 }, { "_DES_CBC", "DES-CBC", SEAL_CBC, 8, 8, 0 },
        { "AES_128_CBC", "AES-128-CBC", SEAL_CBC, 16, 16, 0 }, { "AES_256_CBC", "AES-256-CBC", SEAL_CBC, 32, 16, 0 },
        { "CAMELLIA_128_CBC", "CAMELLIA-128-CBC", SEAL_CBC, 16, 16, 0 }, { "CAMELLIA_256_CBC", "CAMELLIA-256-CBC", SEAL_CBC, 32, 16, 0 },
        { "ARIA_128_CBC", "ARIA-128-CBC", SEAL_CBC, 16, 16, 0 }, { "ARIA_256_CBC", "ARIA-256-CBC", SEAL_CBC, 32, 16, 0 },
        { "AES_128_GCM", "AES-128-GCM", SEAL_GCM, 16, 4, 16 }, { "AES_256_GCM", "AES-256-GCM", SEAL_GCM, 32, 4, 16 },
        { "ARIA_128_GCM", "ARIA-128-GCM", SEAL_GCM, 16, 4, 16 }, { "ARIA_256_GCM", "ARIA-256-GCM", SEAL_GCM, 32, 4, 16 },
        { "AES_128_CCM_8", "AES-128-CCM", SEAL_CCM, 16, 4, 8 }, { "AES_256_CCM_8", "AES-256-CCM", SEAL_CCM, 32, 4, 8 },
        { "AES_128_CCM", "AES-128-CCM", SEAL_CCM, 16, 4, 16 }, { "AES_256_CCM", "AES-256-CCM", SEAL_CCM, 32, 4, 16 },
        { "CHACHA20_POLY1305", "ChaCha20-Poly1305", SEAL_CHACHA, 32, 12, 16 },
    };
    size_t i = 0, n = strlen(name);
    while (i < sizeof kinds / sizeof *kinds && !seal_named(name, kinds[i].in_name))
        i++;
    assert(i < sizeof kinds / sizeof *kinds);
    s->kind = kinds[i].kind;
    s->key = kinds[i].key;
    s->iv = kinds[i].iv;
    s->tag = kinds[i].tag;
    s->block = s->kind == SEAL_CBC ? s->iv : 0;
    snprintf(s->cipher, sizeof s->cipher, "%s", kinds[i].cipher);
    s->prf_name = strcmp(name + n - 6, "SHA384") == 0 ? "SHA384" : "SHA256";
    if (s->tag)
        return;
    s->mac_name = strcmp(name + n - 3, "MD5") == 0 ? "MD5" : strcmp(name + n - 3, "SHA") == 0 ? "SHA1" : s->prf_name;
    s->mac = (size_t)EVP_MD_get_size(EVP_get_digestbyname(s->mac_name));
}

static void seal_start_rc4(struct seal *s)
{
    for (int i = 0; i < 256; i++)
        s->rc4[i] = (uint8_t)i;
    for (int i = 0, j = 0; i < 256; i++) {
        j = (j + s->rc4[i] + s->key_bytes[i % 16]) & 255;
        uint8_t t = s->rc4[i];
        s->rc4[i] = s->rc4[j];
        s->rc4[j] = t;
    }
}

/* Direction `dir` of a connection of SSL 3.0 to TLS 1.2. */
static struct seal seal_start(uint16_t version, const char *suite, const uint8_t master[48], const struct ms_tls_randoms *r, int dir)
{
    struct seal s = { .version = version };
    uint8_t     seed[64], block[256];
    seal_read_name(&s, suite);
    memcpy(seed, r->server, 32);
    memcpy(seed + 32, r->client, 32);
    seal_prf(version, s.prf_name, (struct ms_bytes){ master, 48 }, "key expansion", (struct ms_bytes){ seed, 64 }, block, sizeof block);
    memcpy(s.mac_key, block + (size_t)dir * s.mac, s.mac);
    memcpy(s.key_bytes, block + 2 * s.mac + (size_t)dir * s.key, s.key);
    memcpy(s.iv_bytes, block + 2 * (s.mac + s.key) + (size_t)dir * s.iv, s.iv);
    if (s.kind == SEAL_RC4)
        seal_start_rc4(&s);
    return s;
}

static struct seal seal_start13(const char *suite, struct ms_bytes secret)
{
    struct seal s = { .version = 0x0304 };
    seal_read_name(&s, suite);
    memcpy(s.secret, secret.p, secret.n);
    seal_expand(s.prf_name, secret, "key", s.key_bytes, s.key);
    seal_expand(s.prf_name, secret, "iv", s.iv_bytes, 12);
    return s;
}

static inline void seal_update(struct seal *s, const char *suite)
{
    size_t  n = strcmp(s->prf_name, "SHA384") == 0 ? 48 : 32;
    uint8_t next[64];
    seal_expand(s->prf_name, (struct ms_bytes){ s->secret, n }, "traffic upd", next, n);
    bool bare = s->bare;
    *s = seal_start13(suite, (struct ms_bytes){ next, n });
    s->bare = bare;
}

static void seal_mac(const struct seal *s, uint8_t type, struct ms_bytes data, uint8_t *out)
{
    uint8_t *all = malloc(data.n + 256), head[13], hash[64];
    size_t   n = 0, pad = s->mac == 16 ? 48 : 40;
    unsigned out_n;
    for (int i = 0; i < 8; i++)
        head[i] = (uint8_t)(s->sequence >> (56 - 8 * i));
    n = 8;
    head[n++] = type;
    if (s->version != 0x0300) {
        head[n++] = (uint8_t)(s->version >> 8);
        head[n++] = (uint8_t)s->version;
    }
    head[n++] = (uint8_t)(data.n >> 8);
    head[n++] = (uint8_t)data.n;
    memcpy(all, head, n);
    memcpy(all + n, data.p, data.n);
    if (s->version == 0x0300) {
        uint8_t ones[48], twos[48];
        memset(ones, 0x36, sizeof ones);
        memset(twos, 0x5c, sizeof twos);
        seal_digest(s->mac_name, (struct ms_bytes[]){ { s->mac_key, s->mac }, { ones, pad }, { all, n + data.n } }, 3, hash);
        seal_digest(s->mac_name, (struct ms_bytes[]){ { s->mac_key, s->mac }, { twos, pad }, { hash, s->mac } }, 3, out);
    } else {
        HMAC(EVP_get_digestbyname(s->mac_name), s->mac_key, (int)s->mac, all, n + data.n, out, &out_n);
    }
    free(all);
}

static size_t seal_cbc(struct seal *s, uint8_t type, struct ms_bytes data, uint8_t *out)
{
    uint8_t *plain = malloc(data.n + 512), *at = out, iv[16];
    size_t   n = data.n;
    int      part = 0;
    memcpy(plain, data.p, n);
    if (!s->etm) {
        seal_mac(s, type, data, plain + n);
        n += s->mac;
    }
    size_t pad = s->block - 1 - n % s->block + (s->version == 0x0300 ? 0 : s->pad_more * s->block);
    for (size_t i = 0; i <= pad; i++)
        plain[n++] = s->version == 0x0300 && i < pad ? 0xa5 : (uint8_t)pad;
    memcpy(iv, s->iv_bytes, s->block);
    if (s->version >= 0x0302) {
        for (size_t i = 0; i < s->block; i++)
            iv[i] = at[i] = (uint8_t)(s->sequence * 31 + i * 7 + 1);
        at += s->block;
    }
    uint8_t key[32];
    bool    triple = s->key == 8 && !s->lib; /* DES as 3DES: it is always there */
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = s->key_bytes[triple ? i % 8 : i];
    EVP_CIPHER     *cipher = EVP_CIPHER_fetch(s->lib, triple ? "DES-EDE3-CBC" : s->cipher, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    assert(cipher);
    EVP_EncryptInit_ex2(ctx, cipher, key, iv, NULL);
    EVP_CIPHER_CTX_set_padding(ctx, 0);
    EVP_EncryptUpdate(ctx, at, &part, plain, (int)n);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    at += n;
    if (s->version < 0x0302)
        memcpy(s->iv_bytes, at - s->block, s->block);
    free(plain);
    if (s->etm) {
        seal_mac(s, type, (struct ms_bytes){ out, (size_t)(at - out) }, at);
        at += s->mac;
    }
    return (size_t)(at - out);
}

static size_t seal_aead(struct seal *s, const uint8_t header[5], struct ms_bytes data, uint8_t *out)
{
    uint8_t  nonce[12], ad[13];
    uint8_t *at = out;
    int      part = 0, ad_n = 13;
    bool     explicit_nonce = s->version == 0x0303 && s->kind != SEAL_CHACHA;
    memcpy(nonce, s->iv_bytes, 12);
    for (int i = 0; i < 8; i++) {
        ad[i] = (uint8_t)(s->sequence >> (56 - 8 * i));
        if (explicit_nonce)
            nonce[4 + i] = *at++ = (uint8_t)((s->nonce_start + s->sequence) >> (56 - 8 * i));
        else
            nonce[4 + i] ^= ad[i];
    }
    memcpy(ad + 8, header, 3);
    ad[11] = (uint8_t)(data.n >> 8);
    ad[12] = (uint8_t)data.n;
    if (s->version == 0x0304)
        memcpy(ad, header, (size_t)(ad_n = 5));
    EVP_CIPHER     *cipher = EVP_CIPHER_fetch(NULL, s->cipher, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex2(ctx, cipher, NULL, NULL, NULL);
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, 12, NULL);
    if (s->kind == SEAL_CCM)
        EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)s->tag, NULL);
    EVP_EncryptInit_ex2(ctx, NULL, s->key_bytes, nonce, NULL);
    if (s->kind == SEAL_CCM)
        EVP_EncryptUpdate(ctx, NULL, &part, NULL, (int)data.n);
    if (!s->bare)
        EVP_EncryptUpdate(ctx, NULL, &part, ad, ad_n);
    EVP_EncryptUpdate(ctx, at, &part, data.p, (int)data.n);
    EVP_EncryptFinal_ex(ctx, at + part, &part);
    at += data.n;
    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)s->tag, at);
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return (size_t)(at + s->tag - out);
}

static size_t seal_stream(struct seal *s, uint8_t type, struct ms_bytes data, uint8_t *out)
{
    memcpy(out, data.p, data.n);
    seal_mac(s, type, data, out + data.n);
    size_t n = data.n + s->mac;
    for (size_t k = 0; k < n && s->kind == SEAL_RC4; k++) {
        uint8_t a = s->rc4[++s->rc4_i], b = s->rc4[s->rc4_j = (uint8_t)(s->rc4_j + a)];
        s->rc4[s->rc4_i] = b;
        s->rc4[s->rc4_j] = a;
        out[k] ^= s->rc4[(uint8_t)(a + b)];
    }
    return n;
}

/* One record with its header into `out` (room for data.n + 1024); TLS 1.3 with `padding` zeros. Returns its length. */
static size_t seal_record(struct seal *s, uint8_t type, struct ms_bytes data, size_t padding, uint8_t *out)
{
    uint16_t version = s->version == 0x0304 ? 0x0303 : s->version;
    uint8_t *inner = malloc(data.n + padding + 1);
    size_t   n = data.n;
    memcpy(inner, data.p, n);
    uint8_t outer = type;
    if (s->version == 0x0304) {
        outer = 23;
        inner[n++] = type;
        memset(inner + n, 0, padding);
        n += padding;
    }
    size_t sealed = n + s->tag;
    out[0] = outer;
    out[1] = (uint8_t)(version >> 8);
    out[2] = (uint8_t)version;
    out[3] = (uint8_t)(sealed >> 8); /* TLS 1.3 authenticates it */
    out[4] = (uint8_t)sealed;
    struct ms_bytes plain = { inner, n };
    if (s->tag)
        sealed = seal_aead(s, out, plain, out + 5);
    else if (s->kind == SEAL_CBC)
        sealed = seal_cbc(s, type, plain, out + 5);
    else
        sealed = seal_stream(s, type, plain, out + 5);
    out[3] = (uint8_t)(sealed >> 8);
    out[4] = (uint8_t)sealed;
    free(inner);
    s->sequence++;
    return 5 + sealed;
}
