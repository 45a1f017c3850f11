/* app/command_list.c - sessions, exchanges, messages, findings: one record a line. */
#include "app/commands.h"

#include <unistd.h>

static void on_session(void *ctx, const struct ms_session *s) { ms_sink_session(ctx, s); }
static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x) { ms_sink_exchange(ctx, s, x); }
static void on_message(void *ctx, const struct ms_message *m) { ms_sink_message(ctx, m); }
static void on_finding(void *ctx, const struct ms_finding *f) { ms_sink_finding(ctx, f); }
static void on_digits(void *ctx, unsigned digits) { ms_sink_time_digits(ctx, digits); }

/* Digests cost more than all the rest together: they are made when the output shows them. */
static bool shows(const struct ms_args *a, enum ms_format format, const char *field)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (strcmp(a->fields[i], field) == 0)
            return true;
    return a->field_count == 0 && format != MS_FORMAT_TABLE;
}

int ms_check_fields(const struct ms_args *a, enum ms_kind kind)
{
    for (size_t i = 0; i < a->field_count; i++) {
        if (ms_record_field_find(kind, ms_str(a->fields[i])))
            continue;
        return ms_usage_error("%s have no field '%s'; did you mean '%s'? (mailscope fields lists them)", a->command->name,
                              a->fields[i], ms_record_field_nearest(kind, ms_str(a->fields[i]))->name);
    }
    return -1;
}

/* A table on a terminal, lines for programs elsewhere. */
enum ms_format ms_format_for(const struct ms_args *a, FILE *out)
{
    if (a->format_given)
        return a->format;
    return isatty(fileno(out)) ? MS_FORMAT_TABLE : a->command->needs_captures ? MS_FORMAT_NDJSON : MS_FORMAT_TABLE;
}

static int list(struct ms_args *a, enum ms_kind kind)
{
    int status = ms_check_fields(a, kind);
    if (status >= 0)
        return status;
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    struct ms_sink_options o = { .format = ms_format_for(a, out), .kind = kind, .out = out, .fields = a->fields,
                                 .field_count = a->field_count, .show_secrets = a->show_secrets };
    struct ms_run run;
    ms_run_init(&run, a, 0);
    run.options.hash_parts = kind == MS_KIND_MESSAGE && shows(a, o.format, "parts.sha256");
    run.options.hash_messages = kind == MS_KIND_MESSAGE && shows(a, o.format, "sha256");
    run.options.keep_findings = kind == MS_KIND_FINDING;
    run.output = (struct ms_output){ .session = kind == MS_KIND_SESSION ? on_session : NULL,
                                     .exchange = kind == MS_KIND_EXCHANGE ? on_exchange : NULL,
                                     .message = kind == MS_KIND_MESSAGE ? on_message : NULL,
                                     .ctx = ms_sink_open(&o) };
    run.digits = on_digits;
    ms_run_captures(&run);
    if (kind == MS_KIND_FINDING)
        ms_checks_each_finding(ms_engine_checks(run.engine), on_finding, run.output.ctx);
    status = ms_run_status(&run);
    bool written = ms_sink_close(run.output.ctx);
    ms_run_finish(&run);
    written &= ms_out_close(a, out);
    return written ? status : MS_EXIT_INPUT;
}

int ms_command_sessions(struct ms_args *a) { return list(a, MS_KIND_SESSION); }
int ms_command_exchanges(struct ms_args *a) { return list(a, MS_KIND_EXCHANGE); }
int ms_command_messages(struct ms_args *a) { return list(a, MS_KIND_MESSAGE); }
int ms_command_findings(struct ms_args *a) { return a->list ? ms_command_catalogue(a) : list(a, MS_KIND_FINDING); }
