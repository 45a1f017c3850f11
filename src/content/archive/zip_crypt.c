/* content/archive/zip_crypt.c - encrypted entries of ZIP archives, opened with words that the message itself gives as passwords.
 *
 * Traditional encryption (APPNOTE.TXT 6.1) and WinZip AES (AE-1, AE-2). A password counts when the content proves it: checksum or MAC.
 * Limits   AES_TRIES and OLD_TRIES candidates an archive; each AES try costs the budget of the part AES_COST bytes (1,000 rounds of PBKDF2). */
#include "content/archive/zip.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <zlib.h>

enum { AES_TRIES = 32, OLD_TRIES = 256, AES_COST = 32768, HEAD = 12, ROUNDS = 1000, MAC = 10, BLOCK = 16, BATCH = 64 };

/* ---- traditional --------------------------------------------------------------------------------------------- */

struct keys { uint32_t a, b, c; };

static void update(struct keys *k, uint8_t byte)
{
    const z_crc_t *table = get_crc_table();
    k->a = (uint32_t)table[(k->a ^ byte) & 0xff] ^ k->a >> 8;
    k->b = (k->b + (k->a & 0xff)) * 134775813u + 1;
    k->c = (uint32_t)table[(k->c ^ k->b >> 24) & 0xff] ^ k->c >> 8;
}

static uint8_t decrypt_byte(struct keys *k, uint8_t byte)
{
    uint32_t t = (k->c | 2) & 0xffff;
    uint8_t  clear = (uint8_t)(byte ^ (t * (t ^ 1) >> 8));
    update(k, clear);
    return clear;
}

static struct keys keys_of(struct ms_bytes password)
{
    struct keys k = { 0x12345678, 0x23456789, 0x34567890 };
    for (size_t i = 0; i < password.n; i++)
        update(&k, password.p[i]);
    return k;
}

static bool open_old(const struct ms_zip *z, const struct ms_zip_entry *e, struct ms_bytes password, struct ms_buffer *out)
{
    struct keys k = keys_of(password);
    uint8_t     last = 0, want = (uint8_t)(e->flags & 8 ? e->time >> 8 : e->crc >> 24);
    if (e->data.n < HEAD)
        return false;
    for (size_t i = 0; i < HEAD; i++)
        last = decrypt_byte(&k, e->data.p[i]);
    if (last != want || !ms_file_spend(z->f, e->data.n))
        return false;
    ms_buffer_append(out, ms_tail(e->data, HEAD));
    for (size_t i = 0; i < out->n; i++)
        out->p[i] = decrypt_byte(&k, out->p[i]);
    return true;
}

/* ---- AES ----------------------------------------------------------------------------------------------------- */

struct aes_keys { uint8_t bytes[32 + 32 + 2]; size_t n; }; /* cipher, MAC, two bytes that tell wrong passwords */

/* Counter mode with a counter that is least significant byte first, from 1. */
static bool decrypt_counted(const struct aes_keys *k, struct ms_buffer *out)
{
    const EVP_CIPHER *cipher = k->n == 16 ? EVP_aes_128_ecb() : k->n == 24 ? EVP_aes_192_ecb() : EVP_aes_256_ecb();
    EVP_CIPHER_CTX   *ctx = EVP_CIPHER_CTX_new();
    uint8_t           counters[BATCH * BLOCK] = { 0 }, stream[BATCH * BLOCK];
    bool              ok = ctx && EVP_EncryptInit_ex(ctx, cipher, NULL, k->bytes, NULL) == 1;
    uint32_t          counter = 0;
    for (size_t at = 0; ok && at < out->n; at += sizeof stream) {
        int n = 0;
        for (size_t i = 0; i < BATCH; i++) {
            counter++;
            memcpy(counters + i * BLOCK, &(uint8_t[4]){ (uint8_t)counter, (uint8_t)(counter >> 8), (uint8_t)(counter >> 16),
                                                        (uint8_t)(counter >> 24) }, 4);
        }
        ok = EVP_EncryptUpdate(ctx, stream, &n, counters, sizeof counters) == 1;
        for (size_t i = 0; ok && i < sizeof stream && at + i < out->n; i++)
            out->p[at + i] ^= stream[i];
    }
    EVP_CIPHER_CTX_free(ctx);
    return ok;
}

static bool mac_agrees(const struct aes_keys *k, struct ms_bytes packed, struct ms_bytes mac)
{
    uint8_t  full[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return HMAC(EVP_sha1(), k->bytes + k->n, (int)k->n, packed.p, packed.n, full, &n) && mac.n == MAC && memcmp(full, mac.p, MAC) == 0;
}

static bool open_aes(const struct ms_zip *z, const struct ms_zip_entry *e, struct ms_bytes password, struct ms_buffer *out)
{
    struct aes_keys k = { .n = 8u + 8u * e->aes };
    size_t          salt_n = k.n / 2, head = salt_n + 2;
    if (e->packed != e->data.n || e->data.n < head + MAC || !ms_file_spend(z->f, AES_COST))
        return false;
    if (PKCS5_PBKDF2_HMAC_SHA1((const char *)password.p, (int)password.n, e->data.p, (int)salt_n, ROUNDS, (int)(2 * k.n + 2), k.bytes) != 1
        || memcmp(k.bytes + 2 * k.n, e->data.p + salt_n, 2) != 0)
        return false;
    struct ms_bytes packed = ms_slice(e->data, head, e->data.n - head - MAC);
    if (!mac_agrees(&k, packed, ms_tail(e->data, e->data.n - MAC)) || !ms_file_spend(z->f, packed.n))
        return false;
    ms_buffer_append(out, packed);
    return decrypt_counted(&k, out);
}

/* ---- candidates ---------------------------------------------------------------------------------------------- */

static bool opens(const struct ms_zip *z, const struct ms_zip_entry *e, struct ms_bytes password, struct ms_buffer *out)
{
    *out = (struct ms_buffer){ 0 };
    if (password.n > 128)
        return false;
    if (e->aes ? open_aes(z, e, password, out) : open_old(z, e, password, out) && (z->password.p || ms_zip_proves(z, e, ms_buffer_bytes(out))))
        return true;
    ms_buffer_finish(out);
    *out = (struct ms_buffer){ 0 };
    return false;
}

bool ms_zip_decrypt(struct ms_zip *z, const struct ms_zip_entry *e, struct ms_buffer *out)
{
    struct ms_bytes words = z->f->in->passwords;
    *out = (struct ms_buffer){ 0 };
    if (!e->placed || z->refused)
        return false;
    if (z->password.p)
        return opens(z, e, z->password, out);
    for (size_t tries = 0; words.n && tries < (e->aes ? AES_TRIES : OLD_TRIES); tries++) {
        struct ms_bytes word = ms_head(words, ms_find(words, 0));
        words = ms_tail(words, word.n + 1);
        if (word.n && opens(z, e, word, out)) {
            z->password = word;
            return true;
        }
    }
    z->refused = true;
    return false;
}
