/* tls/suites.c - the table of cipher suites, and what is asked of libcrypto for each cipher and MAC. */
#include "model/tls.h"
#include "tls/cipher.h"

enum { /* the last column of suites.def */
    PLAIN = MS_SUITE_NULL, EXPORT = MS_SUITE_EXPORT, ANON = MS_SUITE_ANONYMOUS, RC4 = MS_SUITE_RC4, DES = MS_SUITE_DES, TDES = MS_SUITE_3DES,
    MD5 = MS_SUITE_MD5, NFS = MS_SUITE_NO_FORWARD_SECRECY, CBC = MS_SUITE_CBC,
};

static const struct ms_tls_suite suites[] = {
#define X(number, name, exchange, bulk, mac, hash, flags) \
    { number, name, MS_KX_##exchange, MS_BULK_##bulk, MS_MAC_##mac, MS_MAC_##hash, flags },
#include "tls/suites.def"
#undef X
};

/* DES runs as 3DES with one key three times: libcrypto's default provider has no DES, and its legacy provider may not be there. */
const struct ms_tls_bulk_info ms_tls_bulks[MS_BULK_COUNT] = {
    [MS_BULK_NULL] = { NULL, MS_MODE_NULL, 0, 0, 0 },
    [MS_BULK_RC4] = { NULL, MS_MODE_RC4, 16, 0, 0 },
    [MS_BULK_DES] = { "DES-EDE3-CBC", MS_MODE_CBC, 8, 8, 0 },
    [MS_BULK_TDES] = { "DES-EDE3-CBC", MS_MODE_CBC, 24, 8, 0 },
    [MS_BULK_AES128_CBC] = { "AES-128-CBC", MS_MODE_CBC, 16, 16, 0 },
    [MS_BULK_AES256_CBC] = { "AES-256-CBC", MS_MODE_CBC, 32, 16, 0 },
    [MS_BULK_CAMELLIA128_CBC] = { "CAMELLIA-128-CBC", MS_MODE_CBC, 16, 16, 0 },
    [MS_BULK_CAMELLIA256_CBC] = { "CAMELLIA-256-CBC", MS_MODE_CBC, 32, 16, 0 },
    [MS_BULK_ARIA128_CBC] = { "ARIA-128-CBC", MS_MODE_CBC, 16, 16, 0 },
    [MS_BULK_ARIA256_CBC] = { "ARIA-256-CBC", MS_MODE_CBC, 32, 16, 0 },
    [MS_BULK_AES128_GCM] = { "AES-128-GCM", MS_MODE_GCM, 16, 4, 16 },
    [MS_BULK_AES256_GCM] = { "AES-256-GCM", MS_MODE_GCM, 32, 4, 16 },
    [MS_BULK_ARIA128_GCM] = { "ARIA-128-GCM", MS_MODE_GCM, 16, 4, 16 },
    [MS_BULK_ARIA256_GCM] = { "ARIA-256-GCM", MS_MODE_GCM, 32, 4, 16 },
    [MS_BULK_AES128_CCM] = { "AES-128-CCM", MS_MODE_CCM, 16, 4, 16 },
    [MS_BULK_AES256_CCM] = { "AES-256-CCM", MS_MODE_CCM, 32, 4, 16 },
    [MS_BULK_AES128_CCM8] = { "AES-128-CCM", MS_MODE_CCM, 16, 4, 8 },
    [MS_BULK_AES256_CCM8] = { "AES-256-CCM", MS_MODE_CCM, 32, 4, 8 },
    [MS_BULK_CHACHA20] = { "ChaCha20-Poly1305", MS_MODE_CHACHA, 32, 12, 16 },
};

const struct ms_tls_mac_info ms_tls_macs[MS_MAC_COUNT] = {
    [MS_MAC_MD5] = { "MD5", 16, 64 },
    [MS_MAC_SHA1] = { "SHA1", 20, 64 },
    [MS_MAC_SHA256] = { "SHA256", 32, 64 },
    [MS_MAC_SHA384] = { "SHA384", 48, 128 },
};

const struct ms_tls_suite *ms_tls_suite_find(uint16_t id)
{
    size_t low = 0, high = sizeof suites / sizeof *suites;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (suites[middle].id == id)
            return &suites[middle];
        if (suites[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const char *ms_tls_cipher_name(uint16_t cipher)
{
    const struct ms_tls_suite *suite = ms_tls_suite_find(cipher);
    return suite ? suite->name : NULL;
}
