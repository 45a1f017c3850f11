/* app/command_packets.c - packets: frames as a packet list. */
#include "app/commands.h"

#include "app/frame_filter.h"
#include "sink/packets.h"

#include <unistd.h>

struct listing { struct ms_packets *packets; struct ms_frame_filter filter; };

static bool matches(void *ctx, const struct ms_frame *f) { return ms_frame_filter_matches(&((struct listing *)ctx)->filter, f); }

static bool on_frame(void *ctx, const struct ms_frame *f)
{
    ms_packets_frame(((struct listing *)ctx)->packets, f);
    return true;
}

/* In order, where the answer for a frame depends on that for those before. */
static bool on_ordered_frame(void *ctx, const struct ms_frame *f) { return matches(ctx, f) && on_frame(ctx, f); }

static void set_up_frames(struct ms_run *run, struct listing *l)
{
    uint64_t asked = ms_frame_filter_needs(&l->filter), needs = ms_packets_needs(l->packets) | asked;
    bool     ordered = ms_frame_filter_is_ordered(&l->filter);
    run->frames = (struct ms_frames_options){ .needs = needs, .limits = run->args->limits, .show_secrets = run->args->show_secrets,
                                              .each = ordered ? on_ordered_frame : on_frame, .matches = l->filter.filter && !ordered ? matches : NULL,
                                              .asked = asked, .asked_marks = ms_frame_filter_marks(&l->filter),
                                              .asked_ports = l->filter.filter && ms_filter_names_only(l->filter.filter, MS_FF_TCP_PORT), .ctx = l,
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

static int list_frames(struct ms_args *a, struct listing *l)
{
    struct ms_run run;
    ms_run_init(&run, a, 0);
    set_up_frames(&run, l);
    run.digits = on_digits;
    run.digits_ctx = l;
    run.pause = on_pause;
    ms_run_captures(&run);
    ms_frame_filter_say(&l->filter, a, ms_packets_cut(l->packets));
    int status = ms_run_status(&run);
    ms_run_finish(&run);
    return status;
}

static int list_to(struct ms_args *a, struct listing *l, FILE *out)
{
    struct ms_buffer error = { 0 };
    struct ms_packets_options o = { .sink = { .format = ms_format_for(a, out), .kind = MS_KIND_PACKET, .out = out, .fields = a->fields,
                                              .field_count = a->field_count, .show_secrets = a->show_secrets, .color = ms_use_color(a, out) },
                                    .time = a->time_format, .separated = a->separated, .cut = isatty(fileno(out)) ? ms_terminal_columns(out) : 0 };
    int status = check_format(a, o.sink.format);
    if (status >= 0)
        return status;
    l->packets = ms_packets_open(&o, &error);
    if (!l->packets) {
        fprintf(stderr, "mailscope: %.*s", (int)error.n, (const char *)error.p);
        ms_buffer_finish(&error);
        return MS_EXIT_USAGE;
    }
    ms_frame_filter_learn(&l->filter, a, 0);
    status = list_frames(a, l);
    return ms_packets_close(l->packets) ? status : MS_EXIT_INPUT;
}

int ms_command_packets(struct ms_args *a)
{
    struct listing l = { 0 };
    int            status = ms_frame_filter_open(&l.filter, a, 0);
    FILE          *out = status < 0 ? ms_out_open(a) : NULL;
    if (out) {
        status = list_to(a, &l, out);
        status = ms_out_close(a, out) ? status : MS_EXIT_INPUT;
    }
    ms_frame_filter_close(&l.filter);
    return status < 0 ? MS_EXIT_INPUT : status;
}
