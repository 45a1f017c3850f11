/* tests/unit/sasl_test.c - dialogues of each mechanism, and the name that comes out. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/sasl.h"

#include <stdlib.h>

/* "C plain text" is encoded and sent by the client, "S ..." by the server; "c" and "s" are sent as they are. */
struct sasl_case {
    const char *why, *mechanism;
    struct ms_bytes lines[4];
    const char *user;
    bool secret, clear;
};
#define L(s) { (const uint8_t *)(s), sizeof(s) - 1 }

static struct ms_bytes encode(struct ms_bytes in, struct ms_arena *a)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *out = ms_arena_alloc(a, (in.n + 2) / 3 * 4 + 1);
    size_t   n = 0;
    for (size_t i = 0; i < in.n; i += 3) {
        uint32_t v = (uint32_t)in.p[i] << 16 | (uint32_t)ms_at(in, i + 1) << 8 | ms_at(in, i + 2);
        for (size_t k = 0; k < 4; k++)
            out[n++] = (uint8_t)(i + k > in.n ? '=' : digits[v >> (18 - 6 * k) & 63]);
    }
    return (struct ms_bytes){ out, n };
}

/* The line in a block of exactly its size, so that one byte too many is seen. */
static void feed(struct ms_sasl *s, uint8_t kind, struct ms_bytes line, struct ms_arena *a, const struct ms_limits *l)
{
    uint8_t *exact = malloc(line.n ? line.n : 1);
    if (line.n)
        memcpy(exact, line.p, line.n);
    if (kind == 'C' || kind == 'c')
        ms_sasl_client(s, (struct ms_bytes){ exact, line.n }, a, l);
    else
        ms_sasl_server(s, (struct ms_bytes){ exact, line.n }, a, l);
    free(exact);
}

static void talk(struct ms_sasl *s, const struct sasl_case *c, struct ms_arena *a, const struct ms_limits *l)
{
    ms_sasl_start(s, ms_str(c->mechanism));
    for (size_t i = 0; i < 4 && c->lines[i].n; i++) {
        uint8_t         kind = c->lines[i].p[0];
        struct ms_bytes text = ms_tail(c->lines[i], 2);
        feed(s, kind, kind == 'C' || kind == 'S' ? encode(text, a) : text, a, l);
    }
}

static const struct sasl_case cases[] = {
    { "plain", "PLAIN", { L("C \0alice@example.com\0secret") }, "alice@example.com", true, true },
    { "plain as another", "plain", { L("C boss\0alice\0secret") }, "alice", true, true },
    { "plain after an empty response", "PLAIN", { L("c ="), L("C \0bob\0x") }, "bob", true, true },
    { "plain, one NUL", "PLAIN", { L("C bob\0x") }, "bob", true, true },
    { "plain, name only", "PLAIN", { L("C \0bob") }, "bob", false, false },
    { "plain, no password", "PLAIN", { L("C \0bob\0") }, "bob", false, false },
    { "plain, padding lost", "PLAIN", { L("c AGFsaWNlAHA") }, "alice", true, true },
    { "plain, given up", "PLAIN", { L("c *") }, "", false, false },
    { "login", "LOGIN", { L("S Username:"), L("C carol"), L("S Password:"), L("C pw") }, "carol", true, true },
    { "login, initial response", "LOGIN", { L("C carol"), L("S Password:"), L("C pw") }, "carol", true, true },
    { "login, initial response ignored", "LOGIN", { L("C x"), L("S Username:"), L("C carol") }, "carol", false, false },
    { "login, empty initial response", "LOGIN", { L("c ="), L("C carol"), L("C pw") }, "carol", true, true },
    { "login, not encoded", "LOGIN", { L("c carol@example.com"), L("C pw") }, "carol@example.com", true, true },
    { "login, joined at the password", "LOGIN", { L("S Password:"), L("C pw") }, "", true, true },
    { "cram", "CRAM-MD5", { L("S <1.2@h>"), L("C dave smith b913a602c7eda7a495b4e6e7334d3890") }, "dave smith", true, false },
    { "digest", "DIGEST-MD5", { L("C charset=utf-8,username=\"eve \\\"x\\\", y\",realm=\"username=z\",response=abc"), L("c ") },
      "eve \"x\", y", true, false },
    { "digest, decoy in a quoted value", "DIGEST-MD5", { L("C realm=\"a,username=\\\"b\",username=\"eve\"") }, "eve", false, false },
    { "digest, token", "DIGEST-MD5", { L("C username=eve,nc=1") }, "eve", false, false },
    { "scram", "SCRAM-SHA-256", { L("C n,,n=us=2Cer=3D,r=abc"), L("S r=x"), L("C c=biws,r=x,p=proof") }, "us,er=", true, false },
    { "scram with authzid", "SCRAM-SHA-1-PLUS", { L("C p=tls-unique,a=boss,n=user,r=abc") }, "user", false, false },
    { "scram unknown by name", "SCRAM-SHA-512", { L("C y,,n=user,r=abc") }, "user", false, false },
    { "xoauth2", "XOAUTH2", { L("C user=frank@example.com\1auth=Bearer ya29.x\1\1") }, "frank@example.com", true, true },
    { "oauthbearer", "OAUTHBEARER", { L("C n,a=gr=3Dace@example.com,\1host=h\1port=993\1auth=Bearer t\1\1"), L("C \1") },
      "gr=ace@example.com", true, true },
    { "oauthbearer, no name", "OAUTHBEARER", { L("C n,,\1auth=Bearer t\1\1") }, "", true, true },
    { "anonymous", "ANONYMOUS", { L("C sirhc") }, "sirhc", false, false },
    { "external", "EXTERNAL", { L("c =") }, "", false, false },
    { "gssapi", "GSSAPI", { L("C `\1\2\3ticket") }, "", false, false },
    { "unknown", "FOO", { L("C n,,n=x") }, "", false, false },
};

