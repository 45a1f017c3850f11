/* auth/dns_store.c - answers seen in the capture: by name and type, the latest counts.
 *
 * BUGS     TTLs are not looked at: what a resolver got is what the receiver of the mail could know. Answers of which a part is missing are
 *          not kept. An alias whose end is not in the same answer is followed at the question, up to CHAIN names.          */
#include "auth/dns.h"
#include "base/hash.h"
#include "base/text.h"
#include "net/aged.h"

enum { CHAIN = 8, COST_BYTES = 256, ANY_TYPE = 0 };

struct entry {
    struct ms_aged_node  node;
    struct ms_bytes      alias;  /* where to look on; empty: here it is */
    enum ms_answer       answer;
    uint32_t             cost;
    size_t               n;
    struct ms_dns_record at[];   /* the bytes of their values stand behind them */
};
struct ms_dns_store { struct ms_aged entries; uint64_t cost, room, dropped; };

struct ms_dns_store *ms_dns_store_create(const struct ms_limits *limits)
{
    struct ms_dns_store *s = ms_alloc(sizeof *s);
    s->room = limits->dns_answers;
    return s;
}

void ms_dns_store_destroy(struct ms_dns_store *s)
{
    if (!s)
        return;
    ms_aged_finish(&s->entries);
    ms_free(s);
}

uint64_t ms_dns_store_dropped(const struct ms_dns_store *s) { return s->dropped; }

/* ---- names: net/dns.h escapes them as zone files do ------------------------------------------------------------ */

enum { NAME_ROOM = 256 };

/* Undoes "\032" and "\(". `to` has room for name.n bytes. */
static size_t unescape(struct ms_bytes name, uint8_t *to)
{
    size_t n = 0;
    for (size_t i = 0; i < name.n; i++) {
        uint8_t c = name.p[i];
        if (c == '\\' && i + 3 < name.n && ms_is_digit(name.p[i + 1])) {
            c = (uint8_t)((name.p[i + 1] - '0') * 100 + (name.p[i + 2] - '0') * 10 + name.p[i + 3] - '0');
            i += 3;
        } else if (c == '\\' && i + 1 < name.n) {
            c = name.p[++i];
        }
        to[n++] = c;
    }
    return n;
}

/* The key: name in lower case, type. */
static uint64_t hash_of(struct ms_bytes name, uint16_t type)
{
    uint8_t key[NAME_ROOM + 2];
    size_t  n = 0;
    for (; n < name.n && n < NAME_ROOM; n++)
        key[n] = ms_lower(name.p[n]);
    key[n++] = (uint8_t)(type >> 8);
    key[n++] = (uint8_t)type;
    return ms_hash((struct ms_bytes){ key, n });
}

static uint64_t hash_of_escaped(struct ms_bytes name, uint16_t type)
{
    uint8_t raw[4 * NAME_ROOM];
    if (name.n > sizeof raw)
        return hash_of(name, type);
    return hash_of((struct ms_bytes){ raw, unescape(name, raw) }, type);
}

/* ---- learning ------------------------------------------------------------------------------------------------- */

static void drop(struct ms_dns_store *s, struct entry *e)
{
    s->cost -= e->cost;
    ms_aged_remove(&s->entries, &e->node);
    ms_free(e);
}

static void put(struct ms_dns_store *s, struct entry *e, uint64_t hash)
{
    struct entry *old = (struct entry *)(void *)ms_aged_find(&s->entries, hash);
    if (old && e->answer == MS_ANSWER_FAILED && old->answer != MS_ANSWER_FAILED) {
        ms_aged_touch(&s->entries, &old->node);
        ms_free(e);
        return;
    }
    if (old)
        drop(s, old);
    if (e->cost > s->room) {
        s->dropped++;
        ms_free(e);
        return;
    }
    while (s->cost + e->cost > s->room) {
        drop(s, (struct entry *)(void *)s->entries.oldest);
        s->dropped++;
    }
    e->node.hash = hash;
    s->cost += e->cost;
    ms_aged_add(&s->entries, &e->node);
}

static void put_answer(struct ms_dns_store *s, enum ms_answer answer, uint64_t hash)
{
    struct entry *e = ms_alloc(sizeof *e);
    e->answer = answer;
    e->cost = 1;
    put(s, e, hash);
}

static void put_alias(struct ms_dns_store *s, struct ms_bytes target, uint64_t hash)
{
    struct entry *e = ms_alloc(sizeof *e + target.n);
    uint8_t      *text = (uint8_t *)e->at;
    e->answer = MS_ANSWER_UNKNOWN;
    e->alias = (struct ms_bytes){ text, unescape(target, text) };
    e->cost = 1;
    put(s, e, hash);
}

