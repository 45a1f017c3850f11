#include "app/run.h"
#include "app/resolve.h"

#include "engine/answers.h"
#include "sink/filter.h"
#include "tls/keylog.h"
#include "tls/private_key.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

void ms_run_init(struct ms_run *r, struct ms_args *a, size_t skip_words)
{
    *r = (struct ms_run){ .args = a, .captures = a->words + skip_words, .capture_count = a->word_count - skip_words };
    r->options = (struct ms_engine_options){ .limits = a->limits, .decode_as = a->decode_as, .decode_as_count = a->decode_as_count, .weights = &a->weights, .scanners = a->scanners,
                                              .keylog = a->keylog, .private_keys = a->private_keys };
}

/* ---- progress: one line on standard error, when work takes over a second --------------------------------------- */

struct progress { bool on, shown; struct timespec start, last; };

static double since(const struct timespec *t)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - t->tv_sec) + (double)(now.tv_nsec - t->tv_nsec) / 1e9;
}

static void progress_start(struct progress *p, const struct ms_args *a)
{
    p->on = a->progress == MS_WHEN_ALWAYS || (a->progress == MS_WHEN_AUTO && !a->quiet && isatty(STDERR_FILENO));
    clock_gettime(CLOCK_MONOTONIC, &p->start);
    p->last = p->start;
}

static void progress_show(struct progress *p, const struct ms_source *s)
{
    if (since(&p->last) < 0.2 || since(&p->start) < 1.0)
        return;
    uint64_t done = ms_source_bytes(s), total = ms_source_bytes_total(s);
    clock_gettime(CLOCK_MONOTONIC, &p->last);
    p->shown = true;
    if (total)
        fprintf(stderr, "\r%3.0f %%  %.0f MB/s \033[K", 100.0 * (double)done / (double)total, (double)done / 1e6 / since(&p->start));
    else
        fprintf(stderr, "\r%.0f MB  %.0f MB/s \033[K", (double)done / 1e6, (double)done / 1e6 / since(&p->start));
}

static void progress_end(struct progress *p)
{
    if (p->shown)
        fputs("\r\033[K", stderr);
}

/* ---- the pass -------------------------------------------------------------------------------------------------- */

static void say_errors(struct ms_run *r)
{
    const char *sentence;
    for (size_t i = 0; (sentence = ms_source_error(r->source, i)); i++) {
        r->input_error = true;
        fprintf(stderr, "mailscope: %s\n", sentence);
    }
}

/* Where no key ever came, nobody needs to know how long it was waited for. */
static bool has_keys(const struct ms_args *a)
{
    return ms_keylog_count(a->keylog) || ms_private_keys_count(a->private_keys);
}

void ms_say_limit(const struct ms_args *a, enum ms_limit limit, uint64_t n)
{
    const struct ms_limit_row *row = &ms_limit_rows[limit];
    if (n && !a->quiet)
        fprintf(stderr, "mailscope: note: limit %s reached %llu times (%s; --limit %s=N changes it)\n", row->name, (unsigned long long)n,
                row->reason, row->name);
}

void ms_say_filter_cut(const struct ms_args *a, uint64_t n)
{
    if (n && !a->quiet)
        fprintf(stderr, "mailscope: note: limits of display filters were reached %llu times: values were left out, or taken not to match (docs/filters.md, Limits)\n",
                (unsigned long long)n);
}

static void say_limits(const struct ms_run *r)
{
    const struct ms_totals *t = ms_engine_totals(r->engine);
    for (int i = 0; i < MS_LIMIT_COUNT; i++)
        if (i != MS_LIMIT_tls_held_bytes || has_keys(r->args))
            ms_say_limit(r->args, (enum ms_limit)i, t->limits[i] + r->limits[i]);
}

