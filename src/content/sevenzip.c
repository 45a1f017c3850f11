/* content/sevenzip.c - names and encryption in 7z archives.
 *
 * The header stands behind the packed data, mostly packed with LZMA itself (lzma.c). File names are one property of it, UTF-16 with a NUL
 * behind each; it is looked for rather than reached through all structures before it, which say nothing that is wanted here.        */
#include "content/lzma.h"

enum { START = 32, ID_HEADER = 1, ID_PACKED = 0x17, ID_NAMES = 0x11, NAME = 520, HEADER_MOST = 1 << 20 };

static const struct ms_bytes aes = { (const uint8_t *)"\x06\xf1\x07\x01", 4 }, lzma = { (const uint8_t *)"\x23\x03\x01\x01\x05", 5 };

/* First byte tells how many follow, by its leading ones. */
static uint64_t take_number(struct ms_cur *c)
{
    uint8_t  first = ms_take_u8(c), mask = 0x80;
    uint64_t n = 0;
    for (unsigned i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask))
            return n | (uint64_t)(first & (mask - 1)) << 8 * i;
        n |= (uint64_t)ms_take_u8(c) << 8 * i;
    }
    return n;
}

static bool contains(struct ms_bytes hay, struct ms_bytes needle)
{
    return hay.n >= needle.n && memmem(hay.p, hay.n, needle.p, needle.n);
}

/* A packed header: one stream, one folder, one LZMA coder. Unpacks it into *out. */
static bool unpack_header(const struct ms_file *f, struct ms_bytes header, struct ms_buffer *out)
{
    struct ms_cur   c = { ms_tail(header, 1), false };
    struct ms_bytes b = f->piece->bytes;
    if (ms_take_u8(&c) != 6)
        return false;
    uint64_t at = take_number(&c), streams = take_number(&c);
    if (streams != 1 || ms_take_u8(&c) != 9 || c.bad || at >= b.n - START)
        return false;
    uint64_t       n = take_number(&c);
    const uint8_t *coder = c.rest.n ? memmem(c.rest.p, c.rest.n, lzma.p, lzma.n) : NULL;
    if (!coder)
        return false;
    c.rest = ms_tail(c.rest, (size_t)(coder - c.rest.p) + lzma.n);
    struct ms_bytes properties = ms_take(&c, 5);
    if (ms_take_u8(&c) != 0x0c)
        return false;
    uint64_t size = take_number(&c);
    if (c.bad || size > HEADER_MOST || !ms_file_spend(f, (size_t)size))
        return false;
    return ms_lzma_unpack(ms_slice(b, START + (size_t)at, n < b.n ? (size_t)n : b.n), properties, (size_t)size, out);
}

/* The property with the names: id, size, "not elsewhere", then strings that end with the property. */
static struct ms_bytes find_names(struct ms_bytes header)
{
    for (size_t at = 0; at < header.n; at++) {
        if (header.p[at] != ID_NAMES)
            continue;
        struct ms_cur c = { ms_tail(header, at + 1), false };
        uint64_t      n = take_number(&c);
        if (c.bad || n < 5 || n % 2 == 0 || n > c.rest.n || c.rest.p[0] != 0 || ms_le16(c.rest.p + n - 2) != 0 || ms_le16(c.rest.p + 1) == 0)
            continue;
        return ms_slice(c.rest, 1, (size_t)n - 1);
    }
    return (struct ms_bytes){ NULL, 0 };
}

static size_t string_bytes(struct ms_bytes b) /* with its NUL */
{
    size_t i = 0;
    while (i + 1 < b.n && ms_le16(b.p + i))
        i += 2;
    return i + 2 < b.n ? i + 2 : b.n;
}

static void look_at_names(const struct ms_file *f, struct ms_bytes names, bool encrypted)
{
    char   text[NAME];
    size_t count = 0;
    for (struct ms_bytes rest = names; rest.n; rest = ms_tail(rest, string_bytes(rest)))
        count++;
    for (size_t n; names.n && ms_file_spend(f, 256); names = ms_tail(names, n)) {
        n = string_bytes(names);
        struct ms_inner inner = { .name = ms_utf16_text(ms_head(names, n), false, text, sizeof text), .cut = true, .around = MS_IN_ARCHIVE, .siblings = count };
        if (encrypted)
            ms_file_sign_inner(f, MS_SIGN_ENCRYPTED_ARCHIVE, inner.name);
        if (ms_name_escapes(inner.name))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, inner.name);
        ms_file_inner(f, &inner);
    }
}

void ms_7z_look(const struct ms_file *f)
{
    struct ms_bytes  b = f->piece->bytes;
    uint64_t         at = ms_le64_at(b, 12), n = ms_le64_at(b, 20);
    struct ms_buffer unpacked = { 0 };
    ms_file_archive(f);
    if (b.n < START || at > b.n - START || n > b.n - START - at)
        return;
    struct ms_bytes header = ms_slice(b, START + (size_t)at, (size_t)n);
    if (ms_at(header, 0) == ID_PACKED && contains(header, aes))
        ms_file_sign(f, MS_SIGN_ENCRYPTED_ARCHIVE, MS_LIT("its names too"));
    else if (ms_at(header, 0) == ID_PACKED && unpack_header(f, header, &unpacked))
        header = ms_buffer_bytes(&unpacked);
    if (ms_at(header, 0) == ID_HEADER)
        look_at_names(f, find_names(header), contains(header, aes));
    ms_buffer_finish(&unpacked);
}
