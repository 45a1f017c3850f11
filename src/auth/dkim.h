/* auth/dkim.h - the DKIM signatures of a message (RFC 6376, 8301, 8463).
 *
 * The first MS_DKIM_SIGNATURES from the top are judged, the others counted. Simple and relaxed forms, rsa-sha256 and ed25519-sha256,
 * l=, t=, x=, i=, h= with repeated and absent fields, q=; keys with v, k, h, s, t and revoked ones. rsa-sha1 is told, never right.
 *
 * BUGS     z= is not looked at. Bodies with bare LF are judged as a receiver stores them, with CRLF.                      */
#pragma once
#include "auth/signature.h"

enum { MS_DKIM_SIGNATURES = 8 };
struct ms_dkim { struct ms_signature at[MS_DKIM_SIGNATURES]; size_t n; uint64_t dropped; };

bool ms_dkim_read(struct ms_dkim *d, const struct ms_reading *r); /* false: none */
void ms_dkim_judge(struct ms_dkim *d, const struct ms_judging *j);
/* The one that says most: a right one, else unknown, wrong, errors. NULL: none. */
const struct ms_signature *ms_dkim_best(const struct ms_dkim *d);
