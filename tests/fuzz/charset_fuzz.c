/* tests/fuzz/charset_fuzz.c - byte 0: the charset. Whatever the rest, valid UTF-8 of bounded size comes out. */
#include "mail/mime.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {
    "utf-8", "us-ascii", "iso-8859-1", "iso-8859-2", "windows-1251", "windows-1258", "tcvn", "shift_jis", "euc-jp", "iso-2022-jp-2",
    "iso-2022-jp-3", "iso-2022-jp", "hz", "euc-kr", "johab", "iso-2022-kr", "gb18030", "iso-2022-cn", "big5", "euc-tw", "viscii",
    "cp437", "utf-7", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be", "macintosh",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct ms_bytes in = { data + 1, size - 1 };
    struct ms_arena arena = { 0 };
    struct ms_bytes label = data[0] == 255 ? in : ms_str(labels[data[0] % (sizeof labels / sizeof *labels)]);
    struct ms_bytes got = ms_charset_to_utf8(in, label, &arena);
    if (got.n > 4 * size + 16)
        abort();
    require_utf8(got);
    ms_arena_finish(&arena);
    return 0;
}
