/* udp.*: headers, those of tunnels and those quoted in ICMP errors too; and the line of a datagram that nothing else is known of. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/numbers.h"

enum { HEADER = 8 };

static const struct ms_number_at numbers[] = {
    { MS_FF_UDP_SRCPORT, 0, 2, 0, 0 }, { MS_FF_UDP_DSTPORT, 2, 2, 0, 0 }, { MS_FF_UDP_LENGTH, 4, 2, 0, 0 }, { MS_FF_UDP_CHECKSUM, 6, 2, 0, 0 },
};

static void header_values(struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes whole = ms_be16(b.p + 4) >= HEADER ? ms_head(b, ms_be16(b.p + 4)) : b;
    if (MS_NUMBER_PUSH(numbers, b, field, to))
        return;
    switch (field) {
    case MS_FF_UDP: ms_value_push(to, ms_value_header(whole, HEADER)); break;
    case MS_FF_UDP_PORT:
        ms_value_push(to, ms_value_uint(ms_be16(b.p)));
        ms_value_push(to, ms_value_uint(ms_be16(b.p + 2)));
        break;
    case MS_FF_UDP_CHECKSUM_STATUS: ms_value_push(to, ms_value_uint(ms_be16(b.p + 6) ? 2 : 3)); break;
    case MS_FF_UDP_PAYLOAD: if (whole.n > HEADER) ms_value_push(to, ms_value_bytes(ms_tail(whole, HEADER))); break;
    default: break;
    }
}

static void stream_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_udp_seen *u = &f->udp;
    for (unsigned i = 0; i < u->count; i++)
        ms_value_push(to, field == MS_FF_UDP_STREAM          ? ms_value_uint(u->at[i].stream)
                          : field == MS_FF_UDP_TIME_RELATIVE ? ms_value_duration(u->at[i].since_first)
                                                             : ms_value_duration(u->at[i].since_previous));
}

void ms_values_udp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field >= MS_FF_UDP_STREAM) {
        stream_values(f, field, to);
        return;
    }
    const struct ms_layer_at *l;
    unsigned                  nth = 0;
    for (size_t at = 0; (l = ms_frame_layer(f, MS_L_UDP, &at));) {
        ms_value_layer(to, ++nth);
        if (l->captured >= HEADER)
            header_values(ms_frame_bytes(f, l), field, to);
    }
    to->layer = 0;
}

bool ms_info_udp(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_layer_at *l, *last = NULL;
    for (size_t at = 0; at < ms_frame_layers(f)->quoted && (l = ms_frame_layer(f, MS_L_UDP, &at));)
        last = at <= ms_frame_layers(f)->quoted ? l : last;
    if (!last || last->captured < HEADER || ms_frame_layers(f)->quoted < ms_frame_layers(f)->count)
        return false;
    const uint8_t *p = ms_frame_bytes(f, last).p;
    unsigned       length = ms_be16(p + 4);
    ms_text_str(&out->protocol, "UDP");
    ms_text_format(&out->info, "%u \xe2\x86\x92 %u Len=%u", ms_be16(p), ms_be16(p + 2), length >= HEADER ? length - HEADER : 0);
    return true;
}
