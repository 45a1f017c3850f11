/* dfilter/time.c - times as people write them in filters: ISO 8601 and the way Wireshark prints them. Without a zone they are UTC. */
#include "dfilter/private.h"

enum { FIRST_YEAR = 1678, LAST_YEAR = 2261 }; /* what int64 nanoseconds hold */

/* 1 to `most` digits */
static bool number(struct ms_bytes *b, size_t most, int64_t *out)
{
    size_t n = 0;
    for (*out = 0; n < most && ms_is_digit(ms_at(*b, n)); n++)
        *out = *out * 10 + (b->p[n] - '0');
    *b = ms_tail(*b, n);
    return n > 0;
}

static bool literal(struct ms_bytes *b, char c)
{
    if (ms_at(*b, 0) != (uint8_t)c)
        return false;
    *b = ms_tail(*b, 1);
    return true;
}

static bool blanks(struct ms_bytes *b)
{
    size_t before = b->n;
    while (ms_is_blank(ms_at(*b, 0)))
        *b = ms_tail(*b, 1);
    return b->n != before;
}

static bool fraction(struct ms_bytes *b, int64_t *ns) /* digits beyond the ninth say nothing */
{
    int64_t unit = 100000000;
    if (!ms_is_digit(ms_at(*b, 0)))
        return false;
    for (*ns = 0; ms_is_digit(ms_at(*b, 0)); unit /= 10, *b = ms_tail(*b, 1))
        *ns += (b->p[0] - '0') * unit;
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar; years begin in March, so that the leap day is the last one. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    int64_t y = year - (month <= 2), era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_date(int64_t year, int64_t month, int64_t day)
{
    static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool                 leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return year >= FIRST_YEAR && year <= LAST_YEAR && month >= 1 && month <= 12 && day >= 1 &&
           day <= lengths[month - 1] + (month == 2 && leap);
}

/* 10:20, 10:20:30, 10:20:30.5 */
static bool clock_time(struct ms_bytes *b, bool seconds_needed, int64_t *ns)
{
    int64_t h, m, s = 0, part = 0;
    if (!number(b, 2, &h) || !literal(b, ':') || !number(b, 2, &m) || h > 23 || m > 59)
        return false;
    if (literal(b, ':')) {
        if (!number(b, 2, &s) || s > 60)
            return false;
        if ((literal(b, '.') || literal(b, ',')) && !fraction(b, &part))
            return false;
    } else if (seconds_needed)
        return false;
    *ns = (h * 3600 + m * 60 + s) * 1000000000 + part;
    return true;
}

/* Z, UTC, +01, +0100, +01:00; nothing is UTC */
static bool zone(struct ms_bytes *b, int64_t *ns)
{
    int64_t h, m = 0;
    bool    apart = blanks(b);
    *ns = 0;
    if (b->n == 0)
        return true;
    if (!apart && literal(b, 'Z'))
        return true;
    if (ms_starts_nocase(*b, MS_LIT("UTC"))) {
        *b = ms_tail(*b, 3);
        return true;
    }
    bool west = ms_at(*b, 0) == '-';
    if (apart || !(literal(b, '+') || literal(b, '-')) || !number(b, 2, &h))
        return false;
    literal(b, ':');
    if (b->n && !ms_is_blank(b->p[0]) && !number(b, 2, &m))
        return false;
    *ns = (h * 3600 + m * 60) * 1000000000 * (west ? -1 : 1);
    return h <= 14 && m <= 59;
}

static bool iso(struct ms_bytes b, int64_t *out)
{
    int64_t year, month, day, time = 0, offset = 0;
    if (!number(&b, 4, &year) || !literal(&b, '-') || !number(&b, 2, &month) || !literal(&b, '-') || !number(&b, 2, &day) ||
        !is_date(year, month, day))
        return false;
    if (b.n && (literal(&b, 'T') || blanks(&b)) && b.n && (!clock_time(&b, false, &time) || !zone(&b, &offset)))
        return false;
    blanks(&b);
    *out = days(year, month, day) * 86400000000000 + time - offset;
    return b.n == 0;
}

static bool legacy(struct ms_bytes b, int64_t *out) /* Nov 12, 1999 08:55:44.123 UTC */
{
    static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    int64_t           year, day, time, offset;
    size_t            month = 0;
    while (month < 12 && !ms_equal_nocase(ms_head(b, 3), (struct ms_bytes){ (const uint8_t *)names + month * 3, 3 }))
        month++;
    b = ms_tail(b, 3);
    if (month == 12 || !blanks(&b) || !number(&b, 2, &day) || !literal(&b, ',') || !blanks(&b) || !number(&b, 4, &year) || !blanks(&b) ||
        !clock_time(&b, true, &time) || !is_date(year, (int64_t)month + 1, day) || !zone(&b, &offset))
        return false;
    blanks(&b);
    *out = days(year, (int64_t)month + 1, day) * 86400000000000 + time - offset;
    return b.n == 0;
}

bool ms_time_parse(struct ms_bytes text, int64_t *ns)
{
    text = ms_trim(text);
    return iso(text, ns) || legacy(text, ns);
}

bool ms_duration_parse(struct ms_bytes text, int64_t *ns)
{
    uint64_t seconds;
    int64_t  part = 0;
    size_t   dot = ms_find(text, '.');
    if (!ms_parse_u64(ms_head(text, dot), &seconds) || seconds > INT64_MAX / 1000000000 - 1)
        return false;
    if (dot < text.n) {
        struct ms_bytes b = ms_tail(text, dot + 1);
        if (b.n > 9 || !fraction(&b, &part) || b.n)
            return false;
    }
    *ns = (int64_t)seconds * 1000000000 + part;
    return true;
}
