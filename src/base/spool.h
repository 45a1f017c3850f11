/* base/spool.h - bytes kept for the end of a run: in memory first, beyond MS_SPOOL_BYTES in an unlinked temporary file.
 *
 * Errors   when no temporary file can be made or written, everything stays in memory.
 * Threads  one spool, one thread.                                                                          */
#pragma once
#include "base/arena.h"

#include <stdio.h>

enum { MS_SPOOL_BYTES = 4 << 20 };

struct ms_spool { struct ms_buffer tail; FILE *file; uint64_t written; bool full; }; /* zeroed is empty */

static inline uint64_t ms_spool_end(const struct ms_spool *s) { return s->written + s->tail.n; } /* where the next byte goes */
void ms_spool_append(struct ms_spool *s, struct ms_bytes b);
void ms_spool_flush(struct ms_spool *s); /* call between records: what was appended may go to the file */
/* n bytes from `offset`, which one call or calls without a flush between them appended; false: the file cannot be read. */
bool ms_spool_read(struct ms_spool *s, uint64_t offset, void *to, size_t n);
void ms_spool_finish(struct ms_spool *s);
