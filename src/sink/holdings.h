/* sink/holdings.h - what the records of one session say to a filter: the different bit vectors (dfilter/dfilter.h), by kind of record. */
#pragma once
#include "base/hash.h"
#include "sink/filter.h"

struct ms_answer { uint64_t unit, bits; };
struct ms_answers { const struct ms_answer *p; size_t n; };

/* Is the filter true of `bits` with at most one answer of each unit but `own` and that of sessions, which are in `bits`? At most
 * filter_sets answers: a bounded number of combinations. */
bool ms_answers_decide(const struct ms_dfilter *f, uint64_t bits, struct ms_answers held, enum ms_unit own);

/* Sessions that are open, by their first frame. */
struct ms_held_session {
    struct ms_held_session *next;
    uint64_t         first_frame;
    struct ms_buffer answers;       /* struct ms_answer */
    uint32_t         waiting_first, waiting_last; /* records that wait: indexes from 1; 0 none */
};
struct ms_held_table { struct ms_held_session **buckets; size_t count, size; };
struct ms_held_session *ms_held_find(const struct ms_held_table *t, uint64_t first_frame); /* NULL */
struct ms_held_session *ms_held_get(struct ms_held_table *t, uint64_t first_frame);        /* made when absent */
void ms_held_drop(struct ms_held_table *t, uint64_t first_frame);
void ms_held_finish(struct ms_held_table *t);
bool ms_held_add(struct ms_held_session *h, struct ms_answer a, uint64_t most); /* false: no room for one more */
static inline struct ms_answers ms_held_answers(const struct ms_held_session *h)
{
    return (struct ms_answers){ (const struct ms_answer *)(const void *)h->answers.p, h->answers.n / sizeof(struct ms_answer) };
}
