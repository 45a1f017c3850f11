/* check/tls.c - TLS that did not come about, or was broken off: by whom, when, why; old versions and weak ciphers.
 *
 * Blame    the side that sent the fatal alert names the reason; without one, the side that closed first. TLS 1.3 without keys: an alert
 *          is told from a Finished by its size (HIDDEN_BYTES).
 * BUGS     With TLS 1.3 and without keys certificates and most alerts stay unseen; then only who gave up is said.                   */
#include "check/private.h"
#include "proto/proto.h"
#include "tls/crypt.h"

enum { CLOSE_NOTIFY = 0, USER_CANCELED = 90, HIDDEN_BYTES = 40, ALERT_RECORDS = 32, SILENCE_S = 5, CIPHERS_SHOWN = 3, OLD_SUITES = MS_SUITE_NULL | MS_SUITE_EXPORT |
       MS_SUITE_ANONYMOUS | MS_SUITE_RC4 | MS_SUITE_DES | MS_SUITE_3DES | MS_SUITE_MD5 };
static const int64_t SECOND = 1000000000;

struct alert_row { uint8_t number; const char *client, *server, *advice; };
static const struct alert_row alert_rows[] = {
#define X(number, client, server, advice) { number, client, server, advice },
#include "check/alerts.def"
#undef X
};

static const char *side(enum ms_dir d) { return d == MS_C2S ? "client" : "server"; }

static bool has(const struct ms_tls_info *t, uint32_t flags) { return (t->flags & flags) != 0; }

/* ---- alerts ------------------------------------------------------------------------------------------------ */

static const struct alert_row *row_of(uint8_t description)
{
    for (size_t i = 0; i < sizeof alert_rows / sizeof *alert_rows; i++)
        if (alert_rows[i].number == description)
            return &alert_rows[i];
    return NULL;
}

static struct ms_bytes alert_meaning(struct ms_watch *w, const struct ms_tls_alert *a)
{
    const struct alert_row *row = row_of(a->description);
    if (!row)
        return ms_watch_text(w, "The %s gave up for a reason of its own.", side((enum ms_dir)a->dir));
    const char *words = a->dir == MS_S2C && row->server[0] ? row->server : row->client;
    return ms_watch_text(w, "%s.", words);
}

static struct ms_bytes alert_advice(const struct ms_tls_alert *a)
{
    const struct alert_row *row = row_of(a->description);
    return row ? ms_str(row->advice) : (struct ms_bytes){ NULL, 0 };
}

static struct ms_bytes alert_words(struct ms_watch *w, const struct ms_tls_alert *a)
{
    const char *name = ms_tls_alert_name(a->description);
    if (name)
        return ms_watch_text(w, "the %s sent the alert %s", side((enum ms_dir)a->dir), name);
    return ms_watch_text(w, "the %s sent alert %u", side((enum ms_dir)a->dir), a->description);
}

/* From TLS 1.3 on the level says nothing (RFC 8446 6). */
static bool is_fatal(const struct ms_tls_info *t, const struct ms_tls_alert *a)
{
    if (a->description == CLOSE_NOTIFY || a->description == USER_CANCELED || a->description == MS_TLS_UNREADABLE_ALERT)
        return false;
    return a->level == 2 || t->version >= 0x0304;
}

/* Did it end the handshake, or what came after? Under TLS 1.3 the server is through before the client has judged its certificate. */
static bool is_in_handshake(const struct ms_tls_info *t, const struct ms_tls_alert *a)
{
    if (!has(t, MS_TLS_DONE) || (t->done_frame && a->frame <= t->done_frame))
        return true;
    return !has(t, a->dir == MS_C2S ? MS_TLS_CLIENT_SPOKE : MS_TLS_CLIENT_SPOKE | MS_TLS_SERVER_SPOKE);
}

/* The other side had closed before: libraries complain about that (decode_error, unexpected_message), and nobody hears it. */
static bool is_too_late(const struct ms_session *s, const struct ms_tls_alert *a)
{
    return s->close_frame && a->frame > s->close_frame && ms_server_closed_first(s) == (a->dir == MS_C2S);
}

