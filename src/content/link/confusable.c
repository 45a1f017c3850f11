/* content/link/confusable.c - what a character looks like, and to which script it belongs.
 *
 * BUGS     characters that look like several ASCII letters in a row ("rn" for m) are not known. */
#include "content/link/confusable.h"

#include "base/text.h"

struct range { uint32_t first, last; uint8_t script; };

/* Sorted; what is in no row below 0x250 or above is COMMON or OTHER. */
static const struct range scripts[] = {
    { 0x41, 0x5a, MS_SCRIPT_LATIN }, { 0x61, 0x7a, MS_SCRIPT_LATIN }, { 0xaa, 0xaa, MS_SCRIPT_LATIN }, { 0xba, 0xba, MS_SCRIPT_LATIN },
    { 0xc0, 0xd6, MS_SCRIPT_LATIN }, { 0xd8, 0xf6, MS_SCRIPT_LATIN }, { 0xf8, 0x2af, MS_SCRIPT_LATIN },
    { 0x370, 0x373, MS_SCRIPT_GREEK }, { 0x376, 0x377, MS_SCRIPT_GREEK }, { 0x37b, 0x37f, MS_SCRIPT_GREEK }, { 0x386, 0x3e1, MS_SCRIPT_GREEK },
    { 0x3f0, 0x3ff, MS_SCRIPT_GREEK }, { 0x400, 0x52f, MS_SCRIPT_CYRILLIC }, { 0x531, 0x58f, MS_SCRIPT_ARMENIAN },
    { 0x591, 0x5f4, MS_SCRIPT_HEBREW }, { 0x600, 0x6ff, MS_SCRIPT_ARABIC }, { 0x700, 0x10ff, MS_SCRIPT_OTHER },
    { 0x1100, 0x11ff, MS_SCRIPT_EAST_ASIAN }, { 0x1200, 0x1c7f, MS_SCRIPT_OTHER }, { 0x1c80, 0x1c8f, MS_SCRIPT_CYRILLIC },
    { 0x1d00, 0x1d25, MS_SCRIPT_LATIN }, { 0x1d2c, 0x1dbf, MS_SCRIPT_LATIN }, { 0x1e00, 0x1eff, MS_SCRIPT_LATIN }, { 0x1f00, 0x1fff, MS_SCRIPT_GREEK },
    { 0x2160, 0x2188, MS_SCRIPT_LATIN }, { 0x2c60, 0x2c7f, MS_SCRIPT_LATIN }, { 0x2de0, 0x2dff, MS_SCRIPT_CYRILLIC },
    { 0x2e80, 0x2fdf, MS_SCRIPT_EAST_ASIAN }, { 0x3005, 0x3007, MS_SCRIPT_EAST_ASIAN }, { 0x3040, 0x31ff, MS_SCRIPT_EAST_ASIAN },
    { 0x3400, 0x9fff, MS_SCRIPT_EAST_ASIAN }, { 0xa640, 0xa69f, MS_SCRIPT_CYRILLIC }, { 0xa720, 0xa7ff, MS_SCRIPT_LATIN },
    { 0xab30, 0xab6f, MS_SCRIPT_LATIN }, { 0xab70, 0xabff, MS_SCRIPT_OTHER }, { 0xac00, 0xd7ff, MS_SCRIPT_EAST_ASIAN }, { 0xf900, 0xfaff, MS_SCRIPT_EAST_ASIAN },
    { 0xfb50, 0xfdff, MS_SCRIPT_ARABIC }, { 0xfe70, 0xfefe, MS_SCRIPT_ARABIC }, { 0xff21, 0xff3a, MS_SCRIPT_LATIN },
    { 0xff41, 0xff5a, MS_SCRIPT_LATIN }, { 0xff66, 0xffdc, MS_SCRIPT_EAST_ASIAN }, { 0x20000, 0x3ffff, MS_SCRIPT_EAST_ASIAN },
};

