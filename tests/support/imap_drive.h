/* tests/support/imap_drive.h - plays a dialogue to the IMAP parser and writes down everything it says.
 *
 * A dialogue is a list of strings, one frame each: "C: x" a line of the client (CRLF is added), "S: x" one of the server, "C=x" and
 * "S=x" bytes as they are, "C!7" and "S!7" that many missing bytes. `cut`: position in all bytes where a chunk is split in two;
 * DRIVE_BYTES: a chunk for each byte. Every chunk is a heap copy of its exact size.                              */
#pragma once
#include "base/text.h"
#include "proto/proto.h"

#include "said.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#define DRIVE_WHOLE SIZE_MAX
#define DRIVE_BYTES (SIZE_MAX - 1)
struct drive_step { enum ms_dir dir; uint64_t gap; struct ms_bytes bytes; };

struct drive_body {
    struct ms_buffer content;
    unsigned number, direction, state; /* 0 open, 1 ended */
    uint64_t first, last;
    int64_t since;
};
struct drive {
    struct ms_host    host;
    struct ms_session session;
    struct ms_arena   arena;
    struct ms_limits  limits;
    struct ms_buffer  trace;
    void             *state;
    size_t            fed, cut, open;
    uint64_t          offset[2], frame;
    unsigned          bodies;
    bool              filtered[2];
    struct ms_buffer  said; /* `elements`: what frames said, a line each; content of one frame added up */
    struct ms_element content;
};

static inline void drive_quote(struct drive *d, struct ms_bytes b) { ms_text_plain(&d->trace, b); }

static inline void drive_exchange(struct ms_host *h, const struct ms_exchange *e)
{
    struct drive *d = (struct drive *)(void *)h;
    static const char letters[] = "PUGgNDEI";
    assert(e->secret_at <= e->argument.n && e->secret_n <= e->argument.n - e->secret_at);
    ms_text_str(&d->trace, "X ");
    for (unsigned i = 0; i < 8; i++)
        if (e->flags >> i & 1)
            ms_text_char(&d->trace, letters[i]);
    ms_text_str(&d->trace, " ");
    drive_quote(d, e->command);
    ms_text_str(&d->trace, "|");
    drive_quote(d, ms_head(e->argument, e->secret_at + (e->secret_n ? 0 : e->argument.n)));
    if (e->secret_n) {
        ms_text_str(&d->trace, "<");
        drive_quote(d, ms_slice(e->argument, e->secret_at, e->secret_n));
        ms_text_str(&d->trace, ">");
        drive_quote(d, ms_tail(e->argument, e->secret_at + e->secret_n));
    }
    char scratch[8];
    ms_text_format(&d->trace, "|%s [", e->code ? ms_code_name(e->code, scratch) : "-");
    drive_quote(d, e->reply_code);
    ms_text_str(&d->trace, "] ");
    drive_quote(d, e->reply);
    ms_text_str(&d->trace, "|");
    drive_quote(d, e->subject);
    ms_text_format(&d->trace, "|%llu %s %llu>%llu-%llu\n", (unsigned long long)e->data, ms_stage_name(e->stage),
                   (unsigned long long)e->frame, (unsigned long long)e->reply_frame, (unsigned long long)e->reply_last_frame);
}

