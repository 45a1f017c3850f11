/* tests/unit/sink_tls_test.c - what users read about TLS: the record of a session, the inventory, the remarks in a dialogue. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "net/dns.h"
#include "sink/follow.h"
#include "sink/records.h"
#include "sink/stats.h"
#include "sink/tls_words.h"

#define SECONDS (int64_t)1000000000
#define DAYS    (86400 * SECONDS)

static struct ms_bytes       certificate_names[] = { { (const uint8_t *)"mx.example.org", 14 }, { (const uint8_t *)"192.0.2.1", 9 } };
static struct ms_certificate leaf, other_leaf;
static struct ms_name_lookup lookup;
static uint16_t              ciphers[] = { 0x1301, 0xc02f };

static struct ms_certificate make_leaf(uint8_t digest)
{
    struct ms_certificate c = {
        .subject = MS_LIT("CN=mx.example.org"), .issuer = MS_LIT("CN=Example CA"), .common_name = MS_LIT("mx.example.org"),
        .names = certificate_names, .name_count = 2, .not_before = 1000 * DAYS, .not_after = 1100 * DAYS + 5 * SECONDS,
        .serial = MS_LIT("01ff"), .key = MS_LIT("RSA 2048"), .signature = MS_LIT("sha256WithRSAEncryption"),
    };
    memset(c.sha256, digest, sizeof c.sha256);
    memset(c.key_sha256, 0x11, sizeof c.key_sha256);
    return c;
}

static struct ms_tls_info make_tls(void)
{
    leaf = make_leaf(0xab);
    other_leaf = make_leaf(0xcd);
    return (struct ms_tls_info){
        .flags = MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO | MS_TLS_DONE | MS_TLS_NO_KEYS, .version = 0x0303, .offered_max = 0x0304,
        .cipher = 0xc02f, .group = 29, .offered_ciphers = ciphers, .offered_cipher_count = 2, .sni = MS_LIT("mx.example.org"),
        .ja3 = MS_LIT("0123"), .ja4 = MS_LIT("t13d"), .certificates = &leaf, .certificate_count = 1, .client_hello_frame = 7,
        .server_hello_frame = 8, .records = { 3, 4 }, .protected_bytes = { 1234, 0 },
    };
}

static struct ms_session make_session(struct ms_tls_info *tls)
{
    struct ms_session s = {
        .id = 1, .protocol = MS_PROTO_SMTP, .transport = MS_TRANSPORT_STARTTLS, .outcome = MS_OUTCOME_CLOSED, .stage = MS_STAGE_TLS,
        .first_frame = 1, .last_frame = 20, .started = 1090 * DAYS, .ended = 1090 * DAYS + SECONDS, .rtt = MS_UNKNOWN,
        .flags = MS_SESSION_ENCRYPTED, .tls = tls,
    };
    s.server.ip[10] = s.server.ip[11] = s.client.ip[10] = s.client.ip[11] = 0xff;
    s.server.ip[15] = 1;
    s.client.ip[15] = 2;
    s.server.port = 25;
    return s;
}

/* ---- records --------------------------------------------------------------------------------------------------- */

static const char *told(const struct ms_session *s)
{
    static struct ms_buffer text;
    struct ms_writer        w = { .out = &text, .time_digits = 6 };
    text.n = 0;
    ms_writer_start(&w);
    ms_tell_session(&w, s);
    ms_text_str(&text, "}");
    ms_text_char(&text, '\0');
    ms_writer_finish(&w);
    return (const char *)text.p;
}

static void assert_says(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("'%s' is not in %s", part, text ? text : "nothing");
}

static void assert_silent(const char *text, const char *part)
{
    if (!text || strstr(text, part))
        fail_msg("'%s' is in %s", part, text ? text : "nothing");
}

