/* proto/smtp/smtp_session.c - what commands and replies do to the session. */
#include "proto/smtp/smtp_private.h"

/* ---- commands ------------------------------------------------------------------------------------------------- */

static void new_mail(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_command *c)
{
    struct smtp_mail *m = smtp_mail_begin();
    bool              live = s->mail && !s->mail->body && s->mail->seen;
    m->seen = true;
    m->from = ms_arena_keep(&m->arena, ms_head(c->subject, SMTP_ADDRESS_BYTES));
    m->declared = c->sized ? c->size : 0;
    m->prev = live ? smtp_mail_hold(s->mail) : NULL;
    smtp_mail_release(s->mail, h);
    s->mail = m;
    p->mail = smtp_mail_hold(m);
    ms_session_reach(h->session, MS_STAGE_ENVELOPE);
}

static void drop_mail(struct smtp *s, struct ms_host *h)
{
    smtp_mail_release(s->mail, h);
    s->mail = NULL;
}

static void new_rcpt(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_command *c)
{
    if (!s->mail)
        s->mail = smtp_mail_begin();
    p->mail = smtp_mail_hold(s->mail);
    p->rcpt = smtp_mail_add(s->mail, h, c->subject);
}

static void hello(struct smtp *s, struct ms_host *h, const struct smtp_command *c, bool whole)
{
    struct ms_bytes rest = c->argument;
    drop_mail(s, h);
    h->session->protocol = c->verb == SMTP_LHLO ? MS_PROTO_LMTP : MS_PROTO_SMTP;
    if (whole)
        smtp_name_keep(h, &h->session->client.name, &s->client_room, ms_head(ms_take_word(&rest), SMTP_NAME_BYTES));
}

/* A client that speaks into a capture without a server never gets an answer: its text follows at once. */
static void data_sent(struct smtp *s, struct ms_host *h, struct smtp_pending *p)
{
    p->mail = smtp_mail_hold(s->mail);
    if (!s->seen[MS_S2C] && !(h->session->flags & MS_SESSION_SYN_ACK))
        smtp_body_begin(s, h, p->at);
    else
        smtp_hold_start(s, SMTP_HOLD_DATA, false);
}

static void apply_command(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_command *c)
{
    switch (c->verb) {
    case SMTP_EHLO:
    case SMTP_HELO:
    case SMTP_LHLO: hello(s, h, c, !(p->flags & MS_EXCHANGE_GAP)); break;
    case SMTP_MAIL: new_mail(s, h, p, c); break;
    case SMTP_RCPT: new_rcpt(s, h, p, c); break;
    case SMTP_DATA: data_sent(s, h, p); break;
    case SMTP_BDAT:
        if (c->sized && !(p->flags & MS_EXCHANGE_GAP))
            smtp_chunk_begin(s, h, p, c);
        break;
    case SMTP_RSET: drop_mail(s, h); break;
    case SMTP_AUTH: smtp_auth_begin(s, h, p); break;
    case SMTP_STARTTLS: h->session->flags |= MS_SESSION_TLS_ASKED; break;
    case SMTP_QUIT:
        h->session->flags |= MS_SESSION_QUIT;
        ms_session_reach(h->session, MS_STAGE_QUIT);
        break;
    default: break;
    }
}

/* After a gap the replies to all commands before it may be missing: a client that waits would not have gone on otherwise. */
static void flush_unanswered(struct smtp *s, struct ms_host *h)
{
    while (s->flush && s->head)
        smtp_queue_lose(s, h, MS_EXCHANGE_GAP);
    s->flush = false;
}

/* A reply whose lines all said "to be continued" is over when a client that waits goes on. */
static bool reply_is_over(const struct smtp *s)
{
    return s->multi && s->count <= 1 && !s->pipelining && s->begun[MS_S2C].frame == 0;
}

