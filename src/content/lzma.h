/* content/lzma.h - LZMA, for the headers of 7z archives. */
#pragma once
#include "content/files.h"

/* `properties`: 5 bytes as 7z has them (lc, lp, pb; size of the dictionary). Exactly `size` bytes into *out; false when it is damaged. */
bool ms_lzma_unpack(struct ms_bytes packed, struct ms_bytes properties, size_t size, struct ms_buffer *out);
