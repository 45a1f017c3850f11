/* tests/unit/limits_test.c - every limit has a name, a reason, a default, and a tiny twin below it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < MS_LIMIT_COUNT; i++) {
        const struct ms_limit_row *r = &ms_limit_rows[i];
        assert_true(r->name[0] && r->unit[0] && strlen(r->reason) > 10);
        assert_true(r->tiny > 0 && r->tiny < r->value);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(r->name, ms_limit_rows[j].name);
        for (const char *c = r->name; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || *c == '_');
    }
}

static void defaults_and_tiny_come_from_the_table(void **state)
{
    (void)state;
    struct ms_limits big = ms_limits_default(), tiny = ms_limits_tiny();
    assert_true(big.line_bytes == ms_limit_rows[MS_LIMIT_line_bytes].value);
    assert_true(tiny.line_bytes == ms_limit_rows[MS_LIMIT_line_bytes].tiny);
    assert_true(big.mime_parts == ms_limit_rows[MS_LIMIT_mime_parts].value);
    assert_true(tiny.mime_parts == ms_limit_rows[MS_LIMIT_mime_parts].tiny);
}

static void each_limit_is_set_by_its_name_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < MS_LIMIT_COUNT; i++) {
        struct ms_limits l = ms_limits_default(), before = l;
        assert_true(ms_limits_set(&l, ms_limit_rows[i].name, 1234567891));
        size_t changed = 0;
        for (size_t k = 0; k < sizeof l / sizeof(uint64_t); k++)
            changed += ((const uint64_t *)&l)[k] != ((const uint64_t *)&before)[k];
        assert_int_equal(changed, 1);
        assert_true(((const uint64_t *)&l)[i] == 1234567891);
    }
}

static void unknown_names_change_nothing(void **state)
{
    (void)state;
    static const char *const names[] = { "", "line_byte", "line_bytes ", "LINE_BYTES", "nonsense" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct ms_limits l = ms_limits_default(), before = l;
        assert_false(ms_limits_set(&l, names[i], 1));
        assert_memory_equal(&l, &before, sizeof l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(defaults_and_tiny_come_from_the_table),
        cmocka_unit_test(each_limit_is_set_by_its_name_alone),
        cmocka_unit_test(unknown_names_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
