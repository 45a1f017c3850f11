/* One certificate read with libcrypto.
 * BUGS: of subjectAltName only DNS names and IP addresses are kept, not whose of the two they were: a DNS name that is written like an
 * address counts as that address. A list of certificate policies, name constraints and revocation is not looked at. */
#include "tls/certificate_private.h"

#include "base/text.h"
#include "model/record.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <time.h>

enum {
    DER_BYTES = 65536, TEXT_BYTES = 1024, SERIAL_BYTES = 64, NAMES = 1000,
    KEY_BITS = 8192, /* longer keys take many milliseconds to verify with */
    WEAK_RSA_BITS = 2048, WEAK_EC_BITS = 224,
};
#define NS_PER_S INT64_C(1000000000)

/* At most TEXT_BYTES of it, not cut inside of a character. */
static struct ms_bytes keep_text(struct ms_arena *arena, struct ms_bytes text)
{
    size_t n = text.n < TEXT_BYTES ? text.n : TEXT_BYTES;
    while (n < text.n && n && (text.p[n] & 0xc0) == 0x80)
        n--;
    return ms_arena_keep(arena, ms_head(text, n));
}

static struct ms_bytes asn1_bytes(const ASN1_STRING *s)
{
    int n = s ? ASN1_STRING_length(s) : 0;
    return n > 0 ? (struct ms_bytes){ ASN1_STRING_get0_data(s), (size_t)n } : (struct ms_bytes){ 0 };
}

/* RFC 4514 in UTF-8. (A name with strings that are not what they claim has made the certificate malformed before.) */
static struct ms_bytes name_text(struct ms_arena *arena, const X509_NAME *name)
{
    struct ms_bytes text = { 0 };
    char           *p;
    BIO            *out = BIO_new(BIO_s_mem());
    if (out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0) {
        long n = BIO_get_mem_data(out, &p);
        if (n > 0)
            text = keep_text(arena, (struct ms_bytes){ (const uint8_t *)p, (size_t)n });
    }
    BIO_free(out);
    return text;
}

/* The last one of the subject, which is the most specific (RFC 6125 2.3.1). */
static struct ms_bytes common_name(struct ms_arena *arena, const X509_NAME *name)
{
    int last = -1, next;
    while ((next = X509_NAME_get_index_by_NID(name, NID_commonName, last)) >= 0)
        last = next;
    if (last < 0)
        return (struct ms_bytes){ 0 };
    const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
    unsigned char     *utf8 = NULL;
    int                n = ASN1_STRING_to_UTF8(&utf8, s);
    struct ms_bytes    kept = keep_text(arena, n > 0 ? (struct ms_bytes){ utf8, (size_t)n } : asn1_bytes(s));
    OPENSSL_free(utf8);
    return kept;
}

static struct ms_bytes lower_text(struct ms_arena *arena, struct ms_bytes b)
{
    return ms_arena_lower(arena, ms_head(b, TEXT_BYTES));
}

static struct ms_bytes address_text(struct ms_arena *arena, struct ms_bytes b)
{
    uint8_t          ip[16] = { [10] = 0xff, [11] = 0xff };
    struct ms_buffer t = { 0 };
    if (b.n != 4 && b.n != 16)
        return (struct ms_bytes){ 0 };
    memcpy(ip + 16 - b.n, b.p, b.n);
    ms_text_address(&t, ip);
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return kept;
}

static void read_names(struct ms_certificate *c, struct ms_arena *arena, X509 *x)
{
    GENERAL_NAMES *list = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    int            count = list ? sk_GENERAL_NAME_num(list) : 0;
    size_t         room = count < NAMES ? (size_t)count : NAMES;
    if (room)
        c->names = ms_arena_alloc(arena, room * sizeof *c->names);
    c->flags |= count > NAMES ? MS_CERT_NAMES_CUT : 0u;
    for (int i = 0; i < count && c->name_count < room; i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(list, i);
        struct ms_bytes     name = { 0 };
        if (g->type == GEN_DNS)
            name = lower_text(arena, asn1_bytes(g->d.dNSName));
        else if (g->type == GEN_IPADD)
            name = address_text(arena, asn1_bytes(g->d.iPAddress));
        if (name.n)
            c->names[c->name_count++] = name;
    }
    GENERAL_NAMES_free(list);
}

