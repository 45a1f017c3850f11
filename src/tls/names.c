/* Names of TLS versions, groups and alerts, as IANA lists them. */
#include "model/tls.h"

struct name { uint16_t code; const char *name; };

static const struct name groups[] = {
#define X(number, name) { number, name },
#include "tls/groups.def"
#undef X
};

static const struct name alerts[] = { /* IANA: TLS Alerts; the names that SSL 3.0 and TLS 1.0 had among them */
    { 0, "close_notify" }, { 10, "unexpected_message" }, { 20, "bad_record_mac" }, { 21, "decryption_failed" },
    { 22, "record_overflow" }, { 30, "decompression_failure" }, { 40, "handshake_failure" }, { 41, "no_certificate" },
    { 42, "bad_certificate" }, { 43, "unsupported_certificate" }, { 44, "certificate_revoked" }, { 45, "certificate_expired" },
    { 46, "certificate_unknown" }, { 47, "illegal_parameter" }, { 48, "unknown_ca" }, { 49, "access_denied" }, { 50, "decode_error" },
    { 51, "decrypt_error" }, { 52, "too_many_cids_requested" }, { 60, "export_restriction" }, { 70, "protocol_version" },
    { 71, "insufficient_security" }, { 80, "internal_error" }, { 86, "inappropriate_fallback" }, { 90, "user_canceled" },
    { 100, "no_renegotiation" }, { 109, "missing_extension" }, { 110, "unsupported_extension" }, { 111, "certificate_unobtainable" },
    { 112, "unrecognized_name" }, { 113, "bad_certificate_status_response" }, { 114, "bad_certificate_hash_value" },
    { 115, "unknown_psk_identity" }, { 116, "certificate_required" }, { 117, "general_error" }, { 120, "no_application_protocol" },
    { 121, "ech_required" },
};

static const char *find(const struct name *table, size_t count, uint16_t code)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].code == code)
            return table[i].name;
    return NULL;
}

const char *ms_tls_version_name(uint16_t version)
{
    switch (version) {
    case 0x0002: return "SSL 2.0";
    case 0x0300: return "SSL 3.0";
    case 0x0301: return "TLS 1.0";
    case 0x0302: return "TLS 1.1";
    case 0x0303: return "TLS 1.2";
    case 0x0304: return "TLS 1.3";
    default: return NULL;
    }
}

const char *ms_tls_group_name(uint16_t group)
{
    return find(groups, sizeof groups / sizeof *groups, group);
}

const char *ms_tls_alert_name(uint8_t description)
{
    return find(alerts, sizeof alerts / sizeof *alerts, description);
}

const char *ms_tls_key_fault_name(enum ms_tls_key_fault f)
{
    static const char *const names[] = {
#define X(name, id, words) id,
        MS_TLS_KEY_FAULTS(X)
#undef X
    };
    return names[f];
}

const char *ms_tls_key_fault_words(enum ms_tls_key_fault f)
{
    static const char *const all[] = {
#define X(name, id, words) words,
        MS_TLS_KEY_FAULTS(X)
#undef X
    };
    return all[f];
}
