/* eth.*, vlan.*, sll.*, arp: what stands in front of IP. */
#include "frame/frame.h"

static void ether_values(const struct ms_frame *f, enum ms_frame_field field, const uint8_t *header, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_ETH: ms_value_push(to, ms_value_protocol(ms_head(f->packet->data, 14))); break;
    case MS_FF_ETH_DST: ms_value_push(to, ms_value_ether(header)); break;
    case MS_FF_ETH_SRC: ms_value_push(to, ms_value_ether(header + 6)); break;
    case MS_FF_ETH_ADDR:
        ms_value_push(to, ms_value_ether(header));
        ms_value_push(to, ms_value_ether(header + 6));
        break;
    case MS_FF_ETH_TYPE: ms_value_push(to, ms_value_uint(ms_be16(header + 12))); break;
    default: break;
    }
}

void ms_values_link(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *l;
    for (size_t at = 0; (l = ms_frame_layer(f, MS_L_ETHERNET, &at));)
        if (l->captured >= 14)
            ether_values(f, field, ms_frame_bytes(f, l).p, to);
}
