/* tests/fuzz/tcp_fuzz.c - bytes become segments of two known streams: cut anywhere, lost, swapped, repeated, contradictory.
 *
 * Property  what is handed on tiles each stream without overlap; a byte handed on is the first that was seen at its place; a
 *           gap holds no byte that was seen before it; limits hold after each segment; nothing is left at the end. */
#include "net/tcp_private.h"

#include <stdlib.h>

enum { SPAN = 1024 + 2048 }; /* positions of one stream */

struct side {
    uint32_t isn, high;       /* high: end of the furthest data taken in */
    uint64_t expected;        /* stream offset of the next delivery */
    uint8_t  first[SPAN];     /* the first byte seen at each place */
    uint8_t  seen[SPAN];      /* 1 a byte was seen there, 2 it was cut away by the snap length first */
};

struct rig {
    struct ms_tcp       t;
    struct ms_tcp_pool *pool;
    struct side         side[2];
    uint64_t            frame;
    int64_t             time;
    bool                contradict;
};

#define must(truth) ((truth) ? (void)0 : abort())

/* The place of a stream offset: base is known whenever something is handed on. */
static uint32_t place(const struct rig *r, enum ms_dir dir, uint64_t offset)
{
    const struct ms_tcp_half *h = &r->t.half[dir];
    return h->next - (uint32_t)h->delivered - (r->side[dir].isn + 1) + (uint32_t)offset;
}

static void on_data(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct rig  *r = ctx;
    struct side *s = &r->side[dir];
    must(b.n > 0 && offset == s->expected && frame >= 1 && frame <= r->frame && time != MS_UNKNOWN);
    s->expected += b.n;
    uint32_t at = place(r, dir, offset);
    must(at < SPAN && b.n <= SPAN - at);
    for (size_t i = 0; i < b.n; i++)
        must(s->seen[at + i] && b.p[i] == s->first[at + i]);
}

static void on_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time)
{
    struct rig  *r = ctx;
    struct side *s = &r->side[dir];
    (void)time;
    must(length > 0 && offset == s->expected && frame <= r->frame);
    s->expected += length;
    uint32_t at = place(r, dir, offset);
    for (uint64_t i = 0; i < length && at + i < SPAN; i++)
        must(s->seen[at + i] != 1);
}

static uint8_t stream_byte(int dir, uint32_t at) { return (uint8_t)(at * 167 + (at >> 8) * 13 + (uint32_t)dir * 91); }

/* Notes what `s` shows; the copies allow taking it back. */
static void note(struct rig *r, int dir, const struct ms_segment *s, uint32_t at)
{
    const struct ms_tcp_half *h = &r->t.half[dir];
    struct side              *side = &r->side[dir];
    for (uint32_t i = 0; i < s->payload_length && at + i < SPAN; i++) {
        if (side->seen[at + i] || ((h->state & TCP_FIN) && seq_ge(side->isn + 1 + at + i, h->fin_seq)))
            continue;
        side->seen[at + i] = i < s->payload.n ? 1 : 2;
        side->first[at + i] = i < s->payload.n ? s->payload.p[i] : 0;
    }
}

static void feed(struct rig *r, int dir, struct ms_segment *s, uint32_t at)
{
    static struct side before;
    struct ms_tcp_sink sink = { on_data, on_gap, r };
    int64_t            rtt;
    uint64_t           lowest = r->t.half[dir].delivered;
    if ((s->flags & MS_SYN) && lowest == 0 && !r->t.half[dir].held) { /* the stream may begin elsewhere now */
        memset(r->side[dir].seen, 0, sizeof r->side[dir].seen);
        r->side[dir].high = 0;
    }
    before = r->side[dir];
    bool keep_alive = s->payload_length <= 1 && s->seq == r->t.half[dir].next_seq - 1 && !(s->flags & (MS_SYN | MS_FIN | MS_RST));
    if (!(s->flags & MS_RST) && !keep_alive)
        note(r, dir, s, at);
    r->frame++;
    uint32_t bits = ms_tcp_segment(&r->t, r->pool, (enum ms_dir)dir, s, r->frame, r->time, &sink, &rtt);
    must(!keep_alive || (bits & MS_TA_KEEP_ALIVE));
    if (!(r->t.half[dir].state & TCP_BASE)) /* a first segment that looks like a keep-alive */
        r->side[dir] = before;
    else if (!keep_alive && s->payload_length && !(s->flags & MS_RST) && at + s->payload_length > r->side[dir].high)
        r->side[dir].high = at + s->payload_length;
    must(r->pool->held <= r->pool->held_limit);
    must(rtt == MS_UNKNOWN || rtt >= 0);
}

