/* content/document/pdf_filter.c - filters of PDF streams undone (ISO 32000-1 7.4): Flate, LZW, run lengths, base 85, hex, and what predicts rows.
 *
 * What comes out of each is bounded by `most` and by the budget of the part.
 * BUGS     pictures (DCT, JPX, CCITT, JBIG2) stay as they are; of several predictors the first is undone, behind the last filter.          */
#include "content/document/pdf.h"

enum filter { FLATE, LZW, RUNS, HEX, BASE85, NO_FILTER };
static const struct { const char *name; enum filter filter; } names[] = {
    { "FlateDecode", FLATE }, { "Fl", FLATE }, { "LZWDecode", LZW }, { "LZW", LZW }, { "RunLengthDecode", RUNS }, { "RL", RUNS },
    { "ASCIIHexDecode", HEX }, { "AHx", HEX }, { "ASCII85Decode", BASE85 }, { "A85", BASE85 },
};
enum { FILTERS = 8, NAMES_MOST = 16, WALKED = 1 << 16 /* of a head */ };

struct job {
    const struct ms_file *f;
    size_t                most;
    struct ms_bytes       parameters; /* of all filters */
};

static size_t room_of(const struct job *j, const struct ms_buffer *out)
{
    size_t room = j->most > out->n ? j->most - out->n : 0;
    return room < *j->f->in->budget ? room : (size_t)*j->f->in->budget;
}

/* Appended as far as there is room; false when there was less. */
static bool give(const struct job *j, struct ms_buffer *out, struct ms_bytes b)
{
    size_t room = room_of(j, out);
    ms_buffer_append(out, ms_head(b, room));
    return b.n <= room && ms_file_spend(j->f, b.n);
}

/* ---- text ----------------------------------------------------------------------------------------------------------- */

static void add_bytes(struct ms_buffer *out, uint32_t group, size_t n)
{
    uint8_t bytes[4] = { (uint8_t)(group >> 24), (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group };
    ms_buffer_append(out, (struct ms_bytes){ bytes, n });
}

static void undo_hex(struct ms_bytes b, struct ms_buffer *out)
{
    out->size = b.n / 2 + 1;
    out->p = ms_alloc(out->size);
    out->n = ms_pdf_hex(b, out->p, out->size);
}

/* Five digits of '!' to 'u' are four bytes, 'z' is four times 0; of the last group a byte less than it has digits. */
static void undo_base85(struct ms_bytes b, struct ms_buffer *out)
{
    uint32_t group = 0;
    size_t   digits = 0;
    for (size_t i = 0; i < b.n && b.p[i] != '~'; i++) {
        uint8_t c = b.p[i];
        if (c == 'z' && digits == 0)
            add_bytes(out, 0, 4);
        if (c < '!' || c > 'u')
            continue;
        group = group * 85 + c - '!';
        if (++digits < 5)
            continue;
        add_bytes(out, group, 4);
        digits = group = 0;
    }
    for (size_t i = digits; digits && i < 5; i++)
        group = group * 85 + 84;
    if (digits > 1)
        add_bytes(out, group, digits - 1);
}

/* Do all of the first bytes belong to the alphabet of a filter of text? Others never were its work. */
static bool fits(enum filter filter, struct ms_bytes data)
{
    size_t i = 0;
    for (data = ms_head(data, 64); i < data.n && data.p[i] != (filter == HEX ? '>' : '~'); i++) {
        uint8_t c = data.p[i];
        bool    digit = filter == HEX ? ms_hex_digit(c) >= 0 : (c >= '!' && c <= 'u') || c == 'z';
        if (c > ' ' && !digit)
            return false;
    }
    return i > 0;
}

/* ---- runs ----------------------------------------------------------------------------------------------------------- */

static void undo_runs(const struct job *j, struct ms_bytes b, struct ms_buffer *out)
{
    uint8_t run[128];
    for (size_t i = 0; i < b.n && b.p[i] != 128;) {
        uint8_t         length = b.p[i++];
        struct ms_bytes literal = ms_slice(b, i, (size_t)length + 1);
        if (length > 128) {
            memset(run, ms_at(b, i), sizeof run);
            literal = (struct ms_bytes){ run, i < b.n ? 257u - length : 0 };
        }
        if (!give(j, out, literal))
            return;
        i += length > 128 ? 1 : literal.n;
    }
}

/* ---- LZW ------------------------------------------------------------------------------------------------------------ */

enum { LZW_CODES = 4096, LZW_CLEAR = 256, LZW_END = 257, LZW_FIRST = 258 };
struct lzw { uint16_t before[LZW_CODES], length[LZW_CODES]; uint8_t last[LZW_CODES], first[LZW_CODES]; unsigned next, early; };

static void lzw_init(struct lzw *z)
{
    for (unsigned i = 0; i < 256; i++) {
        z->first[i] = z->last[i] = (uint8_t)i;
        z->length[i] = 1;
    }
    z->next = LZW_FIRST;
}

static void lzw_learn(struct lzw *z, unsigned before, uint8_t last)
{
    if (z->next == LZW_CODES)
        return;
    z->before[z->next] = (uint16_t)before;
    z->length[z->next] = (uint16_t)(z->length[before] + 1);
    z->first[z->next] = z->first[before];
    z->last[z->next++] = last;
}

static bool lzw_give(const struct job *j, const struct lzw *z, unsigned code, struct ms_buffer *out)
{
    uint8_t text[LZW_CODES];
    size_t  n = z->length[code];
    for (size_t i = n; i-- > 0; code = z->before[code])
        text[i] = z->last[code];
    return give(j, out, (struct ms_bytes){ text, n });
}

static unsigned lzw_width(const struct lzw *z)
{
    unsigned next = z->next + z->early;
    return next < 512 ? 9 : next < 1024 ? 10 : next < 2048 ? 11 : 12;
}

/* One code; false: it cannot be, or the end. */
static bool lzw_take(const struct job *j, struct lzw *z, unsigned code, unsigned *before, struct ms_buffer *out)
{
    if (code == LZW_CLEAR) {
        z->next = LZW_FIRST;
        *before = LZW_CODES;
        return true;
    }
    bool first = *before == LZW_CODES, known = code < 256 || (code >= LZW_FIRST && code < z->next);
    if (code == LZW_END || (first && code > 255) || (!known && code != z->next) || (!known && z->next == LZW_CODES))
        return false;
    if (!first)
        lzw_learn(z, *before, z->first[known ? code : *before]);
    *before = code;
    return lzw_give(j, z, code, out);
}

static void undo_lzw(const struct job *j, struct ms_bytes b, struct ms_buffer *out)
{
    struct lzw *z = ms_alloc(sizeof *z);
    unsigned    before = LZW_CODES, width = 9;
    struct ms_pdf walk = { .f = j->f, .work = WALKED };
    lzw_init(z);
    z->early = ms_pdf_number(ms_pdf_get(&walk, j->parameters, "EarlyChange"), 1) != 0;
    uint64_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < b.n || held >= width;) {
        for (; held < width && i < b.n; held += 8)
            bits = bits << 8 | b.p[i++];
        if (held < width || !lzw_take(j, z, (unsigned)(bits >> (held - width) & ((1u << width) - 1)), &before, out))
            break;
        held -= width;
        width = lzw_width(z);
    }
    ms_free(z);
}

