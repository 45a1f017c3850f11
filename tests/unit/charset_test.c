/* tests/unit/charset_test.c - charsets by the labels of real mail, broken bytes, and never anything but valid UTF-8. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "mail/mime.h"

#include <stdlib.h>

#define B(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define FFFD "\xef\xbf\xbd"

static const struct { const char *charset; struct ms_bytes in, want; } cases[] = {
    { "utf-8", B("plain"), B("plain") },
    { "UTF8", B("z\xc3\xbc \xf0\x9f\x98\x80"), B("z\xc3\xbc \xf0\x9f\x98\x80") },
    { "utf-8", B("a\xff" "b"), B("a" FFFD "b") },
    { "utf-8", B("a\xe2\x82"), B("a" FFFD) },                          /* cut: one mark */
    { "utf-8", B("\xf0\x9f\x98" "a"), B(FFFD "a") },
    { "utf-8", B("\xc0\xaf"), B(FFFD FFFD) },                          /* overlong */
    { "utf-8", B("\xed\xa0\x80"), B(FFFD FFFD FFFD) },                 /* surrogate */
    { "utf-8", B("\xc3\xbc\xfc\xc3\xbc 12345678"), B("\xc3\xbc" FFFD "\xc3\xbc 12345678") },
    { "unicode-1-1-utf-8", B("\xc3\xbc"), B("\xc3\xbc") },
    { "utf-8*de", B("\xc3\xbc"), B("\xc3\xbc") },                      /* RFC 2231 language */
    { "us-ascii", B("a~b"), B("a~b") },
    { "ansi_x3.4-1968", B("a"), B("a") },
    { "us-ascii", B("\xc3\xbc"), B("\xc3\xbc") },                      /* was UTF-8 after all */
    { "us-ascii", B("z\xfc"), B("z\xc3\xbc") },
    { "iso-8859-1", B("z\xfcrich \xe9t\xe9"), B("z\xc3\xbcrich \xc3\xa9t\xc3\xa9") },
    { "ISO_8859-1:1987", B("\xe9"), B("\xc3\xa9") },
    { "latin1", B("\xff"), B("\xc3\xbf") },
    { "iso-8859-1", B("\x93q\x94 \x80"), B("\xe2\x80\x9cq\xe2\x80\x9d \xe2\x82\xac") }, /* is windows-1252 in truth */
    { "windows-1252", B("\x81\x8d"), B("\xc2\x81\xc2\x8d") },
    { "iso-8859-15", B("\xa4"), B("\xe2\x82\xac") },
    { "iso-8859-2", B("\xb1"), B("\xc4\x85") },
    { "ISO8859-7", B("\xe1"), B("\xce\xb1") },
    { "iso-8859-8-i", B("\xe0"), B("\xd7\x90") },
    { "windows-1251", B("\xcf\xf0"), B("\xd0\x9f\xd1\x80") },
    { "x-cp1251", B("\xcf\xf0"), B("\xd0\x9f\xd1\x80") },
    { "CP-1251", B("\xcf\xf0"), B("\xd0\x9f\xd1\x80") },
    { "koi8-r", B("\xf0\xd2"), B("\xd0\x9f\xd1\x80") },
    { "ibm866", B("\x8f\xe0"), B("\xd0\x9f\xd1\x80") },
    { "windows-1258", B("e\xec" "e"), B("\xc3\xa9" "e") },               /* the converter holds the last letter back */
    { "macintosh", B("\x8e"), B("\xc3\xa9") },
    { "tis-620", B("\xa1"), B("\xe0\xb8\x81") },
    { "shift_jis", B("\x93\xfa\x96{"), B("\xe6\x97\xa5\xe6\x9c\xac") },
    { "x-sjis", B("\x93\xfa"), B("\xe6\x97\xa5") },
    { "shift_jis", B("\x87\x40"), B("\xe2\x91\xa0") },                 /* circled one: only in the superset */
    { "euc-jp", B("\xc6\xfc\xcb\xdc"), B("\xe6\x97\xa5\xe6\x9c\xac") },
    { "iso-2022-jp", B("\x1b$BF|K\\\x1b(B!"), B("\xe6\x97\xa5\xe6\x9c\xac!") },
    { "iso-2022-jp", B("\x1b$BF|\nabc"), B("\xe6\x97\xa5\nabc") },     /* a line end is ASCII again */
    { "iso-2022-jp", B("\x1b$B-!\x1b(I1\x1b(B"), B("\xe2\x91\xa0\xef\xbd\xb1") }, /* circled one, half-width kana */
    { "iso-2022-jp", B("\x1b$BF"), B(FFFD) },
    { "iso-2022-jp", B("\x1b"), B("\x1b") },
    { "gb2312", B("\xd6\xd0\xce\xc4"), B("\xe4\xb8\xad\xe6\x96\x87") },
    { "gb2312", B("\x81\x40"), B("\xe4\xb8\x82") },                    /* GBK under the name of its subset */
    { "hz-gb-2312", B("a~{VPND~}~~b"), B("a\xe4\xb8\xad\xe6\x96\x87~b") },
    { "big5", B("\xa4\xa4\xa4\xe5"), B("\xe4\xb8\xad\xe6\x96\x87") },
    { "big5", B("\xff\xff\xa4\xa4" "a"), B(FFFD "\xe4\xb8\xad" "a") },
    { "big5-hkscs", B("\x89\x51"), B("\xe5\x85\x96") },
    { "ks_c_5601-1987", B("\xc7\xd1"), B("\xed\x95\x9c") },
    { "euc-kr", B("\x81\x41"), B("\xea\xb0\x82") },                    /* only in CP949 */
    { "iso-2022-kr", B("\x1b$)C\x0eGQ\x0f"), B("\xed\x95\x9c") },
    { "utf-7", B("a+AOk-b"), B("a\xc3\xa9" "b") },
    { "unicode-1-1-utf-7", B("+AOk-"), B("\xc3\xa9") },
    { "utf-16", B("\xfe\xff\0a\x20\xac"), B("a\xe2\x82\xac") },
    { "utf-16", B("\xff\xfe" "a\0\xac\x20"), B("a\xe2\x82\xac") },
    { "utf-16", B("a\0b\0"), B("ab") },                                /* no mark: by its zeros */
    { "utf-16", B("\0a\0b"), B("ab") },
    { "utf-16le", B("a\0\0\xd8" "b\0"), B("a" FFFD "b") },             /* half a surrogate pair */
    { "utf-16le", B("a\0b"), B("a" FFFD) },
    { "euc-jp", B("a\xc6"), B("a" FFFD) },
    { "no-such-charset", B("z\xfc"), B("z\xc3\xbc") },
    { "default_charset", B("z\xc3\xbc"), B("z\xc3\xbc") },
    { "", B("\xe9"), B("\xc3\xa9") },
    { "utf-8//TRANSLIT", B("\xe9"), B("\xc3\xa9") },
    { "../../../tmp/x", B("\xe9"), B("\xc3\xa9") },
    { "utf-8", B(""), B("") },
};

