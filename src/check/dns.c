/* check/dns.c - name lookups that mail needs: names that do not exist, resolvers that fail, are silent or slow.
 *
 * Mail's   MX; SRV of mail services; TLSA of _PORT._tcp; addresses of hosts that are the target of an MX or are called like mail hosts
 *          (smtp, imap, mx1, mail-out ...): mail_names.c. Block lists (reversed addresses, known zones), _dmarc, _domainkey, _mta-sts and PTR may well not exist.
 * When     troubles are judged at the end of the capture: another try, another resolver, another form of the name may have worked.
 * Memory   two maps bounded by the limit `groups`.                                                                          */
#include "check/private.h"
#include "net/dns.h"

enum { WINDOW_S = 60, SLOW_S = 1, PATIENCE_S = 2, KEY_BYTES = 16 + 2 + 256 };
static const int64_t SECOND = 1000000000;

enum trouble_kind { NO_NAME, FAILED, SILENT, NO_MX, NULL_MX, SLOW, NO_ADDRESS };

/* One kind of trouble with one question of one client. */
struct trouble {
    struct ms_case   k;          /* subject: the name; detail and cause are filled in at the end */
    uint16_t         types[2];   /* asked for; the second one 0 when there was only one */
    uint8_t          kind, rcode, tries;
    int64_t          since, last;
    bool             said;       /* in a session */
    bool             found;      /* the name was found with a suffix of the search list */
    bool             cut;        /* an answer came over UDP, without the records */
    struct trouble  *next;
};

/* The latest good answer. Type 0: an address of any kind. One without time is waited for: it would excuse a trouble. */
struct good { int64_t sent, replied; uint64_t frame, answer_frame; bool asked; }; /* asked: in vain, if there is no time */
enum { ANY_ADDRESS = 0, SAID = 0xffff, PREFIXES = 8 };

struct ms_questions {
    struct ms_map   good;        /* client, type, name -> struct good */
    struct ms_map   troubles;    /* client, kind, name -> struct trouble */
    struct trouble *first, *last;
    int64_t         now;         /* the latest time known */
};

struct ms_questions *ms_questions_create(const struct ms_limits *limits)
{
    struct ms_questions *q = ms_alloc(sizeof *q);
    q->good.cap = q->troubles.cap = ms_groups_cap(limits);
    q->now = MS_UNKNOWN;
    return q;
}

void ms_questions_destroy(struct ms_questions *q)
{
    ms_map_finish(&q->good);
    ms_map_finish(&q->troubles);
    ms_free(q);
}

uint64_t ms_questions_refused(const struct ms_questions *q) { return q->good.refused + q->troubles.refused; }

void ms_questions_clock(struct ms_questions *q, int64_t now)
{
    if (now > q->now)
        q->now = now;
}

/* ---- what was asked ---------------------------------------------------------------------------------------- */

struct key { uint8_t bytes[KEY_BYTES]; size_t n; };

static struct key key_of(const uint8_t client[16], unsigned what, struct ms_bytes name)
{
    struct key k = { .n = 18 + (name.n < 256 ? name.n : 256) };
    memcpy(k.bytes, client, 16);
    k.bytes[16] = (uint8_t)(what >> 8);
    k.bytes[17] = (uint8_t)what;
    for (size_t i = 18; i < k.n; i++)
        k.bytes[i] = ms_lower(name.p[i - 18]);
    return k;
}

static struct ms_bytes key_bytes(const struct key *k) { return (struct ms_bytes){ k->bytes, k->n }; }

static const struct good *good_of(const struct ms_questions *q, const uint8_t client[16], unsigned type, struct ms_bytes name)
{
    struct key k = key_of(client, type, name);
    return ms_map_get(&q->good, key_bytes(&k));
}

static struct trouble *trouble_of(const struct ms_questions *q, const uint8_t client[16], enum trouble_kind kind, unsigned type, struct ms_bytes name)
{
    struct key k = key_of(client, (unsigned)kind << 12 | (type & 0xfff), name);
    return ms_map_get(&q->troubles, key_bytes(&k));
}

