/* net/tcp_unacked.c - segments that were sent and wait for their ACK, in the order they were seen.
 *
 * Blocks   one ring a direction; it goes back to the pool when everything is acknowledged. A full small ring becomes a big one
 *          while the pool has any; a full ring merges neighbours pair by pair, keeping the later time.               */
#include "net/tcp_private.h"

struct ms_tcp_unacked {
    struct ms_tcp_unacked *spare; /* next spare block of the pool */
    uint16_t first, n, size;      /* size is a power of two */
    bool     ordered;             /* ascending and without overlaps: an ACK takes from the front */
    struct tcp_sent sent[];
};

static struct tcp_sent *at(struct ms_tcp_unacked *u, unsigned i) { return &u->sent[(u->first + i) & (u->size - 1u)]; }

static struct tcp_sent get(const struct ms_tcp_unacked *u, unsigned i)
{
    return u->sent[(u->first + i) & (u->size - 1u)];
}

static struct ms_tcp_unacked *block(struct ms_tcp_pool *pool, bool big)
{
    uint16_t               size = big ? UNACKED_BIG : UNACKED_SMALL;
    struct ms_tcp_unacked *u = pool->spare[big];
    if (u)
        pool->spare[big] = u->spare;
    else {
        u = ms_resize(NULL, sizeof *u + size * sizeof *u->sent);
        pool->big += big;
    }
    u->spare = NULL;
    u->first = u->n = 0;
    u->size = size;
    u->ordered = true;
    return u;
}

void tcp_unacked_free(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u)
{
    if (!*u)
        return;
    bool big = (*u)->size == UNACKED_BIG;
    (*u)->spare = pool->spare[big];
    pool->spare[big] = *u;
    *u = NULL;
}

void tcp_unacked_drain(struct ms_tcp_pool *pool, int big)
{
    for (struct ms_tcp_unacked *u = pool->spare[big], *more; u; u = more) {
        more = u->spare;
        ms_free(u);
    }
    pool->spare[big] = NULL;
}

static bool grow(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u)
{
    if ((*u)->size == UNACKED_BIG || (!pool->spare[1] && pool->big >= BIG_BLOCKS))
        return false;
    struct ms_tcp_unacked *more = block(pool, true);
    more->n = (*u)->n;
    more->ordered = (*u)->ordered;
    for (unsigned i = 0; i < more->n; i++)
        more->sent[i] = get(*u, i);
    tcp_unacked_free(pool, u);
    *u = more;
    return true;
}

static void merge_pairs(struct ms_tcp_unacked *u)
{
    unsigned kept = 0;
    for (unsigned i = 0; i < u->n; i++) {
        struct tcp_sent now = get(u, i);
        if (i + 1u < u->n && get(u, i + 1).seq == now.next) {
            now.next = get(u, ++i).next;
            now.time = get(u, i).time;
        }
        *at(u, kept++) = now;
    }
    if (kept == u->n) { /* no neighbours: forget the oldest quarter */
        u->first = (uint16_t)((u->first + u->size / 4) & (u->size - 1u));
        kept -= u->size / 4;
    }
    u->n = (uint16_t)kept;
}

void tcp_unacked_add(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u, struct tcp_sent sent)
{
    if (!*u)
        *u = block(pool, false);
    if ((*u)->n == (*u)->size && !grow(pool, u))
        merge_pairs(*u);
    struct ms_tcp_unacked *b = *u;
    if (b->n && seq_gt(get(b, b->n - 1u).next, sent.seq))
        b->ordered = false;
    *at(b, b->n++) = sent;
}

bool tcp_unacked_oldest(const struct ms_tcp_unacked *u, struct tcp_sent *out)
{
    if (!u || u->n == 0)
        return false;
    *out = get(u, 0);
    return true;
}

static void drop_front(struct ms_tcp_unacked *u)
{
    u->first = (uint16_t)((u->first + 1) & (u->size - 1u));
    u->n--;
}

/* Only an ACK of exactly the end of a segment counts; when several end there, the oldest does. */
static struct tcp_sent ack_ordered(struct ms_tcp_unacked *u, uint32_t ack)
{
    struct tcp_sent sent = { .time = MS_UNKNOWN };
    while (u->n && seq_ge(ack, at(u, 0)->next)) {
        if (ack == at(u, 0)->next && sent.time == MS_UNKNOWN)
            sent = *at(u, 0);
        drop_front(u);
    }
    return sent;
}

static struct tcp_sent ack_any(struct ms_tcp_unacked *u, uint32_t ack)
{
    struct tcp_sent sent = { .time = MS_UNKNOWN };
    unsigned        kept = 0;
    bool            ordered = true;
    for (unsigned i = 0; i < u->n; i++) {
        struct tcp_sent now = get(u, i);
        if (ack == now.next && sent.time == MS_UNKNOWN)
            sent = now;
        if (seq_ge(ack, now.next))
            continue;
        ordered = ordered && (kept == 0 || seq_ge(now.seq, get(u, kept - 1).next));
        *at(u, kept++) = now;
    }
    u->n = (uint16_t)kept;
    u->ordered = ordered;
    return sent;
}

void tcp_unacked_ack(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u, uint32_t ack, struct tcp_sent *acked)
{
    acked->time = MS_UNKNOWN;
    if (!*u)
        return;
    *acked = (*u)->ordered ? ack_ordered(*u, ack) : ack_any(*u, ack);
    if ((*u)->n == 0)
        tcp_unacked_free(pool, u);
}
