/* base64: what is text inside is replaced inside, so that it reads the same wherever it stands; the rest as the letters that it is. */
#include "sink/mask_private.h"

static int sextet(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (ms_is_digit(c))
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Whole groups only. */
static bool decode(const uint8_t *p, size_t n, struct ms_buffer *out)
{
    size_t pads = n < 4 || p[n - 1] != '=' ? 0 : p[n - 2] != '=' ? 1 : 2;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int v = i + k >= n - pads ? 0 : sextet(p[i + k]);
            if (v < 0)
                return false;
            group = group << 6 | (uint32_t)v;
        }
        const uint8_t bytes[3] = { (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group };
        ms_buffer_append(out, (struct ms_bytes){ bytes, i + 4 < n ? 3 : 3 - pads });
    }
    return n > 0;
}

static void encode(struct ms_bytes b, uint8_t *to)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (; b.n; b = ms_tail(b, 3), to += 4) {
        uint32_t group = (uint32_t)b.p[0] << 16 | (uint32_t)ms_at(b, 1) << 8 | ms_at(b, 2);
        for (int k = 0; k < 4; k++)
            to[k] = (uint8_t)letters[group >> (18 - 6 * k) & 63];
        if (b.n < 3)
            to[3] = '=';
        if (b.n < 2)
            to[2] = '=';
    }
}

static bool is_base64(const uint8_t *p, size_t n)
{
    size_t pads = 0;
    if (n < 4 || n % 4)
        return false;
    while (pads < 2 && p[n - 1 - pads] == '=')
        pads++;
    for (size_t i = 0; i < n - pads; i++)
        if (sextet(p[i]) < 0)
            return false;
    return true;
}

static bool is_text(struct ms_bytes b)
{
    size_t odd = 0;
    for (size_t i = 0; i < b.n; i++)
        odd += (b.p[i] < 0x20 && !strchr("\t\r\n", b.p[i])) || b.p[i] == 0x7f || b.p[i] >= 0x80;
    return odd * 10 <= b.n * 2;
}

bool ms_mask_base64(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how)
{
    struct ms_buffer plain = { 0 };
    bool             done = is_base64(p, n) && decode(p, n, &plain) && is_text(ms_buffer_bytes(&plain));
    if (done) {
        ms_mask_text(m, plain.p, plain.n, how);
        encode(ms_buffer_bytes(&plain), p);
    }
    ms_buffer_finish(&plain);
    return done;
}

size_t ms_mask_encoded_word(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { LONGEST = 1024 };
    size_t at[2] = { 0, 0 }, end = 2, marks = 0;
    n = n < LONGEST ? n : LONGEST;
    for (; end < n && marks < 2; end++)
        if (p[end] == '?')
            at[marks++] = end;
    if (marks < 2 || at[1] != at[0] + 2)
        return 0;
    size_t begin = end;
    while (end < n && p[end] != '?')
        end++;
    if (end + 1 >= n || p[end + 1] != '=')
        return 0;
    if (ms_lower(p[at[0] + 1]) != 'b')
        ms_mask_text(m, p + begin, end - begin, MS_MASK_DIGITS | MS_MASK_ESCAPES);
    else if (!ms_mask_base64(m, p + begin, end - begin, MS_MASK_DIGITS))
        ms_mask_text(m, p + begin, end - begin, MS_MASK_DIGITS);
    return end + 2;
}

/* ---- logins ---------------------------------------------------------------------------------------------------- */

/* Runs of "a\0b\0c\0" are words; other runs too. */
static void mask_names(const struct ms_mask *m, uint8_t *p, size_t n)
{
    uint8_t word[128];
    bool    wide = n >= 2 && p[1] == 0;
    size_t  step = wide ? 2 : 1;
    for (size_t i = 0; i < n;) {
        size_t length = 0;
        while (i + length * step < n && length < sizeof word && ms_is_word(p[i + length * step])) {
            word[length] = p[i + length * step];
            length++;
        }
        ms_mask_word(m, word, length);
        for (size_t k = 0; k < length; k++)
            p[i + k * step] = word[k];
        i += (length ? length : 1) * step;
    }
}

/* A field of an NTLM message: length and offset at `at` (MS-NLMP 2.2.1). */
static void ntlm_field(const struct ms_mask *m, uint8_t *p, size_t n, size_t at, bool response)
{
    if (at + 8 > n)
        return;
    size_t length = ms_le16(p + at), begin = ms_le32(p + at + 4);
    if (begin > n || length > n - begin)
        return;
    if (response)
        ms_mask_noise(m, p + begin, length);
    else
        mask_names(m, p + begin, length);
}

/* The names of a challenge's target: type, length, UTF-16 (MS-NLMP 2.2.2.1). */
static void ntlm_target(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { TIMESTAMP = 7, FLAGS = 6, BINDINGS = 10 };
    if (n < 48)
        return;
    size_t length = ms_le16(p + 40), at = ms_le32(p + 44);
    if (at > n || length > n - at)
        return;
    for (size_t end = at + length; end - at >= 4;) {
        unsigned type = ms_le16(p + at), bytes = ms_le16(p + at + 2);
        if (type == 0 || bytes > end - at - 4)
            return;
        if (type != TIMESTAMP && type != FLAGS && type != BINDINGS)
            mask_names(m, p + at + 4, bytes);
        at += 4 + (size_t)bytes;
    }
}

static void mask_ntlm(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { TYPE = 8, NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3 };
    unsigned type = n >= 12 ? ms_le32(p + TYPE) : 0;
    if (type == NEGOTIATE) {
        ntlm_field(m, p, n, 16, false); /* domain, workstation */
        ntlm_field(m, p, n, 24, false);
    } else if (type == CHALLENGE) {
        ntlm_target(m, p, n);
        ntlm_field(m, p, n, 12, false);
    } else if (type == AUTHENTICATE) {
        ntlm_field(m, p, n, 12, true); /* LM and NT responses */
        ntlm_field(m, p, n, 20, true);
        for (size_t at = 28; at <= 44; at += 8) /* domain, user, workstation */
            ntlm_field(m, p, n, at, false);
    }
}

/* Tokens that are no text (Kerberos): strings in them. */
static void mask_strings(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { STRING_MIN = 4 };
    for (size_t i = 0, length = 0; i < n; i += length + 1) {
        for (length = 0; i + length < n && ms_is_word(p[i + length]);)
            length++;
        if (length >= STRING_MIN)
            ms_mask_word(m, p + i, length);
    }
}

void ms_mask_login(const struct ms_mask *m, uint8_t *p, size_t n)
{
    static const char signature[] = "NTLMSSP";
    struct ms_buffer  plain = { 0 };
    if (!is_base64(p, n) || !decode(p, n, &plain)) {
        ms_buffer_finish(&plain);
        ms_mask_text(m, p, n, MS_MASK_DIGITS);
        return;
    }
    uint8_t *ntlm = memmem(plain.p, plain.n, signature, sizeof signature);
    size_t   controls = 0;
    for (size_t i = 0; i < plain.n; i++)
        controls += plain.p[i] < 0x20 && plain.p[i] > 1;
    if (ntlm)
        mask_ntlm(m, ntlm, plain.n - (size_t)(ntlm - plain.p));
    else if (controls > 2)
        mask_strings(m, plain.p, plain.n);
    else
        ms_mask_text(m, plain.p, plain.n, MS_KEEP_SASL | MS_MASK_DIGITS);
    encode(ms_buffer_bytes(&plain), p);
    ms_buffer_finish(&plain);
}
