#include "engine/echo.h"

#include "base/text.h"

enum { SECRET_LEAST = 4 };

static bool is_word_byte(uint8_t c)
{
    uint8_t low = ms_lower(c);
    return (low >= 'a' && low <= 'z') || ms_is_digit(c) || c >= 0x80;
}

static bool is_common(struct ms_bytes secret)
{
    static const char *const words[] = { "password", "login", "logon", "user", "username", "account", "mailbox", "failed", "failure",
                                         "invalid", "incorrect", "wrong", "unknown", "authentication", "error", "denied", "command" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (ms_equal_nocase(secret, ms_str(words[i])))
            return true;
    return false;
}

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

size_t ms_echo_find(struct ms_bytes text, struct ms_bytes secret, size_t from)
{
    bool sought = secret.n >= SECRET_LEAST && secret.n <= text.n && !is_common(secret);
    return sought ? find_word(text, secret, from) : text.n;
}

size_t ms_echo_span(struct ms_bytes text, struct ms_bytes secret, size_t *n)
{
    size_t first = ms_echo_find(text, secret, 0);
    *n = 0;
    for (size_t at = first; at < text.n; at = find_word(text, secret, at + secret.n))
        *n = at + secret.n - first;
    return first;
}

bool ms_echo_mask(struct ms_bytes text, struct ms_bytes secret, struct ms_buffer *out)
{
    size_t at = ms_echo_find(text, secret, 0), from = 0;
    if (at == text.n)
        return false;
    out->n = 0;
    for (; at < text.n; at = find_word(text, secret, from)) {
        ms_text_add(out, ms_slice(text, from, at - from));
        ms_text_str(out, "********");
        from = at + secret.n;
    }
    ms_text_add(out, ms_tail(text, from));
    return true;
}
