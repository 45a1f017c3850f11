/* Names and addresses in DNS messages (RFC 1035 4.1). Each label is replaced where it stands; pointers lead to labels that were. */
#include "sink/mask_private.h"

#include "net/dns.h"

enum { HEADER = 12, POINTER = 0xc0 };

struct dns { const struct ms_mask *mask; uint8_t *p; size_t n, at; bool bad; };

/* "4.3.2.1.in-addr.arpa": the octets of an address, last one first. */
static void reverse_name(struct dns *d, const size_t labels[4])
{
    char    text[16];
    uint8_t ip[4];
    for (int i = 0; i < 4; i++) {
        size_t   n = d->p[labels[i]];
        uint64_t v;
        if (n > 3 || !ms_parse_u64((struct ms_bytes){ d->p + labels[i] + 1, n }, &v) || v > 255 || (n > 1 && d->p[labels[i] + 1] == '0'))
            return;
        ip[3 - i] = (uint8_t)v;
    }
    ms_mask_ip4(d->mask, ip);
    for (int i = 0; i < 4; i++) {
        struct ms_buffer t = { 0 };
        ms_text_u64(&t, ip[3 - i]);
        if (t.n == d->p[labels[i]] && t.n < sizeof text)
            memcpy(d->p + labels[i] + 1, t.p, t.n);
        ms_buffer_finish(&t);
    }
}

static void mask_label(struct dns *d, size_t at)
{
    uint8_t *p = d->p + at + 1;
    size_t   n = d->p[at];
    if (n && p[0] != '_')
        ms_mask_text(d->mask, p, n, MS_KEEP_HOST | MS_KEEP_STRICT | (n <= 3 ? 0 : MS_MASK_DIGITS));
}

static void name(struct dns *d)
{
    size_t labels[128], count = 0;
    while (d->at < d->n && d->p[d->at] && d->p[d->at] < 64 && count < 128) {
        labels[count++] = d->at;
        d->at += 1 + (size_t)d->p[d->at];
    }
    d->bad |= d->at >= d->n || count == 128;
    if (d->bad)
        return;
    d->at += d->p[d->at] >= POINTER ? 2 : 1;
    bool reverse = count == 6 && d->p[labels[4]] == 7 && memcmp(d->p + labels[4] + 1, "in-addr", 7) == 0;
    if (reverse)
        reverse_name(d, labels);
    for (size_t i = reverse ? 4 : 0; i < count; i++)
        mask_label(d, labels[i]);
}

static void data(struct dns *d, unsigned type, size_t n)
{
    enum { A = 1, NS = 2, CNAME = 5, SOA = 6, PTR = 12, MX = 15, TXT = 16, AAAA = 28, SRV = 33, DNAME = 39 };
    size_t end = d->at + n, skip = type == MX ? 2 : type == SRV ? 6 : 0;
    if (type == A && n == 4)
        ms_mask_ip4(d->mask, d->p + d->at);
    else if (type == AAAA && n == 16)
        ms_mask_ip6(d->mask, d->p + d->at);
    else if (type == TXT)
        ms_mask_text(d->mask, d->p + d->at, n, MS_KEEP_PROSE | MS_KEEP_HOST | MS_KEEP_HEADER);
    if (type == NS || type == CNAME || type == SOA || type == PTR || type == MX || type == SRV || type == DNAME) {
        d->at += skip < n ? skip : n;
        for (int i = 0; i < (type == SOA ? 2 : 1) && d->at < end; i++)
            name(d);
    }
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
