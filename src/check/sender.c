/* check/sender.c - who says that he sent a message: addresses in header fields, the envelope and the session, compared.
 *
 * Every test here needs the message and its session alone; what needs DNS answers is in auth/. */
#include "check/sender.h"

#include "base/text.h"
#include "content/link/link.h"
#include "mail/site.h"

const char *const ms_said_names[MS_SAID_COUNT] = {
    "from", "sender", "to", "cc", "subject", "date", "message-id", "reply-to", "x-mailer", "x-priority", "importance",
    "x-php-originating-script|x-php-script", "list-id|list-unsubscribe", "list-unsubscribe", "return-path", "content-type",
    "in-reply-to|references|thread-index|thread-topic|x-forwarded-message-id",
};

bool ms_claims_is_ours(const struct ms_claims *c, struct ms_bytes domain)
{
    for (size_t i = 0; i < c->m->envelope.to_count && i < MS_CLAIMS_MAILBOXES; i++)
        if (ms_same_site(domain, ms_address_domain(c->m->envelope.to[i].address)))
            return true;
    return false;
}

bool ms_claims_at_home(const struct ms_claims *c)
{
    for (size_t i = 0; i < c->ours.n; i++)
        if (ms_same_site(c->site, c->ours.at[i]))
            return true;
    return false;
}

bool ms_claims_from_home(const struct ms_claims *c)
{
    return c->m->authentication && c->m->authentication->found_genuine && ms_claims_at_home(c);
}

/* ---- who carries and signs it ---------------------------------------------------------------------------------- */

/* The host of the first link in the field. */
static struct ms_bytes host_in(struct ms_bytes value)
{
    struct ms_bytes host = ms_tail(value, ms_search_nocase(value, MS_LIT("://")) + 3);
    size_t          n = 0;
    while (n < host.n && !strchr("/>:?#", host.p[n]))
        n++;
    return ms_head(host, n);
}

static void add_signers(struct ms_claims *c, bool *proven)
{
    const struct ms_authentication *a = c->m->authentication;
    for (size_t i = 0; a && i < a->signer_count; i++) {
        if (a->signers[i].proof != MS_PROOF_NONE)
            ms_sites_add(&c->own, a->signers[i].domain);
        *proven |= a->signers[i].proof == MS_PROOF_GIVEN;
    }
}

/* Whoever forges a message writes what he likes into its fields and its envelope: that counts when a signature or SPF vouches for somebody. Without
 * the DNS answers that would settle it, signatures whose body hash is right count, and Sender, since lists have little else. */
static void read_carrier(struct ms_claims *c)
{
    const struct ms_authentication *a = c->m->authentication;
    enum ms_proof   envelope = a ? (enum ms_proof)a->envelope : MS_PROOF_OPEN;
    bool            proven = envelope == MS_PROOF_GIVEN;
    struct ms_bytes carrier = ms_address_domain(c->value[MS_SAID_RETURN_PATH]), sender = ms_address_domain(c->value[MS_SAID_SENDER]);
    c->carrier = ms_head(carrier, ms_find(carrier, '>'));
    add_signers(c, &proven);
    if (envelope == MS_PROOF_GIVEN)
        ms_sites_add(&c->own, ms_address_domain(c->m->envelope.from));
    if (proven)
        ms_sites_add(&c->own, host_in(c->value[MS_SAID_UNSUBSCRIBE]));
    if (proven || envelope == MS_PROOF_OPEN)
        ms_sites_add(&c->own, ms_head(sender, ms_find(sender, '>')));
}

/* "Miller, Ann <ann@example.com>" without quotes is two senders, of which one has an address: that one is meant. */
static void take_unquoted(struct ms_claims *c)
{
    size_t real = 0, at = 0;
    for (size_t i = 0; i < c->from_count && i < MS_CLAIMS_MAILBOXES; i++)
        if (c->from[i].domain.n) {
            real++;
            at = i;
        }
    if (real != 1 || c->from_count == 1)
        return;
    ms_claims_sign(c, MS_SIGN_NAME_UNQUOTED, c->value[MS_SAID_FROM]);
    c->from[0] = c->from[at];
    c->from[0].display = ms_head(c->m->headers.from, ms_find(c->m->headers.from, '<'));
    c->from_count = 1;
}

