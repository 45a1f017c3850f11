#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIRST_BLOCK = 64, LARGEST_BLOCK = 64 * 1024 };

struct ms_arena_block { struct ms_arena_block *older; uint64_t bytes[]; };

static void *checked(void *p)
{
    if (p)
        return p;
    fputs("mailscope: out of memory\n", stderr);
    exit(3);
}

void *ms_alloc(size_t n) { return checked(calloc(1, n ? n : 1)); }

void *ms_resize(void *p, size_t n) { return checked(realloc(p, n ? n : 1)); }

void ms_free(void *p) { free(p); }

static void add_block(struct ms_arena *a, size_t n)
{
    size_t size = a->size ? (size_t)a->size * 2 : FIRST_BLOCK - sizeof(struct ms_arena_block);
    if (size > LARGEST_BLOCK)
        size = LARGEST_BLOCK;
    if (size < n)
        size = n;
    struct ms_arena_block *block = checked(malloc(sizeof *block + size));
    block->older = a->last;
    a->last = block;
    a->at = 0;
    a->size = (uint32_t)size;
    a->total += sizeof *block + size;
}

void *ms_arena_alloc(struct ms_arena *a, size_t n)
{
    if (n > UINT32_MAX / 2 - 7)
        checked(NULL);
    n = (n + 7) & ~(size_t)7;
    if (!a->last || n > a->size - a->at)
        add_block(a, n);
    void *p = (uint8_t *)a->last->bytes + a->at;
    a->at += (uint32_t)n;
    return memset(p, 0, n);
}

struct ms_bytes ms_arena_keep(struct ms_arena *a, struct ms_bytes b)
{
    if (b.n == 0)
        return (struct ms_bytes){ NULL, 0 };
    return (struct ms_bytes){ memcpy(ms_arena_alloc(a, b.n), b.p, b.n), b.n };
}

struct ms_bytes ms_arena_lower(struct ms_arena *a, struct ms_bytes b)
{
    uint8_t *p = ms_arena_alloc(a, b.n);
    for (size_t i = 0; i < b.n; i++)
        p[i] = ms_lower(b.p[i]);
    return (struct ms_bytes){ p, b.n };
}

void ms_arena_finish(struct ms_arena *a)
{
    for (struct ms_arena_block *block = a->last, *older; block; block = older) {
        older = block->older;
        free(block);
    }
    *a = (struct ms_arena){ 0 };
}

void ms_buffer_append(struct ms_buffer *b, struct ms_bytes more)
{
    if (more.n == 0)
        return;
    if (b->n + more.n > b->size) {
        size_t size = b->size ? b->size * 2 : 64;
        b->size = size < b->n + more.n ? b->n + more.n : size;
        b->p = ms_resize(b->p, b->size);
    }
    memcpy(b->p + b->n, more.p, more.n);
    b->n += more.n;
}

void ms_buffer_consume(struct ms_buffer *b, size_t n)
{
    if (n >= b->n) {
        b->n = 0;
        return;
    }
    memmove(b->p, b->p + n, b->n - n);
    b->n -= n;
}

void ms_buffer_finish(struct ms_buffer *b)
{
    free(b->p);
    *b = (struct ms_buffer){ 0 };
}
