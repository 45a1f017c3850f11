#include "mail/quoted.h"
#include "mail/scan.h"

enum state { TEXT, TEXT_CR, ESCAPE, ESCAPE_DIGIT, SOFT, SOFT_CR };

static void put(struct ms_buffer *out, uint8_t c) { out->p[out->n++] = c; }

static void put_blanks(struct ms_quoted *q, struct ms_buffer *out)
{
    memcpy(out->p + out->n, q->blanks, q->blank_n);
    out->n += q->blank_n;
    q->blank_n = 0;
    q->long_run = false;
}

static void drop_blanks(struct ms_quoted *q)
{
    q->blank_n = 0;
    q->long_run = false;
}

static void hold_blank(struct ms_quoted *q, struct ms_buffer *out, uint8_t c)
{
    if (!q->long_run && q->blank_n == MS_QUOTED_BLANKS) {
        put_blanks(q, out);
        q->long_run = true;
    }
    if (q->long_run)
        put(out, c);
    else
        q->blanks[q->blank_n++] = c;
}

static void take_text(struct ms_quoted *q, struct ms_buffer *out, uint8_t c)
{
    if (ms_is_blank(c)) {
        hold_blank(q, out, c);
    } else if (c == '\r') {
        q->state = TEXT_CR;
    } else if (c == '\n') {
        drop_blanks(q);
        put(out, c);
    } else {
        put_blanks(q, out);
        if (c == '=')
            q->state = ESCAPE;
        else
            put(out, c);
    }
}

/* The '=' was none: it and what was held behind it are text, and c is read again as text. */
static void broken(struct ms_quoted *q, struct ms_buffer *out, uint8_t c)
{
    q->syntax = true;
    put(out, '=');
    if (q->state == ESCAPE_DIGIT)
        put(out, q->digit);
    put_blanks(q, out);
    q->state = TEXT;
    take_text(q, out, c);
}

static void take_escape(struct ms_quoted *q, struct ms_buffer *out, uint8_t c)
{
    if (c == '\n' || c == '\r') {
        drop_blanks(q);
        q->state = c == '\n' ? TEXT : SOFT_CR;
    } else if (ms_is_blank(c) && q->blank_n < MS_QUOTED_BLANKS) {
        q->blanks[q->blank_n++] = c;
        q->state = SOFT;
    } else if (q->state == ESCAPE && ms_hex_digit(c) >= 0) {
        q->digit = c;
        q->state = ESCAPE_DIGIT;
    } else {
        broken(q, out, c);
    }
}

static void take_byte(struct ms_quoted *q, struct ms_buffer *out, uint8_t c)
{
    switch ((enum state)q->state) {
    case TEXT:
        take_text(q, out, c);
        break;
    case TEXT_CR: /* blanks before a CR that ends no line are content */
        if (c == '\n')
            drop_blanks(q);
        put_blanks(q, out);
        put(out, '\r');
        q->state = TEXT;
        take_text(q, out, c);
        break;
    case ESCAPE:
    case SOFT:
        take_escape(q, out, c);
        break;
    case ESCAPE_DIGIT:
        if (ms_hex_digit(c) < 0) {
            broken(q, out, c);
            break;
        }
        q->lower |= q->digit >= 'a' || c >= 'a';
        put(out, (uint8_t)(ms_hex_digit(q->digit) << 4 | ms_hex_digit(c)));
        q->state = TEXT;
        break;
    case SOFT_CR:
        q->state = TEXT;
        if (c != '\n')
            take_text(q, out, c);
        break;
    }
}

/* A stretch without escapes, in one copy. Returns the bytes used; 0 leaves the next byte to take_byte. */
static size_t copy_run(struct ms_buffer *out, struct ms_bytes in)
{
    size_t end = ms_find_either(in, '=', '\n'), keep = end, line_end = 0;
    if (end < in.n && in.p[end] == '\n') {
        line_end = 1;
        if (keep && in.p[keep - 1] == '\r') {
            keep--;
            line_end = 2;
        }
    }
    if (end == in.n && keep && in.p[keep - 1] == '\r')
        keep--; /* it may belong to a line end */
    size_t text = keep;
    while ((line_end || end == in.n) && text && ms_is_blank(in.p[text - 1]))
        text--;
    memcpy(out->p + out->n, in.p, text);
    out->n += text;
    if (!line_end || text == 0 || keep - text > MS_QUOTED_BLANKS)
        return text; /* the blanks go one by one: they may have begun before */
    memcpy(out->p + out->n, in.p + keep, line_end);
    out->n += line_end;
    return keep + line_end;
}

static size_t whole_escape(struct ms_buffer *out, struct ms_bytes in)
{
    int high = in.n >= 3 && in.p[0] == '=' ? ms_hex_digit(in.p[1]) : -1;
    int low = high >= 0 ? ms_hex_digit(in.p[2]) : -1;
    if (low < 0 || in.p[1] >= 'a' || in.p[2] >= 'a')
        return 0;
    put(out, (uint8_t)(high << 4 | low));
    return 3;
}

void ms_quoted_push(struct ms_quoted *q, struct ms_bytes in, struct ms_buffer *out)
{
    for (size_t at = 0; at < in.n;) {
        size_t used = 0;
        if (q->state == TEXT && q->blank_n == 0 && !q->long_run) {
            used = copy_run(out, ms_tail(in, at));
            if (used == 0)
                used = whole_escape(out, ms_tail(in, at));
        }
        at += used;
        if (used == 0)
            take_byte(q, out, in.p[at++]);
    }
}

void ms_quoted_finish(struct ms_quoted *q, struct ms_buffer *out)
{
    if (q->state == ESCAPE_DIGIT) {
        q->syntax = true;
        put(out, '=');
        put(out, q->digit);
    } else if (q->state == TEXT_CR) {
        put_blanks(q, out);
        put(out, '\r');
    }
    *q = (struct ms_quoted){ .syntax = q->syntax, .lower = q->lower };
}