static void say_skipped(const struct ms_run *r)
{
    const struct ms_decode_counts *d = &ms_engine_totals(r->engine)->decode;
    const char                    *name;
    uint64_t                       n;
    if (r->args->quiet)
        return;
    for (size_t i = 0; ms_decoder_unsupported(ms_engine_decoder(r->engine), i, &name, &n); i++)
        fprintf(stderr, "mailscope: note: %llu frames not read: link type not supported: %s\n", (unsigned long long)n, name);
    if (d->malformed)
        fprintf(stderr, "mailscope: note: %llu frames have malformed headers\n", (unsigned long long)d->malformed);
    if (d->fragments_dropped)
        fprintf(stderr, "mailscope: note: %llu IP fragments could not be joined\n", (unsigned long long)d->fragments_dropped);
}

/* Later than what they open: inside a pcapng, or in a key log that is written while the capture is. */
static bool secrets_may_come(const struct ms_run *r)
{
    bool live = ms_source_bytes_total(r->source) == 0, has_log = r->args->keylog_count || getenv("SSLKEYLOGFILE");
    return ms_source_may_have_secrets(r->source) || (live && has_log);
}

static void add_secrets(void *ctx, struct ms_bytes text)
{
    struct ms_run *r = ctx;
    ms_keylog_add_text(r->args->keylog, text);
}

/* With -v: how many secrets there are, and why they do not open sessions; and that there were too many. */
static void say_secrets(const struct ms_run *r)
{
    const struct ms_keylog *k = r->args->keylog;
    if (r->args->verbose)
        fprintf(stderr, "mailscope: %-22s %llu\n", "TLS secrets", (unsigned long long)ms_keylog_count(k));
    for (int i = 0; r->args->verbose && i < MS_TLS_FAULT_COUNT; i++) {
        unsigned long long n = ms_engine_totals(r->engine)->key_faults[i];
        if (n)
            fprintf(stderr, "mailscope: keys do not fit %llu session%s: %s\n", n, n == 1 ? "" : "s", ms_tls_key_fault_words((enum ms_tls_key_fault)i));
    }
    if (!r->args->quiet && ms_keylog_refused(k))
        fprintf(stderr, "mailscope: note: limit capture_secrets reached: %llu secrets of the capture are left out\n",
                (unsigned long long)ms_keylog_refused(k));
}

int ms_filter_open(const struct ms_args *a, struct ms_dfilter **out)
{
    struct ms_dfilter_error error;
    *out = NULL;
    if (!a->filter)
        return -1;
    *out = ms_dfilter_compile(ms_filter_table(), ms_str(a->filter), &error);
    if (*out)
        return -1;
    struct ms_buffer text = { 0 };
    ms_dfilter_error_render(&error, ms_str(a->filter), &text);
    fprintf(stderr, "mailscope: %.*s", (int)text.n, (const char *)text.p);
    ms_buffer_finish(&text);
    return MS_EXIT_USAGE;
}

void ms_run_hash_for(struct ms_run *r, const struct ms_dfilter *filter)
{
    r->options.hash_parts |= r->options.keep_findings;
    if (!filter)
        return;
    r->options.hash_parts |= ms_filter_names(filter, "part.sha256") || ms_filter_names(filter, "parts.sha256") || ms_filter_names(filter, "attachment.sha256");
    r->options.hash_messages |= ms_filter_names(filter, "message.sha256");
}

/* A list of frames that nothing was asked of but headers goes without the engine; beside records frames are listened to. */
static bool reads_mail(const struct ms_run *r) { return !r->frames.each || ms_need_elements(r->frames.needs) || r->output.session; }

static struct ms_frames *open_frames(struct ms_run *r)
{
    if (!r->frames.each)
        return NULL;
    if (r->frames.needs & MS_NEED_SEGMENT)
        r->frames.decoder = r->options.decoder = r->decoder = ms_decoder_create(&r->args->limits);
    struct ms_frames *f = ms_frames_create(&r->frames);
    bool records = r->output.session;
    if (ms_need_elements(r->frames.needs)) {
        r->output.element = ms_frames_element;
        r->output.elements = ms_frames_elements(f);
        r->output.kept = ms_frames_kept;
    }
    if (records) {
        r->output.frame = ms_frames_seen;
    } else if (r->frames.session) {
        r->output.session = ms_frames_session;
        r->output.ctx = f;
    }
    r->output.frames_ctx = f;
    r->options.dialogue_only = !records;
    r->options.want_headers = r->frames.needs & MS_NEED_HEADERS;
    r->options.want_messages = r->frames.needs & MS_NEED_MESSAGES;
    return f;
}

