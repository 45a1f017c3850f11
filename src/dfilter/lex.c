#include "dfilter/private.h"

#include <ctype.h>

struct word { const char *word; uint8_t kind, compare, quantifier; };

/* Comparisons: quantifier NONE is what the bare symbol means: any for ==, all for !=. */
static const struct word words[] = {
    { "eq", MS_T_COMPARE, MS_C_EQ, MS_Q_ANY },     { "any_eq", MS_T_COMPARE, MS_C_EQ, MS_Q_ANY },
    { "all_eq", MS_T_COMPARE, MS_C_EQ, MS_Q_ALL }, { "ne", MS_T_COMPARE, MS_C_NE, MS_Q_ALL },
    { "all_ne", MS_T_COMPARE, MS_C_NE, MS_Q_ALL }, { "any_ne", MS_T_COMPARE, MS_C_NE, MS_Q_ANY },
    { "gt", MS_T_COMPARE, MS_C_GT, MS_Q_ANY },     { "lt", MS_T_COMPARE, MS_C_LT, MS_Q_ANY },
    { "ge", MS_T_COMPARE, MS_C_GE, MS_Q_ANY },     { "le", MS_T_COMPARE, MS_C_LE, MS_Q_ANY },
    { "contains", MS_T_CONTAINS, 0, 0 },           { "matches", MS_T_MATCHES, 0, 0 },
    { "in", MS_T_IN, 0, 0 },                       { "not", MS_T_NOT, 0, 0 },
    { "and", MS_T_AND, 0, 0 },                     { "or", MS_T_OR, 0, 0 },
    { "xor", MS_T_XOR, 0, 0 },                     { "any", MS_T_ANY, 0, 0 },
    { "all", MS_T_ALL, 0, 0 },                     { "bitwise_and", MS_T_AMPERSAND, 0, 0 },
};

/* Longer symbols before their beginnings. */
static const struct word symbols[] = {
    { "===", MS_T_COMPARE, MS_C_EQ, MS_Q_ALL }, { "!==", MS_T_COMPARE, MS_C_NE, MS_Q_ANY }, { "==", MS_T_COMPARE, MS_C_EQ, MS_Q_ANY },
    { "!=", MS_T_COMPARE, MS_C_NE, MS_Q_ALL },  { "~=", MS_T_COMPARE, MS_C_NE, MS_Q_ANY },  { ">=", MS_T_COMPARE, MS_C_GE, MS_Q_ANY },
    { "<=", MS_T_COMPARE, MS_C_LE, MS_Q_ANY },  { "&&", MS_T_AND, 0, 0 },                   { "||", MS_T_OR, 0, 0 },
    { "^^", MS_T_XOR, 0, 0 },                   { "..", MS_T_DOTS, 0, 0 },                  { ">", MS_T_COMPARE, MS_C_GT, MS_Q_ANY },
    { "<", MS_T_COMPARE, MS_C_LT, MS_Q_ANY },   { "~", MS_T_MATCHES, 0, 0 },                { "!", MS_T_NOT, 0, 0 },
    { "(", MS_T_OPEN, 0, 0 },                   { ")", MS_T_CLOSE, 0, 0 },                  { "{", MS_T_BRACE, 0, 0 },
    { "}", MS_T_UNBRACE, 0, 0 },                { "[", MS_T_BRACKET, 0, 0 },                { ",", MS_T_COMMA, 0, 0 },
    { "#", MS_T_HASH, 0, 0 },                   { "+", MS_T_PLUS, 0, 0 },                   { "-", MS_T_MINUS, 0, 0 },
    { "*", MS_T_STAR, 0, 0 },                   { "/", MS_T_SLASH, 0, 0 },                  { "%", MS_T_PERCENT, 0, 0 },
    { "&", MS_T_AMPERSAND, 0, 0 },
};

static bool is_word_byte(uint8_t c)
{
    return isalnum(c) || c == '_' || c == '.' || c == ':' || c == '-';
}

