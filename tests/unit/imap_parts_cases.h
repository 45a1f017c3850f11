/* Messages of which single parts are fetched: what the parser says of them, wherever the input is cut. */
static const struct dialogue part_dialogues[] = {
    { "parts of a structure, the last one first", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {57}\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")) BODY[2] {4}\r\nAAAA)\r\n",
        "S: * 1 FETCH (BODY[1] \"one\")",
        "S: * 2 FETCH (BODY[HEADER] \"a: b\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-3 Subject: s\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>AAAA<2 end whole |><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "M2 retrieved retrieved partial - 4-4 a: b\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccc\n" },
    { "a part before anything that says what it is", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (UID 5 BODY[2] {4}\r\nAAAA BODY[1] \"one\" BODY[HEADER] {57}\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S: * 2 FETCH (FLAGS ())" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-2 Subject: s\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>AAAA<2 end whole |><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "listed before, one part fetched, the other not", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (UID 5 BODY[HEADER.FIELDS (SUBJECT)] {14}\r\nSubject: s\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S: * 1 EXPUNGE",
        "S=* 1 FETCH (UID 6 BODY[1] \"no\")\r\n",
        "S: * 1 FETCH (UID 5 BODY[1] \"one\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M2 retrieved retrieved partial - 4-4 <1 begin |\\r\\n>no<1 end whole |>\n"
      "M1 retrieved retrieved partial - 2-5 <fields |Subject: s\\r\\nContent-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n\\r\\n><listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccccc\n" },
    { "MIME headers instead of a structure", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {57}\r\nSubject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n BODY[1] \"one\" BODY[1.MIME] {17}\r\nContent-ID: x\r\n\r\n)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-2 Subject: s\\r\\nContent-Type: multipart/mixed; boundary=b\\r\\n\\r\\n<1 begin Content-ID: x\\r\\n\\r\\n|\\r\\n>one<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cc\n" },
    { "the only part is the text", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODYSTRUCTURE (\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1))\r\n* 1 FETCH (BODY[1] \"one\" BODY[HEADER] {8}\r\nA: b\r\n\r\n)\r\n",
        "S=* 2 FETCH (BODY[HEADER] {8}\r\nA: b\r\n\r\n BODY[1]<0> {2}\r\non)\r\n",
        "C: a FETCH 2 BODY[1]<2.4>",
        "S=* 2 FETCH (BODY[1]<2> {1}\r\ne)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 2-2 A: b\\r\\n\\r\\none\n"
      "M2 retrieved retrieved - 3-5 A: b\\r\\n\\r\\none\n"
      "X U FETCH|2 BODY[1]<2.4>|- [] ||27 mailbox 4>0-0\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccss\n" },
    { "text long after the header", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (UID 9 BODY[HEADER] {8}\r\nA: b\r\n\r\n)\r\n",
        "S: * 1 FETCH (UID 9 BODY[TEXT] \"one\")",
        "S: * 1 FETCH (UID 9 BODY[TEXT] \"two\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved - 2-3 A: b\\r\\n\\r\\none\n"
      "M2 retrieved retrieved - 4-4 A: b\\r\\n\\r\\ntwo\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccc\n" },
    { "pieces of two parts in turns", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "C: a FETCH 1 (BODY[2]<0.2> BODY[1]<0.2> BODY[2]<2.9> BODY[1]<2.2>)",
        "S=* 1 FETCH (BODY[2]<0> {2}\r\nAA BODY[1]<0> {2}\r\non BODY[2]<2> {2}\r\nAA BODY[1]<2> {1}\r\ne)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-4 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>AAAA<2 end whole |><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "X U FETCH|1 (BODY[2]<0.2> BODY[1]<0.2> BODY[2]<2.9> BODY[1]<2.2>)|- [] ||78 mailbox 3>0-0\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccss\n" },
    { "a part in ranges, whole when its size is reached", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S=* 1 FETCH (BODY[2]<0> {2}\r\nAA)\r\n",
        "S=* 1 FETCH (BODY[2]<2> {2}\r\nAA)\r\n",
        "S=* 1 FETCH (BODY[2]<4> NIL)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-4 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>AAAA<2 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccccc\n" },
    { "the same part twice", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S: * 1 FETCH (BODY[1] \"one\")",
        "S: * 1 FETCH (BODY[1] \"two\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-3 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "M2 retrieved retrieved partial - 4-4 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>two<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccc\n" },
    { "a part without its encoding", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S=* 1 FETCH (BINARY[2] ~{3}\r\n\001\002\003)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-3 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin decoded Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>\\x01\\x02\\x03<2 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "an attached message: its header, its text", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 11 (NIL {2}\r\n)( NIL) ((\"A\" \"B\" NIL NIL NIL \"7BIT\" 1)(\"A\" \"C\" NIL NIL NIL \"8BIT\" 1) \"ALTERNATIVE\") 3) \"MIXED\"))\r\n",
        "S=* 1 FETCH (BODY[2.TEXT] \"text\" BODY[2.HEADER] {4}\r\na:\r\n)\r\n",
        "S: * 1 FETCH (BODY[2.1] \"x\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-4 \\r\\n<listed Content-Type: multipart/MIXED\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: MESSAGE/RFC822\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: multipart/ALTERNATIVE\\r\\n|><2.1 listed Content-Type: A/B\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2.2 listed Content-Type: A/C\\r\\nContent-Transfer-Encoding: 8BIT\\r\\n|><2 begin Content-Type: MESSAGE/RFC822\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n>a:\\r\\ntext<2 end whole |><2.1 begin Content-Type: A/B\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n>x<2.1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccc\n" },
    { "a structure with a literal; a hole in a part", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"A\" \"B\" (\"NAME\" {3}\r\na\"b) NIL NIL \"7BIT\" 6) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S=* 1 FETCH (BODY[1] {6}\r\na",
        "S!3",
        "S=bc)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-5 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: A/B;\\r\\n\\tNAME=\"a\\\"b\"\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><1 begin Content-Type: A/B;\\r\\n\\tNAME=\"a\\\"b\"\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>a<3 missing>bc<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccccc\n" },
    { "the end in a part", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S=* 1 FETCH (BODY[2] {4}\r\nAA" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved incomplete partial - 2-3 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><2 begin Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|\\r\\n--b\\r\\n>AA<2 end |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "ccc\n" },
    { "all of it behind a part", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[HEADER] {2}\r\n\r\n BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "S: * 1 FETCH (BODY[1] \"one\")",
        "S: * 1 FETCH (BODY[] \"all\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "M1 retrieved retrieved partial - 2-3 \\r\\n<listed Content-Type: multipart/MIXED;\\r\\n\\tBOUNDARY=\"b\"\\r\\n|><1 listed Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|><2 listed Content-Type: IMAGE/PNG;\\r\\n\\tNAME=\"p\\\"q\"\\r\\nContent-Transfer-Encoding: BASE64\\r\\nContent-ID: <i>\\r\\nContent-Disposition: ATTACHMENT;\\r\\n\\tFILENAME=\"p.png\"\\r\\n|><1 begin Content-Type: TEXT/PLAIN\\r\\nContent-Transfer-Encoding: 7BIT\\r\\n|\\r\\n--b\\r\\n>one<1 end whole |>\n"
      "M2 retrieved retrieved - 4-4 all\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cccc\n" },
    { "another mailbox has other messages", 0, false,
      { "S: * OK x",
        "S=* 1 FETCH (BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" NIL NIL NIL \"7BIT\" 3 1)(\"IMAGE\" \"PNG\" (\"NAME\" \"p\\\"q\") \"<i>\" NIL \"BASE64\" 4 NIL (\"ATTACHMENT\" (\"FILENAME\" \"p.png\"))) \"MIXED\" (\"BOUNDARY\" \"b\")))\r\n",
        "C: a SELECT b",
        "S: a OK",
        "S: * 1 FETCH (BODY[1] \"one\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "X  SELECT|b|OK [] |b|0 mailbox 3>4-4\n"
      "M1 retrieved retrieved partial - 5-5 <1 begin |\\r\\n>one<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @ OK:1\n"
      "ccscc\n" },
    { "parts at the limit", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[1] {1}\r\na BODY[2] {1}\r\na BODY[3] {1}\r\na BODY[4] {1}\r\na BODY[5] {1}\r\na BODY[6] {1}\r\na BODY[7] {1}\r\na BODY[8] {1}\r\n8 BODY[9] {1}\r\n9)\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L fetch_buffer_bytes\n"
      "L fetch_buffer_bytes\n"
      "L fetch_buffer_bytes\n"
      "L mime_parts\n"
      "M1 retrieved retrieved partial - 2-2 <6 begin |\\r\\n>a<6 end whole |><7 begin |\\r\\n\\r\\n>a<7 end whole |><8 begin |\\r\\n\\r\\n>8<8 end whole |><1 begin |\\r\\n\\r\\n>a<1 end whole |><2 begin |\\r\\n\\r\\n>a<2 end whole |><3 begin |\\r\\n\\r\\n>a<3 end whole |><4 begin |\\r\\n\\r\\n>a<4 end whole |><5 begin |\\r\\n\\r\\n>a<5 end whole |>\n"
      "M2 retrieved retrieved partial - 2-2 <9 begin |\\r\\n>9<9 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cc\n" },
    { "a part that cannot be held", 0, true,
      { "S: * OK x",
        "S=* 1 FETCH (BODY[1] {257}\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx BODY[1.MIME] \"a: b\")\r\n" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L fetch_buffer_bytes\n"
      "M1 retrieved retrieved partial - 2-2 <1 begin |\\r\\n>xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx<1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cc\n" },
    { "a part of a part, too deep", 0, false,
      { "S: * OK x",
        "S: * 1 FETCH (BODY[1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1] \"deep\" BODY[1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1] \"less\")" },
      "X g ||OK [] x||0 greeting 0>1-1\n"
      "L mime_depth\n"
      "M1 retrieved retrieved partial - 2-2 <1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1 begin |\\r\\n>less<1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1 end whole |>\n"
      "data plain greeted clear-mail /0/0  @\n"
      "cc\n" },
};
