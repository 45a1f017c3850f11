/* tls/tls_messages.c - handshake messages put together from records, and what each changes: keys due, early data accepted, Finished.
 *
 * Cut      a message may be spread over records and a record may hold several (RFC 8446 5.1). What is left of a record behind a message
 *          that changes the keys is dropped: no sender may do that.                                                 */
#include "tls/tls_private.h"

enum { MESSAGE_HEADER = 4, LAST_TYPE = 25, FIRST_OF_CLIENT = 0, OF_SERVER = 1, OF_CLIENT = 2 };

void ms_tls_messages_lost(struct ms_tls *t, enum ms_dir d)
{
    t->side[d].message_skip = 0;
    ms_buffer_finish(&t->side[d].message);
}

void ms_tls_want(struct ms_tls *t, enum ms_dir d, enum ms_tls_level level)
{
    struct ms_tls_side *s = &t->side[d];
    s->stage = MS_SIDE_WANT;
    s->level = (uint8_t)level;
    s->trial = s->resync = s->unknown = s->proven = false;
    s->missing = s->message_skip = s->failures = 0;
    s->message.n = 0; /* freed when the message under way is done */
}

/* ---- the transcript, for the extended master secret ------------------------------------------------------------------------- */

/* Only who has a pre-master secret needs it. */
static bool is_useful(const struct ms_tls *t)
{
    const struct ms_tls_context *x = t->x;
    bool premaster = x->may_come || (x->keylog && ms_keylog_premasters(x->keylog)) || ms_private_keys_count(x->private_keys);
    return premaster && !t->setup->exchanged && !t->setup->too_long && !ms_tls_is13(t);
}

static void transcribe(struct ms_tls *t, enum ms_dir d, uint8_t type, struct ms_bytes whole)
{
    struct ms_tls_setup *e = t->setup;
    if (!is_useful(t) || type == MS_HS_HELLO_REQUEST)
        return;
    struct ms_buffer *b = &e->transcript[d == MS_S2C ? OF_SERVER : type == MS_HS_CLIENT_HELLO ? FIRST_OF_CLIENT : OF_CLIENT];
    if (whole.n > t->x->limits.tls_handshake_bytes || b->n > t->x->limits.tls_handshake_bytes - whole.n)
        e->too_long = true;
    else
        ms_buffer_append(b, whole);
}

/* ---- single messages ----------------------------------------------------------------------------------------------------------- */

static void after_client_hello(struct ms_tls *t)
{
    t->side[MS_C2S].known = true;
    t->setup->hellos[MS_C2S]++;
}

static void after_server_hello(struct ms_tls *t, struct ms_bytes body)
{
    struct ms_tls_setup *e = t->setup;
    e->hellos[MS_S2C]++;
    if (ms_tls_is_retry(body))
        return;
    t->side[MS_S2C].known = true;
    if (!ms_tls_is13(t))
        return;
    bool early = (t->info->flags & MS_TLS_EARLY_DATA) && !(t->info->flags & MS_TLS_RETRY);
    ms_tls_want(t, MS_S2C, MS_SECRET_HANDSHAKE);
    ms_tls_want(t, MS_C2S, early ? MS_SECRET_EARLY : MS_SECRET_HANDSHAKE);
}

/* Early data that the server rejects is passed over: none of it opens under the keys that follow (RFC 8446 4.2.10). */
static void after_extensions(struct ms_tls *t)
{
    struct ms_tls_side *client = &t->side[MS_C2S];
    t->setup->extensions = true;
    if (client->level != MS_SECRET_EARLY || client->stage != MS_SIDE_WANT || (t->info->flags & MS_TLS_EARLY_ACCEPTED))
        return;
    client->level = MS_SECRET_HANDSHAKE;
    client->trial = true;
}

static void after_finished(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    s->finished = true;
    s->gap_due = false; /* nothing was said before it */
    if (!ms_tls_is13(t))
        ms_tls_keys_remember(t);
    else if (s->level == MS_SECRET_HANDSHAKE)
        ms_tls_want(t, d, MS_SECRET_APPLICATION);
    ms_tls_done(t, r->frame, r->time);
}

