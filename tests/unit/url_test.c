/* tests/unit/url_test.c - where links go: the host that a browser would connect to, and what is odd about them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "content/link/confusable.h"
#include "content/link/punycode.h"
#include "content/link/url.h"
#include "mail/site.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    CONTROL = MS_URL_CONTROL, BARE = MS_URL_NO_SCHEME, SLASHES = MS_URL_SLASHES, BACKSLASH = MS_URL_BACKSLASH, USER = MS_URL_USER,
    UHOST = MS_URL_USER | MS_URL_USER_HOST, MANY = MS_URL_MANY_AT, PORT = MS_URL_PORT, NESTED = MS_URL_NESTED, V4 = MS_URL_IPV4,
    V4ODD = MS_URL_IPV4 | MS_URL_IPV4_ODD, V6 = MS_URL_IPV6, PERCENT = MS_URL_PERCENT_HOST, DOT = MS_URL_FOREIGN_DOT, INVIS = MS_URL_INVISIBLE,
    PUNY = MS_URL_PUNYCODE, INTL = MS_URL_INTERNATIONAL, MIXED = MS_URL_MIXED_SCRIPT, CONFUSE = MS_URL_CONFUSABLE, BAD = MS_URL_BAD_HOST,
    BADPORT = MS_URL_BAD_PORT, COMPAT = MS_URL_COMPATIBILITY,
};

/* The second host, where there is one, is the one in Unicode. */
static const struct { const char *url, *host, *text; uint32_t odd; } cases[] = {
    { "http://example.com", "example.com", NULL, 0 },
    { "https://www.example.com/a?b#c", "www.example.com", NULL, 0 },
    { "HTTPS://WWW.Example.COM/A", "www.example.com", NULL, 0 },
    { "  http://example.com/ \r\n", "example.com", NULL, 0 },
    { "http://example.com.", "example.com", NULL, 0 },
    { "http://example.com..", "example.com.", NULL, BAD },
    { "http://.example.com", ".example.com", NULL, BAD },
    { "ht\ntp://exa\tmple.com", "example.com", NULL, CONTROL },
    { "java\nscript:alert(1)", "", NULL, CONTROL },
    { "http:example.com", "example.com", NULL, SLASHES },
    { "http:/example.com", "example.com", NULL, SLASHES },
    { "http:///example.com/x", "example.com", NULL, SLASHES },
    { "http:////////example.com", "example.com", NULL, SLASHES },
    { "http:\\\\example.com\\x", "example.com", NULL, BACKSLASH },
    { "https:/\\example.com", "example.com", NULL, BACKSLASH },
    { "https:\\example.com/x", "example.com", NULL, BACKSLASH | SLASHES },
    { "https://evil.example\\@good.example/", "evil.example", NULL, BACKSLASH },
    { "https://good.example@evil.example/", "evil.example", NULL, UHOST },
    { "https://user:pw@example.com/", "example.com", NULL, USER },
    { "https://a@b@evil.example/", "evil.example", NULL, USER | MANY },
    { "https://good.example%2f@evil.example/", "evil.example", NULL, UHOST },
    { "https://good.example/@evil.example/", "good.example", NULL, 0 },
    { "https://good.example?@evil.example/", "good.example", NULL, 0 },
    { "https://good.example#@evil.example/", "good.example", NULL, 0 },
    { "https://good.example&path=1@evil.example", "evil.example", NULL, UHOST },
    { "https://@evil.example/", "evil.example", NULL, USER },
    { "http://example.com:80/", "example.com", NULL, 0 },
    { "http://example.com:/", "example.com", NULL, 0 },
    { "https://example.com:443/", "example.com", NULL, 0 },
    { "http://example.com:8080/", "example.com", NULL, PORT },
    { "https://example.com:80/", "example.com", NULL, PORT },
    { "http://example.com:99999/", "example.com", NULL, BADPORT },
    { "http://example.com:8x/", "example.com", NULL, BADPORT },
    { "https://https://example.com/", "https", NULL, NESTED },
    { "http://https://example.com/", "https", NULL, NESTED },
    { "http://192.0.2.1/", "192.0.2.1", NULL, V4 },
    { "http://192.0.2.1./", "192.0.2.1", NULL, V4 },
    { "http://3221225985/", "192.0.2.1", NULL, V4ODD },
    { "http://0xC0000201/", "192.0.2.1", NULL, V4ODD },
    { "http://030000001001/", "192.0.2.1", NULL, V4ODD },
    { "http://0300.0.2.1/", "192.0.2.1", NULL, V4ODD },
    { "http://0xc0.0x0.0x2.0x1/", "192.0.2.1", NULL, V4ODD },
    { "http://192.513/", "192.0.2.1", NULL, V4ODD },
    { "http://192.0.513/", "192.0.2.1", NULL, V4ODD },
    { "http://0xc0.0.01001/", "192.0.2.1", NULL, V4ODD },
    { "http://0x7f.1/", "127.0.0.1", NULL, V4ODD },
    { "http://0/", "0.0.0.0", NULL, V4ODD },
    { "http://0x/", "0.0.0.0", NULL, V4ODD },
    { "http://256.0.0.1/", "256.0.0.1", NULL, BAD },
    { "http://1.2.3.4.5/", "1.2.3.4.5", NULL, BAD },
    { "http://4294967296/", "4294967296", NULL, BAD },
    { "http://99999999999999999999999/", "99999999999999999999999", NULL, BAD },
    { "http://1..2/", "1..2", NULL, BAD },
    { "http://09.0.0.1/", "09.0.0.1", NULL, BAD },
    { "http://a.0x1g/", "a.0x1g", NULL, 0 },
    { "http://1.2.3.com/", "1.2.3.com", NULL, 0 },
    { "http://%31%39%32.0.2.1/", "192.0.2.1", NULL, V4 | PERCENT },
    { "http://\xef\xbc\x91\xef\xbc\x99\xef\xbc\x92.0.2.1/", "192.0.2.1", NULL, V4 | COMPAT },
    { "http://[2001:DB8::1]/", "2001:db8::1", NULL, V6 },
    { "http://[2001:db8:0:0:0:0:0:1]:8080/", "2001:db8::1", NULL, V6 | PORT },
    { "http://[::ffff:192.0.2.1]/", "::ffff:192.0.2.1", NULL, V6 | MS_URL_IPV4_ODD },
    { "http://[::1/", "[::1", NULL, V6 | BAD },
    { "http://[zz]/", "[zz]", NULL, V6 | BAD },
    { "http://[::1]x/", "[::1]x", NULL, V6 | BAD },
    { "http://%65xample.com/", "example.com", NULL, PERCENT },
    { "http://ex%61mple%2ecom/", "example.com", NULL, PERCENT },
    { "http://a%2fb.example/", "a/b.example", NULL, PERCENT | BAD },
    { "http://a%00b.example/", NULL, NULL, PERCENT | BAD },
    { "http://100%.example/", "100%.example", NULL, BAD },
    { "http://a b.example/", "a b.example", NULL, BAD },
    { "http://a<b.example/", "a<b.example", NULL, BAD },
    { "http:///", "", NULL, SLASHES | BAD },
    { "http://", "", NULL, BAD },
    { "http://example\xe3\x80\x82" "com/", "example.com", NULL, DOT },
    { "http://example\xef\xbc\x8e" "com/", "example.com", NULL, DOT },
    { "http://example\xef\xbd\xa1" "com/", "example.com", NULL, DOT },
    { "http://good.example\xe2\x88\x95login.evil.example/", "good.xn--examplelogin-ni5g.evil.example", NULL, DOT | INTL },
    { "http://\xef\xbd\x85\xef\xbd\x98" "ample.com/", "example.com", NULL, COMPAT },
    { "http://\xef\xbc\xa5xample.com/", "example.com", NULL, COMPAT },
    { "http://\xf0\x9d\x90\x9e\xf0\x9d\x90\xb1\xf0\x9d\x90\x9a.com/", "exa.com", NULL, COMPAT },
    { "http://\xe2\x93\x94xa.com/", "exa.com", NULL, COMPAT },
    { "http://exa\xe2\x80\x8bmple.com/", "example.com", NULL, INVIS },
    { "http://exa\xc2\xadmple.com/", "example.com", NULL, INVIS },
    { "http://exa\xe2\x80\xaemple.com/", "example.com", NULL, INVIS },
    { "http://b\xc3\xbc" "cher.example/", "xn--bcher-kva.example", "b\xc3\xbc" "cher.example", INTL },
    { "http://B\xc3\x9c" "CHER.example/", "xn--bcher-kva.example", "b\xc3\xbc" "cher.example", INTL },
    { "http://xn--bcher-kva.example/", "xn--bcher-kva.example", "b\xc3\xbc" "cher.example", PUNY },
    { "http://XN--BCHER-KVA.example/", "xn--bcher-kva.example", "b\xc3\xbc" "cher.example", PUNY },
    { "http://b%C3%BCcher.example/", "xn--bcher-kva.example", "b\xc3\xbc" "cher.example", INTL | PERCENT },
    { "http://xn--fa-hia.example/", "xn--fa-hia.example", "fa\xc3\x9f.example", PUNY },
    { "http://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", "\xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com", PUNY | CONFUSE },
    { "http://p\xd0\xb0ypal.com/", "xn--pypal-4ve.com", "p\xd0\xb0ypal.com", INTL | MIXED | CONFUSE },
    { "http://xn--pypal-4ve.com/", "xn--pypal-4ve.com", "p\xd0\xb0ypal.com", PUNY | MIXED | CONFUSE },
    { "http://g\xce\xbfogle.com/", "xn--gogle-rce.com", "g\xce\xbfogle.com", INTL | MIXED | CONFUSE },
    { "http://paypa\xc9\xaa.com/", "xn--paypa-foc.com", "paypa\xc9\xaa.com", INTL | CONFUSE },
    { "http://sm\xc3\xb8r.dk/", "xn--smr-1na.dk", "sm\xc3\xb8r.dk", INTL },
    { "http://xn--e1afmkfd.xn--p1ai/", "xn--e1afmkfd.xn--p1ai",
      "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84", PUNY },
    { "http://\xd1\x81\xd0\xbe\xd1\x80.\xd1\x80\xd1\x84/", "xn--n1aeb.xn--p1ai", "\xd1\x81\xd0\xbe\xd1\x80.\xd1\x80\xd1\x84", INTL },
    { "http://xn--/", "xn--", NULL, 0 },
    { "http://xn--\x7f/", "xn--\x7f", NULL, BAD },
    { "http://xn--99999999999/", "xn--99999999999", NULL, 0 },
    { "http://a\xff.example/", "xn--a-q10i.example", NULL, BAD | INTL },
    { "http://foo--bar.example/", "foo--bar.example", NULL, 0 },
    { "http://a_b.example/", "a_b.example", NULL, 0 },
    { "http://localhost/", "localhost", NULL, 0 },
    { "//example.com/x", "example.com", NULL, BARE },
    { "\\\\fileserver\\share", "fileserver", NULL, BARE | BACKSLASH },
    { "www.example.com/x", "www.example.com", NULL, BARE },
    { "example.co.uk", "example.co.uk", NULL, BARE },
    { "example.com:8080/x", "example.com", NULL, BARE | PORT },
    { "192.0.2.1/x", "192.0.2.1", NULL, BARE | V4 },
    { "file:///c:/x.exe", "", NULL, 0 },
    { "file://c:/x.exe", "", NULL, 0 },
    { "file:////host.example/share/x", "host.example", NULL, 0 },
    { "file:///\\\\host.example\\share\\x", "host.example", NULL, BACKSLASH },
    { "file:/tmp/x", "", NULL, 0 },
    { "file://host.example/share/x", "host.example", NULL, 0 },
    { "file:\\\\192.0.2.1\\x", "192.0.2.1", NULL, V4 | BACKSLASH },
    { "ftp://example.com/", "example.com", NULL, 0 },
    { "mailto:a@example.com", "", NULL, 0 },
    { "tel:+1-800-5550100", "", NULL, 0 },
    { "data:text/html;base64,PGI+", "", NULL, 0 },
    { "search-ms:query=x&crumb=location:\\\\evil.example\\a", "", NULL, 0 },
    { "ms-word:ofe|u|https://evil.example/x.docx", "", NULL, 0 },
    { "cid:part1@example", "", NULL, 0 },
    { "javascript://example.com/%0aalert(1)", "example.com", NULL, 0 },
};

