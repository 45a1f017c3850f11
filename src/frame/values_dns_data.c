/* dns.*: what records say, by their types (RFC 1035, 2782, 3403, 4034, 6698, 6891, 7871, 8659). */
#include "frame/dns_message.h"
#include "frame/frame.h"
#include "frame/numbers.h"
#include "net/dns.h"

enum { HINFO = 13, NAPTR = 35, DNAME = 39, DS = 43, RRSIG = 46, NSEC = 47, DNSKEY = 48, CDS = 59, CDNSKEY = 60, SPF = 99, CAA = 257 };
enum { SIGNER_AT = 18 }; /* the name of who signed, in RRSIG */

static const struct ms_number_at mx[] = {
    { MS_FF_DNS_MX_PREFERENCE, 0, 2, 0, 0 },
}, srv[] = {
    { MS_FF_DNS_SRV_PRIORITY, 0, 2, 0, 0 }, { MS_FF_DNS_SRV_WEIGHT, 2, 2, 0, 0 }, { MS_FF_DNS_SRV_PORT, 4, 2, 0, 0 },
}, tlsa[] = {
    { MS_FF_DNS_TLSA_CERTIFICATE_USAGE, 0, 1, 0, 0 }, { MS_FF_DNS_TLSA_SELECTOR, 1, 1, 0, 0 }, { MS_FF_DNS_TLSA_MATCHING_TYPE, 2, 1, 0, 0 },
}, ds[] = {
    { MS_FF_DNS_DS_KEY_ID, 0, 2, 0, 0 }, { MS_FF_DNS_DS_ALGORITHM, 2, 1, 0, 0 }, { MS_FF_DNS_DS_DIGEST_TYPE, 3, 1, 0, 0 },
}, dnskey[] = {
    { MS_FF_DNS_DNSKEY_FLAGS, 0, 2, 0, 0 }, { MS_FF_DNS_DNSKEY_FLAGS_ZONE_KEY, 0, 2, 0, 0x0100 },
    { MS_FF_DNS_DNSKEY_FLAGS_KEY_REVOKED, 0, 2, 0, 0x0080 }, { MS_FF_DNS_DNSKEY_FLAGS_SECURE_ENTRY_POINT, 0, 2, 0, 0x0001 },
    { MS_FF_DNS_DNSKEY_PROTOCOL, 2, 1, 0, 0 }, { MS_FF_DNS_DNSKEY_ALGORITHM, 3, 1, 0, 0 },
}, rrsig[] = {
    { MS_FF_DNS_RRSIG_TYPE_COVERED, 0, 2, 0, 0 }, { MS_FF_DNS_RRSIG_ALGORITHM, 2, 1, 0, 0 }, { MS_FF_DNS_RRSIG_LABELS, 3, 1, 0, 0 },
    { MS_FF_DNS_RRSIG_ORIGINAL_TTL, 4, 4, 0, 0 }, { MS_FF_DNS_RRSIG_KEY_TAG, 16, 2, 0, 0 },
}, caa[] = {
    { MS_FF_DNS_CAA_FLAGS, 0, 1, 0, 0 }, { MS_FF_DNS_CAA_FLAGS_ISSUER_CRITICAL, 0, 1, 0, 0x80 }, { MS_FF_DNS_CAA_TAG_LENGTH, 1, 1, 0, 0 },
}, naptr[] = {
    { MS_FF_DNS_NAPTR_ORDER, 0, 2, 0, 0 }, { MS_FF_DNS_NAPTR_PREFERENCE, 2, 2, 0, 0 },
}, soa[] = { /* behind its two names */
    { MS_FF_DNS_SOA_SERIAL_NUMBER, 0, 4, 0, 0 }, { MS_FF_DNS_SOA_REFRESH_INTERVAL, 4, 4, 0, 0 }, { MS_FF_DNS_SOA_RETRY_INTERVAL, 8, 4, 0, 0 },
    { MS_FF_DNS_SOA_EXPIRE_LIMIT, 12, 4, 0, 0 }, { MS_FF_DNS_SOA_MININUM_TTL, 16, 4, 0, 0 },
}, client[] = {
    { MS_FF_DNS_OPT_CLIENT_FAMILY, 0, 2, 0, 0 }, { MS_FF_DNS_OPT_CLIENT_NETMASK, 2, 1, 0, 0 }, { MS_FF_DNS_OPT_CLIENT_SCOPE, 3, 1, 0, 0 },
};

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)
static const struct { uint16_t type; const struct ms_number_at *rows; size_t count; } numbers[] = {
    { MS_DNS_MX, ROWS(mx) }, { MS_DNS_SRV, ROWS(srv) }, { MS_DNS_TLSA, ROWS(tlsa) }, { DS, ROWS(ds) }, { CDS, ROWS(ds) }, { DNSKEY, ROWS(dnskey) }, { CDNSKEY, ROWS(dnskey) }, { RRSIG, ROWS(rrsig) },
    { CAA, ROWS(caa) }, { NAPTR, ROWS(naptr) },
};

