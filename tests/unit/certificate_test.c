/* tests/unit/certificate_test.c - what is read from certificates, chains in and out of order, and whom a certificate speaks for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "certificates.h"
#include "model/record.h"
#include "tls/certificate.h"

static void add_flags(struct ms_buffer *t, uint32_t flags)
{
    static const char *const names[] = { "self", "ca", "weak-signature", "weak-key", "malformed", "verified", "no-server" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (flags >> i & 1)
            ms_text_format(t, " %s", names[i]);
}

static void add_text(struct ms_buffer *t, struct ms_bytes b)
{
    ms_text_char(t, '|');
    ms_text_add(t, b);
}

/* "subject|issuer|common name|serial|key|signature|names...; from - to; flags" */
static void trace(struct ms_buffer *t, const struct ms_certificate *c)
{
    ms_text_add(t, c->subject);
    add_text(t, c->issuer);
    add_text(t, c->common_name);
    add_text(t, c->serial);
    add_text(t, c->key);
    add_text(t, c->signature);
    for (uint32_t i = 0; i < c->name_count; i++)
        add_text(t, c->names[i]);
    ms_text_format(t, "; %lld - %lld;", (long long)(c->not_before / 1000000000), (long long)(c->not_after / 1000000000));
    add_flags(t, c->flags);
}

static const struct { const char *der, *want, *sha256; } facts[] = {
    { certificate_leaf,
      "CN=mx.example.org|CN=Example Middle,O=Example|mx.example.org|0123456789abcdf1|EC P-256|ecdsa-with-SHA256"
      "|mx.example.org|*.example.net|smtp.example.org; 1577836800 - 2208988800;",
      "fd6747302d3cd0c2400e3495d880557283bd8f28555394f293d705e771f0013f" },
    { certificate_middle,
      "CN=Example Middle,O=Example|CN=Example Root,O=Example,C=DE|Example Middle|0123456789abcdf0|EC P-256|ecdsa-with-SHA384"
      "; 1577836800 - 2208988800; ca",
      "9c43c45b77847a4228f57a22fbc770dee3a8b367f67cd88a5196aa4a741397bc" },
    { certificate_root,
      "CN=Example Root,O=Example,C=DE|CN=Example Root,O=Example,C=DE|Example Root|0123456789abcdef|EC P-256|ecdsa-with-SHA256"
      "; 1577836800 - 9223372036; self ca verified",
      "bfbc0c15b0447cfdf39e9988e599d82284d294543ac8a6f7d2854bc691bb83f7" },
    { certificate_expired,
      "CN=expired.example.org|CN=expired.example.org|expired.example.org|0123456789abcdf3|EC P-256|ecdsa-with-SHA1"
      "; 978307200 - 1009843200; self weak-signature verified",
      "6b85b0c5a5c590025ba212d5f2fa0d1f1877ca527603ee1f97237e90b19ec114" },
    { certificate_address,
      "CN=192.0.2.1|CN=192.0.2.1|192.0.2.1|0123456789abcdf4|EC P-256|ecdsa-with-SHA256|192.0.2.1|2001:db8::1"
      "; 1577836800 - 2208988800; self verified",
      "130b8522167796466b42214511ce65da13d7aa7c03f34abda673a570ab0de227" },
    { certificate_idn,
      "CN=b\xc3\xbc" "cher.example,O=M\xc3\xbcller\\, S\xc3\xb6hne|CN=b\xc3\xbc" "cher.example,O=M\xc3\xbcller\\, S\xc3\xb6hne|b\xc3\xbc"
      "cher.example|0123456789abcdf6|EC P-256|ecdsa-with-SHA256|xn--bcher-kva.example; 1577836800 - 2208988800; self verified",
      "9ff88c331faba2fe1d3972d8457e07d272adad7624e48b256d9d5d103c01ffde" },
    { certificate_weak,
      "CN=weak.example.org|CN=weak.example.org|weak.example.org|0123456789abcdf7|RSA 1024|md5WithRSAEncryption"
      "; 1577836800 - 2208988800; self weak-signature weak-key verified",
      "1a7b550b03879fd396ca7df71996fb6c72361c954ee45a952c8ab6625214bc5f" },
    { certificate_ed,
      "CN=ed.example.org|CN=ed.example.org|ed.example.org|0123456789abcdf8|Ed25519|ED25519"
      "; 1577836800 - 2208988800; self verified no-server",
      "3f3492e727713110b596e69fa1da19754ed65cda1834cc8387a233d5a8a6df6e" },
};

