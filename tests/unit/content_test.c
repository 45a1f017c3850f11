/* tests/unit/content_test.c - what files are by their first bytes; what merely begins like one is not taken for it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/mime.h"

#include <stdlib.h>

#define B(s) { (const uint8_t *)(s), sizeof(s) - 1 }
#define Z4 "\0\0\0\0"
#define Z8 Z4 Z4
#define Z16 Z8 Z8
#define Z32 Z16 Z16
/* A local file header of a ZIP file: `n` the length of the name, one byte. */
#define ZIP(n, name) "PK\x03\x04\x14\0\0\0\0\0" Z8 Z8 n "\0\0\0" name
#define OLE2 "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

static const struct { struct ms_bytes in; const char *want; } cases[] = {
    { B("%PDF-1.7\n"), "application/pdf" },
    { B("\r\n %PDF-1.4\n"), "application/pdf" },
    { B("PK\x03\x04"), "application/zip" },
    { B("PK\x05\x06" Z16 "\0\0"), "application/zip" },
    { B(ZIP("\x05", "a.txt") "hello"), "application/zip" },
    { B(ZIP("\x13", "[Content_Types].xml") "xx" ZIP("\x0b", "_rels/.rels") "yy" ZIP("\x11", "word/document.xml")),
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document" },
    { B(ZIP("\x13", "[Content_Types].xml") ZIP("\x0f", "xl/workbook.xml")),
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    { B(ZIP("\x14", "ppt/presentation.xml")), "application/vnd.openxmlformats-officedocument.presentationml.presentation" },
    { B(ZIP("\x13", "[Content_Types].xml") "x"), "application/vnd.openxmlformats-officedocument" },
    { B(ZIP("\x12", "word/vbaProject.bin")), "application/vnd.openxmlformats-officedocument.wordprocessingml.document" }, /* cut name */
    { B(ZIP("\x13", "word/vbaProject.bin") ZIP("\x11", "word/document.xml")), "application/vnd.ms-word.document.macroenabled.12" },
    { B(ZIP("\x08", "mimetype") "application/vnd.oasis.opendocument.textPK"), "application/vnd.oasis.opendocument.text" },
    { B(ZIP("\x08", "mimetype") "application/epub+zipPK"), "application/epub+zip" },
    { B(ZIP("\x09", "META-INF/") ZIP("\x14", "META-INF/MANIFEST.MF")), "application/java-archive" },
    { B(ZIP("\x13", "AndroidManifest.xml")), "application/vnd.android.package-archive" },
    { B(OLE2 Z32), "application/x-ole-storage" },
    { B(OLE2 Z32 "W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"), "application/msword" },
    { B(OLE2 Z32 "W\0o\0r\0k\0b\0o\0o\0k\0"), "application/vnd.ms-excel" },
    { B(OLE2 Z32 "\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0F"), "application/x-msi" },
    { B("{\\rtf1\\ansi"), "application/rtf" },
    { B("GIF89a\x01\0"), "image/gif" },
    { B("\x89PNG\r\n\x1a\n"), "image/png" },
    { B("\xff\xd8\xff\xe0"), "image/jpeg" },
    { B("RIFF\x10\0\0\0WEBPVP8 "), "image/webp" },
    { B("BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"), "image/bmp" },
    { B("II*\0\x08\0\0\0"), "image/tiff" },
    { B("MM\0*\0\0\0\x08"), "image/tiff" },
    { B("\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0\x68\x04\0\0\x16\0\0\0"), "image/vnd.microsoft.icon" },
    { B("<svg xmlns='http://www.w3.org/2000/svg'>"), "image/svg+xml" },
    { B("<?xml version='1.0'?>\n<svg>"), "image/svg+xml" },
    { B("MZ\x90\0\x03\0\0\0" Z32 Z16 Z4 "\x40\0\0\0PE\0\0"), "application/vnd.microsoft.portable-executable" },
    { B("MZ\x90\0\x03\0\0\0" Z32), "application/x-dosexec" },
    { B("MZ marks the spot"), "text/plain" },
    { B("\x7f" "ELF\x02\x01\x01"), "application/x-elf" },
    { B("\xcf\xfa\xed\xfe\x07\0\0\x01"), "application/x-mach-binary" },
    { B("\xca\xfe\xba\xbe\0\0\0\x02"), "application/x-mach-binary" },
    { B("\xca\xfe\xba\xbe\0\0\0\x34"), "application/java-vm" },
    { B("#!/bin/sh\nrm -rf /\n"), "text/x-shellscript" },
    { B("#!/usr/bin/env python3\n"), "text/x-python" },
    { B("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"), "application/x-ms-shortcut" },
    { B("7z\xbc\xaf\x27\x1c\0\x04"), "application/x-7z-compressed" },
    { B("Rar!\x1a\x07\0"), "application/vnd.rar" },
    { B("Rar!\x1a\x07\x01\0"), "application/vnd.rar" },
    { B("\x1f\x8b\x08\0"), "application/gzip" },
    { B("BZh91AY&SY"), "application/x-bzip2" },
    { B("\xfd" "7zXZ\0\0"), "application/x-xz" },
    { B("\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0"), "application/x-lzma" },
    { B("\x5d\0\0\x40\0\x10\0\0\0\0\0\0\0\0"), "application/x-lzma" },
    { B("\x5d\0\0\x60\0\x10\0\0\0\0\0\0\0\0"), "application/x-lzma" },
    { B("\x5d\0\0\x70\0\x10\0\0\0\0\0\0\0\0"), NULL },   /* no program makes such a dictionary */
    { B("\x5d\0\0\x80\0\x10\0\0\0\0\0\0\1\0"), NULL },
    { B("\x5d\0\0\x80\0\x10\0\0\0\0\0\0\0\1"), NULL },
    { B("\x28\xb5\x2f\xfd\x04"), "application/zstd" },
    { B("\x04\"M\x18"), "application/x-lz4" },
    { B("MSCF\0\0\0\0"), "application/vnd.ms-cab-compressed" },
    { B("1234567**ACE**"), "application/x-ace-compressed" },
    { B("\x60\xea\x29\0\x22\x0b\x01\x02" Z32), "application/x-arj" },
    { B("ID3\x03\0"), "audio/mpeg" },
    { B("\xff\xfb\x90\x64"), "audio/mpeg" },
    { B("\0\0\0\x20" "ftypisom\0\0\x02\0"), "video/mp4" },
    { B("\0\0\0\x14" "ftypqt  "), "video/quicktime" },
    { B("\0\0\0\x14" "ftypM4A "), "audio/mp4" },
    { B("\0\0\0\x08wide"), "video/quicktime" },
    { B("OggS\0\x02"), "application/ogg" },
    { B("RIFF\x10\0\0\0WAVEfmt "), "audio/wav" },
    { B("RIFF\x10\0\0\0AVI LIST"), "video/x-msvideo" },
    { B("fLaC\0\0\0\x22"), "audio/flac" },
    { B("x\x9f>\"\x01\0"), "application/ms-tnef" },
    { B("\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1\x53\x78\xd0\x29\x96\xd3"), "application/onenote" },
    { B("ITSF\x03\0\0\0"), "application/vnd.ms-htmlhelp" },
    { B("\0asm\x01\0\0\0"), "application/wasm" },
    { B("SQLite format 3\0"), "application/vnd.sqlite3" },
    { B("\xd4\xc3\xb2\xa1\x02\0\x04\0"), "application/vnd.tcpdump.pcap" },
    { B("\n\r\r\n\x1c\0\0\0\x4d\x3c\x2b\x1a"), "application/x-pcapng" },
    { B("\x30\x82\x01\x02\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), "application/pkcs7-mime" },
    { B("\x30\x85\0\0\0\1\2\x06\x81\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"), "application/pkcs7-mime" },
    { B("\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"), "application/pkcs7-mime" },
    { B("<?xml version='1.0'?><a/>"), "application/xml" },
    { B("<!DOCTYPE html>\n<html>"), "text/html" },
    { B("\xef\xbb\xbf\r\n <HTML>"), "text/html" },
    { B("<script>eval(1)</script>"), "text/html" },
    { B("<a@x.test> wrote"), "text/plain" },
    { B("<html"), "text/plain" },                             /* the tag may go on: <htmlish> */
    { B("<hta:application id=x>"), "application/hta" },
    { B("BEGIN:VCALENDAR\r\n"), "text/calendar" },
    { B("BEGIN:VCARD\r\n"), "text/vcard" },
    { B("Received: from a\r\n\tby b\r\nSubject: x\r\n\r\nbody"), "message/rfc822" },
    { B("From: a@x.test\nTo: b@x.test\n\n"), "message/rfc822" },
    { B("Note: this is\nnot a message\n"), "text/plain" },
    { B("Subject: only one field\n\n"), "text/plain" },
    { B("From a@x.test Thu Jan  1 00:00:00 1970\nFrom: a@x.test\n"), "application/mbox" },
    { B("From me@home to you, with love\n"), "text/plain" },
    { B("-----BEGIN PGP MESSAGE-----\n"), "application/pgp-encrypted" },
    { B("-----BEGIN PGP SIGNATURE-----\n"), "application/pgp-signature" },
    { B("-----BEGIN PGP PUBLIC KEY BLOCK-----\n"), "application/pgp-keys" },
    { B("-----BEGIN CERTIFICATE-----\n"), "application/x-pem-file" },
    { B("hello\n"), "text/plain" },
    { B("z\xc3\xbcrich"), "text/plain" },
    { B("z\xc3\xbcrich \xe2\x82"), "text/plain" },            /* the window ends in a character */
    { B("z\xfcrich, caf\xe9 and more words"), "text/plain" }, /* Latin-1 */
    { B("\xff\xfeh\0i\0"), "text/plain" },
    { B("\xfe\xff\0<\0h\0t\0m\0l\0>"), "text/html" },
    { B("\x1b$BF|K\\\x1b(B"), "text/plain" },
    { B(""), NULL },
    { B("\0"), NULL },
    { B("\x01\x02\x03\x04"), NULL },
    { B("text\0with a zero"), NULL },
    { B("\x80\x81\x82\x83\x84\x85"), NULL },
    { B("\xff\xff\xff\xff"), NULL },
};

static const char *detect(struct ms_bytes in)
{
    uint8_t *exact = malloc(in.n ? in.n : 1);
    if (in.n)
        memcpy(exact, in.p, in.n);
    const char *type = ms_detect_content((struct ms_bytes){ exact, in.n });
    free(exact);
    return type;
}

static void first_bytes_tell_the_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *got = detect(cases[i].in);
        if (!got != !cases[i].want || (got && strcmp(got, cases[i].want) != 0))
            fail_msg("case %zu (%.12s): want %s got %s", i, (const char *)cases[i].in.p, cases[i].want ? cases[i].want : "nothing",
                     got ? got : "nothing");
    }
}

static void magic_far_into_the_file(void **state)
{
    (void)state;
    static uint8_t big[40000];
    memcpy(big, "dir/file.txt", 12);
    memcpy(big + 257, "ustar", 5);
    assert_string_equal(detect((struct ms_bytes){ big, 512 }), "application/x-tar");
    assert_null(detect((struct ms_bytes){ big, 261 })); /* one byte too few */
    memset(big, 0, 512);
    memcpy(big + 32769, "CD001", 5);
    assert_string_equal(detect((struct ms_bytes){ big, 32774 }), "application/x-iso9660-image");
    assert_null(detect((struct ms_bytes){ big, 32773 }));
}

static void every_start_is_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t n = 0; n <= cases[i].in.n; n++)
            detect(ms_head(cases[i].in, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_bytes_tell_the_type),
        cmocka_unit_test(magic_far_into_the_file),
        cmocka_unit_test(every_start_is_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
