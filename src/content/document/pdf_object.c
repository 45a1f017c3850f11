/* content/document/pdf_object.c - tokens of PDF (ISO 32000-1 7.2, 7.3), and its objects by number. */
#include "content/document/pdf.h"

#include <stdlib.h>

enum { FOLLOWED = 8, /* references to references */ NESTED = 64 };

/* ---- tokens ------------------------------------------------------------------------------------------------------ */

bool ms_pdf_ends_name(uint8_t c) { return c <= ' ' || strchr("/<>[](){}%", c); }

size_t ms_pdf_name(struct ms_bytes b, char out[MS_PDF_NAME + 1], bool *hidden)
{
    size_t i = 0, n = 0;
    *hidden = false;
    while (i < b.n && n < MS_PDF_NAME && !ms_pdf_ends_name(b.p[i])) {
        int high = b.p[i] == '#' ? ms_hex_digit(ms_at(b, i + 1)) : -1, low = high >= 0 ? ms_hex_digit(ms_at(b, i + 2)) : -1;
        uint8_t c = (uint8_t)(low >= 0 ? high << 4 | low : b.p[i]);
        *hidden |= low >= 0 && (ms_is_letter(c) || ms_is_digit(c));
        out[n++] = (char)c;
        i += low >= 0 ? 3 : 1;
    }
    out[n] = 0;
    return i;
}

struct ms_bytes ms_pdf_skip(struct ms_bytes b)
{
    size_t i = 0;
    for (bool comment = false; i < b.n && (comment || b.p[i] <= ' ' || b.p[i] == '%'); i++)
        comment = b.p[i] == '%' || (comment && b.p[i] != '\r' && b.p[i] != '\n');
    return ms_tail(b, i);
}

/* Up to the bracket that closes it, or to the end. */
static size_t string_length(struct ms_bytes b)
{
    size_t i = 0, depth = 0;
    for (; i < b.n; i++) {
        depth += b.p[i] == '(';
        if (b.p[i] == ')' && --depth == 0)
            return i + 1;
        i += b.p[i] == '\\';
    }
    return b.n;
}

static size_t word_length(struct ms_bytes b)
{
    size_t n = 1;
    while (n < b.n && !ms_pdf_ends_name(b.p[n]))
        n++;
    return n;
}

/* "-.5", "12.", "4-5" as readers take it: up to the second sign. */
static bool read_number(struct ms_bytes b, double *out)
{
    double value = 0, unit = 0;
    size_t i = ms_at(b, 0) == '-' || ms_at(b, 0) == '+', digits = 0;
    for (; i < b.n && (ms_is_digit(b.p[i]) || (b.p[i] == '.' && unit == 0)); i++) {
        if (b.p[i] == '.') {
            unit = 1;
            continue;
        }
        unit /= 10;
        value = unit > 0 ? value + unit * (b.p[i] - '0') : value * 10 + (b.p[i] - '0');
        digits++;
    }
    *out = ms_at(b, 0) == '-' ? -value : value;
    return digits > 0 || (b.n > 0 && i == b.n);
}

static bool take(struct ms_bytes *rest, struct ms_pdf_token *t, enum ms_pdf_kind kind, size_t n)
{
    t->kind = kind;
    t->raw = ms_head(*rest, n);
    *rest = ms_tail(*rest, n);
    return true;
}

bool ms_pdf_next(struct ms_bytes *rest, struct ms_pdf_token *t)
{
    *rest = ms_pdf_skip(*rest);
    uint8_t c = ms_at(*rest, 0), next = ms_at(*rest, 1);
    t->number = 0;
    if (rest->n == 0)
        return take(rest, t, MS_PDF_END, 0) && false;
    switch (c) {
    case '(': return take(rest, t, MS_PDF_TEXT, string_length(*rest));
    case '<': return next == '<' ? take(rest, t, MS_PDF_OPEN, 2) : take(rest, t, MS_PDF_TEXT, ms_find(*rest, '>') + 1);
    case '>': return take(rest, t, MS_PDF_CLOSE, 1 + (next == '>'));
    case '[': return take(rest, t, MS_PDF_OPEN, 1);
    case ']': return take(rest, t, MS_PDF_CLOSE, 1);
    case '/':
        *rest = ms_tail(*rest, 1);
        return take(rest, t, MS_PDF_NAMED, rest->n && !ms_pdf_ends_name(rest->p[0]) ? word_length(*rest) : 0);
    default: break;
    }
    take(rest, t, MS_PDF_WORD, word_length(*rest));
    if ((ms_is_digit(c) || c == '-' || c == '+' || c == '.') && read_number(t->raw, &t->number))
        t->kind = MS_PDF_NUMBER;
    return true;
}

