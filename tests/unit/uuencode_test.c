/* tests/unit/uuencode_test.c - blocks line by line, at every cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "mail/uuencode.h"

#include <stdlib.h>

/* B(name) begin, D(bytes) data, E end, ? other. */
static const struct { const char *why, *in, *want; } cases[] = {
    { "a block", "begin 644 a.txt\r\n#0V%T\r\n`\r\nend\r\n", "B(a.txt)D(Cat)D()E" },
    { "LF, name with blanks", "begin 0755 my file\n#0V%T\n \nend\n", "B(my file)D(Cat)D()E" },
    { "no end of the last line", "begin 644 a\n#0V%T\nend", "B(a)D(Cat)E" },
    { "trailing spaces lost", "begin 644 a\n!00\n", "B(a)D(A)" },
    { "a checksum character", "begin 644 a\n#0V%TX\n", "B(a)D(Cat)" },
    { "too long for its length", "begin 644 a\n#0V%T1234\n", "B(a)?" },
    { "lower case is no data", "begin 644 a\nhello\n", "B(a)?" },
    { "prose", "begin with 644 a\nbegin 644\nbegin 999 x\n", "???" },
    { "data before begin", "#0V%T\n", "?" },
};

static void note(struct ms_buffer *t, enum ms_uu_event event, const struct ms_uu *u, struct ms_buffer *data)
{
    if (event == MS_UU_BEGIN) {
        ms_text_str(t, "B(");
        ms_text_add(t, ms_uu_name(u));
        ms_text_str(t, ")");
    } else if (event == MS_UU_DATA_LINE) {
        ms_text_str(t, "D(");
        ms_text_add(t, ms_buffer_bytes(data));
        ms_text_str(t, ")");
    } else if (event != MS_UU_MORE) {
        ms_text_char(t, event == MS_UU_END ? 'E' : '?');
    }
    data->n = 0;
}

static struct ms_buffer trace(struct ms_bytes in, size_t cut)
{
    struct ms_uu     u = { 0 };
    struct ms_buffer t = { 0 };
    uint8_t          room[MS_UU_DATA];
    struct ms_buffer data = { room, 0, sizeof room };
    for (int half = 0; half < 2; half++) {
        struct ms_bytes piece = half ? ms_tail(in, cut) : ms_head(in, cut);
        while (piece.n) {
            enum ms_uu_event event;
            piece = ms_tail(piece, ms_uu_push(&u, piece, &data, &event));
            note(&t, event, &u, &data);
        }
    }
    note(&t, ms_uu_finish(&u, &data), &u, &data);
    return t;
}

static void test_cases(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t cut = 0; cut <= strlen(cases[i].in); cut++) {
            struct ms_buffer t = trace(ms_str(cases[i].in), cut);
            if (!ms_equal(ms_buffer_bytes(&t), ms_str(cases[i].want)))
                fail_msg("%s, cut at %zu: %.*s", cases[i].why, cut, (int)t.n, (char *)t.p);
            ms_buffer_finish(&t);
        }
}

static void test_long_lines(void **unused)
{
    (void)unused;
    for (size_t n = MS_UU_LINE - 2; n <= MS_UU_LINE + 1; n++) {
        char text[MS_UU_LINE + 4] = "begin 644 ";
        memset(text + 10, 'x', n - 10);
        text[n] = '\n';
        text[n + 1] = 0;
        struct ms_buffer t = trace(ms_str(text), n / 2);
        assert_int_equal(t.p[0], n < MS_UU_LINE ? 'B' : '?');
        ms_buffer_finish(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_long_lines) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