enum ms_script ms_script_of(uint32_t point)
{
    size_t low = 0, high = sizeof scripts / sizeof *scripts;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (point > scripts[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    bool hit = low < sizeof scripts / sizeof *scripts && point >= scripts[low].first;
    return hit ? (enum ms_script)scripts[low].script : MS_SCRIPT_COMMON;
}

bool ms_is_bidi_override(uint32_t point)
{
    return (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

bool ms_is_invisible(uint32_t point)
{
    if (point < 0xad)
        return false;
    return point == 0xad || point == 0x34f || point == 0x61c || (point >= 0x115f && point <= 0x1160) || (point >= 0x17b4 && point <= 0x17b5) ||
           (point >= 0x180b && point <= 0x180f) || (point >= 0x200b && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0x3164 || (point >= 0xfe00 && point <= 0xfe0f) || point == 0xfeff ||
           point == 0xffa0 || (point >= 0xe0000 && point <= 0xe0fff);
}

/* Mathematical letters come in alphabets of 52 (U+1D400) and digits in sets of ten (U+1D7CE), without holes that matter here. */
static uint32_t plain_math(uint32_t point)
{
    if (point >= 0x1d400 && point <= 0x1d6a3) {
        uint32_t letter = (point - 0x1d400) % 52;
        return letter < 26 ? 'a' + letter : 'a' + letter - 26;
    }
    return point >= 0x1d7ce && point <= 0x1d7ff ? '0' + (point - 0x1d7ce) % 10 : point;
}

static uint32_t lower_beyond_latin1(uint32_t point)
{
    bool pairs_from_even = (point >= 0x100 && point <= 0x137) || (point >= 0x14a && point <= 0x177) || (point >= 0x1e00 && point <= 0x1eff) ||
                           (point >= 0x460 && point <= 0x481) || (point >= 0x48a && point <= 0x4bf) || (point >= 0x4d0 && point <= 0x52f);
    bool pairs_from_odd = (point >= 0x139 && point <= 0x148) || (point >= 0x179 && point <= 0x17e) || (point >= 0x4c1 && point <= 0x4ce);
    if (point == 0x130)
        return 'i';
    if (pairs_from_even)
        return point | 1;
    if (pairs_from_odd)
        return point + (point & 1);
    if (point >= 0x391 && point <= 0x3ab)
        return point + 0x20;
    if (point >= 0x410 && point <= 0x42f)
        return point + 0x20;
    if (point >= 0x400 && point <= 0x40f)
        return point + 0x50;
    if (point == 0x4c0)
        return 0x4cf;
    return point >= 0x531 && point <= 0x556 ? point + 0x30 : point;
}

uint32_t ms_fold_point(uint32_t point)
{
    if (point < 0x80)
        return ms_lower((uint8_t)point);
    if (point < 0x100)
        return point >= 0xc0 && point <= 0xde && point != 0xd7 ? point + 0x20 : point;
    if (point >= 0xff01 && point <= 0xff5e)
        return ms_lower((uint8_t)(point - 0xff01 + 0x21));
    if (point >= 0x24b6 && point <= 0x24e9) /* circled letters */
        return 'a' + (point - 0x24b6) % 26;
    if (point >= 0x1d400)
        return plain_math(point);
    return lower_beyond_latin1(point);
}

uint32_t ms_look_of(uint32_t point)
{
    static const struct { uint32_t point; char look; } rows[] = {
#define X(point, look) { point, look },
#include "content/link/confusables.def"
#undef X
    };
    uint32_t folded = ms_fold_point(point);
    size_t   low = 0, high = sizeof rows / sizeof *rows;
    if (folded < 0x80)
        return folded;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (rows[middle].point < folded)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof rows / sizeof *rows && rows[low].point == folded ? (uint32_t)rows[low].look : folded;
}

uint8_t ms_letter_under_mark(uint32_t point)
{
    static const char latin1[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo*ouuuuypy"; /* by the sixteens; * is no letter */
    static const char extended[] = "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
    if (point >= 0xc0 && point < 0x100 && point != 0xd7 && point != 0xf7)
        return (uint8_t)latin1[point - 0xc0];
    return point >= 0x100 && point < 0x180 ? (uint8_t)extended[point - 0x100] : 0;
}

struct ms_bytes ms_skeleton(struct ms_bytes text, struct ms_arena *arena)
{
    uint8_t *out = ms_arena_alloc(arena, text.n + 1); /* a look is never longer than its character */
    size_t   n = 0;
    for (size_t i = 0; i < text.n;) {
        uint32_t point = 0;
        size_t   used = ms_utf8_sequence(ms_tail(text, i), &point);
        if (used == 0)
            out[n++] = text.p[i];
        else if (!ms_is_invisible(point))
            n += ms_utf8_put(out + n, ms_look_of(point));
        i += used ? used : 1;
    }
    return (struct ms_bytes){ out, n };
}
