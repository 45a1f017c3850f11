/* content/file_name.c - what the name of a file says, and whether name, declared type and content agree.
 *
 * Names that lie: a known end behind another known end ("invoice.pdf.exe"), marks that turn the direction of writing, blanks that push the
 * end out of sight. Types that lie: only where one of them is dangerous to believe; a PNG called .jpg is no news.
 *
 * BUGS     the marks that right-to-left names need (U+200E, U+200F, U+202A, U+2066, U+2068) are let through.                  */
#include "base/text.h"
#include "content/files.h"

enum { BLANKS = 10 }; /* in a row: more than anybody types */

static const struct { char word[20]; uint8_t kind; } extensions[] = {
#define X(word, kind) { word, MS_EXT_##kind },
#include "content/extensions.def"
#undef X
};

struct ms_bytes ms_base_name(struct ms_bytes path)
{
    size_t start = path.n;
    while (start > 0 && path.p[start - 1] != '/' && path.p[start - 1] != '\\')
        start--;
    return ms_tail(path, start);
}

/* Of a code point that nobody sees: zero-width ones and directions. */
static bool is_invisible(uint32_t cp)
{
    return (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || cp == 0xad;
}

static bool is_blank_mark(uint32_t cp) /* shown as nothing, or as a blank */
{
    return cp == ' ' || cp == '\t' || cp == 0xa0 || (cp >= 0x2000 && cp <= 0x200a) || cp == 0x202f || cp == 0x205f || cp == 0x2800
        || cp == 0x3000 || cp == 0x3164 || cp == 0x115f || cp == 0x1160 || cp == 0xffa0;
}

/* The name without what desktops drop from its end: blanks, dots, invisible marks, NTFS streams, quotes. */
static struct ms_bytes without_tail(struct ms_bytes name)
{
    static const struct ms_bytes stream = { (const uint8_t *)"::$data", 7 };
    if (name.n > stream.n && ms_equal_nocase(ms_tail(name, name.n - stream.n), stream))
        name.n -= stream.n;
    for (size_t n = name.n, start; n > 0; n = start) {
        uint32_t cp = 0;
        start = n - 1;
        while (start > 0 && n - start < 4 && (name.p[start] & 0xc0) == 0x80)
            start--;
        if (ms_utf8_sequence(ms_slice(name, start, n - start), &cp) != n - start)
            break;
        if (cp != '.' && cp != '"' && cp != '\'' && !is_invisible(cp) && !is_blank_mark(cp))
            break;
        name.n = start;
    }
    return name;
}

/* Splits off what stands behind the last dot. */
static struct ms_bytes take_extension(struct ms_bytes *name)
{
    size_t dot = name->n;
    while (dot > 0 && name->n - dot < 24 && name->p[dot - 1] != '.')
        dot--;
    if (dot == 0 || name->p[dot - 1] != '.')
        return (struct ms_bytes){ NULL, 0 };
    struct ms_bytes word = ms_tail(*name, dot);
    name->n = dot - 1;
    return word;
}

struct ms_bytes ms_extension_word(struct ms_bytes name)
{
    struct ms_bytes rest = without_tail(ms_base_name(name));
    return take_extension(&rest);
}

static enum ms_extension kind_of_word(struct ms_bytes word)
{
    for (size_t i = 0; word.n && i < sizeof extensions / sizeof *extensions; i++)
        if (ms_lower(word.p[0]) == (uint8_t)extensions[i].word[0] && ms_equal_nocase(word, ms_str(extensions[i].word)))
            return (enum ms_extension)extensions[i].kind;
    return MS_EXT_NONE;
}

enum ms_extension ms_extension_of(struct ms_bytes name) { return kind_of_word(ms_extension_word(name)); }

/* ---- names that lie ------------------------------------------------------------------------------------------ */

static bool is_document(enum ms_extension kind)
{
    return kind == MS_EXT_PDF || kind == MS_EXT_OFFICE || kind == MS_EXT_OFFICE_XML || kind == MS_EXT_MACRO;
}

static bool is_decoy(enum ms_extension kind)
{
    return is_document(kind) || kind == MS_EXT_TEXT || kind == MS_EXT_IMAGE || kind == MS_EXT_SOUND || kind == MS_EXT_ARCHIVE || kind == MS_EXT_WEB;
}

static bool is_double(struct ms_bytes name)
{
    struct ms_bytes   rest = without_tail(ms_base_name(name));
    enum ms_extension last = kind_of_word(take_extension(&rest));
    rest = without_tail(rest);
    enum ms_extension before = kind_of_word(take_extension(&rest));
    if (rest.n == 0)
        return false;
    if (last == MS_EXT_PROGRAM || last == MS_EXT_SCRIPT || last == MS_EXT_SHORTCUT || last == MS_EXT_LINK)
        return is_decoy(before);
    return last == MS_EXT_WEB && is_document(before);
}

struct odd_name { bool turned, padded; };

/* Turned: an override, or an embedding from right to left. Padded: many blanks, or any that only look like nothing. */
static struct odd_name odd_marks(struct ms_bytes name)
{
    struct odd_name odd = { false, false };
    size_t          blanks = 0;
    uint32_t        cp;
    for (size_t i = 0, n; i < name.n; i += n) {
        cp = name.p[i];
        n = ms_utf8_sequence(ms_tail(name, i), &cp);
        n = n ? n : 1;
        odd.turned |= cp == 0x202e || cp == 0x202d || cp == 0x202b || cp == 0x2067;
        odd.padded |= cp == 0x2800 || cp == 0x3164 || cp == 0x115f || cp == 0x1160 || cp == 0xffa0;
        blanks = is_blank_mark(cp) || cp == '_' ? blanks + 1 : 0;
        odd.padded |= blanks >= BLANKS && cp != '_' && i + n < name.n;
    }
    return odd;
}

/* ---- what it is called --------------------------------------------------------------------------------------- */

static bool in_archive_of_few(const struct ms_file *f) { return f->around != MS_IN_ARCHIVE || f->siblings <= 4; }

static void look_at_archived(const struct ms_file *f, enum ms_extension kind)
{
    struct ms_bytes none = { NULL, 0 };
    if (kind == MS_EXT_PROGRAM || kind == MS_EXT_SCRIPT) {
        bool few = in_archive_of_few(f) || kind == MS_EXT_PROGRAM;
        ms_file_sign(f, few ? MS_SIGN_ARCHIVED_PROGRAM : MS_SIGN_ARCHIVED_SCRIPTS, none);
        if (f->siblings == 1)
            ms_file_sign(f, MS_SIGN_ARCHIVED_ALONE, none);
    }
    if (kind == MS_EXT_RISKY)
        ms_file_sign(f, MS_SIGN_ARCHIVED_SCRIPTS, none);
}

static void look_at_kind(const struct ms_file *f, enum ms_extension kind)
{
    struct ms_bytes none = { NULL, 0 };
    bool starts = kind == MS_EXT_PROGRAM || kind == MS_EXT_SCRIPT || kind == MS_EXT_SHORTCUT;
    if (f->around == MS_IN_DOCUMENT) {
        if (starts)
            ms_file_sign(f, MS_SIGN_EMBEDDED_PROGRAM, none);
        return;
    }
    if (f->around == MS_IN_ARCHIVE)
        look_at_archived(f, kind);
    else if (kind == MS_EXT_PROGRAM)
        ms_file_sign(f, MS_SIGN_PROGRAM_NAME, none);
    else if (kind == MS_EXT_SCRIPT)
        ms_file_sign(f, MS_SIGN_SCRIPT_NAME, none);
    else if (kind == MS_EXT_RISKY)
        ms_file_sign(f, MS_SIGN_RISKY_NAME, none);
    if (kind == MS_EXT_SHORTCUT && in_archive_of_few(f))
        ms_file_sign(f, MS_SIGN_SHORTCUT_NAME, none);
    if (kind == MS_EXT_LINK)
        ms_file_sign(f, MS_SIGN_LINK_FILE, none);
    if (kind == MS_EXT_DISK)
        ms_file_sign(f, MS_SIGN_DISK_IMAGE, none);
    if (kind == MS_EXT_WEB && f->around == MS_IN_MAIL)
        ms_file_sign(f, MS_SIGN_WEB_FILE, none);
}

/* ---- types that lie ------------------------------------------------------------------------------------------ */

enum class { OTHER, PDF, ZIP, ARCHIVE, OFFICE, WEB, SCRIPT, PROGRAM, SHORTCUT, IMAGE, SOUND };
#define BIT(c) (1u << (c))

static enum class class_of_type(struct ms_bytes type)
{
    static const struct { const char *start; enum class class; } rows[] = {
        { "application/pdf", PDF }, { "application/zip", ZIP }, { "application/x-zip", ZIP }, { "application/x-7z", ARCHIVE },
        { "application/vnd.rar", ARCHIVE }, { "application/x-rar", ARCHIVE }, { "application/gzip", ARCHIVE }, { "application/x-ace", ARCHIVE },
        { "application/x-xz", ARCHIVE }, { "application/x-bzip2", ARCHIVE }, { "application/x-lzma", ARCHIVE }, { "application/x-tar", ARCHIVE }, { "application/x-arj", ARCHIVE },
        { "application/vnd.ms-cab", ARCHIVE }, { "application/x-iso9660", ARCHIVE }, { "application/x-lzh", ARCHIVE }, { "application/zstd", ARCHIVE },
        { "application/x-vhd", ARCHIVE }, { "application/x-udf", ARCHIVE }, { "application/x-raw-disk", ARCHIVE },
        { "application/msword", OFFICE }, { "application/vnd.ms-", OFFICE }, { "application/x-ole", OFFICE },
        { "application/vnd.openxml", OFFICE }, { "application/rtf", OFFICE }, { "application/onenote", OFFICE }, { "text/html", WEB },
        { "application/xhtml", WEB }, { "image/svg", WEB }, { "text/x-", SCRIPT }, { "text/javascript", SCRIPT }, { "application/x-bat", SCRIPT },
        { "application/vnd.microsoft.portable", PROGRAM }, { "application/x-dosexec", PROGRAM }, { "application/x-msdownload", PROGRAM },
        { "application/x-elf", PROGRAM }, { "application/x-mach", PROGRAM }, { "application/x-msi", PROGRAM }, { "application/hta", PROGRAM },
        { "application/x-ms-shortcut", SHORTCUT }, { "application/x-mswinurl", SHORTCUT }, { "image/", IMAGE }, { "audio/", SOUND },
        { "video/", SOUND },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (ms_starts_nocase(type, ms_str(rows[i].start)))
            return rows[i].class;
    return OTHER;
}

/* What a file of that name must not be. */
static unsigned strange_for(enum ms_extension kind)
{
    const unsigned harmful = BIT(PROGRAM) | BIT(SHORTCUT);
    switch (kind) {
    case MS_EXT_PDF: return harmful | BIT(WEB) | BIT(SCRIPT) | BIT(ARCHIVE) | BIT(ZIP) | BIT(OFFICE);
    case MS_EXT_IMAGE:
    case MS_EXT_SOUND: return harmful | BIT(WEB) | BIT(SCRIPT) | BIT(ARCHIVE) | BIT(ZIP) | BIT(OFFICE) | BIT(PDF);
    case MS_EXT_OFFICE:
    case MS_EXT_OFFICE_XML:
    case MS_EXT_MACRO: return harmful | BIT(ARCHIVE) | BIT(SCRIPT);
    case MS_EXT_WEB: return harmful | BIT(ARCHIVE) | BIT(ZIP);
    case MS_EXT_TEXT: return harmful | BIT(ARCHIVE) | BIT(ZIP) | BIT(PDF);
    case MS_EXT_ARCHIVE:
    case MS_EXT_NONE: return harmful;
    default: return 0;
    }
}

/* "x.zip" that is another kind of archive: programs that unpack look at the content, filters at the name. */
static bool is_misnamed_archive(struct ms_bytes name, struct ms_bytes detected)
{
    static const struct { const char *words, *types; } rows[] = {
        { "zip|zipx", "application/x-7z-compressed|application/vnd.rar|application/x-ace-compressed|application/x-arj|application/vnd.ms-cab-compressed"
          "|application/x-iso9660-image|application/x-tar|application/gzip|application/x-xz|application/x-bzip2|application/x-lzh-compressed"
          "|application/x-lzip|application/zstd" },
        { "rar|7z|ace|arj|lzh|cab|r00", "application/zip|application/x-iso9660-image|application/gzip|application/x-tar|application/x-xz" },
        { "7z|ace|arj|lzh|cab|gz|tgz|tar|xz|bz2|z", "application/vnd.rar" },
        { "rar|7z|arj|lzh|cab|gz|tgz|tar|xz|bz2|z", "application/x-ace-compressed" },
        { "rar|7z|ace|lzh|cab|gz|tgz|tar|xz|bz2|z", "application/x-arj" },
        { "rar|ace|arj|lzh|gz|tgz|tar|z|r00", "application/x-7z-compressed|application/vnd.ms-cab-compressed|application/x-iso9660-image" },
        { "zip|zipx|rar|7z|ace|arj|lzh|cab|gz|tgz|tar|z|r00", "application/x-udf-image|application/x-raw-disk-image|application/x-vhd|application/x-vhdx" },
    };
    struct ms_bytes word = ms_extension_word(name);
    for (size_t i = 0; word.n && i < sizeof rows / sizeof *rows; i++)
        if (ms_is_one_of(word, rows[i].words) && ms_is_one_of(detected, rows[i].types))
            return true;
    return false;
}

static void look_at_types(const struct ms_file *f, enum ms_extension kind)
{
    struct ms_bytes detected = ms_str(f->piece->detected), declared = f->piece->type;
    enum class      is = class_of_type(detected), said = class_of_type(declared);
    if (!detected.n)
        return;
    if (strange_for(kind) & BIT(is)) {
        bool disguised = is == PROGRAM || is == SHORTCUT;
        ms_file_sign(f, disguised && kind != MS_EXT_NONE ? MS_SIGN_DISGUISED_PROGRAM : MS_SIGN_TYPE_MISMATCH, detected);
        return;
    }
    if (is_misnamed_archive(f->piece->name, detected))
        ms_file_sign(f, MS_SIGN_MISNAMED_ARCHIVE, detected);
    bool lies = said == IMAGE || said == SOUND || said == PDF;
    if (lies && is != said && (BIT(is) & (BIT(PROGRAM) | BIT(SHORTCUT) | BIT(SCRIPT) | BIT(WEB) | BIT(ARCHIVE))) && declared.n)
        ms_file_sign(f, is == PROGRAM || is == SHORTCUT ? MS_SIGN_DISGUISED_PROGRAM : MS_SIGN_TYPE_MISMATCH, detected);
}

void ms_file_name_look(const struct ms_file *f)
{
    struct ms_bytes   name = f->piece->name;
    enum ms_extension kind = ms_extension_of(name);
    if (name.n) {
        struct odd_name odd = odd_marks(ms_base_name(name));
        look_at_kind(f, kind);
        if (is_double(name))
            ms_file_sign(f, MS_SIGN_DOUBLE_EXTENSION, (struct ms_bytes){ NULL, 0 });
        if (odd.turned)
            ms_file_sign(f, MS_SIGN_TURNED_NAME, (struct ms_bytes){ NULL, 0 });
        if (odd.padded)
            ms_file_sign(f, MS_SIGN_PADDED_NAME, (struct ms_bytes){ NULL, 0 });
    }
    look_at_types(f, kind);
}
