/* tests/fuzz/content_fuzz.c - any bytes have a well-formed type or none, and the same one each time. */
#include "mail/mime.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes in = { data, size };
    const char     *type = ms_detect_content(in);
    if (type && (!strchr(type, '/') || strchr(type, ' ') || type != ms_detect_content(in)))
        abort();
    return 0;
}
