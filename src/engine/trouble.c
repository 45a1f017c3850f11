/* engine/trouble.c - TCP evidence of a session: what Wireshark's analysis flagged, the first frames of each kind, closed windows
 * and segments that never got through. */
#include "engine/private.h"

static const struct { uint32_t bit; enum ms_tcp_kind kind; } kinds[] = {
    { MS_TA_RETRANSMISSION | MS_TA_FAST_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION, MS_TCP_RETRANSMISSION },
    { MS_TA_FAST_RETRANSMISSION, MS_TCP_FAST_RETRANSMISSION },
    { MS_TA_SPURIOUS_RETRANSMISSION, MS_TCP_SPURIOUS_RETRANSMISSION },
    { MS_TA_OUT_OF_ORDER, MS_TCP_OUT_OF_ORDER },       { MS_TA_DUPLICATE_ACK, MS_TCP_DUPLICATE_ACK },
    { MS_TA_ZERO_WINDOW, MS_TCP_ZERO_WINDOW },         { MS_TA_WINDOW_FULL, MS_TCP_WINDOW_FULL },
    { MS_TA_WINDOW_UPDATE, MS_TCP_WINDOW_UPDATE },     { MS_TA_KEEP_ALIVE, MS_TCP_KEEP_ALIVE },
    { MS_TA_ZERO_WINDOW_PROBE, MS_TCP_ZERO_WINDOW_PROBE },
    { MS_TA_LOST_SEGMENT, MS_TCP_LOST_SEGMENT },       { MS_TA_ACKED_UNSEEN, MS_TCP_ACKED_UNSEEN },
};
enum { RESENT = MS_TA_RETRANSMISSION | MS_TA_FAST_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION,
       WORTH_NOTING = RESENT | MS_TA_OUT_OF_ORDER | MS_TA_DUPLICATE_ACK | MS_TA_ZERO_WINDOW | MS_TA_WINDOW_FULL |
                      MS_TA_WINDOW_UPDATE | MS_TA_KEEP_ALIVE | MS_TA_ZERO_WINDOW_PROBE | MS_TA_LOST_SEGMENT | MS_TA_ACKED_UNSEEN };

static struct ms_tcp_trouble *trouble(struct ms_conn *c, enum ms_dir dir)
{
    if (!c->session.tcp[dir]) {
        c->session.tcp[dir] = ms_arena_alloc(&c->arena, sizeof(struct ms_tcp_trouble));
        c->session.tcp[dir]->zero_since = MS_UNKNOWN;
    }
    return c->session.tcp[dir];
}

static void count(struct ms_tcp_trouble *t, enum ms_tcp_kind kind, uint64_t frame)
{
    if (t->count[kind] < MS_TCP_FRAMES)
        t->frames[kind][t->count[kind]] = frame;
    if (t->count[kind] < UINT32_MAX)
        t->count[kind]++;
}

static void note_stuck(struct ms_engine *e, struct ms_tcp_trouble *t, const struct ms_segment *s)
{
    struct ms_stuck *k = &t->stuck;
    if (s->payload_length == 0 || (k->tries && !k->acked && k->seq != s->seq && s->payload_length < k->length))
        return;
    if (k->tries && k->seq == s->seq && k->length == s->payload_length) {
        if (k->tries - 1 < MS_TCP_FRAMES)
            k->frames[k->tries - 1] = e->frame;
        k->tries++;
        k->until = e->now;
        return;
    }
    if (k->tries > 2 && k->acked && s->payload_length < k->length)
        return; /* the worse one stays */
    *k = (struct ms_stuck){ .seq = s->seq, .length = s->payload_length, .tries = 2, .since = e->now, .until = e->now };
    k->frames[0] = e->frame;
}

static void note_window(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis)
{
    struct ms_tcp_trouble *t = c->session.tcp[dir];
    if (t && t->zero_since != MS_UNKNOWN && s->window != 0) {
        t->zero_window += e->now > t->zero_since ? e->now - t->zero_since : 0;
        t->zero_since = MS_UNKNOWN;
    } else if (analysis & MS_TA_ZERO_WINDOW && trouble(c, dir)->zero_since == MS_UNKNOWN) {
        trouble(c, dir)->zero_since = e->now;
    }
}

/* Remembers the size of the largest segment that got through: path-mtu-stall compares with it. */
static void note_sizes(struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis)
{
    enum ms_dir other = ms_other(dir);
    if (s->flags & MS_ACK && c->largest_length[other] && (int32_t)(s->ack - c->largest_end[other]) >= 0) {
        if (c->largest_length[other] > c->largest_acked[other])
            c->largest_acked[other] = c->largest_length[other];
        c->largest_length[other] = 0;
    }
    if (s->payload_length > c->largest_length[dir] && !(analysis & RESENT)) {
        c->largest_length[dir] = s->payload_length > UINT16_MAX ? UINT16_MAX : (uint16_t)s->payload_length;
        c->largest_end[dir] = s->seq + s->payload_length;
    }
    struct ms_tcp_trouble *t = c->session.tcp[other];
    if (t && s->flags & MS_ACK && t->stuck.tries && !t->stuck.acked)
        t->stuck.acked = (int32_t)(s->ack - (t->stuck.seq + t->stuck.length)) >= 0;
}

void ms_trouble_note(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis)
{
    note_sizes(c, dir, s, analysis);
    note_window(e, c, dir, s, analysis);
    if (s->flags & MS_RST)
        count(trouble(c, dir), MS_TCP_RESET, e->frame);
    if (!(analysis & WORTH_NOTING))
        return;
    struct ms_tcp_trouble *t = trouble(c, dir);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (analysis & kinds[i].bit)
            count(t, kinds[i].kind, e->frame);
    if (analysis & RESENT) {
        t->lost_time += e->now > c->last_time ? e->now - c->last_time : 0;
        note_stuck(e, t, s);
    }
    t->largest_acked = c->largest_acked[dir];
}
