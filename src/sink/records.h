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

/* Every field of every kind, by dotted name (fields.def). */
struct ms_record_field {
    enum ms_kind kind;
    const char  *name;             /* dotted, as -e takes it; with filter_only not for -e */
    const char  *filter;           /* its name in display filters; NULL: it has none */
    uint8_t      type;             /* enum ms_field_type */
    const struct ms_field_word *words;
    const char  *column, *help;    /* column: its heading in tables; NULL when it is not shown by default */
    bool         filter_only;
};
size_t ms_record_field_count(void);
const struct ms_record_field *ms_record_field_at(size_t i);
/* For -e. NULL: no such field. */
const struct ms_record_field *ms_record_field_find(enum ms_kind kind, struct ms_bytes name);
const struct ms_record_field *ms_record_field_nearest(enum ms_kind kind, struct ms_bytes name); /* for "did you mean" */
