/* tls/tls.c - the filter itself: contexts, the way from bytes to records, the queue of records that wait. See tls/tls.h.
 *
 * Queue    one for both directions, so that records leave it in the order in which they came as far as they depend on each other.
 *
 * BUGS     the bytes of a record are held twice while it is cut and then queued, for a moment.                        */
#include "base/secret.h"
#include "tls/tls_private.h"

enum { HELD_OF_ONE = 65536 };

struct ms_tls_waiting { struct ms_tls_record r; uint32_t size; uint8_t dir; }; /* r.whole.p is set when it is taken out */

struct ms_tls_context *ms_tls_context_create(const struct ms_limits *limits, struct ms_keylog *keylog, struct ms_private_keys *keys,
                                             void (*limit)(void *ctx, enum ms_limit which), void *ctx)
{
    struct ms_tls_context *x = ms_alloc(sizeof *x);
    x->limits = *limits;
    x->keylog = keylog;
    x->private_keys = keys;
    x->limit = limit;
    x->limit_ctx = ctx;
    x->stale = true;
    return x;
}

void ms_tls_context_destroy(struct ms_tls_context *x)
{
    if (!x)
        return;
    if (x->plain)
        ms_secret_wipe(x->plain, MS_TLS_RECORD_MAX);
    ms_free(x->plain);
    ms_tls_pool_finish(&x->pool);
    ms_tls_resume_destroy(x->resume);
    ms_certificate_cache_destroy(x->certificates);
    ms_free(x);
}

void ms_tls_context_tick(struct ms_tls_context *x) { x->stale = true; }

void ms_tls_context_tell(struct ms_tls_context *x, ms_tls_record_fn *record, void *ctx)
{
    x->record = record;
    x->record_ctx = ctx;
}

void ms_tls_context_wait(struct ms_tls_context *x, bool may_come) { x->may_come = may_come; }

void ms_tls_limit(struct ms_tls *t, enum ms_limit which)
{
    if (t->x->limit)
        t->x->limit(t->x->limit_ctx, which);
}

struct ms_tls *ms_tls_create(struct ms_tls_context *x, struct ms_arena *arena, struct ms_tls_info **info)
{
    struct ms_tls *t = ms_alloc(sizeof *t);
    t->x = x;
    t->arena = arena;
    t->info = ms_arena_alloc(arena, sizeof *t->info);
    t->info->client_hello_time = t->info->server_hello_time = t->info->done_time = MS_UNKNOWN;
    *info = t->info;
    ms_tls_setup_begin(t);
    return t;
}

struct ms_tls_setup *ms_tls_setup_begin(struct ms_tls *t)
{
    ms_tls_setup_end(t);
    if (!t->x->certificates)
        t->x->certificates = ms_certificate_cache_create(t->x->limits.tls_certificate_bytes);
    t->setup = ms_alloc(sizeof *t->setup);
    ms_tls_handshake_init(&t->setup->hs, t->info, t->arena);
    t->setup->hs.cache = t->x->certificates;
    t->setup->hs.most = t->x->limits.tls_handshake_bytes;
    return t->setup;
}

void ms_tls_setup_end(struct ms_tls *t)
{
    struct ms_tls_setup *e = t->setup;
    if (!e)
        return;
    ms_tls_handshake_finish(&e->hs);
    for (size_t i = 0; i < sizeof e->transcript / sizeof *e->transcript; i++)
        ms_buffer_finish(&e->transcript[i]);
    ms_tls_cipher_destroy(e->next[0]);
    ms_tls_cipher_destroy(e->next[1]);
    ms_secret_free(e->master, 48);
    ms_free(e);
    t->setup = NULL;
}

/* ---- the queue --------------------------------------------------------------------------------------------------------- */

static void take_waiting(const struct ms_tls *t, size_t at, struct ms_tls_waiting *w)
{
    memcpy(w, t->queue.p + at, sizeof *w);
    w->r.whole = (struct ms_bytes){ t->queue.p + at + sizeof *w, w->r.whole.n };
}

/* One round over the queue; true: something went, and something stayed that may go now. */
static bool drain_once(struct ms_tls *t)
{
    bool   blocked[2] = { false, false }, progress = false;
    size_t to = 0;
    for (size_t at = 0; at < t->queue.n;) {
        struct ms_tls_waiting w;
        take_waiting(t, at, &w);
        if (blocked[w.dir] || !ms_tls_record(t, (enum ms_dir)w.dir, &w.r)) {
            blocked[w.dir] = true;
            if (to != at)
                memmove(t->queue.p + to, t->queue.p + at, w.size);
            to += w.size;
        } else {
            progress = true;
            t->side[w.dir].queued--;
        }
        at += w.size;
    }
    t->queue.n = to;
    return progress && to > 0;
}

static void drain(struct ms_tls *t)
{
    if (t->queue.n == 0)
        return;
    while (drain_once(t))
        continue;
    if (t->queue.n == 0)
        ms_buffer_finish(&t->queue);
}

void ms_tls_hasten(struct ms_tls *t)
{
    t->hasten = true;
    drain(t);
}

static bool queue_has_room(const struct ms_tls *t, size_t n)
{
    uint64_t all = t->x->limits.tls_held_bytes, one = all < HELD_OF_ONE ? all : HELD_OF_ONE;
    return t->queue.n + n <= one; /* all together: ms_tls_settle() */
}

