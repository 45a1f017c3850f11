/* content/picture/drawing.c - codes that are no file: drawn in a text with block elements (U+2580 to U+259F), or a picture inside of a link.
 *
 * A character's cell is twice as high as wide. Drawn so, a text is a picture like others. */
#include "content/files.h"
#include "content/picture/picture.h"

#include "base/text.h"
#include "mail/base64.h"

enum { HALF_WIDTH = 2, HALF_HEIGHT = 4, MARGIN = 24 /* pixels */, MOST_COLUMNS = 400, MOST_LINES = 400, FIRST_BLOCK = 0x2580, LAST_BLOCK = 0x259f };

/* Which quarters of its cell are dark: 1 and 2 above, 4 and 8 below. Eighths are rounded, shades but the lightest are dark. */
static unsigned quarters_of(uint32_t point)
{
    static const uint8_t blocks[] = { 3, 0, 0, 12, 12, 12, 15, 15, 15, 15, 15, 5, 5, 5, 0, 0, 10, 0, 15, 15, 0, 0, 4, 8, 1, 13, 9, 7, 11, 2, 6, 14 };
    return point >= FIRST_BLOCK && point <= LAST_BLOCK ? blocks[point - FIRST_BLOCK] : 0;
}

struct walk { struct ms_bytes rest; size_t line, column, next; uint32_t point; }; /* line, column: of `point` */

static bool step(struct walk *w)
{
    if (w->rest.n == 0)
        return false;
    bool   new_line = w->point == '\n';
    size_t used = ms_utf8_sequence(w->rest, &w->point);
    if (used == 0)
        w->point = '?';
    w->rest = ms_tail(w->rest, used ? used : 1);
    w->line += new_line;
    w->column = new_line ? 0 : w->next;
    w->next = w->column + 1;
    return true;
}

/* The lines from the first to the last that has blocks. */
struct extent { size_t first, last, columns; bool any; };

static struct extent measure(struct ms_bytes text)
{
    struct extent e = { 0 };
    struct walk   w = { .rest = text };
    while (step(&w)) {
        if (!quarters_of(w.point) || (e.any && w.line - e.first >= MOST_LINES))
            continue;
        e.first = e.any ? e.first : w.line;
        e.any = true;
        e.last = w.line;
        e.columns = w.column >= e.columns && w.column < MOST_COLUMNS ? w.column + 1 : e.columns;
    }
    return e;
}

static void draw(const struct extent *e, struct ms_bytes text, struct ms_picture *p)
{
    struct walk w = { .rest = text };
    while (step(&w)) {
        unsigned quarters = w.line < e->first || w.line > e->last || w.column >= e->columns ? 0 : quarters_of(w.point);
        for (unsigned i = 0; i < 4 && quarters; i++) {
            size_t x = MARGIN + (w.column * 2 + i % 2) * HALF_WIDTH, y = MARGIN + ((w.line - e->first) * 2 + i / 2) * HALF_HEIGHT;
            for (size_t k = 0; quarters >> i & 1 && k < HALF_HEIGHT; k++)
                memset(p->grey + (y + k) * p->stride + x, 0, HALF_WIDTH);
        }
    }
}

void ms_drawing_look(struct ms_inside *in, struct ms_bytes text)
{
    struct extent        e = measure(text);
    struct ms_piece      piece = { .bytes = text };
    const struct ms_file f = { .in = in, .piece = &piece, .around = MS_IN_MAIL };
    struct ms_picture    p;
    size_t               width = e.columns * 2 * HALF_WIDTH + 2 * MARGIN, height = (e.last - e.first + 1) * 2 * HALF_HEIGHT + 2 * MARGIN;
    if (!e.any || !ms_picture_may_look(&f, width, height))
        return;
    ms_picture_init(&p, width, height);
    draw(&e, text, &p);
    ms_picture_look_at(&f, &p);
    ms_picture_finish(&p);
}

void ms_data_picture_look(struct ms_inside *in, struct ms_bytes link)
{
    struct ms_bytes   head = ms_head(link, ms_find(link, ',')), packed = ms_tail(link, head.n + 1);
    struct ms_buffer  bytes = { 0 };
    struct ms_base64  decoder = ms_base64_start();
    struct ms_inner   inner = { .name = MS_LIT("data"), .around = MS_IN_DOCUMENT, .siblings = 1 };
    struct ms_piece   piece = { .bytes = link };
    const struct ms_file f = { .in = in, .piece = &piece, .around = MS_IN_MAIL };
    if (ms_search_nocase(head, MS_LIT(";base64")) == head.n || packed.n / 4 * 3 > in->limits->picture_bytes || !ms_file_spend(&f, packed.n))
        return;
    bytes.p = ms_alloc(packed.n + MS_BASE64_ROOM);
    bytes.size = packed.n + MS_BASE64_ROOM;
    ms_base64_push(&decoder, packed, &bytes);
    ms_base64_finish(&decoder, &bytes);
    inner.bytes = ms_buffer_bytes(&bytes);
    if (ms_picture_measure(inner.bytes, &(size_t){ 0 }, &(size_t){ 0 }))
        ms_file_inner(&f, &inner);
    ms_buffer_finish(&bytes);
}