static void record_of_a_session(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    tls.alerts[0] = (struct ms_tls_alert){ .frame = 9, .dir = MS_S2C, .level = 2, .description = 40 };
    tls.alerts[1] = (struct ms_tls_alert){ .frame = 11, .dir = MS_C2S, .description = MS_TLS_UNREADABLE_ALERT, .encrypted = true };
    tls.alert_count = 2;
    const char *text = told(&s);
    assert_says(text, "\"transport\":\"starttls\",\"decrypted\":false,\"client\"");
    assert_says(text, "\"tls\":{\"version\":\"TLS 1.2\",\"cipher\":\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\",\"sni\":\"mx.example.org\",\"ja3\":\"0123\","
                      "\"ja4\":\"t13d\",\"certificates\":[{\"subject\":\"CN=mx.example.org\",\"issuer\":\"CN=Example CA\",");
    assert_says(text, "\"names\":[\"mx.example.org\",\"192.0.2.1\"],\"not_before\":\"1972-09-27T00:00:00Z\",\"not_after\":\"1973-01-05T00:00:05Z\","
                      "\"serial\":\"01ff\",\"key\":\"RSA 2048\",\"signature\":\"sha256WithRSAEncryption\",\"sha256\":\"abab");
    assert_says(text, "\"self_signed\":false,\"ca\":false,\"key_sha256\":\"1111");
    assert_says(text, "\"alerts\":[{\"from\":\"server\",\"level\":\"fatal\",\"description\":\"handshake_failure\",\"frame\":9},"
                      "{\"from\":\"client\",\"encrypted\":true,\"frame\":11}]");
    assert_says(text, "\"resumed\":false,\"group\":\"x25519\"");
    assert_says(text, "\"offered\":{\"max\":\"TLS 1.3\",\"ciphers\":[\"TLS_AES_128_GCM_SHA256\",\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\"]}");
    assert_says(text, "\"frames\":{\"client_hello\":7,\"server_hello\":8}");
    assert_silent(text, "lost_records");
    assert_silent(text, "early_data");
}

static void more_facts_of_tls(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    tls.flags |= MS_TLS_EARLY_DATA | MS_TLS_RETRY | MS_TLS_RESUMED;
    tls.client_certificate = &leaf;
    tls.lost_records = 2;
    tls.version = 0x7f17; /* a draft: it has no name */
    const char *text = told(&s);
    assert_says(text, "\"version\":\"0x7f17\"");
    assert_says(text, "\"resumed\":true,\"group\":\"x25519\",\"early_data\":\"sent\",\"client_certificate\":{\"subject\":");
    assert_says(text, "\"lost_records\":2,\"retry\":true");
    tls.flags |= MS_TLS_EARLY_ACCEPTED;
    assert_says(told(&s), "\"early_data\":\"accepted\"");
}

/* decrypted is true, false, or absent where no TLS was met. */
static void whether_it_was_read(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    assert_int_equal(ms_tls_reading_of(&s), MS_TLS_UNREAD);
    s.flags = MS_SESSION_DECRYPTED;
    assert_int_equal(ms_tls_reading_of(&s), MS_TLS_READ);
    assert_says(told(&s), "\"decrypted\":true");
    s.flags = MS_SESSION_ENCRYPTED;
    s.outcome = MS_OUTCOME_TLS_FAILED;
    assert_int_equal(ms_tls_reading_of(&s), MS_TLS_BROKEN);
    assert_says(told(&s), "\"decrypted\":false");
    s.outcome = MS_OUTCOME_CLOSED;
    s.flags = MS_SESSION_CLEAR_AFTER;
    s.tls = NULL;
    assert_int_equal(ms_tls_reading_of(&s), MS_TLS_NONE);
    assert_silent(told(&s), "\"decrypted\"");
    assert_silent(told(&s), "\"tls\":{");
}

static void the_lookup_stands_in_the_server(void **state)
{
    (void)state;
    struct ms_session s = make_session(NULL);
    lookup = (struct ms_name_lookup){ MS_LIT("mx.example.org"), MS_DNS_AAAA, 3, 4, SECONDS / 4 };
    s.lookup = &lookup;
    s.server.name = MS_LIT("mx.example.org");
    assert_says(told(&s), "\"port\":25,\"name\":\"mx.example.org\",\"lookup\":{\"name\":\"mx.example.org\",\"type\":\"AAAA\",\"frame\":3,\"answer_frame\":4,"
                          "\"duration\":0.25}},\"started\"");
}

/* Every field of a TLS session that -e may ask for has a row in fields.def. */
static void every_field_is_listed(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    struct ms_writer   w = { .time_digits = 6 };
    lookup = (struct ms_name_lookup){ MS_LIT("mx.example.org"), MS_DNS_A, 3, 4, SECONDS };
    s.lookup = &lookup;
    tls.flags |= MS_TLS_EARLY_DATA | MS_TLS_RETRY | MS_TLS_RENEGOTIATED | MS_TLS_KEY_UPDATE;
    tls.offered_min = 0x0301;
    tls.client_certificate = &leaf;
    tls.lost_records = tls.certificates_dropped = 1;
    tls.certificates_unread = "brotli";
    tls.certificate_frame = tls.done_frame = tls.lost_frame = 9;
    tls.alpn = tls.alpn_offered = tls.ja3s = tls.ja4s = MS_LIT("x");
    tls.alerts[0] = (struct ms_tls_alert){ .frame = 9, .level = 2, .description = 40 };
    tls.alert_count = 1;
    ms_writer_start(&w);
    ms_tell_session(&w, &s);
    assert_true(w.flat_count > 60);
    for (size_t i = 0; i < w.flat_count; i++)
        if (!ms_record_field_find(MS_KIND_SESSION, w.flat[i].name))
            fail_msg("no row for %.*s", (int)w.flat[i].name.n, (const char *)w.flat[i].name.p);
    ms_writer_finish(&w);
}

