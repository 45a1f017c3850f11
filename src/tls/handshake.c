/* Handshake messages read into the facts of a connection.
 * BUGS: the identities of a TLS 1.3 pre_shared_key are not told apart, so a PSK that was agreed on outside counts as resumption. A
 * renegotiation tells versions, cipher and resumption anew; names, fingerprints and certificates stay those of the first handshake. */
#include "tls/handshake.h"

#include "base/text.h"
#include "tls/hello.h"

#include <zlib.h>
#include <zstd.h>

enum {
    OFFERED_CIPHERS = 1024, /* kept; real clients offer fewer than 400 */
    SNI_BYTES = 512, PROTOCOL_BYTES = 1024, TICKET_BYTES = 4096, KEY_EXCHANGE_BYTES = 4096, LEAF_BYTES = 65536,
    CERTIFICATES_LISTED = 64, /* of a longer chain the rest is counted */
    TLS13 = 0x0304,
};

/* SHA-256 of "HelloRetryRequest": the random that marks one (RFC 8446 4.1.3). */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

void ms_tls_handshake_init(struct ms_tls_handshake *hs, struct ms_tls_info *info, struct ms_arena *arena)
{
    *hs = (struct ms_tls_handshake){ .info = info, .arena = arena, .most = UINT32_MAX };
    if (!info->client_hello_frame)
        info->client_hello_time = MS_UNKNOWN;
    if (!info->server_hello_frame)
        info->server_hello_time = MS_UNKNOWN;
    if (!info->done_frame)
        info->done_time = MS_UNKNOWN;
}

void ms_tls_handshake_finish(struct ms_tls_handshake *hs)
{
    ms_buffer_finish(&hs->session_id);
    ms_buffer_finish(&hs->offered_session_id);
    ms_buffer_finish(&hs->offered_ticket);
    ms_buffer_finish(&hs->new_ticket);
    ms_buffer_finish(&hs->key_exchange);
    ms_buffer_finish(&hs->leaf);
}

static void keep(struct ms_buffer *b, struct ms_bytes v, size_t most)
{
    b->n = 0;
    if (v.n && v.n <= most)
        ms_buffer_append(b, v);
}

bool ms_tls_is_retry(struct ms_bytes server_hello)
{
    return ms_equal(ms_slice(server_hello, 2, 32), (struct ms_bytes){ retry_random, sizeof retry_random });
}

/* A client hello after a server hello begins a handshake of its own. */
static void begin_again(struct ms_tls_handshake *hs)
{
    if (hs->have_client && hs->have_server)
        hs->info->flags |= MS_TLS_RENEGOTIATED;
    hs->have_server = hs->psk_chosen = hs->certificate_seen = hs->server_done = false;
    hs->session_id.n = hs->new_ticket.n = hs->key_exchange.n = hs->leaf.n = 0;
    memset(&hs->randoms, 0, sizeof hs->randoms);
}

static void note_ciphers(struct ms_tls_info *info, struct ms_arena *arena, struct ms_bytes wire)
{
    size_t room = wire.n / 2 < OFFERED_CIPHERS ? wire.n / 2 : OFFERED_CIPHERS;
    if (!room)
        return;
    info->offered_ciphers = ms_arena_alloc(arena, room * sizeof *info->offered_ciphers);
    while (wire.n >= 2 && info->offered_cipher_count < room) {
        uint16_t code = ms_tls_code_next(&wire);
        if (!ms_tls_is_grease(code))
            info->offered_ciphers[info->offered_cipher_count++] = code;
    }
}

static struct ms_bytes join_protocols(struct ms_arena *arena, struct ms_bytes protocols)
{
    struct ms_buffer t = { 0 };
    struct ms_bytes  name;
    while (ms_tls_protocol_next(&protocols, &name) && t.n + name.n < PROTOCOL_BYTES) {
        if (t.n)
            ms_text_char(&t, ',');
        ms_text_add(&t, name);
    }
    struct ms_bytes joined = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return joined;
}

