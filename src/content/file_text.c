/* content/file_text.c - names and words as they stand in files, as UTF-8. */
#include "content/files.h"

#include "base/text.h"

struct ms_bytes ms_utf16_text(struct ms_bytes b, bool big, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i + 1 < b.n && n + 4 <= size; i += 2) {
        uint32_t cp = big ? ms_be16(b.p + i) : ms_le16(b.p + i);
        uint32_t low = i + 3 < b.n ? (big ? ms_be16(b.p + i + 2) : ms_le16(b.p + i + 2)) : 0;
        if (cp == 0)
            break;
        if (cp >= 0xd800 && cp < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        n += ms_utf8_put((uint8_t *)out + n, cp >= 0xd800 && cp < 0xe000 ? 0xfffd : cp);
    }
    return (struct ms_bytes){ (const uint8_t *)out, n };
}

static bool is_slash(uint8_t c) { return c == '/' || c == '\\'; }

bool ms_name_escapes(struct ms_bytes name)
{
    if (name.n && (is_slash(name.p[0]) || (name.n > 2 && name.p[1] == ':' && is_slash(name.p[2]))))
        return true;
    for (size_t i = 0; (i += ms_find(ms_tail(name, i), '.')) + 1 < name.n; i++)
        if (name.p[i + 1] == '.' && (i == 0 || is_slash(name.p[i - 1])) && (i + 2 == name.n || is_slash(name.p[i + 2])))
            return true;
    return false;
}
