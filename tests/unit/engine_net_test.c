/* tests/unit/engine_net_test.c - what stands around a session: the lookup before it, ICMP errors about it, packets of others in it.
 * Packets are raw IP, times 1 ms apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/text.h"
#include "engine/private.h"

#include <stdio.h>

enum { RAW_IP = 101, TCP = 6, UDP = 17, CLIENT = 10, SERVER = 25, RESOLVER = 53, ROUTER = 1 };

struct lab {
    struct ms_engine *engine;
    struct ms_buffer  trace;     /* a line a session */
    struct ms_buffer  packets;   /* the bytes at work */
    uint64_t          frame;
    int64_t           time;
    uint8_t           ttl;       /* of the next packets */
    bool              v6;
};

static void put(struct ms_buffer *b, uint64_t v, unsigned bytes)
{
    for (unsigned i = bytes; i-- > 0;) {
        uint8_t c = (uint8_t)(v >> 8 * i);
        ms_buffer_append(b, (struct ms_bytes){ &c, 1 });
    }
}

static void put_address(struct ms_buffer *b, bool v6, unsigned host)
{
    if (v6)
        put(b, 0x20010db8, 4), put(b, 0, 8), put(b, host, 4);
    else
        put(b, 0xc6336400u | host, 4); /* 198.51.100.host */
}

static void put_ip(struct ms_buffer *b, const struct lab *lab, unsigned protocol, unsigned src, unsigned dst, size_t length)
{
    if (lab->v6)
        put(b, 0x60000000, 4), put(b, length, 2), put(b, protocol, 1), put(b, lab->ttl, 1);
    else
        put(b, 0x4500, 2), put(b, 20 + length, 2), put(b, 0, 4), put(b, lab->ttl, 1), put(b, protocol, 1), put(b, 0, 2);
    put_address(b, lab->v6, src);
    put_address(b, lab->v6, dst);
}

static void send(struct lab *lab)
{
    struct ms_packet p = { .number = ++lab->frame, .time = lab->time += 1000000, .link_type = RAW_IP, .length = (uint32_t)lab->packets.n,
                           .data = ms_buffer_bytes(&lab->packets) };
    ms_engine_packets(lab->engine, &p, 1);
    ms_buffer_consume(&lab->packets, lab->packets.n);
}

struct tcp { unsigned src, dst, src_port, dst_port; uint32_t seq, ack; unsigned flags; };

static void segment(struct lab *lab, struct tcp t, struct ms_bytes payload)
{
    put_ip(&lab->packets, lab, TCP, t.src, t.dst, 20 + payload.n);
    put(&lab->packets, t.src_port, 2), put(&lab->packets, t.dst_port, 2), put(&lab->packets, t.seq, 4), put(&lab->packets, t.ack, 4);
    put(&lab->packets, 0x5000 | t.flags, 2), put(&lab->packets, 8192, 2), put(&lab->packets, 0, 4);
    ms_buffer_append(&lab->packets, payload);
    send(lab);
}

static void datagram(struct lab *lab, unsigned src, unsigned dst, unsigned src_port, unsigned dst_port, struct ms_bytes payload)
{
    put_ip(&lab->packets, lab, UDP, src, dst, 8 + payload.n);
    put(&lab->packets, src_port, 2), put(&lab->packets, dst_port, 2), put(&lab->packets, 8 + payload.n, 2), put(&lab->packets, 0, 2);
    ms_buffer_append(&lab->packets, payload);
    send(lab);
}

/* An error of the router about a segment from the client to the server with 8 bytes of TCP. */
static void icmp(struct lab *lab, unsigned type, unsigned code, unsigned mtu, unsigned client_port)
{
    put_ip(&lab->packets, lab, lab->v6 ? 58 : 1, ROUTER, CLIENT, 8 + (lab->v6 ? 40 : 20) + 8);
    put(&lab->packets, type, 1), put(&lab->packets, code, 1), put(&lab->packets, 0, 2), put(&lab->packets, mtu, 4);
    put_ip(&lab->packets, lab, TCP, CLIENT, SERVER, 1400);
    put(&lab->packets, client_port, 2), put(&lab->packets, 25, 2), put(&lab->packets, 1000, 4);
    send(lab);
}

