/* app/command_packets.c - packets: frames as a packet list. */
#include "app/commands.h"

#include "sink/filter.h"
#include "sink/packets.h"

#include <unistd.h>

struct listing { struct ms_packets *packets; struct ms_dfilter *filter; };

static bool matches(void *ctx, const struct ms_frame *f) { return ms_filter_matches_frame(((struct listing *)ctx)->filter, f); }

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    ms_packets_frame(((struct listing *)ctx)->packets, f);
    return true;
}

/* In order, where the answer for a frame depends on that for those before. */
static bool on_ordered_frame(void *ctx, const struct ms_frame *f) { return matches(ctx, f) && on_frame(ctx, f); }

static void set_up_frames(struct ms_run *run, struct listing *l)
{
    uint32_t asked = l->filter ? ms_filter_needs(l->filter) : 0, needs = ms_packets_needs(l->packets) | asked;
    bool     ordered = l->filter && ms_filter_names_frame_field(l->filter, MS_FF_FRAME_TIME_DELTA_DISPLAYED);
    run->frames = (struct ms_frames_options){ .needs = needs, .limits = run->args->limits, .show_secrets = run->args->show_secrets,
                                              .each = ordered ? on_ordered_frame : on_frame, .matches = l->filter && !ordered ? matches : NULL,
                                              .asked = asked, .asked_said = l->filter && ms_filter_asks_only_said(l->filter), .ctx = l,
                                              .bytes_unused = !ms_frame_reads_bytes(needs) };
}

static void on_pause(void *ctx) { ms_packets_flush(((struct listing *)ctx)->packets); }
static void on_digits(void *ctx, unsigned digits) { ms_packets_time_digits(((struct listing *)ctx)->packets, digits); }

/* Options that say how people read times, or how CSV and TSV are put together, mean nothing elsewhere. */
static int check_format(const struct ms_args *a, enum ms_format format)
{
    bool table = format == MS_FORMAT_TABLE, separated = format == MS_FORMAT_CSV || format == MS_FORMAT_TSV;
    const struct ms_separated *s = &a->separated;
    if (a->time_format_given && !table)
        return ms_usage_error("--time-format is for --format table; for programs there are -e frame.time_relative, frame.time_delta and their like");
    if ((s->separator || s->quote || s->no_header || s->bom) && !separated)
        return ms_usage_error("-E header, separator, quote and bom are for --format csv and tsv");
    return -1;
}

int ms_command_packets(struct ms_args *a)
{
    struct listing   l = { 0 };
    struct ms_buffer error = { 0 };
    int              status = ms_filter_open_frames(a, &l.filter);
    if (status >= 0)
        return status;
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    status = check_format(a, ms_format_for(a, out));
    if (status >= 0) {
        ms_dfilter_destroy(l.filter);
        ms_out_close(a, out);
        return status;
    }
    struct ms_packets_options o = { .sink = { .format = ms_format_for(a, out), .kind = MS_KIND_PACKET, .out = out, .fields = a->fields,
                                              .field_count = a->field_count, .show_secrets = a->show_secrets, .color = ms_use_color(a, out) },
                                    .time = a->time_format, .separated = a->separated, .cut = isatty(fileno(out)) ? ms_terminal_columns(out) : 0 };
    l.packets = ms_packets_open(&o, &error);
    if (!l.packets) {
        fprintf(stderr, "mailscope: %.*s", (int)error.n, (const char *)error.p);
        ms_buffer_finish(&error);
        ms_dfilter_destroy(l.filter);
        ms_out_close(a, out);
        return MS_EXIT_USAGE;
    }
    struct ms_run run;
    ms_run_init(&run, a, 0);
    set_up_frames(&run, &l);
    run.digits = on_digits;
    run.digits_ctx = &l;
    run.pause = on_pause;
    ms_run_captures(&run);
    ms_say_filter_cut(a, (l.filter ? ms_dfilter_cut(l.filter) : 0) + ms_packets_cut(l.packets));
    status = ms_run_status(&run);
    bool written = ms_packets_close(l.packets);
    ms_run_finish(&run);
    ms_dfilter_destroy(l.filter);
    written &= ms_out_close(a, out);
    return written ? status : MS_EXIT_INPUT;
}
