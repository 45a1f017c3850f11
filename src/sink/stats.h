/* sink/stats.h - statistics over the records of a run, as tables in every format.
 *
 * Memory   bounded: at most STATS_GROUPS rows a table; what comes beyond is added to a row called "other".      */
#pragma once
#include "engine/engine.h"
#include "sink/sink.h"

enum ms_stats_kind { MS_STATS_CODES, MS_STATS_COMMANDS, MS_STATS_CONVERSATIONS, MS_STATS_TIMES, MS_STATS_TLS, MS_STATS_ENDPOINTS, MS_STATS_COUNT };
extern const char *const ms_stats_names[MS_STATS_COUNT + 1]; /* "codes", ...; ends with NULL */

/* It came to nothing: neither ended in order nor cut off by the capture. */
static inline bool ms_stats_failed(const struct ms_session *n)
{
    return n->outcome != MS_OUTCOME_COMPLETED && n->outcome != MS_OUTCOME_CLOSED && n->outcome != MS_OUTCOME_INCOMPLETE;
}

struct ms_stats;
struct ms_stats *ms_stats_create(enum ms_stats_kind kind);
/* The functions that this kind needs, with ctx set. */
struct ms_output ms_stats_output(struct ms_stats *s);
bool ms_stats_print(struct ms_stats *s, enum ms_format format, FILE *out); /* false: write error */
void ms_stats_destroy(struct ms_stats *s);
