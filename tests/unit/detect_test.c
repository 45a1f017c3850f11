/* tests/unit/detect_test.c - first words of many protocols, on their ports and on others. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/proto.h"

#include <stdlib.h>

#define MORE MS_GUESS_MORE, MS_PROTO_NONE
#define NO   MS_GUESS_NO, MS_PROTO_NONE
#define SMTP MS_GUESS_MAIL, MS_PROTO_SMTP
#define LMTP MS_GUESS_MAIL, MS_PROTO_LMTP
#define POP3 MS_GUESS_MAIL, MS_PROTO_POP3
#define IMAP MS_GUESS_MAIL, MS_PROTO_IMAP
#define TLS(p) MS_GUESS_TLS, MS_PROTO_##p
#define HELLO "\x16\x03\x01\x02"

static const struct { const char *client, *server; uint16_t port; bool ended; enum ms_guess_kind kind; enum ms_protocol protocol; } cases[] = {
    /* on their ports */
    { "", "220 mail.example.com ready\r\n", 25, false, SMTP },
    { "", "220-mail.example.com\r\n", 587, false, SMTP },
    { "", "554 no service\r\n", 25, false, SMTP },
    { "", "421 4.7.0 try again\r\n", 2525, false, SMTP },
    { "", "220 ready\r\n", 24, false, LMTP },
    { "LHLO x\r\n", "220 ready\r\n", 25, false, LMTP },
    { "EHLO x\r\n", "220 ready\r\n", 24, false, SMTP },
    { "EHLO x\r\n", "", 25, false, SMTP },
    { "", "+OK\r\n", 110, false, POP3 },
    { "", "-ERR busy\r\n", 110, false, POP3 },
    { "", "* OK ready\r\n", 143, false, IMAP },
    { "", "* BYE busy\r\n", 143, false, IMAP },
    { "USER a\r\n", "", 110, false, MORE },
    { "USER a\r\n", "", 110, true, POP3 },
    { "AUTH PLAIN AAAA\r\n", "", 110, true, POP3 },
    { "A1 NOOP\r\n", "", 143, true, IMAP },
    { "GET / HTTP/1.1\r\n", "220 mail.example.com\r\n", 25, false, SMTP },
    { "GET / HTTP/1.1\r\n", "554 5.7.1 no\r\n", 25, false, SMTP },
    { "GET / HTTP/1.1\r\n", "", 25, false, MORE },
    { "GET / HTTP/1.1\r\n", "", 25, true, NO },
    { "GET / HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n", 25, false, NO },
    { "EHLO a\r\n", "HTTP/1.1 400 Bad Request\r\n", 25, false, SMTP },
    { "QUIT\r\n", "HTTP/1.1 400 Bad Request\r\n", 25, false, NO },
    { "SSH-2.0-x\r\n", "SSH-2.0-OpenSSH_9.2\r\n", 587, false, NO },
    { "PROXY TCP4 1.2.3.4 5.6.7.8 1 25\r\nEHLO x\r\n", "", 25, false, SMTP },
    /* the other mail protocol's port */
    { "", "* OK IMAP4rev1 ready\r\n", 110, false, IMAP },
    { "a1 CAPABILITY\r\n", "* OK\r\n", 25, false, IMAP },
    /* TLS */
    { HELLO, "", 993, false, TLS(IMAP) },
    { HELLO, "", 465, false, TLS(SMTP) },
    { "", "\x17\x03\x03\x01", 995, false, TLS(POP3) },
    { HELLO, "", 25, false, TLS(SMTP) },
    { HELLO, "", 143, false, TLS(IMAP) },
    { HELLO, "220 mail.example.com\r\n", 25, false, SMTP },
    { HELLO, "", 443, false, NO },
    { "\x16", "", 993, false, MORE },
    { "\x01\x02\x03", "\x05\x06\x07", 993, true, TLS(IMAP) },
    { "", "* OK ready\r\n", 993, false, IMAP },
    /* any port */
    { "", "220 mx.example.com ESMTP Postfix\r\n", 10025, false, SMTP },
    { "", "220 ftp.example.com ESMTP\r\n", 10025, false, SMTP },
    { "", "220 mx LMTP ready\r\n", 10024, false, LMTP },
    { "EHLO a.example.com\r\n", "220 hi\r\n", 10025, false, SMTP },
    { "EHLO a.example.com\r\n", "", 10025, false, SMTP },
    { "", "220 hi\r\n", 10025, false, MORE },
    { "", "220 hi\r\n", 10025, true, NO },
    { "", "+OK <1.2@pop.example.com>\r\n", 10110, false, POP3 },
    { "", "+OK Dovecot ready.\r\n", 10110, false, MORE },
    { "CAPA\r\n", "+OK Dovecot ready.\r\n", 10110, false, POP3 },
    { "USER a\r\n", "+OK hi\r\n", 10110, false, POP3 },
    { "AUTH PLAIN\r\n", "+OK hi\r\n", 10110, false, POP3 },
    { "auth cram-md5\r\n", "+OK hi\r\n", 10110, false, POP3 },
    { "AUTH\r\n", "+OK hi\r\n", 10110, false, POP3 },
    { "AUTH\r\n", "-ERR wrong number of arguments for 'auth' command\r\n", 6379, false, NO },
    { "a1 LOGIN u p\r\n", "* OK hi\r\n", 10143, false, IMAP },
    { "a CAPABILITY\r\n", "", 10143, false, IMAP },
    { "", "* OK [CAPABILITY IMAP4rev1] ready\r\n", 10143, false, IMAP },
    { "", "* PREAUTH IMAP4rev1 ready\r\n", 10143, false, IMAP },
    /* look-alikes */
    { "USER anonymous\r\n", "220 (vsFTPd 3.0.3)\r\n", 21, false, NO },
    { "USER a\r\n", "220 smtp.example.com FTP server ready\r\n", 2121, true, NO },
    { "", "220 FTP server\r\n", 2121, false, NO },
    { "SYST\r\n", "220 hi\r\n", 2121, false, NO },
    { "", "200 news.example.com InterNetNews ready\r\n", 119, false, NO },
    { "GROUP x\r\n", "", 119, false, NO },
    { "*1\r\n$4\r\nPING\r\n", "+PONG\r\n", 6379, false, NO },
    { "*2\r\n$4\r\nAUTH\r\n$1\r\nx\r\n", "+OK\r\n", 6379, false, NO },
    { "AUTH x\r\n", "+OK\r\n", 6379, true, NO },
    { "", "\"IMPLEMENTATION\" \"Dovecot Pigeonhole\"\r\n", 4190, false, NO },
    { "NICK a\r\nUSER a 0 * :a\r\n", ":irc NOTICE\r\n", 6667, false, NO },
    { "GET /a1 LOGIN HTTP/1.0\r\n", "", 80, false, NO },
    { "OPTIONS sip:a SIP/2.0\r\n", "", 5060, false, NO },
    { "CONNECT {}\r\n", "INFO {\"server_id\":1}\r\n", 4222, false, NO },
    { "", "J\x01\x02\x03\n5.7.1\x01", 3306, false, NO },
    { "", "* OK MUPDATE \"mx\"\r\n", 3905, false, NO },
    { "", "RFB 003.008\n", 5900, false, NO },
    { "a list of things\r\n", "* OK\r\n", 7000, false, IMAP }, /* two that fit: nothing else speaks so */
    { "a list of things\r\n", "hello\r\n", 7000, false, NO },
    { "hello\r\n", "world\r\n", 7000, false, NO },
    { "", "", 25, true, NO },
    { "", "", 25, false, MORE },
    /* joined late */
    { "", "text of a message\r\n.\r\n+OK 3 octets\r\n", 110, false, POP3 },
    { "base64\r\nbase64\r\n.\r\nQUIT\r\n", "250 2.0.0 Ok: queued as 1\r\n", 25, false, SMTP },
    { "", "A12 OK FETCH completed\r\n", 143, false, IMAP },
    { "", "* 12 FETCH (FLAGS (\\Seen))\r\n", 10143, false, IMAP },
    { "", "250 ok queued\r\n", 25, false, SMTP },
};