static void work(struct ms_run *r, struct ms_frames *frames, const struct ms_packet *batch, size_t n)
{
    struct ms_decoded_packet decoded[MS_BATCH];
    bool                     reads = reads_mail(r);
    if (frames)
        ms_frames_take(frames, batch, n);
    if (reads && r->decoder)
        ms_engine_decoded(r->engine, decoded, ms_frames_decoded(frames, decoded));
    else if (reads)
        ms_engine_packets(r->engine, batch, n);
    if (frames)
        ms_frames_release(frames, reads ? ms_engine_settled(r->engine) : UINT64_MAX);
}

static void finish(struct ms_run *r, struct ms_frames *frames)
{
    ms_engine_finish(r->engine);
    for (enum ms_limit l = MS_LIMIT_filter_sets; l <= MS_LIMIT_filter_classes; l++)
        r->limits[l] += ms_rules_cut(r->args->rules, l);
    if (!frames)
        return;
    ms_frames_finish(frames);
    ms_frames_reached(frames, r->limits);
    ms_frames_destroy(frames);
}

/* ---- DNS answers that come after the messages that need them ------------------------------------------------- */

const char *ms_read_once(const char *const *captures, size_t count)
{
    struct stat st;
    for (size_t i = 0; i < count; i++)
        if (strcmp(captures[i], "-") == 0 || (stat(captures[i], &st) == 0 && !S_ISREG(st.st_mode)))
            return captures[i];
    return NULL;
}

static bool are_files(const struct ms_run *r) { return !ms_read_once(r->captures, r->capture_count); }

/* Reads the captures for their DNS answers alone. */
static void look_ahead(void *ctx)
{
    struct ms_run           *r = ctx;
    struct ms_packet         batch[MS_BATCH];
    struct ms_output         nobody = { 0 };
    struct ms_engine_options options = { .limits = r->options.limits, .names_only = true, .answers = r->answers };
    struct ms_source        *source = ms_source_open(r->captures, r->capture_count, &r->args->limits);
    struct ms_engine        *e = ms_engine_create(&options, &nobody);
    for (size_t n; (n = ms_source_next(source, batch)) > 0;)
        ms_engine_packets(e, batch, n);
    ms_engine_finish(e);
    ms_engine_destroy(e);
    ms_source_close(source);
}

static void open_answers(struct ms_run *r)
{
    if (!r->options.judge || r->answers)
        return;
    r->options.answers = r->answers = ms_answers_create(&r->args->limits);
    r->asking = r->args->resolve ? ms_asking_open(&r->args->limits) : NULL;
    if (r->asking)
        ms_answers_ask_also(r->answers, ms_asking_resolver(r->asking));
    if (!r->again && are_files(r))
        ms_answers_on_missing(r->answers, look_ahead, r);
}

/* Rules of the user ask of records what only judges and digests say. */
static void open_rules(struct ms_run *r)
{
    if (!r->args->rules)
        return;
    r->options.judges = ms_rules_judges(r->args->rules);
    r->options.judge = true;
    r->options.hash_parts |= ms_rules_name(r->args->rules, ".sha256");
    r->options.hash_messages |= ms_rules_name(r->args->rules, "message.sha256");
}

static void read_captures(struct ms_run *r)
{
    struct ms_packet batch[MS_BATCH];
    struct progress  progress = { 0 };
    bool             first = true;
    r->source = ms_source_open(r->captures, r->capture_count, &r->args->limits);
    r->options.secrets_may_come = secrets_may_come(r);
    ms_source_on_secrets(r->source, add_secrets, r);
    ms_source_secrets_behind(r->source);
    struct ms_frames *frames = open_frames(r);
    r->engine = ms_engine_create(&r->options, &r->output);
    if (r->args->rules)
        ms_rules_begin(r->args->rules, ms_engine_checks(r->engine), &r->args->limits);
    progress_start(&progress, r->args);
    for (size_t n, i = 0; (n = ms_source_next(r->source, batch)) > 0; i++) {
        if (first && r->digits)
            r->digits(r->digits_ctx ? r->digits_ctx : r->output.ctx, ms_source_time_digits(r->source));
        first = false;
        work(r, frames, batch, n);
        if (r->pause && n < MS_BATCH)
            r->pause(r->digits_ctx ? r->digits_ctx : r->output.ctx);
        if (progress.on && i % 256 == 0)
            progress_show(&progress, r->source);
    }
    finish(r, frames);
    progress_end(&progress);
}

