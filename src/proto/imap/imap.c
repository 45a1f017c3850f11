/* proto/imap/imap.c - IMAP4rev1 and rev2 (RFC 3501, 9051): the way of the bytes, gaps, and the end.
 *
 * Literals are counted, not read: a body goes from the chunk to the message in one piece.
 * After STARTTLS the first byte of the client tells TLS from clear text: 0x16 begins no command.
 *
 * BUGS     after a gap the bytes that follow are tried as a line at once, since commands and replies mostly begin with a
 *          segment; a mail's text that looks like a reply can be taken for one there. Of a loss inside of TLS it is not known how
 *          many bytes it has: a literal that lost some goes on into what follows it.                                */
#include "imap_private.h"

static struct imap_ctx context(struct imap *im, struct ms_host *h, uint64_t frame, int64_t time)
{
    im->frame = frame;
    im->time = time;
    return (struct imap_ctx){ .im = im, .h = h, .frame = frame, .time = time };
}

static void imap_init(void *state, struct ms_host *h)
{
    struct imap *im = state;
    im->time = MS_UNKNOWN;
    im->lost[MS_C2S] = h->session->flags & MS_SESSION_JOINED_LATE;
    im->lost[MS_S2C] = im->lost[MS_C2S];
}

static void literal_end(const struct imap_ctx *x, enum ms_dir dir)
{
    struct imap_side *s = x->im->side[dir];
    if (dir == MS_C2S) {
        imap_client_literal_end(x);
        return;
    }
    s->in_literal = false;
    if (s->fetch) {
        imap_top_end(x, s->fetch, true);
        imap_fetch_literal_end(x, s->fetch, true);
    }
}

static void take_literal(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes *in)
{
    struct imap_side *s = x->im->side[dir];
    struct ms_bytes   part = ms_head(*in, s->literal < in->n ? (size_t)s->literal : in->n);
    *in = ms_tail(*in, part.n);
    s->literal -= part.n;
    if (x->h->elements)
        imap_say_literal(x, dir, part);
    if (part.n && dir == MS_C2S)
        imap_client_literal(x, part);
    struct imap_pending *owner = dir == MS_S2C ? imap_pending_owner(x->im, s->fetch && s->fetch->is_fetch) : NULL;
    if (owner)
        owner->data += part.n;
    if (part.n && dir == MS_S2C && s->fetch)
        imap_fetch_push(x, s->fetch, part);
    if (s->literal == 0)
        literal_end(x, dir);
}

static void take_line(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes *in)
{
    struct imap_line line;
    if (!imap_line_next(x, dir, in, &line))
        return;
    if (dir == MS_C2S)
        imap_client_line(x, &line);
    else
        imap_server_line(x, &line);
    imap_side_release(x->im, dir);
}

/* That direction goes over to TLS. With the first of them the dialogue begins anew. */
static void go_tls(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes rest)
{
    struct imap    *im = x->im;
    struct ms_chunk chunk = { .dir = dir, .bytes = rest, .frame = x->frame, .time = x->time };
    if (!im->tls[ms_other(dir)]) {
        imap_auth_end(x);
        while (im->first) {
            struct imap_pending *p = im->first;
            imap_pending_unlink(im, p);
            imap_complete(x, p, NULL);
        }
    }
    im->tls_next[dir] = im->lost[dir] = im->client_next = im->idle = false;
    im->tls[dir] = true;
    if (x->h->session->transport == MS_TRANSPORT_PLAIN) { /* unasked: a TLS client at a door that speaks in clear */
        x->h->session->transport = MS_TRANSPORT_TLS;
        im->tls_next[ms_other(dir)] = true;
    }
    x->h->ops->filter(x->h, MS_FILTER_TLS, &chunk);
}

/* Asked where a line of either side begins. The client decides; the server may still be talking in clear. */
static bool begins_tls(const struct imap_ctx *x, enum ms_dir dir, uint8_t first)
{
    struct imap *im = x->im;
    if (first == 0x16 || ((dir == MS_S2C || im->tls[ms_other(dir)]) && ms_begins_tls_record(first)))
        return true;
    if (dir == MS_S2C && ms_injected_behind(im->agreed, x->time, im->tls_next[MS_C2S]))
        x->h->session->injected[MS_S2C] = x->frame;
    if (dir == MS_C2S)
        x->h->session->flags |= MS_SESSION_CLEAR_AFTER;
    im->tls_next[dir] = dir == MS_S2C;
    return false;
}

