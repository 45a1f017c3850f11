/* tests/unit/decode_test.c - packets in hex, what they decode to, whole and cut at every byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/layers.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { PACKET_MAX = 4096, TRACE_MAX = 256 };

#define MACS  "020000000001 020000000002 "
#define HELLO "68656c6c6f "
#define TCP   "03e8 0019 00000007 00000009 5018 2000 0000 0000 " HELLO /* 25 bytes */
#define IP4(total, protocol) "4500" total "0001 4000 40" protocol "0000 01020304 05060708 "
#define ADDRESSES6 "20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define IP6(length, next) "60000000" length next "3f" ADDRESSES6
#define TCP4 IP4("002d", "06") TCP /* 45 bytes */
#define TCP6 IP6("0019", "06") TCP /* 65 bytes */
#define ETH4 MACS "0800 " TCP4    /* 59 bytes */
#define UDP(port, length) "0401" port length "0000 "
#define ICMP4(total, kind, mtu) "4500" total "0001 4000 40 01 0000 09090909 01020304 " kind "0000 0000" mtu
#define ICMP6(length, kind, mtu) "60000000" length "3a40 20010db8000000000000000000000009 20010db8000000000000000000000001 " kind "0000" mtu
#define SEEN4 "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 24 ttl 64 hello/5"
#define SEEN6 "TCP 2001:db8::1:1000 > 2001:db8::2:25 seq 7 ack 9 window 8192 flags 24 ttl 63 hello/5"

