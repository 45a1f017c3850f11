/* check/chain.c - what only a capture can show: a dangerous message comes, and then somebody follows a link of it.
 *
 * The hosts of links of suspicious and malicious messages are watched for, from the message on: lookups of the name, and connections that ask
 * for it (engine/visit.c). Who received the message has fetched it (POP3, IMAP), or is the server that accepted it (SMTP, LMTP). Doors
 * that everybody uses (brands.def) are not watched: forged mail links to them as well. Files that come from there are told when they are of a kind that
 * attackers send, or the same as one that was attached to any message of the capture.
 *
 * Limits   watched_links: links, their hosts, who received or followed them, and the files that came.
 * BUGS     Addresses are hosts: behind NAT or a proxy it may have been another one. A path is the link's own when it is spelled alike.   */
#include "base/text.h"
#include "check/private.h"
#include "content/link/url.h"
#include "net/dns.h"

enum { KEY_BYTES = 16 + 255, TEXT_BYTES = 200 };

struct letter { /* a message whose links are watched */
    struct ms_case       base; /* of its session */
    const struct ms_origin *origin;
    int64_t              time;
    uint64_t             last_frame;
    enum ms_direction    direction;
    bool                 malicious;
};

struct site { const struct letter *letter; struct ms_bytes host; }; /* letter: the first that linked there */

struct follower { /* one address and one host */
    uint8_t              ip[16];
    const struct site   *site;
    const struct letter *letter;   /* that it received; else the first one that links there */
    bool                 received, exact; /* exact: the link itself was asked for */
    uint64_t             lookup_frame, answer_frame;
    int64_t              looked_up;
    uint32_t             visits;
    struct ms_visit      visit;    /* the first one, or the first that was exact */
};

struct loot { const struct follower *by; struct ms_visit visit; struct ms_download file; struct ms_bytes danger; /* signs, in words; empty: none */ };

struct ms_chain {
    struct ms_map  sites, links, followers, loot; /* host; host and path; address and host; address and digest */
    struct ms_map *origins;
};

struct ms_chain *ms_chain_create(const struct ms_limits *limits, struct ms_map *origins)
{
    struct ms_chain *c = ms_alloc(sizeof *c);
    c->sites.cap = c->links.cap = c->followers.cap = c->loot.cap = ms_cap(limits->watched_links);
    c->origins = origins;
    return c;
}

void ms_chain_destroy(struct ms_chain *c)
{
    ms_map_finish(&c->sites);
    ms_map_finish(&c->links);
    ms_map_finish(&c->followers);
    ms_map_finish(&c->loot);
    ms_free(c);
}

uint64_t ms_chain_refused(const struct ms_chain *c) { return c->sites.refused + c->links.refused + c->followers.refused + c->loot.refused; }

bool ms_chain_watches(const struct ms_chain *c, struct ms_bytes host)
{
    return c->sites.count && (host.n == 0 || ms_map_get(&c->sites, host));
}

/* ---- messages -------------------------------------------------------------------------------------------------- */

static struct follower *follower_of(struct ms_chain *c, const uint8_t ip[16], const struct site *site, bool make)
{
    uint8_t         key[KEY_BYTES];
    struct ms_bytes host = ms_head(site->host, KEY_BYTES - 16);
    memcpy(key, ip, 16);
    memcpy(key + 16, host.p, host.n);
    struct ms_bytes k = { key, 16 + host.n };
    if (!make)
        return ms_map_get(&c->followers, k);
    void **at = ms_map_put(&c->followers, k);
    if (!at || *at)
        return at ? *at : NULL;
    struct follower *f = *at = ms_arena_alloc(&c->followers.arena, sizeof *f);
    memcpy(f->ip, ip, 16);
    f->site = site;
    return f;
}

static struct letter *keep_letter(struct ms_chain *c, const struct ms_message *m)
{
    struct letter *l = ms_arena_alloc(&c->sites.arena, sizeof *l);
    *l = (struct letter){ .base = ms_case_of_message(&c->sites.arena, MS_RULE_LINK_FOLLOWED, m), .origin = ms_origin_of(c->origins, m->session), .time = m->ended,
                          .last_frame = m->last_frame, .direction = (enum ms_direction)m->direction,
                          .malicious = m->verdict.class_ == MS_CLASS_MALICIOUS };
    return l;
}

/* Host and path of a link, or of a request, one behind the other; "" is "/". */
static struct ms_bytes link_key(struct ms_bytes host, struct ms_bytes path, struct ms_bytes query, struct ms_buffer *room)
{
    room->n = 0;
    ms_text_add(room, host);
    ms_text_add(room, path.n ? path : MS_LIT("/"));
    if (query.n)
        ms_text_char(room, '?');
    ms_text_add(room, query);
    return ms_buffer_bytes(room);
}