static void show_session(void *ctx, const struct ms_session *s)
{
    struct lab               *lab = ctx;
    struct ms_buffer         *t = &lab->trace;
    const struct ms_obstacle *o = s->obstacle;
    ms_text_format(t, "%s%u %s %s %.*s", t->n ? "\n" : "", s->id, ms_protocol_name(s->protocol), ms_outcome_name(s->outcome),
                   (int)s->server.name.n, (const char *)s->server.name.p);
    if (s->lookup)
        ms_text_format(t, " by %.*s type %u #%d-#%d %dms", (int)s->lookup->name.n, (const char *)s->lookup->name.p, s->lookup->type,
                       (int)s->lookup->frame, (int)s->lookup->answer_frame, (int)(s->lookup->duration / 1000000));
    if (o && o->frame) {
        ms_text_format(t, " icmp%u %u/%u #%d x%u mtu %u from ", o->ip_version, o->type, o->code, (int)o->frame, o->count, o->mtu);
        ms_text_address(t, o->from);
    }
    if (o && o->reset_frame)
        ms_text_format(t, " foreign #%d ttl %u, usual %u", (int)o->reset_frame, o->reset_ttl, o->usual_ttl);
}

static void begin(struct lab *lab, const struct ms_limits *limits)
{
    struct ms_engine_options options = { .limits = limits ? *limits : ms_limits_default() };
    *lab = (struct lab){ .time = 1000000000, .ttl = 60 };
    lab->engine = ms_engine_create(&options, &(struct ms_output){ .session = show_session, .ctx = lab });
}

static void end(struct lab *lab, const char *want)
{
    ms_engine_finish(lab->engine);
    ms_engine_destroy(lab->engine);
    ms_text_char(&lab->trace, '\0');
    if (strcmp((const char *)lab->trace.p, want) != 0)
        fail_msg("want\n%s\ngot\n%s", want, (const char *)lab->trace.p);
    ms_buffer_finish(&lab->trace);
    ms_buffer_finish(&lab->packets);
}

/* ---- DNS ---- */

#define MX_EXAMPLE "\2mx\7example\0"
static const uint8_t query[] = "\0\7\1\0\0\1\0\0\0\0\0\0" MX_EXAMPLE "\0\1\0\1";
static const uint8_t reply[] = "\0\7\x81\x80\0\1\0\1\0\0\0\0" MX_EXAMPLE "\0\1\0\1" "\xc0\x0c\0\1\0\1\0\0\1\0\0\4\xc6\x33\x64\x19";
static const uint8_t reverse[] = "\0\7\x81\x80\0\1\0\1\0\0\0\0" "\2" "25\3" "100\2" "51\3" "198\7in-addr\4arpa\0" "\0\x0c\0\1"
                                 "\xc0\x0c\0\x0c\0\1\0\0\1\0\0\x08\4host\1x\0";
#define MESSAGE(m) ((struct ms_bytes){ m, sizeof m - 1 })

static void ask(struct lab *lab)
{
    datagram(lab, CLIENT, RESOLVER, 5353, 53, MESSAGE(query));
    datagram(lab, RESOLVER, CLIENT, 53, 5353, MESSAGE(reply));
}

static void client_says(struct lab *lab, unsigned flags, uint32_t seq, const char *text)
{
    segment(lab, (struct tcp){ CLIENT, SERVER, 1025, 25, seq, 5001, flags }, ms_str(text));
}

static void server_says(struct lab *lab, unsigned flags, uint32_t seq, const char *text)
{
    segment(lab, (struct tcp){ SERVER, CLIENT, 25, 1025, seq, 1001, flags }, ms_str(text));
}

static void shake_hands(struct lab *lab)
{
    client_says(lab, MS_SYN, 1000, "");
    server_says(lab, MS_SYN | MS_ACK, 5000, "");
    client_says(lab, MS_ACK, 1001, "");
}

static void talk(struct lab *lab, const char *greeting)
{
    shake_hands(lab);
    server_says(lab, MS_ACK | MS_PSH, 5001, greeting);
    client_says(lab, MS_ACK | MS_PSH, 1001, "QUIT\r\n");
    server_says(lab, MS_ACK | MS_PSH, 5001 + (uint32_t)strlen(greeting), "221 bye\r\n");
}

static void lookup_before_session(void **state)
{
    (void)state;
    struct lab lab;
    begin(&lab, NULL);
    ask(&lab);
    talk(&lab, "220 internal.example ESMTP\r\n");
    end(&lab, "1 smtp completed mx.example by mx.example type 1 #1-#2 1ms");
}

