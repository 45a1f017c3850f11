/* content/document/pdf_font.c - fonts of PDF (ISO 32000-1 9.6 to 9.10), as far as text goes: what each code means, and how wide it is.
 *
 * Tables   in pages of 256 codes, made when something is put there; PAGES of them a document.
 * BUGS     of the encodings that Adobe gave names to for East Asian scripts only those that are Unicode are known; other fonts need ToUnicode.   */
#include "content/document/pdf.h"

#include <stdlib.h>

enum { PAGES = 2048, MAP_MOST = 1 << 18, COURIER = 600, WIDE = 1000, UNITS = 4 };

static const uint16_t windows[32] = { /* 0x80 to 0x9f */
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
    0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178
};
static const uint16_t macintosh[128] = { /* 0x80 to 0xff */
    0x00c4, 0x00c5, 0x00c7, 0x00c9, 0x00d1, 0x00d6, 0x00dc, 0x00e1, 0x00e0, 0x00e2, 0x00e4, 0x00e3, 0x00e5, 0x00e7, 0x00e9, 0x00e8,
    0x00ea, 0x00eb, 0x00ed, 0x00ec, 0x00ee, 0x00ef, 0x00f1, 0x00f3, 0x00f2, 0x00f4, 0x00f6, 0x00f5, 0x00fa, 0x00f9, 0x00fb, 0x00fc,
    0x2020, 0x00b0, 0x00a2, 0x00a3, 0x00a7, 0x2022, 0x00b6, 0x00df, 0x00ae, 0x00a9, 0x2122, 0x00b4, 0x00a8, 0x2260, 0x00c6, 0x00d8,
    0x221e, 0x00b1, 0x2264, 0x2265, 0x00a5, 0x00b5, 0x2202, 0x2211, 0x220f, 0x03c0, 0x222b, 0x00aa, 0x00ba, 0x03a9, 0x00e6, 0x00f8,
    0x00bf, 0x00a1, 0x00ac, 0x221a, 0x0192, 0x2248, 0x2206, 0x00ab, 0x00bb, 0x2026, 0x00a0, 0x00c0, 0x00c3, 0x00d5, 0x0152, 0x0153,
    0x2013, 0x2014, 0x201c, 0x201d, 0x2018, 0x2019, 0x00f7, 0x25ca, 0x00ff, 0x0178, 0x2044, 0x20ac, 0x2039, 0x203a, 0xfb01, 0xfb02,
    0x2021, 0x00b7, 0x201a, 0x201e, 0x2030, 0x00c2, 0x00ca, 0x00c1, 0x00cb, 0x00c8, 0x00cd, 0x00ce, 0x00cf, 0x00cc, 0x00d3, 0x00d4,
    0xf8ff, 0x00d2, 0x00da, 0x00db, 0x00d9, 0x0131, 0x02c6, 0x02dc, 0x00af, 0x02d8, 0x02d9, 0x02da, 0x00b8, 0x02dd, 0x02db, 0x02c7
};
static const struct { uint8_t code; uint16_t point; } standard[] = { /* where it differs from Windows, as far as it matters */
    { 0x27, 0x2019 }, { 0x60, 0x2018 }, { 0xa9, 0x27 }, { 0xaa, 0x201c }, { 0xae, 0xfb01 }, { 0xaf, 0xfb02 }, { 0xb1, 0x2013 }, { 0xb7, 0x2022 }, { 0xba, 0x201d }, { 0xd0, 0x2014 },
    { 0xf1, 0xe6 }, { 0xf8, 0x142 }, { 0xf9, 0xf8 }, { 0xfa, 0x153 }, { 0xfb, 0xdf },
};
static const uint16_t usual_widths[95] = { /* ' ' to '~' in Helvetica, which Times is not far from */
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584
};

/* ---- tables -------------------------------------------------------------------------------------------------------- */

