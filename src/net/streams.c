/* BUGS     bytes in flight are not known from a lost segment on until the other side has acknowledged something. */
#include "net/streams.h"

#include "net/aged.h"
#include "net/tcp_private.h"

struct side {
    uint32_t base, push_bytes, acked; /* base: sequence number of relative 0 */
    uint32_t sent_from, sent_to, landed; /* bytes in flight, when there are some; selectively acknowledged by the last segment from there */
    uint64_t ack_frame;        /* that first acknowledged what is acknowledged now */
    uint64_t next_frame;       /* that carried the highest sequence number so far */
    bool     known, lost, flying, pushed; /* base is known; a segment was lost, bytes are in flight, the last segment had PSH */
};

struct stream {
    struct ms_aged_node node;      /* by last segment */
    uint64_t       number;
    uint8_t        ip[2][16];
    uint16_t       port[2];
    struct ms_tcp  tcp;
    struct side    side[2];        /* by sender; 0 sent the first segment */
    int64_t        first_time, last_time;
    uint8_t        completeness;
};

struct ms_streams {
    struct ms_tcp_pool *pool;
    struct ms_aged      aged;
    uint64_t            most, next, forgotten;
    enum ms_streams_depth depth;
};

struct ms_streams *ms_streams_create(const struct ms_limits *limits, enum ms_streams_depth depth)
{
    struct ms_streams *s = ms_alloc(sizeof *s);
    s->pool = ms_tcp_pool_create(limits);
    s->most = limits->streams;
    s->depth = depth;
    return s;
}

static void drop(struct ms_streams *s, struct stream *t)
{
    ms_aged_remove(&s->aged, &t->node);
    for (int d = 0; d < 2; d++)
        tcp_unacked_free(s->pool, &t->tcp.half[d].unacked);
    ms_free(t);
}

static struct stream *oldest(const struct ms_streams *s) { return (struct stream *)(void *)s->aged.oldest; }

void ms_streams_destroy(struct ms_streams *s)
{
    if (!s)
        return;
    while (oldest(s))
        drop(s, oldest(s));
    ms_aged_finish(&s->aged);
    ms_tcp_pool_destroy(s->pool);
    ms_free(s);
}

static bool is_side(const struct stream *t, int side, const uint8_t ip[16], uint16_t port)
{
    return t->port[side] == port && memcmp(t->ip[side], ip, 16) == 0;
}

/* NULL: none, or, once in 2^64 pairs, another one with the same hash. */
static struct stream *find(const struct ms_streams *s, uint64_t hash, const struct ms_segment *g, int *sender)
{
    struct stream *t = (struct stream *)(void *)ms_aged_find(&s->aged, hash);
    for (*sender = 0; t && *sender < 2; ++*sender)
        if (is_side(t, *sender, g->src, g->src_port) && is_side(t, 1 - *sender, g->dst, g->dst_port))
            return t;
    *sender = 0;
    return NULL;
}

static struct stream *begin(struct ms_streams *s, uint64_t hash, const struct ms_segment *g, int64_t time)
{
    if (s->aged.count >= s->most) {
        drop(s, oldest(s));
        s->forgotten++;
    }
    struct stream *t = ms_alloc(sizeof *t);
    t->node.hash = hash;
    t->number = s->next++;
    t->first_time = t->last_time = time;
    memcpy(t->ip[0], g->src, 16);
    memcpy(t->ip[1], g->dst, 16);
    t->port[0] = g->src_port;
    t->port[1] = g->dst_port;
    ms_tcp_init(&t->tcp);
    ms_aged_add(&s->aged, &t->node);
    return t;
}

static bool is_reuse(const struct side *from, const struct ms_segment *g)
{
    return (g->flags & (MS_SYN | MS_ACK)) == MS_SYN && from->known && g->seq != from->base;
}

/* A stream joined in the middle begins with 1, as after a handshake. */
static void learn_bases(struct side *from, struct side *to, const struct ms_segment *g)
{
    if (!from->known || g->flags & MS_SYN) {
        from->base = g->flags & MS_SYN ? g->seq : g->seq - 1;
        from->known = true;
    }
    if (!to->known && g->flags & MS_ACK) {
        to->base = g->ack - 1;
        to->known = true;
    }
}

