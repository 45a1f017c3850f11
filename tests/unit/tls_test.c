#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tls/tls_private.h"
#include "tls_drive.h"
#include "tls_fixtures.h"

static const char client_says[] = "EHLO client.test\r\nNOOP\r\n", server_says[] = "220 fixture ESMTP\r\n250 fixture\r\n250 done\r\n";
/* s_client and s_server end lines with a newline alone */
static const char client_types[] = "EHLO client.test\nNOOP\n", server_types[] = "220 fixture ESMTP\n250 fixture\n250 done\n";

enum {
    BOTH = MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO,
    GOOD = BOTH | MS_TLS_DONE | MS_TLS_DECRYPTED | MS_TLS_CLOSED | MS_TLS_CLIENT_SPOKE | MS_TLS_SERVER_SPOKE,
    EMS = MS_TLS_EXTENDED_MASTER, ETM = MS_TLS_ENCRYPT_THEN_MAC,
};

static const struct {
    const char *name, *before; /* `before`: a connection of the same peers that comes first */
    uint32_t    flags;
    uint16_t    version, cipher;
    uint8_t     alert_dir, alert; /* the first one */
    const char *client, *server;
} expected[] = {
    { "tls13", NULL, GOOD, 0x0304, 0x1302, MS_S2C, 0, client_says, server_says },
    { "tls13_retry", NULL, GOOD | MS_TLS_RETRY, 0x0304, 0x1302, MS_S2C, 0, client_says, server_says },
    { "tls13_client_certificate", NULL, GOOD | MS_TLS_CLIENT_ASKED | MS_TLS_CLIENT_CERTIFICATE, 0x0304, 0x1302, MS_S2C, 0, client_says, server_says },
    { "tls13_resumed", "tls13_first", GOOD | MS_TLS_RESUMED, 0x0304, 0x1302, MS_S2C, 0, client_says, server_says },
    { "tls12_gcm", NULL, GOOD | EMS, 0x0303, 0xc02b, MS_S2C, 0, client_says, server_says },
    { "tls12_chacha", NULL, GOOD | EMS, 0x0303, 0xcca9, MS_S2C, 0, client_says, server_says },
    { "tls12_ccm", NULL, GOOD | EMS, 0x0303, 0xc0ac, MS_S2C, 0, client_says, server_says },
    { "tls12_cbc_etm", NULL, GOOD | EMS | ETM, 0x0303, 0xc023, MS_S2C, 0, client_says, server_says },
    { "tls12_cbc", NULL, GOOD | EMS, 0x0303, 0xc023, MS_S2C, 0, client_says, server_says },
    { "tls10_cbc", NULL, GOOD | EMS, 0x0301, 0xc009, MS_S2C, 0, client_says, server_says },
    { "tls12_rsa", NULL, GOOD | EMS, 0x0303, 0x009c, MS_S2C, 0, client_says, server_says },
    { "tls12_rsa_no_ems", NULL, GOOD, 0x0303, 0x009c, MS_S2C, 0, client_says, server_says },
    { "tls12_resumed_by_id", "tls12_by_id", GOOD | EMS | MS_TLS_RESUMED, 0x0303, 0xc02b, MS_S2C, 0, client_says, server_says },
    { "tls12_resumed_by_ticket", "tls12_by_ticket", GOOD | EMS | MS_TLS_RESUMED, 0x0303, 0xc02b, MS_S2C, 0, client_says, server_says },
    { "tls12_client_certificate", NULL, GOOD | EMS | MS_TLS_CLIENT_ASKED | MS_TLS_CLIENT_CERTIFICATE, 0x0303, 0xc02c, MS_S2C, 0, client_says, server_says },
    { "tls13_key_update", NULL, GOOD | MS_TLS_KEY_UPDATE, 0x0304, 0x1302, MS_C2S, 0, client_types, server_types },
    { "tls12_renegotiated", NULL, GOOD | EMS | MS_TLS_RENEGOTIATED, 0x0303, 0xc02c, MS_C2S, 0, client_types, server_types },
    { "tls13_early", "tls13_before_early", GOOD | MS_TLS_RESUMED | MS_TLS_EARLY_DATA | MS_TLS_EARLY_ACCEPTED, 0x0304, 0x1302, MS_C2S, 0,
      "EHLO early.test\nEHLO client.test\nNOOP\n", server_types },
    { "tls13_early_rejected", NULL, GOOD | MS_TLS_EARLY_DATA, 0x0304, 0x1302, MS_C2S, 0, client_types, server_types },
    { "tls12_refused", NULL, BOTH | EMS, 0x0303, 0xc02c, MS_C2S, 48, "", "" },
    { "tls13_refused", NULL, BOTH, 0x0304, 0x1302, MS_C2S, 48, "", "" },
    { "no_shared_version", NULL, MS_TLS_CLIENT_HELLO, 0, 0, MS_S2C, 70, "", "" },
    { "no_shared_cipher", NULL, MS_TLS_CLIENT_HELLO, 0, 0, MS_S2C, 40, "", "" },
};
enum { EXPECTED = sizeof expected / sizeof *expected };

static const struct tls_cut whole = { 0, 0, 0 };
static struct ms_private_keys *rsa_keys;

static int load_rsa_key(void **state)
{
    (void)state;
    char        path[] = "tls-test-XXXXXX";
    const char *why = "";
    int         fd = mkstemp(path);
    ssize_t     n = fd < 0 ? -1 : write(fd, tls_fixture_rsa_key, sizeof tls_fixture_rsa_key - 1);
    if (fd >= 0)
        close(fd);
    rsa_keys = ms_private_keys_create();
    bool good = n > 0 && ms_private_keys_add_file(rsa_keys, path, NULL, &why);
    unlink(path);
    return good ? 0 : -1;
}

