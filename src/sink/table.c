#include "sink/table.h"

#include "base/spool.h"

#include <stdlib.h>

struct row { uint64_t key, offset; };

struct ms_grid {
    const char *const *titles;
    const bool        *numbers;
    size_t             columns, cell;
    uint32_t          *widths;
    struct ms_spool    spool;         /* cells: length (4 bytes), bytes */
    struct ms_buffer   rows, scratch;
    uint64_t           row_start;
};

struct ms_grid *ms_grid_create(const char *const *titles, const bool *numbers, size_t columns)
{
    struct ms_grid *g = ms_alloc(sizeof *g);
    g->titles = titles;
    g->numbers = numbers;
    g->columns = columns;
    g->widths = ms_alloc(columns * sizeof *g->widths);
    for (size_t i = 0; i < columns; i++)
        g->widths[i] = (uint32_t)strlen(titles[i]);
    return g;
}

void ms_grid_destroy(struct ms_grid *g)
{
    ms_free(g->widths);
    ms_spool_finish(&g->spool);
    ms_buffer_finish(&g->rows);
    ms_buffer_finish(&g->scratch);
    ms_free(g);
}

/* Cuts at a whole character, with dots, when the cell is wider than MS_CELL_COLUMNS. */
static void shorten(struct ms_buffer *t)
{
    if (ms_utf8_width(ms_buffer_bytes(t)) <= MS_CELL_COLUMNS)
        return;
    t->n = ms_utf8_fit(ms_buffer_bytes(t), MS_CELL_COLUMNS - 3);
    ms_text_str(t, "...");
}

void ms_grid_cell(struct ms_grid *g, struct ms_bytes text)
{
    if (g->cell == 0)
        g->row_start = ms_spool_end(&g->spool);
    g->scratch.n = 0;
    ms_text_plain(&g->scratch, ms_head(text, MS_CELL_BYTES));
    shorten(&g->scratch);
    uint32_t n = (uint32_t)g->scratch.n, width = (uint32_t)ms_utf8_width(ms_buffer_bytes(&g->scratch));
    if (width > g->widths[g->cell])
        g->widths[g->cell] = width;
    ms_spool_append(&g->spool, (struct ms_bytes){ (const uint8_t *)&n, sizeof n });
    ms_spool_append(&g->spool, ms_buffer_bytes(&g->scratch));
    g->cell++;
}

void ms_grid_row_end(struct ms_grid *g, uint64_t key)
{
    struct row row = { key, g->row_start };
    ms_buffer_append(&g->rows, (struct ms_bytes){ (const uint8_t *)&row, sizeof row });
    g->cell = 0;
    ms_spool_flush(&g->spool);
}

static int by_key(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void pad(struct ms_buffer *line, size_t n)
{
    while (n--)
        ms_text_char(line, ' ');
}

static void add_cell(struct ms_grid *g, struct ms_buffer *line, size_t column, struct ms_bytes text)
{
    size_t width = ms_utf8_width(text), room = g->widths[column] > width ? g->widths[column] - width : 0;
    if (column)
        ms_text_str(line, "  ");
    if (g->numbers[column])
        pad(line, room);
    ms_text_add(line, text);
    if (!g->numbers[column] && column + 1 < g->columns)
        pad(line, room);
}

static bool put_line(struct ms_buffer *line, FILE *out)
{
    while (line->n && line->p[line->n - 1] == ' ')
        line->n--;
    ms_text_char(line, '\n');
    bool ok = fwrite(line->p, 1, line->n, out) == line->n;
    line->n = 0;
    return ok;
}

static void add_row(struct ms_grid *g, struct ms_buffer *line, uint64_t offset)
{
    uint8_t  text[4 * 1024 + 64];
    uint32_t n;
    for (size_t i = 0; i < g->columns; i++) {
        if (!ms_spool_read(&g->spool, offset, &n, sizeof n) || n > sizeof text || !ms_spool_read(&g->spool, offset + sizeof n, text, n))
            return;
        add_cell(g, line, i, (struct ms_bytes){ text, n });
        offset += sizeof n + n;
    }
}

bool ms_grid_print(struct ms_grid *g, FILE *out)
{
    struct ms_buffer line = { 0 };
    struct row      *rows = (struct row *)(void *)g->rows.p;
    size_t           n = g->rows.n / sizeof *rows;
    bool             ok = true;
    if (n)
        qsort(rows, n, sizeof *rows, by_key);
    for (size_t i = 0; i < g->columns; i++)
        add_cell(g, &line, i, ms_str(g->titles[i]));
    ok &= put_line(&line, out);
    for (size_t i = 0; i < n; i++) {
        add_row(g, &line, rows[i].offset);
        ok &= put_line(&line, out);
    }
    ms_buffer_finish(&line);
    return ok;
}
