/* content/file.c - attachments: which reader looks into what, and the bounds that all of them keep.
 *
 * The type by content decides, then the name. What is unpacked is looked at like an attachment of its own, `content_depth` deep. Every
 * listed name and every unpacked byte is taken from one budget for each part, so that work is bounded by what the part may cost, however
 * its archives are folded.                                                                                             */
#include "base/text.h"
#include "content/files.h"

enum { FIRST_BYTES = 40 * 1024, /* enough for the mark of ISO 9660, at 32769 */ PATH_BYTES = 480, OUTER_BYTES = 160, LINK_BYTES = 2048 };

/* ---- shared by the readers ----------------------------------------------------------------------------------- */

static size_t put(char *out, size_t at, size_t size, struct ms_bytes text)
{
    uint32_t cp;
    for (size_t i = 0, n; i < text.n && at + 4 <= size; i += n) {
        n = ms_utf8_sequence(ms_tail(text, i), &cp);
        if (n)
            memcpy(out + at, text.p + i, n);
        else
            out[at] = '?';
        n = n ? n : 1;
        at += n;
    }
    return at;
}

static void sign_named(const struct ms_file *f, enum ms_sign_kind kind, struct ms_bytes detail, const char *between)
{
    char            text[2 * MS_SIGN_BYTES];
    struct ms_bytes name = f->piece->name;
    if (name.n > MS_SIGN_BYTES * 2 / 3 && detail.n)
        name = ms_tail(name, name.n - MS_SIGN_BYTES * 2 / 3);
    size_t n = put(text, 0, sizeof text, name);
    if (n && detail.n)
        n = put(text, n, sizeof text, ms_str(between));
    n = put(text, n, sizeof text, detail);
    ms_sign_add(f->in->signs, kind, f->in->part, (struct ms_bytes){ (const uint8_t *)text, n });
}

void ms_file_sign(const struct ms_file *f, enum ms_sign_kind kind, struct ms_bytes detail) { sign_named(f, kind, detail, ": "); }
void ms_file_sign_inner(const struct ms_file *f, enum ms_sign_kind kind, struct ms_bytes name) { sign_named(f, kind, name, "/"); }

bool ms_file_spend(const struct ms_file *f, size_t n)
{
    uint64_t *budget = f->in->budget;
    bool      enough = *budget >= n;
    *budget = enough ? *budget - n : 0;
    return enough;
}

void ms_file_link(const struct ms_file *f, struct ms_bytes url)
{
    char            text[LINK_BYTES];
    struct ms_bytes trimmed = ms_trim(url);
    if (trimmed.n == 0 || trimmed.n > sizeof text - 4)
        return;
    struct ms_url link = { .part = (uint16_t)f->in->part };
    link.url = (struct ms_bytes){ (const uint8_t *)text, put(text, 0, sizeof text, trimmed) };
    ms_link_add(f->in->links, f->in->signs, &link);
}

/* ---- which reader -------------------------------------------------------------------------------------------- */

static bool is_eicar(struct ms_bytes b) /* in two pieces, so that this file is not taken for one */
{
    b = ms_trim(ms_head(b, 256));
    return ms_starts_nocase(b, MS_LIT("X5O!P%@AP[4\\PZX54(P^)7CC)7}$")) && ms_has_at(b, 28, MS_LIT("EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"));
}

void ms_body_look(struct ms_inside *in, const struct ms_piece *piece)
{
    const struct ms_file f = { .in = in, .piece = piece, .around = MS_IN_MAIL };
    if (is_eicar(piece->bytes))
        ms_file_sign(&f, MS_SIGN_EICAR, (struct ms_bytes){ NULL, 0 });
}

/* Web pages that come as parts of the message themselves are read with its text (content.c). */
static void look_at_page(const struct ms_file *f)
{
    enum { FEW = 4 }; /* of a saved web site with all its pages nothing is to be learnt */
    ms_web_archive_look(f);
    if (f->in->depth > 0 && f->siblings <= FEW)
        ms_html_look(f->in, f->piece);
}

