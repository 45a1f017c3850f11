/* tests/unit/line_test.c - lines come out the same at every cut, at the limit, and after a gap. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/text.h"
#include "proto/line.h"

#include <stdlib.h>

enum { LIMIT = 8 };

static void feed(struct ms_lines *l, struct ms_bytes piece, struct ms_buffer *trace)
{
    uint8_t *exact = malloc(piece.n ? piece.n : 1); /* its own block: a read beyond, or after the piece died, is seen */
    if (piece.n)
        memcpy(exact, piece.p, piece.n);
    struct ms_bytes in = { exact, piece.n };
    for (struct ms_line line; ms_line_next(l, &in, LIMIT, &line);) {
        ms_text_add(trace, line.text);
        ms_text_str(trace, line.cut ? "~" : "");
        ms_text_str(trace, line.bare_lf ? "!" : "");
        ms_text_char(trace, '|');
    }
    assert_int_equal(in.n, 0);
    free(exact);
}

static void check(struct ms_buffer *trace, const char *want)
{
    ms_text_char(trace, 0);
    assert_string_equal((const char *)trace->p, want);
    ms_buffer_finish(trace);
}

static const struct { const char *in, *want; } cases[] = {
    { "", "" },
    { "a\r\nbc\r\n", "a|bc|" },
    { "\r\n\r\n", "||" },
    { "\n\n", "!|!|" },
    { "a\nb\r\n", "a!|b|" },
    { "a\rb\r\n", "a\rb|" },
    { "a\r\r\n", "a\r|" },
    { "not ended", "" },
    { "a\r\nrest", "a|" },
    { "1234567\r\n", "1234567|" },
    { "12345678\r\nx\r\n", "12345678|x|" },             /* at the limit */
    { "12345678\nx\n", "12345678!|x!|" },
    { "123456789\r\nx\r\n", "12345678~|x|" },           /* one over */
    { "123456789\nx\r\n", "12345678~|x|" },
    { "1234567890\nx\r\n", "12345678~|x|" },
    { "1234567890\r\nx\r\n", "12345678~|x|" },
    { "12345678901\nx\r\n", "12345678~|x|" },
    { "12345678\r\r\nx\r\n", "12345678~|x|" },
    { "12345678901234567890\r\nx\n\r\n", "12345678~|x!||" },
    { "12345678901234567890", "12345678~|" },
};

static void lines_do_not_depend_on_the_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_bytes all = ms_str(cases[i].in);
        for (size_t a = 0; a <= all.n; a++)
            for (size_t b = a; b <= all.n; b++) {
                struct ms_lines  l = { 0 };
                struct ms_buffer trace = { 0 };
                feed(&l, ms_head(all, a), &trace);
                feed(&l, ms_slice(all, a, b - a), &trace);
                feed(&l, ms_tail(all, b), &trace);
                ms_line_finish(&l);
                check(&trace, cases[i].want);
            }
    }
}

static void byte_by_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_bytes  all = ms_str(cases[i].in);
        struct ms_lines  l = { 0 };
        struct ms_buffer trace = { 0 };
        for (size_t k = 0; k < all.n; k++)
            feed(&l, ms_slice(all, k, 1), &trace);
        ms_line_finish(&l);
        check(&trace, cases[i].want);
    }
}

static void after_a_gap_the_next_whole_line_counts(void **state)
{
    (void)state;
    static const struct { const char *before; bool begun; const char *after, *want; } gaps[] = {
        { "a\r\n", false, "tail\r\nb\r\n", "a|b|" },
        { "a\r\nbegun", true, "tail\r\nb\r\n", "a|b|" },
        { "begun\r", true, "\nb\r\n", "b|" },
        { "", false, "no end", "" },
        { "123456789012345", false, "more\r\nb\n", "12345678~|b!|" }, /* handed on before the gap */
    };
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++) {
        struct ms_bytes after = ms_str(gaps[i].after);
        for (size_t cut = 0; cut <= after.n; cut++) {
            struct ms_lines  l = { 0 };
            struct ms_buffer trace = { 0 };
            feed(&l, ms_str(gaps[i].before), &trace);
            assert_int_equal(ms_line_gap(&l), gaps[i].begun);
            feed(&l, ms_head(after, cut), &trace);
            feed(&l, ms_tail(after, cut), &trace);
            ms_line_finish(&l);
            check(&trace, gaps[i].want);
        }
    }
}

static void no_memory_stays_between_lines(void **state)
{
    (void)state;
    struct ms_lines  l = { 0 };
    struct ms_buffer trace = { 0 };
    feed(&l, MS_LIT("beg"), &trace);
    assert_non_null(l.rest.p);
    feed(&l, MS_LIT("un\r\n"), &trace);
    assert_null(l.rest.p);
    feed(&l, MS_LIT("a line much longer than the limit\r\n"), &trace);
    feed(&l, MS_LIT("another, in two"), &trace);
    feed(&l, MS_LIT(" pieces\r\n"), &trace);
    assert_null(l.rest.p);
    check(&trace, "begun|a line m~|another,~|");
    ms_line_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_do_not_depend_on_the_cut),
        cmocka_unit_test(byte_by_byte),
        cmocka_unit_test(after_a_gap_the_next_whole_line_counts),
        cmocka_unit_test(no_memory_stays_between_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
