/* sink/ladder_draw.c - rows of a ladder as lines of text.
 *
 * Every line: frame, seconds since the session began, seconds since the line before, and the diagram: | words -----> |     */
#include "sink/ladder_private.h"

#include <stdlib.h>

enum { OUT_BYTES = 65536, TEXT_MOST = 16384 };

/* The strokes, one column each. */
struct strokes { const char *side, *broken, *line, *thick, *dash, *dots, *right, *left, *cut; };
static const struct strokes drawn = { "│", "┊", "─", "═", "╌", "┈", "►", "◄", "…" };
static const struct strokes typed = { "|", ":", "-", "=", "-", ".", ">", "<", "." };

struct drawing {
    const struct ms_ladder_options *o;
    const struct ladder_frame      *frame;
    struct ladder_rows             *rows;
    const struct strokes           *strokes;
    struct ms_buffer                out, words, cut;
    int                             frame_digits, time_digits; /* widths of the columns */
    size_t                          margin, inner;             /* columns before the diagram, between its sides */
    int64_t                         before;                    /* time of the row before; MS_UNKNOWN */
    bool                            failed;
};

static void flush(struct drawing *d)
{
    d->failed |= d->out.n && fwrite(d->out.p, 1, d->out.n, d->o->out) != d->out.n;
    d->out.n = 0;
}

static void repeat(struct ms_buffer *t, const char *stroke, size_t n)
{
    while (n--)
        ms_text_str(t, stroke);
}

/* Without UTF-8 a character beyond ASCII is a question mark. */
static void to_ascii(struct ms_buffer *t)
{
    size_t to = 0;
    for (size_t i = 0; i < t->n;) {
        uint32_t code_point;
        size_t   n = ms_utf8_sequence(ms_tail(ms_buffer_bytes(t), i), &code_point);
        t->p[to++] = n == 1 ? t->p[i] : '?';
        i += n ? n : 1;
    }
    t->n = to;
}

/* No wider than `columns`, at a whole character. */
static struct ms_bytes fitted(struct drawing *d, struct ms_bytes words, size_t columns)
{
    d->cut.n = 0;
    ms_text_add(&d->cut, words);
    if (!d->o->utf8)
        to_ascii(&d->cut);
    if (ms_utf8_width(ms_buffer_bytes(&d->cut)) <= columns)
        return ms_buffer_bytes(&d->cut);
    size_t dots = d->o->utf8 ? 1 : 3;
    d->cut.n = ms_utf8_fit(ms_buffer_bytes(&d->cut), columns - dots);
    repeat(&d->cut, d->strokes->cut, dots);
    return ms_buffer_bytes(&d->cut);
}

/* ---- words of a row -------------------------------------------------------------------------------------------- */

static const char *const tcp_words[] = {
    [TCP_AGAIN] = "retransmission", [TCP_FAST] = "fast retransmission", [TCP_SPURIOUS] = "needless retransmission",
    [TCP_OUT_OF_ORDER] = "out of order", [TCP_ZERO] = "window closed", [TCP_FULL] = "fills the window", [TCP_PROBE] = "window probe",
    [TCP_KEEP_ALIVE] = "keep-alive", [TCP_REOPENED] = "window open again after",
};

/* A mark that stands for `times` equal ones, the last of them in frame `last`. */
static void tcp_text(struct drawing *d, const struct ladder_row *r, uint64_t times, uint64_t last)
{
    bool sized = r->what <= TCP_OUT_OF_ORDER || r->what == TCP_FULL;
    ms_text_str(&d->words, tcp_words[r->what]);
    if (r->what == TCP_REOPENED) {
        ms_text_char(&d->words, ' ');
        ms_text_seconds(&d->words, (int64_t)r->amount, 6);
        ms_text_str(&d->words, " s");
    } else if (times > 1) {
        ms_text_format(&d->words, ", %llu times until frame %llu", (unsigned long long)times, (unsigned long long)last);
    } else if (sized) {
        ms_text_str(&d->words, ", ");
        ms_text_size(&d->words, r->amount);
    }
}

static void row_text(struct drawing *d, const struct ladder_row *r)
{
    uint8_t text[TEXT_MOST];
    size_t  n = r->text_n < sizeof text ? r->text_n : sizeof text;
    if (ms_spool_read(&d->rows->spool, r->text, text, n))
        ms_text_add(&d->words, (struct ms_bytes){ text, n });
}

/* ---- lines ----------------------------------------------------------------------------------------------------- */

