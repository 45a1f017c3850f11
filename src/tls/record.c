/* tls/record.c - record framing (RFC 8446 5.1, 5246 6.2; RFC 5246 E.2 for the SSL 2.0 hello).
 *
 * BUGS     while looking for a record without being able to open one, each record waits for the header behind it (or for the end). */
#include "tls/record.h"

#include "tls/crypt.h"

enum { SSL2_CLIENT_HELLO = 1, SSL2_LEAST = 9 };

bool ms_tls_header_fits(struct ms_bytes b)
{
    if (b.n >= 1 && (b.p[0] < MS_TLS_CCS || b.p[0] > MS_TLS_HEARTBEAT))
        return false;
    if ((b.n >= 2 && b.p[1] != 3) || (b.n >= 3 && b.p[2] > 4))
        return false;
    if (b.n >= 4 && b.p[3] > MS_TLS_RECORD_MAX >> 8)
        return false;
    if (b.n < MS_TLS_HEADER)
        return true;
    size_t n = ms_be16(b.p + 3);
    return n <= MS_TLS_RECORD_MAX && (n > 0 || b.p[0] == MS_TLS_APPLICATION);
}

size_t ms_tls_ssl2_size(struct ms_bytes b)
{
    if (b.n < MS_TLS_HEADER || !(b.p[0] & 0x80) || b.p[2] != SSL2_CLIENT_HELLO)
        return 0;
    size_t n = (size_t)(b.p[0] & 0x7f) << 8 | b.p[1];
    bool   version = (b.p[3] == 3 && b.p[4] <= 4) || (b.p[3] == 0 && b.p[4] == 2);
    return version && n >= SSL2_LEAST ? n + 2 : 0;
}

void ms_tls_pool_finish(struct ms_tls_pool *p)
{
    while (p->count)
        ms_buffer_finish(&p->spare[--p->count]);
}

static void release(struct ms_tls_framing *f, struct ms_tls_pool *pool)
{
    f->at = 0;
    f->part.n = 0;
    if (f->part.size > 0 && f->part.size <= 2 * MS_TLS_RECORD_MAX && pool->count < MS_TLS_POOL)
        pool->spare[pool->count++] = f->part;
    else
        ms_buffer_finish(&f->part);
    f->part = (struct ms_buffer){ 0 };
}

static void keep(struct ms_tls_framing *f, struct ms_tls_pool *pool, struct ms_bytes b)
{
    if (!f->part.p && pool->count)
        f->part = pool->spare[--pool->count];
    if (b.n)
        ms_buffer_append(&f->part, b);
}

static void compact(struct ms_tls_framing *f)
{
    if (f->at)
        ms_buffer_consume(&f->part, f->at);
    f->at = 0;
}

static struct ms_bytes rest_of(const struct ms_tls_framing *f) { return ms_tail(ms_buffer_bytes(&f->part), f->at); }

/* Appends from `in` until `n` bytes are kept; false: there are not so many. */
static bool fill(struct ms_tls_framing *f, struct ms_tls_pool *pool, struct ms_bytes *in, size_t n)
{
    size_t have = f->part.n - f->at;
    if (have >= n)
        return true;
    compact(f);
    struct ms_bytes more = ms_head(*in, n - have);
    keep(f, pool, more);
    *in = ms_tail(*in, more.n);
    return have + more.n >= n;
}

static void describe(struct ms_tls_framing *f, struct ms_bytes whole, struct ms_tls_record *r)
{
    *r = (struct ms_tls_record){ .whole = whole, .frame = f->frame, .time = f->time, .lost = f->lost,
                                 .missing = f->lost && !f->unknown ? f->missing : 0 };
    f->begun = true;
}

static void in_step(struct ms_tls_framing *f)
{
    f->scan = f->lost = f->unknown = f->tried = false;
    f->missing = 0;
}

static size_t record_size(struct ms_bytes header) { return MS_TLS_HEADER + (size_t)ms_be16(header.p + 3); }

void ms_tls_framing_accept(struct ms_tls_framing *f)
{
    f->at += (uint32_t)record_size(rest_of(f));
    in_step(f);
}

static enum ms_tls_found found_at(struct ms_tls_framing *f, struct ms_tls_record *r)
{
    struct ms_bytes b = rest_of(f);
    describe(f, ms_head(b, record_size(b)), r);
    ms_tls_framing_accept(f);
    return MS_TLS_FOUND_RECORD;
}

/* Looks at one place. RECORD and CANDIDATE are described; NOTHING: more bytes are needed; ODD: no record begins there. */
static enum ms_tls_found look(struct ms_tls_framing *f, bool end, struct ms_tls_record *r)
{
    struct ms_bytes b = rest_of(f);
    if (!ms_tls_header_fits(b))
        return MS_TLS_FOUND_ODD;
    if (b.n < MS_TLS_HEADER || b.n < record_size(b))
        return end ? MS_TLS_FOUND_ODD : MS_TLS_FOUND_NOTHING;
    if (!f->tried) {
        describe(f, ms_head(b, record_size(b)), r);
        f->tried = true;
        return MS_TLS_FOUND_CANDIDATE;
    }
    struct ms_bytes behind = ms_tail(b, record_size(b));
    if (!ms_tls_header_fits(behind))
        return MS_TLS_FOUND_ODD;
    if (behind.n >= MS_TLS_HEADER || (end && behind.n == 0))
        return found_at(f, r);
    return end ? MS_TLS_FOUND_ODD : MS_TLS_FOUND_NOTHING;
}

