/* content/text/html.c - tokens of HTML. */
#include "content/text/html.h"

/* What a byte ends, or is. */
enum { SPACE = 1, TAG_NAME = 2, NAME = 4, BARE = 8, FILLER = 16 };
static const uint8_t classes[256] = {
    [' '] = SPACE | TAG_NAME | NAME | BARE | FILLER, ['\t'] = SPACE | TAG_NAME | NAME | BARE | FILLER, ['\n'] = SPACE | TAG_NAME | NAME | BARE | FILLER,
    ['\r'] = SPACE | TAG_NAME | NAME | BARE | FILLER, ['\f'] = SPACE | TAG_NAME | NAME | BARE | FILLER,
    ['/'] = TAG_NAME | NAME | FILLER, ['>'] = TAG_NAME | NAME | BARE, ['='] = NAME,
};

static bool is_alpha(uint8_t c) { return ms_lower(c) >= 'a' && ms_lower(c) <= 'z'; }

/* ---- names ----------------------------------------------------------------------------------------------------- */

static const struct { struct ms_bytes name; unsigned flags; } tags[MS_TAG_COUNT] = {
#define X(name, slug, flags) [MS_TAG_##name] = { { (const uint8_t *)(slug), sizeof(slug) - 1 }, flags },
#include "content/text/tags.def"
#undef X
};

/* As memcmp(), and a shorter one first; names differ early, so bytes are faster than a call. */
static int order_of(struct ms_bytes a, struct ms_bytes b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && a.p[i] == b.p[i])
        i++;
    return i < a.n && i < b.n ? (int)a.p[i] - (int)b.p[i] : (a.n > b.n) - (a.n < b.n);
}

/* The rows are sorted. */
static enum ms_html_tag tag_of(struct ms_bytes name)
{
    enum { LONGEST = 10 };
    uint8_t low[LONGEST];
    size_t  from = 1, to = MS_TAG_COUNT;
    if (name.n > LONGEST)
        return MS_TAG_OTHER;
    for (size_t i = 0; i < name.n; i++)
        low[i] = ms_lower(name.p[i]);
    while (from < to) {
        size_t middle = (from + to) / 2;
        int    order = order_of((struct ms_bytes){ low, name.n }, tags[middle].name);
        if (order == 0)
            return (enum ms_html_tag)middle;
        if (order > 0)
            from = middle + 1;
        else
            to = middle;
    }
    return MS_TAG_OTHER;
}

/* ---- tags ------------------------------------------------------------------------------------------------------ */

static struct ms_bytes take_until(struct ms_bytes *b, unsigned stops)
{
    size_t n = 0;
    while (n < b->n && !(classes[b->p[n]] & stops))
        n++;
    struct ms_bytes got = ms_head(*b, n);
    *b = ms_tail(*b, n);
    return got;
}

static void skip(struct ms_bytes *b, unsigned what)
{
    size_t n = 0;
    while (n < b->n && classes[b->p[n]] & what)
        n++;
    *b = ms_tail(*b, n);
}

/* The value behind '='. *rest begins behind the blanks that follow '='. */
static struct ms_bytes take_value(struct ms_bytes *rest)
{
    uint8_t quote = ms_at(*rest, 0);
    if (quote != '"' && quote != '\'')
        return take_until(rest, BARE);
    struct ms_bytes value = ms_head(ms_tail(*rest, 1), ms_find(ms_tail(*rest, 1), quote));
    *rest = ms_tail(*rest, value.n + 2);
    return value;
}

static void take_attribute(struct ms_bytes *rest, struct ms_html_token *out)
{
    struct ms_html_attribute a = { .name = ms_head(*rest, 1) };
    struct ms_bytes          behind = ms_tail(*rest, 1); /* a '=' in front belongs to the name */
    a.name.n += take_until(&behind, NAME).n;
    struct ms_bytes after = behind;
    skip(&after, SPACE);
    a.value = (struct ms_bytes){ a.name.p + a.name.n, 0 };
    if (ms_at(after, 0) == '=') {
        after = ms_tail(after, 1);
        skip(&after, SPACE);
        a.value = take_value(&after);
        behind = after;
    }
    *rest = behind;
    if (out->attribute_count < MS_HTML_ATTRIBUTES)
        out->attributes[out->attribute_count++] = a;
}

/* Behind '<' or '</', at the name. False: the input ended inside the tag, and browsers drop it. */
static bool take_tag(struct ms_html *html, enum ms_html_kind kind, struct ms_html_token *out)
{
    out->kind = kind;
    out->text = take_until(&html->rest, TAG_NAME);
    out->tag = tag_of(out->text);
    out->flags = tags[out->tag].flags;
    for (;;) {
        skip(&html->rest, FILLER);
        if (html->rest.n == 0)
            return false;
        if (html->rest.p[0] == '>')
            break;
        take_attribute(&html->rest, out);
    }
    html->rest = ms_tail(html->rest, 1);
    if (kind == MS_HTML_START && out->flags & MS_TAG_RAW)
        html->raw = out->tag;
    return true;
}

