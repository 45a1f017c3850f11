/* tests/unit/sha256_test.c - known digests, and many streams mixed in every way against libcrypto. */
#include "mail/sha256.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <setjmp.h>
#include <cmocka.h>

enum { STREAMS = 7, STREAM_BYTES = 200000 };

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static void expect_hex(const uint8_t digest[32], const char *hex)
{
    char text[65];
    for (size_t i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    assert_string_equal(text, hex);
}

/* FIPS 180-4 examples. */
static void test_known(void **unused)
{
    (void)unused;
    static const struct { const char *text, *hex; } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
    };
    for (int lanes = 0; lanes < 2; lanes++) {
        struct ms_hasher *h = ms_alloc(sizeof *h);
        struct ms_sha256  d = { .n = 0 };
        ms_hasher_init(h);
        h->lanes = h->lanes && lanes;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            uint8_t out[32];
            assert_true(ms_sha256_start(h, &d));
            ms_sha256_update(h, &d, ms_str(rows[i].text));
            assert_true(ms_sha256_final(h, &d, out));
            expect_hex(out, rows[i].hex);
        }
        ms_sha256_release(h, &d);
        ms_hasher_finish(h);
        ms_free(h);
    }
}

static void expect_reference(const uint8_t *p, size_t n, const uint8_t out[32])
{
    uint8_t want[32];
    assert_int_equal(EVP_Digest(p, n, want, NULL, EVP_sha256(), NULL), 1);
    assert_memory_equal(out, want, 32);
}

/* Every length around a block, alone and beside a digest that waits with every length around a block. */
static void test_lengths(void **unused)
{
    (void)unused;
    uint8_t           bytes[300], out[32];
    uint64_t          random = 1;
    struct ms_hasher *h = ms_alloc(sizeof *h);
    ms_hasher_init(h);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)next_random(&random);
    for (size_t n = 0; n < 200; n++)
        for (size_t other = 0; other < 200; other += n % 7 + 1) {
            struct ms_sha256 a = { .n = 0 }, b = { .n = 0 };
            assert_true(ms_sha256_start(h, &a) && ms_sha256_start(h, &b));
            ms_sha256_update(h, &a, (struct ms_bytes){ bytes, other });
            ms_sha256_update(h, &b, (struct ms_bytes){ bytes + 1, n });
            assert_true(ms_sha256_final(h, &b, out));
            expect_reference(bytes + 1, n, out);
            assert_true(ms_sha256_final(h, &a, out));
            expect_reference(bytes, other, out);
            ms_sha256_release(h, &a);
            ms_sha256_release(h, &b);
        }
    ms_hasher_finish(h);
    ms_free(h);
}

static size_t piece_of(uint64_t *random, size_t left)
{
    static const size_t most[] = { 3, 70, 1500, 40000 };
    size_t              n = next_random(random) % most[next_random(random) % 4] + 1;
    return n < left ? n : left;
}

/* Streams that take turns, end, are dropped and begin again at random. */
static void mix(bool lanes, uint64_t random)
{
    uint8_t          *bytes = ms_alloc(STREAM_BYTES);
    struct ms_hasher *h = ms_alloc(sizeof *h);
    struct ms_sha256  d[STREAMS] = { { .n = 0 } };
    size_t            at[STREAMS] = { 0 };
    ms_hasher_init(h);
    h->lanes = h->lanes && lanes;
    for (size_t i = 0; i < STREAM_BYTES; i++)
        bytes[i] = (uint8_t)next_random(&random);
    for (size_t i = 0; i < STREAMS; i++)
        assert_true(ms_sha256_start(h, &d[i]));
    for (int turn = 0; turn < 4000; turn++) {
        size_t i = next_random(&random) % STREAMS, n = piece_of(&random, STREAM_BYTES - at[i]);
        uint8_t out[32];
        ms_sha256_update(h, &d[i], (struct ms_bytes){ bytes + at[i], n });
        at[i] += n;
        uint32_t fate = next_random(&random) % 40;
        if (fate > 1 && at[i] < STREAM_BYTES)
            continue;
        if (fate == 0) {
            ms_sha256_drop(h, &d[i]);
        } else {
            assert_true(ms_sha256_final(h, &d[i], out));
            expect_reference(bytes, at[i], out);
        }
        assert_true(ms_sha256_start(h, &d[i]));
        at[i] = 0;
    }
    for (size_t i = 0; i < STREAMS; i++)
        ms_sha256_release(h, &d[i]);
    ms_hasher_finish(h);
    ms_free(h);
    ms_free(bytes);
}

static void test_mixed_streams(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 8; seed++)
        mix(true, seed);
    mix(false, 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known), cmocka_unit_test(test_lengths), cmocka_unit_test(test_mixed_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
