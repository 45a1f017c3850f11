#include "sink/records.h"

#include "mail/mime.h"
#include "sink/tls_words.h"

static void tell_endpoint(struct ms_writer *w, const char *key, const struct ms_endpoint *e, const struct ms_name_lookup *lookup)
{
    ms_write_begin(w, key);
    ms_write_address(w, "ip", e->ip);
    ms_write_u64(w, "port", e->port);
    ms_write_text(w, "name", e->name);
    ms_tell_lookup(w, lookup);
    ms_write_end(w);
}

static void tell_codes(struct ms_writer *w, const struct ms_session *s)
{
    if (s->code_count == 0)
        return;
    ms_write_begin(w, "codes");
    for (unsigned i = 0; i < s->code_count; i++)
        ms_write_code_count(w, s->codes[i].code, s->codes[i].count);
    ms_write_end(w);
}

static void tell_rules(struct ms_writer *w, const struct ms_rule_set *found)
{
    ms_write_array(w, "findings");
    for (unsigned r = 0; r < ms_rule_total(); r++)
        if (ms_rules_have(found, r))
            ms_write_string(w, NULL, ms_str(ms_rule_at(r)->name));
    ms_write_array_end(w);
}

static uint64_t both(const struct ms_session *s, enum ms_tcp_kind kind)
{
    return (s->tcp[0] ? (uint64_t)s->tcp[0]->count[kind] : 0) + (s->tcp[1] ? (uint64_t)s->tcp[1]->count[kind] : 0);
}

static void tell_tcp(struct ms_writer *w, const struct ms_session *s)
{
    ms_write_begin(w, "tcp");
    ms_write_u64(w, "retransmissions", both(s, MS_TCP_RETRANSMISSION));
    ms_write_u64(w, "fast_retransmissions", both(s, MS_TCP_FAST_RETRANSMISSION));
    ms_write_u64(w, "out_of_order", both(s, MS_TCP_OUT_OF_ORDER));
    ms_write_u64(w, "duplicate_acks", both(s, MS_TCP_DUPLICATE_ACK));
    ms_write_u64(w, "zero_windows", both(s, MS_TCP_ZERO_WINDOW));
    ms_write_u64(w, "window_full", both(s, MS_TCP_WINDOW_FULL));
    ms_write_u64(w, "lost_segments", both(s, MS_TCP_LOST_SEGMENT));
    ms_write_u64(w, "resets", both(s, MS_TCP_RESET));
    ms_write_seconds(w, "rtt", s->rtt);
    static const char *const sides[] = { "client", "server" };
    for (int d = 0; d < 2; d++) {
        const struct ms_tcp_trouble *t = s->tcp[d];
        if (!t)
            continue;
        ms_write_begin(w, sides[d]);
        ms_write_u64(w, "retransmissions", t->count[MS_TCP_RETRANSMISSION]);
        ms_write_u64(w, "fast_retransmissions", t->count[MS_TCP_FAST_RETRANSMISSION]);
        ms_write_u64(w, "spurious_retransmissions", t->count[MS_TCP_SPURIOUS_RETRANSMISSION]);
        ms_write_u64(w, "out_of_order", t->count[MS_TCP_OUT_OF_ORDER]);
        ms_write_u64(w, "duplicate_acks", t->count[MS_TCP_DUPLICATE_ACK]);
        ms_write_u64(w, "zero_windows", t->count[MS_TCP_ZERO_WINDOW]);
        ms_write_u64(w, "window_full", t->count[MS_TCP_WINDOW_FULL]);
        ms_write_u64(w, "window_updates", t->count[MS_TCP_WINDOW_UPDATE]);
        ms_write_u64(w, "keep_alives", t->count[MS_TCP_KEEP_ALIVE]);
        ms_write_u64(w, "zero_window_probes", t->count[MS_TCP_ZERO_WINDOW_PROBE]);
        ms_write_u64(w, "lost_segments", t->count[MS_TCP_LOST_SEGMENT]);
        ms_write_u64(w, "acked_unseen", t->count[MS_TCP_ACKED_UNSEEN]);
        ms_write_u64(w, "resets", t->count[MS_TCP_RESET]);
        ms_write_end(w);
    }
    ms_write_end(w);
}

static void tell_timing(struct ms_writer *w, const struct ms_timing *t)
{
    ms_write_begin(w, "timing");
    ms_write_seconds(w, "connect", t->connect);
    ms_write_seconds(w, "greeting", t->greeting);
    ms_write_seconds(w, "tls", t->tls);
    ms_write_seconds(w, "auth", t->auth);
    ms_write_seconds(w, "transfer", t->transfer);
    ms_write_seconds(w, "server", t->server);
    ms_write_seconds(w, "client", t->client);
    ms_write_seconds(w, "network", t->network);
    ms_write_seconds(w, "stalled", t->stalled);
    ms_write_end(w);
}

