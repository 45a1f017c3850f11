/* tests/unit/base64_test.c - every kernel, every cut, every line length; what mail programs make of junk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/base64.h"

#include <stdlib.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Decodes in two pieces, each on the heap in its exact size. */
static struct ms_buffer decode(struct ms_bytes in, size_t cut, enum ms_base64_kernel kernel, struct ms_base64 *state)
{
    struct ms_base64 d = ms_base64_start();
    struct ms_buffer out = { malloc(in.n + 2 * MS_BASE64_ROOM), 0, in.n + 2 * MS_BASE64_ROOM };
    d.kernel = (uint8_t)kernel;
    for (int half = 0; half < 2; half++) {
        struct ms_bytes piece = half ? ms_tail(in, cut) : ms_head(in, cut);
        uint8_t        *copy = malloc(piece.n ? piece.n : 1);
        if (piece.n)
            memcpy(copy, piece.p, piece.n);
        assert_int_equal(ms_base64_push(&d, (struct ms_bytes){ copy, piece.n }, &out), piece.n);
        free(copy);
    }
    ms_base64_finish(&d, &out);
    *state = d;
    return out;
}

static const struct { const char *why, *in, *want; bool foreign, bare_lf, bare_cr; } cases[] = {
    { "nothing", "", "", 0, 0, 0 },
    { "whole groups", "TWFu", "Man", 0, 0, 0 },
    { "one pad", "TWE=", "Ma", 0, 0, 0 },
    { "two pads", "TQ==\r\n", "M", 0, 0, 0 },
    { "pads missing", "TWFuTQ", "ManM", 0, 0, 0 },
    { "one character too many", "TWFuT", "Man", 1, 0, 0 },
    { "lines", "TW\r\nFu\r\nTWFu\r\n", "ManMan", 0, 0, 0 },
    { "LF lines are noted", "TWFu\nTWFu\n", "ManMan", 0, 1, 0 },
    { "a CR alone is noted", "TW\rFu", "Man", 0, 0, 1 },
    { "blanks are no fault", "TW Fu \t\r\n", "Man", 0, 0, 0 },
    { "junk is skipped", "T*W-F_u!", "Man", 1, 0, 0 },
    { "a dash line", "TWFu\r\n-TWFu\r\n", "ManMan", 1, 0, 0 },
    { "a second run after padding", "TQ==\r\nTWFu", "MMan", 1, 0, 0 },
    { "padding that is none", "T=WFu", "Man", 1, 0, 0 },
    { "a pad that goes on", "TW=Fu", "Man", 1, 0, 0 },
    { "pads alone", "====", "", 1, 0, 0 },
    { "more pads than needed", "TWE==", "Ma", 1, 0, 0 },
    { "high bytes", "T\x80W\xff" "Fu", "Man", 1, 0, 0 },
};

static void test_cases(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t cut = 0; cut <= strlen(cases[i].in); cut++) {
            struct ms_base64 d;
            struct ms_buffer out = decode(ms_str(cases[i].in), cut, ms_base64_best(), &d);
            if (!ms_equal(ms_buffer_bytes(&out), ms_str(cases[i].want)) || d.foreign != cases[i].foreign ||
                d.bare_lf != cases[i].bare_lf || d.bare_cr != cases[i].bare_cr)
                fail_msg("%s, cut at %zu: \"%.*s\" foreign %d lf %d cr %d", cases[i].why, cut, (int)out.n, (char *)out.p, d.foreign,
                         d.bare_lf, d.bare_cr);
            free(out.p);
        }
}

/* `width` characters a line, for each width, so that all fast ways meet all alignments. */
static struct ms_buffer encode(struct ms_bytes raw, size_t width, const char *eol)
{
    struct ms_buffer out = { 0 };
    size_t           column = 0;
    for (size_t i = 0; i < raw.n; i += 3) {
        uint32_t v = (uint32_t)raw.p[i] << 16 | (uint32_t)ms_at(raw, i + 1) << 8 | ms_at(raw, i + 2);
        for (size_t k = 0; k < 4; k++) {
            bool pad = i + k > raw.n;
            ms_buffer_append(&out, (struct ms_bytes){ (const uint8_t *)(pad ? "=" : &alphabet[v >> (18 - 6 * k) & 63]), 1 });
            if (++column % width == 0)
                ms_buffer_append(&out, ms_str(eol));
        }
    }
    return out;
}

