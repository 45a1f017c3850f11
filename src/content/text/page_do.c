/* content/text/page_do.c - where a page leads and what it runs: links, forms, frames, scripts. */
#include "content/link/link.h"
#include "content/text/page.h"

#include "base/text.h"

static void say(const struct ms_page *page, enum ms_sign_kind kind, struct ms_bytes evidence)
{
    ms_sign_add(page->in->signs, kind, page->in->part, evidence);
}

static struct ms_bytes attribute(const struct ms_page *page, struct ms_bytes name)
{
    return ms_html_attribute(&page->token, name, page->in->arena);
}

static bool says(const struct ms_page *page, struct ms_bytes name, const char *words)
{
    return ms_is_one_of(ms_trim(ms_html_raw_attribute(&page->token, name)), words);
}

/* ---- links ----------------------------------------------------------------------------------------------------- */

static bool is_web(struct ms_bytes url)
{
    url = ms_trim(url);
    return ms_starts_nocase(url, MS_LIT("http:")) || ms_starts_nocase(url, MS_LIT("https:")) || ms_starts_nocase(url, MS_LIT("//"));
}

/* With the base address in front, when it has one and the link none. */
static struct ms_bytes with_base(const struct ms_page *page, struct ms_bytes url)
{
    struct ms_bytes base = page->based;
    size_t          colon = ms_find(url, ':');
    if (base.n == 0 || page->links > MS_PAGE_BASED || (colon < url.n && colon < ms_find(url, '/')) || ms_starts_nocase(url, MS_LIT("//")) || ms_at(url, 0) == '#')
        return url;
    size_t n = base.n, host = ms_search_nocase(base, MS_LIT("://")) + 3;
    while (n > host && base.p[n - 1] != '/')
        n--;
    if (n <= host || ms_at(url, 0) == '/') /* "http://host": all of it, or up to the path */
        n = host < base.n ? host + ms_find(ms_tail(base, host), '/') : base.n;
    uint8_t *whole = ms_arena_alloc(page->in->arena, n + url.n + 1);
    memcpy(whole, base.p, n);
    size_t slash = ms_at(url, 0) != '/' && n > 0 && base.p[n - 1] != '/';
    whole[n] = '/';
    memcpy(whole + n + slash, url.p, url.n);
    return (struct ms_bytes){ whole, n + slash + url.n };
}

static void found(struct ms_page *page, struct ms_bytes url, struct ms_bytes text)
{
    url = ms_trim(ms_utf8_head(url, MS_URL_BYTES));
    if (url.n == 0 || ms_starts_nocase(url, MS_LIT("cid:")))
        return;
    if (ms_starts_nocase(url, MS_LIT("data:image/")) && !ms_starts_nocase(url, MS_LIT("data:image/svg")))
        return;
    page->links++;
    page->web_links += is_web(url);
    ms_link_found(page->in, with_base(page, url), text);
}

static void found_attribute(struct ms_page *page, struct ms_bytes name) { found(page, attribute(page, name), (struct ms_bytes){ NULL, 0 }); }

void ms_page_close_anchor(struct ms_page *page)
{
    if (!page->href_open)
        return;
    struct ms_bytes text = ms_tail(ms_buffer_bytes(&page->seen), page->href_from);
    page->href_open = false;
    if (page->anchor_count < MS_PAGE_ANCHORS && text.n)
        page->anchors[page->anchor_count++] = (struct ms_span){ page->href_from, page->seen.n };
    page->linked_pictures += page->href_picture && is_web(page->href);
    found(page, page->href, ms_trim(text));
}

static void open_anchor(struct ms_page *page)
{
    ms_page_close_anchor(page);
    struct ms_bytes href = attribute(page, MS_LIT("href"));
    if (href.n == 0)
        return;
    page->href = href;
    page->href_open = true;
    page->href_picture = false;
    page->href_from = page->seen.n;
}

/* ---- pictures -------------------------------------------------------------------------------------------------- */

static bool is_small(struct ms_bytes size)
{
    uint64_t value;
    size = ms_trim(size);
    size.n -= size.n > 2 && ms_lower(size.p[size.n - 1]) == 'x' ? 2 : 0; /* "1px" */
    return ms_parse_u64(size, &value) && value <= 2;
}

