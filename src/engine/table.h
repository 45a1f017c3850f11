/* engine/table.h - connections by address pair: open addressing, one cache line of probe, no allocation per packet.
 *
 * A slot holds the 64-bit seeded hash and a connection, or a mark that this pair is not mail, with the second in which it was last
 * seen. Equal hashes are taken as equal pairs for marks; for connections the caller compares the addresses.      */
#pragma once
#include "base/arena.h"

struct ms_conn;
struct ms_slot { uint64_t hash; uintptr_t value; }; /* value 0 empty; MS_SLOT_MARK: not mail, the second is in the rest */
enum { MS_SLOT_MARK = 1, MS_SLOT_FROZEN = 2 };     /* MS_SLOT_FROZEN: a packed connection (freeze.c) */
struct ms_table { struct ms_slot *slots; uint32_t size, used, sweep_at; };

static inline bool     ms_slot_is_mark(const struct ms_slot *s) { return s->value & MS_SLOT_MARK; }
static inline bool     ms_slot_is_frozen(const struct ms_slot *s) { return (s->value & (MS_SLOT_MARK | MS_SLOT_FROZEN)) == MS_SLOT_FROZEN; }
static inline uint32_t ms_slot_second(const struct ms_slot *s) { return (uint32_t)(s->value >> 1); }
static inline uintptr_t ms_mark_at(uint32_t second) { return (uintptr_t)second << 1 | MS_SLOT_MARK; }

static inline void ms_table_prefetch(const struct ms_table *t, uint64_t hash)
{
    __builtin_prefetch(&t->slots[hash & (t->size - 1)]);
}
/* The slot with this hash, or NULL. */
static inline struct ms_slot *ms_table_find(const struct ms_table *t, uint64_t hash)
{
    for (uint32_t i = (uint32_t)hash & (t->size - 1);; i = (i + 1) & (t->size - 1)) {
        if (t->slots[i].value == 0)
            return NULL;
        if (t->slots[i].hash == hash)
            return &t->slots[i];
    }
}
void            ms_table_init(struct ms_table *t);
void            ms_table_finish(struct ms_table *t);                          /* frees the slots, not the connections */
struct ms_slot *ms_table_add(struct ms_table *t, uint64_t hash);             /* hash must be absent; may move slots */
void            ms_table_remove(struct ms_table *t, struct ms_slot *s);      /* may move others */
