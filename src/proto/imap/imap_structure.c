/* proto/imap/imap_structure.c - BODYSTRUCTURE, and BODY without brackets (RFC 9051 7.5.2): the parts of a message before they come.
 *
 * Gives    each part's section number and a header block that says what the server said: type and parameters, encoding, disposition, id.
 * Bounds   linear in the text; deeper than IMAP_LEVELS or mime_depth, and beyond mime_parts parts, it is not read.
 * BUGS     a description (Content-Description) and languages are left out.                                            */
#include "imap_private.h"

enum { IMAP_LEVELS = 64 };

struct reader { struct ms_bytes rest; struct imap_structure *t; const struct ms_limits *limits; };

/* ---- tokens ------------------------------------------------------------------------------------------------- */

static void skip_blanks(struct reader *r)
{
    while (r->rest.n && ms_is_blank(r->rest.p[0]))
        r->rest = ms_tail(r->rest, 1);
}

static bool take_char(struct reader *r, char c)
{
    skip_blanks(r);
    bool found = r->rest.n && r->rest.p[0] == (uint8_t)c;
    if (found)
        r->rest = ms_tail(r->rest, 1);
    return found;
}

/* A quoted string with its quotes, a list with its parentheses, an atom, or NIL; empty at the end of the list. */
static struct ms_bytes take_value(struct reader *r)
{
    skip_blanks(r);
    uint8_t c = ms_at(r->rest, 0);
    if (c == '"' || c == '(')
        return imap_take_argument(&r->rest);
    size_t n = 0;
    while (n < r->rest.n && !ms_is_blank(r->rest.p[n]) && r->rest.p[n] != '(' && r->rest.p[n] != ')')
        n++;
    struct ms_bytes value = ms_head(r->rest, n);
    r->rest = ms_tail(r->rest, n);
    return value;
}

static void skip_to_end(struct reader *r)
{
    while (r->rest.n && !take_char(r, ')') && take_value(r).n)
        ;
}

static bool is_nil(struct ms_bytes v) { return v.n == 0 || ms_equal_nocase(v, MS_LIT("NIL")); }

/* ---- header blocks ------------------------------------------------------------------------------------------ */

static void add(struct imap_structure *t, struct ms_bytes b) { ms_buffer_append(&t->text, b); }

/* Without what would end the line. */
static void add_text(struct imap_structure *t, struct ms_bytes value, bool quoted)
{
    struct ms_buffer plain = { 0 };
    imap_unquote(value, &plain);
    for (size_t i = 0; i < plain.n; i++) {
        uint8_t c = plain.p[i];
        if (quoted && (c == '"' || c == '\\'))
            add(t, MS_LIT("\\"));
        if (c != '\r' && c != '\n' && c != 0)
            add(t, (struct ms_bytes){ &plain.p[i], 1 });
    }
    ms_buffer_finish(&plain);
}

static bool is_token(struct ms_bytes value, bool quoted)
{
    value = quoted && value.n > 1 ? ms_slice(value, 1, value.n - 2) : value;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] <= ' ' || value.p[i] >= 127 || memchr("()<>@,;:\\\"/[]?=", value.p[i], 15))
            return false;
    return value.n > 0;
}

/* ("NAME" "value" ...); of the outermost multipart the boundary is noted. */
static void add_parameters(struct imap_structure *t, struct ms_bytes list)
{
    struct reader r = { .rest = list, .t = t };
    if (!take_char(&r, '('))
        return;
    for (;;) {
        struct ms_bytes name = take_value(&r), value = take_value(&r);
        if (name.n == 0 || value.n == 0)
            return;
        if (!is_token(name, ms_at(name, 0) == '"') || is_nil(value))
            continue;
        add(t, MS_LIT(";\r\n\t"));
        add_text(t, name, false);
        add(t, MS_LIT("=\""));
        size_t at = t->text.n;
        add_text(t, value, true);
        if (t->count == 0 && t->boundary_n == 0 && ms_equal_nocase(ms_trim(name), MS_LIT("\"boundary\""))) {
            t->boundary_at = (uint32_t)at;
            t->boundary_n = (uint32_t)(t->text.n - at);
        }
        add(t, MS_LIT("\""));
    }
}

static void add_type(struct imap_structure *t, struct ms_bytes type, struct ms_bytes subtype, struct ms_bytes parameters)
{
    add(t, MS_LIT("Content-Type: "));
    add_text(t, type, false);
    add(t, MS_LIT("/"));
    add_text(t, subtype, false);
    add_parameters(t, parameters);
    add(t, MS_LIT("\r\n"));
}

static void add_field(struct imap_structure *t, struct ms_bytes name, struct ms_bytes value)
{
    if (is_nil(value))
        return;
    add(t, name);
    add_text(t, value, false);
    add(t, MS_LIT("\r\n"));
}

/* ("attachment" ("FILENAME" "x")) */
static void add_disposition(struct imap_structure *t, struct ms_bytes value)
{
    struct reader   r = { .rest = value, .t = t };
    struct ms_bytes word;
    if (!take_char(&r, '(') || is_nil(word = take_value(&r)))
        return;
    add(t, MS_LIT("Content-Disposition: "));
    add_text(t, word, false);
    add_parameters(t, take_value(&r));
    add(t, MS_LIT("\r\n"));
}

/* ---- parts -------------------------------------------------------------------------------------------------- */

