#include "sink/records.h"

#define WORD(name, text) { MS_SEVERITY_##name, text },
static const struct ms_field_word severities[] = { MS_SEVERITIES(WORD) { 0, NULL } };
#undef WORD
#define WORD(name, text) { MS_STAGE_##name, text },
static const struct ms_field_word stages[] = { MS_STAGES(WORD) { 0, NULL } };
#undef WORD
#define WORD(name, text) { MS_RESULT_##name, text },
static const struct ms_field_word results[] = { MS_RESULTS(WORD) { 0, NULL } };
#undef WORD

/* Kinds of values that need more than a type. */
#define MS_FT_CODE MS_FT_UINT
#define MS_FT_STAGE MS_FT_UINT
#define MS_FT_SEVERITY MS_FT_UINT
#define MS_FT_OPEN MS_FT_COUNT
#define WORDS_NONE NULL
#define WORDS_BOOLEAN NULL
#define WORDS_UINT NULL
#define WORDS_FRAME NULL
#define WORDS_STRING NULL
#define WORDS_IP NULL
#define WORDS_TIME NULL
#define WORDS_DURATION NULL
#define WORDS_OPEN NULL
#define WORDS_CODE results
#define WORDS_STAGE stages
#define WORDS_SEVERITY severities

#define PREFIX_SESSION "session."
#define PREFIX_EXCHANGE "exchange."
#define PREFIX_MESSAGE "message."
#define PREFIX_FINDING "finding."
#define PREFIX_PACKET "packet."
#define HAS_FILTER(kind, type) (MS_KIND_##kind != MS_KIND_PACKET && MS_FT_##type != MS_FT_OPEN)

static const struct ms_record_field rows[] = {
#define X(kind, name, type, column, help) \
    { MS_KIND_##kind, name, HAS_FILTER(kind, type) ? PREFIX_##kind name : NULL, MS_FT_##type, WORDS_##type, column, help, false },
#define F(kind, name, type, help) { MS_KIND_##kind, name, PREFIX_##kind name, MS_FT_##type, WORDS_##type, NULL, help, true },
#include "sink/fields.def"
#undef F
#undef X
};

size_t ms_record_field_count(void) { return sizeof rows / sizeof *rows; }
const struct ms_record_field *ms_record_field_at(size_t i) { return &rows[i]; }

/* Fields whose last part is not fixed: codes.250, tcp.client.resets. */
static bool is_open_ended(const struct ms_record_field *row)
{
    return row->kind == MS_KIND_SESSION &&
           (strcmp(row->name, "codes") == 0 || strcmp(row->name, "tcp.client") == 0 || strcmp(row->name, "tcp.server") == 0);
}

const struct ms_record_field *ms_record_field_find(enum ms_kind kind, struct ms_bytes name)
{
    for (size_t i = 0; i < ms_record_field_count(); i++) {
        struct ms_bytes own = ms_str(rows[i].name);
        if (rows[i].kind != kind || rows[i].filter_only)
            continue;
        if (ms_equal(own, name) || (is_open_ended(&rows[i]) && ms_starts_nocase(name, own) && ms_at(name, own.n) == '.'))
            return &rows[i];
    }
    return NULL;
}

const struct ms_record_field *ms_record_field_nearest(enum ms_kind kind, struct ms_bytes name)
{
    const struct ms_record_field *best = NULL;
    size_t                     least = SIZE_MAX;
    for (size_t i = 0; i < ms_record_field_count(); i++) {
        size_t d = rows[i].kind == kind && !rows[i].filter_only ? ms_edit_distance(name, ms_str(rows[i].name)) : SIZE_MAX;
        if (d < least) {
            least = d;
            best = &rows[i];
        }
    }
    return best;
}
