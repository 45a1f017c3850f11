/* eth.*, vlan.*, sll.*, arp, and what tunnels below IP put in front of it. */
#include "frame/frame.h"

#include "frame/numbers.h"

enum { ETHERNET = 14, TYPE_MIN = 1536, FRAME_LEAST = 60 };

static const struct ms_number_at vlan_numbers[] = {
    { MS_FF_VLAN_PRIORITY, 0, 1, 5, 0xe0 }, { MS_FF_VLAN_DEI, 0, 1, 0, 0x10 }, { MS_FF_VLAN_ID, 0, 2, 0, 0x0fff },
}, service_numbers[] = {
    { MS_FF_IEEE8021AD_PRIORITY, 0, 1, 5, 0xe0 }, { MS_FF_IEEE8021AD_DEI, 0, 1, 4, 0x10 }, { MS_FF_IEEE8021AD_ID, 0, 2, 0, 0x0fff },
}, cooked_numbers[] = {
    { MS_FF_SLL_PKTTYPE, 0, 2, 0, 0 }, { MS_FF_SLL_HATYPE, 2, 2, 0, 0 }, { MS_FF_SLL_HALEN, 4, 2, 0, 0 }, { MS_FF_SLL_ETYPE, 14, 2, 0, 0 },
}, cooked2_numbers[] = {
    { MS_FF_SLL_PKTTYPE, 10, 1, 0, 0 }, { MS_FF_SLL_HATYPE, 8, 2, 0, 0 }, { MS_FF_SLL_HALEN, 11, 1, 0, 0 }, { MS_FF_SLL_ETYPE, 0, 2, 0, 0 },
    { MS_FF_SLL_IFINDEX, 4, 4, 0, 0 },
}, arp_numbers[] = {
    { MS_FF_ARP_HW_TYPE, 0, 2, 0, 0 }, { MS_FF_ARP_PROTO_TYPE, 2, 2, 0, 0 }, { MS_FF_ARP_HW_SIZE, 4, 1, 0, 0 },
    { MS_FF_ARP_PROTO_SIZE, 5, 1, 0, 0 }, { MS_FF_ARP_OPCODE, 6, 2, 0, 0 },
}, pppoe_numbers[] = {
    { MS_FF_PPPOE_SESSION_ID, 2, 2, 0, 0 }, { MS_FF_PPPOE_PAYLOAD_LENGTH, 4, 2, 0, 0 },
}, mpls_numbers[] = {
    { MS_FF_MPLS_LABEL, 0, 3, 4, 0xfffff0 }, { MS_FF_MPLS_EXP, 2, 1, 1, 0x0e }, { MS_FF_MPLS_BOTTOM, 2, 1, 0, 1 }, { MS_FF_MPLS_TTL, 3, 1, 0, 0 },
}, gre_numbers[] = {
    { MS_FF_GRE_PROTO, 2, 2, 0, 0 },
};

/* ---- Ethernet ---------------------------------------------------------------------------------------------------------- */

/* What stands behind the innermost length that the frame around the first Ethernet header knows: IP's, or that of 802.3. */
static struct ms_bytes behind(const struct ms_frame *f)
{
    for (size_t i = 1; i < ms_frame_layers(f)->count; i++) {
        const struct ms_layer_at *l = &ms_frame_layers(f)->layer[i];
        const uint8_t            *p = ms_frame_bytes(f, l).p;
        size_t                    n = 0;
        if (l->kind == MS_L_IPV4 && l->captured >= 20)
            n = ms_be16(p + 2);
        else if (l->kind == MS_L_IPV6 && l->captured >= 40)
            n = ms_be16(p + 4) ? 40u + ms_be16(p + 4) : 0;
        if (l->kind == MS_L_LLC && l->type < TYPE_MIN)
            n = l->type;
        if (l->kind > MS_L_ETHERTYPE)
            return n ? ms_tail(f->packet->data, l->at + n) : (struct ms_bytes){ 0 };
    }
    bool arp = ms_frame_layers(f)->end == MS_L_END_OTHER && ms_frame_layers(f)->rest.type == 0x0806;
    return arp ? ms_tail(f->packet->data, ms_frame_layers(f)->rest.at + 28) : (struct ms_bytes){ 0 };
}

