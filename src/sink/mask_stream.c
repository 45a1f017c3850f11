/* TCP streams of mail sessions, put in order, replaced and kept in a temporary file with the place of each piece.
 *
 * TLS   from a record at the begin of a line on: handshake records in clear lose their names, everything else stays ciphertext.
 * Rest  bytes that never came in order (before the begin, behind the end) are replaced without knowledge of what is around them.
 *
 * BUGS  A stream that is not mail, and what COMPRESS=DEFLATE made, become zeros. A record of TLS behind a loss is not found again.   */
#include "sink/mask_lines.h"

#include "base/spool.h"
#include "net/tcp.h"

enum { RECORD_HEADER = 5, RECORD_BYTES = 16384 + 2048, HANDSHAKE = 22, CIPHER_SPEC = 20, APPLICATION = 23 };

enum mode { LINES, TLS, TLS_LOST, ZEROS };

struct extent { uint64_t offset, at; uint64_t n; }; /* of the stream; in the spool */

struct side {
    struct ms_buffer wait, out, extents;
    uint64_t         written;     /* offset behind what was written */
    uint64_t         hint;        /* offset near which the next segment lies */
    uint32_t         base;        /* sequence number of offset 0 */
    uint8_t          mode;
    bool             ccs, begun;
};

struct stream {
    struct ms_tcp           tcp;
    struct ms_endpoint      first; /* sends in direction 0 of `tcp` */
    struct ms_mask         *mask;
    struct side             side[2]; /* by direction of `tcp` */
    struct ms_mask_dialogue dialogue; /* by enum ms_dir */
    bool                    mail, swapped; /* swapped: the first sender is the server */
};

struct ms_mask_streams {
    struct ms_map       streams;   /* by number */
    struct ms_map       fragments; /* by number of the frame: struct segment_at, in the arena */
    struct ms_tcp_pool *pool;
    struct ms_spool     spool;
};

enum { FLOW_BYTES = 36 };

/* The client first. */
static void flow_key(const struct ms_endpoint *c, const struct ms_endpoint *s, uint8_t key[FLOW_BYTES])
{
    memcpy(key, c->ip, 16);
    memcpy(key + 16, s->ip, 16);
    const uint8_t ports[4] = { (uint8_t)(c->port >> 8), (uint8_t)c->port, (uint8_t)(s->port >> 8), (uint8_t)s->port };
    memcpy(key + 32, ports, 4);
}

void ms_mask_session(struct ms_mask *m, const struct ms_session *s)
{
    uint8_t key[FLOW_BYTES];
    flow_key(&s->client, &s->server, key);
    void **at = ms_map_put(&m->flows, (struct ms_bytes){ key, FLOW_BYTES });
    if (at)
        *at = (void *)(uintptr_t)(1u + s->protocol); /* NOLINT: a number */
}

struct ms_mask_streams *ms_mask_streams_create(struct ms_mask *m)
{
    struct ms_mask_streams *s = ms_alloc(sizeof *s);
    s->pool = ms_tcp_pool_create(&m->limits);
    s->fragments.cap = (uint32_t)m->limits.groups * 8;
    return s;
}

static void free_stream(struct stream *t)
{
    for (int i = 0; i < 2; i++) {
        ms_buffer_finish(&t->side[i].wait);
        ms_buffer_finish(&t->side[i].out);
        ms_buffer_finish(&t->side[i].extents);
    }
    ms_free(t);
}

void ms_mask_streams_destroy(struct ms_mask_streams *s)
{
    for (uint32_t i = 0; i < s->streams.count; i++)
        free_stream(s->streams.entries[i].value);
    ms_map_finish(&s->streams);
    ms_map_finish(&s->fragments);
    ms_spool_finish(&s->spool);
    ms_tcp_pool_destroy(s->pool);
    ms_free(s);
}

/* ---- one direction --------------------------------------------------------------------------------------------- */