/* ---- strings ------------------------------------------------------------------------------------------------------ */

size_t ms_pdf_hex(struct ms_bytes b, uint8_t *out, size_t size)
{
    size_t n = 0;
    int    high = -1;
    for (size_t i = 0; i < b.n && b.p[i] != '>' && n < size; i++) {
        int digit = ms_hex_digit(b.p[i]);
        if (digit >= 0 && high >= 0)
            out[n++] = (uint8_t)(high << 4 | digit);
        high = digit < 0 ? high : high >= 0 ? -1 : digit;
    }
    if (high >= 0 && n < size)
        out[n++] = (uint8_t)(high << 4);
    return n;
}

/* "\n", "\053", "\(" behind the backslash: how much is used. A line end is nothing. */
static size_t undo_escape(struct ms_bytes b, uint8_t *out, size_t *n)
{
    static const char letters[] = "nrtbf", means[] = "\n\r\t\b\f";
    unsigned value = 0;
    size_t   digits = 0;
    uint8_t  c = ms_at(b, 0);
    while (digits < 3 && ms_at(b, digits) >= '0' && ms_at(b, digits) <= '7')
        value = value * 8 + (unsigned)(b.p[digits++] - '0');
    if (c == '\r' || c == '\n')
        return c == '\r' && ms_at(b, 1) == '\n' ? 2 : 1;
    const char *letter = c ? strchr(letters, c) : NULL;
    out[(*n)++] = digits ? (uint8_t)value : letter ? (uint8_t)means[letter - letters] : c;
    return digits ? digits : 1;
}

