/* content/text/page.c - which text of a page is seen: open elements, and what their styles say.
 *
 * BUGS     sizes and places are not computed: what is hidden by layout alone (text behind a picture, boxes one over the other) counts as
 *          seen. Of style sheets only rules for one element, class or id count.                                          */
#include "content/text/page.h"

#include "base/text.h"

enum { WHITE = 0xffffff, BLACK = 0, LINK_BLUE = 0x0000ee };

void ms_page_init(struct ms_page *page, struct ms_inside *in, struct ms_bytes html)
{
    page->in = in;
    page->html = (struct ms_html){ html, MS_TAG_OTHER };
    page->levels[0] = (struct ms_page_level){ .color = BLACK, .background = WHITE };
    page->depth = 1;
}

void ms_page_finish(struct ms_page *page)
{
    ms_buffer_finish(&page->seen);
    ms_buffer_finish(&page->hidden);
}

static const struct ms_page_level *top(const struct ms_page *page) { return &page->levels[page->depth - 1]; }

bool ms_page_is_hidden(const struct ms_page *page)
{
    const struct ms_page_level *l = top(page);
    return l->hidden || l->invisible || l->tiny || l->clear || l->same_color;
}

/* ---- text ------------------------------------------------------------------------------------------------------ */

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static void count_hidden(struct ms_page *page, struct ms_bytes text)
{
    bool in_word = false;
    for (size_t i = 0; i < text.n; i++) {
        bool word = ms_is_letter(text.p[i]) || ms_is_digit(text.p[i]) || (text.p[i] >= 0xc3 && text.p[i] != 0xe2);
        page->hidden_words += word && !in_word;
        page->hidden_bytes += word;
        in_word = word || (in_word && text.p[i] >= 0x80);
    }
}

static void add_hidden(struct ms_page *page, struct ms_bytes raw)
{
    uint64_t before = page->hidden_bytes;
    size_t   room = page->hidden.n < MS_PAGE_HIDDEN ? MS_PAGE_HIDDEN - page->hidden.n : 0, from = page->hidden.n;
    struct ms_bytes kept = ms_utf8_head(raw, room);
    ms_html_decode(kept, false, &page->hidden);
    count_hidden(page, kept.n ? ms_tail(ms_buffer_bytes(&page->hidden), from) : raw);
    bool blank = page->hidden_bytes == before || is_space(raw.p[0]) || is_space(raw.p[raw.n - 1]);
    page->after_hidden = !blank && page->seen.n && ms_is_letter(page->seen.p[page->seen.n - 1]);
}

static void note_split(struct ms_page *page)
{
    enum { AROUND = 24 };
    if (page->hidden_splits++ > 0)
        return;
    struct ms_bytes hidden = ms_buffer_bytes(&page->hidden);
    page->split = ms_arena_keep(page->in->arena, ms_utf8_last(hidden, AROUND));
}

static void add_seen(struct ms_page *page, struct ms_bytes raw)
{
    size_t before = page->seen.n;
    ms_html_decode(raw, false, &page->seen);
    if (page->after_hidden && page->seen.n > before && ms_is_letter(page->seen.p[before]))
        note_split(page);
    page->after_hidden = false;
}

static void add_text(struct ms_page *page, struct ms_bytes raw)
{
    const struct ms_page_level *l = top(page);
    if (l->quiet)
        return;
    if (ms_page_is_hidden(page))
        add_hidden(page, raw);
    else
        add_seen(page, raw);
}