static bool is_zero(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i])
            return false;
    return true;
}

/* Zeros up to the least length are padding; what is not zero is somebody's trailer. Behind it there may be the checksum of the frame. */
static void padding_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    enum { CHECKSUM = 4 };
    struct ms_bytes rest = behind(f);
    size_t          at = f->packet->data.n - rest.n, least = at < FRAME_LEAST ? FRAME_LEAST - at : 0;
    struct ms_bytes padding = ms_head(rest, least), more = ms_tail(rest, padding.n);
    size_t          trailer = more.n >= CHECKSUM ? more.n - CHECKSUM : more.n;
    bool            zero = is_zero(padding);
    struct ms_bytes value = field == MS_FF_ETH_PADDING ? padding : ms_slice(rest, zero ? padding.n : 0, trailer + (zero ? 0 : padding.n));
    if (value.n && (zero || field == MS_FF_ETH_TRAILER))
        ms_value_push(to, ms_value_bytes(value));
}

static void ether_bits(enum ms_frame_field field, const uint8_t *header, struct ms_value_sink *to)
{
    bool dst_lg = header[0] & 2, dst_ig = header[0] & 1, src_lg = header[6] & 2, src_ig = header[6] & 1;
    switch (field) {
    case MS_FF_ETH_DST_LG: ms_value_push(to, ms_value_bool(dst_lg)); break;
    case MS_FF_ETH_DST_IG: ms_value_push(to, ms_value_bool(dst_ig)); break;
    case MS_FF_ETH_SRC_LG: ms_value_push(to, ms_value_bool(src_lg)); break;
    case MS_FF_ETH_SRC_IG: ms_value_push(to, ms_value_bool(src_ig)); break;
    case MS_FF_ETH_LG:
        ms_value_push(to, ms_value_bool(dst_lg));
        ms_value_push(to, ms_value_bool(src_lg));
        break;
    case MS_FF_ETH_IG:
        ms_value_push(to, ms_value_bool(dst_ig));
        ms_value_push(to, ms_value_bool(src_ig));
        break;
    default: break;
    }
}

static void maker_values(const uint8_t *address, struct ms_value_sink *to)
{
    ms_value_push(to, ms_value_uint((uint64_t)address[0] << 16 | ms_be16(address + 1)));
}

static void ether_values(struct ms_bytes frame, enum ms_frame_field field, struct ms_value_sink *to)
{
    const uint8_t *header = frame.p;
    uint16_t       type = ms_be16(header + 12);
    switch (field) {
    case MS_FF_ETH: ms_value_push(to, ms_value_header(frame, ETHERNET)); break;
    case MS_FF_ETH_DST: ms_value_push(to, ms_value_ether(header)); break;
    case MS_FF_ETH_SRC: ms_value_push(to, ms_value_ether(header + 6)); break;
    case MS_FF_ETH_ADDR:
        ms_value_push(to, ms_value_ether(header));
        ms_value_push(to, ms_value_ether(header + 6));
        break;
    case MS_FF_ETH_SRC_OUI: maker_values(header + 6, to); break;
    case MS_FF_ETH_DST_OUI: maker_values(header, to); break;
    case MS_FF_ETH_ADDR_OUI:
        maker_values(header, to);
        maker_values(header + 6, to);
        break;
    case MS_FF_ETH_TYPE: if (type >= TYPE_MIN) ms_value_push(to, ms_value_uint(type)); break;
    case MS_FF_ETH_LEN: if (type < TYPE_MIN) ms_value_push(to, ms_value_uint(type)); break;
    default: ether_bits(field, header, to); break;
    }
}

static bool is_tag(uint16_t type) { return type == 0x8100 || type == 0x88a8 || type == 0x9100 || type == 0x9200; }

