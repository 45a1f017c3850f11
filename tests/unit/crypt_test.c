/* tests/unit/crypt_test.c - records of every cipher and version, sealed by an independent sender: whole, cut, changed, behind gaps;
 * the traces of RFC 8448; keys that move on.                                                                                     */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/tls.h"
#include "tls/cipher.h"
#include "tls_seal.h"

static const struct { uint16_t version; const char *suite; bool etm; } cases[] = {
    { 0x0300, "TLS_RSA_WITH_NULL_MD5", 0 }, { 0x0300, "TLS_RSA_WITH_RC4_128_MD5", 0 }, { 0x0300, "TLS_RSA_WITH_RC4_128_SHA", 0 },
    { 0x0300, "TLS_RSA_WITH_DES_CBC_SHA", 0 }, { 0x0300, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 0 }, { 0x0300, "TLS_RSA_WITH_AES_128_CBC_SHA", 0 },
    { 0x0301, "TLS_RSA_WITH_NULL_SHA", 0 }, { 0x0301, "TLS_RSA_WITH_RC4_128_SHA", 0 }, { 0x0301, "TLS_RSA_WITH_RC4_128_MD5", 0 },
    { 0x0301, "TLS_RSA_WITH_DES_CBC_SHA", 0 }, { 0x0301, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", 0 }, { 0x0301, "TLS_RSA_WITH_AES_256_CBC_SHA", 0 },
    { 0x0301, "TLS_RSA_WITH_AES_128_CBC_SHA", 1 }, { 0x0302, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0 },
    { 0x0302, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", 1 }, { 0x0302, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", 0 },
    { 0x0303, "TLS_RSA_WITH_NULL_SHA256", 0 }, { 0x0303, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", 1 }, { 0x0303, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 1 },
    { 0x0303, "TLS_RSA_WITH_AES_128_CBC_SHA", 0 }, { 0x0303, "TLS_RSA_WITH_AES_128_CBC_SHA256", 1 },
    { 0x0303, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0 }, { 0x0303, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 1 },
    { 0x0303, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256", 0 }, { 0x0303, "TLS_RSA_WITH_ARIA_128_CBC_SHA256", 0 },
    { 0x0303, "TLS_RSA_WITH_ARIA_256_CBC_SHA384", 0 }, { 0x0303, "TLS_RSA_WITH_AES_128_GCM_SHA256", 0 },
    { 0x0303, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0 }, { 0x0303, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", 0 },
    { 0x0303, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384", 0 }, { 0x0303, "TLS_RSA_WITH_AES_128_CCM", 0 }, { 0x0303, "TLS_DHE_RSA_WITH_AES_256_CCM", 0 },
    { 0x0303, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 0 }, { 0x0303, "TLS_RSA_WITH_AES_256_CCM_8", 0 },
    { 0x0303, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0 }, { 0x0304, "TLS_AES_128_GCM_SHA256", 0 }, { 0x0304, "TLS_AES_256_GCM_SHA384", 0 },
    { 0x0304, "TLS_CHACHA20_POLY1305_SHA256", 0 }, { 0x0304, "TLS_AES_128_CCM_SHA256", 0 }, { 0x0304, "TLS_AES_128_CCM_8_SHA256", 0 },
};
enum { CASES = sizeof cases / sizeof *cases, ROOM = 20000 };

static struct ms_tls_randoms randoms;
static uint8_t               master[48], data[ROOM];

static const struct ms_tls_suite *suite_named(const char *name)
{
    for (unsigned id = 0; id < 65536; id++) {
        const struct ms_tls_suite *s = ms_tls_suite_find((uint16_t)id);
        if (s && strcmp(s->name, name) == 0)
            return s;
    }
    fail_msg("no suite %s", name);
    return NULL;
}

static struct seal sender(size_t i, int dir)
{
    const struct ms_tls_suite *suite = suite_named(cases[i].suite);
    struct seal                s = cases[i].version == 0x0304
                                       ? seal_start13(cases[i].suite, (struct ms_bytes){ master, suite->hash == MS_MAC_SHA384 ? 48 : 32 })
                                       : seal_start(cases[i].version, cases[i].suite, master, &randoms, dir);
    s.etm = cases[i].etm && s.kind == SEAL_CBC;
    s.nonce_start = 0xfffffffffffffff0; /* explicit nonces may begin anywhere, and wrap */
    return s;
}

static struct ms_tls_cipher *receiver(size_t i, int dir)
{
    const struct ms_tls_suite *suite = suite_named(cases[i].suite);
    if (cases[i].version == 0x0304)
        return ms_tls_cipher_from_secret(suite, (struct ms_bytes){ master, suite->hash == MS_MAC_SHA384 ? 48 : 32 });
    struct ms_tls_cipher *pair[2];
    assert_true(ms_tls_cipher_pair(cases[i].version, suite, master, &randoms, cases[i].etm, pair));
    ms_tls_cipher_destroy(pair[!dir]);
    return pair[dir];
}

struct opened { bool good; struct ms_bytes plain; uint8_t type, *out; uint64_t lost; };

/* Opens from and into memory of the exact size. */
static struct opened open_with(struct ms_tls_cipher *c, const uint8_t *record, size_t n, uint64_t missing, uint64_t most)
{
    struct opened o = { .out = malloc(n - 5 ? n - 5 : 1) };
    uint8_t      *body = malloc(n - 5 ? n - 5 : 1);
    memcpy(body, record + 5, n - 5);
    struct ms_bytes b = { body, n - 5 };
    if (most)
        o.good = ms_tls_cipher_resync(c, missing, most, record, b, o.out, &o.plain, &o.type, &o.lost);
    else
        o.good = ms_tls_cipher_open(c, record, b, o.out, &o.plain, &o.type);
    free(body);
    return o;
}

static bool opens_to(struct ms_tls_cipher *c, const uint8_t *record, size_t n, struct ms_bytes want, uint8_t type)
{
    struct opened o = open_with(c, record, n, 0, 0);
    bool          same = o.good && o.type == type && ms_equal(o.plain, want);
    free(o.out);
    return same;
}

static void test_every_cipher(void **unused)
{
    (void)unused;
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 40, 63, 64, 65, 1000, 16384, 5 };
    static uint8_t      record[ROOM];
    for (size_t i = 0; i < CASES; i++)
        for (int dir = 0; dir < 2; dir++) {
            struct seal           s = sender(i, dir);
            struct ms_tls_cipher *c = receiver(i, dir);
            assert_non_null(c);
            for (size_t k = 0; k < 24; k++) {
                struct ms_bytes text = { data + k, sizes[k % 12] };
                uint8_t         type = (uint8_t)(20 + k % 4);
                s.pad_more = k % 5;
                size_t n = seal_record(&s, type, text, k * 3, record);
                if (!opens_to(c, record, n, text, type))
                    fail_msg("%s, version %04x, direction %d, record %zu", cases[i].suite, cases[i].version, dir, k);
            }
            ms_tls_cipher_destroy(c);
        }
}

static void test_truncated(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal s = sender(i, 0);
        size_t      n = seal_record(&s, 23, (struct ms_bytes){ data, 40 }, 0, record);
        for (size_t cut = 5; cut < n; cut++) {
            struct ms_tls_cipher *c = receiver(i, 0);
            record[3] = 0;
            record[4] = (uint8_t)(cut - 5);
            struct opened o = open_with(c, record, cut, 0, 0);
            if (o.good)
                fail_msg("%s, version %04x, cut at %zu", cases[i].suite, cases[i].version, cut);
            free(o.out);
            o = open_with(c, record, cut, 0, 9);
            assert_false(o.good);
            free(o.out);
            ms_tls_cipher_destroy(c);
        }
    }
}

static bool carries_on(const struct seal *s) { return s->kind == SEAL_RC4 || (s->kind == SEAL_CBC && s->version < 0x0302); }

/* A changed byte anywhere is refused, and does not disturb what comes after, but for ciphers whose state goes on over the record. */
static void test_changed(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal           s = sender(i, 1);
        struct ms_tls_cipher *c = receiver(i, 1);
        size_t                n = seal_record(&s, 23, (struct ms_bytes){ data, 70 }, 2, record);
        for (size_t at = 5; at < n; at++) {
            if (s.version == 0x0300 && s.block && at >= n - s.block)
                continue; /* padding of SSL 3.0 is protected by nothing */
            record[at] ^= 1;
            assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 70 }, 23));
            record[at] ^= 1;
            if (carries_on(&s)) {
                ms_tls_cipher_destroy(c);
                c = receiver(i, 1);
            }
        }
        record[0] ^= 1; /* the type is protected as well */
        assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 70 }, 22));
        record[0] ^= 1;
        if (!carries_on(&s))
            assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 70 }, 23));
        assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 70 }, 23)); /* played again */
        ms_tls_cipher_destroy(c);
    }
}

