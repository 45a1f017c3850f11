/* tests/unit/pop3_said_cases.h - dialogues and what their frames say (tests/support/said.h). */
static const struct dialogue said_cases[] = {
    { .why = "logins: what is secret, and a server that repeats it",
      .steps = { GREET, "C USER anna\r\n", "S +OK\r\n", "C  pass two words\r\n", "S -ERR [AUTH] not two words\r\n",
                 "C APOP anna 0123abcd\r\n", "S -ERR\n", "C AUTH LOGIN\r\n", "S + VXNlcm5hbWU6\r\n", "C YW5uYQ==\r\n", "S + \r\n",
                 "C c2VjcmV0\r\n", "S +OK in\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "2 C command \"USER anna\" +2\n"
              "3 S reply \"+OK\" +2\n"
              "4 C command \" pass <two words>\" +2\n"
              "5 S reply \"-ERR [AUTH] not two words\" +2 repeats=\"two words\"\n"
              "6 C command \"APOP anna <0123abcd>\" +2\n"
              "7 S reply \"-ERR\" +1 repeats=\"0123abcd\"\n"
              "8 C command \"AUTH LOGIN\" +2\n"
              "9 S reply \"+ VXNlcm5hbWU6\" +2\n"
              "10 C auth \"<YW5uYQ==>\" +2\n"
              "11 S reply \"+ \" +2\n"
              "12 C auth \"<c2VjcmV0>\" +2\n"
              "13 S reply \"+OK in\" +2 repeats=\"c2VjcmV0\"\n" },
    { .why = "an answer of many lines, in pieces; commands sent together",
      .steps = { GREET, "C LI", "C ST\r\nCAPA\r\nUID", "C L 1\r\n\r\n", "S +OK 2\r\n1 120\r\n2 2", "S 00\r\n.\r\n+OK\r\nTOP\r\n..x\r\n.\r\n+OK 1 a\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "3 C command \"LIST\" +2\n"
              "3 C command \"CAPA\" +2\n"
              "4 C command \"UIDL 1\" +2\n"
              "4 C command \"\" +2\n"
              "5 S reply \"+OK 2\" +2 more\n"
              "5 S text \"1 120\" +2\n"
              "6 S text \"2 200\" +2\n"
              "6 S text \".\" +2 last\n"
              "6 S reply \"+OK\" +2 more\n"
              "6 S text \"TOP\" +2\n"
              "6 S text \"..x\" +2\n"
              "6 S text \".\" +2 last\n"
              "6 S reply \"+OK 1 a\" +2\n" },
    { .why = "a message: stuffed dots and its end in pieces are counted where they are known",
      .steps = { GREET, "C RETR 1\r\n", "S +OK 20 octets\r\nA: b\r\n", "S \r\n..x\r\n.", "S .y\r\n.\r", "S \n", "C TOP 1 0\r\n", "S +OK follows\r\nA: b\r\n\r\n.\r\n+OK",
                 "S  late\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "2 C command \"RETR 1\" +2\n"
              "3 S reply \"+OK 20 octets\" +2 more code=1\n"
              "3 S content 6\n"
              "4 S content 7\n"
              "5 S content 5\n"
              "6 S frames 21 3,4,5,6\n"
              "6 S end 3 body \".\"\n"
              "7 C command \"TOP 1 0\" +2\n"
              "8 S reply \"+OK follows\" +2 more code=1\n"
              "8 S content 8\n"
              "8 S frames 11 8\n"
              "8 S end 3 body \".\"\n"
              "9 S reply \"+OK late\" +2\n" },
    { .why = "a message that a lone LF ends: known when the client goes on, and told for the frame with its end",
      .steps = { GREET, "C RETR 1\r\n", "S +OK\r\nA: b\r\n\r\nx\r\n.\n", "C QUIT\r\n", "S +OK\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "2 C command \"RETR 1\" +2\n"
              "3 S reply \"+OK\" +2 more code=1\n"
              "3 S content 11\n"
              "4 C command \"QUIT\" +2\n"
              "3 S frames 13 3\n"
              "3 S end 2 body \".\"\n"
              "5 S reply \"+OK\" +2\n" },
    { .why = "missing bytes: of the message, of what follows, of the client's line",
      .steps = { GREET, "C RETR 1\r\n", "S +OK\r\nA: b\r\n\r\nx", "G", "S y\r\nz", "S \r\n.\r\n", "C NO", "g", "C dGVzdA==\r\n", "C NOOP\r\n", "S +OK\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "2 C command \"RETR 1\" +2\n"
              "3 S reply \"+OK\" +2 more code=1\n"
              "3 S content 9\n"
              "5 S content 4\n"
              "6 S content 2\n"
              "6 S frames 18 3,5,6\n"
              "6 S end 3 body \".\"\n"
              "9 C text \"<dGVzdA==>\" +2\n"
              "10 C command \"NOOP\" +2\n"
              "11 S reply \"+OK\" +2\n" },
    { .why = "an answer to a refused AUTH is not a command to be shown",
      .steps = { GREET, "C AUTH PLAIN\r\n", "S -ERR no\r\n", "C AGEAYg==\r\n", "S -ERR what\r\n", "C AUTH PLAIN AGEAYg==\r\n", "S -ERR AGEAYg== is wrong\r\n",
                 "C AUTH PLAIN =\r\n", "S + \r\n", "C *\r\n", "S -ERR\r\n" },
      .want = "1 S reply \"+OK POP3 ready <1896.697170952@dbc.mtview.ca.us>\" +2\n"
              "2 C command \"AUTH PLAIN\" +2\n"
              "3 S reply \"-ERR no\" +2\n"
              "4 C command \"<AGEAYg==>\" +2\n"
              "5 S reply \"-ERR what\" +2\n"
              "6 C command \"AUTH PLAIN <AGEAYg==>\" +2\n"
              "7 S reply \"-ERR AGEAYg== is wrong\" +2 repeats=\"AGEAYg==\"\n"
              "8 C command \"AUTH PLAIN =\" +2\n"
              "9 S reply \"+ \" +2\n"
              "10 C auth \"*\" +2\n"
              "11 S reply \"-ERR\" +2\n" },
    { .why = "odd servers: lines that nothing announced, no command seen",
      .steps = { "S hello there\r\n", "C NOOP\r\n", "S what?\r\n", "S +OK\r\n", "C STLS\r\n", "S +OK go\r\n", "C \x16\x03\x01" },
      .want = "1 S text \"hello there\" +2\n"
              "2 C command \"NOOP\" +2\n"
              "3 S text \"what?\" +2\n"
              "4 S reply \"+OK\" +2\n"
              "5 C command \"STLS\" +2\n"
              "6 S reply \"+OK go\" +2\n" },
    { .why = "a line that is too long is said as far as it is kept", .tiny = true,
      .steps = { "S +OK\r\n", "C USER aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                 "S +OK\r\n" },
      .want = "1 S reply \"+OK\" +2\n"
              "2 C command \"USER aaaaaaaaaaaaaaaaaaaaaaaaaaa\" +0 cut\n"
              "3 S reply \"+OK\" +2\n" },
};