static int drop_rsa_key(void **state)
{
    (void)state;
    ms_private_keys_destroy(rsa_keys);
    return 0;
}

/* ---- dialogues: lines of a fixture, chosen and changed ------------------------------------------------------------------ */

static const char *const *lines_of(const char *name)
{
    for (size_t i = 0; i < sizeof tls_fixtures / sizeof *tls_fixtures; i++)
        if (strcmp(tls_fixtures[i].name, name) == 0)
            return tls_fixtures[i].lines;
    fail_msg("no fixture %s", name);
    return NULL;
}

static void add_line(struct ms_buffer *b, const char *line)
{
    ms_buffer_append(b, ms_str(line));
    ms_buffer_append(b, MS_LIT("\n"));
}

/* The lines that begin with one of `kinds`. */
static void add_lines(struct ms_buffer *b, const char *const *lines, const char *kinds)
{
    for (; *lines; lines++)
        if (strchr(kinds, **lines))
            add_line(b, *lines);
}

static struct ms_buffer dialogue_of(const char *name)
{
    struct ms_buffer b = { 0 };
    add_lines(&b, lines_of(name), "KCS");
    return b;
}

static void open_default(struct tls_drive *v)
{
    struct ms_limits limits = ms_limits_default();
    tls_drive_open(v, &limits, rsa_keys);
}

static void play(struct tls_drive *v, struct ms_buffer dialogue, const struct tls_cut *cut)
{
    v->trace.n = v->plain[0].n = v->plain[1].n = 0;
    tls_drive_keys(v, ms_buffer_bytes(&dialogue));
    tls_drive_connection(v, ms_buffer_bytes(&dialogue), cut);
    assert_false(v->wrong);
}

static void play_fixture(struct tls_drive *v, const char *name, const char *before, const struct tls_cut *cut)
{
    if (before) {
        struct ms_buffer first = dialogue_of(before);
        play(v, first, &whole);
        ms_buffer_finish(&first);
    }
    struct ms_buffer dialogue = dialogue_of(name);
    play(v, dialogue, cut);
    ms_buffer_finish(&dialogue);
}

static void assert_text(struct ms_buffer got, const char *want)
{
    if (!ms_equal(ms_buffer_bytes(&got), ms_str(want)))
        fail_msg("got \"%.*s\"\nnot \"%s\"", (int)got.n, got.p ? (const char *)got.p : "", want);
}

/* ---- real handshakes ------------------------------------------------------------------------------------------------------ */

static void test_handshakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED; i++) {
        struct tls_drive v;
        open_default(&v);
        play_fixture(&v, expected[i].name, expected[i].before, &whole);
        print_message("%s: %.*s\n", expected[i].name, (int)v.trace.n, (const char *)v.trace.p);
        assert_text(v.plain[MS_C2S], expected[i].client);
        assert_text(v.plain[MS_S2C], expected[i].server);
        assert_int_equal(v.info->flags, expected[i].flags);
        assert_int_equal(v.info->version, expected[i].version);
        assert_int_equal(v.info->cipher, expected[i].cipher);
        assert_true(v.info->alert_count >= 1);
        assert_int_equal(v.info->alerts[0].dir, expected[i].alert_dir);
        assert_int_equal(v.info->alerts[0].description, expected[i].alert);
        assert_int_equal(v.info->alerts[0].encrypted, (expected[i].flags & MS_TLS_DONE) != 0);
        assert_int_equal(v.info->done_frame != 0, (expected[i].flags & MS_TLS_DONE) != 0);
        assert_int_equal(v.limited, 0);
        tls_drive_close(&v);
    }
}

static struct ms_buffer trace_of(const char *name, const char *before, const struct tls_cut *cut)
{
    struct tls_drive v;
    open_default(&v);
    play_fixture(&v, name, before, cut);
    struct ms_buffer trace = v.trace;
    v.trace = (struct ms_buffer){ 0 };
    tls_drive_close(&v);
    return trace;
}

static void assert_same_trace(const char *name, const char *before, const struct tls_cut *cut, struct ms_buffer want)
{
    struct ms_buffer got = trace_of(name, before, cut);
    if (!ms_equal(ms_buffer_bytes(&got), ms_buffer_bytes(&want)))
        fail_msg("%s, pieces of %zu, frame %llu at %zu:\n%.*s\nnot\n%.*s", name, cut->piece, (unsigned long long)cut->only, cut->at, (int)got.n,
                 (const char *)got.p, (int)want.n, (const char *)want.p);
    ms_buffer_finish(&got);
}

static void test_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = { 1, 2, 3, 5, 6, 64, 1000 };
    for (size_t i = 0; i < EXPECTED; i++) {
        struct ms_buffer want = trace_of(expected[i].name, expected[i].before, &whole);
        for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++)
            assert_same_trace(expected[i].name, expected[i].before, &(struct tls_cut){ pieces[k], 0, 0 }, want);
        ms_buffer_finish(&want);
    }
}

static void test_every_cut(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls12_cbc" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const *lines = lines_of(names[i]);
        struct ms_buffer   want = trace_of(names[i], NULL, &whole);
        for (uint64_t frame = 1; lines[frame - 1]; frame++)
            for (size_t at = 1; *lines[frame - 1] != 'K' && at < (strlen(lines[frame - 1]) - 2) / 2; at++)
                assert_same_trace(names[i], NULL, &(struct tls_cut){ 0, frame, at }, want);
        ms_buffer_finish(&want);
    }
}

/* ---- keys -------------------------------------------------------------------------------------------------------------------- */

