/* tests/unit/net_fields_test.c - packets in hex and what fields of the lower layers say of them: headers, tunnels, quoted packets, fragments, DNS and
 * TLS; whole and cut at every byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/hash.h"
#include "base/text.h"
#include "frame/frames.h"

#include <stdlib.h>

enum { PACKETS_MAX = 8, PACKET_MAX = 1024, SECOND = 1000000000 };

#define MACS "020000000001 060000000002 "
#define IP4(total, protocol) "4500" total "0001 4000 40" protocol "abcd 01020304 05060708 "
#define BACK4(total, protocol) "4500" total "0001 4000 40" protocol "abcd 05060708 01020304 "
#define ECHO "0800 1234 0007 0002 "
#define QUERY "1234 0100 0001 0000 0000 0000 076578616d706c65 036f7267 00 000f 0001 "             /* 29 bytes: example.org MX */
#define ANSWER "1234 8183 0001 0001 0000 0000 076578616d706c65 036f7267 00 000f 0001 c00c 000f 0001 0000003c 0009 000a 046d61696c c00c"
#define TCP443 "c000 01bb 00000001 00000001 5018 2000 0000 0000 "
#define HELLO "16 0301 002d 01 000029 0303 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff 00 0002 1301 01 00 "

/* Packets are parted by "|"; what is wanted is "field=value,value field=value" of each, likewise; a field without a value is "field=". */
static const struct { const char *why, *hex, *fields, *want; } cases[] = {
    { "Ethernet", MACS "0800" IP4("001c", "01") ECHO, "eth.dst eth.src.lg eth.type eth.ig", "eth.dst=02:00:00:00:00:01 eth.src.lg=1 eth.type=0x0800 eth.ig=0,0" },
    { "zeros behind it are padding", MACS "0800" IP4("001c", "01") ECHO "0000 0000 0000", "eth.padding eth.trailer", "eth.padding=000000000000 eth.trailer=" },
    { "two tags", MACS "88a8 2005 8100 e00a 0800" IP4("001c", "01") ECHO, "ieee8021ad.id ieee8021ad.priority vlan.id vlan.priority vlan.etype icmp.type frame.protocols",
      "ieee8021ad.id=5 ieee8021ad.priority=1 vlan.id=10 vlan.priority=7 vlan.etype=0x0800 icmp.type=8 frame.protocols=eth:ethertype:ieee8021ad:ethertype:vlan:ethertype:ip:icmp" },
    { "ARP", MACS "0806 0001 0800 06 04 0001 060000000002 0a000001 000000000000 0a000002", "arp.opcode arp.src.hw_mac arp.dst.proto_ipv4 ip",
      "arp.opcode=1 arp.src.hw_mac=06:00:00:00:00:02 arp.dst.proto_ipv4=10.0.0.2 ip=" },
    { "IPv4", MACS "0800" IP4("001c", "01") ECHO, "ip.version ip.hdr_len ip.len ip.id ip.flags.df ip.flags.mf ip.frag_offset ip.ttl ip.proto ip.checksum ip.addr ip.host",
      "ip.version=4 ip.hdr_len=20 ip.len=28 ip.id=0x0001 ip.flags.df=1 ip.flags.mf=0 ip.frag_offset=0 ip.ttl=64 ip.proto=1 ip.checksum=0xabcd "
      "ip.addr=1.2.3.4,5.6.7.8 ip.host=1.2.3.4,5.6.7.8" },
    { "a ping and its answer", MACS "0800" IP4("001c", "01") ECHO "|" MACS "0800" BACK4("001c", "01") "0000 1234 0007 0002", "icmp.type icmp.ident icmp.seq",
      "icmp.type=8 icmp.ident=7 icmp.seq=2|icmp.type=0 icmp.ident=7 icmp.seq=2" },
    { "what an ICMP error quotes counts", MACS "0800 45000038 0001 0000 40 01 0000 09090909 01020304 0304 0000 000005aa 4500002800010000 3f06 0000 01020304 05060708 03e8 0019 00000007",
      "icmp.code icmp.mtu ip.src ip.ttl tcp.port tcp.seq_raw smtp", "icmp.code=4 icmp.mtu=1450 ip.src=9.9.9.9,1.2.3.4 ip.ttl=64,63 tcp.port=1000,25 tcp.seq_raw=7 smtp=" },
    { "VXLAN", MACS "0800" IP4("004e", "11") "1000 12b5 003a 0000 08000000 00002a00 " MACS "0800" IP4("001c", "01") ECHO,
      "udp.dstport vxlan.vni eth.src ip.src icmp.type", "udp.dstport=4789 vxlan.vni=42 eth.src=06:00:00:00:00:02,06:00:00:00:00:02 ip.src=1.2.3.4,1.2.3.4 icmp.type=8" },
    { "fragments: the last one has it all", MACS "0800 4500001c 0001 2000 40 11 0000 01020304 05060708 03e8 03e9 0010 0000|" MACS "0800 4500001c 0001 0001 40 11 0000 01020304 05060708 6162636465666768",
      "udp.dstport udp.length udp.payload ip.flags.mf ip.frag_offset udp.stream ip.fragment",
      "udp.dstport= udp.length= udp.payload= ip.flags.mf=1 ip.frag_offset=0 udp.stream= ip.fragment=|udp.dstport=1001 udp.length=16 udp.payload=6162636465666768 ip.flags.mf=0 ip.frag_offset=1 udp.stream=0 ip.fragment=1,2" },
    { "IPv6 with options", MACS "86dd 6ab12345 0010 00 3f 20010db8000000000000000000000001 20010db8000000000000000000000002 3a00050200000000 8000 0000 0007 0002",
      "ipv6.tclass ipv6.flow ipv6.plen ipv6.nxt ipv6.hlim ipv6.dst ipv6.hopopts icmpv6.type icmpv6.echo.sequence_number",
      "ipv6.tclass=0x000000ab ipv6.flow=0x012345 ipv6.plen=16 ipv6.nxt=0 ipv6.hlim=63 ipv6.dst=2001:db8::2 ipv6.hopopts=ipv6.hopopts icmpv6.type=128 icmpv6.echo.sequence_number=2" },
    { "UDP streams", MACS "0800" IP4("001c", "11") "03e8 0007 0008 0000|" MACS "0800" IP4("001c", "11") "03e9 0007 0008 0000|" MACS "0800" BACK4("001c", "11") "0007 03e8 0008 0000",
      "udp.stream udp.time_delta", "udp.stream=0 udp.time_delta=0.000000000|udp.stream=1 udp.time_delta=0.000000000|udp.stream=0 udp.time_delta=2.000000000" },
    { "DNS: a query and its answer", MACS "0800" IP4("0039", "11") "0400 0035 0025 0000 " QUERY "|" MACS "0800" BACK4("004e", "11") "0035 0400 003a 0000 " ANSWER,
      "dns.id dns.flags.response dns.flags.rcode dns.qry.name dns.qry.type dns.count.labels dns.mx.mail_exchange dns.mx.preference dns.resp.ttl dns.response_to dns.time",
      "dns.id=0x1234 dns.flags.response=0 dns.flags.rcode= dns.qry.name=example.org dns.qry.type=15 dns.count.labels=2 dns.mx.mail_exchange= dns.mx.preference= dns.resp.ttl= dns.response_to= dns.time=|"
      "dns.id=0x1234 dns.flags.response=1 dns.flags.rcode=3 dns.qry.name=example.org dns.qry.type=15 dns.count.labels=2 dns.mx.mail_exchange=mail.example.org dns.mx.preference=10 dns.resp.ttl=60 "
      "dns.response_to=1 dns.time=1.000000000" },
    { "DNS: the query comes again", MACS "0800" IP4("0039", "11") "0400 0035 0025 0000 " QUERY "|" MACS "0800" IP4("0039", "11") "0400 0035 0025 0000 " QUERY,
      "dns.retransmission dns.retransmit_request_in", "dns.retransmission= dns.retransmit_request_in=|dns.retransmission=1 dns.retransmit_request_in=1" },
    { "DNS over TCP", MACS "0800" IP4("0047", "06") "0400 0035 00000001 00000001 5018 2000 0000 0000 001d " QUERY, "dns.length dns.qry.name", "dns.length=29 dns.qry.name=example.org" },
    { "TLS", MACS "0800" IP4("005a", "06") TCP443 HELLO, "tls.record.content_type tls.record.version tls.handshake.type tls.handshake.version tls.handshake.ciphersuite tls.handshake.session_id_length",
      "tls.record.content_type=22 tls.record.version=0x0301 tls.handshake.type=1 tls.handshake.version=0x0303 tls.handshake.ciphersuite=0x1301 tls.handshake.session_id_length=0" },
    { "TLS: an alert, and text that is no TLS", MACS "0800" IP4("002f", "06") TCP443 "15 0303 0002 0228|" MACS "0800" IP4("002d", "06") "c001 01bb 00000001 00000001 5018 2000 0000 0000 4745542020",
      "tls tls.alert_message.level tls.alert_message.desc", "tls=tls tls.alert_message.level=2 tls.alert_message.desc=40|tls= tls.alert_message.level= tls.alert_message.desc=" },
};

