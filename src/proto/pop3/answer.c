/* proto/pop3/answer.c - the server's side: status lines, listings, messages.
 *
 * What is one line and what is many follows from the command alone (RFC 1939, 2449, 5034, 6856); a size that the server names is
 * never believed. A status where a listing should go on, with a further command waiting, ends the listing.
 *
 * BUGS     Without the commands (one direction captured) listings are passed over, and a message is known by the words of its
 *          status or by its first header line. After missing bytes a message whose end was lost goes on until a line that looks
 *          like a status, so it may hold other answers. XTND XMIT uploads are not followed.                     */
#include "proto/pop3/private.h"

enum { LINES_KEPT = 4096 }; /* bytes of a listing that go into the reply text */

/* ---- status lines ------------------------------------------------------------------------------------------------ */

static bool starts_word(struct ms_bytes line, struct ms_bytes word)
{
    uint8_t next = ms_lower(ms_at(line, word.n));
    return ms_starts_nocase(line, word) && !(next >= 'a' && next <= 'z') && !ms_is_digit(next);
}

static unsigned code_of(struct ms_bytes line)
{
    if (starts_word(line, MS_LIT("+OK")))
        return MS_RESULT_POP_OK;
    return starts_word(line, MS_LIT("-ERR")) ? MS_RESULT_POP_ERR : MS_RESULT_NONE;
}

