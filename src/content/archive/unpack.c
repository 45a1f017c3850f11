/* content/archive/unpack.c - what compresses a stream, with bounds: at most so many bytes, and never more than the budget of the part.
 *
 * BUGS     of xz, filters before LZMA2 are not undone; of lzip and zstd the first member alone.                           */
#include "content/archive/unpack.h"

#include <bzlib.h>
#include <zlib.h>
#include <zstd.h>

enum { STEP = 16384, WINDOW = 32768, STREAM_COST = 4096 /* of bzip2, however small it is */, WINDOW_LOG = 23 /* zstd: a stream that wants more than 8 MiB of memory stays shut */ };

static size_t room_left(const struct ms_file *f, size_t most, const struct ms_unpacked *u)
{
    size_t room = most - u->out.n;
    room = room < STEP ? room : STEP;
    return *f->in->budget < room ? (size_t)*f->in->budget : room;
}

/* For what came out, or went in: there are streams that give nothing, and several entries of an archive may share one. */
static void pay(const struct ms_file *f, size_t out, size_t in) { ms_file_spend(f, out > in ? out : in); }

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
        uInt before = z->avail_in;
        status = inflate(z, Z_NO_FLUSH);
        size_t got = room - z->avail_out, taken = before - z->avail_in;
        ms_buffer_append(&u->out, (struct ms_bytes){ step, got });
        pay(f, got, taken);
        if (got == 0 && status == Z_OK)
            break;
    }
    u->damaged = status != Z_OK && status != Z_STREAM_END;
}

static z_stream stream_of(struct ms_bytes packed)
{
    return (z_stream){ .next_in = (Bytef *)(uintptr_t)packed.p, .avail_in = (uInt)(packed.n < UINT32_MAX ? packed.n : UINT32_MAX) };
}

