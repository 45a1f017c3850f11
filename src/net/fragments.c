#include "net/fragments.h"

#include "base/hash.h"

enum { UNIT = 8, PACKET_MAX = 65535, WORDS = 65536 / UNIT / 64, BUCKETS_MAX = 65536, BUFFER_MIN = 2048 };

struct datagram {
    struct ms_fragment key;              /* of the first fragment seen; data, offset and length are stale */
    struct datagram   *chain;            /* same bucket; or the next of the free or joined ones */
    struct datagram   *older, *newer;    /* by arrival of the first fragment */
    uint8_t           *data;
    size_t             size;             /* of data */
    uint32_t           total;            /* 0 until the last fragment came */
    uint32_t           high;             /* highest end of a fragment */
    uint32_t           captured;         /* offset of the first byte that the snap length cut away */
    uint32_t           units;            /* set in `seen` */
    uint64_t           fragments;
    uint64_t           seen[WORDS];      /* one bit for each 8 bytes */
};

struct ms_fragments {
    struct ms_decode_counts *counts;
    struct datagram **buckets;
    struct datagram  *oldest, *newest, *joined, *spare;
    size_t   mask, waiting, bytes;
    uint64_t packets_max, bytes_max;
};

struct ms_fragments *ms_fragments_create(const struct ms_limits *limits, struct ms_decode_counts *counts)
{
    struct ms_fragments *f = ms_alloc(sizeof *f);
    size_t buckets = 16;
    while (buckets < limits->fragment_packets && buckets < BUCKETS_MAX)
        buckets *= 2;
    f->counts = counts;
    f->buckets = ms_alloc(buckets * sizeof *f->buckets);
    f->mask = buckets - 1;
    f->packets_max = limits->fragment_packets;
    f->bytes_max = limits->fragment_bytes;
    return f;
}