static void after(struct ms_tls *t, enum ms_dir d, uint8_t type, struct ms_bytes body, const struct ms_tls_record *r)
{
    struct ms_tls_setup *e = t->setup;
    bool                    server = d == MS_S2C;
    if (type == MS_HS_CLIENT_HELLO && !server)
        after_client_hello(t);
    else if (type == MS_HS_SERVER_HELLO && server)
        after_server_hello(t, body);
    else if (type == MS_HS_ENCRYPTED_EXTENSIONS && server && ms_tls_is13(t))
        after_extensions(t);
    else if (type == MS_HS_END_OF_EARLY_DATA && !server && ms_tls_is13(t) && t->side[d].level == MS_SECRET_EARLY)
        ms_tls_want(t, d, MS_SECRET_HANDSHAKE);
    else if (type == MS_HS_FINISHED && t->side[d].stage == MS_SIDE_OPEN)
        after_finished(t, d, r);
    else if (type == MS_HS_CLIENT_KEY_EXCHANGE && !server)
        e->exchanged = e->whole = true;
    else if ((type == MS_HS_CERTIFICATE || type == MS_HS_SERVER_HELLO_DONE) && server)
        e->whole = true;
}

/* The certificates that came by it are counted. */
static void read_message(struct ms_tls *t, struct ms_tls_handshake *hs, enum ms_dir d, struct ms_bytes whole, const struct ms_tls_record *r)
{
    struct ms_certificate_cache *c = t->x->certificates;
    uint64_t                     kept = ms_certificate_cache_kept(c), refused = ms_certificate_cache_refused(c);
    ms_tls_handshake_message(hs, d, whole.p[0], ms_tail(whole, MESSAGE_HEADER), r->frame, r->time);
    t->certificate_bytes += ms_certificate_cache_kept(c) - kept;
    if (ms_certificate_cache_refused(c) != refused)
        ms_tls_limit(t, MS_LIMIT_tls_certificate_bytes);
    if (hs->too_large)
        ms_tls_limit(t, MS_LIMIT_tls_handshake_bytes);
    hs->too_large = false;
}

/* TLS 1.3, after the handshake (RFC 8446 4.6): a client certificate may be asked for and sent. */
static void late_message(struct ms_tls *t, enum ms_dir d, struct ms_bytes whole, const struct ms_tls_record *r)
{
    uint8_t type = whole.p[0];
    bool certificate = type == MS_HS_CERTIFICATE && d == MS_C2S, request = type == MS_HS_CERTIFICATE_REQUEST && d == MS_S2C;
    if (!certificate && !request)
        return;
    struct ms_tls_handshake hs;
    ms_tls_handshake_init(&hs, t->info, t->arena);
    hs.cache = t->x->certificates;
    hs.most = t->x->limits.tls_handshake_bytes;
    read_message(t, &hs, d, whole, r);
    ms_tls_handshake_finish(&hs);
}

/* A handshake inside of the keys of the one before it. Either hello may be read first. */
static void renegotiate(struct ms_tls *t)
{
    t->info->flags |= MS_TLS_RENEGOTIATED;
    t->side[0].finished = t->side[1].finished = false;
    ms_tls_setup_begin(t);
}

static void key_update(struct ms_tls *t, enum ms_dir d)
{
    t->info->flags |= MS_TLS_KEY_UPDATE;
    if (t->side[d].cipher && !ms_tls_cipher_update(t->side[d].cipher))
        t->side[d].stage = MS_SIDE_BLIND;
}

