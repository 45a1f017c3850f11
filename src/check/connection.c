/* check/connection.c - how connections open, die and fall silent.
 *
 * Whose    an ICMP error names its sender; a reset whose TTL differs from that side's other packets was made by somebody else.   */
#include "base/text.h"
#include "check/private.h"

static const int64_t SECOND = 1000000000;

static bool has(const struct ms_session *s, uint32_t flags) { return (s->flags & flags) != 0; }

/* The capture holds all of the session, so that silence means silence. */
bool ms_session_is_whole(const struct ms_session *s)
{
    return !has(s, MS_SESSION_JOINED_LATE | MS_SESSION_ONE_WAY | MS_SESSION_GAPS | MS_SESSION_SNAPPED);
}

bool ms_server_closed_first(const struct ms_session *s)
{
    if (has(s, MS_SESSION_RST_SERVER | MS_SESSION_FIN_SERVER) && !has(s, MS_SESSION_RST_CLIENT | MS_SESSION_FIN_CLIENT))
        return true;
    return has(s, MS_SESSION_SERVER_FIRST);
}

/* What ICMP says (RFC 792, RFC 1812 5.2.7, RFC 4443 3). */
static const char *icmp_meaning(const struct ms_obstacle *o)
{
    static const char *const v4[] = { "no route to the network", "no route to the host", "the host does not speak TCP", "the port is closed",
                                      "the packet is too large", "source route failed", "the network is unknown", "the host is unknown", NULL,
                                      "a firewall forbids the network", "a firewall forbids the host", NULL, NULL, "a firewall forbids it",
                                      "a firewall forbids it (precedence)", "a firewall forbids it (precedence)" };
    static const char *const v6[] = { "no route", "a firewall forbids it", "beyond the scope of the source address", "the address does not answer",
                                      "the port is closed", "a firewall forbids the source address", "the route is blocked" };
    if (o->ip_version == 6)
        return o->type == 1 && o->code < 7 ? v6[o->code] : o->type == 2 ? "the packet is too large" : o->type == 3 ? "the packet went in circles (hop limit)" : NULL;
    return o->type == 3 && o->code < 16 ? v4[o->code] : o->type == 11 ? "the packet went in circles (TTL)" : NULL;
}

static bool is_closed_port(const struct ms_obstacle *o)
{
    return o->ip_version == 6 ? o->type == 1 && o->code == 4 : o->type == 3 && (o->code == 3 || o->code == 2);
}

static struct ms_bytes icmp_words(struct ms_watch *w, const struct ms_session *s)
{
    const struct ms_obstacle *o = s->obstacle;
    const char               *meaning = icmp_meaning(o);
    struct ms_buffer          from = { 0 };
    ms_text_address(&from, o->from);
    bool            itself = memcmp(o->from, s->server.ip, 16) == 0;
    struct ms_bytes words = ms_watch_text(w, "%.*s%s reported by ICMP%s: %s%s(type %u code %u)", (int)from.n, (const char *)from.p,
                                          itself ? ", the server's own address," : ", a machine on the way,", o->ip_version == 6 ? "v6" : "",
                                          meaning ? meaning : "", meaning ? " " : "", o->type, o->code);
    ms_buffer_finish(&from);
    return words;
}

static bool never_opened(const struct ms_session *s)
{
    return has(s, MS_SESSION_SYN) && !has(s, MS_SESSION_SYN_ACK) && s->bytes[0] + s->bytes[1] == 0;
}

static const char *silence_cause(const struct ms_session *s)
{
    if (!s->obstacle || !s->obstacle->frame)
        return "Nothing came back at all: the packets are dropped on the way, by a firewall or a wrong route, or the server is down.";
    return NULL;
}

static void check_opening(struct ms_watch **w, struct ms_session *s)
{
    bool icmp = s->obstacle && s->obstacle->frame && never_opened(s);
    bool refused = s->outcome == MS_OUTCOME_REFUSED || (icmp && is_closed_port(s->obstacle));
    if (!refused && !icmp && s->outcome != MS_OUTCOME_UNREACHABLE)
        return;
    struct ms_fact f = ms_fact_of(refused ? MS_RULE_CONNECT_REFUSED : MS_RULE_CONNECT_TIMEOUT);
    f.count = s->syn_retries ? s->syn_retries + 1u : 0; /* once goes without saying */
    f.duration = refused ? 0 : s->ended - s->started;
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, refused ? s->close_frame : s->last_frame);
    if (icmp) {
        f.detail = icmp_words(ms_watch_of(w), s);
        ms_fact_frame(&f, s->obstacle->frame);
        f.advice = refused ? (struct ms_bytes){ NULL, 0 } : MS_LIT("Ask whoever runs the machine that sent the ICMP error.");
    }
    f.cause = refused ? f.cause : ms_str(silence_cause(s));
    ms_fact_add(ms_watch_of(w), &f);
}

