/* tests/unit/pcapng_test.c - sections, interfaces, times, every kind of packet block, odd framing, every cut. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture_build.h"

static void check(struct builder *w, const char *want)
{
    char *got = trace_bytes(ms_buffer_bytes(&w->b));
    assert_string_equal(got, want);
    free(got);
    ms_buffer_finish(&w->b);
}

static void start(struct builder *w, bool big)
{
    *w = (struct builder){ .big = big };
    section_header(w);
    interface_header(w, 1, 65535);
}

static void sections_of_either_byte_order(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    interface_header(&w, 113, 0);
    packet_block(&w, 1, 1000000, 5);
    w.big = true;
    section_header(&w);
    interface_header(&w, 101, 0); /* numbering starts again */
    packet_block(&w, 0, 2000001, 4);
    packet_block(&w, 1, 2000001, 4); /* there is no second one here */
    w.big = false;
    section_header(&w);
    interface_header(&w, 276, 0);
    packet_block(&w, 0, 3000000, 3);
    check(&w, "1@1.000000000/113 6>5:5|2@2.000001000/101 5>4:4|3@3.000000000/276 4>3:3|"
              "!x: 1 packet left out: no such interface (first at byte 192)|");
}

static void units_of_time(void **state)
{
    (void)state;
    static const struct { uint8_t resolution; int64_t offset; uint64_t units; const char *want; unsigned digits; } cases[] = {
        { 6, 0, 1700000000999999, "1700000000.999999000", 6 },
        { 9, 0, 1700000000999999999, "1700000000.999999999", 9 },
        { 0, 0, 1700000000, "1700000000.000000000", 6 },
        { 3, 0, 1700000000001, "1700000000.001000000", 6 },
        { 7, 0, 17000000000000001, "1700000000.000000100", 9 },
        { 12, 0, 1700000000000001999, "1700000.000000001", 9 },
        { 127, 0, UINT64_MAX, "0.000000000", 9 },
        { 0x80 | 10, 0, 1536, "1.500000000", 6 },
        { 0x80 | 20, 0, 1, "0.000000953", 9 },
        { 0x80 | 32, 0, 0x65530fffffffffff >> 1, "849971199.999999999", 9 },
        { 0x80 | 127, 0, UINT64_MAX, "0.000000000", 9 },
        { 0x80, 0, 5, "5.000000000", 6 },
        { 6, 1000, 2000000, "1002.000000000", 6 },
        { 6, -1, 2000000, "1.000000000", 6 },
        { 6, INT64_MAX, 1, "9223372036.854775807", 6 },  /* beyond what can be told: the last moment that can */
        { 6, 0, UINT64_MAX, "9223372036.854775807", 6 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int big = 0; big < 2; big++) {
            struct builder w = { .big = big };
            char           want[80];
            section_header(&w);
            interface_time(&w, cases[i].resolution, cases[i].offset);
            packet_block(&w, 0, cases[i].units, 4);
            snprintf(want, sizeof want, "1@%s/1 5>4:4|", cases[i].want);
            check(&w, want);
            struct ms_limits  limits = ms_limits_default();
            struct ms_source *s = ms_source_open((const char *[]){ "x" }, 1, &limits);
            struct ms_packet  p[MS_BATCH];
            assert_int_equal(ms_source_next(s, p), 1);
            assert_int_equal(ms_source_time_digits(s), cases[i].digits);
            ms_source_close(s);
        }
    }
}

static void simple_block(struct builder *w, uint32_t wire, uint32_t n)
{
    uint32_t total = 16 + (n + 3) / 4 * 4;
    block_open(w, 3, total);
    put(w, wire, 4);
    put_pattern(w, (n + 3) / 4 * 4, 7);
    put(w, total, 4);
}

static void simple_and_old_packets(void **state)
{
    (void)state;
    struct builder w = { .big = true };
    section_header(&w);
    interface_header(&w, 1, 6); /* snaplen */
    simple_block(&w, 5, 5);     /* before any time is known */
    packet_block(&w, 0, 5000000, 1);
    simple_block(&w, 100, 6);   /* cut by the snaplen: two of the eight bytes are padding */
    block_open(&w, 2, 36);      /* obsolete: interface and drops are 16 bits each */
    put(&w, 0, 2);
    put(&w, 77, 2);
    put(&w, 6000000, 8);
    put(&w, 3, 4);
    put(&w, 60, 4);
    put_pattern(&w, 4, 1);
    put(&w, 36, 4);
    check(&w, "1@0.000000000/1 5>5:7|2@5.000000000/1 2>1:1|3@5.000000000/1 100>6:7|4@6.000000000/1 60>3:1|");
}

