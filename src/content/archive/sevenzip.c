/* content/archive/sevenzip.c - 7z archives: names, encryption, and what is in them. The header stands behind the packed data, mostly packed itself
 * (sevenzip_list.c reads it).                                                                                            */
#include "content/archive/sevenzip.h"

enum { START = 32, ID_HEADER = 1, NAME = 520, HEADER_MOST = 1 << 20, HEADERS = 4 /* one in another, unpacked */ };

static size_t string_bytes(struct ms_bytes b) /* with its NUL */
{
    size_t i = 0;
    while (i + 1 < b.n && ms_le16(b.p + i))
        i += 2;
    return i + 2 < b.n ? i + 2 : b.n;
}

/* ---- files, in the order in which their contents lie ----------------------------------------------------------- */

struct place {              /* where the content of the next file begins */
    size_t           stream, file, size_at;
    uint64_t         at;
    bool             open;  /* the stream is unpacked */
    struct ms_buffer bytes;
};

/* Moves on to the stream that has the next file. */
static bool find_stream(const struct ms_7z *z, struct place *p)
{
    while (p->stream < z->stream_count && p->file == z->streams[p->stream].files) {
        p->stream++;
        p->file = 0;
        p->at = 0;
        p->open = false;
    }
    return p->stream < z->stream_count && p->size_at < z->size_count;
}

static struct ms_bytes take_content(const struct ms_7z *z, struct place *p, uint64_t *size)
{
    *size = 0;
    if (!find_stream(z, p))
        return (struct ms_bytes){ NULL, 0 };
    if (!p->open) {
        ms_buffer_finish(&p->bytes);
        p->bytes = (struct ms_buffer){ 0 };
        ms_7z_unpack(z, &z->streams[p->stream], &p->bytes);
        p->open = true;
    }
    *size = z->sizes[p->size_at++];
    p->file++;
    size_t          n = *size < SIZE_MAX ? (size_t)*size : SIZE_MAX;
    struct ms_bytes bytes = p->at < p->bytes.n ? ms_slice(ms_buffer_bytes(&p->bytes), (size_t)p->at, n) : (struct ms_bytes){ NULL, 0 };
    p->at += *size < UINT64_MAX - p->at ? *size : UINT64_MAX - p->at;
    return bytes;
}

static bool is_folder(const struct ms_7z *z, size_t file, size_t *empties)
{
    return ms_7z_bit(z->without, file) && !ms_7z_bit(z->empty, (*empties)++);
}

static size_t count_files(const struct ms_7z *z)
{
    size_t n = 0, empties = 0, file = 0;
    for (struct ms_bytes rest = z->names; rest.n; rest = ms_tail(rest, string_bytes(rest)))
        n += !is_folder(z, file++, &empties);
    return n;
}

static void look_at_file(const struct ms_7z *z, struct ms_inner inner)
{
    if (z->encrypted)
        ms_file_sign_inner(z->f, MS_SIGN_ENCRYPTED_ARCHIVE, inner.name);
    if (ms_name_escapes(inner.name))
        ms_file_sign_inner(z->f, MS_SIGN_ESCAPING_NAME, inner.name);
    ms_file_inner(z->f, &inner);
}

static void look_at_files(const struct ms_7z *z)
{
    char         text[NAME];
    struct place p = { 0 };
    size_t       siblings = count_files(z), file = 0, empties = 0, n;
    for (struct ms_bytes names = z->names; names.n && ms_file_spend(z->f, 256); names = ms_tail(names, n), file++) {
        n = string_bytes(names);
        struct ms_inner inner = { .name = ms_utf16_text(ms_head(names, n), false, text, sizeof text), .around = MS_IN_ARCHIVE, .siblings = siblings };
        uint64_t        size = 0;
        bool            folder = is_folder(z, file, &empties);
        if (!ms_7z_bit(z->without, file))
            inner.bytes = take_content(z, &p, &size);
        inner.cut = inner.bytes.n < size;
        if (!folder)
            look_at_file(z, inner);
    }
    ms_buffer_finish(&p.bytes);
}

/* ---- the header ------------------------------------------------------------------------------------------------ */

/* Of a header that is packed: the one in it. */
static bool unpack_header(struct ms_7z *z, struct ms_bytes *header, struct ms_buffer *out)
{
    struct ms_buffer unpacked = { 0 };
    bool             ok = ms_7z_read(z, *header) && z->streams[0].size <= HEADER_MOST && ms_7z_unpack(z, &z->streams[0], &unpacked);
    if (z->encrypted)
        ms_file_sign(z->f, MS_SIGN_ENCRYPTED_ARCHIVE, MS_LIT("its names too"));
    ms_7z_finish(z);
    ms_buffer_finish(out);
    *out = unpacked;
    *header = ms_buffer_bytes(out);
    return ok;
}

void ms_7z_look(const struct ms_file *f)
{
    struct ms_bytes  b = f->piece->bytes;
    uint64_t         at = ms_le64_at(b, 12), n = ms_le64_at(b, 20);
    struct ms_buffer unpacked = { 0 };
    struct ms_7z     z = { .f = f };
    ms_file_archive(f);
    if (b.n < START || at > b.n - START || n > b.n - START - at)
        return;
    struct ms_bytes header = ms_slice(b, START + (size_t)at, (size_t)n);
    for (int i = 0; i < HEADERS && ms_at(header, 0) != ID_HEADER && unpack_header(&z, &header, &unpacked); i++)
        ;
    if (ms_7z_read(&z, header))
        look_at_files(&z);
    ms_7z_finish(&z);
    ms_buffer_finish(&unpacked);
}