static bool is_word_byte(uint8_t c)
{
    return (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || ms_is_digit(c) || c == '-' || c == '/' || c == '_';
}

/* Response codes (RFC 2449 8, 3206, 6856). Behind +OK only those that are registered: greetings have brackets of their own. */
static bool is_response_code(struct ms_bytes word, unsigned code)
{
    for (size_t i = 0; i < word.n; i++)
        if (!is_word_byte(word.p[i]))
            return false;
    return word.n && (code == MS_RESULT_POP_ERR || ms_starts_nocase(word, MS_LIT("SYS/")) ||
                      ms_equal_nocase(word, MS_LIT("LOGIN-DELAY")) || ms_equal_nocase(word, MS_LIT("IN-USE")) ||
                      ms_equal_nocase(word, MS_LIT("AUTH")) || ms_equal_nocase(word, MS_LIT("UTF8")));
}

static void split_text(struct status *s, struct ms_bytes text)
{
    s->text = ms_trim(text);
    size_t          close = ms_find(s->text, ']');
    struct ms_bytes word = ms_tail(ms_head(s->text, close), 1);
    if (ms_at(s->text, 0) == '[' && close < s->text.n && is_response_code(word, s->code)) {
        s->word = word;
        s->text = ms_trim(ms_tail(s->text, close + 1));
    }
}

static struct status read_status(const struct flow *f, struct ms_bytes line, const struct partial *at)
{
    struct status s = { .code = code_of(line), .frame = at->frame, .time = at->time, .last_frame = f->c->frame,
                        .last_time = f->c->time };
    if (s.code == MS_RESULT_NONE)
        s.text = ms_trim(line);
    else
        split_text(&s, ms_tail(line, s.code == MS_RESULT_POP_OK ? 3 : 4));
    return s;
}

/* ---- answers of many lines ------------------------------------------------------------------------------------------- */

static void drop_answer(struct pop3 *p)
{
    ms_buffer_finish(&p->answer->text);
    ms_buffer_finish(&p->answer->frames);
    ms_free(p->answer);
    p->answer = NULL;
}

static struct answer *start(struct flow *f, enum answer_kind kind, const struct status *s)
{
    if (f->p->answer)
        drop_answer(f->p); /* strange lines that turned out to be the beginning of something else */
    struct answer *a = f->p->answer = ms_alloc(sizeof *a);
    a->kind = (uint8_t)kind;
    a->status = *s;
    a->status.text = a->status.word = (struct ms_bytes){ NULL, 0 };
    ms_buffer_append(&a->text, s->text);
    return a;
}

static void start_body(struct flow *f, const struct status *s, bool lf)
{
    struct answer        *a = start(f, BODY, s);
    const struct pending *q = ms_pop3_head(f->p);
    a->orphan = !q || (q->verb != V_RETR && q->verb != V_TOP);
    a->partial = q && q->verb == V_TOP;
    ms_dots_start(&a->dots, lf);
}

/* What follows a +OK: the kind of answer, or STRANGE for none. */
static enum answer_kind kind_after(const struct pending *q, bool *keep_lines)
{
    struct ms_bytes argument = ms_trim(ms_pop3_argument(q));
    *keep_lines = q->verb == V_CAPA || q->verb == V_AUTH || q->verb == V_LANG;
    switch (q->verb) {
    case V_RETR:
    case V_TOP: return BODY;
    case V_CAPA: return LISTING;
    case V_LIST:
    case V_UIDL:
    case V_AUTH:
    case V_LANG: return argument.n ? STRANGE : LISTING;
    case V_XTND: return ms_starts_nocase(argument, MS_LIT("XLST")) ? LISTING : STRANGE;
    default: return STRANGE;
    }
}

static void *body_of(struct flow *f)
{
    struct answer       *a = f->p->answer;
    struct ms_body_start begin = { MS_RETRIEVED, a->status.last_frame, a->status.last_time };
    if (!a->body)
        a->body = f->h->ops->body_open(f->h, &begin);
    return a->body;
}

static void give_verdict(struct flow *f, bool complete)
{
    struct answer    *a = f->p->answer;
    struct ms_verdict v = { .status = complete && !a->gap ? MS_STATUS_RETRIEVED : MS_STATUS_INCOMPLETE,
                            .code = a->status.code, .reply = a->status.text, .reply_frame = a->status.frame,
                            .replied = a->status.time, .partial = a->partial };
    f->h->ops->body_verdict(f->h, a->body, &v);
}

void ms_pop3_answer_end(struct flow *f, bool complete)
{
    struct pop3   *p = f->p;
    struct answer *a = p->answer;
    if (a->kind == BODY && complete && f->h->elements)
        ms_pop3_say_end(f);
    if (a->kind == BODY && (complete || a->body))
        f->h->ops->body_end(f->h, body_of(f), a->status.last_frame, a->status.last_time);
    a->status.text = ms_buffer_bytes(&a->text);
    struct pending *q = ms_pop3_head(p);
    if (q && !a->orphan) {
        q->flags |= a->gap ? MS_EXCHANGE_GAP : 0;
        ms_pop3_settle(p, f->h, &a->status);
    }
    if (a->body)
        give_verdict(f, complete);
    drop_answer(p);
}

void ms_pop3_client_turn(struct flow *f)
{
    struct answer *a = f->p->answer;
    if (a && (a->kind == STRANGE || (a->kind == BODY && ms_dots_may_be_over(&a->dots))))
        ms_pop3_answer_end(f, true);
}

/* ---- messages --------------------------------------------------------------------------------------------------------- */

static void touch(struct flow *f)
{
    struct answer *a = f->p->answer;
    a->status.last_frame = f->c->frame;
    a->status.last_time = f->c->time;
}

static void push_span(void *to, struct ms_bytes span)
{
    struct flow *f = to;
    f->p->answer->status.data += span.n;
    f->h->ops->body_push(f->h, body_of(f), span, f->c->frame, f->c->time);
}

void ms_pop3_body_bytes(struct flow *f, struct ms_bytes *in)
{
    struct ms_dots *dots = &f->p->answer->dots;
    uint64_t        taken = ms_dots_held(dots) + in->n;
    touch(f);
    body_of(f);
    bool over = ms_dots_push(dots, in, push_span, f);
    if (f->h->elements)
        ms_pop3_say_content(f, taken - in->n - (over ? dots->marker : ms_dots_held(dots)));
    if (over)
        ms_pop3_answer_end(f, true);
}

void ms_pop3_body_gap(struct flow *f, uint64_t missing)
{
    touch(f);
    if (f->h->elements)
        ms_pop3_say_content(f, ms_dots_held(&f->p->answer->dots));
    ms_dots_gap(&f->p->answer->dots, push_span, f);
    f->p->answer->gap = true;
    f->h->ops->body_gap(f->h, body_of(f), missing, f->c->frame, f->c->time);
}

void ms_pop3_body_hold(struct flow *f) { ms_dots_gap(&f->p->answer->dots, push_span, f); }

/* A line as text of the message that is open; it may be the last one. */
static void body_line(struct flow *f, const struct ms_line *line)
{
    struct ms_bytes text = line->text, end = line->bare_lf ? MS_LIT("\n") : MS_LIT("\r\n");
    ms_pop3_body_bytes(f, &text);
    ms_pop3_body_bytes(f, &end);
}

static bool is_header(struct ms_bytes line)
{
    size_t colon = ms_find(line, ':');
    if (ms_starts_nocase(line, MS_LIT("From ")) && line.n > 10)
        return true;
    for (size_t i = 0; i < colon; i++)
        if (line.p[i] <= ' ' || line.p[i] > '~')
            return false;
    return colon > 1 && colon < line.n && colon < 80;
}

/* ---- lines ------------------------------------------------------------------------------------------------------------- */

static void challenge(struct flow *f, struct ms_bytes text)
{
    struct login *l = f->p->login;
    f->p->challenged = true;
    if (!l)
        return;
    ms_sasl_server(&l->sasl, text, &l->arena, f->h->limits);
    ms_sasl_disclosed(&l->sasl, text, f->h->session, f->h->arena);
}

static bool is_challenge(struct pop3 *p, struct ms_bytes line)
{
    const struct pending *q = ms_pop3_head(p);
    return q && q->verb == V_AUTH && p->login && ms_at(line, 0) == '+' && (line.n == 1 || line.p[1] == ' ');
}

/* The words of a greeting, where a reply to a command that was not seen is as likely. */
static bool is_greeting(struct ms_bytes text)
{
    static const char *const words[] = { "ready", "POP", "server", "welcome", "hello", "dovecot", "at your service" };
    size_t at = ms_find(text, '<');
    if (at < text.n && ms_find(ms_tail(text, at), '@') < text.n - at && ms_find(ms_tail(text, at), '>') < text.n - at)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_search_nocase(text, ms_str(words[i])) < text.n)
            return true;
    return false;
}

