/* proto/smtp/smtp_body.c - the bytes of a message: after DATA up to the end marker, after BDAT by count. */
#include "proto/smtp/smtp_private.h"

static void open_body(struct smtp_mail *m, struct ms_host *h, struct smtp_at at)
{
    if (m->body)
        return;
    struct ms_body_start start = { .direction = MS_SENT, .frame = at.frame, .time = at.time };
    m->body = h->ops->body_open(h, &start);
    m->end = at;
    if (ms_session_in_clear(h->session))
        h->session->flags |= MS_SESSION_CLEAR_MAIL;
}

struct body_to { struct ms_host *h; struct smtp_mail *m; struct smtp_at at; };

static void push_span(void *to, struct ms_bytes span)
{
    struct body_to *t = to;
    open_body(t->m, t->h, t->at);
    t->m->end = t->at;
    t->m->bytes += span.n;
    t->h->ops->body_push(t->h, t->m->body, span, t->at.frame, t->at.time);
}

/* A transaction for a text whose MAIL was not seen. */
static struct smtp_mail *need_mail(struct smtp *s)
{
    if (!s->mail)
        s->mail = smtp_mail_begin();
    return s->mail;
}

/* ---- DATA ------------------------------------------------------------------------------------------------------ */

void smtp_body_begin(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    if (s->mail && s->mail->body) { /* BDAT before, its end and what followed are missing */
        smtp_mail_release(s->mail, h);
        s->mail = NULL;
    }
    need_mail(s)->end = at;
    smtp_trick_begin(s->mail);
    s->go_ahead.frame = s->go_missing = 0;
    ms_dots_start(&s->dots, s->bare_lf);
    s->dots.stop = s->seen[MS_S2C];
    s->mode = SMTP_BODY;
    ms_session_reach(h->session, MS_STAGE_DATA);
}

/* Where the text ended without a marker, or before a gap, no frame can be named. */
static void say_end(const struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    if (s->dots.marker)
        smtp_say_end(h, s->mail, s->dots.marker, at.frame);
    else if (ms_dots_may_be_over(&s->dots))
        smtp_say_end(h, s->mail, ms_dots_held(&s->dots), s->mail->held);
}

/* The transaction leaves the session; the end marker waits in the queue for its reply, which may have come already. */
static void close_body(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    struct smtp_mail   *m = s->mail;
    struct smtp_command end = { .verb = SMTP_END, .name = ".", .name_n = 1 };
    open_body(m, h, at);
    h->ops->body_end(h, m->body, at.frame, at.time);
    if (h->elements)
        say_end(s, h, at);
    m->ended = true;
    s->mail = NULL;
    s->mode = SMTP_LINES;
    bool                 pipelining = s->pipelining;
    struct smtp_pending *p = smtp_queue_push(s, h, &end, at);
    s->pipelining = pipelining;
    p->flags = MS_EXCHANGE_DATA_END;
    p->data = m->bytes;
    p->mail = m;
}

static void answer_early(struct smtp *s, struct ms_host *h, const struct smtp_mail *m)
{
    for (const struct smtp_kept *k = m->early; k && s->head && s->head->verb == SMTP_END; k = k->next)
        smtp_answer(s, h, &k->reply);
}

void smtp_body_end(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    struct smtp_mail *m = smtp_mail_hold(s->mail);
    close_body(s, h, at);
    answer_early(s, h, m);
    smtp_mail_settle(m, h);
    smtp_mail_release(m, h);
}

/* The session is over before the text was, yet there was an answer: it goes up as what it answers. */
void smtp_body_abandon(struct smtp *s, struct ms_host *h)
{
    struct smtp_mail   *m = s->mail;
    struct smtp_command end = { .verb = SMTP_END, .name = ".", .name_n = 1 };
    if (!m->early)
        return;
    m->lenient = s->dots.loose || ms_dots_may_be_over(&s->dots);
    struct smtp_pending *p = smtp_queue_push(s, h, &end, m->end);
    p->flags = MS_EXCHANGE_DATA_END | MS_EXCHANGE_GAP;
    p->data = m->bytes;
    p->mail = smtp_mail_hold(m);
    answer_early(s, h, m);
}