/* A message by its name, or declared as one, that was not taken apart with the one around it. What servers report of mail is none. */
static bool is_letter(struct ms_bytes name, struct ms_bytes type)
{
    static const char reports[] = "message/delivery-status|message/global-delivery-status|message/disposition-notification|message/global-disposition-notification|"
                                  "message/feedback-report|message/tracking-status|message/external-body|message/partial";
    bool declared = ms_starts_nocase(type, MS_LIT("message/")) && !ms_is_one_of(type, reports);
    return !ms_mime_opens(type) && (declared || ms_is_one_of(ms_extension_word(name), "eml"));
}

/* Text of other names that only begins like a message is one of a list archive, a patch, a log. */
static void look_at_message(const struct ms_file *f)
{
    enum ms_extension kind = ms_extension_of(f->piece->name);
    if (kind == MS_EXT_WEB || kind == MS_EXT_OFFICE)
        ms_web_archive_look(f);
    else if (is_letter(f->piece->name, f->piece->type) || (kind != MS_EXT_TEXT && !ms_starts_nocase(f->piece->type, MS_LIT("message/"))))
        ms_message_look(f);
}

static const struct { const char *type; void (*look)(const struct ms_file *f); } readers[] = {
    { "application/vnd.microsoft.portable-executable", ms_program_look }, { "application/x-dosexec", ms_program_look },
    { "application/x-elf", ms_program_look }, { "application/x-mach-binary", ms_program_look }, { "application/x-msi", ms_program_look },
    { "application/java-vm", ms_program_look }, { "application/vnd.android.package-archive", ms_program_look },
    { "application/hta", ms_program_look }, { "application/vnd.ms-htmlhelp", ms_program_look }, { "application/winhlp", ms_program_look },
    { "text/html", look_at_page }, { "application/xhtml", look_at_page },
    { "application/x-bat", ms_program_look }, { "text/x-ms-regedit", ms_program_look },
    { "application/vnd.ms-word.document.macro", ms_zip_look }, { "application/vnd.ms-excel.sheet.macro", ms_zip_look },
    { "application/vnd.ms-powerpoint.presentation.macro", ms_zip_look }, { "application/vnd.ms-visio.", ms_zip_look },
    { "application/zip", ms_zip_look }, { "application/java-archive", ms_zip_look }, { "application/epub+zip", ms_zip_look },
    { "application/vnd.openxmlformats-", ms_zip_look }, { "application/vnd.oasis.", ms_zip_look }, { "application/vnd.sun.xml", ms_zip_look },
    { "application/gzip", ms_gzip_look }, { "application/x-xz", ms_compressed_look }, { "application/x-lzip", ms_compressed_look },
    { "application/zstd", ms_compressed_look }, { "application/x-bzip2", ms_compressed_look }, { "application/x-lzma", ms_compressed_look }, { "application/x-tar", ms_tar_look }, { "application/vnd.ms-cab", ms_cab_look },
    { "application/vnd.rar", ms_rar_look }, { "application/x-7z-compressed", ms_7z_look }, { "application/x-iso9660-image", ms_iso_look },
    { "application/x-udf-image", ms_iso_look },
    { "application/x-vhd", ms_disk_look }, { "application/x-raw-disk-image", ms_disk_look }, { "application/x-ace", ms_rare_archive_look }, { "application/x-arj", ms_rare_archive_look },
    { "application/x-lzh", ms_rare_archive_look },
    { "application/msword", ms_ole_look }, { "application/vnd.ms-excel", ms_ole_look }, { "application/vnd.ms-powerpoint", ms_ole_look },
    { "application/x-ole-storage", ms_ole_look }, { "application/vnd.visio", ms_ole_look }, { "application/vnd.ms-outlook", ms_ole_look },
    { "application/encrypted", ms_ole_look }, { "application/x-hwp", ms_ole_look }, { "application/rtf", ms_rtf_look }, { "application/pdf", ms_pdf_look },
    { "application/onenote", ms_onenote_look }, { "application/x-ms-shortcut", ms_lnk_look }, { "application/x-mswinurl", ms_text_shortcut_look },
    { "image/svg+xml", ms_svg_look }, { "image/png", ms_picture_look }, { "image/jpeg", ms_picture_look }, { "image/gif", ms_picture_look }, { "image/bmp", ms_picture_look },
    { "text/calendar", ms_calendar_look }, { "application/ms-tnef", ms_tnef_look },
    { "message/rfc822", look_at_message }, { "application/pkcs7-mime", ms_signed_look },
};

