/* check/connection.c - how connections open, die and fall silent. */
#include "check/private.h"

static const int64_t SECOND = 1000000000;

static bool has(const struct ms_session *s, uint32_t flags) { return (s->flags & flags) != 0; }

/* The capture holds all of the session, so that silence means silence. */
static bool is_whole(const struct ms_session *s)
{
    return !has(s, MS_SESSION_JOINED_LATE | MS_SESSION_ONE_WAY | MS_SESSION_GAPS | MS_SESSION_SNAPPED);
}

static bool server_closed_first(const struct ms_session *s)
{
    if (has(s, MS_SESSION_RST_SERVER | MS_SESSION_FIN_SERVER) && !has(s, MS_SESSION_RST_CLIENT | MS_SESSION_FIN_CLIENT))
        return true;
    return has(s, MS_SESSION_SERVER_FIRST);
}

static void check_opening(struct ms_watch **w, struct ms_session *s)
{
    enum ms_rule rule = s->outcome == MS_OUTCOME_REFUSED ? MS_RULE_CONNECT_REFUSED : MS_RULE_CONNECT_TIMEOUT;
    if (s->outcome != MS_OUTCOME_REFUSED && s->outcome != MS_OUTCOME_UNREACHABLE)
        return;
    struct ms_fact f = ms_fact_of(rule);
    f.count = s->syn_retries ? s->syn_retries + 1u : 0; /* once goes without saying */
    f.duration = rule == MS_RULE_CONNECT_TIMEOUT ? s->ended - s->started : 0;
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, rule == MS_RULE_CONNECT_REFUSED ? s->close_frame : s->last_frame);
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_silence(struct ms_watch **w, struct ms_session *s)
{
    bool spoke = s->bytes[MS_S2C] || s->segments[MS_S2C] || s->transport != MS_TRANSPORT_PLAIN;
    if (spoke || !has(s, MS_SESSION_SYN_ACK) || !is_whole(s) || s->ended - s->started < 5 * SECOND)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SERVER_SILENT);
    f.duration = s->ended - s->started;
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, s->last_frame);
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_early(struct ms_watch **w, struct ms_session *s)
{
    if (!has(s, MS_SESSION_CLIENT_EARLY))
        return;
    struct ms_watch *watch = ms_watch_of(w);
    struct ms_fact   f = ms_fact_of(MS_RULE_CLIENT_EARLY);
    f.command = watch->early_command.n ? watch->early_command : MS_LIT("data");
    ms_fact_frame(&f, watch->early_frame ? watch->early_frame : s->first_frame);
    ms_fact_frame(&f, watch->greeting_frame);
    ms_fact_add(watch, &f);
}

/* Was anything under way when the session ended? A word for it, or NULL. */
static const char *under_way(const struct ms_watch *w, const struct ms_session *s)
{
    if (w && w->incomplete_message)
        return "in the middle of a message";
    if (w && w->open_frame && !w->open_quit)
        return "while a command waited for its reply";
    if (s->stage <= MS_STAGE_AUTH && s->auth_attempts && s->auth_result == 0)
        return "in the middle of the login";
    return NULL;
}

static void check_reset(struct ms_watch **w, struct ms_session *s)
{
    if (s->outcome != MS_OUTCOME_RESET)
        return;
    const char    *what = under_way(*w, s);
    struct ms_fact f = ms_fact_of(MS_RULE_CONNECTION_RESET);
    bool           early = has(s, MS_SESSION_SYN_ACK) && s->bytes[MS_S2C] == 0;
    if (!what && !early)
        f.severity = MS_SEVERITY_NOTE; /* nothing was lost */
    bool server = has(s, MS_SESSION_RST_SERVER);
    f.detail = ms_watch_text(ms_watch_of(w), "by the %s%s%s", server ? "server's side" : "client's side",
                             what ? ", " : "", what ? what : "");
    ms_fact_frame(&f, (*w)->open_frame);
    ms_fact_frame(&f, s->close_frame);
    for (int d = 0; d < 2; d++)
        if (s->tcp[d] && s->tcp[d]->count[MS_TCP_RESET])
            ms_fact_frame(&f, s->tcp[d]->frames[MS_TCP_RESET][0]);
    ms_fact_add(*w, &f);
}

