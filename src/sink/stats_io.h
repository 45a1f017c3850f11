/* sink/stats_io.h - frames and bytes over time: a row an interval, a pair of columns for each series, as tshark -z io,stat.
 *
 * Series   a display filter (frames and bytes that match), or a function of the values of a field in the frames that match, written as tshark does:
 *          COUNT, SUM, MIN, MAX or AVG, the field in parentheses, the filter, which may be empty: `AVG(tcp.time_delta) tcp.port == 25`.
 * Memory   at most `cells` of them: intervals times columns. Beyond that two intervals become one. Chosen by the program an interval is one
 *          of 1, 5, 10, 50 ... ms to days, so that there are at most MS_IO_ROWS.
 * Times    count from the first frame; frames that are earlier belong to the first row.                              */
#pragma once
#include "frame/frame.h"
#include "sink/sink.h"

enum { MS_IO_ROWS = 60, MS_IO_SERIES = 32 };
enum { MS_IO_AUTO = -1, MS_IO_WHOLE = 0 }; /* intervals of no length */

struct ms_io_options {
    enum ms_format format;
    FILE          *out;
    int64_t        interval;  /* ns, or one of the above */
    const char   **series; size_t series_count;
    uint64_t       cells;
    bool           bars, utf8;
};

struct ms_io;
struct ms_io *ms_io_open(const struct ms_io_options *o, struct ms_buffer *error); /* NULL: a series cannot be read, *error says why */
uint64_t ms_io_needs(const struct ms_io *io);                        /* enum ms_frame_need */
bool     ms_io_names_frame_field(const struct ms_io *io, enum ms_frame_field field); /* a series does */
void     ms_io_time_digits(struct ms_io *io, unsigned digits);
void     ms_io_frame(struct ms_io *io, const struct ms_frame *f, bool counts); /* false: it only shows how long the capture is */
uint64_t ms_io_doubled(const struct ms_io *io);                      /* how often the limit made an interval longer than asked for */
uint64_t ms_io_cut(const struct ms_io *io);                          /* ms_dfilter_cut() of the series */
bool     ms_io_close(struct ms_io *io);                              /* prints, frees; false: write error */

/* stats_series.c */
enum ms_series_kind { MS_SERIES_FRAMES, MS_SERIES_COUNT, MS_SERIES_SUM, MS_SERIES_MIN, MS_SERIES_MAX, MS_SERIES_AVG };
struct ms_series {
    enum ms_series_kind kind;
    const char         *text;
    struct ms_dfilter  *filter;
    uint64_t            marks;  /* ms_filter_marks() */
    bool                silent; /* what the filter says of frames without one of them */
    const struct ms_field *field;
    enum ms_frame_field id;
};
union ms_io_number { int64_t i; double d; };
struct ms_io_cell { uint64_t frames, bytes, count; union ms_io_number sum, least, most; };

bool ms_series_open(struct ms_series *s, const char *text, struct ms_buffer *error);
uint64_t ms_series_needs(const struct ms_series *s);
bool ms_series_names_frame_field(const struct ms_series *s, enum ms_frame_field field);
void ms_series_frame(const struct ms_series *s, const struct ms_frame *f, struct ms_value *room, struct ms_io_cell *cell); /* room: MS_VALUES_MAX */
void ms_series_merge(const struct ms_series *s, struct ms_io_cell *into, const struct ms_io_cell *from);
void ms_series_text(const struct ms_series *s, const struct ms_io_cell *cell, struct ms_buffer *out); /* of a function; nothing where there was no value */
