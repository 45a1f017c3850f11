/* app/one_session.c - commands about session N: the first pass finds the frame that opens it, the second prints it.
 * Standard input is kept in an unlinked temporary file for the second pass. */
#include "app/commands.h"

#include <errno.h>
#include <unistd.h>

struct wanted { uint64_t id, first_frame, last_id; };

static void find_session(void *ctx, const struct ms_session *s)
{
    struct wanted *w = ctx;
    if (s->id == w->id)
        w->first_frame = s->first_frame;
    if (s->id > w->last_id)
        w->last_id = s->id;
}

/* Copies standard input to a file that has no name; its path under /dev/fd, or NULL with a sentence printed. */
static FILE *keep_stdin(char path[64])
{
    static uint8_t bytes[1 << 16];
    FILE          *file = tmpfile();
    if (!file) {
        fprintf(stderr, "mailscope: cannot make a temporary file for standard input: %s\n", strerror(errno));
        return NULL;
    }
    for (ssize_t n; (n = read(STDIN_FILENO, bytes, sizeof bytes)) > 0;)
        fwrite(bytes, 1, (size_t)n, file);
    fflush(file);
    snprintf(path, 64, "/dev/fd/%d", fileno(file));
    return file;
}

FILE *ms_replace_stdin(struct ms_args *a, size_t skip_words, char path[64])
{
    FILE *kept = NULL;
    for (size_t i = skip_words; i < a->word_count; i++) {
        if (strcmp(a->words[i], "-") != 0)
            continue;
        if (!kept && !(kept = keep_stdin(path)))
            return NULL;
        a->words[i] = path;
    }
    return kept;
}

static int find_and_print(struct ms_args *a, struct wanted *w, FILE *out, ms_print_session *print)
{
    struct ms_run run;
    bool          quiet = a->quiet;
    ms_run_init(&run, a, 1);
    run.output = (struct ms_output){ .session = find_session, .ctx = w };
    a->quiet = true; /* remarks come once, from the second pass */
    ms_run_captures_quietly(&run);
    a->quiet = quiet;
    ms_run_finish(&run);
    if (w->first_frame)
        return print(a, w->first_frame, out);
    if (w->last_id == 0)
        return ms_usage_error("there is no mail session in this capture");
    return ms_usage_error("there is no session %llu: they go from 1 to %llu (mailscope sessions lists them)",
                          (unsigned long long)w->id, (unsigned long long)w->last_id);
}

int ms_one_session(struct ms_args *a, ms_print_session *print)
{
    struct wanted w = { 0 };
    char          path[64];
    if (!ms_parse_count(a->words[0], &w.id) || w.id == 0)
        return ms_usage_error("%s takes the number of a session before the capture, not '%s'", a->command->name, a->words[0]);
    if (a->word_count < 2)
        return ms_usage_error("%s needs a capture file (- is standard input)", a->command->name);
    FILE *out = ms_out_open(a);
    if (!out)
        return MS_EXIT_INPUT;
    FILE *kept = ms_replace_stdin(a, 1, path);
    int   status = find_and_print(a, &w, out, print);
    if (kept)
        fclose(kept);
    return ms_out_close(a, out) ? status : MS_EXIT_INPUT;
}
