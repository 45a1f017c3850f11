/* tests/unit/tls_bounds_test.c - what very many connections may hold together: which gives up what, and that the others go on. */
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

enum { CONNECTIONS = 4, PART = 1000 };

/* Several connections of one context; each has a drive of its own, to which the context of the first one is lent. */
struct many { struct tls_drive v[CONNECTIONS]; struct ms_tls_context *x; };

static unsigned told[MS_LIMIT_COUNT];

static void on_limit(void *ctx, enum ms_limit which)
{
    (void)ctx;
    told[which]++;
}

static void open_many(struct many *m, const struct ms_limits *limits)
{
    memset(told, 0, sizeof told);
    for (int i = 0; i < CONNECTIONS; i++) {
        tls_drive_open(&m->v[i], limits, NULL);
        if (i > 0) {
            ms_tls_context_destroy(m->v[i].x);
            ms_keylog_destroy(m->v[i].keylog);
            m->v[i].x = m->v[0].x;
            m->v[i].keylog = m->v[0].keylog;
        }
    }
    m->x = ms_tls_context_create(limits, m->v[0].keylog, NULL, on_limit, NULL);
    ms_tls_context_destroy(m->v[0].x);
    for (int i = 0; i < CONNECTIONS; i++) {
        m->v[i].x = m->x;
        tls_drive_begin(&m->v[i]);
        m->v[i].frame = 1;
    }
}

static void end_many(struct many *m)
{
    for (int i = 0; i < CONNECTIONS; i++) {
        tls_drive_end(&m->v[i]);
        assert_false(m->v[i].wrong);
    }
    assert_int_equal(m->x->parts.bytes, 0);
    assert_int_equal(m->x->waiting.bytes, 0);
    assert_null(m->x->parts.oldest);
    assert_null(m->x->waiting.newest);
    assert_int_equal(ms_certificate_cache_kept(m->x->certificates), 0);
}

static void close_many(struct many *m)
{
    for (int i = 1; i < CONNECTIONS; i++) {
        m->v[i].x = NULL;
        m->v[i].keylog = NULL;
        tls_drive_close(&m->v[i]);
    }
    tls_drive_close(&m->v[0]);
}

static void say_record(struct tls_drive *v, struct ms_bytes body)
{
    uint8_t          header[5] = { MS_TLS_HANDSHAKE, 3, 3, (uint8_t)(body.n >> 8), (uint8_t)body.n };
    struct ms_buffer b = { 0 };
    ms_buffer_append(&b, (struct ms_bytes){ header, sizeof header });
    ms_buffer_append(&b, body);
    tls_drive_bytes(v, MS_C2S, ms_buffer_bytes(&b), 0);
    ms_buffer_finish(&b);
}

/* A Certificate message with one certificate, which is none; `n` bytes in all. */
static void certificate_message(uint8_t *m, size_t n)
{
    const size_t sizes[3] = { n - 4, n - 7, n - 10 };
    memset(m, 0, n);
    *m = MS_HS_CERTIFICATE;
    for (int i = 0; i < 3; i++) {
        m[1 + 3 * i] = (uint8_t)(sizes[i] >> 16);
        m[2 + 3 * i] = (uint8_t)(sizes[i] >> 8);
        m[3 + 3 * i] = (uint8_t)sizes[i];
    }
}

/* Of a message all but its end comes first, `held` bytes; then the end, and an alert. Was it read? */
static bool is_read(size_t held)
{
    static uint8_t   m[8192];
    struct many      x = { 0 };
    struct ms_limits limits = ms_limits_tiny();
    limits.tls_handshake_bytes = sizeof m;
    certificate_message(m, held + 100);
    open_many(&x, &limits);
    say_record(&x.v[0], (struct ms_bytes){ m, held });
    say_record(&x.v[0], (struct ms_bytes){ m + held, 100 });
    tls_drive_bytes(&x.v[0], MS_C2S, MS_LIT("\x15\x03\x03\x00\x02\x02\x28"), 0);
    end_many(&x);
    assert_int_equal(x.v[0].info->alert_count, 1); /* what follows is read in any case */
    bool read = x.v[0].info->client_certificate != NULL;
    assert_int_equal(told[MS_LIMIT_tls_part_bytes], !read);
    close_many(&x);
    return read;
}

