/* content/text/text.c - plain text, and text of any kind as UTF-8. */
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
    ms_reading_take(in, ms_text_readable(in, piece), (struct ms_spans){ NULL, 0 }, &reading);
    ms_reading_digest(in, &reading);
    ms_reading_judge(in, &reading, in->links->n > 0);
}
