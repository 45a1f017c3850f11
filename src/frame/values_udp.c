/* udp.* */
#include "frame/frame.h"

void ms_values_udp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *l;
    for (size_t at = 0; (l = ms_frame_layer(f, MS_L_UDP, &at));)
        if (field == MS_FF_UDP && l->captured >= 8)
            ms_value_push(to, ms_value_protocol(ms_head(ms_frame_bytes(f, l), 8)));
}
