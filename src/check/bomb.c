/* check/bomb.c - a mailbox buried under mail that nobody asked for: somebody enters its address in the forms of very many sites, so that one
 * letter among the others (an order, a changed password) goes unseen.
 *
 * What     counts is mail of strangers whose subject greets a new subscriber or asks for a confirmation, in any of a dozen languages.
 * Limits   groups: recipients, and the sites that wrote to each of them within a window.
 * BUGS     Windows begin with their first mail: what lies astride two of them counts half. Support desks are not told from what buries them.                           */
#include "check/private.h"
#include "mail/site.h"

#include <stdio.h>

enum { BOMB_S = 600, BOMB_MAILS = 30, BOMB_SITES = 20, ADDRESS_BYTES = 200 };

struct bombed { /* a recipient at one server */
    struct ms_case told;
    int64_t        since;
    uint32_t       mails, sites, window; /* in the window of that number */
    bool           full;
};

struct ms_bombs {
    struct ms_map bombed; /* server, recipient -> struct bombed */
    struct ms_map sites;  /* recipient, window, site -> seen */
};

struct ms_bombs *ms_bombs_create(const struct ms_limits *limits)
{
    struct ms_bombs *b = ms_alloc(sizeof *b);
    b->bombed.cap = b->sites.cap = ms_groups_cap(limits);
    return b;
}

void ms_bombs_destroy(struct ms_bombs *b)
{
    ms_map_finish(&b->bombed);
    ms_map_finish(&b->sites);
    ms_free(b);
}

uint64_t ms_bombs_refused(const struct ms_bombs *b) { return b->bombed.refused + b->sites.refused; }

static bool greets(struct ms_bytes subject)
{
    struct ms_words w;
    if (ms_starts_nocase(subject, MS_LIT("re:")))
        return false; /* somebody answers a list's question for confirmation */
    ms_words_init(&w, subject);
    return ms_words_have(&w, "confirm|welcome|verify|verification|activat|subscri|registration|registering|sign up|signing up|signup|newsletter|your account|"
                             "your new account|bestätig|willkommen|anmeldung|registrierung|abonn|bienvenue|inscription|bienvenid|suscri|registro|benvenut|"
                             "iscrizione|conferma|bem-vind|inscriç|welkom|aanmelding|bevestig|potwierd|rejestrac|witamy|välkommen|bekräfta|velkommen|"
                             "подтвер|Подтвер|Добро пожаловать|егистрац|подписк|確認|ようこそ|登録|确认|欢迎|注册|ยืนยัน|xác nhận|üyelik|onay");
}

/* Addresses to which many write, and such words, too: people of a list, customers. */
static bool is_of_many(struct ms_bytes address)
{
    static const char *const words[] = { "request", "join", "subscribe", "confirm", "owner", "majordomo", "listserv", "sympa", "archive", "support", "help", "helpdesk",
                                         "servicedesk", "service", "services", "customerservice", "customercare", "tickets", "hilfe", "kundenservice", "aide", "ayuda" };
    struct ms_bytes local = ms_head(address, ms_find(address, '@'));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_has_word(local, ms_str(words[i])))
            return true;
    return false;
}

/* Of whoever sends it: what a list passes on has many authors. */
static struct ms_bytes site_of(const struct ms_message *m)
{
    struct ms_bytes domain = ms_address_domain(m->envelope.from);
    return ms_site(domain.n ? domain : ms_from_domain(m));
}

static struct bombed *bombed_of(struct ms_bombs *b, const struct ms_message *m, struct ms_bytes address)
{
    const struct ms_session *s = m->session;
    uint8_t                  key[MS_SERVER_KEY + ADDRESS_BYTES];
    size_t                   n = address.n < ADDRESS_BYTES ? address.n : ADDRESS_BYTES;
    ms_server_key(key, &s->server);
    for (size_t i = 0; i < n; i++)
        key[MS_SERVER_KEY + i] = ms_lower(address.p[i]);
    void **at = ms_map_put(&b->bombed, (struct ms_bytes){ key, MS_SERVER_KEY + n });
    if (at && !*at) {
        struct bombed *who = *at = ms_arena_alloc(&b->bombed.arena, sizeof *who);
        who->told = (struct ms_case){ .fact = ms_fact_of(MS_RULE_MAIL_BOMB), .server = s->server, .protocol = s->protocol };
        who->told.server.name = ms_arena_keep(&b->bombed.arena, s->server.name);
        who->told.fact.user = ms_arena_keep(&b->bombed.arena, ms_head(address, ADDRESS_BYTES));
    }
    return at ? *at : NULL;
}

static bool is_new_site(struct ms_bombs *b, const struct bombed *who, struct ms_bytes site)
{
    uint8_t  key[20];
    uint64_t hash = ms_hash(site);
    memcpy(key, &who, 8);
    memcpy(key + 8, &hash, 8);
    memcpy(key + 16, &who->window, 4);
    void **at = ms_map_put(&b->sites, (struct ms_bytes){ key, sizeof key });
    bool   fresh = at && !*at;
    if (at)
        *at = b;
    return fresh;
}

static void note_mail(struct ms_bombs *b, struct bombed *who, const struct ms_message *m)
{
    int64_t span = who->mails ? ms_span(who->since, m->started) : -1;
    bool    within = span >= 0 && span <= BOMB_S * INT64_C(1000000000);
    if (!within && who->full)
        return;
    if (!within) {
        who->since = m->started;
        who->mails = who->sites = 0;
        who->window++;
        who->told.fact.frame_count = 0;
    }
    who->mails++;
    who->sites += is_new_site(b, who, site_of(m));
    who->full |= who->mails >= BOMB_MAILS && who->sites >= BOMB_SITES;
    who->told.fact.duration = within ? span : 0;
    ms_fact_frame(&who->told.fact, m->first_frame);
}

void ms_bombs_message(struct ms_bombs *b, const struct ms_message *m)
{
    const struct ms_session *s = m->session;
    bool inbound = s && m->direction == MS_SENT && m->status == MS_STATUS_ACCEPTED && s->auth_result != 1 && ms_is_stranger(&s->client, &s->server);
    if (!inbound || !greets(m->headers.subject))
        return;
    for (size_t i = 0; i < m->envelope.to_count; i++) {
        const struct ms_recipient *r = &m->envelope.to[i];
        struct bombed             *who = r->status == MS_STATUS_ACCEPTED && !is_of_many(r->address) ? bombed_of(b, m, r->address) : NULL;
        if (who)
            note_mail(b, who, m);
    }
}

void ms_bombs_finish(struct ms_bombs *b, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    char text[120];
    for (uint32_t i = 0; i < b->bombed.count; i++) {
        struct bombed *who = b->bombed.entries[i].value;
        if (!who->full)
            continue;
        int n = snprintf(text, sizeof text, "%u mails of %u sites within %.0f s greet a new subscriber or ask for a confirmation", who->mails, who->sites,
                         (double)who->told.fact.duration / 1e9);
        who->told.fact.detail = (struct ms_bytes){ (uint8_t *)text, n < 0 ? 0 : (size_t)n };
        who->told.fact.count = who->mails;
        report(ctx, &who->told);
    }
}
