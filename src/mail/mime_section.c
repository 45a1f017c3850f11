/* A message whose parts come one by one: each is a stream of its own, with its path and its header block given.
 *
 * The header of the message, where it came, was read as that of any message; what it opened is closed before the first part. The parts
 * that the server listed are recorded at once, without content, and filled when they come: so they stand in their order, and those that
 * never come are there, too.                                                                                             */
#include "mail/mime_private.h"

/* Of a header block and nothing behind it: the part that it began has not come, its boundary was not to come. */
static void leave_header(struct ms_mime *m)
{
    struct ms_mime_stream *st = &m->stream;
    struct ms_mime_leaf   *leaf = &st->leaf;
    if (leaf->out && leaf->out->size == 0 && st->carry.n == 0 && st->eol == MS_EOL_NONE) {
        m->begun = leaf->out->index + 1;
        m->parts[leaf->out->index].odd |= MS_MIME_NOT_FETCHED;
        m->parts[leaf->out->index].complete = false;
        ms_mime_leaf_drop(st);
    }
    ms_mime_stream_finish(st);
    m->odd &= ~(uint32_t)MS_MIME_NOT_CLOSED;
    for (size_t i = 0; i < m->part_n; i++)
        m->parts[i].odd &= ~(uint32_t)MS_MIME_NOT_CLOSED;
}

static void read_block(struct ms_mime_stream *st, struct ms_bytes block, struct ms_mime_info *info)
{
    uint64_t limit = st->m->limits->header_bytes;
    st->head.n = 0;
    st->head_odd = block.n > limit ? MS_MIME_HEADER_LIMIT : 0;
    ms_buffer_append(&st->head, ms_head(block, limit));
    ms_mime_head_read(st, false, info);
    st->head.n = 0;
    st->head_odd = 0;
}

/* Some fields of the message: what it has for a body is known only when they say that it has parts. */
static void read_fields(struct ms_mime *m, struct ms_bytes block)
{
    struct ms_mime_info info;
    size_t              index;
    read_block(&m->stream, block, &info);
    info.part.multipart = info.multipart;
    if (info.multipart && ms_mime_part_record(m, &info.part, &index))
        ms_mime_part_end(m, index, NULL);
}

/* What the part's header block says; of one without, nothing is known but its bytes. */
static void read_head(struct ms_mime *m, const struct ms_section *s, struct ms_mime_info *info)
{
    m->stream.root = false;
    read_block(&m->stream, s->head, info);
    if (s->head.n == 0)
        info->part.type = MS_LIT("application/octet-stream");
    if (s->decoded)
        info->encoding = MS_ENC_IDENTITY;
}

static bool is_part(const struct ms_part *p, const struct ms_part *wanted)
{
    return p->multipart == wanted->multipart && ms_equal(p->path, wanted->path);
}

static size_t find(const struct ms_mime *m, const struct ms_part *wanted, size_t from, size_t until)
{
    while (from < until && !is_part(&m->parts[from], wanted))
        from++;
    return from;
}

bool ms_mime_part_listed(struct ms_mime *m, const struct ms_part *part, size_t *index)
{
    size_t at = find(m, part, m->next_listed, m->listed);
    if (at == m->listed)
        at = find(m, part, 0, m->next_listed < m->listed ? m->next_listed : m->listed);
    else
        m->next_listed = at;
    if (at >= m->listed || !is_part(&m->parts[at], part) || !(m->parts[at].multipart || m->parts[at].odd & MS_MIME_NOT_FETCHED))
        return false;
    m->next_listed = at + 1;
    *index = at;
    return true;
}

static void list(struct ms_mime *m, const struct ms_section *s)
{
    struct ms_mime_info info;
    size_t              index;
    read_head(m, s, &info);
    info.part.multipart = info.multipart;
    info.part.path = ms_arena_keep(m->arena, s->path);
    if (find(m, &info.part, 0, m->header_parts) < m->header_parts || !ms_mime_part_add(m, &index)) /* the header told of it */
        return;
    m->parts[index] = info.part;
    m->parts[index].complete = info.multipart;
    m->parts[index].odd |= info.multipart ? 0u : MS_MIME_NOT_FETCHED;
    m->listed = m->part_n;
}

static void open_part(struct ms_mime *m, const struct ms_section *s)
{
    struct ms_mime_stream *st = &m->stream;
    struct ms_mime_info    info;
    uint32_t               depth = 1;
    for (size_t i = 0; i < s->path.n; i++)
        depth += s->path.p[i] == '.';
    ms_mime_stream_finish(st);
    ms_mime_stream_start(st, m, depth, s->path);
    read_head(m, s, &info);
    ms_mime_tree_body(st, &info);
}

static void begin(struct ms_mime *m, const struct ms_section *s)
{
    m->odd |= MS_MIME_IN_PARTS;
    if (s->kind == MS_SECTION_FIELDS)
        read_fields(m, s->lead);
    else if (m->size)
        leave_header(m);
    m->stream.state = MS_STREAM_BODY;
    m->header_parts = m->listed = m->part_n;
}

void ms_mime_section(struct ms_mime *m, const struct ms_section *s)
{
    if (!(m->odd & MS_MIME_IN_PARTS))
        begin(m, s);
    ms_mime_count(m, s->lead);
    if (s->kind == MS_SECTION_LISTED) {
        list(m, s);
    } else if (s->kind == MS_SECTION_BEGIN) {
        open_part(m, s);
    } else if (s->kind == MS_SECTION_END) {
        if (!s->whole)
            ms_mime_tree_incomplete(&m->stream);
        ms_mime_stream_finish(&m->stream);
    }
}

/* Parts that never came have a name all the same. */
void ms_mime_sections_end(struct ms_mime *m)
{
    const struct ms_mime_sink *sink = &m->options.sink;
    for (size_t i = 0; i < m->part_n; i++) {
        if (!(m->parts[i].odd & MS_MIME_NOT_FETCHED))
            continue;
        if (sink->part_begin && m->begun != i + 1)
            sink->part_begin(sink->ctx, i, &m->parts[i]);
        if (sink->part_end)
            sink->part_end(sink->ctx, i, &m->parts[i]);
    }
}
