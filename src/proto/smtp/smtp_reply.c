/* proto/smtp/smtp_reply.c - the server's lines, put together to replies (RFC 5321 4.2, RFC 2034).
 *
 * Takes    "250 text", "250-text", "250" alone, ended by CRLF or LF. A line of another shape inside a reply is its text (some servers
 *          forget the code); outside of one it is ignored. When codes differ inside a reply, the last one counts.
 * Limits   line_bytes for the text of one reply.                                                                    */
#include "proto/smtp/smtp_private.h"

void smtp_line_drop(struct smtp *s, enum ms_dir dir, struct ms_bytes *in)
{
    struct ms_lines *l = &s->lines[dir];
    if (!l->dropping || in->n == 0)
        return;
    size_t lf = ms_find(*in, '\n');
    l->dropping = lf == in->n;
    *in = ms_tail(*in, lf + 1);
}

bool smtp_line_next(struct smtp *s, enum ms_dir dir, struct ms_bytes *in, struct smtp_at at, struct ms_line *line,
                    size_t limit)
{
    smtp_line_drop(s, dir, in);
    if (in->n == 0)
        return false;
    if (s->begun[dir].frame == 0)
        s->begun[dir] = at;
    return ms_line_next(&s->lines[dir], in, limit, line);
}

static bool take_code(struct ms_bytes line, unsigned *code, bool *more)
{
    uint8_t a = ms_at(line, 0), b = ms_at(line, 1), c = ms_at(line, 2), sep = ms_at(line, 3);
    if (a < '2' || a > '5' || !ms_is_digit(b) || !ms_is_digit(c) || (line.n > 3 && sep != ' ' && sep != '-'))
        return false;
    *code = (unsigned)(a - '0') * 100 + (unsigned)(b - '0') * 10 + (unsigned)(c - '0');
    *more = sep == '-';
    return true;
}

static bool take_number(struct ms_bytes *b, uint16_t *out)
{
    unsigned n = 0, digits = 0;
    while (digits < 3 && ms_is_digit(ms_at(*b, 0))) {
        n = n * 10 + (unsigned)(b->p[0] - '0');
        *b = ms_tail(*b, 1);
        digits++;
    }
    *out = (uint16_t)n;
    return digits > 0;
}

/* "5.1.1 " before the text: class.subject.detail (RFC 3463 section 2). */
static struct ms_bytes take_enhanced(struct ms_bytes text, struct ms_enhanced *out)
{
    struct ms_enhanced e = { .class_ = (uint8_t)(ms_at(text, 0) - '0') };
    if ((e.class_ != 2 && e.class_ != 4 && e.class_ != 5) || ms_at(text, 1) != '.')
        return text;
    struct ms_bytes rest = ms_tail(text, 2);
    if (!take_number(&rest, &e.subject) || ms_at(rest, 0) != '.')
        return text;
    rest = ms_tail(rest, 1);
    if (!take_number(&rest, &e.detail) || (rest.n && !ms_is_blank(rest.p[0])))
        return text;
    *out = e;
    return ms_tail(rest, 1);
}

static void deliver_multi(struct smtp *s, struct ms_host *h)
{
    struct smtp_multi *m = s->multi;
    struct smtp_reply  r = { m->code, m->enhanced, ms_buffer_bytes(&m->text), m->first, m->last, m->gap };
    s->multi = NULL;
    smtp_take_reply(s, h, &r);
    ms_buffer_finish(&m->text);
    ms_free(m);
}

void smtp_reply_flush(struct smtp *s, struct ms_host *h)
{
    if (s->multi)
        deliver_multi(s, h);
}

static void add_text(struct smtp *s, struct ms_host *h, struct ms_bytes text, struct smtp_at at)
{
    struct smtp_multi *m = s->multi;
    size_t             limit = (size_t)h->limits->line_bytes;
    m->last = at;
    if (m->any && m->text.n < limit)
        ms_buffer_append(&m->text, MS_LIT("\n"));
    m->any = true;
    size_t room = limit - (m->text.n < limit ? m->text.n : limit);
    if (text.n > room)
        h->ops->limit(h, MS_LIMIT_line_bytes);
    ms_buffer_append(&m->text, ms_head(text, room));
}