/* No command waits for this status. */
static void unasked(struct flow *f, const struct status *s)
{
    struct pop3 *p = f->p;
    bool out_of_the_blue = p->client_seen && !p->dropped && p->started && s->code == MS_RESULT_POP_ERR;
    if (!p->started && is_greeting(s->text)) {
        ms_pop3_greeting(p, f->h, s);
        return;
    }
    if (out_of_the_blue)
        f->h->session->flags |= MS_SESSION_BYE;
    ms_pop3_unasked(f->h, s, out_of_the_blue ? MS_EXCHANGE_GREETING : MS_EXCHANGE_NO_COMMAND);
    p->dropped -= p->dropped > 0;
    p->guess_body = NO_BODY;
    if (s->code == MS_RESULT_POP_OK)
        p->guess_body = ms_search_nocase(s->text, MS_LIT("octets")) < s->text.n ? ANY_BODY : BODY_IF_HEADER;
    p->orphan_frame = s->frame;
    p->orphan_time = s->time;
}

static void on_status(struct flow *f, const struct status *s, const struct ms_line *line)
{
    struct pop3    *p = f->p;
    struct pending *q = ms_pop3_head(p);
    bool            keep_lines = false;
    p->lost[MS_S2C] = false;
    p->guess_body = NO_BODY;
    if (p->greeting_due && q && s->code == MS_RESULT_POP_OK && !is_greeting(s->text))
        p->greeting_due = false; /* no greeting in the capture: this answers the command */
    bool             asked = q && !p->greeting_due && s->code == MS_RESULT_POP_OK;
    enum answer_kind kind = asked ? kind_after(q, &keep_lines) : STRANGE;
    if (f->h->elements)
        ms_pop3_say_reply(f, line, kind);
    if (p->greeting_due)
        ms_pop3_greeting(p, f->h, s);
    else if (!q)
        unasked(f, s);
    else if (kind == BODY)
        start_body(f, s, line->bare_lf);
    else if (kind == LISTING)
        start(f, LISTING, s)->keep_lines = keep_lines;
    else
        ms_pop3_settle(p, f->h, s);
    p->started = true;
}

