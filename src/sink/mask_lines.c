/* Lines of a dialogue, as far as it has to be understood: which are a login's, which a message's, what stays of commands and replies. */
#include "sink/mask_lines.h"

#include <string.h>

enum { REPLY = MS_KEEP_STRICT | MS_KEEP_REPLY | MS_KEEP_PROSE | MS_KEEP_HOST, COMMAND = MS_KEEP_STRICT | MS_KEEP_HOST,
       QUOTED = MS_KEEP_MIME | MS_KEEP_NAMES | MS_MASK_LOOSE, PLACE = MS_KEEP_HOST | MS_MASK_DIGITS | MS_MASK_SINGLES, USER = MS_KEEP_NAMES | MS_MASK_DIGITS | MS_MASK_SINGLES, TEXT = USER | MS_MASK_ESCAPES /* of a message, perhaps */ };

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
    ms_mask_login(m, p + at, end - at, false);
}

/* What a server asks in a login: base64, or words as they are. */
static void challenge(const struct ms_mask *m, uint8_t *p, size_t n)
{
    struct ms_bytes first = word(p, n, 1);
    if (ms_mask_vocabulary(m, first.p, first.n) & (MS_KEEP_PROSE | MS_KEEP_SASL))
        rest(m, p, n, 1, REPLY);
    else
        login_rest(m, p, n, 1);
}

/* AUTH: the mechanism and, perhaps, an initial response. `which` is the mechanism's word. */
static void login_begins(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l, unsigned which)
{
    bool answered = word(l.p, l.n, which + 1).n > 0;
    s->until_password = !is(word(l.p, l.n, which), "login") ? 0 : answered ? 1 : 2;
    rest(m, l.p, word_at(l.p, l.n, which + 1), which, MS_KEEP_STRICT);
    login_rest(m, l.p, l.n, which + 1);
}

/* The client's answer in a login. */
static void login_answer(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l)
{
    bool password = s->until_password == 1;
    if (s->until_password)
        s->until_password--;
    ms_mask_login(m, l.p, l.n, password);
}

static bool is_dot(const uint8_t *p, size_t n) { return n == 1 && p[0] == '.'; }

