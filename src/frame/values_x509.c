/* x509*.*: what a certificate (RFC 5280) says, as Wireshark names it: numbers, times and names, in the order of the certificate.
 *
 * Bounds   lengths are cut to what there is; only the levels named here are entered.                                */
#include "frame/tls_view.h"

#include "base/text.h"

enum { INTEGER = 0x02, OCTETS = 0x04, OID = 0x06, UTF8 = 0x0c, PRINTABLE = 0x13, TELETEX = 0x14, IA5 = 0x16, UTC_TIME = 0x17, SEQUENCE = 0x30, SET = 0x31, EXTENSIONS = 0xa3,
       DNS_NAME = 0x82 };

/* The next element: its tag, 0 at the end; *body is what it holds. */
static uint8_t next_of(struct ms_bytes *rest, struct ms_bytes *body)
{
    if (rest->n < 2)
        return 0;
    size_t head = 2, n = rest->p[1];
    if (n > 0x80) {
        size_t bytes = n & 0x7f;
        n = 0;
        if (bytes > 4 || rest->n < 2 + bytes)
            return 0;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | rest->p[2 + i];
        head += bytes;
    }
    uint8_t tag = rest->p[0];
    *body = ms_slice(*rest, head, n);
    *rest = ms_tail(*rest, head + body->n);
    return tag;
}

/* Where Wireshark shows a word: a country has no choice of alphabets. */
static enum ms_frame_field string_field(uint8_t tag, struct ms_bytes oid)
{
    if (ms_equal(oid, MS_LIT("\x55\x04\x06"))) /* countryName */
        return MS_FF_X509SAT_COUNTRYNAME;
    switch (tag) {
    case UTF8: return MS_FF_X509SAT_UTF8STRING;
    case PRINTABLE: return MS_FF_X509SAT_PRINTABLESTRING;
    case TELETEX: return MS_FF_X509SAT_TELETEXSTRING;
    case IA5: return MS_FF_X509SAT_IA5STRING;
    default: return MS_FF_COUNT;
    }
}

static void name_values(struct ms_bytes name, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes set, pair, part, value;
    while (next_of(&name, &set) == SET)
        while (next_of(&set, &pair) == SEQUENCE) {
            bool    known = next_of(&pair, &part) == OID;
            uint8_t tag = next_of(&pair, &value);
            if (tag && field == string_field(tag, known ? part : (struct ms_bytes){ 0 }))
                ms_value_push(to, ms_value_string(value));
        }
}

/* YYMMDDhhmmssZ; RFC 5280 4.1.2.5.1: from 50 on it is the last century. */
static void time_values(const struct ms_frame *f, struct ms_bytes validity, struct ms_value_sink *to)
{
    struct ms_bytes b;
    for (uint8_t tag; (tag = next_of(&validity, &b));) {
        struct ms_buffer t = { 0 };
        if (tag != UTC_TIME || b.n < 12)
            continue;
        ms_text_str(&t, b.p[0] >= '5' ? "19" : "20");
        for (size_t i = 0; i < 12; i += 2) {
            static const char *const between[] = { "", "-", "-", " ", ":", ":" };
            ms_text_str(&t, between[i / 2]);
            ms_text_add(&t, ms_slice(b, i, 2));
        }
        ms_text_str(&t, " (UTC)");
        ms_value_push(to, ms_value_string(ms_arena_keep(f->scratch, ms_buffer_bytes(&t))));
        ms_buffer_finish(&t);
    }
}

static void alternative_names(struct ms_bytes octets, struct ms_value_sink *to)
{
    struct ms_bytes names, name;
    if (next_of(&octets, &names) != SEQUENCE)
        return;
    for (uint8_t tag; (tag = next_of(&names, &name));)
        if (tag == DNS_NAME)
            ms_value_push(to, ms_value_string(name));
}

static void extension_values(struct ms_bytes b, struct ms_value_sink *to)
{
    struct ms_bytes list, extension, oid, value;
    if (next_of(&b, &list) != SEQUENCE)
        return;
    while (next_of(&list, &extension) == SEQUENCE) {
        if (next_of(&extension, &oid) != OID || !ms_equal(oid, MS_LIT("\x55\x1d\x11"))) /* subjectAltName */
            continue;
        for (uint8_t tag; (tag = next_of(&extension, &value));)
            if (tag == OCTETS)
                alternative_names(value, to);
    }
}

void ms_values_x509_name(struct ms_bytes der, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes name;
    if (next_of(&der, &name) == SEQUENCE)
        name_values(name, field, to);
}

void ms_values_x509(const struct ms_frame *f, struct ms_bytes der, enum ms_frame_field field, struct ms_value_sink *to)
{
    struct ms_bytes certificate, b, body;
    if (next_of(&der, &certificate) != SEQUENCE || next_of(&certificate, &b) != SEQUENCE)
        return;
    unsigned sequences = 0; /* algorithm, issuer, validity, subject, key */
    bool     serial = false;
    for (uint8_t tag; (tag = next_of(&b, &body));) {
        sequences += tag == SEQUENCE;
        if (tag == INTEGER && !serial && field == MS_FF_X509AF_SERIALNUMBER)
            ms_value_push(to, ms_value_bytes(body));
        serial |= tag == INTEGER;
        if (tag == SEQUENCE && (sequences == 2 || sequences == 4))
            name_values(body, field, to);
        else if (tag == SEQUENCE && sequences == 3 && field == MS_FF_X509AF_UTCTIME)
            time_values(f, body, to);
        else if (tag == EXTENSIONS && field == MS_FF_X509CE_DNSNAME)
            extension_values(body, to);
    }
}
