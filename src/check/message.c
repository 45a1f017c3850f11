/* check/message.c - what was found in a message, told as findings. */
#include "base/text.h"
#include "check/private.h"

enum { MS_RULE_NONE = MS_RULE_COUNT };
static const struct { uint16_t rule; const char *meaning; } told[MS_SIGN_COUNT] = {
#define X(name, slug, group, weight, rule, meaning) { MS_RULE_##rule, meaning },
#include "model/signs.def"
#undef X
};

const char *ms_sign_meaning(enum ms_sign_kind kind) { return told[kind].meaning; }

static void mark(const struct ms_weights *w, struct ms_message *m, unsigned rule)
{
    if (!ms_rule_is_off(w, rule))
        ms_rules_add(&m->findings, rule);
}

void ms_check_message_rules(const struct ms_weights *w, struct ms_message *m)
{
    for (size_t i = 0; m->signs && i < m->signs->n; i++)
        if (told[m->signs->at[i].kind].rule != MS_RULE_NONE)
            mark(w, m, told[m->signs->at[i].kind].rule);
    if (m->signs && m->verdict.class_ == MS_CLASS_MALICIOUS)
        mark(w, m, MS_RULE_MESSAGE_MALICIOUS);
    else if (m->signs && m->verdict.class_ == MS_CLASS_SUSPICIOUS)
        mark(w, m, MS_RULE_MESSAGE_SUSPICIOUS);
}

static void add_sign(struct ms_buffer *t, const struct ms_sign *s)
{
    ms_text_str(t, t->n ? "; it " : "It ");
    ms_text_str(t, told[s->kind].meaning);
    ms_text_format(t, " (%s)", ms_sign_name((enum ms_sign_kind)s->kind));
    if (s->evidence.n == 0)
        return;
    ms_text_str(t, ": ");
    ms_text_add(t, s->evidence);
}

static struct ms_fact fact_of(enum ms_rule rule, const struct ms_message *m, const struct ms_buffer *words)
{
    struct ms_fact f = ms_fact_of(rule);
    f.message = m->id;
    f.subject = m->headers.subject;
    f.user = m->headers.from;
    f.detail = ms_buffer_bytes(words);
    ms_fact_frame(&f, m->first_frame);
    ms_fact_frame(&f, m->last_frame);
    return f;
}

/* Light signs alone are worth a note. */
static bool is_light(const struct ms_message *m, unsigned rule)
{
    enum { LIGHT = 5 };
    for (size_t i = 0; i < m->signs->n; i++)
        if (told[m->signs->at[i].kind].rule == rule && ms_sign_weight((enum ms_sign_kind)m->signs->at[i].kind) > LIGHT)
            return false;
    return true;
}

static void tell_rule(struct ms_watch *w, const struct ms_message *m, unsigned rule, struct ms_buffer *words)
{
    words->n = 0;
    for (size_t i = 0; i < m->signs->n; i++)
        if (told[m->signs->at[i].kind].rule == rule)
            add_sign(words, &m->signs->at[i]);
    struct ms_fact f = fact_of((enum ms_rule)rule, m, words);
    if (f.severity > MS_SEVERITY_NOTE && is_light(m, rule))
        f.severity = MS_SEVERITY_NOTE;
    ms_fact_add(w, &f);
}

static void tell_verdict(struct ms_watch *w, const struct ms_message *m, struct ms_buffer *words)
{
    words->n = 0;
    for (size_t i = 0; i < m->reason_count; i++)
        add_sign(words, m->reasons[i]);
    struct ms_fact f = fact_of(m->verdict.class_ == MS_CLASS_MALICIOUS ? MS_RULE_MESSAGE_MALICIOUS : MS_RULE_MESSAGE_SUSPICIOUS, m, words);
    f.size = m->verdict.score;
    ms_fact_add(w, &f);
}

void ms_check_message(struct ms_watch *w, const struct ms_message *m)
{
    struct ms_buffer words = { 0 };
    if (!m->signs)
        return;
    for (unsigned rule = 0; rule < MS_RULE_COUNT; rule++)
        if (ms_rules_have(&m->findings, rule) && rule != MS_RULE_MESSAGE_MALICIOUS && rule != MS_RULE_MESSAGE_SUSPICIOUS)
            tell_rule(w, m, rule, &words);
    bool malicious = m->verdict.class_ == MS_CLASS_MALICIOUS;
    unsigned verdict = malicious ? MS_RULE_MESSAGE_MALICIOUS : MS_RULE_MESSAGE_SUSPICIOUS;
    if (ms_rules_have(&m->findings, verdict))
        tell_verdict(w, m, &words);
    ms_buffer_finish(&words);
}
