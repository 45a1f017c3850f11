/* The decoder: a straight way for what nearly every packet is (Ethernet, at most one tag, IP without options, TCP, captured
 * whole; other UDP is left at once), and the walk through the headers for everything else. Both read TCP with the same code.
 *
 * BUGS     checksums are not verified: a sender's own capture shows them unfinished (offload). A corrupted segment counts as sent. */
#include "base/hash.h"
#include "net/walk.h"

#include <stdio.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)

enum { KINDS_MAX = 16, NAME_MAX_BYTES = 80 };

struct unsupported { uint32_t link_type; uint64_t count; char name[NAME_MAX_BYTES]; };

struct ms_decoder {
    struct ms_decode_counts counts;
    struct ms_fragments *fragments;
    struct ms_packet_joined joined; /* by the last packet */
    uint64_t tunnel_depth;
    unsigned kinds;
    struct unsupported kind[KINDS_MAX + 1]; /* the last one for all that did not fit */
};

struct ms_decoder *ms_decoder_create(const struct ms_limits *limits)
{
    struct ms_decoder *d = ms_alloc(sizeof *d);
    d->fragments = ms_fragments_create(limits, &d->counts);
    d->tunnel_depth = limits->tunnel_depth;
    return d;
}

void ms_decoder_destroy(struct ms_decoder *d)
{
    if (!d)
        return;
    ms_fragments_destroy(d->fragments);
    ms_free(d);
}

const struct ms_packet_joined *ms_decoder_joined(const struct ms_decoder *d) { return &d->joined; }

const struct ms_decode_counts *ms_decoder_counts(const struct ms_decoder *d)
{
    return &d->counts;
}

bool ms_decoder_unsupported(const struct ms_decoder *d, size_t i, const char **name, uint64_t *count)
{
    if (i >= d->kinds)
        return false;
    *name = d->kind[i].name;
    *count = d->kind[i].count;
    return true;
}

static void count_unsupported(struct ms_decoder *d, uint32_t link_type)
{
    unsigned i = 0;
    while (i < d->kinds && i < KINDS_MAX && d->kind[i].link_type != link_type)
        i++;
    struct unsupported *kind = &d->kind[i];
    kind->count++;
    if (i < d->kinds)
        return;
    d->kinds = i + 1;
    kind->link_type = link_type;
    const char *name = ms_link_type_name(link_type);
    if (i == KINDS_MAX)
        snprintf(kind->name, sizeof kind->name, "other link types");
    else if (name)
        snprintf(kind->name, sizeof kind->name, "%s (%u)", name, link_type);
    else
        snprintf(kind->name, sizeof kind->name, "link type %u", link_type);
}

static void read_option(const uint8_t *p, size_t n, struct ms_segment *out) /* n >= 2, counts kind and length too */
{
    enum { MSS = 2, SCALE = 3, SACK_PERMITTED = 4, SACK = 5, SCALE_MAX = 14 }; /* RFC 9293, 7323 (2.3: more counts as 14), 2018 */
    bool syn = out->flags & MS_SYN;
    if (p[0] == SACK && n >= 10 && (n - 2) % 8 == 0) {
        out->sack_count = (uint8_t)((n - 2) / 8);
        out->sack_left = ms_be32(p + 2);
        out->sack_right = ms_be32(p + 6);
        for (size_t i = 2; i + 8 <= n; i += 8)
            out->sack_bytes += ms_be32(p + i + 4) - ms_be32(p + i);
    } else if (p[0] == MSS && n == 4 && syn) {
        out->has_mss = true;
        out->mss = ms_be16(p + 2);
    } else if (p[0] == SCALE && n == 3 && syn) {
        out->has_scale = true;
        out->scale = p[2] < SCALE_MAX ? p[2] : SCALE_MAX;
    } else if (p[0] == SACK_PERMITTED && n == 2 && syn) {
        out->sack_permitted = true;
    }
}

/* Reading stops at an option that is cut or whose length makes no sense: what came before it counts. */
static __attribute__((noinline)) void read_options(const uint8_t *p, size_t n, struct ms_segment *out)
{
    enum { END = 0, NOP = 1 };
    while (n > 0 && p[0] != END) {
        size_t length = p[0] == NOP ? 1 : n > 1 ? p[1] : 0;
        if (length > n || (p[0] != NOP && length < 2))
            return;
        if (length > 1)
            read_option(p, length, out);
        p += length;
        n -= length;
    }
}