struct run { const char *fields; struct ms_buffer out; };

static size_t bytes_of(const char *hex, uint8_t *to)
{
    size_t n = 0;
    for (; *hex && *hex != '|'; hex++) {
        if (*hex == ' ')
            continue;
        char two[3] = { hex[0], hex[1], 0 };
        to[n++] = (uint8_t)strtoul(two, NULL, 16);
        hex++;
    }
    return n;
}

static size_t packets_of(const char *hex, struct ms_packet *out, uint8_t (*room)[PACKET_MAX])
{
    size_t count = 0;
    for (const char *p = hex; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL, count++) {
        size_t n = bytes_of(p, room[count]);
        out[count] = (struct ms_packet){ .number = count + 1, .time = (int64_t)count * SECOND, .link_type = 1, .length = (uint32_t)n,
                                         .data = { room[count], n } };
    }
    return count;
}

static enum ms_frame_field field_named(struct ms_bytes name)
{
    for (int i = 0; i < MS_FF_COUNT; i++)
        if (ms_equal(ms_str(ms_frame_fields[i].name), name))
            return (enum ms_frame_field)i;
    fail_msg("no field %.*s", (int)name.n, (const char *)name.p);
    return MS_FF_COUNT;
}

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    struct run     *r = ctx;
    struct ms_bytes rest = ms_str(r->fields);
    ms_text_str(&r->out, r->out.n ? "|" : "");
    for (bool first = true; rest.n; first = false) {
        struct ms_value      values[64];
        struct ms_value_sink to = { .next = values, .end = values + 64 };
        struct ms_bytes      name = ms_take_word(&rest);
        enum ms_frame_field  field = field_named(name);
        ms_frame_values(f, field, &to);
        ms_text_format(&r->out, "%s%.*s=", first ? "" : " ", (int)name.n, (const char *)name.p);
        for (struct ms_value *v = values; v < to.next; v++) {
            ms_text_str(&r->out, v > values ? "," : "");
            for (size_t i = 0; v->type == MS_FT_PROTOCOL && i < v->bytes.n + v->beyond; i++) /* the sanitizer sees it */
                assert_in_range(v->bytes.p[i], 0, 255);
            if (v->type == MS_FT_PROTOCOL || v->type == MS_FT_NONE)
                ms_text_str(&r->out, ms_frame_fields[field].name);
            else
                ms_value_text(&r->out, &ms_frame_fields[field], v);
        }
    }
    return true;
}