static bool is_anybodys(const struct ms_page *page, struct ms_bytes source)
{
    struct ms_arena    scratch = { 0 };
    struct ms_url_view view;
    bool               anybodys = page->pictures < MS_PAGE_BASED && ms_url_read(source, &scratch, &view) && ms_host_has_pictures(view.host);
    ms_arena_finish(&scratch);
    return anybodys;
}

static void picture(struct ms_page *page)
{
    struct ms_bytes source = attribute(page, MS_LIT("src"));
    struct ms_css   css = { 0 };
    ms_css_read(ms_html_raw_attribute(&page->token, MS_LIT("style")), &css);
    bool small = (is_small(ms_html_raw_attribute(&page->token, MS_LIT("width"))) && is_small(ms_html_raw_attribute(&page->token, MS_LIT("height")))) ||
                 css.bits & MS_CSS_HIDES || ms_page_is_hidden(page);
    if (is_web(source)) {
        if (small)
            say(page, MS_SIGN_TRACKING_PIXEL, source);
        else if (is_anybodys(page, source))
            say(page, MS_SIGN_PICTURE_ELSEWHERE, source);
        page->in->loads = true;
        found(page, source, (struct ms_bytes){ NULL, 0 });
        page->in->loads = false;
    }
    if (ms_starts_nocase(source, MS_LIT("data:image/")))
        ms_data_picture_look(page->in, source);
    page->pictures += !small;
    page->href_picture |= page->href_open && !small;
}

/* ---- forms ----------------------------------------------------------------------------------------------------- */

static void open_form(struct ms_page *page)
{
    page->form = attribute(page, MS_LIT("action"));
    page->form_open = true;
    found(page, page->form, (struct ms_bytes){ NULL, 0 });
    if (is_web(page->form))
        say(page, MS_SIGN_FORM_ELSEWHERE, page->form);
}

static bool asks_for_secret(const struct ms_page *page)
{
    static const char *const names[] = { "passw", "passwd", "cardnumber", "card_number", "ccnum", "cvv", "cvc", "creditcard", "credit_card", "pincode", "ssn" };
    struct ms_bytes name = ms_html_raw_attribute(&page->token, MS_LIT("name"));
    if (says(page, MS_LIT("type"), "password"))
        return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (ms_search_nocase(name, ms_str(names[i])) < name.n && !says(page, MS_LIT("type"), "hidden|submit|button|checkbox|radio"))
            return true;
    return false;
}

