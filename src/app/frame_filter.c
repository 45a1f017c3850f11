#include "app/frame_filter.h"

#include "app/commands.h"

int ms_frame_filter_open(struct ms_frame_filter *f, struct ms_args *a, size_t skip_words)
{
    *f = (struct ms_frame_filter){ 0 };
    int status = ms_filter_open(a, &f->filter);
    if (status >= 0 || !f->filter || (ms_dfilter_units(f->filter) & ~(1u << MS_UNIT_FRAME)) == 0)
        return status;
    f->kept = ms_replace_stdin(a, skip_words, f->path);
    f->members = ms_members_create(f->filter, &a->limits);
    const char *once = ms_read_once(a->words + skip_words, a->word_count - skip_words);
    return once ? ms_usage_error("-Y names fields of records: captures are read twice for them, and %s can be read once only", once) : -1;
}

static void take(void *ctx, struct ms_select_record r) { ms_members_take(ctx, &r); }

static void on_session(void *ctx, const struct ms_session *s) { take(ctx, (struct ms_select_record){ .unit = MS_UNIT_SESSION, .session = s }); }
static void on_message(void *ctx, const struct ms_message *m) { take(ctx, (struct ms_select_record){ .unit = MS_UNIT_MESSAGE, .session = m->session, .message = m }); }
static void on_finding(void *ctx, const struct ms_finding *f) { take(ctx, (struct ms_select_record){ .unit = MS_UNIT_FINDING, .finding = f }); }

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    take(ctx, (struct ms_select_record){ .unit = MS_UNIT_EXCHANGE, .session = s, .exchange = x });
}

void ms_frame_filter_learn(struct ms_frame_filter *f, struct ms_args *a, size_t skip_words)
{
    struct ms_run run;
    bool          quiet = a->quiet, wants[MS_UNIT_COUNT];
    if (!f->members)
        return;
    for (int i = 0; i < MS_UNIT_COUNT; i++)
        wants[i] = ms_members_wants(f->members, (enum ms_unit)i);
    ms_run_init(&run, a, skip_words);
    run.output = (struct ms_output){ .session = wants[MS_UNIT_SESSION] ? on_session : NULL, .exchange = wants[MS_UNIT_EXCHANGE] ? on_exchange : NULL,
                                     .message = wants[MS_UNIT_MESSAGE] ? on_message : NULL, .ctx = f->members };
    run.options.keep_findings = wants[MS_UNIT_FINDING];
    run.options.judge = wants[MS_UNIT_FINDING] || wants[MS_UNIT_MESSAGE] || wants[MS_UNIT_SESSION]; /* sessions list the rules found in them */
    ms_run_hash_for(&run, f->filter);
    a->quiet = true; /* remarks come from the pass that lists frames */
    ms_run_captures_quietly(&run);
    a->quiet = quiet;
    if (wants[MS_UNIT_FINDING])
        ms_checks_each_finding(ms_engine_checks(run.engine), on_finding, f->members);
    ms_run_finish(&run);
    ms_members_close(f->members);
}

uint64_t ms_frame_filter_needs(const struct ms_frame_filter *f) { return (f->filter ? ms_filter_needs(f->filter) : 0) | (f->members ? MS_NEED_SEGMENT : 0); }

uint64_t ms_frame_filter_marks(const struct ms_frame_filter *f) { return f->filter ? ms_filter_marks(f->filter) : 0; }

bool ms_frame_filter_is_ordered(const struct ms_frame_filter *f)
{
    return f->filter && ms_filter_names_frame_field(f->filter, MS_FF_FRAME_TIME_DELTA_DISPLAYED);
}

bool ms_frame_filter_matches(const struct ms_frame_filter *f, const struct ms_frame *frame)
{
    return f->members ? ms_members_match(f->members, frame) : !f->filter || ms_filter_matches_frame(f->filter, frame);
}

void ms_frame_filter_say(const struct ms_frame_filter *f, const struct ms_args *a, uint64_t more)
{
    static const enum ms_limit limits[] = { MS_LIMIT_frame_records, MS_LIMIT_filter_sets };
    for (size_t i = 0; f->members && i < sizeof limits / sizeof *limits; i++)
        ms_say_limit(a, limits[i], ms_members_cut(f->members, limits[i]));
    ms_say_filter_cut(a, (f->filter ? ms_dfilter_cut(f->filter) : 0) + more);
}

void ms_frame_filter_close(struct ms_frame_filter *f)
{
    ms_members_destroy(f->members);
    ms_dfilter_destroy(f->filter);
    if (f->kept)
        fclose(f->kept);
}