static void watch_path(struct ms_chain *c, const struct ms_url *u)
{
    struct ms_arena    scratch = { 0 };
    struct ms_buffer   room = { 0 };
    struct ms_url_view view;
    void             **at = ms_url_read(u->url, &scratch, &view) ? ms_map_put(&c->links, link_key(u->host, view.path, view.query, &room)) : NULL;
    if (at)
        *at = c;
    ms_buffer_finish(&room);
    ms_arena_finish(&scratch);
}

static void watch_host(struct ms_chain *c, const struct ms_url *u, struct letter *l, const uint8_t receiver[16])
{
    void **at = ms_map_put(&c->sites, u->host);
    if (!at)
        return;
    if (!*at) {
        struct site *s = *at = ms_arena_alloc(&c->sites.arena, sizeof *s);
        *s = (struct site){ l, ms_arena_keep(&c->sites.arena, u->host) };
    }
    struct follower *f = follower_of(c, receiver, *at, true);
    if (!f || f->visits || (f->letter && f->letter->malicious > l->malicious))
        return;
    if (f->letter != l) /* what was before this message did not come of it */
        f->lookup_frame = f->answer_frame = 0;
    f->letter = l;
    f->received = true;
}

void ms_chain_message(struct ms_chain *c, const struct ms_message *m)
{
    bool fetched = m->direction == MS_RETRIEVED, taken = m->direction == MS_SENT && m->status == MS_STATUS_ACCEPTED;
    if (!m->signs || m->verdict.class_ == MS_CLASS_CLEAN || !(fetched || taken))
        return;
    struct letter *l = NULL;
    for (size_t i = 0; i < m->url_count; i++) {
        const struct ms_url *u = &m->urls[i];
        if (u->host.n == 0 || u->host.n > KEY_BYTES - 16 || ms_is_brand_host(u->host))
            continue;
        l = l ? l : keep_letter(c, m);
        watch_host(c, u, l, fetched ? m->session->client.ip : m->session->server.ip);
        watch_path(c, u);
    }
}

/* ---- what comes of them ------------------------------------------------------------------------------------------ */

void ms_chain_lookup(struct ms_chain *c, const struct ms_lookup *l)
{
    const struct site *site = c->sites.count ? ms_map_get(&c->sites, l->name) : NULL;
    struct follower   *f = site ? follower_of(c, l->client.ip, site, false) : NULL;
    uint64_t           frame = l->frame ? l->frame : l->answer_frame;
    if (!f || f->lookup_frame || frame <= f->letter->last_frame)
        return;
    f->lookup_frame = frame;
    f->answer_frame = l->answer_frame;
    f->looked_up = l->sent == MS_UNKNOWN ? l->replied : l->sent;
}

static struct ms_visit keep_visit(struct ms_arena *arena, const struct ms_visit *v)
{
    struct ms_visit kept = *v;
    kept.client.name = kept.server.name = kept.host = (struct ms_bytes){ NULL, 0 };
    kept.target = ms_arena_keep(arena, ms_head(v->target, TEXT_BYTES));
    kept.type = ms_arena_keep(arena, v->type);
    kept.downloads = NULL;
    kept.download_count = 0;
    return kept;
}

/* What would speak against it as an attachment, in words. */
static struct ms_bytes danger_of(struct ms_arena *arena, const struct ms_signs *signs)
{
    enum { WEIGHTY = 40, TOLD = 3 };
    struct ms_buffer words = { 0 };
    for (size_t i = 0, told = 0; i < signs->n && told < TOLD; i++) {
        const struct ms_sign *s = &signs->at[i];
        if (ms_sign_weight((enum ms_sign_kind)s->kind) < WEIGHTY)
            continue;
        ms_text_str(&words, told++ ? ", " : "");
        ms_text_str(&words, ms_sign_name((enum ms_sign_kind)s->kind));
        if (s->evidence.n == 0)
            continue;
        ms_text_str(&words, " (");
        ms_text_add(&words, s->evidence);
        ms_text_char(&words, ')');
    }
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&words));
    ms_buffer_finish(&words);
    return kept;
}

