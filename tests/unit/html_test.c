/* tests/unit/html_test.c - what people see of a page, what is hidden from them, where it leads and what it runs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "content/text/page.h"
#include "look.h"

#include <stdio.h>

#define LONG_WORD "TVqQAAMAAAAEAAAA//8AALgAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LONGER LONG_WORD LONG_WORD LONG_WORD LONG_WORD
#define LITERAL LONGER LONGER LONGER LONGER LONGER

/* seen text with '/' for line ends, ~hidden text, then as look_tell() says. */
static const struct { const char *html, *want; } cases[] = {
#include "html_cases.h"
};

static void tell(struct ms_bytes html, struct ms_buffer *out)
{
    struct look     l;
    struct ms_page *page = ms_alloc(sizeof *page);
    look_init(&l);
    ms_page_init(page, &l.in, html);
    while (ms_page_step(page))
        ;
    struct ms_bytes seen = ms_trim(ms_buffer_bytes(&page->seen)), hidden = ms_buffer_bytes(&page->hidden);
    for (size_t i = 0; i < seen.n; i++)
        ms_text_char(out, seen.p[i] == '\n' ? '/' : (char)seen.p[i]);
    if (hidden.n) {
        ms_text_str(out, " ~");
        ms_text_add(out, hidden);
    }
    ms_page_finish(page);
    ms_free(page);
    look_finish(&l);
    /* Once more as a whole, with signs. */
    struct ms_piece piece = { .bytes = html };
    look_init(&l);
    ms_html_look(&l.in, &piece);
    look_tell(&l, out);
    look_finish(&l);
}

static void sees(void **state)
{
    (void)state;
    bool good = true;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ms_buffer got = { 0 };
        tell(ms_str(cases[i].html), &got);
        if (!ms_equal(ms_buffer_bytes(&got), ms_str(cases[i].want))) {
            print_error("%s\n  got  %.*s\n  want %s\n", cases[i].html, (int)got.n, (char *)got.p, cases[i].want);
            good = false;
        }
        ms_buffer_finish(&got);
    }
    assert_true(good);
}

/* Every beginning of every page, in memory of exactly that size. */
static void reads_beginnings(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0, all = strlen(cases[i].html); n <= all && n < 400; n++) {
            struct look l;
            uint8_t    *copy = malloc(n + !n);
            memcpy(copy, cases[i].html, n);
            struct ms_piece piece = { .bytes = { copy, n } };
            look_init(&l);
            ms_html_look(&l.in, &piece);
            assert_true(l.signs.dropped == 0);
            look_finish(&l);
            free(copy);
        }
}

/* Links and evidence are UTF-8, whatever the page is in. */
static void reads_any_charset(void **state)
{
    (void)state;
    const struct { struct ms_bytes html, charset; } pages[] = {
        { MS_LIT("<a href='http://a.example/\xc3\xa5'>x</a>"), MS_LIT("") }, { MS_LIT("<a href='http://a.example/\xe5'>x</a>"), MS_LIT("") },
        { MS_LIT("<a href='http://a.example/\x8c'>x</a>"), MS_LIT("macintosh") },
        { MS_LIT("\xff\xfe<\0a\0 \0h\0r\0e\0f\0=\0h\0t\0t\0p\0:\0/\0/\0" "a\0.\0e\0x\0" "a\0m\0p\0l\0e\0/\0\xe5\0>\0x\0<\0/\0" "a\0>\0"), MS_LIT("") },
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct look      l;
        struct ms_buffer got = { 0 };
        struct ms_piece  piece = { .bytes = pages[i].html, .charset = pages[i].charset };
        look_init(&l);
        ms_html_look(&l.in, &piece);
        look_tell(&l, &got);
        ms_text_char(&got, 0);
        assert_string_equal((char *)got.p, " >http://a.example/\xc3\xa5(x)");
        ms_buffer_finish(&got);
        look_finish(&l);
    }
}

