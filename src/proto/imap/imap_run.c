/* proto/imap/imap_run.c - the bytes of a message, or of one of its parts, put in order.
 *
 * Places   every piece has one: BODY[]<o> at o, HEADER<o> at o, TEXT<o> at the header's length + o; the same of a part: BODY[2]<o>,
 *          BODY[2.HEADER]<o>, BODY[2.TEXT]<o>. Pieces are handed on in that order; one that comes too early is held
 *          (fetch_buffer_bytes for all messages of a session).
 * BUGS     text fetched without a header is handed on without one.                                             */
#include "imap_private.h"

enum { PIECES = 256 }; /* held for one run: keeps the list's walks short */

static uint64_t piece_cost(uint64_t n) { return n + sizeof(struct imap_piece); }

void imap_run_init(struct imap_run *r) { *r = (struct imap_run){ .header = IMAP_UNKNOWN, .size = IMAP_UNKNOWN, .text_size = IMAP_UNKNOWN }; }

void *imap_body_open(const struct imap_ctx *x, uint64_t frame, int64_t time)
{
    struct ms_body_start start = { MS_RETRIEVED, frame, time };
    struct imap_pending *p = imap_pending_owner(x->im, true);
    ms_session_reach(x->h->session, MS_STAGE_DATA);
    imap_clear_mail(x);
    if (p && (p->verb == IMAP_V_FETCH || p->verb == IMAP_V_UID_FETCH))
        p->stage = MS_STAGE_DATA;
    return x->h->ops->body_open(x->h, &start);
}

void *imap_body_of(const struct imap_ctx *x, struct imap_assembly *a)
{
    if (a->last_frame == 0) {
        a->last_frame = x->frame;
        a->last_time = x->time;
    }
    if (!a->body) /* a gap may come before its first byte */
        a->body = imap_body_open(x, a->frame ? a->frame : x->frame, a->frame ? a->time : x->time);
    return a->body;
}

/* ---- handing on ------------------------------------------------------------------------------------------- */

void imap_run_push(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r, struct ms_bytes bytes)
{
    if (bytes.n == 0)
        return;
    void *body = imap_body_of(x, a);
    x->h->ops->body_push(x->h, body, bytes, a->last_frame, a->last_time);
    r->at += bytes.n;
}

void imap_run_gap(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r, uint64_t n)
{
    if (n == 0)
        return;
    void *body = imap_body_of(x, a);
    x->h->ops->body_gap(x->h, body, n, a->last_frame, a->last_time);
    r->at += n;
}

static void hand_piece(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r)
{
    struct imap_piece *p = r->pieces;
    r->pieces = p->next;
    r->last = p->next ? r->last : NULL;
    r->piece_count--;
    x->im->held -= piece_cost(p->bytes.n);
    if (p->at > r->at)
        imap_run_gap(x, a, r, p->at - r->at);
    if (r->at - p->at < p->bytes.n)
        imap_run_push(x, a, r, ms_tail(ms_buffer_bytes(&p->bytes), (size_t)(r->at - p->at)));
    ms_buffer_finish(&p->bytes);
    ms_free(p);
}

void imap_run_drain(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r)
{
    while (r->pieces && !r->pieces->text && r->pieces->from <= r->at)
        hand_piece(x, a, r);
}

void imap_run_set_header(struct imap_run *r, uint64_t n)
{
    r->header = n;
    for (struct imap_piece *p = r->pieces; p; p = p->next) {
        p->at += p->text ? n : 0;
        p->from += p->text ? n : 0;
        p->text = false;
    }
    if (r->text_size != IMAP_UNKNOWN)
        r->size = n + r->text_size;
}

void imap_run_release(const struct imap_ctx *x, struct imap_assembly *a, struct imap_run *r)
{
    while (r->pieces && !r->pieces->text)
        hand_piece(x, a, r);
    if (r->pieces)
        imap_run_set_header(r, r->at);
    while (r->pieces)
        hand_piece(x, a, r);
}

/* ---- holding ------------------------------------------------------------------------------------------------ */

bool imap_run_full(const struct imap_ctx *x, const struct imap_run *r, uint64_t n)
{
    uint64_t limit = x->h->limits->fetch_buffer_bytes;
    return r->piece_count >= PIECES || n > limit || x->im->held + piece_cost(n) > limit + sizeof(struct imap_piece);
}

/* Sorted by place, text of unknown place behind the rest. */
struct imap_piece *imap_run_hold(const struct imap_ctx *x, struct imap_run *r, uint64_t at, bool text)
{
    struct imap_piece *p = ms_alloc(sizeof *p), **to = &r->pieces, *last = r->last;
    if (last && (last->text < text || (last->text == text && last->at <= at)))
        to = &last->next;
    while (*to && ((*to)->text < text || ((*to)->text == text && (*to)->at <= at)))
        to = &(*to)->next;
    p->at = p->from = at;
    p->text = text;
    p->next = *to;
    *to = p;
    r->last = p->next ? r->last : p;
    r->piece_count++;
    x->im->held += piece_cost(0);
    return p;
}

/* ---- sizes -------------------------------------------------------------------------------------------------- */

void imap_run_learn(struct imap_run *r, const struct imap_sink *s)
{
    uint64_t end = s->item.origin + s->n; /* both at most IMAP_FAR */
    bool     last = !s->item.ranged || s->n == 0 || s->n < s->asked;
    if (s->asked == IMAP_UNKNOWN && s->item.ranged && s->n)
        last = false;
    if (!last)
        return;
    if (s->item.kind == IMAP_WHOLE)
        r->size = end;
    else if (s->item.kind == IMAP_HEADER && r->header == IMAP_UNKNOWN)
        imap_run_set_header(r, end);
    else if (s->item.kind == IMAP_TEXT && r->header == IMAP_UNKNOWN)
        r->text_size = end;
    else if (s->item.kind == IMAP_TEXT)
        r->size = r->header + end;
}
