/* net/tcp.c - puts both directions of a TCP connection in order.
 *
 * Offsets  sequence numbers become 64-bit stream offsets at the door (relative to `next`), so nothing behind it wraps.
 * Base     offset 0 is the byte after the SYN. Without a SYN it is the first data of the direction, or a little before that
 *          where this side stood, or what the other side had acknowledged, when the capture began.
 * Acks     an acknowledgement of bytes that were not seen counts as a hole only while the other side stands by it: a stray one is
 *          forgotten when the next is lower.
 * BUGS     without any hint a first segment that arrives swapped loses the one it overtook. A FIN that is not in the capture looks
 *          like one missing byte unless the other side sends FIN too. Data after RST is handed on as if there was none. */
#include "net/tcp_private.h"

#define FAR  (1 << 30) /* bytes; segments and ACKs further away than this belong to some other connection */
#define NEAR (1 << 20) /* bytes; a capture may begin this much before the first data of a direction */

struct way { /* one direction at work */
    struct ms_tcp_half       *h, *peer;
    struct ms_tcp_pool       *pool;
    const struct ms_tcp_sink *sink;
    enum ms_dir               dir;
    uint64_t                  frame;
    int64_t                   time;
};

struct ms_tcp_pool *ms_tcp_pool_create(const struct ms_limits *limits)
{
    struct ms_tcp_pool *p = ms_alloc(sizeof *p);
    p->stream_bytes = limits->stream_bytes;
    p->held_limit = limits->held_bytes;
    p->random = (uint64_t)(uintptr_t)p * 0x9e3779b97f4a7c15u | 1; /* address randomisation is the seed */
    return p;
}

void ms_tcp_pool_destroy(struct ms_tcp_pool *p)
{
    for (int big = 0; p && big < 2; big++)
        tcp_unacked_drain(p, big);
    ms_free(p);
}

void ms_tcp_pool_unjudged(struct ms_tcp_pool *p) { p->unjudged = true; }
uint64_t ms_tcp_pool_refused(const struct ms_tcp_pool *p) { return p->refused; }

void ms_tcp_init(struct ms_tcp *t)
{
    *t = (struct ms_tcp){ .syn_time = MS_UNKNOWN, .first_rtt = MS_UNKNOWN };
    for (int i = 0; i < 2; i++) {
        t->half[i].scale = -1;
        t->half[i].last_time = t->half[i].last_ack_time = MS_UNKNOWN;
    }
}

/* ---- handing on --------------------------------------------------------------------------------------------------------- */

static void advance(struct ms_tcp_half *h, uint64_t n)
{
    h->delivered += n;
    h->next += (uint32_t)n;
    h->patience = 0;
}

static void emit_gap(const struct way *w, uint64_t length)
{
    uint64_t offset = w->h->delivered;
    advance(w->h, length);
    w->sink->gap(w->sink->ctx, w->dir, length, offset, w->frame, w->time);
}

/* Hands on the next `length` bytes of the stream, which are in `p`. */
static void emit_piece(const struct way *w, const struct tcp_piece *p, uint64_t length)
{
    uint64_t        offset = w->h->delivered;
    struct ms_bytes have = ms_slice(p->data, offset - p->offset, length);
    if (have.n) {
        advance(w->h, have.n);
        w->sink->data(w->sink->ctx, w->dir, have, offset, p->frame, p->time);
    }
    if (have.n < length) { /* cut away by the snap length */
        struct way at = *w;
        at.frame = p->frame;
        at.time = p->time;
        emit_gap(&at, length - have.n);
    }
}

static void emit_held(const struct way *w) /* the run of held pieces that fits now */
{
    struct tcp_piece first;
    while (tcp_held_first(w->h->held, &first) && first.offset == w->h->delivered) {
        emit_piece(w, &first, first.length);
        tcp_held_pop(w->pool, &w->h->held);
    }
}

/* `p` begins at or before `next`: hands on what is new in it; held pieces that it overlaps were first and stay. */
static void emit_fitting(const struct way *w, const struct tcp_piece *p)
{
    uint64_t         end = p->offset + p->length;
    struct tcp_piece first;
    while (w->h->delivered < end) {
        bool     cut = tcp_held_first(w->h->held, &first) && first.offset < end;
        uint64_t stop = cut ? first.offset : end;
        if (stop > w->h->delivered)
            emit_piece(w, p, stop - w->h->delivered);
        emit_held(w);
    }
}

