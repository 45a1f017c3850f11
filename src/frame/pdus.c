#include "frame/pdus.h"

#include "frame/partial.h"
#include "net/aged.h"
#include "tls/hello.h"
#include "tls/record.h"
#include "tls/tls.h"

enum { DNS_PORT = 53, DNS_LENGTH = 2, MESSAGE_HEADER = 4, MESSAGE_MOST = 0x20000, CLIENT_HELLO = 1, SERVER_HELLO = 2, TLS13 = 0x0304 };

enum { PARTS = 8 };
struct side {
    struct ms_partial *parts;       /* what is not whole yet, the newest first; no more than PARTS */
    struct ms_buffer message;       /* a handshake message of several records */
    uint32_t next;                  /* sequence number behind what was read */
    bool     known, encrypted;      /* next is known; ChangeCipherSpec went by */
};

struct conn {
    struct ms_aged_node node;       /* hash: the number of the stream */
    struct side         side[2];
    uint16_t            version;    /* that the server chose; 0 unknown */
    uint16_t            told;       /* by a record behind the hellos; 0 none */
    bool                dns;
    bool                early;      /* the client sent data before it knew the version: TLS 1.3 */
};

enum { MARKS = 4096 };
struct ms_pdus {
    struct ms_aged conns;
    uint64_t most, held, held_most, cut;
    uint64_t marks[MARKS / 64]; /* bit `stream % MARKS`: there may be a connection; without it there is none */
};

struct output { struct ms_buffer *pdus, *text; uint16_t version; };

struct ms_pdus *ms_pdus_create(const struct ms_limits *limits)
{
    struct ms_pdus *x = ms_alloc(sizeof *x);
    x->most = limits->streams;
    x->held_most = limits->tls_part_bytes;
    return x;
}

static void drop_message(struct ms_pdus *x, struct side *s)
{
    x->held -= s->message.n;
    ms_buffer_finish(&s->message);
}

static void unlink_part(struct ms_pdus *x, struct side *s, const struct ms_partial *part)
{
    struct ms_partial **at = &s->parts;
    while (*at != part)
        at = &(*at)->next;
    *at = part->next;
    x->held -= part->bytes.n;
}

static void drop_part(struct ms_pdus *x, struct side *s, struct ms_partial *part)
{
    unlink_part(x, s, part);
    ms_partial_finish(part);
}

static void drop_pieces(struct ms_pdus *x, struct side *s)
{
    drop_message(x, s);
    while (s->parts)
        drop_part(x, s, s->parts);
}

static void drop(struct ms_pdus *x, struct conn *c)
{
    ms_aged_remove(&x->conns, &c->node);
    drop_pieces(x, &c->side[0]);
    drop_pieces(x, &c->side[1]);
    ms_free(c);
}

void ms_pdus_destroy(struct ms_pdus *x)
{
    if (!x)
        return;
    while (x->conns.oldest)
        drop(x, (struct conn *)(void *)x->conns.oldest);
    ms_aged_finish(&x->conns);
    ms_free(x);
}

/* The connections that are silent for longest wait no more: the others need room, too. */
static void make_room(struct ms_pdus *x, const struct conn *c)
{
    for (; x->held > x->held_most / 4 * 3 && x->conns.oldest != &c->node; x->cut++)
        drop(x, (struct conn *)(void *)x->conns.oldest);
}

uint64_t ms_pdus_cut(const struct ms_pdus *x) { return x ? x->cut : 0; }

static void say(struct output *o, struct ms_pdu pdu, struct ms_bytes body)
{
    pdu.body = (struct ms_bytes){ (const uint8_t *)(uintptr_t)o->text->n, body.n }; /* NOLINT: an offset for now */
    if (body.n)
        ms_buffer_append(o->text, body);
    ms_buffer_append(o->pdus, (struct ms_bytes){ (const uint8_t *)&pdu, sizeof pdu });
}

/* What waits for more: false when that would be too much. */
static bool keep(struct ms_pdus *x, struct ms_buffer *b, struct ms_bytes bytes)
{
    if (bytes.n > x->held_most - x->held) {
        x->cut++;
        return false;
    }
    if (bytes.n)
        ms_buffer_append(b, bytes);
    x->held += bytes.n;
    return true;
}

static void consume(struct ms_pdus *x, struct ms_buffer *b, size_t n)
{
    x->held -= n;
    if (n == b->n)
        ms_buffer_finish(b);
    else
        ms_buffer_consume(b, n);
}

/* ---- TLS ------------------------------------------------------------------------------------------------------------------- */