static const struct { const char *why; uint32_t link; const char *hex, *want; } cases[] = {
    { "Ethernet", 1, ETH4, SEEN4 },
    { "padding is not data", 1, ETH4 "0000000000", SEEN4 },
    { "IPv6", 1, MACS "86dd" TCP6, SEEN6 },
    { "IPv6 with padding", 1, MACS "86dd" TCP6 "00000000", SEEN6 },
    { "no payload, no padding: 54 bytes", 1, MACS "0800" IP4("0028", "06") "03e8 0019 00000007 00000009 5010 2000 0000 0000",
      "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 16 ttl 64 /0" },
    { "tagged, no payload, no padding", 1,
      MACS "8100 0001 0800" IP4("0028", "06") "03e8 0019 00000007 00000009 5010 2000 0000 0000",
      "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 16 ttl 64 /0" },
    { "802.1Q", 1, MACS "8100 0005 0800" TCP4, SEEN4 },
    { "802.1Q, priority tag, IPv6", 1, MACS "8100 e000 86dd" TCP6, SEEN6 },
    { "802.1ad", 1, MACS "88a8 0005 8100 0006 0800" TCP4, SEEN4 },
    { "9100 and 9200", 1, MACS "9100 0005 9200 0006 86dd" TCP6, SEEN6 },
    { "8 tags", 1, MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" TCP4, SEEN4 },
    { "9 tags", 1, MACS "8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 8100 0001 0800" TCP4,
      "other" },
    { "802.3 and SNAP", 1, MACS "0035 aaaa03 000000 0800" TCP4, SEEN4 },
    { "802.3 and SNAP, 802.1H", 1, MACS "0035 aaaa03 0000f8 86dd" TCP6, SEEN6 },
    { "802.3 and SNAP, Cisco", 1, MACS "0035 aaaa03 00000c 2000 01b4", "other" },
    { "802.3 and IP in LLC", 1, MACS "0030 060603" TCP4, SEEN4 },
    { "spanning tree", 1, MACS "0026 424203 0000 00 00", "other" },
    { "ARP", 1, MACS "0806 0001 0800 06 04 0001", "other" },
    { "MPLS, two labels, IPv4", 1, MACS "8847 000100ff 000201ff" TCP4, SEEN4 },
    { "MPLS multicast, IPv6", 1, MACS "8848 000201ff" TCP6, SEEN6 },
    { "MPLS, control word, Ethernet", 1, MACS "8847 000201ff 00000000" ETH4, SEEN4 },
    { "MPLS, Ethernet", 1, MACS "8847 000201ff" ETH4, SEEN4 },
    { "MPLS, Ethernet to an address that starts with 8", 1, MACS "8847 000201ff 820000000001 020000000002 86dd" TCP6, SEEN6 },
    { "MPLS, control channel", 1, MACS "8847 000201ff 10000007", "other" },
    { "PPPoE", 1, MACS "8864 1100 0001 002f 0021" TCP4, SEEN4 },
    { "PPPoE, compressed protocol", 1, MACS "8864 1100 0001 002e 21" TCP4, SEEN4 },
    { "PPPoE, IPv6", 1, MACS "8864 1100 0001 0043 0057" TCP6, SEEN6 },
    { "PPPoE leaves IP less than it says", 1, MACS "8864 1100 0001 002a 0021" TCP4,
      "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 24 ttl 64 /0" },
    { "PPPoE, LCP", 1, MACS "8864 1100 0001 0006 c021 0901", "other" },
    { "PPPoE, version 2", 1, MACS "8864 2100 0001 0006 0021 4500", "malformed" },
    { "loopback, little-endian", 0, "02000000" TCP4, SEEN4 },
    { "loopback, big-endian", 0, "00000002" TCP4, SEEN4 },
    { "loopback, Darwin IPv6", 0, "1e000000" TCP6, SEEN6 },
    { "loopback, FreeBSD IPv6", 0, "0000001c" TCP6, SEEN6 },
    { "OpenBSD loop", 108, "00000018" TCP6, SEEN6 },
    { "loopback, AppleTalk", 0, "10000000 00", "other" },
    { "PPP", 9, "0021" TCP4, SEEN4 },
    { "PPP, HDLC framing", 9, "ff03 0021" TCP4, SEEN4 },
    { "PPP, framing, compressed", 50, "ff03 57" TCP6, SEEN6 },
    { "PPP, MPLS", 50, "ff03 0281 000201ff" TCP4, SEEN4 },
    { "PPP link type, Cisco HDLC", 50, "0f00 0800" TCP4, SEEN4 },
    { "Cisco HDLC", 104, "8f00 86dd" TCP6, SEEN6 },
    { "PPP with direction", 204, "01 ff03 0021" TCP4, SEEN4 },
    { "Cisco HDLC with direction", 205, "00 0f00 0800" TCP4, SEEN4 },
    { "PPPoE link type", 51, "1100 0001 002f 0021" TCP4, SEEN4 },
    { "MPLS link type", 219, "000201ff" TCP4, SEEN4 },
    { "raw 12", 12, TCP4, SEEN4 }, { "raw 14", 14, TCP6, SEEN6 }, { "raw 101", 101, TCP6, SEEN6 },
    { "raw 228", 228, TCP4, SEEN4 }, { "raw 229", 229, TCP6, SEEN6 },
    { "raw, no IP", 101, "00112233445566778899aabbccddeeff00112233", "malformed" },
    { "Linux cooked", 113, "0000 0001 0006 020000000001 0000 0800" TCP4, SEEN4 },
    { "Linux cooked, tagged", 113, "0000 0001 0006 020000000001 0000 8100 0005 0800" TCP4, SEEN4 },
    { "Linux cooked 2", 276, "86dd 0000 00000002 0001 00 06 0200000000010000" TCP6, SEEN6 },
    { "NFLOG, little-endian", 239, "02 00 0000 0800 0100 0800 01 00 0500 0a00 41 000000 3100 0900" TCP4 "000000", SEEN4 },
    { "NFLOG, big-endian", 239, "0a 00 0000 0045 0009" TCP6, SEEN6 },
    { "NFLOG without a packet", 239, "02 00 0000 0500 0a00 41 000000", "other" },
    { "IPv4 options", 1, MACS "0800 4700 0035 0001 4000 40 06 0000 01020304 05060708 0101010101010100" TCP, SEEN4 },
    { "IPv4 length 0: to the end", 1, MACS "0800" IP4("0000", "06") TCP, SEEN4 },
    { "IPv6 length 0: to the end", 1, MACS "86dd" IP6("0000", "06") TCP, SEEN6 },
    { "IPv4 length behind the frame", 1, MACS "0800" IP4("0064", "06") TCP,
      "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 24 ttl 64 hello/60" },
    { "IPv6 length behind the frame", 1, MACS "86dd" IP6("0064", "06") TCP,
      "TCP 2001:db8::1:1000 > 2001:db8::2:25 seq 7 ack 9 window 8192 flags 24 ttl 63 hello/80" },
    { "IPv4 length below its header", 1, MACS "0800" IP4("0013", "06") TCP, "malformed" },
    { "IPv4 length below the TCP header", 1, MACS "0800" IP4("0027", "06") TCP, "malformed" },
    { "IPv4 header below 20", 1, MACS "0800 4400 002d 0001 4000 40 06 0000 01020304 05060708" TCP, "malformed" },
    { "IPv4 type, version 6", 1, MACS "0800" TCP6, "malformed" },
    { "TCP data offset 4", 1, MACS "0800" IP4("0028", "06") "03e8 0019 00000007 00000009 4018 2000 0000 0000", "malformed" },
    { "TCP data offset behind the packet", 1, MACS "0800" IP4("0028", "06") "03e8 0019 00000007 00000009 6018 2000 0000 0000",
      "malformed" },
    { "frame of 10 bytes", 1, "02000000000102000000", "malformed" },
    { "empty frame", 1, "", "malformed" },
    { "UDP", 1, MACS "0800" IP4("001c", "11") UDP("0036", "0008"), "other" },
    { "DNS query", 1, MACS "0800" IP4("0021", "11") UDP("0035", "000d") HELLO, "UDP 1.2.3.4:1025 > 5.6.7.8:53 ttl 64 hello/5" },
    { "DNS answer to a tunnel's port, with padding", 1, MACS "0800" IP4("0021", "11") "0035 12b5 000d 0000" HELLO "000000",
      "UDP 1.2.3.4:53 > 5.6.7.8:4789 ttl 64 hello/5" },
    { "UDP shorter than the packet", 1, MACS "0800" IP4("0021", "11") UDP("0035", "000a") HELLO, "UDP 1.2.3.4:1025 > 5.6.7.8:53 ttl 64 he/2" },
    { "UDP without a length", 1, MACS "86dd" IP6("000d", "11") UDP("0035", "0000") HELLO,
      "UDP 2001:db8::1:1025 > 2001:db8::2:53 ttl 63 hello/5" },
    { "UDP length below its header", 1, MACS "0800" IP4("0021", "11") UDP("0035", "0007") HELLO, "other" },
    { "UDP length behind the packet", 1, MACS "0800" IP4("0021", "11") UDP("0035", "000e") HELLO, "other" },
    { "DNS in VXLAN", 1, MACS "0800" IP4("0053", "11") UDP("12b5", "003f") "08000000 00000500" MACS "0800" IP4("0021", "11")
      UDP("0035", "000d") HELLO, "UDP 1.2.3.4:1025 > 5.6.7.8:53 ttl 64 hello/5" },
    { "port unreachable, TCP inside", 1, MACS "0800" ICMP4("0049", "0303", "0000") TCP4,
      "ICMP4 3/3 mtu 0 from 9.9.9.9: 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ttl 64" },
    { "8 bytes of TCP", 1, MACS "0800" ICMP4("0038", "030d", "0000") IP4("002d", "06") "03e8 0019 00000007",
      "ICMP4 3/13 mtu 0 from 9.9.9.9: 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ttl 64" },
    { "7 bytes of TCP", 1, MACS "0800" ICMP4("0037", "030d", "0000") IP4("002d", "06") "03e8 0019 000000", "other" },
    { "fragmentation needed", 1, MACS "0800" ICMP4("0038", "0304", "0578") IP4("05dc", "06") "03e8 0019 00000007",
      "ICMP4 3/4 mtu 1400 from 9.9.9.9: 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ttl 64" },
    { "time exceeded, with options", 1, MACS "0800" ICMP4("003c", "0b00", "0000") "4600 0031 0001 4000 01 06 0000 01020304 05060708 01010101"
      "03e8 0019 00000007", "ICMP4 11/0 mtu 0 from 9.9.9.9: 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ttl 1" },
    { "error about UDP", 1, MACS "0800" ICMP4("0038", "0303", "0000") IP4("001c", "11") UDP("0035", "0008"), "other" },
    { "error about a later fragment", 1, MACS "0800" ICMP4("0038", "0b01", "0000") "4500 002d 0001 2001 40 06 0000 01020304 05060708"
      "03e8 0019 00000007", "other" },
    { "echo", 1, MACS "0800" ICMP4("0049", "0800", "0000") TCP4, "other" },
    { "redirect", 1, MACS "0800" ICMP4("0049", "0501", "0000") TCP4, "other" },
    { "packet too big, IPv6", 1, MACS "86dd" ICMP6("0038", "0200", "00000500") IP6("0019", "06") "03e8 0019 00000007",
      "ICMP6 2/0 mtu 1280 from 2001:db8::9: 2001:db8::1:1000 > 2001:db8::2:25 seq 7 ttl 63" },
    { "unreachable, IPv6, hop-by-hop and first fragment", 1, MACS "86dd" ICMP6("0048", "0101", "00000000") IP6("0019", "00")
      "2c00010400000000 0600 0001 00000001 03e8 0019 00000007",
      "ICMP6 1/1 mtu 0 from 2001:db8::9: 2001:db8::1:1000 > 2001:db8::2:25 seq 7 ttl 63" },
    { "unreachable, IPv6, later fragment", 1, MACS "86dd" ICMP6("0040", "0101", "00000000") IP6("0019", "2c") "0600 0011 00000001"
      "03e8 0019 00000007", "other" },
    { "neighbour solicitation", 1, MACS "86dd" ICMP6("0018", "8700", "00000000") "20010db8000000000000000000000001", "other" },
    { "IPv6 hop-by-hop, destination, routing", 1,
      MACS "86dd" IP6("0031", "00") "3c00010400000000 2b00010400000000 0600000000000000" TCP,
      SEEN6 },
    { "IPv6 mobility, long", 1, MACS "86dd" IP6("0029", "87") "0601000000000000 0000000000000000" TCP, SEEN6 },
    { "IPv6 authentication header", 1,
      MACS "86dd" IP6("0031", "33") "0604000000000001 00000001 000102030405060708090a0b" TCP, SEEN6 },
    { "IPv4 authentication header", 1,
      MACS "0800" IP4("0045", "33") "0604000000000001 00000001 000102030405060708090a0b" TCP, SEEN4 },
    { "IPv6 extension behind the packet", 1, MACS "86dd" IP6("0008", "00") "0601000000000000 0000", "malformed" },
    { "IPv6 no next header", 1, MACS "86dd" IP6("0000", "3b"), "other" },
    { "IPv6 atomic fragment", 1, MACS "86dd" IP6("0021", "2c") "0600 0000 00000007" TCP, SEEN6 },
    { "first fragment alone", 1,
      MACS "0800 4500 002c 0001 2000 40 06 0000 01020304 05060708 03e8 0019 00000007 00000009 5018 2000 0000"
      "0000 68656c6c", "fragment" },
    { "fragment past 65535", 1,
      MACS "0800 4500 0024 0001 1fff 40 06 0000 01020304 05060708 00112233445566778899aabbccddeeff", "malformed" },
    { "fragment of 9 bytes, not the last", 1,
      MACS "0800 4500 001d 0001 2000 40 06 0000 01020304 05060708 001122334455667788", "malformed" },
    { "IPv4 in IPv4", 1, MACS "0800" IP4("0041", "04") TCP4, SEEN4 },
    { "IPv6 in IPv4", 1, MACS "0800" IP4("0055", "29") TCP6, SEEN6 },
    { "IPv4 in IPv6", 1, MACS "86dd" IP6("002d", "04") TCP4, SEEN4 },
    { "MPLS in IPv4", 1, MACS "0800" IP4("0045", "89") "000201ff" TCP4, SEEN4 },
    { "inner length behind the outer one", 1, MACS "0800" IP4("0041", "04") IP4("0064", "06") TCP, SEEN4 },
    { "GRE", 1, MACS "0800" IP4("0045", "2f") "0000 0800" TCP4, SEEN4 },
    { "GRE, checksum, key, sequence", 1, MACS "0800" IP4("0065", "2f") "b000 86dd 00000000 00000001 00000002" TCP6, SEEN6 },
    { "GRE, routes", 1, MACS "0800" IP4("0055", "2f") "4000 0800 00000000 0800 00 04 01020304 0000 00 00" TCP4, SEEN4 },
    { "GRE, Ethernet", 1, MACS "0800" IP4("0057", "2f") "2000 6558 00000001" ETH4, SEEN4 },
    { "GRE, MPLS", 1, MACS "86dd" IP6("0035", "2f") "0000 8847 000201ff" TCP4, SEEN4 },
    { "ERSPAN, type I", 1, MACS "0800" IP4("0053", "2f") "0000 88be" ETH4, SEEN4 },
    { "ERSPAN, type II", 1, MACS "0800" IP4("005f", "2f") "1000 88be 00000001 1005080100000000" ETH4, SEEN4 },
    { "ERSPAN, type III", 1, MACS "0800" IP4("0063", "2f") "1000 22eb 00000001 200508010000000000000000" ETH4, SEEN4 },
    { "ERSPAN, type III, long, IP", 1,
      MACS "0800" IP4("0071", "2f") "1000 22eb 00000001 200508010000000000000809 0000000000000000" TCP6,
      SEEN6 },
    { "ERSPAN, type III, 802.11", 1, MACS "0800" IP4("0028", "2f") "1000 22eb 00000001 200508010000000000000c00", "other" },
    { "GRE, a protocol of its own", 1, MACS "0800" IP4("0018", "2f") "0000 0001", "other" },
    { "PPTP with acknowledgement", 1, MACS "0800" IP4("0055", "2f") "3081 880b 0031 0001 00000001 00000002 ff03 0021" TCP4, SEEN4 },
    { "PPTP, acknowledgement alone", 1, MACS "0800" IP4("0020", "2f") "2081 880b 0000 0001 00000002", "other" },
    { "VXLAN", 1, MACS "0800" IP4("005f", "11") UDP("12b5", "004b") "08000000 00000500" ETH4, SEEN4 },
    { "VXLAN, port 8472, IPv6, tagged inside", 1, MACS "86dd" IP6("0063", "11") UDP("2118", "0063") "08000000 00000500" MACS
      "8100 0005 86dd" TCP6, SEEN6 },
    { "VXLAN, group policy", 1, MACS "0800" IP4("005f", "11") UDP("12b5", "004b") "88480123 00000500" ETH4, SEEN4 },
    { "no VXLAN on port 4789", 1, MACS "0800" IP4("0028", "11") UDP("12b5", "0014") "08018180 00010001 00000000", "other" },
    { "VXLAN, nonsense inside", 1,
      MACS "0800" IP4("002e", "11") UDP("12b5", "001a") "08000000 00000500 00112233445566778899", "other" },
    { "GENEVE with options", 1,
      MACS "0800" IP4("0067", "11") UDP("17c1", "0053") "0200 6558 00000500 0102000100000000" ETH4, SEEN4 },
    { "GENEVE, IPv6", 1, MACS "0800" IP4("0065", "11") UDP("17c1", "0051") "0040 86dd 00000500" TCP6, SEEN6 },
    { "GENEVE, control", 1, MACS "0800" IP4("0028", "11") UDP("17c1", "0014") "0080 6558 00000500 00000000", "other" },
    { "802.11", 127, "00001000", "link type" },
};

static size_t from_hex(const char *hex, uint8_t out[PACKET_MAX])
{
    size_t n = 0;
    for (const char *p = hex; *p; p++) {
        unsigned byte = 0;
        if (*p == ' ')
            continue;
        assert_true(n < PACKET_MAX && p[1] && sscanf(p, "%2x", &byte) == 1);
        out[n++] = (uint8_t)byte;
        p++;
    }
    return n;
}

static void address(const uint8_t ip[16], char out[64])
{
    bool mapped = memcmp(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    assert_non_null(mapped ? inet_ntop(AF_INET, ip + 12, out, 64) : inet_ntop(AF_INET6, ip, out, 64));
}

static void trace(enum ms_decoded got, const struct ms_segment *s, char out[TRACE_MAX])
{
    static const char *const names[] = { "", "", "", "fragment", "other", "cut", "malformed", "link type" };
    char src[64], dst[64], from[64];
    snprintf(out, TRACE_MAX, "%s", names[got]);
    if (got > MS_DECODED_ICMP)
        return;
    address(s->src, src);
    address(s->dst, dst);
    if (got == MS_DECODED_UDP)
        snprintf(out, TRACE_MAX, "UDP %s:%u > %s:%u ttl %u %.*s/%u", src, s->src_port, dst, s->dst_port, s->ttl, (int)s->payload.n,
                 (const char *)s->payload.p, s->payload_length);
    if (got == MS_DECODED_ICMP) {
        address(s->icmp.from, from);
        snprintf(out, TRACE_MAX, "ICMP%u %u/%u mtu %u from %s: %s:%u > %s:%u seq %u ttl %u", s->icmp.ip_version, s->icmp.type, s->icmp.code,
                 s->icmp.mtu, from, src, s->src_port, dst, s->dst_port, s->seq, s->ttl);
    }
    if (got != MS_DECODED_TCP)
        return;
    snprintf(out, TRACE_MAX, "TCP %s:%u > %s:%u seq %u ack %u window %u flags %u ttl %u %.*s/%u", src, s->src_port, dst,
             s->dst_port, s->seq, s->ack, s->window, s->flags, s->ttl, (int)s->payload.n, (const char *)s->payload.p, s->payload_length);
}

static struct ms_decoder *decoder(void)
{
    struct ms_limits limits = ms_limits_default();
    return ms_decoder_create(&limits);
}

/* Decodes an exact-size copy, so that the sanitizer sees one byte too many; the trace is taken while the copy lives. */
static void decode_once(struct ms_decoder *d, uint32_t link, struct ms_bytes packet, size_t wire, char out[TRACE_MAX])
{
    struct ms_segment s;
    uint8_t *copy = malloc(packet.n ? packet.n : 1);
    memcpy(copy, packet.p, packet.n);
    memset(&s, 0xa5, sizeof s);
    enum ms_decoded got = ms_decode(d, link, (struct ms_bytes){ copy, packet.n }, (uint32_t)wire, 0, &s);
    if (got == MS_DECODED_TCP || got == MS_DECODED_UDP)
        assert_true(s.payload.p >= copy && s.payload.p + s.payload.n <= copy + packet.n);
    trace(got, &s, out);
    free(copy);
}

static void test_layers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t packet[PACKET_MAX];
        char    got[TRACE_MAX];
        size_t  n = from_hex(cases[i].hex, packet);
        struct ms_decoder *d = decoder();
        decode_once(d, cases[i].link, (struct ms_bytes){ packet, n }, n, got);
        ms_decoder_destroy(d);
        if (strcmp(got, cases[i].want) != 0)
            fail_msg("%s: want %s, got %s", cases[i].why, cases[i].want, got);
    }
}