/* `header` bytes of TCP at p, 20 to 60, are captured (all of them, or as many as the snap length left). Sets all of *out but addresses and ttl. */
static inline __attribute__((always_inline)) void read_tcp(const uint8_t *p, size_t header, struct ms_segment *out)
{
    static const uint8_t only_timestamp[4] = { 1, 1, 8, 10 }; /* what nearly all segments have (RFC 7323 appendix A) */
    out->src_port = ms_be16(p);
    out->dst_port = ms_be16(p + 2);
    out->seq = ms_be32(p + 4);
    out->ack = ms_be32(p + 8);
    out->flags = p[13];
    out->window = ms_be16(p + 14);
    memset(&out->has_mss, 0, sizeof *out - offsetof(struct ms_segment, has_mss));
    if (header > 20 && !(header == 32 && memcmp(p + 20, only_timestamp, 4) == 0))
        read_options(p + 20, header - 20, out);
}

static enum ms_layer walk_tcp(struct ms_walk *w)
{
    if (w->in.n < 20)
        return ms_walk_short(w, 20);
    size_t header = (size_t)(w->in.p[12] >> 4) * 4;
    if (header < 20 || w->wire < header)
        return MS_L_MALFORMED;
    size_t have = w->in.n < header ? w->in.n : header; /* options cut by the snap length are read as far as they go */
    read_tcp(w->in.p, have, w->out);
    ms_walk_skip(w, have);
    w->wire -= header - have;
    w->out->payload = w->in;
    w->out->payload_length = w->wire < UINT32_MAX ? (uint32_t)w->wire : UINT32_MAX;
    return MS_L_SEGMENT;
}

static struct ms_layer_at place(const struct ms_walk *w, enum ms_layer kind)
{
    return (struct ms_layer_at){ .kind = (uint8_t)kind, .protocol = w->protocol, .type = w->type, .at = (uint32_t)(w->in.p - w->begin),
                                 .captured = (uint32_t)w->in.n, .wire = w->wire < UINT32_MAX ? (uint32_t)w->wire : UINT32_MAX };
}

static enum ms_layer walk(struct ms_walk *w, enum ms_layer layer)
{
    while (layer < MS_L_SEGMENT) {
        if (w->trace && w->trace->count < MS_LAYERS_MAX)
            w->trace->layer[w->trace->count++] = place(w, layer);
        switch (layer) {
        case MS_L_IP: layer = ms_walk_ip(w); break;
        case MS_L_IPV4: layer = ms_walk_ipv4(w); break;
        case MS_L_IPV6: layer = ms_walk_ipv6(w); break;
        case MS_L_PROTOCOL: layer = ms_walk_protocol(w); break;
        case MS_L_UDP: layer = ms_walk_udp(w); break;
        case MS_L_GRE: layer = ms_walk_gre(w); break;
        case MS_L_ICMP: layer = ms_walk_icmp(w); break;
        case MS_L_TCP: layer = walk_tcp(w); break;
        default: layer = ms_walk_link(w, layer); break;
        }
    }
    /* UDP on a tunnel's port whose inside makes no sense is no tunnel. */
    return layer == MS_L_MALFORMED && w->guessed ? MS_L_END_UDP : layer;
}

static enum ms_decoded count_end(struct ms_decode_counts *c, enum ms_layer end)
{
    switch (end) {
    case MS_L_SEGMENT: c->tcp++; return MS_DECODED_TCP;
    case MS_L_DATAGRAM: c->udp++; return MS_DECODED_UDP;
    case MS_L_ERROR: c->icmp++; return MS_DECODED_ICMP;
    case MS_L_KEPT: return MS_DECODED_FRAGMENT;
    case MS_L_CUT: c->cut++; return MS_DECODED_CUT;
    case MS_L_MALFORMED: c->malformed++; return MS_DECODED_MALFORMED;
    case MS_L_END_UDP: c->udp++; return MS_DECODED_OTHER;
    case MS_L_END_ICMP: c->icmp++; return MS_DECODED_OTHER;
    case MS_L_TOO_DEEP: c->tunnel_too_deep++; c->other++; return MS_DECODED_OTHER;
    default: c->other++; return MS_DECODED_OTHER;
    }
}

static __attribute__((noinline)) enum ms_decoded decode_any(struct ms_decoder *d, enum ms_layer link, struct ms_walk *w)
{
    ms_fragments_release(d->fragments);
    w->fragments = d->fragments;
    w->tunnels = d->tunnel_depth;
    enum ms_layer end = walk(w, link);
    d->joined = w->joined;
    return count_end(&d->counts, end);
}

/* `length` bytes of TCP, at least 20, all of them captured. */
static inline __attribute__((always_inline)) bool fast_tcp(const uint8_t *tcp, size_t length, struct ms_segment *out)
{
    size_t header = (size_t)(tcp[12] >> 4) * 4;
    if (header < 20 || header > length)
        return false;
    read_tcp(tcp, header, out);
    out->payload = (struct ms_bytes){ tcp + header, length - header };
    out->payload_length = (uint32_t)(length - header);
    return true;
}

