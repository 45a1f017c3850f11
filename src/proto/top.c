#include "proto/top.h"

/* Where the body begins, 0: not yet; *block: where the blank line does. Looked for from `from` on. */
static size_t find_body(struct ms_bytes b, size_t from, size_t *block)
{
    *block = 0;
    if (ms_at(b, 0) == '\n')
        return 1;
    if (ms_at(b, 0) == '\r' && ms_at(b, 1) == '\n')
        return 2;
    for (size_t i = from; (i += ms_find(ms_tail(b, i), '\n')) < b.n; i++) {
        *block = i + 1;
        if (ms_at(b, i + 1) == '\n')
            return i + 2;
        if (ms_at(b, i + 1) == '\r' && ms_at(b, i + 2) == '\n')
            return i + 3;
    }
    return 0;
}

/* Behind the header block. */
static void add_body(struct ms_top *t, struct ms_bytes bytes, uint64_t limit)
{
    if (t->whole && !t->cut && t->block.n < limit)
        ms_buffer_append(&t->block, ms_head(bytes, (size_t)(limit - t->block.n)));
}

struct ms_bytes ms_top_push(struct ms_top *t, struct ms_bytes bytes, uint64_t limit)
{
    enum { BLANK_LINE = 2 };
    t->bytes += bytes.n;
    if (t->done) {
        add_body(t, bytes, limit);
        return bytes;
    }
    size_t   before = t->block.n, block, body;
    uint64_t room = limit + BLANK_LINE - before;
    ms_buffer_append(&t->block, bytes.n < room ? bytes : ms_head(bytes, (size_t)room));
    body = find_body(ms_buffer_bytes(&t->block), before > 3 ? before - 3 : 0, &block);
    t->cut = !body && bytes.n >= room;
    t->done = body || t->cut;
    if (!t->done)
        return (struct ms_bytes){ NULL, 0 };
    t->head = body ? block : (size_t)limit;
    t->block.n = t->whole && body ? body : t->head;
    struct ms_bytes rest = body ? ms_tail(bytes, body - before) : (struct ms_bytes){ NULL, 0 };
    add_body(t, rest, limit);
    return rest;
}

void ms_top_gap(struct ms_top *t)
{
    if (!t)
        return;
    t->head = ms_top_head(t);
    t->cut |= !t->done;
    t->done = true;
}

size_t ms_top_head(const struct ms_top *t) { return t->done ? t->head : t->block.n; }

void ms_top_finish(struct ms_top *t) { ms_buffer_finish(&t->block); }
