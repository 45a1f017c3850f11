/* check/letters.c - what the letters of a name or a word show by themselves: rows that a generator made, pictures, what nobody sees. */
#include "base/text.h"
#include "check/private.h"

/* ---- words made by a generator, or made to be misread ------------------------------------------------------------ */

enum letter { DIGIT = 1, SMALL = 2, CAPITAL = 4, OTHER = 8 };
struct row { unsigned pieces, odd, changes, kinds; };

static enum letter letter_of(uint8_t c) { return ms_is_digit(c) ? DIGIT : c >= 'a' && c <= 'z' ? SMALL : c >= 'A' && c <= 'Z' ? CAPITAL : OTHER; }

/* The pieces of a row of letters and digits, which end in front of a capital behind something else, and at digits; those that are no words, without a
 * vowel or with several capitals in front of small letters; how often the kind of letter changes; which there are. */
static struct row row_of(struct ms_bytes word)
{
    struct row  r = { 0 };
    unsigned    letters = 0, vowels = 0, capitals = 0;
    enum letter before = OTHER;
    for (size_t i = 0; i <= word.n; i++) {
        uint8_t     c = ms_at(word, i);
        enum letter kind = i < word.n ? letter_of(c) : OTHER;
        bool        letter = kind == SMALL || kind == CAPITAL;
        if (letters && (!letter || (kind == CAPITAL && before != CAPITAL))) {
            r.pieces++;
            r.odd += vowels == 0 || (capitals > 1 && capitals < letters);
            letters = vowels = capitals = 0;
        }
        letters += letter;
        capitals += kind == CAPITAL;
        vowels += letter && strchr("aeiouyAEIOUY", c);
        r.changes += i > 0 && i < word.n && kind != before;
        r.kinds |= i < word.n ? kind : 0;
        before = kind;
    }
    return r;
}

/* "MgIJJaye", "CqJRjHgIz", "TvMNTPC" */
bool ms_is_random_name(struct ms_bytes local)
{
    enum { SHORTEST = 7 };
    struct row r = row_of(local);
    return local.n >= SHORTEST && !(r.kinds & (DIGIT | OTHER)) && r.pieces > 1 && r.odd > 1;
}

/* With digits: "kpS5LnEqtk1". */
static bool is_random_word(struct ms_bytes word)
{
    enum { SHORTEST = 10, LONGEST = 40, CHANGES = 6 };
    struct row r = row_of(word);
    return word.n >= SHORTEST && word.n <= LONGEST && r.kinds == (DIGIT | SMALL | CAPITAL) && r.changes >= CHANGES && r.odd > 1;
}

/* "lRS", "lTAUCARD": a small L in front of capitals is read as an I. */
static bool is_disguised_word(struct ms_bytes word)
{
    bool capitals = word.n > 2 && word.p[0] == 'l';
    for (size_t i = 1; i < word.n; i++)
        capitals = capitals && letter_of(word.p[i]) == CAPITAL;
    return capitals;
}

/* Words of ASCII letters and digits. */
static bool any_word(struct ms_bytes text, bool (*is)(struct ms_bytes word))
{
    for (size_t from = 0, at = 0; at <= text.n; at++) {
        if (ms_is_word_byte(ms_at(text, at)))
            continue;
        if (is(ms_slice(text, from, at - from)))
            return true;
        from = at + 1;
    }
    return false;
}

bool ms_has_random_word(struct ms_bytes text) { return any_word(text, is_random_word); }
bool ms_has_disguised_word(struct ms_bytes text) { return any_word(text, is_disguised_word); }

/* ---- characters --------------------------------------------------------------------------------------------------- */

/* Arrows, signs, pictures (not those of flags and families, which people use in names of groups), letters in other shapes. */
static bool is_symbol(uint32_t c)
{
    return (c >= 0x2190 && c <= 0x2bff) || (c >= 0x1d400 && c <= 0x1d7ff) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x1d00 && c <= 0x1d2b);
}

bool ms_is_decorated(struct ms_bytes name)
{
    uint32_t c = 0;
    for (size_t n; name.n; name = ms_tail(name, n ? n : 1)) {
        n = ms_utf8_sequence(name, &c);
        bool repeated = name.n > 2 && name.p[0] == name.p[1] && name.p[1] == name.p[2] && name.p[0] > ' ' && name.p[0] < '0';
        if ((n > 1 && is_symbol(c)) || repeated)
            return true;
    }
    return false;
}

/* Zero-width, bidi and other invisible characters; not the joiners of emoji and Indic scripts between non-ASCII. */
static bool is_hidden_character(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0x200b || c == 0xad || c == 0xfeff || c == 0x34f || c == 0x115f || c == 0x1160 ||
           c == 0x3164 || c == 0xffa0;
}

bool ms_has_hidden(struct ms_bytes text)
{
    uint32_t c = 0;
    for (size_t n; text.n; text = ms_tail(text, n ? n : 1)) {
        n = ms_utf8_sequence(text, &c);
        if (n > 1 && is_hidden_character(c))
            return true;
    }
    return false;
}
