/* auth/spf_term.c - terms of a policy (RFC 7208 5, 6, 12): read strictly, since one wrong term makes the policy void. */
#include "auth/spf_private.h"

#include <arpa/inet.h>

static bool is_alpha(uint8_t c) { return ms_lower(c) >= 'a' && ms_lower(c) <= 'z'; }

struct ms_bytes ms_spf_next(struct ms_bytes *rest)
{
    while (rest->n && rest->p[0] == ' ')
        *rest = ms_tail(*rest, 1);
    struct ms_bytes term = ms_head(*rest, ms_find(*rest, ' '));
    *rest = ms_tail(*rest, term.n);
    return term;
}

/* ---- macros, as far as syntax goes (7.1) ---------------------------------------------------------------------- */

/* "{ir.-}": bytes used, 0 when it is none. */
static size_t macro_size(struct ms_bytes b, bool explanation)
{
    uint8_t letter = ms_lower(ms_at(b, 1));
    if (ms_at(b, 0) != '{' || !letter || !strchr(explanation ? "slodiphcrtv" : "slodiphv", letter))
        return 0;
    size_t i = 2, digits = i;
    while (ms_is_digit(ms_at(b, i)))
        i++;
    uint64_t count = 1;
    if (i > digits && (!ms_parse_u64(ms_slice(b, digits, i - digits), &count) || count == 0))
        return 0;
    if (ms_lower(ms_at(b, i)) == 'r')
        i++;
    while (i < b.n && b.p[i] && strchr(".-+,/_=", b.p[i]))
        i++;
    return ms_at(b, i) == '}' ? i + 1 : 0;
}

/* *literal: where the literal text behind the last macro begins. */
static bool walk(struct ms_bytes text, bool explanation, size_t *literal)
{
    *literal = 0;
    for (size_t i = 0; i < text.n;) {
        uint8_t c = text.p[i];
        if (c != '%') {
            if ((c <= ' ' && !(explanation && c == ' ')) || c > '~')
                return false;
            i++;
            continue;
        }
        uint8_t next = ms_at(text, i + 1);
        size_t  used = next == '%' || next == '_' || next == '-' ? 1 : macro_size(ms_tail(text, i + 1), explanation);
        if (used == 0)
            return false;
        i += 1 + used;
        *literal = i;
    }
    return true;
}

bool ms_spf_macros_fit(struct ms_bytes text, bool explanation)
{
    size_t literal;
    return walk(text, explanation, &literal);
}

/* Letters, digits and inner hyphens, not digits alone. */
static bool is_top_label(struct ms_bytes label)
{
    bool letter = false;
    if (label.n == 0 || label.p[0] == '-' || label.p[label.n - 1] == '-')
        return false;
    for (size_t i = 0; i < label.n; i++) {
        if (!is_alpha(label.p[i]) && !ms_is_digit(label.p[i]) && label.p[i] != '-')
            return false;
        letter |= !ms_is_digit(label.p[i]);
    }
    return letter;
}

static bool is_domain_spec(struct ms_bytes text)
{
    size_t literal;
    if (text.n == 0 || !walk(text, false, &literal))
        return false;
    if (literal == text.n) /* ends in a macro */
        return true;
    struct ms_bytes end = ms_tail(text, literal);
    if (end.p[end.n - 1] == '.')
        end.n--;
    size_t dot = end.n;
    while (dot > 0 && end.p[dot - 1] != '.')
        dot--;
    return dot > 0 && is_top_label(ms_tail(end, dot));
}

/* ---- networks --------------------------------------------------------------------------------------------------- */

/* The digits at the end of *text, behind a slash: taken off. False: they are no length of a prefix. */
static bool take_length(struct ms_bytes *text, unsigned most, unsigned *out)
{
    size_t   at = text->n;
    uint64_t value;
    while (at > 0 && ms_is_digit(text->p[at - 1]))
        at--;
    struct ms_bytes digits = ms_tail(*text, at);
    if (!ms_parse_u64(digits, &value) || value > most || (digits.n > 1 && digits.p[0] == '0'))
        return false;
    *out = (unsigned)value;
    text->n = at - 1;
    return true;
}

/* How many slashes stand before the digits at the end; 0: no prefix length there. */
static unsigned slashes(struct ms_bytes text)
{
    size_t at = text.n;
    while (at > 0 && ms_is_digit(text.p[at - 1]))
        at--;
    if (at == text.n || at == 0 || text.p[at - 1] != '/')
        return 0;
    return at > 1 && text.p[at - 2] == '/' ? 2 : 1;
}

