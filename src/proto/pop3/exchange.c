/* proto/pop3/exchange.c - a command and its answer become one record, and what they say about the session is noted. */
#include "proto/pop3/private.h"

enum { USER_BYTES = 1024 };

static size_t pending_size(const struct pending *q) { return sizeof *q + (((size_t)q->n + 7) & ~(size_t)7); }

static void pop(struct pop3 *p)
{
    p->queue_at += (uint32_t)pending_size(ms_pop3_head(p));
    if (--p->queued == 0) {
        ms_buffer_finish(&p->queue);
        p->queue_at = 0;
    } else if (p->queue_at > 4096 && p->queue_at > p->queue.n / 2) {
        ms_buffer_consume(&p->queue, p->queue_at);
        p->queue_at = 0;
    }
}

/* The room for it is used again, so that a thousand logins on one connection cost no more than the longest name. */
static void set_user(struct pop3 *p, struct ms_host *h, struct ms_bytes name)
{
    struct ms_session *s = h->session;
    name = ms_head(name, USER_BYTES);
    if (name.n == 0 || ms_equal(name, s->user))
        return;
    if (name.n > p->user_room) {
        p->user_room = (uint16_t)(name.n * 2 < 32 ? 32 : name.n * 2);
        p->user = ms_arena_alloc(h->arena, p->user_room);
    }
    memcpy(p->user, name.p, name.n);
    s->user = (struct ms_bytes){ p->user, name.n };
}

static void note_login(struct ms_session *s, enum ms_mechanism mechanism, unsigned code)
{
    s->mechanism = (uint8_t)mechanism;
    if (s->auth_attempts < UINT16_MAX)
        s->auth_attempts++;
    if (code == MS_RESULT_POP_OK || code == MS_RESULT_POP_ERR)
        s->auth_result = code == MS_RESULT_POP_OK ? 1 : 2;
}

static void hide_secret(struct ms_exchange *x, enum verb v)
{
    struct ms_bytes secret = ms_pop3_secret(v, x->argument);
    x->secret_at = secret.n ? (size_t)(secret.p - x->argument.p) : 0;
    x->secret_n = secret.n;
}

static void settle_user(struct pop3 *p, struct ms_host *h, struct ms_exchange *x)
{
    x->subject = ms_trim(x->argument);
    set_user(p, h, x->subject);
    if (x->code == MS_RESULT_POP_ERR)
        note_login(h->session, MS_MECH_USERPASS, x->code);
    h->session->mechanism = MS_MECH_USERPASS;
}

static void settle_pass(struct ms_host *h, struct ms_exchange *x)
{
    x->subject = h->session->user;
    hide_secret(x, V_PASS);
    note_login(h->session, MS_MECH_USERPASS, x->code);
}

static void settle_apop(struct pop3 *p, struct ms_host *h, struct ms_exchange *x)
{
    struct ms_bytes rest = x->argument;
    x->subject = ms_take_word(&rest);
    hide_secret(x, V_APOP);
    set_user(p, h, x->subject);
    note_login(h->session, MS_MECH_APOP, x->code);
}

static void settle_auth(struct pop3 *p, struct ms_host *h, struct ms_exchange *x)
{
    struct ms_bytes rest = x->argument, mechanism = ms_take_word(&rest);
    if (mechanism.n == 0)
        return;
    hide_secret(x, V_AUTH);
    struct ms_sasl sasl;
    ms_sasl_start(&sasl, mechanism);
    if (p->login && p->login->sasl.mechanism == sasl.mechanism) {
        set_user(p, h, p->login->sasl.user);
        x->secret = p->login->sasl.spoken;
        x->subject = ms_head(p->login->sasl.user, USER_BYTES);
    }
    ms_sasl_tell(&sasl, h->session, h->arena);
    note_login(h->session, sasl.mechanism, x->code);
    p->refused = x->code == MS_RESULT_POP_ERR;
}

