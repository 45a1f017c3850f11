/* tls.*, and the line of a frame with TLS records. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/tls_view.h"
#include "frame/words.h"
#include "tls/hello.h"
#include "tls/record.h"

enum { CLIENT_HELLO = 1, SERVER_HELLO = 2, ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11 };

/* ---- records and alerts ------------------------------------------------------------------------------------------------------ */

static void record_values(const struct ms_pdu *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool opaque = r->flags & MS_PDU_OPAQUE;
    switch (field) {
    case MS_FF_TLS_RECORD: ms_value_push(to, ms_value_none()); break;
    case MS_FF_TLS_RECORD_CONTENT_TYPE: if (!opaque || r->flags & MS_PDU_OPENED) ms_value_push(to, ms_value_uint(r->type)); break;
    case MS_FF_TLS_RECORD_OPAQUE_TYPE: if (opaque) ms_value_push(to, ms_value_uint(MS_TLS_APPLICATION)); break;
    case MS_FF_TLS_RECORD_VERSION: ms_value_push(to, ms_value_uint(r->record_version)); break;
    case MS_FF_TLS_RECORD_LENGTH: ms_value_push(to, ms_value_uint(r->length)); break;
    case MS_FF_TLS_APP_DATA: if (r->type == MS_TLS_APPLICATION) ms_value_push(to, ms_value_bytes(r->body)); break;
    case MS_FF_TLS_CHANGE_CIPHER_SPEC: if (r->type == MS_TLS_CCS) ms_value_push(to, ms_value_none()); break;
    default: break;
    }
}

static void alert_values(const struct ms_pdu *a, enum ms_frame_field field, struct ms_value_sink *to)
{
    bool clear = !(a->flags & MS_PDU_ENCRYPTED);
    if (field == MS_FF_TLS_ALERT_MESSAGE)
        ms_value_push(to, ms_value_none());
    else if (field == MS_FF_TLS_ALERT_MESSAGE_LEVEL && clear)
        ms_value_push(to, ms_value_uint(a->level));
    else if (field == MS_FF_TLS_ALERT_MESSAGE_DESC && clear)
        ms_value_push(to, ms_value_uint(a->type));
}

/* ---- hellos ------------------------------------------------------------------------------------------------------------------- */

static void push_codes(struct ms_bytes codes, struct ms_value_sink *to)
{
    while (codes.n >= 2)
        ms_value_push(to, ms_value_uint(ms_tls_code_next(&codes)));
}

static void extension_values(const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes rest = field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_STR ? h->protocols : h->extensions, body;
    uint16_t        type;
    if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_LENGTH && h->extensions.n)
        ms_value_push(to, ms_value_uint(h->extensions.n));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SERVER_NAME && h->server_name.n)
        ms_value_push(to, ms_value_string(h->server_name));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_VERSION)
        push_codes(h->versions, to);
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_SUPPORTED_GROUP)
        push_codes(h->groups, to);
    else if (field == MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG)
        push_codes(h->signatures, to);
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_KEY_SHARE_GROUP && h->group)
        ms_value_push(to, ms_value_uint(h->group));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_ALPN_STR)
        while (ms_tls_protocol_next(&rest, &body))
            ms_value_push(to, ms_value_string(body));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSION_TYPE || field == MS_FF_TLS_HANDSHAKE_EXTENSION_LEN)
        while (ms_tls_extension_next(&rest, &type, &body))
            ms_value_push(to, ms_value_uint(field == MS_FF_TLS_HANDSHAKE_EXTENSION_TYPE ? type : body.n));
    else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_EC_POINT_FORMAT)
        for (size_t i = 0; i < h->formats.n; i++)
            ms_value_push(to, ms_value_uint(h->formats.p[i]));
}

static void fingerprint_values(const struct ms_frame *f, const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == (h->server ? MS_FF_TLS_HANDSHAKE_JA3S_FULL : MS_FF_TLS_HANDSHAKE_JA3_FULL)) {
        struct ms_buffer t = { 0 };
        ms_tls_ja3_text(h, &t);
        ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, ms_buffer_bytes(&t))));
        ms_buffer_finish(&t);
    } else if (field == (h->server ? MS_FF_TLS_HANDSHAKE_JA3S : MS_FF_TLS_HANDSHAKE_JA3)) {
        struct ms_tls_info info = { 0 };
        if (h->server)
            ms_tls_fingerprint_server(h, f->scratch, &info);
        else
            ms_tls_fingerprint_client(h, f->scratch, &info);
        struct ms_bytes print = h->server ? info.ja3s : info.ja3;
        if (print.n)
            ms_value_push(to, ms_value_string(print));
    }
}

