#include "capture/reader.h"

#define MAGIC(text) text, sizeof(text) - 1
static const struct { const char *magic; size_t n; const char *what; } foreign[] = {
#define EDITCAP "convert it with editcap"
    { MAGIC("snoop\0\0\0"), "a snoop capture: " EDITCAP },
    { MAGIC("btsnoop\0"), "a Bluetooth capture" },
    { MAGIC("GMBU"), "a Network Monitor capture: " EDITCAP },
    { MAGIC("RTSS"), "a Network Monitor capture: " EDITCAP },
    { MAGIC("TRSNIFF data    \x1a"), "a Sniffer capture: " EDITCAP },
    { MAGIC("XCP\0"), "a NetXRay or Sniffer capture: " EDITCAP },
    { MAGIC("\x7fver"), "an EtherPeek or OmniPeek capture: " EDITCAP },
    { MAGIC("iptrace "), "an AIX iptrace: " EDITCAP },
    { MAGIC("\x1f\x8b"), "gzip data inside: compressed twice, decompress it once" },
    { MAGIC("\x28\xb5\x2f\xfd"), "zstd data inside: compressed twice, decompress it once" },
    { MAGIC("\x04\x22\x4d\x18"), "lz4 data inside: compressed twice, decompress it once" },
    { MAGIC("\x02\x21\x4c\x18"), "lz4 data in the legacy format: decompress it with lz4 -d" },
    { MAGIC("\x1f\x9d"), "compress data: decompress it with uncompress" },
    { MAGIC("\xfd" "7zXZ\0"), "xz data: decompress it with xz -d" },
    { MAGIC("BZh"), "bzip2 data: decompress it with bzip2 -d" },
    { MAGIC("PK\x03\x04"), "a zip archive: unpack it first" },
    { MAGIC("7z\xbc\xaf\x27\x1c"), "a 7-Zip archive: unpack it first" },
    { MAGIC("From "), "an mbox of mail messages" },
#undef EDITCAP
};

static bool ends_nocase(struct ms_bytes b, struct ms_bytes end)
{
    return b.n >= end.n && ms_equal_nocase(ms_tail(b, b.n - end.n), end);
}

static bool is_field_name(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] <= ' ' || b.p[i] > '~')
            return false;
    return b.n > 0;
}

/* Two lines that look like header fields, or one and folded text (RFC 5322 2.2). */
static bool is_message(struct ms_bytes b)
{
    size_t          line = ms_find(b, '\n');
    struct ms_bytes next = ms_tail(b, line + 1);
    size_t          colon = ms_find(ms_head(b, line), ':'), second = ms_find(ms_head(next, ms_find(next, '\n')), ':');
    if (colon >= line || !is_field_name(ms_head(b, colon)))
        return false;
    return ms_is_blank(ms_at(next, 0)) || (second < next.n && is_field_name(ms_head(next, second)));
}

const char *ms_foreign_format(struct ms_bytes start, const char *path)
{
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (start.n >= foreign[i].n && memcmp(start.p, foreign[i].magic, foreign[i].n) == 0)
            return foreign[i].what;
    if (ms_equal(ms_slice(start, 257, 5), MS_LIT("ustar")))
        return "a tar archive: unpack it first";
    if (ends_nocase(ms_str(path), MS_LIT(".etl"))) /* has no magic */
        return "a Windows trace: convert it with etl2pcapng";
    return is_message(start) ? "a mail message" : NULL;
}