static void check_abort(struct ms_watch **w, struct ms_session *s)
{
    const char *what = under_way(*w, s);
    if (s->outcome != MS_OUTCOME_CLOSED || !what || has(s, MS_SESSION_ENCRYPTED | MS_SESSION_BYE) || !is_whole(s))
        return;
    bool server = server_closed_first(s);
    if (!server && *w && (*w)->open_frame && !(*w)->incomplete_message)
        return; /* the client gave up waiting: reply-missing */
    struct ms_fact f = ms_fact_of(MS_RULE_SESSION_ABORTED);
    f.detail = ms_watch_text(ms_watch_of(w), "by the %s, %s", server ? "server" : "client", what);
    ms_fact_frame(&f, (*w)->open_frame);
    ms_fact_frame(&f, s->close_frame);
    ms_fact_add(*w, &f);
}

static void check_missing_reply(struct ms_watch **w, struct ms_session *s)
{
    struct ms_watch *watch = *w;
    if (!watch || !watch->open_frame || watch->open_quit || has(s, MS_SESSION_CUT_OFF | MS_SESSION_ENCRYPTED) || !is_whole(s))
        return;
    if (!watch->open_data_end && (server_closed_first(s) || s->outcome == MS_OUTCOME_RESET || watch->incomplete_message))
        return; /* session-aborted or connection-reset says it; inside a literal no reply was due yet */
    struct ms_fact f = ms_fact_of(MS_RULE_REPLY_MISSING);
    f.command = watch->open_data_end ? MS_LIT("the end of the message") : watch->open_command;
    f.duration = s->ended > watch->open_sent ? s->ended - watch->open_sent : 0;
    if (watch->open_data_end)
        f.cause = MS_LIT("The message had been sent completely: the server may have taken it. If the client sends it again, "
                         "it is delivered twice.");
    ms_fact_frame(&f, watch->open_frame);
    ms_fact_frame(&f, s->close_frame ? s->close_frame : s->last_frame);
    ms_fact_add(watch, &f);
}

static void check_dropped(struct ms_watch **w, struct ms_session *s)
{
    struct ms_watch *watch = *w;
    for (int d = 0; d < 2; d++) {
        const struct ms_tcp_trouble *t = s->tcp[d];
        if (!watch || watch->last_reply == MS_UNKNOWN || !t || t->stuck.tries < 3 || t->stuck.acked)
            continue;
        int64_t silence = t->stuck.since - watch->last_reply;
        if (silence < 60 * SECOND)
            continue;
        struct ms_fact f = ms_fact_of(MS_RULE_IDLE_DROPPED);
        f.duration = silence;
        f.detail = ms_watch_text(watch, "sent %u times and never acknowledged", t->stuck.tries);
        for (int i = 0; i < MS_TCP_FRAMES; i++)
            ms_fact_frame(&f, t->stuck.frames[i]);
        ms_fact_frame(&f, watch->last_reply_frame);
        ms_fact_add(watch, &f);
    }
    if (watch && has(s, MS_SESSION_RST_SERVER) && watch->open_frame && watch->silence >= 60 * SECOND) {
        struct ms_fact f = ms_fact_of(MS_RULE_IDLE_DROPPED);
        f.duration = watch->silence;
        f.detail = MS_LIT("answered by a reset");
        ms_fact_frame(&f, watch->open_frame);
        ms_fact_frame(&f, s->close_frame);
        ms_fact_add(watch, &f);
    }
}

static void check_capture(struct ms_watch **w, struct ms_session *s)
{
    if (is_whole(s))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_CAPTURE_INCOMPLETE);
    const char    *why = has(s, MS_SESSION_SNAPPED)       ? "Packets were cut by the snap length of the capture"
                         : has(s, MS_SESSION_ONE_WAY)     ? "Only one direction was captured"
                         : has(s, MS_SESSION_JOINED_LATE) ? "The capture begins in the middle of the session"
                                                          : "Packets are missing from the capture";
    f.detail = s->gap_bytes ? ms_watch_text(ms_watch_of(w), "%s; %llu bytes are missing", why, (unsigned long long)s->gap_bytes)
                            : ms_str(why);
    ms_fact_frame(&f, s->first_frame);
    for (int d = 0; d < 2; d++)
        for (int i = 0; s->tcp[d] && i < MS_TCP_FRAMES; i++)
            ms_fact_frame(&f, s->tcp[d]->frames[MS_TCP_LOST_SEGMENT][i]);
    ms_fact_add(ms_watch_of(w), &f);
}

void ms_check_connection(struct ms_watch **w, struct ms_session *s)
{
    check_opening(w, s);
    check_silence(w, s);
    check_early(w, s);
    check_reset(w, s);
    check_abort(w, s);
    check_missing_reply(w, s);
    check_dropped(w, s);
    check_capture(w, s);
}
