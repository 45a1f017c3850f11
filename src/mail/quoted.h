/* mail/quoted.h - quoted-printable bodies as a stream (RFC 2045 6.7), read the way mail programs read them.
 *
 * Reads    =XX in either case; soft line breaks, also with blanks before the line end; blanks at the end of a line are dropped,
 *          as the RFC says. What is no escape stays as it is and is flagged. Line ends stay as they came.
 * Bounds   a run of more than 128 blanks is taken for content, at the end of a line too. Output never exceeds input plus
 *          MS_QUOTED_ROOM.                                                                                                */
#pragma once
#include "base/arena.h"

enum { MS_QUOTED_BLANKS = 128, MS_QUOTED_ROOM = MS_QUOTED_BLANKS + 8 };

struct ms_quoted {
    uint8_t state;              /* where in an escape or line end the last byte left us */
    uint8_t digit;              /* the first hex digit, as it was written */
    uint8_t blank_n;
    bool    long_run;           /* the blanks at hand are more than we hold: they are content */
    bool    syntax;             /* an escape was broken */
    bool    lower;              /* hex digits in lower case, against RFC 2045 6.7: as good as all programs read them */
    uint8_t blanks[MS_QUOTED_BLANKS];
};
/* Decodes all of `in` into out->p[out->n ...] without growing it: in.n + MS_QUOTED_ROOM bytes must be free. */
void ms_quoted_push(struct ms_quoted *q, struct ms_bytes in, struct ms_buffer *out);
void ms_quoted_finish(struct ms_quoted *q, struct ms_buffer *out);
