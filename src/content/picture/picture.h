/* content/picture/picture.h - pictures as shades of grey, and the codes for cameras (QR, ISO/IEC 18004) that are drawn in them.
 *
 * Reads    PNG (libpng), JPEG (TurboJPEG, made smaller while it is decoded), the first frame of GIF, BMP. What is transparent lies on white.
 * Damage   of a picture that ends early, the part that is there.
 * Bounds   the caller asks ms_picture_measure() first: work and memory go with the number of pixels.                        */
#pragma once
#include "base/arena.h"

struct ms_picture {
    size_t   width, height; /* pixels, at most MS_PICTURE_SIDE each */
    size_t   stride;        /* bytes from row to row: a multiple of 8, white behind the width */
    uint8_t *grey;          /* 0 black, 255 white */
};
enum { MS_PICTURE_SIDE = 16384, MS_PICTURE_LEAST = 21 /* modules of the smallest code */ };

/* Width and height, by what the file says of itself. False: it is none of these kinds, or it does not say so in `b`. */
bool ms_picture_measure(struct ms_bytes b, size_t *width, size_t *height);
/* All of it. False: nothing could be read. Free with ms_picture_finish(). */
bool ms_picture_read(struct ms_bytes b, struct ms_picture *out);
void ms_picture_init(struct ms_picture *p, size_t width, size_t height); /* white */
void ms_picture_finish(struct ms_picture *p);
/* One each: gif.c, bmp.c, picture.c. *out has the size that the file says, and no pixels yet. False: nothing could be read. */
bool ms_gif_read(struct ms_bytes b, struct ms_picture *out);
bool ms_bmp_read(struct ms_bytes b, struct ms_picture *out);
static inline uint8_t ms_grey_of(unsigned red, unsigned green, unsigned blue) { return (uint8_t)((red * 77 + green * 150 + blue * 29) >> 8); } /* ITU-R BT.601 */

/* look.c: a picture of a file. Asked first, with its size, whether limits and budget let it be looked at; the size is taken from the budget then. */
struct ms_file;
bool ms_picture_may_look(const struct ms_file *f, size_t width, size_t height);
void ms_picture_look_at(const struct ms_file *f, const struct ms_picture *p);

/* The text of each code in the picture, UTF-8, borrowed for the call. codes.c
 * Returns about how many pixels were looked at in trying to read what looks like a code: that may cost far more than the picture has. */
struct ms_code_sink { void (*code)(struct ms_code_sink *to, struct ms_bytes text); };
uint64_t ms_codes_find(const struct ms_picture *p, struct ms_code_sink *to);
