/* net/walk.h - the way through the headers of one packet (private to net/): each step reads one header and says what comes next.
 *
 * Wire     `in` is what was captured from the next header on, `wire` how much of it there was on the wire. A header that ends past
 *          `wire` contradicts itself (malformed); one that ends past `in` was cut by the capture.
 * Bounds   every step uses at least one byte of `in`, opens a tunnel (tunnel_depth), or ends the walk.             */
#pragma once
#include "net/fragments.h"
#include "net/layers.h"

struct ms_walk {
    struct ms_bytes in;
    size_t          wire;       /* >= in.n */
    struct ms_segment *out;     /* addresses and ttl of the innermost IP header so far */
    struct ms_fragments *fragments; /* NULL: later fragments are passed over, first ones too */
    struct ms_layers *trace;    /* where each header is noted; NULL: nowhere */
    const uint8_t  *begin;      /* of the packet, for `trace` */
    struct ms_packet_joined joined; /* from fragments, last; bytes.p NULL: nothing was */
    int64_t         time;
    uint64_t        tunnels;    /* that may still be opened */
    uint16_t        type;       /* Ethernet type */
    uint8_t         protocol;   /* IP protocol number */
    uint8_t         version;    /* of the innermost IP header */
    uint8_t         extensions; /* IPv6 headers passed */
    bool            bounded;    /* `wire` comes from a length field, not from the size of the frame */
    bool            guessed;    /* a tunnel known by nothing but its UDP port */
};

enum ms_layer ms_walk_link_type(uint32_t link_type); /* MS_L_UNSUPPORTED when there is no reader for it */
const char *ms_link_type_name(uint32_t link_type);   /* NULL when it has none */

enum ms_layer ms_walk_link(struct ms_walk *w, enum ms_layer layer); /* MS_L_ETHERNET to MS_L_MPLS */
enum ms_layer ms_walk_ip(struct ms_walk *w);
enum ms_layer ms_walk_ipv4(struct ms_walk *w);
enum ms_layer ms_walk_ipv6(struct ms_walk *w);
enum ms_layer ms_walk_protocol(struct ms_walk *w);
enum ms_layer ms_walk_udp(struct ms_walk *w);
enum ms_layer ms_walk_gre(struct ms_walk *w);
enum ms_layer ms_walk_icmp(struct ms_walk *w); /* w->version says which */

static inline enum ms_layer ms_walk_short(const struct ms_walk *w, size_t need) /* in.n < need: why? */
{
    return w->wire >= need ? MS_L_CUT : MS_L_MALFORMED;
}
static inline void ms_walk_skip(struct ms_walk *w, size_t n) /* n <= in.n */
{
    w->in.p += n;
    w->in.n -= n;
    w->wire -= n;
}
/* A header says how long the rest is. Behind it is padding. A header inside cannot have more than the one around it says, but
 * more than the frame has: then the frame was cut by something that did not write down its true length. */
static inline void ms_walk_set_wire(struct ms_walk *w, size_t wire)
{
    if (w->bounded && wire > w->wire)
        wire = w->wire;
    w->bounded = true;
    w->wire = wire;
    w->in = ms_head(w->in, wire);
}
static inline enum ms_layer ms_walk_tunnel(struct ms_walk *w, enum ms_layer inner)
{
    if (w->tunnels == 0)
        return MS_L_TOO_DEEP;
    w->tunnels--;
    return inner;
}
static inline enum ms_layer ms_walk_type(struct ms_walk *w, uint16_t type)
{
    w->type = type;
    return MS_L_ETHERTYPE;
}
/* The 12 bytes that turn an IPv4 address into an IPv6 one, and the address. */
static inline void ms_walk_mapped(uint8_t out[16], const uint8_t ip[4])
{
    memcpy(out, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    memcpy(out + 12, ip, 4);
}
