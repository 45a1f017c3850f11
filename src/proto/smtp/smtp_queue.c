/* proto/smtp/smtp_queue.c - commands that wait for their reply (RFC 2920), and the records made of both.
 *
 * Limits   pending_exchanges: the oldest command leaves the queue unanswered, and the reply it would have had is let pass.
 * Gaps     once bytes are missing, a reply goes to a command that it fits; smtp_align.c where more than one would do.       */
#include "proto/smtp/smtp_private.h"

static enum ms_stage stage_of(enum smtp_verb verb, const struct ms_session *session)
{
    switch (verb) {
    case SMTP_MAIL:
    case SMTP_RCPT: return MS_STAGE_ENVELOPE;
    case SMTP_DATA:
    case SMTP_BDAT:
    case SMTP_END: return MS_STAGE_DATA;
    case SMTP_AUTH: return MS_STAGE_AUTH;
    case SMTP_STARTTLS: return MS_STAGE_TLS;
    case SMTP_QUIT: return MS_STAGE_QUIT;
    default: return (enum ms_stage)session->stage;
    }
}

static struct smtp_pending *make(const struct smtp_command *c, struct smtp_at at)
{
    struct smtp_pending *p = ms_alloc(sizeof *p + c->name_n + c->argument.n);
    p->verb = (uint8_t)c->verb;
    p->last = c->last;
    p->at = at;
    p->name_n = (uint8_t)c->name_n;
    p->argument_n = (uint32_t)c->argument.n;
    memcpy(p->text, c->name, c->name_n);
    if (c->argument.n)
        memcpy(p->text + c->name_n, c->argument.p, c->argument.n);
    if (c->subject.n) {
        p->subject_at = (uint32_t)(c->subject.p - c->argument.p);
        p->subject_n = (uint32_t)c->subject.n;
    }
    return p;
}

/* One may be ahead of its reply in the capture alone, where neighbours were swapped. */
static bool is_unoffered(const struct smtp *s, const struct smtp_command *c)
{
    bool early = c->verb == SMTP_MAIL || c->verb == SMTP_RCPT || c->verb == SMTP_DATA;
    return early && s->count > 1 && s->replied && !s->may_pipeline && !s->unsure;
}

void smtp_queue_excuse(struct smtp *s)
{
    for (struct smtp_pending *p = s->head; p; p = p->next)
        p->flags &= ~(uint32_t)MS_EXCHANGE_UNOFFERED;
}

struct smtp_pending *smtp_queue_push(struct smtp *s, struct ms_host *h, const struct smtp_command *c, struct smtp_at at)
{
    struct smtp_pending *p = make(c, at);
    p->stage = (uint8_t)stage_of(c->verb, h->session);
    p->lost_before = s->lost_next;
    s->lost_next = false;
    if (s->count >= h->limits->pending_exchanges) {
        h->ops->limit(h, MS_LIMIT_pending_exchanges);
        s->skip += s->seen[MS_S2C];
        smtp_queue_lose(s, h, 0);
    }
    if (s->head) {
        if (s->seen[MS_S2C]) { /* who never sees an answer cannot say who waits for one */
            p->flags |= MS_EXCHANGE_PIPELINED | (is_unoffered(s, c) ? MS_EXCHANGE_UNOFFERED : 0u);
            s->pipelining = true;
        }
        s->tail->next = p;
    } else {
        s->head = p;
    }
    s->tail = p;
    s->count++;
    return p;
}

static struct ms_bytes subject_of(const struct smtp_pending *p)
{
    if (p->verb == SMTP_AUTH)
        return p->auth && p->auth->sasl.user.n ? p->auth->sasl.user : (struct ms_bytes){ NULL, 0 };
    const struct smtp_rcpt *turn = p->rcpt;
    if (!turn && (p->verb == SMTP_END || p->last) && p->mail && p->mail->each)
        turn = smtp_mail_turn(p->mail);
    if (turn && p->verb != SMTP_RCPT)
        return turn->address;
    return (struct ms_bytes){ p->text + p->name_n + p->subject_at, p->subject_n };
}

