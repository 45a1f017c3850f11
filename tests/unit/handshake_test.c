/* tests/unit/handshake_test.c - whole handshakes and what is known after them; fingerprints that others published; every cut. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/text.h"
#include "handshake_build.h"
#include "tls/handshake.h"

#include <zlib.h>
#include <zstd.h>

enum { MESSAGES = 8 };

static void add_flags(struct ms_buffer *t, uint32_t flags)
{
    static const char *const names[32] = {
        "client", "server", "ssl2", "retry", "resumed", "early", "early-accepted", "asked", "client-certificate", "ems", "etm", "renegotiated",
        [16] = "key-update", [19] = "compressed", [20] = "broken", [21] = "order",
    };
    for (size_t i = 0; i < 32; i++)
        if (flags >> i & 1)
            ms_text_format(t, "%s ", names[i] ? names[i] : "?");
}

static void add_buffer(struct ms_buffer *t, const char *name, const struct ms_buffer *b)
{
    if (b->n)
        ms_text_format(t, " %s:%zu", name, b->n);
}

static void trace_handshake(struct ms_buffer *t, const struct ms_tls_handshake *hs)
{
    const struct ms_tls_info *info = hs->info;
    add_flags(t, info->flags);
    ms_text_format(t, "| %04x %04x group %u | offered %04x-%04x %u", info->version, info->cipher, info->group, info->offered_min,
                   info->offered_max, info->offered_cipher_count);
    if (info->sni.n)
        ms_text_format(t, " sni %.*s", (int)info->sni.n, (const char *)info->sni.p);
    if (info->alpn_offered.n || info->alpn.n)
        ms_text_format(t, " alpn %.*s/%.*s", (int)info->alpn_offered.n, (const char *)info->alpn_offered.p, (int)info->alpn.n,
                       (const char *)info->alpn.p);
    ms_text_format(t, " | certificates %u%s", info->certificate_count, info->client_certificate ? "+client" : "");
    add_buffer(t, "id", &hs->session_id);
    add_buffer(t, "offered", &hs->offered_session_id);
    add_buffer(t, "ticket", &hs->offered_ticket);
    add_buffer(t, "new", &hs->new_ticket);
    add_buffer(t, "kx", &hs->key_exchange);
    add_buffer(t, "leaf", &hs->leaf);
    ms_text_format(t, "%s%s%s", hs->psk_chosen ? " psk!" : "", hs->have_client ? " C" : "", hs->have_server ? &" S"[hs->have_client] : "");
}

/* One message, at most `most` bytes of its body, in a block of exactly its size. "!" is ChangeCipherSpec, "2" a hello of SSL 2.0. */
static void say(struct ms_tls_handshake *hs, const char *text, size_t most, unsigned number)
{
    struct ms_buffer b = { 0 };
    enum ms_dir      dir = text[0] == 'C' ? MS_C2S : MS_S2C;
    if (text[1] == '!') {
        ms_tls_handshake_changed(hs, dir);
        return;
    }
    build_bytes(&b, text + 1);
    struct ms_bytes body = ms_head(ms_tail(ms_buffer_bytes(&b), 1), most);
    uint8_t        *exact = malloc(body.n ? body.n : 1);
    if (body.n)
        memcpy(exact, body.p, body.n);
    if (b.p[0] == 0xff)
        ms_tls_handshake_ssl2(hs, (struct ms_bytes){ exact, body.n }, number, 1000 + number);
    else
        ms_tls_handshake_message(hs, dir, b.p[0], (struct ms_bytes){ exact, body.n }, number, 1000 + number);
    free(exact);
    ms_buffer_finish(&b);
}

struct talk { const char *why, *messages[MESSAGES], *want; };

#define CLIENT12 "C01 0303 R (1) (2 c02f 009c 0033 00ff) (1 00) "
#define CLIENT13 "C01 0303 R (1 X) (2 0a0a 1301 1302 c02f) (1 00) "
#define SNI      "0000 (2 (2 00 (2 'mx.example.org'))) "
#define OFFER13  "002b (2 (1 3a3a 0304 0303)) "
#define CHOSE13  "002b (2 0304) "

