/* tests/unit/source_test.c - one timeline of several files, and the sentence for each file that is not what it should be. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture_build.h"

#include <sys/stat.h>

enum { FILES_MAX = 16 };

/* A pcap with a packet at each second given, `mark` bytes long, so that the trace tells whose it is. */
static void make(const char *name, uint32_t mark, const char *seconds)
{
    struct builder w = { .big = mark % 2 };
    pcap_header(&w, 0xa1b2c3d4, 1);
    for (const char *at = seconds; *at; at += *at == ' ') {
        char *end;
        pcap_record(&w, (uint32_t)strtoul(at, &end, 10), 0, mark);
        at = end;
    }
    write_file(name, ms_buffer_bytes(&w.b));
    ms_buffer_finish(&w.b);
}

/* "second:mark " for each packet, "!sentence " for each error; frame numbers are checked. */
static char *order_of(const char *const *paths, size_t count)
{
    struct ms_limits  limits = ms_limits_default();
    struct ms_source *s = ms_source_open(paths, count, &limits);
    struct ms_packet  p[MS_BATCH];
    struct ms_buffer  t = { 0 };
    uint64_t          number = 0;
    for (size_t n; (n = ms_source_next(s, p)) > 0;) {
        assert_true(n <= MS_BATCH);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(p[i].number, ++number);
            for (size_t k = 0; k < p[i].data.n; k++)
                assert_int_equal(p[i].data.p[k], (uint8_t)(p[i].data.n + k));
            ms_text_format(&t, "%lld:%zu ", (long long)(p[i].time / 1000000000), p[i].data.n);
        }
    }
    assert_int_equal(ms_source_next(s, p), 0);
    for (size_t i = 0; ms_source_error(s, i); i++)
        ms_text_format(&t, "!%s ", ms_source_error(s, i));
    ms_source_close(s);
    ms_text_char(&t, '\0');
    return (char *)t.p;
}

/* Every rotation and the reverse of the command line. */
static void check_any_order(const char *const *paths, size_t count, const char *want)
{
    const char *turned[FILES_MAX];
    for (size_t turn = 0; turn < 2 * count; turn++) {
        for (size_t i = 0; i < count; i++)
            turned[i] = paths[turn < count ? (i + turn) % count : (2 * count - 1 - i + turn) % count];
        char *got = order_of(turned, count);
        assert_string_equal(got, want);
        free(got);
    }
}

static void merged_by_time(void **state)
{
    (void)state;
    make("a", 1, "10 20 30");
    make("b", 2, "5 20 25 40");
    make("c", 3, "20");
    check_any_order((const char *[]){ "a", "b", "c" }, 3,
                    "5:2 10:1 20:2 20:1 20:3 25:2 30:1 40:2 "); /* ties: whose first packet is earliest */
    make("a", 1, "20 20");
    make("b", 2, "20 20");
    check_any_order((const char *[]){ "b", "a", "c" }, 3, "20:1 20:1 20:2 20:2 20:3 "); /* then by path */
}

/* Keys come when the timeline is there, those of a capture without packets at once. */
static void secrets_of_several_captures(void **state)
{
    (void)state;
    enum { TLS_KEYS = 0x544c534b };
    struct builder a = { 0 }, b = { .big = true }, c = { 0 };
    section_header(&a), section_header(&b), section_header(&c);
    interface_header(&a, 1, 0), interface_header(&b, 1, 0);
    packet_block(&a, 0, 10, 1);
    secrets_block(&a, TLS_KEYS, "A");
    packet_block(&a, 0, 30, 1);
    secrets_block(&a, TLS_KEYS, "last");
    secrets_block(&b, TLS_KEYS, "B");
    packet_block(&b, 0, 20, 2);
    packet_block(&b, 0, 40, 2);
    add_comment(&b, b.b.n - 36, "RSA B");
    secrets_block(&c, TLS_KEYS, "only keys");
    write_file("a", ms_buffer_bytes(&a.b));
    write_file("b", ms_buffer_bytes(&b.b));
    write_file("c", ms_buffer_bytes(&c.b));
    ms_buffer_finish(&a.b), ms_buffer_finish(&b.b), ms_buffer_finish(&c.b);
    static const char *const orders[][3] = { { "a", "b", "c" }, { "c", "b", "a" }, { "b", "c", "a" } };
    for (size_t i = 0; i < 3; i++) {
        struct ms_limits limits = ms_limits_default();
        char            *got = trace_of(orders[i], 3, &limits);
        assert_string_equal(got, "{only keys\\n}|1@0.000010000/1 2>1:1|{B\\n}|2@0.000020000/1 3>2:2|{A\\n}|3@0.000030000/1 2>1:1|"
                                 "{last\\n}|{RSA B\\n}|4@0.000040000/1 3>2:2|");
        free(got);
    }
}

