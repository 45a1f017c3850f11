/* tests/unit/secret_test.c - memory for keys: aligned, zeroed, wiped when given back, left out of core files; a small RLIMIT_MEMLOCK is no error. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/secret.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static const size_t sizes[] = { 0, 1, 15, 16, 17, 48, 64, 2047, 2048, 2049, 4096, 65536, 65537, 1000000 };
enum { SIZES = sizeof sizes / sizeof *sizes };

static void every_size_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    uint8_t *p[SIZES];
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < SIZES; i++) {
            p[i] = ms_secret_alloc(sizes[i]);
            assert_non_null(p[i]);
            assert_int_equal((uintptr_t)p[i] % 16, 0);
            assert_true(all_zero(p[i], sizes[i]));
            memset(p[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < SIZES; i++) {
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(p[i][k], i + 1); /* nobody else wrote there */
            ms_secret_free(p[i], sizes[i]);
        }
    }
    ms_secret_free(NULL, 10);
}

static void many_small_ones(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    static uint8_t *p[MANY];
    for (size_t i = 0; i < MANY; i++) {
        p[i] = ms_secret_alloc(i % 100 + 1);
        assert_true(all_zero(p[i], i % 100 + 1));
        memset(p[i], 0xaa, i % 100 + 1);
    }
    for (size_t i = 0; i < MANY; i++)
        ms_secret_free(p[i], i % 100 + 1);
}

/* With the address sanitizer what was given back must not be read, and mlock() does nothing. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if !defined(SANITIZED)
#define SANITIZED 0
#endif

static void wiped_when_given_back(void **state)
{
    (void)state;
    uint8_t *p = ms_secret_alloc(64), own[40];
    memset(p, 0x55, 64);
    ms_secret_free(p, 64);
    if (!SANITIZED)
        assert_true(all_zero(p + 16, 48)); /* a piece given back begins with a pointer to the next */
    assert_ptr_equal(ms_secret_alloc(64), p); /* and is used again */
    assert_true(all_zero(p, 64));
    ms_secret_free(p, 64);
    memset(own, 0x55, sizeof own);
    ms_secret_wipe(own, 39);
    assert_true(all_zero(own, 39));
    assert_int_equal(own[39], 0x55);
}

/* The flags that the kernel keeps for the mapping that holds p: "lo" locked, "dd" not dumped. */
static void flags_of(const void *p, char flags[256])
{
    char  line[512];
    bool  here = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    assert_non_null(f);
    *flags = 0;
    while (fgets(line, sizeof line, f)) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
            here = (uintptr_t)p >= from && (uintptr_t)p < to;
        else if (here && strncmp(line, "VmFlags:", 8) == 0)
            snprintf(flags, 256, "%.250s", line + 8);
    }
    fclose(f);
}

static void left_out_of_core_files(void **state)
{
    (void)state;
    static const size_t each[] = { 32, 4096, 3000000 };
    for (size_t i = 0; i < 3; i++) {
        char     flags[256];
        uint8_t *p = ms_secret_alloc(each[i]);
        flags_of(p, flags);
        assert_non_null(strstr(flags, " dd"));
        flags_of(p + each[i] - 1, flags);
        assert_non_null(strstr(flags, " dd"));
        ms_secret_free(p, each[i]);
    }
}

/* In a child, without privilege, under a limit: what fits is locked, the rest is there all the same. */
static int child(size_t limit)
{
    enum { LARGE = 100 * 1000 * 1000 };
    if (setrlimit(RLIMIT_MEMLOCK, &(struct rlimit){ limit, limit }) || (getuid() == 0 && setresuid(65534, 65534, 65534)))
        return 77;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* so that it may read its own smaps */
    char     flags[256];
    uint8_t *p = ms_secret_alloc(LARGE);
    p[0] = p[LARGE - 1] = 1;
    if (ms_secret_locked())
        return 1;
    flags_of(p, flags);
    if ((limit > 0) != (strstr(flags, " lo") != NULL) || !strstr(flags, " dd"))
        return 2;
    flags_of(p + LARGE - 1, flags);
    if (strstr(flags, " lo") || !strstr(flags, " dd"))
        return 3;
    ms_secret_free(p, LARGE);
    return 0;
}

static void a_small_limit_is_no_error(void **state)
{
    (void)state;
    static const size_t limits[] = { 0, 65536, 1 << 20, 8 << 20 };
    for (size_t i = 0; !SANITIZED && i < sizeof limits / sizeof *limits; i++) {
        int   status;
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(child(limits[i]));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) != 77)
            assert_int_equal(WEXITSTATUS(status), 0);
    }
}

static void the_process_leaves_no_core(void **state)
{
    (void)state;
    struct rlimit core;
    ms_secret_process();
    assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    assert_int_equal(core.rlim_cur, 0);
    assert_int_equal(core.rlim_max, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_size_is_zeroed_aligned_and_apart), cmocka_unit_test(many_small_ones),
        cmocka_unit_test(wiped_when_given_back), cmocka_unit_test(left_out_of_core_files),
        cmocka_unit_test(a_small_limit_is_no_error), cmocka_unit_test(the_process_leaves_no_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
