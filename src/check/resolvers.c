/* check/resolvers.c - resolvers that are slow as a rule: one slow lookup is the name's fault, many are the resolver's.
 *
 * Counts   lookups that mail needs and that were answered at the first try, so that lost packets are not taken for slowness.
 * Memory   one map, bounded by the limit `groups`.                                                                    */
#include "check/private.h"
#include "net/dns.h"

#include <stdio.h>

enum { SLOW_LEAST = 3, SLOW_SHARE = 5 }; /* so many, and one of so many */
static const int64_t SLOW_NS = 1000000000;

struct resolver { struct ms_case k; uint32_t lookups, slow; int64_t longest; };
struct ms_resolvers { struct ms_map map; };

struct ms_resolvers *ms_resolvers_create(const struct ms_limits *limits)
{
    struct ms_resolvers *r = ms_alloc(sizeof *r);
    r->map.cap = ms_groups_cap(limits);
    return r;
}

void ms_resolvers_destroy(struct ms_resolvers *r)
{
    ms_map_finish(&r->map);
    ms_free(r);
}

static struct resolver *resolver_of(struct ms_resolvers *r, const struct ms_lookup *l)
{
    void **at = ms_map_put(&r->map, (struct ms_bytes){ l->resolver.ip, 16 });
    if (!at)
        return NULL;
    if (!*at) {
        struct resolver *v = *at = ms_arena_alloc(&r->map.arena, sizeof *v);
        v->k = (struct ms_case){ .fact = ms_fact_of(MS_RULE_DNS_SLOW), .client = l->client, .server = l->resolver, .protocol = MS_PROTO_NONE };
        v->k.client.name = v->k.server.name = (struct ms_bytes){ NULL, 0 };
    }
    return *at;
}

void ms_resolvers_lookup(struct ms_resolvers *r, const struct ms_lookup *l)
{
    int64_t          took = ms_span(l->sent, l->replied);
    struct resolver *v = l->answered && l->tries <= 1 && took != MS_UNKNOWN ? resolver_of(r, l) : NULL;
    if (!v)
        return;
    v->lookups++;
    if (took < SLOW_NS)
        return;
    v->slow++;
    v->longest = took > v->longest ? took : v->longest;
    ms_fact_frame(&v->k.fact, l->frame);
    ms_fact_frame(&v->k.fact, l->answer_frame);
}

void ms_resolvers_finish(struct ms_resolvers *r, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < r->map.count; i++) {
        struct resolver *v = r->map.entries[i].value;
        char             text[96];
        if (v->slow < SLOW_LEAST || v->slow < v->lookups / SLOW_SHARE)
            continue;
        int n = snprintf(text, sizeof text, "%u of %u lookups for mail took 1 s or more, the longest %.1f s", v->slow, v->lookups, (double)v->longest / 1e9);
        v->k.fact.detail = (struct ms_bytes){ (const uint8_t *)text, n > 0 && (size_t)n < sizeof text ? (size_t)n : 0 };
        v->k.fact.duration = v->longest;
        v->k.fact.count = v->slow;
        report(ctx, &v->k);
    }
}

uint64_t ms_resolvers_refused(const struct ms_resolvers *r) { return r->map.refused; }
