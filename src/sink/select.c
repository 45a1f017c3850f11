#include "sink/select.h"

#include "sink/holdings.h"

#include <stdlib.h>

struct waiting { uint64_t bits, ticket; uint32_t next, session; }; /* next: an index from 1; 0 is the end */
struct late { uint64_t bits, ticket; uint32_t session; };
struct ended { uint64_t first_frame, last_frame, bits; uint32_t id; bool other; };
struct found { uint64_t bits; uint32_t session; };
struct class_ { uint64_t bits; struct ms_answers held; }; /* of a session that has ended: its own bits and its answers */

struct ms_select {
    struct ms_select_options o;
    uint32_t             units;
    struct ms_collector  collectors[MS_UNIT_COUNT];
    uint16_t            *slots;      /* by field: its place in its collector */
    struct ms_writer     writer;
    struct ms_held_table open;
    struct ms_buffer     waiting;    /* struct waiting */
    uint32_t             waiting_free;
    struct ms_buffer     ended;      /* struct ended, from ended_at on: sessions of which frames may still come */
    size_t               ended_at;
    struct ms_map        classes;    /* bytes of the answers to struct class_ */
    struct ms_buffer     by_id;      /* const struct class_ *, by number of session */
    struct ms_buffer     late, found;
    uint64_t             sets_cut;
};

/* ---- asking one record ------------------------------------------------------------------------------------------- */

struct asked { struct ms_select *select; const struct ms_select_record *record; bool told; };

static void tell(struct ms_select *s, const struct ms_select_record *r)
{
    struct ms_writer *w = &s->writer;
    w->collector = &s->collectors[r->unit];
    ms_writer_start(w);
    if (r->unit == MS_UNIT_SESSION)
        ms_tell_session(w, r->session);
    else if (r->unit == MS_UNIT_EXCHANGE)
        ms_tell_exchange(w, r->session, r->exchange, r->id, true);
    else if (r->unit == MS_UNIT_MESSAGE)
        ms_tell_message(w, r->message);
    else
        ms_tell_finding(w, r->finding);
}

static void values(void *ctx, size_t field, struct ms_value_sink *to)
{
    struct asked *a = ctx;
    if (ms_filter_table()->fields[field].unit != a->record->unit)
        return;
    if (!ms_filter_record_field(field)) {
        ms_value_push(to, ms_value_none());
        return;
    }
    if (!a->told)
        tell(a->select, a->record);
    a->told = true;
    const struct ms_collected *w = &a->select->collectors[a->record->unit].wanted[a->select->slots[field]];
    for (size_t i = 0; i < w->n; i++)
        ms_value_push(to, w->values[i]);
}

uint64_t ms_select_test(struct ms_select *s, const struct ms_select_record *r)
{
    struct asked             asked = { s, r, false };
    struct ms_dfilter_source source = { values, &asked };
    return ms_dfilter_test(s->o.filter, r->unit, &source);
}

static bool matches(struct ms_select *s, const struct ms_select_record *r)
{
    struct asked             asked = { s, r, false };
    struct ms_dfilter_source source = { values, &asked };
    return ms_dfilter_matches(s->o.filter, &source);
}

struct ms_select *ms_select_create(const struct ms_select_options *o)
{
    struct ms_select *s = ms_alloc(sizeof *s);
    size_t            n;
    const uint16_t   *named = ms_dfilter_fields(o->filter, &n);
    s->o = *o;
    s->units = ms_dfilter_units(o->filter);
    s->slots = ms_alloc(ms_filter_table()->count * sizeof *s->slots);
    s->classes.cap = (uint32_t)o->limits.filter_classes;
    for (size_t i = 0; i < n; i++) {
        const struct ms_record_field *row = ms_filter_record_field(named[i]);
        const struct ms_field        *f = &ms_filter_table()->fields[named[i]];
        if (row)
            s->slots[named[i]] = (uint16_t)ms_collect_want(&s->collectors[f->unit], row->name, (enum ms_field_type)row->type);
    }
    return s;
}

