/* tests/unit/mime_test.c - messages and what is read from them, at every cut; limits; gaps; hostile messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime_trace.h"

#include <stdio.h>
#include <time.h>

/* What a test says of a part: path type[*] size "file" odd; the sink gave `text`. */
struct seen { struct ms_buffer text[32]; };

static void keep_data(void *ctx, size_t index, struct ms_bytes decoded)
{
    struct seen *s = ctx;
    if (index < 32)
        ms_buffer_append(&s->text[index], decoded);
}

static struct ms_buffer summary(struct ms_bytes in, size_t cut, size_t step, const struct ms_limits *limits)
{
    struct seen      seen = { .text = { { NULL, 0, 0 } } };
    struct ms_arena  arena = { 0 };
    struct ms_buffer t = { 0 };
    struct ms_message msg = { .id = 0 };
    struct ms_mime_options options = { .sink = { .part_data = keep_data, .ctx = &seen } };
    struct ms_mime *m = ms_mime_create(&arena, limits, &options);
    push_pieces(m, in, cut, step);
    ms_mime_finish(m, &msg);
    for (size_t i = 0; i < msg.part_count; i++) {
        const struct ms_part *p = &msg.parts[i];
        ms_text_format(&t, "%s[%.*s %.*s", i ? " " : "", (int)p->path.n, p->path.p, (int)p->type.n, p->type.p);
        trace_field(&t, "file", p->filename);
        if (p->odd & ~(uint32_t)MS_MIME_BARE_LF)
            ms_text_format(&t, " odd=%x", p->odd & ~(uint32_t)MS_MIME_BARE_LF);
        if (!p->multipart) {
            ms_text_char(&t, ' ');
            ms_text_json(&t, ms_buffer_bytes(&seen.text[i]));
        }
        ms_text_char(&t, ']');
        assert_false(p->hashed);
        if (!p->multipart)
            assert_int_equal(p->size, seen.text[i].n);
    }
    if (msg.parts_dropped)
        ms_text_format(&t, " dropped=%llu", (unsigned long long)msg.parts_dropped);
    for (size_t i = 0; i < 32; i++)
        ms_buffer_finish(&seen.text[i]);
    ms_arena_finish(&arena);
    return t;
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n"
#define MIXED_CR "Content-Type: multipart/mixed; boundary=b\r\r"
static const struct { const char *why, *in, *want; } cases[] = {
    { "plain message", "Subject: x\n\nhello\n", "[1 text/plain \"hello\\n\"]" },
    { "headers only", "Subject: x\n", "[1 text/plain \"\"]" },
    { "no headers", "hello\nyou\n", "[1 text/plain odd=10001 \"hello\\nyou\\n\"]" },
    { "nothing", "", "[1 text/plain odd=10000 \"\"]" },
    { "mbox line", "From me Mon\nContent-Type: text/html\n\nx", "[1 text/html \"x\"]" },
    { "no type at all", "Content-Type: nonsense\n\nx", "[1 text/plain odd=200000 \"x\"]" },
    { "lines end with CR alone", "Subject: x\rContent-Type: text/html;\r\tcharset=utf-8\r\rhello\ryou\r", "[1 text/html odd=800 \"hello\\ryou\\r\"]" },
    { "CR alone, headers only", "Subject: x\rContent-Type: text/html\r", "[1 text/html odd=800 \"\"]" },
    { "a multipart whose lines end with CR alone",
      "Content-Type: multipart/mixed; boundary=b\r\rpre\r--b\r\rone\r-no\rtwo\r\r--b\rContent-Type: text/html\r\r<b>\r--b--\repilogue\r--b\r",
      "[ multipart/mixed odd=800] [1 text/plain odd=800 \"one\\r-no\\rtwo\\r\"] [2 text/html odd=800 \"<b>\"]" },
    { "CR alone, encoded parts",
      "Content-Type: multipart/mixed; boundary=b\r\r--b\rContent-Transfer-Encoding: base64\r\raGVs\rbG8=\r--b\rContent-Transfer-Encoding: "
      "quoted-printable\r\ra=\rb=41 \rc\r--b\rContent-Transfer-Encoding: x-uuencode\r\rbegin 644 f\r#0V%T\r`\rend\r--b--\r",
      "[ multipart/mixed odd=800] [1 text/plain odd=800 \"hello\"] [2 text/plain odd=800 \"abA \\rc\"] [3 text/plain odd=800 \"Cat\"]" },
    { "CR alone, nested and not closed",
      "Content-Type: multipart/mixed; boundary=b\r\r--b\rContent-Type: multipart/alternative; boundary=c\r\r--c\r\rx\r--c--\r--b\rContent-Type: message/rfc822\r\r"
      "Subject: y\rContent-Type: multipart/mixed; boundary=d\r\r--d\r\rin it\r--d--\r--b\r\rlast",
      "[ multipart/mixed odd=808] [1 multipart/alternative odd=800] [1.1 text/plain \"x\"] [2 message/rfc822 odd=800 \"Subject: y\\rContent-Type: multipart/mixed; boundary=d\\r\\r--d\\r\\rin it\\r--d--\"] "
      "[2 multipart/mixed odd=800] [2.1 text/plain \"in it\"] [3 text/plain \"last\"]" },
    { "CR alone, and other line ends as well",
      "Content-Type: multipart/mixed; boundary=b\r\r--b\r\n\none\n--b\r\rtwo\r\n--b--\r\n",
      "[ multipart/mixed odd=800] [1 text/plain \"one\"] [2 text/plain \"two\"]" },
    { "an attached message with CR alone is on its own",
      MIXED "--b\nContent-Type: message/rfc822\n\nSubject: x\rTo: y\r\rtext\r--b\rno\n--b\n\ntwo\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 \"Subject: x\\rTo: y\\r\\rtext\\r--b\\rno\"] [1.1 text/plain odd=800 \"text\\r--b\\rno\"] [2 text/plain \"two\"]" },
    { "a CR inside of a line", "Subject: x\nX-Other: y\rContent-Type: text/html\n\nhello\n", "[1 text/plain odd=200800 \"hello\\n\"]" },
    { "a CR inside of a field that is known", "Date: x\nSubject: y\rContent-Type: text/html\n\nhello\n", "[1 text/plain odd=200800 \"hello\\n\"]" },
    { "headers in a bounce", "Content-Type: text/rfc822-headers\n\nContent-Type: text/html\n", "[1 text/rfc822-headers \"Content-Type: text/html\\n\"]" },
    { "fields behind the blank line", "Content-Type: text/plain\n\nContent-Type: text/html\n", "[1 text/plain odd=4000000 \"Content-Type: text/html\\n\"]" },
    { "an attached file of mail", "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\nQ29udGVudC1UeXBlOiB0ZXh0L2h0bWwK\n", "[1 a/b \"Content-Type: text/html\\n\"]" },
    { "two parts", MIXED "pre\n--b\n\none\n--b\nContent-Type: text/html\n\n<b>\n\n--b--\nepilogue",
      "[ multipart/mixed] [1 text/plain \"one\"] [2 text/html \"<b>\\n\"]" },
    { "blanks behind boundaries", MIXED "--b \t\n\none\n--b-- \n", "[ multipart/mixed odd=400000] [1 text/plain \"one\"]" },
    { "a boundary that prefixes another", MIXED "--b\n\n--bc\n--b-\n--b --\nx\n--b--", "[ multipart/mixed] [1 text/plain \"--bc\\n--b-\\n--b --\\nx\"]" },
    { "nested", MIXED "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--bb\n\ntwo\n--bb--\n\n--b\n\nthree\n--b--\n",
      "[ multipart/mixed] [1 multipart/alternative] [1.1 text/plain \"one\"] [1.2 text/plain \"two\"] [2 text/plain \"three\"]" },
    { "nested, not closed", MIXED "--b\nContent-Type: multipart/alternative; boundary=bb\n\n--bb\n\none\n--b\n\nthree\n",
      "[ multipart/mixed odd=8] [1 multipart/alternative odd=8] [1.1 text/plain \"one\"] [2 text/plain \"three\"]" },
    { "attached message", MIXED "--b\nContent-Type: message/rfc822\n\nSubject: in\n\nbody\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 \"Subject: in\\n\\nbody\"] [1.1 text/plain \"body\"]" },
    { "attached multipart", MIXED "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--c--\n\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 \"Content-Type: multipart/mixed; boundary=c\\n\\n--c\\n\\none\\n--c--\\n\"] "
      "[1 multipart/mixed] [1.1 text/plain \"one\"]" },
    { "attached message in base64", MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogaW4KCmJvZHkK\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 odd=1000000 \"Subject: in\\n\\nbody\\n\"] [1.1 text/plain \"body\\n\"]" },
    { "attached message that says base64, in clear", MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: in\n\nbody\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 odd=1040000 \"Subject: in\\n\\nbody\"] [1.1 text/plain \"body\"]" },
    { "attached multipart that says base64, in clear",
      MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\none\n--c--\n--b\n\ntwo\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 odd=1040000 \"Content-Type: multipart/mixed; boundary=c\\n\\n--c\\n\\none\\n--c--\"] [1 multipart/mixed] [1.1 text/plain \"one\"] [2 text/plain \"two\"]" },
    { "attached message that says base64, empty", MIXED "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n--b--\n",
      "[ multipart/mixed] [1 message/rfc822 odd=1000000 \"\"] [1.1 text/plain \"\"]" },
    { "attached message that says base64, in clear and cut off", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nSubject: in",
      "[1 message/rfc822 odd=1040000 \"Subject: in\"] [1.1 text/plain \"\"]" },
    { "digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: in\n\nx\n--b\nContent-Type: text/plain\n\ny\n--b--",
      "[ multipart/digest] [1 message/rfc822 \"Subject: in\\n\\nx\"] [1.1 text/plain \"x\"] [2 text/plain \"y\"]" },
    { "base64", MIXED "--b\nContent-Type: a/b; name=x\nContent-Transfer-Encoding: BASE64\n\nTWFu\n--c\nTWE=\n--b--",
      "[ multipart/mixed] [1 a/b file=\"x\" odd=8000010 \"Manq5\\u0084\"]" },
    { "quoted-printable", MIXED "--b\nContent-Transfer-Encoding: quoted-printable\n\na=\nb =3D \n\n--b--", "[ multipart/mixed] [1 text/plain \"ab =\\n\"]" },
    { "soft break before the boundary", MIXED "--b\nContent-Transfer-Encoding: quoted-printable\n\na=\n--b--", "[ multipart/mixed] [1 text/plain \"a\"]" },
    { "x-uuencode", "Content-Type: a/b\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 f\n#0V%T\n`\nend\n", "[1 a/b \"Cat\"]" },
    { "x-uuencode without begin", "Content-Type: a/b\nContent-Transfer-Encoding: uuencode\n\n#0V%T\n", "[1 a/b odd=8000 \"Cat\"]" },
    { "unknown encoding", "Content-Transfer-Encoding: x-zip\n\nx", "[1 text/plain odd=40 \"x\"]" },
    { "bare uuencode", "\nbefore\nbegin 644 cat\n#0V%T\n`\nend\nbegin now\nbegin 644 dog\n#0V%T\n",
      "[1 text/plain odd=10000 \"before\\nbegin 644 cat\\n#0V%T\\n`\\nend\\nbegin now\\nbegin 644 dog\\n#0V%T\\n\"] "
      "[1.1 application/octet-stream file=\"cat\" \"Cat\"] [1.2 application/octet-stream file=\"dog\" odd=8000 \"Cat\"]" },
    { "prose that begins", "\nbegin 644 times\nhello\n", "[1 text/plain odd=10000 \"begin 644 times\\nhello\\n\"]" },
    { "empty boundary", "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\none\n--x\n--\n\ntwo\n----\nepilogue\n",
      "[ multipart/mixed odd=400004] [1 text/plain \"one\\n--x\"] [2 text/plain \"two\"]" },
    { "no boundary given", "Content-Type: multipart/mixed\n\ntext\n", "[ multipart/mixed odd=c]" },
    { "wrong boundary", MIXED "--c\nContent-Type: text/html\n\nx\n--c--\n", "[ multipart/mixed odd=c] [1 text/html \"x\"]" },
    { "wrong, then right", MIXED "--c\nContent-Type: text/html\n\nx\n--b\n\ny\n--b--", "[ multipart/mixed odd=c] [1 text/html \"x\"] [2 text/plain \"y\"]" },
    { "boundary ends the headers", MIXED "--b\nContent-Type: text/html\n--b\n\nx\n--b--", "[ multipart/mixed] [1 text/html odd=1 \"\"] [2 text/plain \"x\"]" },
    { "body without blank line", MIXED "--b\nthis is text\n--b--", "[ multipart/mixed] [1 text/plain odd=1 \"this is text\"]" },
    { "never closed", MIXED "--b\n\nx\n", "[ multipart/mixed odd=8] [1 text/plain \"x\"]" },
    { "repeated field", "Content-Type: a/b\nContent-Type: c/d\n\n", "[1 a/b odd=204000 \"\"]" },
    { "blanks before the colon", "Content-Type : a/b\n\n", "[1 a/b odd=200000 \"\"]" },
    { "NUL and CR", "A: b\n\nx\1y\rz", "[1 text/plain odd=800 \"x\\u0001y\\rz\"]" },
};

static void check_case(size_t i, struct ms_bytes in, size_t cut, size_t step)
{
    struct ms_limits limits = ms_limits_default();
    struct ms_buffer t = summary(in, cut, step, &limits);
    if (!ms_equal(ms_buffer_bytes(&t), ms_str(cases[i].want)))
        fail_msg("%s, cut at %zu: %.*s", cases[i].why, cut, (int)t.n, (char *)t.p);
    ms_buffer_finish(&t);
}

static void test_cases_at_every_cut(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_bytes in = ms_str(cases[i].in);
        for (size_t cut = 0; cut <= in.n; cut++)
            check_case(i, in, cut, 0);
        check_case(i, in, 1, 1);
    }
}

