/* The outer calls of the MIME parser, and what parsers share.
 * BUGS: of more than MS_HASHED_MESSAGES messages attached inside each other the innermost ones have no digest of their own (their
 * parts have). Parts past the limit mime_parts are not looked into: nested parts of theirs are not counted. */
#include "mail/mime_private.h"

enum { POOL_OUTS = 128, KEPT_BUFFER = 16 * 1024 };

struct ms_mime_pool *ms_mime_pool_create(void)
{
    struct ms_mime_pool *pool = ms_alloc(sizeof *pool);
    ms_hasher_init(&pool->hasher);
    return pool;
}

struct ms_hasher *ms_mime_pool_hasher(struct ms_mime_pool *pool) { return &pool->hasher; }

static void parser_free(struct ms_mime *m)
{
    ms_mime_stream_free(&m->stream);
    ms_free(m->parts);
    ms_free(m);
}

static void md_free(struct ms_mime_pool *pool, struct ms_sha256 *md)
{
    ms_sha256_release(&pool->hasher, md);
    ms_free(md);
}

void ms_mime_pool_destroy(struct ms_mime_pool *pool)
{
    if (!pool)
        return;
    while (pool->md_n)
        md_free(pool, pool->md[--pool->md_n]);
    while (pool->room_n)
        ms_free(pool->rooms[--pool->room_n]);
    while (pool->parser_n)
        parser_free(pool->parsers[--pool->parser_n]);
    for (struct ms_mime_out *out = pool->outs, *next; out; out = next) {
        next = out->next;
        ms_free(out);
    }
    ms_hasher_finish(&pool->hasher);
    ms_free(pool);
}

static struct ms_sha256 *md_take(struct ms_mime_pool *pool)
{
    struct ms_sha256 *md = pool->md_n ? pool->md[--pool->md_n] : ms_alloc(sizeof *md);
    if (ms_sha256_start(&pool->hasher, md))
        return md;
    md_free(pool, md); /* no SHA-256 in this OpenSSL: nothing is hashed, and `hashed` says so */
    return NULL;
}

static void md_give(struct ms_mime_pool *pool, struct ms_sha256 *md)
{
    if (!md)
        return;
    ms_sha256_drop(&pool->hasher, md);
    if (pool->md_n < sizeof pool->md / sizeof *pool->md)
        pool->md[pool->md_n++] = md;
    else
        md_free(pool, md);
}

struct ms_mime_out *ms_mime_out_take(struct ms_mime_pool *pool, bool hash)
{
    struct ms_mime_out *out = pool->outs;
    if (out) {
        pool->outs = out->next;
        pool->out_n--;
    } else {
        out = ms_alloc(sizeof *out);
    }
    out->size = 0;
    out->first_n = 0;
    out->md = hash ? md_take(pool) : NULL;
    return out;
}

void ms_mime_out_give(struct ms_mime_pool *pool, struct ms_mime_out *out)
{
    md_give(pool, out->md);
    if (pool->out_n >= POOL_OUTS) {
        ms_free(out);
        return;
    }
    out->next = pool->outs;
    pool->outs = out;
    pool->out_n++;
}

uint8_t *ms_mime_room_take(struct ms_mime_pool *pool)
{
    return pool->room_n ? pool->rooms[--pool->room_n] : ms_alloc(MS_DECODE_ROOM);
}

void ms_mime_room_give(struct ms_mime_pool *pool, uint8_t *room)
{
    if (pool->room_n < sizeof pool->rooms / sizeof *pool->rooms)
        pool->rooms[pool->room_n++] = room;
    else
        ms_free(room);
}

struct ms_mime *ms_mime_create(struct ms_arena *arena, const struct ms_limits *limits, const struct ms_mime_options *options)
{
    struct ms_mime_pool *pool = options->pool ? options->pool : ms_mime_pool_create();
    struct ms_mime      *m = pool->parser_n ? pool->parsers[--pool->parser_n] : ms_alloc(sizeof *m);
    m->arena = arena;
    m->limits = limits;
    m->options = *options;
    m->pool = pool;
    m->own_pool = !options->pool;
    m->md = options->hash_message ? md_take(pool) : NULL;
    m->part_n = 0;
    m->dropped = m->size = m->missing = 0;
    m->odd = 0;
    m->header_parts = m->listed = m->next_listed = m->begun = 0;
    m->headers = (struct ms_headers){ .from = { NULL, 0 } };
    ms_mime_stream_start(&m->stream, m, 0, (struct ms_bytes){ NULL, 0 });
    return m;
}

void ms_mime_count(struct ms_mime *m, struct ms_bytes bytes)
{
    m->size += bytes.n;
    if (m->md && bytes.n)
        ms_sha256_update(&m->pool->hasher, m->md, bytes);
}

void ms_mime_push(struct ms_mime *m, struct ms_bytes bytes)
{
    if (bytes.n == 0)
        return;
    ms_mime_count(m, bytes);
    ms_mime_stream_push(&m->stream, bytes);
}

void ms_mime_gap(struct ms_mime *m, uint64_t missing)
{
    m->missing += missing;
    m->odd |= MS_MIME_GAP;
    ms_mime_stream_gap(&m->stream);
}

static void give_back(struct ms_mime *m)
{
    struct ms_mime_pool *pool = m->pool;
    bool own = m->own_pool;
    md_give(pool, m->md);
    m->md = NULL;
    if (m->stream.head.size + m->stream.carry.size + m->stream.boundaries.size > KEPT_BUFFER)
        ms_mime_stream_free(&m->stream);
    if (pool->parser_n < sizeof pool->parsers / sizeof *pool->parsers)
        pool->parsers[pool->parser_n++] = m;
    else
        parser_free(m);
    if (own)
        ms_mime_pool_destroy(pool);
}

void ms_mime_finish(struct ms_mime *m, struct ms_message *out)
{
    ms_mime_stream_finish(&m->stream);
    ms_mime_sections_end(m);
    struct ms_bytes parts = ms_arena_keep(m->arena, (struct ms_bytes){ (const uint8_t *)m->parts, m->part_n * sizeof *m->parts });
    out->headers = m->headers;
    out->parts = (struct ms_part *)(uintptr_t)parts.p;
    out->part_count = m->part_n;
    out->parts_dropped = m->dropped;
    out->size = m->size;
    out->missing = m->missing;
    out->hashed = m->md && ms_sha256_final(&m->pool->hasher, m->md, out->sha256);
    out->odd = m->odd;
    give_back(m);
}
