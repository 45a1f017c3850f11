/* tests/fuzz/engine_net_fuzz.c - DNS over UDP and TCP, ICMP errors and mail among a few machines.
 *
 * Input    a packet each: what (kind, direction, port), TTL, time, length, content. TCP sequence numbers go on by themselves unless the
 *          packet says otherwise.
 * Property no sanitizer report; sessions are numbered from 1 without holes, have a name for each lookup, and an obstacle says something. */
#include "base/hash.h"
#include "engine/engine.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define must(truth) ((truth) ? (void)0 : abort())

enum { PACKET_BYTES = 700, RAW_IP = 101 };

struct run { uint32_t sessions; uint64_t number_sum; uint32_t next[4][2]; int64_t time; uint64_t frame; };

static void session(void *ctx, const struct ms_session *s)
{
    struct run *r = ctx;
    r->sessions++;
    r->number_sum += s->id;
    must(!s->lookup || (s->lookup->name.n && s->server.name.n && s->lookup->answer_frame));
    must(!s->obstacle || s->obstacle->frame || s->obstacle->reset_frame);
    must(!s->obstacle || s->obstacle->frame <= r->frame);
    must(!s->obstacle || (s->obstacle->count > 0) == (s->obstacle->frame > 0));
}

static void put(uint8_t *p, uint32_t v, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(v >> (bytes - 1 - i) * 8);
}

static size_t ip(uint8_t *p, uint8_t protocol, uint8_t ttl, bool back, size_t length)
{
    memset(p, 0, 20);
    p[0] = 0x45;
    put(p + 2, (uint32_t)(20 + length), 2);
    p[8] = ttl;
    p[9] = protocol;
    put(p + 12, back ? 0xc0000201 : 0xc000020a, 4);
    put(p + 16, back ? 0xc000020a : 0xc0000201, 4);
    return 20;
}

static void ports(uint8_t *p, unsigned pair, bool back)
{
    static const uint16_t server[4] = { 25, 53, 53, 143 };
    put(p, back ? server[pair] : 4000 + pair, 2);
    put(p + 2, back ? 4000 + pair : server[pair], 2);
}

/* Gives the length of the packet written to p. */
static size_t packet(struct run *r, struct ms_cur *c, uint8_t p[PACKET_BYTES])
{
    unsigned what = ms_take_u8(c), kind = what & 3, pair = what >> 2 & 3;
    bool     back = what & 16, odd = what & 32;
    uint8_t  ttl = ms_take_u8(c), time = ms_take_u8(c), length = ms_take_u8(c);
    struct ms_bytes b = ms_take(c, length < c->rest.n ? length : c->rest.n);
    r->time += odd ? (int64_t)time * 1000000000 : time * 1000000;
    size_t head = kind < 2 ? 20 : 8, at = ip(p, kind < 2 ? 6 : kind == 2 ? 17 : 1, ttl, back, head + b.n);
    memset(p + at, 0, head);
    if (b.n)
        memcpy(p + at + head, b.p, b.n);
    if (kind == 3) {
        memcpy(p + at, (const uint8_t[]){ 3, (uint8_t)(what >> 6), 0, 0, 0, 0, 5, 0x78 }, 8);
        if (b.n >= 28) {
            ip(p + at + 8, 6, ttl, !back, 28);
            ports(p + at + 28, pair, !back);
        }
        return at + head + b.n;
    }
    ports(p + at, pair, back);
    if (kind == 2) {
        put(p + at + 4, (uint32_t)(8 + b.n), 2);
        return at + head + b.n;
    }
    static const uint8_t flags[4] = { 0x18, 0x02, 0x11, 0x14 };
    p[at + 12] = 0x50;
    p[at + 13] = (uint8_t)(kind == 0 ? 0x18 : flags[what >> 6] | (what >> 6 == 1 && back ? 0x10 : 0));
    put(p + at + 4, r->next[pair][back] + (odd ? ttl : 0), 4);
    put(p + at + 8, r->next[pair][!back], 4);
    r->next[pair][back] += (uint32_t)b.n + (p[at + 13] & 3 ? 1u : 0u);
    return at + head + b.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool ready;
    if (!ready)
        ms_hash_init();
    ready = true;
    struct run               r = { .time = 1000000000 };
    struct ms_engine_options options = { .limits = size & 1 ? ms_limits_tiny() : ms_limits_default(), .keep_findings = true };
    struct ms_engine        *e = ms_engine_create(&options, &(struct ms_output){ .session = session, .ctx = &r });
    struct ms_cur            c = { { data, size }, false };
    while (c.rest.n) {
        uint8_t          bytes[PACKET_BYTES];
        size_t           n = packet(&r, &c, bytes);
        struct ms_packet p = { .number = ++r.frame, .time = r.time, .link_type = RAW_IP, .length = (uint32_t)n, .data = { bytes, n } };
        ms_engine_packets(e, &p, 1);
    }
    ms_engine_finish(e);
    must(r.number_sum == (uint64_t)r.sessions * (r.sessions + 1) / 2);
    ms_engine_destroy(e);
    return 0;
}
