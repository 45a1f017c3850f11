/* ip.*, ipv6.*, icmp.*: network headers, those of tunnels too. */
#include "frame/frame.h"

static struct ms_value address(const uint8_t ip[4])
{
    uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
    memcpy(mapped + 12, ip, 4);
    return ms_value_ip(MS_FT_IPV4, mapped);
}

void ms_values_ip(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *l;
    for (size_t at = 0; (l = ms_frame_layer(f, MS_L_IPV4, &at));) {
        const uint8_t *p = ms_frame_bytes(f, l).p;
        if (l->captured < 20)
            continue;
        switch (field) {
        case MS_FF_IP: ms_value_push(to, ms_value_protocol(ms_head(ms_frame_bytes(f, l), (size_t)(p[0] & 15) * 4))); break;
        case MS_FF_IP_SRC: ms_value_push(to, address(p + 12)); break;
        case MS_FF_IP_DST: ms_value_push(to, address(p + 16)); break;
        case MS_FF_IP_ADDR:
            ms_value_push(to, address(p + 12));
            ms_value_push(to, address(p + 16));
            break;
        default: break;
        }
    }
}
