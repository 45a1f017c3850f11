/* check/sender.c - who says that he sent a message: header fields, envelope and the session, compared.
 *
 * Every test here needs the message and its session alone; what needs DNS answers is in auth/. */
#include "base/text.h"
#include "check/private.h"
#include "mail/date.h"
#include "mail/header.h"
#include "content/link/link.h"
#include "mail/site.h"

enum { MAILBOXES = 8, HOUR = 3600, DAY = 86400, FUTURE_HOURS = 6, PAST_DAYS = 14 };
static const int64_t SECOND = 1000000000;

/* The fields that are looked at, by what they say; raw values, the first of each. */
enum field { FROM, SENDER, TO, CC, SUBJECT, DATE, MESSAGE_ID, REPLY_TO, MAILER, PRIORITY, IMPORTANCE, PHP, LIST_ID, UNSUBSCRIBE, RETURN_PATH, TYPE, THREAD, FIELD_COUNT };
static const char *const field_names[FIELD_COUNT] = { "from", "sender", "to", "cc", "subject", "date", "message-id", "reply-to", "x-mailer", "x-priority",
                                                      "importance", "x-php-originating-script|x-php-script", "list-id|list-unsubscribe", "list-unsubscribe", "return-path", "content-type",
                                                      "in-reply-to|references|thread-index|thread-topic|x-forwarded-message-id" };

struct look {
    struct ms_signs         *signs;
    const struct ms_message *m;
    struct ms_arena         *arena;
    struct ms_bytes          value[FIELD_COUNT];
    uint32_t                 count[FIELD_COUNT];
    struct ms_mailbox        from[MAILBOXES], reply[MAILBOXES];
    size_t                   from_count, reply_count;
    struct ms_bytes          site;    /* of the first From address; empty when there is none */
    struct ms_bytes          carrier; /* domain of the return path */
    struct ms_sites          own;     /* its and those of who carries and signs it */
    struct ms_hops           hops;    /* Received fields */
    struct ms_sites          ours;    /* of the recipients, as far as they are their own */
};

static void sign(const struct look *l, enum ms_sign_kind kind, struct ms_bytes evidence) { ms_sign_add(l->signs, kind, MS_SIGN_WHOLE, evidence); }

static struct ms_bytes domain_of(struct ms_bytes address)
{
    for (size_t i = address.n; i > 0; i--)
        if (address.p[i - 1] == '@')
            return ms_tail(address, i);
    return (struct ms_bytes){ NULL, 0 };
}

static bool same_site(struct ms_bytes a, struct ms_bytes b) { return a.n && ms_equal_nocase(ms_site(a), ms_site(b)); }

/* A recipient of the envelope at this site. */
static bool is_ours(const struct look *l, struct ms_bytes domain)
{
    for (size_t i = 0; i < l->m->envelope.to_count && i < MAILBOXES; i++)
        if (same_site(domain, domain_of(l->m->envelope.to[i].address)))
            return true;
    return false;
}

/* ---- fields ------------------------------------------------------------------------------------------------- */

