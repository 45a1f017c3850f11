#include "sink/records.h"

static const struct ms_record_field rows[] = {
#define X(kind, name, column, help) { MS_KIND_##kind, name, column, help },
#include "sink/fields.def"
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
        if (rows[i].kind != kind)
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
        size_t d = rows[i].kind == kind ? ms_edit_distance(name, ms_str(rows[i].name)) : SIZE_MAX;
        if (d < least) {
            least = d;
            best = &rows[i];
        }
    }
    return best;
}
