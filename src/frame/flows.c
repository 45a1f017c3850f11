#include "frame/flows.h"

#include "base/hash.h"
#include "net/aged.h"

#define AGAIN INT64_C(5000000000) /* ns; a query that comes again later is a new one, as in Wireshark */

struct udp_stream { struct ms_aged_node node; uint64_t number; int64_t first, last; };
struct asked { struct ms_aged_node node; uint64_t frame, answer; int64_t time; };

struct pieces { struct ms_aged_node node; uint32_t count; uint64_t frames[MS_PIECES]; }; /* of one IP packet */

struct ms_flows {
    struct ms_aged udp, dns, pings, packets;
    uint64_t       next, most; /* next: number of a stream */
};

struct ms_flows *ms_flows_create(const struct ms_limits *limits)
{
    struct ms_flows *f = ms_alloc(sizeof *f);
    f->most = limits->streams;
    return f;
}

void ms_flows_destroy(struct ms_flows *f)
{
    if (!f)
        return;
    ms_aged_finish(&f->udp);
    ms_aged_finish(&f->dns);
    ms_aged_finish(&f->pings);
    ms_aged_finish(&f->packets);
    ms_free(f);
}

static void *add(const struct ms_flows *f, struct ms_aged *x, uint64_t hash, size_t size)
{
    if (x->count >= f->most && x->oldest) {
        struct ms_aged_node *oldest = x->oldest;
        ms_aged_remove(x, oldest);
        ms_free(oldest);
    }
    struct ms_aged_node *n = ms_alloc(size);
    n->hash = hash;
    ms_aged_add(x, n);
    return n;
}

/* Times of a damaged capture may lie further apart than can be told. */
static int64_t between(int64_t from, int64_t to)
{
    int64_t took;
    return __builtin_sub_overflow(to, from, &took) ? 0 : took;
}

/* ---- UDP ---------------------------------------------------------------------------------------------------------------- */

static void see_udp(struct ms_flows *f, uint64_t hash, int64_t time, struct ms_udp_seen *out)
{
    struct udp_stream *s = (struct udp_stream *)(void *)ms_aged_find(&f->udp, hash);
    if (!s) {
        s = add(f, &f->udp, hash, sizeof *s);
        s->number = f->next++;
        s->first = s->last = time;
    }
    ms_aged_touch(&f->udp, &s->node);
    if (out->count < MS_UDP_SEEN)
        out->at[out->count++] = (struct ms_udp_at){ s->number, between(s->first, time), between(s->last, time) };
    s->last = time;
}

