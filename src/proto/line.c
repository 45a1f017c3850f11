#include "proto/line.h"

static struct ms_line make(struct ms_bytes raw, size_t limit, bool cut)
{
    struct ms_line line = { .text = raw, .cut = cut };
    if (!cut) {
        line.bare_lf = raw.n < 2 || raw.p[raw.n - 2] != '\r';
        line.text.n -= line.bare_lf ? 1 : 2;
    }
    if (line.text.n > limit) { /* its end may not be here yet: say nothing about it */
        line.text.n = limit;
        line.cut = true;
        line.bare_lf = false;
    }
    return line;
}

static void give_back(struct ms_lines *l)
{
    if (l->rest.p)
        ms_buffer_finish(&l->rest);
}

bool ms_line_next(struct ms_lines *l, struct ms_bytes *in, size_t limit, struct ms_line *out)
{
    if (l->rest.n && ms_at(ms_buffer_bytes(&l->rest), l->rest.n - 1) == '\n')
        give_back(l); /* the line of the last call */
    if (l->dropping && in->n) {
        size_t lf = ms_find(*in, '\n');
        *in = ms_tail(*in, lf + 1);
        l->dropping = in->n == 0 && in->p[-1] != '\n';
    }
    if (in->n == 0)
        return false;
    size_t lf = ms_find(*in, '\n');
    bool   ended = lf < in->n;
    struct ms_bytes piece = ms_head(*in, ended ? lf + 1 : in->n);
    if (ended && l->rest.n == 0) {
        *in = ms_tail(*in, piece.n);
        *out = make(piece, limit, false);
        return true;
    }
    size_t room = limit + 2 > l->rest.n ? limit + 2 - l->rest.n : 0;
    if (piece.n > room) {
        ms_buffer_append(&l->rest, ms_head(piece, room));
        *out = make(ms_head(ms_buffer_bytes(&l->rest), limit), limit, true);
        l->rest.p[l->rest.n - 1] = '\n'; /* marks the buffer as spent */
        l->dropping = !ended;
        *in = ms_tail(*in, piece.n);
        return true;
    }
    ms_buffer_append(&l->rest, piece);
    *in = ms_tail(*in, piece.n);
    if (!ended)
        return false;
    *out = make(ms_buffer_bytes(&l->rest), limit, false);
    return true;
}

bool ms_line_gap(struct ms_lines *l)
{
    bool begun = l->rest.n && l->rest.p[l->rest.n - 1] != '\n';
    give_back(l);
    l->dropping = true;
    return begun;
}

void ms_line_finish(struct ms_lines *l) { ms_buffer_finish(&l->rest); }