/* ns since 1970, at the edge of what 64 bits hold when beyond (31 December 9999 means "no end": RFC 5280 4.1.2.5). */
static int64_t read_time(const ASN1_TIME *t)
{
    struct tm tm;
    if (!t || !ASN1_TIME_to_tm(t, &tm))
        return MS_UNKNOWN;
    int64_t s = timegm(&tm), edge = INT64_MAX / NS_PER_S;
    if (s > edge)
        s = edge;
    return (s < -edge ? -edge : s) * NS_PER_S;
}

static struct ms_bytes serial_text(struct ms_arena *arena, const ASN1_INTEGER *serial)
{
    struct ms_buffer t = { 0 };
    if (serial && ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER)
        ms_text_char(&t, '-');
    ms_text_hex(&t, ms_head(asn1_bytes(serial), SERIAL_BYTES));
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return kept;
}

/* Its name, or its number with dots. */
static struct ms_bytes object_text(struct ms_arena *arena, const ASN1_OBJECT *o)
{
    char text[80];
    int  n = OBJ_obj2txt(text, sizeof text, o, 0);
    if (n <= 0)
        return (struct ms_bytes){ 0 };
    return ms_arena_keep(arena, ms_head(ms_str(text), (size_t)n));
}

static struct ms_bytes keep_number(struct ms_arena *arena, const char *what, int bits)
{
    struct ms_buffer t = { 0 };
    ms_text_format(&t, "%s %d", what, bits);
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return kept;
}

/* "EC P-256"; curves without a NIST name by their own, unnamed ones by their size. */
static struct ms_bytes ec_text(struct ms_arena *arena, const EVP_PKEY *key)
{
    char        group[64] = "";
    size_t      n = 0;
    const char *nist = NULL;
    if (!EVP_PKEY_get_group_name(key, group, sizeof group, &n) || !group[0])
        return keep_number(arena, "EC", EVP_PKEY_get_bits(key));
    int nid = OBJ_txt2nid(group);
    if (nid != NID_undef)
        nist = EC_curve_nid2nist(nid);
    struct ms_buffer t = { 0 };
    ms_text_str(&t, "EC ");
    ms_text_str(&t, nist ? nist : group);
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&t));
    ms_buffer_finish(&t);
    return kept;
}

static void read_key(struct ms_certificate *c, struct ms_arena *arena, X509 *x)
{
    EVP_PKEY    *key = X509_get0_pubkey(x);
    int          bits = key ? EVP_PKEY_get_bits(key) : 0, weak = 0;
    ASN1_OBJECT *algorithm = NULL;
    switch (key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE) {
    case EVP_PKEY_RSA: c->key = keep_number(arena, "RSA", bits); weak = WEAK_RSA_BITS; break;
    case EVP_PKEY_RSA_PSS: c->key = keep_number(arena, "RSA-PSS", bits); weak = WEAK_RSA_BITS; break;
    case EVP_PKEY_DSA: c->key = keep_number(arena, "DSA", bits); weak = WEAK_RSA_BITS; break;
    case EVP_PKEY_EC: c->key = ec_text(arena, key); weak = WEAK_EC_BITS; break;
    case EVP_PKEY_ED25519: c->key = ms_arena_keep(arena, MS_LIT("Ed25519")); break;
    case EVP_PKEY_ED448: c->key = ms_arena_keep(arena, MS_LIT("Ed448")); break;
    default:
        if (X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(x)) == 1)
            c->key = object_text(arena, algorithm);
        break;
    }
    if (bits < weak)
        c->flags |= MS_CERT_WEAK_KEY;
}

/* What TLSA records with selector 1 pin (RFC 6698 2.1.2). */
static void hash_key(struct ms_certificate *c, X509 *x)
{
    unsigned char *der = NULL;
    int            n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &der);
    if (n > 0)
        EVP_Digest(der, (size_t)n, c->key_sha256, NULL, EVP_sha256(), NULL);
    OPENSSL_free(der);
}

static void read_signature(struct ms_certificate *c, struct ms_arena *arena, X509 *x)
{
    const X509_ALGOR  *how = NULL;
    const ASN1_OBJECT *algorithm = NULL;
    int                md = NID_undef;
    X509_get0_signature(NULL, &how, x);
    if (!how)
        return;
    X509_ALGOR_get0(&algorithm, NULL, NULL, how);
    c->signature = object_text(arena, algorithm);
    if (!OBJ_find_sigid_algs(OBJ_obj2nid(algorithm), &md, NULL) || md == NID_undef)
        X509_get_signature_info(x, &md, NULL, NULL, NULL); /* RSASSA-PSS says it in its parameters */
    if (md == NID_md2 || md == NID_md4 || md == NID_md5 || md == NID_sha1 || md == NID_sha)
        c->flags |= MS_CERT_WEAK_SIGNATURE;
}

