/* sink/rules.c - rules of users, asked of every record. */
#include "sink/rules.h"

#include <stdlib.h>

enum { NAME_BYTES = 40, SUBJECT_BYTES = 200 };

struct pending { uint64_t frames[2]; uint32_t message, next; }; /* next: free places, from 1 */

struct rule {
    struct ms_rules_file *file;
    struct ms_rule_row    row;
    unsigned              number;  /* as enum ms_rule goes on */
    enum ms_unit          own;
    struct ms_dfilter    *filter;
    struct ms_select     *select;
    struct ms_buffer      pending; /* struct pending, by ticket */
    uint32_t              free;
};

struct ms_rules_file {
    struct ms_arena          arena;
    struct rule             *rules[MS_USER_RULES];
    size_t                   count;
    struct ms_checks        *checks;
    const struct ms_session *session; /* whose records are at work */
    struct ms_session       *marked;  /* the same while it ends; NULL before */
    uint64_t                 exchanges;
};

struct ms_rules_file *ms_rules_create(void) { return ms_alloc(sizeof(struct ms_rules_file)); }

static void close_rule(struct rule *r)
{
    ms_select_destroy(r->select);
    ms_buffer_finish(&r->pending);
    r->select = NULL;
    r->free = 0;
}

void ms_rules_destroy(struct ms_rules_file *f)
{
    for (size_t i = 0; f && i < f->count; i++) {
        close_rule(f->rules[i]);
        ms_dfilter_destroy(f->rules[i]->filter);
    }
    if (f)
        ms_arena_finish(&f->arena);
    ms_free(f);
}

/* ---- the file ---------------------------------------------------------------------------------------------------- */

struct place { const char *name; size_t line; struct ms_buffer *error; };

static bool wrong(const struct place *p, size_t column, const char *sentence, struct ms_bytes what)
{
    ms_text_format(p->error, "%s:%zu:%zu: %s", p->name, p->line, column + 1, sentence);
    if (what.n) {
        ms_text_str(p->error, " '");
        ms_text_plain(p->error, ms_head(what, NAME_BYTES));
        ms_text_char(p->error, '\'');
    }
    ms_text_char(p->error, '\n');
    return false;
}

static const char *keep_text(struct ms_rules_file *f, const char *before, struct ms_bytes text)
{
    size_t n = strlen(before);
    char  *kept = ms_arena_alloc(&f->arena, n + text.n + 1);
    memcpy(kept, before, n);
    if (text.n)
        memcpy(kept + n, text.p, text.n);
    return kept;
}

static bool is_name(struct ms_bytes name)
{
    for (size_t i = 0; i < name.n; i++)
        if (!ms_is_letter(name.p[i]) && !ms_is_digit(name.p[i]) && ms_find(MS_LIT("-_."), name.p[i]) == 3)
            return false;
    return name.n && name.n <= NAME_BYTES;
}

static bool begin_rule(struct ms_rules_file *f, const struct place *p, struct ms_bytes line)
{
    struct ms_bytes name = ms_trim(ms_slice(line, 1, ms_find(line, ']') - 1));
    enum ms_rule    known;
    if (ms_find(line, ']') + 1 != line.n)
        return wrong(p, line.n, "a rule begins with [NAME] on a line of its own", (struct ms_bytes){ NULL, 0 });
    if (!is_name(name))
        return wrong(p, 1, "a name has 1 to 40 letters, digits, '-', '_' and '.', not", name);
    const char *id = keep_text(f, "user:", name);
    if (ms_rule_find(id, &known))
        return wrong(p, 1, "there is a rule of this name already:", name);
    struct rule *r = ms_arena_alloc(&f->arena, sizeof *r);
    *r = (struct rule){ .file = f, .row = { .name = id, .category = MS_CATEGORY_POLICY, .severity = MS_SEVERITY_WARNING, .trigger = "", .title = "",
                                            .explanation = "", .remedy = "", .references = "", .example = "" } };
    if (!ms_rule_add(&r->row, &r->number))
        return wrong(p, 0, "there are too many rules; at most 64 are read", (struct ms_bytes){ NULL, 0 });
    f->rules[f->count++] = r;
    return true;
}