static void decodes(void **state)
{
    (void)state;
    static const struct { const char *raw, *text, *attribute; } rows[] = {
        { "a&amp;b", "a&b", "a&b" }, { "&lt&gt;", "<>", "<>" }, { "&ltx", "<x", "&ltx" }, { "&amp=1", "&=1", "&amp=1" }, { "&copy;", "\xc2\xa9", "\xc2\xa9" },
        { "&#65;&#x42;&#X43", "ABC", "ABC" }, { "&#128;", "\xe2\x82\xac", "\xe2\x82\xac" }, { "&#0;", "\xef\xbf\xbd", "\xef\xbf\xbd" },
        { "&#xD800;", "\xef\xbf\xbd", "\xef\xbf\xbd" }, { "&#99999999999;", "\xef\xbf\xbd", "\xef\xbf\xbd" }, { "&#x;", "&#x;", "&#x;" }, { "&#", "&#", "&#" },
        { "&", "&", "&" }, { "&nosuch;", "&nosuch;", "&nosuch;" }, { "&notit;", "&notit;", "&notit;" }, { "&ampamp;", "&amp;", "&ampamp;" },
        { "&commat;&period;&sol;", "@./", "@./" }, { "&Auml;&auml", "\xc3\x84\xc3\xa4", "\xc3\x84\xc3\xa4" }, { "x&ZeroWidthSpace;y", "x\xe2\x80\x8by", "x\xe2\x80\x8by" },
        { "&nbsp", "\xc2\xa0", "\xc2\xa0" }, { "&nbsp1", "\xc2\xa0" "1", "&nbsp1" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int attribute = 0; attribute < 2; attribute++) {
            struct ms_buffer out = { 0 };
            ms_html_decode(ms_str(rows[i].raw), attribute, &out);
            if (!ms_equal(ms_buffer_bytes(&out), ms_str(attribute ? rows[i].attribute : rows[i].text)))
                print_error("%s %d: %.*s\n", rows[i].raw, attribute, (int)out.n, (char *)out.p);
            assert_true(ms_equal(ms_buffer_bytes(&out), ms_str(attribute ? rows[i].attribute : rows[i].text)));
            ms_buffer_finish(&out);
        }
    struct ms_buffer out = { 0 };
    ms_html_decode(MS_LIT("a\0b"), false, &out);
    assert_true(ms_equal(ms_buffer_bytes(&out), MS_LIT("a\xef\xbf\xbd" "b")));
    ms_buffer_finish(&out);
}

/* Tables that are searched by halves must be sorted. */
static void finds_every_name(void **state)
{
    (void)state;
    static const char *const tags[] = {
#define X(name, slug, flags) slug,
#include "content/text/tags.def"
#undef X
    };
    static const struct { const char *name; uint32_t point; } entities[] = {
#define X(name, point, bare) { name, point },
#include "content/text/entities.def"
#undef X
    };
    for (unsigned i = 0; i < sizeof tags / sizeof *tags; i++) {
        char                 text[32];
        struct ms_html_token token;
        struct ms_html       html = { { (uint8_t *)text, (size_t)snprintf(text, sizeof text, "<%s>", tags[i]) }, MS_TAG_OTHER };
        assert_true(ms_html_next(&html, &token));
        assert_int_equal(token.tag, i + 1);
    }
    for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
        char             text[32];
        uint32_t         point = 0;
        struct ms_buffer out = { 0 };
        ms_html_decode((struct ms_bytes){ (uint8_t *)text, (size_t)snprintf(text, sizeof text, "&%s;", entities[i].name) }, false, &out);
        assert_int_equal(ms_utf8_sequence(ms_buffer_bytes(&out), &point), out.n);
        assert_int_equal(point, entities[i].point);
        ms_buffer_finish(&out);
    }
}

/* Deep nesting and many attributes cost nothing extra and break nothing. */
static void is_bounded(void **state)
{
    (void)state;
    enum { N = 20000 };
    static const char *const pieces[] = { "<div style=display:none>x", "</div>", "<a href=", "<!--", "<p hidden>", "&amp", "<script>", "<style>.a{" };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct look      l;
        struct ms_buffer html = { 0 };
        for (int n = 0; n < N; n++)
            ms_text_str(&html, pieces[i]);
        struct ms_piece piece = { .bytes = ms_buffer_bytes(&html) };
        look_init(&l);
        ms_html_look(&l.in, &piece);
        assert_true(l.links.n <= 512);
        look_finish(&l);
        ms_buffer_finish(&html);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees), cmocka_unit_test(reads_beginnings), cmocka_unit_test(reads_any_charset), cmocka_unit_test(decodes), cmocka_unit_test(finds_every_name), cmocka_unit_test(is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
