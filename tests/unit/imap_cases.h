/* Dialogues and what the parser says of them, checked by eye. Included by imap_test.c. */
static const struct dialogue dialogues[] = {
    { "a session from greeting to logout", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: A1 CAPABILITY",
        "S: * CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN",
        "S: A1 OK done.",
        "C: A2 LOGIN \"anna\" \"pa\\\"ss word\"",
        "S: A2 OK [CAPABILITY IMAP4rev1 MOVE] Logged in",
        "C: A3 select \"INBOX\"",
        "S: * 23 EXISTS",
        "S: * OK [UIDVALIDITY 3] UIDs valid",
        "S: A3 OK [READ-WRITE] Select completed.",
        "C: A4 UID FETCH 77 (UID FLAGS BODY.PEEK[])",
        "S: * 5 FETCH (UID 77 FLAGS (\\Seen) BODY[] {21}",
        "S=Subject: hi\r\n\r\nbody\r\n)\r\n",
        "S: A4 OK Fetch completed.",
        "C: A5 LOGOUT",
        "S: * BYE Logging out",
        "S: A5 OK Logout completed." },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  CAPABILITY||OK [] done.||42 greeting 2>4-4\n"
      "X  LOGIN|\"anna\" \"<pa\\\"ss word>\"|OK [CAPABILITY IMAP4rev1 MOVE] Logged in|anna|0 auth 5>6-6\n"
      "X  SELECT|\"INBOX\"|OK [READ-WRITE] Select completed.|INBOX|11 mailbox 7>10-10\n"
      "M1 retrieved retrieved - 13-13 Subject: hi\\r\\n\\r\\nbody\\r\\n\n"
      "X  UID FETCH|77 (UID FLAGS BODY.PEEK[])|OK [] Fetch completed.||65 data 11>14-14\n"
      "X  LOGOUT||OK [] Logout completed.||0 quit 15>17-17\n"
      "quit plain greeted quit quit-ok tls-offered caps clear-secret clear-mail login-command/1/1 anna @imap.example.org OK:5\n"
      "csscscssscssscssc\n" },
    { "login with synchronising literals", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a LOGIN {4}",
        "S: + go",
        "C: anna {8}",
        "S: + go",
        "C: pass wrd",
        "S: a NO [AUTHENTICATIONFAILED] no" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  LOGIN|anna \"<pass wrd>\"|NO [AUTHENTICATIONFAILED] no|anna|12 auth 6>7-7\n"
      "auth plain greeted tls-offered caps clear-secret login-command/1/2 anna @imap.example.org NO:1\n"
      "csususc\n" },
    { "login with literals sent at once", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a LOGIN {4+}\r\nanna {3+}\r\na\"b\r\n",
        "S: a OK [READ-WRITE] yes" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  LOGIN|anna \"<a\\\"b>\"|OK [READ-WRITE] yes|anna|7 auth 2>3-3\n"
      "auth plain greeted tls-offered caps clear-secret login-command/1/1 anna @imap.example.org OK:1\n"
      "csc\n" },
    { "the server wants no literal", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a LOGIN {4}",
        "S: a BAD no literals",
        "C: b NOOP",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  LOGIN|{4}|BAD [] no literals||0 auth 3>3-3\n"
      "X  NOOP||OK [] ||0 auth 4>5-5\n"
      "auth plain greeted tls-offered caps login-command/1/2  @imap.example.org BAD:1 OK:1\n"
      "cscsc\n" },
    { "odd logins hide all that may be a password", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a LOGIN \"anna pass",
        "S: a BAD x",
        "C: b LOGIN anna p w",
        "S: b NO x",
        "C: c LOGIN",
        "S: c BAD x",
        "C: d LOGIN anna \"p\" x",
        "S: d BAD" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  LOGIN|<\"anna pass>|BAD [] x||0 auth 2>3-3\n"
      "X  LOGIN|anna <p w>|NO [] x|anna|0 auth 4>5-5\n"
      "X  LOGIN||BAD [] x||0 auth 6>7-7\n"
      "X  LOGIN|anna <\"p\" x>|BAD [] |anna|0 auth 8>9-9\n"
      "auth plain greeted tls-offered caps clear-secret login-command/4/2 anna @imap.example.org BAD:3 NO:1\n"
      "cscscscsc\n" },
    { "a long password in a literal", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a LOGIN anna {300+}\r\n" XXL "\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  LOGIN|anna <{300}>|OK [] |anna|300 auth 2>3-3\n"
      "auth plain greeted tls-offered caps clear-secret login-command/1/1 anna @imap.example.org OK:1\n"
      "csc\n" },
    { "authenticate login", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a AUTHENTICATE LOGIN",
        "S: + VXNlciBOYW1l",
        "C: YW5uYQ==",
        "S: + UGFzc3dvcmQ=",
        "C: c2VjcmV0",
        "S: a OK done" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  AUTHENTICATE|LOGIN|OK [] done||0 auth 2>7-7\n"
      "auth plain greeted tls-offered caps clear-secret LOGIN/1/1 anna @imap.example.org OK:1\n"
      "cscscsc\n" },
    { "authenticate plain with initial response", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a authenticate plain AGFubmEAc2VjcmV0",
        "S: a NO [AUTHENTICATIONFAILED] no" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  AUTHENTICATE|plain <AGFubmEAc2VjcmV0>|NO [AUTHENTICATIONFAILED] no||0 auth 2>3-3\n"
      "auth plain greeted tls-offered caps clear-secret PLAIN/1/2 anna @imap.example.org NO:1\n"
      "csc\n" },
    { "authenticate given up", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a AUTHENTICATE CRAM-MD5",
        "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3Q+",
        "C: *",
        "S: a BAD cancelled",
        "C: b NOOP",
        "S: b OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  AUTHENTICATE|CRAM-MD5|BAD [] cancelled||0 auth 2>5-5\n"
      "X  NOOP||OK [] x||0 auth 6>7-7\n"
      "auth plain greeted tls-offered caps CRAM-MD5/1/2  @imap.example.org BAD:1 OK:1\n"
      "cscscsc\n" },
    { "authenticate whose reply is lost", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a AUTHENTICATE PLAIN",
        "S: +",
        "C: AGFubmEAc2VjcmV0",
        "S!20",
        "C: b NOOP",
        "S: b OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X UG AUTHENTICATE|PLAIN|- [] ||0 auth 2>0-0\n"
      "X P NOOP||OK [] x||0 auth 6>7-7\n"
      "auth plain greeted tls-offered caps clear-secret PLAIN/1/0 anna @imap.example.org OK:1\n"
      "cscsssc\n" },
    { "idle", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a IDLE",
        "S: + idling",
        "S: * 4 EXISTS",
        "C: DONE",
        "S: a OK Idle completed",
        "C: b NOOP",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X I IDLE||OK [] Idle completed||10 greeting 2>6-6\n"
      "X  NOOP||OK [] ||0 greeting 7>8-8\n"
      "greeting plain greeted tls-offered caps /0/0  @imap.example.org OK:2\n"
      "csiiscsc\n" },
    { "append, synchronising", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a APPEND \"Sent box\" (\\Seen) \"26-Jul-2022 17:49:09 +0800\" {9}",
        "S: + Ready",
        "C=A: b\r\n\r\nc",
        "C: ",
        "S: a OK [APPENDUID 1 7] done" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended accepted OK 4-4 A: b\\r\\n\\r\\nc\n"
      "X  APPEND|\"Sent box\" (\\Seen) \"26-Jul-2022 17:49:09 +0800\" {9}|OK [APPENDUID 1 7] done|Sent box|9 data 5>6-6\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "csuusc\n" },
    { "append refused before it is sent", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a APPEND Sent {9}",
        "S: a NO [TRYCREATE] no such box",
        "C: b CREATE Sent",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  APPEND|Sent {9}|NO [TRYCREATE] no such box|Sent|0 data 3>3-3\n"
      "X  CREATE|Sent|OK [] |Sent|0 mailbox 4>5-5\n"
      "mailbox plain greeted tls-offered caps /0/0  @imap.example.org NO:1 OK:1\n"
      "cscsc\n" },
    { "append rejected afterwards", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND {4+}\r\nSent {9+}\r\nA: b\r\n\r\nc\r\n",
        "S: a NO [OVERQUOTA] full" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended rejected NO 2-2 A: b\\r\\n\\r\\nc\n"
      "X  APPEND|Sent {9}|NO [OVERQUOTA] full|Sent|13 data 2>3-3\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org NO:1\n"
      "csc\n" },
    { "reply while the client is still sending", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {9+}\r\nA: b",
        "S: a NO [LIMIT] too big",
        "C=\r\n\r\nc\r\n",
        "C: b NOOP",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended rejected NO 2-4 A: b\\r\\n\\r\\nc\n"
      "X  APPEND|Sent {9}|NO [LIMIT] too big|Sent|9 data 4>3-3\n"
      "X  NOOP||OK [] ||0 data 5>6-6\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org NO:1 OK:1\n"
      "cuucsc\n" },
    { "several messages in one append", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {4+}\r\none\n (\\Seen) {4+}\r\ntwo\n {0+}\r\n\r\n",
        "S: a OK both" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended accepted OK 2-2 one\\n\n"
      "M2 appended accepted OK 2-2 two\\n\n"
      "X  APPEND|Sent {4} (\\Seen) {4} {0}|OK [] both|Sent|8 data 2>3-3\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "csc\n" },
    { "catenate and utf8", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND D CATENATE (URL \"/x;uid=1\" TEXT {3+}\r\none TEXT {3+}\r\ntwo) UTF8 (~{3+}\r\nthr)\r\n",
        "S: a OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended accepted partial OK 2-2 onetwothr\n"
      "X  APPEND|D CATENATE (URL \"/x;uid=1\" TEXT {3} TEXT {3}) UTF8 ({3})|OK [] x|D|9 data 2>3-3\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "csc\n" },
    { "append cut off by the end", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {9+}\r\nA: b" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended incomplete - 2-2 A: b\n"
      "X U APPEND|Sent {9}|- [] |Sent|4 data 2>0-0\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org\n"
      "cu\n" },
    { "append never answered", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {4+}\r\nA: b\r\n" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended unanswered - 2-2 A: b\n"
      "X U APPEND|Sent {4}|- [] |Sent|4 data 2>0-0\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org\n"
      "cs\n" },
    { "append with a hole", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {9+}\r\nA: ",
        "C!3",
        "C=b\nc\r\n",
        "S: a OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended accepted OK 2-4 A: <3 missing>b\\nc\n"
      "X G APPEND|Sent {9}|OK [] x|Sent|6 data 4>5-5\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cuusc\n" },
    { "a hole from the literal into what follows", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a APPEND Sent {9+}\r\nA: ",
        "C!30",
        "C: c NOOP",
        "S: a OK x",
        "S: c OK y" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 appended accepted OK 2-3 A: <6 missing>\n"
      "X G APPEND|Sent {9}|OK [] x|Sent|3 data 3>5-5\n"
      "X P NOOP||OK [] y||0 data 4>6-6\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "cusssc\n" },
    { "two bodies in a response, two responses", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1:2 (RFC822 ENVELOPE)",
        "S=* 1 FETCH (RFC822 {3}\r\none ENVELOPE (\"d\" {5}\r\n\"(b)  NIL) UID 9)\r\n* 2 FETCH (ENVELOPE (NIL \"\\\")\" ((NIL))) RFC822 {3}\r\ntwo)\r\n",
        "S: a OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-3 one\n"
      "M2 retrieved retrieved - 3-3 two\n"
      "X  FETCH|1:2 (RFC822 ENVELOPE)|OK [] x||113 data 2>4-4\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssc\n" },
    { "quoted and absent bodies", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1:4 BODY[]",
        "S: * 1 FETCH (BODY[] \"A: \\\"b\\\"\")",
        "S: * 2 FETCH (BODY[] NIL)",
        "S: * 3 FETCH (BODY[] \"\")",
        "S: * 4 FETCH (BINARY[] ~{2}",
        "S=ab)\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-3 A: \"b\"\n"
      "M2 retrieved retrieved - 7-7 ab\n"
      "X  FETCH|1:4 BODY[]|OK [] ||99 data 2>8-8\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssssssc\n" },
    { "listings are no messages", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 (BODY.PEEK[HEADER.FIELDS (FROM TO)] BODYSTRUCTURE)",
        "S=* 1 FETCH (BODY[HEADER.FIELDS (FROM TO)] {9}\r\nFrom: a\r\n BODYSTRUCTURE (\"text\" \"plain\" NIL) BODY[1.HEADER.FIELDS (X)] {1}\r\nx)\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 (BODY.PEEK[HEADER.FIELDS (FROM TO)] BODYSTRUCTURE)|OK [] ||120 mailbox 2>4-4\n"
      "mailbox plain greeted tls-offered caps /0/0  @imap.example.org OK:1\n"
      "cssc\n" },
    { "ranges in order, the last one short", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a UID FETCH 7 (UID BODY.PEEK[]<0.4>)",
        "S=* 1 FETCH (UID 7 BODY[]<0> {4}\r\nabcd)\r\n",
        "S: a OK",
        "C: b UID FETCH 7 (UID BODY.PEEK[]<4.4>)",
        "S=* 1 FETCH (UID 7 BODY[]<4> {2}\r\nef)\r\n",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  UID FETCH|7 (UID BODY.PEEK[]<0.4>)|OK [] ||35 data 2>4-4\n"
      "M1 retrieved retrieved - 3-6 abcdef\n"
      "X  UID FETCH|7 (UID BODY.PEEK[]<4.4>)|OK [] ||33 mailbox 5>7-7\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "csscssc\n" },
    { "ranges out of order and twice", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]<8.4>",
        "C: b FETCH 1 BODY[]<4.4>",
        "C: c FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<8> {2}\r\nij)\r\n",
        "S: a OK",
        "S=* 1 FETCH (BODY[]<4> {4}\r\nefgh)\r\n* 1 FETCH (BODY[]<4> {4}\r\nefgh)\r\n",
        "S: b OK",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nabcd)\r\n",
        "S: c OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 BODY[]<8.4>|OK [] ||27 mailbox 2>6-6\n"
      "X P FETCH|1 BODY[]<4.4>|OK [] ||58 mailbox 3>8-8\n"
      "M1 retrieved retrieved - 5-9 abcdefghij\n"
      "X P FETCH|1 BODY[]<0.4>|OK [] ||29 data 4>10-10\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:3\n"
      "cssssssssc\n" },
    { "ranges that end with an empty one", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nabcd)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[]<4.4>",
        "S: * 1 FETCH (BODY[]<4> \"\")",
        "S: b OK",
        "C: c FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nABCD)\r\n",
        "S: c OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 BODY[]<0.4>|OK [] ||29 data 2>4-4\n"
      "M1 retrieved retrieved - 3-3 abcd\n"
      "X  FETCH|1 BODY[]<4.4>|OK [] ||24 mailbox 5>7-7\n"
      "X  FETCH|1 BODY[]<0.4>|OK [] ||29 data 8>10-10\n"
      "M2 retrieved retrieved partial - 9-9 ABCD\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:3\n"
      "csscsscssc\n" },
    { "ranges up to the size", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 (RFC822.SIZE BODY[]<0.4>)",
        "S=* 1 FETCH (RFC822.SIZE 8 BODY[]<0> {4}\r\nabcd)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[]<4.4>",
        "S=* 1 FETCH (BODY[]<4> {4}\r\nefgh)\r\n",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 (RFC822.SIZE BODY[]<0.4>)|OK [] ||43 data 2>4-4\n"
      "M1 retrieved retrieved - 3-6 abcdefgh\n"
      "X  FETCH|1 BODY[]<4.4>|OK [] ||29 mailbox 5>7-7\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "csscssc\n" },
    { "a range fetched again; the mailbox is left", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nabcd)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nabcd)\r\n",
        "S: b OK",
        "C: c SELECT Sent",
        "S: c OK [READ-ONLY] x",
        "C: d FETCH 1 BODY[]<4.4>",
        "S=* 1 FETCH (BODY[]<4> {4}\r\nEFGH)\r\n",
        "S: d OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 BODY[]<0.4>|OK [] ||29 data 2>4-4\n"
      "M1 retrieved retrieved partial - 3-3 abcd\n"
      "X  FETCH|1 BODY[]<0.4>|OK [] ||29 data 5>7-7\n"
      "M2 retrieved retrieved partial - 6-6 abcd\n"
      "X  SELECT|Sent|OK [READ-ONLY] x|Sent|0 mailbox 8>9-9\n"
      "X  FETCH|1 BODY[]<4.4>|OK [] ||29 mailbox 10>12-12\n"
      "M3 retrieved retrieved partial - 11-11 <4 missing>EFGH\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:4\n"
      "csscsscscssc\n" },
    { "header, then text", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 RFC822.HEADER",
        "S=* 1 FETCH (RFC822.HEADER {6}\r\nA: b\r\n)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[TEXT]",
        "S=* 1 FETCH (BODY[TEXT] {4}\r\ntext FLAGS ())\r\n",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 RFC822.HEADER|OK [] ||35 data 2>4-4\n"
      "M1 retrieved retrieved - 3-6 A: b\\r\\ntext\n"
      "X  FETCH|1 BODY[TEXT]|OK [] ||39 mailbox 5>7-7\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "csscssc\n" },
    { "text, then header, in one response", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 (BODY[TEXT] BODY[HEADER])",
        "S=* 1 FETCH (BODY[TEXT] {4}\r\ntext BODY[HEADER] {6}\r\nA: b\r\n)\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-3 A: b\\r\\ntext\n"
      "X  FETCH|1 (BODY[TEXT] BODY[HEADER])|OK [] ||53 data 2>4-4\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssc\n" },
    { "header, then text in ranges", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[HEADER]",
        "S=* 1 FETCH (BODY[HEADER] {6}\r\nA: b\r\n UID 3)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[TEXT]<0.4>",
        "S=* 1 FETCH (UID 3 BODY[TEXT]<0> {4}\r\ntext)\r\n",
        "S: b OK",
        "C: c FETCH 1 BODY[TEXT]<4.4>",
        "S=* 1 FETCH (UID 3 BODY[TEXT]<4> {1}\r\n!)\r\n",
        "S: c OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1 BODY[HEADER]|OK [] ||40 data 2>4-4\n"
      "X  FETCH|1 BODY[TEXT]<0.4>|OK [] ||39 mailbox 5>7-7\n"
      "M1 retrieved retrieved - 3-9 A: b\\r\\ntext!\n"
      "X  FETCH|1 BODY[TEXT]<4.4>|OK [] ||36 mailbox 8>10-10\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:3\n"
      "csscsscssc\n" },
    { "header alone, text alone, sections", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1:3 (x)",
        "S=* 1 FETCH (BODY[HEADER] {6}\r\nA: b\r\n)\r\n* 2 FETCH (BODY[TEXT] {4}\r\ntext)\r\n* 3 FETCH (BODY[2.MIME] {3}\r\nm\r\n BODY[2] {4}\r\nsect)\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  FETCH|1:3 (x)|OK [] ||111 data 2>4-4\n"
      "M1 retrieved retrieved partial - 3-3 A: b\\r\\n\n"
      "M2 retrieved retrieved partial - 3-3 text\n"
      "M3 retrieved retrieved partial - 3-3 <2 begin m\\r\\n|>sect<2 end whole |>\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssc\n" },
    { "header and sections, expunge", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 2 (x)",
        "S=* 2 FETCH (BODY[HEADER] {6}\r\nA: b\r\n BODY[1] {3}\r\none)\r\n",
        "S: * 1 EXPUNGE",
        "S=* 1 FETCH (BODY[2]<0> {3}\r\ntwo)\r\n",
        "S: * 1 EXPUNGE",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-3 A: b\\r\\none\n"
      "M2 retrieved retrieved partial - 5-5 <2 begin |\\r\\n>two<2 end |>\n"
      "X  FETCH|2 (x)|OK [] ||100 data 2>7-7\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "csssssc\n" },
    { "body cut off by the end", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]",
        "S=* 1 FETCH (BODY[] {9}\r\nabc" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved incomplete - 3-3 abc\n"
      "X U FETCH|1 BODY[]|- [] ||24 data 2>0-0\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org\n"
      "css\n" },
    { "a hole in a body", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]",
        "S=* 1 FETCH (BODY[] {9}\r\nabc",
        "S!3",
        "S=ghi)\r\n",
        "S: a OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-5 abc<3 missing>ghi\n"
      "X G FETCH|1 BODY[]|OK [] ||28 data 2>6-6\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssssc\n" },
    { "a hole from a body into the next one", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1:2 BODY[]",
        "S=* 1 FETCH (BODY[] {9}\r\nabc",
        "S!60",
        "S: some text OK",
        "S: * this is no data {4}",
        "S: x OK text",
        "S: a OK done" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 3-4 abc<6 missing>\n"
      "X G FETCH|1:2 BODY[]|OK [] done||24 data 2>8-8\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:1\n"
      "cssssssc\n" },
    { "a hole in a held range", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1 BODY[]<4.9>",
        "S=* 1 FETCH (BODY[]<4> {8}\r\nef",
        "S!3",
        "S=jkl)\r\n",
        "S: a OK",
        "C: b FETCH 1 BODY[]<0.4>",
        "S=* 1 FETCH (BODY[]<0> {4}\r\nabcd)\r\n",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X G FETCH|1 BODY[]<4.9>|OK [] ||30 mailbox 2>6-6\n"
      "M1 retrieved retrieved - 3-8 abcdef<3 missing>jkl\n"
      "X  FETCH|1 BODY[]<0.4>|OK [] ||29 data 7>9-9\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "csssscssc\n" },
    { "a lost reply", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a NOOP",
        "C: b LIST \"\" *",
        "S!40",
        "C: c NOOP",
        "S: c OK",
        "C: d NOOP",
        "S: d OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X UG NOOP||- [] ||0 greeting 2>0-0\n"
      "X PUG LIST|\"\" *|- [] |*|0 mailbox 3>0-0\n"
      "X P NOOP||OK [] ||0 greeting 5>6-6\n"
      "X  NOOP||OK [] ||0 greeting 7>8-8\n"
      "greeting plain greeted tls-offered caps /0/0  @imap.example.org OK:2\n"
      "csssscsc\n" },
    { "a hole between lines", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a NOOP",
        "S=* 1 EX",
        "S!9",
        "S: a OK x",
        "C=b NO",
        "C!9",
        "C: DE x",
        "C: c NOOP",
        "S: c OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X G NOOP||OK [] x||0 greeting 2>5-5\n"
      "X  NOOP||OK [] ||0 greeting 9>10-10\n"
      "greeting plain greeted tls-offered caps /0/0  @imap.example.org OK:2\n"
      "csssccccsc\n" },
    { "starttls", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a STARTTLS",
        "S: a OK begin",
        "C=\026\003\001\000\000",
        "S=\026\003\003\000*",
        "C: b NOOP" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  STARTTLS||OK [] begin||0 tls 2>3-3\n"
      "tls starttls greeted tls-offered tls-asked caps encrypted /0/0  @imap.example.org OK:1\n"
      "csc---\n" },
    { "starttls and then clear text", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a STARTTLS",
        "S: a OK begin",
        "C: b NOOP",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  STARTTLS||OK [] begin||0 tls 2>3-3\n"
      "X  NOOP||OK [] ||0 tls 4>5-5\n"
      "tls starttls greeted tls-offered tls-asked caps clear-after /0/0  @imap.example.org OK:2\n"
      "cscsc\n" },
    { "starttls refused, compression accepted", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a STARTTLS",
        "S: a NO [UNAVAILABLE] x",
        "C: b COMPRESS DEFLATE",
        "S: b OK",
        "C=\026xx\r\n",
        "S: c OK x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  STARTTLS||NO [UNAVAILABLE] x||0 tls 2>3-3\n"
      "X  COMPRESS|DEFLATE|OK [] ||0 greeting 4>5-5\n"
      "greeting plain greeted tls-offered tls-asked caps compressed /0/0  @imap.example.org NO:1 OK:1\n"
      "cscsccc\n" },
    { "preauth", 0, false,
      { "S: * PREAUTH hello from <mail.example.com>",
        "C: a NOOP",
        "S: a OK" },
      "X g ||PREAUTH [] hello from <mail.example.com>||0 greeting 0>1-1\n"
      "X  NOOP||OK [] ||0 greeting 2>3-3\n"
      "greeting plain greeted preauth /0/0  @mail.example.com PREAUTH:1 OK:1\n"
      "csc\n" },
    { "bye at once", 0, false,
      { "S: * BYE [UNAVAILABLE] try later" },
      "X g ||BYE [UNAVAILABLE] try later||0 greeting 0>1-1\n"
      "greeting plain greeted bye /0/0  @ BYE:1\n"
      "c\n" },
    { "bye in the middle", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a NOOP",
        "S: * BYE [ALERT \"a]b\"] going down" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X g ||BYE [ALERT \"a]b\"] going down||0 greeting 0>3-3\n"
      "X U NOOP||- [] ||0 greeting 2>0-0\n"
      "greeting plain greeted bye tls-offered caps /0/0  @imap.example.org BYE:1\n"
      "css\n" },
    { "pipelined, answered in another order", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=1 NOOP\r\n2 STATUS \"a b\" (MESSAGES)\r\n3 XFOO bar\r\n",
        "S: * STATUS \"a b\" (MESSAGES 3)",
        "S: 3 BAD what",
        "S: 2 OK",
        "S: 1 OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X P XFOO|bar|BAD [] what||0 greeting 2>4-4\n"
      "X P STATUS|\"a b\" (MESSAGES)|OK [] |a b|0 mailbox 2>5-5\n"
      "X  NOOP||OK [] ||27 greeting 2>6-6\n"
      "mailbox plain greeted tls-offered caps /0/0  @imap.example.org BAD:1 OK:2\n"
      "cssssc\n" },
    { "commands before the greeting", 0, false,
      { "C: 1 NOOP",
        "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "S: 1 OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>2-2\n"
      "X E NOOP||OK [] ||0 greeting 1>3-3\n"
      "greeting plain greeted tls-offered caps early /0/0  @imap.example.org OK:1\n"
      "ssc\n" },
    { "joined late", MS_SESSION_JOINED_LATE, false,
      { "C: so we OK then",
        "C: a text",
        "S: * text {3}",
        "S: so OK then",
        "S: * OK Still here",
        "C: A7 NOOP",
        "S: A7 OK x" },
      "X  NOOP||OK [] x||0 greeting 6>7-7\n"
      "greeting plain /0/0  @ OK:1\n"
      "--cccsc\n" },
    { "server alone", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "S=* 1 FETCH (UID 3 BODY[] {3}\r\nabc)\r\n",
        "S: a3 OK [READ-ONLY] y",
        "S: * BYE x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 2-2 abc\n"
      "X N ||OK [READ-ONLY] y||0 data 0>3-3\n"
      "X g ||BYE [] x||0 data 0>4-4\n"
      "data plain greeted bye tls-offered caps clear-mail /0/0  @imap.example.org OK:1 BYE:1\n"
      "cccc\n" },
    { "client alone", 0, false,
      { "C: a LOGIN anna secret",
        "C: b APPEND x {3}",
        "C: abc",
        "C: c APPEND x {0}",
        "C: ",
        "C: d LOGOUT" },
      "X U LOGIN|anna <secret>|- [] |anna|0 auth 1>0-0\n"
      "M1 appended unanswered - 3-3 abc\n"
      "X PU APPEND|x {3}|- [] |x|3 data 3>0-0\n"
      "X PU APPEND|x {0}|- [] |x|0 data 5>0-0\n"
      "X PU LOGOUT||- [] ||0 quit 6>0-0\n"
      "quit plain quit clear-secret clear-mail login-command/1/0 anna @\n"
      "ssssss\n" },
    { "lines at the limit", 0, true,
      { "S: * OK yyyyyyyyyyyyyyyyyyyyyyyyyyy",
        "C: a NOOP bbbbbbbbbbbbbbbbbbbbbbbb",
        "S: a OK ccccccccccccccccccccccccccc",
        "C: d NOOP eeeeeeeeeeeeeeeeeeeeeeeeee",
        "S: d NO ffffffffffffffffffffffffffff" },
      "X g ||OK [] yyyyyyyyyyyyyyyyyyyyyyyyyyy||0 greeting 0>1-1\n"
      "X  NOOP|bbbbbbbbbbbbbbbbbbbbbbbb|OK [] ccccccccccccccccccccccccccc||0 greeting 2>3-3\n"
      "L line_bytes\n"
      "L line_bytes\n"
      "X  NOOP|eeeeeeeeeeeeeeeeeeeeeeeee|NO [] fffffffffffffffffffffffffff||0 greeting 4>5-5\n"
      "greeting plain greeted /0/0  @ OK:1 NO:1\n"
      "cscsc\n" },
    { "commands at the limit", 0, true,
      { "S: * OK x",
        "C=1 NOOP\r\n2 NOOP\r\n3 NOOP\r\n4 NOOP\r\n",
        "C: 5 NOOP",
        "S: 5 OK",
        "S: 1 OK" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L pending_exchanges\n"
      "X U NOOP||- [] ||0 greeting 2>0-0\n"
      "X P NOOP||OK [] ||0 greeting 3>4-4\n"
      "X N ||OK [] ||0 greeting 0>5-5\n"
      "X PU NOOP||- [] ||0 greeting 2>0-0\n"
      "X PU NOOP||- [] ||0 greeting 2>0-0\n"
      "X PU NOOP||- [] ||0 greeting 2>0-0\n"
      "greeting plain greeted /0/0  @ OK:2\n"
      "cssss\n" },
    { "messages at the limit", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[1] {1}\r\na)\r\n* 2 FETCH (BODY[1] {1}\r\nb)\r\n* 3 FETCH (BODY[1] {1}\r\nc)\r\n",
        "S: * 4 FETCH (BODY[1] \"d\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L fetch_messages\n"
      "M1 retrieved retrieved partial - 2-2 <1 begin |\\r\\n>a<1 end whole |>\n"
      "M2 retrieved retrieved partial - 2-2 <1 begin |\\r\\n>b<1 end whole |>\n"
      "M3 retrieved retrieved partial - 2-2 <1 begin |\\r\\n>c<1 end whole |>\n"
      "M4 retrieved retrieved partial - 3-3 <1 begin |\\r\\n>d<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "held bytes at the limit", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[]<4> {256}\r\n" X64 X64 X64 X64 ")\r\n",
        "S: * 1 FETCH (BODY[]<0> \"abcd\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-3 abcd" X64 X64 X64 X64 "\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "held bytes over the limit", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[]<4> {257}\r\n" XS ")\r\n",
        "S: * 1 FETCH (BODY[]<0> \"abcd\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L fetch_buffer_bytes\n"
      "M1 retrieved retrieved partial - 2-2 <4 missing>" XS "\n"
      "M2 retrieved retrieved partial - 3-3 abcd\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "a name between literals at the end of a long line", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (FLAGS (\\Answered \\Flagged) BODY[TEXT] {4}\r\ntext ENVELOPE (NIL NIL NIL NIL NIL NIL {3}\r\nenv) BODY[HEADER] {2}\r\n\r\n)\r\n",
        "S: b OK" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L line_bytes\n"
      "L line_bytes\n"
      "M1 retrieved retrieved - 2-2 \\r\\ntext\n"
      "X N ||OK [] ||0 data 0>3-3\n"
      "data plain greeted clear-mail /0/0  @ OK:1\n"
      "ccc\n" },
    { "more bytes than 32 bits can count", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[] {5000000000}\r\nab",
        "S!4999999997",
        "S=z)\r\n",
        "S: * 1 FETCH (BODY[]<5000000000> {1}",
        "S=x)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 2-4 ab<4999999997 missing>z\n"
      "M2 retrieved retrieved partial - 6-6 <5000000000 missing>x\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccccc\n" },
    { "the first byte comes later than its length", 0, false,
      { "S: * OK x",
        "S: * 1 FETCH (BODY[HEADER] {6}",
        "S=A: b\r\n BODY[] {8}\r\n",
        "S=A: b\r\n\r\n)\r\n",
        "S: * 2 FETCH (RFC822 {2}" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 3-3 A: b\\r\\n\n"
      "M2 retrieved retrieved - 4-4 A: b\\r\\n\\r\\n\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccccc\n" },
    { "apart from literals: replace, odd continuation", 0, false,
      { "S: * OK x",
        "C: a UID REPLACE 4 {4}",
        "S: +go",
        "C: Sent {3+}",
        "C=one\r\n",
        "S: a OK [APPENDUID 1 2] x" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 appended accepted OK 5-5 one\n"
      "X  UID REPLACE|4 Sent {3}|OK [APPENDUID 1 2] x|Sent|7 data 5>6-6\n"
      "data plain greeted clear-mail /0/0  @ OK:1\n"
      "csuusc\n" },
    { "a hole where TLS begins", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a STARTTLS",
        "S: a OK x",
        "C!300",
        "C=\002\003 x\r\n",
        "S=\026\003 y\r\n" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  STARTTLS||OK [] x||0 tls 2>3-3\n"
      "tls starttls greeted tls-offered tls-asked caps encrypted /0/0  @imap.example.org OK:1\n"
      "csc---\n" },
    { "a login without a tag", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: LOGIN anna secret",
        "S: LOGIN BAD what" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  ANNA|<secret>|BAD [] what||0 greeting 2>3-3\n"
      "greeting plain greeted tls-offered caps /0/0  @imap.example.org BAD:1\n"
      "csc\n" },
    { "data of pipelined commands", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C=a NOOP\r\nb UID FETCH 1 BODY[]\r\n",
        "S: * 4 EXISTS",
        "S=* 1 FETCH (BODY[] {3}\r\nabc UID 3)\r\n",
        "S: a OK",
        "S: b OK" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 4-4 abc\n"
      "X  NOOP||OK [] ||10 greeting 2>5-5\n"
      "X P UID FETCH|1 BODY[]|OK [] ||31 data 2>6-6\n"
      "data plain greeted tls-offered caps clear-mail /0/0  @imap.example.org OK:2\n"
      "cssssc\n" },
    { "no sense at all", 0, false,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: ",
        "C: foo",
        "C: * x",
        "C: ( )",
        "C: a UID",
        "C: b UID 5",
        "S: ",
        "S: *",
        "S: * ",
        "S: +",
        "S: a",
        "S: a BAD",
        "S: b OK",
        "S: )(",
        "S: * 1 FETCH ))((((",
        "S: * 1 FETCH (BODY[",
        "S: * 1 FETCH (BODY[]<999999999999999999999> {1}",
        "S=x)\r\n",
        "S: * 1 FETCH (BODY[]<18446744073709551615> {18446744073709551615}",
        "S=x" },
      "X g ||OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.||0 greeting 0>1-1\n"
      "X  UID||BAD [] ||2 greeting 6>13-13\n"
      "X P UID|5|OK [] ||0 greeting 7>14-14\n"
      "greeting plain greeted tls-offered caps /0/0  @imap.example.org BAD:1 OK:1\n"
      "cccccsssssssscccccccc\n" },
    { "bounds: lines, commands, messages, held bytes", 0, true,
      { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] imap.example.org Dovecot ready.",
        "C: a FETCH 1:4 (BODY.PEEK[HEADER] and a long line)",
        "S=* 1 FETCH (ENVELOPE (\"a long one\" NIL) FLAGS (\\Seen) BODY[] {3}\r\none BODY[HEADER] {1}\r\na)\r\n",
        "S=* 2 FETCH (BODY[HEADER] {1}\r\nb)\r\n* 3 FETCH (BODY[HEADER] {1}\r\nc)\r\n* 4 FETCH (BODY[HEADER] {1}\r\nd)\r\n",
        "S=* 5 FETCH (BODY[]<400> {257}\r\n" XS ")\r\n",
        "C=b NOOP\r\nc NOOP\r\nd NOOP\r\ne NOOP\r\n",
        "S: e OK" },
      "L line_bytes\n"
      "X g ||OK [] [CAPABILITY IMAP4rev1 START||0 greeting 0>1-1\n"
      "L line_bytes\n"
      "L line_bytes\n"
      "M1 retrieved retrieved - 3-3 one\n"
      "L fetch_messages\n"
      "M2 retrieved retrieved partial - 3-3 a\n"
      "L fetch_messages\n"
      "M3 retrieved retrieved partial - 4-4 b\n"
      "L fetch_buffer_bytes\n"
      "L pending_exchanges\n"
      "X U FETCH|1:4 (BODY.PEEK[HEADER] a|- [] ||427 data 2>0-0\n"
      "X P NOOP||OK [] ||0 data 6>7-7\n"
      "X PU NOOP||- [] ||0 data 6>0-0\n"
      "X PU NOOP||- [] ||0 data 6>0-0\n"
      "X PU NOOP||- [] ||0 data 6>0-0\n"
      "M4 retrieved retrieved partial - 4-4 c\n"
      "M5 retrieved retrieved partial - 4-4 d\n"
      "M6 retrieved retrieved partial - 5-5 <400 missing>" XS "\n"
      "data plain greeted clear-mail /0/0  @ OK:1\n"
      "cssssss\n" },
};
