/* content/vba.h - macros of Office: their source out of a compound file, and what they do. */
#pragma once
#include "content/ole.h"

/* MS-OVBA 2.4.1: a container of chunks, at most `most` bytes into *out. False when it is none. */
bool ms_vba_unpack(struct ms_bytes packed, size_t most, struct ms_buffer *out);
/* Macros in the file: signs. */
void ms_vba_look(struct ms_ole *o);
void ms_macro_look(const struct ms_file *f, struct ms_bytes source); /* macro.c: what source does */