static bool begins_tls(struct ms_bytes b) { return b.n >= 2 && b.p[0] >= CIPHER_SPEC && b.p[0] <= APPLICATION && b.p[1] == 3; }

/* So many bytes of what waits can be replaced now, as one piece; 0: more must come. `all`: nothing more will. */
static size_t record(struct side *s, struct ms_bytes b, bool all)
{
    size_t n = b.n < RECORD_HEADER ? RECORD_HEADER : RECORD_HEADER + (size_t)ms_be16(b.p + 3);
    if (b.n >= RECORD_HEADER && (!begins_tls(b) || n > RECORD_HEADER + RECORD_BYTES))
        s->mode = TLS_LOST;
    if (s->mode == TLS_LOST || n <= b.n)
        return s->mode == TLS_LOST ? b.n : n;
    return all ? b.n : 0;
}

static void replace_record(const struct ms_mask *m, struct side *s, uint8_t *p, size_t n)
{
    if (n > RECORD_HEADER && p[0] == HANDSHAKE && !s->ccs)
        ms_mask_tls_record(m, p + RECORD_HEADER, n - RECORD_HEADER);
    s->ccs |= n && (p[0] == CIPHER_SPEC || p[0] == APPLICATION);
}

static void write_out(struct ms_mask_streams *all, struct side *s)
{
    struct extent  e = { s->written, ms_spool_end(&all->spool), s->out.n };
    struct extent *last = s->extents.n ? (struct extent *)(void *)(s->extents.p + s->extents.n - sizeof e) : NULL;
    if (s->out.n == 0)
        return;
    ms_spool_append(&all->spool, ms_buffer_bytes(&s->out));
    ms_spool_flush(&all->spool);
    if (last && last->offset + last->n == e.offset && last->at + last->n == e.at)
        last->n += e.n;
    else
        ms_buffer_append(&s->extents, (struct ms_bytes){ (const uint8_t *)&e, sizeof e });
    s->written += s->out.n;
    s->out.n = 0;
}

static void work(struct stream *t, int way, bool all)
{
    enum ms_dir          dir = t->swapped ? (enum ms_dir)!way : (enum ms_dir)way;
    struct side         *s = &t->side[way];
    struct ms_mask_side *d = &t->dialogue.side[dir];
    size_t               at = 0;
    while (at < s->wait.n) {
        struct ms_bytes b = ms_tail(ms_buffer_bytes(&s->wait), at);
        uint8_t        *p = s->wait.p + at;
        if (s->mode == LINES && b.n == 1 && !all && !d->in_content && p[0] >= CIPHER_SPEC && p[0] <= APPLICATION)
            break;
        if (s->mode == LINES && !d->in_content && begins_tls(b))
            s->mode = TLS;
        if (s->mode == LINES && t->dialogue.deflated && !begins_tls(b))
            s->mode = ZEROS;
        size_t n = s->mode == TLS ? record(s, b, all) : s->mode == LINES ? ms_mask_line_length(&t->dialogue, dir, b, all) : b.n;
        if (n == 0)
            break;
        if (s->mode == LINES)
            ms_mask_dialogue_line(t->mask, &t->dialogue, dir, (struct ms_mask_line){ p, n });
        else if (s->mode == TLS)
            replace_record(t->mask, s, p, n);
        else if (s->mode == ZEROS)
            memset(p, 0, n);
        else if (!s->ccs)
            ms_mask_tls_names(t->mask, p, n);
        ms_buffer_append(&s->out, (struct ms_bytes){ p, n });
        at += n;
    }
    ms_buffer_consume(&s->wait, at);
    write_out(t->mask->streams, s);
}

static void on_data(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct stream *t = ctx;
    (void)offset, (void)frame, (void)time;
    ms_buffer_append(&t->side[dir].wait, b);
    work(t, (int)dir, false);
}

