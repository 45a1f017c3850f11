/* sink/list.h - a table that is printed row by row as the rows come: nothing is kept. A column is as wide as its widest cell so far.
 *
 * Escapes  cells are escaped as for a terminal (ms_text_plain); they are not cut, but a row is, when `columns` says how wide it may be.
 * Errors   kept and told by ms_list_close().                                                                        */
#pragma once
#include "base/text.h"

#include <stdio.h>

struct ms_list_column { const char *title; size_t width; bool right; }; /* width: to begin with */
struct ms_list_options {
    FILE  *out;
    const struct ms_list_column *columns; /* borrowed */
    size_t count;
    size_t cut;    /* terminal columns; 0: rows are as long as they are */
    bool   color;
};

struct ms_list;
struct ms_list *ms_list_open(const struct ms_list_options *o);
void ms_list_cell(struct ms_list *l, struct ms_bytes text); /* the next one of the row */
/* Behind the last cell. `color`: parameters of SGR ("30;48;5;210") for the whole row, or NULL. */
void ms_list_row_end(struct ms_list *l, const char *color);
bool ms_list_close(struct ms_list *l); /* frees; false: something could not be written (errno) */
