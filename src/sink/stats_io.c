#include "sink/stats_io.h"

#include <stdlib.h>

/* Messages and errors stand in the first cell of a row as `count` and `sum.i`. */
struct ms_io {
    struct ms_io_options o;
    struct ms_series  *series;
    size_t             count, width;  /* of series; cells of a row */
    struct ms_io_cell *cells;
    size_t             rows, room;
    int64_t            interval, first_time;
    size_t             last_row;      /* of the last frame; it begins last_begin after first_time and is last_length long: most are in the same */
    uint64_t           last_begin, last_length;
    uint64_t           most_rows, doubled;
    unsigned           digits;
    struct ms_value   *values;
};

static const int64_t MILLISECOND = 1000000, SECOND = 1000000000;

struct ms_io *ms_io_open(const struct ms_io_options *o, struct ms_buffer *error)
{
    struct ms_io *io = ms_alloc(sizeof *io);
    io->o = *o;
    io->series = ms_alloc((o->series_count + 1) * sizeof *io->series);
    io->values = ms_alloc(MS_VALUES_MAX * sizeof *io->values);
    io->width = 1 + o->series_count;
    io->most_rows = o->cells / io->width > 1 ? o->cells / io->width : 1;
    if (o->interval == MS_IO_AUTO && io->most_rows > MS_IO_ROWS)
        io->most_rows = MS_IO_ROWS;
    io->interval = o->interval == MS_IO_AUTO ? MILLISECOND : o->interval == MS_IO_WHOLE ? INT64_MAX : o->interval;
    io->first_time = MS_UNKNOWN;
    io->digits = 6;
    for (; io->count < o->series_count; io->count++) {
        if (ms_series_open(&io->series[io->count], o->series[io->count], error))
            continue;
        io->o.out = NULL;
        ms_io_close(io);
        return NULL;
    }
    return io;
}

uint64_t ms_io_needs(const struct ms_io *io)
{
    uint64_t needs = io->count ? 0 : MS_NEED_SAID(MS_ELEMENTS_ANY(1 << MS_EL_REPLY | 1 << MS_EL_HEADERS));
    for (size_t i = 0; i < io->count; i++)
        needs |= ms_series_needs(&io->series[i]);
    return needs;
}

bool ms_io_names_frame_field(const struct ms_io *io, enum ms_frame_field field)
{
    for (size_t i = 0; i < io->count; i++)
        if (ms_series_names_frame_field(&io->series[i], field))
            return true;
    return false;
}

void ms_io_time_digits(struct ms_io *io, unsigned digits) { io->digits = digits; }

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static struct ms_io_cell *row(const struct ms_io *io, size_t r) { return io->cells + r * io->width; }

static void merge_rows(struct ms_io *io, size_t to, size_t from)
{
    struct ms_io_cell *a = row(io, to), *b = row(io, from);
    a->frames += b->frames;
    a->bytes += b->bytes;
    a->count += b->count;
    a->sum.i += b->sum.i;
    for (size_t i = 0; i < io->count; i++)
        ms_series_merge(&io->series[i], &a[1 + i], &b[1 + i]);
}

/* `factor` intervals become one. */
static void merge(struct ms_io *io, size_t factor)
{
    size_t rows = (io->rows + factor - 1) / factor;
    for (size_t r = 0; r < io->rows; r++) {
        if (r % factor)
            merge_rows(io, r / factor, r);
        else if (r)
            memcpy(row(io, r / factor), row(io, r), io->width * sizeof *io->cells);
    }
    if (io->rows)
        memset(row(io, rows), 0, (io->rows - rows) * io->width * sizeof *io->cells);
    io->rows = rows;
}

/* Each step is a multiple of the one before. */
static int64_t longer(const struct ms_io *io)
{
    static const int64_t milliseconds[] = { 1, 5, 10, 50, 100, 500, 1000, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000, 14400000, 86400000 };
    for (size_t i = 0; io->o.interval == MS_IO_AUTO && i < sizeof milliseconds / sizeof *milliseconds; i++)
        if (milliseconds[i] * MILLISECOND > io->interval)
            return milliseconds[i] * MILLISECOND;
    return io->interval > INT64_MAX / 2 ? INT64_MAX : io->interval * 2;
}

