/* content/document/pdf_text.c - the text of PDF pages (ISO 32000-1 9.4): pages, forms on them and what annotations show.
 *
 * Order    as it is drawn. What is set apart by more than GAP of its size gets a blank, what is on another line a line end.
 * Bounds   `most` bytes of text, `streams` of the document, `work` in looking things up; forms on forms `content_depth` deep.
 * BUGS     text is read whether it can be seen or not; writing from top to bottom has no lines.                             */
#include "content/document/pdf.h"

#include "base/text.h"

#include <math.h>

enum { CONTENT_MOST = 1 << 20, FONTS = 48, SAVED = 24, OPERANDS = 6, NODES = 4096, LEVELS = 24, STRING_MOST = 4096, LOOKED_AT = 4096 };
static const double GAP = .15, LINE = .5;

struct matrix { double a, b, c, d, e, f; };
struct place { struct matrix to_page; const struct ms_pdf_font *font; double size, spacing, word, scale, leading; };
struct operands { double number[OPERANDS]; size_t numbers; struct ms_bytes text, name, list; };

struct reader {
    struct ms_pdf     *p;
    struct ms_buffer  *out;
    size_t             most, nodes;
    struct ms_bytes    resources;
    unsigned           depth;              /* of forms */
    struct place       now, saved[SAVED];
    size_t             saves, floor;       /* places saved, also those for which there was no room; those of what is around this form */
    struct matrix      text, line;
    double             x, y;               /* where the last text ended */
    struct ms_pdf_font fonts[FONTS];
    size_t             font_count;
};

static bool is_full(const struct reader *r) { return r->out->n >= r->most; }

/* ---- where ---------------------------------------------------------------------------------------------------------- */

static const struct matrix unit = { 1, 0, 0, 1, 0, 0 };

static struct matrix times(struct matrix m, struct matrix n) /* m first */
{
    return (struct matrix){ m.a * n.a + m.b * n.c, m.a * n.b + m.b * n.d, m.c * n.a + m.d * n.c, m.c * n.b + m.d * n.d,
                            m.e * n.a + m.f * n.c + n.e, m.e * n.b + m.f * n.d + n.f };
}

static struct matrix matrix_of(const double n[6]) { return (struct matrix){ n[0], n[1], n[2], n[3], n[4], n[5] }; }

/* Of a vector, a few hundredths too long when it is aslant: enough for blanks. */
static double length_of(double x, double y)
{
    double a = fabs(x), b = fabs(y);
    return a > b ? a + b * .34 : b + a * .34;
}

static void next_line(struct reader *r, double x, double y)
{
    r->line = times((struct matrix){ 1, 0, 0, 1, x, y }, r->line);
    r->text = r->line;
}

static void advance(struct reader *r, double x) { r->text = times((struct matrix){ 1, 0, 0, 1, x * r->now.scale, 0 }, r->text); }

/* ---- what ----------------------------------------------------------------------------------------------------------- */

static void put(struct reader *r, uint32_t point)
{
    static const char *const ligatures[] = { "ff", "fi", "fl", "ffi", "ffl" };
    uint8_t text[4];
    if (point >= 0xfb00 && point <= 0xfb04)
        ms_buffer_append(r->out, ms_str(ligatures[point - 0xfb00]));
    else if (point == 0xa0 || point == '\t' || point == '\n' || point == '\r')
        ms_buffer_append(r->out, MS_LIT(" "));
    else if (point >= 0xf020 && point <= 0xf07e) /* fonts of symbols have their letters there */
        put(r, point - 0xf000);
    else if (point >= ' ' && point != 0x7f && point != 0xad && point != 0xfffd && !(point >= 0xe000 && point < 0xf900))
        ms_buffer_append(r->out, (struct ms_bytes){ text, ms_utf8_put(text, point) });
}

static void put_units(struct reader *r, uint64_t text)
{
    for (; text; text >>= 16) {
        uint32_t point = text & 0xffff, low = (uint32_t)(text >> 16 & 0xffff);
        if (point >= 0xd800 && point < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
            text >>= 16;
        }
        if (point < 0xd800 || point >= 0xe000)
            put(r, point);
    }
}

