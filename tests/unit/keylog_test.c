/* tests/unit/keylog_test.c - every kind of line, odd ones, doubles, files that grow at every byte, a hundred thousand secrets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "tls/keylog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define R "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f" /* 32 bytes */
#define S48 "30" R "f0f1f2f3f4f5f6f7f8f9fafbfcfdfe"
#define WRONG "eeee" R "eeeeeeeeeeeeeeeeeeeeeeeeeeee" /* 48 bytes */
#define S32 "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"

/* What is known of one id: "label:hex ..." */
static char *known(const struct ms_keylog *k, struct ms_bytes id)
{
    struct ms_buffer t = { 0 };
    for (int label = 0; label < MS_KEY_LABEL_COUNT; label++) {
        struct ms_bytes secret = ms_keylog_find(k, (enum ms_keylog_label)label, id, 0);
        if (secret.n == 0)
            continue;
        ms_text_format(&t, "%s%d:", t.n ? " " : "", label);
        ms_text_hex(&t, secret);
    }
    ms_text_char(&t, '\0');
    return (char *)t.p;
}

static struct ms_bytes random_bytes(uint8_t out[32])
{
    for (uint8_t i = 0; i < 32; i++)
        out[i] = i;
    return (struct ms_bytes){ out, 32 };
}

static const struct { const char *why, *text; size_t id_n; const char *want; unsigned count, odd; } cases[] = {
    { "nothing", "", 32, "", 0, 0 },
    { "TLS 1.2", "CLIENT_RANDOM " R " " S48 "\n", 32, "0:" S48, 1, 0 },
    { "CRLF", "CLIENT_RANDOM " R " " S48 "\r\n", 32, "0:" S48, 1, 0 },
    { "no line end", "CLIENT_RANDOM " R " " S48, 32, "0:" S48, 1, 0 },
    { "CR at the end", "CLIENT_RANDOM " R " " S48 "\r", 32, "0:" S48, 1, 0 },
    { "upper case", "CLIENT_RANDOM 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F "
                    "30" R "F0F1F2F3F4F5F6F7F8F9FAFBFCFDFE\n", 32, "0:" S48, 1, 0 },
    { "blanks", "  CLIENT_RANDOM  " R "   " S48 "  \n", 32, "0:" S48, 1, 0 },
    { "byte order mark", "\xef\xbb\xbf" "CLIENT_RANDOM " R " " S48 "\n", 32, "0:" S48, 1, 0 },
    { "TLS 1.3", "CLIENT_EARLY_TRAFFIC_SECRET " R " " S32 "\nCLIENT_HANDSHAKE_TRAFFIC_SECRET " R " " S32 "\n"
                 "SERVER_HANDSHAKE_TRAFFIC_SECRET " R " " S32 "\nCLIENT_TRAFFIC_SECRET_0 " R " " S32 "\n"
                 "SERVER_TRAFFIC_SECRET_0 " R " " S48 "\nEXPORTER_SECRET " R " " S32 "\nEARLY_EXPORTER_SECRET " R " " S32 "\n",
      32, "1:" S32 " 2:" S32 " 3:" S32 " 4:" S32 " 5:" S48, 5, 0 },
    { "64 bytes", "CLIENT_TRAFFIC_SECRET_0 " R " " R S32 "\n", 32, "4:" R S32, 1, 0 },
    { "pre-master", "PMS_CLIENT_RANDOM " R " 0a0B0c\n", 32, "6:0a0b0c", 1, 0 },
    { "RSA", "RSA 0001020304050607 " S48 "\n", 8, "7:" S48, 1, 0 },
    { "session id", "RSA Session-ID:" R " Master-Key:" S48 "\n", 32, "8:" S48, 1, 0 },
    { "short session id", "RSA Session-ID:00 Master-Key:" S48 "\n", 1, "8:" S48, 1, 0 },
    { "comments and empty lines", "# a comment\n\n\r\n   \n#CLIENT_RANDOM " R " " S48 "\n", 32, "", 0, 0 },
    { "the last one comes first", "CLIENT_RANDOM " R " " S32 "000102030405060708090a0b0c0d0e0f\nCLIENT_RANDOM " R " " S48 "\n", 32, "0:" S48, 2, 0 },
    { "also when it is longer", "CLIENT_TRAFFIC_SECRET_0 " R " " S32 "\nCLIENT_TRAFFIC_SECRET_0 " R " " S48 "\n", 32, "4:" S48, 2, 0 },
    { "or shorter", "CLIENT_TRAFFIC_SECRET_0 " R " " S48 "\nCLIENT_TRAFFIC_SECRET_0 " R " " S32 "\n", 32, "4:" S32, 2, 0 },
    { "a random of 36 bytes", "CLIENT_RANDOM " R "00000000 " S48 "\n", 32, "", 0, 1 },
    { "of 31", "CLIENT_RANDOM 0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f " S48 "\n", 32, "", 0, 1 },
    { "half a digit pair", "CLIENT_RANDOM " R " " S48 "0\n", 32, "", 0, 1 },
    { "a master secret of 32 bytes", "CLIENT_RANDOM " R " " S32 "\n", 32, "", 0, 1 },
    { "a traffic secret of 31 bytes", "CLIENT_TRAFFIC_SECRET_0 " R " a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf\n", 32, "", 0, 1 },
    { "a secret of 65 bytes", "PMS_CLIENT_RANDOM " R " " R S32 "00\n", 32, "", 0, 1 },
    { "no secret", "CLIENT_RANDOM " R "\n", 32, "", 0, 1 },
    { "a label alone", "CLIENT_RANDOM\nRSA\n", 32, "", 0, 2 },
    { "something after it", "CLIENT_RANDOM " R " " S48 " x\n", 32, "", 0, 1 },
    { "no hex", "CLIENT_RANDOM " R " g0" R "f0f1f2f3f4f5f6f7f8f9fafbfcfdfe\n", 32, "", 0, 1 },
    { "label in small letters", "client_random " R " " S48 "\n", 32, "", 0, 1 },
    { "label that is not known", "CLIENT_TRAFFIC_SECRET_1 " R " " S32 "\n", 32, "", 0, 0 },
    { "label that is not known, no hex", "CLIENT_TRAFFIC_SECRET_1 " R " xyz\n", 32, "", 0, 1 },
    { "tabs", "CLIENT_RANDOM\t" R "\t" S48 "\n", 32, "", 0, 1 },
    { "encrypted pre-master of 9 bytes", "RSA 000102030405060708 " S48 "\n", 8, "", 0, 1 },
    { "empty session id", "RSA Session-ID: Master-Key:" S48 "\n", 0, "", 0, 1 },
    { "session id of 33 bytes", "RSA Session-ID:" R "00 Master-Key:" S48 "\n", 32, "", 0, 1 },
    { "no Master-Key", "RSA Session-ID:00 " S48 "\n", 1, "", 0, 1 },
    { "an odd line between good ones", "CLIENT_RANDOM " R " " S48 "\nhello\nCLIENT_TRAFFIC_SECRET_0 " R " " S32 "\n", 32, "0:" S48 " 4:" S32, 2, 1 },
};

