/* Lines of a dialogue, as far as it has to be understood: which are a login's, which a message's, what stays of commands and replies. */
#include "sink/mask_lines.h"

#include "proto/proto.h"

enum { LINE_BYTES = 65536 };

/* Where the n-th word (from 0) begins. */
size_t ms_mask_nth_at(const uint8_t *p, size_t n, unsigned which)
{
    size_t i = 0;
    for (;; which--) {
        while (i < n && ms_is_blank(p[i]))
            i++;
        if (which == 0 || i == n)
            return i;
        while (i < n && !ms_is_blank(p[i]))
            i++;
    }
}

struct ms_bytes ms_mask_nth(const uint8_t *p, size_t n, unsigned which)
{
    size_t at = ms_mask_nth_at(p, n, which), end = at;
    while (end < n && !ms_is_blank(p[end]))
        end++;
    return (struct ms_bytes){ p + at, end - at };
}

void ms_mask_rest(const struct ms_mask *m, uint8_t *p, size_t n, unsigned which, unsigned how)
{
    size_t at = ms_mask_nth_at(p, n, which);
    ms_mask_text(m, p + at, n - at, how);
}

static void login_rest(const struct ms_mask *m, uint8_t *p, size_t n, unsigned which)
{
    size_t at = ms_mask_nth_at(p, n, which), end = n;
    while (end > at && ms_is_blank(p[end - 1]))
        end--;
    ms_mask_login(m, p + at, end - at, false);
}

/* What a server asks in a login: base64, or words as they are. */
void ms_mask_challenge(const struct ms_mask *m, uint8_t *p, size_t n)
{
    struct ms_bytes first = ms_mask_nth(p, n, 1);
    if (ms_mask_vocabulary(m, first.p, first.n) & (MS_KEEP_PROSE | MS_KEEP_SASL))
        ms_mask_rest(m, p, n, 1, MS_IN_REPLY);
    else
        login_rest(m, p, n, 1);
}

/* AUTH: the mechanism and, perhaps, an initial response. `which` is the mechanism's word. */
void ms_mask_login_begins(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l, unsigned which)
{
    bool answered = ms_mask_nth(l.p, l.n, which + 1).n > 0;
    s->until_password = !ms_is_one_of(ms_mask_nth(l.p, l.n, which), "login") ? 0 : answered ? 1 : 2;
    ms_mask_rest(m, l.p, ms_mask_nth_at(l.p, l.n, which + 1), which, MS_KEEP_STRICT);
    login_rest(m, l.p, l.n, which + 1);
}

/* The client's answer in a login. */
void ms_mask_login_answer(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l)
{
    bool password = s->until_password == 1;
    if (s->until_password)
        s->until_password--;
    ms_mask_login(m, l.p, l.n, password);
}

void ms_mask_content_begins(struct ms_mask_side *s, bool counted, uint64_t n)
{
    s->content = (struct ms_mask_content){ 0 };
    s->in_content = true;
    s->data_asked = s->lost = s->replied = false;
    s->counted = counted;
    s->left = n;
}

/* ---- cutting --------------------------------------------------------------------------------------------------- */

static bool is_smtp(const struct ms_mask_dialogue *d) { return d->protocol != MS_PROTO_POP3 && d->protocol != MS_PROTO_IMAP; }

static bool is_line_end(uint8_t c) { return c == '\r' || c == '\n'; }

/* In a line of a text of SMTP: a lone CR in front of a lone dot, and behind it, ends a line, too. 0: there is none. */
static size_t lone_end(struct ms_bytes line)
{
    if (line.n > 2 && line.p[0] == '.' && line.p[1] == '\r' && line.p[2] != '\n')
        return 2;
    for (size_t i = ms_find(line, '\r'); i + 2 < line.n; i += 1 + ms_find(ms_tail(line, i + 1), '\r'))
        if (line.p[i + 1] == '.' && is_line_end(line.p[i + 2]))
            return i + 1;
    return 0;
}

