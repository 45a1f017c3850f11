/* tls/tls_held.c - what all connections together hold of records and messages: counted, bounded, given up. See tls_private.h.
 *
 * Counts   what was taken from the system, not what lies in it: a byte in a large buffer costs the buffer.
 * Between  two calls the sums are exact; inside of one they may be exceeded by what one chunk brings.                  */
#include "tls/tls_private.h"

enum { MESSAGE_HEADER = 4 };

static void leave(struct ms_tls_sum *sum, struct ms_tls_share *s)
{
    *(s->older ? &s->older->newer : &sum->oldest) = s->newer;
    *(s->newer ? &s->newer->older : &sum->newest) = s->older;
    sum->bytes -= s->bytes;
}

static void join(struct ms_tls_sum *sum, struct ms_tls_share *s)
{
    s->newer = NULL;
    s->older = sum->newest;
    *(sum->newest ? &sum->newest->newer : &sum->oldest) = s;
    sum->newest = s;
    sum->bytes += s->bytes;
}

static void set_share(struct ms_tls_sum *sum, struct ms_tls_share *s, size_t bytes)
{
    if (s->bytes)
        leave(sum, s);
    s->bytes = bytes;
    if (bytes)
        join(sum, s);
}

/* ---- parts ----------------------------------------------------------------------------------------------------------- */

/* A message of which not even the length is known stays: 64 bytes. */
static size_t side_parts(const struct ms_tls_side *s)
{
    return s->in.part.size + (s->message.n < MESSAGE_HEADER ? 0 : s->message.size);
}

static size_t setup_parts(const struct ms_tls_setup *e)
{
    const struct ms_tls_handshake *hs = &e->hs;
    size_t n = hs->offered_ticket.size + hs->new_ticket.size + hs->key_exchange.size + hs->leaf.size;
    for (size_t i = 0; i < sizeof e->transcript / sizeof *e->transcript; i++)
        n += e->transcript[i].size;
    return n;
}

static size_t parts_of(const struct ms_tls *t)
{
    return side_parts(&t->side[0]) + side_parts(&t->side[1]) + (t->setup ? setup_parts(t->setup) : 0);
}

static void lose_setup_parts(struct ms_tls_setup *e)
{
    e->too_long = true;
    for (size_t i = 0; i < sizeof e->transcript / sizeof *e->transcript; i++)
        ms_buffer_finish(&e->transcript[i]);
    ms_buffer_finish(&e->hs.offered_ticket);
    ms_buffer_finish(&e->hs.new_ticket);
    ms_buffer_finish(&e->hs.key_exchange);
    ms_buffer_finish(&e->hs.leaf);
}

static void lose_parts(struct ms_tls *t)
{
    for (int d = 0; d < 2; d++) {
        struct ms_tls_side *s = &t->side[d];
        if (s->message.n >= MESSAGE_HEADER)
            ms_tls_message_pass(t, (enum ms_dir)d);
        if (ms_tls_framing_lose(&s->in, &t->x->pool))
            ms_tls_gap_note(t, (enum ms_dir)d, s->in.frame);
    }
    if (t->setup)
        lose_setup_parts(t->setup);
}

static void settle_parts(struct ms_tls_context *x)
{
    while (x->parts.bytes > x->limits.tls_part_bytes && x->parts.oldest) {
        struct ms_tls *t = (struct ms_tls *)(void *)((char *)x->parts.oldest - offsetof(struct ms_tls, parts));
        ms_tls_limit(t, MS_LIMIT_tls_part_bytes);
        lose_parts(t);
        set_share(&x->parts, &t->parts, parts_of(t));
    }
}

/* ---- records that wait ------------------------------------------------------------------------------------------------- */

/* They are read for their facts; plain text that comes of it is lost, since this is not its connection's turn. */
static void lose_waiting(struct ms_tls *t)
{
    struct ms_stream_sink nobody = { NULL, NULL, NULL };
    struct ms_tls_side    before[2] = { t->side[0], t->side[1] };
    t->sink = &nobody;
    ms_tls_hasten(t);
    t->sink = NULL;
    for (int d = 0; d < 2; d++) {
        struct ms_tls_side *s = &t->side[d];
        if (s->offset == before[d].offset && s->gap_told == before[d].gap_told && s->gap_due == before[d].gap_due)
            continue;
        s->offset = before[d].offset;
        s->gap_told = false;
        s->gap_due = true;
    }
}

static void settle_waiting(struct ms_tls_context *x)
{
    while (x->waiting.bytes > x->limits.tls_held_bytes && x->waiting.oldest) {
        struct ms_tls *t = (struct ms_tls *)(void *)((char *)x->waiting.oldest - offsetof(struct ms_tls, waiting));
        ms_tls_limit(t, MS_LIMIT_tls_held_bytes);
        lose_waiting(t);
        set_share(&x->waiting, &t->waiting, t->queue.size);
        set_share(&x->parts, &t->parts, parts_of(t));
    }
}

void ms_tls_settle(struct ms_tls *t)
{
    struct ms_tls_context *x = t->x;
    set_share(&x->waiting, &t->waiting, t->queue.size);
    set_share(&x->parts, &t->parts, parts_of(t));
    if (x->waiting.bytes > x->limits.tls_held_bytes)
        settle_waiting(x);
    if (x->parts.bytes > x->limits.tls_part_bytes)
        settle_parts(x);
}

void ms_tls_settle_end(struct ms_tls *t)
{
    set_share(&t->x->waiting, &t->waiting, 0);
    set_share(&t->x->parts, &t->parts, 0);
    ms_certificate_cache_give_back(t->x->certificates, t->certificate_bytes);
}