static void enqueue(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_waiting w;
    memset(&w, 0, sizeof w);
    w.r = *r;
    w.dir = (uint8_t)d;
    w.size = (uint32_t)((sizeof w + r->whole.n + 7) / 8 * 8);
    if (!queue_has_room(t, w.size)) {
        ms_tls_limit(t, MS_LIMIT_tls_held_bytes);
        ms_tls_hasten(t);
        ms_tls_record(t, d, r);
        return;
    }
    static const uint8_t none[8];
    ms_buffer_append(&t->queue, (struct ms_bytes){ (const uint8_t *)&w, sizeof w });
    ms_buffer_append(&t->queue, r->whole);
    ms_buffer_append(&t->queue, (struct ms_bytes){ none, w.size - sizeof w - r->whole.n });
    t->side[d].queued++;
}

/* ---- records ------------------------------------------------------------------------------------------------------------ */

static void arrived(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    t->info->records[d]++;
    if (ms_tls_record_type(r) == MS_TLS_APPLICATION)
        t->info->protected_bytes[d] += ms_tls_record_body(r).n;
}

static void take_record(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    arrived(t, d, r);
    if (t->side[d].queued || !ms_tls_record(t, d, r))
        enqueue(t, d, r);
    else
        drain(t);
}

static void take_candidate(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    if (t->side[d].queued || !ms_tls_record_try(t, d, r))
        return;
    arrived(t, d, r);
    ms_tls_framing_accept(&t->side[d].in);
    drain(t);
}

/* What begins with no record is not TLS, unless the other side speaks it: then the begin is missing. */
static void take_odd(struct ms_tls *t, enum ms_dir d, bool first)
{
    struct ms_tls_side *s = &t->side[d];
    if (first && t->info->records[ms_other(d)] == 0) {
        t->info->flags |= MS_TLS_NOT_TLS;
        ms_tls_framing_drop(&s->in, &t->x->pool);
    } else {
        ms_tls_gap_note(t, d, s->in.frame);
        ms_tls_gap_tell(t, d, s->in.frame, s->in.time);
    }
    s->known = true;
    drain(t);
}

static void run(struct ms_tls *t, enum ms_dir d, struct ms_bytes in, bool end)
{
    struct ms_tls_framing *f = &t->side[d].in;
    for (;;) {
        struct ms_tls_record r;
        bool                 first = !f->begun;
        switch (ms_tls_framing_next(f, &t->x->pool, &in, end, &r)) {
        case MS_TLS_FOUND_RECORD: take_record(t, d, &r); break;
        case MS_TLS_FOUND_CANDIDATE: take_candidate(t, d, &r); break;
        case MS_TLS_FOUND_ODD: take_odd(t, d, first); break;
        case MS_TLS_FOUND_SSL2:
            t->info->records[d]++;
            if (d == MS_C2S)
                ms_tls_messages_ssl2(t, &r);
            t->side[d].known = true;
            drain(t);
            break;
        default: return;
        }
    }
}

void ms_tls_data(struct ms_tls *t, const struct ms_chunk *c, const struct ms_stream_sink *sink)
{
    t->sink = sink;
    t->side[c->dir].in.frame = c->frame;
    t->side[c->dir].in.time = c->time;
    if (t->queue.n && t->x->may_come)
        drain(t); /* their secrets may have come in between */
    run(t, c->dir, c->bytes, false);
    t->sink = NULL;
    ms_tls_settle(t);
}

void ms_tls_gap(struct ms_tls *t, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time, const struct ms_stream_sink *sink)
{
    struct ms_tls_side *s = &t->side[dir];
    if (s->in.dead)
        return;
    t->sink = sink;
    run(t, dir, (struct ms_bytes){ NULL, 0 }, true);
    ms_tls_framing_gap(&s->in, &t->x->pool, length);
    s->in.frame = frame;
    s->in.time = time;
    ms_tls_gap_note(t, dir, frame);
    if (s->queued == 0)
        ms_tls_gap_tell(t, dir, frame, time);
    drain(t);
    t->sink = NULL;
    ms_tls_settle(t);
}

static void finish_side(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side *s = &t->side[d];
    if (s->last_alert && (t->info->flags & MS_TLS_DONE))
        t->info->flags |= MS_TLS_CLOSED;
    ms_tls_gap_tell(t, d, s->in.frame, s->in.time);
    ms_tls_passed_end(t, d, true);
    if (s->failures && !s->proven)
        t->info->key_faults |= 1u << MS_TLS_FAULT_WRONG;
    ms_tls_framing_finish(&s->in, &t->x->pool);
    ms_buffer_finish(&s->message);
    ms_tls_cipher_destroy(s->cipher);
}

void ms_tls_finish(struct ms_tls *t, const struct ms_stream_sink *sink)
{
    if (!t)
        return;
    t->sink = sink;
    run(t, MS_C2S, (struct ms_bytes){ NULL, 0 }, true);
    run(t, MS_S2C, (struct ms_bytes){ NULL, 0 }, true);
    ms_tls_hasten(t);
    finish_side(t, MS_C2S);
    finish_side(t, MS_S2C);
    ms_tls_setup_end(t);
    ms_buffer_finish(&t->queue);
    ms_tls_settle_end(t);
    ms_free(t);
}