static void add_reply(struct ms_exchange *x, const struct smtp_reply *r)
{
    x->reply_frame = r->first.frame;
    x->replied = r->first.time;
    x->reply_last_frame = r->last.frame;
    x->reply_ended = r->last.time;
    x->code = r->code;
    x->enhanced = r->enhanced;
    x->reply = r->text;
    if (r->gap)
        x->flags |= MS_EXCHANGE_GAP;
}

void smtp_queue_emit(struct ms_host *h, const struct smtp_pending *p, const struct smtp_reply *r)
{
    struct ms_exchange x = {
        .flags = p->flags, .frame = p->at.frame, .sent = p->at.time, .stage = (enum ms_stage)p->stage, .data = p->data,
        .replied = MS_UNKNOWN, .reply_ended = MS_UNKNOWN, .secret_at = p->secret_at, .secret_n = p->secret_n,
    };
    x.command = (struct ms_bytes){ p->text, p->name_n };
    x.argument = (struct ms_bytes){ p->text + p->name_n, p->argument_n };
    x.subject = subject_of(p);
    if (p->auth)
        x.secret = p->auth->sasl.spoken;
    if (p->early && (h->session->flags & MS_SESSION_CLIENT_EARLY))
        x.flags |= MS_EXCHANGE_EARLY;
    if (r)
        add_reply(&x, r);
    else
        x.flags |= p->auth && p->auth->challenges > p->auth->answers ? MS_EXCHANGE_CHALLENGED : MS_EXCHANGE_UNANSWERED;
    h->ops->exchange(h, &x);
}

void smtp_unsolicited(struct ms_host *h, const struct smtp_reply *r, uint32_t flags)
{
    struct ms_exchange x = { .flags = flags, .sent = MS_UNKNOWN, .stage = (enum ms_stage)h->session->stage };
    add_reply(&x, r);
    h->ops->exchange(h, &x);
}

void smtp_queue_pop(struct smtp *s, struct ms_host *h)
{
    struct smtp_pending *p = s->head;
    s->head = p->next;
    s->count--;
    if (!s->head)
        s->tail = NULL;
    if (s->chunk == p)
        s->chunk = NULL;
    if (p->auth) {
        if (s->auth == p->auth)
            s->auth = NULL;
        if (!s->auth && s->mode == SMTP_SASL)
            s->mode = SMTP_LINES;
        ms_arena_finish(&p->auth->arena);
        ms_free(p->auth);
    }
    if (p->verb == SMTP_MAIL && p->mail && p->mail->prev) { /* answered or not: the transaction before is past */
        struct smtp_mail *prev = p->mail->prev;
        p->mail->prev = NULL;
        smtp_mail_release(prev, h);
    }
    smtp_mail_release(p->mail, h);
    ms_free(p);
}

void smtp_queue_lose(struct smtp *s, struct ms_host *h, uint32_t flags)
{
    s->head->flags |= flags;
    smtp_queue_emit(h, s->head, NULL);
    smtp_queue_pop(s, h);
}

static struct smtp_pending *first_fitting(const struct smtp *s, const struct smtp_reply *r)
{
    struct smtp_pending *p = s->head;
    while (p && !smtp_reply_fits(p, r))
        p = p->next;
    return p;
}

struct smtp_pending *smtp_queue_match(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct smtp_pending *p = s->head;
    /* The text came, so DATA was accepted, whether we saw it or not: 250 is for the text. */
    bool text = p && p->verb == SMTP_DATA && p->next && p->next->verb == SMTP_END;
    if (text && (r->code / 100 == 2 || (s->unsure && r->code >= 400))) {
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
        return s->head;
    }
    if (!s->unsure || !p)
        return p;
    struct smtp_pending *fits = first_fitting(s, r);
    while (fits && s->head != fits)
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
    return fits;
}