static void unpack_zlib(const struct ms_file *f, struct ms_bytes packed, enum ms_wrapping wrapping, size_t most, struct ms_unpacked *u)
{
    z_stream z = stream_of(packed);
    u->damaged = inflateInit2(&z, wrapping) != Z_OK;
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

/* ---- LZMA ------------------------------------------------------------------------------------------------------ */

/* Whether a block of xz ends in LZMA2, as all do. */
static bool is_lzma2(struct ms_bytes head)
{
    struct ms_cur c = { ms_tail(head, 1), false };
    unsigned      flags = ms_take_u8(&c);
    uint64_t      id = 0;
    for (unsigned i = (flags >> 6 & 1) + (flags >> 7); i > 0; i--) /* sizes */
        ms_take_sevens(&c);
    for (unsigned i = 0; i <= (flags & 3); i++) {
        id = ms_take_sevens(&c);
        uint64_t n = ms_take_sevens(&c);
        ms_take(&c, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
    }
    return !c.bad && id == 0x21;
}

static bool unpack_xz(struct ms_bytes packed, size_t most, struct ms_unpacked *u)
{
    static const uint8_t checks[16] = { 0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64 };
    struct ms_buffer    *out = &u->out;
    size_t               check = checks[ms_at(packed, 7) & 15], used = 0;
    struct ms_bytes      rest = ms_tail(packed, 12);
    bool                 ok = true;
    while (ok && rest.n && rest.p[0] && out->n < most) {
        size_t head = (rest.p[0] + 1u) * 4;
        ok = is_lzma2(ms_head(rest, head)) && ms_lzma2_unpack(ms_tail(rest, head), most - out->n, out, &used);
        rest = ms_tail(rest, head + (used + 3) / 4 * 4 + check);
    }
    u->used = packed.n - rest.n;
    return ok && (rest.n || out->n == most);
}

static bool unpack_lzma(struct ms_bytes packed, enum ms_wrapping wrapping, size_t most, struct ms_unpacked *u)
{
    if (wrapping == MS_XZ)
        return unpack_xz(packed, most, u);
    if (wrapping == MS_ZIP_LZMA) /* version of the packer, size of the properties (APPNOTE.TXT 5.8.8) */
        return ms_lzma_unpack(ms_tail(packed, 4u + ms_le16_at(packed, 2)), ms_slice(packed, 4, ms_le16_at(packed, 2)), most, &u->out);
    if (wrapping == MS_LZMA_ALONE) /* properties, size */
        return ms_lzma_unpack(ms_tail(packed, 13), ms_head(packed, 5), ms_le64_at(packed, 5) < most ? (size_t)ms_le64_at(packed, 5) : most, &u->out);
    return ms_lzma_unpack(ms_tail(packed, 6), MS_LIT("\x5d\0\0\0\0"), most, &u->out);
}

/* ---- bzip2 ----------------------------------------------------------------------------------------------------- */

static bool unpack_bzip2_stream(struct ms_bytes packed, size_t most, struct ms_unpacked *u)
{
    char      step[STEP];
    bz_stream z = { .next_in = (char *)(uintptr_t)(packed.p + u->used) };
    unsigned  all = packed.n - u->used < UINT32_MAX ? (unsigned)(packed.n - u->used) : UINT32_MAX;
    bool      more = BZ2_bzDecompressInit(&z, 0, 0) == BZ_OK;
    int       status = BZ_MEM_ERROR;
    z.avail_in = all;
    while (more && u->out.n < most) {
        unsigned before = z.avail_in;
        z.next_out = step;
        z.avail_out = sizeof step;
        status = BZ2_bzDecompress(&z);
        size_t got = sizeof step - z.avail_out;
        ms_buffer_append(&u->out, ms_head((struct ms_bytes){ (const uint8_t *)step, got }, most - u->out.n));
        more = status == BZ_OK && (got || z.avail_in < before);
    }
    u->used += all - z.avail_in;
    BZ2_bzDecompressEnd(&z);
    return status == BZ_STREAM_END || (status == BZ_OK && u->out.n == most);
}

/* Programs that compress on several processors write one stream behind another. */
static bool unpack_bzip2(const struct ms_file *f, struct ms_bytes packed, size_t most, struct ms_unpacked *u)
{
    bool ok = ms_has_at(packed, 0, MS_LIT("BZh"));
    while (ok && u->out.n < most && ms_has_at(packed, u->used, MS_LIT("BZh")) && ms_file_spend(f, STREAM_COST))
        ok = unpack_bzip2_stream(packed, most, u);
    return ok;
}

/* ---- zstd ------------------------------------------------------------------------------------------------------ */

static bool unpack_zstd(struct ms_bytes packed, size_t most, struct ms_unpacked *u)
{
    ZSTD_DCtx    *z = ZSTD_createDCtx();
    ZSTD_inBuffer in = { packed.p, packed.n, 0 };
    uint8_t       step[STEP];
    size_t        status = 1;
    bool          ok = z && !ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, WINDOW_LOG));
    while (ok && status && u->out.n < most) {
        ZSTD_outBuffer to = { step, sizeof step, 0 };
        status = ZSTD_decompressStream(z, &to, &in);
        ok = !ZSTD_isError(status) && (to.pos || in.pos < in.size || !status);
        ms_buffer_append(&u->out, ms_head((struct ms_bytes){ step, to.pos }, most - u->out.n));
    }
    u->used = in.pos;
    ZSTD_freeDCtx(z);
    return ok;
}

void ms_unpack(const struct ms_file *f, struct ms_bytes packed, enum ms_wrapping wrapping, size_t most, struct ms_unpacked *u)
{
    *u = (struct ms_unpacked){ 0 };
    if (wrapping <= MS_GZIP) {
        unpack_zlib(f, packed, wrapping, most, u);
        return;
    }
    most = *f->in->budget < most ? (size_t)*f->in->budget : most;
    if (wrapping == MS_BZIP2)
        u->damaged = !unpack_bzip2(f, packed, most, u);
    else
        u->damaged = !(wrapping == MS_ZSTD ? unpack_zstd(packed, most, u) : unpack_lzma(packed, wrapping, most, u));
    u->cut = !u->damaged && u->out.n == most;
    pay(f, u->out.n, u->used);
}