/* A network: digits after a slash belong to the word when an address stands before it; else the slash divides. */
static size_t prefix_length(struct ms_bytes word, struct ms_bytes rest)
{
    size_t dots = 0, digits = 0, i = 0;
    bool   colon = false, address = true;
    for (; i < word.n; i++) {
        dots += word.p[i] == '.';
        colon |= word.p[i] == ':';
        address &= isxdigit(word.p[i]) || word.p[i] == '.' || word.p[i] == ':';
    }
    if (!address || !(colon || dots == 3) || ms_at(rest, 0) != '/')
        return 0;
    while (ms_is_digit(ms_at(rest, 1 + digits)))
        digits++;
    return digits ? 1 + digits : 0;
}

static void take_word(struct ms_compile *c, struct ms_bytes rest)
{
    size_t n = 0;
    while (n < rest.n && is_word_byte(rest.p[n]) && !(rest.p[n] == '.' && ms_at(rest, n + 1) == '.'))
        n++;
    n += prefix_length(ms_head(rest, n), ms_tail(rest, n));
    c->token = (struct ms_token){ .kind = MS_T_WORD, .at = c->at, .n = n, .text = ms_head(rest, n) };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal(c->token.text, ms_str(words[i].word))) {
            c->token.kind = words[i].kind;
            c->token.compare = words[i].compare;
            c->token.quantifier = words[i].quantifier;
        }
    c->at += n;
}

static int digit_of(uint8_t c) { return ms_is_digit(c) ? c - '0' : isxdigit(c) ? ms_lower(c) - 'a' + 10 : 99; }

/* Up to `most` digits of a base; how many there were. */
static size_t take_digits(struct ms_bytes b, int base, size_t most, uint32_t *value)
{
    size_t n = 0;
    for (*value = 0; n < most && n < b.n && digit_of(b.p[n]) < base; n++)
        *value = *value * (uint32_t)base + (uint32_t)digit_of(b.p[n]);
    return n;
}

static size_t put_utf8(uint32_t v, uint8_t out[4])
{
    if (v < 0x80)
        return out[0] = (uint8_t)v, 1;
    if (v < 0x800)
        return out[0] = (uint8_t)(0xc0 | v >> 6), out[1] = (uint8_t)(0x80 | (v & 63)), 2;
    if (v < 0x10000)
        return out[0] = (uint8_t)(0xe0 | v >> 12), out[1] = (uint8_t)(0x80 | (v >> 6 & 63)), out[2] = (uint8_t)(0x80 | (v & 63)), 3;
    out[0] = (uint8_t)(0xf0 | v >> 18), out[1] = (uint8_t)(0x80 | (v >> 12 & 63));
    return out[2] = (uint8_t)(0x80 | (v >> 6 & 63)), out[3] = (uint8_t)(0x80 | (v & 63)), 4;
}