static const enum ms_rule rules[] = { [NO_NAME] = MS_RULE_DNS_NXDOMAIN, [FAILED] = MS_RULE_DNS_SERVFAIL, [SILENT] = MS_RULE_DNS_NO_ANSWER,
                                      [NO_MX] = MS_RULE_DNS_NO_MX, [NULL_MX] = MS_RULE_DNS_NO_MX, [SLOW] = MS_RULE_SLOW_DNS,
                                      [NO_ADDRESS] = MS_RULE_DNS_NO_ANSWER };

static struct trouble *new_trouble(struct ms_questions *q, const struct ms_lookup *l, enum trouble_kind kind)
{
    struct trouble *t = ms_arena_alloc(&q->troubles.arena, sizeof *t);
    t->k = (struct ms_case){ .fact = ms_fact_of(rules[kind]), .client = l->client, .server = l->resolver, .protocol = MS_PROTO_NONE };
    t->k.client.name = t->k.server.name = (struct ms_bytes){ NULL, 0 };
    t->k.fact.subject = ms_arena_keep(&q->troubles.arena, l->name);
    t->k.fact.count = 0;
    t->kind = (uint8_t)kind;
    t->since = l->sent;
    if (q->last)
        q->last->next = t;
    else
        q->first = t;
    q->last = t;
    return t;
}

static struct good *good_at(struct ms_questions *q, const uint8_t client[16], unsigned type, struct ms_bytes name, bool make)
{
    struct key   k = key_of(client, type, name);
    struct good *g = ms_map_get(&q->good, key_bytes(&k));
    void       **at = g || !make ? NULL : ms_map_put(&q->good, key_bytes(&k));
    if (at) {
        g = *at = ms_arena_alloc(&q->good.arena, sizeof *g);
        g->sent = g->replied = MS_UNKNOWN;
    }
    return g;
}

/* "mail.example.org.corp.example" does not exist and was only tried before, or after, "mail.example.org": what the search list of the client
 * makes of a name. An answer for the shorter name is waited for. */
static void expect_shorter(struct ms_questions *q, const struct ms_lookup *l)
{
    size_t dot = ms_find(l->name, '.');
    for (int i = 0; i < PREFIXES && dot < l->name.n; i++) {
        good_at(q, l->client.ip, ANY_ADDRESS, ms_head(l->name, dot), true);
        dot += 1 + ms_find(ms_tail(l->name, dot + 1), '.');
    }
}

/* A name that does not exist has no address of any kind; most other troubles are about one type. */
static struct trouble *add_trouble(struct ms_questions *q, const struct ms_lookup *l, enum trouble_kind kind)
{
    bool       any_type = kind == NO_NAME || kind == SLOW || kind == NO_ADDRESS;
    struct key k = key_of(l->client.ip, (unsigned)kind << 12 | (any_type ? 0u : l->type & 0xfffu), l->name);
    void     **at = ms_map_put(&q->troubles, key_bytes(&k));
    if (!at)
        return NULL;
    if (!*at)
        *at = new_trouble(q, l, kind);
    struct trouble *t = *at;
    t->k.fact.count += l->tries ? l->tries : 1;
    t->tries = l->tries > t->tries ? l->tries : t->tries;
    t->rcode = l->rcode;
    t->last = l->sent;
    if (t->types[0] == 0)
        t->types[0] = l->type;
    else if (t->types[1] == 0 && t->types[0] != l->type)
        t->types[1] = l->type;
    ms_fact_frame(&t->k.fact, l->frame);
    ms_fact_frame(&t->k.fact, l->answer_frame);
    return t;
}

