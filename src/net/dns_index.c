/* net/dns_index.c - a hash table in order of use: chained, grown by doubling, oldest and newest at hand. */
#include "net/dns_private.h"

enum { FIRST_SLOTS = 64 };

struct ms_dns_node *ms_dns_index_find(const struct ms_dns_index *x, uint64_t hash)
{
    if (x->count == 0)
        return NULL;
    struct ms_dns_node *n = x->slots[hash & (x->size - 1)];
    while (n && n->hash != hash)
        n = n->chain;
    return n;
}

static void link_slot(struct ms_dns_index *x, struct ms_dns_node *n)
{
    struct ms_dns_node **slot = &x->slots[n->hash & (x->size - 1)];
    n->chain = *slot;
    *slot = n;
}

static void grow(struct ms_dns_index *x)
{
    ms_free(x->slots);
    x->size = x->size ? x->size * 2 : FIRST_SLOTS;
    x->slots = ms_alloc(x->size * sizeof(struct ms_dns_node *));
    for (struct ms_dns_node *n = x->oldest; n; n = n->newer)
        link_slot(x, n);
}

static void append(struct ms_dns_index *x, struct ms_dns_node *n)
{
    n->newer = NULL;
    n->older = x->newest;
    *(x->newest ? &x->newest->newer : &x->oldest) = n;
    x->newest = n;
}

static void unlink_age(struct ms_dns_index *x, struct ms_dns_node *n)
{
    *(n->older ? &n->older->newer : &x->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &x->newest) = n->older;
}

void ms_dns_index_add(struct ms_dns_index *x, struct ms_dns_node *n)
{
    if (x->count >= x->size)
        grow(x);
    x->count++;
    link_slot(x, n);
    append(x, n);
}

void ms_dns_index_remove(struct ms_dns_index *x, struct ms_dns_node *n)
{
    struct ms_dns_node **at = &x->slots[n->hash & (x->size - 1)];
    while (*at != n)
        at = &(*at)->chain;
    *at = n->chain;
    unlink_age(x, n);
    x->count--;
}

void ms_dns_index_touch(struct ms_dns_index *x, struct ms_dns_node *n)
{
    unlink_age(x, n);
    append(x, n);
}

void ms_dns_index_finish(struct ms_dns_index *x)
{
    for (struct ms_dns_node *n = x->oldest, *next; n; n = next) {
        next = n->newer;
        ms_free(n);
    }
    ms_free(x->slots);
    *x = (struct ms_dns_index){ 0 };
}