/* ---- predictors ------------------------------------------------------------------------------------------------------ */

struct rows { size_t kind, pixel, row; }; /* bytes of a pixel, of a row */

static struct rows read_rows(const struct job *j)
{
    enum { WIDEST = 1 << 20 };
    struct ms_pdf walk = { .f = j->f, .work = WALKED };
    double        kind = ms_pdf_number(ms_pdf_get(&walk, j->parameters, "Predictor"), 1), colors = ms_pdf_number(ms_pdf_get(&walk, j->parameters, "Colors"), 1),
           bits = ms_pdf_number(ms_pdf_get(&walk, j->parameters, "BitsPerComponent"), 8), columns = ms_pdf_number(ms_pdf_get(&walk, j->parameters, "Columns"), 1);
    if (kind < 2 || kind > 15 || colors < 1 || colors > 32 || bits < 1 || bits > 16 || columns < 1 || columns > WIDEST)
        return (struct rows){ 0 };
    size_t pixel = ((size_t)colors * (size_t)bits + 7) / 8;
    return (struct rows){ kind < 10 ? (bits == 8 ? 2 : 0) : 10, pixel, ((size_t)colors * (size_t)bits * (size_t)columns + 7) / 8 };
}

static uint8_t paeth(int a, int b, int c)
{
    int p = a + b - c, pa = p > a ? p - a : a - p, pb = p > b ? p - b : b - p, pc = p > c ? p - c : c - p;
    return (uint8_t)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
}

/* A row of PNG (RFC 2083 6): `above` is what the row before became, zeros at first. */
static void undo_png_row(uint8_t kind, const uint8_t *in, const uint8_t *above, uint8_t *out, struct rows r)
{
    for (size_t i = 0; i < r.row; i++) {
        uint8_t left = i >= r.pixel ? out[i - r.pixel] : 0, up = above ? above[i] : 0, corner = above && i >= r.pixel ? above[i - r.pixel] : 0;
        int     guess = kind == 1 ? left : kind == 2 ? up : kind == 3 ? (left + up) / 2 : kind == 4 ? paeth(left, up, corner) : 0;
        out[i] = (uint8_t)(in[i] + guess);
    }
}

