/* tests/fuzz/decode_fuzz.c - a link type, then packets: {length, bytes that the snap length cut, seconds since the last, data}.
 *
 * Properties   the counts add up; a segment or datagram lies inside the packet or is joined, and is never longer than on the wire; all
 *              fields are set; a packet captured in part is CUT or says the same with less payload; Ethernet read the fast
 *              way says what the same frame behind a Linux cooked header says. */
#include "net/decode.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool same_but_payload(const struct ms_segment *a, const struct ms_segment *b)
{
    return memcmp(a->src, b->src, 16) == 0 && memcmp(a->dst, b->dst, 16) == 0 && a->src_port == b->src_port
        && a->dst_port == b->dst_port && a->seq == b->seq && a->ack == b->ack && a->window == b->window && a->flags == b->flags
        && a->ttl == b->ttl && a->payload_length == b->payload_length && a->has_mss == b->has_mss && a->has_scale == b->has_scale
        && a->sack_permitted == b->sack_permitted && a->mss == b->mss && a->scale == b->scale && a->sack_count == b->sack_count
        && a->sack_left == b->sack_left && a->sack_right == b->sack_right;
}

static bool is_filled(enum ms_decoded kind) { return kind == MS_DECODED_TCP || kind == MS_DECODED_UDP || kind == MS_DECODED_ICMP; }

static bool same_error(const struct ms_icmp_error *a, const struct ms_icmp_error *b)
{
    return a->ip_version == b->ip_version && a->type == b->type && a->code == b->code && a->mtu == b->mtu && memcmp(a->from, b->from, 16) == 0;
}

static bool same(enum ms_decoded kind, const struct ms_segment *a, const struct ms_segment *b)
{
    if (kind == MS_DECODED_TCP)
        return same_but_payload(a, b);
    return memcmp(a->src, b->src, 16) == 0 && memcmp(a->dst, b->dst, 16) == 0 && a->src_port == b->src_port && a->dst_port == b->dst_port
        && a->seq == b->seq && a->ttl == b->ttl && a->payload_length == b->payload_length
        && (kind != MS_DECODED_ICMP || same_error(&a->icmp, &b->icmp));
}

static bool is_inside(struct ms_bytes inner, struct ms_bytes outer)
{
    return inner.p >= outer.p && inner.p <= outer.p + outer.n && inner.n <= (size_t)(outer.p + outer.n - inner.p);
}

struct result { enum ms_decoded kind; struct ms_segment segment; };

/* With a decoder of its own, so without earlier fragments; `fill` is what *out held before. */
static struct result alone(uint32_t link, struct ms_bytes packet, uint32_t wire, int fill)
{
    struct ms_limits limits = ms_limits_tiny();
    struct ms_decoder *d = ms_decoder_create(&limits);
    struct result r;
    memset(&r.segment, fill, sizeof r.segment);
    r.kind = ms_decode(d, link, packet, wire, 0, &r.segment);
    ms_decoder_destroy(d);
    if (is_filled(r.kind)) {
        check(r.kind == MS_DECODED_ICMP ? r.segment.payload.n == 0 : is_inside(r.segment.payload, packet));
        check(r.segment.payload.n <= r.segment.payload_length);
    }
    return r;
}

/* Options behind the cut are not there; of one that is given twice the last counts, so an earlier one may show. */
static void forget_options(struct ms_segment *whole, const struct ms_segment *part)
{
    check(whole->has_mss >= part->has_mss && whole->has_scale >= part->has_scale && whole->sack_permitted >= part->sack_permitted);
    whole->has_mss = part->has_mss, whole->mss = part->mss;
    whole->has_scale = part->has_scale, whole->scale = part->scale;
    whole->sack_permitted = part->sack_permitted;
    whole->sack_count = part->sack_count, whole->sack_left = part->sack_left, whole->sack_right = part->sack_right;
}

