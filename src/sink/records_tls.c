/* sink/records_tls.c - the TLS part of a session record, and the name lookup that led to its server. */
#include "net/dns.h"
#include "sink/records.h"
#include "sink/tls_words.h"

static const char *const sides[] = { "client", "server" };

static void tell_frame(struct ms_writer *w, const char *key, uint64_t frame)
{
    if (frame)
        ms_write_u64(w, key, frame);
}

void ms_tell_lookup(struct ms_writer *w, const struct ms_name_lookup *l)
{
    char scratch[12];
    if (!l)
        return;
    ms_write_begin(w, "lookup");
    ms_write_string(w, "name", l->name);
    ms_write_string(w, "type", ms_str(ms_dns_type_name(l->type, scratch)));
    tell_frame(w, "frame", l->frame);
    tell_frame(w, "answer_frame", l->answer_frame);
    ms_write_seconds(w, "duration", l->duration);
    ms_write_end(w);
}

static void tell_hex(struct ms_writer *w, const char *key, struct ms_bytes bytes)
{
    struct ms_buffer hex = { 0 };
    ms_text_hex(&hex, bytes);
    ms_write_string(w, key, ms_buffer_bytes(&hex));
    ms_buffer_finish(&hex);
}

static void tell_flag(struct ms_writer *w, const char *key, bool set)
{
    if (set)
        ms_write_bool(w, key, true);
}

static void tell_validity(struct ms_writer *w, const struct ms_certificate *c)
{
    unsigned digits = w->time_digits;
    w->time_digits = 0; /* certificates know whole seconds */
    ms_write_time(w, "not_before", c->not_before);
    ms_write_time(w, "not_after", c->not_after);
    w->time_digits = digits;
}

static void tell_certificate(struct ms_writer *w, const char *key, const struct ms_certificate *c)
{
    static const uint8_t unknown[sizeof c->key_sha256];
    ms_write_begin(w, key);
    ms_write_text(w, "subject", c->subject);
    ms_write_text(w, "issuer", c->issuer);
    if (c->name_count) {
        ms_write_array(w, "names");
        for (uint32_t i = 0; i < c->name_count; i++)
            ms_write_string(w, NULL, c->names[i]);
        ms_write_array_end(w);
    }
    tell_validity(w, c);
    ms_write_text(w, "serial", c->serial);
    ms_write_text(w, "key", c->key);
    ms_write_text(w, "signature", c->signature);
    tell_hex(w, "sha256", (struct ms_bytes){ c->sha256, sizeof c->sha256 });
    if (!(c->flags & MS_CERT_MALFORMED)) {
        ms_write_bool(w, "self_signed", (c->flags & MS_CERT_SELF_SIGNED) != 0);
        ms_write_bool(w, "ca", (c->flags & MS_CERT_CA) != 0);
    }
    tell_flag(w, "malformed", c->flags & MS_CERT_MALFORMED);
    if (memcmp(c->key_sha256, unknown, sizeof unknown) != 0)
        tell_hex(w, "key_sha256", (struct ms_bytes){ c->key_sha256, sizeof c->key_sha256 });
    ms_write_end(w);
}

static void tell_certificates(struct ms_writer *w, const struct ms_tls_info *t)
{
    if (t->certificate_count == 0)
        return;
    ms_write_array(w, "certificates");
    for (uint32_t i = 0; i < t->certificate_count; i++)
        tell_certificate(w, NULL, &t->certificates[i]);
    ms_write_array_end(w);
}

static void tell_description(struct ms_writer *w, const struct ms_tls_alert *a)
{
    const char *name = ms_tls_alert_name(a->description);
    if (a->level == 1 || a->level == 2)
        ms_write_string(w, "level", a->level == 1 ? MS_LIT("warning") : MS_LIT("fatal"));
    else
        ms_write_u64(w, "level", a->level);
    if (name)
        ms_write_string(w, "description", ms_str(name));
    else
        ms_write_u64(w, "description", a->description);
}

static void tell_alerts(struct ms_writer *w, const struct ms_tls_info *t)
{
    uint32_t kept = ms_tls_alerts_kept(t);
    if (kept == 0)
        return;
    ms_write_array(w, "alerts");
    for (uint32_t i = 0; i < kept; i++) {
        const struct ms_tls_alert *a = &t->alerts[i];
        ms_write_begin(w, NULL);
        ms_write_string(w, "from", ms_str(sides[a->dir == MS_S2C]));
        if (a->description == MS_TLS_UNREADABLE_ALERT)
            ms_write_bool(w, "encrypted", true); /* what it said is not known */
        else
            tell_description(w, a);
        ms_write_u64(w, "frame", a->frame);
        ms_write_end(w);
    }
    ms_write_array_end(w);
}

