/* tls/resume.h - master secrets of sessions seen, by session id and by ticket: their resumption needs no key log (RFC 5246 7.3, 5077).
 *
 * Memory   80 bytes a session in base/secret.h memory, at most limit tls_sessions; then the oldest goes.
 * Keys     SHA-256 of what the session is found by.                                                              */
#pragma once
#include "base/bytes.h"

struct ms_tls_resume;
enum ms_tls_resume_by { MS_RESUME_ID, MS_RESUME_TICKET };
struct ms_tls_resume *ms_tls_resume_create(uint64_t most);
void ms_tls_resume_destroy(struct ms_tls_resume *r);
/* False: an older one had to go. */
bool ms_tls_resume_put(struct ms_tls_resume *r, enum ms_tls_resume_by by, struct ms_bytes id, const uint8_t master[48]);
bool ms_tls_resume_get(const struct ms_tls_resume *r, enum ms_tls_resume_by by, struct ms_bytes id, uint8_t master[48]);
