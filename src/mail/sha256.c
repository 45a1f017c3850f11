#include "mail/sha256.h"

#include "base/cpu.h"

#if MS_CPU_X86
#include <cpuid.h>
#endif

enum { BLOCK = 64, LENGTH_AT = 56 };

#if MS_CPU_X86
static const uint32_t round_words[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define MS_SHA __attribute__((target("sha,sse4.1")))
#define MS_SHA_INLINE __attribute__((target("sha,sse4.1"), always_inline)) static inline

/* A stream in the registers: the state in the order the instructions want (a b e f, c d g h), the last 16 words. */
struct lane { __m128i abef, cdgh, w[4]; };

MS_SHA_INLINE __m128i load(const void *p) { return _mm_loadu_si128((const __m128i *)p); }
MS_SHA_INLINE void    store(void *p, __m128i v) { _mm_storeu_si128((__m128i *)p, v); }

MS_SHA_INLINE void take_state(struct lane *l, const uint32_t h[8])
{
    __m128i badc = _mm_shuffle_epi32(load(h), 0xb1), hgfe = _mm_shuffle_epi32(load(h + 4), 0x1b);
    l->abef = _mm_alignr_epi8(badc, hgfe, 8);
    l->cdgh = _mm_blend_epi16(hgfe, badc, 0xf0);
}

MS_SHA_INLINE void give_state(const struct lane *l, uint32_t h[8])
{
    __m128i feba = _mm_shuffle_epi32(l->abef, 0x1b), dchg = _mm_shuffle_epi32(l->cdgh, 0xb1);
    store(h, _mm_blend_epi16(feba, dchg, 0xf0));
    store(h + 4, _mm_alignr_epi8(dchg, feba, 8));
}

MS_SHA_INLINE void take_block(struct lane *l, const uint8_t *p)
{
    const __m128i big = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
    for (int i = 0; i < 4; i++)
        l->w[i] = _mm_shuffle_epi8(load(p + 16 * i), big);
}

/* Four rounds, the i-th four of 16. */
MS_SHA_INLINE void four_rounds(struct lane *l, int i)
{
    if (i >= 4) {
        __m128i last = l->w[(i + 3) & 3], sum = _mm_sha256msg1_epu32(l->w[i & 3], l->w[(i + 1) & 3]);
        sum = _mm_add_epi32(sum, _mm_alignr_epi8(last, l->w[(i + 2) & 3], 4));
        l->w[i & 3] = _mm_sha256msg2_epu32(sum, last);
    }
    __m128i k = _mm_add_epi32(l->w[i & 3], load(round_words + 4 * i));
    l->cdgh = _mm_sha256rnds2_epu32(l->cdgh, l->abef, k);
    l->abef = _mm_sha256rnds2_epu32(l->abef, l->cdgh, _mm_shuffle_epi32(k, 0x0e));
}

MS_SHA_INLINE void add_state(struct lane *l, __m128i abef, __m128i cdgh)
{
    l->abef = _mm_add_epi32(l->abef, abef);
    l->cdgh = _mm_add_epi32(l->cdgh, cdgh);
}

MS_SHA static void hash_one(uint32_t h[8], const uint8_t *p, size_t blocks)
{
    struct lane a;
    take_state(&a, h);
    for (; blocks; blocks--, p += BLOCK) {
        __m128i abef = a.abef, cdgh = a.cdgh;
        take_block(&a, p);
        _Pragma("GCC unroll 16") for (int i = 0; i < 16; i++)
            four_rounds(&a, i);
        add_state(&a, abef, cdgh);
    }
    give_state(&a, h);
}

MS_SHA static void hash_two(uint32_t *const h[2], const uint8_t *const start[2], size_t blocks)
{
    struct lane    a, b;
    const uint8_t *p = start[0], *q = start[1];
    take_state(&a, h[0]);
    take_state(&b, h[1]);
    for (; blocks; blocks--, p += BLOCK, q += BLOCK) {
        __m128i abef = a.abef, cdgh = a.cdgh, abef_b = b.abef, cdgh_b = b.cdgh;
        take_block(&a, p);
        take_block(&b, q);
        _Pragma("GCC unroll 16") for (int i = 0; i < 16; i++) {
            four_rounds(&a, i);
            four_rounds(&b, i);
        }
        add_state(&a, abef, cdgh);
        add_state(&b, abef_b, cdgh_b);
    }
    give_state(&a, h[0]);
    give_state(&b, h[1]);
}

static bool has_instructions(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("ssse3") && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#else
static bool has_instructions(void) { return false; }
static void hash_one(uint32_t h[8], const uint8_t *p, size_t blocks) { (void)h, (void)p, (void)blocks; }
static void hash_two(uint32_t *const h[2], const uint8_t *const start[2], size_t blocks) { (void)h, (void)start, (void)blocks; }
#endif

void ms_hasher_init(struct ms_hasher *h)
{
    h->waiting = NULL;
    h->at = h->n = 0;
    h->lanes = has_instructions();
    h->md = NULL;
}

void ms_hasher_finish(struct ms_hasher *h) { EVP_MD_free(h->md); }

static bool start_evp(struct ms_hasher *h, struct ms_sha256 *d)
{
    if (!h->md)
        h->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!d->evp)
        d->evp = EVP_MD_CTX_new();
    return h->md && d->evp && EVP_DigestInit_ex2(d->evp, h->md, NULL) == 1;
}

bool ms_sha256_start(struct ms_hasher *h, struct ms_sha256 *d)
{
    static const uint32_t first[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
    if (!h->lanes)
        return start_evp(h, d);
    memcpy(d->h, first, sizeof first);
    d->size = 0;
    d->n = 0;
    return true;
}

/* The digest that waits is hashed alone, as far as it has whole blocks; nobody waits any more. */
static void settle(struct ms_hasher *h)
{
    struct ms_sha256 *d = h->waiting;
    size_t            blocks = (h->n - h->at) / BLOCK;
    hash_one(d->h, h->room + h->at, blocks);
    h->at += blocks * BLOCK;
    d->n = (uint32_t)(h->n - h->at);
    memcpy(d->block, h->room + h->at, d->n);
    h->waiting = NULL;
    h->at = h->n = 0;
}

/* The bytes that were used. */
static size_t wait_with(struct ms_hasher *h, struct ms_sha256 *d, struct ms_bytes bytes)
{
    if (h->waiting != d) {
        memcpy(h->room, d->block, d->n);
        h->n = d->n;
        d->n = 0;
        h->waiting = d;
    }
    struct ms_bytes piece = ms_head(bytes, sizeof h->room - h->n);
    memcpy(h->room + h->n, piece.p, piece.n);
    h->n += piece.n;
    if (h->n == sizeof h->room)
        settle(h);
    return piece.n;
}

static size_t fill_block(struct ms_sha256 *d, struct ms_bytes bytes)
{
    struct ms_bytes piece = ms_head(bytes, BLOCK - d->n);
    memcpy(d->block + d->n, piece.p, piece.n);
    d->n += (uint32_t)piece.n;
    if (d->n == BLOCK) {
        hash_one(d->h, d->block, 1);
        d->n = 0;
    }
    return piece.n;
}

/* Side by side with the digest that waits. */
static size_t hash_beside(struct ms_hasher *h, struct ms_sha256 *d, struct ms_bytes bytes)
{
    size_t theirs = (h->n - h->at) / BLOCK, ours = bytes.n / BLOCK, blocks = theirs < ours ? theirs : ours;
    hash_two((uint32_t *[2]){ h->waiting->h, d->h }, (const uint8_t *[2]){ h->room + h->at, bytes.p }, blocks);
    h->at += blocks * BLOCK;
    if (h->n - h->at < BLOCK)
        settle(h);
    return blocks * BLOCK;
}

void ms_sha256_update(struct ms_hasher *h, struct ms_sha256 *d, struct ms_bytes bytes)
{
    if (!h->lanes) {
        EVP_DigestUpdate(d->evp, bytes.p, bytes.n);
        return;
    }
    d->size += bytes.n;
    while (bytes.n) {
        size_t used;
        if (!h->waiting || h->waiting == d)
            used = wait_with(h, d, bytes);
        else if (d->n || bytes.n < BLOCK)
            used = fill_block(d, bytes);
        else
            used = hash_beside(h, d, bytes);
        bytes = ms_tail(bytes, used);
    }
}

static void put_be32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (24 - 8 * i));
}

