/* tests/support/pop3_trace.h - a host that writes down what the POP3 parser says, in words that a test can compare. */
#pragma once
#include "base/text.h"
#include "proto/proto.h"

#include "said.h"

#include <assert.h>
#include <stdlib.h>

struct trace {
    struct ms_host    host; /* first */
    struct ms_session session;
    struct ms_arena   arena;
    struct ms_buffer  out;
    struct ms_limits  limits;
    unsigned          open; /* bodies without verdict */
    void             *state;
    bool              filtered[2];
    struct ms_buffer  said;      /* host.elements: what frames said, a line each; content of one frame added up */
    struct ms_element content;
};

struct trace_body { struct ms_buffer text; uint64_t missing; bool ended; };

static void trace_flags(struct ms_buffer *o, uint32_t flags)
{
    static const char *const words[] = { "pipelined", "unanswered", "gap", "greeting", "no-command", "data-end", "early", "idle" };
    for (unsigned i = 0; i < 8; i++)
        if (flags & 1u << i)
            ms_text_format(o, " %s", words[i]);
}

/* "frame COMMAND argument(secret as *) flags -> reply_frame-last code [word] text #data @subject" */
static void trace_exchange(struct ms_host *h, const struct ms_exchange *x)
{
    struct ms_buffer *o = &((struct trace *)(void *)h)->out;
    char              scratch[8];
    if (x->secret_at + x->secret_n > x->argument.n)
        abort();
    ms_text_format(o, "%d ", (int)x->frame);
    ms_text_plain(o, x->command);
    ms_text_str(o, x->argument.n ? " " : "");
    ms_text_plain(o, ms_head(x->argument, x->secret_at));
    ms_text_str(o, x->secret_n ? "*" : "");
    ms_text_plain(o, ms_tail(x->argument, x->secret_at + x->secret_n));
    trace_flags(o, x->flags);
    ms_text_format(o, " -> %d-%d %s ", (int)x->reply_frame, (int)x->reply_last_frame, ms_code_name(x->code, scratch));
    if (x->reply_code.n) {
        ms_text_char(o, '[');
        ms_text_plain(o, x->reply_code);
        ms_text_str(o, "] ");
    }
    ms_text_plain(o, x->reply);
    if (x->data)
        ms_text_format(o, " #%d", (int)x->data);
    ms_text_str(o, x->subject.n ? " @" : "");
    ms_text_plain(o, x->subject);
    ms_text_char(o, '\n');
}

static void *trace_open(struct ms_host *h, const struct ms_body_start *b)
{
    ((struct trace *)(void *)h)->open++;
    if (b->direction != MS_RETRIEVED)
        abort();
    return ms_alloc(sizeof(struct trace_body));
}

static void trace_push(struct ms_host *h, void *body, struct ms_bytes bytes, uint64_t frame, int64_t time)
{
    (void)h, (void)frame, (void)time;
    if (((struct trace_body *)body)->ended || bytes.n == 0)
        abort();
    ms_buffer_append(&((struct trace_body *)body)->text, bytes);
}

static void trace_gap(struct ms_host *h, void *body, uint64_t missing, uint64_t frame, int64_t time)
{
    (void)h, (void)frame, (void)time;
    struct trace_body *b = body;
    b->missing += missing;
    ms_buffer_append(&b->text, MS_LIT("(gap)"));
}

static void trace_end(struct ms_host *h, void *body, uint64_t frame, int64_t time)
{
    (void)h, (void)frame, (void)time;
    if (((struct trace_body *)body)->ended)
        abort();
    ((struct trace_body *)body)->ended = true;
}

static void trace_free(struct trace *t, struct trace_body *b)
{
    t->open--;
    ms_buffer_finish(&b->text);
    ms_free(b);
}

/* "message STATUS [partial] code reply: text" */
static void trace_verdict(struct ms_host *h, void *body, const struct ms_verdict *v)
{
    struct trace *t = (struct trace *)(void *)h;
    char          scratch[8];
    if (!((struct trace_body *)body)->ended)
        abort();
    ms_text_format(&t->out, "message %s%s %s (%d): ", ms_status_name(v->status), v->partial ? " partial" : "",
                   ms_code_name(v->code, scratch), (int)v->reply_frame);
    ms_text_plain(&t->out, ms_buffer_bytes(&((struct trace_body *)body)->text));
    ms_text_char(&t->out, '\n');
    trace_free(t, body);
}

static void trace_discard(struct ms_host *h, void *body) { trace_free((struct trace *)(void *)h, body); }

static void trace_stray(struct ms_host *h, struct ms_bytes word)
{
    struct trace *t = (struct trace *)(void *)h;
    ms_text_str(&t->out, "stray ");
    ms_text_plain(&t->out, word);
    ms_text_char(&t->out, '\n');
}