static struct ms_guess detect_exact(struct ms_bytes client, struct ms_bytes server, uint16_t port, bool ended)
{
    uint8_t *c = malloc(client.n ? client.n : 1), *s = malloc(server.n ? server.n : 1);
    if (client.n)
        memcpy(c, client.p, client.n);
    if (server.n)
        memcpy(s, server.p, server.n);
    struct ms_guess g = ms_detect((struct ms_bytes){ c, client.n }, (struct ms_bytes){ s, server.n }, port, ended);
    free(c);
    free(s);
    return g;
}

static void first_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_guess g = detect_exact(ms_str(cases[i].client), ms_str(cases[i].server), cases[i].port, cases[i].ended);
        if (g.kind != cases[i].kind || g.protocol != cases[i].protocol)
            fail_msg("client \"%s\" server \"%s\" port %d ended %d: kind %d protocol %s", cases[i].client, cases[i].server,
                     cases[i].port, cases[i].ended, g.kind, ms_protocol_name(g.protocol));
    }
}

/* With fewer bytes of one side the answer is the same or "wait", as long as the other side is as it is. */
static void cut_lines_wait(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_bytes client = ms_str(cases[i].client), server = ms_str(cases[i].server);
        if (cases[i].ended || cases[i].kind != MS_GUESS_MAIL)
            continue;
        for (size_t cut = 0; cut < ms_find(server, '\n'); cut++) {
            struct ms_guess g = detect_exact((struct ms_bytes){ NULL, 0 }, ms_head(server, cut), cases[i].port, false);
            assert_int_equal(g.kind, MS_GUESS_MORE);
        }
        for (size_t cut = 0; cut < ms_find(client, '\n'); cut++) {
            struct ms_guess g = detect_exact(ms_head(client, cut), (struct ms_bytes){ NULL, 0 }, cases[i].port, false);
            assert_true(g.kind == MS_GUESS_MORE || client.p[0] == 0x16);
        }
    }
}

