#include "mail/site.h"

#include <libpsl.h>
#include <string.h>

enum { HOST_BYTES = 255 }; /* RFC 1035 2.3.4 */

struct ms_bytes ms_site(struct ms_bytes host)
{
    char lower[HOST_BYTES + 1];
    if (host.n == 0 || host.n > HOST_BYTES || ms_is_digit(host.p[host.n - 1]) || memchr(host.p, 0, host.n))
        return host;
    for (size_t i = 0; i < host.n; i++)
        lower[i] = (char)ms_lower(host.p[i]);
    lower[host.n] = 0;
    const char *site = psl_registrable_domain(psl_builtin(), lower);
    return site ? ms_tail(host, (size_t)(site - lower)) : host;
}
