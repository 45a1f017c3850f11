/* app/command_follow.c - follow N: the dialogue of session N. */
#include "app/commands.h"

#include "sink/follow.h"

#include <unistd.h>

/* Raw bytes have no room for remarks. */
static void say_missing(const struct ms_args *a, const struct ms_follow *f)
{
    static const char *const sides[] = { "client", "server" };
    for (int d = 0; d < 2; d++)
        if (ms_follow_missing(f, (enum ms_dir)d) && !ms_only_leaves_out(a->only, (enum ms_dir)d))
            fprintf(stderr, "mailscope: note: at least %llu bytes of the %s are missing from the capture\n",
                    (unsigned long long)ms_follow_missing(f, (enum ms_dir)d), sides[d]);
    if (ms_follow_unread(f))
        fputs("mailscope: note: TLS records that could not be read are left out\n", stderr);
}

static int print_dialogue(struct ms_args *a, uint64_t frame, FILE *out)
{
    struct ms_run run;
    ms_run_init(&run, a, 1);
    run.options.follow_frame = frame;
    const struct ms_follow_options how = { .out = out, .format = a->format_given ? a->format : MS_FORMAT_TABLE, .dump = a->dump,
                                           .only = a->only, .color = ms_use_color(a, out), .show_secrets = a->show_secrets, .first_frame = frame };
    run.output = (struct ms_output){ .stream = ms_follow_data, .stream_gap = ms_follow_gap, .session = ms_follow_session,
                                     .ctx = ms_follow_create(&how) };
    run.digits = ms_follow_time_digits;
    ms_run_captures(&run);
    if (a->dump == MS_DUMP_RAW && !a->quiet)
        say_missing(a, run.output.ctx);
    bool written = ms_follow_close(run.output.ctx);
    int  status = ms_run_status(&run);
    ms_run_finish(&run);
    return written ? status : MS_EXIT_INPUT;
}

int ms_command_follow(struct ms_args *a)
{
    if (a->field_count || (a->format_given && a->format >= MS_FORMAT_CSV))
        return ms_usage_error("follow prints lines as text or, with --json, as objects, or bytes (raw, ascii, hex, c-array); -e, csv and tsv do not apply");
    if (a->dump == MS_DUMP_RAW && (!a->output || strcmp(a->output, "-") == 0) && isatty(STDOUT_FILENO))
        return ms_usage_error("raw bytes are not for a terminal: give -o FILE, or a pipe; --format ascii shows them");
    return ms_one_session(a, print_dialogue);
}
