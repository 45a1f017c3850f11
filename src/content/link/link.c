/* content/link/link.c - a link where it was found: what its anchor shows, whom it names, and what else it leads to.
 *
 * BUGS     where a short link leads is not known: nothing here asks the network. */
#include "content/link/link.h"

#include "base/text.h"
#include "mail/header.h"
#include "mail/site.h"

static void add_sign(struct ms_inside *in, enum ms_sign_kind kind, struct ms_bytes evidence) { ms_sign_add(in->signs, kind, in->part, evidence); }

/* ---- the anchor ------------------------------------------------------------------------------------------------ */

/* The link that the text of an anchor shows: one word that is a link, whole or with punctuation around it. */
static bool shown_link(struct ms_bytes text, struct ms_arena *arena, struct ms_url_view *out)
{
    text = ms_trim(text);
    while (text.n && strchr("<([\"'", text.p[0]) && text.p[0])
        text = ms_tail(text, 1);
    struct ms_bytes rest = text, word = ms_take_word(&rest);
    bool            whole = ms_trim(rest).n == 0, typed = ms_starts_nocase(word, MS_LIT("http:")) || ms_starts_nocase(word, MS_LIT("https:")) ||
                                              ms_starts_nocase(word, MS_LIT("www."));
    while (word.n && strchr(">)]\"'.,;:!", word.p[word.n - 1]) && word.p[word.n - 1])
        word.n--;
    if ((!whole && !typed) || word.n < 4 || ms_find(word, '@') < word.n || !ms_url_read(word, arena, out) || !out->web)
        return false;
    return !(out->odd & MS_URL_BAD_HOST) && (ms_host_has_suffix(out->host) || out->odd & MS_URL_IPV4);
}

/* Is the host named anywhere in the link, as where the wrapped link leads? */
static bool names_host(struct ms_bytes url, struct ms_bytes host) { return ms_search_nocase(url, host) < url.n; }

struct found { struct ms_inside *in; struct ms_arena *scratch; struct ms_bytes url, text; struct ms_url_view view; };

static void judge_text(const struct found *f)
{
    const struct ms_url_view *view = &f->view;
    struct ms_bytes           text = f->text;
    struct ms_url_view        shown;
    if (text.n == 0 || text.n > MS_URL_BYTES || !view->web || view->host.n == 0 || !shown_link(text, f->scratch, &shown))
        return;
    struct ms_bytes seen = ms_site(shown.host), real = ms_site(view->host);
    if (ms_equal(seen, real) || names_host(f->url, seen))
        return;
    struct ms_buffer words = { 0 };
    ms_text_str(&words, "shows ");
    ms_text_add(&words, ms_utf8_head(shown.host_text, 100));
    ms_text_str(&words, ", leads to ");
    ms_text_add(&words, ms_head(view->host, 100));
    bool name = shown.odd & MS_URL_NO_SCHEME && shown.path.n == 0 && !ms_starts_nocase(shown.host, MS_LIT("www.")); /* "example.com", as a brand */
    add_sign(f->in, ms_host_wraps(view->host) ? MS_SIGN_URL_TEXT_WRAPPED : name ? MS_SIGN_URL_TEXT_NAME : MS_SIGN_URL_TEXT_MISMATCH, ms_buffer_bytes(&words));
    ms_buffer_finish(&words);
}

/* ---- recipients ------------------------------------------------------------------------------------------------ */

static size_t base64_text(struct ms_bytes in, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = 0;
    for (size_t i = 0; i + 2 < in.n; i += 3) { /* whole groups: what is behind depends on what follows */
        uint32_t group = (uint32_t)in.p[i] << 16 | (uint32_t)in.p[i + 1] << 8 | in.p[i + 2];
        for (int k = 18; k >= 0; k -= 6)
            out[n++] = (uint8_t)digits[group >> k & 63];
    }
    return n;
}

static size_t hex_text(struct ms_bytes in, uint8_t *out)
{
    for (size_t i = 0; i < in.n; i++) {
        out[2 * i] = (uint8_t)"0123456789abcdef"[in.p[i] >> 4];
        out[2 * i + 1] = (uint8_t)"0123456789abcdef"[in.p[i] & 15];
    }
    return 2 * in.n;
}

/* The address as it stands, with %40, in base64, in hex. */
static bool names_address(struct ms_bytes where, struct ms_bytes address)
{
    enum { LONGEST = 128 };
    uint8_t text[2 * LONGEST + 8];
    size_t  at = ms_find(address, '@');
    if (address.n < 6 || address.n > LONGEST || at == address.n || where.n < address.n)
        return false;
    if (ms_search_nocase(where, address) < where.n)
        return true;
    memcpy(text, address.p, at);
    memcpy(text + at, "%40", 3);
    memcpy(text + at + 3, address.p + at + 1, address.n - at - 1);
    if (ms_search_nocase(where, (struct ms_bytes){ text, address.n + 2 }) < where.n)
        return true;
    size_t n = base64_text(address, text);
    if (n >= 8 && memmem(where.p, where.n, text, n))
        return true;
    n = hex_text(address, text);
    return ms_search_nocase(where, (struct ms_bytes){ text, n }) < where.n;
}

