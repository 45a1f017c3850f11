/* proto/pop3/pop3.c - the POP3 parser: RFC 1939, 2449 (CAPA), 2595 (STLS), 3206, 5034 (AUTH), 6856 (UTF8, LANG).
 *
 * Lines are cut out here and go to command.c (client) and answer.c (server); the bytes of messages bypass the lines and go straight
 * to the unstuffer.
 *
 * Resume   what is said never depends on where the input was cut.
 * Limits   line_bytes, pending_exchanges, auth_response_bytes.
 * BUGS     a dialogue that goes on in clear after an accepted STLS is told from TLS by one byte (22).          */
#include "proto/pop3/private.h"

enum { TLS_HANDSHAKE = 0x16 };

static void init(void *state, struct ms_host *h)
{
    struct pop3 *p = state;
    bool         late = h->session->flags & MS_SESSION_JOINED_LATE;
    p->greeting_due = !late;
    p->lost[MS_C2S] = p->lost[MS_S2C] = late;
}

/* ---- lines begun earlier --------------------------------------------------------------------------------------- */

static bool at_line_start(const struct ms_lines *l)
{
    return !l->dropping && (l->rest.n == 0 || l->rest.p[l->rest.n - 1] == '\n');
}

static struct partial take_partial(struct pop3 *p, enum ms_dir dir)
{
    struct partial got = { .frame = 0 };
    if (p->partial[dir]) {
        got = *p->partial[dir];
        ms_free(p->partial[dir]);
        p->partial[dir] = NULL;
    }
    return got;
}

static void keep_partial(struct pop3 *p, enum ms_dir dir, struct partial *part)
{
    if (at_line_start(&part->lines)) {
        ms_line_finish(&part->lines);
        return;
    }
    p->partial[dir] = ms_alloc(sizeof *part);
    *p->partial[dir] = *part;
}

static void forget_partial(struct pop3 *p, enum ms_dir dir)
{
    struct partial part = take_partial(p, dir);
    ms_line_finish(&part.lines);
}

/* A line longer than the limit: what comes next begins behind its LF. */
static bool skip_long_line(struct ms_lines *l, struct ms_bytes *in)
{
    if (!l->dropping)
        return false;
    size_t lf = ms_find(*in, '\n');
    l->dropping = lf == in->n;
    *in = ms_tail(*in, lf + 1);
    return true;
}

/* One line out of *in, and where it began. */
static bool next_line(struct flow *f, struct partial *part, struct ms_bytes *in, struct ms_line *line)
{
    if (skip_long_line(&part->lines, in))
        return false;
    if (at_line_start(&part->lines)) {
        part->frame = f->c->frame;
        part->time = f->c->time;
    }
    if (!ms_line_next(&part->lines, in, (size_t)f->h->limits->line_bytes, line))
        return false;
    if (line->cut)
        f->h->ops->limit(f->h, MS_LIMIT_line_bytes);
    return true;
}

/* ---- both directions ------------------------------------------------------------------------------------------------ */

static bool tls_begins(const struct flow *f, const struct partial *part, struct ms_bytes in)
{
    const struct pop3 *p = f->p;
    uint8_t first = ms_at(in, 0);
    bool    possible = p->tls_asked || f->c->dir == MS_C2S || !p->client_seen;
    bool    record = first == TLS_HANDSHAKE || (p->tls[ms_other(f->c->dir)] && ms_begins_tls_record(first));
    return possible && at_line_start(&part->lines) && record && !p->tls[f->c->dir];
}

/* The direction goes over to TLS; the dialogue begins anew (RFC 2595 4). */
static void go_tls(struct flow *f, struct ms_bytes rest)
{
    struct ms_session *s = f->h->session;
    struct ms_chunk    chunk = *f->c;
    const struct pending *head = ms_pop3_head(f->p);
    bool               waits = chunk.dir == MS_C2S && head && head->verb == V_STLS; /* its reply is still to come in clear */
    chunk.bytes = rest;
    if (f->p->answer && !waits)
        ms_pop3_answer_end(f, false);
    while (!waits && ms_pop3_head(f->p))
        ms_pop3_settle(f->p, f->h, NULL);
    s->transport = f->p->tls_asked || chunk.dir == MS_S2C ? MS_TRANSPORT_STARTTLS : MS_TRANSPORT_TLS;
    ms_session_reach(s, MS_STAGE_TLS);
    f->p->lost[chunk.dir] = false;
    f->p->tls[chunk.dir] = true;
    f->p->agreed = 0;
    f->h->ops->filter(f->h, MS_FILTER_TLS, &chunk);
}

static void client_bytes(struct flow *f, struct partial *part, struct ms_bytes in)
{
    struct ms_line line;
    while (in.n) {
        if (tls_begins(f, part, in)) {
            go_tls(f, in);
            return;
        }
        if (next_line(f, part, &in, &line))
            ms_pop3_client_line(f, &line);
    }
}

