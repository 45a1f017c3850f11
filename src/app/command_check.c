/* app/command_check.c - check FILE...: messages in files, judged. */
#include "app/resolve.h"
#include "app/commands.h"

#include "base/text.h"
#include "engine/mailbox.h"
#include "sink/select.h"

#include <errno.h>

enum { READ_BYTES = 262144 };

struct check {
    struct ms_args   *args;
    FILE             *out;
    struct ms_sink   *sink;   /* NULL: for people */
    struct ms_select *select; /* NULL: no filter */
    uint64_t          shown, headed, classes[MS_CLASS_COUNT]; /* headed: of the file at work, with a header */
    enum ms_severity  worst;
    bool              found, unread, color;
};

/* ---- for people ------------------------------------------------------------------------------------------------ */

static void add_line(struct ms_buffer *t, const char *label, struct ms_bytes text)
{
    if (text.n == 0)
        return;
    ms_text_format(t, "    %-9s", label);
    ms_text_plain(t, text);
    ms_text_char(t, '\n');
}

static void add_sign(struct ms_buffer *t, const struct ms_message *m, const struct ms_sign *s)
{
    const char *meaning = ms_sign_meaning((enum ms_sign_kind)s->kind);
    ms_text_format(t, "    - it %s", meaning);
    if (s->part && s->part <= m->part_count && m->parts[s->part - 1].filename.n) {
        ms_text_str(t, " (");
        ms_text_plain(t, m->parts[s->part - 1].filename);
        ms_text_char(t, ')');
    }
    if (s->evidence.n) {
        ms_text_str(t, ":\n        ");
        ms_text_plain(t, s->evidence);
    }
    ms_text_format(t, "  [%s]\n", ms_sign_name((enum ms_sign_kind)s->kind));
}

static bool is_reason(const struct ms_message *m, const struct ms_sign *s)
{
    for (size_t i = 0; i < m->reason_count; i++)
        if (m->reasons[i] == s)
            return true;
    return false;
}

static void add_others(struct ms_buffer *t, const struct ms_message *m)
{
    bool any = false;
    for (size_t i = 0; i < m->signs->n; i++) {
        const struct ms_sign *s = &m->signs->at[i];
        if (is_reason(m, s) || ms_sign_weight((enum ms_sign_kind)s->kind) == 0)
            continue;
        ms_text_str(t, any ? ", " : m->reason_count ? "    also: " : "    seen: ");
        ms_text_str(t, ms_sign_name((enum ms_sign_kind)s->kind));
        any = true;
    }
    if (any)
        ms_text_char(t, '\n');
}

/* Of the user. */
static void add_rules(struct ms_buffer *t, const struct ms_message *m)
{
    for (unsigned r = MS_RULE_COUNT; r < ms_rule_total(); r++) {
        if (!ms_rules_have(&m->findings, r))
            continue;
        ms_text_format(t, "    rule: %s ", ms_rule_at(r)->name);
        ms_text_plain(t, ms_str(ms_rule_at(r)->explanation));
        ms_text_char(t, '\n');
    }
}

static void add_result(struct ms_buffer *t, const char *name, const struct ms_auth_result *r)
{
    if (!r->result)
        return;
    ms_text_format(t, "    %-9s%s", name, r->result);
    if (r->reason.n) {
        ms_text_str(t, ": ");
        ms_text_plain(t, r->reason);
    }
    if (r->lookups.n) {
        ms_text_str(t, "; to settle it: ");
        ms_text_plain(t, r->lookups);
    }
    ms_text_char(t, '\n');
}

static void print(struct check *c, const struct ms_message *m)
{
    static const char *const colors[MS_CLASS_COUNT] = { "\033[32m", "\033[33m", "\033[31m" };
    struct ms_buffer         t = { 0 };
    ms_text_plain(&t, m->file);
    ms_text_format(&t, "  message %u: %s%s%s, %u of 100\n", m->id, c->color ? colors[m->verdict.class_] : "", ms_class_name((enum ms_class)m->verdict.class_),
                   c->color ? "\033[0m" : "", m->verdict.score);
    add_line(&t, "From", m->headers.from);
    add_line(&t, "Subject", m->headers.subject);
    for (size_t i = 0; i < m->reason_count; i++)
        add_sign(&t, m, m->reasons[i]);
    add_others(&t, m);
    add_rules(&t, m);
    if (m->authentication) {
        add_result(&t, "SPF", &m->authentication->spf);
        add_result(&t, "DKIM", &m->authentication->dkim);
        add_result(&t, "DMARC", &m->authentication->dmarc);
        add_result(&t, "ARC", &m->authentication->arc);
    }
    fwrite(t.p, 1, t.n, c->out);
    ms_buffer_finish(&t);
}

/* ---- the pass ---------------------------------------------------------------------------------------------------- */

static void note_severity(struct check *c, const struct ms_message *m)
{
    for (unsigned r = 0; r < ms_rule_total(); r++) {
        if (!ms_rules_have(&m->findings, r))
            continue;
        if (!c->found || ms_rule_at(r)->severity > c->worst)
            c->worst = ms_rule_at(r)->severity;
        c->found = true;
    }
}