void ms_select_destroy(struct ms_select *s)
{
    if (!s)
        return;
    for (int i = 0; i < MS_UNIT_COUNT; i++)
        ms_collect_finish(&s->collectors[i]);
    ms_writer_finish(&s->writer);
    ms_held_finish(&s->open);
    ms_map_finish(&s->classes);
    ms_buffer_finish(&s->waiting);
    ms_buffer_finish(&s->ended);
    ms_buffer_finish(&s->by_id);
    ms_buffer_finish(&s->late);
    ms_buffer_finish(&s->found);
    ms_free(s->slots);
    ms_free(s);
}

static bool names(const struct ms_select *s, enum ms_unit unit) { return s->units >> unit & 1; }

bool ms_select_waits(const struct ms_select *s) { return (s->units & ~(1u << s->o.own)) != 0; }

bool ms_select_wants(const struct ms_select *s, enum ms_unit unit)
{
    return unit == s->o.own || names(s, unit) || (unit == MS_UNIT_SESSION && ms_select_waits(s));
}

/* ---- records that wait for the end of their session --------------------------------------------------------------- */

static struct waiting *waiting_at(const struct ms_select *s, uint32_t i) { return (struct waiting *)(void *)s->waiting.p + (i - 1); }

static void wait_for_end(struct ms_select *s, struct ms_held_session *h, struct waiting w)
{
    uint32_t i = s->waiting_free;
    if (i) {
        s->waiting_free = waiting_at(s, i)->next;
        *waiting_at(s, i) = w;
    } else {
        ms_buffer_append(&s->waiting, (struct ms_bytes){ (const uint8_t *)&w, sizeof w });
        i = (uint32_t)(s->waiting.n / sizeof w);
    }
    if (h->waiting_last)
        waiting_at(s, h->waiting_last)->next = i;
    else
        h->waiting_first = i;
    h->waiting_last = i;
}

/* Records of one session say few different things: what was decided last is remembered. */
enum { REMEMBERED = 64 };
struct decisions { bool known[REMEMBERED], kept[REMEMBERED]; uint64_t bits[REMEMBERED]; };

static bool decide(const struct ms_select *s, struct decisions *d, uint64_t bits, struct ms_answers held)
{
    size_t at = (bits * 0x9e3779b97f4a7c15u) >> 58;
    if (!d->known[at] || d->bits[at] != bits) {
        d->known[at] = true;
        d->bits[at] = bits;
        d->kept[at] = ms_answers_decide(s->o.filter, bits, held, s->o.own);
    }
    return d->kept[at];
}

static void leave_for_findings(struct ms_select *s, const struct waiting *w, uint64_t session_bits)
{
    struct late l = { w->bits | session_bits, w->ticket, w->session };
    ms_buffer_append(&s->late, (struct ms_bytes){ (const uint8_t *)&l, sizeof l });
}

static void end_waiting(struct ms_select *s, struct ms_held_session *h, uint64_t session_bits)
{
    struct decisions d = { 0 };
    for (uint32_t i = h->waiting_first, next; i; i = next) {
        struct waiting w = *waiting_at(s, i);
        next = w.next;
        waiting_at(s, i)->next = s->waiting_free;
        s->waiting_free = i;
        if (names(s, MS_UNIT_FINDING))
            leave_for_findings(s, &w, session_bits);
        else
            s->o.decided(s->o.ctx, w.ticket, decide(s, &d, w.bits | session_bits, ms_held_answers(h)));
    }
    h->waiting_first = h->waiting_last = 0;
}

/* ---- what ended sessions leave for findings ------------------------------------------------------------------------ */

static int by_answer(const void *a, const void *b)
{
    const struct ms_answer *x = a, *y = b;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    return x->bits < y->bits ? -1 : x->bits > y->bits;
}

