#include "base/spool.h"

#include <unistd.h>

void ms_spool_append(struct ms_spool *s, struct ms_bytes b) { ms_buffer_append(&s->tail, b); }

void ms_spool_flush(struct ms_spool *s)
{
    if (s->full || s->tail.n < MS_SPOOL_BYTES)
        return;
    if (!s->file)
        s->file = tmpfile();
    if (!s->file || fwrite(s->tail.p, 1, s->tail.n, s->file) != s->tail.n || fflush(s->file) != 0) {
        s->full = true; /* part of it may stand in the file now: nothing more goes there */
        return;
    }
    s->written += s->tail.n;
    s->tail.n = 0;
}

bool ms_spool_read(struct ms_spool *s, uint64_t offset, void *to, size_t n)
{
    if (n == 0)
        return true;
    if (offset >= s->written) {
        memcpy(to, s->tail.p + (offset - s->written), n);
        return true;
    }
    return pread(fileno(s->file), to, n, (off_t)offset) == (ssize_t)n;
}

void ms_spool_finish(struct ms_spool *s)
{
    ms_buffer_finish(&s->tail);
    if (s->file)
        fclose(s->file);
    *s = (struct ms_spool){ 0 };
}
