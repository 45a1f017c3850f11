/* tests/unit/spool_test.c - what goes in comes out, from memory and from the file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/spool.h"

static void test_small_stays_in_memory(void **state)
{
    (void)state;
    struct ms_spool s = { 0 };
    char            got[3] = "";
    ms_spool_append(&s, MS_LIT("abc"));
    ms_spool_append(&s, MS_LIT("def"));
    ms_spool_flush(&s);
    assert_null(s.file);
    assert_int_equal(ms_spool_end(&s), 6);
    assert_true(ms_spool_read(&s, 2, got, 3));
    assert_memory_equal(got, "cde", 3);
    assert_true(ms_spool_read(&s, 6, got, 0));
    ms_spool_finish(&s);
}

static void test_large_goes_to_the_file(void **state)
{
    (void)state;
    struct ms_spool s = { 0 };
    const uint64_t  count = 3 * MS_SPOOL_BYTES / sizeof(uint64_t) + 5;
    for (uint64_t i = 0; i < count; i++) {
        ms_spool_append(&s, (struct ms_bytes){ (const uint8_t *)&i, sizeof i });
        ms_spool_flush(&s);
    }
    assert_non_null(s.file);
    assert_int_equal(ms_spool_end(&s), count * sizeof(uint64_t));
    assert_true(s.tail.n < MS_SPOOL_BYTES);
    for (uint64_t i = 0; i < count; i += 4099) {
        uint64_t got;
        assert_true(ms_spool_read(&s, i * sizeof i, &got, sizeof got));
        assert_int_equal(got, i);
    }
    ms_spool_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_small_stays_in_memory), cmocka_unit_test(test_large_goes_to_the_file) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
