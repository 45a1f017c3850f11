/* tests/unit/dots_test.c - the unstuffer against a table, at every cut, and against a plain second implementation. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "proto/dots.h"

#include <stdlib.h>

struct result { uint8_t text[512]; size_t n, used, spans; bool ended, loose, may_be_over; };

static void collect(void *to, struct ms_bytes span)
{
    struct result *r = to;
    assert_true(span.n > 0 && r->n + span.n <= sizeof r->text);
    memcpy(r->text + r->n, span.p, span.n);
    r->n += span.n;
    r->spans++;
}

static void push(struct ms_dots *d, struct ms_bytes piece, struct result *r)
{
    uint8_t        *exact = malloc(piece.n ? piece.n : 1);
    if (piece.n)
        memcpy(exact, piece.p, piece.n);
    struct ms_bytes in = { exact, piece.n };
    if (!r->ended)
        r->ended = ms_dots_push(d, &in, collect, r);
    else
        in.n = piece.n;
    r->used += piece.n - in.n;
    r->loose = d->loose;
    r->may_be_over = ms_dots_may_be_over(d);
    free(exact);
}

/* Pieces of `size` bytes, the first one `first` bytes long. */
static struct result run(struct ms_bytes in, bool lf, size_t first, size_t size)
{
    struct ms_dots d;
    struct result  r = { .n = 0 };
    ms_dots_start(&d, lf);
    push(&d, ms_head(in, first), &r);
    for (in = ms_tail(in, first); in.n; in = ms_tail(in, size))
        push(&d, ms_head(in, size), &r);
    return r;
}

static void check(const char *why, const struct result *r, const struct result *want)
{
    if (r->n != want->n || memcmp(r->text, want->text, r->n) || r->used != want->used || r->ended != want->ended ||
        r->loose != want->loose || r->may_be_over != want->may_be_over)
        fail_msg("%s: \"%.*s\" used %zu ended %d loose %d over %d, want \"%.*s\" used %zu ended %d loose %d over %d", why, (int)r->n,
                 (const char *)r->text, r->used, r->ended, r->loose, r->may_be_over, (int)want->n, (const char *)want->text,
                 want->used, want->ended, want->loose, want->may_be_over);
}

static void every_cut(const char *why, struct ms_bytes in, bool lf, const struct result *want)
{
    for (size_t cut = 0; cut <= in.n; cut++) {
        struct result r = run(in, lf, cut, in.n + 1);
        check(why, &r, want);
    }
    struct result bytewise = run(in, lf, 1, 1);
    check(why, &bytewise, want);
}

static const struct { const char *why, *in; bool lf; const char *text; size_t used; bool ended, loose, over; } cases[] = {
    { "plain",                 "a\r\nb\r\n.\r\n+OK", false, "a\r\nb\r\n", 9, true, false, false },
    { "empty text",            ".\r\nx",             false, "",           3, true, false, false },
    { "stuffed",               "..a\r\n..\r\n.\r\n", false, ".a\r\n.\r\n", 12, true, false, false },
    { "dot that was no stuffing", ".a\r\n.\r\n",     false, "a\r\n",      7, true, false, false },
    { "dot CR text",           ".\ra\r\n.\r\n",      false, "\ra\r\n",    8, true, false, false },
    { "dot CR CR LF",          ".\r\r\n.\r\n",       false, "\r\r\n",     7, true, false, false },
    { "no end yet",            "a\r\n.",             false, "a\r\n",      4, false, false, false },
    { "LF.LF is text",         "a\n.\nb\r\n.\r\n",   false, "a\n.\nb\r\n", 10, true, true, false },
    { "LF.CRLF is text",       "a\n.\r\nb\r\n.\r\n", false, "a\n.\r\nb\r\n", 11, true, true, false },
    { "CRLF.LF is text",       "a\r\n.\nb\r\n.\r\n", false, "a\r\n\nb\r\n", 11, true, true, false },
    { "LF.CRLF then the end",  "a\n.\r\n.\r\n",      false, "a\n.\r\n",   8, true, true, false },
    { "LF.CRLF as the last",   "a\n.\r\n",           false, "a\n",        5, false, false, true },
    { "LF.LF as the last",     "a\n.\n",             false, "a\n",        4, false, false, true },
    { "CRLF.LF as the last",   "a\r\n.\n",           false, "a\r\n",      5, false, false, true },
    { "dot after bare LF",     "a\n..b\n.c\r\n.\r\n", false, "a\n..b\n.c\r\n", 13, true, false, false },
    { "CR.CR is text",         "a\r.\rb\r\n.\r\n",   false, "a\r.\rb\r\n", 10, true, false, false },
    { "lenient: LF.LF",        "a\n..b\n.\nx",       true,  "a\n.b\n",    8, true, false, false },
    { "lenient: LF.CRLF",      "a\n.\r\nx",          true,  "a\n",        5, true, false, false },
    { "lenient: CRLF.LF",      "a\r\n.\nx",          true,  "a\r\n",      5, true, false, false },
};

