/* content/document/office_text.c - what people read in Office documents of XML: the text between the tags, up to `document_text_bytes`.
 *
 * BUGS     of workbooks only the shared strings are read, of presentations each slide by itself; text that is formatted as hidden is read, too. */
#include "content/document/office.h"
#include "content/text/html.h"

/* Behind '<': the name without its prefix; *end: it closes an element. */
static struct ms_bytes name_of(struct ms_bytes tag, bool *end)
{
    size_t n = 0, start = 0;
    *end = ms_at(tag, 0) == '/';
    tag = ms_tail(tag, *end);
    for (; n < tag.n && tag.p[n] > ' ' && tag.p[n] != '/'; n++)
        start = tag.p[n] == ':' ? n + 1 : start;
    return ms_slice(tag, start, n - start);
}

static void read_text(struct ms_bytes xml, bool all, size_t most, struct ms_buffer *out)
{
    for (bool seen = all; xml.n && out->n < most;) {
        size_t          n = ms_find(xml, '<');
        struct ms_bytes tag = ms_tail(xml, n + 1);
        bool            end;
        if (seen)
            ms_html_decode(ms_head(xml, n < most ? n : most), false, out);
        tag = ms_head(tag, ms_find(tag, '>'));
        struct ms_bytes name = name_of(tag, &end);
        bool            breaks = ms_is_one_of(name, "br|cr|tab|line-break|s") || (end && ms_is_one_of(name, "p|h|si|tc|table-cell"));
        seen = all || (!end && ms_equal(name, MS_LIT("t")));
        if (breaks)
            ms_buffer_append(out, MS_LIT("\n"));
        xml = ms_tail(xml, n + 1 + tag.n + 1);
    }
}

static void look(const struct ms_file *f, struct ms_bytes xml, bool all)
{
    struct ms_buffer text = { 0 };
    size_t           most = f->in->limits->document_text_bytes;
    read_text(xml, all, most, &text);
    ms_file_text(f, ms_head(ms_buffer_bytes(&text), most));
    ms_buffer_finish(&text);
}

void ms_office_text_look(const struct ms_file *f, struct ms_bytes xml) { look(f, xml, false); }
void ms_open_text_look(const struct ms_file *f, struct ms_bytes xml) { look(f, xml, true); }
