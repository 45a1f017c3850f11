/* base/text.c - numbers, times and wire bytes as text.
 *
 * BUGS     plain text keeps a backslash of the wire as it is, so "\x1b" written out by a sender looks like an escaped ESC.
 *          Combining marks and variation selectors are kept: they are part of ordinary text in many scripts. */
#include "base/text.h"

#include <stdio.h>

static const char hex_digits[] = "0123456789abcdef";

/* Room for n more bytes at the end; the caller fills them and adds to t->n. */
static uint8_t *reserve(struct ms_buffer *t, size_t n)
{
    if (n > t->size - t->n) {
        size_t size = t->size ? t->size * 2 : 64;
        t->size = size < t->n + n ? t->n + n : size;
        t->p = ms_resize(t->p, t->size);
    }
    return t->p + t->n;
}

void ms_text_add(struct ms_buffer *t, struct ms_bytes b) { ms_buffer_append(t, b); }

void ms_text_str(struct ms_buffer *t, const char *s) { ms_buffer_append(t, ms_str(s)); }

void ms_text_char(struct ms_buffer *t, char c)
{
    *reserve(t, 1) = (uint8_t)c;
    t->n++;
}

void ms_text_u64(struct ms_buffer *t, uint64_t v)
{
    uint8_t digits[20];
    size_t  at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while (v /= 10);
    ms_buffer_append(t, (struct ms_bytes){ digits + at, sizeof digits - at });
}

void ms_text_format(struct ms_buffer *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    size_t room = 128;
    int    n = vsnprintf((char *)reserve(t, room), room, fmt, ap);
    if (n >= (int)room)
        vsnprintf((char *)reserve(t, (size_t)n + 1), (size_t)n + 1, fmt, again);
    t->n += n > 0 ? (size_t)n : 0;
    va_end(again);
    va_end(ap);
}

/* v in exactly `width` digits, with zeros in front. */
static uint8_t *put_digits(uint8_t *p, uint64_t v, int width)
{
    for (int i = width; i-- > 0; v /= 10)
        p[i] = (uint8_t)('0' + v % 10);
    return p + width;
}

void ms_text_seconds(struct ms_buffer *t, int64_t ns, int digits)
{
    uint64_t v = ns > 0 ? (uint64_t)ns : 0, fraction = v % 1000000000;
    int      width = 9;
    ms_text_u64(t, v / 1000000000);
    for (; width > digits; width--)
        fraction /= 10;
    if (fraction == 0)
        return;
    for (; fraction % 10 == 0; width--)
        fraction /= 10;
    uint8_t *p = reserve(t, 10);
    *p = '.';
    put_digits(p + 1, fraction, width);
    t->n += (size_t)width + 1;
}

struct date { unsigned year, month, day; };

/* The Gregorian date of a day counted from 1970-01-01. Years begin on 1 March here, so that the leap day is the last one. */
static struct date date_of(int64_t days)
{
    const int64_t days_to_1970 = 719468, days_in_400_years = 146097; /* from 0000-03-01 */
    uint64_t d = (uint64_t)(days + days_to_1970);                    /* not negative for any time in 64-bit ns: 1677 to 2262 */
    uint64_t era = d / (uint64_t)days_in_400_years, of_era = d % (uint64_t)days_in_400_years;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t march_month = (5 * of_year + 2) / 153;
    unsigned month = (unsigned)(march_month < 10 ? march_month + 3 : march_month - 9);
    return (struct date){ (unsigned)(era * 400 + year) + (month <= 2), month,
                          (unsigned)(of_year - (153 * march_month + 2) / 5) + 1 };
}