static void message(struct ms_tls *t, enum ms_dir d, struct ms_bytes whole, const struct ms_tls_record *r)
{
    uint8_t         type = whole.p[0];
    struct ms_bytes body = ms_tail(whole, MESSAGE_HEADER);
    bool            open = t->side[d].stage == MS_SIDE_OPEN;
    bool            hello = type == MS_HS_CLIENT_HELLO ? d == MS_C2S : type == MS_HS_SERVER_HELLO && d == MS_S2C;
    if (open && ms_tls_is13(t) && type == MS_HS_KEY_UPDATE) {
        if (t->side[d].level == MS_SECRET_APPLICATION)
            key_update(t, d);
        return;
    }
    if (open && ms_tls_is13(t) && (!t->setup || t->side[d].level == MS_SECRET_APPLICATION)) {
        late_message(t, d, whole, r);
        return;
    }
    if (open && !ms_tls_is13(t) && hello && (!t->setup || t->setup->hellos[d]))
        renegotiate(t);
    if (!t->setup)
        return;
    transcribe(t, d, type, whole);
    read_message(t, &t->setup->hs, d, whole, r);
    after(t, d, type, body, r);
}

void ms_tls_messages_ssl2(struct ms_tls *t, const struct ms_tls_record *r)
{
    if (!t->setup)
        return;
    transcribe(t, MS_C2S, MS_HS_CLIENT_HELLO, r->whole);
    ms_tls_handshake_ssl2(&t->setup->hs, r->whole, r->frame, r->time);
    after_client_hello(t);
}

/* ---- messages from records ------------------------------------------------------------------------------------------------------ */

static size_t message_size(struct ms_bytes header) { return MESSAGE_HEADER + (size_t)(ms_be32(header.p) & 0xffffff); }

/* Moves bytes from *b to the message under way until it has n of them. */
static bool fill(struct ms_tls_side *s, struct ms_bytes *b, size_t n)
{
    struct ms_bytes more = ms_head(*b, n - s->message.n);
    ms_buffer_append(&s->message, more);
    *b = ms_tail(*b, more.n);
    return s->message.n >= n;
}

static bool pass_over(struct ms_tls_side *s, struct ms_bytes *b)
{
    size_t n = s->message_skip < b->n ? s->message_skip : b->n;
    s->message_skip -= (uint32_t)n;
    *b = ms_tail(*b, n);
    return n > 0;
}

void ms_tls_message_pass(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side *s = &t->side[d];
    s->message_skip = (uint32_t)(message_size(ms_buffer_bytes(&s->message)) - s->message.n);
    ms_buffer_finish(&s->message);
    if (t->setup)
        t->setup->too_long = true;
}

/* The next whole message, in *b or put together. */
static bool next_message(struct ms_tls *t, enum ms_dir d, struct ms_bytes *b, struct ms_bytes *whole)
{
    struct ms_tls_side *s = &t->side[d];
    size_t size = s->message.n == 0 && b->n >= MESSAGE_HEADER ? message_size(*b) : 0;
    if (size && b->n >= size && size <= t->x->limits.tls_handshake_bytes) {
        *whole = ms_head(*b, size);
        *b = ms_tail(*b, whole->n);
        return true;
    }
    if (s->message.n < MESSAGE_HEADER && !fill(s, b, MESSAGE_HEADER))
        return false;
    size_t n = message_size(ms_buffer_bytes(&s->message));
    if (n > t->x->limits.tls_handshake_bytes) {
        ms_tls_limit(t, MS_LIMIT_tls_handshake_bytes);
        ms_tls_message_pass(t, d);
        return false;
    }
    if (!fill(s, b, n))
        return false;
    *whole = ms_buffer_bytes(&s->message);
    return true;
}

void ms_tls_messages(struct ms_tls *t, enum ms_dir d, struct ms_bytes b, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    uint8_t             stage = s->stage, level = s->level;
    while (b.n && s->stage == stage && s->level == level) {
        struct ms_bytes whole;
        if (pass_over(s, &b))
            continue;
        if (s->message.n == 0 && b.p[0] > LAST_TYPE) /* no message: ciphertext, behind a gap */
            return;
        if (!next_message(t, d, &b, &whole))
            continue;
        message(t, d, whole, r);
        if (whole.p == s->message.p)
            ms_buffer_finish(&s->message);
    }
}
