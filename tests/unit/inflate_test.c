/* tests/unit/inflate_test.c - a deflate stream flushed as servers flush, at every cut; gaps, damage, the end, bombs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "tls/inflate.h"

#include <stdlib.h>
#include <zlib.h>

/* ---- what goes in ---- */

struct maker { z_stream z; struct ms_buffer b; };

static void begin(struct maker *m)
{
    *m = (struct maker){ 0 };
    assert_int_equal(deflateInit2(&m->z, 9, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY), Z_OK);
}

static void say(struct maker *m, struct ms_bytes text, int flush)
{
    uint8_t out[4096];
    m->z.next_in = (Bytef *)(uintptr_t)text.p;
    m->z.avail_in = (uInt)text.n;
    do {
        m->z.next_out = out;
        m->z.avail_out = sizeof out;
        deflate(&m->z, flush);
        ms_buffer_append(&m->b, (struct ms_bytes){ out, sizeof out - m->z.avail_out });
    } while (m->z.avail_out == 0);
}

static struct ms_bytes done(struct maker *m)
{
    deflateEnd(&m->z);
    return ms_buffer_bytes(&m->b);
}

/* ---- what comes out: text, "<gap>", "<limit>", in the end "<damaged>" ---- */

struct trace { struct ms_buffer t; uint64_t handed; size_t largest; };

static void on_data(void *ctx, const struct ms_chunk *c)
{
    struct trace *t = ctx;
    assert_true(c->bytes.n > 0);
    assert_int_equal(c->offset, t->handed);
    assert_int_equal(c->dir, MS_S2C);
    assert_int_equal(c->frame, 7);
    assert_int_equal(c->time, 1234);
    t->handed += c->bytes.n;
    t->largest = c->bytes.n > t->largest ? c->bytes.n : t->largest;
    ms_text_add(&t->t, c->bytes);
}

static void on_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct trace *t = ctx;
    assert_int_equal(dir, MS_S2C);
    assert_int_equal(length, 0);
    assert_int_equal(frame, 7);
    assert_int_equal(time, 1234);
    ms_text_str(&t->t, "<gap>");
}

static void on_limit(void *ctx, enum ms_limit which)
{
    struct trace *t = ctx;
    assert_int_equal(which, MS_LIMIT_inflate_ratio);
    ms_text_str(&t->t, "<limit>");
}

static void feed(struct ms_inflate *z, struct ms_bytes b, const struct ms_stream_sink *sink)
{
    uint8_t        *exact = malloc(b.n ? b.n : 1);
    struct ms_chunk c = { .dir = MS_S2C, .bytes = { exact, b.n }, .frame = 7, .time = 1234 };
    if (b.n)
        memcpy(exact, b.p, b.n);
    ms_inflate_data(z, &c, sink);
    free(exact);
}

/* In pieces of `step` bytes from the first cut on; bytes [from, to) are missing. */
static char *run(struct ms_bytes in, size_t cut, size_t step, size_t from, size_t to)
{
    struct trace          t = { 0 };
    struct ms_limits      limits = ms_limits_default();
    struct ms_stream_sink sink = { on_data, on_gap, &t };
    limits.inflate_ratio = ms_limits_tiny().inflate_ratio;
    struct ms_inflate_pool pool = { 0 };
    struct ms_inflate    *z = ms_inflate_create(&pool, &limits, on_limit, &t);
    struct { size_t from, to; } parts[] = { { 0, from }, { to, in.n } };
    for (size_t p = 0; p < 2; p++) {
        for (size_t at = parts[p].from, n; at < parts[p].to; at += n) {
            n = at < cut && cut - at < step ? cut - at : step;
            n = n < parts[p].to - at ? n : parts[p].to - at;
            feed(z, ms_slice(in, at, n), &sink);
        }
        if (p == 0 && from < in.n)
            ms_inflate_gap(z, MS_S2C, to - from, 7, 1234, &sink);
    }
    assert_true(t.largest <= 16384);
    if (ms_inflate_damaged(z))
        ms_text_str(&t.t, "<damaged>");
    ms_inflate_destroy(z);
    ms_text_char(&t.t, '\0');
    return (char *)t.t.p;
}

/* The same, whole, byte by byte and cut in two anywhere (or at some places). */
static void check_cuts(struct ms_bytes in, size_t from, size_t to, const char *want)
{
    size_t every = in.n < 2000 ? 1 : in.n / 50;
    for (size_t cut = 0; cut <= in.n; cut += every) {
        char *got = run(in, cut, cut ? in.n : 1, from, to);
        assert_string_equal(got, want);
        free(got);
    }
}

