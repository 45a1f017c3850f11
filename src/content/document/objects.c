/* content/document/objects.c - objects inside documents. */
#include "content/document/office.h"

enum class_kind { EXPLOIT, OLD, LINK };
struct class_row { uint8_t id[16]; enum class_kind kind; const char *name; };

/* Classes by the names that Windows registers; the advisories name which of them were attacked. */
static const struct class_row classes[] = {
    { { 0x02, 0xce, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46 }, OLD, "Equation.3 (CVE-2017-11882)" },
    { { 0x03, 0xce, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46 }, OLD, "Equation.2" },
    { { 0x00, 0x03, 0x00, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46 }, LINK, "StdOleLink (CVE-2017-0199)" },
    { { 0x4b, 0xf0, 0xd1, 0xbd, 0x8b, 0x85, 0xd1, 0x11, 0xb1, 0x6a, 0, 0xc0, 0xf0, 0x28, 0x36, 0x28 }, EXPLOIT, "ListViewCtrl (CVE-2012-0158)" },
    { { 0xb6, 0x90, 0x41, 0xc7, 0x89, 0x85, 0xd1, 0x11, 0xb1, 0x6a, 0, 0xc0, 0xf0, 0x28, 0x36, 0x28 }, EXPLOIT, "TreeViewCtrl (CVE-2012-0158)" },
    { { 0xd3, 0x4b, 0x29, 0x06, 0xaa, 0x48, 0xd2, 0x11, 0x84, 0x32, 0, 0x60, 0x08, 0xc3, 0xfb, 0xfc }, EXPLOIT, "script moniker (CVE-2017-8570)" },
    { { 0xf2, 0xb0, 0xec, 0xec, 0x95, 0x7b, 0xd1, 0x11, 0x81, 0x2f, 0, 0, 0xf8, 0x75, 0xae, 0xe1 }, EXPLOIT, "SOAP moniker (CVE-2017-8759)" },
    { { 0x61, 0xf9, 0x56, 0x88, 0x0a, 0x34, 0xd0, 0x11, 0xa9, 0x6b, 0, 0xc0, 0x4f, 0xd7, 0x05, 0xa2 }, EXPLOIT, "Shell.Explorer" },
    { { 0x6e, 0xdb, 0x7c, 0xd2, 0x6d, 0xae, 0xcf, 0x11, 0x96, 0xb8, 0x44, 0x45, 0x53, 0x54, 0, 0 }, EXPLOIT, "ShockwaveFlash" },
    { { 0x20, 0x69, 0x33, 0x25, 0xf9, 0x03, 0xcf, 0x11, 0x8f, 0xd0, 0, 0xaa, 0, 0x68, 0x6f, 0x13 }, EXPLOIT, "htmlfile (CVE-2021-40444)" },
    { { 0xd8, 0xf4, 0x50, 0x30, 0xb5, 0x98, 0xcf, 0x11, 0xbb, 0x82, 0, 0xaa, 0, 0xbd, 0xce, 0x0b }, EXPLOIT, "htafile" },
};
static const struct ms_bytes url_moniker = { (const uint8_t *)"\xe0\xc9\xea\x79\xf9\xba\xce\x11\x8c\x82\x00\xaa\x00\x4b\xa9\x0b", 16 };

static const struct class_row *find_class(struct ms_bytes class)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (class.n == 16 && memcmp(class.p, classes[i].id, 16) == 0)
            return &classes[i];
    return NULL;
}

void ms_object_class_look(const struct ms_file *f, struct ms_bytes class, bool rich)
{
    const struct class_row *row = find_class(class);
    if (row && (row->kind != LINK || rich))
        ms_file_sign(f, row->kind == OLD && !rich ? MS_SIGN_OLD_OBJECT : MS_SIGN_EXPLOIT_OBJECT, ms_str(row->name));
}