static void lookup_after_session(void **state) /* it cannot be the one that led to the server */
{
    (void)state;
    struct lab lab;
    begin(&lab, NULL);
    talk(&lab, "220 internal.example ESMTP\r\n");
    ask(&lab);
    end(&lab, "1 smtp completed internal.example");
}

static void reverse_lookup(void **state)
{
    (void)state;
    static const struct { const char *greeting, *want; } cases[] = {
        { "220 internal.example ESMTP\r\n", "1 smtp completed internal.example" },
        { "220 ESMTP ready\r\n", "1 smtp completed host.x" },
    };
    for (size_t i = 0; i < 2; i++) {
        struct lab lab;
        begin(&lab, NULL);
        talk(&lab, cases[i].greeting);
        datagram(&lab, RESOLVER, CLIENT, 53, 5353, MESSAGE(reverse));
        end(&lab, cases[i].want);
    }
}

/* The answer over TCP, its stream cut in two; `missing`: the first piece is not in the capture. */
static void over_tcp(struct lab *lab, size_t cut, bool missing)
{
    struct ms_buffer up = { 0 }, down = { 0 };
    struct tcp       c = { CLIENT, RESOLVER, 5353, 53, 1, 0, MS_SYN }, r = { RESOLVER, CLIENT, 53, 5353, 1, 2, MS_SYN | MS_ACK };
    put(&up, sizeof query - 1, 2);
    ms_buffer_append(&up, MESSAGE(query));
    put(&down, 2, 2), put(&down, 0, 2); /* a message that is none */
    put(&down, sizeof reply - 1, 2);
    ms_buffer_append(&down, MESSAGE(reply));
    segment(lab, c, (struct ms_bytes){ NULL, 0 });
    segment(lab, r, (struct ms_bytes){ NULL, 0 });
    c.flags = r.flags = MS_ACK;
    c.seq = r.seq = c.ack = 2;
    segment(lab, c, ms_buffer_bytes(&up));
    r.ack += (uint32_t)up.n;
    if (!missing)
        segment(lab, r, ms_head(ms_buffer_bytes(&down), cut));
    r.seq += (uint32_t)cut;
    segment(lab, r, ms_tail(ms_buffer_bytes(&down), cut));
    c.seq += (uint32_t)up.n;
    c.ack += (uint32_t)down.n;
    c.flags = r.flags = MS_ACK | MS_FIN;
    r.seq = 2 + (uint32_t)down.n;
    segment(lab, c, (struct ms_bytes){ NULL, 0 });
    segment(lab, r, (struct ms_bytes){ NULL, 0 });
    ms_buffer_finish(&up);
    ms_buffer_finish(&down);
}

static void lookup_over_tcp(void **state) /* it is no session, and stands in nobody's way */
{
    (void)state;
    for (size_t cut = 1; cut < sizeof reply + 5; cut++) {
        struct lab lab;
        begin(&lab, NULL);
        over_tcp(&lab, cut, false);
        talk(&lab, "220 internal.example ESMTP\r\n");
        assert_int_equal(ms_engine_totals(lab.engine)->other_connections, 1);
        end(&lab, "1 smtp completed mx.example by mx.example type 1 #3-#5 2ms");
    }
}

static void lookup_over_tcp_with_a_gap(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof reply + 5; cut++) {
        struct lab lab;
        begin(&lab, NULL);
        over_tcp(&lab, cut, true);
        talk(&lab, "220 internal.example ESMTP\r\n");
        end(&lab, "1 smtp completed internal.example");
    }
}

static void limit_streams(void **state) /* dns_lookups: 4 */
{
    (void)state;
    for (unsigned n = 3; n <= 5; n++) {
        struct ms_limits limits = ms_limits_tiny();
        struct lab       lab;
        begin(&lab, &limits);
        for (unsigned i = 0; i < n; i++)
            segment(&lab, (struct tcp){ CLIENT, RESOLVER, 2000 + i, 53, 1, 0, MS_SYN }, (struct ms_bytes){ NULL, 0 });
        assert_int_equal(ms_engine_totals(lab.engine)->limits[MS_LIMIT_dns_lookups], n > 4);
        assert_int_equal(ms_engine_totals(lab.engine)->other_connections, n);
        end(&lab, "");
    }
}

