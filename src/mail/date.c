#include "mail/date.h"

#include <time.h>

static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };
static const struct { const char *name; int hours; } zones[] = { { "UT|GMT|Z|UTC", 0 }, { "EST", -5 }, { "EDT", -4 }, { "CST", -6 }, { "CDT", -5 },
                                                                 { "MST", -7 }, { "MDT", -6 }, { "PST", -8 }, { "PDT", -7 } };

static bool number(struct ms_bytes word, uint64_t most, int *out)
{
    uint64_t v;
    if (word.n > 4 || !ms_parse_u64(word, &v) || v > most)
        return false;
    *out = (int)v;
    return true;
}

static bool month(struct ms_bytes word, int *out)
{
    for (int i = 0; i < 12; i++)
        if (word.n >= 3 && ms_starts_nocase(word, ms_str(names[i]))) {
            *out = i;
            return true;
        }
    return false;
}

/* Two digits are 1950 to 2049, three count from 1900 (RFC 5322 4.3). */
static bool year(struct ms_bytes word, int *out)
{
    if (word.n < 2 || !number(word, 9999, out))
        return false;
    *out -= word.n == 2 ? (*out < 50 ? -100 : 0) : word.n == 3 ? 0 : 1900;
    return *out > 0;
}

/* "10:20:30", "10:20" */
static bool clock_of(struct ms_bytes word, struct tm *t)
{
    size_t one = ms_find(word, ':');
    struct ms_bytes rest = ms_tail(word, one + 1);
    size_t          two = ms_find(rest, ':');
    if (one == word.n || !number(ms_head(word, one), 23, &t->tm_hour) || !number(ms_head(rest, two), 59, &t->tm_min))
        return false;
    return two == rest.n || number(ms_tail(rest, two + 1), 60, &t->tm_sec);
}

static int zone(struct ms_bytes word) /* seconds east of Greenwich */
{
    int v;
    if ((ms_at(word, 0) == '+' || ms_at(word, 0) == '-') && word.n == 5 && number(ms_tail(word, 1), 9999, &v) && v % 100 < 60)
        return (v / 100 * 3600 + v % 100 * 60) * (word.p[0] == '-' ? -1 : 1);
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (ms_is_one_of(word, zones[i].name))
            return zones[i].hours * 3600;
    return 0;
}

bool ms_parse_date(struct ms_bytes value, int64_t *out)
{
    struct tm       t = { 0 };
    struct ms_bytes word = ms_take_word(&value);
    if (word.n && !ms_is_digit(word.p[0])) /* the day of the week, its comma perhaps without a blank behind it */
        word = ms_find(word, ',') + 1 < word.n ? ms_tail(word, ms_find(word, ',') + 1) : ms_take_word(&value);
    if (!number(word, 31, &t.tm_mday) || !month(ms_take_word(&value), &t.tm_mon) || !year(ms_take_word(&value), &t.tm_year) ||
        !clock_of(ms_take_word(&value), &t))
        return false;
    int day = t.tm_mday, seconds = zone(ms_take_word(&value));
    int64_t at = (int64_t)timegm(&t), nanoseconds;
    if (t.tm_mday != day) /* 31 February */
        return false;
    if (__builtin_mul_overflow(at - seconds, INT64_C(1000000000), &nanoseconds)) /* from the year 2262 on */
        return false;
    *out = nanoseconds;
    return true;
}
