/* content/archive/zip_shape.c - ZIP archives that two programs read differently, and those that are built to exhaust who unpacks.
 *
 * What is told of an entry stands twice, in the directory and in front of the data; a directory is found by what stands behind it. Where these
 * disagree, where entries share bytes or names, where the directory does not mention one or one archive stands behind another, some
 * programs see what others do not.                                                                                       */
#include "content/archive/zip.h"

#include <stdlib.h>

enum { DESCRIPTOR = 24 };
#define MIB (1024u * 1024)

static void doubt(const struct ms_zip *z, const struct ms_zip_entry *e) { ms_file_sign_inner(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, e->name); }

static bool is_ascii(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] & 0x80)
            return false;
    return true;
}

/* The name in front of the data. Slashes may differ. */
static bool same_name(const struct ms_zip *z, const struct ms_zip_entry *e)
{
    size_t          at = (size_t)e->offset, n = ms_le16_at(z->b, at + 26);
    struct ms_bytes local = ms_slice(z->b, at + 30, n);
    bool            same = local.n == e->name.n;
    for (size_t i = 0; same && i < local.n; i++)
        same = local.p[i] == e->name.p[i] || (local.p[i] == '\\' && e->name.p[i] == '/') || (local.p[i] == '/' && e->name.p[i] == '\\');
    return same || local.n < n;
}

/* The name in Unicode, when there is one, is the same with other letters. */
static bool same_unicode(const struct ms_zip_entry *e)
{
    if (!e->unicode.n || ms_equal(e->unicode, e->name))
        return true;
    return !is_ascii(e->name) && ms_equal_nocase(ms_extension_word(e->name), ms_extension_word(e->unicode));
}

/* Encryption, method and size as the header in front of the data says them. Sizes behind the data are said there alone. */
static bool same_header(const struct ms_zip *z, const struct ms_zip_entry *e)
{
    enum { ENCRYPTED = 1, BEHIND = 8 };
    size_t   at = (size_t)e->offset;
    unsigned flags = ms_le16_at(z->b, at + 6), packed = ms_le32_at(z->b, at + 18);
    bool     sized = !((flags | e->flags) & BEHIND) && packed != UINT32_MAX;
    return ((flags ^ e->flags) & ENCRYPTED) == 0 && (e->aes || ms_le16_at(z->b, at + 8) == e->method) && (!sized || packed == e->packed);
}

static void look_at_entry(const struct ms_zip *z, const struct ms_zip_entry *e)
{
    bool nameless = ms_base_name(e->name).n == 0 && e->size; /* a folder with content, for those who look at the slash alone */
    bool stored = e->method == 0 && !ms_zip_encrypted(e) && e->packed != e->size;
    if (!same_name(z, e) || !same_unicode(e) || !same_header(z, e) || nameless || stored || ms_find(e->name, 0) < e->name.n)
        doubt(z, e);
}

static void look_at_names(const struct ms_zip *z)
{
    for (size_t i = 0; i < z->n; i++)
        if (z->at[i].placed && ms_name_escapes(z->at[i].name))
            ms_file_sign_inner(z->f, MS_SIGN_ESCAPING_NAME, z->at[i].name);
}

static int by_name(const void *a, const void *b)
{
    const struct ms_zip_entry *x = *(const struct ms_zip_entry *const *)a, *y = *(const struct ms_zip_entry *const *)b;
    size_t                     n = x->name.n < y->name.n ? x->name.n : y->name.n;
    int                        order = n ? memcmp(x->name.p, y->name.p, n) : 0;
    return order ? order : x->name.n < y->name.n ? -1 : x->name.n > y->name.n;
}

/* Two contents under one name: which of them is unpacked, the first or the last, differs. */
static void look_at_twins(const struct ms_zip *z)
{
    const struct ms_zip_entry **order = ms_alloc(z->n * sizeof *order);
    for (size_t i = 0; i < z->n; i++)
        order[i] = &z->at[i];
    qsort(order, z->n, sizeof *order, by_name);
    for (size_t i = 1; i < z->n; i++)
        if (ms_equal(order[i - 1]->name, order[i]->name) && order[i - 1]->crc != order[i]->crc)
            doubt(z, order[i]);
    ms_free(order);
}

static int by_offset(const void *a, const void *b)
{
    uint64_t x = ((const struct ms_zip_entry *)a)->offset, y = ((const struct ms_zip_entry *)b)->offset;
    return x < y ? -1 : x > y;
}

/* A local header in the bytes between two entries: right behind the data, or behind the 12 to 24 bytes that repeat the sizes. */
static bool hides_entry(struct ms_bytes gap)
{
    for (size_t at = 0; at <= DESCRIPTOR; at += at ? 4 : 12)
        if (ms_has_at(gap, at, MS_LIT("PK\x03\x04")) && gap.n >= at + 30)
            return true;
    return false;
}

/* Entries are in the order of their places. */
static void look_between(const struct ms_zip *z)
{
    for (size_t i = 0; i < z->n; i++) {
        const struct ms_zip_entry *e = &z->at[i];
        size_t next = i + 1 < z->n ? (size_t)z->at[i + 1].offset : z->directory;
        if (!e->placed || next >= z->b.n)
            continue;
        if (next < e->end)
            ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("entries share bytes"));
        else if (hides_entry(ms_slice(z->b, e->end, next - e->end)))
            ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("an entry that its directory does not mention"));
    }
}

static void look_before(const struct ms_zip *z)
{
    size_t first = z->at[0].placed ? (size_t)z->at[0].offset : 0;
    if (first < 4 || z->directory == z->b.n)
        return;
    if (ms_has_at(z->b, 0, MS_LIT("PK\x03\x04")))
        ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("one archive behind another"));
    else if (!ms_has_at(z->b, 0, MS_LIT("PK")) && !ms_has_at(z->b, 0, MS_LIT("MZ"))) /* those who unpack themselves are programs */
        ms_file_sign(z->f, MS_SIGN_TWO_FORMATS, ms_str(ms_detect_content(ms_head(z->b, first))));
}

static void look_at_sizes(const struct ms_zip *z)
{
    for (size_t i = 0; i < z->n; i++) {
        const struct ms_zip_entry *e = &z->at[i];
        if (e->size > 50 * MIB && e->size / 500 > e->packed)
            ms_file_sign_inner(z->f, MS_SIGN_BOMB, e->name);
    }
}

/* What the end of the archive says of its directory, and whether each entry is where that says. */
static void look_at_directory(const struct ms_zip *z)
{
    bool lost = false;
    for (size_t i = 0; i < z->n; i++)
        lost |= !z->at[i].placed;
    if (z->other_directory)
        ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("two directories"));
    if (*z->f->in->budget && (z->told ^ z->n) & 0xffff)
        ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("its end tells of another number of entries"));
    if (lost)
        ms_file_sign(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, MS_LIT("an entry is not where its directory says"));
}

void ms_zip_look_at_shape(struct ms_zip *z)
{
    bool listed = z->directory < z->b.n; /* else what is known stands in front of the data alone: there is nothing to compare it with */
    look_at_names(z);
    look_at_sizes(z);
    for (size_t i = 0; i < z->n && listed; i++)
        if (z->at[i].placed)
            look_at_entry(z, &z->at[i]);
    if (listed)
        look_at_twins(z);
    qsort(z->at, z->n, sizeof *z->at, by_offset);
    if (listed && !z->f->piece->cut) {
        look_at_directory(z);
        look_between(z);
        look_before(z);
    }
}
