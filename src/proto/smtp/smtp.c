/* proto/smtp/smtp.c - SMTP (RFC 5321), its extensions, and LMTP (RFC 2033), as seen from the side.
 *
 * Reads    both directions in frame order; the server's replies decide what the client's bytes are.
 * Memory   an idle session holds struct smtp alone; commands under way, an open transaction and held bytes are on the heap.
 *
 * BUGS     a server that ends a message at LF.LF or the like is followed when its replies show it and what follows is a command. Commands sent together with STARTTLS are read as commands, whatever the server did
 *          with them. TURN and ATRN swap the sides; what follows is not understood.                                     */
#include "proto/smtp/smtp_private.h"

/* The dialogue begins anew (RFC 3207 4.2). A reply to STARTTLS that is still to come is waited for. */
static void forget(struct smtp *s, struct ms_host *h)
{
    if (h->session->transport == MS_TRANSPORT_PLAIN)
        h->session->transport = h->session->flags & MS_SESSION_TLS_ASKED ? MS_TRANSPORT_STARTTLS : MS_TRANSPORT_TLS;
    while (s->head)
        smtp_queue_lose(s, h, 0);
    smtp_aside_give_up(s, h);
    s->adrift = s->may_pipeline = false;
    s->go_ahead.frame = 0;
    smtp_mail_release(s->mail, h);
    s->mail = NULL;
    smtp_hold_drop(s);
    ms_line_finish(&s->lines[MS_C2S]);
    s->begun[MS_C2S].frame = 0;
    s->mode = SMTP_LINES;
}

void smtp_go_tls(struct smtp *s, struct ms_host *h, enum ms_dir dir, struct ms_bytes rest, struct smtp_at at)
{
    struct ms_chunk chunk = { .dir = dir, .bytes = rest, .frame = at.frame, .time = at.time };
    bool            asked = s->tail && s->tail->verb == SMTP_STARTTLS;
    bool            late = !asked && h->session->transport == MS_TRANSPORT_PLAIN; /* it has been TLS for long */
    if (dir == MS_S2C || !asked)
        forget(s, h);
    else
        smtp_hold_drop(s);
    s->tls[dir] = true;
    s->fresh[dir] = false;
    h->ops->filter(h, MS_FILTER_TLS, &chunk);
    if (late && !s->tls[ms_other(dir)])
        smtp_go_tls(s, h, ms_other(dir), (struct ms_bytes){ NULL, 0 }, at);
}

/* After 220 to STARTTLS an SSL 2.0 hello is possible too; it begins with a byte that no command begins with. */
static bool begins_tls(const struct smtp *s, const struct ms_host *h, uint8_t first)
{
    bool upgraded = h->session->transport == MS_TRANSPORT_STARTTLS;
    bool asked = s->tail && s->tail->verb == SMTP_STARTTLS;
    return ms_begins_tls_record(first) || ((upgraded || asked) && first >= 0x80);
}

/* "Subject: ...": a line that nobody sends but at the head of a message. */
static bool is_header(struct ms_bytes line)
{
    static const char *const names[] = { "Received", "From", "To", "Cc", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
                                         "Return-Path", "DKIM-Signature", "Content-Transfer-Encoding", "User-Agent", "X-Mailer", "References" };
    struct ms_bytes name = ms_head(line, ms_find(line, ':'));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (name.n < line.n && ms_equal_nocase(name, ms_str(names[i])))
            return true;
    return false;
}

/* DATA and its reply are missing, and perhaps the begin of the text. */
static void text_after_gap(struct smtp *s, struct ms_host *h, const struct ms_line *line, struct smtp_at at)
{
    struct ms_bytes text = line->text, end = line->bare_lf ? MS_LIT("\n") : MS_LIT("\r\n");
    smtp_align_text(s, h);
    smtp_body_begin(s, h, at);
    s->mail->begin_missing = true;
    smtp_body_bytes(s, h, &text, at);
    smtp_body_bytes(s, h, &end, at);
}

/* Lines of a text whose begin is missing: until the lone dot, or a line that is a command. */
static void skip_line(struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at)
{
    struct smtp_command end = { .verb = SMTP_END, .name = ".", .name_n = 1 };
    bool                dot = ms_equal(line, MS_LIT("."));
    if (!dot && !smtp_command_likely(line)) {
        bool stray = ms_note_stray(h, line);
        if (h->elements && stray)
            smtp_say_hidden(s, h, line, at);
        else if (h->elements)
            smtp_say_text(s, h, line, at);
        return;
    }
    s->mode = SMTP_LINES;
    if (!dot) {
        smtp_take_command(s, h, line, at, 0);
        return;
    }
    if (h->elements)
        smtp_say_text(s, h, line, at);
    smtp_queue_push(s, h, &end, at)->flags = MS_EXCHANGE_DATA_END | MS_EXCHANGE_GAP;
}