static const struct talk talks[] = {
    { "TLS 1.2 with ECDHE", { CLIENT12 "(2 " SNI "0010 (2 (2 (1 'imap') (1 'x'))) 0023 (2))", "S02 0303 S (1 Y) c02f 00 (2 0017 (2) 0010 (2 (2 (1 'imap'))))",
      "S0b (3 (3 L) (3 M))", "S0c 03 001d (1 0404)", "S0e", "C10 (1 04)" },
      "client server ems | 0303 c02f group 29 | offered 0000-0303 4 sni mx.example.org alpn imap,x/imap | certificates 2 id:32 CS" },
    { "resumed by session id", { "C01 0303 R (1 X) (2 c02f) (1 00)", "S02 0303 S (1 X) c02f 00", "S!" },
      "client server resumed | 0303 c02f group 0 | offered 0000-0303 1 | certificates 0 id:32 offered:32 CS" },
    { "another session id", { "C01 0303 R (1 X) (2 c02f) (1 00)", "S02 0303 S (1 Y) c02f 00", "S!" },
      "client server | 0303 c02f group 0 | offered 0000-0303 1 | certificates 0 id:32 offered:32 CS" },
    { "the id comes back but so does a certificate", { "C01 0303 R (1 X) (2 c02f) (1 00)", "S02 0303 S (1 X) c02f 00", "S0b (3 (3 L))" },
      "client server | 0303 c02f group 0 | offered 0000-0303 1 | certificates 1 id:32 offered:32 CS" },
    { "resumed by ticket, a new one comes", { "C01 0303 R (1) (2 c02f) (1 00) (2 0023 (2 'ticket'))", "S02 0303 S (1) c02f 00 (2 0023 (2))",
      "S04 00001c20 (2 'another')", "S!" },
      "client server resumed | 0303 c02f group 0 | offered 0000-0303 1 | certificates 0 ticket:6 new:7 CS" },
    { "resumed by ticket, no new one", { "C01 0303 R (1) (2 c02f) (1 00) (2 0023 (2 'ticket'))", "S02 0303 S (1) c02f 00", "C!", "S!" },
      "client server resumed | 0303 c02f group 0 | offered 0000-0303 1 | certificates 0 ticket:6 CS" },
    { "a ticket refused", { "C01 0303 R (1) (2 c02f) (1 00) (2 0023 (2 'ticket'))", "S02 0303 S (1 Y) c02f 00", "S0b (3 (3 L))", "S0e",
      "S04 00001c20 (2 'another')", "S!" },
      "client server | 0303 c02f group 0 | offered 0000-0303 1 | certificates 1 id:32 ticket:6 new:7 CS" },
    { "a ticket refused by a server without certificate", { "C01 0303 R (1) (2 0034) (1 00) (2 0023 (2 'ticket'))", "S02 0303 S (1) 0034 00", "S0e", "S!" },
      "client server | 0303 0034 group 0 | offered 0000-0303 1 | certificates 0 ticket:6 CS" },
    { "flags of the server hello", { CLIENT12 "(2 0016 (2) 0017 (2))", "S02 0302 S (1) 002f 01 (2 0017 (2) 0016 (2))" },
      "client server ems etm compressed | 0302 002f group 0 | offered 0000-0303 4 | certificates 0 CS" },
    { "key exchange by RSA", { CLIENT12, "S02 0303 S (1 Y) 009c 00", "S0b (3 (3 W))", "S0d (1 01) (2) (2)", "S0e", "C0b (3)", "C10 (2 K)" },
      "client server asked | 0303 009c group 0 | offered 0000-0303 4 | certificates 1 id:32 kx:128 leaf:432 CS" },
    { "SSL 3.0 has no length before it", { "C01 0300 R (1) (2 0005) (1 00)", "S02 0300 S (1) 0005 00", "S0b (3 (3 W))", "S0e", "C10 K" },
      "client server | 0300 0005 group 0 | offered 0000-0300 1 | certificates 1 kx:128 leaf:432 CS" },
    { "DHE with a known prime", { CLIENT12, "S02 0303 S (1) 0033 00", "S0c (2 P) (2 02) (2 K)" },
      "client server | 0303 0033 group 256 | offered 0000-0303 4 | certificates 0 CS" },
    { "DHE with another", { CLIENT12, "S02 0303 S (1) 0033 00", "S0c (2 K) (2 02) (2 K)" },
      "client server | 0303 0033 group 0 | offered 0000-0303 4 | certificates 0 CS" },
    { "a client certificate", { CLIENT12, "S02 0303 S (1) c02f 00", "S0b (3 (3 L))", "S0d (1 40) (2) (2)", "S0e", "C0b (3 (3 W))" },
      "client server asked client-certificate | 0303 c02f group 0 | offered 0000-0303 4 | certificates 1+client CS" },
    { "TLS 1.3", { CLIENT13 "(2 1a1a (2) " OFFER13 SNI ")", "S02 0303 S (1 X) 1301 00 (2 " CHOSE13 "0033 (2 001d (2 R)))",
      "S08 (2 0010 (2 (2 (1 'smtp'))))", "S0b (1) (3 (3 L) (2) (3 M) (2 0005 (2 01)))" },
      "client server | 0304 1301 group 29 | offered 0303-0304 3 sni mx.example.org alpn /smtp | certificates 2 id:32 offered:32 CS" },
    { "TLS 1.3 resumed, early data", { CLIENT13 "(2 002a (2) " OFFER13 "0029 (2 K))", "S02 0303 S (1 X) 1301 00 (2 " CHOSE13 "0029 (2 0000))", "S08 (2 002a (2))" },
      "client server resumed early early-accepted | 0304 1301 group 0 | offered 0303-0304 3 | certificates 0 id:32 offered:32 psk! CS" },
    { "TLS 1.3: tickets are no business of TLS 1.2", { CLIENT13 "(2 " OFFER13 ")", "S02 0303 S (1) 1301 00 (2 " CHOSE13 ")", "S!", "S04 00001c20 (2 'x')" },
      "client server | 0304 1301 group 0 | offered 0303-0304 3 | certificates 0 offered:32 CS" },
    { "asked for another hello", { CLIENT13 "(2 " OFFER13 SNI "0029 (2 K))", "S02 0303 H (1 X) 1302 00 (2 " CHOSE13 "0033 (2 0018))", CLIENT13 "(2 " OFFER13 "0000 (2))",
      "S02 0303 S (1 X) 1302 00 (2 " CHOSE13 "0033 (2 0018 (2 R)))" },
      "client server retry | 0304 1302 group 24 | offered 0303-0304 3 sni mx.example.org | certificates 0 id:32 offered:32 CS" },
    { "asked for another hello, none came", { CLIENT13 "(2 " OFFER13 ")", "S02 0303 H (1 X) 1302 00 (2 " CHOSE13 "0033 (2 0018))" },
      "client retry | 0304 1302 group 24 | offered 0303-0304 3 | certificates 0 offered:32 C" },
    { "draft 20", { CLIENT13 "(2 002b (2 (1 7f14 0303)))", "S02 7f14 S 1301 (2 0033 (2 001d (2 R)))" },
      "client server | 0304 1301 group 29 | offered 0303-0304 3 | certificates 0 offered:32 CS" },
    { "draft 28", { CLIENT13 "(2 002b (2 (1 7f1c)))", "S02 0303 S (1) 1301 00 (2 002b (2 7f1c))" },
      "client server | 0304 1301 group 0 | offered 0304-0304 3 | certificates 0 offered:32 CS" },
    { "key update", { "S18 01" }, "key-update | 0000 0000 group 0 | offered 0000-0000 0 | certificates 0" },
    { "renegotiation, then with RSA", { CLIENT12 "(2 " SNI ")", "S02 0303 S (1 Y) c02f 00 (2 0017 (2))", "S0b (3 (3 L) (3 M))", "S0e", "S00",
      "C01 0303 S (1) (2 009c) (1 00)", "S02 0303 R (1 X) 009c 00", "C10 (2 K)" },
      "client server renegotiated | 0303 009c group 0 | offered 0000-0303 4 sni mx.example.org | certificates 2 id:32 kx:128 CS" },
    { "the server alone", { "S02 0303 S (1 Y) c02f 00" }, "server | 0303 c02f group 0 | offered 0000-0000 0 | certificates 0 id:32 S" },
    { "a hello of SSL 2.0", { "Cff 01 0301 0009 0000 0010 000005 010080 00002f 11111111111111111111111111111111", "S02 0301 S (1) 0005 00" },
      "client server ssl2 | 0301 0005 group 0 | offered 0000-0301 2 | certificates 0 CS" },
    { "only GREASE", { "C01 0303 R (1) (2 0a0a fafa) (1 00) (2 dada (2))" }, "client | 0000 0000 group 0 | offered 0000-0303 0 | certificates 0 C" },
    { "vectors that claim more than there is", { "C01 0303 R (1) (2 1301) (1 00) 00ff 0000 0013 0011 00 00ff 'mx.example.or'" },
      "client | 0000 0000 group 0 | offered 0000-0303 1 | certificates 0 C" },
    { "a name that claims more than its list", { "C01 0303 R (1) (2 1301) (1 00) (2 0000 (2 (2 00 00ff 'mx.example')))" },
      "client | 0000 0000 group 0 | offered 0000-0303 1 sni mx.example | certificates 0 C" },
    { "the same extension twice: the first counts", { "C01 0303 R (1) (2 1301) (1 00) (2 " SNI "0000 (2 (2 00 (2 'other'))))" },
      "client | 0000 0000 group 0 | offered 0000-0303 1 sni mx.example.org | certificates 0 C" },
    { "too short for anything", { "C01 0303 aa", "S02 03", "S0b", "S0c", "S08", "S19", "S04", "C10" },
      "| 0000 0000 group 0 | offered 0000-0000 0 | certificates 0" },
    { "messages from the wrong side", { "S01 0303 R (1) (2 1301) (1 00)", "C02 0303 S (1 Y) c02f 00", "C0d (1 40) (2) (2)", "C04 00000000 (2 'x')", "S10 (2 K)" },
      "| 0000 0000 group 0 | offered 0000-0000 0 | certificates 0" },
};

