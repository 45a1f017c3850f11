/* tests/unit/private_key_test.c - keys in every encoding that is read, what is said of the others, and pre-master secrets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "private_keys.h"
#include "base/arena.h"
#include "tls/private_key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const no_key = "no private key in it", *const wrong = "wrong passphrase", *const cannot_open = "cannot be opened",
                  *const not_rsa = "not an RSA key (only RSA key exchange can be decrypted with one)";

static int asked;

static int answer(char *buf, int n, const char *text)
{
    asked++;
    assert_true((size_t)n >= strlen(text));
    memcpy(buf, text, strlen(text));
    return (int)strlen(text);
}

static int sesame(const char *path, char *buf, int n)
{
    assert_non_null(strstr(path, "mailscope-key-"));
    return answer(buf, n, "sesame");
}

static int pumpkin(const char *path, char *buf, int n)
{
    (void)path;
    return answer(buf, n, "pumpkin");
}

static int nobody(const char *path, char *buf, int n)
{
    (void)path, (void)buf, (void)n;
    asked++;
    return -1;
}

static bool add(struct ms_private_keys *k, struct ms_bytes text, int (*ask)(const char *, char *, int), const char **why)
{
    const char *folder = getenv("TMPDIR");
    char        path[4096];
    assert_in_range(snprintf(path, sizeof path, "%s/mailscope-key-XXXXXX", folder ? folder : P_tmpdir), 1, sizeof path - 1);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.p, text.n), text.n);
    close(fd);
    asked = 0;
    *why = "not set";
    bool good = ms_private_keys_add_file(k, path, ask, why);
    unlink(path);
    assert_int_equal(ERR_peek_error(), 0);
    return good;
}

/* The DER of a PEM block. */
static struct ms_bytes der_of(const char *pem)
{
    BIO           *bio = BIO_new_mem_buf(pem, -1);
    char          *name, *header;
    unsigned char *data;
    long           n;
    assert_int_equal(PEM_read_bio(bio, &name, &header, &data, &n), 1);
    OPENSSL_free(name);
    OPENSSL_free(header);
    BIO_free(bio);
    return (struct ms_bytes){ data, (size_t)n };
}

static void free_der(struct ms_bytes der) { OPENSSL_free((void *)(uintptr_t)der.p); }

static const struct { const char *what, *text; int (*ask)(const char *, char *, int); size_t count; const char **why; int asked; } files[] = {
    { "PKCS #1", key_a, NULL, 1, NULL, 0 },
    { "PKCS #8", key_a_pkcs8, nobody, 1, NULL, 0 },
    { "PKCS #8, encrypted", key_a_sealed, sesame, 1, NULL, 1 },
    { "the same, wrong", key_a_sealed, pumpkin, 0, (const char **)&wrong, 1 },
    { "the same, no answer", key_a_sealed, nobody, 0, (const char **)&wrong, 1 },
    { "the same, nobody to ask", key_a_sealed, NULL, 0, (const char **)&wrong, 0 },
    { "PKCS #8, old encryption", key_a_sealed_old, sesame, 1, NULL, 1 },
    { "the same, wrong", key_a_sealed_old, pumpkin, 0, (const char **)&wrong, 1 },
    { "traditional AES", key_a_traditional, sesame, 1, NULL, 1 },
    { "traditional AES, wrong", key_a_traditional, pumpkin, 0, (const char **)&wrong, 1 },
    { "traditional AES, no answer", key_a_traditional, nobody, 0, (const char **)&wrong, 1 },
    { "traditional AES, nobody to ask", key_a_traditional, NULL, 0, (const char **)&wrong, 0 },
    { "traditional 3DES", key_b_traditional, sesame, 1, NULL, 1 },
    { "EC", key_ec, NULL, 0, (const char **)&not_rsa, 0 },
    { "EC in PKCS #8", key_ec_pkcs8, NULL, 0, (const char **)&not_rsa, 0 },
    { "Ed25519", key_ed25519, NULL, 0, (const char **)&not_rsa, 0 },
    { "RSA-PSS", key_pss, NULL, 0, (const char **)&not_rsa, 0 },
    { "a certificate", certificate_a, nobody, 0, (const char **)&no_key, 0 },
    { "nothing", "", nobody, 0, (const char **)&no_key, 0 },
    { "text", "Dear Bob,\nhere is the key: under the mat.\n", nobody, 0, (const char **)&no_key, 0 },
    { "half a block", "-----BEGIN RSA PRIVATE KEY-----\nMIICXAIBAAKBgQ", nobody, 0, (const char **)&no_key, 0 },
    { "an empty block", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", nobody, 0, (const char **)&no_key, 0 },
    { "a block of junk", "-----BEGIN PRIVATE KEY-----\nAAAAAAAA\n-----END PRIVATE KEY-----\n", nobody, 0, (const char **)&no_key, 0 },
};

static void test_files(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct ms_private_keys *k = ms_private_keys_create();
        const char             *why;
        bool                    good = add(k, ms_str(files[i].text), files[i].ask, &why);
        if (good != (files[i].count > 0) || ms_private_keys_count(k) != files[i].count || asked != files[i].asked)
            fail_msg("%s: %s, %zu keys, asked %d times", files[i].what, good ? "good" : why, ms_private_keys_count(k), asked);
        if (files[i].why)
            assert_string_equal(why, *files[i].why);
        ms_private_keys_destroy(k);
    }
}

