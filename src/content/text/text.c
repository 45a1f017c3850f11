/* content/text/text.c - plain text, and text of any kind as UTF-8. */
#include "base/text.h"
#include "content/files.h"
#include "content/text/reading.h"
#include "mail/header.h"

/* What is valid UTF-8 is taken for it, whatever it is called, unless it is called something that looks like ASCII and is not. */
struct ms_bytes ms_text_readable(const struct ms_inside *in, const struct ms_piece *piece)
{
    struct ms_bytes text = piece->bytes, charset = piece->charset;
    static const struct ms_bytes marks[] = { { (const uint8_t *)"\xff\xfe", 2 }, { (const uint8_t *)"\xfe\xff", 2 } };
    for (size_t i = 0; i < 2; i++)
        if (ms_equal(ms_head(text, 2), marks[i]))
            return ms_charset_to_utf8(text, MS_LIT("utf-16"), in->arena);
    bool wide = ms_starts_nocase(charset, MS_LIT("utf-16")) || ms_starts_nocase(charset, MS_LIT("utf-7")) || ms_starts_nocase(charset, MS_LIT("utf-32")) ||
                ms_starts_nocase(charset, MS_LIT("iso-2022")) || ms_starts_nocase(charset, MS_LIT("hz"));
    return wide ? ms_charset_to_utf8(text, charset, in->arena) : ms_text_to_utf8(text, charset, in->arena);
}

void ms_subject_look(struct ms_inside *in, struct ms_bytes subject)
{
    struct ms_reading reading = { 0 };
    ms_reading_take(in, subject, (struct ms_spans){ NULL, 0 }, &reading);
    ms_reading_judge(in, &reading, true);
}

void ms_text_look(struct ms_inside *in, const struct ms_piece *piece)
{
    struct ms_reading reading = { 0 };
    struct ms_bytes   text = ms_text_readable(in, piece);
    ms_reading_take(in, text, (struct ms_spans){ NULL, 0 }, &reading);
    ms_reading_digest(in, &reading);
    ms_reading_judge(in, &reading, in->links->n > 0);
    if (reading.blocks > MS_READING_DRAWN)
        ms_drawing_look(in, text);
}

/* Documents that people send daily tell of charges and numbers to call, show templates, and write links so that they are none. Of what a text may
 * show, these signs count in files, too. */
static bool counts_in_file(enum ms_sign_kind kind)
{
    static const uint16_t kinds[] = {
        MS_SIGN_WORDS_CREDENTIAL, MS_SIGN_WORDS_URGENT, MS_SIGN_WORDS_REQUEST, MS_SIGN_WORDS_GIFT_CARDS, MS_SIGN_WORDS_CALLBACK, MS_SIGN_WORDS_DISPUTE, MS_SIGN_WORDS_EXTORTION,
        MS_SIGN_WORDS_ADVANCE_FEE, MS_SIGN_WORDS_FUNDS, MS_SIGN_WORDS_PARCEL, MS_SIGN_WORDS_PRIZE, MS_SIGN_WORDS_TOKENS, MS_SIGN_WORDS_SAFE, MS_SIGN_WORDS_ASSISTANT,
        MS_SIGN_WORDS_STOLEN, MS_SIGN_TEXT_WALLET, MS_SIGN_TEXT_PHONE,
    };
    size_t i = 0;
    while (i < sizeof kinds / sizeof *kinds && kinds[i] != kind)
        i++;
    return i < sizeof kinds / sizeof *kinds;
}

/* Bills have numbers to call, too, but do not say whom to ask who never ordered anything; statements of banks do, and are longer. */
static bool is_callback(const struct ms_signs *found, const struct ms_reading *r)
{
    enum { SHORT_TEXT = 4000 };
    return ms_sign_find(found, MS_SIGN_WORDS_DISPUTE) && r->bytes < SHORT_TEXT;
}

/* Lines end anywhere in a document. */
static struct ms_bytes in_one_line(struct ms_bytes b, uint8_t out[MS_SIGN_BYTES])
{
    b = ms_utf8_head(b, MS_SIGN_BYTES);
    for (size_t i = 0; i < b.n; i++)
        out[i] = b.p[i] == '\n' ? ' ' : b.p[i];
    return (struct ms_bytes){ out, b.n };
}

void ms_file_text(const struct ms_file *f, struct ms_bytes text)
{
    struct ms_signs   found;
    struct ms_inside  own = *f->in, later = *f->in;
    struct ms_file    file = *f;
    struct ms_reading reading = { 0 };
    ms_signs_init(&found, own.arena);
    ms_reading_take(&own, text, (struct ms_spans){ NULL, 0 }, &reading);
    f->in->passwords = own.passwords;
    own.signs = &found;
    ms_reading_judge(&own, &reading, own.links->n > 0);
    later.signs = own.said ? own.said : f->in->signs;
    file.in = &later;
    for (size_t i = 0; i < found.n; i++) {
        enum ms_sign_kind kind = (enum ms_sign_kind)found.at[i].kind;
        uint8_t           line[MS_SIGN_BYTES];
        bool              bill = (kind == MS_SIGN_WORDS_CALLBACK || kind == MS_SIGN_WORDS_DISPUTE) && !is_callback(&found, &reading);
        if (counts_in_file(kind) && !bill)
            ms_file_sign(&file, kind, in_one_line(found.at[i].evidence, line));
    }
}
