/* sink/export.h - messages as .eml files, decoded attachments, and an index that lists all.
 *
 * Names    a file is called after the SHA-256 of its content and an ending chosen by us: no name from the wire ever becomes a
 *          path. The same content is written once; every occurrence has its line in the index.
 * Writes   into the folder given, through temporary files there that are renamed when complete; nothing else is touched.
 * Memory   BUFFER_BYTES for each file under way; no file stays open between writes.
 * Limits   attachment_files: beyond it the index goes on without files.                                          */
#pragma once
#include "engine/engine.h"
#include "sink/sink.h"

struct ms_export;
/* NULL with errno when the folder cannot be made or the index not be written. index_format: NDJSON, JSON, CSV or TSV. */
struct ms_export *ms_export_open(const char *folder, bool attachments, enum ms_format index_format, const struct ms_limits *limits);
/* The functions to listen with, ctx set. */
struct ms_output ms_export_output(struct ms_export *x);
uint64_t ms_export_files(const struct ms_export *x);       /* different contents written */
uint64_t ms_export_occurrences(const struct ms_export *x); /* lines of the index */
uint64_t ms_export_refused(const struct ms_export *x);     /* left out by the limit */
bool ms_export_close(struct ms_export *x); /* finishes the index; false: something could not be written (errno) */