/* Leaves out the next `length` bytes. Of a direction that was joined in the middle nothing was handed on yet: there the stream
 * begins behind them, every offset moves, and the result says by how much. */
static uint64_t leave_out(const struct way *w, uint64_t length)
{
    struct ms_tcp_half *h = w->h;
    if (!(h->state & TCP_GUESSED) || h->delivered != 0) {
        emit_gap(w, length);
        return 0;
    }
    tcp_held_shift(h->held, length);
    h->next += (uint32_t)length;
    h->patience = 0;
    h->state &= (uint16_t)~TCP_GUESSED;
    return length;
}

/* Gives up the first `length` bytes of the hole at `next`, or all of it when a held piece comes earlier. The result is as for
 * leave_out(). */
static uint64_t give_up_hole(const struct way *w, uint64_t length)
{
    struct tcp_piece first;
    struct way       at = *w;
    if (tcp_held_first(w->h->held, &first) && first.offset - w->h->delivered <= length) {
        length = first.offset - w->h->delivered;
        at.frame = first.frame;
        at.time = first.time;
    }
    uint64_t moved = leave_out(&at, length);
    emit_held(w);
    return moved;
}

static void give_up_before(const struct way *w, uint32_t seq)
{
    while (seq_gt(seq, w->h->next))
        give_up_hole(w, seq - w->h->next);
}

/* ---- taking in ---------------------------------------------------------------------------------------------------------- */

static void hold_piece(const struct way *w, const struct tcp_piece *p)
{
    tcp_held_add(w->pool, &w->h->held, p);
    if (!(w->peer->state & TCP_SEEN) && tcp_held_count(w->h->held) >= 4 * MS_TCP_PATIENCE)
        give_up_hole(w, UINT64_MAX);
}

static void take_piece(const struct way *w, struct tcp_piece *p)
{
    while (p->offset > w->h->delivered) {
        if (tcp_held_charge(w->pool, w->h->held, p->length) == 0) {
            hold_piece(w, p);
            return;
        }
        w->pool->refused++;
        p->offset -= give_up_hole(w, p->offset - w->h->delivered);
    }
    if (p->offset + p->length > w->h->delivered)
        emit_fitting(w, p);
}

static void take_hint(struct ms_tcp_half *h, uint32_t seq)
{
    if (h->state & TCP_HINT)
        return;
    h->next = seq;
    h->state |= TCP_HINT;
}

/* A first segment of one byte without PSH is rather a keep-alive than data. */
static bool looks_like_keep_alive(const struct ms_tcp_half *h, const struct ms_segment *s)
{
    if (s->payload_length != 1 || (s->flags & (MS_SYN | MS_FIN)))
        return false;
    bool acked = (h->state & TCP_ACKED) && h->max_acked == s->seq + 1;
    bool again = (h->state & TCP_HINT) && h->next == s->seq + 1;
    return acked || again || (!(s->flags & MS_PSH) && !(h->state & (TCP_ACKED | TCP_HINT)));
}

/* Where offset 0 lies, now that the first data (or SYN) is here; `seq` is that of its first byte. */
static uint32_t choose_base(const struct ms_tcp_half *h, uint32_t seq)
{
    uint32_t hint = h->state & TCP_HINT ? h->next : h->state & TCP_ACKED ? h->max_acked : seq;
    if ((h->state & TCP_ACKED) && h->max_acked == hint + 1) /* the hint was an empty keep-alive */
        hint++;
    int32_t after = seq_diff(seq, hint);
    return after > 0 && after < NEAR ? hint : seq;
}

/* The first SYN, or one with a new number before anything was handed on: what was believed before it may belong to an older
 * connection. */
static void take_syn(struct ms_tcp_half *h, uint32_t seq)
{
    int32_t acked = seq_diff(h->max_acked, seq);
    if (!(h->state & TCP_BASE) || h->next != seq)
        h->state &= (uint16_t)~(TCP_FIN | TCP_GUESSED);
    if (acked < 0 || acked > NEAR)
        h->state &= (uint16_t)~TCP_ACKED;
    h->next = seq;
    h->state |= TCP_BASE;
}