static struct ms_pdf_glyphs *page_for(struct ms_pdf *p, struct ms_pdf_font *font, size_t code)
{
    struct ms_pdf_glyphs **page = &font->pages[code >> 8 & 0xff];
    if (!*page && p->pages < PAGES) {
        p->pages++;
        *page = ms_arena_alloc(p->f->in->arena, sizeof **page);
        for (size_t i = 0; i < 256; i++)
            (*page)->width[i] = font->missing;
    }
    return *page;
}

static void set_text(struct ms_pdf *p, struct ms_pdf_font *font, size_t code, uint64_t text)
{
    struct ms_pdf_glyphs *page = page_for(p, font, code);
    if (page)
        page->text[code & 0xff] = text;
}

static void set_width(struct ms_pdf *p, struct ms_pdf_font *font, size_t code, double width)
{
    struct ms_pdf_glyphs *page = page_for(p, font, code);
    if (page && width >= 0 && width < UINT16_MAX)
        page->width[code & 0xff] = (uint16_t)width;
}

/* ---- encodings by name --------------------------------------------------------------------------------------------- */

static const struct glyph { const char *name; uint16_t point; } glyphs[] = {
#define X(name, point) { name, point },
#include "content/document/pdf_glyphs.def"
#undef X
};

static int compare(const void *name, const void *row) { return strcmp(name, ((const struct glyph *)row)->name); }

/* "uni20AC", "u20AC"; 0: it is none of them. */
static uint16_t by_number(const char *name)
{
    size_t start = strncmp(name, "uni", 3) == 0 ? 3 : name[0] == 'u' ? 1 : 0, n = 0;
    unsigned value = 0;
    for (; start && n < 4 && ms_hex_digit((uint8_t)name[start + n]) >= 0; n++)
        value = value << 4 | (unsigned)ms_hex_digit((uint8_t)name[start + n]);
    return n == 4 ? (uint16_t)value : 0;
}

uint16_t ms_pdf_glyph(struct ms_bytes name)
{
    char text[MS_PDF_NAME + 1];
    bool hidden;
    ms_pdf_name(name, text, &hidden);
    char *variant = strchr(text + (text[0] != 0), '.'); /* "one.oldstyle" */
    if (variant)
        *variant = 0;
    if (text[0] && !text[1])
        return (uint8_t)text[0];
    const struct glyph *row = bsearch(text, glyphs, sizeof glyphs / sizeof *glyphs, sizeof *glyphs, compare);
    return row ? row->point : by_number(text);
}

static void set_base(struct ms_pdf *p, struct ms_pdf_font *font, struct ms_bytes name, bool type1)
{
    bool mac = ms_pdf_is(name, "MacRomanEncoding"), own = name.n == 0 || ms_pdf_is(name, "StandardEncoding");
    for (unsigned c = 0x20; c < 256; c++)
        set_text(p, font, c, mac && c >= 0x80 ? macintosh[c - 0x80] : c >= 0x80 && c < 0xa0 ? windows[c - 0x80] : c);
    for (size_t i = 0; own && type1 && i < sizeof standard / sizeof *standard; i++)
        set_text(p, font, standard[i].code, standard[i].point);
}

/* "[ 65 /A /adieresis 200 /Euro ]" */
static void set_differences(struct ms_pdf *p, struct ms_pdf_font *font, struct ms_bytes list)
{
    size_t code = 0;
    for (struct ms_bytes item; (item = ms_pdf_item(&list)).n;) {
        if (ms_at(item, 0) != '/') {
            double number = ms_pdf_number(item, 256);
            code = number >= 0 && number < 256 ? (size_t)number : 256;
        } else if (code < 256) {
            set_text(p, font, code++, ms_pdf_glyph(ms_tail(item, 1)));
        }
    }
}

static void read_encoding(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font)
{
    struct ms_bytes encoding = ms_pdf_get_at(p, head, "Encoding"), type = ms_pdf_get_at(p, head, "Subtype");
    bool            list = ms_at(encoding, 0) == '<';
    set_base(p, font, list ? ms_pdf_get_at(p, encoding, "BaseEncoding") : encoding, ms_pdf_is(type, "Type1") || ms_pdf_is(type, "MMType1"));
    if (list)
        set_differences(p, font, ms_pdf_items(ms_pdf_get_at(p, encoding, "Differences")));
}

