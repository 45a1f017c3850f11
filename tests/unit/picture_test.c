/* tests/unit/picture_test.c - pictures of a few pixels, shades to black and white, correction of bytes, modules to text. Whole codes in pictures of every kind:
 * tests/containers/pictures.py. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "content/picture/bitmap.h"
#include "content/picture/qr.h"
#include "content/picture/reed_solomon.h"

#include <stdlib.h>

/* ---- sizes ------------------------------------------------------------------------------------------------------- */

static void size_is_what_the_header_says(void **state)
{
    (void)state;
    static const struct { struct ms_bytes file; size_t width, height; } cases[] = {
#define ROW(file, width, height) { { (const uint8_t *)(file), sizeof(file) - 1 }, width, height }
        ROW("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\2\0\0\3\4\b\2\0\0\0", 258, 772),
        ROW("GIF89a\2\1\4\3\x80\0\0aaaaaaaaaaaaaaaaaaaa", 258, 772),
        ROW("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\1\0\0\4\3\0\0", 258, 772),
        ROW("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\1\0\0\xfc\xff\xff\xff", 258, 4),
        ROW("BM\0\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0\2\1\4\3\1\0\x18\0", 258, 772),
        ROW("\xff\xd8\xff\xe0\0\4ab\xff\xff\xc4\0\3a\xff\xc2\0\x0b\b\3\4\1\2\1aaa", 258, 772),
#undef ROW
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t width = 0, height = 0;
        assert_true(ms_picture_measure(cases[i].file, &width, &height));
        assert_int_equal(width, cases[i].width);
        assert_int_equal(height, cases[i].height);
    }
    for (size_t n = 0; n < cases[5].file.n - 4; n++) {
        size_t   width, height;
        uint8_t *exact = n ? memcpy(ms_alloc(n), cases[5].file.p, n) : NULL;
        if (n < 19)
            assert_false(ms_picture_measure((struct ms_bytes){ exact, n }, &width, &height));
        ms_free(exact);
    }
}

/* ---- pixels ------------------------------------------------------------------------------------------------------ */

static void expect_pixels(struct ms_bytes file, const char *want) /* rows with a blank between: '#' dark, '+' grey, '.' light */
{
    struct ms_picture p;
    assert_true(ms_picture_read(file, &p));
    for (size_t y = 0; y < p.height; y++)
        for (size_t x = 0; x < p.width; x++) {
            uint8_t grey = p.grey[y * p.stride + x];
            assert_int_equal(grey < 64 ? '#' : grey < 192 ? '+' : '.', want[y * (p.width + 1) + x]);
        }
    ms_picture_finish(&p);
}

#define BMP(size, bits, planes) "BM\0\0\0\0\0\0\0\0" size "\x28\0\0\0\3\0\0\0\2\0\0\0\1\0" bits "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" planes

static void bmp_of_each_depth(void **state)
{
    (void)state;
    static const char one[] = BMP("\x3e\0\0\0", "\1\0", "\0\0\0\0\xff\xff\xff\0" "\x40\0\0\0" "\xa0\0\0\0");
    static const char four[] = BMP("\x42\0\0\0", "\4\0", "\0\0\0\0\xff\xff\xff\0\x80\x80\x80\0" "\x02\x10\0\0" "\x10\x20\0\0");
    static const char full[] = BMP("\x36\0\0\0", "\x18\0", "\xff\xff\xff\0\0\0\x80\x80\x80\0\0\0" "\0\0\0\xff\xff\xff\0\0\0\0\0\0");
    expect_pixels((struct ms_bytes){ (const uint8_t *)one, sizeof one - 1 }, ".#. #.#");
    expect_pixels((struct ms_bytes){ (const uint8_t *)four, sizeof four - 1 }, ".#+ #+.");
    expect_pixels((struct ms_bytes){ (const uint8_t *)full, sizeof full - 1 }, "#.# .#+");
}

