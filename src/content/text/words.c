/* content/text/words.c - phrases: a table over their first four bytes, and sorted lists behind it. */
#include "content/text/words.h"
#include "content/link/confusable.h"

#include "base/text.h"

#include <pthread.h>
#include <stdlib.h>

static const struct phrase { struct ms_bytes text; uint8_t class_; bool open; } phrases[] = {
#define X(class_, text) { { (const uint8_t *)(text), sizeof(text) - 1 - ((text)[sizeof(text) - 2] == '*') }, MS_WORDS_##class_, (text)[sizeof(text) - 2] == '*' },
#include "content/text/words.def"
#undef X
};
enum { PHRASES = sizeof phrases / sizeof *phrases, KEY = 4, SLOT_BITS = 12, LONGEST_GAP = 32 };
_Static_assert((int)PHRASES <= (int)MS_WORDS_MOST, "readers note each phrase by its place in the list");
enum { START = 3, LETTER_BITS = 5, DIGIT = 27, BLANK = 28, UNCLEAR = 31 }; /* the first START bytes of a text, as numbers of five bits */

/* Phrases that begin alike: sorted[from] to sorted[to - 1], a shorter one in front of those that it begins. */
struct group { uint32_t key; uint16_t from, to, next; }; /* next: of the same slot, 0 none; group 0 is not used */

static uint16_t       sorted[PHRASES], first_in_slot[1 << SLOT_BITS];
static struct group   groups[PHRASES + 1];
static uint8_t        folds[256]; /* folded_ascii(); NOTHING for what needs a closer look */
static uint8_t        letters[256];                         /* of folds: a to z as 1 to 26, DIGIT, BLANK, UNCLEAR, else 0 */
static uint8_t        starts[1 << (START * LETTER_BITS)]; /* may a phrase begin with these? */
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

static int compare_phrases(const void *a, const void *b)
{
    uint16_t x = *(const uint16_t *)a, y = *(const uint16_t *)b;
    struct ms_bytes s = phrases[x].text, t = phrases[y].text;
    int             order = memcmp(s.p, t.p, s.n < t.n ? s.n : t.n);
    return order ? order : s.n != t.n ? (s.n > t.n) - (s.n < t.n) : (x > y) - (x < y);
}

static void make_groups(void)
{
    uint16_t count = 0;
    for (uint16_t i = 0; i < PHRASES; i++) {
        uint32_t key = key_of(phrases[sorted[i]].text);
        if (count == 0 || groups[count].key != key) {
            uint16_t *slot = &first_in_slot[slot_of(key)];
            groups[++count] = (struct group){ .key = key, .from = i, .next = *slot };
            *slot = count;
        }
        groups[count].to = (uint16_t)(i + 1);
    }
}

static uint8_t letter_of(uint8_t fold)
{
    if (fold == NOTHING)
        return UNCLEAR;
    return ms_is_letter(fold) ? (uint8_t)(fold - 'a' + 1) : ms_is_digit(fold) ? DIGIT : fold == ' ' ? BLANK : 0;
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
    for (unsigned start = 0; start < sizeof starts; start++)
        starts[start] = is_unclear(start);
    for (size_t i = 0; i < PHRASES; i++) {
        uint32_t key = key_of(phrases[i].text);
        starts[start_of((const uint8_t[]){ (uint8_t)(key >> 24), (uint8_t)(key >> 16), (uint8_t)(key >> 8) })] = true;
    }
}

static void make(void)
{
    for (unsigned c = 0; c < 0x80; c++)
        folds[c] = folded_ascii((uint8_t)c);
    make_starts();
    for (uint16_t i = 0; i < PHRASES; i++)
        sorted[i] = i;
    qsort(sorted, PHRASES, sizeof *sorted, compare_phrases);
    make_groups();
}

static uint8_t folded_wide(uint32_t point)
{
    if (ms_is_invisible(point) || point == 0x2018 || point == 0x2019 || point == 0x2010 || point == 0x2011 || (point >= 0x300 && point < 0x370))
        return NOTHING;
    if (point == 0xa0 || (point >= 0x2000 && point <= 0x200a) || point == 0x202f || point == 0x3000)
        return ' ';
    uint8_t letter = ms_letter_under_mark(point);
    if (letter)
        return letter;
    uint32_t look = ms_look_of(point);
    return look < 0x80 ? folded_ascii((uint8_t)look) : OTHER;
}

/* The next character as it is compared, and how many bytes it takes. */
static inline uint8_t folded(struct ms_bytes text, size_t *used)
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

/* Of a group, those phrases that go on with c at `k`. */
static void narrow(struct group *g, size_t k, uint8_t c)
{
    while (g->from < g->to && (k >= phrases[sorted[g->from]].text.n || phrases[sorted[g->from]].text.p[k] < c))
        g->from++;
    while (g->from < g->to && phrases[sorted[g->to - 1]].text.p[k] > c)
        g->to--;
}

/* Is the first phrase of the group whole after k characters, and may it end in front of `rest`? */
static bool is_whole(const struct group *g, size_t k, struct ms_bytes rest)
{
    if (g->from == g->to)
        return false;
    const struct phrase *p = &phrases[sorted[g->from]];
    return p->text.n == k && (p->open || ends_word(rest));
}

void ms_words_prepare(void) { pthread_once(&made, make); }

/* The group of the phrases that may begin here; *same: so many bytes are those of each of them, one for one. */
static const struct group *group_of(struct ms_bytes text, size_t *same)
{
    uint32_t      key;
    enum key_kind kind = read_plain_key(text, &key);
    if (kind == KEY_NONE || (kind == KEY_ASK && !read_key(text, &key)))
        return NULL;
    const struct group *g = &groups[first_in_slot[slot_of(key)]];
    while (g != groups && g->key != key)
        g = &groups[g->next];
    *same = kind == KEY_PLAIN && phrases[sorted[g->from]].text.n > KEY ? KEY : 0;
    return g == groups ? NULL : g;
}

bool ms_words_at(struct ms_bytes text, struct ms_word_hit *hit)
{
    size_t              same = 0;
    const struct group *begins = text.n >= START && !starts[start_of(text.p)] ? NULL : group_of(text, &same);
    if (!begins)
        return false;
    struct group left = *begins;
    uint8_t      last = same ? (uint8_t)left.key : NOTHING;
    hit->length = 0;
    for (size_t at = same, k = same, gap = 0, used; left.from < left.to && at < text.n && gap < LONGEST_GAP; at += used) {
        uint8_t c = folded(ms_tail(text, at), &used);
        if (c == NOTHING || (c == ' ' && last == ' ')) {
            gap++;
            continue;
        }
        narrow(&left, k++, c);
        last = c;
        gap = 0;
        if (is_whole(&left, k, ms_tail(text, at + used)))
            *hit = (struct ms_word_hit){ (enum ms_word_class)phrases[sorted[left.from]].class_, sorted[left.from], at + used };
    }
    return hit->length > 0;
}

unsigned ms_words_count(void) { return PHRASES; }
