/* proto/imap/imap_command.c - what the client sends: commands, logins, and the queue of those that wait for a reply.
 *
 * BUGS     who sends a line without a space while AUTHENTICATE is open is taken to answer the server.            */
#include "imap_private.h"

/* ---- the queue ------------------------------------------------------------------------------------------- */

static struct ms_bytes part_of(const struct imap_pending *p, size_t at, size_t n)
{
    return (struct ms_bytes){ p->text + at, n };
}
static struct ms_bytes tag_of(const struct imap_pending *p) { return part_of(p, 0, p->tag_n); }
static struct ms_bytes word_of(const struct imap_pending *p)
{
    return p->verb ? ms_str(imap_verb(p->verb)->name) : part_of(p, p->tag_n, p->verb_n);
}
struct ms_bytes imap_pending_argument(const struct imap_pending *p)
{
    return part_of(p, (size_t)p->tag_n + p->verb_n, p->argument_n);
}

struct imap_pending *imap_pending_find(const struct imap *im, struct ms_bytes tag)
{
    struct imap_pending *p = im->first;
    while (p && !ms_equal(tag_of(p), tag))
        p = p->next;
    return p;
}

void imap_pending_unlink(struct imap *im, struct imap_pending *p)
{
    struct imap_pending *before = NULL;
    for (struct imap_pending *q = im->first; q != p; q = q->next)
        before = q;
    *(before ? &before->next : &im->first) = p->next;
    if (im->last == p)
        im->last = before;
    im->pending_count--;
}

void imap_queue(const struct imap_ctx *x, struct imap_pending *p)
{
    struct imap *im = x->im;
    if (im->pending_count && im->pending_count >= x->h->limits->pending_exchanges) {
        struct imap_pending *oldest = im->first;
        x->h->ops->limit(x->h, MS_LIMIT_pending_exchanges);
        imap_pending_unlink(im, oldest);
        imap_complete(x, oldest, NULL);
    }
    *(im->last ? &im->last->next : &im->first) = p;
    im->last = p;
    im->pending_count++;
}

enum { LOOK = 16 }; /* commands looked at */

struct imap_pending *imap_pending_owner(const struct imap *im, bool fetch)
{
    int looked = 0;
    for (struct imap_pending *p = im->first; fetch && p && looked < LOOK; p = p->next, looked++)
        if (p->verb == IMAP_V_FETCH || p->verb == IMAP_V_UID_FETCH)
            return p;
    return im->first;
}

/* ---- the end of a command ---------------------------------------------------------------------------------- */

void imap_judge_uploads(const struct imap_ctx *x, struct imap_upload *uploads, const struct imap_tagged *r)
{
    for (struct imap_upload *u = uploads, *next; u; u = next) {
        next = u->next;
        struct ms_verdict v = { .status = MS_STATUS_UNANSWERED, .replied = MS_UNKNOWN, .partial = u->partial };
        if (r) {
            v.status = r->code == MS_RESULT_OK ? MS_STATUS_ACCEPTED : MS_STATUS_REJECTED;
            v.code = r->code;
            v.reply = r->reply;
            v.reply_frame = r->frame;
            v.replied = r->time;
        } else if (u->cut) {
            v.status = MS_STATUS_INCOMPLETE;
        }
        if (!u->ended)
            x->h->ops->body_end(x->h, u->body, x->im->frame, x->im->time);
        x->h->ops->body_verdict(x->h, u->body, &v);
        ms_free(u);
    }
}

void imap_complete(const struct imap_ctx *x, struct imap_pending *p, const struct imap_tagged *r)
{
    struct ms_bytes    argument = imap_pending_argument(p);
    struct ms_exchange e = {
        .flags = p->flags | (r ? 0 : MS_EXCHANGE_UNANSWERED), .frame = p->frame, .sent = p->sent,
        .replied = MS_UNKNOWN, .reply_ended = MS_UNKNOWN,
        .command = word_of(p), .argument = argument, .secret_at = p->secret_at, .secret_n = p->secret_n,
        .subject = part_of(p, (size_t)p->tag_n + p->verb_n + p->argument_n, p->subject_n),
        .data = p->data, .stage = p->stage,
    };
    if (r) {
        e.code = r->code;
        e.reply_code = r->reply_code;
        e.reply = r->reply;
        e.reply_frame = r->frame;
        e.reply_last_frame = r->last_frame;
        e.replied = r->time;
        e.reply_ended = r->last_time;
        ms_session_count_code(x->h->session, x->h, r->code);
        imap_result_effects(x, p, r);
    }
    if (p->literals)
        imap_judge_uploads(x, p->literals->uploads, r);
    bool login = p->verb == IMAP_V_AUTHENTICATE && x->im->auth;
    if (login)
        e.secret = x->im->auth->sasl.spoken;
    x->h->ops->exchange(x->h, &e);
    if (login && r)
        imap_auth_end(x);
    ms_free(p->literals);
    ms_free(p);
}

/* ---- logins ---------------------------------------------------------------------------------------------- */

