/* content/program/script.c - scripts as text, and web formats that can hold them: SVG, and archives of web pages with macros of Office. */
#include "content/program/vocabulary.h"

#include "base/text.h"

/* Words that fetch and start, in a file that runs by a double click or came out of a document. */
void ms_script_look(const struct ms_file *f)
{
    char     text[160];
    uint64_t found = ms_vocabulary_find(f->piece->bytes, ms_command_words, ms_command_count);
    bool     strong = ms_commands_have(found, MS_COMMAND_FETCH) || ms_commands_have(found, MS_COMMAND_OBJECT) || ms_commands_have(found, MS_COMMAND_HIDE);
    if (ms_vocabulary_count(found) < 2 || !strong)
        return;
    struct ms_bytes told = ms_vocabulary_tell(found, ms_command_words, ms_command_count, text, sizeof text);
    ms_file_sign(f, f->around == MS_IN_DOCUMENT ? MS_SIGN_EMBEDDED_PROGRAM : MS_SIGN_SCRIPT_COMMANDS, told);
}

/* ---- SVG -------------------------------------------------------------------------------------------------------------- */

/* " onload=" and its like, inside a tag. */
static bool is_handler(struct ms_bytes tag, size_t at)
{
    size_t n = at + 2;
    if (at == 0 || ms_is_letter(tag.p[at - 1]) || tag.p[at - 1] == '-' || tag.p[at - 1] == ':' || !ms_starts_nocase(ms_tail(tag, at), MS_LIT("on")))
        return false;
    while (ms_is_letter(ms_at(tag, n)))
        n++;
    size_t word = n - at;
    while (n < tag.n && tag.p[n] <= ' ')
        n++;
    return word > 4 && ms_at(tag, n) == '=';
}

static bool has_handler(struct ms_bytes tag)
{
    for (size_t i = 0; i < tag.n; i++)
        if (ms_lower(tag.p[i]) == 'o' && is_handler(tag, i))
            return true;
    return false;
}

static bool is_tag(struct ms_bytes tag, const char *list)
{
    size_t n = 0;
    while (n < tag.n && (ms_is_letter(tag.p[n]) || tag.p[n] == ':'))
        n++;
    struct ms_bytes name = ms_head(tag, n);
    size_t          colon = ms_find(name, ':');
    return ms_is_one_of(colon < name.n ? ms_tail(name, colon + 1) : name, list);
}

static void look_at_tag(const struct ms_file *f, struct ms_bytes tag)
{
    static const struct ms_bytes script = { (const uint8_t *)"javascript:", 11 };
    if (is_tag(tag, "script|iframe|embed|object|form|handler"))
        ms_file_sign(f, MS_SIGN_SVG_SCRIPT, ms_utf8_head(tag, 80));
    else if (has_handler(tag) || ms_search_nocase(tag, script) < tag.n || ms_search_nocase(tag, MS_LIT("data:text/html")) < tag.n)
        ms_file_sign(f, MS_SIGN_SVG_SCRIPT, ms_utf8_head(tag, 80));
    else if (is_tag(tag, "foreignObject"))
        ms_file_sign(f, MS_SIGN_SVG_PAGE, (struct ms_bytes){ NULL, 0 });
    size_t at = ms_search_nocase(ms_head(tag, 4096), MS_LIT("href="));
    if (!is_tag(tag, "a") || at + 6 >= tag.n)
        return;
    struct ms_bytes target = ms_tail(tag, at + 6);
    target = ms_head(target, ms_find(target, tag.p[at + 5]));
    if (ms_starts_nocase(target, MS_LIT("http")))
        ms_file_link(f, target);
}

void ms_svg_look(const struct ms_file *f)
{
    for (struct ms_bytes rest = f->piece->bytes; rest.n;) {
        rest = ms_tail(rest, ms_find(rest, '<') + 1);
        struct ms_bytes tag = ms_head(rest, ms_find(rest, '>'));
        if (ms_is_letter(ms_at(tag, 0)))
            look_at_tag(f, tag);
        rest = ms_tail(rest, tag.n);
    }
}

/* "ActiveMime" in base64: macros of Word in a web archive or an XML document. */
void ms_web_archive_look(const struct ms_file *f)
{
    static const struct ms_bytes mark = { (const uint8_t *)"QWN0aXZlTWltZ", 13 };
    struct ms_bytes              b = f->piece->bytes;
    if (b.n >= mark.n && memmem(b.p, b.n, mark.p, mark.n))
        ms_file_sign(f, MS_SIGN_OFFICE_MACRO, MS_LIT("in a web archive"));
}
