/* base/hash.c - multiply-and-fold hashing: 64 x 64 -> 128 bits, the halves xor-ed, with secret words on both factors.
 *
 * BUGS     not a cryptographic function: it keeps a sender who never sees hashes from choosing colliding keys, no more. */
#include "base/hash.h"

#include <sys/random.h>
#include <time.h>

enum { SECRETS = 8, FIRST_SLOTS = 16 };
static const uint32_t MOST_ENTRIES = 1u << 30; /* slots stay countable in 32 bits */

/* Written by ms_hash_init() only. The values here serve tests that never call it: fractional digits of sqrt(2), sqrt(3) ... */
static uint64_t secret[SECRETS] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

__extension__ typedef unsigned __int128 u128; /* both compilers have it, ISO C has not */

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    u128 product = (u128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

void ms_hash_init(void)
{
    uint64_t fresh[SECRETS];
    if (getrandom(fresh, sizeof fresh, 0) == (ssize_t)sizeof fresh) {
        memcpy(secret, fresh, sizeof secret);
        return;
    }
    struct timespec now = { 0 }; /* no random source: better than the same seed in every run */
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t h = (uint64_t)now.tv_nsec ^ (uint64_t)(uintptr_t)&now;
    for (int i = 0; i < SECRETS; i++)
        secret[i] ^= h = fold(h ^ secret[i], (uint64_t)now.tv_sec ^ secret[(i + 1) % SECRETS]);
}

static inline uint64_t word(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The last 1 to 16 bytes as two words; they overlap when there are fewer than 16. The length is hashed beside them. */
static inline void last_words(const uint8_t *p, size_t n, uint64_t *a, uint64_t *b)
{
    if (n >= 8) {
        *a = word(p);
        *b = word(p + n - 8);
        return;
    }
    uint8_t padded[8] = { 0 };
    memcpy(padded, p, n);
    *a = word(padded);
    *b = 0;
}

uint64_t ms_hash(struct ms_bytes b) { return ms_hash_after(secret[0], b); }

uint64_t ms_hash_after(uint64_t before, struct ms_bytes b)
{
    uint64_t       h = before, x = 0, y = 0;
    const uint8_t *p = b.p;
    size_t         n = b.n;
    for (; n > 16; p += 16, n -= 16)
        h = fold(word(p) ^ secret[1], word(p + 8) ^ h ^ secret[2]);
    if (n)
        last_words(p, n, &x, &y);
    h = fold(x ^ secret[3], y ^ h ^ secret[4]);
    return fold(h ^ secret[5], (uint64_t)b.n ^ secret[6]);
}

uint64_t ms_hash_words(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e)
{
    uint64_t front = fold(a ^ secret[0], b ^ secret[1]);
    uint64_t back = fold(c ^ secret[2], d ^ secret[3]);
    return fold(fold(front ^ e ^ secret[4], back ^ secret[5]) ^ secret[6], secret[7]);
}

/* The slot that holds key, or the free one where it belongs. The map has slots. */
static uint32_t find_slot(const struct ms_map *m, struct ms_bytes key, uint64_t hash)
{
    uint32_t mask = m->slot_count - 1, at = (uint32_t)hash & mask;
    for (; m->slots[at]; at = (at + 1) & mask) {
        const struct ms_map_entry *e = &m->entries[m->slots[at] - 1];
        if (e->hash == hash && ms_equal(e->key, key))
            break;
    }
    return at;
}

void *ms_map_get(const struct ms_map *m, struct ms_bytes key)
{
    if (m->count == 0)
        return NULL;
    uint32_t index = m->slots[find_slot(m, key, ms_hash(key))];
    return index ? m->entries[index - 1].value : NULL;
}

/* Half of the slots stay free, so a search is short. */
static void grow_slots(struct ms_map *m)
{
    ms_free(m->slots);
    m->slot_count = m->slot_count ? m->slot_count * 2 : FIRST_SLOTS;
    m->slots = ms_alloc(m->slot_count * sizeof *m->slots);
    uint32_t mask = m->slot_count - 1;
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t at = (uint32_t)m->entries[i].hash & mask;
        while (m->slots[at])
            at = (at + 1) & mask;
        m->slots[at] = i + 1;
    }
}

static bool is_full(const struct ms_map *m)
{
    return m->count >= MOST_ENTRIES || (m->cap && m->count >= m->cap);
}

void **ms_map_put(struct ms_map *m, struct ms_bytes key)
{
    uint64_t hash = ms_hash(key);
    uint32_t at = m->slot_count ? find_slot(m, key, hash) : 0;
    if (m->slot_count && m->slots[at])
        return &m->entries[m->slots[at] - 1].value;
    if (is_full(m)) {
        m->refused++;
        return NULL;
    }
    if (m->count >= m->slot_count / 2) {
        grow_slots(m);
        at = find_slot(m, key, hash);
    }
    if (m->count == m->size) {
        m->size = m->size ? m->size * 2 : FIRST_SLOTS / 2;
        m->entries = ms_resize(m->entries, m->size * sizeof *m->entries);
    }
    m->entries[m->count] = (struct ms_map_entry){ .key = ms_arena_keep(&m->arena, key), .hash = hash };
    m->slots[at] = ++m->count;
    return &m->entries[m->count - 1].value;
}

void ms_map_finish(struct ms_map *m)
{
    ms_free(m->entries);
    ms_free(m->slots);
    ms_arena_finish(&m->arena);
    *m = (struct ms_map){ .cap = m->cap };
}