static void listen_to(const struct talk *k, struct ms_buffer *t, size_t cut_message, size_t most)
{
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { 0 };
    struct ms_tls_handshake hs;
    ms_tls_handshake_init(&hs, &info, &arena);
    for (unsigned i = 0; i < MESSAGES && k->messages[i]; i++)
        say(&hs, k->messages[i], i == cut_message ? most : SIZE_MAX, i + 1);
    trace_handshake(t, &hs);
    ms_text_char(t, 0);
    ms_tls_handshake_finish(&hs);
    ms_arena_finish(&arena);
}

static void talks_are_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
        struct ms_buffer t = { 0 };
        listen_to(&talks[i], &t, MESSAGES, 0);
        if (strcmp((char *)t.p, talks[i].want) != 0)
            fail_msg("%s:\n got  %s\n want %s", talks[i].why, (char *)t.p, talks[i].want);
        ms_buffer_finish(&t);
    }
}

/* Each message at every cut, with the others whole: nothing is read past its end (the sanitizers see it), and work goes on. */
static void every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++)
        for (size_t m = 0; m < MESSAGES && talks[i].messages[m]; m++) {
            struct ms_buffer whole = { 0 };
            build_bytes(&whole, talks[i].messages[m] + 1);
            size_t step = whole.n > 400 ? 7 : 1; /* certificates have a test of their own */
            for (size_t n = 0; n < whole.n; n += step) {
                struct ms_buffer t = { 0 };
                listen_to(&talks[i], &t, m, n);
                assert_true(t.n > 20);
                ms_buffer_finish(&t);
            }
            ms_buffer_finish(&whole);
        }
}

