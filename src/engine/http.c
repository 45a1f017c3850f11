/* engine/http.c - see http.h. Both sides are messages with a head, and content that ends in one of three ways; the client's is passed over. */
#include "engine/http.h"

#include "base/text.h"

#include <zlib.h>

enum { HEAD_BYTES = 16384, TARGET_BYTES = 1024, REQUESTS = 16, SIZE_DIGITS = 15, STEP = 16384, BLOCK = 4096, UNPACK_FREE = 64 << 20, UNPACK_RATIO = 64 };
enum step { IN_HEAD, IN_BODY, UNTIL_END, IN_SIZE, IN_EXTENSION, IN_CHUNK, BEHIND_CHUNK, IN_TRAILER, OVER };
enum coding { PLAIN, GZIP, DEFLATE, UNKNOWN };

struct side {
    uint8_t          step;   /* enum step */
    uint8_t          digits; /* of the size of a chunk */
    bool             last, text; /* the last chunk came; the line under way has text */
    uint64_t         left;   /* of the body or chunk */
    struct ms_buffer head;
};
struct request { bool head, tunnel; uint16_t target_n; uint8_t target[TARGET_BYTES]; };
struct range { uint64_t from, behind, total; }; /* total 0: none */
struct content {
    bool     wanted;         /* by the sink, and under way */
    uint8_t  coding;         /* enum coding */
    bool     begun, over;    /* unpacking */
    z_stream z;
    size_t   block_n;        /* packed bytes are unpacked in blocks, so that the limits do not depend on where they were cut */
    uint8_t  block[BLOCK];
    struct range range;      /* what was given up to now of a content in pieces */
    struct request request;
};
struct ms_http {
    struct ms_http_sink *to;
    struct ms_http_work *work;
    struct side          sides[2];
    struct request       requests[REQUESTS], asked; /* asked: what is being answered */
    size_t               first, waiting;
    struct content       content;
};

struct ms_http *ms_http_create(struct ms_http_sink *to, struct ms_http_work *work)
{
    struct ms_http *h = ms_alloc(sizeof *h);
    memset(h, 0, sizeof *h);
    h->to = to;
    h->work = work;
    return h;
}

/* ---- content --------------------------------------------------------------------------------------------------- */

static void give(struct ms_http *h, struct ms_bytes b)
{
    if (b.n)
        h->to->bytes(h->to, b);
}

/* Deflate with a zlib header, as it should be, or without, as many servers send it: of those no first byte ends in 8 but for stored blocks. */
static bool begin_unpacking(struct content *c, uint8_t first)
{
    memset(&c->z, 0, sizeof c->z);
    c->begun = inflateInit2(&c->z, c->coding == GZIP ? MAX_WBITS + 16 : (first & 15) == 8 ? MAX_WBITS : -MAX_WBITS) == Z_OK;
    return c->begun;
}

/* The block. False when it is damaged, or grows too much. */
static bool unpack(struct ms_http *h)
{
    struct content *c = &h->content;
    uint8_t         out[STEP];
    size_t          n = c->block_n;
    h->work->packed += n;
    c->block_n = 0;
    if (c->over || n == 0) /* what follows the end is passed over */
        return true;
    if (!c->begun && !begin_unpacking(c, c->block[0]))
        return false;
    c->z.next_in = c->block;
    c->z.avail_in = (uInt)n;
    for (int status = Z_OK; status == Z_OK;) {
        c->z.next_out = out;
        c->z.avail_out = STEP;
        status = inflate(&c->z, Z_NO_FLUSH);
        give(h, (struct ms_bytes){ out, STEP - c->z.avail_out });
        h->work->unpacked += STEP - c->z.avail_out;
        c->over = status == Z_STREAM_END;
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
            return false;
        if (h->work->unpacked > UNPACK_FREE && h->work->unpacked / UNPACK_RATIO > h->work->packed)
            return false;
    }
    return true;
}

