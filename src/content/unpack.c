/* content/unpack.c - zlib, with bounds: at most so many bytes, and never more than the budget of the part. */
#include "content/files.h"

#include <zlib.h>

enum { STEP = 16384, WINDOW = 32768 };

static size_t room_left(const struct ms_file *f, size_t most, const struct ms_unpacked *u)
{
    size_t room = most - u->out.n;
    room = room < STEP ? room : STEP;
    return *f->in->budget < room ? (size_t)*f->in->budget : room;
}

static void run(const struct ms_file *f, z_stream *z, size_t most, struct ms_unpacked *u)
{
    uint8_t step[STEP];
    int     status = Z_OK;
    u->cut = false;
    while (status == Z_OK) {
        size_t room = room_left(f, most, u);
        u->cut = room == 0;
        if (u->cut)
            break;
        z->next_out = step;
        z->avail_out = (uInt)room;
        status = inflate(z, Z_NO_FLUSH);
        size_t got = room - z->avail_out;
        ms_buffer_append(&u->out, (struct ms_bytes){ step, got });
        ms_file_spend(f, got);
        if (got == 0 && status == Z_OK)
            break;
    }
    u->damaged = status != Z_OK && status != Z_STREAM_END;
}

static z_stream stream_of(struct ms_bytes packed)
{
    return (z_stream){ .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)(packed.n < UINT32_MAX ? packed.n : UINT32_MAX) };
}

void ms_unpack(const struct ms_file *f, struct ms_bytes packed, enum ms_wrapping wrapping, size_t most, struct ms_unpacked *u)
{
    z_stream z = stream_of(packed);
    *u = (struct ms_unpacked){ .damaged = inflateInit2(&z, wrapping) != Z_OK };
    if (u->damaged)
        return;
    run(f, &z, most, u);
    u->used = packed.n - z.avail_in;
    inflateEnd(&z);
}

void ms_unpack_more(const struct ms_file *f, struct ms_bytes packed, struct ms_unpacked *u)
{
    z_stream        z = stream_of(packed);
    struct ms_bytes before = ms_tail(ms_buffer_bytes(&u->out), u->out.n > WINDOW ? u->out.n - WINDOW : 0);
    u->damaged = inflateInit2(&z, MS_RAW_DEFLATE) != Z_OK;
    if (u->damaged)
        return;
    if (before.n)
        inflateSetDictionary(&z, before.p, (uInt)before.n);
    run(f, &z, SIZE_MAX, u);
    inflateEnd(&z);
}