static void add_slow(struct ms_questions *q, const struct ms_lookup *l, int64_t took, struct ms_bytes cause, const struct good *g)
{
    if (took < SLOW_S * SECOND)
        return;
    struct trouble *t = add_trouble(q, l, SLOW);
    if (!t || took <= t->k.fact.duration)
        return;
    t->k.fact.duration = took;
    t->k.fact.cause = cause;
    ms_fact_frame(&t->k.fact, g ? g->frame : 0);
    ms_fact_frame(&t->k.fact, g ? g->answer_frame : 0);
}

static bool near(int64_t a, int64_t b)
{
    int64_t span = a < b ? ms_span(a, b) : ms_span(b, a);
    return span != MS_UNKNOWN && span <= WINDOW_S * SECOND;
}

static void note_silent(struct ms_questions *q, const struct ms_lookup *l)
{
    const struct good *g = good_of(q, l->client.ip, l->type, l->name);
    struct trouble    *t;
    if (g && g->replied >= l->sent && near(g->replied, l->sent))
        add_slow(q, l, ms_span(l->sent, g->replied), MS_LIT("The first resolver that was asked did not answer; the client waited, then asked again elsewhere."), g);
    else if ((t = add_trouble(q, l, SILENT)))
        t->cut |= l->answered;
}

static bool is_address(uint16_t type) { return type == MS_DNS_A || type == MS_DNS_AAAA; }

static bool has_answer(const struct ms_lookup *l, uint16_t type)
{
    for (size_t i = 0; i < l->answer_count; i++)
        if (l->answers[i].type == type)
            return true;
    return false;
}

static bool is_null_mx(const struct ms_lookup *l)
{
    for (size_t i = 0; i < l->answer_count; i++)
        if (l->answers[i].type == MS_DNS_MX && (l->answers[i].target.n == 0 || ms_equal(l->answers[i].target, MS_LIT("."))))
            return true;
    return false;
}

static void set_good(struct good *g, const struct ms_lookup *l)
{
    if (g)
        *g = (struct good){ l->sent, l->replied, l->frame, l->answer_frame, true };
}

/* `mails`: remembered; else only when it was waited for. */
static void note_good(struct ms_questions *q, const struct ms_lookup *l, bool mails)
{
    set_good(good_at(q, l->client.ip, l->type, l->name, mails), l);
    if (!is_address(l->type) || !has_answer(l, l->type))
        return;
    set_good(good_at(q, l->client.ip, ANY_ADDRESS, l->name, mails), l);
    struct trouble *t = trouble_of(q, l->client.ip, NO_NAME, 0, ms_head(l->name, ms_find(l->name, '.')));
    if (t && near(l->replied, t->last))
        t->found = true; /* "mail" does not exist, "mail.corp.example" does */
}

/* "Truncated": the records are to be had over TCP, and did not come that way either. */
static bool is_cut_short(const struct ms_lookup *l)
{
    return l->answered && l->rcode == MS_DNS_OK && l->truncated && !l->over_tcp && !has_answer(l, l->type);
}

static void note_answer(struct ms_questions *q, const struct ms_lookup *l)
{
    if (l->incomplete && !has_answer(l, l->type))
        return; /* who knows what it had */
    if (l->type == MS_DNS_MX && is_null_mx(l))
        add_trouble(q, l, NULL_MX);
    else if (l->type == MS_DNS_MX && !has_answer(l, MS_DNS_MX))
        add_trouble(q, l, NO_MX);
    if (l->type == MS_DNS_MX && !has_answer(l, MS_DNS_MX))
        good_at(q, l->client.ip, ANY_ADDRESS, l->name, true); /* the domain's own address would do (RFC 5321 5.1) */
    else if (l->type != MS_DNS_MX && is_address(l->type) && !has_answer(l, l->type))
        add_trouble(q, l, NO_ADDRESS);
    note_good(q, l, true);
    add_slow(q, l, ms_span(l->sent, l->replied),
             l->tries > 1 ? MS_LIT("The question had to be asked again: the first packet, or its answer, was lost.")
                          : MS_LIT("The resolver took that long for it."), NULL);
}

