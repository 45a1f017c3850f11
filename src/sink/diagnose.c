/* sink/diagnose.c - the one-screen answer: what was there, what went wrong, why, what to do, who was slow. */
#include "sink/diagnose.h"

#include "base/text.h"
#include "sink/tls_words.h"
#include "sink/writer.h"

#include <stdlib.h>

enum { PROBLEMS_SHOWN = 5, SLOW_SHOWN = 3, WIDTH = 100, SERVERS_KEPT = 65536 };
static const int64_t SECOND = 1000000000;

struct server_time { struct ms_endpoint at; uint32_t sessions; int64_t server, client, network, stalled, rtt; };

struct ms_screen {
    uint64_t      outcomes[MS_OUTCOME_COUNT], statuses[MS_STATUS_COUNT], transports[MS_TRANSPORT_COUNT];
    uint64_t      message_bytes, incomplete, attachments, readings[MS_TLS_NOTHING + 1], key_faults[MS_TLS_FAULT_COUNT], unfit;
    struct ms_map servers; /* address and port -> struct server_time */
};

struct ms_screen *ms_screen_create(void)
{
    struct ms_screen *s = ms_alloc(sizeof *s);
    s->servers.cap = SERVERS_KEPT;
    return s;
}

void ms_screen_destroy(struct ms_screen *s)
{
    ms_map_finish(&s->servers);
    ms_free(s);
}

void ms_screen_forget(struct ms_screen *s)
{
    ms_map_finish(&s->servers);
    *s = (struct ms_screen){ .servers = { .cap = SERVERS_KEPT } };
}

static void add_times(struct ms_screen *s, const struct ms_session *n)
{
    uint8_t key[18];
    memcpy(key, n->server.ip, 16);
    key[16] = (uint8_t)(n->server.port >> 8);
    key[17] = (uint8_t)n->server.port;
    void **at = ms_map_put(&s->servers, (struct ms_bytes){ key, sizeof key });
    if (!at)
        return;
    if (!*at) {
        struct server_time *t = *at = ms_arena_alloc(&s->servers.arena, sizeof *t);
        t->at = n->server;
        t->at.name = ms_arena_keep(&s->servers.arena, n->server.name);
    }
    struct server_time *t = *at;
    t->sessions++;
    t->server += n->timing.server;
    t->client += n->timing.client;
    t->network += n->timing.network;
    t->stalled += n->timing.stalled;
    if (n->rtt != MS_UNKNOWN && n->rtt > t->rtt)
        t->rtt = n->rtt;
}

static void add_key_faults(struct ms_screen *s, const struct ms_session *n)
{
    uint32_t faults = n->tls ? n->tls->key_faults : 0;
    s->unfit += faults != 0;
    for (int i = 0; i < MS_TLS_FAULT_COUNT; i++)
        s->key_faults[i] += faults >> i & 1;
}

void ms_screen_session(void *screen, const struct ms_session *n)
{
    struct ms_screen *s = screen;
    s->outcomes[n->outcome]++;
    s->transports[n->transport]++;
    enum ms_tls_reading reading = ms_tls_reading_of(n);
    s->readings[reading]++;
    if (reading == MS_TLS_UNREAD || reading == MS_TLS_PARTLY)
        add_key_faults(s, n);
    add_times(s, n);
}

void ms_screen_message(void *screen, const struct ms_message *m)
{
    struct ms_screen *s = screen;
    s->statuses[m->status]++;
    s->message_bytes += m->size;
    s->incomplete += !m->complete;
    for (size_t i = 0; i < m->part_count; i++)
        s->attachments += m->parts[i].filename.n != 0 && !(m->parts[i].odd & MS_MIME_NOT_FETCHED);
}

/* ---- text ---------------------------------------------------------------------------------------------------- */

struct page { struct ms_buffer text; bool color; };

static const char *const severity_colors[] = { "\033[36m", "\033[33m", "\033[31m", "\033[1;31m" };
static const char *const severity_labels[] = { "NOTE", "WARNING", "ERROR", "CRITICAL" };

