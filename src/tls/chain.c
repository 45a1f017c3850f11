/* The certificates that a server sends, and how they hang together; chains read lately are remembered. */
#include "tls/certificate_private.h"
#include "tls/digest.h"

#include <openssl/err.h>

enum { CACHE_SLOTS = 128, CACHED_DER_BYTES = 8192, CACHED_CERTIFICATES = 16, VERIFIES = 24 /* for one chain: a server may send ten that all seem to fit */,
       CHAIN_BYTES = 65536, SHARE = 8 /* of the room that is left, one part of so many for one chain */ };

struct chain {
    struct ms_certificate *certificates;
    uint32_t               count, dropped, flags; /* flags: enum ms_tls_flag */
};

struct reading { /* a chain under work */
    struct chain *chain;
    X509         *x[MS_TLS_CERTIFICATES];
    unsigned      verified; /* how many times */
};

/* Is `above` the one that issued `i`? By name, and by its signature where that can be checked. */
static enum ms_signed issued(struct reading *r, uint32_t i, uint32_t above)
{
    if (X509_NAME_cmp(X509_get_issuer_name(r->x[i]), X509_get_subject_name(r->x[above])) != 0)
        return MS_SIGNED_NO;
    if (r->verified >= VERIFIES)
        return MS_SIGNED_UNKNOWN;
    r->verified++;
    enum ms_signed got = ms_certificate_signed(r->x[i], r->x[above]);
    if (got == MS_SIGNED_YES)
        r->chain->certificates[i].flags |= MS_CERT_VERIFIED;
    return got;
}

/* Is each signed by the one behind it? Malformed ones are passed over: they have a flag of their own. */
static bool neighbours_fit(struct reading *r)
{
    bool fit = true;
    for (uint32_t i = 0; i + 1 < r->chain->count; i++)
        if (r->x[i] && r->x[i + 1] && issued(r, i, i + 1) == MS_SIGNED_NO)
            fit = false;
    return fit;
}

static uint32_t without_doubles(const struct reading *r) /* bit i: certificate i counts */
{
    uint32_t                     left = 0;
    const struct ms_certificate *c = r->chain->certificates;
    for (uint32_t i = 0; i < r->chain->count; i++) {
        bool seen = r->x[i] == NULL;
        for (uint32_t k = 0; k < i && !seen; k++)
            seen = memcmp(c[i].sha256, c[k].sha256, sizeof c[i].sha256) == 0;
        left |= seen ? 0 : 1u << i;
    }
    return left;
}

/* Can they be put in order, from the first one on, so that each is signed by the next? The same certificate twice counts once. */
static bool sorted_fit(struct reading *r)
{
    uint32_t left = without_doubles(r) & ~1u, at = 0;
    while (left && r->x[at]) {
        uint32_t next = 0;
        while (next < r->chain->count && !((left >> next & 1) && issued(r, at, next) != MS_SIGNED_NO))
            next++;
        if (next == r->chain->count)
            return false;
        left &= ~(1u << next);
        at = next;
    }
    return left == 0;
}

static size_t whole_words(size_t n) { return (n + 7) / 8 * 8; }

/* What a copy takes. */
static size_t certificate_size(const struct ms_certificate *c)
{
    size_t n = sizeof *c + whole_words(c->subject.n) + whole_words(c->issuer.n) + whole_words(c->common_name.n) + whole_words(c->serial.n) +
               whole_words(c->key.n) + whole_words(c->signature.n) + c->name_count * sizeof *c->names;
    for (uint32_t i = 0; i < c->name_count; i++)
        n += whole_words(c->names[i].n);
    return n;
}

static size_t chain_size(const struct chain *chain)
{
    size_t n = 0;
    for (uint32_t i = 0; i < chain->count; i++)
        n += certificate_size(&chain->certificates[i]);
    return n;
}

static void drop_the_last(struct chain *chain)
{
    chain->count--;
    chain->dropped++;
}

static void read_chain(struct chain *chain, struct ms_arena *arena, const struct ms_bytes *der, size_t count)
{
    struct reading r = { .chain = chain };
    *chain = (struct chain){ 0 };
    if (count == 0)
        return;
    chain->count = count < MS_TLS_CERTIFICATES ? (uint32_t)count : MS_TLS_CERTIFICATES;
    chain->dropped = (uint32_t)(count - chain->count);
    chain->certificates = ms_arena_alloc(arena, chain->count * sizeof *chain->certificates);
    for (uint32_t i = 0; i < chain->count; i++)
        r.x[i] = ms_certificate_open(&chain->certificates[i], arena, der[i]);
    if (!neighbours_fit(&r))
        chain->flags |= sorted_fit(&r) ? MS_TLS_CHAIN_ORDER : MS_TLS_CHAIN_BROKEN;
    for (uint32_t i = 0; i < chain->count; i++)
        X509_free(r.x[i]);
    ERR_clear_error();
    while (chain->count > 1 && chain_size(chain) > CHAIN_BYTES)
        drop_the_last(chain);
}

static void put_chain(struct ms_tls_info *info, const struct chain *chain)
{
    info->certificates = chain->certificates;
    info->certificate_count = chain->count;
    info->certificates_dropped = chain->dropped;
    info->flags = (info->flags & ~(uint32_t)(MS_TLS_CHAIN_BROKEN | MS_TLS_CHAIN_ORDER)) | chain->flags;
}

void ms_certificates_read(struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der, size_t count)
{
    struct chain chain;
    read_chain(&chain, arena, der, count);
    put_chain(info, &chain);
}