static void hello_values(const struct ms_frame *f, const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to)
{
    switch (field) {
    case MS_FF_TLS_HANDSHAKE_VERSION: ms_value_push(to, ms_value_uint(h->version)); break;
    case MS_FF_TLS_HANDSHAKE_RANDOM: if (h->random.n) ms_value_push(to, ms_value_bytes(h->random)); break;
    case MS_FF_TLS_HANDSHAKE_SESSION_ID_LENGTH: ms_value_push(to, ms_value_uint(h->session_id.n)); break;
    case MS_FF_TLS_HANDSHAKE_SESSION_ID: if (h->session_id.n) ms_value_push(to, ms_value_bytes(h->session_id)); break;
    case MS_FF_TLS_HANDSHAKE_CIPHER_SUITES_LENGTH: if (!h->server) ms_value_push(to, ms_value_uint(h->ciphers.n)); break;
    case MS_FF_TLS_HANDSHAKE_CIPHERSUITE: push_codes(h->ciphers, to); break;
    case MS_FF_TLS_HANDSHAKE_JA3: case MS_FF_TLS_HANDSHAKE_JA3_FULL: case MS_FF_TLS_HANDSHAKE_JA3S: case MS_FF_TLS_HANDSHAKE_JA3S_FULL:
        fingerprint_values(f, h, field, to);
        break;
    default: extension_values(h, field, to); break;
    }
}

/* ---- messages ------------------------------------------------------------------------------------------------------------------- */

static void certificate_values(const struct ms_frame *f, const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_certificates c;
    struct ms_bytes            der;
    if (!ms_tls_certificates_begin(&c, m))
        return;
    if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATES_LENGTH)
        ms_value_push(to, ms_value_uint(c.length));
    while (ms_tls_certificate_next(&c, &der)) {
        if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATE)
            ms_value_push(to, ms_value_bytes(der));
        else if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATE_LENGTH)
            ms_value_push(to, ms_value_uint(der.n));
        else if (field >= MS_FF_X509AF_SERIALNUMBER)
            ms_values_x509(f, der, field, to);
    }
}

/* Where the signature algorithm of a ServerKeyExchange (RFC 5246 7.4.3, RFC 8422 5.4) stands: behind a point on a named curve, or behind p, g and Y,
 * whichever lets the signature end where the message does. */
static struct ms_bytes exchange_signature(struct ms_bytes b)
{
    enum { NAMED_CURVE = 3 };
    size_t        at = 4 + (size_t)ms_at(b, 3);
    struct ms_cur c = { b, false };
    bool          fits = b.n >= at + 4 && at + 4 + ms_be16(b.p + at + 2) == b.n;
    if (ms_at(b, 0) == NAMED_CURVE && fits)
        return ms_slice(b, at, 2);
    for (int i = 0; i < 3; i++)
        ms_tls_vector(&c, 2);
    fits = !c.bad && c.rest.n >= 4 && 4 + (size_t)ms_be16(c.rest.p + 2) == c.rest.n;
    return fits ? ms_head(c.rest, 2) : (struct ms_bytes){ 0 };
}

/* The signature algorithm of CertificateVerify and ServerKeyExchange, those of a CertificateRequest up to TLS 1.2. */
static void signature_values(const struct ms_pdu *m, struct ms_value_sink *to)
{
    enum { SERVER_KEY_EXCHANGE = 12, CERTIFICATE_REQUEST = 13, CERTIFICATE_VERIFY = 15, TLS12 = 0x0303 };
    struct ms_bytes b = m->body;
    if (m->version < TLS12)
        return;
    if (m->type == CERTIFICATE_VERIFY)
        push_codes(ms_head(b, 2), to);
    else if (m->type == SERVER_KEY_EXCHANGE)
        push_codes(exchange_signature(b), to);
    else if (m->type == CERTIFICATE_REQUEST && m->version == TLS12) {
        struct ms_cur c = { ms_tail(b, 1 + (size_t)ms_at(b, 0)), false };
        push_codes(ms_tls_vector(&c, 2), to);
    }
}

/* Extensions of messages of TLS 1.3 that are no hellos: NewSessionTicket and CertificateRequest (RFC 8446 4.6.1, 4.3.2). */
static bool later_extensions(const struct ms_pdu *m, struct ms_tls_hello *h)
{
    enum { NEW_SESSION_TICKET = 4, CERTIFICATE_REQUEST = 13, TLS13 = 0x0304 };
    struct ms_cur c = { m->body, false };
    if (m->version != TLS13 || (m->type != NEW_SESSION_TICKET && m->type != CERTIFICATE_REQUEST && m->type != ENCRYPTED_EXTENSIONS))
        return false;
    if (m->type == NEW_SESSION_TICKET)
        ms_take(&c, 8);
    if (m->type != ENCRYPTED_EXTENSIONS)
        ms_tls_vector(&c, 1);
    if (m->type == NEW_SESSION_TICKET)
        ms_tls_vector(&c, 2);
    ms_tls_hello_encrypted(h, c.rest);
    return true;
}