static void add_count(struct ms_buffer *t, uint64_t n, const char *word, const char *plural, bool *any)
{
    if (n == 0)
        return;
    ms_text_format(t, "%s%llu %s", *any ? ", " : "", (unsigned long long)n, n == 1 ? word : plural);
    *any = true;
}

/* Words wrapped at WIDTH columns, every line but the first indented. */
static void add_wrapped(struct ms_buffer *t, const char *label, struct ms_bytes words)
{
    enum { INDENT = 10 };
    size_t column = INDENT;
    ms_text_format(t, "%*s%-*s", INDENT - 6 + 0, "", 6, label);
    for (struct ms_bytes rest = words, word; (word = ms_take_word(&rest)).n;) {
        size_t width = ms_utf8_width(word);
        if (column > INDENT && column + 1 + width > WIDTH) {
            ms_text_format(t, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            ms_text_char(t, ' ');
            column++;
        }
        ms_text_add(t, word);
        column += width;
    }
    ms_text_char(t, '\n');
}

static uint64_t encrypted_sessions(const struct ms_screen *s)
{
    return s->readings[MS_TLS_READ] + s->readings[MS_TLS_PARTLY] + s->readings[MS_TLS_UNREAD] + s->readings[MS_TLS_BROKEN] + s->readings[MS_TLS_NOTHING];
}

/* Keys were given, and they do not fit: why not. */
static void add_unfit(const struct ms_screen *s, struct ms_buffer *out)
{
    struct ms_buffer words = { 0 };
    if (s->unfit == 0)
        return;
    ms_text_format(&words, "keys were given and do not fit %llu session%s", (unsigned long long)s->unfit, s->unfit == 1 ? "" : "s");
    for (int i = 0, n = 0; i < MS_TLS_FAULT_COUNT; i++) {
        if (s->key_faults[i] == 0)
            continue;
        ms_text_str(&words, n++ ? "; " : ": ");
        if (s->key_faults[i] < s->unfit)
            ms_text_format(&words, "in %llu ", (unsigned long long)s->key_faults[i]);
        ms_text_str(&words, ms_tls_key_fault_words((enum ms_tls_key_fault)i));
    }
    add_wrapped(out, "", ms_buffer_bytes(&words));
    ms_buffer_finish(&words);
}

static void add_tls(const struct ms_screen *s, struct ms_buffer *out)
{
    uint64_t all = encrypted_sessions(s);
    if (all == 0)
        return;
    ms_text_format(out, "TLS       %llu session%s: ", (unsigned long long)all, all == 1 ? "" : "s");
    bool any = false;
    add_count(out, s->readings[MS_TLS_READ], "decrypted", "decrypted", &any);
    add_count(out, s->readings[MS_TLS_PARTLY], "decrypted in part", "decrypted in part", &any);
    add_count(out, s->readings[MS_TLS_BROKEN], "failed in the handshake", "failed in the handshake", &any);
    add_count(out, s->readings[MS_TLS_NOTHING], "ended before anything was said in it", "ended before anything was said in it", &any);
    if (s->unfit)
        add_count(out, s->readings[MS_TLS_UNREAD], "not decrypted", "not decrypted", &any);
    else
        add_count(out, s->readings[MS_TLS_UNREAD], "without keys (--keylog FILE reads it)", "without keys (--keylog FILE reads them)", &any);
    ms_text_char(out, '\n');
    add_unfit(s, out);
}

static void add_totals(const struct ms_screen *s, const struct ms_totals *t, struct ms_buffer *out)
{
    bool any = false;
    ms_text_format(out, "Capture   %llu frames, ", (unsigned long long)t->packets);
    ms_text_size(out, t->bytes);
    if (t->first_time != MS_UNKNOWN) {
        ms_text_str(out, ", ");
        ms_text_time(out, t->first_time, 6);
        ms_text_format(out, ", %.1f s", (double)(t->last_time - t->first_time) / 1e9);
    }
    ms_text_str(out, "\nMail      ");
    for (int p = MS_PROTO_SMTP; p < MS_PROTO_COUNT; p++) {
        char word[40], plural[40];
        snprintf(word, sizeof word, "%s session", ms_protocol_name((enum ms_protocol)p));
        snprintf(plural, sizeof plural, "%s sessions", ms_protocol_name((enum ms_protocol)p));
        add_count(out, t->sessions[p], word, plural, &any);
    }
    if (!any)
        ms_text_str(out, "no mail connection");
    any = true;
    add_count(out, t->other_connections, "other TCP connection", "other TCP connections", &any);
    ms_text_char(out, '\n');
    add_tls(s, out);
}

static void add_sessions(const struct ms_screen *s, struct ms_buffer *out)
{
    bool any = false;
    for (int o = 0; o < MS_OUTCOME_COUNT; o++)
        add_count(out, s->outcomes[o], ms_outcome_name((enum ms_outcome)o), ms_outcome_name((enum ms_outcome)o), &any);
}

static void add_messages(const struct ms_screen *s, const struct ms_totals *t, struct ms_buffer *out)
{
    bool any = false;
    add_count(out, t->messages[MS_SENT], "sent", "sent", &any);
    add_count(out, t->messages[MS_RETRIEVED], "retrieved", "retrieved", &any);
    add_count(out, t->messages[MS_APPENDED], "appended", "appended", &any);
    ms_text_str(out, ", ");
    ms_text_size(out, s->message_bytes);
    add_count(out, s->attachments, "attachment", "attachments", &any);
    add_count(out, s->statuses[MS_STATUS_REJECTED], "rejected", "rejected", &any);
    add_count(out, s->statuses[MS_STATUS_UNANSWERED], "unanswered", "unanswered", &any);
    add_count(out, s->incomplete, "not complete", "not complete", &any);
}

static void add_severities(const struct ms_checks *c, struct ms_buffer *out)
{
    static const char *const plurals[] = { "notes", "warnings", "errors", "critical" };
    bool any = false;
    for (int v = MS_SEVERITY_COUNT - 1; v >= 0; v--)
        add_count(out, ms_checks_finding_count(c, (enum ms_severity)v), ms_severity_name((enum ms_severity)v), plurals[v], &any);
    ms_text_str(out, any ? "" : "none");
}

/* All problems of one rule: the worst one is shown, the others are counted. */
struct kind { const struct ms_problem *shown; uint64_t count; uint32_t servers; };

static void add_where(struct ms_buffer *t, const struct kind *k)
{
    const struct ms_problem *p = k->shown;
    struct ms_buffer         words = { 0 };
    ms_text_add(&words, p->example.evidence);
    if (p->example.session)
        ms_text_format(&words, ", session %u", p->example.session);
    ms_text_format(&words, "; rule %s", p->example.rule_name);
    if (k->count > 1)
        ms_text_format(&words, ", one of %llu", (unsigned long long)k->count);
    if (k->servers > 1)
        ms_text_format(&words, " at %u servers", k->servers);
    add_wrapped(t, "seen", ms_buffer_bytes(&words));
    ms_buffer_finish(&words);
}

static void add_problem(struct page *page, const struct kind *k)
{
    const struct ms_problem *p = k->shown;
    struct ms_buffer        *t = &page->text;
    ms_text_format(t, "\n%s%s%s ", page->color ? severity_colors[p->severity] : "", severity_labels[p->severity],
                   page->color ? "\033[0m" : "");
    ms_text_add(t, p->example.title);
    if (k->count > 1)
        ms_text_format(t, " (%llu of the kind)", (unsigned long long)k->count);
    ms_text_char(t, '\n');
    add_wrapped(t, "why", p->example.explanation);
    add_wrapped(t, "do", p->example.remedy);
    add_where(t, k);
}

/* The problems come worst first; so do the kinds, each at the place of its worst. */
static size_t collect_kinds(const struct ms_checks *c, struct kind kinds[MS_RULES_MOST])
{
    size_t n = 0, place[MS_RULES_MOST];
    memset(place, 0xff, sizeof place);
    for (size_t i = 0; i < ms_checks_problem_count(c); i++) {
        const struct ms_problem *p = ms_checks_problem(c, i);
        if (place[p->rule] == SIZE_MAX) {
            place[p->rule] = n;
            kinds[n++] = (struct kind){ .shown = p };
        }
        kinds[place[p->rule]].count += p->count;
        kinds[place[p->rule]].servers++;
    }
    return n;
}

static void add_problems(struct page *page, const struct ms_checks *c)
{
    struct kind kinds[MS_RULES_MOST];
    size_t      n = collect_kinds(c, kinds), i = 0, more = 0;
    for (; i < n && i < PROBLEMS_SHOWN && kinds[i].shown->severity > MS_SEVERITY_NOTE; i++)
        add_problem(page, &kinds[i]);
    for (; i < n && kinds[i].shown->severity > MS_SEVERITY_NOTE; i++)
        ms_text_format(&page->text, "%s%s (%llu)", more++ ? ", " : "\nFurther   ", kinds[i].shown->example.rule_name,
                       (unsigned long long)kinds[i].count);
    ms_text_str(&page->text, more ? "\n" : "");
    for (size_t note = i; i < n; i++)
        ms_text_format(&page->text, "%s%s (%llu)", i > note ? ", " : "\nNotes     ", kinds[i].shown->example.rule_name,
                       (unsigned long long)kinds[i].count);
    ms_text_str(&page->text, n && kinds[n - 1].shown->severity == MS_SEVERITY_NOTE ? "\n" : "");
}

static int slowest_first(const void *a, const void *b)
{
    const struct server_time *x = *(struct server_time *const *)a, *y = *(struct server_time *const *)b;
    if (x->server != y->server)
        return x->server > y->server ? -1 : 1;
    int ip = memcmp(x->at.ip, y->at.ip, 16);
    return ip ? ip : (int)x->at.port - (int)y->at.port;
}

static void add_slow(const struct ms_screen *s, struct ms_buffer *t)
{
    uint32_t             n = s->servers.count;
    struct server_time **all = ms_alloc((n + 1) * sizeof *all);
    for (uint32_t i = 0; i < n; i++)
        all[i] = s->servers.entries[i].value;
    qsort(all, n, sizeof *all, slowest_first);
    for (uint32_t i = 0; i < n && i < SLOW_SHOWN && all[i]->server >= SECOND; i++) {
        ms_text_str(t, i ? "          " : "\nWaiting   ");
        ms_text_address(t, all[i]->at.ip);
        ms_text_format(t, " port %u: server %.1f s, client %.1f s, network %.1f s, stalled %.1f s in %u session%s, round trip %.1f ms\n",
                       all[i]->at.port, (double)all[i]->server / 1e9, (double)all[i]->client / 1e9, (double)all[i]->network / 1e9,
                       (double)all[i]->stalled / 1e9, all[i]->sessions, all[i]->sessions == 1 ? "" : "s",
                       (double)all[i]->rtt / 1e6);
    }
    ms_free(all);
}

bool ms_screen_print(struct ms_screen *s, struct ms_engine *e, FILE *out, bool color)
{
    const struct ms_totals *t = ms_engine_totals(e);
    const struct ms_checks *c = ms_engine_checks(e);
    struct page             page = { .color = color };
    uint64_t                sessions = 0, messages = 0;
    add_totals(s, t, &page.text);
    for (int p = 0; p < MS_PROTO_COUNT; p++)
        sessions += t->sessions[p];
    for (int d = 0; d < MS_DIRECTION_COUNT; d++)
        messages += t->messages[d];
    if (sessions) {
        ms_text_str(&page.text, "Sessions  ");
        add_sessions(s, &page.text);
        ms_text_str(&page.text, "\nMessages  ");
        if (messages)
            add_messages(s, t, &page.text);
        ms_text_str(&page.text, messages ? "\nFindings  " : "none\nFindings  ");
        add_severities(c, &page.text);
        ms_text_char(&page.text, '\n');
    }
    add_problems(&page, c);
    add_slow(s, &page.text);
    bool ok = fwrite(page.text.p, 1, page.text.n, out) == page.text.n;
    ms_buffer_finish(&page.text);
    return ok;
}

/* ---- JSON ---------------------------------------------------------------------------------------------------- */

static void tell_problem(struct ms_writer *w, const struct ms_problem *p)
{
    struct ms_buffer ip = { 0 };
    ms_text_address(&ip, p->server.ip);
    ms_write_begin(w, NULL);
    ms_write_string(w, "rule", ms_str(p->example.rule_name));
    ms_write_string(w, "severity", ms_str(ms_severity_name(p->severity)));
    ms_write_u64(w, "count", p->count);
    ms_write_begin(w, "server");
    ms_write_string(w, "ip", ms_buffer_bytes(&ip));
    ms_write_u64(w, "port", p->server.port);
    ms_write_text(w, "name", p->server.name);
    ms_write_end(w);
    ms_write_u64(w, "clients", p->clients);
    ms_write_u64(w, "users", p->users);
    ms_write_string(w, "title", p->example.title);
    ms_write_text(w, "evidence", p->example.evidence);
    ms_write_text(w, "explanation", p->example.explanation);
    ms_write_text(w, "remedy", p->example.remedy);
    ms_write_array(w, "frames");
    for (int i = 0; i < p->example.frame_count; i++)
        ms_write_u64(w, NULL, p->example.frames[i]);
    ms_write_array_end(w);
    if (p->example.session)
        ms_write_u64(w, "session", p->example.session);
    ms_write_end(w);
    ms_buffer_finish(&ip);
}

static void tell_counts(struct ms_writer *w, const struct ms_screen *s, const struct ms_totals *t)
{
    ms_write_begin(w, "sessions");
    for (int p = MS_PROTO_SMTP; p < MS_PROTO_COUNT; p++)
        ms_write_u64(w, ms_protocol_name((enum ms_protocol)p), t->sessions[p]);
    ms_write_end(w);
    ms_write_begin(w, "outcomes");
    for (int o = 0; o < MS_OUTCOME_COUNT; o++)
        if (s->outcomes[o])
            ms_write_u64(w, ms_outcome_name((enum ms_outcome)o), s->outcomes[o]);
    ms_write_end(w);
    ms_write_begin(w, "messages");
    for (int d = 0; d < MS_DIRECTION_COUNT; d++)
        ms_write_u64(w, ms_direction_name((enum ms_direction)d), t->messages[d]);
    ms_write_end(w);
    ms_write_u64(w, "attachments", s->attachments);
    ms_write_u64(w, "encrypted", encrypted_sessions(s));
    ms_write_u64(w, "decrypted", s->readings[MS_TLS_READ]);
    ms_write_u64(w, "without_keys", s->readings[MS_TLS_UNREAD]);
    if (s->readings[MS_TLS_PARTLY])
        ms_write_u64(w, "partly_decrypted", s->readings[MS_TLS_PARTLY]);
    if (s->unfit) {
        ms_write_begin(w, "key_faults");
        for (int i = 0; i < MS_TLS_FAULT_COUNT; i++)
            if (s->key_faults[i])
                ms_write_u64(w, ms_tls_key_fault_name((enum ms_tls_key_fault)i), s->key_faults[i]);
        ms_write_end(w);
    }
    ms_write_u64(w, "other_connections", t->other_connections);
}

bool ms_screen_print_json(struct ms_screen *s, struct ms_engine *e, FILE *out)
{
    const struct ms_totals *t = ms_engine_totals(e);
    struct ms_buffer        text = { 0 };
    struct ms_writer        w = { .out = &text, .time_digits = 6 };
    ms_writer_start(&w);
    ms_write_string(&w, "type", MS_LIT("diagnosis"));
    ms_write_u64(&w, "frames", t->packets);
    ms_write_u64(&w, "bytes", t->bytes);
    ms_write_time(&w, "first", t->first_time);
    ms_write_time(&w, "last", t->last_time);
    tell_counts(&w, s, t);
    ms_write_array(&w, "problems");
    for (size_t i = 0; i < ms_checks_problem_count(ms_engine_checks(e)); i++)
        tell_problem(&w, ms_checks_problem(ms_engine_checks(e), i));
    ms_write_array_end(&w);
    ms_text_str(&text, "}\n");
    bool ok = fwrite(text.p, 1, text.n, out) == text.n;
    ms_writer_finish(&w);
    ms_buffer_finish(&text);
    return ok;
}
