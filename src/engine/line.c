/* engine/line.c - the line in front of the counter: sessions get their number in order of their first frame.
 *
 * In the line stand, in order of first frame, connections that have not said yet whether they are mail, and sessions behind such
 * a one. Records of a session without number, and all records behind them, wait. Beyond the limits pending_sessions and
 * pending_bytes the connection at the head loses its place (it is numbered when it speaks), so that nothing waits for ever.      */
#include "engine/private.h"

static void unlink_conn(struct ms_engine *e, struct ms_conn *c)
{
    if (!c->in_line)
        return;
    *(c->line_before ? &c->line_before->line_next : &e->line_first) = c->line_next;
    *(c->line_next ? &c->line_next->line_before : &e->line_last) = c->line_before;
    c->line_before = c->line_next = NULL;
    c->in_line = false;
    e->line_count--;
}

static void append(struct ms_engine *e, struct ms_conn *c)
{
    c->in_line = true;
    c->line_before = e->line_last;
    *(e->line_last ? &e->line_last->line_next : &e->line_first) = c;
    e->line_last = c;
    e->line_count++;
}

static void give_number(struct ms_engine *e, struct ms_conn *c) { c->session.id = ++e->last_session; }

static bool is_session(const struct ms_conn *c) { return c->session_port || c->decision != MS_UNDECIDED; }

static struct ms_waiting *shift(struct ms_engine *e)
{
    struct ms_waiting *w = e->waiting_first;
    e->waiting_first = w->next;
    if (!e->waiting_first)
        e->waiting_last = NULL;
    e->waiting_count--;
    e->waiting_bytes -= w->bytes;
    return w;
}

static void count_key_faults(struct ms_engine *e, const struct ms_tls_info *t)
{
    for (int i = 0; t && (t->unread[0] || t->unread[1]) && i < MS_TLS_FAULT_COUNT; i++)
        e->totals.key_faults[i] += t->key_faults >> i & 1;
}

static void hand_session(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_session *s = &c->session;
    if (!e->options.dialogue_only)
        ms_checks_session(e->checks, &c->watch, s);
    e->totals.sessions[s->protocol]++;
    count_key_faults(e, s->tls);
    e->totals.encrypted += (s->flags & MS_SESSION_ENCRYPTED) != 0;
    if (e->options.judges.session && !e->options.dialogue_only)
        e->options.judges.session(e->options.judges.ctx, s);
    if (e->output.session)
        e->output.session(e->output.ctx, s);
    ms_conn_free(e, c);
}

static void hand_exchange(struct ms_engine *e, const struct ms_session *s, const struct ms_exchange *x)
{
    if (e->options.judges.exchange)
        e->options.judges.exchange(e->options.judges.ctx, s, x);
    if (e->output.exchange)
        e->output.exchange(e->output.ctx, s, x);
}

static void hand_message(struct ms_engine *e, struct ms_body *b)
{
    if (e->options.judges.message)
        e->options.judges.message(e->options.judges.ctx, &b->message);
    if (e->output.message)
        e->output.message(e->output.ctx, &b->message);
    ms_body_free(e, b);
}

static void hand_waiting(struct ms_engine *e, struct ms_waiting *w)
{
    if (w->kind == MS_WAIT_SESSION)
        hand_session(e, w->conn);
    else if (w->kind == MS_WAIT_MESSAGE)
        hand_message(e, w->body);
    else
        hand_exchange(e, &w->conn->session, &w->exchange);
    ms_arena_finish(&w->arena);
    ms_free(w);
}

static void move_up(struct ms_engine *e)
{
    while (e->line_first && is_session(e->line_first)) {
        struct ms_conn *c = e->line_first;
        unlink_conn(e, c);
        give_number(e, c);
    }
    while (e->waiting_first && e->waiting_first->conn->session.id)
        hand_waiting(e, shift(e));
}

void ms_line_join(struct ms_engine *e, struct ms_conn *c)
{
    if (!e->line_first && is_session(c))
        give_number(e, c);
    else
        append(e, c);
}

