#include "sink/collect.h"

size_t ms_collect_want(struct ms_collector *c, const char *name, enum ms_field_type type)
{
    c->wanted = ms_resize(c->wanted, (c->count + 1) * sizeof *c->wanted);
    c->wanted[c->count] = (struct ms_collected){ .name = ms_str(name), .type = (uint8_t)type };
    return c->count++;
}

void ms_collect_start(struct ms_collector *c)
{
    for (size_t i = 0; i < c->count; i++)
        c->wanted[i].n = 0;
    if (c->text.total)
        ms_arena_finish(&c->text);
}

void ms_collect_finish(struct ms_collector *c)
{
    for (size_t i = 0; i < c->count; i++)
        ms_free(c->wanted[i].values);
    ms_free(c->wanted);
    ms_arena_finish(&c->text);
}

bool ms_collect_inside(const struct ms_collector *c, struct ms_bytes path)
{
    for (size_t i = 0; i < c->count; i++) {
        struct ms_bytes name = c->wanted[i].name;
        if (ms_equal(ms_head(name, path.n), path) && (name.n == path.n || ms_at(name, path.n) == '.'))
            return true;
    }
    return false;
}

static void keep(struct ms_collected *w, struct ms_value v)
{
    if (w->n > MS_VALUES_MAX)
        return;
    if (w->n == w->room) {
        w->room = w->room ? w->room * 2 : 8;
        w->values = ms_resize(w->values, w->room * sizeof *w->values);
    }
    w->values[w->n++] = v;
}

static bool has_text(unsigned type) { return type == MS_FT_STRING || type == MS_FT_BYTES; }

static bool convert(struct ms_collector *c, struct ms_value *v, unsigned to)
{
    if (v->type == MS_FT_UINT && to == MS_FT_STRING) {
        struct ms_buffer digits = { 0 };
        ms_text_u64(&digits, v->u);
        v->bytes = ms_arena_keep(&c->text, ms_buffer_bytes(&digits));
        ms_buffer_finish(&digits);
    } else if (v->type == to && has_text(to)) {
        v->bytes = ms_arena_keep(&c->text, v->bytes);
    } else if (v->type != to && !(v->type == MS_FT_UINT && to == MS_FT_FRAME)) {
        return false;
    }
    v->type = (uint8_t)to;
    return true;
}

void ms_collect_value(struct ms_collector *c, struct ms_bytes name, struct ms_value v)
{
    for (size_t i = 0; i < c->count; i++) {
        struct ms_value kept = v;
        if (ms_equal(c->wanted[i].name, name) && convert(c, &kept, c->wanted[i].type))
            keep(&c->wanted[i], kept);
    }
}

void ms_collect_word(struct ms_collector *c, struct ms_bytes name, struct ms_bytes word, uint64_t place)
{
    for (size_t i = 0; i < c->count; i++) {
        struct ms_value kept = c->wanted[i].type == MS_FT_STRING ? ms_value_string(word) : ms_value_uint(place);
        if (ms_equal(c->wanted[i].name, name) && convert(c, &kept, c->wanted[i].type))
            keep(&c->wanted[i], kept);
    }
}
