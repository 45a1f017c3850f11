#include "sink/sink.h"

#include "base/spool.h"
#include "sink/table.h"

#include <errno.h>
#include <stdlib.h>

enum { OUT_BYTES = 64 * 1024 };

struct ms_sink {
    struct ms_sink_options o;
    struct ms_writer  writer;
    struct ms_buffer  out;       /* text that waits to be written */
    struct ms_grid   *grid;
    const char      **names, **titles; /* the columns; NULL titles for JSON */
    bool             *numbers;
    size_t            columns;
    uint64_t          records;
    bool              holds;
    struct ms_spool   held;      /* of each record that waits: struct held, then its cells or its line: length (4 bytes), bytes */
    uint64_t          ticket, waiting; /* where the last one begins; how many there are */
    int               error;     /* errno of the first failed write */
};

static bool is_flat(const struct ms_sink *s) { return s->o.format >= MS_FORMAT_CSV || s->o.format == MS_FORMAT_TABLE || s->o.field_count; }

static bool is_number(const char *title)
{
    static const char *const words[] = { "#", "PORT", "SECONDS", "FRAME", "REPLY", "MSGS", "SESSION", "DATA", "SIZE" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(title, words[i]) == 0)
            return true;
    return false;
}

static void add_column(struct ms_sink *s, const char *name, const char *title)
{
    s->names[s->columns] = name;
    s->titles[s->columns] = title;
    s->numbers[s->columns] = is_number(title);
    s->columns++;
}

static void choose_columns(struct ms_sink *s)
{
    size_t most = s->o.field_count + ms_record_field_count() + 1;
    s->names = ms_alloc(most * sizeof *s->names);
    s->titles = ms_alloc(most * sizeof *s->titles);
    s->numbers = ms_alloc(most * sizeof *s->numbers);
    for (size_t i = 0; i < s->o.field_count; i++)
        add_column(s, s->o.fields[i], s->o.fields[i]);
    bool all = s->o.format >= MS_FORMAT_CSV; /* programs get every field that always has the same name */
    for (size_t i = 0; s->o.field_count == 0 && i < ms_record_field_count(); i++) {
        const struct ms_record_field *row = ms_record_field_at(i);
        if (row->kind == s->o.kind && !row->filter_only && (all || row->column))
            add_column(s, row->name, all ? row->name : row->column);
    }
    s->names[s->columns] = "tls.version"; /* add_transport() looks at it */
    s->writer.columns = s->names;
    s->writer.column_count = s->columns + 1;
}

void ms_sink_flush(struct ms_sink *s)
{
    if (s->out.n && fwrite(s->out.p, 1, s->out.n, s->o.out) != s->out.n && !s->error)
        s->error = errno ? errno : EIO;
    s->out.n = 0;
}

static void separated(struct ms_sink *s, size_t i, struct ms_bytes text)
{
    ms_separated_cell(&s->out, &s->o.separated, s->o.format == MS_FORMAT_CSV, i == 0, text);
}

static void end_line(struct ms_sink *s)
{
    ms_text_str(&s->out, s->o.format == MS_FORMAT_CSV ? "\r\n" : "\n");
    if (s->out.n > OUT_BYTES && !s->holds)
        ms_sink_flush(s);
}

static void put_heading(struct ms_sink *s)
{
    if (s->o.separated.bom)
        ms_text_str(&s->out, "\xef\xbb\xbf");
    if (s->o.separated.no_header)
        return;
    char quote = s->o.separated.quote;
    s->o.separated.quote = 0;
    for (size_t i = 0; i < s->columns; i++)
        separated(s, i, ms_str(s->titles[i]));
    s->o.separated.quote = quote;
    end_line(s);
}

struct ms_sink *ms_sink_open(const struct ms_sink_options *o)
{
    struct ms_sink *s = ms_alloc(sizeof *s);
    s->o = *o;
    s->writer.time_digits = 6;
    if (is_flat(s))
        choose_columns(s);
    else
        s->writer.out = &s->out;
    if (o->format == MS_FORMAT_TABLE)
        s->grid = ms_grid_create(s->titles, s->numbers, s->columns);
    if (o->format == MS_FORMAT_JSON)
        ms_text_char(&s->out, '[');
    if (o->format >= MS_FORMAT_CSV)
        put_heading(s);
    return s;
}