static const char *const no_links[] = { "", " ", "#top", "/path", "path/x", "?q=1", "hello", "a.b.html", "me@example.com", "e.g. this", "1.5", "a..b",
                                        "file.doc", "x:", ".example.com", "3,5.com extra" };

static struct ms_bytes slice(const char *s) { return ms_str(s); }

static void reads(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_arena    arena = { 0 };
        struct ms_url_view got;
        char               line[512];
        assert_true(ms_url_read(slice(cases[i].url), &arena, &got));
        snprintf(line, sizeof line, "%s: host %.*s (%.*s) odd %x, not %x", cases[i].url, (int)got.host.n, (const char *)got.host.p, (int)got.host_text.n,
                 (const char *)got.host_text.p, got.odd, cases[i].odd);
        bool good = got.odd == cases[i].odd && (!cases[i].host || ms_equal(got.host, slice(cases[i].host))) &&
                    (!cases[i].text || ms_equal(got.host_text, slice(cases[i].text)));
        if (!good)
            print_error("%s\n", line);
        assert_true(good);
        ms_arena_finish(&arena);
    }
}

static void refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_links / sizeof *no_links; i++) {
        struct ms_arena    arena = { 0 };
        struct ms_url_view got;
        bool               is_link = ms_url_read(slice(no_links[i]), &arena, &got);
        if (is_link && got.web)
            print_error("%s: host %.*s\n", no_links[i], (int)got.host.n, (const char *)got.host.p);
        assert_true(!is_link || !got.web);
        ms_arena_finish(&arena);
    }
}