static void mail_on_port_53(void **state)
{
    (void)state;
    struct ms_decode_as      as = { 53, MS_PROTO_SMTP, false };
    struct ms_engine_options options = { .limits = ms_limits_default(), .decode_as = &as, .decode_as_count = 1 };
    struct lab               lab = { .time = 1, .ttl = 60 };
    lab.engine = ms_engine_create(&options, &(struct ms_output){ .session = show_session, .ctx = &lab });
    segment(&lab, (struct tcp){ CLIENT, SERVER, 1025, 53, 1, 0, MS_SYN }, (struct ms_bytes){ NULL, 0 });
    segment(&lab, (struct tcp){ SERVER, CLIENT, 53, 1025, 1, 2, MS_SYN | MS_ACK }, (struct ms_bytes){ NULL, 0 });
    segment(&lab, (struct tcp){ SERVER, CLIENT, 53, 1025, 2, 2, MS_ACK }, MS_LIT("220 odd.example ESMTP\r\n"));
    end(&lab, "1 smtp incomplete odd.example");
}

/* ---- the limit `connections`: 4 ---- */

static void syn(struct lab *lab, unsigned port) { segment(lab, (struct tcp){ CLIENT, SERVER, port, 25, 1, 0, MS_SYN }, (struct ms_bytes){ NULL, 0 }); }

static void speak(struct lab *lab, unsigned port)
{
    segment(lab, (struct tcp){ SERVER, CLIENT, 25, port, 1, 2, MS_SYN | MS_ACK }, (struct ms_bytes){ NULL, 0 });
    segment(lab, (struct tcp){ CLIENT, SERVER, port, 25, 2, 2, MS_ACK }, (struct ms_bytes){ NULL, 0 });
    segment(lab, (struct tcp){ SERVER, CLIENT, 25, port, 2, 2, MS_ACK }, MS_LIT("220 busy.example ESMTP\r\n"));
}

static void half_open_make_room(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    struct lab       lab;
    begin(&lab, &limits);
    for (unsigned port = 2001; port <= 2004; port++)
        syn(&lab, port);
    speak(&lab, 2001); /* the oldest has something to say */
    syn(&lab, 2005);
    speak(&lab, 2005);
    assert_int_equal(ms_engine_totals(lab.engine)->limits[MS_LIMIT_connections], 1);
    end(&lab, "2 smtp incomplete \n1 smtp incomplete busy.example\n3 smtp incomplete \n4 smtp incomplete \n5 smtp incomplete busy.example");
}

static void who_spoke_stays(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    struct lab       lab;
    begin(&lab, &limits);
    for (unsigned port = 2001; port <= 2004; port++) {
        syn(&lab, port);
        speak(&lab, port);
    }
    syn(&lab, 2005);
    speak(&lab, 2005);
    end(&lab, "1 smtp incomplete busy.example\n2 smtp incomplete busy.example\n3 smtp incomplete busy.example\n4 smtp incomplete busy.example");
}

/* ---- ICMP ---- */

static void icmp_errors(void **state)
{
    (void)state;
    static const struct { bool v6; unsigned type, code, mtu; const char *want; } cases[] = {
        { false, 3, 13, 0, "1 smtp unreachable  icmp4 3/13 #2 x2 mtu 0 from 198.51.100.1" },
        { false, 3, 4, 1400, "1 smtp unreachable  icmp4 3/4 #2 x2 mtu 1400 from 198.51.100.1" },
        { true, 1, 4, 0, "1 smtp unreachable  icmp6 1/4 #2 x2 mtu 0 from 2001:db8::1" },
        { true, 2, 0, 1280, "1 smtp unreachable  icmp6 2/0 #2 x2 mtu 1280 from 2001:db8::1" },
        { false, 0, 0, 0, "1 smtp incomplete " }, /* an echo */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct lab lab;
        begin(&lab, NULL);
        lab.v6 = cases[i].v6;
        client_says(&lab, MS_SYN, 1000, "");
        icmp(&lab, cases[i].type, cases[i].code, cases[i].mtu, 1025);
        icmp(&lab, cases[i].type, cases[i].code, cases[i].mtu, 1025);
        end(&lab, cases[i].want);
    }
}

static void icmp_about_others(void **state)
{
    (void)state;
    struct lab lab;
    begin(&lab, NULL);
    icmp(&lab, 3, 1, 0, 1025); /* before it */
    client_says(&lab, MS_SYN, 1000, "");
    icmp(&lab, 3, 1, 0, 1026); /* another port */
    lab.v6 = true;
    icmp(&lab, 1, 1, 0, 1025); /* another address */
    end(&lab, "1 smtp incomplete ");
}

