/* Input and, checked by eye, the trace. Included by pop3_test.c. */
static const struct dialogue cases[] = {
    { "login, listing, message, quit", 0, false,
      { GREET,
        "C USER mrose\r\n",
        "S +OK send it\r\n",
        "C PASS secret word\r\n",
        "S +OK 2 messages\r\n",
        "C STAT\r\n",
        "S +OK 2 320\r\n",
        "C LIST\r\n",
        "S +OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n",
        "C RETR 1\r\n",
        "S +OK 120 octets\r\nSubject: x\r\n\r\n..dot\r\n+OK in text\r\n.\r\n",
        "C quit\r\n",
        "S +OK bye\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 USER mrose -> 3-3 +OK send it @mrose\n"
      "4 PASS * -> 5-5 +OK 2 messages @mrose\n"
      "6 STAT -> 7-7 +OK 2 320\n"
      "8 LIST -> 9-9 +OK 2 messages #14\n"
      "10 RETR 1 -> 11-11 +OK 120 octets #33\n"
      "message retrieved +OK (11): Subject: x\\r\\n\\r\\n.dot\\r\\n+OK in text\\r\\n\n"
      "12 QUIT -> 13-13 +OK bye\n"
      "quit greeted quit quit-ok clear-secret auth=USER/1/1 user=mrose host=dbc.mtview.ca.us 1=7\n" },
    { "failed login, response codes", 0, false,
      { GREET,
        "C USER a\r\n",
        "S +OK\r\n",
        "C PASS b\r\n",
        "S -ERR [IN-USE] Do you have another session?\r\n",
        "C QUIT\r\n",
        "S +OK [x] bye\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 USER a -> 3-3 +OK  @a\n"
      "4 PASS * -> 5-5 -ERR [IN-USE] Do you have another session? @a\n"
      "6 QUIT -> 7-7 +OK [x] bye\n"
      "auth greeted quit quit-ok clear-secret auth=USER/1/2 user=a host=dbc.mtview.ca.us 1=3 2=1\n" },
    { "user refused", 0, false,
      { GREET,
        "C USER a\r\n",
        "S -ERR [AUTH] no such user\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 USER a -> 3-3 -ERR [AUTH] no such user @a\n"
      "auth greeted auth=USER/1/2 user=a host=dbc.mtview.ca.us 1=1 2=1\n" },
    { "apop", 0, false,
      { GREET,
        "C APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n",
        "S +OK maildrop has 1 message\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 APOP mrose * -> 3-3 +OK maildrop has 1 message @mrose\n"
      "auth greeted auth=APOP/1/1 user=mrose host=dbc.mtview.ca.us 1=2\n" },
    { "capabilities and stls", 0, false,
      { GREET,
        "C CAPA\r\n",
        "S +OK list follows\r\nTOP\r\nSTLS\r\nSASL PLAIN\r\n.\r\n",
        "C STLS\r\n",
        "S +OK begin\r\n",
        "C \x16\x03\x01\x02\n+OK\n",
        "S \x16\x03\x03\n-ERR\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 CAPA -> 3-3 +OK list follows\\nTOP\\nSTLS\\nSASL PLAIN #23\n"
      "4 STLS -> 5-5 +OK begin\n"
      "tls encrypted greeted tls-offered tls-asked caps transport=starttls host=dbc.mtview.ca.us 1=3\n" },
    { "stls refused, on in clear", 0, false,
      { GREET,
        "C STLS\r\n",
        "S -ERR no\r\n",
        "C NOOP\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 STLS -> 3-3 -ERR no\n"
      "4 NOOP -> 5-5 +OK \n"
      "greeting greeted tls-asked host=dbc.mtview.ca.us 1=2 2=1\n" },
    { "stls accepted, on in clear", 0, false,
      { GREET,
        "C STLS\r\n",
        "S +OK go\r\n",
        "C NOOP\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 STLS -> 3-3 +OK go\n"
      "4 NOOP -> 5-5 +OK \n"
      "greeting greeted tls-asked clear-after transport=starttls host=dbc.mtview.ca.us 1=3\n" },
    { "auth with initial response", 0, false,
      { GREET,
        "C AUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 AUTH PLAIN * -> 3-3 +OK  @alice\n"
      "auth greeted clear-secret auth=PLAIN/1/1 user=alice host=dbc.mtview.ca.us 1=2\n" },
    { "auth login", 0, false,
      { GREET,
        "C AUTH LOGIN\r\n",
        "S + VXNlcm5hbWU6\r\n",
        "C QUlE\r\n",
        "S + UGFzc3dvcmQ6\r\n",
        "C QUIT\r\n",
        "S -ERR [AUTH] no\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 AUTH LOGIN -> 7-7 -ERR [AUTH] no @AID\n"
      "auth greeted clear-secret auth=LOGIN/1/2 user=AID host=dbc.mtview.ca.us 1=1 2=1\n" },
    { "auth given up", 0, false,
      { GREET,
        "C AUTH CRAM-MD5\r\n",
        "S + PDEuMkBoPg==\r\n",
        "C *\r\n",
        "S -ERR cancelled\r\n",
        "C NOOP\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 AUTH CRAM-MD5 -> 5-5 -ERR cancelled\n"
      "6 NOOP -> 7-7 +OK \n"
      "auth greeted auth=CRAM-MD5/1/2 user= host=dbc.mtview.ca.us 1=2 2=1\n" },
    { "auth list", 0, false,
      { GREET,
        "C AUTH\r\n",
        "S +OK\r\nPLAIN\r\nLOGIN\r\n.\r\n",
        "C LANG\r\n",
        "S +OK\r\nen\r\n.\r\n",
        "C UTF8\r\n",
        "S +OK\r\n",
        "C UIDL 1\r\n",
        "S +OK 1 abc\r\n",
        "C LIST 9\r\n",
        "S -ERR no such message\r\n",
        "C XTND XLST Subject\r\n",
        "S +OK\r\n1 x\r\n.\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 AUTH -> 3-3 +OK PLAIN\\nLOGIN #14\n"
      "4 LANG -> 5-5 +OK en #4\n"
      "6 UTF8 -> 7-7 +OK \n"
      "8 UIDL 1 -> 9-9 +OK 1 abc\n"
      "10 LIST 9 -> 11-11 -ERR no such message\n"
      "12 XTND XLST Subject -> 13-13 +OK  #5\n"
      "mailbox greeted host=dbc.mtview.ca.us 1=6 2=1\n" },
    { "pipelined", 0, false,
      { GREET,
        "C USER a\r\nPASS b\r\nSTAT\r\nTOP 1 0\r\nDELE 1\r\n",
        "S +OK\r\n+OK\r\n+OK 1 10\r\n+OK\r\nA: b\r\n\r\n.\r\n+OK gone\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 USER a -> 3-3 +OK  @a\n"
      "2 PASS * pipelined -> 3-3 +OK  @a\n"
      "2 STAT pipelined -> 3-3 +OK 1 10\n"
      "2 TOP 1 0 pipelined -> 3-3 +OK  #8\n"
      "message retrieved partial +OK (3): A: b\\r\\n\\r\\n\n"
      "2 DELE 1 pipelined -> 3-3 +OK gone\n"
      "data greeted clear-secret auth=USER/1/1 user=a host=dbc.mtview.ca.us 1=6\n" },
    { "message open at the end", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK 9999 octets\r\nA: b\r\n\r\nx\r\n." },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 -> 3-3 +OK 9999 octets #11\n"
      "message incomplete +OK (3): A: b\\r\\n\\r\\nx\\r\\n\n"
      "data greeted host=dbc.mtview.ca.us 1=2\n" },
    { "announced, never sent", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK 9999 octets\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 -> 3-3 +OK 9999 octets\n"
      "data greeted host=dbc.mtview.ca.us 1=2\n" },
    { "empty message", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK\r\n.\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 -> 3-3 +OK \n"
      "message retrieved +OK (3): \n"
      "data greeted host=dbc.mtview.ca.us 1=2\n" },
    { "LF only", 0, false,
      { "S +OK hi\n",
        "C RETR 1\n",
        "S +OK\nA: b\n\n..x\n.\n",
        "C QUIT\n",
        "S +OK\n" },
      "0  greeting -> 1-1 +OK hi\n"
      "2 RETR 1 -> 3-3 +OK  #9\n"
      "message retrieved +OK (3): A: b\\n\\n.x\\n\n"
      "4 QUIT -> 5-5 +OK \n"
      "quit greeted quit quit-ok 1=3\n" },
    { "end marker behind a bare LF", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK\r\nA: b\n\nx\n.\r\n",
        "C QUIT\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 -> 3-3 +OK  #8\n"
      "message retrieved +OK (3): A: b\\n\\nx\\n\n"
      "4 QUIT -> 5-5 +OK \n"
      "quit greeted quit quit-ok host=dbc.mtview.ca.us 1=3\n" },
    { "listing without end", 0, false,
      { GREET,
        "C LIST\r\n",
        "S +OK 0 messages\r\n",
        "C UIDL\r\n",
        "S -ERR unknown\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 LIST -> 3-3 +OK 0 messages\n"
      "4 UIDL -> 5-5 -ERR unknown\n"
      "mailbox greeted host=dbc.mtview.ca.us 1=2 2=1\n" },
    { "answer that is no status", 0, false,
      { GREET,
        "C XFOO\r\n",
        "S OK whatever\r\nmore\r\n",
        "C NOOP\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 XFOO -> 3-3  OK whatever\n"
      "4 NOOP -> 5-5 +OK \n"
      "greeting greeted host=dbc.mtview.ca.us 1=2\n" },
    { "no mail server", 0, false,
      { "S * OK IMAP\r\n",
        "C a1 LOGIN\r\n" },
      "0  greeting -> 1-1  * OK IMAP\n"
      "2 A1 LOGIN unanswered -> 0-0  \n"
      "greeting\n" },
    { "early client", 0, false,
      { "C USER a\r\n",
        GREET,
        "S +OK\r\n" },
      "0  greeting -> 2-2 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "1 USER a early -> 3-3 +OK  @a\n"
      "auth greeted early auth=USER/0/0 user=a host=dbc.mtview.ca.us 1=2\n" },
    { "greeting not captured", 0, false,
      { "C CAPA\r\n",
        "S +OK Capability list follows\r\nUSER\r\n.\r\n",
        "C STAT\r\n",
        "S +OK 1 2\r\n" },
      "1 CAPA -> 2-2 +OK Capability list follows\\nUSER #6\n"
      "3 STAT -> 4-4 +OK 1 2\n"
      "mailbox caps 1=2\n" },
    { "goodbye", 0, false,
      { GREET,
        "C NOOP\r\n",
        "S +OK\r\n-ERR autologout\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 NOOP -> 3-3 +OK \n"
      "0  greeting -> 3-3 -ERR autologout\n"
      "greeting greeted bye host=dbc.mtview.ca.us 1=2 2=1\n" },
    { "refused at the door", 0, false,
      { "S -ERR [SYS/TEMP] too busy at mail.example.com.\r\n" },
      "0  greeting -> 1-1 -ERR [SYS/TEMP] too busy at mail.example.com.\n"
      "greeting greeted host=mail.example.com 2=1\n" },
    { "server only", 0, false,
      { "S +OK dovecot ready at 2.2.33 mx1.example.org\r\n",
        "S +OK\r\n+OK Logged in.\r\n",
        "S +OK 1 messages (120 octets)\r\n1 120\r\n.\r\n",
        "S +OK 120 octets\r\nFoo\r\n.\r\n",
        "S +OK\r\nReturn-Path: <a@b>\r\n\r\nx\r\n.\r\n",
        "S +OK bye\r\n" },
      "0  greeting -> 1-1 +OK dovecot ready at 2.2.33 mx1.example.org\n"
      "0  no-command -> 2-2 +OK \n"
      "0  no-command -> 2-2 +OK Logged in.\n"
      "0  no-command -> 3-3 +OK 1 messages (120 octets)\n"
      "0  no-command -> 4-4 +OK 120 octets\n"
      "message retrieved +OK (4): Foo\\r\\n\n"
      "0  no-command -> 5-5 +OK \n"
      "message retrieved +OK (5): Return-Path: <a@b>\\r\\n\\r\\nx\\r\\n\n"
      "0  no-command -> 6-6 +OK bye\n"
      "greeting greeted host=mx1.example.org 1=7\n" },
    { "server only, stls", MS_SESSION_JOINED_LATE, false,
      { "S +OK begin TLS\r\n",
        "S \x16\x03\x03\n+OK\n" },
      "0  no-command -> 1-1 +OK begin TLS\n"
      "tls encrypted transport=starttls 1=1\n" },
    { "client only", 0, false,
      { "C USER a\r\n",
        "C PASS b\r\n",
        "C STAT\r\n" },
      "1 USER a unanswered -> 0-0   @a\n"
      "2 PASS * unanswered -> 0-0   @a\n"
      "3 STAT unanswered -> 0-0  \n"
      "auth clear-secret auth=USER/1/0 user=a\n" },
    { "client only, sasl, many", 0, true,
      { "C CAPA\r\nAUTH LOGIN\r\n",
        "C YQ==\r\n",
        "C Yg==\r\n",
        "C STAT\r\nLIST\r\nUIDL\r\n" },
      "1 CAPA unanswered -> 0-0  \n"
      "1 AUTH LOGIN unanswered -> 0-0   @a\n"
      "4 STAT unanswered -> 0-0  \n"
      "4 LIST unanswered -> 0-0  \n"
      "4 UIDL unanswered -> 0-0  \n"
      "auth clear-secret auth=LOGIN/1/0 user=a\n" },
    { "joined in a message", MS_SESSION_JOINED_LATE, false,
      { "S half a line\r\nFoo: x\r\n.\r\n",
        "C RETR 2\r\n",
        "S +OK\r\nA: b\r\n.\r\n" },
      "2 RETR 2 -> 3-3 +OK  #6\n"
      "message retrieved +OK (3): A: b\\r\\n\n"
      "data 1=1\n" },
    { "gap in a message", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK\r\nA: b\r\n",
        "G",
        "S nd\r\n..x\r\n.\r\n",
        "C QUIT\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 gap -> 3-5 +OK  #14\n"
      "message incomplete +OK (3): A: b\\r\\n(gap)nd\\r\\n.x\\r\\n\n"
      "6 QUIT -> 7-7 +OK \n"
      "quit greeted quit quit-ok host=dbc.mtview.ca.us 1=3\n" },
    { "gap over the end of a message", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK\r\nA: b\r\n",
        "G",
        "C RETR 2\r\n",
        "S +OK two\r\nC: d\r\n.\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 gap -> 3-4 +OK  #6\n"
      "message incomplete +OK (3): A: b\\r\\n(gap)\n"
      "5 RETR 2 -> 6-6 +OK two #6\n"
      "message retrieved +OK (6): C: d\\r\\n\n"
      "data greeted host=dbc.mtview.ca.us 1=3\n" },
    { "gap, end right behind it", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "S +OK\r\nA: b\r\n",
        "G",
        "S .\r\n",
        "C QUIT\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 gap -> 3-5 +OK  #6\n"
      "message incomplete +OK (3): A: b\\r\\n(gap)\n"
      "6 QUIT -> 7-7 +OK \n"
      "quit greeted quit quit-ok host=dbc.mtview.ca.us 1=3\n" },
    { "status lost, message there", 0, false,
      { GREET,
        "C RETR 1\r\n",
        "G",
        "S A: b\r\n.\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 RETR 1 gap -> 0-4   #6\n"
      "message incomplete  (0): (gap)A: b\\r\\n\n"
      "greeting greeted host=dbc.mtview.ca.us 1=1\n" },
    { "answer lost", 0, false,
      { GREET,
        "C STAT\r\n",
        "G",
        "C LIST 1\r\n",
        "S +OK 1 5\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 STAT unanswered gap -> 0-0  \n"
      "4 LIST 1 -> 5-5 +OK 1 5\n"
      "mailbox greeted host=dbc.mtview.ca.us 1=2\n" },
    { "gap in a listing", 0, false,
      { GREET,
        "C LIST\r\n",
        "S +OK\r\n1 2\r\n",
        "G",
        "C QUIT\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 LIST gap -> 3-3 +OK  #5\n"
      "5 QUIT -> 6-6 +OK \n"
      "quit greeted quit quit-ok host=dbc.mtview.ca.us 1=3\n" },
    { "command lost", 0, false,
      { GREET,
        "g",
        "C alf\r\nSTAT\r\n",
        "S +OK 0 0\r\n",
        "S +OK what\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "stray alf\n"
      "3 STAT -> 4-4 +OK 0 0\n"
      "0  no-command -> 5-5 +OK what\n"
      "mailbox greeted host=dbc.mtview.ca.us 1=3\n" },
    { "too many commands, long lines", 0, true,
      { "S +OK hi\r\n",
        "C A\r\nB\r\nC\r\nD\r\nE\r\n",
        "S +OK\r\n+OK\r\n+OK\r\n+OK\r\n",
        "S +OK e\r\n",
        "C USER 01234567890123456789012345678901234567890\r\n",
        "S +OK\r\n",
        "C RETR 1\r\n",
        "S +OK 01234567890123456789012345678901234567890\r\nA: b\r\n.\r\n" },
      "0  greeting -> 1-1 +OK hi\n"
      "limit pending_exchanges\n"
      "2 A -> 3-3 +OK \n"
      "2 B pipelined -> 3-3 +OK \n"
      "2 C pipelined -> 3-3 +OK \n"
      "2 D pipelined -> 3-3 +OK \n"
      "0  no-command -> 4-4 +OK e\n"
      "limit line_bytes\n"
      "5 USER 012345678901234567890123456 -> 6-6 +OK  @012345678901234567890123456\n"
      "limit line_bytes\n"
      "7 RETR 1 -> 8-8 +OK 0123456789012345678901234567 #6\n"
      "message retrieved +OK (8): A: b\\r\\n\n"
      "data greeted auth=USER/0/0 user=012345678901234567890123456 1=8\n" },
    { "lower case and blanks", 0, false,
      { GREET,
        "C  list \r\n",
        "S +ok\r\n1 1\r\n.\r\n",
        "C \r\nnoop\r\n",
        "S +OK\r\n" },
      "0  greeting -> 1-1 +OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\n"
      "2 LIST -> 3-3 +OK  #5\n"
      "4 NOOP -> 5-5 +OK \n"
      "mailbox greeted host=dbc.mtview.ca.us 1=3\n" },
};
