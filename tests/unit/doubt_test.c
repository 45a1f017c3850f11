/* tests/unit/doubt_test.c - Content- fields that programs read in different ways, and those that all read alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "mail/doubt.h"
#include "mail/mime.h"

enum { FIELD = MS_MIME_ODD_FIELD, BOUNDARY = MS_MIME_ODD_BOUNDARY, NAMES = MS_MIME_TWO_NAMES };
struct row { uint32_t doubts; enum ms_content_field kind; const char *field; };

static const struct row rows[] = {
    /* what usual programs write */
    { 0, MS_CONTENT_TYPE, "Content-Type: text/plain\r\n" },
    { 0, MS_CONTENT_TYPE, "content-type:TEXT/plain;\r\n\tcharset=\"utf-8\"; format=flowed;\r\n" },
    { 0, MS_CONTENT_TYPE, "Content-Type: text/html; charset = utf-8" },
    { 0, MS_CONTENT_TYPE, "Content-Type: multipart/mixed;\r\n boundary=\"----=_NextPart_000_0012_01D9.A0F'()+,./:=? x\"\r\n" },
    { 0, MS_CONTENT_TYPE, "Content-Type: multipart/related; type=\"text/html\"; start=\"<a.b@example.com>\"; boundary=x" },
    { 0, MS_CONTENT_TYPE, "Content-Type: application/pdf; name=\"=?utf-8?B?Zm9v?= bar.pdf\"" },
    { 0, MS_CONTENT_TYPE, "Content-Type: application/pdf; name=Report of (May) 2023.pdf" },
    { 0, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=\"a \\\"b\\\".pdf\"; size=5" },
    { 0, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment;\r\n filename*0*=UTF-8''long%20;\r\n filename*1*=name.pdf" },
    { 0, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=\"naive.pdf\"; filename*=UTF-8''na%C3%AFve.pdf" },
    { 0, MS_CONTENT_ENCODING, "Content-Transfer-Encoding: BASE64 \r\n" },
    { 0, MS_CONTENT_TYPE, "Content-Type: text\r\n" },
    { 0, MS_CONTENT_TYPE, "Content-Type: text/plain; charset=\r\n" },
    { 0, MS_CONTENT_TYPE, "Content-Type: text/plain; charset=; format=flowed" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=; charset=x" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: textual" },
    { 0, MS_CONTENT_TYPE, "Content-Type: Message/External-Body; access-type=anon-ftp; site=\"ftp.example.org\"; name=\"a.txt\"" },
    { 0, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; name=\"a.pdf\"; filename=\"a.pdf\"" },
    /* the field itself */
    { FIELD, MS_CONTENT_TYPE, "Content-Type : text/plain" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: /plain" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: =?utf-8?Q?text/plain?=" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/plain charset=utf-8" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/(comment)html" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/html\x0b; charset=utf-8" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/html\r; charset=utf-8" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: text/html;\r\n \r\n charset=utf-8" },
    { FIELD, MS_CONTENT_ENCODING, "Content-Transfer-Encoding: base64, quoted-printable" },
    { FIELD, MS_CONTENT_ENCODING, "Content-Transfer-Encoding: (7bit) base64" },
    { FIELD, MS_CONTENT_ENCODING, "Content-Transfer-Encoding: base64; x" },
    { FIELD, MS_CONTENT_ENCODING, "Content-Transfer-Encoding:" },
    /* boundaries */
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=a; boundary=b" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary*0=a; boundary*1=b" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary*=us-ascii''a" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=\"\"" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=\"a \"" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=a b" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary =a" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=\"a\\b\"" },
    { BOUNDARY, MS_CONTENT_TYPE, "Content-Type: text/plain; boundary=a" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=\"a" },
    { FIELD, MS_CONTENT_TYPE, "Content-Type: multipart/mixed; boundary=\"a\"b" },
    /* names */
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=a.txt; filename=a.exe" },
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename*0=a.; filename*2=exe" },
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename*1=exe; filename*0=a." },
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=a.(x)exe" },
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename='a.exe'" },
    { FIELD, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=\"=?utf-16?B?AGE=?=\"" },
    { NAMES, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''a.exe" },
    { NAMES, MS_CONTENT_DISPOSITION, "Content-Disposition: attachment; title=a.exe" },
};

static void fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t exact[256]; /* nothing behind it that a reader could use */
        size_t  n = strlen(rows[i].field);
        memcpy(exact + sizeof exact - n, rows[i].field, n);
        uint32_t got = ms_field_doubts((struct ms_bytes){ exact + sizeof exact - n, n }, rows[i].kind);
        if (got != rows[i].doubts)
            fail_msg("%s: %x instead of %x", rows[i].field, got, rows[i].doubts);
        for (size_t cut = 0; cut < n; cut++) /* no reading past the end */
            ms_field_doubts((struct ms_bytes){ exact + sizeof exact - n, cut }, rows[i].kind);
    }
}

static void fields_in_fields(void **state)
{
    (void)state;
    assert_true(ms_hides_content_field(MS_LIT("X-A: b\rContent-Type: text/html")));
    assert_true(ms_hides_content_field(MS_LIT("X-A: b\r\n content-transfer-encoding: base64")));
    assert_true(ms_hides_content_field(MS_LIT("X-A: b\r\n \r\n c\r\r\n \tContent-Type: text/html")));
    assert_false(ms_hides_content_field(MS_LIT("DKIM-Signature: h=From:\r\n Content-Type:Content-Transfer-Encoding")));
    assert_false(ms_hides_content_field(MS_LIT("Content-Type: text/plain")));
    assert_false(ms_is_content_field(MS_LIT("Content-Type")));
    assert_true(ms_is_content_field(MS_LIT("Content-Disposition:attachment")));
}

static void names(void **state)
{
    (void)state;
    assert_true(ms_names_differ(MS_LIT("a.pdf"), MS_LIT("a.exe")));
    assert_false(ms_names_differ(MS_LIT("a.pdf"), MS_LIT("B.PDF")));
    assert_false(ms_names_differ(MS_LIT("a.pdf"), MS_LIT("a")));
    assert_false(ms_names_differ(MS_LIT(""), MS_LIT("a.pdf")));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(fields), cmocka_unit_test(fields_in_fields), cmocka_unit_test(names) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
