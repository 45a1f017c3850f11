/* mail/uuencode.h - uuencoded blocks: as a transfer encoding (x-uuencode) and bare in the text ("begin 644 name").
 *
 * Reads    lines as they come, in pieces of any size. Spaces or '`' for zero; lines whose trailing spaces were lost; one or two
 *          characters more than needed (checksums).
 * Bounds   a line over MS_UU_LINE bytes is no uuencoded line.                                                             */
#pragma once
#include "base/arena.h"

enum { MS_UU_LINE = 512, MS_UU_DATA = 64 };
enum ms_uu_event { MS_UU_MORE, MS_UU_BEGIN, MS_UU_DATA_LINE, MS_UU_END, MS_UU_OTHER };

struct ms_uu {
    bool     inside;            /* after "begin", before "end" */
    bool     long_line;
    bool     skip_line;         /* after a gap: the line at hand is not judged (set by the caller) */
    uint16_t line_n;
    uint8_t  line[MS_UU_LINE];
};

/* Takes bytes up to and with the next line end. *event says what the line was; MORE: the line is not complete yet. Data go to
 * out->p[out->n ...] (MS_UU_DATA bytes must be free). After BEGIN the name is `ms_uu_name`, until the next call.          */
size_t ms_uu_push(struct ms_uu *u, struct ms_bytes in, struct ms_buffer *out, enum ms_uu_event *event);
/* A last line without a line end. */
enum ms_uu_event ms_uu_finish(struct ms_uu *u, struct ms_buffer *out);
struct ms_bytes  ms_uu_name(const struct ms_uu *u);
