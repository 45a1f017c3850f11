/* app/command_list.c - sessions, exchanges, messages, findings: one record a line. */
#include "app/commands.h"

#include "app/listener.h"

#include <unistd.h>

static void on_record(void *sink, const struct ms_select_record *r, bool kept)
{
    (void)kept; /* the sink holds what is not decided */
    switch (r->unit) {
    case MS_UNIT_SESSION: ms_sink_session(sink, r->session); break;
    case MS_UNIT_EXCHANGE: ms_sink_exchange(sink, r->session, r->exchange, r->id); break;
    case MS_UNIT_MESSAGE: ms_sink_message(sink, r->message); break;
    default: ms_sink_finding(sink, r->finding);
    }
}

static uint64_t ticket(void *sink, const struct ms_select_record *r)
{
    (void)r;
    return ms_sink_ticket(sink);
}

static void on_decided(void *sink, uint64_t number, bool kept) { ms_sink_let_go(sink, number, kept); }
static void on_digits(void *sink, unsigned digits) { ms_sink_time_digits(sink, digits); }

/* Findings without a filter: nothing was told yet. */
static void again(void *ctx) { (void)ctx; }

/* Digests cost more than all the rest together: they are made when the output shows them. */
static bool asks_for(const struct ms_args *a, enum ms_format format, const char *field)
{
    for (size_t i = 0; i < a->field_count; i++)
        if (strcmp(a->fields[i], field) == 0)
            return true;
    return a->field_count == 0 && format != MS_FORMAT_TABLE;
}

/* Judging a message costs as much as reading it: only when the output shows what comes of it, or a filter may ask. */
static bool asks_to_judge(const struct ms_args *a, const struct ms_dfilter *filter)
{
    static const char *const judged[] = { "findings", "verdict.", "urls.", "authentication." };
    bool all = a->field_count == 0 || filter;
    for (size_t i = 0; i < a->field_count && !all; i++)
        for (size_t k = 0; k < sizeof judged / sizeof *judged && !all; k++)
            all = strncmp(a->fields[i], judged[k], strlen(judged[k])) == 0;
    return all;
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

static int list_to(struct ms_args *a, enum ms_kind kind, const struct ms_dfilter *filter, FILE *out)
{
    static const enum ms_unit units[] = { MS_UNIT_SESSION, MS_UNIT_EXCHANGE, MS_UNIT_MESSAGE, MS_UNIT_FINDING };
    struct ms_sink_options o = { .format = ms_format_for(a, out), .kind = kind, .out = out, .fields = a->fields,
                                 .field_count = a->field_count, .show_secrets = a->show_secrets };
    struct ms_sink    *sink = ms_sink_open(&o);
    struct ms_listener l = { .own = units[kind], .filter = filter, .record = on_record, .ticket = ticket, .decided = on_decided, .ctx = sink };
    struct ms_run      run;
    ms_run_init(&run, a, 0);
    run.options.hash_parts = kind == MS_KIND_MESSAGE && asks_for(a, o.format, "parts.sha256");
    run.options.hash_messages = kind == MS_KIND_MESSAGE && asks_for(a, o.format, "sha256");
    ms_listener_open(&l, &run);
    run.options.judge &= run.options.keep_findings || asks_to_judge(a, filter);
    if (filter && ms_select_waits(l.select) && l.own != MS_UNIT_FINDING)
        ms_sink_hold(sink);
    run.again = l.own == MS_UNIT_FINDING && !filter ? again : NULL;
    run.digits = on_digits;
    run.digits_ctx = sink;
    ms_run_captures(&run);
    ms_listener_close(&l, &run);
    int  status = ms_run_status(&run);
    bool written = ms_sink_close(sink);
    ms_run_finish(&run);
    return written ? status : MS_EXIT_INPUT;
}

static int list(struct ms_args *a, enum ms_kind kind)
{
    struct ms_dfilter *filter = NULL;
    int                status = ms_check_fields(a, kind);
    if (status < 0)
        status = ms_filter_open(a, &filter);
    if (status >= 0)
        return status;
    FILE *out = ms_out_open(a);
    status = out ? list_to(a, kind, filter, out) : MS_EXIT_INPUT;
    ms_dfilter_destroy(filter);
    return out && ms_out_close(a, out) ? status : MS_EXIT_INPUT;
}

int ms_command_sessions(struct ms_args *a) { return list(a, MS_KIND_SESSION); }
int ms_command_exchanges(struct ms_args *a) { return list(a, MS_KIND_EXCHANGE); }
int ms_command_messages(struct ms_args *a) { return list(a, MS_KIND_MESSAGE); }
int ms_command_findings(struct ms_args *a) { return a->list ? ms_command_catalogue(a) : list(a, MS_KIND_FINDING); }
