/* content/link/host.c - the host of a link: what is connected to, whatever was done to hide it.
 *
 * BUGS     lower case and compatibility forms are resolved for the scripts that imitate Latin (content/link/confusable.c), not for all of
 *          Unicode; marks that combine with the letter before them are not composed.                                     */
#include "content/link/confusable.h"
#include "content/link/punycode.h"
#include "content/link/url.h"

#include "base/text.h"
#include "model/record.h"

#include <arpa/inet.h>
#include <libpsl.h>
#include <stdio.h>

/* ---- addresses ------------------------------------------------------------------------------------------------- */

/* One part of an IPv4 address: decimal, 0x hex, 0 octal. *odd: not plain decimal. */
static bool read_part(struct ms_bytes part, uint64_t *value, bool *odd)
{
    unsigned base = 10;
    if (part.n == 0)
        return false;
    if (part.n >= 2 && part.p[0] == '0') {
        base = ms_lower(part.p[1]) == 'x' ? 16 : 8;
        part = ms_tail(part, base == 16 ? 2 : 1);
        *odd = true;
    }
    *value = 0;
    for (size_t i = 0; i < part.n; i++) {
        int digit = ms_hex_digit(part.p[i]);
        if (digit < 0 || (unsigned)digit >= base)
            return false;
        *value = *value > UINT32_MAX ? *value : *value * base + (unsigned)digit;
    }
    return true;
}

struct ms_bytes ms_host_last_label(struct ms_bytes host)
{
    size_t n = host.n;
    while (n > 0 && host.p[n - 1] != '.')
        n--;
    return ms_tail(host, n);
}

static struct ms_bytes without_last_dot(struct ms_bytes host)
{
    return host.n && host.p[host.n - 1] == '.' ? ms_head(host, host.n - 1) : host;
}

static bool ends_in_number(struct ms_bytes host)
{
    struct ms_bytes last = ms_host_last_label(without_last_dot(host));
    bool            digits = last.n > 0, odd = false;
    uint64_t        value;
    for (size_t i = 0; i < last.n; i++)
        digits = digits && ms_is_digit(last.p[i]);
    return digits || (last.n >= 2 && last.p[0] == '0' && ms_lower(last.p[1]) == 'x' && read_part(last, &value, &odd));
}

static bool read_ipv4(struct ms_bytes host, uint32_t *address, bool *odd)
{
    uint64_t part = 0, sum = 0;
    unsigned n = 0;
    for (struct ms_bytes rest = without_last_dot(host);; n++) {
        struct ms_bytes one = ms_head(rest, ms_find(rest, '.'));
        if (n == 4 || !read_part(one, &part, odd))
            return false;
        rest = ms_tail(rest, one.n + 1);
        if (rest.n == 0)
            break;
        if (part > 255)
            return false;
        sum |= part << (24 - 8 * n);
    }
    if (part >= (uint64_t)1 << (8 * (4 - n)))
        return false;
    *odd |= n < 3;
    *address = (uint32_t)(sum | part);
    return true;
}

static struct ms_bytes keep_text(struct ms_arena *arena, const char *text) { return ms_arena_keep(arena, ms_str(text)); }

