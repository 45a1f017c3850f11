/* proto/imap/imap_known.c - what the server said of messages of the selected mailbox, for parts of them that are fetched later.
 *
 * Keys     the message's number, which holds until messages are expunged, and its UID where it was said.
 * Memory   fetch_known_bytes: one session takes an eighth of what the others have left. Half of that is filled, then what was
 *          said before the half that is full is dropped.                                                         */
#include "imap_private.h"

enum { SHARE = 8, KEY = 10 + IMAP_PATH };

static uint64_t bytes_of(const struct ms_map *m)
{
    return m->arena.total + m->size * sizeof *m->entries + m->slot_count * sizeof *m->slots;
}

/* By UID when `uid` is not 0, else by number. */
static struct ms_bytes key_of(uint8_t to[KEY], const struct imap *im, uint32_t seq, uint32_t uid, enum imap_fact_kind what, struct ms_bytes path)
{
    uint32_t number = uid ? uid : seq, epoch = uid ? 0 : im->expunged;
    to[0] = (uint8_t)what;
    to[1] = uid != 0;
    memcpy(to + 2, &number, sizeof number);
    memcpy(to + 6, &epoch, sizeof epoch);
    path = ms_head(path, IMAP_PATH);
    if (path.n)
        memcpy(to + 10, path.p, path.n);
    return (struct ms_bytes){ to, 10 + path.n };
}

/* What one half may take now. */
static uint64_t half(const struct imap_ctx *x)
{
    uint64_t own = x->im->known ? x->im->known->charged : 0, others = x->h->known - own, limit = x->h->limits->fetch_known_bytes;
    return others < limit ? (limit - others) / SHARE / 2 : 0;
}

static void charge(const struct imap_ctx *x)
{
    struct imap_known *k = x->im->known;
    uint64_t           now = bytes_of(&k->young) + bytes_of(&k->old);
    x->h->known += now - k->charged;
    k->charged = now;
}

static void make_room(const struct imap_ctx *x, uint64_t n)
{
    struct imap_known *k = x->im->known;
    if (bytes_of(&k->young) + n <= half(x))
        return;
    if (k->old.count)
        x->h->ops->limit(x->h, MS_LIMIT_fetch_known_bytes);
    ms_map_finish(&k->old);
    k->old = k->young;
    k->young = (struct ms_map){ 0 };
}

void imap_known_put(const struct imap_ctx *x, const struct imap_fetch *f, enum imap_fact_kind what, struct ms_bytes bytes)
{
    struct ms_bytes path = what == IMAP_KNOWN_MIME ? imap_fetch_path(f) : (struct ms_bytes){ NULL, 0 };
    uint64_t        n = bytes.n + sizeof(struct imap_fact) + 2 * (KEY + sizeof(struct ms_map_entry));
    uint8_t         key[KEY];
    if (n > half(x)) {
        x->h->ops->limit(x->h, MS_LIMIT_fetch_known_bytes);
        return;
    }
    if (!x->im->known)
        x->im->known = ms_alloc(sizeof *x->im->known);
    make_room(x, n);
    struct ms_map    *m = &x->im->known->young;
    struct imap_fact *fact = ms_arena_alloc(&m->arena, sizeof *fact);
    *fact = (struct imap_fact){ ms_arena_keep(&m->arena, bytes), x->frame };
    void **at = ms_map_put(m, key_of(key, x->im, f->seq, 0, what, path));
    if (at)
        *at = fact;
    at = f->uid ? ms_map_put(m, key_of(key, x->im, f->seq, f->uid, what, path)) : NULL;
    if (at)
        *at = fact;
    charge(x);
}

static const struct imap_fact *look(const struct imap_known *k, struct ms_bytes key)
{
    const struct imap_fact *fact = ms_map_get(&k->young, key);
    return fact ? fact : ms_map_get(&k->old, key);
}

const struct imap_fact *imap_known_get(const struct imap *im, uint32_t seq, uint32_t uid, enum imap_fact_kind what, struct ms_bytes path)
{
    const struct imap_fact *fact = NULL;
    uint8_t                 key[KEY];
    if (!im->known)
        return NULL;
    if (uid)
        fact = look(im->known, key_of(key, im, seq, uid, what, path));
    return fact ? fact : look(im->known, key_of(key, im, seq, 0, what, path));
}

void imap_known_forget(const struct imap_ctx *x)
{
    struct imap_known *k = x->im->known;
    if (!k)
        return;
    ms_map_finish(&k->young);
    ms_map_finish(&k->old);
    x->h->known -= k->charged;
    ms_free(k);
    x->im->known = NULL;
}