static void note_attempt(const struct imap_ctx *x, enum ms_mechanism mechanism)
{
    struct ms_session *s = x->h->session;
    s->mechanism = (uint8_t)mechanism;
    if (s->auth_attempts < UINT16_MAX)
        s->auth_attempts++;
}

/* The arena lives as long as the session, so what goes there is bounded however often a client tries. */
static void note_user(const struct imap_ctx *x, struct ms_bytes user)
{
    struct ms_session *s = x->h->session;
    user = ms_head(user, IMAP_USER);
    if (user.n && !ms_equal(user, s->user) && s->auth_attempts <= IMAP_KEPT_USERS)
        s->user = ms_arena_keep(x->h->arena, user);
}

static void note_secret(const struct imap_ctx *x)
{
    if (ms_session_in_clear(x->h->session))
        x->h->session->flags |= MS_SESSION_CLEAR_SECRET;
}

void imap_clear_mail(const struct imap_ctx *x)
{
    if (ms_session_in_clear(x->h->session))
        x->h->session->flags |= MS_SESSION_CLEAR_MAIL;
}

/* LOGIN user password: everything behind the user is the secret; of a well-formed quoted password what is inside the quotes. When
 * not even the user is well formed, all of it is.                                                              */
static void login(const struct imap_ctx *x, struct imap_pending *p, struct ms_bytes subject)
{
    struct ms_bytes argument = imap_pending_argument(p), rest = argument, user = imap_take_argument(&rest);
    bool            whole_user = ms_at(user, 0) != '"' || (user.n > 1 && user.p[user.n - 1] == '"');
    size_t          at = argument.n - rest.n;
    while (at < argument.n && ms_is_blank(argument.p[at]))
        at++;
    if (!whole_user)
        at = p->subject_n = 0;
    struct ms_bytes secret = ms_tail(argument, at);
    if (secret.n > 1 && secret.p[0] == '"' && imap_quoted_size(secret) == secret.n && secret.p[secret.n - 1] == '"' && whole_user) {
        at++;
        secret = ms_slice(secret, 1, secret.n - 2);
    }
    p->secret_at = (uint32_t)at;
    p->secret_n = (uint32_t)secret.n;
    note_attempt(x, MS_MECH_IMAP_LOGIN);
    if (whole_user)
        note_user(x, subject);
    if (secret.n)
        note_secret(x);
}

void imap_auth_note(const struct imap_ctx *x)
{
    const struct ms_sasl *s = &x->im->auth->sasl;
    note_user(x, s->user);
    if (s->clear_secret)
        note_secret(x);
}

void imap_auth_end(const struct imap_ctx *x)
{
    if (!x->im->auth)
        return;
    ms_arena_finish(&x->im->auth->arena);
    ms_free(x->im->auth);
    x->im->auth = NULL;
    x->im->client_next = false;
}

static void authenticate(const struct imap_ctx *x, struct imap_pending *p)
{
    struct ms_bytes argument = imap_pending_argument(p), rest = argument, name = imap_take_argument(&rest);
    struct ms_bytes initial = ms_trim(rest);
    imap_auth_end(x);
    x->im->auth = ms_alloc(sizeof *x->im->auth);
    ms_sasl_start(&x->im->auth->sasl, name);
    note_attempt(x, x->im->auth->sasl.mechanism);
    ms_sasl_tell(&x->im->auth->sasl, x->h->session, x->h->arena);
    if (initial.n == 0)
        return;
    p->secret_at = (uint32_t)(initial.p - argument.p);
    p->secret_n = (uint32_t)initial.n;
    ms_sasl_client(&x->im->auth->sasl, initial, &x->im->auth->arena, x->h->limits);
    imap_auth_note(x);
}

/* ---- a whole command --------------------------------------------------------------------------------------- */

/* In the line itself, or in `scratch` when escapes had to be taken out. */
static struct ms_bytes subject_of(const struct imap_parts *c, struct ms_buffer *scratch)
{
    struct ms_bytes rest = c->argument, token = { NULL, 0 };
    for (unsigned i = imap_verb(c->verb)->subject; i; i--)
        token = imap_take_argument(&rest);
    if (token.n == 0 || token.p[0] == '{' || token.p[0] == '(')
        return (struct ms_bytes){ NULL, 0 };
    if (token.p[0] != '"')
        return token;
    if (token.n > 1 && token.p[token.n - 1] == '"' && ms_find(token, '\\') == token.n)
        return ms_slice(token, 1, token.n - 2);
    imap_unquote(token, scratch);
    return ms_buffer_bytes(scratch);
}

