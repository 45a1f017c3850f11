/* content/disk/iso.c - what a disc image holds: ECMA-119 with the names of Joliet, and UDF (udf.c). A disc may have a directory of each kind, and
 * what programs show depends on which one they read: where they disagree, that is a sign.
 *
 * BUGS     Rock Ridge names, which Linux shows, are not read.                                                            */
#include "content/disk/disc.h"

#include <stdlib.h>

enum { SECTOR = 2048, FIRST = 16, DESCRIPTORS = 32, ROOT_AT = 156, NAME = 260, RECORD = 33, FOLDER_FLAG = 2, SAME_PLACE = 8 };

bool ms_disc_add(struct ms_disc *d, enum ms_disc_tree tree, struct ms_bytes name, uint64_t at, uint64_t n)
{
    if (!ms_file_spend(d->f, 256)) {
        d->partial = true;
        return false;
    }
    if (d->n == d->room) {
        d->room = d->room ? d->room * 2 : 16;
        d->files = ms_resize(d->files, d->room * sizeof *d->files);
    }
    size_t start = at < d->b.n ? (size_t)at : d->b.n, have = d->b.n - start;
    d->files[d->n++] = (struct ms_disc_file){ ms_arena_keep(d->f->in->arena, name), start, n < have ? (size_t)n : have, n > have, (uint8_t)tree };
    return true;
}

void ms_disc_add_folder(struct ms_disc *d, uint64_t at, uint64_t n)
{
    if (d->folder_count < MS_DISC_FOLDERS)
        d->folders[d->folder_count++] = (struct ms_disc_folder){ at, n };
    else
        d->partial = true;
}

struct ms_bytes ms_disc_folder(const struct ms_disc *d, size_t i)
{
    struct ms_disc_folder f = d->folders[i];
    return f.at < d->b.n ? ms_slice(d->b, (size_t)f.at, f.n < d->b.n ? (size_t)f.n : d->b.n) : (struct ms_bytes){ NULL, 0 };
}

/* ---- ECMA-119 -------------------------------------------------------------------------------------------------- */

struct tree { struct ms_disc *d; enum ms_disc_tree kind; };

static struct ms_disc_folder place_of(struct ms_bytes record) { return (struct ms_disc_folder){ (uint64_t)ms_le32_at(record, 2) * SECTOR, ms_le32_at(record, 10) }; }

static struct ms_bytes name_of(const struct tree *t, struct ms_bytes record, char *out)
{
    struct ms_bytes raw = ms_slice(record, RECORD, ms_at(record, 32));
    struct ms_bytes name = t->kind == MS_TREE_JOLIET ? ms_utf16_text(raw, true, out, NAME) : raw;
    return ms_head(name, ms_find(name, ';')); /* the version behind it */
}

static bool look_at_record(const struct tree *t, struct ms_bytes record)
{
    char                  text[NAME];
    struct ms_disc_folder place = place_of(record);
    bool                  self = ms_at(record, 32) == 1 && ms_at(record, 33) < 2; /* "." and ".." */
    if (self)
        return true;
    if (!(ms_at(record, 25) & FOLDER_FLAG))
        return ms_disc_add(t->d, t->kind, name_of(t, record, text), place.at, place.n);
    ms_disc_add_folder(t->d, place.at, place.n);
    return true;
}

/* Records do not cross sectors: a length of 0 skips to the next. */
static void look_at_folder(const struct tree *t, struct ms_bytes b)
{
    for (size_t at = 0; at < b.n && ms_file_spend(t->d->f, 64);) {
        size_t n = ms_at(b, at);
        if (n > RECORD && !look_at_record(t, ms_slice(b, at, n)))
            return;
        at = n ? at + n : (at / SECTOR + 1) * SECTOR;
    }
}

