#include "proto/top.h"

/* Where the block ends: at its blank line, or at the end of b. Looked for from `from` on. */
static size_t block_size(struct ms_bytes b, size_t from, bool *found)
{
    *found = true;
    if (ms_at(b, 0) == '\n' || (ms_at(b, 0) == '\r' && ms_at(b, 1) == '\n'))
        return 0;
    for (size_t i = from; (i += ms_find(ms_tail(b, i), '\n')) < b.n; i++)
        if (ms_at(b, i + 1) == '\n' || (ms_at(b, i + 1) == '\r' && ms_at(b, i + 2) == '\n'))
            return i + 1;
    *found = false;
    return b.n;
}

void ms_top_push(struct ms_top *t, struct ms_bytes bytes, uint64_t limit)
{
    t->bytes += bytes.n;
    if (t->done)
        return;
    size_t room = limit - t->block.n < bytes.n ? (size_t)(limit - t->block.n) : bytes.n;
    size_t from = t->block.n > 3 ? t->block.n - 3 : 0;
    ms_buffer_append(&t->block, ms_head(bytes, room));
    t->block.n = block_size(ms_buffer_bytes(&t->block), from, &t->done);
    t->cut = !t->done && bytes.n > room;
    t->done |= t->cut;
}

void ms_top_gap(struct ms_top *t)
{
    if (!t)
        return;
    t->cut |= !t->done;
    t->done = true;
}

void ms_top_finish(struct ms_top *t) { ms_buffer_finish(&t->block); }
