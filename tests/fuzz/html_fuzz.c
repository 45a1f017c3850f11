/* tests/fuzz/html_fuzz.c - whatever a page holds, links and signs keep their limits, and seeing it twice shows the same. */
#include "look.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_buffer said[2] = { { 0 }, { 0 } };
    for (int i = 0; i < 2; i++) {
        struct look     l;
        struct ms_piece piece = { .bytes = { data, size } };
        look_init(&l);
        ms_html_look(&l.in, &piece);
        if (l.links.n > l.limits.message_urls || l.in.passwords.n > 2048)
            abort();
        struct ms_message m = { .urls = l.links.at, .url_count = l.links.n, .headers.to = MS_LIT("me@a.example") };
        ms_links_judge(&l.signs, &m);
        look_tell(&l, &said[i]);
        look_finish(&l);
    }
    if (!ms_equal(ms_buffer_bytes(&said[0]), ms_buffer_bytes(&said[1])))
        abort();
    ms_buffer_finish(&said[0]);
    ms_buffer_finish(&said[1]);
    return 0;
}
