#include "mail/base64.h"

#include "base/cpu.h"

enum { PAD = 64, BLANK = 65, FOREIGN = 66 };

#define P PAD
#define B BLANK
#define X FOREIGN
static const uint8_t values[256] = {
    X, X, X, X, X, X, X, X, X, B, B, X, X, B, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    B, X, X, X, X, X, X, X, X, X, X, 62, X, X, X, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X, X, X, P, X, X,
    X, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X, X, X, X, X,
    X, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
};
#undef P
#undef B
#undef X

/* A run over input and output; `at` and `made` only grow. */
struct run { const uint8_t *in; size_t n, at; uint8_t *out; size_t room, made; };

enum ms_base64_kernel ms_base64_best(void)
{
#if MS_CPU_X86
    if (ms_cpu_has_avx2())
        return MS_BASE64_AVX2;
    if (__builtin_cpu_supports("ssse3"))
        return MS_BASE64_SSSE3;
#endif
    return MS_BASE64_SCALAR;
}

struct ms_base64 ms_base64_start(void)
{
    return (struct ms_base64){ .kernel = (uint8_t)ms_base64_best(), .bol = true };
}

static bool dash_ahead(const struct ms_base64 *d, const struct run *r)
{
    return d->dash_stops && d->bol && r->at < r->n && r->in[r->at] == '-';
}

/* Takes a line end that stands between two groups; false when something else stands there. */
static bool take_line_end(struct ms_base64 *d, struct run *r)
{
    uint8_t c = r->in[r->at];
    if (c == '\r' && r->at + 1 < r->n && r->in[r->at + 1] == '\n') {
        r->at += 2;
    } else if (c == '\n') {
        r->at++;
        d->bare_lf = true;
    } else {
        return false;
    }
    d->bol = true;
    return true;
}

#if MS_CPU_X86
/* Every byte is judged by its two nibbles: `by_low` holds, for a low nibble, the high nibbles (as classes) with which it is
 * foreign; `by_high` gives the class. A common bit means foreign. The offset from byte to value depends on the high nibble
 * alone, but for '/', which shares one with '+'.                                                                         */
#define BY_LOW 0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A
#define BY_HIGH 0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10
#define OFFSET 0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0
#define GATHER 2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1

MS_AVX2 __attribute__((always_inline)) static inline uint32_t block_avx2(const uint8_t *in, uint8_t *out)
{
    const __m256i by_low = _mm256_setr_epi8(BY_LOW, BY_LOW), by_high = _mm256_setr_epi8(BY_HIGH, BY_HIGH);
    const __m256i offset = _mm256_setr_epi8(OFFSET, OFFSET), gather = _mm256_setr_epi8(GATHER, GATHER);
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)in);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(v, 4), nibble), low = _mm256_and_si256(v, nibble);
    __m256i both = _mm256_and_si256(_mm256_shuffle_epi8(by_low, low), _mm256_shuffle_epi8(by_high, high));
    __m256i good = _mm256_cmpeq_epi8(both, _mm256_setzero_si256());
    __m256i slash = _mm256_cmpeq_epi8(v, _mm256_set1_epi8('/'));
    v = _mm256_add_epi8(v, _mm256_shuffle_epi8(offset, _mm256_add_epi8(slash, high)));
    v = _mm256_maddubs_epi16(v, _mm256_set1_epi32(0x01400140));
    v = _mm256_madd_epi16(v, _mm256_set1_epi32(0x00011000));
    v = _mm256_shuffle_epi8(v, gather);
    v = _mm256_permutevar8x32_epi32(v, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)(void *)out, v);
    return ~(uint32_t)_mm256_movemask_epi8(good);
}