static bool is_message(struct ms_bytes b)
{
    static const uint64_t types = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 4 | 1u << 5 | 1u << 6 | 1u << 8 | 1u << 11 | 1u << 12 | 1u << 13 | 1u << 14
                                  | 1u << 15 | 1u << 16 | 1u << 20 | 1u << 21 | 1u << 22 | 1u << 24 | 1u << 25;
    return b.p[0] < 32 && types >> b.p[0] & 1 && (b.n < MESSAGE_HEADER || (ms_be32(b.p) & 0xffffff) <= MESSAGE_MOST);
}

static void say_message(struct conn *c, uint8_t type, struct ms_bytes body, struct output *o)
{
    struct ms_tls_hello h;
    if (type == CLIENT_HELLO && ms_tls_hello_client(&h, body))
        c->early = ms_tls_hello_has(&h, MS_EXT_EARLY_DATA);
    if (type == SERVER_HELLO && ms_tls_hello_server(&h, body))
        c->version = o->version = ms_tls_hello_version(&h);
    say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .type = type, .length = (uint32_t)body.n, .version = o->version }, body);
}

/* Messages that are whole at the begin of b; gives how many bytes they took. */
static size_t messages(struct conn *c, struct ms_bytes b, struct output *o)
{
    size_t at = 0;
    for (;;) {
        struct ms_bytes rest = ms_tail(b, at);
        size_t          n = rest.n < MESSAGE_HEADER ? MESSAGE_HEADER : MESSAGE_HEADER + (ms_be32(rest.p) & 0xffffff);
        if (rest.n < n || !is_message(rest))
            return at;
        say_message(c, rest.p[0], ms_slice(rest, MESSAGE_HEADER, n - MESSAGE_HEADER), o);
        at += n;
    }
}

static void encrypted(struct ms_bytes body, struct output *o)
{
    say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .flags = MS_PDU_ENCRYPTED, .length = (uint32_t)body.n, .version = o->version },
        (struct ms_bytes){ 0 });
}

static void handshake(struct ms_pdus *x, struct conn *c, struct side *s, struct ms_bytes body, struct output *o)
{
    struct ms_buffer *m = &s->message;
    if (s->encrypted || body.n == 0 || (m->n == 0 && !is_message(body))) {
        encrypted(body, o);
        return;
    }
    size_t used = m->n ? 0 : messages(c, body, o);
    struct ms_bytes rest = ms_tail(body, used);
    if (rest.n == 0)
        return;
    if (m->n == 0 && !is_message(rest)) {
        encrypted(rest, o);
        return;
    }
    bool first = m->n == 0;
    if (!keep(x, m, rest) || m->n > MESSAGE_MOST + MESSAGE_HEADER) {
        x->held -= m->n;
        ms_buffer_finish(m);
        return;
    }
    used = messages(c, ms_buffer_bytes(m), o);
    consume(x, m, used);
    if (first || used == 0)
        say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .flags = MS_PDU_PART, .version = o->version }, (struct ms_bytes){ 0 });
}

static void record(struct ms_pdus *x, struct conn *c, struct side *s, struct ms_bytes whole, struct output *o)
{
    uint8_t         type = whole.p[0];
    struct ms_bytes body = ms_tail(whole, MS_TLS_HEADER);
    bool            modern = type == MS_TLS_APPLICATION && (c->version == TLS13 || (c->version == 0 && c->early));
    struct ms_pdu   r = { .kind = MS_PDU_TLS_RECORD, .type = type, .record_version = ms_be16(whole.p + 1), .length = (uint32_t)body.n,
                          .flags = modern ? MS_PDU_OPAQUE : 0 };
    o->version = c->version ? c->version : r.record_version;
    if (type != MS_TLS_HANDSHAKE)
        c->told = r.record_version;
    size_t said = o->pdus->n;
    r.version = o->version;
    say(o, r, type == MS_TLS_APPLICATION || type == MS_TLS_HEARTBEAT ? body : (struct ms_bytes){ 0 });
    if (type == MS_TLS_HANDSHAKE) {
        handshake(x, c, s, body, o);
        ((struct ms_pdu *)(void *)(o->pdus->p + said))->version = o->version;
    } else if (type == MS_TLS_CCS) {
        s->encrypted |= c->version != TLS13;
    } else if (type == MS_TLS_ALERT) {
        bool clear = body.n == 2 && !s->encrypted;
        say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_ALERT, .type = clear ? body.p[1] : 0, .level = clear ? body.p[0] : 0, .version = o->version,
                                .flags = clear ? 0 : MS_PDU_ENCRYPTED }, (struct ms_bytes){ 0 });
    }
}

