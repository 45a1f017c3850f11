/* Names and addresses in DNS messages (RFC 1035 4.1). Each label is replaced where it stands; pointers lead to labels that were. */
#include "sink/mask_private.h"

#include "net/dns.h"

enum { HEADER = 12, POINTER = 0xc0 };

struct dns { const struct ms_mask *mask; uint8_t *p; size_t n, at; bool bad; };

/* "4.3.2.1.in-addr.arpa", "4.3.2.1.zen.spamhaus.org": the octets of an address, last one first. False: it is none. */
static bool reverse_name(struct dns *d, const size_t labels[4])
{
    uint8_t ip[4];
    for (int i = 0; i < 4; i++) {
        size_t   n = d->p[labels[i]];
        uint64_t v;
        if (n > 3 || !ms_parse_u64((struct ms_bytes){ d->p + labels[i] + 1, n }, &v) || v > 255 || (n > 1 && d->p[labels[i] + 1] == '0'))
            return false;
        ip[3 - i] = (uint8_t)v;
    }
    ms_mask_ip4(d->mask, ip);
    for (int i = 0; i < 4; i++) {
        struct ms_buffer t = { 0 };
        ms_text_u64(&t, ip[3 - i]);
        if (t.n == d->p[labels[i]])
            memcpy(d->p + labels[i] + 1, t.p, t.n);
        ms_buffer_finish(&t);
    }
    return true;
}

enum { NIBBLES = 32 };

/* "1.0. ... .8.b.d.0.1.0.0.2.ip6.arpa" and lists by IPv6 address. */
static bool reverse_nibbles(struct dns *d, const size_t labels[NIBBLES])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t           ip[16] = { 0 };
    for (size_t i = 0; i < NIBBLES; i++) {
        const char *at = d->p[labels[i]] == 1 && d->p[labels[i] + 1] ? strchr(digits, ms_lower(d->p[labels[i] + 1])) : NULL;
        if (!at)
            return false;
        ip[15 - i / 2] |= (uint8_t)((at - digits) << (i % 2 ? 4 : 0));
    }
    ms_mask_ip6(d->mask, ip);
    for (size_t i = 0; i < NIBBLES; i++)
        d->p[labels[i] + 1] = (uint8_t)digits[ip[15 - i / 2] >> (i % 2 ? 4 : 0) & 15];
    return true;
}

/* Numbers stay behind "_" only: "_25._tcp". */
static void mask_label(struct dns *d, size_t at)
{
    uint8_t *p = d->p + at + 1;
    size_t   n = d->p[at];
    if (n)
        ms_mask_text(d->mask, p, n, MS_KEEP_HOST | (p[0] == '_' ? MS_KEEP_STRICT : MS_MASK_DIGITS | MS_MASK_SINGLES));
}

/* Where in the dotted name at `at` what stays begins. Behind a pointer labels were replaced already, but for those that stay. */
static size_t kept_tail(const struct dns *d, size_t at)
{
    enum { NAME_BYTES = 255, JUMPS = 16 }; /* RFC 1035 2.3.4; pointers in one name */
    uint8_t text[NAME_BYTES];
    size_t  n = 0;
    for (int jumps = 0; at + 1 < d->n && d->p[at] && jumps < JUMPS;) {
        size_t length = d->p[at];
        if (length >= POINTER) {
            at = ms_be16(d->p + at) & 0x3fff;
            jumps++;
            continue;
        }
        if (length >= d->n - at || n + length + 1 > sizeof text)
            break;
        memcpy(text + n, d->p + at + 1, length);
        n += length;
        text[n++] = '.';
        at += 1 + length;
    }
    return n ? ms_mask_kept_tail((struct ms_bytes){ text, n - 1 }) : 0;
}

static void name(struct dns *d)
{
    size_t labels[128], count = 0, begin = d->at;
    while (d->at < d->n && d->p[d->at] && d->p[d->at] < 64 && count < 128) {
        labels[count++] = d->at;
        d->at += 1 + (size_t)d->p[d->at];
    }
    d->bad |= d->at >= d->n || count == 128;
    if (d->bad)
        return;
    size_t tail = kept_tail(d, begin), from = 0;
    d->at += d->p[d->at] >= POINTER ? 2 : 1;
    d->bad = d->at > d->n; /* half of a pointer */
    size_t reverse = count > NIBBLES && reverse_nibbles(d, labels) ? NIBBLES : count > 4 && reverse_name(d, labels) ? 4 : 0;
    for (size_t i = 0; i < count && from < tail; i++) {
        from += d->p[labels[i]] + 1u;
        if (i >= reverse)
            mask_label(d, labels[i]);
    }
}

/* Strings with a length in front of each. */
static void strings(struct dns *d, size_t end)
{
    for (size_t length = 0; d->at < end; d->at += length + 1) {
        length = d->p[d->at] < end - d->at ? d->p[d->at] : end - d->at - 1;
        ms_mask_text(d->mask, d->p + d->at + 1, length, MS_KEEP_PROSE | MS_KEEP_HOST | MS_KEEP_HEADER);
    }
}

static bool has_names(unsigned type)
{
    enum { NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, SRV = 33, DNAME = 39 };
    return type == NS || type == CNAME || type == SOA || type == PTR || type == MX || type == SRV || type == DNAME;
}

/* What is not known here may tell names: clients' networks in OPT, signers in RRSIG. Hashes of certificates do not. */
static void data(struct dns *d, unsigned type, size_t n)
{
    enum { A = 1, SOA = 6, MX = 15, TXT = 16, AAAA = 28, SRV = 33, TLSA = 52, SPF = 99 };
    size_t end = d->at + n, skip = type == MX ? 2 : type == SRV ? 6 : 0;
    if (type == A && n == 4)
        ms_mask_ip4(d->mask, d->p + d->at);
    else if (type == AAAA && n == 16)
        ms_mask_ip6(d->mask, d->p + d->at);
    else if (type == TXT || type == SPF)
        strings(d, end);
    else if (!has_names(type) && type != TLSA)
        memset(d->p + d->at, 0, n);
    d->at += has_names(type) ? skip < n ? skip : n : 0;
    for (int i = 0; has_names(type) && i < (type == SOA ? 2 : 1) && d->at < end; i++)
        name(d);
    d->at = end;
}

static void records(struct dns *d, unsigned count)
{
    enum { FIXED = 10 };
    for (unsigned i = 0; i < count && !d->bad && d->at < d->n; i++) {
        name(d);
        if (d->bad || d->n - d->at < FIXED)
            return;
        unsigned type = ms_be16(d->p + d->at), n = ms_be16(d->p + d->at + 8);
        d->at += FIXED;
        d->bad = n > d->n - d->at;
        if (!d->bad)
            data(d, type, n);
    }
}

/* What cannot be read becomes zeros. */
void ms_mask_dns(const struct ms_mask *m, uint8_t *p, size_t n)
{
    struct dns d = { .mask = m, .p = p, .n = n, .at = HEADER };
    if (n < HEADER) {
        memset(p, 0, n);
        return;
    }
    for (unsigned i = 0; i < ms_be16(p + 4) && !d.bad && d.at < n; i++) {
        name(&d);
        d.at += 4;
    }
    records(&d, (unsigned)ms_be16(p + 6) + ms_be16(p + 8) + ms_be16(p + 10));
    if (d.at < n || d.bad)
        memset(p + (d.at < n ? d.at : n), 0, n - (d.at < n ? d.at : n));
}
