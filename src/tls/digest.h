/* tls/digest.h - a digest over several pieces, by libcrypto. Pure. */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

/* name: as libcrypto calls it ("SHA256"); `out` has room for its result. False: there is no such digest. */
bool ms_tls_digest(const char *name, const struct ms_bytes *pieces, size_t count, uint8_t *out);