const struct ms_tls_alert *ms_tls_fatal_alert(const struct ms_session *s, bool in_handshake)
{
    const struct ms_tls_info *t = s->tls;
    for (uint32_t i = 0; i < ms_tls_alerts_kept(t); i++)
        if (is_fatal(t, &t->alerts[i]) && is_in_handshake(t, &t->alerts[i]) == in_handshake && !is_too_late(s, &t->alerts[i]))
            return &t->alerts[i];
    return NULL;
}

/* ---- what was offered -------------------------------------------------------------------------------------- */

static bool is_signal(uint16_t suite) { return suite == 0x00ff || suite == 0x5600; } /* no suites: RFC 5746, RFC 7507 */

static bool only_old_suites(const struct ms_tls_info *t)
{
    for (uint32_t i = 0; i < t->offered_cipher_count; i++) {
        const struct ms_tls_suite *suite = ms_tls_suite_find(t->offered_ciphers[i]);
        if (!is_signal(t->offered_ciphers[i]) && (!suite || !(suite->flags & OLD_SUITES)))
            return false;
    }
    return t->offered_cipher_count > 0;
}

/* "2 cipher suites (A, B)" */
static struct ms_bytes offered_suites(struct ms_watch *w, const struct ms_tls_info *t)
{
    struct ms_bytes list = { NULL, 0 };
    uint32_t        n = 0;
    for (uint32_t i = 0; i < t->offered_cipher_count; i++) {
        const char *name = ms_tls_cipher_name(t->offered_ciphers[i]);
        if (is_signal(t->offered_ciphers[i]) || n++ >= CIPHERS_SHOWN)
            continue;
        list = name ? ms_watch_text(w, "%.*s%s%s", (int)list.n, (const char *)list.p, list.n ? ", " : "", name)
                    : ms_watch_text(w, "%.*s%s0x%04x", (int)list.n, (const char *)list.p, list.n ? ", " : "", t->offered_ciphers[i]);
    }
    return ms_watch_text(w, "%u cipher suite%s (%.*s%s)", n, n == 1 ? "" : "s", (int)list.n, (const char *)list.p, n > CIPHERS_SHOWN ? ", ..." : "");
}

static struct ms_bytes version_words(struct ms_watch *w, uint16_t version)
{
    const char *name = ms_tls_version_name(version);
    return name ? ms_str(name) : ms_watch_text(w, "version 0x%04x", version);
}

/* What the hellos say about a refusal for want of a common version or cipher. */
static struct ms_bytes offer_words(struct ms_watch *w, const struct ms_tls_info *t)
{
    if (!has(t, MS_TLS_CLIENT_HELLO))
        return (struct ms_bytes){ NULL, 0 };
    struct ms_bytes low = version_words(w, t->offered_min), high = version_words(w, t->offered_max), suites = offered_suites(w, t);
    struct ms_bytes versions = t->offered_min && t->offered_min != t->offered_max
        ? ms_watch_text(w, "%.*s to %.*s", (int)low.n, (const char *)low.p, (int)high.n, (const char *)high.p)
        : ms_watch_text(w, "%s %.*s", t->offered_min ? "only" : "up to", (int)high.n, (const char *)high.p);
    const char *judged = t->offered_max && t->offered_max < 0x0303 ? " Servers of today refuse versions below TLS 1.2 (RFC 8996)."
                         : only_old_suites(t) ? " All of these suites are obsolete." : "";
    return ms_watch_text(w, " The client offered %.*s and %.*s.%s", (int)versions.n, (const char *)versions.p, (int)suites.n, (const char *)suites.p, judged);
}

/* ---- the handshake ----------------------------------------------------------------------------------------- */

