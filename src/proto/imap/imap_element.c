/* proto/imap/imap_element.c - what each frame said, told to whoever lists frames (model/element.h). Nothing here changes the state of
 * the dialogue. */
#include "imap_private.h"

static void say(const struct imap_ctx *x, const struct ms_element *el)
{
    if (!x->ending)
        x->h->ops->element(x->h, el);
}

static struct ms_element element_of(const struct imap_ctx *x, enum ms_element_kind kind, enum ms_dir dir, const struct imap_line *line)
{
    return (struct ms_element){ .frame = x->frame, .kind = (uint8_t)kind, .dir = (uint8_t)dir, .line = line->text,
                                .length = line->text.n + (line->cut ? 0 : line->bare_lf ? 1 : 2),
                                .flags = line->cut ? MS_ELEMENT_CUT : 0 };
}

/* `secret`: a slice of the line; empty for none. */
static void hide(struct ms_element *el, struct ms_bytes secret)
{
    el->secret_n = secret.n;
    el->secret_at = secret.n ? (size_t)(secret.p - el->line.p) : 0;
}

/* ---- the client ------------------------------------------------------------------------------------------------- */

static bool logs_in(struct ms_bytes word)
{
    return ms_equal_nocase(word, MS_LIT("LOGIN")) || ms_starts_nocase(word, MS_LIT("AUTH"));
}

/* What stands behind `words` words, without the announcement of a literal at its end. */
static struct ms_bytes behind(const struct imap_line *line, struct ms_bytes text, unsigned words)
{
    struct imap_literal l;
    if (!line->cut && imap_literal_at_end(line->tail, &l))
        text = ms_head(text, text.n > l.head ? text.n - l.head : 0);
    while (words--)
        ms_take_word(&text);
    return ms_trim(text);
}

/* A line that is no command: the rest of a login after missing bytes, an answer to a challenge that never came, or a login badly written. */
static void hide_odd_login(const struct imap_ctx *x, struct ms_element *el, const struct imap_line *line)
{
    struct ms_bytes rest = line->text, word = ms_trim(rest);
    bool            lost = x->im->lost[MS_C2S] && el->kind == MS_EL_TEXT;
    if (lost || (x->im->refused && ms_find(word, ' ') == word.n && !ms_equal_nocase(word, MS_LIT("DONE")))) {
        hide(el, lost ? el->line : word);
        return;
    }
    for (unsigned words = 1; words <= 2; words++)
        if (logs_in(ms_take_word(&rest))) {
            hide(el, behind(line, line->text, words + 1));
            return;
        }
}

void imap_say_client(const struct imap_ctx *x, const struct imap_line *line, enum ms_element_kind kind)
{
    struct ms_element el = element_of(x, kind, MS_C2S, line);
    if (kind != MS_EL_AUTH)
        hide_odd_login(x, &el, line);
    else if (!ms_equal(el.line, MS_LIT("*"))) /* which gives the login up */
        hide(&el, el.line);
    say(x, &el);
}

/* `p` NULL: a literal follows, which may be the user or the password. */
void imap_say_command(const struct imap_ctx *x, const struct imap_line *line, const struct imap_parts *c, const struct imap_pending *p)
{
    struct ms_element el = element_of(x, MS_EL_COMMAND, MS_C2S, line);
    if (p)
        hide(&el, ms_slice(c->argument, p->secret_at, p->secret_n));
    else if (c->verb == IMAP_V_LOGIN || c->verb == IMAP_V_AUTHENTICATE)
        hide(&el, behind(line, c->argument, 1));
    else if (c->verb == IMAP_V_OTHER && logs_in(c->tag))
        hide(&el, behind(line, c->argument, 0));
    el.flags |= p ? 0 : MS_ELEMENT_LITERAL;
    say(x, &el);
}

void imap_say_more(const struct imap_ctx *x, const struct imap_line *line)
{
    const struct imap_building *b = x->im->side[MS_C2S]->building;
    struct ms_element           el = element_of(x, MS_EL_TEXT, MS_C2S, line);
    struct imap_literal         l;
    struct ms_bytes             text = ms_buffer_bytes(&b->text), tag = ms_take_word(&text);
    if (b->verb == IMAP_V_LOGIN || b->verb == IMAP_V_AUTHENTICATE || (b->verb == IMAP_V_OTHER && logs_in(tag)))
        hide(&el, behind(line, line->text, 0));
    el.flags |= imap_literal_at_end(line->tail, &l) ? MS_ELEMENT_LITERAL : 0;
    say(x, &el);
}

void imap_say_end(const struct imap_ctx *x, void *body)
{
    struct ms_element el = { .frame = x->frame, .kind = MS_EL_CONTENT_END, .dir = MS_C2S, .body = body };
    say(x, &el);
}

/* ---- the server ------------------------------------------------------------------------------------------------- */