static void test_message_parts(void **state)
{
    (void)state;
    size_t most = (size_t)ms_limits_tiny().tls_part_bytes;
    assert_true(is_read(most - 1));
    assert_true(is_read(most));
    assert_false(is_read(most + 1));
}

/* Who was silent for longest gives up; who goes on is read to its end. */
static void test_oldest_gives_up(void **state)
{
    (void)state;
    static uint8_t   m[PART + 500];
    struct many      x = { 0 };
    struct ms_limits limits = ms_limits_default();
    limits.tls_part_bytes = 3 * PART;
    certificate_message(m, sizeof m);
    open_many(&x, &limits);
    for (int i = 0; i < 3; i++)
        say_record(&x.v[i], (struct ms_bytes){ m, PART });
    assert_int_equal(x.x->parts.bytes, 3 * PART);
    say_record(&x.v[0], (struct ms_bytes){ m + PART, 100 }); /* it takes more, and is the newest now */
    for (int i = 0; i < CONNECTIONS; i++) {
        size_t from = i == 0 ? PART + 100 : i == 3 ? 0 : PART;
        say_record(&x.v[i], (struct ms_bytes){ m + from, sizeof m - from });
    }
    assert_non_null(x.v[0].info->client_certificate);
    assert_null(x.v[1].info->client_certificate);
    assert_non_null(x.v[2].info->client_certificate);
    assert_non_null(x.v[3].info->client_certificate);
    assert_int_equal(told[MS_LIMIT_tls_part_bytes], 1);
    end_many(&x);
    close_many(&x);
}

/* A record that is not whole: lost, said to be, and the one behind it is read. */
static void test_record_parts(void **state)
{
    (void)state;
    static uint8_t   record[5 + 3000] = { MS_TLS_HANDSHAKE, 3, 3, 3000 >> 8, 3000 & 0xff, MS_HS_SERVER_HELLO_DONE };
    struct many      x = { 0 };
    struct ms_limits limits = ms_limits_default();
    limits.tls_part_bytes = 4000;
    open_many(&x, &limits);
    for (int i = 0; i < 2; i++)
        tls_drive_bytes(&x.v[i], MS_C2S, (struct ms_bytes){ record, 2500 }, 0);
    for (int i = 0; i < 2; i++) {
        tls_drive_bytes(&x.v[i], MS_C2S, (struct ms_bytes){ record + 2500, sizeof record - 2500 }, 0);
        tls_drive_bytes(&x.v[i], MS_C2S, MS_LIT("\x15\x03\x03\x00\x02\x02\x28"), 0);
    }
    end_many(&x);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(x.v[i].info->alert_count, 1);
        assert_int_equal(x.v[i].info->records[MS_C2S], 2 - !i);
        assert_int_equal(x.v[i].info->flags & MS_TLS_LOST, i ? 0 : MS_TLS_LOST);
    }
    assert_int_equal(told[MS_LIMIT_tls_part_bytes], 1);
    close_many(&x);
}

/* ---- records that wait for secrets ------------------------------------------------------------------------------------------ */

static void add_kind(struct ms_buffer *b, const char *const *lines, char kind)
{
    for (; *lines; lines++)
        if (**lines == kind) {
            ms_buffer_append(b, ms_str(*lines + (kind == 'K' ? 2 : 0)));
            ms_buffer_append(b, MS_LIT("\n"));
        }
}

static const char *const *fixture(const char *name)
{
    for (size_t i = 0; i < sizeof tls_fixtures / sizeof *tls_fixtures; i++)
        if (strcmp(tls_fixtures[i].name, name) == 0)
            return tls_fixtures[i].lines;
    fail();
    return NULL;
}

static void say_lines(struct tls_drive *v, const char *const *lines)
{
    uint8_t bytes[8192];
    for (; *lines; lines++)
        if (**lines != 'K')
            tls_drive_bytes(v, **lines == 'C' ? MS_C2S : MS_S2C, (struct ms_bytes){ bytes, tls_drive_unhex(ms_str(*lines + 2), bytes) }, 0);
}

