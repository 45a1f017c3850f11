/* sink/ladder_end.c - what is known at the end of a session: the steps of TLS, what stood in the way, how it ended, who it was.            */
#include "sink/ladder_private.h"

#include "sink/tls_words.h"

static void tls_step(struct ms_ladder *l, enum ms_dir dir, uint64_t frame, int64_t time)
{
    if (frame)
        ladder_put(l, (struct ladder_row){ .frame = frame, .time = time, .kind = LADDER_ARROW, .dir = (uint8_t)dir, .rank = RANK_BELOW }, false);
}

static void tell_hellos(struct ms_ladder *l, const struct ms_tls_info *t)
{
    char scratch[8];
    ladder_say(l, "TLS Client Hello");
    ms_text_str(&l->text, t->sni.n ? " for " : "");
    ladder_add_wire(l, t->sni);
    tls_step(l, MS_C2S, t->client_hello_frame, t->client_hello_time);
    ladder_say(l, "TLS Server Hello");
    ms_text_str(&l->text, t->flags & MS_TLS_RETRY ? " after a retry" : "");
    ms_text_str(&l->text, t->flags & MS_TLS_RESUMED ? " (resumed)" : "");
    ms_text_str(&l->text, t->version ? ": " : "");
    ladder_add_wire(l, ms_tls_version_words(t->version, scratch));
    ms_text_str(&l->text, t->cipher ? ", " : "");
    ladder_add_wire(l, ms_tls_cipher_words(t->cipher, scratch));
    tls_step(l, MS_S2C, t->server_hello_frame, t->server_hello_time);
}

static void tell_handshake(struct ms_ladder *l, const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    bool                      read = s->flags & MS_SESSION_DECRYPTED;
    tell_hellos(l, t);
    if (t->certificate_count) {
        ladder_say(l, "TLS Certificate: ");
        ladder_add_wire(l, t->certificates[0].subject.n ? t->certificates[0].subject : MS_LIT("it cannot be read"));
        tls_step(l, MS_S2C, t->certificate_frame, l->certificate_time);
    }
    ladder_say(l, !read                                        ? "TLS handshake done, no key for what follows"
                  : ms_tls_reading_of(s) == MS_TLS_PARTLY ? "TLS handshake done, decrypted in part from here on"
                                                          : "TLS handshake done, decrypted from here on");
    if (t->flags & MS_TLS_DONE && t->done_frame)
        ladder_put(l, (struct ladder_row){ .frame = t->done_frame, .time = t->done_time, .kind = LADDER_REMARK, .tone = LADDER_DIM, .rank = RANK_BELOW }, false);
}

static void tell_alerts(struct ms_ladder *l, const struct ms_tls_info *t)
{
    for (uint32_t i = 0; i < ms_tls_alerts_kept(t); i++) {
        const struct ms_tls_alert *a = &t->alerts[i];
        const char                *name = ms_tls_alert_name(a->description);
        bool                       unreadable = a->description == MS_TLS_UNREADABLE_ALERT;
        ladder_say(l, "TLS Alert");
        if (name)
            ms_text_format(&l->text, ": %s", name);
        else
            ms_text_format(&l->text, unreadable ? " (encrypted)" : ": number %u", a->description);
        ladder_put(l, (struct ladder_row){ .frame = a->frame, .time = a->time, .kind = LADDER_ARROW, .dir = a->dir, .rank = RANK_BODY,
                                    .tone = a->level == 2 && !unreadable ? LADDER_BAD : LADDER_OF_SIDE }, false);
    }
}

static void tell_obstacle(struct ms_ladder *l, const struct ms_obstacle *o)
{
    ladder_say(l, "ICMP error from ");
    ms_text_address(&l->text, o->from);
    ms_text_format(&l->text, ": type %u, code %u", o->type, o->code);
    if (o->frame)
        ladder_remark(l, o->frame, MS_UNKNOWN, RANK_BELOW);
    l->last_frame = o->frame > l->last_frame ? o->frame : l->last_frame;
    l->text.n = 0;
    ms_text_format(&l->text, "of another machine: TTL %u, not %u", o->reset_ttl, o->usual_ttl);
    if (o->reset_frame)
        ladder_remark(l, o->reset_frame, MS_UNKNOWN, RANK_END);
}

/* Why nothing comes any more, where no packet says so. */
static void tell_open_end(struct ms_ladder *l, const struct ms_session *s)
{
    if (s->close_frame)
        return;
    ladder_say(l, s->outcome == MS_OUTCOME_UNREACHABLE ? "the SYN is never answered"
           : s->outcome == MS_OUTCOME_TIMEOUT   ? "no answer comes any more"
           : s->flags & MS_SESSION_PORT_REUSED  ? "the ports are used anew"
                                                : "the capture ends first");
    ladder_put(l, (struct ladder_row){ .frame = l->last_frame, .time = MS_UNKNOWN, .kind = LADDER_REMARK, .tone = LADDER_TROUBLE, .rank = RANK_END }, true);
}

static void keep_endpoint(struct ms_buffer *address, struct ms_buffer *name, const struct ms_endpoint *e)
{
    struct ms_buffer ip = { 0 };
    ms_text_address(&ip, e->ip);
    bool v6 = ms_find(ms_buffer_bytes(&ip), ':') < ip.n;
    ms_text_format(address, v6 ? "[%.*s]:%u" : "%.*s:%u", (int)ip.n, (const char *)ip.p, e->port);
    ms_text_plain(name, ms_head(e->name, 255));
    ms_buffer_finish(&ip);
}

static void keep_frame(struct ms_ladder *l, const struct ms_session *s)
{
    struct ladder_frame    *f = &l->frame;
    const struct ms_timing *t = &s->timing;
    f->started = s->started;
    f->decrypted = s->flags & MS_SESSION_DECRYPTED;
    ms_text_format(&f->title, "session %u: %s, %s, ", s->id, ms_protocol_name((enum ms_protocol)s->protocol),
                   ms_transport_name((enum ms_transport)s->transport));
    ms_text_time(&f->title, s->started, 6);
    keep_endpoint(&f->client, &f->client_name, &s->client);
    keep_endpoint(&f->server, &f->server_name, &s->server);
    ms_text_format(&f->end, "outcome: %s; stage: %s; %u frame%s in ", ms_outcome_name((enum ms_outcome)s->outcome),
                   ms_stage_name((enum ms_stage)s->stage), s->frame_count, s->frame_count == 1 ? "" : "s");
    ms_text_seconds(&f->end, s->ended - s->started, 6);
    ms_text_str(&f->end, " s\nwaited for: server ");
    ms_text_seconds(&f->end, t->server, 6);
    ms_text_str(&f->end, " s, client ");
    ms_text_seconds(&f->end, t->client, 6);
    ms_text_str(&f->end, " s, network ");
    ms_text_seconds(&f->end, t->network, 6);
    ms_text_str(&f->end, " s; stalled ");
    ms_text_seconds(&f->end, t->stalled, 6);
    ms_text_str(&f->end, " s\n");
}

void ladder_tell_end(struct ms_ladder *l, const struct ms_session *s)
{
    ladder_say(l, "the capture begins in the middle");
    if (s->flags & MS_SESSION_JOINED_LATE)
        ladder_remark(l, s->first_frame, MS_UNKNOWN, RANK_PAUSE);
    if (s->tls) {
        tell_handshake(l, s);
        tell_alerts(l, s->tls);
    }
    if (s->obstacle)
        tell_obstacle(l, s->obstacle);
    tell_open_end(l, s);
    keep_frame(l, s);
}
