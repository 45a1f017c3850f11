/* content/archive/sevenzip_list.c - the header of a 7z archive (7zFormat.txt of the LZMA SDK, public domain).
 *
 * Limits   counts are bounded by the bytes of the header, and paid for from the budget.
 * BUGS     BCJ and the like, which change addresses in programs, are not undone: the start of a program stays one. Of other chains of
 *          coders (BCJ2, Delta), PPMd and Deflate64 the names alone.                                                      */
#include "content/archive/sevenzip.h"

enum {
    END = 0, HEADER = 1, MAIN_STREAMS = 4, FILES = 5, PACK_INFO = 6, UNPACK_INFO = 7, SUB_STREAMS = 8, SIZE = 9, DIGEST = 10, FOLDERS = 11,
    UNPACK_SIZES = 12, SUB_COUNTS = 13, EMPTY_STREAM = 14, EMPTY_FILE = 15, NAMES = 17, PACKED_HEADER = 0x17,
    CODERS = 8, START = 32,
};

struct reader {
    struct ms_7z *z;
    struct ms_cur c;
    struct ms_bytes packed; /* of all streams that are left */
    uint64_t      *pack_sizes; size_t pack_count, pack_at;
};

/* First byte tells how many follow, by its leading ones. */
static uint64_t take_number(struct ms_cur *c)
{
    uint8_t  first = ms_take_u8(c), mask = 0x80;
    uint64_t n = 0;
    for (unsigned i = 0; i < 8; i++, mask >>= 1) {
        if (!(first & mask))
            return n | (uint64_t)(first & (mask - 1)) << 8 * i;
        n |= (uint64_t)ms_take_u8(c) << 8 * i;
    }
    return n;
}

/* A count of things that take a byte of the header each, at least, and `cost` of memory. */
static size_t take_count(struct reader *r, size_t cost)
{
    uint64_t n = take_number(&r->c);
    r->c.bad |= n > r->c.rest.n || !ms_file_spend(r->z->f, (size_t)n * cost);
    return r->c.bad ? 0 : (size_t)n;
}

static void skip(struct ms_cur *c, uint64_t n) { ms_take(c, n < SIZE_MAX ? (size_t)n : SIZE_MAX); }

/* Checksums of `n` things: all, or those whose bit is in what it gives. */
static struct ms_bytes skip_digests(struct ms_cur *c, size_t n)
{
    struct ms_bytes bits = { NULL, 0 };
    uint64_t        defined = n;
    if (ms_take_u8(c) == 0) {
        bits = ms_take(c, (n + 7) / 8);
        defined = 0;
        for (size_t i = 0; i < n; i++)
            defined += ms_7z_bit(bits, i);
    }
    skip(c, 4 * defined);
    return bits;
}

static void read_pack_info(struct reader *r)
{
    uint64_t at = take_number(&r->c);
    size_t   n = take_count(r, sizeof *r->pack_sizes);
    r->packed = ms_tail(r->packed, at < SIZE_MAX ? (size_t)at : SIZE_MAX);
    for (uint8_t id; !r->c.bad && (id = ms_take_u8(&r->c)) != END;) {
        if (id == DIGEST)
            skip_digests(&r->c, n);
        r->c.bad |= (id != DIGEST && id != SIZE) || (id == SIZE && r->pack_sizes);
        if (r->c.bad || id != SIZE || n == 0)
            continue;
        r->pack_sizes = ms_alloc(n * sizeof *r->pack_sizes);
        for (r->pack_count = 0; r->pack_count < n; r->pack_count++)
            r->pack_sizes[r->pack_count] = take_number(&r->c);
    }
}

/* ---- streams --------------------------------------------------------------------------------------------------- */

static const struct { struct ms_bytes id; uint8_t method; bool filter, aes; } coders[] = {
    { { (const uint8_t *)"\0", 1 }, MS_7Z_STORED, false, false },
    { { (const uint8_t *)"\3\1\1", 3 }, MS_7Z_LZMA, false, false },
    { { (const uint8_t *)"\x21", 1 }, MS_7Z_LZMA2, false, false },
    { { (const uint8_t *)"\4\1\x08", 3 }, MS_7Z_DEFLATE, false, false },
    { { (const uint8_t *)"\4\2\2", 3 }, MS_7Z_BZIP2, false, false },
    { { (const uint8_t *)"\3\3\1\3", 4 }, 0, true, false }, /* BCJ of x86, and of others */
    { { (const uint8_t *)"\3\3\5\1", 4 }, 0, true, false }, { { (const uint8_t *)"\3\3\7\1", 4 }, 0, true, false },
    { { (const uint8_t *)"\4", 1 }, 0, true, false }, { { (const uint8_t *)"\7", 1 }, 0, true, false },
    { { (const uint8_t *)"\x08", 1 }, 0, true, false }, { { (const uint8_t *)"\x0a", 1 }, 0, true, false },
    { { (const uint8_t *)"\6\xf1\7\1", 4 }, 0, false, true },
};