/* A From field whose name has blanks around it, or a line end behind it, is one for some programs only. */
static bool is_disguised_from(const struct ms_header_field *f)
{
    size_t colon = ms_find(f->whole, ':');
    bool   blank_behind = colon > 0 && (ms_is_blank(f->whole.p[colon - 1]) || f->whole.p[colon - 1] == '\n');
    return ms_equal_nocase(f->name, MS_LIT("from")) && (blank_behind || ms_is_blank(ms_at(f->whole, 0)));
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

static void add_signers(struct look *l, bool *proven)
{
    const struct ms_authentication *a = l->m->authentication;
    for (size_t i = 0; a && i < a->signer_count; i++) {
        if (a->signers[i].proof != MS_PROOF_NONE)
            ms_sites_add(&l->own, a->signers[i].domain);
        *proven |= a->signers[i].proof == MS_PROOF_GIVEN;
    }
}

/* Whoever forges a message writes what he likes into its fields and its envelope: that counts when a signature or SPF vouches for somebody. Without
 * the DNS answers that would settle it, signatures whose body hash is right count, and Sender, since lists have little else. */
static void read_carrier(struct look *l)
{
    const struct ms_authentication *a = l->m->authentication;
    enum ms_proof   envelope = a ? (enum ms_proof)a->envelope : MS_PROOF_OPEN;
    bool            proven = envelope == MS_PROOF_GIVEN;
    struct ms_bytes carrier = domain_of(l->value[RETURN_PATH]), sender = domain_of(l->value[SENDER]);
    l->carrier = ms_head(carrier, ms_find(carrier, '>'));
    add_signers(l, &proven);
    if (envelope == MS_PROOF_GIVEN)
        ms_sites_add(&l->own, domain_of(l->m->envelope.from));
    if (proven)
        ms_sites_add(&l->own, host_in(l->value[UNSUBSCRIBE]));
    if (proven || envelope == MS_PROOF_OPEN)
        ms_sites_add(&l->own, ms_head(sender, ms_find(sender, '>')));
}

/* "Miller, Ann <ann@example.com>" without quotes is two senders, of which one has an address: that one is meant. */
static void take_unquoted(struct look *l)
{
    size_t real = 0, at = 0;
    for (size_t i = 0; i < l->from_count && i < MAILBOXES; i++)
        if (l->from[i].domain.n) {
            real++;
            at = i;
        }
    if (real != 1 || l->from_count == 1)
        return;
    sign(l, MS_SIGN_NAME_UNQUOTED, l->value[FROM]);
    l->from[0] = l->from[at];
    l->from[0].display = ms_head(l->m->headers.from, ms_find(l->m->headers.from, '<'));
    l->from_count = 1;
}

static void add_ours(struct look *l, struct ms_bytes domain)
{
    if (!ms_is_freemail(ms_site(domain)))
        ms_sites_add(&l->ours, domain);
}

/* By the envelope; in a file by To, which is said by the sender. */
static void read_recipients(struct look *l)
{
    const struct ms_envelope *v = &l->m->envelope;
    struct ms_mailbox         to[MAILBOXES];
    for (size_t i = 0; i < v->to_count && i < MAILBOXES; i++)
        add_ours(l, domain_of(v->to[i].address));
    size_t n = v->to_count ? 0 : ms_parse_addresses(l->value[TO], to, MAILBOXES, l->arena);
    for (size_t i = 0; i < n && i < MAILBOXES; i++)
        add_ours(l, to[i].domain);
}

static void read_fields(struct look *l)
{
    struct ms_bytes        rest = l->m->top;
    struct ms_header_field f;
    while (ms_header_next(&rest, &f)) {
        if (is_disguised_from(&f))
            sign(l, MS_SIGN_FROM_AMBIGUOUS, f.whole);
        if (l->hops.n < MS_HOPS && ms_equal_nocase(f.name, MS_LIT("received")))
            l->hops.at[l->hops.n++] = f.value;
        for (int i = 0; i < FIELD_COUNT; i++)
            if (ms_is_one_of(f.name, field_names[i]) && l->count[i]++ == 0)
                l->value[i] = f.value;
    }
    l->from_count = ms_parse_addresses(l->value[FROM], l->from, MAILBOXES, l->arena);
    l->reply_count = ms_parse_addresses(l->value[REPLY_TO], l->reply, MAILBOXES, l->arena);
    take_unquoted(l);
    read_recipients(l);
    if (l->from_count)
        l->own.sender = l->site = ms_site(l->from[0].domain);
    read_carrier(l);
}

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

static void check_domain(const struct look *l)
{
    struct ms_bytes domain = ms_arena_lower(l->arena, l->from_count ? l->from[0].domain : l->site);
    bool            dotted = ms_find(domain, '.') < domain.n; /* inside of a network, and in files, a bare name may be that of a host */
    bool            carried = ms_find(l->carrier, '.') < l->carrier.n && ms_find(l->carrier, '@') == l->carrier.n; /* by somebody else */
    bool            judged = l->m->session ? from_outside(l->m->session) : dotted || carried;
    if (domain.n && judged && (!is_name(domain) || (domain.p[0] != '[' && !is_local_name(domain) && !ms_host_has_suffix(domain))))
        sign(l, MS_SIGN_SENDER_NO_DOMAIN, l->m->headers.from);
    else if (is_free_name(domain))
        sign(l, MS_SIGN_SENDER_FREE_HOST, l->m->headers.from);
}

enum letter { DIGIT = 1, SMALL = 2, CAPITAL = 4, OTHER = 8 };
struct row { unsigned pieces, odd, changes, kinds; };

static enum letter letter_of(uint8_t c) { return ms_is_digit(c) ? DIGIT : c >= 'a' && c <= 'z' ? SMALL : c >= 'A' && c <= 'Z' ? CAPITAL : OTHER; }

/* The pieces of a row of letters and digits, which end in front of a capital behind something else, and at digits; those that are no words, without a
 * vowel or with several capitals in front of small letters; how often the kind of letter changes; which there are. */
static struct row row_of(struct ms_bytes word)
{
    struct row  r = { 0 };
    unsigned    letters = 0, vowels = 0, capitals = 0;
    enum letter before = OTHER;
    for (size_t i = 0; i <= word.n; i++) {
        uint8_t     c = ms_at(word, i);
        enum letter kind = i < word.n ? letter_of(c) : OTHER;
        bool        letter = kind == SMALL || kind == CAPITAL;
        if (letters && (!letter || (kind == CAPITAL && before != CAPITAL))) {
            r.pieces++;
            r.odd += vowels == 0 || (capitals > 1 && capitals < letters);
            letters = vowels = capitals = 0;
        }
        letters += letter;
        capitals += kind == CAPITAL;
        vowels += letter && strchr("aeiouyAEIOUY", c);
        r.changes += i > 0 && i < word.n && kind != before;
        r.kinds |= i < word.n ? kind : 0;
        before = kind;
    }
    return r;
}

/* "MgIJJaye", "CqJRjHgIz", "TvMNTPC" */
static bool is_random(struct ms_bytes local)
{
    enum { SHORTEST = 7 };
    struct row r = row_of(local);
    return local.n >= SHORTEST && !(r.kinds & (DIGIT | OTHER)) && r.pieces > 1 && r.odd > 1;
}

/* With digits: "kpS5LnEqtk1". */
static bool is_random_word(struct ms_bytes word)
{
    enum { SHORTEST = 10, LONGEST = 40, CHANGES = 6 };
    struct row r = row_of(word);
    return word.n >= SHORTEST && word.n <= LONGEST && r.kinds == (DIGIT | SMALL | CAPITAL) && r.changes >= CHANGES && r.odd > 1;
}

static bool is_service_name(struct ms_bytes name)
{
    static const char *const words[] = { "support", "security", "service", "billing", "customer", "account", "accounts", "bank", "helpdesk", "help desk", "administrator",
                                         "notification", "alert", "invoice", "payment", "department", "atendimento", "suporte", "kundenservice", "soporte" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_has_word(name, ms_str(words[i])))
            return true;
    return false;
}

/* Arrows, signs, pictures (not those of flags and families, which people use in names of groups), letters in other shapes. */
static bool is_symbol(uint32_t c)
{
    return (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1d400 && c <= 0x1d7ff) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x1d00 && c <= 0x1d2b);
}

