/* sink/stats_series.c - one series of stats io: what it takes from a frame, and how two intervals become one. */
#include "sink/stats_io.h"

#include "sink/filter.h"

static const char *const functions[] = { NULL, "COUNT", "SUM", "MIN", "MAX", "AVG" };
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* "SUM(field)": its kind and the field; what follows is the filter. MS_SERIES_FRAMES: it is none, and all is a filter. */
static enum ms_series_kind take_function(struct ms_bytes *text, struct ms_bytes *field)
{
    for (int kind = MS_SERIES_COUNT; kind < FUNCTIONS; kind++) {
        struct ms_bytes name = ms_str(functions[kind]);
        size_t          close = ms_find(*text, ')');
        if (close == text->n || ms_at(*text, name.n) != '(' || !ms_equal(ms_head(*text, name.n), name))
            continue;
        *field = ms_slice(*text, name.n + 1, close - name.n - 1);
        *text = ms_tail(*text, close + 1);
        return (enum ms_series_kind)kind;
    }
    return MS_SERIES_FRAMES;
}

static bool adds_up(const struct ms_field *f)
{
    return f->type == MS_FT_UINT || f->type == MS_FT_FRAME || f->type == MS_FT_INT || f->type == MS_FT_DOUBLE || f->type == MS_FT_DURATION;
}

static bool find_field(struct ms_series *s, struct ms_bytes name, struct ms_buffer *error)
{
    const struct ms_field_table *t = ms_filter_table();
    long                         index = ms_field_find(t, name);
    if (index == MS_FIELD_ABSENT || t->fields[index].unit != MS_UNIT_FRAME) {
        ms_text_format(error, "'%.*s' is no field of frames\n", (int)name.n, (const char *)name.p);
        return false;
    }
    s->id = ms_filter_frame_field((size_t)index);
    s->field = &ms_frame_fields[s->id];
    if (s->kind != MS_SERIES_COUNT && !adds_up(s->field)) {
        ms_text_format(error, "%s needs numbers, which '%s' has not\n", functions[s->kind], s->field->name);
        return false;
    }
    return true;
}

static bool is_blank(struct ms_bytes text)
{
    for (size_t i = 0; i < text.n; i++)
        if (!ms_is_blank(text.p[i]))
            return false;
    return true;
}

bool ms_series_open(struct ms_series *s, const char *text, struct ms_buffer *error)
{
    struct ms_bytes         rest = ms_str(text), field = { 0 };
    struct ms_dfilter_error why;
    *s = (struct ms_series){ .text = text };
    s->kind = take_function(&rest, &field);
    if (s->kind != MS_SERIES_FRAMES && !find_field(s, field, error))
        return false;
    if (s->kind != MS_SERIES_FRAMES && is_blank(rest))
        return true;
    s->filter = ms_dfilter_compile(ms_filter_table(), rest, &why);
    if (!s->filter) {
        ms_dfilter_error_render(&why, rest, error);
        return false;
    }
    s->marks = ms_filter_marks(s->filter);
    s->silent = s->marks && ms_filter_matches_frame(s->filter, &(struct ms_frame){ 0 });
    if ((ms_dfilter_units(s->filter) & ~(1u << MS_UNIT_FRAME)) == 0)
        return true;
    ms_text_str(error, "a series counts frames: only their fields say something here, not those of sessions, exchanges, messages and findings\n");
    ms_dfilter_destroy(s->filter);
    return false;
}

uint64_t ms_series_needs(const struct ms_series *s)
{
    return (s->filter ? ms_filter_needs(s->filter) : 0) | (s->field ? ms_frame_field_needs(s->id) : 0);
}

bool ms_series_names_frame_field(const struct ms_series *s, enum ms_frame_field field)
{
    return (s->field && s->id == field) || (s->filter && ms_filter_names_frame_field(s->filter, field));
}

/* ---- numbers: integers and durations are exact up to the ends of their range, where they stay ---------------------------------- */

static bool is_double(const struct ms_series *s) { return s->field->type == MS_FT_DOUBLE; }

