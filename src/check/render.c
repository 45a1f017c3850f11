/* check/render.c - from a fact to sentences: the row's templates filled in, wire text escaped and quoted. */
#include "base/text.h"
#include "check/private.h"

enum { QUOTE_BYTES = 300, NAME_BYTES = 200 };

/* ---- placeholders ------------------------------------------------------------------------------------------ */

static void add_wire(struct ms_buffer *t, struct ms_bytes b, size_t limit)
{
    for (struct ms_bytes rest = ms_head(b, limit); rest.n;) { /* lines of a reply become one */
        size_t lf = ms_find(rest, '\n');
        ms_text_plain(t, ms_trim(ms_head(rest, lf)));
        rest = ms_tail(rest, lf + 1);
        if (rest.n)
            ms_text_char(t, ' ');
    }
    if (b.n > limit)
        ms_text_str(t, "...");
}

static void add_endpoint(struct ms_buffer *t, const struct ms_endpoint *e, bool port)
{
    static const uint8_t none[16];
    if (memcmp(e->ip, none, 16) == 0)
        return; /* several */
    bool v6 = memcmp(e->ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) != 0;
    if (v6 && port)
        ms_text_char(t, '[');
    ms_text_address(t, e->ip);
    if (v6 && port)
        ms_text_char(t, ']');
    if (port)
        ms_text_format(t, ":%u", e->port);
    if (e->name.n == 0)
        return;
    ms_text_str(t, " (");
    add_wire(t, e->name, NAME_BYTES);
    ms_text_char(t, ')');
}

static void add_quote(struct ms_buffer *t, struct ms_bytes words)
{
    if (words.n == 0)
        return;
    ms_text_char(t, '"');
    add_wire(t, words, QUOTE_BYTES);
    ms_text_char(t, '"');
}

static void add_status(struct ms_buffer *t, struct ms_enhanced e)
{
    if (e.class_)
        ms_text_format(t, "%u.%u.%u", e.class_, e.subject, e.detail);
}

static void add_number(struct ms_buffer *t, uint64_t v)
{
    if (v)
        ms_text_u64(t, v);
}

static void add_code(struct ms_buffer *t, unsigned code)
{
    char scratch[8];
    if (code)
        ms_text_str(t, ms_code_name(code, scratch));
}

static void add_meaning(struct ms_buffer *t, const struct ms_case *c)
{
    const char *words = c->fact.enhanced.class_ ? ms_enhanced_meaning(c->fact.enhanced) : NULL;
    if (!words && c->fact.code)
        words = ms_code_meaning((enum ms_protocol)c->protocol, c->fact.code);
    if (words)
        ms_text_str(t, words);
}

static void add_seconds(struct ms_buffer *t, int64_t ns)
{
    if (ns >= 100 * (int64_t)1000000)
        ms_text_format(t, "%.1f", (double)ns / 1e9);
    else if (ns > 0)
        ms_text_format(t, "%.3f", (double)ns / 1e9);
}

const char *ms_protocol_word(enum ms_protocol p)
{
    static const char *const words[MS_PROTO_COUNT] = { "mail", "SMTP", "LMTP", "POP3", "IMAP" };
    return words[p];
}

static void add_value(struct ms_buffer *t, struct ms_bytes name, const struct ms_case *c)
{
    const struct ms_fact *f = &c->fact;
    struct { const char *name; struct ms_bytes value; } words[] = {
        { "user", f->user }, { "subject", f->subject }, { "command", ms_equal(f->command, MS_LIT(".")) ? MS_LIT("the message") : f->command },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal(name, ms_str(words[i].name)))
            add_wire(t, words[i].value, NAME_BYTES);
    if (ms_equal(name, MS_LIT("client")))
        add_endpoint(t, &c->client, false);
    else if (ms_equal(name, MS_LIT("server")))
        add_endpoint(t, &c->server, true);
    else if (ms_equal(name, MS_LIT("protocol")))
        ms_text_str(t, ms_protocol_word((enum ms_protocol)c->protocol));
    else if (ms_equal(name, MS_LIT("code")))
        add_code(t, f->code);
    else if (ms_equal(name, MS_LIT("status")))
        add_status(t, f->enhanced);
    else if (ms_equal(name, MS_LIT("meaning")))
        add_meaning(t, c);
    else if (ms_equal(name, MS_LIT("quote")))
        add_quote(t, f->quote);
    else if (ms_equal(name, MS_LIT("count")))
        add_number(t, f->count);
    else if (ms_equal(name, MS_LIT("times")) && f->count > 1)
        ms_text_format(t, "%llu times", (unsigned long long)f->count);
    else if (ms_equal(name, MS_LIT("percent")))
        ms_text_format(t, "%.1f", f->total ? 100.0 * (double)f->count / (double)f->total : 100.0);
    else if (ms_equal(name, MS_LIT("seconds")))
        add_seconds(t, f->duration);
    else if (ms_equal(name, MS_LIT("size")) && f->size)
        ms_text_u64(t, f->size);
    else if (ms_equal(name, MS_LIT("detail")))
        ms_text_plain(t, f->detail);
    else if (ms_equal(name, MS_LIT("cause")))
        ms_text_plain(t, f->cause);
    else if (ms_equal(name, MS_LIT("advice")))
        ms_text_plain(t, f->advice);
}