static void read_facts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct ms_arena  arena = { 0 };
        struct ms_buffer t = { 0 };
        struct ms_bytes  der = from_hex(facts[i].der);
        struct ms_certificate *c = ms_certificate_read(&arena, der);
        free((void *)(uintptr_t)der.p); /* nothing may point into it */
        trace(&t, c);
        ms_text_char(&t, 0);
        assert_string_equal((char *)t.p, facts[i].want);
        t.n = 0;
        ms_text_hex(&t, (struct ms_bytes){ c->sha256, sizeof c->sha256 });
        ms_text_char(&t, 0);
        assert_string_equal((char *)t.p, facts[i].sha256);
        ms_buffer_finish(&t);
        ms_arena_finish(&arena);
    }
}

/* Every cut, and a byte too many: malformed, with nothing but its hash. */
static void broken_ones_are_malformed(void **state)
{
    (void)state;
    struct ms_bytes der = from_hex(certificate_idn);
    for (size_t n = 0; n <= der.n + 1; n++) {
        struct ms_arena arena = { 0 };
        uint8_t        *exact = calloc(1, n ? n : 1);
        memcpy(exact, der.p, n < der.n ? n : der.n);
        struct ms_certificate *c = ms_certificate_read(&arena, (struct ms_bytes){ exact, n });
        free(exact);
        if (n == der.n) {
            assert_false(c->flags & MS_CERT_MALFORMED);
        } else {
            assert_int_equal(c->flags, MS_CERT_MALFORMED);
            assert_int_equal(c->subject.n + c->name_count + c->key.n, 0);
            assert_true(c->not_after == MS_UNKNOWN);
        }
        ms_arena_finish(&arena);
    }
    free((void *)(uintptr_t)der.p);
}

/* One byte changed, at each place: read or malformed, and never verified unless it is the serial or such that nobody signs. */
static void damaged_ones_are_not_verified(void **state)
{
    (void)state;
    struct ms_bytes der = from_hex(certificate_idn);
    uint8_t        *p = (uint8_t *)(uintptr_t)der.p;
    for (size_t i = 0; i < der.n; i++) {
        struct ms_arena arena = { 0 };
        p[i] ^= 0x21;
        struct ms_certificate *c = ms_certificate_read(&arena, der);
        assert_false(c->flags & (MS_CERT_SELF_SIGNED | MS_CERT_VERIFIED));
        p[i] ^= 0x21;
        ms_arena_finish(&arena);
    }
    free(p);
}

/* A UTF8String that is none: libcrypto does not take such a name, nor do TLS clients that are built on it. */
static void names_that_are_no_utf8(void **state)
{
    (void)state;
    struct ms_arena arena = { 0 };
    struct ms_bytes der = from_hex(certificate_idn);
    uint8_t        *p = (uint8_t *)(uintptr_t)der.p;
    for (size_t i = 0; i + 1 < der.n; i++)
        if (p[i] == 0xc3 && p[i + 1] == 0xbc)
            p[i] = 0xff;
    assert_int_equal(ms_certificate_read(&arena, der)->flags, MS_CERT_MALFORMED);
    free(p);
    ms_arena_finish(&arena);
}

/* Zeros in its place, as in a masked capture. */
static struct ms_bytes without_signature(struct ms_bytes der)
{
    enum { LONG_FORM = 0x80, BITS = 3 };
    uint8_t *p = (uint8_t *)(uintptr_t)der.p;
    size_t   at = 8u + ms_be16(p + 6); /* behind what is signed */
    at += 2u + p[at + 1];              /* and the algorithm */
    assert_int_equal(p[at], BITS);
    at += p[at + 1] > LONG_FORM ? 3u + (p[at + 1] & 3u) : 3u;
    memset(p + at, 0, der.n - at);
    return der;
}

/* issuer is subject: still its own. */
static void without_signature_self_signed(void **state)
{
    (void)state;
    struct ms_arena        arena = { 0 };
    struct ms_bytes        der = without_signature(from_hex(certificate_root));
    struct ms_certificate *c = ms_certificate_read(&arena, der);
    assert_int_equal(c->flags & (MS_CERT_SELF_SIGNED | MS_CERT_VERIFIED | MS_CERT_MALFORMED), MS_CERT_SELF_SIGNED);
    free((void *)(uintptr_t)der.p);
    ms_arena_finish(&arena);
}

/* Letters name certificates: l leaf, m middle, r root, o other, x a broken one. */
static struct ms_bytes by_letter(char c)
{
    switch (c) {
    case 'l': return from_hex(certificate_leaf);
    case 'm': return from_hex(certificate_middle);
    case 'r': return from_hex(certificate_root);
    case 'o': return from_hex(certificate_other);
    case 'L': return without_signature(from_hex(certificate_leaf));
    case 'M': return without_signature(from_hex(certificate_middle));
    default: return from_hex("3003020101");
    }
}

