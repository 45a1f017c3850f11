/* content/disk/ntfs.c - NTFS: the names and contents of files as the master file table has them, in whatever folder they are.
 *
 * BUGS     Files whose attributes do not fit into one record, compressed and encrypted ones are told by name alone; streams beside the
 *          content are not looked at.                                                                                    */
#include "content/disk/disk.h"

enum { RECORD_MOST = 4096, OWN_RECORDS = 24, SECTOR = 512, NAME = 520, RUNS = 64, ATTRIBUTE_NAME = 0x30, ATTRIBUTE_DATA = 0x80, DOS_NAME = 2 };

struct run { uint64_t at, n; bool hole; }; /* bytes */
struct runs { struct run at[RUNS]; size_t n; };
struct ntfs { struct ms_disk *d; uint64_t cluster; size_t record; struct runs table; };

struct attributes { struct ms_bytes name, data; uint64_t size; bool has_data, resident, plain; struct runs runs; };

/* Lengths and distances in clusters, each as long as the byte in front says. */
static void read_runs(const struct ntfs *t, struct ms_bytes b, struct runs *out)
{
    struct ms_cur c = { b, false };
    int64_t       at = 0;
    out->n = 0;
    for (uint8_t head; out->n < RUNS && (head = ms_take_u8(&c)) != 0;) {
        uint64_t n = 0, far = 0;
        unsigned n_bytes = head & 15, far_bytes = head >> 4;
        for (unsigned i = 0; i < n_bytes; i++)
            n |= (uint64_t)ms_take_u8(&c) << (8 * i & 63);
        for (unsigned i = 0; i < far_bytes; i++)
            far |= (uint64_t)ms_take_u8(&c) << (8 * i & 63);
        if (c.bad || n_bytes > 4 || far_bytes > 5)
            return;
        if (far_bytes && far >> (8 * far_bytes - 1) & 1)
            far |= UINT64_MAX << 8 * far_bytes;
        at += (int64_t)far;
        if (at < 0 || at > UINT32_MAX)
            return;
        out->at[out->n++] = (struct run){ (uint64_t)at * t->cluster, n * t->cluster, far_bytes == 0 };
    }
}

static void gather(const struct ntfs *t, const struct runs *runs, uint64_t size, struct ms_buffer *out)
{
    for (size_t i = 0; i < runs->n && out->n < size; i++) {
        uint64_t n = runs->at[i].n < size - out->n ? runs->at[i].n : size - out->n;
        if (runs->at[i].hole || !ms_disk_append(t->d, runs->at[i].at, n, out))
            return;
    }
}

/* The record `number` of the table, with the bytes that were moved out of the end of each sector back in place. */
static bool read_record(const struct ntfs *t, uint64_t number, uint8_t *out)
{
    uint64_t         at = number * t->record;
    struct ms_buffer b = { 0 };
    size_t           i = 0;
    for (; i < t->table.n && at >= t->table.at[i].n; i++)
        at -= t->table.at[i].n;
    bool ok = i < t->table.n && !t->table.at[i].hole && ms_disk_append(t->d, t->table.at[i].at + at, t->record, &b) && memcmp(b.p, "FILE", 4) == 0;
    if (ok) {
        struct ms_bytes record = ms_buffer_bytes(&b);
        size_t          fixes = ms_le16_at(record, 4);
        memcpy(out, b.p, t->record);
        for (size_t k = 1; k < ms_le16_at(record, 6) && k * SECTOR <= t->record && fixes + 2 * k + 2 <= t->record; k++)
            memcpy(out + k * SECTOR - 2, b.p + fixes + 2 * k, 2);
    }
    ms_buffer_finish(&b);
    return ok;
}

static void read_attribute(const struct ntfs *t, struct ms_bytes a, struct attributes *out)
{
    bool            far = ms_at(a, 8);
    struct ms_bytes value = ms_slice(a, ms_le16_at(a, 20), ms_le32_at(a, 16));
    if (ms_le32_at(a, 0) == ATTRIBUTE_NAME && !far && (ms_at(value, 65) != DOS_NAME || !out->name.n))
        out->name = ms_slice(value, 66, 2u * ms_at(value, 64));
    if (ms_le32_at(a, 0) != ATTRIBUTE_DATA || ms_at(a, 9) || out->has_data) /* with a name: a stream beside */
        return;
    out->has_data = true;
    out->resident = !far;
    out->plain = ms_le16_at(a, 12) == 0; /* neither compressed nor encrypted */
    out->data = value;
    out->size = far ? ms_le64_at(a, 48) : value.n;
    if (far)
        read_runs(t, ms_tail(a, ms_le16_at(a, 32)), &out->runs);
}

static struct attributes read_attributes(const struct ntfs *t, struct ms_bytes record)
{
    struct attributes all = { 0 };
    for (size_t at = ms_le16_at(record, 20); at < record.n && ms_le32_at(record, at) != UINT32_MAX;) {
        size_t n = ms_le32_at(record, at + 4);
        if (n < 24)
            break;
        read_attribute(t, ms_slice(record, at, n), &all);
        at = n < record.n - at ? at + n : record.n;
    }
    return all;
}

static void look_at_record(const struct ntfs *t, struct ms_bytes record)
{
    enum { IN_USE = 1, FOLDER = 2 };
    char             text[NAME];
    struct ms_buffer content = { 0 };
    if ((ms_le16_at(record, 22) & (IN_USE | FOLDER)) != IN_USE || ms_le64_at(record, 32)) /* of another one: a piece */
        return;
    struct attributes all = read_attributes(t, record);
    if (!all.name.n)
        return;
    if (t->d->counted && all.plain && all.resident && ms_file_spend(t->d->f, all.data.n))
        ms_buffer_append(&content, all.data);
    else if (t->d->counted && all.plain)
        gather(t, &all.runs, all.size, &content);
    ms_disk_file(t->d, ms_utf16_text(all.name, false, text, sizeof text), ms_buffer_bytes(&content), all.size);
    ms_buffer_finish(&content);
}

void ms_ntfs_walk(struct ms_disk *d)
{
    uint8_t         record[RECORD_MOST];
    struct ms_bytes boot = ms_disk_at(d, 0, 512);
    uint64_t        sector = ms_le16_at(boot, 11), first = ms_le64_at(boot, 48);
    unsigned        each = ms_at(boot, 13), size = ms_at(boot, 64);
    struct ntfs     t = { .d = d, .cluster = sector * (each > 0x80 ? (uint64_t)1 << ((256 - each) & 31) : each) };
    if (!ms_has_at(boot, 3, MS_LIT("NTFS    ")) || sector < 256 || t.cluster == 0 || first > UINT32_MAX)
        return;
    t.record = size > 0x80 ? (size_t)1 << ((256 - size) & 31) : size * (size_t)t.cluster;
    if (t.record < SECTOR || t.record > RECORD_MOST)
        return;
    t.table = (struct runs){ .at = { { first * t.cluster, t.record, false } }, .n = 1 };
    if (!read_record(&t, 0, record))
        return;
    struct attributes table = read_attributes(&t, (struct ms_bytes){ record, t.record });
    t.table = table.runs;
    for (uint64_t i = OWN_RECORDS; i < table.size / t.record && ms_file_spend(d->f, 16); i++)
        if (read_record(&t, i, record))
            look_at_record(&t, (struct ms_bytes){ record, t.record });
}
