/* ip.*, ipv6.*, icmp.*, icmpv6.*: network headers, those of tunnels and those quoted in ICMP errors too. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/numbers.h"

enum { IPV4_HEADER = 20, IPV6_HEADER = 40, FRAGMENT_HEADER = 8 };

static const struct ms_number_at ipv4_numbers[] = {
    { MS_FF_IP_VERSION, 0, 1, 4, 0 }, { MS_FF_IP_DSFIELD, 1, 1, 0, 0 }, { MS_FF_IP_DSFIELD_DSCP, 1, 1, 2, 0 },
    { MS_FF_IP_DSFIELD_ECN, 1, 1, 0, 3 }, { MS_FF_IP_LEN, 2, 2, 0, 0 }, { MS_FF_IP_ID, 4, 2, 0, 0 }, { MS_FF_IP_FLAGS, 6, 1, 5, 0 },
    { MS_FF_IP_FLAGS_RB, 6, 1, 0, 0x80 }, { MS_FF_IP_FLAGS_DF, 6, 1, 0, 0x40 }, { MS_FF_IP_FLAGS_MF, 6, 1, 0, 0x20 },
    { MS_FF_IP_TTL, 8, 1, 0, 0 }, { MS_FF_IP_PROTO, 9, 1, 0, 0 }, { MS_FF_IP_CHECKSUM, 10, 2, 0, 0 },
}, ipv6_numbers[] = {
    { MS_FF_IPV6_VERSION, 0, 1, 4, 0 }, { MS_FF_IP_VERSION, 0, 1, 4, 0 }, { MS_FF_IPV6_TCLASS, 0, 2, 4, 0x0ff0 }, { MS_FF_IPV6_TCLASS_DSCP, 0, 2, 6, 0x0fc0 },
    { MS_FF_IPV6_TCLASS_ECN, 0, 2, 4, 0x0030 }, { MS_FF_IPV6_FLOW, 0, 4, 0, 0x000fffff }, { MS_FF_IPV6_PLEN, 4, 2, 0, 0 },
    { MS_FF_IPV6_NXT, 6, 1, 0, 0 }, { MS_FF_IPV6_HLIM, 7, 1, 0, 0 },
}, fragment_numbers[] = {
    { MS_FF_IPV6_FRAGHDR_NXT, 0, 1, 0, 0 }, { MS_FF_IPV6_FRAGHDR_OFFSET, 2, 2, 3, 0xfff8 }, { MS_FF_IPV6_FRAGHDR_MORE, 3, 1, 0, 1 },
    { MS_FF_IPV6_FRAGHDR_IDENT, 4, 4, 0, 0 },
}, icmp_numbers[] = {
    { MS_FF_ICMP_TYPE, 0, 1, 0, 0 }, { MS_FF_ICMP_CODE, 1, 1, 0, 0 }, { MS_FF_ICMP_CHECKSUM, 2, 2, 0, 0 },
}, icmpv6_numbers[] = {
    { MS_FF_ICMPV6_TYPE, 0, 1, 0, 0 }, { MS_FF_ICMPV6_CODE, 1, 1, 0, 0 }, { MS_FF_ICMPV6_CHECKSUM, 2, 2, 0, 0 },
}, echo_numbers[] = {
    { MS_FF_ICMP_IDENT, 4, 2, 0, 0 }, { MS_FF_ICMP_SEQ, 6, 2, 0, 0 },
}, echo6_numbers[] = {
    { MS_FF_ICMPV6_ECHO_IDENTIFIER, 4, 2, 0, 0 }, { MS_FF_ICMPV6_ECHO_SEQUENCE_NUMBER, 6, 2, 0, 0 },
};

/* ---- IPv4 ------------------------------------------------------------------------------------------------------------------ */

static void push_host(const struct ms_frame *f, enum ms_field_type type, const uint8_t *p, struct ms_value_sink *to)
{
    struct ms_value  v = type == MS_FT_IPV4 ? ms_value_ipv4(p) : ms_value_ip(type, p);
    struct ms_buffer text = { 0 };
    ms_text_address(&text, v.ip);
    ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, ms_buffer_bytes(&text))));
    ms_buffer_finish(&text);
}

/* RFC 791 3.1: end and no-operation are one byte, the others say how long they are. */
static void option_values(struct ms_bytes options, enum ms_frame_field field, struct ms_value_sink *to)
{
    while (options.n) {
        uint8_t kind = options.p[0];
        size_t  n = kind < 2 ? 1 : ms_at(options, 1);
        if (field == MS_FF_IP_OPT_TYPE)
            ms_value_push(to, ms_value_uint(kind));
        if (n == 0 || n > options.n || kind == 0 || (kind > 1 && n < 2))
            return;
        if (field == MS_FF_IP_OPT_LEN && kind > 1)
            ms_value_push(to, ms_value_uint(n));
        options = ms_tail(options, n);
    }
}

