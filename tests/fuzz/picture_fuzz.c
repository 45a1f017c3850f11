/* tests/fuzz/picture_fuzz.c - bytes as a picture, and as the modules of a code: nothing is read beyond them, texts of codes are UTF-8 and bounded, and
 * the same picture shows the same codes twice. */
#include "content/picture/picture.h"
#include "content/picture/qr.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AREA = 1 << 18 };

struct codes { struct ms_code_sink sink; uint64_t sum; };

static void on_code(struct ms_code_sink *sink, struct ms_bytes text)
{
    struct codes *c = (struct codes *)(void *)sink;
    require_utf8(text);
    if (text.n == 0 || text.n > 2 * MS_QR_TEXT)
        abort();
    c->sum = c->sum * 31 + text.n;
    for (size_t i = 0; i < text.n; i++)
        c->sum = c->sum * 31 + text.p[i];
}

static uint64_t see(struct ms_bytes bytes)
{
    struct codes      codes = { { on_code }, 1 };
    struct ms_picture p;
    size_t            width, height;
    if (!ms_picture_measure(bytes, &width, &height) || (width | height) > AREA || width * height > AREA || !ms_picture_read(bytes, &p))
        return 0;
    ms_codes_find(&p, &codes.sink);
    ms_picture_finish(&p);
    return codes.sum;
}

/* The first byte is the version. */
static void read_modules(const uint8_t *data, size_t size)
{
    struct ms_qr_grid *g = ms_alloc(sizeof *g);
    struct ms_buffer   text = { 0 };
    g->size = 17 + 4 * (data[0] % MS_QR_VERSIONS + 1u);
    for (unsigned i = 0; i < g->size * g->size; i++)
        g->dark[i / g->size][i % g->size] = 1 + i / 8 < size && data[1 + i / 8] >> i % 8 & 1;
    if (ms_qr_read(g, &text) && text.n > 2 * MS_QR_TEXT)
        abort();
    ms_buffer_finish(&text);
    ms_free(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ms_bytes bytes = { data, size };
    if (see(bytes) != see(bytes))
        abort();
    if (size > 0)
        read_modules(data, size);
    return 0;
}
