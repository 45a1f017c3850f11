/* app/command_diagnose.c - what happened, on one screen. */
#include "app/commands.h"

#include "sink/diagnose.h"

static void again(void *screen) { ms_screen_forget(screen); }

int ms_command_diagnose(struct ms_args *a)
{
    if (a->field_count)
        return ms_usage_error("diagnose has no fields: use sessions, exchanges, messages or findings with -e");
    if (a->format_given && a->format >= MS_FORMAT_CSV)
        return ms_usage_error("diagnose prints a table or JSON; csv and tsv come from sessions, findings, ...");
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    struct ms_run run;
    ms_run_init(&run, a, 0);
    run.output = (struct ms_output){ .session = ms_screen_session, .message = ms_screen_message, .ctx = ms_screen_create() };
    run.options.judge = run.options.hash_parts = true;
    run.again = again;
    ms_run_captures(&run);
    bool json = a->format_given && a->format != MS_FORMAT_TABLE, written = true;
    if (json)
        written = ms_screen_print_json(run.output.ctx, run.engine, out);
    else if (ms_engine_totals(run.engine)->packets || !run.input_error) /* else the sentence about the input says it all */
        written = ms_screen_print(run.output.ctx, run.engine, out, ms_use_color(a, out));
    int status = ms_run_status(&run);
    ms_screen_destroy(run.output.ctx);
    ms_run_finish(&run);
    written &= ms_out_close(a, out);
    return written ? status : MS_EXIT_INPUT;
}
