#include "sink/packets.h"

#include "base/text.h"
#include "sink/filter.h"
#include "sink/list.h"

enum column_kind { C_FIELD, C_FILTER, C_TYPE, C_NUMBER, C_TIME, C_SOURCE, C_DESTINATION, C_PROTOCOL, C_LENGTH, C_INFO };

struct column { const char *name; enum column_kind kind; const struct ms_field *field; enum ms_frame_field id; struct ms_dfilter *filter; };

struct ms_packets {
    struct ms_packets_options o;
    struct ms_sink  *sink;   /* one of both */
    struct ms_list  *list;
    struct ms_list_column *titles;
    struct column   *columns; /* those of -e; of a table all */
    size_t           count;
    uint64_t         needs;
    bool             line;    /* the words of the packet list are wanted */
    unsigned         digits;
    struct ms_value *values; /* MS_VALUES_MAX */
    struct ms_packet_value text;
    struct ms_frame_line words;
};

static const struct { const char *name, *title; enum column_kind kind; size_t width; bool right; } usual[] = {
    { "number", "No.", C_NUMBER, 5, true },       { "time", "Time", C_TIME, 10, true },
    { "source", "Source", C_SOURCE, 15, false },  { "destination", "Destination", C_DESTINATION, 15, false },
    { "protocol", "Protocol", C_PROTOCOL, 8, false }, { "length", "Length", C_LENGTH, 6, true }, { "info", "Info", C_INFO, 4, false },
};
enum { USUAL = sizeof usual / sizeof *usual };

/* ---- columns --------------------------------------------------------------------------------------------------- */

static bool open_usual(struct ms_packets *p, struct column *c)
{
    c->kind = C_TYPE;
    for (size_t i = 0; i < USUAL; i++)
        if (strcmp(c->name, usual[i].name) == 0)
            c->kind = usual[i].kind;
    p->line |= c->kind >= C_SOURCE && c->kind != C_LENGTH;
    return true;
}

static bool open_column(struct ms_packets *p, const char *name, struct ms_buffer *error)
{
    const struct ms_field_table *t = ms_filter_table();
    struct column               *c = &p->columns[p->count++];
    c->name = name;
    long                         index = ms_field_find(t, ms_str(name));
    if (ms_record_field_find(MS_KIND_PACKET, ms_str(name)))
        return open_usual(p, c);
    if (index != MS_FIELD_ABSENT && t->fields[index].unit == MS_UNIT_FRAME) {
        c->id = ms_filter_frame_field((size_t)index);
        c->field = &ms_frame_fields[c->id];
        p->needs |= ms_frame_field_needs(c->id);
        return true;
    }
    struct ms_dfilter_error why;
    c->kind = C_FILTER;
    c->filter = ms_dfilter_compile(t, ms_str(name), &why);
    if (!c->filter) {
        ms_dfilter_error_render(&why, ms_str(name), error);
        return false;
    }
    if (ms_dfilter_units(c->filter) & ~(1u << MS_UNIT_FRAME)) {
        ms_text_format(error, "-e %s: packets prints fields of frames; those of records come from sessions, exchanges, messages and findings\n", name);
        return false;
    }
    p->needs |= ms_filter_needs(c->filter);
    return true;
}

static bool open_columns(struct ms_packets *p, struct ms_buffer *error)
{
    const struct ms_sink_options *o = &p->o.sink;
    for (size_t i = 0; i < o->field_count; i++)
        if (!open_column(p, o->fields[i], error))
            return false;
    for (size_t i = 0; o->field_count == 0 && o->format == MS_FORMAT_TABLE && i < USUAL; i++)
        open_column(p, usual[i].name, error);
    p->line |= o->field_count == 0 || (o->format == MS_FORMAT_TABLE && o->color);
    return true;
}

static bool is_number(const struct column *c)
{
    if (!c->field)
        return c->kind == C_NUMBER || c->kind == C_TIME || c->kind == C_LENGTH;
    uint8_t type = c->field->type;
    return type == MS_FT_UINT || type == MS_FT_FRAME || type == MS_FT_INT || type == MS_FT_DOUBLE || type == MS_FT_DURATION;
}

/* The usual columns begin with room for what is usual; others with that for their names. */
static void open_list(struct ms_packets *p)
{
    bool named = p->o.sink.field_count > 0;
    p->titles = ms_alloc(p->count * sizeof *p->titles);
    for (size_t i = 0; i < p->count; i++) {
        struct column *c = &p->columns[i];
        p->titles[i] = (struct ms_list_column){ .title = named ? c->name : usual[i].title, .right = is_number(c) };
        for (size_t k = 0; k < USUAL; k++)
            p->titles[i].width = c->kind == usual[k].kind ? usual[k].width : p->titles[i].width;
    }
    struct ms_list_options o = { .out = p->o.sink.out, .columns = p->titles, .count = p->count, .cut = p->o.cut, .color = p->o.sink.color };
    p->list = ms_list_open(&o);
}

struct ms_packets *ms_packets_open(const struct ms_packets_options *o, struct ms_buffer *error)
{
    struct ms_packets *p = ms_alloc(sizeof *p);
    p->o = *o;
    p->o.sink.separated = o->separated;
    p->digits = 6;
    p->columns = ms_alloc((o->sink.field_count + USUAL) * sizeof *p->columns);
    p->values = ms_alloc(MS_VALUES_MAX * sizeof *p->values);
    if (!open_columns(p, error)) {
        ms_packets_close(p);
        return NULL;
    }
    if (p->line)
        p->needs |= MS_NEED_LINE;
    if (o->sink.format == MS_FORMAT_TABLE)
        open_list(p);
    else
        p->sink = ms_sink_open(&p->o.sink);
    return p;
}