static void test_der(void **unused)
{
    (void)unused;
    static const struct { const char *pem; bool good; const char **why; } rows[] = {
        { key_a, true, NULL }, { key_a_pkcs8, true, NULL }, { key_a_sealed, true, NULL }, { key_ec, false, (const char **)&not_rsa },
        { key_ec_pkcs8, false, (const char **)&not_rsa }, { certificate_a, false, (const char **)&no_key },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ms_private_keys *k = ms_private_keys_create();
        struct ms_bytes         der = der_of(rows[i].pem);
        const char             *why;
        assert_int_equal(add(k, der, sesame, &why), rows[i].good);
        if (rows[i].why)
            assert_string_equal(why, *rows[i].why);
        assert_int_equal(ms_private_keys_count(k), rows[i].good);
        for (size_t cut = 0; cut < der.n && i < 3; cut += 7) /* cut short: never a key */
            assert_false(add(k, ms_head(der, cut), pumpkin, &why));
        free_der(der);
        ms_private_keys_destroy(k);
    }
}

static struct ms_bytes join(struct ms_buffer *b, const char *const *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ms_buffer_append(b, ms_str(parts[i]));
    return ms_buffer_bytes(b);
}

static void test_several(void **unused)
{
    (void)unused;
    struct ms_private_keys *k = ms_private_keys_create();
    struct ms_buffer        b = { 0 };
    const char             *why;
    /* a server's file: key, chain, an EC key beside it, junk between */
    assert_true(add(k, join(&b, (const char *[]){ key_a, certificate_a, "between\n", key_ec, key_b_traditional, certificate_b }, 6), sesame, &why));
    assert_int_equal(ms_private_keys_count(k), 2);
    assert_int_equal(asked, 1);
    assert_true(add(k, ms_str(key_a_pkcs8), NULL, &why)); /* the same key again */
    assert_int_equal(ms_private_keys_count(k), 2);
    ms_buffer_finish(&b);
    b = (struct ms_buffer){ 0 };
    /* one whose passphrase is wrong: told, the others are kept */
    struct ms_private_keys *other = ms_private_keys_create();
    assert_false(add(other, join(&b, (const char *[]){ key_a_sealed, key_b }, 2), pumpkin, &why));
    assert_string_equal(why, wrong);
    assert_int_equal(ms_private_keys_count(other), 1);
    ms_buffer_finish(&b);
    ms_private_keys_destroy(other);
    ms_private_keys_destroy(k);
}

static void test_no_file(void **unused)
{
    (void)unused;
    struct ms_private_keys *k = ms_private_keys_create();
    const char             *why;
    assert_false(ms_private_keys_add_file(k, "/nowhere/at/all.pem", NULL, &why));
    assert_string_equal(why, cannot_open);
    assert_false(ms_private_keys_add_file(k, "/", NULL, &why));
    assert_string_equal(why, cannot_open);
    ms_private_keys_destroy(k);
    ms_private_keys_destroy(NULL);
}

/* ---- pre-master secrets ------------------------------------------------------------------------------------------------------ */

static EVP_PKEY *public_of(const char *pem)
{
    BIO      *bio = BIO_new_mem_buf(pem, -1);
    X509     *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    EVP_PKEY *key = X509_get_pubkey(x);
    X509_free(x);
    BIO_free(bio);
    return key;
}

static size_t encrypt(const char *certificate, int padding, struct ms_bytes plain, uint8_t out[128])
{
    EVP_PKEY     *key = public_of(certificate);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
    size_t        n = 128;
    assert_int_equal(EVP_PKEY_encrypt_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, padding), 1);
    assert_int_equal(EVP_PKEY_encrypt(ctx, out, &n, plain.p, plain.n), 1);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
    return n;
}

