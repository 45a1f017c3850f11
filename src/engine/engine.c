/* engine/engine.c - the loop over batches: decode all, hash and prefetch all, then work. */
#include "engine/private.h"

#include "engine/echo.h"

#include <stdlib.h>

enum { TOLD_BYTES = 1024, TOLD_REPLIES = 4 };

/* The server's words without the secrets that they repeat. */
static struct ms_bytes without(struct ms_bytes words, const struct ms_bytes secrets[3], struct ms_buffer room[2])
{
    for (int i = 0, used = 0; i < 3; i++) {
        if (!ms_echo_mask(words, secrets[i], &room[used]))
            continue;
        words = ms_buffer_bytes(&room[used]);
        used = !used;
    }
    return words;
}

static void tell(struct ms_conn *c, struct ms_bytes secret) /* empty: nothing any more */
{
    ms_free(c->told);
    c->told = NULL;
    if (secret.n == 0)
        return;
    secret = ms_head(secret, TOLD_BYTES);
    c->told = ms_alloc(sizeof *c->told + secret.n);
    c->told->n = (uint16_t)secret.n;
    c->told->replies = TOLD_REPLIES;
    memcpy(c->told->secret, secret.p, secret.n);
}

/* After a login that failed, lines of it may have been taken for commands, and refused in words of their own. */
static void remember_told(struct ms_conn *c, const struct ms_bytes secrets[3])
{
    struct ms_bytes secret = secrets[0].n ? secrets[0] : secrets[1];
    if (secret.n)
        tell(c, c->session.auth_result == 1 ? (struct ms_bytes){ NULL, 0 } : secret);
    else if (c->told && --c->told->replies == 0)
        tell(c, secret);
}

static void host_stray(struct ms_host *h, struct ms_bytes word) { tell(((struct ms_live *)(void *)h)->conn, word); }

static void host_exchange(struct ms_host *h, const struct ms_exchange *x)
{
    struct ms_live    *live = (struct ms_live *)(void *)h;
    struct ms_conn    *c = live->conn;
    struct ms_bytes    secrets[3] = { x->secret, ms_slice(x->argument, x->secret_at, x->secret_n), { NULL, 0 } };
    struct ms_exchange hidden = *x;
    if (c->told)
        secrets[2] = (struct ms_bytes){ c->told->secret, c->told->n };
    bool secret = secrets[0].n || secrets[1].n || secrets[2].n, silent = live->engine->options.dialogue_only;
    if (secret && !silent) {
        hidden.reply = without(x->reply, secrets, live->engine->echo);
        hidden.reply_code = without(x->reply_code, secrets, live->engine->echo + 2);
        x = &hidden;
    }
    if (secret)
        remember_told(c, secrets);
    if (silent)
        return;
    ms_timing_exchange(live->conn, x);
    ms_checks_exchange(live->engine->checks, &live->conn->watch, h->session, x);
    ms_emit_exchange(live->engine, live->conn, x);
}

static void host_limit(struct ms_host *h, enum ms_limit which) { ms_limit_reached(((struct ms_live *)(void *)h)->engine, which); }

const struct ms_host_ops ms_engine_host_ops = {
    .exchange = host_exchange,
    .body_open = ms_body_open,
    .body_push = ms_body_push,
    .body_gap = ms_body_gap,
    .body_section = ms_body_section,
    .body_end = ms_body_end,
    .body_verdict = ms_body_verdict,
    .body_discard = ms_body_discard,
    .stray = host_stray,
    .limit = host_limit,
    .filter = ms_filter_request,
    .element = ms_host_element,
};

struct ms_engine *ms_engine_create(const struct ms_engine_options *options, const struct ms_output *output)
{
    struct ms_engine *e = ms_alloc(sizeof *e);
    e->options = *options;
    e->output = *output;
    if (!e->output.frames_ctx)
        e->output.frames_ctx = output->ctx;
    size_t n = options->decode_as_count * sizeof *options->decode_as;
    e->decode_as = ms_alloc(n);
    if (n)
        memcpy(e->decode_as, options->decode_as, n);
    e->totals.first_time = e->totals.last_time = MS_UNKNOWN;
    e->clock = e->forgot = MS_UNKNOWN;
    e->decoder = options->decoder ? options->decoder : ms_decoder_create(&e->options.limits);
    e->pool = ms_tcp_pool_create(&e->options.limits);
    if (options->dialogue_only)
        ms_tcp_pool_unjudged(e->pool);
    if (options->weights)
        e->weights = *options->weights;
    else
        ms_weights_init(&e->weights);
    if ((options->judge || options->names_only) && !options->answers)
        e->own_answers = ms_answers_create(&e->options.limits);
    e->examine = (struct ms_examine_shared){ .limits = &e->options.limits, .mime = ms_mime_pool_create(),
                                             .weights = &e->weights,
                                             .answers = options->answers ? options->answers : e->own_answers };
    e->examine.content.scanners = options->scanners;
    struct ms_check_options check = { .keep_findings = options->keep_findings, .weights = &e->weights };
    e->checks = ms_checks_create(&e->options.limits, &check);
    e->tls = ms_filter_context(e);
    e->names = ms_names_create(e);
    ms_table_init(&e->table);
    e->live = (struct ms_live){ .host = { .ops = &ms_engine_host_ops, .limits = &e->options.limits, .elements = output->elements & ~MS_ELEMENTS_ANY(1 << MS_EL_TLS_RECORD),
                                         .fragments = output->elements & MS_ELEMENTS_ANY(1 << MS_EL_FRAGMENTS),
                                         .messages = options->want_messages },
                                .engine = e };
    return e;
}