static void check(const struct ms_keylog *k, size_t i)
{
    uint8_t id[32];
    char   *got = known(k, ms_head(random_bytes(id), cases[i].id_n));
    if (strcmp(got, cases[i].want) != 0 || ms_keylog_count(k) != cases[i].count || ms_keylog_odd(k) != cases[i].odd)
        fail_msg("%s: want %s, %u secrets, %u odd; got %s, %llu, %llu", cases[i].why, cases[i].want, cases[i].count, cases[i].odd,
                 got, (unsigned long long)ms_keylog_count(k), (unsigned long long)ms_keylog_odd(k));
    free(got);
}

static void append(const char *path, struct ms_bytes b, bool anew)
{
    FILE *f = fopen(path, anew ? "wb" : "ab");
    assert_non_null(f);
    assert_true(b.n == 0 || fwrite(b.p, 1, b.n, f) == b.n);
    fclose(f);
}

static void every_kind_of_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_keylog *k = ms_keylog_create();
        ms_keylog_add_text(k, ms_str(cases[i].text));
        check(k, i);
        ms_keylog_destroy(k);
        append("x", ms_str(cases[i].text), true);
        k = ms_keylog_create();
        assert_true(ms_keylog_add_file(k, "x"));
        check(k, i);
        ms_keylog_destroy(k);
    }
}

