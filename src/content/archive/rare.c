/* content/archive/rare.c - archives of kinds that nobody uses any more: ARJ, LHA, ACE. Names are read, and files that are stored; of packed ones
 * the name alone.                                                                                                        */
#include "content/files.h"

enum { NAME = 512 };

struct entry { struct ms_bytes name, data; bool stored, encrypted, folder, cut; };
struct walk { struct ms_bytes rest; char name[NAME]; };

/* Takes `n` bytes of content behind a header of `head`. */
static void take_data(struct walk *w, struct entry *e, size_t head, uint64_t n)
{
    w->rest = ms_tail(w->rest, head);
    e->data = ms_head(w->rest, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
    e->cut = e->data.n < n;
    w->rest = ms_tail(w->rest, e->data.n);
}

/* ---- ARJ (TECHNOTE.TXT of the archiver) ----------------------------------------------------------------------- */

static bool next_arj(struct walk *w, struct entry *e)
{
    enum { HEAD = 4, CHECK = 4, GARBLED = 1, ARCHIVE = 2, FOLDER = 3 };
    struct ms_bytes head = ms_slice(w->rest, HEAD, ms_le16_at(w->rest, 2));
    size_t          n = HEAD + head.n + CHECK;
    if (!ms_has_at(w->rest, 0, MS_LIT("\x60\xea")) || head.n < 30)
        return false;
    for (size_t more; (more = ms_le16_at(w->rest, n)) != 0;) /* further headers */
        n += 2 + more + CHECK;
    unsigned kind = ms_at(head, 6);
    *e = (struct entry){ .name = ms_until_nul(ms_tail(head, ms_at(head, 0))), .stored = ms_at(head, 5) == 0, .encrypted = ms_at(head, 4) & GARBLED,
                         .folder = kind == ARCHIVE || kind == FOLDER };
    take_data(w, e, n + 2, kind == ARCHIVE ? 0 : ms_le32_at(head, 12));
    return true;
}

/* ---- LHA ------------------------------------------------------------------------------------------------------- */

/* Further headers: a size, a kind, and a name or the folder that it is in. `at`: of the first size in `b`. Gives the bytes that they take. */
static size_t read_further(struct walk *w, struct ms_bytes b, struct entry *e, size_t at)
{
    enum { FILE_NAME = 1, FOLDER_NAME = 2, LEAST = 3 };
    struct ms_bytes folder = { NULL, 0 };
    size_t          start = at, n;
    while ((n = ms_le16_at(b, at)) >= LEAST && at < b.n) {
        struct ms_bytes value = ms_slice(b, at + 3, n - LEAST);
        if (ms_at(b, at + 2) == FILE_NAME)
            e->name = value;
        if (ms_at(b, at + 2) == FOLDER_NAME)
            folder = value;
        at += n;
    }
    if (folder.n && folder.n + e->name.n <= NAME) {
        memcpy(w->name, folder.p, folder.n);
        for (size_t i = 0; i < folder.n; i++)
            w->name[i] = w->name[i] == '\xff' ? '/' : w->name[i];
        if (e->name.n)
            memcpy(w->name + folder.n, e->name.p, e->name.n);
        e->name = (struct ms_bytes){ (const uint8_t *)w->name, folder.n + e->name.n };
    }
    return at - start;
}

static bool next_lha(struct walk *w, struct entry *e)
{
    enum { LEVEL_AT = 20, NAME_AT = 22, FURTHER_AT = 24 };
    struct ms_bytes method = ms_slice(w->rest, 2, 5);
    uint64_t        packed = ms_le32_at(w->rest, 7);
    unsigned        level = ms_at(w->rest, LEVEL_AT);
    size_t          head = level == 2 ? ms_le16_at(w->rest, 0) : ms_at(w->rest, 0) + 2u;
    if (w->rest.n < NAME_AT || ms_at(method, 0) != '-' || ms_at(method, 4) != '-' || level > 2 || head < NAME_AT)
        return false;
    *e = (struct entry){ .stored = ms_at(method, 3) == '0' || ms_equal(method, MS_LIT("-lz4-")), .folder = ms_equal(method, MS_LIT("-lhd-")) };
    if (level < 2)
        e->name = ms_until_nul(ms_slice(w->rest, NAME_AT, ms_at(w->rest, NAME_AT - 1)));
    if (level == 2)
        read_further(w, ms_head(w->rest, head), e, FURTHER_AT);
    if (level == 1) { /* the packed size counts them */
        size_t n = read_further(w, w->rest, e, head - 2);
        head += n;
        packed -= n < packed ? n : packed;
    }
    take_data(w, e, head, packed);
    return true;
}

/* ---- ACE ------------------------------------------------------------------------------------------------------- */

static bool next_ace(struct walk *w, struct entry *e)
{
    enum { HEAD = 4, FILE_BLOCK = 1, HAS_MORE = 1, ENCRYPTED = 0x4000, NAME_AT = 31 };
    while (w->rest.n > HEAD) {
        struct ms_bytes head = ms_slice(w->rest, HEAD, ms_le16_at(w->rest, 2));
        unsigned        flags = ms_le16_at(head, 1);
        *e = (struct entry){ .name = ms_slice(head, NAME_AT, ms_le16_at(head, NAME_AT - 2)), .stored = ms_at(head, 23) == 0, .encrypted = flags & ENCRYPTED,
                             .folder = ms_le32_at(head, 15) & 0x10 };
        take_data(w, e, HEAD + head.n, flags & HAS_MORE ? ms_le32_at(head, 3) : 0);
        if (head.n && ms_at(head, 0) == FILE_BLOCK)
            return true;
    }
    return false;
}

/* --------------------------------------------------------------------------------------------------------------- */

static bool next(const struct ms_file *f, struct walk *w, struct entry *e)
{
    if (ms_equal(ms_str(f->piece->detected), MS_LIT("application/x-arj")))
        return next_arj(w, e);
    return ms_equal(ms_str(f->piece->detected), MS_LIT("application/x-lzh-compressed")) ? next_lha(w, e) : next_ace(w, e);
}

void ms_rare_archive_look(const struct ms_file *f)
{
    struct walk  w = { .rest = f->piece->bytes };
    struct entry e;
    size_t       files = 0;
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_RARE_ARCHIVE, ms_str(f->piece->detected));
    while (next(f, &w, &e))
        files += !e.folder;
    for (w.rest = f->piece->bytes; next(f, &w, &e) && ms_file_spend(f, 256);) {
        struct ms_inner inner = { .name = e.name, .cut = e.cut, .around = MS_IN_ARCHIVE, .siblings = files };
        if (e.folder)
            continue;
        if (e.stored && !e.encrypted)
            inner.bytes = e.data;
        if (e.encrypted)
            ms_file_sign_inner(f, MS_SIGN_ENCRYPTED_ARCHIVE, e.name);
        if (ms_name_escapes(e.name))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, e.name);
        ms_file_inner_slice(f, inner);
    }
}