static void on_gap(void *ctx, enum ms_dir dir, uint64_t n, uint64_t offset, uint64_t frame, int64_t time)
{
    struct stream *t = ctx;
    struct side   *s = &t->side[dir];
    (void)offset, (void)frame, (void)time;
    work(t, (int)dir, true);
    s->written += n;
    s->mode = s->mode == TLS ? TLS_LOST : s->mode;
    ms_mask_dialogue_gap(&t->dialogue, t->swapped ? ms_other(dir) : dir, n);
}

/* ---- first pass ------------------------------------------------------------------------------------------------ */

static struct ms_endpoint endpoint(const uint8_t ip[16], uint16_t port)
{
    struct ms_endpoint e = { .port = port };
    memcpy(e.ip, ip, 16);
    return e;
}

static uintptr_t flow(const struct ms_mask *m, const struct ms_endpoint *client, const struct ms_endpoint *server)
{
    uint8_t key[FLOW_BYTES];
    flow_key(client, server, key);
    return (uintptr_t)ms_map_get(&m->flows, (struct ms_bytes){ key, FLOW_BYTES });
}

static struct stream *open_stream(struct ms_mask *m, const struct ms_segment *g)
{
    struct ms_endpoint from = endpoint(g->src, g->src_port), to = endpoint(g->dst, g->dst_port);
    struct stream     *t = ms_alloc(sizeof *t);
    uintptr_t          as_client = flow(m, &from, &to), as_server = flow(m, &to, &from);
    *t = (struct stream){ .first = from, .mask = m, .mail = as_client || as_server, .swapped = !as_client };
    t->dialogue.protocol = t->mail ? (uint8_t)((as_client ? as_client : as_server) - 1) : 0;
    for (int i = 0; i < 2; i++)
        t->side[i].mode = t->mail ? LINES : ZEROS;
    ms_tcp_init(&t->tcp);
    return t;
}

static int way_of(const struct stream *t, const struct ms_segment *g)
{
    return t->first.port == g->src_port && memcmp(t->first.ip, g->src, 16) == 0 ? 0 : 1;
}

/* Of a TCP segment that came in fragments: where its frames belong. */
struct segment_at { uint64_t stream; uint32_t seq; uint32_t header; int way; };

static void learn_fragments(struct ms_mask *m, const struct ms_frame *f, int way)
{
    struct ms_map     *frames = &m->streams->fragments;
    struct segment_at *at = f->pieces ? ms_arena_alloc(&frames->arena, sizeof *at) : NULL;
    if (!at)
        return;
    *at = (struct segment_at){ f->stream.stream, f->segment.seq + ((f->segment.flags & MS_SYN) != 0), 0, way };
    at->header = (uint32_t)(f->joined.bytes.n - f->segment.payload.n);
    for (uint32_t i = 0; i < f->pieces->count; i++) {
        void **place_of = ms_map_put(frames, (struct ms_bytes){ (const uint8_t *)&f->pieces->frames[i], sizeof *f->pieces->frames });
        if (place_of)
            *place_of = at;
    }
}

void ms_mask_streams_learn(struct ms_mask *m, const struct ms_frame *f)
{
    struct ms_bytes key = { (const uint8_t *)&f->stream.stream, sizeof f->stream.stream };
    void          **at = ms_map_put(&m->streams->streams, key);
    if (!*at)
        *at = open_stream(m, &f->segment);
    struct stream     *t = *at;
    struct ms_tcp_sink sink = { on_data, on_gap, t };
    int                way = way_of(t, &f->segment);
    learn_fragments(m, f, way);
    ms_tcp_segment(&t->tcp, m->streams->pool, (enum ms_dir)way, &f->segment, f->packet->number, f->packet->time, &sink, NULL);
}