static void add_failure(struct ms_watch *w, const struct ms_session *s, struct ms_fact f, const uint64_t frames[2])
{
    ms_fact_frame(&f, s->tls->client_hello_frame);
    ms_fact_frame(&f, s->tls->server_hello_frame);
    ms_fact_frame(&f, s->tls->certificate_frame);
    ms_fact_frame(&f, frames[0]);
    ms_fact_frame(&f, frames[1]);
    if (f.frame_count == 0)
        ms_fact_frame(&f, s->first_frame);
    ms_fact_add(w, &f);
}

static bool is_about_offer(uint8_t description) { return description == 40 || description == 70 || description == 71 || description == 109; }

static void failed_by_alert(struct ms_watch *w, const struct ms_session *s, const struct ms_tls_alert *a)
{
    struct ms_fact  f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    struct ms_bytes meaning = alert_meaning(w, a);
    struct ms_bytes more = a->dir == MS_S2C && is_about_offer(a->description) ? offer_words(w, s->tls) : (struct ms_bytes){ NULL, 0 };
    if (a->dir == MS_S2C && a->description == 112 && s->tls->sni.n)
        more = ms_watch_text(w, " It was %.*s.", (int)s->tls->sni.n, (const char *)s->tls->sni.p);
    if (a->dir == MS_S2C && !has(s->tls, MS_TLS_CLIENT_HELLO))
        more = MS_LIT(" No client hello was seen before: the client may have spoken plain text to a port of TLS.");
    f.detail = alert_words(w, a);
    f.cause = ms_watch_text(w, "%.*s%.*s", (int)meaning.n, (const char *)meaning.p, (int)more.n, (const char *)more.p);
    f.advice = alert_advice(a);
    add_failure(w, s, f, (const uint64_t[2]){ a->frame, 0 });
}

static void failed_by_plain_text(struct ms_watch *w, const struct ms_session *s)
{
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    bool           client = has(s->tls, MS_TLS_CLIENT_HELLO);
    f.detail = client ? MS_LIT("the server answered in plain text") : MS_LIT("what came was no TLS");
    f.cause = client ? MS_LIT("The client began with TLS, and what came back is no TLS: the server speaks plain text on this port, and expects "
                              "STARTTLS if anything.")
                     : MS_LIT("TLS was due here, and plain text or something else came.");
    f.advice = MS_LIT("Let port and TLS setting fit each other: TLS from the first byte on 465, 993, 995; STARTTLS on 25, 587, 143, 110.");
    add_failure(w, s, f, (const uint64_t[2]){ s->tls->lost_frame, s->close_frame });
}

/* TLS 1.3: the client's last word of the handshake is as short as an alert. */
static bool is_hidden_refusal(const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    bool small = t->protected_bytes[MS_C2S] > 0 && t->protected_bytes[MS_C2S] <= HIDDEN_BYTES;
    bool blind = t->version == 0x0304 && !has(t, MS_TLS_DECRYPTED | MS_TLS_EARLY_DATA | MS_TLS_LOST);
    return small && blind && ms_session_is_whole(s) && !(s->flags & MS_SESSION_CUT_OFF);
}

static void failed_unseen(struct ms_watch *w, const struct ms_session *s)
{
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    f.detail = MS_LIT("the client gave up with an encrypted alert");
    f.cause = MS_LIT("After the server's certificate the client sent one short encrypted record and no Finished: an alert, whose text only the keys "
                     "would show (TLS 1.3). At this place it nearly always means that the client does not accept the server's certificate.");
    f.advice = MS_LIT("Check the certificate's dates, names and chain; the client's log names the reason.");
    add_failure(w, s, f, (const uint64_t[2]){ s->close_frame, 0 });
}

static const char *point_of(const struct ms_tls_info *t)
{
    if (!has(t, MS_TLS_SERVER_HELLO))
        return "after the client hello, before any answer";
    return t->certificate_count ? "after the server's certificate" : "after the server hello";
}

