/* tests/unit/streams_test.c - TCP streams of a packet list: numbers, relative sequence numbers, times, analysis. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/streams.h"
#include "base/hash.h"
#include "tcp_script.h"

enum { MS = 1000000 };

struct run { struct ms_streams *streams; struct tcp_script script; struct ms_stream_view view; uint64_t frame; int64_t time; };

static void start(struct run *r, struct ms_limits limits)
{
    *r = (struct run){ .streams = ms_streams_create(&limits, MS_STREAMS_TIMES), .time = 1000 * (int64_t)MS };
    r->script.window[0] = r->script.window[1] = 8192;
    r->script.scale[0] = r->script.scale[1] = -1;
}

/* A word of tcp_script.h from or to port `port` of the client, 1 ms after the one before. */
static const struct ms_stream_view *feed(struct run *r, uint16_t port, const char *word)
{
    struct ms_segment s;
    enum ms_dir       dir = tcp_script_segment(&r->script, word, &s);
    s.src[15] = dir == MS_C2S ? 1 : 2;
    s.dst[15] = dir == MS_C2S ? 2 : 1;
    s.src_port = dir == MS_C2S ? port : 25;
    s.dst_port = dir == MS_C2S ? 25 : port;
    r->time += MS;
    ms_streams_segment(r->streams, &s, (struct ms_stream_place){ ms_segment_hash(&s), ++r->frame, r->time }, &r->view);
    return &r->view;
}

static void numbers(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    assert_int_equal(feed(&r, 1000, "CS:99")->stream, 0);
    assert_int_equal(feed(&r, 1001, "CS:5")->stream, 1);
    assert_int_equal(feed(&r, 1000, "SSA:499,100")->stream, 0);
    assert_int_equal(feed(&r, 1000, "CS:99")->stream, 0); /* sent again */
    assert_true(r.view.analysis & MS_TA_RETRANSMISSION);
    assert_int_equal(feed(&r, 1000, "CS:777")->stream, 2); /* another connection on these ports */
    assert_int_equal(r.view.analysis, MS_TA_REUSED_PORTS);
    assert_int_equal(r.view.time_relative, 0);
    assert_int_equal(feed(&r, 1001, "CA:6,700")->stream, 1);
    assert_int_equal(r.view.time_relative, 4 * MS);
    assert_int_equal(r.view.time_delta, 4 * MS);
    ms_streams_destroy(r.streams);
}

static void relative(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    r.script.scale[0] = 3;
    r.script.scale[1] = 2;
    feed(&r, 1000, "CS:4294967295");
    assert_int_equal(r.view.seq_base, 4294967295u);
    assert_int_equal(r.view.window, 8192); /* not scaled in a SYN */
    feed(&r, 1000, "SSA:499,0");
    assert_int_equal(r.view.completeness, 1);
    assert_int_equal(r.view.acks_frame, 1);
    assert_int_equal(r.view.ack_rtt, MS);
    feed(&r, 1000, "CA:0,500");
    assert_int_equal(r.view.ack_base, 499);
    assert_int_equal(r.view.completeness, 3);
    assert_int_equal(r.view.initial_rtt, 2 * MS);
    assert_int_equal(r.view.window_factor, 8);
    assert_int_equal(r.view.window, 8 * 8192);
    feed(&r, 1000, "CPA:0,500,hello");
    assert_int_equal((uint32_t)(0 - r.view.seq_base), 1);
    assert_int_equal(r.view.in_flight, 5);
    assert_int_equal(r.view.push_bytes, 5);
    feed(&r, 1000, "CA:5,500,wor");
    assert_int_equal(r.view.in_flight, 8);
    assert_int_equal(r.view.push_bytes, 3);
    ms_streams_destroy(r.streams);
}

/* What was sent since the last acknowledgement counts, known bytes that are sent again too. */
static void in_flight(void **state)
{
    static const struct { const char *segment; uint32_t in_flight, push_bytes; } cases[] = {
        { "CPA:100,500,abcd", 4, 4 }, { "SA:500,104", 0, 0 },
        { "CA:103,500,d", 1, 1 }, { "SA:500,104", 0, 0 },                                 /* a keep-alive with a byte */
        { "CPA:104,500,e", 1, 2 }, { "SA:500,104", 0, 0 },                                /* a probe that is not acknowledged */
        { "CPA:103,500,d", 2, 1 }, { "SA:500,105", 0, 0 },
        { "CPA:110,500,xy", 0, 0 }, { "CPA:112,500,z", 0, 0 }, { "SA:500,105", 0, 0 },    /* lost: nobody knows until something is acknowledged */
        { "CPA:105,500,abcde", 8, 5 },
    };
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    feed(&r, 1000, "CS:99");
    feed(&r, 1000, "SSA:499,100");
    feed(&r, 1000, "CA:100,500");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        feed(&r, 1000, cases[i].segment);
        assert_int_equal(r.view.in_flight, cases[i].in_flight);
        assert_int_equal(r.view.push_bytes, cases[i].push_bytes);
    }
    ms_streams_destroy(r.streams);
}

static void joined_late(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    feed(&r, 1000, "SA:70,1000,abc");
    assert_int_equal((uint32_t)(70 - r.view.seq_base), 1);
    assert_int_equal((uint32_t)(1000 - r.view.ack_base), 1);
    assert_int_equal(r.view.window_factor, -1);
    assert_int_equal(r.view.completeness, 0);
    feed(&r, 1000, "CA:1000,73,d");     /* its first segment does not count, data that acknowledges is data */
    assert_int_equal(r.view.completeness, 0);
    feed(&r, 1000, "SA:73,1001");
    assert_int_equal(r.view.completeness, 8);
    feed(&r, 1000, "SFA:73,1001");
    assert_int_equal(r.view.completeness, 8 | 4);
    feed(&r, 1000, "CA:1001,74");
    assert_int_equal(r.view.completeness, 16 | 8 | 4);
    ms_streams_destroy(r.streams);
}

