/* sink/select.h - which records a display filter keeps, when it speaks of more than the record itself.
 *
 * Means    a record is kept when the filter is true of it together with its session, and with at most one record of each other kind that
 *          the session holds (docs/filters.md). Fields of other kinds than the record's own are known when the session has ended;
 *          those of findings, at the end of the capture. Until then the record waits with its bits (dfilter/dfilter.h) and a ticket.
 * Memory   per open session its different answers, up to the limit filter_sets; per record that waits 32 bytes. For findings each
 *          session leaves 8 bytes, and each different answer of a session itself, up to the limit filter_classes.
 * Order    tickets of one session are decided in the order in which they were taken, and at the end of the capture all of them.  */
#pragma once
#include "sink/filter.h"

struct ms_select_options {
    const struct ms_dfilter *filter; /* borrowed, like what follows */
    enum ms_unit own;                /* kind of the records that are kept or not */
    struct ms_limits limits;
    void (*decided)(void *ctx, uint64_t ticket, bool kept);
    void *ctx;
};

struct ms_select_record {
    enum ms_unit unit;
    const struct ms_session  *session;  /* of all but findings */
    const struct ms_exchange *exchange;
    const struct ms_message  *message;
    const struct ms_finding  *finding;
    uint64_t                  id;       /* of an exchange */
};

struct ms_select;
struct ms_select *ms_select_create(const struct ms_select_options *o);
void ms_select_destroy(struct ms_select *s);
bool ms_select_waits(const struct ms_select *s);                     /* false: ms_select_keeps() is all that is needed */
bool ms_select_wants(const struct ms_select *s, enum ms_unit unit); /* records of this kind have to be taken */
/* At once: of a filter that waits for nothing, or a finding when all else was taken. */
bool ms_select_keeps(struct ms_select *s, const struct ms_select_record *r);
void ms_select_take(struct ms_select *s, const struct ms_select_record *r, uint64_t ticket); /* the ticket counts for records of `own` */
bool ms_select_frame(void *select, const struct ms_frame *f);           /* in order; for struct ms_frames_options */
void ms_select_other(struct ms_select *s, const struct ms_session *other); /* the engine's output other() */
void ms_select_finish(struct ms_select *s);                            /* decides what waits: everything was taken, findings too */
uint64_t ms_select_cut(const struct ms_select *s, enum ms_limit limit); /* how often it was reached */
/* Asks the filter of this record by itself: ms_dfilter_test(). */
uint64_t ms_select_test(struct ms_select *s, const struct ms_select_record *r);
