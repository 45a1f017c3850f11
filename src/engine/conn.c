/* engine/conn.c - connections: found by address pair, opened, fed, closed.
 *
 * A pure ACK, FIN or RST opens no connection: a session needs a SYN or payload. A connection on a mail port is a session from its
 * SYN on, answered or not; on other ports it becomes one when it says so (recognise.c). Closed connections linger for late
 * retransmissions: LINGER_NS of capture time, LINGER_MAX of them.                                              */
#include "engine/private.h"

#include <stdlib.h>

enum { LINGER_MAX = 256, SWEEP_SLOTS = 16, SWEEP_BATCHES = 512, MARK_SECONDS = 120 };
static const int64_t LINGER_NS = 30 * (int64_t)1000000000, FREEZE_NS = 1 * (int64_t)1000000000;

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

/* Which way a segment of this connection goes; false when it belongs to another pair with the same hash. */
static bool direction(const struct ms_conn *c, const struct ms_segment *s, enum ms_dir *dir)
{
    const struct ms_endpoint *a = &c->session.client, *b = &c->session.server;
    if (ms_is_endpoint(a, s->src, s->src_port) && ms_is_endpoint(b, s->dst, s->dst_port)) {
        *dir = MS_C2S;
        return true;
    }
    *dir = MS_S2C;
    return ms_is_endpoint(b, s->src, s->src_port) && ms_is_endpoint(a, s->dst, s->dst_port);
}

struct ms_conn *ms_conn_find(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    struct ms_slot *slot = ms_table_find(&e->table, hash);
    enum ms_dir     dir;
    if (!slot || ms_slot_is_mark(slot))
        return NULL;
    struct ms_conn *c = ms_slot_is_frozen(slot) ? ms_conn_thaw(e, slot) : (struct ms_conn *)slot->value;
    return direction(c, s, &dir) ? c : NULL;
}

static const struct ms_decode_as *forced(const struct ms_engine *e, uint16_t port)
{
    for (size_t i = 0; i < e->options.decode_as_count; i++)
        if (e->decode_as[i].port == port)
            return &e->decode_as[i];
    return NULL;
}

/* 24 (LMTP) and 2525 are no reserved ports: there a connection must say what it is. */
static enum ms_protocol mail_port(const struct ms_engine *e, uint16_t port, bool *tls)
{
    const struct ms_decode_as *row = forced(e, port);
    *tls = row && row->implicit_tls;
    if (row)
        return row->protocol;
    return port == 24 || port > 1024 ? MS_PROTO_NONE : ms_port_protocol(port, tls);
}

/* The sender is the client unless it answers (SYN+ACK), or speaks from a mail port or, without SYN, from the lower port. */
static bool sender_is_client(const struct ms_engine *e, const struct ms_segment *s)
{
    bool tls;
    if (s->flags & MS_SYN)
        return !(s->flags & MS_ACK);
    bool from = mail_port(e, s->src_port, &tls) != MS_PROTO_NONE;
    bool to = mail_port(e, s->dst_port, &tls) != MS_PROTO_NONE;
    if (from != to)
        return to;
    bool known_from = ms_port_protocol(s->src_port, &tls) != MS_PROTO_NONE;
    bool known_to = ms_port_protocol(s->dst_port, &tls) != MS_PROTO_NONE;
    return known_from != known_to ? known_to : s->src_port >= s->dst_port;
}

struct ms_conn *ms_conn_take(struct ms_engine *e)
{
    struct ms_conn *c = e->free_conns;
    if (!c)
        return ms_alloc(sizeof *c);
    e->free_conns = c->closed_next;
    memset(c, 0, sizeof *c);
    return c;
}

static void start_session(struct ms_session *s, struct ms_engine *e)
{
    s->first_frame = e->frame;
    s->started = s->ended = e->now;
    s->rtt = s->rtt_server = MS_UNKNOWN;
    s->timing = (struct ms_timing){ .connect = MS_UNKNOWN, .greeting = MS_UNKNOWN, .tls = MS_UNKNOWN,
                                    .auth = MS_UNKNOWN, .transfer = MS_UNKNOWN };
}

