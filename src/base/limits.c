#include "base/limits.h"

const struct ms_limit_row ms_limit_rows[MS_LIMIT_COUNT] = {
#define X(name, value, tiny, unit, reason) { #name, value, tiny, unit, reason },
#include "base/limits.def"
#undef X
};

struct ms_limits ms_limits_default(void)
{
    return (struct ms_limits){
#define X(name, value, tiny, unit, reason) .name = value,
#include "base/limits.def"
#undef X
    };
}

struct ms_limits ms_limits_tiny(void)
{
    return (struct ms_limits){
#define X(name, value, tiny, unit, reason) .name = tiny,
#include "base/limits.def"
#undef X
    };
}

bool ms_limits_set(struct ms_limits *l, const char *name, uint64_t value)
{
#define X(field, def, tiny, unit, reason) \
    if (strcmp(name, #field) == 0) { l->field = value; return true; }
#include "base/limits.def"
#undef X
    return false;
}