static void end_login(struct pop3 *p)
{
    if (!p->login)
        return;
    ms_arena_finish(&p->login->arena);
    ms_free(p->login);
    p->login = NULL;
    p->challenged = false;
}

/* QUIT after a login that failed does not bring the session any further. */
static void settle_quit(struct ms_session *s, bool ok)
{
    if (!ok)
        return;
    s->flags |= MS_SESSION_QUIT_OK;
    if (s->auth_result != 2)
        ms_session_reach(s, MS_STAGE_QUIT);
}

/* TLS comes next, so a command behind STLS was put there. */
static void note_agreed(struct pop3 *p, struct ms_session *s, int64_t time)
{
    const struct pending *q = ms_pop3_head(p), *next = (const void *)((const uint8_t *)q + pending_size(q));
    bool                  behind = p->queued > 1, gave_up = behind && next->verb == V_QUIT; /* after a while without reply */
    p->agreed = gave_up ? 0 : time;
    if (behind && !gave_up && !p->lost[MS_S2C])
        s->injected[MS_C2S] = next->frame;
}

static void note_meaning(struct pop3 *p, struct ms_host *h, struct ms_exchange *x, enum verb v)
{
    struct ms_session *s = h->session;
    bool               ok = x->code == MS_RESULT_POP_OK;
    switch (v) {
    case V_USER: settle_user(p, h, x); break;
    case V_PASS: settle_pass(h, x); break;
    case V_APOP: settle_apop(p, h, x); break;
    case V_AUTH: settle_auth(p, h, x); break;
    case V_QUIT: settle_quit(s, ok); break;
    case V_CAPA: s->flags |= ok ? MS_SESSION_CAPS_SEEN : 0; break;
    case V_STLS:
        s->transport = ok ? MS_TRANSPORT_STARTTLS : s->transport;
        if (ok)
            note_agreed(p, s, x->reply_ended);
        break;
    case V_STAT:
    case V_LIST:
    case V_UIDL:
        if (ok)
            ms_session_reach(s, MS_STAGE_MAILBOX);
        break;
    case V_RETR:
    case V_TOP:
        if (ok)
            ms_session_reach(s, MS_STAGE_DATA);
        break;
    default: break;
    }
    if (x->stage == MS_STAGE_AUTH)
        ms_session_reach(s, MS_STAGE_AUTH);
}

static enum ms_stage stage_of(const struct ms_session *s, enum verb v)
{
    switch (v) {
    case V_USER:
    case V_PASS:
    case V_APOP:
    case V_AUTH: return MS_STAGE_AUTH;
    case V_STLS: return MS_STAGE_TLS;
    case V_RETR:
    case V_TOP: return MS_STAGE_DATA;
    case V_QUIT: return MS_STAGE_QUIT;
    case V_STAT:
    case V_LIST:
    case V_UIDL:
    case V_DELE:
    case V_RSET:
    case V_LAST: return MS_STAGE_MAILBOX;
    default: return s->stage < MS_STAGE_GREETING ? MS_STAGE_GREETING : (enum ms_stage)s->stage;
    }
}

static void put_status(struct ms_exchange *x, const struct status *s)
{
    x->code = s->code;
    x->reply = s->text;
    x->reply_code = s->word;
    x->reply_frame = s->frame;
    x->replied = s->time;
    x->reply_last_frame = s->last_frame;
    x->reply_ended = s->last_time;
    x->data = s->data;
}

static void count(struct ms_host *h, unsigned code)
{
    if (code != MS_RESULT_NONE)
        ms_session_count_code(h->session, h, code);
}