static void check_cut(uint32_t link, struct ms_bytes packet, uint32_t wire, size_t cut)
{
    uint8_t *copy = malloc(cut ? cut : 1); /* exact size */
    memcpy(copy, packet.p, cut);
    struct result whole = alone(link, packet, wire, 0x55), part = alone(link, (struct ms_bytes){ copy, cut }, wire, 0xaa);
    check(part.kind == MS_DECODED_CUT || part.kind == whole.kind);
    if (part.kind == MS_DECODED_TCP && part.segment.payload.n == 0)
        forget_options(&whole.segment, &part.segment);
    if (is_filled(part.kind)) {
        check(same(part.kind, &whole.segment, &part.segment));
        check(part.segment.payload.n <= whole.segment.payload.n);
        if (part.segment.payload.n)
            check(memcmp(part.segment.payload.p, whole.segment.payload.p, part.segment.payload.n) == 0);
    }
    free(copy);
}

static void check_cooked(struct ms_bytes frame, uint32_t wire)
{
    enum { ETHERNET = 14, COOKED = 16 };
    if (frame.n < ETHERNET)
        return;
    size_t   n = frame.n - ETHERNET + COOKED;
    uint8_t *copy = malloc(n);
    memset(copy, 0, COOKED);
    memcpy(copy + COOKED - 2, frame.p + ETHERNET - 2, frame.n - ETHERNET + 2);
    struct result fast = alone(1, frame, wire, 0x55);
    struct result slow = alone(113, (struct ms_bytes){ copy, n }, wire + COOKED - ETHERNET, 0xaa);
    check(fast.kind == slow.kind);
    if (is_filled(fast.kind))
        check(same(fast.kind, &fast.segment, &slow.segment));
    if (fast.kind == MS_DECODED_TCP || fast.kind == MS_DECODED_UDP)
        check(fast.segment.payload.n == slow.segment.payload.n
              && fast.segment.payload.p - frame.p + COOKED - ETHERNET == slow.segment.payload.p - copy);
    free(copy);
}

static void check_counts(const struct ms_decoder *d, uint64_t kept)
{
    const struct ms_decode_counts *c = ms_decoder_counts(d);
    const char *name;
    uint64_t    unsupported = 0, count;
    for (size_t i = 0; ms_decoder_unsupported(d, i, &name, &count); i++)
        unsupported += count;
    check(c->packets == c->tcp + c->udp + c->icmp + c->other + c->cut + c->malformed + kept + unsupported);
    check(c->fragments >= kept && c->fragments_dropped <= c->fragments && c->fragment_overlaps <= c->fragments);
    check(c->tunnel_too_deep <= c->other);
}

static struct ms_bytes take_packet(struct ms_cur *c, uint32_t *wire, int64_t *time)
{
    size_t length = ms_take_be16(c);
    size_t cut = ms_take_u8(c);
    *time += (int64_t)ms_take_u8(c) * 1000000000;
    struct ms_bytes packet = ms_take(c, length < c->rest.n ? length : c->rest.n);
    *wire = (uint32_t)(packet.n + cut);
    return packet;
}

/* Sums up the payload, so that the sanitizer sees every byte of it. */
static uint8_t touch(struct ms_bytes b)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < b.n; i++)
        sum = (uint8_t)(sum + b.p[i]);
    return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t links[] = { 1, 113, 276, 0, 108, 101, 9, 50, 51, 104, 204, 205, 219, 239, 127, 4711 };
    static volatile uint8_t sink;
    struct ms_cur     c = { { data, size }, false };
    struct ms_limits  limits = ms_limits_tiny();
    struct ms_decoder *d = ms_decoder_create(&limits);
    uint32_t          link = links[ms_take_u8(&c) % 16], wire;
    uint64_t          kept = 0;
    int64_t           time = 0;
    while (c.rest.n > 0) {
        struct ms_bytes   packet = take_packet(&c, &wire, &time);
        struct ms_segment s;
        if (c.bad)
            break;
        enum ms_decoded kind = ms_decode(d, link, packet, wire, time, &s);
        kept += kind == MS_DECODED_FRAGMENT;
        if (is_filled(kind)) {
            check(s.payload.n <= s.payload_length);
            sink = (uint8_t)(sink + touch(s.payload));
        }
        check_counts(d, kept);
        check_cut(link, packet, wire, packet.n ? (packet.p[packet.n / 2] * packet.n) >> 8 : 0);
        if (link == 1)
            check_cooked(packet, wire);
    }
    ms_decoder_destroy(d);
    return 0;
}
