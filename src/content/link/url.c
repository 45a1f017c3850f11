/* content/link/url.c - a link taken apart, as browsers do it (WHATWG URL, "basic URL parser", without a base). */
#include "content/link/url.h"

static bool is_alpha(uint8_t c) { return ms_lower(c) >= 'a' && ms_lower(c) <= 'z'; }
static bool is_dropped(uint8_t c) { return c == '\t' || c == '\n' || c == '\r'; }
static bool is_slash(uint8_t c) { return c == '/' || c == '\\'; }

/* Without blanks and control characters at the ends, and without tabs and line ends anywhere. */
static struct ms_bytes cleaned(struct ms_bytes text, struct ms_arena *arena, uint32_t *odd)
{
    while (text.n && text.p[0] <= ' ')
        text = ms_tail(text, 1);
    if (text.n > MS_URL_BYTES) {
        *odd |= MS_URL_LONG;
        text = ms_head(text, MS_URL_BYTES);
    }
    while (text.n && text.p[text.n - 1] <= ' ')
        text.n--;
    size_t first = 0;
    while (first < text.n && !is_dropped(text.p[first]))
        first++;
    if (first == text.n)
        return text;
    *odd |= MS_URL_CONTROL;
    uint8_t *out = ms_arena_alloc(arena, text.n);
    size_t   n = 0;
    for (size_t i = 0; i < text.n; i++)
        if (!is_dropped(text.p[i]))
            out[n++] = text.p[i];
    return (struct ms_bytes){ out, n };
}

/* Length of the scheme before a ':'; 0 when there is none. "example.com:8080" has none. */
static size_t scheme_length(struct ms_bytes b)
{
    size_t n = 0;
    bool   dot = false;
    if (!is_alpha(ms_at(b, 0)))
        return 0;
    for (; n < b.n && (is_alpha(b.p[n]) || ms_is_digit(b.p[n]) || b.p[n] == '+' || b.p[n] == '-' || b.p[n] == '.'); n++)
        dot = dot || b.p[n] == '.';
    if (ms_at(b, n) != ':' || (dot && ms_is_digit(ms_at(b, n + 1))))
        return 0;
    return n;
}

static struct ms_bytes lowered(struct ms_bytes b, struct ms_arena *arena)
{
    size_t i = 0;
    while (i < b.n && ms_lower(b.p[i]) == b.p[i])
        i++;
    return i == b.n ? b : ms_arena_lower(arena, b);
}

static unsigned usual_port(struct ms_bytes scheme)
{
    return ms_is_one_of(scheme, "https|wss") ? 443 : ms_is_one_of(scheme, "ftp") ? 21 : 80;
}

/* The user before '@' that people take for the host: it has a dot, an escape, or is long. */
static bool looks_like_host(struct ms_bytes user)
{
    return ms_find(user, '.') < user.n || ms_find(user, '%') < user.n || user.n > 64;
}

static struct ms_bytes take_user(struct ms_bytes authority, struct ms_url_view *out)
{
    size_t at = authority.n, signs = 0;
    for (size_t i = 0; i < authority.n; i++)
        if (authority.p[i] == '@') {
            at = i;
            signs++;
        }
    if (signs == 0)
        return authority;
    out->user = ms_head(authority, at);
    out->odd |= MS_URL_USER | (signs > 1 ? (uint32_t)MS_URL_MANY_AT : 0) | (looks_like_host(out->user) ? (uint32_t)MS_URL_USER_HOST : 0);
    return ms_tail(authority, at + 1);
}

static struct ms_bytes take_port(struct ms_bytes authority, struct ms_url_view *out)
{
    size_t colon = authority.n, inside = 0;
    for (size_t i = 0; i < authority.n; i++) {
        inside = authority.p[i] == '[' ? 1 : authority.p[i] == ']' ? 0 : inside;
        if (authority.p[i] == ':' && !inside) {
            colon = i;
            break;
        }
    }
    struct ms_bytes digits = ms_tail(authority, colon + 1);
    uint64_t        port = 0;
    if (digits.n && (!ms_parse_u64(digits, &port) || port > 65535))
        out->odd |= MS_URL_BAD_PORT;
    else if (digits.n && port != usual_port(out->scheme)) {
        out->port = (unsigned)port;
        out->odd |= MS_URL_PORT;
    }
    return ms_head(authority, colon);
}

