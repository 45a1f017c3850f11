/* proto/dots.h - the dot-stuffed text of SMTP DATA (RFC 5321 4.5.2) and of multi-line POP3 answers (RFC 1939 3).
 *
 * Reads    text up to the line that is a single dot. A line that begins with a dot loses it.
 * Gives    spans straight from the input, as long as they can be: without stuffing and end marker one span a call. The CRLF
 *          before the end marker belongs to the text and is given; the marker itself is not.
 * Resume   the bytes given never depend on where the input was cut (the borders of spans do).
 * Line end CRLF. With `lf` a bare LF is one too: LF.LF ends the text. Without it LF.LF, LF.CRLF and CRLF.LF are text, but they set
 *          `loose`, since some servers end the message there.
 * Other    a dot behind CR or NUL is text too; `near` says that there was one, or one behind LF, for who looks closer.
 * Memory   8 bytes of state, nothing allocated.                                                                 */
#pragma once
#include "base/bytes.h"

struct ms_dots {
    uint8_t state;
    bool    lf;    /* option: a bare LF ends a line */
    bool    loose; /* seen: an end marker that only a lenient receiver accepts, with text behind it */
    bool    stop;  /* option: stop behind such a marker when more text comes */
    bool    passed; /* it did, and goes on */
    bool    gap;   /* nothing but what is held back came since the gap */
    bool    near;  /* set when a dot stood behind a byte up to CR, both in one input; cleared by the caller */
    uint8_t marker; /* bytes of the end marker that was found */
};

typedef void ms_dots_span(void *to, struct ms_bytes span); /* span.n > 0 */

/* Index of the first byte up to CR (CR, LF, NUL, ...) with a dot behind it, or b.n. */
size_t ms_dots_find(struct ms_bytes b);
/* Before the first byte of the text: a line begins here, so ".CRLF" at once is an empty text. */
void ms_dots_start(struct ms_dots *d, bool lf);
/* Takes bytes from *in. True: the end marker was found and *in begins behind it. False: *in is used up. With `stop` true as well, and
 * ms_dots_may_be_over(), where *in begins behind a marker that is not quite one: ms_dots_go_on() makes it text. */
bool ms_dots_push(struct ms_dots *d, struct ms_bytes *in, ms_dots_span *span, void *to);
void ms_dots_go_on(struct ms_dots *d);
/* Bytes are missing. What was held back (a dot, a CR) is given, and the text goes on in the middle of some line. */
void ms_dots_gap(struct ms_dots *d, ms_dots_span *span, void *to);
/* The bytes up to now end with a marker that is not quite one (LF.CRLF, LF.LF, CRLF.LF, or .CRLF right after a gap); it is held
 * back. A caller that knows better - the other side takes its turn - may treat the text as ended. */
bool ms_dots_may_be_over(const struct ms_dots *d);
/* How many bytes were taken and not yet given, since they may belong to a marker. */
size_t ms_dots_held(const struct ms_dots *d);