bool ms_sha256_final(struct ms_hasher *h, struct ms_sha256 *d, uint8_t out[32])
{
    if (!h->lanes)
        return EVP_DigestFinal_ex(d->evp, out, NULL) == 1;
    if (h->waiting == d)
        settle(h);
    uint8_t  end[2 * BLOCK] = { 0 };
    size_t   blocks = d->n < LENGTH_AT ? 1 : 2;
    uint64_t bits = d->size * 8;
    memcpy(end, d->block, d->n);
    end[d->n] = 0x80;
    put_be32(end + blocks * BLOCK - 8, (uint32_t)(bits >> 32));
    put_be32(end + blocks * BLOCK - 4, (uint32_t)bits);
    hash_one(d->h, end, blocks);
    for (size_t i = 0; i < 8; i++)
        put_be32(out + 4 * i, d->h[i]);
    return true;
}

void ms_sha256_drop(struct ms_hasher *h, struct ms_sha256 *d)
{
    if (h->waiting != d)
        return;
    h->waiting = NULL;
    h->at = h->n = 0;
}

void ms_sha256_release(struct ms_hasher *h, struct ms_sha256 *d)
{
    ms_sha256_drop(h, d);
    EVP_MD_CTX_free(d->evp);
    d->evp = NULL;
}