static void free_lists(struct ms_engine *e)
{
    for (struct ms_conn *c = e->free_conns, *next; c; c = next) {
        next = c->closed_next;
        ms_free(c);
    }
    for (struct ms_body *b = e->free_bodies, *next; b; b = next) {
        next = b->free_next;
        ms_free(b);
    }
}

void ms_engine_destroy(struct ms_engine *e)
{
    free_lists(e);
    for (size_t i = 0; i < sizeof e->freeze_models / sizeof *e->freeze_models; i++)
        ms_free(e->freeze_models[i]);
    for (size_t i = 0; i < sizeof e->echo / sizeof *e->echo; i++)
        ms_buffer_finish(&e->echo[i]);
    ms_free(e->recent);
    ms_buffer_finish(&e->live.rest_bytes);
    ms_buffer_finish(&e->half_open);
    ms_table_finish(&e->table);
    ms_names_destroy(e);
    ms_checks_destroy(e->checks);
    ms_tls_context_destroy(e->tls);
    ms_answers_destroy(e->own_answers);
    ms_mime_pool_destroy(e->examine.mime);
    ms_tcp_pool_destroy(e->pool);
    if (!e->options.decoder)
        ms_decoder_destroy(e->decoder);
    ms_free(e->decode_as);
    ms_free(e);
}

static void count_packet(struct ms_totals *t, const struct ms_packet *p)
{
    t->packets++;
    t->bytes += p->length;
    if (t->first_time == MS_UNKNOWN || p->time < t->first_time)
        t->first_time = p->time;
    if (p->time > t->last_time)
        t->last_time = p->time;
}

/* What was joined from fragments lives in the decoder until the next call: it is worked on at once. */
static bool is_inside(const struct ms_packet *p, struct ms_bytes payload)
{
    return payload.n == 0 || (payload.p >= p->data.p && payload.p < p->data.p + p->data.n);
}

/* The slots came with the hashes; now the connections behind them, all at once instead of one wait each. Of a dialogue alone so little of them
 * is touched that fetching them whole takes longer. */
static void prefetch_connections(const struct ms_engine *e, const struct ms_decoded_packet *d, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct ms_slot *slot = d[i].skipped ? NULL : ms_table_find(&e->table, d[i].hash);
        if (!slot || slot->value & (MS_SLOT_MARK | MS_SLOT_FROZEN))
            continue;
        const char *c = (const char *)slot->value;
        for (size_t at = 0; at < sizeof(struct ms_conn); at += 64)
            __builtin_prefetch(c + at, 1);
    }
}

static void work_packet(struct ms_engine *e, const struct ms_decoded_packet *d)
{
    const struct ms_segment *s = d->segment;
    bool                     dns = s->dst_port == 53 || s->src_port == 53;
    if (d->kind == MS_DECODED_UDP)
        ms_names_datagram(e, s);
    else if (d->kind == MS_DECODED_ICMP)
        ms_obstacle_icmp(e, s, d->hash);
    else if (!d->skipped && (!dns || !ms_names_segment(e, s, d->hash)) && !e->options.names_only)
        ms_conn_packet(e, s, d->hash);
}

static void work(struct ms_engine *e, const struct ms_decoded_packet *d, size_t n)
{
    if (!e->options.dialogue_only)
        prefetch_connections(e, d, n);
    for (size_t i = 0; i < n; i++) {
        e->frame = d[i].packet->number;
        e->ignored = d[i].ignored;
        e->now = d[i].packet->time;
        if (e->clock == MS_UNKNOWN)
            e->clock = e->forgot = e->now;
        e->clock = e->now > e->clock ? e->now : e->clock;
        work_packet(e, &d[i]);
    }
}

/* It is counted; true: there is something in it to work on, whose slot is on its way to the cache. */
static bool prepare(struct ms_engine *e, struct ms_decoded_packet *d)
{
    count_packet(&e->totals, d->packet);
    if (d->kind > MS_DECODED_ICMP)
        return false;
    d->hash = d->hash ? d->hash : ms_segment_hash(d->segment);
    ms_table_prefetch(&e->table, d->hash);
    return true;
}