void ms_mask_streams_ready(struct ms_mask *m)
{
    for (uint32_t i = 0; i < m->streams->streams.count; i++) {
        struct stream     *t = m->streams->streams.entries[i].value;
        struct ms_tcp_sink sink = { on_data, on_gap, t };
        ms_tcp_finish(&t->tcp, m->streams->pool, &sink);
        for (int way = 0; way < 2; way++) {
            work(t, way, true);
            t->side[way].base = t->tcp.half[way].next - (uint32_t)t->tcp.half[way].delivered;
            ms_buffer_finish(&t->side[way].wait);
            ms_buffer_finish(&t->side[way].out);
        }
    }
}

/* ---- second pass ----------------------------------------------------------------------------------------------- */

/* The first extent that ends behind `offset`. */
static size_t find_extent(const struct extent *e, size_t count, uint64_t offset)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (e[middle].offset + e[middle].n <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void fill(struct ms_mask *m, const struct side *s, uint64_t offset, struct ms_mask_line to)
{
    const struct extent *e = (const struct extent *)(const void *)s->extents.p;
    size_t               count = s->extents.n / sizeof *e;
    for (size_t i = find_extent(e, count, offset), at = 0; at < to.n;) {
        uint64_t here = offset + at;
        size_t   n = to.n - at;
        if (i < count && e[i].offset <= here) {
            uint64_t skip = here - e[i].offset;
            n = e[i].n - skip < n ? (size_t)(e[i].n - skip) : n;
            if (!ms_spool_read(&m->streams->spool, e[i].at + skip, to.p + at, n))
                memset(to.p + at, 0, n);
            i++;
        } else {
            n = i < count && e[i].offset - here < n ? (size_t)(e[i].offset - here) : n;
            ms_mask_text(m, to.p + at, n, MS_KEEP_STRICT | MS_MASK_DIGITS);
        }
        at += n;
    }
}

/* `to` holds what was there before. */
static void place(struct ms_mask *m, struct side *s, uint32_t seq, struct ms_mask_line to)
{
    int64_t offset = (int64_t)s->hint + (int32_t)(seq - s->base - (uint32_t)s->hint);
    if (offset < 0) { /* before the begin of the stream */
        size_t before = (uint64_t)-offset < to.n ? (size_t)-offset : to.n;
        ms_mask_text(m, to.p, before, MS_KEEP_STRICT | MS_MASK_DIGITS);
        to = (struct ms_mask_line){ to.p + before, to.n - before };
        offset = 0;
    }
    s->hint = (uint64_t)offset;
    fill(m, s, (uint64_t)offset, to);
}

static struct stream *stream_of(const struct ms_mask *m, uint64_t number)
{
    return ms_map_get(&m->streams->streams, (struct ms_bytes){ (const uint8_t *)&number, sizeof number });
}

void ms_mask_payload(struct ms_mask *m, const struct ms_frame *f, uint8_t *p, size_t n)
{
    struct stream *t = stream_of(m, f->stream.stream);
    if (!t || !t->mail || n != f->segment.payload.n)
        return;
    memcpy(p, f->segment.payload.p, n);
    place(m, &t->side[way_of(t, &f->segment)], f->segment.seq + ((f->segment.flags & MS_SYN) != 0), (struct ms_mask_line){ p, n });
}

bool ms_mask_fragment(struct ms_mask *m, uint64_t frame, uint64_t offset, struct ms_mask_line to)
{
    const struct segment_at *at = ms_map_get(&m->streams->fragments, (struct ms_bytes){ (const uint8_t *)&frame, sizeof frame });
    struct stream           *t = at ? stream_of(m, at->stream) : NULL;
    size_t                   header = !at || at->header <= offset ? 0 : at->header - offset < to.n ? (size_t)(at->header - offset) : to.n;
    if (!t)
        return false;
    to = (struct ms_mask_line){ to.p + header, to.n - header };
    if (t->mail)
        place(m, &t->side[at->way], at->seq + (uint32_t)(offset + header - at->header), to);
    else
        memset(to.p, 0, to.n);
    return true;
}
