/* tls/key_table.c - a hash table by id, whose entries lie one behind the other in blocks that never move.
 *
 * Layout   a head for each id with a chain of its secrets: the five lines of a TLS 1.3 connection share one. Heads and secrets are 4-byte
 *          aligned; a place is its distance in words, so a slot is 8 bytes and growing the table moves no secret.
 *
 * BUGS     The room of a secret that a longer one took over is lost: at most once for each length.                     */
#include "tls/key_table.h"

#include "base/hash.h"
#include "base/secret.h"

enum {
    BLOCK_BITS = 14, BLOCK_WORDS = 1 << BLOCK_BITS, BLOCK_BYTES = 4 * BLOCK_WORDS, BLOCKS_MAX = 1 << (32 - BLOCK_BITS),
    FIRST_SLOTS = 64,
};
#define LABEL_NONE MS_KEY_LABEL_COUNT /* of a secret that another one took over */

struct ms_key_slot { uint32_t tag, head; };                                /* head 0: free; the tag is the hash */
struct head { uint32_t first; uint8_t n, unused[3]; uint8_t id[]; };       /* first: of its secrets */
struct entry { uint32_t next; uint8_t label, n, room, brought; uint8_t secret[]; };

static void *at_place(const struct ms_key_table *t, uint32_t place)
{
    return t->blocks[place >> BLOCK_BITS] + (place & (BLOCK_WORDS - 1));
}

static void add_block(struct ms_key_table *t)
{
    if (t->block_count == t->block_size) {
        t->block_size = t->block_size ? 2 * t->block_size : 16;
        t->blocks = ms_resize(t->blocks, t->block_size * sizeof *t->blocks);
    }
    t->blocks[t->block_count++] = ms_secret_alloc(BLOCK_BYTES);
    t->used = t->block_count == 1; /* place 0 means none */
}

/* Room for n bytes; 0 when 16 GiB are full. */
static uint32_t new_place(struct ms_key_table *t, size_t n)
{
    uint32_t words = (uint32_t)(n + 3) / 4;
    if (t->block_count == 0 || BLOCK_WORDS - t->used < words) {
        if (t->block_count == BLOCKS_MAX)
            return 0;
        add_block(t);
    }
    t->used += words;
    return (uint32_t)(t->block_count - 1) << BLOCK_BITS | (t->used - words);
}

static struct ms_key_slot *find_slot(const struct ms_key_table *t, struct ms_bytes id, uint32_t tag)
{
    uint32_t mask = t->slot_count - 1, at = tag & mask;
    for (; t->slots[at].head; at = (at + 1) & mask) {
        if (t->slots[at].tag != tag)
            continue;
        const struct head *h = at_place(t, t->slots[at].head);
        if (h->n == id.n && memcmp(h->id, id.p, id.n) == 0)
            break;
    }
    return &t->slots[at];
}

/* At most half of the slots are taken, so a search is short. */
static void grow(struct ms_key_table *t)
{
    struct ms_key_slot *old = t->slots;
    uint32_t     n = t->slot_count;
    t->slot_count = n ? 2 * n : FIRST_SLOTS;
    t->slots = ms_alloc((size_t)t->slot_count * sizeof *t->slots);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = old[i].tag & (t->slot_count - 1);
        if (old[i].head == 0)
            continue;
        while (t->slots[at].head)
            at = (at + 1) & (t->slot_count - 1);
        t->slots[at] = old[i];
    }
    if (old)
        ms_secret_wipe(old, n * sizeof *old);
    ms_free(old);
}

static struct head *find_head(const struct ms_key_table *t, struct ms_bytes id)
{
    if (t->slot_count == 0 || id.n == 0 || id.n > MS_KEY_ID_BYTES)
        return NULL;
    const struct ms_key_slot *s = find_slot(t, id, (uint32_t)ms_hash(id));
    return s->head ? at_place(t, s->head) : NULL;
}

static struct head *make_head(struct ms_key_table *t, struct ms_bytes id)
{
    uint32_t tag = (uint32_t)ms_hash(id);
    if (t->head_count >= t->slot_count / 2)
        grow(t);
    struct ms_key_slot *s = find_slot(t, id, tag);
    if (s->head)
        return at_place(t, s->head);
    uint32_t place = new_place(t, sizeof(struct head) + id.n);
    if (place == 0)
        return NULL;
    struct head *h = at_place(t, place);
    h->n = (uint8_t)id.n;
    memcpy(h->id, id.p, id.n);
    *s = (struct ms_key_slot){ tag, place };
    t->head_count++;
    return h;
}

