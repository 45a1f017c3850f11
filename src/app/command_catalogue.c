/* app/command_catalogue.c - what there is to know without a capture: finding ids, fields. */
#include "app/commands.h"

static void print_rule(struct ms_rows *rows, const struct ms_rule_row *r)
{
    const char *cells[] = { r->name, ms_category_name(r->category), ms_severity_name(r->severity), r->trigger,
                            r->explanation, r->remedy, r->references, r->example };
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        ms_rows_cell(rows, ms_str(cells[i]));
}

static void print_text(FILE *out)
{
    for (int i = 0; i < MS_RULE_COUNT; i++) {
        const struct ms_rule_row *r = &ms_rules[i];
        if (i == 0 || ms_rules[i - 1].category != r->category)
            fprintf(out, "%s%s\n\n", i ? "\n" : "", ms_category_name(r->category));
        fprintf(out, "  %s (%s)\n    when     %s\n    means    %s\n    do       %s\n", r->name, ms_severity_name(r->severity),
                r->trigger, r->explanation, r->remedy);
        if (*r->references)
            fprintf(out, "    see      %s\n", r->references);
        fprintf(out, "    example  %s\n", r->example);
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
        for (int i = 0; i < MS_RULE_COUNT; i++)
            print_rule(rows, &ms_rules[i]);
        ok = ms_rows_close(rows);
    } else {
        print_text(out);
    }
    return ms_out_close(a, out) && ok ? MS_EXIT_OK : MS_EXIT_INPUT;
}

int ms_command_fields(struct ms_args *a)
{
    static const struct ms_table_column columns[] = { { "RECORD", "record", false }, { "FIELD", "field", false }, { "MEANING", "help", false } };
    static const char *const kinds[] = { "session", "exchange", "message", "finding", "packet" };
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    struct ms_rows *rows = ms_rows_open(a->format_given ? a->format : MS_FORMAT_TABLE, out, columns, 3);
    for (size_t i = 0; i < ms_record_field_count(); i++) {
        ms_rows_cell(rows, ms_str(kinds[ms_record_field_at(i)->kind]));
        ms_rows_cell(rows, ms_str(ms_record_field_at(i)->name));
        ms_rows_cell(rows, ms_str(ms_record_field_at(i)->help));
    }
    bool ok = ms_rows_close(rows);
    return ms_out_close(a, out) && ok ? MS_EXIT_OK : MS_EXIT_INPUT;
}
