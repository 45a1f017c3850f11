/* proto/smtp/smtp_hold.c - client bytes of which only the server can say what they are.
 *
 * After DATA the next bytes are a message or commands, as the reply decides. When the reply does not come (missing from the capture,
 * or too many bytes), the first line decides by its look. The same is asked when the server answers in the middle of a text.
 *
 * BUGS     a client that does not wait for its replies and begins TLS inside what is held: what is held behind its hello's segment is lost.
 * Limits   SMTP_HELD_BYTES (or stream_bytes, when that is less); SMTP_HELD_MARKS frames are told apart.                */
#include "proto/smtp/smtp_private.h"

void smtp_hold_start(struct smtp *s, enum smtp_hold_why why, bool decide)
{
    if (!s->hold)
        s->hold = ms_alloc(sizeof *s->hold);
    s->hold->why = (uint8_t)why;
    s->hold->decide = decide;
    s->mode = SMTP_HOLD;
}

static void free_hold(struct smtp_hold *k)
{
    ms_buffer_finish(&k->bytes);
    ms_free(k->marks);
    ms_free(k);
}

void smtp_hold_drop(struct smtp *s)
{
    struct smtp_hold *k = s->hold;
    s->hold = NULL;
    if (k && k->replays)
        k->dropped = true;
    else if (k)
        free_hold(k);
}

static bool is_empty(const struct smtp_hold *k) { return k->mark_at == k->mark_count; }

bool smtp_hold_keeps(const struct smtp *s) { return s->hold && !is_empty(s->hold); }

static bool same(struct smtp_at a, struct smtp_at b) { return a.frame == b.frame && a.time == b.time; }

static void add_mark(struct smtp_hold *k, uint64_t gap, struct smtp_at at)
{
    struct smtp_mark *last = k->mark_count > k->mark_at ? &k->marks[k->mark_count - 1] : NULL;
    if (last && last->gap == 0 && (same(last->at, at) || k->mark_count >= SMTP_HELD_MARKS)) {
        last->end = k->bytes.n;
        last->gap = gap;
        last->at = at;
        return;
    }
    if (last && last->gap && k->mark_count >= SMTP_HELD_MARKS && gap) {
        last->gap += gap; /* bytes between two such gaps keep their own mark until the table is full */
        last->end = k->bytes.n;
        return;
    }
    if (k->mark_count == k->mark_room) {
        k->mark_room = k->mark_room ? k->mark_room * 2 : 4;
        k->marks = ms_resize(k->marks, k->mark_room * sizeof *k->marks);
    }
    k->marks[k->mark_count++] = (struct smtp_mark){ k->bytes.n, gap, at };
}

/* The line that decides: all of it, or enough of it. */
static bool first_line(const struct smtp_hold *k, struct ms_bytes *line)
{
    struct ms_bytes all = ms_tail(ms_buffer_bytes(&k->bytes), k->at);
    size_t          lf = ms_find(ms_head(all, SMTP_PEEK_BYTES), '\n');
    *line = ms_trim(ms_head(all, lf));
    return lf < all.n || lf == SMTP_PEEK_BYTES;
}

static size_t room_of(const struct ms_host *h)
{
    return h->limits->stream_bytes < SMTP_HELD_BYTES ? (size_t)h->limits->stream_bytes : SMTP_HELD_BYTES;
}

bool smtp_hold_has_end(const struct smtp *s)
{
    struct ms_bytes all = ms_tail(ms_buffer_bytes(&s->hold->bytes), s->hold->at), end = MS_LIT("\r\n.\r\n");
    return ms_search_nocase(all, end) < all.n;
}

/* The text goes on behind LF.LF; `always`: behind each further one, too. */
static void go_on(struct smtp *s, bool always)
{
    s->mode = SMTP_BODY;
    s->dots.stop = !always;
    ms_dots_go_on(&s->dots);
}

void smtp_hold_go_on(struct smtp *s) { go_on(s, true); }

struct ms_bytes smtp_hold_line(const struct smtp *s)
{
    struct ms_bytes line;
    first_line(s->hold, &line);
    return line;
}

bool smtp_hold_fits(const struct smtp *s, const struct smtp_reply *r)
{
    struct ms_bytes     line;
    struct smtp_command c;
    first_line(s->hold, &line);
    smtp_command_parse(line, &c);
    struct smtp_pending p = { .verb = (uint8_t)c.verb };
    return smtp_reply_fits(&p, r);
}

/* A line that is no command: text. Else the server's replies tell (smtp_session.c), as long as they can. */
static bool decide_loose(struct smtp *s, struct ms_host *h)
{
    struct smtp_hold *k = s->hold;
    struct ms_bytes   line;
    bool              text = first_line(k, &line) && !smtp_command_likely(line); /* known before the room was full */
    bool              full = !text && k->bytes.n - k->at >= room_of(h), always = s->over || full || k->decide;
    if (is_empty(k) || !(always || text))
        return false;
    if (full)
        h->ops->limit(h, MS_LIMIT_stream_bytes);
    go_on(s, always);
    return true;
}

