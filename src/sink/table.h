/* sink/table.h - rows that wait until their widths and their order are known. */
#pragma once
#include "base/text.h"

#include <stdio.h>

enum { MS_CELL_COLUMNS = 48, MS_CELL_BYTES = 1024 }; /* widest cell shown; longer ones end in ...; bytes of it that are looked at */

struct ms_grid;
struct ms_grid *ms_grid_create(const char *const *titles, const bool *numbers, size_t columns);
void ms_grid_cell(struct ms_grid *g, struct ms_bytes text); /* escaped here */
void ms_grid_row_end(struct ms_grid *g, uint64_t key);      /* rows are sorted by key, then by order of arrival */
bool ms_grid_print(struct ms_grid *g, FILE *out);           /* false: write error */
void ms_grid_destroy(struct ms_grid *g);