#define HELLO "* OK [CAPABILITY IMAP4rev1] ready\r\n"
#define LIST "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\na1 OK LIST completed\r\n"
#define AGAIN "* LIST () \"/\" INBOX\r\n* LIST () \"/\" Sent\r\na2 OK LIST completed\r\n"

static void a_dialogue(void **state)
{
    (void)state;
    static const int flushes[] = { Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH };
    for (size_t i = 0; i < 3; i++) {
        struct maker m;
        begin(&m);
        say(&m, MS_LIT(HELLO), flushes[i]);
        say(&m, MS_LIT(LIST), flushes[i]);
        say(&m, MS_LIT(AGAIN), flushes[i]);
        check_cuts(done(&m), m.b.n, m.b.n, HELLO LIST AGAIN);
        ms_buffer_finish(&m.b);
    }
}

/* What a flush completes is there at once, not with the next one. */
static void nothing_is_kept_back(void **state)
{
    (void)state;
    struct maker     m;
    struct trace     t = { 0 };
    struct ms_limits limits = ms_limits_default();
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_SYNC_FLUSH);
    size_t first = m.b.n;
    say(&m, MS_LIT(LIST), Z_SYNC_FLUSH);
    struct ms_bytes       all = done(&m);
    struct ms_stream_sink sink = { on_data, on_gap, &t };
    struct ms_inflate_pool pool = { 0 };
    struct ms_inflate    *z = ms_inflate_create(&pool, &limits, NULL, NULL);
    feed(z, ms_head(all, first), &sink);
    assert_int_equal(t.handed, strlen(HELLO));
    feed(z, ms_tail(all, first), &sink);
    assert_int_equal(t.handed, strlen(HELLO LIST));
    ms_inflate_destroy(z);
    ms_inflate_destroy(NULL);
    ms_buffer_finish(&t.t);
    ms_buffer_finish(&m.b);
}

static void a_gap(void **state)
{
    (void)state;
    struct maker m;
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_SYNC_FLUSH);
    size_t hello = m.b.n;
    say(&m, MS_LIT(LIST), Z_FULL_FLUSH);
    size_t list = m.b.n;
    say(&m, MS_LIT("* 1 EXISTS\r\n"), Z_SYNC_FLUSH);
    say(&m, MS_LIT("* 1 EXISTS\r\n* 2 EXISTS\r\n"), Z_SYNC_FLUSH);
    done(&m);
    /* the mark after LIST is seen; from there on the window was empty */
    check_cuts(ms_buffer_bytes(&m.b), hello, hello + 8, HELLO "<gap>* 1 EXISTS\r\n* 1 EXISTS\r\n* 2 EXISTS\r\n");
    check_cuts(ms_buffer_bytes(&m.b), 0, hello + 8, "<gap>* 1 EXISTS\r\n* 1 EXISTS\r\n* 2 EXISTS\r\n");
    /* a part of the mark is missing: the next unit looks back no further than itself, the one after that does */
    check_cuts(ms_buffer_bytes(&m.b), list - 2, list, HELLO LIST "<gap>");
    check_cuts(ms_buffer_bytes(&m.b), m.b.n - 2, m.b.n, HELLO LIST "* 1 EXISTS\r\n* 1 EXISTS\r\n* 2 EXISTS\r\n<gap>");
    ms_buffer_finish(&m.b);
}

/* Without full flushes: units that repeat nothing are read, those that do are dropped. */
static void a_gap_and_no_full_flush(void **state)
{
    (void)state;
    struct maker m;
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_SYNC_FLUSH);
    size_t hello = m.b.n;
    say(&m, MS_LIT(LIST), Z_SYNC_FLUSH);
    say(&m, MS_LIT(AGAIN), Z_SYNC_FLUSH); /* looks back to LIST */
    say(&m, MS_LIT("+ idling\r\n"), Z_SYNC_FLUSH);
    say(&m, MS_LIT("+ idling\r\n+ idling\r\n"), Z_SYNC_FLUSH); /* not further than to where it was taken up */
    say(&m, MS_LIT(AGAIN), Z_SYNC_FLUSH);
    say(&m, MS_LIT("b3 NO xyz\r\n"), Z_SYNC_FLUSH);
    done(&m);
    char *got = run(ms_buffer_bytes(&m.b), 0, m.b.n, hello, hello + 4);
    assert_memory_equal(got, HELLO "<gap>", strlen(HELLO "<gap>"));
    assert_non_null(strstr(got, "<gap>+ idling\r\n+ idling\r\n+ idling\r\n<gap>"));
    assert_null(strstr(got, "LIST"));
    assert_null(strstr(got, "<damaged>"));
    check_cuts(ms_buffer_bytes(&m.b), hello, hello + 4, got);
    free(got);
    ms_buffer_finish(&m.b);
}