__attribute__((target("ssse3"), always_inline)) static inline uint32_t block_ssse3(const uint8_t *in, uint8_t *out)
{
    const __m128i nibble = _mm_set1_epi8(0x0f);
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)in);
    __m128i high = _mm_and_si128(_mm_srli_epi32(v, 4), nibble), low = _mm_and_si128(v, nibble);
    __m128i both = _mm_and_si128(_mm_shuffle_epi8(_mm_setr_epi8(BY_LOW), low), _mm_shuffle_epi8(_mm_setr_epi8(BY_HIGH), high));
    __m128i good = _mm_cmpeq_epi8(both, _mm_setzero_si128());
    __m128i slash = _mm_cmpeq_epi8(v, _mm_set1_epi8('/'));
    v = _mm_add_epi8(v, _mm_shuffle_epi8(_mm_setr_epi8(OFFSET), _mm_add_epi8(slash, high)));
    v = _mm_maddubs_epi16(v, _mm_set1_epi32(0x01400140));
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00011000));
    _mm_storeu_si128((__m128i *)(void *)out, _mm_shuffle_epi8(v, _mm_setr_epi8(GATHER)));
    return ~(uint32_t)_mm_movemask_epi8(good) & 0xffffu;
}

/* Lines of 76 and CRLF, as nearly all mail has them. The third block overlaps the second by five groups. */
MS_AVX2 static void lines_of_76_avx2(struct ms_base64 *d, struct run *r)
{
    while (r->n - r->at >= 78 && r->room - r->made >= MS_BASE64_ROOM) {
        const uint8_t *in = r->in + r->at;
        uint8_t       *out = r->out + r->made;
        if (in[76] != '\r' || in[77] != '\n' || (d->dash_stops && in[0] == '-'))
            return;
        if (block_avx2(in, out) | block_avx2(in + 32, out + 24) | block_avx2(in + 44, out + 33))
            return;
        r->at += 78;
        r->made += 57;
        d->bol = true;
    }
}

/* What a block of `width` characters gave: `foreign` has a bit for each that is none. False: stop here. */
static inline bool advance(struct ms_base64 *d, struct run *r, uint32_t foreign, unsigned width)
{
    unsigned good = foreign ? (unsigned)__builtin_ctz(foreign) : width;
    r->at += good & ~3u;
    r->made += good / 4 * 3;
    if (good)
        d->bol = false;
    if (good == width)
        return true;
    return good % 4 == 0 && take_line_end(d, r) && !dash_ahead(d, r);
}

MS_AVX2 static void blocks_avx2(struct ms_base64 *d, struct run *r)
{
    bool on = true;
    while (on && r->n - r->at >= 32 && r->room - r->made >= MS_BASE64_ROOM) {
        on = advance(d, r, block_avx2(r->in + r->at, r->out + r->made), 32);
        if (on && d->bol)
            lines_of_76_avx2(d, r);
        on = on && !dash_ahead(d, r);
    }
}

__attribute__((target("ssse3"))) static void blocks_ssse3(struct ms_base64 *d, struct run *r)
{
    bool on = true;
    while (on && r->n - r->at >= 16 && r->room - r->made >= MS_BASE64_ROOM)
        on = advance(d, r, block_ssse3(r->in + r->at, r->out + r->made), 16);
}
#endif

static void groups_scalar(struct ms_base64 *d, struct run *r)
{
    while (r->n - r->at >= 4 && r->room - r->made >= MS_BASE64_ROOM) {
        const uint8_t *p = r->in + r->at;
        uint32_t a = values[p[0]], b = values[p[1]], c = values[p[2]], e = values[p[3]];
        if ((a | b | c | e) >= 64) {
            if (a < 64 || !take_line_end(d, r) || dash_ahead(d, r))
                return;
            continue;
        }
        uint32_t v = a << 18 | b << 12 | c << 6 | e;
        r->out[r->made] = (uint8_t)(v >> 16);
        r->out[r->made + 1] = (uint8_t)(v >> 8);
        r->out[r->made + 2] = (uint8_t)v;
        r->at += 4;
        r->made += 3;
        d->bol = false;
    }
}

static void fast(struct ms_base64 *d, struct run *r)
{
#if MS_CPU_X86
    if (d->kernel == MS_BASE64_AVX2) {
        if (d->bol)
            lines_of_76_avx2(d, r);
        if (!dash_ahead(d, r))
            blocks_avx2(d, r);
    } else if (d->kernel == MS_BASE64_SSSE3) {
        blocks_ssse3(d, r);
    }
#endif
    if (!dash_ahead(d, r))
        groups_scalar(d, r);
}