static void end_content(struct ms_http *h, bool whole)
{
    struct content *c = &h->content;
    if (!c->wanted)
        return;
    whole = whole && (c->coding == PLAIN || (unpack(h) && c->over));
    if (c->begun)
        inflateEnd(&c->z);
    c->wanted = c->begun = false;
    c->range = (struct range){ 0 };
    h->to->end(h->to, whole);
}

static void take_content(struct ms_http *h, struct ms_bytes b)
{
    struct content *c = &h->content;
    if (c->wanted && c->coding == PLAIN)
        give(h, b);
    while (b.n && c->wanted && c->coding != PLAIN) {
        struct ms_bytes part = ms_head(b, BLOCK - c->block_n);
        memcpy(c->block + c->block_n, part.p, part.n);
        c->block_n += part.n;
        b = ms_tail(b, part.n);
        if (c->block_n == BLOCK && !unpack(h))
            end_content(h, false);
    }
}

/* A piece that is not the last one waits for the next answer. */
static void end_body(struct ms_http *h)
{
    struct range *r = &h->content.range;
    if (h->content.wanted && r->total && r->behind < r->total)
        return;
    end_content(h, true);
}

/* ---- heads ----------------------------------------------------------------------------------------------------- */

static struct ms_bytes take_line(struct ms_bytes *in)
{
    size_t          lf = ms_find(*in, '\n');
    struct ms_bytes line = ms_head(*in, lf);
    *in = ms_tail(*in, lf + 1);
    return line.n && line.p[line.n - 1] == '\r' ? ms_head(line, line.n - 1) : line;
}

/* `head`: behind its first line. */
static struct ms_bytes field(struct ms_bytes head, const char *name)
{
    while (head.n) {
        struct ms_bytes line = take_line(&head);
        size_t          colon = ms_find(line, ':');
        if (colon < line.n && ms_equal_nocase(ms_head(line, colon), ms_str(name)))
            return ms_trim(ms_tail(line, colon + 1));
    }
    return (struct ms_bytes){ NULL, 0 };
}

/* "bytes 0-99/200"; all zero when it is none. */
static struct range range_of(struct ms_bytes text)
{
    struct ms_bytes unit = ms_take_word(&text), from = ms_take_word(&text);
    size_t          dash = ms_find(from, '-'), slash = ms_find(from, '/');
    struct range    r;
    bool ok = ms_equal_nocase(unit, MS_LIT("bytes")) && dash < slash && ms_parse_u64(ms_head(from, dash), &r.from) &&
              ms_parse_u64(ms_slice(from, dash + 1, slash - dash - 1), &r.behind) && ms_parse_u64(ms_tail(from, slash + 1), &r.total) &&
              r.from <= r.behind && r.behind < r.total;
    if (!ok)
        return (struct range){ 0 };
    r.behind++;
    return r;
}

/* How the content ends. False: not to be told. */
static bool begin_body(struct side *s, struct ms_bytes fields, bool answer)
{
    struct ms_bytes coding = field(fields, "transfer-encoding"), length = field(fields, "content-length");
    s->digits = 0;
    s->last = false;
    s->left = 0;
    if (coding.n) {
        s->step = IN_SIZE;
        return ms_equal_nocase(coding, MS_LIT("chunked"));
    }
    if (length.n && !ms_parse_u64(length, &s->left))
        return false;
    s->step = length.n ? IN_BODY : answer ? UNTIL_END : IN_HEAD;
    return true;
}

static bool take_request(struct ms_http *h, struct ms_bytes head)
{
    struct ms_bytes line = take_line(&head), verb = ms_take_word(&line), target = ms_head(ms_take_word(&line), TARGET_BYTES);
    if (!ms_starts_nocase(ms_take_word(&line), MS_LIT("HTTP/1.")) || h->waiting == REQUESTS)
        return false;
    struct request *r = &h->requests[(h->first + h->waiting++) % REQUESTS];
    *r = (struct request){ .head = ms_equal(verb, MS_LIT("HEAD")), .tunnel = ms_equal(verb, MS_LIT("CONNECT")), .target_n = (uint16_t)target.n };
    if (target.n)
        memcpy(r->target, target.p, target.n);
    return begin_body(&h->sides[MS_C2S], head, false);
}

