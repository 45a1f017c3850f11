/* tests/unit/address_test.c - address lists as people read them, from the RFC and from the wild. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "mail/mime.h"

#include <stdlib.h>

/* Each mailbox as `group:[display]local@domain|`; parts that are empty leave their marks out. */
static char *list_of(struct ms_bytes raw, size_t max)
{
    struct ms_arena    arena = { 0 };
    struct ms_buffer   t = { 0 };
    struct ms_mailbox *out = calloc(max + 1, sizeof *out);
    uint8_t           *exact = malloc(raw.n ? raw.n : 1);
    if (raw.n)
        memcpy(exact, raw.p, raw.n);
    size_t n = ms_parse_addresses((struct ms_bytes){ exact, raw.n }, out, max, &arena);
    for (size_t i = 0; i < n && i < max; i++) {
        ms_text_add(&t, out[i].group);
        ms_text_str(&t, out[i].group.n ? ":" : "");
        if (out[i].display.n)
            ms_text_format(&t, "[%.*s]", (int)out[i].display.n, (const char *)out[i].display.p);
        ms_text_add(&t, out[i].local);
        ms_text_str(&t, out[i].domain.n ? "@" : "");
        ms_text_add(&t, out[i].domain);
        ms_text_char(&t, '|');
    }
    if (n > max)
        ms_text_format(&t, "of %zu", n);
    ms_text_char(&t, 0);
    free(exact);
    free(out);
    ms_arena_finish(&arena);
    return (char *)t.p;
}

static const struct { const char *why, *in, *want; } cases[] = {
    { "empty", "", "" },
    { "blanks and commas", " , ,\r\n ,", "" },
    { "bare", "jdoe@one.test", "jdoe@one.test|" },
    { "angle", "<jdoe@one.test>", "jdoe@one.test|" },
    { "name", "John Doe <jdoe@one.test>", "[John Doe]jdoe@one.test|" },
    { "no blank before the bracket", "John<jdoe@one.test>", "[John]jdoe@one.test|" },
    { "quoted name", "\"Doe, John \\\"Jo\\\"\" <jdoe@one.test>", "[Doe, John \"Jo\"]jdoe@one.test|" },
    { "dots in the name", "John Q. Public <j@one.test>", "[John Q. Public]j@one.test|" },
    { "several", "a@x.test, B <b@x.test> , \"C\" <c@x.test>", "a@x.test|[B]b@x.test|[C]c@x.test|" },
    { "folded", "a@x.test,\r\n b@x.test", "a@x.test|b@x.test|" },
    { "name over two lines", "John\r\n\tDoe <j@x.test>", "[John Doe]j@x.test|" },
    { "comment as name", "jdoe@one.test (John Doe)", "[John Doe]jdoe@one.test|" },
    { "comment after angle", "<jdoe@one.test> (John (the) Doe)", "[John (the) Doe]jdoe@one.test|" },
    { "RFC 5322 A.5", "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "[Pete]pete@silly.test|" },
    { "RFC 5322 A.1.3",
      "A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
      "A Group:[Ed Jones]c@a.test|A Group:joe@where.test|A Group:[John]jdoe@one.test|" },
    { "after a group", "G: a@x.test; b@x.test", "G:a@x.test|b@x.test|" },
    { "empty group", "Undisclosed recipients:;", "" },
    { "group, nobody, then one", "undisclosed-recipients: ;, a@x.test", "a@x.test|" },
    { "RFC 5322 A.6.3", "Joe Q. Public <john.q.public@example.com>, Mary Smith <@node.test:mary@example.net>, , jdoe@test . example",
      "[Joe Q. Public]john.q.public@example.com|[Mary Smith]mary@example.net|jdoe@test|" },
    { "long route", "<@a.test,@b.test:user@c.test>", "user@c.test|" },
    { "blanks in brackets", "John <jdoe@test   . example>", "[John]jdoe@test.example|" },
    { "a name in the local part", "<Undisclosed Recipients@one.test>", "Undisclosed Recipients@one.test|" },
    { "quoted local part", "\"john smith\"@x.test", "john smith@x.test|" },
    { "at sign in a quoted local part", "<\"a@b\"@x.test>", "a@b@x.test|" },
    { "domain literal", "a@[192.0.2.1], b@[IPv6:2001:db8::1]", "a@[192.0.2.1]|b@[IPv6:2001:db8::1]|" },
    { "an address as a name", "ceo@bank.example <x@evil.example>", "[ceo@bank.example]x@evil.example|" },
    { "an address in quotes as a name", "\"ceo@bank.example\" <x@evil.example>", "[ceo@bank.example]x@evil.example|" },
    { "name and bare address", "John Doe john@x.test", "[John Doe]john@x.test|" },
    { "missing comma, bare", "a@x.test b@x.test", "a@x.test|b@x.test|" },
    { "missing comma, angles", "A <a@x.test> B <b@x.test>", "[A]a@x.test|[B]b@x.test|" },
    { "missing comma, no blank", "<a@x.test><b@x.test>", "a@x.test|b@x.test|" },
    { "semicolons", "a@x.test; B <b@x.test>; c@x.test", "a@x.test|[B]b@x.test|c@x.test|" },
    { "double brackets", "A <<a@x.test>>, b@x.test", "[A]a@x.test|b@x.test|" },
    { "never closed", "A <a@x.test, b@x.test", "[A]a@x.test|b@x.test|" },
    { "never closed, then another", "A <a@x.test, B <b@x.test>", "[A]a@x.test|[B]b@x.test|" },
    { "no opening bracket", "a@x.test>, b@x.test", "a@x.test|b@x.test|" },
    { "null sender", "<>", "" },
    { "name without address", "MAILER-DAEMON <>", "[MAILER-DAEMON]|" },
    { "user alone", "root", "root|" },
    { "user in brackets", "Charlie Root <root>", "[Charlie Root]root|" },
    { "name alone", "John Doe", "[John Doe]|" },
    { "quoted name alone", "\"John Doe\"", "[John Doe]|" },
    { "address in quotes alone", "\"a@x.test\"", "a@x.test|" },
    { "mailto", "<mailto:a@x.test>, mailto:b@x.test", "a@x.test|b@x.test|" },
    { "words after the bracket", "<a@x.test> Jr., b@x.test", "a@x.test|b@x.test|" },
    { "quote that never closes", "\"John <a@x.test>, b@x.test", "[\"John]a@x.test|b@x.test|" },
    { "comment that never closes", "sad :( <a@x.test>", "sad:[(]a@x.test|" },
    { "comment without end", "John (the <a@x.test>, b@x.test", "[John (the]a@x.test|b@x.test|" },
    { "bracketed tag in the name", "[EXTERNAL] John <a@x.test>", "[[EXTERNAL] John]a@x.test|" },
    { "blanks around the at sign", "a @ x.test, b @x.test", "a@x.test|b@x.test|" },
    { "encoded word", "=?utf-8?Q?J=C3=B6rg?= <j@x.test>", "[J\xc3\xb6rg]j@x.test|" },
    { "two encoded words", "=?utf-8?Q?J=C3=B6?= =?utf-8?Q?rg?= <j@x.test>", "[J\xc3\xb6rg]j@x.test|" },
    { "encoded word with a raw comma", "=?utf-8?Q?Smith,_J?= <j@x.test>, k@x.test", "[Smith, J]j@x.test|k@x.test|" },
    { "encoded word in quotes", "\"=?utf-8?B?SsO2cmc=?=\" <j@x.test>", "[J\xc3\xb6rg]j@x.test|" },
    { "encoded word in a comment", "j@x.test (=?utf-8?Q?J=C3=B6rg?=)", "[J\xc3\xb6rg]j@x.test|" },
    { "raw UTF-8", "J\xc3\xb6rg <j\xc3\xb6rg@x.test>", "[J\xc3\xb6rg]j\xc3\xb6rg@x.test|" },
    { "backslash at the end", "a@x.test, \\", "a@x.test|\\|" },
    { "at signs only", "@, @@, <@>", "@|" },
};

static void lists_are_read_as_people_read_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = list_of(ms_str(cases[i].in), 20);
        if (strcmp(got, cases[i].want) != 0)
            print_error("%s: want %s got %s\n", cases[i].why, cases[i].want, got);
        assert_string_equal(got, cases[i].want);
        free(got);
    }
}

