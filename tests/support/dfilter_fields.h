/* tests/support/dfilter_fields.h - fields for the tests of display filters: those of Wireshark that its tests name, with their types there, and
 * some of records of another kind. Sorted by name.                                                                     */
#pragma once
#include "dfilter/dfilter.h"

enum { FRAMES, SESSIONS, MESSAGES };

static const struct ms_field_word set_words[] = { { 1, "Set" }, { 0, "Not set" }, { 0, NULL } };
static const struct ms_field_word handshake_words[] = { { 1, "Client Hello" }, { 2, "Server Hello" }, { 0, NULL } };
static const struct ms_field_word proto_words[] = { { 1, "ICMP" }, { 6, "TCP" }, { 17, "UDP" }, { 0, NULL } };
static const struct ms_field_word code_words[] = { { 250, "Requested mail action okay, completed" }, { 550, "Requested action not taken: mailbox unavailable" }, { 0, NULL } };

#define F(name, type, unit, base, bits, words) { name, type, unit, base, bits, name, NULL, words }
static const struct ms_field test_fields[] = {
    F("dns.flags.rcode", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
    F("dns.qry.name", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("eth.addr", MS_FT_ETHER, FRAMES, 0, 0, NULL),
    F("eth.dst", MS_FT_ETHER, FRAMES, 0, 0, NULL),
    F("eth.src", MS_FT_ETHER, FRAMES, 0, 0, NULL),
    F("frame", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("frame.cap_len", MS_FT_UINT, FRAMES, MS_FB_DEC, 32, NULL),
    F("frame.len", MS_FT_UINT, FRAMES, MS_FB_DEC, 32, NULL),
    F("frame.number", MS_FT_UINT, FRAMES, MS_FB_DEC, 32, NULL),
    F("frame.protocols", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("frame.time", MS_FT_TIME, FRAMES, 0, 0, NULL),
    F("frame.time_delta", MS_FT_DURATION, FRAMES, 0, 0, NULL),
    F("frame.time_epoch", MS_FT_DURATION, FRAMES, 0, 0, NULL),
    F("frame.time_relative", MS_FT_DURATION, FRAMES, 0, 0, NULL),
    F("http", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("icmp", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("imf.from", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("ip", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("ip.addr", MS_FT_IPV4, FRAMES, 0, 0, NULL),
    F("ip.dst", MS_FT_IPV4, FRAMES, 0, 0, NULL),
    F("ip.proto", MS_FT_UINT, FRAMES, MS_FB_DEC, 8, proto_words),
    F("ip.src", MS_FT_IPV4, FRAMES, 0, 0, NULL),
    F("ip.ttl", MS_FT_UINT, FRAMES, MS_FB_DEC, 8, NULL),
    F("ip.version", MS_FT_UINT, FRAMES, MS_FB_DEC, 8, NULL),
    F("ipv6.addr", MS_FT_IPV6, FRAMES, 0, 0, NULL),
    F("ipv6.src", MS_FT_IPV6, FRAMES, 0, 0, NULL),
    F("message.attachment.type", MS_FT_STRING, MESSAGES, 0, 0, NULL),
    F("message.size", MS_FT_UINT, MESSAGES, MS_FB_DEC, 0, NULL),
    F("message.subject", MS_FT_STRING, MESSAGES, 0, 0, NULL),
    F("session.bytes", MS_FT_UINT, SESSIONS, MS_FB_DEC, 0, NULL),
    F("session.duration", MS_FT_DURATION, SESSIONS, 0, 0, NULL),
    F("session.first", MS_FT_FRAME, SESSIONS, 0, 0, NULL),
    F("session.ratio", MS_FT_DOUBLE, SESSIONS, 0, 0, NULL),
    F("session.server.ip", MS_FT_IP, SESSIONS, 0, 0, NULL),
    F("session.user", MS_FT_STRING, SESSIONS, 0, 0, NULL),
    F("smtp", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("smtp.req.command", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("smtp.req.parameter", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("smtp.response.code", MS_FT_UINT, FRAMES, MS_FB_DEC, 32, code_words),
    F("smtp.rsp.parameter", MS_FT_STRING, FRAMES, 0, 0, NULL),
    F("tcp", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("tcp.analysis.flags", MS_FT_NONE, FRAMES, 0, 0, NULL),
    F("tcp.analysis.retransmission", MS_FT_NONE, FRAMES, 0, 0, NULL),
    F("tcp.analysis.window_update", MS_FT_NONE, FRAMES, 0, 0, NULL),
    F("tcp.dstport", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
    F("tcp.flags", MS_FT_UINT, FRAMES, MS_FB_HEX, 16, NULL),
    F("tcp.flags.ack", MS_FT_BOOLEAN, FRAMES, 0, 0, set_words),
    F("tcp.flags.syn", MS_FT_BOOLEAN, FRAMES, 0, 0, set_words),
    F("tcp.payload", MS_FT_BYTES, FRAMES, 0, 0, NULL),
    F("tcp.port", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
    F("tcp.srcport", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
    F("tcp.window_size_scalefactor", MS_FT_INT, FRAMES, MS_FB_DEC, 32, NULL),
    F("tls.handshake.type", MS_FT_UINT, FRAMES, MS_FB_DEC, 8, handshake_words),
    F("udp", MS_FT_PROTOCOL, FRAMES, 0, 0, NULL),
    F("udp.port", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
    F("udp.srcport", MS_FT_UINT, FRAMES, MS_FB_DEC, 16, NULL),
};
#undef F
static const char *const test_units[MS_FIELD_UNITS] = { "frames", "sessions", "messages" };
static const struct ms_field_table test_table = { test_fields, sizeof test_fields / sizeof *test_fields, test_units };

static inline size_t test_field(const char *name) { return (size_t)ms_field_find(&test_table, ms_str(name)); }
