/* The columns of a packet list: the addresses of the innermost network header, and the words of the highest protocol that has some. */
#include "frame/frame.h"

#include "base/text.h"

static void ethernet(const struct ms_frame *f, struct ms_frame_line *out)
{
    size_t                    at = 0;
    const struct ms_layer_at *l = ms_frame_layer(f, MS_L_ETHERNET, &at);
    struct ms_bytes           b = l ? ms_frame_bytes(f, l) : (struct ms_bytes){ 0 };
    for (size_t i = 0; i < 6 && b.n >= 14; i++) {
        ms_text_format(&out->destination, "%s%02x", i ? ":" : "", b.p[i]);
        ms_text_format(&out->source, "%s%02x", i ? ":" : "", b.p[6 + i]);
    }
}

static void addresses(const struct ms_frame *f, struct ms_frame_line *out)
{
    const struct ms_layer_at *found = NULL;
    const struct ms_layers   *all = ms_frame_layers(f);
    for (size_t i = 0; i < all->quoted; i++) {
        const struct ms_layer_at *l = &all->layer[i];
        if ((l->kind == MS_L_IPV4 && l->captured >= 20) || (l->kind == MS_L_IPV6 && l->captured >= 40))
            found = l;
    }
    if (!found) {
        ethernet(f, out);
        return;
    }
    const uint8_t *p = ms_frame_bytes(f, found).p;
    uint8_t        ip[2][16] = { { [10] = 0xff, [11] = 0xff }, { [10] = 0xff, [11] = 0xff } };
    for (int i = 0; i < 2; i++) {
        if (found->kind == MS_L_IPV4)
            memcpy(ip[i] + 12, p + 12 + 4 * i, 4);
        else
            memcpy(ip[i], p + 8 + 16 * i, 16);
    }
    ms_text_address(&out->source, ip[0]);
    ms_text_address(&out->destination, ip[1]);
}

void ms_frame_line(const struct ms_frame *f, struct ms_frame_line *out)
{
    bool (*const info[])(const struct ms_frame *, struct ms_frame_line *) = {
        ms_info_imf, ms_info_smtp, ms_info_pop, ms_info_imap, ms_info_tls, ms_info_dns, ms_info_tcp, ms_info_net, ms_info_udp,
    };
    out->source.n = out->destination.n = out->protocol.n = out->info.n = 0;
    addresses(f, out);
    ms_info_analysis(f, &out->info);
    for (size_t i = 0; i < sizeof info / sizeof *info; i++)
        if (info[i](f, out))
            return;
}
