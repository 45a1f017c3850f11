/* proto/pop3/command.c - the client's lines: commands into the queue, SASL answers to the login under way. */
#include "proto/pop3/private.h"

enum { COMMAND_BYTES = 4096 }; /* of a command kept until its answer; RFC 2449 4 allows 255 */

/* All verbs have four letters, TOP three: one word of the machine, in upper case. */
#define KEY(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))
static const uint32_t keys[] = {
    [V_USER] = KEY('U', 'S', 'E', 'R'), [V_PASS] = KEY('P', 'A', 'S', 'S'), [V_APOP] = KEY('A', 'P', 'O', 'P'),
    [V_AUTH] = KEY('A', 'U', 'T', 'H'), [V_CAPA] = KEY('C', 'A', 'P', 'A'), [V_STLS] = KEY('S', 'T', 'L', 'S'),
    [V_LANG] = KEY('L', 'A', 'N', 'G'), [V_UTF8] = KEY('U', 'T', 'F', '8'), [V_STAT] = KEY('S', 'T', 'A', 'T'),
    [V_LIST] = KEY('L', 'I', 'S', 'T'), [V_UIDL] = KEY('U', 'I', 'D', 'L'), [V_RETR] = KEY('R', 'E', 'T', 'R'),
    [V_TOP] = KEY('T', 'O', 'P', 0),    [V_DELE] = KEY('D', 'E', 'L', 'E'), [V_NOOP] = KEY('N', 'O', 'O', 'P'),
    [V_RSET] = KEY('R', 'S', 'E', 'T'), [V_LAST] = KEY('L', 'A', 'S', 'T'), [V_XTND] = KEY('X', 'T', 'N', 'D'),
    [V_QUIT] = KEY('Q', 'U', 'I', 'T'),
};

static uint8_t upper(uint8_t c) { return c >= 'a' && c <= 'z' ? (uint8_t)(c ^ 0x20) : c; }

enum verb ms_pop3_verb(struct ms_bytes name)
{
    if (name.n != 3 && name.n != 4)
        return V_OTHER;
    uint32_t key = KEY(upper(name.p[0]), upper(name.p[1]), upper(name.p[2]), upper(ms_at(name, 3)));
    for (unsigned v = V_OTHER + 1; v < sizeof keys / sizeof *keys; v++)
        if (key == keys[v])
            return (enum verb)v;
    return V_OTHER;
}

struct pending *ms_pop3_head(struct pop3 *p)
{
    return p->queued ? (struct pending *)(void *)(p->queue.p + p->queue_at) : NULL;
}

struct ms_bytes ms_pop3_argument(const struct pending *q)
{
    struct ms_bytes text = { (const uint8_t *)(q + 1), q->n };
    return ms_tail(text, (size_t)q->verb_n + 1);
}

struct ms_bytes ms_pop3_secret(enum verb v, struct ms_bytes argument)
{
    struct ms_bytes rest = argument;
    if (v == V_PASS)
        return argument;
    if (v != V_APOP && v != V_AUTH)
        return (struct ms_bytes){ NULL, 0 };
    ms_take_word(&rest);
    while (rest.n && ms_is_blank(rest.p[0]))
        rest = ms_tail(rest, 1);
    return v == V_AUTH && ms_equal(rest, MS_LIT("=")) ? (struct ms_bytes){ NULL, 0 } : rest;
}

/* line.n is q->n. */
static void enqueue(struct pop3 *p, const struct pending *q, struct ms_bytes line)
{
    static const uint8_t zeros[8];
    size_t at = p->queue.n + sizeof *q;
    ms_buffer_append(&p->queue, (struct ms_bytes){ (const uint8_t *)q, sizeof *q });
    ms_buffer_append(&p->queue, line);
    ms_buffer_append(&p->queue, (struct ms_bytes){ zeros, (8 - line.n % 8) % 8 });
    for (size_t i = 0; i < q->verb_n; i++)
        p->queue.p[at + i] = upper(p->queue.p[at + i]);
    p->queued++;
}

/* ---- login ----------------------------------------------------------------------------------------------------- */

static void note_secret(struct ms_host *h, bool clear)
{
    if (clear && ms_session_in_clear(h->session))
        h->session->flags |= MS_SESSION_CLEAR_SECRET;
}

static void sasl_answer(struct flow *f, struct ms_bytes line)
{
    struct login *l = f->p->login;
    ms_sasl_client(&l->sasl, line, &l->arena, f->h->limits);
    note_secret(f->h, l->sasl.clear_secret);
    f->p->challenged = false;
}