static void tell_auth(struct ms_writer *w, const struct ms_session *s)
{
    if (s->auth_attempts == 0)
        return;
    ms_write_begin(w, "auth");
    ms_write_text(w, "mechanism", ms_session_mechanism(s));
    if (s->auth_result)
        ms_write_string(w, "result", s->auth_result == 1 ? MS_LIT("ok") : MS_LIT("failed"));
    ms_write_u64(w, "attempts", s->auth_attempts);
    ms_write_end(w);
}

void ms_tell_session(struct ms_writer *w, const struct ms_session *s)
{
    ms_write_string(w, "type", MS_LIT("session"));
    ms_write_u64(w, "id", s->id);
    ms_write_text(w, "protocol", ms_str(ms_protocol_name((enum ms_protocol)s->protocol)));
    ms_write_string(w, "transport", ms_str(ms_transport_name((enum ms_transport)s->transport)));
    if (ms_tls_reading_of(s) != MS_TLS_NONE)
        ms_write_bool(w, "decrypted", ms_tls_reading_of(s) == MS_TLS_READ);
    tell_endpoint(w, "client", &s->client, NULL);
    tell_endpoint(w, "server", &s->server, s->lookup);
    ms_write_time(w, "started", s->started);
    ms_write_seconds(w, "duration", s->ended - s->started);
    ms_write_begin(w, "frames");
    ms_write_u64(w, "first", s->first_frame);
    ms_write_u64(w, "last", s->last_frame);
    ms_write_u64(w, "count", s->frame_count);
    ms_write_end(w);
    ms_write_begin(w, "bytes");
    ms_write_u64(w, "client", s->bytes[MS_C2S]);
    ms_write_u64(w, "server", s->bytes[MS_S2C]);
    if (s->gap_bytes)
        ms_write_u64(w, "missing", s->gap_bytes);
    ms_write_end(w);
    ms_write_text(w, "user", s->user);
    tell_auth(w, s);
    ms_write_string(w, "outcome", ms_str(ms_outcome_name((enum ms_outcome)s->outcome)));
    ms_write_word(w, "stage", ms_stage_name((enum ms_stage)s->stage), s->stage);
    tell_codes(w, s);
    ms_write_u64(w, "messages", s->message_count);
    tell_rules(w, &s->findings);
    tell_tcp(w, s);
    ms_tell_tls(w, s->tls);
    tell_timing(w, &s->timing);
}

static struct ms_bytes enhanced_text(struct ms_buffer *t, struct ms_enhanced e)
{
    t->n = 0;
    if (e.class_)
        ms_text_format(t, "%u.%u.%u", e.class_, e.subject, e.detail);
    return ms_buffer_bytes(t);
}

static void tell_argument(struct ms_writer *w, const struct ms_exchange *x, bool secrets)
{
    if (secrets || x->secret_n == 0) {
        ms_write_text(w, "argument", x->argument);
        return;
    }
    struct ms_buffer masked = { 0 };
    ms_text_add(&masked, ms_head(x->argument, x->secret_at));
    ms_text_str(&masked, "********");
    ms_text_add(&masked, ms_tail(x->argument, x->secret_at + x->secret_n));
    ms_write_text(w, "argument", ms_buffer_bytes(&masked));
    ms_buffer_finish(&masked);
}

void ms_tell_exchange(struct ms_writer *w, const struct ms_session *s, const struct ms_exchange *x, uint64_t id, bool secrets)
{
    struct ms_buffer text = { 0 };
    ms_write_string(w, "type", MS_LIT("exchange"));
    ms_write_u64(w, "id", id);
    ms_write_u64(w, "session", s->id);
    if (x->frame)
        ms_write_u64(w, "frame", x->frame);
    if (x->reply_frame)
        ms_write_u64(w, "reply_frame", x->reply_frame);
    ms_write_text(w, "command", x->command);
    tell_argument(w, x, secrets);
    ms_write_code(w, "code", x->code);
    ms_write_text(w, "enhanced", enhanced_text(&text, x->enhanced));
    if (x->reply_code.n) { /* as on the wire, in front of the words */
        text.n = 0;
        ms_text_format(&text, "[%.*s] ", (int)x->reply_code.n, (const char *)x->reply_code.p);
        ms_text_add(&text, x->reply);
        ms_write_text(w, "reply", ms_buffer_bytes(&text));
    } else {
        ms_write_text(w, "reply", x->reply);
    }
    if (x->sent != MS_UNKNOWN && x->replied != MS_UNKNOWN)
        ms_write_seconds(w, "duration", x->replied > x->sent ? x->replied - x->sent : 0);
    if (x->data)
        ms_write_u64(w, "data", x->data);
    ms_buffer_finish(&text);
}

