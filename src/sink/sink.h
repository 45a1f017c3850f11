/* sink/sink.h - records to text: a table for people, NDJSON, JSON, CSV and TSV for programs.
 *
 * Order    programs get records as they come; a table is sorted by id and printed at the end (rows beyond 4 MiB wait in an
 *          unlinked temporary file).
 * Escapes  wire text is escaped for the place where it is shown (base/text.h).
 * Errors   a failed write is kept and told by ms_sink_close().                                                  */
#pragma once
#include "sink/records.h"
#include "sink/separated.h"

#include <stdio.h>

enum ms_format { MS_FORMAT_TABLE, MS_FORMAT_NDJSON, MS_FORMAT_JSON, MS_FORMAT_CSV, MS_FORMAT_TSV };

struct ms_sink_options {
    enum ms_format   format;
    enum ms_kind     kind;
    FILE            *out;
    const char     **fields; size_t field_count; /* -e, in order; 0: all (JSON) or the default columns */
    bool             show_secrets, color;
    struct ms_separated separated;           /* CSV and TSV */
};

struct ms_sink;
struct ms_sink *ms_sink_open(const struct ms_sink_options *o);
void ms_sink_time_digits(struct ms_sink *s, unsigned digits); /* as soon as the capture's precision is known */
void ms_sink_session(struct ms_sink *s, const struct ms_session *r);
void ms_sink_exchange(struct ms_sink *s, const struct ms_session *of, const struct ms_exchange *r, uint64_t id);
void ms_sink_message(struct ms_sink *s, const struct ms_message *r);
void ms_sink_finding(struct ms_sink *s, const struct ms_finding *r);
/* A record told by the caller, between begin and end; `key` sorts tables. */
struct ms_writer *ms_sink_begin(struct ms_sink *s);
void ms_sink_end(struct ms_sink *s, uint64_t key);
void ms_sink_flush(struct ms_sink *s); /* to `out` with what waits; a table waits for the end */
/* Records told from now on wait (beyond 4 MiB in an unlinked temporary file) until it is known whether they are shown. */
void     ms_sink_hold(struct ms_sink *s);
uint64_t ms_sink_ticket(const struct ms_sink *s); /* of the record told last; they ascend */
void     ms_sink_let_go(struct ms_sink *s, uint64_t ticket, bool show);
bool ms_sink_close(struct ms_sink *s); /* prints what waits, frees; false: something could not be written (errno) */

/* A table whose rows are put together by hand (statistics): all cells are plain text. The same formats. */
struct ms_table_column { const char *title, *key; bool number; }; /* number: JSON without quotes (true and false too) */
struct ms_rows;
struct ms_rows *ms_rows_open(enum ms_format format, FILE *out, const struct ms_table_column *columns, size_t count);
void ms_rows_cell(struct ms_rows *r, struct ms_bytes text); /* next cell; the row ends with its last column */
void ms_rows_u64(struct ms_rows *r, uint64_t number);       /* the same with a number */
bool ms_rows_close(struct ms_rows *r);
