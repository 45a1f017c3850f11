/* proto/imap/imap_assembly.c - messages out of what FETCH brings: whole bodies, ranges, header and text, sections.
 *
 * Places   every piece of one message has a place in it: BODY[]<o> at o, HEADER<o> at o, TEXT<o> at the header's length + o. Pieces
 *          are handed on in that order; one that comes too early is held (fetch_buffer_bytes for all messages of a session), one
 *          that is there already is dropped. Sections (BODY[1]) have no known place: they follow in the order seen, and the
 *          message stays a part.
 * End      the size is known and reached: by a piece shorter than asked for, by a whole HEADER and TEXT, or by RFC822.SIZE. Or
 *          the first byte is fetched again, the mailbox is left, or the session ends.
 * BUGS     RFC822.SIZE is believed only when it is exactly reached; a server that says too little cuts the message in two.
 *          Text fetched without a header is handed on without one.                                                   */
#include "imap_private.h"

enum { PIECES = 256 }; /* held for one message: keeps the list's walks short */

static uint64_t piece_cost(uint64_t n) { return n + sizeof(struct imap_piece); }

static void *open_body(const struct imap_ctx *x, uint64_t frame, int64_t time)
{
    struct ms_body_start start = { MS_RETRIEVED, frame, time };
    struct imap_pending *p = imap_pending_owner(x->im, true);
    ms_session_reach(x->h->session, MS_STAGE_DATA);
    imap_clear_mail(x);
    if (p && (p->verb == IMAP_V_FETCH || p->verb == IMAP_V_UID_FETCH))
        p->stage = MS_STAGE_DATA;
    return x->h->ops->body_open(x->h, &start);
}

static void verdict(const struct imap_ctx *x, void *body, enum ms_status status, bool partial)
{
    struct ms_verdict v = { .status = status, .replied = MS_UNKNOWN, .partial = partial };
    x->h->ops->body_verdict(x->h, body, &v);
}

/* ---- handing on ------------------------------------------------------------------------------------------- */

static void *body_of(const struct imap_ctx *x, struct imap_assembly *a)
{
    if (!a->body) /* a gap may come before its first byte */
        a->body = open_body(x, a->frame ? a->frame : x->frame, a->frame ? a->time : x->time);
    a->last_frame = x->frame;
    a->last_time = x->time;
    return a->body;
}

static void hand_on(const struct imap_ctx *x, struct imap_assembly *a, struct ms_bytes bytes)
{
    if (bytes.n == 0)
        return;
    x->h->ops->body_push(x->h, body_of(x, a), bytes, x->frame, x->time);
    a->at += bytes.n;
}

static void hand_gap(const struct imap_ctx *x, struct imap_assembly *a, uint64_t n)
{
    if (n == 0)
        return;
    x->h->ops->body_gap(x->h, body_of(x, a), n, x->frame, x->time);
    a->at += n;
}

static void hand_piece(const struct imap_ctx *x, struct imap_assembly *a)
{
    struct imap_piece *p = a->pieces;
    a->pieces = p->next;
    a->piece_count--;
    x->im->held -= piece_cost(p->bytes.n);
    if (p->at > a->at)
        hand_gap(x, a, p->at - a->at);
    if (a->at - p->at < p->bytes.n)
        hand_on(x, a, ms_tail(ms_buffer_bytes(&p->bytes), (size_t)(a->at - p->at)));
    ms_buffer_finish(&p->bytes);
    ms_free(p);
}

static void drain(const struct imap_ctx *x, struct imap_assembly *a)
{
    while (a->pieces && !a->pieces->text && a->pieces->from <= a->at)
        hand_piece(x, a);
}

static void set_header(struct imap_assembly *a, uint64_t n)
{
    a->header = n;
    for (struct imap_piece *p = a->pieces; p; p = p->next) {
        p->at += p->text ? n : 0;
        p->from += p->text ? n : 0;
        p->text = false;
    }
    if (a->text_size != IMAP_UNKNOWN)
        a->size = n + a->text_size;
}

/* All that is held goes on, with gaps for what never came. */
static void release(const struct imap_ctx *x, struct imap_assembly *a)
{
    while (a->pieces && !a->pieces->text)
        hand_piece(x, a);
    if (a->pieces)
        set_header(a, a->at);
    while (a->pieces)
        hand_piece(x, a);
}