static void tell_envelope(struct ms_writer *w, const struct ms_envelope *v)
{
    ms_write_begin(w, "envelope");
    ms_write_string(w, "from", v->from);
    ms_write_array(w, "to");
    for (size_t i = 0; i < v->to_count; i++) {
        ms_write_begin(w, NULL);
        ms_write_string(w, "address", v->to[i].address);
        ms_write_code(w, "code", v->to[i].code);
        ms_write_string(w, "status", ms_str(ms_status_name((enum ms_status)v->to[i].status)));
        ms_write_end(w);
    }
    ms_write_array_end(w);
    ms_write_end(w);
}

/* As on the wire: "250 2.0.0 Ok: queued as 4711". */
static void tell_reply(struct ms_writer *w, const struct ms_message *m)
{
    struct ms_buffer text = { 0 };
    char             scratch[8];
    if (m->code == 0)
        return;
    ms_text_str(&text, ms_code_name(m->code, scratch));
    if (m->enhanced.class_)
        ms_text_format(&text, " %u.%u.%u", m->enhanced.class_, m->enhanced.subject, m->enhanced.detail);
    if (m->reply.n)
        ms_text_char(&text, ' ');
    ms_text_add(&text, m->reply);
    ms_write_string(w, "reply", ms_buffer_bytes(&text));
    ms_buffer_finish(&text);
}

static void tell_sha256(struct ms_writer *w, const uint8_t sha256[32])
{
    struct ms_buffer hex = { 0 };
    ms_text_hex(&hex, (struct ms_bytes){ sha256, 32 });
    ms_write_string(w, "sha256", ms_buffer_bytes(&hex));
    ms_buffer_finish(&hex);
}

static void tell_headers(struct ms_writer *w, const struct ms_headers *h)
{
    ms_write_begin(w, "headers");
    ms_write_text(w, "from", h->from);
    ms_write_text(w, "to", h->to);
    ms_write_text(w, "cc", h->cc);
    ms_write_text(w, "subject", h->subject);
    ms_write_text(w, "date", h->date);
    ms_write_text(w, "message_id", h->message_id);
    ms_write_text(w, "reply_to", h->reply_to);
    ms_write_text(w, "return_path", h->return_path);
    ms_write_end(w);
}

static void tell_part(struct ms_writer *w, const struct ms_part *p)
{
    ms_write_begin(w, NULL);
    ms_write_string(w, "path", p->path);
    ms_write_text(w, "type", p->type);
    ms_write_text(w, "filename", p->filename);
    ms_write_text(w, "disposition", p->disposition);
    ms_write_text(w, "encoding", p->encoding);
    ms_write_text(w, "charset", p->charset);
    if (!p->multipart && !(p->odd & MS_MIME_NOT_FETCHED))
        ms_write_u64(w, "size", p->size);
    if (p->hashed && !p->multipart)
        tell_sha256(w, p->sha256);
    ms_write_text(w, "detected", ms_str(p->detected));
    if (!p->complete)
        ms_write_bool(w, "complete", false);
    if (p->odd & MS_MIME_NOT_FETCHED)
        ms_write_bool(w, "fetched", false);
    ms_write_end(w);
}

static bool is_attachment(const struct ms_part *p)
{
    return !p->multipart && (p->filename.n || ms_equal(p->disposition, MS_LIT("attachment")));
}

static void tell_parts(struct ms_writer *w, const char *key, const struct ms_message *m, bool attachments)
{
    ms_write_array(w, key);
    for (size_t i = 0; i < m->part_count; i++)
        if (!attachments || is_attachment(&m->parts[i]))
            tell_part(w, &m->parts[i]);
    ms_write_array_end(w);
}

static void tell_urls(struct ms_writer *w, const struct ms_message *m)
{
    if (!m->signs)
        return;
    ms_write_array(w, "urls");
    for (size_t i = 0; i < m->url_count; i++) {
        ms_write_begin(w, NULL);
        ms_write_string(w, "url", m->urls[i].url);
        ms_write_text(w, "host", m->urls[i].host);
        ms_write_text(w, "text", m->urls[i].text);
        if (m->urls[i].qr)
            ms_write_bool(w, "qr", true);
        if (m->urls[i].part && m->urls[i].part <= m->part_count)
            ms_write_text(w, "part", m->parts[m->urls[i].part - 1].path);
        ms_write_end(w);
    }
    ms_write_array_end(w);
}

static void tell_result(struct ms_writer *w, const char *key, const struct ms_auth_result *r)
{
    if (!r->result)
        return;
    ms_write_begin(w, key);
    ms_write_string(w, "result", ms_str(r->result));
    ms_write_text(w, "domain", r->domain);
    ms_write_text(w, "reason", r->reason);
    ms_write_text(w, "lookups", r->lookups);
    ms_write_end(w);
}