static bool is_in_link(const struct ms_url_view *view, struct ms_bytes address, bool *fragment)
{
    *fragment = names_address(view->fragment, address);
    return *fragment || names_address(view->query, address) || names_address(view->path, address);
}

static void judge_recipient(struct ms_signs *signs, const struct ms_url *link, const struct ms_bytes *addresses, size_t n)
{
    struct ms_arena    scratch = { 0 };
    struct ms_url_view view;
    bool               fragment = false;
    if (ms_url_read(link->url, &scratch, &view))
        for (size_t i = 0; i < n; i++)
            if (is_in_link(&view, addresses[i], &fragment)) {
                ms_sign_add(signs, fragment ? MS_SIGN_URL_RECIPIENT_FRAGMENT : MS_SIGN_URL_RECIPIENT, link->part, link->url);
                if (link->qr)
                    ms_sign_add(signs, MS_SIGN_URL_QR_RECIPIENT, link->part, link->url);
                break;
            }
    ms_arena_finish(&scratch);
}

static bool is_web(const struct ms_url *u) { return ms_starts_nocase(u->url, MS_LIT("http")) || ms_find(u->url, ':') == u->url.n; }

void ms_links_judge(struct ms_signs *signs, const struct ms_message *m)
{
    enum { MOST = 4 };
    struct ms_bytes addresses[MOST];
    size_t          n = 0;
    for (size_t i = 0; i < m->envelope.to_count && n < MOST; i++)
        addresses[n++] = m->envelope.to[i].address;
    if (n == 0) {
        struct ms_mailbox to[MOST];
        size_t            found = ms_parse_addresses(m->headers.to, to, MOST, signs->arena);
        for (size_t i = 0; i < found && i < MOST; i++) {
            if (to[i].local.n == 0 || to[i].domain.n == 0)
                continue;
            uint8_t *whole = ms_arena_alloc(signs->arena, to[i].local.n + to[i].domain.n + 1);
            memcpy(whole, to[i].local.p, to[i].local.n);
            whole[to[i].local.n] = '@';
            memcpy(whole + to[i].local.n + 1, to[i].domain.p, to[i].domain.n);
            addresses[n++] = (struct ms_bytes){ whole, to[i].local.n + to[i].domain.n + 1 };
        }
    }
    for (size_t i = 0; i < m->url_count && n > 0; i++)
        if (!m->urls[i].qr || is_web(&m->urls[i])) /* codes that give a second factor (otpauth:) name whose it is */
            judge_recipient(signs, &m->urls[i], addresses, n);
    for (size_t i = 0; i < m->url_count && m->text_digest == 0; i++)
        if (m->urls[i].qr && is_web(&m->urls[i]))
            ms_sign_add(signs, MS_SIGN_URL_QR_ALONE, m->urls[i].part, m->urls[i].url);
}

/* ---- anybody's address, in hex or base64 ------------------------------------------------------------------------ */

enum { CODE_BYTES = 512 };