void ms_sink_time_digits(struct ms_sink *s, unsigned digits) { s->writer.time_digits = digits; }

/* ---- a record ------------------------------------------------------------------------------------------------ */

struct held { uint64_t key; uint32_t parts; };

static void separate(struct ms_sink *s)
{
    if (s->o.format == MS_FORMAT_JSON)
        ms_text_str(&s->out, s->records ? ",\n" : "\n");
}

static void hold_part(struct ms_sink *s, struct ms_bytes text)
{
    uint32_t n = text.n > UINT32_MAX ? UINT32_MAX : (uint32_t)text.n;
    ms_spool_append(&s->held, (struct ms_bytes){ (const uint8_t *)&n, sizeof n });
    ms_spool_append(&s->held, ms_head(text, n));
}

static void hold_begin(struct ms_sink *s, uint64_t key)
{
    struct held h = { key, s->grid ? (uint32_t)s->columns : 1 };
    s->ticket = ms_spool_end(&s->held);
    s->waiting++;
    ms_spool_append(&s->held, (struct ms_bytes){ (const uint8_t *)&h, sizeof h });
}

struct ms_writer *ms_sink_begin(struct ms_sink *s)
{
    if (s->holds)
        ms_sink_flush(s); /* what comes now is not for the file yet */
    else
        separate(s);
    ms_writer_start(&s->writer);
    return &s->writer;
}

/* "codes" in flat form: all of them, 250=4,535=1. */
static bool add_codes(const struct ms_sink *s, struct ms_buffer *t)
{
    size_t before = t->n;
    for (size_t i = 0; i < s->writer.flat_count; i++) {
        const struct ms_flat *f = &s->writer.flat[i];
        if (!ms_starts_nocase(f->name, MS_LIT("codes.")))
            continue;
        ms_text_str(t, t->n > before ? "," : "");
        ms_text_add(t, ms_tail(f->name, 6));
        ms_text_char(t, '=');
        ms_text_add(t, ms_buffer_bytes(&f->plain));
    }
    return t->n > before;
}

/* For people the transport says its version too: "tls 1.3". */
static bool add_transport(const struct ms_sink *s, struct ms_bytes transport, struct ms_buffer *t)
{
    const struct ms_flat *version = ms_writer_find(&s->writer, MS_LIT("tls.version"));
    struct ms_bytes       name = version ? ms_buffer_bytes(&version->plain) : (struct ms_bytes){ 0 };
    if (name.n == 0)
        return false;
    ms_text_add(t, transport);
    ms_text_char(t, ' ');
    ms_text_add(t, ms_starts_nocase(name, MS_LIT("TLS ")) ? ms_tail(name, 4) : name);
    return true;
}

/* Cells that are put together from several fields. */
static bool add_special(const struct ms_sink *s, size_t column, struct ms_bytes text, struct ms_buffer *t)
{
    t->n = 0;
    if (s->o.kind != MS_KIND_SESSION)
        return false;
    if (strcmp(s->names[column], "codes") == 0)
        return add_codes(s, t);
    return s->grid && s->o.field_count == 0 && strcmp(s->names[column], "transport") == 0 && add_transport(s, text, t);
}

static void put_cells(struct ms_sink *s, uint64_t key)
{
    struct ms_buffer special = { 0 };
    for (size_t i = 0; i < s->columns; i++) {
        const struct ms_flat *f = ms_writer_find(&s->writer, ms_str(s->names[i]));
        struct ms_bytes       text = f ? ms_buffer_bytes(&f->plain) : (struct ms_bytes){ 0 };
        if (add_special(s, i, text, &special))
            text = ms_buffer_bytes(&special);
        if (s->grid && s->holds)
            hold_part(s, ms_head(text, MS_CELL_BYTES));
        else if (s->grid)
            ms_grid_cell(s->grid, text);
        else
            separated(s, i, text);
    }
    ms_buffer_finish(&special);
    if (!s->grid)
        end_line(s);
    else if (!s->holds)
        ms_grid_row_end(s->grid, key);
}

