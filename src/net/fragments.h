/* net/fragments.h - IP fragments joined to the packet they were cut from (private to net/).
 *
 * Key      source, destination, identification, protocol and version; for IPv6 the protocol is not part of it (RFC 8200 4.5).
 * Overlap  the first bytes seen stay, in units of 8 bytes. Fragments that disagree on where the packet ends are malformed and
 *          left out.
 * Snaplen  a fragment that was captured in part counts as come; the joined packet then ends, as captured, at the first byte
 *          that is missing, while its length is the true one.
 * Limits   fragment_packets and fragment_bytes (buffers, not counting about 1.2 KB of bookkeeping a packet); the packet whose first
 *          fragment is oldest makes room. A packet that is not complete MS_FRAGMENT_NS after its first fragment is given up.
 * Cost     linear in the bytes of the fragments, whatever their order and overlaps.
 * Time     nanoseconds, of the capture.
 *
 * BUGS     VLAN and tunnel are not part of the key: two networks with the same private addresses on one tap may mix. A
 *          fragment cut by the snap length is not filled by a later, longer copy.                                    */
#pragma once
#include "net/decode.h"

#define MS_FRAGMENT_NS INT64_C(30000000000) /* as Linux waits: net.ipv4.ipfrag_time */

struct ms_fragment {
    uint8_t  src[16], dst[16];
    uint32_t id, offset, length; /* offset and length in bytes; length is the one on the wire */
    uint8_t  version, protocol;  /* 4 or 6; of IPv6 the next header in the fragment header */
    bool     more;               /* not the last */
    struct ms_bytes data;        /* captured, at most `length` */
    int64_t  time;
};

struct ms_joined { struct ms_bytes data; uint32_t length; uint8_t protocol; };

enum ms_fragment_fate {
    MS_FRAGMENT_KEPT,      /* or dropped because of a limit: counted in fragments_dropped */
    MS_FRAGMENT_JOINED,    /* *out is filled; its bytes live until ms_fragments_release() */
    MS_FRAGMENT_MALFORMED, /* past 65535 bytes, no multiple of 8, or contradicts the others */
};

struct ms_fragments;
struct ms_fragments *ms_fragments_create(const struct ms_limits *limits, struct ms_decode_counts *counts);
void ms_fragments_destroy(struct ms_fragments *f);
enum ms_fragment_fate ms_fragments_add(struct ms_fragments *f, const struct ms_fragment *fragment, struct ms_joined *out);
void ms_fragments_release(struct ms_fragments *f); /* frees what was joined since the last call */
