/* content/archive/lzma.c - LZMA: a range coder with adaptive bits over literals and matches. The output is the dictionary. And LZMA2: LZMA in
 * chunks that say how much of its state goes on.
 *
 * Written from the description in lzma-specification.txt (public domain), LZMA2 from that of the .xz format.          */
#include "content/archive/unpack.h"

enum { STATES = 12, POSITIONS = 16, LENGTHS = 4, SLOTS = 64, ALIGN = 16, FULL = 115, HALF = 1024, MATCH_LEAST = 2, CONTEXT = 4 /* most bits of context of a literal: lc + lp */, RESETS_FREE = 16, RESET_BYTES = 256 };
#define END_MARK UINT32_MAX

struct coder { struct ms_cur in; uint32_t range, code; };
struct lengths { uint16_t choice, choice2, low[POSITIONS][8], mid[POSITIONS][8], high[256]; };
struct model {
    uint16_t       match[STATES][POSITIONS], rep[STATES], rep0[STATES], rep1[STATES], rep2[STATES], rep0_long[STATES][POSITIONS];
    uint16_t       slots[LENGTHS][SLOTS], special[FULL], align[ALIGN];
    struct lengths match_length, rep_length;
    unsigned       lc, lp, pb, state;
    uint32_t       reps[4];
    uint16_t      *literals;
    size_t         base;  /* where the dictionary begins in the output */
    size_t         end;   /* LZMA2: how long the output may become */
    bool           known; /* LZMA2: lc, lp and pb were said */
    size_t         resets; /* LZMA2: each costs more than a small chunk */
};

static unsigned bit(struct coder *c, uint16_t *p)
{
    uint32_t bound = (c->range >> 11) * *p;
    unsigned got = c->code >= bound;
    if (got) {
        c->code -= bound;
        c->range -= bound;
        *p = (uint16_t)(*p - (*p >> 5));
    } else {
        c->range = bound;
        *p = (uint16_t)(*p + ((2048 - *p) >> 5));
    }
    if (c->range < 1u << 24) {
        c->range <<= 8;
        c->code = c->code << 8 | ms_take_u8(&c->in);
    }
    return got;
}

static unsigned tree(struct coder *c, uint16_t *p, unsigned bits)
{
    unsigned m = 1;
    for (unsigned i = 0; i < bits; i++)
        m = m << 1 | bit(c, &p[m]);
    return m - (1u << bits);
}

static unsigned reverse_tree(struct coder *c, uint16_t *p, unsigned bits)
{
    unsigned m = 1, value = 0;
    for (unsigned i = 0; i < bits; i++) {
        unsigned b = bit(c, &p[m]);
        m = m << 1 | b;
        value |= b << i;
    }
    return value;
}

static uint32_t direct(struct coder *c, unsigned bits)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < bits; i++) {
        c->range >>= 1;
        unsigned b = c->code >= c->range;
        c->code -= b ? c->range : 0;
        value = value << 1 | b;
        if (c->range < 1u << 24) {
            c->range <<= 8;
            c->code = c->code << 8 | ms_take_u8(&c->in);
        }
    }
    return value;
}

static unsigned length(struct coder *c, struct lengths *l, unsigned position)
{
    if (!bit(c, &l->choice))
        return tree(c, l->low[position], 3);
    if (!bit(c, &l->choice2))
        return 8 + tree(c, l->mid[position], 3);
    return 16 + tree(c, l->high, 8);
}

static uint32_t distance(struct coder *c, struct model *m, unsigned len)
{
    unsigned slot = tree(c, m->slots[len < LENGTHS ? len : LENGTHS - 1], 6);
    if (slot < 4)
        return slot;
    unsigned bits = (slot >> 1) - 1;
    uint32_t d = (2u | (slot & 1)) << bits;
    if (slot < 14)
        return d + reverse_tree(c, m->special + d - slot, bits);
    return d + (direct(c, bits - 4) << 4) + reverse_tree(c, m->align, 4);
}

static void put(struct ms_buffer *out, uint8_t byte)
{
    if (out->n < out->size)
        out->p[out->n++] = byte;
    else
        ms_buffer_append(out, (struct ms_bytes){ &byte, 1 });
}

static void literal(struct coder *c, struct model *m, struct ms_buffer *out)
{
    size_t    at = out->n - m->base;
    unsigned  before = at ? out->p[out->n - 1] : 0, symbol = 1;
    uint16_t *p = m->literals + (size_t)0x300 * (((at & ((1u << m->lp) - 1)) << m->lc) + (before >> (8 - m->lc)));
    unsigned  match = m->state >= 7 && m->reps[0] < at ? out->p[out->n - m->reps[0] - 1] : 0;
    for (bool same = m->state >= 7; symbol < 0x100;) {
        unsigned match_bit = match >> 7 & 1, got;
        match <<= 1;
        got = same ? bit(c, &p[((1 + match_bit) << 8) + symbol]) : bit(c, &p[symbol]);
        symbol = symbol << 1 | got;
        same = same && got == match_bit;
    }
    put(out, (uint8_t)symbol);
    m->state = m->state < 4 ? 0 : m->state < 10 ? m->state - 3 : m->state - 6;
}

/* One of the last four distances, moved to the front. */
static void choose_rep(struct coder *c, struct model *m)
{
    unsigned which = !bit(c, &m->rep1[m->state]) ? 1 : !bit(c, &m->rep2[m->state]) ? 2 : 3;
    uint32_t d = m->reps[which];
    for (; which > 0; which--)
        m->reps[which] = m->reps[which - 1];
    m->reps[0] = d;
}