/* ---- ToUnicode (ISO 32000-1 9.10.3) --------------------------------------------------------------------------------- */

static size_t code_of(struct ms_bytes raw)
{
    uint8_t         room[4];
    struct ms_bytes bytes = ms_pdf_string(raw, room, sizeof room);
    size_t          code = 0;
    for (size_t i = 0; i < bytes.n; i++)
        code = code << 8 | bytes.p[i];
    return code & 0xffff;
}

/* Up to four units of UTF-16, the first one lowest. */
static uint64_t text_of(struct ms_bytes raw, unsigned *last)
{
    uint8_t         room[2 * UNITS];
    struct ms_bytes bytes = ms_pdf_string(raw, room, sizeof room);
    uint64_t        text = bytes.n == 1 ? bytes.p[0] : 0;
    *last = 0;
    for (size_t i = 0; i + 1 < bytes.n; i += 2) {
        *last = (unsigned)(8 * i);
        text |= (uint64_t)ms_be16(bytes.p + i) << *last;
    }
    return text;
}

static void map_range(struct ms_pdf *p, struct ms_pdf_font *font, size_t from, size_t to, struct ms_bytes raw)
{
    unsigned last;
    uint64_t text = text_of(raw, &last);
    for (size_t code = from; code <= to && ms_pdf_spend(p, 1); code++, text += (uint64_t)1 << last)
        set_text(p, font, code, text);
}

/* At "[" of "<0041> <0043> [ <0061> <0062> <0063> ]": one for each. */
static void map_list(struct ms_pdf *p, struct ms_pdf_font *font, size_t from, size_t to, struct ms_bytes *rest)
{
    struct ms_pdf_token t;
    for (size_t code = from; ms_pdf_next(rest, &t) && t.kind != MS_PDF_CLOSE; code++)
        if (t.kind == MS_PDF_TEXT && code <= to)
            map_range(p, font, code, code, t.raw);
}

static void read_map(struct ms_pdf *p, struct ms_pdf_font *font, struct ms_bytes map)
{
    struct ms_pdf_token t;
    size_t              codes[2] = { 0, 0 }, n = 0, want = 0; /* codes in front of a text; 0: outside of a table */
    while (p->work && ms_pdf_next(&map, &t)) {
        if (t.kind == MS_PDF_WORD) {
            want = ms_equal(t.raw, MS_LIT("beginbfchar")) ? 1 : ms_equal(t.raw, MS_LIT("beginbfrange")) ? 2 : 0;
            n = 0;
        } else if (want && n < want && t.kind == MS_PDF_TEXT) {
            codes[n++] = code_of(t.raw);
            codes[1] = want == 1 ? codes[0] : codes[1];
        } else if (want && n == want) {
            if (t.kind == MS_PDF_TEXT)
                map_range(p, font, codes[0], codes[1], t.raw);
            else if (t.kind == MS_PDF_OPEN)
                map_list(p, font, codes[0], codes[1], &map);
            n = 0;
        }
    }
}

static void read_to_unicode(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font)
{
    struct ms_buffer            map = { 0 };
    const struct ms_pdf_object *object;
    ms_pdf_follow(p, ms_pdf_get(p, head, "ToUnicode"), &object);
    if (!object || !object->stream.n)
        return;
    ms_pdf_append(p, object, MAP_MOST, &map);
    read_map(p, font, ms_buffer_bytes(&map));
    ms_buffer_finish(&map);
}

/* ---- widths --------------------------------------------------------------------------------------------------------- */

static bool is_named(struct ms_pdf *p, struct ms_bytes head, const char *part)
{
    struct ms_bytes name = ms_pdf_get_at(p, head, "BaseFont");
    return ms_search_nocase(name, ms_str(part)) < name.n;
}

