/* net/dns_lookup.c - queries and answers that belong together.
 *
 * Key      client, resolver, type and name. Port and id tell answers to a query that waits from others; the last TRIES of them
 *          are known, so the answer to an earlier try counts, too.
 * State    a lookup waits, is handed up, and for dns_seconds is remembered as answered, for answers that come twice.
 *
 * BUGS     two programs of one client that ask one resolver the same at the same time are one lookup with two tries. */
#include "net/dns_private.h"

#include "base/hash.h"

enum { TRIES = 4, WITHOUT_QUESTION = 64 };
static const int64_t AGAIN_NS = 10000000; /* closer copies of a query come from the tap, not from the client */

struct waiting {
    struct ms_aged_node node;
    struct ms_endpoint client, resolver; /* as of the first query */
    uint64_t frame, answer_frame;
    int64_t  sent, replied;
    int64_t  last_sent, last_clock;      /* of the last query: its time, the clock then */
    uint16_t ports[TRIES], ids[TRIES];   /* of the last queries, tries % TRIES is the next */
    uint16_t type, name_length;
    uint8_t  rcode, tries;
    bool     answered, truncated, over_tcp;
    uint8_t  name[];
};

struct done { struct ms_aged_node node; int64_t time, clock; uint16_t port, id; };

struct ms_dns {
    struct ms_dns_sink     sink;
    struct ms_aged    waiting, done;
    struct ms_dns_names    names;
    struct ms_dns_scratch *scratch;
    uint64_t               cap;      /* of `waiting` and of `done` */
    int64_t                patience; /* ns */
    int64_t                clock;    /* latest time seen */
};

struct ms_dns *ms_dns_create(const struct ms_limits *limits, const struct ms_dns_sink *sink)
{
    struct ms_dns *d = ms_alloc(sizeof *d);
    uint64_t       seconds = limits->dns_seconds < 1000000 ? limits->dns_seconds : 1000000;
    d->sink = *sink;
    d->cap = limits->dns_lookups ? limits->dns_lookups : 1;
    d->patience = (int64_t)seconds * 1000000000;
    d->names.cap = limits->dns_names;
    d->clock = INT64_MIN;
    return d;
}

void ms_dns_destroy(struct ms_dns *d)
{
    if (!d)
        return;
    ms_aged_finish(&d->waiting);
    ms_aged_finish(&d->done);
    ms_dns_names_finish(&d->names);
    ms_free(d->scratch);
    ms_free(d);
}

static struct waiting *oldest_waiting(const struct ms_dns *d) { return (struct waiting *)(void *)d->waiting.oldest; }
static struct waiting *newest_waiting(const struct ms_dns *d) { return (struct waiting *)(void *)d->waiting.newest; }

/* ---- handing up ------------------------------------------------------------------------------------------------ */

static struct ms_lookup lookup_of(const struct waiting *w)
{
    return (struct ms_lookup){
        .client = w->client, .resolver = w->resolver, .name = { w->name, w->name_length }, .type = w->type, .rcode = w->rcode,
        .tries = w->tries, .answered = w->answered, .truncated = w->truncated, .over_tcp = w->over_tcp, .incomplete = w->truncated,
        .frame = w->frame, .answer_frame = w->answer_frame, .sent = w->sent, .replied = w->replied,
    };
}

static void hand_up(struct ms_dns *d, const struct ms_lookup *l)
{
    uint64_t dropped = d->names.dropped;
    ms_dns_names_learn(&d->names, l);
    if (d->names.dropped != dropped && d->sink.limit)
        d->sink.limit(d->sink.ctx, MS_LIMIT_dns_names);
    if (d->sink.lookup)
        d->sink.lookup(d->sink.ctx, l);
}

/* No answer came, or none but a truncated one. */
static void give_up(struct ms_dns *d, struct waiting *w, int64_t now)
{
    struct ms_lookup l = lookup_of(w);
    l.until = w->answered ? w->replied : now > w->last_sent ? now : w->last_sent;
    hand_up(d, &l);
    ms_aged_remove(&d->waiting, &w->node);
    ms_free(w);
}

static bool is_over(const struct ms_dns *d, int64_t clock, int64_t time, int64_t now) /* by both, since one packet may have a wrong time */
{
    return d->clock - clock > d->patience && now - time > d->patience;
}