static void take_tail(struct ms_bytes rest, struct ms_url_view *out)
{
    size_t hash = ms_find(rest, '#');
    out->fragment = ms_tail(rest, hash + 1);
    rest = ms_head(rest, hash);
    size_t question = ms_find(rest, '?');
    out->query = ms_tail(rest, question + 1);
    out->path = ms_head(rest, question);
}

static void read_authority(struct ms_bytes rest, struct ms_arena *arena, struct ms_url_view *out)
{
    size_t n = 0;
    while (n < rest.n && !is_slash(rest.p[n]) && rest.p[n] != '?' && rest.p[n] != '#')
        n++;
    if (ms_at(rest, n) == '\\')
        out->odd |= MS_URL_BACKSLASH;
    struct ms_host  host;
    struct ms_bytes name = take_port(take_user(ms_head(rest, n), out), out);
    ms_host_read(name, arena, &host);
    out->host = host.ascii;
    out->host_text = host.text;
    out->odd |= host.odd;
    if (ms_is_one_of(host.ascii, "http|https") && ms_at(rest, n) == '/')
        out->odd |= MS_URL_NESTED;
    take_tail(ms_tail(rest, n), out);
}

static struct ms_bytes after_slashes(struct ms_bytes rest, uint32_t *odd)
{
    size_t n = 0;
    while (is_slash(ms_at(rest, n))) {
        *odd |= rest.p[n] == '\\' ? (uint32_t)MS_URL_BACKSLASH : 0;
        n++;
    }
    *odd |= n != 2 ? (uint32_t)MS_URL_SLASHES : 0;
    return ms_tail(rest, n);
}

/* A host and a path without a scheme, as people type them. */
static bool read_bare(struct ms_bytes text, struct ms_arena *arena, struct ms_url_view *out)
{
    size_t n = 0;
    bool   dot = false;
    for (; n < text.n && !is_slash(text.p[n]) && text.p[n] != '?' && text.p[n] != '#' && text.p[n] != ':'; n++) {
        if (text.p[n] <= ' ' || text.p[n] == '@')
            return false;
        dot = dot || (text.p[n] == '.' && n > 0 && n + 1 < text.n);
    }
    if (!dot || text.p[0] == '.')
        return false;
    out->odd |= MS_URL_NO_SCHEME;
    out->web = true;
    read_authority(text, arena, out);
    return !(out->odd & MS_URL_BAD_HOST) && (ms_starts_nocase(text, MS_LIT("www")) || ms_host_has_suffix(out->host) || (out->odd & (MS_URL_IPV4 | MS_URL_IPV4_ODD)) == MS_URL_IPV4);
}

/* Behind "file:", as Windows reads it: two slashes of any kind, or four and more, and a host; three and a path of this computer. */
static void read_file(struct ms_bytes rest, struct ms_arena *arena, struct ms_url_view *out)
{
    size_t slashes = 0;
    out->path = rest;
    while (is_slash(ms_at(rest, slashes)))
        slashes++;
    rest = ms_tail(rest, slashes);
    if ((slashes == 2 || slashes > 3) && ms_at(rest, 1) != ':' && ms_at(rest, 1) != '|') /* "C:" */
        read_authority(rest, arena, out);
    out->share = out->host.n > 0;
}

bool ms_url_read(struct ms_bytes text, struct ms_arena *arena, struct ms_url_view *out)
{
    *out = (struct ms_url_view){ 0 };
    text = cleaned(text, arena, &out->odd);
    size_t n = scheme_length(text);
    if (n == 0 && is_slash(ms_at(text, 0)) && is_slash(ms_at(text, 1))) { /* //host/x, \\host\share */
        out->odd |= MS_URL_NO_SCHEME;
        out->web = true;
        out->share = text.p[0] == '\\' && text.p[1] == '\\';
        read_authority(after_slashes(text, &out->odd), arena, out);
        return out->host.n > 0;
    }
    if (n == 0)
        return read_bare(text, arena, out);
    struct ms_bytes rest = ms_tail(text, n + 1);
    out->scheme = lowered(ms_head(text, n), arena);
    out->web = ms_is_one_of(out->scheme, "http|https|ws|wss|ftp");
    if (out->web)
        read_authority(after_slashes(rest, &out->odd), arena, out);
    else if (ms_equal(out->scheme, MS_LIT("file")))
        read_file(rest, arena, out);
    else if (is_slash(ms_at(rest, 0)) && is_slash(ms_at(rest, 1)))
        read_authority(ms_tail(rest, 2), arena, out);
    else
        out->path = rest;
    return true;
}