static void test_without_keys(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls13_retry", "tls12_gcm", "tls12_cbc", "tls12_resumed_by_ticket", "tls12_renegotiated" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct tls_drive v;
        struct ms_buffer dialogue = { 0 };
        open_default(&v);
        add_lines(&dialogue, lines_of(names[i]), "CS");
        play(&v, dialogue, &whole);
        assert_text(v.plain[0], "");
        assert_text(v.plain[1], "");
        uint32_t want = BOTH | MS_TLS_DONE | MS_TLS_NO_KEYS | MS_TLS_CLIENT_SPOKE | MS_TLS_SERVER_SPOKE | MS_TLS_CLOSED;
        assert_int_equal(v.info->flags & (want | MS_TLS_DECRYPTED | MS_TLS_LOST | MS_TLS_NOT_TLS), want);
        assert_int_equal(v.info->alert_count > 0, v.info->version < 0x0304);
        if (v.info->alert_count) {
            assert_int_equal(v.info->alerts[0].description, MS_TLS_UNREADABLE_ALERT);
            assert_true(v.info->alerts[0].encrypted);
        }
        assert_true(v.info->protected_bytes[0] > 0 && v.info->protected_bytes[1] > 0);
        ms_buffer_finish(&dialogue);
        tls_drive_close(&v);
    }
}

/* The key log lines come after `after` chunks instead of being there. */
static void play_late(struct tls_drive *v, const char *name, size_t after)
{
    const char *const *lines = lines_of(name);
    struct ms_buffer   dialogue = { 0 };
    for (size_t i = 0; lines[i]; i++) {
        if (*lines[i] == 'K')
            continue;
        add_line(&dialogue, lines[i]);
        for (size_t k = 0; after == 1 && lines[k]; k++)
            if (*lines[k] == 'K') {
                ms_buffer_append(&dialogue, MS_LIT("L"));
                add_line(&dialogue, lines[k] + 1);
            }
        after -= after > 0;
    }
    play(v, dialogue, &whole);
    ms_buffer_finish(&dialogue);
}

static void test_late_keys(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls13_retry", "tls12_gcm", "tls10_cbc" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t after = 1; after <= 9; after++) {
            struct tls_drive v;
            open_default(&v);
            ms_tls_context_wait(v.x, true);
            play_late(&v, names[i], after);
            print_message("%s, keys after %zu\n%.*s\n", names[i], after, (int)v.trace.n, (const char *)v.trace.p);
            assert_text(v.plain[MS_C2S], client_says);
            assert_text(v.plain[MS_S2C], server_says);
            assert_int_equal(v.info->flags & (GOOD | MS_TLS_NO_KEYS | MS_TLS_LOST), GOOD);
            tls_drive_close(&v);
        }
}

static void test_held_limit(void **state)
{
    (void)state;
    struct tls_drive v;
    struct ms_limits limits = ms_limits_default();
    limits.tls_held_bytes = 600; /* a flight of the server is longer */
    tls_drive_open(&v, &limits, rsa_keys);
    ms_tls_context_wait(v.x, true);
    play_late(&v, "tls13", 8);
    assert_true(v.limited > 0);
    assert_text(v.plain[MS_S2C], "");
    assert_int_equal(v.info->flags & (BOTH | MS_TLS_NO_KEYS | MS_TLS_DECRYPTED), BOTH | MS_TLS_NO_KEYS);
    tls_drive_close(&v);
}

static void test_only_some_secrets(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls13");
    struct tls_drive   v;
    struct ms_buffer   dialogue = { 0 };
    open_default(&v);
    for (size_t i = 0; lines[i]; i++)
        if (*lines[i] != 'K' || strstr(lines[i], "_TRAFFIC_SECRET_0"))
            add_line(&dialogue, lines[i]);
    play(&v, dialogue, &whole);
    assert_text(v.plain[MS_C2S], client_says);
    assert_text(v.plain[MS_S2C], server_says);
    assert_int_equal(v.info->flags & (GOOD | MS_TLS_NO_KEYS | MS_TLS_LOST), GOOD | MS_TLS_NO_KEYS);
    assert_int_equal(v.info->unread[0] + v.info->unread[1], 0); /* what was not read is the handshake */
    ms_buffer_finish(&dialogue);
    tls_drive_close(&v);
}

static void test_secrets_of_one_side(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls13");
    struct tls_drive   v;
    struct ms_buffer   dialogue = { 0 };
    open_default(&v);
    for (size_t i = 0; lines[i]; i++)
        if (*lines[i] != 'K' || strstr(lines[i], "CLIENT_"))
            add_line(&dialogue, lines[i]);
    play(&v, dialogue, &whole);
    assert_text(v.plain[MS_C2S], client_says);
    assert_text(v.plain[MS_S2C], "");
    assert_int_equal(v.info->unread[MS_C2S], 0);
    assert_true(v.info->unread[MS_S2C] > 0 && v.info->unread_bytes[MS_S2C] > sizeof server_says);
    assert_int_equal(v.info->flags & (MS_TLS_CLIENT_BLIND | MS_TLS_SERVER_BLIND), MS_TLS_SERVER_BLIND);
    assert_int_equal(v.info->key_faults, 1u << MS_TLS_FAULT_ONE_SIDE | 1u << MS_TLS_FAULT_NOT_RSA);
    ms_buffer_finish(&dialogue);
    tls_drive_close(&v);
}

/* Another last digit in the secrets of the key log lines with `label`. */
static void add_wrong_lines(struct ms_buffer *b, const char *const *lines, const char *label)
{
    for (; *lines; lines++) {
        if (**lines != 'K' || !strstr(*lines, label))
            continue;
        add_line(b, *lines);
        b->p[b->n - 2] = b->p[b->n - 2] == '0' ? '1' : '0';
    }
}