static struct ms_conn *open_conn(struct ms_engine *e, const struct ms_segment *s)
{
    struct ms_conn    *c = ms_conn_take(e);
    bool               client = sender_is_client(e, s), tls;
    struct ms_endpoint from = ms_sender(s), to = ms_receiver(s);
    c->session.client = client ? from : to;
    c->session.server = client ? to : from;
    start_session(&c->session, e);
    if (!(s->flags & MS_SYN))
        c->session.flags |= MS_SESSION_JOINED_LATE;
    c->last_time = e->now;
    c->last_clock = e->clock;
    ms_tcp_init(&c->tcp);
    enum ms_protocol p = mail_port(e, c->session.server.port, &tls);
    c->session.protocol = (uint8_t)p;
    c->session_port = p != MS_PROTO_NONE;
    c->follow = e->options.follow_frame == e->frame;
    e->open_count++;
    e->totals.tcp_connections++;
    if (c->session_port)
        ms_names_session(e, c);
    ms_line_join(e, c);
    if (forced(e, c->session.server.port))
        ms_conn_force(e, c, p, tls);
    return c;
}

void ms_conn_give_back(struct ms_engine *e, struct ms_conn *c)
{
    c->closed_next = e->free_conns;
    e->free_conns = c;
}

void ms_conn_free(struct ms_engine *e, struct ms_conn *c)
{
    ms_arena_finish(&c->arena);
    ms_conn_give_back(e, c);
}

static void drop_slot(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_segment s = { .src_port = c->session.client.port, .dst_port = c->session.server.port };
    memcpy(s.src, c->session.client.ip, 16);
    memcpy(s.dst, c->session.server.ip, 16);
    struct ms_slot *slot = ms_table_find(&e->table, ms_segment_hash(&s));
    if (slot && slot->value == (uintptr_t)c)
        ms_table_remove(&e->table, slot);
}

static void free_sniff(struct ms_conn *c)
{
    if (!c->sniff)
        return;
    ms_buffer_finish(&c->sniff->bytes[0]);
    ms_buffer_finish(&c->sniff->bytes[1]);
    ms_buffer_finish(&c->sniff->pieces);
    ms_free(c->sniff);
    c->sniff = NULL;
}

void ms_conn_point_at(struct ms_engine *e, struct ms_conn *c)
{
    e->live.conn = c;
    e->live.host.session = &c->session;
    e->live.host.arena = &c->arena;
}

static void say_other(const struct ms_engine *e, const struct ms_conn *c)
{
    if (e->output.other)
        e->output.other(e->output.ctx, &c->session);
}

void ms_conn_end(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_tcp_sink sink = { ms_conn_data, ms_conn_gap, e };
    ms_conn_point_at(e, c);
    ms_tcp_finish(&c->tcp, e->pool, &sink);
    ms_conn_turn(c, MS_C2S);
    ms_filter_end(e, c);
    ms_conn_decide_at_end(e, c);
    ms_filter_end(e, c); /* one that the decision just now has begun */
    if (c->parser && c->state) {
        c->parser->finish(c->state, &e->live.host);
        ms_free(c->state);
        c->state = NULL;
        ms_filter_rest(e, c); /* one asked for by bytes that the parser had held */
        ms_filter_end(e, c);
    }
    free_sniff(c);
    ms_settled_leave(e, c);
    ms_free(c->told);
    c->told = NULL;
    e->open_count--;
    if (c->decision == MS_UNDECIDED) { /* never became a session */
        ms_line_leave(e, c);
        e->totals.other_connections++;
        say_other(e, c);
        ms_visit_end(e, c);
        ms_conn_free(e, c);
        return;
    }
    ms_timing_tls(c);
    ms_names_session_ended(e, c);
    ms_outcome_decide(e, c);
    ms_emit_session(e, c);
}

static void end_oldest_closed(struct ms_engine *e)
{
    struct ms_conn *c = e->closed_first;
    e->closed_first = c->closed_next;
    if (!e->closed_first)
        e->closed_last = NULL;
    e->closed_count--;
    drop_slot(e, c);
    ms_conn_end(e, c);
}

static void linger(struct ms_engine *e, struct ms_conn *c)
{
    c->closing = true;
    c->closed_next = NULL;
    if (e->closed_last)
        e->closed_last->closed_next = c;
    else
        e->closed_first = c;
    e->closed_last = c;
    if (++e->closed_count > LINGER_MAX)
        end_oldest_closed(e);
}

