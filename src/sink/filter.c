#include "sink/filter.h"

#include <stdlib.h>

static const char *const units[MS_FIELD_UNITS] = { "frames", "sessions", "exchanges", "messages", "findings" };

/* Where a field comes from: a frame field, a row of fields.def, or neither: the kind itself. */
struct origin { struct ms_field field; uint16_t frame_field; const struct ms_record_field *row; };

static struct origin         *origins;
static struct ms_field_table  table = { NULL, 0, units };

static int by_name(const void *a, const void *b)
{
    const struct origin *x = a, *y = b;
    return strcmp(x->field.name, y->field.name);
}

static unsigned unit_of(enum ms_kind kind)
{
    static const uint8_t of[MS_KIND_COUNT] = { [MS_KIND_SESSION] = MS_UNIT_SESSION, [MS_KIND_EXCHANGE] = MS_UNIT_EXCHANGE,
                                               [MS_KIND_MESSAGE] = MS_UNIT_MESSAGE, [MS_KIND_FINDING] = MS_UNIT_FINDING };
    return of[kind];
}

static void add_row(const struct ms_record_field *row, const char *name)
{
    origins[table.count++] = (struct origin){ .row = row, .field = { .name = name, .type = row->type, .unit = (uint8_t)unit_of(row->kind),
                                              .title = row->help, .help = row->help, .words = row->words } };
}

/* message.parts.type is message.part.type too, message.attachment.type is attachment.type, message.urls.host url.host. */
static void add_other_name(const struct ms_record_field *row)
{
    static const struct { const char *from, *to; } names[] = { { "message.parts", "message.part" }, { "message.attachment", "attachment" },
                                                             { "message.urls", "url" } };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i].from);
        if (strncmp(row->filter, names[i].from, n) != 0)
            continue;
        struct ms_buffer name = { 0 }; /* lives as long as the table */
        ms_text_str(&name, names[i].to);
        ms_text_str(&name, row->filter + n);
        ms_text_char(&name, 0);
        add_row(row, (const char *)name.p);
    }
}

static void add_kinds(void)
{
    static const struct ms_field kinds[] = {
        { .name = "session", .type = MS_FT_NONE, .unit = MS_UNIT_SESSION, .title = "Session", .help = "a session" },
        { .name = "exchange", .type = MS_FT_NONE, .unit = MS_UNIT_EXCHANGE, .title = "Exchange", .help = "a command with its reply" },
        { .name = "message", .type = MS_FT_NONE, .unit = MS_UNIT_MESSAGE, .title = "Message", .help = "a message" },
        { .name = "finding", .type = MS_FT_NONE, .unit = MS_UNIT_FINDING, .title = "Finding", .help = "a finding" },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        origins[table.count++] = (struct origin){ .field = kinds[i] };
}

const struct ms_field_table *ms_filter_table(void)
{
    if (table.count)
        return &table;
    size_t most = MS_FF_COUNT + 2 * ms_record_field_count() + MS_UNIT_COUNT;
    origins = ms_alloc(most * sizeof *origins);
    for (uint16_t i = 0; i < MS_FF_COUNT; i++)
        origins[table.count++] = (struct origin){ .field = ms_frame_fields[i], .frame_field = i };
    for (size_t i = 0; i < ms_record_field_count(); i++) {
        const struct ms_record_field *row = ms_record_field_at(i);
        if (!row->filter)
            continue;
        add_row(row, row->filter);
        add_other_name(row);
    }
    add_kinds();
    qsort(origins, table.count, sizeof *origins, by_name);
    struct ms_field *fields = ms_alloc(table.count * sizeof *fields);
    for (size_t i = 0; i < table.count; i++)
        fields[i] = origins[i].field;
    table.fields = fields;
    return &table;
}

enum ms_frame_field ms_filter_frame_field(size_t index) { return (enum ms_frame_field)origins[index].frame_field; }
const struct ms_record_field *ms_filter_record_field(size_t index) { return origins[index].row; }

bool ms_filter_names(const struct ms_dfilter *f, const char *end)
{
    size_t          n, length = strlen(end);
    const uint16_t *named = ms_dfilter_fields(f, &n);
    for (size_t i = 0; i < n; i++) {
        const char *name = table.fields[named[i]].name;
        if (strlen(name) >= length && strcmp(name + strlen(name) - length, end) == 0)
            return true;
    }
    return false;
}

/* Of a message its header block says that there is one. */
static uint64_t field_needs(enum ms_frame_field field, bool read)
{
    return ms_frame_field_needs(field) | (field == MS_FF_IMF && read ? MS_NEED_MESSAGES : 0);
}

uint64_t ms_filter_needs(const struct ms_dfilter *f)
{
    size_t          n;
    const uint16_t *named = ms_dfilter_fields(f, &n);
    uint64_t        needs = 0;
    for (size_t i = 0; i < n; i++)
        if (table.fields[named[i]].unit == MS_UNIT_FRAME)
            needs |= field_needs(ms_filter_frame_field(named[i]), ms_dfilter_reads(f, i));
    return needs;
}

bool ms_filter_names_only(const struct ms_dfilter *f, enum ms_frame_field field)
{
    size_t n;
    ms_dfilter_fields(f, &n);
    return n == 1 && ms_filter_names_frame_field(f, field);
}

bool ms_filter_names_frame_field(const struct ms_dfilter *f, enum ms_frame_field field)
{
    size_t          n;
    const uint16_t *named = ms_dfilter_fields(f, &n);
    for (size_t i = 0; i < n; i++)
        if (table.fields[named[i]].unit == MS_UNIT_FRAME && ms_filter_frame_field(named[i]) == field)
            return true;
    return false;
}

uint64_t ms_filter_marks(const struct ms_dfilter *f)
{
    size_t          n;
    uint64_t        all = 0;
    const uint16_t *named = ms_dfilter_fields(f, &n);
    for (size_t i = 0; i < n; i++) {
        bool     of_frames = table.fields[named[i]].unit == MS_UNIT_FRAME;
        uint64_t said = of_frames ? ms_frame_field_marks(ms_filter_frame_field(named[i])) : 0;
        if (said == 0)
            return 0;
        all |= said;
    }
    return all;
}

static void frame_values(void *ctx, size_t field, struct ms_value_sink *to)
{
    if (table.fields[field].unit == MS_UNIT_FRAME)
        ms_frame_values(ctx, ms_filter_frame_field(field), to);
}

bool ms_filter_matches_frame(const struct ms_dfilter *f, const struct ms_frame *frame)
{
    struct ms_dfilter_source source = { frame_values, (void *)(uintptr_t)frame };
    return ms_dfilter_matches(f, &source);
}

uint64_t ms_filter_test_frame(const struct ms_dfilter *f, const struct ms_frame *frame)
{
    struct ms_dfilter_source source = { frame_values, (void *)(uintptr_t)frame };
    return ms_dfilter_test(f, MS_UNIT_FRAME, &source);
}
