/* content/program/program.c - programs and scripts by content, whatever they are called. */
#include "content/files.h"

static struct ms_bytes kind_of_pe(struct ms_bytes b)
{
    size_t   pe = ms_le32_at(b, 60);
    unsigned flags = ms_has_at(b, pe, MS_LIT("PE\0\0")) ? ms_le16_at(b, pe + 22) : 0; /* Characteristics */
    return flags & 0x2000 ? MS_LIT("a library for Windows") : MS_LIT("a program for Windows");
}

static struct ms_bytes kind_of(const struct ms_file *f)
{
    struct ms_bytes type = ms_str(f->piece->detected);
    if (ms_is_one_of(type, "application/vnd.microsoft.portable-executable|application/x-dosexec"))
        return kind_of_pe(f->piece->bytes);
    if (ms_equal(type, MS_LIT("application/x-elf")))
        return MS_LIT("a program for Linux");
    if (ms_equal(type, MS_LIT("application/x-mach-binary")))
        return MS_LIT("a program for macOS");
    return type;
}

void ms_program_look(const struct ms_file *f)
{
    ms_file_sign(f, MS_SIGN_PROGRAM, kind_of(f));
    ms_script_look(f);
    if (f->around == MS_IN_ARCHIVE)
        ms_file_sign(f, MS_SIGN_ARCHIVED_PROGRAM, kind_of(f));
    if (f->around == MS_IN_DOCUMENT)
        ms_file_sign(f, MS_SIGN_EMBEDDED_PROGRAM, kind_of(f));
}
