/* content/picture/qr.h - a QR code as a grid of modules, and the text in it (ISO/IEC 18004).
 *
 * Corrects what the code's own check bytes can correct.
 * BUGS     Kanji are shown as '?'. Designators of character sets (ECI) are passed over: text is UTF-8 where it is valid, else Latin-1. Codes that
 *          are one of several (structured append) are read one by one. Micro QR is another code. */
#pragma once
#include "base/arena.h"

enum { MS_QR_LEAST = 21, MS_QR_MOST = 177, MS_QR_VERSIONS = 40, MS_QR_TEXT = 7089 + 1 };

struct ms_qr_grid {
    unsigned size;                       /* modules on each side: 17 + 4 * version */
    uint8_t  dark[MS_QR_MOST][MS_QR_MOST]; /* [y][x], 1 or 0 */
};
static inline unsigned ms_qr_version(unsigned size) { return (size - 17) / 4; }
/* The place where the centre of the last alignment pattern is, counted in modules from the left and the top; 0: there is none. */
static inline unsigned ms_qr_alignment(unsigned size) { return size > MS_QR_LEAST ? size - 7 : 0; }
/* The version that 18 bits of version information mean, up to three of them wrong; 0: none. */
unsigned ms_qr_version_of(uint32_t bits);
/* The bytes of the text, as they stand in the code, in the order of its segments. At most MS_QR_TEXT. False: it cannot be read. */
bool ms_qr_read(const struct ms_qr_grid *grid, struct ms_buffer *text);
