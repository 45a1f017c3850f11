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

static void drop_front(struct ms_tcp_unacked *u)
{
    u->first = (uint16_t)((u->first + 1) & (u->size - 1u));
    u->n--;
}

/* Wireshark looks at the newest first and lets each match replace the one before: the oldest that matches counts. */
static int64_t ack_ordered(struct ms_tcp_unacked *u, uint32_t ack)
{
    int64_t sent = MS_UNKNOWN;
    while (u->n && seq_ge(ack, at(u, 0)->next)) {
        if (ack == at(u, 0)->next && sent == MS_UNKNOWN)
            sent = at(u, 0)->time;
        drop_front(u);
    }
    if (u->n && seq_gt(ack, at(u, 0)->seq)) {
        at(u, 0)->seq = ack;
        sent = sent == MS_UNKNOWN ? at(u, 0)->time : sent;
    }
    return sent;
}

static int64_t ack_any(struct ms_tcp_unacked *u, uint32_t ack)
{
    int64_t  sent = MS_UNKNOWN;
    unsigned kept = 0;
    bool     ordered = true;
    for (unsigned i = 0; i < u->n; i++) {
        struct tcp_sent now = get(u, i);
        bool            exact = ack == now.next, partial = !exact && seq_gt(ack, now.seq) && seq_gt(now.next, ack);
        if ((exact || partial) && sent == MS_UNKNOWN)
            sent = now.time;
        if (exact || seq_ge(ack, now.next))
            continue;
        if (partial)
            now.seq = ack;
        ordered = ordered && (kept == 0 || seq_ge(now.seq, get(u, kept - 1).next));
        *at(u, kept++) = now;
    }
    u->n = (uint16_t)kept;
    u->ordered = ordered;
    return sent;
}

int64_t tcp_unacked_ack(struct ms_tcp_pool *pool, struct ms_tcp_unacked **u, uint32_t ack)
{
    if (!*u)
        return MS_UNKNOWN;
    int64_t sent = (*u)->ordered ? ack_ordered(*u, ack) : ack_any(*u, ack);
    if ((*u)->n == 0)
        tcp_unacked_free(pool, u);
    return sent;
}

bool tcp_unacked_covers(const struct ms_tcp_unacked *u, uint32_t seq, uint32_t next)
{
    for (unsigned i = 0; u && i < u->n; i++)
        if (seq_ge(seq, get(u, i).seq) && seq_ge(get(u, i).next, next))
            return true;
    return false;
}

uint32_t tcp_unacked_run_end(const struct ms_tcp_unacked *u, uint32_t ack)
{
    uint32_t left = 0, right = 0;
    for (unsigned i = u ? u->n : 0; i-- > 0;) { /* newest first */
        struct tcp_sent now = get(u, i);
        bool            fresh = left == right;
        if (fresh) {
            left = now.seq;
            right = now.next;
        }
        if (!seq_ge(now.seq, ack))
            continue;
        if (now.next != left)
            right = now.next;
        left = now.seq;
    }
    return left == ack && seq_gt(right, ack) ? right : ack;
}
