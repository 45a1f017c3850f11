/* frame.protocols: what a frame consists of, from the outside in. */
#include "frame/frame.h"

#include "base/text.h"

static void put(struct ms_buffer *t, const char *name) { ms_text_format(t, "%s%s", t->n ? ":" : "", name); }

static const char *layer_name(const struct ms_layer_at *l)
{
    switch (l->kind) {
    case MS_L_ETHERNET: return "eth";
    case MS_L_LLC: return "llc";
    case MS_L_COOKED: case MS_L_COOKED2: return "sll";
    case MS_L_LOOPBACK: return "null";
    case MS_L_NFLOG: return "nflog";
    case MS_L_CISCO_HDLC: return "chdlc";
    case MS_L_PPP: return "ppp";
    case MS_L_PPPOE: return "pppoes:ppp";
    case MS_L_MPLS: return "mpls";
    case MS_L_IPV4: return "ip";
    case MS_L_IPV6: return "ipv6";
    case MS_L_UDP: return "udp";
    case MS_L_GRE: return "gre";
    case MS_L_ICMP: return l->protocol == 58 ? "icmpv6" : "icmp";
    case MS_L_TCP: return "tcp";
    default: return NULL;
    }
}

static bool is_tag(uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200; }

static void put_layer(const struct ms_frame *f, const struct ms_layer_at *l, struct ms_buffer *t)
{
    static const struct { uint8_t protocol; const char *name; } extensions[] = {
        { 0, "ipv6.hopopts" }, { 43, "ipv6.routing" }, { 44, "ipv6.fraghdr" }, { 60, "ipv6.dstopts" }, { 51, "ah" },
    };
    const char *name = layer_name(l);
    if (name)
        put(t, name);
    if (l->kind == MS_L_ETHERTYPE) {
        put(t, "ethertype");
        struct ms_bytes b = ms_frame_bytes(f, l);
        for (uint16_t type = l->type; is_tag(type) && b.n >= 4; b = ms_tail(b, 4)) {
            put(t, type == 0x88a8 ? "ieee8021ad" : "vlan");
            put(t, "ethertype");
            type = ms_be16(b.p + 2);
        }
    }
    for (size_t i = 0; l->kind == MS_L_PROTOCOL && i < sizeof extensions / sizeof *extensions; i++)
        if (extensions[i].protocol == l->protocol)
            put(t, extensions[i].name);
}

static bool has(const struct ms_frame *f, enum ms_frame_field field)
{
    struct ms_value      v[8];
    struct ms_value_sink to = { .next = v, .end = v + 8 };
    ms_frame_values(f, field, &to);
    return to.next > v;
}

static const enum ms_frame_field above[] = { MS_FF_ARP, MS_FF_DNS, MS_FF_TLS, MS_FF_SMTP, MS_FF_POP, MS_FF_IMAP, MS_FF_IMF };

struct ms_bytes ms_frame_protocols(const struct ms_frame *f)
{
    struct ms_buffer        t = { 0 };
    const struct ms_layers *layers = ms_frame_layers(f);
    for (size_t i = 0; i < layers->count; i++) {
        put_layer(f, &layers->layer[i], &t);
        if (layers->layer[i].kind == MS_L_UDP && i + 1 < layers->count && i + 1 != layers->quoted)
            put(&t, has(f, MS_FF_GENEVE) ? "geneve" : "vxlan");
    }
    for (size_t i = 0; i < sizeof above / sizeof *above; i++)
        if (has(f, above[i]))
            put(&t, ms_frame_fields[above[i]].name);
    struct ms_bytes kept = ms_arena_keep(f->scratch, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return kept;
}