static enum ms_unit finest(uint32_t units)
{
    return units >> MS_UNIT_MESSAGE & 1 ? MS_UNIT_MESSAGE : units >> MS_UNIT_EXCHANGE & 1 ? MS_UNIT_EXCHANGE : MS_UNIT_SESSION;
}

static bool set_filter(struct rule *r, const struct place *p, size_t column, struct ms_bytes text)
{
    struct ms_dfilter_error error;
    struct ms_buffer        shown = { 0 };
    if (r->filter)
        return wrong(p, 0, "this rule has a filter already", (struct ms_bytes){ NULL, 0 });
    r->filter = ms_dfilter_compile(ms_filter_table(), text, &error);
    if (!r->filter) {
        ms_dfilter_error_render(&error, text, &shown);
        ms_text_format(p->error, "%s:%zu:%zu: ", p->name, p->line, column + error.column + 1);
        ms_text_add(p->error, ms_buffer_bytes(&shown));
        ms_buffer_finish(&shown);
        return false;
    }
    if (ms_dfilter_units(r->filter) & ~(1u << MS_UNIT_SESSION | 1u << MS_UNIT_EXCHANGE | 1u << MS_UNIT_MESSAGE))
        return wrong(p, column, "a rule speaks of sessions, exchanges and messages, not of frames and findings", (struct ms_bytes){ NULL, 0 });
    r->own = finest(ms_dfilter_units(r->filter));
    r->row.trigger = keep_text(r->file, "", text);
    return true;
}

static bool set_severity(struct rule *r, const struct place *p, size_t column, struct ms_bytes word)
{
    for (int s = 0; s < MS_SEVERITY_COUNT; s++) {
        if (!ms_equal(word, ms_str(ms_severity_name((enum ms_severity)s))))
            continue;
        r->row.severity = (enum ms_severity)s;
        return true;
    }
    return wrong(p, column, "a severity is note, warning, error or critical, not", word);
}

static bool take_line(struct ms_rules_file *f, const struct place *p, struct ms_bytes whole)
{
    struct ms_bytes line = ms_trim(whole), key = ms_trim(ms_head(whole, ms_find(whole, '='))), value = ms_trim(ms_tail(whole, ms_find(whole, '=') + 1));
    size_t          column = value.n ? (size_t)(value.p - whole.p) : whole.n, at = line.n ? (size_t)(line.p - whole.p) : 0;
    struct rule    *r = f->count ? f->rules[f->count - 1] : NULL;
    if (line.n == 0 || line.p[0] == '#')
        return true;
    if (line.p[0] == '[') {
        if (r && !r->filter)
            return wrong(p, at, "the rule before this one has no filter", (struct ms_bytes){ NULL, 0 });
        return begin_rule(f, p, line);
    }
    if (!r)
        return wrong(p, at, "a rule begins with its name, [NAME]; this stands before the first one:", line);
    if (key.n == line.n)
        return wrong(p, at, "a line is filter = EXPR, severity = WORD or explain = TEXT, not", line);
    if (ms_equal(key, MS_LIT("filter")))
        return set_filter(r, p, column, value);
    if (ms_equal(key, MS_LIT("severity")))
        return set_severity(r, p, column, value);
    if (!ms_equal(key, MS_LIT("explain")))
        return wrong(p, at, "a rule has filter, severity and explain, but no", key);
    r->row.explanation = keep_text(f, "", value);
    return true;
}

bool ms_rules_read(struct ms_rules_file *f, const char *name, struct ms_bytes text, struct ms_buffer *error)
{
    struct place p = { name, 0, error };
    for (struct ms_bytes rest = text; rest.n;) {
        struct ms_bytes line = ms_head(rest, ms_find(rest, '\n'));
        p.line++;
        if (!take_line(f, &p, line))
            return false;
        rest = ms_tail(rest, line.n + 1);
    }
    if (f->count && !f->rules[f->count - 1]->filter)
        return wrong(&p, 0, "the last rule has no filter", (struct ms_bytes){ NULL, 0 });
    return true;
}

bool ms_rules_name(const struct ms_rules_file *f, const char *field)
{
    for (size_t i = 0; f && i < f->count; i++)
        if (ms_filter_names(f->rules[i]->filter, field))
            return true;
    return false;
}

/* ---- what holds -------------------------------------------------------------------------------------------------- */