static struct imap_pending *make_pending(const struct imap_ctx *x, const struct imap_parts *c, struct ms_bytes subject)
{
    size_t word_n = c->verb ? 0 : c->word.n, n = c->tag.n + word_n + c->argument.n + subject.n;
    struct imap_pending *p = ms_alloc(offsetof(struct imap_pending, text) + n + 1);
    enum ms_stage stage = (enum ms_stage)imap_verb(c->verb)->stage, now = (enum ms_stage)x->h->session->stage;
    p->frame = x->frame;
    p->sent = x->time;
    p->tag_n = (uint8_t)c->tag.n;
    p->verb = c->verb;
    p->verb_n = (uint8_t)word_n;
    p->argument_n = (uint32_t)c->argument.n;
    p->subject_n = (uint32_t)subject.n;
    p->stage = (uint8_t)(stage != MS_STAGE_CONNECT ? stage : now != MS_STAGE_CONNECT ? now : MS_STAGE_GREETING);
    p->flags = x->im->first ? MS_EXCHANGE_PIPELINED : 0;
    uint8_t *to = p->text;
    const struct ms_bytes parts[] = { c->tag, { c->word.p, word_n }, c->argument, subject };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].n)
            memcpy(to, parts[i].p, parts[i].n);
        to += parts[i].n;
    }
    return p;
}

/* "LOGIN anna secret" without a tag: what looks like a tag is the verb, and the argument the password. */
static void hide_untagged_login(struct imap_pending *p)
{
    if (ms_equal_nocase(tag_of(p), MS_LIT("LOGIN")) || ms_starts_nocase(tag_of(p), MS_LIT("AUTH")))
        p->secret_n = p->argument_n;
}

static void effects_of_sending(const struct imap_ctx *x, struct imap_pending *p, struct ms_bytes subject)
{
    struct ms_session *s = x->h->session;
    switch (p->verb) {
    case IMAP_V_OTHER: hide_untagged_login(p); break;
    case IMAP_V_LOGIN: login(x, p, subject); break;
    case IMAP_V_AUTHENTICATE: authenticate(x, p); break;
    case IMAP_V_STARTTLS: s->flags |= MS_SESSION_TLS_ASKED; break;
    case IMAP_V_IDLE: p->flags |= MS_EXCHANGE_IDLE; break;
    case IMAP_V_LOGOUT:
        s->flags |= MS_SESSION_QUIT;
        x->im->logout = true;
        ms_session_reach(s, MS_STAGE_QUIT);
        break;
    default: break;
    }
    if (p->stage == MS_STAGE_AUTH)
        ms_session_reach(s, MS_STAGE_AUTH);
}

struct imap_pending *imap_command(const struct imap_ctx *x, const struct imap_parts *c)
{
    struct ms_buffer scratch = { 0 };
    struct ms_bytes  subject = subject_of(c, &scratch);
    x->im->lost[MS_C2S] = false;
    struct imap_pending *p = make_pending(x, c, subject);
    effects_of_sending(x, p, subject);
    ms_buffer_finish(&scratch);
    return p;
}

/* ---- a line ------------------------------------------------------------------------------------------------ */

static bool all_one_word(struct ms_bytes text) { return ms_find(text, ' ') == text.n; }

static bool continuation(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap    *im = x->im;
    struct ms_bytes text = line->text;
    if (im->auth && all_one_word(text)) {
        if (x->h->elements)
            imap_say_client(x, line, MS_EL_AUTH);
        im->client_next = false;
        if (im->auth->sasl.client_lines < IMAP_SASL_LINES) {
            ms_sasl_client(&im->auth->sasl, text, &im->auth->arena, x->h->limits);
            imap_auth_note(x);
        }
        return true;
    }
    if (ms_equal_nocase(ms_trim(text), MS_LIT("DONE"))) {
        if (x->h->elements)
            imap_say_client(x, line, MS_EL_COMMAND);
        im->idle = false;
        return true;
    }
    return false;
}

/* A line that is no command, or cannot be believed to be one. */
static void other_line(const struct imap_ctx *x, const struct imap_line *line)
{
    if (x->im->lost[MS_C2S] || x->im->refused)
        ms_note_stray(x->h, line->text);
    if (x->h->elements)
        imap_say_client(x, line, x->im->auth ? MS_EL_AUTH : x->im->lost[MS_C2S] ? MS_EL_TEXT : MS_EL_COMMAND);
}

static void begin_building(const struct imap_ctx *x, const struct imap_line *line, uint8_t verb)
{
    struct imap_building *b = ms_alloc(sizeof *b);
    imap_side_get(x->im, MS_C2S)->building = b;
    b->verb = verb;
    b->asked = x->frame;
    b->asked_time = x->time;
    imap_building_line(x, line);
}

void imap_client_line(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap_side   *s = x->im->side[MS_C2S];
    struct imap_literal l;
    struct imap_parts   c;
    if (s && s->building) {
        if (x->h->elements)
            imap_say_more(x, line);
        imap_building_line(x, line);
        return;
    }
    if (continuation(x, line))
        return;
    if (!imap_split(line->text, &c) || (c.verb == IMAP_V_OTHER && (x->im->lost[MS_C2S] || x->im->auth))) {
        other_line(x, line);
        return;
    }
    imap_auth_end(x); /* its reply was lost */
    x->im->idle = x->im->refused = false;
    bool                 more = imap_literal_at_end(line->tail, &l);
    struct imap_pending *p = more ? NULL : imap_command(x, &c);
    if (x->h->elements)
        imap_say_command(x, line, &c, p);
    if (more)
        begin_building(x, line, c.verb);
    else
        imap_queue(x, p);
}