/* Every beginning of every link, in memory of exactly that size. */
static void reads_beginnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n <= strlen(cases[i].url); n++) {
            struct ms_arena    arena = { 0 };
            struct ms_url_view got;
            uint8_t           *copy = malloc(n + !n);
            memcpy(copy, cases[i].url, n);
            if (ms_url_read((struct ms_bytes){ copy, n }, &arena, &got))
                assert_true(got.host.n <= n * 16 + 16);
            free(copy);
            ms_arena_finish(&arena);
        }
}

static void takes_apart(void **state)
{
    (void)state;
    struct ms_arena    arena = { 0 };
    struct ms_url_view got;
    assert_true(ms_url_read(MS_LIT("HTTPS://me:pw@Example.com:444/a/b?c=d?e#f#g"), &arena, &got));
    assert_true(ms_equal(got.scheme, MS_LIT("https")) && got.web && got.port == 444);
    assert_true(ms_equal(got.user, MS_LIT("me:pw")));
    assert_true(ms_equal(got.path, MS_LIT("/a/b")) && ms_equal(got.query, MS_LIT("c=d?e")) && ms_equal(got.fragment, MS_LIT("f#g")));
    assert_true(ms_url_read(MS_LIT("DATA:text/html,x"), &arena, &got));
    assert_true(ms_equal(got.scheme, MS_LIT("data")) && !got.web && ms_equal(got.path, MS_LIT("text/html,x")));
    ms_arena_finish(&arena);
}

