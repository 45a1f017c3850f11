/* tests/unit/arena_test.c - arenas hand out zeroed, aligned, separate memory; buffers grow and shrink from the front. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"

static void an_arena_hands_out_zeroed_aligned_memory(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    uint8_t        *seen[600];
    for (size_t i = 0; i < 600; i++) { /* across many blocks, and sizes larger than a block */
        size_t n = i < 599 ? i : 200000;
        seen[i] = ms_arena_alloc(&a, n);
        assert_non_null(seen[i]);
        assert_int_equal((uintptr_t)seen[i] % 8, 0);
        for (size_t k = 0; k < n; k++)
            assert_int_equal(seen[i][k], 0);
        memset(seen[i], (int)(i & 0xff), n);
    }
    for (size_t i = 0; i < 599; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_equal(seen[i][k], i & 0xff);
    assert_true(a.total >= 200000);
    ms_arena_finish(&a);
    assert_int_equal(a.total, 0);
}

static void the_first_request_may_be_empty(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    assert_non_null(ms_arena_alloc(&a, 0));
    ms_arena_finish(&a);
    ms_arena_finish(&a);
}

static void a_small_arena_costs_little(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    ms_arena_alloc(&a, 8);
    assert_in_range(a.total, 8, 128);
    ms_arena_finish(&a);
}

static void keep_copies(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    char            wire[] = "abc";
    struct ms_bytes kept = ms_arena_keep(&a, ms_str(wire));
    wire[0] = 'x';
    assert_true(ms_equal(kept, MS_LIT("abc")));
    assert_int_equal(ms_arena_keep(&a, (struct ms_bytes){ NULL, 0 }).n, 0);
    ms_arena_finish(&a);
}

static void a_buffer_is_a_queue_of_bytes(void **state)
{
    (void)state;
    struct ms_buffer b = { 0 };
    ms_buffer_append(&b, (struct ms_bytes){ NULL, 0 });
    assert_null(b.p);
    for (int i = 0; i < 100; i++)
        ms_buffer_append(&b, MS_LIT("abc"));
    assert_int_equal(b.n, 300);
    ms_buffer_consume(&b, 298);
    assert_true(ms_equal(ms_buffer_bytes(&b), MS_LIT("bc")));
    ms_buffer_consume(&b, 0);
    assert_int_equal(b.n, 2);
    ms_buffer_consume(&b, 99); /* more than there is */
    assert_int_equal(b.n, 0);
    ms_buffer_append(&b, MS_LIT("d"));
    assert_true(ms_equal(ms_buffer_bytes(&b), MS_LIT("d")));
    ms_buffer_finish(&b);
    assert_null(b.p);
}

static void heap_blocks_are_zeroed(void **state)
{
    (void)state;
    uint8_t *p = ms_alloc(1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(p[i], 0);
    p[999] = 7;
    p = ms_resize(p, 5000);
    assert_int_equal(p[999], 7);
    ms_free(p);
    ms_free(NULL);
    ms_free(ms_alloc(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_hands_out_zeroed_aligned_memory),
        cmocka_unit_test(the_first_request_may_be_empty),
        cmocka_unit_test(a_small_arena_costs_little),
        cmocka_unit_test(keep_copies),
        cmocka_unit_test(a_buffer_is_a_queue_of_bytes),
        cmocka_unit_test(heap_blocks_are_zeroed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