/* Any name's address: it may be what was waited for. */
static void note_address(struct ms_questions *q, const struct ms_lookup *l)
{
    struct good *g = good_at(q, l->client.ip, ANY_ADDRESS, l->name, false);
    if (g)
        g->asked = true;
    if (l->answered && l->rcode == MS_DNS_OK && has_answer(l, l->type))
        note_good(q, l, false);
}

bool ms_questions_lookup(struct ms_questions *q, const struct ms_promises *p, const struct ms_lookup *l)
{
    ms_questions_clock(q, l->sent);
    ms_questions_clock(q, l->replied);
    bool address = is_address(l->type);
    if (address && q->troubles.count)
        note_address(q, l);
    if (!ms_mail_name_matters(p, l))
        return false;
    if (!l->answered || is_cut_short(l))
        note_silent(q, l);
    else if (l->rcode == MS_DNS_OK)
        note_answer(q, l);
    else if (l->rcode != MS_DNS_NXDOMAIN)
        add_trouble(q, l, FAILED);
    else if ((address || l->type == MS_DNS_MX) && add_trouble(q, l, NO_NAME))
        expect_shorter(q, l);
    return true;
}

/* ---- sessions: was the lookup that led here slow? ----------------------------------------------------------- */

void ms_questions_session(struct ms_questions *q, struct ms_watch **w, const struct ms_session *s)
{
    const struct ms_name_lookup *k = s->lookup;
    if (!k || k->duration == MS_UNKNOWN || k->duration < SLOW_S * SECOND)
        return;
    char            scratch[12];
    struct trouble *t = trouble_of(q, s->client.ip, SLOW, 0, k->name);
    struct good    *said = good_at(q, s->client.ip, SAID, k->name, true);
    if (said && said->frame == k->frame)
        return; /* the answer serves several sessions, and one waited for it */
    if (said)
        said->frame = k->frame;
    struct ms_fact f = ms_fact_of(MS_RULE_SLOW_DNS);
    f.subject = k->name;
    f.duration = k->duration;
    f.detail = ms_watch_text(ms_watch_of(w), "%s", ms_dns_type_name(k->type, scratch));
    f.cause = t ? t->k.fact.cause : f.cause;
    ms_fact_frame(&f, k->frame);
    ms_fact_frame(&f, k->answer_frame);
    ms_fact_frame(&f, s->first_frame);
    ms_fact_add(*w, &f);
    if (t)
        t->said = true;
}

/* ---- the end ------------------------------------------------------------------------------------------------ */

struct judge { const struct ms_questions *q; const struct ms_scope *scope; struct ms_arena arena; struct ms_buffer text; };

static bool answered_near(const struct ms_questions *q, const struct trouble *t, unsigned type, struct ms_bytes name)
{
    const struct good *g = good_of(q, t->k.client.ip, type, name);
    return g && (near(g->replied, t->last) || near(g->replied, t->since));
}

static bool has_address(const struct ms_questions *q, const struct trouble *t, struct ms_bytes name)
{
    return answered_near(q, t, ANY_ADDRESS, name);
}

static bool is_search_try(const struct ms_questions *q, const struct trouble *t)
{
    struct ms_bytes name = t->k.fact.subject;
    size_t          dot = ms_find(name, '.');
    for (int i = 0; i < PREFIXES && dot < name.n; i++) {
        if (has_address(q, t, ms_head(name, dot)))
            return true;
        dot += 1 + ms_find(ms_tail(name, dot + 1), '.');
    }
    return t->found;
}

static const char *no_name_cause(const struct judge *j, struct trouble *t)
{
    struct ms_bytes name = t->k.fact.subject;
    if (ms_mail_name_is_guess(name)) {
        t->k.fact.severity = MS_SEVERITY_NOTE;
        return "Mail programs try this name to find their settings; most domains do not have it.";
    }
    if (ms_scope_is_server(j->scope, t->k.client.ip)) {
        t->k.fact.severity = MS_SEVERITY_WARNING;
        return "The client of this lookup receives mail itself: it may have checked the domain of a sender, which would be a made-up one.";
    }
    return t->types[0] == MS_DNS_MX ? "A domain without any record cannot get mail: its name is misspelt, or it is no longer registered."
                                        : "Mail to or through it stops here; no connection is tried.";
}

