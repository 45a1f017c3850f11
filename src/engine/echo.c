#include "engine/echo.h"

#include "base/text.h"
#include "proto/sasl.h"

enum { SECRET_LEAST = 4, SECRET_MOST = 4096, FORMS = 8, PADDING = 2 };

/* What one secret may look like. */
struct forms { struct ms_bytes of[FORMS]; size_t n; struct ms_arena scratch; };

static bool is_word_byte(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return (low >= 'a' && low <= 'z') || ms_is_digit(c) || c >= 0x80;
}

/* Such a word in a reply is the server's own. */
static bool is_common(struct ms_bytes secret)
{
    return ms_is_one_of(secret, "password|login|logon|user|username|account|mailbox|failed|failure|invalid|incorrect|wrong|unknown|authentication|"
                                "error|denied|command");
}

/* ---- forms ------------------------------------------------------------------------------------------------------ */

static void add(struct forms *f, struct ms_bytes form)
{
    if (form.n >= SECRET_LEAST && f->n < FORMS)
        f->of[f->n++] = form;
}

/* Without padding, so that it is found with and without. */
static struct ms_bytes encode(struct forms *f, struct ms_bytes in)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *out = ms_arena_alloc(&f->scratch, in.n / 3 * 4 + 4);
    size_t   n = 0;
    uint32_t bits = 0;
    int      have = 0;
    for (size_t i = 0; i < in.n; i++) {
        bits = bits << 8 | in.p[i];
        for (have += 8; have >= 6; have -= 6)
            out[n++] = (uint8_t)digits[bits >> (have - 6) & 63];
    }
    if (have)
        out[n++] = (uint8_t)digits[bits << (6 - have) & 63];
    return (struct ms_bytes){ out, n };
}

/* What is secret of a decoded SASL message: all of it, what stands behind the last NUL (PLAIN), or the token (OAuth, fields end with ^A). */
static struct ms_bytes secret_of(struct ms_bytes message)
{
    struct ms_bytes rest = message, field = message;
    while (ms_find(rest, 1) < rest.n) {
        field = ms_head(rest, ms_find(rest, 1));
        rest = ms_tail(rest, field.n + 1);
        if (ms_starts_nocase(field, MS_LIT("auth=")))
            return ms_tail(field, ms_find(field, ' ') + 1);
    }
    for (rest = message; ms_find(rest, 0) < rest.n;)
        rest = ms_tail(rest, ms_find(rest, 0) + 1);
    return rest;
}

static void add_secret(struct forms *f, struct ms_bytes secret)
{
    size_t n = secret.n;
    while (n && secret.p[n - 1] == '=')
        n--;
    add(f, ms_sasl_is_base64(secret) ? ms_head(secret, n) : secret);
    add(f, encode(f, secret));
    if (!ms_sasl_is_base64(secret))
        return;
    struct ms_bytes plain = secret_of(ms_sasl_base64(secret, &f->scratch, SECRET_MOST));
    add(f, plain);
    add(f, encode(f, plain));
}

/* ---- places ------------------------------------------------------------------------------------------------------- */

/* Where the secret stands as a word of its own at or behind `from`; text.n when nowhere. */
static size_t find_word(struct ms_bytes text, struct ms_bytes secret, size_t from)
{
    while (from < text.n) {
        const uint8_t *hit = memmem(text.p + from, text.n - from, secret.p, secret.n);
        if (!hit)
            break;
        size_t at = (size_t)(hit - text.p), end = at + secret.n;
        bool   inside = (at > 0 && is_word_byte(text.p[at - 1])) || (end < text.n && is_word_byte(text.p[end]));
        if (!inside)
            return at;
        from = end;
    }
    return text.n;
}

static bool cover_form(struct ms_bytes text, struct ms_bytes form, uint8_t *covered)
{
    size_t at = find_word(text, form, 0);
    if (at == text.n || is_common(form))
        return false;
    for (; at < text.n; at = find_word(text, form, at + form.n)) {
        size_t n = form.n;
        while (n < form.n + PADDING && ms_at(text, at + n) == '=') /* that of base64 */
            n++;
        memset(covered + at, 1, n);
    }
    return true;
}

bool ms_echo_cover(struct ms_bytes text, struct ms_bytes secret, uint8_t *covered)
{
    struct forms f = { .n = 0 };
    bool         found = false;
    if (text.n < SECRET_LEAST || secret.n == 0)
        return false;
    add_secret(&f, ms_head(secret, SECRET_MOST));
    for (size_t i = 0; i < f.n; i++)
        found |= cover_form(text, f.of[i], covered);
    ms_arena_finish(&f.scratch);
    return found;
}

bool ms_echo_mask(struct ms_bytes text, struct ms_bytes secret, struct ms_buffer *out)
{
    struct ms_arena scratch = { 0 };
    uint8_t        *covered = text.n && secret.n ? ms_arena_alloc(&scratch, text.n) : NULL;
    bool            found = covered && ms_echo_cover(text, secret, covered);
    out->n = found ? 0 : out->n;
    for (size_t from = 0, to; found && from < text.n; from = to) {
        for (to = from; to < text.n && covered[to] == covered[from];)
            to++;
        ms_text_add(out, covered[from] ? MS_LIT("********") : ms_slice(text, from, to - from));
    }
    ms_arena_finish(&scratch);
    return found;
}

size_t ms_echo_span(struct ms_bytes text, struct ms_bytes secret, size_t *n)
{
    struct ms_arena scratch = { 0 };
    uint8_t        *covered = text.n && secret.n ? ms_arena_alloc(&scratch, text.n) : NULL;
    size_t          first = text.n, end = 0;
    if (covered && ms_echo_cover(text, secret, covered))
        for (size_t i = text.n; i-- > 0;) {
            first = covered[i] ? i : first;
            end = covered[i] && end == 0 ? i + 1 : end;
        }
    *n = end ? end - first : 0;
    ms_arena_finish(&scratch);
    return first;
}
