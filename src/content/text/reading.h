/* content/text/reading.h - a text as people read it, in one pass: links, phrases, telephone numbers, wallets, characters that nobody sees.
 *
 * Feed     UTF-8; bytes that are none count as parts of words.
 * Speed    by word: a word is looked up once, what is between words only when it is no blank.
 * Memory   none of its own but links and signs.                                                                     */
#pragma once
#include "content/content.h"
#include "content/text/words.h"

enum { MS_READING_PHRASES = MS_WORDS_MOST, MS_READING_HITS = 4, MS_READING_DRAWN = 150 /* more blocks are a code for cameras */ };

struct ms_reading {
    size_t          bytes, words;
    uint64_t        digest;                                 /* of the words without digits in them, in their order */
    uint8_t         phrases[MS_WORDS_COUNT];                /* different ones, by class, 255 at most */
    struct ms_bytes first[MS_WORDS_COUNT];                  /* as it stands in the text */
    uint64_t        seen[MS_READING_PHRASES / 64];
    struct ms_bytes phone, free_phone, wallet, pattern, template, obfuscated;
    size_t          links;
    size_t          split_words;                            /* invisible characters between letters */
    struct ms_bytes split_word;
    size_t          blocks, overrides;                      /* U+2580 to U+259F; marks that turn the direction of writing */
};

struct ms_span { size_t from, to; };
/* Spans of the text whose links are known already (texts of anchors), in order. */
struct ms_spans { const struct ms_span *at; size_t n; };

/* Links of the text go to in->links, candidates for passwords to in->passwords. */
void ms_reading_take(struct ms_inside *in, struct ms_bytes text, struct ms_spans known, struct ms_reading *out);
/* Adds a text of more than a few words to in->digest, and what it is like to in->letter. */
void ms_reading_digest(const struct ms_inside *in, const struct ms_reading *r);
/* Signs of what was read. `html`: there may be links that are not in the text. */
void ms_reading_judge(struct ms_inside *in, const struct ms_reading *r, bool has_links);
/* wallet.c: a word that is the address of a wallet, its checksum included. */
bool ms_wallet_is_valid(struct ms_bytes word);
/* text.c: the text of a piece as UTF-8. In the arena of the part, or the piece's own bytes. */
struct ms_bytes ms_text_readable(const struct ms_inside *in, const struct ms_piece *piece);