/* False: the rest went to a filter. */
static bool take_some(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes *in)
{
    struct imap_side *s = x->im->side[dir];
    if (s && s->in_literal) {
        take_literal(x, dir, in);
        return true;
    }
    bool maybe = x->im->tls_next[dir] || (dir == MS_C2S && in->p[0] == 0x16 && !x->im->tls[dir]);
    if (maybe && !(s && (s->rest.n || s->building || s->fetch)) && begins_tls(x, dir, in->p[0])) {
        go_tls(x, dir, *in);
        return false;
    }
    take_line(x, dir, in);
    return true;
}

/* COMPRESS=DEFLATE was agreed on (RFC 4978 4): the client's next byte and what follows the server's OK are compressed. */
static bool goes_compressed(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes rest)
{
    struct ms_chunk chunk = { .dir = dir, .bytes = rest, .frame = x->frame, .time = x->time };
    if (!x->im->deflate_next[dir])
        return false;
    x->im->deflate_next[dir] = false;
    x->h->ops->filter(x->h, MS_FILTER_DEFLATE, &chunk);
    return true;
}

static void imap_data(void *state, struct ms_host *h, const struct ms_chunk *c)
{
    struct imap    *im = state;
    struct imap_ctx x = context(im, h, c->frame, c->time);
    struct ms_bytes in = c->bytes;
    while (in.n && !goes_compressed(&x, c->dir, in) && take_some(&x, c->dir, &in))
        ;
}

/* ---- gaps -------------------------------------------------------------------------------------------------- */

/* The part of the gap that lies inside the literal; the literal may end exactly with it. */
static uint64_t gap_in_literal(const struct imap_ctx *x, enum ms_dir dir, uint64_t length)
{
    struct imap_side *s = x->im->side[dir];
    uint64_t          n = length < s->literal ? length : s->literal;
    s->literal -= n;
    if (dir == MS_C2S)
        imap_client_literal_gap(x, n);
    else if (s->fetch) {
        ms_top_gap(s->fetch->top);
        imap_fetch_gap(x, s->fetch, n);
    }
    if (s->literal == 0)
        literal_end(x, dir);
    return n;
}

static void imap_gap(void *state, struct ms_host *h, enum ms_dir dir, uint64_t length, uint64_t frame, int64_t time)
{
    struct imap      *im = state;
    struct imap_ctx   x = context(im, h, frame, time);
    struct imap_side *s = im->side[dir];
    if (length == 0 || goes_compressed(&x, dir, (struct ms_bytes){ NULL, 0 }))
        return;
    if (im->tls_next[dir] && (dir == MS_C2S || im->tls[MS_C2S])) { /* what a client says after STARTTLS is TLS */
        go_tls(&x, dir, (struct ms_bytes){ NULL, 0 });
        return;
    }
    for (struct imap_pending *p = dir == MS_S2C ? im->first : NULL; p; p = p->next)
        p->flags |= MS_EXCHANGE_GAP; /* any of their replies may be in it */
    if (s && s->in_literal)
        length -= gap_in_literal(&x, dir, length);
    if (length == 0)
        return;
    if (s) {
        s->spent = s->rest.n > 0;
        if (dir == MS_C2S)
            imap_client_abandon(&x, true);
        else
            imap_server_abandon(&x);
    }
    im->lost[dir] = true;
    imap_side_release(im, dir);
}

/* ---- the end ----------------------------------------------------------------------------------------------- */

static void imap_finish(void *state, struct ms_host *h)
{
    struct imap    *im = state;
    struct imap_ctx x = { .im = im, .h = h, .frame = im->frame, .time = im->time, .ending = true };
    imap_server_abandon(&x);
    imap_client_abandon(&x, false);
    while (im->first) {
        struct imap_pending *p = im->first;
        imap_pending_unlink(im, p);
        imap_complete(&x, p, NULL);
    }
    imap_mailbox_left(&x);
    imap_auth_end(&x);
    for (int dir = 0; dir < 2; dir++) {
        if (im->side[dir])
            im->side[dir]->spent = true;
        imap_side_release(im, (enum ms_dir)dir);
    }
}

static enum ms_turn imap_turn(const void *state)
{
    const struct imap *im = state;
    if (im->side[MS_C2S] && im->side[MS_C2S]->building)
        return im->side[MS_C2S]->building->waiting ? MS_TURN_SERVER : MS_TURN_UPLOAD;
    if (im->idle)
        return MS_TURN_IDLE;
    if (im->client_next)
        return MS_TURN_CLIENT;
    if (im->first)
        return MS_TURN_SERVER;
    if (im->server_spoke)
        return MS_TURN_CLIENT;
    return im->lost[MS_S2C] ? MS_TURN_NONE : MS_TURN_SERVER;
}

const struct ms_parser ms_imap_parser = {
    .protocol = MS_PROTO_IMAP,
    .state_size = sizeof(struct imap),
    .init = imap_init,
    .data = imap_data,
    .gap = imap_gap,
    .finish = imap_finish,
    .turn = imap_turn,
};
