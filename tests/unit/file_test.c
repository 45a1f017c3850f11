/* tests/unit/file_test.c - names and bounds of attachments. What is found in containers of each kind: tests/containers. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "content/files.h"

static void extensions_are_what_desktops_see(void **state)
{
    (void)state;
    static const struct { const char *name; enum ms_extension want; } cases[] = {
        { "a.exe", MS_EXT_PROGRAM }, { "A.EXE", MS_EXT_PROGRAM }, { "a.exe.", MS_EXT_PROGRAM }, { "a.exe . ", MS_EXT_PROGRAM },
        { "a.exe\xe2\x80\x8b", MS_EXT_PROGRAM }, { "a.exe::$DATA", MS_EXT_PROGRAM }, { "a.exe\xc2\xa0", MS_EXT_PROGRAM },
        { "exe", MS_EXT_NONE }, { ".exe", MS_EXT_PROGRAM }, { "a.", MS_EXT_NONE }, { "...", MS_EXT_NONE }, { "", MS_EXT_NONE },
        { "a.exe/b", MS_EXT_NONE }, { "a\\b.js", MS_EXT_SCRIPT }, { "a.js.txt", MS_EXT_TEXT }, { "a.library-ms", MS_EXT_SHORTCUT },
        { "a.averyverylongextensionindeed", MS_EXT_NONE }, { "a.\xff\xfe", MS_EXT_NONE }, { "a.pdf", MS_EXT_PDF },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ms_extension_of(ms_str(cases[i].name)), cases[i].want);
}

static bool wants(const char *name, struct ms_bytes first)
{
    struct ms_part part = { .filename = ms_str(name), .type = MS_LIT("application/octet-stream") };
    return ms_file_wants(&part, first);
}

static void what_cannot_matter_is_not_kept(void **state)
{
    (void)state;
    assert_false(wants("a.png", MS_LIT("\x89PNG\r\n\x1a\n")));
    assert_false(wants("a.jpg", MS_LIT("\x89PNG\r\n\x1a\n")));
    assert_false(wants("a.txt", MS_LIT("hello")));
    assert_false(wants("", MS_LIT("hello")));
    assert_false(wants("a.mp3", MS_LIT("ID3\x03")));
    struct ms_part picture = { .filename = MS_LIT("a.png") }, archive = { .filename = MS_LIT("a.zip") };
    assert_true(ms_picture_wants(&picture, MS_LIT("\x89PNG\r\n\x1a\n")));
    assert_false(ms_picture_wants(&archive, MS_LIT("\x89PNG\r\n\x1a\n")));
    assert_false(ms_picture_wants(&picture, MS_LIT("hello")));
    assert_true(wants("a.png", MS_LIT("PK\x03\x04")));
    assert_true(wants("", MS_LIT("PK\x03\x04")));
    assert_true(wants("a.zip", MS_LIT("\x89PNG\r\n\x1a\n")));
    assert_true(wants("a.csv", MS_LIT("a;b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extensions_are_what_desktops_see), cmocka_unit_test(what_cannot_matter_is_not_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
