/* tests/unit/fragments_test.c - joining of fragments: order, overlap, contradictions, limits, time. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/fragments.h"

#include <stdio.h>

struct fixture {
    struct ms_decode_counts counts;
    struct ms_fragments *f;
    struct ms_joined joined;
};

struct piece { uint32_t unit; bool more; const char *data; }; /* at unit * 8 */

static void start(struct fixture *x, uint64_t packets, uint64_t bytes)
{
    struct ms_limits limits = ms_limits_default();
    limits.fragment_packets = packets;
    limits.fragment_bytes = bytes;
    memset(x, 0, sizeof *x);
    x->f = ms_fragments_create(&limits, &x->counts);
}

static void stop(struct fixture *x)
{
    ms_fragments_destroy(x->f);
}

static struct ms_fragment make(uint32_t id, uint32_t offset, bool more, struct ms_bytes data)
{
    struct ms_fragment f = { .id = id, .offset = offset, .more = more, .version = 4, .protocol = 6, .data = data,
                             .length = (uint32_t)data.n };
    f.src[15] = 1;
    f.dst[15] = 2;
    return f;
}

static enum ms_fragment_fate add(struct fixture *x, uint32_t id, struct piece p, int64_t time)
{
    struct ms_fragment f = make(id, p.unit * 8, p.more, ms_str(p.data));
    f.time = time;
    return ms_fragments_add(x->f, &f, &x->joined);
}

static void assert_joined(const struct fixture *x, const char *want)
{
    assert_int_equal(x->joined.length, strlen(want));
    assert_int_equal(x->joined.data.n, strlen(want));
    assert_memory_equal(x->joined.data.p, want, strlen(want));
}

static const struct piece four[4] = {
    { 0, true, "AAAAAAAA" }, { 1, true, "BBBBBBBBCCCCCCCC" }, { 3, true, "DDDDDDDD" }, { 4, false, "EEE" },
};

static void test_any_order(void **state) /* all 24 */
{
    (void)state;
    for (unsigned order = 0; order < 256; order++) {
        unsigned i[4] = { order & 3, order >> 2 & 3, order >> 4 & 3, order >> 6 };
        if ((1u << i[0] | 1u << i[1] | 1u << i[2] | 1u << i[3]) != 15)
            continue;
        struct fixture x;
        start(&x, 4, 100000);
        for (unsigned k = 0; k < 3; k++)
            assert_int_equal(add(&x, 7, four[i[k]], 0), MS_FRAGMENT_KEPT);
        assert_int_equal(x.counts.fragments_dropped, 3); /* as long as they wait */
        assert_int_equal(add(&x, 7, four[i[3]], 0), MS_FRAGMENT_JOINED);
        assert_joined(&x, "AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDEEE");
        assert_int_equal(x.joined.protocol, 6);
        assert_int_equal(x.counts.fragments, 4);
        assert_int_equal(x.counts.fragments_dropped, 0);
        assert_int_equal(x.counts.fragment_overlaps, 0);
        stop(&x);
    }
}

static const struct { const char *why; struct piece pieces[5]; unsigned count; const char *want; unsigned overlaps; } overlap[] = {
    { "the same again", { { 0, true, "AAAAAAAA" }, { 0, true, "aaaaaaaa" }, { 1, false, "BB" } }, 3, "AAAAAAAABB", 1 },
    { "later covers the end", { { 0, true, "AAAAAAAABBBBBBBB" }, { 1, true, "bbbbbbbbCCCCCCCC" }, { 3, false, "D" } }, 3,
      "AAAAAAAABBBBBBBBCCCCCCCCD", 1 },
    { "later covers the start", { { 1, true, "BBBBBBBBCCCCCCCC" }, { 0, true, "AAAAAAAAbbbbbbbb" }, { 3, false, "D" } }, 3,
      "AAAAAAAABBBBBBBBCCCCCCCCD", 1 },
    { "later around", { { 1, true, "BBBBBBBB" }, { 0, true, "AAAAAAAAbbbbbbbbCCCCCCCC" }, { 3, false, "D" } }, 3,
      "AAAAAAAABBBBBBBBCCCCCCCCD", 1 },
    { "later fills two holes", { { 1, true, "BBBBBBBB" }, { 3, true, "DDDDDDDD" }, { 0, true, "AAAAAAAAbbbbbbbbCCCCCCCCdddddddd" },
      { 4, false, "E" } }, 4, "AAAAAAAABBBBBBBBCCCCCCCCDDDDDDDDE", 1 },
    { "the last, twice", { { 1, false, "BBB" }, { 1, false, "bbb" }, { 0, true, "AAAAAAAA" } }, 3, "AAAAAAAABBB", 1 },
    { "the last covers all", { { 1, true, "BBBBBBBB" }, { 2, false, "C" }, { 0, false, "AAAAAAAAbbbbbbbbc" } }, 3,
      "AAAAAAAABBBBBBBBC", 1 },
    { "an empty last one", { { 0, true, "AAAAAAAA" }, { 1, false, "" } }, 2, "AAAAAAAA", 0 },
};