static void unlink_closed(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_conn **at = &e->closed_first, *before = NULL;
    while (*at != c) {
        before = *at;
        at = &(*at)->closed_next;
    }
    *at = c->closed_next;
    if (e->closed_last == c)
        e->closed_last = before;
    e->closed_count--;
}

void ms_conn_cut_off(struct ms_engine *e, struct ms_conn *c)
{
    if (c->closing)
        unlink_closed(e, c);
    else
        c->session.flags |= MS_SESSION_CUT_OFF;
    drop_slot(e, c);
    ms_conn_end(e, c);
}

/* The bits of the handshake and of the end. */
static void note_flags(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s)
{
    struct ms_session *n = &c->session;
    if (c->handshake_done && !(s->flags & (MS_SYN | MS_FIN | MS_RST)))
        return;
    if (s->flags & MS_SYN) {
        uint32_t bit = s->flags & MS_ACK ? MS_SESSION_SYN_ACK : MS_SESSION_SYN;
        if (bit == MS_SESSION_SYN && n->flags & MS_SESSION_SYN && n->syn_retries < UINT8_MAX)
            n->syn_retries++;
        if (bit == MS_SESSION_SYN_ACK && n->rtt_server == MS_UNKNOWN && n->flags & MS_SESSION_SYN)
            n->rtt_server = later(e->now - c->last_time, 0);
        n->flags |= bit;
    } else if (dir == MS_C2S && !c->handshake_done && s->flags & MS_ACK && n->flags & MS_SESSION_SYN_ACK) {
        c->handshake_done = true;
        if (n->flags & MS_SESSION_SYN) {
            n->timing.connect = later(e->now - n->started, 0);
            int64_t client = later(e->now - c->last_time, 0), server = n->rtt_server == MS_UNKNOWN ? 0 : n->rtt_server;
            if (__builtin_add_overflow(client, server, &n->rtt)) /* times of a damaged capture */
                n->rtt = MS_UNKNOWN;
        }
    }
    if (!(s->flags & (MS_FIN | MS_RST)))
        return;
    if (n->close_frame == 0) {
        n->close_frame = e->frame;
        n->flags |= dir == MS_S2C ? MS_SESSION_SERVER_FIRST : 0;
    }
    if (s->flags & MS_RST)
        n->flags |= dir == MS_C2S ? MS_SESSION_RST_CLIENT : MS_SESSION_RST_SERVER;
    else
        n->flags |= dir == MS_C2S ? MS_SESSION_FIN_CLIENT : MS_SESSION_FIN_SERVER;
}

static void count_packet(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s)
{
    struct ms_session *n = &c->session;
    n->last_frame = e->frame;
    n->frame_count++;
    n->ended = later(e->now, n->ended);
    if (s->payload_length) {
        n->segments[dir]++;
        if (s->payload.n < s->payload_length)
            n->flags |= MS_SESSION_SNAPPED;
    }
}

/* Without a handshake the shortest answer times of both sides stand for the round trip. */
static void note_round_trip(struct ms_conn *c, enum ms_dir dir, int64_t took)
{
    struct ms_session *n = &c->session;
    int64_t           *least = &c->least_answer[dir];
    if (took == MS_UNKNOWN)
        return;
    *least = *least == 0 || took < *least ? took : *least;
    if (c->least_answer[MS_S2C] == 0 || c->least_answer[MS_C2S] == 0)
        return;
    n->rtt_server = c->least_answer[MS_S2C];
    n->rtt = n->rtt_server + c->least_answer[MS_C2S];
}

