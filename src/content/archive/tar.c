/* content/archive/tar.c - tar, with the long names of GNU and POSIX. */
#include "content/files.h"

enum { BLOCK = 512, NAME = 100, SIZE_AT = 124, SIZE_BYTES = 12, TYPE_AT = 156, LINK_AT = 157, PREFIX_AT = 345, PREFIX = 155, PATH = 512 };

/* ---- tar ----------------------------------------------------------------------------------------------------- */

struct entry { struct ms_bytes name, link, data; uint8_t type; bool cut; };
struct walk { struct ms_bytes rest, long_name; char path[PATH]; };

/* Octal digits; or, with the high bit set, a number. */
static uint64_t size_of(const uint8_t *p)
{
    uint64_t n = 0;
    if (p[0] & 0x80) {
        for (size_t i = 4; i < SIZE_BYTES; i++)
            n = n << 8 | p[i];
        return n;
    }
    for (size_t i = 0; i < SIZE_BYTES && (p[i] == ' ' || (p[i] >= '0' && p[i] <= '7')); i++)
        n = p[i] == ' ' ? n : n << 3 | (uint64_t)(p[i] - '0');
    return n;
}

/* "LENGTH path=VALUE\n" of a POSIX header. */
static struct ms_bytes posix_path(struct ms_bytes records)
{
    const uint8_t *p = records.n ? memmem(records.p, records.n, " path=", 6) : NULL;
    if (!p)
        return (struct ms_bytes){ NULL, 0 };
    struct ms_bytes value = ms_tail(records, (size_t)(p - records.p) + 6);
    return ms_head(value, ms_find(value, '\n'));
}

static struct ms_bytes path_of(struct walk *w, struct ms_bytes head)
{
    struct ms_bytes name = ms_until_nul(ms_slice(head, 0, NAME)), prefix = ms_until_nul(ms_slice(head, PREFIX_AT, PREFIX));
    if (w->long_name.n) {
        name = w->long_name;
        w->long_name.n = 0;
        return name;
    }
    if (!prefix.n || !ms_has_at(head, 257, MS_LIT("ustar\0")))
        return name;
    memcpy(w->path, prefix.p, prefix.n);
    w->path[prefix.n] = '/';
    if (name.n)
        memcpy(w->path + prefix.n + 1, name.p, name.n);
    return (struct ms_bytes){ (const uint8_t *)w->path, prefix.n + 1 + name.n };
}

static bool next(struct walk *w, struct entry *e)
{
    while (w->rest.n >= BLOCK && w->rest.p[0]) {
        struct ms_bytes head = ms_head(w->rest, BLOCK);
        uint64_t        size = size_of(head.p + SIZE_AT), whole = (size + BLOCK - 1) / BLOCK * BLOCK;
        e->type = head.p[TYPE_AT];
        e->data = ms_slice(w->rest, BLOCK, size < w->rest.n ? (size_t)size : w->rest.n);
        e->cut = e->data.n < size;
        w->rest = ms_tail(w->rest, BLOCK + (whole < w->rest.n ? (size_t)whole : w->rest.n));
        if (e->type == 'L')
            w->long_name = ms_until_nul(ms_head(e->data, PATH));
        else if (e->type == 'x')
            w->long_name = ms_head(posix_path(ms_head(e->data, 8 * BLOCK)), PATH);
        else {
            e->link = ms_until_nul(ms_slice(head, LINK_AT, NAME));
            e->name = path_of(w, head);
            return true;
        }
    }
    return false;
}

static bool is_file(const struct entry *e) { return e->type == '0' || e->type == 0 || e->type == '7'; }

void ms_tar_look(const struct ms_file *f)
{
    struct walk  w = { .rest = f->piece->bytes };
    struct entry e;
    size_t       files = 0;
    ms_file_archive(f);
    while (next(&w, &e))
        files += is_file(&e);
    w = (struct walk){ .rest = f->piece->bytes };
    while (next(&w, &e) && ms_file_spend(f, 256)) {
        if (ms_name_escapes(e.name) || ((e.type == '1' || e.type == '2') && ms_name_escapes(e.link)))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, e.name);
        if (is_file(&e))
            ms_file_inner_slice(f, (struct ms_inner){ .name = e.name, .bytes = e.data, .cut = e.cut, .around = MS_IN_ARCHIVE, .siblings = files });
    }
}
