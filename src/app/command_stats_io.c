/* app/command_stats_io.c - stats io: frames and bytes over time. */
#include "app/commands.h"

#include "sink/filter.h"
#include "sink/stats_io.h"

#include <unistd.h>

struct over_time { struct ms_io *io; struct ms_dfilter *filter; };

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    struct over_time *t = ctx;
    bool              counts = !t->filter || ms_filter_matches_frame(t->filter, f);
    ms_io_frame(t->io, f, counts);
    return counts;
}

/* Nobody asks in which order frames are counted, so none has to wait for one before it. */
static bool on_any_frame(void *ctx, const struct ms_frame *f)
{
    on_frame(ctx, f);
    return false;
}

static bool never(void *ctx, const struct ms_frame *f)
{
    (void)ctx, (void)f;
    return false;
}

static bool depends_on_order(const struct over_time *t)
{
    return ms_io_names_frame_field(t->io, MS_FF_FRAME_TIME_DELTA_DISPLAYED) ||
           (t->filter && ms_filter_names_frame_field(t->filter, MS_FF_FRAME_TIME_DELTA_DISPLAYED));
}

static void on_digits(void *ctx, unsigned digits) { ms_io_time_digits(((struct over_time *)ctx)->io, digits); }

static int run_over(struct ms_args *a, struct over_time *t)
{
    struct ms_run run;
    uint32_t      needs = ms_io_needs(t->io) | (t->filter ? ms_filter_needs(t->filter) : 0);
    ms_run_init(&run, a, 1);
    bool ordered = depends_on_order(t);
    run.frames = (struct ms_frames_options){ .needs = needs, .limits = a->limits, .each = ordered ? on_frame : never, .matches = ordered ? NULL : on_any_frame,
                                             .asked = needs, .ctx = t, .bytes_unused = !ms_frame_reads_bytes(needs) };
    run.digits = on_digits;
    run.digits_ctx = t;
    ms_run_captures(&run);
    ms_say_filter_cut(a, (t->filter ? ms_dfilter_cut(t->filter) : 0) + ms_io_cut(t->io));
    if (ms_io_doubled(t->io) && !a->quiet)
        fprintf(stderr, "mailscope: note: limit io_cells reached: intervals are %llu times as long as asked for (--limit io_cells=N changes it)\n",
                1ULL << ms_io_doubled(t->io));
    int status = ms_run_status(&run);
    ms_run_finish(&run);
    return status;
}

int ms_command_stats_io(struct ms_args *a)
{
    struct over_time t = { 0 };
    struct ms_buffer error = { 0 };
    int              status = ms_filter_open_frames(a, &t.filter);
    if (status >= 0)
        return status;
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    enum ms_format       format = a->format_given ? a->format : MS_FORMAT_TABLE;
    struct ms_io_options o = { .format = format, .out = out, .interval = a->interval, .series = a->series, .series_count = a->series_count,
                               .cells = a->limits.io_cells, .bars = format == MS_FORMAT_TABLE && isatty(fileno(out)), .utf8 = ms_terminal_utf8() };
    t.io = ms_io_open(&o, &error);
    if (!t.io)
        fprintf(stderr, "mailscope: --series: %.*s", (int)error.n, (const char *)error.p);
    status = t.io ? run_over(a, &t) : MS_EXIT_USAGE;
    bool written = t.io ? ms_io_close(t.io) : true;
    ms_buffer_finish(&error);
    ms_dfilter_destroy(t.filter);
    written &= ms_out_close(a, out);
    return written ? status : MS_EXIT_INPUT;
}