/* Blank or line end between this text and the last one. */
static void set_apart(struct reader *r)
{
    struct matrix m = times(r->text, r->now.to_page);
    double        length = length_of(m.a, m.b), height = fabs(r->now.size) * length_of(m.c, m.d), x = m.e - r->x, y = m.f - r->y;
    double        along = length > 0 ? (x * m.a + y * m.b) / length : 0, across = length > 0 ? fabs(y * m.a - x * m.b) / length : 0;
    if (r->out->n == 0 || r->out->p[r->out->n - 1] <= ' ')
        return;
    if (across > height * LINE || along < -height)
        ms_buffer_append(r->out, MS_LIT("\n"));
    else if (along > height * GAP)
        ms_buffer_append(r->out, MS_LIT(" "));
}

static void show_code(struct reader *r, uint16_t code)
{
    const struct ms_pdf_font *font = r->now.font;
    put_units(r, ms_pdf_font_text(font, code));
    advance(r, ms_pdf_font_width(font, code) * r->now.size + r->now.spacing + (code == ' ' && !font->wide ? r->now.word : 0));
}

static void show(struct reader *r, struct ms_bytes raw)
{
    uint8_t         room[STRING_MOST];
    struct ms_bytes codes = ms_pdf_string(raw, room, sizeof room);
    if (!r->now.font || codes.n == 0)
        return;
    set_apart(r);
    size_t step = r->now.font->wide ? 2 : 1;
    for (size_t i = 0; i + step <= codes.n && !is_full(r); i += step)
        show_code(r, step == 2 ? ms_be16(codes.p + i) : codes.p[i]);
    struct matrix end = times(r->text, r->now.to_page);
    r->x = end.e;
    r->y = end.f;
}

/* "[ (Wo) 20 (rld) ]": numbers go back, in thousandths of the size. */
static void show_list(struct reader *r, struct ms_bytes list)
{
    struct ms_pdf_token t;
    while (ms_pdf_next(&list, &t) && !is_full(r)) {
        if (t.kind == MS_PDF_TEXT)
            show(r, t.raw);
        else if (t.kind == MS_PDF_NUMBER)
            advance(r, -t.number / 1000 * r->now.size);
    }
}

/* ---- resources -------------------------------------------------------------------------------------------------------- */

static struct ms_bytes find_resource(struct reader *r, const char *kind, struct ms_bytes name)
{
    char key[MS_PDF_NAME + 1];
    bool hidden;
    ms_pdf_name(name, key, &hidden);
    return ms_pdf_get(r->p, ms_pdf_get_at(r->p, r->resources, kind), key);
}

static void choose_font(struct reader *r, const struct operands *o)
{
    const struct ms_pdf_object *object;
    struct ms_bytes             head = ms_pdf_follow(r->p, find_resource(r, "Font", o->name), &object);
    uint32_t                    number = object ? object->number : 0;
    r->now.size = o->number[0];
    for (size_t i = 0; i < r->font_count; i++)
        if (number && r->fonts[i].number == number) {
            r->now.font = &r->fonts[i];
            return;
        }
    if (r->font_count == FONTS) /* a letter has some ten */
        return;
    struct ms_pdf_font *font = &r->fonts[r->font_count++];
    font->number = number;
    ms_pdf_font_read(r->p, head, font);
    r->now.font = font;
}

static void run_stream(struct reader *r, const struct ms_pdf_object *object);

/* What is drawn by a form, with its own matrix and resources. */
static void run_form(struct reader *r, const struct ms_pdf_object *object)
{
    struct place    before = r->now;
    struct ms_bytes around = r->resources, own = ms_pdf_get_at(r->p, object->head, "Resources"), items = ms_pdf_items(ms_pdf_get_at(r->p, object->head, "Matrix"));
    size_t          floor = r->floor, saves = r->saves;
    double          n[6] = { 1, 0, 0, 1, 0, 0 };
    if (r->depth >= r->p->f->in->limits->content_depth)
        return;
    for (size_t i = 0; i < 6; i++)
        n[i] = ms_pdf_number(ms_pdf_item(&items), n[i]);
    r->now.to_page = times(matrix_of(n), r->now.to_page);
    r->resources = own.n ? own : around;
    r->floor = r->saves;
    r->depth++;
    run_stream(r, object);
    r->depth--;
    r->floor = floor;
    r->saves = saves;
    r->resources = around;
    r->now = before;
}

static void run_named(struct reader *r, struct ms_bytes name)
{
    const struct ms_pdf_object *object;
    ms_pdf_follow(r->p, find_resource(r, "XObject", name), &object);
    if (object && ms_pdf_is(ms_pdf_get_at(r->p, object->head, "Subtype"), "Form"))
        run_form(r, object);
}

/* ---- operators --------------------------------------------------------------------------------------------------------- */