/* True: the mode is no longer HOLD. */
static bool decide(struct smtp *s, struct ms_host *h)
{
    struct smtp_hold *k = s->hold;
    if (k->why == SMTP_HOLD_LOOSE)
        return decide_loose(s, h);
    struct ms_bytes   line;
    bool              whole = first_line(k, &line), known = k->decide && whole, full = !known && k->bytes.n - k->at >= room_of(h);
    if (is_empty(k) || !(s->over || full || known))
        return false;
    if (full)
        h->ops->limit(h, MS_LIMIT_stream_bytes);
    struct smtp_at at = k->marks[k->mark_at].at;
    bool           command = smtp_command_likely(line);
    k->decide = false;
    if (k->why == SMTP_HOLD_DATA && command)
        s->mode = SMTP_LINES;
    else if (k->why == SMTP_HOLD_DATA)
        smtp_body_begin(s, h, at);
    else if (command)
        smtp_body_end(s, h, s->mail->end);
    else
        s->mode = SMTP_BODY;
    return true;
}

/* One mark's bytes, as far as the mode lets them go. They may begin TLS, which drops what is held. */
static void replay_mark(struct smtp *s, struct ms_host *h)
{
    struct smtp_hold *k = s->hold;
    bool              around = k->replays;
    struct smtp_mark  mark = k->marks[k->mark_at];
    struct ms_bytes   span = ms_slice(ms_buffer_bytes(&k->bytes), k->at, mark.end - k->at), rest = span;
    k->replays = true;
    smtp_client_bytes(s, h, &rest, mark.at);
    k->replays = around;
    if (k->dropped) {
        if (!around)
            free_hold(k);
        return;
    }
    k->at += span.n - rest.n;
    if (s->mode == SMTP_HOLD && (rest.n || mark.gap))
        return;
    k->mark_at++;
    if (mark.gap)
        smtp_client_gap(s, h, mark.gap, mark.at);
}

void smtp_hold_replay(struct smtp *s, struct ms_host *h)
{
    while (s->hold && !is_empty(s->hold)) {
        if (s->mode == SMTP_HOLD && !decide(s, h))
            return;
        replay_mark(s, h);
    }
    if (s->hold && s->mode != SMTP_HOLD)
        smtp_hold_drop(s);
}

static void compact(struct smtp_hold *k)
{
    if (k->at == 0 || k->at < k->bytes.n / 2)
        return;
    size_t gone = k->at;
    ms_buffer_consume(&k->bytes, gone);
    k->at = 0;
    memmove(k->marks, k->marks + k->mark_at, (k->mark_count - k->mark_at) * sizeof *k->marks);
    k->mark_count -= k->mark_at;
    k->mark_at = 0;
    for (unsigned i = 0; i < k->mark_count; i++)
        k->marks[i].end -= gone;
}

/* One reply came, and the client takes it for the one to all of the text. */
static bool is_settled(const struct smtp *s, struct smtp_at at)
{
    bool loose = s->mode == SMTP_HOLD && s->hold->why == SMTP_HOLD_LOOSE && s->mail->early;
    return loose && s->mail->early_last->reply.last.frame < at.frame && smtp_hold_has_end(s);
}

/* At most the room that is left is taken at a time, so what is decided never depends on how the bytes were cut. */
void smtp_hold_bytes(struct smtp *s, struct ms_host *h, struct ms_bytes bytes, struct smtp_at at)
{
    if (is_settled(s, at)) {
        go_on(s, true);
        smtp_hold_replay(s, h);
    }
    bool tls = s->tls[MS_C2S];
    while (bytes.n && s->tls[MS_C2S] == tls) {
        if (s->mode != SMTP_HOLD) {
            smtp_client_bytes(s, h, &bytes, at);
            continue;
        }
        smtp_line_drop(s, MS_C2S, &bytes); /* of a command that was read out of what is held */
        if (bytes.n == 0)
            return;
        compact(s->hold);
        size_t held = s->hold->bytes.n - s->hold->at, room = room_of(h);
        struct ms_bytes part = ms_head(bytes, room > held ? room - held : 1);
        ms_buffer_append(&s->hold->bytes, part);
        add_mark(s->hold, 0, at);
        bytes = ms_tail(bytes, part.n);
        smtp_hold_replay(s, h);
    }
}

void smtp_hold_gap(struct smtp *s, struct ms_host *h, uint64_t missing, struct smtp_at at)
{
    if (s->hold->why == SMTP_HOLD_PROBE && is_empty(s->hold)) {
        s->mode = SMTP_BODY;
        smtp_body_gap(s, h, missing, at);
        return;
    }
    add_mark(s->hold, missing, at);
    s->hold->decide = true;
    smtp_hold_replay(s, h);
}
