/* engine/timing.c - where the time went: every pause between two packets of a session is somebody's.
 *
 * stalled   the pause ended in a retransmission, or a receive window was closed
 * network   the share of a wait that the round trip explains (SYN to SYN+ACK on the server's side of the capture point, SYN+ACK to
 *           ACK on the client's), the handshake, and pauses in a transfer while bytes are in flight; at the end one round trip
 * server    it owed a greeting or a reply, or sent one and had nothing in flight
 * client    all was answered, or it sent a message and had nothing in flight; IDLE counts here, both wait by agreement
 *
 * Time runs from the latest packet up to now: one that is stamped earlier than a packet before it ends no pause, and the step
 * forward after it is not counted again. The four add up to the duration of the session exactly.                                              */
#include "engine/private.h"

static int64_t at_least_zero(int64_t ns) { return ns > 0 ? ns : 0; }

/* Takes the network's share out of a wait of dt; the rest is the waiting party's. */
static void split_wait(struct ms_conn *c, int64_t dt, int64_t *party)
{
    int64_t share = dt < c->wait_allowance ? dt : c->wait_allowance;
    c->session.timing.network += share;
    c->wait_allowance -= share;
    *party += dt - share;
}

static bool is_stall(const struct ms_conn *c, uint32_t analysis)
{
    const uint32_t resent = MS_TA_RETRANSMISSION | MS_TA_FAST_RETRANSMISSION | MS_TA_SPURIOUS_RETRANSMISSION;
    if (analysis & (resent | MS_TA_ZERO_WINDOW_PROBE))
        return true;
    for (int d = 0; d < 2; d++)
        if (c->session.tcp[d] && c->session.tcp[d]->zero_since != MS_UNKNOWN)
            return true;
    return false;
}

/* A pause inside a transfer from `sender`: its own when nothing was in flight and it ended the pause. */
static void transfer_pause(struct ms_conn *c, enum ms_dir sender, enum ms_dir dir, int64_t dt)
{
    struct ms_timing *t = &c->session.timing;
    bool own = dir == sender && c->in_flight_before[sender] == 0;
    if (own)
        split_wait(c, dt, sender == MS_C2S ? &t->client : &t->server);
    else
        t->network += dt;
}

/* After the first FIN or RST: what a round trip does not explain is the side's that still has to close. */
static void closing_pause(struct ms_conn *c, int64_t dt)
{
    struct ms_timing *t = &c->session.timing;
    int64_t rtt = c->session.rtt == MS_UNKNOWN ? 0 : c->session.rtt, share = dt < rtt ? dt : rtt;
    t->network += share;
    *(c->session.flags & MS_SESSION_SERVER_FIRST ? &t->client : &t->server) += dt - share;
}

static void attribute(struct ms_conn *c, enum ms_dir dir, bool closing, uint32_t analysis, int64_t dt)
{
    struct ms_timing *t = &c->session.timing;
    bool established = c->session.flags & (MS_SESSION_JOINED_LATE | MS_SESSION_FORCED) || c->handshake_done;
    if (is_stall(c, analysis) || (c->session.syn_retries && !established))
        t->stalled += dt;
    else if (!established)
        t->network += dt;
    else if (closing)
        closing_pause(c, dt);
    else if (c->turn == MS_TURN_SERVER)
        dir == MS_S2C && c->in_flight_before[MS_S2C] ? (void)(t->network += dt) : split_wait(c, dt, &t->server);
    else if (c->turn == MS_TURN_UPLOAD)
        transfer_pause(c, MS_C2S, dir, dt);
    else if (c->turn == MS_TURN_CLIENT || c->turn == MS_TURN_IDLE)
        split_wait(c, dt, &t->client);
    else
        transfer_pause(c, dir, dir, dt);
}

void ms_timing_packet(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, const struct ms_segment *s, uint32_t analysis)
{
    struct ms_session *n = &c->session;
    bool closing = n->close_frame && n->close_frame != e->frame; /* the pause before the FIN is not the FIN's */
    int64_t pause = at_least_zero(e->now - c->last_time), before = n->timing.network + n->timing.stalled;
    attribute(c, dir, closing, analysis, pause);
    if (pause > (int64_t)e->options.limits.idle_seconds * 1000000000)
        n->timing.jumps += n->timing.network + n->timing.stalled - before;
    bool readable = c->parser && c->state && !(n->flags & MS_SESSION_ENCRYPTED);
    enum ms_turn turn = readable ? c->parser->turn(c->state) : MS_TURN_NONE;
    if (s->payload_length && (turn != c->turn || turn == MS_TURN_NONE)) {
        int64_t server = n->rtt_server == MS_UNKNOWN ? 0 : n->rtt_server;
        int64_t client = n->rtt == MS_UNKNOWN ? 0 : n->rtt - server;
        c->wait_allowance = at_least_zero(dir == MS_C2S ? server : client);
    }
    c->turn = (uint8_t)turn;
    c->in_flight_before[0] = ms_tcp_in_flight(&c->tcp, MS_C2S) != 0;
    c->in_flight_before[1] = ms_tcp_in_flight(&c->tcp, MS_S2C) != 0;
}

static void add(int64_t *sum, int64_t from, int64_t to)
{
    if (from == MS_UNKNOWN || to == MS_UNKNOWN)
        return;
    *sum = (*sum == MS_UNKNOWN ? 0 : *sum) + at_least_zero(to - from);
}

void ms_timing_exchange(struct ms_conn *c, const struct ms_exchange *x)
{
    struct ms_timing *t = &c->session.timing;
    if (x->flags & MS_EXCHANGE_GREETING && t->greeting == MS_UNKNOWN && c->session.first_frame < x->reply_frame) {
        const struct ms_tls_info *tls = c->session.transport == MS_TRANSPORT_TLS ? c->session.tls : NULL;
        int64_t ready = c->session.started + (t->connect == MS_UNKNOWN ? 0 : t->connect);
        if (tls && tls->done_time != MS_UNKNOWN && tls->done_time > ready) /* the server speaks when the handshake is done */
            ready = tls->done_time;
        if (!(c->session.flags & MS_SESSION_JOINED_LATE))
            add(&t->greeting, ready, x->replied);
    } else if (x->stage == MS_STAGE_AUTH) {
        add(&t->auth, x->sent, x->replied);
    } else if (x->stage == MS_STAGE_TLS) {
        add(&t->tls, x->sent, x->replied);
    }
}

void ms_timing_tls(struct ms_conn *c)
{
    const struct ms_tls_info *t = c->session.tls;
    if (t)
        add(&c->session.timing.tls, t->client_hello_time, t->done_time);
}
