/* A packet with its addresses replaced and with a payload that was. What is not understood becomes zeros: headers are copied, nothing else is.
 *
 * Checksums  are changed by what changed (RFC 1624): those that were right stay right, those that a network card was to fill in stay that way.
 *
 * BUGS       Addresses in options of TCP and of IPv6 destinations stay. The TCP checksum of a packet in fragments does not fit. */
#include "sink/mask_lines.h"

struct work { struct ms_mask *m; const struct ms_frame *f; const struct ms_layers *l; uint8_t *p; struct ms_bytes old; };

static const struct ms_layer_at *last_layer(const struct ms_layers *l) { return l->count ? &l->layer[l->count - 1] : NULL; }

/* Bytes of headers, from the begin of the packet. */
static size_t header_end(const struct ms_layers *l)
{
    enum { ICMP = 8, TCP = 20 };
    const struct ms_layer_at *last = last_layer(l);
    size_t                    end = l->rest.at;
    if (!last)
        return 0;
    if (last->kind == MS_L_ICMP || l->quoted < l->count) {
        size_t more = last->kind == MS_L_TCP ? TCP : ICMP;
        size_t quoted = last->at + (last->captured < more ? last->captured : more);
        end = quoted > end ? quoted : end;
    }
    return end;
}

/* Routes in the options of an IPv4 header (RFC 791 3.1); times may have addresses beside them and become zeros. */
static void mask_options(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { FIXED = 20, END = 0, NOP = 1, RECORD = 7, TIMES = 68, LOOSE = 131, STRICT = 137 };
    size_t end = (size_t)(p[0] & 15) * 4;
    for (size_t i = FIXED, length = 0; i + 1 < end && end <= n && p[i] != END; i += length) {
        length = p[i] == NOP ? 1 : p[i + 1];
        if (length == 0 || length > end - i)
            return;
        for (size_t at = i + 3; at + 4 <= i + length && (p[i] == RECORD || p[i] == LOOSE || p[i] == STRICT); at += 4)
            ms_mask_ip4(m, p + at);
        if (p[i] == TIMES && length > 4)
            memset(p + i + 4, 0, length - 4);
    }
}

/* Routing headers of IPv6, of any type: addresses from the ninth byte on (RFC 8200 4.4, RFC 8754 2). */
static void mask_route(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { FIXED = 40, NEXT = 6, HOPS = 0, ROUTE = 43, DESTINATION = 60 };
    uint8_t kind = p[NEXT];
    for (size_t i = FIXED, length = 0; i + 8 <= n && (kind == HOPS || kind == ROUTE || kind == DESTINATION); i += length) {
        length = ((size_t)p[i + 1] + 1) * 8;
        for (size_t at = i + 8; kind == ROUTE && at + 16 <= n && at + 16 <= i + length; at += 16)
            ms_mask_ip6(m, p + at);
        kind = p[i];
    }
}

static void mask_layer(const struct work *w, const struct ms_layer_at *a)
{
    enum { ICMP = 1, REDIRECT = 5 };
    uint8_t *p = w->p + a->at;
    if (a->kind == MS_L_ETHERNET && a->captured >= 12) {
        ms_mask_mac(w->m, p);
        ms_mask_mac(w->m, p + 6);
    } else if (a->kind == MS_L_COOKED && a->captured >= 14 && ms_be16(p + 4) == 6) {
        ms_mask_mac(w->m, p + 6);
    } else if (a->kind == MS_L_COOKED2 && a->captured >= 18 && p[11] == 6) {
        ms_mask_mac(w->m, p + 12);
    } else if (a->kind == MS_L_IPV4 && a->captured >= 20) {
        ms_mask_ip4(w->m, p + 12);
        ms_mask_ip4(w->m, p + 16);
        mask_options(w->m, p, a->captured);
    } else if (a->kind == MS_L_ICMP && a->protocol == ICMP && a->captured >= 8 && p[0] == REDIRECT) {
        ms_mask_ip4(w->m, p + 4);
    } else if (a->kind == MS_L_IPV6 && a->captured >= 40) {
        ms_mask_ip6(w->m, p + 8);
        ms_mask_ip6(w->m, p + 24);
        mask_route(w->m, p, a->captured);
    }
}

/* ---- payload ---------------------------------------------------------------------------------------------------- */

static void copy(const struct work *w, size_t at, size_t n)
{
    if (n)
        memcpy(w->p + at, w->old.p + at, n);
}

/* Bytes of the packet in front of this fragment, or -1: not of TCP. The last layer is the header of IP, for IPv6 that of the fragment. */
static int64_t fragment_offset(const struct work *w)
{
    enum { TCP = 6, FRAGMENT = 44 };
    const struct ms_layer_at *last = last_layer(w->l);
    const uint8_t            *p = w->old.p + last->at;
    if (last->kind == MS_L_IPV4 && last->captured >= 20)
        return p[9] == TCP ? (ms_be16(p + 6) & 0x1fff) * 8 : -1;
    return last->kind == MS_L_PROTOCOL && last->protocol == FRAGMENT && last->captured >= 8 && p[0] == TCP ? ms_be16(p + 2) & 0xfff8 : -1;
}

/* A piece of a TCP segment; the first has its header. */
static void mask_fragment(const struct work *w)
{
    const struct ms_layer_at *r = &w->l->rest;
    int64_t                   offset = fragment_offset(w);
    size_t                    n = r->captured, header = offset == 0 && n > 12 ? (size_t)(w->old.p[r->at + 12] >> 4) * 4 : 0;
    if (offset < 0)
        return;
    header = header < n ? header : n;
    copy(w, r->at, n);
    if (!ms_mask_fragment(w->m, w->f->packet->number, (uint64_t)offset, (struct ms_mask_line){ w->p + r->at, n }))
        ms_mask_text(w->m, w->p + r->at + header, n - header, MS_MASK_DIGITS | MS_MASK_SINGLES);
}

