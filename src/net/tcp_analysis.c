/* net/tcp_analysis.c - judges a segment as Wireshark 4.0 does: same names, same tests, same order.
 *
 * Zero     0 as next_seq, max_to_ack or last_ack means "not known", as there: a connection whose numbers wrap to exactly 0 goes
 *          unjudged for one segment.
 * BUGS     Wireshark remembers 10,000 segments that wait for their ACK, this code 4 or 256 (net/tcp_private.h): with more in
 *          flight some round-trip times are not measured. Multipath TCP is judged like plain TCP.                */
#include "net/tcp_private.h"

#define MS 1000000 /* nanoseconds */

enum { DUP_ACKS_MOST = 254, DUP_ACKS_TOLD = 255 }; /* TOLD: the other side acknowledged what was not seen; counts as many */

struct view { /* one segment, from where it stands */
    struct ms_tcp           *t;
    struct ms_tcp_half      *f, *r; /* this direction, the other one */
    struct ms_tcp_pool      *pool;
    const struct ms_segment *s;
    int64_t                  time;
    uint32_t                 length, end; /* of the payload; end = seq + length */
    uint32_t                 bits;
    bool                     plain;       /* none of SYN, FIN, RST */
    uint64_t                 frame;
    bool                     timed;       /* round trips are wanted */
};

static bool repeats_ack(const struct view *v) /* an empty segment that says nothing new */
{
    return v->length == 0 && v->plain && v->s->seq == v->f->next_seq && v->s->ack == v->f->last_ack;
}

static bool same_window(const struct view *v) { return (v->f->state & TCP_SEEN) && v->s->window == v->f->window; }

static bool fills_window(const struct view *v)
{
    if (v->length == 0 || !v->plain || v->r->scale == -1 || !(v->r->state & TCP_SEEN))
        return false;
    unsigned shift = v->r->scale > 0 && !(v->r->state & TCP_SYN_WINDOW) ? (unsigned)v->r->scale : 0;
    return v->end == v->r->last_ack + ((uint32_t)v->r->window << shift);
}

/* It repeats the last byte, or none: the other side shall say that it is there. */
static bool is_keep_alive(const struct view *v) { return v->length <= 1 && v->s->seq == v->f->next_seq - 1 && v->plain; }

static uint32_t judge_place(const struct view *v) /* where it lies in the sequence space and in the window */
{
    uint32_t bits = 0, next = v->f->next_seq;
    if (v->s->window == 0 && v->plain)
        bits |= MS_TA_ZERO_WINDOW;
    if (next && seq_gt(v->s->seq, next) && !(v->s->flags & MS_RST))
        bits |= MS_TA_LOST_SEGMENT;
    if (is_keep_alive(v))
        bits |= MS_TA_KEEP_ALIVE;
    if (repeats_ack(v) && v->s->window != 0 && !same_window(v))
        bits |= MS_TA_WINDOW_UPDATE;
    if (fills_window(v))
        bits |= MS_TA_WINDOW_FULL;
    return bits;
}

static uint32_t judge_repeat(struct view *v) /* an ACK that repeats the one before */
{
    if (!repeats_ack(v) || !same_window(v))
        return 0;
    if (v->s->window == 0)
        return v->r->state & TCP_PROBE ? MS_TA_ZERO_WINDOW_PROBE_ACK : 0;
    if (v->r->state & TCP_KEEP_ALIVE)
        return MS_TA_KEEP_ALIVE_ACK;
    if (v->f->dup_acks == DUP_ACKS_TOLD)
        v->f->dup_acks = 1;
    else if (v->f->dup_acks < DUP_ACKS_MOST)
        v->f->dup_acks++;
    return MS_TA_DUPLICATE_ACK;
}

static uint32_t judge_ack(struct view *v) /* does it acknowledge what the capture does not hold? */
{
    if (!v->r->max_to_ack || !seq_gt(v->s->ack, v->r->max_to_ack) || !(v->s->flags & MS_ACK))
        return 0;
    if (seq_gt(v->r->next_seq, v->r->max_to_ack)) {
        v->r->max_to_ack = v->r->next_seq;
        return MS_TA_ACKED_UNSEEN;
    }
    bool first = v->r->dup_acks == 0; /* said once until the other side acknowledges something new */
    v->r->dup_acks = DUP_ACKS_TOLD;
    return first ? MS_TA_ACKED_UNSEEN : 0;
}

