/* sink/stats_tls.h - the TLS of the servers seen: one row for each server, version, cipher and certificate.
 *
 * Rows     a session without certificate (resumed, TLS 1.3 without keys) counts in the first row of its server, version and cipher;
 *          another certificate of the same server makes another row.
 * Memory   bounded: at most `rows` rows; sessions beyond are counted in a row called "other".                       */
#pragma once
#include "sink/sink.h"

struct ms_inventory;
struct ms_inventory *ms_inventory_create(uint32_t rows);
void ms_inventory_destroy(struct ms_inventory *v); /* NULL is fine */
void ms_inventory_session(void *inventory, const struct ms_session *s);
bool ms_inventory_print(struct ms_inventory *v, enum ms_format format, FILE *out); /* false: write error */