/* [ "/" bits4 ] [ "//" bits6 ], from behind: a slash may also belong to the name. */
static bool take_lengths(struct ms_bytes *text, struct ms_spf_term *out)
{
    unsigned count = slashes(*text);
    if (count == 2) {
        if (!take_length(text, 128, &out->bits6))
            return false;
        text->n--;
        count = slashes(*text) == 1;
    }
    return count == 0 || take_length(text, 32, &out->bits4);
}

static bool read_address(struct ms_bytes text, int family, uint8_t ip[16])
{
    char word[INET6_ADDRSTRLEN + 1];
    if (text.n == 0 || text.n >= sizeof word || ms_find(text, 0) < text.n)
        return false;
    memcpy(word, text.p, text.n);
    word[text.n] = 0;
    if (family == AF_INET)
        memcpy(ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    return inet_pton(family, word, family == AF_INET ? ip + 12 : ip) == 1;
}

static bool read_network(struct ms_bytes value, struct ms_spf_term *out)
{
    bool     is4 = out->kind == MS_SPF_IP4;
    unsigned count = slashes(value);
    if (count > 1 || (count == 1 && !take_length(&value, is4 ? 32 : 128, is4 ? &out->bits4 : &out->bits6)))
        return false;
    return read_address(value, is4 ? AF_INET : AF_INET6, out->ip);
}

/* ---- terms ------------------------------------------------------------------------------------------------------ */

static const struct { const char *name; enum ms_spf_kind kind; } mechanisms[] = {
    { "all", MS_SPF_ALL }, { "include", MS_SPF_INCLUDE }, { "a", MS_SPF_A }, { "mx", MS_SPF_MX }, { "ptr", MS_SPF_PTR },
    { "ip4", MS_SPF_IP4 }, { "ip6", MS_SPF_IP6 }, { "exists", MS_SPF_EXISTS },
};

static bool find_mechanism(struct ms_bytes name, enum ms_spf_kind *out)
{
    for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++)
        if (ms_equal_nocase(name, ms_str(mechanisms[i].name))) {
            *out = mechanisms[i].kind;
            return true;
        }
    return false;
}

/* name "=" ...: size of the name, 0 when it is no modifier. */
static size_t modifier_name(struct ms_bytes text)
{
    size_t i = 0;
    while (i < text.n && (is_alpha(text.p[i]) || (i && (ms_is_digit(text.p[i]) || strchr("-_.", text.p[i] ? text.p[i] : 'x')))))
        if (text.p[i++] == 0)
            return 0;
    return i && ms_at(text, i) == '=' ? i : 0;
}

static bool read_modifier(struct ms_bytes name, struct ms_bytes value, struct ms_spf_term *out)
{
    out->spec = value;
    out->kind = ms_equal_nocase(name, MS_LIT("redirect")) ? MS_SPF_REDIRECT : ms_equal_nocase(name, MS_LIT("exp")) ? MS_SPF_EXP : MS_SPF_OTHER;
    return out->kind == MS_SPF_OTHER ? ms_spf_macros_fit(value, false) : is_domain_spec(value);
}

/* What follows the name of a mechanism: ":..." and "/...". */
static bool read_rest(struct ms_bytes rest, struct ms_spf_term *out)
{
    bool has_value = ms_at(rest, 0) == ':';
    switch (out->kind) {
    case MS_SPF_ALL: return rest.n == 0;
    case MS_SPF_IP4: case MS_SPF_IP6: return has_value && read_network(ms_tail(rest, 1), out);
    case MS_SPF_A: case MS_SPF_MX:
        if (!take_lengths(&rest, out))
            return false;
        break;
    case MS_SPF_PTR: break;
    default:
        if (!has_value)
            return false;
    }
    if (rest.n == 0)
        return true;
    out->spec = ms_tail(rest, 1);
    return has_value && is_domain_spec(out->spec);
}

bool ms_spf_term(struct ms_bytes text, struct ms_spf_term *out)
{
    *out = (struct ms_spf_term){ .qualifier = '+', .bits4 = 32, .bits6 = 128, .text = text };
    size_t name = modifier_name(text);
    if (name)
        return read_modifier(ms_head(text, name), ms_tail(text, name + 1), out);
    if (text.n && text.p[0] && strchr("+-~?", text.p[0])) {
        out->qualifier = text.p[0];
        text = ms_tail(text, 1);
    }
    name = 0;
    while (name < text.n && text.p[name] != ':' && text.p[name] != '/')
        name++;
    return find_mechanism(ms_head(text, name), &out->kind) && read_rest(ms_tail(text, name), out);
}