/* False while it is not known where the stream begins. */
static bool take_base(struct ms_tcp_half *h, const struct ms_segment *s, uint32_t seq)
{
    if ((s->flags & MS_SYN) && (!(h->state & TCP_BASE) || (h->delivered == 0 && !h->held)))
        take_syn(h, seq);
    if (h->state & TCP_BASE)
        return true;
    if (s->payload_length == 0 || looks_like_keep_alive(h, s)) {
        take_hint(h, seq + s->payload_length);
        return false;
    }
    h->next = choose_base(h, seq);
    h->state |= TCP_BASE | TCP_GUESSED;
    return true;
}

static void take_fin(struct ms_tcp_half *h, uint32_t seq)
{
    bool far = (h->state & TCP_BASE) && (seq_diff(seq, h->next) > FAR || seq_diff(seq, h->next) < 0);
    if ((h->state & TCP_FIN) || far)
        return;
    h->fin_seq = seq;
    h->state |= TCP_FIN;
}

static void take_payload(const struct way *w, const struct ms_segment *s, uint32_t seq)
{
    struct ms_tcp_half *h = w->h;
    int64_t             ahead = seq_diff(seq, h->next), length = s->payload_length;
    if (h->state & TCP_FIN) {
        int64_t room = (int64_t)seq_diff(h->fin_seq, seq);
        length = room < length ? room : length;
    }
    if (length <= 0 || ahead > FAR || ahead + length <= 0)
        return;
    struct ms_bytes data = s->payload;
    if (ahead < 0) {
        data = ms_tail(data, (size_t)-ahead);
        length += ahead;
        ahead = 0;
    }
    struct tcp_piece p = { .data = ms_head(data, (size_t)length), .offset = h->delivered + (uint64_t)ahead,
                           .length = (uint64_t)length, .frame = w->frame, .time = w->time };
    take_piece(w, &p);
}

static void take_segment(const struct way *w, const struct ms_segment *s, uint32_t bits)
{
    uint32_t seq = s->seq + (s->flags & MS_SYN ? 1 : 0);
    if (s->flags & MS_RST) { /* a reason in words may follow (RFC 9293 3.5.2): not part of the stream */
        bool far = (w->h->state & TCP_BASE) && s->seq && (seq_diff(seq, w->h->next) > FAR || seq_diff(seq, w->h->next) < -FAR);
        w->h->state |= far ? 0 : TCP_RST;
        return;
    }
    if (take_base(w->h, s, seq)) {
        bool again = s->flags & MS_SYN ? seq != w->h->next - (uint32_t)w->h->delivered : false;
        bool garbage = (bits & MS_TA_KEEP_ALIVE) && s->payload_length <= 1;
        if (!again && !garbage && s->payload_length)
            take_payload(w, s, seq);
    }
    if (s->flags & MS_FIN)
        take_fin(w->h, seq + s->payload_length);
}

/* The usual case: the next bytes, all of them, and nothing held. */
static bool fits_at_once(const struct ms_tcp_half *h, const struct ms_segment *s, uint32_t bits)
{
    return s->seq == h->next && !h->held && s->payload.n == s->payload_length && s->payload.n &&
           (h->state & (TCP_BASE | TCP_FIN)) == TCP_BASE && !(s->flags & (MS_SYN | MS_FIN | MS_RST)) && !(bits & MS_TA_KEEP_ALIVE);
}

static void hand_on(const struct way *w, struct ms_bytes payload)
{
    uint64_t offset = w->h->delivered;
    advance(w->h, payload.n);
    w->sink->data(w->sink->ctx, w->dir, payload, offset, w->frame, w->time);
}

/* ---- acknowledgements and patience -------------------------------------------------------------------------------------- */

static void take_ack(struct ms_tcp_half *h, uint32_t ack)
{
    bool known = h->state & TCP_ACKED;
    if ((h->state & TCP_BASE) && (seq_diff(ack, h->next) > FAR || seq_diff(ack, h->next) < -FAR))
        return;
    if (known && !seq_gt(ack, h->max_acked))
        return;
    h->max_acked = ack;
    h->state |= TCP_ACKED;
}