/* Each line once more with a wrong secret: the last line is tried first, and all are. */
static void test_doubles(void **state)
{
    (void)state;
    static const char *const labels[] = { "", "_HANDSHAKE_", "_TRAFFIC_SECRET_0", "CLIENT_", "SERVER_" };
    for (size_t i = 0; i < EXPECTED; i++)
        for (size_t k = 0; expected[i].client[0] && k < sizeof labels / sizeof *labels; k++) {
            struct tls_drive v;
            struct ms_buffer dialogue = { 0 };
            open_default(&v);
            if (expected[i].before)
                play_fixture(&v, expected[i].before, NULL, &whole);
            add_lines(&dialogue, lines_of(expected[i].name), "K");
            add_wrong_lines(&dialogue, lines_of(expected[i].name), labels[k]);
            add_lines(&dialogue, lines_of(expected[i].name), "CS");
            play(&v, dialogue, &(struct tls_cut){ k % 2, 0, 0 });
            print_message("%s, %s\n%.*s\n", expected[i].name, labels[k], (int)v.trace.n, (const char *)v.trace.p);
            assert_text(v.plain[MS_C2S], expected[i].client);
            assert_text(v.plain[MS_S2C], expected[i].server);
            assert_int_equal(v.info->flags, expected[i].flags);
            assert_int_equal(v.info->lost_records + v.info->unread[0] + v.info->unread[1] + v.info->key_faults, 0);
            ms_buffer_finish(&dialogue);
            tls_drive_close(&v);
        }
}

/* A wrong master secret, and the private key that fits; a wrong secret of early data, and right ones of what follows. */
static void test_wrong_line_and_right_key(void **state)
{
    (void)state;
    static const struct { const char *name, *before, *label, *client; uint64_t unread; } cases_of[] = {
        { "tls12_rsa", NULL, "CLIENT_RANDOM", client_says, 0 },
        { "tls12_rsa_no_ems", NULL, "CLIENT_RANDOM", client_says, 0 },
        { "tls13_early", "tls13_before_early", "CLIENT_EARLY", "EHLO client.test\nNOOP\n", 1 },
        { "tls13", NULL, "_HANDSHAKE_", client_says, 0 },
    };
    for (size_t i = 0; i < sizeof cases_of / sizeof *cases_of; i++) {
        const char *const *lines = lines_of(cases_of[i].name);
        struct tls_drive   v;
        struct ms_buffer   dialogue = { 0 };
        open_default(&v);
        if (cases_of[i].before)
            play_fixture(&v, cases_of[i].before, NULL, &whole);
        for (size_t k = 0; lines[k]; k++)
            if (*lines[k] != 'K' || (!strstr(lines[k], cases_of[i].label) && !strstr(lines[k], "K RSA")))
                add_line(&dialogue, lines[k]);
        add_wrong_lines(&dialogue, lines, cases_of[i].label);
        play(&v, dialogue, &whole);
        print_message("%s\n%.*s\n", cases_of[i].name, (int)v.trace.n, (const char *)v.trace.p);
        assert_text(v.plain[MS_C2S], cases_of[i].client);
        assert_true(v.plain[MS_S2C].n > 0);
        assert_int_equal(v.info->unread[MS_C2S], cases_of[i].unread);
        ms_buffer_finish(&dialogue);
        tls_drive_close(&v);
    }
}

static void check_fault(const char *name, const char *wrong, const char *lines, uint32_t want)
{
    struct tls_drive v;
    struct ms_buffer dialogue = { 0 };
    open_default(&v);
    if (!wrong)
        tls_drive_keys(&v, MS_LIT("K CLIENT_RANDOM 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f "
                                   "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000102030405060708090a0b0c0d0e0f\n"));
    else
        add_wrong_lines(&dialogue, lines_of(name), wrong);
    add_lines(&dialogue, lines_of(name), lines);
    play(&v, dialogue, &whole);
    if (v.info->key_faults != want)
        fail_msg("%s: faults %x, not %x", name, (unsigned)v.info->key_faults, (unsigned)want);
    ms_buffer_finish(&dialogue);
    tls_drive_close(&v);
}

static void test_faults(void **state)
{
    (void)state;
#define FAULT(name) (1u << MS_TLS_FAULT_##name)
    check_fault("tls13", NULL, "CS", FAULT(NO_LINE) | FAULT(NOT_RSA));
    check_fault("tls12_gcm", NULL, "CS", FAULT(NO_LINE) | FAULT(NOT_RSA));
    check_fault("tls12_gcm", "CLIENT_RANDOM", "CS", FAULT(WRONG));
    check_fault("tls13", "_SECRET", "CS", FAULT(WRONG));
    check_fault("tls13", NULL, "S", FAULT(NO_HELLO));
    check_fault("tls12_rsa", NULL, "CS", 0); /* the private key opens it */
#undef FAULT
}

static void test_wrong_keys(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls12_gcm");
    struct tls_drive   v;
    struct ms_buffer   dialogue = { 0 };
    open_default(&v);
    for (size_t i = 0; lines[i]; i++) {
        add_line(&dialogue, lines[i]);
        if (*lines[i] == 'K')
            dialogue.p[dialogue.n - 2] = dialogue.p[dialogue.n - 2] == '0' ? '1' : '0';
    }
    play(&v, dialogue, &whole);
    assert_text(v.plain[MS_S2C], "");
    assert_int_equal(v.info->flags & (BOTH | MS_TLS_DONE | MS_TLS_DECRYPTED | MS_TLS_LOST), BOTH | MS_TLS_DONE | MS_TLS_LOST);
    assert_int_equal(v.info->alerts[0].description, MS_TLS_UNREADABLE_ALERT);
    ms_buffer_finish(&dialogue);
    tls_drive_close(&v);
}