/* What the client offered; with the ciphers it shows why two sides did not agree. */
static void tell_offer(struct ms_writer *w, const struct ms_tls_info *t)
{
    char scratch[8];
    if (!(t->flags & MS_TLS_CLIENT_HELLO))
        return;
    ms_write_begin(w, "offered");
    ms_write_text(w, "min", ms_tls_version_words(t->offered_min, scratch));
    ms_write_text(w, "max", ms_tls_version_words(t->offered_max, scratch));
    ms_write_text(w, "alpn", t->alpn_offered);
    ms_write_array(w, "ciphers");
    for (uint32_t i = 0; i < t->offered_cipher_count; i++)
        ms_write_string(w, NULL, ms_tls_cipher_words(t->offered_ciphers[i], scratch));
    ms_write_array_end(w);
    ms_write_end(w);
}

static void tell_evidence(struct ms_writer *w, const struct ms_tls_info *t)
{
    ms_write_begin(w, "frames");
    tell_frame(w, "client_hello", t->client_hello_frame);
    tell_frame(w, "server_hello", t->server_hello_frame);
    tell_frame(w, "certificate", t->certificate_frame);
    tell_frame(w, "done", t->done_frame);
    tell_frame(w, "lost", t->lost_frame);
    ms_write_end(w);
    ms_write_begin(w, "records");
    for (int d = 0; d < 2; d++)
        ms_write_u64(w, sides[d], t->records[d]);
    ms_write_end(w);
    ms_write_begin(w, "protected_bytes");
    for (int d = 0; d < 2; d++)
        ms_write_u64(w, sides[d], t->protected_bytes[d]);
    ms_write_end(w);
}

/* Of what was read in spite of them nothing is said. */
static void tell_key_faults(struct ms_writer *w, const struct ms_tls_info *t)
{
    if (!t->key_faults || !(t->unread[0] || t->unread[1]))
        return;
    ms_write_array(w, "key_faults");
    for (int i = 0; i < MS_TLS_FAULT_COUNT; i++)
        if (t->key_faults & 1u << i)
            ms_write_string(w, NULL, ms_str(ms_tls_key_fault_name((enum ms_tls_key_fault)i)));
    ms_write_array_end(w);
}

void ms_tell_tls(struct ms_writer *w, const struct ms_tls_info *t)
{
    char scratch[8];
    if (!t)
        return;
    ms_write_begin(w, "tls");
    ms_write_text(w, "version", ms_tls_version_words(t->version, scratch));
    ms_write_text(w, "cipher", ms_tls_cipher_words(t->cipher, scratch));
    ms_write_text(w, "sni", t->sni);
    ms_write_text(w, "alpn", t->alpn);
    ms_write_text(w, "ja3", t->ja3);
    ms_write_text(w, "ja4", t->ja4);
    tell_certificates(w, t);
    tell_alerts(w, t);
    ms_write_text(w, "ja3s", t->ja3s);
    ms_write_text(w, "ja4s", t->ja4s);
    if (t->flags & MS_TLS_SERVER_HELLO)
        ms_write_bool(w, "resumed", (t->flags & MS_TLS_RESUMED) != 0);
    ms_write_text(w, "group", ms_tls_group_words(t->group, scratch));
    if (t->flags & MS_TLS_EARLY_DATA)
        ms_write_string(w, "early_data", t->flags & MS_TLS_EARLY_ACCEPTED ? MS_LIT("accepted") : MS_LIT("sent"));
    if (t->client_certificate)
        tell_certificate(w, "client_certificate", t->client_certificate);
    if (t->lost_records)
        ms_write_u64(w, "lost_records", t->lost_records);
    if (t->flags & MS_TLS_DECRYPTED && (t->unread[0] || t->unread[1])) { /* of sessions that were not read at all, protected_bytes tells */
        ms_write_begin(w, "unread_records");
        for (int d = 0; d < 2; d++)
            ms_write_u64(w, sides[d], t->unread[d]);
        ms_write_end(w);
    }
    tell_key_faults(w, t);
    if (t->certificates_dropped)
        ms_write_u64(w, "certificates_dropped", t->certificates_dropped);
    if (t->certificates_unread)
        ms_write_string(w, "certificates_unread", ms_str(t->certificates_unread));
    tell_flag(w, "retry", t->flags & MS_TLS_RETRY);
    tell_flag(w, "renegotiated", t->flags & MS_TLS_RENEGOTIATED);
    tell_flag(w, "key_update", t->flags & MS_TLS_KEY_UPDATE);
    tell_offer(w, t);
    tell_evidence(w, t);
    ms_write_end(w);
}