/* The same with CRLF: nothing but line ends differs, and no bare LF is noted. */
static void test_crlf(void **unused)
{
    (void)unused;
    struct ms_limits limits = ms_limits_default();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_buffer in = { 0 }, want = { 0 };
        for (const char *c = cases[i].in; *c; c++)
            ms_buffer_append(&in, *c == '\n' ? MS_LIT("\r\n") : (struct ms_bytes){ (const uint8_t *)c, 1 });
        char *lf = mime_trace(ms_str(cases[i].in), (struct mime_cut){ 0, 0, 0, 0 }, &limits, NULL);
        for (size_t cut = 0; cut <= in.n; cut += 3) {
            char *a = mime_trace(ms_buffer_bytes(&in), (struct mime_cut){ in.n, 0, 0, 0 }, &limits, NULL);
            char *b = mime_trace(ms_buffer_bytes(&in), (struct mime_cut){ cut, 2, 0, 0 }, &limits, NULL);
            assert_string_equal(a, b);
            free(a);
            free(b);
        }
        free(lf);
        ms_buffer_finish(&in);
        ms_buffer_finish(&want);
    }
}

static void test_headers_and_digests(void **unused)
{
    (void)unused;
    static const char in[] = "Return-Path: <r@x>\r\nFrom: =?utf-8?q?J=C3=B6?= <a@b>\r\nTo: t@x,\r\n u@x\r\nCC: c@x\r\nSubject: s\r\n"
                             "Date: d\r\nMessage-ID: <i@x>\r\nReply-To: p@x\r\nSubject: second\r\nContent-ID: <c@x>\r\n"
                             "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n"
                             "Content-Disposition: Attachment; filename=a.txt\r\n\r\nYWJj\r\n";
    struct ms_limits     limits = ms_limits_default();
    struct ms_mime_pool *pool = ms_mime_pool_create();
    for (int again = 0; again < 3; again++) { /* a parser from the pool is as good as new */
        char *t = mime_trace(MS_LIT(in), (struct mime_cut){ 10, 7, 0, 0 }, &limits, pool);
        assert_non_null(strstr(t, "odd=4000 dropped=0 from=\"J\xc3\xb6 <a@b>\" to=\"t@x, u@x\" cc=\"c@x\" subject=\"s\" date=\"d\" "
                                  "message-id=\"<i@x>\" reply-to=\"p@x\" return-path=\"<r@x>\""));
        assert_non_null(strstr(t, "1 text/plain 3 file=\"a.txt\" disp=\"attachment\" enc=\"base64\" charset=\"utf-8\" id=\"<c@x>\""));
        assert_non_null(strstr(t, "odd=4000ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")); /* of "abc" */
        free(t);
    }
    ms_mime_pool_destroy(pool);
}

