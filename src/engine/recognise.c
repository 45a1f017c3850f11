/* engine/recognise.c - which connections are mail, and which protocol: what is said decides, the port helps.
 *
 * Until a connection has said enough, its bytes wait in order (SNIFF_BYTES a direction) and are then played to the parser as if
 * they came just now, with their own frames and times.                                                     */
#include "engine/private.h"

enum {
    SNIFF_BYTES = 4096, SNIFF_PIECES = 256,
    HELLO_PIECES = 2048, /* while a client hello comes that there may be keys for: it may have a byte a segment */
};

/* The part of the chunk that the parser read: the rest was for a filter. */
static void stream(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    struct ms_chunk read = *chunk;
    read.bytes.n -= e->live.rest.bytes.n < read.bytes.n ? e->live.rest.bytes.n : read.bytes.n;
    if (read.bytes.n)
        e->output.stream(e->output.ctx, &c->session, &read);
}

static void deliver(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    if (c->parser && c->state)
        c->parser->data(c->state, &e->live.host, chunk);
    else if (c->visit && c->visit->fetch)
        ms_fetch_data(c->visit->fetch, chunk->dir, chunk->bytes, chunk->frame);
    if (c->follow && e->output.stream)
        stream(e, c, chunk);
    ms_filter_rest(e, c);
}

static void deliver_gap(struct ms_engine *e, struct ms_conn *c, const struct ms_sniff_piece *gap)
{
    if (c->follow && e->output.stream_gap)
        e->output.stream_gap(e->output.ctx, &c->session, (enum ms_dir)gap->dir, gap->length);
    if (c->parser && c->state)
        c->parser->gap(c->state, &e->live.host, (enum ms_dir)gap->dir, gap->length, gap->frame, gap->time);
    else if (c->visit && c->visit->fetch)
        ms_fetch_gap(c->visit->fetch, (enum ms_dir)gap->dir);
}

static void keep_piece(struct ms_conn *c, struct ms_sniff_piece piece, struct ms_bytes bytes)
{
    if (!c->sniff)
        c->sniff = ms_alloc(sizeof *c->sniff);
    c->sniff->plain = c->over_tls[piece.dir];
    ms_buffer_append(&c->sniff->bytes[piece.dir], bytes);
    ms_buffer_append(&c->sniff->pieces, (struct ms_bytes){ (const uint8_t *)&piece, sizeof piece });
}

static void replay(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_sniff *sniff = c->sniff;
    size_t           at[2] = { 0, 0 };
    c->sniff = NULL;
    if (!sniff)
        return;
    for (size_t i = 0; i + sizeof(struct ms_sniff_piece) <= sniff->pieces.n; i += sizeof(struct ms_sniff_piece)) {
        struct ms_sniff_piece piece;
        memcpy(&piece, sniff->pieces.p + i, sizeof piece);
        if (piece.gap) {
            (sniff->plain ? ms_filter_plain_gap : ms_filter_gap)(e, c, (enum ms_dir)piece.dir, piece.length, piece.frame, piece.time);
            continue;
        }
        struct ms_bytes all = ms_buffer_bytes(&sniff->bytes[piece.dir]);
        struct ms_chunk chunk = { (enum ms_dir)piece.dir, ms_slice(all, at[piece.dir], piece.length), piece.offset,
                                  piece.frame, piece.time };
        at[piece.dir] += piece.length;
        (sniff->plain ? ms_filter_plain : ms_filter_data)(e, c, &chunk);
    }
    ms_buffer_finish(&sniff->bytes[0]);
    ms_buffer_finish(&sniff->bytes[1]);
    ms_buffer_finish(&sniff->pieces);
    ms_free(sniff);
}

static void set_parser(struct ms_engine *e, struct ms_conn *c, enum ms_protocol p)
{
    bool silent = e->options.dialogue_only && !(e->output.elements & MS_ELEMENTS(p, MS_EL_ALL)); /* nobody asks what is said here */
    c->session.protocol = (uint8_t)p;
    c->decision = MS_IS_MAIL;
    if (!silent) {
        c->parser = ms_parser_for(p);
        c->state = ms_alloc((c->parser->state_size + 7) & ~(size_t)7); /* whole words: freeze.c */
        c->parser->init(c->state, &e->live.host);
    }
    ms_line_decided(e, c);
}

static void begin_with_tls(struct ms_engine *e, struct ms_conn *c)
{
    c->session.transport = MS_TRANSPORT_TLS;
    ms_filter_start_tls(e, c, MS_C2S);
    ms_filter_start_tls(e, c, MS_S2C);
}

static void set_tls(struct ms_engine *e, struct ms_conn *c, enum ms_protocol p)
{
    c->session.protocol = (uint8_t)p;
    begin_with_tls(e, c);
    c->decision = MS_IS_ENCRYPTED;
    ms_line_decided(e, c);
}

