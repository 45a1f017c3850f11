/* engine/echo.h - a server that repeats a secret in its reply: "-ERR wrong password 12345 for bob".
 *
 * Found as it was sent, decoded when it was base64 (of a SASL message the password or token in it), and in base64. Whole words only;
 * secrets shorter than 4 bytes, and those that are words of ordinary replies ("password"), stay: to mask them would tell more than it
 * hides.                                                                                                            */
#pragma once
#include "base/arena.h"

/* Sets covered[i] = 1 where the secret stands, or one of its forms; true when it does. text.n bytes, zero before the first call. */
bool ms_echo_cover(struct ms_bytes text, struct ms_bytes secret, uint8_t *covered);
/* True when `text` holds the secret: *out is then the text with ******** in its place. `text` may not lie in *out. */
bool ms_echo_mask(struct ms_bytes text, struct ms_bytes secret, struct ms_buffer *out);
/* The part of `text` from the first to the last place with the secret: its begin, *n its length; n 0: it is not in there. */
size_t ms_echo_span(struct ms_bytes text, struct ms_bytes secret, size_t *n);
