/* engine/obstacle.c - what the network says against a connection: ICMP errors, and packets that another machine sent in its name.
 *
 * TTL      all packets of one machine to one point have the same number of hops left, or nearly so. A reset that has another TTL than the rest of
 *          its side, and that no other usual first value (32, 64, 128, 255) over the same way explains, comes from a machine
 *          somewhere else: a firewall, a filter. A SYN+ACK is judged by the first packet behind it.
 *
 * BUGS     a machine next to the server (NEAR hops) is taken for the server. Of the resets that answer a SYN nothing is known to
 *          compare with.                                                                                         */
#include "engine/private.h"

enum { NEAR = 1, HOPS_MAX = 40 };

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
