/* capture/write.h - packets into a pcapng of one section: interfaces by link type, name and precision, comments and flags of packets kept.
 *
 * Times    nanoseconds where the source has them (ms_capture_writer_digits(), or a time that needs them), microseconds else.
 * Secrets  comments that hold lines of a key log are left out; ms_capture_writer_secrets() writes keys on purpose.
 * Errors   ferror() of the file tells, at the end.                                                                  */
#pragma once
#include "capture/source.h"

#include <stdio.h>

struct ms_capture_writer;
struct ms_capture_writer *ms_capture_writer_create(FILE *out); /* writes the section header; the file stays the caller's */
void ms_capture_writer_destroy(struct ms_capture_writer *w);
void ms_capture_writer_digits(struct ms_capture_writer *w, unsigned digits); /* 6 or 9, of interfaces that are met from here on */
void ms_capture_writer_bare(struct ms_capture_writer *w);                     /* comments and names of interfaces are left out, too */
void ms_capture_writer_packet(struct ms_capture_writer *w, const struct ms_packet *p);
void ms_capture_writer_secrets(struct ms_capture_writer *w, struct ms_bytes lines); /* of a TLS key log */
uint64_t ms_capture_writer_count(const struct ms_capture_writer *w);         /* packets so far */
