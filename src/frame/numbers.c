#include "frame/numbers.h"

static uint32_t number(struct ms_bytes header, const struct ms_number_at *r)
{
    uint32_t v = 0;
    for (uint8_t i = 0; i < r->size; i++)
        v = v << 8 | ms_at(header, (size_t)r->at + i);
    return (r->mask ? v & r->mask : v) >> r->shift;
}

bool ms_number_push(const struct ms_number_at *rows, size_t count, struct ms_bytes header, enum ms_frame_field field, struct ms_value_sink *to)
{
    size_t i = 0;
    while (i < count && rows[i].field != field)
        i++;
    if (i == count)
        return false;
    uint32_t v = number(header, &rows[i]);
    if (header.n >= (size_t)rows[i].at + rows[i].size)
        ms_value_push(to, ms_frame_fields[field].type == MS_FT_BOOLEAN ? ms_value_bool(v != 0) : ms_value_uint(v));
    return true;
}
