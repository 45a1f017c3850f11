/* tls/tls_blind.c - what can be told of records: alerts, who spoke, that the handshake is done; without keys by their types and sizes alone.
 *
 * BUGS     without keys, TLS 1.3 hides what a record holds: the client's first one counts as its Finished, but for one too short to be that
 *          (an alert), and such short ones before any data are alerts, too; tickets of the server cannot be told from data. */
#include "tls/tls_private.h"

enum {
    CLOSE_NOTIFY = 0,
    ALERT_AT_MOST = 24, /* body of a TLS 1.3 record that holds an alert, with padding up to 5 bytes; a Finished has at least 41 */
};

/* Or it is known what they would have said. */
bool ms_tls_has_hellos(const struct ms_tls *t)
{
    return t->guessed || (t->info->flags & (MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO)) == (MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO);
}

void ms_tls_done(struct ms_tls *t, uint64_t frame, int64_t time)
{
    if (!t->side[0].finished || !t->side[1].finished || !ms_tls_has_hellos(t) || (t->info->flags & MS_TLS_DONE))
        return;
    t->info->flags |= MS_TLS_DONE;
    t->info->done_frame = frame;
    t->info->done_time = time;
}

void ms_tls_spoke(struct ms_tls *t, enum ms_dir d) { t->info->flags |= d == MS_C2S ? MS_TLS_CLIENT_SPOKE : MS_TLS_SERVER_SPOKE; }

/* ---- alerts ------------------------------------------------------------------------------------------------------------- */

static void note_alert(struct ms_tls *t, enum ms_dir d, struct ms_tls_alert a, const struct ms_tls_record *r)
{
    struct ms_tls_info *info = t->info;
    a.frame = r->frame;
    a.time = r->time;
    a.dir = (uint8_t)d;
    if (info->alert_count < MS_TLS_ALERTS)
        info->alerts[info->alert_count] = a;
    info->alert_count++;
    if (a.description == CLOSE_NOTIFY)
        info->flags |= MS_TLS_CLOSED;
}

void ms_tls_alerts(struct ms_tls *t, enum ms_dir d, struct ms_bytes b, const struct ms_tls_record *r)
{
    bool encrypted = t->side[d].stage == MS_SIDE_OPEN && b.p != ms_tls_record_body(r).p;
    for (; b.n >= 2; b = ms_tail(b, 2))
        note_alert(t, d, (struct ms_tls_alert){ .level = b.p[0], .description = b.p[1], .encrypted = encrypted }, r);
}

void ms_tls_alert_unreadable(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    note_alert(t, d, (struct ms_tls_alert){ .description = MS_TLS_UNREADABLE_ALERT, .encrypted = true }, r);
    t->side[d].last_alert = true;
}

/* ---- records that are not read ------------------------------------------------------------------------------------------------------ */

void ms_tls_passed(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    size_t              n = ms_tls_record_body(r).n;
    if (s->early && n <= ALERT_AT_MOST)
        return; /* EndOfEarlyData */
    s->passed++;
    s->passed_bytes += n;
    if (s->stage == MS_SIDE_BLIND && !s->early)
        ms_tls_passed_end(t, d, true); /* nothing will tell more about it */
}

void ms_tls_passed_end(struct ms_tls *t, enum ms_dir d, bool data)
{
    struct ms_tls_side *s = &t->side[d];
    if (data) {
        t->info->unread[d] += s->passed;
        t->info->unread_bytes[d] += s->passed_bytes;
    }
    s->passed = 0;
    s->passed_bytes = 0;
    s->early = false;
}

/* ---- records without keys ---------------------------------------------------------------------------------------------------------- */

static void blind_finished(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    t->side[d].finished = true;
    ms_tls_done(t, r->frame, r->time);
}

static void blind13(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    size_t              n = ms_tls_record_body(r).n;
    if (!ms_tls_has_hellos(t) || (d == MS_C2S && (t->info->flags & MS_TLS_EARLY_DATA) && r->frame < t->info->server_hello_frame))
        return; /* early data says nothing about the handshake */
    bool silent = !(t->info->flags & (MS_TLS_CLIENT_SPOKE | MS_TLS_SERVER_SPOKE));
    if (n <= ALERT_AT_MOST && (s->finished ? silent : d == MS_C2S)) {
        ms_tls_alert_unreadable(t, d, r);
        return;
    }
    if (t->info->flags & MS_TLS_DONE) {
        ms_tls_spoke(t, d);
        ms_tls_passed(t, d, r);
    }
    s->last_alert = s->finished && n <= ALERT_AT_MOST;
    blind_finished(t, d, r);
}

static void blind12(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    struct ms_tls_side *s = &t->side[d];
    size_t              n = ms_tls_record_body(r).n;
    switch (ms_tls_record_type(r)) {
    case MS_TLS_ALERT:
        if (n == 2 && !s->changed)
            ms_tls_alerts(t, d, ms_tls_record_body(r), r);
        else
            ms_tls_alert_unreadable(t, d, r);
        break;
    case MS_TLS_CCS:
        if (s->changed && ms_tls_has_hellos(t))
            t->info->flags |= MS_TLS_RENEGOTIATED;
        s->changed = true;
        break;
    case MS_TLS_HANDSHAKE:
        if (s->changed)
            blind_finished(t, d, r);
        break;
    case MS_TLS_APPLICATION:
        ms_tls_spoke(t, d);
        ms_tls_passed(t, d, r);
        blind_finished(t, d, r);
        break;
    default: break;
    }
}

void ms_tls_blind(struct ms_tls *t, enum ms_dir d, const struct ms_tls_record *r)
{
    if (ms_tls_is13(t))
        blind13(t, d, r);
    else
        blind12(t, d, r);
}