static struct ms_private_keys *both_keys(void)
{
    struct ms_private_keys *k = ms_private_keys_create();
    const char             *why;
    assert_true(add(k, ms_str(key_a), NULL, &why));
    assert_true(add(k, ms_str(key_b), NULL, &why));
    return k;
}

static void secret_of(uint8_t secret[48], uint8_t major, uint8_t minor)
{
    for (int i = 0; i < 48; i++)
        secret[i] = (uint8_t)(i * 5 + 7);
    secret[0] = major;
    secret[1] = minor;
}

static void test_premaster(void **unused)
{
    (void)unused;
    struct ms_private_keys *k = both_keys();
    struct ms_bytes         a = der_of(certificate_a), b = der_of(certificate_b), none = { NULL, 0 };
    uint8_t                 secret[48], sealed[128], got[48];
    secret_of(secret, 3, 3);
    struct ms_bytes for_b = { sealed, encrypt(certificate_b, RSA_PKCS1_PADDING, (struct ms_bytes){ secret, 48 }, sealed) };
    assert_true(ms_private_keys_premaster(k, b, for_b, 0x0303, got));
    assert_memory_equal(got, secret, 48);
    memset(got, 0, 48);
    assert_true(ms_private_keys_premaster(k, none, for_b, 0x0303, got)); /* the certificate was not seen: every key is tried */
    assert_memory_equal(got, secret, 48);
    assert_true(ms_private_keys_premaster(k, MS_LIT("no certificate"), for_b, 0x0303, got));
    assert_true(ms_private_keys_premaster(k, b, for_b, 0x0301, got)); /* not insisted on */
    memset(got, 0xee, 48);
    assert_false(ms_private_keys_premaster(k, a, for_b, 0x0303, got)); /* another certificate's key: not random bytes */
    for (size_t i = 0; i < 48; i++)
        assert_int_equal(got[i], 0xee);
    for (size_t i = 0; i < 128; i++) { /* changed anywhere */
        sealed[i] ^= 4;
        assert_false(ms_private_keys_premaster(k, none, for_b, 0x0303, got));
        sealed[i] ^= 4;
    }
    for (size_t n = 0; n < 128; n++) /* cut anywhere */
        assert_false(ms_private_keys_premaster(k, none, ms_head(for_b, n), 0x0303, got));
    uint8_t longer[300] = { 0 };
    assert_false(ms_private_keys_premaster(k, none, (struct ms_bytes){ longer, 300 }, 0x0303, got));
    assert_int_equal(ERR_peek_error(), 0);
    free_der(a);
    free_der(b);
    ms_private_keys_destroy(k);
}

/* What is no pre-master secret: other lengths, versions, paddings. */
static void test_odd_premaster(void **unused)
{
    (void)unused;
    struct ms_private_keys *k = both_keys();
    uint8_t                 secret[64], sealed[128], block[128], got[48];
    struct ms_bytes         none = { NULL, 0 };
    secret_of(secret, 3, 1);
    for (size_t n = 46; n < 51; n++) {
        size_t sealed_n = encrypt(certificate_a, RSA_PKCS1_PADDING, (struct ms_bytes){ secret, n }, sealed);
        assert_int_equal(ms_private_keys_premaster(k, none, (struct ms_bytes){ sealed, sealed_n }, 0x0303, got), n == 48);
    }
    secret_of(secret, 4, 1);
    encrypt(certificate_a, RSA_PKCS1_PADDING, (struct ms_bytes){ secret, 48 }, sealed);
    assert_false(ms_private_keys_premaster(k, none, (struct ms_bytes){ sealed, 128 }, 0x0303, got));
    secret_of(secret, 3, 0);
    static const struct { size_t at; uint8_t value; } faults[] = { { 0, 1 }, { 1, 1 }, { 5, 0 }, { 78, 0 }, { 79, 9 } };
    for (size_t i = 0; i <= 5; i++) { /* the last: no fault */
        memset(block, 0x77, sizeof block);
        block[0] = 0;
        block[1] = 2;
        block[79] = 0;
        memcpy(block + 80, secret, 48);
        if (i < 5)
            block[faults[i].at] = faults[i].value;
        encrypt(certificate_a, RSA_NO_PADDING, (struct ms_bytes){ block, 128 }, sealed);
        assert_int_equal(ms_private_keys_premaster(k, none, (struct ms_bytes){ sealed, 128 }, 0x0303, got), i == 5);
    }
    ms_private_keys_destroy(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files), cmocka_unit_test(test_der), cmocka_unit_test(test_several), cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_premaster), cmocka_unit_test(test_odd_premaster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
