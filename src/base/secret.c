/* base/secret.c - two kinds of memory straight from the kernel: small pieces, of 16 bytes to 2 KiB in powers of two, cut from shared blocks and
 * kept in a list of their size when given back; and larger ones with pages of their own.
 *
 * Threads  any: one lock around the shared blocks.
 * State    the blocks belong to the process, as the heap does: nobody hands a heap around either.
 *
 * BUGS     Blocks of small pieces are never given back to the kernel. A leak checker does not look into these pages: a pointer to heap
 *          memory that is kept only here counts as lost.                                                                        */
#include "base/secret.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(WITH_ASAN)
#include <sanitizer/asan_interface.h>
static void forbid(void *p, size_t n) { ASAN_POISON_MEMORY_REGION(p, n); }
static void permit(void *p, size_t n) { ASAN_UNPOISON_MEMORY_REGION(p, n); }
#else
static void forbid(void *p, size_t n) { (void)p, (void)n; }
static void permit(void *p, size_t n) { (void)p, (void)n; }
#endif

enum { SMALLEST = 16, SIZES = 8, LARGEST_SMALL = SMALLEST << (SIZES - 1), BLOCK = 64 * 1024 };

struct piece { struct piece *next; }; /* given back: all zero but for this */

static struct {
    pthread_mutex_t lock;
    struct piece   *free[SIZES];
    uint8_t        *block;  /* the newest; [used] on is untouched */
    size_t          used;
    atomic_bool     unlocked;
} secrets = { .lock = PTHREAD_MUTEX_INITIALIZER, .used = BLOCK };

void ms_secret_process(void)
{
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
}

void ms_secret_wipe(void *p, size_t n)
{
    if (n)
        explicit_bzero(p, n);
}

bool ms_secret_locked(void) { return !secrets.unlocked; }

/* As many pages from the front as RLIMIT_MEMLOCK still lets us: the kernel refuses the whole range or none of it. */
static void lock_pages(uint8_t *p, size_t n, size_t page)
{
    size_t done = 0;
    for (size_t step = n; done < n && step >= page; step = step / 2 / page * page)
        while (done + step <= n && mlock(p + done, step) == 0)
            done += step;
    if (done < n)
        secrets.unlocked = true;
}

static size_t whole_pages(size_t n, size_t page) { return (n + page - 1) / page * page; }

static void *map(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), whole = whole_pages(n, page);
    void  *p = whole < n ? MAP_FAILED : mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        fputs("mailscope: out of memory\n", stderr);
        exit(3);
    }
    madvise(p, whole, MADV_DONTDUMP);
    lock_pages(p, whole, page);
    forbid((uint8_t *)p + n, whole - n);
    return p;
}

static unsigned size_class(size_t n)
{
    unsigned c = 0;
    while ((size_t)SMALLEST << c < n)
        c++;
    return c;
}

static void *take_small(unsigned c)
{
    struct piece *p = secrets.free[c];
    size_t        size = (size_t)SMALLEST << c;
    if (p) {
        permit(p, size);
        secrets.free[c] = p->next;
        p->next = NULL;
        return p;
    }
    if (BLOCK - secrets.used < size) {
        secrets.block = map(BLOCK);
        secrets.used = 0;
        forbid(secrets.block, BLOCK);
    }
    secrets.used += size;
    permit(secrets.block + secrets.used - size, size);
    return secrets.block + secrets.used - size;
}

void *ms_secret_alloc(size_t n)
{
    if (n > LARGEST_SMALL)
        return map(n);
    unsigned c = size_class(n);
    pthread_mutex_lock(&secrets.lock);
    uint8_t *p = take_small(c);
    pthread_mutex_unlock(&secrets.lock);
    forbid(p + n, ((size_t)SMALLEST << c) - n);
    return p;
}

void ms_secret_free(void *p, size_t n)
{
    if (!p)
        return;
    ms_secret_wipe(p, n);
    if (n > LARGEST_SMALL) {
        size_t whole = whole_pages(n, (size_t)sysconf(_SC_PAGESIZE));
        permit(p, whole);
        munmap(p, whole);
        return;
    }
    unsigned      c = size_class(n);
    struct piece *back = p;
    permit(p, (size_t)SMALLEST << c);
    pthread_mutex_lock(&secrets.lock);
    back->next = secrets.free[c];
    secrets.free[c] = back;
    forbid(p, (size_t)SMALLEST << c);
    pthread_mutex_unlock(&secrets.lock);
}
