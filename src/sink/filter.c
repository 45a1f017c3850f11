#include "sink/filter.h"

#include <stdlib.h>

static const char *const units[MS_FIELD_UNITS] = { "frames", "sessions", "exchanges", "messages", "findings" };

static struct ms_field       fields[MS_FF_COUNT];
static uint16_t              frame_fields[MS_FF_COUNT];
static struct ms_field_table table = { fields, 0, units };

static int by_name(const void *a, const void *b)
{
    const uint16_t *x = a, *y = b;
    return strcmp(ms_frame_fields[*x].name, ms_frame_fields[*y].name);
}

const struct ms_field_table *ms_filter_table(void)
{
    if (table.count)
        return &table;
    for (uint16_t i = 0; i < MS_FF_COUNT; i++)
        frame_fields[i] = i;
    qsort(frame_fields, MS_FF_COUNT, sizeof *frame_fields, by_name);
    for (size_t i = 0; i < MS_FF_COUNT; i++)
        fields[i] = ms_frame_fields[frame_fields[i]];
    table.count = MS_FF_COUNT;
    return &table;
}

enum ms_frame_field ms_filter_frame_field(size_t index) { return (enum ms_frame_field)frame_fields[index]; }

uint32_t ms_filter_needs(const struct ms_dfilter *f)
{
    size_t          n;
    const uint16_t *named = ms_dfilter_fields(f, &n);
    uint32_t        needs = 0;
    for (size_t i = 0; i < n; i++)
        if (fields[named[i]].unit == MS_UNIT_FRAME)
            needs |= ms_frame_field_needs(ms_filter_frame_field(named[i]));
    return needs;
}

bool ms_filter_names_frame_field(const struct ms_dfilter *f, enum ms_frame_field field)
{
    size_t          n;
    const uint16_t *named = ms_dfilter_fields(f, &n);
    for (size_t i = 0; i < n; i++)
        if (fields[named[i]].unit == MS_UNIT_FRAME && ms_filter_frame_field(named[i]) == field)
            return true;
    return false;
}

static void frame_values(void *ctx, size_t field, struct ms_value_sink *to)
{
    if (fields[field].unit == MS_UNIT_FRAME)
        ms_frame_values(ctx, ms_filter_frame_field(field), to);
}

bool ms_filter_matches_frame(const struct ms_dfilter *f, const struct ms_frame *frame)
{
    struct ms_dfilter_source source = { frame_values, (void *)(uintptr_t)frame };
    return ms_dfilter_matches(f, &source);
}
