/* content/archives.c - archives that are told by their kind alone. */
#include "content/files.h"

void ms_rare_archive_look(const struct ms_file *f)
{
    ms_file_archive(f);
    ms_file_sign(f, MS_SIGN_RARE_ARCHIVE, ms_str(f->piece->detected));
}
