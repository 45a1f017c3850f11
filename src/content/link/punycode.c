/* content/link/punycode.c - the Bootstring of RFC 3492 with the parameters of its section 5. */
#include "content/link/punycode.h"

enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, FIRST_BIAS = 72, FIRST_POINT = 0x80, LAST_POINT = 0x10ffff };

/* Section 6.1 */
static uint32_t adapted(uint32_t delta, size_t points, bool first)
{
    uint32_t k = 0;
    delta = first ? delta / DAMP : delta / 2;
    delta += delta / (uint32_t)points;
    for (; delta > ((BASE - T_MIN) * T_MAX) / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
    return k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
}

static uint32_t digit_value(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return low >= 'a' && low <= 'z' ? (uint32_t)(low - 'a') : ms_is_digit(c) ? (uint32_t)(c - '0') + 26 : (uint32_t)BASE;
}

/* One generalised variable-length integer (section 6.2), added to *i. */
static bool take_delta(struct ms_cur *in, uint32_t bias, uint32_t *i)
{
    uint32_t weight = 1;
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t digit = digit_value(ms_take_u8(in)), t = threshold(k, bias), step;
        if (in->bad || digit >= BASE || __builtin_mul_overflow(digit, weight, &step) || __builtin_add_overflow(*i, step, i))
            return false;
        if (digit < t)
            return true;
        if (__builtin_mul_overflow(weight, BASE - t, &weight))
            return false;
    }
}

/* The characters before the last '-' stand for themselves. Returns how many; SIZE_MAX when one is not ASCII. */
static size_t take_basic(struct ms_cur *in, uint32_t *out)
{
    size_t n = in->rest.n;
    while (n > 0 && in->rest.p[n - 1] != '-')
        n--;
    for (size_t i = 0; i + 1 < n; i++) {
        if (in->rest.p[i] >= 0x80)
            return SIZE_MAX;
        out[i] = ms_lower(in->rest.p[i]);
    }
    in->rest = ms_tail(in->rest, n);
    return n ? n - 1 : 0;
}

size_t ms_punycode_decode(struct ms_bytes label, uint32_t out[MS_LABEL_CHARS])
{
    if (label.n > MS_LABEL_CHARS)
        return 0;
    struct ms_cur in = { label, false };
    uint32_t point = FIRST_POINT, i = 0, bias = FIRST_BIAS;
    size_t   n = take_basic(&in, out);
    if (n == SIZE_MAX)
        return 0;
    while (in.rest.n) {
        uint32_t before = i;
        if (n == MS_LABEL_CHARS || !take_delta(&in, bias, &i))
            return 0;
        n++;
        bias = adapted(i - before, n, before == 0);
        uint32_t more = i / (uint32_t)n;
        if (more > LAST_POINT - point)
            return 0;
        point += more;
        if (point >= 0xd800 && point <= 0xdfff) /* halves of pairs are no characters */
            return 0;
        i %= (uint32_t)n;
        memmove(out + i + 1, out + i, (n - 1 - i) * sizeof *out);
        out[i++] = point;
    }
    return n;
}

struct writer { uint8_t *out; size_t n, room; };

static void put(struct writer *w, uint32_t digit)
{
    if (w->n < w->room)
        w->out[w->n] = (uint8_t)(digit < 26 ? 'a' + digit : '0' + digit - 26);
    w->n++;
}

static void put_delta(struct writer *w, uint32_t delta, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = threshold(k, bias);
        if (delta < t)
            break;
        put(w, t + (delta - t) % (BASE - t));
        delta = (delta - t) / (BASE - t);
    }
    put(w, delta);
}

static uint32_t next_point(const uint32_t *points, size_t n, uint32_t from)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < n; i++)
        if (points[i] >= from && points[i] < least)
            least = points[i];
    return least;
}

static size_t put_basic(struct writer *w, const uint32_t *points, size_t n)
{
    size_t basic = 0;
    for (size_t i = 0; i < n; i++)
        if (points[i] < FIRST_POINT) {
            if (w->n < w->room)
                w->out[w->n] = (uint8_t)points[i];
            w->n++;
            basic++;
        }
    if (basic && w->n < w->room)
        w->out[w->n] = '-';
    w->n += basic != 0;
    return basic;
}

size_t ms_punycode_encode(const uint32_t *points, size_t n, uint8_t *out, size_t room)
{
    struct writer w = { out, 0, room };
    if (n > MS_LABEL_CHARS) /* then no sum below overflows: 0x10ffff * 257 */
        return 0;
    size_t   basic = put_basic(&w, points, n), done = basic;
    uint32_t point = FIRST_POINT, delta = 0, bias = FIRST_BIAS;
    while (done < n) {
        uint32_t next = next_point(points, n, point);
        delta += (next - point) * (uint32_t)(done + 1);
        point = next;
        for (size_t i = 0; i < n; i++) {
            delta += points[i] < point;
            if (points[i] != point)
                continue;
            put_delta(&w, delta, bias);
            bias = adapted(delta, done + 1, done == basic);
            delta = 0;
            done++;
        }
        delta++;
        point++;
    }
    return w.n <= room ? w.n : 0;
}