static void (*reader_of(const char *type))(const struct ms_file *f)
{
    for (size_t i = 0; type && i < sizeof readers / sizeof *readers; i++)
        if (ms_starts_nocase(ms_str(type), ms_str(readers[i].type)))
            return readers[i].look;
    return NULL;
}

static bool is_table(const struct ms_file *f)
{
    return ms_is_one_of(ms_extension_word(f->piece->name), "csv|tsv|tab|slk|prn") || ms_is_one_of(f->piece->type, "text/csv|text/tab-separated-values");
}

static void look_at_declared(const struct ms_file *f)
{
    struct ms_bytes none = { NULL, 0 };
    if (ms_equal(f->piece->type, MS_LIT("message/external-body")))
        ms_file_sign(f, MS_SIGN_EXTERNAL_BODY, none);
    if (ms_equal(f->piece->type, MS_LIT("message/partial")))
        ms_file_sign(f, MS_SIGN_PARTIAL_MESSAGE, none);
}

/* A file called an archive that does not begin as one: programs that unpack look for the start behind other bytes, too. */
static void look_for_archive(const struct ms_file *f)
{
    static const struct ms_bytes marks[] = {
        { (const uint8_t *)"Rar!\x1a\7", 6 }, { (const uint8_t *)"7z\xbc\xaf\x27\x1c", 6 }, { (const uint8_t *)"MSCF\0\0\0\0", 8 },
    };
    enum { MOST = 1 << 20 };
    struct ms_bytes b = f->piece->bytes, start = ms_head(b, MOST);
    ms_zip_look(f); /* its directory is at the end */
    for (size_t i = 0; start.n && i < sizeof marks / sizeof *marks; i++) {
        const uint8_t *p = memmem(start.p, start.n, marks[i].p, marks[i].n);
        if (!p)
            continue;
        struct ms_bytes inside = ms_tail(b, (size_t)(p - b.p));
        ms_file_sign(f, MS_SIGN_TWO_FORMATS, ms_str(ms_detect_content(ms_head(inside, FIRST_BYTES))));
        ms_file_inner_slice(f, (struct ms_inner){ .name = ms_base_name(f->piece->name), .bytes = inside, .cut = f->piece->cut, .unwrapped = true,
                                                  .around = MS_IN_ARCHIVE, .siblings = 1 });
        return;
    }
}

/* Text, mostly: what it is, its name tells. */
static void look_by_name(const struct ms_file *f)
{
    enum ms_extension kind = ms_extension_of(f->piece->name);
    if (is_table(f))
        ms_table_look(f);
    else if (kind == MS_EXT_SHORTCUT || kind == MS_EXT_LINK)
        ms_text_shortcut_look(f);
    else if (kind == MS_EXT_SCRIPT || kind == MS_EXT_RISKY || f->around == MS_IN_DOCUMENT)
        ms_script_look(f);
    else if (kind == MS_EXT_WEB || kind == MS_EXT_OFFICE)
        ms_web_archive_look(f);
    else if (f->around == MS_IN_MAIL && kind == MS_EXT_ARCHIVE)
        look_for_archive(f);
}

static void look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    ms_file_name_look(f);
    if (is_eicar(b))
        ms_file_sign(f, MS_SIGN_EICAR, (struct ms_bytes){ NULL, 0 });
    void (*reader)(const struct ms_file *) = reader_of(f->piece->detected);
    if (reader)
        reader(f);
    else
        look_by_name(f);
    if (reader != look_at_message && is_letter(f->piece->name, f->piece->type)) /* what is behind its first fields may be anything */
        ms_message_look(f);
    if (reader && reader != ms_zip_look && f->around == MS_IN_MAIL && ms_is_one_of(ms_extension_word(f->piece->name), "zip|jar|zipx"))
        ms_zip_look(f); /* its directory is at the end: another format may stand before it */
    if (reader == ms_pdf_look && ms_extension_of(f->piece->name) == MS_EXT_OFFICE) /* Word opens the web archive in it */
        ms_web_archive_look(f);
    look_at_declared(f);
}

