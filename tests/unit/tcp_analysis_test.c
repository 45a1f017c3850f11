/* tests/unit/tcp_analysis_test.c - what Wireshark 4.0 says of each segment of a script. The expectations of the longer scripts were
 * read off tshark on the same segments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp_script.h"

#define OPEN "CS:99 SSA:499,100 CA:100,500 " /* a round trip of 2 ms */
#define DUPS "CA:103,500,d CA:104,500,e CA:105,500,f SA:500,100 SA:500,100 SA:500,100 "

/* One letter a bit, "-" for none: R retransmission, F fast, S spurious, O out of order, D duplicate ACK, L lost segment before,
 * U acknowledges what was not seen, Z zero window, W window full, w window update, K keep-alive, k its ACK, P zero window probe,
 * p its ACK. */
static const char letters[] = "RFSODLUZWwKkPp";

static const struct { const char *why, *script, *want; } cases[] = {
    { "a quiet dialogue", OPEN "SAP:500,100,hello CA:100,505 CAP:100,505,bye SA:505,103", "- - - - - - -" },
    { "SYN sent again", "CS:99 +1000 CS:99 +2000 CS:99 SSA:499,100 SSA:499,100", "- R R - R" },
    { "retransmission after a time-out", OPEN "CA:100,500,abc +300 CA:100,500,abc SA:500,103", "- - - - R -" },
    { "retransmission that was acknowledged", OPEN "CA:100,500,abc SA:500,103 CA:100,500,abc", "- - - - - RS" },
    { "retransmission with other borders", OPEN "CA:100,500,abc +300 CA:101,500,bcd", "- - - - R" },
    { "swapped neighbours", OPEN "CA:103,500,def CA:100,500,abc", "- - - L O" },
    { "too late for swapped neighbours", OPEN "CA:103,500,def +1 CA:100,500,abc", "- - - L R" },
    { "no handshake: 3 ms", "CA:100,500,abc CA:106,500,ghi +1 CA:103,500,def", "- L O" },
    { "no handshake: more than 3 ms", "CA:100,500,abc CA:106,500,ghi +2 CA:103,500,def", "- L R" },
    { "one duplicate ACK is not enough", OPEN "CA:103,500,d SA:500,100 +5 CA:100,500,abc", "- - - L D R" },
    { "fast retransmission", OPEN DUPS "+15 CA:100,500,abc", "- - - L - - D D D RF" },
    { "fast, at 19 ms", OPEN DUPS "+18 CA:100,500,abc", "- - - L - - D D D RF" },
    { "not so fast, at 20 ms", OPEN DUPS "+19 CA:100,500,abc", "- - - L - - D D D R" },
    { "another ACK ends the row of duplicates", OPEN DUPS "SA:500,101 +5 CA:101,500,bc", "- - - L - - D D D U R" },
    { "a new window is no duplicate ACK", OPEN "SA:500,100 S=4000 SA:500,100 SA:500,100", "- - - D w D" },
    { "zero window, probe, its ACK, update",
      OPEN "S=0 SA:500,100 +200 CA:100,500,x SA:500,100 S=4096 SA:500,100", "- - - Z P Zp w" },
    { "the probe's byte is taken", OPEN "S=0 SA:500,100 +200 CA:100,500,x S=4096 SA:500,101", "- - - Z P U" },
    { "the probe's byte is taken, the window stays shut",
      OPEN "S=0 SA:500,100 +200 CA:100,500,x SA:500,101 CA:101,500,y", "- - - Z P UZ L" },
    { "keep-alives", OPEN "CA:100,500,abc SA:500,103 +9000 CA:102,500,Z SA:500,103 +9000 CA:102,500 SA:500,103",
      "- - - - - K k K k" },
    { "window full", "C/2 S/2 S=3 CS:99 SSA:499,100 CA:100,500 SA:500,100 CA:100,500,abcdef CA:106,500,ghijkl", "- - - D - W" },
    { "window full: the window of a SYN is not scaled", "C/2 S/2 S=6 CS:99 SSA:499,100 CA:100,500,abcdef", "- - W" },
    { "window full: no scaling unless both want it", "C/2 S=6 CS:99 SSA:499,100 S=6 SA:500,100 CA:100,500,abcdef", "- - D W" },
    { "window full: without the handshake nothing is known", "S=6 SA:500,100 CA:100,500,abcdef", "- -" },
    { "acknowledges what was not seen, once", OPEN "CA:100,500,abc SA:500,110 SA:500,120 SA:500,130", "- - - - U - -" },
    { "once, though duplicate ACKs go the other way",
      OPEN "CA:100,500,abc SA:500,110 CA:103,500 SA:500,120 CA:103,500 SA:500,130", "- - - - U D - D -" },
    { "again after a new ACK from the other way",
      OPEN "CA:100,500,abc SA:500,110 SA:500,120,x CA:103,501 SA:501,130", "- - - - U - - U" },
    { "a retransmission after that is called fast", OPEN "CA:100,500,abc SA:500,110 SFA:500,110 SFA:500,110", "- - - - U - RF" },
    { "segments are missing", OPEN "CA:100,500,abc CA:110,500,x SA:500,111 CA:111,500,y SA:500,112", "- - - - L U - -" },
    { "RST far ahead is no lost segment", OPEN "CRA:200,500", "- - - -" },
    { "FIN sent again", OPEN "CFA:100,500 +300 CFA:100,500", "- - - - R" },
};

