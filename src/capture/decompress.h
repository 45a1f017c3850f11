/* capture/decompress.h - gzip, zstd and lz4 frames, pushed through piece by piece.
 *
 * Owns     a decoder and the library's state behind it; zstd may take as much as the window that the file asks for,
 *          at most 128 MiB (what `zstd --long` writes by default). Otherwise memory does not depend on the input.
 * Errors   what came out before a damaged place is delivered.
 * Threads  one decoder, one thread.                                                                             */
#pragma once
#include "base/arena.h"

enum ms_codec { MS_CODEC_PLAIN, MS_CODEC_GZIP, MS_CODEC_ZSTD, MS_CODEC_LZ4 };
enum { MS_CODEC_MAGIC = 4 }; /* bytes that ms_codec_of() looks at */

enum ms_codec ms_codec_of(struct ms_bytes start);
const char   *ms_codec_name(enum ms_codec codec);

struct ms_decompressor;
struct ms_decompressor *ms_decompressor_create(enum ms_codec codec); /* not MS_CODEC_PLAIN */
void               ms_decompressor_destroy(struct ms_decompressor *d);

/* Uses bytes at the front of *in, writes up to `room` bytes and says how many. False: damaged. Neither used nor made
 * anything: it wants more input. Several members or frames one after the other are one stream.                   */
bool ms_decompressor_run(struct ms_decompressor *d, struct ms_bytes *in, uint8_t *out, size_t room, size_t *made);
bool ms_decompressor_resting(const struct ms_decompressor *d); /* between frames: the input may end here */