static void on_message(void *ctx, const struct ms_message *read)
{
    struct check           *c = ctx;
    struct ms_message       marked = *read;
    const struct ms_message *m = &marked;
    if (c->args->rules)
        ms_rules_mark(c->args->rules, &marked);
    c->headed += !(m->odd & MS_MIME_EMPTY);
    if (c->select && !ms_select_keeps(c->select, &(struct ms_select_record){ .unit = MS_UNIT_MESSAGE, .message = m }))
        return;
    c->shown++;
    c->classes[m->verdict.class_]++;
    note_severity(c, m);
    if (c->sink)
        ms_sink_message(c->sink, m);
    else
        print(c, m);
}

static void read_file(struct check *c, struct ms_mailbox_file *f, const char *path)
{
    static uint8_t buffer[READ_BYTES];
    bool           standard = strcmp(path, "-") == 0;
    FILE          *in = standard ? stdin : fopen(path, "rb");
    if (in) {
        c->headed = 0;
        ms_mailbox_begin(f, standard ? MS_LIT("standard input") : ms_str(path));
        for (size_t n; (n = fread(buffer, 1, sizeof buffer, in)) > 0;)
            ms_mailbox_push(f, (struct ms_bytes){ buffer, n });
        ms_mailbox_end(f);
        if (c->headed == 0 && !ferror(in) && !c->args->quiet)
            fprintf(stderr, "mailscope: note: %s is no mail: it has no header field\n", path);
    }
    if (!in || ferror(in)) {
        fprintf(stderr, "mailscope: cannot read %s: %s\n", path, strerror(errno));
        c->unread = true;
    }
    if (in && !standard)
        fclose(in);
}

static int check_to(struct check *c, const struct ms_dfilter *filter)
{
    struct ms_args           *a = c->args;
    enum ms_format            format = ms_format_for(a, c->out);
    struct ms_mailbox_options o = { &a->limits, &a->weights, .hash_parts = true, .hash_message = true, .scanners = a->scanners, .message = on_message, .ctx = c };
    struct ms_asking         *asking = a->resolve ? ms_asking_open(&a->limits) : NULL;
    if (asking)
        o.resolver = ms_asking_resolver(asking);
    if (format != MS_FORMAT_TABLE || a->field_count)
        c->sink = ms_sink_open(&(struct ms_sink_options){ .format = format, .kind = MS_KIND_MESSAGE, .out = c->out, .fields = a->fields,
                                                          .field_count = a->field_count });
    if (filter)
        c->select = ms_select_create(&(struct ms_select_options){ filter, MS_UNIT_MESSAGE, a->limits, NULL, NULL });
    if (a->rules)
        ms_rules_begin(a->rules, NULL, &a->limits);
    struct ms_mailbox_file *f = ms_mailbox_create(&o);
    for (size_t i = 0; i < a->word_count; i++)
        read_file(c, f, a->words[i]);
    ms_say_limit(a, MS_LIMIT_content_bytes, ms_mailbox_limits(f)->reached_bytes);
    ms_say_limit(a, MS_LIMIT_content_held_bytes, ms_mailbox_limits(f)->reached_held);
    ms_say_limit(a, MS_LIMIT_picture_bytes, ms_mailbox_limits(f)->reached_picture_bytes);
    ms_say_limit(a, MS_LIMIT_picture_pixels, ms_mailbox_limits(f)->pixels.reached_picture);
    ms_say_limit(a, MS_LIMIT_message_pixels, ms_mailbox_limits(f)->pixels.reached_message);
    ms_mailbox_destroy(f);
    ms_asking_say(asking);
    ms_asking_close(asking);
    if (c->select)
        ms_select_destroy(c->select);
    if (!c->sink && c->shown > 1)
        fprintf(c->out, "%llu messages: %llu malicious, %llu suspicious, %llu clean\n", (unsigned long long)c->shown,
                (unsigned long long)c->classes[MS_CLASS_MALICIOUS], (unsigned long long)c->classes[MS_CLASS_SUSPICIOUS],
                (unsigned long long)c->classes[MS_CLASS_CLEAN]);
    bool written = !c->sink || ms_sink_close(c->sink);
    return !written || c->unread ? MS_EXIT_INPUT : a->fail_on_given && c->found && c->worst >= a->fail_on ? MS_EXIT_FAIL_ON : MS_EXIT_OK;
}

int ms_command_check(struct ms_args *a)
{
    struct check       c = { .args = a };
    struct ms_dfilter *filter = NULL;
    int                status = ms_check_fields(a, MS_KIND_MESSAGE);
    if (status < 0)
        status = ms_filter_open(a, &filter);
    if (status >= 0)
        return status;
    if (filter && ms_dfilter_units(filter) & ~(1u << MS_UNIT_MESSAGE)) {
        ms_dfilter_destroy(filter);
        return ms_usage_error("check -Y takes fields of messages: message.*, attachment.*, url.* (there are no sessions in a file)");
    }
    c.out = ms_out_open(a);
    if (c.out) {
        c.color = ms_use_color(a, c.out);
        status = check_to(&c, filter);
    }
    ms_dfilter_destroy(filter);
    return c.out && ms_out_close(a, c.out) ? status : MS_EXIT_INPUT;
}