void ms_line_decided(struct ms_engine *e, struct ms_conn *c)
{
    if (!c->session_port)
        ms_names_session(e, c);
    if (c->session.id)
        return;
    if (!c->in_line)
        append(e, c); /* it had lost its place */
    move_up(e);
}

void ms_line_leave(struct ms_engine *e, struct ms_conn *c)
{
    unlink_conn(e, c);
    move_up(e);
}

static struct ms_waiting *wait_for_number(struct ms_engine *e, struct ms_conn *c, enum ms_waiting_kind kind)
{
    struct ms_waiting *w = ms_alloc(sizeof *w);
    w->conn = c;
    w->kind = (uint8_t)kind;
    *(e->waiting_last ? &e->waiting_last->next : &e->waiting_first) = w;
    e->waiting_last = w;
    e->waiting_count++;
    return w;
}

/* Too much waits, now that `w` came with `more` bytes: whoever stands at the head undecided loses its place. */
static void bound_waiting(struct ms_engine *e, struct ms_waiting *w, size_t more)
{
    const struct ms_limits *l = &e->options.limits;
    w->bytes = sizeof *w + more;
    e->waiting_bytes += w->bytes;
    while (e->line_first && !is_session(e->line_first)) {
        bool many = e->waiting_count > l->pending_sessions;
        if (!many && e->waiting_bytes <= l->pending_bytes)
            return;
        ms_limit_reached(e, many ? MS_LIMIT_pending_sessions : MS_LIMIT_pending_bytes);
        ms_line_leave(e, e->line_first);
    }
}

static bool must_wait(const struct ms_engine *e, const struct ms_conn *c) { return e->waiting_first || !c->session.id; }

void ms_emit_exchange(struct ms_engine *e, struct ms_conn *c, const struct ms_exchange *x)
{
    if (!e->output.exchange && !e->options.judges.exchange)
        return;
    if (!must_wait(e, c)) {
        hand_exchange(e, &c->session, x);
        return;
    }
    struct ms_waiting *w = wait_for_number(e, c, MS_WAIT_EXCHANGE);
    w->exchange = *x;
    w->exchange.command = ms_arena_keep(&w->arena, x->command);
    w->exchange.argument = ms_arena_keep(&w->arena, x->argument);
    w->exchange.reply_code = ms_arena_keep(&w->arena, x->reply_code);
    w->exchange.reply = ms_arena_keep(&w->arena, x->reply);
    w->exchange.subject = ms_arena_keep(&w->arena, x->subject);
    bound_waiting(e, w, w->arena.total);
}

static void keep_envelope(struct ms_body *b)
{
    struct ms_envelope  *v = &b->message.envelope;
    struct ms_recipient *to = v->to_count ? ms_arena_alloc(&b->arena, v->to_count * sizeof *to) : NULL;
    v->from = ms_arena_keep(&b->arena, v->from);
    for (size_t i = 0; i < v->to_count; i++) {
        to[i] = v->to[i];
        to[i].address = ms_arena_keep(&b->arena, to[i].address);
        to[i].reply = ms_arena_keep(&b->arena, to[i].reply);
    }
    v->to = to;
    b->message.reply = ms_arena_keep(&b->arena, b->message.reply);
}

void ms_emit_message(struct ms_engine *e, struct ms_conn *c, struct ms_body *b)
{
    if (!must_wait(e, c)) {
        hand_message(e, b);
        return;
    }
    keep_envelope(b);
    struct ms_waiting *w = wait_for_number(e, c, MS_WAIT_MESSAGE);
    w->body = b;
    bound_waiting(e, w, sizeof *b + b->arena.total);
}

void ms_emit_session(struct ms_engine *e, struct ms_conn *c)
{
    if (!must_wait(e, c)) {
        hand_session(e, c);
        return;
    }
    bound_waiting(e, wait_for_number(e, c, MS_WAIT_SESSION), sizeof *c + c->arena.total);
}

void ms_limit_reached(struct ms_engine *e, enum ms_limit which) { e->totals.limits[which]++; }