static struct ms_buffer much_text(size_t n)
{
    struct ms_buffer t = { 0 };
    uint32_t         x = 1;
    while (t.n < n) {
        x = x * 1664525 + 1013904223;
        ms_text_format(&t, "* %u FETCH (UID %u BODY %08x)\r\n", x >> 8, x >> 20, x ^ x << 13);
    }
    return t;
}

/* After a full flush more than a window, in one unit: it is handed on before its mark comes. */
static void a_long_unit_after_a_gap(void **state)
{
    (void)state;
    struct maker     m;
    struct ms_buffer text = much_text(200000), want = { 0 };
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_FULL_FLUSH);
    say(&m, ms_buffer_bytes(&text), Z_SYNC_FLUSH);
    done(&m);
    m.b.n -= 8; /* and its mark never comes */
    ms_text_str(&want, "<gap>");
    ms_text_add(&want, ms_buffer_bytes(&text));
    char *got = run(ms_buffer_bytes(&m.b), 0, m.b.n, 0, 1);
    assert_true(strlen(got) > want.n - 200 && strlen(got) <= want.n);
    assert_memory_equal(got, want.p, strlen(got));
    check_cuts(ms_buffer_bytes(&m.b), 0, 1, got);
    free(got);
    ms_buffer_finish(&want);
    ms_buffer_finish(&text);
    ms_buffer_finish(&m.b);
}

static void no_deflate(void **state)
{
    (void)state;
    static const char *const texts[] = { "a1 NOOP\r\na2 LOGOUT\r\n", "\xff\xff\xff\xff", "\x16\x03\x01\x02\x00\x01\x00" };
    for (size_t i = 0; i < 3; i++) {
        char *got = run(ms_str(texts[i]), 0, 100, 100, 100);
        assert_non_null(strstr(got, "<gap><damaged>"));
        check_cuts(ms_str(texts[i]), 100, 100, got);
        free(got);
    }
    check_cuts(MS_LIT(""), 0, 0, "");
}

/* A byte changed in the middle: wrong text or none until the next full flush at the latest, and then the right one. */
static void damage_is_left_behind(void **state)
{
    (void)state;
    struct maker     m;
    struct ms_buffer text = much_text(3000);
    begin(&m);
    say(&m, ms_buffer_bytes(&text), Z_FULL_FLUSH);
    size_t end = m.b.n;
    say(&m, MS_LIT("* 1 EXISTS\r\n"), Z_SYNC_FLUSH);
    say(&m, MS_LIT("a9 OK\r\n"), Z_SYNC_FLUSH);
    done(&m);
    size_t found = 0;
    for (size_t at = 20; at + 20 < end; at += 37) {
        m.b.p[at] ^= 0x55;
        char *got = run(ms_buffer_bytes(&m.b), 0, m.b.n, m.b.n, m.b.n);
        if (strstr(got, "<gap>")) { /* it was noticed */
            found++;
            assert_non_null(strstr(got, "<gap>* 1 EXISTS\r\na9 OK\r\n<damaged>"));
            check_cuts(ms_buffer_bytes(&m.b), m.b.n, m.b.n, got);
        }
        free(got);
        m.b.p[at] ^= 0x55;
    }
    assert_true(found > 3);
    ms_buffer_finish(&text);
    ms_buffer_finish(&m.b);
}

static void the_end(void **state)
{
    (void)state;
    struct maker m;
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_SYNC_FLUSH);
    say(&m, MS_LIT("bye\r\n"), Z_FINISH);
    done(&m);
    check_cuts(ms_buffer_bytes(&m.b), m.b.n, m.b.n, HELLO "bye\r\n");
    ms_text_str(&m.b, "more");
    check_cuts(ms_buffer_bytes(&m.b), m.b.n, m.b.n, HELLO "bye\r\n<gap><damaged>");
    ms_buffer_finish(&m.b);
}

