/* content/text/words.h - phrases that fraud uses (words.def), found in one pass over a text.
 *
 * Compares without regard to case, marks on letters, look-alike letters of other scripts, apostrophes, hyphens, invisible
 *          characters, and how much white space is between words. Han, Kana and Hangul run on: there white space is nothing.
 * Speed    a table by the first characters says whether a phrase may begin at a word; only then it is compared.
 * Threads  the table is made once, by whoever comes first.                                                       */
#pragma once
#include "base/bytes.h"

enum { MS_WORDS_MOST = 6144 }; /* phrases in the list */
enum ms_word_class {
    MS_WORDS_CREDENTIAL, MS_WORDS_URGENT,
    MS_WORDS_BOSS_ASKS, MS_WORDS_GIFT_CARDS, MS_WORDS_NEW_BANK, MS_WORDS_WIRE,
    MS_WORDS_CHARGED, MS_WORDS_CALL_US, MS_WORDS_NOT_YOU,
    MS_WORDS_COINS, MS_WORDS_SPIED, MS_WORDS_RANSOM,
    MS_WORDS_MILLIONS, MS_WORDS_DEATH, MS_WORDS_OFFICIAL, MS_WORDS_TRANSFER, MS_WORDS_TRUST_ME, MS_WORDS_LOTTERY, MS_WORDS_DETAILS,
    MS_WORDS_JOB, MS_WORDS_LOAN, MS_WORDS_LOVE,
    MS_WORDS_PARCEL, MS_WORDS_PRIZE, MS_WORDS_TOKENS, MS_WORDS_SAFE_SENDER, MS_WORDS_ASSISTANT, MS_WORDS_STOLEN_OWN, MS_WORDS_STOLEN_NAMES, MS_WORDS_PASSWORD, MS_WORDS_ATTACHED, MS_WORDS_GTUBE,
    MS_WORDS_COUNT
};

struct ms_word_hit { enum ms_word_class class_; unsigned phrase; size_t length; }; /* length: bytes of the text */
void ms_words_prepare(void); /* before the first of ms_words_at(), in each thread */
/* The longest phrase that begins at the first byte of `text`, which begins a word or is Han, Kana or Hangul. */
bool ms_words_at(struct ms_bytes text, struct ms_word_hit *hit);
unsigned ms_words_count(void); /* phrases in the list */
