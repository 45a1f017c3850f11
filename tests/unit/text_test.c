/* tests/unit/text_test.c - what a reader sees of numbers, times, addresses and hostile bytes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char *text_of(struct ms_buffer *t) /* as a C string, until the next change */
{
    ms_text_char(t, 0);
    t->n--;
    return (const char *)t->p;
}

struct escape_case { const char *why; struct ms_bytes in; const char *want; };

static void check_escapes(void (*add)(struct ms_buffer *, struct ms_bytes), const struct escape_case *c, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct ms_buffer t = { 0 };
        uint8_t *exact = malloc(c[i].in.n ? c[i].in.n : 1); /* one byte read too many is seen */
        if (c[i].in.n)
            memcpy(exact, c[i].in.p, c[i].in.n);
        add(&t, (struct ms_bytes){ exact, c[i].in.n });
        if (strcmp(text_of(&t), c[i].want) != 0)
            fail_msg("%s: want %s got %s", c[i].why, c[i].want, text_of(&t));
        free(exact);
        ms_buffer_finish(&t);
    }
}

static void json_is_valid_whatever_the_bytes(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        { "empty", { NULL, 0 }, "\"\"" },
        { "plain", { (const uint8_t *)"hello, world", 12 }, "\"hello, world\"" },
        { "quote and backslash", { (const uint8_t *)"a\"b\\c/", 6 }, "\"a\\\"b\\\\c/\"" },
        { "short forms", { (const uint8_t *)"\b\f\n\r\t", 5 }, "\"\\b\\f\\n\\r\\t\"" },
        { "controls", { (const uint8_t *)"\0\x1b\x7f", 3 }, "\"\\u0000\\u001b\\u007f\"" },
        { "UTF-8", { (const uint8_t *)"z\xc3\xbcrich \xf0\x9f\x98\x80", 12 }, "\"z\xc3\xbcrich \xf0\x9f\x98\x80\"" },
        { "C1 as UTF-8", { (const uint8_t *)"\xc2\x9b" "1m", 4 }, "\"\\u009b1m\"" },
        { "invalid bytes", { (const uint8_t *)"a\xff\xfe" "b", 4 }, "\"a\\u00ff\\u00feb\"" },
        { "cut sequence", { (const uint8_t *)"a\xe2\x82", 3 }, "\"a\\u00e2\\u0082\"" },
        { "overlong", { (const uint8_t *)"\xc0\xaf", 2 }, "\"\\u00c0\\u00af\"" },
        { "surrogate", { (const uint8_t *)"\xed\xa0\x80", 3 }, "\"\\u00ed\\u00a0\\u0080\"" },
        { "special in the ninth byte", { (const uint8_t *)"12345678\"12345678\n", 18 }, "\"12345678\\\"12345678\\n\"" },
        { "special in the eighth byte", { (const uint8_t *)"1234567\x01" "12345678", 16 }, "\"1234567\\u000112345678\"" },
    };
    check_escapes(ms_text_json, cases, sizeof cases / sizeof *cases);
}

static void plain_text_cannot_move_the_cursor(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        { "empty", { NULL, 0 }, "" },
        { "plain", { (const uint8_t *)"say \"hi\" \\o/", 12 }, "say \"hi\" \\o/" },
        { "line ends", { (const uint8_t *)"a\tb\r\n", 5 }, "a\\tb\\r\\n" },
        { "escape sequence", { (const uint8_t *)"\x1b[2J\x07", 5 }, "\\x1b[2J\\x07" },
        { "DEL", { (const uint8_t *)"\x7f", 1 }, "\\x7f" },
        { "C1", { (const uint8_t *)"\xc2\x9b", 2 }, "\\u{009b}" },
        { "invalid", { (const uint8_t *)"\x9b\xff", 2 }, "\\x9b\\xff" },
        { "bidi override", { (const uint8_t *)"\xe2\x80\xaegpj.exe", 10 }, "\\u{202e}gpj.exe" },
        { "zero width", { (const uint8_t *)"a\xe2\x80\x8b\xef\xbb\xbf", 7 }, "a\\u{200b}\\u{feff}" },
        { "tag characters", { (const uint8_t *)"\xf3\xa0\x81\x81", 4 }, "\\u{e0041}" },
        { "accents stay", { (const uint8_t *)"e\xcc\x81 \xe6\x97\xa5", 7 }, "e\xcc\x81 \xe6\x97\xa5" },
    };
    check_escapes(ms_text_plain, cases, sizeof cases / sizeof *cases);
    check_escapes(ms_text_tsv, cases, sizeof cases / sizeof *cases);
}