static void keep_loot(struct ms_chain *c, const struct follower *f, const struct ms_visit *v, const struct ms_download *d)
{
    uint8_t         key[16 + sizeof d->sha256];
    struct ms_visit visit = *v;
    memcpy(key, f->ip, 16);
    memcpy(key + 16, d->sha256, sizeof d->sha256);
    void **at = ms_map_put(&c->loot, (struct ms_bytes){ key, sizeof key });
    if (!at || *at)
        return;
    visit.target = d->target.n ? d->target : v->target;
    visit.answer_frame = d->answer_frame;
    struct loot *l = *at = ms_arena_alloc(&c->loot.arena, sizeof *l);
    *l = (struct loot){ f, keep_visit(&c->loot.arena, &visit), *d, danger_of(&c->loot.arena, d->signs) };
    l->file.name = l->file.target = (struct ms_bytes){ NULL, 0 };
    l->file.signs = NULL;
}

void ms_chain_visit(struct ms_chain *c, const struct ms_visit *v)
{
    const struct site *site = ms_map_get(&c->sites, v->host);
    struct ms_buffer   room = { 0 };
    struct follower   *f = site ? follower_of(c, v->client.ip, site, true) : NULL;
    if (!f)
        return;
    f->letter = f->letter ? f->letter : site->letter;
    bool exact = v->target.n && ms_map_get(&c->links, link_key(site->host, v->target, (struct ms_bytes){ NULL, 0 }, &room));
    ms_buffer_finish(&room);
    if (v->frame <= f->letter->last_frame)
        return;
    if (f->visits++ == 0 || (exact && !f->exact))
        f->visit = keep_visit(&c->followers.arena, v);
    f->exact |= exact;
    for (size_t i = 0; i < v->download_count; i++)
        keep_loot(c, f, v, &v->downloads[i]);
}

/* ---- the end ----------------------------------------------------------------------------------------------------- */

static void say_lookup(struct ms_buffer *t, const struct follower *f)
{
    int64_t after = ms_span(f->letter->time, f->looked_up);
    if (!f->lookup_frame)
        return;
    if (after >= 0)
        ms_text_format(t, ", %.1f s later it", (double)after / 1e9);
    ms_text_str(t, " looked up ");
    ms_text_add(t, f->site->host);
}

static void say_request(struct ms_buffer *t, const struct follower *f)
{
    const struct ms_visit *v = &f->visit;
    ms_text_str(t, " for ");
    ms_text_add(t, v->target);
    ms_text_str(t, f->exact ? ", the link itself," : ", another page there,");
    if (!v->status) {
        ms_text_str(t, " without an answer");
        return;
    }
    ms_text_format(t, " and got %u", v->status);
    if (v->type.n)
        ms_text_str(t, ", ");
    ms_text_add(t, v->type);
    ms_text_format(t, ", %llu bytes", (unsigned long long)(v->length ? v->length : v->bytes[MS_S2C]));
}

static void say_visit(struct ms_buffer *t, const struct follower *f)
{
    const struct ms_visit *v = &f->visit;
    ms_text_str(t, v->target.n ? " asked " : " connected to ");
    ms_text_add(t, f->lookup_frame ? (struct ms_bytes){ NULL, 0 } : f->site->host);
    ms_text_str(t, f->lookup_frame ? "" : " at ");
    ms_text_address(t, v->server.ip);
    ms_text_format(t, " port %u%s", v->server.port, v->tls ? " by TLS" : "");
    if (v->target.n)
        say_request(t, f);
    else
        ms_text_format(t, ", %llu bytes sent, %llu received", (unsigned long long)v->bytes[MS_C2S], (unsigned long long)v->bytes[MS_S2C]);
    if (f->visits > 1)
        ms_text_format(t, ", the first of %u connections", f->visits);
}

static void say(struct ms_buffer *t, const struct follower *f)
{
    ms_text_address(t, f->ip);
    if (f->received) {
        ms_text_str(t, f->letter->direction == MS_RETRIEVED ? " fetched it by " : " took it by ");
        ms_text_str(t, ms_protocol_word((enum ms_protocol)f->letter->base.protocol));
    }
    say_lookup(t, f);
    if (f->visits && (f->received || f->lookup_frame))
        ms_text_str(t, f->lookup_frame ? ", and" : ", and then it");
    if (f->visits)
        say_visit(t, f);
}

static enum ms_severity severity_of(const struct follower *f)
{
    bool certain = f->received && f->letter->direction == MS_RETRIEVED;
    if (!f->visits)
        return MS_SEVERITY_NOTE;
    return (enum ms_severity)((f->letter->malicious ? MS_SEVERITY_CRITICAL : MS_SEVERITY_ERROR) - !certain);
}

static struct ms_bytes cause_of(const struct follower *f)
{
    if (!f->visits)
        return MS_LIT("No connection by that name is in the capture: mail programs look names up before anybody clicks, and QUIC or an encrypted client hello would not be seen.");
    if (!f->received)
        return MS_LIT("This is another host than the one that the message went to: a reader whose own mail traffic is encrypted or not in the capture, or a filter that follows links.");
    return f->letter->direction == MS_RETRIEVED ? (struct ms_bytes){ NULL, 0 }
                                                : MS_LIT("The host is the mail server itself: filters on it follow links, too, when they look into messages.");
}