static void mask_payload(const struct work *w)
{
    enum { DNS = 53 };
    const struct ms_layer_at *r = &w->l->rest;
    const struct ms_segment  *g = &w->f->segment;
    if ((w->f->decoded == MS_DECODED_FRAGMENT || w->l->end == MS_L_KEPT) && last_layer(w->l)) {
        mask_fragment(w);
    } else if (w->f->decoded == MS_DECODED_UDP) {
        copy(w, r->at, r->captured);
        ms_mask_dns(w->m, w->p + r->at, r->captured);
    } else if (w->f->decoded == MS_DECODED_TCP && (g->src_port == DNS || g->dst_port == DNS)) {
        if (r->captured < 2 || ms_be16(w->old.p + r->at) != r->captured - 2u)
            return;
        copy(w, r->at, r->captured);
        ms_mask_dns(w->m, w->p + r->at + 2, r->captured - 2);
    } else if (w->f->decoded == MS_DECODED_TCP && w->l->end == MS_L_SEGMENT) {
        ms_mask_payload(w->m, w->f, w->p + r->at, r->captured);
    }
}

/* ---- checksums -------------------------------------------------------------------------------------------------- */

/* What [at, at + n) adds up to now, less what it did: words of 16 bits, the first one at `at`. */
static uint32_t change(const struct work *w, size_t at, size_t n)
{
    uint64_t sum = 0;
    n = at > w->old.n ? 0 : at + n > w->old.n ? w->old.n - at : n;
    for (size_t i = 0; i < n; i++) {
        unsigned shift = i % 2 ? 0 : 8;
        sum += (uint32_t)w->p[at + i] << shift;
        sum += (uint32_t)(0xff - w->old.p[at + i]) << shift;
    }
    if (n % 2)
        sum += 0xff; /* the complement of the byte that fills the word up */
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

static void update(const struct work *w, size_t at, uint32_t more, bool zero_is_none)
{
    if (at + 2 > w->old.n)
        return;
    uint32_t sum = ms_be16(w->p + at);
    if (zero_is_none && sum == 0)
        return;
    sum = (~sum & 0xffff) + more;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    sum = ~sum & 0xffff;
    if (zero_is_none && sum == 0)
        sum = 0xffff;
    w->p[at] = (uint8_t)(sum >> 8);
    w->p[at + 1] = (uint8_t)sum;
}

/* The addresses that a transport checksum counts: of the IP header in front of layer i. */
static uint32_t pseudo(const struct work *w, size_t i)
{
    while (i-- > 0) {
        const struct ms_layer_at *a = &w->l->layer[i];
        if (a->kind == MS_L_IPV4)
            return change(w, a->at + 12, 8);
        if (a->kind == MS_L_IPV6)
            return change(w, a->at + 8, 32);
    }
    return 0;
}

static void fix_checksum(const struct work *w, size_t i)
{
    enum { IP4 = 10, TCP = 16, UDP = 6, ICMP = 2, ICMP6 = 58 };
    const struct ms_layer_at *a = &w->l->layer[i];
    bool quoted = i >= w->l->quoted;
    if (a->kind == MS_L_IPV4 && a->captured >= 20)
        update(w, a->at + IP4, change(w, a->at, (size_t)(w->old.p[a->at] & 15) * 4), false);
    else if (a->kind == MS_L_TCP && a->captured >= 20 && !quoted)
        update(w, a->at + TCP, change(w, a->at, a->captured) + pseudo(w, i), false);
    else if (a->kind == MS_L_UDP && a->captured >= 8 && !quoted)
        update(w, a->at + UDP, change(w, a->at, a->captured) + pseudo(w, i), true);
    else if (a->kind == MS_L_ICMP && a->captured >= 4)
        update(w, a->at + ICMP, change(w, a->at, a->captured) + (a->protocol == ICMP6 ? pseudo(w, i) : 0), false);
}

/* ---- the interface ---------------------------------------------------------------------------------------------- */

void ms_mask_learn(struct ms_mask *m, const struct ms_frame *f)
{
    if (f->has_stream)
        ms_mask_streams_learn(m, f);
}

void ms_mask_ready(struct ms_mask *m) { ms_mask_streams_ready(m); }

struct ms_packet ms_mask_packet(struct ms_mask *m, const struct ms_frame *f)
{
    struct ms_packet  out = *f->packet;
    struct ms_layers  layers;
    static const uint8_t zeros[4096];
    m->packet.n = 0;
    for (size_t left = out.data.n; left;) {
        size_t n = left < sizeof zeros ? left : sizeof zeros;
        ms_buffer_append(&m->packet, (struct ms_bytes){ zeros, n });
        left -= n;
    }
    ms_layers_of(out.link_type, out.data, out.length, m->limits.tunnel_depth, &layers);
    struct work w = { m, f, &layers, m->packet.p, out.data };
    copy(&w, 0, header_end(&layers));
    for (size_t i = 0; i < layers.count; i++)
        mask_layer(&w, &layers.layer[i]);
    mask_payload(&w);
    for (size_t i = layers.count; i-- > 0;)
        fix_checksum(&w, i);
    out.data = ms_buffer_bytes(&m->packet);
    out.options = 0;
    return out;
}
