/* dfilter/regex.c - regular expressions of `matches`, with PCRE2: bytes, not characters, and without regard to case, as Wireshark does.
 *
 * Limits   work is linear in the length of the subject. Backtracking from one place is limited; long subjects are looked at through
 *          a window: where a match may begin, and as many bytes again for its end. A match that runs out of the window asks for a
 *          larger one, as long as the windows together are no longer than SCANS times the subject. Beyond a limit: no match, and
 *          it is counted.                                                                                            */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "dfilter/private.h"

#include <pcre2.h>

enum { WINDOW = 1024, SCANS = 64, HEAP_KIB = 4096, JIT_STACK = 1 << 19, STEPS = 4096, MORE_STEPS = 1 << 20 };

struct ms_regex {
    struct ms_regex       *next;
    pcre2_general_context *memory;
    pcre2_code            *code;
    pcre2_match_data      *data;
    pcre2_match_context   *context;
    pcre2_jit_stack       *stack;
    bool                   anchored;
};

static void *allocate(size_t n, void *ctx)
{
    (void)ctx;
    return ms_alloc(n);
}

static void release(void *p, void *ctx)
{
    (void)ctx;
    ms_free(p);
}

static void prepare(struct ms_regex *r)
{
    uint32_t options = 0;
    pcre2_pattern_info(r->code, PCRE2_INFO_ALLOPTIONS, &options);
    r->anchored = (options & PCRE2_ANCHORED) != 0;
    r->data = pcre2_match_data_create(1, r->memory);
    r->context = pcre2_match_context_create(r->memory);
    pcre2_set_heap_limit(r->context, HEAP_KIB);
    if (pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD) == 0) {
        r->stack = pcre2_jit_stack_create(JIT_STACK / 16, JIT_STACK, r->memory);
        pcre2_jit_stack_assign(r->context, NULL, r->stack);
    }
}

struct ms_regex *ms_regex_create(struct ms_compile *c, const struct ms_node *pattern)
{
    int         error;
    size_t      offset;
    PCRE2_UCHAR why[120];
    struct ms_regex *r = ms_arena_alloc(c->arena, sizeof *r);
    r->memory = pcre2_general_context_create(allocate, release, NULL);
    r->next = c->filter->regexes;
    c->filter->regexes = r;
    pcre2_compile_context *compiling = pcre2_compile_context_create(r->memory);
    r->code = pcre2_compile(pattern->text.p ? pattern->text.p : (const uint8_t *)"", pattern->text.n,
                            PCRE2_CASELESS | PCRE2_NEVER_UTF | PCRE2_USE_OFFSET_LIMIT, &error, &offset, compiling);
    pcre2_compile_context_free(compiling);
    if (!r->code) {
        pcre2_get_error_message(error, why, sizeof why);
        return ms_compile_fail_node(c, pattern, "In the regular expression, after %zu characters: %s", offset, (const char *)why);
    }
    prepare(r);
    return r;
}

void ms_regex_destroy_all(struct ms_regex *r)
{
    for (; r; r = r->next) {
        pcre2_jit_stack_free(r->stack);
        pcre2_match_context_free(r->context);
        pcre2_match_data_free(r->data);
        pcre2_code_free(r->code);
        pcre2_general_context_free(r->memory);
    }
}

enum verdict { YES, NO, MORE, GIVEN_UP };

/* A match that begins in [from, to) of a subject that is seen up to `end`. MORE: it would need more bytes; *from tells where it begins. */
static enum verdict look(struct ms_regex *r, struct ms_bytes subject, size_t *from, size_t to, size_t end)
{
    bool     last = end == subject.n;
    uint32_t options = last ? 0 : PCRE2_PARTIAL_HARD;
    pcre2_set_offset_limit(r->context, last && to > end ? PCRE2_UNSET : to - 1);
    int rc = pcre2_match(r->code, subject.p, end, *from, options, r->data, r->context);
    if (rc >= 0)
        return YES;
    if (rc == PCRE2_ERROR_NOMATCH)
        return NO;
    if (rc != PCRE2_ERROR_PARTIAL)
        return GIVEN_UP;
    *from = pcre2_get_ovector_pointer(r->data)[0];
    return MORE;
}

/* A match that begins at `from` needs more than the window: it is doubled until that is decided. */
static enum verdict widen(struct ms_regex *r, struct ms_bytes subject, size_t from, size_t *budget)
{
    enum verdict v = MORE;
    for (size_t width = 4 * WINDOW; v == MORE; width *= 2) {
        size_t end = subject.n - from > width ? from + width : subject.n, at = from;
        if (*budget < end - from)
            return GIVEN_UP;
        *budget -= end - from;
        v = look(r, subject, &at, from + 1, end);
    }
    return v;
}

static enum verdict search(struct ms_regex *r, struct ms_bytes subject)
{
    size_t budget = SCANS * subject.n, at = 0;
    while (subject.n - at > 2 * WINDOW) {
        size_t       from = at;
        enum verdict v = look(r, subject, &from, at + WINDOW, at + 2 * WINDOW);
        at += WINDOW;
        if (v == MORE) {
            v = widen(r, subject, from, &budget);
            at = from + 1;
            if (budget < 2 * WINDOW)
                return v == YES ? YES : GIVEN_UP;
            budget -= 2 * WINDOW; /* the next window sees most of this one again */
        }
        if (v != NO)
            return v;
    }
    return look(r, subject, &at, subject.n + 1, subject.n);
}

bool ms_regex_matches(struct ms_regex *r, struct ms_bytes subject, uint64_t *cut)
{
    if (!subject.p)
        subject = MS_LIT("");
    enum verdict v;
    uint32_t     steps = STEPS + (uint32_t)(MORE_STEPS / (subject.n + 1));
    if (r->anchored) { /* it begins at one place only */
        size_t from = 0, more = subject.n < 1 << 20 ? subject.n * 16 : 1 << 24;
        pcre2_set_match_limit(r->context, STEPS + MORE_STEPS + (uint32_t)more);
        v = look(r, subject, &from, subject.n + 1, subject.n);
    } else {
        pcre2_set_match_limit(r->context, steps);
        v = search(r, subject);
    }
    *cut += v == GIVEN_UP;
    return v == YES;
}
