/* content/document/pdf_picture.c - pictures of a PDF: JPEG as it stands, and rows of samples (ISO 32000-1 8.9.5).
 *
 * Which colour is dark does not matter to a reader of codes, so Decode arrays and masks are not asked.
 * BUGS     CCITT, JBIG2 and JPEG 2000, pictures inside of the text of a page, and codes that are drawn as squares. */
#include "content/document/pdf.h"
#include "content/picture/picture.h"

struct samples { size_t width, height, bits, colors; uint8_t palette[256]; bool indexed; };

/* ---- colours ------------------------------------------------------------------------------------------------------ */

static uint8_t grey_of(const uint8_t *c, size_t colors)
{
    unsigned inks = colors == 4 ? 255u - ms_grey_of(255u - c[0], 255u - c[1], 255u - c[2]) + c[3] : 0;
    return colors == 1 ? c[0] : colors == 3 ? ms_grey_of(c[0], c[1], c[2]) : (uint8_t)(inks < 255 ? 255 - inks : 0);
}

static size_t colors_of(struct ms_pdf *p, struct ms_bytes space);

/* [/Indexed base last colours]: the colours are a string or a stream. */
static void read_palette(struct ms_pdf *p, struct ms_bytes items, struct samples *s)
{
    const struct ms_pdf_object *object;
    uint8_t                     text[4 * 256];
    struct ms_buffer            stream = { 0 };
    size_t                      colors = colors_of(p, ms_pdf_item(&items));
    ms_pdf_item(&items);
    struct ms_bytes value = ms_pdf_follow(p, ms_pdf_item(&items), &object), table = ms_pdf_string(value, text, sizeof text);
    if (object && object->stream.n) {
        ms_pdf_append(p, object, sizeof text, &stream);
        table = ms_buffer_bytes(&stream);
    }
    for (size_t i = 0; i < 256 && (i + 1) * colors <= table.n; i++)
        s->palette[i] = grey_of(table.p + i * colors, colors);
    s->indexed = true;
    ms_buffer_finish(&stream);
}

/* Samples of a pixel; 1 where it is not known. */
static size_t colors_of(struct ms_pdf *p, struct ms_bytes space)
{
    const struct ms_pdf_object *object;
    struct ms_bytes             value = ms_pdf_follow(p, space, &object), items = ms_pdf_items(value), kind = ms_pdf_item(&items);
    if (ms_pdf_is(kind, "ICCBased")) {
        double n = ms_pdf_number(ms_pdf_get_at(p, ms_pdf_follow(p, ms_pdf_item(&items), &object), "N"), 1);
        return n == 3 ? 3 : n == 4 ? 4 : 1;
    }
    return ms_pdf_is(kind, "DeviceRGB") || ms_pdf_is(kind, "CalRGB") || ms_pdf_is(kind, "Lab") ? 3 : ms_pdf_is(kind, "DeviceCMYK") ? 4 : 1;
}

static size_t size_at(struct ms_pdf *p, struct ms_bytes head, const char *key, size_t otherwise)
{
    double n = ms_pdf_number(ms_pdf_get_at(p, head, key), (double)otherwise);
    return n >= 1 && n <= MS_PICTURE_SIDE ? (size_t)n : 0;
}

static bool read_head(struct ms_pdf *p, struct ms_bytes head, struct samples *s)
{
    struct ms_bytes space = ms_pdf_get_at(p, head, "ColorSpace"), items = ms_pdf_items(space);
    *s = (struct samples){ .width = size_at(p, head, "Width", 0), .height = size_at(p, head, "Height", 0), .bits = size_at(p, head, "BitsPerComponent", 1) };
    if (ms_pdf_is(ms_pdf_item(&items), "Indexed"))
        read_palette(p, items, s);
    s->colors = s->indexed ? 1 : colors_of(p, space);
    return s->width && s->height && (s->bits == 1 || s->bits == 2 || s->bits == 4 || s->bits == 8 || s->bits == 16);
}

/* ---- samples ------------------------------------------------------------------------------------------------------ */

/* One sample as a number up to 255; of an index the index. */
static uint8_t sample_at(const struct samples *s, const uint8_t *row, size_t i)
{
    if (s->bits >= 8)
        return row[i * s->bits / 8];
    unsigned most = (1u << s->bits) - 1, value = (unsigned)row[i * s->bits / 8] >> (8 - s->bits - i * s->bits % 8) & most;
    return (uint8_t)(s->indexed ? value : value * 255 / most);
}

static void look_at_samples(struct ms_pdf *p, const struct samples *s, struct ms_bytes data)
{
    struct ms_picture picture;
    size_t            row = (s->width * s->colors * s->bits + 7) / 8;
    if (data.n < row * MS_PICTURE_LEAST || !ms_picture_may_look(p->f, s->width, s->height))
        return;
    ms_picture_init(&picture, s->width, s->height);
    for (size_t y = 0; y < s->height && (y + 1) * row <= data.n; y++)
        for (size_t x = 0; x < s->width; x++) {
            uint8_t c[4];
            for (size_t i = 0; i < s->colors; i++)
                c[i] = sample_at(s, data.p + y * row, x * s->colors + i);
            picture.grey[y * picture.stride + x] = s->indexed ? s->palette[c[0]] : grey_of(c, s->colors);
        }
    ms_picture_look_at(p->f, &picture);
    ms_picture_finish(&picture);
}

static void look_at(struct ms_pdf *p, const struct ms_pdf_object *object)
{
    struct ms_unpacked u = { 0 };
    struct samples     s;
    size_t             width, height;
    if (!read_head(p, object->head, &s) || p->streams == 0)
        return;
    p->streams--;
    struct ms_bytes data = ms_pdf_unpack(p->f, object->head, object->stream, SIZE_MAX, &u) ? ms_buffer_bytes(&u.out) : object->stream;
    if (ms_picture_measure(data, &width, &height))
        ms_file_inner_slice(p->f, (struct ms_inner){ .name = MS_LIT("picture"), .bytes = data, .around = MS_IN_DOCUMENT, .siblings = 1 });
    else
        look_at_samples(p, &s, data);
    ms_buffer_finish(&u.out);
}

void ms_pdf_pictures(struct ms_pdf *p)
{
    const struct ms_pdf_object *all = (const struct ms_pdf_object *)(const void *)p->objects.p;
    size_t                      n = p->objects.n / sizeof *all;
    for (size_t i = 0; i < n && p->work > 0; i++) {
        bool last = i + 1 == n || all[i + 1].number != all[i].number;
        if (last && all[i].stream.n && ms_pdf_is(ms_pdf_get_at(p, all[i].head, "Subtype"), "Image"))
            look_at(p, &all[i]);
    }
}
