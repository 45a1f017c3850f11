/* check/spread.c - the same file on several sessions: files of suspicious and malicious messages, and programs, by their SHA-256. All other files are
 * remembered by their first message alone, to be known again when somebody downloads them (chain.c).
 *
 * Limits   groups: files that are known.
 * BUGS     A file is known from the first such message on: what came before it, judged harmless, is not counted. A session counts again
 *          when others came between and it is none of the first.                                                              */
#include "base/text.h"
#include "check/private.h"

enum { TEXT_BYTES = 200 };

struct sample {
    struct ms_case          first;
    struct ms_seen_sessions seen;
    uint32_t                messages;
    uint8_t                 worst;  /* enum ms_class */
    bool                    program;
};

struct ms_spread { struct ms_map samples, carried; struct ms_map *origins; };

struct ms_spread *ms_spread_create(const struct ms_limits *limits, struct ms_map *origins)
{
    struct ms_spread *s = ms_alloc(sizeof *s);
    s->samples.cap = s->carried.cap = ms_groups_cap(limits);
    s->origins = origins;
    return s;
}

void ms_spread_destroy(struct ms_spread *s)
{
    ms_map_finish(&s->samples);
    ms_map_finish(&s->carried);
    ms_free(s);
}

uint64_t ms_spread_refused(const struct ms_spread *s) { return s->samples.refused + s->carried.refused; }

/* ---- what the checks across messages share ----------------------------------------------------------------------- */

const struct ms_origin *ms_origin_of(struct ms_map *origins, const struct ms_session *s)
{
    void **at = ms_map_put(origins, (struct ms_bytes){ (const uint8_t *)&s->first_frame, sizeof s->first_frame });
    if (!at)
        return NULL;
    struct ms_origin *o = *at ? *at : (*at = ms_arena_alloc(&origins->arena, sizeof *o));
    *o = (struct ms_origin){ s->id, s->first_frame };
    return o;
}

struct ms_case ms_case_of_message(struct ms_arena *arena, enum ms_rule rule, const struct ms_message *m)
{
    const struct ms_session *s = m->session;
    struct ms_case           k = { .fact = ms_fact_of(rule), .client = s->client, .server = s->server, .protocol = s->protocol };
    k.client.name = ms_arena_keep(arena, ms_head(s->client.name, TEXT_BYTES));
    k.server.name = ms_arena_keep(arena, ms_head(s->server.name, TEXT_BYTES));
    k.fact.user = ms_arena_keep(arena, ms_head(m->headers.from, TEXT_BYTES));
    k.fact.message = m->id;
    ms_fact_frame(&k.fact, m->first_frame);
    ms_fact_frame(&k.fact, m->last_frame);
    return k;
}

bool ms_part_is_file(const struct ms_part *p)
{
    bool named = p->filename.n || ms_equal(p->disposition, MS_LIT("attachment"));
    bool picture = ms_starts_nocase(p->type, MS_LIT("image/")) && ms_search_nocase(p->type, MS_LIT("svg")) == p->type.n;
    return named && !p->multipart && p->hashed && p->complete && p->size && !picture;
}

bool ms_sessions_see(struct ms_seen_sessions *seen, const struct ms_origin *o)
{
    if (!o || (seen->n && seen->last == o->first_frame))
        return false;
    for (uint32_t i = 0; i < seen->n && i < MS_SEEN_SESSIONS; i++)
        if (seen->at[i] == o)
            return false;
    if (seen->n < MS_SEEN_SESSIONS)
        seen->at[seen->n] = o;
    seen->n++;
    seen->last = o->first_frame;
    return true;
}

