/* engine/visit.c - connections that are no mail, looked at because somebody may follow the link of a message.
 *
 * While the checks watch for hosts, what a client says first is read before its connection is let go: the server name of a TLS client hello,
 * or the head of an HTTP request and of its answer. When it goes to one of those hosts, it is followed to its end for its counters and for what
 * comes (fetch.c); its bytes are not kept. What TLS keys open is read as HTTP.
 *
 * BUGS     Where somebody went is told by the first request of a connection alone, as far as the first bytes that are kept go (recognise.c). HTTP/2 in clear, QUIC
 *          and encrypted client hellos are not seen.                                                                         */
#include "engine/private.h"

#include "base/text.h"

enum { HOST_BYTES = 255, TARGET_BYTES = 1024, TYPE_BYTES = 64 };

struct head { struct ms_bytes first, fields; size_t bytes; bool whole; }; /* of an HTTP message: its first line, and those behind it */

static struct ms_bytes take_line(struct ms_bytes *in)
{
    size_t          lf = ms_find(*in, '\n');
    struct ms_bytes line = ms_head(*in, lf);
    *in = ms_tail(*in, lf + 1);
    return line.n && line.p[line.n - 1] == '\r' ? ms_head(line, line.n - 1) : line;
}

static struct head head_of(struct ms_bytes said)
{
    size_t          all = said.n;
    struct head     h = { .first = take_line(&said), .fields = said };
    struct ms_bytes rest = said;
    while (rest.n && !h.whole) {
        bool ended = ms_find(rest, '\n') < rest.n;
        h.whole = take_line(&rest).n == 0 && ended;
    }
    h.bytes = all - rest.n;
    return h;
}

static struct ms_bytes field(const struct head *h, const char *name)
{
    for (struct ms_bytes rest = h->fields; rest.n;) {
        struct ms_bytes line = take_line(&rest);
        size_t          colon = ms_find(line, ':');
        if (line.n == 0)
            break;
        if (colon < line.n && ms_equal_nocase(ms_head(line, colon), ms_str(name)))
            return ms_trim(ms_tail(line, colon + 1));
    }
    return (struct ms_bytes){ NULL, 0 };
}

/* The frame that brought the server's first byte. */
static uint64_t answer_frame(const struct ms_sniff *sniff)
{
    for (size_t i = 0; i + sizeof(struct ms_sniff_piece) <= sniff->pieces.n; i += sizeof(struct ms_sniff_piece)) {
        struct ms_sniff_piece piece;
        memcpy(&piece, sniff->pieces.p + i, sizeof piece);
        if (piece.dir == MS_S2C && !piece.gap)
            return piece.frame;
    }
    return 0;
}

/* "Example.com:80" is example.com; without any, the server's address stands for it. */
static struct ms_bytes keep_host(struct ms_conn *c, struct ms_bytes host)
{
    struct ms_buffer address = { 0 };
    bool             v6 = ms_at(host, 0) == '[';
    host = v6 ? ms_slice(host, 1, ms_find(host, ']') - 1) : ms_head(host, ms_find(host, ':'));
    if (host.n && host.p[host.n - 1] == '.')
        host.n--;
    if (host.n == 0) {
        ms_text_address(&address, c->session.server.ip);
        host = ms_buffer_bytes(&address);
    }
    struct ms_bytes kept = ms_arena_lower(&c->arena, ms_head(host, HOST_BYTES));
    ms_buffer_finish(&address);
    return kept;
}

static void begin(struct ms_conn *c, struct ms_bytes host, bool tls)
{
    c->visit = ms_arena_alloc(&c->arena, sizeof *c->visit);
    *c->visit = (struct ms_visiting){ .seen = { .client = c->session.client, .server = c->session.server, .host = host, .tls = tls,
                                                .frame = c->session.opening.frame ? c->session.opening.frame : c->session.first_frame } };
}

