/* content/disk/fat.c - the file systems FAT12, FAT16, FAT32 and exFAT (Microsoft's specifications). Files that were deleted are passed over.
 *
 * Limits   FOLDERS folders; a chain of clusters ends where the budget does.                                              */
#include "content/disk/disk.h"

enum { FOLDERS = 64, ENTRY = 32, UNITS = 260, NAME = 520, LABEL = 8, FOLDER = 0x10, LONG_NAME = 0x0f, END_OF_CHAIN = 0x0ffffff7 };

struct chain { uint32_t first; uint64_t size; bool contiguous; };
struct fat {
    struct ms_disk *d;
    uint64_t        table, data;    /* where clusters are chained, and where number 2 lies */
    size_t          cluster, width; /* bytes; bits of an entry of the table */
    uint64_t        root, root_n;   /* a root folder of fixed size, of old ones */
    bool            ex;
    struct chain    folders[FOLDERS];
    size_t          n;
    uint8_t         name[2 * UNITS]; /* UTF-16 of the long name under way */
    size_t          name_n;
    uint8_t         sum;             /* of the short name that it belongs to */
};

/* ---- clusters -------------------------------------------------------------------------------------------------- */

/* The cluster behind: END_OF_CHAIN or more when there is none. */
static uint32_t next_of(const struct fat *t, uint32_t cluster)
{
    uint64_t        at = t->table + (uint64_t)cluster * t->width / 8;
    struct ms_bytes entry = ms_disk_at(t->d, at, 4);
    uint32_t        n = t->width == 32 ? ms_le32_at(entry, 0) & 0x0fffffff : ms_le16_at(entry, 0);
    if (t->width == 12)
        n = cluster & 1 ? n >> 4 : n & 0xfff;
    bool end = n < 2 || n >= (t->width == 12 ? 0xff7u : t->width == 16 ? 0xfff7u : END_OF_CHAIN);
    return end ? END_OF_CHAIN : n;
}

/* At most `most` bytes. */
static void gather(const struct fat *t, struct chain c, uint64_t most, struct ms_buffer *out)
{
    while (c.first >= 2 && c.first < END_OF_CHAIN && out->n < most && ms_file_spend(t->d->f, 16)) {
        uint64_t left = most - out->n, n = c.contiguous || left < t->cluster ? left : t->cluster;
        if (!ms_disk_append(t->d, t->data + (uint64_t)(c.first - 2) * t->cluster, n, out) || c.contiguous)
            return;
        c.first = next_of(t, c.first);
    }
}

static void add(struct fat *t, struct ms_bytes name, struct chain c, bool folder)
{
    struct ms_buffer content = { 0 };
    if (folder) {
        if (t->n < FOLDERS)
            t->folders[t->n++] = c;
        return;
    }
    if (t->d->counted)
        gather(t, c, c.size, &content);
    ms_disk_file(t->d, name, ms_buffer_bytes(&content), c.size);
    ms_buffer_finish(&content);
}

/* ---- FAT ------------------------------------------------------------------------------------------------------- */

/* A piece of a long name, of which the last ones come first. */
static void take_piece(struct fat *t, struct ms_bytes e)
{
    static const uint8_t places[] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
    enum { PIECE = sizeof places };
    size_t at = ((e.p[0] & 0x1fu) - 1u) * PIECE;
    if ((e.p[0] & 0x1f) == 0 || at + PIECE > UNITS)
        return;
    if (e.p[0] & 0x40) {
        memset(t->name, 0, sizeof t->name);
        t->name_n = at + PIECE;
        t->sum = e.p[13];
    }
    for (size_t i = 0; i < PIECE; i++)
        memcpy(t->name + 2 * (at + i), e.p + places[i], 2);
}

static uint8_t sum_of(struct ms_bytes e)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < 11; i++)
        sum = (uint8_t)((sum << 7 | sum >> 1) + e.p[i]);
    return sum;
}

static struct ms_bytes short_name(struct ms_bytes e, uint8_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < 11; i++) {
        if (i == 8 && e.p[8] != ' ')
            out[n++] = '.';
        if (e.p[i] != ' ')
            out[n++] = e.p[i];
    }
    return (struct ms_bytes){ out, n };
}

static void take_entry(struct fat *t, struct ms_bytes e)
{
    uint8_t         brief[12];
    char            text[NAME];
    struct chain    c = { .first = ms_le16_at(e, 26) | (t->width == 32 ? (uint32_t)ms_le16_at(e, 20) << 16 : 0), .size = ms_le32_at(e, 28) };
    struct ms_bytes name = short_name(e, brief);
    if (t->name_n && t->sum == sum_of(e))
        name = ms_utf16_text((struct ms_bytes){ t->name, 2 * t->name_n }, false, text, sizeof text);
    t->name_n = 0;
    bool folder = e.p[11] & FOLDER;
    if (e.p[0] == 0xe5 || e.p[0] == '.' || e.p[11] & LABEL)
        return;
    c.size = folder ? UINT32_MAX : c.size;
    add(t, name, c, folder);
}

/* ---- exFAT ----------------------------------------------------------------------------------------------------- */

