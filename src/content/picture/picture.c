/* content/picture/picture.c - which kind of picture, how large it is, and the two kinds that libraries read.
 *
 * Both libraries are asked through interfaces that return errors: no jump passes through code of ours.
 * BUGS     JPEG in CMYK, as printers want it, is passed over. */
#include "content/picture/picture.h"

#include <png.h>
#include <turbojpeg.h>

enum kind { NO_PICTURE, PNG, JPEG, GIF, BMP };

static bool begins(struct ms_bytes b, struct ms_bytes mark) { return ms_equal(ms_head(b, mark.n), mark); }

static enum kind kind_of(struct ms_bytes b)
{
    return begins(b, MS_LIT("\x89PNG\r\n\x1a\n")) ? PNG : begins(b, MS_LIT("\xff\xd8\xff")) ? JPEG
         : begins(b, MS_LIT("GIF87a")) || begins(b, MS_LIT("GIF89a")) ? GIF : begins(b, MS_LIT("BM")) ? BMP : NO_PICTURE;
}

/* ---- size ------------------------------------------------------------------------------------------------------ */

/* The frame header: the first segment SOF0 to SOF15 that is none of DHT, JPG and DAC (ITU T.81, B.1.1.3). */
static bool measure_jpeg(struct ms_bytes b, size_t *width, size_t *height)
{
    for (size_t at = 2; at + 9 < b.n && b.p[at] == 0xff;) {
        uint8_t mark = b.p[at + 1];
        bool    fill = mark == 0xff, alone = mark == 0x01 || (mark >= 0xd0 && mark <= 0xd7); /* alone: TEM, RST */
        if (fill || alone) {
            at += fill ? 1 : 2;
            continue;
        }
        *height = ms_be16(b.p + at + 5);
        *width = ms_be16(b.p + at + 7);
        if (mark >= 0xc0 && mark <= 0xcf && mark != 0xc4 && mark != 0xc8 && mark != 0xcc)
            return true;
        at += 2 + (size_t)ms_be16(b.p + at + 2);
    }
    return false;
}

static uint32_t distance(uint32_t n) { return n > INT32_MAX ? -n : n; } /* rows of BMP may be counted from the bottom or from the top */

bool ms_picture_measure(struct ms_bytes b, size_t *width, size_t *height)
{
    enum kind kind = kind_of(b);
    if (kind == JPEG)
        return measure_jpeg(b, width, height);
    if (kind == NO_PICTURE || b.n < 26)
        return false;
    bool old = kind == BMP && ms_le32(b.p + 14) == 12; /* OS/2 */
    *width = kind == PNG ? ms_be32(b.p + 16) : kind == GIF ? ms_le16(b.p + 6) : old ? ms_le16(b.p + 18) : ms_le32(b.p + 18);
    *height = kind == PNG ? ms_be32(b.p + 20) : kind == GIF ? ms_le16(b.p + 8) : old ? ms_le16(b.p + 20) : distance(ms_le32(b.p + 22));
    return true;
}

void ms_picture_init(struct ms_picture *p, size_t width, size_t height)
{
    *p = (struct ms_picture){ .width = width, .height = height, .stride = (width + 7) & ~(size_t)7 };
    p->grey = ms_alloc(p->stride * height + 1);
    memset(p->grey, 255, p->stride * height);
}

void ms_picture_finish(struct ms_picture *p)
{
    ms_free(p->grey);
    p->grey = NULL;
}

/* ---- libraries --------------------------------------------------------------------------------------------------- */