static struct tcp_script rig;
static char              got[4096];

static void note(struct tcp_script *r)
{
    size_t n = strlen(got);
    if (n)
        got[n++] = ' ';
    if (!r->bits)
        got[n++] = '-';
    for (unsigned i = 0; letters[i]; i++)
        if (r->bits & (1u << i))
            got[n++] = letters[i];
    got[n] = 0;
}

static void play(const char *script, uint32_t shift)
{
    struct ms_limits limits = ms_limits_default();
    memset(got, 0, sizeof got);
    tcp_script_init(&rig, &limits, shift);
    tcp_script_play(&rig, script, note);
    tcp_script_finish(&rig);
    ms_tcp_pool_destroy(rig.pool);
}

static void test_cases(void **state)
{
    (void)state;
    static const uint32_t shifts[] = { 0, 0x7fffff99u, (uint32_t)-102, (uint32_t)-110, (uint32_t)-503, (uint32_t)-700 };
    int                   failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < sizeof shifts / sizeof *shifts; k++) {
            play(cases[i].script, shifts[k]);
            if (strcmp(got, cases[i].want) != 0) {
                print_error("%s, numbers shifted by %u: want %s got %s\n", cases[i].why, shifts[k], cases[i].want, got);
                failed++;
            }
        }
    assert_int_equal(failed, 0);
}

/* ---- round trips -------------------------------------------------------------------------------------------------------- */

static char times[4096];

static void note_rtt(struct tcp_script *r)
{
    size_t n = strlen(times);
    snprintf(times + n, sizeof times - n, n ? " %lld" : "%lld", r->rtt == MS_UNKNOWN ? -1ll : (long long)r->rtt / 1000000);
}

static void check_rtt(const char *script, const char *want)
{
    struct ms_limits limits = ms_limits_default();
    memset(times, 0, sizeof times);
    tcp_script_init(&rig, &limits, 0xffffff90u);
    tcp_script_play(&rig, script, note_rtt);
    assert_string_equal(times, want);
    tcp_script_finish(&rig);
    ms_tcp_pool_destroy(rig.pool);
}

static void test_round_trips(void **state)
{
    (void)state;
    check_rtt(OPEN, "-1 1 1");
    check_rtt(OPEN "CA:100,500,abc +9 SA:500,103 +9 SA:500,103", "-1 1 1 -1 10 -1");
    check_rtt(OPEN "CA:100,500,abc CA:103,500,def +9 SA:500,106", "-1 1 1 -1 -1 10");
    check_rtt(OPEN "CA:100,500,abcdef +9 SA:500,103 SA:500,106", "-1 1 1 -1 -1 11"); /* part of a segment is no measure */
    check_rtt(OPEN "CA:100,500,abc +99 CA:100,500,abc +9 SA:500,103", "-1 1 1 -1 -1 110"); /* from the first sending */
    check_rtt(OPEN "CA:103,500,def CA:100,500,abc SA:500,103 SA:500,106", "-1 1 1 -1 -1 1 3");
    check_rtt(OPEN "CFA:100,500 +9 SA:500,101", "-1 1 1 -1 10");
}

/* A clock that jumps: nothing is measured, nothing overflows. */
static void test_clock(void **state)
{
    (void)state;
    static const int64_t clock_[] = { 0, INT64_MAX - 5000000, INT64_MIN + 5000000, 1000000000, -7000000000 };
    struct ms_limits     limits = ms_limits_default();
    tcp_script_init(&rig, &limits, 0);
    tcp_script_play(&rig, OPEN, NULL);
    for (size_t i = 0; i < 25; i++) {
        rig.time = clock_[i % 5];
        tcp_script_play(&rig, "CA:100,500,abcdef", NULL);
        rig.time = clock_[i / 5];
        tcp_script_play(&rig, "SA:500,106", NULL);
        assert_true(rig.rtt == MS_UNKNOWN || rig.rtt >= 0);
    }
    tcp_script_finish(&rig);
    ms_tcp_pool_destroy(rig.pool);
}

static void sent(uint32_t seq)
{
    static const uint8_t byte[1];
    struct ms_segment    s = { .flags = MS_ACK, .seq = seq, .ack = 500, .payload = { byte, 1 }, .payload_length = 1 };
    tcp_script_feed(&rig, MS_C2S, &s);
}

static void acked(uint32_t ack)
{
    struct ms_segment s = { .flags = MS_ACK, .seq = 500, .ack = ack };
    tcp_script_feed(&rig, MS_S2C, &s);
}

/* More segments in flight than are remembered one by one: the newest are still told apart, nothing grows. */
static void test_many_in_flight(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    tcp_script_init(&rig, &limits, 0);
    tcp_script_play(&rig, OPEN, NULL);
    for (uint32_t i = 0; i < 5000; i++)
        sent(100 + i);
    acked(5100);
    assert_int_equal(rig.rtt, 1000000);
    assert_null(rig.t.half[0].unacked);
    for (uint32_t i = 0; i < 3000; i++)
        sent(9000000 - 3 * i); /* no neighbours, falling */
    acked(9000001);
    assert_null(rig.t.half[0].unacked);
    tcp_script_finish(&rig);
    ms_tcp_pool_destroy(rig.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_round_trips), cmocka_unit_test(test_clock), cmocka_unit_test(test_many_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
