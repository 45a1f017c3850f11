/* base/cpu.h - instructions that not every CPU has. Functions that use them are compiled for them and called when they are there. */
#pragma once
#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define MS_CPU_X86 1
#define MS_AVX2 __attribute__((target("avx2"))) /* of a function */
#else
#define MS_CPU_X86 0
#define MS_AVX2
#endif

static inline bool ms_cpu_has_avx2(void)
{
#if MS_CPU_X86
    return __builtin_cpu_supports("avx2");
#else
    return false;
#endif
}
