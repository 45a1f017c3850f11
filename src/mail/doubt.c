#include "mail/doubt.h"
#include "mail/mime.h"

enum { LONGEST_BOUNDARY = 70 /* RFC 2046 5.1.1 */, EXTENSION = 8 };

/* Where one parameter was seen: "name", "name*", "name*0", "name*1*". */
struct seen { unsigned plain, extended, pieces; bool gap; struct ms_bytes plain_value, extended_value; };
struct reader { struct ms_bytes rest; struct seen boundary, name; uint32_t doubts; bool multipart, external; }; /* external: message/external-body */
struct param { struct ms_bytes name, value; bool quoted, loose; }; /* loose: blanks around the '=' */

static bool is_blank(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; } /* line ends are those of folded lines */

/* RFC 2045 5.1: no blanks, controls, tspecials; 8-bit is let pass. */
static bool is_token(uint8_t c) { return c > ' ' && c != 0x7f && !strchr("()<>@,;:\\\"/[]?=", c); }

static void skip_blanks(struct reader *r)
{
    while (r->rest.n && is_blank(r->rest.p[0]))
        r->rest = ms_tail(r->rest, 1);
}

static struct ms_bytes take_token(struct reader *r)
{
    size_t n = 0;
    while (n < r->rest.n && is_token(r->rest.p[n]))
        n++;
    struct ms_bytes token = ms_head(r->rest, n);
    r->rest = ms_tail(r->rest, n);
    return token;
}

static bool take(struct reader *r, uint8_t c)
{
    bool there = ms_at(r->rest, 0) == c && r->rest.n;
    r->rest = ms_tail(r->rest, there);
    return there;
}