void ms_file_look(struct ms_inside *in, const struct ms_piece *piece)
{
    struct ms_piece own = *piece;
    struct ms_file  f = { .in = in, .piece = &own, .around = MS_IN_MAIL };
    own.detected = piece->bytes.n ? ms_detect_content(ms_head(piece->bytes, FIRST_BYTES)) : piece->detected;
    look(&f);
}

/* "outer/inner"; of a long inner name the end, where the extension is. */
static size_t path_of(char *out, struct ms_bytes outer, struct ms_bytes inner)
{
    size_t n = 0;
    if (outer.n) {
        n = put(out, 0, PATH_BYTES, outer.n > OUTER_BYTES ? ms_tail(outer, outer.n - OUTER_BYTES) : outer);
        out[n++] = '/';
    }
    size_t room = PATH_BYTES - n;
    return put(out, n, PATH_BYTES + 4, inner.n > room ? ms_tail(inner, inner.n - room) : inner);
}

void ms_file_inner(const struct ms_file *outer, const struct ms_inner *inner)
{
    char             path[PATH_BYTES + 8];
    struct ms_inside in = *outer->in;
    struct ms_piece  piece = { .bytes = inner->bytes, .cut = inner->cut };
    struct ms_file   f = { .in = &in, .piece = &piece, .around = inner->around, .siblings = inner->siblings,
                           .archives = outer->archives + !inner->unwrapped };
    piece.name = (struct ms_bytes){ (const uint8_t *)path, path_of(path, outer->piece->name, inner->name) };
    in.depth++;
    piece.detected = inner->type ? inner->type : ms_detect_content(ms_head(piece.bytes, FIRST_BYTES));
    if (in.depth <= in.limits->content_depth) {
        look(&f);
        return;
    }
    ms_file_name_look(&f);
    ms_file_sign(&f, MS_SIGN_NESTED_DEEP, (struct ms_bytes){ NULL, 0 });
}

void ms_file_inner_slice(const struct ms_file *outer, struct ms_inner inner)
{
    uint64_t left = *outer->in->budget;
    if (inner.bytes.n > left) {
        inner.bytes.n = (size_t)left;
        inner.cut = true;
    }
    ms_file_spend(outer, inner.bytes.n);
    ms_file_inner(outer, &inner);
}

void ms_file_archive(const struct ms_file *f)
{
    if (f->around == MS_IN_ARCHIVE && f->archives >= 2)
        ms_file_sign(f, MS_SIGN_NESTED_ARCHIVE, (struct ms_bytes){ NULL, 0 });
}

/* ---- what is worth keeping ----------------------------------------------------------------------------------- */

static bool type_matters(const char *type)
{
    void (*reader)(const struct ms_file *) = reader_of(type);
    return reader && reader != ms_picture_look;
}

bool ms_file_matters(struct ms_bytes name, struct ms_bytes first)
{
    const char *type = ms_detect_content(ms_head(first, FIRST_BYTES));
    switch (ms_extension_of(name)) {
    case MS_EXT_IMAGE:
    case MS_EXT_SOUND:
    case MS_EXT_NONE: return (type && type_matters(type)) || is_eicar(first);
    case MS_EXT_TEXT: return (type && type_matters(type)) || is_eicar(first) || ms_is_one_of(ms_extension_word(name), "csv|tsv|tab|prn|ics|vcs");
    case MS_EXT_RISKY: return type != NULL; /* plain data: its name says all */
    default: return true;
    }
}

bool ms_file_wants(const struct ms_part *part, struct ms_bytes first)
{
    return ms_file_matters(part->filename, first) || is_letter(part->filename, part->type);
}

bool ms_picture_wants(const struct ms_part *part, struct ms_bytes first)
{
    enum ms_extension kind = ms_extension_of(part->filename);
    return (kind == MS_EXT_IMAGE || kind == MS_EXT_NONE) && reader_of(ms_detect_content(first)) == ms_picture_look;
}