static void reserve(struct ms_io *io, size_t rows)
{
    size_t room = io->room ? io->room : 16;
    while (room < rows)
        room *= 2;
    if (room > io->room) {
        io->cells = ms_resize(io->cells, room * io->width * sizeof *io->cells);
        memset(io->cells + io->room * io->width, 0, (room - io->room) * io->width * sizeof *io->cells);
        io->room = room;
    }
    io->rows = rows > io->rows ? rows : io->rows;
}

static struct ms_io_cell *row_at(struct ms_io *io, int64_t time)
{
    uint64_t since = time < io->first_time ? 0 : (uint64_t)time - (uint64_t)io->first_time;
    if (since - io->last_begin < io->last_length)
        return row(io, io->last_row);
    while (since / (uint64_t)io->interval >= io->most_rows && io->interval < INT64_MAX) {
        int64_t next = longer(io);
        merge(io, next == INT64_MAX ? io->rows + 1 : (size_t)(next / io->interval));
        io->interval = next;
        io->doubled += io->o.interval != MS_IO_AUTO;
    }
    uint64_t index = since / (uint64_t)io->interval;
    if (index >= io->most_rows)
        index = io->most_rows - 1;
    if (index >= io->rows)
        reserve(io, (size_t)index + 1);
    io->last_row = (size_t)index;
    io->last_begin = index * (uint64_t)io->interval;
    io->last_length = (uint64_t)io->interval;
    return row(io, io->last_row);
}

/* 4xx and 5xx, -ERR, and NO or BAD to a command. */
static bool is_error(const struct ms_element *el)
{
    if (el->kind != MS_EL_REPLY || el->flags & MS_ELEMENT_MORE)
        return false;
    if (el->protocol == MS_PROTO_POP3)
        return ms_starts_nocase(el->line, MS_LIT("-ERR"));
    if (el->protocol != MS_PROTO_IMAP)
        return el->code >= 400;
    struct ms_bytes rest = ms_tail(el->line, ms_find(el->line, ' ') + 1);
    return ms_at(el->line, 0) != '*' && (ms_starts_nocase(rest, MS_LIT("NO ")) || ms_starts_nocase(rest, MS_LIT("BAD ")));
}

void ms_io_frame(struct ms_io *io, const struct ms_frame *f, bool counts)
{
    if (io->first_time == MS_UNKNOWN)
        io->first_time = f->first_time;
    struct ms_io_cell *cell = row_at(io, f->packet->time);
    if (!counts)
        return;
    cell->frames++;
    cell->bytes += f->packet->length;
    for (size_t i = 0; i < f->element_count; i++) {
        cell->count += f->elements[i].kind == MS_EL_HEADERS;
        cell->sum.i += is_error(&f->elements[i]);
    }
    for (size_t i = 0; i < io->count; i++)
        ms_series_frame(&io->series[i], f, io->values, &cell[1 + i]);
}

uint64_t ms_io_doubled(const struct ms_io *io) { return io->doubled; }

