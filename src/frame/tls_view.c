/* What a frame shows of TLS. BUGS: an encrypted handshake message over records of several frames is not put together. */
#include "frame/tls_view.h"

#include "tls/record.h"

enum { MESSAGE_HEADER = 4, TLS13 = 0x0304 };

struct building { const struct ms_frame *f; struct ms_pdu *out; size_t n, size, element; };

static void add(struct building *b, struct ms_pdu pdu)
{
    if (b->n < b->size)
        b->out[b->n++] = pdu;
}

/* The next record that was opened; a ChangeCipherSpec may be under keys too, but is told apart on the wire. */
static const struct ms_element *next_opened(struct building *b)
{
    while (b->element < b->f->element_count) {
        const struct ms_element *el = &b->f->elements[b->element++];
        if (el->kind == MS_EL_TLS_RECORD && el->code != MS_TLS_CCS)
            return el;
    }
    return NULL;
}

static void add_messages(struct building *b, struct ms_bytes plain, uint16_t version)
{
    while (plain.n >= MESSAGE_HEADER) {
        size_t          n = ms_be32(plain.p) & 0xffffff;
        struct ms_bytes body = ms_slice(plain, MESSAGE_HEADER, n);
        if (body.n < n)
            break;
        add(b, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .type = plain.p[0], .length = (uint32_t)n, .version = version, .body = body });
        plain = ms_tail(plain, MESSAGE_HEADER + n);
    }
    if (plain.n)
        add(b, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .flags = MS_PDU_PART, .version = version });
}

static void add_opened(struct building *b, const struct ms_element *el, uint16_t version)
{
    if (el->code == MS_TLS_HANDSHAKE)
        add_messages(b, el->line, version);
    else if (el->code == MS_TLS_ALERT && el->line.n == 2)
        add(b, (struct ms_pdu){ .kind = MS_PDU_TLS_ALERT, .level = el->line.p[0], .type = el->line.p[1], .version = version });
}

static void add_record(struct building *b, const struct ms_pdu *r)
{
    bool                     application = r->type == MS_TLS_APPLICATION;
    const struct ms_element *el = application ? next_opened(b) : NULL;
    struct ms_pdu            shown = *r;
    if (el && r->flags & MS_PDU_OPAQUE) {
        shown.type = (uint8_t)el->code;
        shown.flags |= MS_PDU_OPENED;
    }
    add(b, shown);
    if (el && r->flags & MS_PDU_OPAQUE)
        add_opened(b, el, r->version);
}

struct ms_tls_view ms_tls_view(const struct ms_frame *f)
{
    struct building b = { .f = f, .size = f->pdu_count };
    for (size_t i = 0; i < f->element_count; i++)
        b.size += f->elements[i].kind == MS_EL_TLS_RECORD ? 1 + f->elements[i].line.n / MESSAGE_HEADER : 0;
    if (f->pdu_count == 0)
        return (struct ms_tls_view){ 0 };
    b.out = ms_arena_alloc(f->scratch, b.size * sizeof *b.out);
    for (size_t i = 0; i < f->pdu_count; i++) {
        const struct ms_pdu     *p = &f->pdus[i];
        bool                     hidden = (p->kind == MS_PDU_TLS_HANDSHAKE || p->kind == MS_PDU_TLS_ALERT) && p->flags & MS_PDU_ENCRYPTED;
        const struct ms_element *el = hidden ? next_opened(&b) : NULL;
        if (el)
            add_opened(&b, el, p->version);
        else if (p->kind == MS_PDU_TLS_RECORD)
            add_record(&b, p);
        else if (p->kind != MS_PDU_DNS)
            add(&b, *p);
    }
    return (struct ms_tls_view){ b.out, b.n };
}

/* RFC 5246 7.4.2; RFC 8446 4.4.2: a context in front, extensions behind each certificate. */
bool ms_tls_certificates_begin(struct ms_tls_certificates *c, const struct ms_pdu *message)
{
    struct ms_bytes b = message->body;
    *c = (struct ms_tls_certificates){ .modern = message->version == TLS13 };
    if (c->modern)
        b = ms_tail(b, 1 + (size_t)ms_at(b, 0));
    if (b.n < 3)
        return false;
    c->length = ((size_t)b.p[0] << 16) + ms_be16(b.p + 1);
    c->rest = ms_slice(b, 3, c->length);
    return true;
}

bool ms_tls_certificate_next(struct ms_tls_certificates *c, struct ms_bytes *der)
{
    if (c->rest.n < 3)
        return false;
    size_t n = ((size_t)c->rest.p[0] << 16) + ms_be16(c->rest.p + 1);
    *der = ms_slice(c->rest, 3, n);
    c->rest = ms_tail(c->rest, 3 + n);
    c->extended = c->modern && c->rest.n >= 2;
    if (c->extended) {
        c->extensions = ms_be16(c->rest.p);
        c->rest = ms_tail(c->rest, 2 + (size_t)c->extensions);
    }
    return true;
}