static size_t match(struct coder *c, struct model *m, unsigned position)
{
    if (!bit(c, &m->rep[m->state])) {
        memmove(m->reps + 1, m->reps, 3 * sizeof *m->reps);
        unsigned len = length(c, &m->match_length, position);
        m->state = m->state < 7 ? 7 : 10;
        m->reps[0] = distance(c, m, len);
        return len + MATCH_LEAST;
    }
    if (bit(c, &m->rep0[m->state]))
        choose_rep(c, m);
    else if (!bit(c, &m->rep0_long[m->state][position])) {
        m->state = m->state < 7 ? 9 : 11;
        return 1;
    }
    unsigned len = length(c, &m->rep_length, position);
    m->state = m->state < 7 ? 8 : 11;
    return len + MATCH_LEAST;
}

/* Until the output has `most` bytes, or the end mark. */
static bool run(struct coder *c, struct model *m, size_t most, struct ms_buffer *out)
{
    while (out->n < most && !c->in.bad) {
        unsigned position = (unsigned)(out->n - m->base) & ((1u << m->pb) - 1);
        if (!bit(c, &m->match[m->state][position])) {
            literal(c, m, out);
            continue;
        }
        size_t n = match(c, m, position);
        if (m->reps[0] == END_MARK)
            return true;
        if (m->reps[0] >= out->n - m->base)
            return false;
        for (n = n < most - out->n ? n : most - out->n; n > 0; n--)
            put(out, out->p[out->n - m->reps[0] - 1]);
    }
    return out->n == most && !c->in.bad;
}

/* ---- models and chunks ----------------------------------------------------------------------------------------- */

static void reset(struct model *m)
{
    for (uint16_t *p = m->match[0]; p < (uint16_t *)(void *)&m->lc; p++)
        *p = HALF;
    for (size_t i = 0; i < (size_t)0x300 << (m->lc + m->lp); i++)
        m->literals[i] = HALF;
    m->state = 0;
    memset(m->reps, 0, sizeof m->reps);
}

static bool set_properties(struct model *m, unsigned d)
{
    m->lc = d % 9;
    m->lp = d / 9 % 5;
    m->pb = d / 45;
    return m->pb <= 4 && m->lc + m->lp <= CONTEXT;
}

static struct model *new_model(void)
{
    struct model *m = ms_alloc(sizeof *m);
    *m = (struct model){ .literals = ms_alloc(((size_t)0x300 << CONTEXT) * sizeof *m->literals) };
    return m;
}

static void free_model(struct model *m)
{
    ms_free(m->literals);
    ms_free(m);
}

static bool run_packed(struct ms_bytes packed, struct model *m, size_t most, struct ms_buffer *out)
{
    struct coder c = { .in = { packed, false }, .range = UINT32_MAX };
    if (ms_take_u8(&c.in) != 0)
        return false;
    c.code = ms_take_be32(&c.in);
    return run(&c, m, most, out);
}

bool ms_lzma_unpack(struct ms_bytes packed, struct ms_bytes properties, size_t most, struct ms_buffer *out)
{
    struct model *m = new_model();
    m->base = out->n;
    bool ok = properties.n == 5 && set_properties(m, properties.p[0]);
    if (ok) {
        reset(m);
        ok = run_packed(packed, m, most < SIZE_MAX - out->n ? out->n + most : SIZE_MAX, out);
    }
    free_model(m);
    return ok;
}

/* What follows the first byte of a chunk that is packed: sizes less one, perhaps properties. */
static bool packed_chunk(struct ms_cur *c, struct model *m, unsigned control, struct ms_buffer *out)
{
    enum { STATE = 1, PROPERTIES = 2, DICTIONARY = 3 };
    unsigned        what = control >> 5 & 3;
    size_t          size = (size_t)(control & 31) << 16 | ms_take_be16(c), n = ms_take_be16(c);
    bool            known = what >= PROPERTIES ? set_properties(m, ms_take_u8(c)) : m->known;
    struct ms_bytes packed = ms_head(c->rest, n + 1);
    c->rest = ms_tail(c->rest, n + 1);
    m->known = known;
    if (c->bad || !known)
        return false;
    if (what == DICTIONARY)
        m->base = out->n;
    if (what >= STATE)
        reset(m);
    m->resets += what >= STATE;
    return run_packed(packed, m, size < m->end - out->n ? out->n + size + 1 : m->end, out);
}

bool ms_lzma2_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out, size_t *used)
{
    struct ms_cur c = { packed, false };
    size_t        start = out->n;
    bool          ok = true;
    *used = 1;
    if (ms_at(packed, 0) == 0)
        return packed.n > 0;
    struct model *m = new_model();
    m->base = start;
    m->end = most < SIZE_MAX - start ? start + most : SIZE_MAX;
    while (ok && out->n < m->end) {
        unsigned control = ms_take_u8(&c);
        if (control == 0)
            break;
        if (control & 0x80) {
            ok = packed_chunk(&c, m, control, out) && m->resets <= RESETS_FREE + (packed.n - c.rest.n) / RESET_BYTES;
            continue;
        }
        size_t          n = ms_take_be16(&c) + 1u;
        struct ms_bytes plain = ms_head(c.rest, n);
        ok = control <= 2 && plain.n == n;
        m->base = control == 1 ? out->n : m->base;
        ms_buffer_append(out, ms_head(plain, m->end - out->n));
        c.rest = ms_tail(c.rest, n);
    }
    *used = packed.n - c.rest.n;
    free_model(m);
    return ok && !c.bad;
}
