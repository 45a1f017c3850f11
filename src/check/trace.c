/* check/trace.c - Received fields: each server that takes a message puts one in front (RFC 5321 4.4). Forgers write some of their own, to look like
 * mail that came a long way. The newest ones are compared with one another, and with the connection of the capture.
 *
 * BUGS     The first MS_HOPS from the top. Clocks are wrong by time zones, so times count from a day on.                               */
#include "base/text.h"
#include "check/private.h"
#include "mail/date.h"

static const int64_t DAY = INT64_C(86400) * 1000000000;

/* The next word, or comment with its parentheses as one; empty at the end. */
static struct ms_bytes next_token(struct ms_bytes *rest)
{
    size_t n = 0, from = 0, depth = 0;
    while (from < rest->n && (ms_is_blank(rest->p[from]) || rest->p[from] == '\r' || rest->p[from] == '\n'))
        from++;
    *rest = ms_tail(*rest, from);
    for (; n < rest->n; n++) {
        uint8_t c = rest->p[n];
        depth += c == '(';
        if (depth == 0 && (ms_is_blank(c) || c == '\r' || c == '\n' || c == ';'))
            break;
        depth -= c == ')' && depth > 0;
    }
    struct ms_bytes token = ms_head(*rest, n ? n : rest->n > 0); /* a semicolon is one, too */
    *rest = ms_tail(*rest, token.n);
    return token;
}

struct hop { struct ms_bytes from, details, by; }; /* "from a.example (b.example [192.0.2.1]) by c.example" */

static struct hop hop_of(struct ms_bytes value)
{
    struct hop h = { .from = { NULL, 0 } };
    for (struct ms_bytes rest = value, token; (token = next_token(&rest)).n && token.p[0] != ';';) {
        if (ms_equal_nocase(token, MS_LIT("from")) && h.from.n == 0)
            h.from = next_token(&rest);
        else if (ms_equal_nocase(token, MS_LIT("by"))) {
            h.by = next_token(&rest);
            break;
        } else if (token.p[0] == '(' && h.details.n == 0)
            h.details = token;
    }
    return h;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]" in the comment. */
static bool read_address(struct ms_bytes details, uint8_t ip[16])
{
    struct ms_bytes in = ms_tail(details, ms_find(details, '[') + 1), tag = MS_LIT("IPv6:");
    in = ms_head(in, ms_find(in, ']'));
    return ms_address_read(ms_starts_nocase(in, tag) ? ms_tail(in, tag.n) : in, ip);
}

/* It tells of the connection that it came by, or of one that the client had before. */
static void check_newest(struct ms_signs *signs, const struct ms_session *s, struct ms_bytes newest)
{
    struct hop h = hop_of(newest);
    uint8_t    ip[16];
    if (s->server.name.n && ms_equal_nocase(h.by, s->server.name))
        ms_sign_add(signs, MS_SIGN_TRACE_CLAIMED, MS_SIGN_WHOLE, newest);
    else if (s->client.name.n && ms_equal_nocase(h.from, s->client.name) && read_address(h.details, ip) && ms_address_is_global(ip) &&
             ms_address_is_v4(ip) == ms_address_is_v4(s->client.ip) && memcmp(ip, s->client.ip, 16) != 0)
        ms_sign_add(signs, MS_SIGN_TRACE_ADDRESS, MS_SIGN_WHOLE, newest);
}

static bool time_of(struct ms_bytes value, int64_t *at)
{
    size_t n = value.n;
    while (n > 0 && value.p[n - 1] != ';')
        n--;
    return n > 0 && ms_parse_date(ms_tail(value, n), at);
}

static void check_times(struct ms_signs *signs, const struct ms_hops *hops)
{
    int64_t newer = 0, at;
    bool    known = false;
    for (size_t i = 0; i < hops->n; i++) {
        if (!time_of(hops->at[i], &at)) {
            known = false;
            continue;
        }
        if (known && ms_span(newer, at) > DAY) {
            ms_sign_add(signs, MS_SIGN_TRACE_BACKWARDS, MS_SIGN_WHOLE, hops->at[i]);
            return;
        }
        newer = at;
        known = true;
    }
}

void ms_check_trace(struct ms_signs *signs, const struct ms_hops *hops, const struct ms_session *outside)
{
    if (outside && hops->n)
        check_newest(signs, outside, hops->at[0]);
    check_times(signs, hops);
}