/* ---- the inventory --------------------------------------------------------------------------------------------- */

static char *printed(struct ms_stats *stats, enum ms_format format)
{
    char  *text = NULL;
    size_t n = 0;
    FILE  *out = open_memstream(&text, &n);
    assert_true(ms_stats_print(stats, format, out));
    fclose(out);
    return text;
}

static void inventory_of_servers(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    s.server.name = MS_LIT("mx.example.org");
    struct ms_stats   *stats = ms_stats_create(MS_STATS_TLS);
    struct ms_output   to = ms_stats_output(stats);
    to.session(to.ctx, &s);
    tls.certificate_count = 0; /* resumed: its certificate is that of the server */
    tls.flags |= MS_TLS_RESUMED;
    s.flags = MS_SESSION_DECRYPTED;
    s.started = 1100 * DAYS + 6 * SECONDS; /* one second too late */
    to.session(to.ctx, &s);
    tls.certificates = &other_leaf;
    tls.certificate_count = 1;
    tls.flags &= ~(uint32_t)MS_TLS_RESUMED;
    s.outcome = MS_OUTCOME_TLS_FAILED;
    s.flags = MS_SESSION_ENCRYPTED;
    to.session(to.ctx, &s);
    s.tls = NULL; /* plain: not in the table */
    s.flags = 0;
    to.session(to.ctx, &s);
    char *csv = printed(stats, MS_FORMAT_CSV);
    assert_says(csv, "server,port,protocol,version,cipher,sessions,failed,resumed,decrypted,without_keys,transport,name,sni,subject,issuer,"
                     "not_before,not_after,days_left,key,signature,sha256,frame\r\n");
    assert_says(csv, "0.0.0.1,25,smtp,TLS 1.2,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,2,0,1,1,1,starttls,mx.example.org,mx.example.org,CN=mx.example.org,CN=Example CA,"
                     "1972-09-27T00:00:00Z,1973-01-05T00:00:05Z,-1,RSA 2048,sha256WithRSAEncryption,abab");
    assert_says(csv, "0.0.0.1,25,smtp,TLS 1.2,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,1,1,0,0,0,starttls,");
    size_t lines = 0;
    for (const char *p = csv; (p = strchr(p, '\n')); p++)
        lines++;
    assert_int_equal(lines, 3);
    free(csv);
    char *json = printed(stats, MS_FORMAT_NDJSON);
    assert_says(json, "\"days_left\":-1,");
    free(json);
    char *table = printed(stats, MS_FORMAT_TABLE);
    assert_says(table, "mx.example.org  1973-01-05         -1  CN=Example CA");
    free(table);
    ms_stats_destroy(stats);
}