/* Controls, and line ends that fold nothing. */
static bool has_controls(struct ms_bytes b)
{
    enum { LONGEST_GAP = 100 };
    size_t blanks = 0;
    for (size_t i = 0; i < b.n; i++) {
        uint8_t c = b.p[i], next = ms_at(b, i + 1);
        blanks = is_blank(c) ? blanks + 1 : 0;
        if (blanks > LONGEST_GAP || (c < ' ' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f || (c == '\r' && next != '\n'))
            return true;
        if (c == '\n' && i + 1 < b.n && is_blank(next) && (ms_at(b, i + 2) == '\r' || ms_at(b, i + 2) == '\n')) /* a line of nothing but a blank */
            return true;
    }
    return false;
}

/* ---- values ---------------------------------------------------------------------------------------------------- */

/* Behind the opening quote. False: it is never closed. */
static bool take_quoted(struct reader *r, struct param *p)
{
    size_t n = 0;
    while (n < r->rest.n && r->rest.p[n] != '"')
        n += r->rest.p[n] == '\\' ? 2 : 1;
    p->value = ms_head(r->rest, n);
    p->quoted = true;
    bool closed = n < r->rest.n;
    r->rest = ms_tail(r->rest, n + 1);
    return closed;
}

/* "(" in the middle of a word: for some programs a comment, for others a part of the name. */
static bool has_comment(struct ms_bytes value)
{
    size_t at = ms_find(value, '(');
    return at < value.n && (at == 0 || !is_blank(value.p[at - 1]));
}

static bool is_single_quoted(struct ms_bytes value) { return value.n > 1 && value.p[0] == '\'' && value.p[value.n - 1] == '\''; }

static bool is_for_programs(struct ms_bytes name) { return ms_starts_nocase(name, MS_LIT("boundary")) || ms_starts_nocase(name, MS_LIT("name")) || ms_starts_nocase(name, MS_LIT("filename")); }

/* Up to the next ';'. False: quotes or comments stand in it. */
static bool take_bare(struct reader *r, struct param *p)
{
    p->value = ms_trim(ms_head(r->rest, ms_find(r->rest, ';')));
    p->quoted = false;
    r->rest = ms_tail(r->rest, ms_find(r->rest, ';'));
    if (p->value.n == 0) /* nothing can be read in it, but in a name or boundary */
        return !is_for_programs(p->name);
    return ms_find(p->value, '"') == p->value.n && p->value.p[p->value.n - 1] != '\\' && !has_comment(p->value) && !is_single_quoted(p->value);
}

static bool take_param(struct reader *r, struct param *p)
{
    p->name = take_token(r);
    size_t left = r->rest.n;
    skip_blanks(r);
    p->loose = left > r->rest.n;
    if (p->name.n == 0 || !take(r, '='))
        return false;
    left = r->rest.n;
    skip_blanks(r);
    p->loose |= left > r->rest.n;
    bool good = take(r, '"') ? take_quoted(r, p) : take_bare(r, p);
    skip_blanks(r);
    return good && (r->rest.n == 0 || r->rest.p[0] == ';');
}

/* ---- parameters -------------------------------------------------------------------------------------------------- */

/* `suffix`: what follows the name of the parameter. */
static void note(struct seen *s, struct ms_bytes suffix, struct ms_bytes value)
{
    uint64_t number;
    bool     star = suffix.n && suffix.p[suffix.n - 1] == '*';
    if (suffix.n == 0) {
        s->plain += s->plain == 0 || !ms_equal(value, s->plain_value); /* twice the same: all programs read it alike */
        s->plain_value = value;
    } else if (suffix.n == 1) {
        s->extended++;
        s->extended_value = value;
    } else {
        struct ms_bytes digits = ms_slice(suffix, 1, suffix.n - 1 - star);
        s->gap |= !ms_parse_u64(digits, &number) || number != s->pieces || (digits.n > 1 && digits.p[0] == '0');
        s->pieces++;
        s->extended_value = value;
    }
}

static bool is_odd_boundary(const struct param *p)
{
    struct ms_bytes v = p->value;
    if (v.n == 0 || v.n > LONGEST_BOUNDARY || is_blank(v.p[v.n - 1]) || is_blank(v.p[0]))
        return true;
    for (size_t i = 0; i < v.n; i++)
        if (v.p[i] < ' ' || v.p[i] > '~' || strchr("\\;\"", v.p[i]) || (v.p[i] == ' ' && !p->quoted) || (v.p[i] == '(' && !p->quoted))
            return true;
    return ms_starts_nocase(v, MS_LIT("=?"));
}

static bool is_named(struct ms_bytes name, struct ms_bytes what, struct ms_bytes *suffix)
{
    *suffix = ms_tail(name, what.n);
    return ms_starts_nocase(name, what) && (suffix->n == 0 || suffix->p[0] == '*');
}

/* UTF-16 and UTF-32, which many programs do not read in a name. */
static bool is_wide(struct ms_bytes value)
{
    value = ms_tail(value, ms_starts_nocase(value, MS_LIT("=?")) ? 2 : 0);
    return ms_starts_nocase(value, MS_LIT("utf-16")) || ms_starts_nocase(value, MS_LIT("utf-32"));
}

static struct ms_bytes extension_of(struct ms_bytes name)
{
    size_t n = name.n;
    while (n > 0 && name.n - n <= EXTENSION && name.p[n - 1] != '.')
        n--;
    return n > 0 && name.p[n - 1] == '.' ? ms_tail(name, n) : (struct ms_bytes){ NULL, 0 };
}

/* "file.png" in a parameter that is none for names: programs that look for anything like a name find it. */
static bool is_name_like(struct ms_bytes value)
{
    struct ms_bytes extension = extension_of(value);
    for (size_t i = 0; i < value.n; i++)
        if (strchr("/@<>:", value.p[i]))
            return false;
    for (size_t i = 0; i < extension.n; i++)
        if (!ms_is_letter(extension.p[i]))
            return false;
    return extension.n >= 2 && extension.n <= 4 && extension.n + 1 < value.n;
}

static void note_param(struct reader *r, const struct param *p)
{
    struct ms_bytes suffix;
    if (is_named(p->name, MS_LIT("boundary"), &suffix)) {
        note(&r->boundary, suffix, p->value);
        if (is_odd_boundary(p) || p->loose)
            r->doubts |= MS_MIME_ODD_BOUNDARY;
    } else if (is_named(p->name, MS_LIT("name"), &suffix) || is_named(p->name, MS_LIT("filename"), &suffix)) {
        note(&r->name, suffix, p->value);
        if (p->loose || is_wide(p->value))
            r->doubts |= MS_MIME_ODD_FIELD;
    } else if (!r->external && is_name_like(p->value)) { /* RFC 2046 5.2.3: site=ftp.example.com */
        r->doubts |= MS_MIME_TWO_NAMES;
    }
}

bool ms_names_differ(struct ms_bytes a, struct ms_bytes b)
{
    struct ms_bytes x = extension_of(a), y = extension_of(b);
    return x.n && y.n && !ms_equal_nocase(x, y);
}

static uint32_t judge(const struct reader *r)
{
    const struct seen *b = &r->boundary, *n = &r->name;
    uint32_t           doubts = r->doubts;
    bool               two = n->plain && (n->extended || n->pieces);
    if (b->plain + b->extended + b->pieces > 1 || b->extended || b->pieces || (b->plain && !r->multipart))
        doubts |= MS_MIME_ODD_BOUNDARY;
    if (n->plain > 1 || n->extended > 1 || n->gap || (n->extended && n->pieces))
        doubts |= MS_MIME_ODD_FIELD;
    if (two && ms_names_differ(n->plain_value, n->extended_value))
        doubts |= MS_MIME_TWO_NAMES;
    return doubts;
}

/* ---- fields where none is -------------------------------------------------------------------------------------- */

bool ms_is_content_field(struct ms_bytes b)
{
    static const struct { struct ms_bytes name; const char *begins; } fields[] = {
        { { (const uint8_t *)"content-type", 12 }, "text|multipart|message|application|image|audio|video" },
        { { (const uint8_t *)"content-transfer-encoding", 25 }, "base64|quoted-printable" },
        { { (const uint8_t *)"content-disposition", 19 }, "attachment|inline" },
    };
    if (!ms_starts_nocase(b, MS_LIT("content-")))
        return false;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct reader r = { .rest = ms_tail(b, fields[i].name.n) };
        if (ms_starts_nocase(b, fields[i].name) && take(&r, ':')) {
            skip_blanks(&r);
            return ms_is_one_of(take_token(&r), fields[i].begins);
        }
    }
    return false;
}