static void trace_limit(struct ms_host *h, enum ms_limit which)
{
    ms_text_format(&((struct trace *)(void *)h)->out, "limit %s\n", ms_limit_rows[which].name);
}

/* As the engine does without keys: that direction says nothing any more. */
static void trace_filter(struct ms_host *h, enum ms_filter kind, const struct ms_chunk *rest)
{
    struct trace *d = (struct trace *)(void *)h;
    assert(!d->filtered[rest->dir]);
    d->filtered[rest->dir] = true;
    d->session.flags |= kind == MS_FILTER_TLS ? MS_SESSION_ENCRYPTED : MS_SESSION_COMPRESSED;
}

static void trace_element(struct ms_host *h, const struct ms_element *el)
{
    struct trace *t = (struct trace *)(void *)h;
    said_add(&t->said, &t->content, el);
    if (el->body && ((struct trace_body *)el->body)->ended)
        abort();
}

static const struct ms_host_ops trace_ops = {
    .exchange = trace_exchange, .body_open = trace_open, .body_push = trace_push, .body_gap = trace_gap, .body_end = trace_end,
    .body_verdict = trace_verdict, .body_discard = trace_discard, .stray = trace_stray, .limit = trace_limit, .filter = trace_filter,
    .element = trace_element,
};

static void trace_begin(struct trace *t, uint32_t session_flags, struct ms_limits limits)
{
    *t = (struct trace){ .limits = limits };
    t->host = (struct ms_host){ .ops = &trace_ops, .session = &t->session, .arena = &t->arena, .limits = &t->limits };
    t->session.flags = session_flags;
    t->state = ms_alloc(ms_pop3_parser.state_size);
    ms_pop3_parser.init(t->state, &t->host);
}

/* The bytes in a block of exactly their size, freed afterwards: nothing may be kept of them. */
static void trace_data(struct trace *t, enum ms_dir dir, struct ms_bytes bytes, uint64_t frame)
{
    uint8_t *exact = malloc(bytes.n ? bytes.n : 1);
    if (bytes.n)
        memcpy(exact, bytes.p, bytes.n);
    struct ms_chunk c = { dir, { exact, bytes.n }, 0, frame, (int64_t)frame * 1000 };
    if (!t->filtered[dir])
        ms_pop3_parser.data(t->state, &t->host, &c);
    free(exact);
}

static void trace_finish(struct trace *t)
{
    static const struct { uint32_t flag; const char *word; } words[] = {
        { MS_SESSION_ENCRYPTED, "encrypted" }, { MS_SESSION_GREETED, "greeted" }, { MS_SESSION_QUIT, "quit" },
        { MS_SESSION_QUIT_OK, "quit-ok" }, { MS_SESSION_CLIENT_EARLY, "early" }, { MS_SESSION_TLS_OFFERED, "tls-offered" },
        { MS_SESSION_TLS_ASKED, "tls-asked" }, { MS_SESSION_CAPS_SEEN, "caps" }, { MS_SESSION_CLEAR_SECRET, "clear-secret" },
        { MS_SESSION_BYE, "bye" }, { MS_SESSION_CLEAR_AFTER, "clear-after" },
    };
    static const char *const stages[] = { "connect", "greeting", "tls", "auth", "mailbox", "envelope", "data", "quit" };
    const struct ms_session *s = &t->session;
    ms_pop3_parser.finish(t->state, &t->host);
    if (t->open)
        abort();
    said_content(&t->said, &t->content);
    ms_text_format(&t->out, "%s", stages[s->stage]);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (s->flags & words[i].flag)
            ms_text_format(&t->out, " %s", words[i].word);
    if (s->transport)
        ms_text_format(&t->out, " transport=%s", ms_transport_name((enum ms_transport)s->transport));
    if (s->mechanism)
        ms_text_format(&t->out, " auth=%s/%d/%d user=", ms_mechanism_name((enum ms_mechanism)s->mechanism), s->auth_attempts,
                       s->auth_result);
    ms_text_plain(&t->out, s->user);
    if (s->server.name.n) {
        ms_text_str(&t->out, " host=");
        ms_text_plain(&t->out, s->server.name);
    }
    for (int dir = 0; dir < 2; dir++)
        if (s->injected[dir])
            ms_text_format(&t->out, " injected-%c@%d", "cs"[dir], (int)s->injected[dir]);
    for (unsigned i = 0; i < s->code_count; i++)
        ms_text_format(&t->out, " %d=%d", s->codes[i].code, (int)s->codes[i].count);
    ms_text_char(&t->out, '\n');
    ms_free(t->state);
    ms_arena_finish(&t->arena);
}
