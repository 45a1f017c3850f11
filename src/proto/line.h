/* proto/line.h - lines out of a stream that arrives in pieces.
 *
 * Owns     the unfinished rest of a line, in a buffer that is given back as soon as it is empty.
 * Limits   line_bytes: a longer line is handed on cut, with `cut` set, and the rest up to its LF is dropped.
 * Resume   the lines never depend on where the input was cut.                                        */
#pragma once
#include "base/arena.h"

struct ms_lines { struct ms_buffer rest; bool dropping; };
struct ms_line  { struct ms_bytes text; bool bare_lf, cut; }; /* text: without LF or CRLF */

/* Takes bytes from *in. True: *out is one line, valid until the next call or until the bytes behind *in die.
 * False: *in is used up. An LF ends a line, with or without CR before it. */
bool ms_line_next(struct ms_lines *l, struct ms_bytes *in, size_t limit, struct ms_line *out);
/* Bytes are missing: what was begun is thrown away, and so is the rest up to the next LF (a line protocol takes up again at
 * the next line). Returns true when a line had been begun. */
bool ms_line_gap(struct ms_lines *l);
void ms_line_finish(struct ms_lines *l);