static void take_answer(struct ms_conn *c, const struct head *answer)
{
    struct ms_visit *v = &c->visit->seen;
    struct ms_bytes  rest = answer->first, type = field(answer, "content-type");
    uint64_t         status = 0;
    if (!ms_starts_nocase(ms_take_word(&rest), MS_LIT("HTTP/")) || !ms_parse_u64(ms_take_word(&rest), &status) || status > 999)
        return;
    v->status = (unsigned)status;
    v->answer_frame = answer_frame(c->sniff);
    v->type = ms_arena_lower(&c->arena, ms_head(ms_trim(ms_head(type, ms_find(type, ';'))), TYPE_BYTES));
    if (!ms_parse_u64(field(answer, "content-length"), &v->length))
        v->length = 0;
}

/* "GET /x HTTP/1.1", or for a proxy "GET http://example.com/x HTTP/1.1" and "CONNECT example.com:443 HTTP/1.1". */
static bool is_request(struct ms_bytes line, struct ms_bytes *verb, struct ms_bytes *target)
{
    *verb = ms_take_word(&line);
    *target = ms_take_word(&line);
    return ms_is_one_of(*verb, "GET|POST|HEAD|PUT|OPTIONS|CONNECT") && target->n && ms_starts_nocase(ms_take_word(&line), MS_LIT("HTTP/1."));
}

static bool look_at_request(struct ms_engine *e, struct ms_conn *c, bool last)
{
    struct ms_bytes said = ms_buffer_bytes(&c->sniff->bytes[MS_C2S]), verb, target, scheme = MS_LIT("http://");
    struct head     h = head_of(said), answer = head_of(ms_buffer_bytes(&c->sniff->bytes[MS_S2C]));
    if (ms_find(said, '\n') == said.n)
        return !last;
    if (!is_request(h.first, &verb, &target))
        return false;
    if (!h.whole && !last)
        return true;
    bool            tunnel = ms_equal_nocase(verb, MS_LIT("CONNECT"));
    struct ms_bytes host = tunnel ? target : field(&h, "host");
    if (!tunnel && ms_starts_nocase(target, scheme)) {
        host = ms_head(ms_tail(target, scheme.n), ms_find(ms_tail(target, scheme.n), '/'));
        target = ms_tail(target, scheme.n + host.n);
    }
    host = keep_host(c, host);
    if (!ms_checks_watches(e->checks, host))
        return false;
    if (!answer.whole && !last)
        return true;
    begin(c, host, tunnel || c->tls);
    c->visit->seen.target = ms_arena_keep(&c->arena, ms_head(target, tunnel ? 0 : TARGET_BYTES));
    take_answer(c, &answer);
    if (!tunnel)
        c->visit->fetch = ms_fetch_begin(e, c);
    return false;
}

bool ms_visit_waits(struct ms_engine *e, struct ms_conn *c, bool last)
{
    struct ms_bytes said = ms_buffer_bytes(&c->sniff->bytes[MS_C2S]), name = { NULL, 0 };
    if (said.n == 0 || c->visit || !ms_checks_watches(e->checks, name))
        return false;
    int whole = c->tls ? 0 : ms_tls_server_name(said, &name);
    if (whole == 0)
        return look_at_request(e, c, last);
    if (whole < 0)
        return !last;
    name = keep_host(c, name);
    if (ms_checks_watches(e->checks, name))
        begin(c, name, true);
    return false;
}

void ms_visit_sealed(struct ms_engine *e, struct ms_conn *c)
{
    if (c->visit || !c->session.tls || !ms_checks_watches(e->checks, (struct ms_bytes){ NULL, 0 }))
        return;
    struct ms_bytes name = keep_host(c, c->session.tls->sni);
    if (ms_checks_watches(e->checks, name))
        begin(c, name, true);
}

void ms_visit_end(struct ms_engine *e, struct ms_conn *c)
{
    ms_visit_sealed(e, c);
    if (!c->visit)
        return;
    struct ms_visit *v = &c->visit->seen;
    memcpy(v->bytes, c->session.bytes, sizeof v->bytes);
    if (c->visit->fetch)
        v->download_count = ms_fetch_end(c->visit->fetch, c->session.flags & MS_SESSION_FIN_SERVER, &v->downloads);
    ms_checks_visit(e->checks, v);
}