static void input(struct ms_page *page)
{
    if (page->form_told || !asks_for_secret(page))
        return;
    page->form_told = true;
    say(page, MS_SIGN_CREDENTIAL_FORM, page->form.n ? page->form : ms_html_raw_attribute(&page->token, MS_LIT("name")));
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

/* "0; url=http://..." */
static void meta(struct ms_page *page)
{
    if (!says(page, MS_LIT("http-equiv"), "refresh"))
        return;
    struct ms_bytes content = attribute(page, MS_LIT("content")), url = ms_tail(content, ms_search_nocase(content, MS_LIT("url")) + 3);
    url = ms_trim(url);
    if (ms_at(url, 0) != '=')
        return;
    url = ms_trim(ms_tail(url, 1));
    uint8_t quote = ms_at(url, 0);
    if (quote == '\'' || quote == '"')
        url = ms_head(ms_tail(url, 1), ms_find(ms_tail(url, 1), quote));
    say(page, MS_SIGN_HTML_REFRESH, url);
    found(page, url, (struct ms_bytes){ NULL, 0 });
}

static void frame(struct ms_page *page, struct ms_bytes name)
{
    struct ms_bytes source = attribute(page, name);
    if (source.n == 0)
        return;
    say(page, MS_SIGN_HTML_FRAME, source);
    found(page, source, (struct ms_bytes){ NULL, 0 });
}

static void base(struct ms_page *page)
{
    struct ms_bytes href = ms_trim(attribute(page, MS_LIT("href")));
    if (page->based.n || !is_web(href) || href.n > MS_PAGE_BASE)
        return;
    page->based = href;
    say(page, MS_SIGN_HTML_BASE, href);
}

/* The start tells, but for what is left out there, and references to characters. */
static bool may_be_share(struct ms_bytes raw)
{
    size_t i = 0;
    while (i < raw.n && raw.p[i] <= ' ')
        i++;
    uint8_t c = ms_lower(ms_at(raw, i));
    return c == 'f' || c == '\\' || c == '&';
}

/* A file on another host, whatever shows or loads it: Windows logs in there, without a click when it is a picture. Of this computer's own files,
 * which Word names in what it writes, nothing is to be learnt. */
static void find_share(struct ms_page *page, struct ms_bytes text)
{
    struct ms_arena    scratch = { 0 };
    struct ms_url_view view;
    bool               share = may_be_share(text) && ms_url_read(text, &scratch, &view) && view.share;
    ms_arena_finish(&scratch);
    if (share)
        found(page, text, (struct ms_bytes){ NULL, 0 });
}

/* url(...), and strings, up to the next of these marks. */
static void find_shares(struct ms_page *page, struct ms_bytes css)
{
    static const bool marks[256] = { ['('] = true, [')'] = true, ['"'] = true, ['\''] = true };
    for (size_t i = 0, next; i < css.n; i = next) {
        for (next = i + 1; next < css.n && !marks[css.p[next]];)
            next++;
        if (marks[css.p[i]])
            find_share(page, ms_slice(css, i + 1, next - i - 1));
    }
}

static void judge_attributes(struct ms_page *page)
{
    for (size_t i = 0; i < page->token.attribute_count; i++) {
        const struct ms_html_attribute *a = &page->token.attributes[i];
        if (ms_equal_nocase(a->name, MS_LIT("style")))
            find_shares(page, attribute(page, a->name));
        else if (page->token.tag != MS_TAG_A && may_be_share(a->value)) /* a link has its text, too */
            find_share(page, attribute(page, a->name));
        if (a->name.n > 4 && (a->name.p[0] | 0x20) == 'o' && (a->name.p[1] | 0x20) == 'n' && a->value.n > 2 && !page->script) {
            page->script = true;
            say(page, MS_SIGN_HTML_SCRIPT, a->value);
        }
    }
}

/* Pictures in pictures that run scripts in web mail (CVE-2023-5631). */
static void use(struct ms_page *page)
{
    struct ms_bytes href = attribute(page, MS_LIT("href"));
    if (href.n == 0)
        href = attribute(page, MS_LIT("xlink:href"));
    if (ms_starts_nocase(ms_trim(href), MS_LIT("data:")))
        say(page, MS_SIGN_HTML_EXPLOIT, href);
}

void ms_page_start(struct ms_page *page)
{
    static const struct ms_bytes src = { (const uint8_t *)"src", 3 }, href = { (const uint8_t *)"href", 4 }, data = { (const uint8_t *)"data", 4 };
    judge_attributes(page);
    switch (page->token.tag) {
    case MS_TAG_A: open_anchor(page); break;
    case MS_TAG_AREA: found_attribute(page, href); break;
    case MS_TAG_IMG:
    case MS_TAG_IMAGE: picture(page); break;
    case MS_TAG_FORM: open_form(page); break;
    case MS_TAG_INPUT: input(page); break;
    case MS_TAG_BUTTON: found_attribute(page, MS_LIT("formaction")); break;
    case MS_TAG_META: meta(page); break;
    case MS_TAG_BASE: base(page); break;
    case MS_TAG_IFRAME:
    case MS_TAG_EMBED: frame(page, src); break;
    case MS_TAG_OBJECT: frame(page, data); break;
    case MS_TAG_LINK:
        if (!says(page, MS_LIT("rel"), "stylesheet|icon|shortcut icon|preconnect|dns-prefetch|preload"))
            found_attribute(page, href);
        break;
    case MS_TAG_SCRIPT: found_attribute(page, src); break;
    case MS_TAG_USE: use(page); break;
    case MS_TAG_BDO: page->turned += says(page, MS_LIT("dir"), "rtl"); break;
    default: break;
    }
}

void ms_page_end(struct ms_page *page)
{
    if (page->token.tag == MS_TAG_A)
        ms_page_close_anchor(page);
    else if (page->token.tag == MS_TAG_FORM)
        page->form_open = false;
}

void ms_page_raw(struct ms_page *page)
{
    struct ms_bytes text = page->token.text;
    if (page->token.tag == MS_TAG_STYLE) {
        ms_css_sheet(text, &page->rules);
        find_shares(page, text);
    }
    if (page->token.tag != MS_TAG_SCRIPT || ms_trim(text).n == 0)
        return;
    if (!page->script)
        say(page, MS_SIGN_HTML_SCRIPT, ms_trim(text));
    page->script = true;
    ms_script_judge(page->in, text);
}
