/* model/tls.h - what a TLS connection showed: versions, ciphers, names, certificates, alerts. Part of a session (session.tls).
 *
 * Owns     nothing: slices and arrays live in the arena of the session.
 * Unknown  numbers are 0, slices empty, times MS_UNKNOWN.                                                           */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

enum ms_tls_flag {
    MS_TLS_CLIENT_HELLO  = 1u << 0,  /* seen */
    MS_TLS_SERVER_HELLO  = 1u << 1,
    MS_TLS_SSL2_HELLO    = 1u << 2,  /* the client began in the format of SSL 2.0 */
    MS_TLS_RETRY         = 1u << 3,  /* HelloRetryRequest */
    MS_TLS_RESUMED       = 1u << 4,  /* by session id, ticket or PSK, as far as can be told */
    MS_TLS_EARLY_DATA    = 1u << 5,  /* 0-RTT was sent */
    MS_TLS_EARLY_ACCEPTED = 1u << 6, /* and accepted */
    MS_TLS_CLIENT_ASKED  = 1u << 7,  /* the server asked for a client certificate */
    MS_TLS_CLIENT_CERTIFICATE = 1u << 8, /* the client sent one */
    MS_TLS_EXTENDED_MASTER = 1u << 9, MS_TLS_ENCRYPT_THEN_MAC = 1u << 10,
    MS_TLS_RENEGOTIATED  = 1u << 11,
    MS_TLS_DONE          = 1u << 12, /* the handshake went through: both sides sent protected data or a Finished under keys */
    MS_TLS_DECRYPTED     = 1u << 13, /* plain text was made with keys */
    MS_TLS_NO_KEYS       = 1u << 14, /* protected records were met without keys for them */
    MS_TLS_LOST          = 1u << 15, /* records lost to gaps, or that did not decrypt */
    MS_TLS_KEY_UPDATE    = 1u << 16,
    MS_TLS_CLOSED        = 1u << 17, /* close_notify seen (or, unreadable, an alert record at the very end) */
    MS_TLS_NOT_TLS       = 1u << 18, /* what followed was no TLS record after all */
    MS_TLS_COMPRESSED    = 1u << 19, /* TLS-level compression was chosen (RFC 3749): not followed */
    MS_TLS_CHAIN_BROKEN  = 1u << 20, /* a certificate is not signed by the one behind it */
    MS_TLS_CHAIN_ORDER   = 1u << 21, /* certificates are not in order, but fit when sorted */
    MS_TLS_CLIENT_SPOKE  = 1u << 22, /* the client sent protected application data */
    MS_TLS_SERVER_SPOKE  = 1u << 23,
    MS_TLS_CLIENT_BLIND  = 1u << 24, /* there is no key for what the client sends; TLS 1.3 has one for each side */
    MS_TLS_SERVER_BLIND  = 1u << 25,
};

/* Why keys that were given do not open a connection. X(name, id, words) */
#define MS_TLS_KEY_FAULTS(X) \
    X(NO_LINE, "no-line", "no line of the key logs has the client random") \
    X(ONE_SIDE, "incomplete", "the key logs have some of the secrets, but not all") \
    X(WRONG, "wrong", "the secrets found do not open the records") \
    X(OTHER, "other-certificate", "the private key does not belong to the server's certificate") \
    X(NOT_RSA, "not-rsa", "the keys were exchanged with (EC)DHE, which no private key opens: a key log is needed") \
    X(RESUMED, "resumed", "an earlier session is resumed that was not read, and no private key opens that: a key log is needed") \
    X(NO_HELLO, "no-handshake", "the handshake is not all in the capture, so no key can be found") \
    X(CIPHER, "cipher", "the cipher suite, or its compression, is not supported")

enum ms_tls_key_fault {
#define X(name, id, words) MS_TLS_FAULT_##name,
    MS_TLS_KEY_FAULTS(X)
#undef X
    MS_TLS_FAULT_COUNT,
};
const char *ms_tls_key_fault_name(enum ms_tls_key_fault f);
const char *ms_tls_key_fault_words(enum ms_tls_key_fault f);

enum ms_certificate_flag {
    MS_CERT_SELF_SIGNED = 1u << 0,   /* issuer is subject, and its own key verifies it, or its signature is withheld (zeros) */
    MS_CERT_CA          = 1u << 1,   /* basicConstraints CA:TRUE */
    MS_CERT_WEAK_SIGNATURE = 1u << 2,/* MD2, MD5 or SHA-1 */
    MS_CERT_WEAK_KEY    = 1u << 3,   /* RSA/DSA below 2048 bits, EC below 224 */
    MS_CERT_MALFORMED   = 1u << 4,   /* could not be read; only sha256 is set */
    MS_CERT_VERIFIED    = 1u << 5,   /* the one behind it in the chain (or itself) signed it */
    MS_CERT_NO_SERVER_AUTH = 1u << 6,/* extendedKeyUsage without serverAuth */
    MS_CERT_NAMES_CUT   = 1u << 7,   /* more names than are kept */
};

