/* content/archive/zip_list.c - what a ZIP archive holds (APPNOTE.TXT 4.3): by its directory; without one, by the headers in front of the entries. */
#include "content/archive/zip.h"

#define LOCAL   MS_LIT("PK\x03\x04")
#define CENTRAL MS_LIT("PK\x01\x02")
#define END     MS_LIT("PK\x05\x06")
#define END64   MS_LIT("PK\x06\x06")
#define WHERE64 MS_LIT("PK\x06\x07")

enum { LOCAL_BYTES = 30, CENTRAL_BYTES = 46, END_BYTES = 22, WHERE_BYTES = 20, END64_BYTES = 56, COMMENT = 65535 };
enum { UNIX = 3, LINK = 0xa0 }; /* host that made it; the kind of a file, in the first byte of its mode */

struct directory { uint64_t size, offset, entries; size_t end; };

/* The last end record that has room; b.n when there is none. */
static size_t find_end(struct ms_bytes b)
{
    size_t lowest = b.n > END_BYTES + COMMENT ? b.n - END_BYTES - COMMENT : 0, above = b.n < END_BYTES ? 0 : b.n - END_BYTES + 1;
    for (const uint8_t *p; above > lowest && (p = memrchr(b.p + lowest, 'P', above - lowest)); above = (size_t)(p - b.p))
        if (ms_has_at(b, (size_t)(p - b.p), END))
            return (size_t)(p - b.p);
    return b.n;
}

static bool read_end(struct ms_bytes b, struct directory *d)
{
    size_t at = find_end(b);
    if (at == b.n)
        return false;
    *d = (struct directory){ .size = ms_le32_at(b, at + 12), .offset = ms_le32_at(b, at + 16), .entries = ms_le16_at(b, at + 10), .end = at };
    if (at < WHERE_BYTES || !ms_has_at(b, at - WHERE_BYTES, WHERE64))
        return true;
    uint64_t where = ms_le64_at(b, at - WHERE_BYTES + 8);
    if (where > b.n || !ms_has_at(b, (size_t)where, END64)) /* something stands before the archive */
        where = at - WHERE_BYTES >= END64_BYTES ? at - WHERE_BYTES - END64_BYTES : b.n;
    if (ms_has_at(b, (size_t)where, END64))
        *d = (struct directory){ .size = ms_le64_at(b, (size_t)where + 40), .offset = ms_le64_at(b, (size_t)where + 48),
                                 .entries = ms_le64_at(b, (size_t)where + 32), .end = (size_t)where };
    return true;
}

static struct ms_zip_entry *room_for(struct ms_zip *z, struct ms_bytes name)
{
    if (!ms_file_spend(z->f, name.n + 2 * sizeof *z->at))
        return NULL;
    if (z->n == z->room) {
        z->room = z->room ? z->room * 2 : 16;
        z->at = ms_resize(z->at, z->room * sizeof *z->at);
    }
    z->at[z->n] = (struct ms_zip_entry){ .name = name };
    return &z->at[z->n++];
}

/* Zip64 sizes (4.5.3): those that are all ones in the header, in this order; a name in UTF-8 (4.6.9); and AES (vendor's field 0x9901). */
static void read_extra(struct ms_zip_entry *e, struct ms_bytes extra)
{
    while (extra.n >= 4) {
        unsigned        id = ms_le16(extra.p);
        struct ms_bytes field = ms_slice(extra, 4, ms_le16(extra.p + 2));
        uint64_t       *wide[] = { &e->size, &e->packed, &e->offset };
        size_t          at = 0;
        for (size_t i = 0; id == 1 && i < 3; i++)
            if (*wide[i] == UINT32_MAX && field.n >= at + 8) {
                *wide[i] = ms_le64(field.p + at);
                at += 8;
            }
        if (id == 0x9901 && field.n >= 7 && field.p[4] >= 1 && field.p[4] <= 3) {
            e->aes = field.p[4];
            e->method = ms_le16(field.p + 5);
        }
        if (id == 0x7075 && ms_at(field, 0) == 1)
            e->unicode = ms_tail(field, 5); /* behind the checksum of the other name */
        extra = ms_tail(extra, 4u + ms_le16(extra.p + 2));
    }
}

/* Finds the data by the local header. */
static void place(struct ms_zip *z, struct ms_zip_entry *e, size_t shift)
{
    if (e->offset > z->b.n || shift > z->b.n - e->offset) {
        e->offset = z->b.n;
        return;
    }
    e->offset += shift;
    size_t at = (size_t)e->offset;
    e->placed = ms_has_at(z->b, at, LOCAL) && z->b.n - at >= LOCAL_BYTES;
    if (!e->placed)
        return;
    size_t start = at + LOCAL_BYTES + ms_le16_at(z->b, at + 26) + ms_le16_at(z->b, at + 28);
    e->data = ms_slice(z->b, start, e->packed < z->b.n ? (size_t)e->packed : z->b.n);
    e->end = (start < z->b.n ? start : z->b.n) + e->data.n;
}

