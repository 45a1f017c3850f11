/* sink/ladder.h - one session as a sequence diagram: the client's line on the left, the server's on the right, an arrow for each
 * command, reply and message, marks where TCP or TLS did something, times in front.
 *
 * Order    by frame. A command stands at the frame of its last byte, a reply at that of its first one, a message, a thick arrow, where
 *          it begins.
 * Pauses   of MS_LADDER_PAUSE or more on the wire are lines of their own, with who was waited for.
 * Secrets  passwords and tokens read ******** unless show_secrets.
 * Width    words are cut at whole characters so that no line is wider than `columns`; but the diagram has 26 columns at least.
 * Memory   the limit ladder_rows; words beyond 4 MiB wait in an unlinked temporary file. The rows over the limit are counted, but how the
 *          connection ends is always shown.                                                                          */
#pragma once
#include "engine/engine.h"

#include <stdio.h>

#define MS_LADDER_PAUSE ((int64_t)1000000000)

struct ms_ladder;
struct ms_ladder_options {
    FILE    *out;
    size_t   columns;
    bool     utf8, color, show_secrets;
    uint64_t first_frame;             /* of the session */
    uint64_t most_rows;
};
struct ms_ladder *ms_ladder_create(const struct ms_ladder_options *o);
struct ms_output  ms_ladder_output(struct ms_ladder *l); /* the functions it needs, with ctx set */
uint64_t ms_ladder_left_out(const struct ms_ladder *l);  /* rows over the limit */
bool     ms_ladder_close(struct ms_ladder *l);           /* false: write error */