static void leave_class(struct ms_select *s, uint32_t id, uint64_t bits, struct ms_held_session *h)
{
    struct ms_answer   own = { MS_UNIT_SESSION, bits };
    const struct ms_answers held = h ? ms_held_answers(h) : (struct ms_answers){ 0 };
    size_t             at = id * sizeof(struct class_ *);
    if (bits == 0 && held.n == 0)
        return; /* what is not known of says nothing either */
    struct ms_buffer key = { 0 };
    if (held.n)
        qsort(h->answers.p, held.n, sizeof own, by_answer);
    ms_buffer_append(&key, (struct ms_bytes){ (const uint8_t *)&own, sizeof own });
    ms_buffer_append(&key, (struct ms_bytes){ (const uint8_t *)held.p, held.n * sizeof own });
    void **place = ms_map_put(&s->classes, ms_buffer_bytes(&key));
    if (place && !*place) {
        struct class_   *c = ms_arena_alloc(&s->classes.arena, sizeof *c);
        struct ms_answer *copy = ms_arena_alloc(&s->classes.arena, held.n * sizeof *copy);
        if (held.n)
            memcpy(copy, held.p, held.n * sizeof *copy);
        *c = (struct class_){ bits, { copy, held.n } };
        *place = c;
    }
    ms_buffer_finish(&key);
    while (s->by_id.n < at + sizeof(struct class_ *))
        ms_buffer_append(&s->by_id, (struct ms_bytes){ (const uint8_t *)&(struct class_ *){ NULL }, sizeof(struct class_ *) });
    if (place)
        ((struct class_ **)(void *)s->by_id.p)[id] = *place;
}

static struct class_ class_of(const struct ms_select *s, uint32_t id)
{
    const struct class_ *c = id < s->by_id.n / sizeof c ? ((struct class_ **)(void *)s->by_id.p)[id] : NULL;
    return c ? *c : (struct class_){ 0 };
}

static void end_session(struct ms_select *s, const struct ended *e)
{
    struct ms_held_session *h = ms_held_find(&s->open, e->first_frame);
    if (!e->other && (names(s, MS_UNIT_FINDING) || s->o.own == MS_UNIT_FINDING))
        leave_class(s, e->id, e->bits, h);
    if (h && !e->other)
        end_waiting(s, h, e->bits);
    if (h)
        ms_held_drop(&s->open, e->first_frame);
}

/* Frames come later than the records of their session: it ends when its last frame was handed over. */
static void end_before(struct ms_select *s, uint64_t frame)
{
    const struct ended *e = (const struct ended *)(const void *)s->ended.p;
    size_t              n = s->ended.n / sizeof *e;
    for (; s->ended_at < n && e[s->ended_at].last_frame < frame; s->ended_at++)
        end_session(s, &e[s->ended_at]);
    if (s->ended_at && s->ended_at >= n / 2) {
        ms_buffer_consume(&s->ended, s->ended_at * sizeof *e);
        s->ended_at = 0;
    }
}

static void end_or_wait(struct ms_select *s, struct ended e)
{
    if (names(s, MS_UNIT_FRAME))
        ms_buffer_append(&s->ended, (struct ms_bytes){ (const uint8_t *)&e, sizeof e });
    else
        end_session(s, &e);
}

/* ---- taking -------------------------------------------------------------------------------------------------------- */

static void add_answer(struct ms_select *s, uint64_t first_frame, struct ms_answer a)
{
    if (a.bits && !ms_held_add(ms_held_get(&s->open, first_frame), a, s->o.limits.filter_sets))
        s->sets_cut++;
}

static void take_finding(struct ms_select *s, const struct ms_select_record *r)
{
    struct found f = { ms_select_test(s, r), r->finding->session };
    if (f.bits && f.session)
        ms_buffer_append(&s->found, (struct ms_bytes){ (const uint8_t *)&f, sizeof f });
}

