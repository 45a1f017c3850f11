#include "imap_private.h"

/* ---- physical lines ------------------------------------------------------------------------------------------
 * A line that does not end in this chunk is kept: its first line_bytes, and behind them its last KEEP raw bytes, so that a
 * literal announced at the end of a line of any length is seen. What comes out does not depend on the cuts.         */

enum { KEEP = IMAP_TAIL + 2 };

struct imap_side *imap_side_get(struct imap *im, enum ms_dir dir)
{
    if (!im->side[dir])
        im->side[dir] = ms_alloc(sizeof *im->side[dir]);
    return im->side[dir];
}

void imap_side_release(struct imap *im, enum ms_dir dir)
{
    struct imap_side *s = im->side[dir];
    if (!s)
        return;
    if (s->spent) {
        ms_buffer_finish(&s->rest);
        s->spent = s->over = false;
    }
    if (s->rest.n || s->in_literal || s->building || s->fetch)
        return;
    ms_buffer_finish(&s->rest);
    ms_free(s);
    im->side[dir] = NULL;
}

/* `raw` ends with LF. `over`: its first line_bytes are the line's beginning, the rest are the line's last bytes. */
static void make_line(const struct imap_ctx *x, struct ms_bytes raw, bool over, struct imap_line *out)
{
    size_t          limit = imap_line_limit(x->h);
    struct ms_bytes text = ms_head(raw, raw.n - 1);
    out->bare_lf = !text.n || text.p[text.n - 1] != '\r';
    text.n -= !out->bare_lf;
    struct ms_bytes tailed = over ? ms_tail(text, limit) : text;
    out->tail = tailed.n > IMAP_TAIL ? ms_tail(tailed, tailed.n - IMAP_TAIL) : tailed;
    out->cut = over || text.n > limit;
    out->text = ms_head(text, limit);
    if (out->cut)
        x->h->ops->limit(x->h, MS_LIMIT_line_bytes);
}

static void keep_part(struct imap_side *s, struct ms_bytes part, size_t limit)
{
    size_t room = limit + KEEP - s->rest.n;
    if (part.n <= room) {
        ms_buffer_append(&s->rest, part);
        return;
    }
    s->over = true;
    if (s->rest.n < limit) {
        size_t first = limit - s->rest.n;
        ms_buffer_append(&s->rest, ms_head(part, first));
        part = ms_tail(part, first);
    }
    if (part.n > KEEP)
        part = ms_tail(part, part.n - KEEP);
    size_t behind = s->rest.n - limit, drop = behind + part.n > KEEP ? behind + part.n - KEEP : 0;
    if (drop) {
        memmove(s->rest.p + limit, s->rest.p + limit + drop, behind - drop);
        s->rest.n -= drop;
    }
    ms_buffer_append(&s->rest, part);
}

bool imap_line_next(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes *in, struct imap_line *out)
{
    size_t            limit = imap_line_limit(x->h), lf = ms_find(*in, '\n');
    bool              ended = lf < in->n;
    struct ms_bytes   part = ms_head(*in, ended ? lf + 1 : in->n);
    struct imap_side *s = x->im->side[dir];
    *in = ms_tail(*in, part.n);
    if (ended && (!s || s->rest.n == 0)) {
        make_line(x, part, false, out);
        out->frame = x->frame;
        out->time = x->time;
        return true;
    }
    s = imap_side_get(x->im, dir);
    if (s->rest.n == 0) {
        s->frame = x->frame;
        s->time = x->time;
    }
    keep_part(s, part, limit);
    if (!ended)
        return false;
    make_line(x, ms_buffer_bytes(&s->rest), s->over, out);
    out->frame = s->frame;
    out->time = s->time;
    s->spent = true;
    return true;
}

/* ---- tokens ---------------------------------------------------------------------------------------------- */

/* RFC 9051 literal, literal8; RFC 7888 "{n+}". "{n-}" is seen in the wild and means the same. */
bool imap_literal_at_end(struct ms_bytes text, struct imap_literal *out)
{
    if (text.n < 3 || text.p[text.n - 1] != '}')
        return false;
    size_t end = text.n - 1;
    bool   sync = text.p[end - 1] != '+' && text.p[end - 1] != '-';
    if (!sync)
        end--;
    size_t at = end;
    while (at && end - at < 21 && ms_is_digit(text.p[at - 1]))
        at--;
    uint64_t n;
    if (at == 0 || text.p[at - 1] != '{' || !ms_parse_u64(ms_slice(text, at, end - at), &n))
        return false;
    at--;
    if (at && text.p[at - 1] == '~')
        at--;
    *out = (struct imap_literal){ .n = n, .sync = sync, .head = text.n - at };
    return true;
}

size_t imap_quoted_size(struct ms_bytes b)
{
    size_t i = 1;
    while (i < b.n && b.p[i] != '"')
        i += b.p[i] == '\\' ? 2 : 1;
    return i < b.n ? i + 1 : b.n;
}

static size_t list_size(struct ms_bytes b)
{
    size_t i = 0, depth = 0;
    do {
        if (b.p[i] == '"') {
            i += imap_quoted_size(ms_tail(b, i));
            continue;
        }
        depth += b.p[i] == '(';
        depth -= b.p[i] == ')';
        i++;
    } while (i < b.n && depth);
    return i;
}

struct ms_bytes imap_take_argument(struct ms_bytes *rest)
{
    while (rest->n && ms_is_blank(rest->p[0]))
        *rest = ms_tail(*rest, 1);
    size_t n = 0;
    if (ms_at(*rest, 0) == '"')
        n = imap_quoted_size(*rest);
    else if (ms_at(*rest, 0) == '(')
        n = list_size(*rest);
    else
        while (n < rest->n && !ms_is_blank(rest->p[n]))
            n++;
    struct ms_bytes token = ms_head(*rest, n);
    *rest = ms_tail(*rest, n);
    return token;
}

void imap_unquote(struct ms_bytes token, struct ms_buffer *out)
{
    if (ms_at(token, 0) != '"') {
        ms_buffer_append(out, token);
        return;
    }
    size_t end = token.n > 1 && imap_quoted_size(token) == token.n && token.p[token.n - 1] == '"' ? token.n - 1 : token.n;
    for (size_t i = 1, run; i < end; i += run) {
        if (token.p[i] == '\\' && i + 1 < end)
            i++;
        run = 1;
        while (i + run < end && token.p[i + run] != '\\')
            run++;
        ms_buffer_append(out, ms_slice(token, i, run));
    }
}