/* A file that is read when only a part of it is there, and again when the rest has come, and byte by byte. */
static void a_file_that_grows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_bytes text = ms_str(cases[i].text);
        if (strcmp(cases[i].why, "byte order mark") == 0)
            continue; /* one that is cut in itself is odd */
        for (size_t cut = 0; cut <= text.n; cut++) {
            struct ms_keylog *k = ms_keylog_create();
            append("x", ms_head(text, cut), true);
            assert_true(ms_keylog_add_file(k, "x"));
            append("x", ms_tail(text, cut), false);
            ms_keylog_refresh(k);
            ms_keylog_refresh(k);
            check(k, i);
            ms_keylog_destroy(k);
        }
        struct ms_keylog *k = ms_keylog_create();
        append("x", (struct ms_bytes){ NULL, 0 }, true);
        assert_true(ms_keylog_add_file(k, "x"));
        for (size_t at = 0; at < text.n; at++) {
            append("x", ms_slice(text, at, 1), false);
            ms_keylog_refresh(k);
        }
        check(k, i);
        ms_keylog_destroy(k);
    }
}

static void a_half_line_waits(void **state)
{
    (void)state;
    struct ms_keylog *k = ms_keylog_create();
    append("x", MS_LIT("# begin\nCLIENT_RANDOM " R " 30"), true);
    assert_true(ms_keylog_add_file(k, "x"));
    assert_int_equal(ms_keylog_count(k), 0);
    assert_int_equal(ms_keylog_odd(k), 1); /* as it stands now */
    append("x", MS_LIT(R "f0f1f2f3f4f5f6f7f8f9fafbfcfdfe"), false);
    ms_keylog_refresh(k);
    assert_int_equal(ms_keylog_count(k), 1); /* a last line without an end counts */
    assert_int_equal(ms_keylog_odd(k), 0);
    append("x", MS_LIT("\n"), false);
    ms_keylog_refresh(k);
    check(k, 1);
    append("x", MS_LIT("x"), true); /* emptied and begun anew */
    ms_keylog_refresh(k);
    assert_int_equal(ms_keylog_odd(k), 1);
    append("x", MS_LIT("\nCLIENT_TRAFFIC_SECRET_0 " R " " S32 "\n"), false);
    ms_keylog_refresh(k);
    assert_int_equal(ms_keylog_count(k), 2);
    assert_int_equal(ms_keylog_odd(k), 1);
    ms_keylog_destroy(k);
}

/* A line of 1024 bytes is looked at, a longer one is odd, wherever it is cut. */
static void long_lines(void **state)
{
    (void)state;
    for (size_t blanks = 1024 - 14 - 65 - 96 - 1; blanks < 1024 - 14 - 65 - 96 + 2; blanks++) {
        struct ms_buffer t = { 0 };
        ms_text_str(&t, "CLIENT_RANDOM " R " ");
        for (size_t i = 0; i < blanks; i++)
            ms_text_char(&t, ' ');
        ms_text_str(&t, S48 "\n");
        bool fits = t.n - 1 <= 1024;
        for (size_t cut = 0; cut <= t.n; cut += cut < 1020 ? 17 : 1) {
            struct ms_keylog *k = ms_keylog_create();
            append("x", ms_head(ms_buffer_bytes(&t), cut), true);
            assert_true(ms_keylog_add_file(k, "x"));
            append("x", ms_tail(ms_buffer_bytes(&t), cut), false);
            ms_keylog_refresh(k);
            assert_int_equal(ms_keylog_count(k), fits);
            assert_int_equal(ms_keylog_odd(k), !fits);
            ms_keylog_destroy(k);
        }
        ms_buffer_finish(&t);
    }
    struct ms_buffer t = { 0 };
    for (int i = 0; i < 600000; i++)
        ms_text_char(&t, 'a');
    ms_text_str(&t, "\nCLIENT_RANDOM " R " " S48);
    append("x", ms_buffer_bytes(&t), true);
    struct ms_keylog *k = ms_keylog_create();
    assert_true(ms_keylog_add_file(k, "x"));
    assert_int_equal(ms_keylog_count(k), 1);
    assert_int_equal(ms_keylog_odd(k), 1);
    ms_keylog_add_text(k, ms_buffer_bytes(&t));
    assert_int_equal(ms_keylog_count(k), 1);
    assert_int_equal(ms_keylog_odd(k), 2);
    ms_keylog_destroy(k);
    ms_buffer_finish(&t);
}

static void what_cannot_be_read(void **state)
{
    (void)state;
    struct ms_keylog *k = ms_keylog_create();
    assert_false(ms_keylog_add_file(k, "missing"));
    assert_int_equal(errno, ENOENT);
    assert_false(ms_keylog_add_file(k, "."));
    assert_int_equal(errno, EISDIR);
    assert_true(ms_keylog_add_file(k, "/dev/null"));
    ms_keylog_refresh(k);
    assert_int_equal(ms_keylog_count(k), 0);
    assert_int_equal(ms_keylog_odd(k), 0);
    ms_keylog_destroy(k);
    ms_keylog_destroy(NULL);
}