static void csv_quotes_only_when_needed_and_disarms_formulas(void **state)
{
    (void)state;
    static const struct escape_case cases[] = {
        { "empty", { NULL, 0 }, "" },
        { "plain", { (const uint8_t *)"a b", 3 }, "a b" },
        { "comma", { (const uint8_t *)"a,b", 3 }, "\"a,b\"" },
        { "quotes", { (const uint8_t *)"\"a\"", 3 }, "\"\"\"a\"\"\"" },
        { "quote alone", { (const uint8_t *)"\"", 1 }, "\"\"\"\"" },
        { "blank at an end", { (const uint8_t *)" a", 2 }, "\" a\"" },
        { "line end", { (const uint8_t *)"a\r\nb", 4 }, "a\\r\\nb" },
        { "formula", { (const uint8_t *)"=1+1", 4 }, "'=1+1" },
        { "minus", { (const uint8_t *)"-1", 2 }, "'-1" },
        { "at", { (const uint8_t *)"@SUM(A1,B1)", 11 }, "\"'@SUM(A1,B1)\"" },
        { "TAB first", { (const uint8_t *)"\t=1", 3 }, "'\\t=1" },
        { "NUL first", { (const uint8_t *)"\0=1", 3 }, "\\x00=1" },
        { "not first", { (const uint8_t *)"a=1", 3 }, "a=1" },
    };
    check_escapes(ms_text_csv, cases, sizeof cases / sizeof *cases);
}