/* ---- the list ----------------------------------------------------------------------------------------------- */

static void finish(const struct imap_ctx *x, struct imap_assembly *a, enum ms_status status)
{
    struct imap_assembly **at = &x->im->assemblies;
    bool whole = a->size != IMAP_UNKNOWN && a->at >= a->size && !a->pieces && !a->sections;
    while (*at != a)
        at = &(*at)->next;
    *at = a->next;
    release(x, a);
    if (a->body) {
        x->h->ops->body_end(x->h, a->body, a->last_frame, a->last_time);
        verdict(x, a->body, status, !whole);
    }
    ms_free(a);
}

void imap_assemblies_finish(const struct imap_ctx *x)
{
    while (x->im->assemblies)
        finish(x, x->im->assemblies, MS_STATUS_RETRIEVED);
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
    *a = (struct imap_assembly){ .seq = f->seq, .uid = f->uid, .header = IMAP_UNKNOWN, .size = IMAP_UNKNOWN,
                                 .text_size = IMAP_UNKNOWN, .said = f->size };
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
    for (struct imap_assembly *a = x->im->assemblies, *next; a; a = next) {
        next = a->next;
        if (a->seq == seq && seq)
            finish(x, a, MS_STATUS_RETRIEVED);
        else if (a->seq > seq && seq)
            a->seq--;
    }
}

/* ---- one value ---------------------------------------------------------------------------------------------- */

static bool full(const struct imap_ctx *x, const struct imap_assembly *a, uint64_t n)
{
    uint64_t limit = x->h->limits->fetch_buffer_bytes;
    return a->piece_count >= PIECES || n > limit || x->im->held + piece_cost(n) > limit + sizeof(struct imap_piece);
}

/* Sorted by place, text of unknown place behind the rest. */
static void hold(struct imap_fetch *f, uint64_t at, bool text)
{
    struct imap_assembly *a = f->sink.into;
    struct imap_piece    *p = ms_alloc(sizeof *p), **to = &a->pieces;
    while (*to && ((*to)->text < text || ((*to)->text == text && (*to)->at <= at)))
        to = &(*to)->next;
    p->at = p->from = at;
    p->text = text;
    p->next = *to;
    *to = p;
    a->piece_count++;
    f->sink.piece = p;
    f->sink.kind = IMAP_SINK_HOLD;
}

static void place(const struct imap_ctx *x, struct imap_fetch *f, uint64_t at, bool text)
{
    struct imap_assembly *a = f->sink.into;
    if ((text || at > a->at) && !full(x, a, f->sink.n)) {
        x->im->held += piece_cost(0);
        hold(f, at, text);
        return;
    }
    f->sink.kind = IMAP_SINK_INTO;
    if (text || at > a->at) {
        x->h->ops->limit(x->h, MS_LIMIT_fetch_buffer_bytes);
        release(x, a);
        if (text && a->header == IMAP_UNKNOWN)
            set_header(a, a->at);
        at += text ? a->header : 0;
        if (at > a->at)
            hand_gap(x, a, at - a->at);
    }
    f->sink.skip = a->at - at < f->sink.n ? a->at - at : f->sink.n;
}

/* Is the first byte fetched again? Then what there is so far was a message of its own. */
static bool starts_anew(const struct imap_assembly *a, const struct imap_item *item)
{
    if (item->kind == IMAP_SECTION)
        return false;
    if (a->sections)
        return true;
    return item->kind != IMAP_TEXT && item->origin == 0 && a->at > 0;
}

static bool text_again(const struct imap_assembly *a, const struct imap_item *item)
{
    for (const struct imap_piece *p = a->pieces; p && item->kind == IMAP_TEXT; p = p->next)
        if (p->text && p->at == item->origin)
            return true;
    return false;
}

static void begin_piece(const struct imap_ctx *x, struct imap_fetch *f)
{
    const struct imap_item *item = &f->sink.item;
    struct imap_assembly   *a = find(x->im, f->seq, f->uid);
    uint64_t                at = item->origin;
    if (at > IMAP_FAR || f->sink.n > IMAP_FAR)
        return;
    if (a && (starts_anew(a, item) || text_again(a, item))) {
        finish(x, a, MS_STATUS_RETRIEVED);
        a = NULL;
    }
    f->sink.into = a = a ? a : add(x, f);
    bool text = item->kind == IMAP_TEXT;
    if (text && a->header != IMAP_UNKNOWN) {
        text = false;
        at += a->header;
    }
    if (item->kind == IMAP_SECTION) {
        a->sections = true;
        release(x, a);
        at = a->at;
    }
    place(x, f, at, text);
}