static void other_blocks_are_skipped(void **state)
{
    (void)state;
    static const struct { uint32_t type, content; unsigned number; } blocks[] = {
        { 4, 64, 1 }, { 5, 64, 1 }, { 10, 8, 1 }, { 0x12345678, 0, 1 }, { 0x80000001, 2500000, 1 },
        { 0xbad, 8, 2 }, { 0x40000bad, 8, 2 }, /* Wireshark numbers these as frames */
    };
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        struct builder w;
        char           want[80];
        start(&w, i % 2);
        block_open(&w, blocks[i].type, blocks[i].content + 12);
        put_pattern(&w, blocks[i].content, 3);
        put(&w, blocks[i].content + 12, 4);
        packet_block(&w, 0, 1, 2);
        snprintf(want, sizeof want, "%u@0.000001000/1 3>2:2|", blocks[i].number);
        check(&w, want);
    }
}

static void options_after_a_packet_are_skipped(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    for (int i = 0; i < 40; i++) { /* more than a window of comments */
        packet_block(&w, 0, 1, 4);
        uint8_t *total = w.b.p + w.b.n - 36 + 4; /* the block is 36 bytes long so far */
        w.b.n -= 4;
        put(&w, 1, 2);
        put(&w, 65532, 2);
        put_pattern(&w, 65532, 0);
        put(&w, 36 + 65536, 4);
        total = w.b.p + w.b.n - 36 - 65536 + 4;
        total[0] = 36, total[1] = 0, total[2] = 1;
    }
    char *got = trace_bytes(ms_buffer_bytes(&w.b));
    assert_non_null(strstr(got, "|40@0.000001000/1 5>4:4|"));
    assert_null(strstr(got, "?"));
    assert_null(strstr(got, "!"));
    free(got);
    ms_buffer_finish(&w.b);
}

enum { TLS_KEYS = 0x544c534b };

/* Keys come where they stand, before the packets behind them and after those in front, also in the middle of a batch. */
static void secrets_in_order(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct builder w = { .big = big };
        section_header(&w);
        add_comment(&w, 0, "CLIENT_RANDOM a");
        interface_header(&w, 1, 65535);
        add_comment(&w, w.b.n - 20, "RSA b");
        secrets_block(&w, TLS_KEYS, "whatever it says");
        secrets_block(&w, 0x57474b4c, "WireGuard");
        secrets_block(&w, TLS_KEYS, "");
        packet_block(&w, 0, 1, 1);
        packet_block(&w, 0, 2, 2);
        secrets_block(&w, TLS_KEYS, "c");
        secrets_block(&w, TLS_KEYS, "d\n");
        packet_block(&w, 0, 3, 3);
        packet_block(&w, 0, 4, 0);
        add_comment(&w, w.b.n - 32, "see CLIENT_TRAFFIC_SECRET_0 e");
        packet_block(&w, 0, 5, 1);
        add_comment(&w, w.b.n - 36, "the server was slow here");
        secrets_block(&w, TLS_KEYS, "at the end");
        check(&w, "{CLIENT_RANDOM a}|{RSA b}|{whatever it says}|{}|1@0.000001000/1 2>1:1|2@0.000002000/1 3>2:2|{c}|{d\\n}|"
                  "3@0.000003000/1 4>3:3|{see CLIENT_TRAFFIC_SECRET_0 e}|4@0.000004000/1 1>0:0|5@0.000005000/1 2>1:1|{at the end}|");
    }
}

static void damaged_secrets(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    secrets_block(&w, TLS_KEYS, "abcd");
    w.b.p[48 + 12] = 200; /* longer than the block: what is there */
    block_open(&w, 10, 16); /* too short */
    put(&w, TLS_KEYS, 4);
    put(&w, 16, 4);
    packet_block(&w, 0, 1, 1);
    add_comment(&w, w.b.n - 36, "RSA x");
    w.b.p[w.b.n - 20 + 3] = 9; /* the comment reaches beyond the block */
    check(&w, "{abcd}|1@0.000001000/1 2>1:1|");
}