static inline void *drive_open(struct ms_host *h, const struct ms_body_start *b)
{
    struct drive      *d = (struct drive *)(void *)h;
    struct drive_body *body = ms_alloc(sizeof *body);
    body->number = ++d->bodies;
    body->direction = b->direction;
    body->first = b->frame;
    d->open++;
    return body;
}
static inline void drive_push(struct ms_host *h, void *p, struct ms_bytes bytes, uint64_t frame, int64_t time)
{
    struct drive_body *body = p;
    (void)h, (void)time;
    assert(body->state == 0 && bytes.n);
    body->last = frame;
    ms_buffer_append(&body->content, bytes); /* escaped as a whole: a character may be cut in two */
}
static inline void drive_gap(struct ms_host *h, void *p, uint64_t missing, uint64_t frame, int64_t time)
{
    struct drive_body *body = p;
    (void)h, (void)time;
    assert(body->state == 0 && missing);
    body->last = frame;
    ms_text_format(&body->content, "<%llu missing>", (unsigned long long)missing);
}
/* "<2 begin Content-Type: ...|lead>" in the content; of a lead only what stands before the header block. */
static inline void drive_section(struct ms_host *h, void *p, const struct ms_section *s, uint64_t frame, int64_t time)
{
    static const char *const words[] = { "fields", "listed", "begin", "end" };
    struct drive_body *body = p;
    size_t             before = s->lead.n;
    (void)h, (void)time;
    assert(body->state == 0);
    body->first = frame < body->first ? frame : body->first;
    const uint8_t *head = s->head.n && s->lead.n ? memmem(s->lead.p, s->lead.n, s->head.p, s->head.n > 8 ? 8 : s->head.n) : NULL;
    if (head)
        before = (size_t)(head - s->lead.p);
    ms_text_format(&body->content, "<%.*s%s%s%s%s %.*s|%.*s>", (int)s->path.n, (const char *)s->path.p, s->path.n ? " " : "", words[s->kind],
                   s->decoded ? " decoded" : "", s->whole ? " whole" : "", (int)s->head.n, (const char *)s->head.p, (int)before, (const char *)s->lead.p);
}
static inline void drive_end(struct ms_host *h, void *p, uint64_t frame, int64_t time)
{
    struct drive_body *body = p;
    (void)h, (void)time, (void)frame;
    assert(body->state == 0);
    body->state = 1;
}
static inline void drive_verdict(struct ms_host *h, void *p, const struct ms_verdict *v)
{
    struct drive      *d = (struct drive *)(void *)h;
    struct drive_body *body = p;
    char               scratch[8];
    assert(body->state == 1);
    ms_text_format(&d->trace, "M%u %s %s%s %s %llu-%llu ", body->number, ms_direction_name((enum ms_direction)body->direction),
                   ms_status_name(v->status), v->partial ? " partial" : "", v->code ? ms_code_name(v->code, scratch) : "-",
                   (unsigned long long)body->first, (unsigned long long)body->last);
    drive_quote(d, ms_buffer_bytes(&body->content));
    ms_text_str(&d->trace, "\n");
    ms_buffer_finish(&body->content);
    ms_free(body);
    d->open--;
}
static inline void drive_discard(struct ms_host *h, void *p)
{
    struct ms_verdict v = { .status = MS_STATUS_INCOMPLETE };
    ((struct drive_body *)p)->state = 1;
    drive_verdict(h, p, &v);
}
static inline void drive_stray(struct ms_host *h, struct ms_bytes word)
{
    struct drive *d = (struct drive *)(void *)h;
    ms_text_str(&d->trace, "W ");
    drive_quote(d, word);
    ms_text_str(&d->trace, "\n");
}
static inline void drive_limit(struct ms_host *h, enum ms_limit which)
{
    struct drive *d = (struct drive *)(void *)h;
    ms_text_format(&d->trace, "L %s\n", ms_limit_rows[which].name);
}

static inline void drive_chunk(struct drive *d, enum ms_dir dir, struct ms_bytes bytes)
{
    uint8_t        *copy = malloc(bytes.n ? bytes.n : 1);
    struct ms_chunk c = { dir, { copy, bytes.n }, d->offset[dir], d->frame, (int64_t)d->frame * 1000 };
    if (bytes.n == 0) {
        free(copy);
        return;
    }
    memcpy(copy, bytes.p, bytes.n);
    if (!d->filtered[dir])
        ms_imap_parser.data(d->state, &d->host, &c);
    free(copy);
    d->offset[dir] += bytes.n;
    d->fed += bytes.n;
}

static inline void drive_bytes(struct drive *d, enum ms_dir dir, struct ms_bytes bytes)
{
    if (d->cut == DRIVE_BYTES) {
        for (size_t i = 0; i < bytes.n; i++)
            drive_chunk(d, dir, ms_slice(bytes, i, 1));
        return;
    }
    size_t at = d->cut != DRIVE_WHOLE && d->cut > d->fed && d->cut - d->fed < bytes.n ? d->cut - d->fed : bytes.n;
    drive_chunk(d, dir, ms_head(bytes, at));
    drive_chunk(d, dir, ms_tail(bytes, at));
}