/* The tag of a provider (802.1ad) has a protocol of its own. */
static void service_values(struct ms_bytes tag, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_IEEE8021AD)
        ms_value_push(to, ms_value_header(tag, 4));
    else
        MS_NUMBER_PUSH(service_numbers, tag, field, to);
}

/* to->layer: how many came before, in front of a tunnel. */
static void vlan_values(struct ms_bytes tags, uint16_t type, enum ms_frame_field field, struct ms_value_sink *to)
{
    enum { SERVICE_TAG = 0x88a8 };
    for (; is_tag(type) && tags.n >= 4; tags = ms_tail(tags, 4)) {
        bool service = type == SERVICE_TAG;
        type = ms_be16(tags.p + 2);
        if (service) {
            service_values(tags, field, to);
            continue;
        }
        ms_value_layer(to, to->layer + 1u);
        if (field == MS_FF_VLAN)
            ms_value_push(to, ms_value_header(tags, 4));
        else if (field == (type >= TYPE_MIN ? MS_FF_VLAN_ETYPE : MS_FF_VLAN_LEN))
            ms_value_push(to, ms_value_uint(type));
        else
            MS_NUMBER_PUSH(vlan_numbers, tags, field, to);
    }
}

/* ---- Linux cooked, ARP ------------------------------------------------------------------------------------------------------ */

static void cooked_values(struct ms_bytes b, bool second, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (b.n < (second ? 20u : 16u))
        return;
    uint8_t address = second ? 12 : 6, length = second ? b.p[11] : b.p[5];
    if (field == MS_FF_SLL)
        ms_value_push(to, ms_value_header(b, second ? 20 : 16));
    else if (field == MS_FF_SLL_SRC_ETH && length == 6)
        ms_value_push(to, ms_value_ether(b.p + address));
    else if (second)
        MS_NUMBER_PUSH(cooked2_numbers, b, field, to);
    else
        MS_NUMBER_PUSH(cooked_numbers, b, field, to);
}

struct ms_bytes ms_frame_arp(const struct ms_frame *f)
{
    if (ms_frame_layers(f)->end != MS_L_END_OTHER || ms_frame_layers(f)->rest.type != 0x0806 || ms_frame_layers(f)->rest.joined || ms_frame_layers(f)->count == 0
        || ms_frame_layers(f)->layer[ms_frame_layers(f)->count - 1].kind != MS_L_ETHERTYPE)
        return (struct ms_bytes){ 0 };
    struct ms_bytes b = ms_slice(f->packet->data, ms_frame_layers(f)->rest.at, ms_frame_layers(f)->rest.captured);
    return b.n >= 8 ? b : (struct ms_bytes){ 0 };
}

bool ms_arp_is_ipv4(struct ms_bytes arp) { return arp.n >= 28 && memcmp(arp.p, "\0\1\10\0\6\4", 6) == 0; }

static void arp_values(struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_ARP)
        ms_value_push(to, ms_value_protocol(ms_head(b, 8 + 2 * ((size_t)b.p[4] + b.p[5]))));
    else if (MS_NUMBER_PUSH(arp_numbers, b, field, to) || !ms_arp_is_ipv4(b))
        return;
    else if (field == MS_FF_ARP_SRC_HW_MAC)
        ms_value_push(to, ms_value_ether(b.p + 8));
    else if (field == MS_FF_ARP_SRC_PROTO_IPV4)
        ms_value_push(to, ms_value_ipv4(b.p + 14));
    else if (field == MS_FF_ARP_DST_HW_MAC)
        ms_value_push(to, ms_value_ether(b.p + 18));
    else if (field == MS_FF_ARP_DST_PROTO_IPV4)
        ms_value_push(to, ms_value_ipv4(b.p + 24));
    else if (field == MS_FF_ARP_ISGRATUITOUS && memcmp(b.p + 14, b.p + 24, 4) == 0)
        ms_value_push(to, ms_value_bool(true));
}

/* ---- tunnels -------------------------------------------------------------------------------------------------------------- */

