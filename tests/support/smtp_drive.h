/* tests/support/smtp_drive.h - plays a dialogue to the SMTP parser and writes down all that it says, one line a record.
 *
 * Script   one line a frame, frames count from 1. "C: text" and "S: text" send text and CRLF; "C. text" and "S. text" send no line end;
 *          in them \r \n \\ and \xHH stand for bytes. "c gap 100" and "s gap 100" say that 100 bytes are missing.
 *          "keys" on a line of its own: from here on TLS is opened.
 * Cut      the byte at which one chunk is cut in two; DRIVE_BYTES feeds byte by byte.
 * Said     with drive_says, what frames said (said.h) is added behind the trace.
 * Checks   the contract of bodies: opened once, nothing after the end, exactly one verdict. A frame says nothing any more once the parser
 *          has gone on and holds no bytes of it.                                                               */
#pragma once
#include "base/text.h"
#include "proto/proto.h"

#include "said.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define DRIVE_WHOLE ((size_t)-1)
#define DRIVE_BYTES ((size_t)-2)

static bool drive_says;

struct drive_body { struct ms_buffer text; unsigned number; bool ended, judged; };

struct drive {
    struct ms_host     host; /* first: ops get it */
    struct ms_session  session;
    struct ms_arena    arena;
    struct ms_limits   limits;
    struct ms_buffer   trace;
    struct drive_body *bodies[512];
    unsigned           body_count;
    uint64_t           limit_bits;
    void              *state;
    size_t             cut, fed;
    bool               filtered[2];
    struct ms_buffer   said;
    struct ms_element  content;
    uint64_t           frame, held_since; /* at work; 0: nothing is held */
    bool               keys; /* what is fed after the frame in which TLS began is its plain text */
};

static inline struct drive *drive_of(struct ms_host *h) { return (struct drive *)(void *)h; }

static inline void drive_put(struct ms_buffer *t, const char *before, struct ms_bytes b)
{
    ms_text_str(t, before);
    for (size_t i = 0; i < b.n; i++) {
        if (b.p[i] == '\n')
            ms_text_str(t, "\\n");
        else if (b.p[i] == '\r')
            ms_text_str(t, "\\r");
        else if (b.p[i] < 32 || b.p[i] > 126)
            ms_text_format(t, "\\x%02x", b.p[i]);
        else
            ms_text_char(t, (char)b.p[i]);
    }
}

static inline void drive_enhanced(struct ms_buffer *t, struct ms_enhanced e)
{
    if (e.class_)
        ms_text_format(t, " %u.%u.%u", e.class_, e.subject, e.detail);
}

static inline void drive_exchange(struct ms_host *h, const struct ms_exchange *x)
{
    static const struct { uint32_t bit; const char *word; } words[] = {
        { MS_EXCHANGE_PIPELINED, "pipelined" }, { MS_EXCHANGE_UNANSWERED, "unanswered" }, { MS_EXCHANGE_CHALLENGED, "challenged" },
        { MS_EXCHANGE_GAP, "gap" },
        { MS_EXCHANGE_GREETING, "greeting" }, { MS_EXCHANGE_NO_COMMAND, "no-command" }, { MS_EXCHANGE_DATA_END, "end" },
        { MS_EXCHANGE_EARLY, "early" },
    };
    struct ms_buffer *t = &drive_of(h)->trace;
    assert(x->secret_at + x->secret_n <= x->argument.n);
    assert((x->frame == 0) == (x->sent == MS_UNKNOWN) && (x->code == 0) == (x->reply_frame == 0));
    if (x->frame)
        drive_put(t, "", x->command);
    if (x->argument.n)
        drive_put(t, " ", x->argument);
    if (x->secret_n)
        ms_text_format(t, " *%zu+%zu", x->secret_at, x->secret_n);
    if (x->subject.n)
        drive_put(t, " {", x->subject), ms_text_str(t, "}");
    if (x->data)
        ms_text_format(t, " #%llu", (unsigned long long)x->data);
    ms_text_format(t, x->frame ? " -> " : "-> ");
    if (x->code)
        ms_text_format(t, "%u", x->code);
    drive_enhanced(t, x->enhanced);
    if (x->reply.n)
        drive_put(t, " ", x->reply);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (x->flags & words[i].bit)
            ms_text_format(t, " !%s", words[i].word);
    ms_text_format(t, " @%llu", (unsigned long long)x->frame);
    if (x->reply_frame)
        ms_text_format(t, "-%llu", (unsigned long long)x->reply_frame);
    if (x->reply_last_frame != x->reply_frame)
        ms_text_format(t, "..%llu", (unsigned long long)x->reply_last_frame);
    ms_text_str(t, "\n");
}