static struct ms_tls_info *first_of(const char *message, struct ms_tls_handshake *hs, struct ms_arena *arena)
{
    struct ms_tls_info *info = ms_arena_alloc(arena, sizeof *info);
    ms_tls_handshake_init(hs, info, arena);
    say(hs, message, SIZE_MAX, 7);
    return info;
}

static const struct { const char *message, *ja3, *ja4; } fingerprints[] = {
    /* Two that the authors of JA3 give: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0 and 769,4-5-10-9-100-98-3-6-19-18-99,,, */
    { "C01 0301 R (1) (2 002f 0035 0005 000a c009 c00a c013 c014 0032 0038 0013 0004) (1 00) (2 0000 (2) 000a (2 (2 0017 0018 0019)) 000b (2 (1 00)))",
      "ada70206e40642a3e4461f35503241d5", "t10d120300_" },
    { "C01 0301 R (1) (2 0004 0005 000a 0009 0064 0062 0003 0006 0013 0012 0063) (1 00)", "de350869b8c85de67a350c8d186f11e6", "t10i110000_" },
    /* The example of the JA4 description, with GREASE added. */
    { "C01 0303 R (1 X) (2 2a2a 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035) (1 00) (2 8a8a (2) 001b (2) 0000 (2) 0033 (2) "
      "0010 (2 (2 (1 'h2') (1 'http/1.1'))) 4469 (2) 0017 (2) 002d (2) 000d (2 (2 0403 0804 0401 0503 0805 0501 0806 0601)) 0005 (2) 0023 (2) 0012 (2) "
      "002b (2 (1 6a6a 0304 0303)) ff01 (2) 000b (2) 000a (2 (2 4a4a 001d)) 0015 (2))",
      "", "t13d1516h2_8daaf6152771_e5627efa2ab1" },
    { "C01 0303 R (1 X) (2 1301 1302 1303 c02b c02f c02c c030 cca9 cca8 c013 c014 009c 009d 002f 0035) (1 00) (2 001b (2) 0000 (2) 0033 (2) 0010 (2) "
      "4469 (2) 0017 (2) 002d (2) 000d (2) 0005 (2) 0023 (2) 0012 (2) 002b (2 (1 0304)) ff01 (2) 000b (2) 000a (2) 0015 (2))",
      "", "t13d151600_8daaf6152771_6d807ffa2a79" },
    { "C01 0303 R (1) (2 1301) (1 00)", "", "t12i010000_" },
    { "C01 0300 R (1) (2) (1 00) (2 0000 (2))", "", "ts3d000100_000000000000_000000000000" },
    { "C01 0304 R (1) (2) (1 00) (2 0010 (2 (2 (1 'x'))))", "", "t13i0001xx_000000000000_000000000000" },
    { "C01 0999 R (1) (2) (1 00) (2 0010 (2 (2 (1 ab))))", "", "t00i0001ab_" },
    { "C01 0303 R (1) (2) (1 00) (2 0010 (2 (2 (1 ab cd))))", "", "t12i0001ad_" },
    { "C01 0303 R (1) (2) (1 00) (2 0010 (2 (2 (1 30 ab))))", "", "t12i00013b_" },
    { "C01 0303 R (1) (2) (1 00) (2 0010 (2 (2 (1 30 31 ab cd))))", "", "t12i00013d_" },
    { "C01 0303 R (1) (2) (1 00) (2 0010 (2 (2 (1 30 ab cd 31))))", "", "t12i000101_" },
    { "C01 0303 R (1) (2) (1 00) (2 0010 (2 (2 (1) (1 'h2'))))", "", "t12i000100_" },
};

