/* tls/inflate.c - one direction of COMPRESS=DEFLATE: zlib does the work, this file decides what is handed on.
 *
 * Units    the bytes up to and with a mark 00 00 FF FF, which every flush leaves, are a unit; it begins at a byte and at a block border. What was
 *          lost or cannot be read ends there at the latest.
 * Search   after a loss a unit is tried with an empty window and held: when it can be read to its mark without looking back beyond its begin,
 *          it is plain text, whether the flush was a full one or the text just repeats nothing. So it goes on, unit by unit, until 32 KiB have
 *          come out and nothing can look back too far. A unit that does is dropped, and the next one tried anew.
 * Cuts     the same bytes come out however the input is cut: errors and limits are looked at where they do not depend on it.
 *
 * BUGS     What was not read, because it was lost or dropped, is announced as a gap of unknown length, once.                  */
#include "tls/inflate.h"

#include "base/arena.h"

#define ZLIB_CONST
#include <zlib.h>

enum {
    PIECE = 16 * 1024,
    WINDOW = 32 * 1024,
    FREE_OUTPUT = 1 << 20,   /* before the ratio counts */
    MOST_EACH = 1032,        /* output of one byte of deflate: four matches of 258 bytes */
    BEGUN_BYTES = 8,         /* and of what was begun before it: less than of so many */
    MARK_BYTES = 4,
};

enum state {
    READING,
    TRYING,     /* from a mark on: each unit is held until it has proved itself */
    LOST,       /* until the next mark */
    ENDED,      /* the stream said that it ends */
    GIVEN_UP,
};

struct ms_inflate {
    z_stream         stream;
    enum state       state;
    bool             damaged, missing, told; /* bytes were missing; a gap is the last thing that was said */
    uint32_t         last;            /* the last four bytes of input */
    uint64_t         in, out, handed; /* bytes: of input; that came out; of these handed on */
    uint64_t         out_at_mark;     /* `out` where TRYING began */
    uint64_t         ratio;
    struct ms_buffer held;            /* TRYING */
    struct ms_inflate_pool *pool;     /* NULL: it does not unpack any more */
    struct ms_inflate      *older, *newer;
    void           (*limit)(void *ctx, enum ms_limit which);
    void            *ctx;
};

struct input { const struct ms_chunk *chunk; const struct ms_stream_sink *sink; };

static void *take_memory(void *opaque, unsigned n, unsigned size)
{
    (void)opaque;
    return ms_alloc((size_t)n * size);
}

static void give_memory(void *opaque, void *p)
{
    (void)opaque;
    ms_free(p);
}

static void join_newest(struct ms_inflate *z)
{
    struct ms_inflate_pool *p = z->pool;
    z->newer = NULL;
    z->older = p->newest;
    *(p->newest ? &p->newest->newer : &p->oldest) = z;
    p->newest = z;
}

static void leave_order(struct ms_inflate *z)
{
    *(z->older ? &z->older->newer : &z->pool->oldest) = z->newer;
    *(z->newer ? &z->newer->older : &z->pool->newest) = z->older;
}

/* Its memory for unpacking is given back. */
static void release(struct ms_inflate *z)
{
    if (!z->pool)
        return;
    leave_order(z);
    z->pool->count--;
    z->pool = NULL;
    inflateEnd(&z->stream);
    ms_buffer_finish(&z->held);
}

/* The next bytes that come say that something is missing. */
static void give_up(struct ms_inflate *z)
{
    release(z);
    z->state = GIVEN_UP;
    z->damaged = true;
    z->told = false;
}

static void make_room(struct ms_inflate_pool *pool, uint64_t most, struct ms_inflate *z)
{
    while (pool->oldest && pool->count >= most) {
        if (z->limit)
            z->limit(z->ctx, MS_LIMIT_inflate_streams);
        give_up(pool->oldest);
    }
}

struct ms_inflate *ms_inflate_create(struct ms_inflate_pool *pool, const struct ms_limits *limits, void (*limit)(void *ctx, enum ms_limit which),
                                     void *ctx)
{
    struct ms_inflate *z = ms_alloc(sizeof *z);
    z->ratio = limits->inflate_ratio;
    z->limit = limit;
    z->ctx = ctx;
    z->last = UINT32_MAX;
    z->stream.zalloc = take_memory;
    z->stream.zfree = give_memory;
    make_room(pool, limits->inflate_streams, z);
    z->pool = pool;
    pool->count++;
    join_newest(z);
    if (inflateInit2(&z->stream, -MAX_WBITS) != Z_OK) { /* only a library of another version refuses */
        z->state = GIVEN_UP;
        z->damaged = true;
    }
    return z;
}

void ms_inflate_destroy(struct ms_inflate *z)
{
    if (!z)
        return;
    release(z);
    ms_free(z);
}

bool ms_inflate_damaged(const struct ms_inflate *z) { return z->damaged; }

/* ---- what comes out ---------------------------------------------------------------------------------------------- */

static void hand_on(struct ms_inflate *z, struct ms_bytes bytes, const struct input *from)
{
    struct ms_chunk c = *from->chunk;
    if (bytes.n == 0)
        return;
    c.bytes = bytes;
    c.offset = z->handed;
    z->handed += bytes.n;
    z->told = false;
    from->sink->data(from->sink->ctx, &c);
}

/* What was tried is plain text. */
static void accept_held(struct ms_inflate *z, const struct input *from)
{
    for (struct ms_bytes all = ms_buffer_bytes(&z->held); all.n; all = ms_tail(all, PIECE))
        hand_on(z, ms_head(all, PIECE), from);
    z->held.n = 0;
    if (z->out - z->out_at_mark < WINDOW)
        return;
    ms_buffer_finish(&z->held);
    z->state = READING;
}

