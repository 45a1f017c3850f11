/* tests/unit/partial_test.c - the begin of a PDU that waits for its rest: whatever the order, it is whole when every byte came. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "frame/partial.h"

enum { SIZE = 23, BEGIN = 5 };
static const uint32_t FIRST = 0xfffffff8; /* sequence numbers go around */
static const uint8_t text[SIZE + 4] = "abcdefghijklmnopqrstuvwNEXT";

static struct ms_partial *begin(void)
{
    struct ms_partial *p = ms_alloc(sizeof *p);
    p->begin = FIRST;
    p->size = SIZE;
    ms_buffer_append(&p->bytes, (struct ms_bytes){ text, BEGIN });
    return p;
}

static size_t put(struct ms_partial *p, size_t at, size_t n)
{
    assert_true(ms_partial_holds(p, FIRST + (uint32_t)at));
    return ms_partial_place(p, FIRST + (uint32_t)at, (struct ms_bytes){ text + at, n });
}

static void assert_whole(const struct ms_partial *p)
{
    assert_true(ms_partial_is_whole(p));
    assert_int_equal(p->bytes.n, SIZE);
    assert_memory_equal(p->bytes.p, text, SIZE);
}

/* Three segments, cut at every two bytes, in every order, with and without one that comes twice. */
static void any_order(void **state)
{
    (void)state;
    static const int orders[][5] = { { 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
    for (size_t a = BEGIN + 1; a < SIZE - 1; a++)
        for (size_t b = a + 1; b < SIZE; b++)
            for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
                size_t cut[] = { BEGIN, a, b, SIZE };
                struct ms_partial *p = begin();
                for (size_t i = 0; i < 3; i++) {
                    int s = orders[o][i];
                    assert_int_equal(put(p, cut[s], cut[s + 1] - cut[s]), cut[s + 1] - cut[s]);
                    put(p, cut[s] - 1, 2);
                }
                assert_whole(p);
                ms_partial_finish(p);
            }
}

static void keeps_to_its_size(void **state)
{
    (void)state;
    struct ms_partial *p = begin();
    assert_int_equal(put(p, 20, 7), SIZE - 20);
    assert_false(ms_partial_is_whole(p));
    assert_false(ms_partial_holds(p, FIRST + SIZE));
    assert_false(ms_partial_holds(p, FIRST - 1));
    assert_int_equal(put(p, 4, 17), 17);
    assert_whole(p);
    ms_partial_finish(p);
}

static void only_the_next_without_a_size(void **state)
{
    (void)state;
    struct ms_partial *p = begin();
    p->size = 0;
    assert_false(ms_partial_holds(p, FIRST + BEGIN + 1));
    assert_false(ms_partial_holds(p, FIRST));
    assert_int_equal(put(p, BEGIN, SIZE + 4 - BEGIN), SIZE + 4 - BEGIN);
    assert_true(ms_partial_is_whole(p));
    ms_partial_finish(p);
}

static void refuses_too_many_gaps(void **state)
{
    (void)state;
    struct ms_partial *p = begin();
    for (size_t i = 0; i < MS_PARTIAL_GAPS; i++)
        assert_int_equal(put(p, BEGIN + 1 + 2 * i, 1), 1);
    assert_int_equal(put(p, BEGIN + 1 + 2 * MS_PARTIAL_GAPS, 1), 0);
    ms_partial_finish(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(any_order), cmocka_unit_test(keeps_to_its_size), cmocka_unit_test(only_the_next_without_a_size),
                                        cmocka_unit_test(refuses_too_many_gaps) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