/* False: the client asks for the list of mechanisms. */
static bool start_login(struct flow *f, struct ms_bytes argument)
{
    struct pop3    *p = f->p;
    struct ms_bytes mechanism = ms_take_word(&argument);
    if (mechanism.n == 0)
        return false;
    if (!p->login)
        p->login = ms_alloc(sizeof *p->login);
    ms_arena_finish(&p->login->arena);
    ms_sasl_start(&p->login->sasl, mechanism);
    p->challenged = false;
    argument = ms_trim(argument);
    if (argument.n)
        sasl_answer(f, argument);
    return true;
}

/* ---- commands --------------------------------------------------------------------------------------------------- */

/* Commands whose answers are surely lost: sent before bytes of the server went missing, and now the client goes on. */
static void settle_lost(struct flow *f)
{
    struct pop3 *p = f->p;
    if (p->answer && p->answer->kind == LISTING && p->answer->gap)
        ms_pop3_answer_end(f, false);
    if (!p->lost_frame || p->answer)
        return;
    for (struct pending *q; (q = ms_pop3_head(p)) && q->frame < p->lost_frame;) {
        q->flags |= MS_EXCHANGE_GAP;
        ms_pop3_settle(p, f->h, NULL);
    }
    p->lost_frame = 0;
}

/* False: no room in the queue. */
static bool has_room(struct flow *f)
{
    struct pop3 *p = f->p;
    size_t       limit = (size_t)f->h->limits->pending_exchanges;
    bool         full = p->queued >= (limit < UINT16_MAX ? limit : UINT16_MAX);
    if (full && !p->server_seen && p->queued) { /* the server's side is not in the capture */
        ms_pop3_settle(p, f->h, NULL);
        return true;
    }
    if (!full && !p->dropped)
        return true;
    if (full)
        f->h->ops->limit(f->h, MS_LIMIT_pending_exchanges);
    p->dropped++;
    return false;
}

static uint32_t flags_of(const struct pop3 *p)
{
    uint32_t flags = p->queued && p->server_seen ? MS_EXCHANGE_PIPELINED : 0;
    return flags | (p->greeting_due ? MS_EXCHANGE_EARLY : 0);
}

static void command(struct flow *f, struct ms_bytes line, struct ms_bytes verb_name)
{
    struct pop3    *p = f->p;
    struct ms_bytes argument = ms_tail(line, verb_name.n + 1);
    line = ms_head(line, COMMAND_BYTES);
    verb_name = ms_head(verb_name, line.n);
    struct pending  q = { .frame = f->c->frame, .sent = f->c->time, .n = (uint32_t)line.n, .verb_n = (uint32_t)verb_name.n };
    q.verb = (uint8_t)ms_pop3_verb(verb_name);
    q.flags = flags_of(p);
    if (!has_room(f))
        return;
    p->login_is_last = q.verb == V_AUTH && start_login(f, argument);
    if (q.verb == V_STLS) {
        p->tls_asked = true;
        f->h->session->flags |= MS_SESSION_TLS_ASKED;
    }
    if (q.verb == V_QUIT)
        f->h->session->flags |= MS_SESSION_QUIT;
    note_secret(f->h, q.verb == V_PASS && argument.n);
    enqueue(p, &q, line);
}

/* A line within a login that is no answer to it is a command that takes its place. */
static bool is_answer(const struct pop3 *p, bool known) { return p->login && p->login_is_last && (p->challenged || !known); }

void ms_pop3_client_line(struct flow *f, const struct ms_line *line)
{
    struct pop3    *p = f->p;
    struct ms_bytes text = line->text, rest = text, verb_name = ms_take_word(&rest);
    bool            known = ms_pop3_verb(verb_name) != V_OTHER;
    bool            lost = p->lost[MS_C2S];
    p->client_seen = true;
    p->agreed = 0;
    if (f->h->session->transport == MS_TRANSPORT_STARTTLS && !p->tls[MS_C2S])
        f->h->session->flags |= MS_SESSION_CLEAR_AFTER;
    p->lost[MS_C2S] = false;
    if (f->h->elements)
        ms_pop3_say_client(f, line, is_answer(p, known), lost);
    p->refused &= !known;
    if (is_answer(p, known)) {
        sasl_answer(f, text);
        return;
    }
    if (verb_name.n == 0 || (lost && !known)) {
        ms_note_stray(f->h, text);
        return;
    }
    ms_pop3_client_turn(f);
    settle_lost(f);
    text = ms_tail(text, (size_t)(verb_name.p - text.p)); /* blanks before it */
    command(f, text, verb_name);
}
