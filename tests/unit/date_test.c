/* Date fields: every obsolete form that must be read, and what is no date. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/date.h"

#include <stdlib.h>

static const struct { const char *value; int64_t seconds; } cases[] = {
    { "Fri, 21 Nov 1997 09:55:06 -0600", 880127706 },
    { "21 Nov 97 09:55 GMT", 880106100 },
    { "Thu,13 Feb 1969 23:32 -0330", -27723480 },
    { "Thu, 1 Jan 1970 00:00:00 +0000", 0 },
    { "Mon, 24 Nov 2026 12:00:00 EST", 1795539600 },
    { "24 November 2026 12:00:60 +0100 (CET)", 1795518060 },
    { "1 Jan 100 00:00:00 Z", 946684800 },
};
static const char *const none[] = { "", "yesterday", "Fri, 31 Feb 2025 10:00:00 +0000", "32 Jan 2025 10:00:00 +0000", "1 Foo 2025 10:00:00",
                                    "1 Jan 2025", "1 Jan 2025 25:00:00 +0000", "1 Jan 2025 10:61 +0000", "Fri,", "1 Jan 3609 10:00:00 +0000" };

static void test_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t at = -1;
        assert_true(ms_parse_date(ms_str(cases[i].value), &at));
        assert_int_equal(at / 1000000000, cases[i].seconds);
    }
}

static void test_no_dates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        int64_t at = 7;
        assert_false(ms_parse_date(ms_str(none[i]), &at));
        assert_int_equal(at, 7);
    }
}

/* Every beginning is read without looking behind it. */
static void test_cut(void **state)
{
    (void)state;
    struct ms_bytes whole = ms_str(cases[0].value);
    for (size_t n = 0; n <= whole.n; n++) {
        int64_t at;
        char   *copy = malloc(n + 1);
        memcpy(copy, whole.p, n);
        ms_parse_date((struct ms_bytes){ (const uint8_t *)copy, n }, &at);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_dates), cmocka_unit_test(test_no_dates), cmocka_unit_test(test_cut) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
