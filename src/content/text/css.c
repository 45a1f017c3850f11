/* content/text/css.c - what hides text. */
#include "content/text/css.h"

static bool is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

/* ---- values ---------------------------------------------------------------------------------------------------- */

static bool read_hex_color(struct ms_bytes digits, uint32_t *rgb)
{
    uint32_t value = 0;
    if (digits.n != 3 && digits.n != 6)
        return false;
    for (size_t i = 0; i < digits.n; i++) {
        int v = ms_hex_digit(digits.p[i]);
        if (v < 0)
            return false;
        value = digits.n == 3 ? value << 8 | (uint32_t)v << 4 | (uint32_t)v : value << 4 | (uint32_t)v;
    }
    *rgb = value;
    return true;
}

/* A number at the start of *b: in hundredths, clamped. Takes it and the blanks and commas around it. */
static bool take_number(struct ms_bytes *b, long *hundredths)
{
    while (b->n && (is_space(b->p[0]) || b->p[0] == ','))
        *b = ms_tail(*b, 1);
    bool   minus = ms_at(*b, 0) == '-', point = false;
    size_t i = minus || ms_at(*b, 0) == '+', digits = 0;
    long   value = 0, places = 0;
    for (; i < b->n && (ms_is_digit(b->p[i]) || (b->p[i] == '.' && !point)); i++) {
        if (b->p[i] == '.') {
            point = true;
            continue;
        }
        digits++;
        if (places < 2 && value < 10000000)
            value = value * 10 + (b->p[i] - '0');
        places += point;
    }
    for (; places < 2; places++)
        value *= 10;
    *b = ms_tail(*b, i);
    *hundredths = minus ? -value : value;
    return digits > 0;
}

static bool read_rgb(struct ms_bytes value, uint32_t *rgb)
{
    struct ms_bytes inside = ms_tail(value, ms_find(value, '(') + 1);
    uint32_t        sum = 0;
    for (int i = 0; i < 3; i++) {
        long part;
        if (!take_number(&inside, &part) || part < 0)
            return false;
        part = ms_at(inside, 0) == '%' ? part * 255 / 10000 : part / 100;
        inside = ms_tail(inside, ms_at(inside, 0) == '%');
        sum = sum << 8 | (uint32_t)(part > 255 ? 255 : part);
    }
    *rgb = sum;
    return true;
}

bool ms_css_color(struct ms_bytes value, uint32_t *rgb)
{
    static const struct { const char *name; uint32_t rgb; } names[] = {
        { "white", 0xffffff }, { "black", 0 }, { "red", 0xff0000 }, { "blue", 0xff }, { "green", 0x8000 }, { "gray", 0x808080 }, { "grey", 0x808080 },
        { "silver", 0xc0c0c0 }, { "navy", 0x80 }, { "yellow", 0xffff00 }, { "snow", 0xfffafa }, { "ivory", 0xfffff0 }, { "whitesmoke", 0xf5f5f5 },
        { "ghostwhite", 0xf8f8ff }, { "orange", 0xffa500 }, { "purple", 0x800080 }, { "lightgray", 0xd3d3d3 }, { "lightgrey", 0xd3d3d3 },
    };
    value = ms_trim(value);
    if (ms_at(value, 0) == '#')
        return read_hex_color(ms_tail(value, 1), rgb);
    if (ms_starts_nocase(value, MS_LIT("rgb")))
        return read_rgb(value, rgb);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ms_equal_nocase(value, ms_str(names[i].name))) {
            *rgb = names[i].rgb;
            return true;
        }
    return value.n == 6 && read_hex_color(value, rgb);
}

/* A length in hundredths of a pixel. False for keywords and percentages other than 0. */
static bool read_length(struct ms_bytes value, long *length)
{
    if (!take_number(&value, length))
        return false;
    if (ms_starts_nocase(value, MS_LIT("em")) || ms_starts_nocase(value, MS_LIT("rem")))
        *length = *length < 100000000 ? *length * 16 : *length;
    return ms_at(value, 0) != '%' || *length == 0;
}

/* ---- declarations ---------------------------------------------------------------------------------------------- */

static void set_bit(struct ms_css *css, uint32_t on, uint32_t off) { css->bits = (css->bits & ~off) | on; }

static void set_font_size(struct ms_bytes value, struct ms_css *css)
{
    long length;
    bool tiny = read_length(value, &length) && length < 200;
    set_bit(css, tiny ? MS_CSS_TINY : MS_CSS_READABLE, MS_CSS_TINY | MS_CSS_READABLE);
}

