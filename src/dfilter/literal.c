/* dfilter/literal.c - words, strings and characters become values of the type that they are compared with. */
#include "dfilter/private.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* "word" and why it cannot be what it should be. Returns false. */
__attribute__((format(printf, 3, 4))) static bool refuse(struct ms_compile *c, const struct ms_node *node, const char *fmt, ...)
{
    char    why[160];
    va_list args;
    va_start(args, fmt);
    vsnprintf(why, sizeof why, fmt, args);
    va_end(args);
    return ms_compile_fail_node(c, node, "\"%.*s\" %s", (int)(node->text.n < 60 ? node->text.n : 60), (const char *)node->text.p, why), false;
}

/* 10, 0x1f, 017, 0b101. 1: a number; 0: none; -1: too large for 64 bits */
static int parse_number(struct ms_bytes b, uint64_t *out)
{
    uint64_t base = 10;
    if (b.n > 1 && b.p[0] == '0') {
        base = ms_lower(b.p[1]) == 'x' ? 16 : ms_lower(b.p[1]) == 'b' ? 2 : 8;
        b = ms_tail(b, base == 8 ? 1 : 2);
    }
    *out = 0;
    for (size_t i = 0; i < b.n; i++) {
        uint64_t digit = ms_is_digit(b.p[i]) ? b.p[i] - (uint64_t)'0' : isxdigit(b.p[i]) ? ms_lower(b.p[i]) - (uint64_t)'a' + 10 : 99;
        if (digit >= base)
            return 0;
        if (__builtin_mul_overflow(*out, base, out) || __builtin_add_overflow(*out, digit, out))
            return -1;
    }
    return b.n > 0;
}

static bool find_word(const struct ms_field *like, struct ms_bytes word, uint64_t *out)
{
    for (const struct ms_field_word *w = like ? like->words : NULL; w && w->word; w++)
        if (ms_equal_nocase(ms_str(w->word), word)) {
            *out = w->value;
            return true;
        }
    return false;
}

static bool find_truth(struct ms_bytes word, uint64_t *out)
{
    *out = ms_equal_nocase(word, MS_LIT("true"));
    return *out || ms_equal_nocase(word, MS_LIT("false"));
}

static bool fits(enum ms_field_type type, const struct ms_field *like, uint64_t v)
{
    unsigned bits = like && like->bits && like->type == type ? like->bits : 64;
    if (type == MS_FT_INT)
        return v < (uint64_t)1 << (bits - 1);
    return bits >= 64 || v >> bits == 0;
}

static bool to_integer(struct ms_compile *c, struct ms_node *node, enum ms_field_type type, const struct ms_field *like)
{
    uint64_t v = ms_at(node->text, 0);
    int      number = node->kind == MS_N_CHAR ? 1 : node->kind == MS_N_WORD ? parse_number(node->text, &v) : 0;
    bool     found = number == 1 || (number == 0 && find_word(like, node->text, &v)) ||
                 (number == 0 && type == MS_FT_BOOLEAN && find_truth(node->text, &v));
    if (number < 0 || (found && type != MS_FT_BOOLEAN && !fits(type, like, v)))
        return refuse(c, node, "is too large%s%s", like ? " for " : "", like ? like->name : "");
    if (!found && like && like->words)
        return refuse(c, node, "is %s, and %s has no value of this name", node->kind == MS_N_WORD ? "no number" : "text", like->name);
    if (!found && node->kind == MS_N_STRING)
        return refuse(c, node, "is text, and cannot be %s", ms_type_words(type));
    if (!found)
        return refuse(c, node, "is no number");
    node->value = (struct ms_value){ .u = type == MS_FT_BOOLEAN ? v != 0 : v, .type = (uint8_t)type };
    return true;
}

static bool to_double(struct ms_compile *c, struct ms_node *node)
{
    char  copy[64], *end;
    bool  word = node->kind == MS_N_WORD && node->text.n < sizeof copy && (ms_is_digit(node->text.p[0]) || node->text.p[0] == '.');
    if (!word)
        return refuse(c, node, "is no number");
    memcpy(copy, node->text.p, node->text.n);
    copy[node->text.n] = 0;
    double v = strtod(copy, &end);
    if (*end)
        return refuse(c, node, "is no number");
    node->value = (struct ms_value){ .d = v, .type = MS_FT_DOUBLE };
    return true;
}

bool ms_byte_string_parse(struct ms_bytes text, uint8_t *out, size_t *n)
{
    uint8_t mark = 0;
    *n = 0;
    if (ms_at(text, 0) == ':')
        text = ms_tail(text, 1);
    while (text.n) {
        size_t digits = 0;
        while (digits < text.n && isxdigit(text.p[digits]))
            digits++;
        bool last = digits == text.n, grouped = mark || !last; /* groups are of 1, 2 or 4 digits */
        if (digits == 0 || (grouped && digits != 1 && digits != 2 && digits % 2))
            return false;
        for (size_t i = 0; i < digits; i += 2) {
            char pair[3] = { (char)text.p[i], i + 1 < digits ? (char)text.p[i + 1] : 0, 0 };
            out[(*n)++] = (uint8_t)strtoul(pair, NULL, 16);
        }
        if (last)
            return true;
        if (!strchr(":.-", text.p[digits]) || (mark && mark != text.p[digits]))
            return false;
        mark = text.p[digits];
        text = ms_tail(text, digits + 1);
        if (text.n == 0)
            return false;
    }
    return *n > 0;
}