static void put_selected_json(struct ms_sink *s)
{
    bool any = false;
    ms_text_char(&s->out, '{');
    for (size_t i = 0; i < s->columns; i++) {
        const struct ms_flat *f = ms_writer_find(&s->writer, ms_str(s->names[i]));
        if (!f)
            continue;
        ms_text_str(&s->out, any ? "," : "");
        any = true;
        ms_text_json(&s->out, f->name);
        ms_text_str(&s->out, f->array ? ":[" : ":");
        ms_text_add(&s->out, ms_buffer_bytes(&f->json));
        ms_text_str(&s->out, f->array ? "]" : "");
    }
    ms_text_char(&s->out, '}');
}

static void put(struct ms_sink *s, uint64_t key)
{
    if (s->o.format == MS_FORMAT_TABLE || s->o.format >= MS_FORMAT_CSV) {
        put_cells(s, key);
        return;
    }
    if (s->o.field_count)
        put_selected_json(s);
    else
        ms_text_char(&s->out, '}');
    if (s->o.format == MS_FORMAT_NDJSON)
        end_line(s);
    else if (s->out.n > OUT_BYTES && !s->holds)
        ms_sink_flush(s);
}

void ms_sink_end(struct ms_sink *s, uint64_t key)
{
    if (!s->holds) {
        s->records++;
        put(s, key);
        return;
    }
    hold_begin(s, key);
    put(s, key);
    if (!s->grid)
        hold_part(s, ms_buffer_bytes(&s->out));
    s->out.n = 0;
    ms_spool_flush(&s->held);
}

void     ms_sink_hold(struct ms_sink *s) { s->holds = true; }
uint64_t ms_sink_ticket(const struct ms_sink *s) { return s->ticket; }

static void show_held(struct ms_sink *s, uint64_t at)
{
    struct held h;
    uint32_t    n;
    if (!ms_spool_read(&s->held, at, &h, sizeof h))
        return;
    separate(s);
    s->records++;
    at += sizeof h;
    for (uint32_t i = 0; i < h.parts && ms_spool_read(&s->held, at, &n, sizeof n); i++) {
        uint8_t *text = ms_alloc(n);
        if (!ms_spool_read(&s->held, at + sizeof n, text, n))
            n = 0;
        if (s->grid)
            ms_grid_cell(s->grid, (struct ms_bytes){ text, n });
        else
            ms_text_add(&s->out, (struct ms_bytes){ text, n });
        at += sizeof n + n;
        ms_free(text);
    }
    if (s->grid)
        ms_grid_row_end(s->grid, h.key);
    if (s->out.n > OUT_BYTES)
        ms_sink_flush(s);
}

void ms_sink_let_go(struct ms_sink *s, uint64_t ticket, bool show)
{
    if (show)
        show_held(s, ticket);
    if (--s->waiting)
        return;
    if (s->held.file)
        ms_spool_finish(&s->held);
    s->held.tail.n = 0;
}

void ms_sink_session(struct ms_sink *s, const struct ms_session *r)
{
    ms_sink_begin(s);
    ms_tell_session(&s->writer, r);
    ms_sink_end(s, r->id);
}

void ms_sink_exchange(struct ms_sink *s, const struct ms_session *of, const struct ms_exchange *r, uint64_t id)
{
    ms_sink_begin(s);
    ms_tell_exchange(&s->writer, of, r, id, s->o.show_secrets);
    ms_sink_end(s, id);
}

void ms_sink_message(struct ms_sink *s, const struct ms_message *r)
{
    ms_sink_begin(s);
    ms_tell_message(&s->writer, r);
    ms_sink_end(s, r->id);
}

void ms_sink_finding(struct ms_sink *s, const struct ms_finding *r)
{
    ms_sink_begin(s);
    ms_tell_finding(&s->writer, r);
    ms_sink_end(s, r->id);
}

bool ms_sink_close(struct ms_sink *s)
{
    if (s->o.format == MS_FORMAT_JSON)
        ms_text_str(&s->out, s->records ? "\n]\n" : "]\n");
    ms_sink_flush(s);
    if (s->grid) {
        if (!ms_grid_print(s->grid, s->o.out) && !s->error)
            s->error = errno ? errno : EIO;
        ms_grid_destroy(s->grid);
    }
    int error = s->error;
    ms_writer_finish(&s->writer);
    ms_spool_finish(&s->held);
    ms_buffer_finish(&s->out);
    ms_free(s->names);
    ms_free(s->titles);
    ms_free(s->numbers);
    ms_free(s);
    errno = error;
    return error == 0;
}