static bool read_addresses(const struct ms_layer_at *l, struct ms_bytes b, struct ms_segment *g)
{
    if (l->kind == MS_L_IPV4 && b.n >= 20) {
        memcpy(g->src, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
        memcpy(g->dst, g->src, 12);
        memcpy(g->src + 12, b.p + 12, 4);
        memcpy(g->dst + 12, b.p + 16, 4);
        return true;
    }
    if (l->kind != MS_L_IPV6 || b.n < 40)
        return false;
    memcpy(g->src, b.p + 8, 16);
    memcpy(g->dst, b.p + 24, 16);
    return true;
}

/* ---- pings ---------------------------------------------------------------------------------------------------------------- */

static void ask(struct ms_flows *f, struct ms_aged *x, uint64_t hash, const struct ms_packet *p)
{
    struct asked *a = (struct asked *)(void *)ms_aged_find(x, hash);
    if (!a)
        a = add(f, x, hash, sizeof *a);
    ms_aged_touch(x, &a->node);
    a->frame = p->number;
    a->time = p->time;
    a->answer = 0;
}

static void see_ping(struct ms_flows *f, const struct ms_segment *g, struct ms_bytes icmp, const struct ms_packet *p, struct ms_pair_seen *out)
{
    uint8_t type = ms_at(icmp, 0);
    bool    request = type == 8 || type == 128;
    if (icmp.n < 8 || !(request || type == 0 || type == 129))
        return;
    struct ms_segment both = *g;
    both.src_port = both.dst_port = ms_be16(icmp.p + 4);
    uint64_t      hash = ms_hash_words(ms_segment_hash(&both), ms_be16(icmp.p + 6), 0, 0, 0);
    struct asked *a = (struct asked *)(void *)ms_aged_find(&f->pings, hash);
    if (request)
        ask(f, &f->pings, hash, p);
    else if (a && !a->answer) {
        out->request = a->frame;
        out->took = between(a->time, p->time);
        a->answer = p->number;
    }
}

/* ---- fragments ------------------------------------------------------------------------------------------------------------------ */

/* The frame is a fragment, the last layer is its IP header (IPv6: its fragment header, the one of IP before it). */
static void see_fragment(struct ms_flows *f, const struct ms_segment *g, struct ms_bytes header, bool v6, const struct ms_seen *seen)
{
    uint64_t id = v6 && header.n >= 8 ? ms_be32(header.p + 4) : header.n >= 10 ? (uint64_t)ms_be16(header.p + 4) << 8 | header.p[9] : 0;
    struct ms_segment none = *g;
    none.src_port = none.dst_port = 0;
    uint64_t       hash = ms_hash_words(ms_segment_hash(&none), id, v6, 0, 0);
    struct pieces *p = (struct pieces *)(void *)ms_aged_find(&f->packets, hash);
    if (!p)
        p = add(f, &f->packets, hash, sizeof *p);
    ms_aged_touch(&f->packets, &p->node);
    if (p->count < MS_PIECES)
        p->frames[p->count++] = seen->packet->number;
    if (!seen->joined.p)
        return;
    seen->pieces->count = p->count;
    memcpy(seen->pieces->frames, p->frames, p->count * sizeof *p->frames);
    ms_aged_remove(&f->packets, &p->node);
    ms_free(p);
}

void ms_flows_packet(struct ms_flows *f, const struct ms_seen *seen)
{
    const struct ms_layers   *layers = seen->layers;
    const struct ms_layer_at *fragment = NULL;
    struct ms_segment         g = { 0 };
    for (size_t i = 0; i < layers->count; i++) {
        const struct ms_layer_at *l = &layers->layer[i];
        struct ms_bytes           b = ms_slice(l->joined ? seen->joined : seen->packet->data, l->at, l->captured);
        bool                      ip = read_addresses(l, b, &g);
        bool                      last = i + 1 == layers->count ? layers->end == MS_L_KEPT : !l->joined && layers->layer[i + 1].joined;
        if (last && (l->kind == MS_L_IPV4 || l->kind == MS_L_PROTOCOL) && !fragment) {
            fragment = l;
            see_fragment(f, &g, b, l->kind == MS_L_PROTOCOL, seen);
        }
        if (ip)
            continue;
        if (l->kind == MS_L_UDP && b.n >= 8) {
            g.src_port = ms_be16(b.p);
            g.dst_port = ms_be16(b.p + 2);
            see_udp(f, ms_segment_hash(&g), seen->packet->time, seen->udp);
        } else if (l->kind == MS_L_ICMP && i < layers->quoted) {
            see_ping(f, &g, b, seen->packet, seen->ping);
        }
    }
}

/* ---- DNS ------------------------------------------------------------------------------------------------------------------ */

void ms_flows_dns(struct ms_flows *f, const struct ms_segment *from, struct ms_bytes message, const struct ms_packet *p, struct ms_pair_seen *out)
{
    if (message.n < 12)
        return;
    uint64_t      hash = ms_hash_words(ms_segment_hash(from), ms_be16(message.p), 0, 0, 0);
    struct asked *a = (struct asked *)(void *)ms_aged_find(&f->dns, hash);
    bool          response = message.p[2] & 0x80;
    if (!response && a && !a->answer && between(a->time, p->time) < AGAIN)
        out->repeats = a->frame;
    else if (!response)
        ask(f, &f->dns, hash, p);
    else if (!a)
        out->unsolicited = true;
    else if (a->answer) {
        out->repeats = a->answer;
    } else {
        out->request = a->frame;
        out->took = between(a->time, p->time);
        a->answer = p->number;
    }
}