/* "TCP ... hello/5" with k bytes of payload captured. */
static void shortened(const char *want, size_t k, char out[TRACE_MAX])
{
    const char *payload = strrchr(want, ' ') + 1, *slash = strrchr(want, '/');
    if (k > (size_t)(slash - payload))
        k = (size_t)(slash - payload);
    snprintf(out, TRACE_MAX, "%.*s%s", (int)(payload - want + (ptrdiff_t)k), want, slash);
}

/* A capture that kept less of the packet: CUT, the same verdict, or the same segment with less payload captured. */
static void test_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t packet[PACKET_MAX];
        size_t  n = from_hex(cases[i].hex, packet), best = 0;
        bool    tcp = strncmp(cases[i].want, "TCP", 3) == 0 || strncmp(cases[i].want, "UDP", 3) == 0; /* ends with a payload */
        for (size_t cut = 0; cut <= n; cut++) {
            char got[TRACE_MAX], want[TRACE_MAX] = "";
            struct ms_decoder *d = decoder();
            decode_once(d, cases[i].link, (struct ms_bytes){ packet, cut }, n, got);
            ms_decoder_destroy(d);
            if (tcp && strncmp(got, cases[i].want, 3) == 0)
                shortened(cases[i].want, best++, want);
            bool good = strcmp(got, "cut") == 0 ? best == 0 && (cut < n || !tcp) : strcmp(got, tcp ? want : cases[i].want) == 0;
            if (!good)
                fail_msg("%s, cut at %zu: %s", cases[i].why, cut, got);
        }
    }
}

