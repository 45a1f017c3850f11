/* net/dns_name.c - domain names (RFC 1035 3.1, 4.1.4) as text, and the names of types and response codes.
 *
 * Bounds   a pointer must point before the labels that led to it, so a chain of them ends; 255 bytes end it earlier. */
#include "net/dns_private.h"

#include <stdio.h>

/* RFC 1035 5.1 and what usual tools escape: a name stays one word, and can be typed again. */
static size_t put_byte(uint8_t *to, uint8_t c)
{
    c = ms_lower(c);
    if ((c >= 'a' && c <= 'z') || ms_is_digit(c) || c == '-') { /* nearly all */
        to[0] = c;
        return 1;
    }
    if (c <= ' ' || c >= 0x7f) {
        to[0] = '\\';
        to[1] = (uint8_t)('0' + c / 100);
        to[2] = (uint8_t)('0' + c / 10 % 10);
        to[3] = (uint8_t)('0' + c % 10);
        return 4;
    }
    if (strchr(".\\\"$();@", c)) {
        to[0] = '\\';
        to[1] = c;
        return 2;
    }
    to[0] = c;
    return 1;
}

static size_t put_label(uint8_t *to, struct ms_bytes label)
{
    size_t n = 0;
    for (size_t i = 0; i < label.n; i++)
        n += put_byte(to + n, label.p[i]);
    return n;
}

/* The root is ".". */
static size_t end_text(uint8_t *text, size_t n)
{
    if (n > 0)
        return n - 1; /* without the final dot */
    text[0] = '.';
    return 1;
}

size_t ms_dns_name(struct ms_bytes message, size_t at, uint8_t text[MS_DNS_NAME_TEXT], size_t *n)
{
    enum { KIND = 0xc0, POINTER = 0xc0 };
    size_t after = 0, start = at, wire = 1, written = 0, jumps = 0; /* wire: with the root's byte */
    while (at < message.n) {
        size_t length = message.p[at];
        if (length == 0) {
            *n = end_text(text, written);
            return after ? after : at + 1;
        }
        if ((length & KIND) == POINTER) {
            size_t to = at + 1 < message.n ? ms_be16(message.p + at) & 0x3fffu : message.n;
            if (to >= start || ++jumps > MS_DNS_NAME_WIRE / 2) /* more than a name has labels */
                return 0;
            after = after ? after : at + 2;
            at = start = to;
            continue;
        }
        wire += 1 + length;
        if (length & KIND || at + 1 + length > message.n || wire > MS_DNS_NAME_WIRE)
            return 0;
        written += put_label(text + written, ms_slice(message, at + 1, length));
        text[written++] = '.';
        at += 1 + length;
    }
    return 0;
}

size_t ms_dns_name_skip(struct ms_bytes message, size_t at)
{
    while (at < message.n) {
        size_t length = message.p[at];
        if (length == 0)
            return at + 1;
        if (length >= 0xc0)
            return at + 2 <= message.n ? at + 2 : 0;
        if (length & 0xc0)
            return 0;
        at += 1 + length;
    }
    return 0;
}

struct named { uint16_t value; const char *name; };

static const struct named TYPES[] = {
    { 1, "A" }, { 2, "NS" }, { 5, "CNAME" }, { 6, "SOA" }, { 10, "NULL" }, { 12, "PTR" }, { 13, "HINFO" }, { 15, "MX" }, { 16, "TXT" },
    { 28, "AAAA" }, { 33, "SRV" }, { 35, "NAPTR" }, { 37, "CERT" }, { 39, "DNAME" }, { 41, "OPT" }, { 43, "DS" }, { 44, "SSHFP" },
    { 46, "RRSIG" }, { 47, "NSEC" }, { 48, "DNSKEY" }, { 50, "NSEC3" }, { 52, "TLSA" }, { 53, "SMIMEA" }, { 61, "OPENPGPKEY" },
    { 64, "SVCB" }, { 65, "HTTPS" }, { 99, "SPF" }, { 249, "TKEY" }, { 250, "TSIG" }, { 251, "IXFR" }, { 252, "AXFR" }, { 255, "ANY" },
    { 257, "CAA" },
};
static const struct named RCODES[] = {
    { 0, "NOERROR" }, { 1, "FORMERR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 4, "NOTIMP" }, { 5, "REFUSED" }, { 6, "YXDOMAIN" },
    { 7, "YXRRSET" }, { 8, "NXRRSET" }, { 9, "NOTAUTH" }, { 10, "NOTZONE" }, { 16, "BADVERS" }, { 23, "BADCOOKIE" },
};

static const char *find(const struct named *row, size_t count, uint16_t value)
{
    for (size_t i = 0; i < count; i++)
        if (row[i].value == value)
            return row[i].name;
    return NULL;
}

const char *ms_dns_type_name(uint16_t type, char scratch[12])
{
    const char *name = find(TYPES, sizeof TYPES / sizeof *TYPES, type);
    if (name)
        return name;
    snprintf(scratch, 12, "TYPE%u", type); /* RFC 3597 5 */
    return scratch;
}

const char *ms_dns_rcode_name(uint8_t rcode, char scratch[12])
{
    const char *name = find(RCODES, sizeof RCODES / sizeof *RCODES, rcode);
    if (name)
        return name;
    snprintf(scratch, 12, "RCODE%u", rcode);
    return scratch;
}
