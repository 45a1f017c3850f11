/* tests/fuzz/look_fuzz.c - the same bytes as a page and as a text: links and signs keep their limits and are UTF-8, and seeing it twice shows
 * the same. */
#include "look.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef void looker(struct ms_inside *in, const struct ms_piece *piece);

static void see(looker *look, struct ms_bytes bytes, struct ms_buffer *said)
{
    struct look     l;
    struct ms_piece piece = { .bytes = bytes };
    look_init(&l);
    look(&l.in, &piece);
    if (l.links.n > l.limits.message_urls || l.in.passwords.n > 2048)
        abort();
    struct ms_message m = { .urls = l.links.at, .url_count = l.links.n, .headers.to = MS_LIT("me@a.example") };
    ms_links_judge(&l.signs, &m);
    look_tell(&l, said);
    require_utf8(ms_buffer_bytes(said));
    for (size_t i = 0; i < l.signs.n; i++)
        require_utf8(l.signs.at[i].evidence);
    look_finish(&l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    looker *const lookers[] = { ms_html_look, ms_text_look };
    for (size_t i = 0; i < sizeof lookers / sizeof *lookers; i++) {
        struct ms_buffer said[2] = { { 0 }, { 0 } };
        see(lookers[i], (struct ms_bytes){ data, size }, &said[0]);
        see(lookers[i], (struct ms_bytes){ data, size }, &said[1]);
        if (!ms_equal(ms_buffer_bytes(&said[0]), ms_buffer_bytes(&said[1])))
            abort();
        ms_buffer_finish(&said[0]);
        ms_buffer_finish(&said[1]);
    }
    return 0;
}