static void decode_hex(const char *hex, struct ms_segment *out, uint8_t packet[PACKET_MAX])
{
    struct ms_decoder *d = decoder();
    size_t n = from_hex(hex, packet);
    assert_int_equal(ms_decode(d, 1, (struct ms_bytes){ packet, n }, (uint32_t)n, 0, out), MS_DECODED_TCP);
    ms_decoder_destroy(d);
}

static void test_options_of_a_syn(void **state)
{
    (void)state;
    struct ms_segment s;
    uint8_t packet[PACKET_MAX];
    memset(&s, 0xa5, sizeof s);
    decode_hex(MACS "0800" IP4("003c", "06") "03e8 0019 00000007 00000000 a002 ffff 0000 0000"
               "020405b4 0402 080a 00000001 00000000 01 030307", &s, packet);
    assert_true(s.has_mss && s.has_scale && s.sack_permitted);
    assert_int_equal(s.mss, 1460);
    assert_int_equal(s.scale, 7);
    assert_int_equal(s.sack_count, 0);
    assert_int_equal(s.flags, MS_SYN);
    decode_hex(MACS "0800" IP4("002c", "06") "03e8 0019 00000007 00000000 6002 ffff 0000 0000 0303ff 00", &s, packet);
    assert_int_equal(s.scale, 14);
    assert_false(s.has_mss || s.sack_permitted);
}

