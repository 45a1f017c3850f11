/* check/fact.c - facts of one session, added up where they are the same. */
#include "check/private.h"

#include <stdarg.h>
#include <stdio.h>

enum { FACTS_PER_SESSION = 256, QUOTE_BYTES = 400 };

struct ms_watch *ms_watch_of(struct ms_watch **w)
{
    if (!*w) {
        *w = ms_alloc(sizeof **w);
        (*w)->last_reply = MS_UNKNOWN;
    }
    return *w;
}

struct ms_fact ms_fact_of(enum ms_rule rule)
{
    return (struct ms_fact){ .rule = (uint16_t)rule, .severity = (uint8_t)ms_rule_at(rule)->severity, .count = 1 };
}

void ms_fact_frame(struct ms_fact *f, uint64_t frame)
{
    uint8_t at = f->frame_count;
    while (at > 0 && f->frames[at - 1] > frame)
        at--;
    if (frame == 0 || (at > 0 && f->frames[at - 1] == frame) || f->frame_count == MS_FINDING_FRAMES)
        return;
    memmove(&f->frames[at + 1], &f->frames[at], (f->frame_count - at) * sizeof f->frames[0]);
    f->frames[at] = frame;
    f->frame_count++;
}

struct ms_fact ms_fact_reply(enum ms_rule rule, const struct ms_exchange *x)
{
    struct ms_fact f = ms_fact_of(rule);
    f.code = (uint16_t)x->code;
    f.enhanced = x->enhanced;
    f.quote = ms_head(x->reply, QUOTE_BYTES);
    f.subject = ms_head(x->subject, QUOTE_BYTES);
    f.command = x->command.n || x->flags & MS_EXCHANGE_GREETING ? ms_head(x->command, 64) : MS_LIT("a line");
    ms_fact_frame(&f, x->frame);
    ms_fact_frame(&f, x->reply_frame);
    return f;
}

static bool same(const struct ms_fact *a, const struct ms_fact *b)
{
    return a->rule == b->rule && a->code == b->code && a->message == b->message && ms_equal(a->subject, b->subject);
}

static void add_up(struct ms_fact *to, const struct ms_fact *more)
{
    to->count += more->count;
    if (more->duration > to->duration)
        to->duration = more->duration;
    if (more->severity > to->severity)
        to->severity = more->severity;
    for (int i = 0; i < more->frame_count; i++)
        ms_fact_frame(to, more->frames[i]);
}

void ms_fact_add(struct ms_watch *w, const struct ms_fact *f)
{
    for (struct ms_watched *k = w->facts; k; k = k->next) {
        bool full = w->fact_count >= FACTS_PER_SESSION && k->fact.rule == f->rule;
        if (!full && !same(&k->fact, f))
            continue;
        add_up(&k->fact, f);
        return;
    }
    if (w->fact_count >= 2 * FACTS_PER_SESSION)
        return;
    struct ms_watched *k = ms_arena_alloc(&w->arena, sizeof *k);
    k->fact = *f;
    struct ms_bytes *slices[MS_FACT_SLICES] = { &k->fact.subject, &k->fact.user, &k->fact.quote, &k->fact.command,
                                                &k->fact.detail, &k->fact.cause, &k->fact.advice };
    for (int i = 0; i < MS_FACT_SLICES; i++)
        *slices[i] = ms_arena_keep(&w->arena, *slices[i]);
    *(w->last_fact ? &w->last_fact->next : &w->facts) = k;
    w->last_fact = k;
    w->fact_count++;
}

struct ms_bytes ms_watch_text(struct ms_watch *w, const char *fmt, ...)
{
    char    text[512];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    size_t length = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    return ms_arena_keep(&w->arena, (struct ms_bytes){ (const uint8_t *)text, length });
}

static unsigned pair_of(uint8_t a, uint8_t b) { return (a * 33u + b) & 1023u; }

void ms_words_init(struct ms_words *w, struct ms_bytes text)
{
    memset(w->pairs, 0, sizeof w->pairs);
    w->n = text.n < MS_WORDS_BYTES ? text.n : MS_WORDS_BYTES;
    for (size_t i = 0; i < w->n; i++)
        w->text[i] = ms_lower(text.p[i]);
    for (size_t i = 0; i + 1 < w->n; i++) {
        unsigned pair = pair_of(w->text[i], w->text[i + 1]);
        w->pairs[pair / 64] |= UINT64_C(1) << pair % 64;
    }
}

static bool may_have(const struct ms_words *w, const char *phrase)
{
    unsigned pair = pair_of((uint8_t)phrase[0], (uint8_t)phrase[1]);
    return w->pairs[pair / 64] >> pair % 64 & 1;
}

bool ms_words_have(const struct ms_words *w, const char *phrases)
{
    for (const char *at = phrases; *at;) {
        const char *bar = strchrnul(at, '|');
        if (may_have(w, at) && memmem(w->text, w->n, at, (size_t)(bar - at)))
            return true;
        at = *bar ? bar + 1 : bar;
    }
    return false;
}
