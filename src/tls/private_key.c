/* tls/private_key.c - reads RSA keys, finds the one of a certificate, takes the pre-master secret out of its padding.
 *
 * Padding  PKCS #1 v1.5 is taken off here: newer libcryptos answer a wrong key with random bytes of the right length (implicit rejection),
 *          which cannot be told from a secret. Timing is no matter: nobody waits for an answer.
 * Threads  a key store is not changed once its files are added; then any number of threads may decrypt with it.
 *
 * BUGS     PKCS #12 and PVK files, keys in a token or behind an engine are not read. A key encrypted with single DES or RC2 needs
 *          libcrypto's legacy provider: "wrong passphrase" is said of it.                                                       */
#include "tls/private_key.h"

#include "base/arena.h"
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, PASSPHRASE_MAX = 1024, MODULUS_MAX = 16384 / 8, PREMASTER = 48, KEYS_MAX = 1000 };

static const char *const no_key = "no private key in it", *const wrong_passphrase = "wrong passphrase", *const cannot_open = "cannot be opened",
                  *const not_rsa = "not an RSA key (only RSA key exchange can be decrypted with one)";

struct ms_private_keys {
    EVP_PKEY **keys;
    size_t     count;
};

struct reading { /* of one file */
    struct ms_private_keys *keys;
    const char             *path;
    int                   (*ask)(const char *path, char *buf, int n);
    size_t                  added;
    bool                    refused, other; /* a passphrase did not fit; a key of another kind was there */
};

struct ms_private_keys *ms_private_keys_create(void) { return ms_alloc(sizeof(struct ms_private_keys)); }

void ms_private_keys_destroy(struct ms_private_keys *k)
{
    if (!k)
        return;
    for (size_t i = 0; i < k->count; i++)
        EVP_PKEY_free(k->keys[i]);
    ms_free(k->keys);
    ms_free(k);
}

size_t ms_private_keys_count(const struct ms_private_keys *k) { return k ? k->count : 0; }

/* ---- keys out of their encodings ------------------------------------------------------------------------------------------------ */

static bool have(const struct ms_private_keys *k, const EVP_PKEY *key)
{
    for (size_t i = 0; i < k->count; i++)
        if (EVP_PKEY_eq(k->keys[i], key) == 1)
            return true;
    return false;
}

/* Takes `key` over; NULL is fine. */
static void keep(struct reading *r, EVP_PKEY *key)
{
    struct ms_private_keys *k = r->keys;
    bool                    rsa = key && EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_size(key) <= MODULUS_MAX;
    r->other |= key && !rsa;
    r->added += rsa;
    if (!rsa || k->count == KEYS_MAX || have(k, key)) {
        EVP_PKEY_free(key);
        return;
    }
    k->keys = ms_resize(k->keys, (k->count + 1) * sizeof *k->keys);
    k->keys[k->count++] = key;
}

static int ask_for(struct reading *r, char *buf, int n)
{
    int length = r->ask ? r->ask(r->path, buf, n) : -1;
    if (length < 0 || length > n) {
        r->refused = true;
        return -1;
    }
    return length;
}

/* What libcrypto calls for the passphrase of a traditional PEM block. */
static int pem_passphrase(char *buf, int n, int writing, void *reading)
{
    (void)writing;
    return ask_for(reading, buf, n);
}

/* PKCS #8, encrypted */
static void read_sealed(struct reading *r, struct ms_bytes der)
{
    const unsigned char *p = der.p;
    X509_SIG            *sealed = d2i_X509_SIG(NULL, &p, (long)der.n);
    if (!sealed)
        return;
    char *passphrase = ms_secret_alloc(PASSPHRASE_MAX);
    int   n = ask_for(r, passphrase, PASSPHRASE_MAX);
    if (n >= 0) {
        PKCS8_PRIV_KEY_INFO *info = PKCS8_decrypt(sealed, passphrase, n);
        EVP_PKEY            *key = info ? EVP_PKCS82PKEY(info) : NULL;
        r->refused |= !info;
        keep(r, key);
        PKCS8_PRIV_KEY_INFO_free(info);
    }
    ms_secret_free(passphrase, PASSPHRASE_MAX);
    X509_SIG_free(sealed);
}

/* PKCS #1, PKCS #8, or the older ones of other algorithms. */
static void read_plain(struct reading *r, struct ms_bytes der)
{
    const unsigned char *p = der.p;
    keep(r, d2i_AutoPrivateKey(NULL, &p, (long)der.n));
}

static bool is_encrypted(const char *header) { return strstr(header, "ENCRYPTED") != NULL; }

static void read_block(struct reading *r, const char *name, char *header, struct ms_bytes *data)
{
    static const char old[] = " PRIVATE KEY";
    size_t            n = strlen(name), old_n = sizeof old - 1;
    if (strcmp(name, "ENCRYPTED PRIVATE KEY") == 0) {
        read_sealed(r, *data);
        return;
    }
    if (strcmp(name, "PRIVATE KEY") != 0 && (n < old_n || strcmp(name + n - old_n, old) != 0))
        return;
    EVP_CIPHER_INFO cipher;
    long            length = (long)data->n;
    if (is_encrypted(header)) {
        bool good = PEM_get_EVP_CIPHER_INFO(header, &cipher) == 1
                    && PEM_do_header(&cipher, (unsigned char *)(uintptr_t)data->p, &length, pem_passphrase, r) == 1;
        r->refused |= !good;
        if (!good)
            return;
    }
    size_t before = r->added;
    bool   other = r->other;
    read_plain(r, ms_head(*data, (size_t)length));
    if (is_encrypted(header) && r->added == before && r->other == other)
        r->refused = true; /* the padding of a wrong passphrase fits once in 256 times */
}

