/* content/picture/bitmap.c - from grey to black and white, in time that goes with the number of pixels. */
#include "content/picture/bitmap.h"

enum { SQUARE = 8, CONTRAST = 40, NEAR = 2, FAR = 8 /* squares around */ };

/* The darkest and the lightest of each square. */
struct squares { uint8_t *least, *most; size_t width, height; };

static uint8_t smaller(uint8_t a, uint8_t b) { return a < b ? a : b; }
static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

static void squares_init(struct squares *s, size_t width, size_t height)
{
    *s = (struct squares){ ms_alloc(width * height), ms_alloc(width * height), width, height };
}

static void squares_finish(struct squares *s)
{
    ms_free(s->least);
    ms_free(s->most);
}

static void measure(const struct ms_picture *p, struct squares *s)
{
    uint8_t *low = ms_alloc(p->stride), *high = ms_alloc(p->stride); /* of columns: loops that compilers make wide */
    for (size_t y = 0; y < p->height; y++) {
        const uint8_t *row = p->grey + y * p->stride;
        bool           first = y % SQUARE == 0;
        for (size_t x = 0; x < p->stride; x++) {
            low[x] = first ? row[x] : smaller(low[x], row[x]);
            high[x] = first ? row[x] : larger(high[x], row[x]);
        }
        size_t at = y / SQUARE * s->width;
        for (size_t x = 0; (y % SQUARE == SQUARE - 1 || y + 1 == p->height) && x < p->stride; x++) {
            uint8_t *least = &s->least[at + x / SQUARE], *most = &s->most[at + x / SQUARE];
            *least = x % SQUARE ? smaller(*least, low[x]) : low[x];
            *most = x % SQUARE ? larger(*most, high[x]) : high[x];
        }
    }
    ms_free(low);
    ms_free(high);
}

/* One way: of `n` squares that are `step` apart, each becomes the extreme of those up to `radius` away. */
static void widen_line(const struct squares *from, struct squares *to, size_t start, size_t step, size_t n, size_t radius)
{
    for (size_t i = 0; i < n; i++) {
        size_t  first = i < radius ? 0 : i - radius, last = i + radius < n ? i + radius : n - 1;
        uint8_t least = 255, most = 0;
        for (size_t k = first; k <= last; k++) {
            least = smaller(least, from->least[start + k * step]);
            most = larger(most, from->most[start + k * step]);
        }
        to->least[start + i * step] = least;
        to->most[start + i * step] = most;
    }
}

static void widen(const struct squares *from, struct squares *to, size_t radius)
{
    struct squares between;
    squares_init(&between, from->width, from->height);
    squares_init(to, from->width, from->height);
    for (size_t y = 0; y < from->height; y++)
        widen_line(from, &between, y * from->width, 1, from->width, radius);
    for (size_t x = 0; x < from->width; x++)
        widen_line(&between, to, x, from->width, from->height, radius);
    squares_finish(&between);
}

/* Where each square is cut: into `least` of *s. */
static void cut(struct squares *s)
{
    struct squares near, far;
    uint8_t        least = 255, most = 0;
    widen(s, &near, NEAR);
    widen(&near, &far, FAR);
    for (size_t i = 0; i < s->width * s->height; i++) {
        least = smaller(least, s->least[i]);
        most = larger(most, s->most[i]);
    }
    for (size_t i = 0; i < s->width * s->height; i++) {
        uint8_t low = near.least[i], high = near.most[i];
        if (high - low < CONTRAST) {
            low = far.least[i];
            high = far.most[i];
        }
        bool flat = high - low < CONTRAST;
        s->least[i] = (uint8_t)((flat ? least + most + 1 : low + high + 1) / 2);
    }
    squares_finish(&near);
    squares_finish(&far);
}

/* Of eight pixels: a bit for each that is less than `level`, the first one lowest. Each byte is compared in its seven lower bits and its highest. */
static uint64_t compare(const uint8_t *pixels, uint8_t level)
{
    const uint64_t highs = 0x8080808080808080, gather = 0x0102040810204080;
    uint64_t       a = ms_le64(pixels), b = level * UINT64_C(0x0101010101010101);
    uint64_t       not_less = (a | highs) - (b & ~highs); /* in the lower bits: the highest one stays set */
    uint64_t       less = ((~a & b) | (~(a ^ b) & ~not_less)) & highs;
    return (less >> 7) * gather >> 56;
}

void ms_bitmap_make(struct ms_bitmap *b, const struct ms_picture *p)
{
    struct squares s;
    *b = (struct ms_bitmap){ .width = p->width, .height = p->height, .words = (p->width + 63) / 64 };
    b->rows = ms_alloc(b->words * b->height * sizeof *b->rows);
    squares_init(&s, p->stride / SQUARE, (p->height + SQUARE - 1) / SQUARE);
    measure(p, &s);
    cut(&s);
    for (size_t y = 0; y < p->height; y++)
        for (size_t x = 0; x < s.width; x++)
            b->rows[y * b->words + x / 8] |= compare(p->grey + y * p->stride + x * SQUARE, s.least[y / SQUARE * s.width + x]) << (x % 8 * SQUARE);
    squares_finish(&s);
}

void ms_bitmap_finish(struct ms_bitmap *b) { ms_free(b->rows); }