/* Time since `then`; a clock that ran backwards gives a very long time, as there. */
static uint64_t since(const struct view *v, int64_t then)
{
    return then == MS_UNKNOWN ? UINT64_MAX : (uint64_t)v->time - (uint64_t)then;
}

static bool is_fast(const struct view *v)
{
    return v->r->dup_acks >= 2 && v->r->last_ack == v->s->seq && since(v, v->r->last_ack_time) < 20 * MS;
}

static bool is_out_of_order(const struct view *v)
{
    uint64_t within = v->t->first_rtt > 0 ? (uint64_t)v->t->first_rtt : 3 * MS;
    uint32_t next = v->end + (v->s->flags & (MS_SYN | MS_FIN) ? 1 : 0);
    return since(v, v->f->last_time) < within && next != v->f->next_seq;
}

static uint32_t judge_again(const struct view *v) /* which kind of retransmission? */
{
    if ((v->length == 0 && !(v->s->flags & (MS_SYN | MS_FIN))) || (v->bits & MS_TA_KEEP_ALIVE))
        return 0;
    if (v->length > 0 && v->r->last_ack && seq_ge(v->r->last_ack, v->end))
        return MS_TA_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION;
    bool advances = !v->f->next_seq || seq_ge(v->s->seq, v->f->next_seq);
    if (advances || (v->length > 1 && v->f->next_seq - 1 == v->s->seq)) /* the second: after a zero window probe */
        return 0;
    if (is_fast(v))
        return MS_TA_RETRANSMISSION | MS_TA_FAST_RETRANSMISSION;
    return is_out_of_order(v) ? MS_TA_OUT_OF_ORDER : MS_TA_RETRANSMISSION;
}

static void store_sequence(struct view *v)
{
    struct ms_tcp_half *f = v->f;
    uint32_t            extra = v->s->flags & (MS_SYN | MS_FIN) ? 1 : 0, next = v->end + extra;
    if (v->timed && (v->length || extra))
        tcp_unacked_add(v->pool, &f->unacked, (struct tcp_sent){ v->s->seq, next, v->time, v->frame });
    if (v->bits & MS_TA_ZERO_WINDOW_PROBE)
        return;
    if (!f->next_seq || seq_gt(next, f->next_seq)) {
        f->next_seq = next;
        f->last_time = v->time;
    }
    if (!f->max_to_ack || v->s->seq == f->max_to_ack)
        f->max_to_ack = f->next_seq;
}

static void store_ack(struct view *v)
{
    struct ms_tcp_half *f = v->f;
    uint32_t            state = f->state & ~(unsigned)(TCP_KEEP_ALIVE | TCP_PROBE | TCP_SYN_WINDOW);
    state |= v->bits & MS_TA_KEEP_ALIVE ? TCP_KEEP_ALIVE : 0;
    state |= v->bits & MS_TA_ZERO_WINDOW_PROBE ? TCP_PROBE : 0;
    state |= v->s->flags & MS_SYN ? TCP_SYN_WINDOW : 0;
    f->state = (uint16_t)(state | TCP_SEEN);
    f->window = v->s->window;
    f->last_ack = v->s->ack;
    f->last_ack_time = v->time;
}

/* RFC 7323 2.2: scaling is used when both SYNs offer it. A lone SYN+ACK with the option is believed. */
static void store_syn(struct view *v)
{
    struct ms_tcp_half *f = v->f, *r = v->r;
    bool                answer = v->s->flags & MS_ACK;
    if (v->s->has_mss)
        f->mss = v->s->mss;
    if (!v->s->has_scale)
        f->scale = r->scale = -2;
    else
        f->scale = answer && r->scale == -2 ? (int8_t)-2 : (int8_t)(v->s->scale < 14 ? v->s->scale : 14);
    if (!answer)
        v->t->syn_time = v->time;
}

int64_t tcp_round_trip(int64_t sent, int64_t now)
{
    int64_t took;
    if (sent == MS_UNKNOWN || __builtin_sub_overflow(now, sent, &took) || took < 0)
        return MS_UNKNOWN;
    return took;
}

