/* content/document/rtf.c - RTF: objects as hexadecimal digits, templates from elsewhere, fields.
 *
 * Word reads RTF loosely, and attackers use that: digits of an object broken up by blanks, groups and control words. All digits up to the end
 * of the object's group are taken, whatever stands between them.                                                      */
#include "content/document/office.h"

enum { FIELDS = 1024, NUMBER_MOST = 100000000 };

/* Behind a backslash: the word and its number, or one character; \binN also skips N bytes, when there are as many. */
static size_t control_at(struct ms_bytes b, struct ms_bytes *word)
{
    size_t n = 0, number = 0;
    while (ms_is_letter(ms_at(b, n)))
        n++;
    *word = ms_head(b, n);
    if (n == 0)
        return ms_at(b, 0) == '\'' ? 3 : 1;
    n += ms_at(b, n) == '-';
    for (; ms_is_digit(ms_at(b, n)); n++)
        number = number < NUMBER_MOST ? number * 10 + (size_t)(b.p[n] - '0') : number;
    n += ms_at(b, n) == ' ';
    if (ms_equal_nocase(*word, MS_LIT("bin")))
        n += number <= b.n - n ? number : 0;
    return n;
}

/* The digits from here to the end of the group as bytes; how much text that was. */
static size_t read_hex(struct ms_bytes b, struct ms_buffer *out)
{
    size_t i = 0, depth = 1;
    int    high = -1;
    for (struct ms_bytes word; i < b.n && depth > 0; i++) {
        uint8_t c = b.p[i];
        int     digit = ms_hex_digit(c);
        depth += c == '{';
        depth -= c == '}';
        if (c == '\\')
            i += control_at(ms_tail(b, i + 1), &word);
        else if (digit >= 0 && high < 0)
            high = digit;
        else if (digit >= 0) {
            uint8_t byte = (uint8_t)(high << 4 | digit);
            ms_buffer_append(out, (struct ms_bytes){ &byte, 1 });
            high = -1;
        }
    }
    return i < b.n ? i : b.n;
}

static size_t look_at_object(const struct ms_file *f, struct ms_bytes b)
{
    struct ms_buffer object = { 0 };
    size_t           used = read_hex(b, &object);
    if (object.n > 16 && ms_file_spend(f, object.n)) {
        ms_file_sign(f, MS_SIGN_RICH_OBJECT, (struct ms_bytes){ NULL, 0 });
        ms_old_object_look(f, ms_buffer_bytes(&object));
    }
    ms_buffer_finish(&object);
    return used;
}

/* The plain text of a group, at most 512 bytes: groups inside it are opened, control words left out. */
static struct ms_bytes text_of_group(struct ms_bytes b, char out[512])
{
    size_t n = 0, depth = 1;
    for (size_t i = 0; i < b.n && i < 4096 && depth > 0 && n < 512; i++) {
        struct ms_bytes word;
        uint8_t         c = b.p[i];
        depth += c == '{';
        depth -= c == '}';
        if (c == '\\' && (ms_at(b, i + 1) == '\\' || ms_at(b, i + 1) == '{'))
            out[n++] = (char)b.p[++i];
        else if (c == '\\')
            i += control_at(ms_tail(b, i + 1), &word);
        else if (c != '{' && c != '}' && c != '\r' && c != '\n')
            out[n++] = (char)c;
    }
    return (struct ms_bytes){ (const uint8_t *)out, n };
}

static void look_at_template(const struct ms_file *f, struct ms_bytes b)
{
    char            text[512];
    struct ms_bytes target = ms_trim(text_of_group(b, text));
    bool            remote = ms_starts_nocase(target, MS_LIT("http")) || ms_starts_nocase(target, MS_LIT("ftp:"));
    if (!remote)
        return;
    ms_file_sign(f, MS_SIGN_REMOTE_TEMPLATE, target);
    ms_file_link(f, target);
}

static void look_at_field(const struct ms_file *f, struct ms_bytes b)
{
    char            text[512];
    struct ms_bytes instruction = ms_trim(text_of_group(b, text));
    ms_field_look(f, instruction);
    if (!ms_starts_nocase(instruction, MS_LIT("HYPERLINK")))
        return;
    struct ms_bytes target = ms_tail(instruction, ms_find(instruction, '"') + 1);
    ms_file_link(f, ms_head(target, ms_find(target, '"')));
}

void ms_rtf_look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes, word;
    size_t          fields = 0;
    for (size_t i = ms_find(b, '\\'); i < b.n; i += ms_find(ms_tail(b, i), '\\')) {
        i += 1 + control_at(ms_tail(b, i + 1), &word);
        struct ms_bytes rest = ms_tail(b, i);
        if (ms_equal_nocase(word, MS_LIT("objdata")))
            i += look_at_object(f, rest);
        else if (ms_equal_nocase(word, MS_LIT("objupdate")))
            ms_file_sign(f, MS_SIGN_UPDATED_OBJECT, (struct ms_bytes){ NULL, 0 });
        else if (ms_equal_nocase(word, MS_LIT("template")) && fields++ < FIELDS)
            look_at_template(f, rest);
        else if (ms_equal_nocase(word, MS_LIT("fldinst")) && fields++ < FIELDS)
            look_at_field(f, rest);
    }
}
