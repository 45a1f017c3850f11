/* tests/support/pdf_try.c - the text of PDFs, as it is judged: pdf_try FILE prints up to MOST bytes of it. */
#include "content/document/pdf.h"

#include <stdio.h>

enum { MOST = 1 << 20 };

int main(int argc, char **argv)
{
    struct ms_buffer bytes = { 0 }, text = { 0 };
    uint8_t          step[65536];
    FILE            *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    for (size_t n; f && (n = fread(step, 1, sizeof step, f)) > 0;)
        ms_buffer_append(&bytes, (struct ms_bytes){ step, n });
    if (f)
        fclose(f);
    struct ms_arena  arena = { 0 };
    struct ms_signs  signs;
    struct ms_limits limits = ms_limits_default();
    struct ms_links  links = { .arena = &arena, .limits = &limits };
    uint64_t         budget = limits.content_bytes;
    limits.document_text_bytes = MOST;
    ms_signs_init(&signs, &arena);
    struct ms_inside     in = { .signs = &signs, .links = &links, .arena = &arena, .limits = &limits, .part = 1, .budget = &budget };
    struct ms_piece      piece = { .bytes = ms_buffer_bytes(&bytes) };
    const struct ms_file file = { .in = &in, .piece = &piece, .around = MS_IN_MAIL };
    ms_pdf_read(&file, &text);
    if (text.n)
        fwrite(text.p, 1, text.n, stdout);
    ms_buffer_finish(&text);
    ms_buffer_finish(&bytes);
    ms_arena_finish(&arena);
    return 0;
}
