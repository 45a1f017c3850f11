/* check/campaign.c - dangerous messages that belong together: they share a file, a link, their words, or sender's domain and subject.
 *
 * Each message brings keys; messages with a key in common, over whatever others, are one campaign. The same message on its way through
 * several sessions (by its Message-ID) counts once.
 *
 * Limits   groups: keys, and messages by Message-ID; MOST_KEYS of one message.
 * BUGS     Who gives all of his messages the same Message-ID sends one message.                                             */
#include "base/text.h"
#include "check/private.h"
#include "content/link/url.h"
#include "mail/site.h"

enum { MOST_KEYS = 16, FEWEST = 3, TEXT_BYTES = 200 };
enum kind { FILE_DIGEST, LINK, WORDS, SUBJECT, KINDS };
static const char *const kind_words[KINDS] = { "a file", "the host and the shape of a link", "their words", "subject and sender's domain" };

struct key { uint64_t hash, kind; };

struct campaign {
    struct campaign        *into;   /* it became part of that one; NULL: it stands for itself */
    struct ms_case          first;
    struct ms_seen_sessions seen;
    uint32_t                messages;
    unsigned                shared; /* 1 << enum kind */
    bool                    malicious;
};

struct ms_campaigns {
    struct ms_map    keys;          /* struct key -> struct campaign */
    struct ms_map    ids;           /* hash of a Message-ID -> seen */
    struct ms_buffer all;           /* struct campaign *, in order of appearance */
    struct ms_map   *origins;
};

struct ms_campaigns *ms_campaigns_create(const struct ms_limits *limits, struct ms_map *origins)
{
    struct ms_campaigns *c = ms_alloc(sizeof *c);
    c->keys.cap = c->ids.cap = ms_groups_cap(limits);
    c->origins = origins;
    return c;
}

void ms_campaigns_destroy(struct ms_campaigns *c)
{
    ms_map_finish(&c->keys);
    ms_map_finish(&c->ids);
    ms_buffer_finish(&c->all);
    ms_free(c);
}

uint64_t ms_campaigns_refused(const struct ms_campaigns *c) { return c->keys.refused + c->ids.refused; }

/* ---- keys -------------------------------------------------------------------------------------------------------- */

struct keys { struct key at[MOST_KEYS]; size_t n; };

static void add_key(struct keys *k, enum kind kind, uint64_t hash)
{
    if (k->n < MOST_KEYS)
        k->at[k->n++] = (struct key){ hash, kind };
}

/* "/login/a7f3/x.php" is "/login/ * /x.php": parts with digits in them change from one message to the next. */
static void add_shape(struct ms_buffer *t, struct ms_bytes path)
{
    size_t before = t->n, kept = 0;
    for (struct ms_bytes rest = path; rest.n;) {
        struct ms_bytes part = ms_head(rest, ms_find(rest, '/'));
        bool            changes = false;
        for (size_t i = 0; i < part.n && !changes; i++)
            changes = ms_is_digit(part.p[i]);
        ms_text_add(t, changes ? MS_LIT("*") : part);
        ms_text_char(t, '/');
        kept += !changes && part.n;
        rest = ms_tail(rest, part.n + 1);
    }
    if (kept)
        return;
    t->n = before; /* nothing of it would be left */
    ms_text_add(t, path);
}

static void add_link(struct keys *k, const struct ms_url *u)
{
    struct ms_arena    scratch = { 0 };
    struct ms_buffer   t = { 0 };
    struct ms_url_view view;
    if (ms_url_read(u->url, &scratch, &view)) {
        ms_text_add(&t, u->host);
        add_shape(&t, view.path);
        add_key(k, LINK, ms_hash(ms_buffer_bytes(&t)));
    }
    ms_buffer_finish(&t);
    ms_arena_finish(&scratch);
}

struct ms_bytes ms_from_domain(const struct ms_message *m)
{
    struct ms_bytes domain = ms_address_domain(m->headers.from);
    size_t          n = 0;
    while (n < domain.n && domain.p[n] != '>' && !ms_is_blank(domain.p[n]))
        n++;
    return ms_head(domain, n);
}

static void add_subject(struct keys *k, const struct ms_message *m)
{
    struct ms_bytes  domain = ms_from_domain(m);
    struct ms_buffer t = { 0 };
    if (!domain.p || m->headers.subject.n == 0)
        return;
    ms_text_add(&t, ms_site(domain));
    ms_text_char(&t, 0);
    ms_text_add(&t, m->headers.subject);
    add_key(k, SUBJECT, ms_hash(ms_buffer_bytes(&t)));
    ms_buffer_finish(&t);
}

static void collect(struct keys *k, const struct ms_message *m)
{
    if (m->text_digest)
        add_key(k, WORDS, m->text_digest);
    add_subject(k, m);
    for (size_t i = 0; i < m->part_count; i++)
        if (ms_part_is_file(&m->parts[i]))
            add_key(k, FILE_DIGEST, ms_hash((struct ms_bytes){ m->parts[i].sha256, sizeof m->parts[i].sha256 }));
    for (size_t i = 0; i < m->url_count && k->n < MOST_KEYS; i++)
        if (m->urls[i].host.n && !ms_is_brand_host(m->urls[i].host))
            add_link(k, &m->urls[i]);
}