/* A reset, or a SYN+ACK, from someone who only claims to be the server (or the client). */
static void check_impostor(struct ms_watch **w, struct ms_session *s)
{
    const struct ms_obstacle *o = s->obstacle;
    if (!o || !o->reset_frame)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_MIDDLEBOX);
    bool           client = has(s, MS_SESSION_RST_CLIENT) && !has(s, MS_SESSION_RST_SERVER);
    bool opened = s->close_frame == 0 || o->reset_frame < s->close_frame;
    f.subject = MS_LIT("reset");
    f.detail = ms_watch_text(ms_watch_of(w), "The packet that %s the connection claims to come from the %s, but arrived with a TTL of %u, while the "
                                             "others from there have %u", opened ? "answered the request for" : "ended", client ? "client" : "server", o->reset_ttl, o->usual_ttl);
    f.cause = opened ? MS_LIT("It was made by another machine: a proxy or a firewall on the way that answers in the name of the server.")
                     : MS_LIT("It was made by another machine: a firewall, an intrusion prevention system or a censor on the way, which ends connections "
                              "in the name of others. Neither side's log will know about it.");
    f.advice = MS_LIT("Look for the device at the distance that the TTL tells (usually 64, 128 or 255 minus the hops).");
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, o->reset_frame);
    ms_fact_add(*w, &f);
}

static void check_silence(struct ms_watch **w, struct ms_session *s)
{
    bool spoke = s->bytes[MS_S2C] || s->segments[MS_S2C] || s->transport != MS_TRANSPORT_PLAIN;
    if (spoke || !has(s, MS_SESSION_SYN_ACK) || !ms_session_is_whole(s) || s->ended - s->started < 5 * SECOND)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_SERVER_SILENT);
    f.duration = s->ended - s->started;
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, s->last_frame);
    ms_fact_add(ms_watch_of(w), &f);
}

static void check_early(struct ms_watch **w, struct ms_session *s)
{
    bool in_clear = s->transport == MS_TRANSPORT_TLS && !has(s, MS_SESSION_DECRYPTED); /* to a server that answered by an alert: tls.c tells it */
    if (!has(s, MS_SESSION_CLIENT_EARLY) || ms_session_misses_tls(s) || in_clear)
        return;
    struct ms_watch *watch = ms_watch_of(w);
    struct ms_fact   f = ms_fact_of(MS_RULE_CLIENT_EARLY);
    f.command = watch->early_command.n ? watch->early_command : MS_LIT("data");
    if (s->tls && s->tls->flags & MS_TLS_EARLY_DATA) {
        f.severity = MS_SEVERITY_NOTE;
        f.cause = MS_LIT("It was early data of a TLS session that it took up (0-RTT), which cannot wait for the greeting. Whoever recorded it may send it again: "
                         "RFC 8446 8.");
    }
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
    if (s->obstacle && s->obstacle->reset_frame)
        f.cause = MS_LIT("Here its TTL shows that another machine made it (see the finding middlebox).");
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
    if (s->outcome != MS_OUTCOME_CLOSED || !what || has(s, MS_SESSION_ENCRYPTED | MS_SESSION_BYE) || !ms_session_is_whole(s))
        return;
    bool server = ms_server_closed_first(s);
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
    if (!watch || !watch->open_frame || watch->open_quit || has(s, MS_SESSION_CUT_OFF | MS_SESSION_ENCRYPTED) || !ms_session_is_whole(s))
        return;
    if (!watch->open_data_end && (ms_server_closed_first(s) || s->outcome == MS_OUTCOME_RESET || watch->incomplete_message))
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
    if (ms_session_is_whole(s))
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
    check_impostor(w, s);
    check_silence(w, s);
    check_early(w, s);
    check_reset(w, s);
    check_abort(w, s);
    check_missing_reply(w, s);
    check_dropped(w, s);
    check_capture(w, s);
}