static void finish_ipv4(struct ms_arena *arena, struct ms_host *out)
{
    uint32_t address;
    bool     odd = false;
    if (!read_ipv4(out->ascii, &address, &odd)) {
        out->odd |= MS_URL_BAD_HOST;
        return;
    }
    char text[16];
    snprintf(text, sizeof text, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
    out->odd |= MS_URL_IPV4 | (odd ? (uint32_t)MS_URL_IPV4_ODD : 0);
    out->ascii = out->text = keep_text(arena, text);
}

static void read_ipv6(struct ms_bytes raw, struct ms_arena *arena, struct ms_host *out)
{
    char            text[INET6_ADDRSTRLEN + 2];
    struct in6_addr address;
    struct ms_bytes inside = ms_head(ms_tail(raw, 1), ms_find(ms_tail(raw, 1), ']'));
    out->odd |= MS_URL_IPV6;
    if (inside.n >= sizeof text || inside.n + 2 != raw.n || memchr(inside.p, 0, inside.n))
        goto bad;
    memcpy(text, inside.p, inside.n);
    text[inside.n] = 0;
    if (inet_pton(AF_INET6, text, &address) != 1 || !inet_ntop(AF_INET6, &address, text, sizeof text))
        goto bad;
    out->odd |= IN6_IS_ADDR_V4MAPPED(&address) ? (uint32_t)MS_URL_IPV4_ODD : 0; /* "[::ffff:192.0.2.1]" */
    out->ascii = out->text = keep_text(arena, text);
    return;
bad:
    out->odd |= MS_URL_BAD_HOST;
    out->ascii = out->text = raw;
}

/* ---- names ----------------------------------------------------------------------------------------------------- */

struct points { uint32_t at[MS_HOST_CHARS]; size_t n; };

/* With percent escapes resolved; *escaped says that there were some. */
static struct ms_bytes unescaped(struct ms_bytes raw, uint8_t room[MS_URL_BYTES], bool *escaped)
{
    size_t n = 0;
    for (size_t i = 0; i < raw.n && n < MS_URL_BYTES; i++) {
        int  high = ms_hex_digit(ms_at(raw, i + 1)), low = ms_hex_digit(ms_at(raw, i + 2));
        bool is_escape = raw.p[i] == '%' && high >= 0 && low >= 0 && i + 2 < raw.n;
        room[n++] = (uint8_t)(is_escape ? high << 4 | low : raw.p[i]);
        i += is_escape ? 2 : 0;
        *escaped |= is_escape;
    }
    return (struct ms_bytes){ room, n };
}

static bool is_foreign_dot(uint32_t point) { return point == 0x3002 || point == 0xff0e || point == 0xff61 || point == 0x2024; }

static bool is_foreign_slash(uint32_t point)
{
    return point == 0x2044 || point == 0x2215 || point == 0xff0f || point == 0x29f8 || point == 0x2571;
}

static bool is_forbidden(uint32_t point)
{
    return point <= ' ' || point == 0x7f || (point < 0x80 && strchr("#/:<>?@[\\]^|%", (int)point));
}

static void add_point(struct points *to, uint32_t point, uint32_t *odd)
{
    uint32_t folded = ms_fold_point(point);
    if (ms_is_invisible(point)) {
        *odd |= MS_URL_INVISIBLE;
        return;
    }
    if (is_foreign_dot(point) || is_foreign_slash(point)) {
        *odd |= MS_URL_FOREIGN_DOT;
        folded = is_foreign_dot(point) ? '.' : point;
    } else if (point >= 0x80 && folded < 0x80 && point != 0x130) {
        *odd |= MS_URL_COMPATIBILITY;
    }
    if (is_forbidden(folded))
        *odd |= MS_URL_BAD_HOST;
    if (to->n < MS_HOST_CHARS)
        to->at[to->n++] = folded;
    else
        *odd |= MS_URL_BAD_HOST;
}

static void read_points(struct ms_bytes raw, struct points *out, uint32_t *odd)
{
    for (size_t i = 0; i < raw.n;) {
        uint32_t point = 0;
        size_t   used = ms_utf8_sequence(ms_tail(raw, i), &point);
        if (used == 0)
            *odd |= MS_URL_BAD_HOST;
        add_point(out, used ? point : 0xfffd, odd);
        i += used ? used : 1;
    }
}

/* Scripts of one label in Unicode, and whether it imitates Latin. `foreign_end`: the top-level domain is not in ASCII. */
static uint32_t judge_label(const uint32_t *label, size_t n, bool foreign_end)
{
    enum { SIMPLE = 1u << MS_SCRIPT_COMMON | 1u << MS_SCRIPT_LATIN | 1u << MS_SCRIPT_EAST_ASIAN, IMITATORS = 0x180 };
    uint32_t scripts = 0, odd = 0;
    bool     reads_latin = true, foreign = false, odd_latin = false;
    for (size_t i = 0; i < n; i++) {
        enum ms_script script = ms_script_of(label[i]);
        scripts |= 1u << script;
        reads_latin = reads_latin && ms_look_of(label[i]) < 0x80;
        foreign = foreign || (script != MS_SCRIPT_LATIN && script != MS_SCRIPT_COMMON);
        odd_latin = odd_latin || (script == MS_SCRIPT_LATIN && label[i] >= IMITATORS && ms_look_of(label[i]) < 0x80);
        odd |= ms_is_invisible(label[i]) ? (uint32_t)MS_URL_INVISIBLE : 0;
    }
    bool latin = scripts & 1u << MS_SCRIPT_LATIN, greek = scripts & 1u << MS_SCRIPT_GREEK, cyrillic = scripts & 1u << MS_SCRIPT_CYRILLIC;
    if ((latin && scripts & ~(uint32_t)SIMPLE) || (greek && cyrillic))
        odd |= MS_URL_MIXED_SCRIPT;
    if (reads_latin && ((foreign && !foreign_end) || odd_latin))
        odd |= MS_URL_CONFUSABLE;
    return odd;
}

struct label_writer { struct ms_arena *arena; uint8_t *ascii, *text; size_t ascii_n, text_n; };

static void put_text(struct label_writer *w, const uint32_t *label, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w->text_n += ms_utf8_put(w->text + w->text_n, label[i]);
}

static void put_ascii(struct label_writer *w, const uint32_t *label, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w->ascii[w->ascii_n++] = (uint8_t)label[i];
}

/* "xn--..." as Unicode, when it is valid. */
static size_t decoded_label(const uint32_t *label, size_t n, uint32_t out[MS_LABEL_CHARS])
{
    uint8_t bytes[MS_LABEL_CHARS];
    if (n <= 4 || n > MS_LABEL_CHARS || label[0] != 'x' || label[1] != 'n' || label[2] != '-' || label[3] != '-')
        return 0;
    for (size_t i = 4; i < n; i++)
        bytes[i - 4] = (uint8_t)label[i];
    return ms_punycode_decode((struct ms_bytes){ bytes, n - 4 }, out);
}

static uint32_t write_label(struct label_writer *w, const uint32_t *label, size_t n, bool foreign_end)
{
    uint32_t decoded[MS_LABEL_CHARS];
    bool     ascii = true;
    for (size_t i = 0; i < n; i++)
        ascii = ascii && label[i] < 0x80;
    if (ascii) {
        size_t m = decoded_label(label, n, decoded);
        put_ascii(w, label, n);
        put_text(w, m ? decoded : label, m ? m : n);
        return m ? MS_URL_PUNYCODE | judge_label(decoded, m, foreign_end) : 0;
    }
    put_text(w, label, n);
    memcpy(w->ascii + w->ascii_n, "xn--", 4);
    size_t m = ms_punycode_encode(label, n, w->ascii + w->ascii_n + 4, n * 12);
    w->ascii_n += m + 4;
    return MS_URL_INTERNATIONAL | judge_label(label, n, foreign_end) | (m ? 0 : (uint32_t)MS_URL_BAD_HOST);
}

static bool has_foreign_end(const struct points *host)
{
    size_t n = host->n;
    if (n && host->at[n - 1] == '.')
        n--;
    for (; n > 0 && host->at[n - 1] != '.'; n--)
        if (host->at[n - 1] >= 0x80)
            return true;
    return host->n - n >= 4 && host->at[n] == 'x' && host->at[n + 1] == 'n' && host->at[n + 2] == '-';
}

static void write_labels(const struct points *host, struct ms_arena *arena, struct ms_host *out)
{
    /* A character takes 12 bytes at most in punycode, and each label its four of "xn--" and a dot. */
    struct label_writer w = { arena, ms_arena_alloc(arena, host->n * 16 + 16), ms_arena_alloc(arena, host->n * 4 + 4), 0, 0 };
    bool foreign_end = has_foreign_end(host);
    for (size_t at = 0; at < host->n;) {
        size_t end = at;
        while (end < host->n && host->at[end] != '.')
            end++;
        out->odd |= write_label(&w, host->at + at, end - at, foreign_end);
        if (end < host->n) {
            w.ascii[w.ascii_n++] = '.';
            w.text[w.text_n++] = '.';
        }
        at = end + 1;
    }
    out->ascii = (struct ms_bytes){ w.ascii, w.ascii_n };
    out->text = (struct ms_bytes){ w.text, w.text_n };
}

/* Lower case ASCII letters, digits, '-', '_', '.', no "xn--": then nothing needs to be done. */
static bool is_plain(struct ms_bytes raw)
{
    for (size_t i = 0; i < raw.n; i++) {
        uint8_t c = raw.p[i];
        if (!((c >= 'a' && c <= 'z') || ms_is_digit(c) || c == '.' || c == '_' || c == '-') || (c == '-' && ms_at(raw, i + 1) == '-'))
            return false;
    }
    return raw.n <= MS_HOST_CHARS;
}

void ms_host_read(struct ms_bytes raw, struct ms_arena *arena, struct ms_host *out)
{
    *out = (struct ms_host){ .ascii = raw, .text = raw };
    if (ms_at(raw, 0) == '[') {
        read_ipv6(raw, arena, out);
        return;
    }
    if (!is_plain(raw)) {
        uint8_t       room[MS_URL_BYTES];
        struct points points;
        bool          escaped = false;
        points.n = 0;
        read_points(unescaped(raw, room, &escaped), &points, &out->odd);
        out->odd |= escaped ? (uint32_t)MS_URL_PERCENT_HOST : 0;
        write_labels(&points, arena, out);
    }
    if (ends_in_number(out->ascii))
        finish_ipv4(arena, out);
    else if (out->ascii.n == 0 || out->ascii.p[0] == '.' || memmem(out->ascii.p, out->ascii.n, "..", 2))
        out->odd |= MS_URL_BAD_HOST;
    out->ascii = without_last_dot(out->ascii);
}

/* ---- sites ----------------------------------------------------------------------------------------------------- */

enum { NAME_BYTES = 256 };

static bool as_string(struct ms_bytes host, char out[NAME_BYTES])
{
    if (host.n == 0 || host.n >= NAME_BYTES || memchr(host.p, 0, host.n))
        return false;
    memcpy(out, host.p, host.n);
    out[host.n] = 0;
    return true;
}

static bool is_address(struct ms_bytes host)
{
    return ms_find(host, ':') < host.n || ends_in_number(host);
}

bool ms_host_has_suffix(struct ms_bytes host)
{
    char name[NAME_BYTES];
    struct ms_bytes last = ms_host_last_label(host);
    if (last.n == host.n || is_address(host) || !as_string(last, name))
        return false;
    return psl_is_public_suffix2(psl_builtin(), name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE);
}

bool ms_host_is_local(struct ms_bytes host)
{
    char     text[NAME_BYTES];
    uint8_t  ip[16] = { [10] = 0xff, 0xff };
    uint32_t a = 0;
    bool     odd = false;
    if (ms_find(host, ':') < host.n)
        return as_string(host, text) && inet_pton(AF_INET6, text, ip) == 1 && !ms_address_is_global(ip);
    if (!ends_in_number(host) || !read_ipv4(host, &a, &odd))
        return ms_find(host, '.') == host.n;
    for (int i = 0; i < 4; i++)
        ip[12 + i] = (uint8_t)(a >> (24 - 8 * i));
    return !ms_address_is_global(ip);
}
