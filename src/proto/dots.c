/* proto/dots.c - dot-unstuffing in spans: only an LF followed by a dot, and the borders of the input, are looked at closely.
 *
 * Inside of a span the search for "LF ." runs 64 bytes a turn. At such a place, and at the first bytes of each input, an automaton
 * takes single bytes; what it holds back is always one of a few constant strings, so nothing is ever copied.
 *
 * BUGS     after CRLF a lone ".LF" in strict mode loses its dot, as a receiver that unstuffs would do; one that keeps it stores one
 *          byte more.                                                                                            */
#include "proto/dots.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* What is known of the bytes just before. CLOSE: after CRLF (or any LF in lf mode), where a dot is markup. FAR: after a bare LF or
 * a gap, where a dot is text unless the receiver is lenient. */
enum state {
    MID,          /* within a line */
    CR,           /* within a line, after a CR */
    CLOSE,        /* at the start of a line */
    CLOSE_DOT,    /* ".", held */
    CLOSE_DOT_CR, /* ".CR", held */
    CLOSE_OVER,   /* ".LF", held: strict mode, perhaps the end */
    FAR,
    FAR_DOT,      /* "." held */
    FAR_DOT_CR,   /* ".CR" held */
    FAR_OVER,     /* ".LF" held: perhaps the end */
    FAR_OVER_CR,  /* ".CRLF" held: perhaps the end */
    ENDED,        /* the marker is complete; only inside of ms_dots_push() */
};

/* What a state holds back, as it is given when it turns out to be text: stuffed dots are gone. */
static struct ms_bytes held(uint8_t state)
{
    switch (state) {
    case CLOSE_DOT_CR: return MS_LIT("\r");
    case CLOSE_OVER: return MS_LIT("\n");
    case FAR_DOT: return MS_LIT(".");
    case FAR_DOT_CR: return MS_LIT(".\r");
    case FAR_OVER: return MS_LIT(".\n");
    case FAR_OVER_CR: return MS_LIT(".\r\n");
    default: return (struct ms_bytes){ NULL, 0 };
    }
}

static bool over(uint8_t state) { return state == CLOSE_OVER || state == FAR_OVER || state == FAR_OVER_CR; }

void ms_dots_start(struct ms_dots *d, bool lf) { *d = (struct ms_dots){ .state = CLOSE, .lf = lf }; }

bool ms_dots_may_be_over(const struct ms_dots *d) { return over(d->state); }

size_t ms_dots_held(const struct ms_dots *d)
{
    static const uint8_t bytes[] = { [CLOSE_DOT] = 1, [CLOSE_DOT_CR] = 2, [CLOSE_OVER] = 2, [FAR_DOT] = 1,
                                     [FAR_DOT_CR] = 2, [FAR_OVER] = 2, [FAR_OVER_CR] = 3, [ENDED] = 0 };
    return bytes[d->state];
}

void ms_dots_go_on(struct ms_dots *d) { d->passed = true; }

#if defined(__SSE2__)
/* A dot behind a byte up to CR, or above 0x7f, since signed bytes compare in one step. */
static __m128i perhaps(const uint8_t *p)
{
    __m128i here = _mm_loadu_si128((const void *)p), next = _mm_loadu_si128((const void *)(p + 1));
    return _mm_and_si128(_mm_cmpgt_epi8(_mm_set1_epi8('\r' + 1), here), _mm_cmpeq_epi8(next, _mm_set1_epi8('.')));
}

static unsigned exactly(const uint8_t *p)
{
    __m128i high = _mm_loadu_si128((const void *)p);
    return (unsigned)_mm_movemask_epi8(perhaps(p)) & ~(unsigned)_mm_movemask_epi8(high);
}

static bool find_in_block(const uint8_t *p, size_t n, size_t *hit)
{
    for (size_t k = 0; k + 16 <= n; k += 16) {
        unsigned mask = exactly(p + k);
        if (mask) {
            *hit = k + (size_t)__builtin_ctz(mask);
            return true;
        }
    }
    return false;
}

static bool may_have(const uint8_t *p)
{
    return _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(perhaps(p), perhaps(p + 16)), _mm_or_si128(perhaps(p + 32), perhaps(p + 48)))) != 0;
}

/* All of b, when it is long enough for one block; the last block overlaps the one before. */
static size_t find_blocks(struct ms_bytes b, size_t *hit)
{
    size_t at;
    for (size_t i = 0; b.n >= 65 && i + 1 < b.n; i += 64) {
        i = i + 65 <= b.n ? i : b.n - 65;
        if (!may_have(b.p + i) || !find_in_block(b.p + i, 64, &at))
            continue;
        *hit = i + at;
        break;
    }
    return b.n >= 65 ? b.n : 0;
}
#else
static size_t find_blocks(struct ms_bytes b, size_t *hit)
{
    (void)b, (void)hit;
    return 0;
}
#endif