/* The first MiB is free; then the ratio counts, 4 here. */
static void bombs(void **state)
{
    (void)state;
    struct maker m;
    static uint8_t zeros[3 << 20];
    memset(zeros, 'z', sizeof zeros);
    begin(&m);
    say(&m, (struct ms_bytes){ zeros, (1 << 20) - 1000 }, Z_SYNC_FLUSH); /* about 1,000 bytes: 4,000 more are fine */
    char *got = run(ms_buffer_bytes(&m.b), 0, m.b.n, m.b.n, m.b.n);
    assert_int_equal(strlen(got), (1 << 20) - 1000);
    free(got);
    say(&m, (struct ms_bytes){ zeros, 2 << 20 }, Z_FULL_FLUSH);
    say(&m, MS_LIT("never seen"), Z_SYNC_FLUSH);
    done(&m);
    got = run(ms_buffer_bytes(&m.b), 0, m.b.n, m.b.n, m.b.n);
    size_t out = strspn(got, "z");
    assert_true(out > 1 << 20 && out < (1 << 20) + 4 * m.b.n + 2000);
    assert_string_equal(got + out, "<limit><gap><damaged>");
    check_cuts(ms_buffer_bytes(&m.b), m.b.n, m.b.n, got);
    free(got);
    ms_buffer_finish(&m.b);
}

/* Text that compresses a little is no bomb however long it is. */
static void long_and_honest(void **state)
{
    (void)state;
    struct maker     m;
    struct ms_buffer text = much_text(4 << 20);
    begin(&m);
    say(&m, ms_buffer_bytes(&text), Z_SYNC_FLUSH);
    done(&m);
    assert_true(text.n / m.b.n < 4);
    char *got = run(ms_buffer_bytes(&m.b), 0, 1460, m.b.n, m.b.n);
    assert_int_equal(strlen(got), text.n);
    assert_memory_equal(got, text.p, text.n);
    free(got);
    ms_buffer_finish(&text);
    ms_buffer_finish(&m.b);
}

static void on_streams(void *ctx, enum ms_limit which)
{
    assert_int_equal(which, MS_LIMIT_inflate_streams);
    ++*(unsigned *)ctx;
}

/* As many as the limit says go on; one more, and the one that was silent for longest says a gap when it gets bytes, once. */
static void silent_streams_give_up(void **state)
{
    (void)state;
    struct maker           m;
    struct trace           t[3] = { { .handed = 0 } };
    struct ms_limits       limits = ms_limits_tiny(); /* 2 */
    struct ms_inflate_pool pool = { 0 };
    struct ms_inflate     *z[3];
    unsigned               told = 0;
    begin(&m);
    say(&m, MS_LIT(HELLO), Z_SYNC_FLUSH);
    size_t first = m.b.n;
    say(&m, MS_LIT(LIST), Z_SYNC_FLUSH);
    struct ms_bytes all = done(&m);
    for (int i = 0; i < 3; i++) {
        struct ms_stream_sink sink = { on_data, on_gap, &t[i] }, sink0 = { on_data, on_gap, &t[0] };
        z[i] = ms_inflate_create(&pool, &limits, on_streams, &told);
        assert_int_equal(told, i == 2);
        feed(z[i], ms_head(all, first), &sink);
        if (i == 1) /* it is the newest now */
            feed(z[0], ms_slice(all, first, 1), &sink0);
    }
    for (int i = 0; i < 3; i++) {
        struct ms_stream_sink sink = { on_data, on_gap, &t[i] };
        feed(z[i], ms_tail(all, first + (i == 0)), &sink);
        feed(z[i], MS_LIT(""), &sink);
        ms_text_char(&t[i].t, 0);
        assert_string_equal((char *)t[i].t.p, i == 1 ? HELLO "<gap>" : HELLO LIST);
        assert_int_equal(ms_inflate_damaged(z[i]), i == 1);
        ms_inflate_destroy(z[i]);
        ms_buffer_finish(&t[i].t);
    }
    assert_int_equal(pool.count, 0);
    assert_null(pool.oldest);
    ms_buffer_finish(&m.b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue), cmocka_unit_test(nothing_is_kept_back), cmocka_unit_test(a_gap), cmocka_unit_test(a_gap_and_no_full_flush),
        cmocka_unit_test(a_long_unit_after_a_gap), cmocka_unit_test(no_deflate), cmocka_unit_test(damage_is_left_behind),
        cmocka_unit_test(the_end), cmocka_unit_test(bombs), cmocka_unit_test(silent_streams_give_up), cmocka_unit_test(long_and_honest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
