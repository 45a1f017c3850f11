/* net/layers.h - the headers of one packet, one after the other, with the places where they begin: for whoever shows or filters headers.
 *
 * The same walk as in net/decode.h reads them. Fragments are not joined, so behind a fragment there is nothing; ms_layers_joined() adds what
 * the decoder has joined.
 * Borrows  nothing: places are offsets into the packet.                                                            */
#pragma once
#include "net/decode.h"

enum ms_layer {
    MS_L_ETHERNET, MS_L_ETHERTYPE, MS_L_LLC, MS_L_COOKED, MS_L_COOKED2, MS_L_LOOPBACK, MS_L_NFLOG, MS_L_CISCO_HDLC,
    MS_L_DIRECTION_PPP, MS_L_DIRECTION_HDLC, MS_L_PPP, MS_L_PPPOE, MS_L_MPLS,
    MS_L_IP, MS_L_IPV4, MS_L_IPV6, MS_L_PROTOCOL, MS_L_UDP, MS_L_GRE, MS_L_ICMP, MS_L_TCP,
    /* ends */
    MS_L_SEGMENT, MS_L_DATAGRAM, MS_L_ERROR, MS_L_END_UDP, MS_L_END_ICMP, MS_L_END_OTHER, MS_L_KEPT, MS_L_CUT, MS_L_MALFORMED, MS_L_TOO_DEEP, MS_L_UNSUPPORTED,
};

/* A header, or a choice between two (MS_L_ETHERTYPE: VLAN tags, if any, and what `type` says; MS_L_IP: by its version; MS_L_PROTOCOL: what
 * the IP header's `protocol` says, IPv6 extension headers first). */
struct ms_layer_at {
    uint8_t  kind;     /* enum ms_layer, no end */
    uint8_t  protocol; /* IP protocol number that led here */
    uint16_t type;     /* Ethernet type that led here */
    bool     joined;   /* it lies in the packet that this one completed */
    uint32_t at;       /* offset in the packet */
    uint32_t captured; /* bytes from there on, as far as length fields and the capture leave them */
    uint32_t wire;     /* the same on the wire */
};

enum { MS_LAYERS_MAX = 40 };

struct ms_layers {
    struct ms_layer_at layer[MS_LAYERS_MAX];
    uint8_t count;
    uint8_t quoted; /* from here on they are headers of the packet that an ICMP error quotes; `count`: none */
    uint8_t end; /* enum ms_layer from MS_L_SEGMENT on: what stopped the walk */
    struct ms_layer_at rest; /* behind the last header: the payload of TCP or UDP, a protocol that is not read */
};

/* What stands in a packet that fragments were joined to, behind the headers of its last fragment. */
void ms_layers_joined(const struct ms_packet_joined *joined, uint64_t tunnel_depth, struct ms_layers *out);
void ms_layers_of(uint32_t link_type, struct ms_bytes packet, uint32_t wire_length, uint64_t tunnel_depth, struct ms_layers *out);