static struct ms_bytes closing_cause(struct ms_watch *w, const struct ms_session *s, bool server)
{
    const struct ms_tls_info *t = s->tls;
    bool                      answered = has(t, MS_TLS_SERVER_HELLO);
    struct ms_bytes           offer = !answered ? offer_words(w, t) : (struct ms_bytes){ NULL, 0 };
    const char *words = server && !answered ? "It did not say why. Some servers close in this way when they find no common version or cipher, "
                                              "do not know the name asked for, or have no certificate at all."
                        : server ? "It did not say why; its log should."
                        : !answered ? "The client did not wait for the answer of the server, or could not make use of it."
                        : t->certificate_count ? "It did not say why. Usually it does not accept the certificate, or a person was asked and refused."
                                               : "It did not say why; its log should.";
    return ms_watch_text(w, "The %s ended the connection in the middle of the handshake, %s, without an alert. %s%.*s", server ? "server" : "client",
                         point_of(t), words, (int)offer.n, (const char *)offer.p);
}

static void failed_by_close(struct ms_watch *w, const struct ms_session *s)
{
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    bool           server = ms_server_closed_first(s);
    uint32_t       rst = server ? MS_SESSION_RST_SERVER : MS_SESSION_RST_CLIENT, fin = server ? MS_SESSION_FIN_SERVER : MS_SESSION_FIN_CLIENT;
    bool           reset = (s->flags & (rst | fin)) == rst;
    int64_t        waited = ms_span(s->tls->client_hello_time, s->ended);
    if (!server && !has(s->tls, MS_TLS_SERVER_HELLO) && waited >= SILENCE_S * SECOND) {
        f.detail = ms_watch_text(w, "the server did not answer the client hello in %.0f s", (double)waited / 1e9);
        f.cause = MS_LIT("The client began TLS and the server said nothing until the client gave up. It may expect plain text on this port, hang, or "
                         "its answer (the certificate makes it large) was lost on the way.");
        f.advice = MS_LIT("Check that this port begins with TLS, and that large packets get through.");
    } else {
        f.detail = ms_watch_text(w, "the %s %s the connection %s", server ? "server" : "client", reset ? "reset" : "closed", point_of(s->tls));
        f.cause = closing_cause(w, s, server);
    }
    add_failure(w, s, f, (const uint64_t[2]){ s->close_frame, 0 });
}

static void failed_by_silence(struct ms_watch *w, const struct ms_session *s)
{
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    f.detail = ms_watch_text(w, "the connection died %s", point_of(s->tls));
    f.cause = MS_LIT("Packets of the handshake were sent again and again and never acknowledged. The certificate makes the server's answer large: a path "
                     "that drops large packets shows here first.");
    add_failure(w, s, f, (const uint64_t[2]){ s->last_frame, 0 });
}

/* A greeting, or "command not understood", where a server hello should come. */
static bool is_plain_answer(const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    bool odd = !has(t, MS_TLS_SERVER_HELLO) && t->records[MS_S2C] == 0 && (has(t, MS_TLS_LOST) || s->transport == MS_TRANSPORT_TLS);
    return has(t, MS_TLS_NOT_TLS) || (odd && s->bytes[MS_S2C] > 0);
}

/* Application data went both ways (TLS 1.3 hides its handshake in the same kind of record). */
static bool is_through(const struct ms_tls_info *t)
{
    return has(t, MS_TLS_DONE) || (t->version < 0x0304 && t->protected_bytes[MS_C2S] && t->protected_bytes[MS_S2C]);
}

/* Says whether the handshake failed. */
static bool check_handshake(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_tls_info  *t = s->tls;
    const struct ms_tls_alert *a = ms_tls_fatal_alert(s, true);
    bool ended = (s->flags & (MS_SESSION_FIN_CLIENT | MS_SESSION_FIN_SERVER | MS_SESSION_RST_CLIENT | MS_SESSION_RST_SERVER)) != 0;
    if (a)
        failed_by_alert(ms_watch_of(watch), s, a);
    else if (is_hidden_refusal(s))
        failed_unseen(ms_watch_of(watch), s);
    else if (is_through(t) || !ms_session_is_whole(s))
        return false;
    else if (is_plain_answer(s))
        failed_by_plain_text(ms_watch_of(watch), s);
    else if (!has(t, MS_TLS_CLIENT_HELLO))
        return false;
    else if (s->outcome == MS_OUTCOME_TIMEOUT)
        failed_by_silence(ms_watch_of(watch), s);
    else if (ended)
        failed_by_close(ms_watch_of(watch), s);
    else
        return false;
    return true;
}

