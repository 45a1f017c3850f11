/* proto/smtp/smtp_mail.c - one mail transaction: sender, recipients, what became of each, the verdict (RFC 5321 3.3, RFC 2033,
 * draft-hall-prdr-00).
 *
 * Limits   recipients; longer addresses and replies are cut (SMTP_ADDRESS_BYTES, SMTP_WORDS_BYTES).                      */
#include "proto/smtp/smtp_private.h"

struct smtp_mail *smtp_mail_begin(void)
{
    struct smtp_mail *m = ms_alloc(sizeof *m);
    m->refs = 1;
    return m;
}

struct smtp_mail *smtp_mail_hold(struct smtp_mail *m)
{
    if (m)
        m->refs++;
    return m;
}

struct smtp_rcpt *smtp_mail_add(struct smtp_mail *m, struct ms_host *h, struct ms_bytes address)
{
    if (m->count >= h->limits->recipients) {
        m->dropped++;
        h->ops->limit(h, MS_LIMIT_recipients);
        return NULL;
    }
    struct smtp_rcpt *r = ms_arena_alloc(&m->arena, sizeof *r);
    r->address = ms_arena_keep(&m->arena, ms_head(address, SMTP_ADDRESS_BYTES));
    if (m->last)
        m->last->next = r;
    else
        m->first = r;
    m->last = r;
    m->count++;
    return r;
}

struct smtp_reply smtp_mail_words(struct smtp_mail *m, const struct smtp_reply *r)
{
    struct smtp_reply copy = *r;
    copy.text = ms_arena_keep(&m->arena, ms_head(r->text, SMTP_WORDS_BYTES));
    return copy;
}

/* ---- a MAIL that was refused while another transaction was open ------------------------------------------- */

static void absorb(struct smtp_mail *old, struct ms_host *h, struct smtp_mail *refused)
{
    if (old->count + refused->count > h->limits->recipients) {
        old->dropped += refused->count;
        refused->first = refused->last = NULL;
        refused->count = 0;
    }
    if (refused->first) {
        *(old->last ? &old->last->next : &old->first) = refused->first;
        old->last = refused->last;
        old->count += refused->count;
    }
    refused->first = refused->last = NULL;
    refused->absorbed = old->absorbed; /* its arena holds the recipients */
    old->absorbed = refused;
}

/* What was sent after the refused MAIL belongs to the transaction before it (RFC 5321 4.1.4: 503 changes nothing). */
void smtp_mail_refused(struct smtp *s, struct ms_host *h, struct smtp_mail *m)
{
    struct smtp_mail *old = m->prev;
    if (!old || !old->ok || old->ended || m->body || m->absorbed)
        return;
    m->prev = NULL; /* its reference is now ours, and goes to the session if that used m */
    for (struct smtp_pending *p = s->head; p; p = p->next) {
        if (p->mail == m && p->verb != SMTP_MAIL) {
            p->mail = smtp_mail_hold(old);
            m->refs--;
        }
    }
    bool current = s->mail == m;
    if (current) {
        s->mail = smtp_mail_hold(old);
        m->refs--;
    }
    if (m->count && m->refs == 1) { /* only the MAIL in the queue is left */
        m->refs++;
        absorb(old, h, m);
    }
    smtp_mail_release(old, h);
}

/* ---- the verdict -------------------------------------------------------------------------------------------- */

static bool refused(const struct smtp_rcpt *r) { return r->own.code >= 400; }

/* Replies come in the order of the recipients: what was passed once is never looked at again. */
struct smtp_rcpt *smtp_mail_turn(struct smtp_mail *m)
{
    if (!m)
        return NULL;
    struct smtp_rcpt *r = m->turn ? m->turn : m->first;
    while (r && (refused(r) || r->final.code)) {
        m->turn = r;
        r = r->next;
    }
    return r;
}

static enum ms_status rcpt_status(unsigned code)
{
    if (code / 100 == 2)
        return MS_STATUS_ACCEPTED;
    return code >= 500 ? MS_STATUS_REJECTED : code >= 400 ? MS_STATUS_DEFERRED : MS_STATUS_UNANSWERED;
}

static const struct smtp_reply *deciding(const struct smtp_mail *m, const struct smtp_rcpt *r)
{
    bool for_all = !m->each || (m->prdr && m->final.code >= 400);
    return refused(r) ? &r->own : for_all ? &m->final : &r->final;
}

static void fill_recipients(struct smtp_mail *m, struct ms_envelope *e)
{
    size_t i = 0;
    e->to = m->count ? ms_arena_alloc(&m->arena, m->count * sizeof *e->to) : NULL;
    for (const struct smtp_rcpt *r = m->first; r && i < m->count; r = r->next) {
        const struct smtp_reply *d = deciding(m, r);
        e->to[i++] = (struct ms_recipient){ .address = r->address, .code = (uint16_t)d->code,
            .status = (uint8_t)rcpt_status(d->code), .enhanced = d->enhanced, .reply = d->text, .frame = d->first.frame };
    }
    e->to_count = i;
}

/* What the server said counts, be the end of the text missing or not; but 421 hangs up and judges nothing. */
static enum ms_status mail_status(const struct smtp_mail *m)
{
    unsigned code = m->final.code;
    if (code / 100 == 2)
        return m->ended || m->gap || m->lenient ? MS_STATUS_ACCEPTED : MS_STATUS_INCOMPLETE;
    if (!m->ended && (code == 421 || code < 400))
        return MS_STATUS_INCOMPLETE;
    return code >= 400 ? MS_STATUS_REJECTED : MS_STATUS_UNANSWERED;
}

static void judge(struct smtp_mail *m, struct ms_host *h)
{
    struct ms_envelope e = { .seen = m->seen, .from = m->from, .to_dropped = m->dropped, .declared_size = m->declared };
    const struct smtp_reply *f = &m->final;
    fill_recipients(m, &e);
    struct ms_verdict v = { .envelope = &e, .status = mail_status(m), .code = f->code, .enhanced = f->enhanced,
        .partial = m->begin_missing, .reply = f->text, .reply_frame = f->first.frame, .replied = f->code ? f->first.time : MS_UNKNOWN };
    m->judged = true;
    h->ops->body_verdict(h, m->body, &v);
}

void smtp_mail_settle(struct smtp_mail *m, struct ms_host *h)
{
    if (m && m->body && m->ended && m->final.code && !m->judged && !(m->each && smtp_mail_turn(m)))
        judge(m, h);
}

void smtp_mail_release(struct smtp_mail *m, struct ms_host *h)
{
    while (m && --m->refs == 0) {
        if (m->body && !m->judged) {
            if (!m->ended)
                h->ops->body_end(h, m->body, m->end.frame, m->end.time);
            judge(m, h);
        }
        struct smtp_mail *prev = m->prev;
        for (struct smtp_mail *a = m->absorbed; a;) {
            struct smtp_mail *next = a->absorbed;
            ms_buffer_finish(&a->frames);
            ms_arena_finish(&a->arena);
            ms_free(a);
            a = next;
        }
        ms_buffer_finish(&m->frames);
        ms_arena_finish(&m->arena);
        ms_free(m);
        m = prev;
    }
}