/* In place: a row of PNG has one byte more, its kind, than what becomes of it. What is no whole row at the end is left out. */
static void undo_prediction(const struct job *j, struct ms_buffer *b)
{
    struct rows r = read_rows(j);
    for (size_t i = 0; r.kind == 2 && i < b->n; i++)
        if (i % r.row >= r.pixel)
            b->p[i] = (uint8_t)(b->p[i] + b->p[i - r.pixel]);
    if (r.kind != 10)
        return;
    size_t rows = b->n / (r.row + 1);
    for (size_t i = 0; i < rows; i++) {
        uint8_t *in = b->p + i * (r.row + 1);
        undo_png_row(*in, in + 1, i ? b->p + (i - 1) * r.row : NULL, b->p + i * r.row, r);
    }
    b->n = rows * r.row;
}

/* ---- chains ---------------------------------------------------------------------------------------------------------- */

/* Into *out, when the data are of that filter. */
static void undo(const struct job *j, enum filter filter, struct ms_bytes data, struct ms_unpacked *out)
{
    *out = (struct ms_unpacked){ 0 };
    if (filter == FLATE)
        ms_unpack(j->f, data, MS_ZLIB, j->most, out);
    else if (filter == LZW)
        undo_lzw(j, data, &out->out);
    else if (filter == RUNS)
        undo_runs(j, data, &out->out);
    else if (fits(filter, data) && ms_file_spend(j->f, data.n))
        (filter == HEX ? undo_hex : undo_base85)(data, &out->out);
}

/* *u becomes what comes out of it, when the data are of that filter. */
static bool undo_next(const struct job *j, enum filter filter, struct ms_bytes data, struct ms_unpacked *u)
{
    struct ms_unpacked next;
    undo(j, filter, data, &next);
    if (next.out.n == 0) {
        ms_buffer_finish(&next.out);
        return false;
    }
    ms_buffer_finish(&u->out);
    *u = next;
    return true;
}

static enum filter filter_of(struct ms_bytes name)
{
    size_t i = 0;
    while (i < sizeof names / sizeof *names && !ms_pdf_is(name, names[i].name))
        i++;
    return i < sizeof names / sizeof *names ? names[i].filter : NO_FILTER;
}

/* One name, or a list of them. Those that are not known are passed over. */
static size_t read_filters(struct ms_bytes value, enum filter filters[FILTERS])
{
    size_t          n = 0;
    struct ms_bytes items = ms_pdf_items(value);
    for (size_t i = 0; i < NAMES_MOST && n < FILTERS; i++) {
        enum filter filter = filter_of(ms_pdf_item(&items));
        if (filter != NO_FILTER)
            filters[n++] = filter;
    }
    return n;
}

static struct ms_bytes either(struct ms_pdf *walk, struct ms_bytes head, const char *name, const char *brief)
{
    struct ms_bytes value = ms_pdf_get(walk, head, name);
    return value.n ? value : ms_pdf_get(walk, head, brief);
}

/* The first dictionary of the parameters: "<<...>>", or in a list with one for each filter. */
static struct ms_bytes read_parameters(struct ms_pdf *walk, struct ms_bytes head)
{
    struct ms_bytes items = ms_pdf_items(either(walk, head, "DecodeParms", "DP")), item;
    do
        item = ms_pdf_item(&items);
    while (item.n && ms_at(item, 0) != '<');
    return item;
}

bool ms_pdf_unpack(const struct ms_file *f, struct ms_bytes head, struct ms_bytes data, size_t most, struct ms_unpacked *u)
{
    struct ms_pdf walk = { .f = f, .work = WALKED };
    enum filter   filters[FILTERS];
    size_t        n = read_filters(either(&walk, head, "Filter", "F"), filters);
    struct job    j = { f, most, read_parameters(&walk, head) };
    bool          undone = false, rows = false;
    for (size_t i = 0; i < n; i++) {
        bool done = undo_next(&j, filters[i], undone ? ms_buffer_bytes(&u->out) : data, u);
        rows |= done && (filters[i] == FLATE || filters[i] == LZW);
        undone |= done;
    }
    if (!undone)
        rows = undone = undo_next(&j, FLATE, data, u);
    if (rows)
        undo_prediction(&j, &u->out);
    return undone;
}

void ms_pdf_append(struct ms_pdf *p, const struct ms_pdf_object *object, size_t most, struct ms_buffer *out)
{
    struct ms_unpacked u = { 0 };
    size_t             before = out->n;
    if (p->streams == 0 || p->work == 0 || out->n >= most)
        return;
    p->streams--;
    bool undone = ms_pdf_unpack(p->f, object->head, object->stream, most - out->n, &u);
    ms_buffer_append(out, ms_head(undone ? ms_buffer_bytes(&u.out) : object->stream, most - out->n));
    ms_pdf_spend(p, out->n - before);
    ms_buffer_finish(&u.out);
}
