/* tls/certificate.h - X.509 certificates, read with libcrypto: names, times, keys, who signed whom. */
#pragma once
#include "base/arena.h"
#include "model/tls.h"

/* Reads `count` certificates in DER, the leaf first, as the server sent them: fills info->certificates (at most MS_TLS_CERTIFICATES, the rest is
 * counted), flags of each, and MS_TLS_CHAIN_BROKEN / MS_TLS_CHAIN_ORDER. Text is UTF-8. A certificate beyond 64 KiB is MALFORMED. */
void ms_certificates_read(struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der, size_t count);
struct ms_certificate *ms_certificate_read(struct ms_arena *arena, struct ms_bytes der);
/* Does it speak for `name` (a host name in any case, without final dot, or an IP address as text)? RFC 6125: wildcards for one whole label on the
 * left only; the common name counts only when there is no DNS name in subjectAltName. */
bool ms_certificate_fits(const struct ms_certificate *c, struct ms_bytes name);
