/* frame/tls_view.h - the TLS records, messages and alerts of a frame, those that were opened with keys in the place of what was on the wire
 * (private to frame/). */
#pragma once
#include "frame/frame.h"

struct ms_tls_view { const struct ms_pdu *pdus; size_t count; }; /* in `scratch`; no DNS among them */
struct ms_tls_view ms_tls_view(const struct ms_frame *f);
/* The fields of certificates in a Certificate message, which TLS 1.3 words otherwise. */
struct ms_tls_certificates { struct ms_bytes rest; size_t length; uint16_t extensions; /* bytes of those of the last one */ bool modern, extended; /* TLS 1.3; the last one has extensions */ };
bool ms_tls_certificates_begin(struct ms_tls_certificates *c, const struct ms_pdu *message);
bool ms_tls_certificate_next(struct ms_tls_certificates *c, struct ms_bytes *der);
void ms_values_x509_name(struct ms_bytes der, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_x509(const struct ms_frame *f, struct ms_bytes der, enum ms_frame_field field, struct ms_value_sink *to);
struct ms_tls_hello;
void ms_values_tls_hello(const struct ms_frame *f, const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_tls_extensions(const struct ms_tls_hello *h, enum ms_frame_field field, struct ms_value_sink *to);
void ms_values_tls_signatures(struct ms_bytes codes, enum ms_frame_field field, struct ms_value_sink *to); /* two bytes each */
void ms_values_tls_authorities(struct ms_bytes list, enum ms_frame_field field, struct ms_value_sink *to); /* behind its length */