/* Old captures kept 68 bytes: of a SYN's options what is there counts, and the segment does, too. */
static void test_options_cut(void **state)
{
    (void)state;
    uint8_t packet[PACKET_MAX];
    size_t  n = from_hex(MACS "0800" IP4("003c", "06") "03e8 0019 00000007 00000000 a002 ffff 0000 0000"
                         "020405b4 0402 080a 00000001 00000000 01 030307", packet);
    for (size_t cut = 54; cut <= n; cut++) {
        struct ms_segment  s;
        struct ms_decoder *d = decoder();
        memset(&s, 0xa5, sizeof s);
        assert_int_equal(ms_decode(d, 1, (struct ms_bytes){ packet, cut }, (uint32_t)n, 0, &s), MS_DECODED_TCP);
        assert_int_equal(ms_decoder_counts(d)->cut, 0);
        assert_int_equal(s.flags, MS_SYN);
        assert_int_equal(s.has_mss, cut >= 58);
        assert_int_equal(s.sack_permitted, cut >= 60);
        assert_int_equal(s.has_scale, cut >= 74);
        assert_int_equal(s.payload.n, 0);
        assert_int_equal(s.payload_length, 0);
        ms_decoder_destroy(d);
    }
}

static void test_options_later(void **state) /* only SACK counts; nothing of the segment before stays */
{
    (void)state;
    struct ms_segment s;
    uint8_t packet[PACKET_MAX];
    memset(&s, 0xa5, sizeof s);
    decode_hex(MACS "0800" IP4("0044", "06") "03e8 0019 00000007 00000009 b010 2000 0000 0000"
               "020405b4 0101 0512 00000010 00000020 00000030 00000040", &s, packet);
    assert_int_equal(s.sack_count, 2);
    assert_int_equal(s.sack_left, 0x10);
    assert_int_equal(s.sack_right, 0x20);
    assert_false(s.has_mss || s.has_scale || s.sack_permitted);
    decode_hex(ETH4, &s, packet);
    assert_int_equal(s.sack_count, 0);
    assert_int_equal(s.sack_left, 0);
    assert_int_equal(s.sack_right, 0);
    decode_hex(MACS "0800" IP4("0034", "06") "03e8 0019 00000007 00000009 8010 2000 0000 0000 0101 080a 00000001 00000002", &s,
               packet);
    assert_int_equal(s.sack_count, 0);
    assert_int_equal(s.payload_length, 0);
}