static void expire(struct ms_dns *d, int64_t now)
{
    d->clock = now > d->clock ? now : d->clock;
    for (struct waiting *w; (w = oldest_waiting(d)) && is_over(d, w->last_clock, w->last_sent, now);)
        give_up(d, w, now);
    for (struct done *o; (o = (struct done *)(void *)d->done.oldest) && is_over(d, o->clock, o->time, now);) {
        ms_aged_remove(&d->done, &o->node);
        ms_free(o);
    }
}

void ms_dns_finish(struct ms_dns *d)
{
    while (d->waiting.oldest)
        give_up(d, oldest_waiting(d), d->clock);
}

/* ---- queries --------------------------------------------------------------------------------------------------- */

static uint64_t key_of(const struct ms_endpoint *client, const struct ms_endpoint *resolver, const struct ms_dns_read *m)
{
    uint8_t key[34 + MS_DNS_NAME_TEXT];
    memcpy(key, client->ip, 16);
    memcpy(key + 16, resolver->ip, 16);
    key[32] = (uint8_t)(m->type >> 8);
    key[33] = (uint8_t)m->type;
    if (m->name.n)
        memcpy(key + 34, m->name.p, m->name.n);
    return ms_hash((struct ms_bytes){ key, 34 + m->name.n });
}

static void note_try(struct ms_dns *d, struct waiting *w, const struct ms_dns_packet *p, uint16_t id)
{
    w->ports[w->tries % TRIES] = p->from.port;
    w->ids[w->tries % TRIES] = id;
    w->tries = (uint8_t)(w->tries + (w->tries < UINT8_MAX));
    w->over_tcp |= p->tcp;
    w->last_sent = p->time;
    w->last_clock = d->clock;
}

static bool is_try(const struct waiting *w, uint16_t port, uint16_t id)
{
    for (size_t i = 0; i < TRIES && i < w->tries; i++)
        if (w->ports[i] == port && w->ids[i] == id)
            return true;
    return false;
}

static void open_lookup(struct ms_dns *d, const struct ms_dns_packet *p, const struct ms_dns_read *m, uint64_t key)
{
    if (d->waiting.count >= d->cap) {
        if (d->sink.limit)
            d->sink.limit(d->sink.ctx, MS_LIMIT_dns_lookups);
        give_up(d, oldest_waiting(d), p->time);
    }
    struct waiting *w = ms_alloc(sizeof *w + m->name.n);
    w->node.hash = key;
    w->client = p->from;
    w->resolver = p->to;
    w->client.name = w->resolver.name = (struct ms_bytes){ NULL, 0 };
    w->frame = p->frame;
    w->sent = p->time;
    w->replied = MS_UNKNOWN;
    w->type = m->type;
    w->name_length = (uint16_t)m->name.n;
    memcpy(w->name, m->name.p, m->name.n);
    note_try(d, w, p, m->id);
    ms_aged_add(&d->waiting, &w->node);
}

/* The answer was there first: a tap that swapped them, or that shows each packet twice. */
static bool is_answered_already(const struct ms_dns *d, const struct ms_dns_packet *p, uint16_t id, uint64_t key)
{
    const struct done *o = (const void *)ms_aged_find(&d->done, key);
    return o && o->id == id && o->port == p->from.port && p->time - o->time < AGAIN_NS && o->time - p->time < AGAIN_NS;
}