/* The text that a 354 asks for does not begin before the command under way. */
static void finish_reply(struct smtp *s, struct ms_host *h)
{
    struct smtp_at ahead = s->go_ahead;
    s->go_ahead.frame = 0;
    smtp_reply_flush(s, h);
    if (s->go_ahead.frame == 0)
        s->go_ahead = ahead;
}

void smtp_take_command(struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at, uint32_t flags)
{
    struct smtp_command c;
    smtp_command_parse(line, &c);
    if (reply_is_over(s))
        finish_reply(s, h);
    if (s->auth_refused && c.verb == SMTP_OTHER && ms_find(ms_trim(line), ' ') >= ms_trim(line).n) {
        struct smtp_command hidden = { .verb = SMTP_OTHER, .name = "AUTH-LINE", .name_n = 9, .argument = line };
        c = hidden;
        ms_note_stray(h, line);
    } else {
        s->auth_refused = false;
    }
    flush_unanswered(s, h);
    smtp_align_command(s, h, at);
    if (h->elements && !(flags & MS_EXCHANGE_GAP)) {
        if (s->auth_refused)
            smtp_say_hidden(s, h, line, at);
        else
            smtp_say_command(s, h, line, at);
    }
    struct smtp_pending *p = smtp_queue_push(s, h, &c, at);
    p->flags |= flags;
    p->early = !s->replied && s->client_first;
    if (s->auth_refused)
        p->secret_n = p->argument_n;
    apply_command(s, h, p, &c);
    smtp_align_claim(s, h);
}

/* ---- replies -------------------------------------------------------------------------------------------------- */

static bool is_name_char(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return (low >= 'a' && low <= 'z') || ms_is_digit(c) || c == '.' || c == '-' || c == '_';
}

static bool is_protocol_word(struct ms_bytes w)
{
    return ms_equal_nocase(w, MS_LIT("ESMTP")) || ms_equal_nocase(w, MS_LIT("SMTP")) || ms_equal_nocase(w, MS_LIT("LMTP"));
}

/* "mx.example.org ESMTP ready": a name has a dot, or the protocol behind it. */
static struct ms_bytes host_of(struct ms_bytes text)
{
    struct ms_bytes rest = ms_head(text, ms_find(text, '\n')), word = ms_take_word(&rest), next = ms_take_word(&rest);
    size_t          dots = 0;
    for (size_t i = 0; i < word.n; i++) {
        if (!is_name_char(word.p[i]))
            return (struct ms_bytes){ NULL, 0 };
        dots += word.p[i] == '.' && i > 0 && i + 1 < word.n;
    }
    bool named = dots || ms_equal_nocase(word, MS_LIT("localhost")) || is_protocol_word(next);
    return named && !is_protocol_word(word) ? ms_head(word, SMTP_NAME_BYTES) : (struct ms_bytes){ NULL, 0 };
}

static void greeted(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct ms_session *session = h->session;
    struct ms_bytes    name = host_of(r->text);
    session->flags |= MS_SESSION_GREETED;
    if (s->mode == SMTP_SKIP && !s->seen[MS_C2S])
        s->mode = SMTP_LINES;
    if (s->client_first && !(session->flags & MS_SESSION_JOINED_LATE))
        session->flags |= MS_SESSION_CLIENT_EARLY;
    if (name.n && session->server.name.n == 0 && !(r->gap && name.n == r->text.n)) /* all of the name */
        session->server.name = ms_arena_keep(h->arena, name);
    ms_session_reach(session, MS_STAGE_GREETING);
    smtp_unsolicited(h, r, MS_EXCHANGE_GREETING);
}

/* The first reply, unless commands wait and it fits one of them. */
static bool is_greeting(const struct smtp *s, const struct ms_host *h, unsigned code)
{
    bool late = h->session->flags & MS_SESSION_JOINED_LATE;
    if (s->replied || code / 100 == 3)
        return false;
    if (code == 220)
        return !s->head || s->head->verb != SMTP_STARTTLS;
    if (late || s->unsure || code / 100 == 2)
        return false;
    return !s->head || s->client_first;
}

