#include "engine/mailbox.h"

enum { SEPARATOR_BYTES = 512, FLUSH_BYTES = 65536 };

struct ms_mailbox_file {
    struct ms_mailbox_options options;
    struct ms_examine_shared  shared;
    struct ms_examine         examine;
    struct ms_arena           arena;    /* of the open message */
    struct ms_message         message;
    struct ms_buffer          line;     /* that is not complete */
    struct ms_buffer          out;      /* lines for the open message */
    struct ms_bytes           name;
    uint32_t                  last_id;
    bool                      open, many, began, blank; /* blank: a blank line waits, it may belong to the separator */
};

struct ms_mailbox_file *ms_mailbox_create(const struct ms_mailbox_options *options)
{
    struct ms_mailbox_file *f = ms_alloc(sizeof *f);
    f->options = *options;
    f->shared = (struct ms_examine_shared){ .limits = options->limits, .mime = ms_mime_pool_create(), .answers = ms_answers_create(options->limits), .weights = options->weights };
    f->shared.content.scanners = options->scanners;
    ms_answers_ask_also(f->shared.answers, options->resolver);
    return f;
}

const struct ms_content_pool *ms_mailbox_limits(const struct ms_mailbox_file *f) { return &f->shared.content; }

static void flush(struct ms_mailbox_file *f)
{
    ms_examine_push(&f->examine, ms_buffer_bytes(&f->out));
    f->out.n = 0;
}

static void open_message(struct ms_mailbox_file *f)
{
    struct ms_examine_options o = { .hash_parts = f->options.hash_parts, .hash_message = f->options.hash_message, .judge = true };
    f->message = (struct ms_message){ .id = ++f->last_id, .started = MS_UNKNOWN, .ended = MS_UNKNOWN, .replied = MS_UNKNOWN, .file = f->name };
    ms_examine_begin(&f->examine, &f->arena, &f->shared, &o);
    f->open = true;
    f->blank = false;
}

static void close_message(struct ms_mailbox_file *f)
{
    if (!f->open)
        return;
    flush(f);
    ms_examine_finish(&f->examine, &f->message);
    f->message.complete = true;
    ms_examine_judge(&f->examine, &f->message);
    f->options.message(f->options.ctx, &f->message);
    ms_arena_finish(&f->arena);
    f->open = false;
}

/* "From someone@example.com Fri Nov 21 09:55:06 1997": a sender and a time of day. */
static bool is_separator(struct ms_bytes line)
{
    struct ms_bytes rest = ms_head(line, SEPARATOR_BYTES), word = ms_take_word(&rest);
    if (!ms_equal(word, MS_LIT("From")) || ms_at(line, 4) != ' ')
        return false;
    ms_take_word(&rest);
    while ((word = ms_take_word(&rest)).n)
        if (word.n >= 5 && ms_is_digit(word.p[0]) && ms_find(word, ':') < word.n)
            return true;
    return false;
}

static bool is_quoted_from(struct ms_bytes line)
{
    size_t n = 0;
    while (ms_at(line, n) == '>')
        n++;
    return n && ms_equal(ms_slice(line, n, 5), MS_LIT("From "));
}

static void add(struct ms_mailbox_file *f, struct ms_bytes line)
{
    if (f->blank)
        ms_buffer_append(&f->out, MS_LIT("\r\n"));
    f->blank = false;
    ms_buffer_append(&f->out, line);
}

/* A line with its end, or the last one without. */
static void take_line(struct ms_mailbox_file *f, struct ms_bytes line)
{
    bool            ended = line.n && line.p[line.n - 1] == '\n', first = !f->began;
    struct ms_bytes text = ms_head(line, line.n - ended);
    if (ended && text.n && text.p[text.n - 1] == '\r')
        text.n--;
    f->began = true;
    if (first)
        f->many = is_separator(text);
    if (f->many && (first || f->blank) && is_separator(text)) {
        close_message(f);
        open_message(f);
        return;
    }
    if (!f->open)
        open_message(f);
    if (f->many && ended && text.n == 0 && !f->blank) {
        f->blank = true;
        return;
    }
    add(f, f->many && is_quoted_from(text) ? ms_tail(text, 1) : text);
    if (ended)
        ms_buffer_append(&f->out, MS_LIT("\r\n"));
    if (f->out.n > FLUSH_BYTES)
        flush(f);
}

void ms_mailbox_begin(struct ms_mailbox_file *f, struct ms_bytes name)
{
    f->name = name;
    f->began = f->many = f->blank = false;
}

/* A line that is too long to wait for is handed on in pieces; its end comes with the last one. */
static void keep_rest(struct ms_mailbox_file *f, struct ms_bytes bytes)
{
    ms_buffer_append(&f->line, bytes);
    if (f->line.n <= FLUSH_BYTES)
        return;
    struct ms_bytes most = ms_head(ms_buffer_bytes(&f->line), f->line.n - 1); /* the last byte may be the CR of its end */
    take_line(f, most);
    ms_buffer_consume(&f->line, most.n);
}

void ms_mailbox_push(struct ms_mailbox_file *f, struct ms_bytes bytes)
{
    while (bytes.n) {
        size_t n = ms_find(bytes, '\n') + 1;
        if (n > bytes.n) {
            keep_rest(f, bytes);
            return;
        }
        if (f->line.n) {
            ms_buffer_append(&f->line, ms_head(bytes, n));
            take_line(f, ms_buffer_bytes(&f->line));
            f->line.n = 0;
        } else {
            take_line(f, ms_head(bytes, n));
        }
        bytes = ms_tail(bytes, n);
    }
}

void ms_mailbox_end(struct ms_mailbox_file *f)
{
    if (f->line.n)
        take_line(f, ms_buffer_bytes(&f->line));
    f->line.n = 0;
    close_message(f);
}

void ms_mailbox_destroy(struct ms_mailbox_file *f)
{
    ms_buffer_finish(&f->line);
    ms_buffer_finish(&f->out);
    ms_answers_destroy(f->shared.answers);
    ms_mime_pool_destroy(f->shared.mime);
    ms_free(f);
}
