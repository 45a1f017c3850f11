/* content/words.c - phrases, by a table over their first four bytes. */
#include "content/words.h"
#include "content/confusable.h"

#include "base/text.h"

#include <pthread.h>

static const struct phrase { struct ms_bytes text; uint8_t class_; bool open; } phrases[] = {
#define X(class_, text) { { (const uint8_t *)(text), sizeof(text) - 1 - ((text)[sizeof(text) - 2] == '*') }, MS_WORDS_##class_, (text)[sizeof(text) - 2] == '*' },
#include "content/words.def"
#undef X
};
enum { PHRASES = sizeof phrases / sizeof *phrases, KEY = 4, SLOT_BITS = 12, LONGEST_GAP = 32, NONE = UINT16_MAX };

static uint16_t       first_in_slot[1 << SLOT_BITS], next_in_slot[PHRASES];
static uint32_t       keys[PHRASES];
static uint8_t        folds[256]; /* folded_ascii(); NOTHING for what needs a closer look */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static unsigned slot_of(uint32_t key) { return (key * 2654435761u) >> (32 - SLOT_BITS); }

/* Phrases are compared as a stream of letters, digits and single blanks. A key shorter than KEY is filled up with blanks. */
static uint32_t key_of(struct ms_bytes phrase)
{
    uint32_t key = 0;
    for (size_t i = 0; i < KEY; i++)
        key = key << 8 | (i < phrase.n ? phrase.p[i] : (uint32_t)' ');
    return key;
}

/* ---- the text as it is compared -------------------------------------------------------------------------------- */

enum { NOTHING = 0, OTHER = 1 }; /* instead of a character: compared with nothing; equal to nothing */

static uint8_t folded_ascii(uint8_t c)
{
    uint8_t low = ms_lower(c);
    if ((low >= 'a' && low <= 'z') || ms_is_digit(c))
        return low;
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return ' ';
    return c == '\'' || c == '-' || c == '`' || c == '>' ? NOTHING : OTHER; /* '>': a line of a quoted text */
}

static void make(void)
{
    for (unsigned c = 0; c < 0x80; c++)
        folds[c] = folded_ascii((uint8_t)c);
    for (size_t i = 0; i < 1 << SLOT_BITS; i++)
        first_in_slot[i] = NONE;
    for (unsigned i = PHRASES; i-- > 0;) {
        keys[i] = key_of(phrases[i].text);
        unsigned slot = slot_of(keys[i]);
        next_in_slot[i] = first_in_slot[slot];
        first_in_slot[slot] = (uint16_t)i;
    }
}