static void break_line(struct ms_page *page)
{
    if (page->seen.n && page->seen.p[page->seen.n - 1] != '\n' && !top(page)->hidden)
        ms_buffer_append(&page->seen, MS_LIT("\n"));
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static bool is_near(uint32_t a, uint32_t b)
{
    enum { NEAR = 6 };
    for (int shift = 0; shift < 24; shift += 8) {
        int x = (int)(a >> shift & 255), y = (int)(b >> shift & 255);
        if (x - y > NEAR || y - x > NEAR)
            return false;
    }
    return true;
}

static void read_simple_attributes(const struct ms_page *page, struct ms_css *css)
{
    const struct ms_html_token *t = &page->token;
    bool body = t->tag == MS_TAG_BODY, font = t->tag == MS_TAG_FONT;
    if (ms_html_raw_attribute(t, MS_LIT("hidden")).p)
        css->bits |= MS_CSS_HIDES;
    struct ms_bytes background = ms_html_raw_attribute(t, MS_LIT("bgcolor")), color = ms_html_raw_attribute(t, font ? MS_LIT("color") : MS_LIT("text"));
    if (background.n && ms_css_color(background, &css->background))
        css->bits |= MS_CSS_BACKGROUND;
    if ((font || body) && color.n && ms_css_color(color, &css->color))
        css->bits |= MS_CSS_COLOR;
    if (ms_html_raw_attribute(t, MS_LIT("background")).n)
        css->bits |= MS_CSS_PICTURE;
}

/* Elements that mean nothing here are told apart by their names nevertheless. */
static uint16_t name_of(const struct ms_html_token *t)
{
    uint16_t sum = 0;
    if (t->tag != MS_TAG_OTHER)
        return (uint16_t)t->tag;
    for (size_t i = 0; i < t->text.n && i < 16; i++)
        sum = (uint16_t)(sum * 31 + ms_lower(t->text.p[i]));
    return (uint16_t)(MS_TAG_COUNT + sum % 32768);
}

static struct ms_css style_of(struct ms_page *page)
{
    struct ms_css               css = { 0 };
    const struct ms_html_token *t = &page->token;
    if (t->attribute_count)
        read_simple_attributes(page, &css);
    if (page->rules.n) {
        ms_css_apply(&page->rules, 0, t->text, &css);
        ms_css_apply(&page->rules, '.', ms_html_raw_attribute(t, MS_LIT("class")), &css);
        ms_css_apply(&page->rules, '#', ms_html_raw_attribute(t, MS_LIT("id")), &css);
    }
    if (t->attribute_count)
        ms_css_read(ms_html_attribute(t, MS_LIT("style"), page->in->arena), &css);
    return css;
}

static void put_on(struct ms_page_level *l, const struct ms_css *css)
{
    l->hidden |= (css->bits & MS_CSS_HIDES) != 0;
    if (css->bits & (MS_CSS_INVISIBLE | MS_CSS_VISIBLE))
        l->invisible = css->bits & MS_CSS_INVISIBLE;
    if (css->bits & (MS_CSS_TINY | MS_CSS_READABLE))
        l->tiny = css->bits & MS_CSS_TINY;
    if (css->bits & (MS_CSS_CLEAR | MS_CSS_COLOR))
        l->clear = css->bits & MS_CSS_CLEAR;
    if (css->bits & MS_CSS_COLOR)
        l->color = css->color;
    else if (l->tag == MS_TAG_A)
        l->color = LINK_BLUE;
    if (css->bits & MS_CSS_BACKGROUND) {
        l->background = css->background;
        l->picture = false;
    }
    l->picture |= (css->bits & MS_CSS_PICTURE) != 0;
    l->same_color = !l->picture && is_near(l->color, l->background);
}

/* Another cell, paragraph or item closes the one that is open, unless a table is between. */
static void close_like(struct ms_page *page, enum ms_html_tag tag)
{
    enum { NEAR = 8 };
    for (size_t i = page->depth; i-- > 1 && page->depth - i <= NEAR;) {
        unsigned open = page->levels[i].tag;
        bool     cell = open == MS_TAG_TD || open == MS_TAG_TH;
        if (open == tag || (cell && (tag == MS_TAG_TD || tag == MS_TAG_TH || tag == MS_TAG_TR))) {
            page->depth = i;
            if (open == tag || tag != MS_TAG_TR)
                return;
            continue;
        }
        if (open == MS_TAG_TABLE || open == MS_TAG_DIV || open == MS_TAG_UL || open == MS_TAG_OL)
            return;
    }
}

static void open_level(struct ms_page *page)
{
    const struct ms_html_token *t = &page->token;
    struct ms_css               css = style_of(page);
    if (t->flags & MS_TAG_VOID || page->depth == MS_PAGE_DEPTH)
        return;
    struct ms_page_level *l = &page->levels[page->depth];
    *l = *top(page);
    l->tag = name_of(t);
    put_on(l, &css);
    l->quiet |= (t->flags & MS_TAG_QUIET) != 0;
    page->depth++;
    if (t->tag == MS_TAG_BODY || t->tag == MS_TAG_HTML) { /* a second one, or none that is closed, still colours the page */
        page->levels[0].background = l->background;
        page->levels[0].picture = l->picture;
    }
}

/* The nearest open element of that name, and all in it. */
static void close_level(struct ms_page *page)
{
    enum { NEAR = 64 };
    const struct ms_html_token *t = &page->token;
    uint16_t                    name = name_of(t);
    for (size_t i = page->depth; i-- > 1 && page->depth - i <= NEAR;) {
        if (page->levels[i].tag == name) {
            page->depth = i;
            return;
        }
        if (page->levels[i].tag == MS_TAG_TD && t->tag != MS_TAG_TABLE && t->tag != MS_TAG_TR && t->tag != MS_TAG_TBODY)
            return; /* what is open around a cell is not closed in it */
    }
}

static void start(struct ms_page *page)
{
    unsigned flags = page->token.flags;
    if (flags & MS_TAG_CELL)
        close_like(page, page->token.tag);
    else if (flags & MS_TAG_BLOCK && !(flags & MS_TAG_VOID))
        close_like(page, MS_TAG_P);
    open_level(page);
    if (flags & MS_TAG_BLOCK)
        break_line(page);
    ms_page_start(page);
}

bool ms_page_step(struct ms_page *page)
{
    if (!ms_html_next(&page->html, &page->token)) {
        ms_page_close_anchor(page);
        return false;
    }
    switch (page->token.kind) {
    case MS_HTML_TEXT: add_text(page, page->token.text); break;
    case MS_HTML_START: start(page); break;
    case MS_HTML_END:
        ms_page_end(page);
        if (page->token.flags & MS_TAG_BLOCK)
            break_line(page);
        close_level(page);
        break;
    case MS_HTML_RAW:
        ms_page_raw(page);
        add_text(page, page->token.text);
        break;
    case MS_HTML_COMMENT: break;
    }
    return true;
}