static void packets_of_a_file_keep_their_order(void **state)
{
    (void)state;
    make("a", 1, "10 30 20 40");
    make("b", 2, "15 25 35");
    check_any_order((const char *[]){ "a", "b" }, 2, "10:1 15:2 25:2 30:1 20:1 35:2 40:1 ");
}

static void rotated_files(void **state)
{
    (void)state;
    make("a", 1, "1 2 3");
    make("b", 2, "3 4 5");
    make("c", 3, "7 8");
    make("d", 4, "");
    check_any_order((const char *[]){ "a", "b", "c", "d" }, 4, "1:1 2:1 3:1 3:2 4:2 5:2 7:3 8:3 ");
}

static void the_same_file_twice(void **state)
{
    (void)state;
    make("a", 1, "1 2");
    check_any_order((const char *[]){ "a", "a" }, 2, "1:1 1:1 2:1 2:1 ");
}

static void long_files(void **state)
{
    (void)state;
    struct builder w[2] = { { .big = false }, { .big = true } };
    char           names[2][2] = { "a", "b" };
    struct ms_buffer want = { 0 };
    for (int f = 0; f < 2; f++)
        pcap_header(&w[f], 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 3000; i++) {
        unsigned f = i * i % 7 < 3;
        pcap_record(&w[f], i, 0, 700 + f);
        ms_text_format(&want, "%u:%u ", i, 700 + f);
    }
    ms_text_char(&want, '\0');
    for (int f = 0; f < 2; f++)
        write_file(names[f], ms_buffer_bytes(&w[f].b));
    check_any_order((const char *[]){ "a", "b" }, 2, (const char *)want.p);
    for (int f = 0; f < 2; f++)
        ms_buffer_finish(&w[f].b);
    ms_buffer_finish(&want);
}

static void custom_blocks_keep_their_numbers_in_a_timeline(void **state)
{
    (void)state;
    struct builder w = { .big = false };
    section_header(&w);
    interface_header(&w, 1, 0);
    packet_block(&w, 0, 1000000, 4);
    block_open(&w, 0xbad, 12);
    put(&w, 12, 4);
    packet_block(&w, 0, 3000000, 4);
    write_file("a", ms_buffer_bytes(&w.b));
    ms_buffer_finish(&w.b);
    make("b", 1, "2 4");
    struct ms_limits limits = ms_limits_default();
    char *got = trace_of((const char *[]){ "a", "b" }, 2, &limits);
    assert_string_equal(got, "1@1.000000000/1 5>4:4|2@2.000000000/1 2>1:1|4@3.000000000/1 5>4:4|5@4.000000000/1 2>1:1|");
    free(got);
}

static void one_damaged_file_does_not_stop_the_others(void **state)
{
    (void)state;
    make("a", 1, "1 5 9");
    make("b", 2, "2 6 7");
    must(truncate("a", 24 + 2 * 17 + 3) == 0);
    write_file("c", MS_LIT("nonsense"));
    check_any_order((const char *[]){ "a", "b", "c", "nofile" }, 4,
                    "1:1 2:2 5:1 6:2 7:2 !a: cut off in the middle of a packet record at byte 58 (frame 3) "
                    "!c: not a capture file (pcap or pcapng) !nofile: No such file or directory ");
}

static void no_files_at_all(void **state)
{
    (void)state;
    char *got = order_of(NULL, 0);
    assert_string_equal(got, "");
    free(got);
}

