/* auth/spf_macro.c - macros of a policy become text (RFC 7208 7). */
#include "auth/spf_private.h"
#include "base/text.h"

/* "in-addr" addresses with dots; of IPv6 each half byte is a label (7.3). */
static void put_dotted(struct ms_buffer *t, const uint8_t ip[16])
{
    if (ms_spf_is_ipv4(ip)) {
        ms_text_address(t, ip);
        return;
    }
    for (int i = 0; i < 32; i++)
        ms_text_format(t, i ? ".%X" : "%X", (unsigned)(i % 2 ? ip[i / 2] & 15 : ip[i / 2] >> 4));
}

static void put_sender(struct ms_buffer *t, const struct ms_spf_run *r)
{
    ms_text_add(t, r->local);
    ms_text_char(t, '@');
    ms_text_add(t, r->sender_domain);
}

/* The best of the client's names: the domain itself, else one below it, else any (7.3 "p"). */
static struct ms_bytes client_name(struct ms_spf_run *r, struct ms_bytes domain)
{
    ms_spf_learn_names(r);
    for (size_t i = 0; i < r->name_count; i++)
        if (ms_equal_nocase(r->names[i], domain))
            return r->names[i];
    for (size_t i = 0; i < r->name_count; i++)
        if (ms_spf_is_below(r->names[i], domain))
            return r->names[i];
    return r->name_count ? r->names[0] : MS_LIT("unknown");
}

static void put_value(struct ms_buffer *t, struct ms_spf_run *r, uint8_t letter, struct ms_bytes domain)
{
    switch (letter) {
    case 's': put_sender(t, r); break;
    case 'l': ms_text_add(t, r->local); break;
    case 'o': ms_text_add(t, r->sender_domain); break;
    case 'd': ms_text_add(t, domain); break;
    case 'i': put_dotted(t, r->in->ip); break;
    case 'p': ms_text_add(t, client_name(r, domain)); break;
    case 'v': ms_text_str(t, ms_spf_is_ipv4(r->in->ip) ? "in-addr" : "ip6"); break;
    case 'h': ms_text_add(t, r->in->helo); break;
    case 'c': ms_text_address(t, r->in->ip); break;
    case 'r': ms_text_add(t, r->in->receiver.n ? r->in->receiver : MS_LIT("unknown")); break;
    default: ms_text_u64(t, r->in->time > 0 ? (uint64_t)r->in->time / 1000000000 : 0); break;
    }
}

struct change { uint64_t keep; bool reverse; struct ms_bytes delimiters; };

static bool is_delimiter(const struct change *c, uint8_t b)
{
    if (c->delimiters.n == 0)
        return b == '.';
    return ms_find(c->delimiters, b) < c->delimiters.n;
}

/* The last `keep` pieces from the front or, reversed, from the back, joined by dots: the piece at `at` is put down first. */
static void put_pieces(struct ms_buffer *t, struct ms_bytes value, const struct change *c)
{
    uint64_t count = 1, skip;
    for (size_t i = 0; i < value.n; i++)
        count += is_delimiter(c, value.p[i]);
    skip = c->keep && c->keep < count ? count - c->keep : 0;
    size_t at = c->reverse ? value.n : 0;
    for (uint64_t k = 0; k < count; k++) {
        size_t from = at, to = at;
        while (c->reverse ? from > 0 && !is_delimiter(c, value.p[from - 1]) : to < value.n && !is_delimiter(c, value.p[to]))
            c->reverse ? from-- : to++;
        if (k >= skip) {
            ms_text_str(t, k > skip ? "." : "");
            ms_text_add(t, ms_slice(value, from, to - from));
        }
        at = c->reverse ? (from ? from - 1 : 0) : to + 1;
    }
}

/* RFC 3986 2.3: upper case letters of macros ask for it. */
static void put_escaped(struct ms_buffer *t, struct ms_bytes value)
{
    for (size_t i = 0; i < value.n; i++) {
        uint8_t c = value.p[i], low = ms_lower(c);
        if ((low >= 'a' && low <= 'z') || ms_is_digit(c) || (c && strchr("-._~", c)))
            ms_text_char(t, (char)c);
        else
            ms_text_format(t, "%%%02X", (unsigned)c);
    }
}

/* "ir.-}" behind "%{": bytes used. The syntax was looked at before. */
static size_t put_macro(struct ms_buffer *out, struct ms_spf_run *r, struct ms_bytes macro, struct ms_bytes domain)
{
    struct ms_buffer value = { 0 }, changed = { 0 };
    struct change    c = { 0 };
    size_t           i = 1, end = ms_find(macro, '}');
    while (ms_is_digit(ms_at(macro, i)))
        i++;
    if (!ms_parse_u64(ms_slice(macro, 1, i - 1), &c.keep))
        c.keep = 0;
    c.reverse = ms_lower(ms_at(macro, i)) == 'r';
    c.delimiters = ms_slice(macro, i + c.reverse, end - i - c.reverse);
    put_value(&value, r, ms_lower(ms_at(macro, 0)), domain);
    put_pieces(&changed, ms_buffer_bytes(&value), &c);
    if (ms_at(macro, 0) < 'a')
        put_escaped(out, ms_buffer_bytes(&changed));
    else
        ms_text_add(out, ms_buffer_bytes(&changed));
    ms_buffer_finish(&value);
    ms_buffer_finish(&changed);
    return end + 1;
}

bool ms_spf_expand(struct ms_spf_run *r, struct ms_bytes text, struct ms_bytes domain, struct ms_buffer *out)
{
    for (size_t i = 0; i < text.n && r->expanded + out->n <= MS_SPF_EXPANDED;) {
        if (text.p[i] != '%') {
            size_t n = ms_find(ms_tail(text, i), '%');
            ms_text_add(out, ms_slice(text, i, n));
            i += n;
            continue;
        }
        switch (ms_at(text, i + 1)) {
        case '%': ms_text_char(out, '%'); i += 2; break;
        case '_': ms_text_char(out, ' '); i += 2; break;
        case '-': ms_text_str(out, "%20"); i += 2; break;
        default: i += 2 + put_macro(out, r, ms_tail(text, i + 2), domain);
        }
    }
    r->expanded += out->n;
    return r->expanded <= MS_SPF_EXPANDED;
}

/* Without labels at the front until DNS can carry it (7.3). */
static struct ms_bytes shortened(struct ms_bytes name)
{
    enum { NAME_BYTES = 253 };
    if (name.n && name.p[name.n - 1] == '.')
        name.n--;
    while (name.n > NAME_BYTES && ms_find(name, '.') < name.n)
        name = ms_tail(name, ms_find(name, '.') + 1);
    return name;
}

bool ms_spf_expand_name(struct ms_spf_run *r, struct ms_bytes spec, struct ms_bytes domain, struct ms_bytes *out)
{
    struct ms_buffer text = { 0 };
    bool             fits = true;
    *out = domain;
    if (spec.n) {
        fits = ms_spf_expand(r, spec, domain, &text);
        *out = ms_arena_keep(r->arena, shortened(ms_buffer_bytes(&text)));
    }
    ms_buffer_finish(&text);
    return fits;
}
