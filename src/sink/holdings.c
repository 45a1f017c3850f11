#include "sink/holdings.h"

static bool some(const struct ms_dfilter *f, uint64_t bits, struct ms_answers held, unsigned units)
{
    if (units == 0)
        return ms_dfilter_decide(f, bits);
    unsigned unit = (unsigned)__builtin_ctz(units), rest = units & (units - 1);
    if (some(f, bits, held, rest))
        return true;
    for (size_t i = 0; i < held.n; i++)
        if (held.p[i].unit == unit && some(f, bits | held.p[i].bits, held, rest))
            return true;
    return false;
}

bool ms_answers_decide(const struct ms_dfilter *f, uint64_t bits, struct ms_answers held, enum ms_unit own)
{
    unsigned there = 0;
    for (size_t i = 0; i < held.n; i++)
        there |= 1u << held.p[i].unit;
    return some(f, bits, held, there & ~(1u << own) & ~(1u << MS_UNIT_SESSION));
}

/* ---- open sessions ----------------------------------------------------------------------------------------------- */

static struct ms_held_session **bucket(const struct ms_held_table *t, uint64_t first_frame)
{
    return &t->buckets[ms_hash_words(first_frame, 0, 0, 0, 0) & (t->size - 1)];
}

struct ms_held_session *ms_held_find(const struct ms_held_table *t, uint64_t first_frame)
{
    struct ms_held_session *h = t->size ? *bucket(t, first_frame) : NULL;
    while (h && h->first_frame != first_frame)
        h = h->next;
    return h;
}

static void grow(struct ms_held_table *t)
{
    struct ms_held_table larger = { .count = t->count, .size = t->size ? t->size * 2 : 64 };
    larger.buckets = ms_alloc(larger.size * sizeof(struct ms_held_session *));
    for (size_t i = 0; i < t->size; i++) {
        for (struct ms_held_session *h = t->buckets[i], *next; h; h = next) {
            struct ms_held_session **to = bucket(&larger, h->first_frame);
            next = h->next;
            h->next = *to;
            *to = h;
        }
    }
    ms_free(t->buckets);
    *t = larger;
}

struct ms_held_session *ms_held_get(struct ms_held_table *t, uint64_t first_frame)
{
    struct ms_held_session *h = ms_held_find(t, first_frame);
    if (h)
        return h;
    if (t->count >= t->size)
        grow(t);
    struct ms_held_session **to = bucket(t, first_frame);
    h = ms_alloc(sizeof *h);
    *h = (struct ms_held_session){ .next = *to, .first_frame = first_frame };
    *to = h;
    t->count++;
    return h;
}

void ms_held_drop(struct ms_held_table *t, uint64_t first_frame)
{
    struct ms_held_session **at = t->size ? bucket(t, first_frame) : NULL;
    while (at && *at && (*at)->first_frame != first_frame)
        at = &(*at)->next;
    if (!at || !*at)
        return;
    struct ms_held_session *h = *at;
    *at = h->next;
    t->count--;
    ms_buffer_finish(&h->answers);
    ms_free(h);
}

void ms_held_finish(struct ms_held_table *t)
{
    for (size_t i = 0; i < t->size; i++) {
        for (struct ms_held_session *h = t->buckets[i], *next; h; h = next) {
            next = h->next;
            ms_buffer_finish(&h->answers);
            ms_free(h);
        }
    }
    ms_free(t->buckets);
}

bool ms_held_add(struct ms_held_session *h, struct ms_answer a, uint64_t most)
{
    struct ms_answers held = ms_held_answers(h);
    for (size_t i = 0; i < held.n; i++)
        if (held.p[i].unit == a.unit && held.p[i].bits == a.bits)
            return true;
    if (held.n >= most)
        return false;
    ms_buffer_append(&h->answers, (struct ms_bytes){ (const uint8_t *)&a, sizeof a });
    return true;
}
