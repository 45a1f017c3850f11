/* net/aged.h - a hash table whose entries stand in order of their last use; the 64-bit seeded hash stands for the key. Entries begin with a
 * struct ms_aged_node and come from ms_alloc().                                                                     */
#pragma once
#include "base/arena.h"

struct ms_aged_node { uint64_t hash; struct ms_aged_node *chain, *older, *newer; };
struct ms_aged { struct ms_aged_node **slots, *oldest, *newest; uint32_t size, count; };
struct ms_aged_node *ms_aged_find(const struct ms_aged *x, uint64_t hash);
static inline void ms_aged_expect(const struct ms_aged *x, uint64_t hash) /* it will be looked for soon */
{
    if (x->size)
        __builtin_prefetch(&x->slots[hash & (x->size - 1)]);
}
void ms_aged_add(struct ms_aged *x, struct ms_aged_node *n);    /* as the newest; n->hash is set and absent */
void ms_aged_remove(struct ms_aged *x, struct ms_aged_node *n);
void ms_aged_touch(struct ms_aged *x, struct ms_aged_node *n);  /* it becomes the newest */
void ms_aged_finish(struct ms_aged *x);                         /* frees slots and nodes (ms_free) */