/* Half of a base64 line is lost: the part says so, goes on at the next line, and ends where it should. */
static void test_gap(void **unused)
{
    (void)unused;
    static const char in[] = MIXED "--b\nContent-Transfer-Encoding: base64\n\nTWFuTWFu\nTWFuTWFu\nTWFu\n--b\n\nx\n--b--\n";
    struct ms_limits limits = ms_limits_default();
    size_t           at = (size_t)(strstr(in, "TWFuTWFu\nTWFu") - in) + 9;
    char *t = mime_trace(MS_LIT(in), (struct mime_cut){ 1000, 0, at + 4, 2 }, &limits, NULL);
    assert_non_null(strstr(t, "missing=2"));
    assert_non_null(strstr(t, "\n1 text/plain 12 enc=\"base64\" is=\"text/plain\" odd=600 incomplete"));
    assert_non_null(strstr(t, "\n2 text/plain 1 is=\"text/plain\" odd=400"));
    assert_null(strstr(strstr(t, "\n2 "), "incomplete"));
    free(t);
    t = mime_trace(MS_LIT(MIXED "--b\nContent-Type: te"), (struct mime_cut){ 1000, 0, 50, 1 }, &limits, NULL); /* in a header */
    assert_non_null(strstr(t, "\n1 text/plain 0 odd=200 incomplete"));
    free(t);
    for (size_t gap_at = 0; gap_at < sizeof in - 9; gap_at++) /* anywhere: the same at all cuts */
        for (size_t cut = 0; cut < 20; cut += 4) {
            char *a = mime_trace(MS_LIT(in), (struct mime_cut){ 1000, 0, gap_at, 7 }, &limits, NULL);
            char *b = mime_trace(MS_LIT(in), (struct mime_cut){ cut, 3, gap_at, 7 }, &limits, NULL);
            assert_string_equal(a, b);
            free(a);
            free(b);
        }
}

