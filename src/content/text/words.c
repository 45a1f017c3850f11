/* content/text/words.c - phrases: a table over their first four characters, and sorted lists behind it. */
#include "content/text/words.h"
#include "content/link/confusable.h"

#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>

static const struct row { struct ms_bytes text; uint8_t class_; bool open; } rows[] = {
#define X(class_, text) { { (const uint8_t *)(text), sizeof(text) - 1 - ((text)[sizeof(text) - 2] == '*') }, MS_WORDS_##class_, (text)[sizeof(text) - 2] == '*' },
#include "content/text/words.def"
#undef X
};
enum { PHRASES = sizeof rows / sizeof *rows, KEY = 4, SLOT_BITS = 13, LONGEST_GAP = 32 };
_Static_assert((int)PHRASES <= (int)MS_WORDS_MOST, "readers note each phrase by its place in the list");
enum {
    UNITS = 0
#define X(class_, text) +sizeof(text)
#include "content/text/words.def"
#undef X
};
enum { START = 3, LETTER_BITS = 5, DIGIT = 27, BLANK = 28, UNCLEAR = 31 }; /* the first START bytes of a text, as numbers of five bits */

/* A phrase as it is compared: characters of the Basic Multilingual Plane. */
struct phrase { const uint16_t *p; uint16_t n, row; bool open; };

/* Phrases that begin alike: sorted[from] to sorted[to - 1], a shorter one in front of those that it begins. */
struct group {
    uint64_t key;
    uint32_t fifth, sixth;   /* by letter_of(): which characters may come after the key */
    uint16_t from, to, next; /* next: of the same slot, 0 none; group 0 is not used */
};

static struct phrase  phrases[PHRASES]; /* sorted */
static uint16_t       units[UNITS], first_in_slot[1 << SLOT_BITS];
static struct group   groups[PHRASES + 1];
static uint8_t        folds[256]; /* folded_ascii(); NOTHING for what needs a closer look */
static uint8_t        letters[256];                         /* of folds: a to z as 1 to 26, DIGIT, BLANK, UNCLEAR, else 0 */
static uint32_t       starts[1 << (START * LETTER_BITS)];   /* of phrases that begin with these: letters_at() of the next */
static uint8_t        begins[(UINT16_MAX + 1) / 8];       /* one bit a character: may a phrase begin with it? */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static unsigned slot_of(uint64_t key) { return (unsigned)((key * 0x9e3779b97f4a7c15u) >> (64 - SLOT_BITS)); }

