/* tests/unit/input_test.c - the window moves over files of any size, and compressed files are read to where they are damaged. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "capture_build.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

enum { SAMPLE_PACKETS = 300 };

static void sample(struct builder *w, uint32_t packets)
{
    *w = (struct builder){ .big = false };
    pcap_header(w, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < packets; i++)
        pcap_record(w, 1000 + i, i, i * 7 % 1500);
}

/* Packets by hand: bytes, and frames without a gap. */
static void records_straddle_the_window(void **state)
{
    (void)state;
    static const uint32_t sizes[] = { 3000000, 1, 0, 1048576, 1048560, 70000, 1514, 60, 16777216, 2, 999 };
    for (uint32_t shift = 0; shift < 3; shift++) {
        struct builder w = { .big = false };
        struct ms_buffer want = { 0 };
        unsigned number = 0;
        pcap_header(&w, 0xa1b2c3d4, 1);
        for (uint32_t i = 0; i < 11 - shift; i++) {
            for (uint32_t k = 0; k < 70 && i > 4; k++) { /* a few batches between the large ones */
                pcap_record(&w, 5, 0, 100 + k);
                ms_text_format(&want, "%u@5.000000000/1 %u>%u:%u|", ++number, 101 + k, 100 + k, 100 + k);
            }
            uint32_t n = sizes[i + shift];
            pcap_record(&w, 6, 0, n);
            ms_text_format(&want, "%u@6.000000000/1 %u>%u:%u|", ++number, n + 1, n, n & 0xff);
        }
        ms_text_char(&want, '\0');
        char *got = trace_bytes(ms_buffer_bytes(&w.b));
        assert_string_equal(got, (const char *)want.p);
        free(got);
        ms_buffer_finish(&want);
        ms_buffer_finish(&w.b);
    }
}

/* ---- compressors: each appends one member or frame ------------------------------------------------------- */

typedef void pack(struct ms_buffer *to, struct ms_bytes b);

static void pack_gzip(struct ms_buffer *to, struct ms_bytes b)
{
    z_stream z = { 0 };
    uLong    bound;
    must(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    bound = deflateBound(&z, (uLong)b.n);
    uint8_t *out = malloc(bound);
    z.next_in = (z_const Bytef *)b.p;
    z.avail_in = (uInt)b.n;
    z.next_out = out;
    z.avail_out = (uInt)bound;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    ms_buffer_append(to, (struct ms_bytes){ out, z.total_out });
    deflateEnd(&z);
    free(out);
}

static void pack_zstd(struct ms_buffer *to, struct ms_bytes b)
{
    size_t   bound = ZSTD_compressBound(b.n);
    uint8_t *out = malloc(bound);
    size_t   n = ZSTD_compress(out, bound, b.p, b.n, 1);
    must(!ZSTD_isError(n));
    ms_buffer_append(to, (struct ms_bytes){ out, n });
    free(out);
}

static void pack_lz4(struct ms_buffer *to, struct ms_bytes b)
{
    LZ4F_preferences_t with_checksum = { .frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled };
    size_t   bound = LZ4F_compressFrameBound(b.n, &with_checksum);
    uint8_t *out = malloc(bound);
    size_t   n = LZ4F_compressFrame(out, bound, b.p, b.n, &with_checksum);
    must(!LZ4F_isError(n));
    ms_buffer_append(to, (struct ms_bytes){ out, n });
    free(out);
}

static const struct { const char *name; pack *pack; } packers[] = {
    { "gzip", pack_gzip }, { "zstd", pack_zstd }, { "lz4", pack_lz4 },
};
enum { PACKERS = sizeof packers / sizeof *packers };

/* Three members; the borders fall into records. */
static struct ms_buffer packed(pack *p, struct ms_bytes b)
{
    struct ms_buffer out = { 0 };
    p(&out, ms_head(b, b.n / 3));
    p(&out, ms_slice(b, b.n / 3, b.n / 2));
    p(&out, ms_tail(b, b.n / 3 + b.n / 2));
    return out;
}

static void several_members_are_one_stream(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, 20000); /* more than one window, compressed more than one read */
    char *want = trace_bytes(ms_buffer_bytes(&w.b));
    for (size_t i = 0; i < PACKERS; i++) {
        struct ms_buffer z = packed(packers[i].pack, ms_buffer_bytes(&w.b));
        char *got = trace_bytes(ms_buffer_bytes(&z));
        assert_string_equal(got, want);
        free(got);
        ms_buffer_finish(&z);
    }
    free(want);
    ms_buffer_finish(&w.b);
}

static void a_cut_is_said_and_what_came_before_is_read(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, SAMPLE_PACKETS);
    char *whole = trace_bytes(ms_buffer_bytes(&w.b));
    for (size_t i = 0; i < PACKERS; i++) {
        struct ms_buffer z = packed(packers[i].pack, ms_buffer_bytes(&w.b));
        size_t           longest = 0, step = z.n / 150 + 1;
        for (size_t cut = 4; cut < z.n; cut += step) {
            char  *got = trace_bytes(ms_head(ms_buffer_bytes(&z), cut));
            char  *error = strchr(got, '!');
            size_t said = (size_t)(error - got);
            assert_non_null(error);
            assert_non_null(strstr(error, "cut off"));
            assert_memory_equal(got, whole, said);
            assert_true(said >= longest); /* more bytes, more packets */
            longest = said;
            free(got);
        }
        assert_true(longest > strlen(whole) / 2);
        ms_buffer_finish(&z);
    }
    free(whole);
    ms_buffer_finish(&w.b);
}

