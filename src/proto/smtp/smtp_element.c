/* proto/smtp/smtp_element.c - what each frame said, told to whoever lists frames (model/element.h). Nothing here changes the state of
 * the dialogue. */
#include "proto/smtp/smtp_private.h"

static void say(struct ms_host *h, const struct ms_element *el) { h->ops->element(h, el); }

static struct ms_element client_line(const struct smtp *s, enum ms_element_kind kind, struct ms_bytes line, struct smtp_at at)
{
    return (struct ms_element){
        .frame = at.frame, .kind = (uint8_t)kind, .dir = MS_C2S, .line = line,
        .length = line.n + (s->line_cut ? 0 : s->bare_lf ? 1 : 2), .flags = s->line_cut ? MS_ELEMENT_CUT : 0,
    };
}

/* What the next answer, or the initial response, of this mechanism holds. */
static enum ms_element_login login_of(enum ms_mechanism mechanism, unsigned step)
{
    if (mechanism == MS_MECH_PLAIN)
        return MS_LOGIN_BOTH;
    if (mechanism == MS_MECH_LOGIN)
        return step == 0 ? MS_LOGIN_USER : MS_LOGIN_PASSWORD;
    return MS_LOGIN_OTHER;
}

static void mark_initial(struct ms_element *el, struct ms_bytes argument)
{
    struct ms_bytes initial = smtp_auth_initial(argument), rest = argument;
    if (initial.n == 0 || ms_equal(initial, MS_LIT("=")))
        return;
    el->secret_at = (size_t)(initial.p - el->line.p);
    el->secret_n = initial.n;
    el->code = (uint16_t)login_of(ms_mechanism_find(ms_take_word(&rest)), 0);
}

void smtp_say_command(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at)
{
    struct ms_element   el = client_line(s, MS_EL_COMMAND, line, at);
    struct smtp_command c;
    smtp_command_parse(line, &c);
    if (c.verb == SMTP_AUTH)
        mark_initial(&el, c.argument);
    say(h, &el);
}

void smtp_say_hidden(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at)
{
    struct ms_element el = client_line(s, MS_EL_AUTH, line, at);
    bool              gives_up = ms_equal(line, MS_LIT("*"));
    if (s->auth && !gives_up)
        el.code = (uint16_t)login_of(s->auth->sasl.mechanism, s->auth->sasl.step);
    if (!gives_up && el.code != MS_LOGIN_USER)
        el.secret_n = line.n;
    say(h, &el);
}

void smtp_say_text(const struct smtp *s, struct ms_host *h, struct ms_bytes line, struct smtp_at at)
{
    struct ms_element el = client_line(s, ms_equal(line, MS_LIT(".")) ? MS_EL_CONTENT_END : MS_EL_TEXT, line, at);
    say(h, &el);
}

/* Any three digits are a code here, as they are in a packet list; what is no reply has none. */
void smtp_say_reply(const struct smtp *s, struct ms_host *h, const struct ms_line *line, struct smtp_at at)
{
    struct ms_bytes   t = line->text;
    struct ms_element el = { .frame = at.frame, .kind = MS_EL_REPLY, .dir = MS_S2C, .line = t,
                             .length = t.n + (line->cut ? 0 : line->bare_lf ? 1 : 2), .flags = line->cut ? MS_ELEMENT_CUT : 0 };
    const struct smtp_pending *p = s->head;
    if (ms_is_digit(ms_at(t, 0)) && ms_is_digit(ms_at(t, 1)) && ms_is_digit(ms_at(t, 2))) {
        el.code = (uint16_t)((t.p[0] - '0') * 100 + (t.p[1] - '0') * 10 + (t.p[2] - '0'));
        el.flags |= ms_at(t, 3) == '-' ? MS_ELEMENT_MORE : 0;
    }
    if (p && p->secret_n)
        el.repeats = (struct ms_bytes){ p->text + p->name_n + p->secret_at, p->secret_n };
    else if (p && p->auth)
        el.repeats = p->auth->sasl.spoken;
    say(h, &el);
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

void smtp_say_content(const struct smtp *s, struct ms_host *h, uint64_t length, struct smtp_at at)
{
    if (length == 0)
        return;
    struct ms_element el = { .frame = at.frame, .kind = MS_EL_CONTENT, .dir = MS_C2S, .length = length,
                             .flags = s->mode == SMTP_CHUNK && s->chunk_last ? MS_ELEMENT_LAST : 0 };
    ms_element_frames_add(h, &s->mail->frames, at.frame);
    s->mail->wire += length;
    say(h, &el);
}

void smtp_say_end(struct ms_host *h, const struct smtp_mail *m, size_t marker, uint64_t frame)
{
    struct ms_element list = { .frame = frame, .kind = MS_EL_FRAGMENTS, .dir = MS_C2S, .line = ms_buffer_bytes(&m->frames),
                               .length = m->wire };
    struct ms_element end = { .frame = frame, .kind = MS_EL_CONTENT_END, .dir = MS_C2S, .length = marker, .body = m->body,
                              .flags = marker ? 0 : MS_ELEMENT_LAST };
    end.line = marker ? MS_LIT(".") : (struct ms_bytes){ NULL, 0 };
    if (m->wire)
        say(h, &list);
    say(h, &end);
}
