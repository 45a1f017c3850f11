/* tests/support/mime_trace.h - runs the MIME parser over a message in pieces and writes down all that a user would see. */
#pragma once
#include "base/text.h"
#include "mail/mime.h"

#include <assert.h>
#include <stdlib.h>

/* How to cut: `first` bytes, then pieces of `step` bytes (0: the rest at once). `gap` > 0: that many bytes, from `gap_at` on, are
 * missing.                                                                                                                 */
struct mime_cut { size_t first, step, gap_at, gap; };

struct mime_watch { uint64_t size[4096]; int open; size_t begun; };

static void watch_begin(void *ctx, size_t index, const struct ms_part *part)
{
    struct mime_watch *w = ctx;
    assert(index == w->begun && part->type.n > 0);
    w->begun++;
    w->open++;
}

static void watch_data(void *ctx, size_t index, struct ms_bytes decoded)
{
    struct mime_watch *w = ctx;
    assert(index < w->begun && decoded.n > 0);
    w->size[index] += decoded.n;
}

static void watch_end(void *ctx, size_t index, const struct ms_part *part)
{
    struct mime_watch *w = ctx;
    w->open--;
    assert(part->multipart || part->size == w->size[index]); /* the sink saw every byte that was counted */
}

static inline void push_exact(struct ms_mime *m, struct ms_bytes piece)
{
    uint8_t *copy = malloc(piece.n ? piece.n : 1); /* so that a read past the end is seen */
    if (piece.n)
        memcpy(copy, piece.p, piece.n);
    ms_mime_push(m, (struct ms_bytes){ copy, piece.n });
    free(copy);
}

static inline void push_pieces(struct ms_mime *m, struct ms_bytes in, size_t first, size_t step)
{
    push_exact(m, ms_head(in, first));
    in = ms_tail(in, first);
    while (in.n) {
        struct ms_bytes piece = ms_head(in, step ? step : in.n);
        push_exact(m, piece);
        in = ms_tail(in, piece.n);
    }
}

static inline void trace_field(struct ms_buffer *t, const char *name, struct ms_bytes value)
{
    if (value.n == 0)
        return;
    ms_text_format(t, " %s=", name);
    ms_text_json(t, value);
}

static inline void trace_part(struct ms_buffer *t, const struct ms_part *p)
{
    ms_text_str(t, "\n");
    ms_text_plain(t, p->path);
    ms_text_char(t, ' ');
    ms_text_plain(t, p->type);
    ms_text_format(t, "%s %llu", p->multipart ? " multi" : "", (unsigned long long)p->size);
    trace_field(t, "file", p->filename);
    trace_field(t, "disp", p->disposition);
    trace_field(t, "enc", p->encoding);
    trace_field(t, "charset", p->charset);
    trace_field(t, "id", p->content_id);
    if (p->detected)
        trace_field(t, "is", ms_str(p->detected));
    ms_text_format(t, " odd=%x%s", p->odd, p->complete ? "" : " incomplete");
    if (p->hashed)
        ms_text_hex(t, (struct ms_bytes){ p->sha256, 32 });
}

static inline void trace_message(struct ms_buffer *t, const struct ms_message *msg)
{
    ms_text_format(t, "size=%llu missing=%llu odd=%x dropped=%llu", (unsigned long long)msg->size,
                   (unsigned long long)msg->missing, msg->odd, (unsigned long long)msg->parts_dropped);
    const struct ms_headers *h = &msg->headers;
    trace_field(t, "from", h->from);
    trace_field(t, "to", h->to);
    trace_field(t, "cc", h->cc);
    trace_field(t, "subject", h->subject);
    trace_field(t, "date", h->date);
    trace_field(t, "message-id", h->message_id);
    trace_field(t, "reply-to", h->reply_to);
    trace_field(t, "return-path", h->return_path);
    if (msg->hashed)
        ms_text_hex(t, (struct ms_bytes){ msg->sha256, 32 });
    for (size_t i = 0; i < msg->part_count; i++)
        trace_part(t, &msg->parts[i]);
}

/* Runs and fills *msg, whose strings live in *arena. */
static inline void mime_run(struct ms_bytes in, struct mime_cut cut, const struct ms_limits *limits, struct ms_mime_pool *pool,
                            struct ms_arena *arena, struct ms_message *msg)
{
    struct mime_watch *watch = calloc(1, sizeof *watch);
    struct ms_mime_options options = { .hash_parts = true, .hash_message = true, .pool = pool,
                                       .sink = { watch_begin, watch_data, watch_end, watch } };
    struct ms_mime *m = ms_mime_create(arena, limits, &options);
    if (cut.gap) {
        push_pieces(m, ms_head(in, cut.gap_at), cut.first, cut.step);
        ms_mime_gap(m, cut.gap);
        push_pieces(m, ms_tail(in, cut.gap_at + cut.gap), cut.first, cut.step);
    } else {
        push_pieces(m, in, cut.first, cut.step);
    }
    ms_mime_finish(m, msg);
    assert(watch->open == 0 && watch->begun == msg->part_count);
    free(watch);
}

/* All of the result as text; free() it. */
static inline char *mime_trace(struct ms_bytes in, struct mime_cut cut, const struct ms_limits *limits, struct ms_mime_pool *pool)
{
    struct ms_arena   arena = { 0 };
    struct ms_message msg = { .id = 0 };
    struct ms_buffer  t = { 0 };
    mime_run(in, cut, limits, pool, &arena, &msg);
    trace_message(&t, &msg);
    ms_text_char(&t, '\0');
    char *text = strdup((const char *)t.p);
    ms_buffer_finish(&t);
    ms_arena_finish(&arena);
    return text;
}