static bool to_bytes(struct ms_compile *c, struct ms_node *node, enum ms_field_type type)
{
    struct ms_bytes made = node->text;
    if (node->kind == MS_N_WORD && type != MS_FT_STRING) {
        bool     hex = node->text.n == 4 && node->text.p[0] == '0' && ms_lower(node->text.p[1]) == 'x'; /* 0xff is a byte */
        uint8_t *room = ms_arena_alloc(c->arena, node->text.n);
        if (!ms_byte_string_parse(hex ? ms_tail(node->text, 2) : node->text, room, &made.n))
            return refuse(c, node, "is no sequence of bytes; text stands between quotes");
        made.p = room;
    } else if (node->kind == MS_N_WORD)
        made = ms_arena_keep(c->arena, made); /* the text of the filter is the caller's */
    node->value = (struct ms_value){ .bytes = made, .type = (uint8_t)(type == MS_FT_STRING ? type : MS_FT_BYTES) };
    return true;
}

static bool to_ether(struct ms_compile *c, struct ms_node *node)
{
    size_t   n = 0;
    uint8_t *room = ms_arena_alloc(c->arena, node->text.n + 1);
    if (node->kind != MS_N_WORD || !ms_byte_string_parse(node->text, room, &n) || n != 6)
        return refuse(c, node, "is no Ethernet address of six bytes, like 00:1b:21:0a:0b:0c");
    node->value = ms_value_ether(room);
    return true;
}

static bool to_address(struct ms_compile *c, struct ms_node *node, enum ms_field_type type)
{
    char     copy[INET6_ADDRSTRLEN + 1];
    uint8_t  ip[16] = { [10] = 0xff, [11] = 0xff };
    size_t   slash = ms_find(node->text, '/');
    uint64_t prefix;
    bool     word = node->kind == MS_N_WORD && slash < sizeof copy;
    memcpy(copy, node->text.p, word ? slash : 0);
    copy[word ? slash : 0] = 0;
    bool v4 = type != MS_FT_IPV6 && inet_pton(AF_INET, copy, ip + 12) == 1;
    if (!word || (!v4 && (type == MS_FT_IPV4 || inet_pton(AF_INET6, copy, ip) != 1)))
        return refuse(c, node, "is no %s; names of hosts are not looked up", type == MS_FT_IPV4 ? "IPv4 address" : type == MS_FT_IPV6 ? "IPv6 address" : "IP address");
    unsigned bits = v4 ? 32 : 128;
    prefix = bits;
    if (slash < node->text.n && (!ms_parse_u64(ms_tail(node->text, slash + 1), &prefix) || prefix > bits))
        return refuse(c, node, "has a prefix longer than %u bits", bits);
    node->prefix = (uint8_t)(prefix + (v4 ? 96 : 0));
    node->value = ms_value_ip(v4 ? MS_FT_IPV4 : MS_FT_IPV6, ip);
    return true;
}

static bool to_time(struct ms_compile *c, struct ms_node *node)
{
    int64_t ns;
    if (node->kind == MS_N_CHAR || !ms_time_parse(node->text, &ns))
        return refuse(c, node, "is no time, like \"2026-11-24 12:00:00.5\" or \"Nov 24, 2026 12:00:00\"");
    node->value = ms_value_time(ns);
    return true;
}

static bool to_duration(struct ms_compile *c, struct ms_node *node)
{
    int64_t ns;
    if (node->kind != MS_N_WORD || !ms_duration_parse(node->text, &ns))
        return refuse(c, node, "is no number of seconds, like 0.25");
    node->value = ms_value_duration(ns);
    return true;
}

static bool convert(struct ms_compile *c, struct ms_node *node, enum ms_field_type type, const struct ms_field *like)
{
    switch (type) {
    case MS_FT_BOOLEAN: case MS_FT_UINT: case MS_FT_FRAME: case MS_FT_INT: return to_integer(c, node, type, like);
    case MS_FT_DOUBLE: return to_double(c, node);
    case MS_FT_STRING: case MS_FT_BYTES: case MS_FT_PROTOCOL: return to_bytes(c, node, type);
    case MS_FT_ETHER: return to_ether(c, node);
    case MS_FT_IPV4: case MS_FT_IPV6: case MS_FT_IP: return to_address(c, node, type);
    case MS_FT_TIME: return to_time(c, node);
    case MS_FT_DURATION: return to_duration(c, node);
    default: return ms_compile_fail_node(c, node, "Only the presence of this field can be tested"), false;
    }
}

bool ms_literal_convert(struct ms_compile *c, struct ms_node *node, enum ms_field_type type, const struct ms_field *like)
{
    node->prefix = 128;
    if (!convert(c, node, type, like)) /* value takes the place of text when that was read */
        return false;
    node->kind = MS_N_VALUE;
    node->type = node->value.type;
    return true;
}