void ms_object_classes_look(const struct ms_file *f, struct ms_bytes bytes)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
        if (bytes.n >= 16 && memmem(bytes.p, bytes.n, classes[i].id, 16))
            ms_object_class_look(f, (struct ms_bytes){ classes[i].id, 16 }, true);
}

/* ---- packages --------------------------------------------------------------------------------------------------- */

static struct ms_bytes take_string(struct ms_cur *c)
{
    size_t          n = ms_find(c->rest, 0);
    struct ms_bytes text = ms_take(c, n);
    ms_take(c, 1);
    return text;
}

static uint32_t take_le32(struct ms_cur *c)
{
    struct ms_bytes b = ms_take(c, 4);
    return b.n ? ms_le32(b.p) : 0;
}

void ms_package_look(const struct ms_file *f, struct ms_bytes native)
{
    struct ms_cur c = { native, false };
    ms_take(&c, 2);
    struct ms_inner inner = { .name = take_string(&c), .around = MS_IN_DOCUMENT, .siblings = 1 };
    struct ms_bytes path = take_string(&c);
    ms_take(&c, 4);
    ms_take(&c, take_le32(&c)); /* where it is unpacked to */
    uint32_t n = take_le32(&c);
    if (c.bad)
        return;
    inner.bytes = ms_head(c.rest, n);
    inner.cut = inner.bytes.n < n;
    if (ms_extension_of(inner.name) == MS_EXT_NONE || ms_extension_of(path) == MS_EXT_PROGRAM || ms_extension_of(path) == MS_EXT_SCRIPT)
        inner.name = ms_base_name(path).n ? ms_base_name(path) : inner.name; /* the label is what people see, the path is what runs */
    ms_file_inner_slice(f, inner);
}

/* ---- objects of RTF --------------------------------------------------------------------------------------------- */

static struct ms_bytes take_counted(struct ms_cur *c)
{
    struct ms_bytes b = ms_take(c, take_le32(c));
    return ms_head(b, ms_find(b, 0));
}

static void look_at_data(const struct ms_file *f, struct ms_bytes class, struct ms_bytes data)
{
    struct ms_inner inner = { .name = class, .bytes = data, .around = MS_IN_DOCUMENT, .siblings = 1 };
    if (ms_equal_nocase(class, MS_LIT("Package")))
        ms_package_look(f, data);
    else
        ms_file_inner_slice(f, inner);
}

void ms_old_object_look(const struct ms_file *f, struct ms_bytes object)
{
    struct ms_cur c = { object, false };
    take_le32(&c); /* version: Word takes any */
    uint32_t        format = take_le32(&c);
    struct ms_bytes class = take_counted(&c);
    if (!c.bad && ms_starts_nocase(class, MS_LIT("equation")))
        ms_file_sign(f, MS_SIGN_EXPLOIT_OBJECT, class);
    if (!c.bad && ms_equal_nocase(class, MS_LIT("OLE2Link")))
        ms_file_sign(f, MS_SIGN_EXPLOIT_OBJECT, class);
    take_counted(&c); /* topic, item */
    take_counted(&c);
    uint32_t        n = take_le32(&c);
    struct ms_bytes data = ms_head(c.rest, n);
    ms_object_classes_look(f, object);
    ms_monikers_look(f, object);
    if (!c.bad && format == 2)
        look_at_data(f, class, data);
}

/* ---- links ------------------------------------------------------------------------------------------------------ */

void ms_monikers_look(const struct ms_file *f, struct ms_bytes stream)
{
    char           text[1024];
    const uint8_t *p = stream.n >= 16 ? memmem(stream.p, stream.n, url_moniker.p, url_moniker.n) : NULL;
    if (!p)
        return;
    struct ms_bytes rest = ms_tail(stream, (size_t)(p - stream.p) + 16 + 4); /* length, then UTF-16 */
    struct ms_bytes url = ms_utf16_text(rest, false, text, sizeof text);
    ms_file_link(f, url);
    ms_file_sign(f, MS_SIGN_REMOTE_OBJECT, url);
}
