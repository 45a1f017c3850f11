/* engine/body.c - messages under way: from the parser's bytes to MIME, digests and the message record. */
#include "engine/private.h"

static struct ms_engine *engine_of(struct ms_host *h) { return ((struct ms_live *)(void *)h)->engine; }
static struct ms_conn   *conn_of(struct ms_host *h) { return ((struct ms_live *)(void *)h)->conn; }

static void part_begin(void *ctx, size_t index, const struct ms_part *part)
{
    struct ms_body *b = ctx;
    b->engine->output.part_begin(b->engine->output.ctx, b->message.id, index, part);
}

static void part_data(void *ctx, size_t index, struct ms_bytes decoded)
{
    struct ms_body *b = ctx;
    b->engine->output.part_data(b->engine->output.ctx, b->message.id, index, decoded);
}

static void part_end(void *ctx, size_t index, const struct ms_part *part)
{
    struct ms_body *b = ctx;
    b->engine->output.part_end(b->engine->output.ctx, b->message.id, index, part);
}

static struct ms_body *take_body(struct ms_engine *e)
{
    struct ms_body *b = e->free_bodies;
    if (!b)
        return ms_alloc(sizeof *b);
    e->free_bodies = b->free_next;
    memset(b, 0, sizeof *b);
    return b;
}

void ms_body_free(struct ms_engine *e, struct ms_body *b)
{
    ms_top_finish(&b->top);
    ms_arena_finish(&b->arena);
    b->free_next = e->free_bodies;
    e->free_bodies = b;
}

void *ms_body_open(struct ms_host *h, const struct ms_body_start *start)
{
    struct ms_engine      *e = engine_of(h);
    struct ms_body        *b = take_body(e);
    const struct ms_output *o = &e->output;
    struct ms_examine_options options = {
        .hash_parts = e->options.hash_parts, .hash_message = e->options.hash_messages, .judge = e->options.judge,
        .sink = { o->part_begin ? part_begin : NULL, o->part_data ? part_data : NULL, o->part_end ? part_end : NULL, b },
    };
    b->engine = e;
    b->top.whole = e->options.want_messages;
    b->message = (struct ms_message){ .id = ++e->last_message, .session = h->session, .direction = (uint8_t)start->direction,
                                      .first_frame = start->frame, .last_frame = start->frame, .started = start->time,
                                      .ended = start->time, .replied = MS_UNKNOWN };
    b->read = !e->options.dialogue_only;
    if (b->read)
        ms_examine_begin(&b->examine, &b->arena, &e->examine, &options);
    conn_of(h)->open_bodies++;
    return b;
}

static void touch(struct ms_body *b, uint64_t frame, int64_t time)
{
    if (frame < b->message.first_frame)
        b->message.first_frame = frame;
    if (frame > b->message.last_frame)
        b->message.last_frame = frame;
    if (time > b->message.ended)
        b->message.ended = time;
}

void ms_body_push(struct ms_host *h, void *body, struct ms_bytes bytes, uint64_t frame, int64_t time)
{
    struct ms_engine *e = engine_of(h);
    struct ms_body   *b = body;
    touch(b, frame, time);
    if (e->options.want_headers)
        ms_top_push(&b->top, bytes, e->options.limits.header_bytes);
    if (!b->read)
        return;
    if (e->output.body)
        e->output.body(e->output.ctx, b->message.id, bytes);
    ms_examine_push(&b->examine, bytes);
}

void ms_body_gap(struct ms_host *h, void *body, uint64_t missing, uint64_t frame, int64_t time)
{
    (void)h;
    touch(body, frame, time);
    struct ms_body *b = body;
    if (b->top.bytes) /* what is missing before the first byte ends no block */
        ms_top_gap(&b->top);
    if (b->read)
        ms_examine_gap(&b->examine, missing);
}