static void test_part_limit(void **unused)
{
    (void)unused;
    struct ms_limits limits = ms_limits_tiny(); /* 8 parts, the multipart is one of them */
    for (int parts = 6; parts <= 9; parts++) {
        struct ms_buffer in = { 0 };
        ms_buffer_append(&in, MS_LIT(MIXED));
        for (int i = 0; i < parts; i++)
            ms_buffer_append(&in, MS_LIT("--b\n\nx\n"));
        ms_buffer_append(&in, MS_LIT("--b--\n"));
        struct ms_arena   arena = { 0 };
        struct ms_message msg = { .id = 0 };
        mime_run(ms_buffer_bytes(&in), (struct mime_cut){ 0, 1, 0, 0 }, &limits, NULL, &arena, &msg);
        assert_int_equal(msg.part_count, parts < 7 ? parts + 1 : 8);
        assert_int_equal(msg.parts_dropped, parts < 7 ? 0 : parts - 7);
        assert_int_equal((msg.odd & MS_MIME_PARTS_LIMIT) != 0, parts > 7);
        assert_int_equal(msg.size, in.n);
        ms_arena_finish(&arena);
        ms_buffer_finish(&in);
    }
}

static void test_depth_limit(void **unused)
{
    (void)unused;
    struct ms_limits limits = ms_limits_tiny(); /* 3 levels */
    for (int levels = 2; levels <= 4; levels++) {
        struct ms_buffer in = { 0 };
        for (int i = 0; i < levels; i++)
            ms_text_format(&in, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i);
        ms_buffer_append(&in, MS_LIT("\nx\n"));
        struct ms_arena   arena = { 0 };
        struct ms_message msg = { .id = 0 };
        mime_run(ms_buffer_bytes(&in), (struct mime_cut){ 0, 1, 0, 0 }, &limits, NULL, &arena, &msg);
        assert_int_equal((msg.odd & MS_MIME_DEPTH_LIMIT) != 0, levels > 3);
        assert_int_equal(msg.part_count, levels > 3 ? 4 : levels + 1);
        assert_false(msg.parts[msg.part_count - 1].multipart);
        ms_arena_finish(&arena);
        ms_buffer_finish(&in);
    }
}

