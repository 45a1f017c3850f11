/* app/command_list.c - sessions, exchanges, messages, findings: one record a line. */
#include "app/commands.h"

#include "sink/select.h"

#include <unistd.h>

struct list {
    struct ms_sink   *sink;
    struct ms_select *select; /* NULL: no filter */
    enum ms_unit      own;
    uint64_t          exchanges;
};

static void show(struct list *l, const struct ms_select_record *r)
{
    switch (r->unit) {
    case MS_UNIT_SESSION: ms_sink_session(l->sink, r->session); break;
    case MS_UNIT_EXCHANGE: ms_sink_exchange(l->sink, r->session, r->exchange, r->id); break;
    case MS_UNIT_MESSAGE: ms_sink_message(l->sink, r->message); break;
    default: ms_sink_finding(l->sink, r->finding);
    }
}

static void on_record(struct list *l, const struct ms_select_record *r)
{
    bool own = r->unit == l->own, waits = l->select && ms_select_waits(l->select) && !(own && r->unit == MS_UNIT_FINDING);
    if (own && (waits || !l->select || ms_select_keeps(l->select, r)))
        show(l, r);
    if (waits)
        ms_select_take(l->select, r, ms_sink_ticket(l->sink));
}

static void on_session(void *ctx, const struct ms_session *s)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_SESSION, .session = s });
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    struct list *l = ctx;
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_EXCHANGE, .session = s, .exchange = x, .id = ++l->exchanges });
}

static void on_message(void *ctx, const struct ms_message *m)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_MESSAGE, .session = m->session, .message = m });
}

static void on_finding(void *ctx, const struct ms_finding *f)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_FINDING, .finding = f });
}

static void on_other(void *ctx, const struct ms_session *s) { ms_select_other(((struct list *)ctx)->select, s); }
/* Findings without a filter: nothing was told yet. */
static void again(void *ctx) { (void)ctx; }

static void on_decided(void *ctx, uint64_t ticket, bool kept) { ms_sink_let_go(((struct list *)ctx)->sink, ticket, kept); }
static void on_digits(void *ctx, unsigned digits) { ms_sink_time_digits(((struct list *)ctx)->sink, digits); }

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

/* Which records the engine has to tell of, and what has to be known of them. */
static void listen(struct ms_run *run, struct list *l, const struct ms_dfilter *filter)
{
    bool wants[MS_UNIT_COUNT] = { false };
    for (int i = 0; i < MS_UNIT_COUNT; i++)
        wants[i] = l->select ? ms_select_wants(l->select, (enum ms_unit)i) : i == (int)l->own;
    run->options.keep_findings = wants[MS_UNIT_FINDING];
    run->output = (struct ms_output){ .session = wants[MS_UNIT_SESSION] ? on_session : NULL, .exchange = wants[MS_UNIT_EXCHANGE] ? on_exchange : NULL,
                                      .message = wants[MS_UNIT_MESSAGE] ? on_message : NULL, .ctx = l };
    run->options.judge = wants[MS_UNIT_FINDING] || ((wants[MS_UNIT_MESSAGE] || wants[MS_UNIT_SESSION]) && asks_to_judge(run->args, filter));
    run->options.hash_parts |= wants[MS_UNIT_FINDING];
    run->again = l->own == MS_UNIT_FINDING && !filter ? again : NULL;
    run->digits = on_digits;
    if (!filter)
        return;
    ms_run_hash_for(run, filter);
    if (!wants[MS_UNIT_FRAME])
        return;
    uint32_t needs = ms_filter_needs(filter);
    run->frames = (struct ms_frames_options){ .needs = needs, .limits = run->args->limits, .each = ms_select_frame, .ctx = l->select,
                                              .bytes_unused = !ms_frame_reads_bytes(needs) };
    run->output.other = on_other;
}

/* The captures are read: findings come, and with them the rest is decided. */
static void end(struct ms_run *run, struct list *l, const struct ms_dfilter *filter)
{
    if (run->options.keep_findings)
        ms_checks_each_finding(ms_engine_checks(run->engine), on_finding, l);
    if (!l->select)
        return;
    ms_select_finish(l->select);
    ms_say_limit(run->args, MS_LIMIT_filter_sets, ms_select_cut(l->select, MS_LIMIT_filter_sets));
    ms_say_limit(run->args, MS_LIMIT_filter_classes, ms_select_cut(l->select, MS_LIMIT_filter_classes));
    ms_say_filter_cut(run->args, ms_dfilter_cut(filter));
    ms_select_destroy(l->select);
}

static int list_to(struct ms_args *a, enum ms_kind kind, const struct ms_dfilter *filter, FILE *out)
{
    static const enum ms_unit units[] = { MS_UNIT_SESSION, MS_UNIT_EXCHANGE, MS_UNIT_MESSAGE, MS_UNIT_FINDING };
    struct ms_sink_options o = { .format = ms_format_for(a, out), .kind = kind, .out = out, .fields = a->fields,
                                 .field_count = a->field_count, .show_secrets = a->show_secrets };
    struct list   l = { .sink = ms_sink_open(&o), .own = units[kind] };
    struct ms_run run;
    ms_run_init(&run, a, 0);
    run.options.hash_parts = kind == MS_KIND_MESSAGE && asks_for(a, o.format, "parts.sha256");
    run.options.hash_messages = kind == MS_KIND_MESSAGE && asks_for(a, o.format, "sha256");
    if (filter)
        l.select = ms_select_create(&(struct ms_select_options){ filter, l.own, a->limits, on_decided, &l });
    if (filter && ms_select_waits(l.select) && l.own != MS_UNIT_FINDING)
        ms_sink_hold(l.sink);
    listen(&run, &l, filter);
    ms_run_captures(&run);
    end(&run, &l, filter);
    int  status = ms_run_status(&run);
    bool written = ms_sink_close(l.sink);
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
