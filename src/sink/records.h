/* sink/records.h - each record kind told field by field, keys in the order users rely on. */
#pragma once
#include "check/check.h"
#include "sink/writer.h"

enum ms_kind { MS_KIND_SESSION, MS_KIND_EXCHANGE, MS_KIND_MESSAGE, MS_KIND_FINDING, MS_KIND_PACKET, MS_KIND_COUNT };

void ms_tell_session(struct ms_writer *w, const struct ms_session *s);
void ms_tell_exchange(struct ms_writer *w, const struct ms_session *s, const struct ms_exchange *x, uint64_t id, bool secrets);
void ms_tell_message(struct ms_writer *w, const struct ms_message *m);
void ms_tell_finding(struct ms_writer *w, const struct ms_finding *f);
/* Parts of a session, nothing when NULL (records_tls.c). */
void ms_tell_tls(struct ms_writer *w, const struct ms_tls_info *t);
void ms_tell_lookup(struct ms_writer *w, const struct ms_name_lookup *l);

/* Every field of every kind, by dotted name (fields.def). `column`: its heading in tables; NULL when it is not shown by default. */
struct ms_record_field { enum ms_kind kind; const char *name, *column, *help; };
size_t ms_record_field_count(void);
const struct ms_record_field *ms_record_field_at(size_t i);
const struct ms_record_field *ms_record_field_find(enum ms_kind kind, struct ms_bytes name); /* NULL: no such field */
const struct ms_record_field *ms_record_field_nearest(enum ms_kind kind, struct ms_bytes name); /* for "did you mean" */