void ms_conn_force(struct ms_engine *e, struct ms_conn *c, enum ms_protocol p, bool tls)
{
    ms_conn_point_at(e, c);
    c->session.flags |= MS_SESSION_FORCED;
    if (tls)
        set_tls(e, c, p);
    else
        set_parser(e, c, p);
}

/* Client and server change places: the capture begins in the middle, and the guess by port was wrong. TCP, which hands these bytes on just now,
 * keeps its sides until it is done (ms_conn_turn). */
static void swap_sides(struct ms_conn *c)
{
    struct ms_session *s = &c->session;
    struct ms_endpoint side = s->client;
    struct ms_tcp_trouble *trouble = s->tcp[0];
    uint64_t bytes = s->bytes[0];
    uint32_t segments = s->segments[0];
    s->client = s->server;
    s->server = side;
    c->turned = !c->turned;
    s->tcp[0] = s->tcp[1];
    s->tcp[1] = trouble;
    s->bytes[0] = s->bytes[1];
    s->bytes[1] = bytes;
    s->segments[0] = s->segments[1];
    s->segments[1] = segments;
    s->opening = (struct ms_opening){ .frame = 0 };
    uint8_t ttl = c->usual_ttl[0];
    c->usual_ttl[0] = c->usual_ttl[1];
    c->usual_ttl[1] = ttl;
    struct ms_buffer said = c->sniff->bytes[0];
    c->sniff->bytes[0] = c->sniff->bytes[1];
    c->sniff->bytes[1] = said;
    for (size_t i = 0; i + sizeof(struct ms_sniff_piece) <= c->sniff->pieces.n; i += sizeof(struct ms_sniff_piece))
        ((struct ms_sniff_piece *)(void *)(c->sniff->pieces.p + i))->dir ^= 1;
}

/* The usual case: the server's greeting comes first, whole, and says it all; nothing needs to be kept. */
static bool decide_at_once(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    if (c->sniff || chunk->dir != MS_S2C)
        return false;
    struct ms_guess g = ms_detect((struct ms_bytes){ NULL, 0 }, chunk->bytes, c->session.server.port, false);
    if (g.kind != MS_GUESS_MAIL)
        return false;
    set_parser(e, c, g.protocol);
    deliver(e, c, chunk);
    return true;
}

enum ms_dir ms_conn_turn(struct ms_conn *c, enum ms_dir dir)
{
    struct ms_tcp_half half = c->tcp.half[0];
    if (!c->turned)
        return dir;
    c->tcp.half[0] = c->tcp.half[1];
    c->tcp.half[1] = half;
    c->turned = false;
    return ms_other(dir);
}

static enum ms_dir side(const struct ms_conn *c, enum ms_dir dir) { return c->turned ? ms_other(dir) : dir; }

static struct ms_guess guess(struct ms_conn *c, bool ended)
{
    struct ms_bytes client = ms_buffer_bytes(&c->sniff->bytes[MS_C2S]), server = ms_buffer_bytes(&c->sniff->bytes[MS_S2C]);
    struct ms_guess g = ms_detect(client, server, c->session.server.port, ended);
    if (g.kind != MS_GUESS_NO || c->session_port || c->session.flags & (MS_SESSION_SYN | MS_SESSION_SYN_ACK))
        return g;
    struct ms_guess other = ms_detect(server, client, c->session.client.port, ended);
    if (other.kind != MS_GUESS_MAIL)
        return g;
    swap_sides(c);
    return other;
}

static void not_mail(struct ms_engine *e, struct ms_conn *c)
{
    c->decision = MS_IS_OPAQUE;
    if (!c->session_port) { /* the caller drops it */
        if (c->visit)
            replay(e, c);
        return;
    }
    c->session.flags |= MS_SESSION_OPAQUE | MS_SESSION_NOT_MAIL;
    replay(e, c);
    ms_line_decided(e, c);
}

/* TLS on a port that says nothing: worth opening when there may be keys for it; what comes out is looked at anew. */
static int may_open(const struct ms_engine *e, const struct ms_conn *c)
{
    return c->session_port || c->tls ? 0 : ms_tls_may_open(e->tls, ms_buffer_bytes(&c->sniff->bytes[MS_C2S]));
}