static void came_out(struct ms_inflate *z, struct ms_bytes bytes, const struct input *from)
{
    z->out += bytes.n;
    if (z->state != TRYING) {
        hand_on(z, bytes, from);
        return;
    }
    ms_buffer_append(&z->held, bytes);
    if (z->out - z->out_at_mark >= WINDOW)
        accept_held(z, from);
}

static void lose(struct ms_inflate *z, const struct input *from, enum state next)
{
    z->state = next;
    z->held.n = 0;
    if (!z->told)
        from->sink->gap(from->sink->ctx, from->chunk->dir, 0, from->chunk->frame, from->chunk->time);
    z->told = true;
}

static void damage(struct ms_inflate *z, const struct input *from)
{
    z->damaged |= !z->missing; /* after a loss, what cannot be read is no wonder */
    lose(z, from, LOST);
}

/* ---- what goes in ------------------------------------------------------------------------------------------------ */

/* The stream says that it ends: nobody should say more. */
static void end(struct ms_inflate *z, const struct input *from)
{
    if (z->state == TRYING)
        accept_held(z, from);
    z->state = ENDED;
    if (z->stream.avail_in)
        damage(z, from);
}

static void inflate_some(struct ms_inflate *z, struct ms_bytes in, const struct input *from)
{
    uint8_t piece[PIECE];
    z->stream.next_in = in.p;
    z->stream.avail_in = (unsigned)in.n;
    do {
        z->stream.next_out = piece;
        z->stream.avail_out = PIECE;
        int answer = inflate(&z->stream, Z_NO_FLUSH);
        came_out(z, (struct ms_bytes){ piece, PIECE - z->stream.avail_out }, from);
        if (answer == Z_STREAM_END) {
            end(z, from);
            return;
        }
        if (answer != Z_OK && answer != Z_BUF_ERROR) {
            damage(z, from);
            return;
        }
    } while (z->stream.avail_out == 0);
}

static uint64_t allowed(const struct ms_inflate *z)
{
    uint64_t most;
    return __builtin_mul_overflow(z->in, z->ratio, &most) || most > UINT64_MAX - FREE_OUTPUT ? UINT64_MAX : most + FREE_OUTPUT;
}

/* Bytes of one unit: as many at once as cannot reach the limit, or else one by one. */
static void inflate_unit(struct ms_inflate *z, struct ms_bytes in, const struct input *from)
{
    if (in.n && z->state == ENDED)
        damage(z, from);
    while (in.n && (z->state == READING || z->state == TRYING)) {
        uint64_t        safe = (allowed(z) - z->out) / MOST_EACH;
        struct ms_bytes some = ms_head(in, safe > BEGUN_BYTES ? safe - BEGUN_BYTES : 1);
        z->in += some.n;
        in = ms_tail(in, some.n);
        inflate_some(z, some, from);
        if (in.n && z->state == ENDED)
            damage(z, from);
        if (z->out <= allowed(z))
            continue;
        z->damaged = true;
        if (z->limit)
            z->limit(z->ctx, MS_LIMIT_inflate_ratio);
        lose(z, from, GIVEN_UP);
        release(z);
    }
    z->in += in.n;
}

/* The number of bytes up to and with the first mark that ends in b; b.n and false when there is none. */
static bool find_mark(uint32_t last, struct ms_bytes b, size_t *end)
{
    for (size_t i = 0; i < b.n; i++) {
        const uint8_t *hit = i < MARK_BYTES ? b.p + i : memchr(b.p + i, 0xff, b.n - i);
        if (!hit)
            break;
        i = (size_t)(hit - b.p);
        if (i < MARK_BYTES)
            last = last << 8 | *hit;
        else
            last = ms_be32(hit - 3);
        *end = i + 1;
        if (last == 0x0000ffff)
            return true;
    }
    *end = b.n;
    return false;
}

static void remember_last(struct ms_inflate *z, struct ms_bytes b)
{
    for (size_t i = b.n < MARK_BYTES ? 0 : b.n - MARK_BYTES; i < b.n; i++)
        z->last = z->last << 8 | b.p[i];
}

/* A unit ends and another begins. */
static void at_mark(struct ms_inflate *z, const struct input *from)
{
    if (z->state == TRYING)
        accept_held(z, from);
    if (z->state != LOST)
        return;
    inflateReset(&z->stream);
    z->out_at_mark = z->out;
    z->state = TRYING;
}

void ms_inflate_data(struct ms_inflate *z, const struct ms_chunk *c, const struct ms_stream_sink *sink)
{
    struct input    from = { c, sink };
    struct ms_bytes rest = c->bytes;
    if (z->pool) {
        leave_order(z);
        join_newest(z);
    } else if (rest.n && !z->told) {
        lose(z, &from, GIVEN_UP);
    }
    while (rest.n && z->state != GIVEN_UP) {
        size_t n;
        bool   mark = find_mark(z->last, rest, &n);
        remember_last(z, ms_head(rest, n));
        inflate_unit(z, ms_head(rest, n), &from);
        rest = ms_tail(rest, n);
        if (mark)
            at_mark(z, &from);
    }
}

void ms_inflate_gap(struct ms_inflate *z, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time, const struct ms_stream_sink *sink)
{
    struct ms_chunk here = { .dir = dir, .frame = frame, .time = time };
    (void)length; /* of compressed bytes: says nothing about the text */
    z->last = UINT32_MAX;
    z->missing = true;
    if (z->state != GIVEN_UP)
        lose(z, &(struct input){ &here, sink }, LOST);
}
