/* content/disk/disc.h - optical discs as images: one list of the files that each directory names. iso.c, udf.c. */
#pragma once
#include "content/files.h"

enum ms_disc_tree { MS_TREE_UDF, MS_TREE_JOLIET, MS_TREE_PLAIN, MS_TREES }; /* the first one that is there is what Windows shows */

struct ms_disc_file { struct ms_bytes name; size_t at, n; bool cut; uint8_t tree; };
struct ms_disc {
    const struct ms_file *f;
    struct ms_bytes       b;
    struct ms_disc_file  *files; size_t n, room;
    bool                  partial; /* the limits left something out */
};
/* Copies the name. `n` may go beyond the image. False when the budget is used up. */
bool ms_disc_add(struct ms_disc *d, enum ms_disc_tree tree, struct ms_bytes name, uint64_t at, uint64_t n);
void ms_udf_list(struct ms_disc *d); /* udf.c (ECMA-167): nothing when there is no UDF */