struct chain { uint64_t in, out; unsigned unpackers, others; };

static void read_coder(struct reader *r, struct ms_7z_stream *s, struct chain *all)
{
    uint8_t         flags = ms_take_u8(&r->c);
    struct ms_bytes id = ms_take(&r->c, flags & 15);
    uint64_t        in = flags & 0x10 ? take_number(&r->c) : 1, out = flags & 0x10 ? take_number(&r->c) : 1;
    uint64_t        n = flags & 0x20 ? take_number(&r->c) : 0;
    struct ms_bytes properties = ms_take(&r->c, n < r->c.rest.n ? (size_t)n : r->c.rest.n);
    size_t          i = 0;
    while (i < sizeof coders / sizeof *coders && !ms_equal(coders[i].id, id))
        i++;
    r->c.bad |= in > CODERS || out > CODERS || flags & 0x80;
    all->in += in;
    all->out += out;
    if (i == sizeof coders / sizeof *coders)
        all->others++;
    else if (coders[i].method) {
        all->unpackers++;
        s->method = coders[i].method;
        s->properties = properties;
    } else
        s->encrypted |= coders[i].aes;
}

/* Which coder feeds which: of chains without branches nothing more is needed than the number of packed pieces. */
static void read_stream(struct reader *r, struct ms_7z_stream *s, size_t *outs)
{
    struct chain all = { 0 };
    size_t       n = take_count(r, 1);
    r->c.bad |= n == 0 || n > CODERS;
    for (size_t i = 0; i < n && !r->c.bad; i++)
        read_coder(r, s, &all);
    if (r->c.bad || all.out == 0 || all.in + 1 < all.out) {
        r->c.bad = true;
        return;
    }
    uint64_t pieces = all.in - (all.out - 1);
    for (uint64_t i = 0; i < 2 * (all.out - 1) + (pieces > 1 ? pieces : 0); i++)
        take_number(&r->c);
    if (all.others || all.unpackers != 1 || s->encrypted || pieces != 1)
        s->method = MS_7Z_UNKNOWN;
    s->files = 1;
    *outs = (size_t)all.out;
    for (uint64_t i = 0; i < pieces && r->pack_at < r->pack_count; i++) {
        uint64_t size = r->pack_sizes[r->pack_at++];
        s->packed = ms_head(r->packed, size < r->packed.n ? (size_t)size : r->packed.n);
        r->packed = ms_tail(r->packed, s->packed.n);
    }
    r->z->encrypted |= s->encrypted;
}

static void read_unpack_info(struct reader *r)
{
    struct ms_7z *z = r->z;
    r->c.bad |= ms_take_u8(&r->c) != FOLDERS || z->streams;
    size_t n = take_count(r, sizeof *z->streams + sizeof(size_t));
    r->c.bad |= ms_take_u8(&r->c) != 0 || n == 0; /* "external" */
    if (r->c.bad)
        return;
    size_t *outs = ms_alloc(n * sizeof *outs);
    z->streams = ms_alloc(n * sizeof *z->streams);
    memset(z->streams, 0, n * sizeof *z->streams);
    for (; z->stream_count < n && !r->c.bad; z->stream_count++)
        read_stream(r, &z->streams[z->stream_count], &outs[z->stream_count]);
    r->c.bad |= ms_take_u8(&r->c) != UNPACK_SIZES;
    for (size_t i = 0; i < n && !r->c.bad; i++)
        for (size_t k = 0; k < outs[i]; k++)
            z->streams[i].size = take_number(&r->c);
    ms_free(outs);
    for (uint8_t id; !r->c.bad && (id = ms_take_u8(&r->c)) != END;) {
        r->c.bad |= id != DIGEST;
        struct ms_bytes bits = skip_digests(&r->c, n);
        for (size_t i = 0; i < n; i++)
            z->streams[i].digest = !bits.n || ms_7z_bit(bits, i);
    }
}