/* A time of a damaged capture may lie anywhere. */
static int64_t difference(int64_t later, int64_t earlier)
{
    int64_t d;
    return later == MS_UNKNOWN || earlier == MS_UNKNOWN || __builtin_sub_overflow(later, earlier, &d) ? 0 : d;
}

static void put_seconds(struct drawing *d, const char *sign, int64_t ns)
{
    const char *minus = ns < 0 ? "-" : sign;
    uint64_t    v = ns < 0 ? 0 - (uint64_t)ns : (uint64_t)ns;
    char        text[40];
    snprintf(text, sizeof text, "%s%llu.%06llu", minus, (unsigned long long)(v / 1000000000), (unsigned long long)(v % 1000000000 / 1000));
    ms_text_format(&d->out, " %*s", d->time_digits + (*sign ? 1 : 0), text);
}

static void put_margin(struct drawing *d, const struct ladder_row *r)
{
    size_t blank = d->margin;
    if (r->kind != LADDER_PAUSE && r->time != MS_UNKNOWN) {
        ms_text_format(&d->out, "%*llu", d->frame_digits, (unsigned long long)r->frame);
        put_seconds(d, "", difference(r->time, d->frame->started));
        put_seconds(d, "+", d->before == MS_UNKNOWN ? 0 : difference(r->time, d->before));
        d->before = r->time;
        blank = 2;
    } else if (r->kind != LADDER_PAUSE) {
        ms_text_format(&d->out, "%*llu", d->frame_digits, (unsigned long long)r->frame);
        blank -= (size_t)d->frame_digits;
    }
    repeat(&d->out, " ", blank);
}

/* Words on a stroke, between two ends: of an arrow, which begins on the side where the words are said. */
static void put_arrow(struct drawing *d, const struct ladder_row *r)
{
    const struct strokes *s = d->strokes;
    const char     *stroke = r->kind == LADDER_TCP ? s->dash : r->kind == LADDER_ARROW ? s->line : s->thick;
    bool            right = r->dir == MS_C2S;
    struct ms_bytes words = fitted(d, ms_buffer_bytes(&d->words), d->inner - 5);
    ms_text_str(&d->out, right ? stroke : s->left);
    ms_text_str(&d->out, right ? " " : stroke);
    ms_text_str(&d->out, right ? "" : " ");
    ms_text_add(&d->out, words);
    ms_text_char(&d->out, ' ');
    repeat(&d->out, stroke, d->inner - 4 - ms_utf8_width(words));
    ms_text_str(&d->out, right ? s->right : "");
}

static void put_middle(struct drawing *d, const struct ladder_row *r)
{
    const char     *fill = r->kind == LADDER_PAUSE ? d->strokes->dots : " ";
    struct ms_bytes words = fitted(d, ms_buffer_bytes(&d->words), d->inner - 4);
    size_t          room = d->inner - 2 - ms_utf8_width(words);
    repeat(&d->out, fill, room / 2);
    ms_text_char(&d->out, ' ');
    ms_text_add(&d->out, words);
    ms_text_char(&d->out, ' ');
    repeat(&d->out, fill, room - room / 2);
}

static const char *color_of(const struct ladder_row *r)
{
    static const char *const tones[] = { "", "\033[1;31m", "\033[33m", "\033[2m" };
    if (r->tone != LADDER_OF_SIDE)
        return tones[r->tone];
    return r->dir == MS_C2S ? "\033[31m" : "\033[34m";
}

static void put_row(struct drawing *d, const struct ladder_row *r, uint64_t times, uint64_t last)
{
    bool        middle = r->kind == LADDER_REMARK || r->kind == LADDER_PAUSE;
    const char *side = r->kind == LADDER_PAUSE ? d->strokes->broken : d->strokes->side;
    d->words.n = 0;
    if (r->kind == LADDER_TCP)
        tcp_text(d, r, times, last);
    else
        row_text(d, r);
    put_margin(d, r);
    ms_text_str(&d->out, side);
    ms_text_str(&d->out, d->o->color ? color_of(r) : "");
    (middle ? put_middle : put_arrow)(d, r);
    ms_text_str(&d->out, d->o->color ? "\033[0m" : "");
    ms_text_str(&d->out, side);
    ms_text_char(&d->out, '\n');
    if (d->out.n > OUT_BYTES)
        flush(d);
}

/* ---- the whole ------------------------------------------------------------------------------------------------- */