static struct ms_bytes convert(struct ms_bytes in, const char *charset, struct ms_arena *arena)
{
    uint8_t *exact = malloc(in.n ? in.n : 1);
    if (in.n)
        memcpy(exact, in.p, in.n);
    struct ms_bytes got = ms_charset_to_utf8((struct ms_bytes){ exact, in.n }, ms_str(charset), arena);
    free(exact); /* the result is a copy */
    return got;
}

static void bytes_become_what_the_label_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_arena arena = { 0 };
        struct ms_bytes got = convert(cases[i].in, cases[i].charset, &arena);
        if (!ms_equal(got, cases[i].want))
            fail_msg("case %zu, %s: want %.*s got %.*s", i, cases[i].charset, (int)cases[i].want.n, (const char *)cases[i].want.p,
                     (int)got.n, (const char *)got.p);
        ms_arena_finish(&arena);
    }
}

static const char *const labels[] = {
    "utf-8", "us-ascii", "iso-8859-1", "iso-8859-2", "windows-1251", "windows-1258", "tcvn", "koi8-u", "viscii", "shift_jis", "euc-jp",
    "iso-2022-jp", "iso-2022-jp-2", "iso-2022-jp-3", "euc-kr", "johab", "iso-2022-kr", "gb18030", "hz", "iso-2022-cn", "big5", "euc-tw",
    "utf-7", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be", "cp437", "macintosh", "unknown",
};

static void check_valid(struct ms_bytes b)
{
    while (b.n) {
        uint32_t cp;
        size_t   n = ms_utf8_sequence(b, &cp);
        assert_true(n > 0);
        b = ms_tail(b, n);
    }
}

/* Whatever the bytes: valid UTF-8 comes out, not much larger than what went in. */
static void random_bytes_give_valid_utf8(void **state)
{
    (void)state;
    static const char switches[] = "\x1b$(BIJ)\x0e\x0f~{}+-A\xa4\xfe"; /* what changes the state of the stateful ones */
    uint64_t          x = 88172645463325252;
    for (size_t round = 0; round < 2000; round++) {
        struct ms_arena arena = { 0 };
        uint8_t         in[97];
        size_t          n = round % sizeof in;
        for (size_t i = 0; i < n; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            in[i] = round % 3 ? (uint8_t)(x >> 32) : (uint8_t)switches[(x >> 32) % (sizeof switches - 1)];
        }
        struct ms_bytes got = convert((struct ms_bytes){ in, n }, labels[round % (sizeof labels / sizeof *labels)], &arena);
        check_valid(got);
        assert_true(got.n <= 4 * n + 16);
        ms_arena_finish(&arena);
    }
}

static void large_hostile_text_ends(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    uint8_t *big = malloc(SIZE);
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        struct ms_arena arena = { 0 };
        memset(big, i % 2 ? 0xff : 0xd8, SIZE);
        struct ms_bytes got = ms_charset_to_utf8((struct ms_bytes){ big, SIZE }, ms_str(labels[i]), &arena);
        assert_true(got.n > 0 && got.n <= 4u * SIZE);
        check_valid(got);
        ms_arena_finish(&arena);
    }
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_become_what_the_label_says),
        cmocka_unit_test(random_bytes_give_valid_utf8),
        cmocka_unit_test(large_hostile_text_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