/* `rest` begins after the backslash. What it stands for goes to out; bytes used, or 0 when it is no escape. */
static size_t take_escape(struct ms_bytes rest, uint8_t out[4], size_t *made)
{
    static const char names[] = "abfnrtv'\"\\", meaning[] = "\a\b\f\n\r\t\v'\"\\";
    uint32_t    v;
    uint8_t     kind = ms_at(rest, 0);
    const char *name = kind ? strchr(names, kind) : NULL;
    size_t      n, whole = kind == 'u' ? 4 : 8;
    *made = 1;
    if (name)
        return out[0] = (uint8_t)meaning[name - names], 1;
    if (kind == 'x') {
        n = take_digits(ms_tail(rest, 1), 16, 2, &v);
        return out[0] = (uint8_t)v, n ? 1 + n : 0;
    }
    if (kind == 'u' || kind == 'U') {
        n = take_digits(ms_tail(rest, 1), 16, whole, &v);
        if (n != whole || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
            return 0;
        return *made = put_utf8(v, out), 1 + n;
    }
    n = take_digits(rest, 8, 3, &v);
    return out[0] = (uint8_t)v, v < 256 ? n : 0;
}

static size_t closing(struct ms_bytes rest, uint8_t mark) /* where the mark stands that ends it, or rest.n */
{
    size_t i = 0;
    while (i < rest.n && rest.p[i] != mark)
        i += rest.p[i] == '\\' ? 2 : 1;
    return i < rest.n ? i : rest.n;
}

/* Without escapes; the length of what is made, which is never longer than `in`. */
static size_t unescape(struct ms_compile *c, struct ms_bytes in, uint8_t *out)
{
    size_t n = 0, made, used;
    for (size_t i = 0; i < in.n; i++) {
        uint8_t bytes[4] = { in.p[i] };
        made = 1;
        if (in.p[i] == '\\') {
            used = take_escape(ms_tail(in, i + 1), bytes, &made);
            if (used == 0) {
                ms_compile_fail(c, (size_t)(in.p + i - c->text.p), 2, "\"\\%c\" is no escape sequence; write \"\\\\\" for a backslash, or r\"...\"",
                                isprint(in.p[i + 1]) ? in.p[i + 1] : '?');
                return 0;
            }
            i += used;
        }
        memcpy(out + n, bytes, made);
        n += made;
    }
    return n;
}

/* In a raw string a backslash keeps a quote from ending it, and stays. `quote` bytes stand before the text (r" is 2). */
static void take_quoted(struct ms_compile *c, size_t quote, uint8_t kind)
{
    struct ms_bytes rest = ms_tail(c->text, c->at + quote);
    uint8_t         mark = c->text.p[c->at + quote - 1];
    size_t          n = closing(rest, mark), whole = quote + n + 1;
    if (n == rest.n) {
        ms_compile_fail(c, c->at, c->text.n - c->at, "The closing %s is missing", mark == '"' ? "quote" : "apostrophe");
        whole = c->text.n - c->at;
    }
    struct ms_bytes text = ms_head(rest, n);
    if (kind != MS_T_RAW && !c->failed && memchr(n ? text.p : rest.p, '\\', n)) {
        uint8_t *out = ms_arena_alloc(c->arena, n);
        text = (struct ms_bytes){ out, unescape(c, text, out) };
    } else
        text = ms_arena_keep(c->arena, text);
    c->token = (struct ms_token){ .kind = kind, .at = c->at, .n = whole, .text = text };
    c->at += whole;
    if (kind == MS_T_CHAR && text.n != 1)
        ms_compile_fail(c, c->token.at, c->token.n, "Between apostrophes stands exactly one character");
}

static void take_symbol(struct ms_compile *c, struct ms_bytes rest)
{
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
        struct ms_bytes s = ms_str(symbols[i].word);
        if (rest.n < s.n || memcmp(rest.p, s.p, s.n) != 0)
            continue;
        c->token = (struct ms_token){ symbols[i].kind, symbols[i].compare, symbols[i].quantifier, c->at, s.n, ms_head(rest, s.n) };
        c->at += s.n;
        return;
    }
    c->token = (struct ms_token){ .kind = MS_T_END, .at = c->at, .n = 1 };
    if (rest.p[0] == '$')
        ms_compile_fail(c, c->at, 1, "References to a field of the selected frame and macros (${...}) are not supported: there is no selected frame");
    else if (rest.p[0] == '@')
        ms_compile_fail(c, c->at, 1, "The raw bytes of a field (@) are not supported");
    else
        ms_compile_fail(c, c->at, 1, "This character has no meaning here");
}

void ms_lex_next(struct ms_compile *c)
{
    while (c->at < c->text.n && isspace(c->text.p[c->at]))
        c->at++;
    struct ms_bytes rest = ms_tail(c->text, c->at);
    uint8_t         first = ms_at(rest, 0), second = ms_at(rest, 1);
    bool            raw = (first == 'r' || first == 'R') && second == '"';
    if (rest.n == 0 || c->failed)
        c->token = (struct ms_token){ .kind = MS_T_END, .at = c->at, .n = 1 };
    else if (first == '"' || raw)
        take_quoted(c, raw ? 2 : 1, raw ? MS_T_RAW : MS_T_STRING);
    else if (first == '\'')
        take_quoted(c, 1, MS_T_CHAR);
    else if (isalnum(first) || first == '_' || first == ':' || (first == '.' && second != '.' && is_word_byte(second)))
        take_word(c, rest);
    else
        take_symbol(c, rest);
}