uint64_t ms_packets_needs(const struct ms_packets *p) { return p->needs; }

void ms_packets_time_digits(struct ms_packets *p, unsigned digits)
{
    p->digits = digits;
    if (p->sink)
        ms_sink_time_digits(p->sink, digits);
}

/* ---- rows ------------------------------------------------------------------------------------------------------ */

static void value_of(struct ms_packets *p, const struct column *c, const struct ms_frame *f)
{
    struct ms_value_sink to = { .next = p->values, .end = p->values + MS_VALUES_MAX };
    struct ms_frame      printed = *f;
    printed.printing = true;
    ms_frame_values(&printed, c->id, &to);
    ms_packet_value(c->field, p->values, (size_t)(to.next - p->values), &p->o.separated, &p->text);
}

static struct ms_bytes match_of(const struct column *c, const struct ms_frame *f)
{
    return ms_filter_matches_frame(c->filter, f) ? MS_LIT("True") : MS_LIT("False");
}

static struct ms_bytes cell_of(struct ms_packets *p, const struct column *c, const struct ms_frame *f)
{
    struct ms_buffer *t = &p->text.plain;
    t->n = 0;
    switch (c->kind) {
    case C_FIELD: value_of(p, c, f); break;
    case C_FILTER: return match_of(c, f);
    case C_TYPE: return MS_LIT("packet");
    case C_NUMBER: ms_text_u64(t, f->packet->number); break;
    case C_TIME: ms_time_format_add(t, p->o.time, f, p->digits); break;
    case C_SOURCE: return ms_buffer_bytes(&p->words.source);
    case C_DESTINATION: return ms_buffer_bytes(&p->words.destination);
    case C_PROTOCOL: return ms_buffer_bytes(&p->words.protocol);
    case C_LENGTH: ms_text_u64(t, f->packet->length); break;
    case C_INFO: return ms_buffer_bytes(&p->words.info);
    }
    return ms_buffer_bytes(t);
}

static void put_row(struct ms_packets *p, const struct ms_frame *f)
{
    for (size_t i = 0; i < p->count; i++)
        ms_list_cell(p->list, cell_of(p, &p->columns[i], f));
    ms_list_row_end(p->list, p->o.sink.color ? ms_packet_color(f, ms_buffer_bytes(&p->words.protocol)) : NULL);
}

static void tell_columns(struct ms_packets *p, struct ms_writer *w, const struct ms_frame *f)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct column *c = &p->columns[i];
        if (c->kind == C_FIELD) {
            value_of(p, c, f);
            if (p->text.json.n)
                ms_write_flat(w, c->name, ms_buffer_bytes(&p->text.json), ms_buffer_bytes(&p->text.plain), p->o.separated.occurrence == MS_OCCURRENCE_ALL);
        } else if (c->kind == C_FILTER) {
            bool matches = ms_filter_matches_frame(c->filter, f);
            ms_write_flat(w, c->name, matches ? MS_LIT("true") : MS_LIT("false"), matches ? MS_LIT("True") : MS_LIT("False"), false);
        }
    }
}

static void tell_record(struct ms_packets *p, const struct ms_frame *f)
{
    struct ms_writer *w = ms_sink_begin(p->sink);
    ms_write_string(w, "type", MS_LIT("packet"));
    ms_write_u64(w, "number", f->packet->number);
    ms_write_time(w, "time", f->packet->time);
    ms_write_text(w, "source", ms_buffer_bytes(&p->words.source));
    ms_write_text(w, "destination", ms_buffer_bytes(&p->words.destination));
    ms_write_text(w, "protocol", ms_buffer_bytes(&p->words.protocol));
    ms_write_u64(w, "length", f->packet->length);
    ms_write_text(w, "info", ms_buffer_bytes(&p->words.info));
    tell_columns(p, w, f);
    ms_sink_end(p->sink, f->packet->number);
}

void ms_packets_frame(struct ms_packets *p, const struct ms_frame *f)
{
    if (p->line)
        ms_frame_line(f, &p->words);
    if (p->list)
        put_row(p, f);
    else
        tell_record(p, f);
}

void ms_packets_flush(struct ms_packets *p)
{
    if (p->sink)
        ms_sink_flush(p->sink);
    fflush(p->o.sink.out);
}

uint64_t ms_packets_cut(const struct ms_packets *p)
{
    uint64_t n = 0;
    for (size_t i = 0; i < p->count; i++)
        n += p->columns[i].filter ? ms_dfilter_cut(p->columns[i].filter) : 0;
    return n;
}

bool ms_packets_close(struct ms_packets *p)
{
    bool ok = p->sink ? ms_sink_close(p->sink) : p->list ? ms_list_close(p->list) : true;
    for (size_t i = 0; i < p->count; i++)
        ms_dfilter_destroy(p->columns[i].filter);
    ms_buffer_finish(&p->words.source);
    ms_buffer_finish(&p->words.destination);
    ms_buffer_finish(&p->words.protocol);
    ms_buffer_finish(&p->words.info);
    ms_buffer_finish(&p->text.json);
    ms_buffer_finish(&p->text.plain);
    ms_free(p->titles);
    ms_free(p->columns);
    ms_free(p->values);
    ms_free(p);
    return ok;
}
