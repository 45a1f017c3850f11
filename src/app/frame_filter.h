/* app/frame_filter.h - the filter of a command that lists frames. When it names fields of records the captures are read beforehand, for the records: files
 * twice, standard input out of a temporary file. */
#pragma once
#include "app/run.h"
#include "sink/members.h"

struct ms_frame_filter {
    struct ms_dfilter *filter;  /* NULL: none, all frames match */
    struct ms_members *members; /* of the records that it names; NULL: it names none */
    FILE *kept;                 /* what came from standard input */
    char  path[64];
};

/* The captures are behind so many words. -1, or the exit status: said on standard error. */
int  ms_frame_filter_open(struct ms_frame_filter *f, struct ms_args *a, size_t skip_words);
void ms_frame_filter_learn(struct ms_frame_filter *f, struct ms_args *a, size_t skip_words); /* the first pass, if one is needed */
uint64_t ms_frame_filter_needs(const struct ms_frame_filter *f);               /* enum ms_frame_need */
uint64_t ms_frame_filter_marks(const struct ms_frame_filter *f);                /* ms_filter_marks() */
bool ms_frame_filter_is_ordered(const struct ms_frame_filter *f);              /* the answer for a frame depends on those before */
bool ms_frame_filter_matches(const struct ms_frame_filter *f, const struct ms_frame *frame);
void ms_frame_filter_say(const struct ms_frame_filter *f, const struct ms_args *a, uint64_t more); /* its limits that were reached; `more` values cut elsewhere */
void ms_frame_filter_close(struct ms_frame_filter *f);
