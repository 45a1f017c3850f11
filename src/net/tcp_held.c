/* net/tcp_held.c - segments that came before their time, in a skip list by stream offset; pieces never overlap. */
#include "net/tcp_private.h"

enum { LEVELS = 9 }; /* one node in four rises a level: good for 4^9 nodes */

struct tcp_node {
    uint64_t offset, frame;
    int64_t  time;
    uint32_t length, captured;
    uint32_t levels;
    struct tcp_node *next[]; /* `levels` of them, then the bytes */
};

struct ms_tcp_held {
    struct tcp_node *first[LEVELS];
    uint64_t charged;
    uint32_t count;
};

static uint64_t cost(uint64_t length) { return length < HELD_LEAST ? HELD_LEAST : length; }

static uint64_t node_end(const struct tcp_node *n) { return n->offset + n->length; }

static uint8_t *node_bytes(struct tcp_node *n) { return (uint8_t *)(n->next + n->levels); }

uint64_t tcp_held_charge(const struct ms_tcp_pool *pool, const struct ms_tcp_held *h, uint64_t length)
{
    uint64_t mine = cost(length) + (h ? h->charged : 0), all = cost(length) + pool->held;
    uint64_t over = mine > pool->stream_bytes ? mine - pool->stream_bytes : 0;
    uint64_t over_all = all > pool->held_limit ? all - pool->held_limit : 0;
    return over > over_all ? over : over_all;
}

static uint32_t random_levels(struct ms_tcp_pool *pool)
{
    uint64_t x = pool->random; /* xorshift64 */
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    pool->random = x;
    uint32_t levels = 1;
    for (uint64_t bits = x >> 20; (bits & 3) == 0 && levels < LEVELS; bits >>= 2)
        levels++;
    return levels;
}

/* The links that would lead to a node at `offset`: path[i] is the last link of level i to a node that lies after it. Returns
 * the node before, NULL when there is none. */
static struct tcp_node *find(struct ms_tcp_held *h, uint64_t offset, struct tcp_node **path[LEVELS])
{
    struct tcp_node *before = NULL;
    for (int i = LEVELS - 1; i >= 0; i--) {
        struct tcp_node **link = before ? &before->next[i] : &h->first[i];
        while (*link && (*link)->offset <= offset) {
            before = *link;
            link = &before->next[i];
        }
        path[i] = link;
    }
    return before;
}

static void insert(struct ms_tcp_pool *pool, struct ms_tcp_held *h, const struct tcp_piece *p, struct tcp_node **path[LEVELS])
{
    uint32_t levels = random_levels(pool);
    size_t   links = levels * sizeof(struct tcp_node *);
    struct tcp_node *n = ms_resize(NULL, sizeof *n + links + p->data.n);
    *n = (struct tcp_node){ .offset = p->offset, .frame = p->frame, .time = p->time, .length = (uint32_t)p->length,
                            .captured = (uint32_t)p->data.n, .levels = levels };
    if (p->data.n)
        memcpy(node_bytes(n), p->data.p, p->data.n);
    for (uint32_t i = 0; i < levels; i++) {
        n->next[i] = *path[i];
        *path[i] = n;
    }
    h->count++;
    h->charged += cost(p->length);
    pool->held += cost(p->length);
}

static struct tcp_piece part(const struct tcp_piece *p, uint64_t from, uint64_t to)
{
    struct tcp_piece cut = *p;
    cut.data = ms_slice(p->data, from - p->offset, to - from);
    cut.offset = from;
    cut.length = to - from;
    return cut;
}

void tcp_held_add(struct ms_tcp_pool *pool, struct ms_tcp_held **held, const struct tcp_piece *p)
{
    if (!*held)
        *held = ms_alloc(sizeof **held);
    struct ms_tcp_held *h = *held;
    struct tcp_node   **path[LEVELS];
    uint64_t            at = p->offset, end = p->offset + p->length;
    while (at < end) {
        struct tcp_node *n = find(h, at, path);
        uint64_t         from = at;
        for (n = n ? n : h->first[0]; n && n->offset <= at; n = n->next[0])
            at = node_end(n) > at ? node_end(n) : at;
        if (at != from) /* walked over held bytes: the path is stale */
            continue;
        uint64_t stop = n && n->offset < end ? n->offset : end;
        struct tcp_piece cut = part(p, at, stop);
        insert(pool, h, &cut, path);
        at = stop;
    }
}

bool tcp_held_first(const struct ms_tcp_held *h, struct tcp_piece *out)
{
    if (!h)
        return false;
    struct tcp_node *n = h->first[0];
    *out = (struct tcp_piece){ .data = { node_bytes(n), n->captured }, .offset = n->offset, .length = n->length,
                               .frame = n->frame, .time = n->time };
    return true;
}

void tcp_held_pop(struct ms_tcp_pool *pool, struct ms_tcp_held **held)
{
    struct ms_tcp_held *h = *held;
    struct tcp_node    *n = h->first[0];
    for (uint32_t i = 0; i < n->levels; i++)
        h->first[i] = n->next[i];
    h->charged -= cost(n->length);
    pool->held -= cost(n->length);
    ms_free(n);
    if (--h->count == 0) {
        ms_free(h);
        *held = NULL;
    }
}

void tcp_held_shift(struct ms_tcp_held *h, uint64_t back)
{
    for (struct tcp_node *n = h ? h->first[0] : NULL; n; n = n->next[0])
        n->offset -= back;
}

uint32_t tcp_held_count(const struct ms_tcp_held *h) { return h ? h->count : 0; }
