/* sink/stats_endpoints.h - every address that took part, as client or server: what it sent and received, and what failed.
 *
 * Counts   a session, its frames, failed logins and errors count for both addresses, once when they are the same one. Errors are replies
 *          4xx and 5xx, -ERR, NO and BAD, whoever sent them.
 * Memory   bounded: at most `rows` rows, the rest is added to a row called "other"; NAMES_KEPT names of an address.             */
#pragma once
#include "sink/sink.h"

struct ms_endpoints;
struct ms_endpoints *ms_endpoints_create(uint32_t rows);
void ms_endpoints_destroy(struct ms_endpoints *e); /* NULL is fine */
void ms_endpoints_session(void *endpoints, const struct ms_session *s);
void ms_endpoints_message(void *endpoints, const struct ms_message *m);
bool ms_endpoints_print(struct ms_endpoints *e, enum ms_format format, FILE *out); /* false: write error */