/* How much of the stream the other side has, by its acknowledgements; FIN is not part of it. */
static uint32_t acked_end(const struct ms_tcp_half *h, uint32_t ack)
{
    return (h->state & TCP_FIN) && seq_gt(ack, h->fin_seq) ? h->fin_seq : ack;
}

/* One byte acknowledged at the very end, and the other side closes: that was a FIN, not data. */
static bool fin_was_missed(const struct way *w, uint32_t end)
{
    return end == w->h->next + 1 && !w->h->held && !(w->h->state & TCP_FIN) && (w->peer->state & TCP_FIN);
}

static void patience_ends(const struct way *w, uint32_t end)
{
    struct ms_tcp_half *h = w->h;
    h->patience = 0;
    if (!(w->peer->state & TCP_RST) && seq_gt(end, w->peer->last_ack))
        end = h->max_acked = w->peer->last_ack;
    if (!seq_gt(end, h->next)) {
        h->max_acked = h->next;
        return;
    }
    if (fin_was_missed(w, end)) {
        h->fin_seq = h->next;
        h->state |= TCP_FIN;
        return;
    }
    give_up_before(w, end);
}

static void wait_for_hole(const struct way *w)
{
    struct ms_tcp_half *h = w->h;
    uint32_t            end = acked_end(h, h->max_acked);
    if (!seq_gt(end, h->next)) {
        h->patience = 0;
        return;
    }
    if (h->patience == 0)
        h->give_up = end;
    if (h->patience++ >= MS_TCP_PATIENCE)
        patience_ends(w, acked_end(h, h->give_up));
}

static bool waits(const struct ms_tcp_half *h)
{
    return (h->state & (TCP_BASE | TCP_ACKED)) == (TCP_BASE | TCP_ACKED) && seq_gt(h->max_acked, h->next);
}

/* ---- the interface ------------------------------------------------------------------------------------------------------ */

static struct way way_of(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_tcp_sink *sink)
{
    return (struct way){ .h = &t->half[dir], .peer = &t->half[ms_other(dir)], .pool = pool, .sink = sink, .dir = dir };
}

static uint32_t analyse(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_segment *s, struct tcp_seen seen, int64_t *rtt)
{
    struct tcp_sent acked = { .time = MS_UNKNOWN };
    uint32_t        bits = pool->unjudged ? tcp_follow(t, dir, s) : tcp_analyse(t, pool, dir, s, seen, rtt ? &acked : NULL);
    if (rtt)
        *rtt = tcp_round_trip(acked.time, seen.time);
    return bits;
}

/* The next bytes, or none, of a stream without holes, beside an acknowledgement of bytes that were handed on. */
static bool is_usual(const struct ms_tcp_half *h, const struct ms_tcp_half *peer, const struct ms_segment *s)
{
    if (s->seq != h->next || h->next != h->next_seq || h->held || peer->held || (s->flags & (MS_SYN | MS_FIN | MS_RST | MS_ACK)) != MS_ACK)
        return false;
    if ((h->state & (TCP_BASE | TCP_FIN)) != TCP_BASE || !(peer->state & TCP_BASE) || s->payload.n != s->payload_length || s->payload_length == 1)
        return false;
    int32_t behind = seq_diff(peer->next, s->ack);
    return behind >= 0 && behind < FAR && !waits(h) && !waits(peer);
}

/* Of such a one nothing but the order is wanted. */
static void take_usual(struct ms_tcp *t, const struct ms_segment *s, const struct way *at)
{
    struct ms_tcp_half *h = &t->half[at->dir], *peer = &t->half[ms_other(at->dir)];
    h->state |= TCP_SEEN;
    h->window = s->window;
    h->last_ack = s->ack;
    h->next_seq += s->payload_length;
    if (!(peer->state & TCP_ACKED) || seq_gt(s->ack, peer->max_acked))
        peer->max_acked = s->ack;
    peer->state |= TCP_ACKED;
    if (s->payload_length)
        hand_on(at, s->payload);
}

