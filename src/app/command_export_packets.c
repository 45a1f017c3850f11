/* app/command_export_packets.c - export packets -o FILE: a smaller capture. What matches a filter goes out in one pass; whole sessions are
 * learnt in a first pass and written in a second one. */
#include "app/commands.h"
#include "app/frame_filter.h"

#include "capture/write.h"
#include "sink/mask.h"
#include "sink/selection.h"
#include "base/secret.h"
#include "tls/digest.h"
#include "tls/keylog.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RANDOM_BYTES = 32, PENDING_MAX = 65536 };

struct exporter {
    struct ms_args      *args;
    struct ms_frame_filter filter;
    struct ms_selection *selection; /* NULL: one pass */
    struct ms_mask      *mask;      /* NULL: packets as they are */
    struct ms_capture_writer    *writer;
    struct ms_buffer     pending;   /* client randoms whose secrets have not come yet */
    uint64_t             frames;
};

/* ---- secrets ------------------------------------------------------------------------------------------------ */

/* The lines of a key log with this client random; false: nothing is known. */
static bool write_keys(struct exporter *x, struct ms_bytes random)
{
    static const char *const labels[] = {
        [MS_KEY_MASTER] = "CLIENT_RANDOM", [MS_KEY_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
        [MS_KEY_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET", [MS_KEY_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
        [MS_KEY_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0", [MS_KEY_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
        [MS_KEY_PREMASTER] = "PMS_CLIENT_RANDOM",
    };
    struct ms_buffer lines = { 0 };
    const size_t     all = sizeof labels / sizeof *labels * (MS_KEY_CANDIDATES + 1); /* the best last: of doubles the last one counts */
    for (size_t i = all; i-- > 0;) {
        size_t          label = i / (MS_KEY_CANDIDATES + 1), nth = i % (MS_KEY_CANDIDATES + 1);
        struct ms_bytes secret = ms_keylog_find(x->args->keylog, (enum ms_keylog_label)label, random, (unsigned)nth);
        if (!secret.n)
            continue;
        ms_text_format(&lines, "%s ", labels[label]);
        ms_text_hex(&lines, random);
        ms_text_str(&lines, " ");
        ms_text_hex(&lines, secret);
        ms_text_str(&lines, "\n");
    }
    bool known = lines.n > 0;
    if (known)
        ms_capture_writer_secrets(x->writer, ms_buffer_bytes(&lines));
    ms_secret_wipe(lines.p, lines.n);
    ms_buffer_finish(&lines);
    return known;
}

/* A client's hello: the secrets of its connection go in front of it, or to the end when they come later. Hellos of a renegotiation are
 * encrypted: their secrets are not found. */
static void keys_of(struct exporter *x, const struct ms_frame *f)
{
    enum { RECORD = 5, MESSAGE = 4, VERSION = 2, HANDSHAKE = 22, CLIENT_HELLO = 1 };
    if (f->decoded != MS_DECODED_TCP || ms_at(f->segment.payload, 0) != HANDSHAKE || ms_at(f->segment.payload, RECORD) != CLIENT_HELLO)
        return;
    struct ms_bytes random = ms_slice(f->segment.payload, RECORD + MESSAGE + VERSION, RANDOM_BYTES);
    if (random.n == RANDOM_BYTES && !write_keys(x, random) && x->pending.n < (size_t)PENDING_MAX * RANDOM_BYTES)
        ms_buffer_append(&x->pending, random);
}

static void pending_keys(struct exporter *x)
{
    for (size_t at = 0; at < x->pending.n; at += RANDOM_BYTES)
        write_keys(x, ms_slice(ms_buffer_bytes(&x->pending), at, RANDOM_BYTES));
    ms_buffer_finish(&x->pending);
}

/* ---- passes ------------------------------------------------------------------------------------------------- */

static bool on_write(void *ctx, const struct ms_frame *f)
{
    struct exporter *x = ctx;
    x->frames++;
    if (x->selection ? !ms_selection_has(x->selection, f) : !ms_frame_filter_matches(&x->filter, f))
        return false;
    if (x->args->with_keys)
        keys_of(x, f);
    if (x->mask) {
        struct ms_packet masked = ms_mask_packet(x->mask, f);
        ms_capture_writer_packet(x->writer, &masked);
        return true;
    }
    ms_capture_writer_packet(x->writer, f->packet);
    return true;
}

/* The pass in between, with a mask: what will be written, put in order. */
static bool on_mask(void *ctx, const struct ms_frame *f)
{
    struct exporter *x = ctx;
    if (!ms_selection_has(x->selection, f))
        return false;
    ms_mask_learn(x->mask, f);
    return true;
}

static bool on_learn(void *ctx, const struct ms_frame *f)
{
    struct exporter *x = ctx;
    if (!ms_frame_filter_matches(&x->filter, f))
        return false;
    ms_selection_frame(x->selection, f);
    return true;
}

/* Names of a session stay nowhere, be they words of the protocols, too. */
static void hide_session(struct exporter *x, const struct ms_session *s)
{
    if (!x->mask)
        return;
    ms_mask_session(x->mask, s);
    ms_mask_hide(x->mask, s->user);
    ms_mask_hide(x->mask, s->client.name);
    ms_mask_hide(x->mask, s->server.name);
}

static void on_session(void *ctx, const struct ms_session *s)
{
    struct exporter *x = ctx;
    hide_session(x, s);
    ms_selection_session(x->selection, s);
}

static void on_any_session(void *ctx, const struct ms_session *s)
{
    struct exporter *x = ctx;
    hide_session(x, s);
    ms_selection_whole(x->selection, s);
}

static void on_message(void *ctx, const struct ms_message *m)
{
    const struct exporter *x = ctx;
    const struct ms_bytes  names[] = { m->headers.from, m->headers.to, m->headers.cc, m->headers.reply_to, m->envelope.from };
    for (size_t i = 0; x->mask && i < sizeof names / sizeof *names; i++)
        ms_mask_hide(x->mask, names[i]);
    for (size_t i = 0; x->mask && i < m->envelope.to_count; i++)
        ms_mask_hide(x->mask, m->envelope.to[i].address);
}

/* A password that is a word of servers. */
static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *e)
{
    const struct exporter *x = ctx;
    (void)s;
    if (x->mask && e->secret_n)
        ms_mask_hide(x->mask, ms_slice(e->argument, e->secret_at, e->secret_n));
}
static void on_digits(void *ctx, unsigned digits) { ms_capture_writer_digits(((struct exporter *)ctx)->writer, digits); }

static void on_finding(void *ctx, const struct ms_finding *f)
{
    for (size_t i = 0; i < f->frame_count; i++)
        ms_selection_number(((struct exporter *)ctx)->selection, f->frames[i]);
}

/* Without a filter: every mail session, and the frames that findings name. Remarks come from the second pass. */
static void learn(struct exporter *x)
{
    struct ms_run run;
    bool          quiet = x->args->quiet;
    ms_run_init(&run, x->args, 1);
    if (x->filter.filter) {
        run.frames = (struct ms_frames_options){ .needs = ms_frame_filter_needs(&x->filter) | MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_ELEMENTS,
                                                 .limits = x->args->limits, .each = on_learn, .session = on_session, .ctx = x };
    } else {
        run.output = (struct ms_output){ .session = on_any_session, .message = on_message, .exchange = x->mask ? on_exchange : NULL, .ctx = x };
        run.options.keep_findings = true;
    }
    x->args->quiet = true;
    ms_run_captures_quietly(&run);
    x->args->quiet = quiet;
    if (!x->filter.filter)
        ms_checks_each_finding(ms_engine_checks(run.engine), on_finding, x);
    ms_run_finish(&run);
    ms_selection_close(x->selection);
}

static void on_name(void *ctx, const struct ms_session *s) { hide_session(ctx, s); }

/* With a mask and a filter: whose names there are. */
static void learn_names(struct exporter *x)
{
    struct ms_run run;
    bool          quiet = x->args->quiet;
    ms_run_init(&run, x->args, 1);
    run.output = (struct ms_output){ .session = on_name, .message = on_message, .exchange = on_exchange, .ctx = x };
    x->args->quiet = true;
    ms_run_captures_quietly(&run);
    x->args->quiet = quiet;
    ms_run_finish(&run);
}

static void learn_mask(struct exporter *x)
{
    struct ms_run run;
    bool          quiet = x->args->quiet;
    ms_run_init(&run, x->args, 1);
    run.frames = (struct ms_frames_options){ .needs = MS_NEED_SEGMENT | MS_NEED_STREAM | MS_NEED_FLOWS, .limits = x->args->limits, .each = on_mask, .ctx = x };
    x->args->quiet = true;
    ms_run_captures_quietly(&run);
    x->args->quiet = quiet;
    ms_run_finish(&run);
    ms_mask_ready(x->mask);
    ms_selection_rewind(x->selection);
}

static int write_out(struct exporter *x)
{
    struct ms_run run;
    uint64_t      needs = x->selection ? MS_NEED_SEGMENT | MS_NEED_STREAM : ms_frame_filter_needs(&x->filter);
    ms_run_init(&run, x->args, 1);
    run.frames = (struct ms_frames_options){ .needs = needs | (x->args->with_keys ? MS_NEED_SEGMENT : 0), .limits = x->args->limits,
                                             .each = on_write, .ctx = x };
    run.digits = on_digits;
    run.digits_ctx = x;
    ms_run_captures(&run);
    int status = ms_run_status(&run);
    pending_keys(x);
    ms_run_finish(&run);
    return status;
}

static int export_packets(struct exporter *x, FILE *out)
{
    x->writer = ms_capture_writer_create(out);
    if (x->mask)
        ms_capture_writer_bare(x->writer);
    if (x->selection)
        learn(x);
    if (x->mask && x->filter.filter)
        learn_names(x);
    if (x->mask)
        learn_mask(x);
    int status = write_out(x);
    if (!x->args->quiet)
        fprintf(stderr, "mailscope: %llu of %llu frames written\n", (unsigned long long)ms_capture_writer_count(x->writer), (unsigned long long)x->frames);
    ms_capture_writer_destroy(x->writer);
    return status;
}

/* ---- the command -------------------------------------------------------------------------------------------- */

static bool is_input(const struct ms_args *a)
{
    struct stat out, in;
    if (strcmp(a->output, "-") == 0 || stat(a->output, &out) != 0 || !S_ISREG(out.st_mode))
        return false;
    for (size_t i = 1; i < a->word_count; i++)
        if (stat(a->words[i], &in) == 0 && in.st_dev == out.st_dev && in.st_ino == out.st_ino)
            return true;
    return false;
}

static int check(const struct ms_args *a)
{
    if (a->word_count < 2)
        return ms_usage_error("export packets needs a capture file (- is standard input)");
    if (!a->output)
        return ms_usage_error("export packets needs a file: -o FILE (- is standard output)");
    if (a->field_count || a->format_given)
        return ms_usage_error("export packets writes pcapng: %s does not apply", a->field_count ? "-e" : "--format");
    if (a->mask && a->with_keys)
        return ms_usage_error("--mask replaces what can be read, and keys would make more readable: --with-keys does not go with it");
    if (a->mask_key && !a->mask)
        return ms_usage_error("--mask-key goes with --mask");
    if (is_input(a))
        return ms_usage_error("%s is one of the captures: write to another file", a->output);
    if (strcmp(a->output, "-") == 0 && isatty(STDOUT_FILENO))
        return ms_usage_error("a capture is not for a terminal: -o FILE, or a pipe");
    return -1;
}

/* From the file of --mask-key, all of it (64 KiB at most); else by chance. False: said. */
static bool open_mask(struct exporter *x)
{
    enum { FILE_BYTES = 65536, DIGEST = 32 };
    uint8_t  key[DIGEST], *text = ms_alloc(FILE_BYTES);
    FILE    *file = x->args->mask_key ? fopen(x->args->mask_key, "rb") : NULL;
    size_t   n = file ? fread(text, 1, FILE_BYTES, file) : 0;
    bool     ok = x->args->mask_key ? n > 0 && ms_tls_digest("SHA256", &(struct ms_bytes){ text, n }, 1, key)
                                    : getrandom(key, MS_MASK_KEY_BYTES, 0) == MS_MASK_KEY_BYTES;
    if (ok)
        x->mask = ms_mask_create(&x->args->limits, key);
    else
        fprintf(stderr, "mailscope: cannot read %s: %s\n", x->args->mask_key ? x->args->mask_key : "random bytes",
                x->args->mask_key && file && n == 0 ? "it is empty" : strerror(errno));
    if (file)
        fclose(file);
    ms_secret_wipe(text, FILE_BYTES);
    ms_secret_wipe(key, sizeof key);
    ms_free(text);
    return ok;
}

static int export_to(struct exporter *x, FILE *out)
{
    struct ms_args *a = x->args;
    bool            twice = !x->filter.filter || a->whole_sessions || a->mask;
    char            path[64] = "";
    FILE           *kept = twice ? ms_replace_stdin(a, 1, path) : NULL;
    x->selection = twice ? ms_selection_create(&a->limits) : NULL;
    ms_frame_filter_learn(&x->filter, a, 1);
    int status = export_packets(x, out);
    if (kept)
        fclose(kept);
    if (x->selection)
        ms_selection_destroy(x->selection);
    return status;
}

int ms_export_packets(struct ms_args *a)
{
    struct exporter x = { .args = a };
    int             status = check(a);
    if (status >= 0)
        return status;
    status = ms_frame_filter_open(&x.filter, a, 1);
    bool  ready = status < 0 && (!a->mask || open_mask(&x));
    FILE *out = ready ? ms_out_open(a) : NULL;
    if (out) {
        status = export_to(&x, out);
        status = ms_out_close(a, out) ? status : MS_EXIT_INPUT;
    }
    ms_mask_destroy(x.mask);
    ms_frame_filter_close(&x.filter);
    return status < 0 ? MS_EXIT_INPUT : status;
}
