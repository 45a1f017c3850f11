#include "app/kept.h"

#include "app/commands.h"

int ms_kept_open(struct ms_kept *k, struct ms_args *a, enum ms_unit own)
{
    *k = (struct ms_kept){ .own = own };
    int status = ms_filter_open(a, &k->filter);
    if (status >= 0 || !k->filter)
        return status;
    k->file = ms_replace_stdin(a, 1, k->path);
    const char *once = ms_read_once(a->words + 1, a->word_count - 1);
    return once ? ms_usage_error("with -Y captures are read twice, and %s can be read once only", once) : -1;
}

void ms_kept_close(struct ms_kept *k)
{
    ms_buffer_finish(&k->bits);
    ms_dfilter_destroy(k->filter);
    if (k->file)
        fclose(k->file);
}

/* ---- first pass ------------------------------------------------------------------------------------------------ */

static void keep(struct ms_kept *k, uint64_t id)
{
    static const uint8_t zero;
    while (k->bits.n <= id / 8)
        ms_buffer_append(&k->bits, (struct ms_bytes){ &zero, 1 });
    k->bits.p[id / 8] |= (uint8_t)(1 << id % 8);
}

static bool is_kept(const struct ms_kept *k, uint64_t id) { return id / 8 < k->bits.n && k->bits.p[id / 8] >> id % 8 & 1; }

static void on_record(void *ctx, const struct ms_select_record *r, bool kept)
{
    if (kept)
        keep(ctx, r->id);
}

static uint64_t ticket(void *ctx, const struct ms_select_record *r)
{
    (void)ctx;
    return r->id;
}

static void on_decided(void *ctx, uint64_t id, bool kept)
{
    if (kept)
        keep(ctx, id);
}

void ms_kept_learn(struct ms_kept *k, struct ms_args *a)
{
    struct ms_listener l = { .own = k->own, .filter = k->filter, .record = on_record, .ticket = ticket, .decided = on_decided, .ctx = k };
    struct ms_run      run;
    bool               quiet = a->quiet;
    if (!k->filter)
        return;
    ms_run_init(&run, a, 1);
    ms_listener_open(&l, &run);
    a->quiet = true; /* remarks on captures come from the second pass */
    ms_run_captures_quietly(&run);
    a->quiet = quiet;
    ms_listener_close(&l, &run);
    ms_run_finish(&run);
}

/* ---- second pass ----------------------------------------------------------------------------------------------- */

static void on_session(void *ctx, const struct ms_session *s)
{
    struct ms_kept *k = ctx;
    if (k->own != MS_UNIT_SESSION || is_kept(k, s->id))
        k->of.session(k->of.ctx, s);
}

static void on_exchange(void *ctx, const struct ms_session *s, const struct ms_exchange *x)
{
    struct ms_kept *k = ctx;
    k->exchanges++;
    if (is_kept(k, k->own == MS_UNIT_SESSION ? s->id : k->exchanges))
        k->of.exchange(k->of.ctx, s, x);
}

static void on_message(void *ctx, const struct ms_message *m)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, k->own == MS_UNIT_SESSION ? m->session->id : m->id))
        k->of.message(k->of.ctx, m);
}

static void on_body(void *ctx, uint32_t id, struct ms_bytes bytes)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, id))
        k->of.body(k->of.ctx, id, bytes);
}

static void on_part_begin(void *ctx, uint32_t id, size_t index, const struct ms_part *part)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, id))
        k->of.part_begin(k->of.ctx, id, index, part);
}

static void on_part_data(void *ctx, uint32_t id, size_t index, struct ms_bytes decoded)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, id))
        k->of.part_data(k->of.ctx, id, index, decoded);
}

static void on_part_end(void *ctx, uint32_t id, size_t index, const struct ms_part *part)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, id))
        k->of.part_end(k->of.ctx, id, index, part);
}

static void on_body_done(void *ctx, uint32_t id, bool discarded)
{
    struct ms_kept *k = ctx;
    if (is_kept(k, id))
        k->of.body_done(k->of.ctx, id, discarded);
}

struct ms_output ms_kept_output(struct ms_kept *k, const struct ms_output *of)
{
    if (!k->filter)
        return *of;
    k->of = *of;
    return (struct ms_output){ .session = of->session ? on_session : NULL, .exchange = of->exchange ? on_exchange : NULL,
                               .message = of->message ? on_message : NULL, .body = of->body ? on_body : NULL,
                               .part_begin = of->part_begin ? on_part_begin : NULL, .part_data = of->part_data ? on_part_data : NULL,
                               .part_end = of->part_end ? on_part_end : NULL, .body_done = of->body_done ? on_body_done : NULL, .ctx = k };
}
