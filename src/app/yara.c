/* app/yara.c - YARA rules over decoded parts, with libyara where the build has it. */
#include "app/options.h"
#include "app/scanners.h"

#if MS_HAVE_YARA
#include <yara.h>

struct ms_yara { YR_RULES *rules; YR_SCANNER *scanner; struct ms_scan_hits *hits; unsigned told; uint64_t given_up, failed; };

static void say_wrong(int level, const char *file, int line, const YR_RULE *rule, const char *words, void *path)
{
    (void)rule;
    if (level == YARA_ERROR_LEVEL_ERROR)
        fprintf(stderr, "mailscope: %s:%d: %s\n", file ? file : (const char *)path, line, words);
}

static YR_RULES *compile(const char *path, int *status)
{
    FILE        *in = fopen(path, "r");
    YR_COMPILER *compiler = NULL;
    YR_RULES    *rules = NULL;
    *status = MS_EXIT_INPUT;
    if (!in) {
        fprintf(stderr, "mailscope: cannot read %s\n", path);
        return NULL;
    }
    if (yr_compiler_create(&compiler) == ERROR_SUCCESS) {
        yr_compiler_set_callback(compiler, say_wrong, (void *)(uintptr_t)path);
        *status = MS_EXIT_USAGE;
        if (yr_compiler_add_file(compiler, in, NULL, path) == 0 && yr_compiler_get_rules(compiler, &rules) == ERROR_SUCCESS)
            *status = -1;
        yr_compiler_destroy(compiler);
    }
    fclose(in);
    return rules;
}

static int on_match(YR_SCAN_CONTEXT *context, int message, void *data, void *yara)
{
    struct ms_yara *y = yara;
    (void)context;
    if (message != CALLBACK_MSG_RULE_MATCHING || y->told == MS_SCAN_HITS)
        return CALLBACK_CONTINUE;
    y->told++;
    y->hits->hit(y->hits, ms_str(((YR_RULE *)data)->identifier));
    return CALLBACK_CONTINUE;
}

struct ms_yara *ms_yara_open(const char *path, int *status)
{
    struct ms_yara *y = ms_alloc(sizeof *y);
    yr_initialize();
    y->rules = compile(path, status);
    if (y->rules && yr_scanner_create(y->rules, &y->scanner) == ERROR_SUCCESS) {
        yr_scanner_set_callback(y->scanner, on_match, y);
        yr_scanner_set_timeout(y->scanner, MS_SCAN_SECONDS);
        yr_scanner_set_flags(y->scanner, SCAN_FLAGS_FAST_MODE);
        return y;
    }
    ms_yara_close(y);
    return NULL;
}

void ms_yara_scan(void *yara, struct ms_bytes content, struct ms_scan_hits *to)
{
    struct ms_yara *y = yara;
    y->hits = to;
    y->told = 0;
    int fault = yr_scanner_scan_mem(y->scanner, content.p, content.n);
    y->given_up += fault == ERROR_SCAN_TIMEOUT;
    y->failed += fault != ERROR_SUCCESS && fault != ERROR_SCAN_TIMEOUT;
}

void ms_yara_close(struct ms_yara *y)
{
    if (!y)
        return;
    if (y->given_up + y->failed)
        fprintf(stderr, "mailscope: YARA did not look through %llu parts: %llu took longer than %d seconds\n", (unsigned long long)(y->given_up + y->failed),
                (unsigned long long)y->given_up, MS_SCAN_SECONDS);
    if (y->scanner)
        yr_scanner_destroy(y->scanner);
    if (y->rules)
        yr_rules_destroy(y->rules);
    yr_finalize();
    ms_free(y);
}

#else

struct ms_yara *ms_yara_open(const char *path, int *status)
{
    (void)path;
    *status = ms_usage_error("--yara: this build of Mailscope has no YARA (it was made without libyara)");
    return NULL;
}

void ms_yara_scan(void *yara, struct ms_bytes content, struct ms_scan_hits *to) { (void)yara, (void)content, (void)to; }
void ms_yara_close(struct ms_yara *y) { (void)y; }
#endif