static bool is_decorated(struct ms_bytes name)
{
    uint32_t c = 0;
    for (size_t n; name.n; name = ms_tail(name, n ? n : 1)) {
        n = ms_utf8_sequence(name, &c);
        bool repeated = name.n > 2 && name.p[0] == name.p[1] && name.p[1] == name.p[2] && name.p[0] > ' ' && name.p[0] < '0';
        if ((n > 1 && is_symbol(c)) || repeated)
            return true;
    }
    return false;
}

/* "support-paypal.example", "paypal.login.example"; "paypal.example" may be hers in another country. */
static struct ms_bytes posing(struct ms_bytes domain)
{
    struct ms_bytes label = ms_head(domain, ms_find(domain, '.'));
    bool            alone = ms_equal(label, ms_head(ms_site(domain), label.n)) && ms_find(label, '-') == label.n;
    return alone ? (struct ms_bytes){ NULL, 0 } : ms_host_poses(domain);
}

static void check_sender_name(const struct look *l)
{
    if (l->from_count == 0)
        return;
    const struct ms_mailbox *from = &l->from[0];
    bool masked = false; /* in such a capture all names are rows of letters, those of domains as well */
    for (size_t i = 0; i < from->domain.n; i++)
        masked |= from->domain.p[i] >= 'A' && from->domain.p[i] <= 'Z';
    if (!masked && is_random(from->local))
        sign(l, MS_SIGN_SENDER_RANDOM, from->local);
    if (ms_is_freemail(l->site) && is_service_name(from->display))
        sign(l, MS_SIGN_SENDER_FREE_SERVICE, l->m->headers.from);
    struct ms_bytes brand = posing(from->domain);
    if (brand.n)
        sign(l, MS_SIGN_SENDER_POSES, brand);
    if (is_decorated(from->display))
        sign(l, MS_SIGN_NAME_DECORATED, from->display);
}

