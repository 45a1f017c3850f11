/* tls.handshake.* of hellos: what they offer and choose, their extensions, their fingerprints. */
#include "frame/tls_view.h"

#include "tls/hello.h"

enum { EXT_STATUS_REQUEST = 5, EXT_RECORD_SIZE_LIMIT = 28, EXT_DELEGATED = 34, EXT_KEY_SHARE_DRAFT = 40, EXT_PSK_MODES = 45, EXT_AUTHORITIES = 47, EXT_SIGNATURES_CERT = 50, EXT_RENEGOTIATION = 0xff01 };

static void push_codes(struct ms_bytes codes, unsigned width, struct ms_value_sink *to)
{
    for (; codes.n >= width; codes = ms_tail(codes, width))
        ms_value_push(to, ms_value_uint(width == 2 ? ms_be16(codes.p) : codes.p[0]));
}

void ms_values_tls_signatures(struct ms_bytes codes, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG)
        push_codes(codes, 2, to);
    for (size_t i = field == MS_FF_TLS_HANDSHAKE_SIG_HASH_SIG; i < codes.n / 2 * 2; i += 2)
        if (field == MS_FF_TLS_HANDSHAKE_SIG_HASH_HASH || field == MS_FF_TLS_HANDSHAKE_SIG_HASH_SIG)
            ms_value_push(to, ms_value_uint(codes.p[i]));
}

/* ---- extensions -------------------------------------------------------------------------------------------------------------- */

/* Extensions that are one list of codes of `item` bytes behind a length of `width` bytes. */
static const struct list { uint16_t type; uint8_t width, item; uint16_t length_field, list_field, item_field; } lists[] = {
    { MS_EXT_GROUPS, 2, 2, MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_GROUPS_LENGTH, MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_GROUPS,
      MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_GROUP },
    { MS_EXT_POINT_FORMATS, 1, 1, MS_FF_TLS_HANDSHAKE_EXTENSIONS_EC_POINT_FORMATS_LENGTH, MS_FF_TLS_HANDSHAKE_EXTENSIONS_EC_POINT_FORMATS,
      MS_FF_TLS_HANDSHAKE_EXTENSIONS_EC_POINT_FORMAT },
    { MS_EXT_SIGNATURES, 2, 2, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG_LEN, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALGS, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG },
    { EXT_DELEGATED, 2, 2, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG_LEN, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALGS, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG },
    { EXT_SIGNATURES_CERT, 2, 2, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG_LEN, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALGS, MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG },
    { MS_EXT_VERSIONS, 1, 2, MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_VERSIONS_LEN, MS_FF_COUNT, MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_VERSION },
    { EXT_PSK_MODES, 1, 1, MS_FF_TLS_EXTENSION_PSK_KE_MODES_LENGTH, MS_FF_COUNT, MS_FF_TLS_EXTENSION_PSK_KE_MODE },
};

static bool list_values(uint16_t type, struct ms_bytes body, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const struct list *l = &lists[i];
        if (l->type != type)
            continue;
        struct ms_cur   c = { body, false };
        struct ms_bytes codes = ms_tls_vector(&c, l->width);
        if (field == l->length_field)
            ms_value_push(to, ms_value_uint(codes.n));
        else if (field == l->list_field)
            ms_value_push(to, ms_value_none());
        else if (l->item_field == MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG)
            ms_values_tls_signatures(codes, field, to);
        else if (field == l->item_field)
            push_codes(codes, l->item, to);
        return true;
    }
    return false;
}

/* RFC 6066 3. */
static void name_values(struct ms_bytes body, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur c = { body, false };
    if (body.n == 0) /* a server's */
        return;
    struct ms_cur list = { ms_tls_vector(&c, 2), false };
    if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SERVER_NAME_LIST_LEN)
        ms_value_push(to, ms_value_uint(list.rest.n));
    while (list.rest.n) {
        uint8_t         type = ms_take_u8(&list);
        struct ms_bytes name = ms_tls_vector(&list, 2);
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SERVER_NAME_TYPE)
            ms_value_push(to, ms_value_uint(type));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SERVER_NAME_LEN)
            ms_value_push(to, ms_value_uint(name.n));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SERVER_NAME && name.n)
            ms_value_push(to, ms_value_string(name));
    }
}