static void set_color(struct ms_bytes value, struct ms_css *css)
{
    if (ms_starts_nocase(value, MS_LIT("transparent")) || ms_starts_nocase(value, MS_LIT("rgba(0,0,0,0)")))
        set_bit(css, MS_CSS_CLEAR, MS_CSS_COLOR);
    else if (ms_css_color(value, &css->color))
        set_bit(css, MS_CSS_COLOR, MS_CSS_CLEAR);
}

static void set_background(struct ms_bytes value, struct ms_css *css)
{
    if (ms_search_nocase(value, MS_LIT("url(")) < value.n || ms_search_nocase(value, MS_LIT("gradient")) < value.n)
        set_bit(css, MS_CSS_PICTURE, MS_CSS_BACKGROUND);
    else if (ms_css_color(ms_head(value, ms_starts_nocase(value, MS_LIT("rgb")) ? value.n : ms_find(value, ' ')), &css->background))
        set_bit(css, MS_CSS_BACKGROUND, MS_CSS_PICTURE);
}

/* Lengths that put the text where nobody looks. */
static void set_place(struct ms_bytes value, struct ms_css *css)
{
    long length;
    if (read_length(value, &length) && length < -50000)
        css->bits |= MS_CSS_HIDES;
}

static void set_size(struct ms_bytes value, struct ms_css *css)
{
    long length;
    if (read_length(value, &length))
        set_bit(css, length < 100 ? MS_CSS_FLAT : 0, 0);
}

static void set_opacity(struct ms_bytes value, struct ms_css *css)
{
    long hundredths;
    if (take_number(&value, &hundredths) && hundredths < 5)
        css->bits |= MS_CSS_HIDES;
}

static void set_clip(struct ms_bytes value, struct ms_css *css)
{
    if (ms_starts_nocase(value, MS_LIT("inset(100%")) || ms_starts_nocase(value, MS_LIT("circle(0")) || ms_starts_nocase(value, MS_LIT("rect(0,0,0,0")) ||
        ms_starts_nocase(value, MS_LIT("rect(0 0 0 0")))
        css->bits |= MS_CSS_HIDES;
}

static void set_visibility(struct ms_bytes value, struct ms_css *css)
{
    bool hidden = ms_starts_nocase(value, MS_LIT("hidden")) || ms_starts_nocase(value, MS_LIT("collapse"));
    set_bit(css, hidden ? MS_CSS_INVISIBLE : MS_CSS_VISIBLE, MS_CSS_INVISIBLE | MS_CSS_VISIBLE);
}

static void set_display(struct ms_bytes value, struct ms_css *css)
{
    if (ms_starts_nocase(value, MS_LIT("none")))
        css->bits |= MS_CSS_HIDES;
}

static void set_overflow(struct ms_bytes value, struct ms_css *css)
{
    if (ms_starts_nocase(value, MS_LIT("hidden")))
        css->bits |= MS_CSS_OVERFLOW;
}

static void set_transform(struct ms_bytes value, struct ms_css *css)
{
    if (ms_starts_nocase(value, MS_LIT("scale(0)")))
        css->bits |= MS_CSS_HIDES;
}

static const struct { const char *name; void (*set)(struct ms_bytes value, struct ms_css *css); } properties[] = {
    { "display", set_display },     { "visibility", set_visibility }, { "opacity", set_opacity },         { "font-size", set_font_size },
    { "color", set_color },         { "background", set_background }, { "background-color", set_background }, { "background-image", set_background },
    { "overflow", set_overflow },   { "height", set_size },           { "max-height", set_size },         { "width", set_size },
    { "max-width", set_size },      { "left", set_place },            { "top", set_place },               { "text-indent", set_place },
    { "margin-left", set_place },   { "clip", set_clip },             { "clip-path", set_clip },          { "transform", set_transform },
};

static void read_declaration(struct ms_bytes one, struct ms_css *css)
{
    size_t          colon = ms_find(one, ':');
    struct ms_bytes name = ms_trim(ms_head(one, colon)), value = ms_trim(ms_tail(one, colon + 1));
    uint8_t         first = ms_lower(ms_at(name, 0));
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
        if (properties[i].name[0] == first && ms_equal_nocase(name, ms_str(properties[i].name)))
            properties[i].set(value, css);
}

void ms_css_read(struct ms_bytes declarations, struct ms_css *css)
{
    while (declarations.n) {
        struct ms_bytes one = ms_head(declarations, ms_find(declarations, ';'));
        read_declaration(one, css);
        declarations = ms_tail(declarations, one.n + 1);
    }
    if ((css->bits & (MS_CSS_FLAT | MS_CSS_OVERFLOW)) == (MS_CSS_FLAT | MS_CSS_OVERFLOW))
        css->bits |= MS_CSS_HIDES;
}

/* ---- style sheets ---------------------------------------------------------------------------------------------- */

