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

struct ms_bytes ms_top_push(struct ms_top *t, struct ms_bytes bytes, uint64_t limit)
{
    enum { BLANK_LINE = 2 };
    t->bytes += bytes.n;
    if (t->done)
        return bytes;
    size_t   before = t->block.n, block, body;
    uint64_t room = limit + BLANK_LINE - before;
    ms_buffer_append(&t->block, bytes.n < room ? bytes : ms_head(bytes, (size_t)room));
    body = find_body(ms_buffer_bytes(&t->block), before > 3 ? before - 3 : 0, &block);
    t->cut = !body && bytes.n >= room;
    t->done = body || t->cut;
    if (t->done)
        t->block.n = body ? block : (size_t)limit;
    return body ? ms_tail(bytes, body - before) : (struct ms_bytes){ NULL, 0 };
}

void ms_top_gap(struct ms_top *t)
{
    if (!t)
        return;
    t->cut |= !t->done;
    t->done = true;
}

void ms_top_finish(struct ms_top *t) { ms_buffer_finish(&t->block); }