uint32_t ms_tcp_segment(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_segment *s,
                        uint64_t frame, int64_t time, const struct ms_tcp_sink *sink, int64_t *rtt)
{
    if (pool->unjudged && !rtt && is_usual(&t->half[dir], &t->half[ms_other(dir)], s)) {
        take_usual(t, s, &(struct way){ .h = &t->half[dir], .sink = sink, .dir = dir, .frame = frame, .time = time });
        return 0;
    }
    uint32_t   bits = analyse(t, pool, dir, s, (struct tcp_seen){ frame, time }, rtt);
    struct way w = way_of(t, pool, dir, sink);
    w.frame = frame;
    w.time = time;
    if ((s->flags & (MS_ACK | MS_RST)) == MS_ACK)
        take_ack(w.peer, s->ack);
    if (fits_at_once(w.h, s, bits))
        hand_on(&w, s->payload);
    else if (s->payload_length || (s->flags & (MS_SYN | MS_FIN | MS_RST)) || !(w.h->state & TCP_BASE))
        take_segment(&w, s, bits);
    if (waits(w.h))
        wait_for_hole(&w);
    if (waits(w.peer)) {
        struct way other = way_of(t, pool, ms_other(dir), sink);
        other.frame = frame;
        other.time = time;
        wait_for_hole(&other);
    }
    return bits;
}

bool ms_tcp_is_reuse(const struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s)
{
    const struct ms_tcp_half *h = &t->half[dir];
    if ((s->flags & (MS_SYN | MS_ACK | MS_RST)) != MS_SYN)
        return false;
    if (h->state & TCP_BASE)
        return s->seq + 1 != h->next - (uint32_t)h->delivered;
    if (h->state & TCP_HINT)
        return s->seq + 1 != h->next;
    return (h->state & TCP_ACKED) && s->seq + 1 != h->max_acked;
}

/* The next thing the end has to say for one direction: a hole and one held piece. */
static void finish_step(struct way *w)
{
    struct tcp_piece first;
    if (!tcp_held_first(w->h->held, &first))
        return;
    w->frame = first.frame;
    w->time = first.time;
    if (first.offset > w->h->delivered)
        first.offset -= leave_out(w, first.offset - w->h->delivered);
    emit_piece(w, &first, first.length);
    tcp_held_pop(w->pool, &w->h->held);
}

static void finish_tail(struct way *w) /* acknowledged, or before FIN, but never seen */
{
    struct ms_tcp_half *h = w->h;
    w->frame = 0;
    w->time = w->peer->last_ack_time != MS_UNKNOWN ? w->peer->last_ack_time : h->last_ack_time;
    if (waits(h))
        patience_ends(w, acked_end(h, h->max_acked));
    if ((h->state & (TCP_BASE | TCP_FIN)) == (TCP_BASE | TCP_FIN) && seq_gt(h->fin_seq, h->next))
        emit_gap(w, h->fin_seq - h->next);
}

void ms_tcp_finish(struct ms_tcp *t, struct ms_tcp_pool *pool, const struct ms_tcp_sink *sink)
{
    struct way       w[2] = { way_of(t, pool, MS_C2S, sink), way_of(t, pool, MS_S2C, sink) };
    struct tcp_piece c, s;
    for (;;) {
        bool client = tcp_held_first(t->half[MS_C2S].held, &c), server = tcp_held_first(t->half[MS_S2C].held, &s);
        if (!client && !server)
            break;
        finish_step(&w[client && (!server || c.frame <= s.frame) ? MS_C2S : MS_S2C]);
    }
    for (int i = 0; i < 2; i++) {
        finish_tail(&w[i]);
        tcp_unacked_free(pool, &t->half[i].unacked);
    }
}

static bool all_acked(const struct ms_tcp_half *h)
{
    return (h->state & TCP_FIN) && (h->state & TCP_ACKED) && seq_gt(h->max_acked, h->fin_seq);
}

bool ms_tcp_is_closed(const struct ms_tcp *t)
{
    if ((t->half[0].state | t->half[1].state) & TCP_RST)
        return true;
    return all_acked(&t->half[0]) && all_acked(&t->half[1]);
}

uint32_t ms_tcp_in_flight(const struct ms_tcp *t, enum ms_dir dir)
{
    const struct ms_tcp_half *h = &t->half[dir];
    if (!(h->state & TCP_ACKED) || !h->next_seq || !seq_gt(h->next_seq, h->max_acked))
        return 0;
    return h->next_seq - h->max_acked;
}