/* A file that is cut in the comment behind a packet has the packet all the same. */
static void cut_off_in_a_comment(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    packet_block(&w, 0, 1, 1);
    packet_block(&w, 0, 2, 4);
    add_comment(&w, w.b.n - 36, "CLIENT_RANDOM in a comment");
    secrets_block(&w, TLS_KEYS, "abcdef");
    char *whole = trace_bytes(ms_buffer_bytes(&w.b));
    assert_string_equal(whole, "1@0.000001000/1 2>1:1|{CLIENT_RANDOM in a comment}|2@0.000002000/1 5>4:4|{abcdef}|");
    for (size_t cut = 84 + 28 + 4; cut < w.b.n; cut++) {
        char *got = trace_bytes(ms_head(ms_buffer_bytes(&w.b), cut)), *piped = named(trace_pipe(ms_head(ms_buffer_bytes(&w.b), cut), cut / 2, 7), "x");
        assert_string_equal(got, piped);
        assert_non_null(strstr(got, "2@0.000002000/1 5>4:4|"));
        assert_int_equal(strstr(got, "{CLIENT_RANDOM in a comment}") != NULL, cut >= 84 + 28 + 4 + 4 + 26);
        free(got);
        free(piped);
    }
    free(whole);
    ms_buffer_finish(&w.b);
}

static void nobody_asks_for_secrets(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    secrets_block(&w, TLS_KEYS, "abcdef");
    packet_block(&w, 0, 1, 1);
    add_comment(&w, w.b.n - 36, "CLIENT_RANDOM x");
    write_file("x", ms_buffer_bytes(&w.b));
    ms_buffer_finish(&w.b);
    for (size_t count = 1; count <= 2; count++) {
        struct ms_limits  limits = ms_limits_default();
        struct ms_source *s = ms_source_open((const char *[]){ "x", "x" }, count, &limits);
        struct ms_packet  p[MS_BATCH];
        size_t            packets = 0;
        assert_true(ms_source_may_have_secrets(s));
        for (size_t n; (n = ms_source_next(s, p)) > 0;)
            packets += n;
        assert_int_equal(packets, count);
        ms_source_close(s);
    }
}

static void unpadded_blocks(void **state)
{
    (void)state;
    for (unsigned padded = 0; padded < 2; padded++) {
        struct builder w;
        start(&w, padded);
        for (uint32_t n = 1; n < 8; n++) {
            block_open(&w, 6, 32 + n);
            put(&w, 0, 4);
            put(&w, 0, 4);
            put(&w, n, 4);
            put(&w, n, 4);
            put(&w, n, 4);
            put_pattern(&w, n, (uint8_t)n);
            put(&w, 0, padded ? (4 - n % 4) % 4 : 0);
            put(&w, 32 + n, 4);
        }
        struct builder damaged = w;
        damaged.b = (struct ms_buffer){ 0 };
        ms_buffer_append(&damaged.b, ms_head(ms_buffer_bytes(&w.b), 48 + 33 + padded * 3));
        memset(damaged.b.p + damaged.b.n - 4, 0, 4);
        packet_block(&damaged, 0, 1, 4);
        check(&w, "1@0.000001000/1 1>1:1|2@0.000002000/1 2>2:2|3@0.000003000/1 3>3:3|4@0.000004000/1 4>4:4|"
                  "5@0.000005000/1 5>5:5|6@0.000006000/1 6>6:6|7@0.000007000/1 7>7:7|");
        char *got = trace_bytes(ms_buffer_bytes(&damaged.b));
        assert_non_null(strstr(got, "!x: damaged block before byte"));
        free(got);
        ms_buffer_finish(&damaged.b);
    }
}

static void a_wrong_length_at_the_end_is_no_matter(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    packet_block(&w, 0, 1, 4);
    w.b.p[w.b.n - 1] = 9;
    packet_block(&w, 0, 2, 4);
    check(&w, "1@0.000001000/1 5>4:4|2@0.000002000/1 5>4:4|");
}

static void damage(void **state)
{
    (void)state;
    struct builder w;
    start(&w, false);
    packet_block(&w, 0, 1, 4);
    w.b.p[48 + 20] = 5; /* captured length beyond the block: left out, the next one is read */
    packet_block(&w, 0, 2, 4);
    block_open(&w, 6, 16); /* too short for a packet */
    put(&w, 0, 4);
    put(&w, 16, 4);
    packet_block(&w, 0, 3, 4);
    block_open(&w, 6, 11);
    put(&w, 0, 4);
    check(&w, "1@0.000002000/1 5>4:4|2@0.000003000/1 5>4:4|!x: damaged block at byte 172 (after frame 2): its length would"
              " be 11 bytes|!x: 2 damaged packet records left out (first at byte 48)|");
    start(&w, false);
    packet_block(&w, 0, 1, 4);
    section_header(&w);
    w.b.p[84 + 8] = 0;
    check(&w, "1@0.000001000/1 5>4:4|!x: damaged section header at byte 84 (after frame 1)|");
    start(&w, true);
    w.b.p[13] = 2;
    check(&w, "!x: pcapng version 2 is not known, at byte 0 (after frame 0)|");
}

