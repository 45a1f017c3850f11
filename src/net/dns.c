/* net/dns.c - DNS messages (RFC 1035 4): header, question, the answer section, and of the rest what EDNS says.
 *
 * BUGS     records behind one that makes no sense are not read. Of records of other types than those of enum ms_dns_type only
 *          owner, type and TTL are known. Names of the authority and additional sections are skipped: glue names nothing. */
#include "net/dns_private.h"

/* The name at *at, in the scratch; *at moves behind it. */
static bool take_name(struct ms_bytes message, size_t *at, struct ms_dns_scratch *s, struct ms_bytes *out)
{
    size_t n, after;
    if (sizeof s->text - s->used < MS_DNS_NAME_TEXT || !(after = ms_dns_name(message, *at, s->text + s->used, &n)))
        return false;
    *out = (struct ms_bytes){ s->text + s->used, n };
    s->used += n;
    *at = after;
    return true;
}

/* A name inside a record ends where the record does, or (out of spec, seen) before. */
static bool name_inside(struct ms_bytes message, size_t at, size_t end, struct ms_dns_scratch *s, struct ms_bytes *out)
{
    return take_name(ms_head(message, end), &at, s, out) && at <= end;
}

/* The strings of a TXT record one behind the other (RFC 7208 3.3 and others read them so). */
static void read_text(struct ms_bytes data, struct ms_dns_scratch *s, struct ms_bytes *out)
{
    struct ms_cur c = { data, false };
    uint8_t      *to = s->text + s->used;
    size_t        n = 0;
    if (sizeof s->text - s->used < data.n)
        return;
    while (c.rest.n) {
        size_t          length = ms_take_u8(&c);
        struct ms_bytes piece = ms_take(&c, length < c.rest.n ? length : c.rest.n);
        if (piece.n)
            memcpy(to + n, piece.p, piece.n);
        n += piece.n;
    }
    *out = (struct ms_bytes){ to, n };
    s->used += n;
}

static bool address(struct ms_dns_answer *a, struct ms_bytes data)
{
    if (data.n != (a->type == MS_DNS_A ? 4u : 16u))
        return false;
    if (a->type == MS_DNS_A)
        memcpy(a->ip, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
    memcpy(a->ip + 16 - data.n, data.p, data.n);
    return true;
}

/* The record's data lies at `at`, `data.n` bytes, all of them there. False: it makes no sense. */
static bool read_data(struct ms_bytes message, size_t at, struct ms_bytes data, struct ms_dns_scratch *s, struct ms_dns_answer *a)
{
    size_t end = at + data.n;
    switch (a->type) {
    case MS_DNS_A: case MS_DNS_AAAA: return address(a, data);
    case MS_DNS_NS: case MS_DNS_CNAME: case MS_DNS_PTR: return name_inside(message, at, end, s, &a->target);
    case MS_DNS_MX: case MS_DNS_SRV:
        if (data.n < (a->type == MS_DNS_MX ? 3u : 7u))
            return false;
        a->preference = ms_be16(data.p);
        return name_inside(message, at + (a->type == MS_DNS_MX ? 2u : 6u), end, s, &a->target);
    case MS_DNS_TXT: read_text(data, s, &a->target); return true;
    case MS_DNS_TLSA: a->target = data; return true;
    default: return true;
    }
}

struct record { struct ms_bytes data; size_t at; uint16_t type, class_; uint32_t ttl; };

/* What stands between a record's name and its data (RFC 1035 4.1.3); *at moves behind the data. */
static bool take_fixed(struct ms_bytes message, size_t *at, struct record *out)
{
    struct ms_cur c = { ms_tail(message, *at), false };
    out->type = ms_take_be16(&c);
    out->class_ = ms_take_be16(&c);
    out->ttl = ms_take_be32(&c);
    out->data = ms_take(&c, ms_take_be16(&c));
    out->at = message.n - c.rest.n - out->data.n;
    *at = out->at + out->data.n;
    return !c.bad;
}

/* One record of the answer section. False when no more can be read. */
static bool read_answer(struct ms_bytes message, size_t *at, struct ms_dns_scratch *s, struct ms_dns_read *out)
{
    struct ms_dns_answer a = { 0 };
    struct record        r;
    size_t               used = s->used;
    if (!take_name(message, at, s, &a.name) || !take_fixed(message, at, &r))
        return false;
    a.type = r.type;
    a.ttl = r.ttl & 0x80000000u ? 0 : r.ttl; /* RFC 2181 8 */
    if (r.class_ == 1 && read_data(message, r.at, r.data, s, &a)) {
        s->answers[out->answer_count++] = a;
        return true;
    }
    out->incomplete |= r.class_ == 1;
    s->used = used;
    return true;
}

static bool skip_record(struct ms_bytes message, size_t *at, struct record *out)
{
    *at = ms_dns_name_skip(message, *at);
    return *at && take_fixed(message, at, out);
}

/* False when reading ended early. */
static bool read_answers(struct ms_bytes message, size_t *at, unsigned count, struct ms_dns_scratch *s, struct ms_dns_read *out)
{
    struct record skipped;
    for (; count && out->answer_count < MS_DNS_ANSWERS; count--)
        if (!read_answer(message, at, s, out))
            return false;
    out->incomplete |= count > 0;
    for (; count; count--)
        if (!skip_record(message, at, &skipped))
            return false;
    return true;
}

/* Authority and additional records, for the one of EDNS. Each has 11 bytes at least, so `count` is no number to trust. */
static void read_rest(struct ms_bytes message, size_t at, unsigned count, struct ms_dns_read *out)
{
    for (struct record r; count && skip_record(message, &at, &r); count--) {
        if (r.type != MS_DNS_OPT)
            continue;
        unsigned rcode = (r.ttl >> 24) << 4 | out->rcode;
        out->rcode = (uint8_t)(rcode < 255 ? rcode : 255);
        return;
    }
}

/* One question of class IN, or none in an answer (FORMERR and the like have none). */
static bool read_question(struct ms_bytes message, size_t *at, struct ms_dns_scratch *s, struct ms_dns_read *out)
{
    unsigned count = ms_be16(message.p + 4);
    if (count == 0)
        return out->response;
    if (count > 1 || !take_name(message, at, s, &out->name))
        return false;
    struct ms_cur c = { ms_tail(message, *at), false };
    out->type = ms_take_be16(&c);
    unsigned class_ = ms_take_be16(&c);
    *at += 4;
    out->has_question = true;
    return !c.bad && class_ == 1;
}

bool ms_dns_read(struct ms_bytes message, struct ms_dns_scratch *s, struct ms_dns_read *out)
{
    enum { RESPONSE = 0x8000, OPCODE = 0x7800, TRUNCATED = 0x0200, RCODE = 15 };
    if (message.n < MS_DNS_HEADER)
        return false;
    unsigned flags = ms_be16(message.p + 2);
    size_t   at = MS_DNS_HEADER;
    s->used = 0;
    *out = (struct ms_dns_read){ .id = ms_be16(message.p), .rcode = flags & RCODE, .response = flags & RESPONSE,
                                 .truncated = (flags & (RESPONSE | TRUNCATED)) == (RESPONSE | TRUNCATED), .answers = s->answers };
    if (flags & OPCODE || !read_question(message, &at, s, out))
        return false;
    if (!out->response) {
        out->rcode = 0;
        return true;
    }
    if (!read_answers(message, &at, ms_be16(message.p + 6), s, out))
        out->incomplete = true;
    else
        read_rest(message, at, (unsigned)ms_be16(message.p + 8) + ms_be16(message.p + 10), out);
    return true;
}