/* RFC 7301 3.1. */
static void protocol_values(struct ms_bytes body, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur   c = { body, false };
    struct ms_bytes rest = ms_tls_vector(&c, 2), name;
    if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_LEN)
        ms_value_push(to, ms_value_uint(rest.n));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_LIST && rest.n)
        ms_value_push(to, ms_value_none());
    while (ms_tls_protocol_next(&rest, &name))
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_STR)
            ms_value_push(to, ms_value_string(name));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_STR_LEN)
            ms_value_push(to, ms_value_uint(name.n));
}

/* RFC 8446 4.2.8: a list of the client's, one of the server's, or in a HelloRetryRequest a group alone. */
static void share_values(bool server, struct ms_bytes body, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur c = { body, false };
    if (server && body.n == 2) {
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_SELECTED_GROUP)
            ms_value_push(to, ms_value_uint(ms_be16(body.p)));
        return;
    }
    if (!server) {
        c.rest = ms_tls_vector(&c, 2);
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_CLIENT_LENGTH)
            ms_value_push(to, ms_value_uint(c.rest.n));
    }
    while (c.rest.n >= 4) {
        uint16_t        group = ms_take_be16(&c);
        struct ms_bytes key = ms_tls_vector(&c, 2);
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_GROUP)
            ms_value_push(to, ms_value_uint(group));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_KEY_EXCHANGE_LENGTH)
            ms_value_push(to, ms_value_uint(key.n));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_KEY_EXCHANGE && key.n)
            ms_value_push(to, ms_value_bytes(key));
    }
}

/* What is not taken apart: session tickets, and all types but those that Wireshark 4.0 reads. */
static bool is_plain_data(uint16_t type)
{
    switch (type) {
    case 0: case 1: case 2: case 5: case 9: case 10: case 11: case 13: case 14: case 15: case 16: case 17: case 18: case 19: case 20: case 21:
    case 22: case 23: case 27: case 28: case 34: case 40: case 41: case 42: case 43: case 44: case 45: case 47: case 48: case 49: case 50: case 51:
    case 53: case 54: case 57: case 0x3374: case 0x4469: case 0xff01: case 0xffa5: case 0xffce: return false;
    default: return true;
    }
}

static void extension_values(bool server, uint16_t type, struct ms_bytes body, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_TLS_HANDSHAKE_EXTENSION_TYPE || field == MS_FF_TLS_HANDSHAKE_EXTENSION_LEN) {
        ms_value_push(to, ms_value_uint(field == MS_FF_TLS_HANDSHAKE_EXTENSION_TYPE ? type : body.n));
    } else if (field == MS_FF_TLS_HANDSHAKE_EXTENSION_DATA) {
        if (is_plain_data(type))
            ms_value_push(to, ms_value_bytes(body));
    } else if (type == MS_EXT_VERSIONS && server) {
        if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_VERSION)
            push_codes(ms_head(body, 2), 2, to);
    } else if (!list_values(type, body, field, to)) {
        bool number = (type == EXT_STATUS_REQUEST && field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_STATUS_REQUEST_TYPE && !server) ||
                      (type == EXT_RENEGOTIATION && field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_RENEG_INFO_LEN);
        if (number)
            push_codes(ms_head(body, 1), 1, to);
        else if (type == EXT_RECORD_SIZE_LIMIT && field == MS_FF_TLS_RECORD_SIZE_LIMIT)
            push_codes(ms_head(body, 2), 2, to);
        else if (type == MS_EXT_SERVER_NAME)
            name_values(body, field, to);
        else if (type == EXT_AUTHORITIES)
            ms_values_tls_authorities(body, field, to);
        else if (type == MS_EXT_ALPN)
            protocol_values(body, field, to);
        else if (type == MS_EXT_KEY_SHARE || type == EXT_KEY_SHARE_DRAFT)
            share_values(server, body, field, to);
    }
}

