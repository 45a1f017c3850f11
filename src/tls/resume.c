#include "tls/resume.h"

#include "base/arena.h"
#include "base/secret.h"
#include "tls/digest.h"

enum { KEY = 32, MASTER = 48, BLOCK = 64 };
static const uint64_t MOST = 1u << 24;

struct entry { uint8_t key[KEY], master[MASTER]; };

struct ms_tls_resume {
    struct entry **blocks;   /* of BLOCK entries, made when needed; entry i is blocks[i / BLOCK][i % BLOCK] */
    uint32_t      *next;     /* of each entry: the one behind it in its bucket, + 1 */
    uint32_t      *buckets;  /* first entry + 1 */
    uint32_t       most, mask, count, oldest;
};

struct ms_tls_resume *ms_tls_resume_create(uint64_t most)
{
    struct ms_tls_resume *r = ms_alloc(sizeof *r);
    r->most = (uint32_t)(most < 1 ? 1 : most > MOST ? MOST : most);
    return r;
}

static uint32_t block_count(const struct ms_tls_resume *r) { return (r->most + BLOCK - 1) / BLOCK; }

void ms_tls_resume_destroy(struct ms_tls_resume *r)
{
    if (!r)
        return;
    for (uint32_t i = 0; r->blocks && i < block_count(r); i++)
        ms_secret_free(r->blocks[i], BLOCK * sizeof(struct entry));
    ms_free(r->blocks);
    ms_free(r->next);
    ms_free(r->buckets);
    ms_free(r);
}

static struct entry *entry_at(const struct ms_tls_resume *r, uint32_t i) { return &r->blocks[i / BLOCK][i % BLOCK]; }

/* The hash is one already: its first bytes choose the bucket. */
static uint32_t bucket_of(const struct ms_tls_resume *r, const uint8_t key[KEY]) { return ms_le32(key) & r->mask; }

static bool make_key(enum ms_tls_resume_by by, struct ms_bytes id, uint8_t key[KEY])
{
    uint8_t         kind = (uint8_t)by;
    struct ms_bytes pieces[2] = { { &kind, 1 }, id };
    return id.n > 0 && ms_tls_digest("SHA256", pieces, 2, key);
}

static struct entry *find(const struct ms_tls_resume *r, const uint8_t key[KEY])
{
    if (!r->count)
        return NULL;
    for (uint32_t i = r->buckets[bucket_of(r, key)]; i; i = r->next[i - 1])
        if (memcmp(entry_at(r, i - 1)->key, key, KEY) == 0)
            return entry_at(r, i - 1);
    return NULL;
}

static void make_tables(struct ms_tls_resume *r)
{
    uint32_t buckets = 16;
    while (buckets < r->most)
        buckets *= 2;
    r->mask = buckets - 1;
    r->buckets = ms_alloc(buckets * sizeof *r->buckets);
    r->next = ms_alloc(r->most * sizeof *r->next);
    r->blocks = ms_alloc(block_count(r) * sizeof(struct entry *));
}

static void unlink_entry(struct ms_tls_resume *r, uint32_t i)
{
    uint32_t *place = &r->buckets[bucket_of(r, entry_at(r, i)->key)];
    while (*place != i + 1)
        place = &r->next[*place - 1];
    *place = r->next[i];
}

bool ms_tls_resume_put(struct ms_tls_resume *r, enum ms_tls_resume_by by, struct ms_bytes id, const uint8_t master[48])
{
    uint8_t key[KEY];
    if (!make_key(by, id, key))
        return true;
    struct entry *e = find(r, key);
    if (e) {
        memcpy(e->master, master, MASTER);
        return true;
    }
    if (!r->blocks)
        make_tables(r);
    bool     full = r->count == r->most;
    uint32_t i = full ? r->oldest : r->count++;
    if (full) {
        unlink_entry(r, i);
        r->oldest = (r->oldest + 1) % r->most;
    } else if (!r->blocks[i / BLOCK])
        r->blocks[i / BLOCK] = ms_secret_alloc(BLOCK * sizeof(struct entry));
    e = entry_at(r, i);
    memcpy(e->key, key, KEY);
    memcpy(e->master, master, MASTER);
    r->next[i] = r->buckets[bucket_of(r, key)];
    r->buckets[bucket_of(r, key)] = i + 1;
    return !full;
}

bool ms_tls_resume_get(const struct ms_tls_resume *r, enum ms_tls_resume_by by, struct ms_bytes id, uint8_t master[48])
{
    uint8_t             key[KEY];
    const struct entry *e = make_key(by, id, key) ? find(r, key) : NULL;
    if (e)
        memcpy(master, e->master, MASTER);
    return e;
}