static void client_fingerprints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fingerprints / sizeof *fingerprints; i++) {
        struct ms_arena         arena = { 0 };
        struct ms_tls_handshake hs;
        struct ms_tls_info     *info = first_of(fingerprints[i].message, &hs, &arena);
        struct ms_bytes         ja3 = ms_str(fingerprints[i].ja3), ja4 = ms_str(fingerprints[i].ja4);
        assert_int_equal(info->ja3.n, 32);
        assert_int_equal(info->ja4.n, 36);
        if ((ja3.n && !ms_equal(info->ja3, ja3)) || !ms_equal(ms_head(info->ja4, ja4.n), ja4))
            fail_msg("%s: %.32s %.36s", fingerprints[i].message, (const char *)info->ja3.p, (const char *)info->ja4.p);
        ms_tls_handshake_finish(&hs);
        ms_arena_finish(&arena);
    }
}

static const struct { const char *message, *ja3s, *ja4s; } server_fingerprints_known[] = {
    { "S02 0301 S (1) 002f 00 (2 ff01 (2) 0000 (2) 000b (2) 0023 (2) 0005 (2) 0010 (2))", "836ce314215654b5b1f85f97c73e506f", "t100600_002f_" },
    { "S02 0303 S (1) 1302 00 (2 002b (2 0304) 0033 (2 001d (2 R)))", "15af977ce25de452b96affa2addb1036", "t130200_1302_" },
    { "S02 0303 S (1) c030 00 (2 0005 (2) 0017 (2) ff01 (2) 0000 (2))", "", "t120400_c030_4e8089b08790" },
    { "S02 0303 S (1) 1301 00 (2 002b (2 0304) 0010 (2 (2 (1 'imap'))))", "", "t1302ip_1301_" },
    { "S02 0303 S (1) 009c 00", "", "t120000_009c_000000000000" },
};