void ms_sessions_say(const struct ms_seen_sessions *seen, struct ms_buffer *t)
{
    uint32_t told = seen->n < MS_SEEN_SESSIONS ? seen->n : MS_SEEN_SESSIONS;
    for (uint32_t i = 0; i < told; i++)
        ms_text_format(t, "%s%u", i == 0 ? "" : i + 1 == seen->n ? " and " : ", ", seen->at[i]->session);
    if (seen->n > told)
        ms_text_format(t, " and %u more", seen->n - told);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static bool has_program(const struct ms_message *m)
{
    return ms_rules_have(&m->findings, MS_RULE_ATTACHMENT_EXECUTABLE) || ms_rules_have(&m->findings, MS_RULE_ATTACHMENT_SCRIPT_IN_ARCHIVE);
}

static void see_file(struct ms_spread *s, const struct ms_message *m, const struct ms_part *p)
{
    struct ms_bytes key = { p->sha256, sizeof p->sha256 };
    bool            dangerous = m->verdict.class_ != MS_CLASS_CLEAN || has_program(m);
    struct sample  *f = s->samples.count ? ms_map_get(&s->samples, key) : NULL;
    void          **at = f || !dangerous ? NULL : ms_map_put(&s->samples, key);
    if (!f && !at)
        return;
    if (!f) {
        f = *at = ms_arena_alloc(&s->samples.arena, sizeof *f);
        f->first = ms_case_of_message(&s->samples.arena, MS_RULE_ATTACHMENT_SPREAD, m);
        f->first.fact.subject = ms_arena_keep(&s->samples.arena, ms_head(p->filename, TEXT_BYTES));
        f->first.fact.size = p->size;
    }
    ms_sessions_see(&f->seen, ms_origin_of(s->origins, m->session));
    f->messages++;
    f->worst = m->verdict.class_ > f->worst ? m->verdict.class_ : f->worst;
    f->program |= has_program(m);
    ms_fact_frame(&f->first.fact, m->first_frame);
}

static void remember(struct ms_spread *s, const struct ms_message *m, const struct ms_part *p)
{
    void **at = ms_map_put(&s->carried, (struct ms_bytes){ p->sha256, sizeof p->sha256 });
    if (!at)
        return;
    struct ms_carried *c = *at;
    if (!c) {
        c = *at = ms_arena_alloc(&s->carried.arena, sizeof *c);
        *c = (struct ms_carried){ m->id, m->first_frame, ms_origin_of(s->origins, m->session), m->verdict.class_ };
    }
    c->worst = m->verdict.class_ > c->worst ? m->verdict.class_ : c->worst;
}

const struct ms_carried *ms_spread_find(const struct ms_spread *s, const uint8_t sha256[32])
{
    return s->carried.count ? ms_map_get(&s->carried, (struct ms_bytes){ sha256, 32 }) : NULL;
}

void ms_spread_message(struct ms_spread *s, const struct ms_message *m)
{
    for (size_t i = 0; m->signs && m->session && i < m->part_count; i++)
        if (ms_part_is_file(&m->parts[i])) {
            remember(s, m, &m->parts[i]);
            see_file(s, m, &m->parts[i]);
        }
}

static void tell(const struct sample *f, struct ms_bytes digest, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    struct ms_case   k = f->first;
    struct ms_buffer words = { 0 };
    ms_text_format(&words, "%u messages of sessions ", f->messages);
    ms_sessions_say(&f->seen, &words);
    ms_text_format(&words, " carry the same %llu bytes, SHA-256 ", (unsigned long long)k.fact.size);
    ms_text_hex(&words, digest);
    k.session = f->seen.at[0]->session;
    k.fact.severity = f->worst == MS_CLASS_MALICIOUS ? MS_SEVERITY_ERROR : f->worst == MS_CLASS_SUSPICIOUS ? MS_SEVERITY_WARNING : MS_SEVERITY_NOTE;
    k.fact.subject = k.fact.subject.n ? k.fact.subject : MS_LIT("a file without a name");
    k.fact.cause = f->program ? MS_LIT("It is a program, or holds one.") : (struct ms_bytes){ NULL, 0 };
    k.fact.detail = ms_buffer_bytes(&words);
    report(ctx, &k);
    ms_buffer_finish(&words);
}

void ms_spread_finish(struct ms_spread *s, void (*report)(void *ctx, const struct ms_case *c), void *ctx)
{
    for (uint32_t i = 0; i < s->samples.count; i++) {
        const struct sample *f = s->samples.entries[i].value;
        if (f->seen.n > 1)
            tell(f, s->samples.entries[i].key, report, ctx);
    }
}