static void note_versions(struct ms_tls_info *info, const struct ms_tls_hello *h)
{
    info->offered_max = ms_tls_hello_version(h);
    for (struct ms_bytes rest = h->versions; rest.n >= 2;) {
        uint16_t v = ms_tls_version_real(ms_tls_code_next(&rest));
        if (v >= 0x0300 && v <= TLS13 && (!info->offered_min || v < info->offered_min))
            info->offered_min = v;
    }
}

/* What users see of the first client hello. */
static void note_client(struct ms_tls_handshake *hs, const struct ms_tls_hello *h, uint64_t frame, int64_t time)
{
    struct ms_tls_info *info = hs->info;
    info->flags |= MS_TLS_CLIENT_HELLO;
    info->client_hello_frame = frame;
    info->client_hello_time = time;
    note_versions(info, h);
    note_ciphers(info, hs->arena, h->ciphers);
    info->sni = ms_arena_keep(hs->arena, ms_head(h->server_name, SNI_BYTES));
    info->alpn_offered = join_protocols(hs->arena, h->protocols);
    ms_tls_fingerprint_client(h, hs->arena, info);
}

static void read_client_hello(struct ms_tls_handshake *hs, struct ms_bytes body, uint64_t frame, int64_t time)
{
    struct ms_tls_hello h;
    if (!ms_tls_hello_client(&h, body))
        return;
    if (hs->have_client)
        begin_again(hs);
    hs->have_client = true;
    hs->client_version = h.version;
    memcpy(hs->randoms.client, h.random.p, sizeof hs->randoms.client);
    keep(&hs->offered_session_id, h.session_id, 32);
    keep(&hs->offered_ticket, h.ticket, TICKET_BYTES);
    if (ms_tls_hello_has(&h, MS_EXT_EARLY_DATA))
        hs->info->flags |= MS_TLS_EARLY_DATA;
    if (!(hs->info->flags & MS_TLS_CLIENT_HELLO))
        note_client(hs, &h, frame, time);
}

static bool is_resumed(const struct ms_tls_handshake *hs)
{
    if (hs->info->version >= TLS13)
        return hs->psk_chosen;
    return hs->session_id.n && ms_equal(ms_buffer_bytes(&hs->session_id), ms_buffer_bytes(&hs->offered_session_id));
}

static void note_protocol(struct ms_tls_handshake *hs, const struct ms_tls_hello *h)
{
    struct ms_bytes rest = h->protocols, name;
    if (hs->info->alpn.n == 0 && ms_tls_protocol_next(&rest, &name))
        hs->info->alpn = ms_arena_keep(hs->arena, name);
}

/* What the server chose: version, cipher, group. */
static void note_choice(struct ms_tls_handshake *hs, const struct ms_tls_hello *h)
{
    struct ms_tls_info *info = hs->info;
    info->version = ms_tls_hello_version(h);
    if (h->ciphers.n == 2)
        info->cipher = ms_be16(h->ciphers.p);
    if (h->group)
        info->group = h->group;
}

static void read_server_hello(struct ms_tls_handshake *hs, struct ms_bytes body, uint64_t frame, int64_t time)
{
    struct ms_tls_hello h;
    struct ms_tls_info *info = hs->info;
    if (!ms_tls_hello_server(&h, body))
        return;
    note_choice(hs, &h);
    if (ms_tls_is_retry(body)) {
        info->flags |= MS_TLS_RETRY;
        return;
    }
    hs->have_server = true;
    memcpy(hs->randoms.server, h.random.p, sizeof hs->randoms.server);
    hs->psk_chosen = ms_tls_hello_has(&h, MS_EXT_PRE_SHARED_KEY);
    keep(&hs->session_id, h.session_id, 32);
    info->flags &= ~(uint32_t)(MS_TLS_EXTENDED_MASTER | MS_TLS_ENCRYPT_THEN_MAC | MS_TLS_COMPRESSED | MS_TLS_RESUMED);
    info->flags |= (ms_tls_hello_has(&h, MS_EXT_EXTENDED_MASTER) ? MS_TLS_EXTENDED_MASTER : 0u) |
                   (ms_tls_hello_has(&h, MS_EXT_ENCRYPT_THEN_MAC) ? MS_TLS_ENCRYPT_THEN_MAC : 0u) |
                   (ms_at(h.compressions, 0) ? MS_TLS_COMPRESSED : 0u) | (is_resumed(hs) ? MS_TLS_RESUMED : 0u);
    note_protocol(hs, &h);
    if (info->flags & MS_TLS_SERVER_HELLO)
        return;
    info->flags |= MS_TLS_SERVER_HELLO;
    info->server_hello_frame = frame;
    info->server_hello_time = time;
    ms_tls_fingerprint_server(&h, hs->arena, info);
}

