/* proto/smtp/smtp_auth.c - AUTH (RFC 4954): one exchange from the command to the reply that ends it. The client's answers appear in
 * no record; of the command, what may be a secret is marked. */
#include "proto/smtp/smtp_private.h"

/* Overwrites the value in place when it fits, so that a session with many values stays small. */
void smtp_name_keep(struct ms_host *h, struct ms_bytes *name, uint16_t *room, struct ms_bytes value)
{
    value = ms_head(value, SMTP_ADDRESS_BYTES);
    if (value.n == 0)
        return;
    uint8_t *to = (uint8_t *)(uintptr_t)name->p;
    if (value.n > *room || !to) {
        *room = (uint16_t)(value.n < 32 ? 32 : value.n * 2);
        to = ms_arena_alloc(h->arena, *room);
    }
    memcpy(to, value.p, value.n);
    *name = (struct ms_bytes){ to, value.n };
}

static void learn(struct smtp *s, struct ms_host *h, const struct smtp_auth *a)
{
    struct ms_session *session = h->session;
    ms_sasl_tell(&a->sasl, session, h->arena);
    smtp_name_keep(h, &session->user, &s->user_room, a->sasl.user);
    if (a->sasl.clear_secret && ms_session_in_clear(session))
        session->flags |= MS_SESSION_CLEAR_SECRET;
}

struct ms_bytes smtp_auth_initial(struct ms_bytes argument)
{
    ms_take_word(&argument);
    return ms_trim(argument);
}

void smtp_auth_begin(struct smtp *s, struct ms_host *h, struct smtp_pending *p)
{
    struct ms_bytes argument = { p->text + p->name_n, p->argument_n }, rest = argument;
    struct ms_bytes mechanism = ms_take_word(&rest), initial = smtp_auth_initial(argument);
    p->auth = ms_alloc(sizeof *p->auth);
    s->auth = p->auth;
    s->mode = SMTP_SASL;
    ms_sasl_start(&p->auth->sasl, mechanism);
    if (initial.n) {
        ms_sasl_client(&p->auth->sasl, initial, &p->auth->arena, h->limits);
        if (!ms_equal(initial, MS_LIT("="))) {
            p->secret_at = (uint32_t)(initial.p - argument.p);
            p->secret_n = (uint32_t)initial.n;
        }
    }
    if (h->session->auth_attempts < UINT16_MAX)
        h->session->auth_attempts++;
    ms_session_reach(h->session, MS_STAGE_AUTH);
    learn(s, h, p->auth);
}

void smtp_auth_line(struct smtp *s, struct ms_host *h, struct ms_bytes line)
{
    s->auth->answers++;
    ms_sasl_client(&s->auth->sasl, line, &s->auth->arena, h->limits);
    learn(s, h, s->auth);
}

void smtp_auth_challenge(struct smtp_pending *p, struct ms_host *h, struct ms_bytes text)
{
    p->auth->challenges++;
    ms_sasl_server(&p->auth->sasl, text, &p->auth->arena, h->limits);
    ms_sasl_disclosed(&p->auth->sasl, text, h->session, h->arena);
}

void smtp_auth_end(struct smtp *s, struct ms_host *h, struct smtp_pending *p, unsigned code)
{
    learn(s, h, p->auth);
    h->session->auth_result = code == 235 ? 1 : 2;
    s->auth_refused = code >= 400;
}