static const struct { uint16_t type, field, at; } names[] = {
    { MS_DNS_NS, MS_FF_DNS_NS, 0 }, { MS_DNS_CNAME, MS_FF_DNS_CNAME, 0 }, { MS_DNS_PTR, MS_FF_DNS_PTR_DOMAIN_NAME, 0 },
    { MS_DNS_MX, MS_FF_DNS_MX_MAIL_EXCHANGE, 2 }, { MS_DNS_SRV, MS_FF_DNS_SRV_TARGET, 6 }, { DNAME, MS_FF_DNS_DNAME, 0 },
    { RRSIG, MS_FF_DNS_RRSIG_SIGNERS_NAME, SIGNER_AT }, { NSEC, MS_FF_DNS_NSEC_NEXT_DOMAIN_NAME, 0 },
}, rests[] = { /* bytes up to the end */
    { MS_DNS_TLSA, MS_FF_DNS_TLSA_CERTIFICATE_ASSOCIATION_DATA, 3 }, { DS, MS_FF_DNS_DS_DIGEST, 4 }, { CDS, MS_FF_DNS_DS_DIGEST, 4 }, { DNSKEY, MS_FF_DNS_DNSKEY_PUBLIC_KEY, 4 },
    { CDNSKEY, MS_FF_DNS_DNSKEY_PUBLIC_KEY, 4 },
}, times[] = {
    { RRSIG, MS_FF_DNS_RRSIG_SIGNATURE_EXPIRATION, 8 }, { RRSIG, MS_FF_DNS_RRSIG_SIGNATURE_INCEPTION, 12 },
};

static void push_text(const struct ms_frame *f, struct ms_bytes text, struct ms_value_sink *to)
{
    ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, text)));
}

/* The offset behind it. */
static size_t push_name(const struct ms_frame *f, struct ms_bytes message, size_t at, struct ms_value_sink *to)
{
    struct ms_dns_shown name;
    size_t              end = ms_dns_shown_name(message, at, &name);
    if (end)
        push_text(f, (struct ms_bytes){ name.text, name.n }, to);
    return end;
}

/* ---- types that are more than rows ------------------------------------------------------------------------------------------- */

static void soa_values(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_dns_shown name;
    size_t              second = ms_dns_shown_name(message, r->at, &name), after;
    if (field == MS_FF_DNS_SOA_MNAME)
        push_name(f, message, r->at, to);
    else if (field == MS_FF_DNS_SOA_RNAME && second)
        push_name(f, message, second, to);
    else if (second && (after = ms_dns_shown_name(message, second, &name)))
        MS_NUMBER_PUSH(soa, ms_slice(message, after, 20), field, to);
}

/* The n-th of texts behind one another, each behind its length; or all of them. */
static void text_values(const struct ms_frame *f, struct ms_bytes data, int nth, struct ms_value_sink *to)
{
    for (int i = 0; data.n && (nth < 0 || i <= nth); i++) {
        struct ms_bytes piece = ms_slice(data, 1, data.p[0]);
        if (nth < 0 || i == nth)
            push_text(f, piece, to);
        data = ms_tail(data, 1 + piece.n);
    }
}

static void text_lengths(struct ms_bytes data, struct ms_value_sink *to)
{
    for (; data.n; data = ms_tail(data, 1 + (size_t)data.p[0]))
        ms_value_push(to, ms_value_uint(data.p[0]));
}

static void naptr_values(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    size_t at = 4;
    if (field >= MS_FF_DNS_NAPTR_FLAGS && field <= MS_FF_DNS_NAPTR_REGEX)
        text_values(f, ms_tail(r->data, at), (int)field - MS_FF_DNS_NAPTR_FLAGS, to);
    for (int i = 0; i < 3; i++)
        at += 1 + (size_t)ms_at(r->data, at);
    if (field == MS_FF_DNS_NAPTR_REPLACEMENT && at < r->data.n)
        push_name(f, message, r->at + at, to);
}

static void caa_values(const struct ms_frame *f, struct ms_bytes data, enum ms_frame_field field, struct ms_value_sink *to)
{
    if (field == MS_FF_DNS_CAA_TAG)
        push_text(f, ms_slice(data, 2, ms_at(data, 1)), to);
    else if (field == MS_FF_DNS_CAA_VALUE)
        push_text(f, ms_tail(data, 2 + (size_t)ms_at(data, 1)), to);
}

