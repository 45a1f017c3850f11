/* Open multiparts and messages. */
#include "mail/mime_private.h"

/* FNV-1a: spares comparing every line that begins with "--" with every open boundary. */
static uint64_t add_hash(uint64_t h, struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        h = (h ^ b.p[i]) * 0x100000001b3u;
    return h;
}

static uint64_t hash(struct ms_bytes b) { return add_hash(0xcbf29ce484222325u, b); }

static void set_need(struct ms_mime_stream *st)
{
    uint32_t longest = st->level_n ? st->levels[st->level_n - 1].longest : 0;
    st->need = longest ? longest + 4 + MS_BLANKS_MAX + 2 : 0;
}

static struct ms_mime_level *add_level(struct ms_mime_stream *st, size_t index)
{
    if (st->level_n == st->level_size) {
        st->level_size = st->level_size ? st->level_size * 2 : 4;
        st->levels = ms_resize(st->levels, st->level_size * sizeof *st->levels);
    }
    struct ms_mime_level *level = &st->levels[st->level_n++];
    *level = (struct ms_mime_level){ .index = index, .path_n = (uint32_t)st->path.n };
    level->longest = st->level_n > 1 ? st->levels[st->level_n - 2].longest : 0;
    return level;
}

static struct ms_bytes boundary_of(const struct ms_mime_stream *st, const struct ms_mime_level *l)
{
    return ms_slice(ms_buffer_bytes(&st->boundaries), l->boundary_at, l->boundary_n); /* none yet: no bytes at all */
}

/* "x" and "x--": what closes the one opens the other. */
static bool is_close_of(struct ms_bytes a, struct ms_bytes b) { return a.n == b.n + 2 && ms_equal(ms_head(a, b.n), b) && ms_equal(ms_tail(a, b.n), MS_LIT("--")); }

static bool is_shared(const struct ms_mime_stream *st, const struct ms_mime_level *inner)
{
    struct ms_bytes b = boundary_of(st, inner);
    for (const struct ms_mime_level *l = st->levels; l < inner && b.n; l++) {
        struct ms_bytes outer = boundary_of(st, l);
        if (l->bounded && (ms_equal(outer, b) || is_close_of(outer, b) || is_close_of(b, outer)))
            return true;
    }
    return false;
}

static void open_multipart(struct ms_mime_stream *st, const struct ms_mime_info *info, size_t index)
{
    struct ms_mime_level *level = add_level(st, index);
    level->boundary_at = (uint32_t)st->boundaries.n;
    level->boundary_n = (uint32_t)info->boundary.n;
    level->hash = hash(info->boundary);
    level->digest = info->digest;
    level->bounded = info->bounded;
    if (level->longest < level->boundary_n)
        level->longest = level->boundary_n;
    if (level->longest < MS_GUESS_MAX)
        level->longest = MS_GUESS_MAX;
    ms_buffer_append(&st->boundaries, info->boundary);
    level->out = ms_mime_out_open(st->m, index, true);
    if (is_shared(st, level))
        st->m->parts[index].odd |= MS_MIME_SHARED_BOUNDARY;
    set_need(st);
}

bool ms_mime_tree_may_guess(const struct ms_mime_stream *st)
{
    const struct ms_mime_level *level = st->level_n ? &st->levels[st->level_n - 1] : NULL;
    return level && !level->message && level->children == 0 && !st->leaf.out;
}

void ms_mime_tree_guess(struct ms_mime_stream *st)
{
    struct ms_mime_level *outer = &st->levels[st->level_n - 1];
    size_t                index = outer->index;
    bool                  digest = outer->digest;
    st->path.n = outer->path_n;
    st->m->parts[index].odd |= MS_MIME_NO_BOUNDARY;
    st->m->odd |= MS_MIME_NO_BOUNDARY;
    struct ms_mime_level *level = add_level(st, index);
    level->boundary_at = (uint32_t)st->boundaries.n;
    level->boundary_n = st->guess_n;
    level->hash = hash((struct ms_bytes){ st->guess, st->guess_n });
    level->digest = digest;
    level->guessed = level->bounded = true;
    ms_buffer_append(&st->boundaries, (struct ms_bytes){ st->guess, st->guess_n });
    set_need(st);
    ms_mime_tree_child(st, st->level_n - 1);
}

static void open_message(struct ms_mime_stream *st, size_t index)
{
    bool hashed = st->messages < MS_HASHED_MESSAGES;
    struct ms_mime_level *level = add_level(st, index);
    level->out = ms_mime_out_open(st->m, index, hashed);
    level->message = true;
    st->messages++;
    st->state = MS_STREAM_HEAD;
    st->root = st->first_line = true;
}

bool ms_mime_tree_clear(struct ms_mime_stream *st, struct ms_bytes line)
{
    size_t index = st->leaf.out->index;
    if (!ms_mime_is_field(line))
        return false;
    ms_mime_odd(st, MS_MIME_NOT_ENCODED);
    ms_mime_leaf_drop(st);
    open_message(st, index);
    return true;
}

