/* Decoded bytes of parts: digest, sink, detection. */
#include "mail/mime_private.h"

bool ms_mime_part_add(struct ms_mime *m, size_t *index)
{
    if (m->part_n >= m->limits->mime_parts) {
        m->dropped++;
        m->odd |= MS_MIME_PARTS_LIMIT;
        return false;
    }
    if (m->part_n == m->part_size) {
        m->part_size = m->part_size ? m->part_size * 2 : 4;
        m->parts = ms_resize(m->parts, m->part_size * sizeof *m->parts);
    }
    *index = m->part_n++;
    return true;
}

bool ms_mime_part_record(struct ms_mime *m, const struct ms_part *part, size_t *index)
{
    bool listed = m->odd & MS_MIME_IN_PARTS && ms_mime_part_listed(m, part, index);
    if (!listed && !ms_mime_part_add(m, index))
        return false;
    m->parts[*index] = *part;
    m->parts[*index].complete = !(part->odd & MS_MIME_GAP); /* a gap in its header */
    m->odd |= part->odd;
    if (m->options.sink.part_begin && !(listed && m->begun == *index + 1))
        m->options.sink.part_begin(m->options.sink.ctx, *index, &m->parts[*index]);
    return true;
}

struct ms_mime_out *ms_mime_out_open(struct ms_mime *m, size_t index, bool hash)
{
    struct ms_mime_out *out = ms_mime_out_take(m->pool, hash && m->options.hash_parts);
    out->index = index;
    return out;
}

void ms_mime_out_write(struct ms_mime *m, struct ms_mime_out *out, struct ms_bytes bytes)
{
    if (bytes.n == 0)
        return;
    out->size += bytes.n;
    if (out->first_n < MS_FIRST_BYTES) {
        struct ms_bytes first = ms_head(bytes, MS_FIRST_BYTES - out->first_n);
        memcpy(out->first + out->first_n, first.p, first.n);
        out->first_n += (uint32_t)first.n;
    }
    if (out->md)
        ms_sha256_update(&m->pool->hasher, out->md, bytes);
    if (m->options.sink.part_data && !m->parts[out->index].multipart)
        m->options.sink.part_data(m->options.sink.ctx, out->index, bytes);
}

/* Content- fields at the start of a body, perhaps behind what looks like a boundary: other programs take them for those of the part.
 * Not where fields belong (messages, and the headers in a bounce), nor what only base64 shows.                         */
static bool begins_with_fields(const struct ms_part *part, const struct ms_mime_out *out)
{
    if (ms_starts_nocase(part->type, MS_LIT("message/")) || ms_equal(part->type, MS_LIT("text/rfc822-headers")) || ms_equal(part->encoding, MS_LIT("base64")))
        return false;
    struct ms_bytes text = ms_trim((struct ms_bytes){ out->first, out->first_n });
    if (ms_starts_nocase(text, MS_LIT("--")))
        text = ms_tail(text, ms_find(text, '\n') + 1);
    return ms_is_content_field(text);
}

void ms_mime_out_close(struct ms_mime *m, struct ms_mime_out *out)
{
    struct ms_part *part = &m->parts[out->index];
    if (begins_with_fields(part, out))
        part->odd |= MS_MIME_OUTSIDE;
    part->size = out->size;
    if (out->first_n)
        part->detected = ms_detect_content((struct ms_bytes){ out->first, out->first_n });
    if (out->md)
        part->hashed = ms_sha256_final(&m->pool->hasher, out->md, part->sha256);
    if (m->options.sink.part_end)
        m->options.sink.part_end(m->options.sink.ctx, out->index, part);
    ms_mime_out_give(m->pool, out);
}

void ms_mime_part_end(struct ms_mime *m, size_t index, struct ms_mime_out *unused)
{
    if (unused)
        ms_mime_out_give(m->pool, unused);
    if (m->options.sink.part_end)
        m->options.sink.part_end(m->options.sink.ctx, index, &m->parts[index]);
}

void ms_mime_odd(struct ms_mime_stream *st, uint32_t bits)
{
    if (st->leaf.out)
        st->m->parts[st->leaf.out->index].odd |= bits;
    else if (st->level_n)
        st->m->parts[st->levels[st->level_n - 1].index].odd |= bits;
    st->m->odd |= bits;
}

/* ---- the part whose body is being read ------------------------------------------------------------------ */

void ms_mime_leaf_start(struct ms_mime_stream *st, const struct ms_mime_info *info, size_t index)
{
    struct ms_mime_leaf *leaf = &st->leaf;
    leaf->out = ms_mime_out_open(st->m, index, true);
    leaf->encoding = info->encoding;
    leaf->blocks = 0;
    leaf->unsure = info->message && info->encoding == MS_ENC_BASE64;
    leaf->watch_uu = info->encoding == MS_ENC_IDENTITY && ms_equal(info->part.type, MS_LIT("text/plain"));
    if (leaf->encoding == MS_ENC_BASE64)
        leaf->decoder.base64 = ms_base64_start();
    else if (leaf->encoding == MS_ENC_QUOTED)
        leaf->decoder.quoted = (struct ms_quoted){ 0 };
    else if (leaf->encoding == MS_ENC_UUENCODE)
        leaf->decoder.uu = (struct ms_uu){ .inside = true }; /* "begin" may be missing */
    if (!info->message || leaf->encoding == MS_ENC_IDENTITY)
        return;
    leaf->inner = ms_alloc(sizeof *leaf->inner);
    ms_mime_stream_start(leaf->inner, st->m, st->depth + st->level_n + 1, info->part.path);
}

