#include "app/listener.h"

static void on_record(struct ms_listener *l, const struct ms_select_record *r)
{
    bool own = r->unit == l->own, waits = l->select && ms_select_waits(l->select) && !(own && r->unit == MS_UNIT_FINDING);
    if (own && (waits || !l->select || ms_select_keeps(l->select, r)))
        l->record(l->ctx, r, !waits);
    if (waits)
        ms_select_take(l->select, r, own ? l->ticket(l->ctx, r) : 0);
}

static void on_session(void *ctx, const struct ms_session *s)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_SESSION, .session = s, .id = s->id });
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_listener *l = ctx;
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_EXCHANGE, .session = s, .exchange = x, .id = ++l->exchanges });
}

static void on_message(void *ctx, const struct ms_message *m)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_MESSAGE, .session = m->session, .message = m, .id = m->id });
}

static void on_finding(void *ctx, const struct ms_finding *f)
{
    on_record(ctx, &(struct ms_select_record){ .unit = MS_UNIT_FINDING, .finding = f });
}

static void on_other(void *ctx, const struct ms_session *s) { ms_select_other(((struct ms_listener *)ctx)->select, s); }

static void listen_to_frames(struct ms_listener *l, struct ms_run *run)
{
    uint64_t needs = ms_filter_needs(l->filter);
    run->frames = (struct ms_frames_options){ .needs = needs, .limits = run->args->limits, .each = ms_select_frame, .ctx = l->select,
                                              .bytes_unused = !ms_frame_reads_bytes(needs) };
    run->output.other = on_other;
}

void ms_listener_open(struct ms_listener *l, struct ms_run *run)
{
    bool wants[MS_UNIT_COUNT] = { false };
    if (l->filter)
        l->select = ms_select_create(&(struct ms_select_options){ l->filter, l->own, run->args->limits, l->decided, l->ctx });
    for (int i = 0; i < MS_UNIT_COUNT; i++)
        wants[i] = l->select ? ms_select_wants(l->select, (enum ms_unit)i) : i == (int)l->own;
    run->options.keep_findings = wants[MS_UNIT_FINDING];
    run->options.judge = wants[MS_UNIT_FINDING] || wants[MS_UNIT_MESSAGE] || wants[MS_UNIT_SESSION]; /* sessions list the rules found in them */
    run->output = (struct ms_output){ .session = wants[MS_UNIT_SESSION] ? on_session : NULL, .exchange = wants[MS_UNIT_EXCHANGE] ? on_exchange : NULL,
                                      .message = wants[MS_UNIT_MESSAGE] ? on_message : NULL, .ctx = l };
    ms_run_hash_for(run, l->filter);
    if (wants[MS_UNIT_FRAME])
        listen_to_frames(l, run);
}

void ms_listener_close(struct ms_listener *l, struct ms_run *run)
{
    if (run->options.keep_findings)
        ms_checks_each_finding(ms_engine_checks(run->engine), on_finding, l);
    if (!l->select)
        return;
    ms_select_finish(l->select);
    ms_say_limit(run->args, MS_LIMIT_filter_sets, ms_select_cut(l->select, MS_LIMIT_filter_sets));
    ms_say_limit(run->args, MS_LIMIT_filter_classes, ms_select_cut(l->select, MS_LIMIT_filter_classes));
    ms_say_filter_cut(run->args, ms_dfilter_cut(l->filter));
    ms_select_destroy(l->select);
    l->select = NULL;
}