static bool is_name(uint8_t c) { return c == '-' || c == '_' || ms_is_digit(c) || c >= 0x80 || (ms_lower(c) >= 'a' && ms_lower(c) <= 'z'); }

/* ".name", "#name", "element.name", "element". */
static void add_rule(struct ms_bytes selector, const struct ms_css *css, struct ms_css_rules *rules)
{
    selector = ms_trim(selector);
    size_t mark = 0;
    while (mark < selector.n && is_name(selector.p[mark]))
        mark++;
    char            kind = mark < selector.n ? (char)selector.p[mark] : 0;
    struct ms_bytes name = kind ? ms_tail(selector, mark + 1) : selector;
    if (rules->n == MS_CSS_RULES || name.n == 0 || (kind && kind != '.' && kind != '#'))
        return;
    for (size_t i = 0; i < name.n; i++)
        if (!is_name(name.p[i]))
            return;
    rules->at[rules->n++] = (struct ms_css_rule){ name, kind, *css };
}

/* Up to the '}' that closes the block that `b` begins in. */
static size_t block_length(struct ms_bytes b)
{
    size_t depth = 1, at = 0;
    for (; at < b.n; at++) {
        depth += b.p[at] == '{';
        depth -= b.p[at] == '}';
        if (depth == 0)
            break;
    }
    return at;
}

static void read_rule(struct ms_bytes selectors, struct ms_bytes block, struct ms_css_rules *rules)
{
    struct ms_css css = { 0 };
    ms_css_read(block, &css);
    if (!(css.bits & (MS_CSS_HIDES | MS_CSS_INVISIBLE | MS_CSS_TINY | MS_CSS_COLOR | MS_CSS_BACKGROUND | MS_CSS_PICTURE | MS_CSS_CLEAR)))
        return;
    while (selectors.n && rules->n < MS_CSS_RULES) {
        struct ms_bytes one = ms_head(selectors, ms_find(selectors, ','));
        add_rule(one, &css, rules);
        selectors = ms_tail(selectors, one.n + 1);
    }
}

static struct ms_bytes without_comments(struct ms_bytes b)
{
    for (;;) {
        while (b.n && is_space(b.p[0]))
            b = ms_tail(b, 1);
        if (!ms_starts_nocase(b, MS_LIT("/*")))
            return b;
        struct ms_bytes rest = ms_tail(b, 2);
        const uint8_t  *end = rest.n ? memmem(rest.p, rest.n, "*/", 2) : NULL;
        b = end ? ms_tail(rest, (size_t)(end - rest.p) + 2) : ms_tail(b, b.n);
    }
}

void ms_css_sheet(struct ms_bytes sheet, struct ms_css_rules *rules)
{
    for (sheet = without_comments(sheet); sheet.n; sheet = without_comments(sheet)) {
        if (ms_starts_nocase(sheet, MS_LIT("<!--")) || ms_starts_nocase(sheet, MS_LIT("-->"))) {
            sheet = ms_tail(sheet, sheet.p[0] == '<' ? 4 : 3);
            continue;
        }
        struct ms_bytes selectors = ms_head(sheet, ms_find(sheet, '{'));
        if (sheet.p[0] == '@' && ms_find(selectors, ';') < selectors.n) { /* @import, @charset */
            sheet = ms_tail(sheet, ms_find(sheet, ';') + 1);
            continue;
        }
        struct ms_bytes behind = ms_tail(sheet, selectors.n + 1), block = ms_head(behind, block_length(behind));
        if (sheet.p[0] != '@')
            read_rule(selectors, block, rules);
        sheet = ms_tail(behind, block.n + 1);
    }
}

static void join(struct ms_css *css, const struct ms_css *more)
{
    if (more->bits & (MS_CSS_INVISIBLE | MS_CSS_VISIBLE))
        css->bits &= ~(uint32_t)(MS_CSS_INVISIBLE | MS_CSS_VISIBLE);
    if (more->bits & (MS_CSS_TINY | MS_CSS_READABLE))
        css->bits &= ~(uint32_t)(MS_CSS_TINY | MS_CSS_READABLE);
    if (more->bits & MS_CSS_COLOR)
        css->color = more->color;
    if (more->bits & MS_CSS_BACKGROUND)
        css->background = more->background;
    css->bits |= more->bits;
}

void ms_css_apply(const struct ms_css_rules *rules, char kind, struct ms_bytes names, struct ms_css *css)
{
    enum { NAMES = 16 };
    for (int n = 0; names.n && rules->n && n < NAMES; n++) {
        struct ms_bytes name = ms_take_word(&names);
        for (size_t i = 0; i < rules->n; i++)
            if (rules->at[i].kind == kind && ms_equal_nocase(rules->at[i].name, name))
                join(css, &rules->at[i].css);
    }
}
