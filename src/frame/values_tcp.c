/* tcp.*: what headers say, those of tunnels and those quoted in ICMP errors too. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/numbers.h"
#include "frame/tcp_header.h"

enum { KIND_END = 0, KIND_NOP = 1, KIND_MSS = 2, KIND_SCALE = 3, KIND_SACK_PERMITTED = 4, KIND_SACK = 5, KIND_TIMESTAMPS = 8 };

bool ms_tcp_header_next(const struct ms_frame *f, size_t *at, struct ms_tcp_header *out)
{
    const struct ms_layer_at *l = ms_frame_layer(f, MS_L_TCP, at);
    if (!l || l->captured < 4)
        return false;
    struct ms_bytes b = ms_frame_bytes(f, l);
    out->size = b.n >= 13 ? (size_t)(b.p[12] >> 4) * 4 : 0;
    if (b.n >= 20 && (out->size < 20 || out->size > l->wire)) /* a length that makes no sense: what stands before it */
        b = ms_head(b, 8);
    out->bytes = b.n >= 20 ? ms_head(b, out->size) : b;
    out->payload = b.n >= 20 ? ms_tail(b, out->size) : (struct ms_bytes){ 0 };
    out->length = b.n >= 20 ? l->wire - (uint32_t)out->size : 0;
    return true;
}

bool ms_tcp_option_next(struct ms_bytes *options, struct ms_bytes *out)
{
    uint8_t kind = ms_at(*options, 0);
    size_t  n = kind == KIND_END || kind == KIND_NOP ? 1 : ms_at(*options, 1);
    if (options->n == 0 || n == 0 || n > options->n || (n == 1 && kind > KIND_NOP))
        return false;
    *out = ms_head(*options, n);
    *options = ms_tail(*options, n);
    if (kind == KIND_END && ms_at(*options, 0) != KIND_END) /* zeros behind the end are ends, too */
        *options = (struct ms_bytes){ 0 };
    return true;
}

static void option_numbers(struct ms_bytes o, enum ms_frame_field field, struct ms_value_sink *to)
{
    uint8_t kind = o.p[0];
    if (field == MS_FF_TCP_OPTION_KIND)
        ms_value_push(to, ms_value_uint(kind));
    else if (field == MS_FF_TCP_OPTION_LEN && o.n > 1)
        ms_value_push(to, ms_value_uint(o.n));
    else if (field == MS_FF_TCP_OPTIONS_MSS_VAL && kind == KIND_MSS && o.n == 4)
        ms_value_push(to, ms_value_uint(ms_be16(o.p + 2)));
    else if (field == MS_FF_TCP_OPTIONS_WSCALE_SHIFT && kind == KIND_SCALE && o.n == 3)
        ms_value_push(to, ms_value_uint(o.p[2]));
    else if (field == MS_FF_TCP_OPTIONS_WSCALE_MULTIPLIER && kind == KIND_SCALE && o.n == 3)
        ms_value_push(to, ms_value_uint(1u << (o.p[2] < 14 ? o.p[2] : 14)));
    else if (field == MS_FF_TCP_OPTIONS_SACK_COUNT && kind == KIND_SACK)
        ms_value_push(to, ms_value_uint((o.n - 2) / 8));
    else if (field == MS_FF_TCP_OPTIONS_TIMESTAMP_TSVAL && kind == KIND_TIMESTAMPS && o.n == 10)
        ms_value_push(to, ms_value_uint(ms_be32(o.p + 2)));
    else if (field == MS_FF_TCP_OPTIONS_TIMESTAMP_TSECR && kind == KIND_TIMESTAMPS && o.n == 10)
        ms_value_push(to, ms_value_uint(ms_be32(o.p + 6)));
}

static enum ms_frame_field option_field(uint8_t kind)
{
    switch (kind) {
    case KIND_END: return MS_FF_TCP_OPTIONS_EOL;
    case KIND_NOP: return MS_FF_TCP_OPTIONS_NOP;
    case KIND_MSS: return MS_FF_TCP_OPTIONS_MSS;
    case KIND_SCALE: return MS_FF_TCP_OPTIONS_WSCALE;
    case KIND_SACK_PERMITTED: return MS_FF_TCP_OPTIONS_SACK_PERM;
    case KIND_SACK: return MS_FF_TCP_OPTIONS_SACK;
    case KIND_TIMESTAMPS: return MS_FF_TCP_OPTIONS_TIMESTAMP;
    case 19: return MS_FF_TCP_OPTIONS_MD5;
    case 28: return MS_FF_TCP_OPTIONS_USER_TO;
    case 29: return MS_FF_TCP_OPTIONS_AO;
    case 34: return MS_FF_TCP_OPTIONS_TFO;
    case 253: case 254: return MS_FF_TCP_OPTIONS_EXPERIMENTAL;
    default: return MS_FF_COUNT;
    }
}

static void option_values(const struct ms_tcp_header *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes options = ms_tail(h->bytes, 20), o;
    if (field == MS_FF_TCP_OPTIONS && options.n)
        ms_value_push(to, ms_value_bytes(options));
    while (ms_tcp_option_next(&options, &o)) {
        option_numbers(o, field, to);
        if (field == option_field(o.p[0]))
            ms_value_push(to, ms_value_bytes(o));
    }
}

/* Twelve places: three reserved bits, accurate ECN, and the flags from CWR to FIN; a middle dot where a flag is not set. */
static void flag_letters(const struct ms_frame *f, unsigned flags, struct ms_value_sink *to)
{
    static const char letters[] = "RRRACEUAPRSF";
    uint8_t          *text = ms_arena_alloc(f->scratch, 24);
    size_t            n = 0;
    for (unsigned i = 0; i < 12; i++) {
        bool set = flags >> (11 - i) & 1;
        memcpy(text + n, set ? &letters[i] : "\xc2\xb7", set ? 1 : 2);
        n += set ? 1u : 2u;
    }
    ms_value_push(to, ms_value_string((struct ms_bytes){ text, n }));
}

