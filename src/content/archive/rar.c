/* content/archive/rar.c - names and encryption in RAR archives, versions 1.5 to 4 and 5. Stored files are looked into, packed ones are not. */
#include "content/files.h"

/* One file header, whatever the version. */
struct entry { struct ms_bytes name, data; bool encrypted, stored, folder, cut, stream; }; /* stream: beside the file before it, on NTFS */
struct walk {
    struct ms_bytes rest;
    bool            hidden; /* the names are encrypted */
    bool (*next)(struct walk *w, struct entry *e);
};

/* ---- version 4 ------------------------------------------------------------------------------------------------ */

enum { OLD_HEAD = 7, OLD_MAIN = 0x73, OLD_FILE = 0x74, OLD_SERVICE = 0x7a, OLD_NAME_AT = 32 };

static void read_old_file(struct ms_bytes block, struct ms_bytes data, unsigned flags, struct entry *e)
{
    size_t at = OLD_NAME_AT + (flags & 0x100 ? 8u : 0u);
    e->name = ms_slice(block, at, ms_le16_at(block, 26));
    e->name = ms_head(e->name, ms_find(e->name, 0)); /* behind the NUL: the same in another encoding */
    e->data = data;
    e->encrypted = flags & 4;
    e->folder = (flags & 0xe0) == 0xe0;
    e->stored = ms_at(block, 25) == 0x30;
}

static bool next_old(struct walk *w, struct entry *e)
{
    while (w->rest.n >= OLD_HEAD) {
        unsigned        type = w->rest.p[2], flags = ms_le16(w->rest.p + 3);
        size_t          size = ms_le16(w->rest.p + 5);
        struct ms_bytes block = ms_head(w->rest, size);
        size_t          more = flags & 0x8000 || type == OLD_FILE || type == OLD_SERVICE ? ms_le32_at(block, 7) : 0;
        struct ms_bytes data = ms_slice(w->rest, size, more);
        if (size < OLD_HEAD)
            break;
        w->rest = ms_tail(ms_tail(w->rest, size), more);
        w->hidden |= type == OLD_MAIN && flags & 0x80;
        if (type != OLD_FILE || w->hidden)
            continue;
        read_old_file(block, data, flags, e);
        e->cut = data.n < more;
        return true;
    }
    return false;
}

/* ---- version 5 ------------------------------------------------------------------------------------------------ */

enum { NEW_FILE = 2, NEW_SERVICE = 3, NEW_ENCRYPTION = 4, EXTRA_ENCRYPTION = 1, EXTRA_SERVICE = 7 };

/* The record of that kind; p NULL when there is none. */
static struct ms_bytes find_extra(struct ms_bytes extra, unsigned kind)
{
    struct ms_cur c = { extra, false };
    while (c.rest.n && !c.bad) {
        uint64_t      size = ms_take_sevens(&c);
        struct ms_cur record = { ms_take(&c, size < extra.n ? (size_t)size : extra.n), false };
        if (ms_take_sevens(&record) == kind && !record.bad)
            return record.rest;
    }
    return (struct ms_bytes){ NULL, 0 };
}

static void read_new_file(struct ms_cur c, struct entry *e)
{
    uint64_t flags = ms_take_sevens(&c);
    ms_take_sevens(&c);                     /* size */
    ms_take_sevens(&c);                     /* attributes */
    ms_take(&c, (flags & 2 ? 4u : 0u) + (flags & 4 ? 4u : 0u)); /* time, checksum */
    e->stored = (ms_take_sevens(&c) >> 7 & 7) == 0;
    ms_take_sevens(&c);                     /* host */
    uint64_t n = ms_take_sevens(&c);
    e->name = ms_head(c.rest, n < c.rest.n ? (size_t)n : c.rest.n);
    e->folder = flags & 1;
}

static bool next_new(struct walk *w, struct entry *e)
{
    while (w->rest.n > 4) {
        struct ms_cur c = { ms_tail(w->rest, 4), false };
        uint64_t      size = ms_take_sevens(&c);
        struct ms_cur head = { ms_take(&c, size < w->rest.n ? (size_t)size : w->rest.n), false };
        uint64_t      type = ms_take_sevens(&head), flags = ms_take_sevens(&head);
        uint64_t      extra = flags & 1 ? ms_take_sevens(&head) : 0, more = flags & 2 ? ms_take_sevens(&head) : 0;
        if (c.bad || head.bad || size == 0)
            break;
        struct ms_bytes data = ms_head(c.rest, more < c.rest.n ? (size_t)more : c.rest.n);
        w->rest = ms_tail(c.rest, data.n);
        w->hidden |= type == NEW_ENCRYPTION;
        if (w->hidden)
            break;
        if (type != NEW_FILE && type != NEW_SERVICE)
            continue;
        struct ms_bytes extras = extra <= head.rest.n ? ms_tail(head.rest, head.rest.n - (size_t)extra) : (struct ms_bytes){ NULL, 0 };
        read_new_file(head, e);
        e->stream = type == NEW_SERVICE;
        if (e->stream && !ms_equal(e->name, MS_LIT("STM")))
            continue;
        if (e->stream)
            e->name = ms_tail(find_extra(extras, EXTRA_SERVICE), 1); /* behind the colon */
        e->encrypted = find_extra(extras, EXTRA_ENCRYPTION).p;
        e->data = data;
        e->cut = data.n < more;
        return true;
    }
    return false;
}

/* --------------------------------------------------------------------------------------------------------------- */

static struct walk begin(struct ms_bytes b)
{
    bool new = ms_at(b, 6) == 1;
    return (struct walk){ .rest = ms_tail(b, new ? 8 : 7), .next = new ? next_new : next_old };
}

void ms_rar_look(const struct ms_file *f)
{
    struct walk  w = begin(f->piece->bytes);
    struct entry e = { 0 };
    size_t       files = 0;
    ms_file_archive(f);
    while (w.next(&w, &e))
        files += !e.folder && !e.stream;
    if (w.hidden)
        ms_file_sign(f, MS_SIGN_ENCRYPTED_ARCHIVE, MS_LIT("its names too"));
    for (w = begin(f->piece->bytes); w.next(&w, &e) && ms_file_spend(f, 256);) {
        struct ms_inner inner = { .name = e.name, .cut = e.cut, .around = MS_IN_ARCHIVE, .siblings = files };
        if (e.stored && !e.encrypted)
            inner.bytes = e.data;
        if (e.encrypted && !e.folder && !e.stream)
            ms_file_sign_inner(f, MS_SIGN_ENCRYPTED_ARCHIVE, e.name);
        if (ms_name_escapes(e.name))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, e.name);
        if (!e.folder && !e.stream)
            ms_file_inner_slice(f, inner);
    }
}
