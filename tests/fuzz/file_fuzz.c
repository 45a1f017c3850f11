/* tests/fuzz/file_fuzz.c - attachments: the first line is the file name, the rest what is in it. Nothing may be read beyond it, signs and
 * links stay bounded, their words are UTF-8, and the same file gives the same signs whatever was looked at before. */
#include "content/content.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t look(struct ms_bytes name, struct ms_bytes bytes)
{
    struct ms_limits limits = ms_limits_default();
    struct ms_arena  arena = { 0 };
    struct ms_signs  signs;
    struct ms_links  links = { .arena = &arena, .limits = &limits };
    uint64_t         budget = 1 << 20, sum = 0;
    struct ms_pixels pixels = { .left = 1 << 20 };
    struct ms_inside in = { .signs = &signs, .links = &links, .arena = &arena, .limits = &limits, .part = 1, .budget = &budget, .passwords = MS_LIT("s3cret!\0" "1234"), .pixels = &pixels };
    struct ms_piece  piece = { .bytes = bytes, .name = name, .type = MS_LIT("application/octet-stream") };
    ms_signs_init(&signs, &arena);
    ms_file_look(&in, &piece);
    if (budget > 1 << 20 || signs.n > MS_SIGNS || links.n > limits.message_urls)
        abort();
    for (size_t i = 0; i < signs.n; i++) {
        require_utf8(signs.at[i].evidence);
        sum = sum * 31 + signs.at[i].kind * 1000u + signs.at[i].count;
    }
    for (size_t i = 0; i < links.n; i++)
        require_utf8(links.at[i].url);
    ms_arena_finish(&arena);
    return sum * 31 + links.n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes in = { data, size };
    size_t          line = ms_find(in, '\n');
    struct ms_bytes name = ms_head(in, line < 300 ? line : 0), bytes = ms_tail(in, line < 300 ? line + 1 : 0);
    if (look(name, bytes) != look(name, bytes))
        abort();
    return 0;
}