static inline void drive_session(struct drive *d)
{
    static const struct { uint32_t bit; const char *word; } flags[] = {
        { MS_SESSION_GREETED, "greeted" }, { MS_SESSION_PREAUTH, "preauth" }, { MS_SESSION_BYE, "bye" }, { MS_SESSION_QUIT, "quit" },
        { MS_SESSION_QUIT_OK, "quit-ok" }, { MS_SESSION_TLS_OFFERED, "tls-offered" }, { MS_SESSION_TLS_ASKED, "tls-asked" },
        { MS_SESSION_CAPS_SEEN, "caps" }, { MS_SESSION_CLEAR_SECRET, "clear-secret" }, { MS_SESSION_CLEAR_MAIL, "clear-mail" },
        { MS_SESSION_ENCRYPTED, "encrypted" }, { MS_SESSION_OPAQUE, "opaque" }, { MS_SESSION_CLIENT_EARLY, "early" },
        { MS_SESSION_COMPRESSED, "compressed" }, { MS_SESSION_CLEAR_AFTER, "clear-after" },
    };
    const struct ms_session *s = &d->session;
    char                     scratch[8];
    ms_text_format(&d->trace, "%s %s", ms_stage_name((enum ms_stage)s->stage), ms_transport_name((enum ms_transport)s->transport));
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (s->flags & flags[i].bit)
            ms_text_format(&d->trace, " %s", flags[i].word);
    const char *how = s->mechanism == MS_MECH_IMAP_LOGIN ? "login-command" : ms_mechanism_name((enum ms_mechanism)s->mechanism);
    ms_text_format(&d->trace, " %s/%u/%u ", how, s->auth_attempts, s->auth_result);
    drive_quote(d, s->user);
    ms_text_str(&d->trace, " @");
    drive_quote(d, s->server.name);
    for (int dir = 0; dir < 2; dir++)
        if (s->injected[dir])
            ms_text_format(&d->trace, " injected-%c@%d", "cs"[dir], (int)s->injected[dir]);
    for (unsigned i = 0; i < s->code_count; i++)
        ms_text_format(&d->trace, " %s:%u", ms_code_name(s->codes[i].code, scratch), s->codes[i].count);
    ms_text_str(&d->trace, "\n");
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
    struct drive *d = (struct drive *)(void *)h;
    said_add(&d->said, &d->content, el);
    assert(!el->body || ((struct drive_body *)el->body)->state == 0);
}

/* The trace, to be given back with ms_buffer_finish(). `said`: what frames said is asked for, and put there; or NULL. */
static inline struct ms_buffer drive_imap_said(const struct drive_step *steps, size_t n, size_t cut, const struct ms_limits *limits,
                                               uint32_t flags, struct ms_buffer *said)
{
    static const struct ms_host_ops ops = { drive_exchange, drive_open, drive_push, drive_gap, drive_section, drive_end, drive_verdict, drive_discard, drive_stray,
                                            drive_limit,    drive_filter, drive_element };
    static const char turns[] = "-scui";
    struct drive d = { .cut = cut, .limits = *limits };
    char         turn[256];
    size_t       turn_n = 0;
    d.session.protocol = MS_PROTO_IMAP;
    d.session.transport = MS_TRANSPORT_PLAIN;
    d.session.flags = flags;
    d.host = (struct ms_host){ .ops = &ops, .session = &d.session, .arena = &d.arena, .limits = &d.limits, .elements = said != NULL };
    d.state = ms_alloc(ms_imap_parser.state_size);
    ms_imap_parser.init(d.state, &d.host);
    for (size_t i = 0; i < n; i++) {
        d.frame = i + 1;
        if (steps[i].gap && !d.filtered[steps[i].dir])
            ms_imap_parser.gap(d.state, &d.host, steps[i].dir, steps[i].gap, d.frame, (int64_t)d.frame * 1000);
        drive_bytes(&d, steps[i].dir, steps[i].bytes);
        if (turn_n < sizeof turn - 1)
            turn[turn_n++] = turns[d.session.flags & MS_SESSION_ENCRYPTED ? MS_TURN_NONE : ms_imap_parser.turn(d.state)];
    }
    turn[turn_n] = 0;
    ms_imap_parser.finish(d.state, &d.host);
    assert(d.open == 0);
    drive_session(&d);
    ms_text_format(&d.trace, "%s\n", turn);
    ms_free(d.state);
    ms_arena_finish(&d.arena);
    said_content(&d.said, &d.content);
    if (said)
        *said = d.said;
    return d.trace;
}

static inline struct ms_buffer drive_imap(const struct drive_step *steps, size_t n, size_t cut, const struct ms_limits *limits, uint32_t flags)
{
    return drive_imap_said(steps, n, cut, limits, flags, NULL);
}