/* The command that a tagged response answers. */
static void note_asked(const struct imap_ctx *x, struct ms_element *el)
{
    const struct imap_side    *client = x->im->side[MS_C2S];
    struct ms_bytes            tag = ms_head(el->line, ms_find(el->line, ' '));
    const struct imap_pending *p = imap_pending_find(x->im, tag);
    struct imap_parts          c;
    if (p) {
        el->asked = p->literals ? p->literals->asked : p->frame;
        el->asked_time = p->literals ? p->literals->asked_time : p->sent;
        el->repeats = ms_slice(imap_pending_argument(p), p->secret_at, p->secret_n);
        if (p->verb == IMAP_V_AUTHENTICATE && p->secret_n == 0 && x->im->auth)
            el->repeats = x->im->auth->sasl.spoken;
    } else if (client && client->building && imap_split(ms_buffer_bytes(&client->building->text), &c) && ms_equal(c.tag, tag)) {
        el->asked = client->building->asked;
        el->asked_time = client->building->asked_time;
    }
}

bool imap_say_answer(const struct imap_ctx *x, const struct imap_line *line)
{
    struct ms_element el = element_of(x, MS_EL_REPLY, MS_S2C, line);
    el.asked_time = MS_UNKNOWN;
    note_asked(x, &el);
    if (x->im->lost[MS_S2C] && !el.asked)
        return false;
    say(x, &el);
    return true;
}

/* ---- responses with literals ------------------------------------------------------------------------------------ */

static void keep(const struct imap_ctx *x, const struct ms_element *el)
{
    struct imap_said *s = ms_alloc(offsetof(struct imap_said, text) + el->line.n + 1);
    s->el = *el;
    s->el.line.p = s->text;
    if (el->line.n)
        memcpy(s->text, el->line.p, el->line.n);
    s->next = x->im->said;
    x->im->said = s;
    x->im->said_bytes += el->line.n + sizeof *s;
    if (x->im->said_bytes > x->h->limits->header_bytes + x->h->limits->line_bytes)
        imap_say_kept(x);
}

void imap_say_kept(const struct imap_ctx *x)
{
    struct imap_said *in_order = NULL;
    while (x->im->said) {
        struct imap_said *s = x->im->said;
        x->im->said = s->next;
        s->next = in_order;
        in_order = s;
    }
    while (in_order) {
        struct imap_said *s = in_order;
        s->el.frame = x->frame;
        say(x, &s->el);
        in_order = s->next;
        ms_free(s);
    }
    x->im->said_bytes = 0;
}

/* A response that goes on has said something, but nothing that could be told yet: content of no length. After a gap a line was believed
 * when what was lost is found again. */
void imap_say_data(const struct imap_ctx *x, const struct imap_line *line, bool goes_on)
{
    const struct imap_side *s = x->im->side[MS_S2C];
    bool                    doubtful = !goes_on && x->im->lost[MS_S2C];
    struct ms_element       el = element_of(x, goes_on || doubtful ? MS_EL_TEXT : MS_EL_REPLY, MS_S2C, line);
    el.asked_time = MS_UNKNOWN;
    if (s && s->in_literal) {
        struct ms_element part = { .frame = x->frame, .kind = MS_EL_CONTENT, .dir = MS_S2C };
        el.flags |= MS_ELEMENT_LITERAL;
        say(x, &part);
        keep(x, &el);
        return;
    }
    imap_say_kept(x);
    say(x, &el);
}

/* ---- literals --------------------------------------------------------------------------------------------------- */

void imap_say_literal(const struct imap_ctx *x, enum ms_dir dir, struct ms_bytes part)
{
    struct ms_element  el = { .frame = x->frame, .kind = MS_EL_CONTENT, .dir = (uint8_t)dir, .length = part.n };
    struct imap_fetch *f = dir == MS_S2C ? x->im->side[dir]->fetch : NULL;
    if (part.n == 0)
        return;
    say(x, &el);
    if (f && f->top)
        ms_top_push(f->top, part, x->h->limits->header_bytes);
}

/* Literals that begin with the header block of the message. */
void imap_top_begin(const struct imap_ctx *x, struct imap_fetch *f)
{
    bool has = !f->path_n && (f->item.kind == IMAP_WHOLE || f->item.kind == IMAP_HEADER || f->item.kind == IMAP_FIELDS);
    if (x->h->elements && has && (!f->item.ranged || f->item.origin == 0)) {
        f->top = ms_alloc(sizeof *f->top);
        *f->top = (struct ms_top){ .whole = x->h->messages };
    }
}

void imap_top_end(const struct imap_ctx *x, struct imap_fetch *f, bool whole)
{
    struct ms_top *t = f->top;
    if (!t)
        return;
    struct ms_element el = { .frame = x->frame, .kind = MS_EL_HEADERS, .dir = MS_S2C, .line = ms_buffer_bytes(&t->block), .head = ms_top_head(t),
                             .length = t->bytes, .flags = t->cut ? MS_ELEMENT_CUT : 0 };
    if (whole && t->bytes)
        keep(x, &el);
    ms_top_finish(t);
    ms_free(t);
    f->top = NULL;
}