void ms_text_time(struct ms_buffer *t, int64_t ns, int digits)
{
    const int64_t second = 1000000000, day = 86400 * second;
    int64_t days = ns / day - (ns % day < 0), in_day = ns % day + (ns % day < 0 ? day : 0);
    struct date d = date_of(days);
    uint64_t s = (uint64_t)(in_day / second), fraction = (uint64_t)(in_day % second);
    int      width = 9;
    for (; width > digits; width--)
        fraction /= 10;
    uint8_t *start = reserve(t, 32), *p = put_digits(start, d.year, 4);
    *p++ = '-';
    p = put_digits(p, d.month, 2);
    *p++ = '-';
    p = put_digits(p, d.day, 2);
    *p++ = 'T';
    p = put_digits(p, s / 3600, 2);
    *p++ = ':';
    p = put_digits(p, s / 60 % 60, 2);
    *p++ = ':';
    p = put_digits(p, s % 60, 2);
    if (width > 0) {
        *p++ = '.';
        p = put_digits(p, fraction, width);
    }
    *p++ = 'Z';
    t->n += (size_t)(p - start);
}

static void add_group(struct ms_buffer *t, unsigned v)
{
    unsigned shift = 12;
    while (shift && v >> shift == 0)
        shift -= 4;
    for (;; shift -= 4) {
        ms_text_char(t, hex_digits[v >> shift & 15]);
        if (shift == 0)
            return;
    }
}

/* First of the longest runs of two or more zero groups (RFC 5952 section 4.2); *length 0 when there is none. */
static int longest_zeros(const uint8_t ip[16], int *length)
{
    int best = -1;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && ms_be16(ip + 2 * (i + n)) == 0)
            n++;
        if (n > *length) {
            best = i;
            *length = n;
        }
        i += n;
    }
    return best;
}

void ms_text_address(struct ms_buffer *t, const uint8_t ip[16])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    if (memcmp(ip, mapped, sizeof mapped) == 0) {
        for (int i = 12; i < 16; i++) {
            if (i > 12)
                ms_text_char(t, '.');
            ms_text_u64(t, ip[i]);
        }
        return;
    }
    int length, zeros = longest_zeros(ip, &length);
    for (int i = 0; i < 8;) {
        if (i == zeros) {
            ms_text_str(t, "::");
            i += length;
            continue;
        }
        if (i > 0 && i != zeros + length)
            ms_text_char(t, ':');
        add_group(t, ms_be16(ip + 2 * i++));
    }
}

void ms_text_hex(struct ms_buffer *t, struct ms_bytes b)
{
    uint8_t *p = reserve(t, 2 * b.n);
    for (size_t i = 0; i < b.n; i++) {
        *p++ = (uint8_t)hex_digits[b.p[i] >> 4];
        *p++ = (uint8_t)hex_digits[b.p[i] & 15];
    }
    t->n += 2 * b.n;
}

void ms_text_size(struct ms_buffer *t, uint64_t bytes)
{
    static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    if (bytes < 1024) {
        ms_text_u64(t, bytes);
        ms_text_str(t, bytes == 1 ? " byte" : " bytes");
        return;
    }
    unsigned unit = 0;
    while (unit < 5 && bytes >> (10 * (unit + 2)))
        unit++;
    unsigned shift = 10 * (unit + 1);
    uint64_t whole = bytes >> shift;
    uint64_t tenth = ((bytes >> (shift - 10) & 1023) * 10) >> 10; /* cut, not rounded: never 1024.0 KiB */
    ms_text_u64(t, whole);
    if (whole < 10 && tenth) {
        ms_text_char(t, '.');
        ms_text_char(t, (char)('0' + tenth));
    }
    ms_text_char(t, ' ');
    ms_text_str(t, units[unit]);
}