static bool has_control(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if ((b.p[i] < ' ' && !ms_is_blank(b.p[i]) && b.p[i] != '\r' && b.p[i] != '\n') || b.p[i] == 0x7f)
            return true;
    return false;
}

static void check_from(struct look *l)
{
    if (l->count[FROM] > 1)
        sign(l, MS_SIGN_MULTIPLE_FROM, l->value[FROM]);
    else if (l->from_count > 1 && !l->count[SENDER])
        sign(l, MS_SIGN_MULTIPLE_FROM, l->value[FROM]);
    if (has_control(l->value[FROM]) || has_control(l->m->envelope.from))
        sign(l, MS_SIGN_FROM_CONTROL, has_control(l->value[FROM]) ? l->value[FROM] : l->m->envelope.from);
    if (l->count[FROM] && (l->from_count == 0 || l->from[0].domain.n == 0))
        sign(l, MS_SIGN_FROM_MISSING, l->value[FROM]);
}

/* ---- the name shown ----------------------------------------------------------------------------------------- */

static bool is_word_byte(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || c >= 0x80; }

static void check_brand(const struct look *l, struct ms_bytes name)
{
    bool                   disguised;
    const struct ms_brand *b = ms_brand_in(name, &disguised);
    if (!b || ms_brand_owns(b, l->from[0].domain))
        return;
    sign(l, MS_SIGN_NAME_BRAND, l->m->headers.from);
    if (disguised)
        sign(l, MS_SIGN_NAME_DISGUISED, name);
}

/* The domain of a mail address inside the name; empty when there is none. */
static struct ms_bytes address_in(struct ms_bytes name)
{
    size_t at = ms_find(name, '@'), end = at + 1;
    while (end < name.n && (is_word_byte(name.p[end]) || name.p[end] == '-' || name.p[end] == '.'))
        end++;
    struct ms_bytes domain = ms_slice(name, at + 1, end > at + 1 ? end - at - 1 : 0);
    bool            dotted = ms_find(domain, '.') + 1 < domain.n;
    return at > 0 && at < name.n && dotted ? domain : (struct ms_bytes){ NULL, 0 };
}

/* Zero-width, bidi and other invisible characters; not the joiners of emoji and Indic scripts between non-ASCII. */
static bool is_hidden_character(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0x200b || c == 0xad || c == 0xfeff || c == 0x34f || c == 0x115f || c == 0x1160 ||
           c == 0x3164 || c == 0xffa0;
}

static bool has_hidden(struct ms_bytes text)
{
    uint32_t c = 0;
    for (size_t n; text.n; text = ms_tail(text, n ? n : 1)) {
        n = ms_utf8_sequence(text, &c);
        if (n > 1 && is_hidden_character(c))
            return true;
    }
    return false;
}

/* Services that hide addresses send on in their own name, with the first one's address in it: then all links are his. */
static bool leads_only_to(const struct ms_message *m, struct ms_bytes domain)
{
    bool any = false;
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        if (u->host.n && !u->loaded && !same_site(u->host, domain))
            return false;
        any |= u->host.n && !u->loaded;
    }
    return any;
}

static void check_name(const struct look *l)
{
    if (l->from_count == 0 || l->from[0].domain.n == 0)
        return;
    struct ms_bytes name = l->from[0].display, inside = address_in(name);
    if (inside.n && !same_site(inside, l->from[0].domain) && !leads_only_to(l->m, inside))
        sign(l, is_ours(l, inside) ? MS_SIGN_NAME_OWN_ADDRESS : MS_SIGN_NAME_ADDRESS, l->m->headers.from);
    check_brand(l, name);
    if (has_hidden(name) || has_hidden(l->m->headers.subject))
        sign(l, MS_SIGN_NAME_DISGUISED, has_hidden(name) ? name : l->m->headers.subject);
}

