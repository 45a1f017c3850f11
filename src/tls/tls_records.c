/* tls/tls_records.c - one record at a time: does it wait, under which keys is it, what does it hold; losses.
 *
 * BUGS     with CBC of SSL 3.0 and TLS 1.0 a first record behind a gap opens under no keys, so that a wrong secret tried first is kept there.
 *          A side whose ChangeCipherSpec is lost together with a renegotiation is not read any more. */
#include "tls/tls_private.h"

enum { LOST_AT_MOST = 1024 /* records assumed missing when a number is looked for */ };

static bool side_is_over(const struct ms_tls *t, enum ms_dir d)
{
    const struct ms_tls_side *s = &t->side[d];
    if (s->stage == MS_SIDE_BLIND)
        return true;
    return s->stage == MS_SIDE_OPEN && (ms_tls_is13(t) ? s->level == MS_SECRET_APPLICATION : s->finished);
}

static void end_setup(struct ms_tls *t)
{
    if (t->setup && side_is_over(t, MS_C2S) && side_is_over(t, MS_S2C))
        ms_tls_setup_end(t);
}

/* ---- losses --------------------------------------------------------------------------------------------------------------- */

void ms_tls_gap_note(struct ms_tls *t, enum ms_dir d, uint64_t frame)
{
    t->info->flags |= MS_TLS_LOST;
    t->info->lost_records++;
    if (!t->info->lost_frame)
        t->info->lost_frame = frame;
    t->side[d].gap_due = true;
    if (t->side[d].queued == 0)
        t->side[d].known = true;
}

void ms_tls_gap_tell(struct ms_tls *t, enum ms_dir d, uint64_t frame, int64_t time)
{
    struct ms_tls_side *s = &t->side[d];
    bool                plain = s->stage == MS_SIDE_OPEN && (!ms_tls_is13(t) || s->level != MS_SECRET_HANDSHAKE);
    if (!s->gap_due || !plain)
        return;
    s->gap_due = false;
    if (s->gap_told)
        return;
    s->gap_told = true;
    if (t->sink->gap)
        t->sink->gap(t->sink->ctx, d, 0, frame, time);
}

/* Before a record that follows a loss. */
static void note_loss(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    s->known = s->resync = true;
    s->missing += r->missing;
    s->unknown |= r->missing == 0;
    ms_tls_messages_lost(t, d);
    ms_tls_gap_tell(t, d, r->frame, r->time);
}

static void did_not_open(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    ms_tls_gap_note(t, d, r->frame);
    ms_tls_messages_lost(t, d);
    ms_tls_gap_tell(t, d, r->frame, r->time);
    if (s->resync) /* else the cipher has gone over it */
        s->missing += r->whole.n;
    s->resync = true;
    ms_tls_blind(t, d, r);
    if (++s->failures < MS_TLS_FAILURES)
        return;
    s->stage = MS_SIDE_BLIND;
    t->info->flags |= d == MS_C2S ? MS_TLS_CLIENT_BLIND : MS_TLS_SERVER_BLIND;
}

/* ---- records that are read ---------------------------------------------------------------------------------------------------- */

static void deliver(struct ms_tls *t, enum ms_dir d, struct ms_bytes plain, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (plain.n == 0)
        return;
    ms_tls_spoke(t, d);
    ms_tls_gap_tell(t, d, r->frame, r->time);
    s->gap_told = false;
    t->info->flags |= MS_TLS_DECRYPTED;
    struct ms_chunk c = { .dir = d, .bytes = plain, .offset = s->offset, .frame = r->frame, .time = r->time };
    s->offset += plain.n;
    if (t->sink->data)
        t->sink->data(t->sink->ctx, &c);
}

/* ChangeCipherSpec. In TLS 1.3 it means nothing (RFC 8446 D.4), and it may be sent before the version is known. */
static void change(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side *s = &t->side[d];
    uint32_t            flags = t->info->flags;
    bool                early = d == MS_C2S && (flags & MS_TLS_EARLY_DATA) && !(flags & MS_TLS_SERVER_HELLO);
    if (ms_tls_is13(t) || early)
        return;
    if (s->changed && ms_tls_has_hellos(t))
        t->info->flags |= MS_TLS_RENEGOTIATED;
    s->changed = true;
    if (t->setup)
        ms_tls_handshake_changed(&t->setup->hs, d);
    ms_tls_want(t, d, MS_SECRET_APPLICATION);
}

