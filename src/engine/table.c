#include "engine/table.h"

enum { FIRST_SIZE = 4096, LARGE_SIZE = 65536 };

/* Half full while that is cheap; a large table is filled up to 13/16, memory before probes. */
static uint32_t most(uint32_t size) { return size < LARGE_SIZE ? size / 2 : size / 16 * 13; }

void ms_table_init(struct ms_table *t)
{
    *t = (struct ms_table){ .slots = ms_alloc(FIRST_SIZE * sizeof *t->slots), .size = FIRST_SIZE };
}

void ms_table_finish(struct ms_table *t)
{
    ms_free(t->slots);
    *t = (struct ms_table){ 0 };
}

static struct ms_slot *place(struct ms_table *t, uint64_t hash)
{
    uint32_t i = (uint32_t)hash & (t->size - 1);
    while (t->slots[i].value)
        i = (i + 1) & (t->size - 1);
    t->slots[i].hash = hash;
    return &t->slots[i];
}

static void grow(struct ms_table *t)
{
    struct ms_slot *old = t->slots;
    uint32_t        old_size = t->size;
    t->size *= 2;
    t->slots = ms_alloc(t->size * sizeof *t->slots);
    for (uint32_t i = 0; i < old_size; i++)
        if (old[i].value)
            place(t, old[i].hash)->value = old[i].value;
    ms_free(old);
}

struct ms_slot *ms_table_add(struct ms_table *t, uint64_t hash)
{
    if (t->used >= most(t->size))
        grow(t);
    t->used++;
    return place(t, hash);
}

void ms_table_remove(struct ms_table *t, struct ms_slot *s)
{
    uint32_t mask = t->size - 1, hole = (uint32_t)(s - t->slots);
    t->used--;
    for (uint32_t i = (hole + 1) & mask; t->slots[i].value; i = (i + 1) & mask) {
        uint32_t home = (uint32_t)t->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) { /* its way led over the hole */
            t->slots[hole] = t->slots[i];
            hole = i;
        }
    }
    t->slots[hole] = (struct ms_slot){ 0 };
}