/* Of the recipient's own domain, where people look for the IT department and the boss. */
static void check_likeness(const struct look *l)
{
    struct ms_bytes  from = l->from_count ? l->from[0].domain : (struct ms_bytes){ NULL, 0 }, reply = l->reply_count ? l->reply[0].domain : from;
    enum ms_likeness worst = MS_UNLIKE;
    struct ms_bytes  evidence = l->m->headers.from;
    for (size_t i = 0; i < l->ours.n; i++) {
        if (same_site(from, l->ours.at[i]))
            return;
        enum ms_likeness f = ms_likeness_of(from, l->ours.at[i]), r = ms_likeness_of(reply, l->ours.at[i]);
        if (r > f && r > worst)
            evidence = l->m->headers.reply_to;
        worst = f > worst ? f : r > worst ? r : worst;
    }
    if (worst != MS_UNLIKE)
        sign(l, worst == MS_ALIKE ? MS_SIGN_SENDER_LOOKALIKE : MS_SIGN_SENDER_NEAR, evidence);
}

/* ---- addresses compared ------------------------------------------------------------------------------------- */

static bool same_address(const struct ms_mailbox *a, const struct ms_mailbox *b)
{
    return ms_equal_nocase(a->local, b->local) && ms_equal_nocase(a->domain, b->domain);
}

static void check_reply(const struct look *l)
{
    bool both_free = l->reply_count && l->from_count && ms_is_freemail(l->site) && ms_is_freemail(ms_site(l->reply[0].domain));
    if (both_free && !l->count[LIST_ID] && !same_address(&l->from[0], &l->reply[0])) {
        sign(l, MS_SIGN_REPLY_OTHER, l->m->headers.reply_to);
        return;
    }
    if (l->reply_count == 0 || l->reply[0].domain.n == 0 || l->site.n == 0 || same_site(l->reply[0].domain, l->site) || l->count[LIST_ID])
        return;
    bool free = ms_is_freemail(ms_site(l->reply[0].domain)) && !ms_is_freemail(l->site);
    sign(l, free ? MS_SIGN_REPLY_FREEMAIL : MS_SIGN_REPLY_ELSEWHERE, l->m->headers.reply_to);
}

static void check_envelope(const struct look *l)
{
    const struct ms_envelope *v = &l->m->envelope;
    struct ms_bytes           domain = domain_of(v->from);
    if (!v->seen || l->site.n == 0)
        return;
    if (domain.n && !same_site(domain, l->site))
        sign(l, MS_SIGN_ENVELOPE_ELSEWHERE, v->from);
    if (!from_outside(l->m->session))
        return;
    if (v->to_count == 1 && ms_equal_nocase(domain_of(v->to[0].address), l->from[0].domain) &&
        ms_starts_nocase(v->to[0].address, l->from[0].local) && ms_at(v->to[0].address, l->from[0].local.n) == '@')
        sign(l, MS_SIGN_SELF_SENDER, l->m->headers.from);
    if (is_ours(l, l->from[0].domain) && !ms_is_freemail(l->site))
        sign(l, MS_SIGN_OWN_DOMAIN_OUTSIDE, l->m->headers.from);
    struct ms_bytes helo = l->m->session->client.name;
    if (helo.n && is_ours(l, helo))
        sign(l, MS_SIGN_HELO_OURS, helo);
    else if (helo.n && ms_is_digit(helo.p[0]) && ms_is_digit(helo.p[helo.n - 1]) && ms_find(helo, '.') < helo.n)
        sign(l, MS_SIGN_HELO_ADDRESS, helo);
}

/* ---- what programs write ------------------------------------------------------------------------------------ */

static void check_date(const struct look *l)
{
    int64_t at, ahead;
    if (l->m->direction != MS_SENT && l->m->session)
        return; /* retrieved ones may be years old */
    if (!ms_parse_date(l->value[DATE], &at)) {
        sign(l, MS_SIGN_DATE_MISSING, l->value[DATE]);
        return;
    }
    if (!l->m->session || l->m->started == MS_UNKNOWN)
        return;
    ahead = (at - l->m->started) / SECOND;
    if (ahead > FUTURE_HOURS * HOUR)
        sign(l, MS_SIGN_DATE_FUTURE, l->value[DATE]);
    else if (ahead < -PAST_DAYS * DAY)
        sign(l, MS_SIGN_DATE_PAST, l->value[DATE]);
}

