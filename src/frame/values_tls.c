/* tls.*, and the line of a frame with TLS records. */
#include "frame/frame.h"

#include "base/text.h"
#include "frame/tls_view.h"
#include "frame/words.h"
#include "tls/hello.h"
#include "tls/record.h"

enum {
    CLIENT_HELLO = 1, SERVER_HELLO = 2, NEW_SESSION_TICKET = 4, ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, SERVER_KEY_EXCHANGE = 12,
    CERTIFICATE_REQUEST = 13, CERTIFICATE_VERIFY = 15, CLIENT_KEY_EXCHANGE = 16, FINISHED = 20,
};
enum { TLS12 = 0x0303, TLS13 = 0x0304 };

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

/* ---- messages ------------------------------------------------------------------------------------------------------------------- */

static void certificate_values(const struct ms_frame *f, const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_certificates c;
    struct ms_bytes            der;
    if (!ms_tls_certificates_begin(&c, m))
        return;
    if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATES_LENGTH)
        ms_value_push(to, ms_value_uint(c.length));
    else if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATES && c.length)
        ms_value_push(to, ms_value_none());
    while (ms_tls_certificate_next(&c, &der)) {
        if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATE)
            ms_value_push(to, ms_value_bytes(der));
        else if (field == MS_FF_TLS_HANDSHAKE_CERTIFICATE_LENGTH)
            ms_value_push(to, ms_value_uint(der.n));
        else if (field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_LENGTH && c.extended)
            ms_value_push(to, ms_value_uint(c.extensions));
        else if (field >= MS_FF_X509AF_SERIALNUMBER)
            ms_values_x509(f, der, field, to);
    }
}

/* ServerKeyExchange (RFC 5246 7.4.3, RFC 8422 5.4): a point on a named curve, or p, g and Y; then a signature, whose algorithm stands in front from
 * TLS 1.2 on. It is that which lets the signature end where the message does. */
struct exchange { struct ms_bytes point, part[3], algorithm, signature; bool curve, prime; };

static bool take_signature(struct ms_cur c, uint16_t version, struct exchange *x)
{
    x->algorithm = version >= TLS12 ? ms_take(&c, 2) : (struct ms_bytes){ 0 };
    x->signature = ms_tls_vector(&c, 2);
    return !c.bad && c.rest.n == 0;
}

static struct exchange exchange_of(const struct ms_pdu *m)
{
    enum { NAMED_CURVE = 3 };
    struct exchange x = { 0 };
    struct ms_cur   c = { ms_tail(m->body, 3), false };
    x.point = ms_tls_vector(&c, 1);
    x.curve = ms_at(m->body, 0) == NAMED_CURVE && !c.bad && (take_signature(c, m->version, &x) || c.rest.n == 0);
    if (x.curve)
        return x;
    c = (struct ms_cur){ m->body, false };
    for (int i = 0; i < 3; i++)
        x.part[i] = ms_tls_vector(&c, 2);
    x.prime = !c.bad && (take_signature(c, m->version, &x) || c.rest.n == 0);
    return x.prime ? x : (struct exchange){ 0 };
}

static void exchange_values(const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct exchange x = exchange_of(m);
    if (field >= MS_FF_TLS_HANDSHAKE_SERVER_CURVE_TYPE && field <= MS_FF_TLS_HANDSHAKE_SERVER_POINT && !x.curve)
        return;
    if (field >= MS_FF_TLS_HANDSHAKE_P_LEN && field <= MS_FF_TLS_HANDSHAKE_YS_LEN && !x.prime)
        return;
    switch (field) {
    case MS_FF_TLS_HANDSHAKE_SERVER_CURVE_TYPE: ms_value_push(to, ms_value_uint(m->body.p[0])); break;
    case MS_FF_TLS_HANDSHAKE_SERVER_NAMED_CURVE: ms_value_push(to, ms_value_uint(ms_be16(m->body.p + 1))); break;
    case MS_FF_TLS_HANDSHAKE_SERVER_POINT_LEN: ms_value_push(to, ms_value_uint(x.point.n)); break;
    case MS_FF_TLS_HANDSHAKE_SERVER_POINT: ms_value_push(to, ms_value_bytes(x.point)); break;
    case MS_FF_TLS_HANDSHAKE_P_LEN: case MS_FF_TLS_HANDSHAKE_G_LEN: case MS_FF_TLS_HANDSHAKE_YS_LEN:
        ms_value_push(to, ms_value_uint(x.part[field - MS_FF_TLS_HANDSHAKE_P_LEN].n));
        break;
    case MS_FF_TLS_HANDSHAKE_SIG_LEN: if (x.signature.n) ms_value_push(to, ms_value_uint(x.signature.n)); break;
    case MS_FF_TLS_HANDSHAKE_SIG: if (x.signature.n) ms_value_push(to, ms_value_bytes(x.signature)); break;
    default: ms_values_tls_signatures(x.algorithm, field, to); break;
    }
}

/* A point on a curve behind its length; what RSA and Diffie-Hellman send is behind two bytes. */
static void client_exchange_values(const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur   c = { m->body, false };
    struct ms_bytes point = ms_tls_vector(&c, 1);
    if (c.bad || c.rest.n || point.n == 0)
        return;
    if (field == MS_FF_TLS_HANDSHAKE_CLIENT_POINT_LEN)
        ms_value_push(to, ms_value_uint(point.n));
    else if (field == MS_FF_TLS_HANDSHAKE_CLIENT_POINT)
        ms_value_push(to, ms_value_bytes(point));
}