/* 0: the header is not there yet. */
static size_t record_size(struct ms_bytes b)
{
    size_t ssl2 = ms_tls_ssl2_size(b);
    return ssl2 ? ssl2 : b.n < MS_TLS_HEADER ? 0 : MS_TLS_HEADER + (size_t)ms_be16(b.p + 3);
}

/* Lines of another protocol on a port of TLS. */
static bool is_text(struct ms_bytes b)
{
    size_t n = 0;
    while (n < 4 && n < b.n && b.p[n] >= ' ' && b.p[n] < 0x7f)
        n++;
    return n == 4;
}

/* Gives how many bytes were taken. What is no record is said once and takes the rest. */
static size_t records(struct ms_pdus *x, struct conn *c, struct side *s, struct ms_bytes b, struct output *o)
{
    size_t at = 0;
    for (;;) {
        struct ms_bytes rest = ms_tail(b, at);
        size_t          ssl2 = at == 0 ? ms_tls_ssl2_size(rest) : 0;
        if (rest.n < MS_TLS_HEADER)
            return at;
        if (ssl2 == 0 && !ms_tls_header_fits(rest)) {
            if (at || !is_text(rest))
                say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_ODD, .version = c->version ? c->version : c->told }, (struct ms_bytes){ 0 });
            return b.n;
        }
        size_t n = record_size(rest);
        if (rest.n < n)
            return at;
        if (ssl2)
            say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_HANDSHAKE, .type = 1, .flags = MS_PDU_SSL2, .version = 0x0200 }, (struct ms_bytes){ 0 });
        else
            record(x, c, s, ms_head(rest, n), o);
        at += n;
    }
}

/* ---- DNS ------------------------------------------------------------------------------------------------------------------- */

static size_t dns_size(struct ms_bytes b) { return b.n < DNS_LENGTH ? 0 : DNS_LENGTH + (size_t)ms_be16(b.p); }

static size_t dns_messages(struct ms_bytes b, struct output *o)
{
    size_t at = 0;
    for (;;) {
        struct ms_bytes rest = ms_tail(b, at);
        size_t          n = dns_size(rest);
        if (n == 0 || rest.n < n)
            return at;
        struct ms_bytes message = ms_slice(rest, DNS_LENGTH, n - DNS_LENGTH);
        say(o, (struct ms_pdu){ .kind = MS_PDU_DNS, .length = (uint32_t)message.n }, message);
        at += n;
    }
}

/* ---- streams ---------------------------------------------------------------------------------------------------------------- */

static bool is_tls_port(uint16_t port)
{
    switch (port) {
    case 324: case 443: case 465: case 636: case 802: case 853: case 993: case 995: case 1300: case 2221: case 2443: case 3249: case 3250: case 3251:
    case 3252: case 3496: case 5061: case 5671: case 5684: case 5868: case 8883: case 11207: case 19999: case 27017: return true;
    default: return false;
    }
}

static bool has_port(const struct ms_segment *g, uint16_t port) { return g->src_port == port || g->dst_port == port; }

static struct conn *conn_of(struct ms_pdus *x, const struct ms_segment *g, uint64_t stream)
{
    uint64_t    *marks = &x->marks[stream % MARKS / 64], mark = (uint64_t)1 << stream % 64;
    struct conn *c = *marks & mark ? (struct conn *)(void *)ms_aged_find(&x->conns, stream) : NULL;
    if (c) {
        ms_aged_touch(&x->conns, &c->node);
        return c;
    }
    bool dns = has_port(g, DNS_PORT);
    if (!dns && !is_tls_port(g->src_port) && !is_tls_port(g->dst_port) && ms_tls_begins(g->payload) != 1)
        return NULL;
    if (x->conns.count >= x->most && x->conns.oldest)
        drop(x, (struct conn *)(void *)x->conns.oldest);
    c = ms_alloc(sizeof *c);
    *marks |= mark;
    c->node.hash = stream;
    c->dns = dns;
    ms_aged_add(&x->conns, &c->node);
    return c;
}

static int direction(const struct ms_segment *g)
{
    int order = memcmp(g->src, g->dst, 16);
    return order ? order > 0 : g->src_port > g->dst_port;
}

static size_t read_pdus(struct ms_pdus *x, struct conn *c, struct side *s, struct ms_bytes b, struct output *o)
{
    return c->dns ? dns_messages(b, o) : records(x, c, s, b, o);
}

static struct ms_partial *part_with(const struct side *s, uint32_t seq)
{
    struct ms_partial *part = s->parts;
    while (part && !ms_partial_holds(part, seq))
        part = part->next;
    return part;
}