static inline void *drive_open(struct ms_host *h, const struct ms_body_start *b)
{
    struct drive *d = drive_of(h);
    assert(b->direction == MS_SENT && b->frame);
    if (d->body_count == 512)
        abort();
    struct drive_body *body = calloc(1, sizeof *body);
    d->bodies[d->body_count++] = body;
    body->number = d->body_count;
    ms_text_format(&body->text, "@%llu ", (unsigned long long)b->frame);
    return body;
}

static inline void drive_push(struct ms_host *h, void *to, struct ms_bytes bytes, uint64_t frame, int64_t time)
{
    struct drive_body *b = to;
    (void)h, (void)time;
    assert(!b->ended && !b->judged && bytes.n && frame);
    drive_put(&b->text, "", bytes);
}

static inline void drive_gap(struct ms_host *h, void *to, uint64_t missing, uint64_t frame, int64_t time)
{
    struct drive_body *b = to;
    (void)h, (void)time, (void)frame;
    assert(!b->ended && !b->judged);
    ms_text_format(&b->text, "[%llu]", (unsigned long long)missing);
}

static inline void drive_end(struct ms_host *h, void *to, uint64_t frame, int64_t time)
{
    struct drive_body *b = to;
    (void)h, (void)time;
    assert(!b->ended && !b->judged);
    b->ended = true;
    ms_text_format(&b->text, " @%llu", (unsigned long long)frame);
}

static inline void drive_verdict(struct ms_host *h, void *to, const struct ms_verdict *v)
{
    struct ms_buffer  *t = &drive_of(h)->trace;
    struct drive_body *b = to;
    assert(b->ended && !b->judged);
    b->judged = true;
    ms_text_format(t, "  message %u %s", b->number, ms_status_name(v->status));
    if (v->code)
        ms_text_format(t, " %u", v->code);
    drive_enhanced(t, v->enhanced);
    if (v->reply.n)
        drive_put(t, " ", v->reply);
    if (v->reply_frame)
        ms_text_format(t, " @%llu", (unsigned long long)v->reply_frame);
    assert((v->code == 0) == (v->replied == MS_UNKNOWN));
    if (v->envelope->seen)
        drive_put(t, " from <", v->envelope->from), ms_text_str(t, ">");
    if (v->envelope->declared_size)
        ms_text_format(t, " size %llu", (unsigned long long)v->envelope->declared_size);
    for (size_t i = 0; i < v->envelope->to_count; i++) {
        const struct ms_recipient *r = &v->envelope->to[i];
        drive_put(t, " to <", r->address);
        ms_text_format(t, "> %s", ms_status_name(r->status));
        if (r->code)
            ms_text_format(t, " %u", r->code);
        drive_enhanced(t, r->enhanced);
    }
    if (v->envelope->to_dropped)
        ms_text_format(t, " and %llu more", (unsigned long long)v->envelope->to_dropped);
    drive_put(t, "\n  = ", ms_buffer_bytes(&b->text));
    ms_text_str(t, "\n");
}

static inline void drive_discard(struct ms_host *h, void *to)
{
    struct drive_body *b = to;
    (void)h;
    assert(!b->judged);
    b->judged = b->ended = true;
}

static inline void drive_stray(struct ms_host *h, struct ms_bytes word) { (void)h, (void)word; }

static inline void drive_limit(struct ms_host *h, enum ms_limit which)
{
    struct drive *d = drive_of(h);
    d->limit_bits |= 1ull << which;
}

/* As the engine does without keys: that direction says nothing any more. */
static inline void drive_filter(struct ms_host *h, enum ms_filter kind, const struct ms_chunk *rest)
{
    struct drive *d = (struct drive *)(void *)h;
    assert(!d->filtered[rest->dir]);
    d->filtered[rest->dir] = true;
    d->session.flags |= kind == MS_FILTER_TLS ? MS_SESSION_ENCRYPTED : MS_SESSION_COMPRESSED;
}

