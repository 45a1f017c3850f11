/* sink/rules.h - rules of users: display filters in a file, told as findings of their own.
 *
 * File     lines, in UTF-8. "[NAME]" begins a rule, behind it stand "filter = EXPR", "severity = WORD" (else warning) and "explain = TEXT"; blank lines
 *          and lines that begin with # are passed over. A name has letters, digits, '-', '_' and '.'; the finding's id is "user:NAME".
 * Means    a rule speaks of sessions, exchanges or messages, of the finest kind that its filter names, and holds as -Y would keep that record. A
 *          filter of several kinds is decided when the session ends.
 * Errors   one sentence with file, line and column, and where it is a filter's, the filter with the place marked.
 * Limits   MS_USER_RULES, MS_RULES_BYTES of a file; records that wait are bounded as those of -Y are.                      */
#pragma once
#include "engine/engine.h"
#include "sink/select.h"

enum { MS_RULES_BYTES = 1048576 };

struct ms_rules_file;
struct ms_rules_file *ms_rules_create(void);
void ms_rules_destroy(struct ms_rules_file *f);
/* Adds the rules of a text; false, with a sentence in *error, when one of them is wrong. Its name is for that. */
bool ms_rules_read(struct ms_rules_file *f, const char *name, struct ms_bytes text, struct ms_buffer *error);
bool ms_rules_name(const struct ms_rules_file *f, const char *field); /* does a filter name a field that ends so? */

/* Before the first record; again before a second pass. `checks` are told what holds. */
void ms_rules_begin(struct ms_rules_file *f, struct ms_checks *checks, const struct ms_limits *limits);
struct ms_judges ms_rules_judges(struct ms_rules_file *f);
void ms_rules_mark(struct ms_rules_file *f, struct ms_message *m); /* of a message in a file: the rules that hold for it alone */
uint64_t ms_rules_cut(const struct ms_rules_file *f, enum ms_limit limit); /* how often it was reached */