/* The begin of a PDU waits for the rest. */
static void begin_part(struct ms_pdus *x, struct conn *c, struct side *s, uint32_t seq, struct ms_bytes bytes)
{
    struct ms_partial *part = ms_alloc(sizeof *part), *last = part;
    part->begin = seq;
    part->size = (uint32_t)(c->dns ? dns_size(bytes) : record_size(bytes));
    part->next = s->parts;
    s->parts = part;
    if (!keep(x, &part->bytes, bytes)) {
        drop_pieces(x, s);
        return;
    }
    for (size_t n = 0; n < PARTS && last; n++)
        last = last->next;
    if (last)
        drop_part(x, s, last);
}

/* Gives how much of it the part took; 0: the part is gone. */
static size_t place(struct ms_pdus *x, struct side *s, struct ms_partial *part, uint32_t seq, struct ms_bytes b)
{
    size_t had = part->bytes.n, taken = x->held + part->size + b.n > x->held_most ? 0 : ms_partial_place(part, seq, b);
    x->held += part->bytes.n - had;
    if (taken == 0)
        drop_part(x, s, part);
    return taken;
}

/* Bytes that came in order go on with what waits. Gives how many. */
static size_t go_on(struct ms_pdus *x, struct conn *c, struct side *s, uint32_t seq, struct ms_bytes b, struct output *o)
{
    struct ms_partial *part = part_with(s, seq);
    size_t             taken = part ? place(x, s, part, seq, b) : 0;
    if (taken == 0 || !ms_partial_is_whole(part))
        return taken;
    unlink_part(x, s, part);
    size_t          used = read_pdus(x, c, s, ms_buffer_bytes(&part->bytes), o);
    struct ms_bytes rest = ms_tail(ms_buffer_bytes(&part->bytes), used);
    if (rest.n)
        begin_part(x, c, s, part->begin + (uint32_t)used, rest);
    ms_partial_finish(part);
    return taken;
}

/* Bytes that came late find their place; a PDU that is whole by that alone is not read. */
static void fill(struct ms_pdus *x, struct side *s, uint32_t seq, struct ms_bytes b)
{
    struct ms_partial *part = part_with(s, seq);
    if (part && place(x, s, part, seq, b) && part->size && part->bytes.n == part->size && ms_partial_is_whole(part))
        drop_part(x, s, part);
}

/* How many bytes of the segment came before, or behind bytes that did. */
static size_t old(const struct side *s, const struct ms_segment *g)
{
    int32_t behind = s->known ? (int32_t)(s->next - g->seq) : 0;
    if (behind <= 0)
        return 0;
    bool goes_on = (uint32_t)behind < g->payload_length && part_with(s, s->next);
    return goes_on ? (size_t)behind : g->payload_length;
}

static __attribute__((noinline)) void segment(struct ms_pdus *x, struct conn *c, const struct ms_segment *g, bool again, struct output *o)
{
    struct side    *s = &c->side[direction(g)];
    size_t          late = old(s, g);
    struct ms_bytes b = ms_tail(g->payload, late);
    uint32_t        seq = g->seq + (uint32_t)late, end = g->seq + g->payload_length;
    if (late && !again)
        fill(x, s, g->seq, ms_head(g->payload, late));
    size_t taken = b.n ? go_on(x, c, s, seq, b, o) : 0;
    if (b.n && taken == 0 && s->known && seq != s->next)
        drop_message(x, s);
    if (!s->known || (int32_t)(end - s->next) > 0)
        s->next = end;
    s->known = true;
    b = ms_tail(b, taken);
    struct ms_bytes rest = ms_tail(b, b.n ? read_pdus(x, c, s, b, o) : 0);
    if (rest.n) {
        begin_part(x, c, s, end - (uint32_t)rest.n, rest);
        if (o->pdus->n == 0 && !c->dns)
            say(o, (struct ms_pdu){ .kind = MS_PDU_TLS_PART, .version = c->version }, (struct ms_bytes){ 0 });
    }
    if (g->payload.n < g->payload_length)
        drop_pieces(x, s);
}

void ms_pdus_segment(struct ms_pdus *x, const struct ms_segment *g, const struct ms_stream_view *view, struct ms_buffer *pdus, struct ms_buffer *text)
{
    struct conn  *c = g->payload_length ? conn_of(x, g, view->stream) : NULL;
    struct output o = { pdus, text, 0 };
    if (!c)
        return;
    make_room(x, c);
    segment(x, c, g, view->analysis & MS_TA_RETRANSMISSION, &o);
}