void ms_select_take(struct ms_select *s, const struct ms_select_record *r, uint64_t ticket)
{
    if (r->unit == MS_UNIT_FINDING) {
        take_finding(s, r);
        return;
    }
    const struct ms_session *of = r->session;
    uint64_t                 bits = ms_select_test(s, r);
    if (r->unit == s->o.own)
        wait_for_end(s, ms_held_get(&s->open, of->first_frame), (struct waiting){ bits, ticket, 0, of->id });
    if (r->unit == MS_UNIT_SESSION)
        end_or_wait(s, (struct ended){ of->first_frame, of->last_frame, bits, of->id, false });
    else if (r->unit != s->o.own)
        add_answer(s, of->first_frame, (struct ms_answer){ r->unit, bits });
}

bool ms_select_frame(void *select, const struct ms_frame *f)
{
    struct ms_select *s = select;
    end_before(s, f->packet->number);
    if (f->opened)
        add_answer(s, f->opened, (struct ms_answer){ MS_UNIT_FRAME, ms_filter_test_frame(s->o.filter, f) });
    return false;
}

void ms_select_other(struct ms_select *s, const struct ms_session *other)
{
    if (names(s, MS_UNIT_FRAME))
        end_or_wait(s, (struct ended){ .first_frame = other->first_frame, .last_frame = other->last_frame, .other = true });
}

bool ms_select_keeps(struct ms_select *s, const struct ms_select_record *r)
{
    if (!ms_select_waits(s))
        return matches(s, r);
    end_before(s, UINT64_MAX);
    struct class_ c = class_of(s, r->finding->session);
    return ms_answers_decide(s->o.filter, ms_select_test(s, r) | c.bits, c.held, s->o.own);
}

/* ---- the end of the capture ---------------------------------------------------------------------------------------- */

static int by_session(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    if (x->session != y->session)
        return x->session < y->session ? -1 : 1;
    return x->bits < y->bits ? -1 : x->bits > y->bits;
}

static int by_ticket(const void *a, const void *b)
{
    const struct late *x = a, *y = b;
    return x->ticket < y->ticket ? -1 : x->ticket > y->ticket;
}

static size_t first_found(const struct ms_select *s, uint32_t session)
{
    const struct found *f = (const struct found *)(const void *)s->found.p;
    size_t              low = 0, high = s->found.n / sizeof *f;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (f[middle].session < session)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The answers of the session's records, and those of its findings. */
static bool decide_late(struct ms_select *s, const struct late *l)
{
    struct class_           c = class_of(s, l->session);
    struct ms_held_session  all = { 0 };
    const struct found     *f = (const struct found *)(const void *)s->found.p;
    size_t                  n = s->found.n / sizeof *f;
    ms_buffer_append(&all.answers, (struct ms_bytes){ (const uint8_t *)c.held.p, c.held.n * sizeof *c.held.p });
    bool room = true;
    for (size_t i = first_found(s, l->session); room && i < n && f[i].session == l->session; i++)
        room = ms_held_add(&all, (struct ms_answer){ MS_UNIT_FINDING, f[i].bits }, s->o.limits.filter_sets);
    s->sets_cut += !room;
    bool kept = ms_answers_decide(s->o.filter, l->bits, ms_held_answers(&all), s->o.own);
    ms_buffer_finish(&all.answers);
    return kept;
}

void ms_select_finish(struct ms_select *s)
{
    end_before(s, UINT64_MAX);
    struct late *late = (struct late *)(void *)s->late.p;
    size_t       n = s->late.n / sizeof *late;
    if (s->found.n)
        qsort(s->found.p, s->found.n / sizeof(struct found), sizeof(struct found), by_session);
    if (n)
        qsort(late, n, sizeof *late, by_ticket);
    for (size_t i = 0; i < n; i++)
        s->o.decided(s->o.ctx, late[i].ticket, decide_late(s, &late[i]));
    s->late.n = 0;
}

uint64_t ms_select_cut(const struct ms_select *s, enum ms_limit limit)
{
    return limit == MS_LIMIT_filter_sets ? s->sets_cut : limit == MS_LIMIT_filter_classes ? s->classes.refused : 0;
}