/* The line begins a message whose announcement was not seen: it is the first of it. */
static bool on_body(struct flow *f, const struct ms_line *line, const struct status *s)
{
    struct pop3          *p = f->p;
    const struct pending *q = ms_pop3_head(p);
    bool listing = ms_is_digit(ms_at(line->text, 0)) || ms_at(line->text, 0) == '.';
    if ((p->guess_body == ANY_BODY && !listing) || (p->guess_body == BODY_IF_HEADER && is_header(line->text))) {
        struct status orphan = { .code = MS_RESULT_POP_OK, .frame = p->orphan_frame, .time = p->orphan_time,
                                 .last_frame = s->frame, .last_time = s->time };
        p->guess_body = NO_BODY;
        start_body(f, &orphan, line->bare_lf);
        p->answer->orphan = true;
        body_line(f, line);
        return true;
    }
    if (p->lost[MS_S2C] && p->lost_frame && q && (q->verb == V_RETR || q->verb == V_TOP)) {
        struct status unknown = { .last_frame = s->frame, .last_time = s->time, .time = MS_UNKNOWN };
        start_body(f, &unknown, line->bare_lf);
        ms_pop3_body_gap(f, 0);
        body_line(f, line);
        return true;
    }
    return false;
}

/* The line is neither a status nor within an answer. */
static void on_other(struct flow *f, const struct ms_line *line, const struct status *s)
{
    struct pop3 *p = f->p;
    if (on_body(f, line, s))
        return;
    if (f->h->elements)
        ms_pop3_say_text(f, line, false);
    if (s->text.n && p->greeting_due) {
        ms_pop3_greeting(p, f->h, s);
        p->started = true;
    } else if (s->text.n && ms_pop3_head(p) && !p->lost[MS_S2C] && !p->answer) {
        start(f, STRANGE, s);
    }
    if (s->text.n)
        p->guess_body = NO_BODY;
}

static void status_line(struct flow *f, const struct ms_line *line, const struct partial *at)
{
    struct pop3  *p = f->p;
    struct status s = read_status(f, line->text, at);
    if (is_challenge(p, line->text)) {
        if (f->h->elements)
            ms_pop3_say_reply(f, line, STRANGE);
        challenge(f, ms_tail(line->text, 2));
        return;
    }
    if (s.code == MS_RESULT_NONE) {
        on_other(f, line, &s);
        return;
    }
    if (p->answer)
        drop_answer(p); /* strange lines before a status are no answer */
    on_status(f, &s, line);
}

static void list_line(struct flow *f, const struct ms_line *line)
{
    struct answer  *a = f->p->answer;
    struct ms_bytes text = ms_tail(line->text, ms_at(line->text, 0) == '.');
    bool            last = ms_equal(line->text, MS_LIT("."));
    touch(f);
    if (f->h->elements)
        ms_pop3_say_text(f, line, last);
    if (last) {
        ms_pop3_answer_end(f, true);
        return;
    }
    a->status.data += line->text.n + (line->bare_lf ? 1 : 2);
    if (ms_pop3_head(f->p)->verb == V_CAPA && starts_word(text, MS_LIT("STLS")))
        f->h->session->flags |= MS_SESSION_TLS_OFFERED;
    if (a->keep_lines && a->text.n + text.n < LINES_KEPT) {
        if (a->text.n)
            ms_buffer_append(&a->text, MS_LIT("\n"));
        ms_buffer_append(&a->text, ms_trim(text));
    }
}

void ms_pop3_server_line(struct flow *f, const struct ms_line *line, const struct partial *at)
{
    struct pop3   *p = f->p;
    struct answer *a = p->answer;
    bool           status = code_of(line->text) != MS_RESULT_NONE;
    p->server_seen = true;
    if (a && a->kind != STRANGE && status && p->queued > (a->orphan ? 0 : 1)) {
        ms_pop3_answer_end(f, false); /* only after a gap for messages: see `careful` */
        ms_pop3_head(p)->flags &= ~(uint32_t)MS_EXCHANGE_PIPELINED; /* the client knew the end before we did */
        status_line(f, line, at);
    } else if (a && a->kind == BODY) {
        body_line(f, line);
    } else if (a && a->kind == LISTING) {
        list_line(f, line);
    } else {
        status_line(f, line, at);
    }
}