static void feed_data(struct rig *r, const uint8_t *c, uint32_t at, uint32_t n)
{
    int      dir = c[0] >> 6 & 1;
    uint8_t *bytes = malloc(n ? n : 1);
    uint32_t cut = (c[0] & 15) == 1 ? c[3] % (n + 1) : 0;
    for (uint32_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(stream_byte(dir, at + i) ^ (r->contradict ? c[3] & 3 : 0));
    struct ms_segment s = { .seq = r->side[dir].isn + 1 + at, .ack = r->side[!dir].isn + 1 + (uint32_t)c[3] * 4, .window = c[3],
                            .flags = (uint8_t)(MS_ACK | (c[3] & MS_PSH)), .payload = { bytes, n - cut }, .payload_length = n };
    if ((c[0] & 15) == 2)
        s.flags |= MS_FIN;
    if ((c[0] & 15) == 3) /* one-way captures: nothing is acknowledged */
        s.ack = r->side[!dir].isn + 1;
    feed(r, dir, &s, at);
    free(bytes);
}

static void feed_empty(struct rig *r, const uint8_t *c, uint32_t at)
{
    int               dir = c[0] >> 6 & 1;
    struct ms_segment s = { .seq = r->side[dir].isn + 1 + at, .ack = r->side[!dir].isn + 1 + (uint32_t)c[3] * 4, .window = c[3],
                            .flags = MS_ACK };
    if ((c[0] & 15) == 13) {
        s.flags = (uint8_t)(MS_SYN | (c[3] & MS_ACK));
        s.seq = r->side[dir].isn;
        s.has_scale = c[3] & 1;
        s.scale = c[2];
    } else if ((c[0] & 15) == 14)
        s.flags |= c[3] & 1 ? MS_FIN : c[3] & 2 ? MS_RST : 0;
    else if ((c[0] & 15) == 15)
        s.seq += 0x40000000u + (uint32_t)c[3] * 0x800000u; /* far away */
    feed(r, dir, &s, at);
}

static void command(struct rig *r, const uint8_t *c)
{
    uint32_t at = (uint32_t)c[1] << 2 | c[2] >> 6, n = (c[2] & 63u) * (c[0] & 0x80 ? 20 : 1);
    r->time += c[3] * 1000;
    if ((c[0] & 15) < 11)
        feed_data(r, c, at, n);
    else
        feed_empty(r, c, at);
}

static void finish(struct rig *r)
{
    struct ms_tcp_sink sink = { on_data, on_gap, r };
    ms_tcp_finish(&r->t, r->pool, &sink);
    for (int dir = 0; dir < 2; dir++) {
        struct ms_tcp_half *h = &r->t.half[dir];
        must(!h->held && !h->unacked && h->delivered == r->side[dir].expected);
        uint32_t high = r->side[dir].high;
        if ((h->state & TCP_FIN) && h->fin_seq - r->side[dir].isn - 1 < high)
            high = h->fin_seq - r->side[dir].isn - 1;
        if ((h->state & TCP_BASE) && r->side[dir].high)
            must(seq_ge(h->next, r->side[dir].isn + 1 + high));
    }
    must(r->pool->held == 0);
    ms_tcp_pool_destroy(r->pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig r;
    if (size < 6)
        return 0;
    memset(&r, 0, sizeof r);
    struct ms_limits limits = data[0] & 4 ? ms_limits_tiny() : ms_limits_default();
    r.pool = ms_tcp_pool_create(&limits);
    r.contradict = data[0] & 8;
    r.side[0].isn = ms_be32(data + 1);
    r.side[1].isn = r.side[0].isn * 2654435761u;
    ms_tcp_init(&r.t);
    for (int dir = 0; dir < 2; dir++)
        if (data[0] & (1 << dir))
            command(&r, (const uint8_t[4]){ (uint8_t)(13 | dir << 6), 0, 0, 0 });
    for (size_t i = 5; i + 4 <= size; i += 4)
        command(&r, data + i);
    finish(&r);
    return 0;
}
