/* check/links.c - where the links of a message lead, beside who sent it.
 *
 * Newsletters and receipts lead to their sender, or to the service that carries their mail; so do most forgeries not: they come from one
 * place and lead to another. */
#include "check/private.h"
#include "content/link/link.h"
#include "mail/site.h"

void ms_sites_add(struct ms_sites *s, struct ms_bytes host)
{
    if (host.n && s->n < MS_SITES)
        s->at[s->n++] = ms_site(host);
}

/* The first label of a site: what a company calls itself. */
static struct ms_bytes label_of(struct ms_bytes site) { return ms_head(site, ms_find(site, '.')); }

/* "kaufladen.example" and "kaufladen-mail.example". */
static bool is_akin(struct ms_bytes a, struct ms_bytes b)
{
    enum { SURE_LENGTH = 5 };
    struct ms_bytes x = label_of(a), y = label_of(b);
    if (x.n < SURE_LENGTH || y.n < SURE_LENGTH)
        return false;
    return x.n <= y.n ? ms_search_nocase(y, x) < y.n : ms_search_nocase(x, y) < x.n;
}

/* A company may have several. */
static bool is_own(const struct ms_sites *own, struct ms_bytes site)
{
    for (size_t i = 0; i < own->n; i++)
        if (ms_equal_nocase(own->at[i], site))
            return true;
    return own->sender.n && (ms_equal_nocase(own->sender, site) || is_akin(own->sender, site) || ms_same_brand(own->sender, site));
}

/* Pages that mail of all kinds points to; not the hosts of such companies where others put theirs. */
static bool is_neutral(struct ms_bytes host)
{
    static const char others[] = "amazonaws.com|azure.com|sharepoint.com|windows.com|live.com|google.com|office.com|outlook.com|gmail.com|go.com";
    return ms_host_is_common(host) || (ms_is_brand_site(host) && !ms_host_is_free(host) && !ms_is_one_of(ms_site(host), others));
}

/* A service that wraps links, and nothing says where this one leads. */
static bool wraps_unseen(const struct ms_url *u) { return ms_host_wraps(u->host) && ms_search_nocase(ms_tail(u->url, 8), MS_LIT("http")) + 8 >= u->url.n; }

static bool is_web(const struct ms_url *u) { return ms_starts_nocase(u->url, MS_LIT("http")) || ms_find(u->url, ':') == u->url.n; }

void ms_check_own_links(struct ms_signs *signs, const struct ms_message *m, const struct ms_sites *ours)
{
    struct ms_bytes last = { NULL, 0 }; /* most links of a message go to one host */
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        if (u->loaded || ms_equal(u->host, last))
            continue;
        last = u->host;
        for (size_t k = 0; k < ours->n; k++)
            if (ms_likeness_of(u->host, ours->at[k]) == MS_ALIKE && !ms_host_wraps(u->host))
                ms_sign_add(signs, MS_SIGN_URL_OWN_LOOKALIKE, u->part, u->host);
    }
}

bool ms_leads_past(const struct ms_message *m, const struct ms_brand *b)
{
    bool any = false;
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        if (u->host.n == 0 || u->loaded || !is_web(u))
            continue;
        if (ms_brand_has_site(b, u->host))
            return false;
        any = true;
    }
    return any;
}

void ms_check_links(struct ms_signs *signs, const struct ms_message *m, const struct ms_sites *own)
{
    const struct ms_url *elsewhere = NULL;
    bool                 home = false, redirects = ms_sign_find(signs, MS_SIGN_URL_REDIRECT);
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        bool                 mine = u->host.n && is_own(own, ms_site(u->host));
        if (u->host.n == 0 || u->loaded || !is_web(u))
            continue;
        if (!mine && ms_host_poses(u->host).n)
            ms_sign_add(signs, MS_SIGN_URL_POSES, u->part, u->host);
        if (!mine && ms_host_imitates(u->host).n)
            ms_sign_add(signs, MS_SIGN_URL_LOOKALIKE, u->part, u->host);
        if (ms_is_errand(u->host) && !ms_is_brand_site(u->host))
            ms_sign_add(signs, MS_SIGN_URL_ERRAND, u->part, u->host);
        home |= mine || wraps_unseen(u);
        if (!elsewhere && !mine && !ms_host_wraps(u->host) && (redirects || !is_neutral(u->host)) && !ms_host_is_local(u->host))
            elsewhere = u;
    }
    if (elsewhere && !home)
        ms_sign_add(signs, MS_SIGN_LEADS_ELSEWHERE, elsewhere->part, elsewhere->host);
}
