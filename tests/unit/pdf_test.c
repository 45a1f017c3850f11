/* tests/unit/pdf_test.c - text of PDF pages: filters, fonts, places, and what hostile files do with them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "content/document/pdf.h"

#include <stdio.h>

struct scene {
    struct ms_arena  arena;
    struct ms_signs  signs;
    struct ms_limits limits;
    struct ms_links  links;
    uint64_t         budget;
    struct ms_inside in;
    struct ms_piece  piece;
    struct ms_file   file;
};

static void begin(struct scene *s, struct ms_bytes bytes)
{
    *s = (struct scene){ .limits = ms_limits_default() };
    s->budget = s->limits.content_bytes;
    s->links = (struct ms_links){ .arena = &s->arena, .limits = &s->limits };
    ms_signs_init(&s->signs, &s->arena);
    s->in = (struct ms_inside){ .signs = &s->signs, .links = &s->links, .arena = &s->arena, .limits = &s->limits, .part = 1, .budget = &s->budget };
    s->piece = (struct ms_piece){ .bytes = bytes, .name = MS_LIT("a.pdf") };
    s->file = (struct ms_file){ .in = &s->in, .piece = &s->piece, .around = MS_IN_MAIL };
}

/* The text of a file, as a string in the arena of the scene. */
static const char *text_of(struct scene *s, const char *file)
{
    struct ms_buffer text = { 0 };
    begin(s, ms_str(file));
    ms_pdf_read(&s->file, &text);
    ms_buffer_append(&text, (struct ms_bytes){ (const uint8_t *)"", 1 });
    const char *kept = (const char *)ms_arena_keep(&s->arena, ms_buffer_bytes(&text)).p;
    ms_buffer_finish(&text);
    return kept;
}

static void assert_text(const char *file, const char *want)
{
    struct scene s;
    assert_string_equal(text_of(&s, file), want);
    ms_arena_finish(&s.arena);
}

#define PAGE(resources) "1 0 obj<</Type/Page/Resources<<" resources ">>/Contents 2 0 R>>endobj\n"
#define FONT "/Font<</F 3 0 R>>"
#define CONTENT(text) "2 0 obj<</Length 1>>stream\n" text "\nendstream endobj\n"
#define WINDOWS "3 0 obj<</Type/Font/Subtype/TrueType/BaseFont/Courier/Encoding/WinAnsiEncoding>>endobj\n"
#define SIMPLE(text) "%PDF-1.4\n" PAGE(FONT) WINDOWS CONTENT("BT /F 10 Tf " text " ET")

static void places_decide_on_blanks_and_lines(void **state)
{
    (void)state;
    assert_text(SIMPLE("(Call us) Tj"), "Call us\n");
    assert_text(SIMPLE("[(Ca) 20 (ll) -400 (us)] TJ"), "Call us\n");
    assert_text(SIMPLE("(Ca) Tj 12 0 Td (ll) Tj 16 0 Td (us) Tj"), "Call us\n");
    assert_text(SIMPLE("(Call) Tj 0 -12 Td (us) Tj"), "Call\nus\n");
    assert_text(SIMPLE("12 TL (Call) Tj (us) ' 0 0 (now) \""), "Call\nus\nnow\n");
    assert_text(SIMPLE("0 -12 TD (Call) Tj T* (us) Tj"), "Call\nus\n");
    assert_text(SIMPLE("1 0 0 1 50 700 Tm (Call) Tj 1 0 0 1 74 700 Tm (ed) Tj"), "Called\n");
    assert_text(SIMPLE("0 1 -1 0 50 100 Tm (Up) Tj 0 1 -1 0 50 124 Tm (wards) Tj"), "Up wards\n");
    assert_text(SIMPLE("(C\\141l\\\nl\\)\\050\\n) Tj"), "Call)(\n");
    assert_text(SIMPLE("<43616C6C> Tj <2> Tj"), "Call \n");
    assert_text(SIMPLE("q 2 0 0 2 0 0 cm (ab) Tj Q 1 0 0 1 24 0 Tm (c) Tj Q Q 6 0 Td (d) Tj"), "abcd\n");
    assert_text(SIMPLE("(a) Tj ET BI /W 2 ID \x01 (x) Tj EI BT (b) Tj"), "ab\n");
    assert_text(SIMPLE("% (no) Tj\n(yes) Tj [ (never closed) Tj"), "yes\n");
}