static void content(struct ms_tls *t, enum ms_dir d, uint8_t type, struct ms_bytes plain, const struct ms_tls_record *r)
{
    switch (type) {
    case MS_TLS_HANDSHAKE: ms_tls_messages(t, d, plain, r); break;
    case MS_TLS_ALERT: ms_tls_alerts(t, d, plain, r); break;
    case MS_TLS_CCS: change(t, d); break;
    case MS_TLS_APPLICATION: deliver(t, d, plain, r); break;
    default: break;
    }
}

/* ---- records under keys --------------------------------------------------------------------------------------------------------- */

struct opened { struct ms_bytes plain; uint8_t type; uint64_t lost; };

/* For who lists records. */
static void tell(const struct ms_tls *t, enum ms_dir d, const struct opened *o, const struct ms_tls_record *r)
{
    if (t->x->record)
        t->x->record(t->x->record_ctx, d, o->type, o->type == MS_TLS_APPLICATION ? (struct ms_bytes){ 0 } : o->plain, r->frame);
}

uint8_t *ms_tls_plain_room(struct ms_tls_context *x)
{
    if (!x->plain)
        x->plain = ms_alloc(MS_TLS_RECORD_MAX);
    return x->plain;
}

static bool open_with(struct ms_tls *t, struct ms_tls_cipher *c, uint64_t missing, const struct ms_tls_record *r, struct opened *o)
{
    return ms_tls_cipher_resync(c, missing, LOST_AT_MOST, r->whole.p, ms_tls_record_body(r), ms_tls_plain_room(t->x), &o->plain, &o->type, &o->lost);
}

static bool open_here(struct ms_tls *t, enum ms_dir d, struct ms_tls_cipher *c, const struct ms_tls_record *r, struct opened *o)
{
    const struct ms_tls_side *s = &t->side[d];
    if (!s->resync)
        return ms_tls_cipher_open(c, r->whole.p, ms_tls_record_body(r), ms_tls_plain_room(t->x), &o->plain, &o->type);
    return open_with(t, c, s->unknown ? 0 : s->missing, r, o);
}

static void take_cipher(struct ms_tls_side *s, struct ms_tls_cipher *c)
{
    ms_tls_cipher_destroy(s->cipher);
    s->cipher = c;
}

/* The Finished of TLS 1.3 may be among what is lost: are these the keys behind it? */
static bool open_next_level(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r, struct opened *o)
{
    struct ms_tls_side   *s = &t->side[d];
    struct ms_tls_cipher *c;
    if (!ms_tls_is13(t) || s->level != MS_SECRET_HANDSHAKE || s->trial)
        return false;
    for (unsigned nth = 0; (c = ms_tls_keys_of_level(t, d, MS_SECRET_APPLICATION, nth)); nth++) {
        if (open_with(t, c, 0, r, o)) {
            take_cipher(s, c);
            s->level = MS_SECRET_APPLICATION;
            return true;
        }
        ms_tls_cipher_destroy(c);
    }
    return false;
}

/* ---- other secrets, when those at hand do not open the first record -------------------------------------------------------------- */

static bool open_other13(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r, struct opened *o)
{
    struct ms_tls_side   *s = &t->side[d];
    struct ms_tls_cipher *c;
    for (unsigned nth = 1; (c = ms_tls_keys_of_level(t, d, (enum ms_tls_level)s->level, nth)); nth++) {
        if (open_here(t, d, c, r, o)) {
            take_cipher(s, c);
            return true;
        }
        ms_tls_cipher_destroy(c);
    }
    return false;
}

/* Up to TLS 1.2 one secret makes the keys of both sides. */
static void take_pair(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_setup *e = t->setup;
    for (int i = 0; i < 2; i++) {
        struct ms_tls_side *s = &t->side[i];
        if (s->stage != MS_SIDE_OPEN || !e->taken[i] || !e->next[i])
            continue;
        take_cipher(s, e->next[i]);
        e->next[i] = NULL;
        if (i != (int)d)
            s->resync = s->unknown = true; /* it has met records, in vain */
    }
}

static bool open_other12(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r, struct opened *o)
{
    struct ms_tls_setup *e = t->setup;
    while (ms_tls_keys_more(t))
        if (e->next[d] && open_here(t, d, e->next[d], r, o)) {
            take_pair(t, d);
            return true;
        }
    take_pair(t, d);
    return false;
}

static bool open_other(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r, struct opened *o)
{
    const struct ms_tls_side *s = &t->side[d];
    if (!t->setup || (s->failures && !s->trial))
        return false;
    if (ms_tls_is13(t))
        return !s->proven && open_other13(t, d, r, o);
    return !t->setup->proven && open_other12(t, d, r, o);
}

static bool open_record(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r, struct opened *o)
{
    struct ms_tls_side *s = &t->side[d];
    return open_here(t, d, s->cipher, r, o) || open_other(t, d, r, o) || (s->resync && open_next_level(t, d, r, o));
}