static void ipv4_addresses(const struct ms_frame *f, const uint8_t *p, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_IP_SRC: ms_value_push(to, ms_value_ipv4(p + 12)); break;
    case MS_FF_IP_DST: ms_value_push(to, ms_value_ipv4(p + 16)); break;
    case MS_FF_IP_ADDR:
        ms_value_push(to, ms_value_ipv4(p + 12));
        ms_value_push(to, ms_value_ipv4(p + 16));
        break;
    case MS_FF_IP_SRC_HOST: push_host(f, MS_FT_IPV4, p + 12, to); break;
    case MS_FF_IP_DST_HOST: push_host(f, MS_FT_IPV4, p + 16, to); break;
    case MS_FF_IP_HOST:
        push_host(f, MS_FT_IPV4, p + 12, to);
        push_host(f, MS_FT_IPV4, p + 16, to);
        break;
    default: break;
    }
}

static void ipv4_values(const struct ms_frame *f, struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    size_t header = (size_t)(b.p[0] & 15) * 4;
    if (MS_NUMBER_PUSH(ipv4_numbers, b, field, to))
        return;
    switch (field) {
    case MS_FF_IP: ms_value_push(to, ms_value_header(b, header)); break;
    case MS_FF_IP_HDR_LEN: ms_value_push(to, ms_value_uint(header)); break;
    case MS_FF_IP_FRAG_OFFSET: ms_value_push(to, ms_value_uint(ms_be16(b.p + 6) & 0x1fffu)); break;
    case MS_FF_IP_CHECKSUM_STATUS: ms_value_push(to, ms_value_uint(2)); break;
    case MS_FF_IP_OPT_TYPE: case MS_FF_IP_OPT_LEN: option_values(ms_tail(ms_head(b, header), IPV4_HEADER), field, to); break;
    default: ipv4_addresses(f, b.p, field, to); break;
    }
}

/* ---- IPv6 ------------------------------------------------------------------------------------------------------------------ */

static void ipv6_values(const struct ms_frame *f, struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (MS_NUMBER_PUSH(ipv6_numbers, b, field, to))
        return;
    switch (field) {
    case MS_FF_IPV6: ms_value_push(to, ms_value_header(b, IPV6_HEADER)); break;
    case MS_FF_IPV6_SRC: ms_value_push(to, ms_value_ip(MS_FT_IPV6, b.p + 8)); break;
    case MS_FF_IPV6_DST: ms_value_push(to, ms_value_ip(MS_FT_IPV6, b.p + 24)); break;
    case MS_FF_IPV6_ADDR:
        ms_value_push(to, ms_value_ip(MS_FT_IPV6, b.p + 8));
        ms_value_push(to, ms_value_ip(MS_FT_IPV6, b.p + 24));
        break;
    case MS_FF_IPV6_SRC_HOST: push_host(f, MS_FT_IPV6, b.p + 8, to); break;
    case MS_FF_IPV6_DST_HOST: push_host(f, MS_FT_IPV6, b.p + 24, to); break;
    case MS_FF_IPV6_HOST:
        push_host(f, MS_FT_IPV6, b.p + 8, to);
        push_host(f, MS_FT_IPV6, b.p + 24, to);
        break;
    default: break;
    }
}

/* Extension headers: `protocol` is what led to one. */
static void extension_values(const struct ms_layer_at *l, struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    static const struct { uint8_t protocol; uint16_t field; } headers[] = {
        { 0, MS_FF_IPV6_HOPOPTS }, { 43, MS_FF_IPV6_ROUTING }, { 44, MS_FF_IPV6_FRAGHDR }, { 60, MS_FF_IPV6_DSTOPTS },
    };
    if (b.n < FRAGMENT_HEADER)
        return;
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        if (headers[i].protocol == l->protocol && headers[i].field == field)
            ms_value_push(to, ms_value_protocol(ms_head(b, l->protocol == 44 ? 8 : 8 + (size_t)b.p[1] * 8)));
    if (l->protocol == 44)
        MS_NUMBER_PUSH(fragment_numbers, b, field, to);
}

/* ---- ICMP ------------------------------------------------------------------------------------------------------------------ */

static bool is_echo(uint8_t type) { return type == 0 || type == 8 || type == 13 || type == 14 || type == 15 || type == 16 || type == 17 || type == 18; }