static void read_encrypted_extensions(struct ms_tls_handshake *hs, struct ms_bytes body)
{
    struct ms_tls_hello h;
    ms_tls_hello_encrypted(&h, body);
    note_protocol(hs, &h);
    if (ms_tls_hello_has(&h, MS_EXT_EARLY_DATA))
        hs->info->flags |= MS_TLS_EARLY_ACCEPTED;
}

/* The certificates of a message; returns how many there are, of which der[] has the first CERTIFICATES_LISTED. */
static size_t list_certificates(struct ms_bytes body, bool tls13, struct ms_bytes der[CERTIFICATES_LISTED])
{
    struct ms_cur c = { body, false };
    size_t        n = 0;
    if (tls13)
        ms_tls_vector(&c, 1); /* certificate_request_context */
    struct ms_cur list = { ms_tls_vector(&c, 3), false };
    while (list.rest.n) {
        struct ms_bytes one = ms_tls_vector(&list, 3);
        if (tls13)
            ms_tls_vector(&list, 2);
        if (one.n && n < CERTIFICATES_LISTED)
            der[n] = one;
        n += one.n != 0;
    }
    return n;
}

static void read_server_certificates(struct ms_tls_handshake *hs, const struct ms_bytes *der, size_t n, uint64_t frame)
{
    struct ms_tls_info     *info = hs->info;
    const struct ms_tls_suite *suite = ms_tls_suite_find(info->cipher);
    hs->certificate_seen = true;
    if (info->version < TLS13)
        info->flags &= ~(uint32_t)MS_TLS_RESUMED; /* the id was echoed, but this is a whole handshake */
    if (n && suite && suite->exchange == MS_KX_RSA)
        keep(&hs->leaf, der[0], LEAF_BYTES);
    if (info->certificate_count || n == 0)
        return;
    size_t listed = n < CERTIFICATES_LISTED ? n : CERTIFICATES_LISTED;
    ms_certificates_read_cached(hs->cache, info, hs->arena, der, listed);
    info->certificates_dropped += (uint32_t)(n - listed);
    info->certificate_frame = frame;
}

static void read_certificates(struct ms_tls_handshake *hs, enum ms_dir dir, struct ms_bytes body, uint64_t frame)
{
    struct ms_bytes     der[CERTIFICATES_LISTED];
    struct ms_tls_info *info = hs->info;
    size_t              n = list_certificates(body, info->version >= TLS13, der);
    if (dir == MS_S2C) {
        read_server_certificates(hs, der, n, frame);
    } else if (n) {
        info->flags |= MS_TLS_CLIENT_CERTIFICATE;
        if (!info->client_certificate)
            info->client_certificate = ms_certificate_read_cached(hs->cache, hs->arena, der[0]);
    }
}

enum { ZLIB = 1, BROTLI = 2, ZSTD = 3 }; /* RFC 8879 7.3 */

/* Unpacks into n bytes; false when it is damaged or of another length. */
static bool unpack(uint16_t how, struct ms_bytes packed, uint8_t *out, size_t n)
{
    uLongf got = (uLongf)n;
    if (how == ZLIB)
        return uncompress(out, &got, packed.p, (uLong)packed.n) == Z_OK && got == n;
    return ZSTD_decompress(out, n, packed.p, packed.n) == n;
}