static void test_header_limits(void **unused)
{
    (void)unused;
    struct ms_limits limits = ms_limits_tiny(); /* 256 bytes, 8 fields */
    for (size_t n = 254; n <= 258; n++) {
        struct ms_buffer in = { 0 };
        ms_buffer_append(&in, MS_LIT("Subject: "));
        while (in.n < n - 1)
            ms_buffer_append(&in, MS_LIT("x"));
        ms_buffer_append(&in, MS_LIT("\n\nbody"));
        char *a = mime_trace(ms_buffer_bytes(&in), (struct mime_cut){ 0, 1, 0, 0 }, &limits, NULL);
        assert_int_equal(strstr(a, "subject=") != NULL, n <= 256);
        assert_int_equal(strstr(a, "missing=0 odd=2 ") != NULL, n > 256);
        assert_non_null(strstr(a, "1 text/plain 4 "));
        free(a);
        ms_buffer_finish(&in);
    }
    char *t = mime_trace(MS_LIT("A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\nG: 7\r\nSubject: eight\r\nTo: nine\r\n\r\n"),
                         (struct mime_cut){ 0, 1, 0, 0 }, &limits, NULL);
    assert_non_null(strstr(t, "subject=\"eight\""));
    assert_null(strstr(t, "to="));
    assert_non_null(strstr(t, "odd=20000 "));
    free(t);
}

