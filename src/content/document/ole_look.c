/* content/document/ole_look.c - documents that are compound files: macros, embedded files, dangerous classes, encryption; and messages of Outlook. */
#include "content/document/office.h"

enum { FIELD_BEGIN = 0x13, FIELD_MOST = 512, WORD_MAGIC = 0xa5ec, NAME = 300 };

/* ---- streams ----------------------------------------------------------------------------------------------------- */

static void look_at_native(const struct ms_file *f, struct ms_bytes b) { ms_package_look(f, ms_tail(b, 4)); } /* its size is before it */

static void look_at_package(const struct ms_file *f, struct ms_bytes b)
{
    ms_file_inner(f, &(struct ms_inner){ .name = MS_LIT("Package"), .bytes = b, .around = MS_IN_DOCUMENT, .siblings = 1 });
}

/* Fields of Word: 13h, instruction, 14h; of one or two bytes a character. */
static void look_at_word(const struct ms_file *f, struct ms_bytes b)
{
    char text[FIELD_MOST];
    if (ms_le16_at(b, 0) == WORD_MAGIC && ms_le16_at(b, 10) & 0x100)
        ms_file_sign(f, MS_SIGN_ENCRYPTED_OFFICE, (struct ms_bytes){ NULL, 0 });
    for (size_t at = 0; at < b.n;) {
        at += ms_find(ms_tail(b, at), FIELD_BEGIN) + 1;
        struct ms_bytes rest = ms_slice(b, at, FIELD_MOST);
        bool            wide = ms_at(rest, 0) == 0;
        ms_field_look(f, wide ? ms_utf16_text(ms_tail(rest, 1), false, text, 64) : ms_head(rest, 64));
    }
}

static const struct { const char *name; void (*look)(const struct ms_file *f, struct ms_bytes stream); } streams[] = {
    { "\1Ole10Native", look_at_native }, { "Package", look_at_package }, { "Workbook", ms_biff_look }, { "Book", ms_biff_look },
    { "WordDocument", look_at_word }, { "\1Ole", ms_monikers_look },
};

static void look_at_stream(const struct ms_ole *o, size_t entry)
{
    struct ms_buffer b;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        if (!ms_ole_is(o, entry, streams[i].name))
            continue;
        ms_ole_read(o, entry, &b);
        streams[i].look(o->f, ms_buffer_bytes(&b));
        ms_buffer_finish(&b);
    }
}

/* ---- messages of Outlook (MS-OXMSG) ------------------------------------------------------------------------------ */

static struct ms_bytes property(const struct ms_ole *o, size_t storage, const char *name, struct ms_buffer *out)
{
    size_t entry = ms_ole_find(o, name, storage, 0);
    *out = (struct ms_buffer){ 0 };
    if (entry != MS_OLE_NO_ENTRY)
        ms_ole_read(o, entry, out);
    return ms_buffer_bytes(out);
}

static void look_at_attachment(const struct ms_ole *o, size_t storage)
{
    char             text[NAME];
    struct ms_buffer wide, narrow, data;
    struct ms_inner  inner = { .around = MS_IN_MAIL };
    inner.name = ms_utf16_text(property(o, storage, "__substg1.0_3707001F", &wide), false, text, sizeof text);
    struct ms_bytes plain = property(o, storage, "__substg1.0_3707001E", &narrow);
    if (inner.name.n == 0)
        inner.name = plain;
    inner.bytes = property(o, storage, "__substg1.0_37010102", &data);
    if (inner.name.n || inner.bytes.n)
        ms_file_inner(o->f, &inner);
    ms_buffer_finish(&wide);
    ms_buffer_finish(&narrow);
    ms_buffer_finish(&data);
}

void ms_outlook_look(struct ms_ole *o)
{
    char text[MS_OLE_NAME];
    for (size_t i = 0; i < o->n; i++) {
        if (ms_ole_type(o, i) != MS_OLE_STORAGE || !ms_starts_nocase(ms_ole_name(o, i, text), MS_LIT("__attach_version1.0")))
            continue;
        if (!ms_file_spend(o->f, 16 * o->n)) /* its streams are looked for among all */
            break;
        look_at_attachment(o, i);
    }
}

/* --------------------------------------------------------------------------------------------------------------------- */

/* The directory is damaged: source is still found where its chunks lie. */
static void look_without_directory(const struct ms_file *f)
{
    struct ms_bytes  b = f->piece->bytes;
    struct ms_buffer source;
    const uint8_t   *p = memmem(b.p, b.n, "\0Attribut", 9);
    size_t           at = p ? (size_t)(p - b.p) : 0;
    if (at < 3 || !ms_vba_unpack(ms_tail(b, at - 3), b.n, &source))
        return;
    ms_file_sign(f, MS_SIGN_OFFICE_MACRO, (struct ms_bytes){ NULL, 0 });
    ms_macro_look(f, ms_buffer_bytes(&source));
    ms_buffer_finish(&source);
}

void ms_ole_look(const struct ms_file *f)
{
    struct ms_ole o;
    if (!ms_ole_open(&o, f)) {
        ms_ole_close(&o);
        look_without_directory(f);
        return;
    }
    ms_vba_look(&o);
    for (size_t i = 0; i < o.n; i++) {
        if (ms_ole_type(&o, i) == MS_OLE_STREAM)
            look_at_stream(&o, i);
        else
            ms_object_class_look(f, ms_ole_class(&o, i), false);
    }
    if (ms_ole_find(&o, "EncryptedPackage", MS_OLE_NO_ENTRY, 0) != MS_OLE_NO_ENTRY)
        ms_file_sign(f, MS_SIGN_ENCRYPTED_OFFICE, (struct ms_bytes){ NULL, 0 });
    ms_outlook_look(&o);
    ms_ole_close(&o);
}
