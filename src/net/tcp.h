/* net/tcp.h - one TCP connection: both directions put in order, and judged as Wireshark judges them.
 *
 * Order    in-order payload is handed on straight from the packet; segments that come early are held (limits stream_bytes,
 *          held_bytes) until the hole before them is filled or given up. Where segments overlap, the first bytes seen stay.
 * Base     stream offset 0 is the byte after the SYN; of a direction joined in the middle it is the first byte seen, or an earlier
 *          one that arrives just after it where the acknowledgements tell that it will.
 * Gaps     a hole is given up, as ms_tcp_sink.gap, when the receiver has acknowledged past it and MS_TCP_PATIENCE more packets of
 *          the connection went by without filling any of it (the tap may have swapped neighbours), when the other direction is not
 *          in the capture and MS_TCP_PATIENCE * 4 segments wait behind it, when a limit is reached, or at the end. That holds for
 *          holes that only the acknowledgements tell of, too. Bytes that snap length cut away are a gap at once, unless they were
 *          filled. A gap carries the frame of the segment behind it; 0 for one found at the end with nothing behind it.
 * Analysis follows Wireshark 4's tcp_analyze_sequence_number(): same names, same order of tests.
 * Frames   every delivery names the frame that carried those bytes (not the one that filled the hole before them).
 * Size     struct ms_tcp lives in each open connection: keep it small.                                            */
#pragma once
#include "model/record.h"
#include "net/decode.h"

enum { MS_TCP_PATIENCE = 4 };

enum ms_tcp_analysis { /* tcp.analysis.* of one segment; fast and spurious retransmissions set RETRANSMISSION as well */
    MS_TA_RETRANSMISSION = 1u << 0, MS_TA_FAST_RETRANSMISSION = 1u << 1, MS_TA_SPURIOUS_RETRANSMISSION = 1u << 2,
    MS_TA_OUT_OF_ORDER = 1u << 3, MS_TA_DUPLICATE_ACK = 1u << 4, MS_TA_LOST_SEGMENT = 1u << 5,
    MS_TA_ACKED_UNSEEN = 1u << 6, MS_TA_ZERO_WINDOW = 1u << 7, MS_TA_WINDOW_FULL = 1u << 8,
    MS_TA_WINDOW_UPDATE = 1u << 9, MS_TA_KEEP_ALIVE = 1u << 10, MS_TA_KEEP_ALIVE_ACK = 1u << 11,
    MS_TA_ZERO_WINDOW_PROBE = 1u << 12, MS_TA_ZERO_WINDOW_PROBE_ACK = 1u << 13, MS_TA_REUSED_PORTS = 1u << 14,
};

struct ms_tcp_held; /* segments held for later */
struct ms_tcp_unacked; /* segments not yet acknowledged, for round-trip times and retransmission tests */

struct ms_tcp_half { /* the sender of this direction; private, see net/tcp_private.h for `state` */
    uint64_t delivered;    /* stream offset of `next`: bytes and gaps handed on */
    int64_t  last_time;    /* of the last segment that raised next_seq */
    int64_t  last_ack_time;
    struct ms_tcp_held    *held;
    struct ms_tcp_unacked *unacked;
    uint32_t next;         /* next sequence number to hand on (reassembly) */
    uint32_t next_seq;     /* highest sequence number sent + 1 (analysis) */
    uint32_t last_ack;     /* acknowledged by this side */
    uint32_t max_to_ack;   /* analysis: acknowledgements past this cover segments that were not seen */
    uint32_t max_acked;    /* highest acknowledgement from the other side for this direction's data */
    uint32_t give_up;      /* holes before this are given up when patience ends */
    uint32_t fin_seq;      /* where the stream ends */
    uint16_t window;       /* last advertised, unscaled */
    uint16_t mss;          /* announced by this side; 0 unknown */
    uint16_t state;        /* enum ms_tcp_state */
    int8_t   scale;        /* -1 unknown, -2 not used */
    uint8_t  dup_acks;
    uint8_t  patience;     /* packets since the hole was acknowledged */
};

struct ms_tcp {
    struct ms_tcp_half half[2]; /* by direction of sending */
    int64_t syn_time;           /* of the last SYN; MS_UNKNOWN */
    int64_t first_rtt;          /* SYN to the ACK of SYN+ACK; MS_UNKNOWN */
};

struct ms_tcp_pool; /* shared by all connections of a shard: spare blocks, the sum for held_bytes */
struct ms_tcp_pool *ms_tcp_pool_create(const struct ms_limits *limits);
void ms_tcp_pool_destroy(struct ms_tcp_pool *p);
void ms_tcp_pool_unjudged(struct ms_tcp_pool *p); /* streams are wanted in order, and nothing is asked of their analysis */
uint64_t ms_tcp_pool_refused(const struct ms_tcp_pool *p); /* holes given up because a limit was reached */

struct ms_tcp_sink {
    void (*data)(void *ctx, enum ms_dir dir, struct ms_bytes bytes, uint64_t offset, uint64_t frame, int64_t time);
    void (*gap)(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time);
    void *ctx;
};

void ms_tcp_init(struct ms_tcp *t);
/* Feeds one segment. Returns its enum ms_tcp_analysis bits. SYN bits of a port reuse are the caller's business: see
 * ms_tcp_is_reuse(). *rtt gets the time between a segment (data, SYN or FIN) and the ACK that covers it (Wireshark's ack_rtt)
 * when this segment is such an ACK, else MS_UNKNOWN; never negative. NULL: not wanted, and nothing is kept for it. */
uint32_t ms_tcp_segment(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_segment *s,
                        uint64_t frame, int64_t time, const struct ms_tcp_sink *sink, int64_t *rtt);
/* A SYN that opens a new connection on the same address pair: not a retransmission of the SYN that opened this one. */
bool ms_tcp_is_reuse(const struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s);
/* The end of the connection: what is still held is handed on, holes as gaps, both directions in frame order. Frees all. */
void ms_tcp_finish(struct ms_tcp *t, struct ms_tcp_pool *pool, const struct ms_tcp_sink *sink);
/* Both sides sent FIN and everything up to it was acknowledged, or RST. */
bool ms_tcp_is_closed(const struct ms_tcp *t);
/* Bytes of `dir` that were sent and are not acknowledged yet. */
uint32_t ms_tcp_in_flight(const struct ms_tcp *t, enum ms_dir dir);
