/* content/iso.c - what a CD image holds (ECMA-119, with the names of Joliet where it has them).
 *
 * BUGS     UDF alone is only noted.                                                                                    */
#include "content/files.h"

enum { SECTOR = 2048, FIRST = 16, DESCRIPTORS = 32, ROOT_AT = 156, FOLDERS = 64, NAME = 260, RECORD = 33, FOLDER_FLAG = 2 };

struct folder { size_t at, n; };
struct image {
    const struct ms_file *f;
    struct ms_bytes       b;
    bool                  joliet, listed; /* listed: files are counted first, then looked at */
    struct folder         folders[FOLDERS];
    size_t                n, files;
};

static struct folder place_of(const struct image *i, struct ms_bytes record)
{
    uint64_t at = (uint64_t)ms_le32_at(record, 2) * SECTOR;
    size_t   n = ms_le32_at(record, 10);
    if (at >= i->b.n)
        return (struct folder){ i->b.n, 0 };
    return (struct folder){ (size_t)at, n < i->b.n - at ? n : (size_t)(i->b.n - at) };
}

/* The root folder of the best descriptor: Joliet's before the plain one. */
static bool find_root(struct image *i)
{
    bool found = false;
    for (size_t k = 0; k < DESCRIPTORS; k++) {
        struct ms_bytes d = ms_slice(i->b, (FIRST + k) * SECTOR, SECTOR);
        unsigned        type = ms_at(d, 0);
        if (!ms_has_at(d, 1, MS_LIT("CD001")) || type == 255)
            break;
        bool joliet = type == 2 && ms_has_at(d, 88, MS_LIT("%/"));
        if (type != 1 && !joliet)
            continue;
        if (joliet || !found)
            i->folders[0] = place_of(i, ms_slice(d, ROOT_AT, RECORD));
        i->joliet |= joliet;
        found = true;
    }
    i->n = found;
    return found;
}

static struct ms_bytes name_of(const struct image *i, struct ms_bytes record, char *out)
{
    struct ms_bytes raw = ms_slice(record, RECORD, ms_at(record, 32));
    struct ms_bytes name = i->joliet ? ms_utf16_text(raw, true, out, NAME) : raw;
    return ms_head(name, ms_find(name, ';')); /* the version behind it */
}

static void look_at_record(struct image *i, struct ms_bytes record)
{
    char            text[NAME];
    struct folder   place = place_of(i, record);
    bool            self = ms_at(record, 32) == 1 && ms_at(record, 33) < 2; /* "." and ".." */
    if (self)
        return;
    if (ms_at(record, 25) & FOLDER_FLAG) {
        if (i->n < FOLDERS)
            i->folders[i->n++] = place;
        return;
    }
    i->files += !i->listed;
    if (!i->listed)
        return;
    struct ms_inner inner = { .name = name_of(i, record, text), .bytes = ms_slice(i->b, place.at, place.n), .around = MS_IN_ARCHIVE, .siblings = i->files };
    inner.cut = place.n < ms_le32_at(record, 10);
    ms_file_inner_slice(i->f, inner);
}

/* Records do not cross sectors: a length of 0 skips to the next. */
static void look_at_folder(struct image *i, struct folder where)
{
    struct ms_bytes b = ms_slice(i->b, where.at, where.n);
    for (size_t at = 0; at < b.n && ms_file_spend(i->f, 64);) {
        size_t n = ms_at(b, at);
        if (n > RECORD)
            look_at_record(i, ms_slice(b, at, n));
        at = n ? at + n : (at / SECTOR + 1) * SECTOR;
    }
}

void ms_iso_look(const struct ms_file *f)
{
    struct image i = { .f = f, .b = f->piece->bytes };
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_DISK_IMAGE, ms_str(f->piece->detected));
    for (int pass = 0; pass < 2 && find_root(&i); pass++) {
        i.listed = pass == 1;
        for (size_t k = 0; k < i.n; k++)
            look_at_folder(&i, i.folders[k]);
    }
}
