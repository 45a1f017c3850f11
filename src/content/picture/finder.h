/* content/picture/finder.h - the three large squares of QR codes, wherever and however turned they are. */
#pragma once
#include "content/picture/bitmap.h"

struct ms_point { double x, y; }; /* pixels; the first one lies between 0 and 1 */

struct ms_finder {
    struct ms_point at;     /* its centre */
    double          module; /* width of a module, about */
    bool            light;  /* a light one on dark */
    bool            used;   /* of a code that was read */
    unsigned        seen;   /* rows that went through it */
};
enum { MS_FINDERS = 96, MS_TRIPLES = 48 };
struct ms_finders { struct ms_finder at[MS_FINDERS]; size_t n; };
/* At most MS_FINDERS, from the top. Each pixel is looked at a bounded number of times. */
void ms_finders_find(const struct ms_bitmap *b, struct ms_finders *out);

struct ms_triple { uint8_t corner, right, below; double cost; }; /* places in ms_finders; of a mirrored code the last two are swapped */
/* Those that may belong to one code, the best ones first. */
size_t ms_finders_group(const struct ms_finders *f, struct ms_triple out[MS_TRIPLES]);