static void fonts_give_letters(void **state)
{
    (void)state;
#define WITH(font, text) "%PDF-1.4\n" PAGE(FONT) font CONTENT("BT /F 10 Tf " text " ET")
    assert_text(SIMPLE("(\200 \344 \223) Tj"), "\xe2\x82\xac \xc3\xa4 \xe2\x80\x9c\n");
    assert_text(WITH("3 0 obj<</Subtype/Type1/Encoding/MacRomanEncoding>>endobj\n", "(\212\333) Tj"), "\xc3\xa4\xe2\x82\xac\n");
    assert_text(WITH("3 0 obj<</Subtype/Type1>>endobj\n", "(don't \256ne) Tj"), "don\xe2\x80\x99t fine\n");
    assert_text(WITH("3 0 obj<</Subtype/Type1/Encoding<</Differences[1/C/adieresis/l.alt/uni006C/u20AC/nosuchglyph/ffi 300/x]>>>>endobj\n", "(\1\2\3\4\5\6\7) Tj"),
                "C\xc3\xa4ll\xe2\x82\xac"
                "ffi\n");
#define MAPPED(map) "%PDF-1.4\n" PAGE(FONT) "3 0 obj<</Subtype/Type0/Encoding/Identity-H/DescendantFonts[<</DW 600/W[3[400 500] 7 9 450]>>]/ToUnicode 4 0 R>>endobj\n" \
                    "4 0 obj<<>>stream\n" map "\nendstream endobj\n"
    assert_text(MAPPED("2 beginbfchar <0001> <0043> <0002> <D83DDE00> endbfchar") CONTENT("BT /F 9 Tf <00010002> Tj ET"), "C\xf0\x9f\x98\x80\n");
    assert_text(MAPPED("1 beginbfrange <0003> <0005> <0061> endbfrange 1 beginbfrange <0010> <0011> [<00660069> <0078>] endbfrange") CONTENT("BT /F 9 Tf <00030004000500100011> Tj ET"),
                "abcfix\n");
    assert_text("%PDF-1.4\n" PAGE(FONT) "3 0 obj<</Subtype/Type0/Encoding/UniGB-UCS2-H>>endobj\n" CONTENT("BT /F 9 Tf <00435B57> Tj ET"), "C\xe5\xad\x97\n");
}

static void filters_are_undone(void **state)
{
    (void)state;
#define PACKED(filter, data) "%PDF-1.4\n" PAGE(FONT) WINDOWS "2 0 obj<</Filter" filter ">>stream\n" data "\nendstream endobj\n"
    assert_text(PACKED("/ASCIIHexDecode", "2F462031205466284F4B29546A>"), "OK\n");
    assert_text(PACKED("/RunLengthDecode", "\x0b/F 1 Tf(aO)Tj\xfc\x80"), "");
    assert_text(PACKED("/RunLengthDecode", "\x09/F 1 Tf(aO\xfeK\x02)Tj\x80"), "aOKKK\n");
    assert_text(PACKED("[/AHx/RL]", "09 2F462031205466 28614F fe4b 02 29546a"), "aOKKK\n"); /* ends without its end */
    assert_text(PACKED("/RL", "\x09/F 1 Tf(aO\x02)Tj\xfe"), "aO\n");                       /* a run of nothing */
    assert_text(PACKED("/RL", "\x7f/F 1 Tf(aO)Tj"), "aO\n");                                 /* fewer than it says */
}

