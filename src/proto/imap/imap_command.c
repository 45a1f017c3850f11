/* proto/imap/imap_command.c - what the client sends: commands, their literals, and the queue of those that wait for a reply.
 *
 * BUGS     a synchronising literal whose "+" was not captured counts as sent as soon as the client speaks again.
 *          CATENATE with URL parts gives a message of its TEXT parts only, marked as a part.                     */
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

static void queue(const struct imap_ctx *x, struct imap_pending *p)
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

/* ---- the end of a command ---------------------------------------------------------------------------------- */

static void judge_uploads(const struct imap_ctx *x, struct imap_pending *p, const struct imap_tagged *r)
{
    for (struct imap_upload *u = p->uploads, *next; u; u = next) {
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
    p->uploads = NULL;
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
    judge_uploads(x, p, r);
    x->h->ops->exchange(x->h, &e);
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
    if (x->h->session->transport == MS_TRANSPORT_PLAIN)
        x->h->session->flags |= MS_SESSION_CLEAR_SECRET;
}

void imap_clear_mail(const struct imap_ctx *x)
{
    if (x->h->session->transport == MS_TRANSPORT_PLAIN)
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

static void effects_of_sending(const struct imap_ctx *x, struct imap_pending *p, struct ms_bytes subject)
{
    struct ms_session *s = x->h->session;
    switch (p->verb) {
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

static struct imap_pending *command(const struct imap_ctx *x, const struct imap_parts *c)
{
    struct ms_buffer scratch = { 0 };
    struct ms_bytes  subject = subject_of(c, &scratch);
    x->im->lost[MS_C2S] = false;
    struct imap_pending *p = make_pending(x, c, subject);
    effects_of_sending(x, p, subject);
    ms_buffer_finish(&scratch);
    return p;
}

/* ---- literals -------------------------------------------------------------------------------------------- */

static void add_text(const struct imap_ctx *x, struct imap_building *b, struct ms_bytes more)
{
    size_t limit = imap_line_limit(x->h);
    ms_buffer_append(&b->text, ms_head(more, b->text.n < limit ? limit - b->text.n : 0));
}

static void add_count(const struct imap_ctx *x, struct imap_building *b, uint64_t n)
{
    uint8_t digits[24];
    size_t  at = sizeof digits;
    digits[--at] = '}';
    do
        digits[--at] = (uint8_t)('0' + n % 10);
    while (n /= 10);
    digits[--at] = '{';
    add_text(x, b, (struct ms_bytes){ digits + at, sizeof digits - at });
}

static bool plain_atom(struct ms_bytes t)
{
    for (size_t i = 0; i < t.n; i++)
        if (t.p[i] <= ' ' || t.p[i] >= 127 || memchr("(){%*\"\\", t.p[i], 7))
            return false;
    return t.n > 0;
}

static void add_name(const struct imap_ctx *x, struct imap_building *b)
{
    struct ms_bytes name = ms_buffer_bytes(&b->name);
    if (plain_atom(name)) {
        add_text(x, b, name);
        return;
    }
    add_text(x, b, MS_LIT("\""));
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\')
            add_text(x, b, MS_LIT("\\"));
        add_text(x, b, ms_slice(name, i, 1));
    }
    add_text(x, b, MS_LIT("\""));
}

/* Messages are the literals of APPEND behind the mailbox, of REPLACE behind number and mailbox; after the first all are. */
static enum imap_use use_of(const struct imap_building *b, uint64_t n)
{
    struct imap_parts c;
    unsigned          need = imap_verb(b->verb)->subject;
    if (b->use == IMAP_USE_MESSAGE)
        return IMAP_USE_MESSAGE;
    if (imap_verb(b->verb)->stage == MS_STAGE_DATA && imap_split(ms_buffer_bytes(&b->text), &c)) {
        struct ms_bytes rest = c.argument;
        while (need && imap_take_argument(&rest).n)
            need--;
        if (need == 0)
            return IMAP_USE_MESSAGE;
    }
    return imap_verb(b->verb)->names && n <= IMAP_NAME_LITERAL ? IMAP_USE_NAME : IMAP_USE_SKIP;
}

static void end_upload(const struct imap_ctx *x, struct imap_building *b)
{
    if (!b->current || b->current->ended)
        return;
    b->current->ended = true;
    x->h->ops->body_end(x->h, b->current->body, x->frame, x->time);
    b->current = NULL;
}

/* RFC 4469: the TEXT parts between "CATENATE (" and ")" are one message. */
static void follow_catenate(const struct imap_ctx *x, struct imap_building *b, struct ms_bytes fragment)
{
    static const struct ms_bytes word = { (const uint8_t *)"CATENATE (", 10 };
    struct ms_bytes trimmed = ms_trim(fragment);
    if (b->catenate && ms_at(trimmed, trimmed.n - 1) == ')') {
        if (b->current)
            b->current->partial |= ms_search_nocase(fragment, MS_LIT("URL ")) < fragment.n;
        end_upload(x, b);
        b->catenate = b->url = false;
    }
    if (ms_search_nocase(fragment, word) < fragment.n) {
        end_upload(x, b);
        b->catenate = true;
        b->url = false;
    }
    if (b->catenate && ms_search_nocase(fragment, MS_LIT("URL ")) < fragment.n) {
        b->url = true;
        if (b->current)
            b->current->partial = true;
    }
}

static void begin_literal(const struct imap_ctx *x, const struct imap_literal *l)
{
    struct imap_side     *s = imap_side_get(x->im, MS_C2S);
    struct imap_building *b = s->building;
    b->use = (uint8_t)(b->verb == IMAP_V_OTHER ? IMAP_USE_SKIP : use_of(b, l->n));
    b->waiting = l->sync;
    b->name.n = 0;
    s->in_literal = true;
    s->literal = l->n;
    if (b->use != IMAP_USE_NAME)
        add_count(x, b, l->n);
    if (l->n == 0 && !l->sync)
        imap_client_literal_end(x);
}

static void open_upload(const struct imap_ctx *x, struct imap_building *b)
{
    struct ms_body_start start = { MS_APPENDED, x->frame, x->time };
    struct imap_upload  *u = ms_alloc(sizeof *u), **end = &b->uploads;
    while (*end)
        end = &(*end)->next;
    *end = u;
    u->body = x->h->ops->body_open(x->h, &start);
    u->partial = b->url;
    b->current = u;
    ms_session_reach(x->h->session, MS_STAGE_DATA);
    imap_clear_mail(x);
    if (++b->upload_count <= x->h->limits->pending_exchanges)
        return;
    struct imap_upload *oldest = b->uploads;
    struct ms_verdict   v = { .status = MS_STATUS_UNANSWERED, .replied = MS_UNKNOWN, .partial = oldest->partial };
    b->uploads = oldest->next;
    b->upload_count--;
    x->h->ops->limit(x->h, MS_LIMIT_pending_exchanges);
    if (!oldest->ended)
        x->h->ops->body_end(x->h, oldest->body, x->frame, x->time);
    x->h->ops->body_verdict(x->h, oldest->body, &v);
    if (b->current == oldest)
        b->current = NULL;
    ms_free(oldest);
}

void imap_client_literal(const struct imap_ctx *x, struct ms_bytes bytes)
{
    struct imap_building *b = x->im->side[MS_C2S]->building;
    b->waiting = false;
    b->data += bytes.n;
    if (b->use == IMAP_USE_NAME)
        ms_buffer_append(&b->name, bytes);
    if (b->use != IMAP_USE_MESSAGE)
        return;
    if (!b->current)
        open_upload(x, b);
    if (b->current)
        x->h->ops->body_push(x->h, b->current->body, bytes, x->frame, x->time);
}

void imap_client_literal_gap(const struct imap_ctx *x, uint64_t n)
{
    struct imap_building *b = x->im->side[MS_C2S]->building;
    b->waiting = false;
    b->gap = true;
    if (n == 0 || b->use != IMAP_USE_MESSAGE)
        return;
    if (!b->current)
        open_upload(x, b);
    if (b->current)
        x->h->ops->body_gap(x->h, b->current->body, n, x->frame, x->time);
}

void imap_client_literal_end(const struct imap_ctx *x)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    s->in_literal = false;
    b->waiting = false;
    if (b->use == IMAP_USE_NAME)
        add_name(x, b);
    if (!b->catenate)
        end_upload(x, b);
}

/* ---- putting it together ------------------------------------------------------------------------------------- */

static void finish_building(const struct imap_ctx *x)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    bool                  cut = s->in_literal && !b->waiting;
    s->building = NULL;
    s->in_literal = false;
    s->literal = 0;
    if (b->current) {
        b->current->cut = cut;
        end_upload(x, b);
    }
    struct imap_parts c;
    if (imap_split(ms_buffer_bytes(&b->text), &c)) {
        struct imap_pending *p = command(x, &c);
        p->uploads = b->uploads;
        p->data += b->data;
        p->flags |= b->gap ? MS_EXCHANGE_GAP : 0;
        if (b->early)
            imap_complete(x, p, &b->early->result);
        else
            queue(x, p);
    } else { /* a tiny line_bytes has cut the verb off */
        struct imap_pending none = { .uploads = b->uploads };
        judge_uploads(x, &none, b->early ? &b->early->result : NULL);
    }
    if (b->early)
        ms_buffer_finish(&b->early->text);
    ms_free(b->early);
    ms_buffer_finish(&b->text);
    ms_buffer_finish(&b->name);
    ms_free(b);
}

void imap_client_abandon(const struct imap_ctx *x, bool cut)
{
    struct imap_side *s = x->im->side[MS_C2S];
    if (!s || !s->building)
        return;
    if (s->in_literal && s->building->use == IMAP_USE_NAME)
        add_count(x, s->building, s->literal + s->building->name.n);
    s->building->gap |= cut;
    finish_building(x);
}

static void keep_early(struct imap_building *b, const struct imap_tagged *r)
{
    struct imap_early *e = ms_alloc(sizeof *e);
    e->result = *r;
    ms_buffer_append(&e->text, r->reply_code);
    ms_buffer_append(&e->text, r->reply);
    e->result.reply_code = ms_head(ms_buffer_bytes(&e->text), r->reply_code.n);
    e->result.reply = ms_tail(ms_buffer_bytes(&e->text), r->reply_code.n);
    b->early = e;
}

/* The reply to a command that is not whole. While the client waits for "+" it is the end of the command: the literal is never
 * sent. Otherwise the client goes on with what it announced, and the reply is kept until then.                  */
bool imap_client_tagged(const struct imap_ctx *x, struct ms_bytes tag, const struct imap_tagged *r)
{
    struct imap_side *s = x->im->side[MS_C2S];
    struct imap_parts c;
    if (!s || !s->building || s->building->early || !imap_split(ms_buffer_bytes(&s->building->text), &c) || !ms_equal(c.tag, tag))
        return false;
    keep_early(s->building, r);
    if (s->building->waiting)
        imap_client_abandon(x, false);
    imap_side_release(x->im, MS_C2S);
    return true;
}

static void continue_building(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap_side     *s = x->im->side[MS_C2S];
    struct imap_building *b = s->building;
    struct imap_literal   l = { 0 };
    bool                  more = imap_literal_at_end(line->tail, &l);
    struct ms_bytes       text = ms_head(line->text, line->cut || !more ? line->text.n : line->text.n - l.head);
    if (imap_verb(b->verb)->stage == MS_STAGE_DATA)
        follow_catenate(x, b, text);
    add_text(x, b, text);
    if (more)
        begin_literal(x, &l);
    else
        finish_building(x);
}

static bool all_one_word(struct ms_bytes text) { return ms_find(text, ' ') == text.n; }

static bool continuation(const struct imap_ctx *x, struct ms_bytes text)
{
    struct imap *im = x->im;
    if (im->auth && all_one_word(text)) {
        im->client_next = false;
        if (im->auth->sasl.client_lines < IMAP_SASL_LINES) {
            ms_sasl_client(&im->auth->sasl, text, &im->auth->arena, x->h->limits);
            imap_auth_note(x);
        }
        return true;
    }
    if (ms_equal_nocase(ms_trim(text), MS_LIT("DONE"))) {
        im->idle = false;
        return true;
    }
    return false;
}

void imap_client_line(const struct imap_ctx *x, const struct imap_line *line)
{
    struct imap_side   *s = x->im->side[MS_C2S];
    struct imap_literal l;
    struct imap_parts   c;
    if (s && s->building) {
        continue_building(x, line);
        return;
    }
    if (continuation(x, line->text) || !imap_split(line->text, &c))
        return;
    if (c.verb == IMAP_V_OTHER && (x->im->lost[MS_C2S] || x->im->auth))
        return;
    imap_auth_end(x); /* its reply was lost */
    x->im->idle = false;
    if (!imap_literal_at_end(line->tail, &l)) {
        queue(x, command(x, &c));
        return;
    }
    struct imap_building *b = ms_alloc(sizeof *b);
    imap_side_get(x->im, MS_C2S)->building = b;
    b->verb = c.verb;
    continue_building(x, line);
}