enum { OFFERS_TLS = 1, LETS_SPEAK_FIRST = 2, OFFERS_PIPELINING = 4 };
static unsigned capability(struct ms_bytes word)
{
    switch (ms_at(word, 0) | 0x20) {
    case 's': return ms_equal_nocase(word, MS_LIT("STARTTLS")) ? OFFERS_TLS : 0;
    case 'p': return ms_equal_nocase(word, MS_LIT("PIPELINING")) ? OFFERS_PIPELINING : ms_equal_nocase(word, MS_LIT("PIPECONNECT")) ? LETS_SPEAK_FIRST : 0;
    case 'x': return ms_equal_nocase(word, MS_LIT("X_PIPE_CONNECT")) ? LETS_SPEAK_FIRST : 0; /* Exim 4.93 */
    default: return 0;
    }
}

static void capabilities(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    unsigned has = 0;
    for (struct ms_bytes text = ms_tail(r->text, ms_find(r->text, '\n') + 1), line; text.n; text = ms_tail(text, line.n + 1)) {
        struct ms_bytes rest = line = ms_head(text, ms_find(text, '\n'));
        has |= capability(ms_take_word(&rest));
    }
    h->session->flags |= MS_SESSION_CAPS_SEEN | (has & OFFERS_TLS ? MS_SESSION_TLS_OFFERED : 0u);
    s->may_pipeline = has & (OFFERS_PIPELINING | LETS_SPEAK_FIRST);
    if (!(has & LETS_SPEAK_FIRST))
        return;
    h->session->flags &= ~(uint32_t)MS_SESSION_CLIENT_EARLY; /* the client knew it from the time before */
    smtp_queue_excuse(s);
}

static void data_answered(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_reply *r)
{
    if (r->code >= 400) {
        if (s->mode == SMTP_HOLD && s->hold->why == SMTP_HOLD_DATA)
            s->mode = SMTP_LINES;
        else if (p->mail && p->mail->body && !p->mail->final.code) /* a text was sent all the same */
            p->mail->final = smtp_mail_words(p->mail, r);
        return;
    }
    if (s->mode != SMTP_HOLD || s->hold->why != SMTP_HOLD_DATA)
        return;
    if (r->code / 100 == 3)
        smtp_body_begin(s, h, r->last);
    else
        s->hold->decide = true; /* 250 to DATA: see what the client makes of it */
}

/* The reply to a whole message, or to one of its chunks. */
static void message_answered(struct ms_host *h, struct smtp_pending *p, const struct smtp_reply *r)
{
    struct smtp_mail *m = p->mail;
    if (!m)
        return;
    bool good = r->code < 400;
    if (p->verb == SMTP_BDAT && !p->last && good)
        return;
    bool each = h->session->protocol == MS_PROTO_LMTP && (p->verb == SMTP_END || p->last) && (m->each || !m->final.code);
    p->rcpt = each || m->prdr ? smtp_mail_turn(m) : NULL;
    if (p->rcpt) {
        m->each = true;
        p->rcpt->final = smtp_mail_words(m, r);
    }
    if (m->prdr ? !p->rcpt : m->final.code == 0 || (m->each && good && m->final.code >= 400))
        m->final = smtp_mail_words(m, r);
}

static void tls_answered(struct smtp *s, struct ms_host *h, const struct smtp_pending *p, const struct smtp_reply *r)
{
    if (r->code != 220)
        return;
    bool gave_up = p->next && p->next->verb == SMTP_QUIT; /* after a while without reply */
    if (p->next && !gave_up && !s->unsure)
        h->session->injected[MS_C2S] = p->next->at.frame;
    h->session->transport = MS_TRANSPORT_STARTTLS;
    ms_session_reach(h->session, MS_STAGE_TLS);
    s->agreed = gave_up ? 0 : r->last.time;
    s->fresh[MS_C2S] = !s->tls[MS_C2S];
    s->fresh[MS_S2C] = !s->tls[MS_S2C];
    bool text = s->mode == SMTP_BODY || s->mode == SMTP_CHUNK || s->mode == SMTP_HOLD; /* pipelined: it is under way */
    if (s->mail && !s->mail->body && !text)
        drop_mail(s, h);
}

