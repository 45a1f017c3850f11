/* tests/unit/tcp_test.c - connections as scripts and what must be handed on; each at several places of the sequence space. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tcp_script.h"

#define OPEN "CS:99 SSA:499,100 CA:100,500 " /* frames 1 to 3; both streams begin at 100 and 500 */

static const struct { const char *why, *script, *want; } cases[] = {
    { "in order", OPEN "SAP:500,100,220 CA:100,503 CAP:100,503,EHLO SA:503,104", "S0=220@4 C0=EHLO@6" },
    { "swapped neighbours keep their frames", OPEN "CA:103,500,def CA:100,500,abc", "C0=abc@5 C3=def@4" },
    { "three swapped", OPEN "CA:106,500,ghi CA:103,500,def CA:100,500,abc", "C0=abc@6 C3=def@5 C6=ghi@4" },
    { "retransmission whole", OPEN "CA:100,500,abc CA:100,500,abc CA:103,500,d", "C0=abc@4 C3=d@6" },
    { "retransmission with other borders", OPEN "CA:100,500,abc CA:101,500,bcde", "C0=abc@4 C3=de@5" },
    { "old duplicate", OPEN "CA:100,500,abcdef CA:101,500,XX", "C0=abcdef@4" },
    { "the first bytes seen stay", OPEN "CA:102,500,cd CA:100,500,abXXef", "C0=ab@5 C2=cd@4 C4=ef@5" },
    { "two held pieces inside one", OPEN "CA:101,500,b CA:103,500,d CA:100,500,aXcXe",
      "C0=a@6 C1=b@4 C2=c@6 C3=d@5 C4=e@6" },
    { "held pieces overlap", OPEN "CA:103,500,def CA:101,500,bcXX CA:104,500,XXg CA:100,500,a",
      "C0=a@7 C1=bc@5 C3=def@4 C6=g@6" },
    { "a held piece covered twice", OPEN "CA:102,500,c CA:101,500,bXd CA:101,500,XXX CA:100,500,a",
      "C0=a@7 C1=b@5 C2=c@4 C3=d@5" },
    { "keep-alive with a garbage byte", OPEN "CA:100,500,abc CA:102,500,Z SA:500,103 CA:103,500,d", "C0=abc@4 C3=d@7" },
    { "keep-alive over a hole", OPEN "CA:103,500,def CA:105,500,Z CA:100,500,abc", "C0=abc@6 C3=def@4" },
    { "keep-alive before the first byte", OPEN "CA:99,500,Z CA:99,500 CA:100,500,a", "C0=a@6" },
    { "zero window probe, sent again later", OPEN
      "CA:100,500,abc S=0 SA:500,103 CA:103,500,d SA:500,103 S=9 SA:500,103 CA:103,500,de",
      "C0=abc@4 C3=d@6 C4=e@9" },
    { "data in SYN", "CS:99,0,hi SSA:499,102 CA:102,500,yo", "C0=hi@1 C2=yo@3" },
    { "data in SYN sent again", "CS:99,0,hi SSA:499,100 CA:100,500,hiyo", "C0=hi@1 C2=yo@3" },
    { "SYN sent again with another number", "CS:99 CS:699 SSA:499,700 CA:700,500,hi", "C0=hi@4" },
    { "SYN after remains of an older connection", "CFA:5000,70,x SA:70,5002 CS:99 SSA:499,100 CA:100,500,hi", "C0=x@1" },
    { "FIN of an older connection, then SYN", "CFA:5000,70 CS:99 SSA:499,100 CA:100,500,hi", "C0=hi@4" },
    { "simultaneous open", "CS:99 SS:499 CSA:99,500 SSA:499,100 CA:100,500,a SA:500,101,b", "C0=a@5 S0=b@6" },
    { "FIN with data", OPEN "CFA:100,500,bye SA:500,104 SA:500,104,ok", "C0=bye@4 S0=ok@6" },
    { "data after FIN", OPEN "CFA:100,500,bye CA:103,500,more CA:104,500,x CA:102,500,eXY", "C0=bye@4" },
    { "FIN before what it follows", OPEN "CFA:103,500,def CA:100,500,abc", "C0=abc@5 C3=def@4" },
    { "the end: FIN tells of bytes never seen", OPEN "CA:100,500,a CFA:110,500 .", "C0=a@4 C1-9@0" },
    { "half-close", OPEN "CFA:100,500 SA:500,101,abc CA:101,503 SFA:503,101,d", "S0=abc@5 S3=d@7" },
    { "the ACK of FIN is no hole", OPEN "CFA:100,500,a SA:500,102 SA:500,102 SA:500,102 SA:500,102 SA:500,102 SA:500,102 .",
      "C0=a@4" },
    { "FIN that was not captured", OPEN "CA:100,500,a SFA:500,102 CA:102,501 SA:501,102 SA:501,102 SA:501,102 SA:501,102 .",
      "C0=a@4" },
    { "RST with words", OPEN "CA:100,500,a SRA:500,101,nonsense CA:101,500,b", "C0=a@4 C1=b@6" },
    { "urgent data stays in line", OPEN "CAPU:100,500,a! CA:102,500,b", "C0=a!@4 C2=b@5" },
    { "far away", OPEN "CA:1200000000,500,x CA:3400000000,500,y CA:100,500,a .", "C0=a@6" },
    { "joined in the middle", "CA:1000,70,abc SA:70,1003,xyz CA:1003,73,d", "C0=abc@1 S0=xyz@2 C3=d@3" },
    { "joined late, swapped, the ACK tells", "SA:70,1000 CA:1003,70,def CA:1000,70,abc", "C0=abc@3 C3=def@2" },
    { "joined late, what was sent before is no gap",
      "SA:70,1000 CA:1003,70,def SA:70,1006 SA:70,1006 SA:70,1006 SA:70,1006 SA:70,1006 CA:1010,70,x .",
      "C0=def@2 C3-4@8 C7=x@8" },
    { "joined late, and at its end", "SA:70,1000 CA:1003,70,def CA:1010,70,x .", "C0=def@2 C3-4@3 C7=x@3" },
    { "joined late, its own ACK tells", "CA:1000,70 CA:1003,70,def CA:1000,70,abc", "C0=abc@3 C3=def@2" },
    { "joined late, the ACK is older", "SA:70,1000 CA:900,70,abc CA:903,70,d", "C0=abc@2 C3=d@3" },
    { "joined late, ACKs far behind", "SA:70,1000 CA:9000000,70,abc", "C0=abc@2" },
    { "joined at a keep-alive", "CA:999,70,Z SA:70,1000 CA:1000,70,abc", "C0=abc@3" },
    { "joined at keep-alives", "CA:999,70,Z CA:999,70,Z CA:999,70,Z CA:1000,70,abc", "C0=abc@4" },
    { "joined at an empty keep-alive", "CA:999,70 SA:70,1000 CA:1000,70,abc", "C0=abc@3" },
    { "joined after an ACK, at a keep-alive", "SA:70,1000 CAP:999,70,Z CA:1000,70,abc", "C0=abc@3" },
    { "cut by the snap length", OPEN "CA:100,500,abc,10 CA:110,500,d", "C0=abc@4 C3-7@4 C10=d@5" },
    { "cut to nothing", OPEN "CA:100,500,,10 CA:110,500,d", "C0-10@4 C10=d@5" },
    { "cut and held", OPEN "CA:102,500,cd,4 CA:100,500,ab CA:106,500,g", "C0=ab@5 C2=cd@4 C4-2@4 C6=g@6" },
    { "cut, what was held fills it", OPEN "CA:103,500,d CA:100,500,a,5", "C0=a@5 C1-2@5 C3=d@4 C4-1@5" },
    { "cut, and sent again before it was wanted", OPEN "CA:102,500,cXe CA:100,500,a,3", "C0=a@5 C1-1@5 C2=cXe@4" },
    { "a hole is acknowledged: four packets of patience", OPEN "CA:103,500,d SA:500,104 CA:104,500 CA:104,500 CA:104,500",
      "" },
    { "and one more", OPEN "CA:103,500,d SA:500,104 CA:104,500 CA:104,500 CA:104,500 SA:500,104", "C0-3@4 C3=d@4" },
    { "filled in time", OPEN "CA:103,500,d SA:500,104 CA:104,500 CA:104,500 CA:104,500 CA:100,500,abc", "C0=abc@9 C3=d@4" },
    { "not acknowledged, not given up", OPEN "CA:103,500,d SA:500,100 SA:500,100 SA:500,100 SA:500,100 SA:500,100 SA:500,100",
      "" },
    { "half of the hole is acknowledged", OPEN "CA:106,500,g SA:500,103 SA:500,103 SA:500,103 SA:500,103 SA:500,103 CA:103,500,def",
      "C0-3@9 C3=def@10 C6=g@4" },
    { "two holes at once", OPEN "CA:102,500,c CA:105,500,f SA:500,106 SA:500,106 SA:500,106 SA:500,106 SA:500,106",
      "C0-2@4 C2=c@4 C3-2@5 C5=f@5" },
    { "known from ACKs alone", OPEN "CA:100,500,a SA:500,111 SA:500,111 SA:500,111 SA:500,111 SA:500,111 CA:111,500,b",
      "C0=a@4 C1-10@9 C11=b@10" },
    { "known from ACKs alone, at the end", OPEN "CA:100,500,a SA:500,111 .", "C0=a@4 C1-10@0" },
    { "a stray ACK", OPEN "CA:100,500,a SA:500,5000 SA:500,101 CA:101,500 CA:101,500 CA:101,500 CA:101,500,b .",
      "C0=a@4 C1=b@10" },
    { "the tap shows the ACK first", OPEN "SA:500,104 CA:100,500,abc CA:103,500,d SA:500,104", "C0=abc@5 C3=d@6" },
    { "the end: holes are gaps, in frame order", OPEN "CA:103,500,d SA:504,100,e CA:106,500,g SA:508,100,i .",
      "C0-3@4 C3=d@4 S0-4@5 S4=e@5 C4-2@6 C6=g@6 S5-3@7 S8=i@7" },
    { "only one direction", "CS:99 CA:100,500,a CA:102,500,c CA:103,500,d CA:104,500,e CA:105,500,f CA:106,500,g CA:107,500,h "
      "CA:108,500,i CA:109,500,j CA:110,500,k CA:111,500,l CA:112,500,m CA:113,500,n CA:114,500,o CA:115,500,p CA:116,500,q",
      "C0=a@2" },
    { "only one direction, one segment more", "CS:99 CA:100,500,a CA:102,500,c CA:103,500,d CA:104,500,e CA:105,500,f "
      "CA:106,500,g CA:107,500,h CA:108,500,i CA:109,500,j CA:110,500,k CA:111,500,l CA:112,500,m CA:113,500,n CA:114,500,o "
      "CA:115,500,p CA:116,500,q CA:117,500,r",
      "C0=a@2 C1-1@3 C2=c@3 C3=d@4 C4=e@5 C5=f@6 C6=g@7 C7=h@8 C8=i@9 C9=j@10 C10=k@11 C11=l@12 C12=m@13 C13=n@14 C14=o@15 "
      "C15=p@16 C16=q@17 C17=r@18" },
};