struct ms_certificate { /* as sent, the server's own one first */
    struct ms_bytes  subject, issuer;   /* "CN=mx.example.org,O=Example" (RFC 4514), UTF-8 */
    struct ms_bytes  common_name;
    struct ms_bytes *names;             /* subjectAltName: DNS names in lower case, IP addresses as text */
    uint32_t         name_count;
    uint32_t         flags;             /* enum ms_certificate_flag */
    int64_t          not_before, not_after; /* ns since 1970 */
    struct ms_bytes  serial;            /* hex */
    struct ms_bytes  key, signature;    /* "RSA 2048", "EC P-256", "Ed25519"; "sha256WithRSAEncryption" */
    uint8_t          sha256[32];        /* of the DER */
    uint8_t          key_sha256[32];    /* of its SubjectPublicKeyInfo in DER, as TLSA x 1 1 pins it; zero: unknown */
};

struct ms_tls_alert {
    uint64_t frame;
    int64_t  time;
    uint8_t  dir;              /* enum ms_dir: who sent it */
    uint8_t  level, description; /* 1 warning, 2 fatal; IANA TLS Alerts */
    bool     encrypted;        /* read after decryption, or (description 255) not readable */
};

enum { MS_TLS_ALERTS = 8, MS_TLS_CERTIFICATES = 10, MS_TLS_UNREADABLE_ALERT = 255 };

struct ms_tls_info {
    uint32_t        flags;             /* enum ms_tls_flag */
    uint32_t        key_faults;        /* bits of enum ms_tls_key_fault */
    uint16_t        version;           /* chosen: 0x0300 SSL 3.0 .. 0x0304 TLS 1.3 */
    uint16_t        offered_min, offered_max; /* by the client; min unknown (0) without supported_versions */
    uint16_t        cipher;            /* chosen, IANA number */
    uint16_t        group;             /* named group of the key exchange */
    uint16_t       *offered_ciphers;   /* without GREASE, in order */
    uint32_t        offered_cipher_count;
    struct ms_bytes sni;               /* as sent */
    struct ms_bytes alpn;              /* chosen by the server */
    struct ms_bytes alpn_offered;      /* "imap,smtp" */
    struct ms_bytes ja3, ja3s, ja4, ja4s; /* MD5 in hex; the JA4 strings */
    struct ms_certificate *certificates; /* of the server, as sent: leaf first */
    uint32_t        certificate_count, certificates_dropped;
    const char     *certificates_unread; /* static: why they are not read though they were sent: "brotli", "damaged"... NULL: they are, or there are none */
    bool            packed_certificates[2]; /* by direction: they came compressed (RFC 8879) */
    struct ms_certificate *client_certificate;
    struct ms_tls_alert alerts[MS_TLS_ALERTS];
    uint32_t        alert_count;       /* all; the first MS_TLS_ALERTS are kept */
    uint64_t        client_hello_frame, server_hello_frame, certificate_frame, done_frame;
    int64_t         client_hello_time, server_hello_time, done_time;
    uint64_t        records[2], protected_bytes[2]; /* by direction; application data records' bytes */
    uint64_t        unread[2], unread_bytes[2]; /* of these, whole in the capture and not read: no key, or they did not open */
    uint64_t        lost_records;      /* at least */
    uint64_t        lost_frame;        /* the first record that could not be read for another reason than missing keys */
};

static inline uint32_t ms_tls_alerts_kept(const struct ms_tls_info *t) { return t->alert_count < MS_TLS_ALERTS ? t->alert_count : MS_TLS_ALERTS; }

/* Whole days, rounded down: what ended 12 hours ago has -1 left. */
static inline int64_t ms_days_floor(int64_t ns)
{
    const int64_t day = INT64_C(86400000000000);
    return ns / day - (ns % day < 0);
}

const char *ms_tls_version_name(uint16_t version);   /* "TLS 1.2"; NULL unknown */
const char *ms_tls_cipher_name(uint16_t cipher);     /* IANA: "TLS_AES_128_GCM_SHA256"; NULL unknown */
const char *ms_tls_group_name(uint16_t group);       /* "x25519"; NULL unknown */
const char *ms_tls_alert_name(uint8_t description);  /* "certificate_expired"; NULL unknown */
