#include "base/bytes.h"

size_t ms_find(struct ms_bytes b, uint8_t c)
{
    if (b.n == 0 || b.n > PTRDIFF_MAX) /* the latter for gcc, which else warns of what cannot be */
        return b.n;
    const uint8_t *hit = memchr(b.p, c, b.n);
    return hit ? (size_t)(hit - b.p) : b.n;
}

bool ms_equal(struct ms_bytes a, struct ms_bytes b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool ms_equal_nocase(struct ms_bytes a, struct ms_bytes b)
{
    return a.n == b.n && ms_starts_nocase(a, b);
}

bool ms_is_one_of(struct ms_bytes word, const char *list)
{
    for (const char *at = list; *at; at += *at == '|') {
        size_t n = 0;
        while (n < word.n && at[n] && at[n] != '|' && ms_lower((uint8_t)at[n]) == ms_lower(word.p[n]))
            n++;
        at += n;
        if (n == word.n && (*at == '|' || *at == 0))
            return true;
        while (*at && *at != '|')
            at++;
    }
    return false;
}

bool ms_starts_nocase(struct ms_bytes b, struct ms_bytes prefix)
{
    if (b.n < prefix.n)
        return false;
    for (size_t i = 0; i < prefix.n; i++)
        if (ms_lower(b.p[i]) != ms_lower(prefix.p[i]))
            return false;
    return true;
}

size_t ms_search_nocase(struct ms_bytes hay, struct ms_bytes needle)
{
    if (needle.n == 0 || needle.n > hay.n)
        return needle.n ? hay.n : 0;
    const uint8_t low = ms_lower(needle.p[0]), high = ms_is_letter(low) ? (uint8_t)(low - 'a' + 'A') : low;
    for (size_t i = 0; i + needle.n <= hay.n; i++)
        if ((hay.p[i] == low || hay.p[i] == high) && ms_starts_nocase(ms_tail(hay, i), needle))
            return i;
    return hay.n;
}

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

struct ms_bytes ms_trim(struct ms_bytes b)
{
    while (b.n && is_space(b.p[0]))
        b = ms_tail(b, 1);
    while (b.n && is_space(b.p[b.n - 1]))
        b.n--;
    return b;
}

bool ms_parse_u64(struct ms_bytes b, uint64_t *out)
{
    uint64_t v = 0;
    for (size_t i = 0; i < b.n; i++)
        if (!ms_is_digit(b.p[i]) || __builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, b.p[i] - '0', &v))
            return false;
    if (b.n == 0)
        return false;
    *out = v;
    return true;
}

struct ms_bytes ms_take_word(struct ms_bytes *b)
{
    while (b->n && is_space(b->p[0]))
        *b = ms_tail(*b, 1);
    size_t n = 0;
    while (n < b->n && !is_space(b->p[n]))
        n++;
    struct ms_bytes word = ms_head(*b, n);
    *b = ms_tail(*b, n);
    return word;
}

size_t ms_edit_distance(struct ms_bytes a, struct ms_bytes b)
{
    size_t row[65];
    a = ms_head(a, 64);
    b = ms_head(b, 64);
    for (size_t j = 0; j <= b.n; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            size_t best = diagonal + (ms_lower(a.p[i - 1]) != ms_lower(b.p[j - 1]));
            diagonal = row[j];
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
        }
    }
    return row[b.n];
}