/* `n` bytes from the IP header to the end of the frame, at least 40. */
static inline __attribute__((always_inline)) bool fast_ipv4(const uint8_t *ip, size_t n, struct ms_segment *out)
{
    size_t total = ms_be16(ip + 2);
    if (ip[0] != 0x45 || ip[9] != 6 || (ms_be16(ip + 6) & 0x3fff) != 0 || total < 40 || total > n)
        return false;
    ms_walk_mapped(out->src, ip + 12);
    ms_walk_mapped(out->dst, ip + 16);
    out->ttl = ip[8];
    return fast_tcp(ip + 20, total - 20, out);
}

static inline __attribute__((always_inline)) bool fast_ipv6(const uint8_t *ip, size_t n, struct ms_segment *out)
{
    size_t length = ms_be16(ip + 4);
    if (ip[0] >> 4 != 6 || ip[6] != 6 || length < 20 || 40 + length > n)
        return false;
    memcpy(out->src, ip + 8, 16);
    memcpy(out->dst, ip + 24, 16);
    out->ttl = ip[7];
    return fast_tcp(ip + 40, length, out);
}

/* Ethernet, perhaps one 802.1Q tag, IPv4 without options or IPv6, TCP; all of it captured. False: take the long way. */
static inline __attribute__((always_inline)) bool decode_fast(struct ms_bytes packet, struct ms_segment *out)
{
    enum { ETHERNET = 14, TAG = 4, HEADERS_MIN = 40 };
    if (packet.n < ETHERNET + HEADERS_MIN)
        return false;
    const uint8_t *ip = packet.p + ETHERNET;
    uint16_t type = ms_be16(ip - 2);
    if (type == 0x8100 && packet.n >= ETHERNET + TAG + HEADERS_MIN) {
        ip += TAG;
        type = ms_be16(ip - 2);
    }
    size_t n = packet.n - (size_t)(ip - packet.p);
    if (LIKELY(type == 0x0800))
        return fast_ipv4(ip, n, out);
    return type == 0x86dd && fast_ipv6(ip, n, out);
}

/* The next most frequent kind: Ethernet, IPv4 without options, UDP that is neither DNS nor a tunnel (ms_walk_udp), all of it captured. */
static inline __attribute__((always_inline)) bool is_other_udp(struct ms_bytes packet)
{
    enum { ETHERNET = 14, HEADERS = 28 };
    const uint8_t *ip = packet.p + ETHERNET;
    if (packet.n < ETHERNET + HEADERS || ms_be16(ip - 2) != 0x0800 || ip[0] != 0x45 || ip[9] != 17 || (ms_be16(ip + 6) & 0x3fff) != 0)
        return false;
    size_t   total = ms_be16(ip + 2);
    uint16_t from = ms_be16(ip + 20), to = ms_be16(ip + 22);
    return total >= HEADERS && total <= packet.n - ETHERNET && from != 53 && to != 53 && to != 4789 && to != 8472 && to != 6081;
}

enum ms_decoded ms_decode(struct ms_decoder *d, uint32_t link_type, struct ms_bytes packet, uint32_t wire_length,
                          int64_t time, struct ms_segment *out)
{
    d->counts.packets++;
    d->joined.bytes.p = NULL;
    if (LIKELY(link_type == 1) && LIKELY(decode_fast(packet, out))) {
        d->counts.tcp++;
        return MS_DECODED_TCP;
    }
    if (LIKELY(link_type == 1) && is_other_udp(packet)) {
        d->counts.udp++;
        return MS_DECODED_OTHER;
    }
    enum ms_layer link = ms_walk_link_type(link_type);
    if (link == MS_L_UNSUPPORTED) {
        count_unsupported(d, link_type);
        return MS_DECODED_LINK_TYPE;
    }
    struct ms_walk w = { .in = packet, .wire = wire_length > packet.n ? wire_length : packet.n, .out = out, .time = time };
    return decode_any(d, link, &w);
}

/* ICMP errors (RFC 792, 4443) quote the packet that they are about, behind eight bytes. */
enum { ICMP_HEADER = 8 };

