/* Lines of a dialogue, as far as it has to be understood: which are a login's, which a message's, what stays of commands and replies. */
#include "sink/mask_lines.h"

#include <string.h>

enum { REPLY = MS_KEEP_STRICT | MS_KEEP_REPLY | MS_KEEP_PROSE | MS_KEEP_HOST, COMMAND = MS_KEEP_STRICT | MS_KEEP_HOST, QUOTED = MS_KEEP_STRICT | MS_KEEP_MIME };

static size_t chomp(const uint8_t *p, size_t n)
{
    while (n && (p[n - 1] == '\n' || p[n - 1] == '\r'))
        n--;
    return n;
}

/* Where the n-th word (from 0) begins. */
static size_t word_at(const uint8_t *p, size_t n, unsigned which)
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

static struct ms_bytes word(const uint8_t *p, size_t n, unsigned which)
{
    size_t at = word_at(p, n, which), end = at;
    while (end < n && !ms_is_blank(p[end]))
        end++;
    return (struct ms_bytes){ p + at, end - at };
}

static bool is(struct ms_bytes w, const char *list) { return w.n && ms_is_one_of(w, list); }

static void rest(const struct ms_mask *m, uint8_t *p, size_t n, unsigned which, unsigned how)
{
    size_t at = word_at(p, n, which);
    ms_mask_text(m, p + at, n - at, how);
}

static void login_rest(const struct ms_mask *m, uint8_t *p, size_t n, unsigned which)
{
    size_t at = word_at(p, n, which), end = n;
    while (end > at && ms_is_blank(p[end - 1]))
        end--;
    ms_mask_login(m, p + at, end - at);
}

static bool is_dot(const uint8_t *p, size_t n) { return n == 1 && p[0] == '.'; }

static void content_begins(struct ms_mask_side *s, bool counted, uint64_t n)
{
    s->content = (struct ms_mask_content){ 0 };
    s->in_content = true;
    s->data_asked = false;
    s->counted = counted;
    s->left = n;
}

/* Chunks of one message go on with it. */
static void chunk_begins(struct ms_mask_side *s, uint64_t bytes, bool last)
{
    struct ms_mask_content before = s->content;
    content_begins(s, bytes > 0, bytes);
    s->in_content = bytes > 0;
    if (s->chunks)
        s->content = before;
    s->chunks = !last;
}

/* ---- SMTP, LMTP ------------------------------------------------------------------------------------------------ */

static void smtp_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = word(p, n, 0);
    uint64_t             bytes;
    bool                 known = ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
    if (s->login && !(known && word(p, n, 1).n)) {
        s->login = false;
        if (!known)
            ms_mask_login(m, p, n);
        return;
    }
    if (is(verb, "auth")) {
        rest(m, p, word_at(p, n, 2), 1, MS_KEEP_STRICT);
        login_rest(m, p, n, 2);
        return;
    }
    struct ms_bytes more = word(p, n, 2);
    if (is(verb, "bdat") && ms_parse_u64(word(p, n, 1), &bytes) && bytes <= INT64_MAX && (more.n == 0 || is(more, "last")))
        chunk_begins(s, bytes, more.n > 0);
    if (is(verb, "mail|rset|ehlo|helo|lhlo"))
        s->chunks = false;
    if (s->data_asked && !known) { /* the reply was not seen */
        content_begins(s, false, 0);
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    s->data_asked = is(verb, "data");
    ms_mask_text(m, p, n, COMMAND);
}

static void smtp_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    uint8_t *p = l.p;
    size_t   n = l.n;
    if (dir == MS_C2S) {
        smtp_command(m, d, p, n);
        return;
    }
    bool login = n > 4 && memcmp(p, "334 ", 4) == 0;
    if (n >= 3 && memcmp(p, "354", 3) == 0 && !d->side[MS_C2S].in_content)
        content_begins(&d->side[MS_C2S], false, 0);
    d->side[MS_C2S].login = n >= 3 && memcmp(p, "334", 3) == 0;
    if (n >= 3 && (p[0] == '4' || p[0] == '5'))
        d->side[MS_C2S].data_asked = false;
    if (login)
        login_rest(m, p, n, 1);
    else
        ms_mask_text(m, p, n, REPLY);
}

/* ---- POP3 ------------------------------------------------------------------------------------------------------ */

static void pop_asks(struct ms_mask_dialogue *d, enum ms_mask_answer what)
{
    if (d->asked < sizeof d->answers)
        d->answers[d->asked++] = (uint8_t)what;
}

static void pop_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = word(p, n, 0);
    bool                 argument = word(p, n, 1).n > 0;
    if (s->login) {
        ms_mask_login(m, p, n);
        return;
    }
    pop_asks(d, is(verb, "retr|top") ? MS_ANSWER_MESSAGE : !argument && is(verb, "list|uidl|capa|auth") ? MS_ANSWER_LIST : MS_ANSWER_LINE);
    if (is(verb, "user|pass|apop")) {
        rest(m, p, n, 1, MS_MASK_DIGITS);
        return;
    }
    if (is(verb, "auth") && argument) {
        s->login = true;
        rest(m, p, word_at(p, n, 2), 1, MS_KEEP_STRICT);
        login_rest(m, p, n, 2);
        return;
    }
    ms_mask_text(m, p, n, MS_KEEP_STRICT);
}