static void list_trees(struct ms_disc *d)
{
    bool done[MS_TREES] = { false };
    for (size_t k = 0; k < DESCRIPTORS; k++) {
        struct ms_bytes volume = ms_slice(d->b, (FIRST + k) * SECTOR, SECTOR);
        unsigned        type = ms_at(volume, 0);
        if (!ms_has_at(volume, 1, MS_LIT("CD001")) || type == 255)
            return;
        bool        joliet = type == 2 && ms_has_at(volume, 88, MS_LIT("%/"));
        struct tree t = { d, joliet ? MS_TREE_JOLIET : MS_TREE_PLAIN };
        if ((type != 1 && !joliet) || done[t.kind])
            continue;
        done[t.kind] = true;
        d->folders[0] = place_of(ms_slice(volume, ROOT_AT, RECORD));
        d->folder_count = 1;
        for (size_t i = 0; i < d->folder_count; i++)
            look_at_folder(&t, ms_disc_folder(d, i));
    }
}

/* ---- directories that disagree --------------------------------------------------------------------------------- */

struct range { const struct ms_disc_file *at; size_t n; }; /* files of one tree, by place */

static int by_tree(const void *a, const void *b)
{
    const struct ms_disc_file *x = a, *y = b;
    if (x->tree != y->tree)
        return x->tree < y->tree ? -1 : 1;
    return x->at < y->at ? -1 : x->at > y->at;
}

static struct range range_of(const struct ms_disc *d, unsigned tree)
{
    struct range r = { d->files, 0 };
    for (size_t i = 0; i < d->n; i++) {
        r.at += d->files[i].tree < tree;
        r.n += d->files[i].tree == tree;
    }
    return r;
}

/* The first file at that place; r.n when there is none. */
static size_t find_place(struct range r, size_t at)
{
    size_t low = 0, high = r.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (r.at[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r.n && r.at[low].at == at ? low : r.n;
}

/* Whether a name is what runs and the other not. Trees with short names change endings, so that other differences say nothing. */
static bool disagree(struct ms_bytes a, struct ms_bytes b)
{
    enum { SHORT = 3 };
    bool runs = ms_extension_of(a) && ms_extension_of(a) <= MS_EXT_LINK, other_runs = ms_extension_of(b) && ms_extension_of(b) <= MS_EXT_LINK;
    return runs != other_runs && ms_extension_word(a).n <= SHORT && ms_extension_word(b).n <= SHORT;
}

static bool is_in(struct range r, const struct ms_disc_file *file)
{
    size_t i = find_place(r, file->at), end = i + SAME_PLACE;
    bool   found = false;
    for (; i < r.n && i < end && r.at[i].at == file->at && !found; i++)
        found = !disagree(file->name, r.at[i].name);
    return found || i == end;
}

static void look_at_file(const struct ms_disc *d, const struct ms_disc_file *file, size_t siblings)
{
    ms_file_inner_slice(d->f, (struct ms_inner){ .name = file->name, .bytes = ms_slice(d->b, file->at, file->n), .cut = file->cut, .around = MS_IN_ARCHIVE,
                                                 .siblings = siblings });
}

static void doubt(const struct ms_disc *d, const struct ms_disc_file *file)
{
    if (!d->partial)
        ms_file_sign_inner(d->f, MS_SIGN_AMBIGUOUS_ARCHIVE, file->name);
}

/* Files with content that one of both names, or names as something else. Those that are not shown are looked at as well. */
static void compare(const struct ms_disc *d, struct range shown, struct range other)
{
    for (size_t i = 0; i < other.n; i++)
        if (other.at[i].n && !is_in(shown, &other.at[i])) {
            doubt(d, &other.at[i]);
            look_at_file(d, &other.at[i], shown.n);
        }
    for (size_t i = 0; i < shown.n; i++)
        if (shown.at[i].n && !is_in(other, &shown.at[i]))
            doubt(d, &shown.at[i]);
}

void ms_iso_look(const struct ms_file *f)
{
    struct ms_disc d = { .f = f, .b = f->piece->bytes };
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_DISK_IMAGE, ms_str(f->piece->detected));
    ms_udf_list(&d);
    list_trees(&d);
    if (d.n)
        qsort(d.files, d.n, sizeof *d.files, by_tree);
    struct range shown = range_of(&d, d.n ? d.files[0].tree : 0);
    for (size_t i = 0; i < shown.n; i++)
        look_at_file(&d, &shown.at[i], shown.n);
    for (unsigned tree = d.n ? d.files[0].tree + 1u : MS_TREES; tree < MS_TREES; tree++)
        if (!f->piece->cut && range_of(&d, tree).n)
            compare(&d, shown, range_of(&d, tree));
    ms_free(d.files);
}