/* ---- templates --------------------------------------------------------------------------------------------- */

/* Text in [brackets] goes when one of its placeholders is empty. Returns what follows the part that was read. */
static struct ms_bytes fill(struct ms_buffer *t, struct ms_bytes text, const struct ms_case *c, bool *empty)
{
    while (text.n && text.p[0] != ']') {
        if (text.p[0] == '{') {
            size_t end = ms_find(text, '}'), before = t->n;
            add_value(t, ms_slice(text, 1, end - 1), c);
            *empty |= t->n == before;
            text = ms_tail(text, end + 1);
        } else if (text.p[0] == '[') {
            size_t before = t->n;
            bool   part_empty = false;
            text = ms_tail(fill(t, ms_tail(text, 1), c, &part_empty), 1);
            if (part_empty)
                t->n = before;
        } else {
            ms_text_char(t, (char)text.p[0]);
            text = ms_tail(text, 1);
        }
    }
    return text;
}

static struct ms_bytes filled(struct ms_buffer *t, const char *template, const struct ms_case *c)
{
    bool empty = false;
    t->n = 0;
    fill(t, ms_str(template), c, &empty);
    return ms_buffer_bytes(t);
}

static struct ms_bytes evidence(struct ms_buffer *t, const struct ms_case *c)
{
    const struct ms_fact *f = &c->fact;
    t->n = 0;
    if (f->command.n && f->code) {
        add_wire(t, f->command, NAME_BYTES);
        if (f->subject.n) {
            ms_text_char(t, ' ');
            add_wire(t, f->subject, NAME_BYTES);
        }
        ms_text_str(t, " -> ");
    }
    if (f->code) {
        add_code(t, f->code);
        ms_text_char(t, ' ');
        add_status(t, f->enhanced);
        ms_text_str(t, f->enhanced.class_ ? " " : "");
        add_wire(t, f->quote, QUOTE_BYTES);
    } else if (f->detail.n) {
        ms_text_plain(t, f->detail);
    }
    ms_text_str(t, t->n ? " (" : "(");
    ms_text_str(t, f->frame_count == 1 ? "frame" : "frames");
    for (int i = 0; i < f->frame_count; i++)
        ms_text_format(t, "%s %llu", i ? "," : "", (unsigned long long)f->frames[i]);
    ms_text_char(t, ')');
    return ms_buffer_bytes(t);
}

void ms_render(const struct ms_case *c, struct ms_rendering *r, struct ms_finding *out)
{
    static const struct ms_rule_row user = { .title = "Rule {command} holds for {client} at {server}", .explanation = "[{cause}. ]Its filter is {detail}",
                                             .remedy = "What is to be done is for whoever wrote the rule to say." };
    const struct ms_rule_row *row = ms_rule_at(c->fact.rule), *words = c->fact.rule < MS_RULE_COUNT ? row : &user;
    *out = (struct ms_finding){
        .rule = c->fact.rule, .severity = c->fact.severity, .category = (uint8_t)row->category, .session = c->session,
        .message = c->fact.message, .frame_count = c->fact.frame_count, .rule_name = row->name, .references = row->references,
    };
    memcpy(out->frames, c->fact.frames, sizeof out->frames);
    out->title = filled(&r->title, words->title, c);
    out->explanation = filled(&r->explanation, words->explanation, c);
    out->remedy = filled(&r->remedy, words->remedy, c);
    out->evidence = evidence(&r->evidence, c);
}

void ms_rendering_finish(struct ms_rendering *r)
{
    ms_buffer_finish(&r->title);
    ms_buffer_finish(&r->evidence);
    ms_buffer_finish(&r->explanation);
    ms_buffer_finish(&r->remedy);
}
