/* tests/fuzz/header_fuzz.c - decoded header text is UTF-8 whenever something was decoded, and parameters never grow. */
#include "mail/header.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "filename", "name", "charset", "boundary" };
    struct ms_arena arena = { 0 };
    struct ms_bytes in = { data, size }, value = ms_unfold(in, &arena), out, charset;
    require_utf8(ms_decode_header(in, &arena));
    require_utf8(ms_decode_header_as(in, MS_LIT("koi8-r"), &arena));
    if (ms_header_word(value).n > value.n)
        abort();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        require_utf8(ms_header_param_text(value, ms_str(names[i]), MS_LIT(""), &arena));
        if (ms_header_param(value, ms_str(names[i]), &arena, &out, &charset) && out.n > size)
            abort();
    }
    ms_arena_finish(&arena);
    return 0;
}