/* A file is a set of entries: one that begins it, one with its place, and pieces of its name. */
static void take_set(struct fat *t, struct ms_bytes set)
{
    enum { STREAM = 0xc0, PIECE = 0xc1, PIECE_UNITS = 15, NO_CHAIN = 2 };
    char            text[NAME];
    struct ms_bytes stream = ms_slice(set, ENTRY, ENTRY);
    size_t          units = ms_at(stream, 3);
    struct chain    c = { ms_le32_at(stream, 20), ms_le64_at(stream, 24), ms_at(stream, 1) & NO_CHAIN };
    if (ms_at(stream, 0) != STREAM)
        return;
    t->name_n = 0;
    for (size_t at = 2 * ENTRY; t->name_n < units && ms_at(set, at) == PIECE && set.n - at >= ENTRY && t->name_n + PIECE_UNITS <= UNITS; at += ENTRY) {
        memcpy(t->name + 2 * t->name_n, set.p + at + 2, 2 * PIECE_UNITS);
        t->name_n += PIECE_UNITS;
    }
    units = units < t->name_n ? units : t->name_n;
    t->name_n = 0;
    add(t, ms_utf16_text((struct ms_bytes){ t->name, 2 * units }, false, text, sizeof text), c, ms_le16_at(set, 4) & FOLDER);
}

/* ---- folders --------------------------------------------------------------------------------------------------- */

static void look_at_folder(struct fat *t, struct ms_bytes b)
{
    enum { SET = 0x85 };
    t->name_n = 0;
    for (size_t at = 0; at + ENTRY <= b.n && b.p[at] && ms_file_spend(t->d->f, ENTRY); at += ENTRY) {
        struct ms_bytes e = ms_slice(b, at, ENTRY);
        if (t->ex && e.p[0] == SET)
            take_set(t, ms_slice(b, at, (e.p[1] + 1u) * ENTRY));
        else if (!t->ex && e.p[11] == LONG_NAME && e.p[0] != 0xe5)
            take_piece(t, e);
        else if (!t->ex)
            take_entry(t, e);
    }
}

static void walk(struct fat *t)
{
    struct ms_buffer b = { 0 };
    if (t->root_n) {
        ms_disk_append(t->d, t->root, t->root_n, &b);
        look_at_folder(t, ms_buffer_bytes(&b));
    }
    for (size_t i = 0; i < t->n; i++) {
        b.n = 0;
        gather(t, t->folders[i], t->folders[i].size, &b);
        look_at_folder(t, ms_buffer_bytes(&b));
    }
    ms_buffer_finish(&b);
}

static bool begin_ex(struct fat *t, struct ms_bytes boot)
{
    unsigned sector = ms_at(boot, 108), cluster = ms_at(boot, 109);
    if (!ms_has_at(boot, 3, MS_LIT("EXFAT   ")) || sector < 9 || sector > 12 || cluster > 16)
        return false;
    t->ex = true;
    t->width = 32;
    t->cluster = (size_t)1 << (sector + cluster);
    t->table = (uint64_t)ms_le32_at(boot, 80) << sector;
    t->data = (uint64_t)ms_le32_at(boot, 88) << sector;
    t->folders[t->n++] = (struct chain){ ms_le32_at(boot, 96), UINT32_MAX, false };
    return true;
}

static bool begin_fat(struct fat *t, struct ms_bytes boot)
{
    enum { FEW = 4085, MANY = 65525 }; /* clusters of FAT12 and FAT16, at most */
    uint64_t sector = ms_le16_at(boot, 11), each = ms_at(boot, 13), tables = ms_at(boot, 16), entries = ms_le16_at(boot, 17);
    uint64_t all = ms_le16_at(boot, 19) ? ms_le16_at(boot, 19) : ms_le32_at(boot, 32);
    uint64_t table = ms_le16_at(boot, 22) ? ms_le16_at(boot, 22) : ms_le32_at(boot, 36);
    if (sector < 512 || sector > 4096 || sector & (sector - 1) || each == 0 || each & (each - 1) || tables == 0 || tables > 2 || table == 0)
        return false;
    t->table = ms_le16_at(boot, 14) * sector;
    t->root = t->table + tables * table * sector;
    t->root_n = entries * ENTRY;
    t->data = t->root + (t->root_n + sector - 1) / sector * sector;
    t->cluster = (size_t)(sector * each);
    uint64_t clusters = all * sector > t->data ? (all * sector - t->data) / t->cluster : 0;
    t->width = clusters < FEW ? 12 : clusters < MANY ? 16 : 32;
    if (t->root_n == 0) {
        t->width = 32;
        t->folders[t->n++] = (struct chain){ ms_le32_at(boot, 44), UINT32_MAX, false };
    }
    return true;
}

void ms_fat_walk(struct ms_disk *d)
{
    struct fat      t = { .d = d };
    struct ms_bytes boot = ms_disk_at(d, 0, 512);
    if (boot.n == 512 && !ms_has_at(boot, 3, MS_LIT("NTFS")) && (begin_ex(&t, boot) || begin_fat(&t, boot)))
        walk(&t);
}
