/* content/picture/qr.c - from modules to text: format, mask, blocks, segments. Sections are those of ISO/IEC 18004:2015. */
#include "content/picture/qr.h"

#include "content/picture/reed_solomon.h"

enum { LEVELS = 4, MOST_BYTES = 3706, MODULES = MS_QR_MOST * MS_QR_MOST };

struct blocks { uint8_t count, checks; };
static const struct blocks versions[MS_QR_VERSIONS + 1][LEVELS] = { /* levels in the order of their two bits: M, L, H, Q */
#define X(version, ln, lc, mn, mc, qn, qc, hn, hc) [version] = { { mn, mc }, { ln, lc }, { hn, hc }, { qn, qc } },
#include "content/picture/versions.def"
#undef X
};

/* ---- format and version information (7.9, 7.10) ---------------------------------------------------------------------- */

/* `value` with the rest of the division by `generator` behind it. */
static uint32_t with_checks(uint32_t value, uint32_t generator, unsigned checks)
{
    uint32_t rest = value << checks;
    for (unsigned bit = 32; bit-- > checks;)
        if (rest >> bit & 1)
            rest ^= generator << (bit - checks);
    return value << checks | rest;
}

static unsigned differences(uint32_t a, uint32_t b) { return (unsigned)__builtin_popcount(a ^ b); }

unsigned ms_qr_version_of(uint32_t bits)
{
    for (unsigned version = 7; version <= MS_QR_VERSIONS; version++)
        if (differences(bits, with_checks(version, 0x1f25, 12)) <= 3)
            return version;
    return 0;
}

static uint32_t format_bits(const struct ms_qr_grid *g, bool second)
{
    uint32_t bits = 0;
    for (unsigned i = 0; i < 15; i++) {
        unsigned x = i < 8 ? 8 : i == 8 ? 7 : 14 - i, y = i < 6 ? i : i == 6 ? 7 : 8;
        if (second) {
            x = i < 8 ? g->size - 1 - i : 8;
            y = i < 8 ? 8 : g->size - 15 + i;
        }
        bits |= (uint32_t)g->dark[y][x] << i;
    }
    return bits ^ 0x5412;
}

/* Two bits of the level and three of the mask; the copy that has fewer wrong bits. False: both have too many. */
static bool read_format(const struct ms_qr_grid *g, unsigned *format)
{
    unsigned least = 4;
    for (unsigned copy = 0; copy < 2; copy++) {
        uint32_t bits = format_bits(g, copy == 1);
        for (unsigned value = 0; value < 32; value++) {
            unsigned off = differences(bits, with_checks(value, 0x537, 10));
            *format = off < least ? value : *format;
            least = off < least ? off : least;
        }
    }
    return least < 4;
}

/* ---- modules that carry no data (6.3) ---------------------------------------------------------------------------------- */

static bool is_masked(unsigned mask, unsigned x, unsigned y) /* 7.8.2 */
{
    switch (mask) {
    case 0: return (x + y) % 2 == 0;
    case 1: return y % 2 == 0;
    case 2: return x % 3 == 0;
    case 3: return (x + y) % 3 == 0;
    case 4: return (x / 3 + y / 2) % 2 == 0;
    case 5: return x * y % 2 + x * y % 3 == 0;
    case 6: return (x * y % 2 + x * y % 3) % 2 == 0;
    default: return ((x + y) % 2 + x * y % 3) % 2 == 0;
    }
}

/* Centres of alignment patterns on each axis (annex E): the first at 6, the others evenly from the far end. Returns how many. */
static unsigned alignment_centres(unsigned version, unsigned centres[8])
{
    unsigned n = version / 7 + 2, step = version == 32 ? 26 : (version * 4 + n * 2 + 1) / (n * 2 - 2) * 2;
    if (version == 1)
        return 0;
    centres[0] = 6;
    for (unsigned i = n - 1, at = version * 4 + 10; i > 0; i--, at -= step)
        centres[i] = at;
    return n;
}

