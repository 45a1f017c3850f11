/* content/disk/disc.h - optical discs as images: one list of the files that each directory names. iso.c, udf.c. */
#pragma once
#include "content/files.h"

enum ms_disc_tree { MS_TREE_UDF, MS_TREE_JOLIET, MS_TREE_PLAIN, MS_TREES }; /* the first one that is there is what Windows shows */

enum { MS_DISC_FOLDERS = 64 };
struct ms_disc_folder { uint64_t at, n; };
struct ms_disc_file { struct ms_bytes name; size_t at, n; bool cut; uint8_t tree; };
struct ms_disc {
    const struct ms_file *f;
    struct ms_bytes       b;
    struct ms_disc_file  *files; size_t n, room;
    struct ms_disc_folder folders[MS_DISC_FOLDERS]; size_t folder_count; /* of the tree that is being listed */
    bool                  partial; /* the limits left something out */
};
/* Copies the name. `n` may go beyond the image. False when the budget is used up. */
bool ms_disc_add(struct ms_disc *d, enum ms_disc_tree tree, struct ms_bytes name, uint64_t at, uint64_t n);
/* A folder that is still to be looked at; those beyond the limit are left out. */
void ms_disc_add_folder(struct ms_disc *d, uint64_t at, uint64_t n);
struct ms_bytes ms_disc_folder(const struct ms_disc *d, size_t i); /* what is there of it */
void ms_udf_list(struct ms_disc *d); /* udf.c (ECMA-167): nothing when there is no UDF */
