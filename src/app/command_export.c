/* app/command_export.c - export messages|attachments -o FOLDER; packets: command_export_packets.c. */
#include "app/commands.h"
#include "app/kept.h"

#include "sink/export.h"

#include <errno.h>

static int export_to(struct ms_args *a, bool attachments, struct ms_kept *kept)
{
    enum ms_format    format = a->format_given && a->format != MS_FORMAT_TABLE ? a->format : MS_FORMAT_NDJSON;
    struct ms_export *x = ms_export_open(a->output, attachments, format, &a->limits);
    if (!x) {
        fprintf(stderr, "mailscope: cannot export to %s: %s\n", a->output, strerror(errno));
        return MS_EXIT_INPUT;
    }
    struct ms_run    run;
    struct ms_output output = ms_export_output(x);
    ms_kept_learn(kept, a);
    ms_run_init(&run, a, 1);
    run.options.hash_parts = attachments;
    run.options.hash_messages = !attachments;
    run.output = ms_kept_output(kept, &output);
    ms_run_captures(&run);
    int status = ms_run_status(&run);
    unsigned long long all = ms_export_occurrences(x), files = ms_export_files(x);
    if (!a->quiet)
        fprintf(stderr, "mailscope: %llu %s%s, %llu different file%s in %s\n", all, attachments ? "attachment" : "message", all == 1 ? "" : "s", files,
                files == 1 ? "" : "s", a->output);
    if (ms_export_refused(x))
        fprintf(stderr, "mailscope: note: limit attachment_files reached: %llu contents are listed but not written\n",
                (unsigned long long)ms_export_refused(x));
    ms_run_finish(&run);
    if (ms_export_close(x))
        return status;
    fprintf(stderr, "mailscope: cannot write to %s: %s\n", a->output, strerror(errno));
    return MS_EXIT_INPUT;
}

int ms_command_export(struct ms_args *a)
{
    if (strcmp(a->words[0], "packets") == 0)
        return ms_export_packets(a);
    bool messages = strcmp(a->words[0], "messages") == 0, attachments = strcmp(a->words[0], "attachments") == 0;
    if (!messages && !attachments)
        return ms_usage_error("export takes messages, attachments or packets before the capture, not '%s'", a->words[0]);
    if (a->word_count < 2)
        return ms_usage_error("export %s needs a capture file (- is standard input)", a->words[0]);
    if (!a->output)
        return ms_usage_error("export needs a folder: -o FOLDER");
    if (a->field_count)
        return ms_usage_error("the index of an export has fixed columns: -e does not apply");
    struct ms_kept kept;
    int            status = ms_kept_open(&kept, a, MS_UNIT_MESSAGE);
    if (status < 0)
        status = export_to(a, attachments, &kept);
    ms_kept_close(&kept);
    return status;
}