static const uint32_t shifts[] = { 0, 0x7fffff80u, 0xfffffe00u, (uint32_t)-100,
                                   (uint32_t)-101, (uint32_t)-103, (uint32_t)-500, (uint32_t)-1000 };

static struct tcp_script rig;

static void start(const struct ms_limits *limits, uint32_t shift) { tcp_script_init(&rig, limits, shift); }

static void stop(void)
{
    tcp_script_finish(&rig);
    assert_null(rig.t.half[0].held);
    assert_null(rig.t.half[1].held);
    assert_null(rig.t.half[0].unacked);
    assert_null(rig.t.half[1].unacked);
    ms_tcp_pool_destroy(rig.pool);
}

static void test_cases(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    int              failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t k = 0; k < sizeof shifts / sizeof *shifts; k++) {
            start(&limits, shifts[k]);
            tcp_script_play(&rig, cases[i].script, NULL);
            if (strcmp(rig.trace, cases[i].want) != 0) {
                print_error("%s, numbers shifted by %u: want %s got %s\n", cases[i].why, shifts[k], cases[i].want, rig.trace);
                failed++;
            }
            stop();
        }
    assert_int_equal(failed, 0);
}

/* ---- every order of six segments ---------------------------------------------------------------------------------------- */

static char gathered[64];