static void decide(struct ms_engine *e, struct ms_conn *c, bool ended)
{
    int opens = may_open(e, c);
    if (opens > 0) {
        begin_with_tls(e, c);
        replay(e, c);
        return;
    }
    struct ms_guess g = guess(c, ended);
    size_t pieces = c->sniff->pieces.n / sizeof(struct ms_sniff_piece);
    bool full = pieces >= (opens < 0 ? HELLO_PIECES : SNIFF_PIECES) || c->sniff->bytes[0].n + c->sniff->bytes[1].n >= SNIFF_BYTES;
    if (g.kind == MS_GUESS_MORE && full)
        g = guess(c, true);
    if (g.kind == MS_GUESS_NO && opens < 0 && !full && !ended)
        return;
    if (g.kind == MS_GUESS_NO && !c->session_port && ms_visit_waits(e, c, full || ended))
        return;
    if (g.kind == MS_GUESS_TLS && c->tls) /* TLS inside of TLS is not mail */
        g.kind = MS_GUESS_NO;
    if (g.kind == MS_GUESS_MAIL)
        set_parser(e, c, g.protocol);
    else if (g.kind == MS_GUESS_TLS)
        set_tls(e, c, g.protocol);
    else if (g.kind == MS_GUESS_NO || full || ended)
        not_mail(e, c);
    if (c->decision == MS_IS_MAIL || c->decision == MS_IS_ENCRYPTED)
        replay(e, c);
}

void ms_conn_top(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    if (c->decision == MS_IS_ENCRYPTED)
        set_parser(e, c, (enum ms_protocol)c->session.protocol);
    if (c->decision != MS_UNDECIDED) {
        deliver(e, c, chunk);
        return;
    }
    if (decide_at_once(e, c, chunk))
        return;
    struct ms_sniff_piece piece = { chunk->offset, chunk->frame, chunk->time, (uint32_t)chunk->bytes.n, (uint8_t)chunk->dir, false };
    keep_piece(c, piece, chunk->bytes);
    decide(e, c, false);
}

void ms_conn_top_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    uint32_t              n = length > UINT32_MAX ? UINT32_MAX : length ? (uint32_t)length : 1; /* some, when it is not known how many */
    struct ms_sniff_piece piece = { 0, frame, time, n, (uint8_t)dir, true };
    if (c->decision == MS_UNDECIDED)
        keep_piece(c, piece, (struct ms_bytes){ NULL, 0 });
    else
        deliver_gap(e, c, &piece);
}

static void keep_opening(struct ms_opening *o, const struct ms_chunk *chunk)
{
    struct ms_bytes part = ms_head(chunk->bytes, MS_OPENING_BYTES - (size_t)o->n);
    if (chunk->offset != o->n || part.n == 0)
        return;
    memcpy(o->bytes + o->n, part.p, part.n);
    o->frame = o->frame ? o->frame : chunk->frame;
    o->n = (uint8_t)(o->n + part.n);
}

void ms_conn_data(void *engine, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    struct ms_engine *e = engine;
    struct ms_conn   *c = e->live.conn;
    struct ms_chunk   chunk = { side(c, dir), b, offset, frame, time };
    e->moved = true;
    c->session.bytes[chunk.dir] += b.n;
    if (chunk.dir == MS_C2S && c->session.opening.n < MS_OPENING_BYTES)
        keep_opening(&c->session.opening, &chunk);
    bool at_once = c->state && c->decision == MS_IS_MAIL && !c->over_tls[chunk.dir] && !c->inflate[chunk.dir];
    if (at_once)
        deliver(e, c, &chunk);
    else
        ms_filter_data(e, c, &chunk);
    if (c->decision != MS_UNDECIDED || !c->tls || !ms_tls_is_blind(c->tls))
        return;
    if (!c->session_port)
        ms_visit_sealed(e, c);
    not_mail(e, c); /* no key opened it: what is inside will not be known */
}

void ms_conn_gap(void *engine, enum ms_dir dir, uint64_t n, uint64_t offset, uint64_t frame, int64_t time)
{
    struct ms_engine *e = engine;
    struct ms_conn   *c = e->live.conn;
    (void)offset;
    e->moved = true;
    c->session.gap_bytes += n;
    c->session.flags |= MS_SESSION_GAPS;
    ms_filter_gap(e, c, side(c, dir), n, frame, time);
}

/* A connection on a mail port is a session even when nothing was said. */
void ms_conn_decide_at_end(struct ms_engine *e, struct ms_conn *c)
{
    if (c->decision == MS_UNDECIDED && c->sniff && c->sniff->pieces.n)
        decide(e, c, true);
    if (c->decision == MS_IS_OPAQUE && !c->session_port)
        c->decision = MS_UNDECIDED;
    if (c->decision != MS_UNDECIDED || !c->session_port)
        return;
    bool tls;
    if (ms_port_protocol(c->session.server.port, &tls) != MS_PROTO_NONE && tls)
        c->session.transport = MS_TRANSPORT_TLS;
    c->decision = MS_IS_OPAQUE;
    ms_line_decided(e, c);
}
