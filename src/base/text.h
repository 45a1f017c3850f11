/* base/text.h - text under construction, and the escapers for each place where wire text is shown.
 *
 * Owns     a growing heap buffer (struct ms_buffer). Zeroed is empty; ms_buffer_finish() frees it.
 * Units    bytes; times are nanoseconds since 1970 UTC.                                            */
#pragma once
#include "base/arena.h"

#include <stdarg.h>

void ms_text_add(struct ms_buffer *t, struct ms_bytes b);
void ms_text_str(struct ms_buffer *t, const char *s);
void ms_text_char(struct ms_buffer *t, char c);
void ms_text_u64(struct ms_buffer *t, uint64_t v);
void ms_text_format(struct ms_buffer *t, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(2)));

/* A duration in seconds, shortest exact decimal: 0.001234, 3, 0.5. Negative ones print as 0. */
void ms_text_seconds(struct ms_buffer *t, int64_t ns, int digits);
/* RFC 3339 UTC, with 6 or 9 digits after the second: 2026-11-24T12:00:00.000001Z */
void ms_text_time(struct ms_buffer *t, int64_t ns, int digits);
/* 1.2.3.4 or RFC 5952 IPv6; addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d */
void ms_text_address(struct ms_buffer *t, const uint8_t ip[16]);
void ms_text_hex(struct ms_buffer *t, struct ms_bytes b);
/* 512 bytes, 1.5 KiB, 30 MiB: for people. */
void ms_text_size(struct ms_buffer *t, uint64_t bytes);

/* With quotes around it. Bytes that are not valid UTF-8 appear as the six characters \u00XX of their value (the
 * same as Latin-1), so the line stays valid JSON; control characters as \u00XX or the short forms.               */
void ms_text_json(struct ms_buffer *t, struct ms_bytes b);
/* For a terminal or a table cell: control characters, ESC, DEL, C1, bidi and zero-width marks and bytes that are
 * not valid UTF-8 become \xHH or \u{HHHH}; TAB, CR, LF become \t \r \n. Nothing from the wire can move the cursor. */
void ms_text_plain(struct ms_buffer *t, struct ms_bytes b);
/* RFC 4180: quoted when needed; wire bytes escaped as in ms_text_plain. A cell that a spreadsheet would run as a
 * formula (starts with = + - @ TAB CR; but +OK and -ERR are none) gets a leading '.                                                        */
void ms_text_csv(struct ms_buffer *t, struct ms_bytes b);
void ms_text_tsv(struct ms_buffer *t, struct ms_bytes b); /* ms_text_plain: no TAB or line end survives */

/* Length of the valid UTF-8 sequence at the start of b, 1 to 4; 0 when invalid or cut. */
size_t ms_utf8_sequence(struct ms_bytes b, uint32_t *code_point);
/* Writes one character as UTF-8, in up to 4 bytes. Returns how many. */
size_t ms_utf8_put(uint8_t *out, uint32_t code_point);
struct ms_bytes ms_utf8_head(struct ms_bytes b, size_t n); /* at most n bytes, in whole characters */
struct ms_bytes ms_utf8_last(struct ms_bytes b, size_t n); /* the same of its end */
size_t ms_utf8_fit(struct ms_bytes b, size_t columns); /* bytes of the longest beginning, in whole characters, that is no wider */
size_t ms_utf8_width(struct ms_bytes b); /* terminal columns, as wcwidth would count them; escapes not expected */