static void feed(struct run *r, const struct ms_packet *packets, size_t count)
{
    struct ms_frames_options o = { .needs = MS_NEED_TIMES | (MS_NEED_LINE & ~(MS_NEED_ELEMENTS | MS_NEED_HEADERS)), .limits = ms_limits_default(), .each = on_frame, .ctx = r };
    o.decoder = ms_decoder_create(&o.limits);
    struct ms_frames        *f = ms_frames_create(&o);
    ms_frames_take(f, packets, count);
    ms_frames_release(f, UINT64_MAX);
    ms_frames_finish(f);
    ms_frames_destroy(f);
    ms_decoder_destroy(o.decoder);
}

static void test_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_packet packets[PACKETS_MAX];
        uint8_t          room[PACKETS_MAX][PACKET_MAX];
        struct run       r = { .fields = cases[i].fields };
        feed(&r, packets, packets_of(cases[i].hex, packets, room));
        ms_text_char(&r.out, 0);
        if (strcmp((const char *)r.out.p, cases[i].want) != 0)
            fail_msg("%s:\n  says  %s\n  wants %s", cases[i].why, (const char *)r.out.p, cases[i].want);
        ms_buffer_finish(&r.out);
    }
}

static bool on_reach(void *ctx, const struct ms_frame *f)
{
    struct run          *r = ctx;
    struct ms_value      values[8];
    struct ms_value_sink to = { .next = values, .end = values + 8 };
    ms_frame_values(f, field_named(ms_str(r->fields)), &to);
    for (struct ms_value *v = values; v < to.next; v++)
        ms_text_format(&r->out, "%zu+%u ", v->bytes.n, v->beyond);
    return true;
}