bool ms_lex_number_follows(const struct ms_compile *c, size_t at) { return ms_is_digit(ms_at(c->text, at)); }

/* ---- ranges: [0:4, -2, 3-5, 7:, :2] --------------------------------------------------------------------------- */

static void skip_blanks(struct ms_compile *c)
{
    while (isspace(ms_at(c->text, c->at)))
        c->at++;
}

static bool take_offset(struct ms_compile *c, int32_t *out)
{
    skip_blanks(c);
    bool            minus = ms_at(c->text, c->at) == '-';
    size_t          start = c->at + minus;
    struct ms_bytes b = ms_tail(c->text, start);
    int             base = 10;
    uint32_t        v;
    if (ms_at(b, 0) == '0' && ms_lower(ms_at(b, 1)) == 'x') {
        base = 16;
        b = ms_tail(b, 2);
    } else if (ms_at(b, 0) == '0' && ms_is_digit(ms_at(b, 1)))
        base = 8;
    size_t n = take_digits(b, base, 9, &v);
    if (n == 0 || isalnum(ms_at(b, n)) || v > INT32_MAX)
        return ms_compile_fail(c, c->at, 1, "A number is expected here"), false;
    *out = minus ? -(int32_t)v : (int32_t)v;
    c->at = (size_t)(b.p - c->text.p) + n;
    skip_blanks(c);
    return true;
}

static bool check_range(struct ms_compile *c, size_t start, const struct ms_range *r)
{
    if (r->end == MS_R_LENGTH && r->to <= 0)
        return ms_compile_fail(c, start, c->at - start, "The length of a slice must be greater than 0"), false;
    if (r->end == MS_R_INCLUSIVE && (r->from < 0) != (r->to < 0))
        return ms_compile_fail(c, start, c->at - start, "Both ends of a slice must be counted from the same side"), false;
    if (r->end == MS_R_INCLUSIVE && r->from > r->to)
        return ms_compile_fail(c, start, c->at - start, "A slice must not end before it begins"), false;
    return true;
}

static bool take_range(struct ms_compile *c, struct ms_range *r)
{
    skip_blanks(c);
    size_t start = c->at;
    *r = (struct ms_range){ .to = 1, .end = MS_R_LENGTH };
    if (ms_at(c->text, c->at) != ':' && !take_offset(c, &r->from))
        return false;
    uint8_t mark = ms_at(c->text, c->at);
    if (mark == ':') {
        c->at++;
        skip_blanks(c);
        uint8_t next = ms_at(c->text, c->at);
        if (next == ',' || next == ']')
            r->end = MS_R_OPEN;
        else if (!take_offset(c, &r->to))
            return false;
    } else if (mark == '-') {
        c->at++;
        r->end = MS_R_INCLUSIVE;
        if (!take_offset(c, &r->to))
            return false;
    }
    return check_range(c, start, r);
}

bool ms_lex_ranges(struct ms_compile *c, size_t open, struct ms_ranges *out)
{
    size_t most = 1;
    for (size_t i = open; i < c->text.n && c->text.p[i] != ']'; i++)
        most += c->text.p[i] == ',';
    struct ms_range *r = ms_arena_alloc(c->arena, most * sizeof *r);
    *out = (struct ms_ranges){ r, 0 };
    for (c->at = open + 1;; c->at++) {
        if (!take_range(c, &r[out->n++]))
            return false;
        if (ms_at(c->text, c->at) == ']')
            break;
        if (ms_at(c->text, c->at) != ',')
            return ms_compile_fail(c, c->at, 1, "\",\" or \"]\" is expected here"), false;
    }
    c->at++;
    ms_lex_next(c);
    return !c->failed;
}
