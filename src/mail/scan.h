/* mail/scan.h - searches through text bodies, 32 bytes at a time where the machine can.
 *
 * Threads  pure.                                                                                                          */
#pragma once
#include "base/bytes.h"

struct ms_line_odd { bool bare_lf, bare_cr, nul; }; /* bits stick */

/* Goes on to the next line that may matter: one that begins with '-' (a boundary) or with `other` ('-' again when there is no
 * other). Returns the place of its first byte, or b.n. What stands before that place is judged for *odd; a CR as the last byte
 * of b is not, since its LF may follow.                                                                                  */
size_t ms_scan_lines(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd);
size_t ms_find_either(struct ms_bytes b, uint8_t x, uint8_t y); /* place of the first x or y, or b.n */
/* The same without SIMD: other machines, short pieces, and tests that both agree. */
size_t ms_scan_lines_plain(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd);
