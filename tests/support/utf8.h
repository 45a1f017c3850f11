/* tests/support/utf8.h - for fuzz targets: aborts when the bytes are not valid UTF-8. */
#pragma once
#include "base/text.h"

#include <stdlib.h>

static inline void require_utf8(struct ms_bytes b)
{
    while (b.n) {
        uint32_t point;
        size_t   n = ms_utf8_sequence(b, &point);
        if (n == 0)
            abort();
        b = ms_tail(b, n);
    }
}
