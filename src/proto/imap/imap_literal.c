/* proto/imap/imap_literal.c - commands with literals: names and passwords shown in their place, messages of APPEND streamed.
 *
 * BUGS     a synchronising literal whose "+" was not captured counts as sent as soon as the client speaks again.
 *          CATENATE with URL parts gives a message of its TEXT parts only, marked as a part.                     */
#include "imap_private.h"

/* ---- literals -------------------------------------------------------------------------------------------- */

static void add_text(const struct imap_ctx *x, struct imap_building *b, struct ms_bytes more)
{
    size_t limit = imap_line_limit(x->h);
    ms_buffer_append(&b->text, ms_head(more, b->text.n < limit ? limit - b->text.n : 0));
}

static void add_count(const struct imap_ctx *x, struct imap_building *b, uint64_t n)
{
    uint8_t digits[24];
    size_t  at = sizeof digits;
    digits[--at] = '}';
    do
        digits[--at] = (uint8_t)('0' + n % 10);
    while (n /= 10);
    digits[--at] = '{';
    add_text(x, b, (struct ms_bytes){ digits + at, sizeof digits - at });
}

static bool plain_atom(struct ms_bytes t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] <= ' ' || t.p[i] >= 127 || memchr("(){%*\"\\", t.p[i], 7))
            return false;
    return t.n > 0;
}

static void add_name(const struct imap_ctx *x, struct imap_building *b)
{
    struct ms_bytes name = ms_buffer_bytes(&b->name);
    if (plain_atom(name)) {
        add_text(x, b, name);
        return;
    }
    add_text(x, b, MS_LIT("\""));
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            add_text(x, b, MS_LIT("\\"));
        add_text(x, b, ms_slice(name, i, 1));
    }
    add_text(x, b, MS_LIT("\""));
}

/* Messages are the literals of APPEND behind the mailbox, of REPLACE behind number and mailbox; after the first all are. */
static enum imap_use use_of(const struct imap_building *b, uint64_t n)
{
    struct imap_parts c;
    unsigned          need = imap_verb(b->verb)->subject;
    if (b->use == IMAP_USE_MESSAGE)
        return IMAP_USE_MESSAGE;
    if (imap_verb(b->verb)->stage == MS_STAGE_DATA && imap_split(ms_buffer_bytes(&b->text), &c)) {
        struct ms_bytes rest = c.argument;
        while (need && imap_take_argument(&rest).n)
            need--;
        if (need == 0)
            return IMAP_USE_MESSAGE;
    }
    return imap_verb(b->verb)->names && n <= IMAP_NAME_LITERAL ? IMAP_USE_NAME : IMAP_USE_SKIP;
}

static void end_upload(const struct imap_ctx *x, struct imap_building *b)
{
    if (!b->current || b->current->ended)
        return;
    b->current->ended = true;
    if (x->h->elements && !b->current->cut)
        imap_say_end(x, b->current->body);
    x->h->ops->body_end(x->h, b->current->body, x->frame, x->time);
    b->current = NULL;
}

/* RFC 4469: the TEXT parts between "CATENATE (" and ")" are one message. */
static void follow_catenate(const struct imap_ctx *x, struct imap_building *b, struct ms_bytes fragment)
{
    static const struct ms_bytes word = { (const uint8_t *)"CATENATE (", 10 };
    struct ms_bytes trimmed = ms_trim(fragment);
    if (b->catenate && ms_at(trimmed, trimmed.n - 1) == ')') {
        if (b->current)
            b->current->partial |= ms_search_nocase(fragment, MS_LIT("URL ")) < fragment.n;
        end_upload(x, b);
        b->catenate = b->url = false;
    }
    if (ms_search_nocase(fragment, word) < fragment.n) {
        end_upload(x, b);
        b->catenate = true;
        b->url = false;
    }
    if (b->catenate && ms_search_nocase(fragment, MS_LIT("URL ")) < fragment.n) {
        b->url = true;
        if (b->current)
            b->current->partial = true;
    }
}

static void begin_literal(const struct imap_ctx *x, const struct imap_literal *l)
{
    struct imap_side     *s = imap_side_get(x->im, MS_C2S);
    struct imap_building *b = s->building;
    b->use = (uint8_t)(b->verb == IMAP_V_OTHER ? IMAP_USE_SKIP : use_of(b, l->n));
    b->waiting = l->sync;
    b->name.n = 0;
    s->in_literal = true;
    s->literal = l->n;
    if (b->use != IMAP_USE_NAME)
        add_count(x, b, l->n);
    if (l->n == 0 && !l->sync)
        imap_client_literal_end(x);
}