static void put_group(struct ms_base64 *d, struct run *r)
{
    uint32_t v = d->bits << (6 * (4 - d->count));
    for (unsigned i = 0; i + 1 < d->count; i++)
        r->out[r->made++] = (uint8_t)(v >> (16 - 8 * i));
    d->bits = 0;
    d->count = d->pads = 0;
}

static void take_value(struct ms_base64 *d, struct run *r, uint32_t value)
{
    if (d->padded || d->pads)
        d->foreign = true;
    d->padded = false;
    d->pads = 0;
    d->bits = d->bits << 6 | value;
    if (++d->count == 4)
        put_group(d, r);
}

static void take_pad(struct ms_base64 *d, struct run *r)
{
    if (d->count < 2) {
        d->foreign = true;
        return;
    }
    if (++d->pads + d->count < 4)
        return;
    put_group(d, r);
    d->padded = true;
}

/* Completes the group that a cut, or a line end, left open. In locals: a run of take_byte() would wait for its own stores. */
static void fill_group(struct ms_base64 *d, struct run *r)
{
    uint32_t bits = d->bits, count = d->count;
    size_t   at = r->at;
    while (at < r->n && count < 4 && values[r->in[at]] < 64) {
        bits = bits << 6 | values[r->in[at++]];
        count++;
    }
    if (at == r->at)
        return;
    r->at = at;
    d->bol = false;
    d->bits = bits;
    d->count = (uint8_t)count;
    if (count == 4)
        put_group(d, r);
}

/* Characters of the line under way in front of `at`; MS_BASE64_SHORT: that many or more. */
static uint8_t column_at(const struct ms_base64 *d, const struct run *r, size_t at)
{
    size_t n = 0;
    while (n < at && n < MS_BASE64_SHORT && r->in[at - n - 1] != '\n')
        n++;
    size_t all = n < at ? n : n + d->column;
    return (uint8_t)(all < MS_BASE64_SHORT ? all : MS_BASE64_SHORT);
}

/* One byte that the fast ways do not take. */
static void take_byte(struct ms_base64 *d, struct run *r)
{
    uint8_t c = r->in[r->at], value = values[c];
    r->at++;
    d->bare_lf |= c == '\n' && !d->cr;
    d->bare_cr |= c != '\n' && d->cr;
    d->split |= c != '\n' && d->cr && d->count > 0;
    d->cr = c == '\r';
    d->nul |= c == 0;
    d->bol = c == '\n';
    if (d->skip_line)
        d->skip_line = c != '\n';
    else if (value < 64)
        take_value(d, r, value);
    else if (value == PAD)
        take_pad(d, r);
    else if (value == FOREIGN)
        d->foreign = true;
    else if (c != '\r')
        d->split |= d->count > 0 && (c != '\n' || column_at(d, r, r->at - 1) < MS_BASE64_SHORT);
}

size_t ms_base64_push(struct ms_base64 *d, struct ms_bytes in, struct ms_buffer *out)
{
    enum { SLOW_BYTES = 16 }; /* before the fast way is tried again: junk costs no more than a table look-up */
    struct run r = { in.p, in.n, 0, out->p + out->n, out->size - out->n, 0 };
    while (r.at < r.n && r.room - r.made >= MS_BASE64_ROOM && !dash_ahead(d, &r)) {
        if (!d->padded && !d->pads && !d->skip_line && !d->cr) {
            if (d->count)
                fill_group(d, &r);
            if (d->count == 0)
                fast(d, &r);
            if (r.room - r.made >= MS_BASE64_ROOM && !dash_ahead(d, &r))
                fill_group(d, &r);
        }
        for (unsigned i = 0; r.at < r.n && (i < SLOW_BYTES || d->count) && !dash_ahead(d, &r); i++) {
            if (r.room - r.made < MS_BASE64_ROOM)
                break;
            take_byte(d, &r);
            if (d->bol && d->count == 0)
                break;
        }
    }
    d->column = column_at(d, &r, r.at);
    out->n += r.made;
    return r.at;
}

void ms_base64_finish(struct ms_base64 *d, struct ms_buffer *out)
{
    struct run r = { NULL, 0, 0, out->p + out->n, out->size - out->n, 0 };
    if (d->count == 1)
        d->foreign = true;
    if (d->count)
        put_group(d, &r);
    out->n += r.made;
}
