/* content/archive/cab.c - Microsoft cabinets (MS-CAB): files lie one behind another in folders, which are packed in blocks.
 *
 * Limits   a folder is unpacked again when files of several folders alternate, each time from the budget.
 * BUGS     opens stored folders and MSZIP; of Quantum and LZX the names alone, and of files that go on in another cabinet.       */
#include "content/archive/unpack.h"

enum { HEADER = 36, FOLDER = 8, FILE_HEAD = 16, DATA = 8, NAME = 256, STORED = 0, MSZIP = 1, NO_FOLDER = 0x10000, BLOCK_COST = 256 /* however small it is */ };
enum { HAS_PREVIOUS = 1, HAS_NEXT = 2, HAS_RESERVED = 4 };

struct cabinet {
    const struct ms_file *f;
    struct ms_bytes       b;
    size_t                folders, files;         /* where their tables are */
    size_t                folder_count, file_count;
    size_t                folder_more, data_more; /* bytes behind each head that are reserved */
    size_t                open;                   /* the folder that is unpacked, or NO_FOLDER */
    size_t                end;                    /* of the last file in it */
    struct ms_unpacked    u;
};

static struct ms_bytes string_at(struct ms_bytes b, size_t at)
{
    struct ms_bytes s = ms_slice(b, at, NAME);
    return ms_head(s, ms_find(s, 0));
}

static struct cabinet read_header(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    struct cabinet  c = { .f = f, .b = b, .folders = HEADER, .files = ms_le32_at(b, 16), .folder_count = ms_le16_at(b, 26),
                          .file_count = ms_le16_at(b, 28), .open = NO_FOLDER };
    unsigned        flags = ms_le16_at(b, 30);
    if (flags & HAS_RESERVED) {
        c.folders += 4u + ms_le16_at(b, 36);
        c.folder_more = ms_at(b, 38);
        c.data_more = ms_at(b, 39);
    }
    for (int i = (flags & HAS_PREVIOUS ? 2 : 0) + (flags & HAS_NEXT ? 2 : 0); i > 0; i--) /* file and disk */
        c.folders += string_at(b, c.folders).n + 1;
    return c;
}

static bool append_block(struct cabinet *c, unsigned kind, struct ms_bytes block)
{
    if (kind == MSZIP) {
        if (!ms_has_at(block, 0, MS_LIT("CK")))
            return false;
        ms_unpack_more(c->f, ms_tail(block, 2), &c->u);
        return !c->u.damaged && !c->u.cut;
    }
    if (!ms_file_spend(c->f, block.n))
        return false;
    ms_buffer_append(&c->u.out, block);
    return true;
}

static void unpack_folder(struct cabinet *c, size_t folder)
{
    size_t   head = c->folders + folder * (FOLDER + c->folder_more), at = ms_le32_at(c->b, head);
    unsigned blocks = ms_le16_at(c->b, head + 4), kind = ms_le16_at(c->b, head + 6) & 15;
    ms_buffer_finish(&c->u.out);
    c->u = (struct ms_unpacked){ 0 };
    c->open = folder;
    c->end = 0;
    if (kind > MSZIP)
        return;
    for (unsigned i = 0; i < blocks && at < c->b.n && ms_file_spend(c->f, BLOCK_COST); i++) {
        size_t n = ms_le16_at(c->b, at + 4), start = at + DATA + c->data_more;
        if (!append_block(c, kind, ms_slice(c->b, start, n)))
            break;
        at = start + n;
    }
}

/* The content of a file. What several files share is paid for again. */
static struct ms_bytes content_of(struct cabinet *c, size_t head)
{
    size_t n = ms_le32_at(c->b, head), at = ms_le32_at(c->b, head + 4), folder = ms_le16_at(c->b, head + 8);
    if (folder >= c->folder_count)
        return (struct ms_bytes){ NULL, 0 };
    if (folder != c->open)
        unpack_folder(c, folder);
    struct ms_bytes bytes = ms_slice(ms_buffer_bytes(&c->u.out), at, n);
    if (at < c->end && !ms_file_spend(c->f, bytes.n))
        return (struct ms_bytes){ NULL, 0 };
    c->end = at + bytes.n;
    return bytes;
}

void ms_cab_look(const struct ms_file *f)
{
    struct cabinet c = read_header(f);
    size_t         at = c.files;
    ms_file_archive(f);
    for (size_t i = 0; i < c.file_count && at >= HEADER && at < c.b.n && c.b.n - at > FILE_HEAD && ms_file_spend(f, 256); i++) {
        struct ms_inner inner = { .name = string_at(c.b, at + FILE_HEAD), .bytes = content_of(&c, at), .around = MS_IN_ARCHIVE, .siblings = c.file_count };
        inner.cut = inner.bytes.n < ms_le32_at(c.b, at);
        if (ms_name_escapes(inner.name))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, inner.name);
        ms_file_inner(f, &inner);
        at += FILE_HEAD + inner.name.n + 1;
    }
    ms_buffer_finish(&c.u.out);
}