static void gather(void *ctx, enum ms_dir dir, struct ms_bytes b, uint64_t offset, uint64_t frame, int64_t time)
{
    (void)ctx, (void)dir, (void)frame, (void)time;
    assert_true(offset + b.n < sizeof gathered && strlen(gathered) == offset);
    memcpy(gathered + offset, b.p, b.n);
}

static void no_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t offset, uint64_t frame, int64_t time)
{
    (void)ctx, (void)dir, (void)length, (void)offset, (void)frame, (void)time;
    fail_msg("a gap where every byte was there");
}

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";

struct span { uint32_t from, to; };

/* Feeds the spans of the alphabet in the order-th order; all 26 letters must come out, once and in order. */
static void play_order(const struct span *spans, unsigned count, unsigned order)
{
    struct ms_tcp_sink sink = { gather, no_gap, NULL };
    struct ms_limits   limits = ms_limits_default();
    struct ms_segment  syn = { .flags = MS_SYN, .seq = (uint32_t)-11 }; /* wraps inside the alphabet */
    unsigned           left[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };
    int64_t            rtt;
    start(&limits, 0);
    memset(gathered, 0, sizeof gathered);
    ms_tcp_segment(&rig.t, rig.pool, MS_C2S, &syn, 1, 0, &sink, &rtt);
    for (unsigned n = count; n > 0; order /= n--) {
        struct span       now = spans[left[order % n]];
        uint32_t          length = now.to - now.from;
        struct ms_segment s = { .flags = MS_ACK, .seq = (uint32_t)-10 + now.from, .payload_length = length,
                                .payload = { (const uint8_t *)alphabet + now.from, length } };
        memmove(left + order % n, left + order % n + 1, (n - order % n - 1) * sizeof *left);
        ms_tcp_segment(&rig.t, rig.pool, MS_C2S, &s, count + 2 - n, 0, &sink, &rtt);
    }
    assert_string_equal(gathered, alphabet);
    assert_null(rig.t.half[0].held);
    stop();
}