static void check_alerts(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_tls_alert *a = ms_tls_fatal_alert(s, false);
    if (!a)
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_ALERT);
    f.detail = alert_words(ms_watch_of(watch), a);
    f.cause = alert_meaning(*watch, a);
    f.advice = alert_advice(a);
    ms_fact_frame(&f, s->tls->client_hello_frame);
    ms_fact_frame(&f, a->frame);
    ms_fact_add(*watch, &f);
}

/* ---- strength ---------------------------------------------------------------------------------------------- */

static void check_version(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_tls_info *t = s->tls;
    if (!has(t, MS_TLS_SERVER_HELLO) || t->version == 0 || t->version >= 0x0303)
        return;
    struct ms_watch *w = ms_watch_of(watch);
    struct ms_fact   f = ms_fact_of(MS_RULE_TLS_OLD_VERSION);
    bool             client = t->offered_max && t->offered_max < 0x0303;
    f.detail = version_words(w, t->version);
    f.cause = client ? MS_LIT("The client offered nothing newer.") : MS_LIT("The client offered more: the server knows nothing newer.");
    f.advice = client ? MS_LIT("Update the client or its TLS settings first.") : MS_LIT("Update the server or its TLS settings first.");
    ms_fact_frame(&f, t->client_hello_frame);
    ms_fact_frame(&f, t->server_hello_frame);
    ms_fact_add(w, &f);
}

static const char *weakness(uint16_t flags)
{
    return flags & MS_SUITE_NULL        ? "It does not encrypt at all: everything can be read."
           : flags & MS_SUITE_ANONYMOUS ? "It does not authenticate the server: anyone on the way can take its place unnoticed."
           : flags & MS_SUITE_EXPORT    ? "Its keys are short on purpose (export) and can be broken in hours."
           : flags & MS_SUITE_RC4       ? "RC4 leaks plain text (passwords first) and is forbidden."
           : flags & MS_SUITE_DES       ? "DES keys of 56 bits can be broken in a day."
           : flags & MS_SUITE_3DES      ? "3DES has blocks of 64 bits, which leak plain text in long connections (SWEET32)."
                                        : "Its records are protected by MD5.";
}

static void check_cipher(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_tls_info  *t = s->tls;
    const struct ms_tls_suite *suite = has(t, MS_TLS_SERVER_HELLO) ? ms_tls_suite_find(t->cipher) : NULL;
    if (!suite || !(suite->flags & OLD_SUITES))
        return;
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_WEAK_CIPHER);
    if (suite->flags & (MS_SUITE_NULL | MS_SUITE_ANONYMOUS | MS_SUITE_EXPORT))
        f.severity = MS_SEVERITY_ERROR;
    f.detail = f.subject = ms_str(suite->name);
    f.cause = ms_watch_text(ms_watch_of(watch), "The server chose the suite %s. %s%s", suite->name, weakness(suite->flags),
                            only_old_suites(t) ? " The client offered obsolete suites only." : "");
    ms_fact_frame(&f, t->client_hello_frame);
    ms_fact_frame(&f, t->server_hello_frame);
    ms_fact_add(*watch, &f);
}

