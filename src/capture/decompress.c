/* BUGS  A file that begins with a skippable frame is taken for zstd, though lz4 has the same ones. The legacy lz4 frame
 *       (`lz4 -l`) is not read.                                                                                    */
#include "capture/decompress.h"

#include <lz4frame.h>
#include <zlib.h>
#include <zstd.h>

enum { GZIP_WINDOW = 15 + 16, ZSTD_WINDOW = 27, FRAME_START = 7 };

struct ms_decoder {
    enum ms_codec codec;
    bool          resting;
    size_t        want; /* input bytes up to the end of the block: a step handles one block, so that an error loses only its own */
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

struct ms_decoder *ms_decoder_create(enum ms_codec codec)
{
    struct ms_decoder *d = ms_alloc(sizeof *d);
    *d = (struct ms_decoder){ .codec = codec, .resting = true, .want = FRAME_START };
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
    ms_decoder_destroy(d);
    return NULL;
}

void ms_decoder_destroy(struct ms_decoder *d)
{
    if (!d)
        return;
    if (d->codec == MS_CODEC_GZIP)
        inflateEnd(&d->gzip);
    ZSTD_freeDStream(d->zstd);
    LZ4F_freeDecompressionContext(d->lz4);
    ms_free(d);
}

bool ms_decoder_resting(const struct ms_decoder *d) { return d->resting; }

/* zlib hands out what it decoded before an error by itself. Zeros after a member are padding (tapes), as for gzip(1). */
static bool run_gzip(struct ms_decoder *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
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

static bool run_zstd(struct ms_decoder *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    ZSTD_inBuffer  from = { in->p, ms_head(*in, d->want).n, 0 };
    ZSTD_outBuffer to = { out, room, 0 };
    size_t         rc = ZSTD_decompressStream(d->zstd, &to, &from);
    if (ZSTD_isError(rc))
        return false;
    *made = to.pos;
    *in = ms_tail(*in, from.pos);
    if (from.pos || to.pos)
        d->resting = rc == 0;
    d->want = rc ? rc : FRAME_START;
    return true;
}

static bool run_lz4(struct ms_decoder *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    size_t used = ms_head(*in, d->want).n, wrote = room;
    size_t rc = LZ4F_decompress(d->lz4, out, &wrote, in->p, &used, NULL);
    if (LZ4F_isError(rc))
        return false;
    *made = wrote;
    *in = ms_tail(*in, used);
    if (used || wrote)
        d->resting = rc == 0;
    d->want = rc ? rc : FRAME_START;
    return true;
}

bool ms_decoder_run(struct ms_decoder *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made)
{
    *made = 0;
    switch (d->codec) {
    case MS_CODEC_GZIP: return run_gzip(d, in, out, room, made);
    case MS_CODEC_ZSTD: return (in->n || !d->resting) ? run_zstd(d, in, out, room, made) : true;
    case MS_CODEC_LZ4: return (in->n || !d->resting) ? run_lz4(d, in, out, room, made) : true;
    case MS_CODEC_PLAIN: break;
    }
    return false;
}