static void server_fingerprints(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof server_fingerprints_known / sizeof *server_fingerprints_known; i++) {
        struct ms_arena         arena = { 0 };
        struct ms_tls_handshake hs;
        struct ms_tls_info     *info = first_of(server_fingerprints_known[i].message, &hs, &arena);
        struct ms_bytes         ja3s = ms_str(server_fingerprints_known[i].ja3s), ja4s = ms_str(server_fingerprints_known[i].ja4s);
        assert_int_equal(info->ja3s.n, 32);
        assert_int_equal(info->ja4s.n, 25);
        if ((ja3s.n && !ms_equal(info->ja3s, ja3s)) || !ms_equal(ms_head(info->ja4s, ja4s.n), ja4s))
            fail_msg("%s: %.32s %.25s", server_fingerprints_known[i].message, (const char *)info->ja3s.p, (const char *)info->ja4s.p);
        ms_tls_handshake_finish(&hs);
        ms_arena_finish(&arena);
    }
}

static void frames_and_times(void **state)
{
    (void)state;
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { 0 };
    struct ms_tls_handshake hs;
    ms_tls_handshake_init(&hs, &info, &arena);
    assert_true(info.client_hello_time == MS_UNKNOWN && info.server_hello_time == MS_UNKNOWN && info.done_time == MS_UNKNOWN);
    say(&hs, CLIENT13 "(2 " OFFER13 ")", SIZE_MAX, 3);
    say(&hs, "S02 0303 H (1 X) 1302 00 (2 " CHOSE13 "0033 (2 0018))", SIZE_MAX, 4);
    say(&hs, CLIENT13 "(2 " OFFER13 ")", SIZE_MAX, 5);
    say(&hs, "S02 0303 S (1 X) 1302 00 (2 " CHOSE13 ")", SIZE_MAX, 6);
    say(&hs, "S0b (1) (3 (3 L) (2))", SIZE_MAX, 7);
    assert_true(info.client_hello_frame == 3 && info.client_hello_time == 1003);
    assert_true(info.server_hello_frame == 6 && info.server_hello_time == 1006);
    assert_int_equal(info.certificate_frame, 7);
    assert_int_equal(hs.randoms.client[0], 0xaa);
    assert_int_equal(hs.randoms.server[31], 0xbb);
    ms_tls_handshake_finish(&hs);
    ms_arena_finish(&arena);
}

/* What a client hello of SSL 2.0 challenges with is its random, filled up on the left. */
static void short_challenge(void **state)
{
    (void)state;
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { 0 };
    struct ms_tls_handshake hs;
    ms_tls_handshake_init(&hs, &info, &arena);
    say(&hs, "Cff 01 0301 0003 0000 0010 000005 11111111111111111111111111111112", SIZE_MAX, 1);
    assert_int_equal(hs.randoms.client[15], 0);
    assert_int_equal(hs.randoms.client[16], 0x11);
    assert_int_equal(hs.randoms.client[31], 0x12);
    assert_int_equal(info.ja3.n, 0);
    assert_int_equal(info.offered_ciphers[0], 5);
    ms_tls_handshake_finish(&hs);
    ms_arena_finish(&arena);
}

/* What becomes of packed certificate messages: how, the length as said, what there really is; and once more, a good one. */
static void check_packed(uint16_t how, struct ms_bytes packed, size_t claimed, uint64_t most, const char *want)
{
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { .version = 0x0304 };
    struct ms_tls_handshake hs;
    struct ms_buffer        b = { 0 };
    uint8_t head[8] = { (uint8_t)(how >> 8), (uint8_t)how, (uint8_t)(claimed >> 16), (uint8_t)(claimed >> 8), (uint8_t)claimed,
                        (uint8_t)(packed.n >> 16), (uint8_t)(packed.n >> 8), (uint8_t)packed.n };
    ms_buffer_append(&b, (struct ms_bytes){ head, sizeof head });
    ms_buffer_append(&b, packed);
    ms_tls_handshake_init(&hs, &info, &arena);
    hs.most = most;
    for (int i = 0; i < 2; i++) {
        ms_tls_handshake_message(&hs, MS_S2C, MS_HS_COMPRESSED_CERTIFICATE, ms_buffer_bytes(&b), 1, 1);
        assert_int_equal(info.certificate_count, want ? 0 : 2);
        assert_string_equal(info.certificates_unread ? info.certificates_unread : "", want ? want : "");
    }
    assert_int_equal(info.certificate_frame, 1);
    assert_true(hs.certificate_seen);
    assert_int_equal(hs.too_large, want && strcmp(want, "too large") == 0);
    ms_tls_handshake_message(&hs, MS_C2S, MS_HS_COMPRESSED_CERTIFICATE, ms_buffer_bytes(&b), 1, 1);
    assert_true(info.flags & MS_TLS_CLIENT_CERTIFICATE); /* it sent some, whatever is in it */
    ms_tls_handshake_finish(&hs);
    ms_buffer_finish(&b);
    ms_arena_finish(&arena);
}

