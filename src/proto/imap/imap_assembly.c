/* proto/imap/imap_assembly.c - messages out of what FETCH brings: whole bodies, ranges, header and text, parts.
 *
 * End      the size is known and reached: by a piece shorter than asked for, by a whole HEADER and TEXT, or by RFC822.SIZE; or all parts
 *          of its structure came. Or the first byte is fetched again, the mailbox is left, or the session ends.
 * BUGS     RFC822.SIZE is believed only when it is exactly reached; a server that says too little cuts the message in two. A header that
 *          is fetched behind parts of its message, which went on with some fields of it, is a message of its own.      */
#include "imap_private.h"

static void verdict(const struct imap_ctx *x, void *body, enum ms_status status, bool partial)
{
    struct ms_verdict v = { .status = status, .replied = MS_UNKNOWN, .partial = partial };
    x->h->ops->body_verdict(x->h, body, &v);
}

/* ---- the list ----------------------------------------------------------------------------------------------- */

static void finish(const struct imap_ctx *x, struct imap_assembly *a, enum ms_status status)
{
    struct imap_assembly **at = &x->im->assemblies;
    bool whole = imap_run_over(&a->run) && !a->parts;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    imap_run_release(x, a, &a->run);
    imap_parts_finish(x, a);
    if (a->body) {
        x->h->ops->body_end(x->h, a->body, a->last_frame, a->last_time);
        verdict(x, a->body, status, !whole);
    }
    ms_free(a);
}

void imap_mailbox_left(const struct imap_ctx *x)
{
    while (x->im->assemblies)
        finish(x, x->im->assemblies, MS_STATUS_RETRIEVED);
    imap_known_forget(x);
}

static struct imap_assembly *find(const struct imap *im, uint32_t seq, uint32_t uid)
{
    struct imap_assembly *a = im->assemblies;
    while (a && !(a->uid && uid ? a->uid == uid : a->seq == seq))
        a = a->next;
    return a;
}

static struct imap_assembly *add(const struct imap_ctx *x, const struct imap_fetch *f)
{
    struct imap_assembly *a = ms_alloc(sizeof *a), **end = &x->im->assemblies;
    uint64_t              count = 0;
    for (; *end; end = &(*end)->next)
        count++;
    *a = (struct imap_assembly){ .seq = f->seq, .uid = f->uid, .said = f->size };
    imap_run_init(&a->run);
    *end = a;
    if (count && count >= x->h->limits->fetch_messages) {
        x->h->ops->limit(x->h, MS_LIMIT_fetch_messages);
        finish(x, x->im->assemblies, MS_STATUS_RETRIEVED);
    }
    return a;
}

/* Message `seq` is gone, those behind it move up. What is known by its UID stays what it is. */
void imap_expunged(const struct imap_ctx *x, uint32_t seq)
{
    x->im->expunged++;
    for (struct imap_assembly *a = x->im->assemblies, *next; a; a = next) {
        next = a->next;
        if (a->seq == seq && seq)
            finish(x, a, MS_STATUS_RETRIEVED);
        else if (a->seq > seq && seq)
            a->seq--;
    }
}

/* ---- one value ---------------------------------------------------------------------------------------------- */

static struct imap_run *run_of(const struct imap_sink *s) { return s->part ? &s->part->run : &s->into->run; }

static void hold(const struct imap_ctx *x, struct imap_sink *s, uint64_t at, bool text)
{
    struct imap_part *p = s->part;
    s->piece = imap_run_hold(x, run_of(s), at, text);
    s->kind = IMAP_SINK_HOLD;
    if (!p || p->waits || s->into->open == p)
        return;
    p->waits = true;
    s->into->waiting++;
}

/* There is no room to hold it: it goes on now, with gaps for what should have come before. */
static void force(const struct imap_ctx *x, struct imap_sink *s, uint64_t *at, bool text)
{
    struct imap_assembly *a = s->into;
    struct imap_run      *r = run_of(s);
    x->h->ops->limit(x->h, MS_LIMIT_fetch_buffer_bytes);
    if (s->part && a->open != s->part)
        imap_part_open(x, a, s->part);
    if (!text && *at <= r->at)
        return;
    imap_run_release(x, a, r);
    if (text && r->header == IMAP_UNKNOWN)
        imap_run_set_header(r, r->at);
    *at += text ? r->header : 0;
    if (*at > r->at)
        imap_run_gap(x, a, r, *at - r->at);
}

