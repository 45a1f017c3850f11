/* Parameters of Content-Type and Content-Disposition (RFC 2045 5.1, RFC 2231).
 * BUGS: comments inside parameters are not removed; nearly nobody writes them, and file names hold parentheses. */
#include "mail/header.h"

enum { PIECES = 128 };

struct param { struct ms_bytes name, value; bool quoted; };
struct piece { struct ms_bytes value; bool there, extended, quoted; };
struct pieces { struct piece plain, extended, numbered[PIECES]; size_t count; }; /* count: of the numbers in use */

struct ms_bytes ms_header_word(struct ms_bytes value)
{
    value = ms_trim(value);
    size_t n = 0;
    while (n < value.n && value.p[n] != ';' && value.p[n] != '(' && !ms_is_blank(value.p[n]))
        n++;
    return ms_head(value, n);
}

/* The inside of a quoted string that begins at b; *b goes on behind it. */
static struct ms_bytes take_quoted(struct ms_bytes *b)
{
    size_t n = 1;
    while (n < b->n && b->p[n] != '"')
        n += b->p[n] == '\\' && n + 1 < b->n && (b->p[n + 1] == '"' || b->p[n + 1] == '\\') ? 2 : 1;
    struct ms_bytes inside = ms_slice(*b, 1, n - 1);
    *b = ms_tail(*b, n + 1);
    return inside;
}

static struct ms_bytes take_until_semicolon(struct ms_bytes *b)
{
    size_t          n = ms_find(*b, ';');
    struct ms_bytes value = ms_trim(ms_head(*b, n));
    *b = ms_tail(*b, n);
    return value;
}

/* A quoted value; with more behind its closing quote ("a".txt") all of it is meant. */
static struct ms_bytes take_quoted_value(struct ms_bytes *b)
{
    struct ms_bytes rest = *b, value = take_quoted(&rest);
    uint8_t         next = ms_at(rest, 0);
    if (rest.n == 0 || next == ';' || ms_is_blank(next)) {
        *b = rest;
        return value;
    }
    value = ms_tail(take_until_semicolon(b), 1);
    return value.n && value.p[value.n - 1] == '"' ? ms_head(value, value.n - 1) : value;
}

static struct ms_bytes skip_to_param(struct ms_bytes b)
{
    while (b.n && (b.p[0] == ';' || ms_is_blank(b.p[0])))
        b = ms_tail(b, 1);
    return b;
}

/* The next name=value of *rest; false at the end. */
static bool take_param(struct ms_bytes *rest, struct param *out)
{
    for (*rest = skip_to_param(*rest); rest->n; *rest = skip_to_param(*rest)) {
        size_t n = 0;
        while (n < rest->n && rest->p[n] != '=' && rest->p[n] != ';' && rest->p[n] != '"')
            n++;
        struct ms_bytes name = ms_trim(ms_head(*rest, n));
        uint8_t         end = ms_at(*rest, n);
        if (end == '"') {
            *rest = ms_tail(*rest, n);
            take_quoted(rest);
            continue;
        }
        *rest = ms_tail(*rest, n + 1);
        if (end != '=')
            continue;
        while (rest->n && ms_is_blank(rest->p[0]))
            *rest = ms_tail(*rest, 1);
        out->name = name;
        out->quoted = rest->n && rest->p[0] == '"';
        out->value = out->quoted ? take_quoted_value(rest) : take_until_semicolon(rest);
        return true;
    }
    return false;
}

static void set_piece(struct piece *p, const struct param *param, bool extended)
{
    if (!p->there)
        *p = (struct piece){ param->value, true, extended, param->quoted };
}

/* `suffix` is what follows the name: "", "*", "*0", "*0*". */
static void sort_in(struct pieces *all, const struct param *param, struct ms_bytes suffix)
{
    bool     star = suffix.n && suffix.p[suffix.n - 1] == '*';
    uint64_t number;
    if (suffix.n == 0) {
        set_piece(&all->plain, param, false);
    } else if (suffix.n == 1) {
        set_piece(&all->extended, param, true);
    } else if (ms_parse_u64(ms_slice(suffix, 1, suffix.n - 1 - star), &number) && number < PIECES) {
        set_piece(&all->numbered[number], param, star);
        all->count = all->count > number ? all->count : (size_t)number + 1;
    }
}

static bool find_pieces(struct ms_bytes value, struct ms_bytes name, struct pieces *all)
{
    struct param    param;
    struct ms_bytes rest = ms_tail(value, ms_header_word(value).n + (size_t)(ms_trim(value).p - value.p));
    while (take_param(&rest, &param))
        if (ms_starts_nocase(param.name, name) && (param.name.n == name.n || param.name.p[name.n] == '*'))
            sort_in(all, &param, ms_tail(param.name, name.n));
    if (all->numbered[0].there)
        return true;
    if (!all->extended.there && !all->plain.there)
        return all->count > 0; /* the first piece is lost, or was never there */
    all->numbered[0] = all->extended.there ? all->extended : all->plain;
    all->count = 1;
    return true;
}

/* "charset'language'text" -> text. */
static struct ms_bytes split_charset(struct ms_bytes value, struct ms_bytes *charset)
{
    size_t first = ms_find(value, '\''), second = first + 1 + ms_find(ms_tail(value, first + 1), '\'');
    if (second >= value.n)
        return value;
    *charset = ms_head(value, first);
    return ms_tail(value, second + 1);
}

static size_t copy_piece(uint8_t *to, const struct piece *p)
{
    struct ms_bytes value = p->value;
    size_t          n = 0;
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i], next = ms_at(value, i + 1);
        int     high = p->extended && c == '%' ? ms_hex_digit(next) : -1;
        int     low = high >= 0 ? ms_hex_digit(ms_at(value, i + 2)) : -1;
        if (low >= 0) {
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (p->quoted && c == '\\' && (next == '"' || next == '\\')) {
            c = next;
            i++;
        }
        to[n++] = c;
    }
    return n;
}

/* Spares most headers the table of pieces. */
static bool maybe_there(struct ms_bytes value, struct ms_bytes name)
{
    return ms_search_nocase(value, name) < value.n;
}

bool ms_header_param(struct ms_bytes value, struct ms_bytes name, struct ms_arena *arena, struct ms_bytes *out,
                     struct ms_bytes *charset)
{
    struct pieces all;
    if (!maybe_there(value, name))
        return false;
    memset(&all, 0, sizeof all);
    if (!find_pieces(value, name, &all))
        return false;
    *charset = (struct ms_bytes){ NULL, 0 };
    size_t room = 0, n = 0, first = 0;
    while (!all.numbered[first].there)
        first++;
    if (all.numbered[first].extended)
        all.numbered[first].value = split_charset(all.numbered[first].value, charset);
    for (size_t i = first; i < all.count; i++)
        room += all.numbered[i].value.n;
    uint8_t *p = ms_arena_alloc(arena, room ? room : 1);
    for (size_t i = first; i < all.count; i++)
        n += copy_piece(p + n, &all.numbered[i]);
    *out = (struct ms_bytes){ p, n };
    return true;
}

struct ms_bytes ms_header_param_text(struct ms_bytes value, struct ms_bytes name, struct ms_bytes fallback,
                                     struct ms_arena *arena)
{
    struct ms_bytes raw, charset;
    if (!ms_header_param(value, name, arena, &raw, &charset))
        return (struct ms_bytes){ NULL, 0 };
    if (charset.n)
        return ms_charset_to_utf8(raw, charset, arena);
    return ms_decode_header_as(raw, fallback, arena);
}
