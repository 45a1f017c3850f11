/* tests/fuzz/text_fuzz.c - JSON of any bytes is valid JSON in valid UTF-8 without a control character and means the same text;
 * plain, TSV and CSV have nothing that moves a cursor, hides or turns text. */
#include "base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
    if (!ok)
        abort();
}

static unsigned hex_value(uint8_t c)
{
    require(ms_is_digit(c) || (c >= 'a' && c <= 'f'));
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

/* One character of a JSON string; takes it from *b. */
static uint32_t take_json_char(struct ms_bytes *b)
{
    uint32_t cp = 0;
    size_t   n = ms_utf8_sequence(*b, &cp);
    require(n > 0 && cp >= 0x20 && cp != '"' && (cp < 0x7f || cp > 0x9f));
    *b = ms_tail(*b, n);
    if (cp != '\\')
        return cp;
    uint8_t c = ms_at(*b, 0);
    if (c != 'u') {
        static const char from[] = "\"\\bfnrt", to[] = "\"\\\b\f\n\r\t";
        const char *at = c ? strchr(from, c) : NULL;
        require(at != NULL);
        *b = ms_tail(*b, 1);
        return (uint32_t)to[at - from];
    }
    require(b->n >= 5);
    cp = hex_value(b->p[1]) << 12 | hex_value(b->p[2]) << 8 | hex_value(b->p[3]) << 4 | hex_value(b->p[4]);
    *b = ms_tail(*b, 5);
    return cp;
}

static void check_json(struct ms_bytes in)
{
    struct ms_buffer t = { 0 };
    ms_text_json(&t, in);
    require(t.n >= 2 && t.p[0] == '"' && t.p[t.n - 1] == '"');
    struct ms_bytes body = ms_slice(ms_buffer_bytes(&t), 1, t.n - 2);
    while (in.n) {
        uint32_t want = 0;
        size_t   n = ms_utf8_sequence(in, &want);
        require(take_json_char(&body) == (n ? want : in.p[0]));
        in = ms_tail(in, n ? n : 1);
    }
    require(body.n == 0);
    ms_buffer_finish(&t);
}

static bool is_dangerous(uint32_t cp)
{
    return cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || cp == 0x61c || cp == 0xad || (cp >= 0xe0000 && cp <= 0xe007f);
}

static void check_visible(void (*add)(struct ms_buffer *, struct ms_bytes), struct ms_bytes in)
{
    struct ms_buffer t = { 0 };
    add(&t, in);
    for (struct ms_bytes b = ms_buffer_bytes(&t); b.n;) {
        uint32_t cp = 0;
        size_t   n = ms_utf8_sequence(b, &cp);
        require(n > 0 && !is_dangerous(cp));
        b = ms_tail(b, n);
    }
    bool status = ms_equal(in, MS_LIT("+OK")) || ms_equal(in, MS_LIT("-ERR"));
    require(add != ms_text_csv || in.n == 0 || status || !strchr("=+-@", ms_at(ms_buffer_bytes(&t), 0)));
    ms_utf8_width(ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
}

static void check_numbers(const uint8_t *data)
{
    struct ms_buffer t = { 0 };
    uint8_t          ip[16];
    memcpy(ip, data, 8);
    memcpy(ip + 8, data, 8);
    ms_text_time(&t, (int64_t)ms_le64(data), 9);
    require(t.n == 30);
    ms_text_seconds(&t, (int64_t)ms_le64(data), 6);
    ms_text_size(&t, ms_le64(data));
    ms_text_address(&t, ip);
    ms_buffer_finish(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes in = { data, size };
    check_json(in);
    check_visible(ms_text_plain, in);
    check_visible(ms_text_tsv, in);
    check_visible(ms_text_csv, in);
    ms_utf8_width(in);
    if (size >= 8)
        check_numbers(data);
    return 0;
}
