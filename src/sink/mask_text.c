/* Text: what a word is part of decides whether it stays.
 *
 * Tokens   words with "._%+-@~" between them: addresses and names of hosts keep only what hosts are called by, and no numbers; and their public
 *          suffix (below it names belong to one owner), or the whole domain of a mail provider.
 * Others   addresses, encoded words, bytes beyond ASCII and two-byte letters are replaced as what they are.
 * Time     linear: each byte belongs to one token, and that is looked at once.                                       */
#include "check/check.h"
#include "content/files.h"
#include "mail/site.h"
#include "sink/mask_private.h"

static bool is_hidden(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    uint8_t low[64];
    if (n > sizeof low || m->hidden.refused) /* nobody knows any more who is called like that */
        return true;
    for (size_t i = 0; i < n; i++)
        low[i] = ms_lower(p[i]);
    return ms_map_get(&m->hidden, (struct ms_bytes){ low, n });
}

static bool is_atom(uint8_t c) { return ms_is_word(c) || (c && strchr("._%+-@~", c)); }

static bool all_digits(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ms_is_digit(p[i]))
            return false;
    return true;
}

/* "XXXXXXXA": what a device on the way makes of a keyword. */
static bool is_overwritten(const uint8_t *p, size_t n)
{
    enum { MIN = 4 };
    for (size_t i = 0; i + 1 < n; i++)
        if (p[i] != 'X')
            return false;
    return n >= MIN;
}

static bool stays(const struct ms_mask *m, const uint8_t *p, size_t n, unsigned how)
{
    size_t letters = 0;
    while (letters < n && !ms_is_digit(p[letters]))
        letters++;
    if (how & MS_KEEP_HOST && n - letters <= 2 && ms_mask_vocabulary(m, p, letters) & MS_KEEP_HOST) /* mx12 */
        return true;
    unsigned where = ms_mask_vocabulary(m, p, n) & how;
    if (where & ~(unsigned)MS_KEEP_PROSE)
        return true;
    return where && !is_hidden(m, p, n);
}

/* What a word is part of: words with "._%+-@~" between them. */
enum token {
    PLAIN,
    KNOWN,    /* several words, all of them known here: "iso-8859-1" */
    NUMBERED, /* with a word that is not: numbers in it are part of a name, "ip-10-1-2-3" */
    NAME,     /* an address, or dots between words of which not all are known: only words of hosts stay in it */
};

struct word { uint8_t *all; size_t n, from, to, tail; enum token token; }; /* the word at [from, to); what is behind `tail` in its token stays */

static enum token token_of(const struct ms_mask *m, const uint8_t *p, size_t n, unsigned how)
{
    bool   dotted = false, foreign = false, before = false, known = false;
    size_t words = 0;
    if (memchr(p, '@', n))
        return NAME;
    for (size_t i = 0, end = 0; i < n; i = end > i ? end : i + 1) {
        for (end = i; end < n && ms_is_word(p[end]);)
            end++;
        if (end == i)
            continue;
        bool letters = !all_digits(p + i, end - i);
        dotted |= letters && before && p[i - 1] == '.';
        foreign |= letters && end - i > 1 && !is_overwritten(p + i, end - i) && !stays(m, p + i, end - i, how);
        known |= letters;
        before = letters;
        words++;
    }
    if (words < 2)
        return PLAIN;
    if (how & MS_MASK_SINGLES && !dotted) /* all are replaced alike */
        return PLAIN;
    return foreign ? dotted ? NAME : NUMBERED : known ? KNOWN : PLAIN;
}

size_t ms_mask_kept_tail(struct ms_bytes host)
{
    struct ms_bytes site = ms_site(host);
    return host.n - (ms_is_mail_provider(site) ? site.n : ms_public_suffix(host).n);
}

/* The same in a token: a host's name, or an address. */
static size_t tail_of(const uint8_t *p, size_t n, unsigned how)
{
    const uint8_t *at = memrchr(p, '@', n);
    size_t         from = at ? (size_t)(at - p) + 1 : 0, end = n;
    while (end > from && !ms_is_word(p[end - 1]))
        end--;
    if (!memchr(p + from, '.', end - from) || (!at && (how & MS_MASK_SUFFIXES || !(how & (MS_KEEP_HOST | MS_KEEP_NAMES)))))
        return n;
    return from + ms_mask_kept_tail((struct ms_bytes){ p + from, end - from });
}

/* In a login dialogue: "realm=", "Username:", "Bearer ". */
static bool is_key(const uint8_t *p, size_t n, size_t i, size_t j)
{
    if (j < n && (p[j] == '=' || p[j] == ':'))
        return true;
    return ms_equal_nocase((struct ms_bytes){ p + i, j - i }, MS_LIT("bearer"));
}

