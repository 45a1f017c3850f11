/* net/aged.c - a hash table in order of use: chained, grown by doubling, oldest and newest at hand. */
#include "net/aged.h"

enum { FIRST_SLOTS = 64 };

struct ms_aged_node *ms_aged_find(const struct ms_aged *x, uint64_t hash)
{
    if (x->count == 0)
        return NULL;
    struct ms_aged_node *n = x->slots[hash & (x->size - 1)];
    while (n && n->hash != hash)
        n = n->chain;
    return n;
}

static void link_slot(struct ms_aged *x, struct ms_aged_node *n)
{
    struct ms_aged_node **slot = &x->slots[n->hash & (x->size - 1)];
    n->chain = *slot;
    *slot = n;
}

static void grow(struct ms_aged *x)
{
    ms_free(x->slots);
    x->size = x->size ? x->size * 2 : FIRST_SLOTS;
    x->slots = ms_alloc(x->size * sizeof(struct ms_aged_node *));
    for (struct ms_aged_node *n = x->oldest; n; n = n->newer)
        link_slot(x, n);
}

static void append(struct ms_aged *x, struct ms_aged_node *n)
{
    n->newer = NULL;
    n->older = x->newest;
    *(x->newest ? &x->newest->newer : &x->oldest) = n;
    x->newest = n;
}

static void unlink_age(struct ms_aged *x, struct ms_aged_node *n)
{
    *(n->older ? &n->older->newer : &x->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &x->newest) = n->older;
}

void ms_aged_add(struct ms_aged *x, struct ms_aged_node *n)
{
    if (x->count >= x->size)
        grow(x);
    x->count++;
    link_slot(x, n);
    append(x, n);
}

void ms_aged_remove(struct ms_aged *x, struct ms_aged_node *n)
{
    struct ms_aged_node **at = &x->slots[n->hash & (x->size - 1)];
    while (*at != n)
        at = &(*at)->chain;
    *at = n->chain;
    unlink_age(x, n);
    x->count--;
}

void ms_aged_touch(struct ms_aged *x, struct ms_aged_node *n)
{
    if (x->newest == n)
        return;
    unlink_age(x, n);
    append(x, n);
}

void ms_aged_finish(struct ms_aged *x)
{
    for (struct ms_aged_node *n = x->oldest, *next; n; n = next) {
        next = n->newer;
        ms_free(n);
    }
    ms_free(x->slots);
    *x = (struct ms_aged){ 0 };
}