static void tell_authentication(struct ms_writer *w, const struct ms_authentication *a)
{
    if (!a || !(a->spf.result || a->dkim.result || a->dmarc.result || a->arc.result))
        return;
    ms_write_begin(w, "authentication");
    tell_result(w, "spf", &a->spf);
    tell_result(w, "dkim", &a->dkim);
    tell_result(w, "dmarc", &a->dmarc);
    tell_result(w, "arc", &a->arc);
    ms_write_end(w);
}

static void tell_signs(struct ms_writer *w, const struct ms_message *m)
{
    ms_write_array(w, "signs");
    for (size_t i = 0; i < m->signs->n; i++) {
        const struct ms_sign *s = &m->signs->at[i];
        ms_write_begin(w, NULL);
        ms_write_string(w, "sign", ms_str(ms_sign_name((enum ms_sign_kind)s->kind)));
        if (s->part && s->part <= m->part_count)
            ms_write_text(w, "part", m->parts[s->part - 1].path);
        ms_write_text(w, "evidence", s->evidence);
        if (s->count > 1)
            ms_write_u64(w, "count", s->count);
        ms_write_end(w);
    }
    ms_write_array_end(w);
}

static void tell_verdict(struct ms_writer *w, const struct ms_message *m)
{
    if (!m->signs)
        return;
    ms_write_begin(w, "verdict");
    ms_write_string(w, "class", ms_str(ms_class_name((enum ms_class)m->verdict.class_)));
    ms_write_u64(w, "score", m->verdict.score);
    if (m->reason_count) {
        ms_write_array(w, "reasons");
        for (size_t i = 0; i < m->reason_count; i++)
            ms_write_string(w, NULL, ms_str(ms_sign_name((enum ms_sign_kind)m->reasons[i]->kind)));
        ms_write_array_end(w);
    }
    tell_signs(w, m);
    ms_write_end(w);
}

static void tell_when(struct ms_writer *w, const struct ms_message *m)
{
    ms_write_begin(w, "frames");
    ms_write_u64(w, "first", m->first_frame);
    ms_write_u64(w, "last", m->last_frame);
    if (m->reply_frame)
        ms_write_u64(w, "reply", m->reply_frame);
    ms_write_end(w);
    ms_write_time(w, "started", m->started);
}

void ms_tell_message(struct ms_writer *w, const struct ms_message *m)
{
    ms_write_string(w, "type", MS_LIT("message"));
    ms_write_u64(w, "id", m->id);
    if (m->session)
        ms_write_u64(w, "session", m->session->id);
    ms_write_text(w, "file", m->file);
    if (m->session)
        ms_write_string(w, "direction", ms_str(ms_direction_name((enum ms_direction)m->direction)));
    if (m->envelope.seen || m->envelope.to_count)
        tell_envelope(w, &m->envelope);
    if (m->session)
        ms_write_string(w, "status", ms_str(ms_status_name((enum ms_status)m->status)));
    tell_reply(w, m);
    ms_write_u64(w, "size", m->size);
    if (m->hashed && !(m->odd & MS_MIME_IN_PARTS))
        tell_sha256(w, m->sha256);
    ms_write_bool(w, "complete", m->complete);
    if (m->session)
        tell_when(w, m);
    if (m->missing)
        ms_write_u64(w, "missing", m->missing);
    tell_headers(w, &m->headers);
    tell_parts(w, "parts", m, false);
    if (ms_writer_collects(w, "attachment"))
        tell_parts(w, "attachment", m, true);
    tell_urls(w, m);
    tell_authentication(w, m->authentication);
    tell_verdict(w, m);
    tell_rules(w, &m->findings);
}

void ms_tell_finding(struct ms_writer *w, const struct ms_finding *f)
{
    ms_write_string(w, "type", MS_LIT("finding"));
    ms_write_u64(w, "id", f->id);
    ms_write_string(w, "rule", ms_str(f->rule_name));
    ms_write_word(w, "severity", ms_severity_name((enum ms_severity)f->severity), f->severity);
    ms_write_string(w, "category", ms_str(ms_category_name((enum ms_category)f->category)));
    if (f->session)
        ms_write_u64(w, "session", f->session);
    if (f->message)
        ms_write_u64(w, "message", f->message);
    ms_write_array(w, "frames");
    for (int i = 0; i < f->frame_count; i++)
        ms_write_u64(w, NULL, f->frames[i]);
    ms_write_array_end(w);
    ms_write_string(w, "title", f->title);
    ms_write_text(w, "evidence", f->evidence);
    ms_write_text(w, "explanation", f->explanation);
    ms_write_text(w, "remedy", f->remedy);
    ms_write_text(w, "references", ms_str(f->references));
}
