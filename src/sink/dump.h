/* sink/dump.h - the bytes of a dialogue as they are: raw, ASCII, hex or C arrays, packet by packet, what is secret overwritten by stars.
 *
 * Way      ms_dump_chunk() hands bytes in; ms_dump_ready() says of the next ones of that side, as soon as it is known, whether they
 *          are secret. A packet is written when all of it is ready and what came before it was written.
 * Offsets  (hex) count the bytes of each side; missing ones count too, where it is known how many.
 * Memory   what is not ready: the caller sees by ms_dump_waits() that it is too much and says ready what it has.             */
#pragma once
#include "engine/engine.h"

#include <stdio.h>

enum ms_dump_kind { MS_DUMP_NONE, MS_DUMP_RAW, MS_DUMP_ASCII, MS_DUMP_HEX, MS_DUMP_C_ARRAY };
enum ms_only { MS_ONLY_BOTH, MS_ONLY_CLIENT, MS_ONLY_SERVER };
static inline bool ms_only_leaves_out(enum ms_only only, enum ms_dir dir) { return only == (dir == MS_C2S ? MS_ONLY_SERVER : MS_ONLY_CLIENT); }

struct ms_dump;
struct ms_dump *ms_dump_create(FILE *out, enum ms_dump_kind kind, enum ms_only only, bool color);
void ms_dump_chunk(struct ms_dump *d, const struct ms_chunk *c);
void ms_dump_ready(struct ms_dump *d, enum ms_dir dir, size_t n, bool secret);
void ms_dump_gap(struct ms_dump *d, enum ms_dir dir, uint64_t length); /* length 0: unknown how many */
void ms_dump_remark(struct ms_dump *d, struct ms_bytes lines);         /* each ends with LF; raw bytes have none */
bool ms_dump_waits(const struct ms_dump *d, enum ms_dir *dir);         /* too much is held; what comes first is from `dir` */
bool ms_dump_close(struct ms_dump *d);                                 /* writes what is ready; false: write error */