static void damaged_options_are_ignored(void **state)
{
    (void)state;
    struct builder w = { .big = false };
    section_header(&w);
    block_open(&w, 1, 36);
    put(&w, 1, 4);
    put(&w, 0, 4);
    put(&w, 1, 2);
    put(&w, 200, 2); /* reaches beyond the block */
    put(&w, 0, 4);
    put(&w, 9, 8);
    put(&w, 36, 4);
    packet_block(&w, 0, 1, 4);
    check(&w, "1@0.000001000/1 5>4:4|");
}

static void mixture(struct builder *w)
{
    start(w, true);
    packet_block(w, 0, 1, 5);
    block_open(w, 0xbad, 20);
    put_pattern(w, 8, 3);
    put(w, 20, 4);
    simple_block(w, 4, 4);
    packet_block(w, 3, 1, 1);
    w->big = false;
    section_header(w);
    interface_time(w, 9, 1);
    packet_block(w, 0, 77, 0);
}

/* The same with keys in all places. */
static void mixture_with_keys(struct builder *w)
{
    mixture(w);
    secrets_block(w, TLS_KEYS, "some keys");
    interface_header(w, 1, 0);
    add_comment(w, w->b.n - 20, "RSA one more");
    packet_block(w, 1, 78, 3);
    add_comment(w, w->b.n - 36, "PMS_CLIENT_RANDOM one more");
    packet_block(w, 1, 79, 3);
}

/* A file cut short gives the packets before the cut, and says nothing only where a block ends. */
static void cut_off_anywhere(void **state)
{
    (void)state;
    struct builder w;
    mixture(&w);
    char *whole = trace_bytes(ms_buffer_bytes(&w.b));
    assert_string_equal(whole, "1@0.000001000/1 6>5:5|3@0.000001000/1 4>4:7|4@1.000000077/1 1>0:0|"
                               "!x: 1 packet left out: no such interface (first at byte 128)|");
    static const size_t ends[] = { 28, 48, 88, 108, 128, 164, 192, 236, 268 };
    assert_int_equal(w.b.n, 268);
    for (size_t cut = 4, k = 0; cut < w.b.n; cut++) {
        char *got = trace_bytes(ms_head(ms_buffer_bytes(&w.b), cut));
        assert_memory_equal(got, whole, strcspn(got, "!"));
        while (ends[k] < cut)
            k++;
        assert_int_equal(strstr(got, "!x: cut off in the middle of a") != NULL, ends[k] != cut);
        assert_int_equal(strncmp(got, "1@", 2) == 0, cut >= 48 + 28 + 5);
        free(got);
    }
    free(whole);
    ms_buffer_finish(&w.b);
}

static void pieces_of_a_pipe_do_not_matter(void **state)
{
    (void)state;
    struct builder w;
    mixture_with_keys(&w);
    char *want = trace_bytes(ms_buffer_bytes(&w.b));
    assert_non_null(strstr(want, "{some keys}|{RSA one more}|{PMS_CLIENT_RANDOM one more}|5@"));
    for (size_t cut = 0; cut <= w.b.n; cut++) {
        char *got = named(trace_pipe(ms_buffer_bytes(&w.b), cut, cut ? w.b.n : 2), "x");
        assert_string_equal(got, want);
        free(got);
    }
    free(want);
    ms_buffer_finish(&w.b);
}

int main(void)
{
    char dir[32];
    enter_scratch(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_of_either_byte_order), cmocka_unit_test(units_of_time),
        cmocka_unit_test(simple_and_old_packets), cmocka_unit_test(other_blocks_are_skipped),
        cmocka_unit_test(options_after_a_packet_are_skipped), cmocka_unit_test(unpadded_blocks),
        cmocka_unit_test(a_wrong_length_at_the_end_is_no_matter), cmocka_unit_test(damage),
        cmocka_unit_test(damaged_options_are_ignored), cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(pieces_of_a_pipe_do_not_matter), cmocka_unit_test(secrets_in_order), cmocka_unit_test(damaged_secrets),
        cmocka_unit_test(cut_off_in_a_comment), cmocka_unit_test(nobody_asks_for_secrets),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("x");
    rmdir(dir);
    return failed;
}