static void save(struct reader *r)
{
    if (r->saves < SAVED)
        r->saved[r->saves] = r->now;
    r->saves++;
}

static void restore(struct reader *r)
{
    if (r->saves > r->floor && --r->saves < SAVED)
        r->now = r->saved[r->saves];
}

static void begin_text(struct reader *r, struct matrix m) { r->text = r->line = m; }

static void show_on_next_line(struct reader *r, struct ms_bytes text)
{
    next_line(r, 0, -r->now.leading);
    show(r, text);
}

#define OPERATOR(a, b) ((unsigned)(a) << 8 | (unsigned)(b))

static void operate_text(struct reader *r, unsigned operator, const struct operands *o)
{
    const double *n = o->number;
    switch (operator) {
    case OPERATOR('T', 'j'): show(r, o->text); break;
    case OPERATOR('T', 'J'): show_list(r, o->list); break;
    case OPERATOR(0, '\''): show_on_next_line(r, o->text); break;
    case OPERATOR(0, '"'):
        r->now.word = n[0];
        r->now.spacing = n[1];
        show_on_next_line(r, o->text);
        break;
    case OPERATOR('T', 'D'): r->now.leading = -n[1]; next_line(r, n[0], n[1]); break;
    case OPERATOR('T', 'd'): next_line(r, n[0], n[1]); break;
    case OPERATOR('T', '*'): next_line(r, 0, -r->now.leading); break;
    case OPERATOR('T', 'm'): begin_text(r, matrix_of(n)); break;
    case OPERATOR('B', 'T'): begin_text(r, unit); break;
    case OPERATOR('T', 'f'): choose_font(r, o); break;
    case OPERATOR('T', 'c'): r->now.spacing = n[0]; break;
    case OPERATOR('T', 'w'): r->now.word = n[0]; break;
    case OPERATOR('T', 'z'): r->now.scale = n[0] / 100; break;
    case OPERATOR('T', 'L'): r->now.leading = n[0]; break;
    default: break;
    }
}

static void operate(struct reader *r, struct ms_bytes word, const struct operands *o)
{
    unsigned operator = word.n == 1 ? OPERATOR(0, word.p[0]) : word.n == 2 ? OPERATOR(word.p[0], word.p[1]) : 0;
    switch (operator) {
    case OPERATOR(0, 'q'): save(r); break;
    case OPERATOR(0, 'Q'): restore(r); break;
    case OPERATOR('c', 'm'): r->now.to_page = times(matrix_of(o->number), r->now.to_page); break;
    case OPERATOR('D', 'o'): run_named(r, o->name); break;
    default: operate_text(r, operator, o); break;
    }
}

/* ---- content ------------------------------------------------------------------------------------------------------------ */

/* Behind "[" or "<<": what stands up to the bracket that closes it. */
static struct ms_bytes take_list(struct ms_bytes *rest)
{
    struct ms_pdf_token t;
    struct ms_bytes     from = *rest;
    size_t              depth = 1;
    while (depth && ms_pdf_next(rest, &t)) {
        depth += t.kind == MS_PDF_OPEN;
        depth -= t.kind == MS_PDF_CLOSE;
    }
    return ms_head(from, from.n - rest->n);
}

/* Behind the "ID" of a picture among the operators: what follows "EI". */
static struct ms_bytes behind_picture(struct ms_bytes rest)
{
    for (const uint8_t *p; rest.n && (p = memmem(rest.p, rest.n, "EI", 2)) != NULL;) {
        bool apart = p > rest.p && p[-1] <= ' ';
        rest = ms_tail(rest, (size_t)(p - rest.p) + 2);
        if (apart && (rest.n == 0 || rest.p[0] <= ' '))
            return rest;
    }
    return ms_head(rest, 0);
}

static void add_number(struct operands *o, double number)
{
    if (o->numbers == OPERANDS) /* too many: the last ones count */
        memmove(o->number, o->number + 1, --o->numbers * sizeof *o->number);
    o->number[o->numbers++] = number;
}

static void run(struct reader *r, struct ms_bytes content)
{
    struct ms_pdf_token t;
    struct operands     o = { 0 };
    while (!is_full(r) && ms_pdf_next(&content, &t)) {
        switch (t.kind) {
        case MS_PDF_NUMBER: add_number(&o, t.number); break;
        case MS_PDF_NAMED: o.name = t.raw; break;
        case MS_PDF_TEXT: o.text = t.raw; break;
        case MS_PDF_OPEN: o.list = take_list(&content); break;
        case MS_PDF_WORD:
            if (ms_equal(t.raw, MS_LIT("ID")))
                content = behind_picture(content);
            operate(r, t.raw, &o);
            o = (struct operands){ 0 };
            break;
        case MS_PDF_CLOSE:
        case MS_PDF_END: break;
        }
    }
}