/* Messages are read by line only where their end may have been missed. */
static bool is_fast(struct pop3 *p)
{
    struct answer *a = p->answer;
    if (!ms_pop3_in_body(p))
        return false;
    a->careful |= a->gap && p->queued > (a->orphan ? 0 : 1);
    return !a->careful;
}

static void server_bytes(struct flow *f, struct partial *part, struct ms_bytes in)
{
    struct ms_line line;
    while (in.n) {
        if (is_fast(f->p)) {
            if (!skip_long_line(&part->lines, &in))
                ms_pop3_body_bytes(f, &in);
            continue;
        }
        if (tls_begins(f, part, in)) {
            go_tls(f, in);
            return;
        }
        if (at_line_start(&part->lines) && ms_injected_behind(f->p->agreed, f->c->time, true))
            f->h->session->injected[MS_S2C] = f->c->frame;
        if (next_line(f, part, &in, &line))
            ms_pop3_server_line(f, &line, part);
    }
}

static void data(void *state, struct ms_host *h, const struct ms_chunk *c)
{
    struct flow f = { state, h, c, false };
    if (c->bytes.n == 0)
        return;
    struct partial part = take_partial(f.p, c->dir);
    if (c->dir == MS_C2S)
        client_bytes(&f, &part, c->bytes);
    else
        server_bytes(&f, &part, c->bytes);
    keep_partial(f.p, c->dir, &part);
}

/* A message read by line holds the beginning of one: that much of it is known. */
static void flush_line(struct flow *f)
{
    struct partial  part = take_partial(f->p, MS_S2C);
    struct ms_bytes rest = ms_buffer_bytes(&part.lines.rest);
    if (ms_pop3_in_body(f->p) && !at_line_start(&part.lines) && !part.lines.dropping)
        ms_pop3_body_bytes(f, &rest);
    ms_line_finish(&part.lines);
}

static void gap(void *state, struct ms_host *h, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct ms_chunk c = { .dir = dir, .frame = frame, .time = time };
    struct flow     f = { state, h, &c, false };
    struct pop3    *p = state;
    if (p->tls_asked && !p->tls[dir] && (p->tls[ms_other(dir)] || (h->session->transport == MS_TRANSPORT_STARTTLS && !(h->session->flags & MS_SESSION_CLEAR_AFTER)))) {
        go_tls(&f, (struct ms_bytes){ NULL, 0 }); /* what comes after STLS is TLS, as far as can be told */
        return;
    }
    if (dir == MS_C2S) {
        forget_partial(p, dir);
        p->lost[dir] = true;
        return;
    }
    flush_line(&f);
    p->server_seen = true;
    p->lost_frame = frame;
    if (ms_pop3_in_body(p)) {
        ms_pop3_body_gap(&f, length);
        return;
    }
    p->lost[dir] = true;
    p->greeting_due = false;
    p->guess_body = NO_BODY;
    if (p->answer)
        p->answer->gap = true;
    else if (ms_pop3_head(p))
        ms_pop3_head(p)->flags |= MS_EXCHANGE_GAP;
}

/* Open answers end here; a message that lacks no more than the certainty of its end marker is whole. */
static void end_answer(struct flow *f)
{
    struct answer  *a = f->p->answer;
    struct ms_chunk c = { .dir = MS_S2C, .frame = a ? a->status.last_frame : 0, .time = a ? a->status.last_time : 0 };
    f->c = &c;
    flush_line(f);
    a = f->p->answer;
    if (!a)
        return;
    bool over = a->kind == STRANGE || (a->kind == BODY && ms_dots_may_be_over(&a->dots));
    if (a->kind == BODY && !over && a->body) /* a dot or CR that was held back */
        ms_pop3_body_hold(f);
    ms_pop3_answer_end(f, over);
}

static void finish(void *state, struct ms_host *h)
{
    struct flow  f = { state, h, NULL, true };
    struct pop3 *p = state;
    if (p->answer)
        end_answer(&f);
    while (ms_pop3_head(p))
        ms_pop3_settle(p, h, NULL);
    forget_partial(p, MS_C2S);
    forget_partial(p, MS_S2C);
    ms_buffer_finish(&p->queue);
    if (p->login)
        ms_arena_finish(&p->login->arena);
    ms_free(p->login);
    p->login = NULL;
}

static enum ms_turn turn(const void *state)
{
    const struct pop3 *p = state;
    if (p->greeting_due || (p->queued && !p->challenged))
        return MS_TURN_SERVER;
    return p->server_seen ? MS_TURN_CLIENT : MS_TURN_NONE;
}

/* The end of a message that is held back belongs to the frame with its last byte. */
static bool holds(const void *state)
{
    const struct pop3 *p = state;
    return ms_pop3_in_body(p) && ms_dots_may_be_over(&p->answer->dots);
}

const struct ms_parser ms_pop3_parser = {
    .protocol = MS_PROTO_POP3, .state_size = sizeof(struct pop3), .init = init, .data = data, .gap = gap, .finish = finish,
    .turn = turn, .holds = holds,
};
