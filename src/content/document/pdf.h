/* content/document/pdf.h - a PDF in pieces: tokens and objects (pdf_object.c), filters of streams (pdf_filter.c), fonts (pdf_font.c, pdf_glyph.c), the
 * text of its pages (pdf_text.c); pdf.c looks at names, and finds the objects.
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
    size_t                work;    /* bytes that may still be walked over in looking things up */
};

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

enum ms_pdf_kind { MS_PDF_END, MS_PDF_NUMBER, MS_PDF_NAMED, MS_PDF_TEXT, MS_PDF_OPEN, MS_PDF_CLOSE, MS_PDF_WORD }; /* OPEN: '[' and "<<" */
struct ms_pdf_token { enum ms_pdf_kind kind; struct ms_bytes raw; double number; }; /* raw: of a name without its slash, of a string with its brackets */

bool            ms_pdf_ends_name(uint8_t c);
size_t          ms_pdf_name(struct ms_bytes b, char out[MS_PDF_NAME + 1], bool *hidden); /* behind its slash; hidden: letters are written as numbers */
struct ms_bytes ms_pdf_skip(struct ms_bytes b);                                          /* blanks and comments */
bool            ms_pdf_next(struct ms_bytes *rest, struct ms_pdf_token *t);              /* false at the end */
struct ms_bytes ms_pdf_string(struct ms_bytes raw, uint8_t *out, size_t size);           /* a string of either kind, undone */

/* ---- objects ------------------------------------------------------------------------------------------------------ */

void ms_pdf_sort(struct ms_pdf *p);
const struct ms_pdf_object *ms_pdf_find(const struct ms_pdf *p, uint32_t number); /* NULL: there is none */
/* What a reference leads to, the value itself when it is none; *object: whose value it is, NULL when it stands where it was. */
struct ms_bytes ms_pdf_follow(const struct ms_pdf *p, struct ms_bytes value, const struct ms_pdf_object **object);
/* The value of a key of a dictionary; empty when it is not there. */
struct ms_bytes ms_pdf_get(struct ms_pdf *p, struct ms_bytes dictionary, const char *key);
struct ms_bytes ms_pdf_get_at(struct ms_pdf *p, struct ms_bytes dictionary, const char *key); /* the same, followed */
struct ms_bytes ms_pdf_item(struct ms_bytes *list); /* the next value in a list, whose '[' is passed over; empty at its end */
double          ms_pdf_number(struct ms_bytes value, double otherwise);
bool            ms_pdf_is(struct ms_bytes value, const char *name);

/* ---- streams ------------------------------------------------------------------------------------------------------ */

/* Undoes the filters that the head of a stream names, in their order; the name of one that was not used says nothing. When none was, perhaps it stands
 * in another object, and nearly always it is the one that packs. At most `most` bytes. True when *u has what comes out; free it then and else. */
bool ms_pdf_unpack(const struct ms_file *f, struct ms_bytes head, struct ms_bytes data, size_t most, struct ms_unpacked *u);