static void test_every_order(void **state)
{
    (void)state;
    static const struct span spans[6] = { { 0, 5 }, { 5, 6 }, { 4, 12 }, { 12, 18 }, { 10, 20 }, { 20, 26 } };
    for (unsigned order = 0; order < 720; order++)
        play_order(spans, 6, order);
}

/* Three segments cut at every pair of places, in every order, with one that was sent again with other borders. */
static void test_every_cut(void **state)
{
    (void)state;
    for (uint32_t a = 1; a < 25; a++)
        for (uint32_t b = a + 1; b < 26; b++) {
            const struct span spans[4] = { { 0, a }, { a, b }, { b, 26 }, { a / 2, (b + 26) / 2 } };
            for (unsigned order = 0; order < 24; order++)
                play_order(spans, 4, order);
        }
}

static void test_byte_by_byte(void **state)
{
    (void)state;
    struct ms_tcp_sink sink = { gather, no_gap, NULL };
    struct ms_limits   limits = ms_limits_default();
    int64_t            rtt;
    for (unsigned step = 1; step < 26; step += 2) { /* steps prime to 26 visit every byte */
        if (step == 13)
            continue;
        start(&limits, 0);
        memset(gathered, 0, sizeof gathered);
        struct ms_segment s = { .flags = MS_SYN, .seq = (uint32_t)-11 };
        ms_tcp_segment(&rig.t, rig.pool, MS_C2S, &s, 1, 0, &sink, &rtt);
        ms_tcp_segment(&rig.t, rig.pool, MS_S2C, &s, 2, 0, &sink, &rtt); /* not a one-way capture */
        for (uint32_t i = 0; i < 26; i++) {
            uint32_t at = i * step % 26;
            s = (struct ms_segment){ .flags = MS_ACK, .seq = (uint32_t)-10 + at, .ack = (uint32_t)-10,
                                     .payload_length = 1, .payload = { (const uint8_t *)alphabet + at, 1 } };
            ms_tcp_segment(&rig.t, rig.pool, MS_C2S, &s, i + 3, 0, &sink, &rtt);
        }
        assert_string_equal(gathered, alphabet);
        stop();
    }
}