size_t ms_utf8_sequence(struct ms_bytes b, uint32_t *code_point)
{
    uint8_t c = ms_at(b, 0);
    if (b.n == 0)
        return 0;
    if (c < 0x80) {
        *code_point = c;
        return 1;
    }
    size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
    if (c < 0xc2 || c > 0xf4 || b.n < n)
        return 0;
    uint32_t v = c & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((b.p[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (b.p[i] & 0x3f);
    }
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
        return 0;
    *code_point = v;
    return n;
}

size_t ms_utf8_put(uint8_t *out, uint32_t code_point)
{
    if (code_point < 0x80) {
        out[0] = (uint8_t)code_point;
        return 1;
    }
    size_t n = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; code_point >>= 6)
        out[i] = (uint8_t)(0x80 | (code_point & 0x3f));
    static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
    out[0] = (uint8_t)(lead[n] | code_point);
    return n;
}

struct ms_bytes ms_utf8_head(struct ms_bytes b, size_t n)
{
    size_t most = n;
    while (n < b.n && n > 0 && most - n < 3 && (b.p[n] & 0xc0) == 0x80)
        n--;
    return ms_head(b, n);
}

struct ms_bytes ms_utf8_last(struct ms_bytes b, size_t n)
{
    size_t from = b.n > n ? b.n - n : 0, most = from + 3;
    while (from > 0 && from < b.n && from < most && (b.p[from] & 0xc0) == 0x80)
        from++;
    return ms_tail(b, from);
}

/* ---- escapers: runs that need nothing are found eight bytes at a time and appended whole -------------------- */

static const uint64_t ONES = 0x0101010101010101, HIGHS = 0x8080808080808080;

static inline uint64_t equal_bytes(uint64_t w, uint8_t c) /* a high bit set somewhere when a byte of w is c */
{
    uint64_t x = w ^ ONES * c;
    return (x - ONES) & ~x & HIGHS;
}

static inline bool is_plain_ascii(uint8_t c, bool json)
{
    return c >= 0x20 && c < 0x7f && !(json && (c == '"' || c == '\\'));
}

/* Where the run of bytes that need no look ends, from i on. */
static inline size_t ascii_run(struct ms_bytes b, size_t i, bool json)
{
    for (; i + 8 <= b.n; i += 8) {
        uint64_t w;
        memcpy(&w, b.p + i, sizeof w);
        uint64_t special = (w | (w - ONES * 0x20) | (w + ONES)) & HIGHS; /* not ASCII, below SP, DEL */
        if (json)
            special |= equal_bytes(w, '"') | equal_bytes(w, '\\');
        if (special)
            break;
    }
    while (i < b.n && is_plain_ascii(b.p[i], json))
        i++;
    return i;
}

static void add_json_escape(struct ms_buffer *t, uint8_t c)
{
    static const char short_forms[128] = {
        ['"'] = '"', ['\\'] = '\\', ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't',
    };
    uint8_t *p = reserve(t, 6);
    *p++ = '\\';
    if (c < 128 && short_forms[c]) {
        *p = (uint8_t)short_forms[c];
        t->n += 2;
        return;
    }
    memcpy(p, "u00", 3);
    p[3] = (uint8_t)hex_digits[c >> 4];
    p[4] = (uint8_t)hex_digits[c & 15];
    t->n += 6;
}

void ms_text_json(struct ms_buffer *t, struct ms_bytes b)
{
    reserve(t, b.n + 2);
    ms_text_char(t, '"');
    for (size_t start = 0, i = 0; i < b.n;) {
        uint32_t cp = 0;
        size_t   n;
        i = ascii_run(b, i, true);
        while ((n = ms_utf8_sequence(ms_tail(b, i), &cp)) > 1 && cp > 0x9f)
            i += n;
        if (i < b.n && b.p[i] < 0x80 && is_plain_ascii(b.p[i], true))
            continue;
        ms_buffer_append(t, ms_slice(b, start, i - start));
        if (i == b.n)
            break;
        add_json_escape(t, n ? (uint8_t)cp : b.p[i]);
        start = i += n ? n : 1;
    }
    ms_text_char(t, '"');
}

struct range { uint32_t first, last; };

/* Binary search in sorted ranges. */
static bool in_ranges(uint32_t cp, const struct range *r, size_t n)
{
    while (n) {
        size_t half = n / 2;
        if (cp > r[half].last) {
            r += half + 1;
            n -= half + 1;
        } else if (cp < r[half].first) {
            n = half;
        } else {
            return true;
        }
    }
    return false;
}

/* What a reader cannot see or what turns the text around: C1, soft hyphen, fillers, zero-width, bidi, line and paragraph
 * separators, tags, interlinear marks. */
static bool is_hidden(uint32_t cp)
{
    static const struct range ranges[] = {
        { 0x80, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
        { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 },
        { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 },
        { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
    };
    return cp >= 0x80 && in_ranges(cp, ranges, sizeof ranges / sizeof *ranges);
}

static void add_plain_escape(struct ms_buffer *t, uint8_t c)
{
    const char *form = c == '\t' ? "\\t" : c == '\r' ? "\\r" : c == '\n' ? "\\n" : NULL;
    if (form)
        ms_text_str(t, form);
    else
        ms_text_format(t, "\\x%02x", c);
}

void ms_text_plain(struct ms_buffer *t, struct ms_bytes b)
{
    for (size_t start = 0, i = 0; i < b.n;) {
        uint32_t cp = 0;
        size_t   n;
        i = ascii_run(b, i, false);
        while ((n = ms_utf8_sequence(ms_tail(b, i), &cp)) > 1 && !is_hidden(cp))
            i += n;
        if (i < b.n && is_plain_ascii(b.p[i], false))
            continue;
        ms_buffer_append(t, ms_slice(b, start, i - start));
        if (i == b.n)
            break;
        if (n > 1)
            ms_text_format(t, "\\u{%04x}", (unsigned)cp);
        else
            add_plain_escape(t, b.p[i]);
        start = i += n ? n : 1;
    }
}

void ms_text_tsv(struct ms_buffer *t, struct ms_bytes b) { ms_text_plain(t, b); }

void ms_text_csv(struct ms_buffer *t, struct ms_bytes b)
{
    uint8_t first = ms_at(b, 0), last = b.n ? b.p[b.n - 1] : 0;
    bool status = ms_equal(b, MS_LIT("+OK")) || ms_equal(b, MS_LIT("-ERR")); /* POP3 codes are no formulas */
    bool formula = first && strchr("=+-@\t\r", first) && !status;
    bool quoted = first == ' ' || last == ' ' || ms_find(b, ',') < b.n || ms_find(b, '"') < b.n;
    if (quoted)
        ms_text_char(t, '"');
    if (formula)
        ms_text_char(t, '\'');
    while (b.n) {
        size_t quote = ms_find(b, '"');
        ms_text_plain(t, ms_head(b, quote));
        if (quote < b.n)
            ms_text_str(t, "\"\"");
        b = ms_tail(b, quote + 1);
    }
    if (quoted)
        ms_text_char(t, '"');
}

size_t ms_utf8_width(struct ms_bytes b)
{
    static const struct range zero[] = {
#define ZERO(first, last) { first, last },
#define WIDE(first, last)
#include "base/width.def"
#undef ZERO
#undef WIDE
    }, wide[] = {
#define ZERO(first, last)
#define WIDE(first, last) { first, last },
#include "base/width.def"
#undef ZERO
#undef WIDE
    };
    size_t columns = 0;
    for (size_t i = 0; i < b.n;) {
        uint32_t cp = 0;
        size_t   n = ms_utf8_sequence(ms_tail(b, i), &cp);
        i += n ? n : 1;
        if (cp < 0x300)
            columns++;
        else if (!in_ranges(cp, zero, sizeof zero / sizeof *zero))
            columns += in_ranges(cp, wide, sizeof wide / sizeof *wide) ? 2 : 1;
    }
    return columns;
}

size_t ms_utf8_fit(struct ms_bytes b, size_t columns)
{
    size_t at = 0, width = 0;
    while (at < b.n) {
        uint32_t code_point;
        size_t   n = ms_utf8_sequence(ms_tail(b, at), &code_point);
        n = n ? n : 1;
        width += ms_utf8_width(ms_slice(b, at, n));
        if (width > columns)
            break;
        at += n;
    }
    return at;
}
