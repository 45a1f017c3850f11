/* auth/fields.h - the fields of a header block as signatures see them: raw, in order, found by name from below.
 *
 * Borrows  the block; the table is in the arena. At most the limit header_count.
 * Line ends may be CRLF or LF; signatures are over CRLF (RFC 6376 3.4).                                            */
#pragma once
#include "base/arena.h"
#include "base/limits.h"

struct ms_field {
    struct ms_bytes name;   /* without blanks before the colon */
    struct ms_bytes whole;  /* from the name to the end of the value, without its last line end */
    struct ms_bytes value;  /* behind the colon, raw */
    bool            spaced; /* blanks before the colon (obsolete, RFC 5322 4.5) */
};
struct ms_field_group; /* the fields of one name */
struct ms_fields {
    struct ms_field *at; size_t n;
    uint64_t         dropped;  /* over the limit */
    uint32_t        *above;    /* of each field: the next one of the same name above it, from 1; 0: none */
    struct ms_field_group *groups; uint32_t group_count;
    uint32_t        *slots, slot_count; /* groups by the hash of their name, from 1 */
};
void ms_fields_read(struct ms_fields *f, struct ms_bytes block, const struct ms_limits *limits, struct ms_arena *arena);

/* The lowest field of that name, from 1; 0: there is none. Then f->above. */
uint32_t ms_fields_last(const struct ms_fields *f, struct ms_bytes name);
/* Fields by name, each once, from below: what a signature lists (RFC 6376 5.4.2). Start anew with ms_fields_restart. */
uint32_t ms_fields_next(struct ms_fields *f, struct ms_bytes name);
void ms_fields_restart(struct ms_fields *f);