struct ms_bytes ms_pdf_string(struct ms_bytes raw, uint8_t *out, size_t size)
{
    size_t n = 0, depth = 0;
    if (ms_at(raw, 0) == '<')
        return (struct ms_bytes){ out, ms_pdf_hex(ms_tail(raw, 1), out, size) };
    for (size_t i = 0; ms_at(raw, 0) == '(' && i < raw.n && n < size; i++) {
        uint8_t c = raw.p[i];
        depth += c == '(';
        if (c == ')' && --depth == 0)
            break;
        if (c == '\\')
            i += undo_escape(ms_tail(raw, i + 1), out, &n);
        else if (i > 0)
            out[n++] = c;
    }
    return (struct ms_bytes){ out, n };
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

/* "12 0 R" */
static bool read_reference(struct ms_bytes *rest, uint32_t *number)
{
    struct ms_pdf_token a, b, c;
    struct ms_bytes     look = *rest;
    if (!ms_is_digit(ms_at(ms_pdf_skip(look), 0)) || !ms_pdf_next(&look, &a) || !ms_pdf_next(&look, &b) || !ms_pdf_next(&look, &c))
        return false;
    if (a.kind != MS_PDF_NUMBER || b.kind != MS_PDF_NUMBER || !ms_equal(c.raw, MS_LIT("R")) || a.number >= UINT32_MAX)
        return false;
    *number = (uint32_t)a.number;
    *rest = look;
    return true;
}

/* The next value, with all that is in it. */
static struct ms_bytes take_value(struct ms_bytes *rest)
{
    struct ms_pdf_token t;
    uint32_t            number;
    size_t              depth = 0;
    struct ms_bytes     from = *rest = ms_pdf_skip(*rest);
    if (!read_reference(rest, &number))
        while (ms_pdf_next(rest, &t)) {
            depth += t.kind == MS_PDF_OPEN;
            depth -= t.kind == MS_PDF_CLOSE && depth > 0;
            if (depth == 0 || depth > NESTED)
                break;
        }
    return ms_head(from, from.n - rest->n);
}

struct ms_bytes ms_pdf_items(struct ms_bytes value)
{
    value = ms_pdf_skip(value);
    return ms_tail(value, ms_at(value, 0) == '[');
}

struct ms_bytes ms_pdf_item(struct ms_bytes *list)
{
    *list = ms_pdf_skip(*list);
    if (list->n == 0 || ms_at(*list, 0) == ']')
        return (struct ms_bytes){ NULL, 0 };
    return take_value(list);
}

bool ms_pdf_reference(struct ms_bytes value, uint32_t *number) { return read_reference(&value, number); }

bool ms_pdf_is(struct ms_bytes value, const char *name)
{
    char   text[MS_PDF_NAME + 1];
    bool   hidden;
    value = ms_pdf_skip(value);
    return ms_at(value, 0) == '/' && ms_pdf_name(ms_tail(value, 1), text, &hidden) && strcmp(text, name) == 0;
}

double ms_pdf_number(struct ms_bytes value, double otherwise)
{
    struct ms_pdf_token t;
    return ms_pdf_next(&value, &t) && t.kind == MS_PDF_NUMBER ? t.number : otherwise;
}

/* ---- dictionaries ------------------------------------------------------------------------------------------------- */

static struct ms_bytes find_key(struct ms_bytes dictionary, const char *key, size_t most)
{
    struct ms_bytes rest = ms_pdf_skip(ms_head(dictionary, most));
    if (!ms_equal(ms_head(rest, 2), MS_LIT("<<")))
        return (struct ms_bytes){ NULL, 0 };
    rest = ms_pdf_skip(ms_tail(rest, 2));
    while (rest.n && ms_at(rest, 0) != '>') {
        bool found = ms_pdf_is(rest, key), named = rest.p[0] == '/';
        take_value(&rest);
        rest = ms_pdf_skip(rest);
        struct ms_bytes value = named && ms_at(rest, 0) != '>' ? take_value(&rest) : ms_head(rest, 0);
        if (found)
            return value;
        rest = ms_pdf_skip(rest);
    }
    return (struct ms_bytes){ NULL, 0 };
}

bool ms_pdf_spend(struct ms_pdf *p, size_t n)
{
    bool enough = p->work >= n;
    p->work -= enough ? n : p->work;
    return enough;
}

struct ms_bytes ms_pdf_get(struct ms_pdf *p, struct ms_bytes dictionary, const char *key)
{
    struct ms_bytes value = find_key(dictionary, key, p->work);
    ms_pdf_spend(p, value.n ? (size_t)(value.p - dictionary.p) + value.n : dictionary.n);
    return value;
}

struct ms_bytes ms_pdf_get_at(struct ms_pdf *p, struct ms_bytes dictionary, const char *key)
{
    const struct ms_pdf_object *object;
    return ms_pdf_follow(p, ms_pdf_get(p, dictionary, key), &object);
}

/* ---- objects ------------------------------------------------------------------------------------------------------ */

static size_t count(const struct ms_pdf *p) { return p->objects.n / sizeof(struct ms_pdf_object); }
static const struct ms_pdf_object *all(const struct ms_pdf *p) { return (const struct ms_pdf_object *)(const void *)p->objects.p; }

/* Of one number the last one of the file stands last. */
static int compare(const void *a, const void *b)
{
    const struct ms_pdf_object *x = a, *y = b;
    if (x->number != y->number)
        return x->number < y->number ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

void ms_pdf_sort(struct ms_pdf *p)
{
    if (count(p))
        qsort(p->objects.p, count(p), sizeof(struct ms_pdf_object), compare);
}

const struct ms_pdf_object *ms_pdf_find(const struct ms_pdf *p, uint32_t number)
{
    size_t low = 0, high = count(p);
    while (low < high) { /* the first one behind it */
        size_t middle = low + (high - low) / 2;
        if (all(p)[middle].number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && all(p)[low - 1].number == number ? &all(p)[low - 1] : NULL;
}

struct ms_bytes ms_pdf_follow(struct ms_pdf *p, struct ms_bytes value, const struct ms_pdf_object **object)
{
    uint32_t number;
    *object = NULL;
    for (size_t i = 0; i < FOLLOWED; i++) {
        struct ms_bytes look = value;
        if (!read_reference(&look, &number))
            return value;
        *object = ms_pdf_find(p, number);
        if (!*object || !ms_pdf_spend(p, (*object)->head.n)) /* who asks walks over it, and many may ask */
            break;
        value = (*object)->head;
    }
    *object = NULL;
    return (struct ms_bytes){ NULL, 0 };
}