static void label_values(struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (bool bottom = false; !bottom && b.n >= 4; b = ms_tail(b, 4)) {
        bottom = b.p[2] & 1;
        if (field == MS_FF_MPLS)
            ms_value_push(to, ms_value_protocol(ms_head(b, 4)));
        else
            MS_NUMBER_PUSH(mpls_numbers, b, field, to);
    }
}

/* A UDP header with another one of a packet behind it is that of a tunnel. */
static void udp_tunnel_values(const struct ms_frame *f, size_t i, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes b = ms_frame_bytes(f, &ms_frame_layers(f)->layer[i]);
    if (i + 1 >= ms_frame_layers(f)->count || i + 1 == ms_frame_layers(f)->quoted || b.n < 16)
        return;
    bool geneve = ms_be16(b.p + 2) == 6081;
    if (field == (geneve ? MS_FF_GENEVE : MS_FF_VXLAN))
        ms_value_push(to, ms_value_protocol(ms_slice(b, 8, geneve ? 8 + (size_t)(b.p[8] & 0x3f) * 4 : 8)));
    if (field == (geneve ? MS_FF_GENEVE_VNI : MS_FF_VXLAN_VNI))
        ms_value_push(to, ms_value_uint(ms_be32(b.p + 12) >> 8));
}

static void layer_values(const struct ms_frame *f, size_t i, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *l = &ms_frame_layers(f)->layer[i];
    struct ms_bytes           b = ms_frame_bytes(f, l);
    if (b.n == 0)
        return;
    switch (l->kind) {
    case MS_L_ETHERNET: if (b.n >= ETHERNET) ether_values(b, field, to); break;
    case MS_L_ETHERTYPE: vlan_values(b, l->type, field, to); break;
    case MS_L_LLC: if (field == MS_FF_LLC) ms_value_push(to, ms_value_protocol(ms_head(b, 3))); break;
    case MS_L_COOKED: cooked_values(b, false, field, to); break;
    case MS_L_COOKED2: cooked_values(b, true, field, to); break;
    case MS_L_LOOPBACK: if (field == MS_FF_NULL_) ms_value_push(to, ms_value_header(b, 4)); break;
    case MS_L_PPP: if (field == MS_FF_PPP) ms_value_push(to, ms_value_protocol(ms_head(b, 2))); break;
    case MS_L_PPPOE:
        if (field == MS_FF_PPPOES)
            ms_value_push(to, ms_value_protocol(ms_head(b, 6)));
        else if (field == MS_FF_PPP && b.n > 6)
            ms_value_push(to, ms_value_protocol(ms_slice(b, 6, 2)));
        else
            MS_NUMBER_PUSH(pppoe_numbers, b, field, to);
        break;
    case MS_L_MPLS: label_values(b, field, to); break;
    case MS_L_GRE:
        if (field == MS_FF_GRE)
            ms_value_push(to, ms_value_protocol(ms_head(b, 4)));
        else
            MS_NUMBER_PUSH(gre_numbers, b, field, to);
        break;
    case MS_L_UDP: udp_tunnel_values(f, i, field, to); break;
    default: break;
    }
}

void ms_values_link(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_ETH_PADDING || field == MS_FF_ETH_TRAILER) {
        if (ms_frame_layers(f)->count && ms_frame_layers(f)->layer[0].kind == MS_L_ETHERNET)
            padding_values(f, field, to);
        return;
    }
    unsigned tags = 0;
    for (size_t i = 0; i < ms_frame_layers(f)->count; i++) {
        bool     tagged = ms_frame_layers(f)->layer[i].kind == MS_L_ETHERTYPE;
        unsigned nth = 1;
        for (size_t before = 0; before < i; before++)
            nth += ms_frame_layers(f)->layer[before].kind == ms_frame_layers(f)->layer[i].kind;
        ms_value_layer(to, tagged ? tags : nth);
        layer_values(f, i, field, to);
        tags = tagged ? to->layer : tags;
    }
    to->layer = 0;
    struct ms_bytes arp = ms_frame_arp(f);
    if (arp.n)
        arp_values(arp, field, to);
}