/* A single letter or digit: all of them are shifted alike. */
static void mask_single(const struct ms_mask *m, uint8_t *p)
{
    bool     digit = ms_is_digit(*p);
    unsigned size = digit ? 10 : 26, base = digit ? '0' : (*p & 0x20) + 0x41u;
    uint64_t shift = 1 + ms_mask_hash(m, 1u << 26, (struct ms_bytes){ 0 }) % (size - 1);
    *p = (uint8_t)(base + (*p - base + shift) % size);
}

/* The last word of "report.pdf", and the others behind a dot. */
static bool is_extension(struct word w)
{
    return w.from > 1 && w.all[w.from - 1] == '.' && ms_extension_of((struct ms_bytes){ w.all + w.from - 2, w.to - w.from + 2 }) != MS_EXT_NONE;
}

static void mask_run(const struct ms_mask *m, struct word w, unsigned how)
{
    uint8_t *p = w.all + w.from;
    size_t   length = w.to - w.from;
    bool     name = w.token == NAME, number = all_digits(p, length), key = is_key(w.all, w.n, w.from, w.to);
    bool     digits = how & MS_MASK_DIGITS || name || w.token == NUMBERED || (how & MS_MASK_LOOSE && w.token != KNOWN);
    unsigned hosts = how & MS_KEEP_NAMES ? MS_KEEP_HOST : how & MS_KEEP_HOST;
    if (length == 1) {
        bool is_parameter = w.to < w.n && w.all[w.to] == '='; /* "v=1" */
        if (!is_parameter && (how & MS_MASK_SINGLES || name || (number && digits && !(how & MS_MASK_DIGITS))))
            mask_single(m, p);
        return;
    }
    if (is_overwritten(p, length) || stays(m, p, length, name ? hosts : key ? how : how & ~(unsigned)MS_KEEP_SASL))
        return;
    if (how & MS_KEEP_EXTENSION && is_extension(w))
        return;
    if (number && !digits && (length < 4 || !is_hidden(m, p, length)))
        return;
    ms_mask_word(m, p, length);
}

/* "Mon, 6 Nov 2023 10:00:00 +0100", "06-Nov-2023": numbers and short words of the protocol. */
bool ms_mask_is_date(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    bool month = false, year = false;
    for (size_t i = 0, end = 0; i < n; i = end > i ? end : i + 1) {
        for (end = i; end < n && ms_is_word(p[end]);)
            end++;
        bool number = end > i && ms_is_digit(p[i]);
        bool known = number || end == i || (end - i <= 4 && ms_mask_vocabulary(m, p + i, end - i) & MS_KEEP_STRICT);
        if (!known || end - i > 4 || (end == i && !strchr("\" \t,:+-()", p[i])))
            return false;
        year |= number && end - i == 4;
        month |= !number && end > i;
    }
    return month && year;
}

/* Bytes beyond ASCII: in UTF-8 the continuations change, elsewhere all but 0xff. */
static size_t mask_high(const struct ms_mask *m, uint8_t *p, size_t n)
{
    size_t   length = 0, step = 0;
    bool     utf8 = true;
    uint32_t code;
    while (length < n && p[length] >= 0x80)
        length++;
    for (size_t i = 0; i < length && utf8; i += step) {
        step = ms_utf8_sequence((struct ms_bytes){ p + i, length - i }, &code);
        utf8 = step > 0;
    }
    uint64_t state = ms_mask_hash(m, 1u << 29, (struct ms_bytes){ p, length });
    for (size_t i = 0; i < length; i++) {
        bool fixed = i > 0 && (p[i - 1] == 0xe0 || p[i - 1] == 0xed || p[i - 1] == 0xf0 || p[i - 1] == 0xf4);
        if (utf8 && p[i] < 0xc0 && !fixed)
            p[i] = (uint8_t)(0x80 + (p[i] - 0x80u + 1 + ms_mask_next(&state) % 63) % 64);
        else if (!utf8 && p[i] >= 0xa1 && p[i] <= 0xfe)
            p[i] = (uint8_t)(0xa1 + (p[i] - 0xa1u + 1 + ms_mask_next(&state) % 93) % 94);
        else if (!utf8 && p[i] <= 0xa0)
            p[i] = (uint8_t)(0x80 + (p[i] - 0x80u + 1 + ms_mask_next(&state) % 32) % 33);
    }
    return length;
}

/* ISO-2022-JP and its like (RFC 1468): from "ESC $" to the next ESC two printable characters stand for one. */
static size_t mask_wide(const struct ms_mask *m, uint8_t *p, size_t n)
{
    enum { ESCAPE = 0x1b };
    if (n < 3 || p[0] != ESCAPE || p[1] != '$')
        return 0;
    size_t begin = p[2] == '(' || p[2] == ')' ? 4 : 3, end = begin;
    while (end < n && p[end] != ESCAPE)
        end++;
    uint64_t state = begin < end ? ms_mask_hash(m, 1u << 25, (struct ms_bytes){ p + begin, end - begin }) : 0;
    for (size_t i = begin; i < end; i++)
        if (p[i] > ' ' && p[i] < 0x7f)
            p[i] = (uint8_t)(0x21 + (p[i] - 0x21u + 1 + ms_mask_next(&state) % 93) % 94);
    return begin < end ? end : begin < n ? begin : n;
}