static void fill(uint8_t (*at)[MS_QR_MOST], unsigned x, unsigned y, unsigned width, unsigned height)
{
    for (unsigned i = 0; i < height; i++)
        memset(&at[y + i][x], 1, width);
}

static void mark_fixed(uint8_t (*fixed)[MS_QR_MOST], unsigned size)
{
    unsigned centres[8], version = ms_qr_version(size), n = alignment_centres(version, centres);
    fill(fixed, 0, 0, 9, 9);
    fill(fixed, size - 8, 0, 8, 9);
    fill(fixed, 0, size - 8, 9, 8);
    fill(fixed, 6, 0, 1, size);
    fill(fixed, 0, 6, size, 1);
    for (unsigned i = 0; i < n; i++)
        for (unsigned k = 0; k < n; k++)
            if (!((i == 0 && k == 0) || (i == 0 && k == n - 1) || (i == n - 1 && k == 0))) /* there are the large ones */
                fill(fixed, centres[i] - 2, centres[k] - 2, 5, 5);
    if (version >= 7) {
        fill(fixed, size - 11, 0, 3, 6);
        fill(fixed, 0, size - 11, 6, 3);
    }
}

/* ---- bytes (7.7.3) ----------------------------------------------------------------------------------------------------- */

struct reading {
    const struct ms_qr_grid *grid;
    uint8_t                  fixed[MS_QR_MOST][MS_QR_MOST];
    uint8_t                  bytes[MOST_BYTES], data[MOST_BYTES]; /* as they lie in the grid; in their order, without checks */
    size_t                   n, data_n;
};

/* Columns in pairs from the right, up and down by turns; the vertical timing pattern is no column. */
static void take_bytes(struct reading *r, unsigned mask)
{
    unsigned size = r->grid->size, bits = 0, n = 0;
    bool     up = true;
    for (unsigned right = size - 1; right > 0 && right < size; right -= right == 8 ? 3 : 2, up = !up)
        for (unsigned i = 0; i < size * 2; i++) {
            unsigned x = right - i % 2, y = up ? size - 1 - i / 2 : i / 2;
            if (r->fixed[y][x])
                continue;
            bits = bits << 1 | (r->grid->dark[y][x] ^ is_masked(mask, x, y));
            if (++n % 8 == 0 && r->n < MOST_BYTES)
                r->bytes[r->n++] = (uint8_t)bits;
        }
}

/* Blocks lie byte by byte beside one another; some are one byte longer than the first ones. */
static bool correct(struct reading *r, struct blocks blocks)
{
    size_t longer = r->n % blocks.count, least = r->n / blocks.count, shared = least - blocks.checks, at = 0;
    for (size_t b = 0; b < blocks.count; b++) {
        uint8_t block[MS_RS_BLOCK];
        size_t  own = shared + (b >= blocks.count - longer);
        for (size_t i = 0; i < shared; i++)
            block[i] = r->bytes[i * blocks.count + b];
        if (own > shared)
            block[shared] = r->bytes[shared * blocks.count + b - (blocks.count - longer)];
        for (size_t i = 0; i < blocks.checks; i++)
            block[own + i] = r->bytes[shared * blocks.count + longer + i * blocks.count + b];
        if (!ms_reed_solomon(block, own + blocks.checks, blocks.checks))
            return false;
        memcpy(r->data + at, block, own);
        at += own;
    }
    r->data_n = at;
    return true;
}

/* ---- segments (7.4) ------------------------------------------------------------------------------------------------------ */

enum mode { TERMINATOR = 0, NUMERIC = 1, ALPHANUMERIC = 2, APPENDED = 3, BYTES = 4, FNC1_FIRST = 5, ECI = 7, KANJI = 8, FNC1_SECOND = 9 };

struct bits { struct ms_bytes data; size_t at; }; /* at: in bits */

static size_t bits_left(const struct bits *b) { return b->data.n * 8 - b->at; }

static unsigned take(struct bits *b, unsigned n) /* n is there */
{
    unsigned value = 0;
    for (; n > 0; n--, b->at++)
        value = value << 1 | ((unsigned)b->data.p[b->at / 8] >> (7 - b->at % 8) & 1);
    return value;
}

