/* tests/unit/top_test.c - header blocks of messages that come in pieces. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/top.h"

enum { LIMIT = 12 };

static const struct { const char *message, *block; size_t body; bool cut; } cases[] = { /* body: where it begins; 0: nowhere */
    { "A: b\r\n\r\nbody\r\n\r\n", "A: b\r\n", 8, false },
    { "A: b\n\nbody", "A: b\n", 6, false },
    { "A: b\n\r\nbody", "A: b\n", 7, false },
    { "\r\nbody", "", 2, false },
    { "\nbody", "", 1, false },
    { "A: b\r\n", "A: b\r\n", 0, false },
    { "A: b\r\n\r", "A: b\r\n\r", 0, false },
    { "", "", 0, false },
    { "A: 456789\r\n\r\nb", "A: 456789\r\n", 13, false },
    { "A: 4567890\r\n\r\nb", "A: 4567890\r\n", 14, false }, /* at the limit */
    { "A: 45678901\r\n\r\nb", "A: 45678901\r", 0, true },
    { "A: 4567890123456789\r\n\r\nb", "A: 456789012", 0, true },
};

/* In three pieces, wherever they are cut. */
static void does_not_depend_on_pieces(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ms_bytes all = ms_str(cases[k].message);
        for (size_t i = 0; i <= all.n; i++)
            for (size_t j = i; j <= all.n; j++) {
                struct ms_top    t = { 0 };
                struct ms_bytes  pieces[] = { ms_head(all, i), ms_slice(all, i, j - i), ms_tail(all, j) };
                struct ms_buffer body = { 0 };
                for (size_t n = 0; n < 3 && !t.cut; n++)
                    ms_buffer_append(&body, ms_top_push(&t, pieces[n], LIMIT));
                assert_true(ms_equal(ms_buffer_bytes(&t.block), ms_str(cases[k].block)));
                assert_true(ms_equal(ms_buffer_bytes(&body), cases[k].body ? ms_tail(all, cases[k].body) : MS_LIT("")));
                assert_int_equal(t.cut, cases[k].cut);
                assert_int_equal(t.done, t.cut || cases[k].body);
                ms_buffer_finish(&body);
                ms_top_finish(&t);
            }
    }
}

/* Up to the limit, but with its blank line. */
static void keeps_whole_messages(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct ms_bytes all = ms_str(cases[k].message), want = ms_head(all, cases[k].body > LIMIT ? cases[k].body : LIMIT);
        for (size_t i = 0; i <= all.n; i++)
            for (size_t j = i; j <= all.n; j++) {
                struct ms_top   t = { .whole = true };
                struct ms_bytes pieces[] = { ms_head(all, i), ms_slice(all, i, j - i), ms_tail(all, j) };
                for (size_t n = 0; n < 3; n++)
                    ms_top_push(&t, pieces[n], LIMIT);
                assert_true(ms_equal(ms_buffer_bytes(&t.block), want));
                assert_true(ms_equal(ms_head(want, ms_top_head(&t)), ms_str(cases[k].block)));
                ms_top_finish(&t);
            }
    }
}

static void ends_at_a_gap(void **state)
{
    (void)state;
    struct ms_top t = { 0 };
    ms_top_push(&t, MS_LIT("A: b\r\n"), LIMIT);
    ms_top_gap(&t);
    assert_true(t.done && t.cut);
    assert_int_equal(ms_top_push(&t, MS_LIT("\r\nbody"), LIMIT).n, 6);
    assert_int_equal(t.block.n, 6);
    ms_top_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(does_not_depend_on_pieces), cmocka_unit_test(keeps_whole_messages), cmocka_unit_test(ends_at_a_gap) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
