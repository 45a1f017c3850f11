/* content/link/confusable.h - characters that look like others, and the scripts that they belong to.
 *
 * Knows    Cyrillic, Greek, Armenian, Latin beyond ASCII, fullwidth and mathematical letters (confusables.def): the ones with which
 *          names that people read in Latin letters are imitated. It is no complete table of Unicode (UTS 39).
 * Threads  pure.                                                                                                       */
#pragma once
#include "base/arena.h"

enum ms_script {
    MS_SCRIPT_COMMON, MS_SCRIPT_LATIN, MS_SCRIPT_GREEK, MS_SCRIPT_CYRILLIC, MS_SCRIPT_ARMENIAN, MS_SCRIPT_HEBREW, MS_SCRIPT_ARABIC,
    MS_SCRIPT_EAST_ASIAN, /* Han, Kana, Hangul, Bopomofo: they are written together, and with Latin */
    MS_SCRIPT_OTHER,
};
enum ms_script ms_script_of(uint32_t point);

/* Characters that nobody sees: zero width, soft hyphen, joiners, marks and overrides of direction, variation selectors, tags. */
bool ms_is_invisible(uint32_t point);
bool ms_is_bidi_override(uint32_t point); /* U+202A to U+202E, U+2066 to U+2069 */

/* The ASCII letter or digit that the character looks like; itself when there is none. Upper case looks like lower case here. */
uint32_t ms_look_of(uint32_t point);
/* Lower case, compatibility forms (fullwidth, mathematical, circled letters) resolved: as far as names of hosts need it. */
uint32_t ms_fold_point(uint32_t point);

/* The small ASCII letter under the mark of U+00C0 to U+017F ("é": e); 0 for all else. */
uint8_t ms_letter_under_mark(uint32_t point);

/* UTF-8 text as it looks to people: each character replaced by ms_look_of, invisible ones left out. In the arena. */
struct ms_bytes ms_skeleton(struct ms_bytes text, struct ms_arena *arena);