static void place(const struct imap_ctx *x, struct imap_sink *s, uint64_t at, bool text)
{
    struct imap_assembly *a = s->into;
    struct imap_run      *r = run_of(s);
    bool                  early = text || at > r->at;
    if (!early && s->part && s->n && imap_part_may_open(x, a, s->part))
        imap_part_open(x, a, s->part);
    bool flows = !early && (!s->part || a->open == s->part);
    if (!flows && !imap_run_full(x, r, s->n)) {
        hold(x, s, at, text);
        return;
    }
    if (!flows)
        force(x, s, &at, text);
    s->kind = IMAP_SINK_INTO;
    s->skip = r->at - at < s->n ? r->at - at : s->n;
}

static bool is_held(const struct imap_run *r, uint64_t at, bool text)
{
    const struct imap_piece *p = r->pieces;
    while (p && (p->text != text || p->at != at))
        p = p->next;
    return p != NULL;
}

/* Is its first byte fetched again? */
static bool again(const struct imap_run *r, const struct imap_item *item)
{
    if (item->kind == IMAP_TEXT)
        return is_held(r, item->origin, true);
    return item->origin == 0 && r->at > 0;
}

/* Then what there is so far was a message of its own. So it was when text follows parts, or parts follow text: but for the header, a message
 * comes in one way or the other. */
static bool starts_anew(const struct imap_assembly *a, const struct imap_fetch *f, struct ms_bytes path)
{
    const struct imap_item *item = &f->sink.item;
    const struct imap_part *p = path.n ? imap_part_find(a, path, item->binary) : NULL;
    if (path.n == 0)
        return a->parts ? a->in_parts || item->kind != IMAP_HEADER || again(&a->run, item) : again(&a->run, item);
    if (!a->in_parts && (a->run.pieces || (a->run.at && a->run.at != a->run.header)))
        return true;
    return p && (p->done || again(&p->run, item) || (item->kind != IMAP_TEXT && p->waits && item->origin == 0 && is_held(&p->run, 0, false)));
}

/* The message that a value belongs to; a new one when it must be. */
static struct imap_assembly *owner_of(const struct imap_ctx *x, const struct imap_fetch *f, struct ms_bytes path)
{
    struct imap_assembly *a = find(x->im, f->seq, f->uid);
    if (a && starts_anew(a, f, path)) {
        finish(x, a, MS_STATUS_RETRIEVED);
        a = NULL;
    }
    while (path.n && x->im->part_count >= x->h->limits->mime_parts) {
        x->h->ops->limit(x->h, MS_LIMIT_mime_parts);
        a = x->im->assemblies == a ? NULL : a;
        finish(x, x->im->assemblies, MS_STATUS_RETRIEVED);
    }
    return a ? a : add(x, f);
}

static bool is_under_way(const struct imap_ctx *x, const struct imap_fetch *f, struct ms_bytes path)
{
    const struct imap_assembly *a = find(x->im, f->seq, f->uid);
    const struct imap_part     *p = a ? imap_part_find(a, path, f->item.binary) : NULL;
    return p && !p->done;
}

static void begin_piece(const struct imap_ctx *x, struct imap_fetch *f)
{
    struct imap_sink *s = &f->sink;
    struct ms_bytes   path = imap_fetch_path(f);
    uint64_t          at = s->item.origin;
    if (at > IMAP_FAR || s->n > IMAP_FAR)
        return;
    if (path.n && s->n == 0 && at && !is_under_way(x, f, path)) /* behind the end of a part that is over */
        return;
    if (imap_is_only_part(x, f)) {
        s->item.kind = IMAP_TEXT;
        path.n = 0;
    }
    struct imap_assembly *a = s->into = owner_of(x, f, path);
    if (path.n) {
        s->part = imap_part_find(a, path, s->item.binary);
        s->part = s->part ? s->part : imap_part_add(x, a, path, s->item.binary);
    }
    struct imap_run *r = run_of(s);
    bool             text = s->item.kind == IMAP_TEXT;
    if (text && !path.n && !a->body && !r->pieces)
        imap_lead_header(x, a);
    if (text && r->header != IMAP_UNKNOWN) {
        text = false;
        at += r->header;
    }
    place(x, s, at, text);
}

void imap_value_begin(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    if (f->sink.item.kind != IMAP_WHOLE || f->sink.item.ranged || f->path_n) {
        begin_piece(x, f);
        return;
    }
    struct imap_assembly *a = find(x->im, f->seq, f->uid);
    if (a) /* what was fetched of it before is a message of its own */
        finish(x, a, MS_STATUS_RETRIEVED);
    if (n)
        f->sink.kind = IMAP_SINK_WHOLE;
}