/* ---- limits ------------------------------------------------------------------------------------------------------------- */

static void feed_at(enum ms_dir dir, uint32_t seq, size_t n)
{
    static const uint8_t filler[8192];
    struct ms_segment    s = { .flags = MS_ACK, .seq = seq, .ack = dir == MS_C2S ? 500 : 100, .payload = { filler, n },
                               .payload_length = (uint32_t)n };
    tcp_script_feed(&rig, dir, &s);
}

static void test_stream_bytes(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny(); /* stream_bytes is 256 */
    for (size_t more = 127; more <= 129; more++) {
        start(&limits, 0);
        tcp_script_play(&rig, OPEN, NULL);
        feed_at(MS_C2S, 101, 128);
        feed_at(MS_C2S, 301, more);
        assert_int_equal(ms_tcp_pool_refused(rig.pool), more > 128 ? 1 : 0);
        assert_int_equal(rig.t.half[0].delivered, more > 128 ? 129 : 0); /* the oldest hole was given up, the next is kept */
        stop();
    }
}

/* The same before the base is certain: what is missing at the start is no gap. */
static void test_limit_when_joined_late(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    start(&limits, 0xffffff00u);
    tcp_script_play(&rig, "SA:70,100", NULL);
    rig.n = 0;
    feed_at(MS_C2S, 0xffffff00u + 200, 128);
    feed_at(MS_C2S, 0xffffff00u + 400, 129);
    assert_int_equal(ms_tcp_pool_refused(rig.pool), 1);
    assert_int_equal(rig.t.half[0].delivered, 128);
    tcp_script_finish(&rig);
    assert_int_equal(rig.t.half[0].delivered, 329);
    stop();
}

static void test_segment_larger_than_limit(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    start(&limits, 0);
    tcp_script_play(&rig, OPEN, NULL);
    feed_at(MS_C2S, 110, 1000);
    assert_int_equal(rig.t.half[0].delivered, 1010);
    assert_int_equal(ms_tcp_pool_refused(rig.pool), 1);
    stop();
}

static void test_held_bytes(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    limits.stream_bytes = limits.held_bytes; /* 2048 over all connections */
    start(&limits, 0);
    tcp_script_play(&rig, OPEN, NULL);
    feed_at(MS_C2S, 110, 2000);
    feed_at(MS_S2C, 510, 48);
    assert_int_equal(ms_tcp_pool_refused(rig.pool), 1); /* a small segment counts 64 */
    assert_int_equal(rig.t.half[1].delivered, 58);
    assert_int_equal(rig.t.half[0].delivered, 0);
    stop();
}

/* Single bytes from the end to the beginning: bounded, and quick. */
static void test_reverse_flood(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    start(&limits, 0);
    tcp_script_play(&rig, OPEN, NULL);
    for (uint32_t i = 60000; i > 0; i--)
        feed_at(MS_C2S, 100 + i, 1);
    assert_int_equal(rig.t.half[0].delivered, 0);
    assert_int_equal(ms_tcp_pool_refused(rig.pool), 0);
    for (uint32_t i = 0; i < 10000; i++)
        feed_at(MS_C2S, 70000 + 2 * i, 1);
    assert_true(ms_tcp_pool_refused(rig.pool) > 0);
    assert_true(rig.t.half[0].delivered > 60000);
    stop();
}