static void times_are_rfc_3339(void **state)
{
    (void)state;
    static const struct { int64_t ns; int digits; const char *want; } cases[] = {
        { 0, 6, "1970-01-01T00:00:00.000000Z" },
        { 1, 9, "1970-01-01T00:00:00.000000001Z" },
        { -1, 9, "1969-12-31T23:59:59.999999999Z" },
        { -1, 6, "1969-12-31T23:59:59.999999Z" },
        { 951782400000000000, 6, "2000-02-29T00:00:00.000000Z" },
        { 4107542399999999999, 9, "2100-02-28T23:59:59.999999999Z" },
        { INT64_MAX, 9, "2262-04-11T23:47:16.854775807Z" },
        { INT64_MIN, 9, "1677-09-21T00:12:43.145224192Z" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_buffer t = { 0 };
        ms_text_time(&t, cases[i].ns, cases[i].digits);
        assert_string_equal(text_of(&t), cases[i].want);
        ms_buffer_finish(&t);
    }
}

static void every_day_agrees_with_the_c_library(void **state)
{
    (void)state;
    struct ms_buffer t = { 0 };
    for (int64_t day = -106000; day < 106000; day++) {
        time_t    s = day * 86400 + 45296;
        struct tm tm;
        char      want[64];
        gmtime_r(&s, &tm);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.000000Z", &tm);
        t.n = 0;
        ms_text_time(&t, s * INT64_C(1000000000), 6);
        assert_string_equal(text_of(&t), want);
    }
    ms_buffer_finish(&t);
}

static void seconds_are_short_and_exact(void **state)
{
    (void)state;
    static const struct { int64_t ns; int digits; const char *want; } cases[] = {
        { 0, 6, "0" }, { 3000000000, 9, "3" }, { 500000000, 6, "0.5" }, { 1234000, 6, "0.001234" },
        { 1234567, 6, "0.001234" }, { 1234567, 9, "0.001234567" }, { 999, 6, "0" }, { 1000000010, 9, "1.00000001" },
        { -5, 9, "0" }, { INT64_MIN, 6, "0" }, { INT64_MAX, 9, "9223372036.854775807" }, { 1500000000, 0, "1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_buffer t = { 0 };
        ms_text_seconds(&t, cases[i].ns, cases[i].digits);
        assert_string_equal(text_of(&t), cases[i].want);
        ms_buffer_finish(&t);
    }
}

static void addresses_follow_rfc_5952(void **state)
{
    (void)state;
    static const struct { uint8_t ip[16]; const char *want; } cases[] = {
        { { [10] = 0xff, [11] = 0xff, 192, 0, 2, 255 }, "192.0.2.255" },
        { { 0 }, "::" },
        { { [15] = 1 }, "::1" },
        { { 0x20, 1, 0x0d, 0xb8 }, "2001:db8::" },
        { { 0x20, 1, 0x0d, 0xb8, [11] = 1, [15] = 1 }, "2001:db8::1:0:1" },
        { { 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1 }, "2001:db8:0:1:1:1:1:1" },
        { { 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1 }, "1::1:0:0:1:1" },
        { { 0xab, 0xcd, 0x0e, 0xf0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6 }, "abcd:ef0:1:2:3:4:5:6" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_buffer t = { 0 };
        ms_text_address(&t, cases[i].ip);
        assert_string_equal(text_of(&t), cases[i].want);
        ms_buffer_finish(&t);
    }
}

static void numbers_sizes_hex_and_formats(void **state)
{
    (void)state;
    struct ms_buffer t = { 0 };
    ms_text_u64(&t, 0);
    ms_text_char(&t, ' ');
    ms_text_u64(&t, UINT64_MAX);
    ms_text_str(&t, " ");
    ms_text_hex(&t, MS_LIT("\0\xab"));
    assert_string_equal(text_of(&t), "0 18446744073709551615 00ab");
    static const struct { uint64_t bytes; const char *want; } sizes[] = {
        { 0, "0 bytes" }, { 1, "1 byte" }, { 1023, "1023 bytes" }, { 1024, "1 KiB" }, { 1536, "1.5 KiB" },
        { 31457280, "30 MiB" }, { 1048575, "1023 KiB" }, { UINT64_MAX, "15 EiB" },
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        t.n = 0;
        ms_text_size(&t, sizes[i].bytes);
        assert_string_equal(text_of(&t), sizes[i].want);
    }
    for (int width = 100; width < 300; width++) { /* around the room of the first try */
        t.n = 0;
        ms_text_format(&t, "%*d|%s", width, 7, "x");
        assert_int_equal(t.n, width + 2);
        assert_string_equal(text_of(&t) + width - 1, "7|x");
    }
    ms_buffer_finish(&t);
}

static void widths_count_columns(void **state)
{
    (void)state;
    assert_int_equal(ms_utf8_width(MS_LIT("")), 0);
    assert_int_equal(ms_utf8_width(MS_LIT("abc")), 3);
    assert_int_equal(ms_utf8_width(MS_LIT("z\xc3\xbcrich")), 6);
    assert_int_equal(ms_utf8_width(MS_LIT("e\xcc\x81")), 1);                    /* combining acute */
    assert_int_equal(ms_utf8_width(MS_LIT("\xe6\x97\xa5\xe6\x9c\xac")), 4);     /* two ideographs */
    assert_int_equal(ms_utf8_width(MS_LIT("\xf0\x9f\x98\x80")), 2);             /* emoji */
    assert_int_equal(ms_utf8_width(MS_LIT("\xef\xbc\xa1\xef\xbd\xb1")), 3);     /* full-width A, half-width kana */
    assert_int_equal(ms_utf8_last(MS_LIT("abc"), 2).n, 2);
    assert_int_equal(ms_utf8_last(MS_LIT("abc"), 9).n, 3);
    assert_int_equal(ms_utf8_last(MS_LIT("z\xc3\xbcr"), 2).n, 1);
    assert_int_equal(ms_utf8_last(MS_LIT("z\xc3\xbcr"), 3).n, 3);
    assert_int_equal(ms_utf8_last(MS_LIT("x\xf0\x9f\x98\x80"), 3).n, 0);
    assert_int_equal(ms_utf8_head(MS_LIT("abc"), 2).n, 2);
    assert_int_equal(ms_utf8_head(MS_LIT("abc"), 9).n, 3);
    assert_int_equal(ms_utf8_head(MS_LIT("z\xc3\xbcrich"), 2).n, 1);
    assert_int_equal(ms_utf8_head(MS_LIT("z\xc3\xbcrich"), 3).n, 3);
    assert_int_equal(ms_utf8_head(MS_LIT("\xf0\x9f\x98\x80"), 3).n, 0);
    assert_int_equal(ms_utf8_head(MS_LIT("\x80\x80\x80\x80\x80\x80"), 5).n, 2); /* no UTF-8: no further back than a character is long */
    assert_int_equal(ms_utf8_fit(MS_LIT("abc"), 2), 2);
    assert_int_equal(ms_utf8_fit(MS_LIT("e\xcc\x81x"), 1), 3);                  /* the accent belongs to it */
    assert_int_equal(ms_utf8_fit(MS_LIT("\xe6\x97\xa5\xe6\x9c\xac"), 3), 3); /* half of one does not fit */
    assert_int_equal(ms_utf8_fit(MS_LIT("\xe6\x97\xa5"), 5), 3);
    assert_int_equal(ms_utf8_fit(MS_LIT("abc"), 0), 0);
}

static void utf8_accepts_what_unicode_allows(void **state)
{
    (void)state;
    for (uint32_t want = 0; want < 0x110000; want++) {
        uint8_t  b[4];
        size_t   n = want < 0x80 ? 1 : want < 0x800 ? 2 : want < 0x10000 ? 3 : 4;
        uint32_t got = 0;
        for (size_t i = n; i-- > 0;)
            b[i] = (uint8_t)(i ? 0x80 | (want >> (6 * (n - 1 - i)) & 63)
                               : (n == 1 ? want : (0xf00u >> n & 0xff) | want >> (6 * (n - 1))));
        bool surrogate = want >= 0xd800 && want <= 0xdfff;
        assert_int_equal(ms_utf8_sequence((struct ms_bytes){ b, n }, &got), surrogate ? 0 : n);
        if (!surrogate)
            assert_int_equal(got, want);
        if (n > 1)
            assert_int_equal(ms_utf8_sequence((struct ms_bytes){ b, n - 1 }, &got), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_valid_whatever_the_bytes),
        cmocka_unit_test(plain_text_cannot_move_the_cursor),
        cmocka_unit_test(csv_quotes_only_when_needed_and_disarms_formulas),
        cmocka_unit_test(times_are_rfc_3339),
        cmocka_unit_test(every_day_agrees_with_the_c_library),
        cmocka_unit_test(seconds_are_short_and_exact),
        cmocka_unit_test(addresses_follow_rfc_5952),
        cmocka_unit_test(numbers_sizes_hex_and_formats),
        cmocka_unit_test(widths_count_columns),
        cmocka_unit_test(utf8_accepts_what_unicode_allows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
