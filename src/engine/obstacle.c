/* engine/obstacle.c - what the network says against a connection: ICMP errors, packets that another machine sent in its name, and bytes
 * that came twice and were not the same.
 *
 * TTL      all packets of one machine to one point have the same number of hops left, or nearly so. A reset that has another TTL than the rest of
 *          its side, and that no other usual first value (32, 64, 128, 255) over the same way explains, comes from a machine
 *          somewhere else: a firewall, a filter. A SYN+ACK is judged by the first packet behind it.
 *
 * Twice    who sends again sends the same. Two segments that begin at one place of the stream with different bytes are a filter being
 *          fooled, or somebody else's words in the dialogue. The last MS_RECENT segments of all mail connections are remembered, but for
 *          messages under way and what is encrypted.
 *
 * BUGS     a machine next to the server (NEAR hops) is taken for the server. Of the resets that answer a SYN nothing is known to
 *          compare with. Segments that overlap, but begin at different places, are not compared; of long ones only begin and end are, and
 *          of two that are not equally long the first 8 bytes. Checksums are not looked at: a segment that was damaged on the way and sent
 *          again differs, too.                                                                                   */
#include "engine/private.h"

enum { NEAR = 1, HOPS_MAX = 40, AGAIN = 280 /* 2^30 ns: later on the ports are used anew, or the capture was put together */ };

static bool is_near(int a, int b) { return a - b <= NEAR && b - a <= NEAR; }

bool ms_ttl_differs(uint8_t a, uint8_t b)
{
    static const int first[] = { 32, 64, 128, 255 };
    if (is_near(a, b))
        return false;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        for (size_t k = 0; k < sizeof first / sizeof *first; k++) {
            int hops_a = first[i] - a, hops_b = first[k] - b;
            if (i != k && hops_a >= 0 && hops_b >= 0 && hops_a <= HOPS_MAX && hops_b <= HOPS_MAX && is_near(hops_a, hops_b))
                return false;
        }
    return true;
}

static struct ms_obstacle *obstacle_of(struct ms_conn *c)
{
    if (!c->session.obstacle)
        c->session.obstacle = ms_arena_alloc(&c->arena, sizeof *c->session.obstacle);
    return c->session.obstacle;
}

static void note_foreign(struct ms_conn *c, uint64_t frame, uint8_t ttl, uint8_t usual)
{
    struct ms_obstacle *o = obstacle_of(c);
    if (o->reset_frame)
        return;
    o->reset_frame = frame;
    o->reset_ttl = ttl;
    o->usual_ttl = usual;
}

void ms_obstacle_ttl(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s)
{
    uint8_t *usual = &c->usual_ttl[dir];
    if (s->flags & MS_RST) {
        if (*usual && ms_ttl_differs(s->ttl, *usual))
            note_foreign(c, e->frame, s->ttl, *usual);
        return;
    }
    if ((s->flags & (MS_SYN | MS_ACK)) == (MS_SYN | MS_ACK)) {
        if (*usual == 0) {
            uint64_t after = e->frame - c->session.first_frame;
            c->syn_ack_after = after < UINT16_MAX ? (uint16_t)after : 0;
            *usual = s->ttl;
        }
        return;
    }
    if (*usual && dir == MS_S2C && c->syn_ack_after && ms_ttl_differs(s->ttl, *usual))
        note_foreign(c, c->session.first_frame + c->syn_ack_after, *usual, s->ttl);
    if (dir == MS_S2C)
        c->syn_ack_after = 0;
    *usual = s->ttl;
}

/* ---- twice ------------------------------------------------------------------------------------------------------------ */

static uint64_t word_at(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* Of the first 16 bytes and the last 16: commands are seldom longer. */
static uint64_t digest_of(struct ms_bytes b, uint64_t begin)
{
    if (b.n < 16)
        return b.n < 8 ? begin : begin * 0x9e3779b97f4a7c15u + word_at(b.p + b.n - 8);
    return ((begin * 0x9e3779b97f4a7c15u + word_at(b.p + 8)) * 0xc2b2ae3d27d4eb4fu + word_at(b.p + b.n - 16)) * 0x165667b19e3779f9u + word_at(b.p + b.n - 8);
}

static uint64_t begin_of(struct ms_bytes b)
{
    uint64_t begin = 0;
    if (b.n >= sizeof begin)
        return word_at(b.p);
    memcpy(&begin, b.p, b.n);
    return begin;
}

/* One of them may be longer than the other, where the same bytes were sent in other pieces. */
static bool is_same(const struct ms_recent *a, const struct ms_recent *b)
{
    size_t   n = a->length < b->length ? a->length : b->length;
    uint64_t mask = 0;
    memset(&mask, 0xff, n < sizeof mask ? n : sizeof mask);
    return a->length == b->length ? a->digest == b->digest : ((a->begin ^ b->begin) & mask) == 0;
}

static void note_twice(struct ms_conn *c, enum ms_dir dir, const struct ms_recent *first, const struct ms_recent *second)
{
    struct ms_obstacle *o = obstacle_of(c);
    o->twice_count += o->twice_count < UINT32_MAX;
    if (o->twice_frames[0])
        return;
    o->twice_frames[0] = first->frame;
    o->twice_frames[1] = second->frame;
    o->twice_ttl[0] = first->ttl;
    o->twice_ttl[1] = second->ttl;
    o->twice_dir = (uint8_t)dir;
}

void ms_obstacle_twice(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s)
{
    bool mail = c->session_port || c->decision == MS_IS_MAIL;
    if (!mail || c->closing || c->over_tls[dir] || s->flags & (MS_SYN | MS_RST) || s->payload.n < s->payload_length || s->payload.n > UINT16_MAX)
        return;
    if (!e->recent)
        e->recent = ms_alloc(MS_RECENT * sizeof *e->recent);
    uint64_t          place = (c->session.first_frame << 1 | dir) << 32 ^ s->seq, begin = begin_of(s->payload);
    struct ms_recent  now = { place, e->frame, begin, digest_of(s->payload, begin), (uint32_t)(e->now >> 30), (uint16_t)s->payload.n, s->ttl };
    struct ms_recent *at = &e->recent[place * 0x9e3779b97f4a7c15u >> 53]; /* of MS_RECENT */
    if (at->place != place || now.about - at->about > AGAIN)
        *at = now;
    else if (!is_same(at, &now))
        note_twice(c, dir, at, &now);
}

void ms_obstacle_icmp(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    struct ms_conn     *c = ms_conn_find(e, s, hash);
    struct ms_obstacle *o = c ? obstacle_of(c) : NULL;
    if (!o)
        return;
    o->count += o->count < UINT32_MAX;
    if (o->mtu == 0)
        o->mtu = s->icmp.mtu;
    if (o->frame)
        return;
    o->frame = e->frame;
    o->ip_version = s->icmp.ip_version;
    o->type = s->icmp.type;
    o->code = s->icmp.code;
    memcpy(o->from, s->icmp.from, 16);
}