static void feed(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s)
{
    struct ms_tcp_sink sink = { ms_conn_data, ms_conn_gap, e };
    int64_t            took = MS_UNKNOWN;
    bool               judged = !e->options.dialogue_only; /* sessions are told, with their troubles and times */
    bool               timed = judged && c->session.flags & MS_SESSION_JOINED_LATE;
    ms_conn_point_at(e, c);
    e->moved = false;
    note_flags(e, c, dir, s);
    count_packet(e, c, dir, s);
    if (judged && (s->ttl != c->usual_ttl[dir] || c->syn_ack_after))
        ms_obstacle_ttl(e, c, dir, s);
    if (judged && s->payload_length > 1 && !c->open_bodies)
        ms_obstacle_twice(e, c, dir, s);
    uint32_t analysis = ms_tcp_segment(&c->tcp, e->pool, dir, s, e->frame, e->now, &sink, timed ? &took : NULL);
    dir = ms_conn_turn(c, dir);
    note_round_trip(c, dir, took);
    if (judged) {
        ms_timing_packet(e, c, dir, s, analysis);
        ms_trouble_note(e, c, dir, s, analysis);
    }
    if (c->follow && e->output.segment)
        e->output.segment(e->output.ctx, &c->session, &(struct ms_seen_segment){ s, dir, analysis, e->frame, e->now });
    if (e->output.frame)
        e->output.frame(e->output.frames_ctx, &c->session, e->frame);
    c->last_time = later(e->now, c->last_time);
    c->last_clock = e->clock;
    if (e->output.element && (s->payload_length || e->moved || c->unsettled)) /* else nothing has changed */
        ms_settled_look(e, c);
}

/* Too many that have not said what they are: the oldest is forgotten. When it speaks after all, it is one joined late. */
static void forget_undecided(struct ms_engine *e)
{
    while (e->line_first && e->line_count >= e->options.limits.undecided) {
        struct ms_conn *c = e->line_first;
        ms_limit_reached(e, MS_LIMIT_undecided);
        if (c->closing)
            unlink_closed(e, c);
        drop_slot(e, c);
        ms_conn_end(e, c);
    }
}

/* What a table slot without a connection does with a segment. */
static struct ms_conn *first_packet(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    if (!(s->flags & MS_SYN) && s->payload_length == 0)
        return NULL;
    if (s->flags & MS_RST && !(s->flags & MS_SYN))
        return NULL;
    if (e->open_count >= e->options.limits.connections) {
        ms_limit_reached(e, MS_LIMIT_connections);
        if (!ms_room_make(e))
            return NULL;
    }
    forget_undecided(e);
    struct ms_conn *c = open_conn(e, s);
    struct ms_slot *slot = ms_table_find(&e->table, hash);
    if (!slot)
        slot = ms_table_add(&e->table, hash);
    slot->value = (uintptr_t)c;
    return c;
}

static void drop_data(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    (void)ctx, (void)dir, (void)b, (void)offset, (void)frame, (void)time;
}

static void drop_gap(void *ctx, enum ms_dir dir, uint64_t n, uint64_t offset, uint64_t frame, int64_t time)
{
    (void)ctx, (void)dir, (void)n, (void)offset, (void)frame, (void)time;
}

static uint32_t clock_second(const struct ms_engine *e) { return (uint32_t)(e->clock / 1000000000); }

/* Old enough to be swept. The sweep comes by at no certain time, so whoever meets an old one first must take it as gone: the answer
 * would depend on the seed of the hash otherwise. */
static bool is_old_mark(const struct ms_engine *e, const struct ms_slot *slot)
{
    return clock_second(e) - ms_slot_second(slot) > MARK_SECONDS;
}

bool ms_conn_is_forgotten(const struct ms_engine *e, const struct ms_conn *c)
{
    int64_t idle = (int64_t)e->options.limits.idle_seconds * 1000000000; /* by both, since one packet may have a wrong time */
    return !c->closing && e->clock - c->last_clock > idle && e->now - c->last_time > idle;
}

/* Ends the connection of a slot while another one takes its place. */
static void vacate(struct ms_engine *e, struct ms_slot *slot, struct ms_conn *c)
{
    if (c->closing)
        unlink_closed(e, c);
    slot->value = ms_mark_at(0);
    ms_conn_end(e, c);
}

/* A connection that turned out not to be mail leaves a mark. */
static void mark_other(struct ms_engine *e, struct ms_conn *c, uint64_t hash)
{
    struct ms_tcp_sink nobody = { drop_data, drop_gap, NULL };
    struct ms_slot    *slot = ms_table_find(&e->table, hash);
    if (c->closing)
        unlink_closed(e, c);
    slot->value = ms_mark_at(clock_second(e));
    ms_tcp_finish(&c->tcp, e->pool, &nobody);
    ms_filter_end(e, c);
    free_sniff(c);
    ms_settled_leave(e, c);
    e->open_count--;
    e->totals.other_connections++;
    say_other(e, c);
    ms_conn_free(e, c);
}