static void run_stream(struct reader *r, const struct ms_pdf_object *object)
{
    struct ms_buffer content = { 0 };
    ms_pdf_append(r->p, object, CONTENT_MOST, &content);
    run(r, ms_buffer_bytes(&content));
    ms_buffer_finish(&content);
}

/* ---- pages -------------------------------------------------------------------------------------------------------------- */

/* What an annotation shows: a stream, or one of several by its state. */
static void read_annotation(struct reader *r, struct ms_bytes annotation)
{
    const struct ms_pdf_object *object;
    ms_pdf_follow(r->p, ms_pdf_get(r->p, ms_pdf_get_at(r->p, annotation, "AP"), "N"), &object);
    if (object && object->stream.n)
        run_form(r, object);
}

static void read_page(struct reader *r, struct ms_bytes page)
{
    struct ms_buffer            content = { 0 };
    const struct ms_pdf_object *object;
    struct ms_bytes             value = ms_pdf_get(r->p, page, "Contents"), list = ms_pdf_follow(r->p, value, &object);
    struct ms_bytes             items = ms_pdf_items(object && object->stream.n ? value : list), notes = ms_pdf_items(ms_pdf_get_at(r->p, page, "Annots"));
    for (struct ms_bytes item; r->p->streams && (item = ms_pdf_item(&items)).n;) {
        ms_pdf_follow(r->p, item, &object);
        if (object)
            ms_pdf_append(r->p, object, CONTENT_MOST, &content);
        ms_buffer_append(&content, MS_LIT("\n"));
    }
    r->now = (struct place){ .to_page = unit, .scale = 1 };
    r->saves = r->floor = 0;
    run(r, ms_buffer_bytes(&content));
    ms_buffer_finish(&content);
    for (struct ms_bytes item; r->p->streams && (item = ms_pdf_item(&notes)).n;)
        read_annotation(r, ms_pdf_follow(r->p, item, &object));
    if (r->out->n)
        ms_buffer_append(r->out, MS_LIT("\n"));
}

/* Pages, or sets of them. */
static void read_pages(struct reader *r, struct ms_bytes node, struct ms_bytes inherited, unsigned level)
{
    const struct ms_pdf_object *object;
    struct ms_bytes             kids = ms_pdf_get_at(r->p, node, "Kids"), own = ms_pdf_get_at(r->p, node, "Resources"), items = ms_pdf_items(kids);
    inherited = own.n ? own : inherited;
    r->resources = inherited;
    if (kids.n == 0 && node.n)
        read_page(r, node);
    for (struct ms_bytes item; level < LEVELS && r->nodes && !is_full(r) && (item = ms_pdf_item(&items)).n;) {
        r->nodes--;
        read_pages(r, ms_pdf_follow(r->p, item, &object), inherited, level + 1);
    }
}

/* Without a way from the root: all that is called a page. */
static void read_all(struct reader *r)
{
    const struct ms_pdf_object *all = (const struct ms_pdf_object *)(const void *)r->p->objects.p;
    for (size_t i = 0; i < r->p->objects.n / sizeof *all && !is_full(r); i++) {
        struct ms_bytes start = ms_head(all[i].head, LOOKED_AT);
        if (start.n && memmem(start.p, start.n, "/Page", 5) && ms_pdf_is(ms_pdf_get(r->p, all[i].head, "Type"), "Page"))
            read_pages(r, all[i].head, ms_pdf_get_at(r->p, ms_pdf_get_at(r->p, all[i].head, "Parent"), "Resources"), LEVELS);
    }
}

void ms_pdf_text(struct ms_pdf *p, size_t most, struct ms_buffer *out)
{
    static const struct ms_bytes none = { NULL, 0 };
    const struct ms_pdf_object  *root = p->root ? ms_pdf_find(p, p->root) : NULL;
    struct reader               *r = ms_alloc(sizeof *r);
    *r = (struct reader){ .p = p, .out = out, .most = most, .nodes = NODES };
    if (root)
        read_pages(r, ms_pdf_get_at(p, root->head, "Pages"), none, 0);
    if (out->n == 0)
        read_all(r);
    if (out->n > most)
        out->n = ms_utf8_head(ms_buffer_bytes(out), most).n;
    ms_free(r);
}