/* Where the CNAMEs of the answer lead. Servers give them in order; one change of places is forgiven. */
static struct ms_bytes end_of_chain(const struct ms_lookup *l)
{
    enum { PASSES = 2 };
    struct ms_bytes at = l->name;
    for (int pass = 0; pass < PASSES; pass++)
        for (size_t i = 0; i < l->answer_count; i++)
            if (l->answers[i].type == MS_DNS_CNAME && ms_equal(l->answers[i].name, at))
                at = l->answers[i].target;
    return at;
}

static bool is_asked(const struct ms_lookup *l, const struct ms_dns_answer *a, struct ms_bytes end)
{
    return a->type == l->type && ms_equal(a->name, end);
}

static struct ms_bytes value_of(const struct ms_dns_answer *a, uint8_t *to)
{
    if (a->target.n == 0)
        return (struct ms_bytes){ NULL, 0 };
    if (a->type != MS_DNS_TXT)
        return (struct ms_bytes){ to, unescape(a->target, to) };
    memcpy(to, a->target.p, a->target.n);
    return (struct ms_bytes){ to, a->target.n };
}

/* False: there are none. */
static bool put_records(struct ms_dns_store *s, const struct ms_lookup *l, struct ms_bytes end)
{
    size_t count = 0, bytes = 0;
    for (size_t i = 0; i < l->answer_count; i++)
        if (is_asked(l, &l->answers[i], end)) {
            count++;
            bytes += l->answers[i].target.n;
        }
    if (count == 0)
        return false;
    struct entry *e = ms_alloc(sizeof *e + count * sizeof *e->at + bytes);
    uint8_t      *text = (uint8_t *)(e->at + count);
    e->cost = (uint32_t)(count + bytes / COST_BYTES);
    for (size_t i = 0; i < l->answer_count; i++) {
        const struct ms_dns_answer *a = &l->answers[i];
        if (!is_asked(l, a, end))
            continue;
        struct ms_dns_record *r = &e->at[e->n++];
        *r = (struct ms_dns_record){ .value = value_of(a, text), .preference = a->preference };
        memcpy(r->ip, a->ip, sizeof r->ip);
        text += r->value.n;
    }
    put(s, e, hash_of_escaped(l->name, l->type));
    return true;
}

static void forget(struct ms_dns_store *s, uint64_t hash)
{
    struct entry *e = (struct entry *)(void *)ms_aged_find(&s->entries, hash);
    if (e)
        drop(s, e);
}

static bool is_of_use(uint16_t type)
{
    return type == MS_DNS_TXT || type == MS_DNS_MX || type == MS_DNS_A || type == MS_DNS_AAAA || type == MS_DNS_PTR || type == MS_DNS_CNAME;
}

void ms_dns_store_learn(struct ms_dns_store *s, const struct ms_lookup *l)
{
    if (!l->answered || l->incomplete || l->truncated || !is_of_use(l->type))
        return;
    uint64_t hash = hash_of_escaped(l->name, l->type);
    if (l->rcode == MS_DNS_NXDOMAIN) {
        put_answer(s, MS_ANSWER_NXDOMAIN, hash);
        if (l->answer_count == 0) /* RFC 8020: then it has no records of any type */
            put_answer(s, MS_ANSWER_NXDOMAIN, hash_of_escaped(l->name, ANY_TYPE));
        return;
    }
    if (l->rcode != MS_DNS_OK) {
        put_answer(s, MS_ANSWER_FAILED, hash);
        return;
    }
    forget(s, hash_of_escaped(l->name, ANY_TYPE));
    struct ms_bytes end = end_of_chain(l);
    if (put_records(s, l, end))
        return;
    if (ms_equal(end, l->name))
        put_answer(s, MS_ANSWER_NODATA, hash);
    else
        put_alias(s, end, hash);
}

/* ---- asking --------------------------------------------------------------------------------------------------- */

static enum ms_answer ask(void *ctx, struct ms_bytes name, uint16_t type, struct ms_dns_set *out)
{
    struct ms_dns_store *s = ctx;
    for (int i = 0; i < CHAIN; i++) {
        const struct entry *e = (const void *)ms_aged_find(&s->entries, hash_of(name, type));
        if (!e && ms_aged_find(&s->entries, hash_of(name, ANY_TYPE)))
            return MS_ANSWER_NXDOMAIN;
        if (!e)
            return MS_ANSWER_UNKNOWN;
        if (e->alias.n == 0) {
            *out = (struct ms_dns_set){ e->at, e->n };
            return e->answer;
        }
        name = e->alias;
    }
    return MS_ANSWER_FAILED; /* aliases in a circle */
}

struct ms_resolver ms_dns_store_resolver(struct ms_dns_store *s) { return (struct ms_resolver){ ask, s }; }
