/* engine/names.c - DNS as it goes by, over UDP and TCP: lookups for the checks, names for the servers of sessions.
 *
 * TCP      connections on port 53 are no sessions and stand in no line; their messages (RFC 1035 4.2.2: two bytes of length before each)
 *          are put together here. Behind a gap a direction says nothing any more.
 * Memory   as many of them as the limit dns_lookups says, and HELD_BYTES of unfinished messages; the one silent for longest goes.
 *          After SILENT_NS one is forgotten.
 *
 * BUGS     mail on port 53 is only found with --decode-as.                                                      */
#include "engine/private.h"
#include "net/dns.h"

enum { HELD_BYTES = 4194304, RESOLVER_PORT = 53 };
static const int64_t SILENT_NS = 120 * (int64_t)1000000000;

struct stream {
    uint64_t           hash;
    struct stream     *older, *newer; /* by the last packet */
    struct ms_tcp      tcp;
    struct ms_endpoint side[2];       /* client, resolver */
    struct ms_buffer   said[2];       /* an unfinished message */
    bool               lost[2];       /* bytes are missing: where the next message begins is unknown */
    int64_t            last_clock;
};

struct ms_names {
    struct ms_dns   *dns;
    struct ms_table  streams;         /* slots hold struct stream; made when needed */
    struct stream   *oldest, *newest;
    uint64_t         held;            /* bytes of all `said` */
    uint32_t         count;
    bool             port_is_taken;   /* --decode-as: port 53 is something else */
};

static void lookup_done(void *engine, const struct ms_lookup *l)
{
    struct ms_engine *e = engine;
    if (e->examine.answers)
        ms_answers_learn(e->examine.answers, l);
    if (!e->options.dialogue_only && !e->options.names_only)
        ms_checks_lookup(e->checks, l);
}

static void limit_reached(void *engine, enum ms_limit which) { ms_limit_reached(engine, which); }

struct ms_names *ms_names_create(struct ms_engine *e)
{
    struct ms_names *n = ms_alloc(sizeof *n);
    n->dns = ms_dns_create(&e->options.limits, &(struct ms_dns_sink){ lookup_done, limit_reached, e });
    for (size_t i = 0; i < e->options.decode_as_count; i++)
        n->port_is_taken |= e->decode_as[i].port == RESOLVER_PORT;
    return n;
}

void ms_names_datagram(struct ms_engine *e, const struct ms_segment *s)
{
    struct ms_dns_packet p = { .from = ms_sender(s), .to = ms_receiver(s), .message = s->payload,
                               .cut = s->payload.n < s->payload_length, .frame = e->frame, .time = e->now };
    ms_dns_message(e->names->dns, &p);
}

/* ---- over TCP -------------------------------------------------------------------------------------------------- */

static void join_newest(struct ms_names *n, struct stream *t)
{
    t->newer = NULL;
    t->older = n->newest;
    *(n->newest ? &n->newest->newer : &n->oldest) = t;
    n->newest = t;
}

static void leave_order(struct ms_names *n, struct stream *t)
{
    *(t->older ? &t->older->newer : &n->oldest) = t->newer;
    *(t->newer ? &t->newer->older : &n->newest) = t->older;
}

struct feed { struct ms_engine *engine; struct stream *stream; };

static void message(struct feed *f, enum ms_dir dir, struct ms_bytes m, uint64_t frame, int64_t time)
{
    struct stream       *t = f->stream;
    struct ms_dns_packet p = { t->side[dir], t->side[ms_other(dir)], m, true, false, frame, time };
    ms_dns_message(f->engine->names->dns, &p);
}

/* Hands up the whole messages at the start of b; gives the number of bytes that they have. */
static size_t messages(struct feed *f, enum ms_dir dir, struct ms_bytes b, uint64_t frame, int64_t time)
{
    size_t at = 0;
    while (b.n - at >= 2) {
        size_t length = ms_be16(b.p + at);
        if (b.n - at - 2 < length)
            break;
        message(f, dir, ms_slice(b, at + 2, length), frame, time);
        at += 2 + length;
    }
    return at;
}

static void said(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct feed      *f = ctx;
    struct ms_buffer *held = &f->stream->said[dir];
    struct ms_names  *n = f->engine->names;
    (void)offset;
    if (f->stream->lost[dir])
        return;
    n->held -= held->n;
    if (held->n == 0)
        b = ms_tail(b, messages(f, dir, b, frame, time));
    if (b.n) {
        bool begun = held->n > 0;
        ms_buffer_append(held, b);
        if (begun)
            ms_buffer_consume(held, messages(f, dir, ms_buffer_bytes(held), frame, time));
    }
    if (held->n == 0)
        ms_buffer_finish(held);
    n->held += held->n;
}

static void missing(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time)
{
    struct feed *f = ctx;
    (void)length, (void)offset, (void)frame, (void)time;
    f->engine->names->held -= f->stream->said[dir].n;
    ms_buffer_finish(&f->stream->said[dir]);
    f->stream->lost[dir] = true;
}

static void end_stream(struct ms_engine *e, struct stream *t)
{
    struct ms_names   *n = e->names;
    struct feed        f = { e, t };
    struct ms_tcp_sink sink = { said, missing, &f };
    ms_tcp_finish(&t->tcp, e->pool, &sink);
    ms_table_remove(&n->streams, ms_table_find(&n->streams, t->hash));
    leave_order(n, t);
    for (int d = 0; d < 2; d++) {
        n->held -= t->said[d].n;
        ms_buffer_finish(&t->said[d]);
    }
    n->count--;
    ms_free(t);
}

