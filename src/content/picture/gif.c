/* content/picture/gif.c - the first frame of a GIF (GIF89a).
 *
 * LZW      a code is a byte behind the word of another code: words are written from their end, so each is walked once. */
#include "content/picture/picture.h"

enum { CODES = 4096, MOST_BITS = 12 };

struct gif {
    struct ms_picture *out;
    struct ms_bytes    data;      /* what follows: blocks, each with its length before it */
    size_t             block;     /* bytes left of this block */
    uint32_t           bits;
    unsigned           bit_count;
    uint8_t            palette[256];
    size_t             left, top, width, height, done; /* of the frame; pixels that are known */
    uint8_t           *pixels;    /* their colours, in the order of the file */
    bool               interlaced;
    uint16_t           before[CODES], length[CODES]; /* of words */
    uint8_t            last[CODES], first[CODES];
};

/* ---- bits -------------------------------------------------------------------------------------------------------- */

static bool next_byte(struct gif *g, uint8_t *out)
{
    if (g->block == 0) {
        g->block = ms_at(g->data, 0);
        g->data = ms_tail(g->data, 1);
    }
    if (g->block == 0 || g->data.n == 0)
        return false;
    g->block--;
    *out = g->data.p[0];
    g->data = ms_tail(g->data, 1);
    return true;
}

static bool next_code(struct gif *g, unsigned width, unsigned *code)
{
    for (uint8_t byte; g->bit_count < width; g->bit_count += 8) {
        if (!next_byte(g, &byte))
            return false;
        g->bits |= (uint32_t)byte << g->bit_count;
    }
    *code = g->bits & ((1u << width) - 1);
    g->bits >>= width;
    g->bit_count -= width;
    return true;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Rows of an interlaced frame come in four passes: every 8th from 0, every 8th from 4, every 4th from 2, every 2nd from 1. */
static size_t row_of(const struct gif *g, size_t n)
{
    static const struct { size_t from, step; } passes[] = { { 0, 8 }, { 4, 8 }, { 2, 4 }, { 1, 2 } };
    for (size_t i = 0; g->interlaced && i < 4; i++) {
        size_t rows = g->height > passes[i].from ? (g->height - passes[i].from - 1) / passes[i].step + 1 : 0;
        if (n < rows)
            return passes[i].from + n * passes[i].step;
        n -= rows;
    }
    return n;
}

static void show(const struct gif *g)
{
    for (size_t n = 0; n * g->width < g->done; n++) {
        size_t         y = g->top + row_of(g, n), left = g->done - n * g->width;
        const uint8_t *row = g->pixels + n * g->width;
        for (size_t x = 0; y < g->out->height && x < g->width && x < left && g->left + x < g->out->width; x++)
            g->out->grey[y * g->out->stride + g->left + x] = g->palette[row[x]];
    }
}

/* ---- words ------------------------------------------------------------------------------------------------------- */

/* The word of a code, from its end. */
static void put_word(struct gif *g, unsigned code)
{
    size_t all = g->width * g->height, n = g->length[code];
    for (size_t i = n; i-- > 0; code = g->before[code])
        if (g->done + i < all)
            g->pixels[g->done + i] = g->last[code];
    g->done = all - g->done < n ? all : g->done + n;
}

/* The word of `old` and a byte become the word `code`. */
static void learn(struct gif *g, unsigned code, unsigned old, uint8_t byte)
{
    g->before[code] = (uint16_t)old;
    g->length[code] = (uint16_t)(g->length[old] + 1);
    g->first[code] = g->first[old];
    g->last[code] = byte;
}

static void unpack(struct gif *g, unsigned least)
{
    unsigned clear = 1u << least, next = clear + 2, width = least + 1, code, old = CODES;
    for (unsigned i = 0; i < clear; i++) {
        g->first[i] = g->last[i] = (uint8_t)i;
        g->length[i] = 1;
    }
    while (g->done < g->width * g->height && next_code(g, width, &code)) {
        if (code == clear) {
            next = clear + 2;
            width = least + 1;
            old = CODES;
            continue;
        }
        if (code == clear + 1 || code > next || (old == CODES && code >= clear) || (code == next && next == CODES))
            return;
        if (old != CODES && next < CODES) {
            learn(g, next, old, g->first[code == next ? old : code]);
            next++;
        }
        put_word(g, code);
        old = code;
        width += next == 1u << width && width < MOST_BITS;
    }
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static void read_palette(struct gif *g, unsigned flags)
{
    size_t n = flags & 0x80 ? (size_t)2 << (flags & 7) : 0;
    for (size_t i = 0; i < n; i++)
        g->palette[i] = ms_grey_of(ms_at(g->data, i * 3), ms_at(g->data, i * 3 + 1), ms_at(g->data, i * 3 + 2));
    g->data = ms_tail(g->data, n * 3);
}

/* Up to the picture. *clear: the colour that is transparent, or -1. */
static bool find_frame(struct gif *g, int *clear)
{
    *clear = -1;
    while (ms_at(g->data, 0) == 0x21) {
        bool control = ms_at(g->data, 1) == 0xf9 && ms_at(g->data, 3) & 1;
        *clear = control ? ms_at(g->data, 6) : *clear;
        g->data = ms_tail(g->data, 2);
        for (size_t n; (n = ms_at(g->data, 0)) > 0;)
            g->data = ms_tail(g->data, n + 1);
        g->data = ms_tail(g->data, 1);
    }
    return ms_at(g->data, 0) == 0x2c && g->data.n > 11;
}

static bool read_frame(struct gif *g)
{
    int clear;
    if (!find_frame(g, &clear))
        return false;
    const uint8_t *p = g->data.p;
    uint8_t        flags = p[9];
    g->left = ms_le16(p + 1);
    g->top = ms_le16(p + 3);
    g->width = ms_le16(p + 5);
    g->height = ms_le16(p + 7);
    g->interlaced = flags & 0x40;
    g->data = ms_tail(g->data, 10);
    read_palette(g, flags);
    if (clear >= 0)
        g->palette[clear] = 255;
    unsigned least = ms_at(g->data, 0);
    g->data = ms_tail(g->data, 1);
    if (least < 1 || least > 8 || g->width == 0 || g->width > g->out->width || g->height > g->out->height)
        return false;
    ms_picture_init(g->out, g->out->width, g->out->height);
    g->pixels = ms_alloc(g->width * g->height);
    unpack(g, least);
    show(g);
    ms_free(g->pixels);
    return g->done > 0;
}

bool ms_gif_read(struct ms_bytes b, struct ms_picture *out)
{
    struct gif *g = ms_alloc(sizeof *g);
    g->out = out;
    g->data = ms_tail(b, 13);
    for (unsigned i = 0; i < 256; i++)
        g->palette[i] = 255;
    read_palette(g, ms_at(b, 10));
    bool read = read_frame(g);
    ms_free(g);
    return read;
}