static void add_number(struct ms_buffer *path, uint32_t number)
{
    char digits[16];
    int  at = (int)sizeof digits;
    for (uint32_t v = number; v; v /= 10)
        digits[--at] = (char)('0' + v % 10);
    if (path->n)
        ms_buffer_append(path, MS_LIT("."));
    ms_buffer_append(path, (struct ms_bytes){ (const uint8_t *)digits + at, sizeof digits - (size_t)at });
}

void ms_mime_tree_body(struct ms_mime_stream *st, struct ms_mime_info *info)
{
    bool   deep = st->depth + st->level_n >= st->m->limits->mime_depth;
    size_t index;
    st->state = MS_STREAM_BODY;
    if (deep && (info->multipart || info->message)) {
        info->part.odd |= MS_MIME_DEPTH_LIMIT;
        info->multipart = info->message = false;
    }
    if (st->root && !info->multipart) /* a message that is no multipart has one part, number 1 */
        add_number(&st->path, 1);
    if ((info->multipart || info->message) && info->encoding != MS_ENC_IDENTITY)
        info->part.odd |= MS_MIME_ENCODED_PARTS;
    info->part.path = ms_arena_keep(st->m->arena, ms_buffer_bytes(&st->path));
    info->part.multipart = info->multipart;
    if (!ms_mime_part_record(st->m, &info->part, &index))
        return;
    if (info->multipart)
        open_multipart(st, info, index);
    else if (info->message && info->encoding == MS_ENC_IDENTITY)
        open_message(st, index);
    else
        ms_mime_leaf_start(st, info, index);
}

static bool is_boundary(const struct ms_mime_stream *st, const struct ms_mime_level *l, struct ms_bytes text, uint64_t h)
{
    return l->boundary_n == text.n && l->hash == h &&
           (text.n == 0 || memcmp(st->boundaries.p + l->boundary_at, text.p, text.n) == 0);
}

int ms_mime_tree_match(const struct ms_mime_stream *st, struct ms_bytes line, bool *close)
{
    struct ms_bytes text = ms_tail(line, 2);
    while (text.n && (ms_is_blank(text.p[text.n - 1]) || text.p[text.n - 1] == '\r'))
        text.n--;
    struct ms_bytes inner = ms_head(text, text.n > 2 ? text.n - 2 : 0);
    bool            dashes = text.n > 1 && text.p[inner.n] == '-' && text.p[inner.n + 1] == '-';
    uint64_t        h_inner = hash(inner), h = add_hash(h_inner, ms_tail(text, inner.n));
    for (uint32_t i = st->level_n; i-- > 0;) {
        const struct ms_mime_level *level = &st->levels[i];
        if (!level->bounded)
            continue;
        *close = dashes && is_boundary(st, level, inner, h_inner);
        if (*close || is_boundary(st, level, text, h))
            return (int)i;
    }
    return -1;
}

static void close_multipart(struct ms_mime_stream *st, struct ms_mime_level *level, bool closed)
{
    struct ms_mime *m = st->m;
    if (!closed) {
        m->parts[level->index].odd |= MS_MIME_NOT_CLOSED;
        m->odd |= MS_MIME_NOT_CLOSED;
    }
    st->boundaries.n = level->boundary_at;
    if (level->guessed)
        level[-1].children = level->children; /* numbers go on when the true boundary comes yet */
    else if (level->out && level->out->size && level->children == 0)
        ms_mime_out_close(m, level->out); /* it had no parts: its text is all there is */
    else
        ms_mime_part_end(m, level->index, level->out);
}

void ms_mime_tree_close(struct ms_mime_stream *st, bool closed)
{
    struct ms_mime_level *level = &st->levels[st->level_n - 1];
    if (level->message) {
        ms_mime_out_close(st->m, level->out);
        st->messages--;
    } else {
        close_multipart(st, level, closed);
    }
    st->level_n--;
    set_need(st);
}

void ms_mime_tree_end_inside(struct ms_mime_stream *st, uint32_t level)
{
    ms_mime_leaf_end(st);
    while (st->level_n > level)
        ms_mime_tree_close(st, false);
}

void ms_mime_tree_child(struct ms_mime_stream *st, uint32_t at)
{
    struct ms_mime_level *level = &st->levels[at];
    if (level->out)
        ms_mime_out_give(st->m->pool, level->out); /* what came before the first part is shown to nobody */
    level->out = NULL;
    st->path.n = level->path_n;
    add_number(&st->path, ++level->children);
    st->state = MS_STREAM_HEAD;
    st->root = false;
    st->first_line = true;
}

void ms_mime_tree_incomplete(struct ms_mime_stream *st)
{
    struct ms_part *parts = st->m->parts;
    for (uint32_t i = 0; i < st->level_n; i++) {
        parts[st->levels[i].index].complete = false;
        parts[st->levels[i].index].odd |= MS_MIME_GAP;
    }
    if (!st->leaf.out)
        return;
    parts[st->leaf.out->index].complete = false;
    parts[st->leaf.out->index].odd |= MS_MIME_GAP;
    if (!st->leaf.bare || !st->leaf.bare->out)
        return;
    parts[st->leaf.bare->out->index].complete = false;
    parts[st->leaf.bare->out->index].odd |= MS_MIME_GAP;
}

bool ms_mime_tree_digest(const struct ms_mime_stream *st)
{
    return !st->root && st->level_n && st->levels[st->level_n - 1].digest;
}
