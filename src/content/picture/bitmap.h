/* content/picture/bitmap.h - a picture in black and white: what is darker than what lies around it.
 *
 * Each square of 8 x 8 pixels is cut in the middle between the darkest and the lightest pixel near it; where all is alike near it, of a larger
 * surrounding, at last of all. Light that falls unevenly does no harm then, nor do large areas of one colour. */
#pragma once
#include "content/picture/picture.h"

struct ms_bitmap { uint64_t *rows; size_t width, height, words; /* of a row; pixel x is bit x % 64 of word x / 64, 1 dark */ };
void ms_bitmap_make(struct ms_bitmap *b, const struct ms_picture *p);
void ms_bitmap_finish(struct ms_bitmap *b);
static inline bool ms_bitmap_dark(const struct ms_bitmap *b, size_t x, size_t y) { return b->rows[y * b->words + x / 64] >> (x % 64) & 1; }
