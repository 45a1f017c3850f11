/* mail/doubt.h - may mail programs read a Content- field in different ways?
 *
 * Reads strictly, by RFC 2045 5.1, RFC 2183 and RFC 2231: what does not follow them is read by each program as it likes, and filters and
 * mail programs then see different attachments. Forms that many senders use and all programs read alike are let pass: blanks in
 * names without quotes, encoded words in names, semicolons at the end. */
#pragma once
#include "base/bytes.h"

enum ms_content_field { MS_CONTENT_TYPE, MS_CONTENT_ENCODING, MS_CONTENT_DISPOSITION };

/* "Content-Type: x/", "Content-Transfer-Encoding: base64" and the like at the start of b. */
bool ms_is_content_field(struct ms_bytes b);
/* Does a field hold another one, behind a bare CR or on a folded line, that other programs read? */
bool ms_hides_content_field(struct ms_bytes field);
/* Two names for one file, and programs that take the one open it with something else than those that take the other. */
bool ms_names_differ(struct ms_bytes a, struct ms_bytes b);
/* Bits of enum ms_mime_odd: ODD_FIELD, ODD_BOUNDARY, TWO_NAMES. `field` is all of it, name, colon and folded lines, as it came. */
uint32_t ms_field_doubts(struct ms_bytes field, enum ms_content_field kind);