static enum ms_tls_found scan(struct ms_tls_framing *f, bool end, struct ms_tls_record *r)
{
    while (f->at < f->part.n) {
        enum ms_tls_found found = look(f, end, r);
        if (found == MS_TLS_FOUND_NOTHING)
            break;
        if (found != MS_TLS_FOUND_ODD)
            return found;
        f->at++;
        f->missing++;
        f->tried = false;
    }
    compact(f);
    return MS_TLS_FOUND_NOTHING;
}

/* No header where one has to be. The begin of a direction is told apart by the caller, who may drop it. */
static enum ms_tls_found odd(struct ms_tls_framing *f)
{
    f->scan = f->lost = f->begun = true;
    return MS_TLS_FOUND_ODD;
}

static enum ms_tls_found from_part(struct ms_tls_framing *f, struct ms_tls_pool *pool, struct ms_bytes *in, struct ms_tls_record *r)
{
    if (!fill(f, pool, in, MS_TLS_HEADER))
        return MS_TLS_FOUND_NOTHING;
    size_t ssl2 = f->begun ? 0 : ms_tls_ssl2_size(rest_of(f));
    if (!ssl2 && !ms_tls_header_fits(rest_of(f)))
        return odd(f);
    size_t n = ssl2 ? ssl2 : record_size(rest_of(f));
    if (!fill(f, pool, in, n))
        return MS_TLS_FOUND_NOTHING;
    if (!ssl2)
        return found_at(f, r);
    describe(f, ms_slice(rest_of(f), 2, n - 2), r);
    f->at += (uint32_t)n;
    return MS_TLS_FOUND_SSL2;
}

/* The common case: a whole record in `in`, nothing kept. */
static bool in_place(struct ms_tls_framing *f, struct ms_bytes *in, struct ms_tls_record *r)
{
    if (in->n < MS_TLS_HEADER || !ms_tls_header_fits(ms_head(*in, MS_TLS_HEADER)) || in->n < record_size(*in))
        return false;
    describe(f, ms_head(*in, record_size(*in)), r);
    *in = ms_tail(*in, r->whole.n);
    in_step(f);
    return true;
}

static void skip_rest(struct ms_tls_framing *f, struct ms_bytes *in)
{
    size_t n = f->skip < in->n ? (size_t)f->skip : in->n;
    f->skip -= n;
    *in = ms_tail(*in, n);
}

enum ms_tls_found ms_tls_framing_next(struct ms_tls_framing *f, struct ms_tls_pool *pool, struct ms_bytes *in, bool end, struct ms_tls_record *r)
{
    if (f->dead) {
        *in = ms_tail(*in, in->n);
        return MS_TLS_FOUND_NOTHING;
    }
    if (f->skip)
        skip_rest(f, in);
    if (f->scan) {
        keep(f, pool, *in);
        *in = ms_tail(*in, in->n);
        enum ms_tls_found found = scan(f, end, r);
        if (found == MS_TLS_FOUND_NOTHING && f->part.n == 0)
            release(f, pool);
        return found;
    }
    if (f->at == f->part.n) {
        if (f->part.p)
            release(f, pool);
        if (in_place(f, in, r))
            return MS_TLS_FOUND_RECORD;
        if (in->n == 0)
            return MS_TLS_FOUND_NOTHING;
    }
    return from_part(f, pool, in, r);
}

void ms_tls_framing_drop(struct ms_tls_framing *f, struct ms_tls_pool *pool)
{
    f->dead = true;
    release(f, pool);
}

/* How much of the record under way is still to come, when its header was seen; 0: unknown. */
static uint64_t record_rest(const struct ms_tls_framing *f)
{
    struct ms_bytes b = rest_of(f);
    return f->skip ? f->skip : !f->scan && b.n >= MS_TLS_HEADER && ms_tls_header_fits(b) ? record_size(b) - b.n : 0;
}

void ms_tls_framing_gap(struct ms_tls_framing *f, struct ms_tls_pool *pool, uint64_t length)
{
    if (f->dead)
        return;
    uint64_t kept = f->part.n - f->at, rest = record_rest(f);
    bool     inside = length && rest >= length;
    if (!f->skip)
        f->missing += kept + (inside ? rest : length);
    else if (!inside)
        f->missing += length > f->skip ? length - f->skip : 0;
    f->unknown |= length == 0;
    f->skip = inside ? rest - length : 0;
    f->scan |= !inside;
    f->begun = f->lost = true;
    f->tried = false;
    release(f, pool);
}

bool ms_tls_framing_lose(struct ms_tls_framing *f, struct ms_tls_pool *pool)
{
    uint64_t kept = f->part.n - f->at, rest = record_rest(f);
    if (kept == 0)
        return false;
    f->missing += kept + rest;
    f->scan |= rest == 0; /* where the next one begins is not known */
    f->skip = rest;
    f->begun = f->lost = true;
    f->tried = false;
    release(f, pool);
    return true;
}

void ms_tls_framing_finish(struct ms_tls_framing *f, struct ms_tls_pool *pool) { release(f, pool); }
