/* check/lookalike.c - domains that people read as another one: "examp1e.org", "exarnple.org", "example-org.com", "example.org.login.example.net".
 *
 * Compares  sites as they look (brand.c): digits and letters of other scripts as the Latin letters that they imitate, rn as m, vv as w.
 * BUGS      The same name below another suffix is taken for another site of the same owner. Words beside the name are not looked at.   */
#include "base/text.h"
#include "check/private.h"
#include "content/link/confusable.h"
#include "content/link/punycode.h"
#include "mail/site.h"

enum { SHORTEST = 4, SURE_LENGTH = 6, LONGEST = 100 }; /* of a name, so that chance does not make it look alike; of a site */

static struct ms_bytes name_of(struct ms_bytes site) { return ms_head(site, ms_find(site, '.')); }

/* UTF-8, where it is xn--. */
static struct ms_bytes spelled_out(struct ms_bytes site, uint8_t room[4 * LONGEST])
{
    uint32_t points[MS_LABEL_CHARS];
    size_t   n = 0;
    for (struct ms_bytes rest = site; rest.n; rest = ms_tail(rest, name_of(rest).n + 1)) {
        struct ms_bytes label = name_of(rest);
        size_t          count = ms_starts_nocase(label, MS_LIT("xn--")) ? ms_punycode_decode(ms_tail(label, 4), points) : 0;
        for (size_t i = 0; i < count; i++)
            n += ms_utf8_put(room + n, points[i]);
        if (count == 0 && label.n) {
            memcpy(room + n, label.p, label.n);
            n += label.n;
        }
        if (label.n < rest.n)
            room[n++] = '.';
    }
    return (struct ms_bytes){ room, n };
}

static struct ms_bytes read_of(struct ms_bytes site, uint8_t out[MS_READ_BYTES])
{
    uint8_t room[4 * LONGEST];
    size_t  n = 0, all = ms_as_read(spelled_out(site, room), out).n;
    for (size_t i = 0; i < all; n++) {
        bool m = out[i] == 'r' && i + 1 < all && out[i + 1] == 'n', w = out[i] == 'v' && i + 1 < all && out[i + 1] == 'v';
        out[n] = m ? 'm' : w ? 'w' : out[i];
        i += m || w ? 2 : 1;
    }
    return (struct ms_bytes){ out, n };
}

/* One letter more, less, or another one, or two that changed places. Digits count hosts. */
static bool is_one_letter_off(struct ms_bytes a, struct ms_bytes b)
{
    size_t at = 0;
    while (at < a.n && at < b.n && a.p[at] == b.p[at])
        at++;
    if (ms_is_digit(ms_at(a, at)) || ms_is_digit(ms_at(b, at)))
        return false;
    bool swapped = ms_at(a, at) == ms_at(b, at + 1) && ms_at(a, at + 1) == ms_at(b, at) && ms_equal(ms_tail(a, at + 2), ms_tail(b, at + 2));
    size_t more_a = a.n >= b.n, more_b = b.n >= a.n;
    return swapped || ms_equal(ms_tail(a, at + more_a), ms_tail(b, at + more_b));
}

/* "example-org.com" */
static bool is_hyphenated(struct ms_bytes name, struct ms_bytes own)
{
    bool same = name.n == own.n;
    for (size_t i = 0; same && i < own.n; i++)
        same = ms_lower(name.p[i]) == (own.p[i] == '.' ? '-' : ms_lower(own.p[i]));
    return same;
}

/* "example.org.login.example.net" */
static bool is_in_front(struct ms_bytes host, struct ms_bytes site, struct ms_bytes own)
{
    struct ms_bytes front = ms_head(host, host.n - site.n);
    size_t          at = ms_search_nocase(front, own);
    return at < front.n && ms_at(front, at + own.n) == '.' && (at == 0 || front.p[at - 1] == '.');
}

enum ms_likeness ms_likeness_of(struct ms_bytes host, struct ms_bytes own)
{
    uint8_t         rooms[2][MS_READ_BYTES];
    struct ms_bytes site = ms_site(host), name = name_of(site), own_name = name_of(own);
    if (own_name.n < SHORTEST || own_name.n == own.n || site.n > LONGEST || own.n > LONGEST || ms_equal_nocase(name, own_name))
        return MS_UNLIKE;
    if (is_in_front(host, site, own) || is_hyphenated(name, own))
        return MS_ALIKE;
    struct ms_bytes read = read_of(site, rooms[0]), own_read = read_of(own, rooms[1]);
    bool            beside = ms_equal(ms_tail(read, name_of(read).n), ms_tail(own_read, name_of(own_read).n));
    if (ms_equal(name_of(read), name_of(own_read)))
        return beside || own_name.n >= SURE_LENGTH ? MS_ALIKE : MS_UNLIKE;
    bool near = beside && name.n >= SURE_LENGTH && own_name.n >= SURE_LENGTH && is_one_letter_off(name_of(read), name_of(own_read));
    return near && !ms_same_brand(site, own) ? MS_NEAR : MS_UNLIKE;
}
