/* content/files.h - what the readers of attachments share: file.c chooses one, each format has a file of its own.
 *
 * Rules    a reader never goes past its slice, follows a chain at most as often as the file has room for its links, and asks the budget
 *          (ms_file_spend) before it lists or unpacks. It adds signs and hands what is inside to ms_file_inner(), which bounds the depth.
 * Names    of things inside are "outer/inner"; nothing is ever written under them.                                            */
#pragma once
#include "content/content.h"
#include "mail/mime.h"

struct ms_zip; /* archive/zip.h */

enum ms_around { MS_IN_MAIL, MS_IN_ARCHIVE, MS_IN_DOCUMENT };

/* A file while it is looked at. */
struct ms_file {
    struct ms_inside      *in;
    const struct ms_piece *piece;
    uint8_t                around;   /* enum ms_around */
    size_t                 siblings; /* files in the archive around it, itself included */
    unsigned               archives; /* around it; a compressed file counts with what it holds */
};

/* What a file name's end says (extensions.def). */
enum ms_extension {
    MS_EXT_NONE, MS_EXT_PROGRAM, MS_EXT_SCRIPT, MS_EXT_RISKY, MS_EXT_SHORTCUT, MS_EXT_LINK, MS_EXT_DISK, MS_EXT_WEB, MS_EXT_ARCHIVE, MS_EXT_PDF,
    MS_EXT_OFFICE, MS_EXT_OFFICE_XML, MS_EXT_MACRO, MS_EXT_TEXT, MS_EXT_IMAGE, MS_EXT_SOUND, MS_EXT_OTHER
};
enum ms_extension ms_extension_of(struct ms_bytes name);
struct ms_bytes ms_extension_word(struct ms_bytes name); /* "exe" as it stands, without what file systems drop; empty when there is none */
static inline struct ms_bytes ms_until_nul(struct ms_bytes b) { return ms_head(b, ms_find(b, 0)); }
struct ms_bytes ms_base_name(struct ms_bytes path);      /* behind the last slash or backslash */
void ms_file_name_look(const struct ms_file *f);         /* file_name.c */

/* A sign with "name: detail" as evidence; an empty detail is left out. Bytes that are not UTF-8 become '?'. */
void ms_file_sign(const struct ms_file *f, enum ms_sign_kind kind, struct ms_bytes detail);
/* The same about a thing called `name` inside the file. */
void ms_file_sign_inner(const struct ms_file *f, enum ms_sign_kind kind, struct ms_bytes name);
/* Takes n bytes of work from the budget; false when it is used up: stop listing, stop unpacking. */
bool ms_file_spend(const struct ms_file *f, size_t n);
/* A link found in the file. Empty and overlong ones are dropped. */
void ms_file_link(const struct ms_file *f, struct ms_bytes url);

/* Text that people read in a document, as UTF-8: judged as a letter's is. */
void ms_file_text(const struct ms_file *f, struct ms_bytes text); /* text/text.c */

struct ms_inner {
    struct ms_bytes name, bytes;
    bool            cut, unwrapped; /* unwrapped: the outer file is nothing but this one, compressed */
    uint8_t         around;         /* enum ms_around */
    size_t          siblings;
    const char     *type;           /* what it is, where that is known; NULL: its content tells */
};
void ms_file_inner(const struct ms_file *outer, const struct ms_inner *inner);
/* The same where the bytes are a part of the outer ones: they are paid for, since several may overlap. */
void ms_file_inner_slice(const struct ms_file *outer, struct ms_inner inner);
void ms_file_archive(const struct ms_file *f); /* says that the file is an archive: how deep it lies is noted */
/* Whether looking into a file of that name and start can give anything; false for pictures and the like. */
bool ms_file_matters(struct ms_bytes name, struct ms_bytes first);

/* UTF-16 as UTF-8, up to a NUL; what does not fit is left out. */
struct ms_bytes ms_utf16_text(struct ms_bytes b, bool big, char *out, size_t size);
bool ms_name_escapes(struct ms_bytes name); /* of an entry: absolute, or with ".." */

/* ---- little-endian numbers anywhere: 0 outside --------------------------------------------------------------- */

static inline uint16_t ms_le16_at(struct ms_bytes b, size_t at) { return at < b.n && b.n - at >= 2 ? ms_le16(b.p + at) : 0; }
static inline uint32_t ms_le32_at(struct ms_bytes b, size_t at) { return at < b.n && b.n - at >= 4 ? ms_le32(b.p + at) : 0; }
static inline uint64_t ms_le64_at(struct ms_bytes b, size_t at) { return at < b.n && b.n - at >= 8 ? ms_le64(b.p + at) : 0; }
static inline bool     ms_has_at(struct ms_bytes b, size_t at, struct ms_bytes magic) { return ms_equal(ms_slice(b, at, magic.n), magic); }

/* ---- one reader for each format ------------------------------------------------------------------------------ */

void ms_program_look(const struct ms_file *f);
void ms_zip_look(const struct ms_file *f);
void ms_ooxml_look(struct ms_zip *z);               /* what the directory of a ZIP archive shows to be a document */
void ms_gzip_look(const struct ms_file *f);
void ms_compressed_look(const struct ms_file *f);   /* one file: bzip2, xz, lzip, LZMA, zstd */
void ms_tar_look(const struct ms_file *f);
void ms_cab_look(const struct ms_file *f);
void ms_rar_look(const struct ms_file *f);
void ms_7z_look(const struct ms_file *f);
void ms_iso_look(const struct ms_file *f);
void ms_disk_look(const struct ms_file *f);         /* other disk images */
void ms_rare_archive_look(const struct ms_file *f); /* kinds that nobody uses any more */
void ms_picture_look(const struct ms_file *f);      /* PNG, JPEG, GIF, BMP */
void ms_ole_look(const struct ms_file *f);
void ms_rtf_look(const struct ms_file *f);
void ms_table_look(const struct ms_file *f);        /* text with separators */
void ms_pdf_look(const struct ms_file *f);
void ms_onenote_look(const struct ms_file *f);
void ms_lnk_look(const struct ms_file *f);
void ms_text_shortcut_look(const struct ms_file *f);
void ms_script_look(const struct ms_file *f);
void ms_svg_look(const struct ms_file *f);
void ms_web_archive_look(const struct ms_file *f);
void ms_calendar_look(const struct ms_file *f);
void ms_tnef_look(const struct ms_file *f);
void ms_message_look(const struct ms_file *f);
void ms_signed_look(const struct ms_file *f);       /* S/MIME */