static void store_first_rtt(struct view *v)
{
    bool ack = (v->s->flags & (MS_SYN | MS_ACK)) == MS_ACK;
    bool last_of_three = ack && v->t->syn_time != MS_UNKNOWN && (v->r->state & TCP_SEEN);
    if (last_of_three)
        v->t->first_rtt = tcp_round_trip(v->t->syn_time, v->time);
}

/* One byte into a window that is closed. */
static bool is_probe(const struct view *v) { return v->length == 1 && v->s->seq == v->f->next_seq && (v->r->state & TCP_SEEN) && v->r->window == 0; }

/* What most segments are: the next bytes, within the window, or an acknowledgement of something new, and nothing that was not seen. There is
 * nothing to say of them. */
static bool is_usual(const struct view *v)
{
    const struct ms_tcp_half *f = v->f, *r = v->r;
    if (!f->next_seq || v->s->seq != f->next_seq || !v->plain || v->s->window == 0 || !(v->s->flags & MS_ACK))
        return false;
    if (r->max_to_ack && seq_gt(v->s->ack, r->max_to_ack))
        return false;
    if (v->length == 0)
        return v->s->ack != f->last_ack;
    return v->length > 1 && !(r->last_ack && seq_ge(r->last_ack, v->end)) && !fills_window(v);
}

static void judge(struct view *v)
{
    bool probe = is_probe(v);
    v->bits = probe ? MS_TA_ZERO_WINDOW_PROBE : judge_place(v);
    if (!probe)
        v->bits |= judge_repeat(v);
    if (v->s->ack != v->f->last_ack)
        v->f->dup_acks = 0;
    v->bits |= judge_ack(v);
    v->bits |= judge_again(v);
}

uint32_t tcp_analyse(struct ms_tcp *t, struct ms_tcp_pool *pool, enum ms_dir dir, const struct ms_segment *s,
                     struct tcp_seen seen, struct tcp_sent *acked)
{
    struct view v = { .t = t, .f = &t->half[dir], .r = &t->half[ms_other(dir)], .pool = pool, .s = s, .time = seen.time, .frame = seen.frame,
                      .length = s->payload_length, .end = s->seq + s->payload_length,
                      .plain = !(s->flags & (MS_SYN | MS_FIN | MS_RST)), .timed = acked != NULL };
    if (!is_usual(&v))
        judge(&v);
    else if (s->ack != v.f->last_ack)
        v.f->dup_acks = 0;
    if (t->first_rtt <= 0) /* not known, or too short to measure */
        store_first_rtt(&v);
    store_sequence(&v);
    store_ack(&v);
    if (s->flags & MS_SYN)
        store_syn(&v);
    if (acked)
        tcp_unacked_ack(pool, &v.r->unacked, s->ack, acked);
    return v.bits;
}

bool tcp_analyse_usual(struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s, int64_t time)
{
    struct view v = { .t = t, .f = &t->half[dir], .r = &t->half[ms_other(dir)], .s = s, .time = time,
                      .length = s->payload_length, .end = s->seq + s->payload_length, .plain = !(s->flags & (MS_SYN | MS_FIN | MS_RST)) };
    bool measures = t->first_rtt <= 0 && t->syn_time != MS_UNKNOWN; /* store_first_rtt() may have something to do */
    if (measures || !is_usual(&v))
        return false;
    if (s->ack != v.f->last_ack)
        v.f->dup_acks = 0;
    store_sequence(&v);
    store_ack(&v);
    return true;
}

uint32_t tcp_follow(struct ms_tcp *t, enum ms_dir dir, const struct ms_segment *s)
{
    struct ms_tcp_half *f = &t->half[dir];
    uint32_t            next = s->seq + s->payload_length + (s->flags & (MS_SYN | MS_FIN) ? 1 : 0);
    bool                probe = false, keep_alive = false;
    if (s->payload_length <= 1) {
        struct view v = { .f = f, .r = &t->half[ms_other(dir)], .s = s, .length = s->payload_length,
                          .plain = !(s->flags & (MS_SYN | MS_FIN | MS_RST)) };
        probe = is_probe(&v);
        keep_alive = !probe && is_keep_alive(&v);
    }
    if (!probe && (!f->next_seq || seq_gt(next, f->next_seq)))
        f->next_seq = next;
    f->state |= TCP_SEEN;
    f->window = s->window;
    f->last_ack = s->ack;
    return keep_alive ? MS_TA_KEEP_ALIVE : 0;
}
