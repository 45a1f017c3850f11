/* frame/pdus.h - TLS records and DNS messages that came over TCP, of every connection, mail or not: for the fields of frames. Nothing is decrypted.
 *
 * Streams  a stream is TLS from a hello on, or by its port (those that Wireshark reads as TLS); DNS by port 53.
 * Order    as Wireshark with its preferences untouched reads them: a segment is read when it comes; behind missing bytes reading goes on with
 *          it, and what was sent before is not read again. A record belongs to the frame that completed it, which is the one with its end:
 *          bytes that come late are put in their place as long as that has not come, those that TCP sends again are not.
 * Limits   `streams`, and tls_part_bytes of pieces that wait for the rest; beyond them the connections silent for longest are forgotten, or the
 *          piece is dropped.                                                                                      */
#pragma once
#include "frame/frame.h"

struct ms_pdus;
struct ms_pdus *ms_pdus_create(const struct ms_limits *limits);
uint64_t ms_pdus_cut(const struct ms_pdus *x); /* how often tls_part_bytes was reached; NULL is fine */
void ms_pdus_destroy(struct ms_pdus *x); /* NULL is fine */
/* Appends struct ms_pdu to `pdus`, and what they say to `text`; `body.p` is an offset into that. */
void ms_pdus_segment(struct ms_pdus *x, const struct ms_segment *g, const struct ms_stream_view *view, struct ms_buffer *pdus, struct ms_buffer *text);
