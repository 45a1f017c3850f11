/* content/archives.c - archives whose names are read and whose contents are not: cabinets; and those that are told by their kind alone. */
#include "content/files.h"

/* ---- Microsoft cabinets (MS-CAB) ------------------------------------------------------------------------------ */

enum { CAB_HEADER = 36, CAB_FILE = 16, NAME = 256 };

static struct ms_bytes cab_name(struct ms_bytes b, size_t at)
{
    struct ms_bytes name = ms_slice(b, at + CAB_FILE, NAME);
    return ms_head(name, ms_find(name, 0));
}

void ms_cab_look(const struct ms_file *f)
{
    struct ms_bytes b = f->piece->bytes;
    size_t          at = ms_le32_at(b, 16), count = ms_le16_at(b, 28);
    ms_file_archive(f);
    for (size_t i = 0; i < count && at >= CAB_HEADER && at < b.n && b.n - at > CAB_FILE && ms_file_spend(f, 256); i++) {
        struct ms_inner inner = { .name = cab_name(b, at), .cut = true, .around = MS_IN_ARCHIVE, .siblings = count };
        if (ms_name_escapes(inner.name))
            ms_file_sign_inner(f, MS_SIGN_ESCAPING_NAME, inner.name);
        ms_file_inner(f, &inner);
        at += CAB_FILE + inner.name.n + 1;
    }
}

/* ---- by kind -------------------------------------------------------------------------------------------------- */

void ms_rare_archive_look(const struct ms_file *f)
{
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_RARE_ARCHIVE, ms_str(f->piece->detected));
}

void ms_disk_look(const struct ms_file *f) { ms_file_sign(f, MS_SIGN_DISK_IMAGE, ms_str(f->piece->detected)); }