static void message_values(const struct ms_frame *f, const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_hello h = { 0 };
    if (field == MS_FF_TLS_HANDSHAKE)
        ms_value_push(to, ms_value_none());
    else if (m->flags & (MS_PDU_ENCRYPTED | MS_PDU_PART))
        return;
    else if (field == MS_FF_TLS_HANDSHAKE_TYPE)
        ms_value_push(to, ms_value_uint(m->type));
    else if (field == MS_FF_TLS_HANDSHAKE_LENGTH)
        ms_value_push(to, ms_value_uint(m->length));
    else if ((m->type == CLIENT_HELLO && ms_tls_hello_client(&h, m->body)) || (m->type == SERVER_HELLO && ms_tls_hello_server(&h, m->body)))
        hello_values(f, &h, field, to);
    else if (field == MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG && !(m->version == 0x0304 && m->type == 13))
        signature_values(m, to);
    else if (later_extensions(m, &h)) {
        extension_values(&h, field, to);
    } else if (m->type == CERTIFICATE) {
        certificate_values(f, m, field, to);
    }
}

void ms_values_tls(const struct ms_frame *f, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_view view = ms_tls_view(f);
    if (field == MS_FF_TLS && view.count)
        ms_value_push(to, ms_value_protocol(f->segment.payload));
    if (field == MS_FF_TLS)
        return;
    for (size_t i = 0; i < view.count; i++) {
        const struct ms_pdu *p = &view.pdus[i];
        if (p->kind == MS_PDU_TLS_RECORD)
            record_values(p, field, to);
        else if (p->kind == MS_PDU_TLS_ALERT)
            alert_values(p, field, to);
        else if (p->kind == MS_PDU_TLS_HANDSHAKE)
            message_values(f, p, field, to);
    }
}

/* ---- the packet list -------------------------------------------------------------------------------------------------------------- */

static const char *version_name(uint16_t version)
{
    switch (version) {
    case 0x0002: case 0x0200: return "SSLv2";
    case 0x0300: return "SSLv3";
    case 0x0301: return "TLSv1";
    case 0x0302: return "TLSv1.1";
    case 0x0303: return "TLSv1.2";
    case 0x0304: return "TLSv1.3";
    default: return "TLS";
    }
}

static void put_alert(const struct ms_pdu *a, struct ms_buffer *t)
{
    const char *level = ms_word_of(ms_words_tls_level, a->level), *words = ms_word_of(ms_words_tls_alert, a->type);
    if (a->flags & MS_PDU_ENCRYPTED)
        ms_text_str(t, "Encrypted Alert");
    else
        ms_text_format(t, "Alert (Level: %s, Description: %s)", level ? level : "Unknown", words ? words : "Unknown");
}

/* False: nothing is said of it. */
static bool put_pdu(const struct ms_pdu *p, struct ms_buffer *t)
{
    const char *words = NULL;
    if (p->kind == MS_PDU_TLS_ALERT) {
        put_alert(p, t);
        return true;
    }
    if (p->kind == MS_PDU_TLS_ODD)
        words = "Continuation Data";
    else if (p->kind == MS_PDU_TLS_HANDSHAKE && !(p->flags & MS_PDU_PART))
        words = p->flags & MS_PDU_ENCRYPTED ? "Encrypted Handshake Message" : ms_word_of(ms_words_tls_handshake, p->type);
    else if (p->kind == MS_PDU_TLS_RECORD && (p->type == MS_TLS_CCS || p->type == MS_TLS_APPLICATION || p->type == MS_TLS_HEARTBEAT))
        words = ms_word_of(ms_words_tls_content, p->type);
    if (words)
        ms_text_str(t, words);
    return words != NULL;
}

bool ms_info_tls(const struct ms_frame *f, struct ms_frame_line *out)
{
    struct ms_tls_view view = ms_tls_view(f);
    if (view.count == 0 || view.pdus[0].kind == MS_PDU_TLS_PART)
        return false;
    struct ms_buffer *t = &out->info;
    const char       *comma = "";
    uint16_t          version = view.pdus[0].version;
    for (size_t i = 0; i < view.count; i++) {
        size_t begin = t->n;
        ms_text_str(t, comma);
        if (put_pdu(&view.pdus[i], t))
            comma = ", ";
        else
            t->n = begin;
        version = view.pdus[i].version ? view.pdus[i].version : version;
    }
    ms_text_str(&out->protocol, version ? version_name(version) : "SSL");
    return true;
}
