/* base/bytes.h - borrowed byte slices, and a reader that cannot run past the end.
 *
 * Units    bytes everywhere.
 * Borrows  a slice never owns its bytes; they may hold NULs and are not terminated. A struct that keeps
 *          a slice says in which arena the bytes live.
 * Threads  pure: no globals, no allocation.                                                        */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ms_bytes { const uint8_t *p; size_t n; };
struct ms_cur   { struct ms_bytes rest; bool bad; }; /* `bad` sticks: test it once, at the end */

/* What a parser step says (design: one contract for all parsers). MORE used nothing: call again with
 * the same bytes and at least one more. DONE filled *out. SKIP used bytes but left *out alone.        */
enum ms_step_kind { MS_MORE, MS_DONE, MS_SKIP };
struct ms_step    { enum ms_step_kind kind; size_t used; uint32_t odd; };

#define MS_LIT(s) ((struct ms_bytes){ (const uint8_t *)(s), sizeof(s) - 1 })

size_t ms_find(struct ms_bytes b, uint8_t c);                /* index of the first c, or b.n when absent */
bool   ms_equal(struct ms_bytes a, struct ms_bytes b);
bool   ms_equal_nocase(struct ms_bytes a, struct ms_bytes b); /* ASCII case folding only */
bool   ms_is_one_of(struct ms_bytes word, const char *list);  /* "a|b|c": whole words, without regard to case */
bool   ms_starts_nocase(struct ms_bytes b, struct ms_bytes prefix);
size_t ms_search_nocase(struct ms_bytes hay, struct ms_bytes needle); /* index, or hay.n; linear for short needles */
struct ms_bytes ms_trim(struct ms_bytes b);                  /* without SP, HT, CR, LF at either end */
bool   ms_parse_u64(struct ms_bytes b, uint64_t *out);       /* all digits, no overflow; false otherwise */
size_t ms_edit_distance(struct ms_bytes a, struct ms_bytes b); /* caseless; of the first 64 bytes: for "did you mean" */
struct ms_bytes ms_take_word(struct ms_bytes *b);            /* next run of non-blank bytes; skips blanks first */

static inline struct ms_bytes ms_str(const char *s) /* a C string as a slice; NULL is empty */
{
    return (struct ms_bytes){ (const uint8_t *)s, s ? strlen(s) : 0 };
}
static inline struct ms_bytes ms_head(struct ms_bytes b, size_t n) /* first n bytes, or fewer */
{
    return (struct ms_bytes){ b.p, n < b.n ? n : b.n };
}
static inline struct ms_bytes ms_tail(struct ms_bytes b, size_t n) /* what follows the first n bytes */
{
    return n < b.n ? (struct ms_bytes){ b.p + n, b.n - n } : (struct ms_bytes){ b.p ? b.p + b.n : NULL, 0 };
}
static inline struct ms_bytes ms_slice(struct ms_bytes b, size_t at, size_t n)
{
    return ms_head(ms_tail(b, at), n);
}
static inline uint8_t ms_at(struct ms_bytes b, size_t i) /* 0 outside the slice */
{
    return i < b.n ? b.p[i] : 0;
}
static inline uint8_t ms_lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c; }
static inline bool    ms_is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static inline bool    ms_is_letter(uint8_t c) { return ms_lower(c) >= 'a' && ms_lower(c) <= 'z'; } /* ASCII */
static inline int     ms_hex_digit(uint8_t c) /* its value, or -1 */
{
    uint8_t low = ms_lower(c);
    return ms_is_digit(c) ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}
static inline bool    ms_is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

/* Fixed-width reads. They return 0 and set `bad` once the slice is used up. */
static inline uint8_t ms_take_u8(struct ms_cur *c)
{
    if (c->rest.n == 0) {
        c->bad = true;
        return 0;
    }
    c->rest.n--;
    return *c->rest.p++;
}
static inline uint64_t ms_take_sevens(struct ms_cur *c) /* seven bits a byte, least significant first, at most 63 of them */
{
    uint64_t n = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint8_t byte = ms_take_u8(c);
        n |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return n;
    }
    c->bad = true;
    return 0;
}
static inline struct ms_bytes ms_take(struct ms_cur *c, size_t n) /* exactly n bytes, or empty and bad */
{
    if (c->rest.n < n) {
        c->bad = true;
        c->rest = ms_tail(c->rest, c->rest.n);
        return (struct ms_bytes){ NULL, 0 };
    }
    struct ms_bytes got = ms_head(c->rest, n);
    c->rest = ms_tail(c->rest, n);
    return got;
}
static inline uint16_t ms_be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t ms_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline uint16_t ms_le16(const uint8_t *p) { return (uint16_t)(p[1] << 8 | p[0]); }
static inline uint32_t ms_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}
static inline uint64_t ms_le64(const uint8_t *p) { return (uint64_t)ms_le32(p + 4) << 32 | ms_le32(p); }
static inline uint16_t ms_take_be16(struct ms_cur *c)
{
    struct ms_bytes b = ms_take(c, 2);
    return b.n ? ms_be16(b.p) : 0;
}
static inline uint32_t ms_take_be32(struct ms_cur *c)
{
    struct ms_bytes b = ms_take(c, 4);
    return b.n ? ms_be32(b.p) : 0;
}
