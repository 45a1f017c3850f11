#include "sink/selection.h"

#include "base/hash.h"

#include <stdlib.h>

enum { HOSTS_BYTES = 32, FLOW_BYTES = 36, LOOKUPS = 3 };

/* A session that may be wanted, and the frames outside of its stream that belong to it. */
struct aside { uint32_t id; uint64_t frames[LOOKUPS]; };

struct ms_selection {
    struct ms_buffer streams, sessions; /* bits by number */
    struct ms_buffer begins, numbers;   /* uint64_t frame numbers: of those the whole stream; of those alone */
    struct ms_buffer asides;            /* struct aside */
    struct ms_map    hosts, flows;      /* address pairs; with ports. Keys do not depend on the direction */
    size_t           begin_at, number_at;
    uint64_t         tunnel_depth;
};

struct ms_selection *ms_selection_create(const struct ms_limits *limits)
{
    struct ms_selection *s = ms_alloc(sizeof *s);
    s->tunnel_depth = limits->tunnel_depth;
    return s;
}

void ms_selection_destroy(struct ms_selection *s)
{
    ms_buffer_finish(&s->streams);
    ms_buffer_finish(&s->sessions);
    ms_buffer_finish(&s->begins);
    ms_buffer_finish(&s->numbers);
    ms_buffer_finish(&s->asides);
    ms_map_finish(&s->hosts);
    ms_map_finish(&s->flows);
    ms_free(s);
}

/* ---- sets --------------------------------------------------------------------------------------------------- */

static void set_bit(struct ms_buffer *bits, uint64_t i)
{
    static const uint8_t zeros[4096];
    while (bits->n <= i / 8)
        ms_buffer_append(bits, (struct ms_bytes){ zeros, sizeof zeros });
    bits->p[i / 8] |= (uint8_t)(1u << i % 8);
}

static bool has_bit(const struct ms_buffer *bits, uint64_t i) { return i / 8 < bits->n && bits->p[i / 8] >> i % 8 & 1; }

static void add_number(struct ms_buffer *to, uint64_t frame)
{
    if (frame)
        ms_buffer_append(to, (struct ms_bytes){ (const uint8_t *)&frame, sizeof frame });
}

