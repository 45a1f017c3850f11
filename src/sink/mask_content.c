/* Lines of messages: what says how a message is built stays (names of fields, types, encodings, charsets, dates), everything else is replaced. */
#include "sink/mask_private.h"

enum { TEXT = MS_KEEP_NAMES | MS_MASK_DIGITS | MS_MASK_SINGLES, ALL = TEXT | MS_MASK_ESCAPES, MIME = MS_KEEP_MIME | MS_KEEP_EXTENSION | MS_MASK_DIGITS, BASE64_LINE = 16 };

/* The length of a field's name; 0: this is no field. */
static size_t field_name(const uint8_t *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] > ' ' && p[i] != ':' && p[i] < 0x7f)
        i++;
    size_t end = i;
    while (end < n && ms_is_blank(p[end]))
        end++;
    return i && end < n && p[end] == ':' ? i : 0;
}

/* One parameter, or the value in front of them: "boundary=x" is replaced as the lines are; of others words of MIME stay, charsets that are known and
 * what the ends of file names say. */
static void parameter(const struct ms_mask *m, uint8_t *p, size_t n)
{
    struct ms_bytes b = { p, n }, name = ms_trim(ms_head(b, ms_find(b, '=')));
    size_t          at = name.n < n ? ms_find(b, '=') : n, end;
    unsigned how = MIME | (name.n && name.p[name.n - 1] == '*' ? MS_MASK_PERCENTS : 0u); /* RFC 2231 4 */
    name = ms_head(name, ms_find(name, '*'));
    ms_mask_text(m, p, at, MIME);
    if (at < n && ms_equal_nocase(name, MS_LIT("charset"))) {
        while (at < n && !ms_is_word(p[at]))
            at++;
        for (end = at; end < n && (ms_is_word(p[end]) || strchr("-_.:+", p[end]));)
            end++;
        ms_mask_charset(m, p + at, end - at);
        at = end;
    }
    ms_mask_text(m, p + at, n - at, ms_equal_nocase(name, MS_LIT("boundary")) ? MS_MASK_DIGITS : how);
}

static void mime_value(const struct ms_mask *m, uint8_t *p, size_t n)
{
    for (size_t i = 0, end = 0; i < n; i = end + 1) {
        bool quoted = false;
        for (end = i; end < n && (quoted || p[end] != ';'); end++)
            quoted ^= p[end] == '"';
        parameter(m, p + i, end - i);
    }
}

/* What is behind "boundary=" is looked for at the begin of lines. */
static void note_boundary(const struct ms_mask *m, struct ms_mask_content *c, struct ms_bytes b)
{
    struct ms_bytes word = MS_LIT("boundary=");
    size_t          at = ms_search_nocase(b, word);
    if (at == b.n)
        return;
    b = ms_tail(b, at + word.n);
    bool quoted = ms_at(b, 0) == '"';
    b = ms_tail(b, quoted);
    size_t n = 0;
    while (n < b.n && (quoted ? b.p[n] != '"' : b.p[n] != ';' && b.p[n] > ' '))
        n++;
    c->boundaries[c->boundary_count++ % MS_MASK_BOUNDARIES] = ms_mask_hash(m, 1u << 27, ms_head(b, n));
}

static bool is_known(const struct ms_mask *m, const struct ms_mask_content *c, struct ms_bytes b)
{
    uint64_t hash = ms_mask_hash(m, 1u << 27, b);
    for (unsigned i = 0; i < c->boundary_count && i < MS_MASK_BOUNDARIES; i++)
        if (c->boundaries[i] == hash)
            return true;
    return false;
}

/* "--boundary" or "--boundary--"; where none was seen, any line without blanks that could be one. */
static bool is_boundary(const struct ms_mask *m, const struct ms_mask_content *c, const uint8_t *p, size_t n)
{
    struct ms_bytes b = ms_trim(ms_tail((struct ms_bytes){ p, n }, 2));
    if (n < 3 || p[0] != '-' || p[1] != '-')
        return false;
    if (c->boundary_count == 0)
        return b.n <= 72 && ms_find(b, ' ') == b.n && ms_find(b, '<') == b.n;
    bool last = b.n > 2 && b.p[b.n - 1] == '-' && b.p[b.n - 2] == '-';
    return is_known(m, c, b) || (last && is_known(m, c, ms_head(b, b.n - 2)));
}