static const struct { const char *chain, *want; } chains[] = {
    { "", "0+0" },
    { "l", "1+0 l-" },
    { "lm", "2+0 lV m-" },
    { "lmr", "3+0 lV mV rV" },
    { "r", "1+0 rV" },
    { "lrm", "3+0 lV rV mV order" },
    { "lr", "2+0 l- rV broken" },
    { "lo", "2+0 l- oV broken" },                /* the name fits, the key does not */
    { "lom", "3+0 lV oV m- broken" },            /* one too many */
    { "llm", "3+0 lV lV m- order" },             /* the same twice */
    { "lmmr", "4+0 lV mV mV rV order" },
    { "ml", "2+0 m- l- broken" },                /* the first must be the server's */
    { "lxr", "3+0 l- x! rV" },                   /* nothing can be said about neighbours of a broken one */
    { "xl", "2+0 x! l-" },
    { "Lm", "2+0 L- m-" },                       /* without its signature the name tells whose it is */
    { "LMr", "3+0 L- M- rV" },
    { "Lr", "2+0 L- rV broken" },
    { "lmrrrrrrrr", "10+0" },
    { "lmrrrrrrrrr", "10+1" },
    { "lmrrrrrrrrrrrrrr", "10+6" },
};

static void trace_chain(struct ms_buffer *t, const char *letters, const struct ms_tls_info *info)
{
    ms_text_format(t, "%u+%u", info->certificate_count, info->certificates_dropped);
    for (uint32_t i = 0; i < info->certificate_count && info->certificate_count < 10; i++)
        ms_text_format(t, " %c%c", letters[i],
                       info->certificates[i].flags & MS_CERT_VERIFIED ? 'V' : info->certificates[i].flags & MS_CERT_MALFORMED ? '!' : '-');
    if (info->certificate_count < 10 && info->flags & MS_TLS_CHAIN_ORDER)
        ms_text_str(t, " order");
    if (info->certificate_count < 10 && info->flags & MS_TLS_CHAIN_BROKEN)
        ms_text_str(t, " broken");
    ms_text_char(t, 0);
}

static void check_chain(struct ms_certificate_cache *cache, const char *letters, const char *want)
{
    struct ms_arena    arena = { 0 };
    struct ms_buffer   t = { 0 };
    struct ms_tls_info info = { 0 };
    struct ms_bytes    der[20] = { { 0 } };
    size_t             n = strlen(letters);
    for (size_t i = 0; i < n; i++)
        der[i] = by_letter(letters[i]);
    ms_certificates_read_cached(cache, &info, &arena, der, n);
    for (size_t i = 0; i < n; i++)
        free((void *)(uintptr_t)der[i].p);
    trace_chain(&t, letters, &info);
    assert_string_equal((char *)t.p, want);
    for (uint32_t i = 0; i < info.certificate_count; i++) { /* everything can be read after the chain's bytes are gone */
        t.n = 0;
        trace(&t, &info.certificates[i]);
    }
    ms_buffer_finish(&t);
    ms_arena_finish(&arena);
}

static void chains_fit_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
        check_chain(NULL, chains[i].chain, chains[i].want);
}

static void remembered_chains_are_the_same(void **state)
{
    (void)state;
    struct ms_certificate_cache *cache = ms_certificate_cache_create(16777216);
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof chains / sizeof *chains; i++)
            check_chain(cache, chains[i].chain, chains[i].want);
    ms_certificate_cache_destroy(cache);
    ms_certificate_cache_destroy(NULL);
}

/* One chain after the other into a room of `most` bytes: kept, until more than an eighth of what is left would be needed. */
static uint32_t kept_of(uint64_t most, uint32_t sessions)
{
    struct ms_certificate_cache *cache = ms_certificate_cache_create(most);
    struct ms_arena              arena = { 0 };
    struct ms_bytes              der = by_letter(chains[0].chain[0]);
    uint32_t                     kept = 0;
    for (uint32_t i = 0; i < sessions; i++) {
        struct ms_tls_info info = { 0 };
        ms_certificates_read_cached(cache, &info, &arena, &der, 1);
        assert_int_equal(info.certificate_count + info.certificates_dropped, 1);
        assert_int_equal(info.certificates == NULL, info.certificate_count == 0);
        kept += info.certificate_count;
    }
    assert_int_equal(ms_certificate_cache_refused(cache), sessions - kept);
    ms_certificate_cache_give_back(cache, ms_certificate_cache_kept(cache));
    assert_non_null(ms_certificate_read_cached(NULL, &arena, der));
    assert_int_equal(ms_certificate_read_cached(cache, &arena, der) != NULL, kept > 0); /* there is room again */
    free((void *)(uintptr_t)der.p);
    ms_arena_finish(&arena);
    ms_certificate_cache_destroy(cache);
    return kept;
}