static void apply_reply(struct smtp *s, struct ms_host *h, struct smtp_pending *p, const struct smtp_reply *r)
{
    bool good = r->code / 100 == 2;
    switch ((enum smtp_verb)p->verb) {
    case SMTP_EHLO:
    case SMTP_LHLO:
        if (good)
            capabilities(s, h, r);
        break;
    case SMTP_MAIL:
        p->mail->ok = good;
        if (!good)
            smtp_mail_refused(s, h, p->mail);
        break;
    case SMTP_RCPT:
        if (p->rcpt)
            p->rcpt->own = smtp_mail_words(p->mail, r);
        break;
    case SMTP_DATA: data_answered(s, h, p, r); break;
    case SMTP_BDAT:
    case SMTP_END: message_answered(h, p, r); break;
    case SMTP_AUTH: smtp_auth_end(s, h, p, r->code); break;
    case SMTP_STARTTLS: tls_answered(s, h, p, r); break;
    case SMTP_QUIT:
        if (good)
            h->session->flags |= MS_SESSION_QUIT_OK;
        break;
    default: break;
    }
}

/* The reply to a text says that one for each recipient follows. */
static bool begins_prdr(const struct smtp_pending *p, const struct smtp_reply *r)
{
    if (r->code != 353 || !p->mail || (p->verb != SMTP_END && !p->last))
        return false;
    p->mail->prdr = p->mail->each = true;
    return true;
}

void smtp_answer(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    struct smtp_pending *p = s->head;
    if (p->verb == SMTP_AUTH && r->code == 334) {
        smtp_auth_challenge(p, h, r->text);
        return;
    }
    if (begins_prdr(p, r))
        return;
    apply_reply(s, h, p, r);
    smtp_queue_emit(h, p, r);
    p->data = 0;
    bool more = p->rcpt && p->verb != SMTP_RCPT && (p->mail->prdr || smtp_mail_turn(p->mail));
    p->rcpt = NULL;
    smtp_mail_settle(p->mail, h);
    if (!more)
        smtp_queue_pop(s, h);
}

/* Nobody asked, yet a text is under way: the server is ahead of what we see of the client, or did not wait for the end. */
static bool keep_early(struct smtp *s, const struct smtp_reply *r, const struct ms_host *h)
{
    struct smtp_mail *m = s->mail;
    size_t            room = h->session->protocol == MS_PROTO_LMTP && m->count ? m->count : 1;
    if (m->early_count >= room)
        return false;
    struct smtp_kept *k = ms_arena_alloc(&m->arena, sizeof *k);
    k->reply = smtp_mail_words(m, r);
    *(m->early_last ? &m->early_last->next : &m->early) = k;
    m->early_last = k;
    m->early_count++;
    if (!m->final.code && room == 1)
        m->final = k->reply;
    return true;
}

/* Behind LF.LF stand commands. One reply may be to all of the text, if its proper end was sent: a second one, or one before that end,
 * is of a server that takes LF.LF for the end and the rest for commands.                                        */
static bool loose_answered(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    if (!s->mail->early && smtp_hold_has_end(s))
        return keep_early(s, r, h);
    bool second = s->mail->early != NULL;
    if (second && !smtp_hold_fits(s, r)) {
        smtp_hold_go_on(s);
    } else {
        smtp_trick_taken(s, h, r);
        smtp_body_end(s, h, s->mail->end);
    }
    if (second)
        smtp_hold_replay(s, h);
    if (!s->head)
        return false;
    smtp_answer(s, h, r);
    return true;
}

