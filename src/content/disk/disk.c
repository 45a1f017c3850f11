/* content/disk/disk.c - images of disks: raw ones, and VHD, which is a raw one with a footer or one in blocks that grows. Partitions of MBR and GPT.
 *
 * BUGS     VHDX, VMDK and DMG are told by their kind alone.                                                              */
#include "content/disk/disk.h"

enum { SECTOR = 512, PARTITIONS = 8, TABLE_AT = 446, ENTRY = 16, ENTRIES = 4, GPT_ENTRIES = 128, GROWS = 3 };

static uint64_t be64_at(struct ms_bytes b, size_t at)
{
    struct ms_bytes n = ms_slice(b, at, 8);
    return n.n == 8 ? (uint64_t)ms_be32(n.p) << 32 | ms_be32(n.p + 4) : 0;
}

static uint32_t be32_at(struct ms_bytes b, uint64_t at)
{
    struct ms_bytes n = at < b.n ? ms_slice(b, (size_t)at, 4) : (struct ms_bytes){ NULL, 0 };
    return n.n == 4 ? ms_be32(n.p) : 0;
}

struct ms_bytes ms_disk_at(const struct ms_disk *d, uint64_t at, size_t n)
{
    struct ms_bytes nothing = { NULL, 0 };
    at += d->start;
    if (at < d->start)
        return nothing;
    if (d->block) {
        uint64_t block = at / d->block, inside = at % d->block;
        uint32_t sector = block < d->blocks ? be32_at(d->b, d->table + block * 4) : UINT32_MAX;
        size_t   map = (d->block / SECTOR / 8 + SECTOR - 1) / SECTOR * SECTOR; /* in front of the block: which sectors of it were written */
        if (sector == UINT32_MAX)
            return nothing;
        n = n < d->block - inside ? n : (size_t)(d->block - inside);
        at = (uint64_t)sector * SECTOR + map + inside;
    }
    return at < d->b.n ? ms_slice(d->b, (size_t)at, n) : nothing;
}

bool ms_disk_append(const struct ms_disk *d, uint64_t at, uint64_t n, struct ms_buffer *out)
{
    while (n > 0) {
        struct ms_bytes piece = ms_disk_at(d, at, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
        if (piece.n == 0 || !ms_file_spend(d->f, piece.n))
            return false;
        ms_buffer_append(out, piece);
        at += piece.n;
        n -= piece.n;
    }
    return true;
}

void ms_disk_file(struct ms_disk *d, struct ms_bytes name, struct ms_bytes bytes, uint64_t size)
{
    d->files += !d->counted;
    if (!d->counted || !ms_file_spend(d->f, 256))
        return;
    struct ms_inner inner = { .name = name, .bytes = bytes, .cut = bytes.n < size, .around = MS_IN_ARCHIVE, .siblings = d->files };
    ms_file_inner(d->f, &inner);
}

/* ---- partitions ------------------------------------------------------------------------------------------------ */

static bool is_file_system(struct ms_bytes boot)
{
    return ms_has_at(boot, 3, MS_LIT("NTFS    ")) || ms_has_at(boot, 3, MS_LIT("EXFAT   ")) || ms_has_at(boot, 54, MS_LIT("FAT")) || ms_has_at(boot, 82, MS_LIT("FAT32"));
}

static size_t find_gpt(const struct ms_disk *d, uint64_t *starts)
{
    struct ms_bytes head = ms_disk_at(d, SECTOR, SECTOR);
    uint64_t        at = ms_le64_at(head, 72);
    size_t          n = 0, size = ms_le32_at(head, 84), count = ms_le32_at(head, 80);
    if (!ms_has_at(head, 0, MS_LIT("EFI PART")) || at > UINT32_MAX || size < 128 || size > SECTOR)
        return 0;
    for (size_t i = 0; i < count && i < GPT_ENTRIES && n < PARTITIONS; i++) {
        uint64_t first = ms_le64_at(ms_disk_at(d, at * SECTOR + i * size, size), 32);
        if (first && first < UINT32_MAX)
            starts[n++] = first * SECTOR;
    }
    return n;
}

static size_t find_starts(const struct ms_disk *d, uint64_t *starts)
{
    enum { GPT = 0xee };
    struct ms_bytes boot = ms_disk_at(d, 0, SECTOR);
    size_t          n = 0;
    starts[0] = 0;
    if (is_file_system(boot))
        return 1;
    for (size_t i = 0; i < ENTRIES; i++) {
        size_t at = TABLE_AT + i * ENTRY;
        if (ms_at(boot, at + 4) == GPT)
            return find_gpt(d, starts);
        if (ms_at(boot, at + 4) && ms_le32_at(boot, at + 8))
            starts[n++] = (uint64_t)ms_le32_at(boot, at + 8) * SECTOR;
    }
    return n;
}

/* "conectix" in front: what follows it is a table of blocks (Virtual Hard Disk Image Format Specification). Of fixed ones it stands at the end. */
static void read_vhd(struct ms_disk *d)
{
    uint64_t at = be64_at(d->b, 16);
    if (!ms_has_at(d->b, 0, MS_LIT("conectix")) || be32_at(d->b, 60) != GROWS || at > d->b.n || !ms_has_at(d->b, (size_t)at, MS_LIT("cxsparse")))
        return;
    uint64_t table = be64_at(d->b, (size_t)at + 16);
    uint32_t block = be32_at(d->b, at + 32);
    if (table >= d->b.n || block < SECTOR || block % SECTOR)
        return;
    d->table = (size_t)table;
    d->blocks = be32_at(d->b, at + 28);
    d->block = block;
}

void ms_disk_look(const struct ms_file *f)
{
    struct ms_disk d = { .f = f, .b = f->piece->bytes };
    uint64_t       starts[PARTITIONS];
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_DISK_IMAGE, ms_str(f->piece->detected));
    read_vhd(&d);
    size_t n = find_starts(&d, starts);
    for (int pass = 0; pass < 2; pass++) {
        d.counted = pass == 1;
        for (size_t i = 0; i < n; i++) {
            d.start = starts[i];
            ms_fat_walk(&d);
            ms_ntfs_walk(&d);
        }
        d.start = 0;
    }
}
