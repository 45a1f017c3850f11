/* tests/fuzz/mime_fuzz.c - cutting a message differently never changes what is read from it, with usual and with tiny limits, with
 * and without a gap. The first two bytes of the input say where to cut.                                                     */
#include "mime_trace.h"

#include <stdio.h>

static void same(struct ms_bytes in, struct mime_cut cut, const struct ms_limits *limits, struct ms_mime_pool *pool)
{
    struct mime_cut whole = { in.n, 0, cut.gap_at, cut.gap };
    char           *a = mime_trace(in, whole, limits, pool), *b = mime_trace(in, cut, limits, pool);
    if (strcmp(a, b) != 0) {
        fprintf(stderr, "whole: %s\ncut at %zu/%zu: %s\n", a, cut.first, cut.step, b);
        abort();
    }
    free(a);
    free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct ms_bytes      in = { data + 2, size - 2 };
    size_t               at = (size_t)data[0] * 3 % (in.n + 1);
    struct ms_limits     usual = ms_limits_default(), tiny = ms_limits_tiny();
    struct ms_mime_pool *pool = ms_mime_pool_create();
    same(in, (struct mime_cut){ at, 0, 0, 0 }, &usual, pool);
    same(in, (struct mime_cut){ at, 1u + data[1] % 7u, 0, 0 }, &tiny, pool);
    same(in, (struct mime_cut){ data[1] % 5u, 1u + data[1] % 40u, at, data[1] % 64u }, &usual, pool);
    ms_mime_pool_destroy(pool);
    return 0;
}