static enum coding coding_of(struct ms_bytes text)
{
    return text.n == 0 || ms_equal_nocase(text, MS_LIT("identity")) ? PLAIN : ms_is_one_of(text, "gzip|x-gzip") ? GZIP
         : ms_equal_nocase(text, MS_LIT("deflate")) ? DEFLATE : UNKNOWN;
}

/* The next piece of what is under way. */
static bool goes_on(struct ms_http *h, struct range r)
{
    struct content *c = &h->content;
    bool same = c->request.target_n == h->asked.target_n && memcmp(c->request.target, h->asked.target, h->asked.target_n) == 0;
    if (!c->wanted || !r.total || r.from != c->range.behind || r.total != c->range.total || !same)
        return false;
    c->range = r;
    return true;
}

static void begin_content(struct ms_http *h, const struct ms_http_answer *a, struct ms_bytes fields)
{
    enum coding  coding = coding_of(field(fields, "content-encoding"));
    struct range r = a->status == 206 && coding == PLAIN ? range_of(field(fields, "content-range")) : (struct range){ 0 };
    if (goes_on(h, r))
        return;
    end_content(h, false);
    if ((a->status != 200 && !(r.total && r.from == 0)) || coding == UNKNOWN || !h->to->answer(h->to, a))
        return;
    h->content = (struct content){ .wanted = true, .coding = (uint8_t)coding, .range = r, .request = h->asked };
}

static bool take_answer(struct ms_http *h, struct ms_bytes head)
{
    struct ms_bytes line = take_line(&head), version = ms_take_word(&line);
    struct side    *s = &h->sides[MS_S2C];
    uint64_t        status = 0;
    if (!ms_starts_nocase(version, MS_LIT("HTTP/1.")) || !ms_parse_u64(ms_take_word(&line), &status) || status < 100 || status > 999 || status == 101)
        return false;
    if (status < 200) /* the answer proper follows */
        return true;
    h->asked = (struct request){ .target_n = 0 };
    if (h->waiting) {
        h->asked = h->requests[h->first];
        h->first = (h->first + 1) % REQUESTS;
        h->waiting--;
    }
    if (h->asked.tunnel && status < 300)
        return false;
    if (h->asked.head || status == 204 || status == 304)
        return true;
    struct ms_http_answer a = { (unsigned)status, field(head, "content-type"), field(head, "content-disposition"), { h->asked.target, h->asked.target_n } };
    if (!begin_body(s, head, true))
        return false;
    begin_content(h, &a, head);
    if (s->step == IN_BODY && s->left == 0) {
        s->step = IN_HEAD;
        end_body(h);
    }
    return true;
}

/* ---- bytes ----------------------------------------------------------------------------------------------------- */

static void stop(struct ms_http *h)
{
    h->sides[MS_C2S].step = h->sides[MS_S2C].step = OVER;
    end_content(h, false);
}

/* The line without text came. False: what the head says cannot be read. */
static bool end_head(struct ms_http *h, enum ms_dir dir)
{
    struct side    *s = &h->sides[dir];
    struct ms_bytes head = ms_buffer_bytes(&s->head);
    bool            trailer = s->step == IN_TRAILER, blank = head.n <= 2; /* an empty line in front of a head */
    s->step = trailer ? IN_HEAD : s->step;
    s->head.n = 0;
    if (trailer && dir == MS_S2C)
        end_body(h);
    if (trailer || blank)
        return true;
    bool ok = dir == MS_C2S ? take_request(h, head) : take_answer(h, head);
    if (s->step == IN_BODY && s->left == 0)
        s->step = IN_HEAD;
    return ok;
}

