/* content/text/reading_signs.c - what a text that people read says about the message. */
#include "content/text/reading.h"

static void say(struct ms_inside *in, enum ms_sign_kind kind, struct ms_bytes evidence) { ms_sign_add(in->signs, kind, in->part, evidence); }

enum { STOLEN_WORDS = 2000 };

/* How many of the classes are there; *first: the words of the first. */
static unsigned classes(const struct ms_reading *r, enum ms_word_class from, enum ms_word_class to, struct ms_bytes *first)
{
    unsigned n = 0;
    for (unsigned c = from; c <= to; c++) {
        if (r->phrases[c] && n++ == 0)
            *first = r->first[c];
    }
    return n;
}

static void judge_request(struct ms_inside *in, const struct ms_reading *r, bool has_links)
{
    enum { SHORT_TEXT = 1500 };
    struct ms_bytes words = { 0 };
    unsigned        n = classes(r, MS_WORDS_BOSS_ASKS, MS_WORDS_WIRE, &words);
    bool            asks = r->phrases[MS_WORDS_BOSS_ASKS] > 1 || n > 1 || r->phrases[MS_WORDS_NEW_BANK] > 1;
    if (!asks || r->bytes >= SHORT_TEXT || has_links)
        return;
    bool paid = r->phrases[MS_WORDS_BOSS_ASKS] && r->phrases[MS_WORDS_GIFT_CARDS] + r->phrases[MS_WORDS_WIRE] + r->phrases[MS_WORDS_NEW_BANK];
    say(in, paid ? MS_SIGN_WORDS_GIFT_CARDS : MS_SIGN_WORDS_REQUEST, words);
}

static void judge_callback(struct ms_inside *in, const struct ms_reading *r)
{
    unsigned charged = r->phrases[MS_WORDS_CHARGED], not_you = r->phrases[MS_WORDS_NOT_YOU], call = r->phrases[MS_WORDS_CALL_US] + not_you;
    bool     number = r->free_phone.n || (r->phone.n && call > 1);
    if (!number || !charged || !call || charged + call < 3)
        return;
    say(in, MS_SIGN_WORDS_CALLBACK, r->free_phone.n ? r->free_phone : r->phone);
    if (not_you)
        say(in, MS_SIGN_WORDS_DISPUTE, r->first[MS_WORDS_NOT_YOU]);
}

static void judge_extortion(struct ms_inside *in, const struct ms_reading *r)
{
    unsigned spied = r->phrases[MS_WORDS_SPIED], ransom = r->phrases[MS_WORDS_RANSOM], coins = r->phrases[MS_WORDS_COINS];
    bool     money = r->wallet.n || coins;
    if (r->wallet.n)
        say(in, MS_SIGN_TEXT_WALLET, r->wallet);
    if (money && spied && (spied + ransom >= 3 || (r->wallet.n && ransom)))
        say(in, MS_SIGN_WORDS_EXTORTION, r->first[MS_WORDS_SPIED]);
}

static void judge_advance_fee(struct ms_inside *in, const struct ms_reading *r, bool has_links)
{
    enum { LETTER = 8000 };
    struct ms_bytes words = { 0 };
    unsigned        n = classes(r, MS_WORDS_MILLIONS, MS_WORDS_DETAILS, &words), all = 0;
    for (unsigned c = MS_WORDS_MILLIONS; c <= MS_WORDS_DETAILS; c++)
        all += r->phrases[c];
    bool money = r->phrases[MS_WORDS_MILLIONS] || r->phrases[MS_WORDS_LOTTERY];
    if (money && n >= 4 && all >= 6)
        say(in, MS_SIGN_WORDS_ADVANCE_FEE, words);
    else if (n >= 2 && (money || all >= 3) && !has_links && r->bytes < LETTER)
        say(in, MS_SIGN_WORDS_FUNDS, words);
}

/* Two of a kind: one such phrase stands in many letters. */
static void judge_offer(struct ms_inside *in, const struct ms_reading *r)
{
    for (unsigned c = MS_WORDS_JOB; c <= MS_WORDS_LOVE; c++)
        if (r->phrases[c] > 1) {
            say(in, MS_SIGN_WORDS_OFFER, r->first[c]);
            return;
        }
}

/* What only such programs write, and names of the computer or the user, beside passwords. Help desks and manuals write the latter. */
static void judge_stolen(struct ms_inside *in, const struct ms_reading *r)
{
    unsigned own = r->phrases[MS_WORDS_STOLEN_OWN], names = r->phrases[MS_WORDS_STOLEN_NAMES];
    if (r->phrases[MS_WORDS_PASSWORD] && own && names && own + names >= 3 && r->words < STOLEN_WORDS)
        say(in, MS_SIGN_WORDS_STOLEN, r->first[MS_WORDS_STOLEN_OWN]);
}

/* One such word stands in many texts, and news name coins. */
static void judge_tokens(struct ms_inside *in, const struct ms_reading *r)
{
    unsigned tokens = r->phrases[MS_WORDS_TOKENS];
    if (tokens > 1 || (tokens && r->phrases[MS_WORDS_COINS]))
        say(in, MS_SIGN_WORDS_TOKENS, r->first[MS_WORDS_TOKENS]);
}

static void judge_letters(struct ms_inside *in, const struct ms_reading *r)
{
    enum { SPLIT_WORDS = 5, TURNS = 3 };
    if (r->split_words > SPLIT_WORDS)
        say(in, MS_SIGN_ZERO_WIDTH, r->split_word);
    if (r->blocks > MS_READING_DRAWN)
        say(in, MS_SIGN_URL_QR, MS_LIT("U+2580 to U+259F"));
    if (r->overrides >= TURNS)
        say(in, MS_SIGN_TEXT_TURNED, MS_LIT("U+202E"));
}

void ms_reading_judge(struct ms_inside *in, const struct ms_reading *r, bool has_links)
{
    static const struct { enum ms_word_class class_; enum ms_sign_kind sign; } rows[] = {
        { MS_WORDS_CREDENTIAL, MS_SIGN_WORDS_CREDENTIAL }, { MS_WORDS_URGENT, MS_SIGN_WORDS_URGENT }, { MS_WORDS_PARCEL, MS_SIGN_WORDS_PARCEL },
        { MS_WORDS_PRIZE, MS_SIGN_WORDS_PRIZE }, { MS_WORDS_SAFE_SENDER, MS_SIGN_WORDS_SAFE }, { MS_WORDS_ASSISTANT, MS_SIGN_WORDS_ASSISTANT },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (r->phrases[rows[i].class_])
            say(in, rows[i].sign, r->first[rows[i].class_]);
    judge_tokens(in, r);
    judge_request(in, r, has_links || r->links);
    judge_callback(in, r);
    judge_extortion(in, r);
    judge_stolen(in, r);
    judge_offer(in, r);
    judge_advance_fee(in, r, has_links || r->links);
    judge_letters(in, r);
    if (r->phone.n)
        say(in, MS_SIGN_TEXT_PHONE, r->phone);
    if (r->template.n)
        say(in, MS_SIGN_TEXT_TEMPLATE, r->template);
    if (r->obfuscated.n)
        say(in, MS_SIGN_URL_OBFUSCATED, r->obfuscated);
    if (r->pattern.n)
        say(in, MS_SIGN_TEST_PATTERN, ms_head(r->pattern, 4));
}