static void add_ours(struct ms_claims *c, struct ms_bytes domain)
{
    if (!ms_is_freemail(ms_site(domain)))
        ms_sites_add(&c->ours, domain);
}

/* By the envelope; in a file by To, which is said by the sender. */
static void read_recipients(struct ms_claims *c)
{
    const struct ms_envelope *v = &c->m->envelope;
    struct ms_mailbox         to[MS_CLAIMS_MAILBOXES];
    for (size_t i = 0; i < v->to_count && i < MS_CLAIMS_MAILBOXES; i++)
        add_ours(c, ms_address_domain(v->to[i].address));
    size_t n = v->to_count ? 0 : ms_parse_addresses(c->value[MS_SAID_TO], to, MS_CLAIMS_MAILBOXES, c->arena);
    for (size_t i = 0; i < n && i < MS_CLAIMS_MAILBOXES; i++)
        add_ours(c, to[i].domain);
}

/* ---- the header, read ------------------------------------------------------------------------------------------ */

/* A From field whose name has blanks around it, or a line end behind it, is one for some programs only. */
static bool is_disguised_from(const struct ms_header_field *f)
{
    size_t colon = ms_find(f->whole, ':');
    bool   blank_behind = colon > 0 && (ms_is_blank(f->whole.p[colon - 1]) || f->whole.p[colon - 1] == '\n');
    return ms_equal_nocase(f->name, MS_LIT("from")) && (blank_behind || ms_is_blank(ms_at(f->whole, 0)));
}

static void read_fields(struct ms_claims *c)
{
    struct ms_bytes        rest = c->m->top;
    struct ms_header_field f;
    while (ms_header_next(&rest, &f)) {
        if (is_disguised_from(&f))
            ms_claims_sign(c, MS_SIGN_FROM_AMBIGUOUS, f.whole);
        if (c->hops.n < MS_HOPS && ms_equal_nocase(f.name, MS_LIT("received")))
            c->hops.at[c->hops.n++] = f.value;
        for (int i = 0; i < MS_SAID_COUNT; i++)
            if (ms_is_one_of(f.name, ms_said_names[i]) && c->count[i]++ == 0)
                c->value[i] = f.value;
    }
    c->from_count = ms_parse_addresses(c->value[MS_SAID_FROM], c->from, MS_CLAIMS_MAILBOXES, c->arena);
    c->reply_count = ms_parse_addresses(c->value[MS_SAID_REPLY_TO], c->reply, MS_CLAIMS_MAILBOXES, c->arena);
    take_unquoted(c);
    read_recipients(c);
    if (c->from_count)
        c->own.sender = c->site = ms_site(c->from[0].domain);
    read_carrier(c);
}

/* ---- who and from where ---------------------------------------------------------------------------------------- */

/* The same /16 of IPv4, the same /32 of IPv6: a site with public addresses of its own. */
static bool same_network(const uint8_t a[16], const uint8_t b[16])
{
    return memcmp(a, b, ms_address_is_v4(a) ? 14 : 4) == 0;
}

/* Handed in from outside: SMTP, no login, from a public address to a server in another network. */
static bool from_outside(const struct ms_session *s)
{
    return s && !same_network(s->client.ip, s->server.ip) && s->protocol == MS_PROTO_SMTP && s->auth_result != 1 && s->server.port == 25 && ms_address_is_global(s->client.ip);
}

/* Names of private networks and of examples (RFC 6761, 6762, 8375): nobody else uses them. */
static bool is_local_name(struct ms_bytes domain)
{
    size_t n = domain.n;
    while (n > 0 && domain.p[n - 1] != '.')
        n--;
    return ms_is_one_of(ms_tail(domain, n), "localhost|localdomain|local|lan|internal|intranet|private|home|corp|arpa|test|example|invalid");
}

/* Below a service where anybody takes a name (a public suffix). Not the service itself: it writes to its customers. */
static bool is_free_name(struct ms_bytes domain)
{
    struct ms_bytes site = ms_site(domain);
    return ms_host_is_free(ms_tail(site, ms_find(site, '.') + 1));
}

