/* net/tcp_private.h - what net/tcp*.c share: sequence arithmetic, held segments, segments that wait for their ACK.
 *
 * Owns     struct ms_tcp_held and struct ms_tcp_unacked belong to one direction; both are NULL while there is nothing to keep.
 * Limits   a held segment counts for at least HELD_LEAST bytes against stream_bytes and held_bytes, so that a flood of
 *          one-byte segments is bounded too. Segments waiting for an ACK: UNACKED_SMALL a direction, UNACKED_BIG for at most
 *          BIG_BLOCKS directions of a shard; beyond that neighbours are merged, which costs precision and nothing else. */
#pragma once
#include "net/tcp.h"

enum { HELD_LEAST = 64, UNACKED_SMALL = 4, UNACKED_BIG = 256, BIG_BLOCKS = 512 };

enum ms_tcp_state {
    TCP_SEEN = 1u << 0,        /* a segment of this direction was seen */
    TCP_BASE = 1u << 1,        /* the sequence number of stream offset 0 is known */
    TCP_HINT = 1u << 2,        /* not yet, but `next` is where this side stood when the capture began */
    TCP_FIN = 1u << 3,         /* fin_seq is known */
    TCP_RST = 1u << 4,
    TCP_ACKED = 1u << 5,       /* max_acked is known */
    TCP_SYN_WINDOW = 1u << 6,  /* `window` came with a SYN: it is not scaled (RFC 7323 2.2) */
    TCP_KEEP_ALIVE = 1u << 7,  /* the last segment was a keep-alive */
    TCP_GUESSED = 1u << 9,     /* the base is a hint: nothing was handed on yet, so a hole before the first byte is no gap */
    TCP_PROBE = 1u << 8,       /* the last segment was a zero window probe */
};

static inline int32_t seq_diff(uint32_t a, uint32_t b) { return (int32_t)(a - b); }
static inline bool    seq_gt(uint32_t a, uint32_t b) { return seq_diff(a, b) > 0; }
static inline bool    seq_ge(uint32_t a, uint32_t b) { return seq_diff(a, b) >= 0; }

/* ---- held segments (tcp_held.c) ----------------------------------------------------------------------------------------- */

struct tcp_piece { /* a run of the stream: the first data.n bytes are here, the others were cut away by the snap length */
    struct ms_bytes data;
    uint64_t offset, length; /* stream offset and length on the wire */
    uint64_t frame;
    int64_t  time;
};

struct tcp_node;
/* 0: `length` more bytes may be held; else how many are too many. */
uint64_t tcp_held_charge(const struct ms_tcp_pool *pool, const struct ms_tcp_held *h, uint64_t length);
/* Keeps what is not held already of `p`: the first bytes seen stay. */
void     tcp_held_add(struct ms_tcp_pool *pool, struct ms_tcp_held **h, const struct tcp_piece *p);
bool     tcp_held_first(const struct ms_tcp_held *h, struct tcp_piece *out); /* false: nothing is held */
void     tcp_held_pop(struct ms_tcp_pool *pool, struct ms_tcp_held **h);     /* the bytes of the first piece die */
void     tcp_held_shift(struct ms_tcp_held *h, uint64_t back);               /* every offset becomes smaller by that much */
uint32_t tcp_held_count(const struct ms_tcp_held *h);

/* ---- segments that wait for their ACK (tcp_unacked.c) ------------------------------------------------------------------- */

struct tcp_sent { uint32_t seq, next; int64_t time; uint64_t frame; };

void tcp_unacked_add(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u, struct tcp_sent sent);
/* Drops what `ack` covers; *acked gets the segment that it acknowledges, its time MS_UNKNOWN when there is none. */
void tcp_unacked_ack(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u, uint32_t ack, struct tcp_sent *acked);
/* The one that has waited longest. False: none waits. */
bool tcp_unacked_oldest(const struct ms_tcp_unacked *u, struct tcp_sent *out);
void tcp_unacked_free(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u);
void tcp_unacked_drain(struct ms_tcp_pool *pool, int big); /* frees the spare blocks of one size */

/* ---- analysis (tcp_analysis.c) ------------------------------------------------------------------------------------------ */

struct tcp_seen { uint64_t frame; int64_t time; };
/* Judges one segment and brings the analysis fields of both halves up to date. *acked (NULL: not wanted, nothing is kept for it) gets the
 * segment that this one acknowledges; its time is MS_UNKNOWN when there is none. */
uint32_t tcp_analyse(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_segment *s,
                     struct tcp_seen seen, struct tcp_sent *acked);
/* The same, in short, for a segment of which there is nothing to say, as of most; false: it is not known to be one, and nothing is done. Without *acked. */
bool tcp_analyse_usual(struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s, int64_t time);
/* For who wants streams in order and nothing judged: brings up to date what order depends on. Of the bits only MS_TA_KEEP_ALIVE is told. */
uint32_t tcp_follow(struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s);
/* From then to now; MS_UNKNOWN when the clock ran backwards. */
int64_t tcp_round_trip(int64_t sent, int64_t now);

struct ms_tcp_pool {
    uint64_t stream_bytes, held_limit; /* limits */
    uint64_t held;                     /* charged now */
    uint64_t refused;
    uint64_t random;                   /* state of the generator for skip list levels */
    struct ms_tcp_unacked *spare[2];   /* small and big blocks to use again */
    bool     unjudged;                 /* ms_tcp_pool_unjudged() */
    uint32_t big;                      /* big blocks that exist */
};
