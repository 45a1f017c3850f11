#include "sink/packets.h"

#include "base/text.h"
#include "sink/filter.h"

struct column { const char *name; const struct ms_field *field; enum ms_frame_field id; struct ms_dfilter *filter; };

struct ms_packets {
    struct ms_sink  *sink;
    struct column   *columns;
    size_t           count;
    uint32_t         needs;
    struct ms_value *values; /* MS_VALUES_MAX */
    struct ms_frame_line line;
};

static bool open_column(struct ms_packets *p, const char *name, struct ms_buffer *error)
{
    const struct ms_field_table *t = ms_filter_table();
    struct column               *c = &p->columns[p->count++];
    c->name = name;
    long                         index = ms_field_find(t, ms_str(name));
    if (ms_record_field_find(MS_KIND_PACKET, ms_str(name)))
        return true;
    if (index != MS_FIELD_ABSENT && t->fields[index].unit == MS_UNIT_FRAME) {
        c->id = ms_filter_frame_field((size_t)index);
        c->field = &ms_frame_fields[c->id];
        p->needs |= ms_frame_field_needs(c->id);
        return true;
    }
    struct ms_dfilter_error why;
    c->filter = ms_dfilter_compile(t, ms_str(name), &why);
    if (!c->filter) {
        ms_dfilter_error_render(&why, ms_str(name), error);
        return false;
    }
    p->needs |= ms_filter_needs(c->filter);
    return true;
}

static bool wants_line(const struct ms_sink_options *o)
{
    static const char *const made[] = { "source", "destination", "protocol", "info" };
    for (size_t i = 0; i < o->field_count; i++)
        for (size_t k = 0; k < sizeof made / sizeof *made; k++)
            if (strcmp(o->fields[i], made[k]) == 0)
                return true;
    return o->field_count == 0;
}

struct ms_packets *ms_packets_open(const struct ms_sink_options *o, struct ms_buffer *error)
{
    struct ms_packets *p = ms_alloc(sizeof *p);
    p->columns = ms_alloc((o->field_count + 1) * sizeof *p->columns);
    p->values = ms_alloc(MS_VALUES_MAX * sizeof *p->values);
    if (wants_line(o))
        p->needs = UINT32_MAX;
    for (size_t i = 0; i < o->field_count; i++)
        if (!open_column(p, o->fields[i], error)) {
            ms_packets_close(p);
            return NULL;
        }
    p->sink = ms_sink_open(o);
    return p;
}

uint32_t ms_packets_needs(const struct ms_packets *p) { return p->needs; }

void ms_packets_time_digits(struct ms_packets *p, unsigned digits) { ms_sink_time_digits(p->sink, digits); }

/* A protocol that is there is its name and a mark is 1, as in tshark: its bytes may hold a password. */
static void value_text(struct ms_buffer *text, const struct ms_field *field, const struct ms_value *v)
{
    text->n = 0;
    if (field->type == MS_FT_PROTOCOL)
        ms_text_str(text, field->name);
    else if (field->type == MS_FT_NONE)
        ms_text_str(text, "1");
    else
        ms_value_text(text, field, v);
}

static void tell_values(struct ms_packets *p, struct ms_writer *w, const struct column *c, const struct ms_frame *f)
{
    struct ms_value_sink to = { .next = p->values, .end = p->values + MS_VALUES_MAX };
    struct ms_buffer     text = { 0 };
    struct ms_frame      printed = *f;
    printed.printing = true;
    ms_frame_values(&printed, c->id, &to);
    ms_write_array(w, NULL);
    for (const struct ms_value *v = p->values; v < to.next; v++) {
        value_text(&text, c->field, v);
        ms_write_string(w, c->field->name, ms_buffer_bytes(&text));
    }
    ms_write_array_end(w);
    ms_buffer_finish(&text);
}

static void tell_line(struct ms_packets *p, struct ms_writer *w, const struct ms_frame *f)
{
    ms_frame_line(f, &p->line);
    ms_write_text(w, "source", ms_buffer_bytes(&p->line.source));
    ms_write_text(w, "destination", ms_buffer_bytes(&p->line.destination));
    ms_write_text(w, "protocol", ms_buffer_bytes(&p->line.protocol));
}

void ms_packets_frame(struct ms_packets *p, const struct ms_frame *f)
{
    bool              line = p->needs == UINT32_MAX;
    struct ms_writer *w = ms_sink_begin(p->sink);
    ms_write_string(w, "type", MS_LIT("packet"));
    ms_write_u64(w, "number", f->packet->number);
    ms_write_time(w, "time", f->packet->time);
    if (line)
        tell_line(p, w, f);
    ms_write_u64(w, "length", f->packet->length);
    if (line)
        ms_write_text(w, "info", ms_buffer_bytes(&p->line.info));
    for (size_t i = 0; i < p->count; i++) {
        const struct column *c = &p->columns[i];
        if (c->field)
            tell_values(p, w, c, f);
        else if (c->filter)
            ms_write_string(w, c->name, ms_filter_matches_frame(c->filter, f) ? MS_LIT("True") : MS_LIT("False"));
    }
    ms_sink_end(p->sink, f->packet->number);
}

bool ms_packets_close(struct ms_packets *p)
{
    bool ok = p->sink ? ms_sink_close(p->sink) : true;
    for (size_t i = 0; i < p->count; i++)
        ms_dfilter_destroy(p->columns[i].filter);
    ms_buffer_finish(&p->line.source);
    ms_buffer_finish(&p->line.destination);
    ms_buffer_finish(&p->line.protocol);
    ms_buffer_finish(&p->line.info);
    ms_free(p->columns);
    ms_free(p->values);
    ms_free(p);
    return ok;
}
