#include "engine/answers.h"

#include "base/hash.h"



enum { MISSED = 65536, NAME_BYTES = 255 }; /* a power of two: one in a slot, a newer one takes the place of an older */

struct ms_answers {
    struct ms_dns_store *store;
    struct ms_resolver   stored, also; /* also.ask NULL: nobody else is asked */
    void               (*look_ahead)(void *ctx);
    void                *ctx;
    uint64_t            *missed;   /* hashes of questions; NULL while none was missed */
    bool                 late;
};

struct ms_answers *ms_answers_create(const struct ms_limits *limits)
{
    struct ms_answers *a = ms_alloc(sizeof *a);
    a->store = ms_dns_store_create(limits);
    a->stored = ms_dns_store_resolver(a->store);
    return a;
}

void ms_answers_destroy(struct ms_answers *a)
{
    if (!a)
        return;
    ms_dns_store_destroy(a->store);
    ms_free(a->missed);
    ms_free(a);
}

void ms_answers_on_missing(struct ms_answers *a, void (*look_ahead)(void *ctx), void *ctx)
{
    a->look_ahead = look_ahead;
    a->ctx = ctx;
}

void ms_answers_ask_also(struct ms_answers *a, struct ms_resolver also) { a->also = also; }

/* Never 0, which is an empty slot. */
static uint64_t question(struct ms_bytes name, uint16_t type)
{
    uint8_t key[NAME_BYTES + 2];
    size_t  n = name.n < NAME_BYTES ? name.n : NAME_BYTES;
    for (size_t i = 0; i < n; i++)
        key[i] = ms_lower(name.p[i]);
    key[n] = (uint8_t)type;
    key[n + 1] = (uint8_t)(type >> 8);
    return ms_hash((struct ms_bytes){ key, n + 2 }) | 1;
}

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct ms_answers *a = ctx;
    enum ms_answer     answer = a->stored.ask(a->stored.ctx, name, type, out);
    if (answer != MS_ANSWER_UNKNOWN)
        return answer;
    if (a->look_ahead) {
        void (*look_ahead)(void *) = a->look_ahead;
        a->look_ahead = NULL;
        look_ahead(a->ctx);
        answer = a->stored.ask(a->stored.ctx, name, type, out);
        if (answer != MS_ANSWER_UNKNOWN)
            return answer;
    }
    if (!a->missed)
        a->missed = ms_alloc(MISSED * sizeof *a->missed);
    uint64_t hash = question(name, type);
    a->missed[(hash >> 1) % MISSED] = hash;
    return a->also.ask ? a->also.ask(a->also.ctx, name, type, out) : answer;
}

void ms_answers_learn(struct ms_answers *a, const struct ms_lookup *l)
{
    ms_dns_store_learn(a->store, l);
    if (!a->missed || a->late || !l->answered)
        return;
    uint64_t hash = question(l->name, l->type);
    a->late = a->missed[(hash >> 1) % MISSED] == hash;
}

struct ms_resolver ms_answers_resolver(struct ms_answers *a) { return (struct ms_resolver){ ask, a }; }
bool     ms_answers_came_late(const struct ms_answers *a) { return a->late; }
uint64_t ms_answers_dropped(const struct ms_answers *a) { return ms_dns_store_dropped(a->store); }
