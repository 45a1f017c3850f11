/* app/command_follow.c - follow N: the dialogue of session N. */
#include "app/commands.h"

#include "sink/follow.h"

static int print_dialogue(struct ms_args *a, uint64_t frame, FILE *out)
{
    struct ms_run run;
    ms_run_init(&run, a, 1);
    run.options.follow_frame = frame;
    const struct ms_follow_options how = { .out = out, .format = a->format_given ? a->format : MS_FORMAT_TABLE, .color = ms_use_color(a, out),
                                           .show_secrets = a->show_secrets, .first_frame = frame };
    run.output = (struct ms_output){ .stream = ms_follow_data, .stream_gap = ms_follow_gap, .session = ms_follow_session,
                                     .ctx = ms_follow_create(&how) };
    ms_run_captures(&run);
    bool written = ms_follow_close(run.output.ctx);
    int  status = ms_run_status(&run);
    ms_run_finish(&run);
    return written ? status : MS_EXIT_INPUT;
}

int ms_command_follow(struct ms_args *a)
{
    if (a->field_count || (a->format_given && a->format >= MS_FORMAT_CSV))
        return ms_usage_error("follow prints lines as text or, with --json, as objects; -e, csv and tsv do not apply");
    return ms_one_session(a, print_dialogue);
}