/* Days left, counted in whole days at the start of the latest session. */
static void days_left(void **state)
{
    (void)state;
    static const struct { int64_t before; const char *says; } cases[] = {
        { 10 * DAYS, ",10,RSA" }, { DAYS, ",1,RSA" }, { DAYS - 1, ",0,RSA" }, { 0, ",0,RSA" }, { -1, ",-1,RSA" }, { -DAYS, ",-1,RSA" },
        { -DAYS - 1, ",-2,RSA" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_tls_info tls = make_tls();
        struct ms_session  s = make_session(&tls);
        struct ms_stats   *stats = ms_stats_create(MS_STATS_TLS);
        struct ms_output   to = ms_stats_output(stats);
        s.started = leaf.not_after - cases[i].before;
        to.session(to.ctx, &s);
        char *csv = printed(stats, MS_FORMAT_CSV);
        assert_says(csv, cases[i].says);
        free(csv);
        ms_stats_destroy(stats);
    }
}

/* ---- the dialogue ---------------------------------------------------------------------------------------------- */

static struct ms_follow *start(FILE **out, char **text, size_t *n, enum ms_format format)
{
    *out = open_memstream(text, n);
    return ms_follow_create(&(struct ms_follow_options){ .out = *out, .format = format, .first_frame = 1 });
}

static void say(struct ms_follow *f, const struct ms_session *s, enum ms_dir dir, const char *line)
{
    ms_follow_data(f, s, &(struct ms_chunk){ .dir = dir, .bytes = ms_str(line), .frame = 5, .time = s->started });
}

static void dialogue(struct ms_session *s, const char *first, const char *inside, enum ms_format format, const char *expected)
{
    char             *text = NULL;
    size_t            n = 0;
    FILE             *out;
    uint32_t          flags = s->flags;
    struct ms_follow *f = start(&out, &text, &n, format);
    s->flags = MS_SESSION_ENCRYPTED;
    if (first)
        say(f, s, MS_S2C, first);
    s->flags = flags;
    if (inside)
        say(f, s, MS_C2S, inside);
    ms_follow_session(f, s);
    assert_true(ms_follow_close(f));
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void dialogue_without_keys(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    dialogue(&s, "220 go ahead\r\n", NULL, MS_FORMAT_TABLE,
             "S: 220 go ahead\n"
             "[TLS from frame 7: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; no key for it]\n"
             "C: [3 TLS records, 1234 bytes encrypted]\n");
    dialogue(&s, NULL, NULL, MS_FORMAT_NDJSON,
             "{\"type\":\"remark\",\"what\":\"tls\",\"frame\":7,\"version\":\"TLS 1.2\",\"cipher\":\"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\","
             "\"decrypted\":false}\n"
             "{\"type\":\"remark\",\"from\":\"client\",\"what\":\"encrypted\",\"bytes\":1234,\"records\":3}\n");
}

static void dialogue_decrypted(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    tls.lost_records = 1;
    tls.lost_frame = 12;
    s.flags = MS_SESSION_DECRYPTED;
    dialogue(&s, "220 go ahead\r\n", "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n", MS_FORMAT_TABLE,
             "S: 220 go ahead\n"
             "[TLS from frame 7: TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; decrypted]\n"
             "C: AUTH PLAIN ********\n"
             "[at least 1 TLS record could not be read, the first in frame 12]\n");
}

/* After a gap in ciphertext nobody knows how many bytes of plain text are missing. */
static void dialogue_with_a_gap(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    char              *text = NULL;
    size_t             n = 0;
    FILE              *out;
    struct ms_follow  *f = start(&out, &text, &n, MS_FORMAT_TABLE);
    s.flags = MS_SESSION_DECRYPTED;
    ms_follow_gap(f, &s, MS_S2C, 1);
    ms_follow_gap(f, &s, MS_S2C, 100);
    s.flags = 0;
    ms_follow_gap(f, &s, MS_S2C, 1);
    ms_follow_close(f);
    fclose(out);
    assert_string_equal(text, "S: [bytes missing from the capture]\nS: [100 bytes missing from the capture]\nS: [1 byte missing from the capture]\n");
    free(text);
}

static void dialogue_of_another_session(void **state)
{
    (void)state;
    struct ms_tls_info tls = make_tls();
    struct ms_session  s = make_session(&tls);
    s.first_frame = 2;
    dialogue(&s, NULL, NULL, MS_FORMAT_TABLE, "");
}

static void dialogue_that_failed(void **state)
{
    (void)state;
    struct ms_tls_info tls = { .flags = MS_TLS_CLIENT_HELLO, .client_hello_frame = 7 };
    struct ms_session  s = make_session(&tls);
    s.outcome = MS_OUTCOME_TLS_FAILED;
    dialogue(&s, NULL, NULL, MS_FORMAT_TABLE, "[TLS from frame 7; the handshake failed]\n");
    tls.alerts[0] = (struct ms_tls_alert){ .frame = 9, .dir = MS_S2C, .level = 2, .description = 40 };
    tls.alert_count = 1;
    dialogue(&s, NULL, NULL, MS_FORMAT_TABLE, "[TLS from frame 7; the handshake failed: the server sent the alert handshake_failure (frame 9)]\n");
}

static void dialogue_compressed(void **state)
{
    (void)state;
    struct ms_session s = make_session(NULL);
    s.protocol = MS_PROTO_IMAP;
    s.flags = MS_SESSION_COMPRESSED;
    dialogue(&s, "a OK DEFLATE active\r\n", "b NOOP\r\n", MS_FORMAT_TABLE, "S: a OK DEFLATE active\n[compressed from here on; unpacked]\nC: b NOOP\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_of_a_session), cmocka_unit_test(more_facts_of_tls), cmocka_unit_test(whether_it_was_read),
        cmocka_unit_test(the_lookup_stands_in_the_server),
        cmocka_unit_test(every_field_is_listed),
        cmocka_unit_test(inventory_of_servers), cmocka_unit_test(days_left), cmocka_unit_test(dialogue_without_keys),
        cmocka_unit_test(dialogue_decrypted), cmocka_unit_test(dialogue_with_a_gap), cmocka_unit_test(dialogue_of_another_session), cmocka_unit_test(dialogue_that_failed),
        cmocka_unit_test(dialogue_compressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
