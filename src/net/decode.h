/* net/decode.h - from a captured packet to a TCP segment, a DNS datagram or an ICMP error: link layers, tunnels, IP, fragments.
 *
 * Layers   Ethernet, up to 8 VLAN tags (0x8100 0x88a8 0x9100 0x9200), 802.3/LLC/SNAP, Linux cooked 1 and 2, null/loopback (either
 *          byte order, OpenBSD loop), raw IP (12, 14, 101, 228, 229), PPP (with and without HDLC framing or a direction byte),
 *          Cisco HDLC, PPPoE sessions, MPLS (label stacks, then IP or Ethernet by the first nibble, with or without a control
 *          word), Linux NFLOG, GRE (all optional fields; TEB, ERSPAN, PPP of PPTP), IP-in-IP (4, 41), VXLAN (UDP 4789,
 *          8472), GENEVE (UDP 6081). Any other link type is counted and named.
 * IP       IPv4 with options, IPv6 with hop-by-hop, routing, fragment, destination, AH and mobility headers. The payload ends
 *          where the IP length says (Ethernet padding is not data), but not past what an outer header (PPPoE, IP) leaves it;
 *          IPv4 total length or IPv6 payload length 0 (segmentation offload, jumbograms) means "to the end". An IP length past
 *          the end of the frame means the frame was cut. Checksums are not verified: with offload a sender's capture has none.
 * Tunnels  VXLAN and GENEVE are known by destination port and header; where the inside makes no sense the packet is UDP. Each
 *          GRE, IP-in-IP, VXLAN, GENEVE, PPPoE and MPLS counts towards the limit tunnel_depth.
 * UDP      datagrams from or to port 53 are handed up; their payload ends where the UDP length says.
 * ICMP     errors about TCP (unreachable, too big, time exceeded, parameter problem, source quench; RFC 792, 1191, 4443) are handed up:
 *          what is quoted in them needs addresses, ports and sequence number, 8 bytes of TCP. The quoted packet may have IPv4
 *          options or IPv6 extension headers, but be no later fragment and no tunnel.
 * Cut      a header that ends past the captured bytes, but not past the length on the wire, is MS_DECODED_CUT; one that ends
 *          past the length on the wire, or of the header around it, MS_DECODED_MALFORMED.
 * Fragments are joined; where they overlap the first bytes seen stay (an end system may choose otherwise: see
 *          fragment_overlaps); memory is bounded by the limits fragment_packets and fragment_bytes, oldest datagram first out; 30
 *          seconds of capture time after its first fragment one is given up. The joined segment counts for the frame that
 *          completed it, and has its TTL. A first fragment alone is never read as TCP.
 * Borrows  out->payload points into the packet, or into the decoder (joined fragments) until the next call. *out is unspecified
 *          unless MS_DECODED_TCP, _UDP or _ICMP is returned; then all of it is set.
 * Threads  one decoder, one thread. ms_hash_init() is due before the first packet.                                        */
#pragma once
#include "base/arena.h"
#include "base/limits.h"

enum ms_tcp_flag { MS_FIN = 1, MS_SYN = 2, MS_RST = 4, MS_PSH = 8, MS_ACK = 16, MS_URG = 32, MS_ECE = 64, MS_CWR = 128 };

struct ms_icmp_error {
    uint8_t  ip_version;            /* of the error: 4 ICMP, 6 ICMPv6; they number types differently */
    uint8_t  type, code;
    uint8_t  from[16];              /* who sent it */
    uint32_t mtu;                   /* of the next hop (type 3 code 4, ICMPv6 type 2); 0 not given */
};

/* TCP; of UDP: addresses, ports, ttl and payload; of an ICMP error: the packet that it quotes, with addresses, ports, seq, ttl
 * and nothing else of it, and `icmp`. */
struct ms_segment {
    uint8_t  src[16], dst[16];      /* IPv4 as ::ffff:a.b.c.d */
    uint16_t src_port, dst_port;
    uint32_t seq, ack;
    uint16_t window;                /* as in the header, not scaled */
    uint8_t  flags;                 /* enum ms_tcp_flag */
    uint8_t  ttl;                   /* TTL or hop limit of the innermost IP header */
    struct ms_bytes payload;        /* captured part */
    uint32_t payload_length;        /* on the wire; > payload.n when the snap length cut it */
    union {
        struct { /* options, read only when MS_SYN is set, but for SACK; zeros when absent */
            bool     has_mss, has_scale, sack_permitted;
            uint16_t mss; uint8_t scale;    /* scale 0..14 (RFC 7323: more counts as 14) */
            uint8_t  sack_count;            /* blocks; the first is given, and the bytes of all together */
            uint32_t sack_left, sack_right, sack_bytes;
        };
        struct ms_icmp_error icmp;
    };
};

enum ms_decoded {
    MS_DECODED_TCP,        /* *out is filled */
    MS_DECODED_UDP,        /* port 53; *out is filled */
    MS_DECODED_ICMP,       /* an error about TCP; *out is filled */
    MS_DECODED_FRAGMENT,   /* kept until the rest comes, or dropped for a limit; from here on nothing is handed up */
    MS_DECODED_OTHER,      /* read, but none of these: other UDP, other ICMP, ARP, ... */
    MS_DECODED_CUT,        /* the captured bytes end inside the headers */
    MS_DECODED_MALFORMED,  /* a header that contradicts itself */
    MS_DECODED_LINK_TYPE,  /* link type not supported */
};

/* Each packet counts once in tcp, udp, icmp, other, cut or malformed, as an unsupported link type, or as a fragment that was
 * kept. `fragments` counts all of them, the one that completed a datagram too. */
struct ms_decode_counts {
    uint64_t packets, tcp, udp, icmp, other, fragments, cut, malformed;
    uint64_t fragments_dropped;  /* that are in no joined packet: limits fragment_packets and fragment_bytes, datagrams never
                                    completed, and for the time being those that wait for the rest */
    uint64_t fragment_overlaps;  /* fragments that overlapped bytes already there */
    uint64_t tunnel_too_deep;    /* limit tunnel_depth; these are in `other` */
};

struct ms_packet_joined { struct ms_bytes bytes; uint32_t wire; uint8_t protocol, version; }; /* the payload of IP; bytes.p NULL: none */

struct ms_decoder; /* fragments under reassembly and counters */
struct ms_decoder *ms_decoder_create(const struct ms_limits *limits);
void ms_decoder_destroy(struct ms_decoder *d);
enum ms_decoded ms_decode(struct ms_decoder *d, uint32_t link_type, struct ms_bytes packet, uint32_t wire_length,
                          int64_t time, struct ms_segment *out);
/* What the last packet completed, valid until the next one; whatever ms_decode() said of it. */
const struct ms_packet_joined *ms_decoder_joined(const struct ms_decoder *d);
const struct ms_decode_counts *ms_decoder_counts(const struct ms_decoder *d);

uint64_t ms_segment_hash(const struct ms_segment *s); /* of addresses and ports, seeded; the same for both directions */

/* Link types that were met and are not supported: the i-th with its count, in order of appearance; false past the last (at
 * most 16 kinds are told apart, the rest is one more row, "other link types"). The name is "IEEE 802.11 with radiotap (127)",
 * or "link type 4711" when it has none. */
bool ms_decoder_unsupported(const struct ms_decoder *d, size_t i, const char **name, uint64_t *count);
