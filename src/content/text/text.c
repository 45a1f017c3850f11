/* content/text/text.c - plain text. */
#include "content/text/reading.h"

void ms_subject_look(struct ms_inside *in, struct ms_bytes subject)
{
    struct ms_reading reading = { 0 };
    ms_reading_take(in, subject, (struct ms_spans){ NULL, 0 }, &reading);
    ms_reading_judge(in, &reading, true);
}

void ms_text_look(struct ms_inside *in, const struct ms_piece *piece)
{
    struct ms_reading reading = { 0 };
    ms_reading_take(in, piece->bytes, (struct ms_spans){ NULL, 0 }, &reading);
    ms_reading_digest(in, &reading);
    ms_reading_judge(in, &reading, in->links->n > 0);
}