static struct ms_buffer repeat(const char *head, const char *brick, size_t bytes)
{
    struct ms_buffer in = { 0 };
    ms_buffer_append(&in, ms_str(head));
    while (in.n < bytes)
        ms_buffer_append(&in, ms_str(brick));
    return in;
}

/* Each of these once stood for minutes or for gigabytes somewhere. */
static void test_hostile_messages_take_linear_time(void **unused)
{
    (void)unused;
    static const struct { const char *head, *brick; } rows[] = {
        { MIXED, "--b\n\n" }, { MIXED, "--b\nContent-Type: multipart/mixed; boundary=b\n\n" }, { MIXED, "--" }, { MIXED, "--b\r" },
        { "", "Content-Type: message/rfc822\n\n" }, { "Subject: ", "x" }, { "", "A: b\n" }, { "", " \n" }, { "A:", "\n b" }, { "A:", "\n " },
        { MIXED, "--c\nContent-Type: multipart/mixed\n\n" }, { "\n", "begin 644 x\n" }, { "\n", "begin 644 x\n!00\nend\n" },
        { "Content-Transfer-Encoding: quoted-printable\n\n", "= " }, { "Content-Transfer-Encoding: quoted-printable\n\n", "  \r" },
        { "Content-Transfer-Encoding: base64\n\n", "-\n" }, { "Content-Transfer-Encoding: base64\n\n", "A=" },
        { "Content-Type: multipart/digest; boundary=b\n\n", "--b\n\n" }, { MIXED_CR, "--b\r\r" }, { MIXED_CR, "-\r" }, { MIXED_CR, "--b\rA:" },
        { MIXED_CR "--b\rContent-Transfer-Encoding: base64\r\r", "-" }, { MIXED_CR "--b\rContent-Transfer-Encoding: base64\r\r", "A\r" },
    };
    struct ms_limits     limits = ms_limits_default();
    struct ms_mime_pool *pool = ms_mime_pool_create();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ms_buffer  in = repeat(rows[i].head, rows[i].brick, 600000);
        struct ms_arena   arena = { 0 };
        struct ms_message msg = { .id = 0 };
        clock_t           start = clock();
        mime_run(ms_buffer_bytes(&in), (struct mime_cut){ 0, 700, 0, 0 }, &limits, pool, &arena, &msg);
        if (clock() - start > 3 * CLOCKS_PER_SEC)
            fail_msg("%s%s...: takes too long", rows[i].head, rows[i].brick);
        assert_int_equal(msg.size, in.n);
        assert_true(arena.total < 16u * 1024 * 1024);
        ms_arena_finish(&arena);
        ms_buffer_finish(&in);
    }
    ms_mime_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases_at_every_cut), cmocka_unit_test(test_crlf), cmocka_unit_test(test_headers_and_digests),
        cmocka_unit_test(test_gap), cmocka_unit_test(test_part_limit), cmocka_unit_test(test_depth_limit),
        cmocka_unit_test(test_header_limits), cmocka_unit_test(test_hostile_messages_take_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
