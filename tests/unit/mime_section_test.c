/* Messages whose parts come one by one: what is recorded of them, wherever their bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mime_trace.h"

enum { STEPS = 12 };
/* 'h' header bytes, 'f' header fields, 'l' listed, 'b' begin, 'd' begin decoded, 'e' end, 'E' end before all came, 'g' a byte is missing, '.' content:
 * then "path|text". */
struct script { const char *why, *steps[STEPS], *want; };

static const struct script scripts[] = {
    { "listed, the last one first; one never comes",
      { "h|Subject: s\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n", "l|Content-Type: multipart/mixed; boundary=x", "l1|Content-Type: text/plain",
        "l2|Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=n", "l3|Content-Type: c/d",
        "b3|Content-Type: c/d", ".|--x\r\nsee\r\n", "e3|", "b2|Content-Type: a/b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=n",
        ".|b25l", "e2|" },
      "size=71 missing=0 odd=80000 dropped=0 subject=\"s\"\n multipart/mixed multi 0 odd=0\n1 text/plain 0 odd=100000 incomplete\n"
      "2 a/b 3 file=\"n\" disp=\"attachment\" enc=\"base64\" is=\"text/plain\" odd=0\n3 c/d 10 is=\"text/plain\" odd=0\n"
      "3+ 3- 2+ 2- 1+ 1-" },
    { "no header, no list, no type", { "b2|", ".|\x89PNG\r\n\x1a\n", "e2|" },
      "size=8 missing=0 odd=80400 dropped=0\n2 application/octet-stream 8 is=\"image/png\" odd=400\n2+ 2-" },
    { "a multipart and a message as parts, with what is in them",
      { "f|Subject: s\r\n\r\n", "l1|Content-Type: multipart/mixed; boundary=y", "l1.1|Content-Type: text/plain", "l1.2|Content-Type: text/html",
        "l2|Content-Type: message/rfc822", "l2.1|Content-Type: text/plain", "b2|Content-Type: message/rfc822", ".|A: b\r\n\r\nin it", "e2|",
        "b1|Content-Type: multipart/mixed; boundary=y", ".|--y\r\nContent-Type: text/plain\r\n\r\none\r\n--y--\r\n", "e1|" },
      "size=72 missing=0 odd=80000 dropped=0 subject=\"s\"\n1 multipart/mixed multi 0 odd=0\n1.1 text/plain 3 is=\"text/plain\" odd=0\n"
      "1.2 text/html 0 odd=100000 incomplete\n2 message/rfc822 13 is=\"text/plain\" odd=0\n2.1 text/plain 5 is=\"text/plain\" odd=0\n"
      "2+ 2.1+ 2.1- 2- 1+ 1.1+ 1.1- 1- 1.2+ 1.2-" },
    { "what the header took for the text comes as a part",
      { "h|Content-Transfer-Encoding: base64\r\n\r\n", "d1|Content-Transfer-Encoding: base64", ".|plain", "e1|" },
      "size=42 missing=0 odd=80000 dropped=0\n1 text/plain 5 enc=\"base64\" is=\"text/plain\" odd=0\n1+ 1-" },
    { "a hole, and the end before all came", { "b1|Content-Type: a/b", ".|abc", "g|", ".|def", "e1|", "b2|Content-Type: a/b", ".|abc", "E2|" },
      "size=9 missing=1 odd=80200 dropped=0\n1 a/b 6 is=\"text/plain\" odd=200 incomplete\n2 a/b 3 is=\"text/plain\" odd=200 incomplete\n1+ 1- 2+ 2-" },
};

struct told { struct ms_buffer text; };

static void tell(void *ctx, const struct ms_part *part, char sign)
{
    struct told *t = ctx;
    ms_text_format(&t->text, " %.*s%c", (int)part->path.n, (const char *)part->path.p, sign);
}

static void on_begin(void *ctx, size_t index, const struct ms_part *part)
{
    (void)index;
    if (part->path.n)
        tell(ctx, part, '+');
}

static void on_end(void *ctx, size_t index, const struct ms_part *part)
{
    (void)index;
    if (part->path.n)
        tell(ctx, part, '-');
}

static void step(struct ms_mime *m, const char *s, size_t cut)
{
    static const char  kinds[] = "flbeEd";
    struct ms_bytes    in = ms_str(s + 1), path = ms_head(in, ms_find(in, '|')), text = ms_tail(in, path.n + 1);
    const char        *kind = strchr(kinds, *s);
    struct ms_section  section = { .path = path, .decoded = *s == 'd', .whole = *s == 'e' };
    if (*s == '.' || *s == 'h') {
        push_pieces(m, text, cut, 1);
    } else if (*s == 'g') {
        ms_mime_gap(m, 1);
    } else if (kind) {
        section.kind = *s == 'd' ? MS_SECTION_BEGIN : *s == 'E' ? MS_SECTION_END : (enum ms_section_kind)(kind - kinds);
        section.head = *s == 'f' ? section.head : text;
        section.lead = *s == 'f' ? text : section.lead;
        ms_mime_section(m, &section);
    }
}

static struct ms_buffer play(const struct script *s, size_t cut, const struct ms_limits *limits)
{
    struct ms_arena   arena = { 0 };
    struct ms_message msg = { .id = 0 };
    struct ms_buffer  trace = { 0 };
    struct told       told = { { 0 } };
    struct ms_mime_options options = { .sink = { on_begin, NULL, on_end, &told } };
    struct ms_mime   *m = ms_mime_create(&arena, limits, &options);
    for (int i = 0; i < STEPS && s->steps[i]; i++)
        step(m, s->steps[i], cut);
    ms_mime_finish(m, &msg);
    trace_message(&trace, &msg);
    ms_text_char(&trace, '\n');
    ms_text_add(&trace, ms_trim(ms_buffer_bytes(&told.text)));
    ms_text_char(&trace, 0);
    ms_buffer_finish(&told.text);
    ms_arena_finish(&arena);
    return trace;
}

static void test_scripts_at_every_cut(void **unused)
{
    (void)unused;
    struct ms_limits limits = ms_limits_default();
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        for (size_t cut = 0; cut < 60; cut++) {
            struct ms_buffer trace = play(&scripts[i], cut, &limits);
            assert_string_equal((const char *)trace.p, scripts[i].want);
            ms_buffer_finish(&trace);
        }
}

/* A list that is full leaves room for what is on it. */
static void test_part_limit(void **unused)
{
    (void)unused;
    static const struct script s = { "", { "l1|Content-Type: a/b", "l2|Content-Type: a/b", "l3|Content-Type: a/b", "b3|Content-Type: a/b", ".|x", "e3|",
                                           "b2|Content-Type: a/b", ".|xy", "e2|" }, "" };
    struct ms_limits limits = ms_limits_default();
    limits.mime_parts = 2;
    struct ms_buffer trace = play(&s, 0, &limits);
    assert_string_equal((const char *)trace.p, "size=3 missing=0 odd=80100 dropped=2\n1 a/b 0 odd=100000 incomplete\n2 a/b 2 is=\"text/plain\" odd=0\n2+ 2- 1+ 1-");
    ms_buffer_finish(&trace);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_scripts_at_every_cut), cmocka_unit_test(test_part_limit) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