static size_t read_central(struct ms_zip *z, size_t at, size_t shift)
{
    struct ms_bytes head = ms_slice(z->b, at, CENTRAL_BYTES);
    if (head.n < CENTRAL_BYTES || !ms_has_at(head, 0, CENTRAL))
        return 0;
    size_t               name_n = ms_le16(head.p + 28), extra_n = ms_le16(head.p + 30), comment_n = ms_le16(head.p + 32);
    struct ms_zip_entry *e = room_for(z, ms_slice(z->b, at + CENTRAL_BYTES, name_n));
    if (!e)
        return 0;
    e->flags = ms_le16(head.p + 8);
    e->method = ms_le16(head.p + 10);
    e->time = ms_le16(head.p + 12);
    e->crc = ms_le32(head.p + 16);
    e->packed = ms_le32(head.p + 20);
    e->size = ms_le32(head.p + 24);
    e->offset = ms_le32(head.p + 42);
    e->link = head.p[5] == UNIX && (head.p[41] & 0xf0) == LINK;
    read_extra(e, ms_slice(z->b, at + CENTRAL_BYTES + name_n, extra_n));
    place(z, e, shift);
    return CENTRAL_BYTES + name_n + extra_n + comment_n;
}

static bool list_directory(struct ms_zip *z)
{
    struct directory d;
    if (!read_end(z->b, &d))
        return false;
    size_t at = d.size <= d.end ? d.end - (size_t)d.size : d.end;
    if (!ms_has_at(z->b, at, CENTRAL) && d.offset < z->b.n)
        at = (size_t)d.offset;
    size_t shift = d.offset <= at ? at - (size_t)d.offset : 0;
    z->directory = at;
    z->told = d.entries;
    z->other_directory = at != d.offset && d.offset < z->b.n && ms_has_at(z->b, (size_t)d.offset, CENTRAL);
    for (size_t used; (used = read_central(z, at, shift)) > 0;)
        at += used;
    if (z->n == 0)
        z->directory = z->b.n;
    return z->n > 0;
}

static size_t find_local(struct ms_bytes b, size_t from)
{
    struct ms_bytes rest = ms_tail(b, from);
    const uint8_t  *p = rest.n ? memmem(rest.p, rest.n, "PK\x03\x04", 4) : NULL;
    return p ? (size_t)(p - b.p) : b.n;
}

/* Without a directory: the end was cut off. */
static bool list_local(struct ms_zip *z)
{
    for (size_t at = find_local(z->b, 0); at < z->b.n && z->b.n - at >= LOCAL_BYTES;) {
        const uint8_t       *head = z->b.p + at;
        size_t               name_n = ms_le16(head + 26);
        struct ms_zip_entry *e = room_for(z, ms_slice(z->b, at + LOCAL_BYTES, name_n));
        if (!e)
            break;
        e->flags = ms_le16(head + 6);
        e->method = ms_le16(head + 8);
        e->time = ms_le16(head + 10);
        e->crc = ms_le32(head + 14);
        e->packed = ms_le32(head + 18);
        e->size = ms_le32(head + 22);
        e->offset = at;
        read_extra(e, ms_slice(z->b, at + LOCAL_BYTES + name_n, ms_le16(head + 28)));
        if (e->packed == 0) /* told behind the data: up to the next header */
            e->packed = find_local(z->b, at + LOCAL_BYTES) - at;
        e->offset = at;
        place(z, e, 0);
        at = find_local(z->b, e->end > at + LOCAL_BYTES ? e->end : at + LOCAL_BYTES);
    }
    return z->n > 0;
}

static bool is_leaving(struct ms_bytes name) /* of macOS and Windows: nobody's file */
{
    struct ms_bytes base = ms_base_name(name);
    return base.n == 0 || ms_starts_nocase(name, MS_LIT("__MACOSX/")) || ms_is_one_of(base, ".DS_Store|Thumbs.db|desktop.ini");
}

bool ms_zip_list(struct ms_zip *z)
{
    z->directory = z->b.n;
    bool any = list_directory(z) || list_local(z);
    for (size_t i = 0; i < z->n; i++)
        z->files += !is_leaving(z->at[i].name);
    return any;
}

const struct ms_zip_entry *ms_zip_find(const struct ms_zip *z, const char *name)
{
    for (size_t i = 0; i < z->n; i++)
        if (ms_equal_nocase(z->at[i].name, ms_str(name)))
            return &z->at[i];
    return NULL;
}
