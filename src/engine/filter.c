/* engine/filter.c - the way of the bytes between TCP and a parser: TLS, then DEFLATE, each direction for itself.
 *
 * A parser asks for a filter in the middle of a chunk (proto/proto.h); what is left of that chunk goes through the filter when the
 * parser has returned, so no parser is entered twice.                                                              */
#include "engine/private.h"

static struct ms_live *live_of(struct ms_host *h) { return (struct ms_live *)(void *)h; }

static void sink_inflated(void *ctx, const struct ms_chunk *chunk) { ms_conn_top(ctx, ((struct ms_engine *)ctx)->live.conn, chunk); }

static void sink_inflated_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct ms_engine *e = ctx;
    ms_conn_top_gap(e, e->live.conn, dir, length, frame, time);
}

void ms_filter_plain(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    struct ms_stream_sink sink = { sink_inflated, sink_inflated_gap, e };
    if (c->inflate[chunk->dir])
        ms_inflate_data(c->inflate[chunk->dir], chunk, &sink);
    else
        ms_conn_top(e, c, chunk);
}

static void sink_decrypted(void *ctx, const struct ms_chunk *chunk)
{
    struct ms_engine *e = ctx;
    struct ms_conn   *c = e->live.conn;
    c->session.flags &= ~(uint32_t)MS_SESSION_ENCRYPTED;
    c->session.flags |= MS_SESSION_DECRYPTED;
    ms_filter_plain(e, c, chunk);
}

void ms_filter_plain_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct ms_stream_sink sink = { sink_inflated, sink_inflated_gap, e };
    if (!c->inflate[dir])
        ms_conn_top_gap(e, c, dir, length, frame, time);
    if (c->inflate[dir]) /* the parser may have found out just now */
        ms_inflate_gap(c->inflate[dir], dir, length, frame, time, &sink);
}

static void sink_decrypted_gap(void *ctx, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct ms_engine *e = ctx;
    ms_filter_plain_gap(e, e->live.conn, dir, length, frame, time);
}

void ms_filter_data(struct ms_engine *e, struct ms_conn *c, const struct ms_chunk *chunk)
{
    struct ms_stream_sink sink = { sink_decrypted, sink_decrypted_gap, e };
    if (c->over_tls[chunk->dir])
        ms_tls_data(c->tls, chunk, &sink);
    else
        ms_filter_plain(e, c, chunk);
}

void ms_filter_gap(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct ms_stream_sink sink = { sink_decrypted, sink_decrypted_gap, e };
    if (!c->over_tls[dir])
        ms_filter_plain_gap(e, c, dir, length, frame, time);
    if (c->over_tls[dir]) /* the parser may have found out just now */
        ms_tls_gap(c->tls, dir, length, frame, time, &sink);
}

void ms_filter_start_tls(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir)
{
    if (!c->tls) {
        c->tls = ms_tls_create(e->tls, &c->arena, &c->session.tls);
        c->session.flags |= MS_SESSION_ENCRYPTED;
        ms_session_reach(&c->session, MS_STAGE_TLS);
    }
    c->session.flags &= ~(uint32_t)MS_SESSION_CLEAR_AFTER; /* late, but it is TLS after all */
    c->over_tls[dir] = true;
}

static void limit(void *engine, enum ms_limit which) { ms_limit_reached(engine, which); }

/* For who lists frames. */
static void tell_record(void *ctx, enum ms_dir dir, uint8_t content_type, struct ms_bytes plain, uint64_t frame)
{
    struct ms_engine *e = ctx;
    struct ms_session *session = &e->live.conn->session;
    struct ms_element el = { .kind = MS_EL_TLS_RECORD, .dir = (uint8_t)dir, .code = content_type, .line = plain, .length = plain.n, .frame = frame,
                             .protocol = session->protocol, .flags = MS_ELEMENT_DECRYPTED, .asked_time = MS_UNKNOWN };
    if (e->output.elements & MS_ELEMENTS(session->protocol, 1u << MS_EL_TLS_RECORD))
        e->output.element(e->output.frames_ctx, session, &el);
}

struct ms_tls_context *ms_filter_context(struct ms_engine *e)
{
    struct ms_tls_context *x = ms_tls_context_create(&e->options.limits, e->options.keylog, e->options.private_keys, limit, e);
    ms_tls_context_wait(x, e->options.secrets_may_come);
    if (e->output.element)
        ms_tls_context_tell(x, tell_record, e);
    return x;
}

static void start_inflate(struct ms_engine *e, struct ms_conn *c, enum ms_dir dir)
{
    c->session.flags |= MS_SESSION_COMPRESSED;
    c->inflate[dir] = ms_inflate_create(&e->inflate_pool, &e->options.limits, limit, e);
}

/* What a parser asks for; the rest of its chunk waits until the parser has returned (ms_filter_rest). */
void ms_filter_request(struct ms_host *h, enum ms_filter kind, const struct ms_chunk *rest)
{
    struct ms_engine *e = live_of(h)->engine;
    struct ms_conn   *c = live_of(h)->conn;
    if (kind == MS_FILTER_TLS ? c->over_tls[rest->dir] : c->inflate[rest->dir] != NULL)
        return; /* TLS inside of TLS is not mail */
    if (kind == MS_FILTER_TLS) {
        ms_filter_start_tls(e, c, rest->dir);
    } else {
        start_inflate(e, c, rest->dir);
    }
    if (rest->bytes.n) {
        e->live.rest_bytes.n = 0;
        ms_buffer_append(&e->live.rest_bytes, rest->bytes);
        e->live.rest = *rest;
        e->live.rest.bytes = ms_buffer_bytes(&e->live.rest_bytes);
        e->live.rest_kind = kind;
    }
}

void ms_filter_rest(struct ms_engine *e, struct ms_conn *c)
{
    if (e->live.rest.bytes.n == 0)
        return;
    struct ms_chunk  rest = e->live.rest;
    struct ms_buffer bytes = e->live.rest_bytes; /* another filter may be asked for while they are read */
    e->live.rest.bytes.n = 0;
    e->live.rest_bytes = (struct ms_buffer){ 0 };
    if (e->live.rest_kind == MS_FILTER_TLS)
        ms_filter_data(e, c, &rest);
    else
        ms_filter_plain(e, c, &rest);
    ms_buffer_finish(&bytes);
}

void ms_filter_end(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_stream_sink sink = { sink_decrypted, sink_decrypted_gap, e };
    if (c->tls)
        ms_tls_finish(c->tls, &sink);
    for (int d = 0; d < 2; d++) {
        if (c->inflate[d] && ms_inflate_damaged(c->inflate[d]))
            c->session.flags |= MS_SESSION_OPAQUE;
        ms_inflate_destroy(c->inflate[d]);
        c->inflate[d] = NULL;
    }
    c->tls = NULL;
}