void ms_conn_packet(struct ms_engine *e, const struct ms_segment *s, uint64_t hash)
{
    struct ms_slot *slot = ms_table_find(&e->table, hash);
    struct ms_conn *c = NULL;
    enum ms_dir     dir;
    if (slot && ms_slot_is_mark(slot)) {
        if ((s->flags & (MS_SYN | MS_ACK)) != MS_SYN && !is_old_mark(e, slot)) {
            slot->value = ms_mark_at(clock_second(e));
            return;
        }
    } else if (slot) {
        c = ms_slot_is_frozen(slot) ? ms_conn_thaw(e, slot) : (struct ms_conn *)slot->value;
        if (!direction(c, s, &dir))
            return; /* another pair with the same 64-bit hash */
        if (s->flags & MS_SYN && ms_tcp_is_reuse(&c->tcp, dir, s)) {
            c->session.flags |= MS_SESSION_PORT_REUSED;
            vacate(e, slot, c);
            c = NULL;
        }
    }
    if (!c) {
        if (!(c = first_packet(e, s, hash)))
            return;
        direction(c, s, &dir);
    }
    feed(e, c, dir, s);
    bool other = c->decision == MS_IS_OPAQUE && !c->session_port;
    if (other)
        ms_line_leave(e, c);
    if (other && !c->visit)
        mark_other(e, c, hash);
    else if (!c->closing && ms_tcp_is_closed(&c->tcp))
        linger(e, c);
}

static void sweep_slot(struct ms_engine *e, struct ms_slot *slot)
{
    if (ms_slot_is_mark(slot)) {
        if (is_old_mark(e, slot))
            ms_table_remove(&e->table, slot);
        return;
    }
    /* A frozen one is not looked at again before a packet comes or the capture ends: it costs little. */
    struct ms_conn *c = (struct ms_conn *)slot->value;
    if (ms_slot_is_frozen(slot) || c->closing || e->clock - c->last_clock <= FREEZE_NS)
        return;
    if (e->open_count > e->options.limits.freeze_above)
        ms_conn_freeze(e, slot);
}

static int by_first_frame(const void *a, const void *b)
{
    const struct ms_conn *x = *(struct ms_conn *const *)a, *y = *(struct ms_conn *const *)b;
    return x->session.first_frame < y->session.first_frame ? -1 : x->session.first_frame > y->session.first_frame;
}

/* All that are forgotten, in order of their first frame: the order of slots is another one on every run. */
static void end_forgotten(struct ms_engine *e)
{
    struct ms_buffer found = { 0 };
    for (uint32_t i = 0; i < e->table.size; i++) {
        const struct ms_slot *slot = &e->table.slots[i];
        struct ms_conn       *c = (struct ms_conn *)slot->value;
        if (slot->value && !ms_slot_is_mark(slot) && !ms_slot_is_frozen(slot) && ms_conn_is_forgotten(e, c))
            ms_buffer_append(&found, (struct ms_bytes){ (const uint8_t *)&c, sizeof c });
    }
    struct ms_conn **conns = (struct ms_conn **)(void *)found.p;
    size_t           n = found.n / sizeof *conns;
    if (n)
        qsort(conns, n, sizeof *conns, by_first_frame);
    for (size_t i = 0; i < n; i++) {
        ms_limit_reached(e, MS_LIMIT_idle_seconds);
        drop_slot(e, conns[i]);
        conns[i]->session.flags |= MS_SESSION_CUT_OFF;
        ms_conn_end(e, conns[i]);
    }
    ms_buffer_finish(&found);
}

void ms_conn_sweep(struct ms_engine *e)
{
    while (e->closed_first && e->now - e->closed_first->last_time > LINGER_NS)
        end_oldest_closed(e);
    if (e->clock - e->forgot > (int64_t)e->options.limits.idle_seconds * (1000000000 / 4)) {
        end_forgotten(e);
        e->forgot = e->clock;
    }
    bool     many = e->open_count > e->options.limits.freeze_above; /* then the whole table in SWEEP_BATCHES batches */
    uint32_t slots = many ? e->table.size / SWEEP_BATCHES : SWEEP_SLOTS;
    for (uint32_t i = 0; i < slots; i++) {
        struct ms_slot *slot = &e->table.slots[e->table.sweep_at++ & (e->table.size - 1)];
        if (slot->value)
            sweep_slot(e, slot);
    }
}
