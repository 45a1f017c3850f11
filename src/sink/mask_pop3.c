/* POP3 on its way through the mask: what is answered decides how a reply is read. */
#include "sink/mask_lines.h"

static void pop_asks(struct ms_mask_dialogue *d, enum ms_mask_answer what)
{
    if (d->asked < sizeof d->answers)
        d->answers[d->asked++] = (uint8_t)what;
}

static void pop_command(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_C2S];
    struct ms_bytes      verb = ms_mask_nth(p, n, 0);
    bool                 argument = ms_mask_nth(p, n, 1).n > 0;
    if (s->login) {
        ms_mask_login_answer(m, s, (struct ms_mask_line){ p, n });
        return;
    }
    pop_asks(d, ms_is_one_of(verb, "retr|top") ? MS_ANSWER_MESSAGE : !argument && ms_is_one_of(verb, "list|uidl|capa|auth") ? MS_ANSWER_LIST : MS_ANSWER_LINE);
    if (ms_is_one_of(verb, "user|apop")) {
        ms_mask_rest(m, p, n, 1, MS_IN_USER | ms_mask_tricks(p, n));
        return;
    }
    if (ms_is_one_of(verb, "pass")) {
        size_t at = ms_mask_nth_at(p, n, 1);
        ms_mask_secret(m, p + at, n - at);
        return;
    }
    if (ms_is_one_of(verb, "auth") && argument) {
        s->login = true;
        ms_mask_login_begins(m, s, (struct ms_mask_line){ p, n }, 1);
        return;
    }
    ms_mask_text(m, p, n, ms_mask_vocabulary(m, verb.p, verb.n) & MS_KEEP_STRICT ? MS_KEEP_STRICT : MS_IN_TEXT);
}

static void pop_reply(const struct ms_mask *m, struct ms_mask_dialogue *d, uint8_t *p, size_t n)
{
    struct ms_mask_side *s = &d->side[MS_S2C];
    bool                 ok = n >= 3 && memcmp(p, "+OK", 3) == 0, reply = ok || (n >= 4 && memcmp(p, "-ERR", 4) == 0);
    size_t               status = ok ? 3 : 4;
    s->list &= !reply; /* the end is missing from the capture */
    if (s->list) {
        s->list = !ms_mask_is_dot(p, n);
        ms_mask_text(m, p, n, MS_KEEP_STRICT);
        return;
    }
    if (!reply && n && p[0] == '+') {
        ms_mask_challenge(m, p, n);
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
        ms_mask_content_begins(s, false, 0);
    ms_mask_text(m, p + status, n - status, MS_IN_REPLY);
}

void ms_mask_pop_line(const struct ms_mask *m, struct ms_mask_dialogue *d, enum ms_dir dir, struct ms_mask_line l)
{
    if (dir == MS_C2S)
        pop_command(m, d, l.p, l.n);
    else
        pop_reply(m, d, l.p, l.n);
}
