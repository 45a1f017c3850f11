/* tls/certificate_private.h - what certificate.c gives to chain.c. */
#pragma once
#include "tls/certificate.h"

#include <openssl/x509.h>

enum ms_signed { MS_SIGNED_NO, MS_SIGNED_YES, MS_SIGNED_UNKNOWN /* an algorithm or key that libcrypto does not verify, or no signature but zeros */ };

/* Fills *c; what libcrypto made of it for the caller to X509_free(), NULL when malformed. Leaves libcrypto's error queue as it gets. */
X509 *ms_certificate_open(struct ms_certificate *c, struct ms_arena *arena, struct ms_bytes der);
/* Did the key of `issuer` sign x? Names are not looked at. */
enum ms_signed ms_certificate_signed(X509 *x, X509 *issuer);