/* Letters, digits, hyphens and what is not ASCII; or an address in brackets. */
static bool is_name(struct ms_bytes domain)
{
    for (size_t i = 0; i < domain.n; i++)
        if (domain.p[i] < 0x80 && !ms_is_letter(domain.p[i]) && !ms_is_digit(domain.p[i]) && !strchr("-._[]:", domain.p[i]))
            return false;
    return true;
}

static void check_domain(const struct ms_claims *c)
{
    struct ms_bytes domain = ms_arena_lower(c->arena, c->from_count ? c->from[0].domain : c->site);
    bool            dotted = ms_find(domain, '.') < domain.n; /* inside of a network, and in files, a bare name may be that of a host */
    bool            carried = ms_find(c->carrier, '.') < c->carrier.n && ms_find(c->carrier, '@') == c->carrier.n; /* by somebody else */
    bool            judged = c->m->session ? from_outside(c->m->session) : dotted || carried;
    if (domain.n && judged && (!is_name(domain) || (domain.p[0] != '[' && !is_local_name(domain) && !ms_host_has_suffix(domain))))
        ms_claims_sign(c, MS_SIGN_SENDER_NO_DOMAIN, c->m->headers.from);
    else if (is_free_name(domain))
        ms_claims_sign(c, MS_SIGN_SENDER_FREE_HOST, c->m->headers.from);
}

static bool has_control(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if ((b.p[i] < ' ' && !ms_is_blank(b.p[i]) && b.p[i] != '\r' && b.p[i] != '\n') || b.p[i] == 0x7f)
            return true;
    return false;
}

static void check_from(struct ms_claims *c)
{
    if (c->count[MS_SAID_FROM] > 1)
        ms_claims_sign(c, MS_SIGN_MULTIPLE_FROM, c->value[MS_SAID_FROM]);
    else if (c->from_count > 1 && !c->count[MS_SAID_SENDER])
        ms_claims_sign(c, MS_SIGN_MULTIPLE_FROM, c->value[MS_SAID_FROM]);
    if (ms_search_nocase(c->value[MS_SAID_FROM], MS_LIT("<@")) < c->value[MS_SAID_FROM].n) /* a route (RFC 5322 4.4): some programs take its first host for the sender's */
        ms_claims_sign(c, MS_SIGN_FROM_AMBIGUOUS, c->value[MS_SAID_FROM]);
    if (has_control(c->value[MS_SAID_FROM]) || has_control(c->m->envelope.from))
        ms_claims_sign(c, MS_SIGN_FROM_CONTROL, has_control(c->value[MS_SAID_FROM]) ? c->value[MS_SAID_FROM] : c->m->envelope.from);
    if (c->count[MS_SAID_FROM] && (c->from_count == 0 || c->from[0].domain.n == 0))
        ms_claims_sign(c, MS_SIGN_FROM_MISSING, c->value[MS_SAID_FROM]);
}

/* ---- addresses compared ------------------------------------------------------------------------------------- */

static bool same_address(const struct ms_mailbox *a, const struct ms_mailbox *b)
{
    return ms_equal_nocase(a->local, b->local) && ms_equal_nocase(a->domain, b->domain);
}

static void check_reply(const struct ms_claims *c)
{
    bool both_free = c->reply_count && c->from_count && ms_is_freemail(c->site) && ms_is_freemail(ms_site(c->reply[0].domain));
    if (both_free && !c->count[MS_SAID_LIST_ID] && !same_address(&c->from[0], &c->reply[0])) {
        ms_claims_sign(c, MS_SIGN_REPLY_OTHER, c->m->headers.reply_to);
        return;
    }
    if (c->reply_count == 0 || c->reply[0].domain.n == 0 || c->site.n == 0 || ms_same_site(c->reply[0].domain, c->site) || c->count[MS_SAID_LIST_ID])
        return;
    bool free = ms_is_freemail(ms_site(c->reply[0].domain)) && !ms_is_freemail(c->site) && !ms_claims_from_home(c);
    ms_claims_sign(c, free ? MS_SIGN_REPLY_FREEMAIL : MS_SIGN_REPLY_ELSEWHERE, c->m->headers.reply_to);
}