static struct stream *open_stream(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    struct ms_names *n = e->names;
    if (n->streams.size == 0)
        ms_table_init(&n->streams);
    while (n->count && n->count >= e->options.limits.dns_lookups) {
        ms_limit_reached(e, MS_LIMIT_dns_lookups);
        end_stream(e, n->oldest);
    }
    struct stream     *t = ms_alloc(sizeof *t);
    struct ms_endpoint from = ms_sender(s), to = ms_receiver(s);
    bool asks = to.port == RESOLVER_PORT && (from.port != RESOLVER_PORT || !(s->flags & MS_SYN && s->flags & MS_ACK));
    t->side[MS_C2S] = asks ? from : to;
    t->side[MS_S2C] = asks ? to : from;
    t->hash = hash;
    ms_tcp_init(&t->tcp);
    ms_table_add(&n->streams, hash)->value = (uintptr_t)t;
    join_newest(n, t);
    n->count++;
    e->totals.tcp_connections++;
    e->totals.other_connections++;
    return t;
}

static void forget_silent(struct ms_engine *e)
{
    struct ms_names *n = e->names;
    while (n->oldest && e->clock - n->oldest->last_clock > SILENT_NS)
        end_stream(e, n->oldest);
}

static enum ms_dir side_of(const struct stream *t, const struct ms_segment *s)
{
    return ms_is_endpoint(&t->side[MS_C2S], s->src, s->src_port) ? MS_C2S : MS_S2C;
}

static struct stream *find_stream(struct ms_engine *e, const struct ms_segment *s, uint64_t hash, enum ms_dir *dir)
{
    struct ms_names *n = e->names;
    struct ms_slot  *slot = n->streams.size ? ms_table_find(&n->streams, hash) : NULL;
    struct stream   *t = slot ? (struct stream *)slot->value : NULL;
    if (t)
        *dir = side_of(t, s);
    if (t && s->flags & MS_SYN && ms_tcp_is_reuse(&t->tcp, *dir, s)) {
        end_stream(e, t);
        t = NULL;
    }
    if (t || (!(s->flags & MS_SYN) && (s->payload_length == 0 || s->flags & MS_RST)))
        return t;
    t = open_stream(e, s, hash);
    *dir = side_of(t, s);
    return t;
}

bool ms_names_segment(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    struct ms_names *n = e->names;
    enum ms_dir      dir;
    if (n->port_is_taken)
        return false;
    forget_silent(e);
    struct stream *t = find_stream(e, s, hash, &dir);
    if (!t)
        return true;
    struct feed        f = { e, t };
    struct ms_tcp_sink sink = { said, missing, &f };
    ms_tcp_segment(&t->tcp, e->pool, dir, s, e->frame, e->now, &sink, NULL);
    t->last_clock = e->clock;
    leave_order(n, t);
    join_newest(n, t);
    if (ms_tcp_is_closed(&t->tcp))
        end_stream(e, t);
    while (n->held > HELD_BYTES) {
        ms_limit_reached(e, MS_LIMIT_dns_lookups);
        end_stream(e, n->oldest);
    }
    return true;
}

/* ---- sessions -------------------------------------------------------------------------------------------------- */

static bool find_name(const struct ms_engine *e, const struct ms_session *s, struct ms_dns_name *out)
{
    return ms_dns_name_of(e->names->dns, s->client.ip, s->server.ip, out);
}

void ms_names_session(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_session *s = &c->session;
    struct ms_dns_name found;
    if (s->lookup || !find_name(e, s, &found) || found.type == MS_DNS_PTR)
        return;
    struct ms_name_lookup *l = ms_arena_alloc(&c->arena, sizeof *l);
    bool timed = found.sent != MS_UNKNOWN && found.replied != MS_UNKNOWN && found.replied >= found.sent;
    *l = (struct ms_name_lookup){ ms_arena_keep(&c->arena, found.name), found.type, found.frame, found.answer_frame,
                                  timed ? found.replied - found.sent : MS_UNKNOWN };
    s->lookup = l;
    if (s->server.name.n == 0)
        s->server.name = l->name;
}

/* What the client asked TLS for, or the first name of the certificate. */
static struct ms_bytes tls_name(const struct ms_tls_info *t)
{
    if (t->sni.n || t->certificate_count == 0)
        return t->sni;
    const struct ms_certificate *c = &t->certificates[0];
    return c->name_count && ms_at(c->names[0], 0) != '*' ? c->names[0] : c->common_name;
}

void ms_names_session_ended(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_session *s = &c->session;
    struct ms_dns_name found;
    if (s->server.name.n == 0 && find_name(e, s, &found) && found.type == MS_DNS_PTR)
        s->server.name = ms_arena_keep(&c->arena, found.name);
    if (s->server.name.n == 0 && s->tls)
        s->server.name = tls_name(s->tls);
}

void ms_names_finish(struct ms_engine *e)
{
    while (e->names->oldest)
        end_stream(e, e->names->oldest);
    ms_dns_finish(e->names->dns);
}

void ms_names_destroy(struct ms_engine *e)
{
    while (e->names->oldest)
        end_stream(e, e->names->oldest);
    if (e->names->streams.size)
        ms_table_finish(&e->names->streams);
    ms_dns_destroy(e->names->dns);
    ms_free(e->names);
}
