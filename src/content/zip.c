/* content/zip.c - ZIP archives, and what is a ZIP archive below: Office documents, OpenDocument, Java programs.
 *
 * Beside what is inside: archives that two programs read differently (names that differ between the two places that tell them, entries that
 * share bytes, entries that the directory does not mention, one archive behind another), and those that are built to exhaust who unpacks.
 *
 * BUGS     entries packed by Deflate64, bzip2 and methods that are rarer are listed and not opened.                         */
#include "content/zip.h"

#include <stdlib.h>
#include <zlib.h>

enum { STORED = 0, PEEK = 640, DESCRIPTOR = 24 };
#define MIB (1024u * 1024)

/* ---- content of entries -------------------------------------------------------------------------------------- */

static bool unpack(const struct ms_zip *z, unsigned method, struct ms_bytes data, size_t most, struct ms_unpacked *u)
{
    *u = (struct ms_unpacked){ 0 };
    static const struct { unsigned method; enum ms_wrapping wrapping; } packings[] = {
        { 8, MS_RAW_DEFLATE }, { 14, MS_ZIP_LZMA }, { 93, MS_ZSTD }, { 95, MS_XZ },
    };
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++)
        if (packings[i].method == method) {
            ms_unpack(z->f, data, packings[i].wrapping, most, u);
            return u->out.n > 0 || !u->damaged;
        }
    if (method != STORED)
        return false;
    size_t n = data.n < most ? data.n : most;
    u->cut = n < data.n;
    if (!ms_file_spend(z->f, n))
        return false;
    ms_buffer_append(&u->out, ms_head(data, n));
    return true;
}

bool ms_zip_proves(const struct ms_zip *z, const struct ms_zip_entry *e, struct ms_bytes clear)
{
    struct ms_unpacked u;
    bool               opened = unpack(z, e->method, clear, SIZE_MAX, &u) && !u.damaged;
    uLong              crc = opened && u.out.n ? crc32_z(0, u.out.p, u.out.n) : 0;
    bool               proven = opened && (u.cut || e->data.n < e->packed || (u.out.n == e->size && (uint32_t)crc == e->crc));
    ms_buffer_finish(&u.out);
    return proven;
}

bool ms_zip_open(struct ms_zip *z, const struct ms_zip_entry *e, size_t most, struct ms_unpacked *u)
{
    struct ms_buffer clear = { 0 };
    *u = (struct ms_unpacked){ 0 };
    if (!e->placed)
        return false;
    if (!ms_zip_encrypted(e))
        return unpack(z, e->method, e->data, most, u);
    bool opened = ms_zip_decrypt(z, e, &clear) && unpack(z, e->method, ms_buffer_bytes(&clear), most, u);
    ms_buffer_finish(&clear);
    return opened;
}

/* ---- archives that lie --------------------------------------------------------------------------------------- */

static void look_at_name(const struct ms_zip *z, const struct ms_zip_entry *e)
{
    size_t          at = (size_t)e->offset, n = ms_le16_at(z->b, at + 26);
    struct ms_bytes local = ms_slice(z->b, at + 30, n);
    bool            same = local.n == e->name.n, equal = ms_equal(local, e->name);
    for (size_t i = 0; same && !equal && i < local.n; i++)
        same = local.p[i] == e->name.p[i] || (local.p[i] == '\\' && e->name.p[i] == '/') || (local.p[i] == '/' && e->name.p[i] == '\\');
    if (!same && local.n == n)
        ms_file_sign_inner(z->f, MS_SIGN_AMBIGUOUS_ARCHIVE, e->name);
    if (ms_name_escapes(e->name))
        ms_file_sign_inner(z->f, MS_SIGN_ESCAPING_NAME, e->name);
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

static void look_at_shape(struct ms_zip *z)
{
    bool whole = !z->f->piece->cut && z->directory < z->b.n;
    for (size_t i = 0; i < z->n; i++)
        if (z->at[i].placed)
            look_at_name(z, &z->at[i]);
    look_at_sizes(z);
    qsort(z->at, z->n, sizeof *z->at, by_offset);
    if (whole) {
        look_between(z);
        look_before(z);
    }
}

/* ---- what is inside ------------------------------------------------------------------------------------------ */

void ms_zip_look_into(struct ms_zip *z, const struct ms_zip_entry *e, enum ms_around around)
{
    struct ms_unpacked u;
    struct ms_inner    inner = { .name = e->name, .around = (uint8_t)around, .siblings = z->files };
    bool               opened = ms_zip_open(z, e, PEEK, &u);
    if (opened && u.cut && ms_file_matters(e->name, ms_buffer_bytes(&u.out))) {
        ms_buffer_finish(&u.out);
        opened = ms_zip_open(z, e, SIZE_MAX, &u);
    }
    inner.bytes = ms_buffer_bytes(&u.out);
    inner.cut = u.cut;
    ms_file_inner(z->f, &inner);
    ms_buffer_finish(&u.out);
}

static void look_at_encryption(struct ms_zip *z)
{
    const struct ms_zip_entry *smallest = NULL; /* the cheapest one to prove a password on */
    for (size_t i = 0; i < z->n; i++)
        if (ms_zip_encrypted(&z->at[i]) && z->at[i].size && (!smallest || z->at[i].data.n < smallest->data.n))
            smallest = &z->at[i];
    if (!smallest)
        return;
    struct ms_buffer clear = { 0 };
    if (ms_zip_decrypt(z, smallest, &clear))
        ms_file_sign(z->f, MS_SIGN_PASSWORD_GIVEN, z->password);
    else
        ms_file_sign_inner(z->f, MS_SIGN_ENCRYPTED_ARCHIVE, smallest->name);
    ms_buffer_finish(&clear);
}

static void look_at_archive(struct ms_zip *z)
{
    ms_file_archive(z->f);
    look_at_encryption(z);
    for (size_t i = 0; i < z->n; i++)
        if (ms_base_name(z->at[i].name).n && ms_file_spend(z->f, 256))
            ms_zip_look_into(z, &z->at[i], MS_IN_ARCHIVE);
}

static bool is_java(const struct ms_zip *z)
{
    bool classes = false;
    for (size_t i = 0; i < z->n && !classes; i++)
        classes = ms_equal_nocase(ms_extension_word(z->at[i].name), MS_LIT("class"));
    return classes && ms_zip_find(z, "META-INF/MANIFEST.MF");
}

static void look_at_entries(struct ms_zip *z)
{
    look_at_shape(z);
    if (ms_zip_find(z, "[Content_Types].xml") || ms_zip_find(z, "mimetype"))
        ms_ooxml_look(z);
    else if (is_java(z))
        ms_file_sign(z->f, MS_SIGN_PROGRAM, MS_LIT("a program for Java"));
    else
        look_at_archive(z);
}

void ms_zip_look(const struct ms_file *f)
{
    struct ms_zip z = { .f = f, .b = f->piece->bytes };
    if (ms_zip_list(&z))
        look_at_entries(&z);
    ms_free(z.at);
}