static void from_a_pipe(void **state)
{
    (void)state;
    int  ends[2];
    char path[32];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "CLIENT_RANDOM " R " " S48, 14 + 65 + 96), 14 + 65 + 96);
    close(ends[1]);
    snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
    struct ms_keylog *k = ms_keylog_create();
    assert_true(ms_keylog_add_file(k, path));
    close(ends[0]);
    ms_keylog_refresh(k);
    check(k, 1);
    ms_keylog_destroy(k);
}

/* The number in the first bytes of the random, its negative in the secret. */
static void put_line(struct ms_buffer *t, const char *label, uint32_t i)
{
    ms_text_format(t, "%s %08x%056x %08x%088x\n", label, i, 0, ~i, 0);
}

static void many(void **state)
{
    (void)state;
    enum { MANY = 100000 };
    struct ms_buffer t = { 0 };
    for (uint32_t i = 0; i < MANY; i++) {
        put_line(&t, "CLIENT_RANDOM", i);
        put_line(&t, "SERVER_TRAFFIC_SECRET_0", i);
    }
    append("x", ms_buffer_bytes(&t), true);
    struct ms_keylog *k = ms_keylog_create();
    assert_true(ms_keylog_add_file(k, "x"));
    ms_keylog_add_text(k, ms_buffer_bytes(&t)); /* all known */
    ms_buffer_finish(&t);
    assert_int_equal(ms_keylog_count(k), 2 * MANY);
    assert_int_equal(ms_keylog_odd(k), 0);
    for (uint32_t i = 0; i < MANY + 1000; i++) {
        uint8_t         id[32] = { (uint8_t)(i >> 24), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
        struct ms_bytes random = { id, 32 }, secret = ms_keylog_find(k, MS_KEY_SERVER_TRAFFIC, random, 0);
        assert_int_equal(ms_keylog_knows(k, random), i < MANY);
        assert_int_equal(secret.n, i < MANY ? 48 : 0);
        assert_true(secret.n == 0 || ms_be32(secret.p) == ~i);
        assert_int_equal(ms_keylog_find(k, MS_KEY_CLIENT_TRAFFIC, random, 0).n, 0);
    }
    ms_keylog_destroy(k);
}

static void what_is_known_by_other_ids_is_no_client_random(void **state)
{
    (void)state;
    uint8_t           id[32];
    struct ms_bytes   random = random_bytes(id);
    struct ms_keylog *k = ms_keylog_create();
    assert_false(ms_keylog_knows(k, random));
    assert_int_equal(ms_keylog_find(k, MS_KEY_MASTER, (struct ms_bytes){ NULL, 0 }, 0).n, 0);
    ms_keylog_add_text(k, MS_LIT("RSA Session-ID:" R " Master-Key:" S48 "\nRSA 0001020304050607 " S48));
    assert_false(ms_keylog_knows(k, random));
    assert_false(ms_keylog_knows(k, ms_head(random, 8)));
    ms_keylog_add_text(k, MS_LIT("PMS_CLIENT_RANDOM " R " 00"));
    assert_true(ms_keylog_knows(k, random));
    ms_keylog_destroy(k);
}

/* A capture can bring wrong secrets for its own connections: they must not shut out the right ones. */
static void files_win_over_texts(void **state)
{
    (void)state;
    uint8_t           id[32];
    struct ms_bytes   random = random_bytes(id);
    struct ms_keylog *k = ms_keylog_create();
    ms_keylog_cap(k, 1);
    ms_keylog_add_text(k, MS_LIT("CLIENT_RANDOM " R " " WRONG));
    assert_int_equal(ms_keylog_find(k, MS_KEY_MASTER, random, 0).p[0], 0xee);
    append("x", MS_LIT("CLIENT_RANDOM " R " " S48 "\n"), true);
    assert_true(ms_keylog_add_file(k, "x"));
    ms_keylog_add_text(k, MS_LIT("CLIENT_RANDOM " R " " WRONG));
    assert_int_equal(ms_keylog_find(k, MS_KEY_MASTER, random, 0).p[0], 0x30);
    assert_int_equal(ms_keylog_find(k, MS_KEY_MASTER, random, 1).p[0], 0xee);
    assert_int_equal(ms_keylog_count(k), 2);
    append("x", MS_LIT("SERVER_TRAFFIC_SECRET_0 " R " " S48 "\n"), false);
    ms_keylog_refresh(k); /* what a file has later is not bounded by the cap of texts */
    assert_int_equal(ms_keylog_find(k, MS_KEY_SERVER_TRAFFIC, random, 0).n, 48);
    assert_int_equal(ms_keylog_refused(k), 0);
    ms_keylog_destroy(k);
}

/* Secrets of one id and label, each of one byte said 32 times. */
static void add_double(struct ms_keylog *k, unsigned byte, bool file)
{
    char line[160] = "SERVER_TRAFFIC_SECRET_0 " R " ";
    for (int i = 0; i < 32; i++)
        snprintf(line + strlen(line), 3, "%02x", byte);
    if (!file) {
        ms_keylog_add_text(k, ms_str(line));
        return;
    }
    strcat(line, "\n");
    append("x", ms_str(line), true);
    assert_true(ms_keylog_add_file(k, "x"));
}

static void check_doubles(const struct ms_keylog *k, const uint8_t want[MS_KEY_CANDIDATES])
{
    uint8_t         id[32];
    struct ms_bytes random = random_bytes(id);
    for (unsigned i = 0; i < MS_KEY_CANDIDATES; i++)
        assert_int_equal(ms_at(ms_keylog_find(k, MS_KEY_SERVER_TRAFFIC, random, i), 31), want[i]);
    assert_int_equal(ms_keylog_find(k, MS_KEY_SERVER_TRAFFIC, random, MS_KEY_CANDIDATES).n, 0);
    assert_int_equal(ms_keylog_count(k), MS_KEY_CANDIDATES);
}

static void the_last_few_are_kept(void **state)
{
    (void)state;
    struct ms_keylog *k = ms_keylog_create();
    for (unsigned byte = 1; byte <= MS_KEY_CANDIDATES + 1; byte++)
        add_double(k, byte, false);
    check_doubles(k, (const uint8_t[]){ 5, 4, 3, 2 });
    add_double(k, 3, false); /* known: it is the latest now */
    check_doubles(k, (const uint8_t[]){ 3, 5, 4, 2 });
    add_double(k, 6, true); /* the user's come first, and the capture's go */
    add_double(k, 5, true);
    check_doubles(k, (const uint8_t[]){ 5, 6, 3, 4 });
    add_double(k, 7, true);
    add_double(k, 8, true);
    check_doubles(k, (const uint8_t[]){ 8, 7, 5, 6 });
    add_double(k, 9, false); /* no room */
    check_doubles(k, (const uint8_t[]){ 8, 7, 5, 6 });
    add_double(k, 10, true);
    check_doubles(k, (const uint8_t[]){ 10, 8, 7, 5 });
    ms_keylog_destroy(k);
}

static void texts_have_a_cap(void **state)
{
    (void)state;
    for (uint32_t lines = 3; lines <= 5; lines++) { /* cap 4: -1, 0, +1 */
        struct ms_keylog *k = ms_keylog_create();
        struct ms_buffer  t = { 0 };
        ms_keylog_cap(k, 4);
        append("x", MS_LIT("CLIENT_RANDOM " R " " S48 "\n"), true);
        assert_true(ms_keylog_add_file(k, "x")); /* files are the user's own: no cap */
        for (uint32_t i = 100; i < 100 + lines; i++)
            put_line(&t, "CLIENT_RANDOM", i);
        put_line(&t, "CLIENT_RANDOM", 100); /* known */
        ms_keylog_add_text(k, ms_buffer_bytes(&t));
        assert_int_equal(ms_keylog_count(k), 1 + (lines < 4 ? lines : 4));
        assert_int_equal(ms_keylog_refused(k), lines > 4);
        ms_buffer_finish(&t);
        ms_keylog_destroy(k);
    }
}

int main(void)
{
    char dir[] = "/tmp/mailscope-test-XXXXXX";
    if (!mkdtemp(dir) || chdir(dir) != 0)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_line), cmocka_unit_test(a_file_that_grows), cmocka_unit_test(a_half_line_waits),
        cmocka_unit_test(long_lines), cmocka_unit_test(what_cannot_be_read), cmocka_unit_test(from_a_pipe), cmocka_unit_test(many),
        cmocka_unit_test(what_is_known_by_other_ids_is_no_client_random), cmocka_unit_test(files_win_over_texts), cmocka_unit_test(the_last_few_are_kept), cmocka_unit_test(texts_have_a_cap),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink("x");
    rmdir(dir);
    return failed;
}