struct slot { uint64_t asked; uint8_t key[32]; struct ms_arena arena; struct chain chain; }; /* asked: when last; 0 empty */
struct ms_certificate_cache { uint64_t now, most, kept, refused; struct slot slots[CACHE_SLOTS]; };

struct ms_certificate_cache *ms_certificate_cache_create(uint64_t most)
{
    struct ms_certificate_cache *c = ms_alloc(sizeof *c);
    c->most = most;
    return c;
}

void ms_certificate_cache_destroy(struct ms_certificate_cache *c)
{
    for (size_t i = 0; c && i < CACHE_SLOTS; i++)
        ms_arena_finish(&c->slots[i].arena);
    ms_free(c);
}

uint64_t ms_certificate_cache_kept(const struct ms_certificate_cache *c) { return c->kept; }
uint64_t ms_certificate_cache_refused(const struct ms_certificate_cache *c) { return c->refused; }
void     ms_certificate_cache_give_back(struct ms_certificate_cache *c, uint64_t bytes) { c->kept -= bytes; }

static bool take_room(struct ms_certificate_cache *c, size_t n)
{
    if (n > (c->most - c->kept) / SHARE) {
        c->refused++;
        return false;
    }
    c->kept += n;
    return true;
}

static size_t whole_length(const struct ms_bytes *der, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += der[i].n;
    return n;
}

/* SHA-256 of the certificates, each behind its length. False: they are too many. */
static bool chain_key(const struct ms_bytes *der, size_t count, uint8_t key[32])
{
    struct ms_bytes pieces[2 * CACHED_CERTIFICATES];
    if (count > CACHED_CERTIFICATES)
        return false;
    for (size_t i = 0; i < count; i++) {
        pieces[2 * i] = (struct ms_bytes){ (const uint8_t *)&der[i].n, sizeof der[i].n };
        pieces[2 * i + 1] = der[i];
    }
    return ms_tls_digest("SHA256", pieces, 2 * count, key);
}

static void copy_certificate(struct ms_certificate *c, struct ms_arena *arena)
{
    struct ms_bytes *texts[] = { &c->subject, &c->issuer, &c->common_name, &c->serial, &c->key, &c->signature };
    const struct ms_bytes *names = c->names;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        *texts[i] = ms_arena_keep(arena, *texts[i]);
    if (c->name_count)
        c->names = ms_arena_alloc(arena, c->name_count * sizeof *c->names);
    for (uint32_t i = 0; i < c->name_count; i++)
        c->names[i] = ms_arena_keep(arena, names[i]);
}

static struct chain copy_chain(const struct chain *from, struct ms_arena *arena)
{
    struct chain to = *from;
    to.certificates = ms_arena_alloc(arena, to.count * sizeof *to.certificates);
    memcpy(to.certificates, from->certificates, to.count * sizeof *to.certificates);
    for (uint32_t i = 0; i < to.count; i++)
        copy_certificate(&to.certificates[i], arena);
    return to;
}

/* A chain has two places. The one that holds it; else the one that was not asked for longer. */
static struct slot *find_slot(struct ms_certificate_cache *c, const uint8_t key[32])
{
    struct slot *a = &c->slots[key[0] % CACHE_SLOTS], *b = &c->slots[key[1] % CACHE_SLOTS];
    if (a->asked && memcmp(a->key, key, sizeof a->key) == 0)
        return a;
    if (b->asked && memcmp(b->key, key, sizeof b->key) == 0)
        return b;
    return a->asked <= b->asked ? a : b;
}

/* A copy for a session, if there is room. */
static void keep_chain(struct ms_certificate_cache *c, const struct chain *chain, struct ms_arena *arena, struct ms_tls_info *info)
{
    struct chain own = *chain;
    if (take_room(c, chain_size(chain))) {
        own = copy_chain(chain, arena);
    } else {
        own.certificates = NULL;
        own.dropped += own.count;
        own.count = 0;
    }
    put_chain(info, &own);
}

static void read_apart(struct ms_certificate_cache *c, struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der, size_t count)
{
    struct ms_arena scratch = { 0 };
    struct chain    chain;
    read_chain(&chain, &scratch, der, count);
    keep_chain(c, &chain, arena, info);
    ms_arena_finish(&scratch);
}

void ms_certificates_read_cached(struct ms_certificate_cache *c, struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der,
                                 size_t count)
{
    uint8_t key[32];
    if (!c || count == 0) {
        ms_certificates_read(info, arena, der, count);
        return;
    }
    if (whole_length(der, count) > CACHED_DER_BYTES || !chain_key(der, count, key)) {
        read_apart(c, info, arena, der, count);
        return;
    }
    struct slot *s = find_slot(c, key);
    if (!s->asked || memcmp(s->key, key, sizeof key) != 0) {
        ms_arena_finish(&s->arena);
        read_chain(&s->chain, &s->arena, der, count);
        memcpy(s->key, key, sizeof key);
    }
    s->asked = ++c->now;
    keep_chain(c, &s->chain, arena, info);
}

struct ms_certificate *ms_certificate_read_cached(struct ms_certificate_cache *c, struct ms_arena *arena, struct ms_bytes der)
{
    struct ms_arena scratch = { 0 };
    if (!c)
        return ms_certificate_read(arena, der);
    struct ms_certificate *read = ms_certificate_read(&scratch, der), *own = NULL;
    if (take_room(c, certificate_size(read))) {
        own = ms_arena_alloc(arena, sizeof *own);
        *own = *read;
        copy_certificate(own, arena);
    }
    ms_arena_finish(&scratch);
    return own;
}
