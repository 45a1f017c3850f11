#include "sink/members.h"

#include "sink/holdings.h"

#include <stdlib.h>

/* Frames of one connection; of a finding, whose frames may be anybody's, `pair` is 0. */
struct run { uint64_t pair, from, to, bits; uint32_t unit; };

struct ms_members {
    const struct ms_dfilter *filter;
    struct ms_select *select;
    struct ms_buffer  runs;      /* struct run; sorted when closed */
    uint64_t most, sets_most, runs_cut, sets_cut;
    bool     full;
};

struct ms_members *ms_members_create(const struct ms_dfilter *filter, const struct ms_limits *limits)
{
    struct ms_members *m = ms_alloc(sizeof *m);
    m->filter = filter;
    m->select = ms_select_create(&(struct ms_select_options){ .filter = filter, .own = MS_UNIT_FRAME, .limits = *limits });
    m->most = limits->frame_records;
    m->sets_most = limits->filter_sets;
    return m;
}

void ms_members_destroy(struct ms_members *m)
{
    if (!m)
        return;
    ms_select_destroy(m->select);
    ms_buffer_finish(&m->runs);
    ms_free(m);
}

bool ms_members_wants(const struct ms_members *m, enum ms_unit unit) { return unit != MS_UNIT_FRAME && ms_dfilter_units(m->filter) >> unit & 1; }

/* ---- first pass ------------------------------------------------------------------------------------------------ */

static struct run *runs_of(const struct ms_members *m, size_t *n)
{
    *n = m->runs.n / sizeof(struct run);
    return (struct run *)(void *)m->runs.p;
}

static int by_class(const struct run *a, const struct run *b)
{
    if (a->pair != b->pair)
        return a->pair < b->pair ? -1 : 1;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return a->bits < b->bits ? -1 : a->bits > b->bits;
}

static int by_place(const void *x, const void *y)
{
    const struct run *a = x, *b = y;
    int               order = by_class(a, b);
    return order ? order : a->from < b->from ? -1 : a->from > b->from;
}

/* Sorted; what overlaps and says the same becomes one. */
static void merge(struct ms_members *m)
{
    size_t      n, kept = 0;
    struct run *r = runs_of(m, &n);
    if (n)
        qsort(r, n, sizeof *r, by_place);
    for (size_t i = 0; i < n; i++) {
        struct run *last = kept ? &r[kept - 1] : NULL;
        if (!last || by_class(last, &r[i]) != 0 || r[i].from > last->to + 1)
            r[kept++] = r[i];
        else if (r[i].to > last->to)
            last->to = r[i].to;
    }
    m->runs.n = kept * sizeof *r;
}

/* At the limit they are merged, which pays as long as it makes room for as many again. */
static bool has_room(struct ms_members *m)
{
    size_t most = (size_t)m->most * sizeof(struct run);
    if (m->runs.n < most && !m->full)
        return true;
    if (!m->full)
        merge(m);
    m->full = m->runs.n > most / 2;
    m->runs_cut += m->full;
    return !m->full;
}

static void add(struct ms_members *m, struct run r)
{
    if (r.bits && r.from && r.from <= r.to && has_room(m))
        ms_buffer_append(&m->runs, (struct ms_bytes){ (const uint8_t *)&r, sizeof r });
}

static uint64_t pair_of(const struct ms_session *s)
{
    struct ms_segment g = { .src_port = s->client.port, .dst_port = s->server.port };
    memcpy(g.src, s->client.ip, sizeof g.src);
    memcpy(g.dst, s->server.ip, sizeof g.dst);
    return ms_segment_hash(&g);
}

static void take_finding(struct ms_members *m, const struct ms_finding *f, struct run r)
{
    for (size_t i = 0; i < f->frame_count; i++) {
        r.from = r.to = f->frames[i];
        add(m, r);
    }
}

/* From the command to the reply, or the one of them that there is. */
static void take_exchange(struct ms_members *m, const struct ms_exchange *x, struct run r)
{
    uint64_t last = x->reply_last_frame > x->reply_frame ? x->reply_last_frame : x->reply_frame;
    r.from = x->frame ? x->frame : x->reply_frame;
    r.to = last > r.from ? last : r.from;
    add(m, r);
}

