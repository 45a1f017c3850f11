/* tests/support/look.c - what content/file.c finds in files: a line for each sign and each link.
 *
 *     look < LIST              each line: PATH <TAB> NAME <TAB> TYPE <TAB> WORD WORD... (of the message, that may be passwords)
 *     look --prefixes < LIST   looks at beginnings of each file too, of PREFIXES lengths, in memory that ends where they end
 *
 * Prints "= NAME", then "SIGN <TAB> weight <TAB> evidence" and "link <TAB> URL", evidence as for a terminal. */
#include "base/text.h"
#include "content/content.h"
#include "mail/mime.h"

#include <stdio.h>
#include <stdlib.h>

static const int weights[] = {
#define X(name, slug, group, weight, rule, meaning) weight,
#include "model/signs.def"
#undef X
};

static struct ms_bytes read_file(const char *path, size_t most)
{
    struct ms_buffer b = { 0 };
    uint8_t          step[65536];
    FILE            *f = fopen(path, "rb");
    for (size_t n; f && (n = fread(step, 1, sizeof step, f)) > 0 && b.n < most;)
        ms_buffer_append(&b, (struct ms_bytes){ step, n });
    if (f)
        fclose(f);
    struct ms_bytes exact = { b.n ? memcpy(ms_alloc(b.n), b.p, b.n) : NULL, b.n < most ? b.n : most };
    ms_buffer_finish(&b);
    return exact;
}

static void print(const char *what, int weight, struct ms_bytes text)
{
    struct ms_buffer t = { 0 };
    ms_text_str(&t, what);
    if (weight >= 0)
        ms_text_format(&t, "\t%d", weight);
    ms_text_char(&t, '\t');
    ms_text_plain(&t, text);
    ms_text_char(&t, '\n');
    fwrite(t.p, 1, t.n, stdout);
    ms_buffer_finish(&t);
}

struct file { const struct ms_limits *limits; struct ms_bytes name, type, words; bool cut, silent; };

static void look(const struct file *f, struct ms_bytes bytes)
{
    struct ms_arena  arena = { 0 };
    struct ms_signs  signs;
    struct ms_links  links = { .arena = &arena, .limits = f->limits };
    uint64_t         budget = f->limits->content_bytes;
    struct ms_pixels pixels = { .left = f->limits->message_pixels };
    struct ms_part   part = { .filename = f->name, .type = f->type };
    struct ms_inside in = { .signs = &signs, .links = &links, .arena = &arena, .limits = f->limits, .part = 1, .budget = &budget, .passwords = f->words, .pixels = &pixels };
    struct ms_piece  piece = { .name = f->name, .type = f->type, .detected = ms_detect_content(ms_head(bytes, 512)), .cut = f->cut };
    ms_signs_init(&signs, &arena);
    if (ms_file_wants(&part, ms_head(bytes, 512)) || ms_picture_wants(&part, ms_head(bytes, 512)))
        piece.bytes = bytes;
    ms_file_look(&in, &piece);
    for (size_t i = 0; i < signs.n && !f->silent; i++)
        print(ms_sign_name((enum ms_sign_kind)signs.at[i].kind), weights[signs.at[i].kind], signs.at[i].evidence);
    for (size_t i = 0; i < links.n && !f->silent; i++)
        print("link", -1, links.at[i].url);
    ms_arena_finish(&arena);
}

enum { PREFIXES = 100 };

static void look_at_prefixes(struct file f, struct ms_bytes bytes)
{
    size_t step = bytes.n / PREFIXES + 1;
    f.silent = true;
    for (size_t n = 0; n < bytes.n; n += step) {
        uint8_t *exact = n ? memcpy(ms_alloc(n), bytes.p, n) : NULL; /* so that a sanitizer sees one byte too many */
        f.cut = n & 1;
        look(&f, (struct ms_bytes){ exact, n });
        ms_free(exact);
    }
}

static void look_at_line(const struct ms_limits *limits, char *fields[4], bool prefixes)
{
    struct file     f = { limits, ms_str(fields[1]), ms_str(fields[2]), ms_str(fields[3]), false, false };
    struct ms_bytes bytes = read_file(fields[0], (size_t)limits->content_bytes);
    for (size_t i = 0; i < f.words.n; i++)
        if (fields[3][i] == ' ')
            fields[3][i] = 0;
    printf("= %s\n", fields[1]);
    look(&f, bytes);
    if (prefixes)
        look_at_prefixes(f, bytes);
    ms_free((void *)(uintptr_t)bytes.p);
}

int main(int argc, char **argv)
{
    bool             prefixes = argc > 1 && strcmp(argv[1], "--prefixes") == 0;
    struct ms_limits limits = ms_limits_default();
    char            *line = NULL;
    size_t           size = 0;

    for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
        char *fields[4] = { line, "", "", "" }, *at = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 1; i < 4 && (at = strchr(at, '\t')); i++) {
            *at++ = 0;
            fields[i] = at;
        }
        look_at_line(&limits, fields, prefixes);
    }
    free(line);
    return 0;
}