static void test_bad_options(void **state) /* what stands before the nonsense counts */
{
    (void)state;
    static const char *const tails[] = { "020405b4 0300 0000", "020405b4 0109 0000", "020405b4 01010103", "020405b4 00 030307",
                                         "020405b4 050a 0000" /* goes on behind the header */ };
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        char hex[1024];
        struct ms_segment s;
        uint8_t packet[PACKET_MAX];
        snprintf(hex, sizeof hex, MACS "0800" IP4("0030", "06") "03e8 0019 00000007 00000000 7002 ffff 0000 0000 %s", tails[i]);
        decode_hex(hex, &s, packet);
        assert_true(s.has_mss && s.mss == 1460);
        assert_false(s.has_scale);
        assert_int_equal(s.sack_count, 0);
    }
}

static void test_tunnel_depth(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny(); /* 2 */
    static const struct { const char *hex, *want; uint64_t too_deep; } depth[] = {
        { MACS "0800" IP4("0041", "04") TCP4, SEEN4, 0 },
        { MACS "0800" IP4("0055", "04") IP4("0041", "04") TCP4, SEEN4, 0 },
        { MACS "0800" IP4("0069", "04") IP4("0055", "04") IP4("0041", "04") TCP4, "other", 1 },
        { MACS "8864 1100 0001 0057 0021" IP4("0055", "04") IP4("0041", "04") TCP4, "other", 1 },
    };
    for (size_t i = 0; i < sizeof depth / sizeof *depth; i++) {
        uint8_t packet[PACKET_MAX];
        char    got[TRACE_MAX];
        size_t  n = from_hex(depth[i].hex, packet);
        struct ms_decoder *d = ms_decoder_create(&limits);
        decode_once(d, 1, (struct ms_bytes){ packet, n }, n, got);
        assert_string_equal(got, depth[i].want);
        assert_int_equal(ms_decoder_counts(d)->tunnel_too_deep, depth[i].too_deep);
        ms_decoder_destroy(d);
    }
}