static int by_number(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void sort(struct ms_buffer *b)
{
    if (b->n)
        qsort(b->p, b->n / sizeof(uint64_t), sizeof(uint64_t), by_number);
}

/* Frames are asked for in order: *at moves along. */
static bool passes(const struct ms_buffer *sorted, size_t *at, uint64_t frame)
{
    const uint64_t *n = (const uint64_t *)(const void *)sorted->p;
    while (*at < sorted->n / sizeof *n && n[*at] < frame)
        ++*at;
    return *at < sorted->n / sizeof *n && n[*at] == frame;
}

struct pair { uint8_t bytes[FLOW_BYTES]; };

/* The lower end first. */
static struct pair pair_of(const struct ms_endpoint *a, const struct ms_endpoint *b)
{
    struct pair p;
    int         order = memcmp(a->ip, b->ip, 16);
    bool        swap = order ? order > 0 : a->port > b->port;
    const struct ms_endpoint *low = swap ? b : a, *high = swap ? a : b;
    memcpy(p.bytes, low->ip, 16);
    memcpy(p.bytes + 16, high->ip, 16);
    const uint8_t ports[4] = { (uint8_t)(low->port >> 8), (uint8_t)low->port, (uint8_t)(high->port >> 8), (uint8_t)high->port };
    memcpy(p.bytes + HOSTS_BYTES, ports, 4);
    return p;
}

static void put(struct ms_map *m, struct ms_bytes key)
{
    void **at = ms_map_put(m, key);
    if (at)
        *at = m; /* anything but NULL */
}

static void add_pair(struct ms_selection *s, const struct ms_endpoint *a, const struct ms_endpoint *b)
{
    struct pair flow = pair_of(a, b);
    put(&s->flows, (struct ms_bytes){ flow.bytes, FLOW_BYTES });
    put(&s->hosts, (struct ms_bytes){ flow.bytes, HOSTS_BYTES });
}

static struct pair pair_of_segment(const struct ms_segment *g)
{
    struct ms_endpoint from = { .port = g->src_port }, to = { .port = g->dst_port };
    memcpy(from.ip, g->src, 16);
    memcpy(to.ip, g->dst, 16);
    return pair_of(&from, &to);
}

/* ---- first pass ---------------------------------------------------------------------------------------------- */

static struct aside aside_of(const struct ms_session *n)
{
    struct aside a = { .id = n->id };
    if (n->lookup) {
        a.frames[0] = n->lookup->frame;
        a.frames[1] = n->lookup->answer_frame;
    }
    a.frames[2] = n->obstacle ? n->obstacle->frame : 0;
    return a;
}

static void add_aside(struct ms_selection *s, const struct aside *a)
{
    for (size_t i = 0; i < LOOKUPS; i++)
        add_number(&s->numbers, a->frames[i]);
}

void ms_selection_whole(struct ms_selection *s, const struct ms_session *n)
{
    struct aside a = aside_of(n);
    add_aside(s, &a);
    add_number(&s->begins, n->first_frame);
    add_pair(s, &n->client, &n->server);
}

void ms_selection_session(struct ms_selection *s, const struct ms_session *n)
{
    struct aside a = aside_of(n);
    if (a.frames[0] || a.frames[1] || a.frames[2])
        ms_buffer_append(&s->asides, (struct ms_bytes){ (const uint8_t *)&a, sizeof a });
}

void ms_selection_number(struct ms_selection *s, uint64_t frame) { add_number(&s->numbers, frame); }

void ms_selection_frame(struct ms_selection *s, const struct ms_frame *f)
{
    if (!f->has_stream) {
        ms_selection_number(s, f->packet->number);
        return;
    }
    if (f->session)
        set_bit(&s->sessions, f->session);
    if (has_bit(&s->streams, f->stream.stream))
        return;
    set_bit(&s->streams, f->stream.stream);
    struct ms_endpoint from = { .port = f->segment.src_port }, to = { .port = f->segment.dst_port };
    memcpy(from.ip, f->segment.src, 16);
    memcpy(to.ip, f->segment.dst, 16);
    add_pair(s, &from, &to);
}

void ms_selection_close(struct ms_selection *s)
{
    const struct aside *a = (const struct aside *)(const void *)s->asides.p;
    for (size_t i = 0; i < s->asides.n / sizeof *a; i++)
        if (has_bit(&s->sessions, a[i].id))
            add_aside(s, &a[i]);
    sort(&s->begins);
    sort(&s->numbers);
}

void ms_selection_rewind(struct ms_selection *s) { s->begin_at = s->number_at = 0; }

/* ---- second pass --------------------------------------------------------------------------------------------- */

/* The innermost addresses of a frame that could not be read as more than IP. */
static bool hosts_wanted(const struct ms_selection *s, const struct ms_packet *p)
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    struct ms_layers     layers;
    struct ms_endpoint   from = { 0 }, to = { 0 };
    bool                 found = false;
    ms_layers_of(p->link_type, p->data, p->length, s->tunnel_depth, &layers);
    for (size_t i = 0; i < layers.count; i++) {
        struct ms_bytes b = ms_slice(p->data, layers.layer[i].at, layers.layer[i].captured);
        bool            v4 = layers.layer[i].kind == MS_L_IPV4;
        if (b.n < (v4 ? 20 : 40) || (!v4 && layers.layer[i].kind != MS_L_IPV6))
            continue;
        found = true;
        memcpy(from.ip, v4 ? mapped : b.p + 8, v4 ? 12 : 16);
        memcpy(to.ip, v4 ? mapped : b.p + 24, v4 ? 12 : 16);
        if (v4) {
            memcpy(from.ip + 12, b.p + 12, 4);
            memcpy(to.ip + 12, b.p + 16, 4);
        }
    }
    struct pair pair = pair_of(&from, &to);
    return found && ms_map_get(&s->hosts, (struct ms_bytes){ pair.bytes, HOSTS_BYTES });
}

bool ms_selection_has(struct ms_selection *s, const struct ms_frame *f)
{
    bool begins = passes(&s->begins, &s->begin_at, f->packet->number);
    bool named = passes(&s->numbers, &s->number_at, f->packet->number);
    if (begins && f->has_stream)
        set_bit(&s->streams, f->stream.stream);
    if (named || begins || (f->has_stream && has_bit(&s->streams, f->stream.stream)))
        return true;
    if (f->decoded == MS_DECODED_FRAGMENT || f->decoded == MS_DECODED_CUT)
        return hosts_wanted(s, f->packet);
    struct pair flow = pair_of_segment(&f->segment);
    return f->decoded == MS_DECODED_ICMP && ms_map_get(&s->flows, (struct ms_bytes){ flow.bytes, FLOW_BYTES });
}