static void tell(struct rule *r, const uint64_t frames[2], uint32_t message)
{
    const struct ms_user_finding found = { r->number, r->file->session, message, { frames[0], frames[1] } };
    if (r->file->marked)
        ms_rules_add(&r->file->marked->findings, r->number);
    ms_checks_user(r->file->checks, &found);
}

static void decided(void *ctx, uint64_t ticket, bool kept)
{
    struct rule    *r = ctx;
    struct pending *p = &((struct pending *)(void *)r->pending.p)[ticket];
    if (kept)
        tell(r, p->frames, p->message);
    p->next = r->free;
    r->free = (uint32_t)ticket + 1;
}

static uint64_t ticket_for(struct rule *r, struct pending waiting)
{
    struct pending *all = (struct pending *)(void *)r->pending.p;
    uint32_t        place = r->free ? r->free - 1 : (uint32_t)(r->pending.n / sizeof waiting);
    if (r->free) {
        r->free = all[place].next;
        all[place] = waiting;
    } else {
        ms_buffer_append(&r->pending, (struct ms_bytes){ (const uint8_t *)&waiting, sizeof waiting });
    }
    return place;
}

/* True: it holds for this record, by itself. */
static bool ask(struct rule *r, const struct ms_select_record *record, struct pending waiting)
{
    if (!ms_select_wants(r->select, record->unit))
        return false;
    if (!ms_select_waits(r->select))
        return ms_select_keeps(r->select, record);
    ms_select_take(r->select, record, r->own == record->unit ? ticket_for(r, waiting) : 0);
    return false;
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_rules_file   *f = ctx;
    struct ms_select_record record = { .unit = MS_UNIT_EXCHANGE, .session = s, .exchange = x, .id = ++f->exchanges };
    struct pending          waiting = { .frames = { x->frame, x->reply_frame } };
    f->session = s;
    for (size_t i = 0; i < f->count; i++)
        if (ask(f->rules[i], &record, waiting))
            tell(f->rules[i], waiting.frames, 0);
}

static void on_message(void *ctx, struct ms_message *m)
{
    struct ms_rules_file   *f = ctx;
    struct ms_select_record record = { .unit = MS_UNIT_MESSAGE, .session = m->session, .message = m };
    struct pending          waiting = { { m->first_frame, m->last_frame }, m->id, 0 };
    f->session = m->session;
    for (size_t i = 0; i < f->count; i++) {
        if (!ask(f->rules[i], &record, waiting))
            continue;
        ms_rules_add(&m->findings, f->rules[i]->number);
        tell(f->rules[i], waiting.frames, m->id);
    }
}

static void on_session(void *ctx, struct ms_session *s)
{
    struct ms_rules_file   *f = ctx;
    struct ms_select_record record = { .unit = MS_UNIT_SESSION, .session = s };
    struct pending          waiting = { .frames = { s->first_frame, s->last_frame } };
    f->session = f->marked = s;
    for (size_t i = 0; i < f->count; i++)
        if (ask(f->rules[i], &record, waiting))
            tell(f->rules[i], waiting.frames, 0);
    f->marked = NULL;
}

void ms_rules_begin(struct ms_rules_file *f, struct ms_checks *checks, const struct ms_limits *limits)
{
    f->checks = checks;
    f->exchanges = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct rule *r = f->rules[i];
        close_rule(r);
        r->select = ms_select_create(&(struct ms_select_options){ .filter = r->filter, .own = r->own, .limits = *limits, .decided = decided, .ctx = r });
    }
}

struct ms_judges ms_rules_judges(struct ms_rules_file *f)
{
    return (struct ms_judges){ on_session, on_exchange, on_message, f };
}

void ms_rules_mark(struct ms_rules_file *f, struct ms_message *m)
{
    struct ms_select_record record = { .unit = MS_UNIT_MESSAGE, .message = m };
    for (size_t i = 0; i < f->count; i++)
        if (ms_dfilter_units(f->rules[i]->filter) == 1u << MS_UNIT_MESSAGE && ms_select_keeps(f->rules[i]->select, &record))
            ms_rules_add(&m->findings, f->rules[i]->number);
}

uint64_t ms_rules_cut(const struct ms_rules_file *f, enum ms_limit limit)
{
    uint64_t n = 0;
    for (size_t i = 0; f && i < f->count; i++)
        n += f->rules[i]->select ? ms_select_cut(f->rules[i]->select, limit) : 0;
    return n;
}
