/* tests/unit/hash_test.c - the map keeps order and its cap; the hash spreads keys that differ in one bit. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"

#include <stdio.h>

static struct ms_bytes key_of(unsigned i, char buf[16])
{
    return (struct ms_bytes){ (const uint8_t *)buf, (size_t)snprintf(buf, 16, "key%u", i) };
}

static void a_map_finds_what_was_put_and_keeps_the_order(void **state)
{
    (void)state;
    enum { N = 5000 };
    static int    values[N];
    struct ms_map m = { 0 };
    char          buf[16];
    assert_null(ms_map_get(&m, MS_LIT("nothing yet")));
    for (unsigned i = 0; i < N; i++) {
        void **v = ms_map_put(&m, key_of(i, buf));
        assert_null(*v);
        *v = &values[i];
    }
    for (unsigned i = 0; i < N; i++) {
        assert_ptr_equal(ms_map_get(&m, key_of(i, buf)), &values[i]);
        assert_ptr_equal(*ms_map_put(&m, key_of(i, buf)), &values[i]); /* again: the same place */
        assert_true(ms_equal(m.entries[i].key, key_of(i, buf)));
    }
    assert_null(ms_map_get(&m, key_of(N, buf)));
    assert_int_equal(m.count, N);
    ms_map_finish(&m);
    assert_int_equal(m.count, 0);
    assert_null(ms_map_get(&m, key_of(0, buf)));
}

static void the_cap_stops_new_keys_only(void **state)
{
    (void)state;
    struct ms_map m = { .cap = 3 };
    char          buf[16];
    for (unsigned i = 0; i < 3; i++)
        assert_non_null(ms_map_put(&m, key_of(i, buf)));
    assert_null(ms_map_put(&m, key_of(3, buf)));
    assert_null(ms_map_put(&m, key_of(4, buf)));
    assert_non_null(ms_map_put(&m, key_of(2, buf)));
    assert_int_equal(m.count, 3);
    assert_int_equal(m.refused, 2);
    ms_map_finish(&m);
}

static void empty_and_binary_keys_are_keys(void **state)
{
    (void)state;
    struct ms_map m = { 0 };
    int           a, b, c;
    *ms_map_put(&m, (struct ms_bytes){ NULL, 0 }) = &a;
    *ms_map_put(&m, MS_LIT("\0")) = &b;
    *ms_map_put(&m, MS_LIT("\0\0")) = &c;
    assert_ptr_equal(ms_map_get(&m, MS_LIT("")), &a);
    assert_ptr_equal(ms_map_get(&m, MS_LIT("\0")), &b);
    assert_ptr_equal(ms_map_get(&m, MS_LIT("\0\0")), &c);
    ms_map_finish(&m);
}

/* Each bit of the key must change about half of the 64 bits of the hash. */
static void one_bit_changes_half_of_the_hash(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 40; n++) {
        uint8_t key[40] = { 0 };
        int     flips = 0;
        for (size_t bit = 0; bit < 8 * n; bit++) {
            uint64_t before = ms_hash((struct ms_bytes){ key, n });
            key[bit / 8] ^= (uint8_t)(1u << bit % 8);
            flips += __builtin_popcountll(before ^ ms_hash((struct ms_bytes){ key, n }));
        }
        assert_in_range(flips, 8 * n * 22, 8 * n * 42);
    }
}

static void zeros_of_every_length_hash_apart(void **state)
{
    (void)state;
    static const uint8_t zeros[64];
    for (size_t i = 0; i <= 64; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(ms_hash((struct ms_bytes){ zeros, i }) != ms_hash((struct ms_bytes){ zeros, j }));
}

static void words_hash_apart_in_every_place(void **state)
{
    (void)state;
    uint64_t base = ms_hash_words(0, 0, 0, 0, 0);
    for (int place = 0; place < 5; place++)
        for (int bit = 0; bit < 64; bit++) {
            uint64_t w[5] = { 0 };
            w[place] = UINT64_C(1) << bit;
            int flips = __builtin_popcountll(base ^ ms_hash_words(w[0], w[1], w[2], w[3], w[4]));
            assert_in_range(flips, 8, 56);
        }
    assert_true(ms_hash_words(1, 2, 3, 4, 5) != ms_hash_words(3, 4, 1, 2, 5));
}

static void a_new_seed_changes_every_hash(void **state)
{
    (void)state;
    uint64_t before = ms_hash(MS_LIT("x")), words = ms_hash_words(1, 2, 3, 4, 5);
    ms_hash_init();
    assert_true(ms_hash(MS_LIT("x")) != before);
    assert_true(ms_hash_words(1, 2, 3, 4, 5) != words);
    assert_true(ms_hash(MS_LIT("x")) == ms_hash(MS_LIT("x")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_finds_what_was_put_and_keeps_the_order),
        cmocka_unit_test(the_cap_stops_new_keys_only),
        cmocka_unit_test(empty_and_binary_keys_are_keys),
        cmocka_unit_test(one_bit_changes_half_of_the_hash),
        cmocka_unit_test(zeros_of_every_length_hash_apart),
        cmocka_unit_test(words_hash_apart_in_every_place),
        cmocka_unit_test(a_new_seed_changes_every_hash), /* last: from here on the seed is random */
        cmocka_unit_test(a_map_finds_what_was_put_and_keeps_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
