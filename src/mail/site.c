#include "mail/site.h"

#include "base/hash.h"

#include <libpsl.h>
#include <string.h>

enum { HOST_BYTES = 255 }; /* RFC 1035 2.3.4 */

/* The hosts that were asked for last: a mail names few, each many times, and the list is long. */
enum { KNOWN = 64, KNOWN_BYTES = 62 };
struct known { uint8_t n, site; char host[KNOWN_BYTES]; }; /* site: where it begins */
static _Thread_local struct known known_hosts[KNOWN];

static size_t look_up(const char *lower)
{
    const char *site = psl_registrable_domain(psl_builtin(), lower);
    return site ? (size_t)(site - lower) : 0;
}

/* Where the site begins in a host in lower case, of n bytes. */
static size_t site_of(const char *lower, size_t n)
{
    if (n > KNOWN_BYTES)
        return look_up(lower);
    struct known *k = &known_hosts[ms_hash((struct ms_bytes){ (const uint8_t *)lower, n }) % KNOWN];
    if (k->n != n || memcmp(k->host, lower, n) != 0) {
        *k = (struct known){ .n = (uint8_t)n, .site = (uint8_t)look_up(lower) };
        memcpy(k->host, lower, n);
    }
    return k->site;
}

/* In lower case; false: an address, or no name. */
static bool is_name(struct ms_bytes host, char lower[HOST_BYTES + 1])
{
    if (host.n == 0 || host.n > HOST_BYTES || ms_is_digit(host.p[host.n - 1]) || memchr(host.p, 0, host.n))
        return false;
    for (size_t i = 0; i < host.n; i++)
        lower[i] = (char)ms_lower(host.p[i]);
    lower[host.n] = 0;
    return true;
}

struct ms_bytes ms_site(struct ms_bytes host)
{
    char lower[HOST_BYTES + 1];
    return is_name(host, lower) ? ms_tail(host, site_of(lower, host.n)) : host;
}

bool ms_same_site(struct ms_bytes a, struct ms_bytes b) { return a.n && b.n && ms_equal_nocase(ms_site(a), ms_site(b)); }

struct ms_bytes ms_public_suffix(struct ms_bytes host)
{
    char        lower[HOST_BYTES + 1];
    const char *suffix = is_name(host, lower) ? psl_unregistrable_domain(psl_builtin(), lower) : NULL;
    if (!suffix || !psl_is_public_suffix2(psl_builtin(), suffix, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE))
        return (struct ms_bytes){ 0 };
    return ms_tail(host, (size_t)(suffix - lower));
}

struct ms_bytes ms_address_domain(struct ms_bytes address)
{
    size_t at = address.n;
    while (at > 0 && address.p[at - 1] != '@')
        at--;
    return at ? ms_tail(address, at) : (struct ms_bytes){ NULL, 0 };
}