/* As Wireshark 4.0 counts: an acknowledgement that carries data is data. */
static uint8_t completeness_of(const struct ms_segment *g)
{
    unsigned bits = g->payload_length ? 8 : g->flags & MS_ACK && !(g->flags & MS_SYN) ? 4 : 0;
    bits |= (g->flags & (MS_FIN | MS_ACK)) == (MS_FIN | MS_ACK) ? 16 : 0;
    bits |= g->flags & MS_RST ? 32 : 0;
    return (uint8_t)(bits | (!(g->flags & MS_SYN) ? 0 : g->flags & MS_ACK ? 2 : 1));
}

static void see_window(const struct ms_tcp_half *h, const struct ms_segment *g, struct ms_stream_view *out)
{
    out->window_factor = h->scale < 0 ? h->scale : 1 << h->scale;
    out->window = g->flags & MS_SYN || h->scale < 0 ? g->window : (uint32_t)g->window << h->scale;
}

/* Times of a damaged capture may lie further apart than can be told. */
static int64_t between(int64_t from, int64_t to)
{
    int64_t took;
    return __builtin_sub_overflow(to, from, &took) ? MS_UNKNOWN : took;
}

static bool is_timed_out(uint32_t analysis)
{
    uint32_t other = MS_TA_FAST_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION;
    return (analysis & (MS_TA_RETRANSMISSION | other)) == MS_TA_RETRANSMISSION;
}

/* What the other side acknowledges is in flight no longer. What is sent again is, until the next acknowledgement. */
static void land(struct side *to, const struct ms_segment *g)
{
    uint32_t ack = g->ack;
    to->landed = g->sack_bytes;
    to->lost = false;
    if (to->flying && seq_gt(ack, to->sent_from))
        to->sent_from = ack;
    to->flying = to->flying && seq_gt(to->sent_to, to->sent_from);
}

static void fly(struct side *from, uint32_t seq, uint32_t end)
{
    if (!from->flying || seq_gt(from->sent_from, seq))
        from->sent_from = seq;
    if (!from->flying || seq_gt(end, from->sent_to))
        from->sent_to = end;
    from->flying = true;
}

static void see_data(struct side *from, const struct ms_segment *g, struct ms_stream_view *out)
{
    from->lost |= (out->analysis & MS_TA_LOST_SEGMENT) != 0;
    if (g->payload_length == 0)
        return;
    fly(from, g->seq, g->seq + g->payload_length);
    uint32_t flying = from->sent_to - from->sent_from;
    if (from->lost || flying <= from->landed)
        return;
    out->in_flight = flying - from->landed;
    from->push_bytes = g->payload_length + (from->pushed ? 0 : from->push_bytes);
    from->pushed = g->flags & MS_PSH;
    out->push_bytes = from->push_bytes;
}

static void note_ack(struct side *from, const struct ms_tcp_half *h, uint64_t frame)
{
    if (from->ack_frame == 0 || h->last_ack != from->acked)
        from->ack_frame = frame;
    from->acked = h->last_ack;
}

static void see_ack(struct side *from, const struct ms_tcp_half *h, uint64_t frame, struct ms_stream_view *out)
{
    note_ack(from, h, frame);
    if (!(out->analysis & MS_TA_DUPLICATE_ACK))
        return;
    out->duplicate_ack_number = h->dup_acks;
    out->duplicate_ack_frame = from->ack_frame;
}

/* A segment is sent again: since when was its ACK waited for? The oldest that waits tells, as in Wireshark, else what was sent last. */
static void see_timeout(const struct ms_tcp_half *h, struct tcp_seen seen, struct tcp_sent since, struct ms_stream_view *out)
{
    struct tcp_sent oldest;
    if (tcp_unacked_oldest(h->unacked, &oldest) && oldest.frame != seen.frame)
        since = oldest;
    if (!is_timed_out(out->analysis) || since.frame == 0 || since.time == seen.time)
        return;
    out->rto = between(since.time, seen.time);
    out->rto_frame = since.frame;
}