void ms_values_tls_authorities(struct ms_bytes list, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur   c = { list, false };
    struct ms_bytes names = ms_tls_vector(&c, 2);
    c = (struct ms_cur){ names, false };
    if (field == MS_FF_TLS_HANDSHAKE_DNAMES_LEN && list.n >= 2)
        ms_value_push(to, ms_value_uint(names.n));
    else if (field == MS_FF_TLS_HANDSHAKE_DNAMES && names.n)
        ms_value_push(to, ms_value_none());
    while (field >= MS_FF_X509AF_SERIALNUMBER && c.rest.n)
        ms_values_x509_name(ms_tls_vector(&c, 2), field, to);
}

/* CertificateRequest up to TLS 1.2 (RFC 5246 7.4.4). */
static void request_values(const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur   c = { m->body, false };
    struct ms_bytes types = ms_tls_vector(&c, 1), algorithms = m->version >= TLS12 ? ms_tls_vector(&c, 2) : (struct ms_bytes){ 0 };
    switch (field) {
    case MS_FF_TLS_HANDSHAKE_CERT_TYPES_COUNT: ms_value_push(to, ms_value_uint(types.n)); break;
    case MS_FF_TLS_HANDSHAKE_CERT_TYPES: if (types.n) ms_value_push(to, ms_value_none()); break;
    case MS_FF_TLS_HANDSHAKE_CERT_TYPE:
        for (size_t i = 0; i < types.n; i++)
            ms_value_push(to, ms_value_uint(types.p[i]));
        break;
    case MS_FF_TLS_HANDSHAKE_SIG_HASH_ALG_LEN: if (m->version >= TLS12) ms_value_push(to, ms_value_uint(algorithms.n)); break;
    case MS_FF_TLS_HANDSHAKE_SIG_HASH_ALGS: if (algorithms.n) ms_value_push(to, ms_value_none()); break;
    default:
        ms_values_tls_signatures(algorithms, field, to);
        ms_values_tls_authorities(c.rest, field, to);
        break;
    }
}

static void ticket_values(const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_cur c = { m->body, false };
    uint32_t      lifetime = ms_take_be32(&c);
    if (m->version == TLS13) {
        ms_take(&c, 4);
        ms_tls_vector(&c, 1);
    }
    struct ms_bytes ticket = ms_tls_vector(&c, 2);
    if (field == MS_FF_TLS_HANDSHAKE_SESSION_TICKET_LIFETIME_HINT)
        ms_value_push(to, ms_value_uint(lifetime));
    else if (field == MS_FF_TLS_HANDSHAKE_SESSION_TICKET_LENGTH)
        ms_value_push(to, ms_value_uint(ticket.n));
    else if (field == MS_FF_TLS_HANDSHAKE_SESSION_TICKET)
        ms_value_push(to, ms_value_bytes(ticket));
}

/* Extensions of messages of TLS 1.3 that are no hellos: NewSessionTicket and CertificateRequest (RFC 8446 4.6.1, 4.3.2). */
static bool later_extensions(const struct ms_pdu *m, struct ms_tls_hello *h)
{
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

/* What is no hello. */
static void body_values(const struct ms_frame *f, const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_hello h = { 0 };
    bool                modern = m->version == TLS13;
    switch (m->type) {
    case NEW_SESSION_TICKET: ticket_values(m, field, to); break;
    case CERTIFICATE: certificate_values(f, m, field, to); break;
    case SERVER_KEY_EXCHANGE: exchange_values(m, field, to); break;
    case CERTIFICATE_REQUEST: if (!modern) request_values(m, field, to); break;
    case CERTIFICATE_VERIFY: if (m->version >= TLS12) ms_values_tls_signatures(ms_head(m->body, 2), field, to); break;
    case CLIENT_KEY_EXCHANGE: client_exchange_values(m, field, to); break;
    case FINISHED: if (field == MS_FF_TLS_HANDSHAKE_VERIFY_DATA) ms_value_push(to, ms_value_none()); break;
    default: break;
    }
    if (later_extensions(m, &h) && field == MS_FF_TLS_HANDSHAKE_EXTENSIONS_LENGTH) /* of none, too */
        ms_value_push(to, ms_value_uint(h.extensions.n));
    else
        ms_values_tls_extensions(&h, field, to);
}

static void message_values(const struct ms_frame *f, const struct ms_pdu *m, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_tls_hello h = { 0 };
    bool split = field == MS_FF_TLS_HANDSHAKE_RANDOM_TIME || field == MS_FF_TLS_HANDSHAKE_RANDOM_BYTES;
    if (field == MS_FF_TLS_HANDSHAKE)
        ms_value_push(to, ms_value_none());
    else if (m->flags & (MS_PDU_ENCRYPTED | MS_PDU_PART) || (split && m->version == TLS13)) /* there it is all random */
        return;
    else if (field == MS_FF_TLS_HANDSHAKE_TYPE)
        ms_value_push(to, ms_value_uint(m->type));
    else if (field == MS_FF_TLS_HANDSHAKE_LENGTH)
        ms_value_push(to, ms_value_uint(m->length));
    else if ((m->type == CLIENT_HELLO && ms_tls_hello_client(&h, m->body)) || (m->type == SERVER_HELLO && ms_tls_hello_server(&h, m->body)))
        ms_values_tls_hello(f, &h, field, to);
    else
        body_values(f, m, field, to);
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
        words = p->version ? "Ignored Unknown Record" : "Continuation Data";
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
