/* tls/certificate.h - X.509 certificates, read with libcrypto: names, times, keys, who signed whom.
 *
 * Limits   of one certificate at most 1000 names and 1 KiB of each text are kept, of a chain the first one and others up to 64 KiB in all; keys
 *          beyond 8192 bits are named but verify nothing.
 * Threads  pure but for libcrypto's error queue, which is left empty; a cache belongs to one thread.            */
#pragma once
#include "base/arena.h"
#include "model/tls.h"

/* Reads `count` certificates in DER, the leaf first, as the server sent them: fills info->certificates (at most MS_TLS_CERTIFICATES, the rest is
 * counted), flags of each, and MS_TLS_CHAIN_BROKEN / MS_TLS_CHAIN_ORDER. Text is UTF-8. A certificate beyond 64 KiB is MALFORMED. */
void ms_certificates_read(struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der, size_t count);
struct ms_certificate *ms_certificate_read(struct ms_arena *arena, struct ms_bytes der);
/* Does it speak for `name` (a host name in any case, without final dot, or an IP address as text)? RFC 6125: wildcards for one whole label on the
 * left only; the common name counts only when there is no DNS name in subjectAltName. It may, when it has more names than are kept. */
bool ms_certificate_fits(const struct ms_certificate *c, struct ms_bytes name);

/* Chains that were read lately, so that what a busy server sends every time is read once (reading one costs a good part of a
 * millisecond, finding it again some microseconds). At most 128 chains, each of at most 8 KiB. */
struct ms_certificate_cache;
/* most: bytes of certificates that the sessions of all connections may keep at one time. */
struct ms_certificate_cache *ms_certificate_cache_create(uint64_t most);
void ms_certificate_cache_destroy(struct ms_certificate_cache *c); /* NULL is fine */
uint64_t ms_certificate_cache_kept(const struct ms_certificate_cache *c);    /* bytes that were kept and not given back */
uint64_t ms_certificate_cache_refused(const struct ms_certificate_cache *c); /* times that there was no room */
void ms_certificate_cache_give_back(struct ms_certificate_cache *c, uint64_t bytes); /* sessions that kept so many have ended */
/* As ms_certificates_read() and ms_certificate_read(); c may be NULL. The same result, always, but for this: what takes more than an
 * eighth of the room that is left is not kept, so that there is room for small chains when large ones take what they can. All of the
 * chain counts as dropped then, and a single one is NULL. */
struct ms_certificate *ms_certificate_read_cached(struct ms_certificate_cache *c, struct ms_arena *arena, struct ms_bytes der);
void ms_certificates_read_cached(struct ms_certificate_cache *c, struct ms_tls_info *info, struct ms_arena *arena, const struct ms_bytes *der,
                                 size_t count);