/* ---- messages ---------------------------------------------------------------------------------------------------- */

static struct campaign *stands_for(struct campaign *c)
{
    while (c->into) {
        if (c->into->into)
            c->into = c->into->into;
        c = c->into;
    }
    return c;
}

static void take_in(struct campaign *to, struct campaign *from)
{
    from->into = to;
    to->messages += from->messages;
    to->shared |= from->shared;
    to->malicious |= from->malicious;
    for (uint32_t i = 0; i < from->seen.n && i < MS_SEEN_SESSIONS; i++)
        ms_sessions_see(&to->seen, from->seen.at[i]);
    if (from->seen.n > MS_SEEN_SESSIONS)
        to->seen.n += from->seen.n - MS_SEEN_SESSIONS;
    for (int i = 0; i < from->first.fact.frame_count; i++)
        ms_fact_frame(&to->first.fact, from->first.fact.frames[i]);
}

static struct ms_bytes bytes_of(const struct key *k) { return (struct ms_bytes){ (const uint8_t *)k, sizeof *k }; }

/* The older one stays, so that the order of the output is that of the messages. */
static struct campaign *united(struct campaign *a, struct campaign *b)
{
    bool             older = a->first.fact.message < b->first.fact.message;
    struct campaign *to = older ? a : b;
    take_in(to, older ? b : a);
    return to;
}

static struct campaign *known(struct ms_campaigns *c, const struct keys *k)
{
    struct campaign *found = NULL;
    for (size_t i = 0; i < k->n; i++) {
        struct campaign *one = c->keys.count ? ms_map_get(&c->keys, bytes_of(&k->at[i])) : NULL;
        if (!one)
            continue;
        one = stands_for(one);
        one->shared |= 1u << k->at[i].kind;
        found = found && found != one ? united(found, one) : one;
    }
    return found;
}

static struct campaign *create(struct ms_campaigns *c, const struct ms_message *m)
{
    struct campaign *one = ms_arena_alloc(&c->keys.arena, sizeof *one);
    one->first = ms_case_of_message(&c->keys.arena, MS_RULE_CAMPAIGN, m);
    one->first.fact.subject = ms_arena_keep(&c->keys.arena, ms_head(m->headers.subject, TEXT_BYTES));
    ms_buffer_append(&c->all, (struct ms_bytes){ (const uint8_t *)&one, sizeof one });
    return one;
}

static bool is_new(struct ms_campaigns *c, const struct ms_message *m)
{
    struct key id = { m->headers.message_id.n ? ms_hash(m->headers.message_id) : m->id, m->headers.message_id.n > 0 };
    void     **at = ms_map_put(&c->ids, bytes_of(&id));
    bool       fresh = at && !*at;
    if (at)
        *at = c;
    return fresh;
}

void ms_campaigns_message(struct ms_campaigns *c, const struct ms_message *m)
{
    struct keys k = { .n = 0 };
    if (!m->signs || !m->session || m->verdict.class_ == MS_CLASS_CLEAN)
        return;
    collect(&k, m);
    struct campaign *one = known(c, &k);
    if (!one && (k.n == 0 || c->keys.count >= c->keys.cap))
        return;
    one = one ? one : create(c, m);
    for (size_t i = 0; i < k.n; i++) {
        void **at = ms_map_put(&c->keys, bytes_of(&k.at[i]));
        if (at && !*at)
            *at = one;
    }
    one->messages += is_new(c, m);
    one->malicious |= m->verdict.class_ == MS_CLASS_MALICIOUS;
    ms_sessions_see(&one->seen, ms_origin_of(c->origins, m->session));
    ms_fact_frame(&one->first.fact, m->first_frame);
}

/* ---- the end ------------------------------------------------------------------------------------------------------ */

static void tell(const struct campaign *one, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_case   k = one->first;
    struct ms_buffer words = { 0 };
    const char      *between = "";
    ms_text_str(&words, "They share ");
    for (unsigned kind = 0; kind < KINDS; kind++) {
        if (!(one->shared >> kind & 1))
            continue;
        ms_text_str(&words, between);
        ms_text_str(&words, kind_words[kind]);
        between = ", ";
    }
    ms_text_str(&words, "; sessions ");
    ms_sessions_say(&one->seen, &words);
    k.session = one->seen.at[0]->session;
    k.fact.severity = one->malicious ? MS_SEVERITY_ERROR : MS_SEVERITY_WARNING;
    k.fact.count = one->messages;
    k.fact.detail = ms_buffer_bytes(&words);
    report(ctx, &k);
    ms_buffer_finish(&words);
}

void ms_campaigns_finish(struct ms_campaigns *c, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct campaign **all = (struct campaign **)(void *)c->all.p;
    for (size_t i = 0; i < c->all.n / sizeof *all; i++)
        if (!all[i]->into && all[i]->messages >= FEWEST && all[i]->seen.n > 1)
            tell(all[i], report, ctx);
}