static void take_line(struct smtp *s, struct ms_host *h, const struct ms_line *line, struct smtp_at at)
{
    bool likely = smtp_command_likely(line->text);
    s->bare_lf = line->bare_lf;
    s->line_cut = line->cut;
    if (line->cut)
        h->ops->limit(h, MS_LIMIT_line_bytes);
    if (s->mode == SMTP_SKIP && is_header(line->text)) {
        text_after_gap(s, h, line, at);
        return;
    }
    if (s->mode == SMTP_SKIP) {
        skip_line(s, h, line->text, at);
        return;
    }
    if (s->mode == SMTP_SASL && (s->auth->challenges > s->auth->answers || !likely)) {
        if (h->elements)
            smtp_say_hidden(s, h, line->text, at);
        smtp_auth_line(s, h, line->text);
        return;
    }
    s->mode = SMTP_LINES;
    smtp_take_command(s, h, line->text, at, 0);
}

static void line_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at)
{
    struct ms_line line;
    bool           asked = s->tail && s->tail->verb == SMTP_STARTTLS && s->begun[MS_C2S].frame == 0 && !s->tls[MS_C2S];
    if ((s->fresh[MS_C2S] || asked) && begins_tls(s, h, in->p[0])) {
        smtp_go_tls(s, h, MS_C2S, *in, at);
        *in = ms_tail(*in, in->n);
        return;
    }
    if (s->fresh[MS_C2S] && h->session->transport == MS_TRANSPORT_STARTTLS)
        h->session->flags |= MS_SESSION_CLEAR_AFTER;
    if (!s->seen[MS_C2S] && !s->seen[MS_S2C])
        s->client_first = true;
    s->fresh[MS_C2S] = false;
    s->seen[MS_C2S] = true;
    if (!smtp_line_next(s, MS_C2S, in, at, &line, (size_t)h->limits->line_bytes))
        return;
    s->begun[MS_C2S].frame = 0;
    take_line(s, h, &line, at);
}

void smtp_client_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes *in, struct smtp_at at)
{
    smtp_line_drop(s, MS_C2S, in); /* a command over the limit counts from its begin, but ends where it ends */
    while (in->n && s->mode != SMTP_HOLD) {
        if (s->go_ahead.frame && s->begun[MS_C2S].frame == 0 && (s->mode == SMTP_LINES || s->mode == SMTP_SKIP))
            smtp_go_ahead(s, h, at);
        switch ((enum smtp_mode)s->mode) {
        case SMTP_BODY: smtp_body_bytes(s, h, in, at); break;
        case SMTP_CHUNK: smtp_chunk_bytes(s, h, in, at); break;
        default: line_bytes(s, h, in, at); break;
        }
        smtp_line_drop(s, MS_C2S, in);
    }
}

/* The begin of a command is one when its verb is whole; what it brings along (a count, a body) cannot be relied on. */
static void line_gap(struct smtp *s, struct ms_host *h, struct smtp_at at)
{
    struct ms_buffer begun = s->lines[MS_C2S].rest;
    bool             spent = s->begun[MS_C2S].frame == 0;
    struct ms_bytes  line = ms_trim(ms_buffer_bytes(&begun));
    s->lines[MS_C2S].rest = (struct ms_buffer){ 0 };
    s->lines[MS_C2S].dropping = false;
    s->begun[MS_C2S].frame = 0;
    if (s->mode == SMTP_SASL && s->auth->challenges > s->auth->answers)
        s->auth->answers++;
    else if (!spent && ms_find(line, ' ') < line.n && smtp_command_likely(line))
        smtp_take_command(s, h, line, at, MS_EXCHANGE_GAP);
    ms_buffer_finish(&begun);
    if (s->mode == SMTP_LINES)
        s->mode = SMTP_SKIP;
}

void smtp_client_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at)
{
    s->unsure = s->lost_next = true;
    s->lines[MS_C2S].dropping = false;
    if (s->mode == SMTP_CHUNK)
        missing = smtp_chunk_gap(s, h, missing, at);
    if (missing == 0)
        return;
    if (s->go_ahead.frame)
        s->go_missing += missing;
    switch ((enum smtp_mode)s->mode) {
    case SMTP_BODY: smtp_body_gap(s, h, missing, at); break;
    case SMTP_HOLD: smtp_hold_gap(s, h, missing, at); break;
    default: line_gap(s, h, at); break;
    }
}

/* ---- the parser ------------------------------------------------------------------------------------------------- */

