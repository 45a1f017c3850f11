#include "sink/time_format.h"

#include "base/text.h"

#include <string.h>

bool ms_time_format_find(const char *word, enum ms_time_format *out)
{
    static const struct { const char *word; enum ms_time_format format; } words[] = {
        { "relative", MS_TIME_RELATIVE }, { "absolute", MS_TIME_ABSOLUTE }, { "date", MS_TIME_DATE }, { "epoch", MS_TIME_EPOCH },
        { "delta", MS_TIME_DELTA }, { "delta-displayed", MS_TIME_DELTA_DISPLAYED },
        { "r", MS_TIME_RELATIVE }, { "a", MS_TIME_ABSOLUTE }, { "u", MS_TIME_ABSOLUTE }, { "ad", MS_TIME_DATE }, { "ud", MS_TIME_DATE },
        { "e", MS_TIME_EPOCH }, { "d", MS_TIME_DELTA }, { "dd", MS_TIME_DELTA_DISPLAYED },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) != 0)
            continue;
        *out = words[i].format;
        return true;
    }
    return false;
}

static void seconds(struct ms_buffer *t, int64_t ns, unsigned digits)
{
    uint64_t v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns, fraction = v % 1000000000;
    for (unsigned i = digits; i < 9; i++)
        fraction /= 10;
    ms_text_format(t, "%s%llu.%0*llu", ns < 0 ? "-" : "", (unsigned long long)(v / 1000000000), (int)digits, (unsigned long long)fraction);
}

static int64_t since(int64_t time, int64_t before) { return before == MS_UNKNOWN ? 0 : time - before; }

/* 2026-11-24T12:00:00.5Z without T and Z, and without the date. */
static void clock_time(struct ms_buffer *t, int64_t ns, unsigned digits, bool date)
{
    enum { DATE_BYTES = 10 };
    size_t start = t->n;
    ms_text_time(t, ns, (int)digits);
    t->n--;
    t->p[start + DATE_BYTES] = ' ';
    if (date)
        return;
    t->n -= DATE_BYTES + 1;
    memmove(t->p + start, t->p + start + DATE_BYTES + 1, t->n - start);
}

void ms_time_format_add(struct ms_buffer *t, enum ms_time_format format, const struct ms_frame *f, unsigned digits)
{
    int64_t time = f->packet->time;
    switch (format) {
    case MS_TIME_RELATIVE: seconds(t, since(time, f->first_time), digits); break;
    case MS_TIME_ABSOLUTE: clock_time(t, time, digits, false); break;
    case MS_TIME_DATE: clock_time(t, time, digits, true); break;
    case MS_TIME_EPOCH: seconds(t, time, digits); break;
    case MS_TIME_DELTA: seconds(t, since(time, f->previous_time), digits); break;
    case MS_TIME_DELTA_DISPLAYED: seconds(t, since(time, f->shown_time), digits); break;
    }
}