/* A byte of a message, or of a hole in its place: with the first one it exists. */
static void note_frame(const struct imap_ctx *x, struct imap_sink *s)
{
    if (s->kind == IMAP_SINK_WHOLE && !s->body)
        s->body = imap_body_open(x, x->frame, x->time);
    if (s->into && s->into->frame == 0) {
        s->into->frame = x->frame;
        s->into->time = x->time;
    }
    if (s->into) {
        s->into->last_frame = x->frame;
        s->into->last_time = x->time;
    }
}

static uint64_t take_skip(struct imap_sink *s, uint64_t n)
{
    uint64_t skip = s->skip < n ? s->skip : n;
    s->skip -= skip;
    return skip;
}

void imap_value_push(const struct imap_ctx *x, struct imap_fetch *f, struct ms_bytes bytes)
{
    struct imap_sink *s = &f->sink;
    if (bytes.n == 0)
        return;
    note_frame(x, s);
    if (s->kind == IMAP_SINK_WHOLE) {
        x->h->ops->body_push(x->h, s->body, bytes, x->frame, x->time);
    } else if (s->kind == IMAP_SINK_INTO) {
        imap_run_push(x, s->into, run_of(s), ms_tail(bytes, (size_t)take_skip(s, bytes.n)));
    } else if (s->kind == IMAP_SINK_HOLD) {
        ms_buffer_append(&s->piece->bytes, bytes);
        x->im->held += bytes.n;
    }
}

/* A hole in a piece that is held: the rest of it is a piece of its own behind the hole. */
static void hold_gap(const struct imap_ctx *x, struct imap_sink *s, uint64_t n)
{
    struct imap_piece *p = s->piece;
    uint64_t           at = p->at + p->bytes.n + n;
    hold(x, s, at, p->text);
    s->piece->from = at - n;
}

void imap_value_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    struct imap_sink *s = &f->sink;
    if (n == 0)
        return;
    note_frame(x, s);
    if (s->kind == IMAP_SINK_WHOLE)
        x->h->ops->body_gap(x->h, s->body, n, x->frame, x->time);
    else if (s->kind == IMAP_SINK_INTO)
        imap_run_gap(x, s->into, run_of(s), n - take_skip(s, n));
    else if (s->kind == IMAP_SINK_HOLD)
        hold_gap(x, s, n);
}

static void end_piece(const struct imap_ctx *x, struct imap_sink *s, bool whole)
{
    struct imap_assembly *a = s->into;
    bool                  over;
    if (s->kind == IMAP_SINK_NONE)
        return;
    if (!whole) {
        finish(x, a, MS_STATUS_INCOMPLETE);
        return;
    }
    imap_run_learn(run_of(s), s);
    if (!s->part || a->open == s->part)
        imap_run_drain(x, a, run_of(s));
    over = s->part ? imap_parts_go_on(x, a, s->part) : !a->parts && imap_run_over(&a->run);
    if (over)
        finish(x, a, MS_STATUS_RETRIEVED);
}

void imap_value_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole)
{
    struct imap_sink *s = &f->sink;
    if (s->kind == IMAP_SINK_WHOLE && s->body) {
        x->h->ops->body_end(x->h, s->body, x->frame, x->time);
        verdict(x, s->body, whole ? MS_STATUS_RETRIEVED : MS_STATUS_INCOMPLETE, false);
    } else if (s->into) {
        end_piece(x, s, whole);
    }
    *s = (struct imap_sink){ .kind = IMAP_SINK_NONE };
}

/* At the end of a response: what it said about the message, wherever it said it. */
void imap_assembly_settle(const struct imap_ctx *x, const struct imap_fetch *f)
{
    struct imap_assembly *a = find(x->im, f->seq, f->uid);
    struct imap_run      *r = a ? &a->run : NULL;
    if (!a)
        return;
    if (f->uid)
        a->uid = f->uid;
    if (f->size != IMAP_UNKNOWN)
        a->said = f->size;
    bool over = a->parts && a->waiting && f->learned && imap_parts_go_on(x, a, NULL);
    if (!a->parts && a->said != IMAP_UNKNOWN && r->at == a->said && !r->pieces && r->at) {
        r->size = a->said;
        over = true;
    }
    if (over)
        finish(x, a, MS_STATUS_RETRIEVED);
}