static void check_id(const struct look *l)
{
    struct ms_bytes id = ms_trim(l->value[MESSAGE_ID]);
    if (id.n == 0) {
        sign(l, MS_SIGN_ID_MISSING, id);
        return;
    }
    struct ms_bytes inner = ms_slice(id, 1, id.n > 2 ? id.n - 2 : 0), domain = domain_of(inner);
    size_t          first = ms_find(inner, '@');
    bool            quoted = ms_at(inner, 0) == '"', shaped = ms_at(id, 0) == '<' && ms_at(id, id.n - 1) == '>' && first > 0 && domain.n;
    if (!shaped || (!quoted && ms_find(ms_tail(inner, first + 1), '@') < inner.n - first - 1))
        sign(l, MS_SIGN_ID_MALFORMED, id);
    else if (l->site.n && !l->count[LIST_ID] && !same_site(domain, l->site) && !same_site(domain, domain_of(l->m->envelope.from)))
        sign(l, MS_SIGN_ID_ELSEWHERE, id);
}

/* Encoded words that hold nothing but ASCII. */
static bool is_needless(struct ms_bytes raw, struct ms_bytes decoded)
{
    for (size_t i = 0; i < decoded.n; i++)
        if (decoded.p[i] >= 0x80 || decoded.p[i] < ' ')
            return false;
    return ms_search_nocase(raw, MS_LIT("?b?")) < raw.n || ms_search_nocase(raw, MS_LIT("?q?")) < raw.n;
}

static bool is_raw(struct ms_bytes value)
{
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] >= 0x80)
            return true;
    return false;
}

/* "lRS", "lTAUCARD": a small L in front of capitals is read as an I. */
static bool is_disguised_word(struct ms_bytes word)
{
    bool capitals = word.n > 2 && word.p[0] == 'l';
    for (size_t i = 1; i < word.n; i++)
        capitals = capitals && letter_of(word.p[i]) == CAPITAL;
    return capitals;
}

/* Words of ASCII letters and digits. */
static bool any_word(struct ms_bytes text, bool (*is)(struct ms_bytes word))
{
    for (size_t from = 0, at = 0; at <= text.n; at++) {
        if (is_word_byte(ms_at(text, at)))
            continue;
        if (is(ms_slice(text, from, at - from)))
            return true;
        from = at + 1;
    }
    return false;
}

static void check_words(const struct look *l)
{
    if (is_needless(l->value[SUBJECT], l->m->headers.subject) || is_needless(l->value[FROM], l->m->headers.from))
        sign(l, MS_SIGN_WORDS_NEEDLESS, l->value[is_needless(l->value[SUBJECT], l->m->headers.subject) ? SUBJECT : FROM]);
    if (is_raw(l->value[SUBJECT]) || is_raw(l->value[FROM]))
        sign(l, MS_SIGN_HEADER_RAW, l->m->headers.subject);
    struct ms_bytes subject = l->value[SUBJECT];
    if (subject.n > 1 && ms_is_blank(subject.p[subject.n - 1]))
        sign(l, MS_SIGN_SUBJECT_BLANKS, l->m->headers.subject);
    if (any_word(l->m->headers.subject, is_random_word))
        sign(l, MS_SIGN_SUBJECT_RANDOM, l->m->headers.subject);
    if (any_word(l->m->headers.subject, is_disguised_word))
        sign(l, MS_SIGN_NAME_DISGUISED, l->m->headers.subject);
}

static void check_thread(const struct look *l)
{
    struct ms_bytes subject = ms_trim(l->m->headers.subject);
    if (ms_starts_nocase(subject, MS_LIT("re:")) && /* forwarded mail names none as a rule */
        !l->count[THREAD] && !l->count[LIST_ID])
        sign(l, MS_SIGN_REPLY_FALSE, l->m->headers.subject);
}

static void check_mailer(const struct look *l)
{
    struct ms_bytes mailer = ms_trim(l->value[MAILER]);
    bool            letters = false;
    for (size_t i = 0; i < mailer.n; i++)
        letters |= is_word_byte(mailer.p[i]) && !ms_is_digit(mailer.p[i]);
    if (mailer.n && !letters)
        sign(l, MS_SIGN_MAILER_DIGITS, mailer);
    if (l->count[PHP])
        sign(l, ms_search_nocase(l->value[PHP], MS_LIT("eval()'d")) < l->value[PHP].n ? MS_SIGN_SCRIPT_EVAL : MS_SIGN_SCRIPT_MAILER, l->value[PHP]);
    if (ms_at(l->value[PRIORITY], 0) == '1' || ms_starts_nocase(l->value[IMPORTANCE], MS_LIT("high")))
        sign(l, MS_SIGN_PRIORITY_HIGH, l->value[PRIORITY].n ? l->value[PRIORITY] : l->value[IMPORTANCE]);
}