static void test_wrong_key(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal s = sender(i, 0);
        size_t      n = seal_record(&s, 23, (struct ms_bytes){ data, 300 }, 0, record);
        master[7] ^= 0x10;
        struct ms_tls_cipher *c = receiver(i, 0);
        assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 300 }, 23));
        struct opened o = open_with(c, record, n, 0, 1000);
        assert_false(o.good);
        free(o.out);
        ms_tls_cipher_destroy(c);
        master[7] ^= 0x10;
    }
}

/* `lost` records of several sizes go missing behind three that were read; with their bytes known and not known, and the number of records
 * known loosely only. */
static void lose(size_t i, size_t lost, bool bytes_known, uint64_t most)
{
    static uint8_t        record[ROOM];
    struct seal           s = sender(i, 0);
    struct ms_tls_cipher *c = receiver(i, 0);
    uint64_t              missing = 0;
    size_t                n = 0;
    for (size_t k = 0; k < 3; k++) {
        n = seal_record(&s, 23, (struct ms_bytes){ data, 100 + k }, 0, record);
        assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 100 + k }, 23));
    }
    for (size_t k = 0; k < lost; k++)
        missing += seal_record(&s, 23, (struct ms_bytes){ data, 1 + k * 37 % 900 }, 0, record);
    struct opened o = { 0 };
    bool          chained = s.kind == SEAL_CBC && s.version < 0x0302;
    if (chained) { /* its first record is lost with the gap */
        n = seal_record(&s, 23, (struct ms_bytes){ data, 60 }, 0, record);
        o = open_with(c, record, n, bytes_known ? missing : 0, most);
        assert_false(o.good);
        free(o.out);
        missing += n;
    }
    n = seal_record(&s, 22, (struct ms_bytes){ data + 9, 77 }, 0, record);
    o = open_with(c, record, n, bytes_known ? missing : 0, most + chained);
    if (!o.good || o.type != 22 || !ms_equal(o.plain, (struct ms_bytes){ data + 9, 77 }))
        fail_msg("%s, version %04x: %zu lost, bytes known: %d, at most %d", cases[i].suite, cases[i].version, lost, bytes_known, (int)most);
    if (!(chained && s.etm)) /* that one tells its number already when its first block cannot be read */
        assert_int_equal(o.lost, lost + chained);
    free(o.out);
    n = seal_record(&s, 23, (struct ms_bytes){ data, 2000 }, 0, record);
    assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 2000 }, 23));
    ms_tls_cipher_destroy(c);
}