/* Sizes of files: all but the last of each stream are said. */
static void read_sizes(struct reader *r, bool said)
{
    struct ms_7z *z = r->z;
    size_t        n = 0;
    for (size_t i = 0; i < z->stream_count; i++)
        n += z->streams[i].files;
    r->c.bad |= z->sizes || !ms_file_spend(z->f, n * sizeof *z->sizes); /* said once */
    if (r->c.bad || n == 0)
        return;
    z->sizes = ms_alloc(n * sizeof *z->sizes);
    for (size_t i = 0; i < z->stream_count; i++) {
        uint64_t left = z->streams[i].size;
        for (size_t k = 0; k < z->streams[i].files; k++) {
            uint64_t size = k + 1 == z->streams[i].files ? left : said ? take_number(&r->c) : 0;
            left -= size < left ? size : left;
            z->sizes[z->size_count++] = size;
        }
    }
}

static void read_sub_streams(struct reader *r)
{
    struct ms_7z *z = r->z;
    uint8_t       id = ms_take_u8(&r->c);
    size_t        all = 0, without = 0; /* files, and those without a checksum yet */
    for (size_t i = 0; i < z->stream_count; i++) {
        uint64_t n = id == SUB_COUNTS ? take_number(&r->c) : 1;
        r->c.bad |= n > z->f->piece->bytes.n;
        z->streams[i].files = r->c.bad ? 0 : (size_t)n;
        all += z->streams[i].files;
        without += n == 1 && z->streams[i].digest ? 0 : z->streams[i].files;
    }
    r->c.bad |= all > z->f->piece->bytes.n;
    id = id == SUB_COUNTS ? ms_take_u8(&r->c) : id;
    read_sizes(r, id == SIZE);
    for (id = id == SIZE ? ms_take_u8(&r->c) : id; !r->c.bad && id != END; id = ms_take_u8(&r->c)) {
        r->c.bad |= id != DIGEST;
        skip_digests(&r->c, without);
    }
}

static void read_streams(struct reader *r)
{
    for (uint8_t id; !r->c.bad && (id = ms_take_u8(&r->c)) != END;) {
        if (id == PACK_INFO)
            read_pack_info(r);
        else if (id == UNPACK_INFO)
            read_unpack_info(r);
        else if (id == SUB_STREAMS)
            read_sub_streams(r);
        else
            r->c.bad = true;
    }
    if (!r->z->sizes)
        read_sizes(r, false);
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

static void read_files(struct reader *r)
{
    struct ms_7z *z = r->z;
    z->file_count = take_count(r, 1);
    for (uint8_t id; !r->c.bad && (id = ms_take_u8(&r->c)) != END;) {
        uint64_t        n = take_number(&r->c);
        struct ms_bytes value = ms_take(&r->c, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
        if (id == NAMES && ms_at(value, 0) == 0) /* not "external" */
            z->names = ms_tail(value, 1);
        else if (id == EMPTY_STREAM)
            z->without = value;
        else if (id == EMPTY_FILE)
            z->empty = value;
    }
}

bool ms_7z_read(struct ms_7z *z, struct ms_bytes header)
{
    struct reader r = { .z = z, .c = { header, false }, .packed = ms_tail(z->f->piece->bytes, START) };
    uint8_t       id = ms_take_u8(&r.c);
    if (id == HEADER && ms_at(r.c.rest, 0) == MAIN_STREAMS) {
        ms_take_u8(&r.c);
        read_streams(&r);
    } else if (id == PACKED_HEADER)
        read_streams(&r);
    if (id == HEADER && !r.c.bad && ms_take_u8(&r.c) == FILES)
        read_files(&r);
    ms_free(r.pack_sizes);
    return id == HEADER ? z->names.n > 0 : z->stream_count > 0;
}

void ms_7z_finish(struct ms_7z *z)
{
    ms_free(z->streams);
    ms_free(z->sizes);
    *z = (struct ms_7z){ .f = z->f };
}

bool ms_7z_unpack(const struct ms_7z *z, const struct ms_7z_stream *s, struct ms_buffer *out)
{
    uint64_t           left = *z->f->in->budget;
    size_t             most = (size_t)(s->size < left ? s->size : left), used;
    struct ms_unpacked u;
    bool               ok = false;
    if (s->method == MS_7Z_DEFLATE || s->method == MS_7Z_BZIP2) {
        ms_unpack(z->f, s->packed, s->method == MS_7Z_DEFLATE ? MS_RAW_DEFLATE : MS_BZIP2, most, &u); /* pays by itself */
        *out = u.out;
        return !u.damaged;
    }
    if (s->method == MS_7Z_LZMA)
        ok = ms_lzma_unpack(s->packed, s->properties, most, out);
    else if (s->method == MS_7Z_LZMA2)
        ok = ms_lzma2_unpack(s->packed, most, out, &used);
    else if (s->method == MS_7Z_STORED) {
        ms_buffer_append(out, ms_head(s->packed, most));
        ok = true;
    }
    ms_file_spend(z->f, out->n);
    return ok;
}