/* extendedKeyUsage, when there, must say serverAuth or "any"; the two names of old browsers for it count. */
static bool serves(X509 *x)
{
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(x, NID_ext_key_usage, NULL, NULL);
    bool                yes = uses == NULL;
    for (int i = 0; uses && i < sk_ASN1_OBJECT_num(uses); i++) {
        int nid = OBJ_obj2nid(sk_ASN1_OBJECT_value(uses, i));
        yes |= nid == NID_server_auth || nid == NID_anyExtendedKeyUsage || nid == NID_ns_sgc || nid == NID_ms_sgc;
    }
    EXTENDED_KEY_USAGE_free(uses);
    return yes;
}

static bool is_authority(X509 *x)
{
    BASIC_CONSTRAINTS *b = X509_get_ext_d2i(x, NID_basic_constraints, NULL, NULL);
    bool               ca = b && b->ca;
    BASIC_CONSTRAINTS_free(b);
    return ca;
}

/* Zeros: no signature has them. A masked capture was given without it (sink/mask_tls.c). */
static bool is_withheld(X509 *x)
{
    const ASN1_BIT_STRING *bits = NULL;
    X509_get0_signature(&bits, NULL, x);
    for (int i = 0; bits && i < ASN1_STRING_length(bits); i++)
        if (ASN1_STRING_get0_data(bits)[i])
            return false;
    return true;
}

enum ms_signed ms_certificate_signed(X509 *x, X509 *issuer)
{
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    int       kind = NID_undef;
    if (!key || EVP_PKEY_get_bits(key) > KEY_BITS)
        return MS_SIGNED_UNKNOWN;
    if (OBJ_find_sigid_algs(X509_get_signature_nid(x), NULL, &kind) && kind != NID_undef && kind != NID_rsassaPss &&
        EVP_PKEY_type(kind) != EVP_PKEY_get_base_id(key))
        return MS_SIGNED_NO; /* a signature of another kind of key */
    if (is_withheld(x))
        return MS_SIGNED_UNKNOWN;
    int got = X509_verify(x, key);
    return got == 1 ? MS_SIGNED_YES : got == 0 ? MS_SIGNED_NO : MS_SIGNED_UNKNOWN;
}

static void read_facts(struct ms_certificate *c, struct ms_arena *arena, X509 *x)
{
    c->subject = name_text(arena, X509_get_subject_name(x));
    c->issuer = name_text(arena, X509_get_issuer_name(x));
    c->common_name = common_name(arena, X509_get_subject_name(x));
    c->not_before = read_time(X509_get0_notBefore(x));
    c->not_after = read_time(X509_get0_notAfter(x));
    c->serial = serial_text(arena, X509_get0_serialNumber(x));
    read_names(c, arena, x);
    read_key(c, arena, x);
    hash_key(c, x);
    read_signature(c, arena, x);
    c->flags |= (is_authority(x) ? MS_CERT_CA : 0u) | (serves(x) ? 0u : MS_CERT_NO_SERVER_AUTH);
    if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) != 0)
        return;
    if (ms_certificate_signed(x, x) == MS_SIGNED_YES)
        c->flags |= MS_CERT_SELF_SIGNED | MS_CERT_VERIFIED;
    else if (is_withheld(x))
        c->flags |= MS_CERT_SELF_SIGNED;
}

X509 *ms_certificate_open(struct ms_certificate *c, struct ms_arena *arena, struct ms_bytes der)
{
    const unsigned char *at = der.p;
    *c = (struct ms_certificate){ .not_before = MS_UNKNOWN, .not_after = MS_UNKNOWN };
    EVP_Digest(der.p, der.n, c->sha256, NULL, EVP_sha256(), NULL);
    X509 *x = der.n && der.n <= DER_BYTES ? d2i_X509(NULL, &at, (long)der.n) : NULL;
    if (x && at != der.p + der.n) { /* more behind it: no TLS library takes that */
        X509_free(x);
        x = NULL;
    }
    if (x)
        read_facts(c, arena, x);
    else
        c->flags = MS_CERT_MALFORMED;
    return x;
}

struct ms_certificate *ms_certificate_read(struct ms_arena *arena, struct ms_bytes der)
{
    struct ms_certificate *c = ms_arena_alloc(arena, sizeof *c);
    X509_free(ms_certificate_open(c, arena, der));
    ERR_clear_error();
    return c;
}
