/* IPv4 and IPv6 headers, extension headers and fragments. */
#include "net/walk.h"

enum { EXTENSIONS_MAX = 32 }; /* in one packet, over all its tunnels; real ones have one or two */

enum ms_layer ms_walk_ip(struct ms_walk *w)
{
    if (w->in.n < 1)
        return ms_walk_short(w, 1);
    return w->in.p[0] >> 4 == 6 ? MS_L_IPV6 : MS_L_IPV4;
}

static enum ms_layer fragment(struct ms_walk *w, uint32_t id, uint32_t offset, bool more)
{
    if (!w->fragments)
        return MS_L_KEPT;
    struct ms_fragment f = {
        .id = id, .offset = offset, .more = more, .version = w->version, .protocol = w->protocol,
        .length = w->wire < UINT32_MAX ? (uint32_t)w->wire : UINT32_MAX, .data = w->in, .time = w->time,
    };
    memcpy(f.src, w->out->src, sizeof f.src);
    memcpy(f.dst, w->out->dst, sizeof f.dst);
    struct ms_joined joined;
    switch (ms_fragments_add(w->fragments, &f, &joined)) {
    case MS_FRAGMENT_KEPT: return MS_L_KEPT;
    case MS_FRAGMENT_MALFORMED: return MS_L_MALFORMED;
    case MS_FRAGMENT_JOINED: break;
    }
    w->in = joined.data;
    w->wire = joined.length;
    w->bounded = true;
    w->protocol = joined.protocol;
    w->joined = (struct ms_packet_joined){ joined.data, (uint32_t)joined.length, joined.protocol, w->version };
    return MS_L_PROTOCOL;
}

enum ms_layer ms_walk_ipv4(struct ms_walk *w)
{
    if (w->in.n < 20)
        return ms_walk_short(w, 20);
    const uint8_t *p = w->in.p;
    size_t   header = (size_t)(p[0] & 15) * 4, total = ms_be16(p + 2);
    unsigned offset = ms_be16(p + 6);
    if (total == 0) /* segmentation offload: the length was not known yet */
        total = w->wire;
    if (p[0] >> 4 != 4 || header < 20 || total < header)
        return MS_L_MALFORMED;
    if (w->in.n < header)
        return ms_walk_short(w, header);
    ms_walk_mapped(w->out->src, p + 12);
    ms_walk_mapped(w->out->dst, p + 16);
    w->out->ttl = p[8];
    w->protocol = p[9];
    w->version = 4;
    ms_walk_set_wire(w, total);
    ms_walk_skip(w, header);
    if ((offset & 0x3fff) != 0) /* more fragments, or not the first */
        return fragment(w, ms_be16(p + 4), (offset & 0x1fff) * 8, offset >> 13 & 1);
    return MS_L_PROTOCOL;
}

enum ms_layer ms_walk_ipv6(struct ms_walk *w)
{
    if (w->in.n < 40)
        return ms_walk_short(w, 40);
    const uint8_t *p = w->in.p;
    size_t length = ms_be16(p + 4);
    if (p[0] >> 4 != 6)
        return MS_L_MALFORMED;
    memcpy(w->out->src, p + 8, 16);
    memcpy(w->out->dst, p + 24, 16);
    w->out->ttl = p[7];
    w->protocol = p[6];
    w->version = 6;
    if (length) /* 0: a jumbogram (RFC 2675) or segmentation offload; both reach to the end of the frame */
        ms_walk_set_wire(w, 40 + length);
    ms_walk_skip(w, 40);
    return MS_L_PROTOCOL;
}

/* Hop-by-hop, routing, destination options, mobility, HIP and shim6 count their length in 8 bytes behind the first 8; AH in 4
 * bytes behind the first 8 (RFC 4302 2.2). */
static enum ms_layer extension(struct ms_walk *w)
{
    if (w->in.n < 8)
        return ms_walk_short(w, 8);
    size_t unit = w->protocol == 51 ? 4 : 8, size = 8 + w->in.p[1] * unit;
    if (w->wire < size || ++w->extensions > EXTENSIONS_MAX)
        return MS_L_MALFORMED;
    if (w->in.n < size)
        return MS_L_CUT;
    w->protocol = w->in.p[0];
    ms_walk_skip(w, size);
    return MS_L_PROTOCOL;
}

static enum ms_layer fragment_header(struct ms_walk *w) /* RFC 8200 4.5 */
{
    if (w->in.n < 8)
        return ms_walk_short(w, 8);
    const uint8_t *p = w->in.p;
    uint32_t offset = ms_be16(p + 2) & 0xfff8u, id = ms_be32(p + 4);
    bool     more = p[3] & 1;
    if (++w->extensions > EXTENSIONS_MAX)
        return MS_L_MALFORMED;
    w->protocol = p[0];
    ms_walk_skip(w, 8);
    if (offset == 0 && !more) /* "atomic" (RFC 6946): whole, whatever else goes by under this id */
        return MS_L_PROTOCOL;
    return fragment(w, id, offset, more);
}

static enum ms_layer protocol_of_ipv6(struct ms_walk *w)
{
    switch (w->protocol) {
    case 0: case 43: case 60: case 135: case 139: case 140: return extension(w);
    case 44: return fragment_header(w);
    case 58: return MS_L_ICMP;
    default: return MS_L_END_OTHER;
    }
}

enum ms_layer ms_walk_protocol(struct ms_walk *w)
{
    switch (w->protocol) {
    case 6: return MS_L_TCP;
    case 17: return MS_L_UDP;
    case 4: return ms_walk_tunnel(w, MS_L_IPV4);
    case 41: return ms_walk_tunnel(w, MS_L_IPV6);
    case 47: return ms_walk_tunnel(w, MS_L_GRE);
    case 137: return ms_walk_tunnel(w, MS_L_MPLS); /* RFC 4023 */
    case 51: return extension(w);
    case 1: return w->version == 4 ? MS_L_ICMP : MS_L_END_ICMP;
    default: return w->version == 6 ? protocol_of_ipv6(w) : MS_L_END_OTHER;
    }
}
