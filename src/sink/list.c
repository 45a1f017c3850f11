#include "sink/list.h"

#include <errno.h>

enum { MARGIN = 2 };

struct ms_list {
    struct ms_list_options o;
    size_t          *widths, cell;
    size_t           due;        /* blanks owed in front of the next cell: none stand at the end of a row */
    int              error;
    struct ms_buffer row, text;
};

static void blanks(struct ms_buffer *t, size_t n)
{
    while (n--)
        ms_text_char(t, ' ');
}

static void add_cell(struct ms_list *l, struct ms_bytes text)
{
    size_t width = ms_utf8_width(text), *most = &l->widths[l->cell];
    *most = width > *most ? width : *most;
    size_t room = *most - width;
    bool   right = l->o.columns[l->cell].right;
    if (text.n)
        blanks(&l->row, l->due + (right ? room : 0));
    ms_text_add(&l->row, text);
    l->due = MARGIN + (text.n == 0 ? l->due + *most : right ? 0 : room);
    l->cell++;
}

void ms_list_cell(struct ms_list *l, struct ms_bytes text)
{
    l->text.n = 0;
    ms_text_plain(&l->text, text);
    add_cell(l, ms_buffer_bytes(&l->text));
}

static void cut_row(struct ms_list *l)
{
    if (l->o.cut == 0 || ms_utf8_width(ms_buffer_bytes(&l->row)) <= l->o.cut)
        return;
    size_t dots = l->o.cut > 3 ? 3 : 0;
    l->row.n = ms_utf8_fit(ms_buffer_bytes(&l->row), l->o.cut - dots);
    ms_text_add(&l->row, ms_head(MS_LIT("..."), dots));
}

static void put_row(struct ms_list *l, const char *color)
{
    cut_row(l);
    l->text.n = 0;
    if (color && l->o.color)
        ms_text_format(&l->text, "\033[%sm", color);
    ms_text_add(&l->text, ms_buffer_bytes(&l->row));
    ms_text_str(&l->text, color && l->o.color ? "\033[0m\n" : "\n");
    if (fwrite(l->text.p, 1, l->text.n, l->o.out) != l->text.n && !l->error)
        l->error = errno ? errno : EIO;
    l->row.n = l->cell = l->due = 0;
}

struct ms_list *ms_list_open(const struct ms_list_options *o)
{
    struct ms_list *l = ms_alloc(sizeof *l);
    l->o = *o;
    l->widths = ms_alloc((o->count + 1) * sizeof *l->widths);
    for (size_t i = 0; i < o->count; i++) {
        size_t title = ms_utf8_width(ms_str(o->columns[i].title));
        l->widths[i] = o->columns[i].width > title ? o->columns[i].width : title;
    }
    for (size_t i = 0; i < o->count; i++)
        add_cell(l, ms_str(o->columns[i].title));
    put_row(l, "1");
    return l;
}

void ms_list_row_end(struct ms_list *l, const char *color) { put_row(l, color); }

bool ms_list_close(struct ms_list *l)
{
    int error = l->error;
    ms_buffer_finish(&l->row);
    ms_buffer_finish(&l->text);
    ms_free(l->widths);
    ms_free(l);
    errno = error;
    return error == 0;
}