static void open_upload(const struct imap_ctx *x, struct imap_building *b)
{
    struct ms_body_start start = { MS_APPENDED, x->frame, x->time };
    struct imap_upload  *u = ms_alloc(sizeof *u), **end = &b->uploads;
    while (*end)
        end = &(*end)->next;
    *end = u;
    u->body = x->h->ops->body_open(x->h, &start);
    u->partial = b->url;
    b->current = u;
    ms_session_reach(x->h->session, MS_STAGE_DATA);
    imap_clear_mail(x);
    if (++b->upload_count <= x->h->limits->pending_exchanges)
        return;
    struct imap_upload *oldest = b->uploads;
    struct ms_verdict   v = { .status = MS_STATUS_UNANSWERED, .replied = MS_UNKNOWN, .partial = oldest->partial };
    b->uploads = oldest->next;
    b->upload_count--;
    x->h->ops->limit(x->h, MS_LIMIT_pending_exchanges);
    if (!oldest->ended)
        x->h->ops->body_end(x->h, oldest->body, x->frame, x->time);
    x->h->ops->body_verdict(x->h, oldest->body, &v);
    if (b->current == oldest)
        b->current = NULL;
    ms_free(oldest);
}

void imap_client_literal(const struct imap_ctx *x, struct ms_bytes bytes)
{
    struct imap_building *b = x->im->side[MS_C2S]->building;
    b->waiting = false;
    b->data += bytes.n;
    if (b->use == IMAP_USE_NAME)
        ms_buffer_append(&b->name, bytes);
    if (b->use != IMAP_USE_MESSAGE)
        return;
    if (!b->current)
        open_upload(x, b);
    if (b->current)
        x->h->ops->body_push(x->h, b->current->body, bytes, x->frame, x->time);
}

void imap_client_literal_gap(const struct imap_ctx *x, uint64_t n)
{
    struct imap_building *b = x->im->side[MS_C2S]->building;
    b->waiting = false;
    b->gap = true;
    if (n == 0 || b->use != IMAP_USE_MESSAGE)
        return;
    if (!b->current)
        open_upload(x, b);
    if (b->current)
        x->h->ops->body_gap(x->h, b->current->body, n, x->frame, x->time);
}

void imap_client_literal_end(const struct imap_ctx *x)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    s->in_literal = false;
    b->waiting = false;
    if (b->use == IMAP_USE_NAME)
        add_name(x, b);
    if (!b->catenate)
        end_upload(x, b);
}

/* ---- putting it together ------------------------------------------------------------------------------------- */

static void finish_building(const struct imap_ctx *x)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    bool                  cut = s->in_literal && !b->waiting;
    s->building = NULL;
    s->in_literal = false;
    s->literal = 0;
    if (b->current) {
        b->current->cut = cut;
        end_upload(x, b);
    }
    struct imap_parts c;
    if (imap_split(ms_buffer_bytes(&b->text), &c)) {
        struct imap_pending *p = imap_command(x, &c);
        p->literals = ms_alloc(sizeof *p->literals);
        *p->literals = (struct imap_literals){ b->uploads, b->asked, b->asked_time };
        p->data += b->data;
        p->flags |= b->gap ? MS_EXCHANGE_GAP : 0;
        if (b->early)
            imap_complete(x, p, &b->early->result);
        else
            imap_queue(x, p);
    } else { /* a tiny line_bytes has cut the verb off */
        imap_judge_uploads(x, b->uploads, b->early ? &b->early->result : NULL);
    }
    if (b->early)
        ms_buffer_finish(&b->early->text);
    ms_free(b->early);
    ms_buffer_finish(&b->text);
    ms_buffer_finish(&b->name);
    ms_free(b);
}

void imap_client_abandon(const struct imap_ctx *x, bool cut)
{
    struct imap_side *s = x->im->side[MS_C2S];
    if (!s || !s->building)
        return;
    if (s->in_literal && s->building->use == IMAP_USE_NAME)
        add_count(x, s->building, s->literal + s->building->name.n);
    s->building->gap |= cut;
    finish_building(x);
}

static void keep_early(struct imap_building *b, const struct imap_tagged *r)
{
    struct imap_early *e = ms_alloc(sizeof *e);
    e->result = *r;
    ms_buffer_append(&e->text, r->reply_code);
    ms_buffer_append(&e->text, r->reply);
    e->result.reply_code = ms_head(ms_buffer_bytes(&e->text), r->reply_code.n);
    e->result.reply = ms_tail(ms_buffer_bytes(&e->text), r->reply_code.n);
    b->early = e;
}

/* The reply to a command that is not whole. While the client waits for "+" it is the end of the command: the literal is never
 * sent. Otherwise the client goes on with what it announced, and the reply is kept until then.                  */
bool imap_client_tagged(const struct imap_ctx *x, struct ms_bytes tag, const struct imap_tagged *r)
{
    struct imap_side *s = x->im->side[MS_C2S];
    struct imap_parts c;
    if (!s || !s->building || s->building->early || !imap_split(ms_buffer_bytes(&s->building->text), &c) || !ms_equal(c.tag, tag))
        return false;
    keep_early(s->building, r);
    if (s->building->waiting)
        imap_client_abandon(x, false);
    imap_side_release(x->im, MS_C2S);
    return true;
}

void imap_building_line(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    struct imap_literal   l = { 0 };
    bool                  more = imap_literal_at_end(line->tail, &l);
    struct ms_bytes       text = ms_head(line->text, line->cut || !more ? line->text.n : line->text.n - l.head);
    if (imap_verb(b->verb)->stage == MS_STAGE_DATA)
        follow_catenate(x, b, text);
    add_text(x, b, text);
    if (more)
        begin_literal(x, &l);
    else
        finish_building(x);
}
