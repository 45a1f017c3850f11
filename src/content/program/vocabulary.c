/* content/program/vocabulary.c - lists of words, found in one pass: at the start of each word of the text only those list words that begin alike are tried. */
#include "content/program/vocabulary.h"

const struct ms_vocable ms_command_words[] = {
#define X(word, kind) { word, MS_COMMAND_##kind },
#include "content/program/commands.def"
#undef X
};
const size_t ms_command_count = sizeof ms_command_words / sizeof *ms_command_words;
_Static_assert(sizeof ms_command_words / sizeof *ms_command_words <= MS_VOCABLES_MOST, "one bit each");

static bool is_word_byte(uint8_t c) { return ms_is_digit(c) || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || c == '_'; }

/* First bytes of list words, and the chain of those that share one. */
struct index { uint8_t first[256], next[MS_VOCABLES_MOST]; };

static struct index index_of(const struct ms_vocable *words, size_t n)
{
    struct index x = { .first = { 0 } };
    for (size_t i = 0; i < n; i++) {
        uint8_t *head = &x.first[(uint8_t)words[i].text[0]];
        x.next[i] = *head; /* 0 ends; numbers are one more than places */
        *head = (uint8_t)(i + 1);
    }
    return x;
}

static bool stands_at(struct ms_bytes text, size_t at, const char *word)
{
    size_t          n = strlen(word);
    struct ms_bytes here = ms_slice(text, at, n);
    return ms_equal_nocase(here, (struct ms_bytes){ (const uint8_t *)word, n }) && !is_word_byte(ms_at(text, at + n));
}

uint64_t ms_vocabulary_find(struct ms_bytes text, const struct ms_vocable *words, size_t n)
{
    struct index x = index_of(words, n);
    uint64_t     found = 0;
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = ms_lower(text.p[i]);
        if (!x.first[c] || (i > 0 && is_word_byte(c) && is_word_byte(text.p[i - 1]) && c != '_'))
            continue;
        for (unsigned k = x.first[c]; k; k = x.next[k - 1])
            if (!(found >> (k - 1) & 1) && stands_at(text, i, words[k - 1].text))
                found |= UINT64_C(1) << (k - 1);
    }
    return found;
}

struct ms_bytes ms_vocabulary_tell(uint64_t found, const struct ms_vocable *words, size_t n, char *out, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(words[i].text);
        if (!(found >> i & 1) || at + len + 2 > size)
            continue;
        if (at) {
            memcpy(out + at, ", ", 2);
            at += 2;
        }
        memcpy(out + at, words[i].text, len);
        at += len;
    }
    return (struct ms_bytes){ (const uint8_t *)out, at };
}

bool ms_commands_have(uint64_t found, enum ms_command kind)
{
    for (size_t i = 0; i < ms_command_count; i++)
        if (found >> i & 1 && ms_command_words[i].kind == kind)
            return true;
    return false;
}

unsigned ms_vocabulary_count(uint64_t found) { return (unsigned)__builtin_popcountll(found); }
