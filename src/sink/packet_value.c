/* sink/packet_value.c - values of fields as text and as JSON. */
#include "sink/packets.h"

#include <math.h>

/* In JSON a number has no base, and there is none for what is no number. */
static bool add_number(struct ms_buffer *t, const struct ms_field *field, const struct ms_value *v)
{
    struct ms_field decimal = *field;
    decimal.base = MS_FB_DEC;
    switch (field->type) {
    case MS_FT_UINT: case MS_FT_FRAME: case MS_FT_INT: case MS_FT_DURATION: break;
    case MS_FT_DOUBLE:
        if (isfinite(v->d))
            break;
        ms_text_str(t, "null");
        return true;
    default: return false;
    }
    ms_value_text(t, &decimal, v);
    return true;
}

/* Of a protocol its name; that a mark is there is 1. */
static void add_plain(struct ms_buffer *t, const struct ms_field *field, const struct ms_value *v)
{
    if (field->type == MS_FT_PROTOCOL)
        ms_text_str(t, field->name);
    else if (field->type == MS_FT_NONE)
        ms_text_char(t, '1');
    else
        ms_value_text(t, field, v);
}

static void add_json(struct ms_buffer *t, const struct ms_field *field, const struct ms_value *v, struct ms_bytes plain)
{
    if (field->type == MS_FT_NONE || field->type == MS_FT_BOOLEAN)
        ms_text_str(t, field->type == MS_FT_NONE || v->u ? "true" : "false");
    else if (!add_number(t, field, v))
        ms_text_json(t, plain);
}

void ms_packet_value(const struct ms_field *field, const struct ms_value *values, size_t n, const struct ms_separated *s, struct ms_packet_value *out)
{
    size_t first = s->occurrence == MS_OCCURRENCE_LAST && n ? n - 1 : 0;
    size_t end = s->occurrence == MS_OCCURRENCE_FIRST && n ? 1 : n;
    out->json.n = out->plain.n = 0;
    for (size_t i = first; i < end; i++) {
        if (i > first) {
            ms_text_char(&out->json, ',');
            ms_text_char(&out->plain, s->aggregator ? s->aggregator : ',');
        }
        size_t start = out->plain.n;
        add_plain(&out->plain, field, &values[i]);
        add_json(&out->json, field, &values[i], ms_tail(ms_buffer_bytes(&out->plain), start));
    }
}