void ms_body_section(struct ms_host *h, void *body, const struct ms_section *s, uint64_t frame, int64_t time)
{
    struct ms_engine *e = engine_of(h);
    struct ms_body   *b = body;
    touch(b, frame, time);
    if (s->kind == MS_SECTION_FIELDS && e->options.want_headers)
        ms_top_push(&b->top, s->lead, e->options.limits.header_bytes);
    ms_top_gap(&b->top);
    if (!b->read)
        return;
    if (e->output.body && s->lead.n)
        e->output.body(e->output.ctx, b->message.id, s->lead);
    ms_examine_section(&b->examine, s);
}

/* What the parser of the message left out is told as a limit reached, once a message. */
static void note_limits(struct ms_engine *e, const struct ms_message *m)
{
    static const struct { uint32_t odd; enum ms_limit limit; } rows[] = {
        { MS_MIME_HEADER_LIMIT, MS_LIMIT_header_bytes }, { MS_MIME_HEADER_COUNT, MS_LIMIT_header_count },
        { MS_MIME_DEPTH_LIMIT, MS_LIMIT_mime_depth },    { MS_MIME_PARTS_LIMIT, MS_LIMIT_mime_parts },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (m->odd & rows[i].odd)
            ms_limit_reached(e, rows[i].limit);
}

static void finish_content(struct ms_engine *e, struct ms_body *b, bool discarded)
{
    if (b->ended)
        return;
    b->ended = true;
    if (!b->read)
        return;
    ms_examine_finish(&b->examine, &b->message);
    note_limits(e, &b->message);
    if (e->output.body_done)
        e->output.body_done(e->output.ctx, b->message.id, discarded);
}

void ms_body_end(struct ms_host *h, void *body, uint64_t frame, int64_t time)
{
    touch(body, frame, time);
    finish_content(engine_of(h), body, false);
}

void ms_body_discard(struct ms_host *h, void *body)
{
    struct ms_engine *e = engine_of(h);
    struct ms_body   *b = body;
    finish_content(e, b, true);
    if (b->read)
        ms_examine_drop(&b->examine);
    conn_of(h)->open_bodies--;
    if (b->message.id == e->last_message)
        e->last_message--;
    ms_body_free(e, b);
}

static void note_transfer(struct ms_conn *c, const struct ms_message *m)
{
    int64_t *sum = &c->session.timing.transfer;
    int64_t  until = m->replied == MS_UNKNOWN || m->replied < m->ended ? m->ended : m->replied;
    *sum = (*sum == MS_UNKNOWN ? 0 : *sum) + (until > m->started ? until - m->started : 0);
}

static void count_parts(struct ms_engine *e, const struct ms_message *m)
{
    for (size_t i = 0; i < m->part_count; i++)
        e->totals.parts += m->parts[i].filename.n != 0 && !(m->parts[i].odd & MS_MIME_NOT_FETCHED);
}

void ms_body_verdict(struct ms_host *h, void *body, const struct ms_verdict *v)
{
    struct ms_engine  *e = engine_of(h);
    struct ms_conn    *c = conn_of(h);
    struct ms_body    *b = body;
    struct ms_message *m = &b->message;
    finish_content(e, b, false);
    if (v->envelope)
        m->envelope = *v->envelope;
    m->status = (uint8_t)v->status;
    m->code = v->code;
    m->enhanced = v->enhanced;
    m->reply = v->reply;
    m->reply_frame = v->reply_frame;
    m->replied = v->replied;
    m->complete = !v->partial && m->missing == 0 && v->status != MS_STATUS_INCOMPLETE;
    if (ms_session_in_clear(h->session))
        h->session->flags |= MS_SESSION_CLEAR_MAIL;
    h->session->message_count++;
    c->open_bodies--;
    e->totals.messages[m->direction]++;
    count_parts(e, m);
    if (e->options.dialogue_only) {
        ms_body_free(e, b);
        return;
    }
    note_transfer(c, m);
    ms_examine_judge(&b->examine, m);
    ms_checks_message(e->checks, &c->watch, h->session, m);
    ms_emit_message(e, c, b);
}
