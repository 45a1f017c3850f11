#include "dfilter/private.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- errors ---------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 0))) static void fail(struct ms_compile *c, size_t at, size_t n, const char *fmt, va_list args)
{
    if (c->failed)
        return;
    c->failed = true;
    *c->error = (struct ms_dfilter_error){ .column = at, .length = n ? n : 1 };
    vsnprintf(c->error->sentence, sizeof c->error->sentence, fmt, args);
    if (c->error->sentence[0] >= 'a' && c->error->sentence[0] <= 'z')
        c->error->sentence[0] = (char)(c->error->sentence[0] - 'a' + 'A');
}

void *ms_compile_fail(struct ms_compile *c, size_t at, size_t n, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fail(c, at, n, fmt, args);
    va_end(args);
    return NULL;
}

void *ms_compile_fail_node(struct ms_compile *c, const struct ms_node *node, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fail(c, node->at, node->n, fmt, args);
    va_end(args);
    return NULL;
}

void ms_compile_suggest(struct ms_compile *c, const char *name)
{
    snprintf(c->error->suggestion, sizeof c->error->suggestion, "%s", name);
}

void *ms_compile_unknown(struct ms_compile *c, const struct ms_node *word)
{
    if (c->failed)
        return NULL;
    ms_compile_fail_node(c, word, "\"%.*s\" is neither a field nor a protocol", (int)(word->text.n < 60 ? word->text.n : 60),
                         (const char *)word->text.p);
    long nearest = ms_field_nearest(c->table, word->text);
    if (nearest != MS_FIELD_ABSENT)
        ms_compile_suggest(c, c->table->fields[nearest].name);
    return NULL;
}

/* Blank under each character before the place; a tab stays one, so that the carets stand right. */
void ms_dfilter_error_render(const struct ms_dfilter_error *e, struct ms_bytes text, struct ms_buffer *out)
{
    struct ms_bytes before = ms_head(text, e->column), place = ms_slice(text, e->column, e->length);
    ms_text_plain(out, ms_str(e->sentence));
    ms_text_str(out, ".\n    ");
    ms_text_plain(out, text);
    ms_text_str(out, "\n    ");
    struct ms_buffer shown = { 0 };
    ms_text_plain(&shown, before);
    for (size_t i = 0, n = ms_utf8_width(ms_buffer_bytes(&shown)); i < n; i++)
        ms_text_char(out, ' ');
    shown.n = 0;
    ms_text_plain(&shown, place);
    size_t carets = ms_utf8_width(ms_buffer_bytes(&shown));
    ms_text_char(out, '^');
    for (size_t i = 1; i < carets; i++)
        ms_text_char(out, '~');
    ms_text_char(out, '\n');
    ms_buffer_finish(&shown);
    if (e->suggestion[0])
        ms_text_format(out, "    Did you mean \"%s\"?\n", e->suggestion);
}

/* ---- compilation ----------------------------------------------------------------------------------------------- */

static void number_slots(struct ms_dfilter *f, struct ms_node *n, bool read)
{
    for (; n; n = n->next) {
        if (n->kind == MS_N_FIELD) {
            while (f->fields[n->slot] != n->field - f->table->fields)
                n->slot++;
            f->read[n->slot] |= read;
        }
        number_slots(f, n->first, n->kind != MS_N_EXISTS);
    }
}

static void compile(struct ms_compile *c)
{
    struct ms_dfilter *f = c->filter;
    if (c->text.n > MS_DFILTER_TEXT) {
        ms_compile_fail(c, MS_DFILTER_TEXT, 1, "The filter is longer than %d bytes", MS_DFILTER_TEXT);
        return;
    }
    f->root = ms_parse(c);
    if (f->root)
        ms_check(c, f->root);
    f->leaf_count = c->leaves < MS_DFILTER_LEAVES ? c->leaves : MS_DFILTER_LEAVES;
    if (!c->failed && (f->units & (f->units - 1)) && c->leaves > MS_DFILTER_LEAVES)
        ms_compile_fail(c, f->leaves[MS_DFILTER_LEAVES - 1]->at, 1, "A filter of fields of several kinds of records has at most %d tests", MS_DFILTER_LEAVES);
    if (c->failed)
        return;
    f->read = ms_arena_alloc(&f->arena, f->field_count * sizeof *f->read);
    number_slots(f, f->root, true);
    f->state.slots = ms_arena_alloc(&f->arena, f->field_count * sizeof *f->state.slots);
}

struct ms_dfilter *ms_dfilter_compile(const struct ms_field_table *table, struct ms_bytes text, struct ms_dfilter_error *error)
{
    struct ms_dfilter *f = ms_alloc(sizeof *f);
    *f = (struct ms_dfilter){ .self = f, .table = table };
    f->fields = ms_arena_alloc(&f->arena, (MS_DFILTER_FIELDS + 1) * sizeof *f->fields);
    struct ms_compile c = { .table = table, .filter = f, .arena = &f->arena, .text = text, .error = error };
    *error = (struct ms_dfilter_error){ 0 };
    compile(&c);
    if (!c.failed)
        return f;
    ms_dfilter_destroy(f);
    return NULL;
}

void ms_dfilter_destroy(struct ms_dfilter *f)
{
    if (!f)
        return;
    ms_regex_destroy_all(f->regexes);
    for (size_t i = 0; f->state.slots && i < f->field_count; i++)
        ms_free(f->state.slots[i].values);
    ms_free(f->state.stack);
    ms_free(f->state.made);
    ms_buffer_finish(&f->state.text);
    ms_arena_finish(&f->arena);
    ms_free(f);
}

const uint16_t *ms_dfilter_fields(const struct ms_dfilter *f, size_t *n)
{
    *n = f->field_count;
    return f->fields;
}

bool ms_dfilter_reads(const struct ms_dfilter *f, size_t nth) { return f->read[nth]; }

uint32_t ms_dfilter_units(const struct ms_dfilter *f) { return f->units; }

uint64_t ms_dfilter_cut(const struct ms_dfilter *f) { return f->state.cut; }