static void close_captures(struct ms_run *r)
{
    ms_engine_destroy(r->engine);
    ms_decoder_destroy(r->decoder);
    ms_source_close(r->source);
}

void ms_run_captures_quietly(struct ms_run *r)
{
    open_rules(r);
    r->options.judge |= r->args->scanners != NULL;
    open_answers(r);
    read_captures(r);
    if (!r->again || !r->answers || !ms_answers_came_late(r->answers) || !are_files(r))
        return;
    close_captures(r);
    r->again(r->output.ctx);
    read_captures(r);
}

/* With -v: what the frames were. */
static void say_counts(const struct ms_run *r)
{
    const struct ms_totals        *t = ms_engine_totals(r->engine);
    const struct ms_decode_counts *d = &t->decode;
    const struct { const char *what; uint64_t n; } rows[] = {
        { "frames", d->packets }, { "TCP segments", d->tcp }, { "UDP", d->udp }, { "ICMP", d->icmp }, { "other", d->other },
        { "IP fragments", d->fragments }, { "fragments that overlap", d->fragment_overlaps }, { "cut inside the headers", d->cut },
        { "malformed", d->malformed }, { "TCP connections", t->tcp_connections }, { "of these not mail", t->other_connections },
    };
    for (size_t i = 0; r->args->verbose && i < sizeof rows / sizeof *rows; i++)
        fprintf(stderr, "mailscope: %-22s %llu\n", rows[i].what, (unsigned long long)rows[i].n);
}

void ms_run_captures(struct ms_run *r)
{
    ms_run_captures_quietly(r);
    say_errors(r);
    say_limits(r);
    say_skipped(r);
    say_counts(r);
    say_secrets(r);
    ms_asking_say(r->asking);
}

int ms_run_status(struct ms_run *r)
{
    enum ms_severity worst;
    if (r->input_error)
        return MS_EXIT_INPUT;
    if (r->args->fail_on_given && ms_checks_worst(ms_engine_checks(r->engine), &worst) && worst >= r->args->fail_on)
        return MS_EXIT_FAIL_ON;
    return MS_EXIT_OK;
}

void ms_run_finish(struct ms_run *r)
{
    close_captures(r);
    ms_answers_destroy(r->answers);
    ms_asking_close(r->asking);
}

FILE *ms_out_open(const struct ms_args *a)
{
    if (!a->output || strcmp(a->output, "-") == 0)
        return stdout;
    FILE *out = fopen(a->output, "wb");
    if (!out)
        fprintf(stderr, "mailscope: cannot write %s: %s\n", a->output, strerror(errno));
    return out;
}

/* A write that failed earlier left its errno with whoever made it; who reads a pipe may stop without our saying so. */
static bool reader_is_gone(FILE *out)
{
    struct pollfd p = { .fd = fileno(out), .events = POLLOUT };
    return poll(&p, 1, 0) == 1 && p.revents & POLLERR;
}

bool ms_out_close(const struct ms_args *a, FILE *out)
{
    int error = ferror(out) ? errno : 0;
    errno = 0;
    bool ok = fflush(out) == 0 && !ferror(out), gone = !ok && reader_is_gone(out);
    if (out != stdout)
        ok &= fclose(out) == 0;
    error = error ? error : errno ? errno : EIO;
    if (!ok && !gone)
        fprintf(stderr, "mailscope: cannot write %s: %s\n", a->output ? a->output : "to standard output", strerror(error));
    return ok;
}
