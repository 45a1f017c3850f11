/* base64: what is text inside is replaced inside, so that it reads the same wherever it stands; the rest as the letters that it is. */
#include "mail/mime.h"
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

void ms_mask_charset(const struct ms_mask *m, uint8_t *p, size_t n)
{
    if (!ms_charset_known((struct ms_bytes){ p, n }))
        ms_mask_text(m, p, n, MS_KEEP_MIME | MS_MASK_DIGITS);
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
    size_t language = ms_find((struct ms_bytes){ p, at[0] }, '*'); /* RFC 2231 5 */
    ms_mask_charset(m, p + 2, language - 2);
    ms_mask_text(m, p + language, at[0] - language, MS_KEEP_MIME);
    if (ms_lower(p[at[0] + 1]) != 'b')
        ms_mask_text(m, p + begin, end - begin, MS_MASK_DIGITS | MS_MASK_SINGLES | MS_MASK_ESCAPES);
    else if (!ms_mask_base64(m, p + begin, end - begin, MS_KEEP_NAMES | MS_MASK_DIGITS | MS_MASK_SINGLES))
        ms_mask_text(m, p + begin, end - begin, MS_MASK_DIGITS | MS_MASK_SINGLES);
    return end + 2;
}

/* ---- logins ---------------------------------------------------------------------------------------------------- */

/* Names in UTF-16, or in one byte a character: words, and other letters one by one. */
static void mask_names(const struct ms_mask *m, uint8_t *p, size_t n, bool wide)
{
    uint8_t word[128];
    size_t  step = wide ? 2 : 1;
    for (size_t i = 0; i + step <= n;) {
        size_t length = 0;
        while (i + (length + 1) * step <= n && length < sizeof word && ms_is_word(p[i + length * step]) && !(wide && p[i + length * step + 1])) {
            word[length] = p[i + length * step];
            length++;
        }
        ms_mask_text(m, word, length, MS_MASK_DIGITS | MS_MASK_SINGLES);
        for (size_t k = 0; k < length; k++)
            p[i + k * step] = word[k];
        if (length == 0 && (wide ? p[i + 1] : p[i] >= 0x80))
            ms_mask_noise(m, p + i, 1);
        i += (length ? length : 1) * step;
    }
}

enum field { NARROW, WIDE, RESPONSE };

/* A field of an NTLM message: length and offset at `at` (MS-NLMP 2.2.1). */
static void ntlm_field(const struct ms_mask *m, uint8_t *p, size_t n, size_t at, enum field kind)
{
    if (at + 8 > n)
        return;
    size_t length = ms_le16(p + at), begin = ms_le32(p + at + 4);
    if (begin > n || length > n - begin)
        return;
    if (kind == RESPONSE)
        ms_mask_noise(m, p + begin, length);
    else
        mask_names(m, p + begin, length, kind == WIDE);
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
            mask_names(m, p + at + 4, bytes, true);
        at += 4 + (size_t)bytes;
    }
}

static void mask_ntlm(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { TYPE = 8, NEGOTIATE = 1, CHALLENGE = 2, AUTHENTICATE = 3, UNICODE = 1 };
    unsigned   type = n >= 12 ? ms_le32(p + TYPE) : 0;
    size_t     flags = type == CHALLENGE ? 20 : 60;
    enum field text = flags < n && p[flags] & UNICODE ? WIDE : NARROW;
    if (type == NEGOTIATE) {
        ntlm_field(m, p, n, 16, NARROW); /* domain, workstation */
        ntlm_field(m, p, n, 24, NARROW);
    } else if (type == CHALLENGE) {
        ntlm_target(m, p, n);
        ntlm_field(m, p, n, 12, text);
    } else if (type == AUTHENTICATE) {
        ntlm_field(m, p, n, 12, RESPONSE); /* LM and NT responses */
        ntlm_field(m, p, n, 20, RESPONSE);
        for (size_t at = 28; at <= 44; at += 8) /* domain, user, workstation */
            ntlm_field(m, p, n, at, text);
    }
}

/* "authzid NUL user NUL password": where the password begins; n: there is none. */
static size_t password_at(struct ms_bytes b)
{
    size_t first = ms_find(b, 0), second = first < b.n ? first + 1 + ms_find(ms_tail(b, first + 1), 0) : b.n;
    return second < b.n ? second + 1 : b.n;
}

/* SCRAM begins with "n,": no channel is bound. */
static void mask_dialogue(const struct ms_mask *m, struct ms_buffer *plain, bool password)
{
    struct ms_bytes b = ms_buffer_bytes(plain);
    size_t          secret = password ? 0 : password_at(b), from = b.n > 1 && b.p[1] == ',' && (b.p[0] == 'n' || b.p[0] == 'y') ? 2 : 0;
    if (from < secret)
        ms_mask_text(m, plain->p + from, secret - from, MS_KEEP_SASL | MS_KEEP_NAMES | MS_MASK_SUFFIXES | MS_MASK_DIGITS | MS_MASK_SINGLES | ms_mask_tricks(b.p, secret));
    ms_mask_secret(m, plain->p + secret, plain->n - secret);
}

static bool is_binary(struct ms_bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] == 0x7f || (b.p[i] < ' ' && b.p[i] > 1 && !strchr("\t\r\n", b.p[i])))
            return true;
    return false;
}

/* What is not base64 may be a password as it is; "=" and "*" mean nothing, and no more. */
void ms_mask_login(const struct ms_mask *m, uint8_t *p, size_t n, bool password)
{
    static const char signature[] = "NTLMSSP";
    struct ms_buffer  plain = { 0 };
    if (n < 2 || !is_base64(p, n) || !decode(p, n, &plain)) {
        ms_buffer_finish(&plain);
        if (n > 1)
            ms_mask_secret(m, p, n);
        return;
    }
    uint8_t *ntlm = memmem(plain.p, plain.n, signature, sizeof signature);
    if (ntlm)
        mask_ntlm(m, ntlm, plain.n - (size_t)(ntlm - plain.p));
    else if (is_binary(ms_buffer_bytes(&plain))) /* tickets of Kerberos */
        ms_mask_noise(m, plain.p, plain.n);
    else
        mask_dialogue(m, &plain, password);
    encode(ms_buffer_bytes(&plain), p);
    ms_buffer_finish(&plain);
}