static void read_pem(struct reading *r, struct ms_bytes file)
{
    BIO *bio = BIO_new_mem_buf(file.p, (int)file.n);
    for (;;) {
        char          *name = NULL, *header = NULL;
        unsigned char *data = NULL;
        long           n = 0;
        if (!bio || PEM_read_bio(bio, &name, &header, &data, &n) != 1)
            break;
        struct ms_bytes der = { data, (size_t)n };
        read_block(r, name, header, &der);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)n);
    }
    BIO_free(bio);
}

/* ---- files -------------------------------------------------------------------------------------------------------------------------- */

static bool read_file(const char *path, uint8_t *to, size_t *n)
{
    struct stat st;
    int         fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool        good = fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
    *n = 0;
    while (good && *n < FILE_MAX) {
        ssize_t got = read(fd, to + *n, FILE_MAX - *n);
        if (got < 0 && errno == EINTR)
            continue;
        good = got >= 0;
        if (got <= 0)
            break;
        *n += (size_t)got;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

bool ms_private_keys_add_file(struct ms_private_keys *k, const char *path, int (*ask)(const char *path, char *buf, int n), const char **why)
{
    struct reading r = { .keys = k, .path = path, .ask = ask };
    uint8_t       *buffer = ms_secret_alloc(FILE_MAX);
    size_t         n = 0;
    bool           opened = read_file(path, buffer, &n);
    if (opened) {
        struct ms_bytes file = { buffer, n };
        read_pem(&r, file);
        if (!r.added && !r.refused && !r.other)
            read_sealed(&r, file);
        if (!r.added && !r.refused && !r.other)
            read_plain(&r, file);
    }
    ms_secret_free(buffer, FILE_MAX);
    ERR_clear_error(); /* what did not fit is told by `why` */
    *why = !opened ? cannot_open : r.refused ? wrong_passphrase : r.added ? NULL : r.other ? not_rsa : no_key;
    return r.added > 0 && !r.refused;
}

/* ---- pre-master secrets --------------------------------------------------------------------------------------------------------------- */

/* 00 02, at least 8 bytes that are not 0, 00, 48 bytes (RFC 8017 7.2.2), which begin with a version of SSL 3.0 or TLS. Of the
 * version only the first byte is insisted on: old clients sent the one that was chosen, not the one that they had offered. */
static bool take_off_padding(struct ms_bytes block, uint16_t version, uint8_t premaster[48])
{
    if (block.n < PREMASTER + 11 || block.p[0] != 0 || block.p[1] != 2 || block.p[block.n - PREMASTER - 1] != 0)
        return false;
    struct ms_bytes padding = ms_slice(block, 2, block.n - PREMASTER - 3), secret = ms_tail(block, block.n - PREMASTER);
    if (ms_find(padding, 0) != padding.n)
        return false;
    if (secret.p[0] != 3 && secret.p[0] != version >> 8)
        return false;
    memcpy(premaster, secret.p, PREMASTER);
    return true;
}

static bool decrypt(EVP_PKEY *key, struct ms_bytes encrypted, uint16_t version, uint8_t premaster[48])
{
    uint8_t  in[MODULUS_MAX] = { 0 }, out[MODULUS_MAX];
    int      size = EVP_PKEY_get_size(key);
    size_t   n = sizeof out;
    if (size <= 0 || encrypted.n == 0 || encrypted.n > (size_t)size)
        return false;
    memcpy(in + (size_t)size - encrypted.n, encrypted.p, encrypted.n); /* zeros in front may have been left out */
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool good = ctx && EVP_PKEY_decrypt_init(ctx) == 1 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1
                && EVP_PKEY_decrypt(ctx, out, &n, in, (size_t)size) == 1 && take_off_padding((struct ms_bytes){ out, n }, version, premaster);
    EVP_PKEY_CTX_free(ctx);
    ms_secret_wipe(out, sizeof out);
    ERR_clear_error();
    return good;
}

static EVP_PKEY *key_of(const struct ms_private_keys *k, X509 *certificate)
{
    EVP_PKEY *public = X509_get0_pubkey(certificate);
    for (size_t i = 0; public && i < k->count; i++)
        if (EVP_PKEY_eq(k->keys[i], public) == 1)
            return k->keys[i];
    return NULL;
}

bool ms_private_keys_fit(const struct ms_private_keys *k, struct ms_bytes certificate)
{
    const unsigned char *p = certificate.p;
    X509                *x = certificate.n ? d2i_X509(NULL, &p, (long)certificate.n) : NULL;
    bool                 fits = x && key_of(k, x);
    X509_free(x);
    ERR_clear_error();
    return fits;
}

bool ms_private_keys_premaster(struct ms_private_keys *k, struct ms_bytes certificate, struct ms_bytes encrypted, uint16_t version,
                               uint8_t premaster[48])
{
    const unsigned char *p = certificate.p;
    X509                *x = certificate.n ? d2i_X509(NULL, &p, (long)certificate.n) : NULL;
    bool                 found = false;
    if (x) {
        EVP_PKEY *key = key_of(k, x);
        found = key && decrypt(key, encrypted, version, premaster);
        X509_free(x);
    } else {
        for (size_t i = 0; i < k->count && !found; i++)
            found = decrypt(k->keys[i], encrypted, version, premaster);
    }
    ERR_clear_error();
    return found;
}