static int by_frame(const void *a, const void *b)
{
    const struct ladder_row *x = a, *y = b;
    if (x->frame != y->frame)
        return x->frame < y->frame ? -1 : 1;
    if (x->rank != y->rank)
        return (int)x->rank - (int)y->rank;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static int digits_of(uint64_t v)
{
    int n = 1;
    while (v /= 10)
        n++;
    return n;
}

static void measure(struct drawing *d)
{
    size_t  n = ladder_row_count(d->rows), columns = d->o->columns;
    int64_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        const struct ladder_row *r = ladder_row_at(d->rows, i);
        int64_t                  since = difference(r->time, d->frame->started);
        longest = since > longest ? since : longest;
    }
    d->frame_digits = n ? digits_of(ladder_row_at(d->rows, n - 1)->frame) : 1; /* they are sorted */
    d->frame_digits = d->frame_digits < 5 ? 5 : d->frame_digits;
    d->time_digits = digits_of((uint64_t)longest / 1000000000) + 7;
    d->margin = (size_t)d->frame_digits + 2 * (size_t)d->time_digits + 5;
    d->inner = columns > d->margin + 26 ? columns - d->margin - 2 : 24;
}

/* The client's words at the left end, the server's at the right one; on two lines when one is too short. */
static void put_pair(struct drawing *d, struct ms_bytes client, struct ms_bytes server)
{
    size_t          all = d->inner + 2;
    struct ms_bytes left = fitted(d, client, all);
    size_t          used = ms_utf8_width(left);
    if (client.n == 0 && server.n == 0)
        return;
    repeat(&d->out, " ", d->margin);
    ms_text_add(&d->out, left);
    struct ms_bytes right = fitted(d, server, all);
    size_t          width = ms_utf8_width(right);
    if (width && used + width + 2 > all) {
        ms_text_char(&d->out, '\n');
        repeat(&d->out, " ", d->margin);
        used = 0;
    }
    repeat(&d->out, " ", width ? all - used - width : 0);
    ms_text_add(&d->out, right);
    ms_text_char(&d->out, '\n');
}

static void put_head(struct drawing *d)
{
    ms_text_add(&d->out, ms_buffer_bytes(&d->frame->title));
    ms_text_str(&d->out, "\n\n");
    put_pair(d, MS_LIT("client"), MS_LIT("server"));
    put_pair(d, ms_buffer_bytes(&d->frame->client), ms_buffer_bytes(&d->frame->server));
    put_pair(d, ms_buffer_bytes(&d->frame->client_name), ms_buffer_bytes(&d->frame->server_name));
    ms_text_format(&d->out, "%*s %*s %*s  %s", d->frame_digits, "FRAME", d->time_digits, "TIME", d->time_digits + 1, "DELTA", d->strokes->side);
    repeat(&d->out, " ", d->inner);
    ms_text_format(&d->out, "%s\n", d->strokes->side);
}

static bool is_equal_mark(const struct ladder_row *a, const struct ladder_row *b)
{
    return a->kind == LADDER_TCP && b->kind == LADDER_TCP && a->what == b->what && a->dir == b->dir && a->what != TCP_REOPENED;
}

static void put_rows(struct drawing *d)
{
    size_t n = ladder_row_count(d->rows);
    for (size_t i = 0; i < n;) {
        const struct ladder_row *r = ladder_row_at(d->rows, i), *last = r;
        uint64_t                 times = 1;
        while (++i < n && is_equal_mark(r, ladder_row_at(d->rows, i))) {
            last = ladder_row_at(d->rows, i);
            times++;
        }
        if (r->kind == LADDER_ENCRYPTED && d->frame->decrypted)
            continue;
        put_row(d, r, times, last->frame);
        d->before = last->time == MS_UNKNOWN || r->kind == LADDER_PAUSE ? d->before : last->time;
    }
    if (d->rows->left_out)
        ms_text_format(&d->out, "%llu more row%s left out (limit ladder_rows)\n", (unsigned long long)d->rows->left_out,
                       d->rows->left_out == 1 ? " is" : "s are");
}

bool ladder_draw(const struct ms_ladder_options *o, const struct ladder_frame *frame, struct ladder_rows *rows)
{
    struct drawing d = { .o = o, .frame = frame, .rows = rows, .strokes = o->utf8 ? &drawn : &typed, .before = MS_UNKNOWN };
    size_t         n = ladder_row_count(rows);
    if (n)
        qsort(rows->rows.p, n, sizeof(struct ladder_row), by_frame);
    measure(&d);
    put_head(&d);
    put_rows(&d);
    ms_text_char(&d.out, '\n');
    ms_text_add(&d.out, ms_buffer_bytes(&frame->end));
    flush(&d);
    ms_buffer_finish(&d.out);
    ms_buffer_finish(&d.words);
    ms_buffer_finish(&d.cut);
    return !d.failed;
}