void ms_pop3_settle(struct pop3 *p, struct ms_host *h, const struct status *s)
{
    const struct pending *q = ms_pop3_head(p);
    struct ms_bytes       text = { (const uint8_t *)(q + 1), q->n };
    struct ms_exchange    x = { .flags = q->flags, .frame = q->frame, .sent = q->sent, .replied = MS_UNKNOWN,
                                .reply_ended = MS_UNKNOWN, .command = ms_head(text, q->verb_n),
                                .argument = ms_pop3_argument(q), .stage = stage_of(h->session, (enum verb)q->verb) };
    if (!p->greeted) /* who knows whether there was one */
        x.flags &= ~(uint32_t)MS_EXCHANGE_EARLY;
    if (s)
        put_status(&x, s);
    else
        x.flags |= MS_EXCHANGE_UNANSWERED;
    count(h, x.code);
    note_meaning(p, h, &x, (enum verb)q->verb);
    h->ops->exchange(h, &x);
    if (q->verb == V_AUTH && p->queued == 1)
        end_login(p);
    pop(p);
}

/* ---- greeting ---------------------------------------------------------------------------------------------------- */

static bool is_host_byte(uint8_t c)
{
    return (ms_lower(c) >= 'a' && ms_lower(c) <= 'z') || ms_is_digit(c) || c == '-' || c == '.' || c == '_';
}

/* The longest host-like head of a word: letters, digits and inner dots, at least one dot and one letter. */
static struct ms_bytes host_of(struct ms_bytes word)
{
    size_t n = 0, dots = 0, letters = 0;
    for (; n < word.n && n < 255 && is_host_byte(word.p[n]); n++) {
        dots += word.p[n] == '.' && n > 0 && n + 1 < word.n && is_host_byte(word.p[n + 1]);
        letters += ms_lower(word.p[n]) >= 'a';
    }
    while (n && word.p[n - 1] == '.')
        n--;
    return ms_head(word, dots && letters && word.p[0] != '.' ? n : 0);
}

/* A version ("2.2.33", "v1.0") is no host: its last label has no letter, or there is but one label with one. */
static bool is_version(struct ms_bytes host)
{
    size_t last = host.n;
    while (last && host.p[last - 1] != '.')
        last--;
    return last < host.n && ms_is_digit(host.p[last]);
}

static struct ms_bytes greeting_host(struct ms_bytes text)
{
    struct ms_bytes stamp = ms_tail(text, ms_find(text, '<') + 1);
    stamp = ms_head(stamp, ms_find(stamp, '>'));
    size_t at = ms_find(stamp, '@');
    if (at + 1 < stamp.n) /* APOP timestamp (RFC 1939 7): the host may be a bare name */
        return ms_head(ms_tail(stamp, at + 1), 255);
    for (struct ms_bytes word; (word = ms_take_word(&text)).n;) {
        struct ms_bytes host = host_of(ms_tail(word, ms_at(word, 0) == '<' || ms_at(word, 0) == '('));
        if (host.n && !is_version(host))
            return host;
    }
    return (struct ms_bytes){ NULL, 0 };
}

static void note_greeting(struct ms_host *h, const struct status *s)
{
    struct ms_session *session = h->session;
    ms_session_reach(session, MS_STAGE_GREETING);
    if (s->code != MS_RESULT_NONE)
        session->flags |= MS_SESSION_GREETED;
    if (session->server.name.n == 0)
        session->server.name = ms_arena_keep(h->arena, greeting_host(s->text));
}

void ms_pop3_unasked(struct ms_host *h, const struct status *s, uint32_t flags)
{
    struct ms_exchange x = { .flags = flags, .sent = MS_UNKNOWN, .stage = stage_of(h->session, V_OTHER) };
    put_status(&x, s);
    count(h, x.code);
    h->ops->exchange(h, &x);
}

void ms_pop3_greeting(struct pop3 *p, struct ms_host *h, const struct status *s)
{
    p->greeting_due = false;
    p->greeted = true;
    h->session->flags |= p->client_seen ? MS_SESSION_CLIENT_EARLY : 0;
    note_greeting(h, s);
    ms_pop3_unasked(h, s, MS_EXCHANGE_GREETING);
}