static void check_envelope(const struct ms_claims *c)
{
    const struct ms_envelope *v = &c->m->envelope;
    struct ms_bytes           domain = ms_address_domain(v->from);
    if (!v->seen || c->site.n == 0)
        return;
    if (domain.n && !ms_same_site(domain, c->site))
        ms_claims_sign(c, MS_SIGN_ENVELOPE_ELSEWHERE, v->from);
    if (!from_outside(c->m->session))
        return;
    if (v->to_count == 1 && ms_equal_nocase(ms_address_domain(v->to[0].address), c->from[0].domain) &&
        ms_starts_nocase(v->to[0].address, c->from[0].local) && ms_at(v->to[0].address, c->from[0].local.n) == '@')
        ms_claims_sign(c, MS_SIGN_SELF_SENDER, c->m->headers.from);
    if (ms_claims_is_ours(c, c->from[0].domain) && !ms_is_freemail(c->site))
        ms_claims_sign(c, MS_SIGN_OWN_DOMAIN_OUTSIDE, c->m->headers.from);
    struct ms_bytes helo = c->m->session->client.name;
    if (helo.n && ms_claims_is_ours(c, helo))
        ms_claims_sign(c, MS_SIGN_HELO_OURS, helo);
    else if (helo.n && ms_is_digit(helo.p[0]) && ms_is_digit(helo.p[helo.n - 1]) && ms_find(helo, '.') < helo.n)
        ms_claims_sign(c, MS_SIGN_HELO_ADDRESS, helo);
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

static void check_trust(const struct ms_claims *c)
{
    static const char *const kinds[] = { "multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime" };
    if (c->count[MS_SAID_LIST_ID])
        ms_claims_sign(c, MS_SIGN_LIST_MAIL, c->value[MS_SAID_LIST_ID]);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ms_starts_nocase(c->value[MS_SAID_TYPE], ms_str(kinds[i])))
            ms_claims_sign(c, MS_SIGN_SIGNED_MAIL, ms_str(kinds[i]));
}

/* "tax.gov.uk", "correo.gob.es": offices of a state lead to each other's sites, which have names of all kinds. "gov.uk" itself sends no mail. */
static bool is_office(struct ms_bytes site)
{
    struct ms_bytes above = ms_tail(site, ms_find(site, '.') + 1);
    return ms_is_one_of(ms_head(above, ms_find(above, '.')), "gov|gouv|gob|govt|go|gc") && ms_find(above, '.') < above.n;
}

static void check_owner(const struct ms_claims *c)
{
    bool known = c->from_count && !ms_is_freemail(c->site) && !is_office(c->site) && ms_is_brand_site(c->from[0].domain);
    if (known && ms_sign_find(c->signs, MS_SIGN_LEADS_ELSEWHERE) && !c->count[MS_SAID_LIST_ID])
        ms_claims_sign(c, MS_SIGN_OWNER_ELSEWHERE, c->m->headers.from);
}

/* Who asks to call about something that nobody ordered is a company, by its own words. */
static void check_bills(const struct ms_claims *c)
{
    if (ms_sign_find(c->signs, MS_SIGN_WORDS_DISPUTE) && ms_is_freemail(c->site) && !c->count[MS_SAID_LIST_ID])
        ms_claims_sign(c, MS_SIGN_SENDER_FREE_BILLS, c->m->headers.from);
}

void ms_check_sender(struct ms_signs *signs, const struct ms_message *m)
{
    struct ms_claims c = { .signs = signs, .m = m, .arena = signs->arena };
    if (m->top.n == 0)
        return;
    read_fields(&c);
    check_from(&c);
    check_domain(&c);
    ms_check_sender_names(&c);
    check_reply(&c);
    check_envelope(&c);
    ms_check_sender_fields(&c);
    check_trust(&c);
    ms_check_trace(signs, &c.hops, from_outside(m->session) ? m->session : NULL);
    ms_check_links(signs, m, &c.own);
    ms_check_own_links(signs, m, &c.ours);
    check_owner(&c);
    check_bills(&c);
}
