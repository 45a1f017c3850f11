/* base/secret.h - memory for keys: locked, left out of core files, wiped when given back.
 *
 * Memory   pages of their own: mlock() as far as RLIMIT_MEMLOCK lets us, MADV_DONTDUMP always. A store grows in blocks.
 * Core     ms_secret_process() is called once, before the first key is read: no core file, no attaching debugger (prctl).
 * Errors   when memory cannot be locked work goes on; ms_secret_locked() says so.                                 */
#pragma once
#include "base/bytes.h"

#include <stdbool.h>

void  ms_secret_process(void);
void *ms_secret_alloc(size_t n);         /* zeroed, 16-byte aligned; small ones share pages */
void  ms_secret_free(void *p, size_t n); /* wiped first; NULL is fine */
void  ms_secret_wipe(void *p, size_t n); /* not left out by the compiler */
bool  ms_secret_locked(void);            /* every page so far could be locked */