static void pop_reply(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    bool                 ok = n >= 3 && memcmp(p, "+OK", 3) == 0, reply = ok || (n >= 4 && memcmp(p, "-ERR", 4) == 0);
    if (s->list) {
        s->list = !is_dot(p, n);
        ms_mask_text(m, p, n, MS_KEEP_STRICT);
        return;
    }
    if (!reply && n && p[0] == '+') {
        login_rest(m, p, n, 1);
        return;
    }
    if (!reply) {
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    enum ms_mask_answer answer = d->asked ? d->answers[0] : MS_ANSWER_LINE;
    bool                greeting = !d->greeted && d->side[MS_C2S].offset == 0;
    if (d->asked && !greeting)
        memmove(d->answers, d->answers + 1, --d->asked);
    d->greeted = true;
    d->side[MS_C2S].login = false;
    s->list = ok && answer == MS_ANSWER_LIST && !greeting;
    if (ok && answer == MS_ANSWER_MESSAGE && !greeting)
        content_begins(s, false, 0);
    ms_mask_text(m, p, n, REPLY);
}

static void pop_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    if (dir == MS_C2S)
        pop_command(m, d, l.p, l.n);
    else
        pop_reply(m, d, l.p, l.n);
}

/* ---- IMAP ------------------------------------------------------------------------------------------------------ */

/* "{123}" or "{123+}" at the end. */
static bool literal(const uint8_t *p, size_t n, uint64_t *bytes)
{
    size_t end = n;
    if (n < 3 || p[--end] != '}')
        return false;
    end -= p[end - 1] == '+' || p[end - 1] == '-';
    size_t at = end;
    while (at > 0 && ms_is_digit(p[at - 1]))
        at--;
    return at > 0 && p[at - 1] == '{' && ms_parse_u64((struct ms_bytes){ p + at, end - at }, bytes);
}

static bool has(const uint8_t *p, size_t n, const char *text) { return ms_search_nocase((struct ms_bytes){ p, n }, ms_str(text)) < n; }

/* Inside of quotes stands what a mailbox holds. */
static void response(const struct ms_mask *m, uint8_t *p, size_t n)
{
    for (size_t i = 0, end = 0; i < n; i = end) {
        bool quoted = p[i] == '"';
        end = i + 1;
        while (end < n && p[end] != '"')
            end += quoted && p[end] == '\\' && end + 1 < n ? 2 : 1;
        end += quoted && end < n;
        ms_mask_text(m, p + i, end - i, quoted ? QUOTED : REPLY | MS_KEEP_MIME);
    }
}

static void imap_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = word(p, n, 1);
    bool                 known = ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
    if (s->continued) {
        ms_mask_text(m, p, n, s->secret ? MS_MASK_DIGITS : MS_KEEP_STRICT);
        return;
    }
    s->secret = s->append = false;
    if (s->login && !known) {
        ms_mask_login(m, p, n);
        return;
    }
    size_t from = known ? word_at(p, n, 1) : 0; /* the tag stays */
    s->append = is(verb, "append|replace|uid");
    s->secret = is(verb, "login");
    d->compress |= is(verb, "compress");
    if (s->secret) {
        rest(m, p, n, 2, MS_MASK_DIGITS);
    } else if (is(verb, "authenticate")) {
        s->login = true;
        rest(m, p, word_at(p, n, 3), 2, MS_KEEP_STRICT);
        login_rest(m, p, n, 3);
    } else {
        ms_mask_text(m, p + from, n - from, MS_KEEP_STRICT | MS_KEEP_HEADER);
    }
}

static void imap_response(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    struct ms_bytes      what = word(p, n, 1);
    bool                 tagged = !s->continued && n && p[0] != '*' && p[0] != '+' && is(what, "ok|no|bad");
    s->append = has(p, n, "BODY[") || has(p, n, "RFC822") || has(p, n, "BINARY[");
    if (n && p[0] == '+' && d->side[MS_C2S].login) {
        login_rest(m, p, n, 1);
        return;
    }
    if (tagged) {
        d->side[MS_C2S].login = false;
        d->deflated |= d->compress && is(what, "ok");
        d->compress = false;
    }
    size_t from = tagged ? word_at(p, n, 1) : 0;
    response(m, p + from, n - from);
}

static void imap_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    uint64_t             bytes = 0;
    bool                 follows = literal(l.p, l.n, &bytes);
    if (dir == MS_C2S)
        imap_command(m, d, l.p, l.n);
    else
        imap_response(m, d, l.p, l.n);
    s->continued = follows;
    if (!follows || bytes == 0)
        return;
    content_begins(s, true, bytes);
    s->is_argument = !s->append;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

void ms_mask_dialogue_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    size_t               whole = l.n;
    l.n = chomp(l.p, l.n);
    if (s->in_content && s->counted && s->is_argument)
        ms_mask_text(m, l.p, l.n, MS_MASK_DIGITS);
    else if (s->in_content && !s->counted && is_dot(l.p, l.n))
        s->in_content = false;
    else if (s->in_content)
        ms_mask_content_line(m, &s->content, l.p, l.n);
    else if (d->protocol == MS_PROTO_POP3)
        pop_line(m, d, dir, l);
    else if (d->protocol == MS_PROTO_IMAP)
        imap_line(m, d, dir, l);
    else
        smtp_line(m, d, dir, l);
    s->offset += whole;
}
