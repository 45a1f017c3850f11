#include "frame/keep.h"

enum { BLOCK_BYTES = 65536, LARGE_BYTES = BLOCK_BYTES / 4, SPARES = 8, ALIGN = 16 };

struct ms_keep_block {
    struct ms_keep_block *next; /* spare ones */
    size_t used, size, live;
    _Alignas(ALIGN) uint8_t bytes[];
};

static struct ms_keep_block *block_of(size_t size)
{
    struct ms_keep_block *b = ms_resize(NULL, sizeof *b + size);
    *b = (struct ms_keep_block){ .size = size };
    return b;
}

static struct ms_keep_block *next_block(struct ms_keep *k)
{
    struct ms_keep_block *b = k->spare;
    if (!b)
        return block_of(BLOCK_BYTES);
    k->spare = b->next;
    k->spares--;
    return b;
}

void *ms_keep_take(struct ms_keep *k, size_t n, struct ms_keep_block **of)
{
    struct ms_keep_block *b = k->current;
    size_t                room = (n + ALIGN - 1) / ALIGN * ALIGN;
    if (room > LARGE_BYTES)
        b = block_of(room);
    else if (!b || b->size - b->used < room)
        b = k->current = next_block(k); /* the one before belongs to its pieces now */
    void *p = b->bytes + b->used;
    b->used += room;
    b->live++;
    *of = b;
    return p;
}

void ms_keep_give_back(struct ms_keep *k, struct ms_keep_block *b)
{
    if (!b || --b->live)
        return;
    b->used = 0;
    if (b == k->current)
        return;
    if (b->size != BLOCK_BYTES || k->spares == SPARES) {
        ms_free(b);
        return;
    }
    b->next = k->spare;
    k->spare = b;
    k->spares++;
}

void ms_keep_finish(struct ms_keep *k)
{
    while (k->spare) {
        struct ms_keep_block *b = k->spare;
        k->spare = b->next;
        ms_free(b);
    }
    ms_free(k->current);
    *k = (struct ms_keep){ 0 };
}
