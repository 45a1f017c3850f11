/* app/command_stats.c - stats codes|commands|conversations|endpoints|times|tls; io is in command_stats_io.c. */
#include "app/commands.h"
#include "app/kept.h"

#include "sink/stats.h"

static int stats_to(struct ms_args *a, enum ms_stats_kind kind, struct ms_kept *kept, FILE *out)
{
    struct ms_run    run;
    struct ms_stats *stats = ms_stats_create(kind);
    struct ms_output output = ms_stats_output(stats);
    ms_kept_learn(kept, a);
    ms_run_init(&run, a, 1);
    run.output = ms_kept_output(kept, &output);
    ms_run_captures(&run);
    bool written = ms_stats_print(stats, a->format_given ? a->format : MS_FORMAT_TABLE, out);
    int  status = ms_run_status(&run);
    ms_stats_destroy(stats);
    ms_run_finish(&run);
    return written ? status : MS_EXIT_INPUT;
}

int ms_command_stats(struct ms_args *a)
{
    int  kind = 0;
    bool io = strcmp(a->words[0], "io") == 0;
    while (ms_stats_names[kind] && strcmp(a->words[0], ms_stats_names[kind]) != 0)
        kind++;
    if (!ms_stats_names[kind] && !io)
        return ms_usage_error("stats takes codes, commands, conversations, endpoints, io, times or tls before the capture, not '%s'", a->words[0]);
    if (a->word_count < 2)
        return ms_usage_error("stats %s needs a capture file (- is standard input)", a->words[0]);
    if (a->field_count)
        return ms_usage_error("stats prints whole rows: -e does not apply");
    if (io)
        return ms_command_stats_io(a);
    struct ms_kept kept;
    int            status = ms_kept_open(&kept, a, kind == MS_STATS_COMMANDS ? MS_UNIT_EXCHANGE : MS_UNIT_SESSION);
    FILE          *out = status < 0 ? ms_out_open(a) : NULL;
    if (out) {
        status = stats_to(a, (enum ms_stats_kind)kind, &kept, out);
        status = ms_out_close(a, out) ? status : MS_EXIT_INPUT;
    }
    ms_kept_close(&kept);
    return status < 0 ? MS_EXIT_INPUT : status;
}
