/* content/document/onenote.c - files inside notebooks (MS-ONESTORE): each begins with the class of FileDataStoreObject. */
#include "content/files.h"

enum { HEAD = 36 /* class, length, unused, reserved */, NAMES = 64, FILES = 256 };
static const struct ms_bytes store = { (const uint8_t *)"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac", 16 };

static bool is_picture(struct ms_bytes b)
{
    const char *type = ms_detect_content(ms_head(b, 512));
    return type && ms_starts_nocase(ms_str(type), MS_LIT("image/"));
}

/* UTF-16 text that ends like the name of a program; names stand apart from the files they are of. */
static void look_for_names(const struct ms_file *f)
{
    char            text[NAMES * 2];
    struct ms_bytes b = f->piece->bytes;
    for (size_t dot = 0; dot + 8 < b.n; dot++) {
        if (b.p[dot] != '.' || b.p[dot + 1] != 0)
            continue;
        size_t start = dot;
        while (start >= 2 && dot - start < NAMES && b.p[start - 1] == 0 && b.p[start - 2] > ' ' && b.p[start - 2] < 0x7f)
            start -= 2;
        struct ms_bytes   name = ms_utf16_text(ms_slice(b, start, dot - start + 12), false, text, sizeof text);
        enum ms_extension kind = ms_extension_of(name);
        if (dot > start && (kind == MS_EXT_PROGRAM || kind == MS_EXT_SCRIPT || kind == MS_EXT_SHORTCUT))
            ms_file_sign_inner(f, MS_SIGN_EMBEDDED_PROGRAM, name);
    }
}

void ms_onenote_look(const struct ms_file *f)
{
    struct ms_bytes rest = f->piece->bytes;
    bool            others = false;
    for (size_t i = 0; i < FILES && rest.n > HEAD; i++) {
        const uint8_t *p = memmem(rest.p, rest.n, store.p, store.n);
        if (!p)
            break;
        rest = ms_tail(rest, (size_t)(p - rest.p));
        uint64_t        n = ms_le64_at(rest, 16);
        struct ms_bytes data = ms_slice(rest, HEAD, n < rest.n ? (size_t)n : rest.n);
        rest = ms_tail(rest, HEAD + data.n);
        if (is_picture(data) || data.n == 0)
            continue;
        others = true;
        ms_file_inner_slice(f, (struct ms_inner){ .name = MS_LIT("embedded"), .bytes = data, .cut = data.n < n, .around = MS_IN_DOCUMENT, .siblings = 1 });
    }
    if (others)
        look_for_names(f);
}