void imap_value_begin(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    if (f->sink.item.kind != IMAP_WHOLE || f->sink.item.ranged) {
        begin_piece(x, f);
        return;
    }
    struct imap_assembly *a = find(x->im, f->seq, f->uid);
    if (a) /* what was fetched of it before is a message of its own */
        finish(x, a, MS_STATUS_RETRIEVED);
    if (n)
        f->sink.kind = IMAP_SINK_WHOLE;
}

/* The first byte of a message, or of a hole in its place: from here on it exists. */
static void note_start(const struct imap_ctx *x, struct imap_sink *s)
{
    if (s->kind == IMAP_SINK_WHOLE && !s->body)
        s->body = open_body(x, x->frame, x->time);
    if (s->into && s->into->frame == 0) {
        s->into->frame = x->frame;
        s->into->time = x->time;
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
    note_start(x, s);
    if (s->kind == IMAP_SINK_WHOLE) {
        x->h->ops->body_push(x->h, s->body, bytes, x->frame, x->time);
    } else if (s->kind == IMAP_SINK_INTO) {
        hand_on(x, s->into, ms_tail(bytes, (size_t)take_skip(s, bytes.n)));
    } else if (s->kind == IMAP_SINK_HOLD) {
        ms_buffer_append(&s->piece->bytes, bytes);
        x->im->held += bytes.n;
    }
}

/* A hole in a piece that is held: the rest of it is a piece of its own behind the hole. */
static void hold_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    struct imap_piece *p = f->sink.piece;
    uint64_t           at = p->at + p->bytes.n + n;
    x->im->held += piece_cost(0);
    hold(f, at, p->text);
    f->sink.piece->from = at - n;
}

void imap_value_gap(const struct imap_ctx *x, struct imap_fetch *f, uint64_t n)
{
    struct imap_sink *s = &f->sink;
    if (n == 0)
        return;
    note_start(x, s);
    if (s->kind == IMAP_SINK_WHOLE)
        x->h->ops->body_gap(x->h, s->body, n, x->frame, x->time);
    else if (s->kind == IMAP_SINK_INTO)
        hand_gap(x, s->into, n - take_skip(s, n));
    else if (s->kind == IMAP_SINK_HOLD)
        hold_gap(x, f, n);
}

static void learn_sizes(struct imap_assembly *a, const struct imap_sink *s)
{
    uint64_t end = s->item.origin + s->n; /* both at most IMAP_FAR */
    bool     last = !s->item.ranged || s->n == 0 || s->n < s->asked;
    if (s->asked == IMAP_UNKNOWN && s->item.ranged && s->n)
        last = false;
    if (!last)
        return;
    if (s->item.kind == IMAP_WHOLE)
        a->size = end;
    else if (s->item.kind == IMAP_HEADER && a->header == IMAP_UNKNOWN)
        set_header(a, end);
    else if (s->item.kind == IMAP_TEXT && a->header == IMAP_UNKNOWN)
        a->text_size = end;
    else if (s->item.kind == IMAP_TEXT)
        a->size = a->header + end;
}

static void end_piece(const struct imap_ctx *x, struct imap_sink *s, bool whole)
{
    struct imap_assembly *a = s->into;
    if (s->kind == IMAP_SINK_NONE)
        return;
    if (!whole) {
        finish(x, a, MS_STATUS_INCOMPLETE);
        return;
    }
    learn_sizes(a, s);
    drain(x, a);
    if (!a->sections && a->size != IMAP_UNKNOWN && a->at >= a->size)
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
    if (!a)
        return;
    if (f->uid)
        a->uid = f->uid;
    if (f->size != IMAP_UNKNOWN)
        a->said = f->size;
    if (a->sections || a->said == IMAP_UNKNOWN || a->at != a->said || a->pieces || a->at == 0)
        return;
    a->size = a->said;
    finish(x, a, MS_STATUS_RETRIEVED);
}
