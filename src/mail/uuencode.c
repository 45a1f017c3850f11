#include "mail/uuencode.h"

static bool is_begin(struct ms_bytes line, struct ms_bytes *name)
{
    if (line.n < 10 || memcmp(line.p, "begin ", 6) != 0)
        return false;
    struct ms_bytes rest = ms_tail(line, 6), mode = ms_take_word(&rest);
    if (mode.n < 3 || mode.n > 4)
        return false;
    for (size_t i = 0; i < mode.n; i++)
        if (mode.p[i] < '0' || mode.p[i] > '7')
            return false;
    *name = ms_trim(rest);
    return name->n > 0;
}

struct ms_bytes ms_uu_name(const struct ms_uu *u)
{
    struct ms_bytes name = { NULL, 0 };
    is_begin((struct ms_bytes){ u->line, u->line_n }, &name);
    return name;
}

/* The bytes of one data line; false when it cannot be one. */
static bool decode(struct ms_bytes line, struct ms_buffer *out)
{
    if (line.n == 0 || line.p[0] < 32 || line.p[0] > 96)
        return false;
    size_t want = (line.p[0] - 32u) & 63u, chars = (want + 2) / 3 * 4;
    if (line.n - 1 > chars + 2)
        return false;
    uint32_t bits = 0;
    for (size_t i = 0, made = 0; i < chars; i++) {
        uint8_t c = i + 1 < line.n ? line.p[i + 1] : ' ';
        if (c < 32 || c > 96)
            return false;
        bits = bits << 6 | ((c - 32u) & 63u);
        if (i % 4 != 3)
            continue;
        for (int shift = 16; shift >= 0 && made < want; shift -= 8, made++)
            out->p[out->n + made] = (uint8_t)(bits >> shift);
    }
    out->n += want;
    return true;
}

static enum ms_uu_event judge(struct ms_uu *u, struct ms_buffer *out)
{
    struct ms_bytes line = { u->line, u->line_n }, name;
    if (line.n && line.p[line.n - 1] == '\r')
        line.n--;
    bool skip = u->skip_line;
    u->skip_line = false;
    if (skip)
        return MS_UU_MORE;
    if (u->long_line)
        return MS_UU_OTHER;
    if (is_begin(line, &name)) { /* never a data line: 'b' is beyond their alphabet */
        u->inside = true;
        return MS_UU_BEGIN;
    }
    if (!u->inside)
        return MS_UU_OTHER;
    if (line.n == 0)
        return MS_UU_MORE;
    if (line.n == 3 && memcmp(line.p, "end", 3) == 0) {
        u->inside = false;
        return MS_UU_END;
    }
    return decode(line, out) ? MS_UU_DATA_LINE : MS_UU_OTHER;
}

size_t ms_uu_push(struct ms_uu *u, struct ms_bytes in, struct ms_buffer *out, enum ms_uu_event *event)
{
    if (u->line_n && u->line[u->line_n - 1] == '\n')
        u->line_n = 0;
    size_t lf = ms_find(in, '\n'), room = MS_UU_LINE - 1u - u->line_n; /* one for the line end */
    size_t copy = lf < room ? lf : room;
    if (u->line_n == 0)
        u->long_line = false;
    u->long_line |= lf > room;
    if (copy)
        memcpy(u->line + u->line_n, in.p, copy);
    u->line_n = (uint16_t)(u->line_n + copy);
    *event = MS_UU_MORE;
    if (lf == in.n)
        return in.n;
    *event = judge(u, out);
    u->line[u->line_n++] = '\n'; /* marks it as done */
    return lf + 1;
}

enum ms_uu_event ms_uu_finish(struct ms_uu *u, struct ms_buffer *out)
{
    if (u->line_n == 0 || u->line[u->line_n - 1] == '\n')
        return MS_UU_MORE;
    return judge(u, out);
}
