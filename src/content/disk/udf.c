/* content/disk/udf.c - what the directories of a UDF disc name (ECMA-167; UDF 1.02 to 2.60, OSTA).
 *
 * Limits   MS_DISC_FOLDERS folders; descriptors beyond the first SEQUENCE are not read.
 * BUGS     Of files in several pieces that do not follow one another the first is seen; packet-written discs (VAT, sparing) are read as if
 *          nothing had been moved.                                                                                        */
#include "content/disk/disc.h"

enum {
    TAG_ANCHOR = 2, TAG_PARTITION = 5, TAG_VOLUME = 6, TAG_END = 8, TAG_SET = 256, TAG_NAME = 257, TAG_FILE = 261, TAG_WIDE_FILE = 266,
    ANCHOR = 256, SEQUENCE = 64, MAPS = 4, MAP_AT = 440, NAME = 520, NAME_HEAD = 38,
};

struct place { uint32_t block; uint16_t part; };
struct extent { uint64_t at, n; bool folder; }; /* n 0: nothing there */
struct volume {
    struct ms_disc *d;
    size_t          block;           /* bytes */
    uint64_t        partition;       /* its first block */
    uint64_t        bases[MAPS];     /* block 0 of each partition that places speak of */
    struct ms_bytes descriptor;      /* of the logical volume */
};

static unsigned tag_of(struct ms_bytes b, uint64_t at) { return at < b.n ? ms_le16_at(b, (size_t)at) : 0; }

static struct place place_at(struct ms_bytes b, size_t at) { return (struct place){ ms_le32_at(b, at + 4), ms_le16_at(b, at + 8) }; }

static uint64_t offset_of(const struct volume *v, struct place p)
{
    return (v->bases[p.part < MAPS ? p.part : 0] + p.block) * v->block;
}

/* ---- files ----------------------------------------------------------------------------------------------------- */

/* Where the content of the file with the entry at `at` lies: its first piece, with those right behind it. */
static struct extent extent_of(const struct volume *v, uint64_t at, uint16_t part)
{
    struct ms_bytes b = v->d->b;
    unsigned        tag = tag_of(b, at);
    struct extent   e = { 0 };
    if (tag != TAG_FILE && tag != TAG_WIDE_FILE)
        return e;
    size_t   head = (size_t)at, fixed = tag == TAG_FILE ? 176 : 216, start = head + fixed + ms_le32_at(b, head + fixed - 8);
    size_t   left = ms_le32_at(b, head + fixed - 4);
    unsigned kind = ms_le16_at(b, head + 34) & 7, step = kind == 0 ? 8 : 16;
    uint64_t size = ms_le64_at(b, head + 56);
    e.folder = ms_at(b, head + 27) == 4;
    if (kind == 3) { /* in the entry itself */
        e.at = start;
        e.n = size < left ? size : left;
    }
    for (size_t i = 0; kind < 2 && left >= step && start + i < b.n && e.n < size; i += step, left -= step) {
        if (!ms_file_spend(v->d->f, step))
            break;
        uint32_t     n = ms_le32_at(b, start + i) & 0x3fffffff;
        struct place p = kind == 0 ? (struct place){ ms_le32_at(b, start + i + 4), part } : place_at(b, start + i);
        if (n == 0 || (e.n && offset_of(v, p) != e.at + e.n))
            break;
        e.at = e.n ? e.at : offset_of(v, p);
        e.n += n;
    }
    e.n = e.n < size ? e.n : size;
    return e;
}

/* 8: Latin-1, 16: UTF-16. */
static struct ms_bytes name_of(struct ms_bytes raw, char *out)
{
    uint8_t wide[NAME];
    size_t  n = 0;
    if (ms_at(raw, 0) == 16)
        return ms_utf16_text(ms_tail(raw, 1), true, out, NAME);
    for (size_t i = 1; i < raw.n && n + 2 <= sizeof wide; i++) {
        wide[n++] = 0;
        wide[n++] = raw.p[i];
    }
    return ms_utf16_text((struct ms_bytes){ wide, n }, true, out, NAME);
}

static bool look_at_name(const struct volume *v, struct ms_bytes id)
{
    enum { DELETED = 4, PARENT = 8 };
    char            text[NAME];
    struct place    p = place_at(id, 20);
    struct extent   e = extent_of(v, offset_of(v, p), p.part);
    struct ms_bytes name = name_of(ms_slice(id, NAME_HEAD + ms_le16_at(id, 36), ms_at(id, 19)), text);
    if (ms_at(id, 18) & (DELETED | PARENT))
        return true;
    if (!e.folder)
        return ms_disc_add(v->d, MS_TREE_UDF, name, e.at, e.n);
    ms_disc_add_folder(v->d, e.at, e.n);
    return true;
}

static void look_at_folder(const struct volume *v, struct ms_bytes b)
{
    for (size_t at = 0; tag_of(b, at) == TAG_NAME && ms_file_spend(v->d->f, 64);) {
        size_t n = (NAME_HEAD + (size_t)ms_le16_at(b, at + 36) + ms_at(b, at + 19) + 3) / 4 * 4;
        if (!look_at_name(v, ms_slice(b, at, n)))
            return;
        at += n;
    }
}

/* ---- the volume ------------------------------------------------------------------------------------------------ */

/* Of discs with a metadata partition (UDF 2.50) directories are counted from the start of a file of their own. */
static void read_maps(struct volume *v)
{
    size_t at = MAP_AT;
    for (size_t i = 0; i < MAPS; i++)
        v->bases[i] = v->partition;
    for (size_t i = 0; i < MAPS && i < ms_le32_at(v->descriptor, 268); i++) {
        if (ms_has_at(v->descriptor, at + 5, MS_LIT("*UDF Metadata Partition"))) {
            struct place  file = { ms_le32_at(v->descriptor, at + 40), 0 };
            struct extent e = extent_of(v, (v->partition + file.block) * v->block, 0);
            v->bases[i] = e.at / v->block;
        }
        at += ms_at(v->descriptor, at + 1);
    }
}

static bool find_volume(struct volume *v)
{
    struct ms_bytes b = v->d->b;
    uint64_t        anchor = (uint64_t)ANCHOR * v->block;
    if (tag_of(b, anchor) != TAG_ANCHOR || ms_le32_at(b, (size_t)anchor + 12) != ANCHOR)
        return false;
    uint64_t at = (uint64_t)ms_le32_at(b, (size_t)anchor + 20) * v->block;
    for (size_t i = 0; i < SEQUENCE && at < b.n && tag_of(b, at) != TAG_END; i++, at += v->block) {
        if (tag_of(b, at) == TAG_PARTITION)
            v->partition = ms_le32_at(b, (size_t)at + 188);
        if (tag_of(b, at) == TAG_VOLUME)
            v->descriptor = ms_tail(b, (size_t)at);
    }
    return v->descriptor.n > 0;
}

void ms_udf_list(struct ms_disc *d)
{
    static const size_t blocks[] = { 2048, 512, 4096 };
    struct volume       v = { .d = d };
    bool                found = false;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks && !found; i++) {
        v.block = blocks[i];
        found = find_volume(&v);
    }
    if (!found)
        return;
    read_maps(&v);
    uint64_t set = offset_of(&v, place_at(v.descriptor, 248));
    if (tag_of(d->b, set) != TAG_SET)
        return;
    struct place root = place_at(d->b, (size_t)set + 400);
    struct extent e = extent_of(&v, offset_of(&v, root), root.part);
    ms_disc_add_folder(d, e.at, e.n);
    for (size_t i = 0; i < d->folder_count; i++)
        look_at_folder(&v, ms_disc_folder(d, i));
}
