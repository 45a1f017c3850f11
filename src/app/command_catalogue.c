/* app/command_catalogue.c - what there is to know without a capture: finding ids, fields. */
#include "app/commands.h"

#include "sink/filter.h"

static void print_rule(struct ms_rows *rows, const struct ms_rule_row *r)
{
    const char *cells[] = { r->name, ms_category_name(r->category), ms_severity_name(r->severity), r->trigger,
                            r->explanation, r->remedy, r->references, r->example };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        ms_rows_cell(rows, ms_str(cells[i]));
}

/* Words of users are shown like all that is not ours. */
static void print_row(FILE *out, const char *what, struct ms_bytes words)
{
    struct ms_buffer t = { 0 };
    ms_text_plain(&t, words);
    if (t.n)
        fprintf(out, "    %s%.*s\n", what, (int)t.n, (const char *)t.p);
    ms_buffer_finish(&t);
}

static void print_text(FILE *out)
{
    for (unsigned i = 0; i < ms_rule_total(); i++) {
        const struct ms_rule_row *r = ms_rule_at(i);
        if (i == MS_RULE_COUNT)
            fputs("\nyour own\n\n", out);
        else if (i == 0 || (i < MS_RULE_COUNT && ms_rules[i - 1].category != r->category))
            fprintf(out, "%s%s\n\n", i ? "\n" : "", ms_category_name(r->category));
        const char *const rows[][2] = { { "when     ", r->trigger }, { "means    ", r->explanation }, { "do       ", r->remedy }, { "see      ", r->references },
                                        { "example  ", r->example } };
        fprintf(out, "  %s (%s)\n", r->name, ms_severity_name(r->severity));
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
            print_row(out, rows[k][0], ms_str(rows[k][1]));
    }
}

int ms_command_catalogue(struct ms_args *a)
{
    static const struct ms_table_column columns[] = {
        { "RULE", "rule", false },    { "CATEGORY", "category", false }, { "SEVERITY", "severity", false },
        { "WHEN", "trigger", false }, { "MEANS", "explanation", false }, { "DO", "remedy", false },
        { "SEE", "references", false }, { "EXAMPLE", "example", false },
    };
    FILE *out = ms_out_open(a);
    bool  ok = true;
    if (!out)
        return MS_EXIT_INPUT;
    if (a->format_given && a->format != MS_FORMAT_TABLE) {
        struct ms_rows *rows = ms_rows_open(a->format, out, columns, sizeof columns / sizeof *columns);
        for (unsigned i = 0; i < ms_rule_total(); i++)
            print_rule(rows, ms_rule_at(i));
        ok = ms_rows_close(rows);
    } else {
        print_text(out);
    }
    return ms_out_close(a, out) && ok ? MS_EXIT_OK : MS_EXIT_INPUT;
}

struct listing { struct ms_args *args; struct ms_rows *rows; };

/* With words after the command: does one of these names begin with one of them? */
static bool is_asked(const struct ms_args *a, const char *name, const char *filter)
{
    for (size_t i = 0; i < a->word_count; i++) {
        size_t n = strlen(a->words[i]);
        if (strncmp(name, a->words[i], n) == 0 || strncmp(filter, a->words[i], n) == 0)
            return true;
    }
    return a->word_count == 0;
}

struct named { const char *record, *field, *filter, *type, *help; };

static void list_field(struct listing *l, const struct named *f)
{
    const char *cells[] = { f->record, f->field, f->filter, f->type, f->help };
    if (!is_asked(l->args, f->field, f->filter))
        return;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        ms_rows_cell(l->rows, ms_str(cells[i]));
}

static void list_records(struct listing *l)
{
    static const char *const kinds[] = { "session", "exchange", "message", "finding", "packet" };
    for (size_t i = 0; i < ms_record_field_count(); i++) {
        const struct ms_record_field *f = ms_record_field_at(i);
        list_field(l, &(struct named){ kinds[f->kind], f->filter_only ? "" : f->name, f->filter ? f->filter : "",
                                       f->words ? "named integer" : ms_field_type_name((enum ms_field_type)f->type), f->help });
    }
}

static void list_frames(struct listing *l)
{
    const struct ms_field_table *t = ms_filter_table();
    for (size_t i = 0; i < t->count; i++)
        if (t->fields[i].unit == MS_UNIT_FRAME)
            list_field(l, &(struct named){ "frame", t->fields[i].name, t->fields[i].name, ms_field_type_name((enum ms_field_type)t->fields[i].type),
                                           t->fields[i].help });
}

int ms_command_fields(struct ms_args *a)
{
    static const struct ms_table_column columns[] = { { "RECORD", "record", false }, { "FIELD", "field", false }, { "FILTER", "filter", false },
                                                      { "TYPE", "type", false }, { "MEANING", "help", false } };
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    struct listing l = { a, ms_rows_open(a->format_given ? a->format : MS_FORMAT_TABLE, out, columns, sizeof columns / sizeof *columns) };
    list_records(&l);
    list_frames(&l);
    bool ok = ms_rows_close(l.rows);
    return ms_out_close(a, out) && ok ? MS_EXIT_OK : MS_EXIT_INPUT;
}
