/* app/run.h - one pass over the captures: source, engine, progress, remarks, exit status. */
#pragma once
#include "app/options.h"
#include "frame/frames.h"

struct ms_run {
    struct ms_args          *args;
    const char             **captures; size_t capture_count;
    struct ms_engine_options options;  /* to be changed before ms_run_captures() */
    struct ms_output         output;
    struct ms_source        *source;   /* while it runs */
    struct ms_engine        *engine;   /* alive until ms_run_finish() */
    struct ms_frames_options frames;   /* `each` NULL: nobody lists frames; with output.session records are told beside them */
    void                    *digits_ctx; /* NULL: output.ctx */
    void                   (*digits)(void *ctx, unsigned digits); /* told before the first record; may be NULL */
    void                   (*pause)(void *ctx); /* with the same ctx, when the next packets may take their time to come; may be NULL */
    /* With options.judge, of files: what the command has of a first pass is forgotten, since DNS answers came after the messages that needed them, and a
     * second one follows. NULL: records leave in the first pass; then the answers are looked for as soon as one is missing. */
    void                   (*again)(void *ctx);
    struct ms_answers       *answers;  /* of the capture */
    struct ms_asking        *asking;   /* --resolve; else NULL */
    struct ms_decoder       *decoder;  /* of frames and engine together; NULL: no frames are listed, or nobody asks for their headers */
    uint64_t                 limits[MS_LIMIT_COUNT]; /* reached by the list of frames */
    bool                     input_error;
};

void ms_run_init(struct ms_run *r, struct ms_args *a, size_t skip_words);
void ms_run_hash_for(struct ms_run *r, const struct ms_dfilter *filter); /* digests are made: those that findings need, and those that a filter (NULL: none) names */
/* The first capture that cannot be read twice: standard input, a pipe. NULL: all can. */
const char *ms_read_once(const char *const *captures, size_t count);
/* Reads everything. Sentences about inputs and limits go to standard error. */
void ms_run_captures(struct ms_run *r);
void ms_run_captures_quietly(struct ms_run *r); /* the same without the sentences */
/* That limits of a display filter were reached n times. */
void ms_say_filter_cut(const struct ms_args *a, uint64_t n);
int  ms_run_status(struct ms_run *r); /* the exit status so far: 3, 1 or 0 */
void ms_run_finish(struct ms_run *r);

/* The output: standard output, or the file named by --output; NULL with a sentence printed. ms_out_close() says false, with a
 * sentence printed, when something could not be written; a closed pipe is no error worth a sentence. */
FILE *ms_out_open(const struct ms_args *a);
/* A note about a limit that was reached n times, if it was. */
void  ms_say_limit(const struct ms_args *a, enum ms_limit limit, uint64_t n);
/* The filter of -Y, compiled; *out is NULL without one. -1, or the exit status: a filter error, said on standard error. */
int   ms_filter_open(const struct ms_args *a, struct ms_dfilter **out);
bool  ms_out_close(const struct ms_args *a, FILE *out);
