/* app/listener.h - a run that tells the records of one kind that a filter keeps; what else the filter asks for it hears itself. */
#pragma once
#include "app/run.h"
#include "sink/select.h"

struct ms_listener {
    enum ms_unit own;
    const struct ms_dfilter *filter; /* NULL: all are kept */
    void   (*record)(void *ctx, const struct ms_select_record *r, bool kept); /* false: it waits, and decided() will tell. Not called for others */
    uint64_t (*ticket)(void *ctx, const struct ms_select_record *r);          /* of a record of `own` that waits; right after record() */
    void   (*decided)(void *ctx, uint64_t ticket, bool kept);
    void    *ctx;
    struct ms_select *select;        /* between open and close; NULL: no filter */
    uint64_t exchanges;
};

void ms_listener_open(struct ms_listener *l, struct ms_run *run);  /* `run` is told what it has to know; its options may be changed then */
void ms_listener_close(struct ms_listener *l, struct ms_run *run); /* the captures are read: findings come, and what waits is decided */