static void names_come_out(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_default();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_arena a = { 0 };
        struct ms_sasl  s;
        talk(&s, &cases[i], &a, &limits);
        if (!ms_equal(s.user, ms_str(cases[i].user)) || s.secret != cases[i].secret || s.clear_secret != cases[i].clear)
            fail_msg("%s: user \"%.*s\" secret %d clear %d", cases[i].why, (int)s.user.n, (const char *)s.user.p, s.secret,
                     s.clear_secret);
        ms_arena_finish(&a);
    }
}

#define SIG "NTLMSSP\0"
/* user "aé😀" UTF-16LE 8 bytes at 72, domain "DOM" 6 bytes at 64 (+2), workstation "WS" at 80; 24 bytes of response at 84. */
static const uint8_t type3[] = SIG "\3\0\0\0"
    "\0\0\0\0\100\0\0\0" "\30\0\30\0\124\0\0\0" "\6\0\6\0\100\0\0\0" "\10\0\10\0\110\0\0\0" "\4\0\4\0\120\0\0\0"
    "\0\0\0\0\0\0\0\0" "\1\0\0\0"
    "D\0O\0M\0??" "a\0\351\0\75\330\0\336" "W\0S\0" "abcdefghijklmnopqrstuvwx";
/* target "SRV" OEM at 56; AV pairs at 59: computer "PC" in UTF-16 */
static const uint8_t type2[] = SIG "\2\0\0\0" "\3\0\3\0\70\0\0\0" "\2\0\0\0" "challeng" "\0\0\0\0\0\0\0\0" "\14\0\14\0\73\0\0\0"
    "\0\0\0\0\0\0\0\0" "SRV" "\1\0\4\0P\0C\0\0\0\0\0";

static void say(struct ms_sasl *s, uint8_t kind, struct ms_bytes m, struct ms_arena *a)
{
    struct ms_limits limits = ms_limits_default();
    feed(s, kind, encode(m, a), a, &limits);
}

static void ntlm_names(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    struct ms_sasl  s;
    ms_sasl_start(&s, MS_LIT("NTLM"));
    say(&s, 'S', (struct ms_bytes){ type2, sizeof type2 - 1 }, &a);
    assert_true(ms_equal(s.domain, MS_LIT("SRV")));
    assert_true(ms_equal(s.host, MS_LIT("PC")));
    say(&s, 'C', (struct ms_bytes){ type3, sizeof type3 - 1 }, &a);
    assert_true(ms_equal(s.user, MS_LIT("a\303\251\360\237\230\200")));
    assert_true(ms_equal(s.domain, MS_LIT("DOM")));
    assert_true(ms_equal(s.host, MS_LIT("WS")));
    assert_true(s.secret && !s.clear_secret);
    ms_arena_finish(&a);
}