static void analyse(struct ms_streams *s, struct stream *t, int dir, const struct ms_segment *g, struct tcp_seen seen, struct ms_stream_view *out)
{
    struct tcp_sent           acked = { .time = MS_UNKNOWN };
    struct side              *from = &t->side[dir];
    const struct ms_tcp_half *h = &t->tcp.half[dir];
    uint32_t                  next = h->next_seq;
    struct tcp_sent           last = { .time = h->last_time, .frame = from->next_frame };
    out->analysis |= tcp_analyse(&t->tcp, s->pool, (enum ms_dir)dir, g, seen, s->depth == MS_STREAMS_TIMES ? &acked : NULL);
    see_timeout(h, seen, last, out);
    if (h->next_seq != next)
        from->next_frame = seen.frame;
    if (acked.time != MS_UNKNOWN) {
        out->ack_rtt = acked.time != seen.time ? between(acked.time, seen.time) : MS_UNKNOWN;
        out->acks_frame = acked.frame;
    }
    see_ack(from, h, seen.frame, out);
    if (g->flags & MS_ACK)
        land(&t->side[1 - dir], g);
    see_data(from, g, out);
    out->initial_rtt = t->tcp.first_rtt > 0 ? t->tcp.first_rtt : MS_UNKNOWN;
}

void ms_streams_expect(const struct ms_streams *s, uint64_t hash) { ms_aged_expect(&s->aged, hash); }

void ms_streams_prefetch(const struct ms_streams *s, uint64_t hash)
{
    const char *t = (const char *)ms_aged_find(&s->aged, hash);
    for (size_t at = 0; t && at < sizeof(struct stream); at += 64)
        __builtin_prefetch(t + at, 1);
}

/* Where flags alone are wanted: most segments have none. */
static bool pass(struct ms_streams *s, struct stream *t, int dir, const struct ms_segment *g, struct ms_stream_place at)
{
    if (s->depth != MS_STREAMS_FLAGS || !t || !tcp_analyse_usual(&t->tcp, (enum ms_dir)dir, g, at.time))
        return false;
    note_ack(&t->side[dir], &t->tcp.half[dir], at.frame);
    ms_aged_touch(&s->aged, &t->node);
    return true;
}

void ms_streams_segment(struct ms_streams *s, const struct ms_segment *g, struct ms_stream_place at, struct ms_stream_view *out)
{
    int            dir;
    struct stream *t = find(s, at.hash, g, &dir);
    out->analysis = 0;
    if (pass(s, t, dir, g, at))
        return;
    *out = (struct ms_stream_view){ .ack_rtt = MS_UNKNOWN, .rto = MS_UNKNOWN, .initial_rtt = MS_UNKNOWN };
    if (t && is_reuse(&t->side[dir], g)) {
        drop(s, t);
        t = NULL;
        dir = 0;
        out->analysis = MS_TA_REUSED_PORTS;
    }
    bool joined = !t && (g->flags & (MS_SYN | MS_ACK)) != MS_SYN; /* behind its begin: the first segment is not counted */
    if (!t)
        t = begin(s, at.hash, g, at.time);
    if (out->analysis & MS_TA_REUSED_PORTS) /* its own SYN made it a stream */
        t->completeness = 1;
    out->stream = t->number;
    out->completeness = t->completeness;
    out->time_relative = between(t->first_time, at.time);
    out->time_delta = between(t->last_time, at.time);
    learn_bases(&t->side[dir], &t->side[1 - dir], g);
    out->seq_base = t->side[dir].base;
    out->ack_base = t->side[1 - dir].base;
    analyse(s, t, dir, g, (struct tcp_seen){ at.frame, at.time }, out);
    see_window(&t->tcp.half[dir], g, out);
    t->completeness |= joined ? 0 : completeness_of(g);
    t->last_time = at.time;
    ms_aged_touch(&s->aged, &t->node);
}

uint64_t ms_streams_forgotten(const struct ms_streams *s) { return s->forgotten; }