/* Most mail is base64, without a dot. */
size_t ms_dots_find(struct ms_bytes b)
{
    size_t skip = ms_find(ms_tail(b, 1), '.');
    if (skip + 1 >= b.n)
        return b.n;
    struct ms_bytes rest = ms_tail(b, skip);
    size_t          hit = rest.n, i = find_blocks(rest, &hit);
    for (size_t dot = i; hit == rest.n && i < rest.n; i = dot) {
        dot = i + 1 + ms_find(ms_tail(rest, i + 1), '.');
        if (dot < rest.n && rest.p[dot - 1] <= '\r')
            hit = dot - 1;
    }
    return skip + hit;
}

/* Index of the LF of the first "LF ." in b, or b.n. Dots behind CR and the like are text, but they are told. */
static size_t find_lf_dot(struct ms_dots *d, struct ms_bytes b)
{
    for (size_t i = 0; i < b.n;) {
        i += ms_dots_find(ms_tail(b, i));
        d->near |= i < b.n;
        if (ms_at(b, i) == '\n' && i < b.n)
            return i;
        i++;
    }
    return b.n;
}

/* The state after text that was not stuffed, `text` not empty, with `before` known of the byte before it. */
static uint8_t after_text(const struct ms_dots *d, struct ms_bytes text, uint8_t before)
{
    uint8_t last = text.p[text.n - 1];
    if (last == '\r')
        return CR;
    if (last != '\n')
        return MID;
    bool cr = text.n > 1 ? text.p[text.n - 2] == '\r' : before == CR;
    return cr || d->lf ? CLOSE : FAR;
}

/* The next state when byte c continues what is held back; MID when it does not. */
static uint8_t step(const struct ms_dots *d, uint8_t c)
{
    switch (d->state) {
    case CLOSE: return c == '.' ? CLOSE_DOT : MID;
    case CLOSE_DOT: return c == '\r' ? CLOSE_DOT_CR : c != '\n' ? MID : d->lf ? ENDED : CLOSE_OVER;
    case CLOSE_DOT_CR: return c == '\n' ? ENDED : MID;
    case FAR: return c == '.' ? FAR_DOT : MID;
    case FAR_DOT: return c == '\r' ? FAR_DOT_CR : c == '\n' ? FAR_OVER : MID;
    case FAR_DOT_CR: return c == '\n' ? FAR_OVER_CR : MID;
    default: return MID;
    }
}

static void give(struct ms_bytes b, ms_dots_span *span, void *to)
{
    if (b.n)
        span(to, b);
}

/* What was held back is text after all: it is given, and the state says where that leaves us. */
static void give_held(struct ms_dots *d, ms_dots_span *span, void *to)
{
    struct ms_bytes text = held(d->state);
    d->loose |= over(d->state) && !d->gap;
    d->gap = d->passed = false;
    if (text.n == 0) {
        d->state = d->state == CLOSE_DOT || d->state == CLOSE || d->state == FAR ? MID : d->state;
        return;
    }
    give(text, span, to);
    d->state = after_text(d, text, MID);
}

/* Single bytes while a marker may be under way. False: *in is used up or the state is MID or CR. True: the end, or where to stop. */
static bool near_line_start(struct ms_dots *d, struct ms_bytes *in, ms_dots_span *span, void *to)
{
    while (in->n && d->state != MID && d->state != CR) {
        if (d->stop && !d->passed && !d->gap && over(d->state))
            return true;
        uint8_t next = step(d, in->p[0]);
        if (next == MID) { /* the byte is looked at again, as text or after the text that was held */
            give_held(d, span, to);
            continue;
        }
        *in = ms_tail(*in, 1);
        d->marker = next == ENDED ? (uint8_t)(ms_dots_held(d) + 1) : 0;
        d->state = next;
        if (next == ENDED)
            return true;
    }
    return false;
}

bool ms_dots_push(struct ms_dots *d, struct ms_bytes *in, ms_dots_span *span, void *to)
{
    for (;;) {
        if (near_line_start(d, in, span, to)) {
            d->state = over(d->state) ? d->state : CLOSE;
            return true;
        }
        if (in->n == 0)
            return false;
        size_t          lf = find_lf_dot(d, *in);
        struct ms_bytes text = ms_head(*in, lf + 1);
        *in = ms_tail(*in, text.n);
        d->state = after_text(d, text, d->state);
        span(to, text);
    }
}

void ms_dots_gap(struct ms_dots *d, ms_dots_span *span, void *to)
{
    give_held(d, span, to);
    d->state = FAR;
    d->gap = true;
}
