#include "mail/header.h"
#include "base/text.h"
#include "mail/base64.h"

enum { CHARSET_MAX = 64 };

/* Text under construction. Bytes of neighbouring words in one charset are gathered before they are converted: a character may
 * be split across words (against RFC 2047 section 5, and common).                                                        */
struct decoder {
    struct ms_buffer out, word;
    struct ms_bytes  charset;   /* of `word` */
    struct ms_bytes  raw_charset;
    struct ms_arena *arena;
};

static bool is_utf8(struct ms_bytes b)
{
    uint32_t code_point;
    while (b.n) {
        size_t n = b.p[0] < 0x80 ? 1 : ms_utf8_sequence(b, &code_point);
        if (n == 0)
            return false;
        b = ms_tail(b, n);
    }
    return true;
}

static bool is_ascii(struct ms_bytes b)
{
    uint8_t all = 0;
    for (size_t i = 0; i < b.n; i++)
        all |= b.p[i];
    return all < 0x80;
}

struct ms_bytes ms_text_to_utf8(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena)
{
    if (is_ascii(raw) || is_utf8(raw))
        return raw;
    return ms_charset_to_utf8(raw, charset.n ? charset : MS_LIT("iso-8859-1"), arena);
}

struct ms_bytes ms_unfold(struct ms_bytes value, struct ms_arena *arena)
{
    if (ms_find(value, '\n') == value.n && ms_find(value, '\r') == value.n)
        return value;
    uint8_t *p = ms_arena_alloc(arena, value.n);
    size_t   n = 0;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '\r' && value.p[i] != '\n')
            p[n++] = value.p[i];
    return (struct ms_bytes){ p, n };
}

static void flush_word(struct decoder *d)
{
    if (d->word.n)
        ms_buffer_append(&d->out, ms_charset_to_utf8(ms_buffer_bytes(&d->word), d->charset, d->arena));
    d->word.n = 0;
}

static void add_raw(struct decoder *d, struct ms_bytes raw)
{
    if (raw.n == 0)
        return;
    flush_word(d);
    ms_buffer_append(&d->out, ms_text_to_utf8(raw, d->raw_charset, d->arena));
}

static void make_room(struct ms_buffer *b, size_t n)
{
    if (b->size - b->n >= n)
        return;
    b->size = b->n + n + b->size;
    b->p = ms_resize(b->p, b->size);
}

static void decode_b(struct ms_buffer *out, struct ms_bytes text)
{
    struct ms_base64 d = ms_base64_start();
    make_room(out, text.n + 2 * MS_BASE64_ROOM);
    ms_base64_push(&d, text, out);
    ms_base64_finish(&d, out);
}

static void decode_q(struct ms_buffer *out, struct ms_bytes text)
{
    make_room(out, text.n);
    for (size_t i = 0; i < text.n; i++) {
        uint8_t c = text.p[i];
        int     high = c == '=' ? ms_hex_digit(ms_at(text, i + 1)) : -1, low = high >= 0 ? ms_hex_digit(ms_at(text, i + 2)) : -1;
        if (low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '_') {
            c = ' ';
        }
        out->p[out->n++] = c;
    }
}

struct word { struct ms_bytes charset, text; uint8_t encoding; size_t used; };

/* An encoded word at the start of b ("=?" is there). *ends turns false once no "?=" follows: it is not searched for again. */
static bool read_word(struct ms_bytes b, struct word *w, bool *ends)
{
    struct ms_bytes rest = ms_tail(b, 2), window = ms_head(rest, CHARSET_MAX);
    size_t          q = ms_find(window, '?');
    if (q == window.n || q == 0 || ms_find(ms_head(rest, q), ' ') < q)
        return false;
    w->charset = ms_head(rest, ms_find(ms_head(rest, q), '*')); /* without the language, RFC 2231 section 5 */
    w->encoding = ms_lower(ms_at(rest, q + 1));
    if ((w->encoding != 'b' && w->encoding != 'q') || ms_at(rest, q + 2) != '?')
        return false;
    struct ms_bytes text = ms_tail(rest, q + 3);
    for (size_t i = 0; *ends && i + 1 < text.n; i++) {
        if (text.p[i] != '?' || text.p[i + 1] != '=')
            continue;
        w->text = ms_head(text, i);
        w->used = 2 + q + 3 + i + 2;
        return true;
    }
    *ends = false;
    return false;
}

static void add_word(struct decoder *d, const struct word *w)
{
    if (!ms_equal_nocase(d->charset, w->charset))
        flush_word(d);
    d->charset = w->charset;
    if (w->encoding == 'b')
        decode_b(&d->word, w->text);
    else
        decode_q(&d->word, w->text);
}

static void decode_words(struct decoder *d, struct ms_bytes value)
{
    bool   ends = true, after_word = false;
    size_t raw_at = 0;
    for (size_t i = 0; ends && i + 1 < value.n;) {
        struct word w;
        if (value.p[i] != '=' || value.p[i + 1] != '?' || !read_word(ms_tail(value, i), &w, &ends)) {
            i++;
            continue;
        }
        struct ms_bytes between = ms_slice(value, raw_at, i - raw_at);
        if (!after_word || ms_trim(between).n) /* blanks between two words are not shown */
            add_raw(d, between);
        add_word(d, &w);
        i += w.used;
        raw_at = i;
        after_word = true;
    }
    add_raw(d, ms_tail(value, raw_at));
    flush_word(d);
}

struct ms_bytes ms_decode_header_as(struct ms_bytes raw, struct ms_bytes charset, struct ms_arena *arena)
{
    struct ms_bytes value = ms_unfold(ms_trim(raw), arena);
    if (ms_search_nocase(value, MS_LIT("=?")) == value.n) {
        struct ms_bytes text = ms_text_to_utf8(value, charset, arena);
        return text.p == raw.p || (text.p >= raw.p && text.p < raw.p + raw.n) ? ms_arena_keep(arena, text) : text;
    }
    struct decoder d = { .raw_charset = charset, .arena = arena };
    decode_words(&d, value);
    struct ms_bytes text = ms_arena_keep(arena, ms_trim(ms_buffer_bytes(&d.out)));
    ms_buffer_finish(&d.out);
    ms_buffer_finish(&d.word);
    return text;
}

struct ms_bytes ms_decode_header(struct ms_bytes raw, struct ms_arena *arena)
{
    return ms_decode_header_as(raw, (struct ms_bytes){ NULL, 0 }, arena);
}

/* ---- header blocks ----------------------------------------------------------------------------------------- */

static bool is_space(uint8_t c) { return ms_is_blank(c) || c == '\r' || c == '\n'; }

bool ms_header_next(struct ms_bytes *rest, struct ms_header_field *out)
{
    while (rest->n) {
        size_t n = 0;
        do
            n += ms_find(ms_tail(*rest, n), '\n') + 1;
        while (n < rest->n && ms_is_blank(rest->p[n]));
        struct ms_bytes line = ms_head(*rest, n);
        *rest = ms_tail(*rest, n);
        while (line.n && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r'))
            line.n--;
        size_t colon = ms_find(line, ':');
        *out = (struct ms_header_field){ ms_trim(ms_head(line, colon)), ms_tail(line, colon + 1), line };
        while (out->value.n && is_space(out->value.p[0]))
            out->value = ms_tail(out->value, 1);
        if (colon < line.n && out->name.n)
            return true;
    }
    return false;
}