static void test_resync(void **unused)
{
    (void)unused;
    static const size_t losses[] = { 1, 2, 5, 200 };
    for (size_t i = 0; i < CASES; i++)
        for (size_t k = 0; k < 4; k++) {
            lose(i, losses[k], true, losses[k]);
            lose(i, losses[k], true, UINT64_MAX - 2);
            if (sender(i, 0).kind != SEAL_RC4) { /* needs to know how far to go */
                lose(i, losses[k], false, losses[k]);
                lose(i, losses[k], false, 1000);
            }
        }
}

/* More than can be, or less than were lost: refused, and the right answer still works after it. */
static void test_resync_bounds(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal           s = sender(i, 0);
        struct ms_tls_cipher *c = receiver(i, 0);
        uint64_t              missing = 0;
        if (carries_on(&s) && s.kind != SEAL_RC4) {
            ms_tls_cipher_destroy(c);
            continue;
        }
        for (int k = 0; k < 5; k++)
            missing += seal_record(&s, 23, (struct ms_bytes){ data, 50 }, 0, record);
        size_t        n = seal_record(&s, 23, (struct ms_bytes){ data, 50 }, 0, record);
        struct opened o = open_with(c, record, n, missing, 4);
        assert_false(o.good);
        free(o.out);
        o = open_with(c, record, n, missing, 5);
        assert_true(o.good);
        assert_int_equal(o.lost, 5);
        free(o.out);
        ms_tls_cipher_destroy(c);
    }
}