/* The example of the specification's appendix F: 10 x 10 pixels in three shades. */
static void gif_of_words(void **state)
{
    (void)state;
    static const char gif[] = "GIF89a\x0a\0\x0a\0\x91\0\0\xff\xff\xff\xff\0\0\0\0\xff\0\0\0\x21\xf9\4\0\0\0\0\0\x2c\0\0\0\0\x0a\0\x0a\0\0\2\x16"
                              "\x8c\x2d\x99\x87\x2a\x1c\xdc\x33\xa0\2\x75\xec\x95\xfa\xa8\xde\x60\x8c\4\x91\x4c\1\0\x3b";
    static const char want[] = "+++++##### +++++##### +++++##### +++....### +++....### ###....+++ ###....+++ #####+++++ #####+++++ #####+++++";
    expect_pixels((struct ms_bytes){ (const uint8_t *)gif, sizeof gif - 1 }, want);
    for (size_t n = 0; n < sizeof gif - 1; n++) {
        struct ms_picture p;
        uint8_t          *exact = n ? memcpy(ms_alloc(n), gif, n) : NULL;
        if (ms_picture_read((struct ms_bytes){ exact, n }, &p))
            ms_picture_finish(&p);
        ms_free(exact);
    }
}

static void what_is_darker_than_around_is_dark(void **state)
{
    (void)state;
    struct ms_picture p;
    struct ms_bitmap  b;
    ms_picture_init(&p, 203, 37); /* light falls from the right; squares of 5 pixels */
    for (size_t y = 0; y < p.height; y++)
        for (size_t x = 0; x < p.width; x++)
            p.grey[y * p.stride + x] = (uint8_t)((x / 5 + y / 5) % 2 ? 40 + x : 10 + x / 2);
    ms_bitmap_make(&b, &p);
    for (size_t y = 0; y < p.height; y++)
        for (size_t x = 24; x < p.width; x++)
            assert_int_equal(ms_bitmap_dark(&b, x, y), (x / 5 + y / 5) % 2 == 0);
    ms_bitmap_finish(&b);
    ms_picture_finish(&p);
}

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

/* The check bytes of ten bytes, as ISO/IEC 18004 annex I has them: "01234567" in version 1-M. */
static const uint8_t sound[26] = { 0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11,
                                   0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55 };

static void up_to_half_the_checks_are_corrected(void **state)
{
    (void)state;
    uint8_t  block[sizeof sound];
    unsigned dice = 1;
    for (unsigned wrong = 0; wrong <= 6; wrong++)
        for (unsigned turn = 0; turn < 50; turn++) {
            memcpy(block, sound, sizeof sound);
            for (unsigned i = 0; i < wrong; i++) {
                dice = dice * 1103515245u + 12345u;
                block[(dice >> 16) % 4 + i * 4] ^= (uint8_t)(1 + (dice >> 8) % 255);
            }
            assert_int_equal(ms_reed_solomon(block, sizeof block, 10), wrong <= 5);
            if (wrong <= 5)
                assert_memory_equal(block, sound, sizeof sound);
        }
    assert_false(ms_reed_solomon(block, sizeof block, MS_RS_CHECKS + 1));
    assert_false(ms_reed_solomon(block, 4, 10));
}

static void versions_are_told_with_three_bits_wrong(void **state)
{
    (void)state;
    assert_int_equal(ms_qr_version_of(0x07c94), 7);
    assert_int_equal(ms_qr_version_of(0x28c69), 40);
    assert_int_equal(ms_qr_version_of(0x07c94 ^ 0x20101), 7);
    assert_int_equal(ms_qr_version_of(0), 0);
    assert_int_equal(ms_qr_version_of(0x3ffff), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_is_what_the_header_says), cmocka_unit_test(bmp_of_each_depth), cmocka_unit_test(gif_of_words),
        cmocka_unit_test(what_is_darker_than_around_is_dark), cmocka_unit_test(up_to_half_the_checks_are_corrected),
        cmocka_unit_test(versions_are_told_with_three_bits_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