/* After a record that opened: its number is known again. */
static void in_step(struct ms_tls *t, enum ms_dir d, const struct opened *o, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (o->lost > 1)
        t->info->lost_records += o->lost - 1; /* one was counted when the loss was met */
    s->failures = 0;
    s->candidates = 0;
    s->missing = 0;
    s->resync = s->unknown = s->trial = false;
    ms_tls_passed_end(t, d, !ms_tls_is13(t) || s->opened || s->early);
    s->opened |= ms_tls_is13(t) && s->level == MS_SECRET_APPLICATION;
    s->proven = true;
    if (t->setup && t->setup->taken[d])
        t->setup->proven = true;
    bool data = ms_tls_is13(t) ? s->level == MS_SECRET_APPLICATION : o->type == MS_TLS_APPLICATION && !(t->info->flags & MS_TLS_RENEGOTIATED);
    if (data && !s->finished) { /* Finished was lost or could not be read */
        s->finished = true;
        ms_tls_done(t, r->frame, r->time);
    }
}

/* TLS 1.3: the secret of early data is wrong; that of what follows may be right. */
static bool leave_early(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (!ms_tls_is13(t) || s->level != MS_SECRET_EARLY || s->proven || s->resync)
        return false;
    ms_tls_want(t, d, MS_SECRET_HANDSHAKE);
    s->trial = s->early = true;
    t->info->key_faults |= 1u << MS_TLS_FAULT_WRONG;
    ms_tls_passed(t, d, r);
    return true;
}

static void open_one(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct opened o = { .lost = 0 };
    if (open_record(t, d, r, &o)) {
        in_step(t, d, &o, r);
        tell(t, d, &o, r);
        content(t, d, o.type, o.plain, r);
    } else if (t->side[d].trial) {
        ms_tls_passed(t, d, r);
    } else if (!leave_early(t, d, r)) {
        did_not_open(t, d, r);
    }
}

/* Is there a cipher to try a candidate with? The side may not have come to use it yet: what is lost may have said so. */
static bool borrow_keys(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (s->stage == MS_SIDE_OPEN)
        return true;
    if (s->stage == MS_SIDE_CLEAR || s->stage == MS_SIDE_WANT)
        ms_tls_guess(t, d, r);
    if (s->stage == MS_SIDE_BLIND || !t->setup || (s->stage == MS_SIDE_CLEAR && ms_tls_is13(t)))
        return false;
    if (s->stage == MS_SIDE_CLEAR)
        s->level = MS_SECRET_APPLICATION;
    return ms_tls_keys(t, d) == MS_KEYS_HERE;
}

static void give_back_keys(struct ms_tls *t, enum ms_dir d)
{
    struct ms_tls_side *s = &t->side[d];
    if (s->stage == MS_SIDE_OPEN || ms_tls_is13(t))
        return;
    t->setup->taken[d] = false;
    t->setup->next[d] = s->cipher;
    s->cipher = NULL;
    if (s->stage == MS_SIDE_CLEAR && t->setup->next[ms_other(d)])
        ms_tls_keys_forget(t); /* they may be of a session that is not resumed after all */
}

bool ms_tls_record_try(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    struct opened       o = { .lost = 0 };
    bool                data = ms_tls_record_type(r) == MS_TLS_APPLICATION;
    if ((!data && (ms_tls_is13(t) || s->stage != MS_SIDE_OPEN)) || s->candidates >= MS_TLS_CANDIDATES || !borrow_keys(t, d, r))
        return false;
    uint8_t  stage = s->stage, level = s->level;
    uint64_t missing = s->unknown || r->missing == 0 ? 0 : s->missing + r->missing;
    if (!open_with(t, s->cipher, missing, r, &o) && !open_next_level(t, d, r, &o)) {
        give_back_keys(t, d);
        s->candidates++;
        return false;
    }
    if ((stage != MS_SIDE_OPEN || level != s->level) && s->level == MS_SECRET_APPLICATION && o.lost <= !ms_tls_is13(t))
        s->gap_due = false; /* the first data: nothing but messages is lost (up to TLS 1.2, Finished has a number of the same keys) */
    s->changed |= stage == MS_SIDE_CLEAR;
    s->stage = MS_SIDE_OPEN;
    s->known = true;
    s->last_alert = false;
    ms_tls_messages_lost(t, d);
    ms_tls_gap_tell(t, d, r->frame, r->time);
    in_step(t, d, &o, r);
    tell(t, d, &o, r);
    content(t, d, o.type, o.plain, r);
    end_setup(t);
    return true;
}

/* ---- which way -------------------------------------------------------------------------------------------------------------- */