/* ---- order, gaps --------------------------------------------------------------------------------------------------------------- */

static void test_directions_apart(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls13_retry", "tls13_early_rejected", "tls12_gcm", "tls12_rsa", "tls10_cbc" };
    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
        const char        *name = names[i / 2];
        struct tls_drive   v;
        struct ms_buffer   dialogue = { 0 };
        open_default(&v);
        add_lines(&dialogue, lines_of(name), "K");
        add_lines(&dialogue, lines_of(name), i % 2 ? "C" : "S");
        add_lines(&dialogue, lines_of(name), i % 2 ? "S" : "C");
        play(&v, dialogue, &whole);
        print_message("%s, %s first\n%.*s\n", name, i % 2 ? "client" : "server", (int)v.trace.n, (const char *)v.trace.p);
        bool typed = strcmp(name, "tls13_early_rejected") == 0;
        assert_text(v.plain[MS_C2S], typed ? client_types : client_says);
        assert_text(v.plain[MS_S2C], typed ? server_types : server_says);
        assert_int_equal(v.info->flags & (GOOD | MS_TLS_NO_KEYS | MS_TLS_LOST), GOOD);
        ms_buffer_finish(&dialogue);
        tls_drive_close(&v);
    }
}

/* Line `gone` is missing but for its first `before` and last `after` bytes. */
static void play_gap(struct tls_drive *v, const char *name, size_t gone, size_t before, size_t after, bool known)
{
    const char *const *lines = lines_of(name);
    struct ms_buffer   dialogue = { 0 };
    char               number[32];
    for (size_t i = 0; lines[i]; i++) {
        if (i != gone) {
            add_line(&dialogue, lines[i]);
            continue;
        }
        size_t n = (strlen(lines[i]) - 2) / 2;
        if (before) {
            ms_buffer_append(&dialogue, ms_head(ms_str(lines[i]), 2 + 2 * before));
            ms_buffer_append(&dialogue, MS_LIT("\n"));
        }
        snprintf(number, sizeof number, "G%c %zu", *lines[i], known ? n - before - after : 0);
        add_line(&dialogue, number);
        if (after) {
            ms_buffer_append(&dialogue, ms_head(ms_str(lines[i]), 2));
            add_line(&dialogue, lines[i] + strlen(lines[i]) - 2 * after);
        }
    }
    play(v, dialogue, &whole);
    ms_buffer_finish(&dialogue);
}

static size_t line_with(const char *name, char kind, size_t from_the_end)
{
    const char *const *lines = lines_of(name);
    size_t             n = 0;
    while (lines[n])
        n++;
    while (n-- > 0)
        if (*lines[n] == kind && from_the_end-- == 0)
            return n;
    fail();
    return 0;
}

/* The reply to EHLO is lost, in whole or in part: what follows is read again. */
static void test_gap_in_data(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls12_gcm", "tls12_chacha", "tls12_ccm", "tls12_cbc", "tls12_cbc_etm", "tls12_rsa_no_ems" };
    static const struct { size_t before, after; } parts[] = { { 0, 0 }, { 1, 0 }, { 5, 0 }, { 9, 0 }, { 0, 7 }, { 4, 7 }, { 6, 7 }, { 9, 9 } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < 2 * sizeof parts / sizeof *parts; k++) {
            struct tls_drive v;
            open_default(&v);
            play_gap(&v, names[i], line_with(names[i], 'S', 2), parts[k / 2].before, parts[k / 2].after, k % 2);
            assert_text(v.plain[MS_C2S], client_says);
            assert_text(v.plain[MS_S2C], "220 fixture ESMTP\r\n250 done\r\n");
            assert_int_equal(v.info->flags & (GOOD | MS_TLS_NO_KEYS | MS_TLS_LOST), GOOD | MS_TLS_LOST);
            assert_int_equal(v.info->lost_records, 1);
            assert_true(v.info->lost_frame > 0);
            assert_non_null(memmem(v.trace.p, v.trace.n, "S gap ", 6));
            assert_null(memmem(v.trace.p, v.trace.n, "C gap ", 6));
            tls_drive_close(&v);
        }
}

/* Any one line is missing: never is anything told that was not said, and what was said is told in order. */
static void assert_in_order(struct ms_buffer got, const char *said)
{
    struct ms_bytes rest = ms_buffer_bytes(&got);
    while (rest.n) {
        struct ms_bytes line = ms_head(rest, ms_find(rest, '\n') + 1);
        const char     *at = memmem(said, strlen(said), line.p, line.n);
        assert_non_null(at);
        said = at + line.n;
        rest = ms_tail(rest, line.n);
    }
}

static void test_gap_anywhere(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls13_retry", "tls12_gcm", "tls12_cbc", "tls10_cbc", "tls13_key_update", "tls12_renegotiated" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *const *lines = lines_of(names[i]);
        bool               typed = strchr(names[i], 'u') || strstr(names[i], "reneg");
        for (size_t gone = 0; lines[gone]; gone++) {
            struct tls_drive v;
            if (*lines[gone] == 'K')
                continue;
            open_default(&v);
            play_gap(&v, names[i], gone, 0, 0, gone % 2);
            assert_in_order(v.plain[MS_C2S], typed ? client_types : client_says);
            assert_in_order(v.plain[MS_S2C], typed ? server_types : server_says);
            assert_true(v.info->flags & MS_TLS_LOST);
            tls_drive_close(&v);
        }
    }
}

