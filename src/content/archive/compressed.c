/* content/archive/compressed.c - a file that is compressed alone: gzip (RFC 1952), bzip2, xz, lzip, LZMA alone, zstd (RFC 8878). */
#include "content/archive/unpack.h"

enum { PATH = 512 };
#define MIB (1024u * 1024)

/* The name in the header of gzip; empty when there is none. */
static struct ms_bytes name_inside(struct ms_bytes b)
{
    unsigned flags = ms_at(b, 3);
    size_t   at = 10;
    if (flags & 4)
        at += 2u + ms_le16_at(b, 10);
    struct ms_bytes rest = ms_tail(b, at);
    size_t          n = ms_find(ms_head(rest, PATH), 0);
    return flags & 8 ? ms_head(rest, n) : (struct ms_bytes){ NULL, 0 };
}

/* "a.tar.gz" -> "a.tar", "a.tgz" -> "a.tar": as desktops name what comes out. */
static struct ms_bytes name_outside(struct ms_bytes name, char *out)
{
    struct ms_bytes base = ms_base_name(name), word = ms_extension_word(name);
    if (ms_is_one_of(word, "tgz|taz|txz|tlz|tbz|tb2|tbz2")) {
        size_t stem = (size_t)(word.p - base.p), n = stem < PATH - 3 ? stem : PATH - 3;
        memcpy(out, base.p, n);
        memcpy(out + n, "tar", 3);
        return (struct ms_bytes){ (const uint8_t *)out, n + 3 };
    }
    return ms_head(base, word.n && word.n < base.n ? (size_t)(word.p - base.p) - 1 : base.n);
}

static void look_unwrapped(const struct ms_file *f, struct ms_bytes inside, const struct ms_unpacked *u)
{
    char            name[PATH];
    struct ms_inner inner = { .name = inside, .bytes = ms_buffer_bytes(&u->out), .cut = u->cut || f->piece->cut, .unwrapped = true,
                              .around = MS_IN_ARCHIVE, .siblings = 1 };
    if (inner.name.n == 0)
        inner.name = name_outside(f->piece->name, name);
    if (!u->damaged || u->out.n)
        ms_file_inner(f, &inner);
}

void ms_gzip_look(const struct ms_file *f)
{
    struct ms_bytes    b = f->piece->bytes;
    struct ms_unpacked u;
    ms_unpack(f, b, MS_GZIP, SIZE_MAX, &u);
    uint32_t size = b.n > 4 ? ms_le32(b.p + b.n - 4) : 0;
    if (u.cut && !f->piece->cut && size > 50 * MIB && size / 500 > b.n)
        ms_file_sign(f, MS_SIGN_BOMB, (struct ms_bytes){ NULL, 0 });
    look_unwrapped(f, name_inside(b), &u);
    ms_buffer_finish(&u.out);
}

void ms_compressed_look(const struct ms_file *f)
{
    static const struct { const char *type; enum ms_wrapping wrapping; } kinds[] = {
        { "application/x-xz", MS_XZ }, { "application/x-lzip", MS_LZIP }, { "application/zstd", MS_ZSTD },
        { "application/x-bzip2", MS_BZIP2 }, { "application/x-lzma", MS_LZMA_ALONE },
    };
    struct ms_unpacked u;
    size_t             i = 0;
    while (i + 1 < sizeof kinds / sizeof *kinds && !ms_equal(ms_str(f->piece->detected), ms_str(kinds[i].type)))
        i++;
    ms_unpack(f, f->piece->bytes, kinds[i].wrapping, SIZE_MAX, &u);
    look_unwrapped(f, (struct ms_bytes){ NULL, 0 }, &u);
    ms_buffer_finish(&u.out);
}