static void any_start_of_a_list_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n < strlen(cases[i].in); n++)
            free(list_of(ms_head(ms_str(cases[i].in), n), 20));
}

static void more_than_fit_are_counted(void **state)
{
    (void)state;
    static const struct { size_t max; const char *want; } limits[] = {
        { 4, "a@x|b@x|c@x|" }, { 3, "a@x|b@x|c@x|" }, { 2, "a@x|b@x|of 3" }, { 0, "of 3" },
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        char *got = list_of(MS_LIT("a@x, b@x c@x"), limits[i].max);
        assert_string_equal(got, limits[i].want);
        free(got);
    }
}

/* A header made of one hostile byte, or pair, repeated: the time must grow with its length, not with its square. */
static void hostile_repetition_stays_linear(void **state)
{
    (void)state;
    static const char *const units[] = { "(", "\"", "[", "<", "<,", "\\\"", "=?", "=?a?q?", "a@", "a@b ", "(a)", "<a", ":", ";", "@<", ">",
                                         "\"\\\"", "((\\)", "=?a?q?\"", "a:b@" };
    enum { SIZE = 300000 };
    uint8_t *big = malloc(SIZE);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        for (size_t k = 0; k < SIZE; k++)
            big[k] = (uint8_t)units[i][k % strlen(units[i])];
        free(list_of((struct ms_bytes){ big, SIZE }, 2)); /* the test's timeout is the judge */
    }
    free(big);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_as_people_read_them),
        cmocka_unit_test(any_start_of_a_list_is_safe),
        cmocka_unit_test(more_than_fit_are_counted),
        cmocka_unit_test(hostile_repetition_stays_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