static void undo(const char *head, const char *data, size_t n, struct ms_unpacked *u)
{
    struct scene s;
    uint8_t     *exact = n ? memcpy(ms_alloc(n), data, n) : NULL; /* so that a sanitizer sees one byte too many */
    begin(&s, MS_LIT(""));
    *u = (struct ms_unpacked){ 0 };
    ms_pdf_unpack(&s.file, ms_str(head), (struct ms_bytes){ exact, n }, 100000, u);
    ms_free(exact);
    ms_arena_finish(&s.arena);
}

/* "-----A---B" as ISO 32000-1 7.4.4.2 has it. */
static const char lzw[] = "\x80\x0b\x60\x50\x22\x0c\x0c\x85\x01";

static void lzw_as_the_standard_has_it(void **state)
{
    (void)state;
    struct ms_unpacked u;
    undo("<</Filter/LZWDecode>>", lzw, sizeof lzw - 1, &u);
    assert_true(ms_equal(ms_buffer_bytes(&u.out), MS_LIT("-----A---B")));
    ms_buffer_finish(&u.out);
}

static void filters_end_where_their_data_do(void **state)
{
    (void)state;
    static const struct { const char *head, *data; size_t n; } cases[] = {
        { "<</Filter/LZWDecode>>", lzw, sizeof lzw - 1 }, { "<</Filter/LZW>>", "\x80\x3f\xff\xff\xff", 5 }, /* a code that is not there yet */
        { "<</Filter/LZW>>", "\xff\xff\xff\xff", 4 }, { "<</Filter/RL>>", "\x02" "abc\xff" "d\x05xy", 9 }, { "<</Filter/A85>>", "87cURD]i,\"Ebo80~>", 17 },
        { "<</Filter/AHx>>", "414 2 4", 7 }, { "<</Filter/Fl/DecodeParms<</Predictor 12/Columns 4>>>>", "x\x9c\x63\x64\x62\x66\x61\x05\0\0\x1f\0\x10", 13 },
        { "<</Filter/RL/DecodeParms<</Predictor 15/Columns 99999999/Colors 9e9>>>>", "\x02" "abc", 4 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0, before = 0; n <= cases[i].n; n++) {
            struct ms_unpacked u;
            undo(cases[i].head, cases[i].data, n, &u);
            assert_true(u.out.n >= before || i == 6 || n == cases[i].n); /* more data, not less text */
            before = u.out.n;
            ms_buffer_finish(&u.out);
        }
}

static void any_bytes_are_lzw_of_something(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int round = 0; round < 300; round++) {
        char bytes[600];
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = (char)(seed >> 24);
        }
        bytes[0] = (char)0x80;
        bytes[1] &= 0x3f; /* clear, then a letter */
        struct ms_unpacked u;
        undo("<</Filter/LZWDecode/DecodeParms<</Predictor 14/Columns 3>>>>", bytes, sizeof bytes, &u);
        assert_true(u.out.n <= 100000);
        ms_buffer_finish(&u.out);
    }
}

#define ROOT "9 0 obj<</Type/Catalog/Pages 8 0 R>>endobj 8 0 obj<</Kids[1 0 R 7 0 R]/Resources<<" FONT ">>>>endobj trailer<</Root 9 0 R>>\n"