static bool text_answered(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    if (!s->seen[MS_C2S] || !s->mail) { /* one-way: there will be no text */
        s->mode = SMTP_LINES;
        return false;
    }
    if (s->mode == SMTP_HOLD && s->hold->why == SMTP_HOLD_LOOSE)
        return loose_answered(s, h, r);
    if (s->mode == SMTP_BODY && ms_dots_may_be_over(&s->dots)) {
        smtp_body_end(s, h, s->mail->end);
        if (!s->head) /* a reply that came early has answered it */
            return false;
        smtp_answer(s, h, r);
        return true;
    }
    if (r->code == 421 && !s->mail->final.code) /* it hangs up: not an answer to the text */
        s->mail->final = smtp_mail_words(s->mail, r);
    if (r->code == 421 || !keep_early(s, r, h)) {
        if (s->mail->early && s->mail->gap) /* the end was in the gap, and more went on */
            smtp_body_end(s, h, s->mail->end);
        return false;
    }
    if (s->mode == SMTP_BODY)
        smtp_hold_start(s, SMTP_HOLD_PROBE, true);
    return true;
}

void smtp_go_ahead(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    struct smtp_at since = s->go_ahead;
    uint64_t       missing = s->go_missing;
    if (since.frame == 0 || at.frame <= since.frame)
        return;
    s->go_ahead.frame = s->go_missing = 0;
    smtp_align_text(s, h);
    smtp_body_begin(s, h, since);
    if (missing)
        smtp_body_gap(s, h, missing, at.frame == SMTP_BEHIND_ALL ? since : at); /* no frame behind the gap: the one before */
}

static bool in_text(const struct smtp *s)
{
    return s->mode == SMTP_BODY || (s->mode == SMTP_HOLD && s->hold->why != SMTP_HOLD_DATA);
}

static void out_of_the_blue(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    smtp_go_ahead(s, h, r->first);
    if (in_text(s) && text_answered(s, h, r))
        return;
    smtp_trick_reply(s, h, r);
    /* "451 timeout" and "221 I can break rules, too" are meant like 421, provided that no command can be missing. */
    bool whole = s->seen[MS_C2S] && !s->unsure;
    bool unasked = r->code == 421 || (whole && (r->code / 100 == 4 || r->code == 221));
    if (s->seen[MS_C2S] && !unasked && !s->head)
        smtp_aside_keep(s, h, r); /* its command may be read late */
    else
        smtp_unsolicited(h, r, unasked ? MS_EXCHANGE_GREETING : MS_EXCHANGE_NO_COMMAND);
    s->auth_refused |= r->code == 334; /* AUTH is among what is missing */
    if (r->code == 221 && unasked) {
        h->session->flags |= MS_SESSION_BYE;
    } else if (r->code == 221) { /* QUIT is among what is missing */
        h->session->flags |= MS_SESSION_QUIT | MS_SESSION_QUIT_OK;
        ms_session_reach(h->session, MS_STAGE_QUIT);
    }
    bool go_ahead = r->code == 354 && (s->mode == SMTP_LINES || s->mode == SMTP_SKIP);
    if (go_ahead && s->seen[MS_C2S])
        s->go_ahead = r->last;
    else if (go_ahead)
        smtp_body_begin(s, h, r->last);
    else if (s->mode == SMTP_SKIP)
        s->mode = SMTP_LINES;
}

void smtp_take_reply(struct smtp *s, struct ms_host *h, const struct smtp_reply *r)
{
    bool greeting = is_greeting(s, h, r->code);
    ms_session_count_code(h->session, h, r->code);
    if (r->code == 421)
        h->session->flags |= MS_SESSION_BYE;
    s->replied = true;
    if (greeting) {
        greeted(s, h, r);
        return;
    }
    if (s->skip) {
        s->skip--;
        smtp_unsolicited(h, r, MS_EXCHANGE_NO_COMMAND);
        return;
    }
    if (s->head && s->head->lost_before && s->pipelining)
        s->adrift = true;
    if (s->adrift && s->head)
        smtp_align_reply(s, h, r);
    else if (smtp_queue_match(s, h, r))
        smtp_answer(s, h, r);
    else
        out_of_the_blue(s, h, r);
}