/* Where a date at the end of the line begins, behind the last ";"; n: there is none. */
static size_t date_at(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    const uint8_t *mark = memrchr(p, ';', n);
    size_t         at = mark ? (size_t)(mark - p) + 1 : 0;
    return ms_mask_is_date(m, p + at, n - at) ? at : n;
}

static void value(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n)
{
    if (c->mime_field)
        note_boundary(m, c, (struct ms_bytes){ p, n });
    if (c->mime_field) {
        mime_value(m, p, n);
        return;
    }
    size_t when = c->words ? date_at(m, p, n) : n; /* "Received: ...; Mon, 6 Nov 2023 10:00:00 +0100" */
    ms_mask_text(m, p, when, c->dated ? MS_KEEP_STRICT : c->words ? MS_KEEP_HOST | MS_KEEP_HEADER | MS_KEEP_PROSE : TEXT);
}

static void field(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n, size_t name_length)
{
    struct ms_bytes name = { p, name_length }, all = { p, n };
    c->mime_field = ms_is_one_of(name, "content-type|content-transfer-encoding|content-disposition|content-language|mime-version");
    c->dated = ms_is_one_of(name, "date|content-length");
    c->words = ms_is_one_of(name, "received|authentication-results|received-spf|x-received|precedence|importance|x-priority");
    if (ms_equal_nocase(name, MS_LIT("content-transfer-encoding")))
        c->part_base64 = ms_search_nocase(all, MS_LIT("base64")) < n;
    if (ms_equal_nocase(name, MS_LIT("content-type")) && ms_search_nocase(all, MS_LIT("message/rfc822")) < n)
        c->rfc822 = true;
    size_t skip = name_length + ms_find(ms_tail(all, name_length), ':') + 1;
    value(m, c, p + skip, n - skip);
    ms_mask_text(m, p, name_length, MS_KEEP_HEADER | MS_KEEP_MIME); /* at the end: `name` lies in it */
}

static void blank_line(struct ms_mask_content *c)
{
    c->headers = c->headers && c->rfc822; /* a message follows */
    c->rfc822 = false;
}

/* Uuencoded lines keep the character that counts their bytes. */
static bool uu_line(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n)
{
    struct ms_bytes line = { p, n };
    if (!c->uu && n > 10 && ms_starts_nocase(line, MS_LIT("begin ")) && ms_is_digit(p[6]) && ms_is_digit(p[7]) && ms_is_digit(p[8])) {
        ms_mask_text(m, p + 9, n - 9, ALL);
        return c->uu = true;
    }
    if (!c->uu)
        return false;
    c->uu = !ms_equal(line, MS_LIT("end"));
    if (c->uu && n)
        ms_mask_text(m, p + 1, n - 1, MS_MASK_DIGITS | MS_MASK_SINGLES);
    return true;
}

static bool is_base64_line(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ms_is_word(p[i]) && p[i] != '+' && p[i] != '/' && !(p[i] == '=' && i + 2 >= n))
            return false;
    return n > 0;
}

static void body_line(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n)
{
    if (uu_line(m, c, p, n))
        return;
    bool base64 = (c->part_base64 || n >= BASE64_LINE) && is_base64_line(p, n);
    if (base64 && ms_mask_base64(m, p, n, TEXT))
        return;
    ms_mask_text(m, p, n, base64 ? MS_MASK_DIGITS | MS_MASK_SINGLES : ALL);
}

void ms_mask_content_line(const struct ms_mask *m, struct ms_mask_content *c, uint8_t *p, size_t n)
{
    if (!c->begun)
        *c = (struct ms_mask_content){ .begun = true, .headers = true };
    n = ms_mask_chomp(p, n);
    bool dashes = n > 2 && p[0] == '-' && p[1] == '-';
    c->headers |= c->after_dashes && ms_starts_nocase((struct ms_bytes){ p, n }, MS_LIT("content-")); /* of a boundary not known as one */
    c->after_dashes = dashes;
    size_t name = c->headers ? field_name(p, n) : 0;
    if (n == 0) {
        blank_line(c);
    } else if (is_boundary(m, c, p, n)) {
        ms_mask_text(m, p, n, MS_MASK_DIGITS);
        c->headers = true;
        c->part_base64 = c->rfc822 = c->uu = false;
    } else if (name) {
        field(m, c, p, n, name);
    } else if (c->headers && ms_is_blank(p[0])) {
        value(m, c, p, n);
    } else {
        c->headers = false;
        body_line(m, c, p, n);
    }
}