static void packed_certificates(void **state)
{
    (void)state;
    struct ms_buffer plain = { 0 };
    uint8_t          z[2048], s[2048];
    uLongf           zn = sizeof z;
    build_bytes(&plain, "(1) (3 (3 L) (2) (3 M) (2))");
    assert_int_equal(compress(z, &zn, plain.p, plain.n), Z_OK);
    struct ms_bytes zlib = { z, zn }, zstd = { s, ZSTD_compress(s, sizeof s, plain.p, plain.n, 3) };
    check_packed(1, zlib, plain.n, 65536, NULL);
    check_packed(3, zstd, plain.n, 65536, NULL);
    check_packed(1, zlib, plain.n, plain.n, NULL);
    check_packed(1, zlib, plain.n, plain.n - 1, "too large");
    check_packed(2, zlib, plain.n, 65536, "brotli");
    check_packed(4, zlib, plain.n, 65536, "unknown compression");
    check_packed(1, zlib, plain.n - 1, 65536, "damaged");
    check_packed(1, zlib, plain.n + 1, 65536, "damaged");
    check_packed(1, ms_head(zlib, zlib.n - 1), plain.n, 65536, "damaged");
    check_packed(3, zstd, plain.n + 1, 65536, "damaged");
    check_packed(3, zstd, 65537, 65536, "too large");
    check_packed(1, zlib, 0, 65536, "damaged");
    ms_buffer_finish(&plain);
}

/* A hello full of ciphers and extensions: bounded memory, no long time. */
static void crowded_hello(void **state)
{
    (void)state;
    struct ms_arena         arena = { 0 };
    struct ms_tls_info      info = { 0 };
    struct ms_tls_handshake hs;
    struct ms_buffer        b = { 0 };
    build_bytes(&b, "0303 R (1)");
    build_hex(&b, "fffe");
    build_fill(&b, 0x13, 0xfffe);
    build_hex(&b, "0100fffc");
    for (unsigned i = 0; i < 0xfffc / 4; i++)
        build_hex(&b, i % 2 ? "00120000" : "ff010000");
    ms_tls_handshake_init(&hs, &info, &arena);
    ms_tls_handshake_message(&hs, MS_C2S, MS_HS_CLIENT_HELLO, ms_buffer_bytes(&b), 1, 1);
    assert_int_equal(info.offered_cipher_count, 1024);
    assert_memory_equal(info.ja4.p, "t12i999900_", 11);
    assert_true(arena.total < 8192);
    ms_tls_handshake_finish(&hs);
    ms_buffer_finish(&b);
    ms_arena_finish(&arena);
}

static void names_of_numbers(void **state)
{
    (void)state;
    assert_string_equal(ms_tls_version_name(0x0300), "SSL 3.0");
    assert_string_equal(ms_tls_version_name(0x0304), "TLS 1.3");
    assert_null(ms_tls_version_name(0x0305));
    assert_string_equal(ms_tls_group_name(29), "x25519");
    assert_string_equal(ms_tls_group_name(4588), "X25519MLKEM768");
    assert_string_equal(ms_tls_group_name(256), "ffdhe2048");
    assert_null(ms_tls_group_name(0));
    assert_string_equal(ms_tls_alert_name(0), "close_notify");
    assert_string_equal(ms_tls_alert_name(45), "certificate_expired");
    assert_null(ms_tls_alert_name(255));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(talks_are_understood),
        cmocka_unit_test(every_cut),
        cmocka_unit_test(client_fingerprints),
        cmocka_unit_test(server_fingerprints),
        cmocka_unit_test(frames_and_times),
        cmocka_unit_test(short_challenge),
        cmocka_unit_test(packed_certificates),
        cmocka_unit_test(crowded_hello),
        cmocka_unit_test(names_of_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