static inline void drive_element(struct ms_host *h, const struct ms_element *el)
{
    struct drive *d = drive_of(h);
    assert(el->frame == d->frame || (d->held_since && el->frame >= d->held_since && el->frame <= d->frame));
    said_add(&d->said, &d->content, el);
}

static const struct ms_host_ops drive_ops = {
    .exchange = drive_exchange, .body_open = drive_open, .body_push = drive_push, .body_gap = drive_gap, .body_end = drive_end,
    .body_verdict = drive_verdict, .body_discard = drive_discard, .stray = drive_stray, .limit = drive_limit, .filter = drive_filter,
    .element = drive_element,
};

static inline void drive_start(struct drive *d, uint32_t flags, bool tiny, size_t cut)
{
    *d = (struct drive){ .cut = cut, .limits = tiny ? ms_limits_tiny() : ms_limits_default() };
    d->session.flags = flags;
    d->host = (struct ms_host){ .ops = &drive_ops, .session = &d->session, .arena = &d->arena, .limits = &d->limits,
                                .elements = drive_says, .fragments = drive_says };
    d->state = ms_alloc(ms_smtp_parser.state_size);
    ms_smtp_parser.init(d->state, &d->host);
}

static inline void drive_look(struct drive *d)
{
    bool holds = ms_smtp_parser.holds(d->state);
    if (!holds)
        d->held_since = 0;
    else if (!d->held_since)
        d->held_since = d->frame;
}

static inline void drive_feed(struct drive *d, enum ms_dir dir, struct ms_bytes bytes, uint64_t frame)
{
    d->frame = frame;
    if (d->keys)
        d->filtered[dir] = false;
    while (bytes.n) {
        size_t n = bytes.n;
        if (d->cut == DRIVE_BYTES)
            n = 1;
        else if (d->cut > d->fed && d->cut - d->fed < n)
            n = d->cut - d->fed;
        uint8_t *exact = malloc(n);
        memcpy(exact, bytes.p, n);
        struct ms_chunk c = { .dir = dir, .bytes = { exact, n }, .frame = frame, .time = (int64_t)frame * 1000 };
        if (!d->filtered[dir])
            ms_smtp_parser.data(d->state, &d->host, &c);
        (void)ms_smtp_parser.turn(d->state);
        memset(exact, 'X', n);
        free(exact);
        d->fed += n;
        bytes = ms_tail(bytes, n);
    }
    drive_look(d);
}

static inline void drive_gap_in(struct drive *d, enum ms_dir dir, uint64_t n, uint64_t frame)
{
    d->frame = frame;
    if (!d->filtered[dir])
        ms_smtp_parser.gap(d->state, &d->host, dir, n, frame, (int64_t)frame * 1000);
    drive_look(d);
}

