/* tests/unit/list_test.c - tables that are printed as their rows come, and cells of CSV and TSV in tshark's ways. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "sink/list.h"
#include "sink/separated.h"

static const struct ms_list_column columns[] = { { "No.", 4, true }, { "Who", 5, false }, { "What", 0, false } };

/* Rows of three cells, "a|b|c". */
static void expect(size_t cut, bool color, const char *const *rows, size_t n, const char *expected)
{
    char  *text = NULL;
    size_t size = 0;
    FILE  *out = open_memstream(&text, &size);
    struct ms_list_options o = { .out = out, .columns = columns, .count = 3, .cut = cut, .color = color };
    struct ms_list        *l = ms_list_open(&o);
    for (size_t i = 0; i < n; i++) {
        for (struct ms_bytes row = ms_str(rows[i]);; row = ms_tail(row, ms_find(row, '|') + 1)) {
            ms_list_cell(l, ms_head(row, ms_find(row, '|')));
            if (ms_find(row, '|') == row.n)
                break;
        }
        ms_list_row_end(l, "7");
    }
    assert_true(ms_list_close(l));
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void columns_grow_and_rows_end_without_blanks(void **state)
{
    (void)state;
    const char *const rows[] = { "1|me|", "12345|some body|x", "2||y\x1b[0m", "|you|z" };
    expect(0, false, rows, 4,
           " No.  Who    What\n"
           "   1  me\n"
           "12345  some body  x\n"
           "    2             y\\x1b[0m\n"
           "       you        z\n");
    expect(0, false, rows, 0, " No.  Who    What\n");
}

static void a_row_is_cut_at_whole_characters(void **state)
{
    (void)state;
    const char *const rows[] = { "1|me|12345678", "2|you|1234567", "3|us|\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9" };
    expect(20, false, rows, 3,
           " No.  Who    What\n"
           "   1  me     1234...\n"
           "   2  you    1234567\n"
           "   3  us     \u00e9\u00e9\u00e9\u00e9...\n");
    expect(2, false, rows, 1, " N\n  \n");
}

static void colours_stand_around_the_row(void **state)
{
    (void)state;
    const char *const rows[] = { "1|me|x" };
    expect(0, true, rows, 1, "\033[1m No.  Who    What\033[0m\n\033[7m   1  me     x\033[0m\n");
}

static void cell(const char *options, bool csv, const char *text, const char *expected)
{
    struct ms_separated s = { 0 };
    struct ms_buffer    out = { 0 };
    char                words[64];
    snprintf(words, sizeof words, "%s", options);
    for (char *word = words, *next; *word; word = next) {
        next = word + strcspn(word, " ");
        next += *next ? (*next = 0, 1) : 0;
        assert_true(ms_separated_set(&s, word));
    }
    ms_separated_cell(&out, &s, csv, true, ms_str("a"));
    ms_separated_cell(&out, &s, csv, false, ms_str(text));
    assert_int_equal(out.n, strlen(expected));
    assert_memory_equal(out.p, expected, out.n);
    ms_buffer_finish(&out);
}

static void cells_are_separated_and_quoted(void **state)
{
    (void)state;
    cell("", true, "b,c", "a,\"b,c\"");
    cell("", false, "b\tc", "a\tb\\tc");
    cell("separator=;", true, "b;c", "a;\"b;c\"");
    cell("separator=;", true, "b;\"c", "a;\"b;\"\"c\"");
    cell("separator=;", true, "", "a;");
    cell("separator=/s", false, "b", "a b");
    cell("separator=/t", true, "b", "a\tb");
    cell("quote=d", false, "b\"c", "\"a\"\t\"b\"\"c\"");
    cell("quote=s separator=;", true, "it's", "'a';'it''s'");
    cell("quote=d", true, "", "\"a\",");
    cell("quote=n", true, "b,c", "a,b,c");
    cell("quote=d", true, "\x1b[2J", "\"a\",\"\\x1b[2J\"");
}

static void words_that_mean_nothing_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "", "separator", "separator=", "separator=ab", "separator=\x1b", "aggregator=", "occurrence=", "occurrence=x",
                                         "occurrence=ff", "quote=", "quote=dd", "header=", "header=1", "bom=yes", "=y", "head=y" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ms_separated s = { 0 };
        assert_false(ms_separated_set(&s, wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_grow_and_rows_end_without_blanks), cmocka_unit_test(a_row_is_cut_at_whole_characters),
        cmocka_unit_test(colours_stand_around_the_row),             cmocka_unit_test(cells_are_separated_and_quoted),
        cmocka_unit_test(words_that_mean_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