/* ---- what is no tag -------------------------------------------------------------------------------------------- */

/* Behind "<!--": up to "-->", "--!>", or the end; "<!-->" and "<!--->" are whole comments. */
static void take_comment(struct ms_html *html, struct ms_html_token *out)
{
    struct ms_bytes b = html->rest;
    out->kind = MS_HTML_COMMENT;
    size_t closed = ms_at(b, 0) == '>' ? 1 : ms_at(b, 0) == '-' && ms_at(b, 1) == '>' ? 2 : 0;
    size_t at = 0;
    while (!closed && at < b.n) {
        at += ms_find(ms_tail(b, at), '>');
        if (at >= 2 && ms_at(b, at - 1) == '-' && ms_at(b, at - 2) == '-')
            closed = 3;
        else if (at >= 3 && ms_at(b, at - 1) == '!' && ms_at(b, at - 2) == '-' && ms_at(b, at - 3) == '-')
            closed = 4;
        at++;
    }
    if (at > b.n)
        at = b.n;
    out->text = closed >= 3 && at >= closed ? ms_head(b, at - closed) : ms_head(b, closed ? 0 : b.n);
    html->rest = ms_tail(b, closed && closed < 3 ? closed : at);
}

static void take_bogus(struct ms_html *html, struct ms_html_token *out)
{
    out->kind = MS_HTML_COMMENT;
    out->text = ms_head(html->rest, ms_find(html->rest, '>'));
    html->rest = ms_tail(html->rest, out->text.n + 1);
}

/* Up to the end tag of the element, whose '<' is left. */
static void take_raw(struct ms_html *html, struct ms_html_token *out)
{
    struct ms_bytes name = tags[html->raw].name, b = html->rest;
    size_t          at = 0;
    for (; at < b.n; at++) {
        at += ms_find(ms_tail(b, at), '<');
        struct ms_bytes behind = ms_tail(b, at + 2);
        if (ms_at(b, at + 1) == '/' && ms_starts_nocase(behind, name) && (classes[ms_at(behind, name.n)] & TAG_NAME || behind.n == name.n))
            break;
    }
    out->kind = MS_HTML_RAW;
    out->tag = html->raw;
    out->flags = tags[html->raw].flags;
    out->text = ms_head(b, at);
    html->rest = ms_tail(b, at);
    html->raw = MS_TAG_OTHER;
}

/* Length of text up to the next '<' that begins something. */
static size_t text_length(struct ms_bytes b)
{
    size_t at = 0;
    for (; at < b.n; at++) {
        at += ms_find(ms_tail(b, at), '<');
        uint8_t next = ms_at(b, at + 1);
        if (is_alpha(next) || next == '/' || next == '!' || next == '?')
            break;
    }
    return at < b.n ? at : b.n;
}

bool ms_html_next(struct ms_html *html, struct ms_html_token *out)
{
    out->tag = MS_TAG_OTHER;
    out->flags = 0;
    out->attribute_count = 0;
    if (html->rest.n == 0)
        return false;
    if (html->raw != MS_TAG_OTHER) {
        take_raw(html, out);
        return true;
    }
    size_t n = text_length(html->rest);
    if (n > 0) {
        out->kind = MS_HTML_TEXT;
        out->text = ms_head(html->rest, n);
        html->rest = ms_tail(html->rest, n);
        return true;
    }
    uint8_t next = ms_at(html->rest, 1);
    bool    end = next == '/';
    if (is_alpha(end ? ms_at(html->rest, 2) : next)) {
        html->rest = ms_tail(html->rest, end ? 2 : 1);
        return take_tag(html, end ? MS_HTML_END : MS_HTML_START, out);
    }
    bool comment = ms_equal(ms_head(html->rest, 4), MS_LIT("<!--"));
    html->rest = ms_tail(html->rest, comment ? 4 : next == '?' ? 1 : 2);
    if (comment)
        take_comment(html, out);
    else
        take_bogus(html, out);
    return true;
}

/* ---- attributes and character references ----------------------------------------------------------------------- */

struct ms_bytes ms_html_raw_attribute(const struct ms_html_token *token, struct ms_bytes name)
{
    for (size_t i = 0; i < token->attribute_count; i++)
        if (ms_equal_nocase(token->attributes[i].name, name))
            return token->attributes[i].value;
    return (struct ms_bytes){ NULL, 0 };
}

struct ms_bytes ms_html_attribute(const struct ms_html_token *token, struct ms_bytes name, struct ms_arena *arena)
{
    struct ms_bytes raw = ms_html_raw_attribute(token, name);
    if (ms_find(raw, '&') == raw.n && ms_find(raw, 0) == raw.n)
        return raw;
    struct ms_buffer buffer = { 0 };
    ms_html_decode(raw, true, &buffer);
    struct ms_bytes kept = ms_arena_keep(arena, ms_buffer_bytes(&buffer));
    ms_buffer_finish(&buffer);
    return kept;
}