static uint64_t word(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static struct datagram **bucket(const struct ms_fragments *f, const struct ms_fragment *k)
{
    uint64_t rest = (uint64_t)k->id << 16 | (uint64_t)k->version << 8 | (k->version == 4 ? k->protocol : 0);
    uint64_t hash = ms_hash_words(word(k->src), word(k->src + 8), word(k->dst), word(k->dst + 8), rest);
    return &f->buckets[hash & f->mask];
}

static bool same_key(const struct ms_fragment *a, const struct ms_fragment *b)
{
    return a->id == b->id && a->version == b->version && (a->version != 4 || a->protocol == b->protocol)
        && memcmp(a->src, b->src, sizeof a->src) == 0 && memcmp(a->dst, b->dst, sizeof a->dst) == 0;
}

static bool is_late(const struct datagram *d, int64_t now) /* capture times may go backwards, or be nonsense */
{
    return now > d->key.time && (uint64_t)now - (uint64_t)d->key.time > (uint64_t)MS_FRAGMENT_NS;
}

static void unlink_datagram(struct ms_fragments *f, struct datagram *d)
{
    struct datagram **at = bucket(f, &d->key);
    while (*at != d)
        at = &(*at)->chain;
    *at = d->chain;
    *(d->older ? &d->older->newer : &f->oldest) = d->newer;
    *(d->newer ? &d->newer->older : &f->newest) = d->older;
    f->waiting--;
}

static void free_datagram(struct ms_fragments *f, struct datagram *d)
{
    ms_free(d->data);
    f->bytes -= d->size;
    d->chain = f->spare;
    f->spare = d;
}

static void drop(struct ms_fragments *f, struct datagram *d) /* its fragments are in fragments_dropped since they came */
{
    unlink_datagram(f, d);
    free_datagram(f, d);
}

void ms_fragments_release(struct ms_fragments *f)
{
    while (f->joined) {
        struct datagram *d = f->joined;
        f->joined = d->chain;
        free_datagram(f, d);
    }
}

void ms_fragments_destroy(struct ms_fragments *f)
{
    if (!f)
        return;
    while (f->oldest)
        drop(f, f->oldest);
    ms_fragments_release(f);
    while (f->spare) {
        struct datagram *d = f->spare;
        f->spare = d->chain;
        ms_free(d);
    }
    ms_free(f->buckets);
    ms_free(f);
}

static struct datagram *find(struct ms_fragments *f, const struct ms_fragment *k)
{
    struct datagram *d = *bucket(f, k);
    while (d && !same_key(&d->key, k))
        d = d->chain;
    if (d && is_late(d, k->time)) {
        drop(f, d);
        return NULL;
    }
    return d;
}

static struct datagram *add_datagram(struct ms_fragments *f, const struct ms_fragment *k)
{
    while (f->waiting >= f->packets_max)
        drop(f, f->oldest);
    struct datagram *d = f->spare;
    if (d) {
        f->spare = d->chain;
        *d = (struct datagram){ .key = *k };
    } else {
        d = ms_alloc(sizeof *d);
        d->key = *k;
    }
    d->captured = UINT32_MAX;
    struct datagram **head = bucket(f, k);
    d->chain = *head;
    *head = d;
    d->older = f->newest;
    *(f->newest ? &f->newest->newer : &f->oldest) = d;
    f->newest = d;
    f->waiting++;
    return d;
}

/* Makes data at least `end` bytes. False: the limit does not allow it, and d is gone. */
static bool reserve(struct ms_fragments *f, struct datagram *d, size_t end)
{
    if (end <= d->size)
        return true;
    size_t size = d->size ? d->size * 2 : BUFFER_MIN; /* twice as much: growing costs linear time in all */
    if (size < end || f->bytes - d->size + size > f->bytes_max)
        size = end;
    while (f->bytes - d->size + size > f->bytes_max) {
        struct datagram *victim = size > f->bytes_max ? d : f->oldest;
        drop(f, victim);
        if (victim == d)
            return false;
    }
    f->bytes += size - d->size;
    d->data = ms_resize(d->data, size);
    d->size = size;
    return true;
}

static void store(struct datagram *d, const struct ms_fragment *f, uint32_t from, uint32_t end)
{
    uint32_t captured = f->offset + (uint32_t)f->data.n;
    uint32_t stop = captured < end ? captured : end;
    if (from < stop)
        memcpy(d->data + from, f->data.p + (from - f->offset), stop - from);
    if (captured < end) {
        uint32_t hole = captured > from ? captured : from;
        d->captured = d->captured < hole ? d->captured : hole;
    }
}

/* Copies what is new. True when some of it was there before. */
static bool merge(struct datagram *d, const struct ms_fragment *f)
{
    uint32_t end = f->offset + f->length, stop = (end + UNIT - 1) / UNIT;
    bool     overlap = false;
    for (uint32_t unit = f->offset / UNIT; unit < stop;) {
        uint32_t from = unit;
        for (; unit < stop && !(d->seen[unit / 64] >> unit % 64 & 1); unit++)
            d->seen[unit / 64] |= UINT64_C(1) << unit % 64;
        if (unit > from) {
            d->units += unit - from;
            store(d, f, from * UNIT, unit * UNIT < end ? unit * UNIT : end);
        }
        overlap |= unit < stop;
        unit += unit < stop;
    }
    return overlap;
}

static bool contradicts(const struct datagram *d, const struct ms_fragment *f)
{
    uint32_t end = f->offset + f->length;
    if (f->more)
        return d->total && end > d->total;
    return d->total ? end != d->total : end < d->high;
}

static enum ms_fragment_fate join(struct ms_fragments *f, struct datagram *d, struct ms_joined *out)
{
    unlink_datagram(f, d);
    d->chain = f->joined;
    f->joined = d;
    f->counts->fragments_dropped -= d->fragments;
    size_t captured = d->captured < d->total ? d->captured : d->total;
    *out = (struct ms_joined){ { d->data, captured }, d->total, d->key.protocol };
    return MS_FRAGMENT_JOINED;
}

enum ms_fragment_fate ms_fragments_add(struct ms_fragments *f, const struct ms_fragment *fragment, struct ms_joined *out)
{
    f->counts->fragments++;
    uint32_t end = fragment->offset + fragment->length;
    if (fragment->length > PACKET_MAX || end > PACKET_MAX || end == 0
        || (fragment->more && (fragment->length == 0 || fragment->length % UNIT != 0)))
        return MS_FRAGMENT_MALFORMED;
    while (f->oldest && is_late(f->oldest, fragment->time))
        drop(f, f->oldest);
    struct datagram *d = find(f, fragment);
    if (d && contradicts(d, fragment))
        return MS_FRAGMENT_MALFORMED;
    f->counts->fragments_dropped++; /* until the packet is complete */
    if (f->packets_max == 0)
        return MS_FRAGMENT_KEPT;
    if (!d)
        d = add_datagram(f, fragment);
    if (!reserve(f, d, end))
        return MS_FRAGMENT_KEPT;
    d->fragments++;
    d->high = d->high > end ? d->high : end;
    if (!fragment->more)
        d->total = end;
    if (fragment->offset == 0 && !(d->seen[0] & 1))
        d->key.protocol = fragment->protocol; /* for IPv6 the first fragment says (RFC 8200 4.5); for IPv4 all agree */
    f->counts->fragment_overlaps += merge(d, fragment);
    return d->total && d->units == (d->total + UNIT - 1) / UNIT ? join(f, d, out) : MS_FRAGMENT_KEPT;
}