/* The letter under the mark: U+00C0 to U+017F, by the sixteens. */
static uint8_t without_mark(uint32_t point)
{
    static const char latin1[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy";
    static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    if (point >= 0xc0 && point < 0x100)
        return point == 0xd7 || point == 0xf7 ? OTHER : (uint8_t)latin1[point - 0xc0];
    return point >= 0x100 && point < 0x180 ? (uint8_t)extended[point - 0x100] : OTHER;
}

static uint8_t folded_wide(uint32_t point)
{
    if (ms_is_invisible(point) || point == 0x2018 || point == 0x2019 || point == 0x2010 || point == 0x2011 || (point >= 0x300 && point < 0x370))
        return NOTHING;
    if (point == 0xa0 || (point >= 0x2000 && point <= 0x200a) || point == 0x202f || point == 0x3000)
        return ' ';
    if (point >= 0xc0 && point < 0x180)
        return without_mark(point);
    uint32_t look = ms_look_of(point);
    return look < 0x80 ? folded_ascii((uint8_t)look) : OTHER;
}

/* The next character as it is compared, and how many bytes it takes. */
static uint8_t folded(struct ms_bytes text, size_t *used)
{
    uint32_t point = 0;
    *used = 1;
    if (text.p[0] < 0x80)
        return folded_ascii(text.p[0]);
    size_t n = ms_utf8_sequence(text, &point);
    if (n == 0)
        return OTHER;
    *used = n;
    return folded_wide(point);
}

/* Bytes of the text that `phrase` matches; 0: it does not. */
static size_t matched(struct ms_bytes phrase, struct ms_bytes text)
{
    size_t at = 0, used, gap = 0, k = 0;
    while (k < phrase.n && at < text.n && gap < LONGEST_GAP) {
        uint8_t c = folded(ms_tail(text, at), &used);
        bool    more_blank = c == ' ' && k > 0 && phrase.p[k - 1] == ' ';
        if (c != NOTHING && !more_blank && c != phrase.p[k])
            return 0;
        bool counts = c != NOTHING && !more_blank;
        k += counts;
        gap = counts ? 0 : gap + 1;
        at += used;
    }
    return k == phrase.n ? at : 0;
}

static bool ends_word(struct ms_bytes text)
{
    size_t  used;
    uint8_t c = OTHER;
    for (size_t at = 0; at < text.n && at < LONGEST_GAP; at += used) {
        c = folded(ms_tail(text, at), &used);
        if (c != NOTHING || text.p[at] == '-' || text.p[at] == '>')
            break;
    }
    return text.n == 0 || c == ' ' || c == OTHER || c == NOTHING;
}

static bool read_key(struct ms_bytes text, uint32_t *key)
{
    uint32_t value = 0;
    size_t   n = 0;
    for (size_t at = 0, used; at < text.n && n < KEY && at < LONGEST_GAP; at += used) {
        uint8_t c = folded(ms_tail(text, at), &used);
        if (c == OTHER)
            return false;
        if (c == NOTHING || (c == ' ' && (value & 0xff) == ' '))
            continue;
        value = value << 8 | c;
        n++;
    }
    *key = value;
    return n == KEY;
}

/* The same for plain ASCII without a gap, as nearly always. */
enum key_kind { KEY_PLAIN, KEY_NONE, KEY_ASK };

static enum key_kind read_plain_key(struct ms_bytes text, uint32_t *key)
{
    uint32_t value = 0;
    if (text.n < KEY)
        return KEY_ASK;
    for (size_t i = 0; i < KEY; i++) {
        uint8_t c = folds[text.p[i]];
        if (c <= OTHER)
            return c == OTHER ? KEY_NONE : KEY_ASK;
        if (c == ' ' && (value & 0xff) == ' ')
            return KEY_ASK;
        value = value << 8 | c;
    }
    *key = value;
    return KEY_PLAIN;
}

/* What follows the key says already, as it does nearly always: letters in ASCII, and others than those of the phrase. */
static bool differs_soon(struct ms_bytes phrase, struct ms_bytes text)
{
    size_t end = phrase.n < text.n ? phrase.n : text.n;
    for (size_t i = KEY; i < end; i++) {
        uint8_t low = text.p[i] | 0x20;
        if (low < 'a' || low > 'z')
            return false;
        if (low != phrase.p[i])
            return true;
    }
    return false;
}

void ms_words_prepare(void) { pthread_once(&made, make); }

bool ms_words_at(struct ms_bytes text, struct ms_word_hit *hit)
{
    uint32_t key;
    enum key_kind kind = read_plain_key(text, &key);
    bool          plain = kind == KEY_PLAIN;
    if (kind == KEY_NONE || (kind == KEY_ASK && !read_key(text, &key)))
        return false;
    size_t best = 0;
    for (unsigned i = first_in_slot[slot_of(key)]; i != NONE; i = next_in_slot[i]) {
        if (keys[i] != key || (plain && differs_soon(phrases[i].text, text)))
            continue;
        size_t n = matched(phrases[i].text, text);
        if (n <= best || (!phrases[i].open && !ends_word(ms_tail(text, n))))
            continue;
        best = n;
        *hit = (struct ms_word_hit){ (enum ms_word_class)phrases[i].class_, i, n };
    }
    return best > 0;
}

unsigned ms_words_count(void) { return PHRASES; }
