/* content/text/entities.c - character references of HTML (WHATWG HTML 13.2.5.72 to 13.2.5.80). */
#include "content/text/html.h"

#include "base/text.h"
#include "mail/scan.h"

static const struct entity { struct ms_bytes name; uint16_t point; bool bare; } entities[] = {
#define X(name, point, bare) { { (const uint8_t *)(name), sizeof(name) - 1 }, point, bare },
#include "content/text/entities.def"
#undef X
};
enum { ENTITIES = sizeof entities / sizeof *entities, LONGEST = 14, REPLACEMENT = 0xfffd };

/* What stands in windows-1252 at 0x80 to 0x9f: references to these numbers mean that. */
static const uint16_t windows[32] = {
    0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178,
};

static unsigned digit_of(uint8_t c, unsigned base)
{
    int value = ms_hex_digit(c);
    return value >= 0 && (unsigned)value < base ? (unsigned)value : 16;
}

/* Behind "&#". Returns bytes used; 0: no reference. */
static size_t read_number(struct ms_bytes b, uint32_t *point)
{
    unsigned base = ms_lower(ms_at(b, 0)) == 'x' ? 16 : 10;
    size_t   start = base == 16, at = start;
    uint32_t value = 0;
    for (unsigned digit; at < b.n && (digit = digit_of(b.p[at], base)) < 16; at++)
        value = value > 0x10ffff ? value : value * base + digit;
    if (at == start)
        return 0;
    bool bad = value == 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000);
    *point = bad ? REPLACEMENT : value >= 0x80 && value < 0xa0 ? windows[value - 0x80] : value;
    return at + (ms_at(b, at) == ';');
}

static int order(struct ms_bytes a, struct ms_bytes b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int    c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : a.n < b.n ? -1 : a.n > b.n;
}

static const struct entity *find(struct ms_bytes name)
{
    size_t low = 0, high = ENTITIES;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int    c = order(entities[middle].name, name);
        if (c == 0)
            return &entities[middle];
        if (c < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static bool is_name(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z'); }

/* Behind '&'. The longest name that is one: whole with ';', else a beginning that needs none. */
static size_t read_name(struct ms_bytes b, bool attribute, uint32_t *point)
{
    size_t n = 0;
    while (n < LONGEST && is_name(ms_at(b, n)))
        n++;
    const struct entity *e = ms_at(b, n) == ';' ? find(ms_head(b, n)) : NULL;
    if (e) {
        *point = e->point;
        return n + 1;
    }
    for (; n > 1; n--) {
        e = find(ms_head(b, n));
        if (!e || !e->bare)
            continue;
        if (attribute && (is_name(ms_at(b, n)) || ms_at(b, n) == '='))
            return 0;
        *point = e->point;
        return n;
    }
    return 0;
}

void ms_html_decode(struct ms_bytes raw, bool attribute, struct ms_buffer *out)
{
    while (raw.n) {
        size_t n = ms_find_either(raw, '&', 0);
        ms_buffer_append(out, ms_head(raw, n));
        if (n == raw.n)
            return;
        uint32_t        point = raw.p[n] ? '&' : REPLACEMENT;
        struct ms_bytes behind = ms_tail(raw, n + 1);
        size_t          used = 0;
        if (raw.p[n])
            used = ms_at(behind, 0) == '#' ? read_number(ms_tail(behind, 1), &point) : read_name(behind, attribute, &point);
        used += used && ms_at(behind, 0) == '#';
        uint8_t character[4];
        ms_buffer_append(out, (struct ms_bytes){ character, ms_utf8_put(character, point) });
        raw = ms_tail(behind, used);
    }
}
