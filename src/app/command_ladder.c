/* app/command_ladder.c - ladder N: session N as a sequence diagram. */
#include "app/commands.h"

#include "sink/ladder.h"

static int print_ladder(struct ms_args *a, uint64_t frame, FILE *out)
{
    const struct ms_ladder_options how = { .out = out, .columns = ms_terminal_columns(out), .utf8 = ms_terminal_utf8(),
                                           .color = ms_use_color(a, out), .show_secrets = a->show_secrets, .first_frame = frame,
                                           .most_rows = a->limits.ladder_rows };
    struct ms_ladder *ladder = ms_ladder_create(&how);
    struct ms_run     run;
    ms_run_init(&run, a, 1);
    run.options.follow_frame = frame;
    run.output = ms_ladder_output(ladder);
    ms_run_captures(&run);
    if (ms_ladder_left_out(ladder) && !a->quiet)
        fprintf(stderr, "mailscope: note: limit ladder_rows reached: %llu rows are left out (--limit ladder_rows=N changes it)\n",
                (unsigned long long)ms_ladder_left_out(ladder));
    bool written = ms_ladder_close(ladder);
    int  status = ms_run_status(&run);
    ms_run_finish(&run);
    return written ? status : MS_EXIT_INPUT;
}

int ms_command_ladder(struct ms_args *a)
{
    if (a->field_count || (a->format_given && a->format != MS_FORMAT_TABLE))
        return ms_usage_error("ladder draws a picture for people, it has no records; for programs: mailscope exchanges --json");
    return ms_one_session(a, print_ladder);
}
