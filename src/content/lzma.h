/* content/lzma.h - LZMA and LZMA2, for 7z, xz and ZIP. Both append at most `most` bytes to *out, and keep what came before when
 * they return false: it is damaged, or cut. */
#pragma once
#include "content/files.h"

/* `properties`: 5 bytes as 7z has them (lc, lp, pb; size of the dictionary). Ends at `most` bytes or at an end mark. */
bool ms_lzma_unpack(struct ms_bytes packed, struct ms_bytes properties, size_t most, struct ms_buffer *out);
bool ms_lzma2_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out, size_t *used);
