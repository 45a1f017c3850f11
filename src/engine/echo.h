/* engine/echo.h - a server that repeats a secret in its reply: "-ERR wrong password 12345 for bob".
 *
 * Whole words only; secrets shorter than 4 bytes, and those that are words of ordinary replies ("password"), stay: to mask them
 * would tell more than it hides.
 * BUGS     a password that was sent in base64 and is repeated in clear is not found.                              */
#pragma once
#include "base/arena.h"

/* Where the secret stands at or behind `from`; text.n when nowhere, or when it is none to look for. */
size_t ms_echo_find(struct ms_bytes text, struct ms_bytes secret, size_t from);
/* True when `text` holds the secret: *out is then the text with ******** in its place. */
bool ms_echo_mask(struct ms_bytes text, struct ms_bytes secret, struct ms_buffer *out);
/* The part of `text` from the first to the last place with the secret: its begin, *n its length; n 0: it is not in there. */
size_t ms_echo_span(struct ms_bytes text, struct ms_bytes secret, size_t *n);