static void put(struct ms_buffer *text, char c) { ms_buffer_append(text, (struct ms_bytes){ (const uint8_t *)&c, 1 }); }

static void put_number(struct ms_buffer *text, unsigned value, unsigned digits)
{
    for (unsigned divisor = digits == 3 ? 100 : digits == 2 ? 10 : 1; divisor > 0; divisor /= 10)
        put(text, (char)('0' + value / divisor % 10));
}

static bool take_numbers(struct bits *b, size_t n, struct ms_buffer *text)
{
    for (unsigned digits; n > 0; n -= digits) {
        digits = n < 3 ? (unsigned)n : 3;
        if (bits_left(b) < digits * 3 + 1)
            return false;
        put_number(text, take(b, digits * 3 + 1), digits);
    }
    return true;
}

static bool take_letters(struct bits *b, size_t n, struct ms_buffer *text)
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for (; n > 0; n -= n > 1 ? 2 : 1) {
        unsigned width = n > 1 ? 11 : 6;
        if (bits_left(b) < width)
            return false;
        unsigned value = take(b, width);
        if (value >= (n > 1 ? 45 * 45 : 45))
            return false;
        if (n > 1)
            put(text, letters[value / 45]);
        put(text, letters[value % 45]);
    }
    return true;
}

static bool take_others(struct bits *b, size_t n, unsigned width, struct ms_buffer *text)
{
    for (; n > 0; n--) {
        if (bits_left(b) < width)
            return false;
        unsigned value = take(b, width);
        put(text, width == 8 ? (char)value : '?');
    }
    return true;
}

/* Bits of the number of characters, by mode and version. */
static unsigned count_bits(unsigned mode, unsigned version)
{
    unsigned size = version < 10 ? 0 : version < 27 ? 1 : 2;
    switch (mode) {
    case NUMERIC: return 10 + 2 * size;
    case ALPHANUMERIC: return 9 + 2 * size;
    case BYTES: return size ? 16 : 8;
    default: return 8 + 2 * size;
    }
}

/* What has no characters of its own. The designator of a character set has 1 to 3 bytes, as its first bits say. */
static bool pass(struct bits *b, unsigned mode)
{
    unsigned n = mode == APPENDED ? 16 : mode == ECI || mode == FNC1_SECOND ? 8 : 0;
    if (bits_left(b) < n)
        return false;
    unsigned value = take(b, n), more = mode != ECI || value < 0x80 ? 0 : value < 0xc0 ? 8 : 16;
    if (bits_left(b) < more)
        return false;
    take(b, more);
    return n > 0 || mode == FNC1_FIRST;
}

/* False at the end, or where it is broken: what came before stays. */
static bool take_segment(struct bits *b, unsigned version, struct ms_buffer *text)
{
    unsigned mode = bits_left(b) < 4 ? TERMINATOR : take(b, 4);
    if (mode != NUMERIC && mode != ALPHANUMERIC && mode != BYTES && mode != KANJI)
        return mode != TERMINATOR && pass(b, mode);
    unsigned width = count_bits(mode, version);
    if (bits_left(b) < width)
        return false;
    size_t n = take(b, width);
    return mode == NUMERIC ? take_numbers(b, n, text) : mode == ALPHANUMERIC ? take_letters(b, n, text) : take_others(b, n, mode == BYTES ? 8 : 13, text);
}

bool ms_qr_read(const struct ms_qr_grid *grid, struct ms_buffer *text)
{
    unsigned format = 0, version = ms_qr_version(grid->size);
    if (!read_format(grid, &format))
        return false;
    struct reading *r = ms_alloc(sizeof *r);
    r->grid = grid;
    mark_fixed(r->fixed, grid->size);
    take_bytes(r, format & 7);
    bool        right = correct(r, versions[version][format >> 3]);
    struct bits bits = { { r->data, r->data_n }, 0 };
    text->n = 0;
    while (right && take_segment(&bits, version, text) && text->n < MS_QR_TEXT)
        ;
    ms_free(r);
    return right && text->n > 0;
}
