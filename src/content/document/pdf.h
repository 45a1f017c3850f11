/* content/document/pdf.h - a PDF in pieces: tokens and objects (pdf_object.c), filters of streams (pdf_filter.c), fonts (pdf_font.c, pdf_glyphs.def), the
 * text of its pages (pdf_text.c), its pictures (pdf_picture.c); pdf.c looks at names, and finds the objects.
 *
 * Objects  by number, as programs find them that repair files: no table of the file is believed, the last one of a number counts.
 * Bounds   what is walked over is taken from `work`; what is unpacked from the budget of the part (ms_file_spend).                        */
#pragma once
#include "content/archive/unpack.h"

enum { MS_PDF_NAME = 40, MS_PDF_STRING = 2048 };

struct ms_pdf_object { uint32_t number, order; struct ms_bytes head, stream; }; /* head: its value, or the dictionary of its stream */

struct ms_pdf {
    const struct ms_file *f;
    struct ms_buffer      objects; /* struct ms_pdf_object, in the order of the file; after ms_pdf_sort() by number */
    uint32_t              root;    /* of the pages; 0: none was named */
    size_t                work;    /* bytes that may still be walked over in looking things up */
    size_t                streams; /* that may still be unpacked for the text */
    size_t                pages;   /* of tables of fonts, made so far */
};

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

enum ms_pdf_kind { MS_PDF_END, MS_PDF_NUMBER, MS_PDF_NAMED, MS_PDF_TEXT, MS_PDF_OPEN, MS_PDF_CLOSE, MS_PDF_WORD }; /* OPEN: '[' and "<<" */
struct ms_pdf_token { enum ms_pdf_kind kind; struct ms_bytes raw; double number; }; /* raw: of a name without its slash, of a string with its brackets */

bool            ms_pdf_ends_name(uint8_t c);
size_t          ms_pdf_name(struct ms_bytes b, char out[MS_PDF_NAME + 1], bool *hidden); /* behind its slash; hidden: letters are written as numbers */
struct ms_bytes ms_pdf_skip(struct ms_bytes b);                                          /* blanks and comments */
bool            ms_pdf_next(struct ms_bytes *rest, struct ms_pdf_token *t);              /* false at the end */
size_t          ms_pdf_hex(struct ms_bytes b, uint8_t *out, size_t size);                /* digits up to '>'; a last one alone has a 0 behind it */
struct ms_bytes ms_pdf_string(struct ms_bytes raw, uint8_t *out, size_t size);           /* a string of either kind, undone */

/* ---- objects ------------------------------------------------------------------------------------------------------ */

bool ms_pdf_spend(struct ms_pdf *p, size_t n); /* n of `work`; false when there is not so much */
void ms_pdf_sort(struct ms_pdf *p);
const struct ms_pdf_object *ms_pdf_find(const struct ms_pdf *p, uint32_t number); /* NULL: there is none */
/* What a reference leads to, the value itself when it is none; *object: whose value it is, NULL when it stands where it was. */
struct ms_bytes ms_pdf_follow(struct ms_pdf *p, struct ms_bytes value, const struct ms_pdf_object **object);
/* The value of a key of a dictionary; empty when it is not there. */
struct ms_bytes ms_pdf_get(struct ms_pdf *p, struct ms_bytes dictionary, const char *key);
struct ms_bytes ms_pdf_get_at(struct ms_pdf *p, struct ms_bytes dictionary, const char *key); /* the same, followed */
struct ms_bytes ms_pdf_items(struct ms_bytes value); /* what is in a list; a value that is none is the only one in its own */
struct ms_bytes ms_pdf_item(struct ms_bytes *items); /* the next one, empty at the end */
bool            ms_pdf_reference(struct ms_bytes value, uint32_t *number); /* "12 0 R" */
double          ms_pdf_number(struct ms_bytes value, double otherwise);
bool            ms_pdf_is(struct ms_bytes value, const char *name);

/* ---- streams ------------------------------------------------------------------------------------------------------ */

/* Undoes the filters that the head of a stream names, in their order; the name of one that was not used says nothing. When none was, perhaps it stands
 * in another object, and nearly always it is the one that packs. At most `most` bytes. True when *u has what comes out; free it then and else. */
bool ms_pdf_unpack(const struct ms_file *f, struct ms_bytes head, struct ms_bytes data, size_t most, struct ms_unpacked *u);
/* The same of an object, for its text, appended to *out, which grows to `most` bytes at most. */
void ms_pdf_append(struct ms_pdf *p, const struct ms_pdf_object *object, size_t most, struct ms_buffer *out);

/* ---- text --------------------------------------------------------------------------------------------------------- */

struct ms_pdf_glyphs { uint64_t text[256]; uint16_t width[256]; }; /* of 256 codes: up to four units of UTF-16, the first one lowest; in units of the font */
struct ms_pdf_font {
    uint32_t              number;        /* of its object */
    bool                  wide, unicode; /* codes have two bytes; those without a text are Unicode */
    uint16_t              missing;       /* width of codes that are not listed */
    double                unit;          /* of widths, in its size */
    struct ms_pdf_glyphs *pages[256];    /* NULL: nothing is known of such codes */
};
void     ms_pdf_font_read(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font); /* *font is zeroed; tables in the arena of the part */
uint64_t ms_pdf_font_text(const struct ms_pdf_font *font, uint16_t code);                    /* 0: nothing is known */
double   ms_pdf_font_width(const struct ms_pdf_font *font, uint16_t code);                   /* in its size */
uint16_t ms_pdf_glyph(struct ms_bytes name);                                                 /* a glyph's code point; 0 when it is not known */

void ms_pdf_pictures(struct ms_pdf *p); /* pdf_picture.c: looks for codes in them */
/* pdf.c: signs and links of a PDF, and its text. */
void ms_pdf_read(const struct ms_file *f, struct ms_buffer *text);
/* What people read on the pages, as UTF-8, up to `most` bytes: blanks and line ends stand where something is set apart. */
void ms_pdf_text(struct ms_pdf *p, size_t most, struct ms_buffer *out);
