/* tests/unit/header_test.c - encoded words and parameters, as mail programs show them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/header.h"

#include <time.h>

static const struct { const char *why, *in, *want; } words[] = {
    { "plain", "Hello", "Hello" },
    { "trimmed and unfolded", " a\r\n b\n\tc \r\n", "a b\tc" },
    { "B", "=?utf-8?B?R3LDvMOfZQ==?=", "Gr\xc3\xbc\xc3\x9f" "e" },
    { "Q, lower case, underscore", "=?ISO-8859-1?q?Gr=FC=dfe_x?=", "Gr\xc3\xbc\xc3\x9f" "e x" },
    { "blanks between words are not shown", "=?utf-8?q?a?=\r\n =?utf-8?q?b?= c", "ab c" },
    { "text between words stays", "x =?utf-8?q?a?= y =?utf-8?q?b?=z", "x a y bz" },
    { "a character across words", "=?utf-8?b?w7w=?= =?utf-8?b?ww==?= =?utf-8?b?vA==?=", "\xc3\xbc\xc3\xbc" },
    { "split bytes in Q", "=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "\xc3\xbc" },
    { "two charsets", "=?iso-8859-1?q?=FC?= =?utf-8?q?=C3=BC?=", "\xc3\xbc\xc3\xbc" },
    { "language", "=?us-ascii*en?q?hi?=", "hi" },
    { "blanks inside Q", "=?utf-8?q?a b?=", "a b" },
    { "missing padding", "=?utf-8?b?R3LDvMOfZQ?=", "Gr\xc3\xbc\xc3\x9f" "e" },
    { "no end", "=?utf-8?q?abc", "=?utf-8?q?abc" },
    { "unknown encoding", "=?utf-8?x?abc?=", "=?utf-8?x?abc?=" },
    { "no charset", "=??q?abc?=", "=??q?abc?=" },
    { "empty word", "a=?utf-8?q?" "?=b", "ab" },
    { "raw UTF-8", "Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f" },
    { "raw Latin-1", "Gr\xfc\xdf", "Gr\xc3\xbc\xc3\x9f" },
    { "iso-2022-jp", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac" },
    { "unknown charset reads as Latin-1", "=?x-none?q?=FC?=", "\xc3\xbc" },
};

static void test_words(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct ms_arena arena = { 0 };
        struct ms_bytes got = ms_decode_header(ms_str(words[i].in), &arena);
        if (!ms_equal(got, ms_str(words[i].want)))
            fail_msg("%s: \"%.*s\"", words[i].why, (int)got.n, got.p);
        ms_arena_finish(&arena);
    }
}

static void test_raw_bytes_in_the_charset_of_the_part(void **unused)
{
    (void)unused;
    struct ms_arena arena = { 0 };
    assert_true(ms_equal(ms_decode_header_as(MS_LIT("\xf0"), MS_LIT("koi8-r"), &arena), MS_LIT("\xd0\x9f")));
    ms_arena_finish(&arena);
}

static const struct { const char *why, *value, *name, *want; } params[] = {
    { "token", "text/plain; charset=UTF-8", "charset", "UTF-8" },
    { "quoted", "a/b; name=\"x; y\"; z=1", "name", "x; y" },
    { "after a quoted one", "a/b; name=\"x; y\"; z=1", "z", "1" },
    { "case of the name", "a/b; NAME=x", "name", "x" },
    { "absent", "a/b; filename=x", "name", "" },
    { "blanks around", "a/b ; name = x ; q=1", "name", "x" },
    { "unquoted with blanks", "attachment; filename=my file (1).pdf", "filename", "my file (1).pdf" },
    { "escaped quote", "a/b; name=\"a\\\"b\\\\c\"", "name", "a\"b\\c" },
    { "Windows path", "a/b; name=\"C:\\dir\\x.txt\"", "name", "C:\\dir\\x.txt" },
    { "never closed", "a/b; name=\"abc; d=e", "name", "abc; d=e" },
    { "text behind the quote", "a/b; name=\"a\".txt; q=1", "name", "a\".txt" },
    { "no semicolon", "a/b name=x", "name", "x" },
    { "no semicolon after quotes", "a/b; q=\"1\" name=x", "name", "x" },
    { "first one counts", "a/b; name=x; name=y", "name", "x" },
    { "RFC 2231", "attachment; filename*=utf-8'de'%C3%BCb%20er.txt", "filename", "\xc3\xbc" "b er.txt" },
    { "extended before plain", "attachment; filename=a.txt; filename*=utf-8''b.txt", "filename", "b.txt" },
    { "continued, out of order", "attachment; filename*1=\"b.txt\"; filename*0=a", "filename", "ab.txt" },
    { "continued and extended", "attachment; filename*0*=iso-8859-1''%FC; filename*1*=%FC; filename*2=\"%.x\"", "filename",
      "\xc3\xbc\xc3\xbc%.x" },
    { "a piece is missing", "attachment; filename*0=a; filename*2=c", "filename", "ac" },
    { "no first piece", "attachment; filename*1=a; filename*2=c", "filename", "ac" },
    { "broken percent", "attachment; filename*=utf-8''a%4", "filename", "a%4" },
    { "no charset", "attachment; filename*=a%41", "filename", "aA" },
    { "encoded word", "a/b; name=\"=?utf-8?b?w7w=?=.txt\"", "name", "\xc3\xbc.txt" },
    { "raw Latin-1", "a/b; name=\"\xfc\"", "name", "\xc3\xbc" },
    { "piece 127 counts, 128 does not", "a/b; name*0=a; name*127=b; name*128=c", "name", "ab" },
};

static void test_params(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof params / sizeof *params; i++) {
        struct ms_arena arena = { 0 };
        struct ms_bytes got = ms_header_param_text(ms_str(params[i].value), ms_str(params[i].name), MS_LIT(""), &arena);
        if (!ms_equal(got, ms_str(params[i].want)))
            fail_msg("%s: \"%.*s\"", params[i].why, (int)got.n, got.p);
        ms_arena_finish(&arena);
    }
}

static void test_word(void **unused)
{
    (void)unused;
    assert_true(ms_equal(ms_header_word(MS_LIT(" text/plain; charset=x")), MS_LIT("text/plain")));
    assert_true(ms_equal(ms_header_word(MS_LIT("base64 (really)")), MS_LIT("base64")));
    assert_int_equal(ms_header_word(MS_LIT(";")).n, 0);
}

/* Values an attacker picks: words without ends, ends without words. All of these take time linear in their size. */
static void test_hostile_values_are_linear(void **unused)
{
    (void)unused;
    static const char *const bricks[] = { "=?u?q?", "=?", "?=", "=?u?q?a?=", "=?utf-8?b?w?= ", "name*=", "name=\"", ";", "\\\"" };
    for (size_t i = 0; i < sizeof bricks / sizeof *bricks; i++) {
        struct ms_buffer text = { 0 };
        struct ms_arena  arena = { 0 };
        while (text.n < 250000)
            ms_buffer_append(&text, ms_str(bricks[i]));
        clock_t start = clock();
        ms_decode_header(ms_buffer_bytes(&text), &arena);
        ms_header_param_text(ms_buffer_bytes(&text), MS_LIT("name"), MS_LIT(""), &arena);
        if (clock() - start > CLOCKS_PER_SEC)
            fail_msg("%s takes too long", bricks[i]);
        ms_arena_finish(&arena);
        ms_buffer_finish(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words), cmocka_unit_test(test_raw_bytes_in_the_charset_of_the_part), cmocka_unit_test(test_params),
        cmocka_unit_test(test_word), cmocka_unit_test(test_hostile_values_are_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