static void content_begins(struct ms_mask_side *s, bool counted, uint64_t n)
{
    s->content = (struct ms_mask_content){ 0 };
    s->in_content = true;
    s->data_asked = s->lost = s->replied = false;
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

/* Hosts and people are called like commands, too: in "<...>" only words of hosts stay. */
static void with_paths(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how)
{
    for (size_t i = 0, end = 0; i < n; i = end) {
        bool path = p[i] == '<';
        end = i + ms_find((struct ms_bytes){ p + i, n - i }, path ? '>' : '<');
        ms_mask_text(m, p + i, end - i, path ? PLACE | (how & MS_KEEP_TRICK) : how);
    }
}

/* A line that may be a command, and not the text of a message whose begin is missing from the capture. */
static bool is_smtp_command(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    while (n && p[n - 1] == 0) /* some servers take that for a line end */
        n--;
    struct ms_bytes verb = word(p, n, 0), next = word(p, n, 1);
    if (is(verb, "quit|rset|data|starttls|turn"))
        return next.n == 0;
    if (is(verb, "mail|rcpt"))
        return ms_starts_nocase(next, ms_lower(verb.p[0]) == 'm' ? MS_LIT("from") : MS_LIT("to"));
    verb = ms_starts_nocase(verb, MS_LIT("x-")) ? ms_tail(verb, 2) : verb;
    return ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
}

/* "Message-ID:" */
static bool is_field(const struct ms_mask *m, struct ms_bytes w)
{
    size_t n = 0;
    while (n < w.n && ms_is_word(w.p[n]))
        n++;
    return ms_find(w, ':') < w.n && ms_mask_vocabulary(m, w.p, n) & MS_KEEP_HEADER;
}

static void smtp_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = word(p, n, 0);
    uint64_t             bytes;
    bool                 known = ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
    if (s->login && !(known && word(p, n, 1).n)) {
        s->login = false;
        if (!known)
            login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    if (is(verb, "auth")) {
        login_begins(m, s, (struct ms_mask_line){ p, n }, 1);
        return;
    }
    struct ms_bytes more = word(p, n, 2);
    if (is(verb, "bdat") && ms_parse_u64(word(p, n, 1), &bytes) && bytes <= INT64_MAX && (more.n == 0 || is(more, "last")))
        chunk_begins(s, bytes, more.n > 0);
    if (is(verb, "mail|rset|ehlo|helo|lhlo"))
        s->chunks = s->ahead = false;
    bool in_header = (s->lost || s->offset == 0) && is_field(m, verb); /* DATA is missing from the capture */
    if (!known && (s->data_asked || in_header)) { /* the reply was not seen, or comes later */
        content_begins(s, false, 0);
        s->ahead = true;
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    unsigned tricks = ms_mask_tricks(p, n);
    s->data_asked = is(verb, "data");
    if (!is_smtp_command(m, p, n))
        ms_mask_text(m, p, n, TEXT | tricks);
    else if (is(verb, "ehlo|helo|lhlo|vrfy|expn|etrn"))
        rest(m, p, n, 1, PLACE | tricks);
    else
        with_paths(m, p, n, COMMAND | tricks);
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
    bool go = n >= 3 && memcmp(p, "354", 3) == 0;
    if (go && !d->side[MS_C2S].in_content && !d->side[MS_C2S].ahead)
        content_begins(&d->side[MS_C2S], false, 0);
    if (go)
        d->side[MS_C2S].ahead = false;
    d->side[MS_C2S].login = n >= 3 && memcmp(p, "334", 3) == 0;
    if (n >= 3 && (p[0] == '4' || p[0] == '5'))
        d->side[MS_C2S].data_asked = false;
    size_t code = 0; /* "250-": it is no part of what follows */
    while (code < n && code < 3 && ms_is_digit(p[code]))
        code++;
    bool final = code == 3 && (n == 3 || p[3] == ' ') && p[0] != '3', odd = code < 3;
    code += code == 3 && n > 3 && p[3] == '-';
    d->side[MS_C2S].replied |= final;
    if (login)
        challenge(m, p, n);
    else if (odd)
        ms_mask_text(m, p, n, TEXT);
    else
        with_paths(m, p + code, n - code, REPLY);
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
        login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    pop_asks(d, is(verb, "retr|top") ? MS_ANSWER_MESSAGE : !argument && is(verb, "list|uidl|capa|auth") ? MS_ANSWER_LIST : MS_ANSWER_LINE);
    if (is(verb, "user|apop")) {
        rest(m, p, n, 1, USER | ms_mask_tricks(p, n));
        return;
    }
    if (is(verb, "pass")) {
        size_t at = word_at(p, n, 1);
        ms_mask_secret(m, p + at, n - at);
        return;
    }
    if (is(verb, "auth") && argument) {
        s->login = true;
        login_begins(m, s, (struct ms_mask_line){ p, n }, 1);
        return;
    }
    ms_mask_text(m, p, n, ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT ? MS_KEEP_STRICT : TEXT);
}

static void pop_reply(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    bool                 ok = n >= 3 && memcmp(p, "+OK", 3) == 0, reply = ok || (n >= 4 && memcmp(p, "-ERR", 4) == 0);
    s->list &= !reply; /* the end is missing from the capture */
    if (s->list) {
        s->list = !is_dot(p, n);
        ms_mask_text(m, p, n, MS_KEEP_STRICT);
        return;
    }
    if (!reply && n && p[0] == '+') {
        challenge(m, p, n);
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

static bool has(const uint8_t *p, size_t n, const char *text) { return ms_search_nocase((struct ms_bytes){ p, n }, ms_str(text)) < n; }

/* "Mon, 6 Nov 2023 10:00:00 +0100", "06-Nov-2023": numbers and short words of the protocol. */
static bool is_date(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    bool month = false, year = false;
    for (size_t i = 0, end = 0; i < n; i = end > i ? end : i + 1) {
        for (end = i; end < n && ms_is_word(p[end]);)
            end++;
        bool number = end > i && ms_is_digit(p[i]);
        bool known = number || end == i || (end - i <= 4 && ms_mask_vocabulary(m, p + i, end - i) & MS_KEEP_STRICT);
        if (!known || end - i > 4 || (end == i && !strchr("\" ,:+-()", p[i])))
            return false;
        year |= number && end - i == 4;
        month |= !number && end > i;
    }
    return month && year;
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
        if (!quoted || !is_date(m, p + i, end - i))
            ms_mask_text(m, p + i, end - i, quoted ? QUOTED : how);
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
            ms_mask_text(m, p + i, end - i, USER | ms_mask_tricks(p + i, end - i));
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
    struct ms_bytes      verb = word(p, n, 1);
    bool                 known = ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
    if (s->continued && s->secret)
        login_arguments(m, s, p, n);
    else if (s->continued)
        with_quotes(m, p, n, MS_KEEP_STRICT);
    if (s->continued)
        return;
    s->secret = s->append = false;
    if (s->login && !known) {
        login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    size_t from = known || is_tag(s, word(p, n, 0)) ? word_at(p, n, 1) : 0; /* the tag stays */
    bool   done = is((struct ms_bytes){ p, n }, "done");
    s->append = is(verb, "append|replace|uid");
    s->secret = is(verb, "login");
    d->compress |= is(verb, "compress");
    if (s->secret) {
        s->arguments = 0;
        login_arguments(m, s, p + word_at(p, n, 2), n - word_at(p, n, 2));
    } else if (is(verb, "authenticate")) {
        s->login = true;
        login_begins(m, s, (struct ms_mask_line){ p, n }, 2);
    } else {
        with_quotes(m, p + from, n - from, known || done ? MS_KEEP_STRICT | MS_KEEP_HEADER : TEXT);
    }
}

static void imap_response(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    struct ms_bytes      what = word(p, n, 1);
    bool                 tagged = !s->continued && n && p[0] != '*' && p[0] != '+' && is(what, "ok|no|bad");
    bool response = s->continued || tagged || (n && (p[0] == '*' || p[0] == '+'));
    if (!response) { /* of a message whose begin is missing from the capture */
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    s->append = has(p, n, "BODY[") || has(p, n, "RFC822") || has(p, n, "BINARY[");
    if (n && p[0] == '+' && d->side[MS_C2S].login) {
        challenge(m, p, n);
        return;
    }
    if (tagged) {
        d->side[MS_C2S].login = false;
        d->deflated |= d->compress && is(what, "ok");
        d->compress = false;
    }
    size_t from = tagged ? word_at(p, n, 1) : 0;
    with_quotes(m, p + from, n - from, REPLY | MS_KEEP_MIME);
}

static void imap_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    uint64_t             bytes = 0;
    size_t               before = l.n;
    bool                 follows = literal(l.p, l.n, &bytes, &before);
    l.n = follows ? before : l.n;
    if (dir == MS_C2S)
        imap_command(m, d, l.p, l.n);
    else
        imap_response(m, d, l.p, l.n);
    s->continued = follows;
    if (!follows || bytes == 0)
        return;
    content_begins(s, true, bytes);
    s->is_argument = !s->append;
    if (s->secret && s->arguments < 2)
        s->arguments++;
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

/* A literal that is no message. */
static void argument(const struct ms_mask *m, const struct ms_mask_side *s, struct ms_mask_line l)
{
    if (s->secret && s->arguments == 2)
        ms_mask_secret(m, l.p, l.n);
    else
        ms_mask_text(m, l.p, l.n, s->secret ? USER : QUOTED);
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
    return s->replied && is_smtp_command(m, l.p, l.n);
}

void ms_mask_dialogue_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    struct ms_mask_side *s = &d->side[dir];
    size_t               whole = l.n;
    l.n = chomp(l.p, l.n);
    if (is_behind_loss(m, d, dir, l))
        s->in_content = false;
    if (s->in_content && s->counted && s->is_argument)
        argument(m, s, l);
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
