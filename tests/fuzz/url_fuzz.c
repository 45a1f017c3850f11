/* tests/fuzz/url_fuzz.c - a link read again gives the same host, and hosts are lower case ASCII. */
#include "content/link/url.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_arena    arena = { 0 };
    struct ms_url_view url;
    struct ms_host     again;
    if (ms_url_read((struct ms_bytes){ data, size }, &arena, &url) && !(url.odd & (MS_URL_BAD_HOST | MS_URL_IPV6))) {
        for (size_t i = 0; i < url.host.n; i++)
            if (url.host.p[i] >= 0x80 || ms_lower(url.host.p[i]) != url.host.p[i])
                abort();
        ms_host_read(url.host, &arena, &again);
        if (url.host.n && !(again.odd & MS_URL_BAD_HOST) && !ms_equal(again.ascii, url.host))
            abort();
        (void)ms_host_is_local(url.host);
        (void)ms_host_has_suffix(url.host);
    }
    ms_arena_finish(&arena);
    return 0;
}
