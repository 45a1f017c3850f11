/* Client and server hello taken apart. BUGS: drafts of TLS 1.3 before 18 are not known, nor the HelloRetryRequest of those before 22. */
#include "tls/hello.h"

enum {
    VERSION_MIN = 0x0300, VERSION_MAX = 0x0304,
    DRAFT_18 = 0x7f12, DRAFT_21 = 0x7f15, DRAFT_28 = 0x7f1c,      /* of TLS 1.3 */
    DRAFT_OTHER_FIRST = 0xfb17, DRAFT_OTHER_LAST = 0xfb1a, /* Facebook's for 23 and 26 */
};

bool ms_tls_is_grease(uint16_t code)
{
    return (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
}

uint16_t ms_tls_code_next(struct ms_bytes *rest)
{
    uint16_t code = rest->n >= 2 ? ms_be16(rest->p) : 0;
    *rest = ms_tail(*rest, 2);
    return code;
}

struct ms_bytes ms_tls_vector(struct ms_cur *c, unsigned width)
{
    size_t n = 0;
    for (unsigned i = 0; i < width; i++)
        n = n << 8 | ms_take_u8(c);
    if (n > c->rest.n) {
        c->bad = true;
        n = c->rest.n;
    }
    return ms_take(c, n);
}

bool ms_tls_extension_next(struct ms_bytes *rest, uint16_t *type, struct ms_bytes *body)
{
    if (rest->n < 4 || (size_t)ms_be16(rest->p + 2) > rest->n - 4)
        return false;
    *type = ms_be16(rest->p);
    *body = ms_slice(*rest, 4, ms_be16(rest->p + 2));
    *rest = ms_tail(*rest, 4 + body->n);
    return true;
}

bool ms_tls_protocol_next(struct ms_bytes *rest, struct ms_bytes *name)
{
    if (rest->n == 0)
        return false;
    *name = ms_slice(*rest, 1, rest->p[0]);
    *rest = ms_tail(*rest, 1 + (size_t)rest->p[0]);
    return true;
}

uint16_t ms_tls_version_real(uint16_t version)
{
    bool draft = (version >= DRAFT_18 && version <= DRAFT_28) || (version >= DRAFT_OTHER_FIRST && version <= DRAFT_OTHER_LAST);
    return draft ? VERSION_MAX : version;
}

uint16_t ms_tls_hello_version(const struct ms_tls_hello *h)
{
    uint16_t best = 0;
    for (struct ms_bytes rest = h->versions; rest.n >= 2;) {
        uint16_t v = ms_tls_version_real(ms_tls_code_next(&rest));
        if (v >= VERSION_MIN && v <= VERSION_MAX && v > best)
            best = v;
    }
    return best ? best : ms_tls_version_real(h->version);
}

/* The first host name of the list (RFC 6066 section 3). */
static struct ms_bytes host_name(struct ms_bytes body)
{
    struct ms_cur c = { body, false };
    struct ms_cur list = { ms_tls_vector(&c, 2), false };
    while (list.rest.n) {
        uint8_t         type = ms_take_u8(&list);
        struct ms_bytes name = ms_tls_vector(&list, 2);
        if (type == 0)
            return name;
    }
    return (struct ms_bytes){ 0 };
}

static struct ms_bytes inner(struct ms_bytes body, unsigned width)
{
    struct ms_cur c = { body, false };
    return ms_tls_vector(&c, width);
}

static void read_extension(struct ms_tls_hello *h, uint16_t type, struct ms_bytes body)
{
    switch (type) {
    case MS_EXT_SERVER_NAME: h->server_name = host_name(body); break;
    case MS_EXT_GROUPS: h->groups = inner(body, 2); break;
    case MS_EXT_POINT_FORMATS: h->formats = inner(body, 1); break;
    case MS_EXT_SIGNATURES: h->signatures = inner(body, 2); break;
    case MS_EXT_ALPN: h->protocols = inner(body, 2); break;
    case MS_EXT_SESSION_TICKET: h->ticket = body; break;
    case MS_EXT_VERSIONS: h->versions = h->server ? ms_head(body, 2) : inner(body, 1); break;
    case MS_EXT_KEY_SHARE:
        if (h->server && body.n >= 2)
            h->group = ms_be16(body.p);
        break;
    default: break;
    }
}

static void read_extensions(struct ms_tls_hello *h, struct ms_cur *c)
{
    h->extensions = ms_tls_vector(c, 2);
    struct ms_bytes rest = h->extensions, body;
    uint16_t        type;
    while (ms_tls_extension_next(&rest, &type, &body)) {
        if (type >= MS_EXT_BITS || (h->has >> type & 1))
            continue;
        h->has |= UINT64_C(1) << type;
        read_extension(h, type, body);
    }
}

static bool read_head(struct ms_tls_hello *h, struct ms_cur *c)
{
    h->version = ms_take_be16(c);
    h->random = ms_take(c, 32);
    return !c->bad;
}

bool ms_tls_hello_client(struct ms_tls_hello *h, struct ms_bytes body)
{
    struct ms_cur c = { body, false };
    *h = (struct ms_tls_hello){ 0 };
    if (!read_head(h, &c))
        return false;
    h->session_id = ms_tls_vector(&c, 1);
    h->ciphers = ms_tls_vector(&c, 2);
    h->compressions = ms_tls_vector(&c, 1);
    read_extensions(h, &c);
    return true;
}

bool ms_tls_hello_server(struct ms_tls_hello *h, struct ms_bytes body)
{
    struct ms_cur c = { body, false };
    *h = (struct ms_tls_hello){ .server = true };
    if (!read_head(h, &c))
        return false;
    bool old_draft = h->version >= DRAFT_18 && h->version <= DRAFT_21; /* neither session id nor compression */
    if (!old_draft)
        h->session_id = ms_tls_vector(&c, 1);
    h->ciphers = ms_take(&c, 2);
    if (!old_draft)
        h->compressions = ms_take(&c, 1);
    read_extensions(h, &c);
    return true;
}

void ms_tls_hello_encrypted(struct ms_tls_hello *h, struct ms_bytes body)
{
    struct ms_cur c = { body, false };
    *h = (struct ms_tls_hello){ .server = true };
    read_extensions(h, &c);
}
