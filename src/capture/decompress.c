/* BUGS  A file that begins with a skippable frame is taken for zstd, though lz4 has the same ones. The legacy lz4 frame
 *       (`lz4 -l`) is not read.                                                                                    */
#include "capture/decompress.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

enum {
    GZIP_WINDOW = 15 + 16, /* the largest, and the gzip format */
    ZSTD_WINDOW = 27,      /* log2 bytes */
    FRAME_START = 7,       /* the shortest lz4 frame header; zstd's is 6 */
    ZSTD_BLOCK_HEADER = 3, LZ4_BLOCK_HEADER = 4,
};

struct ms_decompressor {
    enum ms_codec codec;
    bool          resting;
    bool          held; /* the last step filled all the room: there may be more output */
    size_t        want; /* input bytes that the library asks for: to the end of the block and over the next header */
    z_stream      gzip;
    ZSTD_DStream *zstd;
    LZ4F_dctx    *lz4;
};

enum ms_codec ms_codec_of(struct ms_bytes start)
{
    if (start.n < MS_CODEC_MAGIC)
        return MS_CODEC_PLAIN;
    uint32_t word = ms_le32(start.p);
    if ((word & 0xffffff) == 0x088b1f) /* RFC 1952: deflate is the only method */
        return MS_CODEC_GZIP;
    if (word == 0xfd2fb528 || (word & 0xfffffff0) == 0x184d2a50)
        return MS_CODEC_ZSTD;
    return word == 0x184d2204 ? MS_CODEC_LZ4 : MS_CODEC_PLAIN;
}

const char *ms_codec_name(enum ms_codec codec)
{
    static const char *const names[] = { "plain", "gzip", "zstd", "lz4" };
    return names[codec];
}

struct ms_decompressor *ms_decompressor_create(enum ms_codec codec)
{
    struct ms_decompressor *d = ms_alloc(sizeof *d);
    *d = (struct ms_decompressor){ .codec = codec, .resting = true, .want = FRAME_START };
    bool ok = false;
    if (codec == MS_CODEC_GZIP) {
        ok = inflateInit2(&d->gzip, GZIP_WINDOW) == Z_OK;
    } else if (codec == MS_CODEC_ZSTD) {
        d->zstd = ZSTD_createDStream();
        ok = d->zstd && !ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW));
    } else {
        ok = !LZ4F_isError(LZ4F_createDecompressionContext(&d->lz4, LZ4F_VERSION));
    }
    if (ok)
        return d;
    ms_decompressor_destroy(d);
    return NULL;
}

void ms_decompressor_destroy(struct ms_decompressor *d)
{
    if (!d)
        return;
    if (d->codec == MS_CODEC_GZIP)
        inflateEnd(&d->gzip);
    ZSTD_freeDStream(d->zstd);
    LZ4F_freeDecompressionContext(d->lz4);
    ms_free(d);
}

bool ms_decompressor_resting(const struct ms_decompressor *d) { return d->resting; }

/* zlib hands out what it decoded before an error by itself. Zeros after a member are padding (tapes), as for gzip(1). */
static bool run_gzip(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    if (d->resting) {
        while (in->n && in->p[0] == 0)
            *in = ms_tail(*in, 1);
        if (in->n == 0)
            return true;
        d->resting = false;
        inflateReset(&d->gzip);
    }
    d->gzip.next_in = (z_const Bytef *)in->p;
    d->gzip.avail_in = (uInt)in->n;
    d->gzip.next_out = out;
    d->gzip.avail_out = (uInt)room;
    int rc = inflate(&d->gzip, Z_NO_FLUSH);
    *made = room - d->gzip.avail_out;
    *in = ms_tail(*in, in->n - d->gzip.avail_in);
    d->resting = rc == Z_STREAM_END;
    return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
}

/* zstd and lz4 keep nothing of what a call wrote when it also meets an error. So a call gets no more than the rest of one
 * block: what they ask for, without the header of the next. And no input while the block before waits for room.   */
static struct ms_bytes next_piece(const struct ms_decompressor *d, struct ms_bytes in)
{
    if (d->held)
        return (struct ms_bytes){ in.p, 0 };
    size_t next_header = d->codec == MS_CODEC_ZSTD ? ZSTD_BLOCK_HEADER : LZ4_BLOCK_HEADER;
    return ms_head(in, d->want > next_header ? d->want - next_header : d->want);
}

static bool step_zstd(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    ZSTD_inBuffer  from = { in->p, next_piece(d, *in).n, 0 };
    ZSTD_outBuffer to = { out, room, 0 };
    d->want = ZSTD_decompressStream(d->zstd, &to, &from);
    if (ZSTD_isError(d->want))
        return false;
    *made = to.pos;
    *in = ms_tail(*in, from.pos);
    return true;
}

static bool step_lz4(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    size_t used = next_piece(d, *in).n, wrote = room;
    d->want = LZ4F_decompress(d->lz4, out, &wrote, in->p, &used, NULL);
    if (LZ4F_isError(d->want))
        return false;
    *made = wrote;
    *in = ms_tail(*in, used);
    return true;
}

static bool run_blocks(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    bool   was_held = d->held;
    size_t had = in->n;
    if (d->resting && had == 0)
        return true;
    if (!(d->codec == MS_CODEC_ZSTD ? step_zstd : step_lz4)(d, in, out, room, made))
        return false;
    if (in->n < had || *made)
        d->resting = d->want == 0;
    if (d->want == 0)
        d->want = FRAME_START;
    d->held = *made == room;
    if (was_held && *made == 0)
        return run_blocks(d, in, out, room, made); /* nothing had been waiting */
    return true;
}

bool ms_decompressor_run(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    *made = 0;
    switch (d->codec) {
    case MS_CODEC_GZIP: return run_gzip(d, in, out, room, made);
    case MS_CODEC_ZSTD:
    case MS_CODEC_LZ4: return run_blocks(d, in, out, room, made);
    case MS_CODEC_PLAIN: break;
    }
    return false;
}