static void the_sentence_names_the_compression(void **state)
{
    (void)state;
    for (size_t i = 0; i < PACKERS; i++) {
        struct builder w;
        char           want[100];
        sample(&w, 2);
        struct ms_buffer z = { 0 };
        packers[i].pack(&z, ms_buffer_bytes(&w.b));
        char *got = trace_bytes(ms_head(ms_buffer_bytes(&z), z.n - 3));
        snprintf(want, sizeof want, "!x: cut off in the middle of the %s data at byte %zu (after frame ", packers[i].name,
                 z.n - 3);
        assert_non_null(strstr(got, want));
        free(got);
        ms_buffer_append(&z, MS_LIT("this does not belong here"));
        got = trace_bytes(ms_buffer_bytes(&z));
        snprintf(want, sizeof want, "2@1001.000001000/1 8>7:7|!x: damaged %s data (after frame 2)|", packers[i].name);
        assert_non_null(strstr(got, want));
        free(got);
        ms_buffer_finish(&z);
        ms_buffer_finish(&w.b);
    }
}

/* Blocks before the damaged one are delivered, whatever the library does with its buffers. */
static void damage_loses_only_what_follows(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, 2000);
    char *whole = trace_bytes(ms_buffer_bytes(&w.b));
    for (size_t i = 0; i < PACKERS; i++) {
        struct ms_buffer z = { 0 };
        packers[i].pack(&z, ms_buffer_bytes(&w.b));
        size_t first = z.n;
        packers[i].pack(&z, ms_buffer_bytes(&w.b));
        memset(z.p + first + 40, 0xff, 60); /* in the first block of the second member */
        char *got = trace_bytes(ms_buffer_bytes(&z));
        assert_memory_equal(got, whole, strlen(whole));
        assert_non_null(strstr(got, "data (after frame 2"));
        free(got);
        ms_buffer_finish(&z);
    }
    free(whole);
    ms_buffer_finish(&w.b);
}

static void pieces_of_a_pipe_do_not_matter(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, 20);
    char *want = trace_bytes(ms_buffer_bytes(&w.b));
    for (size_t i = 0; i < PACKERS; i++) {
        struct ms_buffer z = packed(packers[i].pack, ms_buffer_bytes(&w.b));
        for (size_t cut = 0; cut <= 200 && cut <= z.n; cut++) {
            char *got = trace_pipe(ms_buffer_bytes(&z), cut, cut ? z.n : z.n / 200 + 1);
            assert_string_equal(got, want);
            free(got);
        }
        ms_buffer_finish(&z);
    }
    free(want);
    ms_buffer_finish(&w.b);
}

/* Whatever byte is wrong, the same packets come whether the file arrives at once or in pieces. */
static void damage_is_the_same_in_pieces(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, 20);
    for (size_t i = 0; i < PACKERS; i++) {
        struct ms_buffer z = packed(packers[i].pack, ms_buffer_bytes(&w.b));
        for (size_t at = 4; at < z.n; at += z.n / 200 + 1) {
            z.p[at] ^= 0x55;
            char *want = trace_bytes(ms_buffer_bytes(&z));
            char *got = named(trace_pipe(ms_buffer_bytes(&z), 0, z.n / 200 + 1), "x");
            assert_string_equal(got, want);
            free(got);
            free(want);
            z.p[at] ^= 0x55;
        }
        ms_buffer_finish(&z);
    }
    ms_buffer_finish(&w.b);
}

static void zeros_after_gzip_are_padding(void **state)
{
    (void)state;
    struct builder w;
    sample(&w, 3);
    char *want = trace_bytes(ms_buffer_bytes(&w.b));
    struct ms_buffer z = { 0 };
    pack_gzip(&z, ms_buffer_bytes(&w.b));
    for (int i = 0; i < 100; i++)
        ms_buffer_append(&z, (struct ms_bytes){ (const uint8_t *)"\0\0\0\0\0\0\0\0", 8 });
    char *got = trace_bytes(ms_buffer_bytes(&z));
    assert_string_equal(got, want);
    free(got);
    free(want);
    ms_buffer_finish(&z);
    ms_buffer_finish(&w.b);
}

static void twice_compressed_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < PACKERS; i++) {
        struct builder   w;
        struct ms_buffer once = { 0 }, twice = { 0 };
        char             want[120];
        sample(&w, 3);
        packers[i].pack(&once, ms_buffer_bytes(&w.b));
        packers[(i + 1) % PACKERS].pack(&twice, ms_buffer_bytes(&once));
        char *got = trace_bytes(ms_buffer_bytes(&twice));
        snprintf(want, sizeof want, "!x: not a capture file (pcap or pcapng), but %s data inside: compressed twice,"
                 " decompress it once|", packers[i].name);
        assert_string_equal(got, want);
        free(got);
        ms_buffer_finish(&once);
        ms_buffer_finish(&twice);
        ms_buffer_finish(&w.b);
    }
}

int main(void)
{
    char dir[32];
    enter_scratch(dir);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_straddle_the_window), cmocka_unit_test(several_members_are_one_stream),
        cmocka_unit_test(a_cut_is_said_and_what_came_before_is_read), cmocka_unit_test(the_sentence_names_the_compression),
        cmocka_unit_test(damage_loses_only_what_follows), cmocka_unit_test(pieces_of_a_pipe_do_not_matter),
        cmocka_unit_test(damage_is_the_same_in_pieces),
        cmocka_unit_test(zeros_after_gzip_are_padding), cmocka_unit_test(twice_compressed_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("x");
    rmdir(dir);
    return failed;
}
