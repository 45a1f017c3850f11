/* base/hash.h - a seeded hash (wire data chooses keys, so the seed is random for each run) and a map from byte
 * strings to pointers with a cap on its entries.
 * Threads  the seed is set once by ms_hash_init(); a map belongs to one thread.                             */
#pragma once
#include "base/arena.h"

void     ms_hash_init(void);                       /* takes the seed from getrandom(); call once at start */
uint64_t ms_hash(struct ms_bytes b);               /* 64 bits, seeded, strong enough against chosen keys */
uint64_t ms_hash_after(uint64_t before, struct ms_bytes b); /* of a sequence: `before` is the hash of what stands in front of b */
uint64_t ms_hash_words(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e); /* for fixed-size keys */

/* Keys and values live until ms_map_finish(). Iteration goes in order of insertion: output never depends on the
 * seed. Zeroed is empty with no cap; set `cap` to bound the number of entries.                               */
struct ms_map_entry { struct ms_bytes key; void *value; uint64_t hash; };
struct ms_map {
    struct ms_map_entry *entries; uint32_t *slots;
    uint32_t count, size, slot_count, cap;
    uint64_t refused;           /* insertions that the cap stopped */
    struct ms_arena arena;      /* keys; callers may put their values there too */
};
void *ms_map_get(const struct ms_map *m, struct ms_bytes key);
/* The place of the value for key, made (holding NULL) when absent; NULL when the cap stops it. Valid until the next call. */
void **ms_map_put(struct ms_map *m, struct ms_bytes key);
void  ms_map_finish(struct ms_map *m);