static void sessions_keep_what_there_is_room_for(void **state)
{
    (void)state;
    uint64_t most = 1;
    while (kept_of(most, 1) == 0)
        most++;
    assert_int_equal(most % 8, 0); /* eight times what it takes */
    assert_int_equal(kept_of(most - 1, 2), 0);
    assert_int_equal(kept_of(most, 2), 1);
    assert_int_equal(kept_of(most + most / 8 - 1, 2), 1);
    assert_int_equal(kept_of(most + most / 8, 2), 2);
}

static const struct { const char *der, *name; bool fits; } names[] = {
    { certificate_leaf, "mx.example.org", true },
    { certificate_leaf, "MX.Example.ORG", true },
    { certificate_leaf, "mx.example.org.", true },
    { certificate_leaf, "smtp.example.org", true },
    { certificate_leaf, "example.org", false },
    { certificate_leaf, "a.mx.example.org", false },
    { certificate_leaf, "mx.example.or", false },
    { certificate_leaf, "xmx.example.org", false },
    { certificate_leaf, "", false },
    { certificate_leaf, ".", false },
    { certificate_leaf, "imap.example.net", true },
    { certificate_leaf, "IMAP.EXAMPLE.NET", true },
    { certificate_leaf, "a.b.example.net", false },  /* one label only */
    { certificate_leaf, "example.net", false },
    { certificate_leaf, ".example.net", false },
    { certificate_leaf, "192.0.2.1", false },
    { certificate_address, "192.0.2.1", true },
    { certificate_address, "192.0.2.2", false },
    { certificate_address, "2001:db8::1", true },
    { certificate_address, "2001:0DB8:0:0::1", true },
    { certificate_address, "2001:db8::2", false },
    { certificate_address, "::ffff:192.0.2.1", true },
    { certificate_address, "mx.example.org", false },
    { certificate_old, "mx.old.example.org", true },  /* the common name, for want of others */
    { certificate_old, "old.example.org", false },
    { certificate_old, "a.b.old.example.org", false },
    { certificate_idn, "xn--bcher-kva.example", true },
    { certificate_idn, "b\xc3\xbc" "cher.example", false }, /* there are DNS names: the common name does not count */
    { certificate_weak, "weak.example.org", true },
    { certificate_weak, "weak.example.orh", false },
};

static void names_fit_or_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ms_arena arena = { 0 };
        struct ms_bytes der = from_hex(names[i].der);
        if (ms_certificate_fits(ms_certificate_read(&arena, der), ms_str(names[i].name)) != names[i].fits)
            fail_msg("%s", names[i].name);
        free((void *)(uintptr_t)der.p);
        ms_arena_finish(&arena);
    }
}

/* Names that no command line makes. */
static const struct { const char *own; size_t n; const char *asked; bool fits; } patterns[] = {
    { "*.org", 5, "example.org", false },
    { "*.org.", 6, "example.org", false },
    { "*", 1, "example", false },
    { "*.", 2, "example.", false },
    { "*.*.org", 7, "a.b.org", false },
    { "m*.example.org", 14, "mx.example.org", false },
    { "a.*.example.org", 15, "a.b.example.org", false },
    { "*.example.org", 13, "xn--a.example.org", true },
    { "*.example.org.", 14, "mx.example.org", true },
    { "mx.example.org\0.evil.example", 28, "mx.example.org", false },
    { "*.0.2.1", 7, "192.0.2.1", false },
};

static void odd_patterns(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct ms_bytes       own = { (const uint8_t *)patterns[i].own, patterns[i].n };
        struct ms_certificate named = { .names = &own, .name_count = 1 }, common = { .common_name = own };
        if (ms_certificate_fits(&named, ms_str(patterns[i].asked)) != patterns[i].fits ||
            ms_certificate_fits(&common, ms_str(patterns[i].asked)) != patterns[i].fits)
            fail_msg("%s", patterns[i].own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_facts),
        cmocka_unit_test(broken_ones_are_malformed),
        cmocka_unit_test(damaged_ones_are_not_verified),
        cmocka_unit_test(names_that_are_no_utf8),
        cmocka_unit_test(chains_fit_or_not), cmocka_unit_test(without_signature_self_signed),
        cmocka_unit_test(remembered_chains_are_the_same), cmocka_unit_test(sessions_keep_what_there_is_room_for),
        cmocka_unit_test(names_fit_or_not),
        cmocka_unit_test(odd_patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
