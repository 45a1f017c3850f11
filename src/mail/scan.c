#include "mail/scan.h"

#include "base/cpu.h"

/* From `at` on, byte by byte, up to `end` (a place in b) or the next line that matters. */
static size_t plain(struct ms_bytes b, size_t at, uint8_t other, struct ms_line_odd *odd)
{
    for (; at < b.n; at++) {
        uint8_t c = b.p[at];
        if (c > '\r')
            continue;
        odd->nul |= c == 0;
        if (c == '\r')
            odd->bare_cr |= at + 1 < b.n && b.p[at + 1] != '\n';
        if (c != '\n')
            continue;
        odd->bare_lf |= at == 0 || b.p[at - 1] != '\r';
        if (at + 1 < b.n && (b.p[at + 1] == '-' || b.p[at + 1] == other))
            return at + 1;
    }
    return b.n;
}

size_t ms_scan_lines_plain(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd) { return plain(b, 0, other, odd); }

#if MS_CPU_X86
MS_AVX2 __attribute__((always_inline)) static inline uint32_t equal_mask(__m256i v, uint8_t c)
{
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, _mm256_set1_epi8((char)c)));
}

/* Each round judges 32 bytes with the byte before and the byte after them at hand. Returns the place of a hit, or the first
 * byte not judged.                                                                                                       */
MS_AVX2 static size_t scan_avx2(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd, bool *hit)
{
    size_t   at = 0;
    uint32_t cr_before = 0;
    __m256i  nul = _mm256_set1_epi8(1);
    uint32_t bare_lf = 0, bare_cr = 0;
    while (b.n - at >= 33) {
        __m256i  v = _mm256_loadu_si256((const __m256i *)(const void *)(b.p + at));
        __m256i  next = _mm256_loadu_si256((const __m256i *)(const void *)(b.p + at + 1));
        uint32_t lf = equal_mask(v, '\n'), cr = equal_mask(v, '\r');
        uint32_t start = lf & (equal_mask(next, '-') | equal_mask(next, other));
        uint32_t seen = start ? start ^ (start - 1) : UINT32_MAX; /* up to the hit */
        bare_lf |= lf & ~(cr << 1 | cr_before) & seen;
        bare_cr |= cr & ~equal_mask(next, '\n') & seen;
        if (start) {
            size_t end = at + (size_t)__builtin_ctz(start) + 1;
            odd->nul |= memchr(b.p + at, 0, end - at) != NULL;
            *hit = true;
            at = end;
            break;
        }
        nul = _mm256_min_epu8(nul, v);
        cr_before = cr >> 31;
        at += 32;
    }
    odd->nul |= equal_mask(nul, 0) != 0;
    odd->bare_lf |= bare_lf != 0;
    odd->bare_cr |= bare_cr != 0;
    return at;
}

size_t ms_scan_lines(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd)
{
    bool   hit = false;
    size_t at = 0;
    if (b.n >= 33 && ms_cpu_has_avx2())
        at = scan_avx2(b, other, odd, &hit);
    return hit ? at : plain(b, at, other, odd);
}

size_t ms_find_either(struct ms_bytes b, uint8_t x, uint8_t y)
{
    const __m128i vx = _mm_set1_epi8((char)x), vy = _mm_set1_epi8((char)y);
    size_t        at = 0;
    for (; b.n - at >= 16; at += 16) {
        __m128i  v = _mm_loadu_si128((const __m128i *)(const void *)(b.p + at));
        uint32_t m = (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(v, vx), _mm_cmpeq_epi8(v, vy)));
        if (m)
            return at + (size_t)__builtin_ctz(m);
    }
    while (at < b.n && b.p[at] != x && b.p[at] != y)
        at++;
    return at;
}
#else
size_t ms_scan_lines(struct ms_bytes b, uint8_t other, struct ms_line_odd *odd) { return plain(b, 0, other, odd); }

size_t ms_find_either(struct ms_bytes b, uint8_t x, uint8_t y)
{
    size_t at = 0;
    while (at < b.n && b.p[at] != x && b.p[at] != y)
        at++;
    return at;
}
#endif