/* Phrases are compared as a stream of letters, digits and single blanks. A key shorter than KEY is filled up with blanks. */
static uint64_t key_of(const struct phrase *phrase)
{
    uint64_t key = 0;
    for (size_t i = 0; i < KEY; i++)
        key = key << 16 | (i < phrase->n ? phrase->p[i] : (uint64_t)' ');
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

/* The lower case letter under the mark of what ms_letter_under_mark() does not know: Romanian, Greek, Cyrillic. */
static uint32_t plain_letter(uint32_t point)
{
    static const struct { uint16_t point, plain; } marked[] = {
        { 0x218, 's' }, { 0x219, 's' }, { 0x21a, 't' }, { 0x21b, 't' },
        { 0x386, 0x3b1 }, { 0x388, 0x3b5 }, { 0x389, 0x3b7 }, { 0x38a, 0x3b9 }, { 0x38c, 0x3bf }, { 0x38e, 0x3c5 }, { 0x38f, 0x3c9 }, { 0x390, 0x3b9 },
        { 0x3aa, 0x3b9 }, { 0x3ab, 0x3c5 }, { 0x3ac, 0x3b1 }, { 0x3ad, 0x3b5 }, { 0x3ae, 0x3b7 }, { 0x3af, 0x3b9 }, { 0x3b0, 0x3c5 }, { 0x3c2, 0x3c3 },
        { 0x3ca, 0x3b9 }, { 0x3cb, 0x3c5 }, { 0x3cc, 0x3bf }, { 0x3cd, 0x3c5 }, { 0x3ce, 0x3c9 },
        { 0x401, 0x435 }, { 0x419, 0x438 }, { 0x439, 0x438 }, { 0x451, 0x435 },
    };
    for (size_t i = 0; i < sizeof marked / sizeof *marked && marked[i].point <= point; i++)
        if (marked[i].point == point)
            return marked[i].plain;
    return point;
}

static bool is_spelled(uint32_t point) { return point >= 0x370 && point < 0x530; } /* Greek, Cyrillic: words as in Latin */
/* Kana, Han, Hangul: a phrase may begin and end at any character, and a blank or the end of a line may stand anywhere. */
static bool is_running(uint32_t point) { return (point >= 0x3041 && point <= 0x30ff) || (point >= 0x3400 && point <= 0x9fff) || (point >= 0xac00 && point <= 0xd7a3); }
static bool swallows_blank(uint16_t last) { return last == ' ' || is_running(last); }

static uint16_t folded_wide(uint32_t point)
{
    if (is_running(point))
        return (uint16_t)point;
    if (ms_is_invisible(point) || point == 0x2018 || point == 0x2019 || point == 0x2010 || point == 0x2011 || (point >= 0x300 && point < 0x370))
        return NOTHING;
    if (point == 0xa0 || (point >= 0x2000 && point <= 0x200a) || point == 0x202f || point == 0x3000)
        return ' ';
    uint8_t letter = ms_letter_under_mark(point);
    if (letter)
        return letter;
    uint32_t look = ms_look_of(plain_letter(point));
    return look < 0x80 ? folded_ascii((uint8_t)look) : is_spelled(look) ? (uint16_t)look : OTHER;
}

/* The next character as it is compared, and how many bytes it takes. */
static inline uint16_t folded(struct ms_bytes text, size_t *used)
{
    uint32_t point = 0;
    *used = 1;
    if (text.p[0] < 0x80)
        return folds[text.p[0]];
    size_t n = ms_utf8_sequence(text, &point);
    if (n == 0)
        return OTHER;
    *used = n;
    return folded_wide(point);
}

/* ---- the tables ------------------------------------------------------------------------------------------------- */

/* The row's text as folded() gives it. */
static uint16_t *take_phrase(struct phrase *phrase, const struct row *row, uint16_t *out)
{
    uint16_t *from = out, last = NOTHING;
    for (size_t at = 0, used; at < row->text.n; at += used) {
        uint16_t c = folded(ms_tail(row->text, at), &used);
        if (c == NOTHING || (c == ' ' && swallows_blank(last)))
            continue;
        *out++ = last = c;
    }
    *phrase = (struct phrase){ from, (uint16_t)(out - from), (uint16_t)(row - rows), row->open || is_running(last) };
    return out;
}

static int compare_phrases(const void *a, const void *b)
{
    const struct phrase *s = a, *t = b;
    for (size_t i = 0; i < s->n && i < t->n; i++)
        if (s->p[i] != t->p[i])
            return s->p[i] < t->p[i] ? -1 : 1;
    return s->n != t->n ? (s->n > t->n) - (s->n < t->n) : (s->row > t->row) - (s->row < t->row);
}

static uint8_t letter_of(uint8_t fold)
{
    if (fold == NOTHING)
        return UNCLEAR;
    return ms_is_letter(fold) ? (uint8_t)(fold - 'a' + 1) : ms_is_digit(fold) ? DIGIT : fold == ' ' ? BLANK : 0;
}

/* Which letters may stand at `i` of a text that is this phrase so far. */
static uint32_t letters_at(const struct phrase *phrase, size_t i)
{
    if (i >= phrase->n)
        return UINT32_MAX;
    uint16_t c = phrase->p[i];
    return (uint32_t)1 << UNCLEAR | (phrase->p[i - 1] == ' ' ? (uint32_t)1 << BLANK : 0) | (c < 0x80 ? (uint32_t)1 << letter_of((uint8_t)c) : 0);
}

static void make_groups(void)
{
    uint16_t count = 0;
    for (uint16_t i = 0; i < PHRASES; i++) {
        uint64_t key = key_of(&phrases[i]);
        if (count == 0 || groups[count].key != key) {
            uint16_t *slot = &first_in_slot[slot_of(key)];
            groups[++count] = (struct group){ .key = key, .from = i, .next = *slot };
            *slot = count;
        }
        groups[count].fifth |= letters_at(&phrases[i], KEY);
        groups[count].sixth |= letters_at(&phrases[i], KEY + 1);
        groups[count].to = (uint16_t)(i + 1);
    }
}

static unsigned start_of(const uint8_t *p)
{
    return (unsigned)letters[p[0]] << 2 * LETTER_BITS | (unsigned)letters[p[1]] << LETTER_BITS | letters[p[2]];
}

static bool is_unclear(unsigned start)
{
    unsigned a = start >> 2 * LETTER_BITS, b = start >> LETTER_BITS & 31, c = start & 31;
    return a == UNCLEAR || b == UNCLEAR || c == UNCLEAR || (b == BLANK && c == BLANK);
}

static void make_starts(void)
{
    for (unsigned c = 0; c < 256; c++)
        letters[c] = letter_of(folds[c]);
    for (unsigned start = 0; start < sizeof starts / sizeof *starts; start++)
        starts[start] = is_unclear(start) ? UINT32_MAX : 0;
    for (size_t i = 0; i < PHRASES; i++) {
        const uint16_t *p = phrases[i].p;
        begins[p[0] / 8] |= (uint8_t)(1 << p[0] % 8);
        if (p[0] < 0x80 && p[1] < 0x80 && p[2] < 0x80) /* else the text is unclear */
            starts[start_of((const uint8_t[]){ (uint8_t)p[0], (uint8_t)p[1], (uint8_t)p[2] })] |= letters_at(&phrases[i], START);
    }
}

static void make(void)
{
    for (unsigned c = 0; c < 0x80; c++)
        folds[c] = folded_ascii((uint8_t)c);
    uint16_t *free = units;
    for (uint16_t i = 0; i < PHRASES; i++)
        free = take_phrase(&phrases[i], &rows[i], free);
    make_starts();
    qsort(phrases, PHRASES, sizeof *phrases, compare_phrases);
    make_groups();
}

static bool ends_word(struct ms_bytes text)
{
    size_t   used;
    uint16_t c = OTHER;
    for (size_t at = 0; at < text.n && at < LONGEST_GAP; at += used) {
        c = folded(ms_tail(text, at), &used);
        if (c != NOTHING || text.p[at] == '-' || text.p[at] == '>')
            break;
    }
    return text.n == 0 || c == ' ' || c == OTHER || c == NOTHING || is_running(c);
}

static bool read_key(struct ms_bytes text, uint64_t *key)
{
    uint64_t value = 0;
    size_t   n = 0;
    for (size_t at = 0, used; at < text.n && n < KEY && at < LONGEST_GAP; at += used) {
        uint16_t c = folded(ms_tail(text, at), &used);
        if (c == OTHER)
            return false;
        if (c == NOTHING || (c == ' ' && swallows_blank((uint16_t)value)))
            continue;
        value = value << 16 | c;
        n++;
    }
    *key = value;
    return n == KEY;
}

/* The same for plain ASCII without a gap, as nearly always. */
enum key_kind { KEY_PLAIN, KEY_NONE, KEY_ASK };

static enum key_kind read_plain_key(struct ms_bytes text, uint64_t *key)
{
    uint64_t value = 0;
    if (text.n < KEY)
        return KEY_ASK;
    for (size_t i = 0; i < KEY; i++) {
        uint8_t c = folds[text.p[i]];
        if (c <= OTHER)
            return c == OTHER ? KEY_NONE : KEY_ASK;
        if (c == ' ' && (value & 0xff) == ' ')
            return KEY_ASK;
        value = value << 16 | c;
    }
    *key = value;
    return KEY_PLAIN;
}

/* The first of a sorted group whose character at `k` is `least` or more. */
static uint16_t first_from(const struct group *g, size_t k, uint32_t least)
{
    uint16_t low = g->from, high = g->to;
    while (low < high) {
        uint16_t middle = (uint16_t)((low + high) / 2);
        if (k >= phrases[middle].n || phrases[middle].p[k] < least)
            low = (uint16_t)(middle + 1);
        else
            high = middle;
    }
    return low;
}

/* Of a group, those phrases that go on with c at `k`. */
static void narrow(struct group *g, size_t k, uint16_t c)
{
    g->from = first_from(g, k, c);
    g->to = first_from(g, k, (uint32_t)c + 1);
}

/* Is the first phrase of the group whole after k characters, and may it end in front of `rest`? */
static bool is_whole(const struct group *g, size_t k, struct ms_bytes rest)
{
    if (g->from == g->to)
        return false;
    const struct phrase *p = &phrases[g->from];
    return p->n == k && (p->open || ends_word(rest));
}

void ms_words_prepare(void) { pthread_once(&made, make); }

/* May a phrase of the group go on with `rest`, which follows the key? */
static bool goes_on(const struct group *g, struct ms_bytes rest)
{
    if (rest.n < 2)
        return true;
    unsigned fifth = letters[rest.p[0]], sixth = letters[rest.p[1]];
    bool     plain = fifth != UNCLEAR && fifth != BLANK;
    return (g->fifth >> fifth & 1) && (!plain || (g->sixth >> sixth & 1));
}

/* The group of the phrases that may begin here; *same: so many bytes are those of each of them, one for one. */
static const struct group *group_of(struct ms_bytes text, size_t *same)
{
    uint64_t      key;
    enum key_kind kind = read_plain_key(text, &key);
    if (kind == KEY_NONE || (kind == KEY_ASK && !read_key(text, &key)))
        return NULL;
    const struct group *g = &groups[first_in_slot[slot_of(key)]];
    while (g != groups && g->key != key)
        g = &groups[g->next];
    if (g == groups || (kind == KEY_PLAIN && !goes_on(g, ms_tail(text, KEY))))
        return NULL;
    *same = kind == KEY_PLAIN && phrases[g->from].n > KEY ? KEY : 0;
    return g;
}

/* Tells most words apart from phrases by their first characters. */
static bool may_begin(struct ms_bytes text)
{
    size_t used;
    if (text.n <= START)
        return true;
    if (!(starts[start_of(text.p)] >> letters[text.p[START]] & 1))
        return false;
    if (text.p[0] < 0x80)
        return true;
    uint16_t c = folded(text, &used);
    return c == NOTHING || (begins[c / 8] >> c % 8 & 1);
}

static struct ms_word_hit hit_of(const struct phrase *p, size_t length)
{
    return (struct ms_word_hit){ (enum ms_word_class)rows[p->row].class_, p->row, length };
}

bool ms_words_at(struct ms_bytes text, struct ms_word_hit *hit)
{
    size_t              same = 0;
    const struct group *group = may_begin(text) ? group_of(text, &same) : NULL;
    if (!group)
        return false;
    struct group left = *group;
    uint16_t     last = same ? (uint16_t)left.key : NOTHING;
    hit->length = 0;
    for (size_t at = same, k = same, gap = 0, used; left.from < left.to && at < text.n && gap < LONGEST_GAP; at += used) {
        uint16_t c = folded(ms_tail(text, at), &used);
        if (c == NOTHING || (c == ' ' && swallows_blank(last))) {
            gap++;
            continue;
        }
        narrow(&left, k++, c);
        last = c;
        gap = 0;
        if (is_whole(&left, k, ms_tail(text, at + used)))
            *hit = hit_of(&phrases[left.from], at + used);
    }
    return hit->length > 0;
}

unsigned ms_words_count(void) { return PHRASES; }