/* Room for a part; its place, or UINT32_MAX over the limit. */
static uint32_t add_node(struct reader *r, struct ms_bytes path, bool multipart)
{
    struct imap_structure *t = r->t;
    if (t->count >= r->limits->mime_parts) {
        t->cut = true;
        return UINT32_MAX;
    }
    if (t->count == t->room) {
        t->room = t->room ? t->room * 2 : 8;
        t->nodes = ms_resize(t->nodes, t->room * sizeof *t->nodes);
    }
    t->nodes[t->count] = (struct imap_node){ .path_at = (uint32_t)t->text.n, .path_n = (uint32_t)path.n, .octets = IMAP_UNKNOWN, .multipart = multipart };
    add(t, path);
    return t->count++;
}

static void begin_head(struct imap_structure *t, uint32_t at) { t->nodes[at].head_at = (uint32_t)t->text.n; }
static void end_head(struct imap_structure *t, uint32_t at) { t->nodes[at].head_n = (uint32_t)t->text.n - t->nodes[at].head_at; }

struct path { uint8_t text[IMAP_PATH]; size_t n; };

static bool add_number(struct path *p, uint32_t number)
{
    uint8_t digits[12];
    size_t  at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + number % 10);
    while (number /= 10);
    if (p->n)
        digits[--at] = '.';
    if (p->n + sizeof digits - at > IMAP_PATH)
        return false;
    memcpy(p->text + p->n, digits + at, sizeof digits - at);
    p->n += sizeof digits - at;
    return true;
}

static void read_body(struct reader *r, const struct path *of, unsigned level);

static void read_multipart(struct reader *r, const struct path *path, unsigned level)
{
    static const struct ms_bytes multipart = { (const uint8_t *)"multipart", 9 };
    struct imap_structure *t = r->t;
    uint32_t               at = add_node(r, (struct ms_bytes){ path->text, path->n }, true), number = 0;
    for (skip_blanks(r); ms_at(r->rest, 0) == '('; skip_blanks(r)) {
        struct path child = *path;
        if (at == UINT32_MAX || !add_number(&child, ++number)) {
            t->cut = true;
            take_value(r);
            continue;
        }
        read_body(r, &child, level + 1);
    }
    struct ms_bytes subtype = take_value(r), parameters = take_value(r), disposition = take_value(r);
    uint32_t        count = t->count;
    if (at != UINT32_MAX) {
        t->count = at; /* the boundary of the first one is that of the message */
        begin_head(t, at);
        add_type(t, multipart, subtype, parameters);
        add_disposition(t, disposition);
        end_head(t, at);
        t->count = count;
    }
    skip_to_end(r);
}

/* What a part that is a message says of itself: envelope, structure, lines. */
static void read_message(struct reader *r, const struct path *path, unsigned level)
{
    struct path inner = *path;
    take_value(r);
    skip_blanks(r);
    if (ms_at(r->rest, 0) != '(')
        return;
    if (ms_at(r->rest, 1) != '(' && !add_number(&inner, 1))
        return;
    read_body(r, &inner, level + 1);
}

static void read_single(struct reader *r, const struct path *path, unsigned level)
{
    struct imap_structure *t = r->t;
    uint32_t               at = add_node(r, (struct ms_bytes){ path->text, path->n }, false);
    struct ms_bytes        type = take_value(r), subtype = take_value(r), parameters = take_value(r), id = take_value(r);
    take_value(r); /* description */
    struct ms_bytes encoding = take_value(r), octets = take_value(r);
    bool text = ms_equal_nocase(type, MS_LIT("\"text\"")), message = ms_equal_nocase(type, MS_LIT("\"message\"")) &&
                (ms_equal_nocase(subtype, MS_LIT("\"rfc822\"")) || ms_equal_nocase(subtype, MS_LIT("\"global\"")));
    if (message)
        read_message(r, path, level);
    if (text || message)
        take_value(r); /* lines */
    take_value(r);     /* MD5 */
    struct ms_bytes disposition = take_value(r);
    if (at != UINT32_MAX) {
        begin_head(t, at);
        add_type(t, type, subtype, parameters);
        add_field(t, MS_LIT("Content-Transfer-Encoding: "), encoding);
        add_field(t, MS_LIT("Content-ID: "), id);
        add_disposition(t, disposition);
        end_head(t, at);
        ms_parse_u64(octets, &t->nodes[at].octets);
        t->leaves++;
    }
    skip_to_end(r);
}

static void read_body(struct reader *r, const struct path *path, unsigned level)
{
    if (level >= IMAP_LEVELS || level >= r->limits->mime_depth) {
        r->t->cut = true;
        take_value(r);
        return;
    }
    if (!take_char(r, '('))
        return;
    skip_blanks(r);
    if (ms_at(r->rest, 0) == '(')
        read_multipart(r, path, level);
    else
        read_single(r, path, level);
}

struct imap_structure *imap_structure_read(struct ms_bytes said, const struct ms_limits *limits)
{
    struct imap_structure *t = ms_alloc(sizeof *t);
    struct reader          r = { said, t, limits };
    struct path            path = { .n = 0 };
    if (ms_at(said, 1) != '(')
        add_number(&path, 1);
    read_body(&r, &path, 0);
    return t;
}

void imap_structure_free(struct imap_structure *t)
{
    if (!t)
        return;
    ms_buffer_finish(&t->text);
    ms_free(t->nodes);
    ms_free(t);
}

const struct imap_node *imap_structure_find(struct imap_structure *t, struct ms_bytes path)
{
    for (uint32_t i = 0; t && i < t->count; i++) {
        uint32_t at = t->hint + i < t->count ? t->hint + i : t->hint + i - t->count;
        if (!ms_equal(imap_node_path(t, &t->nodes[at]), path))
            continue;
        if (t->nodes[at].multipart && at && ms_equal(imap_node_path(t, &t->nodes[at - 1]), path))
            at--; /* the message whose body it is */
        t->hint = at;
        return &t->nodes[at];
    }
    return NULL;
}
