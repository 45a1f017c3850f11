/* app/command_stats_io.c - stats io: frames and bytes over time. */
#include "app/commands.h"

#include "app/frame_filter.h"
#include "sink/stats_io.h"

#include <unistd.h>

struct over_time { struct ms_io *io; struct ms_frame_filter filter; };

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    struct over_time *t = ctx;
    bool              counts = ms_frame_filter_matches(&t->filter, f);
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

static void on_digits(void *ctx, unsigned digits) { ms_io_time_digits(((struct over_time *)ctx)->io, digits); }

static int run_over(struct ms_args *a, struct over_time *t)
{
    struct ms_run run;
    uint64_t      needs = ms_io_needs(t->io) | ms_frame_filter_needs(&t->filter);
    ms_run_init(&run, a, 1);
    bool ordered = ms_frame_filter_is_ordered(&t->filter) || ms_io_names_frame_field(t->io, MS_FF_FRAME_TIME_DELTA_DISPLAYED);
    run.frames = (struct ms_frames_options){ .needs = needs, .limits = a->limits, .each = ordered ? on_frame : never, .matches = ordered ? NULL : on_any_frame,
                                             .asked = needs, .ctx = t, .bytes_unused = !ms_frame_reads_bytes(needs) };
    run.digits = on_digits;
    run.digits_ctx = t;
    ms_run_captures(&run);
    ms_frame_filter_say(&t->filter, a, ms_io_cut(t->io));
    if (ms_io_doubled(t->io) && !a->quiet)
        fprintf(stderr, "mailscope: note: limit io_cells reached: intervals are %llu times as long as asked for (--limit io_cells=N changes it)\n",
                1ULL << ms_io_doubled(t->io));
    int status = ms_run_status(&run);
    ms_run_finish(&run);
    return status;
}

static int stats_to(struct ms_args *a, struct over_time *t, FILE *out)
{
    struct ms_buffer     error = { 0 };
    enum ms_format       format = a->format_given ? a->format : MS_FORMAT_TABLE;
    struct ms_io_options o = { .format = format, .out = out, .interval = a->interval, .series = a->series, .series_count = a->series_count,
                               .cells = a->limits.io_cells, .bars = format == MS_FORMAT_TABLE && isatty(fileno(out)), .utf8 = ms_terminal_utf8() };
    t->io = ms_io_open(&o, &error);
    if (!t->io) {
        fprintf(stderr, "mailscope: --series: %.*s", (int)error.n, (const char *)error.p);
        ms_buffer_finish(&error);
        return MS_EXIT_USAGE;
    }
    ms_frame_filter_learn(&t->filter, a, 1);
    int status = run_over(a, t);
    return ms_io_close(t->io) ? status : MS_EXIT_INPUT;
}

int ms_command_stats_io(struct ms_args *a)
{
    struct over_time t = { 0 };
    int              status = ms_frame_filter_open(&t.filter, a, 1);
    FILE            *out = status < 0 ? ms_out_open(a) : NULL;
    if (out) {
        status = stats_to(a, &t, out);
        status = ms_out_close(a, out) ? status : MS_EXIT_INPUT;
    }
    ms_frame_filter_close(&t.filter);
    return status < 0 ? MS_EXIT_INPUT : status;
}