static struct ms_buffer *room(struct ms_mime_stream *st)
{
    if (!st->room.p)
        st->room = (struct ms_buffer){ ms_mime_room_take(st->m->pool), 0, MS_DECODE_ROOM };
    return &st->room;
}

/* Hands on what was decoded. */
static void drain(struct ms_mime_stream *st)
{
    struct ms_bytes bytes = ms_buffer_bytes(&st->room);
    st->room.n = 0;
    if (bytes.n == 0)
        return;
    ms_mime_out_write(st->m, st->leaf.out, bytes);
    if (st->leaf.inner)
        ms_mime_stream_push(st->leaf.inner, bytes);
}

void ms_mime_leaf_flush(struct ms_mime_stream *st)
{
    if (!st->room.p)
        return;
    drain(st);
    ms_mime_room_give(st->m->pool, st->room.p);
    st->room = (struct ms_buffer){ 0 };
}

static void write_quoted(struct ms_mime_stream *st, struct ms_bytes content)
{
    struct ms_buffer *b = room(st);
    while (content.n) {
        if (b->size - b->n < MS_DECODE_ROOM / 2)
            drain(st);
        struct ms_bytes piece = ms_head(content, b->size - b->n - MS_QUOTED_ROOM);
        ms_quoted_push(&st->leaf.decoder.quoted, piece, b);
        content = ms_tail(content, piece.n);
    }
}

static void write_uu(struct ms_mime_stream *st, struct ms_bytes content)
{
    struct ms_buffer *b = room(st);
    struct ms_uu     *uu = &st->leaf.decoder.uu;
    while (content.n) {
        enum ms_uu_event event;
        bool             inside = uu->inside;
        if (b->size - b->n < MS_UU_DATA)
            drain(st);
        content = ms_tail(content, ms_uu_push(uu, content, b, &event));
        if (event == MS_UU_OTHER && inside)
            ms_mime_odd(st, MS_MIME_UU_SYNTAX);
    }
}

/* ---- bare uuencoded blocks ------------------------------------------------------------------------------ */

static void end_block(struct ms_mime_stream *st, bool ended)
{
    struct ms_mime_uu *bare = st->leaf.bare;
    if (bare->out) {
        if (!ended) {
            st->m->parts[bare->out->index].odd |= MS_MIME_UU_SYNTAX;
            st->m->odd |= MS_MIME_UU_SYNTAX;
        }
        ms_mime_out_close(st->m, bare->out);
    }
    bare->out = NULL;
    bare->watching = bare->begun = false;
    bare->uu = (struct ms_uu){ 0 };
}

static struct ms_bytes keep_number(struct ms_arena *arena, struct ms_bytes path, uint32_t number)
{
    char digits[16];
    int  at = (int)sizeof digits;
    for (uint32_t v = number; v || at == (int)sizeof digits; v /= 10)
        digits[--at] = (char)('0' + v % 10);
    digits[--at] = '.';
    size_t   n = sizeof digits - (size_t)at;
    uint8_t *p = ms_arena_alloc(arena, path.n + n);
    if (path.n)
        memcpy(p, path.p, path.n);
    memcpy(p + path.n, digits + at, n);
    return (struct ms_bytes){ p, path.n + n };
}

static void begin_block(struct ms_mime_stream *st)
{
    struct ms_mime    *m = st->m;
    struct ms_mime_uu *bare = st->leaf.bare;
    const struct ms_part *text = &m->parts[st->leaf.out->index];
    struct ms_bytes    name = ms_arena_keep(m->arena, (struct ms_bytes){ bare->name, bare->name_n });
    struct ms_part     part = { .type = MS_LIT("application/octet-stream"), .disposition = MS_LIT("attachment"),
                                .encoding = MS_LIT("x-uuencode"), .filename = ms_text_to_utf8(name, text->charset, m->arena) };
    size_t index;
    bare->begun = true;
    part.path = keep_number(m->arena, text->path, ++st->leaf.blocks);
    if (ms_mime_part_record(m, &part, &index))
        bare->out = ms_mime_out_open(m, index, true);
}

/* Reads a piece of the text part beside its normal way, while a block is open or may begin. */
static void watch(struct ms_mime_stream *st, struct ms_bytes content)
{
    struct ms_mime_uu *bare = st->leaf.bare;
    uint8_t            data[MS_UU_DATA];
    while (content.n && bare->watching) {
        struct ms_buffer b = { data, 0, sizeof data };
        enum ms_uu_event event;
        content = ms_tail(content, ms_uu_push(&bare->uu, content, &b, &event));
        if (event == MS_UU_BEGIN) {
            struct ms_bytes name = ms_uu_name(&bare->uu);
            memcpy(bare->name, name.p, name.n);
            bare->name_n = name.n;
        } else if (event == MS_UU_DATA_LINE) {
            if (!bare->begun)
                begin_block(st); /* only now: prose may begin a line like this, too */
            if (bare->out)
                ms_mime_out_write(st->m, bare->out, ms_buffer_bytes(&b));
        } else if (event == MS_UU_END || event == MS_UU_OTHER)
            end_block(st, event == MS_UU_END);
    }
}