static inline void drive_session(struct drive *d)
{
    static const struct { uint32_t bit; const char *word; } words[] = {
        { MS_SESSION_ENCRYPTED, "encrypted" }, { MS_SESSION_GREETED, "greeted" }, { MS_SESSION_QUIT, "quit" },
        { MS_SESSION_QUIT_OK, "quit-ok" }, { MS_SESSION_CLIENT_EARLY, "client-early" },
        { MS_SESSION_TLS_OFFERED, "tls-offered" }, { MS_SESSION_TLS_ASKED, "tls-asked" }, { MS_SESSION_CAPS_SEEN, "caps" },
        { MS_SESSION_CLEAR_SECRET, "clear-secret" }, { MS_SESSION_CLEAR_MAIL, "clear-mail" }, { MS_SESSION_BYE, "bye" },
        { MS_SESSION_CLEAR_AFTER, "clear-after" },
    };
    const struct ms_session *s = &d->session;
    struct ms_buffer        *t = &d->trace;
    ms_text_format(t, "%s %s %s", ms_protocol_name(s->protocol), ms_transport_name(s->transport), ms_stage_name(s->stage));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (s->flags & words[i].bit)
            ms_text_format(t, " %s", words[i].word);
    if (s->client.name.n)
        drive_put(t, " client=", s->client.name);
    if (s->server.name.n)
        drive_put(t, " server=", s->server.name);
    if (s->user.n)
        drive_put(t, " user=", s->user);
    if (s->auth_attempts)
        ms_text_format(t, " auth=%s:%u/%u", ms_mechanism_name(s->mechanism), s->auth_result, s->auth_attempts);
    for (int dir = 0; dir < 2; dir++)
        if (s->injected[dir])
            ms_text_format(t, " injected-%c@%d", "cs"[dir], (int)s->injected[dir]);
    if (s->smuggling) {
        drive_put(t, " smuggled=", s->smuggling->form);
        ms_text_format(t, "x%u@%d@%d", s->smuggling->count, (int)s->smuggling->frame, (int)s->smuggling->command_frame);
        if (s->smuggling->taken)
            ms_text_format(t, " taken@%d", (int)s->smuggling->reply_frame);
    }
    for (unsigned i = 0; i < s->code_count; i++)
        ms_text_format(t, " %u:%u", s->codes[i].code, s->codes[i].count);
    for (unsigned i = 0; i < MS_LIMIT_COUNT; i++)
        if (d->limit_bits & 1ull << i)
            ms_text_format(t, " limit=%s", ms_limit_rows[i].name);
    ms_text_str(t, "\n");
}

/* Ends the session; the trace is the caller's to free. */
static inline char *drive_stop(struct drive *d)
{
    ms_smtp_parser.finish(d->state, &d->host);
    drive_session(d);
    said_content(&d->said, &d->content);
    ms_text_add(&d->trace, ms_buffer_bytes(&d->said));
    ms_buffer_finish(&d->said);
    for (unsigned i = 0; i < d->body_count; i++) {
        assert(d->bodies[i]->judged);
        ms_buffer_finish(&d->bodies[i]->text);
        free(d->bodies[i]);
    }
    ms_free(d->state);
    char *text = malloc(d->trace.n + 1);
    memcpy(text, d->trace.p, d->trace.n);
    text[d->trace.n] = 0;
    ms_buffer_finish(&d->trace);
    ms_arena_finish(&d->arena);
    return text;
}

static inline unsigned drive_hex(char c)
{
    return c >= 'a' ? (unsigned)(c - 'a') + 10 : (unsigned)(c - '0');
}

/* The bytes of one script line. */
static inline void drive_unescape(struct ms_buffer *out, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] != '\\' || i + 1 == n) {
            ms_text_char(out, p[i]);
            continue;
        }
        i++;
        if (p[i] == 'x' && i + 2 < n) {
            ms_text_char(out, (char)(drive_hex(p[i + 1]) << 4 | drive_hex(p[i + 2])));
            i += 2;
        } else {
            ms_text_char(out, p[i] == 'r' ? '\r' : p[i] == 'n' ? '\n' : p[i]);
        }
    }
}

static inline size_t drive_script_line(struct drive *d, const char *line, size_t n, uint64_t frame)
{
    enum ms_dir dir = line[0] == 'C' || line[0] == 'c' ? MS_C2S : MS_S2C;
    if (line[0] == 'k') {
        d->keys = true;
        return 0;
    }
    if (line[0] == 'c' || line[0] == 's') {
        drive_gap_in(d, dir, strtoull(line + 6, NULL, 10), frame);
        return 0;
    }
    struct ms_buffer bytes = { 0 };
    if (n > 3)
        drive_unescape(&bytes, line + 3, n - 3);
    if (line[1] == ':')
        ms_text_str(&bytes, "\r\n");
    size_t size = bytes.n;
    drive_feed(d, dir, ms_buffer_bytes(&bytes), frame);
    ms_buffer_finish(&bytes);
    return size;
}

/* Plays the script; *size gets the number of bytes in it. */
static inline char *drive_script(const char *script, uint32_t flags, bool tiny, size_t cut, size_t *size)
{
    struct drive d;
    uint64_t     frame = 0;
    drive_start(&d, flags, tiny, cut);
    *size = 0;
    while (*script) {
        size_t n = strcspn(script, "\n");
        *size += drive_script_line(&d, script, n, ++frame);
        script += n + (script[n] == '\n');
    }
    return drive_stop(&d);
}
