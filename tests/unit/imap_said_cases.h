/* tests/unit/imap_said_cases.h - dialogues and what their frames say (tests/support/said.h). */
static const struct dialogue said_dialogues[] = {
    { .why = "logins: what is secret, and a server that repeats it",
      .steps = { "S: * OK ready", "C: a1 LOGIN anna \"se cret\"", "S: a1 NO not se cret", "C: a2 AUTHENTICATE PLAIN AGEAc2VjcmV0", "S: a2 NO no", "C: AGEAc2VjcmV0",
                 "C: a3 authenticate LOGIN", "S: + VXNlcg==", "C: YQ==", "S: +", "C: c2VjcmV0", "S: a3 OK in", "C: LOGIN anna secret",
                 "C: * LOGIN anna secret", "C: a4 AUTHENTICATE PLAIN", "S: + ", "C: *", "S: a4 BAD x" },
      .want = "1 S reply \"* OK ready\" +2\n"
              "2 C command \"a1 LOGIN anna \"<se cret>\"\" +2\n"
              "3 S reply \"a1 NO not se cret\" +2 asked=2@2000 repeats=\"se cret\"\n"
              "4 C command \"a2 AUTHENTICATE PLAIN <AGEAc2VjcmV0>\" +2\n"
              "5 S reply \"a2 NO no\" +2 asked=4@4000 repeats=\"AGEAc2VjcmV0\"\n"
              "6 C command \"<AGEAc2VjcmV0>\" +2\n"
              "7 C command \"a3 authenticate LOGIN\" +2\n"
              "8 S reply \"+ VXNlcg==\" +2\n"
              "9 C auth \"<YQ==>\" +2\n"
              "10 S reply \"+\" +2\n"
              "11 C auth \"<c2VjcmV0>\" +2\n"
              "12 S reply \"a3 OK in\" +2 asked=7@7000 repeats=\"c2VjcmV0\"\n"
              "13 C command \"LOGIN anna <secret>\" +2\n"
              "14 C command \"* LOGIN anna <secret>\" +2\n"
              "15 C command \"a4 AUTHENTICATE PLAIN\" +2\n"
              "16 S reply \"+ \" +2\n"
              "17 C auth \"*\" +2\n"
              "18 S reply \"a4 BAD x\" +2 asked=15@15000\n" },
    { .why = "responses, tags and the frames that asked",
      .steps = { "S: * OK ready", "C=a NOOP\r\nb UID FETCH 1 FLAGS\n", "S=* 1 FETCH (FLAGS ())\r\nb OK done\na O", "S=K done\r\nc OK unasked\r\n", "C: d IDLE",
                 "S: + idling", "S: * 4 EXISTS", "C: DONE", "S: d OK x", "C=\r\nword\r\n", "S=\r\nhello\r\n" },
      .want = "1 S reply \"* OK ready\" +2\n"
              "2 C command \"a NOOP\" +2\n"
              "2 C command \"b UID FETCH 1 FLAGS\" +1\n"
              "3 S reply \"* 1 FETCH (FLAGS ())\" +2\n"
              "3 S reply \"b OK done\" +1 asked=2@2000\n"
              "4 S reply \"a OK done\" +2 asked=2@2000\n"
              "4 S reply \"c OK unasked\" +2\n"
              "5 C command \"d IDLE\" +2\n"
              "6 S reply \"+ idling\" +2\n"
              "7 S reply \"* 4 EXISTS\" +2\n"
              "8 C command \"DONE\" +2\n"
              "9 S reply \"d OK x\" +2 asked=5@5000\n"
              "10 C command \"\" +2\n"
              "10 C command \"word\" +2\n"
              "11 S reply \"\" +2\n"
              "11 S reply \"hello\" +2\n" },
    { .why = "a response with literals is told for the frame with its end, literals where they are",
      .steps = { "S: * OK ready", "C: a FETCH 1 (BODY[] BODY[HEADER.FIELDS (TO)])", "S=* 1 FETCH (BODY[] {13}\r\n", "S=A: b\r\n\r\nhe", "S=llo BODY[HEADER.FIELDS (TO)] {9}\r\nTo: c\r\n\r\n",
                 "S=)\r\n* 2 FETCH (ENVELOPE ({3}\r\nabc) BODY[1] {2}\r\nxyBODY[]<5> {2}\r\nzz BODY[HEADER] {0}\r\n)\r\na OK\r\n" },
      .want = "1 S reply \"* OK ready\" +2\n"
              "2 C command \"a FETCH 1 (BODY[] BODY[HEADER.FIELDS (TO)])\" +2\n"
              "3 S content 0\n"
              "4 S content 10\n"
              "5 S content 12\n"
              "6 S reply \"* 1 FETCH (BODY[] {13}\" +2 literal\n"
              "6 S headers 13 \"A: b\\r\\n\"\n"
              "6 S text \" BODY[HEADER.FIELDS (TO)] {9}\" +2 literal\n"
              "6 S headers 9 \"To: c\\r\\n\"\n"
              "6 S text \")\" +2\n"
              "6 S content 7\n"
              "6 S reply \"* 2 FETCH (ENVELOPE ({3}\" +2 literal\n"
              "6 S text \") BODY[1] {2}\" +2 literal\n"
              "6 S text \"BODY[]<5> {2}\" +2 literal\n"
              "6 S text \" BODY[HEADER] {0}\" +2 literal\n"
              "6 S text \")\" +2\n"
              "6 S reply \"a OK\" +2 asked=2@2000\n" },
    { .why = "commands with literals",
      .steps = { "S: * OK ready", "C: a APPEND Sent {6+}", "C=A: b\r\n", "C=\r\n", "S: a OK x", "C: b LOGIN {4}", "S: + go", "C=anna {6}\r\n", "S: + go", "C=secret\r\n", "S: b NO",
                 "C: c LOGIN {4+}", "C=anna secret\r\n", "S: c OK", "C: d APPEND x {9}", "S: d NO full" },
      .want = "1 S reply \"* OK ready\" +2\n"
              "2 C command \"a APPEND Sent {6+}\" +2 literal\n"
              "3 C content 6\n"
              "3 C end 0 body \"\"\n"
              "4 C text \"\" +2\n"
              "5 S reply \"a OK x\" +2 asked=2@2000\n"
              "6 C command \"b LOGIN {4}\" +2 literal\n"
              "7 S reply \"+ go\" +2\n"
              "8 C content 4\n"
              "8 C text \" {6}\" +2 literal\n"
              "9 S reply \"+ go\" +2\n"
              "10 C content 6\n"
              "10 C text \"\" +2\n"
              "11 S reply \"b NO\" +2 asked=6@6000 repeats=\"secret\"\n"
              "12 C command \"c LOGIN {4+}\" +2 literal\n"
              "13 C content 4\n"
              "13 C text \" <secret>\" +2\n"
              "14 S reply \"c OK\" +2 asked=12@12000 repeats=\"secret\"\n"
              "15 C command \"d APPEND x {9}\" +2 literal\n"
              "16 S reply \"d NO full\" +2 asked=15@15000\n" },
    { .why = "missing bytes", .flags = MS_SESSION_JOINED_LATE,
      .steps = { "S: something", "S: a1 OK what", "S: * 3 EXISTS", "C: rest of a line", "C: a2 FETCH 1 BODY[]", "S=* 1 FETCH (BODY[] {20}\r\nA: b", "S!5", "S=1234567890)\r\n",
                 "S=* 2 FETCH (BODY[] {20}\r\nA: b", "S!50", "S=34567890)\r\n", "S: a2 OK", "C: a3 LO", "C!3", "C: ret", "C: a4 NOOP", "S=* 5 FETCH (BODY[] {6}\r\nA" },
      .want = "1 S text \"something\" +2\n"
              "2 S reply \"a1 OK what\" +2\n"
              "3 S reply \"* 3 EXISTS\" +2\n"
              "4 C text \"<rest of a line>\" +2\n"
              "5 C command \"a2 FETCH 1 BODY[]\" +2\n"
              "6 S content 4\n"
              "8 S content 11\n"
              "8 S reply \"* 1 FETCH (BODY[] {20}\" +2 literal\n"
              "8 S headers 15 \"A: b\" cut\n"
              "8 S text \"\" +2\n"
              "9 S content 4\n"
              "10 S reply \"* 2 FETCH (BODY[] {20}\" +2 literal\n"
              "10 S headers 4 \"A: b\" cut\n"
              "11 S text \"34567890)\" +2\n"
              "12 S reply \"a2 OK\" +2 asked=5@5000\n"
              "13 C command \"a3 LO\" +2\n"
              "15 C text \"<ret>\" +2\n"
              "16 C command \"a4 NOOP\" +2\n"
              "17 S content 1\n" },
    { .why = "more than is kept of a response is told at once", .tiny = true,
      .steps = { "S: * OK", "S=* 1 FETCH (X {1}\r\n.", "S= Y {1}\r\n.", "S= Z {1}\r\n.", "S= X {1}\r\n.", "S= Y {1}\r\n.", "S= Z {1}\r\n.", "S= Y {1}\r\n.", "S=)\r\n" },
      .want = "1 S reply \"* OK\" +2\n"
              "2 S content 1\n"
              "3 S content 1\n"
              "4 S content 0\n"
              "4 S reply \"* 1 FETCH (X {1}\" +2 literal\n"
              "4 S text \" Y {1}\" +2 literal\n"
              "4 S text \" Z {1}\" +2 literal\n"
              "4 S content 1\n"
              "5 S content 1\n"
              "6 S content 1\n"
              "7 S content 0\n"
              "7 S text \" X {1}\" +2 literal\n"
              "7 S text \" Y {1}\" +2 literal\n"
              "7 S text \" Z {1}\" +2 literal\n"
              "7 S content 1\n"
              "8 S content 1\n"
              "9 S text \" Y {1}\" +2 literal\n"
              "9 S text \")\" +2\n" },
};
