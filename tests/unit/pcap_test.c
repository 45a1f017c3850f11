/* tests/unit/pcap_test.c - the classic format: byte orders, variants, damage, every cut, limits. */
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

static void both_byte_orders_and_resolutions(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct builder w = { .big = big };
        pcap_header(&w, 0xa1b2c3d4, 1);
        pcap_record(&w, 1700000000, 999999, 5);
        pcap_record(&w, 4294967295, 1, 0); /* seconds have no sign */
        check(&w, "1@1700000000.999999000/1 6>5:5|2@4294967295.000001000/1 1>0:0|");
        pcap_header(&w, 0xa1b23c4d, 101);
        pcap_record(&w, 1, 123456789, 2);
        check(&w, "1@1.123456789/101 3>2:2|");
    }
}

static void variants(void **state)
{
    (void)state;
    struct builder w = { .big = false };
    pcap_header(&w, 0xa1b2cd34, 1); /* records of 24 bytes */
    for (int i = 0; i < 2; i++) {
        put(&w, 7, 4);
        put(&w, 0, 4);
        put(&w, 3, 4);
        put(&w, 60, 4);
        put(&w, 0, 8);
        put_pattern(&w, 3, 9);
    }
    check(&w, "1@7.000000000/1 60>3:9|2@7.000000000/1 60>3:9|");
    pcap_header(&w, 0xa1b2c3d4, 0xf4000001); /* frame check sequence of 30 bytes, if you believe it */
    pcap_record(&w, 7, 0, 3);
    check(&w, "1@7.000000000/1 4>3:3|");
    pcap_header(&w, 0xa1b2c3d4, 12);
    pcap_record(&w, 7, 1000001, 3); /* more than a second of microseconds */
    check(&w, "1@8.000001000/101 4>3:3|");
}

static void put_old(struct builder *w, unsigned minor, uint32_t first, uint32_t second)
{
    pcap_header(w, 0xa1b2c3d4, 1);
    w->b.p[6] = (uint8_t)minor;
    put(w, 1, 8);
    put(w, first, 4);
    put(w, second, 4);
    put_pattern(w, 3, 1);
}

static void lengths_of_old_versions_are_swapped(void **state)
{
    (void)state;
    struct builder w = { .big = false };
    put_old(&w, 2, 60, 3);
    check(&w, "1@1.000000000/1 60>3:1|");
    put_old(&w, 3, 60, 3);
    check(&w, "1@1.000000000/1 60>3:1|");
    put_old(&w, 3, 3, 60);
    check(&w, "1@1.000000000/1 60>3:1|");
    put_old(&w, 4, 3, 2); /* captured more than there was: taken as it is */
    check(&w, "1@1.000000000/1 2>3:1|");
    put_old(&w, 4, 3, 3);
    w.b.p[4] = 3;
    check(&w, "!x: pcap version 3.4 is not known|");
}

static void damaged_record_stops_with_a_sentence(void **state)
{
    (void)state;
    struct builder w = { .big = true };
    pcap_header(&w, 0xa1b2c3d4, 1);
    pcap_record(&w, 1, 0, 3);
    put(&w, 1, 8);
    put(&w, 0xfffffff0, 4);
    put(&w, 60, 4);
    put_pattern(&w, 100, 0);
    check(&w, "1@1.000000000/1 4>3:3|!x: damaged packet record at byte 43 (frame 2): its length would be 4294967280 bytes"
              " (limit packet_bytes is 16777216)|");
}

static void packet_bytes_is_the_limit(void **state)
{
    (void)state;
    struct ms_limits tiny = ms_limits_tiny();
    for (uint32_t n = 4095; n <= 4097; n++) {
        struct builder w = { .big = false };
        pcap_header(&w, 0xa1b2c3d4, 1);
        pcap_record(&w, 1, 0, n);
        write_file("x", ms_buffer_bytes(&w.b));
        char *got = trace_of((const char *[]){ "x" }, 1, &tiny);
        assert_int_equal(strstr(got, "damaged") != NULL, n > 4096);
        assert_int_equal(strncmp(got, "1@1.", 4) == 0, n <= 4096);
        free(got);
        ms_buffer_finish(&w.b);
    }
}

/* Whole records come, and a sentence says where it ends: at every length of the file. */
static void cut_off_anywhere(void **state)
{
    (void)state;
    struct builder w = { .big = false };
    pcap_header(&w, 0xa1b2c3d4, 1);
    pcap_record(&w, 1, 0, 5);
    pcap_record(&w, 2, 0, 0);
    pcap_record(&w, 3, 0, 2);
    static const char *const packets[] = { "", "1@1.000000000/1 6>5:5|", "2@2.000000000/1 1>0:0|", "3@3.000000000/1 3>2:2|" };
    static const size_t ends[] = { 24, 45, 61, 79 };
    assert_int_equal(w.b.n, 79);
    for (size_t cut = 0; cut <= w.b.n; cut++) {
        struct ms_buffer want = { 0 };
        unsigned whole = 0;
        for (unsigned i = 1; i < 4 && ends[i] <= cut; i++, whole++)
            ms_text_str(&want, packets[i]);
        if (cut == 0)
            ms_text_str(&want, "!x: the file is empty|");
        else if (cut < 4)
            ms_text_str(&want, "!x: not a capture file (pcap or pcapng)|");
        else if (cut < 24)
            ms_text_str(&want, "!x: cut off in the middle of the file header|");
        else if (cut > ends[whole])
            ms_text_format(&want, "!x: cut off in the middle of a packet record at byte %zu (frame %u)|", ends[whole], whole + 1);
        ms_text_char(&want, '\0');
        char *got = trace_bytes(ms_head(ms_buffer_bytes(&w.b), cut));
        assert_string_equal(got, (const char *)want.p);
        free(got);
        ms_buffer_finish(&want);
    }
    ms_buffer_finish(&w.b);
}

static void pieces_of_a_pipe_do_not_matter(void **state)
{
    (void)state;
    struct builder w = { .big = true };
    pcap_header(&w, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 6; i++)
        pcap_record(&w, 1, i, i * 3);
    pcap_record(&w, 2, 0, 9);
    w.b.n -= 4;
    char *want = trace_bytes(ms_buffer_bytes(&w.b));
    assert_non_null(strstr(want, "cut off"));
    for (size_t cut = 0; cut <= w.b.n; cut++) {
        char *got = named(trace_pipe(ms_buffer_bytes(&w.b), cut, cut ? w.b.n : 1), "x");
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
        cmocka_unit_test(both_byte_orders_and_resolutions), cmocka_unit_test(variants),
        cmocka_unit_test(lengths_of_old_versions_are_swapped), cmocka_unit_test(damaged_record_stops_with_a_sentence),
        cmocka_unit_test(packet_bytes_is_the_limit), cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(pieces_of_a_pipe_do_not_matter),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("x");
    rmdir(dir);
    return failed;
}