static const char *rcode_cause(const struct trouble *t)
{
    return t->rcode == MS_DNS_SERVFAIL  ? "The resolver could not find it out: the domain's name servers do not answer, or its DNSSEC signatures are wrong."
           : t->rcode == MS_DNS_REFUSED ? "The resolver does not work for this client: it is set up for other networks, or knows its own zones only."
           : t->rcode == MS_DNS_FORMERR ? "The resolver did not understand the question, an old one perhaps that does not know EDNS."
                                        : NULL;
}

static bool judge_failed(const struct judge *j, struct trouble *t)
{
    if (answered_near(j->q, t, t->types[0], t->k.fact.subject)) {
        t->k.fact.severity = MS_SEVERITY_NOTE;
        t->k.fact.cause = MS_LIT("Another try, or another resolver, had the answer.");
        return true;
    }
    bool other = t->types[0] == MS_DNS_AAAA && answered_near(j->q, t, MS_DNS_A, t->k.fact.subject);
    bool little = t->types[0] == MS_DNS_SRV || t->types[0] == MS_DNS_TLSA;
    t->k.fact.severity = other ? MS_SEVERITY_NOTE : little ? MS_SEVERITY_WARNING : MS_SEVERITY_ERROR;
    t->k.fact.cause = t->types[0] == MS_DNS_TLSA ? MS_LIT("A sender that honours DANE keeps the mail back until this lookup works (RFC 7672 2.1).")
                                                 : ms_str(rcode_cause(t));
    return true;
}

static bool judge_silent(const struct judge *j, struct trouble *t)
{
    if (t->tries < 2 && t->k.fact.count < 2 && ms_span(t->last, j->q->now) < PATIENCE_S * SECOND)
        return false; /* the capture ends too soon to say */
    if (answered_near(j->q, t, t->types[0], t->k.fact.subject)) {
        t->k.fact.severity = MS_SEVERITY_NOTE;
        t->k.fact.cause = MS_LIT("A later try had the answer.");
        return true;
    }
    bool other = t->types[0] == MS_DNS_AAAA ? answered_near(j->q, t, MS_DNS_A, t->k.fact.subject)
                                            : t->types[0] == MS_DNS_A && answered_near(j->q, t, MS_DNS_AAAA, t->k.fact.subject);
    if (other || t->types[0] == MS_DNS_SRV || t->types[0] == MS_DNS_TLSA)
        t->k.fact.severity = MS_SEVERITY_WARNING;
    t->k.fact.command = MS_LIT("no answer came");
    t->k.fact.advice = MS_LIT("Check that the resolver runs and takes queries from this client (access list, firewall on UDP and TCP port 53), and that large "
                              "answers get through; see which resolvers the client is set to.");
    t->k.fact.cause = t->cut  ? MS_LIT("The answer was too long for UDP (\"truncated\"), and the one over TCP, which the client has to ask for then, did not come: "
                                     "a firewall may let UDP through only.")
                      : other ? MS_LIT("The other kind of address was answered: something drops questions or answers of this type, and clients wait for "
                                     "them in vain before they connect.")
                            : MS_LIT("The resolver is down, does not serve this client, or a firewall drops DNS; large answers may also be lost where "
                                     "fragments, or DNS over TCP, do not pass.");
    return true;
}

