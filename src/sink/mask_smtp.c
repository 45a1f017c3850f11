/* SMTP and LMTP on their way through the mask. */
#include "sink/mask_lines.h"

/* Chunks of one message go on with it. */
static void chunk_begins(struct ms_mask_side *s, uint64_t bytes, bool last)
{
    struct ms_mask_content before = s->content;
    ms_mask_content_begins(s, bytes > 0, bytes);
    s->in_content = bytes > 0;
    if (s->chunks)
        s->content = before;
    s->chunks = !last;
}

/* Hosts and people are called like commands, too: in "<...>" only words of hosts stay. */
static void with_paths(const struct ms_mask *m, uint8_t *p, size_t n, unsigned how)
{
    for (size_t i = 0, end = 0; i < n; i = end) {
        bool path = p[i] == '<';
        end = i + ms_find((struct ms_bytes){ p + i, n - i }, path ? '>' : '<');
        ms_mask_text(m, p + i, end - i, path ? MS_IN_PLACE | (how & MS_KEEP_TRICK) : how);
    }
}

/* A line that may be a command, and not the text of a message whose begin is missing from the capture. */
bool ms_mask_is_smtp_command(const struct ms_mask *m, const uint8_t *p, size_t n)
{
    while (n && p[n - 1] == 0) /* some servers take that for a line end */
        n--;
    struct ms_bytes verb = ms_mask_nth(p, n, 0), next = ms_mask_nth(p, n, 1);
    if (ms_is_one_of(verb, "quit|rset|data|starttls|turn"))
        return next.n == 0;
    if (ms_is_one_of(verb, "mail|rcpt")) {
        struct ms_bytes way = ms_lower(verb.p[0]) == 'm' ? MS_LIT("from") : MS_LIT("to");
        return ms_starts_nocase(next, way) && !ms_is_word(ms_at(next, way.n));
    }
    verb = ms_starts_nocase(verb, MS_LIT("x-")) ? ms_tail(verb, 2) : verb;
    return ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT;
}

/* "Message-ID:" */
static bool is_field(const struct ms_mask *m, struct ms_bytes w)
{
    size_t n = 0, colon = ms_find(w, ':');
    for (size_t i = 0; i < colon; i++)
        if (w.p[i] <= ' ' || w.p[i] >= 0x7f)
            return false;
    while (n < colon && ms_is_word(w.p[n]))
        n++;
    return colon < w.n && ms_mask_vocabulary(m, w.p, n) & MS_KEEP_HEADER;
}

static void command_text(const struct ms_mask *m, uint8_t *p, size_t n)
{
    unsigned tricks = ms_mask_tricks(p, n);
    if (ms_is_one_of(ms_mask_nth(p, n, 0), "ehlo|helo|lhlo|vrfy|expn|etrn"))
        ms_mask_rest(m, p, n, 1, MS_IN_PLACE | tricks);
    else
        with_paths(m, p, n, MS_IN_COMMAND | tricks);
}

static void smtp_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = ms_mask_nth(p, n, 0);
    uint64_t             bytes;
    bool                 command = ms_mask_is_smtp_command(m, p, n);
    if (s->login && !(command && ms_mask_nth(p, n, 1).n)) {
        s->login = false;
        if (!command)
            ms_mask_login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    if (ms_is_one_of(verb, "auth")) {
        ms_mask_login_begins(m, s, (struct ms_mask_line){ p, n }, 1);
        return;
    }
    struct ms_bytes more = ms_mask_nth(p, n, 2);
    if (ms_is_one_of(verb, "bdat") && ms_parse_u64(ms_mask_nth(p, n, 1), &bytes) && bytes <= INT64_MAX && (more.n == 0 || ms_is_one_of(more, "last")))
        chunk_begins(s, bytes, more.n > 0);
    if (command && ms_is_one_of(verb, "mail|rset|ehlo|helo|lhlo"))
        s->chunks = s->ahead = false;
    bool in_header = (s->lost || s->offset == 0) && n && !ms_is_blank(p[0]) && is_field(m, verb); /* DATA is missing from the capture */
    if (!command && (s->data_asked || in_header)) { /* the reply was not seen, or comes later */
        ms_mask_content_begins(s, false, 0);
        s->ahead = true;
        ms_mask_content_line(m, &s->content, p, n);
        return;
    }
    s->data_asked = command && ms_is_one_of(verb, "data");
    if (command)
        command_text(m, p, n);
    else
        ms_mask_text(m, p, n, MS_IN_TEXT | ms_mask_tricks(p, n));
}

bool ms_mask_smuggled(const struct ms_mask *m, struct ms_mask_side *s, struct ms_mask_line l)
{
    bool may = s->behind_dot || !s->content.begun;
    s->behind_dot = may && ms_is_one_of(ms_mask_nth(l.p, l.n, 0), "mail|rcpt|ehlo|helo|lhlo|data|bdat") && ms_mask_is_smtp_command(m, l.p, l.n);
    if (s->behind_dot)
        command_text(m, l.p, l.n);
    return s->behind_dot;
}

void ms_mask_smtp_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
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
        ms_mask_content_begins(&d->side[MS_C2S], false, 0);
    if (go)
        d->side[MS_C2S].ahead = false;
    d->side[MS_C2S].login = n >= 3 && memcmp(p, "334", 3) == 0;
    size_t code = 0; /* "250-": it is no part of what follows */
    while (code < n && code < 3 && ms_is_digit(p[code]))
        code++;
    if (code == 3 && (p[0] == '4' || p[0] == '5'))
        d->side[MS_C2S].data_asked = false;
    bool final = code == 3 && (n == 3 || p[3] == ' ') && p[0] != '3', odd = code < 3;
    code += code == 3 && n > 3 && p[3] == '-';
    d->side[MS_C2S].replied |= final;
    if (login)
        ms_mask_challenge(m, p, n);
    else if (odd)
        ms_mask_text(m, p, n, MS_IN_TEXT);
    else
        with_paths(m, p + code, n - code, MS_IN_REPLY);
}