void ms_engine_packets(struct ms_engine *e, const struct ms_packet *packets, size_t count)
{
    struct ms_segment        segments[MS_BATCH];
    struct ms_decoded_packet ready[MS_BATCH];
    size_t                   n = 0;
    ms_tls_context_tick(e->tls);
    for (size_t i = 0; i < count; i++) {
        const struct ms_packet *p = &packets[i];
        enum ms_decoded         kind = ms_decode(e->decoder, p->link_type, p->data, p->length, p->time, &segments[n]);
        ready[n] = (struct ms_decoded_packet){ .packet = p, .segment = &segments[n], .kind = kind };
        if (!prepare(e, &ready[n]))
            continue;
        n++;
        if (n == MS_BATCH || !is_inside(p, segments[n - 1].payload)) {
            work(e, ready, n);
            n = 0;
        }
    }
    if (n)
        work(e, ready, n);
    if (count)
        ms_conn_sweep(e);
}

void ms_engine_decoded(struct ms_engine *e, struct ms_decoded_packet *packets, size_t count)
{
    size_t n = 0;
    ms_tls_context_tick(e->tls);
    for (size_t i = 0; i < count; i++) {
        packets[n] = packets[i];
        n += prepare(e, &packets[n]);
    }
    if (n)
        work(e, packets, n);
    if (count)
        ms_conn_sweep(e);
}

struct open_conn { uint64_t first_frame; struct ms_slot *slot; };

static int by_first_frame(const void *a, const void *b)
{
    const struct open_conn *x = a, *y = b;
    return x->first_frame < y->first_frame ? -1 : x->first_frame > y->first_frame;
}

static uint64_t first_frame(const struct ms_engine *e, const struct ms_slot *slot)
{
    return ms_slot_is_frozen(slot) ? ms_frozen_first_frame(e, slot) : ((struct ms_conn *)slot->value)->session.first_frame;
}

/* What is still open ends in order of its first frame, so that the output is the same on every run. */
static void end_all(struct ms_engine *e)
{
    struct open_conn *open = ms_alloc((size_t)e->table.used * sizeof *open);
    size_t            n = 0;
    for (uint32_t i = 0; i < e->table.size; i++) {
        struct ms_slot *slot = &e->table.slots[i];
        if (slot->value && !ms_slot_is_mark(slot))
            open[n++] = (struct open_conn){ first_frame(e, slot), slot };
    }
    qsort(open, n, sizeof *open, by_first_frame);
    for (size_t i = 0; i < n; i++) {
        struct ms_slot *slot = open[i].slot;
        struct ms_conn *c = ms_slot_is_frozen(slot) ? ms_conn_thaw(e, slot) : (struct ms_conn *)slot->value;
        if (ms_conn_is_forgotten(e, c))
            ms_limit_reached(e, MS_LIMIT_idle_seconds);
        if (!c->closing)
            c->session.flags |= MS_SESSION_CUT_OFF;
        ms_conn_end(e, c);
    }
    ms_free(open);
    memset(e->table.slots, 0, e->table.size * sizeof *e->table.slots);
    e->table.used = 0;
    e->closed_first = e->closed_last = NULL;
    e->closed_count = 0;
}

void ms_engine_finish(struct ms_engine *e)
{
    ms_tls_context_tick(e->tls);
    ms_names_finish(e);
    end_all(e);
    e->totals.decode = *ms_decoder_counts(e->decoder);
    e->totals.limits[MS_LIMIT_stream_bytes] += ms_tcp_pool_refused(e->pool);
    e->totals.limits[MS_LIMIT_groups] += ms_checks_refused(e->checks);
    e->totals.limits[MS_LIMIT_watched_links] += ms_checks_watch_refused(e->checks);
    e->totals.limits[MS_LIMIT_content_bytes] += e->examine.content.reached_bytes;
    e->totals.limits[MS_LIMIT_content_held_bytes] += e->examine.content.reached_held;
    e->totals.limits[MS_LIMIT_picture_bytes] += e->examine.content.reached_picture_bytes;
    e->totals.limits[MS_LIMIT_picture_pixels] += e->examine.content.pixels.reached_picture;
    e->totals.limits[MS_LIMIT_message_pixels] += e->examine.content.pixels.reached_message;
    ms_checks_until(e->checks, e->totals.last_time);
    ms_checks_finish(e->checks);
}

const struct ms_totals *ms_engine_totals(const struct ms_engine *e) { return &e->totals; }
const struct ms_decoder *ms_engine_decoder(const struct ms_engine *e) { return e->decoder; }
struct ms_checks *ms_engine_checks(struct ms_engine *e) { return e->checks; }