static void test_overlap_first_wins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof overlap / sizeof *overlap; i++) {
        struct fixture x;
        start(&x, 4, 100000);
        for (unsigned k = 0; k < overlap[i].count; k++)
            if ((add(&x, 7, overlap[i].pieces[k], 0) == MS_FRAGMENT_JOINED) != (k + 1 == overlap[i].count))
                fail_msg("%s: piece %u", overlap[i].why, k);
        assert_joined(&x, overlap[i].want);
        assert_int_equal(x.counts.fragment_overlaps, overlap[i].overlaps);
        assert_int_equal(x.counts.fragments_dropped, 0);
        stop(&x);
    }
}

static void test_contradictions(void **state) /* the bad one is left out, the packet still comes together */
{
    (void)state;
    static const struct piece bad[] = {
        { 1, false, "BB" }, { 2, false, "" }, { 1, true, "BBBBBBBB" }, { 3, true, "DDDDDDDD" }, { 0, false, "" }, { 0, true, "" },
        { 0, true, "AAAAAAA" }, { 0, true, "AAAAAAAAA" }, { 8191, false, "12345678" }, { 8191, true, "12345678" },
        { 8192, false, "" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fixture x;
        start(&x, 4, 100000);
        assert_int_equal(add(&x, 7, (struct piece){ 1, false, "BBB" }, 0), MS_FRAGMENT_KEPT);
        assert_int_equal(add(&x, 7, bad[i], 0), MS_FRAGMENT_MALFORMED);
        assert_int_equal(add(&x, 7, (struct piece){ 0, true, "AAAAAAAA" }, 0), MS_FRAGMENT_JOINED);
        assert_joined(&x, "AAAAAAAABBB");
        stop(&x);
    }
    struct fixture x;
    start(&x, 4, 100000); /* a last one that ends before what was seen */
    assert_int_equal(add(&x, 7, (struct piece){ 1, true, "BBBBBBBB" }, 0), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 7, (struct piece){ 1, false, "BBB" }, 0), MS_FRAGMENT_MALFORMED);
    stop(&x);
}

static void test_largest(void **state) /* 65535 bytes are a packet, one more is not */
{
    (void)state;
    static uint8_t bytes[65528];
    struct fixture x;
    start(&x, 4, 100000);
    memset(bytes, 'x', sizeof bytes);
    struct ms_fragment first = make(7, 0, true, (struct ms_bytes){ bytes, sizeof bytes });
    assert_int_equal(ms_fragments_add(x.f, &first, &x.joined), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 7, (struct piece){ 8191, false, "12345678" }, 0), MS_FRAGMENT_MALFORMED);
    assert_int_equal(add(&x, 7, (struct piece){ 8191, false, "1234567" }, 0), MS_FRAGMENT_JOINED);
    assert_int_equal(x.joined.data.n, 65535);
    assert_memory_equal(x.joined.data.p + 65527, "x1234567", 8);
    stop(&x);
}

static void test_smallest_pieces(void **state) /* 8191 fragments of 8 bytes, back to front and every second one twice */
{
    (void)state;
    struct fixture x;
    start(&x, 4, 100000);
    enum ms_fragment_fate fate = MS_FRAGMENT_KEPT;
    for (uint32_t unit = 8191; unit-- > 0;) {
        char text[16];
        snprintf(text, sizeof text, "%08u", unit);
        fate = add(&x, 7, (struct piece){ unit, unit != 8190, text }, 0);
        assert_int_equal(fate, unit ? MS_FRAGMENT_KEPT : MS_FRAGMENT_JOINED);
        if (unit % 2)
            assert_int_equal(add(&x, 7, (struct piece){ unit, unit != 8190, "twice   " }, 0), MS_FRAGMENT_KEPT);
    }
    assert_int_equal(x.joined.data.n, 65528);
    for (uint32_t unit = 0; unit < 8191; unit++) {
        char text[16];
        snprintf(text, sizeof text, "%08u", unit);
        assert_memory_equal(x.joined.data.p + unit * 8, text, 8);
    }
    assert_int_equal(x.counts.fragment_overlaps, 4095);
    stop(&x);
}

