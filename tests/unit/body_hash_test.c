/* tests/unit/body_hash_test.c - digests of bodies, against a plain reading of RFC 6376 3.4.3 and 3.4.4, cut at every byte. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth/body_hash.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static struct ms_arena arena;
static struct ms_hasher hasher;

static void sha256(struct ms_bytes b, uint8_t out[32])
{
    EVP_Digest(b.p, b.n, out, NULL, EVP_sha256(), NULL);
}

/* One line without its end: blanks to one space, none at the end. */
static void add_line(struct ms_buffer *out, struct ms_bytes line, bool relaxed)
{
    bool blank = false;
    for (size_t i = 0; i < line.n; i++) {
        if (relaxed && ms_is_blank(line.p[i])) {
            blank = true;
            continue;
        }
        if (blank)
            ms_buffer_append(out, MS_LIT(" "));
        blank = false;
        ms_buffer_append(out, ms_slice(line, i, 1));
    }
}

static struct ms_buffer reference(struct ms_bytes body, bool relaxed)
{
    struct ms_buffer out = { 0 };
    while (body.n) {
        struct ms_bytes line = ms_head(body, ms_find(body, '\n'));
        bool            ended = line.n < body.n;
        body = ms_tail(body, line.n + 1);
        if (ended && line.n && line.p[line.n - 1] == '\r')
            line.n--;
        add_line(&out, line, relaxed);
        ms_buffer_append(&out, MS_LIT("\r\n"));
    }
    while (out.n >= 2 && out.p[out.n - 2] == '\r' && (out.n == 2 || (out.n >= 4 && memcmp(out.p + out.n - 4, "\r\n\r\n", 4) == 0)))
        out.n -= 2;
    if (out.n == 0 && !relaxed)
        ms_buffer_append(&out, MS_LIT("\r\n"));
    return out;
}

static struct ms_body_digest digest_of(struct ms_bytes body, size_t cut, bool relaxed, int64_t length)
{
    struct ms_bodies *b = ms_bodies_create(&arena, &hasher);
    int               other = ms_bodies_want(b, !relaxed, MS_BODY_WHOLE), number = ms_bodies_want(b, relaxed, length);
    assert_int_equal(ms_bodies_want(b, relaxed, length), number); /* the same form is hashed once */
    assert_int_not_equal(other, number);
    uint8_t *exact = malloc(body.n + 1);
    memcpy(exact, body.p, body.n);
    ms_bodies_push(b, (struct ms_bytes){ exact, cut });
    ms_bodies_push(b, (struct ms_bytes){ exact + cut, body.n - cut });
    free(exact);
    ms_bodies_end(b);
    struct ms_body_digest out = *ms_bodies_digest(b, number);
    ms_arena_finish(&arena);
    return out;
}

static void compare(struct ms_bytes body, bool relaxed)
{
    struct ms_buffer want = reference(body, relaxed);
    uint8_t          digest[32];
    for (int part = 0; part < 2; part++) { /* all of it; the first half */
        int64_t length = part ? (int64_t)want.n / 2 : MS_BODY_WHOLE;
        sha256(ms_head(ms_buffer_bytes(&want), part ? want.n / 2 : want.n), digest);
        for (size_t cut = 0; cut <= body.n; cut++) {
            struct ms_body_digest got = digest_of(body, cut, relaxed, length);
            if (memcmp(got.bytes, digest, 32) != 0 || got.size != want.n || !got.complete)
                fail_msg("%s, cut at %zu of \"%.*s\": %llu instead of %zu bytes", relaxed ? "relaxed" : "simple", cut, (int)body.n,
                         (const char *)body.p, (unsigned long long)got.size, want.n);
        }
    }
    ms_buffer_finish(&want);
}

static void forms_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const char *const bodies[] = { "", "a", "\r\n", "\r\n\r\n", "a\r\n", "a\r\n\r\n\r\n", " ", "\t\r\n", " a  b \t\r\n c\r\n\r\n", "a\nb\n", "a\r",
                                          "a\rb\r\n", "a \r", "\r\r\n", " \r\nx", "x\r\n \r\n\t\r\n", "long enough to be a line\r\nand another  one\r\n" };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (int relaxed = 0; relaxed < 2; relaxed++)
            compare(ms_str(bodies[i]), relaxed);
}

/* All bodies of up to six of these five bytes. */
static void short_bodies(void **state)
{
    (void)state;
    static const char alphabet[] = "a \t\r\n";
    for (unsigned long code = 0, count = 15625; code < count; code++) {
        uint8_t       body[6];
        unsigned long rest = code;
        for (size_t i = 0; i < 6; i++, rest /= 5)
            body[i] = (uint8_t)alphabet[rest % 5];
        compare((struct ms_bytes){ body, 6 }, code & 1);
    }
}

/* What the forms change stands at each place of a long text: in, at and across the blocks by which it is read. */
static void odd_bytes_anywhere(void **state)
{
    (void)state;
    static const char *const odd[] = { "  ", " \r\n", "\t", "\n", "\r\n\r\n", "\r", "\n\r", "\r\n", " " };
    enum { SIZE = 200, LINE = 70 };
    for (size_t at = 0; at < SIZE - 4; at++)
        for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
            uint8_t body[SIZE];
            for (size_t k = 0; k < SIZE; k++)
                body[k] = k % LINE == LINE - 2 ? '\r' : k % LINE == LINE - 1 ? '\n' : 'a';
            memcpy(body + at, odd[i], strlen(odd[i]));
            compare((struct ms_bytes){ body, SIZE }, at & 1);
        }
}

static void missing_bytes_spoil_it(void **state)
{
    (void)state;
    struct ms_bodies *b = ms_bodies_create(&arena, &hasher);
    int               number = ms_bodies_want(b, true, MS_BODY_WHOLE);
    ms_bodies_push(b, MS_LIT("text\r\n"));
    ms_bodies_gap(b);
    ms_bodies_push(b, MS_LIT("text\r\n"));
    ms_bodies_end(b);
    assert_false(ms_bodies_digest(b, number)->complete);
    ms_bodies_drop(b);
    ms_arena_finish(&arena);
    b = ms_bodies_create(&arena, &hasher);
    ms_bodies_want(b, false, 10);
    ms_bodies_drop(b); /* without an end: nothing is left behind */
    ms_bodies_drop(NULL);
    ms_arena_finish(&arena);
}

int main(void)
{
    ms_hasher_init(&hasher);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_those_of_the_rfc), cmocka_unit_test(short_bodies), cmocka_unit_test(odd_bytes_anywhere), cmocka_unit_test(missing_bytes_spoil_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ms_hasher_finish(&hasher);
    return failed;
}