static void pages_are_found_from_the_root(void **state)
{
    (void)state;
    static const char two[] = "%PDF-1.4\n1 0 obj<</Type/Page/Contents[2 0 R 6 0 R]>>endobj 7 0 obj<</Type/Page/Contents 4 0 R>>endobj 5 0 obj<</Type/Page/Contents 2 0 R>>endobj\n" WINDOWS ROOT
        CONTENT("BT /F 9 Tf (first") "6 0 obj<<>>stream\n half) Tj ET\nendstream endobj 4 0 obj<<>>stream\nBT /F 9 Tf (second) Tj\nendstream endobj\n";
    assert_text(two, "first half\nsecond\n"); /* 5 is no page of it */
    assert_text("%PDF-1.4\n" PAGE("/Font 4 0 R") "4 0 obj<</F 5 0 R>>endobj 5 0 obj 3 0 R endobj " WINDOWS CONTENT("BT /F 9 Tf (a) Tj ET") "2 0 obj<<>>stream\nBT /F 9 Tf (newer) Tj ET\nendstream endobj\n",
                "newer\n");
    assert_text("%PDF-1.5\n" WINDOWS CONTENT("BT /F 9 Tf (packed) Tj") "6 0 obj<</Type/ObjStm/N 2/First 8>>stream\n1 0 8 3 <<>>    \nendstream endobj\n"
                "7 0 obj<</Type/ObjStm/N 2/First 9>>stream\n1 0 8 65 <</Type/Page/Resources<</Font<</F 3 0 R>>>>/Contents 2 0 R>>     <</Kids[1 0 R]>>\nendstream endobj\n", "packed\n");
    assert_text("%PDF-1.4\n/Encrypt 4 0 R " PAGE(FONT) WINDOWS CONTENT("BT /F 9 Tf (a) Tj ET"), "");
}

static void forms_and_annotations_are_read(void **state)
{
    (void)state;
#define FORM(number, content) number " 0 obj<</Subtype/Form/Matrix[1 0 0 1 0 50]>>stream\n" content "\nendstream endobj\n"
    assert_text("%PDF-1.4\n" PAGE(FONT "/XObject<</X 4 0 R>>") WINDOWS FORM("4", "q q BT /F 9 Tf (form) Tj ET Q Q Q Q") CONTENT("q BT /F 9 Tf (on) Tj ET /X Do Q BT /F 9 Tf (page) Tj ET"), "on\nform\npage\n");
    assert_text("%PDF-1.4\n1 0 obj<</Type/Page/Resources<<" FONT ">>/Annots[5 0 R<</AP<</N 4 0 R>>>>]>>endobj 5 0 obj<</AP<</N<</On 4 0 R>>>>>>endobj\n" WINDOWS FORM("4", "BT /F 9 Tf (note) Tj ET"), "note\n");
    /* forms that show themselves, or each other */
    assert_text("%PDF-1.4\n" PAGE(FONT "/XObject<</X 4 0 R>>") WINDOWS FORM("4", "BT /F 9 Tf (a) Tj ET /X Do") CONTENT("/X Do"), "a\na\na\na\na\n");
    assert_text("%PDF-1.4\n1 0 obj<</Type/Page/Contents 2 0 R/Resources 1 0 R/XObject 1 0 R/X 2 0 R>>endobj " CONTENT("/X Do /X Do"), "");
    assert_text("%PDF-1.4\n9 0 obj<</Pages 8 0 R>>endobj 8 0 obj<</Kids[8 0 R 8 0 R 8 0 R]>>endobj 7 0 obj 7 0 R endobj /Root 9 0 R", "");
}

static void work_is_bounded(void **state)
{
    (void)state;
    struct ms_buffer file = { 0 };
    /* each form shows the next one a hundred times */
    ms_buffer_append(&file, ms_str("%PDF-1.4\n" PAGE(FONT "/XObject<</X 4 0 R>>") WINDOWS "2 0 obj<<>>stream\n/X Do\nendstream endobj 4 0 obj<</Subtype/Form>>stream\n"));
    for (int i = 0; i < 100; i++)
        ms_buffer_append(&file, ms_str("/X Do "));
    ms_buffer_append(&file, ms_str("BT /F 9 Tf (end) Tj ET\nendstream endobj\n"));
    /* a table that gives every code a letter, a thousand times, and one of codes without end */
    ms_buffer_append(&file, ms_str("3 0 obj<</Subtype/Type0/DescendantFonts[<</W[0 65535 500 0 99999999 1 0 1e9 2]>>]/ToUnicode 5 0 R>>endobj 5 0 obj<<>>stream\n beginbfrange "));
    for (int i = 0; i < 1000; i++)
        ms_buffer_append(&file, ms_str("<0000><ffff><0041> "));
    ms_buffer_append(&file, ms_str("\nendstream endobj\n"));
    struct scene     s;
    struct ms_buffer text = { 0 };
    begin(&s, ms_buffer_bytes(&file));
    ms_pdf_read(&s.file, &text);
    assert_true(text.n <= s.limits.document_text_bytes && s.arena.total < 16 << 20);
    ms_buffer_finish(&text);
    ms_buffer_finish(&file);
    ms_arena_finish(&s.arena);
}

