/* tls/certificate.h - X.509 certificates, read with libcrypto: names, times, keys, who signed whom.
 *
 * Limits   of one certificate at most 1000 names and 1 KiB of each text are kept; keys beyond 8192 bits are named but verify nothing.
 * Threads  pure but for libcrypto's error queue, which is left empty; a cache belongs to one thread.            */
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

/* Chains that were read lately, so that what a busy server sends every time is read once (reading one costs a good part of a
 * millisecond, finding it again some microseconds). At most 128 chains, each of at most 8 KiB. */
struct ms_certificate_cache;
struct ms_certificate_cache *ms_certificate_cache_create(void);
void ms_certificate_cache_destroy(struct ms_certificate_cache *c); /* NULL is fine */
/* As ms_certificates_read(); c may be NULL. The same result, always. */
void ms_certificates_read_cached(struct ms_certificate_cache *c, struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der,
                                 size_t count);
