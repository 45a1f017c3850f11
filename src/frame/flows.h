/* frame/flows.h - what a frame says of frames before it, beyond TCP: which UDP stream it belongs to, which query or ping it answers.
 *
 * UDP      numbered from 0 in order of first frame, both directions together, those quoted in ICMP errors too.
 * Answers  queries wait by addresses, ports and id; pings by addresses, id and sequence number.
 * Limit    `streams` of each kind are remembered; the one that was silent for longest goes first.                     */
#pragma once
#include "frame/frame.h"

struct ms_flows;
struct ms_flows *ms_flows_create(const struct ms_limits *limits);
void ms_flows_destroy(struct ms_flows *f); /* NULL is fine */
struct ms_seen {
    const struct ms_packet *packet;
    const struct ms_layers *layers;
    struct ms_bytes         joined; /* the packet that it completed */
    /* what is told */
    struct ms_udp_seen     *udp;
    struct ms_pair_seen    *ping;
    struct ms_pieces_seen  *pieces;
};
/* The UDP headers, the ping, the fragment of a packet. */
void ms_flows_packet(struct ms_flows *f, const struct ms_seen *seen);
/* A DNS message: `from` has its addresses and ports. */
void ms_flows_dns(struct ms_flows *f, const struct ms_segment *from, struct ms_bytes message, const struct ms_packet *p, struct ms_pair_seen *out);