/* NULL: they were read. Else why not. */
static const char *unpack_certificates(struct ms_tls_handshake *hs, enum ms_dir dir, struct ms_bytes body, uint64_t frame)
{
    struct ms_cur   c = { body, false };
    uint16_t        how = ms_take_be16(&c);
    size_t          n = (size_t)ms_take_u8(&c) << 16;
    n |= ms_take_be16(&c);
    struct ms_bytes packed = ms_tls_vector(&c, 3);
    hs->too_large |= n > hs->most;
    if (c.bad || n == 0 || hs->too_large)
        return hs->too_large ? "too large" : "damaged";
    if (how != ZLIB && how != ZSTD)
        return how == BROTLI ? "brotli" : "unknown compression";
    uint8_t *out = ms_alloc(n);
    bool     good = unpack(how, packed, out, n);
    if (good)
        read_certificates(hs, dir, (struct ms_bytes){ out, n }, frame);
    ms_free(out);
    return good ? NULL : "damaged";
}

/* One of each side: a second one would only make work. */
static void read_compressed_certificates(struct ms_tls_handshake *hs, enum ms_dir dir, struct ms_bytes body, uint64_t frame)
{
    struct ms_tls_info *info = hs->info;
    hs->certificate_seen |= dir == MS_S2C;
    if (info->packed_certificates[dir])
        return;
    info->packed_certificates[dir] = true;
    const char *unread = unpack_certificates(hs, dir, body, frame);
    if (dir == MS_S2C)
        info->certificates_unread = unread;
    else if (unread)
        info->flags |= MS_TLS_CLIENT_CERTIFICATE;
    if (dir == MS_S2C && unread)
        info->certificate_frame = frame;
}