/* "_service._protocol.name" */
static void service_values(const struct ms_frame *f, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes name = { r->name.text, r->name.n };
    size_t          first = ms_find(name, '.'), second = first + 1 + ms_find(ms_tail(name, first + 1), '.');
    if (second >= name.n)
        return;
    if (field == MS_FF_DNS_SRV_SERVICE)
        push_text(f, ms_head(name, first), to);
    else if (field == MS_FF_DNS_SRV_PROTO)
        push_text(f, ms_slice(name, first + 1, second - first - 1), to);
    else if (field == MS_FF_DNS_SRV_NAME)
        push_text(f, ms_tail(name, second + 1), to);
}

/* OPT (RFC 6891 6.1) uses class and TTL for other things; its data are options. */
static void edns_values(const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    enum { HEAD = 4, CLIENT_SUBNET = 8 };
    switch (field) {
    case MS_FF_DNS_RR_UDP_PAYLOAD_SIZE: ms_value_push(to, ms_value_uint(r->class_)); break;
    case MS_FF_DNS_RESP_EXT_RCODE: ms_value_push(to, ms_value_uint(r->ttl >> 24)); break;
    case MS_FF_DNS_RESP_EDNS0_VERSION: ms_value_push(to, ms_value_uint(r->ttl >> 16 & 0xff)); break;
    case MS_FF_DNS_RESP_Z: ms_value_push(to, ms_value_uint(r->ttl & 0xffff)); break;
    case MS_FF_DNS_RESP_Z_DO: ms_value_push(to, ms_value_bool(r->ttl >> 15 & 1)); break;
    default: break;
    }
    for (struct ms_bytes rest = r->data; rest.n >= HEAD;) {
        uint16_t        code = ms_be16(rest.p), length = ms_be16(rest.p + 2);
        struct ms_bytes data = ms_slice(rest, HEAD, length);
        if (field == MS_FF_DNS_OPT)
            ms_value_push(to, ms_value_none());
        else if (field == MS_FF_DNS_OPT_CODE || field == MS_FF_DNS_OPT_LEN)
            ms_value_push(to, ms_value_uint(field == MS_FF_DNS_OPT_CODE ? code : length));
        else if (field == MS_FF_DNS_OPT_DATA)
            ms_value_push(to, ms_value_bytes(data));
        else if (code == CLIENT_SUBNET)
            MS_NUMBER_PUSH(client, data, field, to);
        rest = ms_tail(rest, HEAD + (size_t)length);
    }
}

/* ---- a record ------------------------------------------------------------------------------------------------------------------ */

static void row_values(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == r->type && names[i].field == field)
            push_name(f, message, r->at + names[i].at, to);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].type == r->type)
            ms_number_push(numbers[i].rows, numbers[i].count, r->data, field, to);
    for (size_t i = 0; i < sizeof rests / sizeof *rests; i++)
        if (rests[i].type == r->type && rests[i].field == field && r->data.n > rests[i].at)
            ms_value_push(to, ms_value_bytes(ms_tail(r->data, rests[i].at)));
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i].type == r->type && times[i].field == field && r->data.n >= times[i].at + 4u)
            ms_value_push(to, ms_value_time((int64_t)ms_be32(r->data.p + times[i].at) * 1000000000));
}

void ms_values_dns_data(const struct ms_frame *f, struct ms_bytes message, const struct ms_dns_item *r, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_dns_shown name;
    size_t              after;
    row_values(f, message, r, field, to);
    switch (r->type) {
    case MS_DNS_A: if (field == MS_FF_DNS_A && r->data.n >= 4) ms_value_push(to, ms_value_ipv4(r->data.p)); break;
    case MS_DNS_AAAA: if (field == MS_FF_DNS_AAAA && r->data.n >= 16) ms_value_push(to, ms_value_ip(MS_FT_IPV6, r->data.p)); break;
    case MS_DNS_TXT: if (field == MS_FF_DNS_TXT) text_values(f, r->data, -1, to); if (field == MS_FF_DNS_TXT_LENGTH) text_lengths(r->data, to); break;
    case SPF: if (field == MS_FF_DNS_SPF) text_values(f, r->data, -1, to); if (field == MS_FF_DNS_SPF_LENGTH) text_lengths(r->data, to); break;
    case HINFO: if (field == MS_FF_DNS_HINFO_CPU || field == MS_FF_DNS_HINFO_OS) text_values(f, r->data, field == MS_FF_DNS_HINFO_OS, to); break;
    case MS_DNS_SOA: soa_values(f, message, r, field, to); break;
    case MS_DNS_SRV: service_values(f, r, field, to); break;
    case NAPTR: naptr_values(f, message, r, field, to); break;
    case CAA: caa_values(f, r->data, field, to); break;
    case MS_DNS_OPT: edns_values(r, field, to); break;
    case RRSIG:
        after = field == MS_FF_DNS_RRSIG_SIGNATURE ? ms_dns_shown_name(message, r->at + SIGNER_AT, &name) : 0;
        if (after && after < r->at + r->data.n)
            ms_value_push(to, ms_value_bytes(ms_slice(message, after, r->at + r->data.n - after)));
        break;
    default: break;
    }
}