void ms_values_tls_extensions(const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes rest = h->extensions, body;
    uint16_t        type;
    if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_LENGTH && h->extensions.n)
        ms_value_push(to, ms_value_uint(h->extensions.n));
    else
        while (ms_tls_extension_next(&rest, &type, &body))
            extension_values(h->server, type, body, field, to);
}

/* ---- hellos -------------------------------------------------------------------------------------------------------------------- */

static void fingerprint_values(const struct ms_frame *f, const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == (h->server ? MS_FF_TLS_HANDSHAKE_JA3S_FULL : MS_FF_TLS_HANDSHAKE_JA3_FULL)) {
        struct ms_buffer t = { 0 };
        ms_tls_ja3_text(h, &t);
        ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, ms_buffer_bytes(&t))));
        ms_buffer_finish(&t);
    } else if (field == (h->server ? MS_FF_TLS_HANDSHAKE_JA3S : MS_FF_TLS_HANDSHAKE_JA3)) {
        struct ms_tls_info info = { 0 };
        if (h->server)
            ms_tls_fingerprint_server(h, f->scratch, &info);
        else
            ms_tls_fingerprint_client(h, f->scratch, &info);
        struct ms_bytes print = h->server ? info.ja3s : info.ja3;
        if (print.n)
            ms_value_push(to, ms_value_string(print));
    }
}

static void random_values(struct ms_bytes random, enum ms_frame_field field, struct ms_value_sink *to)
{
    enum { TIME_BYTES = 4 };
    if (random.n < TIME_BYTES)
        return;
    if (field == MS_FF_TLS_HANDSHAKE_RANDOM_TIME)
        ms_value_push(to, ms_value_time((int64_t)ms_be32(random.p) * 1000000000));
    else
        ms_value_push(to, ms_value_bytes(field == MS_FF_TLS_HANDSHAKE_RANDOM ? random : ms_tail(random, TIME_BYTES)));
}

/* What a client has as a list. */
static void offer_values(const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_TLS_HANDSHAKE_CIPHER_SUITES_LENGTH: ms_value_push(to, ms_value_uint(h->ciphers.n)); break;
    case MS_FF_TLS_HANDSHAKE_CIPHERSUITES: if (h->ciphers.n) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TLS_HANDSHAKE_COMP_METHODS_LENGTH: ms_value_push(to, ms_value_uint(h->compressions.n)); break;
    case MS_FF_TLS_HANDSHAKE_COMP_METHODS: if (h->compressions.n) ms_value_push(to, ms_value_none()); break;
    default: break;
    }
}

void ms_values_tls_hello(const struct ms_frame *f, const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_TLS_HANDSHAKE_VERSION: ms_value_push(to, ms_value_uint(h->version)); break;
    case MS_FF_TLS_HANDSHAKE_RANDOM: case MS_FF_TLS_HANDSHAKE_RANDOM_TIME: case MS_FF_TLS_HANDSHAKE_RANDOM_BYTES:
        random_values(h->random, field, to);
        break;
    case MS_FF_TLS_HANDSHAKE_SESSION_ID_LENGTH: ms_value_push(to, ms_value_uint(h->session_id.n)); break;
    case MS_FF_TLS_HANDSHAKE_SESSION_ID: if (h->session_id.n) ms_value_push(to, ms_value_bytes(h->session_id)); break;
    case MS_FF_TLS_HANDSHAKE_CIPHERSUITE: push_codes(h->ciphers, 2, to); break;
    case MS_FF_TLS_HANDSHAKE_COMP_METHOD: push_codes(h->compressions, 1, to); break;
    case MS_FF_TLS_HANDSHAKE_JA3: case MS_FF_TLS_HANDSHAKE_JA3_FULL: case MS_FF_TLS_HANDSHAKE_JA3S: case MS_FF_TLS_HANDSHAKE_JA3S_FULL:
        fingerprint_values(f, h, field, to);
        break;
    default:
        if (!h->server)
            offer_values(h, field, to);
        ms_values_tls_extensions(h, field, to);
        break;
    }
}