/* Up to the end of a line, of a head or of the trailer behind the last chunk. */
static struct ms_bytes take_head(struct ms_http *h, enum ms_dir dir, struct ms_bytes in)
{
    struct side    *s = &h->sides[dir];
    struct ms_bytes part = ms_head(in, ms_find(in, '\n') + 1);
    bool            ended = part.p[part.n - 1] == '\n', ok = true;
    for (size_t i = 0; i < part.n && !s->text; i++)
        s->text = part.p[i] != '\r' && part.p[i] != '\n';
    if (s->step == IN_HEAD) {
        ok = s->head.n + part.n <= HEAD_BYTES;
        ms_buffer_append(&s->head, ms_head(part, ok ? part.n : 0));
    }
    if (ok && ended && !s->text)
        ok = end_head(h, dir);
    s->text &= !ended;
    if (!ok)
        stop(h);
    return ms_tail(in, part.n);
}

static bool begin_chunk(struct side *s)
{
    bool ok = s->digits > 0;
    s->step = s->left ? IN_CHUNK : IN_TRAILER;
    s->digits = 0;
    return ok;
}

/* One byte of the line with the size of a chunk (RFC 9112 7.1), or of the line end in front of it. False: that is none. */
static bool take_mark(struct side *s, uint8_t c)
{
    int digit = ms_hex_digit(c);
    if (c == '\n' && s->step == BEHIND_CHUNK) {
        s->step = IN_SIZE;
        return true;
    }
    if (c == '\n')
        return begin_chunk(s);
    if (c == '\r' || s->step == IN_EXTENSION)
        return true;
    if (s->step == IN_SIZE && digit >= 0 && s->digits < SIZE_DIGITS) {
        s->left = s->left << 4 | (unsigned)digit;
        s->digits++;
        return true;
    }
    bool extension = s->step == IN_SIZE && (c == ';' || ms_is_blank(c));
    s->step = extension ? IN_EXTENSION : s->step;
    return extension;
}

static struct ms_bytes take_body(struct ms_http *h, enum ms_dir dir, struct ms_bytes in)
{
    struct side    *s = &h->sides[dir];
    struct ms_bytes run = ms_head(in, s->step == UNTIL_END || s->left > in.n ? in.n : (size_t)s->left);
    if (dir == MS_S2C)
        take_content(h, run);
    s->left -= s->step == UNTIL_END ? 0 : run.n;
    if (s->step == IN_CHUNK && s->left == 0)
        s->step = BEHIND_CHUNK;
    if (s->step == IN_BODY && s->left == 0) {
        s->step = IN_HEAD;
        if (dir == MS_S2C)
            end_body(h);
    }
    return ms_tail(in, run.n);
}

void ms_http_data(struct ms_http *h, enum ms_dir dir, struct ms_bytes in)
{
    struct side *s = &h->sides[dir];
    while (in.n && s->step != OVER) {
        if (s->step == IN_HEAD || s->step == IN_TRAILER)
            in = take_head(h, dir, in);
        else if (s->step == IN_BODY || s->step == IN_CHUNK || s->step == UNTIL_END)
            in = take_body(h, dir, in);
        else if (!take_mark(s, in.p[0]))
            stop(h);
        else
            in = ms_tail(in, 1);
    }
}

void ms_http_gap(struct ms_http *h, enum ms_dir dir)
{
    if (dir == MS_S2C)
        stop(h);
    h->sides[MS_C2S].step = OVER;
}

void ms_http_end(struct ms_http *h, bool closed)
{
    if (h->sides[MS_S2C].step == UNTIL_END && closed && !h->content.range.total)
        end_content(h, true);
    stop(h);
    ms_buffer_finish(&h->sides[0].head);
    ms_buffer_finish(&h->sides[1].head);
    ms_free(h);
}