/* A prime of RFC 7919 appendix A: all begin with the same digits of e, its length says which. 0: another one. */
static uint16_t known_prime(struct ms_bytes p)
{
    static const uint8_t begin[12] = { 255, 255, 255, 255, 255, 255, 255, 255, 0xad, 0xf8, 0x54, 0x58 };
    static const uint16_t bytes[] = { 256, 384, 512, 768, 1024 };
    if (!ms_equal(ms_head(p, sizeof begin), (struct ms_bytes){ begin, sizeof begin }))
        return 0;
    for (uint16_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        if (bytes[i] == p.n)
            return (uint16_t)(0x0100 + i);
    return 0;
}

static void read_server_key_exchange(struct ms_tls_handshake *hs, struct ms_bytes body)
{
    const struct ms_tls_suite *suite = ms_tls_suite_find(hs->info->cipher);
    struct ms_cur              c = { body, false };
    uint16_t                   group = 0;
    if (suite && suite->exchange == MS_KX_ECDHE && ms_take_u8(&c) == 3 /* named_curve, RFC 8422 5.4 */)
        group = ms_take_be16(&c);
    else if (suite && suite->exchange == MS_KX_DHE)
        group = known_prime(ms_tls_vector(&c, 2));
    if (group)
        hs->info->group = group;
}

static void read_client_key_exchange(struct ms_tls_handshake *hs, struct ms_bytes body)
{
    const struct ms_tls_suite *suite = ms_tls_suite_find(hs->info->cipher);
    struct ms_cur              c = { body, false };
    if (!suite || suite->exchange != MS_KX_RSA)
        return;
    keep(&hs->key_exchange, hs->info->version <= 0x0300 ? body : ms_tls_vector(&c, 2), KEY_EXCHANGE_BYTES);
}

/* In TLS 1.2 a ticket comes after the keys are agreed on: without a certificate before it the session is resumed. */
static void read_new_ticket(struct ms_tls_handshake *hs, struct ms_bytes body)
{
    struct ms_cur c = { body, false };
    if (hs->info->version >= TLS13)
        return;
    ms_take_be32(&c);
    keep(&hs->new_ticket, ms_tls_vector(&c, 2), TICKET_BYTES);
    ms_tls_handshake_changed(hs, MS_S2C);
}

void ms_tls_handshake_changed(struct ms_tls_handshake *hs, enum ms_dir dir)
{
    bool whole = hs->certificate_seen || hs->server_done || hs->info->version >= TLS13;
    if (dir == MS_S2C && hs->have_server && !whole && hs->offered_ticket.n)
        hs->info->flags |= MS_TLS_RESUMED;
}

static void read_from_client(struct ms_tls_handshake *hs, uint8_t type, struct ms_bytes body)
{
    if (type == MS_HS_CLIENT_KEY_EXCHANGE)
        read_client_key_exchange(hs, body);
}

static void read_from_server(struct ms_tls_handshake *hs, uint8_t type, struct ms_bytes body)
{
    switch (type) {
    case MS_HS_NEW_SESSION_TICKET: read_new_ticket(hs, body); break;
    case MS_HS_ENCRYPTED_EXTENSIONS: read_encrypted_extensions(hs, body); break;
    case MS_HS_SERVER_KEY_EXCHANGE: read_server_key_exchange(hs, body); break;
    case MS_HS_CERTIFICATE_REQUEST: hs->info->flags |= MS_TLS_CLIENT_ASKED; break;
    case MS_HS_SERVER_HELLO_DONE: hs->server_done = true; break;
    default: break;
    }
}

void ms_tls_handshake_message(struct ms_tls_handshake *hs, enum ms_dir dir, uint8_t type, struct ms_bytes body, uint64_t frame, int64_t time)
{
    if (type == MS_HS_CERTIFICATE) {
        read_certificates(hs, dir, body, frame);
    } else if (type == MS_HS_COMPRESSED_CERTIFICATE) {
        read_compressed_certificates(hs, dir, body, frame);
    } else if (type == MS_HS_KEY_UPDATE) {
        hs->info->flags |= MS_TLS_KEY_UPDATE;
    } else if (dir == MS_C2S && type == MS_HS_CLIENT_HELLO) {
        read_client_hello(hs, body, frame, time);
    } else if (dir == MS_S2C && type == MS_HS_SERVER_HELLO) {
        read_server_hello(hs, body, frame, time);
    } else if (dir == MS_C2S) {
        read_from_client(hs, type, body);
    } else {
        read_from_server(hs, type, body);
    }
}

/* Cipher specs of three bytes; those that begin with 0 are the TLS ones. */
static void note_ssl2_ciphers(struct ms_tls_handshake *hs, struct ms_bytes specs)
{
    struct ms_buffer wire = { 0 };
    for (; specs.n >= 3 && wire.n < 2 * OFFERED_CIPHERS; specs = ms_tail(specs, 3))
        if (specs.p[0] == 0)
            ms_buffer_append(&wire, (struct ms_bytes){ specs.p + 1, 2 });
    note_ciphers(hs->info, hs->arena, ms_buffer_bytes(&wire));
    ms_buffer_finish(&wire);
}

void ms_tls_handshake_ssl2(struct ms_tls_handshake *hs, struct ms_bytes hello, uint64_t frame, int64_t time)
{
    struct ms_cur c = { hello, false };
    uint8_t       type = ms_take_u8(&c);
    uint16_t      version = ms_take_be16(&c), specs_n = ms_take_be16(&c), id_n = ms_take_be16(&c), challenge_n = ms_take_be16(&c);
    if (c.bad || type != MS_HS_CLIENT_HELLO || hs->have_client)
        return;
    struct ms_bytes specs = ms_take(&c, specs_n), id = ms_take(&c, id_n), challenge = ms_take(&c, challenge_n);
    hs->info->flags |= MS_TLS_CLIENT_HELLO | MS_TLS_SSL2_HELLO;
    hs->info->client_hello_frame = frame;
    hs->info->client_hello_time = time;
    hs->info->offered_max = version;
    note_ssl2_ciphers(hs, specs);
    if (c.bad)
        return;
    hs->have_client = true;
    hs->client_version = version;
    keep(&hs->offered_session_id, id, 32);
    challenge = ms_tail(challenge, challenge.n > 32 ? challenge.n - 32 : 0); /* shorter ones are filled up on the left: RFC 5246 E.2 */
    if (challenge.n)
        memcpy(hs->randoms.client + 32 - challenge.n, challenge.p, challenge.n);
}