/* Four wait with all that they said, of which two have room: then the secrets come. */
static void test_waiting(void **state)
{
    (void)state;
    const char *const *lines = fixture("tls13");
    struct ms_buffer   keys = { 0 };
    struct many        x = { 0 };
    struct ms_limits   limits = ms_limits_default();
    open_many(&x, &limits);
    ms_tls_context_wait(x.x, true);
    say_lines(&x.v[0], lines);
    x.x->limits.tls_held_bytes = 2 * x.x->waiting.bytes;
    for (int i = 1; i < CONNECTIONS; i++)
        say_lines(&x.v[i], lines);
    add_kind(&keys, lines, 'K');
    ms_keylog_add_text(x.v[0].keylog, ms_buffer_bytes(&keys));
    end_many(&x);
    assert_int_equal(told[MS_LIMIT_tls_held_bytes], 2);
    for (int i = 0; i < CONNECTIONS; i++) {
        assert_int_equal(x.v[i].info->flags & (MS_TLS_DECRYPTED | MS_TLS_NO_KEYS), i < 2 ? MS_TLS_NO_KEYS : MS_TLS_DECRYPTED);
        assert_int_equal(x.v[i].plain[MS_C2S].n > 0, i >= 2);
    }
    ms_buffer_finish(&keys);
    close_many(&x);
}

/* The secrets are there when room is made: what comes of it is nobody's turn to read, so a gap is told, and what follows is read on. */
static void test_waiting_opens_too_late(void **state)
{
    (void)state;
    const char *const *lines = fixture("tls13");
    struct ms_buffer   keys = { 0 };
    struct many        x = { 0 };
    struct ms_limits   limits = ms_limits_default();
    size_t             count = 0;
    while (lines[count])
        count++;
    open_many(&x, &limits);
    ms_tls_context_wait(x.x, true);
    const char *first[64], *last[64];
    assert_true(count < 64);
    size_t data = count; /* the last chunks of the server are data and its close_notify */
    for (size_t n = 0; n < 3; n += *lines[data] == 'S')
        data--;
    memcpy(first, lines, (data + 1) * sizeof *lines);
    first[data + 1] = NULL;
    memcpy(last, lines + data + 1, (count - data) * sizeof *lines);
    say_lines(&x.v[0], first);
    add_kind(&keys, lines, 'K');
    ms_keylog_add_text(x.v[0].keylog, ms_buffer_bytes(&keys));
    x.x->limits.tls_held_bytes = 1;
    ms_tls_settle(x.v[0].tls);
    assert_int_equal(x.v[0].plain[MS_S2C].n, 0);
    say_lines(&x.v[0], last);
    end_many(&x);
    assert_true(x.v[0].plain[MS_S2C].n > 0);
    ms_buffer_append(&x.v[0].trace, (struct ms_bytes){ (const uint8_t *)"", 1 });
    assert_non_null(strstr((const char *)x.v[0].trace.p, "S gap 0"));
    ms_buffer_finish(&keys);
    close_many(&x);
}

/* ---- key logs that grow -------------------------------------------------------------------------------------------------------- */

/* They are looked at again once a tick, however many secrets are missing; what was appended is found then. */
static void test_growing_log(void **state)
{
    (void)state;
    const char *const *lines = fixture("tls13");
    struct ms_buffer   keys = { 0 };
    struct many        x = { 0 };
    struct ms_limits   limits = ms_limits_default();
    char               path[] = "/tmp/tls_bounds_XXXXXX";
    int                fd = mkstemp(path);
    assert_true(fd >= 0);
    open_many(&x, &limits);
    ms_tls_context_wait(x.x, true);
    assert_true(ms_keylog_add_file(x.v[0].keylog, path));
    say_lines(&x.v[0], lines);
    add_kind(&keys, lines, 'K');
    assert_int_equal(write(fd, keys.p, keys.n), keys.n);
    tls_drive_bytes(&x.v[0], MS_S2C, MS_LIT("\x17"), 0);
    assert_false(x.v[0].info->flags & MS_TLS_DECRYPTED);
    ms_tls_context_tick(x.x);
    tls_drive_bytes(&x.v[0], MS_S2C, MS_LIT("\x03"), 0);
    assert_true(x.v[0].info->flags & MS_TLS_DECRYPTED);
    assert_true(x.v[0].plain[MS_C2S].n > 0 && x.v[0].plain[MS_S2C].n > 0);
    end_many(&x);
    close(fd);
    unlink(path);
    ms_buffer_finish(&keys);
    close_many(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message_parts), cmocka_unit_test(test_oldest_gives_up), cmocka_unit_test(test_record_parts),
        cmocka_unit_test(test_waiting), cmocka_unit_test(test_waiting_opens_too_late), cmocka_unit_test(test_growing_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