static void flag_values(const struct ms_frame *f, unsigned flags, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool syn = flags & MS_SYN, ack = flags & MS_ACK;
    switch (field) {
    case MS_FF_TCP_FLAGS: ms_value_push(to, ms_value_uint(flags)); break;
    case MS_FF_TCP_FLAGS_STR: flag_letters(f, flags, to); break;
    case MS_FF_TCP_FLAGS_RES: ms_value_push(to, ms_value_bool((flags & 0xe00) != 0)); break;
    case MS_FF_TCP_FLAGS_AE: ms_value_push(to, ms_value_bool((flags & 0x100) != 0)); break;
    case MS_FF_TCP_FLAGS_CWR: ms_value_push(to, ms_value_bool((flags & MS_CWR) != 0)); break;
    case MS_FF_TCP_FLAGS_ECE: ms_value_push(to, ms_value_bool((flags & MS_ECE) != 0)); break;
    case MS_FF_TCP_FLAGS_URG: ms_value_push(to, ms_value_bool((flags & MS_URG) != 0)); break;
    case MS_FF_TCP_FLAGS_ACK: ms_value_push(to, ms_value_bool(ack)); break;
    case MS_FF_TCP_FLAGS_PUSH: ms_value_push(to, ms_value_bool((flags & MS_PSH) != 0)); break;
    case MS_FF_TCP_FLAGS_RESET: ms_value_push(to, ms_value_bool((flags & MS_RST) != 0)); break;
    case MS_FF_TCP_FLAGS_SYN: ms_value_push(to, ms_value_bool(syn)); break;
    case MS_FF_TCP_FLAGS_FIN: ms_value_push(to, ms_value_bool((flags & MS_FIN) != 0)); break;
    case MS_FF_TCP_CONNECTION_SYN: if (syn && !ack) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_CONNECTION_SYNACK: if (syn && ack) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_CONNECTION_FIN: if (flags & MS_FIN) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TCP_CONNECTION_RST: if (flags & MS_RST) ms_value_push(to, ms_value_none()); break;
    default: break;
    }
}

/* What the first eight bytes say: all that an ICMP error needs to quote. A short snap length leaves fewer. */
static void first_values(const struct ms_tcp_header *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    const uint8_t *p = h->bytes.p;
    switch (field) {
    case MS_FF_TCP: ms_value_push(to, ms_value_header((struct ms_bytes){ h->bytes.p, h->bytes.n + h->payload.n }, h->bytes.n)); break;
    case MS_FF_TCP_SRCPORT: ms_value_push(to, ms_value_uint(ms_be16(p))); break;
    case MS_FF_TCP_DSTPORT: ms_value_push(to, ms_value_uint(ms_be16(p + 2))); break;
    case MS_FF_TCP_SEQ_RAW: if (h->bytes.n >= 8) ms_value_push(to, ms_value_uint(ms_be32(p + 4))); break;
    case MS_FF_TCP_PORT:
        ms_value_push(to, ms_value_uint(ms_be16(p)));
        ms_value_push(to, ms_value_uint(ms_be16(p + 2)));
        break;
    default: break;
    }
}

static void whole_values(const struct ms_frame *f, const struct ms_tcp_header *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    const uint8_t *p = h->bytes.p;
    switch (field) {
    case MS_FF_TCP_ACK_RAW: ms_value_push(to, ms_value_uint(ms_be32(p + 8))); break;
    case MS_FF_TCP_HDR_LEN: ms_value_push(to, ms_value_uint(h->size)); break;
    case MS_FF_TCP_LEN: ms_value_push(to, ms_value_uint(h->length)); break;
    case MS_FF_TCP_PAYLOAD:
        if (h->payload.n && (f->show_secrets || !f->printing)) /* passwords and all */
            ms_value_push(to, ms_value_bytes(h->payload));
        break;
    case MS_FF_TCP_WINDOW_SIZE_VALUE: ms_value_push(to, ms_value_uint(ms_be16(p + 14))); break;
    case MS_FF_TCP_CHECKSUM: ms_value_push(to, ms_value_uint(ms_be16(p + 16))); break;
    case MS_FF_TCP_CHECKSUM_STATUS: ms_value_push(to, ms_value_uint(2)); break;
    case MS_FF_TCP_URGENT_POINTER: ms_value_push(to, ms_value_uint(ms_be16(p + 18))); break;
    default:
        if (field >= MS_FF_TCP_FLAGS && field <= MS_FF_TCP_CONNECTION_RST)
            flag_values(f, ms_be16(p + 12) & 0xfff, field, to);
        else if (field >= MS_FF_TCP_OPTIONS)
            option_values(h, field, to);
        break;
    }
}

void ms_values_tcp(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tcp_header h;
    if (field == MS_FF_TCP_PORT && f->decoded == MS_DECODED_TCP) { /* asked most often; a segment has one header */
        ms_value_push(to, ms_value_uint(f->segment.src_port));
        ms_value_push(to, ms_value_uint(f->segment.dst_port));
        return;
    }
    unsigned nth = 0;
    for (size_t at = 0; ms_tcp_header_next(f, &at, &h);) {
        ms_value_layer(to, ++nth);
        first_values(&h, field, to);
        if (h.bytes.n >= 20)
            whole_values(f, &h, field, to);
    }
    to->layer = 0;
}