/* A search in a protocol sees its header and what it carries, as far as that was captured. */
static void test_reach(void **state)
{
    static const struct { const char *hex, *field, *want; } reach[] = {
        { MACS "0800" IP4("002f", "06") TCP443 "15 0303 0002 0228", "tcp", "20+7 " },
        { MACS "0800" IP4("002f", "06") TCP443 "15 0303 0002 0228", "ip", "20+27 " },
        { MACS "0800" IP4("002f", "06") TCP443 "15 0303 0002 0228", "eth", "14+47 " },
        { MACS "0800 45000038 0001 0000 40 01 0000 09090909 01020304 0304 0000 000005aa 4500002800010000 3f06 0000 01020304 05060708 03e8 0019 00000007",
          "tcp", "8+0 " }, /* quoted by an ICMP error */
        { MACS "0800" IP4("0028", "06") "c000 01bb 00000001 00000001 1018 2000 0000 0000", "tcp", "8+0 " }, /* a length that makes no sense */
    };
    (void)state;
    for (size_t i = 0; i < sizeof reach / sizeof *reach; i++) {
        struct ms_packet         packets[PACKETS_MAX];
        uint8_t                  room[PACKETS_MAX][PACKET_MAX];
        struct run               r = { .fields = reach[i].field };
        struct ms_frames_options o = { .needs = MS_NEED_LAYERS | MS_NEED_SEGMENT, .limits = ms_limits_default(), .each = on_reach, .ctx = &r };
        o.decoder = ms_decoder_create(&o.limits);
        struct ms_frames        *f = ms_frames_create(&o);
        ms_frames_take(f, packets, packets_of(reach[i].hex, packets, room));
        ms_frames_release(f, UINT64_MAX);
        ms_frames_finish(f);
        ms_frames_destroy(f);
        ms_decoder_destroy(o.decoder);
        ms_text_char(&r.out, 0);
        assert_string_equal((const char *)r.out.p, reach[i].want);
        ms_buffer_finish(&r.out);
    }
}

/* Every field of every packet, cut at every byte: nothing is read past the end (bytes are copied to where the sanitizer sees it). */
static void test_cut(void **state)
{
    (void)state;
    struct ms_buffer all = { 0 };
    for (int i = 0; i < MS_FF_COUNT; i++)
        ms_text_format(&all, "%s%s", i ? " " : "", ms_frame_fields[i].name);
    ms_text_char(&all, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_packet packets[PACKETS_MAX], cut;
        uint8_t          room[PACKETS_MAX][PACKET_MAX];
        size_t           count = packets_of(cases[i].hex, packets, room);
        for (size_t n = 0; n < packets[count - 1].data.n; n++) {
            struct run r = { .fields = (const char *)all.p };
            uint8_t   *copy = malloc(n ? n : 1);
            memcpy(copy, packets[count - 1].data.p, n);
            cut = packets[count - 1];
            cut.data = (struct ms_bytes){ copy, n };
            packets[count - 1] = cut;
            feed(&r, packets, count);
            assert_true(r.out.n > 0);
            packets[count - 1].data = (struct ms_bytes){ room[count - 1], 0 };
            packets[count - 1].data.n = cut.length;
            free(copy);
            ms_buffer_finish(&r.out);
        }
    }
    ms_buffer_finish(&all);
}

/* A record in two segments: the first one is TLS and says nothing, the second one has it all. */
static void test_record_in_pieces(void **state)
{
    (void)state;
    uint8_t hello[PACKET_MAX], header[PACKET_MAX], room[2][PACKET_MAX];
    size_t  n = bytes_of(HELLO, hello), h = bytes_of(MACS "0800" IP4("0000", "06") TCP443, header);
    for (size_t at = 1; at < n; at++) {
        struct ms_packet packets[2];
        for (size_t i = 0; i < 2; i++) {
            size_t from = i ? at : 0, length = i ? n - at : at;
            memcpy(room[i], header, h);
            memcpy(room[i] + h, hello + from, length);
            room[i][17] = (uint8_t)(40 + length);
            room[i][41] = (uint8_t)(1 + from);
            packets[i] = (struct ms_packet){ .number = i + 1, .link_type = 1, .length = (uint32_t)(h + length), .data = { room[i], h + length } };
        }
        struct run r = { .fields = "tls tls.handshake.type" };
        feed(&r, packets, 2);
        ms_text_char(&r.out, 0);
        assert_string_equal((const char *)r.out.p, "tls=tls tls.handshake.type=|tls=tls tls.handshake.type=1");
        ms_buffer_finish(&r.out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_values), cmocka_unit_test(test_reach), cmocka_unit_test(test_cut),
                                        cmocka_unit_test(test_record_in_pieces) };
    ms_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