static void test_counts_add_up(void **state)
{
    (void)state;
    struct ms_decoder *d = decoder();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t packet[PACKET_MAX];
        char    got[TRACE_MAX];
        size_t  n = from_hex(cases[i].hex, packet);
        decode_once(d, cases[i].link, (struct ms_bytes){ packet, n }, n, got);
    }
    const struct ms_decode_counts *c = ms_decoder_counts(d);
    const char *name;
    uint64_t unsupported, kept = 1;
    assert_true(ms_decoder_unsupported(d, 0, &name, &unsupported));
    assert_int_equal(c->packets, sizeof cases / sizeof *cases);
    assert_int_equal(c->packets, c->tcp + c->udp + c->icmp + c->other + c->cut + c->malformed + kept + unsupported);
    assert_int_equal(c->udp, 11); /* 8 of UDP itself, and three that only looked like tunnels or are their control messages */
    assert_int_equal(c->icmp, 13);
    assert_int_equal(c->fragments, 3);
    assert_int_equal(c->fragments_dropped, 1);
    ms_decoder_destroy(d);
}

static void test_unsupported_link_types(void **state)
{
    (void)state;
    struct ms_decoder *d = decoder();
    const char *name;
    uint64_t count;
    char got[TRACE_MAX];
    static const uint32_t met[] = { 127, 4711, 127, 107, 105, 192, 189 };
    static const struct { const char *name; uint64_t count; } want[] = {
        { "IEEE 802.11 with radiotap (127)", 2 }, { "link type 4711", 1 }, { "Frame Relay (107)", 1 }, { "IEEE 802.11 (105)", 1 },
        { "Per-Packet Information (802.11) (192)", 1 }, { "USB (Linux) (189)", 1 },
    };
    assert_false(ms_decoder_unsupported(d, 0, &name, &count));
    for (size_t i = 0; i < sizeof met / sizeof *met; i++)
        decode_once(d, met[i], MS_LIT("abc"), 3, got);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        assert_true(ms_decoder_unsupported(d, i, &name, &count));
        assert_string_equal(name, want[i].name);
        assert_int_equal(count, want[i].count);
    }
    assert_false(ms_decoder_unsupported(d, 6, &name, &count));
    for (uint32_t type = 5000; type < 5020; type++) /* 10 more kinds fit */
        decode_once(d, type, MS_LIT("abc"), 3, got);
    assert_true(ms_decoder_unsupported(d, 15, &name, &count));
    assert_string_equal(name, "link type 5009");
    assert_true(ms_decoder_unsupported(d, 16, &name, &count));
    assert_string_equal(name, "other link types");
    assert_int_equal(count, 10);
    assert_false(ms_decoder_unsupported(d, 17, &name, &count));
    ms_decoder_destroy(d);
}

/* Feeds packets; all but the last are kept, the last completes the segment. */
static void expect_joined(const char *const hex[], size_t count, const char *want)
{
    struct ms_decoder *d = decoder();
    struct ms_segment s;
    char got[TRACE_MAX];
    for (size_t i = 0; i < count; i++) {
        uint8_t packet[PACKET_MAX];
        size_t  n = from_hex(hex[i], packet);
        enum ms_decoded r = ms_decode(d, 1, (struct ms_bytes){ packet, n }, (uint32_t)n, (int64_t)i, &s);
        trace(r, &s, got);
        assert_string_equal(got, i + 1 < count ? "fragment" : want);
    }
    assert_int_equal(ms_decoder_counts(d)->fragments_dropped, 0);
    assert_int_equal(ms_decoder_counts(d)->tcp, 1);
    ms_decoder_destroy(d);
}

#define FRAG4(total, offset, protocol) MACS "0800 4500" total "0007" offset "40" protocol "0000 01020304 05060708 "
#define FRAG6(length, offset) MACS "86dd" IP6(length, "2c") "0600" offset "00000007"

static void test_fragments(void **state)
{
    (void)state;
    const char *first = FRAG4("002c", "2000", "06") "03e8 0019 00000007 00000009 5018 2000 0000 0000 68656c6c";
    const char *last = FRAG4("0015", "0003", "06") "6f";
    expect_joined((const char *const[]){ first, last }, 2, SEEN4);
    expect_joined((const char *const[]){ last, first }, 2, SEEN4);
    const char *first6 = FRAG6("0010", "0001") "03e8 0019 00000007";
    const char *last6 = FRAG6("0019", "0008") "00000009 5018 2000 0000 0000 68656c6c6f";
    expect_joined((const char *const[]){ first6, last6 }, 2, SEEN6);
    expect_joined((const char *const[]){ last6, first6 }, 2, SEEN6);
}