/* Is all there that the server says before it waits for the client? Up to TLS 1.2 its last message before that is ServerHelloDone, or
 * its Finished when a session is resumed. */
static bool server_waits(const struct ms_tls *t)
{
    const struct ms_tls_side  *server = &t->side[MS_S2C];
    const struct ms_tls_setup *e = t->setup;
    if (!server->known)
        return e->hellos[MS_C2S] <= e->hellos[MS_S2C]; /* a HelloRetryRequest */
    return ms_tls_is13(t) || server->gap_due || server->stage != MS_SIDE_CLEAR || !e->hs.have_server || e->hs.server_done;
}

/* The other direction has to come first: the client hello before the server's, the server's messages before what the client sends
 * next, and whether early data is accepted before it. */
static bool is_early(const struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    const struct ms_tls_side *s = &t->side[d], *o = &t->side[ms_other(d)];
    uint8_t                   type = ms_tls_record_type(r);
    if (t->hasten || !t->setup || r->lost)
        return false;
    if (s->stage == MS_SIDE_CLEAR && d == MS_S2C)
        return type != MS_TLS_APPLICATION && !o->known;
    if (s->stage == MS_SIDE_CLEAR)
        return type != MS_TLS_ALERT && t->setup->hellos[MS_C2S] > 0 && !server_waits(t);
    if (s->stage != MS_SIDE_WANT || !ms_tls_is13(t) || s->level != MS_SECRET_EARLY || t->setup->extensions)
        return false;
    return type == MS_TLS_APPLICATION && o->stage != MS_SIDE_BLIND && o->level == MS_SECRET_HANDSHAKE;
}

/* A record before the keys. Data here: ChangeCipherSpec is lost, or the begin; or early data before a HelloRetryRequest's answer. */
static bool is_clear(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    struct ms_bytes     body = ms_tls_record_body(r);
    switch (ms_tls_record_type(r)) {
    case MS_TLS_HANDSHAKE: ms_tls_messages(t, d, body, r); break;
    case MS_TLS_CCS: change(t, d); break;
    case MS_TLS_ALERT:
        if (body.n == 2)
            ms_tls_alerts(t, d, body, r);
        else
            ms_tls_alert_unreadable(t, d, r);
        break;
    case MS_TLS_APPLICATION:
        if (d == MS_C2S && (t->info->flags & MS_TLS_RETRY))
            break;
        ms_tls_want(t, d, MS_SECRET_APPLICATION);
        s->resync = s->unknown = true;
        return false;
    default: break;
    }
    s->known |= t->setup && t->setup->hellos[d] == 0 && s->message.n == 0; /* the first message was no hello */
    return true;
}

/* TLS 1.3: what is in clear though keys are agreed on: ChangeCipherSpec, and alerts of who has no keys yet. */
static bool is_clear13(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_bytes body = ms_tls_record_body(r);
    if (!ms_tls_is13(t) || ms_tls_record_type(r) == MS_TLS_APPLICATION)
        return false;
    if (ms_tls_record_type(r) == MS_TLS_ALERT && body.n == 2)
        ms_tls_alerts(t, d, body, r);
    return true;
}

/* False: keys may still come. */
static bool get_keys(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    ms_tls_guess(t, d, r);
    enum ms_tls_keys_state state = ms_tls_keys(t, d);
    if (state == MS_KEYS_WAIT && !t->hasten)
        return false;
    s->stage = state == MS_KEYS_HERE ? MS_SIDE_OPEN : MS_SIDE_BLIND;
    if (state == MS_KEYS_HERE)
        return true;
    ms_tls_keys_fault(t);
    t->info->flags |= MS_TLS_NO_KEYS | (d == MS_C2S ? MS_TLS_CLIENT_BLIND : MS_TLS_SERVER_BLIND);
    ms_tls_cipher_destroy(s->cipher);
    s->cipher = NULL;
    return true;
}

static bool step(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (s->stage == MS_SIDE_CLEAR && is_clear(t, d, r))
        return true;
    if (is_clear13(t, d, r))
        return true;
    if (s->stage == MS_SIDE_WANT && !get_keys(t, d, r))
        return false;
    if (r->lost)
        note_loss(t, d, r);
    if (s->stage == MS_SIDE_OPEN)
        open_one(t, d, r);
    else
        ms_tls_blind(t, d, r);
    return true;
}

bool ms_tls_record(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    if (is_early(t, d, r))
        return false;
    if (r->lost && s->stage == MS_SIDE_CLEAR)
        note_loss(t, d, r);
    s->last_alert = false;
    if (!step(t, d, r))
        return false;
    end_setup(t);
    return true;
}
