/* content/text/smuggling.c - scripts that build a file in the browser: what they need for it, and the file itself as a long literal. */
#include "content/text/page.h"

#include "base/text.h"

enum need { DECODE = 1, MAKE = 2, HAND_OVER = 4, WRITE = 8 };

static const struct { const char *word; unsigned need; } words[] = {
    { "atob", DECODE },           { "fromCharCode", DECODE },     { "unescape", DECODE },       { "decodeURIComponent", DECODE }, { "Uint8Array", DECODE },
    { "charCodeAt", DECODE },     { "Blob", MAKE },               { "createObjectURL", HAND_OVER }, { "msSaveOrOpenBlob", HAND_OVER },
    { "msSaveBlob", HAND_OVER },  { ".download", HAND_OVER },     { "document.write", WRITE },  { "eval(", WRITE },               { "innerHTML", WRITE },
    { "location.href", WRITE },   { "location.replace", WRITE },  { "window.location", WRITE },
};

static bool is_literal(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return (low >= 'a' && low <= 'z') || ms_is_digit(c) || c == '+' || c == '/' || c == '=' || c == '%' || c == '\\';
}

/* The longest run of base64, hex or escapes. */
static size_t longest_literal(struct ms_bytes script)
{
    size_t longest = 0, n = 0;
    for (size_t i = 0; i < script.n; i++) {
        n = is_literal(script.p[i]) ? n + 1 : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

void ms_script_judge(struct ms_inside *in, struct ms_bytes script)
{
    enum { LONG_LITERAL = 1024 };
    unsigned         needs = 0;
    struct ms_buffer said = { 0 };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (script.n && memmem(script.p, script.n, words[i].word, strlen(words[i].word))) {
            needs |= words[i].need;
            ms_text_str(&said, said.n ? ", " : "");
            ms_text_str(&said, words[i].word);
        }
    bool file = needs & DECODE && needs & MAKE && needs & HAND_OVER;
    bool page = needs & DECODE && needs & WRITE && longest_literal(script) >= LONG_LITERAL;
    bool given = needs & MAKE && needs & HAND_OVER && longest_literal(script) >= LONG_LITERAL;
    if (file || page || given)
        ms_sign_add(in->signs, MS_SIGN_HTML_SMUGGLING, in->part, ms_buffer_bytes(&said));
    ms_buffer_finish(&said);
}