/* Behind a line end: letters and hyphens, and a colon. */
static bool begins_field(struct ms_bytes b)
{
    size_t n = 0;
    while (n < b.n && (ms_is_letter(b.p[n]) || b.p[n] == '-'))
        n++;
    return n > 1 && ms_at(b, n) == ':';
}

/* `bare`: line ends that are whole are those of the header block. */
static bool is_injected(struct ms_bytes text, bool bare)
{
    for (size_t i = 0; i < text.n; i++) {
        bool ends = text.p[i] == '\r' ? !bare || ms_at(text, i + 1) != '\n' : text.p[i] == '\n' && !bare;
        if (ends && begins_field(ms_tail(text, i + 1)))
            return true;
    }
    return false;
}

/* A field in a field: behind a line end that an encoded word hides, or behind a bare CR. */
static void check_injection(const struct look *l)
{
    const struct ms_headers *h = &l->m->headers;
    const struct ms_bytes    shown[] = { h->subject, h->from, h->to, h->cc, h->reply_to };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (is_injected(shown[i], false))
            sign(l, MS_SIGN_HEADER_INJECTED, shown[i]);
    struct ms_bytes        rest = l->m->top;
    struct ms_header_field f;
    while (ms_header_next(&rest, &f))
        if (is_injected(f.whole, true))
            sign(l, MS_SIGN_HEADER_INJECTED, f.whole);
}

static void check_presence(const struct look *l)
{
    static const enum field essential[] = { FROM, DATE, MESSAGE_ID, SUBJECT, TO }, single[] = { DATE, SUBJECT, TO, MESSAGE_ID };
    int                     missing = 0;
    for (size_t i = 0; i < sizeof essential / sizeof *essential; i++)
        missing += l->count[essential[i]] == 0;
    if (missing >= 2 && l->m->complete)
        sign(l, MS_SIGN_ESSENTIALS_MISSING, (struct ms_bytes){ NULL, 0 });
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (l->count[single[i]] > 1)
            sign(l, MS_SIGN_FIELDS_REPEATED, ms_str(field_names[single[i]]));
    if ((l->count[TO] == 0 && l->count[CC] == 0) || ms_search_nocase(l->value[TO], MS_LIT("undisclosed")) < l->value[TO].n)
        sign(l, MS_SIGN_RECIPIENT_HIDDEN, l->value[TO]);
}

static void check_trust(const struct look *l)
{
    static const char *const kinds[] = { "multipart/signed", "multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime" };
    if (l->count[LIST_ID])
        sign(l, MS_SIGN_LIST_MAIL, l->value[LIST_ID]);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (ms_starts_nocase(l->value[TYPE], ms_str(kinds[i])))
            sign(l, MS_SIGN_SIGNED_MAIL, ms_str(kinds[i]));
}

void ms_check_sender(struct ms_signs *signs, const struct ms_message *m)
{
    struct look l = { .signs = signs, .m = m, .arena = signs->arena };
    if (m->top.n == 0)
        return;
    read_fields(&l);
    check_from(&l);
    check_domain(&l);
    check_sender_name(&l);
    check_name(&l);
    check_likeness(&l);
    check_reply(&l);
    check_envelope(&l);
    check_date(&l);
    check_id(&l);
    check_words(&l);
    check_thread(&l);
    check_mailer(&l);
    check_presence(&l);
    check_injection(&l);
    check_trust(&l);
    ms_check_trace(signs, &l.hops, from_outside(m->session) ? m->session : NULL);
    ms_check_links(signs, m, &l.own);
    ms_check_own_links(signs, m, &l.ours);
    if (l.from_count && ms_sign_find(signs, MS_SIGN_LEADS_ELSEWHERE) && !l.count[LIST_ID] && !ms_is_freemail(l.site) && ms_is_brand_site(l.from[0].domain))
        sign(&l, MS_SIGN_OWNER_ELSEWHERE, l.m->headers.from);
}
