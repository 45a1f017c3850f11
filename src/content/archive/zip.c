/* content/archive/zip.c - ZIP archives, and what is a ZIP archive below: Office documents, OpenDocument, Java programs.
 *
 * BUGS     entries packed by Deflate64, PPMd and methods that are rarer are listed and not opened.                         */
#include "content/archive/zip.h"

#include <zlib.h>

enum { STORED = 0, PEEK = 640 };

/* ---- content of entries -------------------------------------------------------------------------------------- */

static bool unpack(const struct ms_zip *z, unsigned method, struct ms_bytes data, size_t most, struct ms_unpacked *u)
{
    *u = (struct ms_unpacked){ 0 };
    static const struct { unsigned method; enum ms_wrapping wrapping; } packings[] = {
        { 8, MS_RAW_DEFLATE }, { 12, MS_BZIP2 }, { 14, MS_ZIP_LZMA }, { 93, MS_ZSTD }, { 95, MS_XZ },
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
    if (e->link && ms_name_escapes(inner.bytes))
        ms_file_sign_inner(z->f, MS_SIGN_ESCAPING_NAME, e->name);
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
    ms_zip_look_at_shape(z);
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