static void take_line(struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at, bool gap)
{
    unsigned           code = 0;
    bool               more = false, shaped = take_code(line, &code, &more);
    struct ms_enhanced enhanced = { 0 };
    if (!shaped && s->multi && !s->after_gap)
        add_text(s, h, line, at);
    if (!shaped)
        return;
    struct ms_bytes text = take_enhanced(ms_tail(line, 4), &enhanced);
    if (s->multi && s->multi->gap && s->multi->code != code)
        deliver_multi(s, h); /* its last line is missing */
    if (!s->multi && !more) {
        struct smtp_reply r = { code, enhanced, text, s->begun[MS_S2C], at, gap };
        smtp_take_reply(s, h, &r);
        return;
    }
    if (!s->multi) {
        s->multi = ms_alloc(sizeof *s->multi);
        s->multi->first = s->begun[MS_S2C];
    }
    s->multi->code = code;
    s->multi->gap |= gap;
    if (enhanced.class_)
        s->multi->enhanced = enhanced;
    add_text(s, h, text, at);
    if (!more)
        deliver_multi(s, h);
}

/* Right behind the reply that agreed on it; also where words in clear were put between the two. */
static bool may_begin_tls(const struct smtp *s)
{
    return s->fresh[MS_S2C] || (s->tls[MS_C2S] && !s->tls[MS_S2C] && s->begun[MS_S2C].frame == 0);
}

void smtp_server_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes bytes, struct smtp_at at)
{
    struct ms_line line;
    size_t         limit = (size_t)h->limits->line_bytes;
    smtp_line_drop(s, MS_S2C, &bytes); /* the rest of a line over the limit is not what follows STARTTLS */
    while (bytes.n) {
        if (may_begin_tls(s) && ms_begins_tls_record(bytes.p[0])) {
            smtp_go_tls(s, h, MS_S2C, bytes, at);
            return;
        }
        if (s->fresh[MS_S2C] && ms_injected_behind(s->agreed, at.time, s->fresh[MS_C2S]))
            h->session->injected[MS_S2C] = at.frame;
        s->fresh[MS_S2C] = false;
        s->seen[MS_S2C] = true;
        if (!smtp_line_next(s, MS_S2C, &bytes, at, &line, limit))
            return;
        if (line.cut)
            h->ops->limit(h, MS_LIMIT_line_bytes);
        if (h->elements)
            smtp_say_reply(s, h, &line, at);
        take_line(s, h, line.text, at, false);
        s->after_gap = false;
        s->begun[MS_S2C].frame = 0;
        smtp_hold_replay(s, h);
        smtp_line_drop(s, MS_S2C, &bytes);
    }
}

/* The begin of a line is enough when it holds the code and what follows it. */
void smtp_server_gap(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    struct ms_buffer begun = s->lines[MS_S2C].rest;
    s->lines[MS_S2C].rest = (struct ms_buffer){ 0 };
    bool spent = s->begun[MS_S2C].frame == 0;
    s->seen[MS_S2C] = true;
    s->fresh[MS_S2C] = false;
    if (s->multi)
        s->multi->gap = true;
    if (!spent && begun.n > 3) {
        take_line(s, h, ms_trim(ms_buffer_bytes(&begun)), at, true);
        smtp_hold_replay(s, h);
    }
    ms_buffer_finish(&begun);
    s->lines[MS_S2C].dropping = false;
    s->begun[MS_S2C].frame = 0;
    s->after_gap = true;
    s->unsure = true;
    smtp_queue_excuse(s);
    s->skip = 0;
    s->adrift |= s->head && s->pipelining;
    s->flush = s->head && !s->pipelining;
    if (s->mode == SMTP_HOLD)
        s->hold->decide = true;
}