static void check_round(struct ms_bytes raw, size_t width, const char *eol)
{
    struct ms_buffer text = encode(raw, width, eol);
    for (int kernel = MS_BASE64_SCALAR; kernel <= (int)ms_base64_best(); kernel++)
        for (size_t cut = 0; cut <= text.n; cut += 1 + cut / 7) {
            struct ms_base64 d;
            struct ms_buffer out = decode(ms_buffer_bytes(&text), cut, (enum ms_base64_kernel)kernel, &d);
            if (!ms_equal(ms_buffer_bytes(&out), raw) || d.foreign || d.bare_cr || d.bare_lf != (eol[0] == '\n'))
                fail_msg("kernel %d, width %zu, cut at %zu, %zu bytes", kernel, width, cut, raw.n);
            free(out.p);
        }
    ms_buffer_finish(&text);
}

static void test_all_kernels_all_widths(void **unused)
{
    (void)unused;
    uint8_t raw[500];
    for (size_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(i * 167 + i / 3);
    for (size_t width = 60; width <= 80; width++) {
        check_round((struct ms_bytes){ raw, sizeof raw }, width, "\r\n");
        check_round((struct ms_bytes){ raw, sizeof raw - 1 }, width, "\n");
    }
    check_round((struct ms_bytes){ raw, sizeof raw }, 76, "\r\n");
    check_round((struct ms_bytes){ raw, sizeof raw }, 4, "\r\n");
}

/* Each byte value at each place of a block: foreign ones are seen and skipped by all kernels alike. */
static void test_every_byte_value(void **unused)
{
    (void)unused;
    for (unsigned c = 0; c < 256; c++)
        for (size_t at = 0; at < 80; at += 7) {
            uint8_t text[80];
            memset(text, 'Q', sizeof text);
            text[at] = (uint8_t)c;
            struct ms_base64 plain, d;
            struct ms_buffer want = decode((struct ms_bytes){ text, sizeof text }, 0, MS_BASE64_SCALAR, &plain);
            struct ms_buffer got = decode((struct ms_bytes){ text, sizeof text }, 0, ms_base64_best(), &d);
            assert_true(ms_equal(ms_buffer_bytes(&want), ms_buffer_bytes(&got)));
            assert_int_equal(plain.foreign, d.foreign);
            assert_int_equal(d.nul, c == 0);
            if (strchr(alphabet, (int)c) && c)
                assert_false(d.foreign);
            free(want.p);
            free(got.p);
        }
}

static void test_stops_at_a_dash(void **unused)
{
    (void)unused;
    char text[400] = "";
    for (int line = 0; line < 3; line++) {
        memset(text + strlen(text), 'Q', 76);
        strcat(text, "\r\n");
    }
    strcat(text, "--boundary\r\nQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ");
    for (int kernel = MS_BASE64_SCALAR; kernel <= (int)ms_base64_best(); kernel++) {
        struct ms_base64 d = ms_base64_start();
        uint8_t          room[600];
        struct ms_buffer out = { room, 0, sizeof room };
        d.kernel = (uint8_t)kernel;
        d.dash_stops = true;
        assert_int_equal(ms_base64_push(&d, ms_str(text), &out), 3 * 78);
        assert_int_equal(out.n, 3 * 57);
        assert_true(d.bol);
        d.bol = false; /* not a boundary after all */
        assert_int_equal(ms_base64_push(&d, ms_tail(ms_str(text), 3 * 78), &out), strlen(text) - 3 * 78);
        assert_true(d.foreign);
    }
}

static void test_stops_when_the_room_is_short(void **unused)
{
    (void)unused;
    uint8_t          text[1000], room[MS_BASE64_ROOM + 100];
    struct ms_base64 d = ms_base64_start();
    size_t           used = 0, made = 0;
    memset(text, 'Q', sizeof text);
    while (used < sizeof text) {
        struct ms_buffer out = { room, 0, sizeof room };
        size_t           n = ms_base64_push(&d, (struct ms_bytes){ text + used, sizeof text - used }, &out);
        assert_true(n > 0 && out.n <= sizeof room);
        used += n;
        made += out.n;
    }
    assert_int_equal(made, 750);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_all_kernels_all_widths), cmocka_unit_test(test_every_byte_value),
        cmocka_unit_test(test_stops_at_a_dash), cmocka_unit_test(test_stops_when_the_room_is_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
