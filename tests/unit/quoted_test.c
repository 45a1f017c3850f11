/* tests/unit/quoted_test.c - RFC 2045 6.7 and its broken relatives, at every cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/quoted.h"

#include <stdlib.h>

#define TEN "          "
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct { const char *why, *in, *want; bool syntax; } cases[] = {
    { "nothing", "", "", 0 },
    { "plain", "a b\r\nc", "a b\r\nc", 0 },
    { "escapes in upper case", "=41=4A", "AJ", 0 },
    { "and in lower case, which RFC 2045 does not allow", "=41=4a", "AJ", 0 },
    { "soft breaks", "a=\r\nb=\nc", "abc", 0 },
    { "a soft break with blanks", "a= \t\r\nb", "ab", 0 },
    { "blanks at the end of lines", "a \t\r\nb \n c ", "a\r\nb\n c", 0 },
    { "escaped blanks stay", "a=20\r\nb=09 \r\n", "a \r\nb\t\r\n", 0 },
    { "blanks before a soft break stay", "a =\r\nb", "a b", 0 },
    { "no hex digits", "a=XYb", "a=XYb", 1 },
    { "one hex digit", "a=4Zb", "a=4Zb", 1 },
    { "twice =", "==41", "=A", 1 },
    { "= and blanks in a line", "a=  b", "a=  b", 1 },
    { "= at the end", "a=", "a", 0 },
    { "cut escape", "a=4", "a=4", 1 },
    { "a CR alone", "a\rb =\r", "a\rb ", 0 },
    { "blanks before a CR alone", "a \rb", "a \rb", 0 },
    { "CR at the end", "a \r", "a \r", 0 },
    { "long line, escape across any block", "0123456789abcdef0123456789abcdef=C3=B6", "0123456789abcdef0123456789abcdef\xc3\xb6", 0 },
    { "127 blanks are dropped", "a" HUNDRED TEN TEN "       " "\r\nb", "a\r\nb", 0 },
    { "128 blanks are dropped", "a" HUNDRED TEN TEN "        " "\r\nb", "a\r\nb", 0 },
    { "129 blanks are content", "a" HUNDRED TEN TEN "         " "\r\nb", "a" HUNDRED TEN TEN "         " "\r\nb", 0 },
};

static struct ms_buffer decode(struct ms_bytes in, size_t cut, size_t step, bool *syntax)
{
    struct ms_quoted q = { 0 };
    struct ms_buffer out = { malloc(in.n + MS_QUOTED_ROOM), 0, in.n + MS_QUOTED_ROOM };
    struct ms_bytes  piece = ms_head(in, cut);
    for (size_t at = 0; at < in.n || piece.n; at += piece.n, piece = ms_head(ms_tail(in, at), step)) {
        uint8_t *copy = malloc(piece.n ? piece.n : 1);
        if (piece.n)
            memcpy(copy, piece.p, piece.n);
        ms_quoted_push(&q, (struct ms_bytes){ copy, piece.n }, &out);
        free(copy);
    }
    ms_quoted_finish(&q, &out);
    *syntax = q.syntax;
    return out;
}

static void check(size_t i, size_t cut, size_t step)
{
    bool             syntax;
    struct ms_buffer out = decode(ms_str(cases[i].in), cut, step, &syntax);
    if (!ms_equal(ms_buffer_bytes(&out), ms_str(cases[i].want)) || syntax != cases[i].syntax)
        fail_msg("%s, cut at %zu: \"%.*s\" syntax %d", cases[i].why, cut, (int)out.n, (char *)out.p, syntax);
    free(out.p);
}

static void test_cases(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t cut = 0; cut <= strlen(cases[i].in); cut++)
            check(i, cut, 100000);
        check(i, 1, 1);
    }
}

static void test_hex_digits(void **unused)
{
    (void)unused;
    for (int c = 0; c < 256; c++) {
        const char *lower = "0123456789abcdef", *hit = c ? strchr(lower, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
        assert_int_equal(ms_hex_digit((uint8_t)c), hit ? (int)(hit - lower) : -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_hex_digits) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
