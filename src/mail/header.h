/* mail/header.h - what stands in a header field: encoded words, raw bytes, parameters.
 *
 * Reads    RFC 2047 words (B, Q; language tags; a character split across words; blanks inside; no end), RFC 2231 parameters
 *          (charsets, continuations in any order) and what mail programs make of broken ones: unquoted blanks, backslashes in
 *          quoted Windows paths, encoded words inside quotes, quotes that are never closed.
 * Bounds   time is linear in the value; of a continued parameter the first 128 pieces count.                             */
#pragma once
#include "mail/mime.h"

/* As ms_decode_header; raw bytes that are no UTF-8 are read in `charset` (empty: Latin-1). */
struct ms_bytes ms_decode_header_as(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena);
/* Valid UTF-8 stays, other bytes are read in `charset` (empty: Latin-1). */
struct ms_bytes ms_text_to_utf8(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena);
/* The value without its line ends. In the arena, or the value itself when it has none. */
struct ms_bytes ms_unfold(struct ms_bytes value, struct ms_arena *arena);

/* "text/plain; charset=x" -> "text/plain": the first word, without comments. `value` unfolded. */
struct ms_bytes ms_header_word(struct ms_bytes value);
/* A parameter of an unfolded value as bytes, percent escapes resolved, not converted (*charset says from what; empty: not
 * given). Written by the name in lower case. False when absent.                                                         */
bool ms_header_param(struct ms_bytes value, struct ms_bytes name, struct ms_arena *arena, struct ms_bytes *out,
                     struct ms_bytes *charset);
/* The same as UTF-8 text, with RFC 2047 words decoded. Raw bytes: UTF-8, else `fallback`, else Latin-1. Empty when absent. */
struct ms_bytes ms_header_param_text(struct ms_bytes value, struct ms_bytes name, struct ms_bytes fallback,
                                     struct ms_arena *arena);

/* One field of a header block. `name` without blanks around, `value` without blanks and line ends in front and line ends behind, still
 * folded and encoded; `whole`: both, as it came, without the line end behind. */
struct ms_header_field { struct ms_bytes name, value, whole; };
bool ms_header_next(struct ms_bytes *rest, struct ms_header_field *out); /* the next line with a name and its folded lines; false: none */
