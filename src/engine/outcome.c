/* engine/outcome.c - how a session ended, in the one word that fits best. */
#include "engine/private.h"

static const int64_t SECOND = 1000000000;

static bool has(const struct ms_session *s, uint32_t flag) { return (s->flags & flag) != 0; }

/* The client asked, nobody opened. */
static enum ms_outcome not_opened(const struct ms_engine *e, const struct ms_session *s)
{
    if (has(s, MS_SESSION_RST_SERVER))
        return MS_OUTCOME_REFUSED;
    bool waited = s->syn_retries || (s->obstacle && s->obstacle->frame) || e->totals.last_time - s->ended > 3 * SECOND;
    return waited ? MS_OUTCOME_UNREACHABLE : MS_OUTCOME_INCOMPLETE;
}

/* One side sent the same segment again and again until the end, and nothing came back. */
static bool is_dead(const struct ms_session *s)
{
    for (int d = 0; d < 2; d++) {
        const struct ms_tcp_trouble *t = s->tcp[d];
        if (t && t->stuck.tries >= 4 && !t->stuck.acked && s->ended - t->stuck.until < SECOND)
            return true;
    }
    return false;
}

/* A polite QUIT after a login that failed is no work done. */
static bool login_failed(const struct ms_session *s)
{
    bool beyond = s->stage > MS_STAGE_AUTH && s->stage != MS_STAGE_QUIT;
    return s->auth_result == 2 && !beyond && s->message_count == 0;
}

/* The handshake began and did not come to its end, though the connection did. Where some of it is missing from the capture only an alert tells. */
static bool tls_failed(const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    if (!t || t->flags & (MS_TLS_DONE | MS_TLS_DECRYPTED))
        return !t && s->close_frame && ms_session_misses_tls(s);
    for (uint32_t i = 0; i < ms_tls_alerts_kept(t); i++)
        if (t->alerts[i].level == 2)
            return true;
    return t->flags & (MS_TLS_CLIENT_HELLO | MS_TLS_SERVER_HELLO) && !has(s, MS_SESSION_CUT_OFF | MS_SESSION_ONE_WAY | MS_SESSION_GAPS) && s->close_frame;
}

/* The client said all it had to say, closed its side, and the capture ends before the server could say a word. */
static bool ends_too_soon(const struct ms_engine *e, const struct ms_session *s)
{
    return !has(s, MS_SESSION_FIN_SERVER) && s->bytes[MS_S2C] == 0 && s->bytes[MS_C2S] && e->totals.last_time - s->ended < 3 * SECOND;
}

static enum ms_outcome after_close(const struct ms_engine *e, const struct ms_session *s)
{
    bool fin = has(s, MS_SESSION_FIN_CLIENT | MS_SESSION_FIN_SERVER);
    bool rst = has(s, MS_SESSION_RST_CLIENT | MS_SESSION_RST_SERVER);
    if (is_dead(s))
        return MS_OUTCOME_TIMEOUT;
    if (has(s, MS_SESSION_FIN_CLIENT) && has(s, MS_SESSION_FIN_SERVER))
        return MS_OUTCOME_CLOSED;
    if (rst)
        return MS_OUTCOME_RESET;
    return fin && !ends_too_soon(e, s) ? MS_OUTCOME_CLOSED : MS_OUTCOME_INCOMPLETE;
}

/* Packets of one direction only, as far as can be told: pure ACKs have no mark of their direction. */
static bool is_one_way(const struct ms_session *s)
{
    bool unanswered = has(s, MS_SESSION_SYN) && !has(s, MS_SESSION_SYN_ACK); /* and yet the client goes on */
    bool client_only = s->segments[1] == 0 && s->segments[0] > 0 && (unanswered || s->frame_count == s->segments[0]);
    bool server_only = s->segments[0] == 0 && s->bytes[0] == 0 && !has(s, MS_SESSION_SYN);
    return client_only || server_only;
}

void ms_outcome_decide(struct ms_engine *e, struct ms_conn *c)
{
    struct ms_session *s = &c->session;
    for (int d = 0; d < 2; d++)
        if (s->tcp[d] && s->tcp[d]->zero_since != MS_UNKNOWN && s->ended > s->tcp[d]->zero_since)
            s->tcp[d]->zero_window += s->ended - s->tcp[d]->zero_since;
    s->flags |= is_one_way(s) ? MS_SESSION_ONE_WAY : 0;
    if (has(s, MS_SESSION_SYN) && !has(s, MS_SESSION_SYN_ACK) && s->bytes[0] + s->bytes[1] == 0)
        s->outcome = (uint8_t)not_opened(e, s);
    else if (has(s, MS_SESSION_QUIT_OK) && !login_failed(s))
        s->outcome = MS_OUTCOME_COMPLETED;
    else if (tls_failed(s))
        s->outcome = MS_OUTCOME_TLS_FAILED;
    else
        s->outcome = (uint8_t)(login_failed(s) ? MS_OUTCOME_AUTH_FAILED : after_close(e, s));
    if (s->outcome == MS_OUTCOME_AUTH_FAILED)
        s->stage = MS_STAGE_AUTH;
}