static void test_fragments_in_fragments(void **state) /* IP-in-IP, the inner one in two pieces, the second of them in two */
{
    (void)state;
#define INNER(total, offset) "4500" total "0009" offset "33 06 0000 0a000001 0a000002 "
    const char *whole_first = MACS "0800" IP4("0040", "04") INNER("002c", "2000")
                              "03e8 0019 00000007 00000009 5018 2000 0000 0000 68656c6c";
    const char *second_a = FRAG4("0024", "2000", "04") "4500 0015 0009 0003 33 06 0000 0a000001";
    const char *second_b = FRAG4("0019", "0002", "04") "0a000002 6f";
    expect_joined((const char *const[]){ whole_first, second_a, second_b }, 3,
                  "TCP 10.0.0.1:1000 > 10.0.0.2:25 seq 7 ack 9 window 8192 flags 24 ttl 51 hello/5");
}

static void test_snapped_fragment(void **state) /* the payload ends at the first missing byte, its length is the true one */
{
    (void)state;
    struct ms_decoder *d = decoder();
    struct ms_segment s;
    uint8_t packet[PACKET_MAX];
    char    got[TRACE_MAX];
    size_t  n = from_hex(FRAG4("002c", "2000", "06") "03e8 0019 00000007 00000009 5018 2000 0000 0000 68656c6c", packet);
    assert_int_equal(ms_decode(d, 1, (struct ms_bytes){ packet, n - 2 }, (uint32_t)n, 0, &s), MS_DECODED_FRAGMENT);
    n = from_hex(FRAG4("0015", "0003", "06") "6f", packet);
    trace(ms_decode(d, 1, (struct ms_bytes){ packet, n }, (uint32_t)n, 0, &s), &s, got);
    assert_string_equal(got, "TCP 1.2.3.4:1000 > 5.6.7.8:25 seq 7 ack 9 window 8192 flags 24 ttl 64 he/5");
    ms_decoder_destroy(d);
}

static void test_extension_chain_ends(void **state) /* 32 headers are read, 33 are not */
{
    (void)state;
    for (unsigned count = 31; count <= 33; count++) {
        char hex[2048], got[TRACE_MAX];
        uint8_t packet[PACKET_MAX];
        int at = snprintf(hex, sizeof hex, MACS "86dd 60000000%04x3c3f" ADDRESSES6, 25 + count * 8);
        for (unsigned i = 0; i < count; i++)
            at += snprintf(hex + at, sizeof hex - (size_t)at, "%s00010400000000", i + 1 < count ? "3c" : "06");
        snprintf(hex + at, sizeof hex - (size_t)at, TCP);
        size_t n = from_hex(hex, packet);
        struct ms_decoder *d = decoder();
        decode_once(d, 1, (struct ms_bytes){ packet, n }, n, got);
        assert_string_equal(got, count <= 32 ? SEEN6 : "malformed");
        ms_decoder_destroy(d);
    }
}

static bool same_place(const struct ms_layer_at *a, const struct ms_layer_at *b, uint32_t shift)
{
    return a->kind == b->kind && a->protocol == b->protocol && a->at == b->at + shift && a->captured == b->captured && a->wire == b->wire;
}

/* The headers of a plain Ethernet frame are found by a shorter way than those of raw IP: in the same places, whatever was captured. */
static void test_short_way(void **state)
{
    static const struct { const char *hex; uint32_t ip; } frames[] = {
        { ETH4, 14 }, { ETH4 "0000000000", 14 }, { MACS "8100 0005 0800" TCP4, 18 },
        { MACS "0800" IP4("0030", "06") "03e8 0019 00000007 00000009 6018 2000 0000 0000 020405b4 68656c6c", 14 },
        { MACS "0800" IP4("0028", "06") "03e8 0019 00000007 00000009 6010 2000 0000 0000", 14 }, /* a length that makes no sense */
    };
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        uint8_t packet[PACKET_MAX];
        size_t  n = from_hex(frames[i].hex, packet);
        for (size_t cut = frames[i].ip + 1; cut <= n; cut++) {
            struct ms_layers framed, raw;
            uint32_t         ip = frames[i].ip, first = 0, raw_first = 1; /* behind "IP, by its version" */
            ms_layers_of(1, (struct ms_bytes){ packet, cut }, (uint32_t)n, 8, &framed);
            ms_layers_of(101, (struct ms_bytes){ packet + ip, cut - ip }, (uint32_t)n - ip, 8, &raw);
            while (framed.layer[first].kind != MS_L_IPV4)
                first++;
            assert_int_equal(framed.count - first, raw.count - raw_first);
            for (uint32_t k = 0; first + k < framed.count; k++)
                assert_true(same_place(&framed.layer[first + k], &raw.layer[raw_first + k], ip));
            assert_int_equal(framed.end, raw.end);
            assert_true(same_place(&framed.rest, &raw.rest, ip));
            assert_int_equal(framed.layer[first].type, 0x0800);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layers), cmocka_unit_test(test_every_cut), cmocka_unit_test(test_options_of_a_syn), cmocka_unit_test(test_options_cut),
        cmocka_unit_test(test_options_later), cmocka_unit_test(test_bad_options), cmocka_unit_test(test_tunnel_depth),
        cmocka_unit_test(test_counts_add_up), cmocka_unit_test(test_unsupported_link_types), cmocka_unit_test(test_fragments),
        cmocka_unit_test(test_fragments_in_fragments), cmocka_unit_test(test_snapped_fragment),
        cmocka_unit_test(test_extension_chain_ends), cmocka_unit_test(test_short_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
