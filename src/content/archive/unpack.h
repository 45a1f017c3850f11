/* content/archive/unpack.h - what compresses a stream, undone with bounds: never more than `most` bytes, nor than the budget of the part. */
#pragma once
#include "content/files.h"

enum ms_wrapping {
    MS_RAW_DEFLATE = -15, MS_ZLIB = 15, MS_GZIP = 31, /* window bits as zlib wants them */
    MS_XZ = 100, MS_LZIP, MS_LZMA_ALONE, MS_ZIP_LZMA /* an entry of a ZIP archive */, MS_BZIP2, MS_ZSTD
};
struct ms_unpacked { struct ms_buffer out; size_t used; bool cut, damaged; }; /* cut: by `most` or the budget */
/* Unpacks at most `most` bytes. Free u->out with ms_buffer_finish(). */
void ms_unpack(const struct ms_file *f, struct ms_bytes packed, enum ms_wrapping wrapping, size_t most, struct ms_unpacked *u);
/* Inflates a block that goes on from what *u holds: it may repeat bytes of it (MSZIP). Appends; zeroed *u is a start. */
void ms_unpack_more(const struct ms_file *f, struct ms_bytes packed, struct ms_unpacked *u);

/* lzma.c: LZMA and LZMA2, for 7z, xz and ZIP; they do not ask the budget. Both append at most `most` bytes to *out, and keep what came
 * before when they return false: it is damaged, or cut. `properties`: 5 bytes as 7z has them (lc, lp, pb; size of the dictionary). LZMA
 * ends at `most` bytes or at an end mark. */
bool ms_lzma_unpack(struct ms_bytes packed, struct ms_bytes properties, size_t most, struct ms_buffer *out);
bool ms_lzma2_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out, size_t *used);
