/* content/link/punycode.h - labels of internationalised domain names (RFC 3492).
 *
 * Bounds   a label has at most MS_LABEL_CHARS characters; longer ones are refused.
 * Threads  pure.                                                                */
#pragma once
#include "base/bytes.h"

enum { MS_LABEL_CHARS = 256 };

/* What follows "xn--" as code points. Returns how many; 0 when it is no punycode. */
size_t ms_punycode_decode(struct ms_bytes label, uint32_t out[MS_LABEL_CHARS]);
/* Code points as what follows "xn--". Returns how many bytes of `room` it took; 0 when it does not fit. */
size_t ms_punycode_encode(const uint32_t *points, size_t n, uint8_t *out, size_t room);