static void long_links_are_cut(void **state)
{
    (void)state;
    struct ms_arena    arena = { 0 };
    struct ms_url_view got;
    size_t             n = 3 * MS_URL_BYTES;
    char              *text = malloc(n + 1);
    memset(text, 'a', n);
    memcpy(text, "http://", 7);
    assert_true(ms_url_read((struct ms_bytes){ (uint8_t *)text, n }, &arena, &got));
    assert_true(got.odd & MS_URL_LONG);
    for (size_t i = 7; i + 1 < n; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    assert_true(ms_url_read((struct ms_bytes){ (uint8_t *)text, n }, &arena, &got));
    assert_true(got.odd & MS_URL_LONG && got.odd & MS_URL_BAD_HOST);
    free(text);
    ms_arena_finish(&arena);
}

static void sites(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        { "www.example.com", "example.com" }, { "example.com", "example.com" }, { "a.b.example.co.uk", "example.co.uk" }, { "co.uk", "co.uk" },
        { "me.github.io", "me.github.io" }, { "x.me.github.io", "me.github.io" }, { "192.0.2.1", "192.0.2.1" }, { "2001:db8::1", "2001:db8::1" },
        { "localhost", "localhost" }, { "a.xn--bcher-kva.de", "xn--bcher-kva.de" }, { "a.b.unknownsuffix", "b.unknownsuffix" }, { "", "" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ms_bytes got = ms_site(slice(rows[i][0]));
        if (!ms_equal(got, slice(rows[i][1])))
            print_error("%s: %.*s\n", rows[i][0], (int)got.n, (const char *)got.p);
        assert_true(ms_equal(got, slice(rows[i][1])));
    }
    static const char *const suffixes[][2] = {
        { "www.example.com", "com" }, { "a.EXAMPLE.Co.Uk", "Co.Uk" }, { "me.github.io", "github.io" }, { "de", "de" }, { "a.unknownsuffix", "" },
        { "localhost", "" }, { "192.0.2.1", "" }, { "", "" },
    };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        assert_true(ms_equal(ms_public_suffix(slice(suffixes[i][0])), slice(suffixes[i][1])));
    assert_true(ms_host_has_suffix(MS_LIT("a.com")) && !ms_host_has_suffix(MS_LIT("a.html")) && !ms_host_has_suffix(MS_LIT("com")));
    assert_true(ms_host_is_local(MS_LIT("10.1.2.3")) && ms_host_is_local(MS_LIT("intranet")) && ms_host_is_local(MS_LIT("::1")));
    assert_true(ms_host_is_local(MS_LIT("172.16.0.1")) && !ms_host_is_local(MS_LIT("172.32.0.1")) && !ms_host_is_local(MS_LIT("8.8.8.8")));
}

/* RFC 3492 section 7.1, samples A, B and L. */
static void punycode(void **state)
{
    (void)state;
    static const struct { const char *code; uint32_t points[32]; size_t n; } rows[] = {
        { "egbpdaj6bu4bxfgehfvwxn", { 0x644, 0x64a, 0x647, 0x645, 0x627, 0x628, 0x62a, 0x643, 0x644, 0x645, 0x648, 0x634, 0x639, 0x631, 0x628, 0x64a, 0x61f }, 17 },
        { "ihqwcrb4cv8a8dqg056pqjye", { 0x4ed6, 0x4eec, 0x4e3a, 0x4ec0, 0x4e48, 0x4e0d, 0x8bf4, 0x4e2d, 0x6587 }, 9 },
        { "3b-ww4c5e180e575a65lsy2b", { 0x33, 0x5e74, 0x62, 0x7d44, 0x91d1, 0x516b, 0x5148, 0x751f }, 8 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t out[MS_LABEL_CHARS];
        uint8_t  code[128];
        size_t   n = ms_punycode_encode(rows[i].points, rows[i].n, code, sizeof code);
        assert_true(ms_equal((struct ms_bytes){ code, n }, slice(rows[i].code)));
        assert_int_equal(ms_punycode_decode(slice(rows[i].code), out), rows[i].n);
        assert_memory_equal(out, rows[i].points, rows[i].n * sizeof *out);
    }
    for (uint32_t point = 0xd7ff; point <= 0xe000; point++) {
        uint32_t out[MS_LABEL_CHARS];
        uint8_t  code[128];
        size_t   n = ms_punycode_encode(&point, 1, code, sizeof code);
        assert_int_equal(ms_punycode_decode((struct ms_bytes){ code, n }, out), point == 0xd7ff || point == 0xe000);
    }
}

static void skeletons(void **state)
{
    (void)state;
    struct ms_arena arena = { 0 };
    assert_true(ms_equal(ms_skeleton(MS_LIT("P\xd0\xb0y\xe2\x80\x8bP\xd0\x90L \xef\xbc\x91"), &arena), MS_LIT("paypal 1")));
    assert_true(ms_equal(ms_skeleton(MS_LIT("\xff" "A"), &arena), MS_LIT("\xff" "a")));
    for (uint32_t point = 0; point < 0x110000; point++) { /* nothing looks like what is not ASCII or itself */
        uint32_t look = ms_look_of(point);
        assert_true(look < 0x80 || look == ms_fold_point(point));
        assert_int_equal(ms_look_of(look), look);
    }
    ms_arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads), cmocka_unit_test(refuses), cmocka_unit_test(reads_beginnings), cmocka_unit_test(takes_apart),
        cmocka_unit_test(long_links_are_cut), cmocka_unit_test(sites), cmocka_unit_test(punycode), cmocka_unit_test(skeletons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