static bool quotes(const struct ms_layer_at *icmp, uint8_t type)
{
    if (icmp->protocol == 58)
        return type >= 1 && type <= 4;
    return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/* The headers that the ICMP error at the end of `out` quotes. */
static void add_quoted(struct ms_walk *w, struct ms_bytes packet, struct ms_layers *out)
{
    const struct ms_layer_at *last = out->count ? &out->layer[out->count - 1] : NULL;
    if (!last || last->kind != MS_L_ICMP || last->captured <= ICMP_HEADER || !quotes(last, packet.p[last->at]))
        return;
    w->in = ms_slice(packet, last->at + ICMP_HEADER, last->captured - ICMP_HEADER);
    w->wire = last->wire - ICMP_HEADER;
    w->bounded = false; /* its length fields speak of the whole packet, of which only the begin is here */
    walk(w, MS_L_IP);
}

/* What the walk would find in a frame that decode_fast() takes: Ethernet, perhaps one 802.1Q tag, IPv4 without options, TCP; all of it captured. */
static bool layers_fast(struct ms_bytes packet, uint32_t wire_length, struct ms_layers *out)
{
    enum { ETHERNET = 14, TAG = 4, IP = 20, TCP = 20, IPV4_TYPE = 0x0800 };
    if (packet.n < ETHERNET + TAG + IP + TCP)
        return false;
    uint16_t       first = ms_be16(packet.p + ETHERNET - 2);
    uint32_t       at = ETHERNET + (first == 0x8100 ? TAG : 0), n = (uint32_t)packet.n, wire = wire_length > n ? wire_length : n;
    const uint8_t *ip = packet.p + at;
    uint32_t       total = ms_be16(ip + 2), header = (uint32_t)(ip[IP + 12] >> 4) * 4;
    if (ms_be16(ip - 2) != IPV4_TYPE || ip[0] != 0x45 || ip[9] != 6 || (ms_be16(ip + 6) & 0x3fff) != 0 || header < TCP || total < IP + header || total > n - at)
        return false;
    out->layer[0] = (struct ms_layer_at){ .kind = MS_L_ETHERNET, .captured = n, .wire = wire };
    out->layer[1] = (struct ms_layer_at){ .kind = MS_L_ETHERTYPE, .type = first, .at = ETHERNET, .captured = n - ETHERNET, .wire = wire - ETHERNET };
    out->layer[2] = (struct ms_layer_at){ .kind = MS_L_IPV4, .type = IPV4_TYPE, .at = at, .captured = n - at, .wire = wire - at };
    out->layer[3] = (struct ms_layer_at){ .kind = MS_L_PROTOCOL, .protocol = 6, .type = IPV4_TYPE, .at = at + IP, .captured = total - IP, .wire = total - IP };
    out->layer[4] = out->layer[3];
    out->layer[4].kind = MS_L_TCP;
    out->count = out->quoted = 5;
    out->end = MS_L_SEGMENT;
    out->rest = out->layer[3];
    out->rest.kind = MS_L_SEGMENT;
    out->rest.at += header;
    out->rest.captured = out->rest.wire = total - IP - header;
    return true;
}

void ms_layers_of(uint32_t link_type, struct ms_bytes packet, uint32_t wire_length, uint64_t tunnel_depth, struct ms_layers *out)
{
    struct ms_segment unused;
    if (link_type == 1 && layers_fast(packet, wire_length, out))
        return;
    struct ms_walk    w = { .in = packet, .wire = wire_length > packet.n ? wire_length : packet.n, .out = &unused, .tunnels = tunnel_depth,
                            .trace = out, .begin = packet.p };
    enum ms_layer     link = ms_walk_link_type(link_type);
    out->count = 0;
    out->end = (uint8_t)(link == MS_L_UNSUPPORTED ? link : walk(&w, link));
    out->rest = place(&w, (enum ms_layer)out->end);
    out->quoted = out->count;
    add_quoted(&w, packet, out);
}

void ms_layers_joined(const struct ms_packet_joined *joined, uint64_t tunnel_depth, struct ms_layers *out)
{
    struct ms_segment unused;
    struct ms_walk    w = { .in = joined->bytes, .wire = joined->wire > joined->bytes.n ? joined->wire : joined->bytes.n, .out = &unused,
                            .tunnels = tunnel_depth, .trace = out, .begin = joined->bytes.p, .protocol = joined->protocol,
                            .version = joined->version, .bounded = true };
    uint8_t           first = out->count;
    if (out->end != MS_L_KEPT)
        return;
    out->end = (uint8_t)walk(&w, MS_L_PROTOCOL);
    out->rest = place(&w, (enum ms_layer)out->end);
    out->quoted = out->count;
    add_quoted(&w, joined->bytes, out);
    out->rest.joined = true;
    for (uint8_t i = first; i < out->count; i++)
        out->layer[i].joined = true;
}

static inline uint64_t word(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

uint64_t ms_segment_hash(const struct ms_segment *s)
{
    uint64_t s0 = word(s->src), s1 = word(s->src + 8), d0 = word(s->dst), d1 = word(s->dst + 8);
    bool     swap = s1 != d1 ? s1 > d1 : s0 != d0 ? s0 > d0 : s->src_port > s->dst_port;
    uint64_t ports = swap ? (uint64_t)s->dst_port << 16 | s->src_port : (uint64_t)s->src_port << 16 | s->dst_port;
    return swap ? ms_hash_words(d0, d1, s0, s1, ports) : ms_hash_words(s0, s1, d0, d1, ports);
}