/* A thousand pages may lead to one list, or one stream: each time it is walked over. */
static void each_way_to_an_object_is_counted(void **state)
{
    (void)state;
    struct scene                s;
    const struct ms_pdf_object *found, object = { 5, 0, MS_LIT("[1 2 3 4]"), MS_LIT("12345678") };
    struct ms_buffer            out = { 0 };
    begin(&s, MS_LIT(""));
    struct ms_pdf p = { .f = &s.file, .work = 20, .streams = 9 };
    ms_buffer_append(&p.objects, (struct ms_bytes){ (const uint8_t *)&object, sizeof object });
    for (int i = 1; i <= 3; i++) {
        struct ms_bytes list = ms_pdf_follow(&p, MS_LIT("5 0 R"), &found);
        assert_int_equal(list.n, i < 3 ? object.head.n : 0);
        assert_true(i < 3 ? found != NULL : found == NULL);
    }
    p.work = 10;
    for (int i = 1; i <= 3; i++) {
        ms_pdf_append(&p, &object, 100, &out);
        assert_int_equal(out.n, i < 2 ? 8 : 16);
    }
    ms_buffer_finish(&out);
    ms_buffer_finish(&p.objects);
    ms_arena_finish(&s.arena);
}

static size_t text_with(const char *file, uint64_t bytes, uint64_t streams)
{
    struct scene     s;
    struct ms_buffer text = { 0 };
    begin(&s, ms_str(file));
    s.limits.document_text_bytes = bytes;
    s.limits.document_streams = streams;
    ms_pdf_read(&s.file, &text);
    size_t n = text.n;
    ms_buffer_finish(&text);
    ms_arena_finish(&s.arena);
    return n;
}

static void limits_hold(void **state)
{
    (void)state;
    struct ms_limits tiny = ms_limits_tiny();
    char             file[2000];
    for (int more = -1; more <= 1; more++) {
        size_t letters = tiny.document_text_bytes + (size_t)more - 1; /* and a line end */
        snprintf(file, sizeof file, "%%PDF-1.4\n" PAGE(FONT) WINDOWS CONTENT("BT /F 10 Tf (%0*d) Tj ET"), (int)letters, 0);
        assert_int_equal(text_with(file, tiny.document_text_bytes, 9), more > 0 ? tiny.document_text_bytes : letters + 1);
    }
#define PIECE "4 0 R "
    static const char many[] = "%PDF-1.4\n1 0 obj<</Type/Page/Resources<<" FONT ">>/Contents[" PIECE PIECE PIECE "]>>endobj 4 0 obj<<>>stream\nBT /F 9 Tf (a) Tj ET\nendstream endobj\n" WINDOWS;
    assert_int_equal(tiny.document_streams, 3);
    assert_int_equal(text_with(many, 99, tiny.document_streams - 1), 3);
    assert_int_equal(text_with(many, 99, tiny.document_streams), 4);
    assert_int_equal(text_with(many, 99, tiny.document_streams + 1), 4);
}