static void tell(const struct follower *f, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_case   k = f->letter->base;
    struct ms_buffer words = { 0 };
    say(&words, f);
    k.session = f->letter->origin ? f->letter->origin->session : 0;
    k.fact.severity = (uint8_t)severity_of(f);
    k.fact.subject = ms_head(f->site->host, TEXT_BYTES);
    k.fact.command = f->letter->malicious ? MS_LIT("malicious") : MS_LIT("suspicious");
    k.fact.detail = ms_buffer_bytes(&words);
    k.fact.cause = cause_of(f);
    k.fact.count = f->visits ? f->visits : 1;
    ms_fact_frame(&k.fact, f->lookup_frame);
    ms_fact_frame(&k.fact, f->answer_frame);
    ms_fact_frame(&k.fact, f->visit.frame);
    ms_fact_frame(&k.fact, f->visit.answer_frame);
    report(ctx, &k);
    ms_buffer_finish(&words);
}

static bool is_archive(const struct ms_download *d)
{
    static const char kinds[] = "application/zip|application/vnd.rar|application/x-7z-compressed|application/gzip|application/x-tar|application/x-bzip2|application/x-xz|"
                                "application/zstd|application/x-compress|application/x-lzip|application/vnd.ms-cab-compressed|application/x-iso9660-image|"
                                "application/x-udf-image|application/x-raw-disk-image|application/x-vhd";
    return d->detected && ms_is_one_of(ms_str(d->detected), kinds);
}

static void say_loot(struct ms_buffer *t, const struct loot *l, const struct ms_carried *same)
{
    ms_text_address(t, l->by->ip);
    ms_text_format(t, " got %llu bytes", (unsigned long long)l->file.size);
    if (l->file.detected)
        ms_text_format(t, " (by content %s)", l->file.detected);
    ms_text_str(t, " from ");
    ms_text_address(t, l->visit.server.ip);
    ms_text_format(t, " port %u, SHA-256 ", l->visit.server.port);
    ms_text_hex(t, (struct ms_bytes){ l->file.sha256, sizeof l->file.sha256 });
    if (l->danger.n)
        ms_text_str(t, ". In mail it would be ");
    ms_text_add(t, l->danger);
    if (!same)
        return;
    ms_text_format(t, ". The same file is attached to message %u", same->message);
    if (same->origin)
        ms_text_format(t, " of session %u", same->origin->session);
}

static void tell_loot(const struct loot *l, const struct ms_carried *same, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_case   k = l->by->letter->base;
    struct ms_buffer words = { 0 }, url = { 0 };
    bool             malicious = l->by->letter->malicious, dangerous = l->danger.n || (same && same->worst != MS_CLASS_CLEAN);
    say_loot(&words, l, same);
    ms_text_add(&url, l->by->site->host);
    ms_text_add(&url, l->visit.target);
    k.session = l->by->letter->origin ? l->by->letter->origin->session : 0;
    k.fact.rule = MS_RULE_LINK_DOWNLOAD;
    k.fact.severity = (uint8_t)(dangerous ? severity_of(l->by) : MS_SEVERITY_WARNING);
    k.fact.cause = cause_of(l->by);
    k.fact.subject = ms_head(ms_buffer_bytes(&url), TEXT_BYTES);
    k.fact.command = malicious ? MS_LIT("malicious") : MS_LIT("suspicious");
    k.fact.detail = ms_buffer_bytes(&words);
    ms_fact_frame(&k.fact, l->visit.frame);
    ms_fact_frame(&k.fact, l->visit.answer_frame);
    ms_fact_frame(&k.fact, l->file.last_frame);
    ms_fact_frame(&k.fact, same ? same->frame : 0);
    report(ctx, &k);
    ms_buffer_finish(&words);
    ms_buffer_finish(&url);
}

void ms_chain_finish(struct ms_chain *c, const struct ms_spread *files, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < c->followers.count; i++) {
        const struct follower *f = c->followers.entries[i].value;
        if (f->lookup_frame || f->visits)
            tell(f, report, ctx);
    }
    for (uint32_t i = 0; i < c->loot.count; i++) {
        const struct loot       *l = c->loot.entries[i].value;
        const struct ms_carried *same = ms_spread_find(files, l->file.sha256);
        if (same || l->danger.n || is_archive(&l->file))
            tell_loot(l, same, report, ctx);
    }
}
