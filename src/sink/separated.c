#include "sink/separated.h"

#include <string.h>

/* "/t" a tab, "/s" a blank, else the character itself; 0: neither. */
static char one_character(const char *value)
{
    if (strcmp(value, "/t") == 0 || strcmp(value, "\\t") == 0)
        return '\t';
    if (strcmp(value, "/s") == 0)
        return ' ';
    bool printable = value[0] >= ' ' && value[0] <= '~' && value[1] == 0;
    return printable || (value[0] == '\t' && value[1] == 0) ? value[0] : 0;
}

static bool set_yes(const char *value, bool *out)
{
    *out = value[0] == 'y';
    return (value[0] == 'y' || value[0] == 'n') && value[1] == 0;
}

static bool set_character(const char *value, char *out) { return (*out = one_character(value)) != 0; }

static bool set_occurrence(const char *value, enum ms_occurrence *out)
{
    const char *letters = "afl", *at = value[0] ? strchr(letters, value[0]) : NULL;
    if (!at || value[1])
        return false;
    *out = (enum ms_occurrence)(at - letters);
    return true;
}

static bool set_quote(const char *value, char *out)
{
    *out = value[0] == 'd' ? '"' : value[0] == 's' ? '\'' : value[0];
    return value[0] && strchr("dsn", value[0]) && value[1] == 0;
}

bool ms_separated_set(struct ms_separated *s, const char *word)
{
    const char *equals = strchr(word, '=');
    bool        header = true;
    if (!equals)
        return false;
    struct ms_bytes key = { (const uint8_t *)word, (size_t)(equals - word) };
    if (ms_equal(key, MS_LIT("separator")))
        return set_character(equals + 1, &s->separator);
    if (ms_equal(key, MS_LIT("aggregator")))
        return set_character(equals + 1, &s->aggregator);
    if (ms_equal(key, MS_LIT("occurrence")))
        return set_occurrence(equals + 1, &s->occurrence);
    if (ms_equal(key, MS_LIT("quote")))
        return set_quote(equals + 1, &s->quote);
    if (ms_equal(key, MS_LIT("bom")))
        return set_yes(equals + 1, &s->bom);
    bool ok = ms_equal(key, MS_LIT("header")) && set_yes(equals + 1, &header);
    s->no_header = !header;
    return ok;
}

/* A quote inside is written twice. */
static void quoted(struct ms_buffer *out, char quote, struct ms_bytes text)
{
    ms_text_char(out, quote);
    while (text.n) {
        size_t n = ms_find(text, (uint8_t)quote);
        ms_text_plain(out, ms_head(text, n));
        if (n < text.n)
            ms_text_format(out, "%c%c", quote, quote);
        text = ms_tail(text, n < text.n ? n + 1 : n);
    }
    ms_text_char(out, quote);
}

/* What ms_text_csv() wrote from `start` on gets quotes for the sake of another separator than the comma. */
static void quote_for_separator(struct ms_buffer *out, size_t start, char separator)
{
    struct ms_bytes written = { out->p + start, out->n - start };
    if (written.n == 0 || written.p[0] == '"' || ms_find(written, (uint8_t)separator) == written.n)
        return;
    ms_text_str(out, "\" "); /* room for two more */
    memmove(out->p + start + 1, out->p + start, out->n - 2 - start);
    out->p[start] = '"';
    out->p[out->n - 1] = '"';
}

void ms_separated_cell(struct ms_buffer *out, const struct ms_separated *s, bool csv, bool first, struct ms_bytes text)
{
    char separator = s->separator ? s->separator : csv ? ',' : '\t';
    if (!first)
        ms_text_char(out, separator);
    size_t start = out->n;
    if (s->quote == '"' || s->quote == '\'') {
        if (text.n)
            quoted(out, s->quote, text);
    } else if (!csv || s->quote == 'n') {
        ms_text_tsv(out, text);
    } else {
        ms_text_csv(out, text);
        quote_for_separator(out, start, separator);
    }
}
