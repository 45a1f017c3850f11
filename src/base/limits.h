/* base/limits.h - every limit of the program in one table (limits.def). Reaching one is a note, never an abort. */
#pragma once
#include "base/bytes.h"

struct ms_limits {
#define X(name, value, tiny, unit, reason) uint64_t name;
#include "base/limits.def"
#undef X
};
struct ms_limit_row { const char *name; uint64_t value, tiny; const char *unit, *reason; };

enum ms_limit {
#define X(name, value, tiny, unit, reason) MS_LIMIT_##name,
#include "base/limits.def"
#undef X
    MS_LIMIT_COUNT
};

extern const struct ms_limit_row ms_limit_rows[MS_LIMIT_COUNT];
struct ms_limits ms_limits_default(void);
struct ms_limits ms_limits_tiny(void); /* for tests */
bool ms_limits_set(struct ms_limits *l, const char *name, uint64_t value); /* false: no such name */