static void icmp_values(struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    uint8_t type = b.p[0];
    if (field == MS_FF_ICMP)
        ms_value_push(to, ms_value_protocol(b));
    else if (MS_NUMBER_PUSH(icmp_numbers, b, field, to) || b.n < 8)
        return;
    else if (is_echo(type) && MS_NUMBER_PUSH(echo_numbers, b, field, to))
        return;
    else if (is_echo(type) && field == MS_FF_ICMP_IDENT_LE)
        ms_value_push(to, ms_value_uint(ms_le16(b.p + 4)));
    else if (is_echo(type) && field == MS_FF_ICMP_SEQ_LE)
        ms_value_push(to, ms_value_uint(ms_le16(b.p + 6)));
    else if (type == 3 && b.p[1] == 4 && field == MS_FF_ICMP_MTU)
        ms_value_push(to, ms_value_uint(ms_be16(b.p + 6)));
    else if (type == 5 && field == MS_FF_ICMP_REDIR_GW)
        ms_value_push(to, ms_value_ipv4(b.p + 4));
}

static void icmpv6_values(struct ms_bytes b, enum ms_frame_field field, struct ms_value_sink *to)
{
    uint8_t type = b.p[0];
    if (field == MS_FF_ICMPV6)
        ms_value_push(to, ms_value_protocol(b));
    else if (MS_NUMBER_PUSH(icmpv6_numbers, b, field, to) || b.n < 8)
        return;
    else if ((type == 128 || type == 129) && MS_NUMBER_PUSH(echo6_numbers, b, field, to))
        return;
    else if (type == 2 && field == MS_FF_ICMPV6_MTU)
        ms_value_push(to, ms_value_uint(ms_be32(b.p + 4)));
    else if (b.n >= 24 && ((type == 135 && field == MS_FF_ICMPV6_ND_NS_TARGET_ADDRESS) || (type == 136 && field == MS_FF_ICMPV6_ND_NA_TARGET_ADDRESS)))
        ms_value_push(to, ms_value_ip(MS_FT_IPV6, b.p + 8));
}

/* Of the fragment that completed a packet. */
static void joined_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *last = NULL;
    for (size_t i = 0; i < ms_frame_layers(f)->count && !ms_frame_layers(f)->layer[i].joined; i++)
        last = &ms_frame_layers(f)->layer[i];
    if (!f->joined.bytes.p || !last || last->kind != MS_L_IPV4)
        return;
    if (field == MS_FF_IP_FRAGMENTS)
        ms_value_push(to, ms_value_bytes(f->joined.bytes));
    for (uint32_t i = 0; f->pieces && field == MS_FF_IP_FRAGMENT && i < f->pieces->count; i++)
        ms_value_push(to, ms_value_frame(f->pieces->frames[i]));
    if (f->pieces && field == MS_FF_IP_FRAGMENT_COUNT)
        ms_value_push(to, ms_value_uint(f->pieces->count));
}

static void layer_values(const struct ms_frame *f, const struct ms_layer_at *l, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes b = ms_frame_bytes(f, l);
    switch (l->kind) {
    case MS_L_IPV4: if (b.n >= IPV4_HEADER) ipv4_values(f, b, field, to); break;
    case MS_L_IPV6: if (b.n >= IPV6_HEADER) ipv6_values(f, b, field, to); break;
    case MS_L_PROTOCOL: extension_values(l, b, field, to); break;
    case MS_L_ICMP:
        if (b.n && l->protocol == 58)
            icmpv6_values(b, field, to);
        else if (b.n)
            icmp_values(b, field, to);
        break;
    default: break;
    }
}

static void answer_values(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    const struct ms_layer_at *l;
    size_t                    at = 0;
    if (!f->ping.request || !(l = ms_frame_layer(f, MS_L_ICMP, &at)) || l->protocol == 58)
        return;
    if (field == MS_FF_ICMP_RESP_TO)
        ms_value_push(to, ms_value_frame(f->ping.request));
    else
        ms_value_push(to, ms_value_double((double)f->ping.took / 1e6));
}

void ms_values_ip(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_ICMP_RESP_TO || field == MS_FF_ICMP_RESPTIME) {
        answer_values(f, field, to);
        return;
    }
    if (field >= MS_FF_IP_FRAGMENTS && field <= MS_FF_IP_REASSEMBLED_IN) {
        joined_values(f, field, to);
        return;
    }
    unsigned nth[2] = { 0 };
    for (size_t i = 0; i < ms_frame_layers(f)->count; i++) {
        const struct ms_layer_at *l = &ms_frame_layers(f)->layer[i];
        if (l->kind == MS_L_IPV4 || l->kind == MS_L_IPV6)
            ms_value_layer(to, ++nth[l->kind == MS_L_IPV6]);
        layer_values(f, l, field, to);
    }
    to->layer = 0;
}