static void check_key(struct ms_watch **watch, const struct ms_session *s)
{
    const struct ms_certificate *c = s->tls->certificate_count ? s->tls->certificates : NULL;
    if (!c || !(c->flags & (MS_CERT_WEAK_KEY | MS_CERT_WEAK_SIGNATURE)) || c->flags & MS_CERT_MALFORMED)
        return;
    bool key = (c->flags & MS_CERT_WEAK_KEY) != 0;
    if (!key && c->flags & MS_CERT_SELF_SIGNED)
        return; /* nobody relies on the signature of a certificate on itself */
    struct ms_fact  f = ms_fact_of(MS_RULE_TLS_WEAK_CIPHER);
    struct ms_bytes what = key ? c->key : c->signature;
    f.subject = key ? MS_LIT("key") : MS_LIT("signature");
    f.detail = ms_watch_text(ms_watch_of(watch), key ? "the server's key is %.*s" : "the server's certificate is signed with %.*s", (int)what.n,
                             (const char *)what.p);
    f.cause = key ? MS_LIT("A key this short can be broken, and whoever has it can take the place of the server.")
                  : MS_LIT("Signatures with SHA-1 or MD5 can be forged; most clients refuse them by now.");
    ms_fact_frame(&f, s->tls->certificate_frame ? s->tls->certificate_frame : s->tls->server_hello_frame);
    ms_fact_add(*watch, &f);
}

static bool is_seen_on_tls_port(const struct ms_session *s)
{
    bool tls = false;
    return ms_port_protocol(s->server.port, &tls) != MS_PROTO_NONE && tls && ms_session_is_whole(s) && !(s->flags & MS_SESSION_CUT_OFF);
}

/* The client spoke first and in plain text on a port of implicit TLS, and what came back, if anything, was no greeting. */
bool ms_session_misses_tls(const struct ms_session *s)
{
    return s->transport == MS_TRANSPORT_PLAIN && !s->tls && s->bytes[MS_C2S] && s->bytes[MS_S2C] < ALERT_RECORDS && !(s->flags & MS_SESSION_GREETED) &&
           is_seen_on_tls_port(s);
}

/* On such a port the client, who has to begin, waited until one of them gave up. */
static bool waits_for_greeting(const struct ms_session *s)
{
    bool open = s->flags & MS_SESSION_SYN && s->flags & MS_SESSION_SYN_ACK;
    return open && s->bytes[MS_C2S] + s->bytes[MS_S2C] == 0 && s->close_frame && ms_span(s->started, s->ended) >= SILENCE_S * SECOND && is_seen_on_tls_port(s);
}

static void check_missed(struct ms_watch **watch, const struct ms_session *s)
{
    struct ms_fact f = ms_fact_of(MS_RULE_TLS_HANDSHAKE_FAILED);
    bool           waits = s->bytes[MS_C2S] == 0;
    f.detail = waits ? ms_watch_text(ms_watch_of(watch), "the client did not begin it in %.0f s", (double)ms_span(s->started, s->ended) / 1e9)
                     : MS_LIT("the client spoke plain text on a port of TLS");
    f.cause = waits ? MS_LIT("On this port TLS begins with the first byte, which is the client's. The client said nothing, as one does that waits for a greeting in "
                             "clear; so does a probe that just connects.")
                    : MS_LIT("On this port TLS begins with the first byte. The client sent a command in clear, and the server could make nothing of it.");
    f.severity = waits ? MS_SEVERITY_WARNING : f.severity;
    f.advice = MS_LIT("Set the client to TLS (\"SSL/TLS\", not STARTTLS) for this port.");
    ms_fact_frame(&f, *watch && (*watch)->open_frame ? (*watch)->open_frame : s->first_frame);
    ms_fact_frame(&f, s->close_frame);
    ms_fact_add(ms_watch_of(watch), &f);
}

void ms_check_tls(struct ms_watch **w, struct ms_session *s)
{
    if (ms_session_misses_tls(s) || waits_for_greeting(s))
        check_missed(w, s);
    if (!s->tls)
        return;
    bool failed = check_handshake(w, s);
    check_alerts(w, s);
    if (!failed) {
        check_version(w, s);
        check_cipher(w, s);
    }
    check_key(w, s);
    ms_check_certificate(w, s);
}