static void ports(void **state)
{
    (void)state;
    bool tls = false;
    assert_int_equal(ms_port_protocol(465, &tls), MS_PROTO_SMTP);
    assert_true(tls);
    assert_int_equal(ms_port_protocol(110, &tls), MS_PROTO_POP3);
    assert_false(tls);
    assert_int_equal(ms_port_protocol(24, &tls), MS_PROTO_LMTP);
    assert_int_equal(ms_port_protocol(80, &tls), MS_PROTO_NONE);
}

static void other_protocols(void **state)
{
    (void)state;
#define ROW(text, name, sign) { (const uint8_t *)(text), sizeof(text) - 1, name, sign }
    static const struct { const uint8_t *p; size_t n; const char *name; size_t sign; } rows[] = {
        ROW("GET / HTTP/1.1", "HTTP", 5), ROW("OPTIONS sip:nm SIP/2.0", "SIP", 12), ROW("SSH-2.0-OpenSSH_9.2", "SSH", 4), ROW("SSH", NULL, 0),
        ROW("\3\0\0\x13\x0e\xe0\0\0", "RDP", 6), ROW("\3\0\0\x13\x0e", NULL, 0), ROW("\0\0\0\x2f\xfeSMB", "SMB", 8), ROW("\5\1\0", "SOCKS", 3),
        ROW("\5\2\0", NULL, 0), ROW("\4\1\0\x19\xc0\0\2\1\0", "SOCKS", 2), ROW("EHLO a", NULL, 0), ROW("", NULL, 0),
    };
#undef ROW
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ms_foreign got = ms_foreign((struct ms_bytes){ rows[i].p, rows[i].n });
        assert_true(rows[i].name ? got.name && strcmp(got.name, rows[i].name) == 0 : !got.name);
        assert_int_equal(got.sign, rows[i].sign);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(first_words), cmocka_unit_test(cut_lines_wait), cmocka_unit_test(ports),
                                        cmocka_unit_test(other_protocols) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
