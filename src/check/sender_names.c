/* check/sender_names.c - the names that a sender shows and has: of brands, of services, of the recipient's own, with addresses in them, of random letters. */
#include "check/sender.h"
#include "content/link/url.h"
#include "mail/site.h"

static bool is_service_name(struct ms_bytes name)
{
    static const char *const words[] = { "support", "security", "service", "billing", "customer", "account", "accounts", "bank", "helpdesk", "help desk", "administrator",
                                         "notification", "alert", "invoice", "payment", "department", "atendimento", "suporte", "kundenservice", "soporte" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_has_word(name, ms_str(words[i])))
            return true;
    return false;
}

/* ---- the name that the address has --------------------------------------------------------------------------- */

static void check_address_name(const struct ms_claims *c)
{
    if (c->from_count == 0)
        return;
    const struct ms_mailbox *from = &c->from[0];
    bool masked = false; /* in such a capture all names are rows of letters, those of domains as well */
    for (size_t i = 0; i < from->domain.n; i++)
        masked |= from->domain.p[i] >= 'A' && from->domain.p[i] <= 'Z';
    if (!masked && ms_is_random_name(from->local))
        ms_claims_sign(c, MS_SIGN_SENDER_RANDOM, from->local);
    if (ms_is_freemail(c->site) && is_service_name(from->display))
        ms_claims_sign(c, MS_SIGN_SENDER_FREE_SERVICE, c->m->headers.from);
    struct ms_bytes brand = ms_host_poses(from->domain);
    if (brand.n)
        ms_claims_sign(c, MS_SIGN_SENDER_POSES, brand);
    if (ms_is_errand(from->domain) && !ms_is_brand_site(from->domain))
        ms_claims_sign(c, MS_SIGN_SENDER_ERRAND, from->domain);
    bool passed_on = ms_starts_nocase(c->m->headers.subject, MS_LIT("fwd:")) || ms_starts_nocase(c->m->headers.subject, MS_LIT("fw:"));
    if (ms_is_freemail(c->site) && c->ours.n && !passed_on && !c->count[MS_SAID_LIST_ID])
        ms_claims_sign(c, MS_SIGN_SENDER_FREEMAIL, from->domain);
    if (ms_is_decorated(from->display))
        ms_claims_sign(c, MS_SIGN_NAME_DECORATED, from->display);
}

/* "example.org Voice Portal", for somebody at example.org. */
static void check_own_domain(const struct ms_claims *c, struct ms_bytes name)
{
    for (size_t i = 0; i < c->ours.n; i++)
        if (!ms_claims_at_home(c) && ms_has_word(name, c->ours.at[i]) && ms_find(name, '@') == name.n)
            ms_claims_sign(c, MS_SIGN_NAME_OWN_DOMAIN, c->m->headers.from);
}

/* ---- the name shown ----------------------------------------------------------------------------------------- */

static void check_brand(const struct ms_claims *c, struct ms_bytes name)
{
    bool                   disguised;
    struct ms_bytes        subject = c->m->headers.subject, domain = c->from[0].domain;
    const struct ms_brand *b = ms_brand_in(name, &disguised);
    if (b && !ms_brand_owns(b, domain) && !ms_claims_from_home(c)) {
        ms_claims_sign(c, MS_SIGN_NAME_BRAND, c->m->headers.from);
        if (ms_brand_posed(b, domain))
            ms_claims_sign(c, MS_SIGN_SENDER_POSES, domain);
        if (disguised)
            ms_claims_sign(c, MS_SIGN_NAME_DISGUISED, name);
        if (ms_is_brand_alone(b, name) && ms_leads_past(c->m, b))
            ms_claims_sign(c, MS_SIGN_BRAND_UNLINKED, name);
    }
    b = ms_brand_in(subject, &disguised);
    if (b && disguised && !ms_brand_owns(b, c->from[0].domain))
        ms_claims_sign(c, MS_SIGN_NAME_DISGUISED, subject);
}

