#include "dfilter/field.h"

const char *ms_field_type_name(enum ms_field_type type)
{
    static const char *const names[MS_FT_COUNT + 1] = {
        "mark", "protocol", "boolean", "integer", "frame number", "signed integer", "floating point", "text", "bytes", "Ethernet address",
        "IPv4 address", "IPv6 address", "IP address", "time", "duration", "",
    };
    return names[type];
}

static int compare(const char *name, struct ms_bytes word)
{
    int order = strncmp(name, (const char *)word.p, word.n);
    return order ? order : name[word.n] != 0;
}

static long find(const struct ms_field_table *t, struct ms_bytes name)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int    order = compare(t->fields[middle].name, name);
        if (order == 0)
            return (long)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return MS_FIELD_ABSENT;
}

long ms_field_find(const struct ms_field_table *t, struct ms_bytes name)
{
    enum { LONGEST = 128 };
    char            room[LONGEST] = "tls";
    struct ms_bytes old = MS_LIT("ssl"), rest = ms_tail(name, old.n);
    if (name.n == 0 || name.n > LONGEST || memchr(name.p, 0, name.n))
        return MS_FIELD_ABSENT;
    long found = find(t, name);
    if (found != MS_FIELD_ABSENT || !ms_equal(ms_head(name, old.n), old) || (rest.n && rest.p[0] != '.'))
        return found;
    if (rest.n)
        memcpy(room + old.n, rest.p, rest.n);
    return find(t, (struct ms_bytes){ (const uint8_t *)room, name.n });
}

/* "message.subject" of "message.headers.subject": words in the middle, or in front, were left out. */
static bool leaves_words_out(struct ms_bytes field, struct ms_bytes name)
{
    size_t dot = name.n;
    while (dot && name.p[dot - 1] != '.')
        dot--;
    struct ms_bytes last = ms_tail(name, dot);
    bool            begins = field.n > name.n && memcmp(field.p, name.p, dot) == 0;
    return begins && last.n && field.p[field.n - last.n - 1] == '.' && memcmp(field.p + field.n - last.n, last.p, last.n) == 0;
}

long ms_field_nearest(const struct ms_field_table *t, struct ms_bytes name)
{
    long   nearest = MS_FIELD_ABSENT, longer = MS_FIELD_ABSENT;
    size_t best = name.n / 3 + 2, shortest = SIZE_MAX; /* further away it is another word */
    for (size_t i = 0; name.n && i < t->count; i++) {
        struct ms_bytes field = ms_str(t->fields[i].name);
        size_t          distance = ms_edit_distance(field, name);
        if (distance < best) {
            best = distance;
            nearest = (long)i;
        }
        if (field.n < shortest && leaves_words_out(field, name)) {
            shortest = field.n;
            longer = (long)i;
        }
    }
    return longer != MS_FIELD_ABSENT && best > 1 ? longer : nearest;
}

bool ms_field_table_sorted(const struct ms_field_table *t)
{
    for (size_t i = 1; i < t->count; i++)
        if (strcmp(t->fields[i - 1].name, t->fields[i].name) >= 0)
            return false;
    return true;
}