static void repeats(void **state)
{
    struct run r;
    (void)state;
    start(&r, ms_limits_default());
    feed(&r, 1000, "CS:99");
    feed(&r, 1000, "SSA:499,100");
    feed(&r, 1000, "CA:100,500");
    feed(&r, 1000, "CPA:100,500,abc");
    feed(&r, 1000, "SA:500,103"); /* frame 5 */
    feed(&r, 1000, "CPA:106,500,ghi");
    assert_true(r.view.analysis & MS_TA_LOST_SEGMENT);
    assert_int_equal(r.view.in_flight, 0); /* nobody knows */
    feed(&r, 1000, "SA:500,103");
    assert_int_equal(r.view.duplicate_ack_number, 1);
    assert_int_equal(r.view.duplicate_ack_frame, 5);
    feed(&r, 1000, "SA:500,103");
    assert_int_equal(r.view.duplicate_ack_number, 2);
    r.time += 300 * MS;
    feed(&r, 1000, "CPA:106,500,ghi");
    assert_true(r.view.analysis & MS_TA_RETRANSMISSION);
    assert_int_equal(r.view.rto_frame, 6);
    assert_int_equal(r.view.rto, 303 * MS);
    ms_streams_destroy(r.streams);
}

/* The one that was silent for longest is forgotten; when it speaks again it counts anew. */
static void limit(void **state)
{
    struct run       r;
    struct ms_limits limits = ms_limits_default();
    (void)state;
    limits.streams = 4;
    start(&r, limits);
    for (uint16_t i = 0; i < 4; i++)
        assert_int_equal(feed(&r, (uint16_t)(1000 + i), "CA:1,1,x")->stream, i);
    assert_int_equal(feed(&r, 1000, "CA:2,1,x")->stream, 0);
    assert_int_equal(feed(&r, 2000, "CA:2,1,x")->stream, 4);
    assert_int_equal(feed(&r, 1000, "CA:3,1,x")->stream, 0);
    assert_int_equal(feed(&r, 1001, "CA:2,1,x")->stream, 5);
    for (unsigned i = 0; i < 20000; i++)
        assert_int_equal(feed(&r, (uint16_t)(3000 + i), "CA:2,1,x")->stream, 6 + i);
    ms_streams_destroy(r.streams);
}

/* The next of a row of numbers below n; the same row each time. */
static uint32_t below(uint64_t *row, uint32_t n)
{
    *row = *row * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((*row >> 33) % n);
}

/* Segments around the places where both sides are, so that each kind of judgement comes often. */
static struct ms_segment any_segment(uint64_t *row, uint32_t next[2])
{
    static const uint8_t flags[] = { MS_ACK, MS_ACK, MS_ACK, MS_ACK, MS_ACK | MS_PSH, MS_ACK | MS_PSH, MS_SYN, MS_SYN | MS_ACK, MS_FIN | MS_ACK, MS_RST | MS_ACK };
    static const uint16_t windows[] = { 100, 100, 100, 100, 8, 0 };
    unsigned          dir = below(row, 2);
    struct ms_segment s = { .flags = flags[below(row, below(row, 20) ? 6 : 10)], .window = windows[below(row, 6)] };
    s.seq = below(row, 3) ? next[dir] : next[dir] - 8 + below(row, 16);
    s.ack = below(row, 3) ? next[1 - dir] : next[1 - dir] - 8 + below(row, 16);
    s.payload_length = below(row, 2) ? below(row, 8) : 0;
    next[dir] = s.seq + s.payload_length > next[dir] && s.seq + s.payload_length < next[dir] + 64 ? s.seq + s.payload_length : next[dir];
    s.src[15] = dir == MS_C2S ? 1 : 2;
    s.dst[15] = dir == MS_C2S ? 2 : 1;
    s.src_port = dir == MS_C2S ? 1000 : 25;
    s.dst_port = dir == MS_C2S ? 25 : 1000;
    return s;
}

/* Where flags alone are wanted they are the same. */
static void flags_alone(void **state)
{
    struct ms_limits   limits = ms_limits_default();
    struct ms_streams *all = ms_streams_create(&limits, MS_STREAMS_VIEWS), *flags = ms_streams_create(&limits, MS_STREAMS_FLAGS);
    uint64_t           row = 1;
    uint32_t           next[2] = { 1000, 5000 }, seen = 0;
    int64_t            time = 1000 * (int64_t)MS;
    (void)state;
    for (unsigned i = 1; i <= 200000; i++) {
        struct ms_segment      s = any_segment(&row, next);
        struct ms_stream_view  a = { 0 }, b = { 0 };
        struct ms_stream_place at = { ms_segment_hash(&s), i, time += below(&row, 30 * MS) };
        ms_streams_segment(all, &s, at, &a);
        ms_streams_segment(flags, &s, at, &b);
        assert_int_equal(a.analysis, b.analysis);
        if (a.analysis & MS_TA_DUPLICATE_ACK) {
            assert_int_equal(a.duplicate_ack_number, b.duplicate_ack_number);
            assert_int_equal(a.duplicate_ack_frame, b.duplicate_ack_frame);
        }
        seen |= a.analysis;
    }
    assert_true(__builtin_popcount(seen) >= 12); /* nearly all kinds came */
    ms_streams_destroy(all);
    ms_streams_destroy(flags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers), cmocka_unit_test(relative), cmocka_unit_test(in_flight), cmocka_unit_test(joined_late), cmocka_unit_test(repeats), cmocka_unit_test(limit),
        cmocka_unit_test(flags_alone),
    };
    ms_hash_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
