/* content/picture/bmp.c - BMP as screens and programs save it: 1, 4, 8, 24 and 32 bits a pixel, not packed.
 *
 * BUGS     16 bits a pixel, run lengths and pictures of other kinds in a BMP are passed over. */
#include "content/picture/picture.h"

struct bmp { struct ms_bytes data; uint8_t palette[256]; size_t bits, row; bool from_top; };

static void read_palette(struct bmp *bmp, struct ms_bytes b, size_t entry)
{
    for (size_t i = 0; i < 256; i++) { /* blue, green, red */
        struct ms_bytes c = ms_slice(b, i * entry, 3);
        bmp->palette[i] = ms_grey_of(ms_at(c, 2), ms_at(c, 1), ms_at(c, 0));
    }
}

static void read_row(const struct bmp *bmp, struct ms_bytes row, uint8_t *out, size_t width)
{
    size_t bytes = bmp->bits / 8, per_byte = bytes ? 1 : 8 / bmp->bits;
    for (size_t x = 0; x < width && bytes < 3 && x / per_byte < row.n; x++)
        out[x] = bmp->palette[bytes ? row.p[x] : row.p[x / per_byte] >> (8 - bmp->bits * (x % per_byte + 1)) & ((1 << bmp->bits) - 1)];
    for (size_t x = 0; x < width && bytes >= 3 && (x + 1) * bytes <= row.n; x++)
        out[x] = ms_grey_of(row.p[x * bytes + 2], row.p[x * bytes + 1], row.p[x * bytes]);
}

static bool begin(struct bmp *bmp, struct ms_bytes b, size_t width)
{
    uint32_t header = ms_le32(b.p + 14);
    bool     old = header == 12;
    size_t   need = old ? 26 : 54;
    if (header > b.n || b.n < need)
        return false;
    bmp->bits = ms_le16(b.p + (old ? 24 : 28));
    bmp->from_top = !old && ms_le32(b.p + 22) > INT32_MAX;
    bmp->row = (width * bmp->bits + 31) / 32 * 4;
    bmp->data = ms_tail(b, ms_le32(b.p + 10));
    read_palette(bmp, ms_tail(b, 14 + header), old ? 3 : 4);
    uint32_t packing = old ? 0 : ms_le32(b.p + 30); /* 3: the usual three bytes, told as masks */
    return (packing == 0 || (packing == 3 && bmp->bits == 32)) && (bmp->bits == 1 || bmp->bits == 4 || bmp->bits == 8 || bmp->bits == 24 || bmp->bits == 32);
}

bool ms_bmp_read(struct ms_bytes b, struct ms_picture *out)
{
    struct bmp bmp;
    if (!begin(&bmp, b, out->width))
        return false;
    ms_picture_init(out, out->width, out->height);
    for (size_t y = 0; y < out->height; y++) {
        size_t to = bmp.from_top ? y : out->height - 1 - y;
        read_row(&bmp, ms_slice(bmp.data, y * bmp.row, bmp.row), out->grey + to * out->stride, out->width);
    }
    return bmp.data.n > 0;
}
