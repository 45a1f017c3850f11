/* tests/support/dfilter_record.h - one frame, one session and one message with known values, as a source for display filters. */
#pragma once
#include "dfilter_fields.h"

struct sample { const char *field; struct ms_value v; };

#define TEXT(f, s)          { f, { .bytes = { (const uint8_t *)(s), sizeof(s) - 1 }, .type = MS_FT_STRING } }
#define OCTETS(f, s)        { f, { .bytes = { (const uint8_t *)(s), sizeof(s) - 1 }, .type = MS_FT_BYTES } }
#define PROTO(f, s, l)      { f, { .bytes = { (const uint8_t *)(s), sizeof(s) - 1 }, .type = MS_FT_PROTOCOL, .layer = l } }
#define UINT(f, n)          { f, { .u = n, .type = MS_FT_UINT } }
#define BOOL(f, n)          { f, { .u = n, .type = MS_FT_BOOLEAN } }
#define INT(f, n)           { f, { .i = n, .type = MS_FT_INT } }
#define NS(f, t, n)         { f, { .i = n, .type = t } }
#define V4(f, t, a, b, c, d, l) { f, { .ip = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, .type = t, .layer = l } }
#define V6(f, t, last)      { f, { .ip = { 0x20, 1, 0x0d, 0xb8, [15] = last }, .type = t } }
#define MAC(f, last)        { f, { .ether = { 0x00, 0x1b, 0x21, 0x0a, 0x0b, last }, .type = MS_FT_ETHER } }

#define TCP_HEADER "\x06\x36\x00\x19\x00\x00\x00\x01\x00\x00\x00\x02\x50\x18\x20\x00\x12\x34\x00\x00"

/* Frame 3: RSET from 10.0.0.1:1590 to 10.0.0.2:25, inside of which another IPv4 header. 2026-11-24 12:00:00.5 UTC. */
static const struct sample frame_samples[] = {
    PROTO("frame", "\x00\x1b\x21\x0a\x0b\x0c\x00\x50\x56\x01\x02\x03\x08\x00RSET\r\n", 0), UINT("frame.number", 3), UINT("frame.len", 74),
    UINT("frame.cap_len", 20), TEXT("frame.protocols", "eth:ethertype:ip:tcp:smtp"),
    NS("frame.time", MS_FT_TIME, 1795521600500000000), NS("frame.time_epoch", MS_FT_DURATION, 1795521600500000000),
    NS("frame.time_delta", MS_FT_DURATION, 250000000), NS("frame.time_relative", MS_FT_DURATION, 1500000000),
    MAC("eth.dst", 0x0c), MAC("eth.src", 0x0d), MAC("eth.addr", 0x0c), MAC("eth.addr", 0x0d),
    PROTO("ip", "\x45\x00\x00\x2e", 1), PROTO("ip", "\x46\x00\x00\x2e", 2),
    V4("ip.src", MS_FT_IPV4, 10, 0, 0, 1, 1), V4("ip.src", MS_FT_IPV4, 192, 168, 30, 40, 2), V4("ip.dst", MS_FT_IPV4, 10, 0, 0, 2, 1),
    V4("ip.addr", MS_FT_IPV4, 10, 0, 0, 1, 1), V4("ip.addr", MS_FT_IPV4, 10, 0, 0, 2, 1), V4("ip.addr", MS_FT_IPV4, 192, 168, 30, 40, 2),
    UINT("ip.proto", 6), UINT("ip.ttl", 64), UINT("ip.version", 4), V6("ipv6.src", MS_FT_IPV6, 1),
    PROTO("tcp", TCP_HEADER, 1), UINT("tcp.srcport", 1590), UINT("tcp.dstport", 25), UINT("tcp.port", 1590), UINT("tcp.port", 25),
    UINT("tcp.flags", 0x18), BOOL("tcp.flags.ack", 1), BOOL("tcp.flags.syn", 0), INT("tcp.window_size_scalefactor", -2),
    { "tcp.analysis.flags", { .type = MS_FT_NONE } }, OCTETS("tcp.payload", "RSET\r\n"), PROTO("smtp", "RSET\r\n", 1),
    TEXT("smtp.req.command", "RSET"), TEXT("imf.from", "Alice <alice@example.org>"), TEXT("imf.from", "bob@example.net"),
    UINT("tls.handshake.type", 1), UINT("smtp.response.code", 250), TEXT("dns.qry.name", ""),
};

static const struct sample session_samples[] = {
    UINT("session.bytes", 5000000000), NS("session.duration", MS_FT_DURATION, -1500000000), { "session.first", { .u = 3, .type = MS_FT_FRAME } },
    { "session.ratio", { .d = 0.75, .type = MS_FT_DOUBLE } }, V4("session.server.ip", MS_FT_IP, 10, 0, 0, 5, 0), TEXT("session.user", "alice"),
};

static const struct sample message_samples[] = {
    TEXT("message.attachment.type", "application/zip"), TEXT("message.attachment.type", "text/plain"), UINT("message.size", 1234),
};

struct record { const struct sample *samples; size_t n; unsigned asked[sizeof test_fields / sizeof *test_fields]; };
#define RECORD(samples) { samples, sizeof(samples) / sizeof *(samples), { 0 } }

static inline void record_values(void *ctx, size_t field, struct ms_value_sink *to)
{
    struct record *r = ctx;
    r->asked[field]++;
    for (size_t i = 0; i < r->n; i++)
        if (strcmp(r->samples[i].field, test_fields[field].name) == 0)
            ms_value_push(to, r->samples[i].v);
}
