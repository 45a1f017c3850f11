/* tests/unit/names_test.c - the words that users filter by: they may be added to, never changed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/record.h"

static void words_of_the_records(void **state)
{
    (void)state;
    assert_string_equal(ms_protocol_name(MS_PROTO_SMTP), "smtp");
    assert_string_equal(ms_protocol_name(MS_PROTO_IMAP), "imap");
    assert_string_equal(ms_transport_name(MS_TRANSPORT_STARTTLS), "starttls");
    assert_string_equal(ms_outcome_name(MS_OUTCOME_AUTH_FAILED), "auth-failed");
    assert_string_equal(ms_outcome_name(MS_OUTCOME_TLS_FAILED), "tls-failed");
    assert_string_equal(ms_stage_name(MS_STAGE_ENVELOPE), "envelope");
    assert_string_equal(ms_direction_name(MS_APPENDED), "appended");
    assert_string_equal(ms_status_name(MS_STATUS_DEFERRED), "deferred");
    assert_string_equal(ms_severity_name(MS_SEVERITY_CRITICAL), "critical");
    assert_string_equal(ms_category_name(MS_CATEGORY_PERFORMANCE), "performance");
    assert_string_equal(ms_mechanism_name(MS_MECH_SCRAM_SHA_256_PLUS), "SCRAM-SHA-256-PLUS");
}

static void values_outside_have_no_word(void **state)
{
    (void)state;
    assert_string_equal(ms_protocol_name((enum ms_protocol)MS_PROTO_COUNT), "");
    assert_string_equal(ms_mechanism_name((enum ms_mechanism)99), "");
}

static void mechanisms_are_found_in_any_case(void **state)
{
    (void)state;
    static const struct { const char *in; enum ms_mechanism want; } cases[] = {
        { "PLAIN", MS_MECH_PLAIN }, { "plain", MS_MECH_PLAIN }, { "Cram-MD5", MS_MECH_CRAM_MD5 },
        { "scram-sha-1", MS_MECH_SCRAM_SHA_1 }, { "SCRAM-SHA-1-PLUS", MS_MECH_SCRAM_SHA_1_PLUS },
        { "EXTERNAL", MS_MECH_EXTERNAL }, { "PLAI", MS_MECH_OTHER }, { "", MS_MECH_OTHER }, { "USER", MS_MECH_OTHER },
        { "KERBEROS_V4", MS_MECH_OTHER },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ms_mechanism_find(ms_str(cases[i].in)), cases[i].want);
}

static void codes_are_words_or_numbers(void **state)
{
    (void)state;
    char scratch[8];
    assert_string_equal(ms_code_name(MS_RESULT_POP_OK, scratch), "+OK");
    assert_string_equal(ms_code_name(MS_RESULT_BAD, scratch), "BAD");
    assert_string_equal(ms_code_name(250, scratch), "250");
    assert_string_equal(ms_code_name(599, scratch), "599");
    assert_string_equal(ms_code_name(UINT32_MAX, scratch), "7295"); /* never more than the scratch holds */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_of_the_records),
        cmocka_unit_test(values_outside_have_no_word),
        cmocka_unit_test(mechanisms_are_found_in_any_case),
        cmocka_unit_test(codes_are_words_or_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