/* Guessing stops: a sender of records that fit no key cannot make us work without end. */
static void test_guessing_is_bounded(void **unused)
{
    (void)unused;
    static uint8_t junk[5 + 16384];
    for (size_t i = 0; i < CASES; i++) {
        if (i > 0 && sender(i, 0).kind == sender(i - 1, 0).kind)
            continue;
        struct ms_tls_cipher *c = receiver(i, 0);
        memset(junk, 0x41, sizeof junk);
        for (int k = 0; k < 40; k++) {
            struct opened o = open_with(c, junk, sizeof junk, k % 2 ? 0 : 1u << 31, UINT64_MAX);
            assert_false(o.good);
            free(o.out);
        }
        assert_true(c->spent <= (32u << 20));
        ms_tls_cipher_destroy(c);
    }
}

static void test_key_update(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal           s = sender(i, 0);
        struct ms_tls_cipher *c = receiver(i, 0);
        if (s.version != 0x0304) {
            assert_false(ms_tls_cipher_update(c));
            ms_tls_cipher_destroy(c);
            continue;
        }
        for (int round = 0; round < 4; round++) {
            for (int k = 0; k < 3; k++) {
                size_t n = seal_record(&s, 23, (struct ms_bytes){ data, 500 }, 0, record);
                assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 500 }, 23));
            }
            seal_update(&s, cases[i].suite);
            assert_true(ms_tls_cipher_update(c));
        }
        /* one that is lost in a gap, with records on both sides of it */
        seal_record(&s, 23, (struct ms_bytes){ data, 10 }, 0, record);
        seal_update(&s, cases[i].suite);
        seal_record(&s, 23, (struct ms_bytes){ data, 10 }, 0, record);
        seal_record(&s, 23, (struct ms_bytes){ data, 10 }, 0, record);
        size_t        n = seal_record(&s, 23, (struct ms_bytes){ data, 10 }, 0, record);
        struct opened o = open_with(c, record, n, 0, 9);
        assert_true(o.good);
        assert_int_equal(o.lost, 3); /* at least */
        free(o.out);
        n = seal_record(&s, 23, (struct ms_bytes){ data, 11 }, 0, record);
        assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 11 }, 23));
        ms_tls_cipher_destroy(c);
    }
}

/* Drafts of TLS 1.3 up to 24: the first record shows whether the header is authenticated; a connection does not change its mind. */
static void test_drafts(void **unused)
{
    (void)unused;
    static uint8_t record[ROOM];
    for (size_t i = 0; i < CASES; i++) {
        struct seal s = sender(i, 0);
        if (s.version != 0x0304)
            continue;
        struct ms_tls_cipher *c = receiver(i, 0);
        s.bare = true;
        for (int k = 0; k < 6; k++) {
            size_t n = seal_record(&s, 23, (struct ms_bytes){ data, 90 }, 0, record);
            assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 90 }, 23));
            if (k == 3) {
                seal_update(&s, cases[i].suite);
                assert_true(ms_tls_cipher_update(c));
            }
        }
        s.bare = false;
        size_t n = seal_record(&s, 23, (struct ms_bytes){ data, 90 }, 0, record);
        assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 90 }, 23));
        ms_tls_cipher_destroy(c);
        s = sender(i, 0);
        c = receiver(i, 0);
        n = seal_record(&s, 23, (struct ms_bytes){ data, 90 }, 0, record);
        assert_true(opens_to(c, record, n, (struct ms_bytes){ data, 90 }, 23));
        s.bare = true;
        n = seal_record(&s, 23, (struct ms_bytes){ data, 90 }, 0, record);
        assert_false(opens_to(c, record, n, (struct ms_bytes){ data, 90 }, 23));
        ms_tls_cipher_destroy(c);
    }
}