void smtp_body_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at)
{
    struct body_to  to = { h, s->mail, at };
    struct ms_bytes raw = *in;
    size_t          taken = in->n + ms_dots_held(&s->dots);
    bool            ended = ms_dots_push(&s->dots, in, push_span, &to), loose = ended && ms_dots_may_be_over(&s->dots);
    smtp_trick_look(s, h, ms_head(raw, raw.n - in->n), at);
    if (h->elements) {
        smtp_say_content(s, h, taken - in->n - (ended && !loose ? s->dots.marker : ms_dots_held(&s->dots)), at);
        s->mail->held = at.frame;
    }
    if (ended && !loose)
        smtp_body_end(s, h, at);
    if (loose)
        smtp_hold_start(s, SMTP_HOLD_LOOSE, false);
}

void smtp_body_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at)
{
    struct body_to to = { h, s->mail, at };
    open_body(s->mail, h, at);
    ms_dots_gap(&s->dots, push_span, &to);
    smtp_trick_gap(s->mail);
    h->ops->body_gap(h, s->mail->body, missing, at.frame, at.time);
    s->mail->gap = true;
    if (s->mail->early && s->mode == SMTP_BODY)
        smtp_hold_start(s, SMTP_HOLD_PROBE, true);
}

/* ---- BDAT (RFC 3030) ------------------------------------------------------------------------------------------- */

static void end_chunk(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    s->mode = SMTP_LINES;
    s->chunk = NULL;
    if (!s->chunk_last)
        return;
    struct smtp_mail *m = s->mail;
    open_body(m, h, at);
    h->ops->body_end(h, m->body, at.frame, at.time);
    if (h->elements)
        smtp_say_end(h, m, 0, at.frame);
    m->ended = true;
    s->mail = NULL;
    smtp_mail_settle(m, h);
    smtp_mail_release(m, h);
}

void smtp_chunk_begin(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_command *c)
{
    if (!need_mail(s)->body)
        smtp_trick_begin_chunk(s->mail, p->at);
    p->mail = smtp_mail_hold(s->mail);
    p->data = c->size;
    if (c->last)
        p->flags |= MS_EXCHANGE_DATA_END;
    s->chunk = p;
    s->chunk_left = c->size;
    s->chunk_last = c->last;
    s->mode = SMTP_CHUNK;
    ms_session_reach(h->session, MS_STAGE_DATA);
    if (c->size == 0)
        end_chunk(s, h, p->at);
}

void smtp_chunk_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at)
{
    struct body_to  to = { h, s->mail, at };
    struct ms_bytes part = ms_head(*in, s->chunk_left < in->n ? (size_t)s->chunk_left : in->n);
    *in = ms_tail(*in, part.n);
    s->chunk_left -= part.n;
    push_span(&to, part);
    smtp_trick_look_chunk(s, h, part, at);
    if (h->elements)
        smtp_say_content(s, h, part.n, at);
    if (s->chunk)
        s->chunk->at = at;
    if (s->chunk_left == 0)
        end_chunk(s, h, at);
}

uint64_t smtp_chunk_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at)
{
    uint64_t inside = missing < s->chunk_left ? missing : s->chunk_left;
    open_body(s->mail, h, at);
    smtp_trick_gap(s->mail);
    h->ops->body_gap(h, s->mail->body, inside, at.frame, at.time);
    s->mail->gap = true;
    s->mail->bytes += inside;
    s->chunk_left -= inside;
    if (s->chunk) {
        s->chunk->at = at;
        s->chunk->flags |= MS_EXCHANGE_GAP;
    }
    if (s->chunk_left == 0)
        end_chunk(s, h, at);
    return missing - inside;
}
