/* auth/body_hash.c - bodies in simple and relaxed form.
 *
 * Line ends wait until something follows them: those at the end of the body do not count, and a body that does not end in one gets it.
 * Relaxed, runs of blanks are one space, and none at the end of a line.
 *
 * BUGS     a bare CR is a byte like any other.                                                                          */
#include "auth/body_hash.h"

#include "base/cpu.h"

enum { SMALL = 512 };

struct digest { struct ms_sha256 sha; int64_t left; struct ms_body_digest out; int64_t length; bool relaxed, works; };
struct form {
    bool     used, relaxed;
    bool     cr, blank;   /* the last bytes were a CR, or blanks, that have not been judged yet */
    bool     any;         /* there was more than line ends */
    uint64_t breaks;      /* line ends that wait */
    uint64_t size;
    size_t   n;           /* bytes in `small` */
    uint8_t  small[SMALL];
};
struct ms_bodies { struct ms_hasher *hasher; struct form forms[2]; struct digest digests[MS_BODIES]; int count; bool gap, ended; };

struct ms_bodies *ms_bodies_create(struct ms_arena *arena, struct ms_hasher *hasher)
{
    struct ms_bodies *b = ms_arena_alloc(arena, sizeof *b);
    b->hasher = hasher;
    return b;
}

int ms_bodies_want(struct ms_bodies *b, bool relaxed, int64_t length)
{
    for (int i = 0; i < b->count; i++)
        if (b->digests[i].relaxed == relaxed && b->digests[i].length == length)
            return i;
    if (b->count == MS_BODIES)
        return MS_BODIES - 1; /* callers want fewer */
    struct digest *d = &b->digests[b->count];
    *d = (struct digest){ .left = length == MS_BODY_WHOLE ? INT64_MAX : length, .length = length, .relaxed = relaxed };
    d->works = ms_sha256_start(b->hasher, &d->sha);
    b->forms[relaxed] = (struct form){ .used = true, .relaxed = relaxed };
    return b->count++;
}

/* ---- output --------------------------------------------------------------------------------------------------- */

static void hash(struct ms_bodies *b, struct form *f, struct ms_bytes bytes)
{
    f->size += bytes.n;
    for (int i = 0; i < b->count; i++) {
        struct digest *d = &b->digests[i];
        size_t         n = bytes.n < (uint64_t)d->left ? bytes.n : (size_t)d->left;
        if (d->relaxed != f->relaxed || n == 0)
            continue;
        if (d->works)
            ms_sha256_update(b->hasher, &d->sha, ms_head(bytes, n));
        d->left -= (int64_t)n;
        d->out.hashed += n;
    }
}

static void flush(struct ms_bodies *b, struct form *f)
{
    if (f->n)
        hash(b, f, (struct ms_bytes){ f->small, f->n });
    f->n = 0;
}

static void put(struct ms_bodies *b, struct form *f, struct ms_bytes bytes)
{
    if (bytes.n > SMALL - f->n)
        flush(b, f);
    if (bytes.n > SMALL) {
        hash(b, f, bytes);
        return;
    }
    if (bytes.n)
        memcpy(f->small + f->n, bytes.p, bytes.n);
    f->n += bytes.n;
}

/* Line ends and blanks that waited, since something follows. */
static void settle(struct ms_bodies *b, struct form *f)
{
    for (; f->breaks; f->breaks--)
        put(b, f, MS_LIT("\r\n"));
    if (f->blank)
        put(b, f, MS_LIT(" "));
    f->blank = false;
    f->any = true;
}

static void put_text(struct ms_bodies *b, struct form *f, struct ms_bytes text)
{
    settle(b, f);
    put(b, f, text);
}

/* ---- input ---------------------------------------------------------------------------------------------------- */

/* Does the form change the first of these two bytes, or what may follow it? A tab or the first of two blanks, a blank at the end of
 * a line, a bare LF, an empty line. */
static inline unsigned is_odd(uint8_t c, uint8_t next, unsigned relaxed)
{
    unsigned blanks = (unsigned)(c == '\t') | ((unsigned)(c == ' ') & ((unsigned)(next == ' ') | (unsigned)(next == '\r')));
    return (relaxed & blanks) | ((unsigned)(next == '\n') & (unsigned)(c != '\r')) | ((unsigned)(c == '\n') & (unsigned)(next == '\r'));
}

enum { BLOCK = 64 };
#define INLINE __attribute__((always_inline)) static inline

/* The first BLOCK pairs at once, which compilers turn into vectors. */
INLINE bool has_odd(const uint8_t *p, unsigned relaxed)
{
    unsigned odd = 0;
    for (size_t i = 0; i < BLOCK; i++)
        odd |= is_odd(p[i], p[i + 1], relaxed);
    return odd;
}