bool ms_hides_content_field(struct ms_bytes field)
{
    for (size_t i = 0; i < field.n; i++) {
        if (field.p[i] != '\r' && field.p[i] != '\n')
            continue;
        struct reader r = { .rest = ms_tail(field, i + 1) };
        skip_blanks(&r);
        if (ms_is_content_field(r.rest))
            return true;
        i = field.n - r.rest.n - 1; /* each byte is passed once, however many blanks there are */
    }
    return false;
}

/* ---- the field --------------------------------------------------------------------------------------------------- */

static bool take_word(struct reader *r, enum ms_content_field kind)
{
    struct ms_bytes first = take_token(r);
    bool            slash = kind == MS_CONTENT_TYPE && take(r, '/');
    struct ms_bytes second = slash ? take_token(r) : first;
    r->multipart = slash && ms_equal_nocase(first, MS_LIT("multipart"));
    r->external = slash && ms_equal_nocase(first, MS_LIT("message")) && ms_equal_nocase(second, MS_LIT("external-body"));
    skip_blanks(r);
    bool old = !slash && ms_equal_nocase(first, MS_LIT("text")); /* RFC 1049: plain text, for all programs */
    bool good = first.n && second.n && (slash || old || kind != MS_CONTENT_TYPE);
    return good && (r->rest.n == 0 || (r->rest.p[0] == ';' && kind != MS_CONTENT_ENCODING));
}

static bool take_params(struct reader *r)
{
    struct param p;
    while (r->rest.n) {
        if (!take(r, ';'))
            return false;
        skip_blanks(r);
        if (r->rest.n == 0 || r->rest.p[0] == ';')
            continue;
        if (!take_param(r, &p))
            return false;
        note_param(r, &p);
    }
    return true;
}

uint32_t ms_field_doubts(struct ms_bytes field, enum ms_content_field kind)
{
    size_t        colon = ms_find(field, ':');
    struct reader r = { .rest = ms_tail(field, colon + 1) };
    bool          blank_name = colon > 0 && is_blank(field.p[colon - 1]);
    if (blank_name || has_controls(field))
        r.doubts |= MS_MIME_ODD_FIELD;
    skip_blanks(&r);
    if (!take_word(&r, kind) || !take_params(&r))
        r.doubts |= MS_MIME_ODD_FIELD;
    return judge(&r);
}