static union ms_io_number number_of(const struct ms_series *s, const struct ms_value *v)
{
    if (is_double(s))
        return (union ms_io_number){ .d = v->d };
    if (s->field->type == MS_FT_UINT || s->field->type == MS_FT_FRAME)
        return (union ms_io_number){ .i = v->u > INT64_MAX ? INT64_MAX : (int64_t)v->u };
    return (union ms_io_number){ .i = v->i };
}

static bool less(const struct ms_series *s, union ms_io_number a, union ms_io_number b) { return is_double(s) ? a.d < b.d : a.i < b.i; }

static void add(const struct ms_series *s, union ms_io_number *to, union ms_io_number n)
{
    int64_t sum;
    if (is_double(s))
        to->d += n.d;
    else
        to->i = !__builtin_add_overflow(to->i, n.i, &sum) ? sum : n.i < 0 ? INT64_MIN : INT64_MAX;
}

/* `count` values with this sum, this least and this most. */
static void put(const struct ms_series *s, struct ms_io_cell *c, uint64_t count, union ms_io_number sum, union ms_io_number least, union ms_io_number most)
{
    if (count == 0)
        return;
    if (c->count == 0 || less(s, least, c->least))
        c->least = least;
    if (c->count == 0 || less(s, c->most, most))
        c->most = most;
    add(s, &c->sum, sum);
    c->count += count;
}

static void put_values(const struct ms_series *s, const struct ms_frame *f, struct ms_value *room, struct ms_io_cell *cell)
{
    struct ms_value_sink to = { .next = room, .end = room + MS_VALUES_MAX };
    ms_frame_values(f, s->id, &to);
    if (s->kind == MS_SERIES_COUNT) {
        cell->count += (uint64_t)(to.next - room);
        return;
    }
    for (const struct ms_value *v = room; v < to.next; v++) {
        union ms_io_number n = number_of(s, v);
        put(s, cell, 1, n, n, n);
    }
}

void ms_series_frame(const struct ms_series *s, const struct ms_frame *f, struct ms_value *room, struct ms_io_cell *cell)
{
    bool silent = s->marks && !(f->marks & s->marks);
    if (silent ? !s->silent : s->filter && !ms_filter_matches_frame(s->filter, f))
        return;
    cell->frames++;
    cell->bytes += f->packet->length;
    if (s->field)
        put_values(s, f, room, cell);
}

void ms_series_merge(const struct ms_series *s, struct ms_io_cell *into, const struct ms_io_cell *from)
{
    into->frames += from->frames;
    into->bytes += from->bytes;
    if (s->field && s->kind != MS_SERIES_COUNT)
        put(s, into, from->count, from->sum, from->least, from->most);
    else
        into->count += from->count;
}

static void add_number(const struct ms_series *s, union ms_io_number n, struct ms_buffer *out)
{
    struct ms_field field = { .type = is_double(s) ? MS_FT_DOUBLE : s->field->type == MS_FT_DURATION ? MS_FT_DURATION : MS_FT_INT };
    struct ms_value v = { .type = field.type };
    if (is_double(s))
        v.d = n.d;
    else
        v.i = n.i;
    ms_value_text(out, &field, &v);
}

/* Durations are rounded to nanoseconds, other averages to six digits. */
static void add_average(const struct ms_series *s, const struct ms_io_cell *c, struct ms_buffer *out)
{
    double sum = is_double(s) ? c->sum.d : (double)c->sum.i;
    if (s->field->type == MS_FT_DURATION)
        add_number(s, (union ms_io_number){ .i = c->sum.i / (int64_t)c->count }, out);
    else
        ms_text_format(out, "%.6f", sum / (double)c->count);
}

void ms_series_text(const struct ms_series *s, const struct ms_io_cell *c, struct ms_buffer *out)
{
    if (s->kind == MS_SERIES_COUNT)
        ms_text_u64(out, c->count);
    else if (s->kind == MS_SERIES_SUM)
        add_number(s, c->sum, out);
    else if (c->count == 0)
        return;
    else if (s->kind == MS_SERIES_AVG)
        add_average(s, c, out);
    else
        add_number(s, s->kind == MS_SERIES_MIN ? c->least : c->most, out);
}
