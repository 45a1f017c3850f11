/* proto/pop3/element.c - what each frame said, told to whoever lists frames (model/element.h). Nothing here changes the state of the
 * dialogue. */
#include "proto/pop3/private.h"

static void say(const struct flow *f, const struct ms_element *el)
{
    if (!f->quiet)
        f->h->ops->element(f->h, el);
}

static struct ms_element element_of(const struct flow *f, enum ms_element_kind kind, const struct ms_line *line)
{
    return (struct ms_element){ .frame = f->c->frame, .kind = (uint8_t)kind, .dir = (uint8_t)f->c->dir, .line = line->text,
                                .length = line->text.n + (line->cut ? 0 : line->bare_lf ? 1 : 2),
                                .flags = line->cut ? MS_ELEMENT_CUT : 0 };
}

/* All answers count as secrets, as in a transcript: which is the name and which the password is known to the mechanism alone. "*" gives
 * the login up. */
static void mark_answer(struct ms_element *el) { el->secret_n = ms_equal(el->line, MS_LIT("*")) ? 0 : el->line.n; }

/* After missing bytes a line may be the rest of a login; after a refused AUTH a word the answer to a challenge that never came. */
static void mark_secret(const struct flow *f, struct ms_element *el, bool lost)
{
    struct ms_bytes rest = el->line;
    enum verb       v = ms_pop3_verb(ms_take_word(&rest));
    if (v == V_OTHER && (lost || (f->p->refused && ms_trim(rest).n == 0))) {
        el->kind = lost ? MS_EL_TEXT : MS_EL_COMMAND;
        el->secret_n = el->line.n;
        return;
    }
    while (rest.n && ms_is_blank(rest.p[0]))
        rest = ms_tail(rest, 1);
    struct ms_bytes secret = ms_pop3_secret(v, rest);
    if (secret.n) {
        el->secret_at = (size_t)(secret.p - el->line.p);
        el->secret_n = secret.n;
    }
}

void ms_pop3_say_client(const struct flow *f, const struct ms_line *line, bool answer, bool lost)
{
    struct ms_element el = element_of(f, answer ? MS_EL_AUTH : MS_EL_COMMAND, line);
    if (answer)
        mark_answer(&el);
    else
        mark_secret(f, &el, lost);
    say(f, &el);
}

/* `code` 1: a message follows. */
void ms_pop3_say_reply(const struct flow *f, const struct ms_line *line, enum answer_kind follows)
{
    struct ms_element     el = element_of(f, MS_EL_REPLY, line);
    const struct pending *q = ms_pop3_head(f->p);
    el.flags |= follows == STRANGE ? 0 : MS_ELEMENT_MORE;
    el.code = follows == BODY;
    if (q)
        el.repeats = ms_pop3_secret((enum verb)q->verb, ms_trim(ms_pop3_argument(q)));
    if (q && q->verb == V_AUTH && el.repeats.n == 0 && f->p->login)
        el.repeats = f->p->login->sasl.spoken;
    say(f, &el);
}

void ms_pop3_say_text(const struct flow *f, const struct ms_line *line, bool last)
{
    struct ms_element el = element_of(f, MS_EL_TEXT, line);
    el.flags |= last ? MS_ELEMENT_LAST : 0;
    say(f, &el);
}

/* ---- messages --------------------------------------------------------------------------------------------------- */

void ms_pop3_say_content(const struct flow *f, uint64_t length)
{
    struct ms_element el = { .frame = f->c->frame, .kind = MS_EL_CONTENT, .dir = MS_S2C, .length = length };
    if (length == 0)
        return;
    ms_element_frames_add(f->h, &f->p->answer->frames, el.frame);
    f->p->answer->wire += length;
    say(f, &el);
}

void ms_pop3_say_end(const struct flow *f)
{
    struct answer    *a = f->p->answer;
    size_t            marker = ms_dots_may_be_over(&a->dots) ? ms_dots_held(&a->dots) : a->dots.marker;
    uint64_t          frame = a->status.last_frame;
    struct ms_element list = { .frame = frame, .kind = MS_EL_FRAGMENTS, .dir = MS_S2C, .length = a->wire + marker };
    struct ms_element end = { .frame = frame, .kind = MS_EL_CONTENT_END, .dir = MS_S2C, .length = marker, .body = a->body };
    ms_element_frames_add(f->h, &a->frames, frame);
    list.line = ms_buffer_bytes(&a->frames);
    end.line = marker ? MS_LIT(".") : (struct ms_bytes){ NULL, 0 };
    f->h->ops->element(f->h, &list);
    f->h->ops->element(f->h, &end);
}