static void take_message(struct ms_members *m, const struct ms_message *message, struct run r)
{
    r.from = message->first_frame;
    r.to = message->last_frame;
    add(m, r);
    r.from = r.to = message->reply_frame;
    add(m, r);
}

void ms_members_take(struct ms_members *m, const struct ms_select_record *r)
{
    struct run run = { .bits = ms_select_test(m->select, r), .unit = r->unit };
    if (run.bits == 0)
        return;
    if (r->unit == MS_UNIT_FINDING) {
        take_finding(m, r->finding, run);
        return;
    }
    run.pair = pair_of(r->session);
    if (r->unit == MS_UNIT_EXCHANGE) {
        take_exchange(m, r->exchange, run);
    } else if (r->unit == MS_UNIT_MESSAGE) {
        take_message(m, r->message, run);
    } else {
        run.from = r->session->first_frame;
        run.to = r->session->last_frame;
        add(m, run);
    }
}

/* Of one pair only so many classes: a frame is asked of each. */
static void bound_classes(struct ms_members *m)
{
    size_t      n, kept = 0, classes = 0;
    struct run *r = runs_of(m, &n);
    for (size_t i = 0; i < n; i++) {
        bool same_pair = kept && r[kept - 1].pair == r[i].pair;
        if (!same_pair)
            classes = 1;
        else if (by_class(&r[kept - 1], &r[i]) != 0)
            classes++;
        if (classes <= m->sets_most)
            r[kept++] = r[i];
        else
            m->sets_cut++;
    }
    m->runs.n = kept * sizeof *r;
}

void ms_members_close(struct ms_members *m)
{
    merge(m);
    bound_classes(m);
}

/* ---- second pass ----------------------------------------------------------------------------------------------- */

/* The first run that does not stand before `key`, by `order`. */
static size_t first_from(const struct ms_members *m, const struct run *key, int (*order)(const void *, const void *))
{
    size_t            n, low = 0;
    const struct run *r = runs_of(m, &n);
    while (low < n) {
        size_t middle = low + (n - low) / 2;
        if (order(&r[middle], key) < 0)
            low = middle + 1;
        else
            n = middle;
    }
    return low;
}

struct answers { struct ms_answer *p; size_t n; uint64_t session; };

/* What the runs of this pair say of a frame. */
static void look_up(const struct ms_members *m, uint64_t pair, uint64_t frame, struct answers *out)
{
    size_t            n;
    const struct run *r = runs_of(m, &n);
    struct run        key = { .pair = pair };
    for (size_t i = first_from(m, &key, by_place); i < n && r[i].pair == pair;) {
        key = r[i];
        key.from = frame + 1;
        size_t behind = first_from(m, &key, by_place); /* of this class */
        if (behind > i && r[behind - 1].to >= frame) {
            if (key.unit == MS_UNIT_SESSION)
                out->session |= key.bits;
            else
                out->p[out->n++] = (struct ms_answer){ key.unit, key.bits };
        }
        key.from = UINT64_MAX;
        i = first_from(m, &key, by_place);
    }
}

bool ms_members_match(const struct ms_members *m, const struct ms_frame *f)
{
    struct answers of = { .p = ms_arena_alloc(f->scratch, 2 * (size_t)m->sets_most * sizeof *of.p) };
    if (f->decoded == MS_DECODED_TCP)
        look_up(m, ms_segment_hash(&f->segment), f->packet->number, &of);
    look_up(m, 0, f->packet->number, &of);
    return ms_answers_decide(m->filter, ms_filter_test_frame(m->filter, f) | of.session, (struct ms_answers){ of.p, of.n }, MS_UNIT_FRAME);
}

uint64_t ms_members_cut(const struct ms_members *m, enum ms_limit limit)
{
    return limit == MS_LIMIT_frame_records ? m->runs_cut : limit == MS_LIMIT_filter_sets ? m->sets_cut : 0;
}
