/* tests/fuzz/handshake_fuzz.c - messages one after the other: a byte for the direction (bit 0; bit 1: ChangeCipherSpec instead, bit 2: a
 * hello of SSL 2.0), the type, two bytes of length, the body. Property: nothing is read past a message, and what is kept is bounded. */
#include "tls/handshake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static void say(struct ms_tls_handshake *hs, uint8_t how, uint8_t type, struct ms_bytes body)
{
    enum ms_dir dir = how & 1 ? MS_S2C : MS_C2S;
    uint8_t    *exact = malloc(body.n ? body.n : 1);
    if (body.n)
        memcpy(exact, body.p, body.n);
    if (how & 2)
        ms_tls_handshake_changed(hs, dir);
    else if (how & 4)
        ms_tls_handshake_ssl2(hs, (struct ms_bytes){ exact, body.n }, 1, 1);
    else
        ms_tls_handshake_message(hs, dir, type, (struct ms_bytes){ exact, body.n }, 1, 1);
    require(!ms_tls_is_retry((struct ms_bytes){ exact, body.n }) || body.n >= 34);
    free(exact);
}

static void check(const struct ms_tls_handshake *hs)
{
    const struct ms_tls_info *info = hs->info;
    require(info->offered_cipher_count <= 1024 && info->sni.n <= 512 && info->alpn_offered.n <= 1024 && info->alpn.n <= 255);
    require((info->ja3.n == 0 || info->ja3.n == 32) && (info->ja4.n == 0 || info->ja4.n == 36));
    require((info->ja3s.n == 0 || info->ja3s.n == 32) && (info->ja4s.n == 0 || info->ja4s.n == 25));
    require(info->certificate_count <= MS_TLS_CERTIFICATES && (info->certificate_count == 0 || info->certificates));
    require(hs->session_id.n <= 32 && hs->offered_session_id.n <= 32 && hs->offered_ticket.n <= 4096 && hs->new_ticket.n <= 4096);
    require(hs->key_exchange.n <= 4096 && hs->leaf.n <= 65536);
    require(!(info->flags & MS_TLS_CLIENT_CERTIFICATE) == !info->client_certificate);
    require(info->version < 0x0304 || !(info->flags & MS_TLS_RESUMED) || info->flags & MS_TLS_SERVER_HELLO);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { 0 };
    struct ms_tls_handshake hs;
    struct ms_bytes         rest = { data, size };
    ms_tls_handshake_init(&hs, &info, &arena);
    while (rest.n >= 4) {
        struct ms_bytes body = ms_slice(rest, 4, ms_be16(rest.p + 2));
        say(&hs, rest.p[0], rest.p[1], body);
        rest = ms_tail(rest, 4 + body.n);
    }
    check(&hs);
    ms_tls_handshake_finish(&hs);
    ms_arena_finish(&arena);
    return 0;
}
