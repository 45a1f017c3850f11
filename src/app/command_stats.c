/* app/command_stats.c - stats codes|commands|conversations|endpoints|times|tls; io is in command_stats_io.c. */
#include "app/commands.h"

#include "sink/stats.h"

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
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    struct ms_run    run;
    struct ms_stats *stats = ms_stats_create((enum ms_stats_kind)kind);
    ms_run_init(&run, a, 1);
    run.output = ms_stats_output(stats);
    ms_run_captures(&run);
    bool written = ms_stats_print(stats, a->format_given ? a->format : MS_FORMAT_TABLE, out);
    int  status = ms_run_status(&run);
    ms_stats_destroy(stats);
    ms_run_finish(&run);
    written &= ms_out_close(a, out);
    return written ? status : MS_EXIT_INPUT;
}