/* TLS 1.3: the server's flight with its Finished is lost, the hello before it is not: the data is read all the same. */
static void test_finished_lost(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls13");
    size_t             flight = 0;
    while (*lines[flight] != 'S')
        flight++;
    struct tls_drive v;
    open_default(&v);
    size_t hello = MS_TLS_HEADER + (size_t)strtoul((char[5]){ lines[flight][8], lines[flight][9], lines[flight][10], lines[flight][11], 0 }, NULL, 16);
    play_gap(&v, "tls13", flight, hello, 0, true);
    assert_text(v.plain[MS_C2S], client_says);
    assert_text(v.plain[MS_S2C], server_says);
    tls_drive_close(&v);
}

/* The second flight of either side is lost, with its ChangeCipherSpec and Finished: what follows is read at once, nothing else is missed. */
static void test_flight_lost(void **state)
{
    (void)state;
    static const char *const names[] = { "tls13", "tls13_retry", "tls12_gcm", "tls12_chacha", "tls12_cbc", "tls12_cbc_etm" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < (i < 2 ? 2 : 4); k++) { /* TLS 1.3: the server's has the keys' first numbers, of tickets */
            struct tls_drive v;
            open_default(&v);
            size_t gone = k / 2 ? line_with(names[i], 'S', 4) : line_with(names[i], 'C', 3);
            play_gap(&v, names[i], gone, 0, 0, k % 2);
            print_message("%s without line %zu:\n%.*s\n", names[i], gone, (int)v.trace.n, (const char *)v.trace.p);
            assert_text(v.plain[MS_C2S], client_says);
            assert_text(v.plain[MS_S2C], server_says);
            assert_null(memmem(v.trace.p, v.trace.n, " gap ", 5));
            assert_int_equal(v.info->flags & (GOOD | MS_TLS_NO_KEYS | MS_TLS_LOST), GOOD | MS_TLS_LOST);
            const uint8_t *ehlo = memmem(v.trace.p, v.trace.n, "EHLO", 4), *reply = memmem(v.trace.p, v.trace.n, "250 fix", 7);
            assert_true(ehlo && reply && ehlo < reply);
            tls_drive_close(&v);
        }
}

/* The begin is missing. Which secrets these are is found by trying in TLS 1.3; up to TLS 1.2 nobody can make keys without the server's random. */
static void test_joined_late(void **state)
{
    (void)state;
    static const struct { const char *name, *client, *server; uint32_t flags; } cases[] = {
        { "tls13", "EHLO client.test\r\nNOOP\r\n", "220 fixture ESMTP\r\n250 fixture\r\n250 done\r\n", MS_TLS_DONE | MS_TLS_DECRYPTED },
        { "tls12_gcm", "", "", MS_TLS_NO_KEYS },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_drive v;
        struct ms_buffer dialogue = { 0 };
        open_default(&v);
        size_t from = line_with(cases[i].name, 'S', 3);
        add_lines(&dialogue, lines_of(cases[i].name), "K");
        add_lines(&dialogue, lines_of(cases[i].name) + from, "CS");
        play(&v, dialogue, &whole);
        assert_text(v.plain[0], cases[i].client);
        assert_text(v.plain[1], cases[i].server);
        assert_int_equal(v.info->flags & (BOTH | MS_TLS_NO_KEYS | MS_TLS_NOT_TLS | MS_TLS_DONE | MS_TLS_DECRYPTED), cases[i].flags);
        assert_true(v.info->records[1] >= 3 && v.info->protected_bytes[1] > 0);
        ms_buffer_finish(&dialogue);
        tls_drive_close(&v);
    }
}

/* ---- hand-made streams ------------------------------------------------------------------------------------------------------------ */

static void play_text(struct tls_drive *v, const char *dialogue)
{
    struct ms_buffer b = { 0 };
    ms_buffer_append(&b, ms_str(dialogue));
    play(v, b, &whole);
    ms_buffer_finish(&b);
}

