/* mail/detect.c - what a part is, by its first bytes, whatever its name and declared type say.
 *
 * Fixed bytes at fixed places are rows of content_types.def; here are the containers that need a look inside, and text.
 *
 * BUGS     sees the start only: a ZIP or OLE2 file whose telling entries come later is named by its container. Text in other
 *          charsets than UTF-8, UTF-16 and those close to Latin-1 is unknown.                                            */
#include "base/text.h"
#include "mail/mime.h"

struct magic { size_t at; struct ms_bytes bytes; const char *type; };

static bool has_at(struct ms_bytes b, size_t at, struct ms_bytes magic)
{
    return ms_equal(ms_slice(b, at, magic.n), magic);
}

static bool contains(struct ms_bytes b, struct ms_bytes what)
{
    return b.n >= what.n && memmem(b.p, b.n, what.p, what.n) != NULL;
}

/* ---- containers ---------------------------------------------------------------------------------------------- */

/* The entries that tell what a ZIP file is, by the start of their name; of several rows the latest counts. */
static const struct { struct ms_bytes start; const char *type; } zip_entries[] = {
#define ROW(start, type) { { (const uint8_t *)(start), sizeof(start) - 1 }, type },
    ROW("", "application/zip")
    ROW("META-INF/", "application/java-archive")
    ROW("[Content_Types].xml", "application/vnd.openxmlformats-officedocument")
    ROW("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    ROW("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    ROW("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation")
    ROW("visio/", "application/vnd.ms-visio.drawing")
    ROW("AndroidManifest.xml", "application/vnd.android.package-archive")
    ROW("classes.dex", "application/vnd.android.package-archive")
    ROW("word/vbaProject.bin", "application/vnd.ms-word.document.macroenabled.12")
    ROW("xl/vbaProject.bin", "application/vnd.ms-excel.sheet.macroenabled.12")
    ROW("ppt/vbaProject.bin", "application/vnd.ms-powerpoint.presentation.macroenabled.12")
#undef ROW
};

static size_t zip_entry_row(struct ms_bytes name)
{
    size_t row = sizeof zip_entries / sizeof *zip_entries - 1;
    while (!ms_starts_nocase(name, zip_entries[row].start))
        row--;
    return row;
}

/* The content of a stored "mimetype" entry, when it is one of those we know (ODF, EPUB). */
static const char *zip_mimetype(struct ms_bytes content)
{
    static const char *const types[] = {
        "application/epub+zip",
        "application/vnd.oasis.opendocument.text-template", "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.spreadsheet", "application/vnd.oasis.opendocument.presentation",
        "application/vnd.oasis.opendocument.graphics", "application/vnd.oasis.opendocument.formula",
        "application/vnd.oasis.opendocument.database", "application/vnd.sun.xml.writer", "application/vnd.sun.xml.calc",
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (ms_starts_nocase(content, ms_str(types[i])))
            return types[i];
    return NULL;
}

static const char *detect_zip(struct ms_bytes b)
{
    size_t best = 0;
    if (!has_at(b, 0, MS_LIT("PK\x03\x04")))
        return has_at(b, 0, MS_LIT("PK\x05\x06")) ? "application/zip" : NULL;
    for (size_t at = 0; at + 30 < b.n;) { /* local file headers (APPNOTE 4.3.7) */
        size_t          name_n = ms_le16(b.p + at + 26), extra_n = ms_le16(b.p + at + 28);
        struct ms_bytes name = ms_slice(b, at + 30, name_n), rest = ms_tail(b, at + 4);
        const char     *stored = ms_equal(name, MS_LIT("mimetype")) ? zip_mimetype(ms_tail(b, at + 30 + name_n + extra_n)) : NULL;
        if (at == 0 && stored)
            return stored;
        size_t         row = zip_entry_row(name);
        const uint8_t *next = memmem(rest.p, rest.n, "PK\x03\x04", 4);
        best = row > best ? row : best;
        at = next ? (size_t)(next - b.p) : b.n;
    }
    return zip_entries[best].type;
}

/* Streams of an OLE2 file, by their UTF-16 names in the directory. */
static const char *detect_ole2(struct ms_bytes b)
{
    static const struct { struct ms_bytes name; const char *type; } rows[] = {
#define ROW(name, type) { { (const uint8_t *)(name), sizeof(name) - 1 }, type }
        ROW("\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-msi"), /* class of the root */
        ROW("W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0", "application/msword"),
        ROW("W\0o\0r\0k\0b\0o\0o\0k\0", "application/vnd.ms-excel"),
        ROW("B\0o\0o\0k\0\0\0", "application/vnd.ms-excel"),
        ROW("P\0o\0w\0e\0r\0P\0o\0i\0n\0t\0 \0D\0o\0c\0", "application/vnd.ms-powerpoint"),
        ROW("V\0i\0s\0i\0o\0D\0o\0c\0", "application/vnd.visio"),
        ROW("_\0_\0s\0u\0b\0s\0t\0g\0001\0.\0", "application/vnd.ms-outlook"),
        ROW("_\0_\0p\0r\0o\0p\0e\0r\0t\0i\0e\0s\0_\0", "application/vnd.ms-outlook"),
        ROW("H\0w\0p\0S\0u\0m\0m\0a\0r\0y\0", "application/x-hwp"),
        ROW("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0", "application/encrypted"),
#undef ROW
    };
    if (!has_at(b, 0, MS_LIT("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")))
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (contains(b, rows[i].name))
            return rows[i].type;
    return "application/x-ole-storage";
}

static const char *detect_iso_media(struct ms_bytes b)
{
    static const struct { const char *brand, *type; } brands[] = {
        { "qt  ", "video/quicktime" }, { "M4A ", "audio/mp4" }, { "M4B ", "audio/mp4" }, { "heic", "image/heic" },
        { "heix", "image/heic" }, { "mif1", "image/heif" }, { "avif", "image/avif" }, { "3gp", "video/3gpp" }, { "", "video/mp4" },
    };
    if (has_at(b, 4, MS_LIT("moov")) || has_at(b, 4, MS_LIT("mdat")) || has_at(b, 4, MS_LIT("wide")))
        return b.p[0] == 0 ? "video/quicktime" : NULL;
    if (!has_at(b, 4, MS_LIT("ftyp")) || b.p[0] != 0)
        return NULL;
    size_t i = 0;
    while (!has_at(b, 8, ms_str(brands[i].brand)))
        i++;
    return brands[i].type;
}

static const char *detect_riff(struct ms_bytes b)
{
    if (has_at(b, 0, MS_LIT("FORM")) && (has_at(b, 8, MS_LIT("AIFF")) || has_at(b, 8, MS_LIT("AIFC"))))
        return "audio/aiff";
    if (!has_at(b, 0, MS_LIT("RIFF")))
        return NULL;
    return has_at(b, 8, MS_LIT("WEBP")) ? "image/webp" : has_at(b, 8, MS_LIT("WAVE")) ? "audio/wav"
         : has_at(b, 8, MS_LIT("AVI ")) ? "video/x-msvideo" : NULL;
}

static const char *detect_matroska(struct ms_bytes b)
{
    if (!has_at(b, 0, MS_LIT("\x1a\x45\xdf\xa3")))
        return NULL;
    return contains(ms_head(b, 64), MS_LIT("webm")) ? "video/webm" : "video/x-matroska";
}

/* Java classes and fat Mach-O files start alike: a class has its version there (45 and up), Mach-O the number of its parts. */
static const char *detect_cafebabe(struct ms_bytes b)
{
    if (b.n < 8 || !has_at(b, 0, MS_LIT("\xca\xfe\xba\xbe")))
        return NULL;
    return ms_be32(b.p + 4) < 40 ? "application/x-mach-binary" : "application/java-vm";
}

static const char *detect_pcapng(struct ms_bytes b)
{
    bool order = has_at(b, 8, MS_LIT("\x1a\x2b\x3c\x4d")) || has_at(b, 8, MS_LIT("\x4d\x3c\x2b\x1a"));
    return order && has_at(b, 0, MS_LIT("\n\r\r\n")) ? "application/x-pcapng" : NULL;
}

/* Of an ASN.1 value: where its content begins, behind a length of any size. */
static size_t asn1_content(struct ms_bytes b, size_t at) { return at + 2 + (ms_at(b, at + 1) > 0x80 ? ms_at(b, at + 1) & 0x7fu : 0); }

/* ASN.1 ContentInfo of PKCS #7 (RFC 2315), definite or indefinite length; and X.509 certificates. */
static const char *detect_asn1(struct ms_bytes b)
{
    if (ms_at(b, 0) != 0x30)
        return NULL;
    size_t at = asn1_content(b, 0);
    if (ms_at(b, at) == 6 && has_at(b, asn1_content(b, at), MS_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07")))
        return "application/pkcs7-mime";
    return at == 4 && has_at(b, 4, MS_LIT("\x30\x82")) && has_at(b, 8, MS_LIT("\xa0\x03\x02\x01")) ? "application/pkix-cert" : NULL;
}

/* ---- weak magic: two or four bytes that need a second look ---------------------------------------------------- */

static bool looks_like_text(struct ms_bytes b)
{
    const uint32_t usual = 1u << '\t' | 1u << '\n' | 1u << '\r' | 1u << '\f' | 1u << '\b' | 1u << 0x1b;
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] < 0x20 && !(usual >> b.p[i] & 1))
            return false;
    return true;
}

static const char *detect_executable(struct ms_bytes b)
{
    if (!has_at(b, 0, MS_LIT("MZ")) || looks_like_text(ms_head(b, 64)))
        return NULL;
    size_t pe = b.n >= 64 ? ms_le32(b.p + 60) : 0;
    return pe && has_at(b, pe, MS_LIT("PE\0\0")) ? "application/vnd.microsoft.portable-executable" : "application/x-dosexec";
}

static const char *detect_image(struct ms_bytes b)
{
    if (b.n >= 18 && has_at(b, 0, MS_LIT("BM")) && ms_le32(b.p + 6) == 0 && ms_le32(b.p + 14) >= 12 && ms_le32(b.p + 14) <= 124)
        return "image/bmp";
    bool icon = b.n >= 22 && ms_le16(b.p) == 0 && (ms_le16(b.p + 2) == 1 || ms_le16(b.p + 2) == 2);
    if (icon && ms_le16(b.p + 4) > 0 && ms_le16(b.p + 4) < 256 && b.p[9] == 0 && ms_le32(b.p + 18) == 6u + 16u * ms_le16(b.p + 4))
        return b.p[2] == 1 ? "image/vnd.microsoft.icon" : "image/x-win-cursor";
    return NULL;
}

static const char *detect_flash(struct ms_bytes b) /* its length is below 16 MiB */
{
    bool flash = b.n >= 8 && strchr("FCZ", b.p[0] ? b.p[0] : 1) && has_at(b, 1, MS_LIT("WS")) && b.p[3] < 64 && b.p[7] == 0;
    return flash ? "application/x-shockwave-flash" : NULL;
}

static const char *detect_arj(struct ms_bytes b)
{
    bool arj = b.n >= 36 && has_at(b, 0, MS_LIT("\x60\xea")) && ms_le16(b.p + 2) >= 30 && ms_le16(b.p + 2) <= 2600 && b.p[4] >= 30;
    return arj && b.p[5] < 32 ? "application/x-arj" : NULL;
}

/* LZMA without a container: lc, lp and pb as everybody has them, the size of a dictionary, a size or that none is told, and the first byte of
 * the packed ones, which is always 0. */
static const char *detect_lzma(struct ms_bytes b)
{
    if (b.n < 14 || !has_at(b, 0, MS_LIT("\x5d\0\0")) || b.p[13] != 0)
        return NULL;
    uint32_t dictionary = ms_le32(b.p + 1), rest = dictionary & (dictionary - 1);
    bool     told = b.p[10] == 0 && b.p[11] == 0 && b.p[12] == 0, untold = has_at(b, 5, MS_LIT("\xff\xff\xff\xff\xff\xff\xff\xff"));
    return dictionary && (rest == 0 || rest * 2 == (dictionary & ~rest) || (dictionary & ~rest) * 2 == rest) && (told || untold) ? "application/x-lzma" : NULL;
}

/* tar from before POSIX has no mark, but the sum of the bytes of its head, in octal. */
static const char *detect_old_tar(struct ms_bytes b)
{
    enum { HEAD = 512, SUM_AT = 148, SUM = 8 };
    uint32_t sum = 0, told = 0;
    size_t   digits = 0;
    if (b.n < HEAD || b.p[0] == 0)
        return NULL;
    for (size_t i = SUM_AT; i < SUM_AT + SUM && b.p[i]; i++) {
        bool digit = b.p[i] >= '0' && b.p[i] <= '7';
        if (!digit && b.p[i] != ' ')
            return NULL;
        told = digit ? told << 3 | (uint32_t)(b.p[i] - '0') : told;
        digits += digit;
    }
    for (size_t i = 0; digits && i < HEAD; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM ? ' ' : b.p[i];
    return digits && sum == told ? "application/x-tar" : NULL;
}

/* The first sector of a disk: that of a file system of Windows, or a table of partitions (four rows: active or not, a kind, where it begins). */
static const char *detect_disk(struct ms_bytes b)
{
    enum { SECTOR = 512, TABLE = 446, ROW = 16 };
    size_t used = 0;
    if (!has_at(b, SECTOR - 2, MS_LIT("\x55\xaa")))
        return NULL;
    bool sane = true, boots = has_at(b, 3, MS_LIT("NTFS    ")) || has_at(b, 3, MS_LIT("EXFAT   ")) || has_at(b, 54, MS_LIT("FAT1")) || has_at(b, 82, MS_LIT("FAT32"));
    for (size_t at = TABLE; at < SECTOR - 2; at += ROW) {
        bool row = b.p[at + 4] && ms_le32(b.p + at + 8) && ms_le32(b.p + at + 12);
        sane &= !(b.p[at] & 0x7f) && (row || b.p[at + 4] == 0);
        used += row;
    }
    return boots || (sane && used) ? "application/x-raw-disk-image" : NULL;
}

/* A frame of MPEG audio, layer III: sync, version and layer bits, a bit rate and a sampling rate that exist. */
static const char *detect_mp3(struct ms_bytes b)
{
    if (b.n < 4 || b.p[0] != 0xff || (b.p[1] & 0xe6) != 0xe2 || (b.p[1] & 0x18) == 0x08)
        return NULL;
    unsigned rate = b.p[2] >> 4, sampling = b.p[2] >> 2 & 3;
    return rate != 0 && rate != 15 && sampling != 3 ? "audio/mpeg" : NULL;
}

static const char *detect_magic(struct ms_bytes b)
{
    static const struct magic rows[] = {
#define X(at, bytes, type) { at, { (const uint8_t *)(bytes), sizeof(bytes) - 1 }, type },
#include "mail/content_types.def"
#undef X
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (has_at(b, rows[i].at, rows[i].bytes))
            return rows[i].type;
    return NULL;
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

static const char *detect_script(struct ms_bytes b)
{
    static const struct { const char *word, *type; } rows[] = {
        { "python", "text/x-python" }, { "perl", "text/x-perl" }, { "php", "text/x-php" }, { "ruby", "text/x-ruby" },
        { "node", "text/javascript" }, { "osascript", "text/x-applescript" },
    };
    struct ms_bytes line = ms_head(b, ms_find(ms_head(b, 128), '\n'));
    if (!ms_starts_nocase(b, MS_LIT("#!")))
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (ms_search_nocase(line, ms_str(rows[i].word)) < line.n)
            return rows[i].type;
    return "text/x-shellscript";
}

static const char *detect_armor(struct ms_bytes b)
{
    static const struct { const char *start, *type; } rows[] = {
        { "PGP MESSAGE", "application/pgp-encrypted" }, { "PGP SIGNATURE", "application/pgp-signature" },
        { "PGP SIGNED MESSAGE", "application/pgp" }, { "PGP ", "application/pgp-keys" }, { "", "application/x-pem-file" },
    };
    if (!has_at(b, 0, MS_LIT("-----BEGIN ")))
        return NULL;
    size_t i = 0;
    while (!has_at(b, 11, ms_str(rows[i].start)))
        i++;
    return rows[i].type;
}

/* A tag that WHATWG's MIME sniffing knows, with a blank or '>' after it. */
static bool starts_with_html_tag(struct ms_bytes b)
{
    static const char *const tags[] = {
        "html", "head", "body", "script", "iframe", "table", "div", "font", "p", "a", "br", "b", "h1", "h2", "h3", "meta", "title",
        "style", "img", "center", "span", "form", "base", "link",
    };
    if (ms_starts_nocase(b, MS_LIT("<!doctype html")) || ms_starts_nocase(b, MS_LIT("<!--")))
        return true;
    for (size_t i = 0; ms_at(b, 0) == '<' && i < sizeof tags / sizeof *tags; i++) {
        uint8_t after = ms_at(b, 1 + strlen(tags[i]));
        bool    ends = after == '>' || after == '/' || after == ' ' || (after >= '\t' && after <= '\r');
        if (ends && ms_starts_nocase(ms_tail(b, 1), ms_str(tags[i])))
            return true;
    }
    return false;
}

static const char *detect_markup(struct ms_bytes b)
{
    struct ms_bytes start = ms_head(b, 1024);
    bool            xml = ms_starts_nocase(b, MS_LIT("<?xml"));
    if (ms_at(b, 0) != '<')
        return NULL;
    if (ms_search_nocase(start, MS_LIT("<hta:application")) < start.n)
        return "application/hta";
    if (ms_starts_nocase(b, MS_LIT("<svg")) || ms_starts_nocase(b, MS_LIT("<!doctype svg")))
        return "image/svg+xml";
    if (xml || ms_starts_nocase(b, MS_LIT("<!--")))
        if (ms_search_nocase(start, MS_LIT("<svg")) < start.n)
            return "image/svg+xml";
    if (xml)
        return ms_search_nocase(start, MS_LIT("<html")) < start.n ? "application/xhtml+xml" : "application/xml";
    if (ms_starts_nocase(b, MS_LIT("<?php")))
        return "text/x-php";
    return starts_with_html_tag(b) ? "text/html" : NULL;
}

/* The name of a header field at the start of a line, up to the colon; empty when it is none. */
static struct ms_bytes field_name(struct ms_bytes line)
{
    size_t n = 0;
    while (n < line.n && n < 80 && line.p[n] > 0x20 && line.p[n] < 0x7f && line.p[n] != ':')
        n++;
    return ms_at(line, n) == ':' ? ms_head(line, n) : ms_head(line, 0);
}

/* Two header fields at the start, one of them a field that messages have. */
static const char *detect_message(struct ms_bytes b)
{
    static const char *const usual[] = { "Received", "Return-Path", "Message-ID", "MIME-Version", "Delivered-To", "From", "Subject",
                                         "Date", "Reply-To", "X-Mailer", "DKIM-Signature" };
    size_t fields = 0, known = 0;
    if (has_at(b, 0, MS_LIT("From ")) && ms_find(ms_head(b, 300), '@') < 300) { /* mbox: the envelope line first */
        size_t lf = ms_find(b, '\n');
        return field_name(ms_tail(b, lf + 1)).n ? "application/mbox" : NULL;
    }
    for (; b.n && fields < 8; b = ms_tail(b, ms_find(b, '\n') + 1)) {
        struct ms_bytes name = field_name(b);
        if (name.n == 0 && !(fields && ms_is_blank(b.p[0])))
            break;
        fields += name.n > 0;
        for (size_t i = 0; name.n && i < sizeof usual / sizeof *usual; i++)
            known += ms_equal_nocase(name, ms_str(usual[i]));
    }
    return fields >= 2 && known >= 1 ? "message/rfc822" : NULL;
}

static const char *detect_lines(struct ms_bytes b)
{
    static const struct { const char *start, *type; } rows[] = {
        { "%PDF-", "application/pdf" }, { "{\\rt", "application/rtf" }, { "BEGIN:VCALENDAR", "text/calendar" },
        { "BEGIN:VCARD", "text/vcard" }, { "[InternetShortcut]", "application/x-mswinurl" }, { "@echo off", "application/x-bat" },
        { "Windows Registry Editor", "text/x-ms-regedit" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (ms_starts_nocase(b, ms_str(rows[i].start)))
            return rows[i].type;
    return NULL;
}

static const char *detect_text_kind(struct ms_bytes b)
{
    static const struct ms_bytes utf8_mark = { (const uint8_t *)"\xef\xbb\xbf", 3 };
    if (has_at(b, 0, utf8_mark))
        b = ms_tail(b, 3);
    const char *type = detect_script(b);
    struct ms_bytes trimmed = b;
    while (trimmed.n && (ms_is_blank(trimmed.p[0]) || trimmed.p[0] == '\r' || trimmed.p[0] == '\n'))
        trimmed = ms_tail(trimmed, 1);
    if (!type)
        type = detect_lines(trimmed);
    if (!type)
        type = detect_armor(trimmed);
    if (!type)
        type = detect_markup(trimmed);
    return type ? type : detect_message(trimmed);
}

static bool is_ascii(struct ms_bytes b)
{
    uint8_t all = 0;
    for (size_t i = 0; i < b.n; i++)
        all |= b.p[i];
    return all < 0x80;
}

/* Valid UTF-8, the last sequence perhaps cut; or few enough high bytes, none of them C1, to be of the Latin-1 family. */
static bool is_readable(struct ms_bytes b)
{
    size_t   high = 0, i = 0;
    uint32_t cp;
    if (!looks_like_text(b))
        return false;
    if (is_ascii(b))
        return true;
    for (size_t n = 1; i < b.n && n; i += n)
        n = ms_utf8_sequence(ms_tail(b, i), &cp);
    if (i + 3 >= b.n && (i == b.n || b.p[i] >= 0xc2))
        return true;
    for (i = 0; i < b.n; i++) {
        if (b.p[i] >= 0x7f && b.p[i] < 0xa0)
            return false;
        high += b.p[i] >= 0xa0;
    }
    return high * 3 < b.n;
}

/* UTF-16: told by its mark; what kind of text, by its ASCII. */
static const char *detect_utf16(struct ms_bytes b)
{
    uint8_t narrow[512];
    size_t  n = 0;
    bool    little = has_at(b, 0, MS_LIT("\xff\xfe")), big = has_at(b, 0, MS_LIT("\xfe\xff"));
    if ((!little && !big) || has_at(b, 0, MS_LIT("\xff\xfe\0\0")))
        return NULL;
    for (size_t i = 2; i + 1 < b.n && n < sizeof narrow; i += 2) {
        unsigned unit = little ? ms_le16(b.p + i) : ms_be16(b.p + i);
        narrow[n++] = (uint8_t)(unit < 0x80 ? unit : '?');
    }
    if (!looks_like_text((struct ms_bytes){ narrow, n }))
        return NULL;
    const char *type = detect_text_kind((struct ms_bytes){ narrow, n });
    return type ? type : "text/plain";
}

static const char *detect_text(struct ms_bytes b)
{
    const char *type = detect_text_kind(b);
    return type ? type : is_readable(b) ? "text/plain" : NULL;
}

const char *ms_detect_content(struct ms_bytes first)
{
    static const char *(*const detectors[])(struct ms_bytes) = {
        detect_magic, detect_zip, detect_ole2, detect_executable, detect_iso_media, detect_riff, detect_matroska,
        detect_cafebabe, detect_pcapng, detect_image, detect_flash, detect_asn1, detect_arj, detect_lzma, detect_old_tar, detect_disk, detect_utf16, detect_mp3, detect_text,
    };
    const char *type = NULL;
    for (size_t i = 0; first.n && !type && i < sizeof detectors / sizeof *detectors; i++)
        type = detectors[i](first);
    return type;
}