static void table_at_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct result want = { .n = strlen(cases[i].text), .used = cases[i].used, .ended = cases[i].ended,
                               .loose = cases[i].loose, .may_be_over = cases[i].over };
        memcpy(want.text, cases[i].text, want.n);
        every_cut(cases[i].why, ms_str(cases[i].in), cases[i].lf, &want);
    }
}

static bool line_starts(struct ms_bytes in, size_t i, bool lf)
{
    return i == 0 || (in.p[i - 1] == '\n' && (lf || (i > 1 && in.p[i - 2] == '\r')));
}

/* The slow and plain way, strict about CRLF or lenient; `loose` and `may_be_over` are not modelled. */
static struct result plain(struct ms_bytes in, bool lf)
{
    struct result r = { .n = 0 };
    for (size_t i = 0; i < in.n; i++) {
        bool start = line_starts(in, i, lf) && in.p[i] == '.';
        struct ms_bytes next = ms_slice(in, i + 1, 2);
        if (start && (ms_equal(next, MS_LIT("\r\n")) || (lf && ms_at(next, 0) == '\n'))) {
            r.ended = true;
            r.used = i + (next.p[0] == '\n' ? 2 : 3);
            return r;
        }
        if (!start)
            r.text[r.n++] = in.p[i];
    }
    r.used = in.n;
    return r;
}

static uint32_t next_random(uint32_t *x)
{
    *x = *x * 1664525u + 1013904223u;
    return *x >> 16;
}

/* Texts of 0 to 200 bytes rich in CR, LF and dots; closed by CRLF.CRLF so that nothing stays held back. */
static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        uint8_t text[256];
        size_t  n = next_random(&seed) % 200;
        unsigned rare = 4 + next_random(&seed) % 60; /* the text between marks is long enough for the fast search */
        for (size_t i = 0; i < n; i++) {
            unsigned c = next_random(&seed) % rare;
            text[i] = (uint8_t)(c < 3 ? "\r\n."[c] : 'a');
            if (c == 3 && i + 3 < n) {
                memcpy(text + i, "\r\n.", 3);
                i += 2;
            }
        }
        memcpy(text + n, "\r\n.\r\n", 5);
        struct ms_bytes in = { text, n + 5 };
        bool            lf = round & 1;
        struct result   want = plain(in, lf), whole = run(in, lf, in.n, 1), cut = run(in, lf, next_random(&seed) % in.n, 37);
        want.loose = whole.loose;
        check("whole", &whole, &want);
        check("cut", &cut, &want);
    }
}

static void spans_are_long(void **state)
{
    (void)state;
    uint8_t text[400];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (uint8_t)"abcd.fgh\r\n"[i % 10];
    struct result r = run((struct ms_bytes){ text, sizeof text }, false, sizeof text, 1);
    assert_int_equal(r.spans, 1);
    assert_int_equal(r.n, sizeof text);
}

static void gap_forgets_the_line(void **state)
{
    (void)state;
    struct ms_dots d;
    struct result  r = { .n = 0 };
    ms_dots_start(&d, false);
    push(&d, MS_LIT("a\r\n.\r"), &r);
    ms_dots_gap(&d, collect, &r);
    push(&d, MS_LIT(".x\r\n"), &r);
    assert_true(ms_equal((struct ms_bytes){ r.text, r.n }, MS_LIT("a\r\n\r.x\r\n")));
    ms_dots_gap(&d, collect, &r);
    push(&d, MS_LIT(".\r\n"), &r); /* end of a sentence, or the end of all */
    assert_true(ms_dots_may_be_over(&d) && !r.ended);
    push(&d, MS_LIT("y\r\n.\r\n"), &r);
    assert_true(r.ended && !r.loose);
    assert_true(ms_equal((struct ms_bytes){ r.text, r.n }, MS_LIT("a\r\n\r.x\r\n.\r\ny\r\n")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_at_every_cut), cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(spans_are_long), cmocka_unit_test(gap_forgets_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
