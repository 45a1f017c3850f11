/* engine/examine.c - the bytes of one message, to everybody who reads them. */
#include "engine/examine.h"

static void part_begin(void *ctx, size_t index, const struct ms_part *part)
{
    struct ms_examine         *x = ctx;
    const struct ms_mime_sink *also = &x->options.sink;
    if (also->part_begin)
        also->part_begin(also->ctx, index, part);
    ms_content_begin(x->content, index, part);
}

static void part_data(void *ctx, size_t index, struct ms_bytes decoded)
{
    struct ms_examine         *x = ctx;
    const struct ms_mime_sink *also = &x->options.sink;
    if (also->part_data)
        also->part_data(also->ctx, index, decoded);
    ms_content_data(x->content, index, decoded);
}

static void part_end(void *ctx, size_t index, const struct ms_part *part)
{
    struct ms_examine         *x = ctx;
    const struct ms_mime_sink *also = &x->options.sink;
    if (also->part_end)
        also->part_end(also->ctx, index, part);
    ms_content_end(x->content, index, part);
}

void ms_examine_begin(struct ms_examine *x, struct ms_arena *arena, struct ms_examine_shared *shared, const struct ms_examine_options *options)
{
    struct ms_mime_options mime = { options->hash_parts, options->hash_message, shared->mime, options->sink };
    *x = (struct ms_examine){ .options = *options, .shared = shared, .arena = arena };
    if (options->judge) {
        ms_signs_init(&x->signs, arena);
        x->content = ms_content_create(arena, shared->limits, &shared->content, &x->signs);
        x->auth = ms_auth_create(arena, shared->limits, ms_mime_pool_hasher(shared->mime), &x->signs);
        mime.sink = (struct ms_mime_sink){ part_begin, part_data, part_end, x };
    }
    x->mime = ms_mime_create(arena, shared->limits, &mime);
}

void ms_examine_push(struct ms_examine *x, struct ms_bytes bytes)
{
    if (x->auth)
        ms_auth_push(x->auth, bytes);
    ms_mime_push(x->mime, bytes);
}

void ms_examine_gap(struct ms_examine *x, uint64_t missing)
{
    if (x->auth)
        ms_auth_gap(x->auth);
    if (x->content)
        ms_content_partial(x->content);
    ms_mime_gap(x->mime, missing);
}

/* The sender's proofs need the header as it was, all of it, and the body as a whole. */
void ms_examine_section(struct ms_examine *x, const struct ms_section *s)
{
    if (x->auth)
        ms_auth_gap(x->auth);
    if (x->content)
        ms_content_partial(x->content);
    ms_mime_section(x->mime, s);
}

void ms_examine_finish(struct ms_examine *x, struct ms_message *out)
{
    ms_mime_finish(x->mime, out);
    x->mime = NULL;
    if (!x->content)
        return;
    ms_auth_end(x->auth);
    ms_content_finish(x->content, out);
    x->content = NULL;
    out->top = ms_auth_header(x->auth);
}

void ms_examine_drop(struct ms_examine *x)
{
    ms_auth_drop(x->auth);
    x->auth = NULL;
}

/* The sender's own program logs in, or uses the port that is for it (RFC 6409). */
static bool is_submitted(const struct ms_session *s) { return s->auth_result == 1 || s->server.port == 587 || s->server.port == 465; }

static void authenticate(struct ms_examine *x, struct ms_message *m)
{
    const struct ms_session *s = m->session;
    struct ms_resolver       answers = ms_answers_resolver(x->shared->answers);
    struct ms_auth_facts     facts = { .direction = s ? (enum ms_direction)m->direction : MS_RETRIEVED, .time = m->started, .envelope = m->envelope.seen,
                                       .mail_from = m->envelope.from, .partial = !m->complete };
    if (s) {
        facts.submitted = is_submitted(s);
        facts.client = s->client.ip;
        facts.helo = s->client.name;
        facts.server = s->server.name;
    }
    m->authentication = ms_arena_alloc(x->arena, sizeof *m->authentication);
    ms_auth_finish(x->auth, &facts, &answers, m->authentication);
    x->auth = NULL;
}

void ms_examine_judge(struct ms_examine *x, struct ms_message *m)
{
    if (!x->options.judge)
        return;
    authenticate(x, m);
    m->signs = &x->signs;
    ms_links_judge(&x->signs, m);
    ms_check_sender(&x->signs, m);
    ms_check_structure(&x->signs, m);
    ms_check_verdict(x->shared->weights, &x->signs, m);
}
