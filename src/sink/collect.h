/* sink/collect.h - values of a record for a display filter. The functions that tell a record (records.h) tell it to a writer that
 * keeps, with their types, the fields that are wanted, and nothing else.
 *
 * Owns     values and their text, until the next record is begun.
 * Limits   MS_VALUES_MAX values of a field, and one that says that there were more.                              */
#pragma once
#include "base/text.h"
#include "dfilter/field.h"

struct ms_collected { struct ms_bytes name; uint8_t type; struct ms_value *values; size_t n, room; }; /* name: dotted, without the kind */
struct ms_collector { struct ms_collected *wanted; size_t count; struct ms_arena text; };

size_t ms_collect_want(struct ms_collector *c, const char *name, enum ms_field_type type); /* its place in `wanted`; the name is borrowed */
void   ms_collect_start(struct ms_collector *c);  /* a new record */
void   ms_collect_finish(struct ms_collector *c); /* frees */
bool   ms_collect_inside(const struct ms_collector *c, struct ms_bytes path); /* is that field, or one in it, wanted? */

/* A number goes to frame numbers too, and to text in digits; a word to text, and its place among its like to numbers. */
void ms_collect_value(struct ms_collector *c, struct ms_bytes name, struct ms_value v);
void ms_collect_word(struct ms_collector *c, struct ms_bytes name, struct ms_bytes word, uint64_t place);
