/* dfilter/dfilter.h - the display filters of Wireshark 4: compiled once, then asked of record after record. docs/filters.md is the
 * language.
 *
 * A filter is a boolean combination of leaves: tests of presence, comparisons, memberships, calls. The fields that one leaf
 * names belong to records of one unit (frames, say, or sessions); the leaves of a filter may differ. A filter of one unit is asked with
 * ms_dfilter_matches(). With several units each record yields a bit for each leaf of its unit; the bits of a frame, of its session
 * and of what else belongs together are or-ed, and ms_dfilter_decide() tells. So the bits of frames, eight bytes each, can
 * wait until their session has ended.
 *
 * Owns     a filter owns its program and the room for values; it borrows the table for as long as it lives.
 * Errors   a filter that does not compile yields NULL and an error that points at the place.
 * Limits   below. Text, nodes, nesting and fields are errors of compilation; work and values beyond a limit do not match, and
 *          ms_dfilter_cut() counts it.
 * Cost     linear in the length of the filter times the size of the record. An evaluation allocates nothing, but for the first ones,
 *          which make room for values.
 * Threads  a filter belongs to one thread.                                                                        */
#pragma once
#include "dfilter/field.h"

enum {
    MS_DFILTER_TEXT = 65536,  /* bytes of a filter */
    MS_DFILTER_NODES = 8192,  /* operators, literals, fields and calls in it */
    MS_DFILTER_DEPTH = 128,   /* nesting of parentheses, calls and `not` */
    MS_DFILTER_FIELDS = 256,  /* different fields in it */
    MS_DFILTER_LEAVES = 64,   /* leaves, when it names fields of several units */
    MS_DFILTER_MADE = 1048576 /* bytes of text that functions and slices may make in one evaluation */
};

struct ms_dfilter;
struct ms_dfilter_error {
    size_t column, length; /* bytes, from 0 */
    char   sentence[240];
    char   suggestion[80]; /* the nearest name of a field; empty when none is near */
};
struct ms_dfilter_source {
    void (*values)(void *ctx, size_t field, struct ms_value_sink *to); /* pushes the values, of the type of the field; asked once
                                                                          a field and evaluation at most */
    void *ctx;
};

struct ms_dfilter *ms_dfilter_compile(const struct ms_field_table *table, struct ms_bytes text, struct ms_dfilter_error *error);
void               ms_dfilter_destroy(struct ms_dfilter *f); /* NULL is fine */
/* The sentence, the filter, and carets under the place: three lines, the last one perhaps followed by a suggestion. */
void ms_dfilter_error_render(const struct ms_dfilter_error *error, struct ms_bytes text, struct ms_buffer *out);

const uint16_t *ms_dfilter_fields(const struct ms_dfilter *f, size_t *n); /* indexes of the fields that it names, ascending */
bool            ms_dfilter_reads(const struct ms_dfilter *f, size_t nth); /* whether it asks more of the n-th of them than that there is one */
uint32_t        ms_dfilter_units(const struct ms_dfilter *f);             /* 1 << unit for each */

/* A filter of one unit. (With several: the leaves of units that the source knows nothing of are false.) */
bool ms_dfilter_matches(const struct ms_dfilter *f, const struct ms_dfilter_source *source);
/* The leaves of `unit` that hold for a record. 0 for a unit that the filter does not name, without a question to the source. */
uint64_t ms_dfilter_test(const struct ms_dfilter *f, unsigned unit, const struct ms_dfilter_source *source);
/* `bits`: what ms_dfilter_test() said of the records that belong together, or-ed. Only for filters with at most
 * MS_DFILTER_LEAVES leaves, which every filter of several units has.                                             */
bool ms_dfilter_decide(const struct ms_dfilter *f, uint64_t bits);

uint64_t ms_dfilter_cut(const struct ms_dfilter *f); /* values left out and matches given up because of a limit, so far */