static void test_key(void **state) /* each difference keeps two halves apart; for IPv6 the protocol is none */
{
    (void)state;
    for (unsigned what = 0; what < 7; what++) {
        struct fixture x;
        start(&x, 4, 100000);
        struct ms_fragment a = make(7, 0, true, MS_LIT("AAAAAAAA")), b = make(7, 8, false, MS_LIT("B"));
        a.version = b.version = what == 5 ? 6 : 4;
        switch (what) {
        case 0: b.id = 8; break;
        case 1: b.src[0] = 1; break;
        case 2: b.dst[15] = 1; break;
        case 3: b.version = 6; break;
        case 4: case 5: b.protocol = 17; break;
        default: break;
        }
        assert_int_equal(ms_fragments_add(x.f, &a, &x.joined), MS_FRAGMENT_KEPT);
        assert_int_equal(ms_fragments_add(x.f, &b, &x.joined), what < 5 ? MS_FRAGMENT_KEPT : MS_FRAGMENT_JOINED);
        if (what >= 5)
            assert_int_equal(x.joined.protocol, 6);
        stop(&x);
    }
}

static void test_first_names_the_protocol(void **state) /* IPv6, and the first fragment comes last */
{
    (void)state;
    struct fixture x;
    start(&x, 4, 100000);
    struct ms_fragment a = make(7, 0, true, MS_LIT("AAAAAAAA")), b = make(7, 8, false, MS_LIT("B"));
    a.version = b.version = 6;
    b.protocol = 17;
    assert_int_equal(ms_fragments_add(x.f, &b, &x.joined), MS_FRAGMENT_KEPT);
    assert_int_equal(ms_fragments_add(x.f, &a, &x.joined), MS_FRAGMENT_JOINED);
    assert_int_equal(x.joined.protocol, 6);
    assert_int_equal(ms_fragments_add(x.f, &a, &x.joined), MS_FRAGMENT_KEPT);
    a.protocol = 17; /* a copy that says otherwise comes too late, as its bytes do */
    assert_int_equal(ms_fragments_add(x.f, &a, &x.joined), MS_FRAGMENT_KEPT);
    assert_int_equal(ms_fragments_add(x.f, &b, &x.joined), MS_FRAGMENT_JOINED);
    assert_int_equal(x.joined.protocol, 6);
    stop(&x);
}

static const struct piece half[2] = { { 0, true, "AAAAAAAA" }, { 1, false, "B" } };

static void test_packets_limit(void **state) /* 3: the oldest makes room */
{
    (void)state;
    for (unsigned packets = 2; packets <= 4; packets++) {
        struct fixture x;
        start(&x, ms_limits_tiny().fragment_packets, 100000);
        for (uint32_t id = 0; id < packets; id++)
            assert_int_equal(add(&x, id, half[0], 0), MS_FRAGMENT_KEPT);
        for (uint32_t id = packets; id-- > 0;) /* newest first: the second half of a lost one waits alone */
            assert_int_equal(add(&x, id, half[1], 0), packets == 4 && id == 0 ? MS_FRAGMENT_KEPT : MS_FRAGMENT_JOINED);
        assert_int_equal(x.counts.fragments_dropped, packets == 4 ? 2 : 0);
        stop(&x);
    }
}

static void test_no_packets_allowed(void **state)
{
    (void)state;
    struct fixture x;
    start(&x, 0, 100000);
    assert_int_equal(add(&x, 7, half[0], 0), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 7, half[1], 0), MS_FRAGMENT_KEPT);
    assert_int_equal(x.counts.fragments_dropped, 2);
    stop(&x);
}

static void test_bytes_limit_one_packet(void **state) /* 17 bytes and a limit of 16, 17, 18 */
{
    (void)state;
    for (uint64_t limit = 16; limit <= 18; limit++) {
        struct fixture x;
        start(&x, 4, limit);
        assert_int_equal(add(&x, 7, (struct piece){ 0, true, "AAAAAAAABBBBBBBB" }, 0), MS_FRAGMENT_KEPT);
        assert_int_equal(add(&x, 7, (struct piece){ 2, false, "C" }, 0), limit < 17 ? MS_FRAGMENT_KEPT : MS_FRAGMENT_JOINED);
        assert_int_equal(x.counts.fragments_dropped, limit < 17 ? 2 : 0);
        stop(&x);
    }
}