void ms_mime_leaf_watch(struct ms_mime_stream *st)
{
    if (!st->leaf.bare)
        st->leaf.bare = ms_alloc(sizeof *st->leaf.bare);
    st->leaf.bare->watching = true;
}

static void end_watch(struct ms_mime_stream *st)
{
    struct ms_mime_uu *bare = st->leaf.bare;
    uint8_t            data[MS_UU_DATA];
    struct ms_buffer   b = { data, 0, sizeof data };
    if (!bare)
        return;
    enum ms_uu_event event = bare->watching ? ms_uu_finish(&bare->uu, &b) : MS_UU_MORE;
    if (bare->out)
        ms_mime_out_write(st->m, bare->out, ms_buffer_bytes(&b));
    end_block(st, event == MS_UU_END);
    ms_free(bare);
    st->leaf.bare = NULL;
}

/* ---- all encodings -------------------------------------------------------------------------------------- */

void ms_mime_leaf_write(struct ms_mime_stream *st, struct ms_bytes content)
{
    struct ms_mime_leaf *leaf = &st->leaf;
    if (leaf->encoding == MS_ENC_QUOTED) {
        write_quoted(st, content);
    } else if (leaf->encoding == MS_ENC_UUENCODE) {
        write_uu(st, content);
    } else {
        ms_mime_out_write(st->m, leaf->out, content);
        if (leaf->bare && leaf->bare->watching)
            watch(st, content);
    }
}

size_t ms_mime_leaf_base64(struct ms_mime_stream *st, struct ms_bytes body, bool dash_stops)
{
    struct ms_base64 *d = &st->leaf.decoder.base64;
    struct ms_buffer *b = room(st);
    size_t            used = 0;
    d->dash_stops = dash_stops;
    for (;;) {
        used += ms_base64_push(d, ms_tail(body, used), b);
        if (used == body.n || b->size - b->n >= MS_BASE64_ROOM)
            return used;
        drain(st);
    }
}

static void finish_decoder(struct ms_mime_stream *st)
{
    struct ms_mime_leaf *leaf = &st->leaf;
    struct ms_buffer    *b = leaf->encoding == MS_ENC_IDENTITY ? NULL : room(st);
    if (b && b->size - b->n < MS_QUOTED_ROOM + MS_BASE64_ROOM)
        drain(st);
    if (leaf->encoding == MS_ENC_BASE64) {
        struct ms_base64 *d = &leaf->decoder.base64;
        ms_base64_finish(d, b);
        ms_mime_odd(st, (d->foreign ? MS_MIME_BASE64_SYNTAX : 0u) | (d->split ? MS_MIME_BASE64_SPLIT : 0u) | (d->bare_lf ? MS_MIME_BARE_LF : 0u) |
                        (d->bare_cr ? MS_MIME_BARE_CR : 0u) | (d->nul ? MS_MIME_NUL : 0u));
    } else if (leaf->encoding == MS_ENC_QUOTED) {
        ms_quoted_finish(&leaf->decoder.quoted, b);
        const struct ms_quoted *q = &leaf->decoder.quoted;
        bool text = ms_starts_nocase(st->m->parts[leaf->out->index].type, MS_LIT("text/")); /* there some programs write it */
        ms_mime_odd(st, q->syntax || (q->lower && !text) ? MS_MIME_QP_SYNTAX : 0u);
    } else if (leaf->encoding == MS_ENC_UUENCODE) {
        enum ms_uu_event last = ms_uu_finish(&leaf->decoder.uu, b);
        if (last != MS_UU_END && leaf->decoder.uu.inside)
            ms_mime_odd(st, MS_MIME_UU_SYNTAX);
    }
}

static void free_inner(struct ms_mime_leaf *leaf)
{
    ms_mime_stream_free(leaf->inner);
    ms_free(leaf->inner);
    leaf->inner = NULL;
}

void ms_mime_leaf_drop(struct ms_mime_stream *st)
{
    ms_mime_out_give(st->m->pool, st->leaf.out);
    st->leaf.out = NULL;
    if (st->leaf.inner)
        free_inner(&st->leaf);
}

void ms_mime_leaf_end(struct ms_mime_stream *st)
{
    struct ms_mime_leaf *leaf = &st->leaf;
    if (!leaf->out)
        return;
    finish_decoder(st);
    ms_mime_leaf_flush(st);
    if (leaf->inner) {
        ms_mime_stream_finish(leaf->inner);
        free_inner(leaf);
    }
    end_watch(st);
    ms_mime_out_close(st->m, leaf->out);
    leaf->out = NULL;
}