/* The place, of the link to it, of the secret that goes first; *known: this very one is there. Their number is returned. */
static unsigned oldest(const struct ms_key_table *t, struct head *h, const struct ms_key *key, uint32_t **link, bool *known)
{
    unsigned n = 0;
    bool     brought = false;
    *known = false;
    for (uint32_t *at = &h->first; *at;) {
        struct entry *e = at_place(t, *at);
        bool          same = e->label == key->label && e->n == key->n && memcmp(e->secret, key->secret, key->n) == 0;
        if (e->label == key->label && (same || e->brought || !brought)) {
            *link = at;
            brought = e->brought;
        }
        n += e->label == key->label;
        if (same) {
            *known = true;
            return n;
        }
        at = &e->next;
    }
    return n;
}

static void move_to_front(const struct ms_key_table *t, struct head *h, uint32_t *link)
{
    uint32_t      place = *link;
    struct entry *e = at_place(t, place);
    *link = e->next;
    e->next = h->first;
    h->first = place;
}

bool ms_key_table_replace(struct ms_key_table *t, const struct ms_key *key)
{
    struct head *h = find_head(t, (struct ms_bytes){ key->id, key->id_n });
    uint32_t    *link = NULL;
    bool         known;
    if (!h || (oldest(t, h, key, &link, &known) < MS_KEY_CANDIDATES && !known))
        return false;
    struct entry *e = at_place(t, *link);
    if (key->brought && !e->brought)
        return true;
    if (!known && key->n > e->room) {
        ms_secret_wipe(e->secret, e->n);
        e->label = LABEL_NONE;
        t->count--;
        return false;
    }
    e->n = key->n;
    e->brought = key->brought;
    memcpy(e->secret, key->secret, key->n);
    move_to_front(t, h, link);
    return true;
}

void ms_key_table_add(struct ms_key_table *t, const struct ms_key *key)
{
    struct head *h = make_head(t, (struct ms_bytes){ key->id, key->id_n });
    uint32_t     place = h ? new_place(t, sizeof(struct entry) + key->n) : 0;
    if (place == 0)
        return;
    struct entry *e = at_place(t, place);
    *e = (struct entry){ .next = h->first, .label = (uint8_t)key->label, .n = key->n, .room = key->n, .brought = key->brought };
    memcpy(e->secret, key->secret, key->n);
    h->first = place;
    t->count++;
}

struct ms_bytes ms_key_table_find(const struct ms_key_table *t, enum ms_keylog_label label, struct ms_bytes id, unsigned nth)
{
    const struct head *h = find_head(t, id);
    for (int brought = 0; h && brought < 2; brought++) {
        for (uint32_t at = h->first; at;) {
            const struct entry *e = at_place(t, at);
            if (e->label == label && e->brought == brought && nth-- == 0)
                return (struct ms_bytes){ e->secret, e->n };
            at = e->next;
        }
    }
    return (struct ms_bytes){ NULL, 0 };
}

static bool is_random(const struct ms_key_table *t, const struct head *h)
{
    for (uint32_t at = h->first; at;) {
        const struct entry *e = at_place(t, at);
        if (e->label < MS_KEY_RSA_PREMASTER)
            return true;
        at = e->next;
    }
    return false;
}

bool ms_key_table_knows(const struct ms_key_table *t, struct ms_bytes client_random)
{
    const struct head *h = find_head(t, client_random);
    return h && is_random(t, h);
}

size_t ms_key_table_randoms(const struct ms_key_table *t, const uint8_t **list)
{
    size_t n = 0;
    for (uint32_t i = 0; i < t->slot_count; i++) {
        const struct head *h = t->slots[i].head ? at_place(t, t->slots[i].head) : NULL;
        if (h && h->n == 32 && is_random(t, h))
            list[n++] = h->id;
    }
    return n;
}

void ms_key_table_finish(struct ms_key_table *t)
{
    for (size_t i = 0; i < t->block_count; i++)
        ms_secret_free(t->blocks[i], BLOCK_BYTES);
    ms_free(t->blocks);
    ms_free(t->slots);
    *t = (struct ms_key_table){ 0 };
}