static void test_odd_streams(void **state)
{
    (void)state;
    static const struct { const char *dialogue; uint32_t flags; uint64_t records[2]; uint16_t alert; } cases[] = {
        { "C 45484c4f20780d0a\nS 323530206f6b0d0a\n", MS_TLS_NOT_TLS, { 0, 0 }, 0 },                /* plain text */
        { "C 45484c4f\n", 0, { 0, 0 }, 0 },                                                         /* too little to tell */
        { "C 160301\nC 00\n", 0, { 0, 0 }, 0 },                                                     /* a cut header */
        { "C 1603010004ffffffff\n", 0, { 1, 0 }, 0 },                                               /* no message */
        { "C 1603010000\n", MS_TLS_NOT_TLS, { 0, 0 }, 0 },                                          /* an empty handshake record */
        { "S 15030100020228\n", 0, { 0, 1 }, 40 },
        { "C 15030100020100\n", MS_TLS_CLOSED, { 1, 0 }, 0 },
        { "C 1703030003616263\nS 45484c4f20780d0a\n", MS_TLS_NO_KEYS | MS_TLS_CLIENT_BLIND | MS_TLS_CLIENT_SPOKE | MS_TLS_LOST, { 1, 0 }, 0 }, /* joined inside of a record */
        { "GC 0\nC 00001703030003616263170303000361626317030300\n", MS_TLS_NO_KEYS | MS_TLS_CLIENT_BLIND | MS_TLS_CLIENT_SPOKE | MS_TLS_LOST, { 2, 0 }, 0 },
        /* SSL 2.0 hello: version 3.1, two TLS ciphers, 16 bytes of challenge */
        { "C 801f010301000600000010 00\n", 0, { 0, 0 }, 0 },
        { "C 801f0103010006000000100000040000050102030405060708090a0b0c0d0e0f10\n", MS_TLS_CLIENT_HELLO | MS_TLS_SSL2_HELLO, { 1, 0 }, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct tls_drive v;
        open_default(&v);
        play_text(&v, cases[i].dialogue);
        assert_int_equal(v.info->flags, cases[i].flags);
        assert_int_equal(v.info->records[0], cases[i].records[0]);
        assert_int_equal(v.info->records[1], cases[i].records[1]);
        if (cases[i].alert)
            assert_int_equal(v.info->alerts[0].description, cases[i].alert);
        assert_text(v.plain[0], "");
        assert_text(v.plain[1], "");
        tls_drive_close(&v);
    }
}

/* The client hello in records of a few bytes each. */
static void test_message_over_records(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls13");
    for (size_t piece = 1; piece < 9; piece++) {
        struct tls_drive v;
        struct ms_buffer dialogue = { 0 };
        bool             first = true;
        open_default(&v);
        for (size_t i = 0; lines[i]; i++) {
            if (*lines[i] != 'C' || !first) {
                add_line(&dialogue, lines[i]);
                continue;
            }
            first = false;
            for (const char *at = lines[i] + 12; *at; at += 2 * (strlen(at) < 2 * piece ? strlen(at) / 2 : piece)) {
                size_t n = strlen(at) < 2 * piece ? strlen(at) : 2 * piece;
                char   record[64];
                snprintf(record, sizeof record, "C 160301%04zx%.*s", n / 2, (int)n, at);
                add_line(&dialogue, record);
            }
        }
        play(&v, dialogue, &whole);
        assert_text(v.plain[MS_C2S], client_says);
        assert_text(v.plain[MS_S2C], server_says);
        assert_true(ms_equal(v.info->sni, MS_LIT("mx.example.test")));
        ms_buffer_finish(&dialogue);
        tls_drive_close(&v);
    }
}

/* A handshake message of `n` bytes in records of at most 1000. */
static unsigned limits_told(uint64_t n)
{
    struct tls_drive v;
    struct ms_limits limits = ms_limits_tiny();
    struct ms_buffer stream = { 0 };
    uint8_t          message[4096] = { MS_HS_CLIENT_HELLO, 0, (uint8_t)(n >> 8), (uint8_t)n };
    tls_drive_open(&v, &limits, NULL);
    for (uint64_t at = 0; at < n + 4; at += 1000) {
        uint64_t part = n + 4 - at < 1000 ? n + 4 - at : 1000;
        uint8_t  header[5] = { 22, 3, 1, (uint8_t)(part >> 8), (uint8_t)part };
        ms_buffer_append(&stream, (struct ms_bytes){ header, 5 });
        ms_buffer_append(&stream, (struct ms_bytes){ message + at, (size_t)part });
    }
    tls_drive_begin(&v);
    v.frame = 1;
    tls_drive_bytes(&v, MS_C2S, ms_buffer_bytes(&stream), 100);
    tls_drive_bytes(&v, MS_C2S, MS_LIT("\x15\x03\x01\x00\x02\x02\x28"), 0); /* what follows is read */
    tls_drive_end(&v);
    assert_int_equal(v.info->alert_count, 1);
    unsigned told = v.limited;
    ms_buffer_finish(&stream);
    tls_drive_close(&v);
    return told;
}

static void test_message_limit(void **state)
{
    (void)state;
    uint64_t most = ms_limits_tiny().tls_handshake_bytes - 4;
    assert_int_equal(limits_told(most - 1), 0);
    assert_int_equal(limits_told(most), 0);
    assert_int_equal(limits_told(most + 1), 1);
}

/* ---- the rest ------------------------------------------------------------------------------------------------------------------------ */

static void test_begins(void **state)
{
    (void)state;
    const struct { struct ms_bytes stream; int want; } cases[] = {
        { MS_LIT(""), -1 }, { MS_LIT("\x16"), -1 }, { MS_LIT("\x16\x03"), -1 }, { MS_LIT("\x16\x03\x01\x02\x00"), -1 },
        { MS_LIT("\x16\x03\x01\x02\x00\x01"), 1 }, { MS_LIT("\x16\x03\x03\x00\x40\x02"), 1 }, { MS_LIT("\x16\x03\x01\x02\x00\x20"), 0 },
        { MS_LIT("\x16\x04"), 0 }, { MS_LIT("\x16\x03\x05"), 0 }, { MS_LIT("\x16\x03\x01\x7f"), 0 }, { MS_LIT("\x17\x03\x03\x00\x40\x01"), 0 },
        { MS_LIT("\x15\x03\x01\x00\x02\x02"), 1 }, { MS_LIT("\x15\x03\x01\x00\x05\x02"), 0 }, { MS_LIT("EHLO"), 0 }, { MS_LIT("\x80\x2e\x01\x03\x01"), 1 },
        { MS_LIT("\x80\x2e\x01\x03"), -1 }, { MS_LIT("\x80\x2e\x02\x03\x01"), 0 }, { MS_LIT("\xff\xfb\x01\xff\xfd"), 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(ms_tls_begins(cases[i].stream), cases[i].want);
}

/* A client hello on a port that says nothing: it is read when it is whole and there may be a key for it. */
static void test_may_open(void **state)
{
    (void)state;
    static const struct { const char *label; uint8_t n, last; int want, half; } keys[] = {
        { "CLIENT_RANDOM", 32, 0, 1, -1 }, { "CLIENT_RANDOM", 32, 1, 0, -1 }, { "RSA", 8, 0, 1, -1 }, { "NOTHING", 32, 0, 0, 0 },
    };
    const struct ms_limits   limits = ms_limits_default();
    const char *const *lines = lines_of("tls12_gcm");
    uint8_t            hello[2048];
    while (**lines != 'C')
        lines++;
    struct ms_bytes stream = { hello, tls_drive_unhex(ms_str(*lines + 2), hello) };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char line[256];
        int  at = snprintf(line, sizeof line, "%s ", keys[i].label);
        for (size_t k = 0; k < keys[i].n; k++)
            at += snprintf(line + at, sizeof line - (size_t)at, "%02x", hello[11 + k] ^ (k + 1 == keys[i].n ? keys[i].last : 0));
        snprintf(line + at, sizeof line - (size_t)at, " %096d\n", 0);
        struct ms_keylog      *log = ms_keylog_create();
        ms_keylog_add_text(log, ms_str(line));
        struct ms_tls_context *x = ms_tls_context_create(&limits, log, NULL, NULL, NULL);
        for (size_t n = 0; n < stream.n; n++) {
            uint8_t *copy = malloc(n ? n : 1);
            memcpy(copy, hello, n);
            assert_int_equal(ms_tls_may_open(x, (struct ms_bytes){ copy, n }), keys[i].half);
            free(copy);
        }
        assert_int_equal(ms_tls_may_open(x, stream), keys[i].want);
        assert_int_equal(ms_tls_may_open(x, MS_LIT("GET / HTTP/1.1")), 0);
        ms_tls_context_destroy(x);
        ms_keylog_destroy(log);
    }
}

static void test_server_name(void **state)
{
    (void)state;
    const char *const *lines = lines_of("tls12_gcm");
    uint8_t            hello[2048];
    struct ms_bytes    name = { NULL, 0 };
    while (**lines != 'C')
        lines++;
    struct ms_bytes stream = { hello, tls_drive_unhex(ms_str(*lines + 2), hello) };
    for (size_t n = 0; n < stream.n; n++) {
        uint8_t *copy = malloc(n ? n : 1);
        memcpy(copy, hello, n);
        assert_int_equal(ms_tls_server_name((struct ms_bytes){ copy, n }, &name), -1);
        free(copy);
    }
    assert_int_equal(ms_tls_server_name(stream, &name), 1);
    assert_true(ms_equal(name, MS_LIT("mx.example.test")));
    assert_int_equal(ms_tls_server_name(MS_LIT("GET / HTTP/1.1"), &name), 0);
}

static void test_resume_table(void **state)
{
    (void)state;
    struct ms_tls_resume *r = ms_tls_resume_create(2);
    uint8_t               a[48] = { 1 }, b[48] = { 2 }, c[48] = { 3 }, got[48] = { 0 };
    assert_false(ms_tls_resume_get(r, MS_RESUME_ID, MS_LIT("a"), got));
    assert_true(ms_tls_resume_put(r, MS_RESUME_ID, MS_LIT("a"), a));
    assert_true(ms_tls_resume_put(r, MS_RESUME_TICKET, MS_LIT("a"), b));
    assert_true(ms_tls_resume_put(r, MS_RESUME_ID, MS_LIT("a"), a));
    assert_true(ms_tls_resume_put(r, MS_RESUME_ID, MS_LIT(""), a));
    assert_true(ms_tls_resume_get(r, MS_RESUME_TICKET, MS_LIT("a"), got));
    assert_memory_equal(got, b, 48);
    assert_false(ms_tls_resume_put(r, MS_RESUME_ID, MS_LIT("c"), c)); /* the oldest goes */
    assert_false(ms_tls_resume_get(r, MS_RESUME_ID, MS_LIT("a"), got));
    assert_true(ms_tls_resume_get(r, MS_RESUME_TICKET, MS_LIT("a"), got));
    assert_true(ms_tls_resume_get(r, MS_RESUME_ID, MS_LIT("c"), got));
    assert_memory_equal(got, c, 48);
    assert_false(ms_tls_resume_get(r, MS_RESUME_ID, MS_LIT(""), got));
    for (int i = 0; i < 1000; i++)
        ms_tls_resume_put(r, MS_RESUME_ID, (struct ms_bytes){ (const uint8_t *)&i, sizeof i }, a);
    ms_tls_resume_destroy(r);
}

static void test_size(void **state)
{
    (void)state;
    assert_true(sizeof(struct ms_tls) <= 480);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshakes), cmocka_unit_test(test_pieces), cmocka_unit_test(test_every_cut), cmocka_unit_test(test_without_keys),
        cmocka_unit_test(test_late_keys), cmocka_unit_test(test_held_limit), cmocka_unit_test(test_only_some_secrets), cmocka_unit_test(test_secrets_of_one_side),
        cmocka_unit_test(test_doubles), cmocka_unit_test(test_wrong_line_and_right_key), cmocka_unit_test(test_faults),
        cmocka_unit_test(test_wrong_keys), cmocka_unit_test(test_directions_apart), cmocka_unit_test(test_gap_in_data),
        cmocka_unit_test(test_gap_anywhere), cmocka_unit_test(test_finished_lost), cmocka_unit_test(test_flight_lost), cmocka_unit_test(test_joined_late),
        cmocka_unit_test(test_odd_streams), cmocka_unit_test(test_message_over_records), cmocka_unit_test(test_message_limit),
        cmocka_unit_test(test_begins), cmocka_unit_test(test_may_open), cmocka_unit_test(test_server_name), cmocka_unit_test(test_resume_table), cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, load_rsa_key, drop_rsa_key);
}
