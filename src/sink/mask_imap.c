/* IMAP on its way through the mask: tags stay, quotes and literals hold what is replaced. */
#include "sink/mask_lines.h"

/* "{123}" or "{123+}" at the end; *begin: where that is. */
static bool literal(const uint8_t *p, size_t n, uint64_t *bytes, size_t *begin)
{
    size_t end = n;
    if (n < 3 || p[--end] != '}')
        return false;
    end -= p[end - 1] == '+' || p[end - 1] == '-';
    size_t at = end;
    while (at > 0 && ms_is_digit(p[at - 1]))
        at--;
    *begin = at - 1;
    return at > 0 && p[at - 1] == '{' && ms_parse_u64((struct ms_bytes){ p + at, end - at }, bytes);
}

/* At the begin of an item; "RFC822" is a whole word. */
static bool has(const uint8_t *p, size_t n, const char *text)
{
    struct ms_bytes b = { p, n }, item = ms_str(text);
    bool            found = false;
    for (size_t at = ms_search_nocase(b, item); at < n && !found; at += 1 + ms_search_nocase(ms_tail(b, at + 1), item)) {
        bool begins = at == 0 || p[at - 1] == ' ' || p[at - 1] == '(';
        found = begins && !(ms_is_word(item.p[item.n - 1]) && ms_is_word(ms_at(b, at + item.n)));
    }
    return found;
}

/* Where the quoted string that begins at p ends. */
static size_t quoted_end(const uint8_t *p, size_t n)
{
    size_t end = 1;
    while (end < n && p[end] != '"')
        end += p[end] == '\\' && end + 1 < n ? 2 : 1;
    return end < n ? end + 1 : n;
}

/* Inside of quotes stands what a mailbox holds, and what is looked for in it. */
static void with_quotes(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how)
{
    for (size_t i = 0, end = 0; i < n; i = end) {
        bool quoted = p[i] == '"';
        end = quoted ? i + quoted_end(p + i, n - i) : i + 1;
        while (!quoted && end < n && p[end] != '"')
            end++;
        if (!quoted || !ms_mask_is_date(m, p + i, end - i))
            ms_mask_text(m, p + i, end - i, quoted ? MS_IN_QUOTES : how);
    }
}

/* Arguments of LOGIN, which literals may stand between. */
static void login_arguments(const struct ms_mask *m, struct ms_mask_side *s, uint8_t *p, size_t n)
{
    for (size_t i = 0, end = 0; i < n; i = end) {
        end = p[i] == '"' ? i + quoted_end(p + i, n - i) : i + 1;
        while (p[i] != '"' && !ms_is_blank(p[i]) && end < n && !ms_is_blank(p[end]))
            end++;
        if (!ms_is_blank(p[i]) && s->arguments < 2)
            s->arguments++;
        if (s->arguments < 2)
            ms_mask_text(m, p + i, end - i, MS_IN_USER | ms_mask_tricks(p + i, end - i));
        else
            ms_mask_secret(m, p + i, end - i);
    }
}

/* In front of a command that is not known; text of a message has words there. */
static bool is_tag(const struct ms_mask_side *s, struct ms_bytes w)
{
    enum { LONGEST = 12 };
    bool digit = false;
    for (size_t i = 0; i < w.n; i++)
        digit |= ms_is_digit(w.p[i]);
    return digit && w.n <= LONGEST && s->offset > 0 && !s->lost;
}

static void imap_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = ms_mask_nth(p, n, 1);
    bool                 known = ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
    if (s->continued && s->secret)
        login_arguments(m, s, p, n);
    else if (s->continued)
        with_quotes(m, p, n, MS_KEEP_STRICT);
    if (s->continued)
        return;
    s->secret = s->append = false;
    s->tag = ms_hash(ms_mask_nth(p, n, 0));
    if (s->login && !known) {
        ms_mask_login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    size_t from = known || is_tag(s, ms_mask_nth(p, n, 0)) ? ms_mask_nth_at(p, n, 1) : 0; /* the tag stays */
    bool   done = ms_is_one_of((struct ms_bytes){ p, n }, "done");
    s->append = ms_is_one_of(verb, "append|replace|uid");
    s->secret = ms_is_one_of(verb, "login");
    d->compress |= ms_is_one_of(verb, "compress");
    if (s->secret) {
        s->arguments = 0;
        login_arguments(m, s, p + ms_mask_nth_at(p, n, 2), n - ms_mask_nth_at(p, n, 2));
    } else if (ms_is_one_of(verb, "authenticate")) {
        s->login = true;
        ms_mask_login_begins(m, s, (struct ms_mask_line){ p, n }, 2);
    } else {
        with_quotes(m, p + from, n - from, known || done ? MS_KEEP_STRICT | MS_KEEP_HEADER : MS_IN_TEXT);
    }
}

/* The literal that the client would have sent next is not wanted: a command comes instead. */
static void literal_refused(struct ms_mask_side *client, struct ms_bytes tag)
{
    if (client->in_content && client->awaited && client->left == client->awaited && client->tag == ms_hash(tag))
        client->in_content = client->continued = false;
}

static void imap_response(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    struct ms_bytes      what = ms_mask_nth(p, n, 1);
    bool                 tagged = !s->continued && n && p[0] != '*' && p[0] != '+' && ms_is_one_of(what, "ok|no|bad");
    bool response = s->continued || tagged || (n && (p[0] == '*' || p[0] == '+'));
    if (!response) { /* of a message whose begin is missing from the capture */
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    bool asks = !s->continued && p[0] == '+';
    s->append = !asks && (has(p, n, "BODY[") || has(p, n, "RFC822") || has(p, n, "BINARY["));
    if (asks && d->side[MS_C2S].login) {
        ms_mask_challenge(m, p, n);
        return;
    }
    if (tagged) {
        d->side[MS_C2S].login = false;
        d->deflated |= d->compress && ms_is_one_of(what, "ok");
        d->compress = false;
        literal_refused(&d->side[MS_C2S], ms_mask_nth(p, n, 0));
    }
    size_t from = tagged ? ms_mask_nth_at(p, n, 1) : 0;
    with_quotes(m, p + from, n - from, MS_IN_REPLY | MS_KEEP_MIME);
}

void ms_mask_imap_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    uint64_t             bytes = 0;
    size_t               before = l.n;
    bool                 follows = literal(l.p, l.n, &bytes, &before), asks = follows && ms_at((struct ms_bytes){ l.p, l.n }, l.n - 2) != '+';
    l.n = follows ? before : l.n;
    if (dir == MS_C2S)
        imap_command(m, d, l.p, l.n);
    else
        imap_response(m, d, l.p, l.n);
    s->continued = follows;
    s->awaited = asks ? bytes : 0;
    if (!follows || bytes == 0)
        return;
    ms_mask_content_begins(s, true, bytes);
    s->is_argument = !s->append;
    if (s->secret && s->arguments < 2)
        s->arguments++;
}