/* "=C3", "%C3": letters, digits and bytes beyond ASCII become others of their kind. */
static size_t mask_escape(const struct ms_mask *m, uint8_t *p, size_t n)
{
    int high = n >= 3 ? ms_hex_digit(p[1]) : -1, low = n >= 3 ? ms_hex_digit(p[2]) : -1;
    if (high < 0 || low < 0)
        return 0;
    uint8_t c = (uint8_t)(high << 4 | low);
    bool    letter = ms_lower(c) >= 'a' && ms_lower(c) <= 'z';
    if (!letter && !ms_is_digit(c) && c < 0x80)
        return 3;
    unsigned base = letter ? (c & 0x20) + 0x41u : ms_is_digit(c) ? '0' : c < 0xc0 ? 0x80 : 0xc0;
    unsigned size = letter ? 26 : ms_is_digit(c) ? 10 : c < 0xc0 ? 64 : 63;
    uint64_t shift = 1 + ms_mask_hash(m, 1u << 28, (struct ms_bytes){ &c, 1 }) % (size - 1);
    c = (uint8_t)(base + (c - base + shift) % size);
    p[1] = (uint8_t)"0123456789ABCDEF"[c >> 4];
    p[2] = (uint8_t)"0123456789ABCDEF"[c & 15];
    return 3;
}

unsigned ms_mask_tricks(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] && strchr("$%`|;(", p[i]))
            return MS_KEEP_TRICK;
    return 0;
}

static size_t percent_line_end(const uint8_t *p, size_t n)
{
    struct ms_bytes b = { p, n };
    return ms_starts_nocase(b, MS_LIT("%0d%0a")) || ms_starts_nocase(b, MS_LIT("%0a%0d")) ? 6 : 0;
}

void ms_mask_text(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how)
{
    struct word word = { .all = p, .n = n };
    for (size_t i = 0, token_end = 0; i < n;) {
        size_t used = 0, end = i;
        bool   begins = i == 0 || !ms_is_word(p[i - 1]);
        if (p[i] == '=' && n - i > 2 && p[i + 1] == '?')
            used = ms_mask_encoded_word(m, p + i, n - i);
        else if ((p[i] == '=' && how & MS_MASK_ESCAPES) || (p[i] == '%' && how & MS_MASK_PERCENTS))
            used = mask_escape(m, p + i, n - i);
        else if (p[i] >= 0x80)
            used = mask_high(m, p + i, n - i);
        else if (begins && (ms_is_word(p[i]) || p[i] == ':'))
            used = ms_mask_address_text(m, p + i, n - i);
        else if (p[i] == '%' && how & MS_KEEP_TRICK)
            used = percent_line_end(p + i, n - i);
        else if (!(how & MS_KEEP_STRICT)) /* lines of a protocol have none: it would tear them */
            used = mask_wide(m, p + i, n - i);
        if (used) {
            i += used;
            continue;
        }
        if (i >= token_end && is_atom(p[i])) {
            for (token_end = i; token_end < n && is_atom(p[token_end]);)
                token_end++;
            word.token = token_of(m, p + i, token_end - i, how);
            word.tail = i + tail_of(p + i, token_end - i, how);
        }
        while (end < n && ms_is_word(p[end]))
            end++;
        word.from = i;
        word.to = end;
        if (end > i && i < word.tail)
            mask_run(m, word, how);
        i = end > i ? end : i + 1;
    }
}

void ms_mask_secret(const struct ms_mask *m, uint8_t *p, size_t n)
{
    static const char signs[] = "!#$&'+,-./:;<>?^_`|~"; /* none that an IMAP atom may not have, none that means something to ms_mask_text() */
    const size_t      count = sizeof signs - 1;
    uint64_t          state = ms_mask_hash(m, 1u << 24, (struct ms_bytes){ p, n });
    for (size_t i = 0; i < n; i++) {
        bool        sign = p[i] > ' ' && p[i] < 0x7f && !ms_is_word(p[i]) && p[i] != '"' && p[i] != '\\';
        const char *at = sign ? strchr(signs, p[i]) : NULL;
        uint64_t    by = ms_mask_next(&state);
        if (sign)
            p[i] = (uint8_t)signs[at ? ((size_t)(at - signs) + 1 + by % (count - 1)) % count : by % count];
    }
    ms_mask_text(m, p, n, MS_MASK_DIGITS | MS_MASK_SINGLES);
}
