/* engine/settled.c - what frames said, and from when on a frame gets no more of it: when no connection keeps bytes of an earlier one. */
#include "engine/echo.h"
#include "engine/private.h"

static bool keeps_bytes(const struct ms_conn *c)
{
    if (c->sniff || c->tcp.half[0].held || c->tcp.half[1].held)
        return true;
    return c->parser && c->state && c->parser->holds && c->parser->holds(c->state);
}

static void join(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_unsettled *u = ms_alloc(sizeof *u);
    *u = (struct ms_unsettled){ .before = e->unsettled_last, .conn = c, .since = e->frame };
    *(e->unsettled_last ? &e->unsettled_last->next : &e->unsettled_first) = u;
    e->unsettled_last = u;
    c->unsettled = u;
}

void ms_settled_leave(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_unsettled *u = c->unsettled;
    if (!u)
        return;
    *(u->before ? &u->before->next : &e->unsettled_first) = u->next;
    *(u->next ? &u->next->before : &e->unsettled_last) = u->before;
    c->unsettled = NULL;
    ms_free(u);
}

void ms_settled_look(struct ms_engine *e, struct ms_conn *c)
{
    bool keeps = keeps_bytes(c);
    if (keeps && e->output.kept)
        e->output.kept(e->output.frames_ctx, e->frame);
    if (keeps && !c->unsettled)
        join(e, c);
    else if (!keeps)
        ms_settled_leave(e, c);
}

uint64_t ms_engine_settled(const struct ms_engine *e)
{
    return e->unsettled_first ? e->unsettled_first->since - 1 : UINT64_MAX;
}

/* The header block of the message, for the frame that ended it. */
static void tell_headers(struct ms_live *live, const struct ms_element *end, const struct ms_body *b)
{
    struct ms_element el = *end;
    el.kind = MS_EL_HEADERS;
    el.line = ms_buffer_bytes(&b->top.block);
    el.head = ms_top_head(&b->top);
    el.flags = (uint8_t)((end->flags & MS_ELEMENT_DECRYPTED) | (b->top.cut ? MS_ELEMENT_CUT : 0));
    el.length = b->top.bytes;
    if (b->top.bytes)
        live->engine->output.element(live->engine->output.frames_ctx, live->host.session, &el);
}

static bool is_wanted(const struct ms_engine *e, unsigned protocol, enum ms_element_kind kind)
{
    return e->output.elements & MS_ELEMENTS(protocol, 1u << kind);
}

static void tell(struct ms_host *h, const struct ms_element *el)
{
    struct ms_live   *live = (struct ms_live *)(void *)h;
    struct ms_element told = *el;
    told.protocol = h->session->protocol;
    if (live->conn->over_tls[el->dir] && el->kind < MS_EL_TLS_RECORD)
        told.flags |= MS_ELEMENT_DECRYPTED;
    if (el->repeats.n)
        told.secret_at = ms_echo_span(el->line, el->repeats, &told.secret_n);
    const struct ms_told *before = live->conn->told;
    if (before && el->dir == MS_S2C && told.secret_n == 0)
        told.secret_at = ms_echo_span(el->line, (struct ms_bytes){ before->secret, before->n }, &told.secret_n);
    told.repeats = (struct ms_bytes){ 0 };
    told.body = NULL;
    if (is_wanted(live->engine, told.protocol, el->kind))
        live->engine->output.element(live->engine->output.frames_ctx, h->session, &told);
    if (el->body && is_wanted(live->engine, told.protocol, MS_EL_HEADERS))
        tell_headers(live, &told, el->body);
}

void ms_host_element(struct ms_host *h, const struct ms_element *el)
{
    const struct ms_engine *e = ((struct ms_live *)(void *)h)->engine;
    bool                    ignored = e->ignored && el->frame == e->frame;
    if (!ignored && (el->body || is_wanted(e, h->session->protocol, el->kind)))
        tell(h, el);
}