static int base64_digit(uint8_t c)
{
    uint8_t low = ms_lower(c);
    if (low >= 'a' && low <= 'z')
        return c >= 'a' ? c - 'a' + 26 : c - 'A';
    return ms_is_digit(c) ? c - '0' + 52 : c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* "someone@example.com", perhaps with something around it. */
static bool has_address(struct ms_bytes b)
{
    size_t at = ms_find(b, '@'), end = at + 1, from = at, dots = 0;
    while (from > 0 && (b.p[from - 1] > ' ' && b.p[from - 1] < 0x7f && !strchr("\",;:<>()@", b.p[from - 1])))
        from--;
    while (end < b.n && (base64_digit(b.p[end]) >= 0 || b.p[end] == '.')) {
        dots += b.p[end] == '.' && end + 2 < b.n;
        end++;
    }
    return at < b.n && at - from >= 1 && dots > 0 && end - at > 4;
}

static bool hex_has_address(struct ms_bytes run)
{
    uint8_t out[CODE_BYTES];
    size_t  n = 0;
    for (; n < CODE_BYTES && 2 * n + 1 < run.n; n++)
        out[n] = (uint8_t)(ms_hex_digit(run.p[2 * n]) << 4 | ms_hex_digit(run.p[2 * n + 1]));
    return has_address((struct ms_bytes){ out, n });
}

static bool base64_has_address(struct ms_bytes run)
{
    uint8_t  out[CODE_BYTES];
    size_t   n = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < run.n && n < CODE_BYTES; i++) {
        bits = bits << 6 | (uint32_t)base64_digit(run.p[i]);
        if (i % 4 != 0)
            out[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
    }
    return has_address((struct ms_bytes){ out, n });
}

/* Runs of hex digits, and of base64 digits, long enough for an address. */
static bool has_coded_address(struct ms_bytes b)
{
    enum { SHORTEST = 16 };
    for (size_t at = 0; at < b.n;) {
        size_t hex = 0, n = 0;
        while (at + hex < b.n && ms_hex_digit(b.p[at + hex]) >= 0)
            hex++;
        while (at + n < b.n && base64_digit(b.p[at + n]) >= 0 && b.p[at + n] != '/')
            n++;
        if ((hex >= SHORTEST && hex == n && hex_has_address(ms_slice(b, at, hex))) || (n >= SHORTEST && base64_has_address(ms_slice(b, at, n))))
            return true;
        at += n + 1;
    }
    return false;
}

/* ---- links in links -------------------------------------------------------------------------------------------- */

static struct ms_bytes unescaped(struct ms_bytes b, struct ms_arena *arena)
{
    if (ms_find(b, '%') == b.n)
        return b;
    uint8_t *out = ms_arena_alloc(arena, b.n);
    size_t   n = 0;
    for (size_t i = 0; i < b.n; i++) {
        int high = ms_hex_digit(ms_at(b, i + 1)), low = ms_hex_digit(ms_at(b, i + 2));
        bool escape = b.p[i] == '%' && high >= 0 && low >= 0;
        out[n++] = (uint8_t)(escape ? high << 4 | low : b.p[i]);
        i += escape ? 2 : 0;
    }
    return (struct ms_bytes){ out, n };
}

/* "http://" or "https://" in `b`; b.n when there is none. */
static size_t find_absolute(struct ms_bytes b)
{
    size_t at = 0;
    while ((at += ms_search_nocase(ms_tail(b, at), MS_LIT("http"))) < b.n) {
        struct ms_bytes behind = ms_tail(b, at + 4);
        behind = ms_tail(behind, ms_lower(ms_at(behind, 0)) == 's');
        if (ms_starts_nocase(behind, MS_LIT("://")))
            return at;
        at += 4;
    }
    return b.n;
}

struct ms_bytes ms_link_embedded(const struct ms_url_view *view, struct ms_arena *arena)
{
    const struct ms_bytes places[] = { view->path, view->query, view->fragment };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        struct ms_bytes once = unescaped(places[i], arena), twice = unescaped(once, arena);
        size_t          at = find_absolute(twice);
        if (at < twice.n) {
            struct ms_bytes link = ms_tail(twice, at);
            return ms_text_to_utf8(ms_head(link, ms_find(link, i == 1 ? '&' : ' ')), (struct ms_bytes){ NULL, 0 }, arena);
        }
    }
    return (struct ms_bytes){ NULL, 0 };
}

/* ---- all of it ------------------------------------------------------------------------------------------------- */

/* Where it leads next, when it is the link of a service that wraps others. */
static struct ms_bytes take_one(struct found *f)
{
    enum { TEXT = 1024 };
    struct ms_link_read read = { .scratch = f->scratch, .view = f->view };
    read.link = (struct ms_url){ .url = ms_utf8_head(f->url, MS_URL_BYTES), .text = ms_utf8_head(f->text, TEXT), .part = (uint16_t)f->in->part, .loaded = f->in->loads, .qr = f->in->qr };
    ms_link_put(f->in->links, f->in->signs, &read);
    if (f->view.web && (has_coded_address(f->view.path) || has_coded_address(f->view.query) || has_coded_address(f->view.fragment)))
        add_sign(f->in, MS_SIGN_URL_CODED_ADDRESS, read.link.url);
    return ms_host_wraps(f->view.host) ? ms_link_embedded(&f->view, f->scratch) : (struct ms_bytes){ NULL, 0 };
}

void ms_link_found(struct ms_inside *in, struct ms_bytes url, struct ms_bytes text)
{
    enum { NESTED = 3 };
    struct ms_arena scratch = { 0 };
    for (int depth = 0; url.n && depth < NESTED; depth++) {
        struct found f = { .in = in, .scratch = &scratch, .url = url, .text = text };
        bool         known = ms_link_is_known(in->links, ms_utf8_head(url, MS_URL_BYTES));
        if ((known && text.n == 0) || !ms_url_read(url, &scratch, &f.view))
            break;
        judge_text(&f);
        url = known ? (struct ms_bytes){ NULL, 0 } : take_one(&f);
        text = (struct ms_bytes){ NULL, 0 };
    }
    ms_arena_finish(&scratch);
}
