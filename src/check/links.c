/* check/links.c - where the links of a message lead, beside who sent it.
 *
 * Newsletters and receipts lead to their sender, or to the service that carries their mail; so do most forgeries not: they come from one
 * place and lead to another. */
#include "check/private.h"
#include "content/link.h"
#include "mail/site.h"

void ms_sites_add(struct ms_sites *s, struct ms_bytes host)
{
    if (host.n && s->n < MS_SITES)
        s->at[s->n++] = ms_site(host);
}

static bool is_own(const struct ms_sites *own, struct ms_bytes site)
{
    for (size_t i = 0; i < own->n; i++)
        if (ms_equal_nocase(own->at[i], site))
            return true;
    return false;
}

static bool is_web(const struct ms_url *u) { return ms_starts_nocase(u->url, MS_LIT("http")) || ms_find(u->url, ':') == u->url.n; }

void ms_check_links(struct ms_signs *signs, const struct ms_message *m, const struct ms_sites *own)
{
    const struct ms_url *elsewhere = NULL;
    bool                 home = false, redirects = ms_sign_find(signs, MS_SIGN_URL_REDIRECT);
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        bool                 mine = u->host.n && is_own(own, ms_site(u->host));
        if (u->host.n == 0 || !is_web(u))
            continue;
        if (!mine && ms_host_poses(u->host))
            ms_sign_add(signs, MS_SIGN_URL_POSES, u->part, u->host);
        home |= mine || ms_host_wraps(u->host);
        if (!elsewhere && !mine && (redirects || !ms_host_is_common(u->host)) && !ms_host_is_local(u->host))
            elsewhere = u;
    }
    if (elsewhere && !home)
        ms_sign_add(signs, MS_SIGN_LEADS_ELSEWHERE, elsewhere->part, elsewhere->host);
}
