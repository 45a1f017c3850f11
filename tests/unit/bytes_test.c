/* tests/unit/bytes_test.c - slices never reach outside, the cursor remembers that it did not suffice. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/bytes.h"

static void slices_stay_inside(void **state)
{
    (void)state;
    struct ms_bytes b = MS_LIT("abcdef"), none = { NULL, 0 };
    assert_true(ms_equal(ms_head(b, 2), MS_LIT("ab")));
    assert_true(ms_equal(ms_head(b, 99), b));
    assert_true(ms_equal(ms_tail(b, 4), MS_LIT("ef")));
    assert_int_equal(ms_tail(b, 99).n, 0);
    assert_true(ms_equal(ms_slice(b, 2, 3), MS_LIT("cde")));
    assert_true(ms_equal(ms_slice(b, 5, SIZE_MAX), MS_LIT("f")));
    assert_int_equal(ms_at(b, 5), 'f');
    assert_int_equal(ms_at(b, 6), 0);
    assert_int_equal(ms_at(b, SIZE_MAX), 0);
    assert_int_equal(ms_tail(none, 3).n, 0);
    assert_null(ms_tail(none, 3).p);
    assert_int_equal(ms_str(NULL).n, 0);
}

static void finding_and_comparing(void **state)
{
    (void)state;
    struct ms_bytes none = { NULL, 0 };
    assert_int_equal(ms_find(MS_LIT("a\r\nb\n"), '\n'), 2);
    assert_int_equal(ms_find(MS_LIT("abc"), '\n'), 3);
    assert_int_equal(ms_find(none, '\n'), 0);
    assert_true(ms_equal(none, MS_LIT("")));
    assert_false(ms_equal(MS_LIT("a"), MS_LIT("A")));
    assert_true(ms_is_one_of(MS_LIT("Pop"), "imap|pop|smtp") && ms_is_one_of(MS_LIT("smtp"), "imap|pop|smtp"));
    assert_false(ms_is_one_of(MS_LIT("po"), "imap|pop|smtp") || ms_is_one_of(MS_LIT("pop|smtp"), "imap|pop|smtp") || ms_is_one_of(MS_LIT(""), "a|b"));
    assert_true(ms_equal_nocase(MS_LIT("StartTLS"), MS_LIT("STARTTLS")));
    assert_false(ms_equal_nocase(MS_LIT("@[`{"), MS_LIT("`{@["))); /* neighbours of the letters do not fold */
    assert_false(ms_equal_nocase(MS_LIT("\xc3\xa9"), MS_LIT("\xc3\x89")));
    assert_true(ms_starts_nocase(MS_LIT("mail FROM:<a>"), MS_LIT("MAIL from:")));
    assert_false(ms_starts_nocase(MS_LIT("MAI"), MS_LIT("MAIL")));
    assert_int_equal(ms_search_nocase(MS_LIT("x charset=UTF"), MS_LIT("CHARSET")), 2);
    assert_int_equal(ms_search_nocase(MS_LIT("aab"), MS_LIT("ab")), 1);
    assert_int_equal(ms_search_nocase(MS_LIT("ab"), MS_LIT("abc")), 2);
    assert_int_equal(ms_search_nocase(MS_LIT("abc"), none), 0);
}

static void trimming_and_words(void **state)
{
    (void)state;
    assert_true(ms_equal(ms_trim(MS_LIT(" \t a b\r\n")), MS_LIT("a b")));
    assert_int_equal(ms_trim(MS_LIT(" \t\r\n")).n, 0);
    struct ms_bytes rest = MS_LIT("  one\ttwo ");
    assert_true(ms_equal(ms_take_word(&rest), MS_LIT("one")));
    assert_true(ms_equal(ms_take_word(&rest), MS_LIT("two")));
    assert_int_equal(ms_take_word(&rest).n, 0);
    assert_int_equal(rest.n, 0);
}

static void numbers_are_all_digits_and_fit(void **state)
{
    (void)state;
    static const struct { const char *in; bool ok; uint64_t want; } cases[] = {
        { "0", true, 0 }, { "007", true, 7 }, { "18446744073709551615", true, UINT64_MAX },
        { "18446744073709551616", false, 0 }, { "99999999999999999999", false, 0 }, { "", false, 0 }, { "-1", false, 0 },
        { "+1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "0x1", false, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t v = 42;
        assert_int_equal(ms_parse_u64(ms_str(cases[i].in), &v), cases[i].ok);
        assert_true(v == (cases[i].ok ? cases[i].want : 42)); /* written only on success */
    }
}

static void a_cursor_says_once_that_it_ran_out(void **state)
{
    (void)state;
    struct ms_cur c = { MS_LIT("\x01\x02\x03\x04\x05\x06\x07"), false };
    assert_int_equal(ms_take_u8(&c), 1);
    assert_int_equal(ms_take_be16(&c), 0x0203);
    assert_int_equal(ms_take_be32(&c), 0x04050607);
    assert_false(c.bad);
    assert_int_equal(ms_take_u8(&c), 0);
    assert_true(c.bad);

    c = (struct ms_cur){ MS_LIT("\x01\x02\x03"), false };
    assert_int_equal(ms_take_be32(&c), 0);
    assert_true(c.bad);
    assert_int_equal(ms_take(&c, 1).n, 0); /* nothing is left after a failure */
    c = (struct ms_cur){ MS_LIT("ab"), false };
    assert_int_equal(ms_take(&c, 0).n, 0);
    assert_false(c.bad);
    assert_true(ms_equal(ms_take(&c, 2), MS_LIT("ab")));
}

static void fixed_width_reads(void **state)
{
    (void)state;
    static const uint8_t b[8] = { 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88 };
    assert_int_equal(ms_be16(b), 0x8182);
    assert_int_equal(ms_le16(b), 0x8281);
    assert_true(ms_be32(b) == 0x81828384u);
    assert_true(ms_le32(b) == 0x84838281u);
    assert_true(ms_le64(b) == 0x8887868584838281u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_stay_inside),
        cmocka_unit_test(finding_and_comparing),
        cmocka_unit_test(trimming_and_words),
        cmocka_unit_test(numbers_are_all_digits_and_fit),
        cmocka_unit_test(a_cursor_says_once_that_it_ran_out),
        cmocka_unit_test(fixed_width_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