/* The name exists, and has no address. Where IPv4 alone was asked for, the client may want no more, and the host have IPv6 only. */
static bool judge_no_address(const struct judge *j, struct trouble *t)
{
    struct ms_bytes name = t->k.fact.subject;
    bool            both = t->types[1] != 0;
    if ((!both && t->types[0] == MS_DNS_AAAA) || is_search_try(j->q, t) || has_address(j->q, t, name))
        return false;
    t->k.fact.command = both ? MS_LIT("both answers are empty") : MS_LIT("the answer is empty (AAAA was not asked for)");
    t->k.fact.cause = MS_LIT("The name exists, but has no address, so no connection can be tried.");
    t->k.fact.advice = MS_LIT("Publish an address (A, AAAA) for this name, or correct the MX record or the setting that names it as a mail server.");
    if (ms_mail_name_is_guess(name))
        t->k.fact.severity = MS_SEVERITY_NOTE;
    else if (!both || ms_scope_is_server(j->scope, t->k.client.ip))
        t->k.fact.severity = MS_SEVERITY_WARNING;
    return true;
}

static bool judge_no_mx(const struct judge *j, struct trouble *t)
{
    bool checks = ms_scope_is_server(j->scope, t->k.client.ip);
    if (t->kind == NULL_MX) {
        t->k.fact.severity = checks ? MS_SEVERITY_NOTE : MS_SEVERITY_WARNING;
        t->k.fact.command = MS_LIT("null MX");
        t->k.fact.detail = MS_LIT("It has a null MX (a single MX record with the name \".\"): it says that it takes no mail at all");
        t->k.fact.cause = MS_LIT("Mail to it must come back at once with 5.1.10, without any connection.");
        return true;
    }
    if (has_address(j->q, t, t->k.fact.subject))
        return false; /* the address stands for the MX */
    const struct good *g = good_of(j->q, t->k.client.ip, ANY_ADDRESS, t->k.fact.subject);
    bool               asked = g && g->asked;
    t->k.fact.severity = checks || !asked ? MS_SEVERITY_WARNING : MS_SEVERITY_ERROR;
    t->k.fact.detail = asked ? MS_LIT("The name exists, but has no MX record, and no address that could take its place")
                             : MS_LIT("The name exists, but has no MX record; an address, which could take its place, was not asked for in the capture");
    return true;
}

static bool judge(const struct judge *j, struct trouble *t)
{
    switch ((enum trouble_kind)t->kind) {
    case NO_NAME:
        if (is_search_try(j->q, t) || has_address(j->q, t, t->k.fact.subject))
            return false;
        t->k.fact.cause = ms_str(no_name_cause(j, t));
        return true;
    case FAILED: return judge_failed(j, t);
    case SILENT: return judge_silent(j, t);
    case NO_MX:
    case NULL_MX: return judge_no_mx(j, t);
    case SLOW: return !t->said;
    case NO_ADDRESS: return judge_no_address(j, t);
    }
    return false;
}

static void word_types(struct judge *j, struct trouble *t)
{
    char a[12], b[12];
    if (t->k.fact.detail.n)
        return;
    j->text.n = 0;
    ms_buffer_append(&j->text, ms_str(ms_dns_type_name(t->types[0], a)));
    if (t->types[1]) {
        ms_buffer_append(&j->text, MS_LIT(" and "));
        ms_buffer_append(&j->text, ms_str(ms_dns_type_name(t->types[1], b)));
    }
    t->k.fact.detail = ms_arena_keep(&j->arena, ms_buffer_bytes(&j->text));
    if (t->kind == FAILED)
        t->k.fact.command = ms_arena_keep(&j->arena, ms_str(ms_dns_rcode_name(t->rcode, a)));
}

void ms_questions_finish(struct ms_questions *q, const struct ms_scope *scope, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct judge j = { .q = q, .scope = scope };
    for (struct trouble *t = q->first; t; t = t->next) {
        if (!judge(&j, t))
            continue;
        t->k.fact.count = t->types[1] ? (t->k.fact.count + 1) / 2 : t->k.fact.count; /* a pair of questions is one */
        word_types(&j, t);
        report(ctx, &t->k);
    }
    ms_arena_finish(&j.arena);
    ms_buffer_finish(&j.text);
}
