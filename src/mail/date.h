/* mail/date.h - the Date field (RFC 5322 3.3, the obsolete forms of 4.3, and what mailers write). */
#pragma once
#include "base/bytes.h"

/* Nanoseconds since 1970 UTC; a zone that is unknown is UTC. False: no date can be read, or an impossible one. */
bool ms_parse_date(struct ms_bytes value, int64_t *out);