static void read_widths(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font)
{
    struct ms_bytes list = ms_pdf_items(ms_pdf_get_at(p, head, "Widths"));
    double          first = ms_pdf_number(ms_pdf_get_at(p, head, "FirstChar"), 0);
    bool            even = is_named(p, head, "Courier") || is_named(p, head, "Mono");
    for (size_t i = 0; list.n == 0 && !even && i < 95; i++)
        set_width(p, font, ' ' + i, usual_widths[i]);
    for (struct ms_bytes item; first >= 0 && first < 256 && (item = ms_pdf_item(&list)).n; first++) {
        const struct ms_pdf_object *object;
        set_width(p, font, (size_t)first, ms_pdf_number(ms_pdf_follow(p, item, &object), font->missing));
    }
}

/* "[ 1 [ 500 600 ] 7 9 450 ]": of code 1 and the next, and of 7 to 9. */
static void read_wide_widths(struct ms_pdf *p, struct ms_pdf_font *font, struct ms_bytes list)
{
    enum { CODES = 0x10000 };
    for (struct ms_bytes item; (item = ms_pdf_item(&list)).n;) {
        const struct ms_pdf_object *object;
        double                      first = ms_pdf_number(item, CODES);
        struct ms_bytes             second = ms_pdf_follow(p, ms_pdf_item(&list), &object);
        if (first < 0 || first >= CODES)
            return;
        size_t code = (size_t)first;
        if (ms_at(second, 0) == '[') {
            second = ms_pdf_items(second);
            for (struct ms_bytes width; code < CODES && (width = ms_pdf_item(&second)).n;)
                set_width(p, font, code++, ms_pdf_number(width, font->missing));
            continue;
        }
        double last = ms_pdf_number(second, 0), width = ms_pdf_number(ms_pdf_item(&list), font->missing);
        for (; (double)code <= last && code < CODES && ms_pdf_spend(p, 1); code++)
            set_width(p, font, code, width);
    }
}

/* ---- all of it ------------------------------------------------------------------------------------------------------ */

static void read_wide(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font)
{
    const struct ms_pdf_object *object;
    struct ms_bytes             list = ms_pdf_items(ms_pdf_get_at(p, head, "DescendantFonts")), encoding = ms_pdf_get_at(p, head, "Encoding");
    struct ms_bytes             inner = ms_pdf_follow(p, ms_pdf_item(&list), &object);
    double                      missing = ms_pdf_number(ms_pdf_get_at(p, inner, "DW"), WIDE);
    font->missing = missing >= 0 && missing < UINT16_MAX ? (uint16_t)missing : WIDE;
    font->unicode = ms_at(encoding, 0) == '/' && (ms_search_nocase(encoding, MS_LIT("UCS2")) < encoding.n || ms_search_nocase(encoding, MS_LIT("UTF16")) < encoding.n);
    read_wide_widths(p, font, ms_pdf_items(ms_pdf_get_at(p, inner, "W")));
}

void ms_pdf_font_read(struct ms_pdf *p, struct ms_bytes head, struct ms_pdf_font *font)
{
    struct ms_bytes type = ms_pdf_get_at(p, head, "Subtype"), matrix = ms_pdf_items(ms_pdf_get_at(p, head, "FontMatrix"));
    font->wide = ms_pdf_is(type, "Type0");
    font->unit = ms_pdf_is(type, "Type3") ? ms_pdf_number(ms_pdf_item(&matrix), .001) : .001;
    font->missing = COURIER;
    if (font->wide) {
        read_wide(p, head, font);
    } else {
        read_encoding(p, head, font);
        read_widths(p, head, font);
    }
    read_to_unicode(p, head, font);
}

uint64_t ms_pdf_font_text(const struct ms_pdf_font *font, uint16_t code)
{
    const struct ms_pdf_glyphs *page = font->pages[code >> 8];
    uint64_t                    text = page ? page->text[code & 0xff] : 0;
    return text || !font->unicode ? text : code;
}

double ms_pdf_font_width(const struct ms_pdf_font *font, uint16_t code)
{
    const struct ms_pdf_glyphs *page = font->pages[code >> 8];
    return font->unit * (page ? page->width[code & 0xff] : font->missing);
}
