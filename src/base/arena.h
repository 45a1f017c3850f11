/* base/arena.h - memory that is freed all at once, and the one place that calls malloc.
 *
 * Errors   running out of memory ends the program with one sentence on standard error, exit status 3:
 *          callers never test for NULL.
 * Threads  an arena belongs to one thread.                                                        */
#pragma once
#include "base/bytes.h"

void *ms_alloc(size_t n);            /* zeroed; free with ms_free */
void *ms_resize(void *p, size_t n);  /* realloc; grown bytes are not zeroed */
void  ms_free(void *p);              /* NULL is fine */

struct ms_arena_block;
struct ms_arena {
    struct ms_arena_block *last; /* newest block; older ones hang off it */
    uint32_t at, size;           /* used and whole bytes of `last` */
    size_t   total;              /* bytes asked of malloc */
};

/* A zeroed struct ms_arena is an empty arena: nothing is allocated until the first call. The first block is
 * small (64 bytes), each next one twice as large, up to 64 KiB.                                         */
void           *ms_arena_alloc(struct ms_arena *a, size_t n);            /* zeroed, aligned to 8 */
struct ms_bytes ms_arena_keep(struct ms_arena *a, struct ms_bytes b);    /* a copy that lives in the arena */
struct ms_bytes ms_arena_lower(struct ms_arena *a, struct ms_bytes b);   /* the same in lower case (ASCII) */
void            ms_arena_finish(struct ms_arena *a);                     /* frees all; the arena is empty again */

/* A growing byte buffer on the heap. Zeroed is empty. */
struct ms_buffer { uint8_t *p; size_t n, size; };
void ms_buffer_append(struct ms_buffer *b, struct ms_bytes more);
void ms_buffer_consume(struct ms_buffer *b, size_t n); /* drops the first n bytes */
void ms_buffer_finish(struct ms_buffer *b);
static inline struct ms_bytes ms_buffer_bytes(const struct ms_buffer *b) { return (struct ms_bytes){ b->p, b->n }; }