static void test_bytes_limit_many(void **state) /* the oldest makes room; joined ones count until released */
{
    (void)state;
    struct fixture x;
    start(&x, 10, 4096); /* room for two buffers of 2048 */
    for (uint32_t id = 0; id < 2; id++)
        assert_int_equal(add(&x, id, half[0], 0), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 2, (struct piece){ 0, true, "CCCCCCCC" }, 0), MS_FRAGMENT_KEPT); /* 0 is gone */
    assert_int_equal(add(&x, 1, half[1], 0), MS_FRAGMENT_JOINED);
    ms_fragments_release(x.f);
    assert_int_equal(add(&x, 2, half[1], 0), MS_FRAGMENT_JOINED);
    assert_joined(&x, "CCCCCCCCB");
    ms_fragments_release(x.f);
    assert_int_equal(add(&x, 0, half[1], 0), MS_FRAGMENT_KEPT);
    assert_int_equal(x.counts.fragments_dropped, 2);
    stop(&x);
}

static void test_time(void **state) /* 30 s after the first fragment is in time, a nanosecond later is not */
{
    (void)state;
    for (int64_t late = 0; late <= 1; late++) {
        struct fixture x;
        start(&x, 4, 100000);
        assert_int_equal(add(&x, 7, half[0], 1000), MS_FRAGMENT_KEPT);
        assert_int_equal(add(&x, 7, half[1], 1000 + MS_FRAGMENT_NS + late), late ? MS_FRAGMENT_KEPT : MS_FRAGMENT_JOINED);
        assert_int_equal(x.counts.fragments_dropped, late ? 2 : 0);
        stop(&x);
    }
    struct fixture x;
    start(&x, 4, 100000); /* back in time, and as far apart as can be */
    assert_int_equal(add(&x, 7, half[0], INT64_MAX), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 8, half[0], INT64_MIN), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 7, half[1], 0), MS_FRAGMENT_JOINED);
    assert_int_equal(add(&x, 8, half[1], INT64_MAX), MS_FRAGMENT_KEPT);
    stop(&x);
}

static void test_stale_behind_a_newer_time(void **state) /* an old packet with the same id is not continued */
{
    (void)state;
    struct fixture x;
    start(&x, 4, 100000);
    assert_int_equal(add(&x, 1, half[0], 2 * MS_FRAGMENT_NS), MS_FRAGMENT_KEPT); /* a clock that jumped */
    assert_int_equal(add(&x, 7, half[0], 0), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 7, half[1], MS_FRAGMENT_NS + 1), MS_FRAGMENT_KEPT);
    assert_int_equal(add(&x, 1, half[1], 2 * MS_FRAGMENT_NS), MS_FRAGMENT_JOINED);
    stop(&x);
}

static void test_snapped(void **state)
{
    (void)state;
    static const struct { uint32_t captured[2]; bool again; size_t want; } rows[] = {
        { { 8, 3 }, false, 11 }, { { 5, 3 }, false, 5 }, { { 0, 3 }, false, 0 }, { { 8, 1 }, false, 9 }, { { 8, 0 }, false, 8 },
        { { 5, 1 }, false, 5 }, { { 5, 3 }, true, 5 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (unsigned swap = 0; swap < 2; swap++) {
            struct fixture x;
            start(&x, 4, 100000);
            struct ms_fragment f[2] = { make(7, 0, true, MS_LIT("AAAAAAAA")), make(7, 8, false, MS_LIT("BBB")) };
            struct ms_fragment whole = f[0];
            f[0].data.n = rows[i].captured[0];
            f[1].data.n = rows[i].captured[1];
            assert_int_equal(ms_fragments_add(x.f, &f[swap], &x.joined), MS_FRAGMENT_KEPT);
            if (rows[i].again && !swap)
                assert_int_equal(ms_fragments_add(x.f, &whole, &x.joined), MS_FRAGMENT_KEPT);
            assert_int_equal(ms_fragments_add(x.f, &f[!swap], &x.joined), MS_FRAGMENT_JOINED);
            assert_int_equal(x.joined.length, 11);
            assert_int_equal(x.joined.data.n, rows[i].want);
            assert_memory_equal(x.joined.data.p, "AAAAAAAABBB", rows[i].want);
            stop(&x);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_order), cmocka_unit_test(test_overlap_first_wins), cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_largest), cmocka_unit_test(test_smallest_pieces), cmocka_unit_test(test_key),
        cmocka_unit_test(test_first_names_the_protocol), cmocka_unit_test(test_packets_limit),
        cmocka_unit_test(test_no_packets_allowed), cmocka_unit_test(test_bytes_limit_one_packet),
        cmocka_unit_test(test_bytes_limit_many), cmocka_unit_test(test_time), cmocka_unit_test(test_stale_behind_a_newer_time),
        cmocka_unit_test(test_snapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