INLINE size_t find_odd(struct ms_bytes b, bool relaxed)
{
    size_t at = 0;
    while (at + BLOCK < b.n && !has_odd(b.p + at, relaxed))
        at += BLOCK;
    if (b.n > BLOCK && at + BLOCK >= b.n && !has_odd(b.p + b.n - BLOCK - 1, relaxed))
        return b.n - 1;
    while (at + 1 < b.n && !is_odd(b.p[at], b.p[at + 1], relaxed))
        at++;
    return at;
}

static size_t find_odd_plain(struct ms_bytes b, bool relaxed) { return find_odd(b, relaxed); }
MS_AVX2 static size_t find_odd_avx2(struct ms_bytes b, bool relaxed) { return find_odd(b, relaxed); }

/* Bytes in front of the first odd pair. */
static size_t even_run(struct ms_bytes b, bool relaxed) { return ms_cpu_has_avx2() ? find_odd_avx2(b, relaxed) : find_odd_plain(b, relaxed); }

/* Bytes of whole lines at the start of b that have text and need no change. */
static size_t clean_run(const struct form *f, struct ms_bytes b)
{
    if (b.n == 0 || b.p[0] == '\r' || b.p[0] == '\n')
        return 0;
    size_t         run = even_run(b, f->relaxed);
    const uint8_t *end = memrchr(b.p, '\n', run < b.n ? run + 1 : b.n);
    return end ? (size_t)(end - b.p) + 1 : 0;
}

static void end_line(struct form *f)
{
    f->cr = f->blank = false;
    f->breaks++;
}

/* One byte that is no plain text, or plain text up to the next such byte. Returns bytes used. */
static size_t step(struct ms_bodies *b, struct form *f, struct ms_bytes in)
{
    uint8_t c = in.p[0];
    if (c == '\n') {
        end_line(f);
        return 1;
    }
    if (f->cr) { /* it ended no line */
        f->cr = false;
        put_text(b, f, MS_LIT("\r"));
    }
    if (c == '\r') {
        f->cr = true;
        return 1;
    }
    if (f->relaxed && ms_is_blank(c)) {
        f->blank = true;
        return 1;
    }
    size_t n = 1;
    while (n < in.n && in.p[n] != '\r' && in.p[n] != '\n' && !(f->relaxed && ms_is_blank(in.p[n])))
        n++;
    put_text(b, f, ms_head(in, n));
    return n;
}

static void push(struct ms_bodies *b, struct form *f, struct ms_bytes in)
{
    while (in.n) {
        size_t run = f->cr || f->blank ? 0 : clean_run(f, in);
        if (run) {
            put_text(b, f, ms_head(in, run - 2));
            f->breaks = 1;
            in = ms_tail(in, run);
            continue;
        }
        size_t line = ms_find(in, '\n') + 1; /* the run ended here */
        for (struct ms_bytes rest = ms_head(in, line); rest.n;)
            rest = ms_tail(rest, step(b, f, rest));
        in = ms_tail(in, line);
    }
}

void ms_bodies_push(struct ms_bodies *b, struct ms_bytes bytes)
{
    for (int i = 0; i < 2 && !b->gap; i++)
        if (b->forms[i].used)
            push(b, &b->forms[i], bytes);
}

void ms_bodies_gap(struct ms_bodies *b) { b->gap = true; }

static void end_form(struct ms_bodies *b, struct form *f)
{
    if (f->cr)
        put_text(b, f, MS_LIT("\r"));
    if (f->any || !f->relaxed)
        put(b, f, MS_LIT("\r\n"));
    flush(b, f);
}

void ms_bodies_end(struct ms_bodies *b)
{
    if (b->ended)
        return;
    for (int i = 0; i < 2; i++)
        if (b->forms[i].used)
            end_form(b, &b->forms[i]);
    for (int i = 0; i < b->count; i++) {
        struct digest *d = &b->digests[i];
        d->out.size = b->forms[d->relaxed].size;
        d->out.complete = !b->gap && d->works && ms_sha256_final(b->hasher, &d->sha, d->out.bytes);
    }
    ms_bodies_drop(b);
}

void ms_bodies_drop(struct ms_bodies *b)
{
    if (!b)
        return;
    b->ended = true;
    for (int i = 0; i < b->count; i++)
        ms_sha256_release(b->hasher, &b->digests[i].sha);
}

const struct ms_body_digest *ms_bodies_digest(const struct ms_bodies *b, int number) { return &b->digests[number].out; }