/* ---- RFC 8448 3, "Simple 1-RTT Handshake" --------------------------------------------------------------------------------- */

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    for (; *hex; hex += 2, n++) {
        unsigned byte;
        assert_int_equal(sscanf(hex, "%2x", &byte), 1);
        out[n] = (uint8_t)byte;
    }
    return n;
}

static void test_rfc8448(void **unused)
{
    (void)unused;
    static const struct { const char *secret; const char *records[4]; uint8_t types[4]; const char *starts[4]; } traces[] = {
        { "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
          { "1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b62974e1f5a6292a2977014bd1e3deae63ae"
            "ebb21694915e4",
            "1703030013c9872760655666b74d7ff1153efd6db6d0b0e3" },
          { 23, 21 },
          { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031", "0100" } },
        { "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
          { "17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c758db289a015940252f55713e061dc13e078891a38efb"
            "cf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1b6c0d4a3d03f75e09c30ba1e62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406f16e3f"
            "c181a77ca475840025db2f0a77f81b5ab05b94c01346755f69232c86519d86cbeeac87aac347d143f9605d64f650db4d023e70e952ca49fe5137121c74bc269768"
            "7e248746d6df353005f3bce18696129c8153556b3b6c6779b37bf15985684f",
            "17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc49c4bf2e5f0a21c0047c2abf33254"
            "0dd032e167c2955d",
            "1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9" },
          { 22, 23, 21 },
          { "040000c90000001efad6aac502000000b22c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb33fa90bf",
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031", "0100" } },
        { "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
          { "170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd1caeacab6867d726c40546" },
          { 22 }, { "14000020" } },
    };
    for (size_t t = 0; t < sizeof traces / sizeof *traces; t++) {
        uint8_t               secret[64], record[512], want[128];
        size_t                secret_n = unhex(traces[t].secret, secret);
        struct ms_tls_cipher *c = ms_tls_cipher_from_secret(suite_named("TLS_AES_128_GCM_SHA256"), (struct ms_bytes){ secret, secret_n });
        for (size_t k = 0; k < 4 && traces[t].records[k]; k++) {
            size_t        n = unhex(traces[t].records[k], record), want_n = unhex(traces[t].starts[k], want);
            struct opened o = open_with(c, record, n, 0, 0);
            assert_true(o.good);
            assert_int_equal(o.type, traces[t].types[k]);
            assert_true(ms_equal(ms_head(o.plain, want_n), (struct ms_bytes){ want, want_n }));
            free(o.out);
        }
        ms_tls_cipher_destroy(c);
    }
}

/* The keys that RFC 8448 names, of the server's handshake and the client's application data. */
static void test_rfc8448_keys(void **unused)
{
    (void)unused;
    static const char *const   keys[][4] = {
        { "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38", "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30" },
        { "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5", "17422dda596ed5d9acd890e3c63f5051", "5b78923dee08579033e523d9" },
    };
    const struct ms_tls_suite *suite = ms_tls_suite_find(0x1301);
    for (size_t i = 0; i < 2; i++) {
        uint8_t secret[64], key[16], iv[12], want_key[16], want_iv[12];
        size_t  n = unhex(keys[i][0], secret);
        unhex(keys[i][1], want_key);
        unhex(keys[i][2], want_iv);
        assert_true(ms_tls_expand_label(suite, (struct ms_bytes){ secret, n }, "key", key, 16));
        assert_true(ms_tls_expand_label(suite, (struct ms_bytes){ secret, n }, "iv", iv, 12));
        assert_memory_equal(key, want_key, 16);
        assert_memory_equal(iv, want_iv, 12);
    }
}

/* A record of zeros alone has no type; one of a type alone has no content. */
static void test_inner_type(void **unused)
{
    (void)unused;
    uint8_t     record[256], zeros[8] = { 0 };
    size_t      i = CASES - 1;
    struct seal s = sender(i, 0);
    struct ms_tls_cipher *c = receiver(i, 0);
    size_t      n = seal_record(&s, 0, (struct ms_bytes){ zeros, 8 }, 3, record);
    assert_true(opens_to(c, record, n, (struct ms_bytes){ zeros, 0 }, 0));
    n = seal_record(&s, 21, (struct ms_bytes){ zeros, 0 }, 9, record);
    assert_true(opens_to(c, record, n, (struct ms_bytes){ zeros, 0 }, 21));
    n = seal_record(&s, 23, (struct ms_bytes){ zeros, 8 }, 9, record); /* zeros of the content stay */
    assert_true(opens_to(c, record, n, (struct ms_bytes){ zeros, 8 }, 23));
    ms_tls_cipher_destroy(c);
}

/* ---- secrets ---------------------------------------------------------------------------------------------------------------- */

static void test_master(void **unused)
{
    (void)unused;
    static const struct { uint16_t version; uint16_t suite; const char *prf; } rows[] = {
        { 0x0300, 0x0005, "SHA256" }, { 0x0301, 0x002f, "SHA256" }, { 0x0302, 0xc013, "SHA256" },
        { 0x0303, 0x002f, "SHA256" }, { 0x0303, 0xc02f, "SHA256" }, { 0x0303, 0xc030, "SHA384" },
    };
    static const size_t lengths[] = { 1, 31, 32, 48, 66, 256 }; /* ECDH and DH make pre-masters of any length */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t k = 0; k < 6; k++) {
            uint8_t                    got[48], want[48], seed[64], hash[64];
            struct ms_bytes            pre = { data, lengths[k] };
            const struct ms_tls_suite *suite = ms_tls_suite_find(rows[i].suite);
            memcpy(seed, randoms.client, 32);
            memcpy(seed + 32, randoms.server, 32);
            assert_true(ms_tls_master(rows[i].version, suite, pre, &randoms, (struct ms_bytes){ NULL, 0 }, got));
            seal_prf(rows[i].version, rows[i].prf, pre, "master secret", (struct ms_bytes){ seed, 64 }, want, 48);
            assert_memory_equal(got, want, 48);
            size_t n = ms_tls_transcript(rows[i].version, suite, (struct ms_bytes){ data, 3000 }, hash);
            assert_int_equal(n, rows[i].version < 0x0303 ? 36 : strcmp(rows[i].prf, "SHA384") == 0 ? 48 : 32);
            if (rows[i].version == 0x0300)
                continue;
            assert_true(ms_tls_master(rows[i].version, suite, pre, &randoms, (struct ms_bytes){ hash, n }, got));
            seal_prf(rows[i].version, rows[i].prf, pre, "extended master secret", (struct ms_bytes){ hash, n }, want, 48);
            assert_memory_equal(got, want, 48);
        }
    uint8_t none[48];
    assert_false(ms_tls_master(0x0303, ms_tls_suite_find(0xc02f), (struct ms_bytes){ NULL, 0 }, &randoms, (struct ms_bytes){ NULL, 0 }, none));
    assert_false(ms_tls_master(0x0304, ms_tls_suite_find(0x1301), (struct ms_bytes){ data, 48 }, &randoms, (struct ms_bytes){ NULL, 0 }, none));
    assert_false(ms_tls_master(0x0303, NULL, (struct ms_bytes){ data, 48 }, &randoms, (struct ms_bytes){ NULL, 0 }, none));
}

static void test_transcript(void **unused)
{
    (void)unused;
    uint8_t hash[64], want[64];
    assert_int_equal(ms_tls_transcript(0x0301, ms_tls_suite_find(0x002f), (struct ms_bytes){ data, 100 }, hash), 36);
    seal_digest("MD5", &(struct ms_bytes){ data, 100 }, 1, want);
    seal_digest("SHA1", &(struct ms_bytes){ data, 100 }, 1, want + 16);
    assert_memory_equal(hash, want, 36);
    assert_int_equal(ms_tls_transcript(0x0303, ms_tls_suite_find(0xc030), (struct ms_bytes){ data, 100 }, hash), 48);
    seal_digest("SHA384", &(struct ms_bytes){ data, 100 }, 1, want);
    assert_memory_equal(hash, want, 48);
}

static void test_rc4(void **unused)
{
    (void)unused;
    /* the key stream of the key 01 02 .. 10 (RFC 6229 2), at offsets 0 and 4096 */
    static const uint8_t key[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, zeros[16];
    uint8_t              at_0[16], at_4096[16], got[16];
    struct ms_tls_rc4    r;
    unhex("9ac7cc9a609d1ef7b2932899cde41b97", at_0);
    unhex("a36a4c301ae8ac13610ccbc12256cacc", at_4096);
    ms_tls_rc4_start(&r, (struct ms_bytes){ key, 16 });
    ms_tls_rc4_run(&r, (struct ms_bytes){ zeros, 16 }, got);
    assert_memory_equal(got, at_0, 16);
    ms_tls_rc4_skip(&r, 4096 - 16);
    ms_tls_rc4_run(&r, (struct ms_bytes){ zeros, 16 }, got);
    assert_memory_equal(got, at_4096, 16);
}

/* DES is run as 3DES here: compared with the real one, where the legacy provider is installed. */
static void test_des(void **unused)
{
    (void)unused;
    OSSL_LIB_CTX  *lib = OSSL_LIB_CTX_new();
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(lib, "legacy"), *standard = OSSL_PROVIDER_load(lib, "default");
    uint8_t        record[256];
    if (legacy) {
        struct ms_tls_cipher *pair[2];
        struct seal           s = seal_start(0x0301, "TLS_RSA_WITH_DES_CBC_SHA", master, &randoms, 0);
        s.lib = lib;
        assert_string_equal(s.cipher, "DES-CBC");
        assert_true(ms_tls_cipher_pair(0x0301, ms_tls_suite_find(0x0009), master, &randoms, false, pair));
        for (size_t k = 0; k < 5; k++) {
            size_t n = seal_record(&s, 23, (struct ms_bytes){ data, 30 + k }, 0, record);
            assert_true(opens_to(pair[0], record, n, (struct ms_bytes){ data, 30 + k }, 23));
        }
        ms_tls_cipher_destroy(pair[0]);
        ms_tls_cipher_destroy(pair[1]);
        OSSL_PROVIDER_unload(legacy);
    }
    OSSL_PROVIDER_unload(standard);
    OSSL_LIB_CTX_free(lib);
    if (!legacy)
        skip();
}

/* ---- suites ------------------------------------------------------------------------------------------------------------------ */

static void test_suites(void **unused)
{
    (void)unused;
    static const struct { uint16_t id; const char *name; int exchange; unsigned flags; } rows[] = {
        { 0x0000, "TLS_NULL_WITH_NULL_NULL", MS_KX_OTHER, MS_SUITE_NULL | MS_SUITE_ANONYMOUS | MS_SUITE_NO_FORWARD_SECRECY },
        { 0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5", MS_KX_RSA, MS_SUITE_EXPORT | MS_SUITE_RC4 | MS_SUITE_MD5 | MS_SUITE_NO_FORWARD_SECRECY },
        { 0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA", MS_KX_DHE, MS_SUITE_DES | MS_SUITE_CBC },
        { 0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", MS_KX_DHE, MS_SUITE_ANONYMOUS | MS_SUITE_3DES | MS_SUITE_CBC },
        { 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", MS_KX_RSA, MS_SUITE_CBC | MS_SUITE_NO_FORWARD_SECRECY },
        { 0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384", MS_KX_RSA, MS_SUITE_NO_FORWARD_SECRECY },
        { 0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256", MS_KX_PSK, MS_SUITE_NO_FORWARD_SECRECY },
        { 0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", MS_KX_OTHER, 0 },
        { 0x1301, "TLS_AES_128_GCM_SHA256", MS_KX_TLS13, 0 },
        { 0x5600, "TLS_FALLBACK_SCSV", MS_KX_OTHER, 0 },
        { 0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA", MS_KX_ECDHE, MS_SUITE_NULL },
        { 0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", MS_KX_ECDHE, 0 },
        { 0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", MS_KX_ECDHE, 0 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct ms_tls_suite *s = ms_tls_suite_find(rows[i].id);
        assert_non_null(s);
        assert_string_equal(s->name, rows[i].name);
        assert_string_equal(ms_tls_cipher_name(rows[i].id), rows[i].name);
        assert_int_equal(s->exchange, rows[i].exchange);
        assert_int_equal(s->flags, rows[i].flags);
    }
    size_t count = 0;
    for (unsigned id = 0; id < 65536; id++) /* the table is in order, or some would not be found */
        count += ms_tls_suite_find((uint16_t)id) != NULL;
    assert_int_equal(count, 371);
    assert_null(ms_tls_suite_find(0x0a0a)); /* GREASE */
    assert_null(ms_tls_cipher_name(0xffff));
}

static void test_not_supported(void **unused)
{
    (void)unused;
    struct ms_tls_cipher *pair[2];
    static const struct { uint16_t version, suite; } rows[] = {
        { 0x0303, 0x0007 } /* IDEA */, { 0x0300, 0x0003 } /* export */, { 0x0303, 0x1301 }, { 0x0304, 0x1301 }, { 0x0304, 0xc02f },
        { 0x0200, 0x002f }, { 0x0305, 0x002f }, { 0x0300, 0x003c } /* SHA-256 in SSL 3.0 */, { 0x0303, 0xcc13 }, { 0x0303, 0x00ff },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_false(ms_tls_cipher_pair(rows[i].version, ms_tls_suite_find(rows[i].suite), master, &randoms, false, pair));
    assert_false(ms_tls_cipher_pair(0x0303, NULL, master, &randoms, false, pair));
    assert_null(ms_tls_cipher_from_secret(ms_tls_suite_find(0x1301), (struct ms_bytes){ master, 31 }));
    assert_null(ms_tls_cipher_from_secret(ms_tls_suite_find(0x1301), (struct ms_bytes){ master, 48 }));
    assert_null(ms_tls_cipher_from_secret(ms_tls_suite_find(0x1306), (struct ms_bytes){ master, 48 })); /* AEGIS */
    assert_null(ms_tls_cipher_from_secret(ms_tls_suite_find(0xc02f), (struct ms_bytes){ master, 32 }));
    assert_null(ms_tls_cipher_from_secret(NULL, (struct ms_bytes){ master, 32 }));
    ms_tls_cipher_destroy(NULL);
}

static void test_nothing_at_all(void **unused)
{
    (void)unused;
    struct ms_tls_cipher *pair[2];
    static const uint8_t  record[] = { 23, 3, 1, 0, 4, 'a', 'b', 'c', 'd' };
    assert_true(ms_tls_cipher_pair(0x0301, ms_tls_suite_find(0), master, &randoms, false, pair));
    assert_true(opens_to(pair[1], record, sizeof record, MS_LIT("abcd"), 23));
    ms_tls_cipher_destroy(pair[0]);
    ms_tls_cipher_destroy(pair[1]);
}

static int fill(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < ROOM; i++)
        data[i] = (uint8_t)(i * 167 + i / 251 + 3);
    for (size_t i = 0; i < 48; i++)
        master[i] = (uint8_t)(200 - i * 3);
    for (size_t i = 0; i < 32; i++) {
        randoms.client[i] = (uint8_t)(i * 5 + 1);
        randoms.server[i] = (uint8_t)(i * 9 + 128);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suites), cmocka_unit_test(test_rc4), cmocka_unit_test(test_des), cmocka_unit_test(test_master),
        cmocka_unit_test(test_transcript), cmocka_unit_test(test_rfc8448_keys), cmocka_unit_test(test_rfc8448),
        cmocka_unit_test(test_every_cipher), cmocka_unit_test(test_truncated), cmocka_unit_test(test_changed), cmocka_unit_test(test_wrong_key),
        cmocka_unit_test(test_resync), cmocka_unit_test(test_resync_bounds), cmocka_unit_test(test_guessing_is_bounded),
        cmocka_unit_test(test_key_update), cmocka_unit_test(test_drafts), cmocka_unit_test(test_inner_type), cmocka_unit_test(test_not_supported),
        cmocka_unit_test(test_nothing_at_all),
    };
    return cmocka_run_group_tests(tests, fill, NULL);
}