static void icmp_about_a_packed_session(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    struct lab       lab;
    limits.freeze_above = 0;
    begin(&lab, &limits);
    talk(&lab, "220 internal.example ESMTP\r\n");
    for (int i = 0; i < 3000; i++) { /* the sweep comes by, a second later */
        lab.time += 1000000;
        datagram(&lab, RESOLVER, CLIENT, 53, 5353, MESSAGE(reverse));
    }
    icmp(&lab, 3, 4, 1400, 1025);
    end(&lab, "1 smtp completed internal.example icmp4 3/4 #3007 x1 mtu 1400 from 198.51.100.1");
}

/* ---- packets of other machines ---- */

static void ttl_differences(void **state)
{
    (void)state;
    static const struct { uint8_t a, b; bool differs; } cases[] = {
        { 60, 60, false }, { 60, 61, false }, { 60, 62, true }, { 60, 44, true }, { 124, 60, false }, { 251, 60, false }, { 250, 60, false },
        { 249, 60, true }, { 28, 124, false }, { 251, 123, false }, { 64, 255, false }, { 64, 128, false }, { 64, 54, true }, { 1, 255, true },
        { 255, 1, true }, { 120, 247, false }, { 240, 52, true }, { 0, 200, true },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ms_ttl_differs(cases[i].a, cases[i].b) != cases[i].differs || ms_ttl_differs(cases[i].b, cases[i].a) != cases[i].differs)
            fail_msg("%u and %u", cases[i].a, cases[i].b);
}

static void reset_by(uint8_t usual, uint8_t reset, bool of_client, const char *want)
{
    struct lab lab;
    begin(&lab, NULL);
    lab.ttl = usual;
    shake_hands(&lab);
    lab.ttl = reset;
    if (of_client)
        client_says(&lab, MS_RST, 1001, "");
    else
        server_says(&lab, MS_RST, 5001, "");
    end(&lab, want);
}

static void resets(void **state)
{
    (void)state;
    reset_by(52, 52, false, "1 smtp reset ");
    reset_by(52, 243, false, "1 smtp reset "); /* 255 - 12 */
    reset_by(52, 59, false, "1 smtp reset  foreign #4 ttl 59, usual 52");
    reset_by(52, 59, true, "1 smtp reset  foreign #4 ttl 59, usual 52");
    reset_by(116, 60, false, "1 smtp reset  foreign #4 ttl 60, usual 116");
}

static void refused_by_anyone(void **state) /* nothing to compare with */
{
    (void)state;
    struct lab lab;
    begin(&lab, NULL);
    client_says(&lab, MS_SYN, 1000, "");
    lab.ttl = 200;
    server_says(&lab, MS_RST | MS_ACK, 0, "");
    end(&lab, "1 smtp refused ");
}

static void handshake_by_a_proxy(void **state)
{
    (void)state;
    struct lab lab;
    begin(&lab, NULL);
    client_says(&lab, MS_SYN, 1000, "");
    lab.ttl = 30;
    server_says(&lab, MS_SYN | MS_ACK, 5000, "");
    lab.ttl = 55;
    server_says(&lab, MS_ACK | MS_PSH, 5001, "220 internal.example ESMTP\r\n");
    lab.ttl = 40; /* a path that changes later says nothing */
    server_says(&lab, MS_ACK | MS_PSH, 5029, "421 bye\r\n");
    end(&lab, "1 smtp incomplete internal.example foreign #2 ttl 30, usual 55");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lookup_before_session), cmocka_unit_test(lookup_after_session), cmocka_unit_test(reverse_lookup),
        cmocka_unit_test(lookup_over_tcp), cmocka_unit_test(lookup_over_tcp_with_a_gap), cmocka_unit_test(limit_streams),
        cmocka_unit_test(mail_on_port_53), cmocka_unit_test(half_open_make_room), cmocka_unit_test(who_spoke_stays), cmocka_unit_test(icmp_errors), cmocka_unit_test(icmp_about_others),
        cmocka_unit_test(icmp_about_a_packed_session), cmocka_unit_test(ttl_differences), cmocka_unit_test(resets),
        cmocka_unit_test(refused_by_anyone), cmocka_unit_test(handshake_by_a_proxy),
    };
    ms_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
