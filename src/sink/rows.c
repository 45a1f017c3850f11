/* sink/rows.c - tables put together by hand: statistics and catalogues, in every format. */
#include "sink/sink.h"

#include "sink/table.h"

#include <errno.h>

struct ms_rows {
    enum ms_format                format;
    FILE                         *out;
    const struct ms_table_column *columns;
    size_t                        count, cell;
    uint64_t                      rows;
    struct ms_grid               *grid;
    const char                  **titles;
    bool                         *numbers;
    struct ms_buffer              text;
};

static void add_heading(struct ms_rows *r)
{
    for (size_t i = 0; i < r->count; i++) {
        ms_text_str(&r->text, i == 0 ? "" : r->format == MS_FORMAT_CSV ? "," : "\t");
        ms_text_str(&r->text, r->columns[i].key);
    }
    ms_text_str(&r->text, r->format == MS_FORMAT_CSV ? "\r\n" : "\n");
}

struct ms_rows *ms_rows_open(enum ms_format format, FILE *out, const struct ms_table_column *columns, size_t count)
{
    struct ms_rows *r = ms_alloc(sizeof *r);
    *r = (struct ms_rows){ .format = format, .out = out, .columns = columns, .count = count };
    if (format == MS_FORMAT_TABLE) {
        r->titles = ms_alloc(count * sizeof *r->titles);
        r->numbers = ms_alloc(count * sizeof *r->numbers);
        for (size_t i = 0; i < count; i++) {
            r->titles[i] = columns[i].title;
            r->numbers[i] = columns[i].number;
        }
        r->grid = ms_grid_create(r->titles, r->numbers, count);
    } else if (format >= MS_FORMAT_CSV) {
        add_heading(r);
    } else if (format == MS_FORMAT_JSON) {
        ms_text_char(&r->text, '[');
    }
    return r;
}

static void json_cell(struct ms_rows *r, const struct ms_table_column *column, struct ms_bytes text)
{
    if (r->cell == 0 && r->format == MS_FORMAT_JSON)
        ms_text_str(&r->text, r->rows ? ",\n" : "\n");
    ms_text_char(&r->text, r->cell == 0 ? '{' : ',');
    ms_text_json(&r->text, ms_str(column->key));
    ms_text_char(&r->text, ':');
    if (column->number && text.n == 0)
        ms_text_str(&r->text, "null");
    else if (column->number)
        ms_text_add(&r->text, text);
    else
        ms_text_json(&r->text, text);
}

static void end_row(struct ms_rows *r)
{
    r->cell = 0;
    r->rows++;
    if (r->grid)
        ms_grid_row_end(r->grid, 0);
    else if (r->format == MS_FORMAT_NDJSON)
        ms_text_str(&r->text, "}\n");
    else if (r->format == MS_FORMAT_JSON)
        ms_text_char(&r->text, '}');
    else
        ms_text_str(&r->text, r->format == MS_FORMAT_CSV ? "\r\n" : "\n");
}

void ms_rows_cell(struct ms_rows *r, struct ms_bytes text)
{
    if (r->grid) {
        ms_grid_cell(r->grid, text);
    } else if (r->format >= MS_FORMAT_CSV) {
        if (r->cell)
            ms_text_char(&r->text, r->format == MS_FORMAT_CSV ? ',' : '\t');
        if (r->columns[r->cell].number)
            ms_text_add(&r->text, text); /* a negative number is no formula */
        else if (r->format == MS_FORMAT_CSV)
            ms_text_csv(&r->text, text);
        else
            ms_text_tsv(&r->text, text);
    } else {
        json_cell(r, &r->columns[r->cell], text);
    }
    if (++r->cell == r->count)
        end_row(r);
}

void ms_rows_u64(struct ms_rows *r, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    ms_rows_cell(r, ms_str(text));
}

bool ms_rows_close(struct ms_rows *r)
{
    if (r->format == MS_FORMAT_JSON)
        ms_text_str(&r->text, r->rows ? "\n]\n" : "]\n");
    bool ok = r->text.n == 0 || fwrite(r->text.p, 1, r->text.n, r->out) == r->text.n;
    if (r->grid) {
        ok &= ms_grid_print(r->grid, r->out);
        ms_grid_destroy(r->grid);
    }
    ms_buffer_finish(&r->text);
    ms_free(r->titles);
    ms_free(r->numbers);
    ms_free(r);
    return ok;
}
