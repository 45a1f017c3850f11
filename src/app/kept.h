/* app/kept.h - the filter of a command that makes something of all records of a kind: the captures are read beforehand, to learn which of them it
 * keeps. Files are read twice, standard input out of a temporary file. */
#pragma once
#include "app/listener.h"

struct ms_kept {
    struct ms_dfilter *filter;  /* NULL: none, all are kept */
    enum ms_unit       own;     /* messages and exchanges by themselves; of sessions with all that they hold */
    struct ms_buffer   bits;    /* by id: kept */
    struct ms_output   of;      /* who hears of them */
    uint64_t exchanges;
    FILE    *file;              /* what came from standard input */
    char     path[64];
};

int  ms_kept_open(struct ms_kept *k, struct ms_args *a, enum ms_unit own); /* captures are behind the first word. -1, or the exit status */
void ms_kept_learn(struct ms_kept *k, struct ms_args *a);                  /* the first pass, if one is needed */
struct ms_output ms_kept_output(struct ms_kept *k, const struct ms_output *of); /* the same without what is not kept */
void ms_kept_close(struct ms_kept *k);