static void smtp_init(void *state, struct ms_host *h)
{
    struct smtp *s = state;
    s->fresh[MS_C2S] = s->fresh[MS_S2C] = true;
    if (h->session->protocol != MS_PROTO_LMTP)
        h->session->protocol = MS_PROTO_SMTP;
    if (h->session->flags & MS_SESSION_JOINED_LATE)
        s->mode = SMTP_SKIP;
    s->unsure = s->mode == SMTP_SKIP;
}

/* A line handed on leaves its buffer behind until the next one; an idle session does without. */
static void give_back(struct smtp *s, enum ms_dir dir)
{
    if (s->begun[dir].frame == 0 && s->lines[dir].rest.p)
        ms_buffer_finish(&s->lines[dir].rest);
}

static void smtp_data(void *state, struct ms_host *h, const struct ms_chunk *c)
{
    struct smtp    *s = state;
    struct smtp_at  at = { c->frame ? c->frame : 1, c->time };
    struct ms_bytes in = c->bytes;
    if (c->dir == MS_S2C) {
        smtp_server_bytes(s, h, in, at);
    } else {
        smtp_client_bytes(s, h, &in, at);
        if (in.n)
            smtp_hold_bytes(s, h, in, at);
    }
    give_back(s, c->dir);
}

static void smtp_gap(void *state, struct ms_host *h, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct smtp   *s = state;
    struct smtp_at at = { frame ? frame : 1, time };
    if (length == 0)
        return;
    if (h->session->transport == MS_TRANSPORT_STARTTLS && !s->tls[dir] && (s->fresh[dir] || s->tls[ms_other(dir)])) {
        smtp_go_tls(s, h, dir, (struct ms_bytes){ NULL, 0 }, at); /* what comes after STARTTLS is TLS, as far as can be told */
        return;
    }
    if (dir == MS_S2C)
        smtp_server_gap(s, h, at);
    else
        smtp_client_gap(s, h, length, at);
}

/* A text is under way. When DATA was accepted and then nothing came, that is a message, too. */
static void finish_text(struct smtp *s, struct ms_host *h)
{
    bool in_text = s->mode == SMTP_BODY || (s->mode == SMTP_HOLD && s->hold->why == SMTP_HOLD_PROBE);
    if (!in_text || !s->mail || !s->seen[MS_C2S])
        return;
    struct ms_body_start start = { .direction = MS_SENT, .frame = s->mail->end.frame, .time = s->mail->end.time };
    if (!s->mail->body)
        s->mail->body = h->ops->body_open(h, &start);
    smtp_body_abandon(s, h);
}

static void smtp_finish(void *state, struct ms_host *h)
{
    struct smtp *s = state;
    s->over = true;
    smtp_reply_flush(s, h);
    smtp_hold_replay(s, h);
    smtp_go_ahead(s, h, (struct smtp_at){ SMTP_BEHIND_ALL, s->go_ahead.time });
    if (s->client_first && !s->replied && (h->session->flags & MS_SESSION_SYN_ACK) &&
        !(h->session->flags & (MS_SESSION_JOINED_LATE | MS_SESSION_ONE_WAY)))
        h->session->flags |= MS_SESSION_CLIENT_EARLY;
    finish_text(s, h);
    if (s->chunk)
        s->chunk->data -= s->chunk_left;
    while (s->head)
        smtp_queue_lose(s, h, 0);
    smtp_aside_give_up(s, h);
    smtp_mail_release(s->mail, h);
    s->mail = NULL;
    smtp_hold_drop(s);
    ms_line_finish(&s->lines[MS_C2S]);
    ms_line_finish(&s->lines[MS_S2C]);
}

static enum ms_turn smtp_turn(const void *state)
{
    const struct smtp *s = state;
    if (s->go_ahead.frame)
        return MS_TURN_UPLOAD;
    switch ((enum smtp_mode)s->mode) {
    case SMTP_BODY:
    case SMTP_CHUNK: return MS_TURN_UPLOAD;
    case SMTP_SASL: return s->auth->challenges > s->auth->answers ? MS_TURN_CLIENT : MS_TURN_SERVER;
    case SMTP_SKIP: return s->head ? MS_TURN_SERVER : MS_TURN_NONE;
    default: break;
    }
    return s->head || s->multi || !s->replied ? MS_TURN_SERVER : MS_TURN_CLIENT;
}

static bool smtp_holds(const void *state)
{
    const struct smtp *s = state;
    return smtp_hold_keeps(s) || (s->mode == SMTP_BODY && ms_dots_may_be_over(&s->dots));
}

const struct ms_parser ms_smtp_parser = {
    .protocol = MS_PROTO_SMTP, .state_size = sizeof(struct smtp), .init = smtp_init, .data = smtp_data, .gap = smtp_gap,
    .finish = smtp_finish, .turn = smtp_turn, .holds = smtp_holds,
};
