/* Names in the clear part of handshakes: the server that the client asks for, names in certificates. Signatures of certificates, which no longer
 * fit, become zeros: "not given" for those who read them (tls/certificate.c). */
#include "sink/mask_private.h"

static bool printable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] > 0x7e)
            return false;
    return true;
}

/* Addresses among the other names of a subject (RFC 5280 4.2.1.6). */
static void addresses(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { SEQUENCE = 0x30, ADDRESS = 0x87, LONG_FORM = 0x80, HEAD = 12 };
    static const uint8_t alternative[] = { 0x06, 0x03, 0x55, 0x1d, 0x11 };
    for (size_t i = 0, end = 0; i + sizeof alternative + 4 < n; i = end > i ? end : i + 1) {
        if (memcmp(p + i, alternative, sizeof alternative) != 0)
            continue;
        size_t most = i + sizeof alternative + HEAD < n ? i + sizeof alternative + HEAD : n;
        for (end = i + sizeof alternative; end < most && p[end] != SEQUENCE;)
            end++;
        end += end + 1 < n && p[end + 1] > LONG_FORM ? 2 + (size_t)(p[end + 1] & 3) : 2;
        for (; end + 2 <= n && (p[end] & 0xc0) == 0x80 && p[end + 1] < LONG_FORM && p[end + 1] + 2u <= n - end; end += p[end + 1] + 2u) {
            if (p[end] == ADDRESS && p[end + 1] == 4)
                ms_mask_ip4(m, p + end + 2);
            else if (p[end] == ADDRESS && p[end + 1] == 16)
                ms_mask_ip6(m, p + end + 2);
        }
    }
}

/* The head of a DER element at `at` with this tag and as long as can be, two bytes of length at most; where its content begins, 0: none is there. */
static size_t element(const uint8_t *p, size_t n, size_t at, uint8_t tag, size_t *length)
{
    enum { SHORT = 0x80, ONE = 0x81, TWO = 0x82 };
    if (n < 4 || at > n - 4 || p[at] != tag || p[at + 1] > TWO || p[at + 1] == SHORT)
        return 0;
    size_t begin = at + (p[at + 1] < SHORT ? 2 : p[at + 1] == ONE ? 3 : 4);
    *length = p[at + 1] < SHORT ? p[at + 1] : p[at + 1] == ONE ? p[at + 2] : ms_be16(p + at + 2);
    return *length <= n - begin ? begin : 0;
}

/* A certificate at `at` (RFC 5280 4.1): what is signed, how, and the signature, which ends where all does. Where that is; 0: none is there. */
static size_t without_signature(uint8_t *p, size_t n, size_t at)
{
    enum { SEQUENCE = 0x30, BITS = 3 };
    size_t all, length, begin = element(p, n, at, SEQUENCE, &all), end = begin + all, from;
    if (!begin || !(from = element(p, end, begin, SEQUENCE, &length)) || !(from = element(p, end, from + length, SEQUENCE, &length)) ||
        !(from = element(p, end, from + length, BITS, &length)) || length < 2 || from + length != end)
        return 0;
    memset(p + from + 1, 0, length - 1); /* the first byte counts bits */
    return end;
}

static void signatures(uint8_t *p, size_t n)
{
    for (size_t i = 0, end; i < n; i = end ? end : i + 1)
        end = without_signature(p, n, i);
}

/* Strings of DER, by what they look like: a tag of text or of a name, a short length, and so many characters. */
void ms_mask_tls_names(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { UTF8 = 0x0c, PRINTABLE = 0x13, TELETEX = 0x14, IA5 = 0x16, EMAIL = 0x81, DNS = 0x82, URI = 0x86, LONG_FORM = 0x81, MIN = 2 };
    addresses(m, p, n);
    signatures(p, n);
    for (size_t i = 0; i + 2 < n; i++) {
        bool   tag = p[i] == UTF8 || p[i] == PRINTABLE || p[i] == TELETEX || p[i] == IA5 || p[i] == EMAIL || p[i] == DNS || p[i] == URI;
        bool   longer = p[i + 1] == LONG_FORM;
        size_t length = longer ? p[i + 2] : p[i + 1], begin = i + (longer ? 3 : 2);
        if (!tag || length < MIN || length > n - begin || !printable(p + begin, length))
            continue;
        ms_mask_text(m, p + begin, length, MS_KEEP_HOST | MS_MASK_DIGITS);
        i = begin + length - 1;
    }
}

/* "server_name": extension 0 with a list of one name of kind 0 (RFC 6066 3). */
static void client_hello(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { FIXED = 9 }; /* type, length, length of the list, kind, length of the name */
    for (size_t i = 0; i + FIXED < n; i++) {
        size_t all = ms_be16(p + i + 2), list = ms_be16(p + i + 4), name = ms_be16(p + i + 7);
        if (ms_be16(p + i) != 0 || p[i + 6] != 0 || all != list + 2 || list != name + 3 || name < 2 || name > n - i - FIXED || !printable(p + i + FIXED, name))
            continue;
        ms_mask_text(m, p + i + FIXED, name, MS_KEEP_HOST | MS_MASK_DIGITS);
        return;
    }
}

void ms_mask_tls_record(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { CLIENT_HELLO = 1 };
    if (n > 4 && p[0] == CLIENT_HELLO)
        client_hello(m, p, n);
    else
        ms_mask_tls_names(m, p, n);
}
