#include "frame/partial.h"

bool ms_partial_holds(const struct ms_partial *p, uint32_t seq)
{
    uint32_t offset = seq - p->begin;
    return p->size ? offset < p->size : offset == p->bytes.n;
}

static bool add_gap(struct ms_partial *p, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < MS_PARTIAL_GAPS; i++) {
        if (p->gap[i].from != p->gap[i].to)
            continue;
        p->gap[i].from = from;
        p->gap[i].to = to;
        return true;
    }
    return false;
}

/* What lies in the gap is there now; a gap that was wider on both sides becomes two. */
static bool narrow(struct ms_partial *p, size_t i, uint32_t from, uint32_t to)
{
    uint32_t end = p->gap[i].to;
    if (to <= p->gap[i].from || from >= end)
        return true;
    if (from > p->gap[i].from) {
        p->gap[i].to = from;
        return to >= end || add_gap(p, to, end);
    }
    p->gap[i].from = to < end ? to : end;
    return true;
}

static bool open_gap(struct ms_partial *p, uint32_t to)
{
    static const uint8_t zeros[1024];
    if (!add_gap(p, (uint32_t)p->bytes.n, to))
        return false;
    while (p->bytes.n < to)
        ms_buffer_append(&p->bytes, ms_head((struct ms_bytes){ zeros, sizeof zeros }, to - p->bytes.n));
    return true;
}

size_t ms_partial_place(struct ms_partial *p, uint32_t seq, struct ms_bytes bytes)
{
    uint32_t        from = seq - p->begin;
    struct ms_bytes own = p->size ? ms_head(bytes, p->size - from) : bytes;
    if (from > p->bytes.n && !open_gap(p, from))
        return 0;
    for (size_t i = 0; i < MS_PARTIAL_GAPS; i++)
        if (!narrow(p, i, from, from + (uint32_t)own.n))
            return 0;
    size_t known = p->bytes.n - from < own.n ? p->bytes.n - from : own.n;
    if (known)
        memcpy(p->bytes.p + from, own.p, known);
    if (own.n > known)
        ms_buffer_append(&p->bytes, ms_tail(own, known));
    return own.n;
}

bool ms_partial_is_whole(const struct ms_partial *p)
{
    for (size_t i = 0; i < MS_PARTIAL_GAPS; i++)
        if (p->gap[i].from != p->gap[i].to)
            return false;
    return p->bytes.n >= p->size;
}

void ms_partial_consume(struct ms_partial *p, size_t n)
{
    p->begin += (uint32_t)n;
    ms_buffer_consume(&p->bytes, n);
}

void ms_partial_finish(struct ms_partial *p)
{
    ms_buffer_finish(&p->bytes);
    ms_free(p);
}
