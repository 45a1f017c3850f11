/* check/attack.c - what one session shows of an attack on the server.
 *
 * BUGS     What takes a mail port for another service is judged by its first bytes alone.                          */
#include "check/private.h"
#include "proto/proto.h"

static bool has(const struct ms_session *s, uint32_t flags) { return (s->flags & flags) != 0; }

/* ---- another protocol on a mail port --------------------------------------------------------------------------- */

static bool is_client_hello(struct ms_bytes b) { return b.n >= 3 && b.p[0] == 0x16 && b.p[1] == 3; }

/* A client hello at a server that began, or answered, in plain text. */
static bool is_hello_to_plain(const struct ms_session *s, struct ms_bytes b)
{
    bool implicit = false;
    bool plain = has(s, MS_SESSION_GREETED) && !(s->tls && s->tls->flags & MS_TLS_SERVER_HELLO);
    ms_port_protocol(s->server.port, &implicit);
    return is_client_hello(b) && plain && !implicit;
}

/* What began as mail does, whatever follows, needs no memory: among very many open sessions each byte counts. */
void ms_check_opening(struct ms_session *s)
{
    struct ms_bytes b = { s->opening.bytes, s->opening.n };
    if (b.n == MS_OPENING_BYTES && !ms_foreign(b).name && !is_client_hello(b))
        s->opening = (struct ms_opening){ .frame = 0 };
}

static void check_mismatch(struct ms_watch **w, const struct ms_session *s)
{
    struct ms_bytes b = { s->opening.bytes, s->opening.n };
    const char     *name = b.n && has(s, MS_SESSION_SYN) ? ms_foreign(b).name : NULL;
    bool            hello = !name && b.n && has(s, MS_SESSION_SYN) && is_hello_to_plain(s, b);
    if (!name && !hello)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_PROTOCOL_MISMATCH);
    bool           spoke = s->protocol != MS_PROTO_NONE && s->stage >= MS_STAGE_ENVELOPE;
    f.severity = hello ? MS_SEVERITY_NOTE : spoke ? MS_SEVERITY_ERROR : MS_SEVERITY_WARNING;
    f.subject = hello ? MS_LIT("TLS") : ms_str(name);
    f.cause = hello  ? MS_LIT("TLS was begun where the server speaks plain text first: a client that is set to TLS instead of STARTTLS, or a scanner.")
              : spoke ? MS_LIT("Mail commands stood in it and the server took them: somebody's browser or proxy was made to speak to the mail server in the "
                               "place of an attacker (cross-protocol attack).")
                      : MS_LIT("Scanners try every protocol on every port; else it is a wrong port number, or a tunnel through a firewall that lets mail "
                               "ports pass.");
    ms_fact_frame(&f, s->opening.frame);
    ms_fact_add(ms_watch_of(w), &f);
}

/* ---- SMTP smuggling --------------------------------------------------------------------------------------------- */

static void check_smuggling(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_smuggling *m = s->smuggling;
    if (!m)
        return;
    struct ms_watch *w = ms_watch_of(watch);
    struct ms_fact   f = ms_fact_of(MS_RULE_SMTP_SMUGGLING);
    f.severity = m->taken ? MS_SEVERITY_CRITICAL : MS_SEVERITY_ERROR;
    f.count = m->count;
    f.subject = m->form;
    if (ms_equal(m->form, MS_LIT("BDAT")))
        f.detail = ms_watch_text(w, "A message that is sent in chunks (BDAT) begins with \"%.*s\"", (int)m->command.n, (const char *)m->command.p);
    else
        f.detail = ms_watch_text(w, "Behind the line ends %.*s stands \"%.*s\", in the middle of a message", (int)m->form.n, (const char *)m->form.p,
                                 (int)m->command.n, (const char *)m->command.p);
    f.cause = m->taken ? MS_LIT("This server fell for it: it answered what is hidden in the message as commands, so a second message, with any sender, was "
                                "taken for one of this client.")
                       : MS_LIT("This server did not take it for the end of the message. The next one on the way may.");
    ms_fact_frame(&f, m->frame);
    ms_fact_frame(&f, m->command_frame);
    ms_fact_frame(&f, m->reply_frame);
    ms_fact_add(w, &f);
}

/* ---- resource-exhaustion: commands that do nothing ------------------------------------------------------------------ */

enum { IDLE_COMMANDS = 100, IDLE_EACH_MS = 200 };

/* Who polls, waits between; who sends messages, or asks for recipients, resets between them. */
static void check_idle_commands(struct ms_watch **watch, const struct ms_session *s)
{
    uint32_t n = *watch ? (*watch)->idle_commands : 0;
    int64_t  duration = ms_span(s->started, s->ended);
    if (n < IDLE_COMMANDS || n <= (*watch)->commands / 2 || duration < 0 || duration / n > IDLE_EACH_MS * INT64_C(1000000))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_RESOURCE_EXHAUSTION);
    f.subject = MS_LIT("idle");
    f.detail = ms_watch_text(*watch, "It sent NOOP and RSET %u times in %.0f s", n, (double)duration / 1e9);
    ms_fact_frame(&f, s->first_frame);
    ms_fact_frame(&f, s->last_frame);
    ms_fact_add(*watch, &f);
}

/* ---- bytes that came twice ---------------------------------------------------------------------------------------- */

static void check_twice(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_obstacle *o = s->obstacle;
    if (!o || !o->twice_count)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_TCP_AMBIGUOUS);
    f.subject = o->twice_dir == MS_C2S ? MS_LIT("client") : MS_LIT("server");
    f.count = o->twice_count;
    f.cause = o->twice_ttl[0] == o->twice_ttl[1]
        ? MS_LIT("Who sends again what was lost sends the same. Here a sender fools filters on the way, which may read the one while the receiver reads the "
                 "other; or a machine on the way puts in words of its own.")
        : ms_watch_text(ms_watch_of(watch), "They came with different TTLs (%u and %u), so from different machines, or one of them was meant not to arrive: somebody "
                        "on the way puts in words of his own, a sender fools filters, or a device that rewrites the dialogue was captured on both of its sides.",
                        o->twice_ttl[0], o->twice_ttl[1]);
    ms_fact_frame(&f, o->twice_frames[0]);
    ms_fact_frame(&f, o->twice_frames[1]);
    ms_fact_add(ms_watch_of(watch), &f);
}

void ms_check_attack_session(struct ms_watch **w, struct ms_session *s)
{
    check_smuggling(w, s);
    check_mismatch(w, s);
    check_twice(w, s);
    check_idle_commands(w, s);
}
