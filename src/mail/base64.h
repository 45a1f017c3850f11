/* mail/base64.h - base64 bodies as a stream (RFC 2045 6.8), read the way mail programs read them.
 *
 * Reads    line ends and blanks are skipped; foreign bytes are skipped and flagged; after padding a new run may begin (flagged);
 *          a run cut short gives the whole bytes it holds. The result never depends on where the input was cut.
 * Speed    whole lines of 76 with AVX2 (three blocks of 32, no branch but one a line), other lengths in blocks of 32 or 16 with
 *          AVX2 or SSSE3; elsewhere four table look-ups for three bytes.
 * Dashes   '-' is not in the alphabet, so looking for a boundary costs nothing: with `dash_stops` the decoder returns before a
 *          '-' that begins a line.                                                                                        */
#pragma once
#include "base/arena.h"

enum ms_base64_kernel { MS_BASE64_SCALAR, MS_BASE64_SSSE3, MS_BASE64_AVX2 };

struct ms_base64 {
    uint32_t bits;              /* characters of the open group of four, 6 bits each */
    uint8_t  count, pads;       /* how many of them; how many '=' behind them */
    uint8_t  kernel;            /* enum ms_base64_kernel */
    bool     padded;            /* the last group ended in padding: what follows is a new run */
    bool     bol;               /* the next byte begins a line (set by the caller, kept up by the decoder) */
    bool     dash_stops;        /* return before a '-' that begins a line */
    bool     skip_line;         /* after a gap: what comes before the next line end cannot be aligned */
    bool     cr;                /* the last byte was CR */
    uint8_t  column;            /* characters of the line under way, MS_BASE64_SHORT at most */
    bool     split;             /* a short line ended, or a blank stood, inside a group of four */
    bool     foreign, bare_lf, bare_cr, nul; /* what was odd */
};
enum { MS_BASE64_SHORT = 40 };  /* usual programs write longer lines; 70 or 75 characters of one are not told apart by anybody */
enum { MS_BASE64_ROOM = 128 };  /* free bytes of the output that one round may need (blocks are stored whole) */

enum ms_base64_kernel ms_base64_best(void); /* what this machine can do */
struct ms_base64 ms_base64_start(void);
/* Decodes into out->p[out->n ...] without growing it; returns bytes used. It stops early only when fewer than MS_BASE64_ROOM
 * bytes are free, or before a dash.                                                                                     */
size_t ms_base64_push(struct ms_base64 *d, struct ms_bytes in, struct ms_buffer *out);
/* The end of the input: 0 to 2 bytes more. */
void ms_base64_finish(struct ms_base64 *d, struct ms_buffer *out);