/* ---- the rest of the interface ------------------------------------------------------------------------------------------ */

static void test_idle_costs_nothing(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    start(&limits, 0);
    tcp_script_play(&rig, OPEN "CA:103,500,def CA:100,500,abc SA:500,106,ok CA:106,502", NULL);
    for (int i = 0; i < 2; i++) {
        assert_null(rig.t.half[i].held);
        assert_null(rig.t.half[i].unacked);
    }
    assert_true(sizeof rig.t <= 176);
    stop();
}

static void check_closed(const char *script, bool want)
{
    struct ms_limits limits = ms_limits_default();
    start(&limits, 0xffffff90u);
    tcp_script_play(&rig, script, NULL);
    if (ms_tcp_is_closed(&rig.t) != want)
        print_error("%s\n", script);
    assert_int_equal(ms_tcp_is_closed(&rig.t), want);
    stop();
}

static void test_closed(void **state)
{
    (void)state;
    check_closed(OPEN, false);
    check_closed(OPEN "CFA:100,500", false);
    check_closed(OPEN "CFA:100,500 SFA:500,101", false);
    check_closed(OPEN "CFA:100,500 SFA:500,101 CA:101,501", true);
    check_closed(OPEN "CFA:100,500 SFA:500,101,late CA:101,504", false);
    check_closed(OPEN "CFA:100,500 SFA:500,101,late CA:101,505", true);
    check_closed(OPEN "SR:500", true);
    check_closed("CS:99 SRA:0,100", true);
    check_closed(OPEN "CR:1500000000", false); /* from far outside the window */
}

static bool reuse(const char *script, const char *syn)
{
    struct ms_limits  limits = ms_limits_default();
    struct ms_segment s;
    start(&limits, 0);
    tcp_script_play(&rig, script, NULL);
    enum ms_dir dir = tcp_script_segment(&rig, syn, &s);
    bool        is = ms_tcp_is_reuse(&rig.t, dir, &s);
    stop();
    return is;
}

static void test_reuse(void **state)
{
    (void)state;
    assert_false(reuse("", "CS:99"));
    assert_false(reuse("CS:99", "CS:99"));
    assert_false(reuse("CS:99", "SS:499"));
    assert_true(reuse("CS:99", "CS:98"));
    assert_false(reuse(OPEN "CA:100,500,abc", "CS:99"));
    assert_true(reuse(OPEN "CA:100,500,abc", "CS:102"));
    assert_false(reuse(OPEN "CA:100,500,abc", "CSA:102,500"));
    assert_true(reuse("SA:500,103", "CS:7"));
    assert_true(reuse("CA:103,500", "CS:7"));
}

static void test_in_flight(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    start(&limits, 0xffffff9au);
    tcp_script_play(&rig, OPEN "CA:100,500,abcdef", NULL);
    assert_int_equal(ms_tcp_in_flight(&rig.t, MS_C2S), 6);
    assert_int_equal(ms_tcp_in_flight(&rig.t, MS_S2C), 0);
    tcp_script_play(&rig, "SA:500,104", NULL);
    assert_int_equal(ms_tcp_in_flight(&rig.t, MS_C2S), 2);
    tcp_script_play(&rig, "SA:500,106", NULL);
    assert_int_equal(ms_tcp_in_flight(&rig.t, MS_C2S), 0);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases), cmocka_unit_test(test_every_order), cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_byte_by_byte), cmocka_unit_test(test_stream_bytes),
        cmocka_unit_test(test_limit_when_joined_late),
        cmocka_unit_test(test_segment_larger_than_limit), cmocka_unit_test(test_held_bytes),
        cmocka_unit_test(test_reverse_flood), cmocka_unit_test(test_idle_costs_nothing), cmocka_unit_test(test_closed),
        cmocka_unit_test(test_reuse), cmocka_unit_test(test_in_flight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