static void query(struct ms_dns *d, const struct ms_dns_packet *p, const struct ms_dns_read *m)
{
    uint64_t        key = key_of(&p->from, &p->to, m);
    struct waiting *w = (struct waiting *)(void *)ms_aged_find(&d->waiting, key);
    if (w && p->time - w->last_sent > d->patience) {
        give_up(d, w, p->time);
        w = NULL;
    }
    if (w && is_try(w, p->from.port, m->id) && p->time - w->last_sent < AGAIN_NS)
        return;
    if (w) {
        note_try(d, w, p, m->id);
        ms_aged_touch(&d->waiting, &w->node);
    } else if (!is_answered_already(d, p, m->id, key)) {
        open_lookup(d, p, m, key);
    }
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

static void remember_done(struct ms_dns *d, const struct ms_dns_packet *p, uint16_t id, uint64_t key)
{
    struct done *o = (struct done *)(void *)ms_aged_find(&d->done, key);
    if (o) {
        ms_aged_touch(&d->done, &o->node);
    } else if (d->done.count >= d->cap) {
        o = (struct done *)(void *)d->done.oldest;
        ms_aged_remove(&d->done, &o->node);
        o->node.hash = key;
        ms_aged_add(&d->done, &o->node);
    } else {
        o = ms_alloc(sizeof *o);
        o->node.hash = key;
        ms_aged_add(&d->done, &o->node);
    }
    o->time = p->time;
    o->clock = d->clock;
    o->port = p->to.port;
    o->id = id;
}

static void add_answers(struct ms_lookup *l, const struct ms_dns_packet *p, const struct ms_dns_read *m)
{
    l->answers = m->answers;
    l->answer_count = m->answer_count;
    l->incomplete = m->incomplete || m->truncated;
    l->until = p->time;
}

static void answer(struct ms_dns *d, struct waiting *w, const struct ms_dns_packet *p, const struct ms_dns_read *m)
{
    w->answered = true;
    w->rcode = m->rcode;
    w->answer_frame = p->frame;
    w->replied = p->time;
    w->truncated |= m->truncated;
    w->over_tcp |= p->tcp;
    struct ms_lookup l = lookup_of(w);
    add_answers(&l, p, m);
    if (m->truncated && !p->tcp) { /* it goes on over TCP, most likely; until then clients may use what is there */
        ms_dns_names_learn(&d->names, &l);
        return;
    }
    hand_up(d, &l);
    ms_aged_remove(&d->waiting, &w->node);
    remember_done(d, p, m->id, w->node.hash);
    ms_free(w);
}

static void answer_without_query(struct ms_dns *d, const struct ms_dns_packet *p, const struct ms_dns_read *m, uint64_t key)
{
    if (ms_aged_find(&d->done, key))
        return;
    struct ms_lookup l = {
        .client = p->to, .resolver = p->from, .name = m->name, .type = m->type, .rcode = m->rcode, .answered = true,
        .truncated = m->truncated, .over_tcp = p->tcp, .answer_frame = p->frame, .sent = MS_UNKNOWN, .replied = p->time,
    };
    add_answers(&l, p, m);
    hand_up(d, &l);
    remember_done(d, p, m->id, key);
}

/* An error may come without its question: among the last ones that wait. */
static struct waiting *find_by_id(const struct ms_dns *d, const struct ms_dns_packet *p, uint16_t id)
{
    struct waiting *w = newest_waiting(d);
    for (int i = 0; w && i < WITHOUT_QUESTION; i++, w = (struct waiting *)(void *)w->node.older)
        if (is_try(w, p->to.port, id) && memcmp(w->client.ip, p->to.ip, 16) == 0 && memcmp(w->resolver.ip, p->from.ip, 16) == 0)
            return w;
    return NULL;
}

static void response(struct ms_dns *d, const struct ms_dns_packet *p, const struct ms_dns_read *m)
{
    uint64_t        key = m->has_question ? key_of(&p->to, &p->from, m) : 0;
    struct waiting *w = m->has_question ? (struct waiting *)(void *)ms_aged_find(&d->waiting, key) : find_by_id(d, p, m->id);
    if (w && is_try(w, p->to.port, m->id))
        answer(d, w, p, m);
    else if (!w && m->has_question)
        answer_without_query(d, p, m, key);
}

void ms_dns_message(struct ms_dns *d, const struct ms_dns_packet *p)
{
    struct ms_dns_read m;
    if (!d->scratch)
        d->scratch = ms_alloc(sizeof *d->scratch);
    expire(d, p->time);
    if (!ms_dns_read(p->message, d->scratch, &m))
        return;
    if (m.response && p->from.port == 53)
        response(d, p, &m);
    else if (!m.response && p->to.port == 53)
        query(d, p, &m);
}

bool ms_dns_name_of(const struct ms_dns *d, const uint8_t client[16], const uint8_t ip[16], struct ms_dns_name *out)
{
    return ms_dns_names_find(&d->names, client, ip, out);
}
