#include "model/record.h"

#include <stdio.h>
#include <strings.h>

#define WORD(name, word) word,
#define NAMES(fn, tag, LIST, count)                                            \
    const char *fn(enum tag v)                                                 \
    {                                                                          \
        static const char *const words[] = { LIST(WORD) };                     \
        return (unsigned)v < (unsigned)(count) ? words[v] : "";                \
    }

NAMES(ms_protocol_name, ms_protocol, MS_PROTOCOLS, MS_PROTO_COUNT)
NAMES(ms_transport_name, ms_transport, MS_TRANSPORTS, MS_TRANSPORT_COUNT)
NAMES(ms_outcome_name, ms_outcome, MS_OUTCOMES, MS_OUTCOME_COUNT)
NAMES(ms_stage_name, ms_stage, MS_STAGES, MS_STAGE_COUNT)
NAMES(ms_direction_name, ms_direction, MS_DIRECTIONS, MS_DIRECTION_COUNT)
NAMES(ms_status_name, ms_status, MS_STATUSES, MS_STATUS_COUNT)
NAMES(ms_severity_name, ms_severity, MS_SEVERITIES, MS_SEVERITY_COUNT)
NAMES(ms_category_name, ms_category, MS_CATEGORIES, MS_CATEGORY_COUNT)
NAMES(ms_mechanism_name, ms_mechanism, MS_MECHANISMS, MS_MECH_COUNT)
NAMES(ms_class_name, ms_class, MS_CLASSES, MS_CLASS_COUNT)

enum ms_mechanism ms_mechanism_find(struct ms_bytes name)
{
    for (int m = MS_MECH_PLAIN; m < MS_MECH_USERPASS; m++)
        if (ms_equal_nocase(name, ms_str(ms_mechanism_name((enum ms_mechanism)m))))
            return (enum ms_mechanism)m;
    return MS_MECH_OTHER;
}

struct ms_bytes ms_session_mechanism(const struct ms_session *s)
{
    bool named = s->mechanism == MS_MECH_OTHER && s->mechanism_name.n;
    return named ? s->mechanism_name : ms_str(ms_mechanism_name((enum ms_mechanism)s->mechanism));
}

const char *ms_code_name(unsigned code, char scratch[8])
{
    static const char *const words[] = { MS_RESULTS(WORD) };
    if (code < MS_RESULT_COUNT)
        return words[code];
    snprintf(scratch, 8, "%u", code % 10000);
    return scratch;
}

bool ms_code_refuses(unsigned code)
{
    return code >= 400 || code == MS_RESULT_POP_ERR || code == MS_RESULT_NO || code == MS_RESULT_BAD;
}