/* Chunks that make the picture (RFC 2083 4). Others, which the library would read too, unpack a thousandfold: texts, profiles. */
static void keep_chunks(struct ms_bytes b, struct ms_buffer *out)
{
    enum { SIGNATURE = 8, AROUND = 12 /* length, name and checksum of a chunk */ };
    ms_buffer_append(out, ms_head(b, SIGNATURE));
    for (b = ms_tail(b, SIGNATURE); b.n >= AROUND;) {
        struct ms_bytes chunk = ms_head(b, (size_t)ms_be32(b.p) + AROUND), name = ms_slice(chunk, 4, 4);
        if (ms_equal(name, MS_LIT("IHDR")) || ms_equal(name, MS_LIT("PLTE")) || ms_equal(name, MS_LIT("tRNS")) || ms_equal(name, MS_LIT("IDAT")) || ms_equal(name, MS_LIT("IEND")))
            ms_buffer_append(out, chunk);
        b = ms_tail(b, chunk.n);
    }
}

static bool read_png(struct ms_bytes b, struct ms_picture *out)
{
    png_image        image = { .version = PNG_IMAGE_VERSION };
    png_color        white = { 255, 255, 255 };
    struct ms_buffer chunks = { 0 };
    keep_chunks(b, &chunks);
    bool read = png_image_begin_read_from_memory(&image, chunks.p, chunks.n) && image.width == out->width && image.height == out->height;
    if (read) {
        ms_picture_init(out, out->width, out->height);
        image.format = PNG_FORMAT_GRAY;
        png_image_finish_read(&image, &white, out->grey, (png_int_32)out->stride, NULL); /* of a damaged one the first rows are there */
    }
    png_image_free(&image);
    ms_buffer_finish(&chunks);
    return read;
}

/* Each scan of a progressive picture goes over all of it again. Programs write about ten. */
static bool has_few_scans(struct ms_bytes b)
{
    enum { MOST = 32 };
    size_t n = 0;
    for (const uint8_t *p; b.n && n <= MOST && (p = memmem(b.p, b.n, "\xff\xda", 2)) != NULL; n++)
        b = ms_tail(b, (size_t)(p - b.p) + 2);
    return n <= MOST;
}

/* Does the library go by the same frame header as ms_picture_measure()? Bytes can be put so that each finds another one. */
static bool is_of_size(tjhandle handle, struct ms_bytes b, const struct ms_picture *p)
{
    int width = 0, height = 0, sampling, colors;
    tjDecompressHeader3(handle, b.p, b.n, &width, &height, &sampling, &colors);
    return (size_t)width == p->width && (size_t)height == p->height;
}

static bool read_jpeg(struct ms_bytes b, struct ms_picture *out)
{
    enum { LARGE = 3 << 20 }; /* pixels; a code on a sheet of paper is still clear */
    static const tjscalingfactor whole = { 1, 1 }, half = { 1, 2 }, quarter = { 1, 4 };
    tjscalingfactor scale = out->width * out->height <= LARGE ? whole : out->width * out->height <= 4 * LARGE ? half : quarter;
    size_t   width = (size_t)TJSCALED((int)out->width, scale), height = (size_t)TJSCALED((int)out->height, scale);
    tjhandle handle = tjInitDecompress();
    bool     read = handle && has_few_scans(b) && is_of_size(handle, b, out);
    if (read) {
        ms_picture_init(out, width, height);
        read = tjDecompress2(handle, b.p, b.n, out->grey, (int)width, (int)out->stride, (int)height, TJPF_GRAY, TJFLAG_FASTDCT) == 0 || tjGetErrorCode(handle) == TJERR_WARNING;
    }
    if (handle)
        tjDestroy(handle);
    return read;
}

bool ms_picture_read(struct ms_bytes b, struct ms_picture *out)
{
    static bool (*const readers[])(struct ms_bytes, struct ms_picture *) = { [PNG] = read_png, [JPEG] = read_jpeg, [GIF] = ms_gif_read, [BMP] = ms_bmp_read };
    size_t width, height;
    if (!ms_picture_measure(b, &width, &height) || width == 0 || height == 0 || width > MS_PICTURE_SIDE || height > MS_PICTURE_SIDE)
        return false;
    *out = (struct ms_picture){ .width = width, .height = height };
    if (readers[kind_of(b)](b, out))
        return true;
    ms_picture_finish(out);
    return false;
}