/* Every beginning of a file, in memory that ends where it ends. */
static void files_may_end_anywhere(void **state)
{
    (void)state;
    static const char file[] = "%PDF-1.4\n" PAGE(FONT "/XObject<</X 6 0 R>>") WINDOWS FORM("6", "BT /F 9 Tf (form) Tj ET") MAPPED("1 beginbfrange <0003> <0005> [<0061>] endbfrange")
        CONTENT("BT /F 9 Tf [<0003> -9 (a\\05) 7] TJ BI ID x EI /X Do ET") ROOT;
    for (size_t n = 0; n < sizeof file; n++) {
        struct scene     s;
        struct ms_buffer text = { 0 };
        uint8_t         *exact = n ? memcpy(ms_alloc(n), file, n) : NULL;
        begin(&s, (struct ms_bytes){ exact, n });
        ms_pdf_read(&s.file, &text);
        assert_true(text.n < 100);
        ms_buffer_finish(&text);
        ms_arena_finish(&s.arena);
        ms_free(exact);
    }
}

/* ---- what a document says counts by the letter around it ------------------------------------------------------------- */

static void feed(struct ms_content *c, size_t index, const struct ms_part *part, const char *text, size_t times)
{
    ms_content_begin(c, index, part);
    for (size_t i = 0; i < times; i++)
        ms_content_data(c, index, ms_str(text));
    ms_content_end(c, index, part);
}

/* Whether there are (0) words-callback and (1) text-in-file. */
static void signs_of(const char *letter, size_t times, bool partial, bool out[2])
{
    static const char bill[] = SIMPLE("(Your subscription will be charged. If you did not authorize it, please call 1-888-555-0143) Tj");
    struct scene           s;
    struct ms_content_pool pool = { 0 };
    struct ms_message      message = { 0 };
    struct ms_part         text = { .type = MS_LIT("text/plain"), .path = MS_LIT("1") };
    struct ms_part         pdf = { .type = MS_LIT("application/pdf"), .filename = MS_LIT("bill.pdf"), .detected = "application/pdf", .path = MS_LIT("2") };
    begin(&s, MS_LIT(""));
    struct ms_content *c = ms_content_create(&s.arena, &s.limits, &pool, &s.signs);
    feed(c, 0, &pdf, bill, 1);
    if (partial)
        ms_content_partial(c);
    feed(c, 1, &text, letter, times);
    ms_content_finish(c, &message);
    const struct ms_sign *callback = ms_sign_find(&s.signs, MS_SIGN_WORDS_CALLBACK);
    out[0] = callback != NULL;
    out[1] = ms_sign_find(&s.signs, MS_SIGN_TEXT_IN_FILE) != NULL;
    if (callback)
        assert_true(ms_equal(callback->evidence, MS_LIT("bill.pdf: 1-888-555-0143")) && callback->part == 1);
    ms_arena_finish(&s.arena);
}

static void the_letter_says_whether_a_document_counts(void **state)
{
    (void)state;
    static const struct { const char *letter; size_t times; bool partial, callback, alone; } cases[] = {
        { "", 1, false, true, true }, { "Hello. ", 1, false, true, true }, { "Hello. ", 1, true, true, false }, { "Hello. ", 60, false, true, false },
        { "Hello. ", 200, false, false, false }, { "Hello, our bill is attached. ", 50, false, true, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool got[2];
        signs_of(cases[i].letter, cases[i].times, cases[i].partial, got);
        assert_int_equal(got[0], cases[i].callback);
        assert_int_equal(got[1], cases[i].alone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_decide_on_blanks_and_lines), cmocka_unit_test(fonts_give_letters), cmocka_unit_test(filters_are_undone), cmocka_unit_test(lzw_as_the_standard_has_it),
        cmocka_unit_test(filters_end_where_their_data_do), cmocka_unit_test(any_bytes_are_lzw_of_something), cmocka_unit_test(pages_are_found_from_the_root),
        cmocka_unit_test(forms_and_annotations_are_read), cmocka_unit_test(work_is_bounded), cmocka_unit_test(each_way_to_an_object_is_counted), cmocka_unit_test(limits_hold), cmocka_unit_test(files_may_end_anywhere),
        cmocka_unit_test(the_letter_says_whether_a_document_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