uint64_t ms_io_cut(const struct ms_io *io)
{
    uint64_t n = 0;
    for (size_t i = 0; i < io->count; i++)
        n += io->series[i].filter ? ms_dfilter_cut(io->series[i].filter) : 0;
    return n;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

enum { COLUMNS_MOST = 8 + 2 * MS_IO_SERIES, BAR_COLUMNS = 30 };

struct table { struct ms_table_column column[COLUMNS_MOST]; size_t n; struct ms_arena words; };

static void add_column(struct table *t, const char *title, const char *key, bool number)
{
    t->column[t->n++] = (struct ms_table_column){ title, key, number };
}

static void add_filter_column(struct table *t, const char *what, const char *text)
{
    size_t n = strlen(what) + strlen(text) + 3;
    char  *word = ms_arena_alloc(&t->words, n);
    snprintf(word, n, "%s(%s)", what, text);
    add_column(t, word, word, true);
}

static void choose_columns(const struct ms_io *io, struct table *t)
{
    add_column(t, "BEGIN", "begin", true);
    add_column(t, "END", "end", true);
    if (io->o.format != MS_FORMAT_TABLE)
        add_column(t, "TIME", "time", false);
    add_column(t, "FRAMES", "frames", true);
    add_column(t, "BYTES", "bytes", true);
    if (io->count == 0) {
        add_column(t, "MESSAGES", "messages", true);
        add_column(t, "ERRORS", "errors", true);
    }
    for (size_t i = 0; i < io->count; i++) {
        const struct ms_series *s = &io->series[i];
        if (s->kind != MS_SERIES_FRAMES) {
            add_column(t, s->text, s->text, true);
            continue;
        }
        add_filter_column(t, "frames", s->text);
        add_filter_column(t, "bytes", s->text);
    }
    if (io->o.bars)
        add_column(t, "", "bar", false);
}

/* Eighths of a column, or whole ones. */
static void add_bar(const struct ms_io *io, uint64_t n, uint64_t most, struct ms_buffer *t)
{
    static const char *const eighths[] = { "", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a", "\u2589" };
    unsigned                 eighth = (unsigned)((double)n / (double)(most ? most : 1) * BAR_COLUMNS * 8 + 0.5);
    eighth = n && eighth == 0 ? 1 : eighth;
    for (unsigned i = 0; i < eighth / 8; i++)
        ms_text_str(t, io->o.utf8 ? "\u2588" : "#");
    ms_text_str(t, io->o.utf8 ? eighths[eighth % 8] : eighth && eighth < 8 ? "." : "");
}

static void put_seconds(struct ms_rows *rows, int64_t ns, int digits)
{
    char text[40];
    snprintf(text, sizeof text, "%lld.%09lld", (long long)(ns / SECOND), (long long)(ns % SECOND));
    struct ms_bytes b = ms_str(text);
    ms_rows_cell(rows, ms_head(b, b.n - (size_t)(digits ? 9 - digits : 10)));
}

/* Digits behind the point that intervals of this length need. */
static int digits_of(int64_t interval)
{
    int digits = 9;
    for (int64_t unit = 10; digits > 0 && interval % unit == 0; unit *= 10)
        digits--;
    return digits;
}

static void put_row(const struct ms_io *io, struct ms_rows *rows, size_t r, uint64_t most)
{
    struct ms_io_cell *cell = row(io, r);
    struct ms_buffer   text = { 0 };
    bool               whole = io->interval == INT64_MAX;
    int                digits = whole ? 0 : digits_of(io->interval);
    int64_t            begin = whole ? 0 : (int64_t)r * io->interval;
    put_seconds(rows, begin, digits);
    if (whole)
        ms_rows_cell(rows, (struct ms_bytes){ 0 });
    else
        put_seconds(rows, begin + io->interval, digits);
    if (io->o.format != MS_FORMAT_TABLE) {
        ms_text_time(&text, io->first_time + begin, (int)io->digits);
        ms_rows_cell(rows, ms_buffer_bytes(&text));
    }
    ms_rows_u64(rows, cell->frames);
    ms_rows_u64(rows, cell->bytes);
    if (io->count == 0) {
        ms_rows_u64(rows, cell->count);
        ms_rows_u64(rows, (uint64_t)cell->sum.i);
    }
    for (size_t i = 0; i < io->count; i++) {
        text.n = 0;
        if (io->series[i].kind == MS_SERIES_FRAMES) {
            ms_rows_u64(rows, cell[1 + i].frames);
            ms_rows_u64(rows, cell[1 + i].bytes);
            continue;
        }
        ms_series_text(&io->series[i], &cell[1 + i], &text);
        ms_rows_cell(rows, ms_buffer_bytes(&text));
    }
    text.n = 0;
    if (io->o.bars) {
        add_bar(io, cell->frames, most, &text);
        ms_rows_cell(rows, ms_buffer_bytes(&text));
    }
    ms_buffer_finish(&text);
}

static bool print(const struct ms_io *io)
{
    struct table t = { 0 };
    uint64_t     most = 0;
    choose_columns(io, &t);
    struct ms_rows *rows = ms_rows_open(io->o.format, io->o.out, t.column, t.n);
    for (size_t r = 0; r < io->rows; r++)
        most = row(io, r)->frames > most ? row(io, r)->frames : most;
    for (size_t r = 0; r < io->rows; r++)
        put_row(io, rows, r, most);
    bool ok = ms_rows_close(rows);
    ms_arena_finish(&t.words);
    return ok;
}

bool ms_io_close(struct ms_io *io)
{
    bool ok = io->o.out ? print(io) : true;
    for (size_t i = 0; i < io->count; i++)
        ms_dfilter_destroy(io->series[i].filter);
    ms_free(io->series);
    ms_free(io->values);
    ms_free(io->cells);
    ms_free(io);
    return ok;
}
