/* content/archive/sevenzip.h - what the header of a 7z archive says: packed streams, and files in the order in which they lie in them. */
#pragma once
#include "content/archive/unpack.h"

enum ms_7z_method { MS_7Z_UNKNOWN, MS_7Z_STORED, MS_7Z_LZMA, MS_7Z_LZMA2, MS_7Z_DEFLATE, MS_7Z_BZIP2 };

/* One packed stream with the files in it ("folder" in the format's own words). */
struct ms_7z_stream {
    struct ms_bytes packed, properties;
    uint64_t        size;      /* unpacked */
    size_t          files;
    uint8_t         method;    /* enum ms_7z_method */
    bool            encrypted, digest; /* digest: the checksum of the whole is told */
};
struct ms_7z {
    const struct ms_file *f;
    struct ms_7z_stream  *streams; size_t stream_count;
    uint64_t             *sizes; size_t size_count;   /* of files with content, all streams one behind another */
    size_t                file_count;                 /* folders included */
    struct ms_bytes       names, without, empty;      /* UTF-16 with NULs; a bit for each file without content; for each of those whether it is an empty file, and no folder */
    bool                  encrypted;                  /* any stream */
};

static inline bool ms_7z_bit(struct ms_bytes bits, size_t i) { return ms_at(bits, i / 8) >> (7 - i % 8) & 1; }
/* Reads a header, or the streams of a packed one. False when it is none, or nothing of it could be read. Free with ms_7z_finish. */
bool ms_7z_read(struct ms_7z *z, struct ms_bytes header);
void ms_7z_finish(struct ms_7z *z);
/* Unpacks a stream, as far as the budget goes. What is known of it is in *out, even when false. */
bool ms_7z_unpack(const struct ms_7z *z, const struct ms_7z_stream *s, struct ms_buffer *out);
