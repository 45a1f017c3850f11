/* What carries whole packets inside IP: GRE, and VXLAN and GENEVE over UDP; and the one other UDP that is wanted, DNS.
 *
 * BUGS     a UDP tunnel is known by its destination port and the fixed bits of its header; on other ports it stays UDP. L2TP, GTP
 *          and Teredo are not opened. */
#include "net/walk.h"

/* RFC 7348: flags with bit I, 24 bits reserved, VNI, 8 bits reserved. Group policy (bit G) uses the reserved 24. */
static enum ms_layer vxlan(struct ms_walk *w)
{
    if (w->in.n < 8)
        return w->wire < 8 ? MS_L_END_UDP : MS_L_CUT;
    const uint8_t *p = w->in.p;
    bool group_policy = p[0] & 0x80;
    if ((p[0] & 0x7f) != 0x08 || p[7] != 0 || (!group_policy && (p[1] | p[2] | p[3]) != 0))
        return MS_L_END_UDP;
    ms_walk_skip(w, 8);
    return ms_walk_tunnel(w, MS_L_ETHERNET);
}

/* RFC 8926: version and length of the options in 4 bytes, flags O and C, protocol, VNI, reserved. */
static enum ms_layer geneve(struct ms_walk *w)
{
    if (w->in.n < 8)
        return w->wire < 8 ? MS_L_END_UDP : MS_L_CUT;
    const uint8_t *p = w->in.p;
    size_t   size = 8 + (size_t)(p[0] & 0x3f) * 4;
    uint16_t type = ms_be16(p + 2);
    if (p[0] >> 6 != 0 || (p[1] & 0xbf) != 0 || p[7] != 0 || w->wire < size) /* O: a control message */
        return MS_L_END_UDP;
    if (w->in.n < size)
        return MS_L_CUT;
    ms_walk_skip(w, size);
    if (type == 0x6558)
        return ms_walk_tunnel(w, MS_L_ETHERNET);
    if (type == 0x0800 || type == 0x86dd)
        return ms_walk_tunnel(w, type == 0x0800 ? MS_L_IPV4 : MS_L_IPV6);
    return MS_L_END_UDP;
}

/* Port 53. A length that makes no sense (RFC 768: 8 at least) makes it any UDP; 0 is a jumbogram's (RFC 2675 4), or offload. */
static __attribute__((noinline)) enum ms_layer datagram(struct ms_walk *w)
{
    size_t            length = ms_be16(w->in.p + 4);
    struct ms_segment out = { .src_port = ms_be16(w->in.p), .dst_port = ms_be16(w->in.p + 2), .ttl = w->out->ttl };
    if (length != 0 && (length < 8 || length > w->wire))
        return MS_L_END_UDP;
    memcpy(out.src, w->out->src, 16);
    memcpy(out.dst, w->out->dst, 16);
    if (length)
        ms_walk_set_wire(w, length);
    ms_walk_skip(w, 8);
    out.payload = w->in;
    out.payload_length = w->wire < UINT32_MAX ? (uint32_t)w->wire : UINT32_MAX;
    *w->out = out;
    return MS_L_DATAGRAM;
}

enum ms_layer ms_walk_udp(struct ms_walk *w)
{
    if (w->in.n < 8)
        return ms_walk_short(w, 8);
    uint16_t port = ms_be16(w->in.p + 2);
    if (port == 53 || ms_be16(w->in.p) == 53)
        return datagram(w);
    bool     is_vxlan = port == 4789 || port == 8472; /* 8472: Linux before the port was assigned */
    if (!is_vxlan && port != 6081)
        return MS_L_END_UDP;
    ms_walk_skip(w, 8);
    w->guessed = true;
    return is_vxlan ? vxlan(w) : geneve(w);
}

/* Source routes of RFC 1701: {family, offset, length, that many bytes}, the last one empty. Moves *at behind them. */
static enum ms_layer skip_routes(const struct ms_walk *w, size_t *at)
{
    for (size_t length = 1; length;) {
        if (w->in.n < *at + 4)
            return ms_walk_short(w, *at + 4);
        length = w->in.p[*at + 3];
        *at += 4 + length;
        if (w->in.n < *at)
            return ms_walk_short(w, *at);
    }
    return MS_L_GRE;
}

/* Mirrored frames (ERSPAN, draft-foschiano-erspan): type I has no header and no GRE sequence number, type II one of 8 bytes. */
static enum ms_layer erspan(struct ms_walk *w, bool has_sequence)
{
    enum { HEADER = 8 };
    if (!has_sequence)
        return MS_L_ETHERNET;
    if (w->in.n < HEADER)
        return ms_walk_short(w, HEADER);
    ms_walk_skip(w, HEADER);
    return MS_L_ETHERNET;
}

/* Type III has 12 bytes, the frame's kind in 5 bits of byte 10, and 8 bytes more when bit O is set. */
static enum ms_layer erspan3(struct ms_walk *w)
{
    enum { HEADER = 12, MORE = 8, KIND_ETHERNET = 0, KIND_IP = 2 };
    if (w->in.n < HEADER)
        return ms_walk_short(w, HEADER);
    unsigned kind = w->in.p[10] >> 2 & 31;
    size_t   size = w->in.p[11] & 1 ? HEADER + MORE : HEADER;
    if (w->in.n < size)
        return ms_walk_short(w, size);
    ms_walk_skip(w, size);
    return kind == KIND_ETHERNET ? MS_L_ETHERNET : kind == KIND_IP ? MS_L_IP : MS_L_END_OTHER;
}

static enum ms_layer gre_payload(struct ms_walk *w, uint16_t type, bool has_sequence)
{
    switch (type) {
    case 0x88be: return erspan(w, has_sequence);
    case 0x22eb: return erspan3(w);
    case 0x6558: return MS_L_ETHERNET;
    case 0x880b: return MS_L_PPP;
    default: return type < 1536 ? MS_L_END_OTHER : ms_walk_type(w, type);
    }
}

/* RFC 2784 and 2890: bit C checksum, K key, S sequence; RFC 1701: R routes. RFC 2637 (PPTP) is version 1: K always, S only with
 * payload, A acknowledgement. */
enum ms_layer ms_walk_gre(struct ms_walk *w)
{
    enum { C = 0x8000, R = 0x4000, K = 0x2000, S = 0x1000, A = 0x0080, VERSION = 7 };
    if (w->in.n < 4)
        return ms_walk_short(w, 4);
    unsigned flags = ms_be16(w->in.p), version = flags & VERSION;
    uint16_t type = ms_be16(w->in.p + 2);
    if (version > 1)
        return MS_L_END_OTHER;
    size_t size = 4 + (flags & (C | R) ? 4u : 0) + (flags & K ? 4u : 0) + (flags & S ? 4u : 0);
    size += version == 1 && flags & A ? 4u : 0;
    if (w->in.n < size)
        return ms_walk_short(w, size);
    if (version == 1 && (type != 0x880b || !(flags & S)))
        return MS_L_END_OTHER;
    enum ms_layer routes = flags & R ? skip_routes(w, &size) : MS_L_GRE;
    if (routes != MS_L_GRE)
        return routes;
    ms_walk_skip(w, size);
    return gre_payload(w, type, flags & S);
}