/* Cut anywhere: no read outside (sanitizers), fields that lie outside are empty. */
static void ntlm_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof type3 - 1; n++) {
        struct ms_arena a = { 0 };
        struct ms_sasl  s;
        ms_sasl_start(&s, MS_LIT("GSS-SPNEGO"));
        say(&s, 'C', (struct ms_bytes){ type3, n }, &a);
        assert_true(n < 80 ? s.user.n == 0 : s.user.n > 0);
        ms_arena_finish(&a);
    }
}

static void limit_is_kept(void **state)
{
    (void)state;
    struct ms_limits limits = ms_limits_tiny();
    for (size_t n = limits.auth_response_bytes - 1; n <= limits.auth_response_bytes + 1; n++) {
        struct ms_arena a = { 0 };
        uint8_t         name[80] = { 0 };
        memset(name, 'x', n);
        struct ms_bytes got = ms_sasl_base64(encode((struct ms_bytes){ name, n }, &a), &a, limits.auth_response_bytes);
        assert_int_equal(got.n, n < limits.auth_response_bytes ? n : limits.auth_response_bytes);
        ms_arena_finish(&a);
    }
}

static void base64_is_tolerant(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    assert_true(ms_equal(ms_sasl_base64(MS_LIT(" YWJj\tZGU=\r\n"), &a, 100), MS_LIT("abcde")));
    assert_true(ms_equal(ms_sasl_base64(MS_LIT("YWJj!ZGU="), &a, 100), MS_LIT("abc")));
    assert_int_equal(ms_sasl_base64(MS_LIT("Y"), &a, 100).n, 0);
    assert_int_equal(ms_sasl_base64(MS_LIT(""), &a, 100).n, 0);
    ms_arena_finish(&a);
}

/* The line of the password is known as long as the login lasts, the name before it is not taken for one. */
static void secret_lines(void **state)
{
    (void)state;
    struct ms_arena a = { 0 };
    struct ms_sasl  s;
    ms_sasl_start(&s, MS_LIT("LOGIN"));
    say(&s, 'C', MS_LIT("bob"), &a);
    assert_int_equal(s.spoken.n, 0);
    say(&s, 'C', MS_LIT("s3cret"), &a);
    assert_true(ms_equal(s.spoken, MS_LIT("czNjcmV0")));
    ms_sasl_start(&s, MS_LIT("XTOKEN"));
    for (int i = 0; i < 3000; i++) /* room for one line, however many come */
        say(&s, 'C', i % 2 ? MS_LIT("ab") : MS_LIT("s3cret"), &a);
    assert_true(ms_equal(s.spoken, MS_LIT("YWI=")));
    ms_arena_finish(&a);
}

/* Cut at 20 bytes (RFC 4422 3.1); the session's arena holds one name, whatever is tried. */
static void unknown_mechanism_is_named(void **state)
{
    (void)state;
    struct ms_arena   a = { 0 };
    struct ms_session n = { 0 };
    struct ms_sasl    s;
    ms_sasl_start(&s, MS_LIT("x-moria-7"));
    ms_sasl_tell(&s, &n, &a);
    assert_true(ms_equal(ms_session_mechanism(&n), MS_LIT("X-MORIA-7")));
    const uint8_t *room = n.mechanism_name.p;
    ms_sasl_start(&s, MS_LIT("A_NAME-OF-MORE-THAN-20-BYTES"));
    ms_sasl_tell(&s, &n, &a);
    assert_true(ms_equal(ms_session_mechanism(&n), MS_LIT("A_NAME-OF-MORE-THAN-")));
    assert_ptr_equal(n.mechanism_name.p, room);
    ms_sasl_start(&s, MS_LIT("plain"));
    ms_sasl_tell(&s, &n, &a);
    assert_true(ms_equal(ms_session_mechanism(&n), MS_LIT("PLAIN")));
    ms_sasl_start(&s, (struct ms_bytes){ NULL, 0 });
    ms_sasl_tell(&s, &n, &a);
    assert_true(ms_equal(ms_session_mechanism(&n), MS_LIT("OTHER")));
    ms_arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_out), cmocka_unit_test(ntlm_names), cmocka_unit_test(ntlm_cut),
        cmocka_unit_test(limit_is_kept), cmocka_unit_test(base64_is_tolerant),
        cmocka_unit_test(secret_lines), cmocka_unit_test(unknown_mechanism_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