size_t ms_mask_line_length(const struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_bytes b, bool all)
{
    const struct ms_mask_side *s = &d->side[dir];
    bool   counted = s->in_content && s->counted;
    size_t most = counted && s->left < b.n ? (size_t)s->left : b.n, end = ms_find(ms_head(b, most), '\n');
    size_t lone = is_smtp(d) && s->in_content ? lone_end(ms_head(b, end < most ? end + 1 : most)) : 0;
    if (lone || end < most)
        return lone ? lone : end + 1;
    return most < b.n || (counted && s->left == most) || all || b.n >= LINE_BYTES ? most : 0;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* A literal that is no message. */
static void argument(const struct ms_mask *m, const struct ms_mask_side *s, struct ms_mask_line l)
{
    if (s->secret && s->arguments == 2)
        ms_mask_secret(m, l.p, l.n);
    else
        ms_mask_text(m, l.p, l.n, s->secret ? MS_IN_USER : MS_IN_QUOTES);
}

/* A loss took the end of a message, it seems: this line stands behind it. */
static bool is_behind_loss(const struct ms_mask *m, const struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    const struct ms_mask_side *s = &d->side[dir];
    struct ms_bytes            b = { l.p, l.n };
    if (!s->in_content || s->counted || !s->lost)
        return false;
    if (d->protocol == MS_PROTO_POP3)
        return d->asked && (ms_starts_nocase(b, MS_LIT("+OK")) || ms_starts_nocase(b, MS_LIT("-ERR")));
    return s->replied && ms_mask_is_smtp_command(m, l.p, l.n);
}

/* A client that speaks another protocol than mail: what tells that stays. */
static bool is_foreign(const struct ms_mask *m, const struct ms_mask_side *s, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_foreign other = dir == MS_C2S && s->offset == 0 ? ms_foreign((struct ms_bytes){ l.p, l.n }) : (struct ms_foreign){ .name = NULL };
    if (other.name)
        ms_mask_text(m, l.p + other.sign, l.n - other.sign, MS_IN_COMMAND);
    return other.name;
}

/* The end of a text. Servers of SMTP that take a dot behind NUL, or between lone CR, for one are smuggled to: for what follows that is right. */
static bool is_end(const struct ms_mask_dialogue *d, struct ms_mask_line l)
{
    bool behind_nul = d->protocol != MS_PROTO_POP3 && l.n == 2 && l.p[0] == 0;
    return ms_mask_is_dot(l.p + behind_nul, l.n - behind_nul);
}

static void spoken(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    if (d->protocol == MS_PROTO_POP3)
        ms_mask_pop_line(m, d, dir, l);
    else if (d->protocol == MS_PROTO_IMAP)
        ms_mask_imap_line(m, d, dir, l);
    else
        ms_mask_smtp_line(m, d, dir, l);
}

/* Of a literal or a chunk. */
static void count(struct ms_mask_side *s, uint64_t n)
{
    s->left -= n < s->left ? n : s->left;
    if (s->left == 0)
        s->in_content = s->counted = s->is_argument = false;
}

void ms_mask_dialogue_gap(struct ms_mask_dialogue *d, enum ms_dir dir, uint64_t n)
{
    struct ms_mask_side *s = &d->side[dir];
    s->lost = true;
    if (s->in_content && s->counted)
        count(s, n);
}

static void content(const struct ms_mask *m, const struct ms_mask_dialogue *d, struct ms_mask_side *s, struct ms_mask_line l)
{
    bool chunk = s->counted && is_smtp(d);
    if (s->counted && s->is_argument)
        argument(m, s, l);
    else if (!s->counted && is_end(d, l))
        s->in_content = false;
    else if (chunk && is_end(d, l)) /* dots are not doubled there */
        s->behind_dot = true;
    else if (!chunk || !ms_mask_smuggled(m, s, l))
        ms_mask_content_line(m, &s->content, l.p, l.n);
}

void ms_mask_dialogue_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    size_t               whole = l.n;
    bool                 counted = s->in_content && s->counted;
    l.n = ms_mask_chomp(l.p, l.n);
    if (is_behind_loss(m, d, dir, l))
        s->in_content = false;
    if (s->in_content)
        content(m, d, s, l);
    else if (!is_foreign(m, s, dir, l))
        spoken(m, d, dir, l);
    s->offset += whole;
    if (counted)
        count(s, whole);
}