static void sentences(void **state)
{
    (void)state;
#define NO "x: not a capture file (pcap or pcapng)"
    static const struct { struct ms_bytes content; const char *want; } cases[] = {
        { { NULL, 0 }, "x: the file is empty" },
        { { (const uint8_t *)"hello", 5 }, NO },
        { { (const uint8_t *)"snoop\0\0\0\0\0\0\2", 12 }, NO ", but a snoop capture: convert it with editcap" },
        { { (const uint8_t *)"GMBU\2\2", 6 }, NO ", but a Network Monitor capture: convert it with editcap" },
        { { (const uint8_t *)"TRSNIFF data    \x1a", 17 }, NO ", but a Sniffer capture: convert it with editcap" },
        { { (const uint8_t *)"BZh91AY", 7 }, NO ", but bzip2 data: decompress it with bzip2 -d" },
        { { (const uint8_t *)"From a@b Mon\n", 13 }, NO ", but an mbox of mail messages" },
        { { (const uint8_t *)"Subject: a\r\nTo: b\r\n", 19 }, NO ", but a mail message" },
        { { (const uint8_t *)"Received: a\n\tby b\n", 18 }, NO ", but a mail message" },
        { { (const uint8_t *)"Note: this\nis text\n", 19 }, NO },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *got = trace_bytes(cases[i].content), want[200];
        snprintf(want, sizeof want, "!%s|", cases[i].want);
        assert_string_equal(got, want);
        free(got);
    }
    must(mkdir("dir", 0700) == 0);
    char *got = trace_file("dir");
    assert_string_equal(got, "!dir: a directory, not a capture file|");
    free(got);
    rmdir("dir");
    got = trace_file("no\x1b[31m\nfile");
    assert_string_equal(got, "!no\\x1b[31m\\nfile: No such file or directory|");
    free(got);
#undef NO
}

static void standard_input_only_once(void **state)
{
    (void)state;
    make("a", 1, "1 2");
    int fd = open("a", O_RDONLY);
    must(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
    close(fd);
    char *got = order_of((const char *[]){ "-", "-" }, 2);
    assert_string_equal(got, "1:1 2:1 !standard input: can be read only once ");
    free(got);
}

static void progress_and_precision(void **state)
{
    (void)state;
    make("a", 1, "1 2");
    struct builder w = { .big = true };
    pcap_header(&w, 0xa1b23c4d, 1);
    pcap_record(&w, 3, 1, 1);
    write_file("b", ms_buffer_bytes(&w.b));
    ms_buffer_finish(&w.b);
    struct ms_limits limits = ms_limits_default();
    struct ms_packet p[MS_BATCH];
    const char *const paths[] = { "a", "b" };
    for (size_t count = 1; count <= 2; count++) {
        struct ms_source *s = ms_source_open(paths, count, &limits);
        uint64_t total = 24 + 34 + (count == 2 ? 24 + 17 : 0);
        assert_int_equal(ms_source_bytes_total(s), total);
        assert_int_equal(ms_source_time_digits(s), count == 1 ? 6 : 9);
        while (ms_source_next(s, p) > 0)
            assert_true(ms_source_bytes(s) <= total);
        assert_int_equal(ms_source_bytes(s), total);
        ms_source_close(s);
    }
    int ends[2];
    must(pipe(ends) == 0);
    close(ends[1]);
    must(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    close(ends[0]);
    struct ms_source *s = ms_source_open((const char *[]){ "a", "-" }, 2, &limits);
    assert_int_equal(ms_source_bytes_total(s), 0);
    ms_source_close(s); /* before its end: nothing leaks */
}

int main(void)
{
    char dir[32];
    enter_scratch(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merged_by_time), cmocka_unit_test(secrets_of_several_captures), cmocka_unit_test(packets_of_a_file_keep_their_order),
        cmocka_unit_test(rotated_files), cmocka_unit_test(the_same_file_twice), cmocka_unit_test(long_files),
        cmocka_unit_test(custom_blocks_keep_their_numbers_in_a_timeline),
        cmocka_unit_test(one_damaged_file_does_not_stop_the_others), cmocka_unit_test(no_files_at_all),
        cmocka_unit_test(sentences), cmocka_unit_test(standard_input_only_once), cmocka_unit_test(progress_and_precision),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (const char *name = "abcdx"; *name; name++)
        unlink((char[]){ *name, '\0' });
    rmdir(dir);
    return failed;
}