/* The domain of a mail address inside the name; empty when there is none. */
static struct ms_bytes address_in(struct ms_bytes name)
{
    size_t at = ms_find(name, '@'), end = at + 1;
    while (end < name.n && (ms_is_word_byte(name.p[end]) || name.p[end] == '-' || name.p[end] == '.'))
        end++;
    struct ms_bytes domain = ms_slice(name, at + 1, end > at + 1 ? end - at - 1 : 0);
    bool            dotted = ms_find(domain, '.') + 1 < domain.n;
    return at > 0 && at < name.n && dotted ? domain : (struct ms_bytes){ NULL, 0 };
}

/* Services that hide addresses send on in their own name, with the first one's address in it: then all links are his. */
static bool leads_only_to(const struct ms_message *m, struct ms_bytes domain)
{
    bool any = false;
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        if (u->host.n && !u->loaded && !ms_same_site(u->host, domain))
            return false;
        any |= u->host.n && !u->loaded;
    }
    return any;
}

static void check_shown_name(const struct ms_claims *c)
{
    if (c->from_count == 0 || c->from[0].domain.n == 0)
        return;
    struct ms_bytes name = c->from[0].display, inside = address_in(name);
    if (inside.n && !ms_same_site(inside, c->from[0].domain) && !leads_only_to(c->m, inside))
        ms_claims_sign(c, ms_claims_is_ours(c, inside) ? MS_SIGN_NAME_OWN_ADDRESS : MS_SIGN_NAME_ADDRESS, c->m->headers.from);
    check_brand(c, name);
    check_own_domain(c, name);
    if (ms_has_hidden(name) || ms_has_hidden(c->m->headers.subject))
        ms_claims_sign(c, MS_SIGN_NAME_DISGUISED, ms_has_hidden(name) ? name : c->m->headers.subject);
}

/* Of the recipient's own domain, where people look for the IT department and the boss. */
static void check_likeness(const struct ms_claims *c)
{
    struct ms_bytes  from = c->from_count ? c->from[0].domain : (struct ms_bytes){ NULL, 0 }, reply = c->reply_count ? c->reply[0].domain : from;
    enum ms_likeness worst = MS_UNLIKE;
    struct ms_bytes  evidence = c->m->headers.from;
    if (ms_claims_at_home(c))
        return;
    for (size_t i = 0; i < c->ours.n; i++) {
        enum ms_likeness f = ms_likeness_of(from, c->ours.at[i]), r = ms_likeness_of(reply, c->ours.at[i]);
        if (r > f && r > worst)
            evidence = c->m->headers.reply_to;
        worst = f > worst ? f : r > worst ? r : worst;
    }
    if (worst != MS_UNLIKE)
        ms_claims_sign(c, worst == MS_ALIKE ? MS_SIGN_SENDER_LOOKALIKE : MS_SIGN_SENDER_NEAR, evidence);
}

/* Of the sender's own domain, where answers go: whoever reads the one does not see that it is the other. */
static void check_reply_likeness(const struct ms_claims *c)
{
    if (c->reply_count && c->site.n && ms_likeness_of(c->reply[0].domain, c->site) != MS_UNLIKE)
        ms_claims_sign(c, MS_SIGN_REPLY_LOOKALIKE, c->m->headers.reply_to);
}

/* Letters of other scripts that are read as Latin ones: the same that a link may have. */
static void check_scripts(const struct ms_claims *c)
{
    struct ms_host host;
    if (c->from_count == 0 || c->from[0].domain.n == 0)
        return;
    ms_host_read(c->from[0].domain, c->arena, &host);
    if (host.odd & (MS_URL_MIXED_SCRIPT | MS_URL_CONFUSABLE | MS_URL_COMPATIBILITY) && !(host.odd & MS_URL_BAD_HOST))
        ms_claims_sign(c, MS_SIGN_SENDER_IMITATES, host.text);
    else if (ms_host_imitates(c->from[0].domain).n)
        ms_claims_sign(c, MS_SIGN_SENDER_IMITATES, c->from[0].domain);
}

void ms_check_sender_names(const struct ms_claims *c)
{
    check_address_name(c);
    check_shown_name(c);
    check_likeness(c);
    check_reply_likeness(c);
    check_scripts(c);
}
