/* app/scanners.h - programs of others that look into decoded parts when the user asks for it: YARA rules, and clamd.
 *
 * What is looked at are the first `content_bytes` of each part of a message, also of pictures and texts. Nothing of it is kept.
 * Limits   SCAN_SECONDS a part; HITS names of what YARA finds in it.
 * Errors   opening: a sentence on standard error and an exit status. What goes wrong later is counted, and said at the end.            */
#pragma once
#include "content/content.h"

struct ms_args;
enum { MS_SCAN_SECONDS = 30, MS_SCAN_HITS = 16 };

/* -1: it may go on (*out is NULL when nothing was asked for); else the exit status. */
int  ms_scanners_open(const struct ms_args *a, struct ms_scanners **out);
void ms_scanners_close(struct ms_scanners *s); /* says what went wrong; NULL is fine */

/* yara.c, clamd.c: NULL when it cannot be, said on standard error with *status. */
struct ms_yara;
struct ms_yara *ms_yara_open(const char *path, int *status);
void ms_yara_scan(void *yara, struct ms_bytes content, struct ms_scan_hits *to);
void ms_yara_close(struct ms_yara *y); /* says what went wrong; NULL is fine */
struct ms_clamd;
struct ms_clamd *ms_clamd_open(const char *where, int *status);
void ms_clamd_scan(void *clamd, struct ms_bytes content, struct ms_scan_hits *to);
void ms_clamd_close(struct ms_clamd *c);
